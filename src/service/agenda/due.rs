//! Every deadline of dossiers that is known: steps and desks, duties, supplements, the last day on which a draft can be
//! filed, a permit that ends too early; and returns that are to be closed. By a fixed number of statements.

use chrono::NaiveDate;

use super::{Deadline, DueKind, MOST};
use crate::domain::access::{Action, Reach, Scope};
use crate::domain::dossier::State;
use crate::service::returns::preparing;
use crate::service::{Context, Result, course, rules};
use crate::store::ReadTx;
use crate::store::agenda::{self, AtDesk, Due, Ending};
use crate::store::dossiers::{self, Filter, Stored};
use crate::store::papers::{self, Paper};

/// Most drafts whose last day to file is worked out.
const DRAFTS: i64 = 100;

type Days = (NaiveDate, NaiveDate);

/// What is due in these days within a scope, and whether there is more than is read.
pub(super) fn deadlines(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    scope: &Scope,
    days: Days,
) -> Result<(Vec<Deadline>, bool)> {
    let (mut found, mut more) = (Vec::new(), false);
    let mut add = |kind, due: Vec<Due>, most: i64| {
        more |= i64::try_from(due.len()).is_ok_and(|n| n >= most);
        found.extend(due.into_iter().map(|due| Deadline::of(kind, due)));
    };
    add(DueKind::Step, agenda::steps_due(tx, scope, days, MOST)?, MOST);
    add(DueKind::Obligation, agenda::obligations_due(tx, scope, days, MOST)?, MOST);
    add(DueKind::Supplement, agenda::supplements_due(tx, scope, days, MOST)?, MOST);
    add(DueKind::Receive, at_desks(tx, ctx, scope, State::Submitted, days)?, MOST);
    add(DueKind::Issue, at_desks(tx, ctx, scope, State::Approved, days)?, MOST);
    add(DueKind::Submit, drafts(tx, ctx, scope, days)?, DRAFTS);
    add(DueKind::Permit, permits(tx, scope, days)?, MOST);
    if ctx.actor.reach(Action::ReadReturn) != Reach::Never {
        let waiting = preparing::waiting(tx, ctx)?;
        let in_days = waiting.into_iter().filter(|one| within(days, one.due_on));
        found.extend(in_days.map(|one| Deadline {
            kind: DueKind::Return,
            on: one.due_on,
            dossier: None,
            code: Some(one.label.clone()),
            of: one.label,
            what: (String::new(), String::new()),
        }));
    }
    Ok((found, more))
}

fn within((from, to): Days, day: NaiveDate) -> bool {
    (from..=to).contains(&day)
}

/// What waits at the receiving or the issuing desk, by the clock of the chain under which it was filed.
fn at_desks(tx: &mut ReadTx<'_>, ctx: &Context, scope: &Scope, state: State, days: Days) -> Result<Vec<Due>> {
    let mut due = Vec::new();
    for AtDesk { mut of, since, rulebook_version } in agenda::at_desks(tx, scope, state, MOST)? {
        let book = ctx.settings.rulebooks.version(tx, rulebook_version)?;
        let desk = if state == State::Approved { &book.chain.issue } else { &book.chain.receive };
        let Some(clock) = desk.clock else { continue };
        of.on = course::due(&ctx.settings.calendar, since, clock);
        if within(days, of.on) {
            due.push(of);
        }
    }
    Ok(due)
}

/// The last day on which every rule lets a draft be filed, as far as its facts say.
fn drafts(tx: &mut ReadTx<'_>, ctx: &Context, scope: &Scope, days: Days) -> Result<Vec<Due>> {
    // What began before these days can no longer be filed in them.
    let filter = Filter { state: Some(State::Draft), from: Some(days.0), ..Filter::default() };
    let drafts = dossiers::list(tx, scope, &filter, DRAFTS)?;
    let days_to_file = rules::last_days(tx, ctx, &drafts.iter().collect::<Vec<_>>())?;
    let last = |(draft, on): (&Stored, Option<NaiveDate>)| {
        let on = on?;
        within(days, on).then(|| Due {
            dossier: draft.dossier.id,
            code: draft.dossier.code.clone(),
            title: draft.content.title.clone(),
            on,
            what: (String::new(), String::new()),
        })
    };
    Ok(drafts.iter().zip(days_to_file).filter_map(last).collect())
}

/// Permits in force that end before the delegation leaves.
fn permits(tx: &mut ReadTx<'_>, scope: &Scope, days: Days) -> Result<Vec<Due>> {
    let ending = agenda::permits_ending(tx, scope, days, MOST)?;
    let ids: Vec<_> = ending.iter().map(|one| one.of.dossier).collect();
    let all = papers::of_dossiers(tx, &ids)?;
    let is_in_force = |one: &Ending| {
        let last = all.iter().rfind(|(id, paper): &&(_, Paper)| {
            *id == one.of.dossier && paper.kind.permits() && Some(paper.revision) <= one.in_force
        });
        last.is_some_and(|(_, paper)| paper.id == one.paper)
    };
    Ok(ending.into_iter().filter(is_in_force).map(|one| one.of).collect())
}
