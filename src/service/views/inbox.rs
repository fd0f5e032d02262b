//! What waits for whom: why, and since when.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::DelegationItem;
use crate::domain::access::{Action, Reach, Role};
use crate::domain::dossier::State;
use crate::domain::ids::{DossierId, OrganisationId};
use crate::service::{Context, Result, decisions, delegations};
use crate::store::dossiers::{self, Filter, Stored};
use crate::store::{ReadTx, steps};

/// Something that waits for me.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InboxItem {
    /// The dossier.
    pub delegation: DelegationItem,
    /// What it waits for: receive, decide, issue, supplement, report.
    pub waits_for: String,
    /// The kind of the open step, where it waits for a decision.
    pub step: Option<String>,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// What waits for the actor: to receive, to decide, to issue, to supplement, to report; longest waiting first.
///
/// # Errors
/// `Error::Store` of the database.
pub fn inbox(tx: &mut ReadTx<'_>, ctx: &Context, limit: i64) -> Result<Vec<InboxItem>> {
    ctx.must(Action::ReadInbox)?;
    let mut items = Vec::new();
    decisions_waiting(tx, ctx, limit, &mut items)?;
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
        for stored in dossiers::list(tx, &ctx.actor.scope(action), &filter, limit)? {
            let due = state != State::Issued || stored.content.ends_on().is_some_and(|day| day < today);
            if due && delegations::may(tx, ctx, action, &stored)? {
                let since = stored.state_since;
                items.push(InboxItem {
                    delegation: stored.into(),
                    waits_for: waits_for.to_owned(),
                    step: None,
                    since,
                });
            }
        }
    }
    items.sort_by_key(|item| (item.since, item.delegation.id));
    items.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(items)
}

fn decisions_waiting(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    limit: i64,
    items: &mut Vec<InboxItem>,
) -> Result<()> {
    // A secretary sees what waits for the leaders of the same organisation, and decides nothing.
    let places: Vec<(Role, OrganisationId)> = ctx
        .actor
        .held
        .iter()
        .map(|held| match held.role {
            Role::Secretary => (Role::Approver, held.organisation),
            role => (role, held.organisation),
        })
        .collect();
    let scope = ctx.actor.scope(Action::ReadDossier);
    let open = steps::open_at(tx, &places, limit)?;
    let ids: Vec<DossierId> = open.iter().map(|(id, _)| *id).collect();
    let mut known: BTreeMap<DossierId, Stored> = dossiers::load_many(tx, &scope, &ids)?
        .into_iter()
        .map(|stored| (stored.dossier.id, stored))
        .collect();
    for (id, step) in open {
        let Some(stored) = known.remove(&id) else { continue };
        let prepares = ctx.actor.holds(Role::Secretary, step.step.organisation);
        if !prepares && !decisions::may_decide(tx, ctx, &stored)? {
            continue;
        }
        let since = step.opened_at.unwrap_or(stored.state_since);
        let step = Some(step.step.kind);
        items.push(InboxItem { delegation: stored.into(), waits_for: "decide".to_owned(), step, since });
    }
    Ok(())
}
