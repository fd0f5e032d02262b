//! The course of a dossier from request to report: submit, receive, issue, report, close, and the ways out of it.
//! Decisions are in `decisions.rs`. Each command is one move of the state machine with what belongs to it.

mod begun;
mod chain;
mod duplicate;
mod foresee;
mod lacking;
mod permit;
mod signing;
mod visit;

use chrono::{DateTime, Datelike, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use super::delegations::{self, get_for};
use super::{Context, Result, obligations, organisations as tree, rules, tell};
use crate::clock::day_in_vietnam;
use crate::domain::access::Action;
use crate::domain::approval::Desk;
use crate::domain::delegation::is_far;
use crate::domain::dossier::{Command, State};
use crate::domain::file::is_marked_secret;
use crate::domain::ids::{AccountId, DossierId};
use crate::domain::notice::Kind;
use crate::domain::obligation::ObligationState;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::text;
use crate::store::assessments::{self, Kept};
use crate::store::dossiers::{self, Authorship, Capacity, Facts, Stored};
use crate::store::organisations::{self, Organisation};
use crate::store::revisions::{self, RevisionOutcome};
use crate::store::{
    ReadTx, Recorded, StoreError, WriteTx, accounts, files, journal, obligations as owed, people, rulebooks,
    steps,
};

pub use begun::{BegunPaper, Signing, begun, common_signing};
pub(in crate::service) use chain::{
    deciders, due, due_of, lay_again, not_barred, open_stage, raise, substitutes,
};
pub use duplicate::{Compared, DuplicateOf, Linked, Links, Side, compared, duplicate, links};
pub use foresee::{Foreseen, NextStep, foreseen};
pub use lacking::{Lacking, lacking, lacking_at_first};
pub use permit::{IssuedText, NewPaper, draft, issue};
pub use visit::{Attended, GroupCame, Unusual, VisitReport, report, report_whole, to_confirm};

/// Why, in words.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The reason.
    pub reason: String,
}

/// What is said at the end.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// Why it is closed although something is still owed; needed then.
    #[serde(default)]
    pub reason: String,
}

/// What is said when something is taken back.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakenBack {
    /// Confirms that the changes of an amendment are given up, since the content that is permitted comes back; needed
    /// then.
    #[serde(default)]
    pub gives_up_changes: bool,
}

/// Nothing but the command itself.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Plain {}

/// Reception by the clerk.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reception {
    /// Incoming number.
    pub number: String,
    /// When it came in; now, if absent.
    pub at: Option<DateTime<Utc>>,
}

/// What is declared with a submission.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// That neither the dossier nor its papers contain a state secret (Luật 117/2025/QH15): must be said, as `true`.
    #[serde(default)]
    pub contains_no_state_secret: Option<bool>,
}

/// Submits: demands what a request needs, freezes the revision, gives the number, tells the receiving clerks.
///
/// # Errors
/// Everything that is missing and every rule that stops it at once; `IllegalMove`.
pub fn submit(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    version: i64,
    declared: Declaration,
) -> Result<Recorded<DossierId>> {
    let stored = get_for(tx, ctx, Action::Submit, id, version)?;
    let change = stored.dossier.change(Command::Submit, Some(ctx.actor.account))?;
    let members = people::members_of(tx, id)?;
    let judged = rules::judged(tx, ctx, &stored)?;
    let Lacking { mut faults, stopped } = Lacking::of(&stored, &members, &judged);
    if declared.contains_no_state_secret != Some(true) {
        faults.push(Fault::at("/contains_no_state_secret", "must-be-declared"));
    }
    Refusal::unless_ready(faults, stopped)?;

    dossiers::apply(tx, id, &change)?;
    dossiers::pin_rulebook(tx, id, judged.version)?;
    for finding in &judged.violated {
        rulebooks::note(tx, id, finding)?;
    }
    let year = day_in_vietnam(tx.now()).year();
    let code = match &stored.dossier.code {
        Some(code) => code.clone(),
        None => {
            let no = dossiers::number(tx, id, stored.dossier.direction, year)?;
            dossiers::official_code(stored.dossier.direction, year, no)
        }
    };
    let frozen = delegations::freeze(&stored.content, &members);
    let hash = revisions::freeze(tx, id, change.revision(), &frozen, ctx.actor.account)?;
    revisions::pin_rulebook(tx, id, change.revision(), judged.version)?;
    let said = Kept {
        revision: change.revision(),
        rulebook_version: judged.version,
        judged_at: tx.now(),
        verdicts: judged.said,
    };
    assessments::keep(tx, id, &said)?;
    delegations::bar(tx, ctx, id, Authorship::Filed)?;
    dossiers::add_account(tx, id, ctx.actor.account, Capacity::Author)?;
    let book = ctx.settings.rulebooks.version(tx, judged.version)?;
    let clerks = to_desk(tx, &stored, &book.chain.receive, Capacity::Receives)?;
    let mut change = change
        .telling("code", &code)
        .telling("content_hash", hex::encode(hash))
        .telling("contains_no_state_secret", true)
        .telling("rulebook", judged.version);
    for finding in &judged.violated {
        let what = if finding.overridden { "overridden" } else { "not kept" };
        change = change.telling(format!("rule:{}", finding.rule), what);
    }
    let papers = papers_submitted(tx, id)?;
    if !papers.is_empty() {
        change = change.telling("papers", papers);
    }
    let entry = journal::append(tx, change.event().clone())?;
    tell::queue(tx, entry, Kind::SubmittedForReceipt, id, &clerks)?;
    Ok(entry.returning(id))
}

/// The papers that go with a submission, a line each: kind and SHA-256, or that it was handled offline. A passport scan
/// is told by its id: its hash is erased with the person.
fn papers_submitted(tx: &mut WriteTx<'_>, id: DossierId) -> Result<String> {
    let line = |file: &files::File| match (&file.content, file.person) {
        (Some(content), None) => format!("{} {}", file.kind, content.sha256),
        (Some(_), Some(_)) => format!("{} {}", file.kind, file.id),
        (None, _) => format!("{} offline", file.kind),
    };
    let all = files::of_dossier(tx, id)?;
    Ok(all.iter().filter(|file| file.gone.is_none()).map(line).collect::<Vec<_>>().join("\n"))
}

/// Makes the desk's organisation a party, and returns who sits there. On a confidential dossier they are named.
fn to_desk(tx: &mut WriteTx<'_>, stored: &Stored, desk: &Desk, capacity: Capacity) -> Result<Vec<AccountId>> {
    let owner = owner_of(tx, stored)?;
    let (organisation, holders) = at_desk(tx, desk, &owner)?;
    dossiers::add_organisation(tx, stored.dossier.id, organisation.id, capacity)?;
    name_if_confidential(tx, stored, &holders, capacity)?;
    Ok(holders)
}

/// Where the desk is for dossiers of this owner, and who sits there.
fn at_desk(tx: &mut ReadTx<'_>, desk: &Desk, owner: &Organisation) -> Result<(Organisation, Vec<AccountId>)> {
    let organisation = tree::place(tx, desk.at, owner)?;
    let holders = accounts::holders(tx, desk.role, organisation.id)?;
    Ok((organisation, holders))
}

fn owner_of(tx: &mut ReadTx<'_>, stored: &Stored) -> Result<Organisation> {
    Ok(organisations::load(tx, stored.dossier.organisation)?.ok_or(StoreError::NotFound)?)
}

pub(super) fn name_if_confidential(
    tx: &mut WriteTx<'_>,
    stored: &Stored,
    accounts: &[AccountId],
    capacity: Capacity,
) -> Result<()> {
    if stored.content.confidential {
        for account in accounts {
            dossiers::add_account(tx, stored.dossier.id, *account, capacity)?;
        }
    }
    Ok(())
}

/// A dossier becomes confidential: those at whose desks it lies are named, so that it does not get stuck.
pub(super) fn name_desks(tx: &mut WriteTx<'_>, ctx: &Context, stored: &Stored) -> Result<()> {
    let id = stored.dossier.id;
    let (_, book) = rules::book_of(tx, ctx, stored)?;
    let chain = &book.chain;
    let mut named = Vec::new();
    for (role, capacity) in [(chain.receive.role, Capacity::Receives), (chain.issue.role, Capacity::Issues)] {
        for organisation in dossiers::organisations_of(tx, id, &[capacity])? {
            let holders = accounts::holders(tx, role, organisation)?;
            named.extend(holders.into_iter().map(|account| (account, capacity)));
        }
    }
    for step in steps::list(tx, id)?.into_iter().filter(|step| step.opened_at.is_some()) {
        let deciders = deciders(tx, stored, &step.step)?;
        named.extend(deciders.into_iter().map(|account| (account, Capacity::Step)));
    }
    for (account, capacity) in named {
        dossiers::add_account(tx, id, account, capacity)?;
    }
    Ok(())
}

/// Takes a request back to draft (it keeps its number), or withdraws a pending amendment, whose changes are given up.
///
/// # Errors
/// `IllegalMove`; `Invalid` until it is confirmed that changes are given up.
pub fn recall(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    version: i64,
    said: TakenBack,
) -> Result<Recorded<DossierId>> {
    let stored = get_for(tx, ctx, Action::Submit, id, version)?;
    let change = stored.dossier.change(Command::Recall, Some(ctx.actor.account))?;
    if change.restores().is_some() && !said.gives_up_changes {
        return Err(Refusal::field("/gives_up_changes", "changes-are-lost").into());
    }
    dossiers::apply(tx, id, &change)?;
    end_round(tx, &stored, RevisionOutcome::Recalled, change.restores())?;
    Ok(journal::append(tx, change.event().clone())?.returning(id))
}

/// Ends the round: the rest of its chain is dropped, its outcome noted (that of a round which had ended before stays,
/// unless it lapses now), the revision in force brought back.
pub(super) fn end_round(
    tx: &mut WriteTx<'_>,
    stored: &Stored,
    outcome: RevisionOutcome,
    restores: Option<i32>,
) -> Result<()> {
    let (id, revision) = (stored.dossier.id, stored.dossier.revision);
    steps::drop_rest(tx, id, revision)?;
    let pending = matches!(stored.dossier.state, State::Submitted | State::Received);
    if pending || outcome == RevisionOutcome::Lapsed {
        revisions::conclude(tx, id, revision, outcome)?;
    }
    if let Some(in_force) = restores {
        delegations::restore(tx, stored, in_force)?;
    }
    Ok(())
}

/// Receives: notes the incoming number, makes the chain's steps, opens the first stage and tells who sits there.
///
/// # Errors
/// `Invalid` names the field; `IllegalMove`.
pub fn receive(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    version: i64,
    reception: &Reception,
) -> Result<Recorded<DossierId>> {
    let stored = get_for(tx, ctx, Action::Receive, id, version)?;
    let change = stored.dossier.change(Command::Receive, Some(ctx.actor.account))?;
    let now = tx.now();
    let mut faults = Vec::new();
    let number = required("/number", &reception.number, &mut faults);
    let at = reception.at.unwrap_or(now);
    if at > now {
        faults.push(Fault::at("/at", "in-the-future"));
    } else if is_far(day_in_vietnam(at)) {
        faults.push(Fault::at("/at", "out-of-range"));
    }
    Refusal::unless_empty(faults)?;
    dossiers::apply(tx, id, &change)?;
    let facts = Facts {
        incoming_number: Some(number.clone()),
        incoming_at: Some(at.naive_utc()),
        ..Facts::default()
    };
    dossiers::write_facts(tx, id, &facts)?;
    let owner = owner_of(tx, &stored)?;
    let (_, book) = rules::book_of(tx, ctx, &stored)?;
    let known = rules::facts_of(tx, ctx, &stored)?;
    let first = chain::lay_out(tx, &stored, &book.chain, &owner, &known)?;
    // The first clock runs from the day of reception, which may have been typed in later.
    let waiting = chain::open_stage(tx, ctx, &stored, &first, at)?;
    let entry = journal::append(tx, change.telling("number", number).telling("at", at).event().clone())?;
    tell::queue(tx, entry, Kind::ReceivedForStep, id, &waiting)?;
    Ok(entry.returning(id))
}

/// After the last approval: the issuing desk becomes a party.
pub(super) fn to_issue(tx: &mut WriteTx<'_>, ctx: &Context, stored: &Stored) -> Result<Vec<AccountId>> {
    let (_, book) = rules::book_of(tx, ctx, stored)?;
    to_desk(tx, stored, &book.chain.issue, Capacity::Issues)
}

pub(super) fn required(pointer: &str, value: &str, faults: &mut Vec<Fault>) -> String {
    match text::line(value) {
        Ok(text) if text.is_empty() => {
            faults.push(Fault::at(pointer, "required"));
            text
        }
        Ok(text) => text,
        Err(code) => {
            faults.push(Fault::at(pointer, code));
            String::new()
        }
    }
}

/// Marks of state secrets stay outside, also in what is typed: number and date are all that is recorded.
pub(super) fn unmarked(pointer: &str, value: &str, faults: &mut Vec<Fault>) {
    if is_marked_secret(value) {
        faults.push(Fault::at(pointer, "state-secret"));
    }
}

pub(super) fn required_block(pointer: &str, value: &str, faults: &mut Vec<Fault>) -> String {
    match text::block(value) {
        Ok(text) if text.is_empty() => {
            faults.push(Fault::at(pointer, "required"));
            text
        }
        Ok(text) => text,
        Err(code) => {
            faults.push(Fault::at(pointer, code));
            String::new()
        }
    }
}

pub(super) fn reason(pointer: &str, value: &str) -> Result<String> {
    let text = text::block(value).map_err(|code| Refusal::field(pointer, code))?;
    if text.is_empty() {
        return Err(Refusal::field(pointer, "required").into());
    }
    Ok(text)
}

/// Closes a reported dossier. Where something is still owed, whoever closes it says why: the duties stay owed, and
/// people are reminded of them, but nobody looks into a closed dossier by himself.
///
/// # Errors
/// `IllegalMove`; `Invalid` without a reason while duties are open.
pub fn close(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    version: i64,
    closing: &Closing,
) -> Result<Recorded<DossierId>> {
    let stored = get_for(tx, ctx, Action::Close, id, version)?;
    let mut change = stored.dossier.change(Command::Close, Some(ctx.actor.account))?;
    let why = text::block(&closing.reason).map_err(|code| Refusal::field("/reason", code))?;
    let mut owed = owed::of_dossier(tx, id)?;
    owed.retain(|one| one.state == ObligationState::Open);
    if !owed.is_empty() && why.is_empty() {
        return Err(Refusal::field("/reason", "duties-open").into());
    }
    dossiers::apply(tx, id, &change)?;
    if !why.is_empty() {
        change = change.telling("reason", why);
    }
    for one in owed {
        let duty = format!("owed:{}/{}", one.planned.rule, one.planned.key);
        change = change.telling(duty, one.planned.due_at.format("%Y-%m-%dT%H:%M"));
    }
    Ok(journal::append(tx, change.event().clone())?.returning(id))
}

/// Cancels before arrival.
///
/// # Errors
/// `AlreadyArrived`, `IllegalMove`, `Invalid` without a reason.
pub fn cancel(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    version: i64,
    why: &Reason,
) -> Result<Recorded<DossierId>> {
    let stored = get_for(tx, ctx, Action::Cancel, id, version)?;
    let change = stored.dossier.change(Command::Cancel, Some(ctx.actor.account))?;
    let why = reason("/reason", &why.reason)?;
    dossiers::apply(tx, id, &change)?;
    end_round(tx, &stored, RevisionOutcome::Cancelled, change.restores())?;
    let entry = journal::append(tx, change.telling("reason", why).event().clone())?;
    obligations::ended(tx, ctx, id)?;
    Ok(entry.returning(id))
}

/// Revokes the permission, before or after arrival, and tells the officer.
///
/// # Errors
/// `IllegalMove`, `Invalid` without a reason.
pub fn revoke(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    version: i64,
    why: &Reason,
) -> Result<Recorded<DossierId>> {
    let stored = get_for(tx, ctx, Action::Revoke, id, version)?;
    let change = stored.dossier.change(Command::Revoke, Some(ctx.actor.account))?;
    let why = reason("/reason", &why.reason)?;
    dossiers::apply(tx, id, &change)?;
    end_round(tx, &stored, RevisionOutcome::Cancelled, change.restores())?;
    let entry = journal::append(tx, change.telling("reason", why).event().clone())?;
    tell::officers(tx, entry, Kind::Revoked, id)?;
    obligations::ended(tx, ctx, id)?;
    Ok(entry.returning(id))
}

/// Lets a returned dossier lapse whose supplement did not come; nobody acts.
///
/// # Errors
/// `Error::Store` of the database.
pub fn lapse(tx: &mut WriteTx<'_>, id: DossierId) -> Result<Recorded<()>> {
    let stored = dossiers::load_any(tx, id)?.ok_or(StoreError::NotFound)?;
    let today = day_in_vietnam(tx.now());
    let due = stored.supplement_due_on.is_some_and(|day| day < today);
    let change = match stored.dossier.change(Command::Lapse, None) {
        Ok(change) if due => change,
        // Somebody supplied it in the meantime.
        _ => return Ok(tx.unrecorded("the supplement came after all", ())),
    };
    dossiers::apply(tx, id, &change)?;
    end_round(tx, &stored, RevisionOutcome::Lapsed, change.restores())?;
    Ok(journal::append(tx, change.event().clone())?.returning(()))
}
