//! What must not be overlooked: a delegation that comes soon without a permit, a permit that ends before the
//! delegation leaves, a duty that is overdue. Alerts follow from dates and are never stored.

use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;
use utoipa::ToSchema;

use super::calendar::Calendar;
use super::codes::{Origin, Outcome, codes};
use super::dossier::{Dossier, State};
use super::ids::ObligationId;
use super::obligation::Obligation;

codes! {
    /// What is wrong.
    AlertCode {
        /// It arrives in at most three working days, and no permit is issued.
        NoPermit = "no_permit",
        /// The permit ends before the delegation leaves.
        PermitExpires = "permit_expires",
        /// An obligation is overdue.
        ObligationOverdue = "obligation_overdue",
    }
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Alert {
    /// What is wrong.
    pub code: AlertCode,
    /// The day that matters: of arrival, the permit's last, or the day on which the duty was due.
    pub on: NaiveDate,
    /// Working days from today to that day; negative once it is past.
    pub working_days: i64,
    /// The obligation that is overdue.
    pub obligation_id: Option<ObligationId>,
}

/// Working days before arrival from which a missing permit is an alert.
pub const SOON: u32 = 3;

/// What alerts are worked out from.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The dossier.
    pub dossier: &'a Dossier,
    /// First day.
    pub starts_on: Option<NaiveDate>,
    /// Last day.
    pub ends_on: Option<NaiveDate>,
    /// Last day of the permit in force, if it names one.
    pub permit_ends_on: Option<NaiveDate>,
    /// Its obligations.
    pub obligations: &'a [Obligation],
}

/// The alerts of a dossier at this moment of Vietnam's wall clock.
#[must_use]
pub fn alerts(facts: &Facts<'_>, calendar: &Calendar, now: NaiveDateTime) -> Vec<Alert> {
    let today = now.date();
    let alert = |code, on, obligation_id| {
        let working_days = calendar.working_days_between(today, on);
        Alert { code, on, working_days, obligation_id }
    };
    let is_over = facts.ends_on.or(facts.starts_on).is_none_or(|day| day < today);
    let is_soon = |day: &NaiveDate| calendar.working_days_between(today, *day) <= i64::from(SOON);
    let unpermitted = facts.starts_on.filter(|_| !is_over && waits_for_permit(facts.dossier)).filter(is_soon);
    let short = facts
        .permit_ends_on
        .filter(|_| !is_over && holds_permit(facts.dossier))
        .filter(|last| facts.ends_on.is_some_and(|leaves| *last < leaves));
    let overdue = facts.obligations.iter().filter(|obligation| obligation.is_overdue(now));
    let overdue =
        overdue.map(|late| alert(AlertCode::ObligationOverdue, late.planned.due_at.date(), Some(late.id)));
    unpermitted
        .map(|day| alert(AlertCode::NoPermit, day, None))
        .into_iter()
        .chain(short.map(|day| alert(AlertCode::PermitExpires, day, None)))
        .chain(overdue)
        .collect()
}

/// Whether it was asked for and may still come, and has no paper that permits it.
fn waits_for_permit(dossier: &Dossier) -> bool {
    let asked = match dossier.state {
        State::Submitted | State::Received | State::Returned | State::Approved => true,
        // An amendment is being written, and what it amends was never issued.
        State::Draft => dossier.revision_in_force.is_some(),
        _ => false,
    };
    asked && !dossier.issued && !dossier.arrived && dossier.origin == Origin::System
}

fn holds_permit(dossier: &Dossier) -> bool {
    let ended = matches!(dossier.state, State::Cancelled | State::Revoked | State::Closed | State::Lapsed);
    dossier.revision_in_force.is_some() && !ended && dossier.outcome != Some(Outcome::NoShow)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::codes::{Code, Direction};
    use crate::domain::ids::{DossierId, OrganisationId};

    fn d(text: &str) -> NaiveDate {
        NaiveDate::parse_from_str(text, "%d/%m/%Y").unwrap()
    }

    fn dossier(state: State) -> Dossier {
        let approved = matches!(state, State::Approved | State::Issued | State::Reported | State::Revoked);
        Dossier {
            id: DossierId(Uuid::nil()),
            code: None,
            direction: Direction::Inbound,
            organisation: OrganisationId(Uuid::nil()),
            state,
            outcome: None,
            origin: Origin::System,
            version: 1,
            revision: 1,
            revision_in_force: approved.then_some(1),
            issued: matches!(state, State::Issued | State::Reported),
            arrived: false,
        }
    }

    fn told(dossier: &Dossier, today: &str, permit: Option<&str>) -> Vec<(AlertCode, i64)> {
        let calendar = Calendar::shipped().unwrap();
        let facts = Facts {
            dossier,
            starts_on: Some(d("23/02/2026")),
            ends_on: Some(d("25/02/2026")),
            permit_ends_on: permit.map(d),
            obligations: &[],
        };
        let now = d(today).and_hms_opt(9, 0, 0).unwrap();
        alerts(&facts, &calendar, now).into_iter().map(|alert| (alert.code, alert.working_days)).collect()
    }

    #[test]
    fn arrival_in_three_working_days_without_a_permit() {
        use AlertCode::NoPermit;
        let approved = dossier(State::Approved);
        // Tết lies between: 13/02 and 12/02 are the working days before the 23rd, which is the third.
        assert_eq!(told(&approved, "10/02/2026", None), []);
        assert_eq!(told(&approved, "11/02/2026", None), [(NoPermit, 3)]);
        assert_eq!(told(&approved, "13/02/2026", None), [(NoPermit, 1)]);
        assert_eq!(told(&approved, "18/02/2026", None), [(NoPermit, 1)]);
        assert_eq!(told(&approved, "23/02/2026", None), [(NoPermit, 0)]);
        assert_eq!(told(&approved, "25/02/2026", None), [(NoPermit, -2)]);
        assert_eq!(told(&approved, "26/02/2026", None), []);
        let alerted: Vec<State> = State::ALL
            .iter()
            .copied()
            .filter(|state| !told(&dossier(*state), "13/02/2026", None).is_empty())
            .collect();
        assert_eq!(alerted, [State::Submitted, State::Received, State::Approved, State::Returned]);
        assert_eq!(told(&Dossier { arrived: true, ..approved.clone() }, "24/02/2026", None), []);
        assert_eq!(told(&Dossier { origin: Origin::AfterTheFact, ..approved }, "24/02/2026", None), []);
    }

    #[test]
    fn a_permit_that_ends_before_departure() {
        use AlertCode::PermitExpires;
        let issued = dossier(State::Issued);
        assert_eq!(told(&issued, "01/02/2026", Some("24/02/2026")), [(PermitExpires, 12)]);
        assert_eq!(told(&issued, "25/02/2026", Some("24/02/2026")), [(PermitExpires, -1)]);
        assert_eq!(told(&issued, "26/02/2026", Some("24/02/2026")), []);
        assert_eq!(told(&issued, "01/02/2026", Some("25/02/2026")), []);
        assert_eq!(told(&issued, "01/02/2026", None), []);
        assert_eq!(told(&dossier(State::Revoked), "01/02/2026", Some("24/02/2026")), []);
    }
}
