//! The journal as a person reads it: who did what when, on which dossier; one entry with what it commits to; and how far
//! the whole of it can be trusted. It reads and verifies, and appends nothing.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::{Context, Error, Result, Settings, evidence, users};
use crate::clock::from_vietnam;
use crate::domain::access::Action;
use crate::domain::ids::{AccountId, DossierId, InstallationId};
use crate::domain::journal::check::{Misfit, Verified};
use crate::domain::journal::tree::is_consistent;
use crate::domain::journal::{Leaf, leaf_hash};
use crate::domain::refusal::Refusal;
use crate::domain::text;
use crate::store::checkpoints::{self, Kept};
use crate::store::journal::{self, Filter, Listed};
use crate::store::witness::{self, Told};
use crate::store::{ReadTx, Store, StoreError, accounts, dossiers};

mod names;

pub use names::{Known, Names, names};

/// Most entries that a request verifies: some seconds of work. Beyond it the operator's command does it.
pub const MOST_VERIFIED: u64 = 200_000;

/// Which entries a reader wants.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// About the dossier with this number or id.
    pub dossier: Option<String>,
    /// By the account with this sign-in name or id.
    pub actor: Option<String>,
    /// Of this kind.
    pub action: Option<String>,
    /// About things of this kind.
    pub kind: Option<String>,
    /// About the thing of this kind with this id.
    pub object: Option<String>,
    /// From this day in Vietnam on.
    pub from: Option<NaiveDate>,
    /// Until this day in Vietnam.
    pub to: Option<NaiveDate>,
    /// Before this entry: the newest stand first.
    pub before: Option<i64>,
}

/// The dossier that an entry is about.
#[derive(Debug, Clone)]
pub struct About {
    /// Id.
    pub id: DossierId,
    /// Official number.
    pub code: Option<String>,
    /// Name.
    pub title: String,
}

/// An entry as a line.
#[derive(Debug, Clone)]
pub struct Line {
    /// Position, from 0.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What happened.
    pub action: String,
    /// Account that acted; none for the system.
    pub actor_id: Option<String>,
    /// Its name as shown now.
    pub actor: Option<String>,
    /// Kind of the object.
    pub object_kind: String,
    /// Id of the object.
    pub object_id: String,
    /// Organisation concerned.
    pub organisation_id: Option<String>,
    /// Request in which it happened.
    pub request_id: Option<String>,
    /// The dossier, where it is about one that the reader may know of.
    pub dossier: Option<About>,
    /// Values that were not erased.
    pub values: Vec<(String, String)>,
}

/// The filter of the store; `None` where nothing can fit.
fn filter(tx: &mut ReadTx<'_>, asked: &Asked) -> Result<Option<Filter>> {
    let at = |day: NaiveDate| from_vietnam(day.and_time(NaiveTime::MIN));
    let mut filter = Filter {
        action: asked.action.clone(),
        object_id: asked.object.clone().filter(|_| asked.kind.is_some()),
        object_kind: asked.kind.clone(),
        from: asked.from.map(at),
        to: asked.to.map(|day| at(day) + TimeDelta::days(1)),
        before: asked.before,
        ..Filter::default()
    };
    if let Some(dossier) = &asked.dossier {
        let id = match dossier.trim().parse::<DossierId>() {
            Ok(id) => Some(id),
            Err(_) => dossiers::numbered(tx, &dossier.trim().to_uppercase())?,
        };
        let Some(id) = id else { return Ok(None) };
        filter.object_kind = Some("dossier".to_owned());
        filter.object_id = Some(id.to_string());
    }
    if let Some(actor) = &asked.actor {
        let id = match actor.trim().parse::<AccountId>() {
            Ok(id) => Some(id),
            Err(_) => accounts::load_by_name(tx, &text::folded(actor.trim()))?.map(|(account, _)| account.id),
        };
        let Some(id) = id else { return Ok(None) };
        filter.actor_id = Some(id.to_string());
    }
    Ok(Some(filter))
}

/// Entries, the newest first, by a number of statements that does not depend on how many.
///
/// # Errors
/// `Forbidden`; `Error::Store` of the database.
pub fn list(tx: &mut ReadTx<'_>, ctx: &Context, asked: &Asked, limit: i64) -> Result<Vec<Line>> {
    ctx.must(Action::ReadJournal)?;
    let Some(filter) = filter(tx, asked)? else { return Ok(Vec::new()) };
    let listed = journal::list(tx, &filter, limit)?;
    lines(tx, ctx, listed)
}

fn lines(tx: &mut ReadTx<'_>, ctx: &Context, listed: Vec<Listed>) -> Result<Vec<Line>> {
    let actors = listed.iter().filter_map(|entry| entry.actor_id.as_deref()?.parse().ok()).collect();
    let names = users::names(tx, actors)?;
    let about_dossier = |entry: &&Listed| entry.object_kind == "dossier";
    let mut ids: Vec<DossierId> =
        listed.iter().filter(about_dossier).filter_map(|entry| entry.object_id.parse().ok()).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = dossiers::load_many(tx, &ctx.actor.scope(Action::ReadDossier), &ids)?;
    let about: BTreeMap<String, About> = found
        .into_iter()
        .map(|one| (one.dossier.id, one.dossier.code, one.content.title))
        .map(|(id, code, title)| (id.to_string(), About { id, code, title }))
        .collect();
    let line = |entry: Listed| Line {
        actor: entry.actor_id.as_ref().and_then(|id| names.get(id)).cloned(),
        dossier: about.get(&entry.object_id).cloned(),
        seq: entry.seq,
        at: entry.at,
        action: entry.action,
        actor_id: entry.actor_id,
        object_kind: entry.object_kind,
        object_id: entry.object_id,
        organisation_id: entry.organisation_id,
        request_id: entry.request_id,
        values: entry.values,
    };
    Ok(listed.into_iter().map(line).collect())
}

/// A value that an entry commits to.
#[derive(Debug, Clone)]
pub struct Committed {
    /// Its name.
    pub name: String,
    /// The value; none when it was erased.
    pub text: Option<String>,
    /// The hash that the entry holds, hexadecimal.
    pub hash: String,
}

/// An entry with what binds it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it says.
    pub line: Line,
    /// What it commits to.
    pub values: Vec<Committed>,
    /// SHA-256 over its leaf, hexadecimal.
    pub leaf_hash: String,
    /// The first checkpoint that covers it.
    pub covered: Option<Kept>,
    /// Whether it was proved just now under the last checkpoint.
    pub proved: bool,
    /// How many entries there are.
    pub count: u64,
}

/// One entry.
///
/// # Errors
/// `Forbidden`; `NotFound`; `Corrupt` when what is stored is no leaf, or proves nothing.
pub fn entry(tx: &mut ReadTx<'_>, ctx: &Context, installation: InstallationId, seq: u64) -> Result<Entry> {
    ctx.must(Action::ReadJournal)?;
    let no = i64::try_from(seq).or(Err(Refusal::NotFound))?;
    let bytes = journal::leaf(tx, seq)?.ok_or(Refusal::NotFound)?;
    let only = Filter { before: Some(no.saturating_add(1)), ..Filter::default() };
    let listed = journal::list(tx, &only, 1)?;
    let line = lines(tx, ctx, listed)?.pop().filter(|line| line.seq == no).ok_or(Refusal::NotFound)?;
    let corrupt = |cause: &dyn std::fmt::Display| StoreError::Corrupt(format!("entry {seq}: {cause}"));
    let leaf = Leaf::parse(&bytes).map_err(|bad| corrupt(&bad))?;
    let value = |(name, hash): &(&str, &crate::domain::journal::Hash)| Committed {
        name: (*name).to_owned(),
        text: line.values.iter().find(|(own, _)| own == name).map(|(_, text)| text.clone()),
        hash: hex::encode(hash),
    };
    let keys = evidence::keys(ctx.vault(), installation)?;
    Ok(Entry {
        values: leaf.commitments.iter().map(value).collect(),
        leaf_hash: hex::encode(leaf_hash(&bytes)),
        covered: checkpoints::covering(tx, no)?,
        proved: evidence::prove(tx, &keys, seq)?.is_some(),
        count: journal::head(tx)?.count(),
        line,
    })
}

/// How far the journal can be trusted, as far as a glance can tell.
#[derive(Debug, Clone)]
pub struct Standing {
    /// How many entries.
    pub count: u64,
    /// The root over them, hexadecimal.
    pub root: String,
    /// The last signed checkpoint.
    pub last: Option<Kept>,
    /// Whether the journal follows from it: its first entries are those that were signed.
    pub follows: bool,
    /// The public keys.
    pub keys: Vec<String>,
    /// The last mail to the witness.
    pub witness: Option<Told>,
}

/// How far the journal can be trusted.
///
/// # Errors
/// `Forbidden`; `Corrupt` when the head does not fit.
pub fn standing(tx: &mut ReadTx<'_>, ctx: &Context, installation: InstallationId) -> Result<Standing> {
    ctx.must(Action::ReadJournal)?;
    let last = checkpoints::last(tx)?;
    let head = journal::head(tx)?;
    let (count, root) = (head.count(), head.root());
    let follows = match &last {
        Some(last) if last.size <= count => {
            let path = journal::tree::consistency(tx, last.size, count)?.unwrap_or_default();
            is_consistent(last.size, &last.root, count, &root, &path)
        }
        Some(_) => false,
        None => true,
    };
    let keys = evidence::keys(ctx.vault(), installation)?;
    Ok(Standing {
        count,
        root: hex::encode(root),
        last,
        follows,
        keys: keys.iter().map(ToString::to_string).collect(),
        witness: witness::last(tx)?,
    })
}

/// What verifying found.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It fits.
    Fits(Verified),
    /// The first thing that does not.
    Misfit(Misfit),
    /// It is longer than what a request verifies.
    TooLong(u64),
}

/// Recomputes the whole stored journal, as `legation audit verify` does, unless it is too long for a request. Slow work,
/// for a thread that may block; who asks must have been looked at before.
///
/// # Errors
/// `Error::Store` of the database; `Vault` when a key is none.
pub fn verify(store: &Store, settings: &Settings) -> Result<Outcome> {
    let count = store.read_blocking(|tx| Ok::<_, Error>(journal::head(tx)?.count()))?;
    if count > MOST_VERIFIED {
        return Ok(Outcome::TooLong(count));
    }
    let keys = evidence::keys(&settings.vault, store.installation())?;
    let found = journal::audit::verify(store, &keys, &[], |_, _| {})?;
    Ok(found.map_or_else(Outcome::Misfit, Outcome::Fits))
}
