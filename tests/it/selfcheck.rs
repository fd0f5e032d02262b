//! What a return says of itself: failures, overrides and unknowns, dossiers x rules, every exception with how it came
//! about, the dossiers behind each figure, and the checkpoint that binds it to the journal. Read by a fixed number of
//! statements.

use std::cell::Cell;

use chrono::TimeDelta;
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use legation::domain::access::Role;
use legation::domain::codes::Lang;
use legation::domain::report::period::Kind;
use legation::domain::report::{Period, Window};
use legation::service::returns::{self, Format, Wanted};
use serde_json::{Value, json};

use super::app::{Client, TestApp, databases, on_each};
use super::closings::closes;
use super::make::{self, Made, execute};
use super::returns::a_month;

const MARCH: &str = "/api/v1/reports/monthly/2026-03";

fn form(client: &Client) -> Value {
    client.get(&format!("{MARCH}.json?window=calendar")).expect(200)
}

/// The row of the matrix, and the rows of the self-check, of a dossier.
fn of<'v>(form: &'v Value, made: &Made) -> (&'v Value, Vec<&'v Value>) {
    let is = |row: &&Value| row["id"] == json!(made.id);
    let matrix = form["matrix"].as_array().unwrap().iter().find(is).unwrap();
    (matrix, form["self_check"]["rows"].as_array().unwrap().iter().filter(is).collect())
}

/// Came on the day on which it was filed: a blocking rule was passed by, others were not kept.
fn passed_by(app: &TestApp, officer: &Client, confidential: bool, no: u32) -> Made {
    let mut body = make::body(app, "2026-03-02");
    body["confidential"] = json!(confidential);
    let mut made = make::registered(app, officer, &body, no);
    let ask = json!({"rule": "IN-LEAD-MIN", "reason": "Khách đổi chuyến bay"});
    let asked = made.tries(officer, "overrides", &ask).expect(201);
    let answers = format!("overrides/{}/answers", asked["id"].as_str().unwrap());
    let leader = app.at(Role::Approver, app.world().union);
    made.tries(&leader, &answers, &json!({"granted": true, "comment": "Đồng ý"})).expect(200);
    made.does(officer, "submit", &make::declared());
    made.does(officer, "report", &json!({"actual_arrives_on": "2026-03-02", "unpermitted": true}));
    made
}

fn name(app: &TestApp, client: &Client) -> String {
    let id = client.account.unwrap();
    app.read(|tx| Ok(legation::store::accounts::load(tx, id)?)).unwrap().display_name
}

#[test]
fn the_self_check_says_who_passed_what_by_and_why_and_masks_what_is_confidential() {
    on_each(|app| {
        let (officer, leader) = (app.as_(Role::Officer), app.at(Role::Approver, app.world().union));
        let made = passed_by(app, &officer, false, 1);
        let draft = make::registered(app, &officer, &make::body(app, "2026-03-20"), 5);
        let shown = form(&officer);
        let (matrix, rows) = of(&shown, &made);
        assert_eq!((&matrix["counted"], &matrix["rulebook_version"]), (&json!(true), &json!(1)));
        assert_eq!(matrix["verdicts"]["IN-LEAD-MIN"], "overridden");
        assert_eq!(matrix["verdicts"]["IN-LEAD-STD"], "violated");
        assert!(matrix["verdicts"].as_object().unwrap().len() > 10, "every rule that concerned it: {matrix}");
        let row = |rule: &str| *rows.iter().find(|row| row["rule"]["code"] == json!(rule)).unwrap();
        let passed = row("IN-LEAD-MIN");
        assert_eq!(passed["result"]["code"], "overridden");
        let (asked, granted) = (name(app, &officer), name(app, &leader));
        let detail = format!("Đề nghị: {asked}; chấp thuận: {granted}; lý do: Khách đổi chuyến bay");
        assert_eq!(passed["detail"], json!(detail));
        assert!(passed["citation"].as_str().unwrap().contains("Bắc Giang"));
        assert_eq!(row("IN-LEAD-STD")["result"]["code"], "violated");
        // Every verdict that is not "met" or "noted" is listed, and no other one, but for rules that only tell something.
        let totals = &shown["self_check"]["totals"];
        let listed = |code: &str| rows.iter().filter(|row| row["result"]["code"] == json!(code)).count();
        for result in ["violated", "overridden", "unknown", "no_rule_in_force"] {
            assert_eq!(totals[result], json!(listed(result)), "{result}: {totals}");
        }
        assert_eq!((&totals["judged"], &totals["not_judged"]), (&json!(1), &json!(0)));
        // A draft was never judged: it stands in the matrix, empty.
        let (never, none) = of(&shown, &draft);
        assert_eq!(
            (&never["rulebook_version"], &never["verdicts"], none.len()),
            (&Value::Null, &json!({}), 0)
        );

        let csv = String::from_utf8(officer.get(&format!("{MARCH}.csv?window=calendar")).bytes).unwrap();
        assert!(csv.contains("PHỤ LỤC 7. TỰ KIỂM TRA") && csv.contains(&detail), "{csv}");
        assert!(csv.contains("1 bỏ qua có lý do"), "{csv}");

        let kept = passed_by(app, &officer, true, 7);
        let office = app.another(Role::Clerk, app.world().union);
        let closed = {
            app.advance(TimeDelta::days(31));
            closes(&office, &json!({})).expect(201);
            form(&office)
        };
        let (_, rows) = of(&closed, &kept);
        let hidden = rows.iter().find(|row| row["rule"]["code"] == "IN-LEAD-MIN").unwrap();
        let masked = format!("Đề nghị: {asked}; chấp thuận: {granted}; lý do: Không công khai");
        assert_eq!(hidden["detail"], json!(masked));
    });
}

#[test]
fn what_nobody_knew_is_listed_with_its_name() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut body = make::late(app, "2026-03-02");
        body["sponsored"] = Value::Null;
        let mut made = make::registered(app, &officer, &body, 1);
        made.does(&officer, "submit", &make::declared());
        made.does(&officer, "report", &json!({"actual_arrives_on": "2026-03-02", "unpermitted": true}));
        let shown = form(&officer);
        let (_, rows) = of(&shown, &made);
        let unknown: Vec<&&Value> = rows.iter().filter(|row| row["result"]["code"] == "unknown").collect();
        assert!(!unknown.is_empty(), "{shown}");
        for row in unknown {
            let detail = row["detail"].as_str().unwrap();
            assert!(detail.starts_with("Thiếu thông tin: ") && !detail.contains("fact-"), "{row}");
        }
    });
}

#[test]
fn the_verdicts_of_a_closed_return_are_those_of_its_time() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let made = passed_by(app, &officer, false, 1);
        let before = of(&form(&officer), &made).0.clone();
        // Other rules now: what was said then stays what it was.
        let mut sources = legation::service::rules::shipped();
        let file = sources.iter_mut().find(|source| source.name == "inbound.toml").unwrap();
        file.text = file.text.replacen("title_en = \"", "title_en = \"Another ", 1);
        let no = app.store.write_blocking(move |tx| legation::service::rules::load(tx, &sources)).unwrap();
        app.store.write_blocking(move |tx| legation::service::rules::activate(tx, no)).unwrap();
        app.advance(TimeDelta::days(300));
        assert_eq!(*of(&form(&officer), &made).0, before);
        assert_eq!(before["rulebook_version"], 1);
    });
}

#[test]
fn every_figure_leads_to_its_dossiers_in_every_column() {
    on_each(|app| {
        let officer = a_month(app);
        let april = officer.get("/api/v1/reports/monthly/2026-04.json?window=calendar").expect(200);
        let row = |form: &Value, id: &str| {
            let rows = form["overview"].as_array().unwrap().clone();
            rows.into_iter().find(|row| row["section"] == "main" && row["id"] == json!(id)).unwrap()
        };
        let march = row(&form(&officer), "inbound_delegations");
        let (previous, now) = (row(&april, "inbound_delegations"), &march["dossiers"]);
        assert_eq!(now.as_array().unwrap().len(), 4);
        assert_eq!((&previous["behind"]["previous"], &previous["behind"]["cumulative"]), (now, now));
        assert_eq!((&previous["dossiers"], &previous["behind"]["same_last_year"]), (&json!([]), &json!([])));
        // Permit against actual says what differs: one of two did not come.
        let differs = form(&officer)["annex6"].as_array().unwrap().clone();
        let differs: Vec<&Value> =
            differs.iter().filter(|row| row["exception"]["code"] == "permit_against_actual").collect();
        assert_eq!(differs.len(), 1, "{differs:?}");
        assert_eq!(differs[0]["detail"], "theo phép 2, thực tế 1; vắng 1, thêm 0");
    });
}

#[cfg(feature = "pdf")]
#[test]
fn a_closed_return_bears_its_checkpoint_and_a_preview_says_that_it_is_one() {
    on_each(|app| {
        let officer = a_month(app);
        app.advance(TimeDelta::days(1));
        let text = |client: &Client, more: &str| {
            let answer = client.get(&format!("{MARCH}.pdf?window=calendar{more}"));
            assert_eq!(answer.status, 200, "{}", answer.body);
            let text = pdf_extract::extract_text_from_mem(&answer.bytes).unwrap();
            // Long hashes break anywhere.
            text.split_whitespace().collect::<String>().replace('\u{200b}', "")
        };
        let bare = |words: &str| words.split_whitespace().collect::<String>();
        let before = text(&officer, "");
        assert!(before.contains(&bare("BẢN XEM TRƯỚC")), "{before}");
        assert!(before.contains(&bare("Bản xem trước, kỳ chưa chốt")), "{before}");
        assert!(before.contains(&bare("PHỤ LỤC 7")), "{before}");
        assert_eq!(form(&officer)["closed"], Value::Null);

        let closed = closes(&officer, &json!({})).expect(201);
        let manifest: Value = serde_json::from_str(closed["manifest"].as_str().unwrap()).unwrap();
        let note = manifest["checkpoint"].as_str().unwrap();
        let lines: Vec<&str> = note.lines().collect();
        let seal = form(&officer)["closed"].clone();
        assert_eq!(
            (&seal["no"], &seal["rulebook_version"], &seal["size"], &seal["root"]),
            (&json!(1), &json!(1), &json!(lines[1].parse::<u64>().unwrap()), &json!(lines[2]))
        );
        assert!(seal["key"].as_str().unwrap().starts_with(&format!("{}+", lines[0])), "{seal}");
        let after = text(&officer, "");
        let words = format!(
            "Kỳ đã chốt, lần 1. Bộ quy tắc: phiên bản 1. Điểm kiểm của nhật ký: {} mục, gốc {}, khóa {}.",
            lines[1],
            lines[2],
            seal["key"].as_str().unwrap()
        );
        assert!(after.contains(&bare(&words)) && !after.contains(&bare("BẢN XEM TRƯỚC")), "{words}: {after}");
        assert!(text(&officer, "&live=true").contains(&bare("BẢN XEM TRƯỚC")));
        // Whoever holds the printed return verifies the journal against it.
        let note = legation::domain::journal::note::SignedNote::parse(note).unwrap();
        assert_eq!(app.audit(&[note]).unwrap().given, 1);
    });
}

thread_local! {
    static STATEMENTS: Cell<usize> = const { Cell::new(0) };
}

#[expect(clippy::unnecessary_wraps, reason = "diesel asks for a constructor of this shape")]
fn counting() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            STATEMENTS.with(|count| count.set(count.get() + 1));
        }
    }))
}

/// How many statements something takes on this thread, and what it gives.
pub fn statements_of<T>(does: impl FnOnce() -> T) -> (usize, T) {
    let before = STATEMENTS.with(Cell::get);
    let given = does();
    (STATEMENTS.with(Cell::get) - before, given)
}

/// Counts the statements of connections that are opened from now on.
pub fn count_statements() {
    set_default_instrumentation(counting).unwrap();
}

/// How statements begin that insert what is numbered from `first` to `last`.
fn numbers((first, last): (u32, u32)) -> String {
    format!(
        "WITH RECURSIVE n (i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) INSERT INTO"
    )
}

/// The id of what has the number `i`.
fn numbered(room: &str) -> String {
    format!("'{room}0000-0000-7000-8000-' || CAST(100000000000 + i AS TEXT)")
}

/// Dossiers like this one, numbered, and nothing beside them.
pub fn dossiers_like(app: &TestApp, made: &Made, range: (u32, u32)) {
    let (numbers, dossier) = (numbers(range), numbered("d055"));
    execute(
        app,
        &format!(
            "{numbers} dossiers (id, kind, direction, organisation_id, lead_host_id, partner_id, year, no, title, title_folded, \
             primary_field, starts_on, ends_on, actual_starts_on, actual_ends_on, state, state_since, outcome, \
             duplicate_of, origin, confidential, version, revision, revision_in_force, rulebook_version, \
             supplement_due_on, incoming_number, incoming_at, reported_at, details, created_by, created_at) \
             SELECT {dossier}, kind, direction, organisation_id, lead_host_id, partner_id, year, no + 100 + i, title, \
             title_folded, primary_field, starts_on, ends_on, actual_starts_on, actual_ends_on, state, state_since, \
             outcome, duplicate_of, origin, confidential, version, revision, revision_in_force, rulebook_version, \
             supplement_due_on, incoming_number, incoming_at, reported_at, details, created_by, created_at \
             FROM dossiers, n WHERE id = '{}'",
            made.id
        ),
    );
}

/// Dossiers like this one, numbered, with all that a return reads of each.
fn like(app: &TestApp, made: &Made, range: (u32, u32)) {
    dossiers_like(app, made, range);
    let (numbers, id) = (numbers(range), numbered);
    let (dossier, from) = (id("d055"), format!("n WHERE dossier_id = '{}'", made.id));
    for statement in [
        format!(
            "members (id, dossier_id, person_id, document_id, place, role, attendance, guest, nationality, content) \
             SELECT CASE role WHEN 'head' THEN {} ELSE {} END, {dossier}, person_id, document_id, place, role, \
             attendance, guest, nationality, content FROM members, {from}",
            id("aead"),
            id("beef")
        ),
        format!(
            "revisions (dossier_id, no, content_hash, submitted_at, submitted_by, outcome, rulebook_version) \
             SELECT {dossier}, no, content_hash, submitted_at, submitted_by, outcome, rulebook_version \
             FROM revisions, {from}"
        ),
        format!(
            "assessments (dossier_id, revision, rulebook_version, judged_at, verdicts) \
             SELECT {dossier}, revision, rulebook_version, judged_at, verdicts FROM assessments, {from}"
        ),
        format!(
            "submission_findings (dossier_id, revision, rule, late, overridden, binding) \
             SELECT {dossier}, revision, rule, late, overridden, binding FROM submission_findings, {from}"
        ),
        format!(
            "overrides (id, dossier_id, revision, rule, rulebook_version, role, needed, content_hash, reason, asked_by, \
             asked_at, refused_at) SELECT {}, {dossier}, revision, rule, rulebook_version, role, needed, content_hash, \
             reason, asked_by, asked_at, refused_at FROM overrides, {from}",
            id("0dd5")
        ),
    ] {
        execute(app, &format!("{numbers} {statement}"));
    }
}

#[test]
fn a_return_of_a_thousand_dossiers_takes_as_many_statements_as_one_of_ten() {
    count_statements();
    for kind in databases() {
        let app = TestApp::spawn(kind);
        let officer = app.as_(Role::Officer);
        let made = passed_by(&app, &officer, false, 1);
        app.advance(TimeDelta::days(31));
        let statements = |dossiers: usize| {
            let wanted = Wanted {
                period: Period::parse_label(Kind::Monthly, "2026-03").unwrap(),
                window: Window::Calendar,
                as_of: "2026-04-02".parse().unwrap(),
                format: Format::Json,
                table: None,
                lang: Lang::Vi,
            };
            let books = &app.app_parts.settings.rulebooks;
            let (taken, made) = statements_of(|| {
                app.read(|tx| returns::make(tx, &returns::whole_installation(), &wanted, books))
            });
            let made = made.unwrap();
            assert_eq!((made.form.matrix.len(), made.form.dossiers.len()), (dossiers, dossiers));
            assert_eq!(made.form.self_check.totals.judged, u64::try_from(dossiers).unwrap());
            taken
        };
        statements(1);
        like(&app, &made, (1, 9));
        let ten = statements(10);
        assert!(ten > 10, "statements are counted: {ten}");
        like(&app, &made, (10, 499));
        assert_eq!(statements(500), ten, "{kind}");
        // Lists of ids go in chunks of 500: a second chunk, and nothing for each dossier.
        like(&app, &made, (500, 999));
        assert!(statements(1000) <= ten * 2, "{kind}: {ten}");
    }
}
