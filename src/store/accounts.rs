//! Accounts; beside them their roles, who is behind a sign-in, and one-time links.

mod actors;
mod grants;
mod links;

use diesel::prelude::*;

use super::error::StoreError;
use super::schema::accounts;
use super::types::{Key, Word};
use super::{ReadTx, WriteTx};
use crate::domain::codes::{Code, Lang, codes};
use crate::domain::ids::{AccountId, PersonId};

pub use actors::{able_to_substitute, actor_of_account, actor_of_session};
pub use grants::{Grant, Tenure, end_grant, grants_of, holders, insert_grant, seated, tenures_of};
pub use links::{insert_link, link_owner, use_link, void_links};

codes! {
    /// Whether an account can sign in.
    AccountState { Invited = "invited", Active = "active", Disabled = "disabled" }
}

/// An account, without its roles.
#[derive(Debug, Clone)]
pub struct Account {
    /// Id.
    pub id: AccountId,
    /// Sign-in name as typed.
    pub username: String,
    /// Name as shown.
    pub display_name: String,
    /// Where mail goes.
    pub email: String,
    /// Language of mails and pages.
    pub lang: Lang,
    /// The natural person; accounts that may decide have one.
    pub person: Option<PersonId>,
    /// State.
    pub state: AccountState,
    /// Version.
    pub version: i64,
}

type Row =
    (Key<AccountId>, String, String, String, Word<Lang>, Option<Key<PersonId>>, Word<AccountState>, i64);

const COLUMNS: (
    accounts::id,
    accounts::username,
    accounts::display_name,
    accounts::email,
    accounts::lang,
    accounts::person_id,
    accounts::state,
    accounts::version,
) = (
    accounts::id,
    accounts::username,
    accounts::display_name,
    accounts::email,
    accounts::lang,
    accounts::person_id,
    accounts::state,
    accounts::version,
);

fn account(row: Row) -> Account {
    let (Key(id), username, display_name, email, Word(lang), person, Word(state), version) = row;
    Account { id, username, display_name, email, lang, person: person.map(|key| key.0), state, version }
}

/// Loads one account.
///
/// # Errors
/// `StoreError` of the database.
pub fn load(tx: &mut ReadTx<'_>, id: AccountId) -> Result<Option<Account>, StoreError> {
    let row: Option<Row> = accounts::table.find(id.to_string()).select(COLUMNS).first(tx.db()).optional()?;
    Ok(row.map(account))
}

/// Loads some accounts at once.
///
/// # Errors
/// `StoreError` of the database.
pub fn load_many(tx: &mut ReadTx<'_>, ids: &[AccountId]) -> Result<Vec<Account>, StoreError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let rows: Vec<Row> = accounts::table.filter(accounts::id.eq_any(ids)).select(COLUMNS).load(tx.db())?;
    Ok(rows.into_iter().map(account).collect())
}

/// Accounts after a folded name, in order of it.
///
/// # Errors
/// `StoreError` of the database.
pub fn list(
    tx: &mut ReadTx<'_>,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<(String, Account)>, StoreError> {
    let mut query = accounts::table
        .select((accounts::name_folded, COLUMNS))
        .order(accounts::name_folded)
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(accounts::name_folded.gt(after.to_owned()));
    }
    let rows: Vec<(String, Row)> = query.load(tx.db())?;
    Ok(rows.into_iter().map(|(name, row)| (name, account(row))).collect())
}

/// An account by its folded name, with its password hash.
///
/// # Errors
/// `StoreError` of the database.
pub fn load_by_name(
    tx: &mut ReadTx<'_>,
    folded: &str,
) -> Result<Option<(Account, Option<String>)>, StoreError> {
    let row: Option<(Row, Option<String>)> = accounts::table
        .filter(accounts::name_folded.eq(folded))
        .select((COLUMNS, accounts::password_hash))
        .first(tx.db())
        .optional()?;
    Ok(row.map(|(row, hash)| (account(row), hash)))
}

/// Adds an account without a password.
///
/// # Errors
/// `Taken` when the folded name exists.
pub fn insert(tx: &mut WriteTx<'_>, new: &Account, folded: &str) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(new.id.to_string()),
            accounts::username.eq(&new.username),
            accounts::name_folded.eq(folded),
            accounts::display_name.eq(&new.display_name),
            accounts::email.eq(&new.email),
            accounts::lang.eq(new.lang.code()),
            accounts::person_id.eq(new.person.map(|id| id.to_string())),
            accounts::state.eq(new.state.code()),
            accounts::version.eq(new.version),
            accounts::created_at.eq(now),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Writes the changeable columns, if the account still has this version.
///
/// # Errors
/// `Stale` when the version moved on.
pub fn update(tx: &mut WriteTx<'_>, new: &Account) -> Result<(), StoreError> {
    let row =
        accounts::table.filter(accounts::id.eq(new.id.to_string())).filter(accounts::version.eq(new.version));
    let changed = diesel::update(row)
        .set((
            accounts::display_name.eq(&new.display_name),
            accounts::email.eq(&new.email),
            accounts::lang.eq(new.lang.code()),
            accounts::person_id.eq(new.person.map(|id| id.to_string())),
            accounts::state.eq(new.state.code()),
            accounts::version.eq(new.version + 1),
        ))
        .execute(tx.db())?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Sets a password hash and makes the account active, unless it is disabled.
///
/// # Errors
/// `NotFound` when it is disabled or does not exist.
pub fn set_password(tx: &mut WriteTx<'_>, id: AccountId, hash: &str) -> Result<(), StoreError> {
    let row = accounts::table
        .filter(accounts::id.eq(id.to_string()))
        .filter(accounts::state.ne(AccountState::Disabled.code()));
    let changed = diesel::update(row)
        .set((
            accounts::password_hash.eq(hash),
            accounts::state.eq(AccountState::Active.code()),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(tx.db())?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Whether an account has a password.
///
/// # Errors
/// `StoreError` of the database.
pub fn has_password(tx: &mut ReadTx<'_>, id: AccountId) -> Result<bool, StoreError> {
    let hash: Option<Option<String>> =
        accounts::table.find(id.to_string()).select(accounts::password_hash).first(tx.db()).optional()?;
    Ok(hash.flatten().is_some())
}

/// Replaces a hash by one of the same password at today's cost, if it is still there.
///
/// # Errors
/// `StoreError` of the database.
pub fn rehash(tx: &mut WriteTx<'_>, id: AccountId, old: &str, new: &str) -> Result<(), StoreError> {
    let row = accounts::table.filter(accounts::id.eq(id.to_string())).filter(accounts::password_hash.eq(old));
    diesel::update(row).set(accounts::password_hash.eq(new)).execute(tx.db())?;
    Ok(())
}
