//! One's own account: its language, and the sign-ins that live. An administrator sees and ends those of others too. A
//! sign-in is named by a handle, not by its id: who knows the id could end it under a pretext, in nobody's name.

use super::{Context, Result, users};
use crate::clock::Instant;
use crate::domain::access::Action;
use crate::domain::codes::{Code, Lang};
use crate::domain::device::Device;
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, SessionId};
use crate::domain::refusal::Refusal;
use crate::store::sessions::{self, Live};
use crate::store::{ReadTx, Recorded, WriteTx, accounts, journal};

/// A sign-in that lives, as its owner or an administrator sees it.
#[derive(Debug, Clone)]
pub struct SignInView {
    /// By which it is named when it is to end.
    pub handle: String,
    /// Since when.
    pub since: Instant,
    /// When it was used last, to the minute.
    pub used_at: Option<Instant>,
    /// From what.
    pub device: Option<Device>,
    /// Whether it is the one that asks.
    pub current: bool,
}

fn handle(ctx: &Context, id: SessionId) -> Result<String> {
    Ok(hex::encode(ctx.vault().mac("sign-in handle", id.0.as_bytes())?))
}

/// The sign-ins of an account: one's own, or for an administrator anybody's.
///
/// # Errors
/// `Forbidden` for those of others without the right.
pub fn sign_ins(tx: &mut ReadTx<'_>, ctx: &Context, account: AccountId) -> Result<Vec<SignInView>> {
    if account != ctx.actor.account {
        ctx.must(Action::EditUsers)?;
    }
    let view = |live: Live| {
        Ok(SignInView {
            handle: handle(ctx, live.id)?,
            since: live.created_at,
            used_at: live.used_at,
            device: live.device,
            current: ctx.actor.session == Some(live.id),
        })
    };
    sessions::live_of(tx, account)?.into_iter().map(view).collect()
}

/// Ends one sign-in of an account: one's own, or for an administrator anybody's. It works no longer from the next request
/// on.
///
/// # Errors
/// `NotFound` when there is none, or no longer; `Forbidden` for those of others without the right.
pub fn end_sign_in(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    account: AccountId,
    named: &str,
) -> Result<Recorded<()>> {
    checked(tx, ctx, account)?;
    for live in sessions::live_of(tx, account)? {
        if handle(ctx, live.id)? == named && sessions::revoke(tx, live.id, "ended by hand")? {
            return Ok(journal::append(tx, ended(ctx, account))?.returning(()));
        }
    }
    Err(Refusal::NotFound.into())
}

/// Ends all sign-ins of an account, except the one that asks.
///
/// # Errors
/// `NotFound` for an account that there is not, `Forbidden` for those of others without the right.
pub fn end_other_sign_ins(tx: &mut WriteTx<'_>, ctx: &Context, account: AccountId) -> Result<Recorded<()>> {
    checked(tx, ctx, account)?;
    let mut ends = 0_u32;
    for live in sessions::live_of(tx, account)? {
        if ctx.actor.session != Some(live.id) && sessions::revoke(tx, live.id, "ended by hand")? {
            ends += 1;
        }
    }
    if ends == 0 {
        return Ok(tx.unrecorded("there was none to end", ()));
    }
    Ok(journal::append(tx, ended(ctx, account).with("sign_ins", ends))?.returning(()))
}

/// Whether these sign-ins are the actor's to end.
fn checked(tx: &mut WriteTx<'_>, ctx: &Context, account: AccountId) -> Result<()> {
    if account != ctx.actor.account {
        users::editable(tx, Some(ctx), account)?;
    }
    Ok(())
}

fn ended(ctx: &Context, account: AccountId) -> Event {
    Event::new("session.ended", "account", account).by(ctx.actor.account)
}

/// Chooses the language of one's own pages and mails.
///
/// # Errors
/// `Error::Store` of the database.
pub fn speak(tx: &mut WriteTx<'_>, ctx: &Context, lang: Lang) -> Result<Recorded<()>> {
    let id = ctx.actor.account;
    let mut account = accounts::load(tx, id)?.ok_or(Refusal::NotFound)?;
    if account.lang == lang {
        return Ok(tx.unrecorded("it is this language already", ()));
    }
    let event = Event::new("account.changed", "account", id).by(id);
    let event = event.with("lang.from", account.lang.code()).with("lang.to", lang.code());
    account.lang = lang;
    accounts::update(tx, &account)?;
    Ok(journal::append(tx, event)?.returning(()))
}
