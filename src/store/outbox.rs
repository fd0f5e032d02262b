//! The outbox: a mail is a row, written in the same atomic unit as what it tells of, and rendered when it is
//! sent. Claimed with a lease and an owner, so that no two senders take one row.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::error::StoreError;
use super::schema::outbox;
use super::types::{Key, Word};
use super::{Entry, ReadTx, WriteTx};
use crate::clock::Instant;
use crate::domain::codes::{Code, codes};
use crate::domain::ids::{AccountId, DossierId, MailId};

codes! {
    /// Where a mail is.
    MailState {
        Queued = "queued",
        Claimed = "claimed",
        /// The server's last answer was lost: it may have been delivered.
        Unknown = "unknown",
        Sent = "sent",
        Dead = "dead",
        /// Kept back, after a restore.
        Held = "held",
    }
}

/// A mail's row.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Id; sorts by time.
    pub id: MailId,
    /// Journal entry that it tells of.
    pub event_seq: i64,
    /// To whom.
    pub recipient: AccountId,
    /// Which text.
    pub template: String,
    /// About which dossier.
    pub dossier: Option<DossierId>,
    /// Stable over retries and replicas.
    pub message_id: String,
    /// State.
    pub state: MailState,
    /// Tries so far.
    pub attempts: i32,
    /// Next try.
    pub due_at: Instant,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When it was written.
    pub created_at: Instant,
    /// When it went out.
    pub sent_at: Option<Instant>,
}

type Row = (
    Key<MailId>,
    i64,
    Key<AccountId>,
    String,
    Option<Key<DossierId>>,
    String,
    Word<MailState>,
    i32,
    NaiveDateTime,
    Option<String>,
    NaiveDateTime,
    Option<NaiveDateTime>,
);

const COLUMNS: (
    outbox::id,
    outbox::event_seq,
    outbox::recipient_id,
    outbox::template,
    outbox::dossier_id,
    outbox::message_id,
    outbox::state,
    outbox::attempts,
    outbox::due_at,
    outbox::last_error,
    outbox::created_at,
    outbox::sent_at,
) = (
    outbox::id,
    outbox::event_seq,
    outbox::recipient_id,
    outbox::template,
    outbox::dossier_id,
    outbox::message_id,
    outbox::state,
    outbox::attempts,
    outbox::due_at,
    outbox::last_error,
    outbox::created_at,
    outbox::sent_at,
);

fn mail(row: Row) -> Mail {
    Mail {
        id: row.0.0,
        event_seq: row.1,
        recipient: row.2.0,
        template: row.3,
        dossier: row.4.map(|key| key.0),
        message_id: row.5,
        state: row.6.0,
        attempts: row.7,
        due_at: row.8.and_utc(),
        last_error: row.9,
        created_at: row.10.and_utc(),
        sent_at: row.11.map(|at| at.and_utc()),
    }
}

/// Queues a mail about an event to each recipient once; about a dossier, or about many (a digest).
///
/// # Errors
/// `StoreError` of the database.
pub fn queue(
    tx: &mut WriteTx<'_>,
    event: Entry,
    template: &str,
    dossier: impl Into<Option<DossierId>>,
    recipients: &[AccountId],
) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    let dossier = dossier.into().map(|id| id.to_string());
    for recipient in recipients {
        let id: MailId = tx.fresh();
        let message_id = format!("{id}.{}", tx.installation());
        diesel::insert_into(outbox::table)
            .values((
                outbox::id.eq(id.to_string()),
                outbox::event_seq.eq(event.seq),
                outbox::recipient_id.eq(recipient.to_string()),
                outbox::template.eq(template),
                outbox::dossier_id.eq(dossier.clone()),
                outbox::message_id.eq(message_id),
                outbox::state.eq(MailState::Queued.code()),
                outbox::attempts.eq(0),
                outbox::due_at.eq(now),
                outbox::created_at.eq(now),
            ))
            .execute(tx.db())?;
    }
    Ok(())
}

/// Ids of mails that are due: queued or unknown ones, and claimed ones whose lease ran out.
///
/// # Errors
/// `StoreError` of the database.
pub fn due(tx: &mut ReadTx<'_>, limit: i64) -> Result<Vec<MailId>, StoreError> {
    let now = tx.now().naive_utc();
    let ids: Vec<Key<MailId>> = outbox::table
        .filter(
            outbox::state
                .eq_any([MailState::Queued.code(), MailState::Unknown.code()])
                .and(outbox::due_at.le(now))
                .or(outbox::state.eq(MailState::Claimed.code()).and(outbox::lease_until.lt(now))),
        )
        .order((outbox::due_at, outbox::id))
        .limit(limit)
        .select(outbox::id)
        .load(tx.db())?;
    Ok(ids.into_iter().map(|key| key.0).collect())
}

/// Claims one due mail for `owner` until `lease_until`; `None` when somebody else has it.
///
/// # Errors
/// `StoreError` of the database.
pub fn claim(
    tx: &mut WriteTx<'_>,
    id: MailId,
    owner: &str,
    lease_until: Instant,
) -> Result<Option<Mail>, StoreError> {
    let now = tx.now().naive_utc();
    let free = outbox::table.filter(outbox::id.eq(id.to_string())).filter(
        outbox::state
            .eq_any([MailState::Queued.code(), MailState::Unknown.code()])
            .or(outbox::state.eq(MailState::Claimed.code()).and(outbox::lease_until.lt(now))),
    );
    let row: Option<Row> = diesel::update(free)
        .set((
            outbox::state.eq(MailState::Claimed.code()),
            outbox::lease_owner.eq(owner),
            outbox::lease_until.eq(lease_until.naive_utc()),
            outbox::attempts.eq(outbox::attempts + 1),
        ))
        .returning(COLUMNS)
        .get_result(tx.db())
        .optional()?;
    Ok(row.map(mail))
}

/// What became of a try.
#[derive(Debug, Clone)]
pub struct Settlement {
    /// New state.
    pub state: MailState,
    /// Next try.
    pub due_at: Instant,
    /// Why not.
    pub error: Option<String>,
}

/// Settles a claimed mail, if `owner` still holds it; `false` when the lease was lost.
///
/// # Errors
/// `StoreError` of the database.
pub fn settle(tx: &mut WriteTx<'_>, id: MailId, owner: &str, to: &Settlement) -> Result<bool, StoreError> {
    let now = tx.now().naive_utc();
    let held = outbox::table
        .filter(outbox::id.eq(id.to_string()))
        .filter(outbox::state.eq(MailState::Claimed.code()))
        .filter(outbox::lease_owner.eq(owner));
    let sent_at = (to.state == MailState::Sent).then_some(now);
    let changed = diesel::update(held)
        .set((
            outbox::state.eq(to.state.code()),
            outbox::due_at.eq(to.due_at.naive_utc()),
            outbox::last_error.eq(to.error.clone()),
            outbox::sent_at.eq(sent_at),
            outbox::lease_owner.eq(None::<String>),
            outbox::lease_until.eq(None::<NaiveDateTime>),
        ))
        .execute(tx.db())?;
    Ok(changed == 1)
}

/// Holds every mail that has not surely gone out, until somebody sends it again; returns how many.
///
/// # Errors
/// `StoreError` of the database.
pub fn hold_all(tx: &mut WriteTx<'_>) -> Result<usize, StoreError> {
    let pending = outbox::table.filter(outbox::state.eq_any([
        MailState::Queued.code(),
        MailState::Claimed.code(),
        MailState::Unknown.code(),
    ]));
    Ok(diesel::update(pending)
        .set((outbox::state.eq(MailState::Held.code()), outbox::lease_owner.eq(None::<String>)))
        .execute(tx.db())?)
}

/// Queues a dead, held or unknown mail again.
///
/// # Errors
/// `NotFound` when there is none in such a state.
pub fn requeue(tx: &mut WriteTx<'_>, id: MailId) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    let stuck = outbox::table.filter(outbox::id.eq(id.to_string())).filter(outbox::state.eq_any([
        MailState::Dead.code(),
        MailState::Held.code(),
        MailState::Unknown.code(),
    ]));
    let changed = diesel::update(stuck)
        .set((outbox::state.eq(MailState::Queued.code()), outbox::attempts.eq(0), outbox::due_at.eq(now)))
        .execute(tx.db())?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Lists mails, newest first.
///
/// # Errors
/// `StoreError` of the database.
pub fn list(
    tx: &mut ReadTx<'_>,
    state: Option<MailState>,
    before: Option<MailId>,
    limit: i64,
) -> Result<Vec<Mail>, StoreError> {
    let mut query = outbox::table.select(COLUMNS).order(outbox::id.desc()).limit(limit).into_boxed();
    if let Some(state) = state {
        query = query.filter(outbox::state.eq(state.code()));
    }
    if let Some(before) = before {
        query = query.filter(outbox::id.lt(before.to_string()));
    }
    let rows: Vec<Row> = query.load(tx.db())?;
    Ok(rows.into_iter().map(mail).collect())
}

/// One mail.
///
/// # Errors
/// `StoreError` of the database.
pub fn load(tx: &mut ReadTx<'_>, id: MailId) -> Result<Option<Mail>, StoreError> {
    let row: Option<Row> = outbox::table.find(id.to_string()).select(COLUMNS).first(tx.db()).optional()?;
    Ok(row.map(mail))
}

/// How many mails wait to go out.
///
/// # Errors
/// `StoreError` of the database.
pub fn waiting(tx: &mut ReadTx<'_>) -> Result<i64, StoreError> {
    let states = [MailState::Queued.code(), MailState::Claimed.code(), MailState::Unknown.code()];
    Ok(outbox::table.filter(outbox::state.eq_any(states)).count().get_result(tx.db())?)
}
