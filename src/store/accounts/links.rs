//! One-time links, by which an account gets its first password or a new one.

use diesel::prelude::*;

use crate::clock::Instant;
use crate::domain::ids::AccountId;
use crate::store::error::StoreError;
use crate::store::schema::one_time_links;
use crate::store::types::Key;
use crate::store::{ReadTx, WriteTx};

/// Stores a one-time link by the hash of its secret.
///
/// # Errors
/// `StoreError` of the database.
pub fn insert_link(
    tx: &mut WriteTx<'_>,
    account: AccountId,
    secret_hash: &[u8],
    expires_at: Instant,
) -> Result<(), StoreError> {
    diesel::insert_into(one_time_links::table)
        .values((
            one_time_links::secret_hash.eq(secret_hash.to_vec()),
            one_time_links::account_id.eq(account.to_string()),
            one_time_links::expires_at.eq(expires_at.naive_utc()),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Uses a one-time link up: of several uses at once, one succeeds.
///
/// # Errors
/// `NotFound` when it is unknown, used or expired.
pub fn use_link(tx: &mut WriteTx<'_>, secret_hash: &[u8]) -> Result<AccountId, StoreError> {
    let now = tx.now().naive_utc();
    let row = one_time_links::table
        .filter(one_time_links::secret_hash.eq(secret_hash.to_vec()))
        .filter(one_time_links::used_at.is_null())
        .filter(one_time_links::expires_at.gt(now));
    let used: Option<String> = diesel::update(row)
        .set(one_time_links::used_at.eq(now))
        .returning(one_time_links::account_id)
        .get_result(tx.db())
        .optional()?;
    used.and_then(|id| id.parse().ok()).ok_or(StoreError::NotFound)
}

/// Whose one-time link this is, if it is live; it stays live.
///
/// # Errors
/// `StoreError` of the database.
pub fn link_owner(tx: &mut ReadTx<'_>, secret_hash: &[u8]) -> Result<Option<AccountId>, StoreError> {
    let now = tx.now().naive_utc();
    let owner: Option<Key<AccountId>> = one_time_links::table
        .filter(one_time_links::secret_hash.eq(secret_hash.to_vec()))
        .filter(one_time_links::used_at.is_null())
        .filter(one_time_links::expires_at.gt(now))
        .select(one_time_links::account_id)
        .first(tx.db())
        .optional()?;
    Ok(owner.map(|key| key.0))
}

/// Ends all unused one-time links of an account.
///
/// # Errors
/// `StoreError` of the database.
pub fn void_links(tx: &mut WriteTx<'_>, account: AccountId) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    let live = one_time_links::table
        .filter(one_time_links::account_id.eq(account.to_string()))
        .filter(one_time_links::used_at.is_null());
    diesel::update(live).set(one_time_links::used_at.eq(now)).execute(tx.db())?;
    Ok(())
}
