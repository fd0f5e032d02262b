//! What a decision on an open step does, and what an answer on paper does: which steps open next, and where the
//! dossier goes. It never knows a step by name.

use super::turn::{Decider, Given, Step, present, turn};
use super::{Addressee, Answer, StepState, Verdict};
use crate::domain::dossier::Command;
use crate::domain::ids::{PersonId, StepId};
use crate::domain::mandate::Mandated;
use crate::domain::refusal::Refusal;

/// What a decision is judged by: one revision of one dossier.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// Steps of all laps.
    pub steps: &'a [Step],
    /// Decisions made so far, in all laps.
    pub given: &'a [Given],
    /// Persons who filed, edited or travel.
    pub barred: &'a [PersonId],
    /// Steps on which a binding body objected.
    pub objections: &'a [StepId],
}

/// What somebody says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saying {
    /// The verdict.
    pub verdict: Verdict,
    /// With `return`: to whom.
    pub to: Addressee,
}

impl From<Verdict> for Saying {
    fn from(verdict: Verdict) -> Self {
        Self { verdict, to: Addressee::Requester }
    }
}

/// What a decision does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The step that is decided.
    pub step: StepId,
    /// The mandate under which it is decided.
    pub mandate: Option<Mandated>,
    /// Whether the step is finished by it.
    pub closes: bool,
    /// The steps that open next: a whole stage.
    pub opens: Vec<StepId>,
    /// Whether a step at the level above is added after the last stage, and opens at once unless its stage waits.
    pub raises: Option<StepState>,
    /// Whether the chain is laid again from the appraisal on.
    pub relays: bool,
    /// What it does to the dossier.
    pub command: Command,
}

/// What follows when a step closes.
enum After {
    /// Others of its stage are still open.
    Waits,
    /// The next stage opens.
    Opens(Vec<StepId>),
    /// Nothing is left.
    Ends,
}

fn after(steps: &[Step], closing: StepId) -> After {
    if present(steps).any(|step| step.state == StepState::Open && step.id != closing) {
        return After::Waits;
    }
    let waiting = || present(steps).filter(|step| step.state == StepState::Waiting);
    match waiting().map(|step| step.stage).min() {
        Some(stage) => {
            After::Opens(waiting().filter(|step| step.stage == stage).map(|step| step.id).collect())
        }
        None => After::Ends,
    }
}

/// Judges a decision of this revision. One refusal is a refusal; a quorum counts persons, and nobody twice.
///
/// # Errors
/// `NoPerson`, `SelfApproval`, `AlreadyDecided`, `NotYourTurn`; `BindingObjection` to an approval; `Invalid` for a
/// return to an appraiser who has not been there yet, and for forwarding where there is no level above.
pub fn judge(case: Case<'_>, decider: Decider<'_>, saying: Saying) -> Result<Judgement, Refusal> {
    let person = decider.person.ok_or(Refusal::NoPerson)?;
    // Four eyes come before the turn: who filed it learns that, not whose turn it is.
    if case.barred.contains(&person) {
        return Err(Refusal::SelfApproval);
    }
    let (step, seat) = turn(case.steps, case.given, case.barred, person, decider.seats)?;
    let plain = Judgement {
        step: step.id,
        mandate: seat.mandate.clone(),
        closes: true,
        opens: Vec::new(),
        raises: None,
        relays: false,
        command: Command::Advance,
    };
    match (saying.verdict, saying.to) {
        (Verdict::Return, Addressee::Requester) => Ok(Judgement { command: Command::Return, ..plain }),
        (Verdict::Return, Addressee::Appraiser) => {
            let appraised = |other: &Step| other.is_appraisal() && other.stage < step.stage;
            match present(case.steps).any(appraised) {
                true => Ok(Judgement { relays: true, ..plain }),
                false => Err(Refusal::field("/to", "no-appraiser")),
            }
        }
        (Verdict::Reject, _) => Ok(Judgement { command: Command::Reject, ..plain }),
        (Verdict::Forward, _) => forwarded(case.steps, step, plain),
        (Verdict::Approve | Verdict::ApproveWithConditions, _) => approved(case, step, plain),
    }
}

/// An opinion goes upward: to the later stages, or to the level above where none is left.
fn forwarded(steps: &[Step], step: &Step, plain: Judgement) -> Result<Judgement, Refusal> {
    let is_last = !present(steps).any(|other| other.state == StepState::Waiting);
    if is_last && step.forward_to.is_none() {
        return Err(Refusal::field("/decision", "no-level-above"));
    }
    Ok(match after(steps, step.id) {
        After::Opens(opens) => Judgement { opens, ..plain },
        After::Waits => Judgement { raises: is_last.then_some(StepState::Waiting), ..plain },
        After::Ends => Judgement { raises: Some(StepState::Open), ..plain },
    })
}

fn approved(case: Case<'_>, step: &Step, plain: Judgement) -> Result<Judgement, Refusal> {
    let objected = |other: &&Step| other.stage < step.stage && case.objections.contains(&other.id);
    if case.steps.iter().any(|other| objected(&other)) {
        return Err(Refusal::BindingObjection);
    }
    let agrees = |given: &&Given| {
        let for_it = matches!(given.verdict, Verdict::Approve | Verdict::ApproveWithConditions);
        given.step == step.id && for_it
    };
    let agreed = case.given.iter().filter(agrees).count() + 1;
    if i32::try_from(agreed).unwrap_or(i32::MAX) < step.quorum {
        return Ok(Judgement { closes: false, ..plain });
    }
    Ok(match after(case.steps, step.id) {
        After::Waits => plain,
        After::Opens(opens) => Judgement { opens, ..plain },
        After::Ends => Judgement { command: Command::Approve, ..plain },
    })
}

/// What an answer on paper does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Whether the step is finished by it.
    pub closes: bool,
    /// The steps that open next.
    pub opens: Vec<StepId>,
}

/// Judges an answer on paper to an open step. `is_over` says whether the step's clock has run out.
///
/// # Errors
/// `NotYourTurn` when the step is not open or not answered on paper; `Invalid` for no answer before its time.
pub fn hear(steps: &[Step], id: StepId, answer: Answer, is_over: bool) -> Result<Heard, Refusal> {
    let asked = |step: &&Step| step.id == id && step.on_paper() && step.state == StepState::Open;
    let step = present(steps).find(asked).ok_or(Refusal::NotYourTurn)?;
    if answer == Answer::NoAnswer && !is_over {
        return Err(Refusal::field("/answer", "clock-still-runs"));
    }
    // Who may forbid must be heard: silence leaves the step open.
    if answer == Answer::NoAnswer && step.binding {
        return Ok(Heard { closes: false, opens: Vec::new() });
    }
    Ok(match after(steps, id) {
        After::Opens(opens) => Heard { closes: true, opens },
        // The last stage is never on paper: `Chain::faults`, and again when the steps are laid out.
        After::Waits | After::Ends => Heard { closes: true, opens: Vec::new() },
    })
}

/// The steps of the present lap that are laid again after a return to the appraiser: from the first appraisal on,
/// without the consultations that were answered (`answered` names those on paper).
#[must_use]
pub fn again<'a>(steps: &'a [Step], answered: &[StepId]) -> Vec<&'a Step> {
    let from = present(steps).filter(|step| step.is_appraisal()).map(|step| step.stage).min();
    let is_heard = |step: &Step| match step.on_paper() {
        true => answered.contains(&step.id),
        false => step.state == StepState::Done,
    };
    let stays =
        |step: &&Step| from.is_some_and(|from| step.stage >= from) && !(step.is_consult() && is_heard(step));
    present(steps).filter(stays).collect()
}
