//! The rules of counting (practice 5): whether a dossier counts, on which day, and whose heads.
//! Knows nothing of periods: a counted dossier has one day, and the period that holds the day has all of it.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::facts::{DelegationFact, GroupFact, HOME, MemberFact, UNKNOWN};
use crate::domain::codes::{Attendance, Direction, MemberRole, Outcome, codes};
use crate::domain::dossier::State;
use crate::domain::ids::PersonId;

codes! {
    /// Why a dossier is not counted.
    Reason {
        HandledOffline = "handled_offline",
        Duplicate = "duplicate",
        NoShow = "no_show",
        Cancelled = "cancelled",
        RevokedBeforeArrival = "revoked_before_arrival",
        RevokedUnconfirmed = "revoked_unconfirmed",
        Draft = "draft",
        Submitted = "submitted",
        InProcess = "in_process",
        Returned = "returned",
        Lapsed = "lapsed",
        Rejected = "rejected",
        NotPermitted = "not_permitted",
        NoDate = "no_date",
        NotArrived = "not_arrived",
        NoLeadHost = "no_lead_host",
        NoVisit = "no_visit",
        /// It counts, but in the period of its actual day.
        OtherPeriod = "other_period",
    }
}

/// What becomes of a dossier in the return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Counted on this day.
    Counted {
        /// The period day (rule 2).
        day: NaiveDate,
        /// Whether it is the confirmed day; `false` is the permitted one.
        confirmed: bool,
    },
    /// Not counted, because ...
    NotCounted {
        /// The first reason that applies.
        reason: Reason,
        /// The day on which it would have counted, if it has one.
        day: Option<NaiveDate>,
    },
}

type Applies = fn(&DelegationFact, &Heads<'_>, NaiveDate) -> bool;

/// The reasons in the order in which they are tried; what happened to the dossier comes before what it lacks.
/// A confirmed day counts whatever the state (model 1), so the states only matter to the unconfirmed.
const REASONS: &[(Reason, Applies)] = &[
    (Reason::HandledOffline, |f, _, _| f.handled_offline),
    (Reason::Duplicate, |f, _, _| f.outcome == Some(Outcome::Duplicate) || f.duplicate_of.is_some()),
    (Reason::NoShow, |f, _, _| f.outcome == Some(Outcome::NoShow)),
    (Reason::Cancelled, |f, _, _| unconfirmed(f, State::Cancelled)),
    (Reason::RevokedUnconfirmed, |f, _, _| {
        unconfirmed(f, State::Revoked) && f.revoked_on.is_some_and(|day| Some(day) > f.permitted_day())
    }),
    (Reason::RevokedBeforeArrival, |f, _, _| unconfirmed(f, State::Revoked)),
    (Reason::Draft, |f, _, _| unpermitted(f) && f.state == State::Draft),
    (Reason::Submitted, |f, _, _| unpermitted(f) && f.state == State::Submitted),
    (Reason::InProcess, |f, _, _| unpermitted(f) && f.state == State::Received),
    (Reason::Returned, |f, _, _| unpermitted(f) && f.state == State::Returned),
    (Reason::Lapsed, |f, _, _| unpermitted(f) && f.state == State::Lapsed),
    (Reason::Rejected, |f, _, _| unpermitted(f) && f.state == State::Rejected),
    (Reason::NotPermitted, |f, _, _| unpermitted(f)),
    (Reason::NoDate, |f, _, _| f.period_day().is_none()),
    (Reason::NotArrived, |f, _, as_of| f.period_day().is_some_and(|day| day > as_of)),
    (Reason::NoLeadHost, |f, _, _| f.direction == Direction::Inbound && f.lead_host.is_none()),
    (Reason::NoVisit, |f, heads, _| f.direction == Direction::Inbound && heads.visits() == 0),
];

fn unconfirmed(fact: &DelegationFact, state: State) -> bool {
    fact.actual_starts_on.is_none() && fact.state == state
}

fn unpermitted(fact: &DelegationFact) -> bool {
    fact.actual_starts_on.is_none() && !fact.permitted
}

/// Whether the dossier with these heads counts as of the given local day, and on which day.
#[must_use]
pub fn verdict(fact: &DelegationFact, heads: &Heads<'_>, as_of: NaiveDate) -> Verdict {
    let day = fact.period_day();
    let reason = REASONS.iter().find(|(_, applies)| applies(fact, heads, as_of)).map(|(reason, _)| *reason);
    match (reason, day) {
        (None, Some(day)) => Verdict::Counted { day, confirmed: fact.actual_starts_on.is_some() },
        (reason, day) => Verdict::NotCounted { reason: reason.unwrap_or(Reason::NoDate), day },
    }
}

/// One visit, or the unnamed rest of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit<'a> {
    /// The person, if named.
    pub person: Option<&'a MemberFact>,
    /// Nationality, [`super::facts::STATELESS`] or [`UNKNOWN`].
    pub country: &'a str,
    /// How many.
    pub count: u64,
    /// The count is an estimate.
    pub estimate: bool,
}

/// Everybody of one delegation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heads<'a> {
    /// The visits (rule 4), persons before groups; none for outbound delegations.
    pub list: Vec<Visit<'a>>,
    /// Guests that the permit allows.
    pub permitted: u64,
    /// Who came besides and is no visit (rule 5): the column "Người VN đi cùng".
    pub companions: u64,
    /// Outbound: who travels, in the decision and outside of it.
    pub in_decision: u64,
    /// Outbound: who travels outside the decision.
    pub outside_decision: u64,
}

impl Heads<'_> {
    /// Number of visits.
    #[must_use]
    pub fn visits(&self) -> u64 {
        self.list.iter().map(|visit| visit.count).sum()
    }

    /// Whether an estimate is among them, so that the number prints "hơn".
    #[must_use]
    pub fn estimate(&self) -> bool {
        self.list.iter().any(|visit| visit.estimate)
    }
}

/// Counts the heads of a dossier, whether it counts or not.
#[must_use]
pub fn heads(fact: &DelegationFact) -> Heads<'_> {
    match fact.direction {
        Direction::Inbound => guests(fact),
        Direction::Outbound => travellers(fact),
    }
}

/// Who came, or is presumed to until the report says otherwise.
fn came(member: &MemberFact) -> bool {
    member.attendance != Attendance::Absent
}

fn nationality(member: &MemberFact) -> &str {
    member.nationality.as_deref().unwrap_or(UNKNOWN)
}

/// A person who is a visit if he or she comes.
fn is_guest(member: &MemberFact) -> bool {
    member.guest && nationality(member) != HOME
}

/// The members in a fixed order, each person once: who came before who did not, guests before companions.
fn once_each(fact: &DelegationFact) -> Vec<&MemberFact> {
    let mut members: Vec<_> = fact.members.iter().collect();
    members.sort_by_key(|m| (!came(m), !is_guest(m), m.role != MemberRole::Head, &m.sort_key, m.person_id));
    let mut seen: BTreeSet<PersonId> = BTreeSet::new();
    members.retain(|member| seen.insert(member.person_id));
    members
}

fn guests(fact: &DelegationFact) -> Heads<'_> {
    let mut found = Heads::default();
    let members = once_each(fact);
    for member in members.iter().copied().filter(|member| came(member)) {
        if is_guest(member) {
            let country = nationality(member);
            found.list.push(Visit { person: Some(member), country, count: 1, estimate: false });
        } else {
            found.companions += 1;
        }
    }
    let mut groups: Vec<_> = fact.groups.iter().collect();
    groups.sort_by_key(|group| group.id);
    for group in groups {
        let count = unnamed(group, &members);
        let country = group.country.as_deref().unwrap_or(UNKNOWN);
        if country == HOME {
            found.companions += count;
        } else if count > 0 {
            found.list.push(Visit { person: None, country, count, estimate: group.estimate });
        }
    }
    found.permitted = permitted(fact, &members);
    found
}

/// How many guests of a group were named.
fn named(group: &GroupFact, members: &[&MemberFact], only_came: bool) -> u64 {
    let of_group = members.iter().filter(|member| member.group == Some(group.id) && is_guest(member));
    of_group.filter(|member| !only_came || came(member)).map(|_| 1).sum()
}

/// The rest of a group that has no names (rule 6): `came`, or before the report `planned`, less who was named.
fn unnamed(group: &GroupFact, members: &[&MemberFact]) -> u64 {
    match group.came {
        Some(all) => u64::from(all).saturating_sub(named(group, members, true)),
        None => u64::from(group.planned).saturating_sub(named(group, members, false)),
    }
}

/// Guests by the permit: none without one; a group with all that it may have, named or not.
fn permitted(fact: &DelegationFact, members: &[&MemberFact]) -> u64 {
    if !fact.permitted {
        return 0;
    }
    let guests = members.iter().filter(|member| is_guest(member) && member.attendance != Attendance::Added);
    let in_group = |member: &MemberFact| fact.groups.iter().any(|group| member.group == Some(group.id));
    let single: u64 = guests.filter(|member| !in_group(member)).map(|_| 1).sum();
    let foreign = fact.groups.iter().filter(|group| group.country.as_deref() != Some(HOME));
    single + foreign.map(|group| u64::from(group.planned)).sum::<u64>()
}

fn travellers(fact: &DelegationFact) -> Heads<'_> {
    let members = once_each(fact);
    let travelling = || members.iter().filter(|member| came(member));
    let groups: u64 = fact.groups.iter().map(|group| unnamed(group, &members)).sum();
    Heads {
        in_decision: travelling().filter(|member| member.in_decision).map(|_| 1).sum::<u64>() + groups,
        outside_decision: travelling().filter(|member| !member.in_decision).map(|_| 1).sum(),
        ..Heads::default()
    }
}
