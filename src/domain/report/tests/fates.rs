//! Rules 1 and 3: what is a delegation, which fates count.

use super::fixture::{
    counted, figures, inbound, november, on, outbound, refused, report, said_of, unconfirmed,
};
use crate::domain::codes::{Attendance, Code, Origin, Outcome};
use crate::domain::dossier::State;
use crate::domain::report::count::Reason;
use crate::domain::report::facts::DelegationFact;
use crate::domain::report::{Return, Window};

fn notes(form: &Return) -> Vec<&str> {
    form.annex1.rows.iter().flat_map(|row| &row.notes).map(|note| note.code.as_str()).collect()
}

fn exceptions(form: &Return) -> Vec<&str> {
    form.annex6.iter().map(|row| row.exception.code.as_str()).collect()
}

#[test]
fn co_hosts_add_nothing() {
    let form = counted(DelegationFact { co_hosts: vec!["B".into(), "A".into()], ..inbound(1) }, 2);
    assert_eq!(form.annex1.rows[0].co_hosts, ["A", "B"]);
    let hosts = form.overview.iter().filter(|row| row.section == "lead_host");
    assert_eq!(hosts.map(|row| row.in_period).collect::<Vec<_>>(), [1], "only the lead host has a row");
}

#[test]
fn a_duplicate_adds_nothing_even_with_a_confirmed_arrival() {
    let duplicate = DelegationFact {
        outcome: Some(Outcome::Duplicate),
        duplicate_of: Some("DV-2025-0001".into()),
        ..inbound(2)
    };
    let form = november(&[inbound(1), duplicate.clone()]);
    assert_eq!(figures(&form), (1, 2, 2, 0));
    assert!(said_of(duplicate.clone()).text.contains("DV-2025-0001"));
    refused(duplicate, Reason::Duplicate);
    refused(DelegationFact { outcome: Some(Outcome::Duplicate), ..inbound(3) }, Reason::Duplicate);
}

#[test]
fn a_delegation_needs_a_lead_host_and_a_visit() {
    refused(DelegationFact { lead_host: None, ..inbound(1) }, Reason::NoLeadHost);
    let mut nobody = inbound(2);
    nobody.members.iter_mut().for_each(|member| member.attendance = Attendance::Absent);
    refused(nobody, Reason::NoVisit);
    let mut only_companions = inbound(3);
    only_companions.members.iter_mut().for_each(|member| member.nationality = Some("VN".into()));
    refused(only_companions, Reason::NoVisit);
}

#[test]
fn what_was_never_permitted_does_not_count() {
    let fates = [
        (State::Draft, Reason::Draft),
        (State::Submitted, Reason::Submitted),
        (State::Received, Reason::InProcess),
        (State::Returned, Reason::Returned),
        (State::Lapsed, Reason::Lapsed),
        (State::Rejected, Reason::Rejected),
        (State::Approved, Reason::NotPermitted),
        (State::Issued, Reason::NotPermitted),
        (State::Reported, Reason::NotPermitted),
        (State::Closed, Reason::NotPermitted),
        (State::Cancelled, Reason::Cancelled),
        (State::Revoked, Reason::RevokedBeforeArrival),
    ];
    assert_eq!(fates.len(), State::ALL.len());
    for (state, reason) in fates {
        refused(DelegationFact { permitted: false, permit: None, ..unconfirmed(1, state) }, reason);
    }
}

#[test]
fn a_confirmed_arrival_counts_whatever_the_state() {
    for state in State::ALL {
        counted(DelegationFact { permitted: false, permit: None, state: *state, ..inbound(1) }, 2);
    }
}

#[test]
fn a_revision_in_force_counts_while_the_next_is_pending_or_refused() {
    for state in
        [State::Draft, State::Submitted, State::Received, State::Returned, State::Rejected, State::Lapsed]
    {
        counted(unconfirmed(1, state), 2);
    }
}

#[test]
fn approved_or_issued_counts_only_once_the_permitted_day_has_come() {
    for state in [State::Approved, State::Issued] {
        let fact = DelegationFact { starts_on: on("2025-11-20"), ..unconfirmed(1, state) };
        let seen = |as_of| report(std::slice::from_ref(&fact), "2025-11", Window::Calendar, as_of).unwrap();
        let before = seen("2025-11-19");
        assert_eq!(figures(&before), (0, 0, 0, 0));
        assert_eq!(before.dossiers[0].reason, Some(Reason::NotArrived));
        let on_the_day = seen("2025-11-20");
        assert_eq!(figures(&on_the_day), (1, 2, 2, 0));
        assert_eq!(on_the_day.dossiers[0].text, "Được tính theo ngày cho phép");
        assert_eq!(notes(&on_the_day), ["unconfirmed"]);
        assert_eq!(on_the_day.notes.len(), 1, "the return says how many are presumed");
    }
}

#[test]
fn a_confirmed_arrival_after_the_closing_day_is_not_known_yet() {
    let form = report(&[inbound(1)], "2025-11", Window::Calendar, "2025-11-04").unwrap();
    assert_eq!((figures(&form), form.dossiers[0].reason), ((0, 0, 0, 0), Some(Reason::NotArrived)));
}

#[test]
fn cancelled_no_show_and_offline_do_not_count() {
    refused(unconfirmed(1, State::Cancelled), Reason::Cancelled);
    refused(
        DelegationFact { outcome: Some(Outcome::NoShow), ..unconfirmed(1, State::Issued) },
        Reason::NoShow,
    );
    let offline = DelegationFact { handled_offline: true, ..inbound(1) };
    refused(offline.clone(), Reason::HandledOffline);
    assert_eq!(november(&[offline]).notes, ["Không gồm 1 hồ sơ xử lý ngoài hệ thống."]);
    refused(
        DelegationFact { starts_on: on("2025-11-05"), ..unconfirmed(1, State::Cancelled) },
        Reason::Cancelled,
    );
}

#[test]
fn revoked_before_arrival_does_not_count_and_after_it_does() {
    let before = DelegationFact { revoked_on: on("2025-11-03"), ..unconfirmed(1, State::Revoked) };
    refused(before, Reason::RevokedBeforeArrival);
    let unknown = DelegationFact { revoked_on: on("2025-11-06"), ..unconfirmed(1, State::Revoked) };
    refused(unknown, Reason::RevokedUnconfirmed);
    let after = DelegationFact { state: State::Revoked, revoked_on: on("2025-11-06"), ..inbound(1) };
    assert_eq!(notes(&counted(after, 2)), ["revoked"]);
}

#[test]
fn arrived_without_permit_counts_and_stands_in_annex_6() {
    let form =
        counted(DelegationFact { permitted: false, permit: None, state: State::Received, ..inbound(1) }, 2);
    assert_eq!((notes(&form), exceptions(&form)), (vec!["no_permit"], vec!["unpermitted"]));
    assert_eq!(form.annex1.totals.permitted_guests, 0);

    let mut late = inbound(1);
    late.permit.as_mut().unwrap().date = on("2025-11-06");
    let form = counted(late, 2);
    assert_eq!((notes(&form), exceptions(&form)), (vec!["permit_after_arrival"], vec!["unpermitted"]));

    let form = counted(DelegationFact { permit: None, state: State::Approved, ..inbound(1) }, 2);
    assert_eq!(exceptions(&form), ["unpermitted"], "approved is not issued");
    let form = counted(DelegationFact { permit: None, origin: Origin::Ledger, ..inbound(1) }, 2);
    assert!(exceptions(&form).is_empty(), "a ledger was not decided here");
    let form = counted(DelegationFact { permit: None, origin: Origin::AfterTheFact, ..inbound(1) }, 2);
    assert_eq!(exceptions(&form), ["after_the_fact"]);
}

#[test]
fn annex_6_compares_permit_and_actual_and_reports_with_their_due_day() {
    let mut fact = DelegationFact { reported_on: on("2025-11-16"), ..inbound(1) };
    fact.members[1].attendance = Attendance::Absent;
    let form = counted(fact, 1);
    assert_eq!(exceptions(&form), ["permit_against_actual", "report_late"]);
    assert_eq!(form.annex6[0].detail, "theo phép 2, thực tế 1; vắng 1, thêm 0");
    assert!(
        exceptions(&counted(DelegationFact { reported_on: on("2025-11-15"), ..inbound(1) }, 2)).is_empty()
    );
    let missing = counted(DelegationFact { reported_on: None, ..inbound(1) }, 2);
    assert_eq!(exceptions(&missing), ["report_late"], "due on 15/11 and missing on 07/12");
}

#[test]
fn a_confidential_row_is_masked_but_in_the_totals() {
    for confidential in [false, true] {
        let secret = |mut fact: DelegationFact| {
            fact.confidential = confidential;
            fact.title = "Kín".into();
            fact.purpose = "Kín".into();
            fact.members.iter_mut().for_each(|member| {
                member.name = "Kín".into();
                member.position = "Kín".into();
            });
            fact.stays.iter_mut().for_each(|stay| stay.inviter = Some("Kín".into()));
            fact
        };
        let expected = DelegationFact { starts_on: on("2025-12-20"), ..unconfirmed(3, State::Issued) };
        let form = november(&[secret(inbound(1)), secret(outbound(2)), secret(expected)]);
        assert_eq!(figures(&form), (1, 2, 2, 1));
        assert_eq!((form.annex1.rows.len(), form.annex2.rows.len(), form.expected.len()), (1, 1, 1));
        let json = serde_json::to_string(&form).unwrap();
        assert_eq!(json.contains("Kín"), !confidential);
        assert_eq!(form.annex1.rows[0].title == "Không công khai", confidential);
    }
}
