//! Returns that were prepared when their period was over. A period of an organisation is prepared once, which the
//! database sees to, whichever process comes first.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::error::StoreError;
use super::schema::{closings, prepared_returns};
use super::types::{Key, Word};
use super::{ReadTx, WriteTx};
use crate::domain::codes::Code;
use crate::domain::ids::{OrganisationId, PreparedId};
use crate::domain::report::Window;
use crate::domain::report::period::Kind;

/// A return that was prepared.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// Id.
    pub id: PreparedId,
    /// Whose return.
    pub organisation: OrganisationId,
    /// Of which kind of period ..
    pub kind: Kind,
    /// .. which one ..
    pub label: String,
    /// .. cut how.
    pub window: Window,
    /// The state of knowledge.
    pub as_of: NaiveDate,
    /// The last day on which it is closed in time.
    pub due_on: NaiveDate,
    /// The rulebook that was active.
    pub rulebook_version: i32,
    /// SHA-256 of the return as Vietnamese JSON, as it was then.
    pub sha256: String,
    /// When.
    pub prepared_at: DateTime<Utc>,
}

type Row = (
    (Key<PreparedId>, Key<OrganisationId>, Word<Kind>, String, Word<Window>),
    (NaiveDate, NaiveDate, i32, String, NaiveDateTime),
);

macro_rules! columns {
    () => {
        (
            (
                prepared_returns::id,
                prepared_returns::organisation_id,
                prepared_returns::kind,
                prepared_returns::label,
                prepared_returns::days,
            ),
            (
                prepared_returns::as_of,
                prepared_returns::due_on,
                prepared_returns::rulebook_version,
                prepared_returns::sha256,
                prepared_returns::prepared_at,
            ),
        )
    };
}

fn prepared(row: Row) -> Prepared {
    let ((id, organisation, kind, label, window), (as_of, due_on, rulebook_version, sha256, at)) = row;
    Prepared {
        id: id.0,
        organisation: organisation.0,
        kind: kind.0,
        label,
        window: window.0,
        as_of,
        due_on,
        rulebook_version,
        sha256,
        prepared_at: at.and_utc(),
    }
}

/// Keeps a prepared return.
///
/// # Errors
/// `Conflict` when another process prepares the same one at the same time: run again, it is there.
pub fn insert(tx: &mut WriteTx<'_>, new: &Prepared) -> Result<(), StoreError> {
    let done = diesel::insert_into(prepared_returns::table)
        .values((
            prepared_returns::id.eq(new.id.to_string()),
            prepared_returns::organisation_id.eq(new.organisation.to_string()),
            prepared_returns::kind.eq(new.kind.code()),
            prepared_returns::label.eq(&new.label),
            prepared_returns::days.eq(new.window.code()),
            prepared_returns::as_of.eq(new.as_of),
            prepared_returns::due_on.eq(new.due_on),
            prepared_returns::rulebook_version.eq(new.rulebook_version),
            prepared_returns::sha256.eq(&new.sha256),
            prepared_returns::prepared_at.eq(new.prepared_at.naive_utc()),
        ))
        .execute(tx.db());
    match done.map_err(StoreError::from) {
        Ok(_) => Ok(()),
        Err(StoreError::Taken { .. }) => Err(StoreError::Conflict),
        Err(other) => Err(other),
    }
}

/// Labels of the periods of an organisation that need no preparing: prepared or closed already.
///
/// # Errors
/// `StoreError` of the database.
pub fn settled(
    tx: &mut ReadTx<'_>,
    organisation: OrganisationId,
    kind: Kind,
    window: Window,
) -> Result<BTreeSet<String>, StoreError> {
    let mut labels: Vec<String> = prepared_returns::table
        .filter(prepared_returns::organisation_id.eq(organisation.to_string()))
        .filter(prepared_returns::kind.eq(kind.code()))
        .filter(prepared_returns::days.eq(window.code()))
        .select(prepared_returns::label)
        .load(tx.db())?;
    let closed: Vec<String> = closings::table
        .filter(closings::organisation_id.eq(organisation.to_string()))
        .filter(closings::kind.eq(kind.code()))
        .filter(closings::days.eq(window.code()))
        .select(closings::label)
        .load(tx.db())?;
    labels.extend(closed);
    Ok(labels.into_iter().collect())
}

/// Prepared returns of some organisations that nobody has closed yet, the longest waiting first.
///
/// # Errors
/// `StoreError` of the database.
pub fn waiting(tx: &mut ReadTx<'_>, of: &[OrganisationId]) -> Result<Vec<Prepared>, StoreError> {
    let ids: Vec<String> = of.iter().map(ToString::to_string).collect();
    let rows: Vec<Row> = prepared_returns::table
        .filter(prepared_returns::organisation_id.eq_any(ids.clone()))
        .order((prepared_returns::prepared_at, prepared_returns::id))
        .select(columns!())
        .load(tx.db())?;
    let closed: Vec<(Key<OrganisationId>, Word<Kind>, String, Word<Window>)> = closings::table
        .filter(closings::organisation_id.eq_any(ids))
        .filter(closings::no.eq(1))
        .select((closings::organisation_id, closings::kind, closings::label, closings::days))
        .load(tx.db())?;
    let closed: BTreeSet<(OrganisationId, Kind, String, Window)> =
        closed.into_iter().map(|(of, kind, label, window)| (of.0, kind.0, label, window.0)).collect();
    let waits =
        |one: &Prepared| !closed.contains(&(one.organisation, one.kind, one.label.clone(), one.window));
    Ok(rows.into_iter().map(prepared).filter(waits).collect())
}

/// The prepared returns of an organisation in the periods of a year.
///
/// # Errors
/// `StoreError` of the database.
pub fn of_year(
    tx: &mut ReadTx<'_>,
    organisation: OrganisationId,
    window: Window,
    year: i32,
) -> Result<Vec<Prepared>, StoreError> {
    let rows: Vec<Row> = prepared_returns::table
        .filter(prepared_returns::organisation_id.eq(organisation.to_string()))
        .filter(prepared_returns::days.eq(window.code()))
        .filter(prepared_returns::label.like(format!("{year:04}%")))
        .select(columns!())
        .load(tx.db())?;
    Ok(rows.into_iter().map(prepared).collect())
}

/// One prepared return.
///
/// # Errors
/// `StoreError` of the database.
pub fn load(tx: &mut ReadTx<'_>, id: PreparedId) -> Result<Option<Prepared>, StoreError> {
    let row: Option<Row> =
        prepared_returns::table.find(id.to_string()).select(columns!()).first(tx.db()).optional()?;
    Ok(row.map(prepared))
}
