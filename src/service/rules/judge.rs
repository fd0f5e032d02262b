//! What the rules say at a submission: what it has to state for them, and what stops it; and at the approval, of the
//! opinions alone.

use super::assess::{facts_of, overridden};
use super::sentences;
use crate::domain::refusal::{Fault, Violation};
use crate::domain::rulebook::{self, Book, Demand, Facts, Finding, Lacking, Said, Severity, Status, Verdict};
use crate::service::{Context, Result};
use crate::store::dossiers::Stored;
use crate::store::rulebooks;
use crate::store::{ReadTx, WriteTx, assessments};

/// What a submission is judged by.
#[derive(Debug)]
pub struct Judged {
    /// Version of the rulebook.
    pub version: i32,
    /// The fields that the rules ask for and that are not filled in.
    pub asked: Vec<Fault>,
    /// The rules that stop it.
    pub stopped: Vec<Violation>,
    /// Ids of the rules that are not kept, and of those among them that were overridden.
    pub violated: Vec<rulebooks::Finding>,
    /// What every rule said that concerns it.
    pub said: Vec<Said>,
}

/// Judges a submission by the active rulebook: a fact on which a step or a blocking rule hangs must be stated, and a
/// blocking rule that is not kept stops it, unless it was overridden for this round by those whom the rule names.
///
/// # Errors
/// `Error::Store` of the database.
pub fn judged(tx: &mut ReadTx<'_>, ctx: &Context, stored: &Stored) -> Result<Judged> {
    let (version, book) = ctx.settings.rulebooks.active(tx)?;
    let facts = facts_of(tx, ctx, stored)?;
    let assessment = rulebook::assess(&book, &facts, &ctx.settings.calendar);
    let asked = fields_of(rulebook::asked(&assessment, &facts, &ctx.settings.calendar), &facts);
    let round = stored.dossier.revision + 1;
    let overridden = overridden(tx, stored, version)?;
    let passed = |finding: &Finding<'_>| overridden.contains(&finding.rule.id);
    let broken: Vec<&Finding<'_>> = assessment
        .findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Violated && finding.rule.severity != Severity::Info)
        .collect();
    let stops = |finding: &&&Finding<'_>| finding.rule.severity == Severity::Block && !passed(finding);
    let known = serde_json::to_value(&facts).unwrap_or_default();
    let stopped = broken.iter().filter(stops).map(|finding| violation(finding, &known, &book)).collect();
    let note = |finding: &&Finding<'_>| rulebooks::Finding {
        revision: round,
        rule: finding.rule.id.clone(),
        late: matches!(finding.rule.demand, Demand::Lead { .. }),
        overridden: passed(finding),
        binding: finding.rule.status == Status::Law || finding.rule.confirmed,
    };
    let said = assessment.findings.iter().map(|finding| finding.said(passed(finding))).collect();
    Ok(Judged { version, asked, stopped, violated: broken.iter().map(note).collect(), said })
}

/// The fields that the active rulebook asks for where nothing but these facts is known.
///
/// # Errors
/// `Error::Store` of the database.
pub fn asked_of(tx: &mut ReadTx<'_>, ctx: &Context, facts: &Facts) -> Result<Vec<Fault>> {
    let (_, book) = ctx.settings.rulebooks.active(tx)?;
    let assessment = rulebook::assess(&book, facts, &ctx.settings.calendar);
    Ok(fields_of(rulebook::asked(&assessment, facts, &ctx.settings.calendar), facts))
}

/// Hears again what the bodies that were asked say, when the round is approved: those rules alone, for the others spoke
/// when it was filed.
///
/// # Errors
/// `Error::Store` of the database.
pub fn heard(tx: &mut WriteTx<'_>, ctx: &Context, stored: &Stored) -> Result<()> {
    let (id, revision) = (stored.dossier.id, stored.dossier.revision);
    let Some(mut kept) = assessments::load(tx, id, revision)? else { return Ok(()) };
    let book = ctx.settings.rulebooks.version(tx, kept.rulebook_version)?;
    let asks =
        |rule: &str| book.newest(rule).is_some_and(|rule| matches!(rule.demand, Demand::Opinions { .. }));
    if !kept.verdicts.iter().any(|said| asks(&said.rule)) {
        return Ok(());
    }
    let facts = facts_of(tx, ctx, stored)?;
    let assessment = rulebook::assess(&book, &facts, &ctx.settings.calendar);
    for said in kept.verdicts.iter_mut().filter(|said| asks(&said.rule)) {
        if let Some(finding) = assessment.findings.iter().find(|finding| finding.rule.id == said.rule) {
            *said = finding.said(said.overridden);
        }
    }
    kept.judged_at = tx.now();
    Ok(assessments::keep(tx, id, &kept)?)
}

/// What is required where these facts are asked for.
fn fields_of<'b>(asked: impl IntoIterator<Item = &'b str>, facts: &Facts) -> Vec<Fault> {
    let at = |fact| stated_at(fact, !facts.travellers.is_empty());
    let mut fields: Vec<String> = asked.into_iter().filter_map(at).collect();
    fields.sort();
    fields.dedup();
    fields.into_iter().map(|field| Fault::at(field, "required")).collect()
}

/// The field in which a fact is stated; none for what nobody states. What is said of people hangs on somebody being named.
fn stated_at(fact: &str, is_somebody_named: bool) -> Option<String> {
    let of_people = |field: &str| match is_somebody_named {
        true => format!("/members/{field}"),
        false => "/members".to_owned(),
    };
    match fact {
        "answers" | "filed_on" | "overdue" | "owner_kind" | "papers" => None,
        "travellers" | "people" | "overlaps" => Some("/members".to_owned()),
        "visa_needed" => Some(of_people("visa")),
        "managed_by" | "passport_type" | "passport_expires_on" | "party_member" | "leadership" => {
            Some(of_people(fact))
        }
        "people_in_letter" => Some("/request_letter/people".to_owned()),
        "ngo_registration" => Some("/ngo_registration/number".to_owned()),
        "ngo_registration_expires_on" => Some("/ngo_registration/expires_on".to_owned()),
        "plan" => Some("/plan/status".to_owned()),
        other => Some(format!("/{other}")),
    }
}

/// The fields that a rule finds empty.
#[must_use]
pub fn empty_fields(violation: &Violation) -> Vec<String> {
    let facts = violation.lacking.iter().filter(|lack| lack.kind == Lacking::Fact);
    facts.filter_map(|lack| stated_at(&lack.code, true)).collect()
}

fn violation(finding: &Finding<'_>, known: &serde_json::Value, book: &Book) -> Violation {
    let mut lacking = rulebook::lacks(finding);
    sentences::fill_lacks(&mut lacking, Some(finding.rule), book);
    let mut mismatches = rulebook::mismatches(finding);
    mismatches.iter_mut().for_each(sentences::fill_mismatch);
    Violation {
        rule: finding.rule.id.clone(),
        severity: finding.rule.severity.to_string(),
        citation: finding.rule.citation(),
        message_vi: rulebook::filled(&finding.rule.message_vi, known),
        message_en: rulebook::filled(&finding.rule.message_en, known),
        latest_on: finding.deadline.map(|deadline| deadline.latest),
        fields: finding.fields(),
        lacking,
        mismatches,
    }
}
