//! The installation row: its id is leaf 0 of the journal, and it says whether this is a demo.

use diesel::prelude::*;

use super::db::Db;
use super::error::StoreError;
use super::schema::installation;
use super::types::Key;
use super::{ReadTx, Recorded, WriteTx, journal};
use crate::clock::{Ids, Instant};
use crate::domain::event::Event;
use crate::domain::ids::InstallationId;

/// Loads the installation's id, or makes the row; the flag says that it was made just now.
pub(super) fn load_or_make(
    db: &mut Db,
    ids: &Ids,
    now: Instant,
    demo: bool,
) -> Result<(InstallationId, bool), StoreError> {
    let found: Option<Key<InstallationId>> =
        installation::table.select(installation::id).first(db).optional()?;
    if let Some(Key(id)) = found {
        return Ok((id, journal::is_empty(db)?));
    }
    let id: InstallationId = ids.fresh(now);
    diesel::insert_into(installation::table)
        .values((
            installation::id.eq(id.to_string()),
            installation::demo.eq(demo),
            installation::created_at.eq(now.naive_utc()),
        ))
        .execute(db)?;
    Ok((id, true))
}

pub(super) fn journal_birth(tx: &mut WriteTx<'_>, demo: bool) -> Result<Recorded<()>, StoreError> {
    let id = tx.installation();
    Ok(journal::append(tx, Event::new("installation.created", "installation", id).with("demo", demo))?
        .returning(()))
}

/// When it was made.
///
/// # Errors
/// `StoreError` of the database.
pub fn born(tx: &mut ReadTx<'_>) -> Result<Instant, StoreError> {
    let at: chrono::NaiveDateTime = installation::table.select(installation::created_at).first(tx.db())?;
    Ok(at.and_utc())
}

/// Whether this database was made by `legation demo`.
///
/// # Errors
/// `StoreError` of the database.
pub fn is_demo(tx: &mut ReadTx<'_>) -> Result<bool, StoreError> {
    Ok(installation::table.select(installation::demo).first(tx.db())?)
}
