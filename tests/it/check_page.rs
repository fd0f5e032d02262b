//! The check page: whoever scans the code on an issued paper learns code, date and hashes, and nothing else.

use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::{Answer, Client, TestApp, databases};
use super::make::{self, Made};

/// Runs a test on every database with the check page switched on.
fn on_each_open(test: impl Fn(&TestApp)) {
    for kind in databases() {
        eprintln!("on {kind}");
        test(&TestApp::with(kind, |config| config.paper.check_page = true));
    }
}

fn issued(app: &TestApp, no: u32, number: &str) -> Made {
    let officer = app.as_(Role::Officer);
    let mut made = make::registered(app, &officer, &make::body(app, "2026-03-16"), no);
    make::received(app, &officer, &mut made);
    make::approved(app, &mut made);
    make::issued(app, &mut made, number);
    made
}

/// What the code on a DOCX says: the picture is stored in the archive as it is.
fn scanned(docx: &[u8]) -> String {
    let signature = [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];
    let at = docx.windows(8).position(|window| window == signature).expect("a picture");
    let mut reader = png::Decoder::new(std::io::Cursor::new(&docx[at..])).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let (width, height) = (info.width as usize, info.height as usize);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    image.detect_grids()[0].decode().unwrap().1
}

/// The path of the check page of the permit in force.
fn path(app: &TestApp, made: &Made) -> String {
    let docx = app.as_(Role::Officer).get(&format!("{}/papers/render/permit.docx", made.path())).bytes;
    let address = scanned(&docx);
    address.strip_prefix("http://127.0.0.1:8080").expect(&address).to_owned()
}

fn html(answer: &Answer) -> String {
    String::from_utf8(answer.bytes.clone()).unwrap()
}

#[test]
fn the_code_on_a_paper_leads_to_what_confirms_it_and_nothing_else() {
    on_each_open(|app| {
        let mut made = issued(app, 1, "5");
        let shown = made.seen(&app.as_(Role::Officer));
        let path = path(app, &made);
        let secret = path.strip_prefix("/check/").unwrap();
        assert_eq!(secret.len(), 43);
        let page = app.client().get(&path);
        let text = html(&page);
        assert_eq!(page.status, 200, "{text}");
        let mut expected = vec![shown["code"].as_str().unwrap(), "02/03/2026", "2 March 2026"];
        let hashes = shown["permit"]["texts"].as_array().unwrap();
        expected.extend(hashes.iter().map(|one| one["sha256"].as_str().unwrap()));
        expected.extend(["Đối chiếu văn bản", "đang có hiệu lực", "is in force"]);
        for words in expected {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(text.find("<section lang=\"vi\">") < text.find("<section lang=\"en\">"));
        for hidden in [
            "Pháp",
            "DURAND",
            "Nguyễn Văn Phúc",
            "UBND-ĐN",
            "Thăm",
            secret,
            &made.id,
            "<script",
            "style",
            "href",
        ] {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(page.header("x-robots-tag"), Some("noindex, nofollow"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        // What a messenger adds to links does no harm.
        assert_eq!(app.client().get(&format!("{path}?utm_source=x")).status, 200);
        assert_eq!(make::count(app, &format!("issued_papers WHERE check_hash = '{secret}'")), 0);
    });
}

#[test]
fn everything_else_has_the_same_answer() {
    on_each_open(|app| {
        let nobody = app.client();
        let none = nobody.get("/check/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(none.status, 404);
        let text = html(&none);
        assert!(text.contains("Không có văn bản") && !text.contains("<dl>"), "{text}");
        let is_none = |path: &str| {
            let answer = nobody.get(path);
            assert_eq!((answer.status, html(&answer)), (404, text.clone()), "{path}");
            assert_eq!(answer.headers.len(), none.headers.len());
        };
        is_none("/check/short");
        is_none("/check/%22%3E%3Cscript%3E");

        // Replaced: the old paper is in force no more.
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let mut made = issued(app, 1, "5");
        let old = path(app, &made);
        made.edits(&officer, &json!({"departs_on": "2026-03-20"}));
        assert_eq!(nobody.get(&old).status, 200, "in force while the next one is pending");
        made.does(&officer, "submit", &make::declared());
        make::received_again(app, &mut made);
        make::approved(app, &mut made);
        make::issued(app, &mut made, "6");
        let new = path(app, &made);
        assert_ne!(new, old);
        assert_eq!(nobody.get(&new).status, 200);
        is_none(&old);

        // Taken back.
        made.does(&clerk, "revoke", &json!({"reason": "Khách không đến"}));
        is_none(&new);
    });
}

#[test]
fn it_is_off_unless_an_office_switches_it_on() {
    for kind in databases() {
        let app = TestApp::with(kind, |config| config.paper.check_page = true);
        let made = issued(&app, 1, "5");
        let (path, officer) = (path(&app, &made), app.as_(Role::Officer));
        let mut config = app.config();
        config.paper.check_page = false;
        let other = legation::startup::App::build(config, app.clock.clone(), false).unwrap();
        let running = other.start_in_thread().unwrap();
        let there = |client: &Client| Client { base: running.base().to_owned(), ..client.clone() };
        assert_eq!(there(&app.client()).get(&path).status, 404, "switched off, it knows none");
        let mut next = make::registered(&app, &officer, &make::body(&app, "2026-03-16"), 11);
        make::received(&app, &officer, &mut next);
        make::approved(&app, &mut next);
        let paper = json!({"number": "9", "symbol": "UBND-ĐN", "date": "2026-03-02", "signer": "A"});
        let shown: Value = next.does(&there(&app.as_(Role::Clerk)), "issue", &paper);
        assert_eq!(shown["permit"]["can_be_checked"], false);
        let docx = officer.get(&format!("{}/papers/render/permit.docx", next.path())).bytes;
        assert!(!String::from_utf8_lossy(&docx).contains("rIdCheck"));
        running.stop();
    }
}

#[test]
fn who_asks_too_often_waits() {
    let app = TestApp::with("sqlite", |config| config.paper.check_page = true);
    let ask = || app.client().get("/check/x");
    for _ in 0..300 {
        assert_eq!(ask().status, 404);
    }
    let refused = ask();
    assert_eq!(refused.header("retry-after"), Some("60"));
    refused.refused(429, "too-many-requests");
    app.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(ask().status, 404);
}
