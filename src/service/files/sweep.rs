//! Tidying the depot: what nobody refers to is removed after a day. A crash between placing a file and writing its row
//! leaves such a file, and so does a deletion whose file could not be removed at once.

use chrono::TimeDelta;

use crate::depot::{Depot, Old};
use crate::service::Result;
use crate::store::{Store, StoreError, exports, files};

/// How long a file may lie without a row: longer than any upload takes.
const GRACE: TimeDelta = TimeDelta::days(1);

/// Removes what is older than a day and belongs to no paper and no export, once an hour. A file that one of them needs is never touched:
/// names are hashes of sealed bytes, so that no later paper can come to need one that is old.
///
/// # Errors
/// What the depot or the database says.
pub fn sweep(store: &Store, depot: &Depot) -> Result<()> {
    let now = store.now();
    if !depot.wants_sweep(now) {
        return Ok(());
    }
    let Old { stored, broken_off } = depot.older_than(now - GRACE)?;
    let needed = {
        let names = stored.clone();
        store.read_blocking(move |tx| {
            let mut needed = files::needed(tx, &names)?;
            needed.extend(exports::needed(tx, &names)?);
            Ok::<_, StoreError>(needed)
        })?
    };
    let orphans =
        Old { stored: stored.into_iter().filter(|name| !needed.contains(name)).collect(), broken_off };
    if !orphans.stored.is_empty() || !orphans.broken_off.is_empty() {
        tracing::info!(
            files = orphans.stored.len(),
            uploads = orphans.broken_off.len(),
            "papers without a row"
        );
    }
    Ok(depot.clear(&orphans)?)
}

/// Removes a file that nobody refers to; what fails here the sweep does tomorrow.
pub async fn forget(depot: &Depot, object: &str) {
    if let Err(error) = depot.remove(object).await {
        tracing::warn!(%error, "a needless paper could not be removed yet");
    }
}
