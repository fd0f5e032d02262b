//! What a permit obliges somebody to do: planned from the rules and from the recipients of papers, shown, discharged
//! with proof, and dropped when a dossier ends before its delegation came.

mod discharge;
mod notices;
mod recipients;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::delegations;
use super::{Context, Result};
use crate::clock::{day_in_vietnam, from_vietnam, in_vietnam};
use crate::domain::access::{Action, Role};
use crate::domain::calendar::{Calendar, Unit};
use crate::domain::dossier::State;
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, DossierId, FileId, ObligationId, OrganisationId};
use crate::domain::obligation::{
    Obligation, ObligationKind, ObligationState, Planned, Proof, subject, survives,
};
use crate::store::dossiers::{self, Stored};
use crate::store::obligations::{self, After, Listed};
use crate::store::{ReadTx, StoreError, WriteTx, journal};

pub(super) use discharge::reported;
pub use discharge::{NewProof, discharge};
pub(super) use recipients::issued;

/// Rules of this service's own, which no rulebook plans: what follows from the recipients of issued papers.
const OWN_RULES: [&str; 2] = [recipients::DELIVERY, recipients::FOLLOW_UP];

/// Brings a dossier's obligations to what the rules plan now: adds those that are missing, moves open ones that are
/// due at another time (or owed by another), and drops open ones that are planned no more. What was done stays done;
/// what makes no sense any more for the dossier as it is now is not planned. To be called in the command that issues,
/// changes or reports, after its change was applied.
///
/// # Errors
/// `Taken` when two of `planned` have one rule and key.
pub fn plan(tx: &mut WriteTx<'_>, ctx: &Context, stored: &Stored, planned: Vec<Planned>) -> Result<()> {
    let id = stored.dossier.id;
    let now = dossiers::load_any(tx, id)?.ok_or(StoreError::NotFound)?;
    let (own, mut there): (Vec<_>, Vec<_>) = obligations::of_dossier(tx, id)?
        .into_iter()
        .partition(|obligation| OWN_RULES.contains(&obligation.planned.rule.as_str()));
    let mut told = Told::default();
    let mut subjects = Vec::new();
    for new in planned.into_iter().filter(|new| survives(new.kind, &now.dossier)) {
        subjects.push((new.rule.clone(), subject(&new.key).to_owned()));
        let same = |old: &Obligation| old.planned.rule == new.rule && old.planned.key == new.key;
        let Some(place) = there.iter().position(same) else {
            obligations::insert(tx, id, now.dossier.revision, &new)?;
            told.add("added", &new);
            continue;
        };
        let old = there.swap_remove(place);
        let moved = old.planned != new || old.state == ObligationState::Dropped;
        if moved && old.state != ObligationState::Done {
            obligations::replan(tx, old.id, now.dossier.revision, &new)?;
            told.add("moved", &new);
        }
    }
    drop_all(tx, &there, &mut told)?;
    if now.dossier.state == State::Issued {
        let gone = |one: &&Obligation| {
            let about = (one.planned.rule.as_str(), subject(&one.planned.key));
            !subjects.iter().any(|(rule, subject)| (rule.as_str(), subject.as_str()) == about)
        };
        let gone: Vec<&Obligation> = there.iter().filter(gone).collect();
        notices::off(tx, ctx, &now, &gone, &own, &mut told)?;
    }
    told.journal(tx, ctx, &now)
}

/// What is told of the end of a permission, in Vietnamese and English.
type Words = (&'static str, &'static str);

/// How a permission ended: as a word of keys, and in words.
fn how_it_ended(state: State) -> Option<(&'static str, Words)> {
    match state {
        State::Revoked => Some(("revoked", ("đã bị thu hồi", "has been revoked"))),
        State::Cancelled => {
            Some(("cancelled", ("không còn hiệu lực do hủy đoàn", "is void, the visit is cancelled")))
        }
        _ => None,
    }
}

/// The end of office hours on the next working day: when something has to be told at once.
fn soon(tx: &ReadTx<'_>, calendar: &Calendar) -> NaiveDateTime {
    calendar.after(day_in_vietnam(tx.now()), 1, Unit::WorkingDay).and_time(calendar.office_hours().1)
}

/// After a dossier ended (cancelled, revoked, a duplicate, nobody came): drops what is owed no more, and where a
/// permission ended has the recipients of its papers and the authorities that had been given notice told.
///
/// # Errors
/// `Error::Store` of the database.
pub(super) fn ended(tx: &mut WriteTx<'_>, ctx: &Context, id: DossierId) -> Result<()> {
    let now = dossiers::load_any(tx, id)?.ok_or(StoreError::NotFound)?;
    let all = obligations::of_dossier(tx, id)?;
    let over: Vec<Obligation> =
        all.iter().filter(|one| !survives(one.planned.kind, &now.dossier)).cloned().collect();
    let mut told = Told::default();
    drop_all(tx, &over, &mut told)?;
    if let Some((event, what)) = how_it_ended(now.dossier.state) {
        recipients::told_of_the_end(tx, ctx, &now, (event, what), &mut told)?;
        notices::told_of_the_end(tx, ctx, &now, &all, (event, what), &mut told)?;
    }
    told.journal(tx, ctx, &now)
}

fn drop_all(tx: &mut WriteTx<'_>, obligations: &[Obligation], told: &mut Told) -> Result<()> {
    for obligation in obligations.iter().filter(|one| one.state == ObligationState::Open) {
        obligations::drop_open(tx, obligation.id)?;
        told.add("dropped", &obligation.planned);
    }
    Ok(())
}

/// What changed, for one journal entry.
#[derive(Default)]
struct Told(Vec<(String, String)>);

impl Told {
    fn add(&mut self, how: &str, planned: &Planned) {
        let due = planned.due_at.format("%Y-%m-%dT%H:%M");
        self.0.push((format!("{}/{}", planned.rule, planned.key), format!("{how}, due {due}")));
    }

    fn journal(self, tx: &mut WriteTx<'_>, ctx: &Context, stored: &Stored) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut event = Event::new("delegation.obligations_planned", "dossier", stored.dossier.id)
            .by(ctx.actor.account)
            .at(stored.dossier.organisation);
        for (name, text) in self.0 {
            event = event.with(name, text);
        }
        let _entry = journal::append(tx, event)?;
        Ok(())
    }
}

/// How an obligation was done.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DoneView {
    /// By whom.
    pub account_id: AccountId,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// Number and symbol of the paper.
    pub number: Option<String>,
    /// Date of the paper, or the day on which it was done.
    pub date: Option<NaiveDate>,
    /// Words.
    pub note: Option<String>,
    /// An uploaded paper of the dossier.
    pub file_id: Option<FileId>,
}

/// An obligation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ObligationView {
    /// Id.
    pub id: ObligationId,
    /// Of which dossier.
    pub delegation_id: DossierId,
    /// Official number of the dossier.
    pub code: Option<String>,
    /// Version of the dossier, for `If-Match`.
    pub version: i64,
    /// The rule that it follows from.
    pub rule: String,
    /// Kind.
    pub kind: ObligationKind,
    /// What tells it from others of the same rule.
    pub key: String,
    /// Words, in Vietnamese.
    pub title_vi: String,
    /// Words, in English.
    pub title_en: String,
    /// The role that owes it ..
    pub role: Role,
    /// .. at this organisation.
    pub organisation_id: OrganisationId,
    /// Until when, on Vietnam's clock.
    pub due_at: String,
    /// Unit in which the term was counted.
    pub unit: Unit,
    /// What shows that it was done.
    pub proof: Proof,
    /// State.
    pub state: ObligationState,
    /// Whether it is owed and its time is over.
    pub overdue: bool,
    /// The day on which it came to be owed, where it is open and its time was over by then: nobody could have kept it.
    pub late_from_the_start: Option<NaiveDate>,
    /// Years between the visit and the due day whose days off are not all known: the due day may move.
    pub uncovered_years: Vec<i32>,
    /// Working days between them that may still become days off.
    pub uncertain_days: Vec<NaiveDate>,
    /// How it was done.
    pub done: Option<DoneView>,
}

/// Shows an obligation of a dossier.
pub(super) fn view(
    obligation: Obligation,
    stored: &Stored,
    calendar: &Calendar,
    now: DateTime<Utc>,
) -> ObligationView {
    let local = in_vietnam(now).naive_local();
    let overdue = obligation.is_overdue(local);
    let born_late = overdue && obligation.is_late_from_the_start();
    let late_from_the_start = born_late.then(|| obligation.since.date());
    let planned = obligation.planned;
    let open = obligation.state == ObligationState::Open;
    // It was counted from the first or the last day.
    let due = planned.due_at.date();
    let counted =
        [stored.content.starts_on(), stored.content.ends_on()].into_iter().flatten().filter(|_| open);
    let (from, to) = counted.fold((due, due), |(from, to), day| (from.min(day), to.max(day)));
    let (uncovered, uncertain) = match open {
        true => (calendar.uncovered(from, to), calendar.uncertain(from, to)),
        false => (Vec::new(), Vec::new()),
    };
    ObligationView {
        id: obligation.id,
        delegation_id: obligation.dossier,
        code: stored.dossier.code.clone(),
        version: stored.dossier.version,
        rule: planned.rule,
        kind: planned.kind,
        key: planned.key,
        title_vi: planned.title_vi,
        title_en: planned.title_en,
        role: planned.role,
        organisation_id: planned.organisation,
        due_at: in_vietnam(from_vietnam(planned.due_at)).to_rfc3339(),
        unit: planned.unit,
        proof: planned.proof,
        state: obligation.state,
        overdue,
        late_from_the_start,
        uncovered_years: uncovered,
        uncertain_days: uncertain,
        done: obligation.done.map(|done| DoneView {
            account_id: done.by,
            at: from_vietnam(done.at),
            number: done.given.number,
            date: done.given.date,
            note: done.given.note,
            file_id: done.given.file,
        }),
    }
}

/// The obligations of a dossier, the first due first.
///
/// # Errors
/// `NotFound` where the actor may not know of it.
pub fn of_dossier(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> Result<Vec<ObligationView>> {
    let stored = delegations::get(tx, ctx, id)?;
    let (all, now) = (obligations::of_dossier(tx, id)?, tx.now());
    Ok(all.into_iter().map(|one| view(one, &stored, &ctx.settings.calendar, now)).collect())
}

/// Where the actor owes: the roles that he or she holds, each at its organisation.
#[must_use]
pub fn places(actor: &crate::domain::access::Actor) -> Vec<(Role, OrganisationId)> {
    let held = actor.held.iter().map(|held| (held.role, held.organisation));
    let mut places: Vec<_> = held.filter(|(role, organisation)| actor.holds(*role, *organisation)).collect();
    places.sort();
    places.dedup();
    places
}

/// What the actor owes, or owed, in dossiers that he or she may know of; with its place in the list.
///
/// # Errors
/// `Error::Store` of the database.
pub fn mine(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    which: Listed,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<(After, ObligationView)>> {
    ctx.must(Action::ReadInbox)?;
    let scope = ctx.actor.scope(Action::ReadDossier);
    let owed = obligations::owed_by(tx, &scope, &places(&ctx.actor), which, after, limit)?;
    let mut ids: Vec<DossierId> = owed.iter().map(|one| one.dossier).collect();
    ids.sort();
    ids.dedup();
    let (known, now) = (dossiers::load_many(tx, &scope, &ids)?, tx.now());
    let shown = |one: Obligation| {
        let stored = known.iter().find(|stored| stored.dossier.id == one.dossier)?;
        Some((After::of(&one), view(one, stored, &ctx.settings.calendar, now)))
    };
    Ok(owed.into_iter().filter_map(shown).collect())
}
