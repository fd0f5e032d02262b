//! The approval chain: steps made from a chain file when a dossier is received, and the judgement of a decision
//! on the open step. It never knows a step by name.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::access::Role;
use super::calendar::Unit;
use super::codes::{SigningForm, codes};
use super::dossier::Command;
use super::ids::{OrganisationId, PersonId, StepId};
use super::refusal::Refusal;
use super::rulebook::Matcher;

codes! {
    /// Kinds of organisation in the tree.
    OrganisationKind {
        /// The city's People's Committee (UBND thành phố).
        City = "city",
        /// Its office (Văn phòng).
        CityOffice = "city_office",
        /// Department of Foreign Affairs (Sở Ngoại vụ).
        ForeignAffairs = "foreign_affairs",
        /// Union of Friendship Organisations.
        Union = "union",
        /// A member association.
        Association = "association",
        /// A university.
        University = "university",
        /// Another department.
        Department = "department",
    }
    /// Where a step's organisation is found.
    Place {
        /// The People's Committee itself: its Chairman.
        City = "city",
        CityOffice = "city_office",
        ForeignAffairs = "foreign_affairs",
        /// The union above the filing organisation.
        ParentUnion = "parent_union",
    }
    /// What somebody says on an open step. On a step that is not the last, `approve` means "recommended".
    Verdict {
        Approve = "approve",
        ApproveWithConditions = "approve_with_conditions",
        Return = "return",
        Reject = "reject",
        Forward = "forward",
    }
    /// State of a step.
    StepState { Waiting = "waiting", Open = "open", Done = "done", Dropped = "dropped" }
}

/// The verdicts that are offered today; the others need conditions and addressees that rules will bring.
pub const OFFERED: [Verdict; 3] = [Verdict::Approve, Verdict::Return, Verdict::Reject];

/// A chain file: who receives, who issues, and the steps between.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// Who receives.
    pub receive: Desk,
    /// Who issues.
    pub issue: Desk,
    /// Steps, in order.
    pub step: Vec<ChainStep>,
}

/// A role at a place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    /// Where.
    pub at: Place,
    /// Who there.
    pub role: Role,
    /// Words for people, in Vietnamese.
    pub title_vi: String,
    /// Words for people, in English.
    pub title_en: String,
    /// How long it may take.
    #[serde(default)]
    pub clock: Option<Clock>,
}

/// How long a step may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// How many.
    pub n: u32,
    /// Of which unit.
    pub unit: Unit,
}

/// A step of a chain file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainStep {
    /// Kind, free: endorse, appraise, approve ..
    pub kind: String,
    /// Words for people, in Vietnamese.
    pub title_vi: String,
    /// Words for people, in English.
    pub title_en: String,
    /// Where.
    pub at: Place,
    /// Who there.
    pub role: Role,
    /// How many must agree.
    pub quorum: i32,
    /// Steps of one stage run side by side.
    #[serde(default)]
    pub stage: i32,
    /// The body without accounts that answers on paper.
    #[serde(default)]
    pub body: Option<String>,
    /// Whether an objection of the body forbids approval.
    #[serde(default)]
    pub binding: bool,
    /// How long it may take.
    #[serde(default)]
    pub clock: Option<Clock>,
    /// The level above, to which a decision can be forwarded.
    #[serde(default)]
    pub forward_to: Option<Place>,
    /// To which delegations it belongs.
    #[serde(default)]
    pub when: Matcher,
}

/// A step of one dossier.
#[derive(Debug, Clone)]
pub struct Step {
    /// Id.
    pub id: StepId,
    /// Order within the revision.
    pub no: i32,
    /// Kind.
    pub kind: String,
    /// Where it is decided.
    pub organisation: OrganisationId,
    /// By which role.
    pub role: Role,
    /// How many must agree.
    pub quorum: i32,
    /// State.
    pub state: StepState,
}

/// A decision made so far.
#[derive(Debug, Clone)]
pub struct Given {
    /// On which step.
    pub step: StepId,
    /// By whom.
    pub person: PersonId,
    /// What.
    pub verdict: Verdict,
}

/// Who decides, as far as the judgement needs it.
#[derive(Clone, Copy)]
pub struct Decider<'a> {
    /// The natural person; an account without one cannot decide.
    pub person: Option<PersonId>,
    /// Whether a role is held at an organisation.
    pub holds: &'a dyn Fn(Role, OrganisationId) -> bool,
}

/// What a decision does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The step that is decided.
    pub step: StepId,
    /// Whether the step is finished by it.
    pub closes: bool,
    /// The step that opens next.
    pub opens: Option<StepId>,
    /// What it does to the dossier.
    pub command: Command,
}

/// Judges a decision of this revision. One refusal is a refusal; a quorum counts persons, and nobody twice.
///
/// # Errors
/// `NotYourTurn`, `NoPerson`, `AlreadyDecided`, `SelfApproval`, or `Invalid` for a verdict not offered.
pub fn judge(
    steps: &[Step],
    given: &[Given],
    barred: &[PersonId],
    decider: Decider<'_>,
    verdict: Verdict,
) -> Result<Judgement, Refusal> {
    let person = decider.person.ok_or(Refusal::NoPerson)?;
    // Four eyes come before the turn: who filed it learns that, not whose turn it is.
    if barred.contains(&person) {
        return Err(Refusal::SelfApproval);
    }
    if given.iter().any(|decision| decision.person == person) {
        return Err(Refusal::AlreadyDecided);
    }
    let step = steps
        .iter()
        .find(|step| step.state == StepState::Open && (decider.holds)(step.role, step.organisation))
        .ok_or(Refusal::NotYourTurn)?;
    if !OFFERED.contains(&verdict) {
        return Err(Refusal::field("/decision", "not-offered"));
    }
    let ended = |command| Judgement { step: step.id, closes: true, opens: None, command };
    match verdict {
        Verdict::Return => return Ok(ended(Command::Return)),
        Verdict::Reject => return Ok(ended(Command::Reject)),
        Verdict::Approve | Verdict::ApproveWithConditions | Verdict::Forward => {}
    }
    let agrees =
        |given: &&Given| given.step == step.id && !matches!(given.verdict, Verdict::Return | Verdict::Reject);
    let agreed = given.iter().filter(agrees).count() + 1;
    if i32::try_from(agreed).unwrap_or(i32::MAX) < step.quorum {
        return Ok(Judgement { step: step.id, closes: false, opens: None, command: Command::Advance });
    }
    let next = steps
        .iter()
        .filter(|next| next.no > step.no && next.state == StepState::Waiting)
        .min_by_key(|s| s.no);
    Ok(Judgement {
        step: step.id,
        closes: true,
        opens: next.map(|next| next.id),
        command: if next.is_some() { Command::Advance } else { Command::Approve },
    })
}

/// Signing forms as printed: `TM.` before `KT.`, each once.
#[must_use]
pub fn signing_forms(mut forms: Vec<SigningForm>) -> Vec<SigningForm> {
    forms.sort();
    forms.dedup();
    forms
}

#[cfg(test)]
mod tests;
