//! Papers: uploaded, listed, downloaded, taken away; who may, and what stays.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use legation::domain::access::Role;
use legation::domain::file::FileKind;
use legation::store::files;
use serde_json::{Value, json};

use super::app::{Answer, Client, TestApp, on_each};
use super::make::{self, Made, fault, is, is_problem};

/// A small PDF that differs by its text.
pub fn pdf(text: &str) -> Vec<u8> {
    format!("%PDF-1.7\n% {text}\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n").into_bytes()
}

/// A form with what is said and a file.
pub fn form(metadata: &Value, disposition: &str, bytes: &[u8]) -> Vec<u8> {
    [
        b"--XX\r\nContent-Disposition: form-data; name=\"metadata\"\r\nContent-Type: application/json\r\n\r\n"
            .as_slice(),
        metadata.to_string().as_bytes(),
        b"\r\n--XX\r\nContent-Disposition: form-data; name=\"file\"; ",
        disposition.as_bytes(),
        b"\r\nContent-Type: text/html\r\n\r\n",
        bytes,
        b"\r\n--XX--\r\n",
    ]
    .concat()
}

/// Sends a form.
pub fn send(client: &Client, made: &Made, body: Vec<u8>) -> Answer {
    let tag = format!("\"{}\"", made.version);
    let headers = [("If-Match", tag.as_str()), ("Content-Type", "multipart/form-data; boundary=XX")];
    client.send_bytes("POST", &format!("{}/papers", made.path()), Some(body), &headers)
}

/// Uploads a file under a name.
pub fn upload(client: &Client, made: &Made, metadata: &Value, name: &str, bytes: &[u8]) -> Answer {
    send(client, made, form(metadata, &format!("filename=\"{name}\""), bytes))
}

/// Uploads a file that must be taken, and takes the new version over.
#[track_caller]
pub fn uploaded(client: &Client, made: &mut Made, kind: &str, bytes: &[u8]) -> String {
    let answer = upload(client, made, &json!({"kind": kind}), "a.pdf", bytes);
    made.version = answer.header("etag").unwrap_or("\"0\"").trim_matches('"').parse().unwrap();
    answer.expect(201)["id"].as_str().unwrap().to_owned()
}

/// Every file below a folder.
pub fn files_in(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_in(&path) } else { vec![path] }).collect()
}

/// Every file of the test's depot.
pub fn stored(app: &TestApp) -> Vec<PathBuf> {
    files_in(&app.folder().join("papers"))
}

/// The actions of the journal that concern papers, with their values.
pub fn told(app: &TestApp) -> Vec<(String, Value)> {
    let all = app.as_(Role::Auditor).get("/api/v1/journal?limit=200").expect(200);
    let items = all["items"].as_array().unwrap().iter();
    let of = items.filter(|item| item["action"].as_str().unwrap().starts_with("paper."));
    of.map(|item| (item["action"].as_str().unwrap().to_owned(), item["values"].clone())).collect()
}

fn draft(app: &TestApp) -> Made {
    make::draft(&app.as_(Role::Officer), &make::body(app, "2026-03-20"))
}

fn paper(made: &Made, id: &str) -> String {
    format!("{}/papers/{id}", made.path())
}

#[test]
fn a_paper_goes_in_and_comes_out_as_it_was() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = draft(app);
        let bytes = [pdf("thư"), vec![b'x'; 300_000], b"\n%%EOF".to_vec()].concat();
        let said = json!({"kind": "request_letter", "number": "15/LHHN", "date": "2026-02-20"});
        let name = "filename=\"x\"; filename*=UTF-8''Th%C6%B0%20m%E1%BB%9Di.pdf";
        let answer = send(&officer, &made, form(&said, name, &bytes));
        assert_eq!(answer.header("etag"), Some("\"2\""));
        let location = answer.header("location").unwrap().to_owned();
        made.version = 2;
        let shown = answer.expect(201);
        let sha256 = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&bytes));
        assert_eq!(location, paper(&made, shown["id"].as_str().unwrap()));
        for (field, value) in [
            ("kind", json!("request_letter")),
            ("state", json!("stored")),
            ("name", json!("Thư mời.pdf")),
            ("media_type", json!("application/pdf")),
            ("bytes", json!(bytes.len())),
            ("sha256", json!(sha256)),
            ("number", json!("15/LHHN")),
            ("date", json!("2026-02-20")),
            ("handled_offline", json!(false)),
            ("organisation_id", json!(app.world().union)),
            ("uploaded_by", json!(officer.account)),
            ("sealed_revision", Value::Null),
        ] {
            assert_eq!(shown[field], value, "{field}");
        }
        let listed = officer.get(&format!("{}/papers", made.path())).expect(200);
        assert_eq!(listed["items"], json!([shown]));
        // What lies in the folder is sealed, and called by the hash of its own bytes.
        let [file] = stored(app).try_into().unwrap();
        let sealed = std::fs::read(&file).unwrap();
        assert!(!sealed.windows(5).any(|part| part == b"%PDF-" || part == b"xxxxx"));
        assert_eq!(file.file_name().unwrap().to_str().unwrap(), {
            hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&sealed))
        });
        let got = officer.get(&location);
        assert_eq!((got.status, got.bytes == bytes), (200, true));
        for (name, value) in [
            ("content-type", "application/pdf"),
            (
                "content-disposition",
                "attachment; filename=\"Th_ m_i.pdf\"; filename*=UTF-8''Th%C6%B0%20m%E1%BB%9Di.pdf",
            ),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "sandbox; default-src 'none'"),
            ("cache-control", "no-store"),
            ("content-length", &bytes.len().to_string()),
        ] {
            assert_eq!(got.header(name), Some(value), "{name}");
        }
        let told = told(app);
        let actions: Vec<&str> = told.iter().map(|(action, _)| action.as_str()).collect();
        assert!(actions.contains(&"paper.added") && actions.contains(&"paper.downloaded"), "{actions:?}");
        let text = format!("{told:?}");
        assert!(text.contains(&sha256) && !text.contains("Thư"), "{text}");
    });
}

#[test]
fn the_same_file_twice_is_one_paper() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let (mut made, other) = (draft(app), draft(app));
        let first = uploaded(&officer, &mut made, "guest_list", &pdf("a"));
        let again = upload(&officer, &made, &json!({"kind": "guest_list"}), "other name.pdf", &pdf("a"));
        assert_eq!((again.status, again.body["id"].as_str()), (200, Some(first.as_str())), "{}", again.body);
        assert_eq!(again.header("etag"), Some(format!("\"{}\"", made.version).as_str()));
        assert_eq!(stored(app).len(), 1);
        // Also with a version that is no longer the present one: nothing changes.
        let stale = Made { version: 1, ..made.clone() };
        assert_eq!(upload(&officer, &stale, &json!({"kind": "guest_list"}), "a.pdf", &pdf("a")).status, 200);
        upload(&officer, &stale, &json!({"kind": "guest_list"}), "a.pdf", &pdf("b"))
            .refused(412, "stale-version");
        assert_eq!(stored(app).len(), 1, "nothing is kept of what was refused");
        // One file may be two papers, and belong to two dossiers, each under a key of its own.
        uploaded(&officer, &mut made, "programme", &pdf("a"));
        let mut other = other;
        uploaded(&officer, &mut other, "guest_list", &pdf("a"));
        assert_eq!(stored(app).len(), 3);
        let kinds = app.read(|tx| Ok(files::kinds_present(tx, made.dossier())?));
        assert_eq!(kinds.into_iter().collect::<Vec<_>>(), [FileKind::GuestList, FileKind::Programme]);
    });
}

#[test]
fn at_the_same_time_is_safe() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let made = draft(app);
        let works =
            (0..8).map(|_| || upload(&officer, &made, &json!({"kind": "invitation"}), "a.pdf", &pdf("a")));
        let answers = make::together(works.collect());
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert!(statuses.iter().all(|status| matches!(status, 200 | 201 | 412)), "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1);
        assert_eq!((stored(app).len(), make::count(app, "files")), (1, 1));
        let mut made = made;
        made.seen(&officer);
        let works = (0..6).map(|no| {
            let (officer, made) = (&officer, &made);
            move || upload(officer, made, &json!({"kind": "other"}), "a.pdf", &pdf(&no.to_string()))
        });
        let answers = make::together(works.collect());
        let taken = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(
            (taken, stored(app).len(), make::count(app, "files")),
            (1, 2, 2),
            "one version, one change"
        );
    });
}

#[test]
fn passport_scans_are_for_few() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        let member = made.members(&officer)[0].clone();
        let said = json!({"kind": "passport_scan", "member_id": member["id"]});
        let jpeg = b"\xFF\xD8\xFF\xE0\0\x10JFIF\0scan\xFF\xD9";
        for (said, code) in [
            (json!({"kind": "passport_scan"}), "required"),
            (json!({"kind": "passport_scan", "member_id": made.id}), "unknown-member"),
            (json!({"kind": "programme", "member_id": member["id"]}), "not-offered"),
        ] {
            let refused = upload(&officer, &made, &said, "a.jpg", jpeg);
            assert_eq!(fault(refused), is("/member_id", code));
        }
        let answer = upload(&officer, &made, &said, "DURAND Marie.jpeg", jpeg);
        made.version += 1;
        let shown = answer.expect(201);
        assert_eq!((&shown["name"], &shown["media_type"]), (&json!("passport.jpg"), &json!("image/jpeg")));
        let url = paper(&made, shown["id"].as_str().unwrap());
        make::received(app, &officer, &mut made);
        for who in [officer.clone(), app.as_(Role::Clerk)] {
            assert_eq!(who.get(&url).bytes, jpeg);
        }
        let world = app.world();
        let both = app.with_role(&app.another(Role::Officer, world.union), Role::Auditor, world.city);
        for who in [app.as_(Role::Appraiser), app.as_(Role::Auditor), both] {
            who.get(&url).refused(403, "forbidden");
            assert_eq!(
                who.get(&format!("{}/papers", made.path())).expect(200)["items"][0]["kind"],
                "passport_scan"
            );
        }
        app.at(Role::Officer, world.university).get(&url).refused(404, "not-found");
        // Erasing the person destroys the scan with everything else that is sealed under his key.
        let person = member["person_id"].as_str().unwrap();
        make::execute(app, &format!("DELETE FROM person_keys WHERE person_id = '{person}'"));
        officer.get(&url).refused(410, "paper-gone");
    });
}

#[test]
fn who_may_do_what_with_papers() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let world = app.world();
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        let letter = uploaded(&officer, &mut made, "request_letter", &pdf("letter"));
        // Before it is submitted nobody else knows of it.
        for stranger in [clerk.clone(), app.at(Role::Officer, world.university)] {
            upload(&stranger, &made, &json!({"kind": "other"}), "a.pdf", &pdf("x")).refused(404, "not-found");
            stranger.get(&paper(&made, &letter)).refused(404, "not-found");
        }
        make::received(app, &officer, &mut made);
        let opinion = uploaded(&app.as_(Role::Appraiser), &mut made, "opinion", &pdf("opinion"));
        let scan = uploaded(&clerk, &mut made, "permit", &pdf("permit"));
        for role in [Role::Secretary, Role::Approver, Role::Auditor, Role::Admin] {
            upload(&app.as_(role), &made, &json!({"kind": "other"}), "a.pdf", &pdf("x"))
                .refused(403, "forbidden");
        }
        assert_eq!(app.as_(Role::Auditor).get(&paper(&made, &letter)).status, 200);
        assert_eq!(app.as_(Role::Appraiser).get(&paper(&made, &letter)).status, 200);
        let why = json!({"reason": "nhầm"});
        let delete = |who: &Client, id: &str| who.change("DELETE", &paper(&made, id), made.version, &why);
        delete(&officer, &opinion).refused(403, "forbidden");
        delete(&clerk, &letter).refused(403, "forbidden");
        delete(&app.as_(Role::Approver), &opinion).refused(403, "forbidden");
        let colleague = app.another(Role::Appraiser, world.foreign);
        assert_eq!(delete(&colleague, &opinion).expect(200)["state"], "deleted", "of the same desk");
        made.seen(&clerk);
        officer.change("DELETE", &paper(&made, &letter), made.version, &json!({"reason": " "}));
        clerk.change("DELETE", &paper(&made, &scan), made.version, &why).expect(200);
        made.seen(&officer);
        // What a desk adds is its work: the appraiser may still decide. Who furnishes the request may not.
        make::approved(app, &mut made);
        assert_eq!(make::count(app, "dossier_authors WHERE capacity = 'edited'"), 1);
    });
}

#[test]
fn papers_of_a_decided_revision_stay() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        let (letter, spare) = (
            uploaded(&officer, &mut made, "request_letter", &pdf("letter")),
            uploaded(&officer, &mut made, "other", &pdf("spare")),
        );
        let why = json!({"reason": "thừa"});
        let path = paper(&made, &spare);
        officer.change("DELETE", &path, made.version, &json!({})).refused(422, "validation-failed");
        officer.change("DELETE", &path, made.version - 1, &why).refused(412, "stale-version");
        let gone = officer.change("DELETE", &path, made.version, &why).expect(200);
        assert_eq!((&gone["state"], &gone["taken_away"]["reason"]), (&json!("deleted"), &json!("thừa")));
        made.seen(&officer);
        assert_eq!(stored(app).len(), 1, "nobody needs its bytes");
        officer.get(&path).refused(410, "paper-gone");
        officer.change("DELETE", &path, made.version, &why).refused(410, "paper-gone");
        make::received(app, &officer, &mut made);
        let path = paper(&made, &letter);
        officer.change("DELETE", &path, made.version, &why).refused(409, "paper-sealed");
        made.does(&app.as_(Role::Appraiser), "decisions", &json!({"decision": "return", "comment": "thiếu"}));
        let late = uploaded(&officer, &mut made, "guest_list", &pdf("list"));
        made.does(&officer, "submit", &make::declared());
        made.does(&app.as_(Role::Clerk), "receive", &json!({"number": "2"}));
        make::approved(app, &mut made);
        let after = uploaded(&officer, &mut made, "result_report", &pdf("after"));
        for (id, sealed) in [(&letter, json!(2)), (&late, json!(2)), (&after, Value::Null)] {
            let listed = officer.get(&format!("{}/papers", made.path())).expect(200);
            let items = listed["items"].as_array().unwrap();
            let item = items.iter().find(|item| item["id"] == json!(id)).unwrap();
            assert_eq!(item["sealed_revision"], sealed);
            let answer = officer.change("DELETE", &paper(&made, id), made.version, &why);
            match sealed {
                Value::Null => drop(answer.expect(200)),
                _ => drop(answer.refused(409, "paper-sealed")),
            }
        }
        // The declaration and what went with the submission stand in the journal.
        let journal = app.as_(Role::Auditor).get("/api/v1/journal?limit=200").expect(200).to_string();
        assert!(journal.contains("contains_no_state_secret") && journal.contains("request_letter "));
    });
}

#[test]
fn quarantine_is_at_once_and_for_ever() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        let letter = uploaded(&officer, &mut made, "request_letter", &pdf("letter"));
        make::received(app, &officer, &mut made);
        make::approved(app, &mut made);
        let url = format!("{}/quarantine", paper(&made, &letter));
        let why = json!({"reason": "có nội dung mật"});
        app.as_(Role::Secretary).change("POST", &url, made.version, &why).refused(403, "forbidden");
        app.as_(Role::Appraiser)
            .change("POST", &url, made.version, &json!({}))
            .refused(422, "validation-failed");
        let shown = app.as_(Role::Appraiser).change("POST", &url, made.version, &why).expect(200);
        assert_eq!((&shown["state"], &shown["name"]), (&json!("quarantined"), &Value::Null));
        for role in [Role::Officer, Role::Clerk, Role::Auditor, Role::Approver] {
            app.as_(role).get(&paper(&made, &letter)).refused(410, "paper-gone");
        }
        assert_eq!(make::count(app, "files WHERE wrapped_key IS NOT NULL"), 0, "the key is destroyed");
        assert!(stored(app).is_empty());
        assert!(app.read(|tx| Ok(files::kinds_present(tx, made.dossier())?)).is_empty());
        assert!(told(app).iter().any(|(action, _)| action == "paper.quarantined"));
    });
}

#[test]
fn what_is_handled_offline_is_number_and_date() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        let url = "papers/offline";
        for (body, pointer, code) in [
            (json!({"kind": "opinion", "number": " ", "date": "2026-03-01"}), "/number", "required"),
            (json!({"kind": "opinion", "number": "1", "date": "2026-03-03"}), "/date", "in-the-future"),
            (json!({"kind": "opinion", "number": "1"}), "/date", "required"),
            (json!({"kind": "letter", "number": "1", "date": "2026-03-01"}), "/kind", "unknown-code"),
            (
                json!({"kind": "opinion", "number": "1", "date": "2026-03-01", "name": "x"}),
                "/name",
                "unknown-field",
            ),
        ] {
            assert_eq!(fault(made.tries(&officer, url, &body)), is(pointer, code));
        }
        let marked = json!({"kind": "request_letter", "number": "07-CV/TU (Tối mật)", "date": "2026-03-01"});
        assert_eq!(fault(made.tries(&officer, url, &marked)), is("/number", "state-secret"));
        let letter = json!({"kind": "request_letter", "number": "07-CV/TU", "date": "2026-03-01"});
        let answer = made.tries(&officer, url, &letter);
        made.version += 1;
        let shown = answer.expect(201);
        assert_eq!((&shown["state"], &shown["handled_offline"]), (&json!("offline"), &json!(true)));
        assert_eq!((&shown["bytes"], &shown["name"]), (&Value::Null, &Value::Null));
        officer.get(&paper(&made, shown["id"].as_str().unwrap())).refused(410, "paper-gone");
        let kinds = app.read(|tx| Ok(files::kinds_present(tx, made.dossier())?));
        assert_eq!(kinds.into_iter().collect::<Vec<_>>(), [FileKind::RequestLetter]);
        // Decided outside of the system as well: the return names it and does not count it.
        make::received(app, &officer, &mut made);
        app.advance(TimeDelta::days(30));
        let officer = make::later(app, 0, &officer);
        let came = json!({"actual_arrives_on": "2026-03-20", "actual_departs_on": "2026-03-22", "unpermitted": true});
        made.does(&officer, "report", &came);
        let shown = officer.get("/api/v1/reports/yearly/2026.json?window=calendar").expect(200).to_string();
        assert!(shown.contains("handled_offline"), "{shown}");
    });
}

#[test]
fn a_submission_declares_that_no_secret_is_in_it() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        for body in
            [json!({}), json!({"contains_no_state_secret": false}), json!({"contains_no_state_secret": null})]
        {
            let refused = made.tries(&officer, "submit", &body);
            assert_eq!(fault(refused), is("/contains_no_state_secret", "must-be-declared"));
        }
        let refused = made.tries(&officer, "submit", &json!({"contains_no_state_secret": "yes"}));
        assert_eq!(fault(refused), is("/contains_no_state_secret", "wrong-type"));
        made.does(&officer, "submit", &make::declared());
    });
}

#[test]
fn a_permit_takes_its_hash_from_the_signed_file() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        make::received(app, &officer, &mut made);
        make::approved(app, &mut made);
        let report = uploaded(&officer, &mut made, "result_report", &pdf("report"));
        let signed = uploaded(&clerk, &mut made, "permit", &pdf("signed"));
        let hash = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(pdf("signed")));
        let body = |file: &str| {
            json!({"number": "5", "symbol": "UBND-ĐN", "date": "2026-03-02", "signer": "Nguyễn Văn Phúc",
            "file_id": file})
        };
        assert_eq!(fault(made.tries(&clerk, "issue", &body(&report))), is("/file_id", "unknown-document"));
        assert_eq!(fault(made.tries(&clerk, "issue", &body(&made.id))), is("/file_id", "unknown-document"));
        let mut other = body(&signed);
        other["sha256"] = json!("0".repeat(64));
        assert_eq!(fault(made.tries(&clerk, "issue", &other)), is("/sha256", "another-file"));
        made.does(&clerk, "issue", &body(&signed));
        assert_eq!(make::count(app, &format!("issued_papers WHERE sha256 = '{hash}'")), 1);
    });
}

#[test]
fn a_dossier_at_its_end_takes_no_papers() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        made.does(&officer, "cancel", &json!({"reason": "x"}));
        let refused = upload(&officer, &made, &json!({"kind": "other"}), "a.pdf", &pdf("x"));
        is_problem(&refused);
        refused.refused(409, "illegal-move");
        assert!(stored(app).is_empty());
    });
}

#[test]
fn a_dossier_holds_so_many_papers() {
    for kind in super::app::databases() {
        let app = TestApp::with(kind, |config| config.papers.max_files = 2);
        let officer = app.as_(Role::Officer);
        let mut made = draft(&app);
        let first = uploaded(&officer, &mut made, "other", &pdf("1"));
        let gone = officer.change("DELETE", &paper(&made, &first), made.version, &json!({"reason": "x"}));
        gone.expect(200);
        made.seen(&officer);
        uploaded(&officer, &mut made, "other", &pdf("2"));
        let refused = upload(&officer, &made, &json!({"kind": "other"}), "a.pdf", &pdf("3"));
        assert_eq!(fault(refused), is("/file", "too-many"));
        assert_eq!(stored(&app).len(), 1);
    }
}

#[test]
fn orphans_are_swept_and_papers_are_not() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = draft(app);
        let kept = uploaded(&officer, &mut made, "other", &pdf("kept"));
        // A crash between placing the file and writing its row; another in the middle of an upload.
        let orphan = app.folder().join(format!("papers/objects/aa/aa{}", "0".repeat(62)));
        std::fs::create_dir_all(orphan.parent().unwrap()).unwrap();
        std::fs::write(&orphan, "sealed").unwrap();
        std::fs::write(app.folder().join("papers/spool/0197f000"), "half").unwrap();
        app.run_jobs();
        assert_eq!(stored(app).len(), 3, "not before a day");
        let real = legation::clock::Clock::now(&legation::clock::SystemClock);
        app.clock.set(real + TimeDelta::hours(23));
        app.run_jobs();
        assert_eq!(stored(app).len(), 3, "not before a day");
        app.clock.set(real + TimeDelta::hours(25));
        app.run_jobs();
        assert_eq!(stored(app).len(), 1);
        let officer = app.signed_in(officer.account.unwrap());
        assert_eq!(officer.get(&paper(&made, &kept)).bytes, pdf("kept"));
    });
}
