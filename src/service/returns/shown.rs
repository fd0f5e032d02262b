//! A return as a page shows it: frozen where its period is closed, else made now; the dossiers behind a figure, as far as
//! the reader may know of them; and the pictures of a year, from the same facts.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::closings::{frozen_form, organisation};
use super::memo::{Question, Version};
use super::{Failure, Format, Wanted, build, facts, of_organisation};
use crate::clock::day_in_vietnam;
use crate::domain::access::{Action, Scope};
use crate::domain::codes::Lang;
use crate::domain::countries;
use crate::domain::ids::{DossierId, OrganisationId};
use crate::domain::report::period::{Kind, Range};
use crate::domain::report::series::{self, Pictures};
use crate::domain::report::{Period, Return, Window};
use crate::service::views::DelegationItem;
use crate::service::{Context, Result};
use crate::store::{ReadTx, dossiers, organisations};

/// Which return is shown.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Of which period.
    pub period: Period,
    /// Cut how.
    pub window: Window,
    /// Whose, if not what the reader himself may read.
    pub organisation: Option<OrganisationId>,
    /// In which language.
    pub lang: Lang,
    /// Whether it is made anew although its period is closed.
    pub live: bool,
}

/// What a return is made of: what the reader may read, or what belongs to the organisation that he names.
fn scope(tx: &mut ReadTx<'_>, ctx: &Context, named: Option<OrganisationId>) -> Result<Scope> {
    ctx.must(Action::ReadReturn)?;
    match named {
        None => Ok(ctx.actor.scope(Action::ReadReturn)),
        Some(_) => Ok(of_organisation(&organisation(tx, ctx, Action::ReadReturn, named)?)),
    }
}

/// The frozen return of a closed period, else the one of now.
///
/// # Errors
/// `Forbidden`; `NotFound` for an organisation out of reach; inside, why there is no return.
pub fn form(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    asked: &Asked,
) -> Result<std::result::Result<Arc<Return>, Failure>> {
    let Asked { period, window, lang, .. } = *asked;
    let scope = scope(tx, ctx, asked.organisation)?;
    if !asked.live
        && let Some(frozen) = frozen_form(tx, ctx, (period, window), asked.organisation, lang)?
    {
        return Ok(Ok(frozen));
    }
    let as_of = day_in_vietnam(tx.now());
    let wanted = Wanted { period, window, as_of, format: Format::Json, table: None, lang };
    let (question, version) = (Question::Open(scope.clone(), period, window, lang), Version::now(tx)?);
    ctx.settings.counted.forms.get(question, version, || {
        Ok(build(tx, &scope, &wanted, &ctx.settings.rulebooks)?.map_err(Failure::from))
    })
}

/// Whether this is the organisation whose return the reader sees unasked, and whether he may close its periods.
///
/// # Errors
/// `NotFound` for an organisation out of reach.
pub fn of_closing(tx: &mut ReadTx<'_>, ctx: &Context, id: OrganisationId) -> Result<(bool, bool)> {
    let own = organisation(tx, ctx, Action::ReadReturn, None).is_ok_and(|own| own.id == id);
    let whose = organisation(tx, ctx, Action::ReadReturn, Some(id))?;
    Ok((own, ctx.actor.reaches_path(Action::CloseReturn, &whose.path)))
}

/// Those of these dossiers that the reader may know of.
///
/// # Errors
/// `Error::Store` of the database.
pub fn known(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    ids: &[DossierId],
) -> Result<BTreeMap<DossierId, DelegationItem>> {
    let found = dossiers::load_many(tx, &ctx.actor.scope(Action::ReadDossier), ids)?;
    Ok(found.into_iter().map(|stored| (stored.dossier.id, DelegationItem::from(stored))).collect())
}

/// The pictures of a year within what the reader may read; `None` for a year that is none.
///
/// # Errors
/// `Forbidden`; `Error::Store` of the database.
pub fn pictures(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    year: i32,
    window: Window,
    lang: Lang,
) -> Result<Option<Arc<Pictures>>> {
    let scope = scope(tx, ctx, None)?;
    let Some(whole) = Period::new(Kind::Yearly, year, 1) else { return Ok(None) };
    let (question, version) = (Question::Open(scope.clone(), whole, window, lang), Version::now(tx)?);
    let pictures = ctx.settings.counted.pictures.get(question, version, || {
        let span = Range { from: whole.last_year().range(window).from, to: whole.range(window).to };
        let tree = organisations::list(tx)?;
        let (facts, _) = facts(tx, &scope, span, (&tree, &ctx.settings.rulebooks), lang)?;
        let (as_of, country) = (day_in_vietnam(tx.now()), |code: &str| countries::name(code, lang));
        Ok(series::pictures(&facts, (year, window), as_of, &country, lang).ok_or(()))
    })?;
    Ok(pictures.ok())
}
