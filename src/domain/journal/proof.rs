//! One entry proved to somebody who has nothing but the journal's public key: a C2SP transparency log proof
//! (`c2sp.org/tlog-proof`), whose `extra` line carries the entry's leaf.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::note::{BadNote, Checkpoint, SignedNote, VerifierKey};
use super::tree::{Hash, leaf_hash, root_of_inclusion};
use super::{Leaf, NotALeaf};

/// The first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadProof {
    /// Not such a file.
    #[error("it is not a proof of the form {HEADER} with the entry in its extra line")]
    NotAProof,
    /// The checkpoint in it.
    #[error("its checkpoint is no good: {0}")]
    Note(#[from] BadNote),
    /// Another journal's checkpoint.
    #[error("its checkpoint is of another journal than the key")]
    AnotherJournal,
    /// The leaf.
    #[error("its entry cannot be read")]
    Leaf(#[from] NotALeaf),
    /// The leaf is of another place or journal than the proof says.
    #[error("its entry says another number or another installation than the proof")]
    AnotherEntry,
    /// The hashes do not lead to the signed root.
    #[error(
        "the entry is not in the journal that was signed: its hashes do not lead to the checkpoint's root"
    )]
    NotIncluded,
}

/// An entry, where it stands, and the way to a signed root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The entry's leaf.
    pub leaf: Vec<u8>,
    /// Its sequence number.
    pub index: u64,
    /// From its sibling to the root's child.
    pub path: Vec<Hash>,
    /// The checkpoint.
    pub note: SignedNote,
}

impl Proof {
    /// Verifies everything there is to verify; hands out the entry and the checkpoint that it is part of.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<(Leaf<'_>, Checkpoint), BadProof> {
        let key = self.note.verify(keys)?;
        let checkpoint = self.note.checkpoint()?;
        if checkpoint.origin != key.name() {
            return Err(BadProof::AnotherJournal);
        }
        let root = root_of_inclusion(self.index, checkpoint.size, leaf_hash(&self.leaf), &self.path);
        if root != Some(checkpoint.root) {
            return Err(BadProof::NotIncluded);
        }
        let leaf = Leaf::parse(&self.leaf)?;
        if leaf.seq != self.index || super::note::origin(leaf.installation) != checkpoint.origin {
            return Err(BadProof::AnotherEntry);
        }
        Ok((leaf, checkpoint))
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}\nextra {}\nindex {}", STANDARD.encode(&self.leaf), self.index)?;
        for hash in &self.path {
            writeln!(f, "{}", STANDARD.encode(hash))?;
        }
        write!(f, "\n{}", self.note)
    }
}

impl FromStr for Proof {
    type Err = BadProof;

    fn from_str(text: &str) -> Result<Self, BadProof> {
        let (head, note) = text.split_once("\n\n").ok_or(BadProof::NotAProof)?;
        let mut lines = head.split('\n');
        let mut line = |prefix: &str| lines.next()?.strip_prefix(prefix);
        let leaf = line(HEADER).filter(|rest| rest.is_empty()).and_then(|_| line("extra "));
        let leaf = leaf.and_then(|leaf| STANDARD.decode(leaf).ok()).ok_or(BadProof::NotAProof)?;
        let number = line("index ").ok_or(BadProof::NotAProof)?;
        let index: u64 = number.parse().or(Err(BadProof::NotAProof))?;
        if index.to_string() != number {
            return Err(BadProof::NotAProof);
        }
        let hash = |line: &str| STANDARD.decode(line).ok()?.try_into().ok();
        let path = lines.map(hash).collect::<Option<_>>().ok_or(BadProof::NotAProof)?;
        Ok(Self { leaf, index, path, note: SignedNote::parse(note)? })
    }
}
