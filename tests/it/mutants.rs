//! Ten thousand ways to spoil a journal of a thousand entries, each found by the verifier, and where the evidence says
//! so, at the right entry and by its right name. All in memory: what the databases add is in `tampering.rs`.

mod log;
mod table;

use legation::domain::journal::Leaf;
use legation::domain::journal::check::{Fault, Misfit, Verified, Verifier, check_entry};
use legation::domain::journal::note::SignedNote;
use legation::domain::journal::tree::Hash;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::make::together;
use log::{Log, Row, Signer, number};
use table::MUTATIONS;

const ENTRIES: usize = 1_000;
const INSTALLATION: &str = "0190a000-0000-7000-8000-000000000001";

/// The untouched journal, and how its verification stood before each entry: what a mutant leaves alone is not walked
/// again.
struct Bench {
    log: Log,
    signer: Signer,
    hashes: Vec<Hash>,
    before: Vec<Verifier>,
    elsewhere: Vec<SignedNote>,
}

impl Bench {
    fn new() -> Self {
        let signer = Signer::new(7, INSTALLATION);
        let log = Log::new(INSTALLATION, &signer, |_| "done".to_owned(), ENTRIES);
        let elsewhere: Vec<SignedNote> =
            vec![SignedNote::parse(&log.checkpoints.last().unwrap().note).unwrap()];
        let keys = [signer.key.clone()];
        let mut verifier = Verifier::new(INSTALLATION, log.evidence(&keys, &[])).unwrap();
        let (mut hashes, mut before) = (Vec::new(), vec![verifier.clone()]);
        for (seq, row) in log.rows.iter().enumerate() {
            let hash = check_entry(&row.entry, number(seq)).unwrap();
            verifier.push(hash).unwrap();
            hashes.push(hash);
            before.push(verifier.clone());
        }
        Self { log, signer, hashes, before, elsewhere }
    }

    fn verify(&self, log: &Log, given: &[SignedNote]) -> Result<Verified, Misfit> {
        let same_evidence = log.nodes == self.log.nodes && log.checkpoints == self.log.checkpoints;
        let untouched = log.rows.iter().enumerate().take_while(|(at, row)| row.untouched_at == Some(*at));
        let skipped = if same_evidence && given.is_empty() { untouched.count() } else { 0 };
        let keys = [self.signer.key.clone()];
        let mut verifier = match skipped {
            0 => Verifier::new(INSTALLATION, log.evidence(&keys, given))?,
            some => self.before[some].clone(),
        };
        for (at, row) in log.rows.iter().enumerate().skip(skipped) {
            let hash = match row.untouched_at {
                Some(own) if own == at => self.hashes[at],
                _ => check_entry(&row.entry, number(at)).map_err(|misfit| {
                    let bears =
                        |row: &Row| Leaf::parse(&row.entry.leaf).is_ok_and(|leaf| leaf.seq == misfit.seq);
                    let later = log.rows[at + 1..].iter().any(bears);
                    misfit.settled(later)
                })?,
            };
            verifier.push(hash)?;
        }
        verifier.finish(log.head.0, &log.head.1)
    }
}

fn found(bench: &Bench, no: usize, half: usize) -> usize {
    let (what, times, given, mutate) = MUTATIONS[no];
    let mut found = 0;
    for time in (0..times).filter(|time| time % 2 == half) {
        let mut rng = StdRng::seed_from_u64(number(no * 100_000 + time));
        let mut log = bench.log.clone();
        let expected = mutate(bench, &mut log, &mut rng);
        let given = if given { bench.elsewhere.as_slice() } else { &[] };
        let misfit = bench.verify(&log, given).expect_err(what);
        assert!(expected.faults.contains(&misfit.fault), "{what}, {time}: {misfit}");
        if let Some(seq) = expected.seq {
            assert_eq!(misfit.seq, number(seq), "{what}, {time}: {misfit}");
        }
        found += 1;
    }
    found
}

#[test]
fn ten_thousand_mutants_are_found() {
    let bench = Bench::new();
    let verified = bench.verify(&bench.log, &bench.elsewhere).unwrap();
    assert_eq!((verified.count, verified.given), (number(ENTRIES), 1));
    assert_eq!(verified.checkpoints, bench.log.checkpoints.len());
    let halves = (0..2).map(|half| {
        let bench = &bench;
        move || (0..MUTATIONS.len()).map(|no| found(bench, no, half)).sum::<usize>()
    });
    assert_eq!(together(halves.collect()).iter().sum::<usize>(), 10_000);
}

#[test]
fn a_journal_without_entries_verifies_as_what_it_is() {
    let signer = Signer::new(7, INSTALLATION);
    let log = Log::new(INSTALLATION, &signer, |_| "done".to_owned(), 0);
    let keys = [signer.key.clone()];
    let empty = |log: &Log, given: &[SignedNote]| {
        Verifier::new(INSTALLATION, log.evidence(&keys, given))
            .and_then(|verifier| verifier.finish(log.head.0, &log.head.1))
    };
    let verified = empty(&log, &[]).unwrap();
    assert_eq!((verified.count, verified.last_checkpoint), (0, None));
    let full = Log::new(INSTALLATION, &signer, |_| "done".to_owned(), 3);
    let given = [SignedNote::parse(&full.checkpoints[0].note).unwrap()];
    assert_eq!(empty(&log, &given).unwrap_err().fault, Fault::RolledBack);
    let emptied = Log { rows: Vec::new(), ..full };
    assert_eq!(empty(&emptied, &[]).unwrap_err().fault, Fault::CutTail);
}

/// A checkpoint of another journal, or of a key that nobody knows, says so.
#[test]
fn strangers_checkpoints_are_told_apart() {
    let bench = Bench::new();
    let given = |signer: &Signer| {
        let note = &signer.sign(5, [0; 32]).note;
        let misfit = bench.verify(&bench.log, &[SignedNote::parse(note).unwrap()]).unwrap_err();
        (misfit.fault, misfit.checkpoint)
    };
    let other = Signer::new(8, "0190a000-0000-7000-8000-000000000002");
    assert_eq!(given(&other), (Fault::AnotherInstallation, Some(5)));
    assert_eq!(given(&Signer::new(8, INSTALLATION)), (Fault::Unsigned, Some(5)));
    // Ours, and over other entries than these: the history was forked before the fifth.
    assert_eq!(given(&bench.signer), (Fault::Forked, None));
}
