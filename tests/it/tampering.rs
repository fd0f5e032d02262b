//! A handful of the mutants against real databases, through the command line: somebody who owns the database, and
//! even the keys, against an auditor who kept one checkpoint.

use std::path::PathBuf;

use legation::cli::audit as command;
use legation::domain::journal::check::TILE_HEIGHT;
use legation::domain::journal::tree::{Frontier, leaf_hash};
use legation::store::{checkpoints, journal};

use super::app::{TestApp, databases};
use super::evidence::append;
use super::journal::Attacker;

/// A journal with a checkpoint in it and the same one outside.
struct Case {
    app: TestApp,
    attacker: Attacker,
    /// The checkpoint that the auditor kept: a mail as his program saved it.
    mail: PathBuf,
    size: u64,
}

impl Case {
    fn new(kind: &str) -> Self {
        let app = TestApp::spawn(kind);
        let size = append(&app, 300);
        app.run_jobs();
        let note = app.read(|tx| Ok(checkpoints::last(tx)?)).unwrap().note;
        let mail = app.folder().join("mail.txt");
        let letter = format!(
            "Subject: [Nhật ký]\r\n\r\nĐề nghị lưu thư này.\r\n\r\n{}\r\n--\r\n",
            note.replace('\n', "\r\n")
        );
        std::fs::write(&mail, letter).unwrap();
        let mut attacker = Attacker::at(&app);
        attacker.disarm();
        app.spoilt();
        Self { app, attacker, mail, size }
    }

    fn hex(bytes: &[u8]) -> (String, String) {
        let hex = hex::encode(bytes);
        (format!("X'{hex}'"), format!("'\\x{hex}'"))
    }

    /// Takes the entries from `keep` on away, with every trace of them in the database.
    fn roll_back(&mut self, keep: u64) {
        let leaves: Vec<Vec<u8>> = self.app.read(|tx| {
            (0..keep)
                .map(|seq| Ok(journal::leaf(tx, seq)?.unwrap()))
                .collect::<Result<_, legation::service::Error>>()
        });
        let mut frontier = Frontier::default();
        for leaf in &leaves {
            frontier.push(leaf_hash(leaf));
        }
        let (sqlite, pg) = Self::hex(&frontier.to_stored());
        let statements = |frontier: &str| {
            format!(
                "DELETE FROM journal_values WHERE seq >= {keep}; DELETE FROM journal WHERE seq >= {keep}; \
                 DELETE FROM journal_nodes WHERE (no + 1) * 256 > {keep}; \
                 DELETE FROM checkpoints WHERE size > {keep}; \
                 UPDATE journal_head SET count = {keep}, frontier = {frontier}"
            )
        };
        assert_eq!(TILE_HEIGHT, 8);
        self.attacker.run(&statements(&sqlite), &statements(&pg)).unwrap();
    }

    /// What the auditor is told: without and with his checkpoint.
    #[track_caller]
    fn told(&self, without: Option<&str>, with: &str) {
        let alone = command::verify(&self.app.config(), None, &[]).err().map(|fault| fault.to_string());
        let matches = match (&alone, without) {
            (Some(words), Some(expected)) => words.starts_with(expected),
            (None, None) => true,
            _ => false,
        };
        assert!(matches, "{alone:?} instead of {without:?}");
        let fault = command::verify(&self.app.config(), Some(&self.mail), &[]).unwrap_err().to_string();
        assert!(fault.starts_with(with), "{fault}");
    }
}

fn on_each(attack: impl Fn(Case)) {
    for kind in databases() {
        eprintln!("on {kind}");
        attack(Case::new(kind));
    }
}

#[test]
fn an_untouched_journal_fits_the_checkpoint_in_a_mail() {
    for kind in databases() {
        let case = Case::new(kind);
        command::verify(&case.app.config(), Some(&case.mail), &[]).unwrap();
        append(&case.app, 5);
        command::verify(&case.app.config(), Some(&case.mail), &[]).unwrap();
        std::fs::write(&case.mail, "nothing").unwrap();
        let fault = command::verify(&case.app.config(), Some(&case.mail), &[]).unwrap_err().to_string();
        assert!(fault.ends_with("there is no signed checkpoint in it"), "{fault}");
    }
}

#[test]
fn an_old_backup_and_a_fork_of_it() {
    on_each(|mut case| {
        let keep = case.size - 40;
        case.roll_back(keep);
        let rolled_back = format!("entry {keep}: rolled back to an old backup: ");
        case.told(None, &rolled_back);
        // It goes on, signs again, and grows past what was lost: everything in it fits.
        append(&case.app, 10);
        case.app.advance(chrono::TimeDelta::minutes(5));
        case.app.run_jobs();
        case.told(None, &format!("entry {}: rolled back", keep + 10));
        append(&case.app, 40);
        case.app.advance(chrono::TimeDelta::minutes(5));
        case.app.run_jobs();
        let size = case.size - 1;
        case.told(None, &format!("entry 0, or one up to {size}: forked: "));
    });
}

#[test]
fn a_cut_tail_whose_checkpoint_was_forgotten() {
    on_each(|mut case| {
        let (keep, size) = (case.size - 7, case.size);
        let note = case.app.read(|tx| Ok(checkpoints::last(tx)?)).unwrap();
        case.roll_back(keep);
        let root = Case::hex(&note.root);
        let put = |root: &str| {
            format!(
                "INSERT INTO checkpoints (size, root, note, made_at) \
                 VALUES ({size}, {root}, '{}', '2026-03-02 02:00:00')",
                note.note
            )
        };
        case.attacker.run(&put(&root.0), &put(&root.1)).unwrap();
        let words = format!("entry {keep}: tail cut off: ");
        case.told(Some(&words), &words);
    });
}

/// Leaf, hash and columns are mended: the entry is in order by itself.
#[test]
fn a_rewritten_entry() {
    on_each(|mut case| {
        let leaf = case.app.read(|tx| Ok(journal::leaf(tx, 260)?)).unwrap();
        let at = leaf.windows(10).position(|bytes| bytes == b"thing.done").unwrap();
        let mut forged = leaf.clone();
        forged[at..at + 10].copy_from_slice(b"thing.gone");
        let (leaf, hash) = (Case::hex(&forged), Case::hex(&leaf_hash(&forged)));
        let set = |leaf: &str, hash: &str| {
            format!(
                "UPDATE journal SET action = 'thing.gone', leaf = {leaf}, leaf_hash = {hash} WHERE seq = 260"
            )
        };
        case.attacker.run(&set(&leaf.0, &hash.0), &set(&leaf.1, &hash.1)).unwrap();
        // The first subtree is whole; after it only the checkpoint knows.
        let words = format!("entry 256, or one up to {}: changed: ", case.size - 1);
        case.told(Some(&words), &words);
    });
}

#[test]
fn entries_moved_put_in_and_taken_out() {
    let shift = "UPDATE journal SET seq = -1 WHERE seq = 20; UPDATE journal SET seq = 20 WHERE seq = 30; \
                 UPDATE journal SET seq = 30 WHERE seq = -1";
    let bare = "DELETE FROM journal_values WHERE seq IN (20, 30)";
    let copied = "UPDATE journal_head SET count = count + 1; \
                  INSERT INTO journal SELECT (SELECT MAX(seq) + 1 FROM journal), leaf, leaf_hash, at, actor_id, \
                  organisation_id, action, object_kind, object_id, request_id FROM journal WHERE seq = 20";
    for kind in databases() {
        for (statements, words) in [
            (format!("{bare}; {shift}"), "entry 20: reordered: ".to_owned()),
            (
                "DELETE FROM journal_values WHERE seq = 20; DELETE FROM journal WHERE seq = 20".to_owned(),
                "entry 20: missing: ".to_owned(),
            ),
            (copied.to_owned(), "entry SIZE: inserted: ".to_owned()),
            (
                "UPDATE installation SET id = '0190a000-0000-7000-8000-000000000002'".to_owned(),
                "checkpoint of SIZE entries: another installation's: ".to_owned(),
            ),
            (
                "UPDATE checkpoints SET note = REPLACE(note, 'legation.journal/', 'legation.journal/x')"
                    .to_owned(),
                "checkpoint of SIZE entries: another installation's: ".to_owned(),
            ),
        ] {
            let mut case = Case::new(kind);
            case.attacker.both(&statements).unwrap();
            let words = words.replace("SIZE", &case.size.to_string());
            case.told(Some(&words), &words);
        }
    }
}

#[test]
fn the_checkpoint_of_another_installation() {
    on_each(|case| {
        let other = Case::new(databases()[0]);
        std::fs::copy(&other.mail, &case.mail).unwrap();
        case.told(None, &format!("checkpoint of {} entries: another installation's: ", other.size));
    });
}
