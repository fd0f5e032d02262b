//! Partners abroad: public bodies, kept once for the whole installation.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::error::StoreError;
use super::schema::partners;
use super::types::Key;
use super::words::{self, Subject};
use super::{ReadTx, WriteTx};
use crate::domain::ids::PartnerId;
use crate::domain::text;

/// A partner.
#[derive(Debug, Clone)]
pub struct Partner {
    /// Id.
    pub id: PartnerId,
    /// Name.
    pub name: String,
    /// Name in its own script.
    pub native_name: Option<String>,
    /// Country.
    pub country: String,
    /// Kind, free: gov, ngo, business ..
    pub kind: Option<String>,
    /// Version.
    pub version: i64,
}

type Row = (Key<PartnerId>, String, Option<String>, String, Option<String>, i64);

const COLUMNS: (
    partners::id,
    partners::name,
    partners::native_name,
    partners::country,
    partners::kind,
    partners::version,
) = (
    partners::id,
    partners::name,
    partners::native_name,
    partners::country,
    partners::kind,
    partners::version,
);

fn partner(row: Row) -> Partner {
    let (Key(id), name, native_name, country, kind, version) = row;
    Partner { id, name, native_name, country, kind, version }
}

/// Adds a partner.
///
/// # Errors
/// `Taken` when the country has one of that name.
pub fn insert(tx: &mut WriteTx<'_>, new: &Partner) -> Result<(), StoreError> {
    let (now, name_folded) = (tx.now().naive_utc(), text::folded(&new.name));
    words::keep(tx, Subject::Partner, &new.id.to_string(), &name_folded)?;
    diesel::insert_into(partners::table)
        .values((
            partners::id.eq(new.id.to_string()),
            partners::name.eq(&new.name),
            partners::native_name.eq(&new.native_name),
            partners::name_folded.eq(name_folded),
            partners::name_sort.eq(text::sort_key(&new.name)),
            partners::country.eq(&new.country),
            partners::kind.eq(&new.kind),
            partners::version.eq(new.version),
            partners::created_at.eq(now),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Loads a partner.
///
/// # Errors
/// `StoreError` of the database.
pub fn load(tx: &mut ReadTx<'_>, id: PartnerId) -> Result<Option<Partner>, StoreError> {
    let row: Option<Row> = partners::table.find(id.to_string()).select(COLUMNS).first(tx.db()).optional()?;
    Ok(row.map(partner))
}

/// Those of these partners that there are.
///
/// # Errors
/// `StoreError` of the database.
pub fn load_many(tx: &mut ReadTx<'_>, ids: &BTreeSet<PartnerId>) -> Result<Vec<Partner>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let rows: Vec<Row> = partners::table.filter(partners::id.eq_any(ids)).select(COLUMNS).load(tx.db())?;
    Ok(rows.into_iter().map(partner).collect())
}

/// The first partners in the order of their names.
///
/// # Errors
/// `StoreError` of the database.
pub fn by_name(tx: &mut ReadTx<'_>, limit: i64) -> Result<Vec<Partner>, StoreError> {
    let order = (partners::name_sort, partners::id);
    let rows: Vec<Row> = partners::table.select(COLUMNS).order(order).limit(limit).load(tx.db())?;
    Ok(rows.into_iter().map(partner).collect())
}

/// Partners whose folded name contains `search`, in order of id.
///
/// # Errors
/// `StoreError` of the database.
pub fn list(
    tx: &mut ReadTx<'_>,
    search: Option<&str>,
    after: Option<PartnerId>,
    limit: i64,
) -> Result<Vec<Partner>, StoreError> {
    let mut query = partners::table.select(COLUMNS).order(partners::id).limit(limit).into_boxed();
    if let Some(search) = search {
        let folded = text::folded(search).replace(['%', '_', '\\'], "");
        query = query.filter(partners::name_folded.like(format!("%{folded}%")));
    }
    if let Some(after) = after {
        query = query.filter(partners::id.gt(after.to_string()));
    }
    let rows: Vec<Row> = query.load(tx.db())?;
    Ok(rows.into_iter().map(partner).collect())
}
