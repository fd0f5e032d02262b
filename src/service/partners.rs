//! Partners abroad: records, not text, kept once for the whole installation.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Context, Result};
use crate::domain::access::Action;
use crate::domain::countries;
use crate::domain::event::Event;
use crate::domain::ids::PartnerId;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::text;
use crate::store::partners::{self, Partner};
use crate::store::{ReadTx, Recorded, StoreError, WriteTx, journal};

/// A partner as shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PartnerView {
    /// Id.
    pub id: PartnerId,
    /// Name.
    pub name: String,
    /// Name in own script.
    pub native_name: Option<String>,
    /// Country, ISO 3166-1 alpha-2.
    pub country: String,
    /// Kind, free: gov, ngo, business ..
    pub kind: Option<String>,
    /// Version.
    pub version: i64,
}

impl From<Partner> for PartnerView {
    fn from(from: Partner) -> Self {
        Self {
            id: from.id,
            name: from.name,
            native_name: from.native_name,
            country: from.country,
            kind: from.kind,
            version: from.version,
        }
    }
}

/// A new partner.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPartner {
    /// Name.
    pub name: String,
    /// Name in own script.
    #[serde(default)]
    pub native_name: Option<String>,
    /// Country, ISO 3166-1 alpha-2.
    pub country: String,
    /// Kind, free: gov, ngo, business ..
    #[serde(default)]
    pub kind: Option<String>,
}

/// Partners whose name contains the words of `search`, in order of id.
///
/// # Errors
/// `Forbidden`; `Error::Store` of the database.
pub fn list(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    search: Option<&str>,
    after: Option<PartnerId>,
    limit: i64,
) -> Result<Vec<PartnerView>> {
    ctx.must(Action::ReadPartners)?;
    Ok(partners::list(tx, search, after, limit)?.into_iter().map(PartnerView::from).collect())
}

/// Most partners that a form offers to choose from.
const TO_CHOOSE: i64 = 1_000;

/// The partners that a form offers, in the order of their names; those that are meant already are always among them.
///
/// # Errors
/// `Forbidden`; `Error::Store` of the database.
pub fn to_choose(tx: &mut ReadTx<'_>, ctx: &Context, meant: &[PartnerId]) -> Result<Vec<PartnerView>> {
    ctx.must(Action::ReadPartners)?;
    let mut found = partners::by_name(tx, TO_CHOOSE)?;
    for id in meant {
        if found.iter().all(|one| one.id != *id) {
            found.extend(partners::load(tx, *id)?);
        }
    }
    found.sort_by_cached_key(|one| (text::key_in(ctx.actor.lang, &one.name), one.id));
    Ok(found.into_iter().map(PartnerView::from).collect())
}

/// Names of these partners.
///
/// # Errors
/// `Forbidden`; `Error::Store` of the database.
pub fn names(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    ids: &BTreeSet<PartnerId>,
) -> Result<BTreeMap<PartnerId, String>> {
    ctx.must(Action::ReadPartners)?;
    Ok(partners::load_many(tx, ids)?.into_iter().map(|one| (one.id, one.name)).collect())
}

/// One partner.
///
/// # Errors
/// `NotFound`, `Forbidden`.
pub fn get(tx: &mut ReadTx<'_>, ctx: &Context, id: PartnerId) -> Result<PartnerView> {
    ctx.must(Action::ReadPartners)?;
    Ok(partners::load(tx, id)?.ok_or(Refusal::NotFound)?.into())
}

/// Adds a partner. `ctx` is absent in the demo.
///
/// # Errors
/// `Invalid` names the fields; `Taken` when the country has one of that name; `Forbidden`.
pub fn add(tx: &mut WriteTx<'_>, ctx: Option<&Context>, new: &NewPartner) -> Result<Recorded<PartnerView>> {
    if let Some(ctx) = ctx {
        ctx.must(Action::EditPartners)?;
    }
    let partner = checked(tx.fresh(), new)?;
    match partners::insert(tx, &partner) {
        Err(StoreError::Taken { .. }) => return Err(Refusal::Taken("name").into()),
        other => other?,
    }
    let mut event = Event::new("partner.added", "partner", partner.id)
        .with("name", &partner.name)
        .with("country", &partner.country);
    event.actor = ctx.map(|ctx| ctx.actor.account);
    Ok(journal::append(tx, event)?.returning(partner.into()))
}

fn checked(id: PartnerId, new: &NewPartner) -> Result<Partner> {
    let mut faults = Vec::new();
    let mut line = |pointer: &str, value: &str| {
        text::line(value).unwrap_or_else(|code| {
            faults.push(Fault::at(pointer, code));
            "-".to_owned()
        })
    };
    let name = line("/name", &new.name);
    let mut some = |pointer, value: &Option<String>| {
        value.as_deref().map(|value| line(pointer, value)).filter(|text| !text.is_empty())
    };
    let (native_name, kind) = (some("/native_name", &new.native_name), some("/kind", &new.kind));
    if name.is_empty() {
        faults.push(Fault::at("/name", "required"));
    }
    if !countries::is_known(&new.country) {
        faults.push(Fault::at("/country", "bad-country"));
    }
    Refusal::unless_empty(faults)?;
    Ok(Partner { id, name, native_name, country: new.country.clone(), kind, version: 1 })
}
