//! What somebody is told: the kinds of mail and the few facts that one may carry. Owns that short list;
//! must not grow a field for a person's name other than the reader's, a passport, a title or free text.

use chrono::{DateTime, NaiveDate, Utc};

use super::Correspondent;
use crate::domain::codes::{Code, Direction, Lang, codes};

codes! {
    /// Kind of mail: the template of an outbox row.
    Kind {
        /// To the clerks who receive: a dossier was submitted.
        SubmittedForReceipt = "submitted_for_receipt",
        /// To those whose step has opened.
        ReceivedForStep = "received_for_step",
        /// To the officer: approved, not yet issued.
        ApprovedOfficer = "approved_officer",
        /// To the clerk who issues: approved.
        ApprovedToIssue = "approved_to_issue",
        /// To the officer: the permit is issued.
        IssuedOfficer = "issued_officer",
        /// To the appraiser: the permit is issued.
        IssuedAppraiser = "issued_appraiser",
        /// To a co-host: the permit is issued.
        IssuedCohost = "issued_cohost",
        /// To the officer: returned for a supplement.
        Returned = "returned",
        /// To the officer: refused.
        Rejected = "rejected",
        /// To the officer: the permit is revoked.
        Revoked = "revoked",
        /// To the owner of a new account: a one-time link.
        Invitation = "invitation",
        /// To the officer: no supplement came in time.
        Lapsed = "lapsed",
        /// To those who have it on their desk: cancelled.
        Cancelled = "cancelled",
        /// To those who have it on their desk: taken back by its officer.
        Recalled = "recalled",
    }
}

impl Kind {
    /// The text key `mail-{part}-{kind}`.
    pub(super) fn key(self, part: &str) -> String {
        format!("mail-{part}-{}", self.code().replace('_', "-"))
    }

    /// Whether this kind speaks of a dossier.
    #[must_use]
    pub fn about_a_dossier(self) -> bool {
        self != Self::Invitation
    }
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
    /// The dossier's code, `DV-2025-0001`; every kind but the invitation has one.
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
