//! The one join that says at every request who is asking.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{Account, AccountState, grants_of, load_many};
use crate::domain::access::{Actor, Held, Role};
use crate::domain::codes::{Code, Lang};
use crate::domain::ids::{AccountId, OrganisationId, PersonId, SessionId};
use crate::store::error::StoreError;
use crate::store::schema::{accounts, grants, organisations, sessions};
use crate::store::types::{Key, Word};
use crate::store::{ReadTx, mandates};

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
