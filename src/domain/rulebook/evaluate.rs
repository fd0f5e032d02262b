//! What the rules say of a delegation: a pure function from rulebook, facts and calendar to an assessment. It holds
//! days and references only; words and arithmetic are worked out when somebody asks (`explain.rs`), so that a
//! hundred thousand assessments fit into a second.

use chrono::{Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use serde::Serialize;
use utoipa::ToSchema;

use super::book::Book;
use super::facts::{Facts, ItemFact};
use super::matcher::Applies;
use super::model::{Anchor, Check, Demand, Rule, SelectedBy, Severity, Side};
use crate::domain::approval::{ChainStep, Term};
use crate::domain::calendar::{Calendar, Unit};
use crate::domain::codes::{Direction, Leadership, Zone, codes};
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
    /// The fields of the content that it is about, as JSON pointers.
    pub fields: &'static [&'static str],
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
    /// Whether the clocks of the steps can all be met from the day of filing.
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
    findings.extend(book.families().filter_map(|family| look(family, facts, calendar, &chain)));
    let leads = |finding: &Finding<'_>| match finding.rule.demand {
        Demand::Lead { .. } => finding.deadline.map(|deadline| deadline.latest),
        _ => None,
    };
    let latest_permitted = findings.iter().filter_map(leads).min();
    let latest_safe = safe_day(book, facts, calendar, &findings, &chain)
        .map(|safe| latest_permitted.map_or(safe, |permitted| safe.min(permitted)));
    let clocks_fit = facts.filed_on.zip(latest_safe).map(|(filed, safe)| filed <= safe);
    Assessment { findings, chain, chain_unknown, latest_permitted, latest_safe, clocks_fit }
}

/// Everything that a delegation owes once it is permitted: the rules of obligations in force that concern it, with
/// the instant at which each is due, on Vietnam's wall clock.
#[must_use]
pub fn obligations<'b>(book: &'b Book, facts: &Facts, calendar: &Calendar) -> Vec<Owed<'b>> {
    let mut owed = Vec::new();
    for rule in book.families().filter_map(|family| applicable(family, facts)) {
        let Demand::Obligation { n, unit, side, anchor, .. } = rule.demand else { continue };
        for (key, at) in instants(facts, anchor) {
            owed.push(Owed { rule, key, due_at: due(calendar, at, n, unit, side) });
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

/// The wording in force that applies, if any.
fn applicable<'b>(family: &'b [Rule], facts: &Facts) -> Option<&'b Rule> {
    let in_force = |rule: &&Rule| selecting_day(rule, facts).is_some_and(|day| rule.in_force(day));
    family.iter().find(in_force).filter(|rule| rule.applies.applies(facts) == Applies::Yes)
}

fn selecting_day(rule: &Rule, facts: &Facts) -> Option<NaiveDate> {
    match rule.selected_by {
        SelectedBy::Filing => facts.filed_on,
        SelectedBy::Event => facts.event_day(),
    }
}

fn finding(rule: &Rule, verdict: Verdict) -> Finding<'_> {
    Finding { rule, verdict, unknown: None, deadline: None, missing: Vec::new(), fields: &[] }
}

fn unknown<'b>(rule: &'b Rule, fact: &'static str) -> Finding<'b> {
    Finding { unknown: Some(fact), ..finding(rule, Verdict::Unknown) }
}

/// What the wordings of one id say together; `None` where they do not concern it.
fn look<'b>(
    family: &'b [Rule],
    facts: &Facts,
    calendar: &Calendar,
    chain: &[&ChainStep],
) -> Option<Finding<'b>> {
    let in_force = |rule: &&Rule| selecting_day(rule, facts).is_some_and(|day| rule.in_force(day));
    if let Some(rule) = family.iter().find(in_force) {
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

/// What a rule in force that applies says.
fn demanded<'b>(rule: &'b Rule, facts: &Facts, calendar: &Calendar, chain: &[&ChainStep]) -> Finding<'b> {
    match &rule.demand {
        Demand::Lead { n, unit, before } => lead(rule, facts, calendar, *n, *unit, *before),
        Demand::Papers { papers } => match &facts.papers {
            None => unknown(rule, "papers"),
            Some(there) => {
                let missing: Vec<FileKind> =
                    papers.iter().copied().filter(|paper| !there.contains(paper)).collect();
                let verdict = if missing.is_empty() { Verdict::Met } else { Verdict::Violated };
                Finding { missing, fields: &["/papers"], ..finding(rule, verdict) }
            }
        },
        Demand::Stated { facts: names } => {
            let absent = STATED
                .iter()
                .filter(|(name, ..)| names.iter().any(|wanted| wanted == name))
                .find(|(_, _, is_stated)| !is_stated(facts));
            match absent {
                None => finding(rule, Verdict::Met),
                Some((_, fields, _)) => Finding { fields, ..finding(rule, Verdict::Violated) },
            }
        }
        Demand::Opinions { bodies } => {
            let asked = |body: &String| chain.iter().any(|step| step.body.as_ref() == Some(body));
            said(rule, bodies.iter().all(asked), &[])
        }
        Demand::Step { step, at, within } => {
            let kept = |planned: &&&ChainStep| planned.kind == *step && planned.at == *at;
            let fits = |planned: &&ChainStep| within.is_none_or(|most| is_within(planned, most));
            said(rule, chain.iter().find(kept).is_some_and(fits), &[])
        }
        Demand::Obligation { n, unit, side, anchor, .. } => {
            let first = instants(facts, *anchor).into_iter().next();
            let deadline = first.map(|(_, at)| Deadline {
                anchor: at.date(),
                n: *n,
                unit: *unit,
                latest: due(calendar, at, *n, *unit, *side).date(),
            });
            Finding { deadline, ..finding(rule, Verdict::Noted) }
        }
        Demand::NgoRegistration {} => registration(rule, facts),
        Demand::PartySize { most } => match (facts.head_level, facts.people) {
            (None, _) => unknown(rule, "head_level"),
            (_, None) => unknown(rule, "people"),
            (Some(level), Some(people)) => {
                said(rule, most.get(&level).is_none_or(|most| people <= *most), &["/members"])
            }
        },
        Demand::TripLength { per_country, countries, total } => {
            trip(rule, facts, *per_country, *countries, *total)
        }
        Demand::TripsPerYear { most } => {
            travellers(rule, facts, "trips_this_year", |one| one.trips_this_year.map(|others| others < *most))
        }
        Demand::LeadersApart {} => leaders(rule, facts),
        Demand::NotPaidBy { payers } => match facts.funding.is_empty() {
            true => unknown(rule, "funding"),
            false => {
                said(rule, !facts.funding.iter().any(|line| payers.contains(&line.payer)), &["/funding"])
            }
        },
        Demand::Consistent { check } => consistent(rule, facts, *check),
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
        return said(rule, false, fields);
    }
    match (facts.ngo_registration_expires_on, facts.last_day()) {
        (None, _) => unknown(rule, "ngo_registration_expires_on"),
        (_, None) => unknown(rule, "departs_on"),
        (Some(expires), Some(last)) => said(rule, last <= expires, fields),
    }
}

fn trip<'b>(rule: &'b Rule, facts: &Facts, per_country: u32, countries: u32, total: u32) -> Finding<'b> {
    if facts.stays.is_empty() {
        return unknown(rule, "stays");
    }
    let days = |from: NaiveDate, to: NaiveDate| u32::try_from((to - from).num_days() + 1).unwrap_or(u32::MAX);
    let abroad = |country: &str| {
        let there = facts.stays.iter().filter(|stay| stay.country == country);
        there.map(|stay| days(stay.from, stay.to)).fold(0, u32::saturating_add)
    };
    let first = |(i, stay): &(usize, &super::facts::StayFact)| {
        !facts.stays.iter().take(*i).any(|before| before.country == stay.country)
    };
    let mut visited = 0_u32;
    let mut fits = true;
    for (_, stay) in facts.stays.iter().enumerate().filter(first) {
        visited += 1;
        fits &= abroad(&stay.country) <= per_country;
    }
    let whole = facts.leaves_vn_on.zip(facts.enters_vn_on).map(|(from, to)| days(from, to));
    let kept = [Some(fits && visited <= countries), whole.map(|whole| whole <= total)];
    each(rule, kept.into_iter(), "leaves_vn_on", &["/stays"])
}

/// Something that each traveller must keep.
fn travellers<'b>(
    rule: &'b Rule,
    facts: &Facts,
    fact: &'static str,
    keeps: impl Fn(&super::facts::TravellerFact) -> Option<bool>,
) -> Finding<'b> {
    if facts.travellers.is_empty() {
        return unknown(rule, "travellers");
    }
    each(rule, facts.travellers.iter().map(keeps), fact, &["/members"])
}

/// Something that each of several must keep: one "no" decides, else one unknown leaves it open.
fn each<'b>(
    rule: &'b Rule,
    kept: impl Iterator<Item = Option<bool>>,
    fact: &'static str,
    fields: &'static [&'static str],
) -> Finding<'b> {
    let mut open = false;
    for one in kept {
        match one {
            Some(false) => return said(rule, false, fields),
            Some(true) => {}
            None => open = true,
        }
    }
    if open { Finding { fields, ..unknown(rule, fact) } } else { said(rule, true, fields) }
}

fn leaders<'b>(rule: &'b Rule, facts: &Facts) -> Finding<'b> {
    if facts.travellers.is_empty() {
        return unknown(rule, "travellers");
    }
    if facts.travellers.iter().any(|one| one.leadership.is_none()) {
        return unknown(rule, "leadership");
    }
    let heads = facts.travellers.iter().filter(|one| one.leadership == Some(Leadership::Head));
    let together = |head: &super::facts::TravellerFact| {
        facts.travellers.iter().any(|one| one.leadership == Some(Leadership::Deputy) && one.unit == head.unit)
    };
    said(rule, !heads.into_iter().any(together), &["/members"])
}

fn consistent<'b>(rule: &'b Rule, facts: &Facts, check: Check) -> Finding<'b> {
    match check {
        Check::LetterPeople => match (facts.people_in_letter, facts.people) {
            (None, _) => unknown(rule, "people_in_letter"),
            (_, None) => unknown(rule, "people"),
            (Some(letter), Some(people)) => {
                said(rule, letter == people, &["/request_letter/people", "/members"])
            }
        },
        Check::ProgrammeDays => match (facts.event_day(), facts.last_day()) {
            _ if facts.programme.is_empty() => unknown(rule, "programme"),
            (None, _) => unknown(rule, "arrives_on"),
            (_, None) => unknown(rule, "departs_on"),
            (Some(first), Some(last)) => {
                let within = |item: &ItemFact| (first..=last).contains(&item.starts_at.date());
                said(rule, facts.programme.iter().all(within), &["/programme", "/arrives_on", "/departs_on"])
            }
        },
        Check::StayDays => match (facts.leaves_vn_on, facts.enters_vn_on) {
            _ if facts.stays.is_empty() => unknown(rule, "stays"),
            (None, _) => unknown(rule, "leaves_vn_on"),
            (_, None) => unknown(rule, "enters_vn_on"),
            (Some(first), Some(last)) => {
                let kept = facts.stays.iter().all(|stay| first <= stay.from && stay.to <= last);
                said(rule, kept, &["/stays", "/leaves_vn_on", "/enters_vn_on"])
            }
        },
        Check::Cost => match facts.funding.is_empty() {
            true => unknown(rule, "funding"),
            false => {
                let agrees = |line: &super::facts::FundingFact| {
                    let product =
                        line.rate.zip(line.persons).zip(line.days).map(|((rate, persons), days)| {
                            rate.saturating_mul(persons.into()).saturating_mul(days.into())
                        });
                    product.map(|product| product == line.amount)
                };
                each(rule, facts.funding.iter().map(agrees), "funding", &["/funding"])
            }
        },
        Check::CostPeople => match facts.people {
            _ if facts.funding.is_empty() => unknown(rule, "funding"),
            None => unknown(rule, "people"),
            Some(people) => {
                let fits = |line: &super::facts::FundingFact| line.persons.map(|persons| persons <= people);
                each(rule, facts.funding.iter().map(fits), "funding", &["/funding", "/members"])
            }
        },
        Check::Passports => match facts.last_day() {
            None => unknown(rule, "departs_on"),
            Some(last) => travellers(rule, facts, "passport_expires_on", |one| {
                let needed = last.checked_add_months(Months::new(6))?;
                one.passport_expires_on.map(|expires| needed <= expires)
            }),
        },
        Check::Overlaps => {
            travellers(rule, facts, "overlaps", |one| one.overlaps.as_ref().map(Vec::is_empty))
        }
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
            Self::Consistent { check } => check.facts(),
            Self::NothingOverdue {} => vec!["overdue"],
            Self::Opinions { .. } | Self::Step { .. } | Self::Yearly { .. } | Self::Know {} => Vec::new(),
        }
    }
}

impl Check {
    fn facts(self) -> Vec<&'static str> {
        match self {
            Self::LetterPeople => vec!["people_in_letter", "people"],
            Self::ProgrammeDays => vec!["programme", "arrives_on", "departs_on"],
            Self::StayDays => vec!["stays", "leaves_vn_on", "enters_vn_on"],
            Self::Cost => vec!["funding"],
            Self::CostPeople => vec!["funding", "people"],
            Self::Passports => vec!["travellers", "departs_on"],
            Self::Overlaps => vec!["travellers"],
        }
    }
}

/// The day of an anchor.
fn day_of(facts: &Facts, anchor: Anchor) -> Option<NaiveDate> {
    match anchor {
        Anchor::Arrival => facts.arrives_on.or(facts.enters_vn_on),
        Anchor::Departure => facts.departs_on.or(facts.leaves_vn_on),
        // The arrival in the city may be later: it tells nothing of the day at the border.
        Anchor::Entry => facts.enters_vn_on,
        Anchor::Leaving => facts.leaves_vn_on.or(facts.arrives_on),
        Anchor::Return => facts.enters_vn_on.or(facts.departs_on),
        Anchor::Issue => facts.issued_on,
        Anchor::PressConference | Anchor::SeaBorderItem | Anchor::RestrictedItem => {
            instants(facts, anchor).first().map(|(_, at)| at.date())
        }
    }
}

fn name_of(facts: &Facts, anchor: Anchor) -> &'static str {
    match (anchor, facts.direction) {
        (Anchor::Arrival, _) => "arrives_on",
        (Anchor::Departure, _) => "departs_on",
        (Anchor::Entry | Anchor::Return, _) => "enters_vn_on",
        (Anchor::Leaving, _) => "leaves_vn_on",
        (Anchor::Issue, _) => "issued_on",
        _ => "programme",
    }
}

fn field_of(anchor: Anchor) -> &'static [&'static str] {
    match anchor {
        Anchor::Arrival => &["/arrives_on"],
        Anchor::Departure => &["/departs_on"],
        Anchor::Entry | Anchor::Return => &["/enters_vn_on"],
        Anchor::Leaving => &["/leaves_vn_on"],
        Anchor::Issue => &[],
        _ => &["/programme"],
    }
}

/// Noon, where only a day is known and hours are counted from it.
fn noon(day: NaiveDate) -> NaiveDateTime {
    day.and_time(NaiveTime::MIN) + TimeDelta::hours(12)
}

/// The instants of an anchor, with what tells them apart.
fn instants(facts: &Facts, anchor: Anchor) -> Vec<(String, NaiveDateTime)> {
    let items = |is: fn(&ItemFact) -> bool| {
        let mut found: Vec<NaiveDateTime> =
            facts.programme.iter().filter(|item| is(item)).map(|item| item.starts_at).collect();
        found.sort_unstable();
        // One notice a day, before the first item of it.
        found.dedup_by_key(|at| at.date());
        found.into_iter().map(|at| (at.date().to_string(), at)).collect::<Vec<_>>()
    };
    match anchor {
        Anchor::PressConference => items(|item| item.press_conference),
        Anchor::SeaBorderItem => items(|item| item.zone == Zone::SeaBorder),
        Anchor::RestrictedItem => items(|item| matches!(item.zone, Zone::Border | Zone::Restricted)),
        Anchor::Arrival => {
            let Some(day) = day_of(facts, anchor) else { return Vec::new() };
            let first = facts.programme.iter().map(|item| item.starts_at).filter(|at| at.date() == day).min();
            vec![(String::new(), first.unwrap_or_else(|| noon(day)))]
        }
        _ => day_of(facts, anchor).map(|day| (String::new(), noon(day))).into_iter().collect(),
    }
}

/// The end of office hours: when something is due on a day.
fn end_of(calendar: &Calendar, day: NaiveDate) -> NaiveDateTime {
    day.and_time(calendar.office_hours().1)
}

fn due(calendar: &Calendar, at: NaiveDateTime, n: u32, unit: Unit, side: Side) -> NaiveDateTime {
    match (unit, side) {
        (Unit::Hour, Side::Before) => at - TimeDelta::hours(n.into()),
        (Unit::Hour, Side::After) => at + TimeDelta::hours(n.into()),
        (_, Side::Before) => end_of(calendar, calendar.before(at.date(), n, unit)),
        (_, Side::After) => end_of(calendar, calendar.after(at.date(), n, unit)),
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
