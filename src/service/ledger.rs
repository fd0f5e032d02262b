//! An old ledger, loaded so that the figures of years before are there from the first day: looked at first, then all of it
//! or nothing, as dossiers that are over and were never decided here. Sent twice, it is loaded once.

mod table;

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::delegations::owner_for;
use super::{Context, Error, Result};
use crate::clock::day_in_vietnam;
use crate::domain::access::{Action, Held};
use crate::domain::codes::{Direction, Origin};
use crate::domain::delegation::Content;
use crate::domain::dossier::Dossier;
use crate::domain::event::Event;
use crate::domain::ids::{DossierId, OrganisationId};
use crate::domain::ledger::{self, Ground, Key, Ledger, MOST, Row};
use crate::domain::refusal::{Fault, Refusal, Why};
use crate::domain::revision::freeze_content;
use crate::domain::text;
use crate::store::dossiers::{self, Facts};
use crate::store::organisations::{self, Organisation};
use crate::store::{ReadTx, Recorded, StoreError, WriteTx, journal};

pub use table::{LARGEST, cells};

/// A ledger as it would be loaded.
#[derive(Debug, Clone)]
pub struct Looked {
    /// Whose it is.
    pub owner: OrganisationId,
    /// Its rows and the columns that are not taken over.
    pub ledger: Ledger,
}

impl Looked {
    /// Rows that are not here yet.
    pub fn fresh(&self) -> impl Iterator<Item = &Row> {
        self.ledger.rows.iter().filter(|row| !row.known)
    }

    /// Whether all of it can be loaded: every cell was read, and there are not too many rows.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let rows = &self.ledger.rows;
        !rows.is_empty() && rows.len() <= MOST && !rows.iter().any(Row::is_faulty)
    }
}

/// What became of a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loaded {
    /// Dossiers that were made.
    pub made: usize,
    /// Rows that were here already.
    pub known: usize,
}

/// Organisations for which the actor may load a ledger.
///
/// # Errors
/// `Forbidden`; `Error::Store` of the database.
pub fn owners(tx: &mut ReadTx<'_>, ctx: &Context) -> Result<Vec<Organisation>> {
    ctx.must(Action::Register)?;
    let own: BTreeSet<OrganisationId> =
        ctx.actor.roles_for(Action::Register).map(|held: &Held| held.organisation).collect();
    let mut all = organisations::list(tx)?;
    all.retain(|one| own.contains(&one.id));
    Ok(all)
}

/// Looks at a ledger: what each cell becomes, what is wrong, and what is here already. Nothing is stored.
///
/// # Errors
/// `Forbidden`; `Invalid` where it is not clear whose ledger it is.
pub fn look(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    owner: Option<OrganisationId>,
    pasted: &str,
) -> Result<Looked> {
    let owner = owner_for(tx, ctx, owner)?.id;
    let bodies: Vec<(OrganisationId, Vec<String>)> = organisations::list(tx)?
        .into_iter()
        .map(|one| {
            (one.id, [one.code, one.name_vi, one.name_en].iter().map(|name| text::folded(name)).collect())
        })
        .collect();
    let body = |folded: &str| {
        bodies.iter().find(|(_, names)| names.iter().any(|name| name == folded)).map(|(id, _)| *id)
    };
    let today = day_in_vietnam(tx.now());
    let mut ledger = ledger::read(pasted, &Ground { body: &body, own: owner, today });
    for row in &mut ledger.rows {
        check(row);
    }
    let there = there(tx, owner, &ledger)?;
    for row in &mut ledger.rows {
        row.known = row.key.as_ref().is_some_and(|key| there.contains(key));
    }
    Ok(Looked { owner, ledger })
}

/// The content of a row, as a dossier has it; `None` while a cell cannot be read.
fn content(row: &Row) -> Option<Content> {
    serde_json::from_value(row.content.clone()).ok().filter(|_| !row.is_faulty())
}

/// Says against a row what can never be right in a dossier.
fn check(row: &mut Row) {
    let Some(mut content) = content(row) else {
        if !row.is_faulty() {
            row.refuse("title", "invalid");
        }
        return;
    };
    let mut faults = content.clean();
    faults.extend(content.faults());
    for fault in faults {
        row.refuse(field(&fault), fault.why());
    }
}

/// The column that fills what a fault is about.
fn field(fault: &Fault) -> &'static str {
    let columns = [
        ("/arrives_on", "from"),
        ("/departs_on", "to"),
        ("/leaves_vn_on", "from"),
        ("/enters_vn_on", "to"),
        ("/countries", "countries"),
        ("/stays", "countries"),
        ("/groups", "came"),
        ("/purpose", "purpose"),
        ("/decision_ref", "decision_ref"),
        ("/request_letter", "request_letter/number"),
        ("/origin_reason", "note"),
    ];
    columns.iter().find(|(pointer, _)| fault.pointer.starts_with(pointer)).map_or("title", |(_, field)| field)
}

/// What makes delegations of this owner the same as one of the ledger.
fn there(tx: &mut ReadTx<'_>, owner: OrganisationId, ledger: &Ledger) -> Result<BTreeSet<Key>> {
    let days: Vec<NaiveDate> = ledger.rows.iter().filter_map(|row| Some(row.days?.0)).collect();
    let (Some(from), Some(to)) = (days.iter().min(), days.iter().max()) else { return Ok(BTreeSet::new()) };
    let all: Vec<(Direction, String, NaiveDate)> = dossiers::keys_of_owner(tx, owner, (*from, *to))?;
    Ok(all.into_iter().collect())
}

/// Loads a ledger: all of its rows that are not here yet, or nothing.
///
/// # Errors
/// `Forbidden`; `Invalid` when a row cannot be read, and when there are none or too many.
pub fn load(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    owner: Option<OrganisationId>,
    pasted: &str,
) -> Result<Recorded<Loaded>> {
    let looked = look(tx, ctx, owner, pasted)?;
    let rows = &looked.ledger.rows;
    if rows.is_empty() {
        return Err(Refusal::field("/pasted", "required").into());
    }
    if rows.len() > MOST {
        return Err(Refusal::field("/pasted", Why::too_many(MOST, rows.len())).into());
    }
    if rows.iter().any(Row::is_faulty) {
        return Err(Refusal::field("/pasted", "bad-row").into());
    }
    let fresh: Vec<&Row> = looked.fresh().collect();
    let loaded = Loaded { made: fresh.len(), known: rows.len() - fresh.len() };
    if fresh.is_empty() {
        return Ok(tx.unrecorded("every row was here already", loaded));
    }
    let (rulebook, _) = ctx.settings.rulebooks.active(tx)?;
    for row in fresh {
        let content = content(row)
            .ok_or_else(|| Error::Store(StoreError::Corrupt(format!("line {} of a ledger", row.line))))?;
        load_one(tx, ctx, looked.owner, content, row, rulebook)?;
    }
    let event = Event::new("ledger.loaded", "organisation", looked.owner)
        .by(ctx.actor.account)
        .at(looked.owner)
        .with("made", loaded.made)
        .with("known", loaded.known);
    Ok(journal::append(tx, event)?.returning(loaded))
}

fn load_one(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    owner: OrganisationId,
    mut content: Content,
    row: &Row,
    rulebook: i32,
) -> Result<()> {
    Refusal::unless_empty(content.clean())?;
    let (id, by): (DossierId, _) = (tx.fresh(), ctx.actor.account);
    dossiers::insert(tx, id, owner, &content, by, rulebook)?;
    let fresh = Dossier {
        id,
        code: None,
        direction: content.direction,
        organisation: owner,
        state: crate::domain::dossier::State::Draft,
        outcome: None,
        origin: Origin::Ledger,
        version: 1,
        revision: 0,
        revision_in_force: None,
        issued: false,
        arrived: false,
    };
    let mut change = fresh.loaded(by)?;
    for frozen in freeze_content(&content) {
        change = change.telling(frozen.pointer, frozen.value);
    }
    if let Some((from, to)) = row.days {
        let facts = Facts { actual_starts_on: Some(from), actual_ends_on: Some(to), ..Facts::default() };
        dossiers::write_facts(tx, id, &facts)?;
    }
    dossiers::apply(tx, id, &change)?;
    let _entry = journal::append(tx, change.event().clone())?;
    Ok(())
}
