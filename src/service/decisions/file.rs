//! What a decision is judged by, read once: the steps of the revision, what was said so far, who is barred, and the
//! seats of the actor. Whoever is registered twice, by two organisations, is still one person.

use crate::domain::access::Action;
use crate::domain::approval::{Answer, Case, Decider, Given, Judgement, Saying, Seat, Step, Verdict, judge};
use crate::domain::ids::{PersonId, StepId};
use crate::domain::refusal::Refusal;
use crate::service::{Context, Result};
use crate::store::decisions::{self, Decision, Struck};
use crate::store::dossiers::{self, Stored};
use crate::store::steps::{self, StoredStep};
use crate::store::{ReadTx, opinions, people};

/// The file of one revision.
#[derive(Debug)]
pub(crate) struct CaseFile {
    /// Steps of all laps.
    pub steps: Vec<StoredStep>,
    /// Steps on which a body answered on paper; no answer is none.
    pub answered: Vec<StepId>,
    bare: Vec<Step>,
    objections: Vec<StepId>,
    decisions: Vec<Decision>,
    given: Vec<Given>,
    barred: Vec<PersonId>,
    person: Option<PersonId>,
    seats: Vec<Seat>,
}

/// The person's own records among those who may not decide.
pub(super) fn barred(tx: &mut ReadTx<'_>, stored: &Stored, person: PersonId) -> Result<Vec<PersonId>> {
    let own = people::aliases(tx, person)?;
    let authors = dossiers::authors(tx, stored.dossier.id)?;
    Ok(authors.into_iter().filter(|author| own.contains(author)).collect())
}

impl CaseFile {
    /// Reads the file for the actor.
    ///
    /// # Errors
    /// `Error::Store` of the database.
    pub fn of(tx: &mut ReadTx<'_>, ctx: &Context, stored: &Stored) -> Result<Self> {
        let (id, revision) = (stored.dossier.id, stored.dossier.revision);
        let steps: Vec<StoredStep> =
            steps::list(tx, id)?.into_iter().filter(|step| step.revision == revision).collect();
        let decisions: Vec<Decision> =
            decisions::list(tx, id)?.into_iter().filter(|decision| decision.revision == revision).collect();
        let said: Vec<_> =
            opinions::list(tx, id)?.into_iter().filter(|opinion| opinion.revision == revision).collect();
        let binds = |id: StepId| steps.iter().any(|step| step.step.id == id && step.step.binding);
        let objected = said.iter().filter(|opinion| opinion.answer == Answer::Objects && binds(opinion.step));
        let objections = objected.map(|opinion| opinion.step).collect();
        let answered = said.iter().filter(|opinion| opinion.answer != Answer::NoAnswer);
        let answered = answered.map(|opinion| opinion.step).collect();
        let seats = seats(ctx, stored);
        let names = names(tx, ctx.actor.person, &seats)?;
        let one = |person: PersonId| {
            names.iter().find(|(_, records)| records.contains(&person)).map_or(person, |(known, _)| *known)
        };
        let given = decisions
            .iter()
            .map(Decision::given)
            .map(|given| Given { person: one(given.person), giver: given.giver.map(one), ..given })
            .collect();
        let barred = dossiers::authors(tx, id)?.into_iter().map(one).collect();
        let bare = steps.iter().map(|step| step.step.clone()).collect();
        let person = ctx.actor.person;
        Ok(Self { steps, answered, bare, objections, decisions, given, barred, person, seats })
    }

    /// What it would do if the actor said this.
    ///
    /// # Errors
    /// As `judge`.
    pub fn judged(&self, saying: Saying) -> std::result::Result<Judgement, Refusal> {
        let case = Case {
            steps: &self.bare,
            given: &self.given,
            barred: &self.barred,
            objections: &self.objections,
        };
        judge(case, Decider { person: self.person, seats: &self.seats }, saying)
    }

    /// The present lap.
    pub fn lap(&self) -> i32 {
        self.bare.iter().map(|step| step.lap).max().unwrap_or_default()
    }

    /// The steps of these ids.
    pub fn of_ids(&self, ids: &[StepId]) -> Vec<StoredStep> {
        self.steps.iter().filter(|step| ids.contains(&step.step.id)).cloned().collect()
    }

    /// Everything that is struck out if the dossier is approved now: by this decision, and by those that agreed
    /// beside it in the same stage.
    pub fn struck(&self, judgement: &Judgement, now: &Struck) -> Struck {
        let stage = self.bare.iter().find(|step| step.id == judgement.step).map(|step| step.stage);
        let beside = |decision: &&Decision| {
            let on = self.bare.iter().find(|step| step.id == decision.step);
            decision.verdict == Verdict::ApproveWithConditions
                && decision.lap == self.lap()
                && on.map(|step| step.stage) == stage
        };
        let mut all = now.clone();
        for other in self.decisions.iter().filter(beside) {
            all.members.extend(&other.struck.members);
            all.programme.extend(&other.struck.programme);
        }
        all.members.sort();
        all.members.dedup();
        all.programme.sort_unstable();
        all.programme.dedup();
        all
    }
}

/// From where the actor decides on this dossier. A mandate outside its limits does not apply.
fn seats(ctx: &Context, stored: &Stored) -> Vec<Seat> {
    let (direction, rank) = (stored.dossier.direction, stored.content.rank);
    let held = ctx
        .actor
        .roles_for(Action::Decide)
        .filter(|held| held.mandate.as_ref().is_none_or(|mandate| mandate.limits.cover(direction, rank)));
    held.map(|held| Seat { role: held.role, organisation: held.organisation, mandate: held.mandate.clone() })
        .collect()
}

/// The actor and those in whose place he acts, each with all records of the same natural person.
fn names(
    tx: &mut ReadTx<'_>,
    person: Option<PersonId>,
    seats: &[Seat],
) -> Result<Vec<(PersonId, Vec<PersonId>)>> {
    let givers = seats.iter().filter_map(|seat| seat.mandate.as_ref()).map(|mandate| mandate.person);
    let mut names = Vec::new();
    for person in person.into_iter().chain(givers) {
        names.push((person, people::aliases(tx, person)?));
    }
    Ok(names)
}
