//! Checkpoints when they are due and never twice, proofs of single entries through API and command line, and that
//! nothing is signed which does not follow from what was signed before.

use chrono::TimeDelta;
use legation::cli::audit as command;
use legation::domain::access::Role;
use legation::domain::event::Event;
use legation::domain::journal::note::{SignedNote, VerifierKey};
use legation::domain::journal::proof::{BadConsistency, Consistency, Proof};
use legation::jobs;
use legation::service::{Error, evidence};
use legation::store::{StoreError, checkpoints, journal};

use super::app::{Client, TestApp, on_each};
use super::journal::Attacker;
use super::make::{count, together};
use super::process;

/// Appends entries; returns how many there are then.
pub fn append(app: &TestApp, n: u64) -> u64 {
    let appended = app.store.write_blocking(move |tx| {
        let mut last = journal::append(tx, event("first"))?;
        for no in 1..n {
            last = journal::append(tx, event(&no.to_string()))?;
        }
        Ok::<_, Error>(last.returning(last.seq))
    });
    u64::try_from(appended.unwrap()).unwrap() + 1
}

fn event(what: &str) -> Event {
    Event::new("thing.done", "thing", what).with("what", what)
}

pub fn keys(app: &TestApp) -> Vec<VerifierKey> {
    evidence::keys(&app.app_parts.settings.vault, app.store.installation()).unwrap()
}

/// The size of the last checkpoint.
fn last(app: &TestApp) -> Option<u64> {
    app.read(|tx| Ok(checkpoints::last(tx)?)).map(|kept| kept.size)
}

#[test]
fn a_checkpoint_is_made_within_five_minutes_or_a_thousand_entries() {
    on_each(|app| {
        assert_eq!(last(app), None);
        let mut size = append(app, 1);
        app.run_jobs();
        assert_eq!(last(app), Some(size));
        // Nothing new, however long.
        app.advance(TimeDelta::hours(3));
        app.run_jobs();
        assert_eq!((last(app), count(app, "checkpoints")), (Some(size), 1));
        size = append(app, 1);
        app.run_jobs();
        assert_eq!(last(app), Some(size), "the last one is three hours old");
        append(app, 2);
        app.advance(TimeDelta::minutes(5) - TimeDelta::microseconds(1));
        app.run_jobs();
        assert_eq!(last(app), Some(size));
        app.advance(TimeDelta::microseconds(1));
        app.run_jobs();
        size += 2;
        assert_eq!(last(app), Some(size));
        append(app, 999);
        app.run_jobs();
        assert_eq!(last(app), Some(size));
        size = append(app, 1);
        app.run_jobs();
        assert_eq!(last(app), Some(size));
        // The clock goes back: nobody waits until it has caught up.
        app.advance(-TimeDelta::days(2));
        size = append(app, 1);
        app.run_jobs();
        assert_eq!(last(app), Some(size));
        let verified = app.audit(&[]).unwrap();
        assert_eq!((verified.count, verified.checkpoints, verified.last_checkpoint), (size, 5, Some(size)));
    });
}

#[test]
fn several_processes_make_one() {
    on_each(|app| {
        for round in 1..4 {
            append(app, 400);
            app.advance(TimeDelta::minutes(5));
            let run = || || jobs::run_due(&app.app_parts.jobs).unwrap();
            together((0..6).map(|_| run()).collect());
            assert_eq!(count(app, "checkpoints"), round);
        }
    });
}

/// The close of a period asks for it inside its own write.
#[test]
fn a_write_gets_the_checkpoint_of_its_own_entries_or_leaves_none() {
    on_each(|app| {
        let settings = app.app_parts.settings.clone();
        let close = move |fails: bool| {
            let settings = settings.clone();
            app.store.write_blocking(move |tx| {
                let entry = journal::append(tx, event("closed"))?;
                let kept = evidence::checkpoint(tx, &settings.vault)?;
                let again = evidence::checkpoint(tx, &settings.vault)?;
                assert_eq!(kept, again);
                if fails {
                    return Err(Error::from(StoreError::NotFound));
                }
                evidence::tell_witness(tx, "close 2026-02", &kept)?;
                Ok(entry.returning((entry.seq, kept)))
            })
        };
        assert!(close(true).is_err());
        assert_eq!((count(app, "checkpoints"), count(app, "witness_mails")), (0, 0));
        let (seq, kept) = close(false).unwrap();
        assert_eq!(kept.size, u64::try_from(seq).unwrap() + 1);
        let note = SignedNote::parse(&kept.note).unwrap();
        assert!(note.verify(&keys(app)).is_ok());
        assert_eq!(note.checkpoint().unwrap().root, kept.root);
        assert_eq!(count(app, "witness_mails"), 1);
        assert_eq!(app.audit(&[note]).unwrap().given, 1);
    });
}

#[test]
fn what_does_not_follow_is_not_signed() {
    on_each(|app| {
        append(app, 300);
        app.run_jobs();
        let size = append(app, 3);
        app.advance(TimeDelta::minutes(5));
        let mut attacker = Attacker::at(app);
        let frontier = "UPDATE journal_head SET frontier = ";
        let kept = app.read(|tx| Ok(journal::head(tx)?)).to_stored();
        let forged: Vec<u8> = kept.iter().map(|byte| byte ^ 1).collect();
        let set = |bytes: &[u8], attacker: &mut Attacker| {
            let hex = hex::encode(bytes);
            attacker.run(&format!("{frontier}X'{hex}'"), &format!("{frontier}'\\x{hex}'")).unwrap();
        };
        set(&forged, &mut attacker);
        let refused = jobs::run_due(&app.app_parts.jobs).unwrap_err().to_string();
        assert!(refused.contains("does not follow from its checkpoint"), "{refused}");
        assert_eq!(count(app, "checkpoints"), 1);
        set(&kept, &mut attacker);
        app.run_jobs();
        assert_eq!(last(app), Some(size));
    });
}

fn proof_of(auditor: &Client, seq: u64) -> Proof {
    let answer = auditor.get(&format!("/api/v1/journal/{seq}/proof"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.header("content-type").unwrap().starts_with("text/plain"));
    String::from_utf8(answer.bytes).unwrap().parse().unwrap()
}

#[test]
fn the_api_proves_every_entry() {
    on_each(|app| {
        let auditor = app.as_(Role::Auditor);
        let text = |path: &str| {
            let answer = auditor.get(path);
            assert_eq!(answer.status, 200, "{}", answer.body);
            String::from_utf8(answer.bytes).unwrap()
        };
        let public: Vec<VerifierKey> =
            text("/api/v1/journal/keys").lines().map(|line| line.parse().unwrap()).collect();
        assert_eq!(public, keys(app));
        // The first one is made for whoever asks first.
        let first = SignedNote::parse(&text("/api/v1/journal/checkpoint")).unwrap();
        assert!(first.verify(&public).is_ok());
        assert_eq!(app.audit(&[first]).unwrap().given, 1);

        let size = append(app, 600);
        app.advance(TimeDelta::minutes(5));
        app.run_jobs();
        for seq in [0, 1, 7, 254, 255, 256, 257, 511, 512, size - 1] {
            let proof = proof_of(&auditor, seq);
            let (leaf, checkpoint) = proof.verify(&public).unwrap();
            assert_eq!((leaf.seq, checkpoint.size), (seq, size));
        }
        let newest = append(app, 1) - 1;
        let (proof, before) = (proof_of(&auditor, newest), count(app, "checkpoints"));
        assert_eq!(proof.verify(&public).unwrap().1.size, newest + 1);
        assert_eq!(proof_of(&auditor, 3).verify(&public).unwrap().1.size, newest + 1);
        assert_eq!(count(app, "checkpoints"), before);
        let last = SignedNote::parse(&text("/api/v1/journal/checkpoint")).unwrap();
        assert_eq!(last.checkpoint().unwrap().size, newest + 1);
        for nothing in ["99999999", "-1", "x", "18446744073709551615", "18446744073709551616"] {
            auditor.get(&format!("/api/v1/journal/{nothing}/proof")).refused(404, "not-found");
        }
        auditor.get("/api/v1/journal/3/proof?size=7").refused(400, "unknown-parameter");
        app.as_(Role::Admin).get("/api/v1/journal/3/proof").refused(403, "forbidden");
    });
}

#[test]
fn the_api_proves_that_a_checkpoint_begins_with_an_older_one() {
    on_each(|app| {
        let auditor = app.as_(Role::Auditor);
        let mut notes = Vec::new();
        for n in [3, 1, 300, 600] {
            append(app, n);
            app.advance(TimeDelta::minutes(5));
            app.run_jobs();
            let kept = app.read(|tx| Ok(checkpoints::last(tx)?)).unwrap();
            notes.push((kept.size, SignedNote::parse(&kept.note).unwrap()));
        }
        let proof = |query: &str| {
            let answer = auditor.get(&format!("/api/v1/journal/consistency?{query}"));
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert!(answer.header("content-type").unwrap().starts_with("text/plain"));
            String::from_utf8(answer.bytes).unwrap().parse::<Consistency>().unwrap()
        };
        let own = keys(app);
        for (place, (new, newer)) in notes.iter().enumerate() {
            for (old, older) in &notes[..=place] {
                let proof = proof(&format!("from={old}&to={new}"));
                assert_eq!(proof.verify(older, &own).unwrap(), newer.checkpoint().unwrap(), "{old} {new}");
            }
        }
        // Without `to` up to the last one; a size between two checkpoints is proved as well.
        let (first, last) = (&notes[0], &notes[3]);
        let to_last = proof(&format!("from={}", first.0));
        assert_eq!(to_last.verify(&first.1, &own).unwrap().size, last.0);
        assert_eq!(proof("from=2").old, 2);
        // Proofs that prove nothing.
        assert_eq!(to_last.verify(&notes[1].1, &own), Err(BadConsistency::AnotherCheckpoint));
        let mut bent = to_last.clone();
        bent.path[0][0] ^= 1;
        assert_eq!(bent.verify(&first.1, &own), Err(BadConsistency::NotConsistent));
        assert_eq!(to_last.to_string().parse::<Consistency>().unwrap(), to_last);
        for text in ["", "old 3\n", "old 03\n\nx", "new 3\nx\n\nx"] {
            assert!(text.parse::<Consistency>().is_err(), "{text:?}");
        }
        for (query, code) in [
            ("from=0", "invalid-parameter"),
            ("from=x", "invalid-parameter"),
            ("", "invalid-parameter"),
            ("from=1&to=-1", "invalid-parameter"),
            ("from=1&size=2", "unknown-parameter"),
        ] {
            auditor.get(&format!("/api/v1/journal/consistency?{query}")).refused(400, code);
        }
        let between = format!("from=1&to={}", notes[2].0 - 1);
        for query in [between.as_str(), "from=99999999", "from=1&to=18446744073709551615"] {
            auditor.get(&format!("/api/v1/journal/consistency?{query}")).refused(404, "not-found");
        }
        app.as_(Role::Admin).get("/api/v1/journal/consistency?from=1").refused(403, "forbidden");
    });
}

#[test]
fn the_journal_is_filtered_by_who_what_and_when() {
    on_each(|app| {
        append(app, 20);
        app.advance(TimeDelta::hours(1));
        append(app, 20);
        let auditor = app.as_(Role::Auditor);
        let listed = |query: &str| {
            let page = auditor.get(&format!("/api/v1/journal?limit=200&{query}")).expect(200);
            page["items"].as_array().unwrap().len()
        };
        assert_eq!(listed("action=thing.done"), 40);
        assert_eq!(listed("action=thing.done&object_kind=thing&object_id=7"), 2);
        assert_eq!(listed("action=thing.done&from=2026-03-02T03:00:00Z"), 20);
        assert_eq!(listed("action=thing.done&to=2026-03-02T03:00:00Z&object_id=7"), 1);
        assert_eq!(listed("action=thing.undone"), 0);
        assert_eq!(listed(&format!("action=thing.done&actor_id={}", auditor.account.unwrap())), 0);
    });
}

/// Entries that were there before the hashes of subtrees were kept are proved all the same, and get theirs.
#[test]
fn an_older_journal_is_proved_and_catches_up() {
    on_each(|app| {
        append(app, 999);
        append(app, 999);
        let size = append(app, 100);
        let auditor = app.as_(Role::Auditor);
        let before = proof_of(&auditor, 700);
        let nodes = count(app, "journal_nodes");
        assert_eq!(u64::try_from(nodes).unwrap(), size / 256);
        let mut attacker = Attacker::at(app);
        attacker.disarm();
        attacker.both("DELETE FROM journal_nodes WHERE no < 3 OR no = 5; DELETE FROM checkpoints").unwrap();
        let after = proof_of(&auditor, 700);
        let kept = |proof: &Proof| {
            proof.verify(&keys(app)).map(|(leaf, checkpoint)| (leaf.seq, checkpoint.size)).unwrap()
        };
        assert_eq!(kept(&before).0, kept(&after).0);
        append(app, 1);
        app.advance(TimeDelta::minutes(5));
        let run = || || jobs::run_due(&app.app_parts.jobs).unwrap();
        together((0..4).map(|_| run()).collect());
        assert_eq!(count(app, "journal_nodes"), nodes);
        assert!(app.audit(&[]).is_ok());
        assert!(!app.read(|tx| Ok(journal::tree::has_gaps(tx)?)));
    });
}

#[test]
fn the_command_line_proves_and_checks_without_a_database() {
    on_each(|app| {
        let size = append(app, 30);
        let file = app.folder().join("entry.tlog-proof");
        let keys: Vec<String> = keys(app).iter().map(ToString::to_string).collect();
        command::prove(&app.config(), size - 2, Some(&file)).unwrap();
        command::check_proof(&file, &keys).unwrap();
        let missing = command::prove(&app.config(), size, Some(&file)).unwrap_err().to_string();
        assert_eq!(missing, format!("entry {size}: not-found"));

        let key_file = app.folder().join("keys.txt");
        std::fs::write(&key_file, format!("# of the office\n{}\n", keys.join("\n"))).unwrap();
        let check = |file: &str, key: &str| {
            process::run(&["audit", "check-proof", file, "--key", key], &[], app.folder())
        };
        let ended = check("entry.tlog-proof", "keys.txt");
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(
            ended.out.starts_with(&format!("OK: entry {} of {size} in legation.journal/", size - 2)),
            "{ended:?}"
        );
        assert!(ended.out.contains("action: thing.done"), "{ended:?}");
        let text = std::fs::read_to_string(&file).unwrap();
        let index = format!("index {}\n", size - 2);
        std::fs::write(&file, text.replace(&index, &format!("index {}\n", size - 3))).unwrap();
        let ended = check("entry.tlog-proof", &keys[0]);
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{ended:?}");
        assert!(
            ended.err.contains("entry.tlog-proof: the entry is not in the journal that was signed"),
            "{ended:?}"
        );
        std::fs::write(&file, &text).unwrap();
        let stranger = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        assert!(check("entry.tlog-proof", stranger).err.contains("signed by no key that is known here"));
        assert!(check("keys.txt", stranger).err.contains("keys.txt: it is not a proof"));
        assert!(
            check("entry.tlog-proof", "nonsense")
                .err
                .contains("--key nonsense: it is not the text of a public key")
        );
        assert_eq!(
            process::run(&["audit", "check-proof", "entry.tlog-proof"], &[], app.folder()).code,
            Some(2)
        );
    });
}

/// A verdict that a timer waits for comes with its exit code, though the pool may still be opening a connection.
#[test]
fn a_command_ends_as_it_says_however_often_it_is_run() {
    on_each(|app| {
        app.as_(Role::Officer);
        let env = [
            ("LEGATION__DATABASE__URL", app.url.clone()),
            ("LEGATION__KEYS__DIR", app.config().keys.dir.display().to_string()),
        ];
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..25 {
                        let ended = process::run(&["audit", "verify"], &env, app.folder());
                        assert!(ended.code == Some(0) && ended.out.starts_with("OK: "), "{ended:?}");
                    }
                });
            }
        });
    });
}

#[test]
fn the_keys_that_verify_are_shown() {
    on_each(|app| {
        app.as_(Role::Officer);
        let env: Vec<(&str, String)> = vec![
            ("LEGATION__DATABASE__URL", app.url.clone()),
            ("LEGATION__KEYS__DIR", app.config().keys.dir.display().to_string()),
        ];
        let ended = process::run(&["keys", "show"], &env, app.folder());
        let shown: Vec<String> = keys(app).iter().map(ToString::to_string).collect();
        assert_eq!((ended.code, ended.out.trim_end()), (Some(0), shown.join("\n").as_str()), "{}", ended.err);
        let ended = process::run(&["keys", "upgrade"], &env, app.folder());
        assert_eq!((ended.code, ended.out.as_str()), (Some(0), "Every key file is there.\n"));
        let ended = process::run(&["audit", "verify"], &env, app.folder());
        assert!(ended.code == Some(0) && ended.out.starts_with("OK: "), "{ended:?}");
        // An auditor with the public key and no secret.
        let env = [("LEGATION__DATABASE__URL", app.url.clone())];
        let ended =
            process::run(&["audit", "verify", "--key", &keys(app)[0].to_string()], &env, app.folder());
        assert!(ended.code == Some(0) && ended.out.starts_with("OK: "), "{ended:?}");
    });
}
