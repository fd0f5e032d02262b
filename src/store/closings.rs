//! Returns that were closed: what replaces what, their files as they were handed out, and to whom.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::error::StoreError;
use super::schema::{closing_files, closings, hand_overs};
use super::types::{Key, Word};
use super::{ReadTx, WriteTx};
use crate::domain::codes::{Code, Lang};
use crate::domain::ids::{AccountId, ClosingId, HandOverId, OrganisationId};
use crate::domain::report::period::Kind;
use crate::domain::report::{Period, Window};

/// A return that was closed.
#[derive(Debug, Clone)]
pub struct Closing {
    /// Id.
    pub id: ClosingId,
    /// Whose return.
    pub organisation: OrganisationId,
    /// Of which kind of period ..
    pub kind: Kind,
    /// .. which one ..
    pub label: String,
    /// .. cut how.
    pub window: Window,
    /// From 1; higher ones are restatements.
    pub no: i32,
    /// What it replaces.
    pub replaces: Option<ClosingId>,
    /// Why.
    pub reason: Option<String>,
    /// The state of knowledge.
    pub as_of: NaiveDate,
    /// The last day on which it was in time.
    pub due_on: NaiveDate,
    /// The rulebook that was active.
    pub rulebook_version: i32,
    /// What was frozen, as canonical JSON.
    pub manifest: String,
    /// SHA-256 of the manifest.
    pub sha256: String,
    /// Who closed it.
    pub closed_by: AccountId,
    /// When.
    pub closed_at: DateTime<Utc>,
}

/// A file of a closing, sealed.
#[derive(Debug, Clone)]
pub struct SealedFile {
    /// Name.
    pub name: String,
    /// Language.
    pub lang: Lang,
    /// Sealed bytes.
    pub sealed: Vec<u8>,
}

type Row = (
    (Key<ClosingId>, Key<OrganisationId>, Word<Kind>, String, Word<Window>, i32),
    (Option<Key<ClosingId>>, Option<String>, NaiveDate, NaiveDate, i32),
    (String, String, Key<AccountId>, NaiveDateTime),
);

macro_rules! columns {
    () => {
        (
            (
                closings::id,
                closings::organisation_id,
                closings::kind,
                closings::label,
                closings::days,
                closings::no,
            ),
            (
                closings::replaces,
                closings::reason,
                closings::as_of,
                closings::due_on,
                closings::rulebook_version,
            ),
            (closings::manifest, closings::sha256, closings::closed_by, closings::closed_at),
        )
    };
}

fn closing(row: Row) -> Closing {
    let ((id, organisation, kind, label, window, no), why, what) = row;
    let (replaces, reason, as_of, due_on, rulebook_version) = why;
    let (manifest, sha256, closed_by, closed_at) = what;
    Closing {
        id: id.0,
        organisation: organisation.0,
        kind: kind.0,
        label,
        window: window.0,
        no,
        replaces: replaces.map(|id| id.0),
        reason,
        as_of,
        due_on,
        rulebook_version,
        manifest,
        sha256,
        closed_by: closed_by.0,
        closed_at: closed_at.and_utc(),
    }
}

/// Keeps a closing with its files, for ever.
///
/// # Errors
/// `Taken` when somebody closed the same one first.
pub fn insert(tx: &mut WriteTx<'_>, new: &Closing, files: &[SealedFile]) -> Result<(), StoreError> {
    diesel::insert_into(closings::table)
        .values((
            closings::id.eq(new.id.to_string()),
            closings::organisation_id.eq(new.organisation.to_string()),
            closings::kind.eq(new.kind.code()),
            closings::label.eq(&new.label),
            closings::days.eq(new.window.code()),
            closings::no.eq(new.no),
            closings::replaces.eq(new.replaces.map(|id| id.to_string())),
            closings::reason.eq(&new.reason),
            closings::as_of.eq(new.as_of),
            closings::due_on.eq(new.due_on),
            closings::rulebook_version.eq(new.rulebook_version),
            closings::manifest.eq(&new.manifest),
            closings::sha256.eq(&new.sha256),
            closings::closed_by.eq(new.closed_by.to_string()),
            closings::closed_at.eq(new.closed_at.naive_utc()),
        ))
        .execute(tx.db())?;
    for file in files {
        diesel::insert_into(closing_files::table)
            .values((
                closing_files::closing_id.eq(new.id.to_string()),
                closing_files::name.eq(&file.name),
                closing_files::lang.eq(file.lang.code()),
                closing_files::sealed.eq(&file.sealed),
            ))
            .execute(tx.db())?;
    }
    Ok(())
}

/// The closings of a period of an organisation, the first one first.
///
/// # Errors
/// `StoreError` of the database.
pub fn of_period(
    tx: &mut ReadTx<'_>,
    organisation: OrganisationId,
    period: Period,
    window: Window,
) -> Result<Vec<Closing>, StoreError> {
    let rows: Vec<Row> = closings::table
        .filter(closings::organisation_id.eq(organisation.to_string()))
        .filter(closings::kind.eq(period.kind().code()))
        .filter(closings::label.eq(period.label()))
        .filter(closings::days.eq(window.code()))
        .order(closings::no)
        .select(columns!())
        .load(tx.db())?;
    Ok(rows.into_iter().map(closing).collect())
}

/// What a list of periods needs of a closing.
#[derive(Debug, Clone)]
pub struct Brief {
    /// Id.
    pub id: ClosingId,
    /// Of which kind of period ..
    pub kind: Kind,
    /// .. which one.
    pub label: String,
    /// From 1; higher ones are restatements.
    pub no: i32,
    /// The last day on which it was in time.
    pub due_on: NaiveDate,
    /// When.
    pub closed_at: DateTime<Utc>,
}

/// The closings of an organisation in the periods of a year, restatements after what they replace.
///
/// # Errors
/// `StoreError` of the database.
pub fn of_year(
    tx: &mut ReadTx<'_>,
    organisation: OrganisationId,
    window: Window,
    year: i32,
) -> Result<Vec<Brief>, StoreError> {
    type Columns = (Key<ClosingId>, Word<Kind>, String, i32, NaiveDate, NaiveDateTime);
    let rows: Vec<Columns> = closings::table
        .filter(closings::organisation_id.eq(organisation.to_string()))
        .filter(closings::days.eq(window.code()))
        .filter(closings::label.like(format!("{year:04}%")))
        .order((closings::label, closings::no))
        .select((
            closings::id,
            closings::kind,
            closings::label,
            closings::no,
            closings::due_on,
            closings::closed_at,
        ))
        .load(tx.db())?;
    let brief = |(id, kind, label, no, due_on, at): Columns| Brief {
        id: id.0,
        kind: kind.0,
        label,
        no,
        due_on,
        closed_at: at.and_utc(),
    };
    Ok(rows.into_iter().map(brief).collect())
}

/// That a period was closed.
#[derive(Debug, Clone)]
pub struct Closed {
    /// Id.
    pub id: ClosingId,
    /// Whose return.
    pub organisation: OrganisationId,
    /// Of which kind of period ..
    pub kind: Kind,
    /// .. which one ..
    pub label: String,
    /// .. cut how.
    pub window: Window,
    /// When.
    pub closed_at: DateTime<Utc>,
}

type ClosedRow = (Key<ClosingId>, Key<OrganisationId>, Word<Kind>, String, Word<Window>, NaiveDateTime);

const CLOSED: (
    closings::id,
    closings::organisation_id,
    closings::kind,
    closings::label,
    closings::days,
    closings::closed_at,
) = (
    closings::id,
    closings::organisation_id,
    closings::kind,
    closings::label,
    closings::days,
    closings::closed_at,
);

fn closed(row: ClosedRow) -> Closed {
    let (Key(id), Key(organisation), Word(kind), label, Word(window), at) = row;
    Closed { id, organisation, kind, label, window, closed_at: at.and_utc() }
}

/// What these organisations closed of periods with these labels, the first one first.
///
/// # Errors
/// `StoreError` of the database.
pub fn of_labels(
    tx: &mut ReadTx<'_>,
    organisations: &[OrganisationId],
    labels: &[String],
) -> Result<Vec<Closed>, StoreError> {
    let ids: Vec<String> = organisations.iter().map(ToString::to_string).collect();
    let rows: Vec<ClosedRow> = closings::table
        .filter(closings::organisation_id.eq_any(ids))
        .filter(closings::label.eq_any(labels))
        .order((closings::closed_at, closings::id))
        .select(CLOSED)
        .load(tx.db())?;
    Ok(rows.into_iter().map(closed).collect())
}

/// Those of these closings that there are.
///
/// # Errors
/// `StoreError` of the database.
pub fn load_many(tx: &mut ReadTx<'_>, ids: &[ClosingId]) -> Result<Vec<Closed>, StoreError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let found = closings::table.filter(closings::id.eq_any(ids)).select(CLOSED);
    Ok(found.load::<ClosedRow>(tx.db())?.into_iter().map(closed).collect())
}

/// One closing.
///
/// # Errors
/// `StoreError` of the database.
pub fn load(tx: &mut ReadTx<'_>, id: ClosingId) -> Result<Option<Closing>, StoreError> {
    let row: Option<Row> =
        closings::table.find(id.to_string()).select(columns!()).first(tx.db()).optional()?;
    Ok(row.map(closing))
}

/// The sealed bytes of a file.
///
/// # Errors
/// `StoreError` of the database.
pub fn file(
    tx: &mut ReadTx<'_>,
    id: ClosingId,
    name: &str,
    lang: Lang,
) -> Result<Option<Vec<u8>>, StoreError> {
    let key = (id.to_string(), name, lang.code());
    Ok(closing_files::table.find(key).select(closing_files::sealed).first(tx.db()).optional()?)
}

/// A return that was handed over.
#[derive(Debug, Clone)]
pub struct HandOver {
    /// Id.
    pub id: HandOverId,
    /// Which closing.
    pub closing: ClosingId,
    /// To whom.
    pub given_to: String,
    /// When.
    pub given_on: NaiveDate,
    /// How: by post, by hand, by which system.
    pub how: String,
    /// SHA-256 of what was given.
    pub sha256: String,
    /// Who recorded it.
    pub recorded_by: AccountId,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// Records a hand-over.
///
/// # Errors
/// `StoreError` of the database.
pub fn hand_over(tx: &mut WriteTx<'_>, new: &HandOver) -> Result<(), StoreError> {
    diesel::insert_into(hand_overs::table)
        .values((
            hand_overs::id.eq(new.id.to_string()),
            hand_overs::closing_id.eq(new.closing.to_string()),
            hand_overs::given_to.eq(&new.given_to),
            hand_overs::given_on.eq(new.given_on),
            hand_overs::how.eq(&new.how),
            hand_overs::sha256.eq(&new.sha256),
            hand_overs::recorded_by.eq(new.recorded_by.to_string()),
            hand_overs::recorded_at.eq(new.recorded_at.naive_utc()),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// The hand-overs of closings, in the order of recording.
///
/// # Errors
/// `StoreError` of the database.
pub fn hand_overs_of(tx: &mut ReadTx<'_>, ids: &[ClosingId]) -> Result<Vec<HandOver>, StoreError> {
    type Row =
        (Key<HandOverId>, Key<ClosingId>, String, NaiveDate, String, String, Key<AccountId>, NaiveDateTime);
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let rows: Vec<Row> = hand_overs::table
        .filter(hand_overs::closing_id.eq_any(ids))
        .order(hand_overs::id)
        .select((
            hand_overs::id,
            hand_overs::closing_id,
            hand_overs::given_to,
            hand_overs::given_on,
            hand_overs::how,
            hand_overs::sha256,
            hand_overs::recorded_by,
            hand_overs::recorded_at,
        ))
        .load(tx.db())?;
    let given = |(id, closing, given_to, given_on, how, sha256, by, at): Row| HandOver {
        id: id.0,
        closing: closing.0,
        given_to,
        given_on,
        how,
        sha256,
        recorded_by: by.0,
        recorded_at: at.and_utc(),
    };
    Ok(rows.into_iter().map(given).collect())
}
