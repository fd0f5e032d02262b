//! What is due between two days, whoever it is due from: open steps, open obligations, supplements; each within a scope
//! and by one statement.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use diesel::prelude::*;

use super::ReadTx;
use super::dossiers::{official_code, scoped, within};
use super::error::StoreError;
use super::schema::{dossier_parties, dossiers, issued_papers, obligations, steps};
use super::types::{Key, Word};
use crate::clock::{day_in_vietnam, from_vietnam};
use crate::domain::access::Scope;
use crate::domain::approval::StepState;
use crate::domain::codes::{Code, Direction};
use crate::domain::dossier::State;
use crate::domain::ids::{DossierId, PaperId};
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

/// A dossier at the receiving or issuing desk.
#[derive(Debug, Clone)]
pub struct AtDesk {
    /// The dossier; its day is the one on which it came to the desk, in UTC.
    pub of: Due,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Version of the rulebook under which it was filed.
    pub rulebook_version: i32,
}

/// Dossiers that wait in this state, the last to come first, at most `limit`.
///
/// # Errors
/// `StoreError` of the database.
pub fn at_desks(
    tx: &mut ReadTx<'_>,
    scope: &Scope,
    state: State,
    limit: i64,
) -> Result<Vec<AtDesk>, StoreError> {
    let within = within(tx, scope)?;
    let waiting = dossiers::table
        .filter(dossiers::state.eq(state.code()))
        .order((dossiers::state_since.desc(), dossiers::id))
        .limit(limit)
        .select((of_dossier!(), dossiers::state_since, dossiers::rulebook_version))
        .into_boxed();
    let rows: Vec<(Of, NaiveDateTime, i32)> = scoped!(waiting, within).load(tx.db())?;
    let at_desk = |(of, since, rulebook_version): (Of, NaiveDateTime, i32)| AtDesk {
        of: due(of, since.date(), (String::new(), String::new())),
        since: since.and_utc(),
        rulebook_version,
    };
    Ok(rows.into_iter().map(at_desk).collect())
}

/// A permit that ends before its delegation leaves.
#[derive(Debug, Clone)]
pub struct Ending {
    /// The dossier, and the permit's last day.
    pub of: Due,
    /// The paper.
    pub paper: PaperId,
    /// The revision in force.
    pub in_force: Option<i32>,
}

/// Permits whose last day is one of these and comes before the delegation's, at most `limit`; also those in whose place
/// another was issued.
///
/// # Errors
/// `StoreError` of the database.
pub fn permits_ending(
    tx: &mut ReadTx<'_>,
    scope: &Scope,
    (from, to): (NaiveDate, NaiveDate),
    limit: i64,
) -> Result<Vec<Ending>, StoreError> {
    let within = within(tx, scope)?;
    let valid_to = issued_papers::valid_to;
    let stays = dossiers::actual_ends_on
        .gt(valid_to)
        .or(dossiers::actual_ends_on.is_null().and(dossiers::ends_on.gt(valid_to)));
    let ending = dossiers::table
        .inner_join(issued_papers::table.on(issued_papers::dossier_id.eq(dossiers::id)))
        .filter(valid_to.between(from, to))
        .filter(dossiers::state.eq(State::Issued.code()))
        .filter(stays)
        .order((valid_to, issued_papers::id))
        .limit(limit)
        .select((of_dossier!(), valid_to, issued_papers::id, dossiers::revision_in_force))
        .into_boxed();
    let rows: Vec<(Of, Option<NaiveDate>, Key<PaperId>, Option<i32>)> =
        scoped!(ending, within).load(tx.db())?;
    let none = || (String::new(), String::new());
    let shown = |(of, on, Key(paper), in_force): (Of, Option<NaiveDate>, Key<PaperId>, Option<i32>)| {
        Some(Ending { of: due(of, on?, none()), paper, in_force })
    };
    Ok(rows.into_iter().filter_map(shown).collect())
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
