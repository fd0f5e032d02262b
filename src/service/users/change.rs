//! Changes of an account that exists: its names, its state, its roles.

use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::{NewGrant, UserView, add_person, address, editable, insert_grant, name, needs_person, view};
use crate::domain::access::{Action, Role, audits_own_work, compatible};
use crate::domain::codes::{Code, Lang};
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, GrantId};
use crate::domain::refusal::Refusal;
use crate::service::{Context, Result, Settings};
use crate::store::accounts::{self, Account, AccountState};
use crate::store::{Recorded, WriteTx, journal, organisations, sessions};

/// The state that an administrator may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// May sign in, as soon as there is a password.
    Active,
    /// May not sign in; every sign-in ends.
    Disabled,
}

/// A merge patch of an account. No field can be removed.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserPatch {
    /// Name as shown.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub display_name: Option<String>,
    /// Where mail goes.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub email: Option<String>,
    /// Language.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Lang>)]
    pub lang: Option<Lang>,
    /// State.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Wanted>)]
    pub state: Option<Wanted>,
}

/// `null` in a merge patch removes; here it is refused instead of being passed over.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> std::result::Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Changes an account. Disabling ends every sign-in and every link in the same atomic unit.
///
/// # Errors
/// `Stale`, `NotFound`, `Invalid`; `Forbidden` when somebody changes his own state.
pub fn change(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: AccountId,
    version: i64,
    patch: &UserPatch,
) -> Result<Recorded<UserView>> {
    ctx.must(Action::EditUsers)?;
    let before = match patch.state {
        Some(_) => editable(tx, Some(ctx), id)?,
        None => accounts::load(tx, id)?.ok_or(Refusal::NotFound)?,
    };
    if before.version != version {
        return Err(Refusal::Stale.into());
    }
    let after = patched(tx, &before, patch)?;
    accounts::update(tx, &after)?;
    if after.state == AccountState::Disabled {
        sessions::revoke_all(tx, id, "account disabled")?;
        accounts::void_links(tx, id)?;
    }
    let event = changes(&before, &after).by(ctx.actor.account);
    let entry = journal::append(tx, event)?;
    Ok(entry.returning(view(tx, id)?))
}

fn patched(tx: &mut WriteTx<'_>, before: &Account, patch: &UserPatch) -> Result<Account> {
    let mut faults = Vec::new();
    let mut after = before.clone();
    if let Some(typed) = &patch.display_name {
        after.display_name = name(typed, &mut faults);
    }
    if let Some(typed) = &patch.email {
        after.email = address(typed, &mut faults);
    }
    Refusal::unless_empty(faults)?;
    after.lang = patch.lang.unwrap_or(after.lang);
    after.state = match patch.state {
        None => after.state,
        Some(Wanted::Disabled) => AccountState::Disabled,
        Some(Wanted::Active) if accounts::has_password(tx, before.id)? => AccountState::Active,
        // Without a password it waits for its link, as it did before it was disabled.
        Some(Wanted::Active) => AccountState::Invited,
    };
    Ok(after)
}

fn changes(before: &Account, after: &Account) -> Event {
    let action = match (before.state, after.state) {
        (from, to) if from == to => "account.changed",
        (_, AccountState::Disabled) => "account.disabled",
        _ => "account.enabled",
    };
    let mut event = Event::new(action, "account", after.id);
    let texts = [
        ("display_name", &before.display_name, &after.display_name),
        ("email", &before.email, &after.email),
        ("lang", &before.lang.code().to_owned(), &after.lang.code().to_owned()),
    ];
    for (name, from, to) in texts {
        if from == to {
            continue;
        }
        event = match after.person {
            Some(person) => {
                event.about(format!("{name}.from"), from, person).about(format!("{name}.to"), to, person)
            }
            None => event.with(format!("{name}.from"), from).with(format!("{name}.to"), to),
        };
    }
    event
}

/// Grants a role. An account that gets its first role that acts on dossiers gets a person with it.
///
/// # Errors
/// `Invalid` names the field; `Taken` when it holds the role; `Forbidden` for one's own account.
pub fn grant(
    tx: &mut WriteTx<'_>,
    ctx: Option<&Context>,
    settings: &Settings,
    id: AccountId,
    new: &NewGrant,
) -> Result<Recorded<UserView>> {
    let account = editable(tx, ctx, id)?;
    if organisations::load(tx, new.organisation_id)?.is_none() {
        return Err(Refusal::field("/organisation_id", "unknown-organisation").into());
    }
    // The account's row is written first: of two grants at once the second sees what the first did.
    let person = match account.person {
        None if needs_person(new.role) => {
            Some(add_person(tx, settings, new.organisation_id, &account.display_name)?)
        }
        person => person,
    };
    accounts::update(tx, &Account { person, ..account })?;
    let held = accounts::grants_of(tx, &[id])?;
    let roles: Vec<Role> = held.iter().map(|grant| grant.role).chain([new.role]).collect();
    if !compatible(&roles) {
        return Err(Refusal::field("/role", "role-excludes").into());
    }
    let before: Vec<Role> = held.iter().map(|grant| grant.role).collect();
    if audits_own_work(&roles) && !audits_own_work(&before) && !new.confirmed {
        return Err(Refusal::field("/confirmed", "audits-own-work").into());
    }
    let by = ctx.map(|ctx| ctx.actor.account);
    insert_grant(tx, by, id, new)?;
    let mut event =
        Event::new("role.granted", "account", id).at(new.organisation_id).with("role", new.role.code());
    event.actor = by;
    let entry = journal::append(tx, event)?;
    Ok(entry.returning(view(tx, id)?))
}

/// Takes a role back; it works no longer from the next request on.
///
/// # Errors
/// `NotFound` when it is not in force; `Forbidden` for one's own account.
pub fn end_grant(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: AccountId,
    grant: GrantId,
) -> Result<Recorded<UserView>> {
    let account = editable(tx, Some(ctx), id)?;
    let held = accounts::grants_of(tx, &[id])?;
    let ended = held.iter().find(|held| held.id == grant).ok_or(Refusal::NotFound)?;
    accounts::update(tx, &account)?;
    accounts::end_grant(tx, id, grant)?;
    let event = Event::new("role.ended", "account", id)
        .by(ctx.actor.account)
        .at(ended.organisation)
        .with("role", ended.role.code());
    let entry = journal::append(tx, event)?;
    Ok(entry.returning(view(tx, id)?))
}
