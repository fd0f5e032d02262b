//! The daily digest: once a local working day, from the beginning of office hours on, one mail to each account that
//! has something to be reminded of. Who has had one is a row, so that restarts and other processes send no second.

use super::Jobs;
use crate::clock::in_vietnam;
use crate::service::{Error, digest};

/// Queues the digests of today.
pub(super) fn run(jobs: &Jobs) -> Result<(), Error> {
    let local = in_vietnam(jobs.store.now()).naive_local();
    let (today, calendar) = (local.date(), &jobs.settings.calendar);
    let done = jobs.reminded.lock().is_ok_and(|last| *last == Some(today));
    if done || !calendar.is_working(today) || local.time() < calendar.office_hours().0 {
        return Ok(());
    }
    let candidates = jobs.store.read_blocking(|tx| digest::candidates(tx, &jobs.settings))?;
    for account in candidates {
        if jobs.store.read_blocking(|tx| digest::is_due(tx, &jobs.settings, account))? {
            jobs.store.write_blocking(move |tx| digest::queue(tx, account))?;
        }
    }
    if let Ok(mut last) = jobs.reminded.lock() {
        *last = Some(today);
    }
    Ok(())
}
