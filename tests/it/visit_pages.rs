//! The report after the visit on pages, and what is said before something is done that is not easily undone.

use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::{Client, TestApp, databases, on_each};
use super::closings::closes;
use super::desk_pages::{between, uploads};
use super::make::{self, Made, fault, is, later};
use super::pages::{Browser, Page, fill};
use super::papers::pdf;

fn dossier(made: &Made) -> String {
    format!("/delegations/{}", made.id)
}

fn officer(app: &TestApp) -> Browser<'_> {
    Browser::of(app, Role::Officer, app.world().union)
}

/// The report's form as its page shows it, with what is changed in it.
fn reports(browser: &Browser<'_>, made: &Made, fields: &[(&str, &str)]) -> Page {
    let path = format!("{}/do/report", dossier(made));
    fill(browser, &path, &path, fields)
}

fn on(app: &TestApp, instant: &str, client: &Client) -> Client {
    app.clock.set(instant.parse().unwrap());
    later(app, 0, client)
}

#[test]
fn a_report_is_read_on_the_dossier_and_corrected_from_what_was_reported() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let mut body = make::body(app, "2026-03-20");
        body["groups"] = json!([{"country": "FR", "planned": 5}]);
        let mut made = make::permitted_as(app, &client, &body, 1);
        let client = on(app, "2026-03-24T02:00:00Z", &client);
        let browser = officer(app);
        let page = browser.get(&dossier(&made));
        assert!(!page.text.contains("id=\"visit\""), "nothing was reported yet");
        let members = made.members(&client);
        let absent = members[1]["id"].as_str().unwrap();
        let page = reports(
            &browser,
            &made,
            &[
                ("/actual_arrives_on:date", "20/03/2026"),
                ("/actual_departs_on:date", "21/03/2026"),
                ("/members/1/member_id", absent),
                ("/members/1/attendance", "absent"),
                ("/groups/0/came:int", "4"),
                ("/added/0/full_name", "MARTIN Paul"),
                ("/added/0/nationality", "FR"),
                ("/added/0/birth_date:date", "01/02/1980"),
                ("/added/0/passport/number", "FR777777"),
                ("/added/0/role", "member"),
                ("/results", "Ký ghi nhớ <b>về sinh viên</b>"),
            ],
        );
        assert_eq!((page.status, page.path.as_str()), (200, dossier(&made).as_str()), "{}", page.text);
        // Whoever may read the dossier reads it, also who cannot report.
        for reader in [
            officer(app),
            Browser::of(app, Role::Clerk, app.world().foreign),
            Browser::of(app, Role::Auditor, app.world().foreign),
        ] {
            let page = reader.get(&dossier(&made));
            let told = between(&page.text, "<h2 id=\"visit\">", "</section>");
            for words in [
                "20/03/2026",
                "21/03/2026",
                "6 người",
                "Ký ghi nhớ &#60;b&#62;về sinh viên",
                "DURAND Marie 1 – Có đến",
                "DURAND Marie 2 – Không đến",
                "MARTIN Paul – Bổ sung khi đến",
                "4 trong 5 khách",
            ] {
                assert!(told.contains(words), "{words}: {told}");
            }
        }
        // A correction begins with it.
        let path = format!("{}/do/report", dossier(&made));
        let page = browser.get(&path);
        page.shows("name=\"/actual_arrives_on:date\" value=\"20/03/2026\"")
            .shows("name=\"/actual_departs_on:date\" value=\"21/03/2026\"")
            .shows("name=\"/groups/0/came:int\" value=\"4\"")
            .shows("về sinh viên")
            .shows("id=\"came-0\" name=\"/members/0/attendance\" value=\"came\" checked")
            .shows("id=\"came-1\" name=\"/members/1/attendance\" value=\"came\">")
            .shows("id=\"came-2\" name=\"/members/2/attendance\" value=\"came\" checked")
            .shows("đến thêm");
        let page = reports(
            &browser,
            &made,
            &[
                ("/actual_arrives_on:date", "20/03/2026"),
                ("/actual_departs_on:date", "22/03/2026"),
                ("/groups/0/came:int", "5"),
                ("/results", "Ký ghi nhớ"),
            ],
        );
        let told = between(&page.text, "<h2 id=\"visit\">", "</section>");
        assert!(told.contains("22/03/2026") && told.contains("Không đến"), "{told}");
        assert_eq!(made.seen(&client)["results"], "Ký ghi nhớ");
    });
}

#[test]
fn nobody_came_is_shown_and_begins_its_correction() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let mut made = make::permitted(app, &client, 1);
        on(app, "2026-03-24T02:00:00Z", &client);
        let browser = officer(app);
        let page = reports(&browser, &made, &[("/no_show:bool", "true")]);
        assert_eq!(page.status, 200, "{}", page.text);
        let told = between(&page.text, "<h2 id=\"visit\">", "</section>");
        assert!(told.contains("Không ai đến") && !told.contains("Ngày đến thực tế"), "{told}");
        let page = browser.get(&format!("{}/do/report", dossier(&made)));
        page.shows("name=\"/no_show:bool\" value=\"true\" checked");
        let client = later(app, 0, &client);
        assert_eq!(made.seen(&client)["outcome"], "no_show");
    });
}

#[test]
fn a_report_that_changes_a_closed_return_says_so_before_and_after() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let early = make::permitted(app, &client, 1);
        let mut late = make::permitted(app, &client, 11);
        let client = on(app, "2026-03-24T02:00:00Z", &client);
        let browser = officer(app);
        let said = [("/actual_arrives_on:date", "20/03/2026")];
        assert!(!browser.get(&format!("{}/do/report", dossier(&early))).text.contains("đã chốt"));
        let page = reports(&browser, &early, &said);
        assert!(!page.text.contains("đã chốt"), "{}", page.text);
        let client = on(app, "2026-04-01T02:00:00Z", &client);
        closes(&client, &json!({})).expect(201);
        on(app, "2026-04-03T02:00:00Z", &client);
        let browser = officer(app);
        let page = browser.get(&format!("{}/do/report", dossier(&late)));
        assert!(between(&page.text, "id=\"closed\">", "</p>").contains("Tháng 3/2026"), "{}", page.text);
        // Also of another day than the planned one, as soon as it is known.
        let typed = [("/actual_arrives_on:date", "20/03/2026"), ("/actual_departs_on:date", "19/03/2026")];
        let page = reports(&browser, &late, &typed);
        assert_eq!(page.status, 422);
        page.shows("id=\"closed\"");
        let page = reports(&browser, &late, &said);
        let told = between(&page.text, "<h2 id=\"visit\">", "</section>");
        assert!(told.contains("Tháng 3/2026") && told.contains("thay đổi"), "{told}");
        assert!(!browser.get(&dossier(&early)).text.contains("đã chốt"), "it was reported before");
        let client = later(app, 0, &client);
        late.seen(&client);
    });
}

#[test]
fn nobody_left_who_came_is_no_report() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let mut body = make::body(app, "2026-03-20");
        body["groups"] = json!([{"country": "FR", "planned": 5}]);
        let mut made = make::permitted_as(app, &client, &body, 1);
        let client = on(app, "2026-03-24T02:00:00Z", &client);
        let absent: Vec<Value> = made
            .members(&client)
            .iter()
            .map(|member| json!({"member_id": member["id"], "attendance": "absent"}))
            .collect();
        let report = |groups: u32| json!({"actual_arrives_on": "2026-03-20", "members": absent, "groups": [{"came": groups}]});
        assert_eq!(fault(made.tries(&client, "report", &report(0))), is("/no_show", "nobody-came"));
        assert_eq!(made.seen(&client)["state"], "issued", "nothing of it was written");
        made.does(&client, "report", &report(1));
        // The same of a correction, and on the page at its field.
        assert_eq!(fault(made.tries(&client, "report", &report(0))), is("/no_show", "nobody-came"));
        let members = made.members(&client);
        let (head, guest) = (members[0]["id"].as_str().unwrap(), members[1]["id"].as_str().unwrap());
        let page = reports(
            &officer(app),
            &made,
            &[
                ("/actual_arrives_on:date", "20/03/2026"),
                ("/members/0/member_id", head),
                ("/members/0/attendance", "absent"),
                ("/members/1/member_id", guest),
                ("/members/1/attendance", "absent"),
                ("/groups/0/came:int", "0"),
            ],
        );
        assert_eq!(page.status, 422);
        page.shows("href=\"#f-no_show\"").shows("đánh dấu “Không ai đến”");
    });
}

#[test]
fn who_came_without_a_permit_or_too_early_is_confirmed_once() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let mut made = make::registered(app, &client, &make::body(app, "2026-03-20"), 1);
        made.does(&client, "submit", &make::declared());
        // A month before anybody is expected, nobody can have failed to come.
        let nobody = json!({"no_show": true});
        assert_eq!(fault(made.tries(&client, "report", &nobody)), is("/no_show", "not-begun"));
        let came = |confirmed: bool| json!({"actual_arrives_on": "2026-03-01", "unpermitted": confirmed});
        assert_eq!(
            fault(made.tries(&client, "report", &came(false))),
            is("/unpermitted", "came-without-permit")
        );
        let browser = officer(app);
        browser.get(&format!("{}/do/report", dossier(&made))).shows("id=\"f-unpermitted\"");
        let page = reports(&browser, &made, &[("/actual_arrives_on:date", "01/03/2026")]);
        assert_eq!(page.status, 422);
        page.shows("href=\"#f-unpermitted\"");
        let said = [("/actual_arrives_on:date", "01/03/2026"), ("/unpermitted:bool", "true")];
        let page = reports(&browser, &made, &said);
        assert_eq!((page.status, page.path.as_str()), (200, dossier(&made).as_str()), "{}", page.text);
        // What was confirmed is not asked again.
        made.seen(&client);
        made.does(&client, "report", &json!({"actual_departs_on": "2026-03-02"}));
        let page = browser.get(&format!("{}/do/report", dossier(&made)));
        assert!(!page.text.contains("f-unpermitted"), "{}", page.text);

        let mut early = make::permitted(app, &client, 11);
        assert_eq!(
            fault(early.tries(&client, "report", &came(false))),
            is("/unpermitted", "came-before-planned")
        );
        assert_eq!(
            fault(early.tries(&client, "report", &json!({"actual_arrives_on": "2026-03-03"}))),
            is("/actual_arrives_on", "in-the-future")
        );
        let shown = early.does(&client, "report", &came(true));
        assert_eq!(shown["actual_arrives_on"], "2026-03-01");
        let history = client.get(&format!("{}/history", early.path())).expect(200);
        let items = history["items"].as_array().unwrap();
        let told = items.iter().find(|item| item["action"] == "delegation.reported").unwrap();
        assert_eq!(told["values"]["unpermitted"], "came-before-planned");
    });
}

#[test]
fn changes_of_an_amendment_are_given_up_knowingly() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let mut made = make::permitted(app, &client, 1);
        let browser = officer(app);
        let opens = "mở một lần sửa đổi";
        for page in
            [dossier(&made), format!("{}/edit", dossier(&made)), format!("{}/members", dossier(&made))]
        {
            browser.get(&page).shows(opens);
        }
        made.edits(&client, &json!({"departs_on": "2026-03-25"}));
        assert!(!browser.get(&dossier(&made)).text.contains(opens), "it is open");
        made.does(&client, "submit", &make::declared());
        let none = json!({});
        assert_eq!(fault(made.tries(&client, "recall", &none)), is("/gives_up_changes", "changes-are-lost"));
        let path = format!("{}/do/recall", dossier(&made));
        browser.get(&path).shows("sẽ bị bỏ").shows("<li>Ngày rời thành phố");
        let page = fill(&browser, &path, &path, &[("/gives_up_changes:bool", "false")]);
        assert_eq!(page.status, 422);
        page.shows("href=\"#f-gives_up_changes\"");
        assert_eq!(made.seen(&client)["departs_on"], "2026-03-25");
        let page = fill(&browser, &path, &path, &[("/gives_up_changes:bool", "true")]);
        assert_eq!((page.status, page.path.as_str()), (200, dossier(&made).as_str()), "{}", page.text);
        assert_eq!(made.seen(&client)["departs_on"], "2026-03-22");
        // Taking back a first request loses nothing.
        let mut first = make::registered(app, &client, &make::body(app, "2026-03-20"), 11);
        first.does(&client, "submit", &make::declared());
        let path = format!("{}/do/recall", dossier(&first));
        let page = browser.get(&path);
        page.shows("giữ nguyên số và nội dung");
        assert!(!page.text.contains("f-gives_up_changes"));
        assert_eq!(fill(&browser, &path, &path, &[]).path, dossier(&first));
    });
}

#[test]
fn a_duplicate_is_compared_before_and_leads_both_ways_afterwards() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let original = make::permitted(app, &client, 1);
        let mut body = make::body(app, "2026-03-20");
        body["title"] = json!("Đoàn Hội hữu nghị <Pháp>");
        let mut copy = make::registered(app, &client, &body, 11);
        let code = original.clone().seen(&client)["code"].as_str().unwrap().to_owned();
        let browser = officer(app);
        let path = format!("{}/do/duplicate", dossier(&copy));
        let page = browser.get(&path);
        assert!(!page.text.contains("class=\"grave\""), "not before they were compared");
        let page = browser.get(&format!("{path}?%2Fof=DV-2026-9999"));
        page.shows("href=\"#f-of\"").shows("value=\"DV-2026-9999\"").shows("Không có hồ sơ này");
        let page = browser.get(&format!("{path}?%2Fof={code}"));
        page.shows(&code)
            .shows("Đoàn Hội hữu nghị &#60;Pháp&#62;")
            .shows("Đoàn Hội hữu nghị Pháp - Việt")
            .shows("20–22/03/2026")
            .shows("class=\"grave\"");
        page.shows(&format!("type=\"hidden\" name=\"/of\" value=\"{}\"", original.id));
        let action = path.clone();
        let page = fill(&browser, &format!("{path}?%2Fof={code}"), &action, &[("/of", &original.id)]);
        assert_eq!((page.status, page.path.as_str()), (200, dossier(&copy).as_str()), "{}", page.text);
        page.shows("trùng với hồ sơ gốc").shows(&format!("href=\"{}\"", dossier(&original)));
        browser.get(&dossier(&original)).shows(&format!("href=\"{}\"", dossier(&copy)));
        assert_eq!(copy.seen(&client)["duplicate_of"], json!(original.id));
        // Who may know of one alone is not told of the other: a draft is its owner's.
        let clerk = Browser::of(app, Role::Clerk, app.world().foreign).get(&dossier(&original));
        assert_eq!(clerk.status, 200);
        assert!(!clerk.text.contains(&copy.id), "{}", clerk.text);
    });
}

/// What stands under a heading of the month's page.
fn under<'p>(page: &'p Page, heading: &str) -> &'p str {
    between(&page.text, &format!("<h2 id=\"{heading}\">"), "</section>")
}

#[test]
fn the_month_names_each_visit_once_and_each_overdue_duty() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let titled = |title: &str, day: &str| {
            let mut body = make::body(app, day);
            body["title"] = json!(title);
            body
        };
        let here = make::permitted_as(app, &client, &titled("Đoàn Lyon", "2026-03-18"), 1);
        make::permitted_as(app, &client, &titled("Đoàn Nantes", "2026-03-26"), 11);
        let mut gone = make::permitted_as(app, &client, &titled("Đoàn Brest", "2026-03-23"), 21);
        let client = on(app, "2026-03-20T02:00:00Z", &client);
        gone.does(
            &client,
            "report",
            &json!({"actual_arrives_on": "2026-03-19", "unpermitted": true,
            "actual_departs_on": "2026-03-19"}),
        );
        let page = officer(app).get("/month");
        for title in ["Đoàn Lyon", "Đoàn Nantes"] {
            assert_eq!(page.text.matches(title).count(), 1, "{title}: {}", page.text);
        }
        assert!(!under(&page, "arriving").contains("Đoàn Brest"), "it has been here: {}", page.text);
        on(app, "2026-03-31T02:00:00Z", &client);
        let page = officer(app).get("/month");
        let alerts = under(&page, "alerts");
        let client = later(app, 0, &client);
        let owed = client.get(&format!("{}/obligations", here.path())).expect(200);
        let duties = owed["items"].as_array().unwrap();
        let late: Vec<&Value> = duties.iter().filter(|duty| duty["overdue"] == true).collect();
        assert!(!late.is_empty(), "{owed}");
        for duty in late {
            let title = duty["title_vi"].as_str().unwrap();
            assert!(alerts.contains(title), "{title}: {alerts}");
        }
        assert!(alerts.contains("(hạn "), "{alerts}");
        officer(app).get(&dossier(&here)).shows("(hạn ");
    });
}

#[test]
fn an_auditor_who_works_on_dossiers_is_confirmed() {
    on_each(|app| {
        let admin = app.as_(Role::Admin);
        let auditor = app.as_(Role::Auditor).account.unwrap();
        let path = format!("/api/v1/users/{auditor}/grants");
        let grant = |confirmed: bool| json!({"organisation_id": app.world().union, "role": "officer", "confirmed": confirmed});
        assert_eq!(fault(admin.post(&path, &grant(false))), is("/confirmed", "audits-own-work"));
        let browser = Browser::with(app, crate::pages::cookie(app, admin.account.unwrap()));
        let (page, action) = (format!("/office/users/{auditor}"), format!("/office/users/{auditor}/grant"));
        let union = app.world().union.to_string();
        let said = [("/role", "officer"), ("/organisation_id", union.as_str())];
        let refused = fill(&browser, &page, &action, &said);
        assert_eq!(refused.status, 422, "{}", refused.text);
        refused.shows("href=\"#f-confirmed\"").shows("id=\"f-confirmed\"").shows("tự kiểm tra việc của mình");
        let said = [said[0], said[1], ("/confirmed:bool", "true")];
        let done = fill(&browser, &page, &action, &said);
        assert_eq!((done.status, done.path.as_str()), (200, page.as_str()), "{}", done.text);
        // The reverse, and at once.
        let body = json!({"username": "binh", "display_name": "Trần Văn Bình", "email": "binh@example.org",
            "grants": [{"organisation_id": app.world().union, "role": "clerk"},
                {"organisation_id": app.world().union, "role": "auditor"}]});
        let refused = fault(admin.post("/api/v1/users", &body));
        assert_eq!(refused, is("/grants/0/confirmed", "audits-own-work"));
    });
}

#[test]
fn a_file_that_is_here_already_is_named() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let made = make::registered(app, &client, &make::body(app, "2026-03-20"), 1);
        let browser = officer(app);
        let bytes = pdf("thư đề nghị");
        let sends = |kind: &str, name: &str| {
            let said = [("/kind", kind), ("/number", "15/LHHN"), ("/date:date", "01/03/2026")];
            uploads(&browser, &dossier(&made), &said, Some((name, &bytes)))
        };
        let follow = |page: Page| match page.headers.get("location") {
            Some(next) if page.status == 303 => browser.get(next),
            _ => page,
        };
        let first = follow(sends("request_letter", "thu.pdf"));
        assert!(!first.text.contains("id=\"same\""), "{}", first.text);
        let again = follow(sends("request_letter", "ban-sao.pdf"));
        let told = between(&again.text, "id=\"same\">", "</p>");
        assert!(told.contains("không thêm lần nữa") && told.contains("thu.pdf</a>"), "{told}");
        let other = follow(sends("other", "khac.pdf"));
        let told = between(&other.text, "id=\"same\">", "</p>");
        assert!(told.contains("giống hệt") && told.contains("thu.pdf</a>"), "{told}");
        let long = sends("programme", &format!("{}.pdf", "a".repeat(250)));
        assert_eq!(long.status, 422);
        long.shows("Tên tệp quá dài: tối đa 200 ký tự");
    });
}

#[test]
fn a_file_that_is_too_large_is_refused_at_its_field_with_the_limit() {
    for kind in databases() {
        let app = TestApp::with(kind, |config| config.papers.max_mib = 1);
        let client = app.as_(Role::Officer);
        let made = make::registered(&app, &client, &make::body(&app, "2026-03-20"), 1);
        let mut bytes = pdf("x");
        bytes.resize(1_100_000, b' ');
        let said = [("/kind", "other")];
        let page = uploads(&officer(&app), &dossier(&made), &said, Some(("x.pdf", &bytes)));
        assert_eq!(page.status, 413, "{}", page.text);
        page.shows("href=\"#f-file\"").shows("id=\"f-file-error\">Tệp quá lớn: mỗi tệp tối đa 1 MB");
    }
}
