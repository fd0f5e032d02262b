//! The register of numbers, where an office keeps it here: what was given, in order, and what is struck because the
//! permission was taken back. Whose dossier a number is, is told to those who may know of the dossier.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::check::has_ended;
use crate::domain::access::{Action, Scope};
use crate::domain::ids::{DossierId, OrganisationId, PaperId};
use crate::domain::refusal::Refusal;
use crate::service::views::printed_number;
use crate::service::{Context, Result};
use crate::store::dossiers;
use crate::store::papers::{PaperKind, register};
use crate::store::{ReadTx, organisations};

/// A number of the register.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RegisterEntry {
    /// Kind of paper: each has numbers of its own.
    pub kind: PaperKind,
    /// Number, with a leading zero below 10.
    pub number: String,
    /// Symbol.
    pub symbol: String,
    /// Date of the paper.
    pub date: NaiveDate,
    /// Struck: the permission was taken back. The number stays, and is given to nobody else.
    pub struck: bool,
    /// The paper; absent where the reader may not know of its dossier.
    pub paper_id: Option<PaperId>,
    /// Its dossier; absent likewise.
    pub delegation_id: Option<DossierId>,
    /// The dossier's official number; absent likewise.
    pub code: Option<String>,
}

/// Whether our own register numbers the papers of this organisation.
///
/// # Errors
/// `Error::Store` of the database.
pub(in crate::service) fn keeps(tx: &mut ReadTx<'_>, ctx: &Context, id: OrganisationId) -> Result<bool> {
    let codes = &ctx.settings.stationery.register;
    if codes.is_empty() {
        return Ok(false);
    }
    Ok(organisations::load(tx, id)?.is_some_and(|one| codes.contains(&one.code)))
}

/// The organisations whose papers are numbered here and which the actor may look up.
///
/// # Errors
/// `Error::Store` of the database.
pub fn keepers(tx: &mut ReadTx<'_>, ctx: &Context) -> Result<Vec<OrganisationId>> {
    let codes = &ctx.settings.stationery.register;
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = organisations::list(tx)?;
    found.retain(|one| codes.contains(&one.code) && ctx.actor.reaches_path(Action::ReadDossier, &one.path));
    Ok(found.into_iter().map(|one| one.id).collect())
}

/// The numbers that an organisation gave in a local year.
///
/// # Errors
/// `NotFound` for an organisation out of reach.
pub fn list(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    organisation: OrganisationId,
    year: i32,
) -> Result<Vec<RegisterEntry>> {
    ctx.must(Action::ReadDossier)?;
    let found = organisations::load(tx, organisation)?.ok_or(Refusal::NotFound)?;
    if !ctx.actor.reaches_path(Action::ReadDossier, &found.path) {
        return Err(Refusal::NotFound.into());
    }
    let given = register::list(tx, organisation, year)?;
    let ids: Vec<DossierId> = given.iter().map(|(dossier, _)| *dossier).collect();
    let scope = ctx.actor.scope(Action::ReadDossier);
    // A number is struck whoever reads; that is all that is told of a dossier which he may not know of.
    let everything = Scope { all: true, ..scope.clone() };
    let (mut known, mut ended) = (BTreeMap::new(), BTreeSet::new());
    for some in ids.chunks(500) {
        known.extend(dossiers::load_many(tx, &scope, some)?.into_iter().map(|one| (one.dossier.id, one)));
        let any = dossiers::load_many(tx, &everything, some)?;
        ended.extend(any.iter().filter(|one| has_ended(one)).map(|one| one.dossier.id));
    }
    let mut entries: Vec<_> = given
        .into_iter()
        .map(|(id, paper)| {
            let stored = known.get(&id);
            let entry = RegisterEntry {
                kind: paper.kind,
                number: printed_number(&paper.number),
                symbol: paper.symbol,
                date: paper.dated_on,
                struck: ended.contains(&id),
                paper_id: stored.map(|_| paper.id),
                delegation_id: stored.map(|_| id),
                code: stored.and_then(|stored| stored.dossier.code.clone()),
            };
            ((paper.kind, paper.number.parse::<i64>().unwrap_or(i64::MAX)), entry)
        })
        .collect();
    entries.sort_by_key(|(place, _)| *place);
    Ok(entries.into_iter().map(|(_, entry)| entry).collect())
}
