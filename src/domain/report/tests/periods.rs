//! Rules 2 and 8: labels, windows, and which period a delegation belongs to.

use chrono::{Days, NaiveDate, TimeZone, Utc};
use proptest::prelude::*;

use super::fixture::{day, figures, inbound, on, outbound, report, unconfirmed};
use crate::domain::codes::Code;
use crate::domain::dossier::State;
use crate::domain::report::count::Reason;
use crate::domain::report::facts::DelegationFact;
use crate::domain::report::period::{Kind, Period, Range, Window, local_day};

fn range(kind: Kind, label: &str, window: Window) -> (String, String) {
    let Range { from, to } = Period::parse_label(kind, label).unwrap().range(window);
    (from.to_string(), to.to_string())
}

fn days(from: &str, to: &str) -> (String, String) {
    (from.into(), to.into())
}

#[test]
fn windows_are_those_of_the_decree() {
    let cases = [
        (Kind::Monthly, "2025-11", ("2025-11-01", "2025-11-30"), ("2025-10-15", "2025-11-14")),
        (Kind::Monthly, "2025-01", ("2025-01-01", "2025-01-31"), ("2024-12-15", "2025-01-14")),
        (Kind::Monthly, "2024-02", ("2024-02-01", "2024-02-29"), ("2024-01-15", "2024-02-14")),
        (Kind::Quarterly, "2025-Q4", ("2025-10-01", "2025-12-31"), ("2025-09-15", "2025-12-14")),
        (Kind::Half, "2025-H1", ("2025-01-01", "2025-06-30"), ("2024-12-15", "2025-06-14")),
        (Kind::Half, "2025-H2", ("2025-07-01", "2025-12-31"), ("2025-06-15", "2025-12-14")),
        (Kind::Nine, "2025-9M", ("2025-01-01", "2025-09-30"), ("2024-12-15", "2025-09-14")),
        (Kind::Yearly, "2025", ("2025-01-01", "2025-12-31"), ("2024-12-15", "2025-12-14")),
    ];
    for (kind, label, calendar, mid) in cases {
        assert_eq!(range(kind, label, Window::Calendar), days(calendar.0, calendar.1));
        assert_eq!(range(kind, label, Window::MidMonth), days(mid.0, mid.1));
        assert_eq!(Period::parse_label(kind, label).unwrap().label(), label);
    }
}

#[test]
fn the_period_knows_its_neighbours() {
    let neighbours = |kind, label| {
        let period = Period::parse_label(kind, label).unwrap();
        (period.previous().label(), period.last_year().label())
    };
    assert_eq!(neighbours(Kind::Monthly, "2025-01"), days("2024-12", "2024-01"));
    assert_eq!(neighbours(Kind::Quarterly, "2025-Q2"), days("2025-Q1", "2024-Q2"));
    assert_eq!(neighbours(Kind::Half, "2025-H1"), days("2024-H2", "2024-H1"));
    assert_eq!(neighbours(Kind::Nine, "2025-9M"), days("2024-9M", "2024-9M"));
    assert_eq!(neighbours(Kind::Yearly, "2025"), days("2024", "2024"));
    let cumulative = Period::parse_label(Kind::Monthly, "2025-11").unwrap().cumulative(Window::MidMonth);
    assert_eq!(cumulative, Range { from: day("2024-12-15"), to: day("2025-11-14") });
}

#[test]
fn bad_labels_are_named_with_an_example() {
    for label in [
        "2025-13",
        "2025-00",
        "2025-1",
        "25-11",
        "2025-Q1",
        "",
        "2025-11 ",
        "1899-01",
        "9999-01",
        "+025-01",
        "２０２５-11",
    ] {
        let fault = Period::parse("monthly", label).unwrap_err();
        assert_eq!(fault.code(), "period-label");
        assert!(fault.to_string().contains("write it like 2025-11"), "{fault}");
    }
    for (kind, label) in [
        ("quarterly", "2025-Q5"),
        ("quarterly", "2025-q1"),
        ("half", "2025-H3"),
        ("nine", "2025-10M"),
        ("yearly", "2025-"),
    ] {
        assert_eq!(Period::parse(kind, label).unwrap_err().code(), "period-label");
    }
    assert_eq!(Period::parse("weekly", "2025-11").unwrap_err().code(), "period-kind");
}

#[test]
fn a_day_is_a_day_in_vietnam() {
    let instant = |hour, minute| Utc.with_ymd_and_hms(2025, 10, 31, hour, minute, 0).unwrap();
    assert_eq!(local_day(instant(16, 59)), day("2025-10-31"));
    assert_eq!(local_day(instant(17, 0)), day("2025-11-01"));
}

/// Delegations in by the label, in a window.
fn in_month(fact: &DelegationFact, label: &str, window: Window) -> u64 {
    let form = report(std::slice::from_ref(fact), label, window, "2026-01-31").unwrap();
    form.totals.inbound_delegations
}

fn arrived(actual: &str) -> DelegationFact {
    DelegationFact { actual_starts_on: on(actual), ..inbound(1) }
}

#[test]
fn the_period_is_that_of_the_actual_arrival() {
    let fact = arrived("2025-12-02"); // permitted for 05/11
    assert_eq!(in_month(&fact, "2025-11", Window::Calendar), 0);
    assert_eq!(in_month(&fact, "2025-12", Window::Calendar), 1);
    let november = report(&[fact], "2025-11", Window::Calendar, "2025-12-07").unwrap();
    assert_eq!(november.dossiers[0].reason, Some(Reason::OtherPeriod));
    assert!(november.dossiers[0].text.ends_with("(02/12/2025)"), "{}", november.dossiers[0].text);
}

#[test]
fn a_stay_over_the_end_of_the_month_is_never_split() {
    let fact = DelegationFact { actual_ends_on: on("2025-12-03"), ..arrived("2025-11-30") };
    assert_eq!(in_month(&fact, "2025-11", Window::Calendar), 1);
    assert_eq!(in_month(&fact, "2025-12", Window::Calendar), 0);
    assert_eq!(in_month(&fact, "2025-12", Window::MidMonth), 1);
}

#[test]
fn the_14th_and_the_15th_part_the_months() {
    for (actual, calendar, mid) in
        [("2025-11-14", "2025-11", "2025-11"), ("2025-11-15", "2025-11", "2025-12")]
    {
        for label in ["2025-10", "2025-11", "2025-12"] {
            assert_eq!(in_month(&arrived(actual), label, Window::Calendar), u64::from(label == calendar));
            assert_eq!(in_month(&arrived(actual), label, Window::MidMonth), u64::from(label == mid));
        }
    }
}

#[test]
fn an_outbound_delegation_belongs_to_the_day_it_left_vietnam() {
    let label = |fact: &DelegationFact, label| {
        report(std::slice::from_ref(fact), label, Window::Calendar, "2025-12-07")
            .unwrap()
            .totals
            .outbound_delegations
    };
    let fact = DelegationFact { actual_starts_on: on("2025-10-31"), ..outbound(1) };
    assert_eq!((label(&fact, "2025-10"), label(&fact, "2025-11")), (1, 0));
    let permitted = DelegationFact {
        actual_starts_on: None,
        leaves_vn_on: on("2025-10-31"),
        starts_on: on("2025-11-01"),
        state: State::Issued,
        ..outbound(1)
    };
    assert_eq!((label(&permitted, "2025-10"), label(&permitted, "2025-11")), (1, 0));
}

#[test]
fn late_facts_restate_the_period_of_arrival_and_the_sums() {
    let late = DelegationFact { actual_starts_on: on("2025-10-20"), ..inbound(2) };
    let facts = [inbound(1), late];
    let form = report(&facts, "2025-11", Window::Calendar, "2025-12-07").unwrap();
    let row = &form.overview[0];
    assert_eq!((row.in_period, row.previous, row.cumulative), (1, 1, 2));
    let october = report(&facts, "2025-10", Window::Calendar, "2025-12-07").unwrap();
    assert_eq!(figures(&october), (1, 2, 2, 0));
    let before = report(&facts[..1], "2025-11", Window::Calendar, "2025-12-07").unwrap();
    assert_eq!(before.overview[0].previous, 0);
}

#[test]
fn permitted_delegations_of_the_next_month_are_announced() {
    let soon = |no, day: &str| DelegationFact { starts_on: on(day), ..unconfirmed(no, State::Issued) };
    let facts = [soon(1, "2025-12-08"), soon(2, "2025-12-31"), soon(3, "2026-01-01"), soon(4, "2025-12-07")];
    let form = report(&facts, "2025-11", Window::Calendar, "2025-12-07").unwrap();
    let codes: Vec<_> = form.expected.iter().map(|row| row.code.as_str()).collect();
    assert_eq!(codes, ["DV-2025-0001", "DV-2025-0002"], "the fourth has come by the closing day");
}

proptest! {
    #[test]
    fn the_periods_of_a_kind_tile_the_year(year in 1901..9998_i32) {
        for window in Window::ALL {
            let whole = Period::new(Kind::Yearly, year, 1).unwrap().range(*window);
            for (kind, count) in [(Kind::Monthly, 12), (Kind::Quarterly, 4), (Kind::Half, 2)] {
                let parts: Vec<Range> =
                    (1..=count).map(|no| Period::new(kind, year, no).unwrap().range(*window)).collect();
                prop_assert_eq!(parts[0].from, whole.from);
                prop_assert_eq!(parts[parts.len() - 1].to, whole.to);
                for pair in parts.windows(2) {
                    prop_assert_eq!(pair[0].to + Days::new(1), pair[1].from);
                }
                prop_assert!(Period::new(kind, year, count + 1).is_none());
            }
            let nine = Period::new(Kind::Nine, year, 1).unwrap().range(*window);
            let third = Period::new(Kind::Quarterly, year, 3).unwrap().range(*window);
            prop_assert_eq!((nine.from, nine.to), (whole.from, third.to));
        }
    }

    #[test]
    fn every_day_lies_in_one_month_and_labels_come_back(ordinal in 0..2_900_000_u64) {
        let day = NaiveDate::from_ymd_opt(1901, 1, 1).unwrap() + Days::new(ordinal);
        for window in Window::ALL {
            for kind in Kind::ALL {
                let Some(period) = Period::of_day(*kind, *window, day) else {
                    prop_assert_eq!(*kind, Kind::Nine);
                    continue;
                };
                prop_assert!(period.range(*window).contains(day));
                prop_assert!(!period.previous().range(*window).contains(day));
                prop_assert_eq!(Period::parse(kind.code(), &period.label()), Ok(period));
            }
        }
    }
}
