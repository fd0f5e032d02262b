//! Rulebooks in use: versions that are loaded, compared and made active, and what they say of a dossier. A dossier
//! keeps the version under which it was submitted; only drafts follow the active one.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{Context, Error, Result};
use crate::domain::access::{Action, Role};
use crate::domain::event::Event;
use crate::domain::refusal::Refusal;
use crate::domain::rulebook::{
    Book, Confidence, Defect, Rule, SelectedBy, Severity, Source, Status, returns,
};
use crate::store::dossiers::Stored;
use crate::store::rulebooks;
use crate::store::{ReadTx, Recorded, StoreError, WriteTx, journal};

mod assess;
pub mod duties;
mod facts;
mod impact;
mod judge;
pub mod overrides;
mod sentences;

pub use assess::{Evaluation, evaluate, explain, facts_of, last_days};
pub use judge::{Judged, asked_of, empty_fields, heard, judged};

pub use facts::{filing_day, gather};
pub use impact::{Changed, Impact, RuleChange, Said, impact};

/// The rulebook that the program brings along.
const SHIPPED: [(&str, &str); 6] = [
    ("chain.toml", include_str!("../../config/rulebook/chain.toml")),
    ("common.toml", include_str!("../../config/rulebook/common.toml")),
    ("inbound.toml", include_str!("../../config/rulebook/inbound.toml")),
    ("material.toml", include_str!("../../config/rulebook/material.toml")),
    ("outbound.toml", include_str!("../../config/rulebook/outbound.toml")),
    (returns::FILE, returns::SHIPPED),
];

/// The files of the rulebook that the program brings along.
#[must_use]
pub fn shipped() -> Vec<Source> {
    SHIPPED.iter().map(|(name, text)| Source { name: (*name).to_owned(), text: (*text).to_owned() }).collect()
}

/// Versions that were read already: they never change, so nothing here grows stale.
#[derive(Debug, Default)]
pub struct Rulebooks(RwLock<BTreeMap<i32, Arc<Book>>>);

impl Rulebooks {
    /// A version.
    ///
    /// # Errors
    /// `Corrupt` when it is not there or cannot be read any more.
    pub fn version(&self, tx: &mut ReadTx<'_>, no: i32) -> Result<Arc<Book>> {
        if let Some(book) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&no) {
            return Ok(Arc::clone(book));
        }
        let corrupt = |what: String| Error::Store(StoreError::Corrupt(format!("rulebook {no}: {what}")));
        let sources = rulebooks::sources(tx, no)?.ok_or_else(|| corrupt("it is not there".to_owned()))?;
        let book = Book::read(&sources).map_err(|defects| corrupt(sentence(&defects)))?;
        let book = Arc::new(book);
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(no, Arc::clone(&book));
        Ok(book)
    }

    /// The active version and its number.
    ///
    /// # Errors
    /// `Corrupt` when none is active.
    pub fn active(&self, tx: &mut ReadTx<'_>) -> Result<(i32, Arc<Book>)> {
        let none = || Error::Store(StoreError::Corrupt("no rulebook is active".to_owned()));
        let no = rulebooks::active(tx)?.ok_or_else(none)?;
        Ok((no, self.version(tx, no)?))
    }
}

/// The rulebook that holds for a dossier: the one under which it was submitted; for a draft that was never
/// submitted, the active one.
///
/// # Errors
/// `Error::Store` of the database.
pub fn book_of(tx: &mut ReadTx<'_>, ctx: &Context, stored: &Stored) -> Result<(i32, Arc<Book>)> {
    match stored.dossier.revision {
        0 => ctx.settings.rulebooks.active(tx),
        _ => {
            let no = stored.rulebook_version;
            Ok((no, ctx.settings.rulebooks.version(tx, no)?))
        }
    }
}

fn sentence(defects: &[Defect]) -> String {
    defects.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn hash(sources: &[Source]) -> String {
    let mut sorted: Vec<&Source> = sources.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    let mut hash = Sha256::new();
    for source in sorted {
        for part in [&source.name, &source.text] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part.as_bytes());
        }
    }
    hex::encode(hash.finalize())
}

/// A version, for lists.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VersionView {
    /// Number.
    pub no: i32,
    /// SHA-256 of its files.
    pub sha256: String,
    /// When it was loaded.
    pub loaded_at: DateTime<Utc>,
    /// Whether it is the active one.
    pub active: bool,
}

/// Every version.
///
/// # Errors
/// `Error::Store` of the database.
pub fn versions(tx: &mut ReadTx<'_>, ctx: &Context) -> Result<Vec<VersionView>> {
    ctx.must(Action::ReadRules)?;
    let active = rulebooks::active(tx)?;
    let view = |version: rulebooks::Version| VersionView {
        active: Some(version.no) == active,
        no: version.no,
        sha256: version.sha256,
        loaded_at: version.loaded_at,
    };
    Ok(rulebooks::list(tx)?.into_iter().map(view).collect())
}

/// A rule as data.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RuleDefinition {
    /// Id.
    pub id: String,
    /// Title, in Vietnamese.
    pub title_vi: String,
    /// Title, in English.
    pub title_en: String,
    /// How strictly.
    pub severity: Severity,
    /// Whose rule.
    pub status: Status,
    /// How well its source is known.
    pub confidence: Confidence,
    /// Whether the city has confirmed it.
    pub confirmed: bool,
    /// Legal basis, as it is cited.
    pub citation: String,
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force.
    pub valid_to: Option<NaiveDate>,
    /// Which date selects it.
    pub selected_by: SelectedBy,
    /// Who may override it.
    pub override_by: Option<Role>,
    /// What is said when it is not met, in Vietnamese.
    pub message_vi: String,
    /// What is said when it is not met, in English.
    pub message_en: String,
    /// To what it applies.
    pub applies: serde_json::Value,
    /// What it demands.
    pub demand: serde_json::Value,
}

/// The rules of a version.
///
/// # Errors
/// `NotFound` when there is no such version.
pub fn definitions(tx: &mut ReadTx<'_>, ctx: &Context, no: i32) -> Result<Vec<RuleDefinition>> {
    ctx.must(Action::ReadRules)?;
    if rulebooks::sources(tx, no)?.is_none() {
        return Err(Refusal::NotFound.into());
    }
    let definition = |rule: &Rule| RuleDefinition {
        id: rule.id.clone(),
        title_vi: rule.title_vi.clone(),
        title_en: rule.title_en.clone(),
        severity: rule.severity,
        status: rule.status,
        confidence: rule.confidence,
        confirmed: rule.confirmed,
        citation: rule.citation(),
        valid_from: rule.valid_from,
        valid_to: rule.valid_to,
        selected_by: rule.selected_by,
        override_by: rule.override_by,
        message_vi: rule.message_vi.clone(),
        message_en: rule.message_en.clone(),
        applies: serde_json::to_value(&rule.applies).unwrap_or_default(),
        demand: serde_json::to_value(&rule.demand).unwrap_or_default(),
    };
    Ok(ctx.settings.rulebooks.version(tx, no)?.rules().iter().map(definition).collect())
}

/// Loads a rulebook as a new version, which is not active yet. The same files are the same version.
///
/// # Errors
/// `Corrupt` with everything that is wrong with the files.
pub fn load(tx: &mut WriteTx<'_>, sources: &[Source]) -> Result<Recorded<i32>> {
    Book::read(sources)
        .map_err(|defects| Error::Store(StoreError::Corrupt(format!("rulebook: {}", sentence(&defects)))))?;
    let sha256 = hash(sources);
    if let Some(known) = rulebooks::list(tx)?.into_iter().find(|version| version.sha256 == sha256) {
        return Ok(tx.unrecorded("this version is there already", known.no));
    }
    let no = rulebooks::insert(tx, &sha256, sources)?;
    let event = Event::new("rulebook.loaded", "rulebook", no).with("sha256", sha256);
    Ok(journal::append(tx, event)?.returning(no))
}

/// Makes a version the active one: what is filed from now on is filed under it.
///
/// # Errors
/// `NotFound` when there is no such version.
pub fn activate(tx: &mut WriteTx<'_>, no: i32) -> Result<Recorded<()>> {
    if rulebooks::sources(tx, no)?.is_none() {
        return Err(Refusal::NotFound.into());
    }
    if rulebooks::active(tx)? == Some(no) {
        return Ok(tx.unrecorded("it is active already", ()));
    }
    rulebooks::activate(tx, no)?;
    Ok(journal::append(tx, Event::new("rulebook.activated", "rulebook", no))?.returning(()))
}

/// At start: a database without a rulebook gets the one that the program brings along, and uses it. A newer one of a
/// newer program is loaded and waits to be activated; `true` says that it waits.
///
/// # Errors
/// `Error::Store` of the database.
pub fn ship(tx: &mut WriteTx<'_>) -> Result<Recorded<bool>> {
    let loaded = load(tx, &shipped())?;
    let (no, active) = (*loaded.value(), rulebooks::active(tx)?);
    match active {
        None => Ok(activate(tx, no)?.map(|()| false)),
        Some(active) => Ok(loaded.map(|_| active < no)),
    }
}
