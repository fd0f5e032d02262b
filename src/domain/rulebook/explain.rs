//! An assessment for people: each rule with its inputs, result and citation, each deadline with its arithmetic.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::book::Book;
use super::compare::{Mismatch, MismatchKind, Value as Stated};
use super::evaluate::{Assessment, Deadline, Finding, Lacking, Verdict, assess};
use super::facts::Facts;
use super::model::{Anchor, Basis, Confidence, Demand, Rule, Severity, Side, Status};
use crate::domain::access::Role;
use crate::domain::approval::{ChainStep, Place, Term};
use crate::domain::calendar::{Arithmetic, Calendar, Towards, Unit};
use crate::domain::file::FileKind;
use crate::domain::ids::MemberId;

/// A deadline with its arithmetic.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeadlineView {
    /// From what it is counted.
    pub anchor: Anchor,
    /// Before or after it.
    pub side: Side,
    /// That day.
    pub anchor_on: NaiveDate,
    /// How many ..
    pub n: u32,
    /// .. of which unit.
    pub unit: Unit,
    /// The last day.
    pub latest_on: NaiveDate,
    /// How it was counted; absent for hours.
    pub arithmetic: Option<Arithmetic>,
    /// The same in a sentence, in Vietnamese.
    pub sentence_vi: String,
    /// The same in a sentence, in English.
    pub sentence_en: String,
}

/// One thing that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MismatchView {
    /// What.
    pub kind: MismatchKind,
    /// The fields that it is about, as JSON pointers.
    pub fields: Vec<String>,
    /// The same in a sentence with its values, in Vietnamese.
    pub sentence_vi: String,
    /// The same in a sentence with its values, in English.
    pub sentence_en: String,
    /// Its values, for the sentences.
    #[serde(skip)]
    #[schema(ignore)]
    pub values: Vec<(&'static str, Stated)>,
}

/// What a finding lists one by one. The sentences are left empty: words are another room's matter.
#[must_use]
pub fn mismatches(finding: &Finding<'_>) -> Vec<MismatchView> {
    let view = |misfit: &Mismatch| MismatchView {
        kind: misfit.kind,
        fields: misfit.fields.clone(),
        sentence_vi: String::new(),
        sentence_en: String::new(),
        values: misfit.values.clone(),
    };
    finding.misfits.iter().map(view).collect()
}

/// One thing that a rule finds lacking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LackView {
    /// What kind of thing.
    pub kind: Lacking,
    /// The code of the paper, fact, body or step; the id of the duty.
    pub code: String,
    /// Its name, in Vietnamese.
    pub name_vi: String,
    /// Its name, in English.
    pub name_en: String,
}

/// What a finding finds lacking. The names are left empty: words are another room's matter.
#[must_use]
pub fn lacks(finding: &Finding<'_>) -> Vec<LackView> {
    let view = |(kind, code): (Lacking, &str)| LackView {
        kind,
        code: code.to_owned(),
        name_vi: String::new(),
        name_en: String::new(),
    };
    finding.lacking().into_iter().map(view).collect()
}

/// A rule and what it says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RuleView {
    /// Id.
    pub rule: String,
    /// Title, in Vietnamese.
    pub title_vi: String,
    /// Title, in English.
    pub title_en: String,
    /// How strictly it is meant.
    pub severity: Severity,
    /// Whose rule.
    pub status: Status,
    /// How well its source is known.
    pub confidence: Confidence,
    /// Whether the city has confirmed it.
    pub confirmed: bool,
    /// Legal basis.
    pub basis: Vec<Basis>,
    /// Legal basis, as it is cited.
    pub citation: String,
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force.
    pub valid_to: Option<NaiveDate>,
    /// What it says.
    pub verdict: Verdict,
    /// The fact that is unknown.
    pub unknown: Option<String>,
    /// What it says, in Vietnamese.
    pub message_vi: String,
    /// What it says, in English.
    pub message_en: String,
    /// The facts that it looked at.
    pub inputs: BTreeMap<String, Value>,
    /// Its deadline.
    pub deadline: Option<DeadlineView>,
    /// Papers that are missing.
    pub missing_papers: Vec<FileKind>,
    /// What it finds lacking, one by one: papers, facts, answers of bodies, steps, overdue duties.
    pub lacking: Vec<LackView>,
    /// What does not fit, one by one.
    pub mismatches: Vec<MismatchView>,
    /// The fields that it is about.
    pub fields: Vec<String>,
    /// Whether it was passed by for the round that is looked at.
    pub overridden: bool,
    /// Who may override it.
    pub override_by: Option<Role>,
    /// Whether overriding it needs a second person.
    pub override_needs_two: bool,
}

/// A step of the chain to come.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlannedStep {
    /// Kind.
    pub kind: String,
    /// Words, in Vietnamese.
    pub title_vi: String,
    /// Words, in English.
    pub title_en: String,
    /// Steps of one stage run side by side.
    pub stage: i32,
    /// Where.
    pub at: Place,
    /// Who there.
    pub role: Role,
    /// The body without accounts that answers on paper.
    pub body: Option<String>,
    /// How many must agree.
    pub quorum: i32,
    /// How long it may take.
    pub clock: Option<Term>,
    /// The fact that it hangs on and that is unknown; absent where the step is certain.
    pub hangs_on: Option<String>,
}

/// Papers that rules demand.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct PapersView {
    /// All of them.
    pub required: BTreeSet<FileKind>,
    /// Those that are there.
    pub present: BTreeSet<FileKind>,
    /// Those that are not.
    pub missing: BTreeSet<FileKind>,
    /// Guests without a copy of their passport, where copies are demanded.
    pub without_passport_scan: Vec<MemberId>,
}

/// Everything that the rules say of a delegation, with its grounds.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Explanation {
    /// Version of the rulebook.
    pub rulebook_version: i32,
    /// The day that counts as the day of filing.
    pub filed_on: Option<NaiveDate>,
    /// The last day to file that every rule allows.
    pub latest_permitted_on: Option<NaiveDate>,
    /// The last day to file on which every clock can still be met.
    pub latest_safe_on: Option<NaiveDate>,
    /// The same, counted as if every step were needed that hangs on an unknown fact.
    pub latest_safe_at_worst_on: Option<NaiveDate>,
    /// Whether the clocks of the steps can all be met from the day of filing; absent while that hangs on a fact.
    pub clocks_fit: Option<bool>,
    /// Years without a complete calendar that a deadline touches: those deadlines are a guess.
    pub uncovered_years: BTreeSet<i32>,
    /// Facts that are unknown and that some rule needs.
    pub unknown: BTreeSet<String>,
    /// Every rule that concerns it: first what is violated, then what is unknown.
    pub rules: Vec<RuleView>,
    /// Papers.
    pub papers: PapersView,
    /// The chain of approval.
    pub chain: Vec<PlannedStep>,
}

/// Explains an assessment. The sentences of deadlines are left empty: words are another room's matter.
#[must_use]
pub fn explain(book: &Book, version: i32, facts: &Facts, calendar: &Calendar) -> Explanation {
    let assessment = assess(book, facts, calendar);
    let known = serde_json::to_value(facts).unwrap_or_default();
    let mut rules: Vec<RuleView> =
        assessment.findings.iter().map(|finding| view(finding, &known, facts, calendar)).collect();
    // What somebody must do something about comes first.
    rules.sort_by_key(|rule| (urgency(rule.verdict), rule.severity));
    let hangs = assessment.chain_unknown.iter().map(|(_, fact)| (*fact).to_owned());
    let unknown = rules.iter().filter_map(|rule| rule.unknown.clone()).chain(hangs).collect();
    let mut uncovered: BTreeSet<i32> = rules
        .iter()
        .filter_map(|rule| rule.deadline.as_ref()?.arithmetic.as_ref())
        .flat_map(|arithmetic| arithmetic.uncovered.clone())
        .collect();
    if let (Some(safe), Some(event)) = (assessment.latest_safe, facts.event_day()) {
        uncovered.extend(calendar.uncovered(safe, event));
    }
    Explanation {
        rulebook_version: version,
        filed_on: facts.filed_on,
        latest_permitted_on: assessment.latest_permitted,
        latest_safe_on: assessment.latest_safe,
        latest_safe_at_worst_on: assessment.latest_safe_at_worst,
        clocks_fit: assessment.clocks_fit,
        uncovered_years: uncovered,
        unknown,
        papers: papers(&assessment, facts),
        chain: chain(&assessment),
        rules,
    }
}

fn urgency(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Violated => 0,
        Verdict::Unknown => 1,
        Verdict::NoRuleInForce => 2,
        Verdict::Met => 3,
        Verdict::Noted => 4,
    }
}

fn papers(assessment: &Assessment<'_>, facts: &Facts) -> PapersView {
    let mut view = PapersView { present: facts.papers.clone().unwrap_or_default(), ..PapersView::default() };
    for finding in &assessment.findings {
        let decided = matches!(finding.verdict, Verdict::Met | Verdict::Violated);
        if let (Demand::Papers { papers }, true) = (&finding.rule.demand, decided) {
            view.required.extend(papers);
        }
    }
    view.missing = view.required.difference(&view.present).copied().collect();
    view
}

fn chain(assessment: &Assessment<'_>) -> Vec<PlannedStep> {
    let planned = |step: &ChainStep, hangs_on: Option<&str>| PlannedStep {
        kind: step.kind.clone(),
        title_vi: step.title_vi.clone(),
        title_en: step.title_en.clone(),
        stage: step.stage.unwrap_or_default(),
        at: step.at,
        role: step.role,
        body: step.body.clone(),
        quorum: step.quorum,
        clock: step.clock,
        hangs_on: hangs_on.map(str::to_owned),
    };
    let certain = assessment.chain.iter().map(|step| planned(step, None));
    let perhaps = assessment.chain_unknown.iter().map(|(step, fact)| planned(step, Some(fact)));
    let mut steps: Vec<PlannedStep> = certain.chain(perhaps).collect();
    steps.sort_by_key(|step| step.stage);
    steps
}

fn view(finding: &Finding<'_>, known: &Value, facts: &Facts, calendar: &Calendar) -> RuleView {
    let rule = finding.rule;
    let mut names: BTreeSet<&str> = rule.applies.facts().into_iter().collect();
    names.extend(rule.demand.facts(facts));
    let input = |name: &str| Some((name.to_owned(), known.get(name)?.clone()));
    RuleView {
        rule: rule.id.clone(),
        title_vi: rule.title_vi.clone(),
        title_en: rule.title_en.clone(),
        severity: rule.severity,
        status: rule.status,
        confidence: rule.confidence,
        confirmed: rule.confirmed,
        basis: rule.basis.clone(),
        citation: rule.citation(),
        valid_from: rule.valid_from,
        valid_to: rule.valid_to,
        verdict: finding.verdict,
        unknown: finding.unknown.map(str::to_owned),
        message_vi: filled(&rule.message_vi, known),
        message_en: filled(&rule.message_en, known),
        inputs: names.into_iter().filter_map(input).collect(),
        deadline: finding.deadline.and_then(|deadline| deadline_view(rule, deadline, calendar)),
        missing_papers: finding.missing.clone(),
        lacking: lacks(finding),
        mismatches: mismatches(finding),
        fields: finding.fields(),
        overridden: false,
        override_by: rule.override_by,
        override_needs_two: rule.override_by.is_some() && rule.needs_two(),
    }
}

/// A message with the facts that it names in braces: numbers, codes and days as they are, a dash for what is unknown.
#[must_use]
pub fn filled(message: &str, facts: &Value) -> String {
    let mut text = message.to_owned();
    for (name, value) in facts.as_object().into_iter().flatten() {
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => "-".to_owned(),
        };
        text = text.replace(&format!("{{{name}}}"), &value);
    }
    text
}

/// A message without a dossier: dots stand for what it names in braces.
#[must_use]
pub fn unfilled(message: &str) -> String {
    let mut parts = message.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |said, part| said + "…" + part.split_once('}').map_or("", |(_, rest)| rest))
}

fn deadline_view(rule: &Rule, deadline: Deadline, calendar: &Calendar) -> Option<DeadlineView> {
    let (anchor, side) = match rule.demand {
        Demand::Lead { before, .. } => (before, Side::Before),
        Demand::Obligation { anchor, side, .. } => (anchor, side),
        _ => return None,
    };
    let towards = match side {
        Side::Before => Towards::Past,
        Side::After => Towards::Future,
    };
    let Deadline { anchor: anchor_on, n, unit, latest } = deadline;
    let arithmetic = (unit != Unit::Hour).then(|| calendar.arithmetic(anchor_on, n, unit, towards));
    let (sentence_vi, sentence_en) = Default::default();
    Some(DeadlineView {
        anchor,
        side,
        anchor_on,
        n,
        unit,
        latest_on: latest,
        arithmetic,
        sentence_vi,
        sentence_en,
    })
}
