//! The status line: who must act on a dossier, since when, until when; whatever its state.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::day_in_vietnam;
use crate::domain::access::Role;
use crate::domain::approval::{Desk, Step, StepState};
use crate::domain::codes::Lang;
use crate::domain::dossier::State;
use crate::domain::ids::{AccountId, OrganisationId, OverrideId, StepId};
use crate::domain::obligation::{ObligationKind, ObligationState};
use crate::domain::rulebook;
use crate::service::rules::overrides::{self, Pending};
use crate::service::{Context, Result, course, rules};
use crate::store::ReadTx;
use crate::store::accounts::{self, Account, AccountState};
use crate::store::dossiers::{self, Capacity, Stored};
use crate::store::obligations;
use crate::store::steps::{self, StoredStep};
use crate::texts;

/// What a dossier waits for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Waiting {
    /// What: `submit`, `receive`, the kind of an open step, `issue`, `supplement`, `report`, `close`, or `override` where
    /// a request to pass a rule by waits for an answer.
    pub kind: String,
    /// The open step, where it waits for one.
    pub step_id: Option<StepId>,
    /// The request to pass a rule by, where it waits for an answer to one.
    pub override_id: Option<OverrideId>,
    /// Words for people, in Vietnamese.
    pub title_vi: String,
    /// Words for people, in English.
    pub title_en: String,
    /// Where.
    pub organisation_id: OrganisationId,
    /// The body that is asked on paper; the role then records its answer.
    pub body: Option<String>,
    /// Who there.
    pub role: Role,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Last day.
    pub due_on: Option<NaiveDate>,
    /// Working days from today to that day; negative once it is past.
    pub working_days: Option<i64>,
    /// Whether that day has passed.
    pub overdue: bool,
    /// Names of those who may act.
    pub people: Vec<String>,
    /// Years that the clock touches and whose days off are not all known: the last day may move.
    pub uncovered_years: Vec<i32>,
    /// Working days that the clock touches and that may still become days off.
    pub uncertain_days: Vec<NaiveDate>,
}

/// What the dossier waits for now; nothing once it is over.
pub(super) fn waiting_for(tx: &mut ReadTx<'_>, ctx: &Context, stored: &Stored) -> Result<Vec<Waiting>> {
    let mut waiting = waits(tx, ctx, stored)?;
    let calendar = &ctx.settings.calendar;
    let today = day_in_vietnam(tx.now());
    for one in &mut waiting {
        one.working_days = one.due_on.map(|due| calendar.working_days_between(today, due));
        let Some(due) = one.due_on else { continue };
        let from = day_in_vietnam(one.since);
        one.uncovered_years = calendar.uncovered(from, due);
        one.uncertain_days = calendar.uncertain(from, due);
    }
    Ok(waiting)
}

fn waits(tx: &mut ReadTx<'_>, ctx: &Context, stored: &Stored) -> Result<Vec<Waiting>> {
    let today = day_in_vietnam(tx.now());
    let (_, book) = rules::book_of(tx, ctx, stored)?;
    let chain = &book.chain;
    let since = stored.state_since;
    match stored.dossier.state {
        State::Draft => {
            let mut waiting = asked_overrides(tx, ctx, stored)?;
            let last = last_day_to_file(tx, ctx, stored)?;
            waiting.extend(requester(tx, stored, "submit", since, last, today)?);
            Ok(waiting)
        }
        State::Submitted => desk(tx, ctx, stored, &chain.receive, "receive", today),
        State::Received => open_steps(tx, ctx, stored, today),
        State::Approved => desk(tx, ctx, stored, &chain.issue, "issue", today),
        State::Returned => {
            let mut waiting = asked_overrides(tx, ctx, stored)?;
            waiting.extend(requester(tx, stored, "supplement", since, stored.supplement_due_on, today)?);
            Ok(waiting)
        }
        State::Issued => {
            let over = stored.actual_ends_on.or_else(|| stored.content.ends_on()).filter(|day| *day < today);
            match over {
                Some(last) => {
                    // Since the day after, on Vietnam's clock.
                    let next = last.checked_add_days(Days::new(1)).unwrap_or(last);
                    let begins = next.and_time(chrono::NaiveTime::MIN) - chrono::TimeDelta::hours(7);
                    let due_on = report_due(tx, stored)?;
                    requester(tx, stored, "report", begins.and_utc().max(since), due_on, today)
                }
                None => Ok(Vec::new()),
            }
        }
        State::Reported => requester(tx, stored, "close", since, None, today),
        State::Closed | State::Lapsed | State::Rejected | State::Cancelled | State::Revoked => Ok(Vec::new()),
    }
}

/// The last day on which every rule lets a draft be filed, as far as its facts say; an amendment has none.
fn last_day_to_file(tx: &mut ReadTx<'_>, ctx: &Context, stored: &Stored) -> Result<Option<NaiveDate>> {
    let (_, book) = ctx.settings.rulebooks.active(tx)?;
    let facts = rules::facts_of(tx, ctx, stored)?;
    Ok(rulebook::assess(&book, &facts, &ctx.settings.calendar).latest_permitted)
}

/// Requests to pass a rule by that wait for an answer: of those whom the rule names, who neither filed, edited nor
/// travel and have not answered.
fn asked_overrides(tx: &mut ReadTx<'_>, ctx: &Context, stored: &Stored) -> Result<Vec<Waiting>> {
    let mut waiting = Vec::new();
    for Pending { asked, since } in overrides::pending(tx, ctx, stored)? {
        let (_, book) = ctx.settings.rulebooks.active(tx)?;
        let rule = book.rules().iter().rev().find(|rule| rule.id == asked.rule);
        let title = |lang| match (lang, rule) {
            (_, None) => asked.rule.clone(),
            (Lang::Vi, Some(rule)) => rule.title_vi.clone(),
            (Lang::En, Some(rule)) => rule.title_en.clone(),
        };
        let words = |lang| texts::text(lang, "waiting-override", &[("rule", &title(lang))]);
        let organisation_id = stored.dossier.organisation;
        let holders = overrides::answerers(tx, organisation_id, asked.role)?;
        let mut barred = dossiers::authors(tx, stored.dossier.id)?;
        barred.extend(asked.answers.iter().map(|answer| answer.person));
        let able = course::not_barred(tx, &holders, &barred)?;
        waiting.push(Waiting {
            kind: "override".to_owned(),
            step_id: None,
            override_id: Some(asked.id),
            title_vi: words(Lang::Vi),
            title_en: words(Lang::En),
            organisation_id,
            body: None,
            role: asked.role,
            since,
            due_on: None,
            working_days: None,
            overdue: false,
            uncovered_years: Vec::new(),
            uncertain_days: Vec::new(),
            people: names(tx, stored, &able)?,
        });
    }
    Ok(waiting)
}

/// The last day of the result report that is owed.
fn report_due(tx: &mut ReadTx<'_>, stored: &Stored) -> Result<Option<NaiveDate>> {
    let owed = obligations::of_dossier(tx, stored.dossier.id)?;
    let reports = owed
        .iter()
        .filter(|one| one.state == ObligationState::Open && one.planned.kind == ObligationKind::ResultReport);
    Ok(reports.map(|one| one.planned.due_at.date()).min())
}

/// The officers of the organisation that filed it.
fn requester(
    tx: &mut ReadTx<'_>,
    stored: &Stored,
    kind: &str,
    since: DateTime<Utc>,
    due_on: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<Vec<Waiting>> {
    let organisation_id = stored.dossier.organisation;
    let holders = accounts::holders(tx, Role::Officer, organisation_id)?;
    let words = |lang| texts::text(lang, &format!("waiting-{kind}"), &[]);
    Ok(vec![Waiting {
        kind: kind.to_owned(),
        step_id: None,
        override_id: None,
        title_vi: words(Lang::Vi),
        title_en: words(Lang::En),
        organisation_id,
        body: None,
        role: Role::Officer,
        since,
        due_on,
        working_days: None,
        overdue: due_on.is_some_and(|day| day < today),
        uncovered_years: Vec::new(),
        uncertain_days: Vec::new(),
        people: names(tx, stored, &holders)?,
    }])
}

/// The receiving or issuing desk.
fn desk(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    stored: &Stored,
    desk: &Desk,
    kind: &str,
    today: NaiveDate,
) -> Result<Vec<Waiting>> {
    let capacity = if kind == "issue" { Capacity::Issues } else { Capacity::Receives };
    let due_on = desk.clock.map(|clock| course::due(&ctx.settings.calendar, stored.state_since, clock));
    let mut waiting = Vec::new();
    for organisation_id in dossiers::organisations_of(tx, stored.dossier.id, &[capacity])? {
        let holders = accounts::holders(tx, desk.role, organisation_id)?;
        waiting.push(Waiting {
            kind: kind.to_owned(),
            step_id: None,
            override_id: None,
            title_vi: desk.title_vi.clone(),
            title_en: desk.title_en.clone(),
            organisation_id,
            body: None,
            role: desk.role,
            since: stored.state_since,
            due_on,
            working_days: None,
            overdue: due_on.is_some_and(|day| day < today),
            uncovered_years: Vec::new(),
            uncertain_days: Vec::new(),
            people: names(tx, stored, &holders)?,
        });
    }
    Ok(waiting)
}

fn open_steps(tx: &mut ReadTx<'_>, ctx: &Context, stored: &Stored, today: NaiveDate) -> Result<Vec<Waiting>> {
    let is_open = |step: &StoredStep| step.step.state == StepState::Open;
    let open: Vec<StoredStep> = steps::list(tx, stored.dossier.id)?.into_iter().filter(is_open).collect();
    let mut waiting = Vec::new();
    for stored_step in open {
        let due_on = course::due_of(&ctx.settings.calendar, &stored_step);
        let StoredStep { step, title_vi, title_en, opened_at, .. } = stored_step;
        waiting.push(Waiting {
            people: able(tx, stored, &step)?,
            kind: step.kind,
            step_id: Some(step.id),
            override_id: None,
            title_vi,
            title_en,
            organisation_id: step.organisation,
            body: step.body,
            role: step.role,
            since: opened_at.unwrap_or(stored.state_since),
            due_on,
            working_days: None,
            overdue: due_on.is_some_and(|day| day < today),
            uncovered_years: Vec::new(),
            uncertain_days: Vec::new(),
        });
    }
    Ok(waiting)
}

/// Those who may act on an open step, by role or by mandate.
fn able(tx: &mut ReadTx<'_>, stored: &Stored, step: &Step) -> Result<Vec<String>> {
    let deciders = course::deciders(tx, stored, step)?;
    let mut people = names(tx, stored, &deciders)?;
    let substitutes = course::substitutes(tx, stored, step)?;
    for account in accounts::load_many(tx, &substitutes)? {
        people.push(account.display_name);
    }
    people.sort();
    people.dedup();
    Ok(people)
}

/// Names of these accounts in order; on a confidential dossier, of those who are named in it.
fn names(tx: &mut ReadTx<'_>, stored: &Stored, ids: &[AccountId]) -> Result<Vec<String>> {
    let mut ids = ids.to_vec();
    if stored.content.confidential {
        let named = dossiers::accounts_of(tx, stored.dossier.id)?;
        ids.retain(|id| named.contains(id));
    }
    let active = |account: &Account| account.state == AccountState::Active;
    let accounts = accounts::load_many(tx, &ids)?;
    let mut names: Vec<String> =
        accounts.into_iter().filter(active).map(|account| account.display_name).collect();
    names.sort();
    names.dedup();
    Ok(names)
}
