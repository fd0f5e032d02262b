//! The tree of organisations: reading it, growing it, and finding a place that the chain file names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Context, Error, Result};
use crate::domain::access::Action;
use crate::domain::approval::{OrganisationKind, Place};
use crate::domain::codes::{Code, Lang};
use crate::domain::event::Event;
use crate::domain::ids::OrganisationId;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::text;
use crate::store::organisations::{self, Organisation};
use crate::store::{ReadTx, Recorded, WriteTx, journal};

/// An organisation as the API shows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OrganisationView {
    /// Id.
    pub id: OrganisationId,
    /// The body above it.
    pub parent_id: Option<OrganisationId>,
    /// Short unique code.
    pub code: String,
    /// Name in Vietnamese.
    pub name_vi: String,
    /// Name in English.
    pub name_en: String,
    /// Kind.
    pub kind: OrganisationKind,
    /// Version, for `If-Match`.
    pub version: i64,
}

impl From<Organisation> for OrganisationView {
    fn from(from: Organisation) -> Self {
        Self {
            id: from.id,
            parent_id: from.parent,
            code: from.code,
            name_vi: from.name_vi,
            name_en: from.name_en,
            kind: from.kind,
            version: from.version,
        }
    }
}

/// A new organisation.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrganisation {
    /// The body above it; none for a root.
    pub parent_id: Option<OrganisationId>,
    /// Short unique code.
    pub code: String,
    /// Name in Vietnamese.
    pub name_vi: String,
    /// Name in English.
    pub name_en: String,
    /// Kind.
    pub kind: OrganisationKind,
}

/// Adds an organisation. `ctx` is absent on the command line and in the demo.
///
/// # Errors
/// `Invalid` names the fields; `Taken` an existing code.
pub fn add(
    tx: &mut WriteTx<'_>,
    ctx: Option<&Context>,
    new: &NewOrganisation,
) -> Result<Recorded<OrganisationView>> {
    if let Some(ctx) = ctx {
        ctx.must(Action::EditOrganisations)?;
    }
    let mut faults = Vec::new();
    let mut name = |pointer: &str, value: &str, most: usize| match text::line(value) {
        Ok(text) if text.is_empty() => {
            faults.push(Fault::at(pointer, "required"));
            text
        }
        Ok(text) => {
            faults.extend(text::within(&text, most).err().map(|why| Fault::at(pointer, why)));
            text
        }
        Err(code) => {
            faults.push(Fault::at(pointer, code));
            String::new()
        }
    };
    let (code, name_vi, name_en) = (
        name("/code", &new.code, 32),
        name("/name_vi", &new.name_vi, 300),
        name("/name_en", &new.name_en, 300),
    );
    let parent = match new.parent_id {
        None => None,
        Some(id) => organisations::load(tx, id)?.or_else(|| {
            faults.push(Fault::at("/parent_id", "unknown-organisation"));
            None
        }),
    };
    Refusal::unless_empty(faults)?;
    if organisations::load_by_code(tx, &code)?.is_some() {
        return Err(Refusal::field("/code", "taken").into());
    }
    let id: OrganisationId = tx.fresh();
    let above = parent.as_ref().map_or("/", |parent| parent.path.as_str());
    let added = Organisation {
        id,
        parent: new.parent_id,
        path: format!("{above}{id}/"),
        code,
        name_vi,
        name_en,
        kind: new.kind,
        version: 1,
    };
    organisations::insert(tx, &added)?;
    let mut event = Event::new("organisation.added", "organisation", id)
        .at(id)
        .with("code", &added.code)
        .with("kind", added.kind.code())
        .with("name_vi", &added.name_vi);
    event.actor = ctx.map(|ctx| ctx.actor.account);
    Ok(journal::append(tx, event)?.returning(added.into()))
}

/// The names of an organisation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// In Vietnamese.
    pub name_vi: String,
    /// In English.
    pub name_en: String,
}

/// Renames an organisation. Papers that were issued keep the name that they say.
///
/// # Errors
/// `NotFound`, `Stale`, `Forbidden`; `Invalid` names the fields.
pub fn rename(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: OrganisationId,
    version: i64,
    new: &Names,
) -> Result<Recorded<OrganisationView>> {
    ctx.must(Action::EditOrganisations)?;
    let before = organisations::load(tx, id)?.ok_or(Refusal::NotFound)?;
    let mut faults = Vec::new();
    let mut name = |pointer: &str, value: &str| match text::line(value) {
        Ok(text) if !text.is_empty() => text,
        Ok(text) => {
            faults.push(Fault::at(pointer, "required"));
            text
        }
        Err(code) => {
            faults.push(Fault::at(pointer, code));
            String::new()
        }
    };
    let (name_vi, name_en) = (name("/name_vi", &new.name_vi), name("/name_en", &new.name_en));
    Refusal::unless_empty(faults)?;
    organisations::rename(tx, id, version, &name_vi, &name_en)?;
    let mut event = Event::new("organisation.renamed", "organisation", id).by(ctx.actor.account).at(id);
    for (field, from, to) in [("name_vi", &before.name_vi, &name_vi), ("name_en", &before.name_en, &name_en)]
    {
        if from != to {
            event = event.with(format!("{field}.from"), from).with(format!("{field}.to"), to);
        }
    }
    let after = Organisation { name_vi, name_en, version: version + 1, ..before };
    Ok(journal::append(tx, event)?.returning(after.into()))
}

/// One organisation.
///
/// # Errors
/// `NotFound`.
pub fn get(tx: &mut ReadTx<'_>, ctx: &Context, id: OrganisationId) -> Result<OrganisationView> {
    ctx.must(Action::ReadOrganisations)?;
    Ok(organisations::load(tx, id)?.ok_or(Refusal::NotFound)?.into())
}

/// Every organisation with how deep it lies, parents before children, and those of one parent in the order of the
/// Vietnamese alphabet, or the English one.
///
/// # Errors
/// `Error::Store` of the database.
pub fn tree(tx: &mut ReadTx<'_>, ctx: &Context) -> Result<Vec<(usize, OrganisationView)>> {
    ctx.must(Action::ReadOrganisations)?;
    let all = organisations::list(tx)?;
    let keys: BTreeMap<String, String> = all
        .iter()
        .map(|one| (one.id.to_string(), text::key_in(ctx.actor.lang, one.name(ctx.actor.lang))))
        .collect();
    // The path with names in the place of ids sorts children below their parents.
    let place = |one: &Organisation| -> Vec<(String, String)> {
        let ids = one.path.split('/').filter(|id| !id.is_empty());
        ids.map(|id| (keys.get(id).cloned().unwrap_or_default(), id.to_owned())).collect()
    };
    let mut placed: Vec<_> = all.into_iter().map(|one| (place(&one), one)).collect();
    placed.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(placed.into_iter().map(|(place, one)| (place.len().saturating_sub(1), one.into())).collect())
}

/// Finds the organisation that a chain file's place means for a dossier of `owner`.
///
/// # Errors
/// `Error::Store` with `Corrupt` when the tree has no such body: the installation is not set up.
pub fn place(tx: &mut ReadTx<'_>, place: Place, owner: &Organisation) -> Result<Organisation> {
    find(tx, place, owner)?.ok_or_else(|| {
        Error::Store(crate::store::StoreError::Corrupt(format!("no organisation serves as {}", place.code())))
    })
}

/// As `place`, where the tree may have no such body.
///
/// # Errors
/// `Error::Store` of the database.
pub fn find(tx: &mut ReadTx<'_>, place: Place, owner: &Organisation) -> Result<Option<Organisation>> {
    let all = organisations::list(tx)?;
    let of_kind = |kind| all.iter().find(|organisation| organisation.kind == kind);
    let found = match place {
        Place::City => of_kind(OrganisationKind::City),
        Place::ForeignAffairs => of_kind(OrganisationKind::ForeignAffairs),
        Place::CityOffice => of_kind(OrganisationKind::CityOffice),
        Place::ParentUnion => all
            .iter()
            .filter(|above| above.kind == OrganisationKind::Union && owner.path.starts_with(&above.path))
            .max_by_key(|above| above.path.len()),
    };
    Ok(found.cloned())
}

/// Every organisation's name in a language: a city has a few dozen.
///
/// # Errors
/// `Error::Store` of the database.
pub fn names(tx: &mut ReadTx<'_>, lang: Lang) -> Result<BTreeMap<OrganisationId, String>> {
    let all = organisations::list(tx)?;
    Ok(all.into_iter().map(|one| (one.id, one.name(lang).to_owned())).collect())
}
