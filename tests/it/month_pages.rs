//! The month, the calendar and the list, as a browser without JavaScript sees them; personal calendars as programs do.

use std::collections::BTreeMap;

use calamine::Reader;
use chrono::{DateTime, TimeDelta, Utc};
use legation::domain::access::Role;
use legation::domain::ids::OrganisationId;
use serde_json::{Value, json};

use crate::app::{TestApp, on_each};
use crate::make;
use crate::pages::{Browser, cookie};

/// What came back, as bytes.
pub struct Raw {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub bytes: Vec<u8>,
}

impl Raw {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// A request with a cookie, or without one, and a body of any kind; redirects are not followed.
pub fn raw(
    app: &TestApp,
    cookie: Option<&(String, String)>,
    (method, path): (&str, &str),
    body: Option<(&str, Vec<u8>)>,
) -> Raw {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
    let url = format!("{}{path}", app.base);
    let mut request = ureq::http::Request::builder()
        .method(method)
        .uri(&url)
        .header("sec-fetch-site", "same-origin")
        .header("accept", "text/html");
    if let Some((name, value)) = cookie {
        request = request.header("cookie", format!("{name}={value}"));
    }
    let (media, bytes) = body.unwrap_or(("text/plain", Vec::new()));
    let mut response = agent.run(request.header("content-type", media).body(bytes).unwrap()).unwrap();
    let headers = response.headers().iter();
    let headers = headers.map(|(n, v)| (n.to_string(), v.to_str().unwrap().to_owned())).collect();
    Raw {
        status: response.status().as_u16(),
        headers,
        bytes: response.body_mut().with_config().limit(64 << 20).read_to_vec().unwrap(),
    }
}

/// The cookie of somebody with this role at this organisation.
pub fn cookie_of(app: &TestApp, role: Role, place: OrganisationId) -> (String, String) {
    cookie(app, app.at(role, place).account.unwrap())
}

fn query(words: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new()).append_pair("q", words).finish()
}

fn titled(app: &TestApp, title: &str, arrives_on: &str) -> Value {
    let mut body = make::body(app, arrives_on);
    body["title"] = title.into();
    body
}

/// The titles of a list's page, in order.
fn titles(page: &str) -> Vec<String> {
    let links = page.split("<a class=\"name\" href=\"/delegations/").skip(1);
    links
        .map(|rest| rest.split_once('>').unwrap().1.split("</a>").next().unwrap().replace("&#60;", "<"))
        .collect()
}

/// The link to the next page.
fn next(page: &str) -> Option<String> {
    let before = page.split("\" rel=\"next\"").next().filter(|before| before.len() < page.len())?;
    Some(before.rsplit("href=\"").next().unwrap().replace("&#38;", "&"))
}

/// The titles of all pages.
fn walk(browser: &Browser<'_>, path: &str) -> Vec<String> {
    let (mut all, mut at) = (Vec::new(), Some(path.to_owned()));
    while let Some(path) = at {
        let page = browser.get(&path);
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        all.extend(titles(&page.text));
        at = next(&page.text);
    }
    all
}

#[test]
fn a_search_finds_codes_titles_people_and_bodies() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let hostile = "Đoàn hữu nghị Đồng bằng Sông Cửu Long <script>alert(1)</script>";
        let mut made = make::registered(app, &officer, &titled(app, hostile, "2026-04-20"), 1);
        make::received(app, &officer, &mut made);
        let code = made.seen(&officer)["code"].as_str().unwrap().to_owned();
        let other = make::draft(&officer, &titled(app, "Đoàn Hiroshima", "2026-04-21"));
        let browser = Browser::of(app, Role::Officer, app.world().union);
        let found = |words: &str| titles(&browser.get(&format!("/delegations?{}", query(words))).text).len();
        for words in [
            "cuu long dong bang",
            "ĐỒNG  BẰNG",
            "Đo\u{302}\u{300}ng",
            "Ðong bang",
            "bang durand",
            "DURAND marie cuu",
            &code,
            &code.to_lowercase(),
            &format!("{} bang", &code[..code.len() - 2]),
        ] {
            assert_eq!(found(words), 1, "{words}");
        }
        assert_eq!((found("lien hiep huu nghi to chuc"), found("LHHN")), (2, 2), "whoever filed or hosts");
        assert_eq!(
            (found("hiroshima lhhn"), found("cuu long hong"), found("DV-2025-"), found("100%")),
            (1, 0, 0, 0)
        );
        // While it is typed: a part of a page, escaped; nothing of it for others.
        let search = |browser: &Browser<'_>, words: &str| {
            browser.get(&format!("/delegations/search?{}", query(words)))
        };
        let part = search(&browser, "cuu long");
        part.shows(&made.id).shows("&#60;script&#62;").shows("role=\"option\"");
        assert!(!part.text.contains(&other.id) && !part.text.contains("<html"), "{}", part.text);
        assert!(!search(&browser, " ").text.contains("href"));
        let stranger = Browser::of(app, Role::Officer, app.world().university);
        for words in ["cuu long", "durand", &code, "lhhn"] {
            assert!(!search(&stranger, words).text.contains("/delegations/0"), "{words}");
            assert_eq!(
                titles(&stranger.get(&format!("/delegations?{}", query(words))).text).len(),
                0,
                "{words}"
            );
        }
    });
}

#[test]
fn a_list_in_any_order_neither_skips_nor_repeats() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        // Fifty-six of one day, four without a day, three with a number.
        for no in 0..56 {
            make::draft(&officer, &titled(app, &format!("Đoàn {no:02}"), "2026-04-20"));
        }
        for no in 0..4 {
            make::draft(&officer, &json!({"direction": "inbound", "title": format!("Không ngày {no}")}));
        }
        for no in 0..3 {
            let body = titled(app, &format!("Có mã {no}"), &format!("2026-04-2{no}"));
            let mut made = make::registered(app, &officer, &body, 10 * (no + 1));
            made.does(&officer, "submit", &make::declared());
        }
        let browser = Browser::of(app, Role::Officer, app.world().union);
        for sort in
            ["", "registered", "-registered", "arrival", "-arrival", "code", "-code", "since", "-since"]
        {
            let all = walk(&browser, &format!("/delegations?sort={sort}"));
            let mut once = all.clone();
            once.sort();
            once.dedup();
            assert_eq!((all.len(), once.len()), (63, 63), "{sort}");
            match sort {
                "arrival" => assert!(all[62].starts_with("Không") && all[58] == "Có mã 2", "{all:?}"),
                "-arrival" => assert!(all[62].starts_with("Không") && all[0] == "Có mã 2", "{all:?}"),
                "code" => assert_eq!(all[..3], ["Có mã 0", "Có mã 1", "Có mã 2"]),
                "-code" => assert_eq!(all[..3], ["Có mã 2", "Có mã 1", "Có mã 0"]),
                _ => {}
            }
        }
        // The order is in the link, the column says it, and filters stay.
        let page = browser.get("/delegations?state=draft&sort=arrival");
        page.shows("aria-sort=\"ascending\"").shows("state=draft&#38;sort=-arrival");
        let cursor = next(&page.text).unwrap().replace("sort=arrival", "sort=code");
        assert_eq!(browser.get(&cursor).status, 400, "a place in another order is none in this");
        assert_eq!(browser.get("/delegations?cursor=x").status, 400);
        assert_eq!(browser.get("/delegations?sort=title&state=nothing").status, 200);
    });
}

#[test]
fn a_file_holds_exactly_what_the_list_shows() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        for no in 0..52 {
            make::draft(
                &officer,
                &titled(app, &format!("Đoàn {no:02}"), &format!("2026-04-{:02}", 1 + no % 28)),
            );
        }
        make::draft(&officer, &titled(app, "=HYPERLINK(\"http://x\")", "2026-04-30"));
        make::draft(&officer, &titled(app, "Đoàn tháng năm", "2026-05-05"));
        let cookie = cookie_of(app, Role::Officer, app.world().union);
        let browser = Browser::of(app, Role::Officer, app.world().union);
        let view = "from=01/04/2026&to=30/04/2026&sort=-arrival";
        let shown = walk(&browser, &format!("/delegations?{view}"));
        assert_eq!(shown.len(), 53);
        browser
            .get(&format!("/delegations?{view}"))
            .shows("/delegations/export?from=01%2F04%2F2026&#38;to=30%2F04%2F2026");
        let file = |cookie: &(String, String), format: &str| {
            let path = format!("/delegations/export?{view}&format={format}");
            raw(app, Some(cookie), ("GET", &path), None)
        };
        let csv = file(&cookie, "csv");
        assert_eq!((csv.status, csv.headers["content-type"].as_str()), (200, "text/csv; charset=utf-8"));
        assert!(
            csv.headers["content-disposition"].starts_with("attachment; filename=\"legation-delegations-")
        );
        let text = csv.text();
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(true)
            .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let titles: Vec<String> = reader.records().map(|row| row.unwrap()[1].to_owned()).collect();
        let guarded =
            |title: &String| if title.starts_with('=') { format!("'{title}") } else { title.clone() };
        let shown: Vec<String> = shown.iter().map(|title| title.replace("&#34;", "\"")).collect();
        assert_eq!(titles, shown.iter().map(guarded).collect::<Vec<_>>());
        let xlsx = file(&cookie, "xlsx");
        let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(std::io::Cursor::new(xlsx.bytes)).unwrap();
        let range = book.worksheet_range_at(0).unwrap().unwrap();
        let titles: Vec<String> = range.rows().skip(1).map(|row| row[1].to_string()).collect();
        assert_eq!(titles, shown);
        assert_eq!(file(&cookie, "pdf").status, 400);
        // Another organisation has a file too: without a row.
        let other = file(&cookie_of(app, Role::Officer, app.world().university), "csv");
        assert_eq!(other.text().lines().count(), 1);
        let told = app.as_(Role::Auditor).get("/api/v1/journal?action=delegations.exported").expect(200);
        assert_eq!(told["items"].as_array().unwrap().len(), 3, "every file is journalled");
    });
}

#[test]
fn a_list_is_narrowed_to_whoever_filed() {
    on_each(|app| {
        let (union, association) = (app.world().union, app.world().association);
        make::draft(&app.as_(Role::Officer), &titled(app, "Đoàn của Liên hiệp", "2026-04-20"));
        let other = app.another(Role::Officer, association);
        make::draft(&other, &titled(app, "Đoàn của Hội", "2026-04-21"));
        let browser = Browser::of(app, Role::Officer, union);
        browser.get("/delegations").shows("Đoàn của Liên hiệp").shows("Đoàn của Hội");
        let page = browser.get(&format!("/delegations?organisation={association}"));
        page.shows("Đoàn của Hội").shows(&format!("value=\"{association}\" selected"));
        assert!(!page.text.contains("Đoàn của Liên hiệp"));
        page.shows(&format!("/delegations/export?organisation={association}&#38;format=csv"));
    });
}

#[test]
fn filters_are_kept_by_name_and_are_their_owners_alone() {
    on_each(|app| {
        let browser = Browser::of(app, Role::Officer, app.world().union);
        let csrf = browser.get("/delegations").hidden("csrf");
        let keep = |name: &str, query: &str| {
            browser.post("/delegations/filters", &[("csrf", &csrf), ("/name", name), ("query", query)])
        };
        let page = keep("Chờ duyệt <b>", "state=received&q=lyon&cursor=x&evil=1");
        assert_eq!((page.status, page.path.as_str()), (200, "/delegations?q=lyon&state=received"));
        page.shows("Chờ duyệt &#60;b&#62;").shows("href=\"/delegations?q=lyon&#38;state=received\"");
        keep("Chờ duyệt <b>", "state=issued").shows("href=\"/delegations?state=issued\"");
        assert_eq!(make::count(app, "saved_filters"), 1, "the same name is the same filter");
        let page = keep(" ", "state=issued");
        assert_eq!(page.status, 422);
        page.shows("id=\"f-name-error\"").shows("value=\"\"");
        assert_eq!(keep(&"x".repeat(81), "").status, 422);
        let other = Browser::of(app, Role::Officer, app.world().association);
        assert!(!other.get("/delegations").text.contains("Chờ duyệt"));
        let page = browser.get("/delegations");
        let path =
            page.text.split("action=\"").find(|rest| rest.starts_with("/delegations/filters/0")).unwrap();
        let path = path.split('"').next().unwrap();
        let theirs = other.get("/delegations").hidden("csrf");
        assert_eq!(other.post(path, &[("csrf", &theirs)]).status, 404);
        assert_eq!(browser.post(path, &[("csrf", &csrf)]).path, "/delegations");
        assert_eq!(make::count(app, "saved_filters"), 0);
        for no in 0..50 {
            assert_eq!(keep(&format!("Bộ lọc {no}"), "").status, 200);
        }
        assert_eq!(keep("Một nữa", "").status, 422, "there is an end");
    });
}

fn at(app: &TestApp, instant: &str) {
    app.clock.set(instant.parse::<DateTime<Utc>>().unwrap());
}

#[test]
fn the_month_shows_who_comes_is_here_leaves_and_owes_a_report() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        make::permitted_as(app, &officer, &titled(app, "Đoàn Lyon", "2026-03-20"), 1);
        let mut soon = make::registered(
            app,
            &officer,
            &{
                let mut body = make::late(app, "2026-03-05");
                body["title"] = "Đoàn gấp <i>".into();
                body
            },
            10,
        );
        make::received(app, &officer, &mut soon);
        let browser = || Browser::of(app, Role::Officer, app.world().union);
        let count = |page: &str, phase: &str, month: &str| -> i64 {
            let at =
                format!("href=\"/delegations?phase={phase}&#38;month={month}&#38;sort=arrival\"><strong>");
            let rest = page.split(&at).nth(1).unwrap_or_else(|| panic!("no {phase} in {page}"));
            rest.split('<').next().unwrap().parse().unwrap()
        };
        let page = browser().get("/month");
        page.shows("Tháng 03/2026").shows("Đoàn gấp &#60;i&#62;");
        page.shows("Còn 3 ngày làm việc là đến, chưa có văn bản cho phép")
            .shows("Hôm nay không có đoàn nào ở thành phố.");
        assert_eq!(
            ["here", "arriving", "leaving", "report_due"].map(|phase| count(&page.text, phase, "2026-03")),
            [0, 2, 1, 1]
        );
        // The number leads to a list with as many, and says what it is.
        let list = browser().get("/delegations?phase=arriving&month=2026-03&sort=arrival");
        list.shows("Sắp đến – tháng 03/2026");
        assert_eq!(titles(&list.text), ["Đoàn gấp <i&#62;", "Đoàn Lyon"]);
        let april = browser().get("/month?month=2026-04");
        april.shows("Tháng 04/2026").shows("Không có đoàn nào sắp đến trong tháng này.");
        assert!(!april.text.contains("phase=here") && !april.text.contains("id=\"alerts\""));
        for bad in ["2026-13", "x", "9999-01"] {
            browser().get(&format!("/month?month={bad}")).shows("Tháng 03/2026");
        }
        at(app, "2026-03-21T02:00:00Z");
        let page = browser().get("/month");
        assert_eq!(
            ["here", "arriving", "leaving"].map(|phase| count(&page.text, phase, "2026-03")),
            [1, 0, 1]
        );
        let here = browser().get("/delegations?phase=here&month=2026-03");
        assert_eq!(titles(&here.text), ["Đoàn Lyon"]);
        // Nobody else's month has anything of it.
        let stranger = Browser::of(app, Role::Officer, app.world().university).get("/month");
        stranger.shows("Không có điều gì cần chú ý").shows("Tháng yên tĩnh");
        assert!(!stranger.text.contains("Lyon"));
        at(app, "2026-03-25T02:00:00Z");
        let page = browser().get("/month");
        let owed = count(&page.text, "report_due", "2026-03")
            + count(&browser().get("/month?month=2026-04").text, "report_due", "2026-04");
        let obligations = make::count(app, "obligations WHERE kind = 'result_report' AND state = 'open'");
        assert_eq!(owed, obligations, "each report that is owed is due in a month");
    });
}

#[test]
fn the_calendar_has_weeks_days_off_and_deadlines() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut body = titled(app, "Đoàn cuối năm", "2026-12-30");
        body["departs_on"] = json!("2027-01-02");
        make::draft(&officer, &body);
        let mut received = make::registered(app, &officer, &titled(app, "Đoàn Nantes", "2026-03-30"), 1);
        make::received(app, &officer, &mut received);
        let browser = Browser::of(app, Role::Officer, app.world().union);
        // Tết, and a Saturday that is worked for a Friday.
        let page = browser.get("/calendar?month=2026-02");
        page.shows("Lịch tháng 02/2026")
            .shows("Tết Nguyên đán")
            .shows("<th scope=\"col\">Thứ Hai</th><th scope=\"col\">Thứ Ba</th>");
        assert_eq!(page.text.matches("<th scope=\"col\">").count(), 7);
        assert_eq!(page.text.matches("<time ").count(), 28 + 7, "whole weeks from Monday on");
        browser.get("/calendar?month=2026-01").shows("Làm bù cho ngày 02/01/2026").shows("(ngày làm việc)");
        browser.get("/calendar?week=2026-W08").shows("Tết Nguyên đán");
        // Over the end of a year, in both views.
        let week = browser.get("/calendar?week=2026-W53");
        week.shows("Lịch tuần 53 (28/12/2026–03/01/2027)")
            .shows("/calendar?week=2027-W01")
            .shows("/calendar?week=2026-W52");
        assert_eq!(week.text.matches("class=\"entry draft\" href").count(), 4);
        let days = |month: &str| {
            browser
                .get(&format!("/calendar?month={month}"))
                .text
                .matches("class=\"entry draft\" href")
                .count()
        };
        assert_eq!((days("2026-12"), days("2027-01")), (4, 4), "a week belongs to both its months");
        // What is due stands on its day, and leads to its dossier.
        let due = make::count(app, "steps WHERE state = 'open' AND due_on IS NOT NULL");
        let month = browser.get("/calendar?month=2026-03");
        month.shows("Lịch tháng 03/2026").shows("Đoàn Nantes");
        let flags = month.text.matches("<li><a href=\"/delegations/").count();
        assert!(due > 0 && flags > 0, "{due} {flags} {}", month.text);
        month.shows(&format!("/delegations/{}\"><span aria-hidden=\"true\">⚑", received.id));
        let stranger = Browser::of(app, Role::Officer, app.world().university);
        let none = stranger.get("/calendar?month=2026-03");
        none.shows("Không có đoàn nào và không có thời hạn nào");
        assert!(!none.text.contains("Nantes") && !none.text.contains("⚑</span> <span class=\"unseen\">"));
        for bad in ["month=2026-00", "week=2026-W54", "week=x&month=y"] {
            browser.get(&format!("/calendar?{bad}")).shows("Lịch tháng 03/2026");
        }
    });
}

#[test]
fn a_calendar_shows_four_of_a_day_and_a_week_all() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        for no in 0..6 {
            let mut body = titled(app, &format!("Đoàn số {no}"), "2026-04-20");
            body["departs_on"] = json!("2026-04-20");
            make::draft(&officer, &body);
        }
        let browser = Browser::of(app, Role::Officer, app.world().union);
        let entries = |page: &str| page.matches("class=\"entry draft\" href").count();
        let month = browser.get("/calendar?month=2026-04");
        month.shows("Thêm 2 đoàn");
        assert_eq!(entries(&month.text), 4);
        assert_eq!(entries(&browser.get("/calendar?week=2026-W17").text), 6);
    });
}

/// The path of the address that a page shows once.
fn address(page: &str) -> Option<String> {
    let rest = page.split("id=\"address\" value=\"").nth(1)?;
    let whole = rest.split('"').next().unwrap();
    Some(whole[whole.find("/calendar/feed/").unwrap()..].to_owned())
}

/// The path of a calendar for programs, opened on its page.
pub fn opened(browser: &Browser<'_>) -> String {
    let csrf = browser.get("/calendar/feed").hidden("csrf");
    let page = browser.post("/calendar/feed", &[("csrf", &csrf)]);
    assert_eq!(page.status, 200, "{}", page.text);
    address(&page.text).unwrap()
}

#[test]
fn a_calendar_for_programs_is_secret_and_says_codes_and_days_alone() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::permitted_as(app, &officer, &titled(app, "Đoàn Lyon", "2026-03-20"), 1);
        let code = made.seen(&officer)["code"].as_str().unwrap().to_owned();
        // Confidential, and so not for a colleague.
        let mut body = titled(app, "Đoàn kín", "2026-03-25");
        body["confidential"] = json!(true);
        let hidden = make::draft(&officer, &body);
        let own = Browser::of(app, Role::Officer, app.world().union);
        let page = own.get("/calendar/feed");
        page.shows("Lịch riêng đang tắt");
        assert_eq!(make::count(app, "calendar_feeds"), 0, "off until it is opened");
        let path = opened(&own);
        let page = own.get("/calendar/feed");
        page.shows("Lịch riêng đang bật");
        assert!(address(&page.text).is_none(), "shown once");
        let read = raw(app, None, ("GET", &path), None);
        assert_eq!(
            (read.status, read.headers["content-type"].as_str()),
            (200, "text/calendar; charset=utf-8")
        );
        assert!(read.headers["cache-control"].starts_with("private"));
        let text = read.text();
        assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"));
        assert!(
            text.contains("DTSTART;VALUE=DATE:20260320\r\nDTEND;VALUE=DATE:20260323\r\n")
                || text.contains("DTEND;VALUE=DATE:20260323\r\n"),
            "{text}"
        );
        assert!(text.contains(&code) && text.contains(&made.id) && text.contains(&hidden.id), "{text}");
        for secret in ["Lyon", "DURAND", "kín", "Pháp", "Thăm"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        // Each leads to its dossier; what is not permitted yet is tentative; what is due stands on its day.
        assert!(text.replace("\r\n ", "").contains(&format!("/delegations/{}\r\n", hidden.id)), "{text}");
        assert_eq!(
            (text.matches("STATUS:TENTATIVE").count(), text.contains("STATUS:CONFIRMED")),
            (1, true),
            "{text}"
        );
        let shown = own.get("/calendar?month=2026-03").text;
        let due = |day: &str| text.contains(&format!("DTSTART;VALUE=DATE:{day}")) && shown.contains('⚑');
        assert!(due("20260318") && due("20260327"), "{text}");
        assert!(text.contains(&format!("SUMMARY:Việc phải làm · {code}\r\n")), "{text}");
        assert!(text.contains("SUMMARY:Hạn nộp hồ sơ\r\n"), "{text}");
        let again = raw(app, None, ("GET", &path), None).text();
        assert_eq!(text, again, "the same until something changes");
        // A colleague sees less, another organisation nothing.
        let colleague = app.another(Role::Officer, app.world().union).account.unwrap();
        let seen = |cookie: (String, String)| {
            let page = raw(app, Some(&cookie), ("GET", "/calendar/feed"), None).text();
            let csrf =
                page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
            let form = format!("csrf={csrf}").into_bytes();
            let page = raw(
                app,
                Some(&cookie),
                ("POST", "/calendar/feed"),
                Some(("application/x-www-form-urlencoded", form)),
            );
            raw(app, None, ("GET", &address(&page.text()).unwrap()), None).text()
        };
        let theirs = seen(cookie(app, colleague));
        assert!(theirs.contains(&code) && !theirs.contains(&hidden.id));
        assert!(!seen(cookie_of(app, Role::Officer, app.world().university)).contains("BEGIN:VEVENT"));
        // Renewed, the old address opens nothing; closed, none does.
        let renewed = opened(&own);
        assert_ne!(renewed, path);
        let status = |path: &str| raw(app, None, ("GET", path), None).status;
        assert_eq!((status(&path), status(&renewed)), (404, 200));
        for unknown in ["x", &"A".repeat(43), "%00", &format!("{}x", "A".repeat(43))] {
            assert_eq!(status(&format!("/calendar/feed/{unknown}.ics")), 404, "{unknown}");
        }
        let csrf = own.get("/calendar/feed").hidden("csrf");
        own.post("/calendar/feed", &[("csrf", &csrf), ("close", "1")]).shows("Lịch riêng đang tắt");
        assert_eq!(status(&renewed), 404);
        let told = app.as_(Role::Auditor).get("/api/v1/journal?action=calendar.opened").expect(200);
        assert_eq!(told["items"].as_array().unwrap().len(), 4);
        assert!(
            !told.to_string().contains(path.trim_start_matches("/calendar/feed/").trim_end_matches(".ics"))
        );
    });
}

#[test]
fn whoever_is_active_no_more_has_no_calendar_and_nobody_asks_too_often() {
    on_each(|app| {
        let browser = Browser::of(app, Role::Officer, app.world().association);
        let path = opened(&browser);
        let status = || raw(app, None, ("GET", &path), None).status;
        assert_eq!(status(), 200);
        let account = app.at(Role::Officer, app.world().association).account.unwrap();
        let admin = app.as_(Role::Admin);
        let user = format!("/api/v1/users/{account}");
        let version = admin.get(&user).expect(200)["version"].as_i64().unwrap();
        admin.change("PATCH", &user, version, &json!({"state": "disabled"})).expect(200);
        assert_eq!(status(), 404);
        let mut last = 404;
        for _ in 0..400 {
            last = status();
            if last == 429 {
                break;
            }
        }
        assert_eq!(last, 429);
        app.advance(TimeDelta::minutes(2));
        assert_eq!(status(), 404);
    });
}

#[test]
fn what_a_reader_may_not_have_is_not_offered() {
    on_each(|app| {
        let admin = Browser::of(app, Role::Admin, app.world().city);
        for path in
            ["/month", "/calendar", "/delegations/ledger", "/delegations/export?format=csv", "/calendar/feed"]
        {
            assert_eq!(admin.get(path).status, 403, "{path}");
        }
        let auditor = Browser::of(app, Role::Auditor, app.world().city);
        assert_eq!(auditor.get("/month").status, 200);
        assert_eq!(auditor.get("/delegations/ledger").status, 403);
        assert!(!auditor.get("/delegations").text.contains("/delegations/ledger"));
    });
}
