//! What somebody typed is never lost: a form that was refused, or that came after the sign-in had ended, is kept
//! sealed for its account until it is saved or thrown away. Nobody else ever sees it.

use super::{Result, Settings};
use crate::clock::Instant;
use crate::domain::ids::AccountId;
use crate::store::kept_forms;
use crate::store::{ReadTx, Recorded, WriteTx};

const UNRECORDED: &str = "what was typed and not saved is nobody else's business";

/// Keeps what was typed into a form. `form` is the path of its page.
///
/// # Errors
/// `Error::Store` when the database cannot write now.
pub fn keep(
    tx: &mut WriteTx<'_>,
    settings: &Settings,
    account: AccountId,
    form: &str,
    typed: &[u8],
) -> Result<Recorded<()>> {
    let sealed = settings.vault.seal_installation("kept_forms", "sealed", row(account, form), typed)?;
    kept_forms::keep(tx, account, form, &sealed)?;
    Ok(tx.unrecorded(UNRECORDED, ()))
}

/// What is kept of a form, and since when.
///
/// # Errors
/// `Error::Vault` when it does not open with these keys.
pub fn load(
    tx: &mut ReadTx<'_>,
    settings: &Settings,
    account: AccountId,
    form: &str,
) -> Result<Option<(Vec<u8>, Instant)>> {
    let Some((sealed, at)) = kept_forms::load(tx, account, form)? else { return Ok(None) };
    let typed = settings.vault.open_installation("kept_forms", "sealed", row(account, form), &sealed)?;
    Ok(Some((typed.to_vec(), at)))
}

/// Most kept forms that are listed.
const LISTED: i64 = 20;

/// The kept forms of an account, the newest first: the path of each, what was typed, and since when. What does not open
/// with these keys is left out.
///
/// # Errors
/// `Error::Store` of the database.
pub fn list(
    tx: &mut ReadTx<'_>,
    settings: &Settings,
    account: AccountId,
) -> Result<Vec<(String, Vec<u8>, Instant)>> {
    let opened = |(form, sealed, at): (String, Vec<u8>, Instant)| {
        let typed =
            settings.vault.open_installation("kept_forms", "sealed", row(account, &form), &sealed).ok()?;
        Some((form, typed.to_vec(), at))
    };
    Ok(kept_forms::list(tx, account, LISTED)?.into_iter().filter_map(opened).collect())
}

/// Throws away what is kept of a form.
///
/// # Errors
/// `Error::Store` when the database cannot write now.
pub fn forget(tx: &mut WriteTx<'_>, account: AccountId, form: &str) -> Result<Recorded<()>> {
    kept_forms::forget(tx, account, form)?;
    Ok(tx.unrecorded(UNRECORDED, ()))
}

fn row(account: AccountId, form: &str) -> String {
    format!("{account} {form}")
}
