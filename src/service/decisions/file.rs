//! What a decision is judged by, read once: the steps of the revision, what was said so far, who is barred, and the
//! seats of the actor. Whoever is registered twice, by two organisations, is still one person.

use std::collections::BTreeMap;

use crate::domain::access::{Action, Held};
use crate::domain::approval::{Answer, Case, Decider, Given, Judgement, Saying, Seat, Step, Verdict, judge};
use crate::domain::ids::{DossierId, PersonId, StepId};
use crate::domain::mandate::{Mandated, is_of_an_asking_house};
use crate::domain::refusal::Refusal;
use crate::service::{Context, Result};
use crate::store::decisions::{self, Decision, Struck};
use crate::store::dossiers::{self, Stored};
use crate::store::opinions::{self, Opinion};
use crate::store::steps::{self, StoredStep};
use crate::store::{ReadTx, StoreError, people};

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
    /// A mandate that would apply, were the actor not of the house that asks.
    is_of_asking_house: bool,
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
        let mut files = Self::of_many(tx, ctx, &[stored])?;
        files.pop().ok_or_else(|| StoreError::NotFound.into())
    }

    /// Reads the files of some dossiers for the actor, in their order; however many there are, by the same number of
    /// statements.
    ///
    /// # Errors
    /// `Error::Store` of the database.
    pub fn of_many(tx: &mut ReadTx<'_>, ctx: &Context, dossiers: &[&Stored]) -> Result<Vec<Self>> {
        let ids: Vec<DossierId> = dossiers.iter().map(|stored| stored.dossier.id).collect();
        let mut steps = by_dossier(steps::of_dossiers(tx, &ids)?);
        let mut decided = by_dossier(decisions::of_dossiers(tx, &ids)?);
        let mut said = by_dossier(opinions::of_dossiers(tx, &ids)?);
        let mut authors = by_dossier(dossiers::authors_of_many(tx, &ids)?);
        let names = names(tx, ctx)?;
        let file = |stored: &&Stored| {
            let (id, revision) = (stored.dossier.id, stored.dossier.revision);
            let mut read = Read {
                steps: steps.remove(&id).unwrap_or_default(),
                decisions: decided.remove(&id).unwrap_or_default(),
                opinions: said.remove(&id).unwrap_or_default(),
                authors: authors.remove(&id).unwrap_or_default(),
            };
            read.steps.retain(|step| step.revision == revision);
            read.decisions.retain(|decision| decision.revision == revision);
            read.opinions.retain(|opinion| opinion.revision == revision);
            Self::from_read(read, ctx, stored, &names)
        };
        Ok(dossiers.iter().map(file).collect())
    }

    fn from_read(read: Read, ctx: &Context, stored: &Stored, names: &[(PersonId, Vec<PersonId>)]) -> Self {
        let Read { steps, decisions, opinions: said, authors } = read;
        let binds = |id: StepId| steps.iter().any(|step| step.step.id == id && step.step.binding);
        let objected = said.iter().filter(|opinion| opinion.answer == Answer::Objects && binds(opinion.step));
        let objections = objected.map(|opinion| opinion.step).collect();
        let answered = said.iter().filter(|opinion| opinion.answer != Answer::NoAnswer);
        let answered = answered.map(|opinion| opinion.step).collect();
        let one = |person: PersonId| {
            names.iter().find(|(_, records)| records.contains(&person)).map_or(person, |(known, _)| *known)
        };
        let given = decisions
            .iter()
            .map(Decision::given)
            .map(|given| Given { person: one(given.person), giver: given.giver.map(one), ..given })
            .collect();
        let barred = authors.into_iter().map(one).collect();
        let bare = steps.iter().map(|step| step.step.clone()).collect();
        let (kept_away, seats): (Vec<&Held>, Vec<&Held>) =
            seats(ctx, stored).partition(|held| is_of_asking_house(ctx, stored, held));
        let seats = seats.into_iter().map(seat).collect();
        let (person, is_of_asking_house) = (ctx.actor.person, !kept_away.is_empty());
        Self {
            steps,
            answered,
            bare,
            objections,
            decisions,
            given,
            barred,
            person,
            seats,
            is_of_asking_house,
        }
    }

    /// Whether the actor filed, edited or travels, under whichever record.
    pub fn is_barred(&self) -> bool {
        self.person.is_some_and(|person| self.barred.contains(&person))
    }

    /// What it would do if the actor said this.
    ///
    /// # Errors
    /// As `judge`; `OwnHouse` to whom a mandate alone would give the turn.
    pub fn judged(&self, saying: Saying) -> std::result::Result<Judgement, Refusal> {
        let case = Case {
            steps: &self.bare,
            given: &self.given,
            barred: &self.barred,
            objections: &self.objections,
        };
        let judged = judge(case, Decider { person: self.person, seats: &self.seats }, saying);
        judged.map_err(|refusal| match refusal {
            Refusal::NotYourTurn if self.is_of_asking_house => Refusal::OwnHouse,
            other => other,
        })
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

/// The roles with which the actor decides on this dossier. A mandate outside its limits does not apply.
fn seats<'a>(ctx: &'a Context, stored: &Stored) -> impl Iterator<Item = &'a Held> {
    let (direction, rank) = (stored.dossier.direction, stored.content.rank);
    let covers = move |mandate: &Mandated| mandate.limits.cover(direction, rank);
    ctx.actor.roles_for(Action::Decide).filter(move |held| held.mandate.as_ref().is_none_or(covers))
}

fn seat(held: &Held) -> Seat {
    Seat { role: held.role, organisation: held.organisation, mandate: held.mandate.clone() }
}

/// Whether a role is held by mandate, and the actor's own ones are of the house that filed the dossier or hosts.
fn is_of_asking_house(ctx: &Context, stored: &Stored, held: &Held) -> bool {
    let houses = stored.houses();
    let own = || ctx.actor.held.iter().filter(|own| own.mandate.is_none());
    held.mandate.is_some() && own().any(|own| is_of_an_asking_house(&houses, held.organisation, &own.path))
}

/// The actor and those in whose place he acts, each with all records of the same natural person.
fn names(tx: &mut ReadTx<'_>, ctx: &Context) -> Result<Vec<(PersonId, Vec<PersonId>)>> {
    let held = ctx.actor.roles_for(Action::Decide);
    let givers = held.filter_map(|held| held.mandate.as_ref()).map(|mandate| mandate.person);
    let mut names: Vec<(PersonId, Vec<PersonId>)> = Vec::new();
    for person in ctx.actor.person.into_iter().chain(givers) {
        if names.iter().all(|(known, _)| *known != person) {
            names.push((person, people::aliases(tx, person)?));
        }
    }
    Ok(names)
}

/// What was read of one dossier.
struct Read {
    steps: Vec<StoredStep>,
    decisions: Vec<Decision>,
    opinions: Vec<Opinion>,
    authors: Vec<PersonId>,
}

fn by_dossier<T>(rows: Vec<(DossierId, T)>) -> BTreeMap<DossierId, Vec<T>> {
    let mut found: BTreeMap<DossierId, Vec<T>> = BTreeMap::new();
    for (id, row) in rows {
        found.entry(id).or_default().push(row);
    }
    found
}
