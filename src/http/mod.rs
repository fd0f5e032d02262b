//! The only actix of the program. A request passes, from the outside in: `edge` (request id, one log line, problems
//! in the reader's language, security headers), the route table's guard (who asks, may they at all), the handler.

pub mod api;
pub mod body;
pub mod caller;
pub mod check;
pub mod cursor;
pub mod docs;
pub mod edge;
pub mod guard;
pub mod openapi;
pub mod press;
pub mod problem;
pub mod routes;
pub mod upload;
pub mod web;

use std::sync::Arc;

use crate::config::Config;
use crate::depot::Depot;
use crate::mail::Mailbox;
use crate::password::Passwords;
use crate::service::Settings;
use crate::store::Store;
use crate::tokens::{Signer, Verifier};

/// What handlers work with.
pub struct State {
    /// The database.
    pub store: Store,
    /// Where papers lie.
    pub depot: Arc<Depot>,
    /// What use cases need.
    pub settings: Arc<Settings>,
    /// Makes access tokens.
    pub signer: Signer,
    /// Checks access tokens.
    pub verifier: Verifier,
    /// The configuration.
    pub config: Config,
    /// Hashes and compares passwords.
    pub passwords: Passwords,
    /// How many passwords may be hashed at once: each takes megabytes and a core.
    pub hashing: tokio::sync::Semaphore,
    /// How many papers may be made at once: each takes a core, and megabytes.
    pub press: tokio::sync::Semaphore,
    /// How often the check page may be asked.
    pub checks: check::Gate,
    /// How often personal calendars may be asked for.
    pub feeds: check::Gate,
    /// The in-process mailbox, in the demo only.
    pub mailbox: Option<Mailbox>,
}
