//! Registering and editing delegations: finding one within reach, writing its content, and what an edit means
//! after approval (a notice, or an amendment that must be approved again).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Context, Error, Result, course, decisions, members, rules};
use crate::domain::access::{Action, Held, Reach};
use crate::domain::codes::{Attendance, Origin};
use crate::domain::delegation::Content;
use crate::domain::dossier::{Command, State};
use crate::domain::event::Event;
use crate::domain::ids::{DossierId, OrganisationId, PersonId};
use crate::domain::plan;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::revision::{Frozen, differences, freeze_content, thaw_content};
use crate::store::dossiers::{self, Authorship, Capacity, Stored};
use crate::store::organisations::{self, Organisation};
use crate::store::people::{self, Member};
use crate::store::{ReadTx, Recorded, StoreError, WriteTx, journal, partners, plans, revisions};

/// Finds a dossier that the actor may know of.
///
/// # Errors
/// `NotFound`; where it exists and is hidden, with the denial for the journal.
pub fn get(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> Result<Stored> {
    ctx.must(Action::ReadDossier)?;
    if let Some(stored) = dossiers::load(tx, &ctx.actor.scope(Action::ReadDossier), id)? {
        return Ok(stored);
    }
    match dossiers::exists(tx, id)? {
        true => Err(ctx.denied(Refusal::NotFound, Action::ReadDossier, "dossier", id)),
        false => Err(Refusal::NotFound.into()),
    }
}

/// Finds a dossier to change, and locks it: within reach for this action, and in the version that the client saw.
///
/// # Errors
/// `NotFound`, `Forbidden` (journalled), `Stale`.
pub fn get_for(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    action: Action,
    id: DossierId,
    version: i64,
) -> Result<Stored> {
    let stored = get(tx, ctx, id)?;
    if !may(tx, ctx, action, &stored)? {
        return Err(ctx.denied(Refusal::Forbidden(action), action, "dossier", id));
    }
    // Members, steps and decisions are read after this: they belong to this version or it is stale.
    if stored.dossier.version != version || dossiers::lock(tx, id)? != version {
        return Err(Refusal::Stale.into());
    }
    Ok(stored)
}

/// Whether the owner's own people (or those above them) may do this, and at which desks others may.
fn desks(action: Action) -> (bool, &'static [Capacity]) {
    let owners = !matches!(
        action,
        Action::Receive | Action::Decide | Action::RecordOpinion | Action::Issue | Action::Revoke
    );
    let capacities: &[Capacity] = match action {
        Action::Receive => &[Capacity::Receives],
        Action::Decide | Action::RecordOpinion => &[Capacity::Step],
        Action::Issue => &[Capacity::Issues],
        Action::Revoke => &[Capacity::Step, Capacity::Issues],
        Action::Close | Action::MarkDuplicate => &[Capacity::Receives, Capacity::Step],
        Action::AddPaper | Action::DeletePaper | Action::QuarantinePaper => {
            &[Capacity::Receives, Capacity::Step, Capacity::Issues]
        }
        Action::Discharge => {
            &[Capacity::LeadHost, Capacity::CoHost, Capacity::Receives, Capacity::Step, Capacity::Issues]
        }
        _ => &[],
    };
    (owners, capacities)
}

/// Whether the action may be done on the dossier: by the owner's own officers (or those above them), or at the desk
/// that the chain names for it.
///
/// # Errors
/// `Error::Store` of the database.
pub fn may(tx: &mut ReadTx<'_>, ctx: &Context, action: Action, stored: &Stored) -> Result<bool> {
    if ctx.actor.reach(action) == Reach::Never {
        return Ok(false);
    }
    let (owners, capacities) = desks(action);
    if owners {
        let owner = organisations::load(tx, stored.dossier.organisation)?.ok_or(StoreError::NotFound)?;
        if ctx.actor.reaches_path(action, &owner.path) {
            return Ok(true);
        }
    }
    if capacities.is_empty() {
        return Ok(false);
    }
    let at = dossiers::organisations_of(tx, stored.dossier.id, capacities)?;
    Ok(ctx.actor.roles_for(action).any(|held| at.contains(&held.organisation)))
}

/// On which of some dossiers the action may be done, as `may` says; by the same number of statements for all.
///
/// # Errors
/// `Error::Store` of the database.
pub fn may_each(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    action: Action,
    dossiers: &[Stored],
) -> Result<BTreeSet<DossierId>> {
    if dossiers.is_empty() || ctx.actor.reach(action) == Reach::Never {
        return Ok(BTreeSet::new());
    }
    let (owners, capacities) = desks(action);
    let ids: Vec<DossierId> = dossiers.iter().map(|stored| stored.dossier.id).collect();
    let tree = if owners { organisations::list(tx)? } else { Vec::new() };
    let parties = match capacities.is_empty() {
        true => Vec::new(),
        false => dossiers::organisations_of_many(tx, &ids, capacities)?,
    };
    let own = |stored: &Stored| {
        let owner = tree.iter().find(|one| one.id == stored.dossier.organisation);
        owner.is_some_and(|owner| ctx.actor.reaches_path(action, &owner.path))
    };
    let at_desk = |stored: &Stored| {
        let at = |held: &Held| parties.contains(&(stored.dossier.id, held.organisation));
        ctx.actor.roles_for(action).any(at)
    };
    let able = dossiers.iter().filter(|stored| own(stored) || at_desk(stored));
    Ok(able.map(|stored| stored.dossier.id).collect())
}

/// The organisation for which the actor registers: the one named, or the only one.
pub(super) fn owner_for(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    named: Option<OrganisationId>,
) -> Result<Organisation> {
    ctx.must(Action::Register)?;
    let mut own = ctx.actor.roles_for(Action::Register).map(|held| held.organisation);
    let id = match (named, own.next()) {
        (Some(id), _) => id,
        (None, Some(only)) if own.all(|other| other == only) => only,
        (None, Some(_)) => return Err(Refusal::field("/organisation_id", "required").into()),
        (None, None) => return Err(Refusal::Forbidden(Action::Register).into()),
    };
    let unknown = || Error::from(Refusal::field("/organisation_id", "unknown-organisation"));
    let owner = organisations::load(tx, id)?.ok_or_else(unknown)?;
    match ctx.actor.reaches_path(Action::Register, &owner.path) {
        true => Ok(owner),
        false => Err(unknown()),
    }
}

/// The organisations for which the actor may register, his own first.
///
/// # Errors
/// `Forbidden`; `Error::Store` of the database.
pub fn owners(tx: &mut ReadTx<'_>, ctx: &Context) -> Result<Vec<OrganisationId>> {
    ctx.must(Action::Register)?;
    let own: Vec<OrganisationId> =
        ctx.actor.roles_for(Action::Register).map(|held| held.organisation).collect();
    let mut within = organisations::list(tx)?;
    within.retain(|one| ctx.actor.reaches_path(Action::Register, &one.path));
    within.sort_by_key(|one| (!own.contains(&one.id), one.path.clone()));
    Ok(within.into_iter().map(|one| one.id).collect())
}

/// Whether the actor may copy a dossier of this organisation: whoever registers for it.
///
/// # Errors
/// `Error::Store` of the database.
pub fn may_copy(tx: &mut ReadTx<'_>, ctx: &Context, organisation: OrganisationId) -> Result<bool> {
    Ok(ctx.actor.reach(Action::Register) != Reach::Never && owners(tx, ctx)?.contains(&organisation))
}

/// Cleans a content and checks what can never be right, the things it refers to included, and what only other
/// commands may say. `before` is what stands there now.
///
/// # Errors
/// `Invalid` with every fault.
fn checked(
    tx: &mut ReadTx<'_>,
    mut content: Content,
    owner: OrganisationId,
    before: Option<&Stored>,
) -> Result<Content> {
    let mut faults = content.clean();
    faults.extend(content.faults());
    faults.extend(not_to_be_typed(&content, before));
    faults.extend(plan_faults(tx, &content, owner, before)?);
    let all = organisations::list(tx)?;
    let known = |id: &OrganisationId| all.iter().any(|organisation| organisation.id == *id);
    if content.lead_host_id.as_ref().is_some_and(|id| !known(id)) {
        faults.push(Fault::at("/lead_host_id", "unknown-organisation"));
    }
    for (i, host) in content.co_host_ids.iter().enumerate() {
        if !known(host) {
            faults.push(Fault::at(format!("/co_host_ids/{i}"), "unknown-organisation"));
        }
    }
    if let Some(partner) = content.partner_id
        && partners::load(tx, partner)?.is_none()
    {
        faults.push(Fault::at("/partner_id", "unknown-partner"));
    }
    Refusal::unless_empty(faults)?;
    Ok(content)
}

/// What does not fit between the dossier and its organisation's annual plan. What stood there before and still stands
/// is not judged anew: the plan may have changed since.
fn plan_faults(
    tx: &mut ReadTx<'_>,
    content: &Content,
    owner: OrganisationId,
    before: Option<&Stored>,
) -> Result<Vec<Fault>> {
    let same = |before: &Stored| {
        before.content.plan == content.plan && before.content.starts_on() == content.starts_on()
    };
    if content.plan.is_none() || before.is_some_and(same) {
        return Ok(Vec::new());
    }
    let item = match content.plan.as_ref().and_then(|plan| plan.item_id) {
        Some(id) => plans::load(tx, id)?,
        None => None,
    };
    Ok(plan::faults(content, owner, item.as_ref()))
}

/// What an edit may not say: how many came belongs to the report, the ledger is loaded and not typed in, and how a
/// dossier came here is settled once it is approved.
fn not_to_be_typed(content: &Content, before: Option<&Stored>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (i, group) in content.groups.iter().enumerate() {
        let known = before.and_then(|before| before.content.groups.get(i)).and_then(|group| group.came);
        if group.came.is_some() && group.came != known {
            faults.push(Fault::at(format!("/groups/{i}/came"), "only-with-report"));
        }
    }
    let was = before.map(|before| before.content.origin);
    if content.origin == Origin::Ledger && was != Some(Origin::Ledger) {
        faults.push(Fault::at("/origin", "not-offered"));
    }
    let settled = before.is_some_and(|before| before.dossier.revision_in_force.is_some());
    if settled && was != Some(content.origin) {
        faults.push(Fault::at("/origin", "cannot-change"));
    }
    faults
}

/// Registers a delegation as a draft.
///
/// # Errors
/// `Invalid` names the fields; `Forbidden`.
pub fn register(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    organisation: Option<OrganisationId>,
    content: Content,
) -> Result<Recorded<DossierId>> {
    let owner = owner_for(tx, ctx, organisation)?;
    let content = checked(tx, content, owner.id, None)?;
    let id: DossierId = tx.fresh();
    let (rulebook, _) = ctx.settings.rulebooks.active(tx)?;
    dossiers::insert(tx, id, owner.id, &content, ctx.actor.account, rulebook)?;
    dossiers::add_account(tx, id, ctx.actor.account, Capacity::Author)?;
    bar(tx, ctx, id, Authorship::Filed)?;
    let mut event = Event::new("delegation.registered", "dossier", id).by(ctx.actor.account).at(owner.id);
    for frozen in freeze_content(&content) {
        event = event.with(frozen.pointer, frozen.value);
    }
    Ok(journal::append(tx, event)?.returning(id))
}

/// Whoever touches a dossier can decide on it no more.
pub(super) fn bar(tx: &mut WriteTx<'_>, ctx: &Context, id: DossierId, authorship: Authorship) -> Result<()> {
    if let Some(person) = ctx.actor.person {
        dossiers::add_author(tx, id, person, authorship)?;
    }
    Ok(())
}

/// Edits the content by a JSON merge patch (RFC 7396).
///
/// # Errors
/// `Invalid` names the fields; `IllegalMove` where the state allows no edit.
pub fn edit(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    version: i64,
    patched: impl FnOnce(&Content) -> std::result::Result<Content, Refusal>,
) -> Result<Recorded<DossierId>> {
    let stored = get_for(tx, ctx, Action::Edit, id, version)?;
    // Whether an edit is legal here at all comes before what is wrong with it.
    stored.dossier.change(Command::Save, Some(ctx.actor.account))?;
    let content = patched(&stored.content)?;
    if content.direction != stored.content.direction {
        return Err(Refusal::field("/direction", "cannot-change").into());
    }
    let content = checked(tx, content, stored.dossier.organisation, Some(&stored))?;
    let members = people::members_of(tx, id)?;
    if content.confidential && !stored.content.confidential {
        dossiers::add_account(tx, id, ctx.actor.account, Capacity::Author)?;
        course::name_desks(tx, ctx, &stored)?;
    }
    alter(tx, ctx, &stored, &stored.content, &members, |tx| Ok(dossiers::write_content(tx, id, &content)?))
}

/// Does an edit: works out whether it is material, moves the dossier accordingly, and journals what changed.
pub(super) fn alter(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    stored: &Stored,
    content: &Content,
    members: &[Member],
    work: impl FnOnce(&mut WriteTx<'_>) -> Result<()>,
) -> Result<Recorded<DossierId>> {
    let id = stored.dossier.id;
    let before = freeze(content, members);
    work(tx)?;
    let now = dossiers::load_any(tx, id)?.ok_or(StoreError::NotFound)?;
    let after = freeze(&now.content, &people::members_of(tx, id)?);
    let (_, book) = rules::book_of(tx, ctx, stored)?;
    let material = |pointer: &str, old: Option<&Value>, new: Option<&Value>| {
        book.material.is_material(pointer, old, new)
    };
    let whose: BTreeMap<&str, PersonId> = before
        .iter()
        .chain(&after)
        .filter_map(|frozen| Some((frozen.pointer.as_str(), frozen.person?)))
        .collect();
    let changed = differences(&values(&before), &values(&after), material);
    let approved = matches!(stored.dossier.state, State::Approved | State::Issued);
    let is_material =
        changed.iter().any(|difference| difference.material) && !names_the_unnamed(&before, &after);
    // What the approval struck out is no notice, whichever way it comes back.
    let is_struck = approved && decisions::is_struck_again(tx, stored, &values(&before), &values(&after))?;
    let command = if approved && (is_material || is_struck) { Command::Amend } else { Command::Save };
    if command == Command::Amend
        && let Some(in_force) = stored.dossier.revision_in_force
    {
        revisions::keep_live(tx, id, in_force, &before)?;
    }
    let mut change = stored.dossier.change(command, Some(ctx.actor.account))?;
    for difference in &changed {
        let value = difference.after.as_ref().map_or_else(|| "null".to_owned(), Value::to_string);
        change = match whose.get(difference.pointer.as_str()) {
            Some(person) => change.telling_of(*person, &difference.pointer, value),
            None => change.telling(&difference.pointer, value),
        };
    }
    dossiers::apply(tx, id, &change)?;
    bar(tx, ctx, id, Authorship::Edited)?;
    rules::duties::plan(tx, ctx, id)?;
    Ok(journal::append(tx, change.event().clone())?.returning(id))
}

/// Naming an unnamed guest within the approved count and nationality is a notice: as many guests of each country
/// as before, and nothing else that is material changed.
fn names_the_unnamed(before: &[Frozen], after: &[Frozen]) -> bool {
    let (old, new) = (values(before), values(after));
    let group = |values: &BTreeMap<String, Value>| members::expected_by_country(values);
    let rest = |values: &BTreeMap<String, Value>| -> BTreeMap<String, Value> {
        let is_rest = |pointer: &str| pointer != "/groups" && !pointer.starts_with("/members/");
        values.iter().filter(|(pointer, _)| is_rest(pointer)).map(|(p, v)| (p.clone(), v.clone())).collect()
    };
    let heads = |values: &BTreeMap<String, Value>| -> Vec<String> {
        let is_head = |value: &Value| value.get("role").and_then(Value::as_str) == Some("head");
        values.iter().filter(|(_, value)| is_head(value)).map(|(pointer, _)| pointer.clone()).collect()
    };
    old.get("/groups") != new.get("/groups")
        && group(&old) == group(&new)
        && heads(&old) == heads(&new)
        && rest(&old) == rest(&new)
}

/// A delegation taken apart: content and members, value by value.
#[must_use]
pub fn freeze(content: &Content, members: &[Member]) -> Vec<Frozen> {
    let member = |member: &Member| Frozen {
        pointer: format!("/members/{}", member.id),
        person: Some(member.person_id),
        value: serde_json::to_string(member).unwrap_or_default(),
    };
    freeze_content(content).into_iter().chain(members.iter().map(member)).collect()
}

/// Frozen values by pointer, as JSON.
#[must_use]
pub fn values(frozen: &[Frozen]) -> BTreeMap<String, Value> {
    let parsed = |value: &str| serde_json::from_str(value).unwrap_or(Value::Null);
    frozen.iter().map(|frozen| (frozen.pointer.clone(), parsed(&frozen.value))).collect()
}

/// A revision put together again: content and members.
///
/// # Errors
/// `Corrupt` when the stored values are not what was frozen.
pub fn thaw(stored: &BTreeMap<String, String>) -> Result<(Content, Vec<Member>)> {
    let corrupt = |cause: serde_json::Error| Error::Store(StoreError::Corrupt(cause.to_string()));
    let content = thaw_content(stored.iter().map(|(p, v)| (p.as_str(), v.as_str()))).map_err(corrupt)?;
    let members = stored
        .iter()
        .filter(|(pointer, _)| pointer.starts_with("/members/"))
        .map(|(_, value)| serde_json::from_str::<Member>(value))
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(corrupt)?;
    Ok((content, members))
}

/// The members in force with the attendance that was reported meanwhile; who came without being among them was
/// added.
#[must_use]
pub fn attended(members: Vec<Member>, present: &[Member]) -> Vec<Member> {
    let is = |member: &Member, other: &Member| member.id == other.id || member.person_id == other.person_id;
    let beyond: Vec<Member> = present
        .iter()
        .filter(|one| !members.iter().any(|member| is(member, one)))
        .filter(|one| matches!(one.attendance, Attendance::Came | Attendance::Added))
        .map(|one| Member { attendance: Attendance::Added, ..one.clone() })
        .collect();
    let with_attendance = |member: Member| {
        let attendance = present.iter().find(|one| is(&member, one)).map(|one| one.attendance);
        Member { attendance: attendance.unwrap_or(member.attendance), ..member }
    };
    members.into_iter().map(with_attendance).chain(beyond).collect()
}

/// Brings back what was live when the amendment was opened. Who came is a fact, not a part of what was approved: it
/// stays, whatever becomes of the amendment.
pub(super) fn restore(tx: &mut WriteTx<'_>, stored: &Stored, in_force: i32) -> Result<()> {
    let id = stored.dossier.id;
    let (mut content, members) = thaw(&revisions::values(tx, id, in_force, true)?)?;
    let members = attended(members, &people::members_of(tx, id)?);
    if stored.reported_at.is_some() {
        content.results.clone_from(&stored.content.results);
        for (group, reported) in content.groups.iter_mut().zip(&stored.content.groups) {
            group.came = reported.came.or(group.came);
        }
    }
    content.confidential |= stored.content.confidential;
    dossiers::write_content(tx, id, &content)?;
    people::delete_members(tx, id)?;
    for member in &members {
        people::insert_member(tx, id, member)?;
    }
    let pinned = revisions::rulebook_of(tx, id, in_force)?;
    dossiers::pin_rulebook(tx, id, pinned)?;
    Ok(revisions::drop_live(tx, id, in_force)?)
}

/// Copies a delegation as a new draft: host, contact, partner, programme and members; no dates, no letter.
///
/// # Errors
/// As `register`.
pub fn copy(tx: &mut WriteTx<'_>, ctx: &Context, id: DossierId, version: i64) -> Result<Recorded<DossierId>> {
    let source = get_for(tx, ctx, Action::Register, id, version)?;
    let mut content = source.content.clone();
    (content.arrives_on, content.departs_on, content.enters_vn_on, content.leaves_vn_on) =
        (None, None, None, None);
    content.request_letter = crate::domain::delegation::Letter::default();
    content.origin = Origin::System;
    // Whether the next one is planned is not known from the last.
    content.plan = None;
    (content.origin_reason, content.results, content.decision_ref) = Default::default();
    for group in &mut content.groups {
        group.came = None;
    }
    let new = register(tx, ctx, Some(source.dossier.organisation), content)?;
    let new_id = *new.value();
    for member in people::members_of(tx, id)? {
        let fresh = Member { id: tx.fresh(), attendance: Attendance::Unknown, ..member };
        people::insert_member(tx, new_id, &fresh)?;
        members::bar_traveller(tx, new_id, fresh.person_id)?;
    }
    let event = Event::new("delegation.copied", "dossier", new_id)
        .by(ctx.actor.account)
        .at(source.dossier.organisation)
        .with("from", id);
    Ok(journal::append(tx, event)?.returning(new_id))
}
