//! The approval chain: steps made from a chain file when a dossier is received, in stages whose steps open together.
//! What a decision or an answer on paper does to them is in `judge.rs`; whose turn it is, in `turn.rs`.

mod judge;
mod turn;

use std::collections::BTreeSet;

use serde::Deserialize;

use super::access::Role;
use super::calendar::Unit;
use super::codes::{Direction, SigningForm, codes};
use super::rulebook::{Applies, Facts, Matcher};

pub use judge::{Case, Heard, Judgement, Saying, again, hear, judge};
pub use turn::{Decider, Given, Seat, Step};

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
    /// To whom a `return` goes.
    Addressee {
        /// Whoever filed it: the round ends, a supplement is owed.
        Requester = "requester",
        /// Back to the appraisal within the round: the chain is laid again from there.
        Appraiser = "appraiser",
    }
    /// What a body without accounts answered on paper. No answer is never consent.
    Answer {
        Agrees = "agrees",
        AgreesWithConditions = "agrees_with_conditions",
        Objects = "objects",
        NoAnswer = "no_answer",
    }
    /// State of a step.
    StepState { Waiting = "waiting", Open = "open", Done = "done", Dropped = "dropped" }
}

/// The kind of a step on which a body is consulted: its answer is an opinion.
pub const CONSULT: &str = "consult";

/// Most voices of a step: more is a slip of the keyboard.
const MOST_VOICES: i32 = 20;

/// Longest clock: more is a slip of the keyboard.
const MOST_UNITS: u32 = 1_000;

/// How long something may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// How many.
    pub n: u32,
    /// Of what: `wd`, `cd`, `h`.
    pub unit: Unit,
}

/// A body that holds no accounts here and answers on paper.
#[derive(Debug, Clone, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Code: `mofa`, `city_police` ..
    pub code: String,
    /// Name in Vietnamese.
    pub name_vi: String,
    /// Name in English.
    pub name_en: String,
}

/// A chain file: who receives, who issues, and the steps between.
#[derive(Debug, Clone, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// Who receives.
    pub receive: Desk,
    /// Who issues.
    pub issue: Desk,
    /// Bodies that answer on paper.
    #[serde(default)]
    pub body: Vec<Body>,
    /// Steps, in order.
    pub step: Vec<ChainStep>,
}

/// A role at a place.
#[derive(Debug, Clone, Deserialize, serde::Serialize)]
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
    pub clock: Option<Term>,
}

/// A step of a chain file.
#[derive(Debug, Clone, Deserialize, serde::Serialize)]
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
    /// Which steps open together; by default its place in the file.
    pub stage: Option<i32>,
    /// The body that is asked on paper; its answer is recorded by `role` at `at`.
    pub body: Option<String>,
    /// With `body`: an objection forbids the approval, and no answer does not close the step.
    #[serde(default)]
    pub binding: bool,
    /// How long the step may take.
    pub clock: Option<Term>,
    /// Place of the level above, to which the opinion of the last stage goes on.
    pub forward_to: Option<Place>,
    /// To which delegations it belongs.
    #[serde(default)]
    pub when: Matcher,
    /// An unknown fact on which it hangs leaves it out; without this the fact must be stated before submission.
    #[serde(default)]
    pub optional: bool,
}

impl Chain {
    /// The steps that belong to a delegation with their stages, in order.
    #[must_use]
    pub fn steps_for(&self, facts: &Facts) -> Vec<(i32, &ChainStep)> {
        self.in_order(|step| step.when.applies(facts) == Applies::Yes)
    }

    /// The steps that `applies` lets through with their stages, in order.
    #[must_use]
    pub fn in_order(&self, applies: impl Fn(&ChainStep) -> bool) -> Vec<(i32, &ChainStep)> {
        let staged = (1..).zip(&self.step).map(|(place, step)| (step.stage.unwrap_or(place), step));
        let mut steps: Vec<_> = staged.filter(|(_, step)| applies(step)).collect();
        steps.sort_by_key(|(stage, _)| *stage);
        steps
    }

    /// The body with this code.
    #[must_use]
    pub fn body(&self, code: &str) -> Option<&Body> {
        self.body.iter().find(|body| body.code == code)
    }

    /// What is wrong with the file besides its form, one sentence each, with the place of the step in the file (from 0)
    /// where it is about one.
    #[must_use]
    pub fn faults(&self) -> Vec<(Option<usize>, String)> {
        let mut faults = Vec::new();
        let codes: BTreeSet<&str> = self.body.iter().map(|body| body.code.as_str()).collect();
        if codes.len() < self.body.len() {
            faults.push((None, "a body is listed twice".to_owned()));
        }
        for (name, desk) in [("receive", &self.receive), ("issue", &self.issue)] {
            if desk.clock.is_some_and(|clock| clock.n > MOST_UNITS) {
                faults.push((None, format!("{name}: its clock is longer than {MOST_UNITS} units")));
            }
        }
        for (index, step) in self.step.iter().enumerate() {
            let mut fault = |words: &str| {
                faults.push((Some(index), format!("step {} ({}): {words}", index + 1, step.kind)));
            };
            if !(1..=MOST_VOICES).contains(&step.quorum) {
                fault(&format!("a quorum is from 1 to {MOST_VOICES}"));
            }
            if step.clock.is_some_and(|clock| clock.n > MOST_UNITS) {
                fault(&format!("its clock is longer than {MOST_UNITS} units"));
            }
            if step.forward_to == Some(step.at) {
                fault("it forwards to its own place");
            }
            if step.stage.is_some_and(|stage| stage < 1) {
                fault("a stage is at least 1");
            }
            match &step.body {
                None if step.binding => fault("only a body's answer is binding"),
                None if !matches!(step.role, Role::Appraiser | Role::Approver) => {
                    fault("only appraisers and approvers decide");
                }
                None => {}
                Some(body) => {
                    if !codes.contains(body.as_str()) {
                        fault(&format!("the body {body} is not listed"));
                    }
                    if !matches!(step.role, Role::Clerk | Role::Appraiser) {
                        fault("answers on paper are recorded by a clerk or an appraiser");
                    }
                    if step.quorum != 1 || step.forward_to.is_some() {
                        fault("a body answers once and forwards nothing");
                    }
                    if step.clock.is_none() {
                        fault("without a clock no answer could never be recorded");
                    }
                }
            }
        }
        let last = self.in_order(|_| true).last().map(|(stage, _)| *stage);
        let decides = |step: &ChainStep| step.role == Role::Approver && step.body.is_none();
        let no_decision = |(stage, step): &(i32, &ChainStep)| Some(*stage) == last && !decides(step);
        if last.is_none() || self.in_order(|_| true).iter().any(no_decision) {
            let words =
                "the last stage decides: it has steps, all of them of approvers and none answered on paper";
            faults.push((None, words.to_owned()));
        }
        // Of which nothing else is known: a step that may be left out approves nothing.
        let approved = |direction: Direction| {
            let facts = Facts::unknown(direction);
            let approves = |step: &&ChainStep| step.role == Role::Approver && step.body.is_none();
            self.step.iter().filter(approves).any(|step| step.when.applies(&facts) == Applies::Yes)
        };
        if !approved(Direction::Inbound) || !approved(Direction::Outbound) {
            let words = "some delegation could pass without an approver: one of its steps has no condition";
            faults.push((None, words.to_owned()));
        }
        faults
    }
}

/// Signing forms as printed: `TM.` before `KT.`, each once.
#[must_use]
pub fn signing_forms(mut forms: Vec<SigningForm>) -> Vec<SigningForm> {
    forms.sort();
    forms.dedup();
    forms
}

/// Which forms exclude each other, as the code of a field: a mandate is not handed on, so that whoever signs under one
/// is neither the deputy of its holder (KT.) nor under his orders (TL.).
#[must_use]
pub fn form_fault(forms: &[SigningForm]) -> Option<&'static str> {
    let has = |form| forms.contains(&form);
    let handed_on = has(SigningForm::Tuq) && (has(SigningForm::Kt) || has(SigningForm::Tl));
    handed_on.then_some("tuq-excludes")
}

#[cfg(test)]
mod tests;
