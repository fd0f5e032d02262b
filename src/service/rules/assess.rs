//! What the rules say of a dossier: for people, with its grounds.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::facts::round_of;
use super::overrides::fingerprint;
use super::{book_of, filing_day, gather, sentences};
use crate::clock::in_vietnam;
use crate::domain::access::{Action, Role};
use crate::domain::codes::Code;
use crate::domain::countries;
use crate::domain::delegation::{MOST_ROWS, is_far, rows};
use crate::domain::dossier::State;
use crate::domain::file::FileKind;
use crate::domain::ids::{DossierId, MemberId, OrganisationId, PersonId};
use crate::domain::obligation::Obligation;
use crate::domain::refusal::{Fault, Refusal, Why};
use crate::domain::rulebook::{self, Book, Demand, Explanation, Facts, LackView, Lacking, Verdict};
use crate::domain::text;
use crate::service::{Context, Result, delegations};
use crate::store::dossiers::{self, Stored};
use crate::store::obligations::{self, Listed};
use crate::store::overrides::{self, Override};
use crate::store::rulebooks;
use crate::store::{ReadTx, files, people};

/// Most overdue duties that are named one by one.
const OVERDUE_NAMED: i64 = 5;

/// Explains what the rules say of a dossier, under the version that holds for it.
///
/// # Errors
/// `NotFound` where the actor may not know of it.
pub fn explain(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> Result<Explanation> {
    let stored = delegations::get(tx, ctx, id)?;
    // What waits to be submitted will be judged by the active version.
    let (no, book) = match stored.dossier.state {
        State::Draft | State::Returned => ctx.settings.rulebooks.active(tx)?,
        _ => book_of(tx, ctx, &stored)?,
    };
    let facts = facts_of(tx, ctx, &stored)?;
    let mut explanation = explained(&book, no, &facts, ctx);
    let passed = overridden(tx, &stored, no)?;
    for rule in &mut explanation.rules {
        rule.overridden = passed.contains(&rule.rule);
        if rule.verdict == Verdict::Violated && overdue_decides(&book, &rule.rule) {
            rule.lacking.extend(overdue(tx, ctx, stored.dossier.organisation)?);
        }
    }
    if explanation.papers.required.contains(&FileKind::PassportScan) {
        explanation.papers.without_passport_scan = without_passport_scan(tx, id)?;
    }
    Ok(explanation)
}

fn overdue_decides(book: &Book, rule: &str) -> bool {
    book.newest(rule).is_some_and(|rule| matches!(rule.demand, Demand::NothingOverdue {}))
}

/// The overdue duties of an organisation, as far as the actor may know of their dossiers.
fn overdue(tx: &mut ReadTx<'_>, ctx: &Context, owner: OrganisationId) -> Result<Vec<LackView>> {
    let scope = ctx.actor.scope(Action::ReadDossier);
    let places: Vec<(Role, OrganisationId)> = Role::ALL.iter().map(|role| (*role, owner)).collect();
    let owed = obligations::owed_by(tx, &scope, &places, Listed::Overdue, None, OVERDUE_NAMED)?;
    let mut ids: Vec<DossierId> = owed.iter().map(|one| one.dossier).collect();
    ids.sort_unstable();
    ids.dedup();
    let known = dossiers::load_many(tx, &scope, &ids)?;
    let duty = |one: Obligation| {
        let stored = known.iter().find(|stored| stored.dossier.id == one.dossier);
        let of = stored.map(|stored| stored.dossier.code.as_ref().unwrap_or(&stored.content.title).clone());
        let named = |title: &str| match &of {
            Some(of) => format!("{title} ({of})"),
            None => title.to_owned(),
        };
        LackView {
            kind: Lacking::Duty,
            code: one.id.to_string(),
            name_vi: named(&one.planned.title_vi),
            name_en: named(&one.planned.title_en),
        }
    };
    Ok(owed.into_iter().map(duty).collect())
}

/// Guests of a delegation of whose passports no copy is there.
fn without_passport_scan(tx: &mut ReadTx<'_>, id: DossierId) -> Result<Vec<MemberId>> {
    let there = files::of_dossier(tx, id)?;
    let scans = there.iter().filter(|file| file.kind == FileKind::PassportScan && file.gone.is_none());
    let seen: BTreeSet<PersonId> = scans.filter_map(|file| file.person).collect();
    let members = people::members_of(tx, id)?.into_iter();
    Ok(members.filter(|one| one.guest && !seen.contains(&one.person_id)).map(|one| one.id).collect())
}

/// Ids of the rules that were passed by for the round that is written or under decision, with this content.
pub(super) fn overridden(tx: &mut ReadTx<'_>, stored: &Stored, version: i32) -> Result<BTreeSet<String>> {
    let round = round_of(stored);
    let now = fingerprint(stored, &people::members_of(tx, stored.dossier.id)?);
    let holds = |one: &Override| {
        one.revision == round && one.rulebook_version == version && one.content_hash == now && one.holds()
    };
    let all = overrides::of_dossier(tx, stored.dossier.id)?;
    Ok(all.into_iter().filter(holds).map(|one| one.rule).collect())
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

/// The last day on which every rule lets each of these be filed, in their order, as far as their facts say.
///
/// # Errors
/// `Error::Store` of the database.
pub fn last_days(tx: &mut ReadTx<'_>, ctx: &Context, drafts: &[&Stored]) -> Result<Vec<Option<NaiveDate>>> {
    if drafts.is_empty() {
        return Ok(Vec::new());
    }
    let (_, book) = ctx.settings.rulebooks.active(tx)?;
    let calendar = &ctx.settings.calendar;
    let today = calendar.received_on(in_vietnam(tx.now()).naive_local());
    let with_days: Vec<(&Stored, NaiveDate)> = drafts.iter().map(|draft| (*draft, today)).collect();
    let facts = gather(tx, &with_days)?;
    Ok(facts.iter().map(|facts| rulebook::assess(&book, facts, calendar).latest_permitted).collect())
}

fn explained(book: &Book, no: i32, facts: &Facts, ctx: &Context) -> Explanation {
    let mut explanation = rulebook::explain(book, no, facts, &ctx.settings.calendar);
    for rule in &mut explanation.rules {
        rule.deadline.iter_mut().for_each(sentences::fill);
        rule.mismatches.iter_mut().for_each(sentences::fill_mismatch);
        sentences::fill_lacks(&mut rule.lacking, book.newest(&rule.rule), book);
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
    Refusal::unless_empty(faults(&asked.facts))?;
    let mut facts = asked.facts.clone();
    let today = || ctx.settings.calendar.received_on(crate::clock::in_vietnam(tx.now()).naive_local());
    let filed: NaiveDate = facts.filed_on.unwrap_or_else(today);
    facts.filed_on = Some(filed);
    Ok(explained(&book, no, &facts, ctx))
}

/// Facts that no delegation has: slips of the keyboard, and more rows than any dossier.
fn faults(facts: &Facts) -> Vec<Fault> {
    let days = [
        ("filed_on", facts.filed_on),
        ("arrives_on", facts.arrives_on),
        ("departs_on", facts.departs_on),
        ("enters_vn_on", facts.enters_vn_on),
        ("leaves_vn_on", facts.leaves_vn_on),
        ("ngo_registration_expires_on", facts.ngo_registration_expires_on),
        ("issued_on", facts.issued_on),
    ];
    let items = facts.programme.iter().map(|item| ("programme", Some(item.starts_at.date())));
    let stays = facts.stays.iter().flat_map(|stay| [("stays", Some(stay.from)), ("stays", Some(stay.to))]);
    let passports = facts.travellers.iter().map(|one| ("travellers", one.passport_expires_on));
    let far = days.into_iter().chain(items).chain(stays).chain(passports);
    let far =
        far.filter(|(_, day)| day.is_some_and(is_far)).map(|(name, _)| (name, Why::from("out-of-range")));
    let long = [
        ("programme", facts.programme.len()),
        ("stays", facts.stays.len()),
        ("funding", facts.funding.len()),
        ("travellers", facts.travellers.len()),
        ("answers", facts.answers.len()),
    ];
    let number = facts.ngo_registration.as_deref().unwrap_or_default();
    let number = text::within(number, MOST_ROWS).err().map(|why| ("ngo_registration", why));
    let unknown = facts.countries.iter().chain(facts.stays.iter().map(|stay| &stay.country));
    let unknown =
        unknown.filter(|code| !countries::is_known(code)).map(|_| ("countries", "unknown-country".into()));
    let backward = facts.arrives_on.zip(facts.departs_on).is_some_and(|(from, to)| to < from);
    let backward = backward.then(|| ("departs_on", Why::from("before-arrival")));
    let long = long.into_iter().filter(|(_, n)| *n > MOST_ROWS).map(|(name, n)| (name, rows(n)));
    let mut faults: Vec<Fault> = far
        .chain(long)
        .chain(unknown)
        .chain(backward)
        .chain(number)
        .map(|(name, why)| Fault::at(format!("/facts/{name}"), why))
        .collect();
    faults.dedup();
    faults
}
