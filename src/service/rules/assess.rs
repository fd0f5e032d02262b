//! What the rules say of a dossier: for people, with its grounds; and at submission, where blocking rules stop it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{book_of, filing_day, gather, sentences};
use crate::domain::access::Action;
use crate::domain::ids::DossierId;
use crate::domain::refusal::{Refusal, Violation};
use crate::domain::rulebook::{self, Book, Demand, Explanation, Facts, Finding, Severity, Status, Verdict};
use crate::service::{Context, Result, delegations};
use crate::store::dossiers::Stored;
use crate::store::overrides::{self, Override};
use crate::store::rulebooks;
use crate::store::{ReadTx, WriteTx};

/// Explains what the rules say of a dossier, under the version that holds for it.
///
/// # Errors
/// `NotFound` where the actor may not know of it.
pub fn explain(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> Result<Explanation> {
    let stored = delegations::get(tx, ctx, id)?;
    let (no, book) = book_of(tx, ctx, &stored)?;
    let facts = facts_of(tx, ctx, &stored)?;
    Ok(explained(&book, no, &facts, ctx))
}

/// The facts of one dossier.
///
/// # Errors
/// `Error::Store` of the database.
pub fn facts_of(tx: &mut ReadTx<'_>, ctx: &Context, stored: &Stored) -> Result<Facts> {
    let filed_on = filing_day(tx, ctx, stored)?;
    let mut facts = gather(tx, &[(stored, filed_on)])?;
    Ok(facts.pop().unwrap_or_else(|| Facts::unknown(stored.dossier.direction)))
}

fn explained(book: &Book, no: i32, facts: &Facts, ctx: &Context) -> Explanation {
    let mut explanation = rulebook::explain(book, no, facts, &ctx.settings.calendar);
    for deadline in explanation.rules.iter_mut().filter_map(|rule| rule.deadline.as_mut()) {
        sentences::fill(deadline);
    }
    explanation
}

/// Facts to try the rules out on.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// Version of the rulebook; the active one, if absent.
    #[serde(default)]
    pub version: Option<i32>,
    /// The facts.
    pub facts: Facts,
}

/// Tries the rules out on any facts; nothing is stored.
///
/// # Errors
/// `Invalid` when there is no such version.
pub fn evaluate(tx: &mut ReadTx<'_>, ctx: &Context, asked: &Evaluation) -> Result<Explanation> {
    ctx.must(Action::ReadRules)?;
    let (no, book) = match asked.version {
        None => ctx.settings.rulebooks.active(tx)?,
        Some(no) if rulebooks::sources(tx, no)?.is_none() => {
            return Err(Refusal::field("/version", "unknown-version").into());
        }
        Some(no) => (no, ctx.settings.rulebooks.version(tx, no)?),
    };
    let mut facts = asked.facts.clone();
    let today = || ctx.settings.calendar.received_on(crate::clock::in_vietnam(tx.now()).naive_local());
    let filed: NaiveDate = facts.filed_on.unwrap_or_else(today);
    facts.filed_on = Some(filed);
    Ok(explained(&book, no, &facts, ctx))
}

/// What a submission was judged by.
#[derive(Debug)]
pub struct Judged {
    /// Version of the rulebook.
    pub version: i32,
    /// Ids of the rules that are not kept, and of those among them that were overridden.
    pub violated: Vec<rulebooks::Finding>,
}

/// Judges a submission by the active rulebook: a blocking rule that is not kept stops it, unless it was overridden
/// for this round by those whom the rule names.
///
/// # Errors
/// `Rules` with every violation that stops it.
pub fn judged(tx: &mut WriteTx<'_>, ctx: &Context, stored: &Stored) -> Result<Judged> {
    let (version, book) = ctx.settings.rulebooks.active(tx)?;
    let facts = facts_of(tx, ctx, stored)?;
    let assessment = rulebook::assess(&book, &facts, &ctx.settings.calendar);
    let round = stored.dossier.revision + 1;
    let overridden: Vec<Override> = overrides::of_dossier(tx, stored.dossier.id)?
        .into_iter()
        .filter(|one| one.revision == round && one.holds())
        .collect();
    let passed = |finding: &Finding<'_>| overridden.iter().any(|one| one.rule == finding.rule.id);
    let broken: Vec<&Finding<'_>> = assessment
        .findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Violated && finding.rule.severity != Severity::Info)
        .collect();
    let stops = |finding: &&&Finding<'_>| finding.rule.severity == Severity::Block && !passed(finding);
    let violations: Vec<Violation> = broken.iter().filter(stops).map(|finding| violation(finding)).collect();
    if !violations.is_empty() {
        return Err(Refusal::Rules(violations).into());
    }
    let note = |finding: &&Finding<'_>| rulebooks::Finding {
        revision: round,
        rule: finding.rule.id.clone(),
        late: matches!(finding.rule.demand, Demand::Lead { .. }),
        overridden: passed(finding),
        binding: finding.rule.status == Status::Law || finding.rule.confirmed,
    };
    Ok(Judged { version, violated: broken.iter().map(note).collect() })
}

fn violation(finding: &Finding<'_>) -> Violation {
    Violation {
        rule: finding.rule.id.clone(),
        severity: finding.rule.severity.to_string(),
        citation: finding.rule.citation(),
        message_vi: finding.rule.message_vi.clone(),
        message_en: finding.rule.message_en.clone(),
        latest_on: finding.deadline.map(|deadline| deadline.latest),
        fields: finding.fields.iter().map(|field| (*field).to_owned()).collect(),
    }
}
