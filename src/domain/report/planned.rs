//! How far the annual plans were carried out, as rows of the overview: items, carried out, rate, and how each counted
//! delegation stands to the plan. Nothing is shown where no plan was registered and no dossier speaks of one.

use std::collections::BTreeSet;

use chrono::Datelike;

use super::facts::PlannedFact;
use super::form::OverviewRow;
use super::overview::{Key, row, within};
use super::period::Range;
use super::seen::Seen;
use super::words::pick;
use crate::domain::codes::{Direction, Lang, PlanStatus};
use crate::domain::ids::{DossierId, PlanItemId};

/// The section of these rows.
pub(super) const SECTION: &str = "plan";
/// The rows that together are all counted delegations.
pub(super) const WAYS: [&str; 4] = ["in_plan", "replaces", "off_plan", "not_stated"];

/// The rows: id, Vietnamese, English.
const LINES: [(&str, &str, &str); 7] = [
    ("items", "Kế hoạch năm: số mục", "Annual plan: items"),
    ("done", "Kế hoạch năm: đã thực hiện (mục)", "Annual plan: carried out (items)"),
    ("rate", "Kế hoạch năm: tỷ lệ thực hiện (%)", "Annual plan: carried out (%)"),
    ("in_plan", "Trong kế hoạch (đoàn)", "In the plan (delegations)"),
    ("replaces", "Thay thế mục kế hoạch (đoàn)", "Replacing an item (delegations)"),
    ("off_plan", "Ngoài kế hoạch (đoàn)", "Outside the plan (delegations)"),
    ("not_stated", "Chưa xác định (đoàn)", "Not stated (delegations)"),
];

/// The rows. The plan of a column is that of the year in which its range ends.
pub(super) fn rows(
    lang: Lang,
    seen: &[Seen<'_>],
    planned: &[PlannedFact],
    columns: [Range; 5],
) -> Vec<OverviewRow> {
    let spoken_of = seen.iter().any(|one| one.fact.plan.is_some() && is_counted(one));
    if planned.is_empty() && !spoken_of {
        return Vec::new();
    }
    let section = (SECTION, pick(lang, "Kế hoạch năm", "Annual plan"));
    let shown = |(id, vi, en): (&str, &str, &str)| {
        let figures = columns.map(|range| figure(id, seen, planned, range));
        let dossiers = columns.map(|range| behind(id, seen, planned, range));
        let key = Key { id: id.to_owned(), order: String::new(), text: pick(lang, vi, en).to_owned() };
        row(lang, section, key, figures, dossiers)
    };
    LINES.into_iter().map(shown).collect()
}

/// The dossiers behind a figure; behind the number of items stand none.
fn behind(id: &str, seen: &[Seen<'_>], planned: &[PlannedFact], range: Range) -> Vec<DossierId> {
    let own = items(planned, range);
    let is_behind = |one: &&Seen<'_>| match id {
        "items" => false,
        "done" | "rate" => carries_out(one).is_some_and(|item| own.contains(&item)),
        way => stands(one) == way,
    };
    counted(seen, range).filter(is_behind).map(|one| one.fact.id).collect()
}

fn figure(id: &str, seen: &[Seen<'_>], planned: &[PlannedFact], range: Range) -> u64 {
    let all = items(planned, range);
    let done = || {
        let named: BTreeSet<PlanItemId> = counted(seen, range).filter_map(carries_out).collect();
        number(named.intersection(&all))
    };
    match id {
        "items" => number(&all),
        "done" => done(),
        // Rounded half up, in whole per cent.
        "rate" => (done() * 200 + number(&all)).checked_div(number(&all) * 2).unwrap_or_default(),
        way => number(counted(seen, range).filter(|one| stands(one) == way)),
    }
}

fn number<T>(of: impl IntoIterator<Item = T>) -> u64 {
    of.into_iter().map(|_| 1).sum()
}

fn items(planned: &[PlannedFact], range: Range) -> BTreeSet<PlanItemId> {
    planned.iter().filter(|item| item.year == range.to.year()).map(|item| item.id).collect()
}

fn counted<'a>(seen: &'a [Seen<'a>], range: Range) -> impl Iterator<Item = &'a Seen<'a>> {
    within(seen, range).filter(|one| is_counted(one))
}

fn is_counted(seen: &Seen<'_>) -> bool {
    seen.counts(Direction::Inbound).or_else(|| seen.counts(Direction::Outbound)).is_some()
}

/// The item that a delegation carries out; one that replaces it does not.
fn carries_out(seen: &Seen<'_>) -> Option<PlanItemId> {
    seen.fact.plan.filter(|plan| plan.status == PlanStatus::InPlan).and_then(|plan| plan.item)
}

fn stands(seen: &Seen<'_>) -> &'static str {
    match seen.fact.plan.map(|plan| plan.status) {
        Some(PlanStatus::InPlan) => "in_plan",
        Some(PlanStatus::Replaces) => "replaces",
        Some(PlanStatus::OffPlan) => "off_plan",
        None => "not_stated",
    }
}
