//! Decisions on steps: once a person and lap, append-only, with the mandate under which they were made. The database
//! stands behind four eyes, also behind those of a mandate's giver.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::schema::{accounts, decisions, mandates};
use super::types::{Json, Key, Word};
use super::{ReadTx, WriteTx};
use crate::domain::approval::{Addressee, Given, Verdict};
use crate::domain::codes::{Code, SigningForm};
use crate::domain::ids::{AccountId, DecisionId, DossierId, MandateId, MemberId, PersonId, StepId};

/// What an approval with conditions strikes out of the revision: the frozen values say what it was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Struck {
    /// Members.
    pub members: Vec<MemberId>,
    /// Items of the programme, by place from 0.
    pub programme: Vec<usize>,
}

impl Struck {
    /// Whether nothing is struck.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.programme.is_empty()
    }
}

/// In whose place a decision was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActingFor {
    /// The giver of the mandate.
    pub account: AccountId,
    /// The natural person behind the giver.
    pub person: Option<PersonId>,
    /// The mandate.
    pub mandate: MandateId,
}

/// A decision as stored.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Id.
    pub id: DecisionId,
    /// Revision.
    pub revision: i32,
    /// Lap of the chain within the revision.
    pub lap: i32,
    /// Step.
    pub step: StepId,
    /// Natural person.
    pub person: PersonId,
    /// Account.
    pub account: AccountId,
    /// In whose place.
    pub acting_for: Option<ActingFor>,
    /// What.
    pub verdict: Verdict,
    /// With `return`: to whom.
    pub returned_to: Option<Addressee>,
    /// Why.
    pub comment: Option<String>,
    /// With conditions: which.
    pub conditions: Option<String>,
    /// With conditions: what is struck out.
    pub struck: Struck,
    /// Signing forms.
    pub forms: Vec<SigningForm>,
    /// Hash of the revision's content that was decided on.
    pub content_hash: Vec<u8>,
    /// When.
    pub made_at: DateTime<Utc>,
}

impl Decision {
    /// What the judgement of later decisions needs of it.
    #[must_use]
    pub fn given(&self) -> Given {
        let giver = self.acting_for.and_then(|giver| giver.person);
        Given { step: self.step, person: self.person, giver, verdict: self.verdict }
    }
}

#[derive(Queryable)]
struct Row {
    id: Key<DecisionId>,
    revision: i32,
    lap: i32,
    step: Key<StepId>,
    person: Key<PersonId>,
    account: Key<AccountId>,
    acting_for: Option<Key<AccountId>>,
    giver: Option<Key<PersonId>>,
    mandate: Option<Key<MandateId>>,
    verdict: Word<Verdict>,
    returned_to: Option<Word<Addressee>>,
    comment: Option<String>,
    conditions: Option<String>,
    struck: Option<Json<Struck>>,
    forms: Json<Vec<SigningForm>>,
    content_hash: Vec<u8>,
    made_at: NaiveDateTime,
}

fn decision(row: Row) -> Decision {
    let acting_for = row.acting_for.zip(row.mandate).map(|(account, mandate)| ActingFor {
        account: account.0,
        person: row.giver.map(|key| key.0),
        mandate: mandate.0,
    });
    Decision {
        id: row.id.0,
        revision: row.revision,
        lap: row.lap,
        step: row.step.0,
        person: row.person.0,
        account: row.account.0,
        acting_for,
        verdict: row.verdict.0,
        returned_to: row.returned_to.map(|word| word.0),
        comment: row.comment,
        conditions: row.conditions,
        struck: row.struck.map(|json| json.0).unwrap_or_default(),
        forms: row.forms.0,
        content_hash: row.content_hash,
        made_at: row.made_at.and_utc(),
    }
}

/// Decisions on a dossier, oldest first.
///
/// # Errors
/// `StoreError` of the database.
pub fn list(tx: &mut ReadTx<'_>, dossier: DossierId) -> Result<Vec<Decision>, StoreError> {
    Ok(of_dossiers(tx, &[dossier])?.into_iter().map(|(_, decision)| decision).collect())
}

/// Decisions on some dossiers, oldest first.
///
/// # Errors
/// `StoreError` of the database.
pub fn of_dossiers(
    tx: &mut ReadTx<'_>,
    dossiers: &[DossierId],
) -> Result<Vec<(DossierId, Decision)>, StoreError> {
    let ids: Vec<String> = dossiers.iter().map(ToString::to_string).collect();
    let mut all = Vec::new();
    for some in ids.chunks(500) {
        let rows: Vec<(Key<DossierId>, Row)> = decisions::table
            .left_join(accounts::table.on(accounts::id.nullable().eq(decisions::acting_for)))
            .filter(decisions::dossier_id.eq_any(some.to_vec()))
            .order(decisions::id)
            .select((
                decisions::dossier_id,
                (
                    decisions::id,
                    decisions::revision,
                    decisions::lap,
                    decisions::step_id,
                    decisions::person_id,
                    decisions::account_id,
                    decisions::acting_for,
                    accounts::person_id.nullable(),
                    decisions::mandate_id,
                    decisions::decision,
                    decisions::returned_to,
                    decisions::comment,
                    decisions::conditions,
                    decisions::struck,
                    decisions::forms,
                    decisions::content_hash,
                    decisions::made_at,
                ),
            ))
            .load(tx.db())?;
        all.extend(rows.into_iter().map(|(key, row)| (key.0, decision(row))));
    }
    Ok(all)
}

/// A decision under a mandate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByMandate {
    /// Who decided.
    pub holder: AccountId,
    /// In whose place.
    pub giver: AccountId,
    /// Number of the mandate's letter.
    pub letter_number: String,
    /// Its date.
    pub letter_date: NaiveDate,
}

/// The decisions under a mandate on many dossiers, oldest first.
///
/// # Errors
/// `StoreError` of the database.
pub fn mandated_of_many(
    tx: &mut ReadTx<'_>,
    dossiers: &[DossierId],
) -> Result<Vec<(DossierId, ByMandate)>, StoreError> {
    type Row = (Key<DossierId>, Key<AccountId>, Key<AccountId>, String, NaiveDate);
    let ids: Vec<String> = dossiers.iter().map(ToString::to_string).collect();
    let mut all = Vec::new();
    for some in ids.chunks(500) {
        let rows: Vec<Row> = decisions::table
            .inner_join(mandates::table.on(decisions::mandate_id.eq(mandates::id.nullable())))
            .filter(decisions::dossier_id.eq_any(some.to_vec()))
            .order(decisions::id)
            .select((
                decisions::dossier_id,
                decisions::account_id,
                mandates::giver_id,
                mandates::letter_number,
                mandates::letter_date,
            ))
            .load(tx.db())?;
        all.extend(rows.into_iter().map(|(key, holder, giver, letter_number, letter_date)| {
            (key.0, ByMandate { holder: holder.0, giver: giver.0, letter_number, letter_date })
        }));
    }
    Ok(all)
}

/// Adds a decision.
///
/// # Errors
/// `Guarded` when the person, or the giver of the mandate, is an author or traveller, or when giver and holder spoke
/// already; `Taken` when the person decided in this lap.
pub fn insert(tx: &mut WriteTx<'_>, dossier: DossierId, new: &Decision) -> Result<(), StoreError> {
    let corrupt = |cause: serde_json::Error| StoreError::Corrupt(cause.to_string());
    let forms = serde_json::to_string(&new.forms).map_err(corrupt)?;
    let struck = match new.struck.is_empty() {
        true => None,
        false => Some(serde_json::to_string(&new.struck).map_err(corrupt)?),
    };
    diesel::insert_into(decisions::table)
        .values((
            decisions::id.eq(new.id.to_string()),
            decisions::dossier_id.eq(dossier.to_string()),
            decisions::revision.eq(new.revision),
            decisions::lap.eq(new.lap),
            decisions::step_id.eq(new.step.to_string()),
            decisions::person_id.eq(new.person.to_string()),
            decisions::account_id.eq(new.account.to_string()),
            decisions::acting_for.eq(new.acting_for.map(|giver| giver.account.to_string())),
            decisions::mandate_id.eq(new.acting_for.map(|giver| giver.mandate.to_string())),
            decisions::decision.eq(new.verdict.code()),
            decisions::returned_to.eq(new.returned_to.map(Code::code)),
            decisions::comment.eq(&new.comment),
            decisions::conditions.eq(&new.conditions),
            decisions::struck.eq(struck),
            decisions::forms.eq(forms),
            decisions::content_hash.eq(&new.content_hash),
            decisions::made_at.eq(new.made_at.naive_utc()),
        ))
        .execute(tx.db())?;
    Ok(())
}
