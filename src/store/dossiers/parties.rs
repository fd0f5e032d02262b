//! Who may see a dossier besides its owner, and who may not decide on it.

use diesel::prelude::*;

use crate::domain::codes::{Code, codes};
use crate::domain::ids::{AccountId, DossierId, OrganisationId, PersonId};
use crate::store::schema::{dossier_authors, dossier_parties};
use crate::store::types::Key;
use crate::store::{ReadTx, StoreError, WriteTx};

codes! {
    /// Why an organisation or account may see a dossier that is not its own.
    Capacity {
        LeadHost = "lead_host",
        CoHost = "co_host",
        Receives = "receives",
        Step = "step",
        Issues = "issues",
        Author = "author",
        Reader = "reader",
    }
    /// Why a person may not decide.
    Authorship { Filed = "filed", Edited = "edited", Travels = "travels" }
}

fn add_party(
    tx: &mut WriteTx<'_>,
    id: DossierId,
    party: &str,
    kind: &str,
    capacity: Capacity,
) -> Result<(), StoreError> {
    let key = (id.to_string(), party.to_owned(), capacity.code().to_owned());
    let there: i64 = dossier_parties::table.find(key.clone()).count().get_result(tx.db())?;
    if there == 0 {
        diesel::insert_into(dossier_parties::table)
            .values((
                dossier_parties::dossier_id.eq(key.0),
                dossier_parties::party_id.eq(key.1),
                dossier_parties::party_kind.eq(kind),
                dossier_parties::capacity.eq(key.2),
            ))
            .execute(tx.db())?;
    }
    Ok(())
}

/// Lets an organisation see a dossier from now on.
///
/// # Errors
/// `StoreError` of the database.
pub fn add_organisation(
    tx: &mut WriteTx<'_>,
    id: DossierId,
    organisation: OrganisationId,
    capacity: Capacity,
) -> Result<(), StoreError> {
    add_party(tx, id, &organisation.to_string(), "organisation", capacity)
}

/// Names an account that may see a dossier, also a confidential one.
///
/// # Errors
/// `StoreError` of the database.
pub fn add_account(
    tx: &mut WriteTx<'_>,
    id: DossierId,
    account: AccountId,
    capacity: Capacity,
) -> Result<(), StoreError> {
    add_party(tx, id, &account.to_string(), "account", capacity)
}

/// Organisations that are parties of a dossier in a capacity.
///
/// # Errors
/// `StoreError` of the database.
pub fn organisations_of(
    tx: &mut ReadTx<'_>,
    id: DossierId,
    capacities: &[Capacity],
) -> Result<Vec<OrganisationId>, StoreError> {
    let codes: Vec<&str> = capacities.iter().map(|capacity| capacity.code()).collect();
    let ids: Vec<Key<OrganisationId>> = dossier_parties::table
        .filter(dossier_parties::dossier_id.eq(id.to_string()))
        .filter(dossier_parties::party_kind.eq("organisation"))
        .filter(dossier_parties::capacity.eq_any(codes))
        .select(dossier_parties::party_id)
        .order(dossier_parties::party_id)
        .load(tx.db())?;
    Ok(ids.into_iter().map(|key| key.0).collect())
}

/// Accounts that are named in a dossier, in whatever capacity.
///
/// # Errors
/// `StoreError` of the database.
pub fn accounts_of(tx: &mut ReadTx<'_>, id: DossierId) -> Result<Vec<AccountId>, StoreError> {
    let ids: Vec<Key<AccountId>> = dossier_parties::table
        .filter(dossier_parties::dossier_id.eq(id.to_string()))
        .filter(dossier_parties::party_kind.eq("account"))
        .select(dossier_parties::party_id)
        .order(dossier_parties::party_id)
        .load(tx.db())?;
    Ok(ids.into_iter().map(|key| key.0).collect())
}

/// Bars a person from deciding.
///
/// # Errors
/// `StoreError` of the database.
pub fn add_author(
    tx: &mut WriteTx<'_>,
    id: DossierId,
    person: PersonId,
    authorship: Authorship,
) -> Result<(), StoreError> {
    let key = (id.to_string(), person.to_string(), authorship.code().to_owned());
    let there: i64 = dossier_authors::table.find(key.clone()).count().get_result(tx.db())?;
    if there == 0 {
        diesel::insert_into(dossier_authors::table)
            .values((
                dossier_authors::dossier_id.eq(key.0),
                dossier_authors::person_id.eq(key.1),
                dossier_authors::capacity.eq(key.2),
            ))
            .execute(tx.db())?;
    }
    Ok(())
}

/// Persons who filed, edited or travel in any revision.
///
/// # Errors
/// `StoreError` of the database.
pub fn authors(tx: &mut ReadTx<'_>, id: DossierId) -> Result<Vec<PersonId>, StoreError> {
    let ids: Vec<Key<PersonId>> = dossier_authors::table
        .filter(dossier_authors::dossier_id.eq(id.to_string()))
        .select(dossier_authors::person_id)
        .distinct()
        .load(tx.db())?;
    Ok(ids.into_iter().map(|key| key.0).collect())
}

/// Persons who filed, edited or travel in any revision of some dossiers.
///
/// # Errors
/// `StoreError` of the database.
pub fn authors_of_many(
    tx: &mut ReadTx<'_>,
    dossiers: &[DossierId],
) -> Result<Vec<(DossierId, PersonId)>, StoreError> {
    let ids: Vec<String> = dossiers.iter().map(ToString::to_string).collect();
    let mut all = Vec::new();
    for some in ids.chunks(500) {
        let rows: Vec<(Key<DossierId>, Key<PersonId>)> = dossier_authors::table
            .filter(dossier_authors::dossier_id.eq_any(some.to_vec()))
            .select((dossier_authors::dossier_id, dossier_authors::person_id))
            .distinct()
            .load(tx.db())?;
        all.extend(rows.into_iter().map(|(dossier, person)| (dossier.0, person.0)));
    }
    Ok(all)
}

/// Organisations that are parties of some dossiers in a capacity.
///
/// # Errors
/// `StoreError` of the database.
pub fn organisations_of_many(
    tx: &mut ReadTx<'_>,
    dossiers: &[DossierId],
    capacities: &[Capacity],
) -> Result<Vec<(DossierId, OrganisationId)>, StoreError> {
    let ids: Vec<String> = dossiers.iter().map(ToString::to_string).collect();
    let codes: Vec<&str> = capacities.iter().map(|capacity| capacity.code()).collect();
    let mut all = Vec::new();
    for some in ids.chunks(500) {
        let rows: Vec<(Key<DossierId>, Key<OrganisationId>)> = dossier_parties::table
            .filter(dossier_parties::dossier_id.eq_any(some.to_vec()))
            .filter(dossier_parties::party_kind.eq("organisation"))
            .filter(dossier_parties::capacity.eq_any(codes.clone()))
            .select((dossier_parties::dossier_id, dossier_parties::party_id))
            .load(tx.db())?;
        all.extend(rows.into_iter().map(|(dossier, organisation)| (dossier.0, organisation.0)));
    }
    Ok(all)
}

/// The account behind a person who filed or last submitted: the officers to tell.
///
/// # Errors
/// `StoreError` of the database.
pub fn author_accounts(tx: &mut ReadTx<'_>, id: DossierId) -> Result<Vec<AccountId>, StoreError> {
    let ids: Vec<Key<AccountId>> = dossier_parties::table
        .filter(dossier_parties::dossier_id.eq(id.to_string()))
        .filter(dossier_parties::party_kind.eq("account"))
        .filter(dossier_parties::capacity.eq(Capacity::Author.code()))
        .select(dossier_parties::party_id)
        .order(dossier_parties::party_id)
        .load(tx.db())?;
    Ok(ids.into_iter().map(|key| key.0).collect())
}
