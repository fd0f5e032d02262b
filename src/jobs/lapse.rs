//! A returned dossier whose supplement did not come by the day lapses, which is not a refusal.

use crate::clock::day_in_vietnam;
use crate::service::{self, Error};
use crate::store::{Store, dossiers};

/// Dossiers per run.
const BATCH: i64 = 100;

/// Lets them lapse, each in a write of its own.
pub(super) fn run(store: &Store) -> Result<(), Error> {
    let overdue = store.read_blocking(|tx| {
        let today = day_in_vietnam(tx.now());
        Ok::<_, Error>(dossiers::overdue_supplements(tx, today, BATCH)?)
    })?;
    for stored in overdue {
        let id = stored.dossier.id;
        store.write_blocking(move |tx| service::course::lapse(tx, id))?;
    }
    Ok(())
}
