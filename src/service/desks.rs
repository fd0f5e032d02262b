//! A leader's desk as the secretary prepares it: in which order dossiers shall be read, with a note for each. Preparing
//! decides nothing, and nobody is bound by it.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{Context, Result, course, delegations};
use crate::domain::access::{Action, Role};
use crate::domain::approval::StepState;
use crate::domain::event::Event;
use crate::domain::ids::{DossierId, OrganisationId};
use crate::domain::refusal::{Fault, Refusal, Why};
use crate::domain::text;
use crate::store::inbox_notes::{self, InboxNote};
use crate::store::{ReadTx, Recorded, WriteTx, journal, steps};

/// Most dossiers that are prepared at once.
const MOST: usize = 200;
/// Last place that can be given.
const LAST: i32 = 999;

/// How one dossier is prepared.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Prepared {
    /// The dossier.
    pub delegation_id: DossierId,
    /// Its place from 1; absent where it follows by its age.
    #[serde(default)]
    pub place: Option<i32>,
    /// A note for whoever decides.
    #[serde(default)]
    pub note: String,
}

/// How a desk is prepared.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    /// The dossiers; the others stay as they are.
    #[serde(default)]
    pub rows: Vec<Prepared>,
}

/// Prepares dossiers that wait for a leader of the actor's own organisation; answers how many changed.
///
/// # Errors
/// `Forbidden`; `NotFound` for a dossier that may not be known of; `Invalid` names the field.
pub fn prepare(tx: &mut WriteTx<'_>, ctx: &Context, desk: &Desk) -> Result<Recorded<usize>> {
    ctx.must(Action::PrepareInbox)?;
    if desk.rows.len() > MOST {
        return Err(Refusal::field("/rows", Why::too_many(MOST, desk.rows.len())).into());
    }
    let ids: Vec<DossierId> = desk.rows.iter().map(|row| row.delegation_id).collect();
    let there = inbox_notes::of_dossiers(tx, &ids)?;
    let mut faults = Vec::new();
    let mut changed = Vec::new();
    for (at, row) in desk.rows.iter().enumerate() {
        let pointer = |name: &str| format!("/rows/{at}{name}");
        let note = text::line(&row.note).unwrap_or_else(|code| {
            faults.push(Fault::at(pointer("/note"), code));
            String::new()
        });
        course::unmarked(&pointer("/note"), &note, &mut faults);
        if row.place.is_some_and(|place| !(1..=LAST).contains(&place)) {
            faults.push(Fault::at(pointer("/place"), "out-of-range"));
        }
        let stored = delegations::get(tx, ctx, row.delegation_id)?;
        let Some(organisation) = desk_of(tx, ctx, row.delegation_id)? else {
            faults.push(Fault::at(pointer("/delegation_id"), "unknown-dossier"));
            continue;
        };
        let revision = stored.dossier.revision;
        let new = InboxNote { organisation, dossier: row.delegation_id, revision, place: row.place, note };
        let says_nothing = new.place.is_none() && new.note.is_empty();
        let known = there.contains(&new);
        let was_there =
            there.iter().any(|old| old.organisation == organisation && old.dossier == new.dossier);
        if !known && (was_there || !says_nothing) {
            changed.push(new);
        }
    }
    Refusal::unless_empty(faults)?;
    write(tx, ctx, &changed)
}

fn write(tx: &mut WriteTx<'_>, ctx: &Context, changed: &[InboxNote]) -> Result<Recorded<usize>> {
    let Some(first) = changed.first() else {
        return Ok(tx.unrecorded("the desk is prepared like this already", 0));
    };
    let mut event = Event::new("inbox.prepared", "organisation", first.organisation)
        .by(ctx.actor.account)
        .at(first.organisation);
    for new in changed {
        inbox_notes::write(tx, ctx.actor.account, new)?;
        let place = new.place.map(|place| place.to_string()).unwrap_or_default();
        event = event
            .with(format!("place:{}", new.dossier), place)
            .with(format!("note:{}", new.dossier), &new.note);
    }
    Ok(journal::append(tx, event)?.returning(changed.len()))
}

/// The organisation of the actor's own desk at whose leaders the dossier waits.
fn desk_of(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> Result<Option<OrganisationId>> {
    let waits = |step: &steps::StoredStep| {
        step.step.state == StepState::Open
            && step.step.role == Role::Approver
            && ctx.actor.holds(Role::Secretary, step.step.organisation)
    };
    Ok(steps::list(tx, id)?.into_iter().find(waits).map(|step| step.step.organisation))
}
