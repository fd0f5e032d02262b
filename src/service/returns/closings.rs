//! Closing a period: the return is frozen with its files and a manifest of their hashes, and handed out as the same
//! bytes ever after. A correction is a restatement that names what it replaces and why. Here is what a closing is and how
//! it is shown; it is made in `freezing`, held against the present in `comparing`, given to somebody in `handing`.

mod comparing;
mod freezing;
mod handing;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::memo::{Question, Version};
use super::{Export, Format, Wanted, whose};
use crate::clock::day_in_vietnam;
use crate::domain::access::Action;
use crate::domain::codes::Lang;
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, ClosingId, HandOverId, OrganisationId};
use crate::domain::refusal::Refusal;
use crate::domain::report::{Period, Return, Window};
use crate::report::Table;
use crate::service::{Context, Error, Result};
use crate::store::closings::{self, Closing, HandOver};
use crate::store::organisations::{self, Organisation};
use crate::store::{ReadTx, StoreError};

pub use comparing::{ChangedDossier, Changes, Since, changes};
pub use freezing::{Asked, Draft, Prepared, close, freeze, prepare};
pub use handing::{NewHandOver, hand_over};

/// A frozen file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FrozenFile {
    /// Name.
    pub name: String,
    /// Language.
    pub lang: Lang,
    /// Format.
    pub format: Format,
    /// CSV: the one table that it holds; the printed form, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<Table>,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the bytes, hexadecimal.
    pub sha256: String,
}

/// What was frozen.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Manifest {
    installation: String,
    organisation: OrganisationId,
    organisation_code: String,
    kind: String,
    label: String,
    window: Window,
    no: i32,
    replaces: Option<ClosingId>,
    as_of: NaiveDate,
    rulebook_version: i32,
    /// What the day on which it was due rests on.
    #[serde(default)]
    due_basis: String,
    /// The signed checkpoint of the journal after the figures were read, as it is printed on the return.
    checkpoint: String,
    files: Vec<FrozenFile>,
}

/// A closing as shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClosingView {
    /// Id.
    pub id: ClosingId,
    /// Whose return.
    pub organisation_id: OrganisationId,
    /// From 1; higher ones are restatements.
    pub no: i32,
    /// What it replaces.
    pub replaces: Option<ClosingId>,
    /// Why.
    pub reason: Option<String>,
    /// The state of knowledge.
    pub as_of: NaiveDate,
    /// The last day on which it was in time.
    pub due_on: NaiveDate,
    /// What that day rests on: a row of the rulebook.
    pub due_basis: String,
    /// Whether it was closed after that day.
    pub late: bool,
    /// The rulebook that was active.
    pub rulebook_version: i32,
    /// Who closed it.
    pub closed_by: AccountId,
    /// When.
    pub closed_at: DateTime<Utc>,
    /// Its files.
    pub files: Vec<FrozenFile>,
    /// The manifest: the exact text whose hash is `sha256`.
    pub manifest: String,
    /// SHA-256 of the manifest.
    pub sha256: String,
    /// To whom it was handed over.
    pub handed_over: Vec<HandOverView>,
}

/// A hand-over as shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HandOverView {
    /// Id.
    pub id: HandOverId,
    /// To whom.
    pub given_to: String,
    /// When.
    pub given_on: NaiveDate,
    /// How: by post, by hand, by which system.
    pub how: String,
    /// SHA-256 of what was given.
    pub sha256: String,
    /// Who recorded it.
    pub recorded_by: AccountId,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl From<HandOver> for HandOverView {
    fn from(one: HandOver) -> Self {
        let HandOver { id, closing: _, given_to, given_on, how, sha256, recorded_by, recorded_at } = one;
        Self { id, given_to, given_on, how, sha256, recorded_by, recorded_at }
    }
}

fn corrupt(cause: impl std::fmt::Display) -> Error {
    Error::Store(StoreError::Corrupt(format!("closing: {cause}")))
}

fn view(closing: Closing, given: Vec<HandOver>) -> Result<ClosingView> {
    let manifest: Manifest = serde_json::from_str(&closing.manifest).map_err(corrupt)?;
    Ok(ClosingView {
        id: closing.id,
        organisation_id: closing.organisation,
        no: closing.no,
        replaces: closing.replaces,
        reason: closing.reason,
        as_of: closing.as_of,
        due_on: closing.due_on,
        due_basis: manifest.due_basis,
        late: day_in_vietnam(closing.closed_at) > closing.due_on,
        rulebook_version: closing.rulebook_version,
        closed_by: closing.closed_by,
        closed_at: closing.closed_at,
        files: manifest.files,
        manifest: closing.manifest,
        sha256: closing.sha256,
        handed_over: given.into_iter().map(HandOverView::from).collect(),
    })
}

/// The organisation whose return is meant: the one that is named, within reach, or the uppermost own one.
pub(in crate::service::returns) fn organisation(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    action: Action,
    named: Option<OrganisationId>,
) -> Result<Organisation> {
    ctx.must(action)?;
    let tree = organisations::list(tx)?;
    let found = match named {
        Some(id) => {
            tree.iter().find(|one| one.id == id).filter(|one| ctx.actor.reaches_path(action, &one.path))
        }
        None => whose(&tree, &ctx.actor.scope(action)),
    };
    found.cloned().ok_or_else(|| Refusal::NotFound.into())
}

/// What the sealed bytes of a file are bound to.
fn place(id: ClosingId, name: &str, lang: Lang) -> String {
    format!("{id}/{lang}/{name}")
}

/// The closings of a period, the first one first.
///
/// # Errors
/// `Forbidden`; `NotFound` for an organisation out of reach.
pub fn list(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    (period, window): (Period, Window),
    named: Option<OrganisationId>,
) -> Result<Vec<ClosingView>> {
    let whose = organisation(tx, ctx, Action::ReadReturn, named)?;
    let all = closings::of_period(tx, whose.id, period, window)?;
    let ids: Vec<ClosingId> = all.iter().map(|closing| closing.id).collect();
    let given = closings::hand_overs_of(tx, &ids)?;
    let with = |closing: Closing| {
        let own = given.iter().filter(|one| one.closing == closing.id).cloned().collect();
        view(closing, own)
    };
    all.into_iter().map(with).collect()
}

/// The frozen file that answers for a return, where its period is closed: the same bytes for ever.
///
/// # Errors
/// `Error::Store` of the database; a vault's fault when the bytes cannot be opened.
pub fn frozen(tx: &mut ReadTx<'_>, ctx: &Context, wanted: &Wanted) -> Result<Option<Export>> {
    ctx.must(Action::ReadReturn)?;
    let tree = organisations::list(tx)?;
    let Some(whose) = whose(&tree, &ctx.actor.scope(Action::ReadReturn)) else { return Ok(None) };
    let Some(closing) = closings::of_period(tx, whose.id, wanted.period, wanted.window)?.pop() else {
        return Ok(None);
    };
    let manifest: Manifest = serde_json::from_str(&closing.manifest).map_err(corrupt)?;
    let lang = if wanted.format == Format::Pdf { Lang::Vi } else { wanted.lang };
    let is = |file: &&FrozenFile| (file.lang, file.format, file.table) == (lang, wanted.format, wanted.table);
    // What could not be had when it was closed is not made up later.
    let Some(file) = manifest.files.iter().find(is) else { return Ok(None) };
    let bytes = opened(tx, ctx, closing.id, file)?;
    Ok(Some(Export { name: file.name.clone(), bytes, event: exported(&closing, file) }))
}

/// The return of a closed period as it was frozen, in a language; `None` while nothing is closed.
///
/// # Errors
/// `NotFound` for an organisation out of reach; `Corrupt` when what was frozen cannot be read.
pub fn frozen_form(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    (period, window): (Period, Window),
    named: Option<OrganisationId>,
    lang: Lang,
) -> Result<Option<Arc<Return>>> {
    let whose = organisation(tx, ctx, Action::ReadReturn, named)?;
    let Some(closing) = closings::of_period(tx, whose.id, period, window)?.pop() else { return Ok(None) };
    let form = ctx.settings.counted.forms.get(Question::Frozen(closing.id, lang), Version::Ever, || {
        let manifest: Manifest = serde_json::from_str(&closing.manifest).map_err(corrupt)?;
        let is = |file: &&FrozenFile| file.format == Format::Json && file.lang == lang;
        let file = manifest.files.iter().find(is).ok_or_else(|| corrupt("it has no JSON"))?;
        let bytes = opened(tx, ctx, closing.id, file)?;
        Ok(serde_json::from_slice(&bytes).map_err(corrupt))
    })?;
    form.map(Some)
}

/// A frozen file of any closing, also of one that was restated: by its name and language.
///
/// # Errors
/// `NotFound` where there is none, or out of reach.
pub fn file(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    id: ClosingId,
    name: &str,
    lang: Lang,
) -> Result<(Format, Export)> {
    ctx.must(Action::ReadReturn)?;
    let closing = closings::load(tx, id)?.ok_or(Refusal::NotFound)?;
    organisation(tx, ctx, Action::ReadReturn, Some(closing.organisation))?;
    let manifest: Manifest = serde_json::from_str(&closing.manifest).map_err(corrupt)?;
    let is = |file: &&FrozenFile| file.name == name && file.lang == lang;
    let file = manifest.files.iter().find(is).ok_or(Refusal::NotFound)?;
    let bytes = opened(tx, ctx, id, file)?;
    Ok((file.format, Export { name: file.name.clone(), bytes, event: exported(&closing, file) }))
}

/// What is journalled of a frozen file that is handed out.
fn exported(closing: &Closing, file: &FrozenFile) -> Event {
    Event::new("return.exported", "return", closing.id)
        .with("label", closing.label.clone())
        .with("window", closing.window)
        .with("as_of", closing.as_of)
        .with("format", file.format)
        .with("sha256", file.sha256.clone())
}

/// A closing with its period, for the page on which it is handed over.
///
/// # Errors
/// `NotFound` where there is none, or out of reach.
pub fn one(tx: &mut ReadTx<'_>, ctx: &Context, id: ClosingId) -> Result<(Period, Window, ClosingView)> {
    ctx.must(Action::ReadReturn)?;
    let closing = closings::load(tx, id)?.ok_or(Refusal::NotFound)?;
    organisation(tx, ctx, Action::ReadReturn, Some(closing.organisation))?;
    let period = Period::parse_label(closing.kind, &closing.label).map_err(corrupt)?;
    let given = closings::hand_overs_of(tx, &[id])?;
    Ok((period, closing.window, view(closing, given)?))
}

fn opened(tx: &mut ReadTx<'_>, ctx: &Context, id: ClosingId, file: &FrozenFile) -> Result<Vec<u8>> {
    let sealed = closings::file(tx, id, &file.name, file.lang)?.ok_or_else(|| corrupt("a file is gone"))?;
    let place = place(id, &file.name, file.lang);
    let bytes = ctx.settings.vault.open_installation("closing_files", "sealed", place, &sealed)?;
    if hex::encode(Sha256::digest(bytes.as_slice())) != file.sha256 {
        return Err(corrupt("a file is not what the manifest says"));
    }
    Ok(bytes.to_vec())
}
