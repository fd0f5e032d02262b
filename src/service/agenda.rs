//! What a calendar shows: who comes, is here and leaves between two days, and what is due in them; and the month as the
//! first thing of a day's work. All of it within the actor's own scope, by a fixed number of statements.

mod due;

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::alerts;
use super::{Context, Result};
use crate::clock::day_in_vietnam;
use crate::domain::access::{Action, Scope};
use crate::domain::alert::Alert;
use crate::domain::codes::codes;
use crate::domain::ids::DossierId;
use crate::domain::obligation::Obligation;
use crate::domain::phase::{During, Phase};
use crate::service::views::DelegationItem;
use crate::store::agenda::Due;
use crate::store::dossiers::{self, Filter, Order, Sort, Stored};
use crate::store::{ReadTx, obligations};

pub use crate::store::dossiers::Present as Entry;

/// Most delegations, and most deadlines of a kind, that are read for a calendar.
const MOST: i64 = 1_000;
/// Most delegations of a phase that the month lists; the rest is behind its number.
const SHOWN: usize = 8;
/// Delegations of a phase that are read for it: some stand under another heading.
const READ: i64 = 32;
/// Most alerts that the month lists.
const ALERTS: usize = 20;

codes! {
    /// What is due.
    DueKind {
        /// A step of the chain.
        Step = "step",
        /// A duty of the permit.
        Obligation = "obligation",
        /// What a returned request still lacks.
        Supplement = "supplement",
        /// A request that the desk has not received.
        Receive = "receive",
        /// A paper that was approved and has no number and date yet.
        Issue = "issue",
        /// The last day on which a draft can be filed.
        Submit = "submit",
        /// A permit that ends before the delegation leaves.
        Permit = "permit",
        /// A return that is to be checked and closed.
        Return = "return",
    }
}

/// Something that is due.
#[derive(Debug, Clone)]
pub struct Deadline {
    /// What kind.
    pub kind: DueKind,
    /// The day.
    pub on: NaiveDate,
    /// The dossier, of which it is due.
    pub dossier: Option<DossierId>,
    /// Its official number; of a return the label of its period.
    pub code: Option<String>,
    /// Its official number or title, or the label of the period.
    pub of: String,
    /// What, in Vietnamese and English; empty where the kind says it all.
    pub what: (String, String),
}

impl Deadline {
    fn of(kind: DueKind, due: Due) -> Self {
        let of = due.code.clone().unwrap_or(due.title);
        Self { kind, on: due.on, dossier: Some(due.dossier), code: due.code, of, what: due.what }
    }
}

/// What stands in a calendar between two days.
#[derive(Debug, Clone)]
pub struct Agenda {
    /// Delegations, the first to come first.
    pub entries: Vec<Entry>,
    /// What is due, the first first.
    pub deadlines: Vec<Deadline>,
    /// There is more than is shown.
    pub more: bool,
}

/// The calendar of these days.
///
/// # Errors
/// `Forbidden`; `Error::Store` of the database.
pub fn agenda(tx: &mut ReadTx<'_>, ctx: &Context, from: NaiveDate, to: NaiveDate) -> Result<Agenda> {
    ctx.must(Action::ReadDossier)?;
    let (scope, days) = (ctx.actor.scope(Action::ReadDossier), (from, to));
    let (entries, more_entries) = entries(tx, &scope, days)?;
    let (mut deadlines, more) = due::deadlines(tx, ctx, &scope, days)?;
    let more = more || more_entries;
    deadlines.sort_by(|a, b| (a.on, a.kind, &a.of, a.dossier).cmp(&(b.on, b.kind, &b.of, b.dossier)));
    Ok(Agenda { entries, deadlines, more })
}

/// The delegations within a scope that are there between two days, and whether there are more than are read.
fn entries(
    tx: &mut ReadTx<'_>,
    scope: &Scope,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<(Vec<Entry>, bool)> {
    let mut entries = dossiers::present(tx, scope, (from, to), MOST)?;
    let more = i64::try_from(entries.len()).is_ok_and(|n| n >= MOST);
    entries.retain(|entry| entry.from <= to && entry.to >= from);
    entries.sort_by_key(|entry| (entry.from, entry.id));
    Ok((entries, more))
}

/// The delegations of a month in one phase.
#[derive(Debug, Clone)]
pub struct Part {
    /// Which phase.
    pub phase: Phase,
    /// How many.
    pub count: i64,
    /// The first of them that stand under no heading which presses more.
    pub items: Vec<DelegationItem>,
}

/// A dossier that something must not be overlooked of.
#[derive(Debug, Clone)]
pub struct Alerted {
    /// The dossier.
    pub item: DelegationItem,
    /// What, at least one.
    pub alerts: Vec<Alert>,
    /// Its duties that are overdue.
    pub duties: Vec<Obligation>,
}

/// A month at a glance.
#[derive(Debug, Clone)]
pub struct Month {
    /// Its phases; who is here, of the present month alone.
    pub parts: Vec<Part>,
    /// Alerts, of the present month alone: what presses first first.
    pub alerts: Vec<Alerted>,
}

/// The month that begins on `first`, seen from today.
///
/// # Errors
/// `Forbidden`; `Error::Store` of the database.
pub fn month(tx: &mut ReadTx<'_>, ctx: &Context, first: NaiveDate) -> Result<Month> {
    ctx.must(Action::ReadDossier)?;
    let scope = ctx.actor.scope(Action::ReadDossier);
    let today = day_in_vietnam(tx.now());
    let is_now = During::of(Phase::Here, first, today).from == today;
    let alerts = if is_now { pressing(tx, ctx, &scope)? } else { Vec::new() };
    let mut parts = Vec::new();
    for phase in [Phase::Here, Phase::Arriving, Phase::Leaving, Phase::ReportDue] {
        if phase == Phase::Here && !is_now {
            continue;
        }
        let filter = Filter { during: Some(During::of(phase, first, today)), ..Filter::default() };
        let order = Order { by: Sort::Arrival, descending: false };
        let stored = dossiers::sorted(tx, &scope, &filter, order, None, READ)?;
        let count = dossiers::count(tx, &scope, &filter)?;
        parts.push(Part { phase, count, items: stored.into_iter().map(DelegationItem::from).collect() });
    }
    let alerted = alerts.iter().map(|one| one.item.id).collect();
    once_each(&mut parts, alerted);
    Ok(Month { parts, alerts })
}

/// Each delegation under one heading: under what presses, else where it comes before it leaves, and leaves before it is
/// merely here.
fn once_each(parts: &mut [Part], mut seen: BTreeSet<DossierId>) {
    for phase in [Phase::Arriving, Phase::Leaving, Phase::Here, Phase::ReportDue] {
        for part in parts.iter_mut().filter(|part| part.phase == phase) {
            part.items.retain(|item| seen.insert(item.id));
            part.items.truncate(SHOWN);
        }
    }
}

/// What must not be overlooked now, what presses first first; duties that are overdue by name.
fn pressing(tx: &mut ReadTx<'_>, ctx: &Context, scope: &Scope) -> Result<Vec<Alerted>> {
    let mut alerts = alerts::within(tx, scope, &ctx.settings.calendar, None, ALERTS)?;
    alerts.sort_by_key(|(stored, alerts)| {
        (alerts.iter().map(|alert| alert.working_days).min(), stored.dossier.id)
    });
    let ids: Vec<DossierId> = alerts.iter().map(|(stored, _)| stored.dossier.id).collect();
    let owed = obligations::of_dossiers(tx, &ids)?;
    let alerted = |(stored, alerts): (Stored, Vec<Alert>)| {
        let meant = |one: &&Obligation| alerts.iter().any(|alert| alert.obligation_id == Some(one.id));
        let duties = owed.iter().filter(meant).cloned().collect();
        Alerted { item: stored.into(), alerts, duties }
    };
    Ok(alerts.into_iter().map(alerted).collect())
}
