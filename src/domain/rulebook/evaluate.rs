//! What the rules say of a delegation: a pure function from rulebook, facts and calendar to an assessment. It holds
//! days and references only; words and arithmetic are worked out when somebody asks (`explain.rs`), so that a
//! hundred thousand assessments fit into a second.

use chrono::{Days, NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::anchor::{due, instants, key_of};
use super::book::Book;
use super::compare::Mismatch;
use super::demand::demanded;
use super::facts::Facts;
use super::matcher::Applies;
use super::model::{Demand, Rule, SelectedBy, Severity};
use crate::domain::approval::{ChainStep, Term};
use crate::domain::calendar::{Calendar, Unit};
use crate::domain::codes::{Code, Direction, codes};
use crate::domain::file::FileKind;

codes! {
    /// What a rule says of a delegation.
    Verdict {
        /// It is kept.
        Met = "met",
        /// It is not kept.
        Violated = "violated",
        /// A fact that it needs is unknown.
        Unknown = "unknown",
        /// No wording of it was in force on the day that matters.
        NoRuleInForce = "no_rule_in_force",
        /// It tells something, or will create an obligation.
        Noted = "noted",
    }
}

/// A term with its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Deadline {
    /// From which day it is counted.
    pub anchor: NaiveDate,
    /// How many.
    pub n: u32,
    /// Of which unit.
    pub unit: Unit,
    /// The last day.
    pub latest: NaiveDate,
}

codes! {
    /// What a rule can find lacking.
    Lacking {
        /// A paper.
        Paper = "paper",
        /// A fact that is not stated, or not known.
        Fact = "fact",
        /// The agreement of a body.
        Opinion = "opinion",
        /// A step of the chain.
        Step = "step",
        /// Something that was to be done and is overdue.
        Duty = "duty",
    }
}

/// One thing that a rule finds lacking, and its code: of a paper, a fact, a body or a step.
pub type Lack<'b> = (Lacking, &'b str);

/// What one rule says.
#[derive(Debug, Clone)]
pub struct Finding<'b> {
    /// The wording that was in force, or the newest one where none was.
    pub rule: &'b Rule,
    /// What it says.
    pub verdict: Verdict,
    /// The fact that is unknown.
    pub unknown: Option<&'static str>,
    /// Its deadline.
    pub deadline: Option<Deadline>,
    /// Papers that are missing.
    pub missing: Vec<FileKind>,
    /// What else is lacking, where it is not kept.
    pub(super) lacks: Vec<Lack<'b>>,
    /// What does not fit, one by one.
    pub misfits: Vec<Mismatch>,
    /// The fields of the content that it is about, as JSON pointers; `misfits` name theirs themselves.
    pub(super) fields: &'static [&'static str],
}

impl<'b> Finding<'b> {
    /// Everything that it finds lacking, one by one.
    #[must_use]
    pub fn lacking(&self) -> Vec<Lack<'b>> {
        let papers = self.missing.iter().map(|kind| (Lacking::Paper, kind.code()));
        let unknown = self.unknown.map(|fact| (Lacking::Fact, fact));
        papers.chain(unknown).chain(self.lacks.iter().copied()).collect()
    }
}

impl Finding<'_> {
    /// The fields of the content that it is about, as JSON pointers.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        if self.misfits.is_empty() {
            return self.fields.iter().map(|field| (*field).to_owned()).collect();
        }
        let mut fields: Vec<String> = Vec::new();
        for field in self.misfits.iter().flat_map(|misfit| &misfit.fields) {
            if !fields.contains(field) {
                fields.push(field.clone());
            }
        }
        fields
    }
}

/// What a rule said, to be kept: ids and names of facts alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The rule's id.
    pub rule: String,
    /// What it said.
    pub verdict: Verdict,
    /// The fact that was unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// It was not kept, and passed by with a reason.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overridden: bool,
}

impl Finding<'_> {
    /// What is kept of it.
    #[must_use]
    pub fn said(&self, overridden: bool) -> Said {
        Said {
            rule: self.rule.id.clone(),
            verdict: self.verdict,
            unknown: self.unknown.map(str::to_owned),
            overridden: overridden && self.verdict == Verdict::Violated,
        }
    }
}

/// What a rulebook says of a delegation.
#[derive(Debug, Clone)]
pub struct Assessment<'b> {
    /// What each rule says that concerns it, in order of id.
    pub findings: Vec<Finding<'b>>,
    /// The chain of approval.
    pub chain: Vec<&'b ChainStep>,
    /// Facts that steps of the chain hang on and that are unknown.
    pub chain_unknown: Vec<(&'b ChainStep, &'static str)>,
    /// The last day to file that every rule allows.
    pub latest_permitted: Option<NaiveDate>,
    /// The last day to file on which every clock can still be met: counted back from the first day through what
    /// must follow the permit, its issue and the steps of the chain.
    pub latest_safe: Option<NaiveDate>,
    /// The same, counted as if every step were needed that hangs on an unknown fact.
    pub latest_safe_at_worst: Option<NaiveDate>,
    /// Whether the clocks of the steps can all be met from the day of filing; absent while that hangs on a fact.
    pub clocks_fit: Option<bool>,
}

impl Assessment<'_> {
    /// The violations of this severity.
    pub fn violations(&self, severity: Severity) -> impl Iterator<Item = &Finding<'_>> {
        let is = move |finding: &&Finding<'_>| {
            finding.verdict == Verdict::Violated && finding.rule.severity == severity
        };
        self.findings.iter().filter(is)
    }
}

/// Assesses a delegation.
#[must_use]
pub fn assess<'b>(book: &'b Book, facts: &Facts, calendar: &Calendar) -> Assessment<'b> {
    let mut findings = Vec::with_capacity(24);
    let (mut chain, mut chain_unknown) = (Vec::with_capacity(8), Vec::new());
    for step in &book.chain.step {
        match step.when.applies(facts) {
            Applies::Yes => chain.push(step),
            Applies::No => {}
            Applies::Unknown(fact) => chain_unknown.push((step, fact)),
        }
    }
    let replaced = book.replaced(facts);
    let general = book.families().filter(|family| !is_replaced(family, &replaced));
    findings.extend(general.filter_map(|family| look(family, facts, calendar, &chain)));
    let leads = |finding: &Finding<'_>| match finding.rule.demand {
        Demand::Lead { .. } => finding.deadline.map(|deadline| deadline.latest),
        _ => None,
    };
    let latest_permitted = findings.iter().filter_map(leads).min();
    let safe = |chain: &[&ChainStep]| {
        let safe = safe_day(book, facts, calendar, &findings, chain)?;
        Some(latest_permitted.map_or(safe, |permitted| safe.min(permitted)))
    };
    let latest_safe = safe(&chain);
    // At worst every step is needed of which nobody can tell yet.
    let perhaps = chain_unknown.iter().map(|(step, _)| *step).filter(|step| !step.optional);
    let longest: Vec<&ChainStep> = chain.iter().copied().chain(perhaps).collect();
    let latest_safe_at_worst = if longest.len() > chain.len() { safe(&longest) } else { latest_safe };
    // A lead time that may apply can only make the day earlier: a "yes" would be a guess, a "no" is none.
    let open = findings.iter().any(|finding| {
        let lead = matches!(finding.rule.demand, Demand::Lead { .. });
        lead && finding.verdict == Verdict::Unknown && is_in_force(finding.rule, facts)
    });
    let fits = |day: Option<NaiveDate>| facts.filed_on.zip(day).map(|(filed, safe)| filed <= safe);
    let clocks_fit = match (fits(latest_safe), fits(latest_safe_at_worst)) {
        (Some(false), _) => Some(false),
        (_, Some(true)) if !open => Some(true),
        _ => None,
    };
    Assessment {
        findings,
        chain,
        chain_unknown,
        latest_permitted,
        latest_safe,
        latest_safe_at_worst,
        clocks_fit,
    }
}

/// Everything that a delegation owes once it is permitted: the rules of obligations in force that concern it, with
/// the instant at which each is due, on Vietnam's wall clock.
#[must_use]
pub fn obligations<'b>(book: &'b Book, facts: &Facts, calendar: &Calendar) -> Vec<Owed<'b>> {
    let mut owed = Vec::new();
    let replaced = book.replaced(facts);
    let general = book.families().filter(|family| !is_replaced(family, &replaced));
    for rule in general.filter_map(|family| applicable(family, facts)) {
        let Demand::Obligation { n, unit, side, anchor, .. } = rule.demand else { continue };
        for at in instants(facts, anchor, side) {
            owed.push(Owed { rule, key: key_of(anchor, at), due_at: due(calendar, at, n, unit, side) });
        }
    }
    owed
}

/// An obligation that follows from a rule.
#[derive(Debug, Clone)]
pub struct Owed<'b> {
    /// The rule.
    pub rule: &'b Rule,
    /// What tells several of one rule apart: the day of the programme item, or nothing.
    pub key: String,
    /// When it is due.
    pub due_at: NaiveDateTime,
}

/// Whether a special rule speaks in the place of this one.
fn is_replaced(family: &[Rule], replaced: &[&str]) -> bool {
    !replaced.is_empty() && family.first().is_some_and(|rule| replaced.contains(&rule.id.as_str()))
}

/// The wording in force that applies, if any.
pub(super) fn applicable<'b>(family: &'b [Rule], facts: &Facts) -> Option<&'b Rule> {
    family
        .iter()
        .find(|rule| is_in_force(rule, facts))
        .filter(|rule| rule.applies.applies(facts) == Applies::Yes)
}

/// Whether this wording is in force on the day that selects it.
#[must_use]
pub fn is_in_force(rule: &Rule, facts: &Facts) -> bool {
    selecting_day(rule, facts).is_some_and(|day| rule.in_force(day))
}

pub(super) fn selecting_day(rule: &Rule, facts: &Facts) -> Option<NaiveDate> {
    match rule.selected_by {
        SelectedBy::Filing => facts.filed_on,
        SelectedBy::Event => facts.event_day(),
    }
}

pub(super) fn finding(rule: &Rule, verdict: Verdict) -> Finding<'_> {
    Finding {
        rule,
        verdict,
        unknown: None,
        deadline: None,
        missing: Vec::new(),
        lacks: Vec::new(),
        misfits: Vec::new(),
        fields: &[],
    }
}

pub(super) fn unknown<'b>(rule: &'b Rule, fact: &'static str) -> Finding<'b> {
    Finding { unknown: Some(fact), ..finding(rule, Verdict::Unknown) }
}

/// What the wordings of one id say together; `None` where they do not concern it.
fn look<'b>(
    family: &'b [Rule],
    facts: &Facts,
    calendar: &Calendar,
    chain: &[&ChainStep],
) -> Option<Finding<'b>> {
    if let Some(rule) = family.iter().find(|rule| is_in_force(rule, facts)) {
        return match rule.applies.applies(facts) {
            Applies::No => None,
            Applies::Unknown(fact) => Some(unknown(rule, fact)),
            Applies::Yes => Some(demanded(rule, facts, calendar, chain)),
        };
    }
    // None is in force, or the day that would tell is unknown. Whom it would have concerned is told so: nobody may
    // take it for a "yes".
    let newest = family.last()?;
    let concerns = family.iter().map(|rule| rule.applies.applies(facts)).fold(Applies::No, Applies::or);
    match (concerns, selecting_day(newest, facts)) {
        (Applies::No, _) => None,
        (_, None) => Some(unknown(newest, day_fact(newest, facts.direction))),
        (Applies::Unknown(fact), Some(_)) => Some(unknown(newest, fact)),
        (Applies::Yes, Some(_)) => Some(finding(newest, Verdict::NoRuleInForce)),
    }
}

/// The fact that selects the wording of a rule.
fn day_fact(rule: &Rule, direction: Direction) -> &'static str {
    match (rule.selected_by, direction) {
        (SelectedBy::Filing, _) => "filed_on",
        (SelectedBy::Event, Direction::Inbound) => "arrives_on",
        (SelectedBy::Event, Direction::Outbound) => "leaves_vn_on",
    }
}

/// Counts back from the first day: what needs the permit and is due before it, the issue, the stages of the chain.
fn safe_day(
    book: &Book,
    facts: &Facts,
    calendar: &Calendar,
    findings: &[Finding<'_>],
    chain: &[&ChainStep],
) -> Option<NaiveDate> {
    let first = facts.event_day()?;
    let needs = |finding: &Finding<'_>| match finding.rule.demand {
        Demand::Obligation { needs_permit: true, .. } => finding.deadline.map(|deadline| deadline.latest),
        _ => None,
    };
    // Without any of them the permit must be there on the working day before.
    let permit_by = findings.iter().filter_map(needs).min().unwrap_or(first).min(first);
    let back = |day: NaiveDate, clock: Option<Term>| match clock {
        Some(clock) if clock.unit != Unit::Hour => calendar.before(day, clock.n, clock.unit),
        Some(clock) => day.checked_sub_days(Days::new(u64::from(clock.n.div_ceil(24)))).unwrap_or(day),
        None => day,
    };
    let mut day = back(permit_by, book.chain.issue.clock);
    let mut stages: Vec<i32> = chain.iter().filter_map(|step| step.stage).collect();
    stages.sort_unstable();
    stages.dedup();
    for stage in stages.into_iter().rev() {
        let of_stage = chain.iter().filter(|step| step.stage == Some(stage));
        day = of_stage.map(|step| back(day, step.clock)).min().unwrap_or(day);
    }
    Some(day)
}
