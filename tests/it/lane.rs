//! The write lane: one command is one atomic unit, whatever happens to its neighbours in the same commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use legation::domain::event::Event;
use legation::domain::refusal::Refusal;
use legation::service::Error;
use legation::store::{ReadTx, Recorded, StoreError, WriteTx, journal};

use super::app::{TestApp, on_each};

fn note(tx: &mut WriteTx<'_>, name: &'static str) -> Result<Recorded<i64>, Error> {
    let entry = journal::append(tx, Event::new(name, "test", ""))?;
    Ok(entry.returning(entry.seq))
}

fn count(app: &TestApp, action: &str) -> usize {
    let filter = journal::Filter { action: Some(action.to_owned()), ..journal::Filter::default() };
    app.read(|tx: &mut ReadTx<'_>| Ok(journal::list(tx, &filter, 10_000)?)).len()
}

#[test]
fn parallel_commands_make_one_unbroken_journal() {
    on_each(|app| {
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        app.store.write_blocking(|tx| note(tx, "test.noted")).unwrap();
                    }
                });
            }
        });
        assert_eq!(count(app, "test.noted"), 320);
        assert_eq!(app.misfit(), None);
    });
}

#[test]
fn a_panic_undoes_its_own_command_and_no_other() {
    on_each(|app| {
        std::thread::scope(|scope| {
            for no in 0..40 {
                scope.spawn(move || {
                    let result = app.store.write_blocking(move |tx| {
                        let noted = note(tx, "test.survived")?;
                        assert!(no % 4 != 0, "this one breaks on purpose");
                        Ok::<_, Error>(noted)
                    });
                    assert_eq!(result.is_err(), no % 4 == 0);
                });
            }
        });
        assert_eq!(count(app, "test.survived"), 30);
        assert_eq!(app.misfit(), None);
    });
}

#[test]
fn a_refusal_is_rolled_back_and_then_told() {
    on_each(|app| {
        let result: Result<(), Error> = app.store.write_blocking(|tx| {
            let _undone = note(tx, "test.undone")?;
            let event = Some(Box::new(Event::new("test.refused", "test", "")));
            Err::<Recorded<()>, _>(Error::Refused { refusal: Refusal::NotFound, event })
        });
        assert!(matches!(result, Err(Error::Refused { refusal: Refusal::NotFound, .. })));
        assert_eq!((count(app, "test.undone"), count(app, "test.refused")), (0, 1));
    });
}

#[test]
fn a_conflict_runs_the_command_again() {
    on_each(|app| {
        let runs = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&runs);
        let result = app.store.write_blocking(move |tx| match counted.fetch_add(1, Ordering::SeqCst) {
            0 | 1 => Err(Error::Store(StoreError::Conflict)),
            _ => note(tx, "test.third_time"),
        });
        assert!(result.is_ok());
        assert_eq!((runs.load(Ordering::SeqCst), count(app, "test.third_time")), (3, 1));
    });
}

#[test]
fn an_attempt_that_fails_leaves_the_rest_of_the_command() {
    on_each(|app| {
        let done = app.store.write_blocking(|tx| {
            let attempt = tx.attempt(|tx| {
                let _undone = note(tx, "test.undone")?;
                Err::<(), _>(Error::from(Refusal::NotFound))
            })?;
            assert!(attempt.is_err());
            note(tx, "test.kept")
        });
        assert!(done.is_ok());
        assert_eq!((count(app, "test.undone"), count(app, "test.kept")), (0, 1));
    });
}

#[test]
fn a_closed_store_says_so() {
    on_each(|app| {
        app.store.close();
        let refused = app.store.write_blocking(|tx| note(tx, "test.late"));
        assert!(matches!(refused, Err(Error::Store(StoreError::Unavailable(_)))));
    });
}

#[test]
fn a_locked_database_is_busy_and_writing_resumes_by_itself() {
    use diesel::connection::SimpleConnection;
    use diesel::{Connection, SqliteConnection};

    let app = TestApp::spawn("sqlite");
    let admin = app.as_(legation::domain::access::Role::Admin);
    let path = app.folder().join("test.db");
    let mut other = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let new =
        serde_json::json!({"code": "SYT", "name_vi": "Sở Y tế", "name_en": "Health", "kind": "department"});
    let answer = admin.post("/api/v1/organisations", &new);
    assert_eq!(answer.header("retry-after"), Some("2"));
    answer.refused(503, "busy");
    other.batch_execute("ROLLBACK").unwrap();
    admin.post("/api/v1/organisations", &new).expect(201);
}
