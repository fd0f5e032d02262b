//! The compliance return over real dossiers: what counts where, the same bytes on both databases and twice, who may
//! have which, and what is journalled.

use chrono::TimeDelta;
use legation::domain::access::Role;
use legation::service::returns::Format;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::app::{Client, TestApp, databases, on_each};
use super::make::{self, Made};

/// Paths that hold no id of a row and so must be the same on both databases.
const CLEAN: [&str; 5] = [
    "monthly/2026-03.csv?window=calendar&table=overview",
    "monthly/2026-03.csv?window=calendar&table=inbound",
    "monthly/2026-03.csv?window=15-14&table=visits",
    "yearly/2026.csv?window=calendar&table=outbound",
    "quarterly/2026-Q1.csv?window=calendar&table=visits",
];

#[track_caller]
fn totals(client: &Client, path: &str) -> [u64; 4] {
    let body = client.get(&format!("/api/v1/reports/{path}")).expect(200);
    ["inbound_delegations", "visits", "distinct_persons", "outbound_delegations"]
        .map(|name| body["totals"][name].as_u64().unwrap())
}

fn permitted(app: &TestApp, officer: &Client, arrives_on: &str, first_guest: u32, number: &str) -> Made {
    let mut made = make::registered(app, officer, &make::body(app, arrives_on), first_guest);
    make::received(app, officer, &mut made);
    if officer.account == app.as_(Role::Officer).account {
        make::approved(app, &mut made);
    } else {
        let endorser = app.at(Role::Approver, app.world().union);
        made.does(&endorser, "decisions", &json!({"decision": "approve"}));
        make::approved(app, &mut made);
    }
    make::issued(app, &mut made, number);
    made
}

fn outbound(app: &TestApp, officer: &Client) -> Made {
    let mut body = make::body(app, "2026-03-05");
    body["direction"] = json!("outbound");
    body["leaves_vn_on"] = json!("2026-03-05");
    body["enters_vn_on"] = json!("2026-03-08");
    body["countries"] = json!(["KR"]);
    body["stays"] = json!([{"country": "KR", "from": "2026-03-05", "to": "2026-03-07", "inviter": "MYI"}]);
    body["funding"] =
        json!([{"payer": "host", "covers": ["lodging"], "amount": "1250.50", "currency": "USD"}]);
    let created = officer.post("/api/v1/delegations", &body).expect(201);
    let (id, version) = (created["id"].as_str().unwrap().to_owned(), created["version"].as_i64().unwrap());
    let mut made = Made { id, version };
    let head = json!({"full_name": "Trần Thị Lan", "nationality": "VN", "role": "head", "position": "Chủ tịch",
            "managed_by": "unit"});
    made.does(officer, "members", &head);
    make::received(app, officer, &mut made);
    make::approved(app, &mut made);
    make::issued(app, &mut made, "9");
    made
}

/// A month: A came with one guest less, B counts in the second half, C has an amendment pending, G is an
/// association's with a guest of A; a draft, a cancelled one and one trip abroad.
pub fn a_month(app: &TestApp) -> Client {
    let officer = app.as_(Role::Officer);
    let association = app.at(Role::Officer, app.world().association);
    let mut a = permitted(app, &officer, "2026-03-10", 1, "1");
    let mut b = permitted(app, &officer, "2026-03-16", 1, "2");
    let mut c = permitted(app, &officer, "2026-03-12", 5, "3");
    let mut g = permitted(app, &association, "2026-03-14", 1, "4");
    make::registered(app, &officer, &make::body(app, "2026-03-20"), 11);
    let mut cancelled = make::registered(app, &officer, &make::body(app, "2026-03-21"), 13);
    cancelled.does(&officer, "submit", &make::declared());
    cancelled.does(&officer, "cancel", &json!({"reason": "Đoàn hoãn"}));
    let mut trip = outbound(app, &officer);
    let moved = json!({"arrives_on": "2026-05-10", "departs_on": "2026-05-12"});
    let answer = officer.change("PATCH", &c.path(), c.version, &moved).expect(200);
    assert_eq!(answer["state"], "draft", "the amendment is pending");
    c.version = answer["version"].as_i64().unwrap();
    app.advance(TimeDelta::days(29));
    let members = officer.get(&format!("{}/members", a.path())).expect(200);
    let absent = json!([{"member_id": members["items"][1]["id"], "attendance": "absent"}]);
    a.does(&officer, "report", &json!({"actual_arrives_on": "2026-03-10", "members": absent}));
    b.does(&officer, "report", &json!({"actual_arrives_on": "2026-03-16"}));
    g.does(&association, "report", &json!({"actual_arrives_on": "2026-03-14"}));
    trip.does(
        &officer,
        "report",
        &json!({"actual_arrives_on": "2026-03-05", "actual_departs_on": "2026-03-08"}),
    );
    officer
}

#[test]
fn the_figures_follow_the_days_that_are_in_force() {
    on_each(|app| {
        let officer = a_month(app);
        let auditor = app.as_(Role::Auditor);
        for who in [&officer, &auditor] {
            assert_eq!(totals(who, "monthly/2026-03.json?window=calendar"), [4, 7, 4, 1]);
            assert_eq!(totals(who, "monthly/2026-03.json?window=15-14"), [3, 5, 4, 1]);
            assert_eq!(totals(who, "monthly/2026-03.json"), [3, 5, 4, 1], "15-14 is configured");
            assert_eq!(totals(who, "monthly/2026-04.json?window=15-14"), [1, 2, 2, 0]);
            assert_eq!(
                totals(who, "monthly/2026-05.json?window=calendar"),
                [0, 0, 0, 0],
                "pending is not in force"
            );
            assert_eq!(totals(who, "yearly/2026.json?window=calendar"), [4, 7, 4, 1]);
            assert_eq!(totals(who, "half/2026-H1.json?window=calendar"), [4, 7, 4, 1]);
            assert_eq!(totals(who, "nine/2026-9M.json?window=calendar"), [4, 7, 4, 1]);
            assert_eq!(totals(who, "monthly/2026-03.json?window=calendar&as_of=2026-03-11"), [1, 1, 1, 1]);
        }
        let form = officer.get("/api/v1/reports/monthly/2026-03.json?window=calendar").expect(200);
        let reasons: Vec<&str> =
            form["dossiers"].as_array().unwrap().iter().filter_map(|row| row["reason"].as_str()).collect();
        assert_eq!(reasons, ["draft", "cancelled"], "every dossier of the period says why");
        assert_eq!(form["meta"]["organisation"], "Liên hiệp các tổ chức hữu nghị");
        let trip = &form["annex2"]["rows"][0];
        assert_eq!(trip["report_due_on"], "2026-03-18", "ten days after the return");
        let rows = form["annex1"]["rows"].as_array().unwrap();
        let row = rows.iter().find(|row| row["arrives_on"] == "2026-03-12").unwrap();
        assert_eq!(row["permit"]["number"], "3", "the old permit stays in force");
    });
}

#[test]
fn a_report_of_an_amended_delegation_counts_who_came() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = permitted(app, &officer, "2026-03-12", 1, "1");
        let joined = made.does(&officer, "members", &make::guest(9, "member"));
        assert_eq!(officer.get(&made.path()).expect(200)["state"], "draft", "an addition is material");
        app.advance(TimeDelta::days(20));
        let members = officer.get(&format!("{}/members", made.path())).expect(200);
        assert_eq!(members["items"].as_array().unwrap().len(), 3);
        let path = "monthly/2026-03.json?window=calendar";
        assert_eq!(
            totals(&officer, path),
            [1, 2, 2, 0],
            "who is not approved yet does not count before the report"
        );
        made.does(&officer, "submit", &make::declared());
        let absent = json!([{"member_id": members["items"][1]["id"], "attendance": "absent"}]);
        made.does(&officer, "report", &json!({"actual_arrives_on": "2026-03-13", "members": absent}));
        assert_eq!(totals(&officer, path), [1, 2, 2, 0], "one permitted guest and the one who was added");
        let form = officer.get(&format!("/api/v1/reports/{path}")).expect(200);
        assert_eq!(form["annex1"]["rows"][0]["arrives_on"], "2026-03-13");
        assert!(joined["id"].is_string());
    });
}

#[test]
fn the_same_bytes_on_both_databases_and_twice() {
    let mut seen: Vec<Vec<Vec<u8>>> = Vec::new();
    for kind in databases() {
        let app = TestApp::spawn(kind);
        let officer = a_month(&app);
        let get = |path: &str| {
            let answer = officer.get(&format!("/api/v1/reports/{path}"));
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            answer.bytes
        };
        for ext in ["json", "csv", "xlsx"] {
            let path = format!("monthly/2026-03.{ext}");
            assert_eq!(get(&path), get(&path), "{path} twice");
        }
        seen.push(CLEAN.map(get).to_vec());
    }
    for other in seen.iter().skip(1) {
        for (path, (one, two)) in CLEAN.iter().zip(seen[0].iter().zip(other)) {
            assert_eq!(String::from_utf8_lossy(one), String::from_utf8_lossy(two), "{path}");
        }
    }
}

#[test]
fn files_are_attachments_and_every_export_is_journalled() {
    on_each(|app| {
        let officer = a_month(app);
        let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        for (path, media, name) in [
            ("monthly/2026-03.json", "application/json", "legation-monthly-2026-03-15-14.json"),
            ("monthly/2026-03.csv", "text/csv; charset=utf-8", "legation-monthly-2026-03-15-14.csv"),
            ("yearly/2026.xlsx?window=calendar", xlsx, "legation-yearly-2026-calendar.xlsx"),
            (
                "monthly/2026-03.csv?table=inbound",
                "text/csv; charset=utf-8",
                "legation-monthly-2026-03-15-14-inbound.csv",
            ),
        ] {
            let answer = officer.get(&format!("/api/v1/reports/{path}"));
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert_eq!(answer.header("content-type"), Some(media));
            let attachment = format!("attachment; filename=\"{name}\"");
            assert_eq!(answer.header("content-disposition"), Some(attachment.as_str()));
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            let is_csv = media.starts_with("text/csv");
            assert_eq!(answer.bytes.starts_with("\u{feff}".as_bytes()), is_csv, "a BOM before CSV");
            let told =
                app.as_(Role::Auditor).get("/api/v1/journal?action=return.exported&limit=1").expect(200);
            let entry = &told["items"][0];
            assert_eq!(entry["values"]["sha256"], hex::encode(Sha256::digest(&answer.bytes)));
            assert_eq!(entry["actor_id"], json!(officer.account.unwrap().to_string()));
            assert!(entry["values"]["label"].as_str().unwrap().starts_with("2026"));
            assert!(["15-14", "calendar"].contains(&entry["values"]["window"].as_str().unwrap()));
        }
        let english = Client { lang: Some("en"), ..officer.clone() };
        let form = english.get("/api/v1/reports/monthly/2026-03.json").expect(200);
        assert_eq!(form["meta"]["organisation"], "Liên hiệp các tổ chức hữu nghị (en)");
        let csv = english.get("/api/v1/reports/monthly/2026-03.csv?table=inbound");
        assert!(
            String::from_utf8(csv.bytes).unwrap().contains("Delegation"),
            "headings in the reader's language"
        );
    });
}

#[test]
fn each_sees_the_return_of_what_it_may_know() {
    on_each(|app| {
        a_month(app);
        let world = app.world();
        let path = "monthly/2026-03.json?window=calendar";
        assert_eq!(totals(&app.at(Role::Officer, world.association), path), [1, 2, 2, 0], "its own");
        assert_eq!(totals(&app.at(Role::Officer, world.university), path), [0, 0, 0, 0]);
        assert_eq!(totals(&app.as_(Role::Appraiser), path), [4, 7, 4, 1], "party to what it appraised");
        let url = format!("/api/v1/reports/{path}");
        app.as_(Role::Admin).get(&url).refused(403, "forbidden");
        app.client().get(&url).refused(401, "unauthorised");
    });
}

#[test]
fn what_is_wrong_with_the_address_is_named() {
    on_each(|app| {
        let auditor = app.as_(Role::Auditor);
        for (path, status, code, name, field) in [
            ("weekly/2026-03.json", 404, "not-found", "?kind", "unknown-code"),
            ("monthly/2026-03.odt", 404, "not-found", "?format", "unknown-code"),
            ("monthly/2026-03", 404, "not-found", "?format", "unknown-code"),
            ("monthly/2026-13.json", 400, "invalid-parameter", "?label", "bad-period"),
            ("monthly/2026-3.json", 400, "invalid-parameter", "?label", "bad-period"),
            ("quarterly/2026-Q5.csv", 400, "invalid-parameter", "?label", "bad-period"),
            ("yearly/1899.xlsx", 400, "invalid-parameter", "?label", "bad-period"),
            ("yearly/2026.json?window=lunar", 400, "invalid-parameter", "?window", "unknown-code"),
            ("yearly/2026.json?as_of=today", 400, "invalid-parameter", "?as_of", "not-a-date"),
            ("yearly/2026.json?as_of=2026-03-03", 400, "invalid-parameter", "?as_of", "in-the-future"),
            ("yearly/2026.json?table=inbound", 400, "invalid-parameter", "?table", "only-csv"),
            ("yearly/2026.csv?table=dossiers", 400, "invalid-parameter", "?table", "unknown-code"),
            ("yearly/2026.json?lang=vi", 400, "unknown-parameter", "?lang", "unknown-field"),
        ] {
            let refused = auditor.get(&format!("/api/v1/reports/{path}")).refused(status, code);
            let fault = &refused["errors"][0];
            assert_eq!((&fault["pointer"], &fault["code"]), (&json!(name), &json!(field)), "{path}");
            assert!(!fault["message"].as_str().unwrap().contains("field-"), "{fault}");
        }
        auditor.post("/api/v1/reports/yearly/2026.json", &Value::Null).refused(405, "method-not-allowed");
    });
}

#[test]
fn the_command_line_writes_the_same_file() {
    on_each(|app| {
        a_month(app);
        let path = "/api/v1/reports/monthly/2026-03.csv?window=calendar&as_of=2026-03-31";
        let served = app.as_(Role::Auditor).get(path).bytes;
        let out = app.folder().join("return.csv");
        let (window, as_of) = (legation::domain::report::Window::Calendar, "2026-03-31".parse().unwrap());
        let run = |kind: &str, label: &str| {
            let (config, out) = (app.config(), Some(out.as_path()));
            legation::cli::report::run(&config, kind, label, Format::Csv, out, Some(window), Some(as_of))
        };
        run("monthly", "2026-03").unwrap();
        assert_eq!(String::from_utf8(std::fs::read(&out).unwrap()), String::from_utf8(served));
        let told = app.as_(Role::Auditor).get("/api/v1/journal?action=return.exported&limit=1").expect(200);
        assert_eq!(told["items"][0]["actor_id"], Value::Null, "the operator, not an account");
        assert!(run("monthly", "2026-3").unwrap_err().to_string().contains("2025-11"), "with an example");
    });
}
