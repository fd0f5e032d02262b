//! Obligations of dossiers: adding, moving, dropping, discharging and listing them, and the one digest a day. Times
//! are UTC in the database and Vietnam's wall clock everywhere else.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::dossiers::{scoped, within};
use super::error::StoreError;
use super::schema::{digests, dossier_parties, dossiers, obligations};
use super::types::{Key, Word};
use super::{ReadTx, WriteTx};
use crate::clock::{from_vietnam, in_vietnam};
use crate::domain::access::{Role, Scope};
use crate::domain::calendar::Unit;
use crate::domain::codes::{Code, codes};
use crate::domain::ids::{AccountId, DossierId, FileId, ObligationId, OrganisationId};
use crate::domain::obligation::{Done, Given, Obligation, ObligationKind, ObligationState, Planned, Proof};

codes! {
    /// Which obligations to list.
    Listed {
        /// Owed, overdue or not.
        Open = "open",
        /// Owed, and their time is over.
        Overdue = "overdue",
        /// Done.
        Done = "done",
    }
}

/// Where a page of obligations ended: due time and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct After {
    due_at: NaiveDateTime,
    id: ObligationId,
}

impl After {
    /// The place of an obligation in a list.
    #[must_use]
    pub fn of(obligation: &Obligation) -> Self {
        Self { due_at: utc(obligation.planned.due_at), id: obligation.id }
    }
}

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.due_at.and_utc().timestamp_micros(), self.id)
    }
}

impl FromStr for After {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (micros, id) = text.split_once(' ').ok_or(())?;
        let due_at = micros.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or(())?;
        Ok(Self { due_at: due_at.naive_utc(), id: id.parse().map_err(|_none| ())? })
    }
}

#[derive(Queryable)]
struct Row {
    id: Key<ObligationId>,
    dossier_id: Key<DossierId>,
    revision: i32,
    rule: String,
    kind: Word<ObligationKind>,
    key: String,
    title_vi: String,
    title_en: String,
    role: Word<Role>,
    organisation_id: Key<OrganisationId>,
    due_at: NaiveDateTime,
    unit: Word<Unit>,
    proof: Word<Proof>,
    state: Word<ObligationState>,
    proof_number: Option<String>,
    proof_date: Option<NaiveDate>,
    proof_note: Option<String>,
    proof_file_id: Option<Key<FileId>>,
    done_by: Option<Key<AccountId>>,
    done_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
}

macro_rules! columns {
    () => {
        (
            obligations::id,
            obligations::dossier_id,
            obligations::revision,
            obligations::rule,
            obligations::kind,
            obligations::key,
            obligations::title_vi,
            obligations::title_en,
            obligations::role,
            obligations::organisation_id,
            obligations::due_at,
            obligations::unit,
            obligations::proof,
            obligations::state,
            obligations::proof_number,
            obligations::proof_date,
            obligations::proof_note,
            obligations::proof_file_id,
            obligations::done_by,
            obligations::done_at,
            obligations::created_at,
        )
    };
}

fn utc(wall: NaiveDateTime) -> NaiveDateTime {
    from_vietnam(wall).naive_utc()
}

fn wall(utc: NaiveDateTime) -> NaiveDateTime {
    in_vietnam(utc.and_utc()).naive_local()
}

fn obligation(row: Row) -> Obligation {
    let given = Given {
        number: row.proof_number,
        date: row.proof_date,
        note: row.proof_note,
        file: row.proof_file_id.map(|key| key.0),
    };
    let done = row.done_by.zip(row.done_at).map(|(by, at)| Done { by: by.0, at: wall(at), given });
    Obligation {
        id: row.id.0,
        dossier: row.dossier_id.0,
        revision: row.revision,
        planned: Planned {
            rule: row.rule,
            kind: row.kind.0,
            key: row.key,
            title_vi: row.title_vi,
            title_en: row.title_en,
            role: row.role.0,
            organisation: row.organisation_id.0,
            due_at: wall(row.due_at),
            unit: row.unit.0,
            proof: row.proof.0,
        },
        state: row.state.0,
        since: wall(row.created_at),
        done,
    }
}

/// Adds an open obligation.
///
/// # Errors
/// `Taken` when the dossier has one of this rule and key.
pub fn insert(
    tx: &mut WriteTx<'_>,
    dossier: DossierId,
    revision: i32,
    new: &Planned,
) -> Result<ObligationId, StoreError> {
    let (id, now) = (tx.fresh::<ObligationId>(), tx.now().naive_utc());
    diesel::insert_into(obligations::table)
        .values((
            obligations::id.eq(id.to_string()),
            obligations::dossier_id.eq(dossier.to_string()),
            obligations::revision.eq(revision),
            obligations::rule.eq(&new.rule),
            obligations::kind.eq(new.kind.code()),
            obligations::key.eq(&new.key),
            obligations::title_vi.eq(&new.title_vi),
            obligations::title_en.eq(&new.title_en),
            obligations::role.eq(new.role.code()),
            obligations::organisation_id.eq(new.organisation.to_string()),
            obligations::due_at.eq(utc(new.due_at)),
            obligations::unit.eq(new.unit.code()),
            obligations::proof.eq(new.proof.code()),
            obligations::state.eq(ObligationState::Open.code()),
            obligations::created_at.eq(now),
        ))
        .execute(tx.db())?;
    Ok(id)
}

/// Writes what is planned now over an obligation that is not done, and opens it.
///
/// # Errors
/// `Stale` when it was done meanwhile.
pub fn replan(
    tx: &mut WriteTx<'_>,
    id: ObligationId,
    revision: i32,
    new: &Planned,
) -> Result<(), StoreError> {
    let row = obligations::table
        .filter(obligations::id.eq(id.to_string()))
        .filter(obligations::state.ne(ObligationState::Done.code()));
    let changed = diesel::update(row)
        .set((
            obligations::revision.eq(revision),
            obligations::kind.eq(new.kind.code()),
            obligations::title_vi.eq(&new.title_vi),
            obligations::title_en.eq(&new.title_en),
            obligations::role.eq(new.role.code()),
            obligations::organisation_id.eq(new.organisation.to_string()),
            obligations::due_at.eq(utc(new.due_at)),
            obligations::unit.eq(new.unit.code()),
            obligations::proof.eq(new.proof.code()),
            obligations::state.eq(ObligationState::Open.code()),
        ))
        .execute(tx.db())?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Drops an open obligation.
///
/// # Errors
/// `Stale` when it is open no more.
pub fn drop_open(tx: &mut WriteTx<'_>, id: ObligationId) -> Result<(), StoreError> {
    let changed = diesel::update(
        obligations::table
            .filter(obligations::id.eq(id.to_string()))
            .filter(obligations::state.eq(ObligationState::Open.code())),
    )
    .set(obligations::state.eq(ObligationState::Dropped.code()))
    .execute(tx.db())?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Notes that an open obligation was done now: of several at once, one succeeds.
///
/// # Errors
/// `Stale` when it is open no more.
pub fn discharge(
    tx: &mut WriteTx<'_>,
    id: ObligationId,
    by: AccountId,
    given: &Given,
) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    let row = obligations::table
        .filter(obligations::id.eq(id.to_string()))
        .filter(obligations::state.eq(ObligationState::Open.code()));
    let changed = diesel::update(row)
        .set((
            obligations::state.eq(ObligationState::Done.code()),
            obligations::proof_number.eq(&given.number),
            obligations::proof_date.eq(given.date),
            obligations::proof_note.eq(&given.note),
            obligations::proof_file_id.eq(given.file.map(|id| id.to_string())),
            obligations::done_by.eq(by.to_string()),
            obligations::done_at.eq(now),
        ))
        .execute(tx.db())?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Obligations of a dossier, in the order of their due time.
///
/// # Errors
/// `StoreError` of the database.
pub fn of_dossier(tx: &mut ReadTx<'_>, dossier: DossierId) -> Result<Vec<Obligation>, StoreError> {
    of_dossiers(tx, &[dossier])
}

/// Obligations of some dossiers, in the order of their due time.
///
/// # Errors
/// `StoreError` of the database.
pub fn of_dossiers(tx: &mut ReadTx<'_>, ids: &[DossierId]) -> Result<Vec<Obligation>, StoreError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut all = Vec::new();
    for some in ids.chunks(500) {
        let rows: Vec<Row> = obligations::table
            .filter(obligations::dossier_id.eq_any(some.to_vec()))
            .order((obligations::due_at, obligations::id))
            .select(columns!())
            .load(tx.db())?;
        all.extend(rows.into_iter().map(obligation));
    }
    Ok(all)
}

/// Obligations that these roles at these organisations owe or owed, within a scope, after a place, the first due
/// first (done ones too).
///
/// # Errors
/// `StoreError` of the database.
pub fn owed_by(
    tx: &mut ReadTx<'_>,
    scope: &Scope,
    places: &[(Role, OrganisationId)],
    which: Listed,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Obligation>, StoreError> {
    let now = tx.now().naive_utc();
    let mut found = Vec::new();
    for (role, organisation) in places {
        let within = within(tx, scope)?;
        let state = match which {
            Listed::Open | Listed::Overdue => ObligationState::Open,
            Listed::Done => ObligationState::Done,
        };
        let joined = obligations::table
            .inner_join(dossiers::table)
            .filter(obligations::organisation_id.eq(organisation.to_string()))
            .filter(obligations::role.eq(role.code()))
            .filter(obligations::state.eq(state.code()))
            .order((obligations::due_at, obligations::id))
            .limit(limit)
            .select(columns!())
            .into_boxed();
        let mut query = scoped!(joined, within);
        if which == Listed::Overdue {
            query = query.filter(obligations::due_at.lt(now));
        }
        if let Some(after) = after {
            let later = obligations::due_at
                .gt(after.due_at)
                .or(obligations::due_at.eq(after.due_at).and(obligations::id.gt(after.id.to_string())));
            query = query.filter(later);
        }
        let rows: Vec<Row> = query.load(tx.db())?;
        found.extend(rows.into_iter().map(obligation));
    }
    found.sort_by_key(After::of);
    found.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(found)
}

/// Open obligations that are due by the end of a day, whoever owes them.
///
/// # Errors
/// `StoreError` of the database.
pub fn due_by(tx: &mut ReadTx<'_>, day: NaiveDate) -> Result<Vec<Obligation>, StoreError> {
    let next = day.succ_opt().unwrap_or(day).and_hms_opt(0, 0, 0).unwrap_or_default();
    let rows: Vec<Row> = obligations::table
        .filter(obligations::state.eq(ObligationState::Open.code()))
        .filter(obligations::due_at.lt(utc(next)))
        .order((obligations::due_at, obligations::id))
        .select(columns!())
        .load(tx.db())?;
    Ok(rows.into_iter().map(obligation).collect())
}

/// Whether an account had its digest of this day.
///
/// # Errors
/// `StoreError` of the database.
pub fn had_digest(tx: &mut ReadTx<'_>, account: AccountId, day: NaiveDate) -> Result<bool, StoreError> {
    let there: i64 = digests::table.find((account.to_string(), day)).count().get_result(tx.db())?;
    Ok(there > 0)
}

/// Takes an account's digest of this day: of several processes, one succeeds.
///
/// # Errors
/// `Conflict` when another takes it at the same time: run again, it is taken then.
pub fn take_digest(tx: &mut WriteTx<'_>, account: AccountId, day: NaiveDate) -> Result<bool, StoreError> {
    if had_digest(tx, account, day)? {
        return Ok(false);
    }
    let taken = diesel::insert_into(digests::table)
        .values((digests::account_id.eq(account.to_string()), digests::day.eq(day)))
        .execute(tx.db());
    match taken.map_err(StoreError::from) {
        Ok(_) => Ok(true),
        Err(StoreError::Taken { .. }) => Err(StoreError::Conflict),
        Err(other) => Err(other),
    }
}

/// How many obligations of dossiers that these organisations filed are overdue: one statement for all of them.
///
/// # Errors
/// `StoreError` of the database.
pub fn overdue_by_owner(tx: &mut ReadTx<'_>) -> Result<BTreeMap<OrganisationId, u32>, StoreError> {
    let now = tx.now().naive_utc();
    let rows: Vec<(Key<OrganisationId>, i64)> = obligations::table
        .inner_join(dossiers::table)
        .filter(obligations::state.eq(ObligationState::Open.code()))
        .filter(obligations::due_at.lt(now))
        .filter(obligations::organisation_id.eq(dossiers::organisation_id))
        .group_by(obligations::organisation_id)
        .select((obligations::organisation_id, diesel::dsl::count_star()))
        .load(tx.db())?;
    Ok(rows.into_iter().map(|(id, n)| (id.0, u32::try_from(n).unwrap_or(u32::MAX))).collect())
}

/// Whether a file proves that something was done.
///
/// # Errors
/// `StoreError` of the database.
pub fn proves(tx: &mut ReadTx<'_>, file: FileId) -> Result<bool, StoreError> {
    let proven = obligations::table.filter(obligations::proof_file_id.eq(file.to_string()));
    Ok(diesel::select(diesel::dsl::exists(proven)).get_result(tx.db())?)
}
