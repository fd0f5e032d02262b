//! The verifier in another language, `docs/verify_journal.py`: it agrees with ours on a whole journal in SQLite, and
//! finds what was done to copies of it.

use std::path::Path;
use std::process::Command;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use legation::store::checkpoints;

use super::app::TestApp;
use super::evidence::{append, keys};
use super::make::execute;

/// Exit code and all words.
fn python(database: &Path, key: &str, elsewhere: &[&Path]) -> (Option<i32>, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify_journal.py");
    let mut command = Command::new("python3");
    command.arg(script).arg(database).arg(key).args(elsewhere);
    let output = command.output().expect("python3 is needed for the verifier in another language");
    let words = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(words).unwrap().trim_end().to_owned())
}

#[test]
fn a_verifier_in_another_language_agrees() {
    let app = TestApp::spawn("sqlite");
    append(&app, 600);
    app.run_jobs();
    let kept = app.read(|tx| Ok(checkpoints::last(tx)?)).unwrap();
    let note = app.folder().join("checkpoint.txt");
    std::fs::write(&note, &kept.note).unwrap();
    append(&app, 10);
    let (key, ours) = (keys(&app)[0].to_string(), app.audit(&[]).unwrap());
    let root = hex::encode(ours.root);
    let agreed = format!("OK: {} entries, root {root}, 2 checkpoints", ours.count);

    let copy = app.folder().join("copy.db");
    for (statements, words) in [
        ("SELECT 1", agreed.as_str()),
        ("UPDATE journal SET action = 'x' WHERE seq = 20", "wrong: entry 20: columns"),
        ("UPDATE journal SET leaf = zeroblob(90) WHERE seq = 20", "wrong: entry 20: hash"),
        ("UPDATE journal_values SET value = 'x' WHERE seq = 20", "wrong: entry 20: value what"),
        ("DELETE FROM journal WHERE seq = 20", "wrong: entry 20: number"),
        ("DELETE FROM journal WHERE seq > 604", "wrong: the head: "),
        ("UPDATE journal_nodes SET hash = zeroblob(32) WHERE no = 1", "wrong: subtree 1 of height 8"),
        ("UPDATE checkpoints SET size = size + 1", "wrong: a checkpoint's columns"),
        ("UPDATE checkpoints SET note = replace(note, 'legation.', 'legatioN.')", "wrong: the checkpoint"),
        ("UPDATE installation SET id = 'x'", "wrong: entry 0: columns"),
    ] {
        drop(std::fs::remove_file(&copy));
        execute(&app, &format!("VACUUM INTO '{}'", copy.display()));
        let mut db = SqliteConnection::establish(copy.to_str().unwrap()).unwrap();
        for table in ["journal", "journal_nodes", "checkpoints"] {
            db.batch_execute(&format!("DROP TRIGGER {table}_no_update; DROP TRIGGER {table}_no_delete"))
                .unwrap();
        }
        db.batch_execute("PRAGMA foreign_keys = OFF").unwrap();
        db.batch_execute(statements).unwrap();
        drop(db);
        let (code, said) = python(&copy, &key, &[&note]);
        assert!(said.starts_with(words), "{statements}: {said}");
        assert_eq!(code, Some(i32::from(words != agreed)), "{statements}");
    }
}
