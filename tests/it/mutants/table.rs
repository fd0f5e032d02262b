//! The mutations: how each is made, how often, and what must be said of it.

use std::sync::Arc;

use legation::domain::journal::check::{Fault, StoredEntry};
use legation::domain::journal::{LeafHeader, leaf_bytes, leaf_hash};
use rand::RngExt;
use rand::rngs::StdRng;

use super::log::{Log, Row, entry, number, rebuilt};
use super::{Bench, ENTRIES, INSTALLATION};

fn flip(bytes: &mut [u8], rng: &mut StdRng) {
    let bit = rng.random_range(0..bytes.len() * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
}

/// A text with one bit of one character changed; an empty one gets a character.
fn flip_text(text: &mut String, rng: &mut StdRng) {
    let mut bytes = std::mem::take(text).into_bytes();
    if bytes.is_empty() {
        bytes.push(b'x');
    } else {
        flip(&mut bytes, rng);
    }
    *text = String::from_utf8_lossy(&bytes).into_owned();
}

/// What must be found: the entry, if the evidence can say which one, and the names that fit.
pub struct Expected {
    pub seq: Option<usize>,
    pub faults: &'static [Fault],
}

fn exactly(seq: usize, faults: &'static [Fault]) -> Expected {
    Expected { seq: Some(seq), faults }
}

fn somewhere(faults: &'static [Fault]) -> Expected {
    Expected { seq: None, faults }
}

pub type Mutation = fn(&Bench, &mut Log, &mut StdRng) -> Expected;

fn any(rng: &mut StdRng) -> usize {
    rng.random_range(0..ENTRIES)
}

fn with_values(rng: &mut StdRng) -> (usize, usize) {
    loop {
        let at = any(rng);
        if !at.is_multiple_of(4) {
            return (at, rng.random_range(0..at % 4));
        }
    }
}

/// A bit of a column.
fn column(log: &mut Log, rng: &mut StdRng, change: impl FnOnce(&mut StoredEntry, &mut StdRng)) -> Expected {
    let at = any(rng);
    log.change(at, |entry| change(entry, rng));
    exactly(at, &[Fault::Changed])
}

fn value(
    log: &mut Log,
    rng: &mut StdRng,
    change: impl FnOnce(&mut (String, Vec<u8>, String), &mut StdRng),
) -> Expected {
    let (at, no) = with_values(rng);
    log.change(at, |entry| change(&mut entry.values[no], rng));
    exactly(at, &[Fault::Changed])
}

/// Entries from `keep` on are gone, and head, subtrees and checkpoints are those of that time.
fn roll_back(bench: &Bench, log: &mut Log, keep: usize) {
    log.rows.truncate(keep);
    let (frontier, nodes, _) = rebuilt(bench.hashes[..keep].iter().copied());
    log.head = (frontier.count(), frontier.to_stored());
    log.nodes = nodes;
    log.checkpoints.retain(|checkpoint| checkpoint.size <= number(keep));
}

/// How often each, and which checkpoints from elsewhere the auditor has.
pub const MUTATIONS: [(&str, usize, bool, Mutation); 35] = [
    ("a bit of the leaf", 1_100, false, |_, log, rng| column(log, rng, |e, rng| flip(&mut e.leaf, rng))),
    ("a bit of its hash", 600, false, |_, log, rng| column(log, rng, |e, rng| flip(&mut e.leaf_hash, rng))),
    ("a bit of leaf, hash mended", 600, false, |_, log, rng| {
        let at = any(rng);
        log.change(at, |e| {
            flip(&mut e.leaf, rng);
            e.leaf_hash = leaf_hash(&e.leaf).to_vec();
        });
        somewhere(&[
            Fault::Changed,
            Fault::AnotherInstallation,
            Fault::Inserted,
            Fault::Missing,
            Fault::Reordered,
        ])
    }),
    ("a bit of the number", 400, false, |_, log, rng| {
        let at = any(rng);
        log.change(at, |e| e.header.seq ^= 1 << rng.random_range(0..40));
        exactly(at, &[Fault::Missing, Fault::Inserted])
    }),
    ("a bit of the time", 400, false, |_, log, rng| {
        column(log, rng, |e, rng| e.header.at_micros ^= 1 << rng.random_range(0..63))
    }),
    ("a bit of the actor", 400, false, |_, log, rng| {
        column(log, rng, |e, rng| flip_text(&mut e.header.actor, rng))
    }),
    ("a bit of the organisation", 400, false, |_, log, rng| {
        column(log, rng, |e, rng| flip_text(&mut e.header.organisation, rng))
    }),
    ("a bit of the action", 400, false, |_, log, rng| {
        column(log, rng, |e, rng| flip_text(&mut e.header.action, rng))
    }),
    ("a bit of the object's kind", 300, false, |_, log, rng| {
        column(log, rng, |e, rng| flip_text(&mut e.header.object_kind, rng))
    }),
    ("a bit of the object", 400, false, |_, log, rng| {
        column(log, rng, |e, rng| flip_text(&mut e.header.object_id, rng))
    }),
    ("a bit of the request", 300, false, |_, log, rng| {
        column(log, rng, |e, rng| flip_text(&mut e.header.request_id, rng))
    }),
    ("a bit of a value's name", 300, false, |_, log, rng| value(log, rng, |v, rng| flip_text(&mut v.0, rng))),
    ("a bit of a salt", 300, false, |_, log, rng| value(log, rng, |v, rng| flip(&mut v.1, rng))),
    ("a bit of a value", 400, false, |_, log, rng| value(log, rng, |v, rng| flip_text(&mut v.2, rng))),
    ("a value too many", 100, false, |_, log, rng| {
        column(log, rng, |e, _| e.values.push(("x".to_owned(), vec![0; 16], "x".to_owned())))
    }),
    ("one taken out", 500, false, |_, log, rng| {
        let at = rng.random_range(0..ENTRIES - 1);
        log.rows.remove(at);
        exactly(at, &[Fault::Missing])
    }),
    ("one taken out, the others moved up", 200, false, |_, log, rng| {
        let at = rng.random_range(0..ENTRIES - 1);
        log.rows.remove(at);
        log.renumber(at);
        exactly(at, &[Fault::Missing])
    }),
    ("some taken out", 200, false, |_, log, rng| {
        let at = rng.random_range(0..ENTRIES - 20);
        log.rows.drain(at..at + rng.random_range(1..20));
        exactly(at, &[Fault::Missing])
    }),
    ("a forged one put in", 200, false, |_, log, rng| {
        // Where a subtree or checkpoint ends with it, that tells first.
        let ends = |at: &usize| (at + 1).is_multiple_of(150) || (at + 1).is_multiple_of(256);
        let mut at = rng.random_range(1..ENTRIES - 2);
        at += usize::from(ends(&at));
        let forged = entry(INSTALLATION, at, "forged");
        log.rows.insert(at, Row { entry: Arc::new(forged), untouched_at: None });
        log.renumber(at + 1);
        exactly(at, &[Fault::Inserted])
    }),
    ("an old one put in again", 200, false, |_, log, rng| {
        let at = rng.random_range(2..ENTRIES);
        let row = log.rows[rng.random_range(0..at - 1)].clone();
        log.rows.insert(at, row);
        log.renumber(at);
        exactly(at, &[Fault::Inserted])
    }),
    ("one added at the end", 200, false, |_, log, rng| {
        let forged = entry(INSTALLATION, ENTRIES, &format!("forged{}", rng.random::<u32>()));
        log.rows.push(Row { entry: Arc::new(forged), untouched_at: None });
        exactly(ENTRIES, &[Fault::Inserted])
    }),
    ("two that changed places", 500, false, |_, log, rng| {
        let (a, b) = (rng.random_range(0..ENTRIES - 1), any(rng));
        let (a, b) = if a == b { (a, a + 1) } else { (a.min(b), a.max(b)) };
        log.rows.swap(a, b);
        log.change(a, |e| e.header.seq = number(a));
        log.change(b, |e| e.header.seq = number(b));
        exactly(a, &[Fault::Reordered])
    }),
    ("two that changed places with their leaves mended", 100, false, |_, log, rng| {
        // Consistent by themselves: the tree tells.
        let at = rng.random_range(0..ENTRIES - 1);
        let (one, two) = (log.rows[at].entry.header.clone(), log.rows[at + 1].entry.header.clone());
        for (at, from) in [(at, two), (at + 1, one)] {
            log.change(at, |e| {
                e.header = LeafHeader { seq: number(at), ..from };
                e.values.clear();
                e.leaf = leaf_bytes(&e.header, &[]);
                e.leaf_hash = leaf_hash(&e.leaf).to_vec();
            });
        }
        somewhere(&[Fault::Changed])
    }),
    ("the tail cut off", 200, false, |_, log, rng| {
        let keep = rng.random_range(1..ENTRIES);
        log.rows.truncate(keep);
        exactly(keep, &[Fault::CutTail])
    }),
    ("the tail cut off, the head mended", 150, false, |bench, log, rng| {
        let keep = rng.random_range(1..ENTRIES);
        let checkpoints = log.checkpoints.clone();
        roll_back(bench, log, keep);
        log.checkpoints = checkpoints;
        exactly(keep, &[Fault::CutTail])
    }),
    ("an old backup", 150, true, |bench, log, rng| {
        let keep = rng.random_range(1..ENTRIES);
        roll_back(bench, log, keep);
        exactly(keep, &[Fault::RolledBack])
    }),
    ("one rewritten", 150, false, |_, log, rng| {
        log.rewrite(any(rng), "forged");
        somewhere(&[Fault::Changed])
    }),
    ("one rewritten, head and subtrees mended", 100, false, |_, log, rng| {
        log.rewrite(any(rng), "forged");
        log.rebuild();
        somewhere(&[Fault::Changed])
    }),
    ("one rewritten, everything mended and signed again", 50, true, |bench, log, rng| {
        log.rewrite(any(rng), "forged");
        let roots = log.rebuild();
        for checkpoint in &mut log.checkpoints {
            let size = usize::try_from(checkpoint.size).unwrap();
            *checkpoint = bench.signer.sign(checkpoint.size, roots[size]);
        }
        somewhere(&[Fault::Forked])
    }),
    ("an old backup that went on", 100, true, |bench, log, rng| {
        let keep = rng.random_range(1..ENTRIES);
        roll_back(bench, log, keep);
        for seq in keep..keep + rng.random_range(1..ENTRIES) {
            let other = entry(INSTALLATION, seq, "other");
            log.rows.push(Row { entry: Arc::new(other), untouched_at: None });
        }
        let roots = log.rebuild();
        log.checkpoints.push(bench.signer.sign(number(roots.len() - 1), *roots.last().unwrap()));
        somewhere(if log.rows.len() < ENTRIES { &[Fault::RolledBack] } else { &[Fault::Forked] })
    }),
    ("a bit of the head", 200, false, |_, log, rng| {
        flip(&mut log.head.1, rng);
        somewhere(&[Fault::Changed])
    }),
    ("another count in the head", 100, false, |_, log, rng| {
        log.head.0 ^= 1 << rng.random_range(0..40);
        somewhere(&[Fault::CutTail, Fault::Inserted])
    }),
    ("a bit of a subtree", 100, false, |_, log, rng| {
        let no = rng.random_range(0..log.nodes.len());
        flip(log.nodes.values_mut().nth(no).unwrap(), rng);
        somewhere(&[Fault::Changed])
    }),
    ("a bit of a checkpoint", 150, false, |_, log, rng| {
        let no = rng.random_range(0..log.checkpoints.len());
        let checkpoint = &mut log.checkpoints[no];
        match rng.random_range(0..3) {
            0 => flip(&mut checkpoint.root, rng),
            1 => checkpoint.size ^= 1 << rng.random_range(0..40),
            _ => flip_text(&mut checkpoint.note, rng),
        }
        somewhere(&[Fault::Changed, Fault::Unsigned, Fault::AnotherInstallation])
    }),
    ("another installation's entry", 50, false, |_, log, rng| {
        let at = any(rng);
        log.change(at, |e| {
            let other = entry("0190a000-0000-7000-8000-000000000002", at, "done");
            *e = StoredEntry {
                header: LeafHeader { installation: INSTALLATION.to_owned(), ..other.header },
                ..other
            };
        });
        exactly(at, &[Fault::AnotherInstallation])
    }),
];
