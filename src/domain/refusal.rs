//! Why the domain says no: stable codes that clients rely on, and faults of single fields. The words that people
//! read are looked up by code at the edge.

use super::access::Action;
use super::codes::{Code, codes};
use super::rulebook::{LackView, MismatchView};

/// A fault of one field of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer (RFC 6901) into the body, or `?name` for a query parameter.
    pub pointer: String,
    /// Stable kebab-case code.
    pub code: &'static str,
    /// What should stand there instead of what is of another kind.
    pub wanted: Option<Wanted>,
    /// How much the field takes, where there is too much.
    pub limit: Option<Limit>,
}

codes! {
    /// What a limit counts.
    Counted {
        /// Characters of a text.
        Characters = "characters",
        /// Entries of a list.
        Entries = "entries",
        /// Bytes of what is sent.
        Bytes = "bytes",
    }
}

/// How much a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The most that it takes.
    pub most: usize,
    /// How much there is, where that is known.
    pub there: Option<usize>,
    /// Of what.
    pub counted: Counted,
}

/// Why something is not taken: a code, and the limit that it is beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Why {
    /// Stable kebab-case code.
    pub code: &'static str,
    /// The limit.
    pub limit: Option<Limit>,
}

impl Why {
    /// A text that has too many characters.
    #[must_use]
    pub fn too_long(most: usize, there: usize) -> Self {
        Self::beyond("too-long", Limit { most, there: Some(there), counted: Counted::Characters })
    }

    /// A list that has too many entries.
    #[must_use]
    pub fn too_many(most: usize, there: usize) -> Self {
        Self::beyond("too-many", Limit { most, there: Some(there), counted: Counted::Entries })
    }

    /// Something beyond a limit.
    #[must_use]
    pub fn beyond(code: &'static str, limit: Limit) -> Self {
        Self { code, limit: Some(limit) }
    }
}

impl From<&'static str> for Why {
    fn from(code: &'static str) -> Self {
        Self { code, limit: None }
    }
}

codes! {
    /// The kinds of things that a field can take.
    Wanted {
        /// A whole number.
        Number = "number",
        /// Yes or no.
        YesOrNo = "yes_or_no",
        /// A text.
        Text = "text",
        /// Several values.
        List = "list",
        /// Fields of its own.
        Parts = "parts",
        /// One of what the office keeps: an organisation, a person, a paper.
        Choice = "choice",
    }
}

impl Fault {
    /// A fault at a pointer.
    pub fn at(pointer: impl Into<String>, why: impl Into<Why>) -> Self {
        let Why { code, limit } = why.into();
        Self { pointer: pointer.into(), code, wanted: None, limit }
    }

    /// Why the field is not taken.
    #[must_use]
    pub fn why(&self) -> Why {
        Why { code: self.code, limit: self.limit }
    }
}

/// A rule that is not kept and stops a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Id of the rule.
    pub rule: String,
    /// How strictly it is meant.
    pub severity: String,
    /// Its legal basis.
    pub citation: String,
    /// What it says, in Vietnamese.
    pub message_vi: String,
    /// What it says, in English.
    pub message_en: String,
    /// The last day that it allowed.
    pub latest_on: Option<chrono::NaiveDate>,
    /// The fields that it is about, as JSON pointers.
    pub fields: Vec<String>,
    /// What is lacking, one by one.
    pub lacking: Vec<LackView>,
    /// What does not fit, one by one.
    pub mismatches: Vec<MismatchView>,
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing here that the asker may know of.
    #[error("not-found")]
    NotFound,
    /// May know, may not do.
    #[error("forbidden")]
    Forbidden(Action),
    /// No valid sign-in.
    #[error("unauthorised")]
    Unauthorised,
    /// Name or password wrong, account unknown, locked or disabled: one answer for all.
    #[error("invalid-credentials")]
    InvalidCredentials,
    /// Too many tries; seconds to wait.
    #[error("too-many-requests")]
    TooMany(u64),
    /// The input does not hold together.
    #[error("validation-failed")]
    Invalid(Vec<Fault>),
    /// Rules stop it.
    #[error("rules-violated")]
    Rules(Vec<Violation>),
    /// The input does not hold together, and rules stop it.
    #[error("validation-failed")]
    Unready(Vec<Fault>, Vec<Violation>),
    /// A state does not allow this command.
    #[error("illegal-move")]
    IllegalMove {
        /// Present state.
        state: &'static str,
        /// What was asked.
        command: &'static str,
    },
    /// The decider filed, edited or travels in the dossier.
    #[error("self-approval")]
    SelfApproval,
    /// The decider holds a mandate, and belongs to the house that filed the dossier or hosts.
    #[error("own-house")]
    OwnHouse,
    /// This person has decided in this revision.
    #[error("already-decided")]
    AlreadyDecided,
    /// No open step waits for this role and organisation.
    #[error("not-your-turn")]
    NotYourTurn,
    /// A body whose answer binds has objected.
    #[error("binding-objection")]
    BindingObjection,
    /// The account has no person behind it and so cannot decide.
    #[error("has-no-person")]
    NoPerson,
    /// The delegation has arrived: it can be revoked, not cancelled.
    #[error("already-arrived")]
    AlreadyArrived,
    /// Something with this identity exists.
    #[error("taken")]
    Taken(&'static str),
    /// The paper bears a mark of a state secret and must not be here.
    #[error("state-secret")]
    StateSecret,
    /// The paper is part of a revision that was submitted or decided: it stays.
    #[error("paper-sealed")]
    PaperSealed,
    /// The paper's bytes can be read no more, or never were here.
    #[error("paper-gone")]
    PaperGone,
    /// What the paper says changed while it was made.
    #[error("paper-outdated")]
    PaperOutdated,
    /// A dossier refers to the item of the plan: it cannot be taken out.
    #[error("plan-item-in-use")]
    PlanItemInUse,
    /// The uploaded file has more bytes than are taken.
    #[error("file-too-large")]
    FileTooLarge,
    /// Another body came with the same key.
    #[error("idempotency-key-reused")]
    KeyReused,
    /// `If-Match` does not name the present version.
    #[error("stale-version")]
    Stale,
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> String {
        self.to_string()
    }

    /// One fault as a refusal.
    pub fn field(pointer: impl Into<String>, why: impl Into<Why>) -> Self {
        Self::Invalid(vec![Fault::at(pointer, why)])
    }

    /// Refuses when there are faults.
    ///
    /// # Errors
    /// `Invalid` with all of them.
    pub fn unless_empty(faults: Vec<Fault>) -> Result<(), Self> {
        if faults.is_empty() { Ok(()) } else { Err(Self::Invalid(faults)) }
    }

    /// Refuses with everything that stands in the way at once: faults of fields, and rules.
    ///
    /// # Errors
    /// `Invalid`, `Rules`, or `Unready` where there are both.
    pub fn unless_ready(faults: Vec<Fault>, violations: Vec<Violation>) -> Result<(), Self> {
        match (faults.is_empty(), violations.is_empty()) {
            (_, true) => Self::unless_empty(faults),
            (true, false) => Err(Self::Rules(violations)),
            (false, false) => Err(Self::Unready(faults, violations)),
        }
    }

    /// A command that the state does not allow.
    #[must_use]
    pub fn illegal(state: impl Code, command: impl Code) -> Self {
        Self::IllegalMove { state: state.code(), command: command.code() }
    }
}
