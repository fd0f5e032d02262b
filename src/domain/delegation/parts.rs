//! The parts of a delegation's content: letter, places, programme, stays, funding, guests without names, plan.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::domain::codes::{Payer, PlanStatus, Zone};
use crate::domain::ids::PlanItemId;

/// The request letter (văn bản xin phép).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Letter {
    /// Number and symbol as written.
    pub number: String,
    /// Day of the letter.
    pub date: Option<NaiveDate>,
    /// How many persons the letter names.
    pub people: Option<u32>,
}

/// Registration of a foreign non-governmental organisation (Nghị định 58/2022/NĐ-CP).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Registration {
    /// Number of the certificate.
    pub number: String,
    /// Last day of validity.
    pub expires_on: Option<NaiveDate>,
}

/// How the delegation stands to its organisation's annual plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanRef {
    /// In the plan, outside of it, or in place of an item of it.
    pub status: PlanStatus,
    /// The item that it carries out or replaces.
    #[serde(default)]
    pub item_id: Option<PlanItemId>,
    /// Why it is outside of the plan, or replaces the item.
    #[serde(default)]
    pub reason: String,
}

/// Whom to call about the dossier.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Contact {
    /// Name.
    pub name: String,
    /// Telephone.
    pub phone: String,
    /// E-mail address.
    pub email: String,
}

/// Where an item of the programme takes place: the zone decides which notices and permits it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Place {
    /// Name or address.
    pub name: String,
    /// Commune or ward (xã, phường).
    pub commune: String,
    /// Zone.
    pub zone: Zone,
}

impl Default for Place {
    fn default() -> Self {
        Self { name: String::new(), commune: String::new(), zone: Zone::Normal }
    }
}

/// One item of the programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeItem {
    /// Local time in Vietnam, `2025-03-04T08:30:00`: notices are due hours before it. With an offset it is converted.
    #[serde(deserialize_with = "local_time")]
    pub starts_at: NaiveDateTime,
    /// What happens.
    pub what: String,
    /// Where.
    #[serde(default)]
    pub place: Place,
    /// Whether it is a press conference.
    #[serde(default)]
    pub press_conference: bool,
}

/// Reads a wall-clock time, with or without seconds, or an instant with an offset (RFC 3339) as Vietnam's wall clock.
///
/// # Errors
/// When it is neither.
pub fn local_time<'de, D: Deserializer<'de>>(from: D) -> Result<NaiveDateTime, D::Error> {
    let text = String::deserialize(from)?;
    let plain = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    let plain = plain.iter().find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok());
    let vietnam = TimeDelta::hours(7);
    let instant = || DateTime::parse_from_rfc3339(&text).ok()?.naive_utc().checked_add_signed(vietnam);
    plain.or_else(instant).ok_or_else(|| D::Error::custom("input contains invalid characters"))
}

/// One country of an outbound trip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Stay {
    /// Country, ISO 3166-1 alpha-2.
    pub country: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Inviting organisation.
    #[serde(default)]
    pub inviter: String,
}

/// One line of funding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Funding {
    /// Who pays.
    pub payer: Payer,
    /// What for: `airfare`, `lodging`, `per_diem` ..
    #[serde(default)]
    pub covers: Vec<String>,
    /// Decimal amount, such as `1250.50`.
    pub amount: String,
    /// ISO 4217 code.
    pub currency: String,
    /// For how many persons, where the amount is a rate times persons times days.
    #[serde(default)]
    pub persons: Option<u32>,
    /// For how many days.
    #[serde(default)]
    pub days: Option<u32>,
    /// Decimal amount for one person and one day.
    #[serde(default)]
    pub rate: Option<String>,
}

/// Guests who are known only by number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnnamedGroup {
    /// Country, ISO 3166-1 alpha-2; absent while unknown.
    #[serde(default)]
    pub country: Option<String>,
    /// How many are expected.
    pub planned: u32,
    /// How many came; absent before the report.
    #[serde(default)]
    pub came: Option<u32>,
    /// Whether the number is an estimate.
    #[serde(default)]
    pub estimate: bool,
}
