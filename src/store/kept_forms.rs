//! What was typed into forms that could not be saved, sealed by the caller: one per account and form.

use diesel::prelude::*;

use super::error::StoreError;
use super::schema::kept_forms;
use super::{ReadTx, WriteTx};
use crate::clock::Instant;
use crate::domain::ids::AccountId;

/// Keeps what was typed, in place of what was kept of this form before.
///
/// # Errors
/// `StoreError` of the database.
pub fn keep(tx: &mut WriteTx<'_>, account: AccountId, form: &str, sealed: &[u8]) -> Result<(), StoreError> {
    forget(tx, account, form)?;
    let now = tx.now().naive_utc();
    diesel::insert_into(kept_forms::table)
        .values((
            kept_forms::account_id.eq(account.to_string()),
            kept_forms::form.eq(form),
            kept_forms::sealed.eq(sealed.to_vec()),
            kept_forms::kept_at.eq(now),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// What is kept of a form, and since when.
///
/// # Errors
/// `StoreError` of the database.
pub fn load(
    tx: &mut ReadTx<'_>,
    account: AccountId,
    form: &str,
) -> Result<Option<(Vec<u8>, Instant)>, StoreError> {
    let row: Option<(Vec<u8>, chrono::NaiveDateTime)> = kept_forms::table
        .find((account.to_string(), form.to_owned()))
        .select((kept_forms::sealed, kept_forms::kept_at))
        .first(tx.db())
        .optional()?;
    Ok(row.map(|(sealed, at)| (sealed, at.and_utc())))
}

/// Everything that is kept for an account, the newest first: the form, what was typed, and since when.
///
/// # Errors
/// `StoreError` of the database.
pub fn list(
    tx: &mut ReadTx<'_>,
    account: AccountId,
    most: i64,
) -> Result<Vec<(String, Vec<u8>, Instant)>, StoreError> {
    let rows: Vec<(String, Vec<u8>, chrono::NaiveDateTime)> = kept_forms::table
        .filter(kept_forms::account_id.eq(account.to_string()))
        .select((kept_forms::form, kept_forms::sealed, kept_forms::kept_at))
        .order((kept_forms::kept_at.desc(), kept_forms::form))
        .limit(most)
        .load(tx.db())?;
    Ok(rows.into_iter().map(|(form, sealed, at)| (form, sealed, at.and_utc())).collect())
}

/// Forgets what is kept of a form; whether there was anything.
///
/// # Errors
/// `StoreError` of the database.
pub fn forget(tx: &mut WriteTx<'_>, account: AccountId, form: &str) -> Result<bool, StoreError> {
    let gone =
        diesel::delete(kept_forms::table.find((account.to_string(), form.to_owned()))).execute(tx.db())?;
    Ok(gone > 0)
}

/// Forgets what was kept before this instant; returns how many forms.
///
/// # Errors
/// `StoreError` of the database.
pub fn forget_before(tx: &mut WriteTx<'_>, before: Instant) -> Result<usize, StoreError> {
    let old = kept_forms::table.filter(kept_forms::kept_at.lt(before.naive_utc()));
    Ok(diesel::delete(old).execute(tx.db())?)
}

/// Whether anything was kept before this instant.
///
/// # Errors
/// `StoreError` of the database.
pub fn any_before(tx: &mut ReadTx<'_>, before: Instant) -> Result<bool, StoreError> {
    let one: Option<String> = kept_forms::table
        .filter(kept_forms::kept_at.lt(before.naive_utc()))
        .select(kept_forms::form)
        .first(tx.db())
        .optional()?;
    Ok(one.is_some())
}
