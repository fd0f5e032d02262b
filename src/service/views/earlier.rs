//! The visits before this one: of the same partner, or, where none is named, from the same country.

use super::DelegationItem;
use crate::domain::access::Action;
use crate::domain::dossier::State;
use crate::domain::ids::DossierId;
use crate::service::{Context, Result, delegations, partners};
use crate::store::ReadTx;
use crate::store::dossiers::{self, Filter, Stored};

/// Dossiers that are looked at for the last few that were visits.
const LOOK: i64 = 40;

/// The last visits of somebody.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// The partner, by name; the country's visits are meant where there is none.
    pub partner: Option<String>,
    /// The visits, the last first.
    pub visits: Vec<DelegationItem>,
}

/// The last visits that the actor may know of and that had ended when this one begins.
///
/// # Errors
/// `NotFound` where the actor may not know of the dossier.
pub fn earlier(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId, most: usize) -> Result<Earlier> {
    let stored = delegations::get(tx, ctx, id)?;
    let content = &stored.content;
    let partner = match content.partner_id {
        Some(partner) => Some(partners::get(tx, ctx, partner)?.name),
        None => None,
    };
    let country = content.countries.first().cloned();
    if content.partner_id.is_none() && country.is_none() {
        return Ok(Earlier { partner, visits: Vec::new() });
    }
    let filter = Filter {
        direction: Some(content.direction),
        partner: content.partner_id,
        country: country.filter(|_| content.partner_id.is_none()),
        to: content.starts_on(),
        ..Filter::default()
    };
    let mut found = dossiers::list(tx, &ctx.actor.scope(Action::ReadDossier), &filter, LOOK)?;
    // A visit that goes on, or begins on the same day, is not one before this.
    let ended = |other: &Stored| other.actual_ends_on.or(other.content.ends_on());
    let was = |other: &Stored| {
        other.dossier.id != id
            && matches!(other.dossier.state, State::Issued | State::Reported | State::Closed)
            && content.starts_on().is_none_or(|begins| ended(other).is_some_and(|last| last < begins))
    };
    found.retain(was);
    found.sort_by_key(|other| std::cmp::Reverse(other.actual_starts_on.or(other.content.starts_on())));
    found.truncate(most);
    Ok(Earlier { partner, visits: found.into_iter().map(DelegationItem::from).collect() })
}
