//! Signs the journal: a checkpoint within five minutes or a thousand entries, and before it the hashes of subtrees that
//! have no rows yet. Of several processes one makes it; the others find it made.

use super::Jobs;
use crate::service::{Error, evidence};
use crate::store::checkpoints;
use crate::store::journal::tree;

/// Subtrees a write, so that none takes long: 16,384 entries.
const SUBTREES: usize = 64;

/// Makes one, if it is due, and remembers the last one outside of the database.
pub(super) fn run(jobs: &Jobs) -> Result<(), Error> {
    let signed = sign(jobs);
    let last = jobs.store.read_blocking(|tx| Ok::<_, Error>(checkpoints::last(tx)?))?;
    if let (Some(remembered), Some(last)) = (&jobs.remembered, last)
        && let Err(cause) = remembered.write(last.size, &last.note)
    {
        tracing::warn!(%cause, "the last checkpoint is not remembered beside the keys");
    }
    signed
}

fn sign(jobs: &Jobs) -> Result<(), Error> {
    if !jobs.store.read_blocking(evidence::is_due)? {
        return Ok(());
    }
    while jobs.store.read_blocking(|tx| Ok::<_, Error>(tree::has_gaps(tx)?))? {
        jobs.store.write_blocking(|tx| {
            let filled = tree::fill(tx, SUBTREES)?;
            Ok::<_, Error>(tx.unrecorded("hashes that follow from the entries", filled))
        })?;
    }
    let settings = jobs.settings.clone();
    jobs.store.write_blocking(move |tx| {
        // Somebody else may have made it while this one waited.
        let made =
            if evidence::is_due(tx)? { Some(evidence::checkpoint(tx, &settings.vault)?.size) } else { None };
        Ok::<_, Error>(tx.unrecorded("a checkpoint is about the journal and no part of it", made))
    })?;
    Ok(())
}
