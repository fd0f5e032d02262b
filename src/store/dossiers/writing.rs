//! Writing dossiers: drafts, content and what is projected from it, numbers, and the one function that writes the state
//! column.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::{Capacity, add_organisation};
use crate::domain::codes::{Code, Direction};
use crate::domain::delegation::Content;
use crate::domain::dossier::{Change, State};
use crate::domain::ids::{AccountId, DossierId, OrganisationId};
use crate::domain::text;
use crate::store::schema::{dossier_countries, dossier_parties, dossiers, number_series};
use crate::store::words::{self, Subject};
use crate::store::{StoreError, WriteTx, plans};

/// Adds a draft.
///
/// # Errors
/// `StoreError` of the database.
pub fn insert(
    tx: &mut WriteTx<'_>,
    id: DossierId,
    owner: OrganisationId,
    content: &Content,
    by: AccountId,
    rulebook: i32,
) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    let details = json(content)?;
    diesel::insert_into(dossiers::table)
        .values((
            dossiers::id.eq(id.to_string()),
            dossiers::kind.eq("delegation"),
            dossiers::direction.eq(content.direction.code()),
            dossiers::organisation_id.eq(owner.to_string()),
            dossiers::title.eq(&content.title),
            dossiers::title_folded.eq(text::folded(&content.title)),
            dossiers::state.eq(State::Draft.code()),
            dossiers::state_since.eq(now),
            dossiers::origin.eq(content.origin.code()),
            dossiers::confidential.eq(content.confidential),
            dossiers::version.eq(1),
            dossiers::revision.eq(0),
            dossiers::rulebook_version.eq(rulebook),
            dossiers::details.eq(details),
            dossiers::created_by.eq(by.to_string()),
            dossiers::created_at.eq(now),
        ))
        .execute(tx.db())?;
    write_content(tx, id, content)
}

fn json(content: &Content) -> Result<String, StoreError> {
    serde_json::to_string(content).map_err(|cause| StoreError::Corrupt(cause.to_string()))
}

/// Writes the content and what is projected from it; goes with an `apply` in the same transaction.
///
/// # Errors
/// `StoreError` of the database.
pub fn write_content(tx: &mut WriteTx<'_>, id: DossierId, content: &Content) -> Result<(), StoreError> {
    let (details, title_folded) = (json(content)?, text::folded(&content.title));
    words::keep(tx, Subject::Dossier, &id.to_string(), &title_folded)?;
    diesel::update(dossiers::table.filter(dossiers::id.eq(id.to_string())))
        .set((
            dossiers::title.eq(&content.title),
            dossiers::title_folded.eq(title_folded),
            dossiers::lead_host_id.eq(content.lead_host_id.map(|id| id.to_string())),
            dossiers::partner_id.eq(content.partner_id.map(|id| id.to_string())),
            dossiers::primary_field.eq(content.primary_field.map(Code::code)),
            dossiers::starts_on.eq(content.starts_on()),
            dossiers::ends_on.eq(content.ends_on()),
            dossiers::confidential.eq(content.confidential),
            dossiers::origin.eq(content.origin.code()),
            dossiers::details.eq(details),
        ))
        .execute(tx.db())?;
    diesel::delete(dossier_countries::table.filter(dossier_countries::dossier_id.eq(id.to_string())))
        .execute(tx.db())?;
    let mut countries: Vec<&String> =
        content.countries.iter().chain(content.stays.iter().map(|s| &s.country)).collect();
    countries.sort();
    countries.dedup();
    for country in countries {
        diesel::insert_into(dossier_countries::table)
            .values((
                dossier_countries::dossier_id.eq(id.to_string()),
                dossier_countries::country.eq(country),
            ))
            .execute(tx.db())?;
    }
    plans::refer(tx, id, content.plan.as_ref().and_then(|plan| plan.item_id))?;
    let hosts =
        [(Capacity::LeadHost, content.lead_host_id.as_slice()), (Capacity::CoHost, &content.co_host_ids)];
    for (capacity, organisations) in hosts {
        let old = dossier_parties::table
            .filter(dossier_parties::dossier_id.eq(id.to_string()))
            .filter(dossier_parties::capacity.eq(capacity.code()));
        diesel::delete(old).execute(tx.db())?;
        for organisation in organisations {
            add_organisation(tx, id, *organisation, capacity)?;
        }
    }
    Ok(())
}

/// Applies a change: the only writer of the state column. The row must still have the state and version that the
/// change was decided on.
///
/// # Errors
/// `Stale` when it has not.
pub fn apply(tx: &mut WriteTx<'_>, id: DossierId, change: &Change) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    let row = dossiers::table
        .filter(dossiers::id.eq(id.to_string()))
        .filter(dossiers::state.eq(change.from().code()))
        .filter(dossiers::version.eq(change.version()));
    let changed = diesel::update(row)
        .set((
            dossiers::state.eq(change.to().code()),
            dossiers::version.eq(change.version() + 1),
            dossiers::revision.eq(change.revision()),
            dossiers::revision_in_force.eq(change.revision_in_force()),
            dossiers::outcome.eq(change.outcome().map(Code::code)),
        ))
        .execute(tx.db())?;
    if changed != 1 {
        return Err(StoreError::Stale);
    }
    if change.from() != change.to() {
        diesel::update(dossiers::table.filter(dossiers::id.eq(id.to_string())))
            .set(dossiers::state_since.eq(now))
            .execute(tx.db())?;
    }
    Ok(())
}

/// Pins the rulebook under which a dossier is submitted.
///
/// # Errors
/// `StoreError` of the database.
pub fn pin_rulebook(tx: &mut WriteTx<'_>, id: DossierId, version: i32) -> Result<(), StoreError> {
    diesel::update(dossiers::table.find(id.to_string()))
        .set(dossiers::rulebook_version.eq(version))
        .execute(tx.db())?;
    Ok(())
}

/// Takes the row for this command until its end, and says its version: on PostgreSQL what is read of the dossier
/// afterwards cannot change under the reader's feet. The update is the lock, on both databases.
///
/// # Errors
/// `NotFound` when there is no such dossier.
pub fn lock(tx: &mut WriteTx<'_>, id: DossierId) -> Result<i64, StoreError> {
    let row = dossiers::table.filter(dossiers::id.eq(id.to_string()));
    Ok(diesel::update(row)
        .set(dossiers::version.eq(dossiers::version))
        .returning(dossiers::version)
        .get_result(tx.db())?)
}

/// Notes that something that belongs to the dossier changed, without a move: its papers. Says the new version.
///
/// # Errors
/// `Stale` when the row has another version than was seen.
pub fn touch(tx: &mut WriteTx<'_>, id: DossierId, version: i64) -> Result<i64, StoreError> {
    let row = dossiers::table.filter(dossiers::id.eq(id.to_string())).filter(dossiers::version.eq(version));
    match diesel::update(row).set(dossiers::version.eq(version + 1)).execute(tx.db())? {
        1 => Ok(version + 1),
        _ => Err(StoreError::Stale),
    }
}

/// Gives a dossier its official number, once: the next of its direction and year. The row of the series is the
/// lock, and a rollback gives the number back, so that there are no gaps.
///
/// # Errors
/// `StoreError` of the database.
pub fn number(
    tx: &mut WriteTx<'_>,
    id: DossierId,
    direction: Direction,
    year: i32,
) -> Result<i64, StoreError> {
    let series = number_series::table
        .filter(number_series::direction.eq(direction.code()))
        .filter(number_series::year.eq(year));
    let taken: Option<i64> = diesel::update(series)
        .set(number_series::last_no.eq(number_series::last_no + 1))
        .returning(number_series::last_no)
        .get_result(tx.db())
        .optional()?;
    let no = match taken {
        Some(no) => no,
        None => first_of_series(tx, direction, year)?,
    };
    diesel::update(dossiers::table.filter(dossiers::id.eq(id.to_string())).filter(dossiers::no.is_null()))
        .set((dossiers::year.eq(year), dossiers::no.eq(no)))
        .execute(tx.db())?;
    Ok(no)
}

fn first_of_series(tx: &mut WriteTx<'_>, direction: Direction, year: i32) -> Result<i64, StoreError> {
    let made = diesel::insert_into(number_series::table)
        .values((
            number_series::direction.eq(direction.code()),
            number_series::year.eq(year),
            number_series::last_no.eq(1),
        ))
        .execute(tx.db());
    match made.map_err(StoreError::from) {
        Ok(_) => Ok(1),
        // Two began the year at once: run again and take the next number.
        Err(StoreError::Taken { .. }) => Err(StoreError::Conflict),
        Err(other) => Err(other),
    }
}

/// Columns beside state and content that single commands write.
#[derive(Debug, Clone, AsChangeset, Default)]
#[diesel(table_name = dossiers)]
pub struct Facts {
    /// Incoming number.
    pub incoming_number: Option<String>,
    /// Incoming time, UTC.
    pub incoming_at: Option<NaiveDateTime>,
    /// Supplement day.
    pub supplement_due_on: Option<NaiveDate>,
    /// Actual first day.
    pub actual_starts_on: Option<NaiveDate>,
    /// Actual last day.
    pub actual_ends_on: Option<NaiveDate>,
    /// When the report came, UTC.
    pub reported_at: Option<NaiveDateTime>,
    /// The other dossier.
    pub duplicate_of: Option<String>,
}

/// Writes the facts that are there; absent ones stay as they are.
///
/// # Errors
/// `StoreError` of the database.
pub fn write_facts(tx: &mut WriteTx<'_>, id: DossierId, facts: &Facts) -> Result<(), StoreError> {
    diesel::update(dossiers::table.filter(dossiers::id.eq(id.to_string()))).set(facts).execute(tx.db())?;
    Ok(())
}

/// Takes a reported last day back: it is not known after all.
///
/// # Errors
/// `StoreError` of the database.
pub fn clear_departure(tx: &mut WriteTx<'_>, id: DossierId) -> Result<(), StoreError> {
    diesel::update(dossiers::table.filter(dossiers::id.eq(id.to_string())))
        .set(dossiers::actual_ends_on.eq(None::<NaiveDate>))
        .execute(tx.db())?;
    Ok(())
}

/// Takes a reported arrival back: nobody came after all.
///
/// # Errors
/// `StoreError` of the database.
pub fn clear_arrival(tx: &mut WriteTx<'_>, id: DossierId) -> Result<(), StoreError> {
    diesel::update(dossiers::table.filter(dossiers::id.eq(id.to_string())))
        .set((
            dossiers::actual_starts_on.eq(None::<NaiveDate>),
            dossiers::actual_ends_on.eq(None::<NaiveDate>),
        ))
        .execute(tx.db())?;
    Ok(())
}
