//! The form of a delegation has everything that the API takes: saved as it stands, it takes nothing of it away.

use legation::domain::access::Role;
use serde_json::{Map, Value, json};

use super::app::{Client, TestApp, on_each};
use super::browsing::{cast, sign_in};
use super::chromium::{self, Chrome};
use super::make;
use super::mandates::with;
use super::pages::{Browser, fill};
use super::papers;

/// Adds an item to this year's plan of the union.
fn planned(client: &Client, direction: &str) -> Value {
    let item = json!({"direction": direction, "title": format!("Theo kế hoạch, {direction}")});
    client.post("/api/v1/plans/2026/items", &item).expect(201)["id"].clone()
}

fn inbound(app: &TestApp, item: &Value) -> Value {
    let world = app.world();
    with(
        make::body(app, "2026-04-20"),
        json!({
            "other_fields": ["education", "culture"],
            "co_host_ids": [world.university, world.foreign],
            "ngo_registration": {"number": "12/GĐK", "expires_on": "2027-05-01"},
            "guest_kinds": ["ngo"],
            "origin": "after_the_fact",
            "origin_reason": "Đoàn đến trước khi có văn bản xin phép",
            "plan": {"status": "replaces", "item_id": item, "reason": "Đối tác đổi thành phần"},
            "gifts": "Tranh sen;\nsách ảnh Cần Thơ",
            "programme": [
                {"starts_at": "2026-04-20T08:30:00", "what": "Họp báo", "press_conference": true,
                    "place": {"name": "Bến Ninh Kiều", "commune": "Phường Ninh Kiều", "zone": "normal"}},
                {"starts_at": "2026-04-21T09:00:00", "what": "Thăm biển", "press_conference": false,
                    "place": {"name": "Trần Đề", "commune": "Xã Trần Đề", "zone": "sea_border"}},
            ],
            "groups": [{"country": "FR", "planned": 3}, {"planned": 4}],
            "interpreter": "Trần Văn A", "lodging": "Khách sạn Ninh Kiều", "entry_gate": "Tân Sơn Nhất",
            "press": true, "sensitive": false, "sponsored": true, "urgent_reason": "Lịch của khách đổi",
        }),
    )
}

fn outbound(app: &TestApp, item: &Value) -> Value {
    json!({
        "direction": "outbound", "title": "Đoàn đi Okayama", "purpose": "Kết nối", "primary_field": "education",
        "channel": "people", "lead_host_id": app.world().union, "head_level": "city_head",
        "leaves_vn_on": "2026-04-20", "arrives_on": "2026-04-20", "departs_on": "2026-04-24", "enters_vn_on": "2026-04-25",
        "stays": [{"country": "JP", "from": "2026-04-20", "to": "2026-04-24", "inviter": "Thành phố Okayama"}],
        "funding": [
            {"payer": "unit", "covers": ["airfare", "bảo hiểm"], "amount": "118500000", "currency": "VND",
                "persons": 3, "days": 5, "rate": "7900000"},
            {"payer": "host", "covers": [], "amount": "1000.50", "currency": "USD"},
        ],
        "decision_ref": "12/QĐ-UBND", "training": false,
        "plan": {"status": "in_plan", "item_id": item, "reason": ""},
    })
}

/// What is stated of a dossier: its content, without what a command bumps.
fn content(client: &Client, id: &str) -> Map<String, Value> {
    let mut view = client.get(&format!("/api/v1/delegations/{id}")).expect(200).as_object().unwrap().clone();
    for beside in ["version", "updated_at", "waiting_for", "warnings", "alerts", "state_since", "links"] {
        view.remove(beside);
    }
    view
}

#[test]
fn a_form_saved_as_it_stands_takes_nothing_away() {
    if !chromium::is_here() {
        return;
    }
    on_each(|app| {
        cast(app);
        let officer = app.as_(Role::Officer);
        let chrome = Chrome::open(&app.base);
        sign_in(chrome.go("/"), "hanh");
        for (direction, body) in [
            ("inbound", inbound as fn(&TestApp, &Value) -> Value),
            ("outbound", outbound as fn(&TestApp, &Value) -> Value),
        ] {
            let sent = body(app, &planned(&officer, direction));
            let id =
                officer.post("/api/v1/delegations", &sent).expect(201)["id"].as_str().unwrap().to_owned();
            let before = content(&officer, &id);
            for (name, value) in sent.as_object().unwrap() {
                assert!(before.contains_key(name), "{name}: {value}");
            }
            chrome.go(&format!("/delegations/{id}/edit")).shot(&format!("register-{direction}-whole"));
            chrome.press("Lưu nháp");
            assert!(!chrome.has("#errors"), "{}", chrome.text());
            assert_eq!(content(&officer, &id), before, "{direction}");
            // What is stated is read back, in words: before the submission, and by whoever reads the dossier.
            let said: &[&str] = match direction {
                "inbound" => &[
                    "Thay mục trong kế hoạch",
                    "1/2026 – Theo kế hoạch, inbound",
                    "Giáo dục",
                    "Trường Đại học",
                    "12/GĐK",
                    "Tranh sen",
                    "Đón trước, báo sau",
                    "Đoàn đến trước khi có văn bản xin phép",
                ],
                _ => &[
                    "118500000 VND (Vé máy bay, bảo hiểm, 3 người, 5 ngày, 7900000 một người một ngày)",
                    "2/2026 – Theo kế hoạch, outbound",
                    "Okayama",
                    "12/QĐ-UBND",
                ],
            };
            let reader = Browser::of(app, Role::Officer, app.world().union);
            for path in [format!("/delegations/{id}"), format!("/delegations/{id}/do/submit")] {
                let page = reader.get(&path);
                for words in said {
                    page.shows(words);
                }
            }
            // It is a form that says all of it, and not one that is silent of something.
            chrome.fill("#f-title", "Tên mới").press("Lưu nháp");
            assert_eq!(content(&officer, &id)["title"], "Tên mới");
            // A trip speaks of the countries, a visit of the city.
            let arrives = if direction == "inbound" {
                "Ngày đến thành phố"
            } else {
                "Ngày đến nước đầu tiên"
            };
            chrome.shows(arrives);
        }
    });
}

#[test]
fn a_visit_that_was_received_first_is_registered_and_a_body_below_is_filed_for() {
    on_each(|app| {
        let world = app.world();
        let officer = Browser::of(app, Role::Officer, world.union);
        let new = "/delegations/new";
        officer.get(new).shows("Đón trước, báo sau").shows("name=\"/origin_reason\"");
        let fields = [
            ("/direction", "inbound"),
            ("/title", "Đoàn đã đến"),
            ("/origin", "after_the_fact"),
            ("/origin_reason", "Khách đến đột xuất"),
        ];
        let page = fill(&officer, new, new, &fields);
        assert!(page.path.ends_with("/edit"), "{}", page.text);
        // Of one body there is nothing to choose; where there are some below it, the own one is chosen.
        assert!(
            !Browser::of(app, Role::Officer, world.university).get(new).text.contains("/organisation_id")
        );
        officer.get(new).shows(&format!("<option value=\"{}\" selected>", world.union));
        let city = app.as_(Role::Officer);
        let both = app.with_role(&city, Role::Officer, world.university);
        let filer = Browser::with(app, super::pages::cookie(app, both.account.unwrap()));
        filer.get(new).shows("name=\"/organisation_id\"");
        let other = world.university.to_string();
        let page = fill(
            &filer,
            new,
            new,
            &[("/direction", "inbound"), ("/title", "Của trường"), ("/organisation_id", &other)],
        );
        assert!(page.path.ends_with("/edit"), "{}", page.text);
        let found = both.get("/api/v1/delegations?q=cua%20truong").expect(200);
        assert_eq!(found["items"][0]["organisation_id"], json!(world.university));
        let page = fill(&filer, new, new, &[("/direction", "inbound"), ("/title", "Không chọn")]);
        assert_eq!(page.status, 422);
        page.shows("href=\"#f-organisation_id\"").shows("value=\"Không chọn\"");
        let page =
            fill(&filer, new, new, &[("/direction", "inbound"), ("/title", "X"), ("/organisation_id", "y")]);
        assert_eq!(page.status, 422, "{}", page.text);
    });
}

#[test]
fn a_new_draft_begins_with_what_recurs() {
    on_each(|app| {
        let world = app.world();
        let made = make::at_approver(app, 1);
        let officer = Browser::of(app, Role::Officer, world.union);
        let path = format!("/delegations/{}", made.id);
        officer.get(&path).shows(&format!("href=\"{path}/copy\""));
        let copy = format!("{path}/copy");
        officer.get(&copy).shows("Không lấy sang");
        let page = fill(&officer, &copy, &copy, &[]);
        assert!(page.path.ends_with("/edit") && !page.path.contains(&made.id), "{}", page.path);
        page.shows("value=\"Đoàn Hội hữu nghị Pháp - Việt\"").shows("name=\"/arrives_on:date\" value=\"\"");
        let old = fill(&officer, &copy, &copy, &[("version", "1")]);
        assert_eq!(old.status, 412, "{}", old.text);
        // Who registers nothing is offered no copy, and makes none.
        let approver = Browser::of(app, Role::Approver, world.office);
        assert!(!approver.get(&path).text.contains("/copy\""));
        assert_eq!(approver.get(&copy).status, 403);
        assert_eq!(Browser::of(app, Role::Officer, world.university).get(&copy).status, 404);
    });
}

#[test]
fn what_happened_long_ago_is_a_page_further() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::draft(&officer, &make::body(app, "2026-04-20"));
        let browser = Browser::of(app, Role::Officer, app.world().union);
        let path = format!("/delegations/{}", made.id);
        // Who only took a paper stands in the whole timeline alone.
        let paper = papers::uploaded(&officer, &mut made, "request_letter", &papers::pdf("x"));
        officer.get(&format!("{}/papers/{paper}", made.path())).expect(200);
        assert!(!browser.get(&path).text.contains("Tải giấy tờ về"));
        browser.get(&format!("{path}/history")).shows("Tải giấy tờ về");
        for no in 0..105 {
            let title = json!({"title": format!("Tên {no}")});
            officer.change("PATCH", &made.path(), made.version, &title).expect(200);
            made.version += 1;
            app.advance(chrono::TimeDelta::minutes(5));
        }
        let browser = Browser::of(app, Role::Officer, app.world().union);
        browser.get(&path).shows(&format!("href=\"{path}/history\""));
        let first = browser.get(&format!("{path}/history"));
        let older =
            first.text.split("history?before=").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let last = browser.get(&format!("{path}/history?before={older}"));
        let lines = |page: &super::pages::Page| page.text.matches("<li><strong>").count();
        assert_eq!((lines(&first), lines(&last)), (100, 8));
        assert!(!last.text.contains("before="));
        assert_eq!(
            Browser::of(app, Role::Officer, app.world().university).get(&format!("{path}/history")).status,
            404
        );
    });
}

#[test]
fn a_pasted_list_says_what_of_it_is_not_read() {
    on_each(|app| {
        let made = make::draft(&app.as_(Role::Officer), &make::body(app, "2026-04-20"));
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let (members, paste) =
            (format!("/delegations/{}/members", made.id), format!("/delegations/{}/members/paste", made.id));
        let list = "DANH SÁCH ĐOÀN\nHọ và tên / Full name\tQuốc tịch\tSở thích\tChức vụ\n\
                    TANAKA Hiroshi\tNhật\tTrà\t\"Chủ tịch,\nTrưởng ban\"\nTổng cộng: 1 khách";
        let page = fill(&officer, &members, &paste, &[("pasted", list)]);
        page.shows("Không đọc các cột: Sở thích.")
            .shows("<li>DANH SÁCH ĐOÀN</li>")
            .shows("<li>Tổng cộng: 1 khách</li>");
        page.shows("Chủ tịch, Trưởng ban").shows("<dd>Trưởng đoàn</dd>").shows("Thêm 1 người");
        let many = "TANAKA Hiroshi\tNam\n".repeat(201);
        let page = fill(&officer, &members, &paste, &[("pasted", &many)]);
        page.shows("nhiều nhất 200 người");
        assert!(!page.text.contains("name=\"confirm\""));
        fill(&officer, &members, &paste, &[("pasted", " ")]).shows("Chưa có dòng nào");
    });
}

/// Everything that the rules ask about those who are sent can stand in the list.
#[test]
fn a_pasted_list_of_those_who_are_sent_leaves_nothing_to_type() {
    on_each(|app| {
        let made =
            make::draft(&app.as_(Role::Officer), &json!({"direction": "outbound", "title": "Đoàn ra"}));
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let members = format!("/delegations/{}/members", made.id);
        officer.get(&members).shows("Đoàn ra thêm được các cột Loại hộ chiếu");
        let list = "Họ tên\tQuốc tịch\tSố hộ chiếu\tLoại hộ chiếu\tCấp quản lý\tChức danh lãnh đạo\tĐảng viên\n\
                    TRẦN Văn An\tVN\tC1234567\tCông vụ\tThành ủy\tCấp trưởng\tx\n\
                    LÊ Thị Bình\tVN\tB7654321\tPhổ thông\tĐơn vị\tKhông\tKhông";
        let paste = format!("{members}/paste");
        let page = fill(&officer, &members, &paste, &[("pasted", list)]);
        page.shows("<dd>Công vụ</dd>").shows("<dd>Thành ủy quản lý</dd>").shows("<dd>Có</dd>");
        fill(&officer, &members, &paste, &[("pasted", list), ("confirm", "1")])
            .shows("<small>Thành ủy quản lý</small><small>Cấp trưởng</small>")
            .shows("<small>Đơn vị quản lý</small><small>Không giữ chức lãnh đạo</small>");
        let told: Vec<Value> = made.members(&app.as_(Role::Officer));
        let party: Vec<&Value> = told.iter().map(|member| &member["party_member"]).collect();
        assert_eq!(party, [&json!(true), &json!(false)]);
    });
}

#[test]
fn an_address_without_a_page_is_said_in_the_readers_own_shell() {
    on_each(|app| {
        let page = Browser::of(app, Role::Officer, app.world().union).get("/khong-co");
        assert_eq!(page.status, 404);
        page.shows("lang=\"vi\"").shows("href=\"/delegations\"");
        let page = Browser::new(app).get("/khong-co");
        assert_eq!(page.status, 404);
        assert!(!page.text.contains("href=\"/delegations\""));
    });
}

/// The papers' own forms keep what was typed too, until it is done.
#[test]
fn a_paper_held_elsewhere_is_kept_while_one_signs_in_again() {
    on_each(|app| {
        let made = make::draft(&app.as_(Role::Officer), &make::body(app, "2026-04-20"));
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let papers = format!("/delegations/{}/papers", made.id);
        let offline = format!("{papers}/offline");
        let form = officer.get(&papers);
        let typed = |form: &super::pages::Page, number: &str| {
            [
                ("csrf", form.hidden("csrf")),
                ("key", form.hidden("key")),
                ("version", form.hidden("version")),
                ("/offline/kind", "request_letter".to_owned()),
                ("/offline/number", number.to_owned()),
                ("/offline/date:date", "01/03/2026".to_owned()),
            ]
        };
        app.advance(chrono::TimeDelta::days(2));
        let fields = typed(&form, "15/LHHN");
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        assert!(officer.post(&offline, &fields).path.starts_with("/sign-in?next="));
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let form = officer.get(&offline);
        form.shows("value=\"15/LHHN\"");
        let fields = typed(&form, "15/LHHN");
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        assert!(officer.post(&offline, &fields).path.ends_with("/papers"));
        assert!(!officer.get(&offline).text.contains("value=\"15/LHHN\""));
        assert_eq!(make::count(app, "kept_forms"), 0);
    });
}
