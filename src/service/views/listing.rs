//! The list of delegations in the order that its reader asks for, and the first answers of a search.

use super::DelegationItem;
use crate::domain::access::Action;
use crate::service::{Context, Result};
use crate::store::ReadTx;
use crate::store::dossiers::{self, Filter, Mark, Order, Sort, parsed_code};

/// Most answers of a search that is still being typed.
const ANSWERS: i64 = 8;

/// Delegations within the actor's scope in an order, after a place.
///
/// # Errors
/// `Error::Store` of the database.
pub fn sorted(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    filter: &Filter,
    order: Order,
    after: Option<Mark>,
    limit: i64,
) -> Result<Vec<DelegationItem>> {
    let scope = ctx.actor.scope(Action::ReadDossier);
    let rows = dossiers::sorted(tx, &scope, filter, order, after, limit)?;
    Ok(rows.into_iter().map(DelegationItem::from).collect())
}

/// The place of a delegation in a list of this order.
#[must_use]
pub fn mark(order: Order, item: &DelegationItem) -> Mark {
    match order.by {
        Sort::Registered => Mark::Id(item.id),
        Sort::Arrival => Mark::Day(item.arrives_on, item.id),
        Sort::Code => Mark::Code(item.code.as_deref().and_then(parsed_code), item.id),
        Sort::Since => Mark::Since(item.state_since.naive_utc(), item.id),
    }
}

/// The first delegations within the actor's scope that hold these words, newest first.
///
/// # Errors
/// `Error::Store` of the database.
pub fn found(tx: &mut ReadTx<'_>, ctx: &Context, words: &str) -> Result<Vec<DelegationItem>> {
    let filter = Filter { words: Some(words.to_owned()), ..Filter::default() };
    sorted(tx, ctx, &filter, Order::default(), None, ANSWERS)
}
