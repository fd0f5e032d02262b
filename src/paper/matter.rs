//! What a paper is about: facts as the wordings name them, tables, and what stands around them. The names of the
//! facts are an interface of `paper.dir`: they may be added to, not changed.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::Kind;
use super::sheet::Table;
use crate::domain::approval::OrganisationKind;
use crate::domain::codes::{Direction, SigningForm};

/// The matter of a paper. Two that are equal make the same paper.
#[derive(Debug, Clone, PartialEq)]
pub struct Matter {
    /// Which paper.
    pub kind: Kind,
    /// Facts, by the names that wordings use.
    pub facts: serde_json::Value,
    /// Tables, by the names that wordings use.
    pub tables: BTreeMap<&'static str, Table>,
    /// The body whose paper it is.
    pub issuer: Body,
    /// Where it is signed.
    pub place: String,
    /// The day of the data: it stands for the time of making.
    pub day: NaiveDate,
    /// Number and date, once the office's document system gave them.
    pub numbered: Option<Numbered>,
    /// It is no paper yet: a word over it.
    pub stamp: String,
    /// What the software says of it.
    pub notice: String,
    /// Where the paper can be checked, if anywhere.
    pub check: Option<Check>,
}

/// Where somebody who holds the paper can check it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Address of the check page, with its secret.
    pub address: String,
    /// What stands beside the code.
    pub words: String,
}

/// A body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Body {
    /// Its name.
    pub name: String,
    /// Its code, as it stands in symbols.
    pub code: String,
    /// Its kind: decides on titles above signatures.
    pub kind: OrganisationKind,
    /// The body above it; empty for none.
    pub superior: String,
}

/// Number, date and signature of an issued paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// Number with a leading zero below 10.
    pub number: String,
    /// Symbol.
    pub symbol: String,
    /// Date.
    pub date: NaiveDate,
    /// Who signed.
    pub signer: String,
    /// In which form.
    pub forms: Vec<SigningForm>,
    /// Nơi nhận; empty for those of the wording.
    pub recipients: Vec<String>,
}

/// The facts of a dossier's paper. Texts are empty, days absent, where nothing is known.
#[derive(Debug, Clone, Serialize)]
pub struct DossierFacts {
    /// Official number.
    pub code: String,
    /// Which way.
    pub direction: Direction,
    /// Name of the delegation.
    pub title: String,
    /// Purpose.
    pub purpose: String,
    /// Rank.
    pub rank: String,
    /// Field of work.
    pub field: String,
    /// Channel.
    pub channel: String,
    /// Countries and territories.
    pub countries: String,
    /// The partner abroad.
    pub partner: String,
    /// The body that filed it.
    pub filer: Body,
    /// The body whose paper it is.
    pub issuer: Body,
    /// The body that decides.
    pub decider: Body,
    /// The body that hosts.
    pub host: String,
    /// Bodies that host with it.
    pub co_hosts: Vec<String>,
    /// First day in the city, or at the destination.
    pub arrives_on: Option<NaiveDate>,
    /// Last day there.
    pub departs_on: Option<NaiveDate>,
    /// Entry into Vietnam; outbound: return.
    pub enters_vn_on: Option<NaiveDate>,
    /// Leaving Vietnam.
    pub leaves_vn_on: Option<NaiveDate>,
    /// Border gate.
    pub entry_gate: String,
    /// Lodging.
    pub lodging: String,
    /// Interpreter.
    pub interpreter: String,
    /// Name of the head of delegation.
    pub head: String,
    /// The head's position and organisation.
    pub head_position: String,
    /// Guests, named and unnamed.
    pub guests: u64,
    /// Vietnamese who come along.
    pub companions: u64,
    /// Everybody.
    pub people: u64,
    /// Named members.
    pub members: Vec<Member>,
    /// The request letter.
    pub letter: Number,
    /// Incoming number and day.
    pub incoming: Number,
    /// Answers on paper of other bodies.
    pub opinions: Vec<Opinion>,
    /// Rules that the submission did not keep.
    pub findings: Vec<Finding>,
    /// What the appraiser proposes.
    pub proposal: String,
    /// The conditions that the appraiser proposes.
    pub proposed: Vec<String>,
    /// Conditions of the decision, or those proposed.
    pub conditions: Vec<String>,
    /// The day of the approval in the system.
    pub approved_on: Option<NaiveDate>,
    /// Who approved in the system.
    pub approved_by: String,
    /// The permit.
    pub permit: Number,
    /// Actual first day.
    pub actual_arrives_on: Option<NaiveDate>,
    /// Actual last day.
    pub actual_departs_on: Option<NaiveDate>,
    /// How many guests came; absent before the report.
    pub came: Option<u64>,
    /// Results, paragraph by paragraph.
    pub results: Vec<String>,
    /// Gifts.
    pub gifts: String,
    /// Whom to call: name, telephone, address.
    pub contact: String,
}

/// A named member.
#[derive(Debug, Clone, Serialize)]
pub struct Member {
    /// Name.
    pub name: String,
    /// Position.
    pub position: String,
    /// Organisation.
    pub organisation: String,
    /// Role.
    pub role: String,
    /// Nationality.
    pub nationality: String,
}

/// Number and date of a paper.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Number {
    /// Number and symbol; empty for none.
    pub number: String,
    /// Date.
    pub date: Option<NaiveDate>,
}

/// An answer on paper.
#[derive(Debug, Clone, Serialize)]
pub struct Opinion {
    /// The body that answered.
    pub body: String,
    /// What it says.
    pub answer: String,
    /// Number of its paper.
    pub number: String,
    /// Date of its paper.
    pub date: Option<NaiveDate>,
    /// Its conditions.
    pub conditions: String,
}

/// A rule that was not kept.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// What it says.
    pub message: String,
    /// Its legal basis.
    pub citation: String,
    /// It was overridden.
    pub overridden: bool,
}

/// The facts of a return.
#[derive(Debug, Clone, Serialize)]
pub struct ReturnFacts {
    /// "tháng 11/2025".
    pub period: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Its window, in words.
    pub window: String,
    /// As known on this day.
    pub as_of: NaiveDate,
    /// The body whose return it is.
    pub issuer: Body,
    /// Delegations in.
    pub inbound: u64,
    /// Visits.
    pub visits: u64,
    /// Different persons.
    pub persons: u64,
    /// Delegations out.
    pub outbound: u64,
    /// Notes below the figures.
    pub notes: Vec<String>,
    /// The assessment, paragraph by paragraph.
    pub assessment: Vec<String>,
    /// How many verdicts of rules of which kind there are.
    pub checked: String,
    /// How it was closed, with the checkpoint of the journal; or that it is a preview.
    pub standing: String,
    /// Rules of counting.
    pub rules: Vec<String>,
}
