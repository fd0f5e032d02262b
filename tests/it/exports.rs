//! Long exports as jobs: asked for, made by whoever takes them up, looked after, downloaded by the asker alone, and
//! removed after a while. A few thousand rows are read back and compared.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use chrono::TimeDelta;
use legation::clock::{Clock, SystemClock};
use legation::domain::access::Role;
use legation::domain::ids::ExportId;
use legation::store::exports;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::app::{Answer, Client, TestApp, on_each};
use super::make::{self, count, execute, fault, is, together};
use super::process::Process;
use super::returns::a_month;

const URL: &str = "/api/v1/exports";

fn march(format: &str) -> Value {
    json!({"what": "visits", "format": format, "kind": "monthly", "label": "2026-03", "window": "calendar"})
}

#[track_caller]
fn asked(client: &Client, body: &Value) -> String {
    let answer = client.post(URL, body);
    let location = answer.header("location").map(str::to_owned);
    let view = answer.expect(202);
    assert_eq!(view["state"], "queued");
    assert_eq!(location, Some(format!("{URL}/{}", view["id"].as_str().unwrap())));
    location.unwrap()
}

#[track_caller]
fn done(client: &Client, path: &str) -> (Value, Answer) {
    let view = client.get(path).expect(200);
    assert_eq!(view["state"], "done", "{view}");
    let file = client.get(view["file"]["href"].as_str().unwrap());
    assert_eq!(file.status, 200, "{}", file.body);
    let hash = hex::encode(Sha256::digest(&file.bytes));
    assert_eq!(view["file"]["sha256"], json!(hash));
    assert_eq!(view["file"]["size"], json!(file.bytes.len()));
    (view, file)
}

/// The sheets of a workbook as CSV would have their cells.
fn cells(bytes: Vec<u8>) -> Vec<Vec<String>> {
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    let names = book.sheet_names();
    let cell = |cell: &Data| match cell {
        Data::Empty => String::new(),
        Data::String(text) => text.clone(),
        Data::Float(number) => number.to_string(),
        Data::DateTime(day) => {
            let days = chrono::Days::new(format!("{:.0}", day.as_f64()).parse().unwrap());
            (chrono::NaiveDate::from_ymd_opt(1899, 12, 30).unwrap() + days).to_string()
        }
        other => panic!("a cell of no kind of ours: {other:?}"),
    };
    let mut rows: Vec<Vec<String>> = Vec::new();
    for name in names {
        let range = book.worksheet_range(&name).unwrap();
        rows.extend(range.rows().map(|row| row.iter().map(cell).collect()));
    }
    rows
}

fn table(bytes: &[u8]) -> Vec<Vec<String>> {
    let text = std::str::from_utf8(bytes).unwrap().strip_prefix('\u{feff}').unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn an_export_is_what_the_request_for_the_return_gives() {
    on_each(|app| {
        let officer = a_month(app);
        let paths = ["csv", "xlsx"].map(|format| asked(&officer, &march(format)));
        let whole = json!({"what": "return", "format": "json", "kind": "monthly", "label": "2026-03",
                           "window": "calendar"});
        let whole = asked(&officer, &whole);
        app.run_jobs();
        let (view, csv) = done(&officer, &paths[0]);
        let live = officer.get("/api/v1/reports/monthly/2026-03.csv?window=calendar&table=visits");
        assert_eq!(csv.bytes, live.bytes);
        assert_eq!((&view["rows_done"], &view["rows_total"]), (&json!(7), &json!(7)));
        assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
        let name = "legation-visits-monthly-2026-03-calendar.csv";
        assert!(csv.header("content-disposition").unwrap().contains(name));
        let (_, xlsx) = done(&officer, &paths[1]);
        assert_eq!(cells(xlsx.bytes), table(&csv.bytes));
        let (_, json) = done(&officer, &whole);
        let now = officer.get("/api/v1/reports/monthly/2026-03.json?window=calendar").bytes;
        assert_eq!(json.bytes, now);
        // What is closed gives its frozen bytes, until somebody asks for a certain day.
        app.advance(TimeDelta::days(1));
        let close = json!({"window": "calendar"});
        let closed = officer.post("/api/v1/reports/monthly/2026-03/close", &close).expect(201);
        let pdf = json!({"what": "return", "format": "pdf", "kind": "monthly", "label": "2026-03",
                         "window": "calendar"});
        let pdf = asked(&officer, &pdf);
        app.run_jobs();
        let (view, _) = done(&officer, &pdf);
        let files = closed["files"].as_array().unwrap();
        assert!(files.iter().any(|file| file["sha256"] == view["file"]["sha256"] && file["format"] == "pdf"));
    });
}

#[test]
fn only_its_asker_has_it_and_only_while_he_may() {
    on_each(|app| {
        let officer = a_month(app);
        let path = asked(&officer, &march("csv"));
        app.run_jobs();
        done(&officer, &path);
        let own = app.another(Role::Officer, app.world().union);
        for other in [&own, &app.at(Role::Officer, app.world().university), &app.as_(Role::Auditor)] {
            other.get(&path).refused(404, "not-found");
            other.get(&format!("{path}/file")).refused(404, "not-found");
            assert_eq!(other.get(URL).expect(200)["items"], json!([]));
        }
        assert_eq!(officer.get(URL).expect(200)["items"].as_array().unwrap().len(), 1);
        app.client().get(&path).refused(401, "unauthorised");
        // Another right than the one it was made under: its file is not there any more.
        let account = officer.account.unwrap();
        app.with_role(&officer, Role::Clerk, app.world().foreign);
        officer.get(&path).expect(200);
        officer.get(&format!("{path}/file")).refused(404, "not-found");
        // Who lost his right before it was made gets none, and is told why.
        let second = asked(&officer, &march("csv"));
        execute(
            app,
            &format!("UPDATE grants SET valid_to = '2026-04-01 00:00:00' WHERE account_id = '{account}'"),
        );
        app.run_jobs();
        execute(app, &format!("UPDATE grants SET valid_to = NULL WHERE account_id = '{account}'"));
        let failed = officer.get(&second).expect(200);
        assert_eq!((&failed["state"], &failed["failure"]), (&json!("failed"), &json!("forbidden")));
        assert_eq!(failed["file"], Value::Null);
    });
}

#[test]
fn what_does_not_fit_is_refused_and_nobody_asks_for_too_many() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let with = |more: Value| {
            let mut body = march("csv");
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            fault(officer.post(URL, &body))
        };
        assert_eq!(with(json!({"label": "2026-13"})), is("/label", "bad-period"));
        assert_eq!(with(json!({"format": "pdf"})), is("/format", "not-for-this-export"));
        assert_eq!(with(json!({"as_of": "2026-03-03"})), is("/as_of", "in-the-future"));
        assert_eq!(with(json!({"table": "visits"})), is("/table", "not-for-this-export"));
        assert_eq!(
            with(json!({"what": "return", "format": "xlsx", "table": "visits"})),
            is("/table", "only-csv")
        );
        assert_eq!(
            fault(officer.post(URL, &json!({"what": "visits", "format": "csv", "kind": "monthly"}))),
            is("/label", "required")
        );
        assert_eq!(with(json!({"filter": "x"})), is("/filter", "unknown-field"));
        for _ in 0..3 {
            asked(&officer, &march("csv"));
        }
        let busy = officer.post(URL, &march("csv"));
        assert_eq!(busy.header("retry-after"), Some("30"));
        busy.refused(429, "too-many-requests");
        app.run_jobs();
        asked(&officer, &march("csv"));
    });
}

#[test]
fn two_requests_under_one_key_are_one_export() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let body = march("csv").to_string();
        let ask = || officer.send("POST", URL, Some(body.clone()), &[("Idempotency-Key", "März")]);
        let ask_plain = || officer.send("POST", URL, Some(body.clone()), &[("Idempotency-Key", "k1")]);
        assert_eq!(ask().status, 400, "a key is ASCII");
        let answers = together((0..4).map(|_| ask_plain).collect());
        let ids: Vec<&Value> = answers.iter().map(|answer| &answer.body["id"]).collect();
        assert!(answers.iter().all(|answer| answer.status == 202), "{answers:?}");
        assert!(ids.iter().all(|id| **id == *ids[0]), "{ids:?}");
        assert_eq!(count(app, "exports"), 1);
    });
}

#[test]
fn what_its_maker_left_is_taken_up_again_by_another() {
    on_each(|app| {
        let officer = a_month(app);
        let path = asked(&officer, &march("csv"));
        let id: ExportId = path.rsplit('/').next().unwrap().parse().unwrap();
        // A process takes it up, says how far it is, and is killed.
        let taken = move |app: &TestApp| {
            app.store.write_blocking(move |tx| {
                let until = tx.now() + TimeDelta::minutes(5);
                let claimed = exports::claim(tx, id, "killed", until)?;
                let held = exports::progress(tx, id, "killed", (3, Some(7)), until)?;
                Ok::<_, legation::service::Error>(tx.unrecorded("a test", claimed.is_some() && held))
            })
        };
        assert!(taken(app).unwrap());
        let shown = officer.get(&path).expect(200);
        assert_eq!(
            (&shown["state"], &shown["rows_done"], &shown["rows_total"], &shown["file"]),
            (&json!("running"), &json!(3), &json!(7), &Value::Null)
        );
        officer.get(&format!("{path}/file")).refused(404, "not-found");
        app.run_jobs();
        assert_eq!(officer.get(&path).expect(200)["state"], "running", "its lease still holds");
        app.advance(TimeDelta::minutes(6));
        app.run_jobs();
        let (view, _) = done(&officer, &path);
        assert_eq!(view["rows_done"], 7);
        // The first one was only slow: it can say nothing more, and changes nothing.
        let late = app.store.write_blocking(move |tx| {
            let until = tx.now() + TimeDelta::minutes(5);
            let held = exports::progress(tx, id, "killed", (4, Some(7)), until)?;
            let failed = exports::fail(tx, id, "killed", "internal")?;
            Ok::<_, legation::service::Error>(tx.unrecorded("a test", (held, failed)))
        });
        assert_eq!(late.unwrap(), (false, false));
        assert_eq!(done(&officer, &path).0["file"], view["file"]);
        // One that ends whoever makes it is given up in the end, and says so.
        let poison = asked(&officer, &march("csv"));
        let id: ExportId = poison.rsplit('/').next().unwrap().parse().unwrap();
        for _ in 0..5 {
            let claimed = app.store.write_blocking(move |tx| {
                let until = tx.now() + TimeDelta::minutes(5);
                let claimed = exports::claim(tx, id, "killed", until)?;
                Ok::<_, legation::service::Error>(tx.unrecorded("a test", claimed.is_some()))
            });
            assert!(claimed.unwrap());
            app.advance(TimeDelta::minutes(6));
        }
        app.run_jobs();
        let failed = officer.get(&poison).expect(200);
        assert_eq!((&failed["state"], &failed["failure"]), (&json!("failed"), &json!("export-gave-up")));
        // A service that ends gives back what it was making.
        let third = asked(&officer, &march("csv"));
        app.app_parts.jobs.stop();
        app.run_jobs();
        assert_eq!(officer.get(&third).expect(200)["state"], "queued");
    });
}

/// A process of its own on the database, the keys and the papers of the test: a further replica.
fn replica(app: &TestApp) -> Process {
    let within = |name: &str| app.folder().join(name).display().to_string();
    let env = [
        ("LEGATION__DATABASE__URL", app.url.clone()),
        ("LEGATION__KEYS__DIR", within("keys")),
        ("LEGATION__PAPERS__DIR", within("papers")),
        ("LEGATION__MAIL__URL", format!("file://{}", within("mails"))),
        ("LEGATION__SERVER__ADDR", "127.0.0.1:0".to_owned()),
        ("LEGATION__LOG__FORMAT", "json".to_owned()),
    ];
    Process::start(&["serve"], &env, app.folder())
}

#[test]
fn a_process_that_is_killed_while_it_exports_leaves_it_to_the_next() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        many(app, &officer, 800, 20);
        app.advance(TimeDelta::days(1));
        let path = asked(&officer, &march("xlsx"));
        let mut killed = replica(app);
        let mut waited = 0;
        while officer.get(&path).expect(200)["rows_done"] == 0 {
            std::thread::sleep(std::time::Duration::from_millis(20));
            waited += 1;
            assert!(waited < 6000, "{:?}", killed.complaints());
        }
        killed.kill();
        let shown = officer.get(&path).expect(200);
        assert_eq!((&shown["state"], &shown["rows_total"]), (&json!("running"), &json!(16_002)));
        // The process took the lease by the clock of the machine; after it another one begins anew.
        app.clock.set(SystemClock.now());
        app.run_jobs();
        assert_eq!(officer.get(&path).expect(200)["state"], "running");
        app.advance(TimeDelta::minutes(6));
        app.run_jobs();
        let (view, file) = done(&officer, &path);
        assert_eq!(view["rows_done"], 16_002);
        assert_eq!(cells(file.bytes).len(), 16_003);
        let mut spooled = std::fs::read_dir(app.folder().join("papers/spool")).unwrap();
        assert!(spooled.next().is_none(), "nothing half-made has a name");
    });
}

#[test]
fn a_file_is_kept_for_as_long_as_configured() {
    on_each(|app| {
        let officer = a_month(app);
        let path = asked(&officer, &march("xlsx"));
        app.run_jobs();
        let (view, _) = done(&officer, &path);
        let kept = |folder: &std::path::Path| -> usize {
            let mut files = 0;
            let mut folders = vec![folder.join("papers/objects")];
            while let Some(folder) = folders.pop() {
                for entry in std::fs::read_dir(folder).unwrap() {
                    let path = entry.unwrap().path();
                    if path.is_dir() { folders.push(path) } else { files += 1 }
                }
            }
            files
        };
        assert_eq!(kept(app.folder()), 1);
        let at = |value: &Value| value.as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        assert_eq!(at(&view["file"]["kept_until"]) - at(&view["finished_at"]), TimeDelta::hours(24));
        app.advance(TimeDelta::hours(23));
        app.run_jobs();
        done(&officer, &path);
        app.advance(TimeDelta::hours(2));
        app.run_jobs();
        let view = officer.get(&path).expect(200);
        assert_eq!((&view["state"], &view["file"]), (&json!("removed"), &Value::Null));
        officer.get(&format!("{path}/file")).refused(410, "paper-gone");
        assert_eq!(kept(app.folder()), 0);
        let journal = app.as_(Role::Auditor).get(&format!(
            "/api/v1/journal?object_kind=export&object_id={}",
            path.rsplit('/').next().unwrap()
        ));
        let journal = journal.expect(200);
        let mut actions: Vec<&str> = journal["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["action"].as_str().unwrap())
            .collect();
        actions.sort_unstable();
        let expected = ["export.asked", "export.downloaded", "export.downloaded", "export.made"];
        assert_eq!(actions, expected);
    });
}

/// Makes dossiers with their guests out of one that is there, by the database itself.
fn many(app: &TestApp, officer: &Client, dossiers: u32, guests: u32) {
    let mut made = make::registered(app, officer, &make::late(app, "2026-03-01"), 1);
    made.does(officer, "submit", &make::declared());
    made.does(officer, "report", &json!({"actual_arrives_on": "2026-03-01", "unpermitted": true}));
    let id =
        |kind: u32, no: &str| format!("'0190a00{kind}-0000-7000-8000-' || CAST(100000000000 + {no} AS TEXT)");
    let series = |name: &str, most: u32| {
        format!("{name}(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM {name} WHERE n < {most})")
    };
    let (d, g) = (series("d", dossiers), series("g", guests));
    let persons = dossiers * guests;
    execute(app, &format!(
        "INSERT INTO people (id, owner_id, full_name, name_folded, name_sort, nationality, version, created_at)
         WITH RECURSIVE {p}
         SELECT {person}, owner_id, 'Khách ' || CAST(p.n AS TEXT), name_folded, name_sort, nationality, 1, created_at
         FROM people CROSS JOIN p
         WHERE people.id = (SELECT person_id FROM members WHERE dossier_id = '{of}' AND role = 'head');
         INSERT INTO dossiers (id, kind, direction, organisation_id, lead_host_id, year, no, title, title_folded,
           primary_field, starts_on, ends_on, actual_starts_on, actual_ends_on, state, state_since, origin,
           confidential, version, revision, rulebook_version, details, created_by, created_at)
         WITH RECURSIVE {d}
         SELECT {dossier}, kind, direction, organisation_id, lead_host_id, year, 5000 + d.n, title, title_folded,
           primary_field, starts_on, ends_on, actual_starts_on, actual_ends_on, 'closed', state_since, 'ledger',
           confidential, 1, 0, rulebook_version, details, created_by, created_at
         FROM dossiers CROSS JOIN d WHERE dossiers.id = '{of}';
         INSERT INTO members (id, dossier_id, person_id, place, role, attendance, guest, nationality, content)
         WITH RECURSIVE {d}, {g}
         SELECT {member}, {dossier}, {who}, g.n, 'member', 'came', members.guest, members.nationality, REPLACE(members.content, '\"full_name\":\"', '\"full_name\":\"=' || CAST(g.n AS TEXT) || ' ')
         FROM members CROSS JOIN d CROSS JOIN g WHERE members.dossier_id = '{of}' AND members.role = 'head';",
        p = series("p", persons),
        person = id(1, "p.n"),
        dossier = id(2, "d.n"),
        member = id(3, &format!("(d.n - 1) * {guests} + g.n")),
        who = id(1, &format!("(d.n - 1) * {guests} + g.n")),
        of = made.id,
    ));
}

#[test]
fn thousands_of_rows_are_the_same_in_csv_xlsx_and_the_return() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        many(app, &officer, 250, 12);
        app.advance(TimeDelta::days(1));
        let paths = ["csv", "xlsx"].map(|format| asked(&officer, &march(format)));
        let list = asked(&officer, &json!({"what": "delegations", "format": "xlsx", "state": "closed"}));
        app.run_jobs();
        let (view, csv) = done(&officer, &paths[0]);
        assert_eq!((&view["rows_done"], &view["rows_total"]), (&json!(3002), &json!(3002)));
        let live = officer.get("/api/v1/reports/monthly/2026-03.csv?window=calendar&table=visits");
        assert_eq!(csv.bytes, live.bytes, "in the order of the return");
        let (_, xlsx) = done(&officer, &paths[1]);
        let (plain, typed) = (table(&csv.bytes), cells(xlsx.bytes));
        assert_eq!((plain.len(), typed.len()), (3003, 3003));
        for (csv, xlsx) in plain.iter().zip(&typed) {
            // CSV has a quote before what a spreadsheet could compute, XLSX needs none.
            let bare: Vec<&str> = csv
                .iter()
                .map(|cell| cell.strip_prefix('\'').filter(|rest| rest.starts_with('=')).unwrap_or(cell))
                .collect();
            assert_eq!(bare, xlsx.iter().map(String::as_str).collect::<Vec<_>>());
        }
        assert!(plain[3].iter().any(|cell| cell.starts_with("'=")), "{:?}", plain[3]);
        let (view, list) = done(&officer, &list);
        let rows = cells(list.bytes);
        assert_eq!((view["rows_done"].as_i64(), rows.len()), (Some(250), 251));
        assert_eq!(rows[0][0], "Mã");
        assert_eq!(rows[1][3], "Đã kết thúc");
        let (first, last) = (&rows[1][0], &rows[250][0]);
        assert_eq!((first.as_str(), last.as_str()), ("DV-2026-5250", "DV-2026-5001"), "the newest first");
    });
}
