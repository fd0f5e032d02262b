//! What waits for whom: why, and since when. However much waits, it is read by the same number of statements.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{DelegationItem, Standing};
use crate::domain::access::{Action, Reach, Role};
use crate::domain::approval::{StepState, Verdict};
use crate::domain::dossier::State;
use crate::domain::ids::{DossierId, OrganisationId, OverrideId, StepId};
use crate::domain::obligation::{ObligationKind, ObligationState};
use crate::service::rules::overrides::{self, Pending};
use crate::service::{Context, Result, course, decisions, delegations, rules};
use crate::store::dossiers::{self, Capacity, Filter, Stored};
use crate::store::inbox_notes::{self, InboxNote};
use crate::store::steps::StoredStep;
use crate::store::{ReadTx, decisions as stored_decisions, obligations, steps};

/// Something that waits for me.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InboxItem {
    /// The dossier.
    pub delegation: DelegationItem,
    /// What it waits for: receive, decide, `record_opinion`, issue, supplement, report, override.
    pub waits_for: String,
    /// The kind of the open step, where it waits for a decision.
    pub step: Option<String>,
    /// The request to pass a rule by, where it waits for an answer to one.
    pub override_id: Option<OverrideId>,
    /// The rule that shall be passed by.
    pub rule: Option<String>,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Last day.
    pub due_on: Option<NaiveDate>,
    /// Working days from today to that day; negative once it is past.
    pub working_days: Option<i64>,
    /// The place in which a secretary put it; what has one comes first.
    pub place: Option<i32>,
    /// What a secretary noted on it for whoever decides.
    pub note: Option<String>,
    /// Why it came back, where it waits for a supplement.
    pub returned_because: Option<String>,
}

impl InboxItem {
    fn new(stored: Stored, waits_for: &str, since: DateTime<Utc>) -> Self {
        Self {
            delegation: stored.into(),
            waits_for: waits_for.to_owned(),
            step: None,
            override_id: None,
            rule: None,
            since,
            due_on: None,
            working_days: None,
            place: None,
            note: None,
            returned_because: None,
        }
    }

    /// With what a secretary prepared at this desk for this round.
    fn prepared(self, note: Option<&InboxNote>) -> Self {
        let place = note.and_then(|note| note.place);
        let note = note.map(|note| note.note.clone()).filter(|note| !note.is_empty());
        Self { place, note, ..self }
    }
}

/// What waits for the actor: to receive, to decide, to record an answer on paper, to issue, to supplement, to report, to
/// answer a request to pass a rule by; what a secretary put in order first, then the longest waiting.
///
/// # Errors
/// `Error::Store` of the database.
pub fn inbox(tx: &mut ReadTx<'_>, ctx: &Context, limit: i64) -> Result<Vec<InboxItem>> {
    ctx.must(Action::ReadInbox)?;
    let mut items = Vec::new();
    decisions_waiting(tx, ctx, limit, &mut items)?;
    for (stored, Pending { asked, since, .. }) in overrides::awaited(tx, ctx, limit)? {
        let item = InboxItem::new(stored, "override", since);
        items.push(InboxItem { override_id: Some(asked.id), rule: Some(asked.rule), ..item });
    }
    let today = crate::clock::day_in_vietnam(tx.now());
    for (state, action, waits_for) in [
        (State::Submitted, Action::Receive, "receive"),
        (State::Approved, Action::Issue, "issue"),
        (State::Returned, Action::Submit, "supplement"),
        (State::Issued, Action::ReportVisit, "report"),
    ] {
        if ctx.actor.reach(action) == Reach::Never {
            continue;
        }
        // What began today has not ended before today.
        let to = (state == State::Issued).then_some(today);
        let filter = Filter { state: Some(state), to, ..Filter::default() };
        let found = dossiers::list(tx, &ctx.actor.scope(action), &filter, limit)?;
        let able = delegations::may_each(tx, ctx, action, &found)?;
        for stored in found {
            let due = state != State::Issued || stored.content.ends_on().is_some_and(|day| day < today);
            if due && able.contains(&stored.dossier.id) {
                let (since, due_on) = (stored.state_since, desk_due(tx, ctx, &stored)?);
                items.push(InboxItem { due_on, ..InboxItem::new(stored, waits_for, since) });
            }
        }
    }
    let owing = items.iter().filter(|item| item.waits_for == "report");
    let reports = reports_due(tx, &owing.map(|item| item.delegation.id).collect::<Vec<_>>())?;
    for item in items.iter_mut().filter(|item| item.waits_for == "report") {
        item.due_on = reports.get(&item.delegation.id).copied();
    }
    let back = items.iter().filter(|item| item.waits_for == "supplement");
    let mut why = reasons(tx, &back.map(|item| item.delegation.id).collect::<Vec<_>>())?;
    for item in items.iter_mut().filter(|item| item.waits_for == "supplement") {
        item.returned_because = why.remove(&item.delegation.id);
    }
    items.sort_by_key(|item| (item.place.is_none(), item.place, item.since, item.delegation.id));
    items.truncate(usize::try_from(limit).unwrap_or_default());
    for item in &mut items {
        item.working_days = item.due_on.map(|due| ctx.settings.calendar.working_days_between(today, due));
    }
    Ok(items)
}

/// The last day of a desk's own clock, or of a supplement.
fn desk_due(tx: &mut ReadTx<'_>, ctx: &Context, stored: &Stored) -> Result<Option<NaiveDate>> {
    let (_, book) = rules::book_of(tx, ctx, stored)?;
    let clock = match stored.dossier.state {
        State::Submitted => book.chain.receive.clock,
        State::Approved => book.chain.issue.clock,
        State::Returned => return Ok(stored.supplement_due_on),
        _ => None,
    };
    Ok(clock.map(|clock| course::due(&ctx.settings.calendar, stored.state_since, clock)))
}

/// Why these dossiers were returned the last time.
fn reasons(tx: &mut ReadTx<'_>, ids: &[DossierId]) -> Result<BTreeMap<DossierId, String>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    // The oldest come first: what was said last stays.
    let said = stored_decisions::of_dossiers(tx, ids)?.into_iter();
    let returned = said.filter(|(_, decision)| decision.verdict == Verdict::Return);
    Ok(returned.filter_map(|(id, decision)| Some((id, decision.comment?))).collect())
}

/// The last days of the result reports that these dossiers owe.
fn reports_due(tx: &mut ReadTx<'_>, ids: &[DossierId]) -> Result<BTreeMap<DossierId, NaiveDate>> {
    let mut due: BTreeMap<DossierId, NaiveDate> = BTreeMap::new();
    for one in obligations::of_dossiers(tx, ids)? {
        if one.state == ObligationState::Open && one.planned.kind == ObligationKind::ResultReport {
            let day = one.planned.due_at.date();
            due.entry(one.dossier).and_modify(|known| *known = day.min(*known)).or_insert(day);
        }
    }
    Ok(due)
}

/// A dossier of mine that is under way, and what it waits for.
#[derive(Debug, Clone, Serialize)]
pub struct Filed {
    /// The dossier.
    pub delegation: DelegationItem,
    /// What it waits for; an open step of its own comes with its words, everything else is a `waits_for` code.
    pub waits: Vec<Stuck>,
}

/// What holds a dossier up.
#[derive(Debug, Clone, Serialize)]
pub struct Stuck {
    /// A code as in the inbox.
    pub waits_for: &'static str,
    /// Words of the open step, Vietnamese and English.
    pub step: Option<(String, String)>,
    /// Where.
    pub organisation: OrganisationId,
    /// Last day.
    pub due_on: Option<NaiveDate>,
    /// Working days from today to that day; negative once it is past.
    pub working_days: Option<i64>,
    /// What its open step waits for.
    #[serde(skip)]
    pub standing: Option<Standing>,
}

/// What the actor registered and is not over, newest first, with who must act: by a fixed number of statements.
///
/// # Errors
/// `Error::Store` of the database.
pub fn filed(tx: &mut ReadTx<'_>, ctx: &Context, limit: i64) -> Result<Vec<Filed>> {
    let scope = ctx.actor.scope(Action::ReadDossier);
    let filter = Filter { created_by: Some(ctx.actor.account), under_way: true, ..Filter::default() };
    let found = dossiers::list(tx, &scope, &filter, limit)?;
    let ids: Vec<DossierId> = found.iter().map(|stored| stored.dossier.id).collect();
    let mut open: BTreeMap<DossierId, Vec<StoredStep>> = BTreeMap::new();
    for (id, step) in steps::of_dossiers(tx, &ids)? {
        if step.step.state == StepState::Open {
            open.entry(id).or_default().push(step);
        }
    }
    let mut desks: BTreeMap<DossierId, OrganisationId> = BTreeMap::new();
    for (state, capacity) in [(State::Submitted, Capacity::Receives), (State::Approved, Capacity::Issues)] {
        let waits = found.iter().filter(|stored| stored.dossier.state == state);
        let waits: Vec<DossierId> = waits.map(|stored| stored.dossier.id).collect();
        desks.extend(dossiers::organisations_of_many(tx, &waits, &[capacity])?);
    }
    let issued = found.iter().filter(|stored| stored.dossier.state == State::Issued);
    let reports = reports_due(tx, &issued.map(|stored| stored.dossier.id).collect::<Vec<_>>())?;
    let drafts: Vec<&Stored> = found.iter().filter(|stored| stored.dossier.state == State::Draft).collect();
    let last_days = rules::last_days(tx, ctx, &drafts)?;
    let to_file: BTreeMap<DossierId, Option<NaiveDate>> =
        drafts.iter().map(|draft| draft.dossier.id).zip(last_days).collect();
    let today = crate::clock::day_in_vietnam(tx.now());
    let calendar = &ctx.settings.calendar;
    let mut filed = Vec::new();
    for stored in found {
        let waits_for = match stored.dossier.state {
            State::Draft => "submit",
            State::Submitted => "receive",
            State::Received => "decide",
            State::Approved => "issue",
            State::Returned => "supplement",
            State::Issued => "report",
            _ => "close",
        };
        let at = |step, organisation, due_on: Option<NaiveDate>| Stuck {
            waits_for,
            step,
            organisation,
            due_on,
            working_days: due_on.map(|due| calendar.working_days_between(today, due)),
            standing: None,
        };
        let waits = match open.remove(&stored.dossier.id) {
            Some(steps) => steps
                .into_iter()
                .map(|step| {
                    let due_on = course::due_of(calendar, &step);
                    let standing = Some(Standing::at(step.step.role, step.step.on_paper()));
                    let stuck = at(Some((step.title_vi, step.title_en)), step.step.organisation, due_on);
                    Stuck { standing, ..stuck }
                })
                .collect(),
            None => {
                let desk = desks.get(&stored.dossier.id).copied();
                let desk = desk.unwrap_or(stored.dossier.organisation);
                let id = &stored.dossier.id;
                let known = reports.get(id).copied().or_else(|| to_file.get(id).copied().flatten());
                vec![at(None, desk, known.map_or_else(|| desk_due(tx, ctx, &stored), |day| Ok(Some(day)))?)]
            }
        };
        filed.push(Filed { delegation: stored.into(), waits });
    }
    Ok(filed)
}

/// Open steps: a decider sees the one on which it is his turn, a recorder those whose body has not answered.
fn decisions_waiting(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    limit: i64,
    items: &mut Vec<InboxItem>,
) -> Result<()> {
    // A secretary sees what waits for the leaders of the same organisation, and decides nothing.
    let places: BTreeSet<(Role, OrganisationId)> = ctx
        .actor
        .held
        .iter()
        .map(|held| match held.role {
            Role::Secretary => (Role::Approver, held.organisation),
            role => (role, held.organisation),
        })
        .collect();
    let places: Vec<(Role, OrganisationId)> = places.into_iter().collect();
    let scope = ctx.actor.scope(Action::ReadDossier);
    let open = steps::open_at(tx, &places, limit)?;
    let ids: BTreeSet<DossierId> = open.iter().map(|(id, _)| *id).collect();
    let ids: Vec<DossierId> = ids.into_iter().collect();
    let known: BTreeMap<DossierId, Stored> = dossiers::load_many(tx, &scope, &ids)?
        .into_iter()
        .map(|stored| (stored.dossier.id, stored))
        .collect();
    let notes = inbox_notes::of_dossiers(tx, &ids)?;
    let turns: BTreeMap<DossierId, StepId> = decisions::turns(tx, ctx, &known.values().collect::<Vec<_>>())?;
    for (id, open) in open {
        let Some(stored) = known.get(&id) else { continue };
        let step = &open.step;
        let waits_for = if step.on_paper() { "record_opinion" } else { "decide" };
        let is_mine = match step.on_paper() {
            true => ctx.actor.holds(step.role, step.organisation),
            false => turns.get(&id) == Some(&step.id) || ctx.actor.holds(Role::Secretary, step.organisation),
        };
        if is_mine {
            let since = open.opened_at.unwrap_or(stored.state_since);
            let due_on = course::due_of(&ctx.settings.calendar, &open);
            let item = InboxItem::new(stored.clone(), waits_for, since);
            let note = notes.iter().find(|note| {
                step.role == Role::Approver
                    && note.dossier == id
                    && note.organisation == step.organisation
                    && note.revision == stored.dossier.revision
            });
            items.push(InboxItem { step: Some(open.step.kind.clone()), due_on, ..item.prepared(note) });
        }
    }
    Ok(())
}
