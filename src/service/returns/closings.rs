//! Closing a period: the return is frozen with its files and a manifest of their hashes, and handed out as the same
//! bytes ever after. A correction is a restatement that names what it replaces and why.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::preparing::tell;
use super::{Export, Failure, Format, Made, Wanted, build, make, of_organisation, whose, write};
use crate::clock::day_in_vietnam;
use crate::domain::access::Action;
use crate::domain::codes::{Code, Lang};
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, ClosingId, HandOverId, InstallationId, OrganisationId};
use crate::domain::notice::Kind as Mail;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::report::changes::{self, DossierChange, FigureChange};
use crate::domain::report::{Period, Window};
use crate::domain::text;
use crate::report::Table;
use crate::service::{Context, Error, Result, Settings, evidence};
use crate::store::closings::{self, Closing, HandOver, SealedFile};
use crate::store::organisations::{self, Organisation};
use crate::store::{ReadTx, Recorded, StoreError, WriteTx, journal};

/// Most entries of the journal that are named for one period, the newest ones.
const MOST_REASONS: i64 = 10_000;

/// Which return is to be closed.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Id of the closing to come.
    pub id: ClosingId,
    /// Whose journal it will stand in.
    pub installation: InstallationId,
    /// Of which period.
    pub period: Period,
    /// Cut how.
    pub window: Window,
    /// Whose; the uppermost of the actor's organisations, if absent.
    pub organisation: Option<OrganisationId>,
    /// The closing that this one replaces.
    pub replaces: Option<ClosingId>,
    /// Why.
    pub reason: Option<String>,
}

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
    /// The signed checkpoint of the journal before the closing.
    checkpoint: String,
    files: Vec<FrozenFile>,
}

/// A return that was made and is still to be written.
#[derive(Debug)]
pub struct Draft {
    wanted: Wanted,
    closing: Closing,
    manifest: Manifest,
    made: Vec<Made>,
}

/// A return that was written and sealed, ready to be kept.
#[derive(Debug, Clone)]
pub struct Prepared {
    period: Period,
    manifest: Manifest,
    closing: Closing,
    files: Vec<SealedFile>,
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
fn organisation(
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

/// Makes the return that is to be frozen; nothing is stored yet.
///
/// # Errors
/// `Invalid` while the period lasts; `NotFound` for an organisation out of reach; inside, why there is no return.
pub fn prepare(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    asked: &Asked,
) -> Result<std::result::Result<Draft, Failure>> {
    let whose = organisation(tx, ctx, Action::CloseReturn, asked.organisation)?;
    let range = asked.period.range(asked.window);
    let as_of = day_in_vietnam(tx.now());
    if as_of <= range.to {
        return Err(Refusal::field("?label", "period-not-over").into());
    }
    let reason = asked.reason.as_deref().map(text::block).transpose();
    let reason = reason.map_err(|code| Refusal::field("/reason", code))?.filter(|reason| !reason.is_empty());
    // Whether it may be closed is asked in the command, so that a repeated request gets its first answer.
    let earlier = closings::of_period(tx, whose.id, asked.period, asked.window)?;
    let no = earlier.last().map_or(1, |latest| latest.no + 1);
    let (rulebook_version, book) = ctx.settings.rulebooks.active(tx)?;
    let rule = book.returns.of(asked.period.kind()).ok_or_else(|| corrupt("no rule says when it is due"))?;
    let wanted = Wanted {
        period: asked.period,
        window: asked.window,
        as_of,
        format: Format::Json,
        table: None,
        lang: Lang::Vi,
    };
    let mut made = Vec::new();
    for lang in Lang::ALL.iter().copied() {
        match make(tx, &of_organisation(&whose), &Wanted { lang, ..wanted })? {
            Ok(one) => made.push(one),
            Err(error) => return Ok(Err(error.into())),
        }
    }
    let manifest = Manifest {
        installation: asked.installation.to_string(),
        organisation: whose.id,
        organisation_code: whose.code,
        kind: asked.period.kind().code().to_owned(),
        label: asked.period.label(),
        window: asked.window,
        no,
        replaces: asked.replaces,
        as_of,
        rulebook_version,
        due_basis: rule.citation(),
        checkpoint: String::new(),
        files: Vec::new(),
    };
    let closing = Closing {
        id: asked.id,
        organisation: whose.id,
        kind: asked.period.kind(),
        label: asked.period.label(),
        window: asked.window,
        no,
        replaces: asked.replaces,
        reason,
        as_of,
        due_on: rule.due_on(range.to, &ctx.settings.calendar),
        rulebook_version,
        sha256: String::new(),
        manifest: String::new(),
        closed_by: ctx.actor.account,
        closed_at: tx.now(),
    };
    Ok(Ok(Draft { wanted, closing, manifest, made }))
}

/// Writes every file of a return and seals it: slow work, outside any transaction.
///
/// # Errors
/// The vault's fault; inside, why a file cannot be written.
pub fn freeze(draft: &Draft, settings: &Settings) -> Result<std::result::Result<Prepared, Failure>> {
    let Draft { wanted, closing, manifest, made } = draft;
    let (mut frozen, mut files) = (Vec::new(), Vec::new());
    for one in made {
        let lang = one.form.lang;
        for (format, table) in kinds(lang) {
            let written = match write(one, &Wanted { format, table, lang, ..*wanted }, &settings.stationery) {
                Ok(written) => written,
                Err(failure) => return Ok(Err(failure)),
            };
            let place = place(closing.id, &written.name, lang);
            let sealed =
                settings.vault.seal_installation("closing_files", "sealed", place, &written.bytes)?;
            frozen.push(FrozenFile {
                name: written.name.clone(),
                lang,
                format,
                table,
                size: u64::try_from(written.bytes.len()).unwrap_or(u64::MAX),
                sha256: hex::encode(Sha256::digest(&written.bytes)),
            });
            files.push(SealedFile { name: written.name, lang, sealed });
        }
    }
    let manifest = Manifest { files: frozen, ..manifest.clone() };
    Ok(Ok(Prepared { period: wanted.period, manifest, closing: closing.clone(), files }))
}

/// Each file that is frozen. Official paper is Vietnamese; what offices edit before they sign (DOCX) is no evidence.
fn kinds(lang: Lang) -> impl Iterator<Item = (Format, Option<Table>)> {
    let paper = (cfg!(feature = "pdf") && lang == Lang::Vi).then_some(Format::Pdf);
    let whole = [Format::Json, Format::Csv, Format::Xlsx].into_iter().chain(paper);
    whole.map(|format| (format, None)).chain(Table::ALL.iter().map(|table| (Format::Csv, Some(*table))))
}

/// What the sealed bytes of a file are bound to.
fn place(id: ClosingId, name: &str, lang: Lang) -> String {
    format!("{id}/{lang}/{name}")
}

/// A period is closed once; then its latest closing is replaced, with a reason.
fn allowed(latest: Option<&Closing>, replaces: Option<ClosingId>, reasoned: bool) -> Result<()> {
    match (latest, replaces) {
        (Some(_), None) => return Err(Refusal::Taken("closed-return").into()),
        (latest, Some(id)) if latest.is_none_or(|latest| latest.id != id) => {
            return Err(Refusal::field("/replaces", "not-the-latest").into());
        }
        _ => {}
    }
    if replaces.is_some() != reasoned {
        let (pointer, code) =
            if reasoned { ("/reason", "only-with-replaces") } else { ("/reason", "required") };
        return Err(Refusal::field(pointer, code).into());
    }
    Ok(())
}

/// Keeps a prepared return for ever.
///
/// # Errors
/// `Taken` when it is closed already; `Invalid` for a reason without what it replaces, and for what is not the latest.
pub fn close(tx: &mut WriteTx<'_>, ctx: &Context, prepared: &Prepared) -> Result<Recorded<ClosingView>> {
    organisation(tx, ctx, Action::CloseReturn, Some(prepared.closing.organisation))?;
    let earlier =
        closings::of_period(tx, prepared.closing.organisation, prepared.period, prepared.closing.window)?;
    allowed(earlier.last(), prepared.closing.replaces, prepared.closing.reason.is_some())?;
    let kept = evidence::checkpoint(tx, &ctx.settings.vault)?;
    let manifest = Manifest { checkpoint: kept.note.clone(), ..prepared.manifest.clone() };
    let manifest = serde_json::to_string(&manifest).map_err(corrupt)?;
    let closing = Closing {
        sha256: hex::encode(Sha256::digest(&manifest)),
        manifest,
        closed_at: tx.now(),
        closed_by: ctx.actor.account,
        ..prepared.closing.clone()
    };
    closings::insert(tx, &closing, &prepared.files).map_err(|error| match error {
        StoreError::Taken { .. } => Refusal::Taken("closed-return").into(),
        other => Error::from(other),
    })?;
    let action = if closing.replaces.is_some() { "return.restated" } else { "return.closed" };
    let mut event = Event::new(action, "return", closing.id)
        .by(ctx.actor.account)
        .at(closing.organisation)
        .with("label", closing.label.clone())
        .with("window", closing.window)
        .with("sha256", closing.sha256.clone());
    if let (Some(replaces), Some(reason)) = (closing.replaces, &closing.reason) {
        event = event.with("replaces", replaces).with("reason", reason.clone());
    }
    evidence::tell_witness(tx, &format!("close {}", closing.id), &kept)?;
    let entry = journal::append(tx, event)?;
    let (_, book) = ctx.settings.rulebooks.active(tx)?;
    let told = book.returns.of(closing.kind).map(|rule| rule.told.clone()).unwrap_or_default();
    tell(tx, entry, Mail::ReturnClosed, closing.organisation, &told)?;
    Ok(entry.returning(view(closing, Vec::new())?))
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
    let event = Event::new("return.exported", "return", closing.id)
        .with("label", closing.label)
        .with("window", closing.window)
        .with("as_of", closing.as_of)
        .with("format", file.format)
        .with("sha256", file.sha256.clone());
    Ok(Some(Export { name: file.name.clone(), bytes, event }))
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

/// What a covering letter needs: what differs since the period was closed, and what was done to it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Changes {
    /// The closing that is compared with.
    pub since: ClosingId,
    /// Its number.
    pub no: i32,
    /// When it was closed.
    pub closed_at: DateTime<Utc>,
    /// Figures that are others now.
    pub figures: Vec<FigureChange>,
    /// Dossiers that are others now.
    pub dossiers: Vec<ChangedDossier>,
}

/// A dossier that touches a closed period.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangedDossier {
    /// What differs.
    #[serde(flatten)]
    pub change: DossierChange,
    /// What was done to it since, with reasons.
    pub events: Vec<Since>,
}

/// Something that was done to a dossier after the period was closed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Since {
    /// Number in the journal.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub action: String,
    /// By whom.
    pub actor_id: Option<String>,
    /// Why, where a reason was given.
    pub reason: Option<String>,
}

/// What became different in a closed period: late entries and edits, with their reasons.
///
/// # Errors
/// `NotFound` where nothing is closed or out of reach; inside, why there is no return.
pub fn changes(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    (period, window): (Period, Window),
    named: Option<OrganisationId>,
) -> Result<std::result::Result<Changes, Failure>> {
    let whose = organisation(tx, ctx, Action::ReadReturn, named)?;
    let closing = closings::of_period(tx, whose.id, period, window)?.pop().ok_or(Refusal::NotFound)?;
    let manifest: Manifest = serde_json::from_str(&closing.manifest).map_err(corrupt)?;
    let is = |file: &&FrozenFile| file.format == Format::Json && file.lang == Lang::Vi;
    let file = manifest.files.iter().find(is).ok_or_else(|| corrupt("it has no JSON"))?;
    let closed: Value = serde_json::from_slice(&opened(tx, ctx, closing.id, file)?).map_err(corrupt)?;
    let as_of = day_in_vietnam(tx.now());
    let wanted = Wanted { period, window, as_of, format: Format::Json, table: None, lang: Lang::Vi };
    let now = match build(tx, &of_organisation(&whose), &wanted)? {
        Ok(form) => serde_json::to_value(form).map_err(corrupt)?,
        Err(error) => return Ok(Err(error.into())),
    };
    let found = changes::between(&closed, &now);
    let ids = found.dossiers.iter().map(|change| change.id.clone()).collect();
    let mut events = since(tx, ids, closing.closed_at)?;
    let changed = |change: DossierChange| {
        let events = events.remove(&change.id).unwrap_or_default();
        ChangedDossier { change, events }
    };
    let dossiers = found.dossiers.into_iter().map(changed).collect();
    let Closing { id, no, closed_at, .. } = closing;
    Ok(Ok(Changes { since: id, no, closed_at, figures: found.figures, dossiers }))
}

/// What was done to these dossiers since, by dossier, the newest first.
fn since(
    tx: &mut ReadTx<'_>,
    dossiers: Vec<String>,
    from: DateTime<Utc>,
) -> Result<BTreeMap<String, Vec<Since>>> {
    let mut events: BTreeMap<String, Vec<Since>> = BTreeMap::new();
    if dossiers.is_empty() {
        return Ok(events);
    }
    let filter = journal::Filter {
        object_kind: Some("dossier".to_owned()),
        object_ids: dossiers,
        from: Some(from),
        ..journal::Filter::default()
    };
    for entry in journal::list(tx, &filter, MOST_REASONS)? {
        let journal::Listed { seq, at, action, actor_id, object_id, values, .. } = entry;
        let reason = values.into_iter().find(|(name, _)| name == "reason").map(|(_, text)| text);
        events.entry(object_id).or_default().push(Since { seq, at, action, actor_id, reason });
    }
    Ok(events)
}

/// A hand-over to record.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHandOver {
    /// To whom.
    pub given_to: String,
    /// When.
    pub given_on: NaiveDate,
    /// How: by post, by hand, by which system.
    pub how: String,
    /// SHA-256 of what was given: of one of the files, or of the manifest.
    pub sha256: String,
}

/// Records that a closed return was given to somebody.
///
/// # Errors
/// `NotFound` out of reach; `Invalid` for a day before the closing or ahead, and for a hash of nothing that was closed.
pub fn hand_over(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: ClosingId,
    new: &NewHandOver,
) -> Result<Recorded<HandOverView>> {
    let closing = closings::load(tx, id)?.ok_or(Refusal::NotFound)?;
    organisation(tx, ctx, Action::CloseReturn, Some(closing.organisation))?;
    let view = view(closing, Vec::new())?;
    let mut faults = Vec::new();
    let mut typed = |pointer: &'static str, value: &str| {
        let line =
            text::line(value).map_err(|code| faults.push(Fault::at(pointer, code))).unwrap_or_default();
        if line.is_empty() && faults.iter().all(|fault| fault.pointer != pointer) {
            faults.push(Fault::at(pointer, "required"));
        }
        line
    };
    let (given_to, how) = (typed("/given_to", &new.given_to), typed("/how", &new.how));
    if new.given_on > day_in_vietnam(tx.now()) {
        faults.push(Fault::at("/given_on", "in-the-future"));
    }
    if new.given_on < day_in_vietnam(view.closed_at) {
        faults.push(Fault::at("/given_on", "before-closing"));
    }
    let sha256 = new.sha256.to_ascii_lowercase();
    if view.sha256 != sha256 && view.files.iter().all(|file| file.sha256 != sha256) {
        faults.push(Fault::at("/sha256", "not-of-this-closing"));
    }
    Refusal::unless_empty(faults)?;
    let given = HandOver {
        id: tx.fresh(),
        closing: id,
        given_to,
        given_on: new.given_on,
        how,
        sha256,
        recorded_by: ctx.actor.account,
        recorded_at: tx.now(),
    };
    closings::hand_over(tx, &given)?;
    let event = Event::new("return.handed_over", "return", id)
        .by(ctx.actor.account)
        .at(view.organisation_id)
        .with("given_to", given.given_to.clone())
        .with("given_on", given.given_on)
        .with("sha256", given.sha256.clone());
    Ok(journal::append(tx, event)?.returning(given.into()))
}
