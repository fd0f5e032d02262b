//! The self-check of a return: what the rules said of its dossiers, as it was kept when they were filed and approved. It
//! judges nothing: a return of long ago tells what the rules of that time said.

use std::collections::BTreeMap;

use super::facts::{CheckedFact, DelegationFact, Wording};
use super::form::{CheckRow, CheckTotals, DossierRow, MatrixRow, Meta, SelfCheck, Word};
use super::seen::{Ctx, Seen};
use super::words::{Spoken, masked, pick};
use crate::domain::codes::{Lang, codes};
use crate::domain::ids::DossierId;
use crate::domain::rulebook::{Said, Verdict};

codes! {
    /// What became of a rule for a dossier.
    CheckResult {
        Met = "met",
        Noted = "noted",
        Violated = "violated",
        /// Not kept, and passed by with a reason.
        Overridden = "overridden",
        Unknown = "unknown",
        NoRuleInForce = "no_rule_in_force",
    }
}

/// What became of a rule, by what was kept.
fn result(said: &Said) -> CheckResult {
    match said.verdict {
        Verdict::Violated if said.overridden => CheckResult::Overridden,
        Verdict::Violated => CheckResult::Violated,
        Verdict::Met => CheckResult::Met,
        Verdict::Noted => CheckResult::Noted,
        Verdict::Unknown => CheckResult::Unknown,
        Verdict::NoRuleInForce => CheckResult::NoRuleInForce,
    }
}

fn by_id<'a>(seen: &'a [Seen<'a>]) -> BTreeMap<DossierId, &'a DelegationFact> {
    seen.iter().map(|one| (one.fact.id, one.fact)).collect()
}

/// What every rule said of every dossier of the period, in the order of the dossiers.
pub(super) fn matrix(seen: &[Seen<'_>], dossiers: &[DossierRow]) -> Vec<MatrixRow> {
    let facts = by_id(seen);
    let row = |listed: &DossierRow| {
        let checked = facts.get(&listed.id).and_then(|fact| fact.checked.as_ref());
        MatrixRow {
            id: listed.id,
            code: listed.code.clone(),
            counted: listed.counted,
            rulebook_version: checked.map(|checked| checked.rulebook_version),
            revision: checked.map(|checked| checked.revision),
            verdicts: checked
                .into_iter()
                .flat_map(|checked| &checked.said)
                .map(|said| (said.rule.clone(), result(said)))
                .collect(),
        }
    };
    dossiers.iter().map(row).collect()
}

/// The failures, overrides and unknowns of the counted dossiers.
pub(super) fn self_check(
    ctx: &Ctx<'_>,
    seen: &[Seen<'_>],
    dossiers: &[DossierRow],
    meta: &Meta,
) -> SelfCheck {
    let (mut check, facts) = (SelfCheck::default(), by_id(seen));
    let counted = dossiers.iter().filter(|row| row.counted);
    for fact in counted.filter_map(|row| facts.get(&row.id).copied()) {
        let mut own = CheckTotals::default();
        match &fact.checked {
            Some(checked) => {
                own.judged += 1;
                checked.said.iter().for_each(|said| {
                    check.rows.extend(one(ctx, &mut own, fact, checked, said, meta));
                });
            }
            None => own.not_judged += 1,
        }
        check.totals.add(own);
        check.each.insert(fact.id, own);
    }
    check
}

/// Counts what a rule said of a dossier; its row, if somebody must know of it.
fn one(
    ctx: &Ctx<'_>,
    totals: &mut CheckTotals,
    fact: &DelegationFact,
    checked: &CheckedFact,
    said: &Said,
    meta: &Meta,
) -> Option<CheckRow> {
    let rules = meta.wordings.rules.get(&checked.rulebook_version);
    let wording = rules.and_then(|rules| rules.get(&said.rule));
    if wording.is_some_and(|wording| wording.tells) {
        return None;
    }
    let result = result(said);
    *count(totals, result) += 1;
    if matches!(result, CheckResult::Met | CheckResult::Noted) {
        return None;
    }
    let title = wording.map_or(said.rule.as_str(), |wording: &Wording| &wording.title).to_owned();
    Some(CheckRow {
        id: fact.id,
        code: fact.code.clone().unwrap_or_default(),
        rulebook_version: checked.rulebook_version,
        rule: Word { code: said.rule.clone(), text: title },
        citation: wording.map(|wording| wording.citation.clone()).unwrap_or_default(),
        result: result.word(ctx.lang),
        detail: detail(ctx.lang, fact, checked, said, meta),
    })
}

/// The total that a result is counted in.
pub(super) fn count(totals: &mut CheckTotals, result: CheckResult) -> &mut u64 {
    match result {
        CheckResult::Met => &mut totals.met,
        CheckResult::Noted => &mut totals.noted,
        CheckResult::Violated => &mut totals.violated,
        CheckResult::Overridden => &mut totals.overridden,
        CheckResult::Unknown => &mut totals.unknown,
        CheckResult::NoRuleInForce => &mut totals.no_rule_in_force,
    }
}

/// By whom and why a rule was passed by, or what was unknown. What was typed of a confidential dossier is masked.
fn detail(lang: Lang, fact: &DelegationFact, checked: &CheckedFact, said: &Said, meta: &Meta) -> String {
    if let Some(name) = &said.unknown {
        let words = meta.wordings.facts.get(name).unwrap_or(name);
        return format!("{}: {words}", pick(lang, "Thiếu thông tin", "Not known"));
    }
    let passed = checked.overrides.iter().find(|one| one.rule == said.rule).filter(|_| said.overridden);
    let Some(passed) = passed else { return String::new() };
    let reason = if fact.confidential { masked(lang) } else { passed.reason.clone() };
    let granted = passed.granted_by.join(", ");
    match lang {
        Lang::Vi => format!("Đề nghị: {}; chấp thuận: {granted}; lý do: {reason}", passed.asked_by),
        Lang::En => format!("Asked by {}; granted by {granted}; reason: {reason}", passed.asked_by),
    }
}
