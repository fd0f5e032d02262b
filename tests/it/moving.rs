//! An office that outgrows one machine: everything goes along from SQLite to PostgreSQL, and a closed month gives the same
//! bytes after edits, a restart and the move.

use chrono::TimeDelta;
use legation::domain::access::Role;
use serde_json::json;

use super::app::{Client, TestApp, databases, fresh_database, on_each};
use super::closings::{closes, exported, late_entry};
use super::make::{self, count, execute};
use super::process::{self, Ended};
use super::returns::a_month;

/// Every table whose rows can be counted on both sides; the copy adds one entry to the journal.
const TABLES: [&str; 12] = [
    "organisations",
    "people",
    "travel_documents",
    "accounts",
    "sessions",
    "dossiers",
    "members",
    "revision_values",
    "decisions",
    "closing_files",
    "outbox",
    "checkpoints",
];

fn copies(app: &TestApp, from: &str, to: &str) -> Ended {
    let keys = app.config().keys.dir.display().to_string();
    let env = [("LEGATION__DATABASE__URL", to.to_owned()), ("LEGATION__KEYS__DIR", keys)];
    process::run(&["db", "copy", "--from", from], &env, app.folder())
}

/// What a client sees of people (whose passport numbers are sealed), of a dossier, and of what was done to it.
fn seen(app: &TestApp, client: &Client, id: &str) -> Vec<serde_json::Value> {
    let client = app.again(client);
    let paths = ["/api/v1/people?limit=200".to_owned()].into_iter().chain(
        ["", "/members", "/history", "/steps", "/explain"]
            .map(|part| format!("/api/v1/delegations/{id}{part}")),
    );
    paths.map(|path| client.get(&path).expect(200)).collect()
}

#[test]
fn a_closed_month_gives_the_same_bytes_after_edits_a_restart_and_the_move_to_postgresql() {
    if !databases().contains(&"postgres") {
        eprintln!("not run: LEGATION_TEST_POSTGRES_URL is not set");
        return;
    }
    let mut app = TestApp::spawn("sqlite");
    let officer = a_month(&app);
    app.advance(TimeDelta::days(1));
    let closed = closes(&officer, &json!({})).expect(201);
    let first = exported(&officer);
    // Later edits: a late entry, and a first dossier that turns out to repeat a later one.
    app.advance(TimeDelta::days(2));
    let added = late_entry(&app, &officer, 31, "2026-03-25");
    let mut draft = make::registered(&app, &officer, &make::body(&app, "2026-05-20"), 41);
    let other = make::registered(&app, &officer, &make::body(&app, "2026-05-20"), 43);
    draft.does(&officer, "duplicate", &json!({"of": other.id}));
    // Who decided then travels with the delegation by now: it happened, whatever guards say of new decisions.
    execute(
        &app,
        "INSERT INTO dossier_authors (dossier_id, person_id, capacity) \
         SELECT DISTINCT dossier_id, person_id, 'travels' FROM decisions",
    );
    assert_eq!(exported(&officer), first);
    app.run_jobs();
    app.restart();
    assert_eq!(exported(&app.again(&officer)), first, "after a restart");

    let (from, before) = (app.url.clone(), seen(&app, &officer, &added.id));
    let rows: Vec<i64> = TABLES.iter().map(|table| count(&app, table)).collect();
    let entries = count(&app, "journal");
    let (to, made) = fresh_database("postgres", app.folder());
    let ended = copies(&app, &from, &to);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out.contains(&format!("{entries:>10}  journal\n")), "{ended:?}");
    assert!(ended.out.contains(&format!("OK: the journal's {entries} entries")), "{ended:?}");
    let again = copies(&app, &from, &to);
    assert!(again.code == Some(1) && again.err.contains("the target is not empty"), "{again:?}");

    app.move_to(to, made);
    let officer = app.again(&officer);
    assert_eq!(exported(&officer), first, "after the move");
    assert_eq!(TABLES.map(|table| count(&app, table)).to_vec(), rows);
    assert_eq!(seen(&app, &officer, &added.id), before);
    let verified = app.audit(&[]).unwrap();
    assert!(i64::try_from(verified.count).unwrap() > entries && verified.checkpoints > 0);
    let told = app.as_(Role::Auditor).get("/api/v1/journal?action=installation.copied").expect(200);
    assert_eq!(told["items"][0]["seq"], json!(entries));
    assert_eq!(told["items"][0]["values"]["entries"], json!(entries.to_string()));
    let manifest = officer.get("/api/v1/reports/monthly/2026-03/closings?window=calendar").expect(200);
    assert_eq!(manifest["items"][0]["sha256"], closed["sha256"]);

    // The work goes on there: what guards the tables guards them still, and a correction is a restatement.
    for attempt in ["DELETE FROM journal", "UPDATE closings SET no = 7", "TRUNCATE decisions CASCADE"] {
        let tried = std::panic::AssertUnwindSafe(|| execute(&app, attempt));
        assert!(std::panic::catch_unwind(tried).is_err(), "{attempt}");
    }
    let missing = "UPDATE dossiers SET duplicate_of = 'nobody'";
    let tried = std::panic::AssertUnwindSafe(|| execute(&app, missing));
    assert!(std::panic::catch_unwind(tried).is_err(), "a dossier that is not there");
    let body = json!({"replaces": closed["id"], "reason": "Bổ sung đoàn nhập muộn"});
    assert_eq!(closes(&officer, &body).expect(201)["no"], json!(2));
    assert_ne!(exported(&officer), first);
    app.restart();
    assert_eq!(app.misfit(), None);
}

#[test]
fn a_closed_month_gives_the_same_bytes_after_a_restart() {
    for kind in databases() {
        let mut app = TestApp::spawn(kind);
        let officer = a_month(&app);
        app.advance(TimeDelta::days(1));
        closes(&officer, &json!({})).expect(201);
        let first = exported(&officer);
        late_entry(&app, &officer, 31, "2026-03-25");
        app.restart();
        app.advance(TimeDelta::days(400));
        assert_eq!(exported(&app.again(&officer)), first, "{kind}");
        assert_eq!(app.misfit(), None);
    }
}

#[test]
fn what_cannot_be_copied_is_told_in_a_sentence() {
    on_each(|app| {
        app.as_(Role::Officer);
        let copy = |from: &str, to: &str| {
            let ended = copies(app, from, to);
            assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{ended:?}");
            assert_eq!(ended.err.lines().count(), 1, "{ended:?}");
            ended.err
        };
        let sqlite = format!("sqlite://{}", app.folder().join("nothing.db").display());
        if app.url.starts_with("postgres") {
            for (from, to) in [(&app.url, &sqlite), (&app.url, &app.url)] {
                assert!(copy(from, to).contains("from sqlite:// to postgres:// alone"));
            }
            assert!(copy(&sqlite, &app.url).contains("there is no database at"));
        } else {
            assert!(copy(&app.url, &sqlite).contains("from sqlite:// to postgres:// alone"));
            assert!(copy("mysql://x", &app.url).contains("--from must begin with sqlite://"));
        }
        if app.url.starts_with("sqlite") && databases().contains(&"postgres") {
            let (to, made) = fresh_database("postgres", app.folder());
            let run = |statement: &str| {
                use diesel::connection::{Connection, SimpleConnection};
                diesel::PgConnection::establish(&to).unwrap().batch_execute(statement).unwrap();
            };
            run("DELETE FROM __diesel_schema_migrations WHERE version > '20261122000001'");
            assert!(copy(&app.url, &to).contains("`legation migrate` makes them"));
            super::app::drop_database(made);
        }
        assert!(!app.folder().join("nothing.db").exists(), "a mistyped path makes no database");
    });
}
