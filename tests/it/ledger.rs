//! Old ledgers: looked at, loaded whole or not at all, once, and counted by the return of their year.

use legation::domain::access::Role;
use serde_json::Value;

use crate::app::{TestApp, on_each};
use crate::make;
use crate::month_pages::{Raw, cookie_of, raw};
use crate::pages::{Browser, Page};

const PATH: &str = "/delegations/ledger";

const LEDGER: &str = "STT\tTên đoàn\tTrưởng đoàn\tQuốc gia/VLT\tHạng\tĐến\tĐi\tKhách thực tế\tNgười VN đi cùng\tLĩnh vực\n\
    1\tĐoàn Hiroshima <b>\tTANAKA\tNhật Bản\tHạng B\t31/12/2025\t02/01/2026\t5\t2\tHữu nghị\n\
    2\tĐoàn Đồng bằng Sông Cửu Long\t\tPháp (3); Bỉ (4)\t\t01/01/2026\t\t7\t\tGiáo dục\n\
    3\tĐoàn Lyon\tDURAND\tPháp, Bỉ\tHạng A\t05/02/2025\t06/02/2025\thơn 20\t\t\n";

fn send(browser: &Browser<'_>, fields: &[(&str, &str)]) -> Page {
    let form = browser.get(PATH);
    let (csrf, key) = (form.hidden("csrf"), form.hidden("key"));
    let all: Vec<(&str, &str)> =
        [("csrf", csrf.as_str()), ("key", &key)].into_iter().chain(fields.iter().copied()).collect();
    browser.post(PATH, &all)
}

fn totals(app: &TestApp, label: &str) -> [u64; 3] {
    let path = format!("/api/v1/reports/yearly/{label}.json?window=calendar");
    let body: Value = app.as_(Role::Officer).get(&path).expect(200);
    ["inbound_delegations", "visits", "outbound_delegations"]
        .map(|name| body["totals"][name].as_u64().unwrap())
}

#[test]
fn last_years_figures_are_there_on_day_one() {
    on_each(|app| {
        let browser = Browser::of(app, Role::Officer, app.world().union);
        let page = send(&browser, &[("pasted", LEDGER)]);
        assert_eq!(page.status, 200);
        page.shows("Nhật Bản").shows("Hạng B").shows("31/12/2025").shows("Đoàn Hiroshima &#60;b&#62;");
        page.shows("Cột không nhập: STT, Trưởng đoàn").shows("Nhập 3 đoàn");
        assert_eq!(make::count(app, "dossiers"), 0, "looking stores nothing");
        assert!(!page.text.contains("<dd>TANAKA"));
        let page = send(&browser, &[("pasted", LEDGER), ("confirm", "1")]);
        assert_eq!((page.status, page.path.as_str()), (200, "/delegations/ledger?done=3-0"), "{}", page.text);
        page.shows("Đã nhập 3 đoàn");
        assert_eq!(totals(app, "2025"), [2, 25, 0]);
        assert_eq!(totals(app, "2026"), [1, 7, 0], "the first of January is of the new year");
        assert_eq!(make::count(app, "dossiers WHERE state = 'closed' AND origin = 'ledger'"), 3);
        assert_eq!(make::count(app, "people WHERE full_name LIKE '%TANAKA%'"), 0, "numbers, not names");
        browser.get("/delegations?q=cuu+long").shows("Đoàn Đồng bằng Sông Cửu Long").shows("Đã kết thúc");
        let told = app.as_(Role::Auditor).get("/api/v1/journal?action=delegation.loaded").expect(200);
        assert_eq!(told["items"].as_array().unwrap().len(), 3);
        // Sent again, in whatever form its letters come, nothing is loaded twice; what is new comes in.
        let nfd = LEDGER.replace("Đồng", "Đo\u{302}\u{300}ng");
        send(&browser, &[("pasted", &nfd)]).shows("Đã có");
        let again = send(&browser, &[("pasted", &nfd), ("confirm", "1")]);
        assert_eq!(again.path, "/delegations/ledger?done=0-3");
        let more = format!("{LEDGER}4\tĐoàn Gent\t\tBỉ\t\t03/01/2026\t\t1\t\t\n");
        assert_eq!(
            send(&browser, &[("pasted", &more), ("confirm", "1")]).path,
            "/delegations/ledger?done=1-3"
        );
        assert_eq!((totals(app, "2025"), totals(app, "2026")), ([2, 25, 0], [2, 8, 0]));
        // Another organisation neither sees it nor is told of it.
        let other = Browser::of(app, Role::Officer, app.world().university);
        assert!(!other.get("/delegations").text.contains("Lyon"));
        let page = send(&other, &[("pasted", LEDGER)]);
        page.shows("Nhập 3 đoàn");
        assert!(!page.text.contains("Đã có</small>"), "what others have is not told");
    });
}

#[test]
fn the_same_form_twice_is_one_command() {
    on_each(|app| {
        let browser = Browser::of(app, Role::Officer, app.world().union);
        let form = browser.get(PATH);
        let (csrf, key) = (form.hidden("csrf"), form.hidden("key"));
        let fields = [("csrf", csrf.as_str()), ("key", &key), ("pasted", LEDGER), ("confirm", "1")];
        for _ in 0..2 {
            assert_eq!(browser.post(PATH, &fields).path, "/delegations/ledger?done=3-0");
        }
        assert_eq!(make::count(app, "dossiers"), 3);
    });
}

#[test]
fn one_bad_row_and_nothing_is_loaded() {
    on_each(|app| {
        let browser = Browser::of(app, Role::Officer, app.world().union);
        let bad = format!(
            "{LEDGER}4\tĐoàn sau\t\tAtlantis\tZ\t31/02/2025\t\tnhiều\t\t\n5\tĐoàn mai\t\tBỉ\t\t05/03/2026\t\t1\t\t\n"
        );
        let page = send(&browser, &[("pasted", &bad)]);
        page.shows("Atlantis –").shows("31/02/2025 –").shows("05/03/2026 –").shows("nhiều –");
        assert!(!page.text.contains("name=\"confirm\""), "what cannot be read cannot be confirmed");
        let page = send(&browser, &[("pasted", &bad), ("confirm", "1")]);
        assert_eq!(page.status, 422);
        page.shows("Atlantis");
        assert_eq!(make::count(app, "dossiers"), 0);
        // Kept until it is mended.
        browser.get(PATH).shows("được giữ lại").shows("Atlantis");
        for empty in ["", " \n\t\n"] {
            assert_eq!(send(&browser, &[("pasted", empty), ("confirm", "1")]).status, 422);
        }
        let long: String =
            (0..501).fold(String::new(), |all, no| all + &format!("Đoàn {no}\tPháp\t05/02/2025\t\t1\n"));
        assert_eq!(send(&browser, &[("pasted", &long), ("confirm", "1")]).status, 422);
        assert_eq!(make::count(app, "dossiers"), 0);
    });
}

#[test]
fn five_hundred_rows_and_what_went_out() {
    on_each(|app| {
        let browser = Browser::of(app, Role::Officer, app.world().union);
        let mut ledger = "Chiều\tTên đoàn\tNước\tĐi\tVề\tSố người\tQuyết định\n".to_owned();
        for no in 0..500 {
            ledger += &format!("Đoàn ra\tĐoàn {no}\tPháp; Bỉ\t01/12/2025\t05/12/2025\t4\t{no}/QĐ\n");
        }
        let page = send(&browser, &[("pasted", &ledger), ("confirm", "1")]);
        assert_eq!(page.path, "/delegations/ledger?done=500-0");
        assert_eq!(totals(app, "2025"), [0, 0, 500]);
        let body: Value =
            app.as_(Role::Officer).get("/api/v1/reports/yearly/2025.json?window=calendar").expect(200);
        assert_eq!(body["annex2"]["totals"]["people"], 2000);
        assert_eq!(
            body["annex6"].as_array().map(Vec::len),
            Some(0),
            "what a ledger does not hold is no reproach"
        );
    });
}

/// A form in parts: name, name of a file, bytes.
fn upload(app: &TestApp, cookie: &(String, String), parts: &[(&str, Option<&str>, &[u8])]) -> Raw {
    let mut body = Vec::new();
    for (name, file, bytes) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        body.extend(
            format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").into_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--xyz--\r\n");
    raw(app, Some(cookie), ("POST", PATH), Some(("multipart/form-data; boundary=xyz", body)))
}

#[test]
fn a_file_is_read_after_its_token_and_shown_before_it_is_loaded() {
    on_each(|app| {
        let cookie = cookie_of(app, Role::Officer, app.world().union);
        let page = raw(app, Some(&cookie), ("GET", PATH), None).text();
        let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let token: (&str, Option<&str>, &[u8]) = ("csrf", None, csrf.as_bytes());
        let owner: (&str, Option<&str>, &[u8]) = ("/organisation_id", None, b"");
        let file = |bytes: &'static [u8]| -> (&str, Option<&str>, &[u8]) { ("file", Some("so.csv"), bytes) };
        let csv =
            "Tên đoàn;Quốc gia;Đến;Số khách\r\n\"Đoàn \"\"Lyon\"\"; Pháp\";Pháp;05/02/2025;3\r\n".as_bytes();
        let shown = upload(app, &cookie, &[token, owner, file(csv)]);
        assert_eq!(shown.status, 200, "{}", shown.text());
        assert!(shown.text().contains("Nhập 1 đoàn") && shown.text().contains("Đoàn &#34;Lyon&#34;; Pháp"));
        assert_eq!(make::count(app, "dossiers"), 0, "a file is looked at");
        // As a workbook.
        let mut book = rust_xlsxwriter::Workbook::new();
        let date = rust_xlsxwriter::Format::new().set_num_format("dd/mm/yyyy");
        let sheet = book.add_worksheet();
        for (column, head) in (0..).zip(["Tên đoàn", "Quốc gia", "Đến", "Số khách"]) {
            sheet.write_string(0, column, head).unwrap();
        }
        sheet.write_string(1, 0, "Đoàn Lyon").unwrap();
        sheet.write_string(1, 1, "Pháp").unwrap();
        let day = rust_xlsxwriter::ExcelDateTime::from_ymd(2025, 2, 5).unwrap();
        sheet.write_with_format(1, 2, &day, &date).unwrap();
        sheet.write_number(1, 3, 3).unwrap();
        let xlsx = book.save_to_buffer().unwrap();
        let shown = upload(app, &cookie, &[token, owner, ("file", Some("so.xlsx"), &xlsx)]).text();
        assert!(shown.contains("Nhập 1 đoàn") && shown.contains("05/02/2025"), "{shown}");
        // No token, another's, or one that comes too late.
        for parts in [
            vec![owner, file(csv)],
            vec![("csrf", None, b"00".as_slice()), owner, file(csv)],
            vec![owner, file(csv), token],
        ] {
            assert_eq!(upload(app, &cookie, &parts).status, 403);
        }
        let bad = upload(app, &cookie, &[token, owner, file(&[0xC3, 0x28, b','])]);
        assert_eq!(bad.status, 422);
        assert!(bad.text().contains("UTF-8") && bad.text().contains("href=\"#f-file\""), "{}", bad.text());
        assert_eq!(
            upload(app, &cookie, &[token, owner, ("file", Some("x"), &vec![b'a'; 3 << 20])]).status,
            413
        );
        assert_eq!(upload(app, &cookie, &[token, owner]).status, 422);
        let clerk = cookie_of(app, Role::Clerk, app.world().foreign);
        assert_eq!(upload(app, &clerk, &[token, owner, file(csv)]).status, 403);
        assert_eq!(
            upload(app, &("__Host-legation".to_owned(), "x".to_owned()), &[token]).status,
            303,
            "to the sign-in"
        );
    });
}
