//! The journal's bytes: how an event becomes a leaf. Leaves hold no text that a user typed: every value is
//! SHA-256(salt || value), while the values and salts live in erasable rows. How leaves become a root is in `tree`, how
//! a root is signed in `note`, how a verifier walks all of it in `check`, how one entry is proved in `proof`;
//! `docs/journal-format.md` says the same for whoever writes a second verifier.
//!
//! Leaf, version 1, all integers big-endian: `u8 1 | u64 seq | i64 microseconds since 1970 UTC | text installation |
//! text actor | text organisation | text action | text object kind | text object id | text request id |
//! u16 n | n times (text name, 32 bytes commitment)`, names ascending; `text` is `u16 length | UTF-8`; absent is
//! the empty text.

use sha2::{Digest, Sha256};

pub mod check;
pub mod named;
pub mod note;
pub mod proof;
pub mod tree;

pub use tree::{Frontier, Hash, leaf_hash};

/// Version byte of the leaf layout.
pub const LEAF_VERSION: u8 = 1;

/// What the filter columns of an entry say; the leaf holds the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafHeader {
    /// Position, from 0, without gaps.
    pub seq: u64,
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub at_micros: i64,
    /// The installation whose journal this is.
    pub installation: String,
    /// Account that acted; empty for the system.
    pub actor: String,
    /// Organisation concerned; may be empty.
    pub organisation: String,
    /// What happened, past tense and dotted: `delegation.approved`.
    pub action: String,
    /// Kind of the object: `dossier`, `account` ..
    pub object_kind: String,
    /// Id of the object; may be empty.
    pub object_id: String,
    /// Request in which it happened; may be empty.
    pub request_id: String,
}

/// A value that the leaf commits to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitment {
    /// Name of the value.
    pub name: String,
    /// SHA-256(salt || value).
    pub hash: Hash,
}

/// SHA-256(salt || value).
#[must_use]
pub fn commit(salt: &[u8], value: &str) -> Hash {
    Sha256::new().chain_update(salt).chain_update(value.as_bytes()).finalize().into()
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    let cut = text.len().min(usize::from(u16::MAX));
    let bytes = text.as_bytes().get(..cut).unwrap_or_default();
    out.extend(u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend(bytes);
}

/// The canonical bytes of an entry. `commitments` are sorted by name here.
#[must_use]
pub fn leaf_bytes(header: &LeafHeader, commitments: &[Commitment]) -> Vec<u8> {
    let mut sorted: Vec<&Commitment> = commitments.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    let mut out = vec![LEAF_VERSION];
    out.extend(header.seq.to_be_bytes());
    out.extend(header.at_micros.to_be_bytes());
    for text in [
        &header.installation,
        &header.actor,
        &header.organisation,
        &header.action,
        &header.object_kind,
        &header.object_id,
        &header.request_id,
    ] {
        put_text(&mut out, text);
    }
    out.extend(u16::try_from(sorted.len()).unwrap_or(u16::MAX).to_be_bytes());
    for commitment in sorted {
        put_text(&mut out, &commitment.name);
        out.extend(commitment.hash);
    }
    out
}

/// Why bytes are not a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored bytes are not a leaf of a known version")]
pub struct NotALeaf;

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], NotALeaf> {
        let (head, tail) = self.0.split_at_checked(n).ok_or(NotALeaf)?;
        self.0 = tail;
        Ok(head)
    }
    fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], NotALeaf> {
        self.take(N)?.try_into().map_err(|_length| NotALeaf)
    }
    fn text(&mut self) -> Result<&'a str, NotALeaf> {
        let length = u16::from_be_bytes(*self.array()?);
        str::from_utf8(self.take(usize::from(length))?).map_err(|_utf8| NotALeaf)
    }
}

/// A leaf read back, without copying: a verifier reads millions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf<'a> {
    /// Position, from 0, without gaps.
    pub seq: u64,
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub at_micros: i64,
    /// The installation whose journal this is.
    pub installation: &'a str,
    /// Account that acted; empty for the system.
    pub actor: &'a str,
    /// Organisation concerned; may be empty.
    pub organisation: &'a str,
    /// What happened.
    pub action: &'a str,
    /// Kind of the object.
    pub object_kind: &'a str,
    /// Id of the object; may be empty.
    pub object_id: &'a str,
    /// Request in which it happened; may be empty.
    pub request_id: &'a str,
    /// Names and hashes of the values, by name.
    pub commitments: Vec<(&'a str, &'a Hash)>,
}

impl<'a> Leaf<'a> {
    /// Reads a leaf.
    ///
    /// # Errors
    /// `NotALeaf` for anything that `leaf_bytes` cannot have made.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NotALeaf> {
        let mut from = Reader(bytes);
        if *from.array()? != [LEAF_VERSION] {
            return Err(NotALeaf);
        }
        let mut leaf = Self {
            seq: u64::from_be_bytes(*from.array()?),
            at_micros: i64::from_be_bytes(*from.array()?),
            installation: from.text()?,
            actor: from.text()?,
            organisation: from.text()?,
            action: from.text()?,
            object_kind: from.text()?,
            object_id: from.text()?,
            request_id: from.text()?,
            commitments: Vec::new(),
        };
        let count = u16::from_be_bytes(*from.array()?);
        leaf.commitments.reserve(usize::from(count));
        for _ in 0..count {
            let (name, hash) = (from.text()?, from.array()?);
            if leaf.commitments.last().is_some_and(|(before, _)| *before >= name) {
                return Err(NotALeaf);
            }
            leaf.commitments.push((name, hash));
        }
        if from.0.is_empty() { Ok(leaf) } else { Err(NotALeaf) }
    }

    /// Whether the filter columns say the same.
    #[must_use]
    pub fn says(&self, columns: &LeafHeader) -> bool {
        self.seq == columns.seq
            && self.at_micros == columns.at_micros
            && self.installation == columns.installation
            && self.actor == columns.actor
            && self.organisation == columns.organisation
            && self.action == columns.action
            && self.object_kind == columns.object_kind
            && self.object_id == columns.object_id
            && self.request_id == columns.request_id
    }

    /// What the leaf commits to under this name.
    #[must_use]
    pub fn commitment(&self, name: &str) -> Option<&Hash> {
        self.commitments.iter().find(|(own, _)| *own == name).map(|(_, hash)| *hash)
    }
}

#[cfg(test)]
mod tests;
