//! What was answered under an `Idempotency-Key`: stored in the same atomic unit as the command itself, the body
//! sealed by the caller.

use diesel::prelude::*;

use super::error::StoreError;
use super::schema::idempotency;
use super::{ReadTx, WriteTx};
use crate::clock::Instant;
use crate::domain::ids::AccountId;

/// A stored answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// MAC of the request body.
    pub fingerprint: Vec<u8>,
    /// HTTP status.
    pub status: i32,
    /// `ETag`.
    pub etag: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// Sealed body.
    pub body: Vec<u8>,
}

/// Under what an answer is stored.
#[derive(Debug, Clone)]
pub struct Slot {
    /// Whose key.
    pub account: AccountId,
    /// Method and path.
    pub operation: String,
    /// The client's key.
    pub key: String,
}

/// Loads the answer under a key.
///
/// # Errors
/// `StoreError` of the database.
pub fn load(tx: &mut ReadTx<'_>, slot: &Slot) -> Result<Option<Answer>, StoreError> {
    let row: Option<(Vec<u8>, i32, Option<String>, Option<String>, Vec<u8>)> = idempotency::table
        .find((slot.account.to_string(), slot.operation.clone(), slot.key.clone()))
        .select((
            idempotency::fingerprint,
            idempotency::status,
            idempotency::etag,
            idempotency::location,
            idempotency::body,
        ))
        .first(tx.db())
        .optional()?;
    Ok(row.map(|(fingerprint, status, etag, location, body)| Answer {
        fingerprint,
        status,
        etag,
        location,
        body,
    }))
}

/// Takes a key before its command runs. Of two simultaneous requests with one key the second waits here until the
/// first is committed, conflicts, runs again and finds the answer; if the first was refused, the key is free.
///
/// # Errors
/// `Conflict` when the key was used at the same time.
pub fn reserve(tx: &mut WriteTx<'_>, slot: &Slot) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    let taken = diesel::insert_into(idempotency::table)
        .values((
            idempotency::account_id.eq(slot.account.to_string()),
            idempotency::operation.eq(&slot.operation),
            idempotency::key.eq(&slot.key),
            idempotency::fingerprint.eq(Vec::new()),
            idempotency::status.eq(0),
            idempotency::body.eq(Vec::new()),
            idempotency::created_at.eq(now),
        ))
        .execute(tx.db());
    match taken.map_err(StoreError::from) {
        Ok(_) => Ok(()),
        Err(StoreError::Taken { .. }) => Err(StoreError::Conflict),
        Err(other) => Err(other),
    }
}

/// Stores the answer under the key that was taken.
///
/// # Errors
/// `NotFound` when the key was not taken.
pub fn keep(tx: &mut WriteTx<'_>, slot: &Slot, answer: &Answer) -> Result<(), StoreError> {
    let row = idempotency::table.find((slot.account.to_string(), slot.operation.clone(), slot.key.clone()));
    let changed = diesel::update(row)
        .set((
            idempotency::fingerprint.eq(&answer.fingerprint),
            idempotency::status.eq(answer.status),
            idempotency::etag.eq(&answer.etag),
            idempotency::location.eq(&answer.location),
            idempotency::body.eq(&answer.body),
        ))
        .execute(tx.db())?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Forgets answers older than `before`; returns how many.
///
/// # Errors
/// `StoreError` of the database.
pub fn forget(tx: &mut WriteTx<'_>, before: Instant) -> Result<usize, StoreError> {
    Ok(diesel::delete(idempotency::table.filter(idempotency::created_at.lt(before.naive_utc())))
        .execute(tx.db())?)
}

/// Whether there are answers older than `before`.
///
/// # Errors
/// `StoreError` of the database.
pub fn any_before(tx: &mut ReadTx<'_>, before: Instant) -> Result<bool, StoreError> {
    let one: Option<String> = idempotency::table
        .filter(idempotency::created_at.lt(before.naive_utc()))
        .select(idempotency::key)
        .first(tx.db())
        .optional()?;
    Ok(one.is_some())
}
