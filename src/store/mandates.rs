//! Mandates (TUQ.): stored as given, ended and never deleted. In force means: not ended, within its days, and the giver
//! is active and still holds the role.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::accounts::AccountState;
use super::error::StoreError;
use super::schema::{accounts, grants, mandates, organisations};
use super::types::{Json, Key, Word};
use super::{ReadTx, WriteTx};
use crate::clock::day_in_vietnam;
use crate::domain::access::{Held, Role};
use crate::domain::codes::Code;
use crate::domain::ids::{AccountId, MandateId, OrganisationId, PersonId};
use crate::domain::mandate::{Limits, Mandated};

/// A mandate as given.
#[derive(Debug, Clone)]
pub struct Mandate {
    /// Id.
    pub id: MandateId,
    /// Who gave it.
    pub giver: AccountId,
    /// The natural person behind the giver.
    pub giver_person: PersonId,
    /// Who holds it.
    pub holder: AccountId,
    /// The natural person behind the holder.
    pub holder_person: PersonId,
    /// Where.
    pub organisation: OrganisationId,
    /// Whose decisions.
    pub role: Role,
    /// Number of the letter.
    pub letter_number: String,
    /// Date of the letter.
    pub letter_date: NaiveDate,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_to: NaiveDate,
    /// What it covers.
    pub limits: Limits,
    /// Note.
    pub note: Option<String>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was ended before its last day.
    pub ended_at: Option<DateTime<Utc>>,
    /// By whom.
    pub ended_by: Option<AccountId>,
}

impl Mandate {
    /// Whether it says what another one says, for some of the same days.
    #[must_use]
    pub fn repeats(&self, other: &Self) -> bool {
        let same_days = self.valid_from <= other.valid_to && other.valid_from <= self.valid_to;
        same_days && self.limits.clone().in_order() == other.limits.clone().in_order()
    }
}

#[derive(Queryable)]
struct Row {
    id: Key<MandateId>,
    giver: Key<AccountId>,
    giver_person: Key<PersonId>,
    holder: Key<AccountId>,
    holder_person: Key<PersonId>,
    organisation: Key<OrganisationId>,
    role: Word<Role>,
    letter_number: String,
    letter_date: NaiveDate,
    valid_from: NaiveDate,
    valid_to: NaiveDate,
    limits: Json<Limits>,
    note: Option<String>,
    created_at: NaiveDateTime,
    ended_at: Option<NaiveDateTime>,
    ended_by: Option<Key<AccountId>>,
}

fn mandate(row: Row) -> Mandate {
    Mandate {
        id: row.id.0,
        giver: row.giver.0,
        giver_person: row.giver_person.0,
        holder: row.holder.0,
        holder_person: row.holder_person.0,
        organisation: row.organisation.0,
        role: row.role.0,
        letter_number: row.letter_number,
        letter_date: row.letter_date,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        limits: row.limits.0,
        note: row.note,
        created_at: row.created_at.and_utc(),
        ended_at: row.ended_at.map(|at| at.and_utc()),
        ended_by: row.ended_by.map(|key| key.0),
    }
}

macro_rules! columns {
    () => {
        (
            mandates::id,
            mandates::giver_id,
            mandates::giver_person_id,
            mandates::holder_id,
            mandates::holder_person_id,
            mandates::organisation_id,
            mandates::role,
            mandates::letter_number,
            mandates::letter_date,
            mandates::valid_from,
            mandates::valid_to,
            mandates::limits,
            mandates::note,
            mandates::created_at,
            mandates::ended_at,
            mandates::ended_by,
        )
    };
}

/// Adds a mandate.
///
/// # Errors
/// `StoreError` of the database.
pub fn insert(tx: &mut WriteTx<'_>, new: &Mandate) -> Result<(), StoreError> {
    let limits =
        serde_json::to_string(&new.limits).map_err(|cause| StoreError::Corrupt(cause.to_string()))?;
    diesel::insert_into(mandates::table)
        .values((
            mandates::id.eq(new.id.to_string()),
            mandates::giver_id.eq(new.giver.to_string()),
            mandates::giver_person_id.eq(new.giver_person.to_string()),
            mandates::holder_id.eq(new.holder.to_string()),
            mandates::holder_person_id.eq(new.holder_person.to_string()),
            mandates::organisation_id.eq(new.organisation.to_string()),
            mandates::role.eq(new.role.code()),
            mandates::letter_number.eq(&new.letter_number),
            mandates::letter_date.eq(new.letter_date),
            mandates::valid_from.eq(new.valid_from),
            mandates::valid_to.eq(new.valid_to),
            mandates::limits.eq(limits),
            mandates::note.eq(&new.note),
            mandates::created_at.eq(new.created_at.naive_utc()),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Loads a mandate.
///
/// # Errors
/// `StoreError` of the database.
pub fn load(tx: &mut ReadTx<'_>, id: MandateId) -> Result<Option<Mandate>, StoreError> {
    let row: Option<Row> =
        mandates::table.find(id.to_string()).select(columns!()).first(tx.db()).optional()?;
    Ok(row.map(mandate))
}

/// Loads some mandates.
///
/// # Errors
/// `StoreError` of the database.
pub fn load_many(tx: &mut ReadTx<'_>, ids: &[MandateId]) -> Result<Vec<Mandate>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let rows: Vec<Row> = mandates::table
        .filter(mandates::id.eq_any(ids))
        .order(mandates::id)
        .select(columns!())
        .load(tx.db())?;
    Ok(rows.into_iter().map(mandate).collect())
}

/// Mandates, newest first: those that an account gave or holds, or all.
///
/// # Errors
/// `StoreError` of the database.
pub fn list(
    tx: &mut ReadTx<'_>,
    of: Option<AccountId>,
    before: Option<MandateId>,
    limit: i64,
) -> Result<Vec<Mandate>, StoreError> {
    let mut query = mandates::table.select(columns!()).order(mandates::id.desc()).limit(limit).into_boxed();
    if let Some(of) = of {
        let of = of.to_string();
        query = query.filter(mandates::giver_id.eq(of.clone()).or(mandates::holder_id.eq(of)));
    }
    if let Some(before) = before {
        query = query.filter(mandates::id.lt(before.to_string()));
    }
    let rows: Vec<Row> = query.load(tx.db())?;
    Ok(rows.into_iter().map(mandate).collect())
}

/// Mandates of a role at some organisations that covered a day, whoever asks when: within its days, and not ended
/// before it. Whether the giver holds the role today says nothing about that day.
///
/// # Errors
/// `StoreError` of the database.
pub fn covering(
    tx: &mut ReadTx<'_>,
    role: Role,
    organisations: &[OrganisationId],
    day: NaiveDate,
) -> Result<Vec<Mandate>, StoreError> {
    let at: Vec<String> = organisations.iter().map(ToString::to_string).collect();
    let rows: Vec<Row> = mandates::table
        .filter(mandates::role.eq(role.code()))
        .filter(mandates::organisation_id.eq_any(at))
        .filter(mandates::valid_from.le(day))
        .filter(mandates::valid_to.ge(day))
        .order(mandates::id)
        .select(columns!())
        .load(tx.db())?;
    let lasted = |mandate: &Mandate| mandate.ended_at.is_none_or(|at| day_in_vietnam(at) >= day);
    Ok(rows.into_iter().map(mandate).filter(lasted).collect())
}

/// Takes the giver's row until the command is committed: of two mandates that are given at once, the second sees the
/// first.
///
/// # Errors
/// `StoreError` of the database.
pub fn hold_giver(tx: &mut WriteTx<'_>, giver: AccountId) -> Result<(), StoreError> {
    let row = accounts::table.filter(accounts::id.eq(giver.to_string()));
    diesel::update(row).set(accounts::state.eq(accounts::state)).execute(tx.db())?;
    Ok(())
}

/// Mandates that one account gave another for a role at an organisation, and that were not ended.
///
/// # Errors
/// `StoreError` of the database.
pub fn between(
    tx: &mut ReadTx<'_>,
    (giver, holder): (AccountId, AccountId),
    (role, organisation): (Role, OrganisationId),
) -> Result<Vec<Mandate>, StoreError> {
    let rows: Vec<Row> = mandates::table
        .filter(mandates::giver_id.eq(giver.to_string()))
        .filter(mandates::holder_id.eq(holder.to_string()))
        .filter(mandates::role.eq(role.code()))
        .filter(mandates::organisation_id.eq(organisation.to_string()))
        .filter(mandates::ended_at.is_null())
        .order(mandates::id)
        .select(columns!())
        .load(tx.db())?;
    Ok(rows.into_iter().map(mandate).collect())
}

/// Ends a mandate now.
///
/// # Errors
/// `Stale` when it has ended.
pub fn end(tx: &mut WriteTx<'_>, id: MandateId, by: AccountId) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    let row = mandates::table.filter(mandates::id.eq(id.to_string())).filter(mandates::ended_at.is_null());
    let changed = diesel::update(row)
        .set((mandates::ended_at.eq(now), mandates::ended_by.eq(by.to_string())))
        .execute(tx.db())?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Holds a mandate until the command is committed: whoever ends it waits, and what was ended first is not held.
/// Writing the row to itself is the lock that both databases know.
///
/// # Errors
/// `StoreError` of the database.
pub fn hold(tx: &mut WriteTx<'_>, id: MandateId) -> Result<bool, StoreError> {
    let row = mandates::table.filter(mandates::id.eq(id.to_string())).filter(mandates::ended_at.is_null());
    Ok(diesel::update(row).set(mandates::role.eq(mandates::role)).execute(tx.db())? == 1)
}

type HeldRow = (
    Key<AccountId>,
    Key<MandateId>,
    Key<AccountId>,
    Key<PersonId>,
    Json<Limits>,
    Word<Role>,
    Key<OrganisationId>,
    String,
);

macro_rules! in_force {
    ($today:expr) => {
        mandates::table
            .inner_join(accounts::table.on(accounts::id.eq(mandates::giver_id)))
            .inner_join(
                grants::table.on(grants::account_id
                    .eq(mandates::giver_id)
                    .and(grants::role.eq(mandates::role))
                    .and(grants::organisation_id.eq(mandates::organisation_id))
                    .and(grants::valid_to.is_null())),
            )
            .inner_join(organisations::table.on(organisations::id.eq(mandates::organisation_id)))
            .filter(mandates::ended_at.is_null())
            .filter(mandates::valid_from.le($today))
            .filter(mandates::valid_to.ge($today))
            .filter(accounts::state.eq(AccountState::Active.code()))
            .order(mandates::id)
            .select((
                mandates::holder_id,
                mandates::id,
                mandates::giver_id,
                mandates::giver_person_id,
                mandates::limits,
                mandates::role,
                mandates::organisation_id,
                organisations::path,
            ))
    };
}

fn held(row: HeldRow) -> (AccountId, Held) {
    let (Key(holder), Key(id), Key(giver), Key(person), Json(limits), Word(role), Key(organisation), path) =
        row;
    (holder, Held { role, organisation, path, mandate: Some(Mandated { id, giver, person, limits }) })
}

/// What an account holds by mandate today.
///
/// # Errors
/// `StoreError` of the database.
pub fn held_by(tx: &mut ReadTx<'_>, holder: AccountId) -> Result<Vec<Held>, StoreError> {
    let today = day_in_vietnam(tx.now());
    let rows: Vec<HeldRow> =
        in_force!(today).filter(mandates::holder_id.eq(holder.to_string())).load(tx.db())?;
    Ok(rows.into_iter().map(|row| held(row).1).collect())
}

/// Which of these mandates are in force today.
///
/// # Errors
/// `StoreError` of the database.
pub fn in_force(tx: &mut ReadTx<'_>, ids: &[MandateId]) -> Result<Vec<MandateId>, StoreError> {
    let today = day_in_vietnam(tx.now());
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let rows: Vec<HeldRow> = in_force!(today).filter(mandates::id.eq_any(ids)).load(tx.db())?;
    Ok(rows.into_iter().map(|row| row.1.0).collect())
}

/// Who holds a mandate for this role at this organisation today.
///
/// # Errors
/// `StoreError` of the database.
pub fn holders_at(
    tx: &mut ReadTx<'_>,
    role: Role,
    organisation: OrganisationId,
) -> Result<Vec<(AccountId, Mandated)>, StoreError> {
    let today = day_in_vietnam(tx.now());
    let rows: Vec<HeldRow> = in_force!(today)
        .filter(mandates::role.eq(role.code()))
        .filter(mandates::organisation_id.eq(organisation.to_string()))
        .load(tx.db())?;
    Ok(rows.into_iter().map(held).filter_map(|(holder, held)| Some((holder, held.mandate?))).collect())
}
