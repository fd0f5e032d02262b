//! Dossiers: loading and listing within a scope, and the one function that writes the state column, which takes
//! a `Change`.

mod parties;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::error::StoreError;
use super::schema::{
    dossier_countries, dossier_parties, dossiers, issued_papers, number_series, obligations, organisations,
};
use super::types::{Json, Key, Word};
use super::{ReadTx, WriteTx};
use crate::domain::access::Scope;
use crate::domain::codes::{Code, Direction, Field, Origin, Outcome};
use crate::domain::delegation::Content;
use crate::domain::dossier::{Change, Dossier, State};
use crate::domain::ids::{AccountId, DossierId, OrganisationId};
use crate::domain::obligation::ObligationState;
use crate::domain::text;

pub use parties::{
    Authorship, Capacity, accounts_of, add_account, add_author, add_organisation, author_accounts, authors,
    authors_of_many, organisations_of, organisations_of_many,
};

/// A dossier as stored.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Header.
    pub dossier: Dossier,
    /// Content.
    pub content: Content,
    /// Since when it is in this state.
    pub state_since: DateTime<Utc>,
    /// The dossier of which it is a duplicate.
    pub duplicate_of: Option<DossierId>,
    /// Version of the rulebook that it was submitted under.
    pub rulebook_version: i32,
    /// Day by which a supplement is due.
    pub supplement_due_on: Option<NaiveDate>,
    /// Incoming number and time.
    pub incoming: Option<(String, DateTime<Utc>)>,
    /// Actual first day: arrival in the city, or leaving Vietnam.
    pub actual_starts_on: Option<NaiveDate>,
    /// Actual last day.
    pub actual_ends_on: Option<NaiveDate>,
    /// When the report came.
    pub reported_at: Option<DateTime<Utc>>,
    /// Who registered it.
    pub created_by: AccountId,
    /// When.
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable)]
struct Row {
    id: Key<DossierId>,
    direction: Word<Direction>,
    organisation_id: Key<OrganisationId>,
    year: Option<i32>,
    no: Option<i64>,
    state: Word<State>,
    state_since: NaiveDateTime,
    outcome: Option<Word<Outcome>>,
    duplicate_of: Option<Key<DossierId>>,
    origin: Word<Origin>,
    version: i64,
    revision: i32,
    revision_in_force: Option<i32>,
    rulebook_version: i32,
    supplement_due_on: Option<NaiveDate>,
    incoming_number: Option<String>,
    incoming_at: Option<NaiveDateTime>,
    actual_starts_on: Option<NaiveDate>,
    actual_ends_on: Option<NaiveDate>,
    reported_at: Option<NaiveDateTime>,
    details: Json<Content>,
    created_by: Key<AccountId>,
    created_at: NaiveDateTime,
}

macro_rules! columns {
    () => {
        (
            dossiers::id,
            dossiers::direction,
            dossiers::organisation_id,
            dossiers::year,
            dossiers::no,
            dossiers::state,
            dossiers::state_since,
            dossiers::outcome,
            dossiers::duplicate_of,
            dossiers::origin,
            dossiers::version,
            dossiers::revision,
            dossiers::revision_in_force,
            dossiers::rulebook_version,
            dossiers::supplement_due_on,
            dossiers::incoming_number,
            dossiers::incoming_at,
            dossiers::actual_starts_on,
            dossiers::actual_ends_on,
            dossiers::reported_at,
            dossiers::details,
            dossiers::created_by,
            dossiers::created_at,
        )
    };
}

/// The official number: `DV-2025-0001` in, `DR-2025-0001` out.
#[must_use]
pub fn official_code(direction: Direction, year: i32, no: i64) -> String {
    let series = match direction {
        Direction::Inbound => "DV",
        Direction::Outbound => "DR",
    };
    format!("{series}-{year}-{no:04}")
}

fn stored(row: Row, issued: &[(DossierId, i32)]) -> Stored {
    let (Key(id), Word(direction)) = (row.id, row.direction);
    let in_force = row.revision_in_force;
    let code = row.year.zip(row.no).map(|(year, no)| official_code(direction, year, no));
    Stored {
        dossier: Dossier {
            id,
            code,
            direction,
            organisation: row.organisation_id.0,
            state: row.state.0,
            outcome: row.outcome.map(|word| word.0),
            origin: row.origin.0,
            version: row.version,
            revision: row.revision,
            revision_in_force: in_force,
            issued: issued.iter().any(|(dossier, revision)| *dossier == id && Some(*revision) == in_force),
            arrived: row.actual_starts_on.is_some(),
        },
        content: row.details.0,
        state_since: row.state_since.and_utc(),
        duplicate_of: row.duplicate_of.map(|key| key.0),
        rulebook_version: row.rulebook_version,
        supplement_due_on: row.supplement_due_on,
        incoming: row.incoming_number.zip(row.incoming_at.map(|at| at.and_utc())),
        actual_starts_on: row.actual_starts_on,
        actual_ends_on: row.actual_ends_on,
        reported_at: row.reported_at.map(|at| at.and_utc()),
        created_by: row.created_by.0,
        created_at: row.created_at.and_utc(),
    }
}

/// The ids in a scope, worked out once per query: subtrees become lists of organisations.
pub(in crate::store) struct Within {
    pub(in crate::store) all: bool,
    pub(in crate::store) owners: Vec<String>,
    pub(in crate::store) parties: Vec<String>,
    pub(in crate::store) account: String,
    pub(in crate::store) givers: Vec<String>,
}

pub(in crate::store) fn within(tx: &mut ReadTx<'_>, scope: &Scope) -> Result<Within, StoreError> {
    let paths: Vec<(String, String)> = match scope.all {
        true => Vec::new(),
        false => organisations::table.select((organisations::id, organisations::path)).load(tx.db())?,
    };
    let owned = |path: &String| scope.paths.iter().any(|prefix| path.starts_with(prefix));
    let account = scope.account.to_string();
    Ok(Within {
        all: scope.all,
        owners: paths.into_iter().filter(|(_, path)| owned(path)).map(|(id, _)| id).collect(),
        parties: scope.organisations.iter().map(ToString::to_string).chain([account.clone()]).collect(),
        account,
        givers: scope.givers.iter().map(ToString::to_string).collect(),
    })
}

macro_rules! scoped {
    ($query:expr, $within:expr) => {{
        let within = $within;
        let mut query = $query;
        if !within.all {
            let as_party = dossier_parties::table
                .filter(dossier_parties::party_id.eq_any(within.parties))
                .select(dossier_parties::dossier_id);
            // Who holds a mandate is not named: he reads what names the giver at a step, while it is in force.
            let for_giver = dossier_parties::party_id
                .eq_any(within.givers)
                .and(dossier_parties::capacity.eq("step"));
            let named = dossier_parties::table
                .filter(dossier_parties::party_id.eq(within.account).or(for_giver))
                .select(dossier_parties::dossier_id);
            query = query
                .filter(dossiers::organisation_id.eq_any(within.owners).or(dossiers::id.eq_any(as_party)))
                .filter(dossiers::confidential.eq(false).or(dossiers::id.eq_any(named)));
        }
        query
    }};
}
pub(in crate::store) use scoped;

fn with_papers(tx: &mut ReadTx<'_>, rows: Vec<Row>) -> Result<Vec<Stored>, StoreError> {
    let ids: Vec<String> =
        rows.iter().filter(|row| row.revision_in_force.is_some()).map(|r| r.id.0.to_string()).collect();
    let issued: Vec<(Key<DossierId>, i32)> = match ids.is_empty() {
        true => Vec::new(),
        false => issued_papers::table
            .filter(issued_papers::dossier_id.eq_any(ids))
            .filter(issued_papers::kind.eq("permit"))
            .select((issued_papers::dossier_id, issued_papers::revision))
            .load(tx.db())?,
    };
    let issued: Vec<(DossierId, i32)> = issued.into_iter().map(|(key, revision)| (key.0, revision)).collect();
    Ok(rows.into_iter().map(|row| stored(row, &issued)).collect())
}

/// Loads one dossier within a scope.
///
/// # Errors
/// `StoreError` of the database.
pub fn load(tx: &mut ReadTx<'_>, scope: &Scope, id: DossierId) -> Result<Option<Stored>, StoreError> {
    let within = within(tx, scope)?;
    let query = scoped!(dossiers::table.into_boxed(), within);
    let row: Option<Row> =
        query.filter(dossiers::id.eq(id.to_string())).select(columns!()).first(tx.db()).optional()?;
    Ok(with_papers(tx, row.into_iter().collect())?.pop())
}

/// Loads some dossiers within a scope.
///
/// # Errors
/// `StoreError` of the database.
pub fn load_many(tx: &mut ReadTx<'_>, scope: &Scope, ids: &[DossierId]) -> Result<Vec<Stored>, StoreError> {
    let within = within(tx, scope)?;
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let query = scoped!(dossiers::table.into_boxed(), within);
    let rows: Vec<Row> = query.filter(dossiers::id.eq_any(ids)).select(columns!()).load(tx.db())?;
    with_papers(tx, rows)
}

/// Whether a dossier exists at all: to tell a denial from a mistyped id, never to the asker.
///
/// # Errors
/// `StoreError` of the database.
pub fn exists(tx: &mut ReadTx<'_>, id: DossierId) -> Result<bool, StoreError> {
    Ok(dossiers::table.find(id.to_string()).count().get_result::<i64>(tx.db())? > 0)
}

/// Which dossiers to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this direction.
    pub direction: Option<Direction>,
    /// Only this state.
    pub state: Option<State>,
    /// Only with this country.
    pub country: Option<String>,
    /// Only filed by this organisation.
    pub organisation: Option<OrganisationId>,
    /// Only beginning on or after this day.
    pub from: Option<NaiveDate>,
    /// Only beginning on or before this day.
    pub to: Option<NaiveDate>,
    /// Only this field of work.
    pub field: Option<Field>,
    /// Only before this id: newest first.
    pub before: Option<DossierId>,
}

/// Lists dossiers within a scope, newest first, at most `limit`.
///
/// # Errors
/// `StoreError` of the database.
pub fn list(
    tx: &mut ReadTx<'_>,
    scope: &Scope,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<Stored>, StoreError> {
    let within = within(tx, scope)?;
    let mut query = scoped!(dossiers::table.into_boxed(), within);
    if let Some(direction) = filter.direction {
        query = query.filter(dossiers::direction.eq(direction.code()));
    }
    if let Some(state) = filter.state {
        query = query.filter(dossiers::state.eq(state.code()));
    }
    if let Some(field) = filter.field {
        query = query.filter(dossiers::primary_field.eq(field.code()));
    }
    if let Some(organisation) = filter.organisation {
        query = query.filter(dossiers::organisation_id.eq(organisation.to_string()));
    }
    if let Some(country) = &filter.country {
        let with = dossier_countries::table
            .filter(dossier_countries::country.eq(country.clone()))
            .select(dossier_countries::dossier_id);
        query = query.filter(dossiers::id.eq_any(with));
    }
    if let Some(from) = filter.from {
        query = query.filter(dossiers::starts_on.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(dossiers::starts_on.le(to));
    }
    if let Some(before) = filter.before {
        query = query.filter(dossiers::id.lt(before.to_string()));
    }
    let rows: Vec<Row> = query.order(dossiers::id.desc()).limit(limit).select(columns!()).load(tx.db())?;
    with_papers(tx, rows)
}

/// Dossiers within a scope that touch a span of days, by planned or actual begin, and all with a pending amendment,
/// because the days in force may not be the ones that are planned now; for the return.
///
/// # Errors
/// `StoreError` of the database.
pub fn touching(
    tx: &mut ReadTx<'_>,
    scope: &Scope,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<Stored>, StoreError> {
    let within = within(tx, scope)?;
    let query = scoped!(dossiers::table.into_boxed(), within);
    let planned = dossiers::starts_on.ge(from).and(dossiers::starts_on.le(to));
    let actual = dossiers::actual_starts_on.ge(from).and(dossiers::actual_starts_on.le(to));
    let amended = dossiers::revision.nullable().ne(dossiers::revision_in_force);
    let draft = dossiers::state.eq(State::Draft.code());
    let pending = dossiers::revision_in_force.is_not_null().and(draft.nullable().or(amended));
    let rows: Vec<Row> =
        query.filter(planned.or(actual).or(pending)).order(dossiers::id).select(columns!()).load(tx.db())?;
    with_papers(tx, rows)
}

/// Returned dossiers whose supplement day has passed.
///
/// # Errors
/// `StoreError` of the database.
pub fn overdue_supplements(
    tx: &mut ReadTx<'_>,
    today: NaiveDate,
    limit: i64,
) -> Result<Vec<Stored>, StoreError> {
    let rows: Vec<Row> = dossiers::table
        .filter(dossiers::state.eq(State::Returned.code()))
        .filter(dossiers::supplement_due_on.lt(today))
        .order(dossiers::id)
        .limit(limit)
        .select(columns!())
        .load(tx.db())?;
    with_papers(tx, rows)
}

/// Dossiers within a scope that something may have to be said about: those that come by `soon` and are neither over
/// nor permitted, those whose permit may be too short, and those with an obligation that is overdue. In the order of
/// their ids, after one of them.
///
/// # Errors
/// `StoreError` of the database.
pub fn alerting(
    tx: &mut ReadTx<'_>,
    scope: &Scope,
    (today, soon): (NaiveDate, NaiveDate),
    after: Option<DossierId>,
    limit: i64,
) -> Result<Vec<Stored>, StoreError> {
    let within = within(tx, scope)?;
    let now = tx.now().naive_utc();
    let mut query = scoped!(dossiers::table.into_boxed(), within);
    if let Some(after) = after {
        query = query.filter(dossiers::id.gt(after.to_string()));
    }
    let codes = |states: &[State]| states.iter().map(|state| state.code()).collect::<Vec<_>>();
    let asked = codes(&[State::Draft, State::Submitted, State::Received, State::Returned, State::Approved]);
    let over = codes(&[State::Cancelled, State::Revoked, State::Closed, State::Lapsed, State::Rejected]);
    let coming = dossiers::state.eq_any(asked).nullable().and(dossiers::starts_on.le(soon));
    let short =
        issued_papers::table.filter(issued_papers::valid_to.is_not_null()).select(issued_papers::dossier_id);
    let permitted = dossiers::state.ne_all(over).and(dossiers::id.eq_any(short));
    let late = obligations::table
        .filter(obligations::state.eq(ObligationState::Open.code()))
        .filter(obligations::due_at.lt(now))
        .select(obligations::dossier_id);
    let going_on = dossiers::ends_on.ge(today).and(coming.or(permitted.nullable()));
    let rows: Vec<Row> = query
        .filter(going_on.or(dossiers::id.eq_any(late).nullable()))
        .order(dossiers::id)
        .limit(limit)
        .select(columns!())
        .load(tx.db())?;
    with_papers(tx, rows)
}

/// Adds a draft.
///
/// # Errors
/// `StoreError` of the database.
pub fn insert(
    tx: &mut WriteTx<'_>,
    id: DossierId,
    owner: OrganisationId,
    content: &Content,
    by: AccountId,
    rulebook: i32,
) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    let details = json(content)?;
    diesel::insert_into(dossiers::table)
        .values((
            dossiers::id.eq(id.to_string()),
            dossiers::kind.eq("delegation"),
            dossiers::direction.eq(content.direction.code()),
            dossiers::organisation_id.eq(owner.to_string()),
            dossiers::title.eq(&content.title),
            dossiers::title_folded.eq(text::folded(&content.title)),
            dossiers::state.eq(State::Draft.code()),
            dossiers::state_since.eq(now),
            dossiers::origin.eq(content.origin.code()),
            dossiers::confidential.eq(content.confidential),
            dossiers::version.eq(1),
            dossiers::revision.eq(0),
            dossiers::rulebook_version.eq(rulebook),
            dossiers::details.eq(details),
            dossiers::created_by.eq(by.to_string()),
            dossiers::created_at.eq(now),
        ))
        .execute(tx.db())?;
    write_content(tx, id, content)
}

fn json(content: &Content) -> Result<String, StoreError> {
    serde_json::to_string(content).map_err(|cause| StoreError::Corrupt(cause.to_string()))
}

/// Writes the content and what is projected from it; goes with an `apply` in the same transaction.
///
/// # Errors
/// `StoreError` of the database.
pub fn write_content(tx: &mut WriteTx<'_>, id: DossierId, content: &Content) -> Result<(), StoreError> {
    let details = json(content)?;
    diesel::update(dossiers::table.filter(dossiers::id.eq(id.to_string())))
        .set((
            dossiers::title.eq(&content.title),
            dossiers::title_folded.eq(text::folded(&content.title)),
            dossiers::lead_host_id.eq(content.lead_host_id.map(|id| id.to_string())),
            dossiers::partner_id.eq(content.partner_id.map(|id| id.to_string())),
            dossiers::primary_field.eq(content.primary_field.map(Code::code)),
            dossiers::starts_on.eq(content.starts_on()),
            dossiers::ends_on.eq(content.ends_on()),
            dossiers::confidential.eq(content.confidential),
            dossiers::origin.eq(content.origin.code()),
            dossiers::details.eq(details),
        ))
        .execute(tx.db())?;
    diesel::delete(dossier_countries::table.filter(dossier_countries::dossier_id.eq(id.to_string())))
        .execute(tx.db())?;
    let mut countries: Vec<&String> =
        content.countries.iter().chain(content.stays.iter().map(|s| &s.country)).collect();
    countries.sort();
    countries.dedup();
    for country in countries {
        diesel::insert_into(dossier_countries::table)
            .values((
                dossier_countries::dossier_id.eq(id.to_string()),
                dossier_countries::country.eq(country),
            ))
            .execute(tx.db())?;
    }
    super::plans::refer(tx, id, content.plan.as_ref().and_then(|plan| plan.item_id))?;
    let hosts =
        [(Capacity::LeadHost, content.lead_host_id.as_slice()), (Capacity::CoHost, &content.co_host_ids)];
    for (capacity, organisations) in hosts {
        let old = dossier_parties::table
            .filter(dossier_parties::dossier_id.eq(id.to_string()))
            .filter(dossier_parties::capacity.eq(capacity.code()));
        diesel::delete(old).execute(tx.db())?;
        for organisation in organisations {
            add_organisation(tx, id, *organisation, capacity)?;
        }
    }
    Ok(())
}

/// Applies a change: the only writer of the state column. The row must still have the state and version that the
/// change was decided on.
///
/// # Errors
/// `Stale` when it has not.
pub fn apply(tx: &mut WriteTx<'_>, id: DossierId, change: &Change) -> Result<(), StoreError> {
    let now = tx.now().naive_utc();
    let row = dossiers::table
        .filter(dossiers::id.eq(id.to_string()))
        .filter(dossiers::state.eq(change.from().code()))
        .filter(dossiers::version.eq(change.version()));
    let changed = diesel::update(row)
        .set((
            dossiers::state.eq(change.to().code()),
            dossiers::version.eq(change.version() + 1),
            dossiers::revision.eq(change.revision()),
            dossiers::revision_in_force.eq(change.revision_in_force()),
            dossiers::outcome.eq(change.outcome().map(Code::code)),
        ))
        .execute(tx.db())?;
    if changed != 1 {
        return Err(StoreError::Stale);
    }
    if change.from() != change.to() {
        diesel::update(dossiers::table.filter(dossiers::id.eq(id.to_string())))
            .set(dossiers::state_since.eq(now))
            .execute(tx.db())?;
    }
    Ok(())
}

/// Pins the rulebook under which a dossier is submitted.
///
/// # Errors
/// `StoreError` of the database.
pub fn pin_rulebook(tx: &mut WriteTx<'_>, id: DossierId, version: i32) -> Result<(), StoreError> {
    diesel::update(dossiers::table.find(id.to_string()))
        .set(dossiers::rulebook_version.eq(version))
        .execute(tx.db())?;
    Ok(())
}

/// Takes the row for this command until its end, and says its version: on PostgreSQL what is read of the dossier
/// afterwards cannot change under the reader's feet. The update is the lock, on both databases.
///
/// # Errors
/// `NotFound` when there is no such dossier.
pub fn lock(tx: &mut WriteTx<'_>, id: DossierId) -> Result<i64, StoreError> {
    let row = dossiers::table.filter(dossiers::id.eq(id.to_string()));
    Ok(diesel::update(row)
        .set(dossiers::version.eq(dossiers::version))
        .returning(dossiers::version)
        .get_result(tx.db())?)
}

/// Notes that something that belongs to the dossier changed, without a move: its papers. Says the new version.
///
/// # Errors
/// `Stale` when the row has another version than was seen.
pub fn touch(tx: &mut WriteTx<'_>, id: DossierId, version: i64) -> Result<i64, StoreError> {
    let row = dossiers::table.filter(dossiers::id.eq(id.to_string())).filter(dossiers::version.eq(version));
    match diesel::update(row).set(dossiers::version.eq(version + 1)).execute(tx.db())? {
        1 => Ok(version + 1),
        _ => Err(StoreError::Stale),
    }
}

/// Gives a dossier its official number, once: the next of its direction and year. The row of the series is the
/// lock, and a rollback gives the number back, so that there are no gaps.
///
/// # Errors
/// `StoreError` of the database.
pub fn number(
    tx: &mut WriteTx<'_>,
    id: DossierId,
    direction: Direction,
    year: i32,
) -> Result<i64, StoreError> {
    let series = number_series::table
        .filter(number_series::direction.eq(direction.code()))
        .filter(number_series::year.eq(year));
    let taken: Option<i64> = diesel::update(series)
        .set(number_series::last_no.eq(number_series::last_no + 1))
        .returning(number_series::last_no)
        .get_result(tx.db())
        .optional()?;
    let no = match taken {
        Some(no) => no,
        None => first_of_series(tx, direction, year)?,
    };
    diesel::update(dossiers::table.filter(dossiers::id.eq(id.to_string())).filter(dossiers::no.is_null()))
        .set((dossiers::year.eq(year), dossiers::no.eq(no)))
        .execute(tx.db())?;
    Ok(no)
}

fn first_of_series(tx: &mut WriteTx<'_>, direction: Direction, year: i32) -> Result<i64, StoreError> {
    let made = diesel::insert_into(number_series::table)
        .values((
            number_series::direction.eq(direction.code()),
            number_series::year.eq(year),
            number_series::last_no.eq(1),
        ))
        .execute(tx.db());
    match made.map_err(StoreError::from) {
        Ok(_) => Ok(1),
        // Two began the year at once: run again and take the next number.
        Err(StoreError::Taken { .. }) => Err(StoreError::Conflict),
        Err(other) => Err(other),
    }
}

/// Columns beside state and content that single commands write.
#[derive(Debug, Clone, AsChangeset, Default)]
#[diesel(table_name = dossiers)]
pub struct Facts {
    /// Incoming number.
    pub incoming_number: Option<String>,
    /// Incoming time, UTC.
    pub incoming_at: Option<NaiveDateTime>,
    /// Supplement day.
    pub supplement_due_on: Option<NaiveDate>,
    /// Actual first day.
    pub actual_starts_on: Option<NaiveDate>,
    /// Actual last day.
    pub actual_ends_on: Option<NaiveDate>,
    /// When the report came, UTC.
    pub reported_at: Option<NaiveDateTime>,
    /// The other dossier.
    pub duplicate_of: Option<String>,
}

/// Writes the facts that are there; absent ones stay as they are.
///
/// # Errors
/// `StoreError` of the database.
pub fn write_facts(tx: &mut WriteTx<'_>, id: DossierId, facts: &Facts) -> Result<(), StoreError> {
    diesel::update(dossiers::table.filter(dossiers::id.eq(id.to_string()))).set(facts).execute(tx.db())?;
    Ok(())
}

/// Takes a reported arrival back: nobody came after all.
///
/// # Errors
/// `StoreError` of the database.
pub fn clear_arrival(tx: &mut WriteTx<'_>, id: DossierId) -> Result<(), StoreError> {
    diesel::update(dossiers::table.filter(dossiers::id.eq(id.to_string())))
        .set((
            dossiers::actual_starts_on.eq(None::<NaiveDate>),
            dossiers::actual_ends_on.eq(None::<NaiveDate>),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Loads one dossier whatever the scope: for jobs, which act for nobody.
///
/// # Errors
/// `StoreError` of the database.
pub fn load_any(tx: &mut ReadTx<'_>, id: DossierId) -> Result<Option<Stored>, StoreError> {
    let row: Option<Row> =
        dossiers::table.find(id.to_string()).select(columns!()).first(tx.db()).optional()?;
    Ok(with_papers(tx, row.into_iter().collect())?.pop())
}
