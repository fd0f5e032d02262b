//! The Merkle tree over the stored leaves. The hash of every complete subtree of 256, 65,536 .. leaves has a row, written
//! with the entry that completes it (as tiles are, `c2sp.org/tlog-tiles`); lower subtrees are worked out of the 256 hashes
//! below one of them. So a proof reads a few hundred hashes, whatever the size of the journal.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::domain::journal::check::TILE_HEIGHT;
use crate::domain::journal::tree::{self, Hash, Node, node_hash};
use crate::store::error::StoreError;
use crate::store::schema::{journal, journal_nodes};
use crate::store::{ReadTx, WriteTx};

/// Hashes in a full tile.
const WIDTH: u64 = 1 << TILE_HEIGHT;

/// Writes the hash of a subtree that is complete.
///
/// # Errors
/// `StoreError` of the database.
pub(super) fn insert(tx: &mut WriteTx<'_>, node: Node, hash: &Hash) -> Result<(), StoreError> {
    diesel::insert_into(journal_nodes::table)
        .values((
            journal_nodes::height.eq(i32::try_from(node.height).map_err(|_range| corrupt())?),
            journal_nodes::no.eq(signed(node.index)?),
            journal_nodes::hash.eq(hash.to_vec()),
        ))
        .execute(tx.db())?;
    Ok(())
}

fn signed(n: u64) -> Result<i64, StoreError> {
    i64::try_from(n).map_err(|_range| corrupt())
}

fn corrupt() -> StoreError {
    StoreError::Corrupt("the journal's tree".to_owned())
}

/// The inclusion proof of an entry in the tree of the first `size` entries; `None` when there is no such entry.
///
/// # Errors
/// `StoreError` of the database, `Corrupt` when hashes are missing.
pub fn inclusion(tx: &mut ReadTx<'_>, index: u64, size: u64) -> Result<Option<Vec<Hash>>, StoreError> {
    let mut tiles = Tiles { tx, read: BTreeMap::new() };
    tree::inclusion(index, size, |node| tiles.node(node))
}

/// The consistency proof between two sizes; `None` when there is none.
///
/// # Errors
/// `StoreError` of the database, `Corrupt` when hashes are missing.
pub fn consistency(tx: &mut ReadTx<'_>, old: u64, new: u64) -> Result<Option<Vec<Hash>>, StoreError> {
    let mut tiles = Tiles { tx, read: BTreeMap::new() };
    tree::consistency(old, new, |node| tiles.node(node))
}

/// Hashes of one height, `WIDTH` of them at most, by their place.
type Tile = BTreeMap<u64, Hash>;

/// The tree, read tile by tile.
struct Tiles<'t, 'c> {
    tx: &'t mut ReadTx<'c>,
    /// By height and number of the tile.
    read: BTreeMap<(u32, u64), Tile>,
}

impl Tiles<'_, '_> {
    fn node(&mut self, node: Node) -> Result<Hash, StoreError> {
        let above = node.height % TILE_HEIGHT;
        let height = node.height - above;
        let first = node.index << above;
        let mut hashes = Vec::with_capacity(1 << above);
        for index in first..first + (1 << above) {
            hashes.push(self.stored(Node { height, index })?);
        }
        folded(hashes).ok_or_else(corrupt)
    }

    /// A hash that has a row of its own, or, where it has none, from those below.
    fn stored(&mut self, node: Node) -> Result<Hash, StoreError> {
        let tile = (node.height, node.index / WIDTH);
        if !self.read.contains_key(&tile) {
            let read = self.load(tile.0, tile.1)?;
            self.read.insert(tile, read);
        }
        match self.read.get(&tile).and_then(|tile| tile.get(&node.index)) {
            Some(hash) => Ok(*hash),
            None if node.height == 0 => Err(corrupt()),
            None => {
                let (height, first) = (node.height - TILE_HEIGHT, node.index * WIDTH);
                let below: Result<Vec<Hash>, _> =
                    (first..first + WIDTH).map(|index| self.stored(Node { height, index })).collect();
                folded(below?).ok_or_else(corrupt)
            }
        }
    }

    fn load(&mut self, height: u32, tile: u64) -> Result<Tile, StoreError> {
        let (first, end) = (signed(tile * WIDTH)?, signed((tile + 1) * WIDTH)?);
        let rows: Vec<(i64, Vec<u8>)> = if height == 0 {
            journal::table
                .filter(journal::seq.ge(first).and(journal::seq.lt(end)))
                .select((journal::seq, journal::leaf_hash))
                .load(self.tx.db())?
        } else {
            journal_nodes::table
                .filter(journal_nodes::height.eq(i32::try_from(height).map_err(|_range| corrupt())?))
                .filter(journal_nodes::no.ge(first).and(journal_nodes::no.lt(end)))
                .select((journal_nodes::no, journal_nodes::hash))
                .load(self.tx.db())?
        };
        let hash = |(no, hash): (i64, Vec<u8>)| Some((u64::try_from(no).ok()?, hash.try_into().ok()?));
        rows.into_iter().map(hash).collect::<Option<Tile>>().ok_or_else(corrupt)
    }
}

/// The root over a power of two of hashes.
fn folded(mut hashes: Vec<Hash>) -> Option<Hash> {
    while hashes.len() > 1 {
        hashes =
            hashes.chunks_exact(2).filter_map(|pair| Some(node_hash(pair.first()?, pair.get(1)?))).collect();
    }
    hashes.pop()
}

/// Writes rows of complete subtrees that have none, at most `most` of them: entries that were written before there were
/// such rows. Returns how many.
///
/// # Errors
/// `StoreError` of the database; `Conflict` when somebody else just does the same.
pub fn fill(tx: &mut WriteTx<'_>, most: usize) -> Result<usize, StoreError> {
    let count = super::head(tx)?.count();
    let mut filled = 0;
    let mut height = TILE_HEIGHT;
    while count >> height > 0 && filled < most {
        for index in gaps(tx, height, count >> height, most - filled)? {
            let node = Node { height, index };
            let mut tiles = Tiles { tx: &mut *tx, read: BTreeMap::new() };
            let hash = tiles.stored(node)?;
            match insert(tx, node, &hash) {
                Err(StoreError::Taken { .. } | StoreError::Guarded(_)) => return Err(StoreError::Conflict),
                done => done?,
            }
            filled += 1;
        }
        height += TILE_HEIGHT;
    }
    Ok(filled)
}

/// Whether `fill` has something to do.
///
/// # Errors
/// `StoreError` of the database.
pub fn has_gaps(tx: &mut ReadTx<'_>) -> Result<bool, StoreError> {
    let count = super::head(tx)?.count();
    let mut height = TILE_HEIGHT;
    while count >> height > 0 {
        if !gaps(tx, height, count >> height, 1)?.is_empty() {
            return Ok(true);
        }
        height += TILE_HEIGHT;
    }
    Ok(false)
}

/// The first numbers below `end` that have no row at this height.
fn gaps(tx: &mut ReadTx<'_>, height: u32, end: u64, most: usize) -> Result<Vec<u64>, StoreError> {
    let height = i32::try_from(height).map_err(|_range| corrupt())?;
    let own = journal_nodes::table.filter(journal_nodes::height.eq(height));
    let there: i64 = own.count().get_result(tx.db())?;
    if u64::try_from(there).ok() == Some(end) {
        return Ok(Vec::new());
    }
    let there: Vec<i64> = own.order(journal_nodes::no).select(journal_nodes::no).load(tx.db())?;
    let there: std::collections::BTreeSet<u64> =
        there.into_iter().filter_map(|no| no.try_into().ok()).collect();
    Ok((0..end).filter(|no| !there.contains(no)).take(most).collect())
}
