//! Small delegations to change one thing of.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::domain::codes::{
    Attendance, Channel, Code, Direction, Field, Lang, MemberRole, Origin, Payer, Rank,
};
use crate::domain::dossier::State;
use crate::domain::ids::{DossierId, OrganisationId, PersonId};
use crate::domain::report::count::Reason;
use crate::domain::report::facts::{
    DelegationFact, FundingFact, GroupFact, Host, MemberFact, Paper, StayFact,
};
use crate::domain::report::form::{DossierRow, Totals};
use crate::domain::report::period::Kind;
use crate::domain::report::{Meta, Period, ReportError, Return, Window, build};

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn on(text: &str) -> Option<NaiveDate> {
    (!text.is_empty()).then(|| day(text))
}

pub(crate) fn guest(person: u128, nationality: &str) -> MemberFact {
    MemberFact {
        person_id: PersonId(Uuid::from_u128(person)),
        name: format!("Guest {person}"),
        sort_key: format!("{person:04}"),
        nationality: Some(nationality.into()),
        guest: true,
        role: MemberRole::Member,
        attendance: Attendance::Came,
        in_decision: true,
        position: "Director".into(),
        group: None,
    }
}

pub(crate) fn group(no: u128, country: Option<&str>, planned: u32, came: Option<u32>) -> GroupFact {
    GroupFact {
        id: usize::try_from(no).unwrap(),
        country: country.map(Into::into),
        planned,
        came,
        estimate: false,
    }
}

fn paper(number: &str) -> Paper {
    Paper {
        number: number.into(),
        symbol: Some("UBND-ĐN".into()),
        date: on("2025-10-20"),
        signer: Some("Trần Văn Bình".into()),
    }
}

/// Permitted for and arrived on 05/11/2025, two French guests.
pub(crate) fn inbound(no: u128) -> DelegationFact {
    DelegationFact {
        id: DossierId(Uuid::from_u128(no)),
        code: Some(format!("DV-2025-{no:04}")),
        direction: Direction::Inbound,
        title: format!("Delegation {no}"),
        state: State::Closed,
        outcome: None,
        origin: Origin::System,
        confidential: false,
        handled_offline: false,
        plan: None,
        duplicate_of: None,
        permitted: true,
        permit: Some(paper("5")),
        request_letter: Some(paper("12")),
        starts_on: on("2025-11-05"),
        ends_on: on("2025-11-08"),
        enters_vn_on: on("2025-11-04"),
        leaves_vn_on: on("2025-11-09"),
        actual_starts_on: on("2025-11-05"),
        actual_ends_on: on("2025-11-08"),
        purpose: "Trao học bổng".into(),
        primary_field: Some(Field::Education),
        rank: Some(Rank::C),
        channel: Some(Channel::People),
        countries: vec!["FR".into()],
        lead_host: Some(Host {
            id: OrganisationId(Uuid::from_u128(1)),
            name: "Liên hiệp các tổ chức hữu nghị".into(),
            sort_key: "lien hiep".into(),
        }),
        co_hosts: vec![],
        members: vec![
            MemberFact { role: MemberRole::Head, ..guest(no * 100 + 1, "FR") },
            guest(no * 100 + 2, "FR"),
        ],
        groups: vec![],
        stays: vec![],
        funding: vec![],
        decision_ref: None,
        reported_on: on("2025-11-10"),
        report_due_on: on("2025-11-15"),
        passports_returned_on: None,
        revoked_on: None,
        exceptions: vec![],
        broken: vec![],
        checked: None,
    }
}

/// Not confirmed yet.
pub(crate) fn unconfirmed(no: u128, state: State) -> DelegationFact {
    let mut fact = DelegationFact { state, actual_starts_on: None, actual_ends_on: None, ..inbound(no) };
    fact.members.iter_mut().for_each(|member| member.attendance = Attendance::Unknown);
    fact
}

/// Left Vietnam on 10/11/2025 for France and Germany, two people.
pub(crate) fn outbound(no: u128) -> DelegationFact {
    let stay = |country: &str, from, to| StayFact {
        country: country.into(),
        from: on(from),
        to: on(to),
        inviter: Some("Ville de Nice".into()),
    };
    let cost = |payer, minor, currency: &str| FundingFact { payer, minor, currency: currency.into() };
    DelegationFact {
        code: Some(format!("DR-2025-{no:04}")),
        direction: Direction::Outbound,
        leaves_vn_on: on("2025-11-10"),
        enters_vn_on: on("2025-11-20"),
        starts_on: on("2025-11-11"),
        ends_on: on("2025-11-19"),
        actual_starts_on: on("2025-11-10"),
        actual_ends_on: on("2025-11-20"),
        stays: vec![stay("FR", "2025-11-11", "2025-11-15"), stay("DE", "2025-11-15", "2025-11-19")],
        funding: vec![
            cost(Payer::State, 120_000_000, "VND"),
            cost(Payer::Host, 300_050, "USD"),
            cost(Payer::State, 5_000_000, "VND"),
        ],
        decision_ref: Some("1234/QĐ-UBND".into()),
        passports_returned_on: on("2025-11-24"),
        ..inbound(no)
    }
}

/// A return with everything but language and dates at its usual value.
pub(crate) fn report(
    facts: &[DelegationFact],
    label: &str,
    window: Window,
    as_of: &str,
) -> Result<Return, ReportError> {
    let kind = Kind::ALL.iter().copied().find(|kind| Period::parse_label(*kind, label).is_ok());
    let period = Period::parse_label(kind.unwrap(), label).unwrap();
    let names = |code: &str| format!("Nước {code}");
    let meta = Meta { organisation: "Sở Ngoại vụ thành phố Cần Thơ".into(), ..Meta::default() };
    build(facts, period, window, day(as_of), &names, Lang::Vi, meta)
}

/// November 2025 by the calendar, as of 07/12/2025.
pub(crate) fn november(facts: &[DelegationFact]) -> Return {
    report(facts, "2025-11", Window::Calendar, "2025-12-07").unwrap()
}

/// (delegations in, visits, distinct persons, delegations out).
pub(crate) fn figures(form: &Return) -> (u64, u64, u64, u64) {
    let Totals { inbound_delegations, visits, distinct_persons, outbound_delegations } = form.totals;
    (inbound_delegations, visits, distinct_persons, outbound_delegations)
}

/// What November says of the only dossier.
pub(crate) fn said_of(fact: DelegationFact) -> DossierRow {
    let form = november(&[fact]);
    assert_eq!(form.dossiers.len(), 1, "each dossier of the period is listed");
    form.dossiers.into_iter().next().unwrap()
}

/// Asserts that a dossier adds nothing and why.
pub(crate) fn refused(fact: DelegationFact, reason: Reason) {
    let row = said_of(fact.clone());
    assert_eq!((row.counted, row.reason, row.visits), (false, Some(reason), 0));
    assert!(row.text.starts_with("Không tính, vì "), "{}", row.text);
    assert_eq!(figures(&november(&[fact])), (0, 0, 0, 0));
}

/// Asserts that a dossier counts as one delegation with so many visits.
pub(crate) fn counted(fact: DelegationFact, visits: u64) -> Return {
    let form = november(&[fact]);
    assert_eq!((form.totals.inbound_delegations, form.totals.visits), (1, visits));
    assert_eq!(form.dossiers.iter().filter(|row| row.counted).count(), 1);
    form
}
