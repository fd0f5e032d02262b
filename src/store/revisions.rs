//! Revisions: what was submitted, frozen value by value under salts of their own.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use rand::Rng;

use super::error::StoreError;
use super::schema::{dossiers, revision_values, revisions};
use super::types::{Key, Word};
use super::{ReadTx, WriteTx};
use crate::domain::codes::{Code, codes};
use crate::domain::ids::{AccountId, DossierId};
use crate::domain::journal::Hash;
use crate::domain::revision::{Frozen, content_hash};

codes! {
    /// What became of a revision.
    RevisionOutcome {
        Approved = "approved",
        Returned = "returned",
        Rejected = "rejected",
        Recalled = "recalled",
        Cancelled = "cancelled",
        Lapsed = "lapsed",
    }
}

/// A revision.
#[derive(Debug, Clone)]
pub struct Revision {
    /// Number: the round.
    pub no: i32,
    /// Hash that decisions bind to.
    pub content_hash: Vec<u8>,
    /// When it was submitted.
    pub submitted_at: DateTime<Utc>,
    /// By whom.
    pub submitted_by: AccountId,
    /// What became of it.
    pub outcome: Option<RevisionOutcome>,
}

/// Freezes a revision and returns its content hash.
///
/// # Errors
/// `StoreError` of the database.
pub fn freeze(
    tx: &mut WriteTx<'_>,
    dossier: DossierId,
    no: i32,
    values: &[Frozen],
    by: AccountId,
) -> Result<Hash, StoreError> {
    let salts: Vec<[u8; 16]> = values.iter().map(|_| salt()).collect();
    let hash = content_hash(
        std::iter::zip(values, &salts)
            .map(|(v, salt)| (v.pointer.as_str(), salt.as_slice(), v.value.as_str())),
    );
    let now = tx.now().naive_utc();
    diesel::insert_into(revisions::table)
        .values((
            revisions::dossier_id.eq(dossier.to_string()),
            revisions::no.eq(no),
            revisions::content_hash.eq(hash.to_vec()),
            revisions::submitted_at.eq(now),
            revisions::submitted_by.eq(by.to_string()),
        ))
        .execute(tx.db())?;
    for (value, salt) in std::iter::zip(values, salts) {
        insert_value(tx, dossier, no, value, &salt)?;
    }
    Ok(hash)
}

fn salt() -> [u8; 16] {
    let mut salt = [0; 16];
    rand::rng().fill_bytes(&mut salt);
    salt
}

fn insert_value(
    tx: &mut WriteTx<'_>,
    dossier: DossierId,
    no: i32,
    value: &Frozen,
    salt: &[u8],
) -> Result<(), StoreError> {
    diesel::insert_into(revision_values::table)
        .values((
            revision_values::dossier_id.eq(dossier.to_string()),
            revision_values::revision.eq(no),
            revision_values::pointer.eq(&value.pointer),
            revision_values::person_id.eq(value.person.map(|id| id.to_string())),
            revision_values::salt.eq(salt.to_vec()),
            revision_values::value.eq(&value.value),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Marks the values that were live when an amendment was opened: approved content with the notices since. They
/// come back when the amendment is refused or withdrawn, and are no part of what was approved.
const LIVE: &str = "@";

/// Keeps the live content of the revision in force while another is pending.
///
/// # Errors
/// `StoreError` of the database.
pub fn keep_live(
    tx: &mut WriteTx<'_>,
    dossier: DossierId,
    no: i32,
    values: &[Frozen],
) -> Result<(), StoreError> {
    drop_live(tx, dossier, no)?;
    for value in values {
        let kept = Frozen { pointer: format!("{LIVE}{}", value.pointer), ..value.clone() };
        insert_value(tx, dossier, no, &kept, &salt())?;
    }
    Ok(())
}

/// Forgets the kept live content.
///
/// # Errors
/// `StoreError` of the database.
pub fn drop_live(tx: &mut WriteTx<'_>, dossier: DossierId, no: i32) -> Result<(), StoreError> {
    let kept = revision_values::table
        .filter(revision_values::dossier_id.eq(dossier.to_string()))
        .filter(revision_values::revision.eq(no))
        .filter(revision_values::pointer.like(format!("{LIVE}%")));
    diesel::delete(kept).execute(tx.db())?;
    Ok(())
}

/// Values of a revision by pointer: as approved, or the live ones kept beside it.
///
/// # Errors
/// `StoreError` of the database.
pub fn values(
    tx: &mut ReadTx<'_>,
    dossier: DossierId,
    no: i32,
    live: bool,
) -> Result<BTreeMap<String, String>, StoreError> {
    let rows: Vec<(String, String)> = revision_values::table
        .filter(revision_values::dossier_id.eq(dossier.to_string()))
        .filter(revision_values::revision.eq(no))
        .select((revision_values::pointer, revision_values::value))
        .load(tx.db())?;
    let wanted = |(pointer, value): (String, String)| match (pointer.strip_prefix(LIVE), live) {
        (Some(pointer), true) => Some((pointer.to_owned(), value)),
        (None, false) => Some((pointer, value)),
        _ => None,
    };
    Ok(rows.into_iter().filter_map(wanted).collect())
}

/// A value that is kept live: its dossier and revision, pointer and JSON.
pub type LiveValue = (DossierId, i32, String, String);

/// The live values kept of many dossiers at once: of those with a pending amendment. Few have one, and all values of
/// all revisions would be looked through for them: so those are found first, by the one value that every content has.
///
/// # Errors
/// `StoreError` of the database.
pub fn live_of_many(tx: &mut ReadTx<'_>, of: &[DossierId]) -> Result<Vec<LiveValue>, StoreError> {
    let ids: Vec<String> = of.iter().map(ToString::to_string).collect();
    let kept = revision_values::dossier_id
        .eq(dossiers::id)
        .and(revision_values::revision.nullable().eq(dossiers::revision_in_force))
        .and(revision_values::pointer.eq(format!("{LIVE}/direction")));
    let mut pending: Vec<String> = Vec::new();
    for some in ids.chunks(500) {
        let found: Vec<String> = dossiers::table
            .inner_join(revision_values::table.on(kept.clone()))
            .filter(dossiers::id.eq_any(some))
            .select(dossiers::id)
            .load(tx.db())?;
        pending.extend(found);
    }
    let mut all = Vec::new();
    for some in pending.chunks(500) {
        let rows: Vec<(Key<DossierId>, i32, String, String)> = revision_values::table
            .filter(revision_values::dossier_id.eq_any(some))
            .filter(revision_values::pointer.like(format!("{LIVE}%")))
            .select((
                revision_values::dossier_id,
                revision_values::revision,
                revision_values::pointer,
                revision_values::value,
            ))
            .load(tx.db())?;
        all.extend(rows.into_iter().map(|(key, no, pointer, value)| {
            (key.0, no, pointer.trim_start_matches(LIVE).to_owned(), value)
        }));
    }
    Ok(all)
}

/// The approved revisions of many dossiers at once, one entry each.
///
/// # Errors
/// `StoreError` of the database.
pub fn approved_of_many(tx: &mut ReadTx<'_>, dossiers: &[DossierId]) -> Result<Vec<DossierId>, StoreError> {
    let ids: Vec<String> = dossiers.iter().map(ToString::to_string).collect();
    let mut all = Vec::new();
    for some in ids.chunks(500) {
        let rows: Vec<Key<DossierId>> = revisions::table
            .filter(revisions::dossier_id.eq_any(some.to_vec()))
            .filter(revisions::outcome.eq(RevisionOutcome::Approved.code()))
            .select(revisions::dossier_id)
            .load(tx.db())?;
        all.extend(rows.into_iter().map(|key| key.0));
    }
    Ok(all)
}

/// Revisions of a dossier, oldest first.
///
/// # Errors
/// `StoreError` of the database.
pub fn list(tx: &mut ReadTx<'_>, dossier: DossierId) -> Result<Vec<Revision>, StoreError> {
    type Row = (i32, Vec<u8>, NaiveDateTime, Key<AccountId>, Option<Word<RevisionOutcome>>);
    let rows: Vec<Row> = revisions::table
        .filter(revisions::dossier_id.eq(dossier.to_string()))
        .order(revisions::no)
        .select((
            revisions::no,
            revisions::content_hash,
            revisions::submitted_at,
            revisions::submitted_by,
            revisions::outcome,
        ))
        .load(tx.db())?;
    let revision = |(no, content_hash, at, by, outcome): Row| Revision {
        no,
        content_hash,
        submitted_at: at.and_utc(),
        submitted_by: by.0,
        outcome: outcome.map(|word| word.0),
    };
    Ok(rows.into_iter().map(revision).collect())
}

/// The content hash of a revision.
///
/// # Errors
/// `NotFound` when there is none.
pub fn hash_of(tx: &mut ReadTx<'_>, dossier: DossierId, no: i32) -> Result<Vec<u8>, StoreError> {
    Ok(revisions::table.find((dossier.to_string(), no)).select(revisions::content_hash).first(tx.db())?)
}

/// Says what became of a revision.
///
/// # Errors
/// `StoreError` of the database.
pub fn conclude(
    tx: &mut WriteTx<'_>,
    dossier: DossierId,
    no: i32,
    outcome: RevisionOutcome,
) -> Result<(), StoreError> {
    diesel::update(
        revisions::table.filter(revisions::dossier_id.eq(dossier.to_string())).filter(revisions::no.eq(no)),
    )
    .set(revisions::outcome.eq(outcome.code()))
    .execute(tx.db())?;
    Ok(())
}

/// Notes under which rulebook a round was submitted.
///
/// # Errors
/// `StoreError` of the database.
pub fn pin_rulebook(
    tx: &mut WriteTx<'_>,
    dossier: DossierId,
    no: i32,
    version: i32,
) -> Result<(), StoreError> {
    diesel::update(revisions::table.find((dossier.to_string(), no)))
        .set(revisions::rulebook_version.eq(version))
        .execute(tx.db())?;
    Ok(())
}

/// The rulebook under which a round was submitted.
///
/// # Errors
/// `StoreError` of the database.
pub fn rulebook_of(tx: &mut ReadTx<'_>, dossier: DossierId, no: i32) -> Result<i32, StoreError> {
    Ok(revisions::table.find((dossier.to_string(), no)).select(revisions::rulebook_version).first(tx.db())?)
}
