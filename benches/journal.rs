//! How long it takes to verify a journal, and what a proof and an append cost. `cargo bench --bench journal`, with
//! `-- --count 1000000` (the default) entries and `-- --keep FILE` for a database that is made once and verified often.

#![expect(clippy::expect_used, reason = "a benchmark without its data is none")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use legation::clock::SystemClock;
use legation::domain::event::Event;
use legation::domain::ids::{AccountId, OrganisationId};
use legation::service::{Error, evidence};
use legation::store::journal::{self, audit, tree};
use legation::store::{DbUrl, Sizes, Store};
use legation::vault::KeyRing;

/// Entries a write.
const BATCH: u64 = 1_000;
/// Proofs that are made.
const PROOFS: u64 = 1_000;
/// Verifications; the fastest and the slowest are told.
const ROUNDS: usize = 5;

struct Asked {
    count: u64,
    keep: Option<PathBuf>,
}

fn asked() -> Asked {
    let mut asked = Asked { count: 1_000_000, keep: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--count" => asked.count = words.next().and_then(|n| n.parse().ok()).expect("--count N"),
            "--keep" => asked.keep = Some(words.next().expect("--keep FILE").into()),
            // Cargo adds words of its own.
            _ => {}
        }
    }
    asked
}

fn open(path: &Path) -> Store {
    let url =
        legation::config::DatabaseUrl::try_from(format!("sqlite://{}", path.display())).expect("a path");
    let url = DbUrl::from(&url);
    Store::migrate(&url).expect("migrations");
    let sizes = Sizes { readers: 4, write_queue: 16, postgres_writers: 1 };
    Store::open(&url, std::sync::Arc::new(SystemClock), sizes, false).expect("a database")
}

/// What the service writes: an actor, an organisation, two values, and with every thousandth a checkpoint.
fn fill(store: &Store, count: u64) {
    let (actor, organisation): (AccountId, OrganisationId) = (store.fresh(), store.fresh());
    let head = || store.read_blocking(|tx| Ok::<_, Error>(journal::head(tx)?)).expect("the head").count();
    let mut there = head();
    while there < count {
        let batch = BATCH.min(count - there);
        store
            .write_blocking(move |tx| {
                tx.request_id = Some("0190a000-0000-7000-8000-000000000001".to_owned());
                for no in 0..batch {
                    let event = Event::new("delegation.edited", "dossier", tx.fresh::<AccountId>())
                        .by(actor)
                        .at(organisation)
                        .with("code", format!("DV-2026-{no:04}"))
                        .with("title", "Đoàn Hội hữu nghị Pháp - Việt thăm và làm việc tại thành phố");
                    let _entry = journal::append(tx, event)?;
                }
                let kept = evidence::checkpoint(tx, &ring())?;
                Ok::<_, Error>(tx.unrecorded("a benchmark's journal", kept.size))
            })
            .expect("entries");
        there = head();
    }
}

fn say(words: &str) {
    let _ = writeln!(std::io::stdout(), "{words}");
}

fn ring() -> KeyRing {
    KeyRing::in_memory(1).expect("keys")
}

fn main() {
    let asked = asked();
    let folder = std::env::temp_dir().join(format!("legation-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = asked.keep.clone().unwrap_or_else(|| folder.join("journal.db"));
    let store = open(&path);
    let began = Instant::now();
    fill(&store, asked.count);
    say(&format!("filled up to {} entries in {:.1?}", asked.count, began.elapsed()));

    let keys = evidence::keys(&ring(), store.installation()).expect("keys");
    let mut taken = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let verified =
            audit::verify(&store, &keys, &[], |_, _| {}).expect("a database").expect("a whole journal");
        taken.push(began.elapsed());
        assert!(verified.count >= asked.count, "{verified:?}");
    }
    taken.sort();
    let (fastest, slowest) = (taken.first().expect("rounds"), taken.last().expect("rounds"));
    say(&format!("verified with its checkpoints in {fastest:.2?} to {slowest:.2?}"));

    let began = Instant::now();
    for no in 0..PROOFS {
        let seq = no * 7_919 % asked.count;
        let path = store.read_blocking(|tx| tree::inclusion(tx, seq, asked.count)).expect("a database");
        assert!(path.is_some(), "entry {seq}");
    }
    say(&format!("{PROOFS} inclusion proofs in {:.2?}", began.elapsed()));
    store.close();
    drop(store);
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
}
