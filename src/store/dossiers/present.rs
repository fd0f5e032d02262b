//! Dossiers whose delegation is on its way or here between two days: for calendars.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::{LONGEST_STAY, official_code, scoped, within};
use crate::domain::access::Scope;
use crate::domain::codes::{Code, Direction};
use crate::domain::dossier::State;
use crate::domain::ids::{DossierId, OrganisationId};
use crate::store::schema::{dossier_parties, dossiers};
use crate::store::types::{Key, Word};
use crate::store::{ReadTx, StoreError};

/// How far the days as they were may lie from those that were planned.
const SLACK: TimeDelta = TimeDelta::days(31);

/// What a calendar shows of a dossier.
#[derive(Debug, Clone)]
pub struct Present {
    /// The dossier.
    pub id: DossierId,
    /// Official number.
    pub code: Option<String>,
    /// Its title.
    pub title: String,
    /// Which way it travels.
    pub direction: Direction,
    /// State.
    pub state: State,
    /// Since when.
    pub state_since: DateTime<Utc>,
    /// First day: as it was, else as planned.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

impl Present {
    /// Whether it is there on a day.
    #[must_use]
    pub fn is_on(&self, day: NaiveDate) -> bool {
        (self.from..=self.to).contains(&day)
    }
}

type Days = (Option<NaiveDate>, Option<NaiveDate>);
type Row = (
    Key<DossierId>,
    Word<Direction>,
    (Option<i32>, Option<i64>),
    String,
    (Word<State>, NaiveDateTime),
    Days,
    Days,
);

/// A dossier with its days; one without days stands in no calendar.
fn shown((id, way, number, title, (state, since), planned, actual): Row) -> Option<Present> {
    let from = actual.0.or(planned.0)?;
    Some(Present {
        id: id.0,
        code: number.0.zip(number.1).map(|(year, no)| official_code(way.0, year, no)),
        title,
        direction: way.0,
        state: state.0,
        state_since: since.and_utc(),
        from,
        to: actual.1.or(planned.1).unwrap_or(from).max(from),
    })
}

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
) -> Result<Vec<Present>, StoreError> {
    let within = within(tx, scope)?;
    let gone = [State::Rejected, State::Lapsed, State::Cancelled, State::Revoked].map(State::code);
    let query = scoped!(dossiers::table.into_boxed(), within)
        .filter(dossiers::starts_on.between(from - LONGEST_STAY, to + SLACK))
        .filter(dossiers::ends_on.ge(from - SLACK))
        .filter(dossiers::state.ne_all(gone).or(dossiers::actual_starts_on.is_not_null()))
        .filter(dossiers::outcome.is_null());
    let columns = (
        dossiers::id,
        dossiers::direction,
        (dossiers::year, dossiers::no),
        dossiers::title,
        (dossiers::state, dossiers::state_since),
        (dossiers::starts_on, dossiers::ends_on),
        (dossiers::actual_starts_on, dossiers::actual_ends_on),
    );
    let order = (dossiers::starts_on, dossiers::id);
    let rows: Vec<Row> = query.order(order).limit(limit).select(columns).load(tx.db())?;
    Ok(rows.into_iter().filter_map(shown).collect())
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
