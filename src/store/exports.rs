//! Exports that are made while nobody waits: who asked for what, how far they are, who makes them until when, and where
//! the sealed result lies. A lease and its owner keep two processes from making one.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::error::StoreError;
use super::schema::exports;
use super::types::{Key, Word};
use super::{ReadTx, WriteTx};
use crate::clock::Instant;
use crate::domain::codes::{Code, codes};
use crate::domain::ids::{AccountId, ExportId};

codes! {
    /// Where an export is.
    ExportState {
        /// It waits to be taken up.
        Queued = "queued",
        /// It is being made.
        Running = "running",
        /// Its file can be had.
        Done = "done",
        /// There is no file, and `failure` says why.
        Failed = "failed",
        /// Its file was kept for as long as files are kept.
        Removed = "removed",
    }
}

/// An export.
#[derive(Debug, Clone)]
pub struct Export {
    /// Id; sorts by time.
    pub id: ExportId,
    /// Who asked.
    pub account: AccountId,
    /// For what, as JSON.
    pub asked: String,
    /// State.
    pub state: ExportState,
    /// How often it was taken up.
    pub attempts: i32,
    /// Rows that are written.
    pub rows_done: i64,
    /// Rows to write, as soon as it is known.
    pub rows_total: Option<i64>,
    /// Why there is no file.
    pub failure: Option<String>,
    /// The file.
    pub file: Option<ExportFile>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it was done, or failed.
    pub finished_at: Option<DateTime<Utc>>,
}

/// The result of an export.
#[derive(Debug, Clone)]
pub struct ExportFile {
    /// Name.
    pub name: String,
    /// Plain bytes.
    pub bytes: i64,
    /// SHA-256 of the plain bytes, in hex.
    pub sha256: String,
    /// Name of the sealed file in the depot, and its sealed key; gone when it was removed.
    pub kept: Option<(String, Vec<u8>)>,
    /// Fingerprint of what its asker could read when it was made.
    pub scope_sha256: String,
}

type Row = (
    (Key<ExportId>, Key<AccountId>, String, Word<ExportState>, i32, i64, Option<i64>, Option<String>),
    (Option<String>, Option<i64>, Option<String>, Option<String>, Option<Vec<u8>>, Option<String>),
    (NaiveDateTime, Option<NaiveDateTime>),
);

macro_rules! columns {
    () => {
        (
            (
                exports::id,
                exports::account_id,
                exports::asked,
                exports::state,
                exports::attempts,
                exports::rows_done,
                exports::rows_total,
                exports::failure,
            ),
            (
                exports::name,
                exports::bytes,
                exports::sha256,
                exports::object,
                exports::wrapped_key,
                exports::scope_sha256,
            ),
            (exports::created_at, exports::finished_at),
        )
    };
}

fn export(row: Row) -> Export {
    let ((id, account, asked, state, attempts, rows_done, rows_total, failure), file, at) = row;
    let (name, bytes, sha256, object, key, scope) = file;
    let file = match (name, bytes, sha256, scope) {
        (Some(name), Some(bytes), Some(sha256), Some(scope_sha256)) => {
            Some(ExportFile { name, bytes, sha256, kept: object.zip(key), scope_sha256 })
        }
        _ => None,
    };
    Export {
        id: id.0,
        account: account.0,
        asked,
        state: state.0,
        attempts,
        rows_done,
        rows_total,
        failure,
        file,
        created_at: at.0.and_utc(),
        finished_at: at.1.map(|at| at.and_utc()),
    }
}

/// Queues an export.
///
/// # Errors
/// `StoreError` of the database.
pub fn insert(tx: &mut WriteTx<'_>, id: ExportId, account: AccountId, asked: &str) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    diesel::insert_into(exports::table)
        .values((
            exports::id.eq(id.to_string()),
            exports::account_id.eq(account.to_string()),
            exports::asked.eq(asked),
            exports::state.eq(ExportState::Queued.code()),
            exports::attempts.eq(0),
            exports::rows_done.eq(0_i64),
            exports::created_at.eq(now),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// One export.
///
/// # Errors
/// `StoreError` of the database.
pub fn load(tx: &mut ReadTx<'_>, id: ExportId) -> Result<Option<Export>, StoreError> {
    let row: Option<Row> =
        exports::table.find(id.to_string()).select(columns!()).first(tx.db()).optional()?;
    Ok(row.map(export))
}

/// The exports of an account, newest first.
///
/// # Errors
/// `StoreError` of the database.
pub fn list(tx: &mut ReadTx<'_>, account: AccountId, limit: i64) -> Result<Vec<Export>, StoreError> {
    let rows: Vec<Row> = exports::table
        .filter(exports::account_id.eq(account.to_string()))
        .order(exports::id.desc())
        .limit(limit)
        .select(columns!())
        .load(tx.db())?;
    Ok(rows.into_iter().map(export).collect())
}

/// How many exports of an account are not finished.
///
/// # Errors
/// `StoreError` of the database.
pub fn unfinished(tx: &mut ReadTx<'_>, account: AccountId) -> Result<i64, StoreError> {
    let states = [ExportState::Queued.code(), ExportState::Running.code()];
    Ok(exports::table
        .filter(exports::account_id.eq(account.to_string()))
        .filter(exports::state.eq_any(states))
        .count()
        .get_result(tx.db())?)
}

/// The export that is to be taken up next: the longest queued one, or one whose maker's lease ran out.
///
/// # Errors
/// `StoreError` of the database.
pub fn due(tx: &mut ReadTx<'_>) -> Result<Option<ExportId>, StoreError> {
    let now = tx.now().naive_utc();
    let abandoned = exports::state.eq(ExportState::Running.code()).and(exports::lease_until.lt(now));
    let id: Option<Key<ExportId>> = exports::table
        .filter(exports::state.eq(ExportState::Queued.code()).or(abandoned))
        .order(exports::id)
        .select(exports::id)
        .first(tx.db())
        .optional()?;
    Ok(id.map(|key| key.0))
}

/// Takes an export up until `until`, from its beginning; `None` when somebody else has it.
///
/// # Errors
/// `StoreError` of the database.
pub fn claim(
    tx: &mut WriteTx<'_>,
    id: ExportId,
    owner: &str,
    until: Instant,
) -> Result<Option<Export>, StoreError> {
    let now = tx.now().naive_utc();
    let abandoned = exports::state.eq(ExportState::Running.code()).and(exports::lease_until.lt(now));
    let free = exports::table
        .filter(exports::id.eq(id.to_string()))
        .filter(exports::state.eq(ExportState::Queued.code()).or(abandoned));
    let row: Option<Row> = diesel::update(free)
        .set((
            exports::state.eq(ExportState::Running.code()),
            exports::lease_owner.eq(owner),
            exports::lease_until.eq(until.naive_utc()),
            exports::attempts.eq(exports::attempts + 1),
            exports::rows_done.eq(0_i64),
            exports::rows_total.eq(None::<i64>),
        ))
        .returning(columns!())
        .get_result(tx.db())
        .optional()?;
    Ok(row.map(export))
}

macro_rules! held {
    ($id:expr, $owner:expr) => {
        exports::table
            .filter(exports::id.eq($id.to_string()))
            .filter(exports::state.eq(ExportState::Running.code()))
            .filter(exports::lease_owner.eq($owner))
    };
}

/// Says how far it is, and holds the lease until `until`; `false` when the lease was lost.
///
/// # Errors
/// `StoreError` of the database.
pub fn progress(
    tx: &mut WriteTx<'_>,
    id: ExportId,
    owner: &str,
    (done, total): (i64, Option<i64>),
    until: Instant,
) -> Result<bool, StoreError> {
    let changed = diesel::update(held!(id, owner))
        .set((
            exports::rows_done.eq(done),
            exports::rows_total.eq(total),
            exports::lease_until.eq(until.naive_utc()),
        ))
        .execute(tx.db())?;
    Ok(changed == 1)
}

/// Gives it back to whoever takes it up next.
///
/// # Errors
/// `StoreError` of the database.
pub fn give_back(tx: &mut WriteTx<'_>, id: ExportId, owner: &str) -> Result<(), StoreError> {
    diesel::update(held!(id, owner))
        .set((
            exports::state.eq(ExportState::Queued.code()),
            exports::lease_owner.eq(None::<String>),
            exports::lease_until.eq(None::<NaiveDateTime>),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// It is done; `false` when the lease was lost.
///
/// # Errors
/// `StoreError` of the database.
pub fn finish(
    tx: &mut WriteTx<'_>,
    id: ExportId,
    owner: &str,
    rows: i64,
    file: &ExportFile,
) -> Result<bool, StoreError> {
    let now = tx.now().naive_utc();
    let (object, key) = file.kept.clone().unzip();
    let changed = diesel::update(held!(id, owner))
        .set((
            exports::state.eq(ExportState::Done.code()),
            exports::rows_done.eq(rows),
            exports::rows_total.eq(rows),
            exports::name.eq(&file.name),
            exports::bytes.eq(file.bytes),
            exports::sha256.eq(&file.sha256),
            exports::object.eq(object),
            exports::wrapped_key.eq(key),
            exports::scope_sha256.eq(&file.scope_sha256),
            exports::finished_at.eq(now),
            exports::lease_owner.eq(None::<String>),
            exports::lease_until.eq(None::<NaiveDateTime>),
        ))
        .execute(tx.db())?;
    Ok(changed == 1)
}

/// There will be no file, and why; `false` when the lease was lost.
///
/// # Errors
/// `StoreError` of the database.
pub fn fail(tx: &mut WriteTx<'_>, id: ExportId, owner: &str, failure: &str) -> Result<bool, StoreError> {
    let now = tx.now().naive_utc();
    let changed = diesel::update(held!(id, owner))
        .set((
            exports::state.eq(ExportState::Failed.code()),
            exports::failure.eq(failure),
            exports::finished_at.eq(now),
            exports::lease_owner.eq(None::<String>),
            exports::lease_until.eq(None::<NaiveDateTime>),
        ))
        .execute(tx.db())?;
    Ok(changed == 1)
}

/// Done exports that were finished before an instant, with the names of their sealed files.
///
/// # Errors
/// `StoreError` of the database.
pub fn outlived(tx: &mut ReadTx<'_>, before: Instant) -> Result<Vec<(ExportId, Option<String>)>, StoreError> {
    let rows: Vec<(Key<ExportId>, Option<String>)> = exports::table
        .filter(exports::state.eq(ExportState::Done.code()))
        .filter(exports::finished_at.lt(before.naive_utc()))
        .order(exports::id)
        .limit(100)
        .select((exports::id, exports::object))
        .load(tx.db())?;
    Ok(rows.into_iter().map(|(id, object)| (id.0, object)).collect())
}

/// Destroys the keys of files that are kept no longer: from then on their bytes are noise.
///
/// # Errors
/// `StoreError` of the database.
pub fn remove(tx: &mut WriteTx<'_>, ids: &[ExportId]) -> Result<(), StoreError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    diesel::update(exports::table.filter(exports::id.eq_any(ids)))
        .set((
            exports::state.eq(ExportState::Removed.code()),
            exports::object.eq(None::<String>),
            exports::wrapped_key.eq(None::<Vec<u8>>),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Which of these stored files an export still needs.
///
/// # Errors
/// `StoreError` of the database.
pub fn needed(tx: &mut ReadTx<'_>, objects: &[String]) -> Result<BTreeSet<String>, StoreError> {
    let mut needed = BTreeSet::new();
    for some in objects.chunks(500) {
        let rows: Vec<Option<String>> = exports::table
            .filter(exports::object.eq_any(some.to_vec()))
            .select(exports::object)
            .load(tx.db())?;
        needed.extend(rows.into_iter().flatten());
    }
    Ok(needed)
}
