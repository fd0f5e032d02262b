//! Work that nobody waits for: signing the journal, sending mail, letting unanswered supplements lapse, reminding, forgetting old answers. A plain
//! function does all that is due; the service calls it every second, tests call it when they like.

mod checkpoint;
mod deliver_mail;
mod housekeeping;
mod lapse;
mod remind;
mod witness;

use std::sync::{Arc, Mutex};

use chrono::NaiveDate;

use crate::depot::Depot;
use crate::mail::{Correspondent, Transport};
use crate::remembered::Remembered;
use crate::service::{self, Error, Settings};
use crate::store::Store;

/// What the jobs work with.
pub struct Jobs {
    /// The database.
    pub store: Store,
    /// Where papers lie; without one nobody tidies there.
    pub depot: Option<Arc<Depot>>,
    /// What use cases need: the calendar says on which days people are reminded.
    pub settings: Arc<Settings>,
    /// The last day whose reminders this process has looked through; a restart looks again.
    pub reminded: Mutex<Option<NaiveDate>>,
    /// Where mails go; without one they wait in the outbox.
    pub transport: Option<Transport>,
    /// The sender.
    pub from: Correspondent,
    /// What links begin with: the configured base URL, never a request's.
    pub base_url: String,
    /// Who keeps checkpoints of the journal; without one nobody is told.
    pub witness: Option<Correspondent>,
    /// Where the last checkpoint is remembered outside of the database; without it an old backup is not noticed at start.
    pub remembered: Option<Remembered>,
}

impl Jobs {
    /// The Message-ID of a stored one: with the host that people see.
    fn message_id(&self, stored: &str) -> String {
        let host = self.base_url.split("//").nth(1).and_then(|rest| rest.split([':', '/']).next());
        format!("<{stored}@{}>", host.unwrap_or("localhost"))
    }
}

/// Does everything that is due at the store's present instant.
///
/// # Errors
/// `Error` of the store; the rest is done at the next call.
pub fn run_due(jobs: &Jobs) -> Result<(), Error> {
    // One that fails must not keep the others from their work.
    let tidied = jobs.depot.as_deref().map_or(Ok(()), |depot| service::files::sweep(&jobs.store, depot));
    let all = [
        lapse::run(&jobs.store),
        remind::run(jobs),
        deliver_mail::run(jobs),
        checkpoint::run(jobs),
        witness::run(jobs),
        housekeeping::run(&jobs.store),
        tidied,
    ];
    all.into_iter().collect()
}
