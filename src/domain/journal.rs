//! The journal's bytes: how an event becomes a leaf, how leaves become a root (RFC 6962 section 2.1), and how a
//! verifier walks them. Leaves hold no text that a user typed: every value is SHA-256(salt || value), while the
//! values and salts live in erasable rows.
//!
//! Leaf, version 1, all integers big-endian: `u8 1 | u64 seq | i64 microseconds since 1970 UTC | text installation |
//! text actor | text organisation | text action | text object kind | text object id | text request id |
//! u16 n | n times (text name, 32 bytes commitment)`, names ascending; `text` is `u16 length | UTF-8`; absent is
//! the empty text.

use sha2::{Digest, Sha256};

/// SHA-256 output.
pub type Hash = [u8; 32];

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
    fn array<const N: usize>(&mut self) -> Result<[u8; N], NotALeaf> {
        <[u8; N]>::try_from(self.take(N)?).map_err(|_length| NotALeaf)
    }
    fn text(&mut self) -> Result<String, NotALeaf> {
        let length = u16::from_be_bytes(self.array()?);
        String::from_utf8(self.take(usize::from(length))?.to_vec()).map_err(|_utf8| NotALeaf)
    }
}

/// Reads a leaf back: what the filter columns must say, and the commitments.
///
/// # Errors
/// `NotALeaf` for anything that `leaf_bytes` cannot have made.
pub fn parse_leaf(bytes: &[u8]) -> Result<(LeafHeader, Vec<Commitment>), NotALeaf> {
    let mut from = Reader(bytes);
    if from.array::<1>()? != [LEAF_VERSION] {
        return Err(NotALeaf);
    }
    let header = LeafHeader {
        seq: u64::from_be_bytes(from.array()?),
        at_micros: i64::from_be_bytes(from.array()?),
        installation: from.text()?,
        actor: from.text()?,
        organisation: from.text()?,
        action: from.text()?,
        object_kind: from.text()?,
        object_id: from.text()?,
        request_id: from.text()?,
    };
    let count = u16::from_be_bytes(from.array()?);
    let mut commitments = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        commitments.push(Commitment { name: from.text()?, hash: from.array()? });
    }
    if from.0.is_empty() { Ok((header, commitments)) } else { Err(NotALeaf) }
}

/// RFC 6962: SHA-256(0x00 || leaf).
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(leaf).finalize().into()
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The roots of the perfect subtrees that the leaves so far make, largest first: all that is needed to append.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    count: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// Rebuilds a stored frontier.
    ///
    /// # Errors
    /// `NotALeaf` when the bytes do not fit the count.
    pub fn from_stored(count: u64, bytes: &[u8]) -> Result<Self, NotALeaf> {
        let peaks: Vec<Hash> =
            bytes.chunks(32).map(Hash::try_from).collect::<Result<_, _>>().map_err(|_length| NotALeaf)?;
        if u32::try_from(peaks.len()).ok() != Some(count.count_ones()) {
            return Err(NotALeaf);
        }
        Ok(Self { count, peaks })
    }

    /// The bytes to store: the peaks in order.
    #[must_use]
    pub fn to_stored(&self) -> Vec<u8> {
        self.peaks.concat()
    }

    /// How many leaves.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Appends a leaf's hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        let mut carry = self.count;
        while carry & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            node = node_hash(&left, &node);
            carry >>= 1;
        }
        self.peaks.push(node);
        self.count += 1;
    }

    /// The Merkle tree hash (RFC 6962 section 2.1); SHA-256 of nothing for no leaves.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(&last) = peaks.next() else { return Sha256::digest([]).into() };
        peaks.fold(last, |right, left| node_hash(left, &right))
    }
}

/// One stored entry as a verifier sees it.
#[derive(Debug, Clone)]
pub struct StoredEntry {
    /// The filter columns.
    pub header: LeafHeader,
    /// The leaf as stored.
    pub leaf: Vec<u8>,
    /// Its hash as stored.
    pub leaf_hash: Vec<u8>,
    /// Values that were not erased: name, salt, value.
    pub values: Vec<(String, Vec<u8>, String)>,
}

/// The first thing that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq}: {what}")]
pub struct Misfit {
    /// Sequence number of the first entry that does not fit.
    pub seq: u64,
    /// What is wrong.
    pub what: &'static str,
}

/// Verifies entries one by one, in order, in constant memory.
#[derive(Debug, Default)]
pub struct Verifier {
    frontier: Frontier,
    installation: Option<String>,
}

impl Verifier {
    /// Checks the next entry.
    ///
    /// # Errors
    /// The misfit, at this or an earlier missing sequence number.
    pub fn next(&mut self, entry: &StoredEntry) -> Result<(), Misfit> {
        let seq = self.frontier.count();
        let misfit = |what| Misfit { seq, what };
        if entry.header.seq != seq {
            return Err(misfit(if entry.header.seq > seq { "missing" } else { "inserted or reordered" }));
        }
        let hash = leaf_hash(&entry.leaf);
        if entry.leaf_hash != hash {
            return Err(misfit("leaf bytes and stored hash differ"));
        }
        let (header, commitments) =
            parse_leaf(&entry.leaf).map_err(|_bytes| misfit("the leaf cannot be read"))?;
        if header != entry.header {
            return Err(misfit("columns and leaf differ"));
        }
        match &self.installation {
            Some(installation) if *installation != header.installation => {
                return Err(misfit("another installation's entry"));
            }
            Some(_) => {}
            None => self.installation = Some(header.installation),
        }
        for (name, salt, value) in &entry.values {
            let stated = commitments.iter().find(|commitment| commitment.name == *name);
            if stated.map(|commitment| commitment.hash) != Some(commit(salt, value)) {
                return Err(misfit("a value differs from its commitment"));
            }
        }
        self.frontier.push(hash);
        Ok(())
    }

    /// Compares with the stored head after the last entry and returns the frontier.
    ///
    /// # Errors
    /// The misfit: a cut tail, or a head that was changed.
    pub fn finish(self, count: u64, stored_frontier: &[u8]) -> Result<Frontier, Misfit> {
        let seq = self.frontier.count();
        if count != seq {
            return Err(Misfit {
                seq,
                what: "the head counts another number of entries: the tail was cut or added to",
            });
        }
        if self.frontier.to_stored() != stored_frontier {
            return Err(Misfit { seq, what: "the head's hashes do not follow from the entries" });
        }
        Ok(self.frontier)
    }
}
