//! A year in pictures: months beside those of the year before, nationalities, fields, and how much was in time. Each
//! number is counted by the functions that count the return, over the same judged dossiers: none is counted another way.

use chrono::NaiveDate;

use super::facts::{DelegationFact, Exception};
use super::form::Totals;
use super::overview;
use super::period::{Kind, Period, Range, Window};
use super::seen::{Ctx, Seen};
use crate::domain::codes::{Direction, Lang, Origin};

/// How many of how many were in time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rate {
    /// In time.
    pub in_time: u64,
    /// Of so many.
    pub of: u64,
}

impl Rate {
    fn add(&mut self, in_time: bool) {
        self.of += 1;
        self.in_time += u64::from(in_time);
    }

    /// In whole per cent, rounded half up; none of nothing.
    #[must_use]
    pub fn percent(self) -> Option<u64> {
        (self.in_time * 200 + self.of).checked_div(self.of * 2)
    }
}

/// How much was in time among the counted delegations of a range.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InTime {
    /// Filed by the day that the rules ask, of those that were filed and judged here.
    pub filed: Rate,
    /// With a numbered permit that is not younger than the visit, of those that were not loaded from a ledger or
    /// registered after the visit.
    pub issued: Rate,
    /// Reported by the day on which the report was due, of those whose report is there or overdue.
    pub reported: Rate,
}

/// A month and the same one of the year before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    /// Its label, `2026-03`.
    pub label: String,
    /// Its figures; `None` before it begins.
    pub now: Option<Totals>,
    /// Those of the year before.
    pub before: Totals,
    /// How much was in time.
    pub in_time: InTime,
}

/// A row of a part of the overview, over the year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Its code.
    pub id: String,
    /// What it is called.
    pub label: String,
    /// The number.
    pub value: u64,
}

/// The year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pictures {
    /// Its twelve months.
    pub months: Vec<Month>,
    /// The whole year, as its return counts it.
    pub totals: Totals,
    /// Visits by nationality, the most first.
    pub nationalities: Vec<Share>,
    /// Delegations by field, the most first.
    pub fields: Vec<Share>,
    /// How much was in time over the year.
    pub in_time: InTime,
}

/// Makes the pictures of a year from the facts that touch it and the year before, as known on `as_of`; `None` for a year
/// that is none.
#[must_use]
pub fn pictures(
    facts: &[DelegationFact],
    (year, window): (i32, Window),
    as_of: NaiveDate,
    countries: &dyn Fn(&str) -> String,
    lang: Lang,
) -> Option<Pictures> {
    let whole = Period::new(Kind::Yearly, year, 1)?;
    let (ctx, seen) = (Ctx { lang, as_of, countries }, Seen::all(facts, as_of));
    let month =
        |number| Period::new(Kind::Monthly, year, number).map(|month| one(&seen, month, window, as_of));
    let columns = overview::columns(whole, window);
    let shares = |section: &str| {
        let rows = overview::section(&ctx, &seen, columns, section).into_iter();
        let own = rows.filter(|row| row.in_period > 0);
        let mut shares: Vec<Share> =
            own.map(|row| Share { id: row.id, label: row.label, value: row.in_period }).collect();
        shares.sort_by_key(|share| std::cmp::Reverse(share.value));
        shares
    };
    Some(Pictures {
        months: (1..=12).filter_map(month).collect(),
        totals: super::totals(&seen, whole.range(window)),
        nationalities: shares("nationality"),
        fields: shares("field"),
        in_time: in_time(&seen, whole.range(window), as_of),
    })
}

fn one(seen: &[Seen<'_>], month: Period, window: Window, as_of: NaiveDate) -> Month {
    let range = month.range(window);
    Month {
        label: month.label(),
        now: (range.from <= as_of).then(|| super::totals(seen, range)),
        before: super::totals(seen, month.last_year().range(window)),
        in_time: in_time(seen, range, as_of),
    }
}

/// By the same marks by which annex 6 lists what was late.
fn in_time(seen: &[Seen<'_>], range: Range, as_of: NaiveDate) -> InTime {
    let mut sums = InTime::default();
    let both = [Direction::Inbound, Direction::Outbound];
    let counted = |one: &&Seen<'_>| both.iter().any(|way| one.counted_in(*way, range).is_some());
    for one in seen.iter().filter(counted) {
        let fact = one.fact;
        if fact.checked.is_some() {
            sums.filed.add(fact.broken.iter().all(|(listed, _)| *listed != Exception::FiledLate));
        }
        if fact.origin == Origin::System {
            sums.issued.add(one.permit_fault().is_none());
        }
        if let Some(due) = fact.report_due_on.filter(|due| fact.reported_on.is_some() || *due < as_of) {
            sums.reported.add(due >= fact.reported_on.unwrap_or(as_of));
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::Rate;

    #[test]
    fn a_rate_is_rounded_half_up_and_nothing_has_none() {
        let rate = |in_time, of| Rate { in_time, of }.percent();
        assert_eq!((rate(1, 3), rate(1, 8), rate(2, 3)), (Some(33), Some(13), Some(67)));
        assert_eq!((rate(0, 0), rate(0, 4), rate(4, 4)), (None, Some(0), Some(100)));
    }
}
