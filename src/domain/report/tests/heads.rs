//! Rules 4 to 6: whose heads are visits.

use super::fixture::{counted, figures, group, guest, inbound, november, outbound, unconfirmed};
use crate::domain::codes::{Attendance, MemberRole};
use crate::domain::dossier::State;
use crate::domain::report::Return;
use crate::domain::report::facts::{DelegationFact, GroupFact, MemberFact};

fn with(members: Vec<MemberFact>, groups: Vec<GroupFact>) -> DelegationFact {
    DelegationFact { members, groups, ..inbound(1) }
}

/// (country, visits) of the overview.
fn nations(form: &Return) -> Vec<(&str, u64)> {
    let rows = form.overview.iter().filter(|row| row.section == "nationality");
    rows.map(|row| (row.id.as_str(), row.in_period)).collect()
}

#[test]
fn a_person_in_two_delegations_is_two_visits_and_one_person() {
    let mut again = inbound(2);
    again.members = vec![guest(101, "FR")];
    assert_eq!(figures(&november(&[inbound(1), again])), (2, 3, 2, 0));
}

#[test]
fn a_person_twice_in_one_delegation_is_one_visit() {
    let absent = MemberFact { attendance: Attendance::Absent, ..guest(1, "FR") };
    let companion = MemberFact { guest: false, ..guest(1, "FR") };
    let form = counted(with(vec![absent, companion, guest(1, "FR"), guest(1, "FR")], vec![]), 1);
    assert_eq!((form.totals.distinct_persons, form.annex1.totals.companions), (1, 0));
    assert_eq!(form.annex1.totals.permitted_guests, 1);
}

#[test]
fn absent_members_do_not_count_and_added_ones_do() {
    let absent = MemberFact { attendance: Attendance::Absent, ..guest(1, "FR") };
    let added = [2, 3].map(|no| MemberFact { attendance: Attendance::Added, ..guest(no, "FR") });
    let form = counted(with([vec![absent], added.into()].concat(), vec![]), 2);
    assert_eq!(form.annex1.totals.permitted_guests, 1, "who was absent was permitted, who was added was not");
}

#[test]
fn vietnamese_companions_have_their_own_column() {
    let interpreter = |no, nationality: &str, guest: bool| MemberFact {
        role: MemberRole::Interpreter,
        guest,
        ..super::fixture::guest(no, nationality)
    };
    let form = counted(with(vec![guest(1, "FR"), interpreter(2, "VN", false)], vec![]), 1);
    assert_eq!(form.annex1.totals.companions, 1);
    let form = counted(with(vec![guest(1, "FR"), interpreter(2, "VN", true)], vec![]), 1);
    assert_eq!((form.annex1.totals.companions, nations(&form)), (1, vec![("FR", 1)]), "by the passport used");
    let form = counted(with(vec![guest(1, "FR"), interpreter(2, "FR", true)], vec![]), 2);
    assert_eq!(form.annex1.totals.companions, 0, "a foreign interpreter counts");
    let form = counted(with(vec![guest(1, "FR"), interpreter(2, "FR", false)], vec![]), 1);
    assert_eq!(form.annex1.totals.companions, 1, "local consulate staff does not count");
}

#[test]
fn spouses_reporters_and_children_of_guests_count() {
    let roles = [MemberRole::Press, MemberRole::Companion, MemberRole::Interpreter, MemberRole::Head];
    let members = (1..).zip(roles).map(|(no, role)| MemberFact { role, ..guest(no, "FR") }).collect();
    counted(with(members, vec![]), 4);
}

#[test]
fn stateless_and_unknown_are_rows_of_their_own_after_the_countries() {
    let unknown = MemberFact { nationality: None, ..guest(3, "FR") };
    let members = vec![unknown, guest(1, "XXA"), guest(2, "ZW"), guest(4, "AU")];
    let form = counted(with(members, vec![]), 4);
    assert_eq!(nations(&form), [("AU", 1), ("ZW", 1), ("XXA", 1), ("XXX", 1)]);
    let labels: Vec<_> = form.overview.iter().filter(|row| row.section == "nationality").collect();
    assert_eq!((labels[2].label.as_str(), labels[3].label.as_str()), ("Không quốc tịch", "Chưa rõ"));
}

#[test]
fn an_unnamed_group_counts_as_planned_until_it_counts_as_came() {
    counted(with(vec![], vec![group(1, Some("KR"), 20, None)]), 20);
    let form = counted(with(vec![], vec![group(1, Some("KR"), 20, Some(17))]), 17);
    assert_eq!(form.annex1.totals.permitted_guests, 20);
    assert_eq!(form.totals.distinct_persons, 17, "each unnamed guest is a person of his own");
    let form = counted(with(vec![guest(1, "KR")], vec![group(1, None, 3, None)]), 4);
    assert_eq!(nations(&form), [("KR", 1), ("XXX", 3)]);
    let form = counted(with(vec![guest(1, "KR")], vec![group(1, Some("VN"), 3, None)]), 1);
    assert_eq!(form.annex1.totals.companions, 3, "unnamed Vietnamese are no visits");
    counted(with(vec![guest(1, "KR")], vec![group(1, Some("KR"), 3, Some(0))]), 1);
}

#[test]
fn naming_somebody_never_changes_the_total() {
    for came in [None, Some(8)] {
        let all = group(7, Some("KR"), 10, came);
        let total = u64::from(came.unwrap_or(10));
        let before = counted(with(vec![], vec![all.clone()]), total);
        for named in 1..=3_u128 {
            let of_group = |no| MemberFact { group: Some(7), ..guest(no, "KR") };
            let members: Vec<_> = (1..=named).map(of_group).collect();
            let after = counted(with(members, vec![all.clone()]), total);
            assert_eq!(after.totals, before.totals);
            assert_eq!(after.annex1.totals, before.annex1.totals);
            // the other way of keeping it: the store takes the named out of the group's numbers
            let less = |count: u32| count - u32::try_from(named).unwrap();
            let rest = GroupFact { planned: less(10), came: came.map(less), ..all.clone() };
            let members = (1..=named).map(|no| guest(no, "KR")).collect();
            let after = counted(with(members, vec![rest]), total);
            assert_eq!((after.totals, after.annex1.totals), (before.totals, before.annex1.totals));
        }
    }
}

#[test]
fn a_named_guest_who_stayed_away_is_not_taken_from_those_who_came() {
    let absent = MemberFact { group: Some(7), attendance: Attendance::Absent, ..guest(1, "KR") };
    counted(with(vec![absent], vec![group(7, Some("KR"), 10, Some(8))]), 8);
}

#[test]
fn before_the_report_members_are_presumed_to_come() {
    counted(unconfirmed(1, State::Issued), 2);
    let mut fact = unconfirmed(1, State::Issued);
    fact.members[1].attendance = Attendance::Absent;
    counted(fact, 1);
}

#[test]
fn an_estimate_keeps_its_exact_number_and_is_marked() {
    let estimate = GroupFact { estimate: true, ..group(1, Some("KR"), 40, Some(40)) };
    let form = counted(with(vec![guest(1, "FR")], vec![estimate]), 41);
    assert!(form.annex1.rows[0].estimate);
    assert!(!november(&[inbound(1)]).annex1.rows[0].estimate);
}

#[test]
fn members_of_outbound_delegations_are_never_visits() {
    let form = november(&[outbound(1)]);
    assert_eq!(figures(&form), (0, 0, 0, 1));
    assert!(form.visits.is_empty());
}
