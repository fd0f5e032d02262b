//! Opinions: what bodies without accounts answered on paper, as it was recorded. Append-only.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::error::StoreError;
use super::schema::opinions;
use super::types::{Key, Word};
use super::{ReadTx, WriteTx};
use crate::domain::approval::Answer;
use crate::domain::codes::Code;
use crate::domain::ids::{AccountId, DossierId, OpinionId, StepId};

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
    Key<AccountId>,
    NaiveDateTime,
);

fn opinion(row: Row) -> Opinion {
    let (Key(id), revision, Key(step), body, Word(answer), number, dated_on, conditions, offline, by, at) =
        row;
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
    let rows: Vec<Row> = opinions::table
        .filter(opinions::dossier_id.eq(dossier.to_string()))
        .order(opinions::id)
        .select((
            opinions::id,
            opinions::revision,
            opinions::step_id,
            opinions::body,
            opinions::answer,
            opinions::number,
            opinions::dated_on,
            opinions::conditions,
            opinions::handled_offline,
            opinions::recorded_by,
            opinions::recorded_at,
        ))
        .load(tx.db())?;
    Ok(rows.into_iter().map(opinion).collect())
}

/// Which of many dossiers have answers recorded on behalf of a body, one entry per answer.
///
/// # Errors
/// `StoreError` of the database.
pub fn answered_of_many(tx: &mut ReadTx<'_>, dossiers: &[DossierId]) -> Result<Vec<DossierId>, StoreError> {
    let ids: Vec<String> = dossiers.iter().map(ToString::to_string).collect();
    let mut all = Vec::new();
    for some in ids.chunks(500) {
        let rows: Vec<Key<DossierId>> = opinions::table
            .filter(opinions::dossier_id.eq_any(some.to_vec()))
            .filter(opinions::answer.ne(Answer::NoAnswer.code()))
            .select(opinions::dossier_id)
            .load(tx.db())?;
        all.extend(rows.into_iter().map(|key| key.0));
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
            opinions::recorded_by.eq(new.recorded_by.to_string()),
            opinions::recorded_at.eq(new.recorded_at.naive_utc()),
        ))
        .execute(tx.db())?;
    Ok(())
}
