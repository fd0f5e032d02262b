//! What another version of the rulebook would say of open dossiers, before it is activated.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::gather;
use crate::clock::in_vietnam;
use crate::domain::access::Action;
use crate::domain::dossier::State;
use crate::domain::file::FileKind;
use crate::domain::ids::DossierId;
use crate::domain::refusal::Refusal;
use crate::domain::rulebook::{Assessment, Demand, Facts, Finding, Severity, Verdict, assess};
use crate::service::{Context, Result};
use crate::store::dossiers::{self, Filter, Stored};
use crate::store::{ReadTx, rulebooks};

/// What a rule says of a dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Said {
    /// What.
    pub verdict: Verdict,
    /// How strictly.
    pub severity: Severity,
    /// The last day of its deadline.
    pub latest_on: Option<NaiveDate>,
    /// Papers that are missing.
    pub missing_papers: Vec<FileKind>,
}

/// A rule that would say something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleChange {
    /// The rule.
    pub rule: String,
    /// What it says now; absent where it does not concern the dossier.
    pub before: Option<Said>,
    /// What it would say.
    pub after: Option<Said>,
}

/// An open dossier that would change.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Changed {
    /// The dossier.
    pub id: DossierId,
    /// Official number.
    pub code: Option<String>,
    /// Name.
    pub title: String,
    /// State.
    pub state: State,
    /// Whether it would be late to file, which it is not now.
    pub becomes_late: bool,
    /// Whether the chain of approval would be another one.
    pub chain_changes: bool,
    /// The last day to file, now.
    pub latest_permitted_before: Option<NaiveDate>,
    /// The last day to file, then.
    pub latest_permitted_after: Option<NaiveDate>,
    /// The last day to file on which every clock can be met, now.
    pub latest_safe_before: Option<NaiveDate>,
    /// The last day to file on which every clock can be met, then.
    pub latest_safe_after: Option<NaiveDate>,
    /// Rules that would say something else.
    pub rules: Vec<RuleChange>,
}

/// What a version would change.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Impact {
    /// The version that is compared.
    pub version: i32,
    /// The active one.
    pub active: i32,
    /// How many open dossiers were looked at.
    pub looked_at: usize,
    /// Those that would change.
    pub changed: Vec<Changed>,
    /// Where the next page begins, when there are more open dossiers.
    pub next_cursor: Option<String>,
}

/// States of dossiers that wait to be submitted: the others keep the version that they were submitted under.
const OPEN: [State; 2] = [State::Draft, State::Returned];

/// Compares version `no` with what holds now, for the open dossiers that the actor may know of: at most `limit` of
/// them, newest first, from before `cursor`.
///
/// # Errors
/// `NotFound` when there is no such version.
pub fn impact(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    no: i32,
    cursor: Option<DossierId>,
    limit: usize,
) -> Result<Impact> {
    ctx.must(Action::ReadRules)?;
    if rulebooks::sources(tx, no)?.is_none() {
        return Err(Refusal::NotFound.into());
    }
    let then = ctx.settings.rulebooks.version(tx, no)?;
    let (active, now) = ctx.settings.rulebooks.active(tx)?;
    let scope = ctx.actor.scope(Action::ReadDossier);
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut open: Vec<Stored> = Vec::new();
    for state in OPEN {
        let filter = Filter { state: Some(state), before: cursor, ..Filter::default() };
        open.extend(dossiers::list(tx, &scope, &filter, most + 1)?);
    }
    open.sort_by_key(|stored| std::cmp::Reverse(stored.dossier.id));
    let more = open.len() > limit;
    open.truncate(limit);
    // All of them wait to be filed: today, if at all.
    let filed = ctx.settings.calendar.received_on(in_vietnam(tx.now()).naive_local());
    let with_days: Vec<_> = open.iter().map(|stored| (stored, filed)).collect();
    let facts = gather(tx, &with_days)?;
    let compare = |(stored, facts): (&Stored, &Facts)| {
        let calendar = &ctx.settings.calendar;
        difference(stored, &assess(&now, facts, calendar), &assess(&then, facts, calendar))
    };
    Ok(Impact {
        version: no,
        active,
        looked_at: open.len(),
        changed: open.iter().zip(&facts).filter_map(compare).collect(),
        next_cursor: open.last().filter(|_| more).map(|last| last.dossier.id.to_string()),
    })
}

fn difference(stored: &Stored, before: &Assessment<'_>, after: &Assessment<'_>) -> Option<Changed> {
    let said = |assessment: &Assessment<'_>, rule: &str| {
        let finding = assessment.findings.iter().find(|finding| finding.rule.id == rule)?;
        Some(Said {
            verdict: finding.verdict,
            severity: finding.rule.severity,
            latest_on: finding.deadline.map(|deadline| deadline.latest),
            missing_papers: finding.missing.clone(),
        })
    };
    let mut ids: Vec<&str> =
        before.findings.iter().chain(&after.findings).map(|finding| finding.rule.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let rules: Vec<RuleChange> = ids
        .into_iter()
        .map(|rule| RuleChange {
            rule: rule.to_owned(),
            before: said(before, rule),
            after: said(after, rule),
        })
        .filter(|change| change.before != change.after)
        .collect();
    let steps = |assessment: &Assessment<'_>| -> Vec<_> {
        assessment.chain.iter().map(|step| serde_json::to_value(step).unwrap_or_default()).collect()
    };
    let late = |assessment: &Assessment<'_>| {
        let is_lead = |finding: &&Finding<'_>| matches!(finding.rule.demand, Demand::Lead { .. });
        assessment.findings.iter().filter(is_lead).any(|finding| finding.verdict == Verdict::Violated)
    };
    let changed = Changed {
        id: stored.dossier.id,
        code: stored.dossier.code.clone(),
        title: stored.content.title.clone(),
        state: stored.dossier.state,
        becomes_late: !late(before) && late(after),
        chain_changes: steps(before) != steps(after),
        latest_permitted_before: before.latest_permitted,
        latest_permitted_after: after.latest_permitted,
        latest_safe_before: before.latest_safe,
        latest_safe_after: after.latest_safe,
        rules,
    };
    let same = changed.rules.is_empty()
        && !changed.chain_changes
        && changed.latest_permitted_before == changed.latest_permitted_after
        && changed.latest_safe_before == changed.latest_safe_after;
    (!same).then_some(changed)
}
