//! Whose turn it is: open steps, the seats from which somebody may decide on them, and who has spoken already.
//! Giver and holder of a mandate are one voice.

use super::{CONSULT, StepState, Verdict};
use crate::domain::access::Role;
use crate::domain::ids::{OrganisationId, PersonId, StepId};
use crate::domain::mandate::Mandated;
use crate::domain::refusal::Refusal;

/// A step of one dossier.
#[derive(Debug, Clone)]
pub struct Step {
    /// Id.
    pub id: StepId,
    /// Order within the revision, over all its laps.
    pub no: i32,
    /// Steps of one stage open together.
    pub stage: i32,
    /// How often the chain was laid again within the revision before this step.
    pub lap: i32,
    /// Kind.
    pub kind: String,
    /// Where it is decided, or recorded.
    pub organisation: OrganisationId,
    /// By which role.
    pub role: Role,
    /// How many must agree.
    pub quorum: i32,
    /// State.
    pub state: StepState,
    /// The body that answers on paper.
    pub body: Option<String>,
    /// Whether an objection forbids the approval.
    pub binding: bool,
    /// The level above.
    pub forward_to: Option<OrganisationId>,
}

impl Step {
    /// Whether its answer comes on paper and is recorded, not decided.
    #[must_use]
    pub fn on_paper(&self) -> bool {
        self.body.is_some()
    }

    /// Whether somebody is consulted here.
    #[must_use]
    pub fn is_consult(&self) -> bool {
        self.on_paper() || self.kind == CONSULT
    }

    /// Whether the dossier is appraised here.
    #[must_use]
    pub fn is_appraisal(&self) -> bool {
        !self.is_consult() && self.role == Role::Appraiser
    }

    /// Whether both are decided by the same office in the same matter, perhaps in different laps.
    fn same_chair(&self, other: &Self) -> bool {
        self.kind == other.kind && self.organisation == other.organisation
    }
}

/// A decision made so far in this revision.
#[derive(Debug, Clone)]
pub struct Given {
    /// On which step.
    pub step: StepId,
    /// By whom.
    pub person: PersonId,
    /// In whose place.
    pub giver: Option<PersonId>,
    /// What.
    pub verdict: Verdict,
}

/// A role at an organisation, held or by mandate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// The role.
    pub role: Role,
    /// Where.
    pub organisation: OrganisationId,
    /// Under which mandate.
    pub mandate: Option<Mandated>,
}

/// Who decides, as far as the judgement needs it.
#[derive(Debug, Clone, Copy)]
pub struct Decider<'a> {
    /// The natural person; an account without one cannot decide.
    pub person: Option<PersonId>,
    /// From where.
    pub seats: &'a [Seat],
}

/// The steps of the present lap.
pub(super) fn present(steps: &[Step]) -> impl Iterator<Item = &Step> {
    let lap = steps.iter().map(|step| step.lap).max().unwrap_or_default();
    steps.iter().filter(move |step| step.lap == lap)
}

/// The open step that the decider may decide on now, and from which seat; his own seat before a mandate.
pub(super) fn turn<'a>(
    steps: &'a [Step],
    given: &[Given],
    barred: &[PersonId],
    person: PersonId,
    seats: &'a [Seat],
) -> Result<(&'a Step, &'a Seat), Refusal> {
    let (own, mandated): (Vec<&Seat>, Vec<&Seat>) = seats.iter().partition(|seat| seat.mandate.is_none());
    let mut refused = None;
    for step in present(steps).filter(|step| step.state == StepState::Open && !step.on_paper()) {
        for seat in own.iter().chain(&mandated).filter(|seat| fits(seat, step)) {
            match voice(steps, given, barred, person, step, seat) {
                Ok(()) => return Ok((step, seat)),
                Err(refusal) => {
                    refused.get_or_insert(refusal);
                }
            }
        }
    }
    let spoke = |decision: &Given| decision.person == person || decision.giver == Some(person);
    let in_this_lap = |decision: &&Given| present(steps).any(|step| step.id == decision.step);
    let has_spoken = given.iter().filter(in_this_lap).any(spoke);
    Err(refused.unwrap_or(if has_spoken { Refusal::AlreadyDecided } else { Refusal::NotYourTurn }))
}

fn fits(seat: &Seat, step: &Step) -> bool {
    seat.role == step.role
        && seat.organisation == step.organisation
        && seat.mandate.as_ref().is_none_or(|mandate| mandate.limits.cover_step(&step.kind))
}

/// Whether the voice of this person in this seat is free: nobody of it filed, edited or travels, none has spoken in
/// this lap, nor from another chair in an earlier one.
fn voice(
    steps: &[Step],
    given: &[Given],
    barred: &[PersonId],
    person: PersonId,
    step: &Step,
    seat: &Seat,
) -> Result<(), Refusal> {
    let giver = seat.mandate.as_ref().map(|mandate| mandate.person);
    let is_ours = |other: PersonId| other == person || Some(other) == giver;
    if barred.iter().any(|author| is_ours(*author)) {
        return Err(Refusal::SelfApproval);
    }
    let ours = |decision: &&Given| is_ours(decision.person) || decision.giver.is_some_and(is_ours);
    let forbids = |decision: &Given| {
        let on = steps.iter().find(|other| other.id == decision.step);
        on.is_none_or(|other| other.lap == step.lap || !other.same_chair(step))
    };
    if given.iter().filter(ours).any(forbids) {
        return Err(Refusal::AlreadyDecided);
    }
    Ok(())
}
