//! A dossier of the data as the services take it: content, members, permit, report.

use chrono::NaiveDate;

use super::cast::Cast;
use super::data::{Day, Delegation, Member};
use super::plan::workday;
use crate::domain::codes::{Attendance, Channel, Direction, GuestBase, GuestKind, Leadership, Origin};
use crate::domain::delegation::{Content, Letter, Place, ProgrammeItem, Registration, UnnamedGroup};
use crate::service::course::{Attended, GroupCame, NewPaper, VisitReport};
use crate::service::members::{MemberView, NewMember};
use crate::startup::StartError;

/// The content of a dossier, when the open ones are counted from `start`.
pub(super) fn content(of: &Delegation, cast: &Cast, start: NaiveDate) -> Result<Content, StartError> {
    let day = |day: Option<Day>| day.map(|day| day.from(start));
    let hosts: Result<Vec<_>, StartError> = of.co_hosts.iter().map(|code| cast.organisation(code)).collect();
    let programme = of.programme.iter().map(|item| ProgrammeItem {
        starts_at: item.starts_at(start),
        what: item.what.clone(),
        place: Place { name: item.place.clone(), commune: item.commune.clone(), zone: item.zone },
        press_conference: false,
    });
    Ok(Content {
        direction: of.direction,
        title: of.title.clone(),
        purpose: of.purpose.clone(),
        primary_field: Some(of.primary_field),
        other_fields: Vec::new(),
        rank: Some(of.rank),
        channel: Some(of.channel),
        guest_base: of.guest_base.unwrap_or(GuestBase::Abroad),
        lead_host_id: Some(cast.organisation(&of.lead_host)?),
        co_host_ids: hosts?,
        partner_id: Some(cast.partner(&of.partner)?),
        countries: of.countries.clone(),
        arrives_on: day(of.arrives_on),
        departs_on: day(of.departs_on),
        enters_vn_on: day(of.enters_vn_on),
        entry_gate: of.entry_gate.clone(),
        leaves_vn_on: day(of.leaves_vn_on),
        programme: programme.collect(),
        stays: of.stays.clone(),
        funding: of.funding.clone(),
        groups: of.groups.iter().map(|group| UnnamedGroup { came: None, ..group.clone() }).collect(),
        request_letter: letter(of, start),
        contact: of.contact.clone(),
        press: Some(of.press),
        guest_kinds: match (of.direction, of.channel) {
            (Direction::Outbound, _) => Vec::new(),
            (_, Channel::State) => vec![GuestKind::Government],
            (_, Channel::Party) => vec![GuestKind::Party],
            (_, Channel::People) => vec![GuestKind::Friendship],
        },
        sensitive: Some(false),
        sponsored: None,
        ngo_registration: Registration::default(),
        urgent_reason: String::new(),
        head_level: None,
        training: None,
        plan: cast.plan_of(&of.key),
        gifts: of.gifts.clone(),
        interpreter: of.interpreter.clone(),
        lodging: String::new(),
        results: String::new(),
        decision_ref: String::new(),
        confidential: of.confidential,
        origin: of.origin,
        origin_reason: if of.origin == Origin::AfterTheFact { of.reason.clone() } else { String::new() },
    })
}

fn letter(of: &Delegation, start: NaiveDate) -> Letter {
    match &of.request_letter {
        Some(letter) => Letter {
            number: letter.number.clone(),
            date: Some(workday(letter.date.from(start))),
            people: None,
        },
        None => Letter::default(),
    }
}

/// The members who are announced.
pub(super) fn announced(of: &Delegation) -> Vec<NewMember> {
    of.members.iter().filter(|member| member.attendance != Some(Attendance::Added)).map(member).collect()
}

fn member(of: &Member) -> NewMember {
    NewMember {
        person_id: None,
        full_name: Some(of.full_name.clone()),
        native_name: of.native_name.clone(),
        sex: Some(of.sex),
        birth_date: Some(of.birth_date),
        nationality: Some(of.nationality.clone()),
        passport: Some(of.passport.clone()),
        position: Some(of.position.clone()),
        organisation: Some(of.organisation.clone()),
        role: of.role,
        visa: Some(of.visa),
        guest: None,
        managed_by: of.managed_by,
        in_decision: of.in_decision,
        decision_ref: None,
        leadership: of.managed_by.map(|_| Leadership::Neither),
        party_member: None,
        from_group: None,
    }
}

/// The paper that permits it, if there is one.
pub(super) fn permit(of: &Delegation, start: NaiveDate) -> Option<NewPaper> {
    let paper = of.issued.as_ref()?;
    Some(NewPaper {
        number: Some(paper.number.clone()),
        symbol: paper.symbol.clone(),
        date: workday(paper.date.from(start)),
        signer: paper.signer.clone(),
        forms: paper.forms.clone(),
        acting_for: None,
        valid_from: of.arrives_on.map(|day| day.from(start)),
        valid_to: of.departs_on.map(|day| day.from(start)),
        sha256: None,
        file_id: None,
        recipients: Vec::new(),
    })
}

/// The report of what really happened: who was absent, who came besides, how many of those without names.
pub(super) fn visit(of: &Delegation, listed: &[MemberView]) -> VisitReport {
    let attendance = |view: &MemberView| {
        of.members
            .iter()
            .find(|member| member.full_name == view.full_name)
            .and_then(|member| member.attendance)
    };
    let absent = listed.iter().filter(|view| attendance(view) == Some(Attendance::Absent));
    let new = |member: &&Member| {
        member.attendance == Some(Attendance::Added)
            && listed.iter().all(|view| view.full_name != member.full_name)
    };
    VisitReport {
        actual_arrives_on: of.actual_arrives_on,
        actual_departs_on: of.actual_departs_on,
        no_show: false,
        unpermitted: true,
        members: absent.map(|view| Attended { member_id: view.id, attendance: Attendance::Absent }).collect(),
        added: of.members.iter().filter(new).map(member).collect(),
        groups: of
            .groups
            .iter()
            .map(|group| GroupCame { came: group.came.unwrap_or(group.planned) })
            .collect(),
        results: String::new(),
    }
}
