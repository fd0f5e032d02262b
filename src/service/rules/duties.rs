//! What a permitted delegation owes by its rulebook: planned at issue, and planned again when its days, its programme
//! or its members change.

use chrono::NaiveDate;

use super::assess::facts_of;
use super::book_of;
use crate::clock::day_in_vietnam;
use crate::domain::codes::Direction;
use crate::domain::dossier::State;
use crate::domain::ids::DossierId;
use crate::domain::obligation::Planned;
use crate::domain::rulebook::{self, Demand, Facts, Owed};
use crate::service::{Context, Result, obligations, organisations as tree};
use crate::store::dossiers::{self, Stored};
use crate::store::organisations::{self, Organisation};
use crate::store::{ReadTx, StoreError, WriteTx, papers};

/// Plans what the dossier owes, as it is now in this transaction. Nothing is owed before a permit was issued.
///
/// # Errors
/// `Error::Store` of the database.
pub fn plan(tx: &mut WriteTx<'_>, ctx: &Context, id: DossierId) -> Result<()> {
    let stored = dossiers::load_any(tx, id)?.ok_or(StoreError::NotFound)?;
    if !matches!(stored.dossier.state, State::Issued | State::Reported | State::Closed) {
        return Ok(());
    }
    let (_, book) = book_of(tx, ctx, &stored)?;
    let facts = facts_now(tx, ctx, &stored)?;
    let owner = organisations::load(tx, stored.dossier.organisation)?.ok_or(StoreError::NotFound)?;
    let mut planned = Vec::new();
    for mut owed in rulebook::obligations(&book, &facts, &ctx.settings.calendar) {
        // Whoever was told of the first permit is told of each that follows: done stays done, the next is owed anew.
        let again = stored.dossier.revision_in_force.filter(|round| *round > 1);
        if let (Demand::Obligation { needs_permit: true, .. }, Some(round)) = (&owed.rule.demand, again) {
            owed.key = format!("{round}/{}", owed.key);
        }
        planned.extend(one(tx, &owner, owed)?);
    }
    obligations::plan(tx, ctx, &stored, planned)
}

/// The facts with what is known by now: the day of the permit, and the days that were reported.
fn facts_now(tx: &mut ReadTx<'_>, ctx: &Context, stored: &Stored) -> Result<Facts> {
    let mut facts = facts_of(tx, ctx, stored)?;
    let issued = papers::of_dossiers(tx, &[stored.dossier.id])?;
    let last = issued.last().map(|(_, paper)| paper.issued_at);
    facts.issued_on = Some(day_in_vietnam(last.unwrap_or_else(|| tx.now())));
    let actual = |planned: &mut Option<NaiveDate>, actual: Option<NaiveDate>| *planned = actual.or(*planned);
    match stored.dossier.direction {
        Direction::Inbound => {
            actual(&mut facts.arrives_on, stored.actual_starts_on);
            actual(&mut facts.departs_on, stored.actual_ends_on);
        }
        Direction::Outbound => {
            actual(&mut facts.leaves_vn_on, stored.actual_starts_on);
            actual(&mut facts.enters_vn_on, stored.actual_ends_on);
        }
    }
    Ok(facts)
}

fn one(tx: &mut ReadTx<'_>, owner: &Organisation, owed: Owed<'_>) -> Result<Option<Planned>> {
    let Demand::Obligation { obligation, unit, role, at, proof, .. } = owed.rule.demand else {
        return Ok(None);
    };
    let organisation = match at {
        Some(place) => tree::place(tx, place, owner)?.id,
        None => owner.id,
    };
    Ok(Some(Planned {
        rule: owed.rule.id.clone(),
        kind: obligation,
        key: owed.key,
        title_vi: owed.rule.title_vi.clone(),
        title_en: owed.rule.title_en.clone(),
        role,
        organisation,
        due_at: owed.due_at,
        unit,
        proof,
    }))
}
