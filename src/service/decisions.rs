//! Deciding on the open step: one voice, one decision a lap, never on one's own dossier. What it does to the
//! dossier follows from the chain alone.

mod conditions;
mod file;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use serde::Deserialize;
use utoipa::ToSchema;

use super::delegations::get_for;
use super::mandates::MandateView;
use super::{Context, Result, course, tell};
use crate::clock::day_in_vietnam;
use crate::domain::access::Action;
use crate::domain::approval::{Addressee, Judgement, Saying, Verdict, form_fault, signing_forms};
use crate::domain::codes::{Code, SigningForm};
use crate::domain::dossier::Command;
use crate::domain::ids::{DossierId, MandateId, MemberId, StepId};
use crate::domain::notice::Kind;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::text;
use crate::store::decisions::{self as store, ActingFor, Decision, Struck};
use crate::store::dossiers::{self, Facts, Stored};
use crate::store::revisions::{self, RevisionOutcome};
use crate::store::{Entry, ReadTx, Recorded, StoreError, WriteTx, journal, mandates, steps};

pub(super) use conditions::is_struck_again;
pub(super) use file::CaseFile;

/// Days that a supplement may take when the decision names no day. DEFAULT: the city confirms it.
const SUPPLEMENT: Days = Days::new(15);
/// Days that a supplement may take at most.
const LONGEST: Days = Days::new(366);

/// A decision as sent.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDecision {
    /// What. On a step that is not the last, an approval recommends.
    pub decision: Verdict,
    /// The appraiser's note, the supplement list, the reason, the opinion. Needed to return, reject or forward.
    #[serde(default)]
    pub comment: String,
    /// With `return`: to whom; the requester, if absent.
    pub to: Option<Addressee>,
    /// With `return` to the requester: the day by which the supplement is due; fifteen days from now, if absent.
    pub due_on: Option<NaiveDate>,
    /// With `approve_with_conditions`: the conditions. Needed where nothing is struck out.
    #[serde(default)]
    pub conditions: String,
    /// With `approve_with_conditions`: members who are struck out; never the head.
    #[serde(default)]
    pub strike_members: Vec<MemberId>,
    /// With `approve_with_conditions`: items of the programme that are struck out, by place from 0.
    #[serde(default)]
    pub strike_programme: Vec<usize>,
    /// Signing forms. `TUQ` belongs to a mandate and is added under one.
    #[serde(default)]
    pub forms: Vec<SigningForm>,
}

impl NewDecision {
    /// A decision of which nothing but the verdict is said.
    #[must_use]
    pub fn new(decision: Verdict) -> Self {
        Self {
            decision,
            comment: String::new(),
            to: None,
            due_on: None,
            conditions: String::new(),
            strike_members: Vec::new(),
            strike_programme: Vec::new(),
            forms: Vec::new(),
        }
    }

    fn saying(&self) -> Saying {
        Saying { verdict: self.decision, to: self.to.unwrap_or(Addressee::Requester) }
    }
}

/// What was sent, checked.
struct Said {
    comment: String,
    due_on: Option<NaiveDate>,
    conditions: Option<String>,
    struck: Struck,
    forms: Vec<SigningForm>,
}

/// Decides.
///
/// # Errors
/// `SelfApproval`, `AlreadyDecided`, `NotYourTurn`, `NoPerson`, `BindingObjection`, `IllegalMove`, `Stale`, `Invalid`.
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
    let file = CaseFile::of(tx, ctx, &stored)?;
    let refused = |refusal| match refusal {
        Refusal::Invalid(_) => super::Error::from(refusal),
        other => ctx.denied(other, Action::Decide, "dossier", id),
    };
    let judgement = file.judged(new.saying()).map_err(refused)?;
    let said = checked(tx, &stored, &judgement, new)?;
    // A mandate that is ended at this moment is ended before or after this decision, never during it.
    if let Some(mandate) = &judgement.mandate
        && !mandates::hold(tx, mandate.id)?
    {
        return Err(refused(Refusal::NotYourTurn));
    }
    let struck = file.struck(&judgement, &said.struck);
    conditions::leaves_a_delegation(tx, &stored, &struck)?;
    let mut change = stored
        .dossier
        .change(judgement.command, Some(ctx.actor.account))?
        .telling("decision", new.decision.code())
        .telling("comment", &said.comment)
        .telling("step", judgement.step);
    for (name, value) in [
        ("conditions", said.conditions.clone()),
        ("to", new.to.map(|to| to.code().to_owned())),
        ("acting_for", judgement.mandate.as_ref().map(|mandate| mandate.giver.to_string())),
        ("mandate", judgement.mandate.as_ref().map(|mandate| mandate.id.to_string())),
    ] {
        if let Some(value) = value {
            change = change.telling(name, value);
        }
    }
    dossiers::apply(tx, id, &change)?;
    write_decision(tx, ctx, &stored, &file, &judgement, new, &said)?;
    if let Some(due_on) = said.due_on {
        dossiers::write_facts(tx, id, &Facts { supplement_due_on: Some(due_on), ..Facts::default() })?;
    }
    if judgement.command == Command::Approve {
        change = conditions::strike(tx, &stored, &struck, change)?;
    }
    let entry = journal::append(tx, change.event().clone())?;
    follow(tx, ctx, &stored, &file, &judgement, change.restores(), entry)?;
    Ok(entry.returning(id))
}

/// Locks several dossiers in one order, and the actor's mandates, before anything else of a bulk: the journal's head is
/// the last row that a command locks, and two bulks in opposite orders would wait for each other.
///
/// # Errors
/// `Error::Store` of the database.
pub fn lock_all(tx: &mut WriteTx<'_>, ctx: &Context, ids: impl Iterator<Item = DossierId>) -> Result<()> {
    let sorted: BTreeSet<DossierId> = ids.collect();
    for id in sorted {
        match dossiers::lock(tx, id) {
            Ok(_) | Err(StoreError::NotFound) => {}
            Err(fault) => return Err(fault.into()),
        }
    }
    let held = ctx.actor.held.iter().filter_map(|held| held.mandate.as_ref());
    let mandates: BTreeSet<MandateId> = held.map(|mandate| mandate.id).collect();
    for id in mandates {
        // One that has ended meanwhile is refused row by row.
        let _held = mandates::hold(tx, id)?;
    }
    Ok(())
}

/// Four eyes come first: who filed, edited or travels learns that, whatever the state or the turn.
fn four_eyes(tx: &mut WriteTx<'_>, ctx: &Context, stored: &Stored) -> Result<()> {
    let person = ctx.actor.person.ok_or(Refusal::NoPerson)?;
    if file::barred(tx, stored, person)?.is_empty() {
        return Ok(());
    }
    Err(ctx.denied(Refusal::SelfApproval, Action::Decide, "dossier", stored.dossier.id))
}

/// The step on which the actor could decide now, if any: it waits for a role that is held there, or by mandate, and
/// four eyes hold.
pub(super) fn turn_of(tx: &mut ReadTx<'_>, ctx: &Context, stored: &Stored) -> Result<Option<StepId>> {
    Ok(turns(tx, ctx, &[stored])?.remove(&stored.dossier.id))
}

/// The mandate under which the actor would decide now, if any.
///
/// # Errors
/// `NotFound` where the actor may not know of the dossier.
pub fn mandate_of(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> Result<Option<MandateView>> {
    let stored = super::delegations::get(tx, ctx, id)?;
    let judged = CaseFile::of(tx, ctx, &stored)?.judged(Verdict::Return.into());
    let mandate = judged.ok().and_then(|judgement| judgement.mandate);
    mandate.map(|mandate| super::mandates::shown(tx, mandate.id)).transpose()
}

/// The steps of some dossiers on which the actor could decide now, for those that have one.
pub(super) fn turns(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    dossiers: &[&Stored],
) -> Result<BTreeMap<DossierId, StepId>> {
    let is_legal = |stored: &&&Stored| stored.dossier.change(Command::Advance, None).is_ok();
    let legal: Vec<&Stored> = dossiers.iter().filter(is_legal).copied().collect();
    if ctx.actor.person.is_none() || legal.is_empty() {
        return Ok(BTreeMap::new());
    }
    let files = CaseFile::of_many(tx, ctx, &legal)?;
    let turn = |(stored, file): (&&Stored, CaseFile)| {
        // Whoever may decide at all may return it.
        let judgement = file.judged(Verdict::Return.into()).ok().filter(|_| !file.is_barred())?;
        Some((stored.dossier.id, judgement.step))
    };
    Ok(legal.iter().zip(files).filter_map(turn).collect())
}

fn checked(tx: &mut WriteTx<'_>, stored: &Stored, judgement: &Judgement, new: &NewDecision) -> Result<Said> {
    let comment = match new.decision {
        Verdict::Return | Verdict::Reject | Verdict::Forward => course::reason("/comment", &new.comment)?,
        _ => text::block(&new.comment).map_err(|code| Refusal::field("/comment", code))?,
    };
    if new.to.is_some() && new.decision != Verdict::Return {
        return Err(Refusal::field("/to", "only-with-return").into());
    }
    let mut forms = new.forms.clone();
    match judgement.mandate {
        Some(_) => forms.push(SigningForm::Tuq),
        None if forms.contains(&SigningForm::Tuq) => {
            return Err(Refusal::field("/forms", "only-with-mandate").into());
        }
        None => {}
    }
    if let Some(code) = form_fault(&forms) {
        return Err(Refusal::field("/forms", code).into());
    }
    let (conditions, struck) = conditions::checked(tx, stored, new)?;
    Ok(Said { comment, due_on: due_day(tx, new)?, conditions, struck, forms: signing_forms(forms) })
}

fn due_day(tx: &mut WriteTx<'_>, new: &NewDecision) -> Result<Option<NaiveDate>> {
    let today = day_in_vietnam(tx.now());
    let supplement = new.decision == Verdict::Return && new.to != Some(Addressee::Appraiser);
    let fault = |code| Err(Refusal::Invalid(vec![Fault::at("/due_on", code)]).into());
    match new.due_on {
        Some(_) if !supplement => fault("only-with-return"),
        Some(day) if day <= today => fault("in-the-past"),
        Some(day) if today.checked_add_days(LONGEST).is_none_or(|last| day > last) => fault("out-of-range"),
        None if supplement => Ok(today.checked_add_days(SUPPLEMENT)),
        day => Ok(day),
    }
}

fn write_decision(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    stored: &Stored,
    file: &CaseFile,
    judgement: &Judgement,
    new: &NewDecision,
    said: &Said,
) -> Result<()> {
    let (id, revision) = (stored.dossier.id, stored.dossier.revision);
    let content_hash = revisions::hash_of(tx, id, revision)?;
    let acting_for = judgement.mandate.as_ref().map(|mandate| ActingFor {
        account: mandate.giver,
        person: Some(mandate.person),
        mandate: mandate.id,
    });
    let decision = Decision {
        id: tx.fresh(),
        revision,
        lap: file.lap(),
        step: judgement.step,
        person: ctx.actor.person.ok_or(Refusal::NoPerson)?,
        account: ctx.actor.account,
        acting_for,
        verdict: new.decision,
        returned_to: (new.decision == Verdict::Return).then_some(new.to.unwrap_or(Addressee::Requester)),
        comment: Some(said.comment.clone()).filter(|comment| !comment.is_empty()),
        conditions: said.conditions.clone(),
        struck: said.struck.clone(),
        forms: said.forms.clone(),
        content_hash,
        made_at: tx.now(),
    };
    store::insert(tx, id, &decision)?;
    if judgement.closes {
        steps::close(tx, judgement.step)?;
    }
    Ok(())
}

/// What follows from the judgement: the next stage, the issuing desk, or the end of the round; and who is told.
fn follow(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    stored: &Stored,
    file: &CaseFile,
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
            super::rules::heard(tx, ctx, stored)?;
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
            let opened = match (judgement.relays, judgement.raises) {
                (true, _) => course::lay_again(tx, stored, &file.steps, &file.answered)?,
                (false, Some(state)) => course::raise(tx, stored, &file.steps, judgement.step, state)?,
                (false, None) => file.of_ids(&judgement.opens),
            };
            let waiting = course::open_stage(tx, ctx, stored, &opened, tx.now())?;
            tell::queue(tx, entry, Kind::ReceivedForStep, id, &waiting)
        }
    }
}
