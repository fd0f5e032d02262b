//! Mails a checkpoint to the witness on every day: whoever holds it can tell later whether the journal was rewritten.
//! Queued once a day over all processes; sent as mails of the outbox are.

use rand::RngExt;

use super::Jobs;
use super::deliver_mail::{LEASE, settlement};
use crate::clock::day_in_vietnam;
use crate::mail::{CheckpointLetter, Outcome};
use crate::service::{Error, evidence};
use crate::store::checkpoints;
use crate::store::witness::{self, Letter};

/// Queues today's, and sends what is due.
pub(super) fn run(jobs: &Jobs) -> Result<(), Error> {
    if jobs.witness.is_none() {
        return Ok(());
    }
    let occasion = format!("day {}", day_in_vietnam(jobs.store.now()));
    let told = {
        let occasion = occasion.clone();
        jobs.store.read_blocking(move |tx| Ok::<_, Error>(witness::is_queued(tx, &occasion)?))?
    };
    if !told {
        let settings = jobs.settings.clone();
        jobs.store.write_blocking(move |tx| {
            let checkpoint = evidence::checkpoint(tx, &settings.vault)?;
            evidence::tell_witness(tx, &occasion, &checkpoint)?;
            Ok::<_, Error>(tx.unrecorded("the mail's row itself tells what became of it", ()))
        })?;
    }
    if jobs.transport.is_none() {
        return Ok(());
    }
    let owner = format!("{}-{}", std::process::id(), rand::rng().random::<u64>());
    for occasion in jobs.store.read_blocking(|tx| Ok::<_, Error>(witness::due(tx)?))? {
        deliver(jobs, &occasion, &owner)?;
    }
    Ok(())
}

fn deliver(jobs: &Jobs, occasion: &str, owner: &str) -> Result<(), Error> {
    let claimed = {
        let (occasion, owner) = (occasion.to_owned(), owner.to_owned());
        jobs.store.write_blocking(move |tx| {
            let until = tx.now() + LEASE;
            let letter = witness::claim(tx, &occasion, &owner, until)?;
            Ok::<_, Error>(tx.unrecorded("claiming a mail changes nothing that is evidence", letter))
        })?
    };
    let Some(letter) = claimed else { return Ok(()) };
    let outcome = send(jobs, &letter)?;
    let to = settlement(letter.attempts, outcome, jobs.store.now());
    tracing::info!(occasion, state = %to.state, "checkpoint to the witness");
    let (occasion, owner) = (occasion.to_owned(), owner.to_owned());
    jobs.store.write_blocking(move |tx| {
        witness::settle(tx, &occasion, &owner, &to)?;
        Ok::<_, Error>(tx.unrecorded("the mail's row itself tells what became of it", ()))
    })
}

fn send(jobs: &Jobs, letter: &Letter) -> Result<Outcome, Error> {
    let size = letter.size;
    let kept = jobs.store.read_blocking(move |tx| Ok::<_, Error>(checkpoints::of_size(tx, size)?))?;
    let (Some(transport), Some(to), Some(kept)) = (&jobs.transport, &jobs.witness, kept) else {
        return Ok(Outcome::Dead { reason: "nothing to tell".to_owned() });
    };
    let keys = evidence::keys(&jobs.settings.vault, jobs.store.installation())?;
    let made_at = crate::clock::in_vietnam(kept.made_at).format("%H:%M %d/%m/%Y").to_string();
    let rendered = CheckpointLetter {
        to: to.clone(),
        from: jobs.from.clone(),
        message_id: jobs.message_id(&letter.message_id),
        date: letter.created_at,
        size: kept.size,
        made_at,
        note: kept.note,
        keys: keys.iter().map(ToString::to_string).collect(),
    }
    .render();
    Ok(match rendered {
        Ok(mail) => transport.send(&mail),
        Err(fault) => Outcome::Dead { reason: fault.to_string() },
    })
}
