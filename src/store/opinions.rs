//! Opinions: what bodies without accounts answered on paper, as it was recorded. Append-only.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::error::StoreError;
use super::schema::opinions;
use super::types::{Key, Word};
use super::{ReadTx, WriteTx};
use crate::domain::approval::Answer;
use crate::domain::codes::Code;
use crate::domain::ids::{AccountId, DossierId, FileId, OpinionId, StepId};

/// An opinion as recorded.
#[derive(Debug, Clone)]
pub struct Opinion {
    /// Id.
    pub id: OpinionId,
    /// Revision.
    pub revision: i32,
    /// Step.
    pub step: StepId,
    /// The body that answered: never whoever recorded it.
    pub body: String,
    /// What.
    pub answer: Answer,
    /// Number of its paper.
    pub number: Option<String>,
    /// Date of its paper.
    pub dated_on: Option<NaiveDate>,
    /// Its conditions, or why it objects.
    pub conditions: Option<String>,
    /// Handled outside the system: number and date are all that stands here.
    pub handled_offline: bool,
    /// Its paper, if it was uploaded to the dossier.
    pub file: Option<FileId>,
    /// Who recorded it.
    pub recorded_by: AccountId,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

type Row = (
    Key<OpinionId>,
    i32,
    Key<StepId>,
    String,
    Word<Answer>,
    Option<String>,
    Option<NaiveDate>,
    Option<String>,
    bool,
    Option<Key<FileId>>,
    Key<AccountId>,
    NaiveDateTime,
);

fn opinion(row: Row) -> Opinion {
    let (
        Key(id),
        revision,
        Key(step),
        body,
        Word(answer),
        number,
        dated_on,
        conditions,
        offline,
        file,
        by,
        at,
    ) = row;
    Opinion {
        id,
        revision,
        step,
        body,
        answer,
        number,
        dated_on,
        conditions,
        handled_offline: offline,
        file: file.map(|key| key.0),
        recorded_by: by.0,
        recorded_at: at.and_utc(),
    }
}

/// The answers to these dossiers in the order of recording: dossier, revision, body, answer.
///
/// # Errors
/// `StoreError` of the database.
pub fn answers_of_many(
    tx: &mut ReadTx<'_>,
    dossiers: &[DossierId],
) -> Result<Vec<(DossierId, i32, String, Answer)>, StoreError> {
    type Row = (Key<DossierId>, i32, String, Word<Answer>);
    let mut all = Vec::new();
    for some in dossiers.chunks(500) {
        let ids: Vec<String> = some.iter().map(ToString::to_string).collect();
        let rows: Vec<Row> = opinions::table
            .filter(opinions::dossier_id.eq_any(ids))
            .order(opinions::id)
            .select((opinions::dossier_id, opinions::revision, opinions::body, opinions::answer))
            .load(tx.db())?;
        all.extend(rows.into_iter().map(|(id, revision, body, answer)| (id.0, revision, body, answer.0)));
    }
    Ok(all)
}

/// Opinions on a dossier, oldest first.
///
/// # Errors
/// `StoreError` of the database.
pub fn list(tx: &mut ReadTx<'_>, dossier: DossierId) -> Result<Vec<Opinion>, StoreError> {
    Ok(of_dossiers(tx, &[dossier])?.into_iter().map(|(_, opinion)| opinion).collect())
}

/// Opinions on some dossiers, oldest first.
///
/// # Errors
/// `StoreError` of the database.
pub fn of_dossiers(
    tx: &mut ReadTx<'_>,
    dossiers: &[DossierId],
) -> Result<Vec<(DossierId, Opinion)>, StoreError> {
    let ids: Vec<String> = dossiers.iter().map(ToString::to_string).collect();
    let mut all = Vec::new();
    for some in ids.chunks(500) {
        let rows: Vec<(Key<DossierId>, Row)> = opinions::table
            .filter(opinions::dossier_id.eq_any(some.to_vec()))
            .order(opinions::id)
            .select((
                opinions::dossier_id,
                (
                    opinions::id,
                    opinions::revision,
                    opinions::step_id,
                    opinions::body,
                    opinions::answer,
                    opinions::number,
                    opinions::dated_on,
                    opinions::conditions,
                    opinions::handled_offline,
                    opinions::file_id,
                    opinions::recorded_by,
                    opinions::recorded_at,
                ),
            ))
            .load(tx.db())?;
        all.extend(rows.into_iter().map(|(key, row)| (key.0, opinion(row))));
    }
    Ok(all)
}

/// Whether a file is the document of an answer.
///
/// # Errors
/// `StoreError` of the database.
pub fn documented_by(tx: &mut ReadTx<'_>, file: FileId) -> Result<bool, StoreError> {
    let documented = opinions::table.filter(opinions::file_id.eq(file.to_string()));
    Ok(diesel::select(diesel::dsl::exists(documented)).get_result(tx.db())?)
}

/// An answer that was recorded on behalf of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnBehalf {
    /// The body, by its code.
    pub body: String,
    /// Number of its paper.
    pub number: Option<String>,
    /// Date of its paper.
    pub dated_on: Option<NaiveDate>,
    /// Who recorded it.
    pub recorded_by: AccountId,
}

/// The answers that were recorded on behalf of bodies on many dossiers, oldest first.
///
/// # Errors
/// `StoreError` of the database.
pub fn answered_of_many(
    tx: &mut ReadTx<'_>,
    dossiers: &[DossierId],
) -> Result<Vec<(DossierId, OnBehalf)>, StoreError> {
    type Row = (Key<DossierId>, String, Option<String>, Option<NaiveDate>, Key<AccountId>);
    let ids: Vec<String> = dossiers.iter().map(ToString::to_string).collect();
    let mut all = Vec::new();
    for some in ids.chunks(500) {
        let rows: Vec<Row> = opinions::table
            .filter(opinions::dossier_id.eq_any(some.to_vec()))
            .filter(opinions::answer.ne(Answer::NoAnswer.code()))
            .order(opinions::id)
            .select((
                opinions::dossier_id,
                opinions::body,
                opinions::number,
                opinions::dated_on,
                opinions::recorded_by,
            ))
            .load(tx.db())?;
        all.extend(rows.into_iter().map(|(key, body, number, dated_on, by)| {
            (key.0, OnBehalf { body, number, dated_on, recorded_by: by.0 })
        }));
    }
    Ok(all)
}

/// Adds an opinion.
///
/// # Errors
/// `StoreError` of the database.
pub fn insert(tx: &mut WriteTx<'_>, dossier: DossierId, new: &Opinion) -> Result<(), StoreError> {
    diesel::insert_into(opinions::table)
        .values((
            opinions::id.eq(new.id.to_string()),
            opinions::dossier_id.eq(dossier.to_string()),
            opinions::revision.eq(new.revision),
            opinions::step_id.eq(new.step.to_string()),
            opinions::body.eq(&new.body),
            opinions::answer.eq(new.answer.code()),
            opinions::number.eq(&new.number),
            opinions::dated_on.eq(new.dated_on),
            opinions::conditions.eq(&new.conditions),
            opinions::handled_offline.eq(new.handled_offline),
            opinions::file_id.eq(new.file.map(|id| id.to_string())),
            opinions::recorded_by.eq(new.recorded_by.to_string()),
            opinions::recorded_at.eq(new.recorded_at.naive_utc()),
        ))
        .execute(tx.db())?;
    Ok(())
}
