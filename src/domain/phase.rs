//! Where a delegation is by the calendar, seen from a day: it follows from dates and is never stored. It knows no dossier.

use chrono::{Datelike, Months, NaiveDate};

use super::codes::codes;

codes! {
    /// What a month is looked at for.
    Phase {
        /// Comes.
        Arriving = "arriving",
        /// Is here.
        Here = "here",
        /// Leaves.
        Leaving = "leaving",
        /// Has to be reported on.
        ReportDue = "report_due",
    }
}

/// A phase within days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct During {
    /// Which phase.
    pub phase: Phase,
    /// From this day on.
    pub from: NaiveDate,
    /// Up to and with this day.
    pub to: NaiveDate,
    /// Seen from this day.
    pub today: NaiveDate,
}

/// The month of a day: its first day and its last.
#[must_use]
pub fn month_of(day: NaiveDate) -> (NaiveDate, NaiveDate) {
    let first = day.with_day(1).unwrap_or(day);
    let next = first.checked_add_months(Months::new(1)).unwrap_or(first);
    (first, next.pred_opt().unwrap_or(first))
}

impl During {
    /// A phase in the month that begins on `first`. Of the present month it is what is still to come, and reports that are
    /// overdue are still due; who is here now belongs to the present month alone.
    #[must_use]
    pub fn of(phase: Phase, first: NaiveDate, today: NaiveDate) -> Self {
        let (first, last) = month_of(first);
        let is_now = (first..=last).contains(&today);
        let from = match (phase, is_now) {
            (_, false) => first,
            (Phase::ReportDue, true) => NaiveDate::default(),
            (_, true) => today,
        };
        Self { phase, from, to: last, today }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_ends_before_the_next_one_begins() {
        assert_eq!(month_of(on("2026-12-31")), (on("2026-12-01"), on("2026-12-31")));
        assert_eq!(month_of(on("2028-02-05")), (on("2028-02-01"), on("2028-02-29")));
    }

    #[test]
    fn of_the_present_month_what_is_to_come() {
        let (first, today) = (on("2026-11-01"), on("2026-11-22"));
        let of = |phase, first| {
            let during = During::of(phase, first, today);
            (during.from, during.to)
        };
        assert_eq!(of(Phase::Arriving, first), (today, on("2026-11-30")));
        assert_eq!(of(Phase::Leaving, on("2026-12-09")), (on("2026-12-01"), on("2026-12-31")));
        assert!(of(Phase::ReportDue, first).0 < first, "what is overdue is due");
        assert_eq!(of(Phase::ReportDue, on("2026-10-01")).0, on("2026-10-01"));
    }
}
