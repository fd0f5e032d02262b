//! What a mail about a return may say: whose, of which period, until when, and the hash; never a figure or a name.

use chrono::NaiveDate;

use crate::domain::codes::Lang;
use crate::domain::ids::OrganisationId;
use crate::domain::notice::Kind;
use crate::domain::report::words::{Spoken, day};
use crate::domain::report::{Period, Window};
use crate::service::Result;
use crate::store::{ReadTx, StoreError, closings, journal, prepared};

/// A return that somebody is told of.
#[derive(Debug, Clone)]
pub struct Told {
    /// Whose.
    pub organisation: OrganisationId,
    /// Of which period.
    pub period: Period,
    /// Cut how.
    pub window: Window,
    /// Prepared: the last day on which it is closed in time.
    pub due_on: Option<NaiveDate>,
    /// SHA-256 of what was prepared, or of the manifest of what was closed.
    pub sha256: String,
}

impl Told {
    /// The period in words: "tháng 2026-03 (15/02/2026 - 14/03/2026)".
    #[must_use]
    pub fn words(&self, lang: Lang) -> String {
        let (kind, range) = (self.period.kind().said(lang), self.period.range(self.window));
        format!("{kind} {} ({} - {})", self.period.label(), day(range.from), day(range.to))
    }
}

/// The return that the journal's entry `seq` is about.
///
/// # Errors
/// `Error::Store` of the database.
pub fn told(tx: &mut ReadTx<'_>, kind: Kind, seq: i64) -> Result<Option<Told>> {
    let Some(object) = journal::object_of(tx, seq)? else { return Ok(None) };
    let corrupt = |what: &dyn std::fmt::Display| StoreError::Corrupt(format!("return {object}: {what}"));
    let (organisation, of, label, window, due_on, sha256) = match kind {
        Kind::ReturnPrepared => {
            let Ok(id) = object.parse() else { return Ok(None) };
            let Some(one) = prepared::load(tx, id)? else { return Ok(None) };
            (one.organisation, one.kind, one.label, one.window, Some(one.due_on), one.sha256)
        }
        _ => {
            let Ok(id) = object.parse() else { return Ok(None) };
            let Some(one) = closings::load(tx, id)? else { return Ok(None) };
            (one.organisation, one.kind, one.label, one.window, None, one.sha256)
        }
    };
    let period = Period::parse_label(of, &label).map_err(|fault| corrupt(&fault))?;
    Ok(Some(Told { organisation, period, window, due_on, sha256 }))
}
