//! The witness: a checkpoint a day by mail, once, whoever runs the jobs, and good to verify with.

use std::sync::Arc;

use chrono::TimeDelta;
use legation::domain::journal::note::SignedNote;
use legation::jobs::{self, Jobs};
use legation::mail::{Correspondent, Mail};

use super::app::{TestApp, databases};
use super::evidence::{append, keys};
use super::make::{count, together};

const WITNESS: &str = "Kiểm toán <luu@example.org>";

fn on_each(test: impl Fn(&TestApp)) {
    for kind in databases() {
        eprintln!("on {kind}");
        test(&TestApp::with(kind, |config| config.witness.address = Some(WITNESS.to_owned())));
    }
}

fn letters(app: &TestApp) -> Vec<Mail> {
    app.mails().into_iter().filter(|mail| mail.to == Correspondent::parse(WITNESS).unwrap()).collect()
}

#[test]
fn the_witness_gets_a_checkpoint_a_day() {
    on_each(|app| {
        let size = append(app, 3);
        app.run_jobs();
        app.run_jobs();
        let [letter] = letters(app).try_into().expect("one letter");
        let subject = format!("[Nhật ký] Điểm xác nhận {size} mục, ký lúc 09:00 02/03/2026");
        assert_eq!(letter.subject, subject);
        let found = SignedNote::find(&letter.text);
        assert_eq!(found.len(), 1, "{}", letter.text);
        assert!(found[0].verify(&keys(app)).is_ok());
        assert_eq!(app.audit(&found).unwrap().given, 1);
        assert!(letter.text.contains(&keys(app)[0].to_string()));
        let raw = String::from_utf8(letter.raw).unwrap();
        assert!(raw.contains(&format!("filename=\"checkpoint-{size}.txt\"")), "{raw}");

        // Nothing new the next day: the witness hears it all the same.
        app.advance(TimeDelta::days(1));
        app.run_jobs();
        append(app, 1);
        app.run_jobs();
        let subjects: Vec<String> = letters(app).into_iter().map(|letter| letter.subject).collect();
        assert_eq!(subjects, [subject.clone(), subject]);
        // The clock goes back a day: that day had its letter.
        app.advance(-TimeDelta::days(1));
        app.run_jobs();
        assert_eq!(letters(app).len(), 2);
    });
}

#[test]
fn several_processes_send_one_and_a_lost_one_is_sent_later() {
    on_each(|app| {
        append(app, 3);
        let process = |transport| Jobs {
            remembered: None,
            depot: None,
            store: app.store.clone(),
            settings: Arc::clone(&app.app_parts.settings),
            reminded: std::sync::Mutex::default(),
            prepared: std::sync::Mutex::default(),
            stopping: std::sync::atomic::AtomicBool::default(),
            transport,
            from: app.app_parts.jobs.from.clone(),
            base_url: app.app_parts.jobs.base_url.clone(),
            witness: app.app_parts.jobs.witness.clone(),
        };
        let queued = process(None);
        jobs::run_due(&queued).unwrap();
        assert_eq!((letters(app).len(), count(app, "witness_mails WHERE state = 'queued'")), (0, 1));
        // Claimed by a process that was killed.
        super::make::execute(
            app,
            "UPDATE witness_mails SET state = 'claimed', lease_owner = 'x', lease_until = '2026-03-02 02:05:00'",
        );
        app.run_jobs();
        assert_eq!(letters(app).len(), 0);
        app.advance(TimeDelta::minutes(6));
        let transport = || app.app_parts.jobs.transport.clone();
        let processes: Vec<Jobs> = (0..4).map(|_| process(transport())).collect();
        together(processes.iter().map(|jobs| || jobs::run_due(jobs).unwrap()).collect());
        assert_eq!((letters(app).len(), count(app, "witness_mails WHERE state = 'sent'")), (1, 1));
    });
}

#[test]
fn nobody_is_told_where_there_is_no_witness() {
    super::app::on_each(|app| {
        append(app, 3);
        app.run_jobs();
        assert_eq!((app.mails().len(), count(app, "witness_mails"), count(app, "checkpoints")), (0, 0, 1));
    });
}
