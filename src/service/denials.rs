//! Denials outside a command: journalled at most once per session, object and hour, so that the journal does not
//! become a weapon.

use chrono::{DurationRound, TimeDelta};

use super::{Context, Error, Result};
use crate::domain::event::Event;
use crate::store::{Store, journal};

/// Journals a denied read, unless this session was denied the same in this hour.
///
/// # Errors
/// `Error::Store` when the database cannot write now.
pub async fn journal_once(
    store: &Store,
    ctx: &Context,
    event: Option<Event>,
    request_id: Option<String>,
) -> Result<()> {
    let (Some(event), Some(session)) = (event, ctx.actor.session) else { return Ok(()) };
    store
        .write(move |tx| -> std::result::Result<_, Error> {
            tx.request_id.clone_from(&request_id);
            let hour = tx.now().duration_trunc(TimeDelta::hours(1)).unwrap_or_else(|_range| tx.now());
            let object = format!("{}:{}", event.object_kind, event.object_id);
            if journal::tell_denial(tx, session, event.action, &object, hour)? {
                return Ok(journal::append(tx, event.clone())?.returning(()));
            }
            Ok(tx.unrecorded("this denial was told in this hour", ()))
        })
        .await
}
