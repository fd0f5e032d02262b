//! `legation audit verify | prove | check-proof`: recomputes the whole journal and names the first thing that does not
//! fit; proves one entry; checks such a proof with nothing but the public key.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat};
use indicatif::{ProgressBar, ProgressStyle};

use crate::clock::SystemClock;
use crate::config::Config;
use crate::domain::journal::Leaf;
use crate::domain::journal::note::{SignedNote, VerifierKey};
use crate::domain::journal::proof::Proof;
use crate::service::{Error, evidence};
use crate::startup::{StartError, open_existing_store, settings};
use crate::store::Store;
use crate::store::journal::audit;
use crate::vault::KeyRing;

/// Verifies the journal with its checkpoints and, if given, the checkpoints in a file (a mail, what was printed); prints
/// the number of entries, the root of their Merkle tree and the last checkpoint. Without `keys` the public parts of the
/// installation's own are used.
///
/// # Errors
/// `entry N: what is wrong`, or why database, keys or file cannot be read.
pub fn verify(config: &Config, given: Option<&Path>, keys: &[String]) -> Result<(), StartError> {
    let given = given.map(notes).transpose()?.unwrap_or_default();
    let store = open_existing_store(config, Arc::new(SystemClock))?;
    let keys = if keys.is_empty() { own_keys(config, &store)? } else { read_keys(keys)? };
    let bar = bar();
    let verified = audit::verify(&store, &keys, &given, |checked, of| {
        bar.set_length(of);
        bar.set_position(checked);
    });
    bar.finish_and_clear();
    store.close();
    let verified = verified?.map_err(|misfit| StartError(misfit.to_string()))?;
    let last = verified.last_checkpoint.map_or("no checkpoint yet".to_owned(), |size| {
        format!("last checkpoint of {size} entries, {} verified", verified.checkpoints)
    });
    let given = if given.is_empty() { String::new() } else { format!(", {} given", verified.given) };
    say(&format!("OK: {} entries, root {}, {last}{given}", verified.count, hex::encode(verified.root)))
}

/// Writes a proof of one entry, to standard output when `out` is `-` or absent. Where no checkpoint covers the entry yet,
/// one is made.
///
/// # Errors
/// That there is no such entry, or why it cannot be proved.
pub fn prove(config: &Config, seq: u64, out: Option<&Path>) -> Result<(), StartError> {
    let settings = Arc::new(settings(config)?);
    let store = open_existing_store(config, Arc::new(SystemClock))?;
    let proof = proof(&store, &settings, seq).map_err(|error| StartError::of(&format!("entry {seq}"), error));
    store.close();
    let text = proof?.to_string();
    match out.filter(|path| *path != Path::new("-")) {
        Some(path) => {
            std::fs::write(path, text).map_err(|cause| StartError::of(&path.display().to_string(), cause))
        }
        None => std::io::stdout().write_all(text.as_bytes()).map_err(|cause| StartError::of("output", cause)),
    }
}

fn proof(store: &Store, settings: &Arc<crate::service::Settings>, seq: u64) -> Result<Proof, Error> {
    let keys = evidence::keys(&settings.vault, store.installation())?;
    if let Some(proof) = store.read_blocking(|tx| evidence::prove(tx, &keys, seq))? {
        return Ok(proof);
    }
    let settings = Arc::clone(settings);
    store.write_blocking(move |tx| {
        let kept = evidence::covering(tx, &settings, seq)?;
        Ok::<_, Error>(tx.unrecorded("a checkpoint is about the journal and no part of it", kept.size))
    })?;
    let proof = store.read_blocking(|tx| evidence::prove(tx, &keys, seq))?;
    proof.ok_or_else(|| crate::domain::refusal::Refusal::NotFound.into())
}

/// Checks a proof with the public key alone: no database, no settings. Prints what the entry says.
///
/// # Errors
/// What is wrong with the proof, or why file or key cannot be read.
pub fn check_proof(file: &Path, keys: &[String]) -> Result<(), StartError> {
    let keys = read_keys(keys)?;
    let fault = |cause: &dyn std::fmt::Display| StartError::of(&file.display().to_string(), cause);
    let text = std::fs::read_to_string(file).map_err(|cause| fault(&cause))?;
    let proof: Proof = text.replace("\r\n", "\n").parse().map_err(|bad| fault(&bad))?;
    let (leaf, checkpoint) = proof.verify(&keys).map_err(|bad| fault(&bad))?;
    let (origin, root) = (&checkpoint.origin, hex::encode(checkpoint.root));
    say(&format!("OK: entry {} of {} in {origin}, root {root}\n{}", leaf.seq, checkpoint.size, shown(&leaf)))
}

fn shown(leaf: &Leaf<'_>) -> String {
    let at = DateTime::from_timestamp_micros(leaf.at_micros)
        .map_or_else(|| leaf.at_micros.to_string(), |at| at.to_rfc3339_opts(SecondsFormat::Micros, true));
    let lines = [
        ("time", at.as_str()),
        ("action", leaf.action),
        ("object", leaf.object_kind),
        ("id", leaf.object_id),
        ("actor", leaf.actor),
        ("organisation", leaf.organisation),
        ("request", leaf.request_id),
    ];
    let facts = lines.into_iter().filter(|(_, value)| !value.is_empty());
    let facts = facts.map(|(name, value)| format!("  {name}: {value}"));
    let values = leaf.commitments.iter().map(|(name, hash)| format!("  value {name}: {}", hex::encode(hash)));
    facts.chain(values).collect::<Vec<_>>().join("\n")
}

/// The public keys of this installation.
pub(super) fn own_keys(config: &Config, store: &Store) -> Result<Vec<VerifierKey>, StartError> {
    let vault = KeyRing::load(&config.keys.dir).map_err(|fault| StartError::of("keys.dir", fault))?;
    evidence::keys(&vault, store.installation()).map_err(|fault| StartError::of("keys.dir", fault))
}

/// Keys as texts, or files with one a line.
fn read_keys(given: &[String]) -> Result<Vec<VerifierKey>, StartError> {
    let mut keys = Vec::new();
    for one in given {
        let is_key = one.parse::<VerifierKey>().is_ok();
        let text =
            if is_key { one.clone() } else { std::fs::read_to_string(one).unwrap_or_else(|_| one.clone()) };
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            keys.push(line.parse().map_err(|bad| StartError(format!("--key {one}: {bad}")))?);
        }
    }
    if keys.is_empty() { Err(StartError("--key: there is no key in it".to_owned())) } else { Ok(keys) }
}

fn notes(file: &Path) -> Result<Vec<SignedNote>, StartError> {
    let shown = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|cause| StartError::of(&shown, cause))?;
    let notes = SignedNote::find(&text);
    if notes.is_empty() {
        return Err(StartError(format!("{shown}: there is no signed checkpoint in it")));
    }
    Ok(notes)
}

fn say(words: &str) -> Result<(), StartError> {
    writeln!(std::io::stdout(), "{words}").map_err(|cause| StartError::of("output", cause))
}

/// On a terminal only, so that a log file holds the result alone.
fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {human_pos} / {human_len} entries, {eta} left");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_template| ProgressStyle::default_bar()))
}
