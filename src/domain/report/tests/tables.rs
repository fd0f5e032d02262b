//! The tables: their rows, their sums, and that a sum that does not fit is refused.

use proptest::prelude::*;

use super::fixture::{figures, group, guest, inbound, november, on, outbound, report, unconfirmed};
use crate::domain::codes::{Attendance, Code, Field, MemberRole, Origin, Outcome, Rank};
use crate::domain::dossier::State;
use crate::domain::report::check::verify;
use crate::domain::report::facts::{DelegationFact, FundingFact, MemberFact};
use crate::domain::report::{ReportError, Return, Window};

/// The row of the main part.
fn line(form: &Return, id: &str) -> u64 {
    form.overview.iter().find(|row| row.section == "main" && row.id == id).unwrap().in_period
}

/// One of each: counted twice, and every fate besides.
pub(crate) fn mixed() -> Vec<DelegationFact> {
    let rank = DelegationFact { rank: Some(Rank::A), primary_field: Some(Field::Health), ..inbound(2) };
    vec![
        inbound(1),
        rank,
        unconfirmed(3, State::Cancelled),
        DelegationFact { outcome: Some(Outcome::NoShow), ..unconfirmed(4, State::Issued) },
        DelegationFact { revoked_on: on("2025-11-01"), ..unconfirmed(5, State::Revoked) },
        DelegationFact { origin: Origin::AfterTheFact, permitted: false, permit: None, ..inbound(6) },
        DelegationFact { actual_starts_on: on("2024-11-05"), ..inbound(7) },
        DelegationFact { groups: vec![group(1, Some("KR"), 9, Some(7))], ..inbound(8) },
        DelegationFact { code: None, permitted: false, ..unconfirmed(9, State::Draft) },
        outbound(10),
        DelegationFact { confidential: true, rank: None, channel: None, primary_field: None, ..inbound(11) },
    ]
}

#[test]
fn the_overview_has_the_rows_of_practice_4() {
    let form = november(&mixed());
    assert_eq!(figures(&form), (5, 17, 17, 1));
    let rows =
        ["permitted", "actual", "cancelled", "no_show", "revoked", "after_the_fact", "outbound_people"];
    assert_eq!(rows.map(|id| line(&form, id)), [7, 5, 1, 1, 1, 1, 2]);
    assert_eq!(line(&form, "permitted_guests"), 7 * 2 + 9);
    let section = |id: &str| {
        let rows = form.overview.iter().filter(|row| row.section == id);
        rows.map(|row| (row.id.clone(), row.in_period)).collect::<Vec<_>>()
    };
    let pairs = |rows: &[(&str, u64)]| rows.iter().map(|(id, n)| ((*id).to_owned(), *n)).collect::<Vec<_>>();
    assert_eq!(section("rank"), pairs(&[("a", 1), ("c", 3), ("unknown", 1)]));
    assert_eq!(section("rank_visits"), pairs(&[("a", 2), ("c", 13), ("unknown", 2)]));
    assert_eq!(section("field"), pairs(&[("education", 3), ("health", 1), ("unknown", 1)]));
    assert_eq!(section("channel_visits"), pairs(&[("people", 15), ("unknown", 2)]));
    assert_eq!(section("nationality"), pairs(&[("FR", 10), ("KR", 7)]));
    assert_eq!(section("lead_host").iter().map(|row| row.1).collect::<Vec<_>>(), [5]);
}

#[test]
fn outbound_by_country_may_exceed_the_delegations_and_says_so() {
    let form = november(&[outbound(1)]);
    let rows: Vec<_> = form.overview.iter().filter(|row| row.section == "outbound_country").collect();
    assert_eq!(rows.iter().map(|row| row.in_period).sum::<u64>(), 2);
    assert_eq!(form.totals.outbound_delegations, 1);
    assert!(rows[0].section_label.contains("có thể lớn hơn số đoàn"));
}

#[test]
fn the_change_compares_with_last_year_and_is_a_dash_on_a_zero_base() {
    let last_year = |no| DelegationFact { actual_starts_on: on("2024-11-05"), ..inbound(no) };
    let change = |now: u128, before: u128| {
        let facts: Vec<_> = (1..=now).map(inbound).chain((51..51 + before).map(last_year)).collect();
        november(&facts).overview[0].change.clone()
    };
    assert_eq!(change(1, 0), "-");
    assert_eq!(change(0, 0), "-");
    assert_eq!(change(3, 2), "tăng 50%");
    assert_eq!(change(2, 3), "giảm 33,3%");
    assert_eq!(change(8, 3), "tăng 166,7%");
    assert_eq!(change(2, 2), "0%");
    assert_eq!(change(0, 2), "giảm 100%");
    assert_eq!(change(15, 16), "giảm 6,3%", "half away from zero");
}

#[test]
fn every_figure_leads_to_its_dossiers() {
    let facts = mixed();
    let form = november(&facts);
    let behind = |section: &str, id: &str| {
        let row = form.overview.iter().find(|row| row.section == section && row.id == id).unwrap();
        row.dossiers.iter().map(|id| id.0.as_u128()).collect::<Vec<_>>()
    };
    assert_eq!(behind("main", "inbound_delegations"), [1, 2, 6, 8, 11]);
    assert_eq!(behind("main", "cancelled"), [3]);
    assert_eq!(behind("nationality", "KR"), [8]);
    let listed: Vec<_> = form.dossiers.iter().map(|row| row.id.0.as_u128()).collect();
    assert_eq!(listed, [7, 9, 1, 2, 3, 4, 5, 6, 8, 11, 10], "by day, code, id");
}

#[test]
fn annex_2_prints_days_funding_and_both_head_counts() {
    let mut fact = outbound(1);
    fact.members.push(MemberFact { in_decision: false, ..guest(3, "VN") });
    fact.members.push(MemberFact { attendance: Attendance::Absent, ..guest(4, "VN") });
    let form = november(&[fact]);
    let row = &form.annex2.rows[0];
    assert_eq!((row.people, row.in_decision, row.outside_decision), (3, 2, 1));
    let stays: Vec<_> = row.stays.iter().map(|stay| (stay.country.code.as_str(), stay.days)).collect();
    assert_eq!(stays, [("FR", Some(5)), ("DE", Some(5))]);
    let funding: Vec<_> =
        row.funding.iter().map(|part| (part.payer.code.as_str(), part.amount.as_str())).collect();
    assert_eq!(funding, [("host", "3000.50"), ("state", "125000000")]);
    assert_eq!((row.departs_on, row.returns_on), (on("2025-11-10").unwrap(), on("2025-11-20")));
}

#[test]
fn a_cost_out_of_range_is_an_error() {
    let mut fact = outbound(1);
    let huge = FundingFact { minor: i64::MAX, ..fact.funding[0].clone() };
    fact.funding.push(huge);
    let fault = report(&[fact], "2025-11", Window::Calendar, "2025-12-07").unwrap_err();
    assert_eq!(fault.code(), "report-overflow");
}

#[test]
fn a_dossier_given_twice_is_refused() {
    let fault = report(&[inbound(1), inbound(1)], "2025-11", Window::Calendar, "2025-12-07").unwrap_err();
    assert!(
        matches!(fault, ReportError::TableDiffers { ref table, found: 2, expected: 1 } if table == "dossiers")
    );
}

/// The table that the check names after one figure was changed.
fn broken(change: impl Fn(&mut Return)) -> String {
    let mut form = november(&mixed());
    verify(&form).unwrap();
    change(&mut form);
    match verify(&form) {
        Err(ReportError::TableDiffers { table, .. }) => table,
        other => panic!("the check passed: {other:?}"),
    }
}

#[test]
fn the_check_names_the_table_that_does_not_sum() {
    assert_eq!(broken(|form| form.totals.visits += 1), "overview.visits");
    assert_eq!(broken(|form| form.overview[2].in_period += 1), "overview.distinct_persons");
    assert_eq!(broken(|form| form.annex1.rows[0].visits += 1), "annex1.visits");
    assert_eq!(broken(|form| form.annex1.totals.companions += 1), "annex1.companions");
    assert_eq!(broken(|form| form.annex1.rows[0].permitted_guests -= 1), "annex1.permitted_guests");
    assert_eq!(broken(|form| drop(form.annex1.rows.pop())), "annex1");
    assert_eq!(broken(|form| drop(form.annex2.rows.pop())), "annex2");
    assert_eq!(broken(|form| form.annex2.rows[0].outside_decision += 1), "annex2.outside_decision");
    assert_eq!(broken(|form| form.visits[0].visits += 1), "visits");
    assert_eq!(broken(|form| form.visits[0].person = form.visits[1].person), "visits.distinct_persons");
    assert_eq!(broken(|form| form.dossiers.retain(|row| row.reason.is_some())), "dossiers.inbound");
    for section in ["nationality", "rank", "field_visits", "lead_host", "channel", "channel_visits"] {
        for column in 0..5 {
            let table = broken(|form| {
                let row = form.overview.iter_mut().find(|row| row.section == section).unwrap();
                let figures = [
                    &mut row.in_period,
                    &mut row.previous,
                    &mut row.cumulative,
                    &mut row.same_last_year,
                    &mut row.cumulative_last_year,
                ];
                *figures.into_iter().nth(column).unwrap() += 1;
            });
            assert_eq!(table, format!("overview.{section}"));
        }
    }
}

fn any_fact() -> impl Strategy<Value = DelegationFact> {
    let state = proptest::sample::select(State::ALL);
    let outcome =
        proptest::sample::select(vec![None, None, None, Some(Outcome::NoShow), Some(Outcome::Duplicate)]);
    let came = proptest::option::of(0..20_u32);
    (1..1000_u128, state, outcome, 0..800_u64, proptest::bool::ANY, proptest::bool::ANY, came).prop_map(
        |(no, state, outcome, after, confirmed, out, came)| {
            let day = on("2024-06-01").map(|day| day + chrono::Days::new(after));
            let mut fact = if out { outbound(no) } else { inbound(no) };
            fact.members.push(guest(
                u128::from(after % 50),
                ["VN", "KR", "XXA"][usize::try_from(after % 3).unwrap()],
            ));
            fact.groups.push(group(no, None, 5, came));
            fact.rank = (after % 4 > 0).then_some(Rank::B);
            (fact.state, fact.outcome, fact.starts_on, fact.leaves_vn_on) = (state, outcome, day, day);
            fact.actual_starts_on = day.filter(|_| confirmed);
            fact.permitted = after % 2 == 0;
            fact
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any facts make a return whose tables sum, in any order the same, and whose months sum to the year.
    #[test]
    fn months_sum_to_the_year_in_both_windows(facts in proptest::collection::vec(any_fact(), 0..40)) {
        let mut facts = facts;
        facts.sort_by_key(|fact| fact.id);
        facts.dedup_by_key(|fact| fact.id);
        for window in Window::ALL {
            let get = |label: &str| report(&facts, label, *window, "2026-06-30").unwrap();
            let year = get("2025");
            let months: Vec<_> = (1..=12).map(|month| get(&format!("2025-{month:02}"))).collect();
            let sum = |figure: fn(&Return) -> u64| months.iter().map(figure).sum::<u64>();
            prop_assert_eq!(sum(|form| form.totals.inbound_delegations), year.totals.inbound_delegations);
            prop_assert_eq!(sum(|form| form.totals.visits), year.totals.visits);
            prop_assert_eq!(sum(|form| form.totals.outbound_delegations), year.totals.outbound_delegations);
            prop_assert_eq!(months[11].overview[1].cumulative, year.totals.visits);
            prop_assert!(year.totals.distinct_persons <= year.totals.visits);
        }
        let form = report(&facts, "2025", Window::Calendar, "2026-06-30").unwrap();
        facts.reverse();
        prop_assert_eq!(form, report(&facts, "2025", Window::Calendar, "2026-06-30").unwrap());
    }
}

#[test]
fn visits_come_one_by_one_in_a_declared_order() {
    let mut fact = inbound(1);
    fact.groups = vec![group(1, None, 3, Some(3))];
    fact.members.insert(0, MemberFact { sort_key: "0000".into(), ..guest(999, "KR") });
    let form = november(&[fact]);
    let rows: Vec<_> = form.visits.iter().map(|row| (row.name.as_str(), row.visits, row.unnamed)).collect();
    let named = [("Guest 101", 1, false), ("Guest 999", 1, false), ("Guest 102", 1, false)];
    assert_eq!(rows[..3], named, "the head first, then by sort key");
    assert_eq!(rows[3], ("Khách chưa có tên", 3, true));
    assert_eq!(form.visits[0].role.as_ref().unwrap().code, MemberRole::Head.code());
}
