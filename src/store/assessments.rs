//! What every rule said of a submission, one row a round. Ids of rules and names of facts alone: nothing here is about a
//! person.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::error::StoreError;
use super::schema::assessments;
use super::types::{Json, Key};
use super::{ReadTx, WriteTx};
use crate::clock::Instant;
use crate::domain::ids::DossierId;
use crate::domain::rulebook::Said;

/// What the rules said of one round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The round.
    pub revision: i32,
    /// Under which rulebook.
    pub rulebook_version: i32,
    /// When they were asked last.
    pub judged_at: Instant,
    /// What each rule said that concerned it, in order of id.
    pub verdicts: Vec<Said>,
}

type Row = (Key<DossierId>, i32, i32, NaiveDateTime, Json<Vec<Said>>);

fn kept((Key(dossier), revision, rulebook_version, judged_at, Json(verdicts)): Row) -> (DossierId, Kept) {
    (dossier, Kept { revision, rulebook_version, judged_at: judged_at.and_utc(), verdicts })
}

/// Keeps what was said of a round, in the place of what was said of it before.
///
/// # Errors
/// `StoreError` of the database.
pub fn keep(tx: &mut WriteTx<'_>, dossier: DossierId, new: &Kept) -> Result<(), StoreError> {
    let verdicts =
        serde_json::to_string(&new.verdicts).map_err(|cause| StoreError::Corrupt(cause.to_string()))?;
    let judged_at = new.judged_at.naive_utc();
    let again = diesel::update(assessments::table.find((dossier.to_string(), new.revision)))
        .set((assessments::judged_at.eq(judged_at), assessments::verdicts.eq(&verdicts)))
        .execute(tx.db())?;
    if again > 0 {
        return Ok(());
    }
    diesel::insert_into(assessments::table)
        .values((
            assessments::dossier_id.eq(dossier.to_string()),
            assessments::revision.eq(new.revision),
            assessments::rulebook_version.eq(new.rulebook_version),
            assessments::judged_at.eq(judged_at),
            assessments::verdicts.eq(verdicts),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// What was said of one round.
///
/// # Errors
/// `StoreError` of the database.
pub fn load(tx: &mut ReadTx<'_>, dossier: DossierId, revision: i32) -> Result<Option<Kept>, StoreError> {
    let row: Option<Row> =
        assessments::table.find((dossier.to_string(), revision)).first(tx.db()).optional()?;
    Ok(row.map(|row| kept(row).1))
}

/// What was said of every round of some dossiers, the first round first.
///
/// # Errors
/// `StoreError` of the database.
pub fn of_many(tx: &mut ReadTx<'_>, dossiers: &[DossierId]) -> Result<Vec<(DossierId, Kept)>, StoreError> {
    let mut all = Vec::new();
    for some in dossiers.chunks(500) {
        let ids: Vec<String> = some.iter().map(ToString::to_string).collect();
        let rows: Vec<Row> = assessments::table
            .filter(assessments::dossier_id.eq_any(ids))
            .order((assessments::dossier_id, assessments::revision))
            .load(tx.db())?;
        all.extend(rows.into_iter().map(kept));
    }
    Ok(all)
}
