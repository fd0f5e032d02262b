//! The use cases: plain functions over a transaction that they are given and never open. Each holds the rights
//! check, the domain's decision, the guarded change, the journal entry and the mails of one command.

use std::sync::Arc;

use crate::domain::access::{Action, Actor, Reach};
use crate::domain::calendar::Calendar;
use crate::domain::codes::Code;
use crate::domain::event::Event;
use crate::domain::refusal::Refusal;
use crate::store::{Refuses, StoreError};
use crate::vault::KeyRing;

pub mod agenda;
pub mod alerts;
pub mod calendar_feeds;
pub mod course;
pub mod decisions;
pub mod delegations;
pub mod denials;
pub mod desks;
pub mod digest;
pub mod evidence;
pub mod exports;
pub mod files;
pub mod kept_forms;
pub mod ledger;
pub mod mandates;
pub mod members;
pub mod obligations;
pub mod opinions;
pub mod organisations;
pub mod outbox;
pub mod own_account;
pub mod papers;
pub mod partners;
pub mod people;
pub mod plans;
pub mod readers;
pub mod returns;
pub mod rules;
pub mod saved_filters;
pub mod sign_in;
mod tell;
pub mod trail;
pub mod users;
pub mod views;

/// What a use case answers when it does not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The domain says no; the event, if any, is journalled after the command was rolled back.
    #[error("{refusal}")]
    Refused {
        /// Why.
        refusal: Refusal,
        /// The denial, for the journal.
        event: Option<Box<Event>>,
    },
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
    /// Sealing or opening failed: a key is missing or a row was moved.
    #[error("vault: {0}")]
    Vault(String),
}

/// The result of a use case.
pub type Result<T> = std::result::Result<T, Error>;

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { refusal, event: None }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Refusal::NotFound.into(),
            StoreError::Stale => Refusal::Stale.into(),
            // The database stands behind four eyes and "nobody twice": what code forgot, it refuses.
            StoreError::Guarded(words) if words.starts_with("four-eyes:") => Refusal::SelfApproval.into(),
            StoreError::Guarded(words) if words.starts_with("one-voice:") => Refusal::AlreadyDecided.into(),
            StoreError::Taken { what } if what.starts_with("decisions_dossier_id") => {
                Refusal::AlreadyDecided.into()
            }
            other => Self::Store(other),
        }
    }
}

impl From<crate::vault::VaultError> for Error {
    fn from(error: crate::vault::VaultError) -> Self {
        Self::Vault(error.to_string())
    }
}

impl Refuses for Error {
    fn event(&self) -> Option<&Event> {
        match self {
            Self::Refused { event, .. } => event.as_deref(),
            Self::Store(_) | Self::Vault(_) => None,
        }
    }

    fn fault(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            Self::Refused { .. } | Self::Vault(_) => None,
        }
    }
}

/// What use cases need besides the transaction: made once at start.
#[derive(Debug)]
pub struct Settings {
    /// Keys.
    pub vault: KeyRing,
    /// Days off and office hours.
    pub calendar: Calendar,
    /// Rulebooks, by version.
    pub rulebooks: rules::Rulebooks,
    /// What was counted for readers, while nothing has happened.
    pub counted: returns::memo::Counted,
    /// What papers are made with.
    pub stationery: papers::Stationery,
    /// On which days the periods of returns begin and end.
    pub window: crate::domain::report::Window,
    /// How long the result of an export is kept.
    pub exports_kept: chrono::TimeDelta,
    /// How long a one-time link works.
    pub link: chrono::TimeDelta,
}

/// Who acts, with what.
#[derive(Debug, Clone)]
pub struct Context {
    /// Who, as the database says in this very transaction.
    pub actor: Actor,
    /// With what.
    pub settings: Arc<Settings>,
}

impl Context {
    /// The keys.
    #[must_use]
    pub fn vault(&self) -> &KeyRing {
        &self.settings.vault
    }

    /// Refuses whoever has this right nowhere.
    ///
    /// # Errors
    /// `Forbidden`, with the denial for the journal.
    pub fn must(&self, action: Action) -> Result<()> {
        if self.actor.reach(action) == Reach::Never {
            return Err(self.denied(Refusal::Forbidden(action), action, "route", action.code()));
        }
        Ok(())
    }

    /// A refusal that the journal keeps as a denial.
    #[must_use]
    pub fn denied(&self, refusal: Refusal, action: Action, kind: &'static str, id: impl ToString) -> Error {
        let event = Event::new("access.denied", kind, id)
            .by(self.actor.account)
            .with("action", action.code())
            .with("refusal", refusal.code());
        Error::Refused { refusal, event: Some(Box::new(event)) }
    }
}
