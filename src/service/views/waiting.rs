//! The status line: who must act on a dossier, since when, until when; whatever its state.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::day_in_vietnam;
use crate::domain::access::Role;
use crate::domain::approval::{Desk, Step, StepState};
use crate::domain::codes::Lang;
use crate::domain::dossier::State;
use crate::domain::ids::{AccountId, OrganisationId, StepId};
use crate::domain::obligation::{ObligationKind, ObligationState};
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
    /// What: `submit`, `receive`, the kind of an open step, `issue`, `supplement`, `report` or `close`.
    pub kind: String,
    /// The open step, where it waits for one.
    pub step_id: Option<StepId>,
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
    /// Whether that day has passed.
    pub overdue: bool,
    /// Names of those who may act.
    pub people: Vec<String>,
}

/// What the dossier waits for now; nothing once it is over.
pub(super) fn waiting_for(tx: &mut ReadTx<'_>, ctx: &Context, stored: &Stored) -> Result<Vec<Waiting>> {
    let today = day_in_vietnam(tx.now());
    let (_, book) = rules::book_of(tx, ctx, stored)?;
    let chain = &book.chain;
    let since = stored.state_since;
    match stored.dossier.state {
        State::Draft => requester(tx, stored, "submit", since, None, today),
        State::Submitted => desk(tx, ctx, stored, &chain.receive, "receive", today),
        State::Received => open_steps(tx, stored, today),
        State::Approved => desk(tx, ctx, stored, &chain.issue, "issue", today),
        State::Returned => requester(tx, stored, "supplement", since, stored.supplement_due_on, today),
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
        title_vi: words(Lang::Vi),
        title_en: words(Lang::En),
        organisation_id,
        body: None,
        role: Role::Officer,
        since,
        due_on,
        overdue: due_on.is_some_and(|day| day < today),
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
            title_vi: desk.title_vi.clone(),
            title_en: desk.title_en.clone(),
            organisation_id,
            body: None,
            role: desk.role,
            since: stored.state_since,
            due_on,
            overdue: due_on.is_some_and(|day| day < today),
            people: names(tx, stored, &holders)?,
        });
    }
    Ok(waiting)
}

fn open_steps(tx: &mut ReadTx<'_>, stored: &Stored, today: NaiveDate) -> Result<Vec<Waiting>> {
    let is_open = |step: &StoredStep| step.step.state == StepState::Open;
    let open: Vec<StoredStep> = steps::list(tx, stored.dossier.id)?.into_iter().filter(is_open).collect();
    let mut waiting = Vec::new();
    for stored_step in open {
        let StoredStep { step, title_vi, title_en, due_on, opened_at, .. } = stored_step;
        waiting.push(Waiting {
            people: able(tx, stored, &step)?,
            kind: step.kind,
            step_id: Some(step.id),
            title_vi,
            title_en,
            organisation_id: step.organisation,
            body: step.body,
            role: step.role,
            since: opened_at.unwrap_or(stored.state_since),
            due_on,
            overdue: due_on.is_some_and(|day| day < today),
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
