//! The journal: who reads it, that nobody changes it, and that whoever does is found out.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use legation::domain::access::Role;
use serde_json::{Value, json};

use crate::app::{TestApp, on_each};
use crate::make;

/// Somebody with the database in his hands. No pragma of ours.
pub enum Attacker {
    Sqlite(SqliteConnection),
    Pg(PgConnection),
}

impl Attacker {
    pub fn at(app: &TestApp) -> Self {
        match app.url.strip_prefix("sqlite://") {
            Some(path) => Self::Sqlite(SqliteConnection::establish(path).unwrap()),
            None => Self::Pg(PgConnection::establish(&app.url).unwrap()),
        }
    }

    pub fn run(&mut self, sqlite: &str, pg: &str) -> Result<(), String> {
        match self {
            Self::Sqlite(db) => db.batch_execute(sqlite).map_err(|error| error.to_string()),
            Self::Pg(db) => db.batch_execute(pg).map_err(|error| error.to_string()),
        }
    }

    pub fn both(&mut self, statement: &str) -> Result<(), String> {
        self.run(statement, statement)
    }

    /// What an owner of the database can do, and we cannot stop.
    pub fn disarm(&mut self) {
        for table in ["journal", "journal_nodes", "checkpoints"] {
            self.run("SELECT 1", &format!("ALTER TABLE {table} DISABLE TRIGGER USER")).unwrap();
        }
        if let Self::Sqlite(db) = self {
            use diesel::prelude::*;
            #[derive(diesel::QueryableByName)]
            struct Name {
                #[diesel(sql_type = diesel::sql_types::Text)]
                name: String,
            }
            let triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' \
                            AND tbl_name IN ('journal', 'journal_nodes', 'checkpoints')";
            let names: Vec<Name> = diesel::sql_query(triggers).load(db).unwrap();
            assert!(!names.is_empty());
            for Name { name } in names {
                db.batch_execute(&format!("DROP TRIGGER {name}")).unwrap();
            }
        }
    }
}

/// A journal with something in it: at least ten entries.
fn filled(app: &TestApp) -> i64 {
    for role in [Role::Officer, Role::Clerk, Role::Auditor] {
        app.as_(role);
    }
    let page = app.as_(Role::Auditor).get("/api/v1/journal?limit=1").expect(200);
    let last = page["items"][0]["seq"].as_i64().unwrap();
    assert!(last > 10, "{last}");
    last
}

#[test]
fn auditors_read_it_page_by_page() {
    on_each(|app| {
        let last = filled(app);
        let auditor = app.as_(Role::Auditor);
        let (mut seqs, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = auditor.get(&format!("/api/v1/journal?limit=4{cursor}")).expect(200);
            seqs.extend(page["items"].as_array().unwrap().iter().map(|entry| entry["seq"].as_i64().unwrap()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seqs, (0..=last).rev().collect::<Vec<_>>());

        let first = auditor.get("/api/v1/journal?action=installation.created").expect(200);
        assert_eq!(first["items"][0]["seq"], 0);
        let officer = app.as_(Role::Officer).account.unwrap();
        let about =
            auditor.get(&format!("/api/v1/journal?object_kind=account&object_id={officer}")).expect(200);
        let actions: Vec<&Value> =
            about["items"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
        assert_eq!(actions, ["sign_in.succeeded", "account.password_set", "account.added"]);
        let by = auditor.get(&format!("/api/v1/journal?actor_id={officer}")).expect(200);
        assert_eq!(by["items"].as_array().unwrap().len(), 2);
        let early = auditor.get("/api/v1/journal?to=2026-03-02T02:00:00Z").expect(200);
        assert_eq!(early["items"], json!([]));
        let all = auditor.get("/api/v1/journal?from=2026-03-02T02:00:00Z&limit=200").expect(200);
        assert_eq!(all["items"].as_array().unwrap().len(), usize::try_from(last).unwrap() + 1);
        auditor.get("/api/v1/journal?from=yesterday").refused(400, "invalid-parameter");
        auditor.get("/api/v1/journal?object_id=a%00b").refused(400, "invalid-parameter");
        app.as_(Role::Admin).get("/api/v1/journal").refused(403, "forbidden");
    });
}

#[test]
fn a_denial_is_told_once_an_hour() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let auditor = app.as_(Role::Auditor);
        let told = || {
            let page = auditor.get("/api/v1/journal?action=access.denied").expect(200);
            page["items"].as_array().unwrap().len()
        };
        for _ in 0..5 {
            officer.get("/api/v1/journal").refused(403, "forbidden");
        }
        assert_eq!(told(), 1);
        app.advance(chrono::TimeDelta::hours(1));
        officer.get("/api/v1/journal").refused(403, "forbidden");
        officer.get("/api/v1/outbox").refused(403, "forbidden");
        assert_eq!(told(), 3);
    });
}

#[test]
fn the_database_refuses_every_change() {
    on_each(|app| {
        let last = filled(app);
        let mut attacker = Attacker::at(app);
        let again = format!("SELECT * FROM journal WHERE seq = {last}");
        let pg_again = format!("INSERT INTO journal {again} ON CONFLICT (seq) DO UPDATE SET action = 'x'");
        let truncate = "TRUNCATE journal CASCADE";
        for (sqlite, pg) in [
            (
                "UPDATE journal SET action = 'x' WHERE seq = 3",
                "UPDATE journal SET action = 'x' WHERE seq = 3",
            ),
            ("DELETE FROM journal WHERE seq = 3", "DELETE FROM journal WHERE seq = 3"),
            ("DELETE FROM journal", truncate),
            (&format!("INSERT OR REPLACE INTO journal {again}"), &pg_again),
            (&format!("REPLACE INTO journal {again}"), &pg_again),
        ] {
            let refused = attacker.run(sqlite, pg).expect_err(sqlite);
            assert!(refused.contains("append-only"), "{sqlite}: {refused}");
        }
        app.run_jobs();
        let node = "INSERT INTO journal_nodes (height, no, hash) VALUES (8, 9, ";
        attacker.run(&format!("{node}X'00')"), &format!("{node}'\\x00')")).unwrap();
        for (table, column) in [("checkpoints", "root"), ("journal_nodes", "hash")] {
            for (sqlite, pg) in [
                (format!("UPDATE {table} SET {column} = {column}"), None),
                (format!("DELETE FROM {table}"), None),
                (format!("DELETE FROM {table} WHERE 1 = 1"), Some(format!("TRUNCATE {table} CASCADE"))),
                (
                    format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}"),
                    Some(format!("UPDATE {table} SET {column} = {column}")),
                ),
            ] {
                let pg = pg.as_deref().unwrap_or(&sqlite);
                let refused = attacker.run(&sqlite, pg).expect_err(&sqlite);
                assert!(refused.contains(&format!("append-only: {table}")), "{sqlite}: {refused}");
            }
        }
        attacker.disarm();
        attacker.both("DELETE FROM journal_nodes").unwrap();
        assert_eq!(app.misfit(), None);
    });
}

/// An attack: the statements, on SQLite and on PostgreSQL, and the entry that must be named.
type Attack = (&'static str, &'static str, fn(i64) -> i64);

fn fourth(_last: i64) -> i64 {
    4
}

const ATTACKS: [Attack; 9] = [
    ("another action", "UPDATE journal SET action = 'x' WHERE seq = 4", fourth),
    ("another actor", "UPDATE journal SET actor_id = NULL, object_id = 'x' WHERE seq = 4", fourth),
    ("another time", "UPDATE journal SET at = '2020-01-01 00:00:00' WHERE seq = 4", fourth),
    (
        "another leaf",
        "UPDATE journal SET leaf = (SELECT leaf FROM journal WHERE seq = 5) WHERE seq = 4",
        fourth,
    ),
    (
        "another leaf with its hash",
        "UPDATE journal SET leaf = (SELECT leaf FROM journal WHERE seq = 5), \
         leaf_hash = (SELECT leaf_hash FROM journal WHERE seq = 5) WHERE seq = 4",
        fourth,
    ),
    ("another value", "UPDATE journal_values SET value = 'x' WHERE seq = 4", fourth),
    ("one cut out", "DELETE FROM journal_values WHERE seq = 4; DELETE FROM journal WHERE seq = 4", fourth),
    (
        "the tail cut off",
        "DELETE FROM journal_values WHERE seq > 8; DELETE FROM journal WHERE seq > 8",
        |_last| 9,
    ),
    (
        "the tail cut off and the head counted down",
        "DELETE FROM journal_values WHERE seq > 8; DELETE FROM journal WHERE seq > 8; \
         UPDATE journal_head SET count = 9",
        |_last| 9,
    ),
];

#[test]
fn whoever_changes_it_all_the_same_is_found_out() {
    for kind in crate::app::databases() {
        eprintln!("on {kind}");
        for (what, statements, named) in ATTACKS {
            let app = TestApp::spawn(kind);
            let last = filled(&app);
            assert_eq!(app.misfit(), None);
            let mut attacker = Attacker::at(&app);
            attacker.disarm();
            // An entry with values, whichever it is, stands at 4: an account that was added.
            attacker.both(statements).expect(what);
            let expected = u64::try_from(named(last)).unwrap();
            let misfit = app.audit(&[]).unwrap_err();
            // Where only the head tells, it cannot tell which one.
            let named = misfit.seq..=misfit.until.unwrap_or(misfit.seq);
            assert!(named.contains(&expected), "{what}: {misfit}");
            let exactly = misfit.until.is_none();
            assert_eq!(exactly, !what.contains("head"), "{what}: {misfit}");
            let words = legation::cli::audit::verify(&app.config(), None, &[]).unwrap_err().to_string();
            assert_eq!(words, misfit.to_string(), "{what}");
            assert!(!exactly || words.starts_with(&format!("entry {expected}: ")), "{what}: {words}");
            app.spoilt();
        }
    }
}

#[test]
fn erased_values_leave_it_whole() {
    on_each(|app| {
        filled(app);
        let mut attacker = Attacker::at(app);
        attacker.both("DELETE FROM journal_values").unwrap();
        assert_eq!(app.misfit(), None);
    });
}

/// Mails that were given up are listed, and go out again when an administrator says so.
#[test]
fn a_dead_mail_is_sent_again() {
    on_each(|app| {
        let (officer, admin) = (app.as_(Role::Officer), app.as_(Role::Admin));
        app.as_(Role::Clerk);
        let mut made = make::registered(app, &officer, &make::body(app, "2026-04-06"), 1);
        made.does(&officer, "submit", &make::declared());
        let queued = admin.get("/api/v1/outbox?state=queued").expect(200);
        assert_eq!(queued["items"].as_array().unwrap().len(), 1, "{queued}");
        let mail = queued["items"][0].clone();
        assert_eq!(mail["dossier_id"], made.id.as_str());
        assert!(!queued.to_string().contains("DURAND"), "{queued}");
        let resend = format!("/api/v1/outbox/{}/resend", mail["id"].as_str().unwrap());
        admin.post(&resend, &json!({})).refused(409, "illegal-move");

        let dead = "UPDATE outbox SET state = 'dead', attempts = 12, last_error = 'gone'";
        Attacker::at(app).both(dead).unwrap();
        app.run_jobs();
        assert!(app.mails().is_empty());
        assert_eq!(admin.get("/api/v1/outbox?state=dead").expect(200)["items"][0]["last_error"], "gone");
        app.as_(Role::Auditor).post(&resend, &json!({})).refused(403, "forbidden");
        let again = admin.post(&resend, &json!({})).expect(200);
        assert_eq!((&again["state"], &again["attempts"]), (&json!("queued"), &json!(0)));
        app.run_jobs();
        assert_eq!(app.mails().len(), 1);
        assert_eq!(admin.get("/api/v1/outbox").expect(200)["items"][0]["state"], "sent");
        admin.post(&resend, &json!({})).refused(409, "illegal-move");
        let nothing = "/api/v1/outbox/00000000-0000-7000-8000-000000000000/resend";
        admin.post(nothing, &json!({})).refused(404, "not-found");
        let told = app.as_(Role::Auditor).get("/api/v1/journal?action=mail.queued_again").expect(200);
        assert_eq!(told["items"][0]["object_id"], mail["id"]);
        admin.get("/api/v1/outbox?state=lost").refused(400, "invalid-parameter");
    });
}
