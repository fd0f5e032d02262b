//! Accounts and their roles, and the one join that says at every request who is asking.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::error::StoreError;
use super::schema::{accounts, grants, one_time_links, organisations, sessions};
use super::types::{Key, Word};
use super::{ReadTx, WriteTx, mandates};
use crate::clock::Instant;
use crate::domain::access::{Actor, Held, Role};
use crate::domain::codes::{Code, Lang, codes};
use crate::domain::ids::{AccountId, GrantId, OrganisationId, PersonId, SessionId};

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

/// A role of an account.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Id.
    pub id: GrantId,
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub organisation: OrganisationId,
    /// What.
    pub role: Role,
}

/// Roles in force of some accounts.
///
/// # Errors
/// `StoreError` of the database.
pub fn grants_of(tx: &mut ReadTx<'_>, ids: &[AccountId]) -> Result<Vec<Grant>, StoreError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let rows: Vec<(Key<GrantId>, Key<AccountId>, Key<OrganisationId>, Word<Role>)> = grants::table
        .filter(grants::account_id.eq_any(ids))
        .filter(grants::valid_to.is_null())
        .order((grants::account_id, grants::id))
        .select((grants::id, grants::account_id, grants::organisation_id, grants::role))
        .load(tx.db())?;
    let grant =
        |(Key(id), Key(account), Key(organisation), Word(role))| Grant { id, account, organisation, role };
    Ok(rows.into_iter().map(grant).collect())
}

/// A role that an account holds or held.
#[derive(Debug, Clone)]
pub struct Tenure {
    /// The role.
    pub grant: Grant,
    /// Since when.
    pub from: Instant,
    /// Until when, if it has ended.
    pub to: Option<Instant>,
    /// Who granted it; nobody for one of the command line or the demo.
    pub granted_by: Option<AccountId>,
}

/// Every role that an account ever held, those in force first, then the last ended first.
///
/// # Errors
/// `StoreError` of the database.
pub fn tenures_of(tx: &mut ReadTx<'_>, account: AccountId) -> Result<Vec<Tenure>, StoreError> {
    type Row = (
        Key<GrantId>,
        Key<OrganisationId>,
        Word<Role>,
        NaiveDateTime,
        Option<NaiveDateTime>,
        Option<Key<AccountId>>,
    );
    let rows: Vec<Row> = grants::table
        .filter(grants::account_id.eq(account.to_string()))
        .order((grants::valid_from.desc(), grants::id))
        .select((
            grants::id,
            grants::organisation_id,
            grants::role,
            grants::valid_from,
            grants::valid_to,
            grants::granted_by,
        ))
        .load(tx.db())?;
    let tenure = |(Key(id), Key(organisation), Word(role), from, to, by): Row| Tenure {
        grant: Grant { id, account, organisation, role },
        from: from.and_utc(),
        to: to.map(|at| at.and_utc()),
        granted_by: by.map(|key| key.0),
    };
    let mut all: Vec<Tenure> = rows.into_iter().map(tenure).collect();
    all.sort_by_key(|tenure| (tenure.to.is_some(), tenure.to.map(std::cmp::Reverse)));
    Ok(all)
}

/// Grants a role.
///
/// # Errors
/// `Taken` when the account holds it.
pub fn insert_grant(tx: &mut WriteTx<'_>, grant: &Grant, by: Option<AccountId>) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    diesel::insert_into(grants::table)
        .values((
            grants::id.eq(grant.id.to_string()),
            grants::account_id.eq(grant.account.to_string()),
            grants::organisation_id.eq(grant.organisation.to_string()),
            grants::role.eq(grant.role.code()),
            grants::valid_from.eq(now),
            grants::granted_by.eq(by.map(|id| id.to_string())),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Ends a role; it works no longer from the next request on.
///
/// # Errors
/// `NotFound` when it is not in force.
pub fn end_grant(tx: &mut WriteTx<'_>, account: AccountId, id: GrantId) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    let row = grants::table
        .filter(grants::id.eq(id.to_string()))
        .filter(grants::account_id.eq(account.to_string()))
        .filter(grants::valid_to.is_null());
    let changed = diesel::update(row).set(grants::valid_to.eq(now)).execute(tx.db())?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Active accounts that hold a role at an organisation: who is to be told, whose turn it is.
///
/// # Errors
/// `StoreError` of the database.
pub fn holders(
    tx: &mut ReadTx<'_>,
    role: Role,
    organisation: OrganisationId,
) -> Result<Vec<AccountId>, StoreError> {
    let ids: Vec<Key<AccountId>> = grants::table
        .inner_join(accounts::table.on(accounts::id.eq(grants::account_id)))
        .filter(grants::role.eq(role.code()))
        .filter(grants::organisation_id.eq(organisation.to_string()))
        .filter(grants::valid_to.is_null())
        .filter(accounts::state.eq(AccountState::Active.code()))
        .order(accounts::id)
        .select(accounts::id)
        .load(tx.db())?;
    Ok(ids.into_iter().map(|key| key.0).collect())
}

/// Active accounts with one of these roles at an organisation, by id and with the name that is shown; each once.
///
/// # Errors
/// `StoreError` of the database.
pub fn seated(
    tx: &mut ReadTx<'_>,
    roles: &[Role],
    organisation: OrganisationId,
) -> Result<Vec<(AccountId, String)>, StoreError> {
    let codes: Vec<&str> = roles.iter().map(|role| role.code()).collect();
    let found: Vec<(Key<AccountId>, String)> = grants::table
        .inner_join(accounts::table.on(accounts::id.eq(grants::account_id)))
        .filter(grants::role.eq_any(codes))
        .filter(grants::organisation_id.eq(organisation.to_string()))
        .filter(grants::valid_to.is_null())
        .filter(accounts::state.eq(AccountState::Active.code()))
        .order(accounts::id)
        .select((accounts::id, accounts::display_name))
        .distinct()
        .load(tx.db())?;
    Ok(found.into_iter().map(|(id, name)| (id.0, name)).collect())
}

type ActorRow = (
    Key<AccountId>,
    Option<Key<PersonId>>,
    String,
    String,
    Word<Lang>,
    Option<Word<Role>>,
    Option<Key<OrganisationId>>,
    Option<String>,
);

fn actor(rows: Vec<ActorRow>, session: Option<SessionId>) -> Option<Actor> {
    let mut actor = None;
    for (Key(account), person, username, display_name, Word(lang), role, organisation, path) in rows {
        let actor = actor.get_or_insert_with(|| Actor {
            account,
            session,
            person: person.map(|key| key.0),
            username,
            display_name,
            lang,
            held: Vec::new(),
        });
        if let (Some(Word(role)), Some(Key(organisation)), Some(path)) = (role, organisation, path) {
            actor.held.push(Held { role, organisation, path, mandate: None });
        }
    }
    actor
}

/// What is held by mandate stands behind what is held. Who has become administrator or auditor since decides nothing.
fn with_mandates(tx: &mut ReadTx<'_>, actor: Option<Actor>) -> Result<Option<Actor>, StoreError> {
    let Some(mut actor) = actor else { return Ok(None) };
    if actor.held.iter().any(|held| stands_aside(held.role)) {
        return Ok(Some(actor));
    }
    let held = mandates::held_by(tx, actor.account)?;
    actor.held.extend(held);
    Ok(Some(actor))
}

/// Roles whose holders never decide, also not for others.
fn stands_aside(role: Role) -> bool {
    matches!(role, Role::Admin | Role::Auditor)
}

/// Who of these may decide for others: active, with a person, and neither administrator nor auditor.
///
/// # Errors
/// `StoreError` of the database.
pub fn able_to_substitute(
    tx: &mut ReadTx<'_>,
    ids: &[AccountId],
) -> Result<Vec<(AccountId, PersonId)>, StoreError> {
    let aside: Vec<AccountId> = grants_of(tx, ids)?
        .into_iter()
        .filter(|grant| stands_aside(grant.role))
        .map(|grant| grant.account)
        .collect();
    let able = |account: &Account| account.state == AccountState::Active && !aside.contains(&account.id);
    let accounts = load_many(tx, ids)?.into_iter().filter(able);
    Ok(accounts.filter_map(|account| Some((account.id, account.person?))).collect())
}

/// Who is behind a sign-in now: session, account and roles in one join. `None` when the session ended, was
/// revoked, or the account is not active.
///
/// # Errors
/// `StoreError` of the database.
pub fn actor_of_session(tx: &mut ReadTx<'_>, session: SessionId) -> Result<Option<Actor>, StoreError> {
    let now: NaiveDateTime = tx.now().naive_utc();
    let rows: Vec<ActorRow> = sessions::table
        .inner_join(accounts::table.on(accounts::id.eq(sessions::account_id)))
        .left_join(grants::table.on(grants::account_id.eq(accounts::id).and(grants::valid_to.is_null())))
        .left_join(organisations::table.on(organisations::id.eq(grants::organisation_id)))
        .filter(sessions::id.eq(session.to_string()))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::idle_ends_at.gt(now))
        .filter(sessions::absolute_ends_at.gt(now))
        .filter(accounts::state.eq(AccountState::Active.code()))
        .order(grants::id)
        .select((
            accounts::id,
            accounts::person_id,
            accounts::username,
            accounts::display_name,
            accounts::lang,
            grants::role.nullable(),
            organisations::id.nullable(),
            organisations::path.nullable(),
        ))
        .load(tx.db())?;
    with_mandates(tx, actor(rows, Some(session)))
}

/// An account as an actor, without a sign-in: for the command line and for telling demo data.
///
/// # Errors
/// `StoreError` of the database.
pub fn actor_of_account(tx: &mut ReadTx<'_>, id: AccountId) -> Result<Option<Actor>, StoreError> {
    let rows: Vec<ActorRow> = accounts::table
        .left_join(grants::table.on(grants::account_id.eq(accounts::id).and(grants::valid_to.is_null())))
        .left_join(organisations::table.on(organisations::id.eq(grants::organisation_id)))
        .filter(accounts::id.eq(id.to_string()))
        .order(grants::id)
        .select((
            accounts::id,
            accounts::person_id,
            accounts::username,
            accounts::display_name,
            accounts::lang,
            grants::role.nullable(),
            organisations::id.nullable(),
            organisations::path.nullable(),
        ))
        .load(tx.db())?;
    with_mandates(tx, actor(rows, None))
}

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
