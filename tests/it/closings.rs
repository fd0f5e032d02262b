//! Months that close: the same bytes for ever, restatements that name what they replace, what became different since,
//! and to whom a return was given.

use chrono::TimeDelta;
use legation::domain::access::Role;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::app::{Client, TestApp, on_each};
use super::make::{self, fault, is};
use super::returns::a_month;

const MARCH: &str = "/api/v1/reports/monthly/2026-03";
/// Every file of a return besides the language.
const FILES: [&str; 7] = [
    "json?",
    "csv?",
    "xlsx?",
    "csv?table=overview&",
    "csv?table=inbound&",
    "csv?table=outbound&",
    "csv?table=visits&",
];

pub fn closes(client: &Client, body: &Value) -> super::app::Answer {
    let mut body = body.clone();
    body["window"] = json!("calendar");
    client.post(&format!("{MARCH}/close"), &body)
}

/// SHA-256 of every file of March, in both languages.
pub fn exported(client: &Client) -> Vec<String> {
    let one = |lang: &'static str, file: &str| {
        let client = Client { lang: Some(lang), ..client.clone() };
        let answer = client.get(&format!("{MARCH}.{file}window=calendar"));
        assert_eq!(answer.status, 200, "{file}: {}", answer.body);
        hex::encode(Sha256::digest(&answer.bytes))
    };
    let tables = ["vi", "en"].iter().flat_map(|lang| FILES.iter().map(|file| one(lang, file)));
    // Official paper is Vietnamese, whoever asks for it.
    tables.chain([one("en", "pdf?")]).collect()
}

/// Somebody who came in March and is registered later.
pub fn late_entry(app: &TestApp, officer: &Client, no: u32, day: &str) -> make::Made {
    let mut made = make::registered(app, officer, &make::late(app, day), no);
    made.does(officer, "submit", &make::declared());
    made.does(officer, "report", &json!({"actual_arrives_on": day, "unpermitted": true}));
    made
}

#[test]
fn a_closed_month_gives_the_same_bytes_for_ever() {
    on_each(|app| {
        let officer = a_month(app);
        app.advance(TimeDelta::days(1));
        let closed = closes(&officer, &json!({})).expect(201);
        assert_eq!(
            (&closed["no"], &closed["replaces"], &closed["late"]),
            (&json!(1), &Value::Null, &json!(false))
        );
        assert_eq!((&closed["as_of"], &closed["due_on"]), (&json!("2026-04-01"), &json!("2026-04-02")));
        let manifest = closed["manifest"].as_str().unwrap();
        assert_eq!(closed["sha256"], hex::encode(Sha256::digest(manifest)));
        let hashes: Vec<&str> =
            closed["files"].as_array().unwrap().iter().map(|file| file["sha256"].as_str().unwrap()).collect();
        // The manifest binds the return to the journal as it was: the checkpoint is one of those that are kept.
        let bound: Value = serde_json::from_str(manifest).unwrap();
        let note = bound["checkpoint"].as_str().unwrap().to_owned();
        assert_eq!(bound["rulebook_version"], 1);
        let auditor = app.as_(Role::Auditor);
        let kept = auditor.get("/api/v1/journal/checkpoint");
        let size = |note: &str| note.lines().nth(1).unwrap().parse::<u64>().unwrap();
        assert!(size(&note) > 0 && size(&note) <= size(&String::from_utf8(kept.bytes).unwrap()));
        let first = exported(&officer);
        assert_eq!(first.len(), 15);
        for hash in &first {
            assert!(hashes.contains(&hash.as_str()), "{hash}");
        }
        // Later edits, another day, another officer of the same organisation: the same bytes.
        app.advance(TimeDelta::days(9));
        let added = late_entry(app, &officer, 31, "2026-03-25");
        assert_eq!(exported(&officer), first);
        assert_eq!(exported(&app.another(Role::Secretary, app.world().union)), first);
        let live = officer.get(&format!("{MARCH}.json?window=calendar&live=true")).expect(200);
        let frozen = officer.get(&format!("{MARCH}.json?window=calendar")).expect(200);
        let visits = |form: &Value| form["totals"]["visits"].as_u64().unwrap();
        assert_eq!(visits(&live), visits(&frozen) + 2);
        // The other window is another return, and it is open.
        assert_ne!(
            officer.get(&format!("{MARCH}.json?window=15-14")).expect(200)["as_of"],
            json!("2026-04-01")
        );

        let changes = officer.get(&format!("{MARCH}/changes?window=calendar")).expect(200);
        assert_eq!(changes["since"], closed["id"]);
        let dossiers = changes["dossiers"].as_array().unwrap();
        assert_eq!(dossiers.len(), 1, "{changes}");
        assert_eq!((&dossiers[0]["id"], &dossiers[0]["kind"]), (&json!(added.id), &json!("added")));
        let events: Vec<&str> = dossiers[0]["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["action"].as_str().unwrap())
            .collect();
        assert!(events.contains(&"delegation.submitted"), "{events:?}");
        let figure = changes["figures"].as_array().unwrap().iter().find(|row| row["id"] == "visits");
        let figure = figure.unwrap_or_else(|| panic!("{changes}"));
        assert_eq!(figure["after"].as_u64().unwrap(), figure["before"].as_u64().unwrap() + 2);

        // A correction names what it replaces and why.
        assert_eq!(closes(&officer, &json!({})).refused(409, "taken")["what"], "closed-return");
        let restates = |body: Value| fault(closes(&officer, &body));
        assert_eq!(restates(json!({"replaces": closed["id"]})), is("/reason", "required"));
        assert_eq!(
            restates(json!({"replaces": added.id, "reason": "Bổ sung đoàn nhập muộn"})),
            is("/replaces", "not-the-latest")
        );
        let body = json!({"replaces": closed["id"], "reason": "Bổ sung đoàn nhập muộn"});
        let restated = closes(&officer, &body).expect(201);
        assert_eq!((&restated["no"], &restated["late"]), (&json!(2), &json!(true)));
        let second = exported(&officer);
        let same = second.iter().zip(&first).filter(|(second, first)| second == first).count();
        assert_eq!(same, 2, "the table of trips abroad, in both languages: nothing came late there");
        let changes = officer.get(&format!("{MARCH}/changes?window=calendar")).expect(200);
        assert_eq!((&changes["dossiers"], &changes["figures"]), (&json!([]), &json!([])));
        let all = officer.get(&format!("{MARCH}/closings?window=calendar")).expect(200);
        let reasons: Vec<&Value> =
            all["items"].as_array().unwrap().iter().map(|one| &one["reason"]).collect();
        assert_eq!(reasons, [&Value::Null, &json!("Bổ sung đoàn nhập muộn")]);

        // What was frozen stays, whoever tries.
        for attempt in [
            "UPDATE closings SET no = 7",
            "DELETE FROM closing_files",
            "UPDATE closing_files SET name = 'x'",
            "DELETE FROM closings",
        ] {
            let tried = std::panic::AssertUnwindSafe(|| make::execute(app, attempt));
            assert!(std::panic::catch_unwind(tried).is_err(), "{attempt}");
        }
        assert_eq!(exported(&officer), second);
    });
}

#[test]
fn a_period_is_closed_by_its_own_office_when_it_is_over() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        // 2 March 2026: February's window 15-14 is over, March's is not.
        assert_eq!(fault(closes(&officer, &json!({}))), is("?label", "period-not-over"));
        let close =
            |client: &Client, body: Value| client.post("/api/v1/reports/monthly/2026-01/close", &body);
        close(&app.as_(Role::Approver), json!({})).refused(403, "forbidden");
        close(&app.as_(Role::Auditor), json!({})).refused(403, "forbidden");
        let university = app.world().university;
        close(&officer, json!({"organisation_id": university})).refused(404, "not-found");
        let late = close(&officer, json!({})).expect(201);
        assert_eq!((&late["due_on"], &late["late"]), (&json!("2026-01-16"), &json!(true)));
        // The clerk of the receiving department closes its own return; the university has none yet.
        close(&app.as_(Role::Clerk), json!({})).expect(201);
        let theirs = app.at(Role::Officer, university);
        let none = theirs.get("/api/v1/reports/monthly/2026-01/closings").expect(200);
        assert_eq!(none["items"], json!([]));
        theirs.get("/api/v1/reports/monthly/2026-01/changes").refused(404, "not-found");
    });
}

#[test]
fn every_kind_of_period_closes_in_both_windows_and_gives_its_own_bytes() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let came = |no| {
            let mut made = make::registered(app, &officer, &make::late(app, "2025-12-20"), no);
            made.does(&officer, "submit", &make::declared());
            made.does(&officer, "report", &json!({"actual_arrives_on": "2025-12-20", "unpermitted": true}));
        };
        came(1);
        let mut closings = Vec::new();
        for (kind, label, in_calendar, in_mid_month) in [
            ("monthly", "2025-12", 1, 0),
            ("quarterly", "2025-Q4", 1, 0),
            ("half", "2025-H2", 1, 0),
            ("nine", "2025-9M", 0, 0),
            ("yearly", "2025", 1, 0),
        ] {
            for (window, delegations) in [("calendar", in_calendar), ("15-14", in_mid_month)] {
                let path = format!("/api/v1/reports/{kind}/{label}");
                let closed = officer.post(&format!("{path}/close"), &json!({"window": window})).expect(201);
                closings.push((path, window, delegations, closed));
            }
        }
        // Another one that is told late: every return that has the day would be another one now.
        app.advance(TimeDelta::days(1));
        came(11);
        for (path, window, delegations, closed) in &closings {
            for format in ["json", "csv", "xlsx", "pdf"] {
                let answer = officer.get(&format!("{path}.{format}?window={window}"));
                assert_eq!(answer.status, 200, "{path} {window} {format}: {}", answer.body);
                let is = |file: &&Value| {
                    file["lang"] == "vi" && file["format"] == json!(format) && file.get("table").is_none()
                };
                let file = closed["files"].as_array().unwrap().iter().find(is).unwrap();
                assert_eq!(file["sha256"], hex::encode(Sha256::digest(&answer.bytes)), "{path} {window}");
                if format == "json" {
                    let totals = &answer.body["totals"];
                    assert_eq!(totals["inbound_delegations"], json!(delegations), "{path} {window}");
                    assert_eq!(answer.body["closed"]["no"], 1);
                }
            }
            let changes = officer.get(&format!("{path}/changes?window={window}")).expect(200);
            let changed = usize::from(*delegations > 0);
            assert_eq!(changes["dossiers"].as_array().unwrap().len(), changed, "{path} {window}: {changes}");
        }
    });
}

/// Months, quarters, halves, nine months and years: frozen, exported again as the same bytes after a late entry,
/// restated, and from then on the new bytes.
fn each_kind_closes(window: &str) {
    on_each(|app| {
        let officer = a_month(app);
        app.clock.set("2027-01-18T02:00:00Z".parse().unwrap());
        let paths = ["monthly/2026-03", "quarterly/2026-Q1", "half/2026-H1", "nine/2026-9M", "yearly/2026"]
            .map(|period| format!("/api/v1/reports/{period}"));
        let close = |path: &str, more: Value| {
            let mut body = json!({"window": window});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            officer.post(&format!("{path}/close"), &body).expect(201)
        };
        let hashes = |path: &str| {
            ["json", "csv", "xlsx", "pdf"].map(|format| {
                let answer = officer.get(&format!("{path}.{format}?window={window}"));
                assert_eq!(answer.status, 200, "{path}.{format}: {}", answer.body);
                hex::encode(Sha256::digest(&answer.bytes))
            })
        };
        let in_manifest = |closed: &Value, hashes: &[String]| {
            let files = closed["files"].as_array().unwrap();
            hashes.iter().all(|hash| files.iter().any(|file| file["sha256"] == json!(hash)))
        };
        let first: Vec<(Value, [String; 4])> = paths
            .iter()
            .map(|path| {
                let closed = close(path, json!({}));
                assert_eq!(closed["late"], true);
                (closed, hashes(path))
            })
            .collect();
        // In both windows it came in March.
        let added = late_entry(app, &officer, 31, "2026-03-12");
        for (path, (closed, before)) in paths.iter().zip(&first) {
            assert!(in_manifest(closed, before), "{path}");
            assert_eq!(&hashes(path), before, "{path}");
            let changes = officer.get(&format!("{path}/changes?window={window}")).expect(200);
            let changed: Vec<&Value> =
                changes["dossiers"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
            assert_eq!(changed, [&json!(added.id)], "{path}");
            let why = json!({"replaces": closed["id"], "reason": "Bổ sung đoàn nhập muộn"});
            let restated = close(path, why);
            assert_eq!((&restated["no"], &restated["replaces"]), (&json!(2), &closed["id"]));
            let after = hashes(path);
            assert!(in_manifest(&restated, &after), "{path}");
            assert!(after.iter().zip(before).all(|(after, before)| after != before), "{path}");
        }
    });
}

#[test]
fn every_kind_of_period_closes_by_the_calendar() {
    each_kind_closes("calendar");
}

#[test]
fn every_kind_of_period_closes_from_the_15th_to_the_14th() {
    each_kind_closes("15-14");
}

#[test]
fn of_two_who_close_at_once_one_does_and_a_repeated_request_gets_its_answer() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let other = app.another(Role::Officer, app.world().union);
        let close = |client: &Client, key: &str| {
            let path = "/api/v1/reports/monthly/2026-01/close";
            client.send("POST", path, Some("{}".to_owned()), &[("Idempotency-Key", key)])
        };
        let answers = make::together(
            [(&officer, "a"), (&other, "b")].map(|(who, key)| move || (key, close(who, key))).into(),
        );
        let statuses: Vec<u16> = answers.iter().map(|(_, answer)| answer.status).collect();
        assert!(statuses == [201, 409] || statuses == [409, 201], "{statuses:?}");
        let (key, won) = answers.iter().find(|(_, answer)| answer.status == 201).unwrap();
        let who = if *key == "a" { &officer } else { &other };
        let again = close(who, key);
        assert_eq!((again.status, &again.body["id"]), (201, &won.body["id"]));
    });
}

#[test]
fn a_return_is_handed_over_by_hash() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let closed = officer.post("/api/v1/reports/monthly/2026-01/close", &json!({})).expect(201);
        let path = format!("/api/v1/closings/{}/hand-overs", closed["id"].as_str().unwrap());
        let given = |more: Value| {
            let mut body = json!({"given_to": "Sở Ngoại vụ", "given_on": "2026-03-02", "how": "Trục liên thông",
                                  "sha256": closed["files"][0]["sha256"]});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            officer.post(&path, &body)
        };
        given(json!({})).expect(201);
        given(json!({"sha256": closed["sha256"]})).expect(201);
        assert_eq!(fault(given(json!({"sha256": "00"}))), is("/sha256", "not-of-this-closing"));
        assert_eq!(fault(given(json!({"given_on": "2026-03-03"}))), is("/given_on", "in-the-future"));
        assert_eq!(fault(given(json!({"given_on": "2026-03-01"}))), is("/given_on", "before-closing"));
        assert_eq!(fault(given(json!({"given_to": " "}))), is("/given_to", "required"));
        let elsewhere = app.at(Role::Officer, app.world().university);
        elsewhere
            .post(&path, &json!({"given_to": "x", "given_on": "2026-03-02", "how": "x", "sha256": "00"}))
            .refused(404, "not-found");
        let shown = officer.get("/api/v1/reports/monthly/2026-01/closings").expect(200);
        let ledger = shown["items"][0]["handed_over"].as_array().unwrap();
        assert_eq!(ledger.len(), 2);
        assert_eq!(ledger[0]["given_to"], "Sở Ngoại vụ");
    });
}

#[test]
fn a_confidential_dossier_is_counted_and_masked() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut body = make::late(app, "2026-02-20");
        body["confidential"] = json!(true);
        body["title"] = json!("Đoàn kín");
        let mut made = make::registered(app, &officer, &body, 1);
        made.does(&officer, "submit", &make::declared());
        made.does(&officer, "report", &json!({"actual_arrives_on": "2026-02-20", "unpermitted": true}));
        let other = app.another(Role::Clerk, app.world().union);
        let path = "/api/v1/reports/monthly/2026-02";
        let live = other.get(&format!("{path}.json?window=calendar")).expect(200);
        assert_eq!(live["totals"]["visits"], 0, "who is not named does not know of it");
        other.post(&format!("{path}/close"), &json!({"window": "calendar"})).expect(201);
        let closed = other.get(&format!("{path}.json?window=calendar")).expect(200);
        assert_eq!(closed["totals"]["visits"], 2, "the office's return counts it");
        assert!(
            !closed.to_string().contains("Đoàn kín") && !closed.to_string().contains("DURAND"),
            "{closed}"
        );
    });
}
