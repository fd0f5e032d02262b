//! The secret addresses of personal calendars: one an account, of which the hash alone is stored.

use diesel::prelude::*;

use super::error::StoreError;
use super::schema::calendar_feeds;
use super::types::Key;
use super::{ReadTx, WriteTx};
use crate::clock::Instant;
use crate::domain::ids::AccountId;

/// Opens an account's calendar under a new secret; the one before opens nothing any more.
///
/// # Errors
/// `StoreError` of the database.
pub fn open(tx: &mut WriteTx<'_>, account: AccountId, secret_hash: &[u8]) -> Result<(), StoreError> {
    close(tx, account)?;
    let now = tx.now().naive_utc();
    diesel::insert_into(calendar_feeds::table)
        .values((
            calendar_feeds::account_id.eq(account.to_string()),
            calendar_feeds::secret_hash.eq(secret_hash.to_vec()),
            calendar_feeds::made_at.eq(now),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Closes an account's calendar; whether it was open.
///
/// # Errors
/// `StoreError` of the database.
pub fn close(tx: &mut WriteTx<'_>, account: AccountId) -> Result<bool, StoreError> {
    Ok(diesel::delete(calendar_feeds::table.find(account.to_string())).execute(tx.db())? > 0)
}

/// Since when an account's calendar is open under its present secret.
///
/// # Errors
/// `StoreError` of the database.
pub fn open_since(tx: &mut ReadTx<'_>, account: AccountId) -> Result<Option<Instant>, StoreError> {
    let at: Option<chrono::NaiveDateTime> = calendar_feeds::table
        .find(account.to_string())
        .select(calendar_feeds::made_at)
        .first(tx.db())
        .optional()?;
    Ok(at.map(|at| at.and_utc()))
}

/// Whose calendar a secret opens.
///
/// # Errors
/// `StoreError` of the database.
pub fn owner(tx: &mut ReadTx<'_>, secret_hash: &[u8]) -> Result<Option<AccountId>, StoreError> {
    let owner: Option<Key<AccountId>> = calendar_feeds::table
        .filter(calendar_feeds::secret_hash.eq(secret_hash.to_vec()))
        .select(calendar_feeds::account_id)
        .first(tx.db())
        .optional()?;
    Ok(owner.map(|key| key.0))
}
