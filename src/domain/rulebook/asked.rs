//! What a submission has to state for the rules: the facts without which nobody can tell who is asked, or whether a rule
//! that would stop it is kept. All of them at once, so that nobody is sent back for one after the other.

use std::collections::BTreeSet;

use super::demand::demanded;
use super::evaluate::{Assessment, Finding, Lacking, Verdict, selecting_day};
use super::facts::Facts;
use super::matcher::Applies;
use super::model::Severity;
use crate::domain::calendar::Calendar;

/// The facts that a submission has to state.
#[must_use]
pub fn asked<'b>(assessment: &Assessment<'b>, facts: &Facts, calendar: &Calendar) -> BTreeSet<&'b str> {
    // A step that nobody can tell whether it is needed is not left out.
    let steps = assessment.chain_unknown.iter().filter(|(step, _)| !step.optional);
    let steps = steps.flat_map(|(step, _)| step.when.open(facts));
    // Nor is a rule passed by that would stop it, by leaving out the facts on which it hangs.
    let hangs = |finding: &&Finding<'_>| {
        finding.verdict == Verdict::Unknown && finding.rule.severity == Severity::Block
    };
    let rules = assessment.findings.iter().filter(hangs);
    let rules = rules.flat_map(|finding| open(finding, assessment, facts, calendar));
    steps.chain(rules).collect()
}

/// The unknown facts on which a rule hangs. While the day that selects its wording is unknown, that of the day of filing
/// speaks.
fn open<'b>(
    finding: &Finding<'b>,
    assessment: &Assessment<'b>,
    facts: &Facts,
    calendar: &Calendar,
) -> Vec<&'b str> {
    let rule = finding.rule;
    let day = selecting_day(rule, facts).or(facts.filed_on);
    if !day.is_some_and(|day| rule.in_force(day)) {
        return Vec::new();
    }
    match rule.applies.applies(facts) {
        Applies::No => Vec::new(),
        Applies::Unknown(_) => rule.applies.open(facts),
        Applies::Yes => {
            let lacks = demanded(rule, facts, calendar, &assessment.chain).lacking().into_iter();
            lacks.filter(|(kind, _)| *kind == Lacking::Fact).map(|(_, fact)| fact).collect()
        }
    }
}
