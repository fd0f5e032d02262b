//! The check that every table sums to the total: the figures are added up again from the rows that people
//! see, not from the dossiers. A return that fails is not handed out.

use std::collections::BTreeSet;

use super::ReportError;
use super::annex::{annex1_totals, annex2_totals};
use super::checked::{self, CheckResult};
use super::form::{OverviewRow, Return};
use super::overview::GROUPS;
use super::planned;
use crate::domain::codes::{Code, Direction};

/// One comparison: the table, what it says, what the total says.
type Sum = (String, u64, u64);

/// Whether every table of the return sums to its total.
///
/// # Errors
/// [`ReportError::TableDiffers`] names the first table that does not.
pub fn verify(form: &Return) -> Result<(), ReportError> {
    let sums = overview_sums(form).into_iter().chain(plan_sums(form));
    let sums = sums.chain(annex_sums(form)).chain(list_sums(form)).chain(self_check_sums(form));
    for (table, found, expected) in sums {
        if found != expected {
            return Err(ReportError::TableDiffers { table, found, expected });
        }
    }
    Ok(())
}

fn sum(table: &str, found: u64, expected: u64) -> Sum {
    (table.to_owned(), found, expected)
}

fn count<T>(rows: impl IntoIterator<Item = T>) -> u64 {
    rows.into_iter().map(|_| 1).sum()
}

fn main_row<'a>(form: &'a Return, id: &str) -> Option<&'a OverviewRow> {
    form.overview.iter().find(|row| row.section == "main" && row.id == id)
}

/// The head of the overview equals the totals; each group sums to its line in all five columns.
fn overview_sums(form: &Return) -> Vec<Sum> {
    let totals = form.totals;
    let heads = [
        ("inbound_delegations", totals.inbound_delegations),
        ("visits", totals.visits),
        ("distinct_persons", totals.distinct_persons),
        ("actual", totals.inbound_delegations),
        ("outbound_delegations", totals.outbound_delegations),
        ("outbound_people", form.annex2.totals.people),
    ];
    let figure = |id| main_row(form, id).map_or(0, |row| row.in_period);
    let mut sums: Vec<Sum> =
        heads.map(|(id, expected)| sum(&format!("overview.{id}"), figure(id), expected)).into();
    for group in &GROUPS {
        let Some(line) = group.total.and_then(|id| main_row(form, id)) else { continue };
        let rows = form.overview.iter().filter(|row| row.section == group.id);
        let found = rows.fold([0; 5], |mut found: [u64; 5], row| {
            found.iter_mut().zip(row.figures()).for_each(|(sum, figure)| *sum += figure);
            found
        });
        let table = format!("overview.{}", group.id);
        sums.extend(
            found.into_iter().zip(line.figures()).map(|(found, expected)| sum(&table, found, expected)),
        );
    }
    sums
}

/// The self-check lists what the matrix says of the counted dossiers, rule by rule; and each figure that counts
/// delegations has as many dossiers behind it.
fn self_check_sums(form: &Return) -> Vec<Sum> {
    let totals = form.self_check.totals;
    let judged = form.matrix.iter().filter(|row| row.counted && row.rulebook_version.is_some());
    let mut sums = vec![
        sum("matrix", count(&form.matrix), count(&form.dossiers)),
        sum("self_check.judged", count(judged), totals.judged),
        sum(
            "self_check.counted",
            totals.judged + totals.not_judged,
            form.totals.inbound_delegations + form.totals.outbound_delegations,
        ),
    ];
    for result in
        [CheckResult::Violated, CheckResult::Overridden, CheckResult::Unknown, CheckResult::NoRuleInForce]
    {
        let rows = form.self_check.rows.iter().filter(|row| row.result.code == result.code());
        let expected = *checked::count(&mut form.self_check.totals.clone(), result);
        sums.push(sum(&format!("self_check.{result}"), count(rows), expected));
    }
    for id in ["inbound_delegations", "actual", "outbound_delegations"] {
        let Some(row) = main_row(form, id) else { continue };
        let behind = &row.behind;
        let lists = [
            &row.dossiers,
            &behind.previous,
            &behind.cumulative,
            &behind.same_last_year,
            &behind.cumulative_last_year,
        ];
        let pairs = lists.into_iter().zip(row.figures());
        sums.extend(pairs.map(|(list, figure)| sum(&format!("overview.{id}.dossiers"), count(list), figure)));
    }
    sums
}

/// Every counted delegation stands in one way to the annual plan, in all five columns.
fn plan_sums(form: &Return) -> Vec<Sum> {
    if form.overview.iter().all(|row| row.section != planned::SECTION) {
        return Vec::new();
    }
    let added = |ids: &[&str], section: &str| {
        let rows =
            form.overview.iter().filter(|row| row.section == section && ids.contains(&row.id.as_str()));
        rows.fold([0; 5], |mut found: [u64; 5], row| {
            found.iter_mut().zip(row.figures()).for_each(|(sum, figure)| *sum += figure);
            found
        })
    };
    let found = added(&planned::WAYS, planned::SECTION);
    let expected = added(&["inbound_delegations", "outbound_delegations"], "main");
    found.into_iter().zip(expected).map(|(found, expected)| sum("overview.plan", found, expected)).collect()
}

fn annex_sums(form: &Return) -> Vec<Sum> {
    let (totals, one, two) = (form.totals, &form.annex1, &form.annex2);
    let (sums1, sums2) = (annex1_totals(&one.rows), annex2_totals(&two.rows));
    vec![
        sum("annex1", count(&one.rows), totals.inbound_delegations),
        sum("annex1.visits", sums1.visits, totals.visits),
        sum("annex1.visits", one.totals.visits, totals.visits),
        sum("annex1.permitted_guests", sums1.permitted_guests, one.totals.permitted_guests),
        sum("annex1.companions", sums1.companions, one.totals.companions),
        sum("annex2", count(&two.rows), totals.outbound_delegations),
        sum("annex2.people", sums2.people, two.totals.people),
        sum("annex2.in_decision", sums2.in_decision, two.totals.in_decision),
        sum("annex2.outside_decision", sums2.outside_decision, two.totals.outside_decision),
        sum("annex2.people", two.totals.in_decision + two.totals.outside_decision, two.totals.people),
    ]
}

fn list_sums(form: &Return) -> Vec<Sum> {
    let totals = form.totals;
    let persons: BTreeSet<_> = form.visits.iter().filter_map(|row| row.person).collect();
    let unnamed: u64 = form.visits.iter().filter(|row| row.unnamed).map(|row| row.visits).sum();
    let counted = |way| form.dossiers.iter().filter(move |row| row.counted && row.direction == way);
    let ids: BTreeSet<_> = form.dossiers.iter().map(|row| row.id).collect();
    vec![
        sum("visits", form.visits.iter().map(|row| row.visits).sum(), totals.visits),
        sum("visits.distinct_persons", count(persons) + unnamed, totals.distinct_persons),
        sum("dossiers.inbound", count(counted(Direction::Inbound)), totals.inbound_delegations),
        sum("dossiers.outbound", count(counted(Direction::Outbound)), totals.outbound_delegations),
        sum("dossiers.visits", counted(Direction::Inbound).map(|row| row.visits).sum(), totals.visits),
        sum("dossiers", count(&form.dossiers), count(ids)),
    ]
}
