//! The register of people as its owners use it: searching, correcting, renewing passports. People of other owners
//! are not there: their ids answer like unknown ones.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PassportInput, PassportView, PersonInput, attach, document_event, document_views, told};
use crate::clock::day_in_vietnam;
use crate::domain::access::{Action, Role};
use crate::domain::codes::{Sex, codes};
use crate::domain::ids::{OrganisationId, PersonId};
use crate::domain::refusal::Refusal;
use crate::service::{Context, Result};
use crate::store::people::{self, Only, Person};
use crate::store::{ReadTx, Recorded, WriteTx, journal, organisations};

/// A person as shown; passport numbers are masked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonView {
    /// Id.
    pub id: PersonId,
    /// The organisation that registered the person.
    pub organisation_id: OrganisationId,
    /// Name as in the passport.
    pub full_name: String,
    /// Name in own script.
    pub native_name: Option<String>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Nationality.
    pub nationality: Option<String>,
    /// Passports, newest first.
    pub passports: Vec<PassportView>,
    /// Version, for `If-Match`.
    pub version: i64,
}

codes! {
    /// Which people.
    Whose {
        /// Whoever is no Vietnamese citizen, or of whom no nationality is known.
        Guests = "guests",
        /// Vietnamese citizens: members of delegations that go out, interpreters, the office's own staff.
        Home = "home",
    }
}

/// Whom to list.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Words of the name, in any order, marks and case ignored.
    pub words: Option<String>,
    /// Guests or compatriots alone.
    pub whose: Option<Whose>,
    /// Only after this id.
    pub after: Option<PersonId>,
    /// At most so many.
    pub limit: i64,
}

/// People of the owners within reach, in order of id.
///
/// # Errors
/// `Forbidden`; `Error::Store` of the database.
pub fn list(tx: &mut ReadTx<'_>, ctx: &Context, search: &Search) -> Result<Vec<PersonView>> {
    ctx.must(Action::ReadPeople)?;
    let owners = owners(tx, ctx)?;
    let only = Only {
        owners: owners.as_deref(),
        search: search.words.as_deref(),
        home: search.whose.map(|whose| whose == Whose::Home),
    };
    let found = people::list(tx, only, search.after, search.limit)?;
    views(tx, ctx, found)
}

/// One person.
///
/// # Errors
/// `NotFound`, also for people of owners out of reach; that is journalled.
pub fn get(tx: &mut ReadTx<'_>, ctx: &Context, id: PersonId) -> Result<PersonView> {
    let person = within(tx, ctx, Action::ReadPeople, id)?;
    one(tx, ctx, person)
}

/// Whether the actor may correct a person whom he sees.
///
/// # Errors
/// `Error::Store` of the database.
pub fn may_edit(tx: &mut ReadTx<'_>, ctx: &Context, person: &PersonView) -> Result<bool> {
    let owner = organisations::load(tx, person.organisation_id)?;
    Ok(owner.is_some_and(|owner| ctx.actor.reaches_path(Action::EditPeople, &owner.path)))
}

/// What a merge patch can change of a person.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonFields {
    /// Name as in the passport.
    pub full_name: String,
    /// Name in own script.
    pub native_name: Option<String>,
    /// Sex as in the passport.
    pub sex: Option<Sex>,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Nationality.
    pub nationality: Option<String>,
}

/// Corrects a person; memberships keep what was said at the time of the visit.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Stale`, `Invalid` with the fields.
pub fn edit(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: PersonId,
    version: i64,
    patched: impl FnOnce(PersonFields) -> std::result::Result<PersonFields, Refusal>,
) -> Result<Recorded<PersonView>> {
    let before = within(tx, ctx, Action::EditPeople, id)?;
    if before.version != version {
        return Err(Refusal::Stale.into());
    }
    let fields = patched(fields_of(&before))?;
    let mut input = PersonInput {
        full_name: fields.full_name,
        native_name: fields.native_name,
        sex: fields.sex,
        birth_date: fields.birth_date,
        nationality: fields.nationality,
        passport: None,
    };
    Refusal::unless_empty(input.clean("", day_in_vietnam(tx.now())))?;
    let after = Person {
        full_name: input.full_name,
        native_name: input.native_name,
        sex: input.sex,
        birth_date: input.birth_date,
        nationality: input.nationality,
        ..before.clone()
    };
    people::update(tx, &after)?;
    let mut event = told("person.corrected", &after, Some(ctx.actor.account));
    for (name, value) in differences(&before, &after) {
        event = event.about(name, value, id);
    }
    let entry = journal::append(tx, event)?;
    let view = one(tx, ctx, Person { version: version + 1, ..after })?;
    Ok(entry.returning(view))
}

/// Adds a renewed passport.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Invalid` with the fields: `belongs-to-another` when the number is known.
pub fn renew(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: PersonId,
    passport: &PassportInput,
) -> Result<Recorded<PersonView>> {
    let person = within(tx, ctx, Action::EditPeople, id)?;
    let mut passport = passport.clone();
    Refusal::unless_empty(passport.clean(""))?;
    let document = attach(tx, ctx.vault(), &person, &passport, "/number")?;
    people::update(tx, &person)?;
    let entry = journal::append(tx, document_event(&person, Some(ctx.actor.account), document, &passport))?;
    let view = one(tx, ctx, Person { version: person.version + 1, ..person })?;
    Ok(entry.returning(view))
}

/// Whether the actor may see the last characters of passport numbers; an auditor sees none.
#[must_use]
pub fn sees_tail(ctx: &Context) -> bool {
    let reads = ctx.actor.roles_for(Action::ReadPeople).any(|held| held.role != Role::Auditor);
    reads && !ctx.actor.held.iter().any(|held| held.role == Role::Auditor)
}

/// The owners within reach; `None` is everybody.
fn owners(tx: &mut ReadTx<'_>, ctx: &Context) -> Result<Option<Vec<OrganisationId>>> {
    let scope = ctx.actor.scope(Action::ReadPeople);
    if scope.all {
        return Ok(None);
    }
    let mut all = organisations::list(tx)?;
    all.retain(|organisation| scope.paths.iter().any(|path| organisation.path.starts_with(path)));
    Ok(Some(all.into_iter().map(|organisation| organisation.id).collect()))
}

/// The person, if its owner is within reach to read and then for `action`.
fn within(tx: &mut ReadTx<'_>, ctx: &Context, action: Action, id: PersonId) -> Result<Person> {
    ctx.must(action)?;
    let person = people::load(tx, id)?.ok_or(Refusal::NotFound)?;
    let owner = organisations::load(tx, person.owner)?.ok_or(Refusal::NotFound)?;
    if !ctx.actor.reaches_path(Action::ReadPeople, &owner.path) {
        return Err(ctx.denied(Refusal::NotFound, action, "person", id));
    }
    if !ctx.actor.reaches_path(action, &owner.path) {
        return Err(ctx.denied(Refusal::Forbidden(action), action, "person", id));
    }
    Ok(person)
}

fn fields_of(person: &Person) -> PersonFields {
    PersonFields {
        full_name: person.full_name.clone(),
        native_name: person.native_name.clone(),
        sex: person.sex,
        birth_date: person.birth_date,
        nationality: person.nationality.clone(),
    }
}

fn differences(before: &Person, after: &Person) -> Vec<(&'static str, String)> {
    let fields = |person: &Person| {
        [
            ("full_name", Some(person.full_name.clone())),
            ("native_name", person.native_name.clone()),
            ("sex", person.sex.map(|sex| sex.to_string())),
            ("birth_date", person.birth_date.map(|day| day.to_string())),
            ("nationality", person.nationality.clone()),
        ]
    };
    let changed = std::iter::zip(fields(before), fields(after)).filter(|(old, new)| old != new);
    changed.map(|(_, (name, value))| (name, value.unwrap_or_default())).collect()
}

fn one(tx: &mut ReadTx<'_>, ctx: &Context, person: Person) -> Result<PersonView> {
    views(tx, ctx, vec![person])?.pop().ok_or_else(|| Refusal::NotFound.into())
}

fn views(tx: &mut ReadTx<'_>, ctx: &Context, found: Vec<Person>) -> Result<Vec<PersonView>> {
    let ids: Vec<PersonId> = found.iter().map(|person| person.id).collect();
    let documents = people::documents_of(tx, &ids)?;
    let shown = document_views(tx, ctx.vault(), &documents, sees_tail(ctx))?;
    let mut passports: BTreeMap<PersonId, Vec<PassportView>> = BTreeMap::new();
    for (document, (_, view)) in documents.iter().zip(shown) {
        passports.entry(document.person).or_default().push(view);
    }
    let view = |person: Person| PersonView {
        passports: passports.remove(&person.id).unwrap_or_default(),
        id: person.id,
        organisation_id: person.owner,
        full_name: person.full_name,
        native_name: person.native_name,
        sex: person.sex,
        birth_date: person.birth_date,
        nationality: person.nationality,
        version: person.version,
    };
    Ok(found.into_iter().map(view).collect())
}
