//! A journal in memory with everything that is stored beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use legation::domain::journal::check::{Evidence, StoredCheckpoint, StoredEntry, TILE_HEIGHT};
use legation::domain::journal::note::{Checkpoint, SignedNote, VerifierKey, origin};
use legation::domain::journal::tree::{Frontier, Hash, Node};
use legation::domain::journal::{Commitment, LeafHeader, commit, leaf_bytes, leaf_hash};
use legation::vault::KeyRing;

use super::INSTALLATION;

/// An entry, and the place where it is known to be in order as it is.
#[derive(Clone)]
pub struct Row {
    pub entry: Arc<StoredEntry>,
    pub untouched_at: Option<usize>,
}

/// A journal with everything that is stored beside it.
#[derive(Clone)]
pub struct Log {
    pub rows: Vec<Row>,
    pub head: (u64, Vec<u8>),
    pub nodes: BTreeMap<Node, Vec<u8>>,
    pub checkpoints: Vec<StoredCheckpoint>,
}

/// Who signs.
pub struct Signer {
    pub ring: KeyRing,
    pub key: VerifierKey,
}

impl Signer {
    pub fn new(seed: u64, installation: &str) -> Self {
        let ring = KeyRing::in_memory(seed).unwrap();
        let key = VerifierKey::new(&origin(installation), ring.checkpoint_keys().unwrap()[0]);
        Self { ring, key }
    }

    pub fn sign(&self, size: u64, root: Hash) -> StoredCheckpoint {
        let checkpoint = Checkpoint { origin: self.key.name().to_owned(), size, root };
        let note = self.key.note(&checkpoint, &self.ring.sign_checkpoint(&checkpoint.text()).unwrap());
        StoredCheckpoint { size, root: root.to_vec(), note }
    }
}

pub fn number(n: usize) -> u64 {
    n.try_into().unwrap()
}

pub fn entry(installation: &str, seq: usize, flavour: &str) -> StoredEntry {
    let id = |kind: &str| format!("{kind}-{:08}", seq * 7919 % 977);
    let header = LeafHeader {
        seq: number(seq),
        at_micros: 1_770_000_000_000_000 + i64::try_from(seq).unwrap() * 61_000_003,
        installation: installation.to_owned(),
        actor: if seq.is_multiple_of(5) { String::new() } else { id("actor") },
        organisation: if seq.is_multiple_of(7) { String::new() } else { id("organisation") },
        action: format!("thing.{flavour}"),
        object_kind: "dossier".to_owned(),
        object_id: id("object"),
        request_id: if seq.is_multiple_of(3) { String::new() } else { id("request") },
    };
    let names = ["reason", "state", "title"];
    let values: Vec<(String, Vec<u8>, String)> = (0..seq % 4)
        .map(|no| {
            let salt = leaf_hash(format!("{seq} {no}").as_bytes())[..16].to_vec();
            (names[no].to_owned(), salt, format!("Giá trị {no} của mục {seq}"))
        })
        .collect();
    let commitments: Vec<Commitment> = values
        .iter()
        .map(|(name, salt, value)| Commitment { name: name.clone(), hash: commit(salt, value) })
        .collect();
    let leaf = leaf_bytes(&header, &commitments);
    let hash = leaf_hash(&leaf).to_vec();
    StoredEntry { header, leaf, leaf_hash: hash, values }
}

/// What hangs on the leaves: head, subtrees, and the roots at these sizes.
pub fn rebuilt(hashes: impl Iterator<Item = Hash>) -> (Frontier, BTreeMap<Node, Vec<u8>>, Vec<Hash>) {
    let (mut frontier, mut nodes, mut roots) = (Frontier::default(), BTreeMap::new(), vec![]);
    roots.push(frontier.root());
    for hash in hashes {
        frontier.push_noting(hash, |node, hash| {
            if node.height % TILE_HEIGHT == 0 {
                nodes.insert(node, hash.to_vec());
            }
        });
        roots.push(frontier.root());
    }
    (frontier, nodes, roots)
}

impl Log {
    pub fn new(installation: &str, signer: &Signer, flavours: impl Fn(usize) -> String, n: usize) -> Self {
        let row = |seq: usize| Row {
            entry: Arc::new(entry(installation, seq, &flavours(seq))),
            untouched_at: Some(seq),
        };
        let mut log = Self {
            rows: (0..n).map(row).collect(),
            head: (0, Vec::new()),
            nodes: BTreeMap::new(),
            checkpoints: Vec::new(),
        };
        let roots = log.rebuild();
        for size in (1..=n).filter(|size| size % 150 == 0 || *size == n || *size == 1) {
            log.checkpoints.push(signer.sign(number(size), roots[size]));
        }
        log
    }

    /// Makes head and subtrees follow from the rows as they are; returns the roots.
    pub fn rebuild(&mut self) -> Vec<Hash> {
        let (frontier, nodes, roots) = rebuilt(self.rows.iter().map(|row| leaf_hash(&row.entry.leaf)));
        self.head = (frontier.count(), frontier.to_stored());
        self.nodes = nodes;
        roots
    }

    pub fn change(&mut self, at: usize, change: impl FnOnce(&mut StoredEntry)) {
        let mut entry = StoredEntry::clone(&self.rows[at].entry);
        change(&mut entry);
        self.rows[at] = Row { entry: Arc::new(entry), untouched_at: None };
    }

    /// Another entry in the place of one, in order by itself.
    pub fn rewrite(&mut self, at: usize, flavour: &str) {
        let new = entry(INSTALLATION, at, flavour);
        self.change(at, |entry| *entry = new);
    }

    /// Gives the rows their places as numbers.
    pub fn renumber(&mut self, from: usize) {
        for at in from..self.rows.len() {
            self.change(at, |entry| entry.header.seq = number(at));
        }
    }

    pub fn evidence(&self, keys: &[VerifierKey], given: &[SignedNote]) -> Evidence {
        Evidence {
            nodes: self.nodes.clone(),
            checkpoints: self.checkpoints.clone(),
            given: given.to_vec(),
            keys: keys.to_vec(),
        }
    }
}
