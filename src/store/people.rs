//! People, kept once per owning organisation, their sealed travel documents, and their places in delegations.

mod members;
mod trips;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::dsl::exists;
use diesel::prelude::*;

use super::error::StoreError;
use super::schema::{people, person_keys, search_words, travel_documents};
use super::types::{Key, Word};
use super::words::{self, Subject};
use super::{ReadTx, WriteTx};
use crate::domain::codes::{Code, PassportType, Sex};
use crate::domain::ids::{DocumentId, OrganisationId, PersonId};
use crate::domain::report::facts::HOME;
use crate::domain::text;

pub use members::{
    Member, Standing, delete_member, delete_members, insert_member, members_of, members_of_many,
    update_member,
};
pub use trips::{Trip, trips_of, visits_of};

/// A person.
#[derive(Debug, Clone, Queryable)]
struct PersonRow {
    id: Key<PersonId>,
    owner: Key<OrganisationId>,
    full_name: String,
    native_name: Option<String>,
    sex: Option<Word<Sex>>,
    birth_date: Option<NaiveDate>,
    nationality: Option<String>,
    version: i64,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Id.
    pub id: PersonId,
    /// The organisation that registered the person.
    pub owner: OrganisationId,
    /// Name as in the passport.
    pub full_name: String,
    /// Name in the person's own script.
    pub native_name: Option<String>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Nationality.
    pub nationality: Option<String>,
    /// Version.
    pub version: i64,
}

macro_rules! person_columns {
    () => {
        (
            people::id,
            people::owner_id,
            people::full_name,
            people::native_name,
            people::sex,
            people::birth_date,
            people::nationality,
            people::version,
        )
    };
}

fn person(row: PersonRow) -> Person {
    Person {
        id: row.id.0,
        owner: row.owner.0,
        full_name: row.full_name,
        native_name: row.native_name,
        sex: row.sex.map(|word| word.0),
        birth_date: row.birth_date,
        nationality: row.nationality,
        version: row.version,
    }
}

/// Adds a person with the wrapped key of his or her sealed data.
///
/// # Errors
/// `StoreError` of the database.
pub fn insert(tx: &mut WriteTx<'_>, new: &Person, wrapped_key: &[u8]) -> Result<(), StoreError> {
    let (now, name_folded) = (tx.now().naive_utc(), text::folded(&new.full_name));
    words::keep(tx, Subject::Person, &new.id.to_string(), &name_folded)?;
    diesel::insert_into(people::table)
        .values((
            people::id.eq(new.id.to_string()),
            people::owner_id.eq(new.owner.to_string()),
            people::full_name.eq(&new.full_name),
            people::native_name.eq(&new.native_name),
            people::name_folded.eq(name_folded),
            people::name_sort.eq(text::sort_key(&new.full_name)),
            people::sex.eq(new.sex.map(Code::code)),
            people::birth_date.eq(new.birth_date),
            people::nationality.eq(&new.nationality),
            people::version.eq(new.version),
            people::created_at.eq(now),
        ))
        .execute(tx.db())?;
    diesel::insert_into(person_keys::table)
        .values((
            person_keys::person_id.eq(new.id.to_string()),
            person_keys::wrapped.eq(wrapped_key.to_vec()),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Loads a person.
///
/// # Errors
/// `StoreError` of the database.
pub fn load(tx: &mut ReadTx<'_>, id: PersonId) -> Result<Option<Person>, StoreError> {
    let row: Option<PersonRow> =
        people::table.find(id.to_string()).select(person_columns!()).first(tx.db()).optional()?;
    Ok(row.map(person))
}

/// Loads some people at once.
///
/// # Errors
/// `StoreError` of the database.
pub fn load_many(tx: &mut ReadTx<'_>, ids: &[PersonId]) -> Result<Vec<Person>, StoreError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let rows: Vec<PersonRow> =
        people::table.filter(people::id.eq_any(ids)).select(person_columns!()).load(tx.db())?;
    Ok(rows.into_iter().map(person).collect())
}

/// Which people are listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Only<'o> {
    /// Those of these owners; of all of them, if absent.
    pub owners: Option<&'o [OrganisationId]>,
    /// Those whose names have words that begin with each of these.
    pub search: Option<&'o str>,
    /// Vietnamese citizens, or everybody else.
    pub home: Option<bool>,
}

/// People of some owners, in order of id, whose names have words that begin with each of those of `search`.
///
/// # Errors
/// `StoreError` of the database.
pub fn list(
    tx: &mut ReadTx<'_>,
    Only { owners, search, home }: Only<'_>,
    after: Option<PersonId>,
    limit: i64,
) -> Result<Vec<Person>, StoreError> {
    let mut query = people::table
        .filter(people::merged_into.is_null())
        .select(person_columns!())
        .order(people::id)
        .limit(limit)
        .into_boxed();
    if let Some(owners) = owners {
        let owners: Vec<String> = owners.iter().map(ToString::to_string).collect();
        query = query.filter(people::owner_id.eq_any(owners));
    }
    if let Some(search) = search {
        for word in words::typed(&text::folded(search)) {
            if let Some(few) = words::few(tx, Subject::Person, &word)? {
                query = query.filter(people::id.eq_any(few));
            }
            let begins = search_words::table
                .filter(search_words::subject_id.eq(people::id))
                .filter(search_words::word.lt(words::end(&word)))
                .filter(search_words::word.ge(word));
            query = query.filter(exists(begins));
        }
    }
    match home {
        Some(true) => query = query.filter(people::nationality.eq(HOME)),
        Some(false) => {
            query = query.filter(people::nationality.is_null().or(people::nationality.ne(HOME)));
        }
        None => {}
    }
    if let Some(after) = after {
        query = query.filter(people::id.gt(after.to_string()));
    }
    let rows: Vec<PersonRow> = query.load(tx.db())?;
    Ok(rows.into_iter().map(person).collect())
}

/// Writes a person's changeable columns, if the version is still the one given.
///
/// # Errors
/// `Stale` when it is not.
pub fn update(tx: &mut WriteTx<'_>, new: &Person) -> Result<(), StoreError> {
    let row = people::table.filter(people::id.eq(new.id.to_string())).filter(people::version.eq(new.version));
    let name_folded = text::folded(&new.full_name);
    words::keep(tx, Subject::Person, &new.id.to_string(), &name_folded)?;
    let changed = diesel::update(row)
        .set((
            people::full_name.eq(&new.full_name),
            people::native_name.eq(&new.native_name),
            people::name_folded.eq(name_folded),
            people::name_sort.eq(text::sort_key(&new.full_name)),
            people::sex.eq(new.sex.map(Code::code)),
            people::birth_date.eq(new.birth_date),
            people::nationality.eq(&new.nationality),
            people::version.eq(new.version + 1),
        ))
        .execute(tx.db())?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// The wrapped key of a person's sealed data; gone once the person was erased.
///
/// # Errors
/// `StoreError` of the database.
pub fn wrapped_key(tx: &mut ReadTx<'_>, id: PersonId) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(person_keys::table.find(id.to_string()).select(person_keys::wrapped).first(tx.db()).optional()?)
}

/// The wrapped keys of some people at once; erased people have none.
///
/// # Errors
/// `StoreError` of the database.
pub fn wrapped_keys(tx: &mut ReadTx<'_>, ids: &[PersonId]) -> Result<Vec<(PersonId, Vec<u8>)>, StoreError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let rows: Vec<(Key<PersonId>, Vec<u8>)> = person_keys::table
        .filter(person_keys::person_id.eq_any(ids))
        .select((person_keys::person_id, person_keys::wrapped))
        .load(tx.db())?;
    Ok(rows.into_iter().map(|(key, wrapped)| (key.0, wrapped)).collect())
}

/// The person of an owner with this folded name, date of birth and nationality; the first one registered.
///
/// # Errors
/// `StoreError` of the database.
pub fn find_same(
    tx: &mut ReadTx<'_>,
    owner: OrganisationId,
    name_folded: &str,
    birth_date: NaiveDate,
    nationality: &str,
) -> Result<Option<Person>, StoreError> {
    let row: Option<PersonRow> = people::table
        .filter(people::owner_id.eq(owner.to_string()))
        .filter(people::name_folded.eq(name_folded))
        .filter(people::birth_date.eq(birth_date))
        .filter(people::nationality.eq(nationality))
        .filter(people::merged_into.is_null())
        .order(people::id)
        .select(person_columns!())
        .first(tx.db())
        .optional()?;
    Ok(row.map(person))
}

/// A travel document, its number sealed.
#[derive(Debug, Clone)]
pub struct Document {
    /// Id.
    pub id: DocumentId,
    /// Whose.
    pub person: PersonId,
    /// The owner of the person.
    pub owner: OrganisationId,
    /// Sealed number.
    pub sealed_number: Vec<u8>,
    /// Blind index of the number.
    pub blind_index: Vec<u8>,
    /// Kind.
    pub kind: PassportType,
    /// Last day of validity.
    pub expires_on: Option<NaiveDate>,
}

type DocumentRow = (
    Key<DocumentId>,
    Key<PersonId>,
    Key<OrganisationId>,
    Vec<u8>,
    Vec<u8>,
    Word<PassportType>,
    Option<NaiveDate>,
);

const DOCUMENT: (
    travel_documents::id,
    travel_documents::person_id,
    travel_documents::owner_id,
    travel_documents::sealed_number,
    travel_documents::blind_index,
    travel_documents::kind,
    travel_documents::expires_on,
) = (
    travel_documents::id,
    travel_documents::person_id,
    travel_documents::owner_id,
    travel_documents::sealed_number,
    travel_documents::blind_index,
    travel_documents::kind,
    travel_documents::expires_on,
);

fn document(row: DocumentRow) -> Document {
    let (Key(id), Key(person), Key(owner), sealed_number, blind_index, Word(kind), expires_on) = row;
    Document { id, person, owner, sealed_number, blind_index, kind, expires_on }
}

/// Adds a document.
///
/// # Errors
/// `Taken` when the owner has the number already.
pub fn insert_document(tx: &mut WriteTx<'_>, new: &Document) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    diesel::insert_into(travel_documents::table)
        .values((
            travel_documents::id.eq(new.id.to_string()),
            travel_documents::person_id.eq(new.person.to_string()),
            travel_documents::owner_id.eq(new.owner.to_string()),
            travel_documents::sealed_number.eq(&new.sealed_number),
            travel_documents::blind_index.eq(&new.blind_index),
            travel_documents::kind.eq(new.kind.code()),
            travel_documents::expires_on.eq(new.expires_on),
            travel_documents::created_at.eq(now),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Writes what may change of a document: its kind and last day, never its number.
///
/// # Errors
/// `NotFound` when there is no such document.
pub fn update_document(
    tx: &mut WriteTx<'_>,
    id: DocumentId,
    kind: PassportType,
    expires_on: Option<NaiveDate>,
) -> Result<(), StoreError> {
    let changed = diesel::update(travel_documents::table.find(id.to_string()))
        .set((travel_documents::kind.eq(kind.code()), travel_documents::expires_on.eq(expires_on)))
        .execute(tx.db())?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// The document of an owner with one of these blind indexes (one per index key).
///
/// # Errors
/// `StoreError` of the database.
pub fn find_document(
    tx: &mut ReadTx<'_>,
    owner: OrganisationId,
    indexes: &[Vec<u8>],
) -> Result<Option<Document>, StoreError> {
    let row: Option<DocumentRow> = travel_documents::table
        .filter(travel_documents::owner_id.eq(owner.to_string()))
        .filter(travel_documents::blind_index.eq_any(indexes.to_vec()))
        .select(DOCUMENT)
        .first(tx.db())
        .optional()?;
    Ok(row.map(document))
}

/// Documents of some people, newest first.
///
/// # Errors
/// `StoreError` of the database.
pub fn documents_of(tx: &mut ReadTx<'_>, ids: &[PersonId]) -> Result<Vec<Document>, StoreError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let rows: Vec<DocumentRow> = travel_documents::table
        .filter(travel_documents::person_id.eq_any(ids))
        .order(travel_documents::id.desc())
        .select(DOCUMENT)
        .load(tx.db())?;
    Ok(rows.into_iter().map(document).collect())
}

/// The blind indexes of the numbers of some people's documents, each with whose it is.
///
/// # Errors
/// `StoreError` of the database.
pub fn numbers_of(tx: &mut ReadTx<'_>, ids: &[PersonId]) -> Result<Vec<(Vec<u8>, PersonId)>, StoreError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let rows: Vec<(Vec<u8>, Key<PersonId>)> = travel_documents::table
        .filter(travel_documents::person_id.eq_any(ids))
        .select((travel_documents::blind_index, travel_documents::person_id))
        .load(tx.db())?;
    Ok(rows.into_iter().map(|(number, key)| (number, key.0)).collect())
}

/// The same for many at once: each person with every record of the same natural person, the own one among them.
///
/// # Errors
/// `StoreError` of the database.
pub fn aliases_of_many(
    tx: &mut ReadTx<'_>,
    people: &[PersonId],
) -> Result<Vec<(PersonId, PersonId)>, StoreError> {
    let mut pairs: Vec<(PersonId, PersonId)> = people.iter().map(|id| (*id, *id)).collect();
    for some in people.chunks(500) {
        let own = documents_of(tx, some)?;
        let numbers: Vec<Vec<u8>> = own.iter().map(|document| document.blind_index.clone()).collect();
        let holders: Vec<(Vec<u8>, Key<PersonId>)> = travel_documents::table
            .filter(travel_documents::blind_index.eq_any(numbers))
            .select((travel_documents::blind_index, travel_documents::person_id))
            .load(tx.db())?;
        let mut of_number: BTreeMap<Vec<u8>, Vec<PersonId>> = BTreeMap::new();
        for (number, holder) in holders {
            of_number.entry(number).or_default().push(holder.0);
        }
        for document in &own {
            let all = of_number.get(&document.blind_index).into_iter().flatten();
            pairs.extend(all.map(|record| (document.person, *record)));
        }
    }
    pairs.sort();
    pairs.dedup();
    Ok(pairs)
}

/// The person and everybody registered by any owner under one of the person's passport numbers: one natural person.
///
/// # Errors
/// `StoreError` of the database.
pub fn aliases(tx: &mut ReadTx<'_>, id: PersonId) -> Result<Vec<PersonId>, StoreError> {
    let own: Vec<Vec<u8>> = travel_documents::table
        .filter(travel_documents::person_id.eq(id.to_string()))
        .select(travel_documents::blind_index)
        .load(tx.db())?;
    let others: Vec<Key<PersonId>> = travel_documents::table
        .filter(travel_documents::blind_index.eq_any(own))
        .select(travel_documents::person_id)
        .distinct()
        .load(tx.db())?;
    let mut all: Vec<PersonId> = others.into_iter().map(|key| key.0).chain([id]).collect();
    all.sort();
    all.dedup();
    Ok(all)
}
