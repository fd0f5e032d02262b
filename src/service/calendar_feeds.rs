//! Somebody's calendar for programs that read calendars: off until its owner opens it, behind a secret address that he
//! can renew and close, and never more than official numbers, states, kinds of deadlines and days of what he may see at
//! that moment.

use std::sync::Arc;

use chrono::TimeDelta;

use super::agenda::{self, Agenda};
use super::{Context, Result, Settings};
use crate::clock::{Instant, day_in_vietnam};
use crate::domain::access::{Action, Reach};
use crate::domain::codes::Lang;
use crate::domain::event::Event;
use crate::domain::refusal::Refusal;
use crate::store::accounts::{self, AccountState};
use crate::store::{ReadTx, Recorded, WriteTx, calendar_feeds, journal};
use crate::tokens::{SecretHash, hash_secret};

/// How far back a calendar reaches.
const BACK: TimeDelta = TimeDelta::days(62);
/// How far ahead.
const AHEAD: TimeDelta = TimeDelta::days(400);

/// Opens the actor's calendar under the secret with this hash; an older address opens nothing any more.
///
/// # Errors
/// `Error::Store` of the database.
pub fn open(tx: &mut WriteTx<'_>, ctx: &Context, secret: &SecretHash) -> Result<Recorded<()>> {
    ctx.must(Action::ReadDossier)?;
    let account = ctx.actor.account;
    calendar_feeds::open(tx, account, secret)?;
    let event = Event::new("calendar.opened", "account", account).by(account);
    Ok(journal::append(tx, event)?.returning(()))
}

/// Closes the actor's calendar.
///
/// # Errors
/// `NotFound` when it was not open.
pub fn close(tx: &mut WriteTx<'_>, ctx: &Context) -> Result<Recorded<()>> {
    let account = ctx.actor.account;
    if !calendar_feeds::close(tx, account)? {
        return Err(Refusal::NotFound.into());
    }
    let event = Event::new("calendar.closed", "account", account).by(account);
    Ok(journal::append(tx, event)?.returning(()))
}

/// Since when the actor's calendar is open under its present address.
///
/// # Errors
/// `Error::Store` of the database.
pub fn open_since(tx: &mut ReadTx<'_>, ctx: &Context) -> Result<Option<Instant>> {
    Ok(calendar_feeds::open_since(tx, ctx.actor.account)?)
}

/// What a calendar holds.
#[derive(Debug, Clone)]
pub struct Feed {
    /// In which language its owner reads.
    pub lang: Lang,
    /// Delegations and deadlines.
    pub agenda: Agenda,
}

/// What the calendar behind a secret holds now. A secret that is unknown, renewed or closed, and one whose owner is
/// active no more or may read nothing, open nothing.
///
/// # Errors
/// `NotFound`.
pub fn feed(tx: &mut ReadTx<'_>, settings: &Arc<Settings>, secret: &str) -> Result<Feed> {
    let owner = match secret.len() {
        43 => calendar_feeds::owner(tx, &hash_secret(secret))?,
        _ => None,
    };
    let owner = owner.ok_or(Refusal::NotFound)?;
    let is_active = accounts::load(tx, owner)?.is_some_and(|own| own.state == AccountState::Active);
    let actor = accounts::actor_of_account(tx, owner)?.filter(|_| is_active);
    let actor = actor.filter(|actor| actor.reach(Action::ReadDossier) != Reach::Never);
    let actor = actor.ok_or(Refusal::NotFound)?;
    let today = day_in_vietnam(tx.now());
    let ctx = Context { actor, settings: Arc::clone(settings) };
    let agenda = agenda::agenda(tx, &ctx, today - BACK, today + AHEAD)?;
    Ok(Feed { lang: ctx.actor.lang, agenda })
}
