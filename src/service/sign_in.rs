//! Signing in, in two writes with the hash between them: `reserve` counts the try before anything is compared, so
//! that parallel guesses cannot pass the limit; `settle` keeps or refuses it. Refresh tokens rotate here, and
//! one-time links become passwords. It must not know how passwords are hashed.
//!
//! A locked name answers 429 with the seconds that are left, a name that nobody has just as well: the counter is
//! kept by the keyed fingerprint of whatever was typed. Every other "no" is the same 401.

use chrono::TimeDelta;

use super::{Result, Settings};
use crate::clock::Instant;
use crate::domain::device::Device;
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, SessionId};
use crate::domain::refusal::Refusal;
use crate::domain::text;
use crate::store::accounts::{self, Account, AccountState};
use crate::store::sessions::{self, Counter, NewSession, Rotation};
use crate::store::{ReadTx, Recorded, WriteTx, journal};
use crate::tokens::{SecretHash, new_refresh_token, parse_refresh_token};
use crate::vault::Secret;

mod telling;

pub use telling::sum_up;

/// Longest name that is looked up, in characters; no account has a longer one.
const LONGEST: usize = 64;
/// Tries are counted within an hour.
const PERIOD: TimeDelta = TimeDelta::hours(1);

/// The limits of signing in.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Failures in a row after which a name is locked.
    pub lock_after: i32,
    /// How long it stays locked.
    pub lock: TimeDelta,
    /// How long a session lives unused.
    pub idle: TimeDelta,
    /// How long a session lives at most.
    pub absolute: TimeDelta,
}

/// A try that was counted.
#[derive(Debug, Clone)]
pub enum Reservation {
    /// Compare the password with this, then settle.
    Open(Try),
    /// Too many failed before; seconds to wait.
    Locked(u64),
}

/// What to compare with.
#[derive(Debug, Clone)]
pub struct Try {
    counter: SecretHash,
    /// The account of that name and the hash of its password; `None` also where the account may not sign in.
    pub known: Option<(AccountId, String)>,
    /// Whom the journal names: an account, also one that may not sign in.
    named: Option<AccountId>,
}

/// A sign-in that was opened.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Whose.
    pub account: AccountId,
    /// The session.
    pub session: SessionId,
    /// The refresh token that is valid now.
    pub refresh: Secret,
}

/// Counts a try for a name, before its password is looked at.
///
/// # Errors
/// `Error::Store` when the database cannot write now.
pub fn reserve(
    tx: &mut WriteTx<'_>,
    settings: &Settings,
    limits: Limits,
    typed: &str,
) -> Result<Recorded<Reservation>> {
    // PostgreSQL takes no NUL in a text; no account's name has any control character.
    let plain = typed.chars().take(LONGEST + 1).map(|c| if c.is_control() { '\u{FFFD}' } else { c });
    let folded = text::folded(&plain.collect::<String>());
    let counter = settings.vault.mac("sign-in name", folded.as_bytes())?;
    let found = accounts::load_by_name(tx, &folded)?;
    let named = found.as_ref().map(|(account, _)| account.id);
    if let Some((left, now_locked)) = count(tx, &counter, limits)? {
        let seconds = u64::try_from(left.num_seconds().max(1)).unwrap_or(1);
        return Ok(telling::failed(tx, named, now_locked)?.map(|()| Reservation::Locked(seconds)));
    }
    let may = found.filter(|(account, _)| account.state == AccountState::Active);
    let known = may.and_then(|(account, hash)| Some((account.id, hash?)));
    Ok(tx.unrecorded("a reserved try is settled next", Reservation::Open(Try { counter, known, named })))
}

/// Counts up; if the name is locked, the time that is left and whether it was locked by this very try.
fn count(tx: &mut WriteTx<'_>, key: &SecretHash, limits: Limits) -> Result<Option<(TimeDelta, bool)>> {
    let now = tx.now();
    let counter = sessions::count_up(tx, key)?;
    let over = match counter.locked_until {
        Some(until) => until <= now,
        None => counter.started_at + PERIOD <= now,
    };
    if over {
        sessions::set_counter(tx, key, Counter { failures: 1, started_at: now, locked_until: None })?;
        return Ok(None);
    }
    if let Some(until) = counter.locked_until {
        return Ok(Some((until - now, false)));
    }
    if counter.failures > limits.lock_after {
        // As many as may are being compared at this moment; whoever comes besides must wait like the locked.
        let locked = sessions::lock_counter(tx, key, now + limits.lock)?;
        return Ok(Some((limits.lock, locked)));
    }
    Ok(None)
}

/// Ends a try: with the right password the counter begins anew and a session opens, else the failure is told.
/// `rehashed` is the same password hashed at today's cost.
///
/// # Errors
/// `Error::Store` when the database cannot write now.
pub fn settle(
    tx: &mut WriteTx<'_>,
    limits: Limits,
    made: &Try,
    right: bool,
    rehashed: Option<&str>,
) -> Result<Recorded<Option<Opened>>> {
    let unchanged = match &made.known {
        Some((id, hash)) if right => still(tx, *id, hash)?,
        _ => None,
    };
    let Some((account, hash)) = unchanged else {
        let full = sessions::load_counter(tx, &made.counter)?
            .is_some_and(|counter| counter.failures >= limits.lock_after);
        let until = tx.now() + limits.lock;
        let locked = full && sessions::lock_counter(tx, &made.counter, until)?;
        return Ok(telling::failed(tx, made.named, locked)?.map(|()| None));
    };
    if let Some(new) = rehashed {
        accounts::rehash(tx, account.id, hash, new)?;
    }
    let anew = Counter { failures: 0, started_at: tx.now(), locked_until: None };
    sessions::set_counter(tx, &made.counter, anew)?;
    Ok(open(tx, account.id, limits)?.map(Some))
}

/// The account, if it may still sign in with the hash that was compared.
fn still<'h>(tx: &mut ReadTx<'_>, id: AccountId, hash: &'h str) -> Result<Option<(Account, &'h str)>> {
    let Some(account) = accounts::load(tx, id)? else { return Ok(None) };
    let stored = accounts::load_by_name(tx, &text::folded(&account.username))?.and_then(|(_, hash)| hash);
    let same = stored.as_deref() == Some(hash) && account.state == AccountState::Active;
    Ok(same.then_some((account, hash)))
}

/// Opens a session of an account, whoever answers for it having been checked.
///
/// # Errors
/// `Error::Store` when the database cannot write now.
pub fn open(tx: &mut WriteTx<'_>, account: AccountId, limits: Limits) -> Result<Recorded<Opened>> {
    let (now, session) = (tx.now(), tx.fresh::<SessionId>());
    let (refresh, hash) = new_refresh_token(session.0);
    sessions::insert(
        tx,
        &NewSession {
            id: session,
            account,
            refresh_hash: hash.to_vec(),
            idle_ends_at: now + limits.idle.min(limits.absolute),
            absolute_ends_at: now + limits.absolute,
        },
    )?;
    // Not the session's id: who knows it could end the session by a made-up refresh token.
    let event = Event::new("sign_in.succeeded", "account", account).by(account);
    Ok(journal::append(tx, event)?.returning(Opened { account, session, refresh }))
}

/// Notes from what a sign-in was opened, in the write that opened it.
///
/// # Errors
/// `Error::Store` when the database cannot write now.
pub fn came_from(tx: &mut WriteTx<'_>, opened: &Opened, device: Device) -> Result<()> {
    Ok(sessions::came_from(tx, opened.session, device)?)
}

/// Replaces one's own password, the old one having been compared: every sign-in ends, and a new one opens for whoever
/// has just shown that he knows it. `None` when the account or its password has changed meanwhile.
///
/// # Errors
/// `Error::Store` when the database cannot write now.
pub fn change_password(
    tx: &mut WriteTx<'_>,
    limits: Limits,
    made: &Try,
    hash: &str,
) -> Result<Recorded<Option<Opened>>> {
    let unchanged = match &made.known {
        Some((id, old)) => still(tx, *id, old)?,
        None => None,
    };
    let Some((account, _)) = unchanged else {
        return Ok(telling::failed(tx, made.named, false)?.map(|()| None));
    };
    let _set = super::users::set_password_hash(tx, account.id, hash)?;
    let anew = Counter { failures: 0, started_at: tx.now(), locked_until: None };
    sessions::set_counter(tx, &made.counter, anew)?;
    Ok(open(tx, account.id, limits)?.map(Some))
}

/// What became of a refresh token.
#[derive(Debug, Clone)]
pub enum Refreshed {
    /// The next one.
    Next(Opened),
    /// None: it was never ours, has ended, or was used before, which ends the whole family.
    Refused,
}

/// Exchanges a refresh token for the next one. One that was used before ends every descendant of its sign-in.
///
/// # Errors
/// `Error::Store` when the database cannot write now.
pub fn refresh(tx: &mut WriteTx<'_>, limits: Limits, typed: &str) -> Result<Recorded<Refreshed>> {
    let Some((session, old)) = parse_refresh_token(typed) else {
        return Ok(tx.unrecorded("not one of our tokens", Refreshed::Refused));
    };
    let session = SessionId(session);
    let (next, new) = new_refresh_token(session.0);
    let idle_ends_at: Instant = tx.now() + limits.idle;
    match sessions::rotate(tx, session, &old, &new, idle_ends_at)? {
        Rotation::Rotated(account) => {
            let state = accounts::load(tx, account)?.map(|account| account.state);
            if state != Some(AccountState::Active) {
                return Err(Refusal::Unauthorised.into());
            }
            let opened = Opened { account, session, refresh: next };
            Ok(tx.unrecorded("the same sign-in goes on", Refreshed::Next(opened)))
        }
        Rotation::Reused(account) => Ok(reused(tx, session, account)?.map(|()| Refreshed::Refused)),
        Rotation::Gone => Ok(tx.unrecorded("no such sign-in any more", Refreshed::Refused)),
    }
}

fn reused(tx: &mut WriteTx<'_>, session: SessionId, account: AccountId) -> Result<Recorded<()>> {
    if !sessions::revoke(tx, session, "refresh token reused")? {
        return Ok(tx.unrecorded("told by whoever ended it", ()));
    }
    let event = Event::new("session.refresh_reused", "account", account);
    Ok(journal::append(tx, event)?.returning(()))
}

/// Ends the sign-in behind an access token.
///
/// # Errors
/// `Unauthorised` when it has ended.
pub fn end(tx: &mut WriteTx<'_>, session: SessionId) -> Result<Recorded<()>> {
    let actor = accounts::actor_of_session(tx, session)?.ok_or(Refusal::Unauthorised)?;
    sessions::revoke(tx, session, "signed out")?;
    let event = Event::new("session.ended", "account", actor.account).by(actor.account);
    Ok(journal::append(tx, event)?.returning(()))
}

/// Ends the sign-in behind a refresh token.
///
/// # Errors
/// `Unauthorised` when it is not one of ours or has ended.
pub fn end_by_token(tx: &mut WriteTx<'_>, typed: &str) -> Result<Recorded<()>> {
    let (session, hash) = parse_refresh_token(typed).ok_or(Refusal::Unauthorised)?;
    let session = SessionId(session);
    let (_thrown_away, new) = new_refresh_token(session.0);
    let now = tx.now();
    match sessions::rotate(tx, session, &hash, &new, now)? {
        Rotation::Rotated(account) => {
            sessions::revoke(tx, session, "signed out")?;
            let event = Event::new("session.ended", "account", account).by(account);
            Ok(journal::append(tx, event)?.returning(()))
        }
        Rotation::Reused(account) => reused(tx, session, account),
        Rotation::Gone => Err(Refusal::Unauthorised.into()),
    }
}

/// The account that a live one-time link is for; the link stays live.
///
/// # Errors
/// `NotFound` for an unknown, used or expired link, and for a disabled account.
pub fn link_owner(tx: &mut ReadTx<'_>, secret: &SecretHash) -> Result<Account> {
    let id = accounts::link_owner(tx, secret)?.ok_or(Refusal::NotFound)?;
    let owner = accounts::load(tx, id)?.filter(|account| account.state != AccountState::Disabled);
    owner.ok_or_else(|| Refusal::NotFound.into())
}

/// Uses a one-time link up and sets the password; the name is no longer locked.
///
/// # Errors
/// `NotFound` as [`link_owner`]; of two uses at once the second.
pub fn activate(
    tx: &mut WriteTx<'_>,
    settings: &Settings,
    secret: &SecretHash,
    hash: &str,
) -> Result<Recorded<Account>> {
    let id = accounts::use_link(tx, secret)?;
    let account = accounts::load(tx, id)?.ok_or(Refusal::NotFound)?;
    let set = super::users::set_password_hash(tx, id, hash)?;
    let counter = settings.vault.mac("sign-in name", text::folded(&account.username).as_bytes())?;
    let anew = Counter { failures: 0, started_at: tx.now(), locked_until: None };
    sessions::set_counter(tx, &counter, anew)?;
    Ok(set.map(|()| account))
}
