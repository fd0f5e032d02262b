//! The walk of the verifier over the stored journal, on two threads: each reads slices and checks their entries one by
//! one, while the tree over them is put together in order. An entry never changes once it is committed, so every slice is
//! a short read of its own and no snapshot is held for long.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use diesel::connection::DefaultLoadingMode;
use diesel::dsl::{max, min};
use diesel::prelude::*;

use crate::domain::journal::check::{Evidence, Fault, Misfit, StoredEntry, Verified, Verifier, check_entry};
use crate::domain::journal::note::{SignedNote, VerifierKey};
use crate::domain::journal::tree::{Hash, Node};
use crate::domain::journal::{Leaf, LeafHeader};
use crate::store::error::StoreError;
use crate::store::schema::{installation, journal, journal_nodes, journal_values};
use crate::store::{ReadTx, Store, checkpoints};

/// Entries read at a time: with the number of threads, the memory that it needs. Few enough to stay in a core's cache.
const SLICE: u64 = 512;
/// Threads that read and check.
const THREADS: usize = 2;

/// Recomputes the whole journal and compares it with all that was kept of it, and with `given` checkpoints from
/// elsewhere, signed by one of `keys`. `progress` is told how many entries were checked, of how many.
///
/// # Errors
/// `StoreError` of the database; the inner `Misfit` names the first thing that does not fit.
pub fn verify(
    store: &Store,
    keys: &[VerifierKey],
    given: &[SignedNote],
    mut progress: impl FnMut(u64, u64),
) -> Result<Result<Verified, Misfit>, StoreError> {
    let start = store.read_blocking(|tx| Start::read(tx, keys, given))?;
    let mut verifier = match Verifier::new(&start.installation, start.evidence) {
        Ok(verifier) => verifier,
        Err(misfit) => return Ok(Err(misfit)),
    };
    if start.first < 0 {
        return Ok(Err(Misfit::at(0, Fault::Inserted, "a row has a number below 0")));
    }
    let walked = walk(store, &start.installation, start.end, |hashes| {
        for hash in hashes {
            verifier.push(hash)?;
        }
        progress(verifier.count(), start.end);
        Ok(())
    })?;
    if let Err(misfit) = walked {
        let moved = misfit.fault == Fault::Reordered;
        let later = moved && store.read_blocking(|tx| stands_later(tx, misfit.seq))?;
        return Ok(Err(misfit.settled(later)));
    }
    Ok(verifier.finish(start.count, &start.frontier))
}

/// What is read before the walk, in one snapshot.
struct Start {
    installation: String,
    count: u64,
    frontier: Vec<u8>,
    first: i64,
    /// Behind the last row.
    end: u64,
    evidence: Evidence,
}

impl Start {
    fn read(tx: &mut ReadTx<'_>, keys: &[VerifierKey], given: &[SignedNote]) -> Result<Self, StoreError> {
        let (count, frontier) = super::stored_head(tx)?;
        let (first, last): (Option<i64>, Option<i64>) =
            journal::table.select((min(journal::seq), max(journal::seq))).first(tx.db())?;
        let nodes: Vec<(i32, i64, Vec<u8>)> = journal_nodes::table
            .select((journal_nodes::height, journal_nodes::no, journal_nodes::hash))
            .load(tx.db())?;
        let node = |(height, no, hash): (i32, i64, Vec<u8>)| {
            let node = Node { height: u32::try_from(height).ok()?, index: u64::try_from(no).ok()? };
            Some((node, hash))
        };
        let nodes: Option<BTreeMap<Node, Vec<u8>>> = nodes.into_iter().map(node).collect();
        let nodes = nodes.ok_or_else(|| StoreError::Corrupt("the journal's tree".to_owned()))?;
        Ok(Self {
            installation: installation::table.select(installation::id).first(tx.db())?,
            count,
            frontier,
            first: first.unwrap_or(0),
            end: last.and_then(|last| u64::try_from(last + 1).ok()).unwrap_or(0),
            evidence: Evidence {
                nodes,
                checkpoints: checkpoints::stored(tx)?,
                given: given.to_vec(),
                keys: keys.to_vec(),
            },
        })
    }
}

/// Hashes of one slice's leaves, or where it does not fit, with its number.
type Checked = (u64, Result<Result<Vec<Hash>, Misfit>, StoreError>);

/// Hands the leaf hashes of the first `end` entries out in order, slice by slice.
fn walk(
    store: &Store,
    installation: &str,
    end: u64,
    mut take: impl FnMut(Vec<Hash>) -> Result<(), Misfit>,
) -> Result<Result<(), Misfit>, StoreError> {
    let threads = THREADS.min(usize::try_from(store.readers()).unwrap_or(1)).max(1);
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let (tell, told) = sync_channel(threads * 4);
        for _ in 0..threads {
            let (tell, next) = (tell.clone(), &next);
            scope.spawn(move || check_slices(store, installation, end, next, &tell));
        }
        drop(tell);
        in_order(&told, &mut take)
    })
}

fn in_order(
    told: &Receiver<Checked>,
    take: &mut impl FnMut(Vec<Hash>) -> Result<(), Misfit>,
) -> Result<Result<(), Misfit>, StoreError> {
    let (mut early, mut wanted) = (BTreeMap::new(), 0);
    for (no, checked) in told {
        early.insert(no, checked);
        while let Some(checked) = early.remove(&wanted) {
            if let Err(misfit) = checked?.and_then(&mut *take) {
                return Ok(Err(misfit));
            }
            wanted += 1;
        }
    }
    Ok(Ok(()))
}

/// Takes slices until there are no more, or nobody listens.
fn check_slices(store: &Store, installation: &str, end: u64, next: &AtomicU64, tell: &SyncSender<Checked>) {
    loop {
        let no = next.fetch_add(1, Ordering::Relaxed);
        let first = no * SLICE;
        if first >= end {
            return;
        }
        let until = end.min(first + SLICE);
        let checked = store.read_blocking(|tx| slice(tx, installation, first, until));
        if tell.send((no, checked)).is_err() {
            return;
        }
    }
}

type Row = (
    (i64, chrono::NaiveDateTime, Option<String>, Option<String>, String, String, String, Option<String>),
    Vec<u8>,
    Vec<u8>,
);

/// Checks the entries from `first` to before `until` as they are read, one in memory at a time.
fn slice(
    tx: &mut ReadTx<'_>,
    installation: &str,
    first: u64,
    until: u64,
) -> Result<Result<Vec<Hash>, Misfit>, StoreError> {
    let bound = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let (from, to) = (bound(first), bound(until));
    let mut values = journal_values::table
        .filter(journal_values::seq.ge(from).and(journal_values::seq.lt(to)))
        .order(journal_values::seq)
        .select((journal_values::seq, journal_values::name, journal_values::salt, journal_values::value))
        .load::<(i64, String, Vec<u8>, String)>(tx.db())?
        .into_iter()
        .peekable();
    let rows = journal::table
        .filter(journal::seq.ge(from).and(journal::seq.lt(to)))
        .order(journal::seq)
        .select((
            (
                journal::seq,
                journal::at,
                journal::actor_id,
                journal::organisation_id,
                journal::action,
                journal::object_kind,
                journal::object_id,
                journal::request_id,
            ),
            journal::leaf,
            journal::leaf_hash,
        ))
        .load_iter::<Row, DefaultLoadingMode>(tx.db())?;
    let mut hashes = Vec::with_capacity(usize::try_from(until - first).unwrap_or_default());
    for (row, wanted) in rows.zip(first..) {
        let row = row?;
        let mut own = Vec::new();
        while let Some((_, name, salt, value)) = values.next_if(|value| value.0 <= row.0.0) {
            own.push((name, salt, value));
        }
        match check_entry(&entry(row, own, installation), wanted) {
            Ok(hash) => hashes.push(hash),
            Err(misfit) => return Ok(Err(misfit)),
        }
    }
    match first.saturating_add(u64::try_from(hashes.len()).unwrap_or(u64::MAX)) {
        seq if seq < until => Ok(Err(Misfit::at(seq, Fault::Missing, "there is no such row"))),
        _ => Ok(Ok(hashes)),
    }
}

fn entry(row: Row, values: Vec<(String, Vec<u8>, String)>, installation: &str) -> StoredEntry {
    let ((seq, at, actor, organisation, action, object_kind, object_id, request), leaf, leaf_hash) = row;
    let header = LeafHeader {
        seq: u64::try_from(seq).unwrap_or(u64::MAX),
        at_micros: at.and_utc().timestamp_micros(),
        installation: installation.to_owned(),
        actor: actor.unwrap_or_default(),
        organisation: organisation.unwrap_or_default(),
        action,
        object_kind,
        object_id,
        request_id: request.unwrap_or_default(),
    };
    StoredEntry { header, leaf, leaf_hash, values }
}

/// Whether a row behind number `seq` bears it in its leaf.
fn stands_later(tx: &mut ReadTx<'_>, seq: u64) -> Result<bool, StoreError> {
    let mut after = i64::try_from(seq).unwrap_or(i64::MAX);
    loop {
        let rows: Vec<(i64, Vec<u8>)> = journal::table
            .filter(journal::seq.gt(after))
            .order(journal::seq)
            .limit(i64::try_from(SLICE).unwrap_or(i64::MAX))
            .select((journal::seq, journal::leaf))
            .load(tx.db())?;
        let Some((last, _)) = rows.last() else { return Ok(false) };
        after = *last;
        if rows.iter().any(|(_, leaf)| Leaf::parse(leaf).is_ok_and(|leaf| leaf.seq == seq)) {
            return Ok(true);
        }
    }
}
