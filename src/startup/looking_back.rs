//! At start: is the database the one that was signed last, or an older one that was put back?

use std::sync::Arc;

use super::StartError;
use crate::domain::journal::note::SignedNote;
use crate::remembered::Remembered;
use crate::service::evidence::{self, Restored};
use crate::service::{Error, Settings};
use crate::store::Store;

/// Whether the database is an older one than the checkpoint that is remembered beside the keys: it is said, journalled,
/// and served, with held mails and nobody signed in. Only the witness can tell whether the file itself is an old one.
pub(super) fn look_back(
    store: &Store,
    settings: &Arc<Settings>,
    remembered: &Remembered,
) -> Result<(), StartError> {
    let text = remembered.read().unwrap_or_else(|cause| {
        tracing::warn!(%cause, "the checkpoint that is remembered beside the keys cannot be read");
        None
    });
    for note in text.iter().flat_map(|text| SignedNote::find(text)) {
        let settings = Arc::clone(settings);
        let found = store
            .write_blocking(move |tx| evidence::restored(tx, &settings.vault, &note))
            .map_err(|fault: Error| StartError::of("journal", fault))?;
        if let Some(Restored { had, has, held, ended, checkpoint }) = found {
            tracing::warn!(
                signed_before = had,
                restored_from = has,
                mails_held = held,
                sessions_ended = ended,
                "this database is older than the journal that was signed: it was put back from a backup, or rewritten. \
                 It is journalled; mails are held, and everybody signs in again"
            );
            if let Err(cause) = remembered.write(checkpoint.size, &checkpoint.note) {
                tracing::warn!(%cause, "the last checkpoint is not remembered beside the keys");
            }
        }
    }
    Ok(())
}
