//! What somebody is told: the kinds of mail and the few facts that one may carry. Owns that short list;
//! must not grow a field for a person's name other than the reader's, a passport, a title or free text.

use chrono::{DateTime, NaiveDate, Utc};

use super::Correspondent;
use crate::domain::codes::{Code, Direction, Lang};

pub use crate::domain::notice::Kind;

impl Kind {
    /// The text key `mail-{part}-{kind}`.
    pub(super) fn key(self, part: &str) -> String {
        format!("mail-{part}-{}", self.code().replace('_', "-"))
    }

    /// Whether this kind speaks of a dossier.
    #[must_use]
    pub fn about_a_dossier(self) -> bool {
        !self.about_a_return() && !matches!(self, Self::Invitation | Self::Digest)
    }

    /// Whether this kind may speak of a draft, which has no code yet.
    #[must_use]
    pub fn before_a_code(self) -> bool {
        matches!(self, Self::OverrideAsked | Self::OverrideAnswered)
    }

    /// Whether this kind speaks of a return.
    #[must_use]
    pub fn about_a_return(self) -> bool {
        matches!(self, Self::ReturnPrepared | Self::ReturnClosed)
    }
}

/// A line of a digest: one duty or alert.
#[derive(Clone)]
pub struct DigestLine {
    /// What, as a code: the kind of an obligation, or an alert's.
    pub matter: &'static str,
    /// The dossier's code.
    pub code: String,
    /// The organisation that filed it.
    pub organisation: String,
    /// The day that matters.
    pub on: NaiveDate,
    /// Whether its time is over.
    pub overdue: bool,
    /// To the dossier; built from the configured base URL.
    pub link: String,
}

/// Everything that a mail may say.
#[derive(Clone)]
pub struct Notice {
    /// Which mail.
    pub kind: Kind,
    /// The reader's language.
    pub lang: Lang,
    /// Which way the delegation travels.
    pub direction: Option<Direction>,
    /// The dossier's code, `DV-2025-0001`; every kind about a dossier has one.
    pub code: Option<String>,
    /// For [`Kind::ReceivedForStep`]: the code of the step that has opened (`endorse`, `appraise`,
    /// `approve`, `opinion`); any other reads as "to be dealt with".
    pub step: Option<String>,
    /// The organisation that filed; for an invitation the one that the account belongs to.
    pub organisation: String,
    /// First day in the city, or of the trip.
    pub arrives_on: Option<NaiveDate>,
    /// Last day.
    pub departs_on: Option<NaiveDate>,
    /// The day by which the reader has to do something.
    pub due_on: Option<NaiveDate>,
    /// For a return: its period, as people read it.
    pub period: Option<String>,
    /// For a return: SHA-256 of what was prepared, or of the manifest of what was closed.
    pub sha256: Option<String>,
    /// For [`Kind::Digest`]: what is due, the first due first.
    pub lines: Vec<DigestLine>,
    /// Built from the configured base URL, never from a request.
    pub link: String,
    /// The reader's display name; may be empty.
    pub to_name: String,
    /// The reader's address.
    pub to_address: String,
    /// The configured sender.
    pub from: Correspondent,
    /// `<..@..>`, the same at every attempt.
    pub message_id: String,
    /// When the event happened: the `Date` header, the same at every attempt.
    pub date: DateTime<Utc>,
}
