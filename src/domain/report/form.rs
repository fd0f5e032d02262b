//! The return itself: what stands on it, in the order in which it is written. Plain data without rules.
//!
//! Declared keys of order: annexes and dossiers by (period day, code, id); visits by (period day, code, id,
//! persons before groups, head first, sort key, person); overview groups by vocabulary, the sort key of the country's
//! name (stateless and unknown last) or of the host's; stays by (first day, country); funding by (payer, currency).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::checked::CheckResult;
use super::count::Reason;
use super::facts::{Paper, PlannedFact, Wordings};
use super::period::{Kind, Range, Window};
use crate::domain::codes::{Code, Direction, Lang};
use crate::domain::ids::{DossierId, PersonId};

/// A code and what people read for it, in the language of the return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = report::Word)]
pub struct Word {
    /// The stable code.
    pub code: String,
    /// The text.
    pub text: String,
}

/// What the caller knows and no dossier tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = report::Meta)]
pub struct Meta {
    /// The body whose return it is.
    pub organisation: String,
    /// Its superior body, printed above it.
    pub superior: Option<String>,
    /// The assessment, written by a person.
    pub assessment: Option<String>,
    /// Items of the annual plans of the years that the return looks at. They show in the overview alone.
    #[serde(skip)]
    pub planned: Vec<PlannedFact>,
    /// Words of rules and facts for the self-check.
    #[serde(skip)]
    pub wordings: Wordings,
}

/// How a return was closed: what binds it to the journal. It is set when the return is frozen; without one it is a
/// preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = report::Seal)]
pub struct Seal {
    /// Which closing of the period it is, from 1; higher ones are restatements.
    pub no: i32,
    /// The rulebook that was active.
    pub rulebook_version: i32,
    /// Number of entries of the journal that were signed for it.
    pub size: u64,
    /// The root over them, Base64.
    pub root: String,
    /// The public key that signed them: its name and id.
    pub key: String,
}

/// The figures at the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = report::Totals)]
pub struct Totals {
    /// Đoàn vào.
    pub inbound_delegations: u64,
    /// Lượt khách.
    pub visits: u64,
    /// Different persons among the visits; an unnamed guest is taken for a person of his own.
    pub distinct_persons: u64,
    /// Đoàn ra.
    pub outbound_delegations: u64,
}

/// A period with its days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = report::Span)]
pub struct Span {
    /// Its label.
    pub label: String,
    /// Its days.
    #[serde(flatten)]
    pub range: Range,
}

/// The period of the return and those it is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = report::Periods)]
pub struct Periods {
    /// Kind of period.
    pub kind: Kind,
    /// The period itself.
    #[serde(flatten)]
    pub this: Span,
    /// Kỳ trước.
    pub previous: Span,
    /// Lũy kế năm.
    pub cumulative: Range,
    /// Cùng kỳ năm trước.
    pub same_last_year: Span,
    /// Lũy kế cùng kỳ.
    pub cumulative_last_year: Range,
}

/// A counting rule, printed on every return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = report::Rule)]
pub struct Rule {
    /// Its number in practice 5.
    pub no: u32,
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

/// A row of the overview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OverviewRow {
    /// The part of the overview: `main`, `nationality`, `rank` ...
    pub section: String,
    /// What the part is called; empty for `main`.
    pub section_label: String,
    /// The row within its part.
    pub id: String,
    /// Chỉ tiêu.
    pub label: String,
    /// Trong kỳ.
    pub in_period: u64,
    /// Kỳ trước.
    pub previous: u64,
    /// Lũy kế năm.
    pub cumulative: u64,
    /// Cùng kỳ năm trước.
    pub same_last_year: u64,
    /// Lũy kế cùng kỳ.
    pub cumulative_last_year: u64,
    /// Tăng/giảm: this period against the same of last year, "-" on a zero base.
    pub change: String,
    /// The same in thousandths, rounded half away from zero; `null` on a zero base.
    pub change_permille: Option<i64>,
    /// The dossiers behind `in_period`.
    pub dossiers: Vec<DossierId>,
    /// The dossiers behind the other columns.
    pub behind: Behind,
    /// What each of these dossiers adds to the figure, by column in the order of [`super::figures::Column`]. Not written
    /// down: a return that was read back, as a frozen one, has none.
    #[serde(skip)]
    pub shares: [Vec<u64>; 5],
}

/// The dossiers behind the figures of the other columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = report::Behind)]
pub struct Behind {
    /// Kỳ trước.
    pub previous: Vec<DossierId>,
    /// Lũy kế năm.
    pub cumulative: Vec<DossierId>,
    /// Cùng kỳ năm trước.
    pub same_last_year: Vec<DossierId>,
    /// Lũy kế cùng kỳ.
    pub cumulative_last_year: Vec<DossierId>,
}

impl OverviewRow {
    /// The five figures in the order of the columns.
    #[must_use]
    pub fn figures(&self) -> [u64; 5] {
        [self.in_period, self.previous, self.cumulative, self.same_last_year, self.cumulative_last_year]
    }
}

/// A row of annex 1: a counted inbound delegation. The fields are the printed columns, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Annex1Row {
    pub no: u64,
    pub id: DossierId,
    pub code: String,
    pub title: String,
    pub head: String,
    pub head_position: String,
    pub countries: Vec<Word>,
    pub rank: Option<Word>,
    pub lead_host: String,
    pub co_hosts: Vec<String>,
    pub arrives_on: NaiveDate,
    pub departs_on: Option<NaiveDate>,
    pub permitted_guests: u64,
    pub visits: u64,
    pub estimate: bool,
    pub companions: u64,
    pub purpose: String,
    pub primary_field: Option<Word>,
    pub request_letter: Option<Paper>,
    pub permit: Option<Paper>,
    pub confirmed: bool,
    pub confidential: bool,
    pub notes: Vec<Word>,
}

/// Annex 1, đoàn vào.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Annex1 {
    /// One per delegation.
    pub rows: Vec<Annex1Row>,
    /// The line below.
    pub totals: Annex1Totals,
}

/// The three counts of annex 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Annex1Totals {
    /// Khách theo phép.
    pub permitted_guests: u64,
    /// Khách thực tế.
    pub visits: u64,
    /// Người VN đi cùng.
    pub companions: u64,
}

/// One country of an outbound delegation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = report::Stay)]
pub struct Stay {
    /// Which.
    pub country: Word,
    /// Days there, the first and the last included.
    pub days: Option<i64>,
    /// Who invites; empty if nobody or masked.
    pub inviter: String,
}

/// What one payer gives in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = report::Funding)]
pub struct Funding {
    /// Who pays.
    pub payer: Word,
    /// In minor units.
    pub minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// In whole units, a point before the decimals.
    pub amount: String,
}

/// A row of annex 2: a counted outbound delegation. The fields are the printed columns, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Annex2Row {
    pub no: u64,
    pub id: DossierId,
    pub code: String,
    pub head: String,
    pub head_position: String,
    pub people: u64,
    pub in_decision: u64,
    pub outside_decision: u64,
    pub stays: Vec<Stay>,
    pub departs_on: NaiveDate,
    pub returns_on: Option<NaiveDate>,
    pub purpose: String,
    pub funding: Vec<Funding>,
    pub decision: String,
    pub reported_on: Option<NaiveDate>,
    pub report_due_on: Option<NaiveDate>,
    pub passports_returned_on: Option<NaiveDate>,
    pub confirmed: bool,
    pub confidential: bool,
    pub notes: Vec<Word>,
}

/// Annex 2, đoàn ra.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Annex2 {
    /// One per delegation.
    pub rows: Vec<Annex2Row>,
    /// The line below.
    pub totals: Annex2Totals,
}

/// The head counts of annex 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Annex2Totals {
    /// Everybody who travelled.
    pub people: u64,
    /// Trong quyết định.
    pub in_decision: u64,
    /// Ngoài quyết định.
    pub outside_decision: u64,
}

/// One visit, or the unnamed rest of one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VisitRow {
    pub no: u64,
    pub id: DossierId,
    pub code: String,
    pub title: String,
    pub name: String,
    pub nationality: Word,
    pub role: Option<Word>,
    pub position: String,
    pub arrives_on: NaiveDate,
    pub departs_on: Option<NaiveDate>,
    pub visits: u64,
    pub estimate: bool,
    pub unnamed: bool,
    pub confidential: bool,
    /// Never leaves the program: it would join the rows of a confidential dossier to others.
    #[serde(skip)]
    pub person: Option<PersonId>,
}

/// An exception, annex 6.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExceptionRow {
    pub id: DossierId,
    pub code: String,
    pub exception: Word,
    pub detail: String,
}

/// What a rule said that somebody must know of, of a counted dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = report::CheckRow)]
pub struct CheckRow {
    /// The dossier.
    pub id: DossierId,
    /// Its number.
    pub code: String,
    /// The rulebook under which it was judged.
    pub rulebook_version: i32,
    /// The rule: id and title.
    pub rule: Word,
    /// Its legal basis.
    pub citation: String,
    /// Not kept, passed by, unknown, or not in force.
    pub result: Word,
    /// By whom and why it was passed by; what is unknown.
    pub detail: String,
}

/// How many verdicts of each kind there are of the counted dossiers, without the rules that only tell something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = report::CheckTotals)]
pub struct CheckTotals {
    /// Counted dossiers that were judged.
    pub judged: u64,
    /// Counted dossiers that never were: from a ledger, or registered after the visit and not submitted.
    pub not_judged: u64,
    /// Kept.
    pub met: u64,
    /// To be done or known.
    pub noted: u64,
    /// Not kept.
    pub violated: u64,
    /// Not kept, and passed by with a reason.
    pub overridden: u64,
    /// A fact was unknown.
    pub unknown: u64,
    /// No wording was in force.
    pub no_rule_in_force: u64,
}

impl CheckTotals {
    /// Adds those of a dossier.
    pub(super) fn add(&mut self, own: Self) {
        self.judged += own.judged;
        self.not_judged += own.not_judged;
        self.met += own.met;
        self.noted += own.noted;
        self.violated += own.violated;
        self.overridden += own.overridden;
        self.unknown += own.unknown;
        self.no_rule_in_force += own.no_rule_in_force;
    }

    /// By name: dossiers that were judged or not, then verdicts.
    #[must_use]
    pub fn named(&self) -> [(&'static str, u64); 8] {
        [
            ("judged", self.judged),
            ("not_judged", self.not_judged),
            (CheckResult::Met.code(), self.met),
            (CheckResult::Noted.code(), self.noted),
            (CheckResult::Violated.code(), self.violated),
            (CheckResult::Overridden.code(), self.overridden),
            (CheckResult::Unknown.code(), self.unknown),
            (CheckResult::NoRuleInForce.code(), self.no_rule_in_force),
        ]
    }
}

/// The self-check of the return: failures, overrides and unknowns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = report::SelfCheck)]
pub struct SelfCheck {
    /// How many.
    pub totals: CheckTotals,
    /// Which.
    pub rows: Vec<CheckRow>,
    /// How many of each counted dossier. Not written down: a return that was read back has none.
    #[serde(skip)]
    pub each: BTreeMap<DossierId, CheckTotals>,
}

/// What every rule said of a dossier of the period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = report::MatrixRow)]
pub struct MatrixRow {
    /// The dossier.
    pub id: DossierId,
    /// Its number; a draft has none.
    pub code: Option<String>,
    /// Whether it is counted in this period.
    pub counted: bool,
    /// The rulebook under which it was judged; absent of what was never submitted here.
    pub rulebook_version: Option<i32>,
    /// The round that was judged: the one in force, or else the last one.
    pub revision: Option<i32>,
    /// By the rule's id: `met`, `violated`, `overridden`, `unknown`, `no_rule_in_force`, `noted`. Rules that did not
    /// concern it are not there.
    pub verdicts: BTreeMap<String, CheckResult>,
}

/// A permitted delegation of the month that follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExpectedRow {
    pub id: DossierId,
    pub code: String,
    pub direction: Direction,
    pub title: String,
    pub countries: Vec<Word>,
    pub lead_host: String,
    pub starts_on: NaiveDate,
    pub ends_on: Option<NaiveDate>,
    pub people: u64,
}

/// What became of a dossier of the period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DossierRow {
    /// Which dossier.
    pub id: DossierId,
    /// Its number; a draft has none.
    pub code: Option<String>,
    /// In or out.
    pub direction: Direction,
    /// Whether it is counted in this period.
    pub counted: bool,
    /// Why not.
    pub reason: Option<Reason>,
    /// "Được tính" or "Không tính, vì ...", in the language of the return.
    pub text: String,
    /// The day on which it counts or would have counted.
    pub day: Option<NaiveDate>,
    /// Its counted visits; 0 if it is not counted.
    pub visits: u64,
}

/// The compliance return of one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Return {
    /// The figures.
    pub totals: Totals,
    /// The period.
    pub period: Periods,
    /// How its days are cut.
    pub window: Window,
    /// The zone of all days.
    pub timezone: String,
    /// The state of knowledge.
    pub as_of: NaiveDate,
    /// The language of the texts.
    pub lang: Lang,
    /// Whose return.
    pub meta: Meta,
    /// Notes below the figures.
    pub notes: Vec<String>,
    /// The counting rules.
    pub rules: Vec<Rule>,
    /// The overview.
    pub overview: Vec<OverviewRow>,
    /// Đoàn vào.
    pub annex1: Annex1,
    /// Đoàn ra.
    pub annex2: Annex2,
    /// Exceptions.
    pub annex6: Vec<ExceptionRow>,
    /// Next month's expected delegations.
    pub expected: Vec<ExpectedRow>,
    /// The visits one by one.
    pub visits: Vec<VisitRow>,
    /// Every dossier of the period.
    pub dossiers: Vec<DossierRow>,
    /// Failures, overrides and unknowns.
    pub self_check: SelfCheck,
    /// Dossiers x rules: what every rule said of every dossier of the period.
    pub matrix: Vec<MatrixRow>,
    /// How it was closed; `null` is a preview, which is not closed.
    pub closed: Option<Seal>,
}

impl Return {
    /// Name of the file without its ending: `legation-monthly-2025-11-calendar`.
    #[must_use]
    pub fn file_stem(&self) -> String {
        format!("legation-{}-{}-{}", self.period.kind.code(), self.period.this.label, self.window.code())
    }
}
