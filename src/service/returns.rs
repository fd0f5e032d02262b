//! The compliance return: the facts of the dossiers, read in a constant number of statements, and its export.
//! What is counted is decided in `domain::report`, how it looks in `report`.

use chrono::{Datelike, NaiveDate};
use sha2::{Digest, Sha256};

use super::Result;
use super::papers::{self, Stationery};
use super::rules::Rulebooks;
use crate::domain::access::Scope;
use crate::domain::approval::OrganisationKind;
use crate::domain::codes::{Code, Lang, codes};
use crate::domain::countries;
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, OrganisationId};
use crate::domain::plan::PlanState;
use crate::domain::report::facts::PlannedFact;
use crate::domain::report::period::Range;
use crate::domain::report::{self, Meta, Period, ReportError, Return, Window};
use crate::paper::{self, Body, Matter, PaperError};
use crate::report::{RenderError, Table, csv, json, matter, xlsx};
use crate::store::organisations::{self, Organisation};
use crate::store::{ReadTx, WriteTx, journal, plans};

mod checks;
pub mod closings;
pub mod covering;
mod facts;
pub mod memo;
pub mod periods;
pub mod preparing;
pub mod shown;
pub mod told;

pub use facts::{facts, facts_of};

codes! {
    /// What the return can be had as.
    Format {
        Json = "json",
        Csv = "csv",
        Xlsx = "xlsx",
        /// The paper with its annexes.
        Pdf = "pdf",
        /// The text of the paper, without annexes, to be edited.
        Docx = "docx",
    }
}

impl Format {
    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pdf => paper::Format::Pdf.media_type(),
            Self::Docx => paper::Format::Docx.media_type(),
        }
    }
}

/// Which return, and how.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Of which period.
    pub period: Period,
    /// On which days periods begin and end.
    pub window: Window,
    /// As known on this local day.
    pub as_of: NaiveDate,
    /// As what.
    pub format: Format,
    /// CSV: only this table.
    pub table: Option<Table>,
    /// In which language. Official paper is in Vietnamese whoever asks.
    pub lang: Lang,
}

/// A return that was made and is not written yet.
#[derive(Debug, Clone)]
pub struct Made {
    /// The form.
    pub form: Return,
    /// Whose return it is.
    pub issuer: Body,
}

/// A return, ready to be handed out.
#[derive(Debug, Clone)]
pub struct Export {
    /// Name of the file.
    pub name: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What to journal; it holds the hash of the bytes.
    pub event: Event,
}

/// Why nothing is exported; always a fault of this program or of its data, never of the asker.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A table does not sum to its total.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The form could not be written.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The paper could not be made.
    #[error(transparent)]
    Paper(#[from] PaperError),
}

impl Failure {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Report(error) => error.code(),
            Self::Render(_) => "internal",
            Self::Paper(error) => error.code(),
        }
    }
}

/// The days that a return looks at: its own, those of the columns beside it, and the month after.
#[must_use]
pub fn span(period: Period, window: Window) -> Range {
    let last_year = period.last_year();
    let firsts = [period.previous().range(window), period.cumulative(window), last_year.cumulative(window)];
    let from = firsts.iter().map(|range| range.from).min().unwrap_or(period.range(window).from);
    Range { from, to: period.following_month(window).to }
}

/// Makes the return of what lies within `scope`.
///
/// # Errors
/// `Error::Store` of the database; inside, why there is no return.
pub fn build(
    tx: &mut ReadTx<'_>,
    scope: &Scope,
    wanted: &Wanted,
    books: &Rulebooks,
) -> Result<std::result::Result<Return, ReportError>> {
    let tree = organisations::list(tx)?;
    let lang = wanted.lang;
    let (facts, wordings) = facts(tx, scope, span(wanted.period, wanted.window), (&tree, books), lang)?;
    let country = |code: &str| countries::name(code, lang);
    let planned = planned(tx, scope, span(wanted.period, wanted.window), &tree)?;
    let meta = Meta { planned, wordings, ..meta(&tree, scope, lang) };
    Ok(report::build(&facts, wanted.period, wanted.window, wanted.as_of, &country, lang, meta))
}

/// The items of the plans within `scope`, of all years that a return over `span` looks at.
fn planned(
    tx: &mut ReadTx<'_>,
    scope: &Scope,
    span: Range,
    tree: &[Organisation],
) -> Result<Vec<PlannedFact>> {
    let own = |one: &&Organisation| scope.paths.iter().any(|path| one.path.starts_with(path));
    let own: Vec<OrganisationId> = tree.iter().filter(own).map(|one| one.id).collect();
    let organisations = if scope.all { None } else { Some(own.as_slice()) };
    let items = plans::list(tx, (span.from.year(), span.to.year()), organisations)?;
    let stands = items.into_iter().filter(|item| item.fields.state == PlanState::Planned);
    Ok(stands.map(|item| PlannedFact { id: item.id, year: item.year }).collect())
}

/// Makes a return and says whose it is. Writing it is another matter: no transaction waits for it.
///
/// # Errors
/// `Error::Store` of the database; inside, why there is no return.
pub fn make(
    tx: &mut ReadTx<'_>,
    scope: &Scope,
    wanted: &Wanted,
    books: &Rulebooks,
) -> Result<std::result::Result<Made, ReportError>> {
    let lang = match wanted.format {
        Format::Pdf | Format::Docx => Lang::Vi,
        Format::Json | Format::Csv | Format::Xlsx => wanted.lang,
    };
    let form = build(tx, scope, &Wanted { lang, ..*wanted }, books)?;
    let tree = organisations::list(tx)?;
    let issuer = papers::body(&tree, whose(&tree, scope), lang);
    Ok(form.map(|form| Made { form, issuer }))
}

/// Writes a return: slow work, for a thread that may block.
///
/// # Errors
/// Why nothing can be exported.
pub fn write(made: &Made, wanted: &Wanted, stationery: &Stationery) -> std::result::Result<Export, Failure> {
    let form = &made.form;
    let paper = || matter(form, made.issuer.clone(), stationery.place.clone());
    let bytes = match wanted.format {
        Format::Json => json(form)?,
        Format::Csv => csv(form, wanted.table)?,
        Format::Xlsx => xlsx(form)?,
        Format::Pdf => stationery.press.file(&paper(), paper::Format::Pdf)?,
        // What offices edit before they sign bears no mark of ours.
        Format::Docx => {
            let unmarked = Matter { stamp: String::new(), notice: String::new(), ..paper() };
            stationery.press.text_part(&unmarked)?
        }
    };
    let stem = form.file_stem();
    let table = wanted.table.map(|table| format!("-{table}")).unwrap_or_default();
    let label = wanted.period.label();
    let event = Event::new("return.exported", "return", format!("{}/{label}", wanted.period.kind()))
        .with("label", label)
        .with("window", wanted.window)
        .with("as_of", wanted.as_of)
        .with("format", wanted.format)
        .with("sha256", hex::encode(Sha256::digest(&bytes)));
    Ok(Export { name: format!("{stem}{table}.{}", wanted.format.code()), bytes, event })
}

/// Journals an export, before its bytes are handed out.
///
/// # Errors
/// `Error::Store` of the database.
pub fn record(
    tx: &mut WriteTx<'_>,
    actor: Option<AccountId>,
    export: &Event,
) -> Result<crate::store::Recorded<()>> {
    let mut event = export.clone();
    event.actor = actor;
    Ok(journal::append(tx, event)?.returning(()))
}

/// Everything: for the operator's command line.
#[must_use]
pub fn whole_installation() -> Scope {
    let account = AccountId(uuid::Uuid::nil());
    Scope {
        all: true,
        paths: Vec::new(),
        organisations: Vec::new(),
        account,
        givers: Vec::new(),
        masked: true,
    }
}

/// What the return of an organisation is about: it, what lies below it, and where it is a party.
#[must_use]
pub fn of_organisation(organisation: &Organisation) -> Scope {
    Scope {
        all: false,
        paths: vec![organisation.path.clone()],
        organisations: vec![organisation.id],
        ..whole_installation()
    }
}

/// The organisation whose return a scope gives: the foreign-affairs body for the whole installation, else the asker's
/// own body, the uppermost one.
pub(in crate::service) fn whose<'t>(tree: &'t [Organisation], scope: &Scope) -> Option<&'t Organisation> {
    let own = |organisation: &&Organisation| {
        if scope.all {
            organisation.kind == OrganisationKind::ForeignAffairs
        } else {
            scope.organisations.contains(&organisation.id)
        }
    };
    tree.iter().filter(own).min_by_key(|organisation| (organisation.path.len(), &organisation.code))
}

fn meta(tree: &[Organisation], scope: &Scope, lang: Lang) -> Meta {
    let body = papers::body(tree, whose(tree, scope), lang);
    let superior = (!body.superior.is_empty()).then_some(body.superior);
    Meta { organisation: body.name, superior, ..Meta::default() }
}
