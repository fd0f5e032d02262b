//! How far the annual plans were carried out, as rows of the overview: items, carried out, rate, and how each counted
//! delegation stands to the plan. Nothing is shown where no plan was registered and no dossier speaks of one.

use std::collections::BTreeSet;

use chrono::Datelike;

use super::facts::PlannedFact;
use super::form::OverviewRow;
use super::overview::{Key, Sum, row, within};
use super::period::Range;
use super::seen::Seen;
use super::words::pick;
use crate::domain::codes::{Direction, Lang, PlanStatus};
use crate::domain::ids::PlanItemId;

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
        let sums = columns.map(|range| sum(id, seen, planned, range));
        let key = Key { id: id.to_owned(), order: String::new(), text: pick(lang, vi, en).to_owned() };
        row(lang, section, key, sums)
    };
    LINES.into_iter().map(shown).collect()
}

/// A figure with the dossiers behind it; behind the number of items stand none. Of several delegations that carry out
/// the same item the first one adds it.
fn sum(id: &str, seen: &[Seen<'_>], planned: &[PlannedFact], range: Range) -> Sum {
    let (all, mut done, mut sum) = (items(planned, range), BTreeSet::new(), Sum::default());
    for one in counted(seen, range) {
        let amount = match id {
            "items" => None,
            "done" | "rate" => {
                carries_out(one).filter(|item| all.contains(item)).map(|item| u64::from(done.insert(item)))
            }
            way => (stands(one) == way).then_some(1),
        };
        if let Some(amount) = amount {
            sum.add(one.fact.id, amount);
        }
    }
    let (all, done) = (number(&all), number(&done));
    match id {
        "items" => sum.made(all),
        // Rounded half up, in whole per cent.
        "rate" => sum.made((done * 200 + all).checked_div(all * 2).unwrap_or_default()),
        _ => sum,
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
