//! Members of a delegation: people kept once, with what was said of them at the time of the visit.

mod edit;
mod met;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::people::{PassportInput, PassportView, PersonInput};
use super::{Context, Error, Result, delegations, people as register};
use crate::clock::day_in_vietnam;
use crate::domain::access::{Action, Role};
use crate::domain::codes::{Attendance, Direction, Leadership, ManagedBy, MemberRole, Sex, Visa};
use crate::domain::countries;
use crate::domain::dossier::Command;
use crate::domain::event::Event;
use crate::domain::ids::{DocumentId, DossierId, MemberId, PersonId};
use crate::domain::refusal::{Fault, Refusal, Why};
use crate::domain::text;
use crate::store::dossiers::{self, Authorship, Stored};
use crate::store::people::{self, Member, Standing};
use crate::store::{ReadTx, Recorded, StoreError, WriteTx, journal};

pub use edit::{MemberPatch, edit};
pub use met::{Meeting, Visits, look_up, met};

/// Most members of one delegation.
pub const MOST: usize = 500;

/// A member as sent: either a known person, or a new one.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    /// A person met before; then name to passport may be absent.
    pub person_id: Option<PersonId>,
    /// Name as in the passport.
    pub full_name: Option<String>,
    /// Name in own script.
    pub native_name: Option<String>,
    /// Sex as in the passport.
    pub sex: Option<Sex>,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Nationality by the passport used.
    pub nationality: Option<String>,
    /// Passport.
    pub passport: Option<PassportInput>,
    /// Position now.
    pub position: Option<String>,
    /// Organisation now.
    pub organisation: Option<String>,
    /// Role.
    pub role: MemberRole,
    /// Visa, stated.
    pub visa: Option<Visa>,
    /// Whether this is a guest; by default whoever is no Vietnamese citizen. Local staff of consulates and
    /// organisations are none.
    pub guest: Option<bool>,
    /// Outbound: by whom managed.
    pub managed_by: Option<ManagedBy>,
    /// Outbound: named in the decision.
    pub in_decision: Option<bool>,
    /// Outbound: which decision.
    pub decision_ref: Option<String>,
    /// Outbound: head or deputy of the unit.
    pub leadership: Option<Leadership>,
    /// Outbound: member of the Party; absent while unknown.
    pub party_member: Option<bool>,
    /// Names a guest of this unnamed group (its place in `groups`, from 0), which counts one less.
    pub from_group: Option<usize>,
}

/// A member as shown; the passport number is masked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MemberView {
    /// Id.
    pub id: MemberId,
    /// Person.
    pub person_id: PersonId,
    /// Name then.
    pub full_name: String,
    /// Name in own script then.
    pub native_name: Option<String>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Nationality by the passport used.
    pub nationality: Option<String>,
    /// Passport, masked.
    pub passport: Option<PassportView>,
    /// Position then.
    pub position: String,
    /// Organisation then.
    pub organisation: String,
    /// Role.
    pub role: MemberRole,
    /// Visa.
    pub visa: Option<Visa>,
    /// Guest who can count as a visit.
    pub guest: bool,
    /// Attendance.
    pub attendance: Attendance,
    /// Outbound: by whom managed.
    pub managed_by: Option<ManagedBy>,
    /// Outbound: named in the decision.
    pub in_decision: bool,
    /// Outbound: which decision.
    pub decision_ref: Option<String>,
    /// Outbound: head or deputy of the unit.
    pub leadership: Option<Leadership>,
    /// Outbound: member of the Party; absent while unknown.
    pub party_member: Option<bool>,
}

/// Members of a dossier, as shown to the actor.
///
/// # Errors
/// `Error::Store` of the database.
pub fn list(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> Result<Vec<MemberView>> {
    delegations::get(tx, ctx, id)?;
    let members = people::members_of(tx, id)?;
    let ids: Vec<PersonId> = members.iter().map(|member| member.person_id).collect();
    let persons: BTreeMap<PersonId, people::Person> =
        people::load_many(tx, &ids)?.into_iter().map(|person| (person.id, person)).collect();
    let documents = people::documents_of(tx, &ids)?;
    let tail = !ctx.actor.held.iter().any(|held| held.role == Role::Auditor);
    let passports = register::document_views(tx, ctx.vault(), &documents, tail)?;
    let mut passports: BTreeMap<DocumentId, PassportView> = passports.into_iter().collect();
    let view = |member: Member| {
        let person = persons.get(&member.person_id);
        MemberView {
            id: member.id,
            person_id: member.person_id,
            full_name: member.standing.full_name,
            native_name: member.standing.native_name,
            sex: person.and_then(|person| person.sex),
            birth_date: person.and_then(|person| person.birth_date),
            nationality: member.nationality,
            passport: member.document_id.and_then(|id| passports.remove(&id)),
            position: member.standing.position,
            organisation: member.standing.organisation,
            role: member.role,
            visa: member.standing.visa,
            guest: member.guest,
            attendance: member.attendance,
            managed_by: member.standing.managed_by,
            in_decision: member.standing.in_decision,
            decision_ref: member.standing.decision_ref,
            leadership: member.standing.leadership,
            party_member: member.standing.party_member,
        }
    };
    Ok(members.into_iter().map(view).collect())
}

fn short(pointer: &str, value: Option<String>, faults: &mut Vec<Fault>) -> Option<String> {
    let cleaned = text::line(&value?);
    cleaned.map_err(|code| faults.push(Fault::at(pointer, code))).ok().filter(|text| !text.is_empty())
}

/// Adds a member to a delegation.
///
/// # Errors
/// `Invalid` names the field: `two-heads`, `member-twice`, `bad-passport-number` ..
pub fn add(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    version: i64,
    new: &NewMember,
) -> Result<Recorded<MemberId>> {
    let stored = delegations::get_for(tx, ctx, Action::Edit, id, version)?;
    stored.dossier.change(Command::Save, Some(ctx.actor.account))?;
    let (member, persons) = prepare(tx, ctx, &stored, new, "")?;
    let before = people::members_of(tx, id)?;
    let member_id = member.id;
    let altered = delegations::alter(tx, ctx, &stored, &stored.content, &before, |tx| {
        place(tx, id, &member, "")?;
        if let Some(group) = new.from_group {
            name_one(tx, &stored, group)?;
        }
        Ok(())
    })?;
    journal_persons(tx, persons)?;
    Ok(altered.map(|_| member_id))
}

/// Adds a whole list, or nothing of it; a fault's pointer begins with the place in the list.
///
/// # Errors
/// As [`add`].
pub fn add_all(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    version: i64,
    new: &[NewMember],
) -> Result<Recorded<()>> {
    let mut done = None;
    for (at, (new, version)) in new.iter().zip(version..).enumerate() {
        let added = add(tx, ctx, id, version, new).map_err(|error| match error {
            Error::Refused { refusal: Refusal::Invalid(faults), event } => {
                let below = |fault: Fault| Fault::at(format!("/{at}{}", fault.pointer), fault.code);
                let faults = faults.into_iter().map(below).collect();
                Error::Refused { refusal: Refusal::Invalid(faults), event }
            }
            other => other,
        })?;
        done = Some(added.map(|_| ()));
    }
    done.ok_or_else(|| Refusal::field("", "required").into())
}

/// Journals what happened to people beside the member's own entry: after the dossier's row was written, because the
/// journal's head is the last row that any command locks.
pub(super) fn journal_persons(tx: &mut WriteTx<'_>, events: Vec<Event>) -> Result<()> {
    for event in events {
        let _entry = journal::append(tx, event)?;
    }
    Ok(())
}

/// Makes the row of a new member: finds or registers the person, and refuses what does not fit the delegation. What
/// happened to the person is handed out, to be journalled last.
pub(super) fn prepare(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    stored: &Stored,
    new: &NewMember,
    base: &str,
) -> Result<(Member, Vec<Event>)> {
    let at = |name: &str| format!("{base}/{name}");
    let mut faults = Vec::new();
    let position = short(&at("position"), new.position.clone(), &mut faults);
    let organisation = short(&at("organisation"), new.organisation.clone(), &mut faults);
    let decision_ref = short(&at("decision_ref"), new.decision_ref.clone(), &mut faults);
    let there = people::members_of(tx, stored.dossier.id)?;
    if there.len() >= MOST {
        let pointer = at("role");
        faults.push(Fault::at(pointer, Why::too_many(MOST, there.len())));
    }
    if new.role == MemberRole::Head && there.iter().any(|member| member.role == MemberRole::Head) {
        faults.push(Fault::at(at("role"), "two-heads"));
    }
    let mut events = Vec::new();
    let (person, document) = match new.person_id {
        Some(person) => known_person(tx, ctx, stored, person, new, base, &mut faults)?,
        None => new_person(tx, ctx, stored, new, base, &mut faults, &mut events)?,
    };
    if person.as_ref().is_some_and(|person| there.iter().any(|member| member.person_id == person.id)) {
        let pointer = if new.person_id.is_some() { "person_id" } else { "full_name" };
        faults.push(Fault::at(at(pointer), "member-twice"));
    }
    Refusal::unless_empty(faults)?;
    let person = person.ok_or(StoreError::NotFound)?;
    let nationality = new.nationality.clone().or_else(|| person.nationality.clone());
    let foreign = is_foreign(nationality.as_deref());
    let member = Member {
        id: tx.fresh(),
        person_id: person.id,
        document_id: document,
        place: there.iter().map(|member| member.place).max().unwrap_or_default() + 1,
        role: new.role,
        attendance: Attendance::Unknown,
        guest: stored.dossier.direction == Direction::Inbound && foreign && new.guest.unwrap_or(true),
        nationality,
        standing: Standing {
            full_name: person.full_name,
            native_name: person.native_name,
            position: position.unwrap_or_default(),
            organisation: organisation.unwrap_or_default(),
            visa: new.visa,
            managed_by: new.managed_by,
            in_decision: new.in_decision.unwrap_or(stored.dossier.direction == Direction::Outbound),
            decision_ref,
            leadership: new.leadership,
            party_member: new.party_member,
        },
    };
    Ok((member, events))
}

type Found = (Option<people::Person>, Option<DocumentId>);

fn known_person(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    stored: &Stored,
    id: PersonId,
    new: &NewMember,
    base: &str,
    faults: &mut Vec<Fault>,
) -> Result<Found> {
    let person = people::load(tx, id)?.filter(|person| person.owner == stored.dossier.organisation);
    let Some(person) = person else {
        faults.push(Fault::at(format!("{base}/person_id"), "unknown-person"));
        return Ok((None, None));
    };
    if new.nationality.as_deref().is_some_and(|code| !countries::is_known(code)) {
        faults.push(Fault::at(format!("{base}/nationality"), "bad-country"));
    }
    let document = match &new.passport {
        Some(passport) => {
            let mut input = PersonInput {
                full_name: person.full_name.clone(),
                native_name: person.native_name.clone(),
                sex: person.sex,
                birth_date: person.birth_date,
                nationality: person.nationality.clone(),
                passport: Some(passport.clone()),
            };
            faults.extend(input.clean(base, day_in_vietnam(tx.now())));
            if !faults.is_empty() {
                return Ok((Some(person), None));
            }
            register::add_document(tx, ctx.vault(), &person, passport, base)?
        }
        None => people::documents_of(tx, &[id])?.first().map(|document| document.id),
    };
    Ok((Some(person), document))
}

fn new_person(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    stored: &Stored,
    new: &NewMember,
    base: &str,
    faults: &mut Vec<Fault>,
    events: &mut Vec<Event>,
) -> Result<Found> {
    let mut input = PersonInput {
        full_name: new.full_name.clone().unwrap_or_default(),
        native_name: new.native_name.clone(),
        sex: new.sex,
        birth_date: new.birth_date,
        nationality: new.nationality.clone(),
        passport: new.passport.clone(),
    };
    faults.extend(input.clean(base, day_in_vietnam(tx.now())));
    if !faults.is_empty() {
        return Ok((None, None));
    }
    let actor = Some(ctx.actor.account);
    let registered = register::register(tx, actor, ctx.vault(), stored.dossier.organisation, &input)?;
    events.extend(registered.events);
    Ok((Some(registered.person), registered.document))
}

/// Inserts a member and bars the traveller, under every record of the same natural person, from deciding.
pub(super) fn place(tx: &mut WriteTx<'_>, id: DossierId, member: &Member, base: &str) -> Result<()> {
    match people::insert_member(tx, id, member) {
        Err(StoreError::Taken { what }) if what.contains("one_head") || what == "members_dossier_id" => {
            return Err(Refusal::field(format!("{base}/role"), "two-heads").into());
        }
        Err(StoreError::Taken { .. }) => {
            return Err(Refusal::field(format!("{base}/person_id"), "member-twice").into());
        }
        other => other?,
    }
    bar_traveller(tx, id, member.person_id)
}

/// A traveller cannot decide, under whichever record of the same natural person.
pub(super) fn bar_traveller(tx: &mut WriteTx<'_>, id: DossierId, person: PersonId) -> Result<()> {
    for alias in people::aliases(tx, person)? {
        dossiers::add_author(tx, id, alias, Authorship::Travels)?;
    }
    Ok(())
}

fn name_one(tx: &mut WriteTx<'_>, stored: &Stored, group: usize) -> Result<()> {
    let mut content = stored.content.clone();
    let unnamed = content.groups.get_mut(group).filter(|unnamed| unnamed.planned > 0);
    let Some(unnamed) = unnamed else { return Err(Refusal::field("/from_group", "unknown-group").into()) };
    unnamed.planned -= 1;
    Ok(dossiers::write_content(tx, stored.dossier.id, &content)?)
}

/// Guests expected by country, named and unnamed together, in a frozen delegation.
pub(super) fn expected_by_country(values: &BTreeMap<String, Value>) -> BTreeMap<String, i64> {
    let mut expected = BTreeMap::new();
    let country =
        |value: &Value, field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    for (pointer, value) in values {
        if pointer.starts_with("/members/") && value.get("guest") == Some(&Value::Bool(true)) {
            *expected.entry(country(value, "nationality")).or_default() += 1;
        }
        if pointer == "/groups" {
            for group in value.as_array().into_iter().flatten() {
                let planned = group.get("planned").and_then(Value::as_i64).unwrap_or_default();
                *expected.entry(country(group, "country")).or_default() += planned;
            }
        }
    }
    expected.retain(|_, count| *count != 0);
    expected
}

fn is_foreign(nationality: Option<&str>) -> bool {
    nationality != Some(countries::VIETNAM)
}

/// Removes a member.
///
/// # Errors
/// `NotFound` without such a member.
pub fn remove(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    version: i64,
    member: MemberId,
) -> Result<Recorded<MemberId>> {
    let stored = delegations::get_for(tx, ctx, Action::Edit, id, version)?;
    stored.dossier.change(Command::Save, Some(ctx.actor.account))?;
    let before = people::members_of(tx, id)?;
    delegations::alter(tx, ctx, &stored, &stored.content, &before, |tx| {
        Ok(people::delete_member(tx, id, member)?)
    })
    .map(|altered| altered.map(|_| member))
}
