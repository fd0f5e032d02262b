//! Work that nobody waits for: signing the journal, sending mail, letting unanswered supplements lapse, reminding, preparing returns,
//! forgetting old answers. A plain function does all that is due; the service calls it every second, tests when they
//! like.

mod checkpoint;
mod deliver_mail;
mod export;
mod housekeeping;
mod lapse;
mod prepare;
mod remind;
mod witness;

use std::sync::atomic::{AtomicBool, Ordering};
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
    /// The last day on which this process has looked for returns to prepare.
    pub prepared: Mutex<Option<NaiveDate>>,
    /// Whether the service is about to end: what takes long is given back.
    pub stopping: AtomicBool,
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
    /// Says that the service is about to end.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

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
        prepare::run(jobs),
        deliver_mail::run(jobs),
        checkpoint::run(jobs),
        witness::run(jobs),
        housekeeping::run(&jobs.store),
        tidied,
    ];
    all.into_iter().collect()
}

/// Makes the exports that wait, and takes away those that were kept long enough.
///
/// # Errors
/// `Error` of the store; the rest is done at the next call.
pub fn make_exports(jobs: &Jobs) -> Result<(), Error> {
    export::run(jobs)
}
