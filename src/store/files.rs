//! Papers of dossiers: uploaded files (their bytes lie sealed in the depot) and what was handled offline.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::error::StoreError;
use super::schema::files;
use super::types::{Key, Word};
use super::{ReadTx, WriteTx};
use crate::domain::codes::Code;
use crate::domain::file::{FileKind, MediaType};
use crate::domain::ids::{AccountId, DossierId, FileId, MemberId, OrganisationId, PersonId};

/// A paper of a dossier.
#[derive(Debug, Clone)]
pub struct File {
    /// Id.
    pub id: FileId,
    /// Of which dossier.
    pub dossier: DossierId,
    /// Kind.
    pub kind: FileKind,
    /// Name of the file; empty for what was handled offline.
    pub name: String,
    /// The bytes; `None` for what was handled offline.
    pub content: Option<FileContent>,
    /// Number and symbol as written.
    pub number: Option<String>,
    /// Date of the paper.
    pub dated_on: Option<NaiveDate>,
    /// The member whose passport it shows.
    pub member: Option<MemberId>,
    /// The person whose passport it shows.
    pub person: Option<PersonId>,
    /// For which organisation it was uploaded: the owner, or the desk.
    pub organisation: OrganisationId,
    /// The dossier's revision when it was uploaded: it is part of every later one.
    pub revision: i32,
    /// By whom.
    pub uploaded_by: AccountId,
    /// When.
    pub uploaded_at: DateTime<Utc>,
    /// When, by whom and why it was taken away.
    pub gone: Option<Gone>,
}

/// What is stored of a file's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileContent {
    /// Type, as its bytes say.
    pub media_type: MediaType,
    /// Plain bytes.
    pub bytes: i64,
    /// SHA-256 of the plain bytes, in hex.
    pub sha256: String,
    /// Name of the sealed file in the depot.
    pub object: String,
    /// The sealed key; `None` once nobody may read it any more.
    pub wrapped_key: Option<Vec<u8>>,
}

/// How a paper went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: AccountId,
    /// Why.
    pub why: String,
    /// It should never have been here, rather than being superfluous.
    pub quarantined: bool,
}

type Row = (
    (Key<FileId>, Key<DossierId>, Word<FileKind>, String, Option<Word<MediaType>>, i64),
    (Option<String>, Option<String>, Option<Vec<u8>>),
    (Option<String>, Option<NaiveDate>, Option<Key<MemberId>>, Option<Key<PersonId>>, Key<OrganisationId>),
    (i32, Key<AccountId>, NaiveDateTime),
    (Option<NaiveDateTime>, Option<Key<AccountId>>, Option<String>, bool),
);

macro_rules! columns {
    () => {
        (
            (files::id, files::dossier_id, files::kind, files::name, files::media_type, files::bytes),
            (files::sha256, files::object, files::wrapped_key),
            (files::number, files::dated_on, files::member_id, files::person_id, files::organisation_id),
            (files::revision, files::uploaded_by, files::uploaded_at),
            (files::deleted_at, files::deleted_by, files::deleted_why, files::quarantined),
        )
    };
}

fn file(row: Row) -> File {
    let ((id, dossier, kind, name, media_type, bytes), (sha256, object, wrapped_key), of, at, gone) = row;
    let (number, dated_on, member, person, organisation) = of;
    let (revision, uploaded_by, uploaded_at) = at;
    let content = match (media_type, sha256, object) {
        (Some(Word(media_type)), Some(sha256), Some(object)) => {
            Some(FileContent { media_type, bytes, sha256, object, wrapped_key })
        }
        _ => None,
    };
    let gone = match gone {
        (Some(at), Some(by), why, quarantined) => {
            Some(Gone { at: at.and_utc(), by: by.0, why: why.unwrap_or_default(), quarantined })
        }
        _ => None,
    };
    File {
        id: id.0,
        dossier: dossier.0,
        kind: kind.0,
        name,
        content,
        number,
        dated_on,
        member: member.map(|key| key.0),
        person: person.map(|key| key.0),
        organisation: organisation.0,
        revision,
        uploaded_by: uploaded_by.0,
        uploaded_at: uploaded_at.and_utc(),
        gone,
    }
}

/// Adds a paper.
///
/// # Errors
/// `Taken` when the dossier has the same file as the same kind of paper.
pub fn insert(tx: &mut WriteTx<'_>, new: &File) -> Result<(), StoreError> {
    let content = new.content.as_ref();
    diesel::insert_into(files::table)
        .values((
            files::id.eq(new.id.to_string()),
            files::dossier_id.eq(new.dossier.to_string()),
            files::kind.eq(new.kind.code()),
            files::name.eq(&new.name),
            files::media_type.eq(content.map(|content| content.media_type.code())),
            files::bytes.eq(content.map_or(0, |content| content.bytes)),
            files::sha256.eq(content.map(|content| content.sha256.clone())),
            files::object.eq(content.map(|content| content.object.clone())),
            files::wrapped_key.eq(content.and_then(|content| content.wrapped_key.clone())),
            files::number.eq(&new.number),
            files::dated_on.eq(new.dated_on),
            files::member_id.eq(new.member.map(|id| id.to_string())),
            files::person_id.eq(new.person.map(|id| id.to_string())),
            files::organisation_id.eq(new.organisation.to_string()),
            files::handled_offline.eq(content.is_none()),
            files::revision.eq(new.revision),
            files::uploaded_by.eq(new.uploaded_by.to_string()),
            files::uploaded_at.eq(new.uploaded_at.naive_utc()),
            files::quarantined.eq(false),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// One paper of a dossier.
///
/// # Errors
/// `StoreError` of the database.
pub fn load(tx: &mut ReadTx<'_>, dossier: DossierId, id: FileId) -> Result<Option<File>, StoreError> {
    let row: Option<Row> = files::table
        .filter(files::id.eq(id.to_string()))
        .filter(files::dossier_id.eq(dossier.to_string()))
        .select(columns!())
        .first(tx.db())
        .optional()?;
    Ok(row.map(file))
}

/// All papers of a dossier, oldest first, those that are gone included.
///
/// # Errors
/// `StoreError` of the database.
pub fn of_dossier(tx: &mut ReadTx<'_>, dossier: DossierId) -> Result<Vec<File>, StoreError> {
    let rows: Vec<Row> = files::table
        .filter(files::dossier_id.eq(dossier.to_string()))
        .order(files::id)
        .select(columns!())
        .load(tx.db())?;
    Ok(rows.into_iter().map(file).collect())
}

/// How many papers a dossier has or had.
///
/// # Errors
/// `StoreError` of the database.
pub fn count(tx: &mut ReadTx<'_>, dossier: DossierId) -> Result<i64, StoreError> {
    Ok(files::table.filter(files::dossier_id.eq(dossier.to_string())).count().get_result(tx.db())?)
}

/// The paper of a dossier with this kind and these bytes, unless it is gone.
///
/// # Errors
/// `StoreError` of the database.
pub fn find_same(
    tx: &mut ReadTx<'_>,
    dossier: DossierId,
    kind: FileKind,
    sha256: &str,
) -> Result<Option<File>, StoreError> {
    let row: Option<Row> = files::table
        .filter(files::dossier_id.eq(dossier.to_string()))
        .filter(files::kind.eq(kind.code()))
        .filter(files::sha256.eq(sha256))
        .filter(files::deleted_at.is_null())
        .select(columns!())
        .first(tx.db())
        .optional()?;
    Ok(row.map(file))
}

/// Takes a paper away: its row stays, its key is destroyed, so that nobody can read its bytes from here on.
///
/// # Errors
/// `Stale` when it is gone already.
pub fn take_away(tx: &mut WriteTx<'_>, id: FileId, gone: &Gone) -> Result<(), StoreError> {
    let row = files::table.filter(files::id.eq(id.to_string())).filter(files::deleted_at.is_null());
    let changed = diesel::update(row)
        .set((
            files::wrapped_key.eq(None::<Vec<u8>>),
            files::deleted_at.eq(gone.at.naive_utc()),
            files::deleted_by.eq(gone.by.to_string()),
            files::deleted_why.eq(&gone.why),
            files::quarantined.eq(gone.quarantined),
        ))
        .execute(tx.db())?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Which of these stored files a paper still needs.
///
/// # Errors
/// `StoreError` of the database.
pub fn needed(tx: &mut ReadTx<'_>, objects: &[String]) -> Result<BTreeSet<String>, StoreError> {
    let mut needed = BTreeSet::new();
    for some in objects.chunks(500) {
        let rows: Vec<Option<String>> = files::table
            .filter(files::object.eq_any(some.to_vec()))
            .filter(files::deleted_at.is_null())
            .select(files::object)
            .load(tx.db())?;
        needed.extend(rows.into_iter().flatten());
    }
    Ok(needed)
}

/// Kinds of paper that a dossier has: uploaded and not taken away, or handled offline.
///
/// # Errors
/// `StoreError` of the database.
pub fn kinds_present(tx: &mut ReadTx<'_>, dossier: DossierId) -> Result<BTreeSet<FileKind>, StoreError> {
    let rows: Vec<Word<FileKind>> = files::table
        .filter(files::dossier_id.eq(dossier.to_string()))
        .filter(files::deleted_at.is_null())
        .select(files::kind)
        .distinct()
        .load(tx.db())?;
    Ok(rows.into_iter().map(|word| word.0).collect())
}

/// Kinds of paper of some dossiers at once, as `kinds_present`.
///
/// # Errors
/// `StoreError` of the database.
pub fn kinds_present_of_many(
    tx: &mut ReadTx<'_>,
    ids: &[DossierId],
) -> Result<BTreeMap<DossierId, BTreeSet<FileKind>>, StoreError> {
    let mut found: BTreeMap<DossierId, BTreeSet<FileKind>> = BTreeMap::new();
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    for some in ids.chunks(500) {
        let rows: Vec<(Key<DossierId>, Word<FileKind>)> = files::table
            .filter(files::dossier_id.eq_any(some.to_vec()))
            .filter(files::deleted_at.is_null())
            .select((files::dossier_id, files::kind))
            .distinct()
            .load(tx.db())?;
        for (id, kind) in rows {
            found.entry(id.0).or_default().insert(kind.0);
        }
    }
    Ok(found)
}

/// Those of some dossiers whose request letter was handled offline.
///
/// # Errors
/// `StoreError` of the database.
pub fn letters_offline(tx: &mut ReadTx<'_>, ids: &[DossierId]) -> Result<BTreeSet<DossierId>, StoreError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut found = BTreeSet::new();
    for some in ids.chunks(500) {
        let rows: Vec<Key<DossierId>> = files::table
            .filter(files::dossier_id.eq_any(some.to_vec()))
            .filter(files::kind.eq(FileKind::RequestLetter.code()))
            .filter(files::handled_offline.eq(true))
            .filter(files::deleted_at.is_null())
            .select(files::dossier_id)
            .load(tx.db())?;
        found.extend(rows.into_iter().map(|key| key.0));
    }
    Ok(found)
}
