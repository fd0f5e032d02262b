//! The one vocabulary of what happened. An event is the single source of the journal entry, of the mails and of
//! the line in a dossier's history; its values are committed to by hash, so they may hold what users typed.

use super::ids::{AccountId, OrganisationId, PersonId};

/// Something that happened, ready to be journalled.
#[derive(Debug, Clone)]
pub struct Event {
    /// Past tense and dotted: `delegation.approved`.
    pub action: &'static str,
    /// Kind of the object.
    pub object_kind: &'static str,
    /// Id of the object; empty where there is none.
    pub object_id: String,
    /// Who acted; `None` is the system.
    pub actor: Option<AccountId>,
    /// The organisation concerned.
    pub organisation: Option<OrganisationId>,
    /// What is committed to, by name.
    pub values: Vec<Value>,
}

/// A named value of an event.
#[derive(Debug, Clone)]
pub struct Value {
    /// Name, unique within the event.
    pub name: String,
    /// The value as text.
    pub text: String,
    /// Whose personal data it is, so that erasing the person erases the value.
    pub person: Option<PersonId>,
}

/// What changes nothing that stands in a return or a picture; whatever is not named here may.
const BESIDE_FIGURES: &[&str] = &[
    "access.denied",
    "account.link_made",
    "account.password_set",
    "calendar.closed",
    "calendar.opened",
    "delegation.reader_named",
    "delegations.exported",
    "digest.queued",
    "export.asked",
    "export.downloaded",
    "export.failed",
    "export.made",
    "inbox.prepared",
    "mail.queued_again",
    "paper.downloaded",
    "paper.handed_out",
    "paper.rendered",
    "return.exported",
    "session.ended",
    "session.refresh_reused",
    "sign_in.failed",
    "sign_in.failures_summed",
    "sign_in.locked",
    "sign_in.succeeded",
];

impl Event {
    /// Whether a figure of a return or a picture may be another one after this.
    #[must_use]
    pub fn may_count(&self) -> bool {
        !BESIDE_FIGURES.contains(&self.action)
    }

    /// An event about one object.
    pub fn new(action: &'static str, object_kind: &'static str, object_id: impl ToString) -> Self {
        Self {
            action,
            object_kind,
            object_id: object_id.to_string(),
            actor: None,
            organisation: None,
            values: Vec::new(),
        }
    }

    /// Who acted.
    #[must_use]
    pub fn by(mut self, actor: AccountId) -> Self {
        self.actor = Some(actor);
        self
    }

    /// The organisation concerned.
    #[must_use]
    pub fn at(mut self, organisation: OrganisationId) -> Self {
        self.organisation = Some(organisation);
        self
    }

    /// Adds a value.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, text: impl ToString) -> Self {
        self.values.push(Value { name: name.into(), text: text.to_string(), person: None });
        self
    }

    /// Adds a value that is personal data of `person`.
    #[must_use]
    pub fn about(mut self, name: impl Into<String>, text: impl ToString, person: PersonId) -> Self {
        self.values.push(Value { name: name.into(), text: text.to_string(), person: Some(person) });
        self
    }
}
