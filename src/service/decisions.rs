//! Deciding on the open step: one person, one decision a revision, never on one's own dossier. What it does to the
//! dossier follows from the chain alone.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use serde::Deserialize;
use utoipa::ToSchema;

use super::delegations::get_for;
use super::{Context, Result, course, tell};
use crate::clock::day_in_vietnam;
use crate::domain::access::{Action, Role};
use crate::domain::approval::{Decider, Given, Judgement, Step, Verdict, judge, signing_forms};
use crate::domain::codes::{Code, SigningForm};
use crate::domain::dossier::Command;
use crate::domain::ids::{DossierId, OrganisationId, PersonId};
use crate::domain::notice::Kind;
use crate::domain::refusal::Refusal;
use crate::domain::text;
use crate::store::dossiers::{self, Facts, Stored};
use crate::store::revisions::{self, RevisionOutcome};
use crate::store::steps::{self, Decision, StoredStep};
use crate::store::{Entry, ReadTx, Recorded, StoreError, WriteTx, journal, people};

/// Days that a supplement may take when the decision names no day. DEFAULT: the city confirms it.
const SUPPLEMENT: Days = Days::new(15);
/// Days that a supplement may take at most.
const LONGEST: Days = Days::new(366);

/// A decision as sent.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDecision {
    /// What: approve, return or reject.
    pub decision: Verdict,
    /// The appraiser's note, the supplement list, the reason. Needed to return or reject.
    #[serde(default)]
    pub comment: String,
    /// With `return`: the day by which the supplement is due; fifteen days from now, if absent.
    pub due_on: Option<NaiveDate>,
    /// Signing forms.
    #[serde(default)]
    pub forms: Vec<SigningForm>,
}

/// Decides.
///
/// # Errors
/// `SelfApproval`, `AlreadyDecided`, `NotYourTurn`, `NoPerson`, `IllegalMove`, `Stale`, `Invalid`.
pub fn decide(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    version: i64,
    new: &NewDecision,
) -> Result<Recorded<DossierId>> {
    ctx.must(Action::Decide)?;
    let stored = super::delegations::get(tx, ctx, id)?;
    four_eyes(tx, ctx, &stored)?;
    let stored = get_for(tx, ctx, Action::Decide, stored.dossier.id, version)?;
    // Legal at all in this state? Whatever comes of it.
    stored.dossier.change(Command::Advance, Some(ctx.actor.account))?;
    let chain = chain_of(tx, &stored)?;
    let judgement = judged(tx, ctx, &stored, &chain, new.decision)?.map_err(|refusal| match refusal {
        Refusal::Invalid(_) => refusal.into(),
        other => ctx.denied(other, Action::Decide, "dossier", id),
    })?;
    let comment = comment(new)?;
    let due_on = due_day(tx, new)?;
    let change = stored
        .dossier
        .change(judgement.command, Some(ctx.actor.account))?
        .telling("decision", new.decision.code())
        .telling("comment", &comment)
        .telling("step", judgement.step);
    dossiers::apply(tx, id, &change)?;
    write_decision(tx, ctx, &stored, &judgement, new, comment)?;
    if let Some(due_on) = due_on {
        dossiers::write_facts(tx, id, &Facts { supplement_due_on: Some(due_on), ..Facts::default() })?;
    }
    let entry = journal::append(tx, change.event().clone())?;
    follow(tx, ctx, &stored, &chain, &judgement, change.restores(), entry)?;
    Ok(entry.returning(id))
}

/// Locks several dossiers in one order, before anything else of a bulk: the journal's head is the last row that a
/// command locks, and two bulks in opposite orders would wait for each other.
///
/// # Errors
/// `Error::Store` of the database.
pub fn lock_all(tx: &mut WriteTx<'_>, ids: impl Iterator<Item = DossierId>) -> Result<()> {
    let sorted: BTreeSet<DossierId> = ids.collect();
    for id in sorted {
        match dossiers::lock(tx, id) {
            Ok(_) | Err(StoreError::NotFound) => {}
            Err(fault) => return Err(fault.into()),
        }
    }
    Ok(())
}

/// Four eyes come first: who filed, edited or travels learns that, whatever the state or the turn.
fn four_eyes(tx: &mut WriteTx<'_>, ctx: &Context, stored: &Stored) -> Result<()> {
    let person = ctx.actor.person.ok_or(Refusal::NoPerson)?;
    if barred(tx, stored, person)?.is_empty() {
        return Ok(());
    }
    Err(ctx.denied(Refusal::SelfApproval, Action::Decide, "dossier", stored.dossier.id))
}

/// The decider's own records among those who may not decide.
fn barred(tx: &mut ReadTx<'_>, stored: &Stored, person: PersonId) -> Result<Vec<PersonId>> {
    let own = people::aliases(tx, person)?;
    let authors = dossiers::authors(tx, stored.dossier.id)?;
    Ok(authors.into_iter().filter(|author| own.contains(author)).collect())
}

/// Whether the actor could decide now: an open step waits for this role here, and four eyes hold.
pub(super) fn may_decide(tx: &mut ReadTx<'_>, ctx: &Context, stored: &Stored) -> Result<bool> {
    let Some(person) = ctx.actor.person else { return Ok(false) };
    let legal = stored.dossier.change(Command::Advance, None).is_ok();
    if !legal || !barred(tx, stored, person)?.is_empty() {
        return Ok(false);
    }
    let chain = chain_of(tx, stored)?;
    Ok(judged(tx, ctx, stored, &chain, Verdict::Approve)?.is_ok())
}

/// The steps of the present revision, in order.
fn chain_of(tx: &mut ReadTx<'_>, stored: &Stored) -> Result<Vec<Step>> {
    let present = |step: &StoredStep| step.revision == stored.dossier.revision;
    Ok(steps::list(tx, stored.dossier.id)?.into_iter().filter(present).map(|step| step.step).collect())
}

fn judged(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    stored: &Stored,
    chain: &[Step],
    verdict: Verdict,
) -> Result<std::result::Result<Judgement, Refusal>> {
    let id = stored.dossier.id;
    // Whoever is registered twice, by two organisations, is still one person and decides once.
    let person = ctx.actor.person;
    let own = person.map(|person| people::aliases(tx, person)).transpose()?.unwrap_or_default();
    let given: Vec<Given> = steps::decisions_of(tx, id)?
        .iter()
        .filter(|decision| decision.revision == stored.dossier.revision)
        .map(Decision::given)
        .map(|given| match person {
            Some(person) if own.contains(&given.person) => Given { person, ..given },
            _ => given,
        })
        .collect();
    let barred = dossiers::authors(tx, id)?;
    let holds = |role: Role, organisation: OrganisationId| ctx.actor.holds(role, organisation);
    let decider = Decider { person, holds: &holds };
    Ok(judge(chain, &given, &barred, decider, verdict))
}

fn comment(new: &NewDecision) -> Result<String> {
    match new.decision {
        Verdict::Return | Verdict::Reject => course::reason("/comment", &new.comment),
        _ => Ok(text::block(&new.comment).map_err(|code| Refusal::field("/comment", code))?),
    }
}

fn due_day(tx: &mut WriteTx<'_>, new: &NewDecision) -> Result<Option<NaiveDate>> {
    let today = day_in_vietnam(tx.now());
    match (new.decision, new.due_on) {
        (Verdict::Return, Some(day)) if day <= today => Err(Refusal::field("/due_on", "in-the-past").into()),
        (Verdict::Return, Some(day)) if today.checked_add_days(LONGEST).is_none_or(|last| day > last) => {
            Err(Refusal::field("/due_on", "out-of-range").into())
        }
        (Verdict::Return, Some(day)) => Ok(Some(day)),
        (Verdict::Return, None) => Ok(today.checked_add_days(SUPPLEMENT)),
        (_, Some(_)) => Err(Refusal::field("/due_on", "only-with-return").into()),
        (_, None) => Ok(None),
    }
}

fn write_decision(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    stored: &Stored,
    judgement: &Judgement,
    new: &NewDecision,
    comment: String,
) -> Result<()> {
    let (id, revision) = (stored.dossier.id, stored.dossier.revision);
    let content_hash = revisions::hash_of(tx, id, revision)?;
    let decision = Decision {
        id: tx.fresh(),
        revision,
        step: judgement.step,
        person: ctx.actor.person.ok_or(Refusal::NoPerson)?,
        account: ctx.actor.account,
        verdict: new.decision,
        comment: Some(comment).filter(|comment| !comment.is_empty()),
        forms: signing_forms(new.forms.clone()),
        content_hash,
        made_at: tx.now(),
    };
    steps::insert_decision(tx, id, &decision)?;
    if judgement.closes {
        steps::close(tx, judgement.step)?;
    }
    Ok(())
}

/// What follows from the judgement: the next step, the issuing desk, or the end of the round; and who is told.
fn follow(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    stored: &Stored,
    chain: &[Step],
    judgement: &Judgement,
    restores: Option<i32>,
    entry: Entry,
) -> Result<()> {
    let (id, revision) = (stored.dossier.id, stored.dossier.revision);
    match judgement.command {
        Command::Approve => {
            if let Some(before) = stored.dossier.revision_in_force {
                revisions::drop_live(tx, id, before)?;
            }
            revisions::conclude(tx, id, revision, RevisionOutcome::Approved)?;
            let clerks = course::to_issue(tx, ctx, stored)?;
            tell::officers(tx, entry, Kind::ApprovedOfficer, id)?;
            tell::queue(tx, entry, Kind::ApprovedToIssue, id, &clerks)
        }
        Command::Return => {
            course::end_round(tx, stored, RevisionOutcome::Returned, restores)?;
            tell::officers(tx, entry, Kind::Returned, id)
        }
        Command::Reject => {
            course::end_round(tx, stored, RevisionOutcome::Rejected, restores)?;
            tell::officers(tx, entry, Kind::Rejected, id)
        }
        _ => {
            let next = judgement.opens.and_then(|open| chain.iter().find(|step| step.id == open));
            let Some(next) = next else { return Ok(()) };
            let waiting = course::open_step(tx, stored, next)?;
            tell::queue(tx, entry, Kind::ReceivedForStep, id, &waiting)
        }
    }
}
