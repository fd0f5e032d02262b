//! What a delegation says of itself: the content of its dossier. A draft may be incomplete, never invalid:
//! `faults` finds what can never be right, `missing` what a submission still needs.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::codes::{Channel, Direction, Field, GuestBase, GuestKind, HeadLevel, MemberRole, Origin, Rank};
use super::countries;
use super::ids::{OrganisationId, PartnerId};
use super::money::minor_units;
use super::refusal::{Counted, Fault, Limit, Why};
use super::text;

mod parts;

pub use parts::{
    Contact, Funding, Letter, Place, PlanRef, ProgrammeItem, Registration, Stay, UnnamedGroup, local_time,
};

/// Most countries, programme items, stays, funding lines and co-hosts that one delegation may list.
pub const MOST_ROWS: usize = 200;

/// Most guests that one unnamed group may count.
const MOST_UNNAMED: u32 = 100_000;

/// The content of a delegation's dossier. Everything but the direction may be absent in a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// Which way it travels; never changes.
    pub direction: Direction,
    /// Name of the delegation.
    #[serde(default)]
    pub title: String,
    /// Purpose.
    #[serde(default)]
    pub purpose: String,
    /// The one field of work that the return counts.
    #[serde(default)]
    pub primary_field: Option<Field>,
    /// Further fields of work.
    #[serde(default)]
    pub other_fields: Vec<Field>,
    /// Rank of the guests.
    #[serde(default)]
    pub rank: Option<Rank>,
    /// Channel.
    #[serde(default)]
    pub channel: Option<Channel>,
    /// Where the guests live.
    #[serde(default = "from_abroad")]
    pub guest_base: GuestBase,
    /// The one body that hosts (đơn vị chủ trì đón).
    #[serde(default)]
    pub lead_host_id: Option<OrganisationId>,
    /// Bodies that host with it; they may see the dossier.
    #[serde(default)]
    pub co_host_ids: Vec<OrganisationId>,
    /// The partner abroad.
    #[serde(default)]
    pub partner_id: Option<PartnerId>,
    /// Countries and territories of the delegation, ISO 3166-1 alpha-2.
    #[serde(default)]
    pub countries: Vec<String>,
    /// First day in the city; outbound: first day at the destination.
    #[serde(default)]
    pub arrives_on: Option<NaiveDate>,
    /// Last day in the city; outbound: last day at the destination.
    #[serde(default)]
    pub departs_on: Option<NaiveDate>,
    /// Day of entry into Vietnam; outbound: of return.
    #[serde(default)]
    pub enters_vn_on: Option<NaiveDate>,
    /// Border gate.
    #[serde(default)]
    pub entry_gate: String,
    /// Day of leaving Vietnam.
    #[serde(default)]
    pub leaves_vn_on: Option<NaiveDate>,
    /// Programme.
    #[serde(default)]
    pub programme: Vec<ProgrammeItem>,
    /// Countries of an outbound trip, in order.
    #[serde(default)]
    pub stays: Vec<Stay>,
    /// Who pays what.
    #[serde(default)]
    pub funding: Vec<Funding>,
    /// Guests without names yet.
    #[serde(default)]
    pub groups: Vec<UnnamedGroup>,
    /// Request letter.
    #[serde(default)]
    pub request_letter: Letter,
    /// Contact.
    #[serde(default)]
    pub contact: Contact,
    /// Whether reporters come with the delegation; absent while unknown.
    #[serde(default)]
    pub press: Option<bool>,
    /// Kinds of guests; empty while unknown.
    #[serde(default)]
    pub guest_kinds: Vec<GuestKind>,
    /// Whether the topic is politically sensitive; absent while unknown.
    #[serde(default)]
    pub sensitive: Option<bool>,
    /// Whether the host sponsors the guests' visas; absent while unknown.
    #[serde(default)]
    pub sponsored: Option<bool>,
    /// Registration of the guests' non-governmental organisation.
    #[serde(default)]
    pub ngo_registration: Registration,
    /// Why the request cannot wait; empty when it can.
    #[serde(default)]
    pub urgent_reason: String,
    /// Outbound: level of the head of delegation.
    #[serde(default)]
    pub head_level: Option<HeadLevel>,
    /// Outbound: whether it is a training course; absent while unknown.
    #[serde(default)]
    pub training: Option<bool>,
    /// Annual plan; absent while not stated.
    #[serde(default)]
    pub plan: Option<PlanRef>,
    /// Gifts given and received.
    #[serde(default)]
    pub gifts: String,
    /// Interpreter arrangements.
    #[serde(default)]
    pub interpreter: String,
    /// Lodging.
    #[serde(default)]
    pub lodging: String,
    /// Results, written with the report.
    #[serde(default)]
    pub results: String,
    /// Decision to send abroad, outbound.
    #[serde(default)]
    pub decision_ref: String,
    /// Whether only named accounts may see it.
    #[serde(default)]
    pub confidential: bool,
    /// How it came to be in the system.
    #[serde(default = "filed_here")]
    pub origin: Origin,
    /// Why it was registered after the visit.
    #[serde(default)]
    pub origin_reason: String,
}

fn from_abroad() -> GuestBase {
    GuestBase::Abroad
}

fn filed_here() -> Origin {
    Origin::System
}

impl Content {
    /// The day by which the delegation is found: arrival in the city, or leaving Vietnam.
    #[must_use]
    pub fn starts_on(&self) -> Option<NaiveDate> {
        match self.direction {
            Direction::Inbound => self.arrives_on.or(self.enters_vn_on),
            Direction::Outbound => self.leaves_vn_on.or(self.arrives_on),
        }
    }

    /// The last day: departure from the city, or return to Vietnam.
    #[must_use]
    pub fn ends_on(&self) -> Option<NaiveDate> {
        match self.direction {
            Direction::Inbound => self.departs_on.or(self.leaves_vn_on),
            Direction::Outbound => self.enters_vn_on.or(self.departs_on),
        }
    }

    /// Composes and trims every text in place; the faults name those that cannot be kept.
    pub fn clean(&mut self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (pointer, value, is_block) in self.texts() {
            let cleaned = if is_block { text::block(value) } else { text::line(value) };
            match cleaned {
                Ok(text) => *value = text,
                Err(code) => faults.push(Fault::at(pointer, code)),
            }
        }
        faults
    }

    fn texts(&mut self) -> Vec<(String, &mut String, bool)> {
        let mut texts = vec![
            ("/title".to_owned(), &mut self.title, false),
            ("/purpose".to_owned(), &mut self.purpose, true),
            ("/entry_gate".to_owned(), &mut self.entry_gate, false),
            ("/request_letter/number".to_owned(), &mut self.request_letter.number, false),
            ("/ngo_registration/number".to_owned(), &mut self.ngo_registration.number, false),
            ("/urgent_reason".to_owned(), &mut self.urgent_reason, true),
            ("/contact/name".to_owned(), &mut self.contact.name, false),
            ("/contact/phone".to_owned(), &mut self.contact.phone, false),
            ("/contact/email".to_owned(), &mut self.contact.email, false),
            ("/gifts".to_owned(), &mut self.gifts, true),
            ("/interpreter".to_owned(), &mut self.interpreter, false),
            ("/lodging".to_owned(), &mut self.lodging, false),
            ("/results".to_owned(), &mut self.results, true),
            ("/decision_ref".to_owned(), &mut self.decision_ref, false),
            ("/origin_reason".to_owned(), &mut self.origin_reason, true),
        ];
        if let Some(plan) = &mut self.plan {
            texts.push(("/plan/reason".to_owned(), &mut plan.reason, true));
        }
        for (i, item) in self.programme.iter_mut().enumerate() {
            texts.push((format!("/programme/{i}/what"), &mut item.what, false));
            texts.push((format!("/programme/{i}/place/name"), &mut item.place.name, false));
            texts.push((format!("/programme/{i}/place/commune"), &mut item.place.commune, false));
        }
        for (i, stay) in self.stays.iter_mut().enumerate() {
            texts.push((format!("/stays/{i}/inviter"), &mut stay.inviter, false));
        }
        for (i, line) in self.funding.iter_mut().enumerate() {
            for (j, cover) in line.covers.iter_mut().enumerate() {
                texts.push((format!("/funding/{i}/covers/{j}"), cover, false));
            }
        }
        texts
    }

    /// What can never be right, also in a draft.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        self.too_many(&mut faults);
        self.bad_countries(&mut faults);
        self.bad_dates(&mut faults);
        self.bad_groups(&mut faults);
        self.bad_money(&mut faults);
        if !self.contact.email.is_empty() && !text::is_email(&self.contact.email) {
            faults.push(Fault::at("/contact/email", "bad-email"));
        }
        let mut hosts = BTreeSet::new();
        for (i, host) in self.co_host_ids.iter().enumerate() {
            if Some(*host) == self.lead_host_id || !hosts.insert(*host) {
                faults.push(Fault::at(format!("/co_host_ids/{i}"), "listed-twice"));
            }
        }
        faults
    }

    fn too_many(&self, faults: &mut Vec<Fault>) {
        let lists = [
            ("/countries", self.countries.len()),
            ("/programme", self.programme.len()),
            ("/stays", self.stays.len()),
            ("/funding", self.funding.len()),
            ("/groups", self.groups.len()),
            ("/co_host_ids", self.co_host_ids.len()),
            ("/other_fields", self.other_fields.len()),
            ("/guest_kinds", self.guest_kinds.len()),
        ];
        faults.extend(
            lists.iter().filter(|(_, n)| *n > MOST_ROWS).map(|(pointer, n)| Fault::at(*pointer, rows(*n))),
        );
    }

    fn bad_countries(&self, faults: &mut Vec<Fault>) {
        for (i, country) in self.countries.iter().enumerate() {
            let pointer = || format!("/countries/{i}");
            if !countries::is_known(country) {
                faults.push(Fault::at(pointer(), "bad-country"));
            }
            if self.countries.iter().take(i).any(|before| before == country) {
                faults.push(Fault::at(pointer(), "listed-twice"));
            }
        }
        for (i, stay) in self.stays.iter().enumerate() {
            if !countries::is_known(&stay.country) {
                faults.push(Fault::at(format!("/stays/{i}/country"), "bad-country"));
            }
        }
    }

    fn bad_groups(&self, faults: &mut Vec<Fault>) {
        for (i, group) in self.groups.iter().enumerate() {
            if group.country.as_ref().is_some_and(|country| !countries::is_known(country)) {
                faults.push(Fault::at(format!("/groups/{i}/country"), "bad-country"));
            }
            for (name, number) in [("planned", Some(group.planned)), ("came", group.came)] {
                if number.is_some_and(|number| number > MOST_UNNAMED) {
                    faults.push(Fault::at(format!("/groups/{i}/{name}"), "out-of-range"));
                }
            }
        }
    }

    fn bad_dates(&self, faults: &mut Vec<Fault>) {
        let mut ordered = |first: Option<NaiveDate>, then: Option<NaiveDate>, pointer: &str, code| {
            if let (Some(first), Some(then)) = (first, then)
                && then < first
            {
                faults.push(Fault::at(pointer, code));
            }
        };
        ordered(self.arrives_on, self.departs_on, "/departs_on", "before-arrival");
        match self.direction {
            Direction::Inbound => {
                ordered(self.enters_vn_on, self.arrives_on, "/arrives_on", "before-entry");
                ordered(self.departs_on, self.leaves_vn_on, "/leaves_vn_on", "before-departure");
                ordered(self.enters_vn_on, self.leaves_vn_on, "/leaves_vn_on", "before-entry");
            }
            Direction::Outbound => {
                ordered(self.leaves_vn_on, self.arrives_on, "/arrives_on", "before-departure");
                ordered(self.departs_on, self.enters_vn_on, "/enters_vn_on", "before-departure");
                ordered(self.leaves_vn_on, self.enters_vn_on, "/enters_vn_on", "before-departure");
            }
        }
        for (i, stay) in self.stays.iter().enumerate() {
            ordered(Some(stay.from), Some(stay.to), &format!("/stays/{i}/to"), "before-arrival");
        }
        let far = |(_, day): &(String, Option<NaiveDate>)| day.is_some_and(is_far);
        faults.extend(self.days().into_iter().filter(far).map(|(at, _)| Fault::at(at, "out-of-range")));
    }

    /// Every day of the content, with its pointer.
    fn days(&self) -> Vec<(String, Option<NaiveDate>)> {
        let mut days = vec![
            ("/arrives_on".to_owned(), self.arrives_on),
            ("/departs_on".to_owned(), self.departs_on),
            ("/enters_vn_on".to_owned(), self.enters_vn_on),
            ("/leaves_vn_on".to_owned(), self.leaves_vn_on),
            ("/request_letter/date".to_owned(), self.request_letter.date),
            ("/ngo_registration/expires_on".to_owned(), self.ngo_registration.expires_on),
        ];
        for (i, item) in self.programme.iter().enumerate() {
            days.push((format!("/programme/{i}/starts_at"), Some(item.starts_at.date())));
        }
        for (i, stay) in self.stays.iter().enumerate() {
            days.push((format!("/stays/{i}/from"), Some(stay.from)));
            days.push((format!("/stays/{i}/to"), Some(stay.to)));
        }
        days
    }

    fn bad_money(&self, faults: &mut Vec<Fault>) {
        for (i, line) in self.funding.iter().enumerate() {
            if minor_units(&line.amount, &line.currency).is_none() {
                faults.push(Fault::at(format!("/funding/{i}/amount"), "bad-amount"));
            }
            if line.currency.len() != 3 || !line.currency.bytes().all(|b| b.is_ascii_uppercase()) {
                faults.push(Fault::at(format!("/funding/{i}/currency"), "bad-currency"));
            }
            if line.rate.as_ref().is_some_and(|rate| minor_units(rate, &line.currency).is_none()) {
                faults.push(Fault::at(format!("/funding/{i}/rate"), "bad-amount"));
            }
        }
    }

    /// What a submission still needs.
    #[must_use]
    pub fn missing(&self) -> Vec<Fault> {
        let mut absent = vec![
            ("/title", self.title.is_empty()),
            ("/purpose", self.purpose.is_empty()),
            ("/primary_field", self.primary_field.is_none()),
            ("/rank", self.direction == Direction::Inbound && self.rank.is_none()),
            ("/channel", self.channel.is_none()),
            ("/lead_host_id", self.lead_host_id.is_none()),
            ("/countries", self.countries.is_empty() && self.stays.is_empty()),
            ("/request_letter/number", self.request_letter.number.is_empty()),
            ("/request_letter/date", self.request_letter.date.is_none()),
            ("/origin_reason", self.origin == Origin::AfterTheFact && self.origin_reason.is_empty()),
        ];
        match self.direction {
            Direction::Inbound => {
                absent.push(("/arrives_on", self.arrives_on.is_none()));
                absent.push(("/departs_on", self.departs_on.is_none()));
            }
            Direction::Outbound => {
                absent.push(("/leaves_vn_on", self.starts_on().is_none()));
                absent.push(("/enters_vn_on", self.ends_on().is_none()));
            }
        }
        absent.into_iter().filter(|(_, absent)| *absent).map(|(at, _)| Fault::at(at, "required")).collect()
    }
}

/// Why a list of so many rows is not taken.
#[must_use]
pub fn rows(there: usize) -> Why {
    Why::beyond("too-long", Limit { most: MOST_ROWS, there: Some(there), counted: Counted::Entries })
}

/// A day that no delegation of this service has: a slip of the keyboard, and more than a database column takes.
#[must_use]
pub fn is_far(day: NaiveDate) -> bool {
    !(1990..=2100).contains(&chrono::Datelike::year(&day))
}

/// What is wrong with the members as a whole at submission: nobody, no head, or more than one head.
#[must_use]
pub fn member_faults(roles: &[MemberRole], unnamed: u64) -> Vec<Fault> {
    let heads = roles.iter().filter(|role| **role == MemberRole::Head).count();
    match (roles.is_empty() && unnamed == 0, heads) {
        (true, _) => vec![Fault::at("/members", "no-members")],
        (false, 0) => vec![Fault::at("/members", "no-head")],
        (false, 1) => Vec::new(),
        (false, _) => vec![Fault::at("/members", "two-heads")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(direction: &str, more: serde_json::Value) -> Content {
        let mut body = serde_json::json!({ "direction": direction });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn a_draft_may_be_incomplete_but_not_invalid() {
        let empty = content("inbound", serde_json::json!({}));
        assert!(empty.faults().is_empty());
        assert!(empty.missing().iter().any(|fault| fault.pointer == "/title"));
        let wrong =
            content("inbound", serde_json::json!({"arrives_on": "2026-03-05", "departs_on": "2026-03-04"}));
        assert_eq!(wrong.faults(), [Fault::at("/departs_on", "before-arrival")]);
    }

    #[test]
    fn an_outbound_trip_leaves_before_it_arrives() {
        let trip = content(
            "outbound",
            serde_json::json!({"leaves_vn_on": "2026-03-05", "arrives_on": "2026-03-05", "departs_on": "2026-03-09",
                "enters_vn_on": "2026-03-10"}),
        );
        assert!(trip.faults().is_empty());
        assert_eq!(trip.starts_on(), trip.leaves_vn_on);
        assert_eq!(trip.ends_on(), trip.enters_vn_on);
    }

    #[test]
    fn a_programme_keeps_vietnams_wall_clock() {
        let at = |text: &str| {
            let item = serde_json::json!({"starts_at": text, "what": "x", "place": {"commune": "Ninh Kiều"}});
            serde_json::from_value::<ProgrammeItem>(item).map(|item| item.starts_at.to_string()).ok()
        };
        for same in
            ["2026-03-20T08:30", "2026-03-20T08:30:00", "2026-03-20T08:30:00+07:00", "2026-03-20T01:30:00Z"]
        {
            assert_eq!(at(same).as_deref(), Some("2026-03-20 08:30:00"), "{same}");
        }
        assert_eq!(at("yesterday"), None);
    }
}
