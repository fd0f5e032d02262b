//! Rulebooks as numbered versions that never change, which of them is active, and what the rules said of each
//! submission.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::max;
use diesel::prelude::*;

use super::error::StoreError;
use super::schema::{rulebook_activations, rulebook_versions, submission_findings};
use super::types::{Json, Key};
use super::{ReadTx, WriteTx};
use crate::domain::ids::DossierId;
use crate::domain::rulebook::Source;

/// A version, without its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Number, from 1.
    pub no: i32,
    /// SHA-256 of its files, in hex.
    pub sha256: String,
    /// When it was loaded.
    pub loaded_at: DateTime<Utc>,
}

/// Every version, oldest first.
///
/// # Errors
/// `StoreError` of the database.
pub fn list(tx: &mut ReadTx<'_>) -> Result<Vec<Version>, StoreError> {
    let rows: Vec<(i32, String, NaiveDateTime)> = rulebook_versions::table
        .order(rulebook_versions::no)
        .select((rulebook_versions::no, rulebook_versions::sha256, rulebook_versions::loaded_at))
        .load(tx.db())?;
    let version = |(no, sha256, loaded_at): (i32, String, NaiveDateTime)| Version {
        no,
        sha256,
        loaded_at: loaded_at.and_utc(),
    };
    Ok(rows.into_iter().map(version).collect())
}

/// The files of a version.
///
/// # Errors
/// `StoreError` of the database.
pub fn sources(tx: &mut ReadTx<'_>, no: i32) -> Result<Option<Vec<Source>>, StoreError> {
    let source: Option<Json<Vec<Source>>> =
        rulebook_versions::table.find(no).select(rulebook_versions::source).first(tx.db()).optional()?;
    Ok(source.map(|source| source.0))
}

/// Adds a version and gives its number.
///
/// # Errors
/// `Taken` when the same files are there already.
pub fn insert(tx: &mut WriteTx<'_>, sha256: &str, sources: &[Source]) -> Result<i32, StoreError> {
    let now = tx.now().naive_utc();
    let last: Option<i32> = rulebook_versions::table.select(max(rulebook_versions::no)).first(tx.db())?;
    let no = last.unwrap_or_default() + 1;
    let source = serde_json::to_string(sources).map_err(|cause| StoreError::Corrupt(cause.to_string()))?;
    diesel::insert_into(rulebook_versions::table)
        .values((
            rulebook_versions::no.eq(no),
            rulebook_versions::sha256.eq(sha256),
            rulebook_versions::source.eq(source),
            rulebook_versions::loaded_at.eq(now),
        ))
        .execute(tx.db())?;
    Ok(no)
}

/// The active version's number.
///
/// # Errors
/// `StoreError` of the database.
pub fn active(tx: &mut ReadTx<'_>) -> Result<Option<i32>, StoreError> {
    Ok(rulebook_activations::table
        .order(rulebook_activations::id.desc())
        .select(rulebook_activations::version)
        .first(tx.db())
        .optional()?)
}

/// Makes a version the active one.
///
/// # Errors
/// `StoreError` of the database.
pub fn activate(tx: &mut WriteTx<'_>, no: i32) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    let last: Option<i32> =
        rulebook_activations::table.select(max(rulebook_activations::id)).first(tx.db())?;
    diesel::insert_into(rulebook_activations::table)
        .values((
            rulebook_activations::id.eq(last.unwrap_or_default() + 1),
            rulebook_activations::version.eq(no),
            rulebook_activations::activated_at.eq(now),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// A rule that a submission did not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Of which round.
    pub revision: i32,
    /// The rule's id.
    pub rule: String,
    /// Whether it asks for a lead time: filed late.
    pub late: bool,
    /// Whether it was overridden.
    pub overridden: bool,
    /// Whether it is a rule of law, or one that the city has confirmed.
    pub binding: bool,
}

/// Notes what a submission did not keep.
///
/// # Errors
/// `StoreError` of the database.
pub fn note(tx: &mut WriteTx<'_>, dossier: DossierId, found: &Finding) -> Result<(), StoreError> {
    diesel::insert_into(submission_findings::table)
        .values((
            submission_findings::dossier_id.eq(dossier.to_string()),
            submission_findings::revision.eq(found.revision),
            submission_findings::rule.eq(&found.rule),
            submission_findings::late.eq(found.late),
            submission_findings::overridden.eq(found.overridden),
            submission_findings::binding.eq(found.binding),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// What the submissions of some dossiers did not keep.
///
/// # Errors
/// `StoreError` of the database.
pub fn noted(tx: &mut ReadTx<'_>, ids: &[DossierId]) -> Result<Vec<(DossierId, Finding)>, StoreError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut all = Vec::new();
    for some in ids.chunks(500) {
        let rows: Vec<(Key<DossierId>, i32, String, bool, bool, bool)> = submission_findings::table
            .filter(submission_findings::dossier_id.eq_any(some.to_vec()))
            .order((
                submission_findings::dossier_id,
                submission_findings::revision,
                submission_findings::rule,
            ))
            .load(tx.db())?;
        all.extend(rows.into_iter().map(|(Key(id), revision, rule, late, overridden, binding)| {
            (id, Finding { revision, rule, late, overridden, binding })
        }));
    }
    Ok(all)
}
