//! What the return must know of one dossier, filled by the store from the revision in force and from what
//! really happened. Nothing here is computed: the rules of counting are in `count.rs`.
//!
//! Countries are ISO 3166-1 alpha-2 codes, besides [`STATELESS`] and [`UNKNOWN`]; days are local days of
//! `Asia/Ho_Chi_Minh`; money is in minor units of its currency.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::codes::{
    Attendance, Channel, Direction, Field, MemberRole, Origin, Outcome, Payer, PlanStatus, Rank, codes,
};
use crate::domain::dossier::State;
use crate::domain::ids::{DossierId, OrganisationId, PersonId, PlanItemId};
use crate::domain::rulebook::Said;

/// The home country: its nationals are never visits (practice 5.4).
pub const HOME: &str = "VN";
/// A stateless person (ICAO 9303): an own row.
pub const STATELESS: &str = "XXA";
/// Nationality not known, "Chưa rõ" (ICAO 9303).
pub const UNKNOWN: &str = "XXX";

codes! {
    /// Why a dossier stands in annex 6. The first four are found here, the others are told by the store.
    Exception {
        /// Counted without a numbered permit, or with one dated after the arrival.
        Unpermitted = "unpermitted",
        /// Registered after the visit (đón trước, báo sau).
        AfterTheFact = "after_the_fact",
        /// As many came as were not permitted, or the other way round.
        PermitAgainstActual = "permit_against_actual",
        /// The result report came after its due day, or is due and missing.
        ReportLate = "report_late",
        /// Filed later than the lead time asks.
        FiledLate = "filed_late",
        /// A rule was overridden.
        Overridden = "overridden",
        /// A rule of law, or one that the city has confirmed, was not kept.
        Violated = "violated",
        /// Decided by a substitute under a mandate.
        ByMandate = "by_mandate",
        /// Changed after approval.
        ChangedAfterApproval = "changed_after_approval",
        /// An opinion was recorded on behalf of a body without accounts.
        OpinionOnBehalf = "opinion_on_behalf",
    }
}

/// A numbered paper: the permit, the request letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = report::Paper)]
pub struct Paper {
    /// The number as registered; `5` is printed as `05`.
    pub number: String,
    /// The symbol after the number, such as `UBND-ĐN`.
    pub symbol: Option<String>,
    /// The day on the paper.
    pub date: Option<NaiveDate>,
    /// Who signed it.
    pub signer: Option<String>,
}

/// The one body that receives the delegation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Which body.
    pub id: OrganisationId,
    /// Its name as printed.
    pub name: String,
    /// Its place in Vietnamese alphabetical order.
    pub sort_key: String,
}

/// A person in a delegation, by the revision in force and the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberFact {
    /// The person, after merging of doubles.
    pub person_id: PersonId,
    /// The name as printed.
    pub name: String,
    /// Its place in Vietnamese alphabetical order.
    pub sort_key: String,
    /// Nationality of the passport used; `None` is unknown.
    pub nationality: Option<String>,
    /// A guest; `false` for a companion: interpreter, escort, driver, local consulate or NGO staff.
    pub guest: bool,
    /// Place in the delegation.
    pub role: MemberRole,
    /// What the report says.
    pub attendance: Attendance,
    /// Outbound: named in the decision (trong QĐ).
    pub in_decision: bool,
    /// Position at that time.
    pub position: String,
    /// The unnamed group of which this person was named and is still a part of its numbers.
    /// `None` where the store takes a named person out of `planned` and `came`.
    pub group: Option<usize>,
}

/// Guests without names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupFact {
    /// Which group.
    pub id: usize,
    /// Their nationality; `None` is unknown.
    pub country: Option<String>,
    /// How many the permit allows.
    pub planned: u32,
    /// How many came, once reported.
    pub came: Option<u32>,
    /// The number is an estimate and prints "hơn".
    pub estimate: bool,
}

/// A stay of an outbound delegation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StayFact {
    /// The country.
    pub country: String,
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub to: Option<NaiveDate>,
    /// Who invites.
    pub inviter: Option<String>,
}

/// A part of an outbound delegation's cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundingFact {
    /// Who pays.
    pub payer: Payer,
    /// Minor units of the currency (VND has none: 1 = 1 đồng).
    pub minor: i64,
    /// ISO 4217.
    pub currency: String,
}

/// How a dossier stands to the annual plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanFact {
    /// In it, outside of it, or in place of an item.
    pub status: PlanStatus,
    /// The item.
    pub item: Option<PlanItemId>,
}

/// An item of an annual plan that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedFact {
    /// Which.
    pub id: PlanItemId,
    /// Of which year's plan.
    pub year: i32,
}

/// One dossier, as the return sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegationFact {
    /// The dossier.
    pub id: DossierId,
    /// `DV-2025-0001`; a draft has none.
    pub code: Option<String>,
    /// In or out.
    pub direction: Direction,
    /// Title of the delegation.
    pub title: String,
    /// State of the dossier.
    pub state: State,
    /// No-show or duplicate.
    pub outcome: Option<Outcome>,
    /// How the dossier came into the system.
    pub origin: Origin,
    /// In the totals, but its row is masked.
    pub confidential: bool,
    /// Handled outside the system: never counted, said in a note.
    pub handled_offline: bool,
    /// Code of the dossier that this one repeats.
    pub duplicate_of: Option<String>,
    /// An approved revision is, or until cancellation or revocation was, in force.
    pub permitted: bool,
    /// The numbered permit, once issued.
    pub permit: Option<Paper>,
    /// The request letter.
    pub request_letter: Option<Paper>,
    /// How it stands to its organisation's annual plan.
    pub plan: Option<PlanFact>,
    /// Permitted first day. Inbound: arrival in the city. Outbound: departure.
    pub starts_on: Option<NaiveDate>,
    /// Permitted last day. Inbound: departure from the city. Outbound: return.
    pub ends_on: Option<NaiveDate>,
    /// Permitted entry into Vietnam (inbound), return to Vietnam (outbound).
    pub enters_vn_on: Option<NaiveDate>,
    /// Permitted departure from Vietnam.
    pub leaves_vn_on: Option<NaiveDate>,
    /// Confirmed first day. Inbound: arrival in the city. Outbound: departure from Vietnam.
    pub actual_starts_on: Option<NaiveDate>,
    /// Confirmed last day. Inbound: departure from the city. Outbound: return to Vietnam.
    pub actual_ends_on: Option<NaiveDate>,
    /// Purpose.
    pub purpose: String,
    /// The one field that counts.
    pub primary_field: Option<Field>,
    /// Rank of the delegation.
    pub rank: Option<Rank>,
    /// Channel of the delegation.
    pub channel: Option<Channel>,
    /// Countries of the guests (inbound).
    pub countries: Vec<String>,
    /// The one lead host (inbound), the sending body (outbound).
    pub lead_host: Option<Host>,
    /// Names of the co-hosts: they add nothing.
    pub co_hosts: Vec<String>,
    /// Everybody with a name.
    pub members: Vec<MemberFact>,
    /// Everybody without.
    pub groups: Vec<GroupFact>,
    /// Outbound: where to.
    pub stays: Vec<StayFact>,
    /// Outbound: who pays what.
    pub funding: Vec<FundingFact>,
    /// Outbound: the decision, as printed.
    pub decision_ref: Option<String>,
    /// Day of the result report.
    pub reported_on: Option<NaiveDate>,
    /// Day on which it is due.
    pub report_due_on: Option<NaiveDate>,
    /// Outbound: day on which the passports were handed back.
    pub passports_returned_on: Option<NaiveDate>,
    /// Day of the revocation.
    pub revoked_on: Option<NaiveDate>,
    /// Exceptions that only the approval knows of, with what is said of them; empty for nothing.
    pub exceptions: Vec<(Exception, String)>,
    /// Rules that a submission did not keep: how they are listed, and the rule's id.
    pub broken: Vec<(Exception, String)>,
    /// What the rules said of the round that counts; `None` of what was never submitted here.
    pub checked: Option<CheckedFact>,
}

/// What the rules said of a round.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckedFact {
    /// The round.
    pub revision: i32,
    /// The version of the rulebook under which it was judged.
    pub rulebook_version: i32,
    /// What each rule said that concerned it, in order of id.
    pub said: Vec<Said>,
    /// How rules were passed by.
    pub overrides: Vec<OverrideFact>,
}

/// A rule that was passed by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverrideFact {
    /// The rule's id.
    pub rule: String,
    /// Who asked.
    pub asked_by: String,
    /// Why.
    pub reason: String,
    /// Who granted it.
    pub granted_by: Vec<String>,
}

/// What people read of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// Its title.
    pub title: String,
    /// Its legal basis, as it is cited.
    pub citation: String,
    /// Whether it only tells something: then not keeping it is no failure.
    pub tells: bool,
}

/// The words of rules (by version of the rulebook, and id) and of facts (by name) that a self-check speaks of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wordings {
    /// Of rules.
    pub rules: BTreeMap<i32, BTreeMap<String, Wording>>,
    /// Of facts.
    pub facts: BTreeMap<String, String>,
}

impl DelegationFact {
    /// The permitted day that stands for the period day until a confirmation comes.
    #[must_use]
    pub fn permitted_day(&self) -> Option<NaiveDate> {
        match self.direction {
            Direction::Inbound => self.starts_on,
            Direction::Outbound => self.leaves_vn_on.or(self.starts_on),
        }
    }

    /// The day that counts: confirmed, else permitted.
    #[must_use]
    pub fn period_day(&self) -> Option<NaiveDate> {
        self.actual_starts_on.or_else(|| self.permitted_day())
    }

    /// The last day that is permitted.
    #[must_use]
    pub fn permitted_last_day(&self) -> Option<NaiveDate> {
        match self.direction {
            Direction::Inbound => self.ends_on,
            Direction::Outbound => self.enters_vn_on.or(self.ends_on),
        }
    }

    /// The last day: confirmed, else permitted.
    #[must_use]
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.actual_ends_on.or(self.permitted_last_day())
    }
}
