//! The Merkle tree over the journal's leaves (RFC 6962 section 2.1, RFC 9162 section 2.1): appending, inclusion proofs,
//! consistency proofs, and how both are verified. It knows hashes and positions, and asks whoever calls for the hashes
//! of perfect subtrees; where those are kept is not its business.

use sha2::{Digest, Sha256};

use super::NotALeaf;

/// SHA-256 output.
pub type Hash = [u8; 32];

/// RFC 6962: SHA-256(0x00 || leaf).
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(leaf).finalize().into()
}

/// RFC 6962: SHA-256(0x01 || left || right).
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of a tree without leaves.
#[must_use]
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// A perfect subtree: the leaves from `index << height` on, `1 << height` of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// Levels above the leaves, which are at 0.
    pub height: u32,
    /// Which one of its height, from 0.
    pub index: u64,
}

impl Node {
    /// The first leaf below it.
    #[must_use]
    pub fn first(self) -> u64 {
        self.index.checked_shl(self.height).unwrap_or(u64::MAX)
    }

    /// The last leaf below it.
    #[must_use]
    pub fn last(self) -> u64 {
        self.first().saturating_add(1_u64.checked_shl(self.height).map_or(u64::MAX, |n| n - 1))
    }
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
        self.push_noting(leaf, |_node, _hash| {});
    }

    /// Appends a leaf's hash; `note` is told every perfect subtree above it that is complete now.
    pub fn push_noting(&mut self, leaf: Hash, mut note: impl FnMut(Node, Hash)) {
        let mut hash = leaf;
        let mut node = Node { height: 0, index: self.count };
        while node.index & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            node = Node { height: node.height + 1, index: node.index >> 1 };
            note(node, hash);
        }
        self.peaks.push(hash);
        self.count += 1;
    }

    /// The Merkle tree hash (RFC 6962 section 2.1); SHA-256 of nothing for no leaves.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(&last) = peaks.next() else { return empty_root() };
        peaks.fold(last, |right, left| node_hash(left, &right))
    }

    /// The first leaf under the first peak that another frontier of the same count has not.
    pub(super) fn differs_from(&self, stored: &[u8]) -> u64 {
        let mut first = 0;
        let mut heights = (0..u64::BITS).rev().filter(|height| (self.count >> height) & 1 == 1);
        for (own, other) in self.peaks.iter().zip(stored.chunks(32)) {
            if own != other {
                break;
            }
            first += heights.next().map_or(0, |height| 1_u64 << height);
        }
        first
    }
}

/// The largest power of two below `n`, which is at least 2.
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// The hash over the leaves `start..end`, `start` being where RFC 6962 splits: put together from perfect subtrees.
fn range<E>(start: u64, end: u64, nodes: &mut impl FnMut(Node) -> Result<Hash, E>) -> Result<Hash, E> {
    let n = end - start;
    if n.is_power_of_two() {
        let height = n.trailing_zeros();
        return nodes(Node { height, index: start >> height });
    }
    let middle = start + split(n);
    Ok(node_hash(&range(start, middle, nodes)?, &range(middle, end, nodes)?))
}

/// The root of the tree of the first `size` leaves.
///
/// # Errors
/// What `nodes` says.
pub fn root<E>(size: u64, mut nodes: impl FnMut(Node) -> Result<Hash, E>) -> Result<Hash, E> {
    if size == 0 { Ok(empty_root()) } else { range(0, size, &mut nodes) }
}

/// The inclusion proof of a leaf in the tree of the first `size` leaves (RFC 6962 section 2.1.1), from the leaf's
/// sibling to the root's child; `None` when there is no such leaf.
///
/// # Errors
/// What `nodes` says.
pub fn inclusion<E>(
    index: u64,
    size: u64,
    mut nodes: impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Option<Vec<Hash>>, E> {
    if index >= size {
        return Ok(None);
    }
    let (mut start, mut end, mut path) = (0, size, Vec::new());
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            path.push(range(middle, end, &mut nodes)?);
            end = middle;
        } else {
            path.push(range(start, middle, &mut nodes)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(Some(path))
}

/// The consistency proof between the trees of the first `old` and the first `new` leaves (RFC 6962 section 2.1.2);
/// `None` when `old` is 0 or beyond `new`.
///
/// # Errors
/// What `nodes` says.
pub fn consistency<E>(
    old: u64,
    new: u64,
    mut nodes: impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Option<Vec<Hash>>, E> {
    if old == 0 || old > new {
        return Ok(None);
    }
    // `known`: the verifier has the hash of the old tree itself, as long as no left half was left behind.
    let (mut start, mut end, mut known, mut path) = (0, new, true, Vec::new());
    while end != old {
        let middle = start + split(end - start);
        if old <= middle {
            path.push(range(middle, end, &mut nodes)?);
            end = middle;
        } else {
            path.push(range(start, middle, &mut nodes)?);
            (start, known) = (middle, false);
        }
    }
    if !known {
        path.push(range(start, end, &mut nodes)?);
    }
    path.reverse();
    Ok(Some(path))
}

/// The root that an inclusion proof leads to (RFC 9162 section 2.1.3.2); `None` when its length does not fit.
#[must_use]
pub fn root_of_inclusion(index: u64, size: u64, leaf: Hash, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    (last == 0).then_some(hash)
}

/// Whether a tree of `new` leaves with root `new_root` begins with the tree of `old` leaves with root `old_root`
/// (RFC 9162 section 2.1.4.2).
#[must_use]
pub fn is_consistent(old: u64, old_root: &Hash, new: u64, new_root: &Hash, path: &[Hash]) -> bool {
    if old == 0 || old > new {
        return false;
    }
    if old == new {
        return path.is_empty() && old_root == new_root;
    }
    let mut path = path.iter();
    let first = if old.is_power_of_two() { Some(old_root) } else { path.next() };
    let Some(&first) = first else { return false };
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let (mut old_hash, mut new_hash) = (first, first);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}
