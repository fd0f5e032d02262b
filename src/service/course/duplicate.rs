//! The same delegation registered twice: what is compared before one of the two is marked, the command, and the way from
//! the one to the other afterwards.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;

use super::end_round;
use crate::domain::access::Action;
use crate::domain::codes::Outcome;
use crate::domain::dossier::{Command, State};
use crate::domain::ids::{DossierId, OrganisationId};
use crate::domain::refusal::Refusal;
use crate::service::delegations::{get, get_for};
use crate::service::{Context, Result, obligations, partners};
use crate::store::dossiers::{self, Facts, Stored};
use crate::store::revisions::RevisionOutcome;
use crate::store::{ReadTx, Recorded, WriteTx, journal, people};

/// The dossier that this one repeats.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateOf {
    /// The other dossier: its id, or its official number.
    pub of: String,
}

/// What tells two delegations apart, of one of them.
#[derive(Debug, Clone)]
pub struct Side {
    /// Id.
    pub id: DossierId,
    /// Official number.
    pub code: Option<String>,
    /// Name.
    pub title: String,
    /// State.
    pub state: State,
    /// The partner, by name.
    pub partner: Option<String>,
    /// Countries.
    pub countries: Vec<String>,
    /// First day, as it was or is planned.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub to: Option<NaiveDate>,
    /// How many travel, with and without names.
    pub people: u64,
    /// The body that hosts, or filed it where none is named.
    pub host: OrganisationId,
}

/// Two dossiers that may be of one delegation.
#[derive(Debug, Clone)]
pub struct Compared {
    /// The one that would be marked.
    pub this: Side,
    /// The one that would stay.
    pub original: Side,
}

fn side(tx: &mut ReadTx<'_>, ctx: &Context, stored: Stored) -> Result<Side> {
    let (dossier, content) = (stored.dossier, stored.content);
    let partner = match content.partner_id {
        Some(partner) => Some(partners::get(tx, ctx, partner)?.name),
        None => None,
    };
    let named = people::members_of(tx, dossier.id)?.len();
    let unnamed: u64 = content.groups.iter().map(|group| u64::from(group.planned)).sum();
    Ok(Side {
        id: dossier.id,
        host: content.lead_host_id.unwrap_or(dossier.organisation),
        code: dossier.code,
        state: dossier.state,
        partner,
        from: stored.actual_starts_on.or_else(|| content.starts_on()),
        to: stored.actual_ends_on.or_else(|| content.ends_on()),
        people: u64::try_from(named).unwrap_or_default() + unnamed,
        title: content.title,
        countries: content.countries,
    })
}

/// The dossier that another one would be a duplicate of: one that the actor may know of, not itself, and no duplicate.
fn original(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId, of: &str) -> Result<Stored> {
    let scope = ctx.actor.scope(Action::ReadDossier);
    let found = match of.trim().parse() {
        Ok(of) => Some(of),
        Err(_number) => dossiers::numbered(tx, of.trim())?,
    };
    let found = match found {
        Some(of) => dossiers::load(tx, &scope, of)?,
        None => None,
    };
    let is_original = |one: &Stored| one.dossier.id != id && one.dossier.outcome != Some(Outcome::Duplicate);
    Ok(found.filter(is_original).ok_or(Refusal::field("/of", "unknown-dossier"))?)
}

/// What is looked at before a dossier is marked as a duplicate of another one.
///
/// # Errors
/// `NotFound` where the actor may not know of the first; `Invalid` as the command itself.
pub fn compared(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId, of: &str) -> Result<Compared> {
    let this = get(tx, ctx, id)?;
    let original = original(tx, ctx, id, of)?;
    Ok(Compared { this: side(tx, ctx, this)?, original: side(tx, ctx, original)? })
}

/// A dossier to go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// Id.
    pub id: DossierId,
    /// Official number.
    pub code: Option<String>,
    /// Name.
    pub title: String,
}

/// What a dossier repeats, and what repeats it, as far as the actor may know of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// The original of a duplicate.
    pub original: Option<Linked>,
    /// Duplicates of it.
    pub copies: Vec<Linked>,
}

/// What a dossier repeats, and what repeats it.
///
/// # Errors
/// `NotFound` where the actor may not know of the dossier itself.
pub fn links(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> Result<Links> {
    let stored = get(tx, ctx, id)?;
    let copies = dossiers::duplicates_of(tx, id)?;
    let ids: Vec<DossierId> = stored.duplicate_of.into_iter().chain(copies).collect();
    if ids.is_empty() {
        return Ok(Links::default());
    }
    let found = dossiers::load_many(tx, &ctx.actor.scope(Action::ReadDossier), &ids)?;
    let linked =
        |one: Stored| Linked { id: one.dossier.id, code: one.dossier.code, title: one.content.title };
    let is_original = |one: &Linked| Some(one.id) == stored.duplicate_of;
    let (original, mut copies): (Vec<Linked>, Vec<Linked>) =
        found.into_iter().map(linked).partition(is_original);
    copies.sort_by(|a, b| (&a.code, a.id).cmp(&(&b.code, b.id)));
    Ok(Links { original: original.into_iter().next(), copies })
}

/// Marks a dossier as the same delegation as another one.
///
/// # Errors
/// `Invalid` when the other cannot be found or is this one.
pub fn duplicate(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    version: i64,
    other: &DuplicateOf,
) -> Result<Recorded<DossierId>> {
    let stored = get_for(tx, ctx, Action::MarkDuplicate, id, version)?;
    let change = stored.dossier.change(Command::Duplicate, Some(ctx.actor.account))?;
    let of = original(tx, ctx, id, &other.of)?.dossier.id;
    dossiers::apply(tx, id, &change)?;
    dossiers::write_facts(tx, id, &Facts { duplicate_of: Some(of.to_string()), ..Facts::default() })?;
    end_round(tx, &stored, RevisionOutcome::Cancelled, change.restores())?;
    let entry = journal::append(tx, change.telling("of", of).event().clone())?;
    obligations::ended(tx, ctx, id)?;
    Ok(entry.returning(id))
}
