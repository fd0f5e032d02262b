//! Other delegations of the same people: for overlaps and for trips in a year.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::domain::codes::{Attendance, Code, Direction, Outcome};
use crate::domain::dossier::State;
use crate::domain::ids::{DossierId, PersonId};
use crate::store::schema::{dossiers, members};
use crate::store::types::{Key, Word};
use crate::store::{ReadTx, StoreError};

/// A place of a person in a delegation that is asked for, permitted or made.
#[derive(Debug, Clone)]
pub struct Trip {
    /// Who.
    pub person: PersonId,
    /// In which dossier.
    pub dossier: DossierId,
    /// Which way.
    pub direction: Direction,
    /// Official number: direction, year, number.
    pub number: Option<(i32, i64)>,
    /// Whether only named accounts may know of it.
    pub confidential: bool,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

/// States in which nobody will travel any more.
const ENDED: [State; 3] = [State::Cancelled, State::Revoked, State::Rejected];

/// Ends of a delegation that nobody travelled with.
const NOT_MADE: [Outcome; 2] = [Outcome::Duplicate, Outcome::NoShow];

/// States in which a delegation takes its people's time.
const TAKEN: [State; 7] = [
    State::Submitted,
    State::Received,
    State::Returned,
    State::Approved,
    State::Issued,
    State::Reported,
    State::Closed,
];

/// Delegations of these people that touch these days.
///
/// # Errors
/// `StoreError` of the database.
pub fn trips_of(
    tx: &mut ReadTx<'_>,
    people: &[PersonId],
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<Trip>, StoreError> {
    type Row = (
        Key<PersonId>,
        Key<DossierId>,
        Word<Direction>,
        Option<i32>,
        Option<i64>,
        bool,
        Option<NaiveDate>,
        Option<NaiveDate>,
    );
    let ids: Vec<String> = people.iter().map(ToString::to_string).collect();
    let taken: Vec<&str> = TAKEN.iter().map(|state| state.code()).collect();
    let mut trips = Vec::new();
    for some in ids.chunks(500) {
        let rows: Vec<Row> = members::table
            .inner_join(dossiers::table)
            .filter(members::person_id.eq_any(some.to_vec()))
            // What is permitted takes their time also while it is being amended.
            .filter(dossiers::state.eq_any(taken.clone()).or(dossiers::revision_in_force.is_not_null()))
            .filter(dossiers::state.ne_all(ENDED.map(Code::code)))
            .filter(dossiers::outcome.is_null().or(dossiers::outcome.ne_all(NOT_MADE.map(Code::code))))
            .filter(members::attendance.ne(Attendance::Absent.code()))
            .filter(dossiers::starts_on.le(to))
            .filter(dossiers::ends_on.ge(from))
            .order((dossiers::starts_on, dossiers::id))
            .select((
                members::person_id,
                dossiers::id,
                dossiers::direction,
                dossiers::year,
                dossiers::no,
                dossiers::confidential,
                dossiers::starts_on,
                dossiers::ends_on,
            ))
            .load(tx.db())?;
        let trip = |(person, dossier, direction, year, no, confidential, from, to): Row| {
            Some(Trip {
                person: person.0,
                dossier: dossier.0,
                direction: direction.0,
                number: year.zip(no),
                confidential,
                from: from?,
                to: to?,
            })
        };
        trips.extend(rows.into_iter().filter_map(trip));
    }
    Ok(trips)
}

/// The first days of the visits that some people made, or are permitted to make, as far as everybody may know of them.
///
/// # Errors
/// `StoreError` of the database.
pub fn visits_of(tx: &mut ReadTx<'_>, people: &[PersonId]) -> Result<Vec<(PersonId, NaiveDate)>, StoreError> {
    let ids: Vec<String> = people.iter().map(ToString::to_string).collect();
    let made = [State::Issued, State::Reported, State::Closed].map(Code::code);
    let mut visits = Vec::new();
    for some in ids.chunks(500) {
        let rows: Vec<(Key<PersonId>, Option<NaiveDate>)> = members::table
            .inner_join(dossiers::table)
            .filter(members::person_id.eq_any(some.to_vec()))
            .filter(dossiers::state.eq_any(made))
            .filter(dossiers::outcome.is_null().or(dossiers::outcome.ne_all(NOT_MADE.map(Code::code))))
            .filter(dossiers::confidential.eq(false))
            .filter(members::attendance.ne(Attendance::Absent.code()))
            .select((members::person_id, dossiers::starts_on))
            .load(tx.db())?;
        visits.extend(rows.into_iter().filter_map(|(person, day)| Some((person.0, day?))));
    }
    Ok(visits)
}
