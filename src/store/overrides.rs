//! Rules passed by with a reason: asked for by the officer, answered by whom the rule names, one person once.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::dossiers::{scoped, within};
use super::error::StoreError;
use super::schema::{dossier_parties, dossiers, override_answers, overrides};
use super::types::{Key, Word};
use super::{ReadTx, WriteTx};
use crate::domain::access::{Role, Scope};
use crate::domain::codes::Code;
use crate::domain::dossier::State;
use crate::domain::ids::{AccountId, DossierId, OverrideId, PersonId};

/// A request to pass a rule by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Id.
    pub id: OverrideId,
    /// For the submission of which round.
    pub revision: i32,
    /// The rule's id.
    pub rule: String,
    /// In which rulebook.
    pub rulebook_version: i32,
    /// Who may grant it.
    pub role: Role,
    /// How many persons must.
    pub needed: i32,
    /// Hash of the content for which it was asked: another delegation needs another override.
    pub content_hash: String,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub asked_by: AccountId,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// When it was refused.
    pub refused_at: Option<DateTime<Utc>>,
    /// What was answered, in order.
    pub answers: Vec<Answer>,
}

/// An answer to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Who, as a person.
    pub person: PersonId,
    /// With which account.
    pub account: AccountId,
    /// Yes or no.
    pub granted: bool,
    /// In words.
    pub comment: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

impl Override {
    /// Whether the rule may be passed by.
    #[must_use]
    pub fn holds(&self) -> bool {
        let granted = self.answers.iter().filter(|answer| answer.granted).count();
        self.refused_at.is_none() && i32::try_from(granted).unwrap_or(i32::MAX) >= self.needed
    }
}

type Row = (
    Key<OverrideId>,
    Key<DossierId>,
    i32,
    String,
    i32,
    Word<Role>,
    i32,
    String,
    String,
    Key<AccountId>,
    NaiveDateTime,
    Option<NaiveDateTime>,
);

/// The overrides of a dossier, oldest first.
///
/// # Errors
/// `StoreError` of the database.
pub fn of_dossier(tx: &mut ReadTx<'_>, dossier: DossierId) -> Result<Vec<Override>, StoreError> {
    let rows: Vec<Row> = overrides::table
        .filter(overrides::dossier_id.eq(dossier.to_string()))
        .order(overrides::id)
        .load(tx.db())?;
    Ok(with_answers(tx, rows)?.into_iter().map(|(_, one)| one).collect())
}

/// The overrides of some dossiers, oldest first.
///
/// # Errors
/// `StoreError` of the database.
pub fn of_many(
    tx: &mut ReadTx<'_>,
    dossiers: &[DossierId],
) -> Result<Vec<(DossierId, Override)>, StoreError> {
    let mut all = Vec::new();
    for some in dossiers.chunks(500) {
        let ids: Vec<String> = some.iter().map(ToString::to_string).collect();
        let rows: Vec<Row> =
            overrides::table.filter(overrides::dossier_id.eq_any(ids)).order(overrides::id).load(tx.db())?;
        all.extend(with_answers(tx, rows)?);
    }
    Ok(all)
}

/// Requests that wait for an answer of one of these roles, within a scope, oldest first, after one of them: of the
/// next submission of a dossier that waits to be submitted, not refused. Those that enough persons have granted are
/// among them.
///
/// # Errors
/// `StoreError` of the database.
pub fn waiting(
    tx: &mut ReadTx<'_>,
    scope: &Scope,
    roles: &[Role],
    after: Option<OverrideId>,
    limit: i64,
) -> Result<Vec<(DossierId, Override)>, StoreError> {
    let within = within(tx, scope)?;
    let roles: Vec<&str> = roles.iter().map(|role| role.code()).collect();
    let joined = overrides::table
        .inner_join(dossiers::table)
        .filter(dossiers::state.eq_any([State::Draft.code(), State::Returned.code()]))
        .filter(overrides::revision.eq(dossiers::revision + 1))
        .filter(overrides::refused_at.is_null())
        .filter(overrides::role.eq_any(roles))
        .order(overrides::id)
        .limit(limit)
        .select(overrides::all_columns)
        .into_boxed();
    let mut query = scoped!(joined, within);
    if let Some(after) = after {
        query = query.filter(overrides::id.gt(after.to_string()));
    }
    let rows: Vec<Row> = query.load(tx.db())?;
    with_answers(tx, rows)
}

/// The requests of these rows with their answers, in the order of the rows.
fn with_answers(tx: &mut ReadTx<'_>, rows: Vec<Row>) -> Result<Vec<(DossierId, Override)>, StoreError> {
    let ids: Vec<String> = rows.iter().map(|row| row.0.0.to_string()).collect();
    let answers: Vec<(Key<OverrideId>, Key<PersonId>, Key<AccountId>, bool, Option<String>, NaiveDateTime)> =
        override_answers::table
            .filter(override_answers::override_id.eq_any(ids))
            .order((override_answers::answered_at, override_answers::person_id))
            .load(tx.db())?;
    let of = |id: OverrideId| {
        let mine = answers.iter().filter(|answer| answer.0.0 == id);
        mine.map(|(_, person, account, granted, comment, at)| Answer {
            person: person.0,
            account: account.0,
            granted: *granted,
            comment: comment.clone(),
            at: at.and_utc(),
        })
        .collect()
    };
    let one = |row: Row| {
        let (
            Key(id),
            Key(dossier),
            revision,
            rule,
            rulebook_version,
            Word(role),
            needed,
            content_hash,
            reason,
            by,
            at,
            refused,
        ) = row;
        let one = Override {
            id,
            revision,
            rule,
            rulebook_version,
            role,
            needed,
            content_hash,
            reason,
            asked_by: by.0,
            asked_at: at.and_utc(),
            refused_at: refused.map(|at| at.and_utc()),
            answers: of(id),
        };
        (dossier, one)
    };
    Ok(rows.into_iter().map(one).collect())
}

/// Adds a request.
///
/// # Errors
/// `Taken` when this round has one for the rule.
pub fn insert(tx: &mut WriteTx<'_>, dossier: DossierId, new: &Override) -> Result<(), StoreError> {
    diesel::insert_into(overrides::table)
        .values((
            overrides::id.eq(new.id.to_string()),
            overrides::dossier_id.eq(dossier.to_string()),
            overrides::revision.eq(new.revision),
            overrides::rule.eq(&new.rule),
            overrides::rulebook_version.eq(new.rulebook_version),
            overrides::role.eq(new.role.code()),
            overrides::needed.eq(new.needed),
            overrides::content_hash.eq(&new.content_hash),
            overrides::reason.eq(&new.reason),
            overrides::asked_by.eq(new.asked_by.to_string()),
            overrides::asked_at.eq(new.asked_at.naive_utc()),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Adds an answer; a "no" ends the request.
///
/// # Errors
/// `Taken` when the person has answered, `Guarded` when he or she filed, edited or travels.
pub fn answer(tx: &mut WriteTx<'_>, id: OverrideId, new: &Answer) -> Result<(), StoreError> {
    diesel::insert_into(override_answers::table)
        .values((
            override_answers::override_id.eq(id.to_string()),
            override_answers::person_id.eq(new.person.to_string()),
            override_answers::account_id.eq(new.account.to_string()),
            override_answers::granted.eq(new.granted),
            override_answers::comment.eq(&new.comment),
            override_answers::answered_at.eq(new.at.naive_utc()),
        ))
        .execute(tx.db())?;
    if !new.granted {
        diesel::update(overrides::table.find(id.to_string()))
            .set(overrides::refused_at.eq(new.at.naive_utc()))
            .execute(tx.db())?;
    }
    Ok(())
}
