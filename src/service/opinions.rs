//! Answers on paper of bodies without accounts: recorded by the office that asked, never counted as the recorder's own.
//! No answer is recorded as no answer, after its time, and is never consent.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;

use super::decisions::CaseFile;
use super::delegations::get_for;
use super::{Context, Result, course, tell};
use crate::clock::day_in_vietnam;
use crate::domain::access::Action;
use crate::domain::approval::{Answer, Step, StepState, hear};
use crate::domain::codes::Code;
use crate::domain::delegation::is_far;
use crate::domain::dossier::Command;
use crate::domain::file::FileKind;
use crate::domain::ids::{DossierId, FileId, StepId};
use crate::domain::notice::Kind;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::text;
use crate::store::dossiers::{self, Stored};
use crate::store::opinions::{self, Opinion};
use crate::store::{ReadTx, Recorded, WriteTx, files, journal, revisions, steps};

/// An answer on paper as it is recorded.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOpinion {
    /// The consult step of the body.
    pub step_id: StepId,
    /// What the body answered; `no_answer` only after the step's clock has run out.
    pub answer: Answer,
    /// Number of its paper; needed unless there is no answer.
    #[serde(default)]
    pub number: String,
    /// Date of its paper; needed unless there is no answer.
    pub date: Option<NaiveDate>,
    /// Its conditions, or why it objects. Empty when handled offline.
    #[serde(default)]
    pub conditions: String,
    /// The paper bears a mark of secrecy and stays outside: number and date are all that is recorded.
    #[serde(default)]
    pub handled_offline: bool,
    /// Its paper, if it was uploaded as an `opinion` of the dossier.
    #[serde(default)]
    pub file_id: Option<FileId>,
}

/// Records an answer.
///
/// # Errors
/// `NotYourTurn` where the step is not open, not on paper, or another office's; `IllegalMove`, `Stale`, `Invalid`.
pub fn record(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    version: i64,
    new: &NewOpinion,
) -> Result<Recorded<DossierId>> {
    let stored = get_for(tx, ctx, Action::RecordOpinion, id, version)?;
    let change = stored.dossier.change(Command::RecordOpinion, Some(ctx.actor.account))?;
    let file = CaseFile::of(tx, ctx, &stored)?;
    let bare: Vec<Step> = file.steps.iter().map(|step| step.step.clone()).collect();
    let today = day_in_vietnam(tx.now());
    let asked = file.steps.iter().find(|step| step.step.id == new.step_id);
    let refused = |refusal| match refusal {
        Refusal::Invalid(_) => super::Error::from(refusal),
        other => ctx.denied(other, Action::RecordOpinion, "dossier", id),
    };
    let ours = |step: &&steps::StoredStep| ctx.actor.holds(step.step.role, step.step.organisation);
    let asked = asked.filter(ours).ok_or(Refusal::NotYourTurn).map_err(refused)?;
    let is_over = course::due_of(&ctx.settings.calendar, asked).is_some_and(|due_on| due_on < today);
    let heard = hear(&bare, new.step_id, new.answer, is_over).map_err(refused)?;
    let opinion = checked(tx, ctx, &stored, asked.step.body.clone().unwrap_or_default(), new, today)?;
    let mut change = change
        .telling("step", new.step_id)
        .telling("body", &opinion.body)
        .telling("answer", new.answer.code())
        .telling("handled_offline", new.handled_offline);
    for (name, value) in [
        ("number", opinion.number.clone()),
        ("date", opinion.dated_on.map(|day| day.to_string())),
        ("conditions", opinion.conditions.clone()),
        ("file_id", opinion.file.map(|id| id.to_string())),
    ] {
        if let Some(value) = value {
            change = change.telling(name, value);
        }
    }
    dossiers::apply(tx, id, &change)?;
    opinions::insert(tx, id, &opinion)?;
    if heard.closes {
        steps::close(tx, new.step_id)?;
    }
    let entry = journal::append(tx, change.event().clone())?;
    let waiting = course::open_stage(tx, ctx, &stored, &file.of_ids(&heard.opens), tx.now())?;
    tell::queue(tx, entry, Kind::ReceivedForStep, id, &waiting)?;
    Ok(entry.returning(id))
}

/// Whether an open step on paper waits for a record of the actor.
pub(super) fn may_record(tx: &mut ReadTx<'_>, ctx: &Context, stored: &Stored) -> Result<bool> {
    if stored.dossier.change(Command::RecordOpinion, None).is_err() {
        return Ok(false);
    }
    let waits = |step: &steps::StoredStep| {
        let step = &step.step;
        step.state == StepState::Open && step.on_paper() && ctx.actor.holds(step.role, step.organisation)
    };
    Ok(steps::list(tx, stored.dossier.id)?.iter().any(waits))
}

fn checked(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    stored: &Stored,
    body: String,
    new: &NewOpinion,
    today: NaiveDate,
) -> Result<Opinion> {
    let mut faults = Vec::new();
    let is_silent = new.answer == Answer::NoAnswer;
    let number = match is_silent {
        false => course::required("/number", &new.number, &mut faults),
        true => String::new(),
    };
    faults.extend(text::within(&number, 50).err().map(|why| Fault::at("/number", why)));
    course::unmarked("/number", &number, &mut faults);
    let conditions = text::block(&new.conditions).unwrap_or_else(|code| {
        faults.push(Fault::at("/conditions", code));
        String::new()
    });
    match new.date {
        None if !is_silent => faults.push(Fault::at("/date", "required")),
        Some(day) if !is_silent && day > today => faults.push(Fault::at("/date", "in-the-future")),
        Some(day) if !is_silent && is_far(day) => faults.push(Fault::at("/date", "out-of-range")),
        // Nobody can have answered what had not been asked.
        Some(day) if !is_silent && submitted_on(tx, stored)?.is_some_and(|asked| day < asked) => {
            faults.push(Fault::at("/date", "before-submission"));
        }
        _ => {}
    }
    // Silence says nothing, and what is secret never enters.
    let only_answered = [
        ("/number", !new.number.is_empty()),
        ("/date", new.date.is_some()),
        ("/handled_offline", new.handled_offline),
        ("/file_id", new.file_id.is_some()),
    ];
    for (pointer, is_said) in only_answered {
        if is_silent && is_said {
            faults.push(Fault::at(pointer, "only-with-answer"));
        }
    }
    let is_conditional = new.answer == Answer::AgreesWithConditions;
    let may_explain = is_conditional || new.answer == Answer::Objects;
    if new.handled_offline && !conditions.is_empty() {
        faults.push(Fault::at("/conditions", "handled-offline"));
    } else if is_conditional && conditions.is_empty() && !new.handled_offline {
        faults.push(Fault::at("/conditions", "required"));
    } else if !may_explain && !conditions.is_empty() {
        faults.push(Fault::at("/conditions", "only-with-conditions"));
    } else {
        course::unmarked("/conditions", &conditions, &mut faults);
    }
    if new.handled_offline && new.file_id.is_some() {
        faults.push(Fault::at("/file_id", "handled-offline"));
    } else if let Some(file) = new.file_id.filter(|_| !is_silent)
        && !is_opinion(tx, stored.dossier.id, file)?
    {
        faults.push(Fault::at("/file_id", "unknown-document"));
    }
    Refusal::unless_empty(faults)?;
    Ok(Opinion {
        id: tx.fresh(),
        revision: stored.dossier.revision,
        step: new.step_id,
        body,
        answer: new.answer,
        number: Some(number).filter(|number| !number.is_empty()),
        dated_on: new.date,
        conditions: Some(conditions).filter(|conditions| !conditions.is_empty()),
        handled_offline: new.handled_offline,
        file: new.file_id,
        recorded_by: ctx.actor.account,
        recorded_at: tx.now(),
    })
}

/// The day on which the pending revision was submitted.
fn submitted_on(tx: &mut ReadTx<'_>, stored: &Stored) -> Result<Option<NaiveDate>> {
    let rounds = revisions::list(tx, stored.dossier.id)?;
    let pending = rounds.iter().find(|round| round.no == stored.dossier.revision);
    Ok(pending.map(|round| day_in_vietnam(round.submitted_at)))
}

/// Whether it is an uploaded opinion of the dossier that is still there.
fn is_opinion(tx: &mut ReadTx<'_>, dossier: DossierId, id: FileId) -> Result<bool> {
    let file = files::load(tx, dossier, id)?;
    Ok(file
        .is_some_and(|file| file.kind == FileKind::Opinion && file.gone.is_none() && file.content.is_some()))
}
