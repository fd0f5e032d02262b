//! Forgets what need not be kept: answers under idempotency keys after a week, counters of sign-ins after their
//! hour, whose sum is journalled.

use chrono::TimeDelta;

use crate::service::{Error, sign_in};
use crate::store::{Store, idempotency};

/// How long an answer is kept.
const ANSWERS: TimeDelta = TimeDelta::days(7);

pub(super) fn run(store: &Store) -> Result<(), Error> {
    sign_in::sum_up(store)?;
    let before = store.now() - ANSWERS;
    let old = store.read_blocking(|tx| Ok::<_, Error>(idempotency::any_before(tx, before)?))?;
    if !old {
        return Ok(());
    }
    store.write_blocking(move |tx| {
        let forgotten = idempotency::forget(tx, before)?;
        Ok::<_, Error>(tx.unrecorded("stored answers are copies", forgotten))
    })?;
    Ok(())
}
