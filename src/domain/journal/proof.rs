//! One entry proved to somebody who has nothing but the journal's public key: a C2SP transparency log proof
//! (`c2sp.org/tlog-proof`), whose `extra` line carries the entry's leaf.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::note::{BadNote, Checkpoint, SignedNote, VerifierKey};
use super::tree::{Hash, is_consistent, leaf_hash, root_of_inclusion};
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

/// The first line of a consistency proof: how many entries the older tree has.
const OLD: &str = "old ";

/// That the entries of an older checkpoint are the beginning of those of a newer one (RFC 6962 section 2.1.2), written as
/// a log tells a witness (`c2sp.org/tlog-witness`): `old` and its size, a hash a line, an empty line, the newer checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consistency {
    /// Number of entries of the older one.
    pub old: u64,
    /// The hashes of RFC 6962.
    pub path: Vec<Hash>,
    /// The newer checkpoint.
    pub note: SignedNote,
}

/// Why a consistency proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadConsistency {
    /// Not such a file.
    #[error("it is not a consistency proof: `old` and a number, hashes, an empty line, a checkpoint")]
    NotAProof,
    /// One of the checkpoints.
    #[error("a checkpoint is no good: {0}")]
    Note(#[from] BadNote),
    /// Not the two checkpoints that it is about.
    #[error("the older checkpoint is of another journal, or of another size than the proof says")]
    AnotherCheckpoint,
    /// The hashes do not lead to the roots.
    #[error(
        "the journal was rewritten: what was signed before is not the beginning of what was signed later"
    )]
    NotConsistent,
}

impl Consistency {
    /// Verifies both checkpoints and what is between them; hands out the newer one.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn verify(&self, older: &SignedNote, keys: &[VerifierKey]) -> Result<Checkpoint, BadConsistency> {
        let (own, other) = (self.note.verify(keys)?, older.verify(keys)?);
        let (new, old) = (self.note.checkpoint()?, older.checkpoint()?);
        let one_journal = new.origin == old.origin && new.origin == own.name() && old.origin == other.name();
        if !one_journal || old.size != self.old {
            return Err(BadConsistency::AnotherCheckpoint);
        }
        match is_consistent(old.size, &old.root, new.size, &new.root, &self.path) {
            true => Ok(new),
            false => Err(BadConsistency::NotConsistent),
        }
    }
}

impl fmt::Display for Consistency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{OLD}{}", self.old)?;
        for hash in &self.path {
            writeln!(f, "{}", STANDARD.encode(hash))?;
        }
        write!(f, "\n{}", self.note)
    }
}

impl FromStr for Consistency {
    type Err = BadConsistency;

    fn from_str(text: &str) -> Result<Self, BadConsistency> {
        let (head, note) = text.split_once("\n\n").ok_or(BadConsistency::NotAProof)?;
        let mut lines = head.split('\n');
        let number = lines.next().and_then(|line| line.strip_prefix(OLD)).ok_or(BadConsistency::NotAProof)?;
        let old: u64 = number.parse().or(Err(BadConsistency::NotAProof))?;
        if old.to_string() != number {
            return Err(BadConsistency::NotAProof);
        }
        let hash = |line: &str| STANDARD.decode(line).ok()?.try_into().ok();
        let path = lines.map(hash).collect::<Option<_>>().ok_or(BadConsistency::NotAProof)?;
        Ok(Self { old, path, note: SignedNote::parse(note)? })
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
