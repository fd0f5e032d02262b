//! Prepares the returns whose period is over, once per period over all processes: the row in `prepared_returns` is the
//! lock. A host that was down for months prepares what it missed, in order.

use super::Jobs;
use crate::clock::day_in_vietnam;
use crate::service::Error;
use crate::service::returns::Failure;
use crate::service::returns::preparing::{self, Due};

/// Prepares what is due; after that this process looks again tomorrow, or when it starts anew.
pub(super) fn run(jobs: &Jobs) -> Result<(), Error> {
    let today = day_in_vietnam(jobs.store.now());
    if jobs.prepared.lock().is_ok_and(|last| *last == Some(today)) {
        return Ok(());
    }
    for due in jobs.store.read_blocking(|tx| preparing::due(tx, &jobs.settings))? {
        prepare(jobs, due)?;
    }
    if let Ok(mut last) = jobs.prepared.lock() {
        *last = Some(today);
    }
    Ok(())
}

fn prepare(jobs: &Jobs, due: Due) -> Result<(), Error> {
    let label = due.period.label();
    let made = jobs.store.read_blocking(|tx| preparing::prepare(tx, &due, &jobs.settings.rulebooks))?;
    let printed =
        made.map_err(Failure::from).and_then(|(made, as_of)| Ok((preparing::fingerprint(&made)?, as_of)));
    let (sha256, as_of) = match printed {
        Ok(printed) => printed,
        // Its tables do not sum up: whoever closes it is told the same. The others are prepared all the same.
        Err(failure) => {
            tracing::error!(%failure, label, organisation = due.organisation.code, "a return cannot be prepared");
            return Ok(());
        }
    };
    let settings = jobs.settings.clone();
    let first = jobs.store.write_blocking(move |tx| preparing::keep(tx, &settings, &due, as_of, &sha256))?;
    tracing::info!(label, first, "return prepared");
    Ok(())
}
