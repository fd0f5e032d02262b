//! What stood in the database before a migration stands there after it: decisions and steps of the first version.

use diesel::connection::SimpleConnection;
use diesel::sql_types::{Integer, Nullable, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

const ROWS: &str = "
INSERT INTO organisations (id, path, code, name_vi, name_en, kind, version)
  VALUES ('o', '/o/', 'O', 'O', 'O', 'city', 1);
INSERT INTO people (id, owner_id, full_name, name_folded, name_sort, version, created_at)
  VALUES ('p', 'o', 'P', 'p', 'p', 1, '2026-01-01 00:00:00');
INSERT INTO accounts (id, username, name_folded, display_name, email, lang, person_id, state, version, created_at)
  VALUES ('a', 'a', 'a', 'A', 'a@example.org', 'vi', 'p', 'active', 1, '2026-01-01 00:00:00');
INSERT INTO dossiers (id, kind, direction, organisation_id, title, title_folded, state, state_since, origin, confidential,
  version, revision, rulebook_version, details, created_by, created_at)
  VALUES ('d', 'delegation', 'inbound', 'o', 'T', 't', 'returned', '2026-01-01 00:00:00', 'system', FALSE, 1, 1, 1, '{}',
  'a', '2026-01-01 00:00:00');
INSERT INTO steps (id, dossier_id, revision, no, kind, organisation_id, role, quorum, working_days, state)
  VALUES ('s1', 'd', 1, 1, 'appraise', 'o', 'appraiser', 1, 3, 'done'), ('s2', 'd', 1, 2, 'other', 'o', 'approver', 1, NULL, 'open');
INSERT INTO decisions (id, dossier_id, revision, step_id, person_id, account_id, decision, comment, forms, content_hash, made_at)
  VALUES ('x', 'd', 1, 's1', 'p', 'a', 'return', 'C', '[]', ''/*hash*/, '2026-01-01 00:00:00');
";

#[derive(QueryableByName, PartialEq, Debug)]
struct Step {
    #[diesel(sql_type = Integer)]
    stage: i32,
    #[diesel(sql_type = Integer)]
    lap: i32,
    #[diesel(sql_type = Nullable<Integer>)]
    clock: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    clock_unit: Option<String>,
    #[diesel(sql_type = Text)]
    title_vi: String,
}

#[derive(QueryableByName, PartialEq, Debug)]
struct Decision {
    #[diesel(sql_type = Integer)]
    lap: i32,
    #[diesel(sql_type = Nullable<Text>)]
    returned_to: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    comment: Option<String>,
}

#[derive(QueryableByName)]
struct Days {
    #[diesel(sql_type = Nullable<Integer>)]
    working_days: Option<i32>,
}

macro_rules! holds {
    ($db:expr, $base:literal, $engine:literal, $back:literal, $hash:literal) => {{
        let db = $db;
        db.batch_execute(include_str!($base)).unwrap();
        db.batch_execute(&ROWS.replace("''/*hash*/", $hash)).unwrap();
        db.batch_execute(include_str!($engine)).unwrap();
        let steps: Vec<Step> =
            sql_query("SELECT stage, lap, clock, clock_unit, title_vi FROM steps ORDER BY no")
                .load(db)
                .unwrap();
        let step = |stage, clock, unit: Option<&str>, title: &str| Step {
            stage,
            lap: 0,
            clock,
            clock_unit: unit.map(str::to_owned),
            title_vi: title.to_owned(),
        };
        assert_eq!(steps, [step(1, Some(3), Some("wd"), "Thẩm định"), step(2, None, None, "other")]);
        let decisions: Vec<Decision> =
            sql_query("SELECT lap, returned_to, comment FROM decisions").load(db).unwrap();
        let kept =
            Decision { lap: 0, returned_to: Some("requester".to_owned()), comment: Some("C".to_owned()) };
        assert_eq!(decisions, [kept]);
        for statement in [
            "UPDATE decisions SET comment = 'other'",
            "DELETE FROM decisions",
            "INSERT INTO decisions SELECT * FROM decisions",
        ] {
            assert!(db.batch_execute(statement).is_err(), "{statement}");
        }
        db.batch_execute(include_str!($back)).unwrap();
        let days: Vec<Days> = sql_query("SELECT working_days FROM steps ORDER BY no").load(db).unwrap();
        assert_eq!(days.iter().map(|days| days.working_days).collect::<Vec<_>>(), [Some(3), None]);
        assert!(db.batch_execute("DELETE FROM decisions").is_err());
    }};
}

#[test]
fn steps_and_decisions_outlive_the_engines_migration() {
    let mut db = SqliteConnection::establish(":memory:").unwrap();
    db.batch_execute("PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON;").unwrap();
    holds!(
        &mut db,
        "../../migrations/sqlite/2026-11-22-000001_base/up.sql",
        "../../migrations/sqlite/2026-11-22-000002_engine/up.sql",
        "../../migrations/sqlite/2026-11-22-000002_engine/down.sql",
        "X'00'"
    );
    if std::env::var("LEGATION_TEST_POSTGRES_URL").is_err() {
        return;
    }
    // In a schema of its own beside the migrated one.
    let (url, made) = super::app::fresh_database("postgres", std::path::Path::new(""));
    let mut db = PgConnection::establish(&url).unwrap();
    db.batch_execute("CREATE SCHEMA upgrade; SET search_path TO upgrade;").unwrap();
    holds!(
        &mut db,
        "../../migrations/postgres/2026-11-22-000001_base/up.sql",
        "../../migrations/postgres/2026-11-22-000002_engine/up.sql",
        "../../migrations/postgres/2026-11-22-000002_engine/down.sql",
        "'\\x00'"
    );
    drop(db);
    super::app::drop_database(made);
}

/// An inbound and an outbound paper with a recipient each, as they stood before decisions had numbers of their own.
const PAPERS: &str = "
INSERT INTO dossiers (id, kind, direction, organisation_id, title, title_folded, state, state_since, origin, confidential,
  version, revision, rulebook_version, details, created_by, created_at)
  VALUES ('e', 'delegation', 'outbound', 'o', 'T', 't', 'issued', '2026-01-01 00:00:00', 'system', FALSE, 1, 1, 1, '{}',
  'a', '2026-01-01 00:00:00');
INSERT INTO issued_papers (id, dossier_id, revision, issuer_id, kind, year, number, symbol, dated_on, signer, forms,
  issued_by, issued_at)
  VALUES ('i', 'd', 1, 'o', 'permit', 2026, '1', 'S', '2026-01-01', 'N', '[]', 'a', '2026-01-01 00:00:00'),
    ('j', 'e', 1, 'o', 'permit', 2026, '2', 'S', '2026-01-01', 'N', '[]', 'a', '2026-01-01 00:00:00');
INSERT INTO paper_recipients (paper_id, place, name, channel) VALUES ('i', 1, 'X', 'post'), ('j', 1, 'Y', 'hand');
";

#[derive(QueryableByName, PartialEq, Debug)]
struct Issued {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Text)]
    name: String,
}

macro_rules! papers_hold {
    ($db:expr, $folder:literal, $hash:literal) => {{
        let db = $db;
        db.batch_execute(include_str!(concat!($folder, "2026-11-22-000001_base/up.sql"))).unwrap();
        db.batch_execute(&ROWS.replace("''/*hash*/", $hash)).unwrap();
        for migration in [
            include_str!(concat!($folder, "2026-11-22-000002_engine/up.sql")),
            include_str!(concat!($folder, "2026-11-22-000003_files/up.sql")),
            include_str!(concat!($folder, "2026-11-22-000004_rulebook/up.sql")),
            include_str!(concat!($folder, "2026-11-22-000005_obligations/up.sql")),
            include_str!(concat!($folder, "2026-11-22-000006_plans/up.sql")),
            include_str!(concat!($folder, "2026-11-22-000007_duties/up.sql")),
            PAPERS,
        ] {
            db.batch_execute(migration).unwrap();
        }
        let issued = |db: &mut _| -> Vec<Issued> {
            let rows = "SELECT p.kind, p.number, r.name FROM issued_papers p \
                JOIN paper_recipients r ON r.paper_id = p.id ORDER BY p.id";
            sql_query(rows).load(db).unwrap()
        };
        let of = |kind: &str, number: &str, name: &str| Issued {
            kind: kind.to_owned(),
            number: number.to_owned(),
            name: name.to_owned(),
        };
        let up = include_str!(concat!($folder, "2026-11-22-000013_official/up.sql"));
        // As it is run: all of it or nothing.
        db.batch_execute(&format!("BEGIN; {up} COMMIT;")).unwrap();
        assert_eq!(issued(db), [of("permit", "1", "X"), of("decision", "2", "Y")]);
        let other = "INSERT INTO issued_papers (id, dossier_id, revision, issuer_id, kind, year, number, symbol, dated_on, \
            signer, forms, issued_by, issued_at) SELECT 'k', dossier_id, revision, issuer_id, 'decision', year, '1', symbol, \
            dated_on, signer, forms, issued_by, issued_at FROM issued_papers WHERE id = 'i'";
        db.batch_execute(other).unwrap();
        for statement in [
            "UPDATE issued_papers SET signer = 'x'",
            "DELETE FROM issued_papers",
            "INSERT INTO paper_recipients (paper_id, place, name, channel) VALUES ('nowhere', 1, 'Z', 'post')",
            &other.replace("'k'", "'l'"),
        ] {
            assert!(db.batch_execute(statement).is_err(), "{statement}");
        }
    }};
}

#[test]
fn issued_papers_outlive_the_migration_that_tells_decisions_apart() {
    let mut db = SqliteConnection::establish(":memory:").unwrap();
    db.batch_execute("PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON;").unwrap();
    papers_hold!(&mut db, "../../migrations/sqlite/", "X'00'");
    if std::env::var("LEGATION_TEST_POSTGRES_URL").is_err() {
        return;
    }
    let (url, made) = super::app::fresh_database("postgres", std::path::Path::new(""));
    let mut db = PgConnection::establish(&url).unwrap();
    db.batch_execute("CREATE SCHEMA upgrade; SET search_path TO upgrade;").unwrap();
    papers_hold!(&mut db, "../../migrations/postgres/", "'\\x00'");
    drop(db);
    super::app::drop_database(made);
}
