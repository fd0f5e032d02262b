//! People, kept once per owning organisation and found again by passport number, or by name, date of birth and
//! nationality. Passport numbers are sealed under the person's own key and shown masked.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Error, Result};
use crate::domain::codes::PassportType;
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, DocumentId, OrganisationId, PersonId};
pub use crate::domain::person::{PassportInput, PersonInput, normalised};
use crate::domain::refusal::Refusal;
use crate::domain::text;
use crate::store::people::{self, Document, Person};
use crate::store::{ReadTx, StoreError, WriteTx};
use crate::vault::{BlindIndex, KeyRing, PersonKey};

pub mod directory;

/// A passport as shown: all but the last three characters of its number are hidden, and from an auditor all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PassportView {
    /// Masked number.
    pub number: String,
    /// Kind.
    #[serde(rename = "type")]
    pub kind: PassportType,
    /// Last day of validity.
    pub expires_on: Option<NaiveDate>,
}

/// A person found or made.
#[derive(Debug, Clone)]
pub struct Registered {
    /// The person.
    pub person: Person,
    /// The document that was named.
    pub document: Option<DocumentId>,
    /// Whether the person is new.
    pub made: bool,
    /// What to journal.
    pub events: Vec<Event>,
}

/// Finds the person that a cleaned `input` means among those of `owner`, or registers a new one. A known number
/// means its holder; an unknown one is the renewed passport of whoever has the same name, date of birth and
/// nationality.
///
/// # Errors
/// `Invalid` with `belongs-to-another` when the number is known under another name or date of birth.
pub fn register(
    tx: &mut WriteTx<'_>,
    actor: Option<AccountId>,
    vault: &KeyRing,
    owner: OrganisationId,
    input: &PersonInput,
) -> Result<Registered> {
    let held = match &input.passport {
        Some(passport) => holder(tx, vault, owner, &passport.number)?,
        None => None,
    };
    let found = match held {
        Some((document, person)) => {
            if !is_same(&person, input) {
                return Err(Refusal::field("/passport/number", "belongs-to-another").into());
            }
            return known(tx, actor, &person, &document, input);
        }
        None => same_person(tx, owner, input)?,
    };
    let mut events = Vec::new();
    let made = found.is_none();
    let (person, key) = if let Some(person) = found {
        (person, None)
    } else {
        let (person, key) = insert(tx, vault, owner, input)?;
        events.push(told("person.registered", &person, actor).about(
            "full_name",
            &person.full_name,
            person.id,
        ));
        (person, Some(key))
    };
    let document = match &input.passport {
        Some(passport) => {
            let id = seal_document(tx, vault, &person, key, passport)?;
            events.push(document_event(&person, actor, id, passport));
            Some(id)
        }
        None => None,
    };
    Ok(Registered { person, document, made, events })
}

/// Whom a cleaned `input` means among those of `owner`, as `register` finds them.
///
/// # Errors
/// `Invalid` with `belongs-to-another` when the number is known under another name or date of birth.
pub fn meant(
    tx: &mut ReadTx<'_>,
    vault: &KeyRing,
    owner: OrganisationId,
    input: &PersonInput,
) -> Result<Option<Person>> {
    let held = match &input.passport {
        Some(passport) => holder(tx, vault, owner, &passport.number)?,
        None => None,
    };
    match held {
        Some((_, person)) if !is_same(&person, input) => {
            Err(Refusal::field("/passport/number", "belongs-to-another").into())
        }
        Some((_, person)) => Ok(Some(person)),
        None => same_person(tx, owner, input),
    }
}

/// Adds a passport to a known person; one that the person has already only gets its new kind and last day.
///
/// # Errors
/// `Invalid`, below the pointer `base`: `bad-passport-number`, or `belongs-to-another` of the same owner.
pub fn add_document(
    tx: &mut WriteTx<'_>,
    vault: &KeyRing,
    person: &Person,
    passport: &PassportInput,
    base: &str,
) -> Result<Option<DocumentId>> {
    let mut passport = passport.clone();
    Refusal::unless_empty(passport.clean(&format!("{base}/passport")))?;
    attach(tx, vault, person, &passport, &format!("{base}/passport/number")).map(Some)
}

/// Adds a cleaned passport to a person; `pointer` is where its number stood.
fn attach(
    tx: &mut WriteTx<'_>,
    vault: &KeyRing,
    person: &Person,
    passport: &PassportInput,
    pointer: &str,
) -> Result<DocumentId> {
    match holder(tx, vault, person.owner, &passport.number)? {
        Some((_, other)) if other.id != person.id => {
            Err(Refusal::field(pointer, "belongs-to-another").into())
        }
        Some((document, _)) => {
            renew(tx, &document, passport)?;
            Ok(document.id)
        }
        None => seal_document(tx, vault, person, None, passport),
    }
}

/// The event of a document that a person got; it never holds the number.
#[must_use]
pub fn document_event(
    person: &Person,
    actor: Option<AccountId>,
    id: DocumentId,
    passport: &PassportInput,
) -> Event {
    let event =
        told("person.document_added", person, actor).with("document_id", id).with("type", passport.kind);
    match passport.expires_on {
        Some(day) => event.about("expires_on", day, person.id),
        None => event,
    }
}

/// An event about a person, at his or her owner.
pub(super) fn told(action: &'static str, person: &Person, actor: Option<AccountId>) -> Event {
    let mut event = Event::new(action, "person", person.id).at(person.owner);
    event.actor = actor;
    event
}

fn holder(
    tx: &mut ReadTx<'_>,
    vault: &KeyRing,
    owner: OrganisationId,
    number: &str,
) -> Result<Option<(Document, Person)>> {
    let indexes: Vec<Vec<u8>> = vault.blind_indexes(number).iter().map(stored_index).collect();
    let Some(document) = people::find_document(tx, owner, &indexes)? else { return Ok(None) };
    let person = people::load(tx, document.person)?.ok_or(StoreError::NotFound)?;
    Ok(Some((document, person)))
}

fn stored_index(index: &BlindIndex) -> Vec<u8> {
    index.as_bytes().to_vec()
}

/// Same folded name, and no other date of birth: what is not said contradicts nothing.
fn is_same(person: &Person, input: &PersonInput) -> bool {
    let one_day = person.birth_date.zip(input.birth_date).is_none_or(|(known, said)| known == said);
    one_day && text::folded(&person.full_name) == text::folded(&input.full_name)
}

fn same_person(tx: &mut ReadTx<'_>, owner: OrganisationId, input: &PersonInput) -> Result<Option<Person>> {
    let (Some(born), Some(nationality)) = (input.birth_date, &input.nationality) else { return Ok(None) };
    Ok(people::find_same(tx, owner, &text::folded(&input.full_name), born, nationality)?)
}

/// A person known by number: blanks are filled, the passport's last day is brought up to date.
fn known(
    tx: &mut WriteTx<'_>,
    actor: Option<AccountId>,
    person: &Person,
    document: &Document,
    input: &PersonInput,
) -> Result<Registered> {
    let mut events = Vec::new();
    if let Some(passport) = &input.passport
        && renew(tx, document, passport)?
    {
        events.push(document_event(person, actor, document.id, passport));
    }
    let mut filled = person.clone();
    filled.native_name = person.native_name.clone().or_else(|| input.native_name.clone());
    filled.sex = person.sex.or(input.sex);
    filled.birth_date = person.birth_date.or(input.birth_date);
    filled.nationality = person.nationality.clone().or_else(|| input.nationality.clone());
    if filled != *person {
        people::update(tx, &filled)?;
        filled.version += 1;
        events.push(told("person.completed", &filled, actor));
    }
    Ok(Registered { person: filled, document: Some(document.id), made: false, events })
}

fn renew(tx: &mut WriteTx<'_>, document: &Document, passport: &PassportInput) -> Result<bool> {
    let expires_on = passport.expires_on.or(document.expires_on);
    let changes = document.kind != passport.kind || document.expires_on != expires_on;
    if changes {
        people::update_document(tx, document.id, passport.kind, expires_on)?;
    }
    Ok(changes)
}

fn insert(
    tx: &mut WriteTx<'_>,
    vault: &KeyRing,
    owner: OrganisationId,
    input: &PersonInput,
) -> Result<(Person, PersonKey)> {
    let id: PersonId = tx.fresh();
    let (key, wrapped) = vault.new_person_key(&mut rand::rng(), id.0)?;
    let person = Person {
        id,
        owner,
        full_name: input.full_name.clone(),
        native_name: input.native_name.clone(),
        sex: input.sex,
        birth_date: input.birth_date,
        nationality: input.nationality.clone(),
        version: 1,
    };
    people::insert(tx, &person, &wrapped)?;
    Ok((person, key))
}

fn seal_document(
    tx: &mut WriteTx<'_>,
    vault: &KeyRing,
    person: &Person,
    key: Option<PersonKey>,
    passport: &PassportInput,
) -> Result<DocumentId> {
    let key = if let Some(key) = key {
        key
    } else {
        let wrapped = people::wrapped_key(tx, person.id)?.ok_or(StoreError::NotFound)?;
        vault.open_person_key(&wrapped, person.id.0)?
    };
    let id: DocumentId = tx.fresh();
    let document = Document {
        id,
        person: person.id,
        owner: person.owner,
        sealed_number: key.seal(
            "travel_documents",
            "sealed_number",
            id.to_string(),
            passport.number.as_bytes(),
        )?,
        blind_index: stored_index(&vault.blind_index(&passport.number)?),
        kind: passport.kind,
        expires_on: passport.expires_on,
    };
    match people::insert_document(tx, &document) {
        // Somebody registers the same passport at this moment: run again and find it.
        Err(StoreError::Taken { .. }) => Err(Error::Store(StoreError::Conflict)),
        other => Ok(other.map(|()| id)?),
    }
}

/// Some documents as shown, in their order: with the last three characters of the number if `tail`.
///
/// # Errors
/// `Vault` when a number cannot be opened: it was changed or moved.
pub fn document_views(
    tx: &mut ReadTx<'_>,
    vault: &KeyRing,
    documents: &[Document],
    tail: bool,
) -> Result<Vec<(DocumentId, PassportView)>> {
    let keys = if tail { keys_of(tx, vault, documents)? } else { BTreeMap::new() };
    let view = |document: &Document| {
        let shown = match keys.get(&document.person) {
            Some(key) => {
                let row = document.id.to_string();
                let number = key.open("travel_documents", "sealed_number", row, &document.sealed_number)?;
                String::from_utf8_lossy(number.get(number.len().saturating_sub(3)..).unwrap_or_default())
                    .into_owned()
            }
            None => String::new(),
        };
        let number = format!("•••••{shown}");
        Ok((document.id, PassportView { number, kind: document.kind, expires_on: document.expires_on }))
    };
    documents.iter().map(view).collect()
}

fn keys_of(
    tx: &mut ReadTx<'_>,
    vault: &KeyRing,
    documents: &[Document],
) -> Result<BTreeMap<PersonId, PersonKey>> {
    let mut ids: Vec<PersonId> = documents.iter().map(|document| document.person).collect();
    ids.sort();
    ids.dedup();
    let open = |(id, wrapped): (PersonId, Vec<u8>)| Ok((id, vault.open_person_key(&wrapped, id.0)?));
    people::wrapped_keys(tx, &ids)?.into_iter().map(open).collect()
}
