//! The annual plan: registering what an organisation means to receive and send, changing and dropping items.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::views::DelegationItem;
use super::{Context, Error, Result};
use crate::domain::access::Action;
use crate::domain::approval::OrganisationKind;
use crate::domain::codes::Direction;
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, OrganisationId, PlanItemId};
use crate::domain::plan::{PlanFields, PlanItem, PlanState};
use crate::domain::refusal::{Fault, Refusal};
use crate::store::organisations::{self, Organisation};
use crate::store::{ReadTx, Recorded, StoreError, WriteTx, dossiers, journal, plans};

/// Years that have a plan.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2100;

/// An item as shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlanItemView {
    /// Id.
    pub id: PlanItemId,
    /// Whose plan.
    pub organisation_id: OrganisationId,
    /// Year.
    pub year: i32,
    /// Number within the organisation's plan of the year.
    pub no: i32,
    /// Version, for `If-Match`.
    pub version: i64,
    /// What is planned.
    #[serde(flatten)]
    pub fields: PlanFields,
}

impl From<PlanItem> for PlanItemView {
    fn from(item: PlanItem) -> Self {
        let PlanItem { id, organisation, year, no, fields, version } = item;
        Self { id, organisation_id: organisation, year, no, version, fields }
    }
}

/// The items of a year within reach, perhaps of one organisation.
///
/// # Errors
/// `Forbidden`; `NotFound` for an organisation out of reach, or a year that has no plan.
pub fn list(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    year: i32,
    organisation: Option<OrganisationId>,
) -> Result<Vec<PlanItemView>> {
    ctx.must(Action::ReadPlan)?;
    if !YEARS.contains(&year) {
        return Err(Refusal::NotFound.into());
    }
    let mut within = within(tx, ctx, Action::ReadPlan)?;
    if let Some(wanted) = organisation {
        within.retain(|organisation| organisation.id == wanted);
        if within.is_empty() {
            return Err(Refusal::NotFound.into());
        }
    }
    let ids: Vec<OrganisationId> = within.iter().map(|organisation| organisation.id).collect();
    Ok(plans::list(tx, (year, year), Some(&ids))?.into_iter().map(PlanItemView::from).collect())
}

/// Items of an organisation's plan that a dossier of this year and direction may name: those that stand, and the one
/// that it names already.
///
/// # Errors
/// `Error::Store` of the database.
pub fn to_choose(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    organisation: Option<OrganisationId>,
    (year, direction): (i32, Direction),
    named: Option<PlanItemId>,
) -> Result<Vec<PlanItemView>> {
    let within = within(tx, ctx, Action::ReadPlan)?;
    let Some(organisation) = organisation.filter(|id| within.iter().any(|one| one.id == *id)) else {
        return Ok(Vec::new());
    };
    let mut items = plans::list(tx, (year, year), Some(&[organisation]))?;
    items.retain(|item| {
        let stands = item.fields.state == PlanState::Planned && item.fields.direction == direction;
        stands || Some(item.id) == named
    });
    Ok(items.into_iter().map(PlanItemView::from).collect())
}

/// Titles of the items that a dossier names or named, for whoever may read the dossier.
///
/// # Errors
/// `Error::Store` of the database.
pub fn titles(tx: &mut ReadTx<'_>, ids: &BTreeSet<PlanItemId>) -> Result<BTreeMap<PlanItemId, String>> {
    let item = |item: PlanItem| (item.id, format!("{}/{} – {}", item.no, item.year, item.fields.title));
    Ok(plans::load_many(tx, ids)?.into_iter().map(item).collect())
}

/// One item, and whether the actor may change it.
///
/// # Errors
/// `Forbidden`; `NotFound` also for one of an organisation out of reach, which is journalled.
pub fn get(tx: &mut ReadTx<'_>, ctx: &Context, id: PlanItemId) -> Result<(PlanItemView, bool)> {
    ctx.must(Action::ReadPlan)?;
    let item = plans::load(tx, id)?.ok_or(Refusal::NotFound)?;
    if !within(tx, ctx, Action::ReadPlan)?.iter().any(|one| one.id == item.organisation) {
        return Err(ctx.denied(Refusal::NotFound, Action::ReadPlan, "plan_item", id));
    }
    let may_edit = within(tx, ctx, Action::EditPlan)?.iter().any(|one| one.id == item.organisation);
    Ok((item.into(), may_edit))
}

/// The delegations that name an item, as far as the actor may know of them, in the order of their days.
///
/// # Errors
/// `Error::Store` of the database.
pub fn named_by(tx: &mut ReadTx<'_>, ctx: &Context, id: PlanItemId) -> Result<Vec<DelegationItem>> {
    let ids = plans::referring(tx, id)?;
    let found = dossiers::load_many(tx, &ctx.actor.scope(Action::ReadDossier), &ids)?;
    let mut items: Vec<DelegationItem> = found.into_iter().map(DelegationItem::from).collect();
    items.sort_by_key(|item| (item.arrives_on, item.id));
    Ok(items)
}

/// Organisations for whose plan the actor may add items.
///
/// # Errors
/// `Error::Store` of the database.
pub fn owners(tx: &mut ReadTx<'_>, ctx: &Context) -> Result<Vec<OrganisationId>> {
    Ok(within(tx, ctx, Action::EditPlan)?.into_iter().map(|one| one.id).collect())
}

/// Organisations whose plans the actor may see or change: his own and those below; the receiving department and the
/// auditor see all.
fn within(tx: &mut ReadTx<'_>, ctx: &Context, action: Action) -> Result<Vec<Organisation>> {
    let all = organisations::list(tx)?;
    let compiles = |organisation: &Organisation| {
        organisation.kind == OrganisationKind::ForeignAffairs
            && ctx.actor.roles_for(action).any(|held| held.organisation == organisation.id)
    };
    if action == Action::ReadPlan && all.iter().any(compiles) {
        return Ok(all);
    }
    Ok(all.into_iter().filter(|one| ctx.actor.reaches_path(action, &one.path)).collect())
}

/// Registers an item; it gets the next number of the organisation's year.
///
/// # Errors
/// `Forbidden`; `Invalid` names the field.
pub fn add(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    year: i32,
    organisation: Option<OrganisationId>,
    fields: &PlanFields,
) -> Result<Recorded<PlanItemView>> {
    ctx.must(Action::EditPlan)?;
    let own = within(tx, ctx, Action::EditPlan)?;
    let mut held = ctx.actor.roles_for(Action::EditPlan).map(|held| held.organisation);
    let owner = match (organisation, held.next()) {
        (Some(id), _) if own.iter().any(|one| one.id == id) => id,
        (Some(_), _) => return Err(Refusal::field("/organisation_id", "unknown-organisation").into()),
        (None, Some(only)) if held.all(|other| other == only) => only,
        (None, _) => return Err(Refusal::field("/organisation_id", "required").into()),
    };
    insert(tx, Some(ctx.actor.account), owner, year, fields)
}

/// Adds an item to the plan of an organisation.
///
/// # Errors
/// `Invalid` names the field.
pub fn insert(
    tx: &mut WriteTx<'_>,
    by: Option<AccountId>,
    organisation: OrganisationId,
    year: i32,
    fields: &PlanFields,
) -> Result<Recorded<PlanItemView>> {
    let mut fields = fields.clone();
    let mut faults = fields.clean();
    if !YEARS.contains(&year) {
        faults.push(Fault::at("/year", "out-of-range"));
    }
    if fields.state == PlanState::Dropped {
        faults.push(Fault::at("/state", "not-offered"));
    }
    Refusal::unless_empty(faults)?;
    let no = plans::next_no(tx, organisation, year)?;
    let item = PlanItem { id: tx.fresh(), organisation, year, no, fields, version: 1 };
    match plans::insert(tx, &item, by) {
        // Somebody takes this number at this moment: run again and take the next.
        Err(StoreError::Taken { .. }) => return Err(Error::Store(StoreError::Conflict)),
        other => other?,
    }
    let entry = journal::append(tx, told("plan.item_added", by, &item))?;
    Ok(entry.returning(item.into()))
}

fn told(action: &'static str, by: Option<AccountId>, item: &PlanItem) -> Event {
    let mut event = Event::new(action, "plan_item", item.id).at(item.organisation);
    event.actor = by;
    let said = serde_json::to_string(&item.fields).unwrap_or_default();
    event.with("year", item.year).with("no", item.no).with("fields", said)
}

/// Changes or drops an item.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Stale`; `PlanItemInUse` when a dossier refers to what would be dropped or turned round;
/// `Invalid` names the field.
pub fn edit(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: PlanItemId,
    version: i64,
    patched: impl FnOnce(&PlanFields) -> std::result::Result<PlanFields, Refusal>,
) -> Result<Recorded<PlanItemView>> {
    ctx.must(Action::EditPlan)?;
    let mut item = plans::load(tx, id)?.ok_or(Refusal::NotFound)?;
    if !within(tx, ctx, Action::ReadPlan)?.iter().any(|one| one.id == item.organisation) {
        return Err(ctx.denied(Refusal::NotFound, Action::EditPlan, "plan_item", id));
    }
    if !within(tx, ctx, Action::EditPlan)?.iter().any(|one| one.id == item.organisation) {
        return Err(ctx.denied(Refusal::Forbidden(Action::EditPlan), Action::EditPlan, "plan_item", id));
    }
    if item.version != version {
        return Err(Refusal::Stale.into());
    }
    let mut fields = patched(&item.fields)?;
    Refusal::unless_empty(fields.clean())?;
    let removes = fields.state == PlanState::Dropped && item.fields.state == PlanState::Planned;
    let turns = fields.direction != item.fields.direction;
    if (removes || turns) && plans::is_referred_to(tx, id)? {
        return Err(Refusal::PlanItemInUse.into());
    }
    item.fields = fields;
    plans::update(tx, &item)?;
    let action = if removes { "plan.item_dropped" } else { "plan.item_changed" };
    let entry = journal::append(tx, told(action, Some(ctx.actor.account), &item))?;
    item.version += 1;
    Ok(entry.returning(item.into()))
}
