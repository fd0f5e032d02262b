//! Papers as issued: frozen with their hash, the same bytes whatever is edited or replaced later, one of two clerks, and
//! approved in the system until the signed file is there.

use legation::domain::access::Role;
use legation::domain::ids::{DossierId, PaperId};
use legation::service::course::{self, IssuedText, NewPaper};
use legation::service::papers::issued;
use legation::service::{Context, Error};
use legation::store::{accounts, organisations};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::app::{Answer, Client, TestApp, on_each};
use super::make::{self, Made, fault, is, together};
use super::papers::{pdf, uploaded};

/// The formats in which papers are frozen here.
fn formats() -> Vec<&'static str> {
    if cfg!(feature = "pdf") { vec!["docx", "pdf"] } else { vec!["docx"] }
}

fn paper(number: &str) -> Value {
    json!({"number": number, "symbol": "UBND-ĐN", "date": "2026-03-02", "signer": "Nguyễn Văn Phúc", "forms": ["KT", "TM"]})
}

fn approved(app: &TestApp, no: u32) -> Made {
    let officer = app.as_(Role::Officer);
    let mut made = make::registered(app, &officer, &make::body(app, "2026-03-16"), no);
    make::received(app, &officer, &mut made);
    make::approved(app, &mut made);
    made
}

/// The text of an issued paper.
fn text(client: &Client, made: &Made, paper: &Value, format: &str) -> Answer {
    client.get(&format!("{}/issued/{}/text.{format}", made.path(), paper["id"].as_str().unwrap()))
}

/// The permit as it is handed out now.
fn permit(client: &Client, made: &Made, format: &str) -> Vec<u8> {
    let answer = client.get(&format!("{}/papers/render/permit.{format}", made.path()));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.bytes
}

#[test]
fn what_was_issued_stays_the_same_bytes_after_edits_and_other_templates() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = approved(app, 1);
        let issued = made.does(&app.as_(Role::Clerk), "issue", &paper("5"))["permit"].clone();
        let told = app.as_(Role::Auditor).get("/api/v1/journal?action=delegation.issued&limit=1").expect(200);
        let values = told["items"][0]["values"].clone();
        let mut kept = Vec::new();
        for format in formats() {
            let bytes = text(&officer, &made, &issued, format).bytes;
            let sha256 = hex::encode(Sha256::digest(&bytes));
            let shown =
                issued["texts"].as_array().unwrap().iter().find(|text| text["format"] == format).unwrap();
            assert_eq!(shown, &json!({"format": format, "size": bytes.len(), "sha256": sha256}));
            assert_eq!(values[format!("text_{format}_sha256")], json!(sha256), "{values}");
            kept.push((format, bytes));
        }
        assert_eq!(values["template"], issued["template"]);
        assert_eq!(issued["standing"], "approved_in_system");

        // Notices change the dossier, and nothing that was issued; nor does another name of a body.
        made.edits(&officer, &json!({"purpose": "Viết lại cho rõ", "contact": {"phone": "+84 999"}}));
        let city = app.world().city;
        let renamed = app.store.write_blocking(move |tx| {
            let other = organisations::load(tx, city)?.unwrap();
            organisations::rename(tx, city, other.version, "Ủy ban khác", "Another")?;
            Ok::<_, Error>(tx.unrecorded("a test's world", ()))
        });
        renamed.unwrap();
        for (format, bytes) in &kept {
            assert!(permit(&officer, &made, format) == *bytes, "{format}");
        }

        // Nor does a service with other templates.
        let folder = tempfile::tempdir().unwrap();
        let wording = include_str!("../../config/paper/permit.toml").replace("có ý kiến như sau", "KHÁC");
        std::fs::write(folder.path().join("permit.toml"), wording).unwrap();
        let mut config = app.config();
        config.paper.dir = Some(folder.path().to_owned());
        let other = legation::startup::App::build(config, app.clock.clone(), false).unwrap();
        assert_ne!(other.parts().settings.stationery.press.version(), issued["template"].as_str().unwrap());
        let running = other.start_in_thread().unwrap();
        let there = Client { base: running.base().to_owned(), ..officer.clone() };
        for (format, bytes) in &kept {
            assert!(permit(&there, &made, format) == *bytes, "{format}");
            assert!(text(&there, &made, &issued, format).bytes == *bytes, "{format}");
        }
        running.stop();
    });
}

#[test]
fn an_amendment_is_issued_with_a_text_of_its_own_and_the_old_one_remains() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let mut made = approved(app, 1);
        let first = made.does(&clerk, "issue", &paper("5"))["permit"].clone();
        let old = text(&officer, &made, &first, "docx").bytes;
        made.edits(&officer, &json!({"departs_on": "2026-03-20"}));
        assert!(
            permit(&officer, &made, "docx") == old,
            "the old permit is in force while the next one is pending"
        );
        made.does(&officer, "submit", &make::declared());
        make::received_again(app, &mut made);
        make::approved(app, &mut made);
        // Approved and not yet issued: what is asked for now is no act.
        let between = officer.get(&format!("{}/papers/render/permit.docx", made.path())).bytes;
        assert!(between != old && String::from_utf8_lossy(&between).contains("Đã duyệt trên hệ thống"));
        let shown = made.does(&clerk, "issue", &paper("6"));
        let second = shown["permit"].clone();
        let new = permit(&officer, &made, "docx");
        assert!(new != old && text(&officer, &made, &second, "docx").bytes == new);
        assert!(String::from_utf8_lossy(&new).contains("ngày 20 tháng 3 năm 2026"));
        assert!(text(&officer, &made, &first, "docx").bytes == old, "the old text remains");
        assert_eq!(shown["papers"].as_array().unwrap().len(), 2);
    });
}

#[test]
fn of_two_clerks_at_once_one_issues() {
    on_each(|app| {
        let made = approved(app, 1);
        let clerks = [app.as_(Role::Clerk), app.another(Role::Clerk, app.world().foreign)];
        let works = clerks.iter().zip(["5", "6"]).map(|(clerk, number)| {
            let made = made.clone();
            move || made.tries(clerk, "issue", &paper(number)).status
        });
        let mut statuses = together(works.collect());
        statuses.sort_unstable();
        assert_eq!(statuses[0], 200, "{statuses:?}");
        assert!(matches!(statuses[1], 409 | 412), "{statuses:?}");
        assert_eq!(make::count(app, "issued_papers"), 1);
        assert_eq!(make::count(app, "issued_texts"), i64::try_from(formats().len()).unwrap());
    });
}

#[test]
fn a_repeated_request_is_answered_as_the_first_one() {
    on_each(|app| {
        let (clerk, made) = (app.as_(Role::Clerk), approved(app, 1));
        let path = format!("{}/issue", made.path());
        let version = format!("\"{}\"", made.version);
        let headers = [("If-Match", version.as_str()), ("Idempotency-Key", "once")];
        let send = || clerk.send("POST", &path, Some(paper("5").to_string()), &headers);
        let (first, again) = (send(), send());
        assert_eq!((first.status, first.bytes), (200, again.bytes));
        assert_eq!(make::count(app, "issued_papers"), 1);
    });
}

/// A paper as it is made: drafted, then set, then issued, with something in between.
fn issue_after(app: &TestApp, made: &Made, between: impl FnOnce()) -> Result<DossierId, Error> {
    let settings = app.app_parts.settings.clone();
    let account = app.as_(Role::Clerk).account.unwrap();
    let (seen, new) = ((made.dossier(), made.version), paper("5"));
    let new: NewPaper = serde_json::from_value(new).unwrap();
    let id: PaperId = app.store.fresh();
    let draft = app.read(|tx| {
        let actor = accounts::actor_of_account(tx, account)?.unwrap();
        course::draft(tx, &Context { actor, settings: settings.clone() }, seen, &new, id)
    });
    let made = issued::freeze(&draft.unwrap(), &settings).unwrap().unwrap();
    between();
    let settings = settings.clone();
    app.store.write_blocking(move |tx| {
        let actor = accounts::actor_of_account(tx, account)?.unwrap();
        let ctx = Context { actor, settings: settings.clone() };
        course::issue(tx, &ctx, seen, &new, IssuedText::Made(Some(&made)))
    })
}

#[test]
fn what_changed_while_the_paper_was_made_is_not_issued() {
    on_each(|app| {
        let made = approved(app, 1);
        let union = app.world().union;
        let rename = || {
            let renamed = app.store.write_blocking(move |tx| {
                let other = organisations::load(tx, union)?.unwrap();
                organisations::rename(tx, union, other.version, "Liên hiệp mới", "New union")?;
                Ok::<_, Error>(tx.unrecorded("a test's world", ()))
            });
            renamed.unwrap();
        };
        assert_eq!(issue_after(app, &made, rename).unwrap_err().to_string(), "paper-outdated");
        assert_eq!(make::count(app, "issued_papers"), 0);
        assert_eq!(issue_after(app, &made, || {}).unwrap(), made.dossier());
        assert_eq!(make::count(app, "issued_texts"), i64::try_from(formats().len()).unwrap());
    });
}

#[test]
fn a_paper_is_approved_in_the_system_until_its_signed_file_is_there() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let mut made = approved(app, 1);
        let shown = made.does(&clerk, "issue", &paper("5"));
        let id = shown["permit"]["id"].as_str().unwrap().to_owned();
        let path = format!("issued/{id}/signed");
        let standing =
            |made: &mut Made| made.seen(&officer)["permit"]["standing"].as_str().unwrap().to_owned();
        assert_eq!(standing(&mut made), "approved_in_system");

        let other = uploaded(&officer, &mut made, "invitation", &pdf("thư mời"));
        let with = |file: &str| json!({"file_id": file});
        assert_eq!(fault(made.tries(&clerk, &path, &with(&other))), is("/file_id", "unknown-document"));
        assert_eq!(fault(made.tries(&clerk, &path, &with(&id))), is("/file_id", "unknown-document"));
        let scan = uploaded(&clerk, &mut made, "permit", &pdf("bản ký"));
        made.tries(&officer, &path, &with(&scan)).refused(403, "forbidden");
        let nowhere = format!("issued/{other}/signed");
        made.tries(&clerk, &nowhere, &with(&scan)).refused(404, "not-found");
        let shown = made.does(&clerk, &path, &with(&scan));
        assert_eq!(shown["permit"]["standing"], "signed_file_on_record");
        assert_eq!(shown["permit"]["signed_file"]["file_id"], json!(scan));
        assert_eq!(shown["permit"]["sha256"], hex::encode(Sha256::digest(pdf("bản ký"))));
        let events = officer.get(&format!("{}/history?limit=1", made.path())).expect(200);
        assert_eq!(events["items"][0]["action"], "delegation.signed_file_kept");

        made.tries(&clerk, &path, &with(&scan)).refused(409, "taken");
        let reason = json!({"reason": "Nhầm tệp"});
        clerk
            .change("DELETE", &format!("{}/papers/{scan}", made.path()), made.version, &reason)
            .refused(409, "paper-sealed");
        // A wrong scan is quarantined, and another one takes its place.
        made.does_at(&clerk, &format!("papers/{scan}/quarantine"), &reason);
        assert_eq!(standing(&mut made), "approved_in_system");
        let scan = uploaded(&clerk, &mut made, "permit", &pdf("bản ký đúng"));
        made.does(&clerk, &path, &with(&scan));
        assert_eq!(standing(&mut made), "signed_file_on_record");
        assert_eq!(make::count(app, "signed_files"), 2);
    });
}

#[test]
fn a_signed_file_may_come_with_the_issue() {
    on_each(|app| {
        let clerk = app.as_(Role::Clerk);
        let mut made = approved(app, 1);
        let scan = uploaded(&clerk, &mut made, "permit", &pdf("bản ký"));
        let mut body = paper("5");
        body["file_id"] = json!(scan);
        let shown = made.does(&clerk, "issue", &body);
        assert_eq!(shown["permit"]["standing"], "signed_file_on_record");
        assert_eq!(shown["permit"]["signed_file"]["file_id"], json!(scan));
    });
}

#[test]
fn what_was_issued_cannot_be_changed_past_the_code() {
    on_each(|app| {
        let mut made = approved(app, 1);
        made.does(&app.as_(Role::Clerk), "issue", &paper("5"));
        for statement in [
            "UPDATE issued_papers SET signer = 'x'",
            "DELETE FROM issued_texts",
            "UPDATE issued_texts SET sha256 = 'x'",
            "INSERT INTO issued_texts SELECT * FROM issued_texts",
        ] {
            assert!(make::tries_to(app, statement).is_err(), "{statement}");
        }
    });
}

#[test]
fn the_text_is_for_those_who_may_see_the_dossier() {
    on_each(|app| {
        let mut made = approved(app, 1);
        let issued = made.does(&app.as_(Role::Clerk), "issue", &paper("5"))["permit"].clone();
        let stranger = app.at(Role::Officer, app.world().university);
        text(&stranger, &made, &issued, "docx").refused(404, "not-found");
        text(&app.as_(Role::Admin), &made, &issued, "docx").refused(403, "forbidden");
        text(&app.client(), &made, &issued, "docx").refused(401, "unauthorised");
        text(&app.as_(Role::Officer), &made, &issued, "odt").refused(404, "not-found");
        let answer = text(&app.as_(Role::Auditor), &made, &issued, "docx");
        assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")));
        assert!(answer.header("content-disposition").unwrap().starts_with("attachment; "));
        let told = app.as_(Role::Auditor).get("/api/v1/journal?action=paper.handed_out&limit=1").expect(200);
        assert_eq!(told["items"][0]["values"]["sha256"], hex::encode(Sha256::digest(&answer.bytes)));
    });
}
