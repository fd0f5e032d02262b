//! What is due between two days, whoever it is due from: open steps, open obligations, supplements; each within a scope
//! and by one statement.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use diesel::prelude::*;

use super::ReadTx;
use super::dossiers::{official_code, scoped, within};
use super::error::StoreError;
use super::schema::{dossier_parties, dossiers, obligations, steps};
use super::types::{Key, Word};
use crate::clock::{day_in_vietnam, from_vietnam};
use crate::domain::access::Scope;
use crate::domain::approval::StepState;
use crate::domain::codes::{Code, Direction};
use crate::domain::dossier::State;
use crate::domain::ids::DossierId;
use crate::domain::obligation::ObligationState;

/// Something that is due of a dossier.
#[derive(Debug, Clone)]
pub struct Due {
    /// The dossier.
    pub dossier: DossierId,
    /// Its official number.
    pub code: Option<String>,
    /// Its title.
    pub title: String,
    /// The day.
    pub on: NaiveDate,
    /// What is due, in Vietnamese and English; empty where its kind says it all.
    pub what: (String, String),
}

type Of = (Key<DossierId>, Word<Direction>, Option<i32>, Option<i64>, String);

fn due((id, direction, year, no, title): Of, on: NaiveDate, what: (String, String)) -> Due {
    let code = year.zip(no).map(|(year, no)| official_code(direction.0, year, no));
    Due { dossier: id.0, code, title, on, what }
}

macro_rules! of_dossier {
    () => {
        (dossiers::id, dossiers::direction, dossiers::year, dossiers::no, dossiers::title)
    };
}

/// Open steps whose clock ends in these days, at most `limit`.
///
/// # Errors
/// `StoreError` of the database.
pub fn steps_due(
    tx: &mut ReadTx<'_>,
    scope: &Scope,
    (from, to): (NaiveDate, NaiveDate),
    limit: i64,
) -> Result<Vec<Due>, StoreError> {
    let within = within(tx, scope)?;
    let open = steps::table
        .inner_join(dossiers::table)
        .filter(steps::state.eq(StepState::Open.code()))
        .filter(steps::due_on.between(from, to))
        .filter(dossiers::state.eq(State::Received.code()))
        .order((steps::due_on, steps::id))
        .limit(limit)
        .select((of_dossier!(), steps::due_on, (steps::title_vi, steps::title_en)))
        .into_boxed();
    let rows: Vec<(Of, Option<NaiveDate>, (String, String))> = scoped!(open, within).load(tx.db())?;
    Ok(rows.into_iter().filter_map(|(of, on, what)| Some(due(of, on?, what))).collect())
}

/// Open obligations that are due in these days, at most `limit`.
///
/// # Errors
/// `StoreError` of the database.
pub fn obligations_due(
    tx: &mut ReadTx<'_>,
    scope: &Scope,
    (from, to): (NaiveDate, NaiveDate),
    limit: i64,
) -> Result<Vec<Due>, StoreError> {
    let within = within(tx, scope)?;
    let begin = |day: NaiveDate| from_vietnam(day.and_time(NaiveTime::MIN)).naive_utc();
    let open = obligations::table
        .inner_join(dossiers::table)
        .filter(obligations::state.eq(ObligationState::Open.code()))
        .filter(obligations::due_at.ge(begin(from)))
        .filter(obligations::due_at.lt(begin(to.succ_opt().unwrap_or(to))))
        .order((obligations::due_at, obligations::id))
        .limit(limit)
        .select((of_dossier!(), obligations::due_at, (obligations::title_vi, obligations::title_en)))
        .into_boxed();
    let rows: Vec<(Of, NaiveDateTime, (String, String))> = scoped!(open, within).load(tx.db())?;
    let day = |at: NaiveDateTime| day_in_vietnam(at.and_utc());
    Ok(rows.into_iter().map(|(of, at, what)| due(of, day(at), what)).collect())
}

/// Supplements that are due in these days, at most `limit`.
///
/// # Errors
/// `StoreError` of the database.
pub fn supplements_due(
    tx: &mut ReadTx<'_>,
    scope: &Scope,
    (from, to): (NaiveDate, NaiveDate),
    limit: i64,
) -> Result<Vec<Due>, StoreError> {
    let within = within(tx, scope)?;
    let returned = dossiers::table
        .filter(dossiers::state.eq(State::Returned.code()))
        .filter(dossiers::supplement_due_on.between(from, to))
        .order((dossiers::supplement_due_on, dossiers::id))
        .limit(limit)
        .select((of_dossier!(), dossiers::supplement_due_on))
        .into_boxed();
    let rows: Vec<(Of, Option<NaiveDate>)> = scoped!(returned, within).load(tx.db())?;
    let none = || (String::new(), String::new());
    Ok(rows.into_iter().filter_map(|(of, on)| Some(due(of, on?, none()))).collect())
}
