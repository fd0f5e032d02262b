//! Views of the list that accounts keep under names of their own.

use diesel::prelude::*;

use super::error::StoreError;
use super::schema::saved_filters;
use super::types::Key;
use super::{ReadTx, WriteTx};
use crate::domain::ids::{AccountId, SavedFilterId};

/// A kept view.
#[derive(Debug, Clone)]
pub struct SavedFilter {
    /// Id.
    pub id: SavedFilterId,
    /// Its name, unique to its account.
    pub name: String,
    /// The query string of the list.
    pub query: String,
}

/// An account's views, in the order of their names.
///
/// # Errors
/// `StoreError` of the database.
pub fn list(tx: &mut ReadTx<'_>, account: AccountId) -> Result<Vec<SavedFilter>, StoreError> {
    let rows: Vec<(Key<SavedFilterId>, String, String)> = saved_filters::table
        .filter(saved_filters::account_id.eq(account.to_string()))
        .select((saved_filters::id, saved_filters::name, saved_filters::query))
        .load(tx.db())?;
    let mut all: Vec<SavedFilter> =
        rows.into_iter().map(|(id, name, query)| SavedFilter { id: id.0, name, query }).collect();
    all.sort_by_key(|one| crate::domain::text::vietnamese_key(&one.name));
    Ok(all)
}

/// Keeps a view, in place of the one of the same name.
///
/// # Errors
/// `StoreError` of the database.
pub fn keep(tx: &mut WriteTx<'_>, account: AccountId, new: &SavedFilter) -> Result<(), StoreError> {
    let same = saved_filters::table
        .filter(saved_filters::account_id.eq(account.to_string()))
        .filter(saved_filters::name.eq(&new.name));
    diesel::delete(same).execute(tx.db())?;
    let now = tx.now().naive_utc();
    diesel::insert_into(saved_filters::table)
        .values((
            saved_filters::id.eq(new.id.to_string()),
            saved_filters::account_id.eq(account.to_string()),
            saved_filters::name.eq(&new.name),
            saved_filters::query.eq(&new.query),
            saved_filters::made_at.eq(now),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Throws a view of this account away; whether there was one.
///
/// # Errors
/// `StoreError` of the database.
pub fn remove(tx: &mut WriteTx<'_>, account: AccountId, id: SavedFilterId) -> Result<bool, StoreError> {
    let one = saved_filters::table
        .filter(saved_filters::id.eq(id.to_string()))
        .filter(saved_filters::account_id.eq(account.to_string()));
    Ok(diesel::delete(one).execute(tx.db())? > 0)
}
