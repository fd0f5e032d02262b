//! What a mail about a return may say: whose, of which period, until when, and the hash; never a figure or a name.

use chrono::NaiveDate;

use crate::domain::codes::Lang;
use crate::domain::ids::OrganisationId;
use crate::domain::notice::Kind;
use crate::domain::report::words::day;
use crate::domain::report::{Period, Window};
use crate::service::Result;
use crate::store::{ReadTx, StoreError, closings, journal, prepared};
use crate::texts;

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
    /// The period in words, within a sentence: "tháng 3/2026 (15/02/2026 - 14/03/2026)".
    #[must_use]
    pub fn words(&self, lang: Lang) -> String {
        let (range, name) = (self.period.range(self.window), called(self.period, lang));
        let mut letters = name.chars();
        let first = letters.next().map(|letter| letter.to_lowercase().to_string()).unwrap_or_default();
        format!("{first}{} ({} - {})", letters.as_str(), day(range.from), day(range.to))
    }
}

/// What people call a period: "Tháng 3/2026".
#[must_use]
pub fn called(period: Period, lang: Lang) -> String {
    let label = period.label();
    let (year, part) = label.split_once('-').unwrap_or((&label, ""));
    let no = part.trim_start_matches(['Q', 'H', '0']);
    let kind = format!("records-period-{}", period.kind());
    let own = format!("{kind}-{no}");
    let key = if texts::has(lang, &own) { own } else { kind };
    texts::text(lang, &key, &[("no", no), ("year", year)])
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
