//! Steps of the approval chain, and what waits for whom.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::error::StoreError;
use super::schema::{dossiers, steps};
use super::types::{Key, Word};
use super::{ReadTx, WriteTx};
use crate::domain::access::Role;
use crate::domain::approval::{Step, StepState, Term};
use crate::domain::calendar::Unit;
use crate::domain::codes::Code;
use crate::domain::dossier::State;
use crate::domain::ids::{DossierId, OrganisationId, StepId};

/// A step with its clock and its words.
#[derive(Debug, Clone)]
pub struct StoredStep {
    /// The step.
    pub step: Step,
    /// Of which revision.
    pub revision: i32,
    /// Words for people, in Vietnamese: those of the day on which the chain was laid.
    pub title_vi: String,
    /// Words for people, in English.
    pub title_en: String,
    /// How long it may take.
    pub clock: Option<Term>,
    /// Last day of its clock, once it is open.
    pub due_on: Option<NaiveDate>,
    /// Since when it is open.
    pub opened_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub closed_at: Option<DateTime<Utc>>,
}

#[derive(Queryable)]
struct Row {
    id: Key<StepId>,
    revision: i32,
    no: i32,
    stage: i32,
    lap: i32,
    kind: String,
    organisation: Key<OrganisationId>,
    role: Word<Role>,
    quorum: i32,
    body: Option<String>,
    binding: bool,
    forward_to: Option<Key<OrganisationId>>,
    titles: (String, String),
    clock: (Option<i32>, Option<Word<Unit>>),
    due_on: Option<NaiveDate>,
    state: Word<StepState>,
    opened_at: Option<NaiveDateTime>,
    closed_at: Option<NaiveDateTime>,
}

macro_rules! columns {
    () => {
        (
            steps::id,
            steps::revision,
            steps::no,
            steps::stage,
            steps::lap,
            steps::kind,
            steps::organisation_id,
            steps::role,
            steps::quorum,
            steps::body,
            steps::binding,
            steps::forward_to,
            (steps::title_vi, steps::title_en),
            (steps::clock, steps::clock_unit),
            steps::due_on,
            steps::state,
            steps::opened_at,
            steps::closed_at,
        )
    };
}

fn stored(row: Row) -> StoredStep {
    let term = |(n, Word(unit)): (i32, Word<Unit>)| Some(Term { n: u32::try_from(n).ok()?, unit });
    StoredStep {
        step: Step {
            id: row.id.0,
            no: row.no,
            stage: row.stage,
            lap: row.lap,
            kind: row.kind,
            organisation: row.organisation.0,
            role: row.role.0,
            quorum: row.quorum,
            state: row.state.0,
            body: row.body,
            binding: row.binding,
            forward_to: row.forward_to.map(|key| key.0),
        },
        revision: row.revision,
        title_vi: row.titles.0,
        title_en: row.titles.1,
        clock: row.clock.0.zip(row.clock.1).and_then(term),
        due_on: row.due_on,
        opened_at: row.opened_at.map(|at| at.and_utc()),
        closed_at: row.closed_at.map(|at| at.and_utc()),
    }
}

/// Steps of a dossier, all revisions, in order.
///
/// # Errors
/// `StoreError` of the database.
pub fn list(tx: &mut ReadTx<'_>, dossier: DossierId) -> Result<Vec<StoredStep>, StoreError> {
    Ok(of_dossiers(tx, &[dossier])?.into_iter().map(|(_, step)| step).collect())
}

/// Steps of some dossiers, all revisions, each dossier's in order.
///
/// # Errors
/// `StoreError` of the database.
pub fn of_dossiers(
    tx: &mut ReadTx<'_>,
    dossiers: &[DossierId],
) -> Result<Vec<(DossierId, StoredStep)>, StoreError> {
    let ids: Vec<String> = dossiers.iter().map(ToString::to_string).collect();
    let mut all = Vec::new();
    for some in ids.chunks(500) {
        let rows: Vec<(Key<DossierId>, Row)> = steps::table
            .filter(steps::dossier_id.eq_any(some.to_vec()))
            .order((steps::dossier_id, steps::revision, steps::no))
            .select((steps::dossier_id, columns!()))
            .load(tx.db())?;
        all.extend(rows.into_iter().map(|(key, row)| (key.0, stored(row))));
    }
    Ok(all)
}

/// Adds a step, waiting.
///
/// # Errors
/// `StoreError` of the database.
pub fn insert(tx: &mut WriteTx<'_>, dossier: DossierId, new: &StoredStep) -> Result<(), StoreError> {
    let step = &new.step;
    diesel::insert_into(steps::table)
        .values((
            steps::id.eq(step.id.to_string()),
            steps::dossier_id.eq(dossier.to_string()),
            steps::revision.eq(new.revision),
            steps::no.eq(step.no),
            steps::stage.eq(step.stage),
            steps::lap.eq(step.lap),
            steps::kind.eq(&step.kind),
            steps::organisation_id.eq(step.organisation.to_string()),
            steps::role.eq(step.role.code()),
            steps::quorum.eq(step.quorum),
            steps::body.eq(&step.body),
            steps::binding.eq(step.binding),
            steps::forward_to.eq(step.forward_to.map(|id| id.to_string())),
            steps::title_vi.eq(&new.title_vi),
            steps::title_en.eq(&new.title_en),
            steps::clock.eq(new.clock.and_then(|term| i32::try_from(term.n).ok())),
            steps::clock_unit.eq(new.clock.map(|term| term.unit.code())),
            steps::state.eq(StepState::Waiting.code()),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Opens a waiting step, with the last day of its clock.
///
/// # Errors
/// `Stale` when it does not wait.
pub fn open(tx: &mut WriteTx<'_>, id: StepId, due_on: Option<NaiveDate>) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    let row =
        steps::table.filter(steps::id.eq(id.to_string())).filter(steps::state.eq(StepState::Waiting.code()));
    let changed = diesel::update(row)
        .set((steps::state.eq(StepState::Open.code()), steps::opened_at.eq(now), steps::due_on.eq(due_on)))
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
            .select((steps::dossier_id, columns!()))
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
