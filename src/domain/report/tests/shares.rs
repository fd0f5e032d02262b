//! What each dossier behind a figure adds to it: together the number, in every column.

use super::fixture::{day, group, guest, inbound, on, outbound};
use super::tables::mixed;
use crate::domain::codes::{Code, Lang, PlanStatus};
use crate::domain::ids::PlanItemId;
use crate::domain::report::facts::{CheckedFact, DelegationFact, MemberFact, PlanFact, PlannedFact, Wording};
use crate::domain::report::figures::{CHECK, Column, Figure};
use crate::domain::report::period::{Kind, Period};
use crate::domain::report::{Meta, Return, Window, build};
use crate::domain::rulebook::{Said, Verdict};

fn item(no: u128) -> PlanItemId {
    PlanItemId(uuid::Uuid::from_u128(no))
}

fn said(rule: &str, verdict: Verdict) -> Said {
    Said { rule: rule.into(), verdict, overridden: false, unknown: None }
}

/// Delegations of this year and the last, of several nationalities, some with a person that came before, two that carry
/// out the same item of the plan, and what the rules said of them.
fn facts() -> Vec<DelegationFact> {
    let mut facts = mixed();
    let plan = Some(PlanFact { status: PlanStatus::InPlan, item: Some(item(1)) });
    let checked = Some(CheckedFact {
        revision: 1,
        rulebook_version: 1,
        said: vec![said("a", Verdict::Met), said("b", Verdict::Unknown), said("tells", Verdict::Met)],
        overrides: vec![],
    });
    let french_and_american = vec![guest(101, "FR"), guest(2, "US"), guest(3, "US")];
    let others = [
        DelegationFact { members: french_and_american, plan, checked: checked.clone(), ..inbound(21) },
        DelegationFact { groups: vec![group(1, Some("US"), 9, Some(4))], plan, checked, ..inbound(22) },
        DelegationFact {
            members: vec![guest(2101, "BE")],
            actual_starts_on: on("2025-10-05"),
            ..inbound(23)
        },
        DelegationFact { actual_starts_on: on("2024-11-07"), ..outbound(24) },
        DelegationFact { actual_starts_on: on("2024-02-07"), ..inbound(25) },
    ];
    facts.extend(others);
    let again = MemberFact { ..guest(101, "FR") };
    facts[1].members.push(again);
    facts
}

fn made(kind: Kind, label: &str) -> Return {
    let period = Period::parse_label(kind, label).unwrap();
    let planned = vec![PlannedFact { id: item(1), year: 2025 }, PlannedFact { id: item(2), year: 2025 }];
    let mut meta = Meta { planned, ..Meta::default() };
    let tells = Wording { title: "Tells".into(), citation: String::new(), tells: true };
    meta.wordings.rules.entry(1).or_default().insert("tells".into(), tells);
    let names = |code: &str| code.to_owned();
    build(&facts(), period, Window::Calendar, day("2025-12-07"), &names, Lang::Vi, meta).unwrap()
}

/// Every figure of a return, by its name.
fn all(form: &Return) -> Vec<(String, Figure)> {
    let rows = form.overview.iter().map(|row| (row.section.as_str(), row.id.as_str()));
    let checks = form.check_figures();
    let named = rows.chain(checks.iter().map(|(id, _)| (CHECK, *id)));
    let columns = named.flat_map(|one| Column::ALL.iter().map(move |column| (one, *column)));
    let found = columns.filter_map(|((section, id), column)| {
        Some((format!("{section}.{id}"), form.figure(section, id, column)?))
    });
    found.collect()
}

fn adds_up(figure: &Figure) -> bool {
    figure.shares.as_ref().is_some_and(|shares| {
        shares.len() == figure.dossiers.len() && shares.iter().sum::<u64>() == figure.value
    })
}

/// Numbers that are no sums of dossiers.
const NO_SUMS: [&str; 2] = ["plan.items", "plan.rate"];

#[test]
fn the_shares_of_every_figure_are_the_figure() {
    for (kind, label) in [(Kind::Monthly, "2025-11"), (Kind::Quarterly, "2025-Q4"), (Kind::Yearly, "2025")] {
        let form = made(kind, label);
        let figures = all(&form);
        assert!(figures.len() > 100, "{}", figures.len());
        for (name, figure) in figures.iter().filter(|(name, _)| !NO_SUMS.contains(&name.as_str())) {
            assert!(adds_up(figure), "{label} {name}: {figure:?}");
        }
    }
    let form = made(Kind::Monthly, "2025-11");
    let shares = |section, id| form.figure(section, id, Column::InPeriod).unwrap().shares.unwrap();
    assert_eq!(shares("nationality", "US"), [2, 4], "not the whole delegation");
    assert_eq!(shares("plan", "done"), [1, 0], "an item is carried out once");
    assert_eq!(shares("check", "unknown"), [1, 1]);
    let met = form.figure("check", "met", Column::InPeriod).unwrap();
    assert_eq!((met.value, met.shares), (2, Some(vec![1, 1])), "without what only tells");
}

#[test]
fn a_frozen_return_shows_right_shares_or_none() {
    let form = made(Kind::Monthly, "2025-11");
    let text = serde_json::to_string(&form).unwrap();
    assert!(!text.contains("\"shares\"") && !text.contains("\"each\""), "what is frozen stays as it was");
    let frozen: Return = serde_json::from_str(&text).unwrap();
    let mut known = 0;
    for ((name, own), (_, read)) in all(&form).iter().zip(all(&frozen)) {
        assert_eq!((own.value, &own.dossiers), (read.value, &read.dossiers), "{name}");
        assert!(read.shares.is_none() || read.shares == own.shares, "{name}: {read:?} {own:?}");
        known += usize::from(read.shares.is_some());
    }
    assert!(known > 60, "{known}");
    let shares = |id| frozen.figure("main", id, Column::InPeriod).unwrap().shares;
    assert!(shares("visits").is_some() && shares("outbound_people").is_some());
    assert!(shares("distinct_persons").is_none());
    let checked = |id| frozen.figure(CHECK, id, Column::InPeriod).unwrap().shares;
    assert_eq!(checked("unknown"), Some(vec![1, 1]));
    assert_eq!(checked("met"), None, "what only tells cannot be told from the rest");
    assert_eq!(frozen.figure("main", "visits", Column::Cumulative).unwrap().shares, None);
}
