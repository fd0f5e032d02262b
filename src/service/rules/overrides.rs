//! Passing a blocking rule by: the officer asks with a reason, whoever the rule names answers; a rule of law needs
//! two persons. It holds for one submission, is journalled, counted and listed in annex 6.

mod pending;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::assess::facts_of;
use crate::domain::access::{Action, Role};
use crate::domain::dossier::{Command, State};
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, DossierId, OverrideId, PersonId};
use crate::domain::notice::Kind;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::rulebook::{self, Severity, Verdict};
use crate::domain::text;
use crate::service::delegations::{bar, freeze, get, get_for};
use crate::service::{Context, Result, course, tell};
use crate::store::dossiers::{self, Authorship, Capacity, Stored};
use crate::store::overrides::{self, Answer, Override};
use crate::store::people::Member;
use crate::store::{ReadTx, Recorded, StoreError, WriteTx, journal, organisations, people};

pub use pending::answerable;
pub(in crate::service) use pending::{Pending, answerers, awaited, pending};

/// A request to pass a rule by.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOverride {
    /// Id of a blocking rule that the dossier does not keep.
    pub rule: String,
    /// Why it must be passed by.
    pub reason: String,
}

/// An answer to it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnswer {
    /// Yes or no.
    pub granted: bool,
    /// In words; needed for a no.
    #[serde(default)]
    pub comment: String,
}

/// A request as shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OverrideView {
    /// Id.
    pub id: OverrideId,
    /// For the submission of which round.
    pub revision: i32,
    /// The rule.
    pub rule: String,
    /// In which version of the rulebook.
    pub rulebook_version: i32,
    /// Who may grant it.
    pub role: Role,
    /// How many persons must.
    pub needed: i32,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub asked_by: AccountId,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// Whether the rule may be passed by now.
    pub holds: bool,
    /// Whether it was refused.
    pub refused: bool,
    /// Answers so far.
    pub answers: Vec<AnswerView>,
}

/// An answer as shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AnswerView {
    /// Who, as a person.
    pub person_id: PersonId,
    /// With which account.
    pub account_id: AccountId,
    /// Yes or no.
    pub granted: bool,
    /// In words.
    pub comment: Option<String>,
    /// When.
    pub answered_at: DateTime<Utc>,
}

impl From<Override> for OverrideView {
    fn from(one: Override) -> Self {
        Self {
            holds: one.holds(),
            id: one.id,
            revision: one.revision,
            rule: one.rule,
            rulebook_version: one.rulebook_version,
            role: one.role,
            needed: one.needed,
            reason: one.reason,
            asked_by: one.asked_by,
            asked_at: one.asked_at,
            refused: one.refused_at.is_some(),
            answers: one
                .answers
                .into_iter()
                .map(|answer| AnswerView {
                    person_id: answer.person,
                    account_id: answer.account,
                    granted: answer.granted,
                    comment: answer.comment,
                    answered_at: answer.at,
                })
                .collect(),
        }
    }
}

/// The overrides of a dossier.
///
/// # Errors
/// `NotFound` where the actor may not know of it.
pub fn list(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> Result<Vec<OverrideView>> {
    get(tx, ctx, id)?;
    Ok(overrides::of_dossier(tx, id)?.into_iter().map(OverrideView::from).collect())
}

/// A hash of all that would be submitted now: an override is of that, and lapses with the next edit.
pub(super) fn fingerprint(stored: &Stored, members: &[Member]) -> String {
    let mut frozen = freeze(&stored.content, members);
    frozen.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    let mut hash = Sha256::new();
    for part in frozen.iter().flat_map(|one| [&one.pointer, &one.value]) {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}

/// Only a dossier that waits to be submitted can be helped by it.
fn must_wait(stored: &Stored) -> Result<()> {
    match stored.dossier.state {
        State::Draft | State::Returned => Ok(()),
        state => Err(Refusal::illegal(state, Command::Save).into()),
    }
}

/// Asks to pass a rule by for the next submission.
///
/// # Errors
/// `Invalid` names the field: no such rule, not a blocking one, or one that the dossier keeps; `Taken` when this
/// round has a request for it.
pub fn ask(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    version: i64,
    new: &NewOverride,
) -> Result<Recorded<OverrideView>> {
    let stored = get_for(tx, ctx, Action::Edit, id, version)?;
    must_wait(&stored)?;
    let mut faults = Vec::new();
    let reason = course::required_block("/reason", &new.reason, &mut faults);
    let (no, book) = ctx.settings.rulebooks.active(tx)?;
    let facts = facts_of(tx, ctx, &stored)?;
    let assessment = rulebook::assess(&book, &facts, &ctx.settings.calendar);
    let found = assessment.findings.iter().find(|finding| finding.rule.id == new.rule);
    let role = found.and_then(|finding| finding.rule.override_by);
    match found {
        None => faults.push(Fault::at("/rule", "unknown-rule")),
        Some(one) if one.rule.severity != Severity::Block || role.is_none() => {
            faults.push(Fault::at("/rule", "does-not-block"));
        }
        Some(one) if one.verdict != Verdict::Violated => faults.push(Fault::at("/rule", "is-kept")),
        Some(_) => {}
    }
    Refusal::unless_empty(faults)?;
    let (Some(found), Some(role)) = (found, role) else {
        return Err(Refusal::field("/rule", "unknown-rule").into());
    };
    let asked = Override {
        id: tx.fresh(),
        revision: stored.dossier.revision + 1,
        rule: found.rule.id.clone(),
        rulebook_version: no,
        role,
        needed: if found.rule.needs_two() { 2 } else { 1 },
        content_hash: fingerprint(&stored, &people::members_of(tx, id)?),
        reason,
        asked_by: ctx.actor.account,
        asked_at: tx.now(),
        refused_at: None,
        answers: Vec::new(),
    };
    match overrides::insert(tx, id, &asked) {
        Err(StoreError::Taken { .. }) => return Err(Refusal::Taken("override").into()),
        other => other?,
    }
    // Who asks does not answer, and the database knows it too.
    bar(tx, ctx, id, Authorship::Edited)?;
    let event = event("delegation.override_asked", &stored, ctx, &asked).with("reason", &asked.reason);
    let entry = journal::append(tx, event)?;
    // In a confidential dossier they are named, so that it does not get stuck.
    let to = answerers(tx, stored.dossier.organisation, role)?;
    course::name_if_confidential(tx, &stored, &to, Capacity::Step)?;
    tell::queue(tx, entry, Kind::OverrideAsked, id, &to)?;
    Ok(entry.returning(asked.into()))
}

fn event(action: &'static str, stored: &Stored, ctx: &Context, one: &Override) -> Event {
    Event::new(action, "dossier", stored.dossier.id)
        .by(ctx.actor.account)
        .at(stored.dossier.organisation)
        .with("rule", &one.rule)
        .with("round", one.revision)
}

/// Answers a request: by the role that the rule names, at the organisation that files or above it; never by who
/// filed, edited or travels, and each person once.
///
/// # Errors
/// `SelfApproval`, `AlreadyDecided`, `NotYourTurn`, `NoPerson`; `Invalid` without words for a no.
pub fn answer(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    version: i64,
    asked: OverrideId,
    new: &NewAnswer,
) -> Result<Recorded<OverrideView>> {
    let stored = get_for(tx, ctx, Action::Override, id, version)?;
    must_wait(&stored)?;
    let one = overrides::of_dossier(tx, id)?.into_iter().find(|one| one.id == asked);
    let one = one.ok_or(Refusal::NotFound)?;
    let person = ctx.actor.person.ok_or(Refusal::NoPerson)?;
    let denied = |refusal| ctx.denied(refusal, Action::Override, "dossier", id);
    let own = people::aliases(tx, person)?;
    if dossiers::authors(tx, id)?.iter().any(|author| own.contains(author)) {
        return Err(denied(Refusal::SelfApproval));
    }
    let owner = organisations::load(tx, stored.dossier.organisation)?.ok_or(StoreError::NotFound)?;
    // A mandate is for decisions: it overrides nothing.
    let own_seats = ctx.actor.held.iter().filter(|held| held.mandate.is_none());
    let held = own_seats.into_iter().any(|held| held.role == one.role && owner.path.starts_with(&held.path));
    if !held {
        return Err(denied(Refusal::NotYourTurn));
    }
    if one.answers.iter().any(|answer| own.contains(&answer.person)) {
        return Err(denied(Refusal::AlreadyDecided));
    }
    if one.refused_at.is_some() || one.holds() || one.revision != stored.dossier.revision + 1 {
        return Err(Refusal::IllegalMove { state: "answered", command: "override" }.into());
    }
    let comment = match new.granted {
        true => text::block(&new.comment).map_err(|code| Refusal::field("/comment", code))?,
        false => course::reason("/comment", &new.comment)?,
    };
    let given = Answer {
        person,
        account: ctx.actor.account,
        granted: new.granted,
        comment: Some(comment).filter(|comment| !comment.is_empty()),
        at: tx.now(),
    };
    overrides::answer(tx, asked, &given)?;
    let event = event("delegation.override_answered", &stored, ctx, &one)
        .with("granted", given.granted)
        .with("comment", given.comment.as_deref().unwrap_or_default());
    let entry = journal::append(tx, event)?;
    let mut shown = one;
    shown.refused_at = (!given.granted).then_some(given.at);
    shown.answers.push(given);
    if shown.holds() || shown.refused_at.is_some() {
        tell::officers(tx, entry, Kind::OverrideAnswered, id)?;
    }
    Ok(entry.returning(shown.into()))
}
