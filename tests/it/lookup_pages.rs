//! What people look up: deadlines in the calendar, nationalities in the return, guests among people, the working calendar,
//! and the page behind a one-time link.

use legation::clock::{self, Clock};
use legation::domain::access::Role;
use serde_json::json;

use crate::app::{Client, TestApp, on_each};
use crate::chromium::{self, Chrome};
use crate::form_pages::between;
use crate::make::{self, Made};
use crate::pages::Browser;
use crate::{auth, browsing};

#[test]
fn every_deadline_of_a_dossier_stands_in_the_calendar_of_whoever_may_see_it() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let titled = |title: &str, day: &str| {
            let mut body = make::body(app, day);
            body["title"] = title.into();
            body
        };
        let draft = make::draft(&client, &titled("Đoàn nháp", "2026-04-20"));
        let mut sent = make::registered(app, &client, &titled("Đoàn đã trình", "2026-04-21"), 1);
        sent.does(&client, "submit", &make::declared());
        let mut approved = make::registered(app, &client, &titled("Đoàn đã duyệt", "2026-04-22"), 11);
        make::received(app, &client, &mut approved);
        make::approved(app, &mut approved);
        let mut short = make::registered(app, &client, &titled("Đoàn ở lâu", "2026-04-23"), 21);
        make::received(app, &client, &mut short);
        make::approved(app, &mut short);
        let ends = short.seen(&client)["departs_on"].as_str().unwrap().to_owned();
        let early = ends.parse::<chrono::NaiveDate>().unwrap().pred_opt().unwrap();
        let today = clock::day_in_vietnam(app.clock.now());
        let paper = json!({"number": "5", "symbol": "UBND-ĐN", "date": today, "signer": "Nguyễn Văn Phúc",
            "forms": ["KT", "TM"], "valid_to": early});
        short.does(&app.as_(Role::Clerk), "issue", &paper);

        // The same days as on the status line of each dossier.
        let due = |made: &mut Made| -> chrono::NaiveDate {
            let seen = made.seen(&client);
            let waits = &seen["waiting_for"][0];
            waits["due_on"].as_str().unwrap_or_else(|| panic!("{seen}")).parse().unwrap()
        };
        let mut draft = draft;
        for (made, words, day) in [
            (draft.clone(), "Hạn nộp hồ sơ", due(&mut draft)),
            (sent.clone(), "Hạn tiếp nhận", due(&mut sent)),
            (approved.clone(), "Hạn ban hành văn bản", due(&mut approved)),
            (short.clone(), "Văn bản cho phép hết hiệu lực", early),
        ] {
            for path in [
                format!("/calendar?month={}", day.format("%Y-%m")),
                format!("/calendar?week={}", day.format("%G-W%V")),
            ] {
                let page = officer.get(&path);
                let cell = between(&page.text, &format!("<time datetime=\"{day}\">"), "</td>");
                let link = format!("<a href=\"/delegations/{}\"><span aria-hidden=\"true\">⚑", made.id);
                let said = between(cell, &link, "</a>");
                assert!(said.contains(words), "{path}: {said}");
            }
        }
        // Whoever may not know of them sees none.
        let stranger = Browser::of(app, Role::Officer, app.world().university);
        for month in ["2026-03", "2026-04"] {
            let page = stranger.get(&format!("/calendar?month={month}"));
            assert!(!page.text.contains("<a href=\"/delegations/0"), "{}", page.text);
        }
    });
}

#[test]
fn nationalities_stand_in_the_order_of_their_names() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let mut made = make::registered(app, &client, &make::body(app, "2026-04-20"), 1);
        for (no, country) in (11..).zip(["GB", "DK", "IN", "AU", "BE"]) {
            let mut guest = make::guest(no, "member");
            guest["nationality"] = country.into();
            made.does(&client, "members", &guest);
        }
        make::received(app, &client, &mut made);
        make::approved(app, &mut made);
        make::issued(app, &mut made, "5");
        app.clock.set("2026-05-02T02:00:00Z".parse().unwrap());
        let client = app.as_(Role::Officer);
        let rows = |lang: &'static str| -> Vec<String> {
            let client = Client { lang: Some(lang), ..client.clone() };
            let answer = client.get("/api/v1/reports/monthly/2026-04.json?window=calendar").expect(200);
            let rows = answer["overview"].as_array().unwrap().iter();
            let rows = rows.filter(|row| row["section"] == "nationality");
            rows.map(|row| row["label"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(rows("vi"), ["Australia", "Ấn Độ", "Bỉ", "Đan Mạch", "Pháp", "Vương quốc Anh"]);
        let english = rows("en");
        assert!(english.is_sorted() && english.len() == 6, "{english:?}");
        let page = Browser::of(app, Role::Officer, app.world().union)
            .get("/reports/monthly/2026-04?window=calendar");
        let at = |name: &str| page.text.find(&format!(">{name}<")).unwrap_or_else(|| panic!("{name}"));
        assert!(at("Ấn Độ") < at("Bỉ") && at("Bỉ") < at("Đan Mạch") && at("Đan Mạch") < at("Pháp"));
    });
}

#[test]
fn guests_come_first_and_people_from_vietnam_are_a_list_of_their_own() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let mut made = make::registered(app, &client, &make::body(app, "2026-04-20"), 1);
        let mut home = make::guest(11, "interpreter");
        home["nationality"] = "VN".into();
        home["full_name"] = "Phan Thị Phiên Dịch".into();
        made.does(&client, "members", &home);
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let names = |path: &str| {
            let page = officer.get(path);
            (page.text.contains("DURAND Marie 1"), page.text.contains("Phan Thị Phiên Dịch"))
        };
        assert_eq!(names("/people"), (true, false));
        assert_eq!(names("/people?whose=guests"), (true, false));
        assert_eq!(names("/people?whose=home"), (false, true));
        assert_eq!(names("/people?whose=all"), (true, true));
        assert_eq!(names("/people?q=phien+dich"), (false, true), "by name, everybody is looked for");
        officer.get("/people").shows("<a href=\"/people?whose=guests\" aria-current=\"true\">Khách</a>");
        officer.get("/people?q=phien").shows("/people?whose=home&#38;q=phien");
    });
}

#[test]
fn the_working_calendar_says_once_how_sure_it_is() {
    on_each(|app| {
        let clerk = Browser::of(app, Role::Clerk, app.world().foreign);
        let page = clerk.get("/office/calendar?year=2026");
        page.shows("mức tin cậy của nguồn: Theo nguồn thứ cấp.");
        assert_eq!(page.text.matches("Theo nguồn thứ cấp").count(), 1, "{}", page.text);
        assert!(page.text.matches("<th scope=\"row\">").count() > 5);
    });
}

#[test]
fn the_one_time_link_can_be_read_in_the_other_language_without_losing_its_secret() {
    on_each(|app| {
        let body = json!({
            "username": "binh", "display_name": "Trần Văn Bình", "email": "binh@example.org",
            "grants": [{"organisation_id": app.world().union, "role": "officer"}],
        });
        let added = app.as_(Role::Admin).post("/api/v1/users", &body).expect(201);
        let (token, browser) = (auth::token_of(&added), Browser::new(app));
        let csrf = browser.get("/activate?lang=vi").hidden("csrf");
        let other =
            [("csrf", csrf.as_str()), ("/token", &token), ("/password", "half a pass"), ("lang", "en")];
        let page = browser.post("/activate", &other);
        assert_eq!(page.status, 200, "{}", page.text);
        page.shows("<html lang=\"en\">").shows(&format!("value=\"{token}\"")).shows("value=\"vi\"");
        assert!(!page.text.contains("half a pass") && !page.text.contains("id=\"errors\""));
        // It is remembered, and the link still works.
        browser.get("/sign-in").shows("<html lang=\"en\">");
        let good = [("csrf", csrf.as_str()), ("/token", &token), ("/password", auth::PASSWORD)];
        assert_eq!(browser.post("/activate", &good).path, "/sign-in?activated=1");
    });
}

/// A day that is none narrows nothing: the list says so at the field, and shows nothing rather than everything.
#[test]
fn a_filter_with_a_day_that_is_none_says_so() {
    on_each(|app| {
        make::draft(&app.as_(Role::Officer), &make::body(app, "2026-04-20"));
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let page = officer.get("/delegations?from=31/02/2026&to=01/05/2026");
        assert_eq!(page.status, 422);
        page.shows("href=\"#from\"").shows("id=\"from-error\"").shows("value=\"31/02/2026\"");
        assert!(!page.text.contains("<tbody>") && !page.text.contains("id=\"to-error\""), "{}", page.text);
        let page = officer.get("/delegations?from=01/05/2026&to=01/04/2026");
        assert_eq!(page.status, 422);
        page.shows("href=\"#to\"").shows("Trước ngày bắt đầu");
        assert_eq!(officer.get("/delegations/export?format=csv&from=31/02/2026").status, 400);
        officer.get("/delegations?from=01/04/2026&to=01/05/2026").shows("<tbody>");
    });
}

#[test]
fn a_list_is_printed_with_its_rows_whole_and_nothing_to_press() {
    if !chromium::is_here() {
        return;
    }
    let app = TestApp::spawn("sqlite");
    let client = app.as_(Role::Officer);
    browsing::cast(&app);
    let titles: Vec<String> = (1..=40).map(|no| format!("Đoàn số {no:02} và những người cùng đi")).collect();
    for title in &titles {
        let mut body = make::body(&app, "2026-04-20");
        body["title"] = title.as_str().into();
        make::draft(&client, &body);
    }
    let chrome = Chrome::open(&app.base);
    browsing::sign_in(chrome.go("/sign-in"), "hanh");
    chrome.go("/delegations").shows("Đoàn số 01").shows("Đăng xuất");
    let sheets = chrome.printed();
    std::fs::write(chromium::screenshots().join("list.pdf"), &sheets).unwrap();
    let pages = pdf_extract::extract_text_from_mem_by_pages(&sheets).unwrap();
    // Words, as they stand on a page: columns break lines where they please.
    let pages: Vec<String> = pages.iter().map(|page| page.split_whitespace().collect()).collect();
    assert!(pages.len() > 1, "what fits on one sheet proves nothing");
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    for words in ["Đăng xuất", "Tìm và lọc", "Bộ lọc đã lưu", "Hộp việc", "Lập hồ sơ", "XLSX", "Nhập sổ cũ"]
    {
        assert!(!pages.iter().any(|page| page.contains(&plain(words))), "{words}: {pages:?}");
    }
    for title in &titles {
        let whole: Vec<&String> = pages.iter().filter(|page| page.contains(&plain(title))).collect();
        assert_eq!(whole.len(), 1, "{title} is torn: {pages:?}");
    }
    // As many titles as days: no row goes on overleaf. Each sheet says what its columns are.
    for page in &pages {
        let rows = page.matches("Đoànsố").count();
        assert_eq!(page.matches("–22/04/2026").count(), rows, "{page}");
        assert!(rows == 0 || page.contains("Trạngthái"), "{page}");
    }
}
