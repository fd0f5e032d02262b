//! What people see of mails and do to them by hand: sending a stuck one again.

use super::{Context, Result};
use crate::domain::access::Action;
use crate::domain::codes::Code;
use crate::domain::event::Event;
use crate::domain::ids::MailId;
use crate::domain::refusal::Refusal;
use crate::store::outbox::{self, Mail, MailState};
use crate::store::{ReadTx, Recorded, StoreError, WriteTx, journal};

/// Mails, newest first, perhaps of one state.
///
/// # Errors
/// `Forbidden`; `Error::Store` of the database.
pub fn list(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    state: Option<MailState>,
    before: Option<MailId>,
    limit: i64,
) -> Result<Vec<Mail>> {
    ctx.must(Action::ReadOutbox)?;
    Ok(outbox::list(tx, state, before, limit)?)
}

/// Queues a dead, held or unknown mail again.
///
/// # Errors
/// `NotFound`; `IllegalMove` when it is on its way or was sent.
pub fn resend(tx: &mut WriteTx<'_>, ctx: &Context, id: MailId) -> Result<Recorded<Mail>> {
    ctx.must(Action::ResendMail)?;
    let before = outbox::load(tx, id)?.ok_or(Refusal::NotFound)?;
    match outbox::requeue(tx, id) {
        Err(StoreError::NotFound) => {
            return Err(Refusal::IllegalMove { state: before.state.code(), command: "resend" }.into());
        }
        other => other?,
    }
    let mail = outbox::load(tx, id)?.ok_or(Refusal::NotFound)?;
    let event =
        Event::new("mail.queued_again", "mail", id).by(ctx.actor.account).with("was", before.state.code());
    Ok(journal::append(tx, event)?.returning(mail))
}
