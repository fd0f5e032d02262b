//! What the journal is told of failed sign-ins, so that it does not become a weapon: per account the first failure
//! of an hour, each lock, and the hour's sum; all names that nobody has share one such telling. What was typed is
//! never told.

use uuid::Uuid;

use super::PERIOD;
use crate::domain::event::Event;
use crate::domain::ids::AccountId;
use crate::service::{Error, Result};
use crate::store::{Recorded, Store, WriteTx, journal, sessions};

/// Counters looked through in one write.
const BATCH: i64 = 200;

/// The key of the counter of tellings: an account's id, or zeros for all names that nobody has. Counters of tries
/// have 32 bytes, so that the two kinds never meet.
fn key(named: Option<AccountId>) -> [u8; 16] {
    named.map_or(Uuid::nil(), |account| account.0).into_bytes()
}

fn event(action: &'static str, named: Option<AccountId>) -> Event {
    match named {
        Some(account) => Event::new(action, "account", account),
        None => Event::new(action, "sign_in", ""),
    }
}

/// Counts a failure and journals it if it is the first within an hour, or has locked an account.
pub(super) fn failed(tx: &mut WriteTx<'_>, named: Option<AccountId>, locked: bool) -> Result<Recorded<()>> {
    let counter = sessions::count_up(tx, &key(named))?;
    if counter.failures == 1 {
        let _first = journal::append(tx, event("sign_in.failed", named))?;
    }
    if locked && named.is_some() {
        return Ok(journal::append(tx, event("sign_in.locked", named))?.returning(()));
    }
    Ok(tx.unrecorded("told by the hour's sum", ()))
}

/// Journals the sums of hours that are over, and forgets old counters. For the jobs.
///
/// # Errors
/// `Error::Store` of the database; the rest is done at the next call.
pub fn sum_up(store: &Store) -> Result<()> {
    let before = store.now() - PERIOD;
    let old = store.read_blocking(|tx| Ok::<_, Error>(sessions::old_counters(tx, before, BATCH)?))?;
    if old.is_empty() {
        return Ok(());
    }
    store.write_blocking(move |tx| -> Result<Recorded<()>> {
        for (key, counter) in &old {
            // Looked up again inside the write: a try since then has kept it alive or counted further.
            let Some(failures) = sessions::forget_counter(tx, key, counter.started_at)? else { continue };
            let telling = <[u8; 16]>::try_from(key.as_slice()).ok().map(Uuid::from_bytes);
            if let Some(id) = telling.filter(|_| failures > 1) {
                let named = (!id.is_nil()).then_some(AccountId(id));
                let sum = event("sign_in.failures_summed", named)
                    .with("failures", failures)
                    .with("since", counter.started_at.to_rfc3339());
                let _entry = journal::append(tx, sum)?;
            }
        }
        Ok(tx.unrecorded("counters are forgotten after their hour", ()))
    })
}
