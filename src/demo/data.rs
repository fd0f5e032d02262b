//! The demo year as data: what the files of `config/demo` say, as types. It must not know how any of it gets into
//! the database. The files are embedded; a broken one is named with its line.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use serde::{Deserialize, Deserializer};

use crate::domain::access::Role;
use crate::domain::approval::OrganisationKind;
use crate::domain::codes::{
    Attendance, Channel, Direction, Field, GuestBase, Lang, ManagedBy, MemberRole, Origin, Rank, Sex,
    SigningForm, Visa, Zone,
};
use crate::domain::delegation::{Contact, Funding, Stay, UnnamedGroup};
use crate::domain::person::PassportInput;
use crate::startup::StartError;

/// Everything that the files say.
pub(super) struct Data {
    pub organisations: Vec<Organisation>,
    pub accounts: Vec<Account>,
    pub partners: Vec<Partner>,
    pub delegations: Vec<Delegation>,
    pub words: Words,
    pub plan: Plan,
}

/// The annual plans of the demo year.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    pub item: Vec<Planned>,
    pub outside: Vec<Outside>,
}

/// An item, the delegations that carry it out, or the one that took its place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Planned {
    pub organisation: String,
    pub year: i32,
    pub direction: Direction,
    pub title: String,
    #[serde(default)]
    pub partner: String,
    pub country: Option<String>,
    pub months: Vec<u32>,
    pub guests: Option<u32>,
    #[serde(default)]
    pub done_by: Vec<String>,
    #[serde(default)]
    pub replaced_by: String,
    #[serde(default)]
    pub reason: String,
}

/// A delegation outside of the plan.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outside {
    pub delegation: String,
    pub reason: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Organisation {
    pub code: String,
    pub name_vi: String,
    pub name_en: String,
    pub kind: OrganisationKind,
    pub parent: Option<String>,
}

/// An account of the demo, with its password: demo databases are served by nothing but the demo.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Sign-in name.
    pub username: String,
    /// Name as shown.
    pub display_name: String,
    /// Where mail goes.
    pub email: String,
    /// Password.
    pub password: String,
    /// Language.
    pub locale: Lang,
    /// Code of its organisation.
    pub organisation: String,
    /// Role there.
    pub role: Role,
    /// Whether it is shown when the demo starts.
    pub printed: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Partner {
    pub code: String,
    pub name: String,
    pub native_name: Option<String>,
    pub country: String,
    pub kind: Option<String>,
}

/// What becomes of a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fate {
    Closed,
    RevokedAfterArrival,
    RevokedBeforeArrival,
    Rejected,
    Cancelled,
    NoShow,
    Duplicate,
    Lapsed,
    Draft,
    Submitted,
    Appraise,
    Approve,
    Approved,
    Issued,
}

/// A day: fixed, or counted from the first start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Day {
    On(NaiveDate),
    In(i64),
}

impl Day {
    /// The calendar day, when the demo is first started on `start`.
    pub fn from(self, start: NaiveDate) -> NaiveDate {
        match self {
            Self::On(day) => day,
            Self::In(days) => start + TimeDelta::days(days),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delegation {
    pub key: String,
    pub fate: Fate,
    pub direction: Direction,
    pub title: String,
    pub purpose: String,
    pub primary_field: Field,
    pub rank: Rank,
    pub channel: Channel,
    pub guest_base: Option<GuestBase>,
    pub organisation: String,
    pub lead_host: String,
    pub co_hosts: Vec<String>,
    pub partner: String,
    pub countries: Vec<String>,
    #[serde(alias = "arrives_in")]
    pub arrives_on: Option<Day>,
    #[serde(alias = "departs_in")]
    pub departs_on: Option<Day>,
    #[serde(alias = "enters_vn_in")]
    pub enters_vn_on: Option<Day>,
    #[serde(default)]
    pub entry_gate: String,
    #[serde(alias = "leaves_vn_in")]
    pub leaves_vn_on: Option<Day>,
    pub request_letter: Option<Letter>,
    pub contact: Contact,
    pub programme: Vec<Item>,
    #[serde(default)]
    pub stays: Vec<Stay>,
    #[serde(default)]
    pub funding: Vec<Funding>,
    #[serde(default)]
    pub groups: Vec<UnnamedGroup>,
    pub press: bool,
    #[serde(default)]
    pub gifts: String,
    #[serde(default)]
    pub interpreter: String,
    pub confidential: bool,
    pub origin: Origin,
    #[serde(default)]
    pub reason: String,
    pub duplicate_of: Option<String>,
    #[serde(alias = "filed_in")]
    pub filed_on: Option<Day>,
    #[serde(alias = "decided_in")]
    pub decided_on: Option<Day>,
    pub issued: Option<Paper>,
    pub ended_on: Option<Day>,
    pub actual_arrives_on: Option<NaiveDate>,
    pub actual_departs_on: Option<NaiveDate>,
    pub members: Vec<Member>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Letter {
    pub number: String,
    #[serde(alias = "date_in")]
    pub date: Day,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Paper {
    pub number: String,
    pub symbol: String,
    #[serde(alias = "date_in")]
    pub date: Day,
    pub signer: String,
    pub forms: Vec<SigningForm>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Item {
    #[serde(default, deserialize_with = "to_the_minute")]
    starts_at: Option<NaiveDateTime>,
    starts_in: Option<i64>,
    #[serde(default, deserialize_with = "minute_of_day")]
    starts_time: NaiveTime,
    pub what: String,
    pub place: String,
    #[serde(default)]
    pub commune: String,
    pub zone: Zone,
}

impl Item {
    /// When it begins, in local time, when the demo is first started on `start`.
    pub fn starts_at(&self, start: NaiveDate) -> NaiveDateTime {
        let days = TimeDelta::days(self.starts_in.unwrap_or_default());
        self.starts_at.unwrap_or_else(|| (start + days).and_time(self.starts_time))
    }
}

fn to_the_minute<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDateTime>, D::Error> {
    let text = String::deserialize(deserializer)?;
    NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M").map(Some).map_err(serde::de::Error::custom)
}

fn minute_of_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveTime, D::Error> {
    let text = String::deserialize(deserializer)?;
    NaiveTime::parse_from_str(&text, "%H:%M").map_err(serde::de::Error::custom)
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    pub full_name: String,
    pub native_name: Option<String>,
    pub sex: Sex,
    pub birth_date: NaiveDate,
    pub nationality: String,
    pub passport: PassportInput,
    pub position: String,
    #[serde(default)]
    pub organisation: String,
    pub role: MemberRole,
    pub visa: Visa,
    pub attendance: Option<Attendance>,
    pub managed_by: Option<ManagedBy>,
    pub in_decision: Option<bool>,
}

/// What the offices write in the ordinary course.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub endorse: String,
    pub appraise_inbound: String,
    pub appraise_outbound: String,
    pub approve: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Organisations {
    organisation: Vec<Organisation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Accounts {
    account: Vec<Account>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Partners {
    partner: Vec<Partner>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delegations {
    delegation: Vec<Delegation>,
}

fn parsed<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Result<T, StartError> {
    toml::from_str(text).map_err(|fault| StartError::of(&format!("config/demo/{name}.toml"), fault))
}

macro_rules! embedded {
    ($name:literal) => {
        parsed($name, include_str!(concat!("../../config/demo/", $name, ".toml")))
    };
}

impl Data {
    /// Reads the embedded files.
    ///
    /// # Errors
    /// The file and the line that is broken.
    pub fn read() -> Result<Self, StartError> {
        let (tree, partners): (Organisations, Partners) =
            (embedded!("organisations")?, embedded!("partners")?);
        let parts: [Delegations; 4] = [
            embedded!("delegations-inbound")?,
            embedded!("delegations-outbound")?,
            embedded!("delegations-uncounted")?,
            embedded!("delegations-open")?,
        ];
        Ok(Self {
            organisations: tree.organisation,
            accounts: accounts()?,
            partners: partners.partner,
            delegations: parts.into_iter().flat_map(|part| part.delegation).collect(),
            words: embedded!("words")?,
            plan: embedded!("plan")?,
        })
    }

    /// Whether an organisation files through the union.
    pub fn is_association(&self, code: &str) -> bool {
        let one = self.organisations.iter().find(|organisation| organisation.code == code);
        one.is_some_and(|organisation| organisation.kind == OrganisationKind::Association)
    }

    /// The kind of the organisation with this code.
    pub fn kind_of(&self, code: &str) -> Option<OrganisationKind> {
        self.organisations.iter().find(|organisation| organisation.code == code).map(|found| found.kind)
    }
}

/// The accounts of the demo.
///
/// # Errors
/// The line of the file that is broken.
pub(super) fn accounts() -> Result<Vec<Account>, StartError> {
    let accounts: Accounts = embedded!("accounts")?;
    Ok(accounts.account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_hold_the_demo_year() {
        let data = Data::read().unwrap();
        let counted = |direction| {
            let came = |d: &&Delegation| matches!(d.fate, Fate::Closed | Fate::RevokedAfterArrival);
            data.delegations.iter().filter(came).filter(|d| d.direction == direction).count()
        };
        assert_eq!((counted(Direction::Inbound), counted(Direction::Outbound)), (57, 3));
        assert_eq!(data.accounts.iter().filter(|account| account.printed).count(), 7);
    }

    #[test]
    fn the_union_may_see_every_dossier_and_hides_its_own_alone() {
        let data = Data::read().unwrap();
        for delegation in &data.delegations {
            let own = delegation.organisation == "LHHN" || data.is_association(&delegation.organisation);
            let hosts =
                delegation.lead_host == "LHHN" || delegation.co_hosts.iter().any(|host| host == "LHHN");
            assert!(own || hosts, "{}", delegation.key);
            assert!(!delegation.confidential || delegation.organisation == "LHHN", "{}", delegation.key);
        }
    }
}
