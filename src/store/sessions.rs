//! Sign-ins: one row per family of refresh tokens, and the counters that limit failed tries.

use diesel::prelude::*;

use super::error::StoreError;
use super::schema::{sessions, sign_in_counters};
use super::types::{Key, Word};
use super::{ReadTx, WriteTx};
use crate::clock::Instant;
use crate::domain::codes::Code;
use crate::domain::device::{Browser, Device, Platform};
use crate::domain::ids::{AccountId, SessionId};

/// A new sign-in.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Id: the family of refresh tokens.
    pub id: SessionId,
    /// Whose.
    pub account: AccountId,
    /// Hash of the refresh secret that is valid now.
    pub refresh_hash: Vec<u8>,
    /// Ends when unused until then.
    pub idle_ends_at: Instant,
    /// Ends then in any case.
    pub absolute_ends_at: Instant,
}

/// Adds a sign-in.
///
/// # Errors
/// `StoreError` of the database.
pub fn insert(tx: &mut WriteTx<'_>, new: &NewSession) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(new.id.to_string()),
            sessions::account_id.eq(new.account.to_string()),
            sessions::refresh_hash.eq(new.refresh_hash.clone()),
            sessions::created_at.eq(now),
            sessions::used_at.eq(now),
            sessions::idle_ends_at.eq(new.idle_ends_at.naive_utc()),
            sessions::absolute_ends_at.eq(new.absolute_ends_at.naive_utc()),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// A sign-in that a browser's cookie names.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    /// Whose.
    pub account: AccountId,
    /// Ends when unused until then.
    pub idle_ends_at: Instant,
    /// Whether it lives: neither ended nor too old.
    pub live: bool,
}

/// The sign-in with this id and this secret, also one that has ended: what was typed last still belongs to somebody.
///
/// # Errors
/// `StoreError` of the database.
pub fn held_by(tx: &mut ReadTx<'_>, id: SessionId, hash: &[u8]) -> Result<Option<Held>, StoreError> {
    type Row = (Key<AccountId>, chrono::NaiveDateTime, chrono::NaiveDateTime, Option<chrono::NaiveDateTime>);
    let now = tx.now().naive_utc();
    let row: Option<Row> = sessions::table
        .filter(sessions::id.eq(id.to_string()))
        .filter(sessions::refresh_hash.eq(hash.to_vec()))
        .select((
            sessions::account_id,
            sessions::idle_ends_at,
            sessions::absolute_ends_at,
            sessions::revoked_at,
        ))
        .first(tx.db())
        .optional()?;
    Ok(row.map(|(Key(account), idle, absolute, revoked)| Held {
        account,
        idle_ends_at: idle.and_utc(),
        live: revoked.is_none() && idle > now && absolute > now,
    }))
}

/// Puts off the end of an unused sign-in: it was used just now.
///
/// # Errors
/// `StoreError` of the database.
pub fn touch(tx: &mut WriteTx<'_>, id: SessionId, idle_ends_at: Instant) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    let live = sessions::table.filter(sessions::id.eq(id.to_string())).filter(sessions::revoked_at.is_null());
    diesel::update(live)
        .set((sessions::idle_ends_at.eq(idle_ends_at.naive_utc()), sessions::used_at.eq(now)))
        .execute(tx.db())?;
    Ok(())
}

/// Notes from what a sign-in was opened.
///
/// # Errors
/// `StoreError` of the database.
pub fn came_from(tx: &mut WriteTx<'_>, id: SessionId, device: Device) -> Result<(), StoreError> {
    diesel::update(sessions::table.filter(sessions::id.eq(id.to_string())))
        .set((sessions::browser.eq(device.browser.code()), sessions::platform.eq(device.platform.code())))
        .execute(tx.db())?;
    Ok(())
}

/// A sign-in that lives.
#[derive(Debug, Clone)]
pub struct Live {
    /// Which.
    pub id: SessionId,
    /// Since when.
    pub created_at: Instant,
    /// When it was used last, to the minute; unknown of one that is older than this column.
    pub used_at: Option<Instant>,
    /// From what; unknown of one that is older than these columns.
    pub device: Option<Device>,
}

/// The sign-ins of an account that live, the newest first.
///
/// # Errors
/// `StoreError` of the database.
pub fn live_of(tx: &mut ReadTx<'_>, account: AccountId) -> Result<Vec<Live>, StoreError> {
    type Row = (
        Key<SessionId>,
        chrono::NaiveDateTime,
        Option<chrono::NaiveDateTime>,
        Option<Word<Browser>>,
        Option<Word<Platform>>,
    );
    let now = tx.now().naive_utc();
    let rows: Vec<Row> = sessions::table
        .filter(sessions::account_id.eq(account.to_string()))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::idle_ends_at.gt(now))
        .filter(sessions::absolute_ends_at.gt(now))
        .order((sessions::created_at.desc(), sessions::id.desc()))
        .select((
            sessions::id,
            sessions::created_at,
            sessions::used_at,
            sessions::browser,
            sessions::platform,
        ))
        .load(tx.db())?;
    let live = |(Key(id), created_at, used_at, browser, platform): Row| Live {
        id,
        created_at: created_at.and_utc(),
        used_at: used_at.map(|at| at.and_utc()),
        device: browser.zip(platform).map(|(Word(browser), Word(platform))| Device { browser, platform }),
    };
    Ok(rows.into_iter().map(live).collect())
}

/// What became of an attempt to use a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// The token was the valid one; the new one is valid now.
    Rotated(AccountId),
    /// The family is live but the token is not its valid one: it was used before.
    Reused(AccountId),
    /// No live family.
    Gone,
}

/// Exchanges the valid refresh token for the next one. The guarded update decides between simultaneous uses.
///
/// # Errors
/// `StoreError` of the database.
pub fn rotate(
    tx: &mut WriteTx<'_>,
    id: SessionId,
    old_hash: &[u8],
    new_hash: &[u8],
    idle_ends_at: Instant,
) -> Result<Rotation, StoreError> {
    let now = tx.now().naive_utc();
    let live = || {
        sessions::table
            .filter(sessions::id.eq(id.to_string()))
            .filter(sessions::revoked_at.is_null())
            .filter(sessions::idle_ends_at.gt(now))
            .filter(sessions::absolute_ends_at.gt(now))
    };
    let rotated: Option<String> = diesel::update(live().filter(sessions::refresh_hash.eq(old_hash.to_vec())))
        .set((
            sessions::refresh_hash.eq(new_hash.to_vec()),
            sessions::idle_ends_at.eq(idle_ends_at.naive_utc()),
            sessions::used_at.eq(now),
        ))
        .returning(sessions::account_id)
        .get_result(tx.db())
        .optional()?;
    if let Some(account) = rotated.and_then(|id| id.parse().ok()) {
        return Ok(Rotation::Rotated(account));
    }
    let owner: Option<Key<AccountId>> = live().select(sessions::account_id).first(tx.db()).optional()?;
    Ok(owner.map_or(Rotation::Gone, |key| Rotation::Reused(key.0)))
}

/// Ends one sign-in; `false` when it had ended, also by another write at the same time.
///
/// # Errors
/// `StoreError` of the database.
pub fn revoke(tx: &mut WriteTx<'_>, id: SessionId, why: &str) -> Result<bool, StoreError> {
    let now = tx.now().naive_utc();
    let live = sessions::table.filter(sessions::id.eq(id.to_string())).filter(sessions::revoked_at.is_null());
    let changed = diesel::update(live)
        .set((sessions::revoked_at.eq(now), sessions::revoked_why.eq(why)))
        .execute(tx.db())?;
    Ok(changed == 1)
}

/// Ends all sign-ins of an account.
///
/// # Errors
/// `StoreError` of the database.
pub fn revoke_all(tx: &mut WriteTx<'_>, account: AccountId, why: &str) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    let live = sessions::table
        .filter(sessions::account_id.eq(account.to_string()))
        .filter(sessions::revoked_at.is_null());
    diesel::update(live)
        .set((sessions::revoked_at.eq(now), sessions::revoked_why.eq(why)))
        .execute(tx.db())?;
    Ok(())
}

/// Ends every sign-in of everybody; returns how many.
///
/// # Errors
/// `StoreError` of the database.
pub fn revoke_everybody(tx: &mut WriteTx<'_>, why: &str) -> Result<usize, StoreError> {
    let now = tx.now().naive_utc();
    Ok(diesel::update(sessions::table.filter(sessions::revoked_at.is_null()))
        .set((sessions::revoked_at.eq(now), sessions::revoked_why.eq(why)))
        .execute(tx.db())?)
}

/// The counter of failed tries for one (hashed) name.
#[derive(Debug, Clone, Copy)]
pub struct Counter {
    /// Failures, reservations included.
    pub failures: i32,
    /// Since when they are counted.
    pub started_at: Instant,
    /// Locked until then.
    pub locked_until: Option<Instant>,
}

/// Loads a counter.
///
/// # Errors
/// `StoreError` of the database.
pub fn load_counter(tx: &mut ReadTx<'_>, name_mac: &[u8]) -> Result<Option<Counter>, StoreError> {
    let row: Option<(i32, chrono::NaiveDateTime, Option<chrono::NaiveDateTime>)> = sign_in_counters::table
        .filter(sign_in_counters::name_mac.eq(name_mac.to_vec()))
        .select((sign_in_counters::failures, sign_in_counters::started_at, sign_in_counters::locked_until))
        .first(tx.db())
        .optional()?;
    Ok(row.map(|(failures, started_at, locked_until)| Counter {
        failures,
        started_at: started_at.and_utc(),
        locked_until: locked_until.map(|at| at.and_utc()),
    }))
}

/// Adds one to a counter (making it if need be) and returns its row locked until the end of the transaction:
/// of parallel tries each sees another number.
///
/// # Errors
/// `StoreError` of the database; `Conflict` when two made the row at once.
pub fn count_up(tx: &mut WriteTx<'_>, name_mac: &[u8]) -> Result<Counter, StoreError> {
    let row = sign_in_counters::table.filter(sign_in_counters::name_mac.eq(name_mac.to_vec()));
    let changed = diesel::update(row)
        .set(sign_in_counters::failures.eq(sign_in_counters::failures + 1))
        .execute(tx.db())?;
    if changed == 0 {
        let now = tx.now().naive_utc();
        let made = diesel::insert_into(sign_in_counters::table)
            .values((
                sign_in_counters::name_mac.eq(name_mac.to_vec()),
                sign_in_counters::failures.eq(1),
                sign_in_counters::started_at.eq(now),
            ))
            .execute(tx.db());
        match made.map_err(StoreError::from) {
            Ok(_) => {}
            Err(StoreError::Taken { .. }) => return Err(StoreError::Conflict),
            Err(other) => return Err(other),
        }
    }
    load_counter(tx, name_mac)?.ok_or(StoreError::NotFound)
}

/// Sets a counter anew.
///
/// # Errors
/// `StoreError` of the database.
pub fn set_counter(tx: &mut WriteTx<'_>, name_mac: &[u8], counter: Counter) -> Result<(), StoreError> {
    diesel::update(sign_in_counters::table.filter(sign_in_counters::name_mac.eq(name_mac.to_vec())))
        .set((
            sign_in_counters::failures.eq(counter.failures),
            sign_in_counters::started_at.eq(counter.started_at.naive_utc()),
            sign_in_counters::locked_until.eq(counter.locked_until.map(|at| at.naive_utc())),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Locks a counter until an instant, if it is not locked; `false` when it was.
///
/// # Errors
/// `StoreError` of the database.
pub fn lock_counter(tx: &mut WriteTx<'_>, name_mac: &[u8], until: Instant) -> Result<bool, StoreError> {
    let open = sign_in_counters::table
        .filter(sign_in_counters::name_mac.eq(name_mac.to_vec()))
        .filter(sign_in_counters::locked_until.is_null());
    let changed =
        diesel::update(open).set(sign_in_counters::locked_until.eq(until.naive_utc())).execute(tx.db())?;
    Ok(changed == 1)
}

/// Counters that began before an instant and are not locked now: key, failures, and when they began.
///
/// # Errors
/// `StoreError` of the database.
pub fn old_counters(
    tx: &mut ReadTx<'_>,
    before: Instant,
    limit: i64,
) -> Result<Vec<(Vec<u8>, Counter)>, StoreError> {
    let now = tx.now().naive_utc();
    let rows: Vec<(Vec<u8>, i32, chrono::NaiveDateTime)> = sign_in_counters::table
        .filter(sign_in_counters::started_at.le(before.naive_utc()))
        .filter(sign_in_counters::locked_until.is_null().or(sign_in_counters::locked_until.le(now)))
        .order(sign_in_counters::started_at)
        .limit(limit)
        .select((sign_in_counters::name_mac, sign_in_counters::failures, sign_in_counters::started_at))
        .load(tx.db())?;
    let counter = |(key, failures, started_at): (Vec<u8>, i32, chrono::NaiveDateTime)| {
        (key, Counter { failures, started_at: started_at.and_utc(), locked_until: None })
    };
    Ok(rows.into_iter().map(counter).collect())
}

/// Forgets a counter, if it still began then; returns its failures.
///
/// # Errors
/// `StoreError` of the database.
pub fn forget_counter(
    tx: &mut WriteTx<'_>,
    key: &[u8],
    started_at: Instant,
) -> Result<Option<i32>, StoreError> {
    let row = sign_in_counters::table
        .filter(sign_in_counters::name_mac.eq(key.to_vec()))
        .filter(sign_in_counters::started_at.eq(started_at.naive_utc()));
    Ok(diesel::delete(row).returning(sign_in_counters::failures).get_result(tx.db()).optional()?)
}
