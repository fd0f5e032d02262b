//! Makes the exports that were asked for, one after the other. On a thread of its own: a long one must keep nobody's
//! mail from going out.

use rand::RngExt;

use super::Jobs;
use crate::service::Error;
use crate::service::exports::{self, Worker};

/// Takes away what was kept long enough, and makes what waits.
pub(super) fn run(jobs: &Jobs) -> Result<(), Error> {
    let Some(depot) = jobs.depot.as_deref() else { return Ok(()) };
    exports::clear(&jobs.store, depot, &jobs.settings)?;
    let owner = format!("{}-{}", std::process::id(), rand::rng().random::<u64>());
    let worker = Worker {
        store: &jobs.store,
        depot,
        settings: &jobs.settings,
        owner: &owner,
        stopping: &jobs.stopping,
    };
    while !jobs.is_stopping() && worker.next()? {}
    Ok(())
}
