//! Forgets what need not be kept: answers under idempotency keys after a week, counters of sign-ins after their
//! hour, whose sum is journalled, and forms that nobody came back to in thirty days.

use chrono::TimeDelta;

use crate::service::{Error, sign_in};
use crate::store::{Store, idempotency, kept_forms};

/// How long what was typed and not saved is kept.
const FORMS: TimeDelta = TimeDelta::days(30);
/// How long an answer is kept.
const ANSWERS: TimeDelta = TimeDelta::days(7);

pub(super) fn run(store: &Store) -> Result<(), Error> {
    sign_in::sum_up(store)?;
    forms(store)?;
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

fn forms(store: &Store) -> Result<(), Error> {
    let before = store.now() - FORMS;
    if store.read_blocking(|tx| Ok::<_, Error>(kept_forms::any_before(tx, before)?))? {
        store.write_blocking(move |tx| {
            let forgotten = kept_forms::forget_before(tx, before)?;
            Ok::<_, Error>(tx.unrecorded("what was typed and not saved is nobody else's business", forgotten))
        })?;
    }
    Ok(())
}
