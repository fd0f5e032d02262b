//! Sends what waits in the outbox: claim with a lease, render, send outside any transaction, settle. A lost final
//! answer makes the mail "unknown": it is tried again with the same Message-ID, so that a reader can tell.

use chrono::TimeDelta;
use rand::RngExt;

use super::Jobs;
use crate::clock::Instant;
use crate::domain::approval::StepState;
use crate::domain::codes::Code;
use crate::domain::ids::{AccountId, DossierId, MailId};
use crate::mail::{DigestLine, Kind, Notice, Outcome, render};
use crate::service::digest::{Line, Matter};
use crate::service::returns::told as returns;
use crate::service::{self, Error};
use crate::store::dossiers;
use crate::store::outbox::{self, Mail, MailState, Settlement};
use crate::store::steps::{self, StoredStep};
use crate::store::{ReadTx, accounts, organisations};

/// Mails sent per run, so that one run ends.
const BATCH: i64 = 50;
/// How long a claim holds: longer than the transport's timeouts together.
pub(super) const LEASE: TimeDelta = TimeDelta::minutes(5);
/// Tries before a mail is dead: about a day and a half of backing off.
const TRIES: i32 = 12;
/// Longest wait between two tries.
const LONGEST: TimeDelta = TimeDelta::hours(6);

/// Sends what is due.
pub(super) fn run(jobs: &Jobs) -> Result<(), Error> {
    if jobs.transport.is_none() {
        return Ok(());
    }
    let owner = format!("{}-{}", std::process::id(), rand::rng().random::<u64>());
    let due = jobs.store.read_blocking(|tx| Ok::<_, Error>(outbox::due(tx, BATCH)?))?;
    for id in due {
        deliver(jobs, id, &owner)?;
    }
    Ok(())
}

fn deliver(jobs: &Jobs, id: MailId, owner: &str) -> Result<(), Error> {
    let claimed = {
        let owner = owner.to_owned();
        jobs.store.write_blocking(move |tx| {
            let until = tx.now() + LEASE;
            let mail = outbox::claim(tx, id, &owner, until)?;
            Ok::<_, Error>(tx.unrecorded("claiming a mail changes nothing that is evidence", mail))
        })?
    };
    let Some(mail) = claimed else { return Ok(()) };
    let outcome = send(jobs, &mail)?;
    let to = settlement(mail.attempts, outcome, jobs.store.now());
    tracing::info!(mail = %mail.id, template = mail.template, state = to.state.code(), "mail");
    let owner = owner.to_owned();
    jobs.store.write_blocking(move |tx| {
        outbox::settle(tx, id, &owner, &to)?;
        Ok::<_, Error>(tx.unrecorded("the mail's row itself tells what became of it", ()))
    })
}

fn send(jobs: &Jobs, mail: &Mail) -> Result<Outcome, Error> {
    let Some(transport) = &jobs.transport else {
        return Ok(Outcome::Retry { reason: "no transport".to_owned() });
    };
    let notice = jobs.store.read_blocking(|tx| notice(tx, jobs, mail))?;
    let Some(notice) = notice else {
        return Ok(Outcome::Dead { reason: "nobody to tell any more".to_owned() });
    };
    Ok(match render(&notice) {
        Ok(rendered) => transport.send(&rendered),
        Err(fault) => Outcome::Dead { reason: fault.to_string() },
    })
}

/// Gathers what the mail says, from the rows as they are now.
fn notice(tx: &mut ReadTx<'_>, jobs: &Jobs, mail: &Mail) -> Result<Option<Notice>, Error> {
    let Some(account) = accounts::load(tx, mail.recipient)? else { return Ok(None) };
    let Some(kind) = Kind::parse(&mail.template) else { return Ok(None) };
    if kind == Kind::Digest {
        return digest(tx, jobs, mail, account);
    }
    if kind.about_a_return() {
        return told_of_return(tx, jobs, mail, kind, account);
    }
    let Some(id) = mail.dossier else { return Ok(None) };
    let Some(stored) = dossiers::load_any(tx, id)? else { return Ok(None) };
    let organisation = organisations::load(tx, stored.dossier.organisation)?;
    Ok(Some(Notice {
        kind,
        lang: account.lang,
        direction: Some(stored.dossier.direction),
        code: stored.dossier.code.clone(),
        step: steps::open_kind(tx, id)?,
        organisation: organisation
            .map(|organisation| organisation.name(account.lang).to_owned())
            .unwrap_or_default(),
        arrives_on: stored.content.starts_on(),
        departs_on: stored.content.ends_on(),
        due_on: stored.supplement_due_on.filter(|_| kind == Kind::Returned),
        period: None,
        sha256: None,
        lines: Vec::new(),
        link: match page_of(tx, kind, id, mail.recipient)? {
            Some(page) => format!("{}/{page}", link(jobs, id)),
            None => link(jobs, id),
        },
        to_name: account.display_name,
        to_address: account.email,
        from: jobs.from.clone(),
        message_id: jobs.message_id(&mail.message_id),
        date: mail.created_at,
    }))
}

/// The page below the dossier's own on which is done what this mail asks for; none for a mail that tells alone, and for
/// what was done meanwhile.
fn page_of(
    tx: &mut ReadTx<'_>,
    kind: Kind,
    id: DossierId,
    reader: AccountId,
) -> Result<Option<&'static str>, Error> {
    match kind {
        Kind::OverrideAsked => Ok(Some("overrides")),
        Kind::ReceivedForStep => {
            let (mut open, mut records) = (false, false);
            for StoredStep { step, .. } in steps::list(tx, id)? {
                let is_open = step.state == StepState::Open;
                open |= is_open;
                let answers = is_open && step.on_paper();
                records |= answers && accounts::holders(tx, step.role, step.organisation)?.contains(&reader);
            }
            let page = if records { "do/record_opinion" } else { "do/advance" };
            Ok(Some(page).filter(|_| open))
        }
        _ => Ok(None),
    }
}

fn link(jobs: &Jobs, id: DossierId) -> String {
    format!("{}/delegations/{id}", jobs.base_url.trim_end_matches('/'))
}

/// A link to a return and its hash, never the return itself: it holds names.
fn told_of_return(
    tx: &mut ReadTx<'_>,
    jobs: &Jobs,
    mail: &Mail,
    kind: Kind,
    account: accounts::Account,
) -> Result<Option<Notice>, Error> {
    let Some(told) = returns::told(tx, kind, mail.event_seq)? else { return Ok(None) };
    let lang = account.lang;
    let organisation = organisations::load(tx, told.organisation)?;
    let base = jobs.base_url.trim_end_matches('/');
    let address = format!("reports/{}/{}", told.period.kind(), told.period.label());
    Ok(Some(Notice {
        kind,
        lang,
        direction: None,
        code: None,
        step: None,
        organisation: organisation.map(|one| one.name(lang).to_owned()).unwrap_or_default(),
        arrives_on: None,
        departs_on: None,
        due_on: told.due_on,
        period: Some(told.words(lang)),
        sha256: Some(told.sha256),
        lines: Vec::new(),
        link: format!("{base}/{address}?window={}&of={}", told.window, told.organisation),
        to_name: account.display_name,
        to_address: account.email,
        from: jobs.from.clone(),
        message_id: jobs.message_id(&mail.message_id),
        date: mail.created_at,
    }))
}

/// What an account is reminded of now; nothing if all was done meanwhile, or the account lost its roles.
fn digest(
    tx: &mut ReadTx<'_>,
    jobs: &Jobs,
    mail: &Mail,
    account: accounts::Account,
) -> Result<Option<Notice>, Error> {
    let lines = service::digest::lines(tx, &jobs.settings, account.id)?;
    if lines.is_empty() {
        return Ok(None);
    }
    let names = organisations::list(tx)?;
    let name = |id| names.iter().find(|one| one.id == id).map_or("", |one| one.name(account.lang)).to_owned();
    let line = |line: Line| DigestLine {
        matter: match line.matter {
            Matter::Duty(kind) => kind.code(),
            Matter::Alert(code) => code.code(),
        },
        code: line.code,
        organisation: name(line.organisation),
        on: line.on,
        overdue: line.overdue,
        link: link(jobs, line.dossier),
    };
    Ok(Some(Notice {
        kind: Kind::Digest,
        lang: account.lang,
        direction: None,
        code: None,
        step: None,
        organisation: String::new(),
        arrives_on: None,
        departs_on: None,
        due_on: None,
        period: None,
        sha256: None,
        lines: lines.into_iter().map(line).collect(),
        link: format!("{}/obligations", jobs.base_url.trim_end_matches('/')),
        to_name: account.display_name,
        to_address: account.email,
        from: jobs.from.clone(),
        message_id: jobs.message_id(&mail.message_id),
        date: mail.created_at,
    }))
}

/// What becomes of a mail after so many tries.
pub(super) fn settlement(attempts: i32, outcome: Outcome, now: Instant) -> Settlement {
    let again = |state, reason| {
        if attempts >= TRIES {
            return Settlement { state: MailState::Dead, due_at: now, error: Some(reason) };
        }
        Settlement { state, due_at: now + backoff(attempts), error: Some(reason) }
    };
    match outcome {
        Outcome::Sent => Settlement { state: MailState::Sent, due_at: now, error: None },
        Outcome::Retry { reason } => again(MailState::Queued, reason),
        Outcome::Unknown { reason } => again(MailState::Unknown, reason),
        Outcome::Dead { reason } => Settlement { state: MailState::Dead, due_at: now, error: Some(reason) },
    }
}

/// Twenty seconds, doubled per try, at most six hours, between half and all of it: so that many mails that failed
/// together do not come back together.
fn backoff(attempts: i32) -> TimeDelta {
    let doubled =
        TimeDelta::seconds(20) * 2_i32.saturating_pow(u32::try_from(attempts - 1).unwrap_or(0).min(12));
    let whole = doubled.min(LONGEST).num_milliseconds();
    TimeDelta::milliseconds(rand::rng().random_range(whole / 2..=whole))
}
