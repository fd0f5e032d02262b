//! Accounts: adding them, their roles, disabling them, and the one-time links by which people choose their own
//! passwords. It must not know how a password is hashed or how a link's address is made.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Context, Error, Result, Settings};
use crate::clock::Instant;
use crate::domain::access::{Action, Role, audits_own_work, compatible};
use crate::domain::codes::{Code, Lang};
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, GrantId, OrganisationId, PersonId};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::text;
use crate::store::accounts::{self, Account, AccountState, Grant};
use crate::store::people::{self, Person};
use crate::store::{ReadTx, Recorded, StoreError, WriteTx, journal, organisations, sessions};
use crate::tokens::new_secret;
use crate::vault::Secret;

mod change;

/// Accounts that a search reads at once.
const LOOKED_THROUGH: i64 = 500;

pub use change::{UserPatch, Wanted, change as update, end_grant, grant};

/// A role to be granted.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGrant {
    /// Where.
    pub organisation_id: OrganisationId,
    /// What.
    pub role: Role,
    /// Confirms that one account audits and works on dossiers, which nobody else would look over; needed then.
    #[serde(default)]
    pub confirmed: bool,
}

/// A new account.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// Sign-in name: 2 to 64 of letters a-z, digits, `.`, `-`, `_`.
    pub username: String,
    /// Name as shown.
    pub display_name: String,
    /// Where mail goes.
    pub email: String,
    /// Language; Vietnamese when absent.
    #[serde(default)]
    pub lang: Option<Lang>,
    /// Roles from the start.
    #[serde(default)]
    pub grants: Vec<NewGrant>,
}

/// A role in force.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GrantView {
    /// Id.
    pub id: GrantId,
    /// Where.
    pub organisation_id: OrganisationId,
    /// What.
    pub role: Role,
}

/// An account as administrators and auditors see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UserView {
    /// Id.
    pub id: AccountId,
    /// Sign-in name.
    pub username: String,
    /// Name as shown.
    pub display_name: String,
    /// Where mail goes.
    pub email: String,
    /// Language.
    pub lang: Lang,
    /// The natural person behind the account.
    pub person_id: Option<PersonId>,
    /// State.
    pub state: AccountState,
    /// Version, for `If-Match`.
    pub version: i64,
    /// Roles in force.
    pub grants: Vec<GrantView>,
}

/// A fresh one-time link of an account: the only time that its secret is seen.
#[derive(Debug, Clone)]
pub struct Added {
    /// Whose.
    pub account: AccountId,
    /// What the link holds.
    pub secret: Secret,
    /// Until when it works.
    pub expires_at: Instant,
}

/// Adds an account, the person behind it, its roles and a one-time link. `ctx` is absent on the command line and in
/// the demo.
///
/// # Errors
/// `Invalid` names the fields; `Forbidden` without the right.
pub fn add(
    tx: &mut WriteTx<'_>,
    ctx: Option<&Context>,
    settings: &Settings,
    new: &NewUser,
) -> Result<Recorded<Added>> {
    if let Some(ctx) = ctx {
        ctx.must(Action::EditUsers)?;
    }
    let (account, folded) = checked(tx, new)?;
    if accounts::load_by_name(tx, &folded)?.is_some() {
        return Err(Refusal::field("/username", "taken").into());
    }
    let first = new.grants.iter().find(|grant| needs_person(grant.role));
    let person = match first {
        Some(first) => Some(add_person(tx, settings, first.organisation_id, &account.display_name)?),
        None => None,
    };
    let account = Account { person, ..account };
    accounts::insert(tx, &account, &folded).map_err(|error| match error {
        StoreError::Taken { .. } => Refusal::field("/username", "taken").into(),
        other => Error::from(other),
    })?;
    let mut event = Event::new("account.added", "account", account.id).with("username", &account.username);
    event.actor = ctx.map(|ctx| ctx.actor.account);
    event.organisation = new.grants.first().map(|grant| grant.organisation_id);
    for (no, grant) in new.grants.iter().enumerate() {
        insert_grant(tx, event.actor, account.id, grant)?;
        event = event.with(format!("grant.{no}"), format!("{} {}", grant.role.code(), grant.organisation_id));
    }
    let link = insert_link(tx, settings, account.id)?;
    Ok(journal::append(tx, event)?.returning(link))
}

/// Makes a new one-time link; earlier ones end. For an account that was never active, or whose password is lost.
///
/// # Errors
/// `NotFound`; `IllegalMove` for a disabled account; `Forbidden` for one's own.
pub fn new_link(
    tx: &mut WriteTx<'_>,
    ctx: Option<&Context>,
    settings: &Settings,
    id: AccountId,
) -> Result<Recorded<Added>> {
    let account = editable(tx, ctx, id)?;
    if account.state == AccountState::Disabled {
        return Err(Refusal::IllegalMove { state: account.state.code(), command: "link" }.into());
    }
    accounts::void_links(tx, id)?;
    let link = insert_link(tx, settings, id)?;
    let mut event = Event::new("account.link_made", "account", id);
    event.actor = ctx.map(|ctx| ctx.actor.account);
    Ok(journal::append(tx, event)?.returning(link))
}

/// Stores a password's hash: the account is active, its other links and its sign-ins end.
///
/// # Errors
/// `NotFound` when there is no such account, or it is disabled.
pub fn set_password_hash(tx: &mut WriteTx<'_>, id: AccountId, hash: &str) -> Result<Recorded<()>> {
    accounts::set_password(tx, id, hash)?;
    accounts::void_links(tx, id)?;
    sessions::revoke_all(tx, id, "password set")?;
    let event = Event::new("account.password_set", "account", id).by(id);
    Ok(journal::append(tx, event)?.returning(()))
}

/// One account as lists show it.
///
/// # Errors
/// `NotFound`.
pub fn view(tx: &mut ReadTx<'_>, id: AccountId) -> Result<UserView> {
    let account = accounts::load(tx, id)?.ok_or(Refusal::NotFound)?;
    views(tx, vec![account])?.pop().ok_or_else(|| Refusal::NotFound.into())
}

/// A page of accounts in the order of their folded names, each with that name as the key of the page.
///
/// # Errors
/// `Forbidden` without the right.
pub fn list(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<(String, UserView)>> {
    ctx.must(Action::ReadUsers)?;
    let (names, rows): (Vec<_>, Vec<_>) = accounts::list(tx, after, limit)?.into_iter().unzip();
    Ok(names.into_iter().zip(views(tx, rows)?).collect())
}

/// As `list`, of accounts whose sign-in name or name as shown has each of these words, whatever their marks and case: a
/// city has some hundred accounts, which are looked through.
///
/// # Errors
/// `Forbidden` without the right.
pub fn find(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    words: &str,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<(String, UserView)>> {
    ctx.must(Action::ReadUsers)?;
    let words = text::folded(words);
    let (mut found, mut after) = (Vec::new(), after.map(str::to_owned));
    let limit = usize::try_from(limit).unwrap_or_default();
    while found.len() < limit {
        let some = accounts::list(tx, after.as_deref(), LOOKED_THROUGH)?;
        let Some((last, _)) = some.last() else { break };
        after = Some(last.clone());
        let is_meant = |(name, account): &(String, Account)| {
            let said = format!("{name} {}", text::folded(&account.display_name));
            words.split(' ').all(|word| said.contains(word))
        };
        found.extend(some.into_iter().filter(is_meant));
    }
    found.truncate(limit);
    let (names, rows): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    Ok(names.into_iter().zip(views(tx, rows)?).collect())
}

/// A role that an account holds or held, with its days.
#[derive(Debug, Clone)]
pub struct TenureView {
    /// Id.
    pub id: GrantId,
    /// Where.
    pub organisation_id: OrganisationId,
    /// What.
    pub role: Role,
    /// Since when.
    pub from: Instant,
    /// Until when, if it has ended.
    pub to: Option<Instant>,
    /// Name of who granted it; nobody for one of the command line.
    pub granted_by: Option<String>,
}

/// Every role that an account holds or held: those in force first.
///
/// # Errors
/// `Forbidden` without the right.
pub fn tenures(tx: &mut ReadTx<'_>, ctx: &Context, id: AccountId) -> Result<Vec<TenureView>> {
    ctx.must(Action::ReadUsers)?;
    let all = accounts::tenures_of(tx, id)?;
    let by = names(tx, all.iter().filter_map(|tenure| tenure.granted_by).collect())?;
    let view = |tenure: accounts::Tenure| TenureView {
        id: tenure.grant.id,
        organisation_id: tenure.grant.organisation,
        role: tenure.grant.role,
        from: tenure.from,
        to: tenure.to,
        granted_by: tenure.granted_by.and_then(|id| by.get(&id.to_string()).cloned()),
    };
    Ok(all.into_iter().map(view).collect())
}

fn views(tx: &mut ReadTx<'_>, rows: Vec<Account>) -> Result<Vec<UserView>> {
    let ids: Vec<AccountId> = rows.iter().map(|account| account.id).collect();
    let grants = accounts::grants_of(tx, &ids)?;
    let view = |account: Account| UserView {
        id: account.id,
        username: account.username,
        display_name: account.display_name,
        email: account.email,
        lang: account.lang,
        person_id: account.person,
        state: account.state,
        version: account.version,
        grants: grants
            .iter()
            .filter(|grant| grant.account == account.id)
            .map(|grant| GrantView { id: grant.id, organisation_id: grant.organisation, role: grant.role })
            .collect(),
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Whoever registers, receives, appraises or decides is a natural person that four eyes can compare.
fn needs_person(role: Role) -> bool {
    !matches!(role, Role::Admin | Role::Auditor)
}

/// The account that a new user will be, with its folded name.
fn checked(tx: &mut WriteTx<'_>, new: &NewUser) -> Result<(Account, String)> {
    let mut faults = Vec::new();
    let username = new.username.trim().to_owned();
    if !is_username(&username) {
        faults.push(Fault::at("/username", "bad-username"));
    }
    let display_name = name(&new.display_name, &mut faults);
    let email = address(&new.email, &mut faults);
    for (no, grant) in new.grants.iter().enumerate() {
        if organisations::load(tx, grant.organisation_id)?.is_none() {
            faults.push(Fault::at(format!("/grants/{no}/organisation_id"), "unknown-organisation"));
        }
        let same =
            |other: &&NewGrant| other.organisation_id == grant.organisation_id && other.role == grant.role;
        if new.grants.iter().filter(same).count() > 1 {
            faults.push(Fault::at(format!("/grants/{no}"), "listed-twice"));
        }
    }
    let roles: Vec<Role> = new.grants.iter().map(|grant| grant.role).collect();
    if !compatible(&roles) {
        faults.push(Fault::at("/grants", "role-excludes"));
    }
    if audits_own_work(&roles) && !new.grants.iter().any(|grant| grant.confirmed) {
        faults.push(Fault::at("/grants/0/confirmed", "audits-own-work"));
    }
    Refusal::unless_empty(faults)?;
    let (id, lang, folded) = (tx.fresh(), new.lang.unwrap_or(Lang::Vi), text::folded(&username));
    let state = AccountState::Invited;
    Ok((Account { id, username, display_name, email, lang, person: None, state, version: 1 }, folded))
}

/// A sign-in name is plain ASCII, so that no two look alike.
fn is_username(text: &str) -> bool {
    (2..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b))
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
}

fn name(typed: &str, faults: &mut Vec<Fault>) -> String {
    match text::line(typed) {
        Ok(line) if line.is_empty() => faults.push(Fault::at("/display_name", "required")),
        Ok(line) => return line,
        Err(code) => faults.push(Fault::at("/display_name", code)),
    }
    String::new()
}

fn address(typed: &str, faults: &mut Vec<Fault>) -> String {
    let address = typed.trim().to_owned();
    if !text::is_email(&address) {
        faults.push(Fault::at("/email", "bad-email"));
    }
    address
}

fn add_person(
    tx: &mut WriteTx<'_>,
    settings: &Settings,
    owner: OrganisationId,
    full_name: &str,
) -> Result<PersonId> {
    let id: PersonId = tx.fresh();
    let (_key, wrapped) = settings.vault.new_person_key(&mut rand::rng(), id.0)?;
    let person = Person {
        id,
        owner,
        full_name: full_name.to_owned(),
        native_name: None,
        sex: None,
        birth_date: None,
        nationality: Some("VN".to_owned()),
        version: 1,
    };
    people::insert(tx, &person, &wrapped)?;
    Ok(id)
}

fn insert_grant(
    tx: &mut WriteTx<'_>,
    by: Option<AccountId>,
    account: AccountId,
    new: &NewGrant,
) -> Result<GrantId> {
    let grant = Grant { id: tx.fresh(), account, organisation: new.organisation_id, role: new.role };
    accounts::insert_grant(tx, &grant, by).map_err(|error| match error {
        StoreError::Taken { .. } => Refusal::Taken("grant").into(),
        other => Error::from(other),
    })?;
    Ok(grant.id)
}

fn insert_link(tx: &mut WriteTx<'_>, settings: &Settings, account: AccountId) -> Result<Added> {
    let (secret, hash) = new_secret();
    let expires_at = tx.now() + settings.link;
    accounts::insert_link(tx, account, &hash, expires_at)?;
    Ok(Added { account, secret, expires_at })
}

/// An account that this actor may change: never one's own, so that nobody widens or hands on his own rights.
pub(super) fn editable(tx: &mut WriteTx<'_>, ctx: Option<&Context>, id: AccountId) -> Result<Account> {
    if let Some(ctx) = ctx {
        ctx.must(Action::EditUsers)?;
        if ctx.actor.account == id {
            return Err(ctx.denied(Refusal::Forbidden(Action::EditUsers), Action::EditUsers, "account", id));
        }
    }
    accounts::load(tx, id)?.ok_or_else(|| Refusal::NotFound.into())
}

/// Names of accounts as shown, by id: for timelines.
///
/// # Errors
/// `Error::Store` of the database.
pub fn names(tx: &mut ReadTx<'_>, mut ids: Vec<AccountId>) -> Result<BTreeMap<String, String>> {
    ids.sort();
    ids.dedup();
    let accounts = accounts::load_many(tx, &ids)?;
    Ok(accounts.into_iter().map(|account| (account.id.to_string(), account.display_name)).collect())
}
