//! The few statements that the two databases word differently, each with its reason.

use diesel::connection::SimpleConnection;

use super::db::Db;
use super::error::StoreError;

/// Begins a snapshot for reading: SQLite's deferred transaction is one, PostgreSQL needs REPEATABLE READ.
pub(super) fn begin_read(db: &mut Db) -> Result<(), StoreError> {
    let statement = match db {
        Db::Sqlite(_) => "BEGIN DEFERRED",
        Db::Pg(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    };
    Ok(db.batch_execute(statement)?)
}

/// Ends a snapshot; nothing was written, so rolling back is the cheap end on both.
pub(super) fn end_read(db: &mut Db) -> Result<(), StoreError> {
    Ok(db.batch_execute("ROLLBACK")?)
}
