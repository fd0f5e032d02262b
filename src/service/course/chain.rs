//! The chain of one dossier: laid out at reception, laid again from the appraisal on, raised by a level; and the
//! opening of its stages, with their clocks.

use chrono::{DateTime, NaiveDate, Utc};

use super::name_if_confidential;
use crate::clock::in_vietnam;
use crate::domain::approval::{Chain, Step, StepState, Term, again};
use crate::domain::calendar::Calendar;
use crate::domain::ids::{AccountId, PersonId, StepId};
use crate::domain::mandate::is_of_an_asking_house;
use crate::domain::rulebook::Facts;
use crate::service::{Context, Error, Result, organisations as tree};
use crate::store::dossiers::{self, Capacity, Stored};
use crate::store::organisations::Organisation;
use crate::store::steps::{self, StoredStep};
use crate::store::{ReadTx, StoreError, WriteTx, accounts, mandates, organisations, people};

/// Writes the steps of this revision and returns those of the first stage.
pub(super) fn lay_out(
    tx: &mut WriteTx<'_>,
    stored: &Stored,
    chain: &Chain,
    owner: &Organisation,
    facts: &Facts,
) -> Result<Vec<StoredStep>> {
    let mut laid = Vec::new();
    for (no, (stage, planned)) in (1..).zip(chain.steps_for(facts)) {
        let organisation = tree::place(tx, planned.at, owner)?.id;
        let above = match planned.forward_to {
            Some(place) => tree::find(tx, place, owner)?.map(|found| found.id),
            None => None,
        };
        let step = Step {
            id: tx.fresh(),
            no,
            stage,
            lap: 0,
            kind: planned.kind.clone(),
            organisation,
            role: planned.role,
            quorum: planned.quorum,
            state: StepState::Waiting,
            body: planned.body.clone(),
            binding: planned.binding,
            forward_to: above.filter(|above| *above != organisation),
        };
        laid.push(StoredStep {
            step,
            revision: stored.dossier.revision,
            title_vi: planned.title_vi.clone(),
            title_en: planned.title_en.clone(),
            clock: planned.clock,
            due_on: None,
            opened_at: None,
            closed_at: None,
        });
    }
    let last = laid.last().map(|last| last.step.stage);
    if last.is_none() || laid.iter().any(|step| Some(step.step.stage) == last && step.step.on_paper()) {
        let words = "the chain of this organisation does not end with a decision";
        return Err(Error::Store(StoreError::Corrupt(words.to_owned())));
    }
    write(tx, stored, laid)
}

/// Writes these steps and returns those of their first stage.
fn write(tx: &mut WriteTx<'_>, stored: &Stored, laid: Vec<StoredStep>) -> Result<Vec<StoredStep>> {
    for step in &laid {
        steps::insert(tx, stored.dossier.id, step)?;
    }
    let first = laid.iter().map(|step| step.step.stage).min();
    Ok(laid.into_iter().filter(|step| Some(step.step.stage) == first).collect())
}

fn last_no(present: &[StoredStep]) -> i32 {
    present.iter().map(|step| step.step.no).max().unwrap_or_default()
}

/// A step like this one that is still to be done.
fn anew(tx: &WriteTx<'_>, like: &StoredStep, no: i32) -> StoredStep {
    let step = Step { id: tx.fresh(), no, state: StepState::Waiting, ..like.step.clone() };
    StoredStep { step, due_on: None, opened_at: None, closed_at: None, ..like.clone() }
}

/// Lays the chain again from the first appraisal on: what is left of the present lap is dropped, consultations that
/// were answered are not asked again. Returns the steps of the first stage.
pub(in crate::service) fn lay_again(
    tx: &mut WriteTx<'_>,
    stored: &Stored,
    present: &[StoredStep],
    answered: &[StepId],
) -> Result<Vec<StoredStep>> {
    let bare: Vec<Step> = present.iter().map(|step| step.step.clone()).collect();
    let wanted: Vec<StepId> = again(&bare, answered).into_iter().map(|step| step.id).collect();
    steps::drop_rest(tx, stored.dossier.id, stored.dossier.revision)?;
    let mut laid = Vec::new();
    for (no, like) in (last_no(present) + 1..).zip(present.iter().filter(|s| wanted.contains(&s.step.id))) {
        let mut step = anew(tx, like, no);
        step.step.lap += 1;
        laid.push(step);
    }
    write(tx, stored, laid)
}

/// Adds a step at the level above after the last stage. Returns it where it opens at once.
pub(in crate::service) fn raise(
    tx: &mut WriteTx<'_>,
    stored: &Stored,
    present: &[StoredStep],
    from: StepId,
    state: StepState,
) -> Result<Vec<StoredStep>> {
    let from = present.iter().find(|step| step.step.id == from).ok_or(StoreError::NotFound)?;
    let above = from.step.forward_to.ok_or(StoreError::NotFound)?;
    let mut raised = anew(tx, from, last_no(present) + 1);
    raised.step.stage += 1;
    raised.step.organisation = above;
    raised.step.quorum = 1;
    raised.step.forward_to = None;
    let raised = write(tx, stored, vec![raised])?;
    Ok(if state == StepState::Open { raised } else { Vec::new() })
}

/// Opens steps together: their clocks start on `from`, their organisations become parties and keep reading. Returns who
/// may act on them.
pub(in crate::service) fn open_stage(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    stored: &Stored,
    stage: &[StoredStep],
    from: DateTime<Utc>,
) -> Result<Vec<AccountId>> {
    let mut told = Vec::new();
    for step in stage {
        let due_on = step.clock.map(|clock| due(&ctx.settings.calendar, from, clock));
        steps::open(tx, step.step.id, due_on)?;
        dossiers::add_organisation(tx, stored.dossier.id, step.step.organisation, Capacity::Step)?;
        let holders = deciders(tx, stored, &step.step)?;
        name_if_confidential(tx, stored, &holders, Capacity::Step)?;
        told.extend(holders);
        told.extend(substitutes(tx, stored, &step.step)?);
    }
    told.sort();
    told.dedup();
    Ok(told)
}

/// Last day of a clock that starts at an instant: after hours it starts on the next working day.
pub(in crate::service) fn due(calendar: &Calendar, from: DateTime<Utc>, clock: Term) -> NaiveDate {
    let day = calendar.received_on(in_vietnam(from).naive_local());
    calendar.after(day, clock.n, clock.unit)
}

/// Last day of an open step. One that was opened before clocks were written down has its day worked out.
pub(in crate::service) fn due_of(calendar: &Calendar, step: &StoredStep) -> Option<NaiveDate> {
    let worked_out = || Some(due(calendar, step.opened_at?, step.clock?));
    step.due_on.or_else(worked_out)
}

/// Who holds the step's role there and may act: who filed, edited or travels may record an answer, and not decide.
pub(in crate::service) fn deciders(
    tx: &mut ReadTx<'_>,
    stored: &Stored,
    step: &Step,
) -> Result<Vec<AccountId>> {
    let mut holders = accounts::holders(tx, step.role, step.organisation)?;
    if !step.on_paper() {
        let barred = dossiers::authors(tx, stored.dossier.id)?;
        holders = not_barred(tx, &holders, &barred)?;
    }
    holders.sort();
    Ok(holders)
}

/// Those of these accounts behind whom stands none of the barred persons, under whichever record.
pub(in crate::service) fn not_barred(
    tx: &mut ReadTx<'_>,
    holders: &[AccountId],
    barred: &[PersonId],
) -> Result<Vec<AccountId>> {
    let mut able = Vec::new();
    for account in accounts::load_many(tx, holders)? {
        let own = account.person.map(|person| people::aliases(tx, person)).transpose()?.unwrap_or_default();
        if !own.iter().any(|person| barred.contains(person)) {
            able.push(account.id);
        }
    }
    Ok(able)
}

/// Who may decide on the step by mandate today. Neither they nor the giver filed, edited or travel, and they are not of
/// the house that asks.
pub(in crate::service) fn substitutes(
    tx: &mut ReadTx<'_>,
    stored: &Stored,
    step: &Step,
) -> Result<Vec<AccountId>> {
    if step.on_paper() {
        return Ok(Vec::new());
    }
    let (direction, rank) = (stored.dossier.direction, stored.content.rank);
    let barred = dossiers::authors(tx, stored.dossier.id)?;
    let held = mandates::holders_at(tx, step.role, step.organisation)?;
    let ids: Vec<AccountId> = held.iter().map(|(holder, _)| *holder).collect();
    let able = accounts::able_to_substitute(tx, &ids)?;
    let (houses, seats) = (stored.houses(), seats_of(tx, &ids)?);
    let mut found = Vec::new();
    for (holder, mandate) in held {
        let Some((_, person)) = able.iter().find(|(id, _)| *id == holder) else { continue };
        let covered = mandate.limits.cover(direction, rank) && mandate.limits.cover_step(&step.kind);
        let mut voice = people::aliases(tx, mandate.person)?;
        voice.extend(people::aliases(tx, *person)?);
        let asks = |(account, seat): &(AccountId, String)| {
            *account == holder && is_of_an_asking_house(&houses, step.organisation, seat)
        };
        let covered = covered && !seats.iter().any(asks);
        if covered && !voice.iter().any(|person| barred.contains(person)) {
            found.push(holder);
        }
    }
    Ok(found)
}

/// The paths of the organisations where these accounts hold roles of their own.
fn seats_of(tx: &mut ReadTx<'_>, ids: &[AccountId]) -> Result<Vec<(AccountId, String)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let tree = organisations::list(tx)?;
    let path = |id| tree.iter().find(|one| one.id == id).map(|one| one.path.clone());
    let grants = accounts::grants_of(tx, ids)?.into_iter();
    Ok(grants.filter_map(|grant| Some((grant.account, path(grant.organisation)?))).collect())
}
