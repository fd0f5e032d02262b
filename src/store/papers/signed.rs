//! The signed files of issued papers: uploaded papers of the dossier, each kept by its hash. Only one that was taken
//! away is followed by another.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::domain::ids::{AccountId, FileId, PaperId};
use crate::store::error::StoreError;
use crate::store::schema::{files, signed_files};
use crate::store::types::Key;
use crate::store::{ReadTx, WriteTx};

/// The signed file of a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedFile {
    /// Of which paper.
    pub paper: PaperId,
    /// From 1; higher ones stand in for those that were taken away.
    pub no: i32,
    /// The uploaded file.
    pub file: FileId,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Who kept it with the paper.
    pub kept_by: AccountId,
    /// When.
    pub kept_at: DateTime<Utc>,
}

/// Keeps a file with its paper.
///
/// # Errors
/// `Taken` where somebody kept one first.
pub fn insert(tx: &mut WriteTx<'_>, new: &SignedFile) -> Result<(), StoreError> {
    diesel::insert_into(signed_files::table)
        .values((
            signed_files::paper_id.eq(new.paper.to_string()),
            signed_files::no.eq(new.no),
            signed_files::file_id.eq(new.file.to_string()),
            signed_files::sha256.eq(&new.sha256),
            signed_files::kept_by.eq(new.kept_by.to_string()),
            signed_files::kept_at.eq(new.kept_at.naive_utc()),
        ))
        .execute(tx.db())?;
    Ok(())
}

type Row = (Key<PaperId>, i32, Key<FileId>, String, Key<AccountId>, NaiveDateTime, Option<NaiveDateTime>);

/// The signed files of some papers, the first one first; with each, whether it was taken away.
///
/// # Errors
/// `StoreError` of the database.
pub fn of_papers(tx: &mut ReadTx<'_>, papers: &[PaperId]) -> Result<Vec<(SignedFile, bool)>, StoreError> {
    let papers: Vec<String> = papers.iter().map(ToString::to_string).collect();
    let mut found = Vec::new();
    for some in papers.chunks(500) {
        let rows: Vec<Row> = signed_files::table
            .inner_join(files::table.on(files::id.eq(signed_files::file_id)))
            .filter(signed_files::paper_id.eq_any(some.to_vec()))
            .order((signed_files::paper_id, signed_files::no))
            .select((
                signed_files::paper_id,
                signed_files::no,
                signed_files::file_id,
                signed_files::sha256,
                signed_files::kept_by,
                signed_files::kept_at,
                files::deleted_at,
            ))
            .load(tx.db())?;
        found.extend(rows.into_iter().map(|(paper, no, file, sha256, by, at, gone)| {
            let signed =
                SignedFile { paper: paper.0, no, file: file.0, sha256, kept_by: by.0, kept_at: at.and_utc() };
            (signed, gone.is_some())
        }));
    }
    Ok(found)
}

/// Whether a file is the signed one of an issued paper.
///
/// # Errors
/// `StoreError` of the database.
pub fn is_kept(tx: &mut ReadTx<'_>, file: FileId) -> Result<bool, StoreError> {
    let rows = signed_files::table.filter(signed_files::file_id.eq(file.to_string()));
    Ok(rows.count().get_result::<i64>(tx.db())? > 0)
}
