//! A database that came back from an old backup: the service says so when it starts, journals it, holds its mails and
//! lets nobody stay signed in. The checkpoint beside the keys tells it.

use chrono::TimeDelta;
use legation::domain::access::Role;
use legation::store::{checkpoints, journal};
use serde_json::json;

use super::app::{TestApp, databases};
use super::evidence::append;
use super::journal::Attacker;
use super::make::{self, count};

fn entries(app: &TestApp) -> u64 {
    app.read(|tx| Ok(journal::head(tx)?)).count()
}

/// Takes the newest entries away with all that says that they were: the database of an earlier moment.
fn put_back(app: &TestApp, to: &journal_head::Head) {
    let mut attacker = Attacker::at(app);
    attacker.disarm();
    attacker
        .both(&format!(
            "DELETE FROM journal_values WHERE seq >= {n}; DELETE FROM checkpoints WHERE size > {n}; \
             DELETE FROM journal WHERE seq >= {n}; UPDATE journal_head SET count = {n}",
            n = to.count
        ))
        .unwrap();
    let hex = hex::encode(&to.frontier);
    let set = "UPDATE journal_head SET frontier = ";
    attacker.run(&format!("{set}X'{hex}'"), &format!("{set}'\\x{hex}'")).unwrap();
}

mod journal_head {
    use super::{TestApp, journal};

    /// The journal's head as it was.
    pub struct Head {
        pub count: u64,
        pub frontier: Vec<u8>,
    }

    pub fn of(app: &TestApp) -> Head {
        let head = app.read(|tx| Ok(journal::head(tx)?));
        Head { count: head.count(), frontier: head.to_stored() }
    }
}

#[test]
fn a_start_on_an_old_backup_is_told_journalled_and_harms_nobody() {
    for kind in databases() {
        let mut app = TestApp::spawn(kind);
        let officer = app.as_(Role::Officer);
        app.as_(Role::Clerk);
        let mut made = make::registered(&app, &officer, &make::body(&app, "2026-03-20"), 1);
        made.does(&officer, "submit", &make::declared());
        app.as_(Role::Auditor);
        let waiting = count(&app, "outbox WHERE state = 'queued'");
        append(&app, 3);
        let backup = journal_head::of(&app);
        append(&app, 5);
        legation::jobs::run_due(&legation::jobs::Jobs {
            depot: None,
            remembered: Some(legation::remembered::Remembered::beside(&app.config().keys.dir)),
            store: app.store.clone(),
            settings: app.app_parts.settings.clone(),
            reminded: std::sync::Mutex::new(Some("2026-03-02".parse().unwrap())),
            prepared: std::sync::Mutex::default(),
            stopping: std::sync::atomic::AtomicBool::default(),
            transport: None,
            from: app.app_parts.jobs.from.clone(),
            base_url: app.app_parts.jobs.base_url.clone(),
            witness: None,
        })
        .unwrap();
        let signed = app.read(|tx| Ok(checkpoints::last(tx)?)).unwrap().size;
        // A restart without a restore says nothing.
        app.restart();
        assert_eq!(
            (entries(&app), count(&app, "journal WHERE action = 'installation.restored'")),
            (signed, 0)
        );

        put_back(&app, &backup);
        app.restart();
        assert_eq!(entries(&app), backup.count + 1, "{kind}");
        assert!(waiting > 0, "the test has a mail to hold");
        assert_eq!(count(&app, "outbox WHERE state = 'queued'"), 0);
        assert_eq!(count(&app, "outbox WHERE state = 'held'"), waiting);
        app.again(&officer).get("/api/v1/me").refused(401, "unauthorised");
        let auditor = app.signed_in(app.as_(Role::Auditor).account.unwrap());
        let told = auditor.get("/api/v1/journal?action=installation.restored").expect(200);
        let values = &told["items"][0]["values"];
        assert_eq!(told["items"].as_array().unwrap().len(), 1);
        assert_eq!(
            (&values["restored_from"], &values["signed_before"], &values["mails_held"]),
            (&json!(backup.count.to_string()), &json!(signed.to_string()), &json!(waiting.to_string()))
        );
        assert_eq!(app.misfit(), None, "the journal goes on from the backup");
        // It is told once: from now on the checkpoint of the restored journal is remembered.
        app.restart();
        app.advance(TimeDelta::minutes(6));
        app.run_jobs();
        app.restart();
        assert_eq!(count(&app, "journal WHERE action = 'installation.restored'"), 1);
        assert_eq!(app.misfit(), None);
    }
}

#[test]
fn a_checkpoint_of_another_journal_beside_the_keys_is_passed_over() {
    for kind in databases() {
        let mut app = TestApp::spawn(kind);
        append(&app, 3);
        let file = app.config().keys.dir.join("last-checkpoint.txt");
        for text in [
            "",
            "nonsense\n",
            "example.com/log\n99999\nBSMPF++p+PxEzgckPaIy00GqWCdV9T1J143GeZ2ENN0=\n\n— example.com/log AAAA\n",
        ] {
            std::fs::write(&file, text).unwrap();
            app.restart();
            assert_eq!(count(&app, "journal WHERE action = 'installation.restored'"), 0, "{kind}: {text}");
        }
    }
}
