//! The journal as evidence: signed checkpoints of it, proofs of single entries, and what goes to the witness. Signing
//! needs nothing but the vault, so that a checkpoint can be made inside any write.

use chrono::TimeDelta;

use super::{Error, Result, Settings};
use crate::domain::event::Event;
use crate::domain::ids::InstallationId;
use crate::domain::journal::note::{Checkpoint, SignedNote, VerifierKey, origin};
use crate::domain::journal::proof::{Consistency, Proof};
use crate::domain::journal::tree::is_consistent;
use crate::domain::refusal::Refusal;
use crate::store::checkpoints::{self, Kept};
use crate::store::{ReadTx, Recorded, StoreError, WriteTx, journal, outbox, sessions, witness};
use crate::vault::KeyRing;

/// Longest time that a new entry waits for a checkpoint.
const LONGEST: TimeDelta = TimeDelta::minutes(5);
/// Most entries between two checkpoints.
const MOST: u64 = 1_000;

/// The public keys of this installation's checkpoints; the first one's secret is in use.
///
/// # Errors
/// `Vault` when a key is none.
pub fn keys(vault: &KeyRing, installation: InstallationId) -> Result<Vec<VerifierKey>> {
    let name = origin(&installation.to_string());
    Ok(vault.checkpoint_keys()?.into_iter().map(|public| VerifierKey::new(&name, public)).collect())
}

/// The checkpoint of the journal as it is at this point of the transaction, made now unless there is one. What follows
/// from no checkpoint that was signed before is not signed.
///
/// # Errors
/// `Corrupt` when the journal does not follow from its last checkpoint.
pub fn checkpoint(tx: &mut WriteTx<'_>, vault: &KeyRing) -> Result<Kept> {
    // In this order: on PostgreSQL the head that is read second may be newer than the checkpoint, never older.
    let last = checkpoints::last(tx)?;
    let head = journal::head(tx)?;
    let (size, root) = (head.count(), head.root());
    if let Some(last) = &last {
        let path = journal::tree::consistency(tx, last.size, size)?.unwrap_or_default();
        if !is_consistent(last.size, &last.root, size, &root, &path) {
            let words = format!("the journal does not follow from its checkpoint of {} entries", last.size);
            return Err(StoreError::Corrupt(words).into());
        }
    }
    if let Some(last) = last.filter(|last| last.size == size) {
        return Ok(last);
    }
    let name = origin(&tx.installation().to_string());
    let new = Checkpoint { origin: name.clone(), size, root };
    let signature = vault.sign_checkpoint(&new.text())?;
    let public = *vault.checkpoint_keys()?.first().ok_or(crate::vault::VaultError::Refused)?;
    let note = VerifierKey::new(&name, public).note(&new, &signature);
    let kept = Kept { size, root, note, made_at: tx.now() };
    checkpoints::insert(tx, &kept)?;
    Ok(kept)
}

/// Whether a checkpoint should be made now: something is new, and the last one is five minutes or a thousand entries
/// old. A clock that went back makes one at once.
///
/// # Errors
/// `StoreError` of the database.
pub fn is_due(tx: &mut ReadTx<'_>) -> Result<bool> {
    let last = checkpoints::last(tx)?;
    let count = journal::head(tx)?.count();
    let Some(last) = last else { return Ok(count > 0) };
    let age = tx.now() - last.made_at;
    let old = age >= LONGEST || age < TimeDelta::zero();
    Ok(count != last.size && (old || count.abs_diff(last.size) >= MOST))
}

/// Proves one entry under the last checkpoint; `None` when that is older than the entry.
///
/// # Errors
/// `NotFound` when there is no such entry; `Corrupt` when what is stored proves nothing.
pub fn prove(tx: &mut ReadTx<'_>, keys: &[VerifierKey], seq: u64) -> Result<Option<Proof>> {
    let leaf = journal::leaf(tx, seq)?.ok_or(Refusal::NotFound)?;
    let Some(last) = checkpoints::last(tx)?.filter(|last| last.size > seq) else { return Ok(None) };
    let path = journal::tree::inclusion(tx, seq, last.size)?.unwrap_or_default();
    let corrupt = |words: String| Error::from(StoreError::Corrupt(words));
    let note = SignedNote::parse(&last.note)
        .map_err(|bad| corrupt(format!("the checkpoint of {} entries: {bad}", last.size)))?;
    let proof = Proof { leaf, index: seq, path, note };
    let verified = proof.verify(keys).map(|_| ());
    verified.map_err(|bad| corrupt(format!("the proof of entry {seq}: {bad}")))?;
    Ok(Some(proof))
}

/// Proves that the first `old` entries are the beginning of those of the checkpoint of `new` entries, or of the last one.
///
/// # Errors
/// `NotFound` where no checkpoint of this size was signed, or it is smaller than `old`.
pub fn consistency(tx: &mut ReadTx<'_>, old: u64, new: Option<u64>) -> Result<Consistency> {
    let newer = match new {
        Some(size) => checkpoints::of_size(tx, size)?,
        None => checkpoints::last(tx)?,
    };
    let newer = newer.filter(|newer| newer.size >= old).ok_or(Refusal::NotFound)?;
    let path = journal::tree::consistency(tx, old, newer.size)?.unwrap_or_default();
    let note = SignedNote::parse(&newer.note)
        .map_err(|bad| StoreError::Corrupt(format!("the checkpoint of {} entries: {bad}", newer.size)))?;
    Ok(Consistency { old, path, note })
}

/// The last checkpoint, and where there is none or none that covers entry `covering`, one of now.
///
/// # Errors
/// As [`checkpoint`].
pub fn covering(tx: &mut WriteTx<'_>, settings: &Settings, seq: u64) -> Result<Kept> {
    match checkpoints::last(tx)? {
        Some(last) if last.size > seq => Ok(last),
        _ => checkpoint(tx, &settings.vault),
    }
}

/// What was found and done when a database came back from an old backup.
#[derive(Debug, Clone)]
pub struct Restored {
    /// Entries that had been signed before.
    pub had: u64,
    /// Entries of the database that was put back.
    pub has: u64,
    /// Mails that are held: they may have gone out already.
    pub held: usize,
    /// Sign-ins that were ended.
    pub ended: usize,
    /// The checkpoint that was signed now.
    pub checkpoint: Kept,
}

/// Compares the journal with a checkpoint that was remembered elsewhere. Where it does not follow from it, the database
/// was put back from an old backup, or rewritten: that is journalled, mails are held, and no sign-in of before lives on.
/// `None` where all is well, and for a checkpoint of another journal.
///
/// # Errors
/// `Error::Store` of the database; `Vault` when a key is none.
pub fn restored(
    tx: &mut WriteTx<'_>,
    vault: &KeyRing,
    note: &SignedNote,
) -> Result<Recorded<Option<Restored>>> {
    let installation = tx.installation();
    let own = keys(vault, installation)?;
    let of_ours = note.verify(&own).is_ok().then(|| note.checkpoint().ok()).flatten();
    let Some(before) = of_ours.filter(|one| one.origin == origin(&installation.to_string())) else {
        return Ok(tx.unrecorded("it is no checkpoint of this journal", None));
    };
    let head = journal::head(tx)?;
    let (has, root) = (head.count(), head.root());
    let path = match before.size <= has {
        true => journal::tree::consistency(tx, before.size, has)?.unwrap_or_default(),
        false => Vec::new(),
    };
    if is_consistent(before.size, &before.root, has, &root, &path) {
        return Ok(tx.unrecorded("the journal follows from what was signed", None));
    }
    let (held, ended) = (outbox::hold_all(tx)?, sessions::revoke_everybody(tx, "restored")?);
    let event = Event::new("installation.restored", "installation", installation)
        .with("restored_from", has)
        .with("restored_root", hex::encode(root))
        .with("signed_before", before.size)
        .with("signed_root", hex::encode(before.root))
        .with("mails_held", held)
        .with("sessions_ended", ended);
    let entry = journal::append(tx, event)?;
    let checkpoint = checkpoint(tx, vault)?;
    Ok(entry.returning(Some(Restored { had: before.size, has, held, ended, checkpoint })))
}

/// Queues a checkpoint for the witness, once for an occasion: a day, the close of a period.
///
/// # Errors
/// `StoreError` of the database.
pub fn tell_witness(tx: &mut WriteTx<'_>, occasion: &str, checkpoint: &Kept) -> Result<bool> {
    Ok(witness::queue(tx, occasion, checkpoint.size)?)
}
