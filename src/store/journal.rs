//! The journal's rows: appending (the head row, updated first, is the lock on both databases) and listing. Nothing
//! here changes or deletes an entry, and triggers refuse whoever tries. The tree over them and its proofs are in `tree`,
//! the walk of the verifier in `audit`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use rand::Rng;

use super::db::Db;
use super::error::StoreError;
use super::schema::{journal, journal_head, journal_values};
use super::{Entry, ReadTx, WriteTx};
use crate::domain::event::Event;
use crate::domain::journal::check::TILE_HEIGHT;
use crate::domain::journal::{Commitment, Frontier, LeafHeader, commit, leaf_bytes, leaf_hash};

pub mod audit;
pub mod tree;

/// Appends an event. Business rows are locked before this: the head row comes last in the lock order.
///
/// # Errors
/// `StoreError` of the database, `Corrupt` when the head does not fit.
pub fn append(tx: &mut WriteTx<'_>, event: Event) -> Result<Entry, StoreError> {
    // The update is the lock: whoever comes second waits here, on PostgreSQL too.
    let (count, frontier): (i64, Vec<u8>) =
        diesel::update(journal_head::table.filter(journal_head::id.eq(1)))
            .set(journal_head::count.eq(journal_head::count + 1))
            .returning((journal_head::count, journal_head::frontier))
            .get_result(tx.db())?;
    let seq = count - 1;
    let corrupt = || StoreError::Corrupt("the journal's head".to_owned());
    let before = u64::try_from(seq).map_err(|_negative| corrupt())?;
    let mut frontier = Frontier::from_stored(before, &frontier).map_err(|_shape| corrupt())?;

    let at = tx.now();
    let header = LeafHeader {
        seq: before,
        at_micros: at.timestamp_micros(),
        installation: tx.installation().to_string(),
        actor: event.actor.map(|id| id.to_string()).unwrap_or_default(),
        organisation: event.organisation.map(|id| id.to_string()).unwrap_or_default(),
        action: event.action.to_owned(),
        object_kind: event.object_kind.to_owned(),
        object_id: event.object_id.clone(),
        request_id: tx.request_id.clone().unwrap_or_default(),
    };
    let salts: Vec<[u8; 16]> = event.values.iter().map(|_| salt()).collect();
    let commitments: Vec<Commitment> = std::iter::zip(&event.values, &salts)
        .map(|(value, salt)| Commitment { name: value.name.clone(), hash: commit(salt, &value.text) })
        .collect();
    let leaf = leaf_bytes(&header, &commitments);
    let hash = leaf_hash(&leaf);
    let mut complete = Vec::new();
    frontier.push_noting(hash, |node, hash| complete.push((node, hash)));

    let counted = event.may_count().then(|| journal_head::counted.eq(count));
    diesel::update(journal_head::table.filter(journal_head::id.eq(1)))
        .set((journal_head::frontier.eq(frontier.to_stored()), counted))
        .execute(tx.db())?;
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    diesel::insert_into(journal::table)
        .values((
            journal::seq.eq(seq),
            journal::leaf.eq(leaf),
            journal::leaf_hash.eq(hash.to_vec()),
            journal::at.eq(at.naive_utc()),
            journal::actor_id.eq(filled(header.actor)),
            journal::organisation_id.eq(filled(header.organisation)),
            journal::action.eq(header.action),
            journal::object_kind.eq(header.object_kind),
            journal::object_id.eq(header.object_id),
            journal::request_id.eq(filled(header.request_id)),
        ))
        .execute(tx.db())?;
    for (node, hash) in complete.into_iter().filter(|(node, _)| node.height % TILE_HEIGHT == 0) {
        tree::insert(tx, node, &hash)?;
    }
    for (value, salt) in std::iter::zip(event.values, salts) {
        diesel::insert_into(journal_values::table)
            .values((
                journal_values::seq.eq(seq),
                journal_values::name.eq(value.name),
                journal_values::salt.eq(salt.to_vec()),
                journal_values::value.eq(value.text),
                journal_values::person_id.eq(value.person.map(|id| id.to_string())),
            ))
            .execute(tx.db())?;
    }
    Ok(Entry { seq })
}

/// How many entries there are, and the Merkle frontier over them.
///
/// # Errors
/// `StoreError` of the database, `Corrupt` when the head does not fit.
pub fn head(tx: &mut ReadTx<'_>) -> Result<Frontier, StoreError> {
    let (count, frontier) = stored_head(tx)?;
    Frontier::from_stored(count, &frontier)
        .map_err(|_shape| StoreError::Corrupt("the journal's head".to_owned()))
}

/// The last entry that may have changed a figure: how many entries there were with it, and its hash; empty before the
/// first. It is the version of everything that is counted.
///
/// # Errors
/// `StoreError` of the database, `Corrupt` when there is no such entry.
pub fn last_counted(tx: &mut ReadTx<'_>) -> Result<(i64, Vec<u8>), StoreError> {
    let entry = journal_head::table.left_join(journal::table.on(journal::seq.eq(journal_head::counted - 1)));
    let last: (i64, Option<Vec<u8>>) =
        entry.select((journal_head::counted, journal::leaf_hash.nullable())).first(tx.db())?;
    match last {
        (counted, None) if counted > 0 => Err(StoreError::Corrupt("the journal's head".to_owned())),
        (counted, hash) => Ok((counted, hash.unwrap_or_default())),
    }
}

fn stored_head(tx: &mut ReadTx<'_>) -> Result<(u64, Vec<u8>), StoreError> {
    let (count, frontier): (i64, Vec<u8>) =
        journal_head::table.select((journal_head::count, journal_head::frontier)).first(tx.db())?;
    let count = u64::try_from(count).map_err(|_sign| StoreError::Corrupt("the journal's head".to_owned()))?;
    Ok((count, frontier))
}

/// The bytes of one entry's leaf.
///
/// # Errors
/// `StoreError` of the database.
pub fn leaf(tx: &mut ReadTx<'_>, seq: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let Ok(seq) = i64::try_from(seq) else { return Ok(None) };
    Ok(journal::table.find(seq).select(journal::leaf).first(tx.db()).optional()?)
}

/// The id of the object that an entry is about.
///
/// # Errors
/// `StoreError` of the database.
pub fn object_of(tx: &mut ReadTx<'_>, seq: i64) -> Result<Option<String>, StoreError> {
    Ok(journal::table.find(seq).select(journal::object_id).first(tx.db()).optional()?)
}

fn salt() -> [u8; 16] {
    let mut salt = [0; 16];
    rand::rng().fill_bytes(&mut salt);
    salt
}

/// Whether nothing was journalled yet.
pub(super) fn is_empty(db: &mut Db) -> Result<bool, StoreError> {
    Ok(journal_head::table.select(journal_head::count).first::<i64>(db)? == 0)
}

/// An entry as lists show it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Position.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Account that acted.
    pub actor_id: Option<String>,
    /// Organisation concerned.
    pub organisation_id: Option<String>,
    /// What happened.
    pub action: String,
    /// Kind of the object.
    pub object_kind: String,
    /// Id of the object.
    pub object_id: String,
    /// Request.
    pub request_id: Option<String>,
    /// Values that were not erased, by name.
    pub values: Vec<(String, String)>,
}

/// Which entries to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those by this account.
    pub actor_id: Option<String>,
    /// Only those about this kind of object.
    pub object_kind: Option<String>,
    /// Only those about this object.
    pub object_id: Option<String>,
    /// Only those about one of these objects; any, if empty.
    pub object_ids: Vec<String>,
    /// Only this action.
    pub action: Option<String>,
    /// Only at or after this instant.
    pub from: Option<DateTime<Utc>>,
    /// Only before this instant.
    pub to: Option<DateTime<Utc>>,
    /// Only before this position (newest first).
    pub before: Option<i64>,
    /// None of these actions.
    pub except: &'static [&'static str],
}

type Columns =
    (i64, chrono::NaiveDateTime, Option<String>, Option<String>, String, String, String, Option<String>);

/// Lists entries, newest first, at most `limit`.
///
/// # Errors
/// `StoreError` of the database.
pub fn list(tx: &mut ReadTx<'_>, filter: &Filter, limit: i64) -> Result<Vec<Listed>, StoreError> {
    let mut query = journal::table
        .select((
            journal::seq,
            journal::at,
            journal::actor_id,
            journal::organisation_id,
            journal::action,
            journal::object_kind,
            journal::object_id,
            journal::request_id,
        ))
        .order(journal::seq.desc())
        .limit(limit)
        .into_boxed();
    if let Some(actor) = &filter.actor_id {
        query = query.filter(journal::actor_id.eq(actor.clone()));
    }
    if let Some(kind) = &filter.object_kind {
        query = query.filter(journal::object_kind.eq(kind.clone()));
    }
    if let Some(id) = &filter.object_id {
        query = query.filter(journal::object_id.eq(id.clone()));
    }
    if !filter.object_ids.is_empty() {
        query = query.filter(journal::object_id.eq_any(filter.object_ids.clone()));
    }
    if let Some(action) = &filter.action {
        query = query.filter(journal::action.eq(action.clone()));
    }
    if let Some(from) = filter.from {
        query = query.filter(journal::at.ge(from.naive_utc()));
    }
    if let Some(to) = filter.to {
        query = query.filter(journal::at.lt(to.naive_utc()));
    }
    if let Some(before) = filter.before {
        query = query.filter(journal::seq.lt(before));
    }
    if !filter.except.is_empty() {
        query = query.filter(journal::action.ne_all(filter.except));
    }
    let rows: Vec<Columns> = query.load(tx.db())?;
    let seqs: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let values: Vec<(i64, String, String)> = journal_values::table
        .filter(journal_values::seq.eq_any(seqs))
        .order((journal_values::seq, journal_values::name))
        .select((journal_values::seq, journal_values::name, journal_values::value))
        .load(tx.db())?;
    let listed = |row: Columns| Listed {
        seq: row.0,
        at: row.1.and_utc(),
        actor_id: row.2,
        organisation_id: row.3,
        action: row.4,
        object_kind: row.5,
        object_id: row.6,
        request_id: row.7,
        values: values.iter().filter(|v| v.0 == row.0).map(|v| (v.1.clone(), v.2.clone())).collect(),
    };
    Ok(rows.into_iter().map(listed).collect())
}

/// What entries about one object ever told under these names, oldest first, as far as it was not erased.
///
/// # Errors
/// `StoreError` of the database.
pub fn told_of(
    tx: &mut ReadTx<'_>,
    object_kind: &str,
    object_id: &str,
    names: &[String],
) -> Result<Vec<(i64, String, String)>, StoreError> {
    let mut told = Vec::new();
    for some in names.chunks(500) {
        let rows: Vec<(i64, String, String)> = journal_values::table
            .inner_join(journal::table.on(journal::seq.eq(journal_values::seq)))
            .filter(journal::object_kind.eq(object_kind))
            .filter(journal::object_id.eq(object_id))
            .filter(journal_values::name.eq_any(some.to_vec()))
            .select((journal_values::seq, journal_values::name, journal_values::value))
            .load(tx.db())?;
        told.extend(rows);
    }
    told.sort_unstable();
    Ok(told)
}

/// Marks a denial as told; `false` when it was told before in this hour.
///
/// # Errors
/// `StoreError` of the database.
pub fn tell_denial(
    tx: &mut WriteTx<'_>,
    session: crate::domain::ids::SessionId,
    action: &str,
    object: &str,
    hour: DateTime<Utc>,
) -> Result<bool, StoreError> {
    use super::schema::told_denials;
    let key = (session.to_string(), action.to_owned(), object.to_owned(), hour.naive_utc());
    let told: i64 = told_denials::table.find(key.clone()).count().get_result(tx.db())?;
    if told > 0 {
        return Ok(false);
    }
    let made = diesel::insert_into(told_denials::table)
        .values((
            told_denials::session_id.eq(key.0),
            told_denials::action.eq(key.1),
            told_denials::object_id.eq(key.2),
            told_denials::hour.eq(key.3),
        ))
        .execute(tx.db());
    match made.map_err(StoreError::from) {
        Ok(_) => Ok(true),
        Err(StoreError::Taken { .. }) => Err(StoreError::Conflict),
        Err(other) => Err(other),
    }
}
