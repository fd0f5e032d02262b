//! Which returns that were closed hold a day of a dossier: what is reported of it now is a change to them.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::codes::Code;
use crate::domain::ids::{DossierId, OrganisationId};
use crate::domain::report::period::Kind;
use crate::domain::report::{Period, Window};
use crate::service::{Context, Result, delegations};
use crate::store::dossiers::{self, Capacity, Stored};
use crate::store::{ReadTx, closings, organisations};

/// A period whose return was closed.
#[derive(Debug, Clone, Copy)]
pub struct Covering {
    /// Which.
    pub period: Period,
    /// Cut how.
    pub window: Window,
    /// When it was closed first.
    pub closed_at: DateTime<Utc>,
}

/// The closed returns that hold the first day of a dossier, as it was reported or else is planned, or another day of
/// which its report speaks. A return is of its organisation, of those above it and of those to which it is a party.
///
/// # Errors
/// `NotFound` where the actor may not know of the dossier.
pub fn of_dossier(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    id: DossierId,
    other: Option<NaiveDate>,
) -> Result<Vec<Covering>> {
    let stored = delegations::get(tx, ctx, id)?;
    let own = stored.actual_starts_on.or_else(|| stored.content.starts_on());
    let days: BTreeSet<NaiveDate> = own.into_iter().chain(other).collect();
    let mut asked: Vec<(Period, Window)> = Vec::new();
    for day in days {
        for window in Window::ALL {
            let periods = Kind::ALL.iter().filter_map(|kind| Period::of_day(*kind, *window, day));
            asked.extend(periods.map(|period| (period, *window)));
        }
    }
    let labels: Vec<String> = asked.iter().map(|(period, _)| period.label()).collect();
    let whose = whose(tx, &stored)?;
    let closed = closings::of_labels(tx, &whose, &labels)?;
    let first = |(period, window): (Period, Window)| {
        let same = |one: &&closings::Closed| {
            one.window == window && one.kind == period.kind() && one.label == period.label()
        };
        let closed_at = closed.iter().find(same)?.closed_at;
        Some(Covering { period, window, closed_at })
    };
    Ok(asked.into_iter().filter_map(first).collect())
}

fn whose(tx: &mut ReadTx<'_>, stored: &Stored) -> Result<Vec<OrganisationId>> {
    let owner = stored.dossier.organisation;
    let tree = organisations::list(tx)?;
    let path = tree.iter().find(|one| one.id == owner).map(|one| one.path.clone()).unwrap_or_default();
    let mut whose = dossiers::organisations_of(tx, stored.dossier.id, Capacity::ALL)?;
    whose.extend(tree.iter().filter(|one| path.starts_with(&one.path)).map(|one| one.id));
    Ok(whose)
}
