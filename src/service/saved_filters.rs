//! Views of the list that somebody keeps for himself. Nobody else sees them, and they open nothing that a list would not.

use super::{Context, Result};
use crate::domain::access::Action;
use crate::domain::ids::SavedFilterId;
use crate::domain::refusal::{Refusal, Why};
use crate::domain::text;
use crate::store::saved_filters::{self, SavedFilter};
use crate::store::{ReadTx, Recorded, WriteTx};

/// Most views of one account.
const MOST: usize = 50;
/// Longest name, in characters.
const NAME: usize = 80;
/// Longest query, in bytes.
const QUERY: usize = 2_000;

const UNRECORDED: &str = "a view of the list is its account's own business";

/// The actor's views, in the order of their names.
///
/// # Errors
/// `Error::Store` of the database.
pub fn list(tx: &mut ReadTx<'_>, ctx: &Context) -> Result<Vec<SavedFilter>> {
    Ok(saved_filters::list(tx, ctx.actor.account)?)
}

/// Keeps a view under a name; one of the same name goes.
///
/// # Errors
/// `Invalid` for a name that is empty, too long or no text, and for too many views.
pub fn keep(tx: &mut WriteTx<'_>, ctx: &Context, name: &str, query: &str) -> Result<Recorded<()>> {
    ctx.must(Action::ReadDossier)?;
    let name = text::line(name).map_err(|code| Refusal::field("/name", code))?;
    if name.is_empty() {
        return Err(Refusal::field("/name", "required").into());
    }
    text::within(&name, NAME).map_err(|why| Refusal::field("/name", why))?;
    if query.len() > QUERY {
        return Err(Refusal::field("/name", "filter-too-long").into());
    }
    let there = saved_filters::list(tx, ctx.actor.account)?;
    if there.len() >= MOST && !there.iter().any(|one| one.name == name) {
        return Err(Refusal::field("/name", Why::too_many(MOST, there.len())).into());
    }
    let new = SavedFilter { id: tx.fresh(), name, query: query.to_owned() };
    saved_filters::keep(tx, ctx.actor.account, &new)?;
    Ok(tx.unrecorded(UNRECORDED, ()))
}

/// Throws one of the actor's own views away.
///
/// # Errors
/// `NotFound` where it is none of his.
pub fn remove(tx: &mut WriteTx<'_>, ctx: &Context, id: SavedFilterId) -> Result<Recorded<()>> {
    match saved_filters::remove(tx, ctx.actor.account, id)? {
        true => Ok(tx.unrecorded(UNRECORDED, ())),
        false => Err(Refusal::NotFound.into()),
    }
}
