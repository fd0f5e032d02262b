use super::MismatchKind as K;
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
        owner_kind: Some(crate::domain::approval::OrganisationKind::Union),
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
    // Where the programme leads is not known yet: at worst the police is asked.
    assert_eq!(assessment.latest_safe_at_worst, Some(day("2026-01-28")));
    let in_time = Facts { filed_on: Some(day("2026-02-04")), ..facts };
    assert_eq!(assess(&book, &in_time, &calendar).clocks_fit, None);
    let item = ItemFact {
        starts_at: "2026-02-24T08:00:00".parse().unwrap(),
        zone: crate::domain::codes::Zone::Normal,
        press_conference: false,
    };
    let stated = Facts { programme: vec![item], ..in_time };
    let assessment = assess(&book, &stated, &calendar);
    assert_eq!(
        (assessment.latest_safe_at_worst, assessment.clocks_fit),
        (Some(day("2026-02-04")), Some(true))
    );
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

#[test]
fn what_a_submission_has_to_state_is_asked_for_at_once() {
    use crate::domain::codes::GuestKind;
    let (book, calendar) = (shipped(), Calendar::shipped().unwrap());
    let asked = |facts: &Facts| -> Vec<&str> {
        super::asked(&assess(&book, facts, &calendar), facts, &calendar).into_iter().collect()
    };
    let mut facts = Facts { filed_on: Some(day("2026-09-09")), ..Facts::unknown(Direction::Inbound) };
    facts.urgent = Some(false);
    facts.owner_kind = Some(crate::domain::approval::OrganisationKind::Union);
    // Nobody knows the day yet: the wordings of the day of filing ask.
    assert_eq!(asked(&facts), ["arrives_on", "guest_kinds", "press", "programme", "rank", "sensitive"]);
    facts.guest_kinds = vec![GuestKind::Ngo];
    facts.rank = Some(Rank::A);
    let of_guests = ["arrives_on", "ngo_registration", "ngo_registration_expires_on", "press"];
    assert_eq!(asked(&facts), of_guests, "the rank decides on who is asked");
    // A rule that is not kept refuses by itself; one that was not in force asks for nothing.
    facts.arrives_on = Some(day("2026-06-30"));
    assert!(asked(&facts).is_empty(), "{:?}", asked(&facts));
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
        ("valid_from = \"2025-01-01\"", "valid_from = \"2025-02-30\"", "`2025-02-30` is no day"),
        ("n = 5, unit = \"wd\"", "n = 0, unit = \"wd\"", "a lead time is at least 1"),
        ("ranks = [\"c\", \"other\"]", "ranks = []", "applies.ranks is an empty list"),
        (
            "selected_by = \"filing\"",
            "selected_by = \"filing\"\ninstead_of = [\"NO-RULE\"]",
            "which is no rule",
        ),
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
        assert!(said.contains(reason.trim_start_matches("rule ")), "{to}: {said}");
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
    assert_eq!(differences[0].row, "rule IN-LEAD-STD from 2025-01-01");
    let n = ("demand.n".to_owned(), 5.into(), 7.into());
    assert_eq!(differences[0].change, RowChange::Changed(vec![n]));
    assert!(book.differences(&book).is_empty());
}

#[test]
fn a_difference_names_the_step_of_the_chain() {
    let book = shipped();
    let other = with("chain.toml", |text| text.replacen("clock = { n = 3, unit", "clock = { n = 4, unit", 1));
    let other = other.unwrap();
    let n = ("clock.n".to_owned(), 3.into(), 4.into());
    let expected = Difference {
        row: "step appraise at foreign_affairs".to_owned(),
        change: RowChange::Changed(vec![n]),
    };
    assert_eq!(book.differences(&other), [expected]);
    let fewer = with("chain.toml", |text| {
        let at = text.find("[[step]]                  # PLAN-OUTSIDE").unwrap();
        let end = text.find("[issue]").unwrap();
        format!("{}{}", &text[..at], &text[end..])
    });
    let differences = book.differences(&fewer.unwrap());
    assert_eq!(differences.len(), 1);
    assert_eq!(differences[0].row, "step approve at city");
    assert!(matches!(differences[0].change, RowChange::Removed(_)));
}

#[test]
fn a_book_that_cannot_be_meant_is_refused() {
    let refused = |file: &str, from: &str, to: &str| {
        let defects = with(file, |text| text.replacen(from, to, 1)).expect_err(to);
        defects.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    for (file, from, to, reason) in [
        ("common.toml", "month = 11, day = 15", "month = 2, day = 29", "there is no 29/2 in every year"),
        (
            "chain.toml",
            "clock = { n = 3,",
            "clock = { n = 4000000000,",
            "its clock is longer than 1000 units",
        ),
        ("chain.toml", "clock = { n = 1,", "clock = { n = 4000000000,", "receive: its clock is longer"),
        ("chain.toml", "stage = 20", "stage = 90", "the last stage decides"),
        (
            "chain.toml",
            "forward_to = \"city\" ",
            "forward_to = \"city_office\" ",
            "forwards to its own place",
        ),
        (
            "inbound.toml",
            "direction = \"inbound\", origins",
            "direction = \"inbound\", countries = [\"ZZ\"], origins",
            "there is no country ZZ",
        ),
        (
            "outbound.toml",
            "instead_of = [\"OUT-RESULT\"]",
            "instead_of = [\"OUT-RESULT-TRAINING\"]",
            "speaks in its own place",
        ),
    ] {
        let said = refused(file, from, to);
        assert!(said.contains(reason), "{to}: {said}");
        assert!(!said.contains("rule OUT-RESULT-TRAINING: rule"), "{said}");
    }
    let rules: Vec<Source> = sources()
        .into_iter()
        .filter(|source| ["chain.toml", "material.toml"].contains(&source.name.as_str()))
        .collect();
    assert!(Book::read(&rules).unwrap_err()[0].reason.contains("no rule in any file"));
    let empty = Source { name: "mine.toml".to_owned(), text: "rule = []".to_owned() };
    assert!(Book::check(&empty).unwrap_err()[0].reason.contains("no rule in it"));
}

#[test]
fn a_bad_step_is_refused_with_its_line() {
    let text = &sources()[0].text;
    let line_of = |at: usize| text[..at].matches('\n').count() + 1;
    for (nth, from, to, reason) in [
        (1, "quorum = 1 ", "quorum = 0 ", "a quorum is from 1 to 20"),
        (
            4,
            "\nclock = { n = 5, unit = \"wd\" }\ntitle_vi = \"Xin ý kiến",
            "\ntitle_vi = \"Xin ý kiến",
            "without a clock",
        ),
        (5, "plan = [\"off_plan\", \"replaces\"]", "plan = []", "when.plan is an empty list"),
    ] {
        let defects = with("chain.toml", |text| text.replacen(from, to, 1)).expect_err(to);
        assert_eq!(defects.len(), 1, "{defects:?}");
        assert!(defects[0].reason.contains(reason), "{defects:?}");
        let changed = text.find(from).unwrap();
        let begins = text[..changed].rfind("[[step]]").unwrap();
        assert_eq!(defects[0].line, line_of(begins), "step {nth}: {defects:?}");
    }
    let alone = Source {
        name: "mine.toml".to_owned(),
        text: sources()[2].text.replacen("IN-LEAD-MIN", "IN-LEAD-STD", 1),
    };
    assert!(Book::check(&alone).unwrap_err()[0].reason.contains("two wordings are in force"));
}

/// Each line of what does not fit, with its fields.
fn misfits(rule: &str, facts: &Facts) -> Vec<(MismatchKind, Vec<String>)> {
    let (book, calendar) = (shipped(), Calendar::shipped().unwrap());
    let assessment = assess(&book, facts, &calendar);
    let found = assessment.findings.iter().find(|finding| finding.rule.id == rule).unwrap();
    assert_eq!(found.verdict == Verdict::Violated, !found.misfits.is_empty());
    found.misfits.iter().map(|one| (one.kind, one.fields.clone())).collect()
}

#[test]
fn each_mismatch_is_named_with_its_row_and_fields() {
    let line = |amount, persons, days, rate| FundingFact {
        payer: crate::domain::codes::Payer::Unit,
        amount,
        currency: "USD".to_owned(),
        persons: Some(persons),
        days: Some(days),
        rate: Some(rate),
    };
    let expires = |text: &str| TravellerFact { passport_expires_on: Some(day(text)), ..Default::default() };
    let item = |text: &str| ItemFact {
        starts_at: text.parse().unwrap(),
        zone: crate::domain::codes::Zone::Normal,
        press_conference: false,
    };
    let facts = Facts {
        filed_on: Some(day("2026-03-02")),
        leaves_vn_on: Some(day("2026-05-11")),
        enters_vn_on: Some(day("2026-05-14")),
        people: Some(3),
        people_in_letter: Some(4),
        programme: vec![item("2026-05-11T08:00:00"), item("2026-05-15T08:00:00")],
        funding: vec![line(120_000, 3, 4, 10_000), line(100, 4, 5, 10)],
        travellers: vec![expires("2026-11-14"), expires("2026-11-13")],
        ..Facts::unknown(Direction::Outbound)
    };
    let fields = |all: &[&str]| all.iter().map(|field| (*field).to_owned()).collect::<Vec<_>>();
    for (rule, kind, at) in [
        ("CHECK-LETTER", K::LetterPeople, fields(&["/request_letter/people", "/members"])),
        ("CHECK-PROGRAMME", K::ItemOutside, fields(&["/programme/1", "/leaves_vn_on", "/enters_vn_on"])),
        ("CHECK-COST", K::CostProduct, fields(&["/funding/1"])),
        ("CHECK-COST-PEOPLE", K::CostPersons, fields(&["/funding/1", "/members"])),
        ("CHECK-COST-DAYS", K::CostDays, fields(&["/funding/1", "/leaves_vn_on", "/enters_vn_on"])),
        ("CHECK-PASSPORT", K::PassportShort, fields(&["/members/1"])),
    ] {
        assert_eq!(misfits(rule, &facts), [(kind, at)], "{rule}");
    }
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
