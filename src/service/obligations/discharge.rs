//! Discharging a duty: by whom, with which proof, and not before it can be done.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::clock::day_in_vietnam;
use crate::domain::access::Action;
use crate::domain::event::Event;
use crate::domain::ids::{DossierId, FileId, ObligationId};
use crate::domain::obligation::{
    Given, Moments, Obligation, ObligationKind, ObligationState, Proof, missing_proof, too_early,
    will_not_come,
};
use crate::domain::refusal::{Fault, Refusal, Why};
use crate::domain::text;
use crate::service::delegations::get_for;
use crate::service::{Context, Result};
use crate::store::dossiers::{self, Stored};
use crate::store::papers::{self, Paper};
use crate::store::{ReadTx, Recorded, StoreError, WriteTx, files, journal, obligations};

/// The visit's report is the result report: whoever owes it owes it no more. Where the rule wants the report as a
/// file, it stays owed until the file is named.
///
/// # Errors
/// `Error::Store` of the database.
pub(in crate::service) fn reported(tx: &mut WriteTx<'_>, ctx: &Context, id: DossierId) -> Result<()> {
    let stored = dossiers::load_any(tx, id)?.ok_or(StoreError::NotFound)?;
    let today = day_in_vietnam(tx.now());
    let is_it = |one: &Obligation| {
        one.state == ObligationState::Open
            && one.planned.kind == ObligationKind::ResultReport
            && one.planned.proof != Proof::File
    };
    for owed in obligations::of_dossier(tx, id)?.iter().filter(|one| is_it(one)) {
        let given = Given { date: Some(today), ..Given::default() };
        obligations::discharge(tx, owed.id, ctx.actor.account, &given)?;
        let event = discharged(ctx, owed, &given).at(stored.dossier.organisation);
        let _entry = journal::append(tx, event)?;
    }
    Ok(())
}

/// What shows that an obligation was done.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProof {
    /// Number and symbol of the paper.
    pub number: Option<String>,
    /// Date of the paper, or the day on which it was done.
    pub date: Option<NaiveDate>,
    /// Words.
    pub note: Option<String>,
    /// An uploaded paper of the dossier.
    pub file_id: Option<FileId>,
}

/// Discharges an obligation: done, with its proof. There is no way back.
///
/// # Errors
/// `Forbidden` to whoever does not hold the role that owes it, `NotFound` when the dossier has no such obligation,
/// `IllegalMove` when it is done or dropped, `Invalid` names what is missing of the proof, or says that it could not
/// have been done on that day yet.
pub fn discharge(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    version: i64,
    (owed, proof): (ObligationId, &NewProof),
) -> Result<Recorded<DossierId>> {
    let stored = get_for(tx, ctx, Action::Discharge, id, version)?;
    let all = obligations::of_dossier(tx, id)?;
    let owed = all.iter().find(|one| one.id == owed).ok_or(Refusal::NotFound)?;
    if !ctx.actor.holds(owed.planned.role, owed.planned.organisation) {
        return Err(ctx.denied(Refusal::Forbidden(Action::Discharge), Action::Discharge, "dossier", id));
    }
    if owed.state != ObligationState::Open {
        return Err(Refusal::illegal(owed.state, Action::Discharge).into());
    }
    let given = checked(tx, &stored, proof, owed)?;
    dossiers::touch(tx, id, stored.dossier.version)?;
    obligations::discharge(tx, owed.id, ctx.actor.account, &given)?;
    let event = discharged(ctx, owed, &given).at(stored.dossier.organisation);
    Ok(journal::append(tx, event)?.returning(id))
}

fn checked(tx: &mut ReadTx<'_>, stored: &Stored, proof: &NewProof, owed: &Obligation) -> Result<Given> {
    let today = day_in_vietnam(tx.now());
    let mut faults = Vec::new();
    let mut clean = |pointer: &str, value: &Option<String>, parse: fn(&str) -> _| {
        let text: std::result::Result<String, Why> = parse(value.as_deref().unwrap_or_default());
        match text {
            Ok(text) => Some(text).filter(|text| !text.is_empty()),
            Err(code) => {
                faults.push(Fault::at(pointer, code));
                None
            }
        }
    };
    let number = clean("/number", &proof.number, text::line);
    let note = clean("/note", &proof.note, text::block);
    for (pointer, text) in [("/number", &number), ("/note", &note)] {
        crate::service::course::unmarked(pointer, text.as_deref().unwrap_or_default(), &mut faults);
    }
    if proof.date.is_some_and(|day| day > today) {
        faults.push(Fault::at("/date", "in-the-future"));
    } else if proof.date.is_some_and(crate::domain::delegation::is_far) {
        faults.push(Fault::at("/date", "out-of-range"));
    } else {
        // Without a date it was done today.
        let early = too_early(owed.planned.kind, &moments(tx, stored, owed)?, proof.date.unwrap_or(today));
        faults.extend(early.map(|code| Fault::at("/date", code)));
    }
    if let Some(file) = proof.file_id
        && files::load(tx, owed.dossier, file)?.is_none_or(|file| file.gone.is_some())
    {
        faults.push(Fault::at("/file_id", "unknown-file"));
    }
    let given = Given { number, date: proof.date, note, file: proof.file_id };
    let faulty: Vec<String> = faults.iter().map(|fault| fault.pointer.clone()).collect();
    let missing = missing_proof(&owed.planned, &given);
    faults.extend(missing.into_iter().filter(|fault| !faulty.contains(&fault.pointer)));
    Refusal::unless_empty(faults)?;
    Ok(given)
}

fn discharged(ctx: &Context, owed: &Obligation, given: &Given) -> Event {
    let mut event = Event::new("delegation.obligation_done", "dossier", owed.dossier)
        .by(ctx.actor.account)
        .with("rule", &owed.planned.rule)
        .with("key", &owed.planned.key)
        .with("due_at", owed.planned.due_at);
    for (name, value) in [
        ("number", given.number.clone()),
        ("date", given.date.map(|day| day.to_string())),
        ("note", given.note.clone()),
        ("file_id", given.file.map(|id| id.to_string())),
    ] {
        if let Some(value) = value {
            event = event.with(name, value);
        }
    }
    event
}

/// The days from which on things can be done, for one duty.
fn moments(tx: &mut ReadTx<'_>, stored: &Stored, owed: &Obligation) -> Result<Moments> {
    let papers: Vec<Paper> =
        papers::of_dossiers(tx, &[stored.dossier.id])?.into_iter().map(|(_, paper)| paper).collect();
    // A delivery names its paper in its key, a notice of a later permit the round; all others go back to the first.
    let key = &owed.planned.key;
    let names = |paper: &&Paper| {
        key.starts_with(&format!("{}/", paper.id)) || key.starts_with(&format!("{}/", paper.revision))
    };
    let permit_on = papers.iter().rfind(names).or(papers.first()).map(|paper| paper.dated_on);
    if will_not_come(&stored.dossier) {
        return Ok(Moments { permit_on, departs_on: permit_on, ..Moments::default() });
    }
    Ok(Moments {
        permit_on,
        arrives_on: stored.actual_starts_on.or(stored.content.starts_on()),
        departs_on: stored.actual_ends_on.or(stored.content.ends_on()),
        reported_on: stored.reported_at.map(day_in_vietnam),
    })
}
