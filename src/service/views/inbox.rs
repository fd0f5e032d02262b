//! What waits for whom: why, and since when. However much waits, it is read by the same number of statements.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::DelegationItem;
use crate::domain::access::{Action, Reach, Role};
use crate::domain::dossier::State;
use crate::domain::ids::{DossierId, OrganisationId, OverrideId, StepId};
use crate::service::rules::overrides::{self, Pending};
use crate::service::{Context, Result, decisions, delegations};
use crate::store::dossiers::{self, Filter, Stored};
use crate::store::{ReadTx, steps};

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
        }
    }
}

/// What waits for the actor: to receive, to decide, to record an answer on paper, to issue, to supplement, to report, to
/// answer a request to pass a rule by; longest waiting first.
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
                let since = stored.state_since;
                items.push(InboxItem::new(stored, waits_for, since));
            }
        }
    }
    items.sort_by_key(|item| (item.since, item.delegation.id));
    items.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(items)
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
    let turns: BTreeMap<DossierId, StepId> = decisions::turns(tx, ctx, &known.values().collect::<Vec<_>>())?;
    for (id, open) in open {
        let Some(stored) = known.get(&id) else { continue };
        let step = open.step;
        let waits_for = if step.on_paper() { "record_opinion" } else { "decide" };
        let is_mine = match step.on_paper() {
            true => ctx.actor.holds(step.role, step.organisation),
            false => turns.get(&id) == Some(&step.id) || ctx.actor.holds(Role::Secretary, step.organisation),
        };
        if is_mine {
            let since = open.opened_at.unwrap_or(stored.state_since);
            let item = InboxItem::new(stored.clone(), waits_for, since);
            items.push(InboxItem { step: Some(step.kind), ..item });
        }
    }
    Ok(())
}
