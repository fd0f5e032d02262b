//! What the rules ask of a delegation: plain facts, each of which may be unknown. They are gathered by the service
//! from a dossier, or sent by whoever tries the rules out.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::approval::{Answer, OrganisationKind};
use crate::domain::codes::{
    Channel, Direction, GuestKind, HeadLevel, Leadership, ManagedBy, Origin, PassportType, Payer, PlanStatus,
    Rank, Zone,
};
use crate::domain::delegation::local_time;
use crate::domain::file::FileKind;

/// An item of the programme, as far as rules ask for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemFact {
    /// Vietnam's wall clock.
    #[serde(deserialize_with = "local_time")]
    pub starts_at: NaiveDateTime,
    /// Zone of its place.
    #[serde(default = "normal")]
    pub zone: Zone,
    /// Whether it is a press conference.
    #[serde(default)]
    pub press_conference: bool,
}

fn normal() -> Zone {
    Zone::Normal
}

/// One country of an outbound trip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StayFact {
    /// Country, ISO 3166-1 alpha-2.
    pub country: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

/// One line of funding: `amount` and `rate` in minor units of the currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FundingFact {
    /// Who pays.
    pub payer: Payer,
    /// In minor units.
    pub amount: i64,
    /// Currency, ISO 4217.
    #[serde(default)]
    pub currency: String,
    /// For how many persons.
    #[serde(default)]
    pub persons: Option<u32>,
    /// For how many days.
    #[serde(default)]
    pub days: Option<u32>,
    /// In minor units, for one person and day.
    #[serde(default)]
    pub rate: Option<i64>,
}

/// A traveller, as far as rules ask: no name, only the place in the list of members.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TravellerFact {
    /// By whom managed, outbound.
    pub managed_by: Option<ManagedBy>,
    /// Place in the leadership of the unit, outbound.
    pub leadership: Option<Leadership>,
    /// The unit, folded for comparison.
    pub unit: String,
    /// Member of the Party.
    pub party_member: Option<bool>,
    /// Kind of passport.
    pub passport_type: Option<PassportType>,
    /// Last day of the passport.
    pub passport_expires_on: Option<NaiveDate>,
    /// Other official trips of this person that begin in the same year.
    pub trips_this_year: Option<u32>,
    /// Official numbers of other delegations of this person at the same time; absent while unknown.
    pub overlaps: Option<Vec<String>>,
}

/// The facts of one delegation. What is absent (or empty, where a list says what is known) is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Which way it travels.
    pub direction: Direction,
    /// How it came here.
    #[serde(default = "filed_here")]
    pub origin: Origin,
    /// It changes what was permitted already.
    #[serde(default)]
    pub amends: bool,
    /// Kind of the organisation that files.
    #[serde(default)]
    pub owner_kind: Option<OrganisationKind>,
    /// Kinds of guests; empty while unknown.
    #[serde(default)]
    pub guest_kinds: Vec<GuestKind>,
    /// Rank of the guests.
    #[serde(default)]
    pub rank: Option<Rank>,
    /// Channel.
    #[serde(default)]
    pub channel: Option<Channel>,
    /// Countries, ISO 3166-1 alpha-2; empty while unknown.
    #[serde(default)]
    pub countries: Vec<String>,
    /// Politically sensitive topic.
    #[serde(default)]
    pub sensitive: Option<bool>,
    /// Reporters come with it.
    #[serde(default)]
    pub press: Option<bool>,
    /// Reporters are part of the permit that is being amended.
    #[serde(default)]
    pub press_permitted: bool,
    /// Somebody needs a visa.
    #[serde(default)]
    pub visa_needed: Option<bool>,
    /// The host sponsors visas.
    #[serde(default)]
    pub sponsored: Option<bool>,
    /// It cannot wait, and says why.
    #[serde(default)]
    pub urgent: Option<bool>,
    /// It is a training course.
    #[serde(default)]
    pub training: Option<bool>,
    /// Annual plan.
    #[serde(default)]
    pub plan: Option<PlanStatus>,
    /// Level of the head of an outbound delegation.
    #[serde(default)]
    pub head_level: Option<HeadLevel>,
    /// Day on which it is filed; counts from the next working day after office hours.
    #[serde(default)]
    pub filed_on: Option<NaiveDate>,
    /// First day in the city.
    #[serde(default)]
    pub arrives_on: Option<NaiveDate>,
    /// Last day in the city.
    #[serde(default)]
    pub departs_on: Option<NaiveDate>,
    /// Day of entry into Vietnam (inbound), of return to Vietnam (outbound).
    #[serde(default)]
    pub enters_vn_on: Option<NaiveDate>,
    /// Day of leaving Vietnam.
    #[serde(default)]
    pub leaves_vn_on: Option<NaiveDate>,
    /// Programme; empty while unknown.
    #[serde(default)]
    pub programme: Vec<ItemFact>,
    /// Countries of an outbound trip; empty while unknown.
    #[serde(default)]
    pub stays: Vec<StayFact>,
    /// Funding; empty while unknown.
    #[serde(default)]
    pub funding: Vec<FundingFact>,
    /// Everybody who comes or goes, named or not.
    #[serde(default)]
    pub people: Option<u32>,
    /// How many the request letter names.
    #[serde(default)]
    pub people_in_letter: Option<u32>,
    /// Those with names.
    #[serde(default)]
    pub travellers: Vec<TravellerFact>,
    /// Papers at hand; absent while unknown.
    #[serde(default)]
    pub papers: Option<BTreeSet<FileKind>>,
    /// Answers on paper in the round under decision, by code of the body.
    #[serde(default)]
    pub answers: BTreeMap<String, Answer>,
    /// Number of the registration of a non-governmental organisation.
    #[serde(default)]
    pub ngo_registration: Option<String>,
    /// Its last day.
    #[serde(default)]
    pub ngo_registration_expires_on: Option<NaiveDate>,
    /// Overdue obligations of the organisation that files.
    #[serde(default)]
    pub overdue: Option<u32>,
    /// Day on which the permit was issued.
    #[serde(default)]
    pub issued_on: Option<NaiveDate>,
}

fn filed_here() -> Origin {
    Origin::System
}

impl Facts {
    /// Facts of which nothing is known but the direction.
    #[must_use]
    pub fn unknown(direction: Direction) -> Self {
        Self {
            direction,
            origin: Origin::System,
            amends: false,
            owner_kind: None,
            guest_kinds: Vec::new(),
            rank: None,
            channel: None,
            countries: Vec::new(),
            sensitive: None,
            press: None,
            press_permitted: false,
            visa_needed: None,
            sponsored: None,
            urgent: None,
            training: None,
            plan: None,
            head_level: None,
            filed_on: None,
            arrives_on: None,
            departs_on: None,
            enters_vn_on: None,
            leaves_vn_on: None,
            programme: Vec::new(),
            stays: Vec::new(),
            funding: Vec::new(),
            people: None,
            people_in_letter: None,
            travellers: Vec::new(),
            papers: None,
            answers: BTreeMap::new(),
            ngo_registration: None,
            ngo_registration_expires_on: None,
            overdue: None,
            issued_on: None,
        }
    }

    /// The day that selects the rules of obligations: arrival in the city, or leaving Vietnam.
    #[must_use]
    pub fn event_day(&self) -> Option<NaiveDate> {
        match self.direction {
            Direction::Inbound => self.arrives_on.or(self.enters_vn_on),
            Direction::Outbound => self.leaves_vn_on.or(self.arrives_on),
        }
    }

    /// The last day: departure from the city, or return to Vietnam.
    #[must_use]
    pub fn last_day(&self) -> Option<NaiveDate> {
        match self.direction {
            Direction::Inbound => self.departs_on.or(self.leaves_vn_on),
            Direction::Outbound => self.enters_vn_on.or(self.departs_on),
        }
    }

    /// Whether reporters come of whom the permit in force does not know.
    #[must_use]
    pub fn press_new(&self) -> Option<bool> {
        self.press.map(|press| press && !(self.amends && self.press_permitted))
    }

    /// Whether somebody stays a night.
    #[must_use]
    pub fn overnight(&self) -> Option<bool> {
        Some(self.arrives_on? != self.departs_on?)
    }
}
