//! Checkpoints on their way to the witness: one row an occasion, claimed with a lease as mails of the outbox are. The
//! witness has no account, so these are no rows of the outbox.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::error::StoreError;
use super::outbox::{MailState, Settlement};
use super::schema::witness_mails;
use super::{ReadTx, WriteTx};
use crate::clock::Instant;
use crate::domain::codes::Code;
use crate::domain::ids::MailId;

/// A claimed mail.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Why it is sent: `day 2026-03-02`, `close ..`.
    pub occasion: String,
    /// The checkpoint's size.
    pub size: u64,
    /// Stable over retries and replicas.
    pub message_id: String,
    /// Tries so far.
    pub attempts: i32,
    /// When it was queued.
    pub created_at: Instant,
}

/// Queues a checkpoint for the witness, once for an occasion; `false` when that was done already.
///
/// # Errors
/// `Conflict` when somebody else just does the same.
pub fn queue(tx: &mut WriteTx<'_>, occasion: &str, size: u64) -> Result<bool, StoreError> {
    if is_queued(tx, occasion)? {
        return Ok(false);
    }
    let (now, id) = (tx.now().naive_utc(), tx.fresh::<MailId>());
    let message_id = format!("{id}.{}", tx.installation());
    let made = diesel::insert_into(witness_mails::table)
        .values((
            witness_mails::occasion.eq(occasion),
            witness_mails::size.eq(i64::try_from(size).unwrap_or(i64::MAX)),
            witness_mails::message_id.eq(message_id),
            witness_mails::state.eq(MailState::Queued.code()),
            witness_mails::attempts.eq(0),
            witness_mails::due_at.eq(now),
            witness_mails::created_at.eq(now),
        ))
        .execute(tx.db());
    match made.map_err(StoreError::from) {
        Ok(_) => Ok(true),
        Err(StoreError::Taken { .. }) => Err(StoreError::Conflict),
        Err(other) => Err(other),
    }
}

/// Whether an occasion had its mail, sent or not.
///
/// # Errors
/// `StoreError` of the database.
pub fn is_queued(tx: &mut ReadTx<'_>, occasion: &str) -> Result<bool, StoreError> {
    let found: i64 = witness_mails::table.find(occasion).count().get_result(tx.db())?;
    Ok(found > 0)
}

/// What became of a mail to the witness.
#[derive(Debug, Clone)]
pub struct Told {
    /// The checkpoint's size.
    pub size: u64,
    /// Where the mail is.
    pub state: MailState,
    /// When it was queued.
    pub created_at: Instant,
    /// When it was sent.
    pub sent_at: Option<Instant>,
}

/// The last mail to the witness, sent or not.
///
/// # Errors
/// `StoreError` of the database; `Corrupt` for a state that is none.
pub fn last(tx: &mut ReadTx<'_>) -> Result<Option<Told>, StoreError> {
    let row: Option<(i64, String, NaiveDateTime, Option<NaiveDateTime>)> = witness_mails::table
        .order((witness_mails::created_at.desc(), witness_mails::size.desc()))
        .select((
            witness_mails::size,
            witness_mails::state,
            witness_mails::created_at,
            witness_mails::sent_at,
        ))
        .first(tx.db())
        .optional()?;
    let told = |(size, state, created_at, sent_at): (i64, String, NaiveDateTime, Option<NaiveDateTime>)| {
        let corrupt = || StoreError::Corrupt("a mail to the witness".to_owned());
        Ok(Told {
            size: u64::try_from(size).map_err(|_sign| corrupt())?,
            state: MailState::parse(&state).ok_or_else(corrupt)?,
            created_at: created_at.and_utc(),
            sent_at: sent_at.map(|at| at.and_utc()),
        })
    };
    row.map(told).transpose()
}

/// Occasions whose mail is due.
///
/// # Errors
/// `StoreError` of the database.
pub fn due(tx: &mut ReadTx<'_>) -> Result<Vec<String>, StoreError> {
    let now = tx.now().naive_utc();
    Ok(witness_mails::table
        .filter(
            witness_mails::state
                .eq_any([MailState::Queued.code(), MailState::Unknown.code()])
                .and(witness_mails::due_at.le(now))
                .or(witness_mails::state
                    .eq(MailState::Claimed.code())
                    .and(witness_mails::lease_until.lt(now))),
        )
        .order((witness_mails::due_at, witness_mails::occasion))
        .limit(20)
        .select(witness_mails::occasion)
        .load(tx.db())?)
}

/// Claims a due mail for `owner`; `None` when somebody else has it.
///
/// # Errors
/// `StoreError` of the database.
pub fn claim(
    tx: &mut WriteTx<'_>,
    occasion: &str,
    owner: &str,
    lease_until: Instant,
) -> Result<Option<Letter>, StoreError> {
    let now = tx.now().naive_utc();
    let free = witness_mails::table.filter(witness_mails::occasion.eq(occasion)).filter(
        witness_mails::state
            .eq_any([MailState::Queued.code(), MailState::Unknown.code()])
            .or(witness_mails::state.eq(MailState::Claimed.code()).and(witness_mails::lease_until.lt(now))),
    );
    let row: Option<(String, i64, String, i32, NaiveDateTime)> = diesel::update(free)
        .set((
            witness_mails::state.eq(MailState::Claimed.code()),
            witness_mails::lease_owner.eq(owner),
            witness_mails::lease_until.eq(lease_until.naive_utc()),
            witness_mails::attempts.eq(witness_mails::attempts + 1),
        ))
        .returning((
            witness_mails::occasion,
            witness_mails::size,
            witness_mails::message_id,
            witness_mails::attempts,
            witness_mails::created_at,
        ))
        .get_result(tx.db())
        .optional()?;
    Ok(row.map(|(occasion, size, message_id, attempts, created_at)| Letter {
        occasion,
        size: u64::try_from(size).unwrap_or(0),
        message_id,
        attempts,
        created_at: created_at.and_utc(),
    }))
}

/// Settles a claimed mail, if `owner` still holds it.
///
/// # Errors
/// `StoreError` of the database.
pub fn settle(tx: &mut WriteTx<'_>, occasion: &str, owner: &str, to: &Settlement) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    let held = witness_mails::table
        .filter(witness_mails::occasion.eq(occasion))
        .filter(witness_mails::state.eq(MailState::Claimed.code()))
        .filter(witness_mails::lease_owner.eq(owner));
    let sent_at = (to.state == MailState::Sent).then_some(now);
    diesel::update(held)
        .set((
            witness_mails::state.eq(to.state.code()),
            witness_mails::due_at.eq(to.due_at.naive_utc()),
            witness_mails::last_error.eq(to.error.clone()),
            witness_mails::sent_at.eq(sent_at),
            witness_mails::lease_owner.eq(None::<String>),
            witness_mails::lease_until.eq(None::<NaiveDateTime>),
        ))
        .execute(tx.db())?;
    Ok(())
}
