//! Steps of the approval chain, the decisions on them, and what waits for whom.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::error::StoreError;
use super::schema::{decisions, dossiers, steps};
use super::types::{Json, Key, Word};
use super::{ReadTx, WriteTx};
use crate::domain::access::Role;
use crate::domain::approval::{Given, Step, StepState, Verdict};
use crate::domain::codes::{Code, SigningForm};
use crate::domain::dossier::State;
use crate::domain::ids::{AccountId, DecisionId, DossierId, OrganisationId, PersonId, StepId};

/// A step with its clock.
#[derive(Debug, Clone)]
pub struct StoredStep {
    /// The step.
    pub step: Step,
    /// Of which revision.
    pub revision: i32,
    /// Working days it may take.
    pub working_days: Option<i32>,
    /// Since when it is open.
    pub opened_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub closed_at: Option<DateTime<Utc>>,
}

type Row = (
    Key<StepId>,
    i32,
    i32,
    String,
    Key<OrganisationId>,
    Word<Role>,
    i32,
    Option<i32>,
    Word<StepState>,
    Option<NaiveDateTime>,
    Option<NaiveDateTime>,
);

const COLUMNS: (
    steps::id,
    steps::revision,
    steps::no,
    steps::kind,
    steps::organisation_id,
    steps::role,
    steps::quorum,
    steps::working_days,
    steps::state,
    steps::opened_at,
    steps::closed_at,
) = (
    steps::id,
    steps::revision,
    steps::no,
    steps::kind,
    steps::organisation_id,
    steps::role,
    steps::quorum,
    steps::working_days,
    steps::state,
    steps::opened_at,
    steps::closed_at,
);

fn stored(row: Row) -> StoredStep {
    let (
        Key(id),
        revision,
        no,
        kind,
        Key(organisation),
        Word(role),
        quorum,
        working_days,
        Word(state),
        opened,
        closed,
    ) = row;
    StoredStep {
        step: Step { id, no, kind, organisation, role, quorum, state },
        revision,
        working_days,
        opened_at: opened.map(|at| at.and_utc()),
        closed_at: closed.map(|at| at.and_utc()),
    }
}

/// Steps of a dossier, all revisions, in order.
///
/// # Errors
/// `StoreError` of the database.
pub fn list(tx: &mut ReadTx<'_>, dossier: DossierId) -> Result<Vec<StoredStep>, StoreError> {
    let rows: Vec<Row> = steps::table
        .filter(steps::dossier_id.eq(dossier.to_string()))
        .order((steps::revision, steps::no))
        .select(COLUMNS)
        .load(tx.db())?;
    Ok(rows.into_iter().map(stored).collect())
}

/// Adds a step.
///
/// # Errors
/// `StoreError` of the database.
pub fn insert(tx: &mut WriteTx<'_>, dossier: DossierId, new: &StoredStep) -> Result<(), StoreError> {
    diesel::insert_into(steps::table)
        .values((
            steps::id.eq(new.step.id.to_string()),
            steps::dossier_id.eq(dossier.to_string()),
            steps::revision.eq(new.revision),
            steps::no.eq(new.step.no),
            steps::kind.eq(&new.step.kind),
            steps::organisation_id.eq(new.step.organisation.to_string()),
            steps::role.eq(new.step.role.code()),
            steps::quorum.eq(new.step.quorum),
            steps::working_days.eq(new.working_days),
            steps::state.eq(new.step.state.code()),
            steps::opened_at.eq(new.opened_at.map(|at| at.naive_utc())),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Opens a waiting step.
///
/// # Errors
/// `Stale` when it does not wait.
pub fn open(tx: &mut WriteTx<'_>, id: StepId) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    let row =
        steps::table.filter(steps::id.eq(id.to_string())).filter(steps::state.eq(StepState::Waiting.code()));
    let changed = diesel::update(row)
        .set((steps::state.eq(StepState::Open.code()), steps::opened_at.eq(now)))
        .execute(tx.db())?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Ends an open step.
///
/// # Errors
/// `Stale` when it is not open.
pub fn close(tx: &mut WriteTx<'_>, id: StepId) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    let row =
        steps::table.filter(steps::id.eq(id.to_string())).filter(steps::state.eq(StepState::Open.code()));
    let changed = diesel::update(row)
        .set((steps::state.eq(StepState::Done.code()), steps::closed_at.eq(now)))
        .execute(tx.db())?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Drops what is left of a revision's chain, when the round ended before it.
///
/// # Errors
/// `StoreError` of the database.
pub fn drop_rest(tx: &mut WriteTx<'_>, dossier: DossierId, revision: i32) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    let rest = steps::table
        .filter(steps::dossier_id.eq(dossier.to_string()))
        .filter(steps::revision.eq(revision))
        .filter(steps::state.eq_any([StepState::Waiting.code(), StepState::Open.code()]));
    diesel::update(rest)
        .set((steps::state.eq(StepState::Dropped.code()), steps::closed_at.eq(now)))
        .execute(tx.db())?;
    Ok(())
}

/// A decision as stored.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Id.
    pub id: DecisionId,
    /// Revision.
    pub revision: i32,
    /// Step.
    pub step: StepId,
    /// Natural person.
    pub person: PersonId,
    /// Account.
    pub account: AccountId,
    /// What.
    pub verdict: Verdict,
    /// Why.
    pub comment: Option<String>,
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
        Given { step: self.step, person: self.person, verdict: self.verdict }
    }
}

/// Decisions on a dossier, oldest first.
///
/// # Errors
/// `StoreError` of the database.
pub fn decisions_of(tx: &mut ReadTx<'_>, dossier: DossierId) -> Result<Vec<Decision>, StoreError> {
    type Row = (
        Key<DecisionId>,
        i32,
        Key<StepId>,
        Key<PersonId>,
        Key<AccountId>,
        Word<Verdict>,
        Option<String>,
        Json<Vec<SigningForm>>,
        Vec<u8>,
        NaiveDateTime,
    );
    let rows: Vec<Row> = decisions::table
        .filter(decisions::dossier_id.eq(dossier.to_string()))
        .order(decisions::id)
        .select((
            decisions::id,
            decisions::revision,
            decisions::step_id,
            decisions::person_id,
            decisions::account_id,
            decisions::decision,
            decisions::comment,
            decisions::forms,
            decisions::content_hash,
            decisions::made_at,
        ))
        .load(tx.db())?;
    let decision =
        |(id, revision, step, person, account, verdict, comment, forms, content_hash, made_at): Row| {
            Decision {
                id: id.0,
                revision,
                step: step.0,
                person: person.0,
                account: account.0,
                verdict: verdict.0,
                comment,
                forms: forms.0,
                content_hash,
                made_at: made_at.and_utc(),
            }
        };
    Ok(rows.into_iter().map(decision).collect())
}

/// Adds a decision.
///
/// # Errors
/// `Guarded` when the person is an author or traveller, `Taken` when he or she decided in this revision.
pub fn insert_decision(tx: &mut WriteTx<'_>, dossier: DossierId, new: &Decision) -> Result<(), StoreError> {
    let forms = serde_json::to_string(&new.forms).map_err(|cause| StoreError::Corrupt(cause.to_string()))?;
    diesel::insert_into(decisions::table)
        .values((
            decisions::id.eq(new.id.to_string()),
            decisions::dossier_id.eq(dossier.to_string()),
            decisions::revision.eq(new.revision),
            decisions::step_id.eq(new.step.to_string()),
            decisions::person_id.eq(new.person.to_string()),
            decisions::account_id.eq(new.account.to_string()),
            decisions::decision.eq(new.verdict.code()),
            decisions::comment.eq(&new.comment),
            decisions::forms.eq(forms),
            decisions::content_hash.eq(&new.content_hash),
            decisions::made_at.eq(new.made_at.naive_utc()),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Open steps of dossiers in the chain at these places, oldest first: what waits for whoever holds these roles.
///
/// # Errors
/// `StoreError` of the database.
pub fn open_at(
    tx: &mut ReadTx<'_>,
    places: &[(Role, OrganisationId)],
    limit: i64,
) -> Result<Vec<(DossierId, StoredStep)>, StoreError> {
    let mut found = Vec::new();
    for (role, organisation) in places {
        let rows: Vec<(Key<DossierId>, Row)> = steps::table
            .inner_join(dossiers::table)
            .filter(steps::role.eq(role.code()))
            .filter(steps::organisation_id.eq(organisation.to_string()))
            .filter(steps::state.eq(StepState::Open.code()))
            .filter(dossiers::state.eq(State::Received.code()))
            .order((steps::opened_at, steps::id))
            .limit(limit)
            .select((steps::dossier_id, COLUMNS))
            .load(tx.db())?;
        found.extend(rows.into_iter().map(|(key, row)| (key.0, stored(row))));
    }
    Ok(found)
}

/// The kind of a dossier's open step.
///
/// # Errors
/// `StoreError` of the database.
pub fn open_kind(tx: &mut ReadTx<'_>, dossier: DossierId) -> Result<Option<String>, StoreError> {
    Ok(steps::table
        .filter(steps::dossier_id.eq(dossier.to_string()))
        .filter(steps::state.eq(StepState::Open.code()))
        .order(steps::no)
        .select(steps::kind)
        .first(tx.db())
        .optional()?)
}
