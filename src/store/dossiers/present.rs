//! Dossiers whose delegation is on its way or here between two days: for calendars.

use chrono::{NaiveDate, TimeDelta};
use diesel::prelude::*;

use super::{LONGEST_STAY, Row, Stored, columns, scoped, with_papers, within};
use crate::domain::access::Scope;
use crate::domain::codes::{Code, Direction};
use crate::domain::dossier::State;
use crate::domain::ids::OrganisationId;
use crate::store::schema::{dossier_parties, dossiers};
use crate::store::types::Word;
use crate::store::{ReadTx, StoreError};

/// How far the days as they were may lie from those that were planned.
const SLACK: TimeDelta = TimeDelta::days(31);

/// Dossiers within a scope whose planned days touch a window, or lie so near that their actual days may; without those
/// that were refused, called off or never came. The first to come first, at most `limit`.
///
/// # Errors
/// `StoreError` of the database.
pub fn present(
    tx: &mut ReadTx<'_>,
    scope: &Scope,
    (from, to): (NaiveDate, NaiveDate),
    limit: i64,
) -> Result<Vec<Stored>, StoreError> {
    let within = within(tx, scope)?;
    let gone = [State::Rejected, State::Lapsed, State::Cancelled, State::Revoked].map(State::code);
    let query = scoped!(dossiers::table.into_boxed(), within)
        .filter(dossiers::starts_on.between(from - LONGEST_STAY, to + SLACK))
        .filter(dossiers::ends_on.ge(from - SLACK))
        .filter(dossiers::state.ne_all(gone).or(dossiers::actual_starts_on.is_not_null()))
        .filter(dossiers::outcome.is_null());
    let order = (dossiers::starts_on, dossiers::id);
    let rows: Vec<Row> = query.order(order).limit(limit).select(columns!()).load(tx.db())?;
    with_papers(tx, rows)
}

/// What makes two lines of a ledger one delegation: direction, title without marks, first day.
pub type LedgerKey = (Direction, String, NaiveDate);

/// Direction, folded title and first day of the dossiers that an organisation filed and that begin in these days.
///
/// # Errors
/// `StoreError` of the database.
pub fn keys_of_owner(
    tx: &mut ReadTx<'_>,
    owner: OrganisationId,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<LedgerKey>, StoreError> {
    let rows: Vec<(Word<Direction>, String, Option<NaiveDate>)> = dossiers::table
        .filter(dossiers::organisation_id.eq(owner.to_string()))
        .filter(dossiers::starts_on.between(from, to))
        .select((dossiers::direction, dossiers::title_folded, dossiers::starts_on))
        .load(tx.db())?;
    Ok(rows.into_iter().filter_map(|(way, title, from)| Some((way.0, title, from?))).collect())
}
