//! Long exports: asked for in one request, made while nobody waits, looked after by whoever asked. The result is for
//! its asker alone, and only while he may still read what it was made of.

pub mod listed;
mod making;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::files::Source;
use super::returns::{Format, Wanted};
use super::{Context, Error, Result};
use crate::clock::day_in_vietnam;
use crate::domain::access::{Action, Scope};
use crate::domain::codes::{Direction, Lang, codes};
use crate::domain::dossier::State;
use crate::domain::event::Event;
use crate::domain::ids::ExportId;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::report::period::Kind;
use crate::domain::report::{Period, Window};
use crate::report::Table;
use crate::store::exports::{self, Export, ExportState};
use crate::store::{ReadTx, Recorded, StoreError, WriteTx, journal};
use crate::vault::FileKey;

pub use making::{Worker, clear};

/// Exports of one account that may be under way at once.
const MOST: i64 = 3;
/// Seconds after which to ask again.
const PATIENCE: u64 = 30;

codes! {
    /// What is exported.
    What {
        /// The return of a period, as `GET /reports` gives it.
        Return = "return",
        /// The visits of a period, one row each, as known now whatever was closed.
        Visits = "visits",
        /// The delegations, one row each, the newest first.
        Delegations = "delegations",
    }
}

/// An export to ask for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExport {
    /// What.
    pub what: What,
    /// As what; visits and delegations as `csv` or `xlsx`.
    pub format: Format,
    /// Return and visits: which kind of period ..
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// .. which one ..
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// .. cut how; by default as configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// Return and visits: as known on this day; by default today in Vietnam.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<NaiveDate>,
    /// Return as CSV: one clean table instead of the printed form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<Table>,
    /// Delegations: only this direction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// Delegations: only this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Delegations: only beginning on or after this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// Delegations: only beginning on or before this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
}

/// What was asked for, as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Asked {
    export: NewExport,
    lang: Lang,
}

impl NewExport {
    /// The right that it needs.
    fn action(&self) -> Action {
        match self.what {
            What::Return | What::Visits => Action::ReadReturn,
            What::Delegations => Action::ReadDossier,
        }
    }

    /// What does not fit together.
    fn faults(&self, today: NaiveDate) -> Vec<Fault> {
        let mut faults = Vec::new();
        let of_period = self.what != What::Delegations;
        let given = [
            ("/kind", self.kind.is_some(), of_period),
            ("/label", self.label.is_some(), of_period),
            ("/window", self.window.is_some(), of_period),
            ("/as_of", self.as_of.is_some(), of_period),
            ("/table", self.table.is_some(), self.what == What::Return),
            ("/direction", self.direction.is_some(), !of_period),
            ("/state", self.state.is_some(), !of_period),
            ("/from", self.from.is_some(), !of_period),
            ("/to", self.to.is_some(), !of_period),
        ];
        for (pointer, is_given, fits) in given {
            if is_given && !fits {
                faults.push(Fault::at(pointer, "not-for-this-export"));
            } else if of_period && !is_given && matches!(pointer, "/kind" | "/label") {
                faults.push(Fault::at(pointer, "required"));
            }
        }
        if self.what != What::Return && !matches!(self.format, Format::Csv | Format::Xlsx) {
            faults.push(Fault::at("/format", "not-for-this-export"));
        }
        if self.table.is_some() && self.format != Format::Csv {
            faults.push(Fault::at("/table", "only-csv"));
        }
        if self.as_of.is_some_and(|day| day > today) {
            faults.push(Fault::at("/as_of", "in-the-future"));
        }
        if let (Some(kind), Some(label)) = (self.kind, &self.label)
            && Period::parse_label(kind, label).is_err()
        {
            faults.push(Fault::at("/label", "bad-period"));
        }
        faults
    }

    /// Which return it is, for what has a period.
    fn wanted(&self, window: Window, today: NaiveDate, lang: Lang) -> Option<Wanted> {
        let period = Period::parse_label(self.kind?, self.label.as_deref()?).ok()?;
        Some(Wanted {
            period,
            window: self.window.unwrap_or(window),
            as_of: self.as_of.unwrap_or(today),
            format: self.format,
            table: self.table,
            lang,
        })
    }
}

/// An export as shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExportView {
    /// Id.
    pub id: ExportId,
    /// What was asked for.
    pub asked: NewExport,
    /// Where it is.
    pub state: ExportState,
    /// Rows that are written.
    pub rows_done: i64,
    /// Rows to write, as soon as it is known.
    pub rows_total: Option<i64>,
    /// Why there is no file, as the code of a problem.
    pub failure: Option<String>,
    /// The file, when it is done.
    pub file: Option<ExportFileView>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it was done, or failed.
    pub finished_at: Option<DateTime<Utc>>,
}

/// The file of an export.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExportFileView {
    /// Name.
    pub name: String,
    /// Type.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of the bytes, hexadecimal.
    pub sha256: String,
    /// Where it is had.
    pub href: String,
    /// Until when it is kept.
    pub kept_until: DateTime<Utc>,
}

fn corrupt(cause: impl std::fmt::Display) -> Error {
    Error::Store(StoreError::Corrupt(format!("export: {cause}")))
}

fn view(ctx: &Context, export: Export) -> Result<ExportView> {
    let asked: Asked = serde_json::from_str(&export.asked).map_err(corrupt)?;
    let id = export.id;
    let kept = export.file.filter(|_| export.state == ExportState::Done).zip(export.finished_at);
    Ok(ExportView {
        id,
        state: export.state,
        rows_done: export.rows_done,
        rows_total: export.rows_total,
        failure: export.failure,
        file: kept.map(|(file, at)| ExportFileView {
            name: file.name,
            media_type: asked.export.format.media_type().to_owned(),
            size: file.bytes,
            sha256: file.sha256,
            href: format!("/api/v1/exports/{id}/file"),
            kept_until: at + ctx.settings.exports_kept,
        }),
        asked: asked.export,
        created_at: export.created_at,
        finished_at: export.finished_at,
    })
}

/// Queues an export.
///
/// # Errors
/// `Forbidden`; `Invalid` names the fields that do not fit; `TooMany` while others of the asker are under way.
pub fn ask(tx: &mut WriteTx<'_>, ctx: &Context, new: &NewExport, lang: Lang) -> Result<Recorded<ExportView>> {
    ctx.must(new.action())?;
    Refusal::unless_empty(new.faults(day_in_vietnam(tx.now())))?;
    let account = ctx.actor.account;
    if exports::unfinished(tx, account)? >= MOST {
        return Err(Refusal::TooMany(PATIENCE).into());
    }
    let asked = Asked { export: new.clone(), lang };
    let id: ExportId = tx.fresh();
    exports::insert(tx, id, account, &serde_json::to_string(&asked).map_err(corrupt)?)?;
    let event = Event::new("export.asked", "export", id)
        .by(account)
        .with("what", new.what)
        .with("format", new.format)
        .with("label", new.label.as_deref().unwrap_or_default());
    let view = view(ctx, own(tx, ctx, id)?)?;
    Ok(journal::append(tx, event)?.returning(view))
}

/// An export of the actor's own; anybody else's is not there.
fn own(tx: &mut ReadTx<'_>, ctx: &Context, id: ExportId) -> Result<Export> {
    let found = exports::load(tx, id)?.filter(|export| export.account == ctx.actor.account);
    found.ok_or_else(|| Refusal::NotFound.into())
}

/// How far an export is.
///
/// # Errors
/// `NotFound`, also for somebody else's.
pub fn get(tx: &mut ReadTx<'_>, ctx: &Context, id: ExportId) -> Result<ExportView> {
    let export = own(tx, ctx, id)?;
    view(ctx, export)
}

/// The actor's own exports, newest first.
///
/// # Errors
/// `Error::Store` of the database.
pub fn list(tx: &mut ReadTx<'_>, ctx: &Context, limit: i64) -> Result<Vec<ExportView>> {
    exports::list(tx, ctx.actor.account, limit)?.into_iter().map(|export| view(ctx, export)).collect()
}

/// A file that may be handed out.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Name.
    pub name: String,
    /// Type.
    pub media_type: &'static str,
    /// Bytes.
    pub size: u64,
    /// Where its bytes are read.
    pub source: Source,
    /// What to journal.
    pub event: Event,
}

/// Opens the file of an export for download.
///
/// # Errors
/// `NotFound` for somebody else's, for one that is not done, and where the actor may no longer read all that it was
/// made of; `PaperGone` when it was kept for as long as files are kept.
pub fn open(tx: &mut ReadTx<'_>, ctx: &Context, id: ExportId) -> Result<Ready> {
    let export = own(tx, ctx, id)?;
    if export.state == ExportState::Removed {
        return Err(Refusal::PaperGone.into());
    }
    let asked: Asked = serde_json::from_str(&export.asked).map_err(corrupt)?;
    let action = asked.export.action();
    let file = export.file.ok_or(Refusal::NotFound)?;
    if file.scope_sha256 != fingerprint(&ctx.actor.scope(action)) {
        return Err(ctx.denied(Refusal::NotFound, action, "export", id));
    }
    let (object, wrapped) = file.kept.ok_or(Refusal::PaperGone)?;
    let key = ctx.vault().open_installation("exports", "wrapped_key", id.to_string(), &wrapped)?;
    let event = Event::new("export.downloaded", "export", id)
        .by(ctx.actor.account)
        .with("sha256", file.sha256.clone());
    Ok(Ready {
        name: file.name,
        media_type: asked.export.format.media_type(),
        size: u64::try_from(file.bytes).map_err(corrupt)?,
        source: Source { id: id.to_string(), object, sha256: file.sha256, key: FileKey::from_bytes(&key)? },
        event,
    })
}

/// What somebody may read, as one short text: another one means that his rights changed.
fn fingerprint(scope: &Scope) -> String {
    let sorted = |mut texts: Vec<String>| {
        texts.sort();
        texts.dedup();
        texts.join(",")
    };
    let paths = sorted(scope.paths.clone());
    let organisations = sorted(scope.organisations.iter().map(ToString::to_string).collect());
    let givers = sorted(scope.givers.iter().map(ToString::to_string).collect());
    let whole = format!("{}|{paths}|{organisations}|{}|{givers}", scope.all, scope.account);
    hex::encode(Sha256::digest(whole))
}
