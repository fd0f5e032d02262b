//! A rule as data: to what it applies, what it demands, how strictly, on which legal basis, and when it is in force.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::matcher::Matcher;
use crate::domain::access::Role;
use crate::domain::approval::{Place, Term};
use crate::domain::calendar::Unit;
use crate::domain::codes::{HeadLevel, Payer, codes};
use crate::domain::file::FileKind;
use crate::domain::obligation::{ObligationKind, Proof};

codes! {
    /// How strictly a rule is meant.
    Severity {
        /// It stops the command, unless overridden.
        Block = "block",
        /// It is shown and counted, and stops nothing.
        Warn = "warn",
        /// It tells something.
        Info = "info",
    }
    /// Whose rule it is.
    Status {
        /// A national text.
        Law = "LAW",
        /// Another province's or body's text, as an example.
        Local = "LOCAL",
        /// A sensible value of ours, which the city must confirm.
        Default = "DEFAULT",
    }
    /// How well its source is known (`rulebook-facts.md`).
    Confidence {
        /// The text itself was read.
        F1 = "F1",
        /// A secondary source only.
        F2 = "F2",
        /// General knowledge.
        M = "M",
        /// Uncertain: never a fact, only a default.
        U = "U",
    }
    /// Which date selects the version of a rule that holds.
    SelectedBy {
        /// The day of filing: rules of procedure.
        Filing = "filing",
        /// The first day of the visit or trip: obligations.
        Event = "event",
    }
    /// A day or instant of a delegation from which terms are counted.
    Anchor {
        /// First day in the city.
        Arrival = "arrival",
        /// Last day in the city.
        Departure = "departure",
        /// Entry into Vietnam.
        Entry = "entry",
        /// Leaving Vietnam, outbound.
        Leaving = "leaving",
        /// Return to Vietnam, outbound.
        Return = "return",
        /// Issue of the permit.
        Issue = "issue",
        /// Each press conference of the programme.
        PressConference = "press_conference",
        /// The first programme item of each day in the sea-border area.
        SeaBorderItem = "sea_border_item",
        /// The first programme item of each day in a border or prohibited area.
        RestrictedItem = "restricted_item",
    }
    /// Before or after the anchor.
    Side { Before = "before", After = "after" }
    /// A check of consistency: what must agree with what.
    Check {
        /// The number of persons in the letter and in the list.
        LetterPeople = "letter_people",
        /// The programme and the days of the visit.
        ProgrammeDays = "programme_days",
        /// The stays and the days of the trip.
        StayDays = "stay_days",
        /// The cost, and persons times days times rate.
        Cost = "cost",
        /// The persons of the cost and of the list.
        CostPeople = "cost_people",
        /// The days of the cost and of the trip.
        CostDays = "cost_days",
        /// The passports, valid for six months after the last day.
        Passports = "passports",
        /// Other trips of the same person at the same time.
        Overlaps = "overlaps",
    }
}

/// Where a rule comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// Document: `Nghị định 262/2026/NĐ-CP`.
    pub document: String,
    /// Article: `Điều 8`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub article: String,
    /// Clause: `khoản 2`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub clause: String,
}

impl Basis {
    /// As it is cited.
    #[must_use]
    pub fn cited(&self) -> String {
        let parts = [self.document.as_str(), self.article.as_str(), self.clause.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

/// What a rule demands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Demand {
    /// To file so long before.
    Lead {
        /// At least so many ..
        n: u32,
        /// .. of this unit ..
        unit: Unit,
        /// .. before this.
        before: Anchor,
    },
    /// These papers.
    Papers {
        /// Kinds of papers.
        papers: Vec<FileKind>,
    },
    /// These facts to be stated: names of `Facts`.
    Stated {
        /// Names.
        facts: Vec<String>,
    },
    /// Opinions of these bodies, asked for in the chain.
    Opinions {
        /// Codes of bodies.
        bodies: Vec<String>,
    },
    /// A step of this kind in the chain, at this place, within this time.
    Step {
        /// Kind of step.
        step: String,
        /// Where.
        at: Place,
        /// Within.
        #[serde(default)]
        within: Option<Term>,
    },
    /// Something to be done once the permit is issued.
    Obligation {
        /// What.
        obligation: ObligationKind,
        /// So many ..
        n: u32,
        /// .. of this unit ..
        unit: Unit,
        /// .. before or after ..
        side: Side,
        /// .. this.
        anchor: Anchor,
        /// Who owes it.
        role: Role,
        /// Where: the organisation that filed, if absent.
        #[serde(default)]
        at: Option<Place>,
        /// What proves that it is done.
        proof: Proof,
        /// Whether it cannot be done before the permit is issued: then the latest safe day to file counts it.
        #[serde(default)]
        needs_permit: bool,
    },
    /// A non-governmental organisation's registration, valid until the last day.
    NgoRegistration {},
    /// At most so many people, by the level of the head.
    PartySize {
        /// Level and number.
        most: BTreeMap<HeadLevel, u32>,
    },
    /// At most so many days and countries.
    TripLength {
        /// Days in one country.
        per_country: u32,
        /// Countries.
        countries: u32,
        /// Days in all.
        total: u32,
    },
    /// At most so many official trips of one person in a year, this one included.
    TripsPerYear {
        /// Trips.
        most: u32,
    },
    /// Head and deputy of one unit do not travel together.
    LeadersApart {},
    /// None of these pays.
    NotPaidBy {
        /// Payers.
        payers: Vec<Payer>,
    },
    /// Two statements that agree.
    Consistent {
        /// Which.
        check: Check,
    },
    /// No overdue obligation of the organisation that files.
    NothingOverdue {},
    /// A day on which something is due in any case: of the year before the visit, month and day.
    Yearly {
        /// Month.
        month: u32,
        /// Day.
        day: u32,
    },
    /// Something to know.
    Know {},
}

/// A rule, in one wording: other wordings of the same id hold at other times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Stable id: `IN-LEAD-STD`.
    pub id: String,
    /// Title, in Vietnamese.
    pub title_vi: String,
    /// Title, in English.
    pub title_en: String,
    /// How strictly.
    pub severity: Severity,
    /// Whose rule.
    pub status: Status,
    /// How well known.
    pub confidence: Confidence,
    /// Whether the city has confirmed it.
    #[serde(default)]
    pub confirmed: bool,
    /// Legal basis; never empty.
    pub basis: Vec<Basis>,
    /// First day in force.
    #[serde(deserialize_with = "day")]
    pub valid_from: NaiveDate,
    /// Last day in force.
    #[serde(default, deserialize_with = "last_day")]
    pub valid_to: Option<NaiveDate>,
    /// Which date selects it.
    pub selected_by: SelectedBy,
    /// Who may override it: needed where it blocks.
    #[serde(default)]
    pub override_by: Option<Role>,
    /// Ids of general rules in whose place it speaks where it is in force and surely applies.
    #[serde(default)]
    pub instead_of: Vec<String>,
    /// What is said when it is not met, in Vietnamese.
    pub message_vi: String,
    /// What is said when it is not met, in English.
    pub message_en: String,
    /// To what it applies.
    #[serde(default)]
    pub applies: Matcher,
    /// What it demands.
    pub demand: Demand,
}

fn day<'de, D: serde::Deserializer<'de>>(from: D) -> Result<NaiveDate, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(|_fault| serde::de::Error::custom(format!("`{text}` is no day (year-month-day)")))
}

fn last_day<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<NaiveDate>, D::Error> {
    day(from).map(Some)
}

impl Rule {
    /// Whether it is in force on this day.
    #[must_use]
    pub fn in_force(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }

    /// Its basis, as it is cited.
    #[must_use]
    pub fn citation(&self) -> String {
        self.basis.iter().map(Basis::cited).collect::<Vec<_>>().join("; ")
    }

    /// Overriding it needs a second person.
    #[must_use]
    pub fn needs_two(&self) -> bool {
        self.status == Status::Law
    }
}
