//! Papers of a dossier: uploading, recording what was handled offline, downloading, taking away. Bytes stream through
//! `intake` and `reading`; here are the rights, the rows and the journal, which never holds a file's name.

mod intake;
mod reading;
mod rights;
mod sweep;
mod taking;
mod views;

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;

use super::course;
use super::delegations::{self, get, get_for};
use super::{Context, Error, Result};
use crate::clock::day_in_vietnam;
use crate::depot::DepotError;
use crate::domain::access::{Action, Role};
use crate::domain::delegation::is_far;
use crate::domain::dossier::State;
use crate::domain::event::Event;
use crate::domain::file::{FileKind, clean_name, is_marked_secret};
use crate::domain::ids::{DossierId, FileId, MemberId, OrganisationId, PersonId};
use crate::domain::refusal::{Fault, Refusal, Why};
use crate::domain::text;
use crate::store::dossiers::{self, Authorship, Capacity, Stored};
use crate::store::files::{self, File, FileContent};
use crate::store::{ReadTx, Recorded, StoreError, WriteTx, journal, organisations, people};
use crate::vault::FileKey;

pub use intake::Intake;
pub use reading::{Source, plain, twin, verify};
pub use rights::{PaperRights, rights};
pub use sweep::{forget, sweep};
pub use taking::{delete, quarantine};
pub use views::{PaperState, PaperView, TakenAway, list, view};

/// The desks that may do something with papers besides the owner's own people.
const DESKS: [Capacity; 3] = [Capacity::Receives, Capacity::Step, Capacity::Issues];

/// What is said of an uploaded file.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperInput {
    /// What it is.
    pub kind: FileKind,
    /// Number and symbol as written.
    #[serde(default)]
    pub number: String,
    /// Date of the paper.
    #[serde(default)]
    pub date: Option<NaiveDate>,
    /// Whose passport it is; for `passport_scan` alone.
    #[serde(default)]
    pub member_id: Option<MemberId>,
}

/// A paper that was handled outside of this system, because of what it holds: number and date only.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfflinePaper {
    /// What it is.
    pub kind: FileKind,
    /// Number and symbol as written.
    pub number: String,
    /// Date of the paper.
    pub date: NaiveDate,
}

/// The answer's body when a file was uploaded: metadata first, then the file. For the description of the API alone.
#[derive(Debug, ToSchema)]
pub struct PaperUpload {
    /// What is said of it, as JSON.
    pub metadata: PaperInput,
    /// The file with its name.
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
}

/// An upload that may begin.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The file's id.
    pub id: FileId,
    /// Its key.
    pub key: FileKey,
    dossier: DossierId,
    input: PaperInput,
    name: String,
    person: Option<PersonId>,
    wrapped: Vec<u8>,
}

impl Prepared {
    /// The dossier that it is for.
    #[must_use]
    pub fn dossier(&self) -> DossierId {
        self.dossier
    }
}

/// What became of an upload or a change of papers.
#[derive(Debug, Clone, Copy)]
pub struct Done {
    /// The paper.
    pub id: FileId,
    /// Whether it is new.
    pub made: bool,
    /// The dossier's version now.
    pub version: i64,
}

impl From<DepotError> for Error {
    fn from(error: DepotError) -> Self {
        match error.is_full() {
            true => Self::Store(StoreError::Unavailable(format!("papers: {error}"))),
            false => Self::Store(StoreError::Db(format!("papers: {error}"))),
        }
    }
}

/// Looks whether a file may be uploaded, before a byte of it is read, and makes its key.
///
/// # Errors
/// `NotFound`, `Forbidden`, `IllegalMove`; `StateSecret` for a mark in the name or in what is said; `Invalid` names
/// the field.
pub fn prepare(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    dossier: DossierId,
    id: FileId,
    input: &PaperInput,
    sent_name: &str,
) -> Result<Prepared> {
    let stored = get(tx, ctx, dossier)?;
    side(tx, ctx, Action::AddPaper, &stored)?;
    open_for_papers(&stored)?;
    if is_marked_secret(sent_name) || is_marked_secret(&input.number) {
        return Err(Refusal::StateSecret.into());
    }
    let mut faults = Vec::new();
    let input = PaperInput { number: line("/number", &input.number, &mut faults), ..input.clone() };
    day("/date", input.date, day_in_vietnam(tx.now()), &mut faults);
    let person = whose(tx, dossier, &input, &mut faults)?;
    let name = clean_name(sent_name).unwrap_or_else(|code| {
        faults.push(Fault::at("/file", code));
        String::new()
    });
    let key = FileKey::fresh();
    let wrapped = match person {
        Some(person) => match people::wrapped_key(tx, person)? {
            Some(wrapped) => {
                let own = ctx.vault().open_person_key(&wrapped, person.0)?;
                own.seal("files", "wrapped_key", id.to_string(), key.bytes())?
            }
            None => return Err(Refusal::field("/member_id", "unknown-member").into()),
        },
        None => ctx.vault().seal_installation("files", "wrapped_key", id.to_string(), key.bytes())?,
    };
    Refusal::unless_empty(faults)?;
    // The name of a passport scan is mostly the name of its holder.
    let name = if input.kind == FileKind::PassportScan { "passport".to_owned() } else { name };
    Ok(Prepared { id, key, dossier, input, name, person, wrapped })
}

/// A refusal of a marked paper, as the journal keeps it: what it was said to be, never its name.
#[must_use]
pub fn refused_as_secret(ctx: &Context, dossier: DossierId, kind: FileKind) -> Error {
    let event = Event::new("paper.refused", "dossier", dossier)
        .by(ctx.actor.account)
        .with("kind", kind)
        .with("refusal", Refusal::StateSecret.code());
    Error::Refused { refusal: Refusal::StateSecret, event: Some(Box::new(event)) }
}

/// Adds the row of a file that lies in the depot. The same file twice is one paper.
///
/// # Errors
/// As `prepare`; `Stale`; `Taken` when the dossier has this scan for another member.
pub fn record(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    version: i64,
    prepared: &Prepared,
    content: &FileContent,
    most: u16,
) -> Result<Recorded<Done>> {
    let dossier = prepared.dossier;
    let stored = get(tx, ctx, dossier)?;
    let organisation = side(tx, ctx, Action::AddPaper, &stored)?;
    if let Some(same) = files::find_same(tx, dossier, prepared.input.kind, &content.sha256)? {
        if same.member != prepared.input.member_id {
            return Err(Refusal::Taken("file").into());
        }
        let done = Done { id: same.id, made: false, version: stored.dossier.version };
        return Ok(tx.unrecorded("the dossier has this paper", done));
    }
    let stored = get_for(tx, ctx, Action::AddPaper, dossier, version)?;
    open_for_papers(&stored)?;
    let mut faults = Vec::new();
    if whose(tx, dossier, &prepared.input, &mut faults)? != prepared.person {
        faults.push(Fault::at("/member_id", "unknown-member"));
    }
    Refusal::unless_empty(faults)?;
    room(tx, dossier, most)?;
    let wrapped_key = Some(prepared.wrapped.clone());
    let new = File {
        name: content.media_type.named(&prepared.name),
        content: Some(FileContent { wrapped_key, ..content.clone() }),
        number: Some(prepared.input.number.clone()).filter(|number| !number.is_empty()),
        dated_on: prepared.input.date,
        member: prepared.input.member_id,
        person: prepared.person,
        ..blank(tx, ctx, &stored, prepared.id, prepared.input.kind, organisation)
    };
    add(tx, ctx, &stored, &new, "paper.added")
}

/// Records a paper that was handled offline: number and date only.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Stale`, `IllegalMove`, `Invalid` names the field.
pub fn record_offline(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    dossier: DossierId,
    version: i64,
    paper: &OfflinePaper,
    most: u16,
) -> Result<Recorded<Done>> {
    let stored = get_for(tx, ctx, Action::AddPaper, dossier, version)?;
    open_for_papers(&stored)?;
    let organisation = side(tx, ctx, Action::AddPaper, &stored)?;
    let mut faults = Vec::new();
    let number = course::required("/number", &paper.number, &mut faults);
    course::unmarked("/number", &number, &mut faults);
    day("/date", Some(paper.date), day_in_vietnam(tx.now()), &mut faults);
    Refusal::unless_empty(faults)?;
    room(tx, dossier, most)?;
    let id = tx.fresh();
    let new = File {
        number: Some(number),
        dated_on: Some(paper.date),
        ..blank(tx, ctx, &stored, id, paper.kind, organisation)
    };
    add(tx, ctx, &stored, &new, "paper.handled_offline")
}

fn blank(
    tx: &WriteTx<'_>,
    ctx: &Context,
    stored: &Stored,
    id: FileId,
    kind: FileKind,
    organisation: OrganisationId,
) -> File {
    File {
        id,
        dossier: stored.dossier.id,
        kind,
        name: String::new(),
        content: None,
        number: None,
        dated_on: None,
        member: None,
        person: None,
        organisation,
        revision: stored.dossier.revision,
        uploaded_by: ctx.actor.account,
        uploaded_at: tx.now(),
        gone: None,
    }
}

fn add(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    stored: &Stored,
    new: &File,
    action: &'static str,
) -> Result<Recorded<Done>> {
    match files::insert(tx, new) {
        // Somebody uploads the same at this moment: run again and find it.
        Err(StoreError::Taken { .. }) => return Err(Error::Store(StoreError::Conflict)),
        other => other?,
    }
    let version = dossiers::touch(tx, stored.dossier.id, stored.dossier.version)?;
    // Who furnishes the request cannot decide on it; what a desk adds to the file is its own work.
    if new.organisation == stored.dossier.organisation {
        delegations::bar(tx, ctx, stored.dossier.id, Authorship::Edited)?;
    }
    let entry = journal::append(tx, told(action, ctx, stored, new))?;
    Ok(entry.returning(Done { id: new.id, made: true, version }))
}

/// A paper as the journal tells of it: what it is, never how it is called.
fn told(action: &'static str, ctx: &Context, stored: &Stored, file: &File) -> Event {
    let event = Event::new(action, "dossier", stored.dossier.id)
        .by(ctx.actor.account)
        .at(file.organisation)
        .with("paper_id", file.id)
        .with("kind", file.kind);
    let Some(content) = &file.content else { return event };
    let event = event.with("bytes", content.bytes).with("media_type", content.media_type);
    match file.person {
        Some(person) => event.about("sha256", &content.sha256, person),
        None => event.with("sha256", &content.sha256),
    }
}

/// A file that may be downloaded.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Id.
    pub id: FileId,
    /// Name.
    pub name: String,
    /// What it is and where it lies.
    pub content: FileContent,
    key: FileKey,
}

impl Opened {
    /// Where its bytes are read.
    #[must_use]
    pub fn source(&self) -> Source {
        let (object, sha256) = (self.content.object.clone(), self.content.sha256.clone());
        Source { id: self.id.to_string(), object, sha256, key: self.key.clone() }
    }
}

/// Opens a paper for download: its key, out of the installation's or the person's.
///
/// # Errors
/// `NotFound`; `Forbidden` for passport scans; `PaperGone` when its bytes can be read no more.
pub fn open(tx: &mut ReadTx<'_>, ctx: &Context, dossier: DossierId, id: FileId) -> Result<Opened> {
    let stored = get(tx, ctx, dossier)?;
    let file = readable(tx, ctx, &stored, id)?;
    let content = file.content.ok_or(Refusal::PaperGone)?;
    let wrapped = content.wrapped_key.as_ref().ok_or(Refusal::PaperGone)?;
    let bytes = match file.person {
        Some(person) => {
            let own = people::wrapped_key(tx, person)?.ok_or(Refusal::PaperGone)?;
            let own = ctx.vault().open_person_key(&own, person.0)?;
            own.open("files", "wrapped_key", id.to_string(), wrapped)?
        }
        None => ctx.vault().open_installation("files", "wrapped_key", id.to_string(), wrapped)?,
    };
    Ok(Opened { id, name: file.name, key: FileKey::from_bytes(&bytes)?, content })
}

fn readable(tx: &mut ReadTx<'_>, ctx: &Context, stored: &Stored, id: FileId) -> Result<File> {
    let file = files::load(tx, stored.dossier.id, id)?.ok_or(Refusal::NotFound)?;
    if file.kind == FileKind::PassportScan && !sees_scans(tx, ctx, stored)? {
        let refusal = Refusal::Forbidden(Action::ReadPaper);
        return Err(ctx.denied(refusal, Action::ReadPaper, "dossier", stored.dossier.id));
    }
    if file.gone.is_some() {
        return Err(Refusal::PaperGone.into());
    }
    Ok(file)
}

/// Passport scans are for the officers and clerks who need them: of the owner, and of the receiving desk. Never for
/// an auditor, whatever else he is (as with passport numbers).
fn sees_scans(tx: &mut ReadTx<'_>, ctx: &Context, stored: &Stored) -> Result<bool> {
    if ctx.actor.held.iter().any(|held| held.role == Role::Auditor) {
        return Ok(false);
    }
    let owner = organisations::load(tx, stored.dossier.organisation)?.ok_or(StoreError::NotFound)?;
    let desks = dossiers::organisations_of(tx, stored.dossier.id, &[Capacity::Receives])?;
    let needs = ctx.actor.held.iter().filter(|held| matches!(held.role, Role::Officer | Role::Clerk));
    Ok(needs.into_iter().any(|held| owner.path.starts_with(&held.path) || desks.contains(&held.organisation)))
}

/// Journals a download before a byte of it is handed out, and looks once more whether the paper is still there.
///
/// # Errors
/// As `open`.
pub fn record_download(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    dossier: DossierId,
    id: FileId,
) -> Result<Recorded<()>> {
    let stored = get(tx, ctx, dossier)?;
    let file = readable(tx, ctx, &stored, id)?;
    Ok(journal::append(tx, told("paper.downloaded", ctx, &stored, &file))?.returning(()))
}

/// The organisation for which the actor acts here: the owner, or the desk that he sits at.
fn side(tx: &mut ReadTx<'_>, ctx: &Context, action: Action, stored: &Stored) -> Result<OrganisationId> {
    let owner = organisations::load(tx, stored.dossier.organisation)?.ok_or(StoreError::NotFound)?;
    if ctx.actor.reaches_path(action, &owner.path) {
        return Ok(owner.id);
    }
    let desks = dossiers::organisations_of(tx, stored.dossier.id, &DESKS)?;
    let mut own = ctx.actor.roles_for(action).map(|held| held.organisation);
    own.find(|at| desks.contains(at))
        .ok_or_else(|| ctx.denied(Refusal::Forbidden(action), action, "dossier", stored.dossier.id))
}

/// A dossier that came to its end takes no more papers.
fn open_for_papers(stored: &Stored) -> Result<()> {
    match stored.dossier.state {
        State::Closed | State::Cancelled | State::Rejected | State::Lapsed => {
            Err(Refusal::illegal(stored.dossier.state, Action::AddPaper).into())
        }
        _ => Ok(()),
    }
}

fn room(tx: &mut ReadTx<'_>, dossier: DossierId, most: u16) -> Result<()> {
    let (most, there) =
        (usize::from(most), usize::try_from(files::count(tx, dossier)?).unwrap_or(usize::MAX));
    match there < most {
        true => Ok(()),
        false => Err(Refusal::field("/file", Why::too_many(most, there)).into()),
    }
}

fn line(pointer: &str, value: &str, faults: &mut Vec<Fault>) -> String {
    text::line(value).unwrap_or_else(|code| {
        faults.push(Fault::at(pointer, code));
        String::new()
    })
}

fn day(pointer: &str, day: Option<NaiveDate>, today: NaiveDate, faults: &mut Vec<Fault>) {
    if day.is_some_and(is_far) {
        faults.push(Fault::at(pointer, "out-of-range"));
    } else if day.is_some_and(|day| day > today) {
        faults.push(Fault::at(pointer, "in-the-future"));
    }
}

/// The person whose passport a scan shows: a member of the delegation.
fn whose(
    tx: &mut ReadTx<'_>,
    dossier: DossierId,
    input: &PaperInput,
    faults: &mut Vec<Fault>,
) -> Result<Option<PersonId>> {
    let code = match (input.kind == FileKind::PassportScan, input.member_id) {
        (false, None) => return Ok(None),
        (false, Some(_)) => "not-offered",
        (true, None) => "required",
        (true, Some(id)) => {
            let members = people::members_of(tx, dossier)?;
            if let Some(member) = members.iter().find(|member| member.id == id) {
                return Ok(Some(member.person_id));
            }
            "unknown-member"
        }
    };
    faults.push(Fault::at("/member_id", code));
    Ok(None)
}
