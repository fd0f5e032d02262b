use super::*;
use crate::domain::calendar::Calendar;
use crate::domain::codes::{Direction, Rank};

fn sources() -> Vec<Source> {
    [
        ("chain.toml", include_str!("../../../config/rulebook/chain.toml")),
        ("common.toml", include_str!("../../../config/rulebook/common.toml")),
        ("inbound.toml", include_str!("../../../config/rulebook/inbound.toml")),
        ("material.toml", include_str!("../../../config/rulebook/material.toml")),
        ("outbound.toml", include_str!("../../../config/rulebook/outbound.toml")),
    ]
    .map(|(name, text)| Source { name: name.to_owned(), text: text.to_owned() })
    .to_vec()
}

fn shipped() -> Book {
    Book::read(&sources()).unwrap_or_else(|defects| panic!("{defects:#?}"))
}

fn examples() -> Vec<Example> {
    super::examples::read(include_str!("../../../config/rulebook/examples.toml")).unwrap()
}

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

#[test]
fn every_example_holds() {
    let (book, calendar) = (shipped(), Calendar::shipped().unwrap());
    let faults: Vec<String> =
        examples().iter().filter_map(|example| example.fault(&book, &calendar)).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

/// A rule is shown kept (or noted), and not kept, unknown, not in force or not concerned.
#[test]
fn every_rule_has_a_passing_and_a_failing_example() {
    let (book, examples) = (shipped(), examples());
    for rule in book.families().map(|family| &family[0]) {
        let of = || examples.iter().filter(|example| example.rule == rule.id);
        assert!(
            of().any(|one| matches!(one.says, Some(Verdict::Met | Verdict::Noted))),
            "{}: passing",
            rule.id
        );
        let fails = |one: &Example| !matches!(one.says, Some(Verdict::Met | Verdict::Noted));
        assert!(of().any(fails), "{}: failing", rule.id);
        if let Demand::Lead { .. }
        | Demand::Papers { .. }
        | Demand::Stated { .. }
        | Demand::NgoRegistration {}
        | Demand::PartySize { .. }
        | Demand::TripLength { .. }
        | Demand::TripsPerYear { .. }
        | Demand::LeadersApart {}
        | Demand::NotPaidBy { .. }
        | Demand::Consistent { .. }
        | Demand::NothingOverdue {} = rule.demand
        {
            assert!(of().any(|one| one.says == Some(Verdict::Violated)), "{}: violated", rule.id);
        }
    }
    for example in &examples {
        assert!(book.rules().iter().any(|rule| rule.id == example.rule), "{} is no rule", example.rule);
    }
}

/// The example of the issue: arrival on 23/02/2026, a week after Tết.
#[test]
fn latest_permitted_and_latest_safe_day_around_tet() {
    let (book, calendar) = (shipped(), Calendar::shipped().unwrap());
    let facts = Facts {
        rank: Some(Rank::C),
        sensitive: Some(false),
        visa_needed: Some(false),
        urgent: Some(false),
        filed_on: Some(day("2026-02-05")),
        arrives_on: Some(day("2026-02-23")),
        departs_on: Some(day("2026-02-25")),
        ..Facts::unknown(Direction::Inbound)
    };
    let assessment = assess(&book, &facts, &calendar);
    assert_eq!(assessment.latest_permitted, Some(day("2026-02-09")));
    assert_eq!(assessment.latest_safe, Some(day("2026-02-04")));
    assert_eq!(
        assessment.clocks_fit,
        Some(false),
        "filed on the 5th: the rule is kept, the clocks cannot be"
    );
    let in_time = Facts { filed_on: Some(day("2026-02-04")), ..facts };
    assert_eq!(assess(&book, &in_time, &calendar).clocks_fit, Some(true));
}

#[test]
fn an_unknown_fact_is_never_a_yes() {
    let (book, calendar) = (shipped(), Calendar::shipped().unwrap());
    for direction in [Direction::Inbound, Direction::Outbound] {
        let assessment = assess(&book, &Facts::unknown(direction), &calendar);
        let sure: Vec<&str> = assessment
            .findings
            .iter()
            .filter(|finding| finding.verdict == Verdict::Met)
            .map(|finding| finding.rule.id.as_str())
            .collect();
        assert_eq!(sure, Vec::<&str>::new());
        assert_eq!((assessment.latest_permitted, assessment.latest_safe), (None, None));
    }
}

/// A rulebook with one file changed.
fn with(file: &str, change: impl Fn(&str) -> String) -> Result<Book, Vec<Defect>> {
    let mut sources = sources();
    let source = sources.iter_mut().find(|source| source.name == file).unwrap();
    source.text = change(&source.text);
    Book::read(&sources)
}

#[test]
fn a_bad_file_is_refused_with_file_line_and_reason() {
    let refused = |file: &str, from: &str, to: &str| {
        let defects = with(file, |text| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        })
        .expect_err(to);
        defects.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let cites =
        "basis = [{ document = \"Thủ tục đón đoàn vào của Sở Ngoại vụ tỉnh Bắc Giang (tham khảo)\" }]";
    for (from, to, reason) in [
        (cites, "basis = []", "rule IN-LEAD-STD: it cites nothing"),
        (cites, "basis = [{ document = \" \" }]", "rule IN-LEAD-STD: it cites nothing"),
        ("unit = \"wd\", before", "unit = \"weeks\", before", "unknown variant `weeks`"),
        ("direction = \"inbound\", origins", "where = \"inbound\", origins", "unknown field `where`"),
        ("valid_from = \"2025-01-01\"", "valid_from = \"2025-02-30\"", "out of range"),
        ("override_by = \"approver\"\n", "", "it blocks, but names nobody who may override it"),
        (
            "confidence = \"F1\"\nbasis = [{ document = \"Thông tư 35",
            "confidence = \"U\"\nbasis = [{ document = \"Thông tư 35",
            "an uncertain fact (U)",
        ),
        ("id = \"IN-LEAD-MIN\"", "id = \"IN-LEAD-STD\"", "two wordings are in force on 2025-01-01"),
        ("id = \"IN-LEAD-STD\"", "id = \"in lead\"", "capitals, digits and hyphens"),
        ("facts = [\"rank\"]", "facts = [\"rnak\"]", "there is no fact rnak"),
    ] {
        let said = refused("inbound.toml", from, to);
        assert!(said.contains(reason), "{to}: {said}");
        // A fault of the text is named with its own line, a fault of the rule with the line on which it begins.
        let text = sources()[2].text.replacen(from, to, 1);
        let changed = sources()[2].text.find(from).unwrap();
        let line_of = |at: usize| text[..at].matches('\n').count() + 1;
        let begins = text[..changed].rfind("[[rule]]").unwrap();
        let next = text[changed..].find("[[rule]]").map_or(usize::MAX, |at| line_of(changed + at));
        let named: usize = said.split(':').nth(1).unwrap().parse().unwrap();
        assert!((line_of(begins)..next).contains(&named), "{to}: {said}");
        if !said.contains(": rule ") {
            assert_eq!(named, line_of(changed), "{to}: {said}");
        }
    }
    let missing: Vec<Source> = sources().into_iter().filter(|source| source.name != "chain.toml").collect();
    assert!(Book::read(&missing).unwrap_err()[0].to_string().contains("chain.toml:1: the file is missing"));
}

#[test]
fn another_wording_may_follow_but_not_overlap() {
    let book = shipped();
    let secret: Vec<_> = book.rules().iter().filter(|rule| rule.id == "SECRET-BLOCK").collect();
    assert_eq!(secret.len(), 2);
    assert!(secret[0].valid_to.unwrap() < secret[1].valid_from);
}

#[test]
fn a_difference_names_the_rule() {
    let book = shipped();
    let other = with("inbound.toml", |text| text.replacen("n = 5", "n = 7", 1)).unwrap();
    let differences = book.differences(&other);
    assert_eq!(differences.len(), 1);
    assert_eq!(differences[0].1.unwrap().id, "IN-LEAD-STD");
    assert!(book.differences(&book).is_empty());
}

/// Kinds, places and bodies of a chain, in order.
fn steps(facts: &Facts) -> Vec<String> {
    let (book, calendar) = (shipped(), Calendar::shipped().unwrap());
    let name = |step: &&crate::domain::approval::ChainStep| {
        format!("{} {} {}", step.kind, step.at, step.body.as_deref().unwrap_or("-"))
    };
    assess(&book, facts, &calendar).chain.iter().map(name).collect()
}

#[test]
fn the_chain_follows_from_who_files_rank_place_and_plan() {
    use crate::domain::approval::OrganisationKind;
    use crate::domain::codes::{PlanStatus, Zone};
    let plain = Facts {
        owner_kind: Some(OrganisationKind::Union),
        rank: Some(Rank::C),
        sensitive: Some(false),
        plan: Some(PlanStatus::InPlan),
        ..Facts::unknown(Direction::Inbound)
    };
    let usual = ["appraise foreign_affairs -", "approve city_office -"];
    assert_eq!(steps(&plain), usual);
    let association = Facts { owner_kind: Some(OrganisationKind::Association), ..plain.clone() };
    assert_eq!(steps(&association)[0], "endorse parent_union -");
    let minister = Facts { rank: Some(Rank::B), ..plain.clone() };
    assert_eq!(
        steps(&minister),
        [
            "appraise foreign_affairs -",
            "consult foreign_affairs mofa",
            "consult foreign_affairs city_police",
            "consult foreign_affairs thanh_uy",
            "approve city_office -"
        ]
    );
    let item =
        |zone| ItemFact { starts_at: "2026-03-10T08:00:00".parse().unwrap(), zone, press_conference: false };
    let coast = Facts { programme: vec![item(Zone::SeaBorder)], ..plain.clone() };
    assert_eq!(steps(&coast)[1], "consult foreign_affairs city_police");
    let off_plan = Facts { plan: Some(PlanStatus::OffPlan), ..plain };
    assert_eq!(steps(&off_plan)[2], "approve city -");
}
