//! What each kind of demand says of a delegation.

use super::anchor::{day_of, due, field_of, instants, name_of};
use super::compare::{self, Compared};
use super::evaluate::{Deadline, Finding, Lack, Lacking, Verdict, finding, unknown};
use super::facts::Facts;
use super::model::{Anchor, Demand, Rule};
use crate::domain::approval::{Answer, ChainStep, Term};
use crate::domain::calendar::{Calendar, Unit};
use crate::domain::file::FileKind;

/// What a rule in force that applies says.
pub(super) fn demanded<'b>(
    rule: &'b Rule,
    facts: &Facts,
    calendar: &Calendar,
    chain: &[&ChainStep],
) -> Finding<'b> {
    match &rule.demand {
        Demand::Lead { n, unit, before } => lead(rule, facts, calendar, *n, *unit, *before),
        Demand::Papers { papers } => match &facts.papers {
            None => unknown(rule, "papers"),
            Some(there) => {
                let missing: Vec<FileKind> =
                    papers.iter().copied().filter(|paper| !there.contains(paper)).collect();
                Finding { missing: missing.clone(), ..said(rule, missing.is_empty(), &["/papers"]) }
            }
        },
        Demand::Stated { facts: names } => {
            let wanted = STATED.iter().filter(|(name, ..)| names.iter().any(|wanted| wanted == name));
            let absent: Vec<&Stated> = wanted.filter(|(_, _, is_stated)| !is_stated(facts)).collect();
            let lacks = absent.iter().map(|(name, ..)| (Lacking::Fact, *name)).collect();
            let fields = absent.first().map_or(&[][..], |(_, fields, _)| *fields);
            Finding { lacks, ..said(rule, absent.is_empty(), fields) }
        }
        Demand::Opinions { bodies } => opinions(rule, facts, chain, bodies),
        Demand::Step { step, at, within } => {
            let kept = |planned: &&&ChainStep| planned.kind == *step && planned.at == *at;
            let fits = |planned: &&ChainStep| within.is_none_or(|most| is_within(planned, most));
            match chain.iter().find(kept) {
                Some(planned) => said(rule, fits(planned), &[]),
                None => Finding { lacks: vec![(Lacking::Step, step)], ..said(rule, false, &[]) },
            }
        }
        Demand::Obligation { n, unit, side, anchor, .. } => {
            let deadline = instants(facts, *anchor, *side).first().map(|at| Deadline {
                anchor: at.date(),
                n: *n,
                unit: *unit,
                latest: due(calendar, *at, *n, *unit, *side).date(),
            });
            Finding { deadline, ..finding(rule, Verdict::Noted) }
        }
        Demand::NgoRegistration {} => registration(rule, facts),
        Demand::PartySize { most } => {
            compared(rule, compare::party(facts, |level| most.get(&level).copied()), &["/members"])
        }
        Demand::TripLength { per_country, countries, total } => {
            compared(rule, compare::trip(facts, *per_country, *countries, *total), &["/stays"])
        }
        Demand::TripsPerYear { most } => compared(rule, compare::trips_a_year(facts, *most), &["/members"]),
        Demand::LeadersApart {} => compared(rule, compare::leaders(facts), &["/members"]),
        Demand::NotPaidBy { payers } => compared(rule, compare::payers(facts, payers), &["/funding"]),
        Demand::Consistent { check } => compared(rule, compare::check(facts, *check), &[]),
        Demand::NothingOverdue {} => match facts.overdue {
            None => unknown(rule, "overdue"),
            Some(overdue) => said(rule, overdue == 0, &[]),
        },
        Demand::Yearly { .. } | Demand::Know {} => finding(rule, Verdict::Noted),
    }
}

fn said<'b>(rule: &'b Rule, kept: bool, fields: &'static [&'static str]) -> Finding<'b> {
    Finding { fields, ..finding(rule, if kept { Verdict::Met } else { Verdict::Violated }) }
}

/// One mismatch decides; else one unknown leaves it open.
fn compared<'b>(rule: &'b Rule, found: Compared, fields: &'static [&'static str]) -> Finding<'b> {
    let said = match found.open {
        Some(fact) if found.misfits.is_empty() => Finding { fields, ..unknown(rule, fact) },
        _ => said(rule, found.misfits.is_empty(), fields),
    };
    Finding { misfits: found.misfits, ..said }
}

/// Asked in the chain is noted; only what was answered and agrees keeps the rule. No answer is never consent.
fn opinions<'b>(rule: &'b Rule, facts: &Facts, chain: &[&ChainStep], bodies: &'b [String]) -> Finding<'b> {
    let answer = |body: &String| facts.answers.get(body.as_str()).copied();
    let asked = |body: &String| chain.iter().any(|step| step.body.as_ref() == Some(body));
    let agrees = |answer: Answer| matches!(answer, Answer::Agrees | Answer::AgreesWithConditions);
    let open = |body: &&String| answer(body).map_or_else(|| !asked(body), |answer| !agrees(answer));
    let lacks: Vec<Lack<'b>> =
        bodies.iter().filter(open).map(|body| (Lacking::Opinion, body.as_str())).collect();
    if !lacks.is_empty() {
        return Finding { lacks, ..said(rule, false, &[]) };
    }
    let all = bodies.iter().all(|body| answer(body).is_some());
    finding(rule, if all { Verdict::Met } else { Verdict::Noted })
}

fn is_within(step: &ChainStep, most: Term) -> bool {
    step.clock.is_some_and(|clock| clock.unit == most.unit && clock.n <= most.n)
}

fn lead<'b>(
    rule: &'b Rule,
    facts: &Facts,
    calendar: &Calendar,
    n: u32,
    unit: Unit,
    before: Anchor,
) -> Finding<'b> {
    let Some(anchor) = day_of(facts, before) else {
        return unknown(rule, name_of(facts, before));
    };
    let latest = calendar.before(anchor, n, unit);
    let deadline = Some(Deadline { anchor, n, unit, latest });
    match facts.filed_on {
        None => Finding { deadline, ..unknown(rule, "filed_on") },
        Some(filed) => Finding { deadline, ..said(rule, filed <= latest, field_of(before)) },
    }
}

fn registration<'b>(rule: &'b Rule, facts: &Facts) -> Finding<'b> {
    let fields: &[&str] = &["/ngo_registration"];
    if facts.ngo_registration.as_ref().is_none_or(String::is_empty) {
        let expires = facts.ngo_registration_expires_on.is_none().then_some("ngo_registration_expires_on");
        let lacks = [Some("ngo_registration"), expires].into_iter().flatten();
        let lacks = lacks.map(|fact| (Lacking::Fact, fact)).collect();
        return Finding { lacks, ..said(rule, false, fields) };
    }
    match (facts.ngo_registration_expires_on, facts.last_day()) {
        (None, _) => unknown(rule, "ngo_registration_expires_on"),
        (_, None) => unknown(rule, "departs_on"),
        (Some(expires), Some(last)) => said(rule, last <= expires, fields),
    }
}

/// The facts that a rule may demand to be stated: name, field, and whether it is.
type Stated = (&'static str, &'static [&'static str], fn(&Facts) -> bool);

const STATED: &[Stated] = &[
    ("rank", &["/rank"], |f| f.rank.is_some()),
    ("channel", &["/channel"], |f| f.channel.is_some()),
    ("guest_kinds", &["/guest_kinds"], |f| !f.guest_kinds.is_empty()),
    ("sensitive", &["/sensitive"], |f| f.sensitive.is_some()),
    ("press", &["/press"], |f| f.press.is_some()),
    ("plan", &["/plan"], |f| f.plan.is_some()),
    ("head_level", &["/head_level"], |f| f.head_level.is_some()),
    ("programme", &["/programme"], |f| !f.programme.is_empty()),
    ("people_in_letter", &["/request_letter/people"], |f| f.people_in_letter.is_some()),
    ("ngo_registration", &["/ngo_registration/number"], |f| {
        f.ngo_registration.as_ref().is_some_and(|number| !number.is_empty())
    }),
];

/// Whether a rule may demand this fact to be stated.
#[must_use]
pub(super) fn is_fact(name: &str) -> bool {
    STATED.iter().any(|(known, ..)| *known == name)
}

impl Demand {
    /// The facts that it looks at.
    pub(super) fn facts(&self, facts: &Facts) -> Vec<&'static str> {
        match self {
            Self::Lead { before, .. } => vec!["filed_on", name_of(facts, *before)],
            Self::Papers { .. } => vec!["papers"],
            Self::Stated { facts: names } => {
                let known = STATED.iter().filter(|(name, ..)| names.iter().any(|wanted| wanted == name));
                known.map(|(name, ..)| *name).collect()
            }
            Self::Obligation { anchor, .. } => vec![name_of(facts, *anchor)],
            Self::NgoRegistration {} => {
                vec!["ngo_registration", "ngo_registration_expires_on", "departs_on"]
            }
            Self::PartySize { .. } => vec!["head_level", "people"],
            Self::TripLength { .. } => vec!["stays", "leaves_vn_on", "enters_vn_on"],
            Self::TripsPerYear { .. } | Self::LeadersApart {} => vec!["travellers"],
            Self::NotPaidBy { .. } => vec!["funding"],
            Self::Consistent { check } => compare::facts_of(*check),
            Self::NothingOverdue {} => vec!["overdue"],
            Self::Opinions { .. } => vec!["answers"],
            Self::Step { .. } | Self::Yearly { .. } | Self::Know {} => Vec::new(),
        }
    }
}
