//! Annual plans, item by item, and the dossiers that refer to them.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::error::StoreError;
use super::schema::{dossier_plan_items, dossiers, plan_items};
use super::types::{Json, Key, Word};
use super::{ReadTx, WriteTx};
use crate::domain::codes::{Code, Direction};
use crate::domain::dossier::State;
use crate::domain::ids::{AccountId, DossierId, OrganisationId, PlanItemId};
use crate::domain::plan::{PlanFields, PlanItem, PlanState};

type Row = (
    (Key<PlanItemId>, Key<OrganisationId>, i32, i32, i64),
    (Word<Direction>, String, String, Option<String>, Json<Vec<u32>>),
    (Option<i32>, Option<String>, Option<String>, String, Word<PlanState>, String),
);

macro_rules! columns {
    () => {
        (
            (
                plan_items::id,
                plan_items::organisation_id,
                plan_items::year,
                plan_items::no,
                plan_items::version,
            ),
            (
                plan_items::direction,
                plan_items::title,
                plan_items::partner,
                plan_items::country,
                plan_items::months,
            ),
            (
                plan_items::guests,
                plan_items::cost,
                plan_items::currency,
                plan_items::note,
                plan_items::state,
                plan_items::drop_reason,
            ),
        )
    };
}

fn item(row: Row) -> PlanItem {
    let ((id, organisation, year, no, version), what, more) = row;
    let (direction, title, partner, country, months) = what;
    let (guests, cost, currency, note, state, drop_reason) = more;
    let fields = PlanFields {
        direction: direction.0,
        title,
        partner,
        country,
        months: months.0,
        guests: guests.and_then(|guests| u32::try_from(guests).ok()),
        cost,
        currency,
        note,
        state: state.0,
        drop_reason,
    };
    PlanItem { id: id.0, organisation: organisation.0, year, no, fields, version }
}

/// Adds an item.
///
/// # Errors
/// `Taken` when the plan has one of this number.
pub fn insert(tx: &mut WriteTx<'_>, new: &PlanItem, by: Option<AccountId>) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    let fields = &new.fields;
    diesel::insert_into(plan_items::table)
        .values((
            plan_items::id.eq(new.id.to_string()),
            plan_items::organisation_id.eq(new.organisation.to_string()),
            plan_items::year.eq(new.year),
            plan_items::no.eq(new.no),
            plan_items::direction.eq(fields.direction.code()),
            plan_items::title.eq(&fields.title),
            plan_items::partner.eq(&fields.partner),
            plan_items::country.eq(&fields.country),
            plan_items::months.eq(months(fields)?),
            plan_items::guests.eq(guests(fields)),
            plan_items::cost.eq(&fields.cost),
            plan_items::currency.eq(&fields.currency),
            plan_items::note.eq(&fields.note),
            plan_items::state.eq(fields.state.code()),
            plan_items::drop_reason.eq(&fields.drop_reason),
            plan_items::version.eq(new.version),
            plan_items::created_by.eq(by.map(|id| id.to_string())),
            plan_items::created_at.eq(now),
        ))
        .execute(tx.db())?;
    Ok(())
}

fn months(fields: &PlanFields) -> Result<String, StoreError> {
    serde_json::to_string(&fields.months).map_err(|cause| StoreError::Corrupt(cause.to_string()))
}

fn guests(fields: &PlanFields) -> Option<i32> {
    fields.guests.and_then(|guests| i32::try_from(guests).ok())
}

/// Writes what is said of an item, if its version is still the one given.
///
/// # Errors
/// `Stale` when it is not.
pub fn update(tx: &mut WriteTx<'_>, changed: &PlanItem) -> Result<(), StoreError> {
    let fields = &changed.fields;
    let row = plan_items::table
        .filter(plan_items::id.eq(changed.id.to_string()))
        .filter(plan_items::version.eq(changed.version));
    let done = diesel::update(row)
        .set((
            plan_items::direction.eq(fields.direction.code()),
            plan_items::title.eq(&fields.title),
            plan_items::partner.eq(&fields.partner),
            plan_items::country.eq(&fields.country),
            plan_items::months.eq(months(fields)?),
            plan_items::guests.eq(guests(fields)),
            plan_items::cost.eq(&fields.cost),
            plan_items::currency.eq(&fields.currency),
            plan_items::note.eq(&fields.note),
            plan_items::state.eq(fields.state.code()),
            plan_items::drop_reason.eq(&fields.drop_reason),
            plan_items::version.eq(changed.version + 1),
        ))
        .execute(tx.db())?;
    if done == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// One item.
///
/// # Errors
/// `StoreError` of the database.
pub fn load(tx: &mut ReadTx<'_>, id: PlanItemId) -> Result<Option<PlanItem>, StoreError> {
    let row: Option<Row> =
        plan_items::table.find(id.to_string()).select(columns!()).first(tx.db()).optional()?;
    Ok(row.map(item))
}

/// Loads some items.
///
/// # Errors
/// `StoreError` of the database.
pub fn load_many(tx: &mut ReadTx<'_>, ids: &BTreeSet<PlanItemId>) -> Result<Vec<PlanItem>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let rows: Vec<Row> = plan_items::table
        .filter(plan_items::id.eq_any(ids))
        .order(plan_items::id)
        .select(columns!())
        .load(tx.db())?;
    Ok(rows.into_iter().map(item).collect())
}

/// The items of some years and organisations (`None`: all), by organisation, year and number.
///
/// # Errors
/// `StoreError` of the database.
pub fn list(
    tx: &mut ReadTx<'_>,
    years: (i32, i32),
    organisations: Option<&[OrganisationId]>,
) -> Result<Vec<PlanItem>, StoreError> {
    let mut query = plan_items::table
        .filter(plan_items::year.between(years.0, years.1))
        .order((plan_items::organisation_id, plan_items::year, plan_items::no))
        .select(columns!())
        .into_boxed();
    if let Some(organisations) = organisations {
        let ids: Vec<String> = organisations.iter().map(ToString::to_string).collect();
        query = query.filter(plan_items::organisation_id.eq_any(ids));
    }
    let rows: Vec<Row> = query.load(tx.db())?;
    Ok(rows.into_iter().map(item).collect())
}

/// The next number of an organisation's plan.
///
/// # Errors
/// `StoreError` of the database.
pub fn next_no(tx: &mut ReadTx<'_>, organisation: OrganisationId, year: i32) -> Result<i32, StoreError> {
    let last: Option<i32> = plan_items::table
        .filter(plan_items::organisation_id.eq(organisation.to_string()))
        .filter(plan_items::year.eq(year))
        .select(diesel::dsl::max(plan_items::no))
        .first(tx.db())?;
    Ok(last.unwrap_or_default() + 1)
}

/// Says which item a dossier refers to.
///
/// # Errors
/// `StoreError` of the database.
pub fn refer(tx: &mut WriteTx<'_>, dossier: DossierId, to: Option<PlanItemId>) -> Result<(), StoreError> {
    diesel::delete(dossier_plan_items::table.find(dossier.to_string())).execute(tx.db())?;
    if let Some(to) = to {
        diesel::insert_into(dossier_plan_items::table)
            .values((
                dossier_plan_items::dossier_id.eq(dossier.to_string()),
                dossier_plan_items::item_id.eq(to.to_string()),
            ))
            .execute(tx.db())?;
    }
    Ok(())
}

/// The dossiers that refer to an item, whatever became of them.
///
/// # Errors
/// `StoreError` of the database.
pub fn referring(tx: &mut ReadTx<'_>, id: PlanItemId) -> Result<Vec<DossierId>, StoreError> {
    let ids: Vec<Key<DossierId>> = dossier_plan_items::table
        .filter(dossier_plan_items::item_id.eq(id.to_string()))
        .select(dossier_plan_items::dossier_id)
        .load(tx.db())?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// Whether a dossier refers to an item: one that came to nothing does not count.
///
/// # Errors
/// `StoreError` of the database.
pub fn is_referred_to(tx: &mut ReadTx<'_>, id: PlanItemId) -> Result<bool, StoreError> {
    let over = [State::Cancelled, State::Rejected, State::Lapsed].map(Code::code);
    let referring: i64 = dossier_plan_items::table
        .inner_join(dossiers::table)
        .filter(dossier_plan_items::item_id.eq(id.to_string()))
        .filter(dossiers::state.ne_all(over))
        .count()
        .get_result(tx.db())?;
    Ok(referring > 0)
}
