//! Papers under attack: what is no paper, what bears a mark, hostile forms, and stored files that somebody changed.

use legation::domain::access::Role;
use serde_json::json;

use super::app::{TestApp, databases, on_each};
use super::make::{self, fault, is, is_problem};
use super::papers::{form, pdf, send, stored, told, upload, uploaded};

#[test]
fn what_is_no_paper_is_refused_by_its_bytes() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let made = make::draft(&officer, &make::body(app, "2026-03-20"));
        let archive = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".as_slice();
        for (name, bytes, code) in [
            ("a.pdf", b"".to_vec(), "empty-file"),
            ("a.pdf", b"<html><script>alert(1)</script></html>".to_vec(), "file-type-not-allowed"),
            (
                "a.svg",
                b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>".to_vec(),
                "file-type-not-allowed",
            ),
            ("a.pdf", b"MZ\x90\0\x03\0\0\0\x04\0\0\0".to_vec(), "file-type-not-allowed"),
            ("a.doc", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1old office".to_vec(), "file-type-not-allowed"),
            ("a.pdf", b"%PDF-1.7 cut off".to_vec(), "file-is-broken"),
            ("a.pdf", [pdf("x").as_slice(), archive].concat(), "file-is-two-things"),
            ("a.jpg", [b"\xFF\xD8\xFF\xE0".as_slice(), archive].concat(), "file-is-two-things"),
            ("a.jpg", b"\xFF\xD8\xFF\xE0 <svg onload=alert(1)>".to_vec(), "file-is-two-things"),
            ("a.docx", [b"PK\x03\x04".as_slice(), archive].concat(), "file-is-two-things"),
        ] {
            let refused = upload(&officer, &made, &json!({"kind": "other"}), name, &bytes);
            is_problem(&refused);
            assert_eq!(fault(refused), is("/file", code), "{name}");
        }
        assert!(stored(app).is_empty() && make::count(app, "files") == 0, "nothing is kept");
    });
}

#[test]
fn marks_of_secrets_keep_a_paper_out() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::draft(&officer, &make::body(app, "2026-03-20"));
        let other = json!({"kind": "other"});
        for name in [
            "CV-05-MAT.pdf",
            "TOI_MAT.pdf",
            "Tuyệt mật.pdf",
            "To\u{0302}\u{0301}i Ma\u{0323}\u{0302}t.pdf",
            "mật.pdf",
        ] {
            let refused = upload(&officer, &made, &other, name, &pdf("secret"));
            is_problem(&refused);
            let refused = refused.refused(422, "state-secret");
            assert_eq!(refused["handled_offline"]["path"], "/api/v1/delegations/{id}/papers/offline");
        }
        let encoded = "filename=\"x.pdf\"; filename*=UTF-8''T%E1%BB%91i%20m%E1%BA%ADt.pdf";
        send(&officer, &made, form(&other, encoded, &pdf("secret"))).refused(422, "state-secret");
        let number = json!({"kind": "other", "number": "05/MẬT"});
        upload(&officer, &made, &number, "a.pdf", &pdf("secret")).refused(422, "state-secret");
        assert!(stored(app).is_empty() && make::count(app, "files") == 0, "nothing is kept");
        let told = told(app);
        assert_eq!(
            told.iter().filter(|(action, _)| action == "paper.refused").count(),
            7,
            "each is journalled"
        );
        let text = format!("{told:?}").to_lowercase();
        assert!(!text.contains("mật") && !text.contains("cv-05") && !text.contains("toi_mat"), "{text}");
        for harmless in ["Cam kết bảo mật.pdf", "Gặp mặt.pdf", "Mất hộ chiếu.pdf", "Mặt trận Tổ quốc.pdf"]
        {
            let answer = upload(&officer, &made, &other, harmless, &pdf(harmless));
            assert_eq!(answer.status, 201, "{harmless}: {}", answer.body);
            made.seen(&officer);
        }
    });
}

#[test]
fn names_are_names_and_nothing_else() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::draft(&officer, &make::body(app, "2026-03-20"));
        for (sent, kept) in [
            ("../../../etc/passwd", "passwd.pdf"),
            ("..%2F..%2Fx.pdf", "..%2F..%2Fx.pdf"),
            ("C:/temp/thư.PDF", "thư.PDF"),
            ("page.html", "page.html.pdf"),
            ("Thu\u{031B} mo\u{031B}\u{0300}i.pdf", "Thư mời.pdf"),
        ] {
            let answer = upload(&officer, &made, &json!({"kind": "other"}), sent, &pdf(sent));
            assert_eq!(answer.body["name"], kept, "{sent}: {}", answer.body);
            made.seen(&officer);
        }
        let before = stored(app).len();
        let outside = app.folder().join("papers");
        assert!(stored(app).iter().all(|path| path.starts_with(&outside)));
        let long = "a".repeat(201);
        for (sent, code) in [
            ("..", "bad-file-name"),
            ("", "required"),
            ("a\u{202E}fdp.exe", "bad-file-name"),
            (&long, "file-name-too-long"),
        ] {
            let refused = upload(&officer, &made, &json!({"kind": "other"}), sent, &pdf("x"));
            assert_eq!(fault(refused), is("/file", code), "{sent:?}");
        }
        assert_eq!(stored(app).len(), before);
    });
}

#[test]
fn hostile_forms_are_refused() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let made = make::draft(&officer, &make::body(app, "2026-03-20"));
        let said = json!({"kind": "other"});
        let refused = |body: Vec<u8>| {
            let answer = send(&officer, &made, body);
            is_problem(&answer);
            (answer.status, answer.body["code"].as_str().unwrap().to_owned(), make::errors(&answer.body))
        };
        let part = |head: &str, body: &str| {
            format!("--XX\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n")
        };
        let metadata = part("name=\"metadata\"", "{\"kind\": \"other\"}");
        let file = part("name=\"file\"; filename=\"a.pdf\"", &String::from_utf8(pdf("x")).unwrap());
        let end = "--XX--\r\n";
        let fault_at =
            |pointer: &str, code: &str| (422, "validation-failed".to_owned(), vec![is(pointer, code)]);
        assert_eq!(refused(format!("{file}{metadata}{end}").into_bytes()), fault_at("/metadata", "required"));
        assert_eq!(refused(format!("{metadata}{end}").into_bytes()), fault_at("/file", "required"));
        assert_eq!(
            refused(format!("{metadata}{file}{file}{end}").into_bytes()),
            fault_at("/file", "listed-twice")
        );
        let kind = json!({"kind": "love_letter"});
        assert_eq!(refused(form(&kind, "filename=\"a.pdf\"", &pdf("x"))), fault_at("/kind", "unknown-code"));
        let owner = json!({"kind": "other", "uploaded_by": made.id});
        assert_eq!(
            refused(form(&owner, "filename=\"a.pdf\"", &pdf("x"))),
            fault_at("/uploaded_by", "unknown-field")
        );
        let long = json!({"kind": "other", "number": "x".repeat(20_000)});
        assert_eq!(refused(form(&long, "filename=\"a.pdf\"", &pdf("x"))), fault_at("/metadata", "too-long"));
        let whole = form(&said, "filename=\"a.pdf\"", &pdf("x"));
        assert_eq!(refused(whole[..whole.len() - 20].to_vec()).0, 400, "cut off");
        assert_eq!(refused(b"no form at all".to_vec()).0, 400);
        assert_eq!(refused(Vec::new()).0, 400);
        let header =
            form(&said, &format!("filename=\"a.pdf\"\r\nX-Long: {}", "y".repeat(100_000)), &pdf("x"));
        let huge = refused(header);
        assert!(matches!(huge.0, 400 | 413), "{huge:?}");
        let json = officer.change("POST", &format!("{}/papers", made.path()), made.version, &said);
        json.refused(415, "unsupported-media-type");
        let path = format!("{}/papers", made.path());
        let form_type = [("Content-Type", "multipart/form-data; boundary=XX")];
        let no_version =
            officer.send_bytes("POST", &path, Some(form(&said, "filename=\"a.pdf\"", &pdf("x"))), &form_type);
        no_version.refused(428, "precondition-required");
        assert!(stored(app).is_empty() && make::count(app, "files") == 0, "nothing is kept");
    });
}

#[test]
fn bytes_are_counted_as_they_come() {
    for kind in databases() {
        let app = TestApp::with(kind, |config| config.papers.max_mib = 1);
        let officer = app.as_(Role::Officer);
        let made = make::draft(&officer, &make::body(&app, "2026-03-20"));
        let sized = |n: usize| {
            let start = b"%PDF-1.7\n".to_vec();
            let fill = vec![b' '; n - start.len() - 5];
            [start, fill, b"%%EOF".to_vec()].concat()
        };
        let large = upload(&officer, &made, &json!({"kind": "other"}), "a.pdf", &sized(1024 * 1024 + 1));
        is_problem(&large);
        large.refused(413, "file-too-large");
        assert!(stored(&app).is_empty());
        let fits = upload(&officer, &made, &json!({"kind": "other"}), "a.pdf", &sized(1024 * 1024));
        assert_eq!(fits.expect(201)["bytes"], 1024 * 1024);
    }
}

/// Whoever can write into the folder, or put an old copy back, cannot make us hand out something else.
#[test]
fn what_was_tampered_with_is_not_handed_out() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::draft(&officer, &make::body(app, "2026-03-20"));
        let long = |text: &str| [pdf(text), vec![b'x'; 200_000], b"\n%%EOF".to_vec()].concat();
        let first = uploaded(&officer, &mut made, "request_letter", &long("a"));
        let one = stored(app).remove(0);
        let second = uploaded(&officer, &mut made, "invitation", &long("b"));
        let two = stored(app).into_iter().find(|path| *path != one).unwrap();
        let (good, other) = (std::fs::read(&one).unwrap(), std::fs::read(&two).unwrap());
        let url = format!("{}/papers/{first}", made.path());
        let chunk = 65_536 + 16;
        let swapped =
            [&good[..20], &good[20 + chunk..20 + 2 * chunk], &good[20..20 + chunk], &good[20 + 2 * chunk..]];
        let mut late = good.clone();
        *late.last_mut().unwrap() ^= 1;
        for (how, bytes) in [
            ("changed at its end", late),
            ("changed at its start", [b"\x02", &good[1..]].concat()),
            ("cut at a chunk", good[..20 + 2 * chunk].to_vec()),
            ("cut", good[..1000].to_vec()),
            ("emptied", Vec::new()),
            ("chunks swapped", swapped.concat()),
            ("another paper in its place", other),
            ("prolonged", [good.as_slice(), b"more"].concat()),
        ] {
            std::fs::write(&one, bytes).unwrap();
            let answer = officer.get(&url);
            is_problem(&answer);
            assert_eq!(answer.status, 500, "{how}");
            answer.refused(500, "internal");
        }
        std::fs::remove_file(&one).unwrap();
        officer.get(&url).refused(500, "internal");
        std::fs::write(&one, &good).unwrap();
        assert_eq!(officer.get(&url).bytes, long("a"));
        // Rows that were exchanged in the database do not open either: the key belongs to its row.
        make::execute(
            app,
            &format!(
                "UPDATE files SET wrapped_key = (SELECT wrapped_key FROM files WHERE id = '{second}') WHERE id = '{first}'"
            ),
        );
        officer.get(&url).refused(500, "internal");
        let downloads = told(app).into_iter().filter(|(action, _)| action == "paper.downloaded").count();
        assert_eq!(downloads, 1, "what was not handed out is no download");
    });
}
