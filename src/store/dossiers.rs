//! Dossiers: loading and listing within a scope. What writes them is in `writing.rs`: among it the one function that
//! writes the state column, which takes a `Change`.

mod few;
mod filter;
mod parties;
mod present;
mod search;
mod sorted;
mod writing;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::ReadTx;
use super::error::StoreError;
use super::schema::{dossier_parties, dossiers, issued_papers, obligations, organisations};
use super::types::{Json, Key, Word};
use crate::domain::access::Scope;
use crate::domain::codes::{Code, Direction, Origin, Outcome};
use crate::domain::delegation::Content;
use crate::domain::dossier::{Dossier, State};
use crate::domain::ids::{AccountId, DossierId, OrganisationId};
use crate::domain::obligation::ObligationState;

pub use filter::{Filter, LONGEST_STAY};
pub use parties::{
    Authorship, Capacity, accounts_of, add_account, add_author, add_organisation, author_accounts, authors,
    authors_of_many, organisations_of, organisations_of_many,
};
pub use present::{Present, keys_of_owner, present};
pub use sorted::{Mark, Order, Sort, count, list, parsed_code, sorted};
pub use writing::{
    Facts, apply, clear_arrival, clear_departure, insert, lock, number, pin_rulebook, touch, write_content,
    write_facts,
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

impl Stored {
    /// The house that filed it, and those that host.
    #[must_use]
    pub fn houses(&self) -> Vec<OrganisationId> {
        let hosts = self.content.lead_host_id.iter().chain(&self.content.co_host_ids).copied();
        std::iter::once(self.dossier.organisation).chain(hosts).collect()
    }
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
pub(in crate::store) use columns;

/// The official number: `DV-2025-0001` in, `DR-2025-0001` out.
#[must_use]
pub fn official_code(direction: Direction, year: i32, no: i64) -> String {
    let series = match direction {
        Direction::Inbound => "DV",
        Direction::Outbound => "DR",
    };
    format!("{series}-{year}-{no:04}")
}

fn stored(row: Row, issued: &BTreeSet<(DossierId, i32)>) -> Stored {
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
            issued: in_force.is_some_and(|revision| issued.contains(&(id, revision))),
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
    pub(in crate::store) masked: bool,
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
        masked: scope.masked,
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
                .filter(dossier_parties::dossier_id.eq(dossiers::id))
                .filter(dossier_parties::party_id.eq_any(within.parties));
            // Who holds a mandate is not named: he reads what names the giver at a step, while it is in force.
            let for_giver = dossier_parties::party_id
                .eq_any(within.givers)
                .and(dossier_parties::capacity.eq("step"));
            let named = dossier_parties::table
                .filter(dossier_parties::dossier_id.eq(dossiers::id))
                .filter(dossier_parties::party_id.eq(within.account).or(for_giver));
            query = query.filter(
                dossiers::organisation_id.eq_any(within.owners).or(diesel::dsl::exists(as_party)),
            );
            if !within.masked {
                query = query.filter(dossiers::confidential.eq(false).or(diesel::dsl::exists(named)));
            }
        }
        query
    }};
}
pub(in crate::store) use scoped;

fn with_papers(tx: &mut ReadTx<'_>, rows: Vec<Row>) -> Result<Vec<Stored>, StoreError> {
    let ids: Vec<String> =
        rows.iter().filter(|row| row.revision_in_force.is_some()).map(|r| r.id.0.to_string()).collect();
    let mut issued = BTreeSet::new();
    for some in ids.chunks(500) {
        let found: Vec<(Key<DossierId>, i32)> = issued_papers::table
            .filter(issued_papers::dossier_id.eq_any(some))
            .filter(issued_papers::kind.ne("revocation"))
            .select((issued_papers::dossier_id, issued_papers::revision))
            .load(tx.db())?;
        issued.extend(found.into_iter().map(|(key, revision)| (key.0, revision)));
    }
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

/// The dossiers that were marked as duplicates of one, whoever asks.
///
/// # Errors
/// `StoreError` of the database.
pub fn duplicates_of(tx: &mut ReadTx<'_>, id: DossierId) -> Result<Vec<DossierId>, StoreError> {
    let ids: Vec<Key<DossierId>> = dossiers::table
        .filter(dossiers::duplicate_of.eq(id.to_string()))
        .order(dossiers::id)
        .select(dossiers::id)
        .load(tx.db())?;
    Ok(ids.into_iter().map(|key| key.0).collect())
}

/// The dossier that bears an official number, whoever asks.
///
/// # Errors
/// `StoreError` of the database.
pub fn numbered(tx: &mut ReadTx<'_>, code: &str) -> Result<Option<DossierId>, StoreError> {
    let mut parts = code.splitn(3, '-').skip(1);
    let year = parts.next().and_then(|year| year.parse::<i32>().ok());
    let Some((year, no)) = year.zip(parts.next().and_then(|no| no.parse::<i64>().ok())) else {
        return Ok(None);
    };
    let direction = Direction::ALL.iter().find(|way| official_code(**way, year, no) == code);
    let Some(direction) = direction else { return Ok(None) };
    let id: Option<Key<DossierId>> = dossiers::table
        .filter(dossiers::direction.eq(direction.code()))
        .filter(dossiers::year.eq(year))
        .filter(dossiers::no.eq(no))
        .select(dossiers::id)
        .first(tx.db())
        .optional()?;
    Ok(id.map(|id| id.0))
}

/// Whether a dossier exists at all: to tell a denial from a mistyped id, never to the asker.
///
/// # Errors
/// `StoreError` of the database.
pub fn exists(tx: &mut ReadTx<'_>, id: DossierId) -> Result<bool, StoreError> {
    Ok(dossiers::table.find(id.to_string()).count().get_result::<i64>(tx.db())? > 0)
}

macro_rules! touching {
    ($query:expr, $from:expr, $to:expr) => {{
        let planned = dossiers::starts_on.ge($from).and(dossiers::starts_on.le($to));
        let actual = dossiers::actual_starts_on.ge($from).and(dossiers::actual_starts_on.le($to));
        let amended = dossiers::revision.nullable().ne(dossiers::revision_in_force);
        let draft = dossiers::state.eq(State::Draft.code());
        let pending = dossiers::revision_in_force.is_not_null().and(draft.nullable().or(amended));
        $query.filter(planned.or(actual).or(pending))
    }};
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
    let query = touching!(scoped!(dossiers::table.into_boxed(), within), from, to);
    let rows: Vec<Row> = query.order(dossiers::id).select(columns!()).load(tx.db())?;
    with_papers(tx, rows)
}

/// As `touching`, at most `limit` after one of them, in the order of their ids: for lists that are too long to be read
/// at once.
///
/// # Errors
/// `StoreError` of the database.
pub fn touching_page(
    tx: &mut ReadTx<'_>,
    scope: &Scope,
    (from, to): (NaiveDate, NaiveDate),
    after: Option<DossierId>,
    limit: i64,
) -> Result<Vec<Stored>, StoreError> {
    let within = within(tx, scope)?;
    let mut query = touching!(scoped!(dossiers::table.into_boxed(), within), from, to);
    if let Some(after) = after {
        query = query.filter(dossiers::id.gt(after.to_string()));
    }
    let rows: Vec<Row> = query.order(dossiers::id).limit(limit).select(columns!()).load(tx.db())?;
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
    if let Some(few) = few::pressing(tx, today, now)? {
        query = query.filter(dossiers::id.eq_any(few));
    }
    let rows: Vec<Row> = query
        .filter(going_on.or(dossiers::id.eq_any(late).nullable()))
        .order(dossiers::id)
        .limit(limit)
        .select(columns!())
        .load(tx.db())?;
    with_papers(tx, rows)
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
