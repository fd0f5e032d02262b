//! The annual plan of delegations: what an organisation means to receive and send in a year (PLAN-ANNUAL, custom, no
//! dated national rule: DEFAULT), and how a dossier stands to it.

use chrono::Datelike;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::codes::{Direction, PlanStatus, codes};
use super::countries;
use super::delegation::Content;
use super::ids::{OrganisationId, PlanItemId};
use super::money::minor_units;
use super::refusal::Fault;
use super::text;

codes! {
    /// What became of an item.
    PlanState {
        /// It stands.
        Planned = "planned",
        /// It was taken out of the plan, with a reason.
        Dropped = "dropped",
    }
}

/// Most guests that an item may name.
const MOST_GUESTS: u32 = 100_000;

/// What is said of an item of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanFields {
    /// Which way it travels.
    pub direction: Direction,
    /// What is planned.
    pub title: String,
    /// With whom.
    #[serde(default)]
    pub partner: String,
    /// Country, ISO 3166-1 alpha-2.
    #[serde(default)]
    pub country: Option<String>,
    /// Planned months, 1 to 12.
    #[serde(default)]
    pub months: Vec<u32>,
    /// Planned guests, or members who travel.
    #[serde(default)]
    pub guests: Option<u32>,
    /// Planned cost, decimal.
    #[serde(default)]
    pub cost: Option<String>,
    /// Its currency, ISO 4217.
    #[serde(default)]
    pub currency: Option<String>,
    /// Remark.
    #[serde(default)]
    pub note: String,
    /// Whether it stands; dropping needs a reason.
    #[serde(default = "planned")]
    pub state: PlanState,
    /// Why it was dropped.
    #[serde(default)]
    pub drop_reason: String,
}

fn planned() -> PlanState {
    PlanState::Planned
}

impl PlanFields {
    /// Composes and trims the texts, orders the months; the faults name what cannot be kept.
    pub fn clean(&mut self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let texts = [
            ("/title", &mut self.title, false),
            ("/partner", &mut self.partner, false),
            ("/note", &mut self.note, true),
            ("/drop_reason", &mut self.drop_reason, true),
        ];
        for (pointer, value, is_block) in texts {
            match if is_block { text::block(value) } else { text::line(value) } {
                Ok(text) => *value = text,
                Err(code) => faults.push(Fault::at(pointer, code)),
            }
        }
        self.months.sort_unstable();
        self.months.dedup();
        let mut wrong = |pointer: &str, met: bool, code| {
            if met && faults.iter().all(|fault| fault.pointer != pointer) {
                faults.push(Fault::at(pointer, code));
            }
        };
        wrong("/title", self.title.is_empty(), "required");
        wrong("/months", self.months.iter().any(|month| !(1..=12).contains(month)), "out-of-range");
        wrong(
            "/country",
            self.country.as_ref().is_some_and(|code| !countries::is_known(code)),
            "bad-country",
        );
        wrong("/guests", self.guests.is_some_and(|guests| guests > MOST_GUESTS), "out-of-range");
        match (&self.cost, &self.currency) {
            (Some(cost), Some(currency)) => {
                let is_currency = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase());
                wrong("/currency", !is_currency, "bad-currency");
                wrong("/cost", minor_units(cost, currency).is_none(), "bad-amount");
            }
            (Some(_), None) => wrong("/currency", true, "required"),
            (None, Some(_)) => wrong("/cost", true, "required"),
            (None, None) => {}
        }
        let dropped = self.state == PlanState::Dropped;
        wrong("/drop_reason", dropped && self.drop_reason.is_empty(), "required");
        wrong("/drop_reason", !dropped && !self.drop_reason.is_empty(), "not-offered");
        faults
    }
}

/// An item, as far as a dossier must fit it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanItem {
    /// Id.
    pub id: PlanItemId,
    /// Whose plan.
    pub organisation: OrganisationId,
    /// Of which year.
    pub year: i32,
    /// Number within the year.
    pub no: i32,
    /// What is said of it.
    pub fields: PlanFields,
    /// Version.
    pub version: i64,
}

/// What does not fit between a dossier and the plan: `item` is what its `item_id` names.
#[must_use]
pub fn faults(content: &Content, owner: OrganisationId, item: Option<&PlanItem>) -> Vec<Fault> {
    let Some(plan) = &content.plan else { return Vec::new() };
    let mut faults = Vec::new();
    let names_item = plan.status != PlanStatus::OffPlan;
    match (names_item, plan.item_id, item.filter(|item| item.organisation == owner)) {
        (false, None, _) => {}
        (false, Some(_), _) => faults.push(Fault::at("/plan/item_id", "not-offered")),
        (true, None, _) => faults.push(Fault::at("/plan/item_id", "required")),
        (true, Some(_), None) => faults.push(Fault::at("/plan/item_id", "unknown-plan-item")),
        (true, Some(_), Some(item)) => {
            let year = content.starts_on().is_none_or(|day| day.year() == item.year);
            if item.fields.direction != content.direction || !year {
                faults.push(Fault::at("/plan/item_id", "contradicts-plan"));
            } else if item.fields.state == PlanState::Dropped {
                faults.push(Fault::at("/plan/item_id", "plan-item-dropped"));
            }
        }
    }
    if plan.status != PlanStatus::InPlan && plan.reason.trim().is_empty() {
        faults.push(Fault::at("/plan/reason", "required"));
    }
    faults
}
