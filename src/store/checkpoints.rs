//! Signed checkpoints of the journal. Nothing here changes or deletes one, and triggers refuse whoever tries.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::error::StoreError;
use super::schema::checkpoints;
use super::{ReadTx, WriteTx};
use crate::clock::Instant;
use crate::domain::journal::Hash;
use crate::domain::journal::check::StoredCheckpoint;

/// A checkpoint as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The signed note, to the letter.
    pub note: String,
    /// When it was made.
    pub made_at: Instant,
}

type Row = (i64, Vec<u8>, String, NaiveDateTime);

fn kept((size, root, note, made_at): Row) -> Result<Kept, StoreError> {
    let (size, root) = (u64::try_from(size).ok(), root.try_into().ok());
    let (Some(size), Some(root)) = (size, root) else {
        return Err(StoreError::Corrupt("a checkpoint of the journal".to_owned()));
    };
    Ok(Kept { size, root, note, made_at: made_at.and_utc() })
}

/// The one of the most entries.
///
/// # Errors
/// `StoreError` of the database.
pub fn last(tx: &mut ReadTx<'_>) -> Result<Option<Kept>, StoreError> {
    let row: Option<Row> = checkpoints::table.order(checkpoints::size.desc()).first(tx.db()).optional()?;
    row.map(kept).transpose()
}

/// The one of so many entries.
///
/// # Errors
/// `StoreError` of the database.
pub fn of_size(tx: &mut ReadTx<'_>, size: u64) -> Result<Option<Kept>, StoreError> {
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let row: Option<Row> = checkpoints::table.find(size).first(tx.db()).optional()?;
    row.map(kept).transpose()
}

/// The first one that covers an entry.
///
/// # Errors
/// `StoreError` of the database.
pub fn covering(tx: &mut ReadTx<'_>, seq: i64) -> Result<Option<Kept>, StoreError> {
    let row: Option<Row> = checkpoints::table
        .filter(checkpoints::size.gt(seq))
        .order(checkpoints::size)
        .first(tx.db())
        .optional()?;
    row.map(kept).transpose()
}

/// All, as a verifier sees them.
pub(super) fn stored(tx: &mut ReadTx<'_>) -> Result<Vec<StoredCheckpoint>, StoreError> {
    let rows: Vec<(i64, Vec<u8>, String)> = checkpoints::table
        .order(checkpoints::size)
        .select((checkpoints::size, checkpoints::root, checkpoints::note))
        .load(tx.db())?;
    let one = |(size, root, note): (i64, Vec<u8>, String)| {
        // A size below 0 is of no journal: as a size beyond every journal it is found out.
        StoredCheckpoint { size: u64::try_from(size).unwrap_or(u64::MAX), root, note }
    };
    Ok(rows.into_iter().map(one).collect())
}

/// Keeps one.
///
/// # Errors
/// `Conflict` when somebody else just keeps one of the same size: then the command is run again and finds it.
pub fn insert(tx: &mut WriteTx<'_>, new: &Kept) -> Result<(), StoreError> {
    let made = diesel::insert_into(checkpoints::table)
        .values((
            checkpoints::size.eq(i64::try_from(new.size).unwrap_or(i64::MAX)),
            checkpoints::root.eq(new.root.to_vec()),
            checkpoints::note.eq(&new.note),
            checkpoints::made_at.eq(new.made_at.naive_utc()),
        ))
        .execute(tx.db());
    match made.map_err(StoreError::from) {
        Err(StoreError::Taken { .. }) => Err(StoreError::Conflict),
        made => made.map(|_one| ()),
    }
}
