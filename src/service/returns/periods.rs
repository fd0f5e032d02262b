//! The periods of a year as an office sees them: which one runs, which waits to be closed and until when, which is closed
//! and was handed over. It says where each stands and changes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::closings::organisation;
use crate::clock::day_in_vietnam;
use crate::domain::access::{Action, Role};
use crate::domain::approval::OrganisationKind;
use crate::domain::codes::{Code, codes};
use crate::domain::ids::{AccountId, OrganisationId};
use crate::domain::report::period::{Kind, Range};
use crate::domain::report::{Period, Window};
use crate::domain::rulebook::Book;
use crate::domain::rulebook::returns::ReturnRule;
use crate::service::{Context, Result, users};
use crate::store::closings::{self, Brief};
use crate::store::organisations::{self, Organisation};
use crate::store::{ReadTx, accounts, installation, prepared};

codes! {
    /// Where a period stands.
    PeriodState {
        /// It is not over.
        Running = "running",
        /// It is over, and nobody has prepared or closed it.
        Open = "open",
        /// Its return was prepared and waits to be checked and closed.
        Prepared = "prepared",
        /// Its return is frozen.
        Closed = "closed",
        /// Its last return was given to somebody.
        HandedOver = "handed_over",
    }
}

/// A period.
#[derive(Debug, Clone)]
pub struct PeriodView {
    /// Which.
    pub period: Period,
    /// Its days.
    pub range: Range,
    /// Where it stands.
    pub state: PeriodState,
    /// The last day on which its return is closed in time.
    pub due_on: NaiveDate,
    /// What that day rests on.
    pub due_basis: String,
    /// Working days from today to that day; negative behind it.
    pub working_days: i64,
    /// Whether that day is over and nobody has closed it.
    pub overdue: bool,
    /// When its return was prepared.
    pub prepared_at: Option<DateTime<Utc>>,
    /// Number and time of the last closing.
    pub closed: Option<(i32, DateTime<Utc>)>,
    /// Who is told that it waits, by name.
    pub told: Vec<String>,
}

/// The periods of a year of one organisation.
#[derive(Debug, Clone)]
pub struct Year {
    /// Whose.
    pub organisation: OrganisationId,
    /// Whether the asker may close them.
    pub may_close: bool,
    /// Months, quarters, halves, nine months and the year, those that have begun.
    pub periods: Vec<PeriodView>,
}

/// What is known of an organisation's periods of a year.
struct Known {
    today: NaiveDate,
    born: NaiveDate,
    window: Window,
    closings: Vec<Brief>,
    prepared: Vec<prepared::Prepared>,
    given: Vec<crate::domain::ids::ClosingId>,
    told: BTreeMap<Role, Vec<String>>,
    book: Arc<Book>,
    whose: OrganisationKind,
}

/// Whose returns the asker may read.
///
/// # Errors
/// `Error::Store` of the database.
pub fn readable(tx: &mut ReadTx<'_>, ctx: &Context) -> Result<Vec<OrganisationId>> {
    let all = organisations::list(tx)?.into_iter();
    let mine = all.filter(|one| ctx.actor.reaches_path(Action::ReadReturn, &one.path));
    Ok(mine.map(|one| one.id).collect())
}

/// The periods of a year that have begun, of the organisation that is named or the asker's own.
///
/// # Errors
/// `Forbidden`; `NotFound` for an organisation out of reach.
pub fn year(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    year: i32,
    window: Window,
    named: Option<OrganisationId>,
) -> Result<Year> {
    let whose = organisation(tx, ctx, Action::ReadReturn, named)?;
    let known = known(tx, ctx, &whose, year, window)?;
    let all = Kind::ALL.iter().flat_map(|kind| (1..=12).filter_map(|no| Period::new(*kind, year, no)));
    let begun = all.filter(|period| period.range(window).from <= known.today);
    let periods = begun.map(|period| view(ctx, &known, period)).collect();
    Ok(Year { organisation: whose.id, may_close: may_close(ctx, &whose), periods })
}

/// One period, and whether the asker may close it.
///
/// # Errors
/// As [`year`].
pub fn one(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    period: Period,
    window: Window,
    named: Option<OrganisationId>,
) -> Result<(OrganisationId, bool, PeriodView)> {
    let whose = organisation(tx, ctx, Action::ReadReturn, named)?;
    let year = period.label().get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
    let known = known(tx, ctx, &whose, year, window)?;
    Ok((whose.id, may_close(ctx, &whose), view(ctx, &known, period)))
}

fn may_close(ctx: &Context, whose: &Organisation) -> bool {
    ctx.actor.reaches_path(Action::CloseReturn, &whose.path)
}

fn known(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    whose: &Organisation,
    year: i32,
    window: Window,
) -> Result<Known> {
    let all = closings::of_year(tx, whose.id, window, year)?;
    let ids: Vec<_> = all.iter().map(|closing| closing.id).collect();
    let (_, book) = ctx.settings.rulebooks.active(tx)?;
    let mut holders: BTreeMap<Role, Vec<AccountId>> = BTreeMap::new();
    for role in book.returns.rows().into_iter().flat_map(|rule| &rule.checked_by) {
        if !holders.contains_key(role) {
            holders.insert(*role, accounts::holders(tx, *role, whose.id)?);
        }
    }
    let names = users::names(tx, holders.values().flatten().copied().collect())?;
    let named =
        |ids: &Vec<AccountId>| ids.iter().filter_map(|id| names.get(&id.to_string()).cloned()).collect();
    Ok(Known {
        today: day_in_vietnam(tx.now()),
        born: day_in_vietnam(installation::born(tx)?),
        window,
        given: closings::hand_overs_of(tx, &ids)?.into_iter().map(|one| one.closing).collect(),
        closings: all,
        prepared: prepared::of_year(tx, whose.id, window, year)?,
        told: holders.iter().map(|(role, ids)| (*role, named(ids))).collect(),
        book,
        whose: whose.kind,
    })
}

fn view(ctx: &Context, known: &Known, period: Period) -> PeriodView {
    let (kind, label, range) = (period.kind(), period.label(), period.range(known.window));
    let rule = known.book.returns.of(kind);
    let closing = known.closings.iter().rfind(|one| one.kind == kind && one.label == label);
    let waiting = known.prepared.iter().find(|one| one.kind == kind && one.label == label);
    let over = known.today > range.to;
    let state = match (closing, waiting) {
        (Some(closing), _) if known.given.contains(&closing.id) => PeriodState::HandedOver,
        (Some(_), _) => PeriodState::Closed,
        (None, Some(_)) => PeriodState::Prepared,
        (None, None) if over => PeriodState::Open,
        (None, None) => PeriodState::Running,
    };
    let by_rule = rule.map_or(range.to, |rule| rule.due_on(range.to, &ctx.settings.calendar));
    let due_on = closing.map(|one| one.due_on).or(waiting.map(|one| one.due_on)).unwrap_or(by_rule);
    // What the rulebook has prepared, from the day on that it names and that the installation was made, is owed; what
    // nobody is told of is closed when somebody wants it.
    let owed = rule.is_some_and(|rule| {
        let from = rule.from.map_or(known.born, |from| from.max(known.born));
        rule.prepared_for.contains(&known.whose) && range.to >= from
    });
    let roles = rule.filter(|_| owed).map(|rule| rule.checked_by.as_slice()).unwrap_or_default();
    PeriodView {
        period,
        range,
        state,
        due_on,
        due_basis: rule.map(ReturnRule::citation).unwrap_or_default(),
        working_days: ctx.settings.calendar.working_days_between(known.today, due_on),
        overdue: closing.is_none() && owed && known.today > due_on,
        prepared_at: waiting.map(|one| one.prepared_at),
        closed: closing.map(|one| (one.no, one.closed_at)),
        told: roles.iter().filter_map(|role| known.told.get(role)).flatten().cloned().collect(),
    }
}
