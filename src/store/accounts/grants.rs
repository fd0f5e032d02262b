//! Roles of accounts: which are in force, which were, and who sits where.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::AccountState;
use crate::clock::Instant;
use crate::domain::access::Role;
use crate::domain::codes::Code;
use crate::domain::ids::{AccountId, GrantId, OrganisationId};
use crate::store::error::StoreError;
use crate::store::schema::{accounts, grants};
use crate::store::types::{Key, Word};
use crate::store::{ReadTx, WriteTx};

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
