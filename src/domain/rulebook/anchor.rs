//! The days and instants from which rules count, and when what is counted from them is due.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::facts::{Facts, ItemFact};
use super::model::{Anchor, Side};
use crate::domain::calendar::{Calendar, Unit};
use crate::domain::codes::Zone;

/// The day of an anchor.
pub(super) fn day_of(facts: &Facts, anchor: Anchor) -> Option<NaiveDate> {
    match anchor {
        Anchor::Arrival => facts.arrives_on.or(facts.enters_vn_on),
        Anchor::Departure => facts.departs_on.or(facts.leaves_vn_on),
        // The arrival in the city may be later: it tells nothing of the day at the border.
        Anchor::Entry => facts.enters_vn_on,
        Anchor::Leaving => facts.leaves_vn_on.or(facts.arrives_on),
        Anchor::Return => facts.enters_vn_on.or(facts.departs_on),
        Anchor::Issue => facts.issued_on,
        Anchor::PressConference | Anchor::SeaBorderItem | Anchor::RestrictedItem => {
            instants(facts, anchor, Side::Before).first().map(NaiveDateTime::date)
        }
    }
}

/// The fact that says when an anchor is.
pub(super) fn name_of(facts: &Facts, anchor: Anchor) -> &'static str {
    match (anchor, facts.direction) {
        (Anchor::Arrival, _) => "arrives_on",
        (Anchor::Departure, _) => "departs_on",
        (Anchor::Entry | Anchor::Return, _) => "enters_vn_on",
        (Anchor::Leaving, _) => "leaves_vn_on",
        (Anchor::Issue, _) => "issued_on",
        _ => "programme",
    }
}

/// The field in which it is stated.
pub(super) fn field_of(anchor: Anchor) -> &'static [&'static str] {
    match anchor {
        Anchor::Arrival => &["/arrives_on"],
        Anchor::Departure => &["/departs_on"],
        Anchor::Entry | Anchor::Return => &["/enters_vn_on"],
        Anchor::Leaving => &["/leaves_vn_on"],
        Anchor::Issue => &[],
        _ => &["/programme"],
    }
}

/// Where only a day is known and hours are counted from it: what is due before is due before the day begins, what is
/// due after is counted from noon.
fn instant_of(day: NaiveDate, side: Side) -> NaiveDateTime {
    let hours = match side {
        Side::Before => 0,
        Side::After => 12,
    };
    day.and_time(NaiveTime::MIN) + TimeDelta::hours(hours)
}

/// The instants of an anchor, in order: of items of the programme the first of each day, for one notice covers a day.
pub(super) fn instants(facts: &Facts, anchor: Anchor, side: Side) -> Vec<NaiveDateTime> {
    let items = |is: fn(&ItemFact) -> bool| {
        let mut found: Vec<NaiveDateTime> =
            facts.programme.iter().filter(|item| is(item)).map(|item| item.starts_at).collect();
        found.sort_unstable();
        found.dedup_by_key(|at| at.date());
        found
    };
    match anchor {
        Anchor::PressConference => items(|item| item.press_conference),
        Anchor::SeaBorderItem => items(|item| item.zone == Zone::SeaBorder),
        Anchor::RestrictedItem => items(|item| matches!(item.zone, Zone::Border | Zone::Restricted)),
        Anchor::Arrival => {
            let Some(day) = day_of(facts, anchor) else { return Vec::new() };
            let first = facts.programme.iter().map(|item| item.starts_at).filter(|at| at.date() == day).min();
            vec![first.unwrap_or_else(|| instant_of(day, side))]
        }
        _ => day_of(facts, anchor).map(|day| instant_of(day, side)).into_iter().collect(),
    }
}

/// What tells several duties of one rule apart: the day of the programme's item, or nothing.
pub(super) fn key_of(anchor: Anchor, at: NaiveDateTime) -> String {
    match anchor {
        Anchor::PressConference | Anchor::SeaBorderItem | Anchor::RestrictedItem => at.date().to_string(),
        _ => String::new(),
    }
}

/// When something is due: in hours by the clock, otherwise at the end of the office's hours of the last day.
pub(super) fn due(calendar: &Calendar, at: NaiveDateTime, n: u32, unit: Unit, side: Side) -> NaiveDateTime {
    let end_of = |day: NaiveDate| day.and_time(calendar.office_hours().1);
    match (unit, side) {
        (Unit::Hour, Side::Before) => at - TimeDelta::hours(n.into()),
        (Unit::Hour, Side::After) => at + TimeDelta::hours(n.into()),
        (_, Side::Before) => end_of(calendar.before(at.date(), n, unit)),
        (_, Side::After) => end_of(calendar.after(at.date(), n, unit)),
    }
}
