//! The check page of an issued paper: whoever holds the paper learns that it was issued here and is in force, by code,
//! date and hashes, and nothing else. What is unknown, ended or replaced gives one and the same answer: none.

use chrono::NaiveDate;

use crate::domain::codes::Outcome;
use crate::domain::dossier::State;
use crate::service::{Result, Settings, alerts};
use crate::store::dossiers::{self, Stored};
use crate::store::papers::{self, Paper, signed, texts};
use crate::store::{ReadTx, StoreError};
use crate::tokens::hash_secret;

/// Characters of a secret.
const LENGTH: usize = 43;

/// A paper that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// Official number of its dossier.
    pub code: String,
    /// Date of the paper.
    pub date: NaiveDate,
    /// SHA-256 of its texts as issued, by format.
    pub texts: Vec<(String, String)>,
    /// SHA-256 of its signed file.
    pub signed: Option<String>,
}

/// The paper in force that this secret belongs to.
///
/// # Errors
/// `Error::Store` of the database.
pub fn confirmed(tx: &mut ReadTx<'_>, settings: &Settings, secret: &str) -> Result<Option<Confirmed>> {
    if settings.stationery.check.is_none() || secret.len() != LENGTH {
        return Ok(None);
    }
    let Some((dossier, id)) = papers::by_check_hash(tx, &hex::encode(hash_secret(secret)))? else {
        return Ok(None);
    };
    let stored = dossiers::load_any(tx, dossier)?.ok_or(StoreError::NotFound)?;
    let all: Vec<Paper> = papers::of_dossiers(tx, &[dossier])?.into_iter().map(|(_, paper)| paper).collect();
    let Some(paper) = alerts::permit_in_force(&all, &stored).filter(|paper| paper.id == id) else {
        return Ok(None);
    };
    if has_ended(&stored) {
        return Ok(None);
    }
    let signed = signed::of_papers(tx, &[id])?.into_iter().find(|(_, gone)| !gone);
    let texts = texts::of_papers(tx, &[id])?.into_iter().map(|text| (text.format, text.sha256));
    Ok(Some(Confirmed {
        code: stored.dossier.code.clone().unwrap_or_default(),
        date: paper.dated_on,
        texts: texts.collect(),
        signed: signed.map(|(file, _)| file.sha256).or_else(|| paper.sha256.clone()),
    }))
}

/// Whether what the paper permits was taken back, or never was one delegation of its own.
pub(super) fn has_ended(stored: &Stored) -> bool {
    matches!(stored.dossier.state, State::Cancelled | State::Revoked)
        || stored.dossier.outcome == Some(Outcome::Duplicate)
}
