//! Alerts of the dossiers that somebody may know of: worked out from dates at every reading, never stored.

use chrono::NaiveDateTime;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Context, Result};
use crate::clock::in_vietnam;
use crate::domain::access::{Action, Scope};
use crate::domain::alert::{self, Alert, Facts};
use crate::domain::calendar::{Calendar, Unit};
use crate::domain::dossier::State;
use crate::domain::ids::{DossierId, OrganisationId};
use crate::domain::obligation::Obligation;
use crate::store::dossiers::{self, Stored};
use crate::store::papers::{self, Paper};
use crate::store::{ReadTx, obligations};

/// A dossier with its alerts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Alerted {
    /// The dossier.
    pub delegation_id: DossierId,
    /// Official number.
    pub code: Option<String>,
    /// The organisation that filed it.
    pub organisation_id: OrganisationId,
    /// State.
    pub state: State,
    /// Its alerts, at least one.
    pub alerts: Vec<Alert>,
}

/// The permit in force: the last one issued for the revision in force or one before it.
pub(super) fn permit_in_force<'a>(papers: &'a [Paper], stored: &Stored) -> Option<&'a Paper> {
    let in_force = stored.dossier.revision_in_force;
    papers.iter().rfind(|paper| paper.kind.permits() && Some(paper.revision) <= in_force)
}

/// The alerts of one dossier, of which everything has been read.
pub(super) fn of(
    stored: &Stored,
    papers: &[Paper],
    obligations: &[Obligation],
    calendar: &Calendar,
    now: NaiveDateTime,
) -> Vec<Alert> {
    let facts = Facts {
        dossier: &stored.dossier,
        starts_on: stored.content.starts_on(),
        ends_on: stored.actual_ends_on.or_else(|| stored.content.ends_on()),
        permit_ends_on: permit_in_force(papers, stored).and_then(|paper| paper.valid_to),
        obligations,
    };
    alert::alerts(&facts, calendar, now)
}

/// Dossiers read at once.
const SLICE: i64 = 200;

/// Dossiers within a scope that have alerts, at most `limit`, in the order of their ids after one of them.
///
/// # Errors
/// `Error::Store` of the database.
pub(super) fn within(
    tx: &mut ReadTx<'_>,
    scope: &Scope,
    calendar: &Calendar,
    mut after: Option<DossierId>,
    limit: usize,
) -> Result<Vec<(Stored, Vec<Alert>)>> {
    let now = in_vietnam(tx.now()).naive_local();
    let soon = calendar.after(now.date(), alert::SOON, Unit::WorkingDay);
    let mut found = Vec::new();
    loop {
        let slice = dossiers::alerting(tx, scope, (now.date(), soon), after, SLICE)?;
        let is_last = slice.len() < usize::try_from(SLICE).unwrap_or_default();
        let ids: Vec<DossierId> = slice.iter().map(|stored| stored.dossier.id).collect();
        let papers = papers::of_dossiers(tx, &ids)?;
        let owed = obligations::of_dossiers(tx, &ids)?;
        after = ids.last().copied().or(after);
        for stored in slice {
            let id = stored.dossier.id;
            let own: Vec<Paper> =
                papers.iter().filter(|(of, _)| *of == id).map(|(_, paper)| paper.clone()).collect();
            let owed: Vec<Obligation> = owed.iter().filter(|one| one.dossier == id).cloned().collect();
            let alerts = of(&stored, &own, &owed, calendar, now);
            if !alerts.is_empty() {
                found.push((stored, alerts));
            }
        }
        if is_last || found.len() >= limit {
            found.truncate(limit);
            return Ok(found);
        }
    }
}

/// Dossiers that the actor may know of and that have alerts.
///
/// # Errors
/// `Error::Store` of the database.
pub fn list(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    after: Option<DossierId>,
    limit: i64,
) -> Result<Vec<Alerted>> {
    ctx.must(Action::ReadDossier)?;
    let scope = ctx.actor.scope(Action::ReadDossier);
    let limit = usize::try_from(limit).unwrap_or_default();
    let found = within(tx, &scope, &ctx.settings.calendar, after, limit)?;
    let shown = |(stored, alerts): (Stored, Vec<Alert>)| Alerted {
        delegation_id: stored.dossier.id,
        code: stored.dossier.code,
        organisation_id: stored.dossier.organisation,
        state: stored.dossier.state,
        alerts,
    };
    Ok(found.into_iter().map(shown).collect())
}
