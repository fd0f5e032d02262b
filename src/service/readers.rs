//! Who may know of a confidential dossier: whoever wrote it, whoever its course brought it to, and colleagues whom its
//! officers name, so that it is not lost with the one who is away.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Context, Result, delegations, users};
use crate::domain::access::{Action, Reach, Role, grant};
use crate::domain::codes::Code;
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, DossierId};
use crate::domain::refusal::Refusal;
use crate::domain::text;
use crate::store::dossiers::{self, Capacity, Stored};
use crate::store::{ReadTx, Recorded, WriteTx, accounts, journal};

/// Somebody who may know of a confidential dossier, or could be named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reader {
    /// Whose account.
    pub account_id: AccountId,
    /// The name that is shown.
    pub name: String,
}

/// Whom to name.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReader {
    /// An active account at the organisation that owns the dossier.
    pub account_id: AccountId,
}

/// Who may know of a dossier, and who could be named besides; both by name.
#[derive(Debug, Clone, Default)]
pub struct Readers {
    /// Whether it is for named readers alone.
    pub confidential: bool,
    /// Named already; empty where everybody at its organisations may know of it.
    pub named: Vec<Reader>,
    /// Colleagues whom the asker may name.
    pub candidates: Vec<Reader>,
}

/// The readers of a dossier.
///
/// # Errors
/// `NotFound` for a dossier that may not be known of.
pub fn of_dossier(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> Result<Readers> {
    let stored = delegations::get(tx, ctx, id)?;
    if !stored.content.confidential {
        return Ok(Readers::default());
    }
    let named = dossiers::accounts_of(tx, id)?;
    let candidates = match delegations::may(tx, ctx, Action::Edit, &stored)? {
        true => colleagues(tx, &stored)?.into_iter().filter(|one| !named.contains(&one.account_id)).collect(),
        false => Vec::new(),
    };
    let names = users::names(tx, named.clone())?;
    let reader = |id: AccountId| Some(Reader { account_id: id, name: names.get(&id.to_string())?.clone() });
    let named = named.into_iter().filter_map(reader).collect();
    Ok(Readers { confidential: true, named: by_name(named), candidates: by_name(candidates) })
}

/// Whoever has a desk at the owner's organisation from which dossiers are read.
fn colleagues(tx: &mut ReadTx<'_>, stored: &Stored) -> Result<Vec<Reader>> {
    let reads = |role: &Role| grant(*role, Action::ReadDossier) == Reach::Unit;
    let roles: Vec<Role> = Role::ALL.iter().copied().filter(reads).collect();
    let found = accounts::seated(tx, &roles, stored.dossier.organisation)?;
    Ok(found.into_iter().map(|(account_id, name)| Reader { account_id, name }).collect())
}

fn by_name(mut readers: Vec<Reader>) -> Vec<Reader> {
    readers.sort_by_cached_key(|reader| (text::vietnamese_key(&reader.name), reader.account_id));
    readers
}

/// Names a colleague who may know of a confidential dossier from now on, and for good: what was read cannot be unread.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Invalid` for somebody who could not be named.
pub fn name(tx: &mut WriteTx<'_>, ctx: &Context, id: DossierId, new: NewReader) -> Result<Recorded<()>> {
    let stored = delegations::get(tx, ctx, id)?;
    if !delegations::may(tx, ctx, Action::Edit, &stored)? {
        return Err(ctx.denied(Refusal::Forbidden(Action::Edit), Action::Edit, "dossier", id));
    }
    dossiers::lock(tx, id)?;
    let readers = of_dossier(tx, ctx, id)?;
    let is = |reader: &&Reader| reader.account_id == new.account_id;
    if readers.named.iter().any(|reader| is(&reader)) {
        return Ok(tx.unrecorded("may know of it already", ()));
    }
    let Some(reader) = readers.candidates.iter().find(is) else {
        return Err(Refusal::field("/account_id", "unknown-account").into());
    };
    dossiers::add_account(tx, id, reader.account_id, Capacity::Reader)?;
    let event = Event::new("delegation.reader_named", "dossier", id)
        .by(ctx.actor.account)
        .at(stored.dossier.organisation)
        .with("account", reader.account_id)
        .with("name", &reader.name);
    Ok(journal::append(tx, event)?.returning(()))
}
