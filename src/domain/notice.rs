//! What somebody is told: the kinds of notice that follow from events. How they read is the mail room's matter.

use super::codes::codes;

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
        /// To those who may pass a rule by: an officer asks for it.
        OverrideAsked = "override_asked",
        /// To the officer: the answer to that.
        OverrideAnswered = "override_answered",
        /// To whoever owes something: what is due, once a working day.
        Digest = "digest",
        /// To whoever checks and closes it: a return was prepared.
        ReturnPrepared = "return_prepared",
        /// To whoever signs or reads it: a return was closed or restated.
        ReturnClosed = "return_closed",
    }
}
