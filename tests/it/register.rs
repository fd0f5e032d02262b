//! A register of our own for numbers: off unless an office switches it on; then gapless, by kind and year, never twice.

use chrono::{DateTime, TimeDelta, Utc};
use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::{Client, TestApp, databases};
use super::make::{self, Made, fault, is, together};
use super::pages::Browser;

/// Runs a test on every database where the department numbers its papers here.
fn on_each_registered(test: impl Fn(&TestApp)) {
    for kind in databases() {
        eprintln!("on {kind}");
        test(&TestApp::with(kind, |config| config.paper.register = vec!["SNGV".to_owned()]));
    }
}

fn approved(app: &TestApp, arrives_on: &str, no: u32) -> Made {
    let officer = app.as_(Role::Officer);
    let mut body = make::late(app, arrives_on);
    body["press"] = json!(false);
    let mut made = make::registered(app, &officer, &body, no);
    make::received(app, &officer, &mut made);
    make::approved(app, &mut made);
    made
}

fn abroad(app: &TestApp) -> Made {
    let officer = app.as_(Role::Officer);
    let mut body = make::late(app, "2026-03-25");
    body["direction"] = json!("outbound");
    body["leaves_vn_on"] = json!("2026-03-25");
    body["enters_vn_on"] = json!("2026-03-28");
    body["stays"] = json!([{"country": "KR", "from": "2026-03-25", "to": "2026-03-27", "inviter": "MYI"}]);
    let mut made = make::draft(&officer, &body);
    let head = json!({"full_name": "Trần Thị Lan", "nationality": "VN", "role": "head", "position": "Chủ tịch",
        "managed_by": "unit"});
    made.does(&officer, "members", &head);
    make::received(app, &officer, &mut made);
    make::approved(app, &mut made);
    made
}

/// A paper without a number.
fn paper(date: &str) -> Value {
    json!({"symbol": "SNGV-LS", "date": date, "signer": "Nguyễn Văn Phúc"})
}

fn number(shown: &Value) -> &str {
    shown["permit"]["number"].as_str().unwrap()
}

fn register(client: &Client, app: &TestApp, year: i32) -> Vec<(String, String, bool)> {
    let path = format!("/api/v1/register/{year}?organisation_id={}", app.world().foreign);
    let items = client.get(&path).expect(200)["items"].as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    items.iter().map(|item| (text(&item["kind"]), text(&item["number"]), item["struck"] == true)).collect()
}

#[test]
fn without_a_register_numbers_are_typed_in() {
    super::app::on_each(|app| {
        let mut made = approved(app, "2026-03-20", 1);
        let clerk = app.as_(Role::Clerk);
        assert_eq!(fault(made.tries(&clerk, "issue", &paper("2026-03-02"))), is("/number", "required"));
        make::issued(app, &mut made, "5");
        assert_eq!(made.seen(&clerk)["permit"]["registered"], false);
        assert_eq!(register(&clerk, app, 2026), []);
    });
}

#[test]
fn the_register_counts_by_kind_strikes_and_gives_nothing_twice() {
    on_each_registered(|app| {
        let clerk = app.as_(Role::Clerk);
        let mut typed = paper("2026-03-02");
        typed["number"] = json!("7");
        let mut first = approved(app, "2026-03-20", 1);
        assert_eq!(fault(first.tries(&clerk, "issue", &typed)), is("/number", "given-by-register"));
        let shown = first.does(&clerk, "issue", &paper("2026-03-02"));
        assert_eq!((number(&shown), &shown["permit"]["registered"]), ("01", &json!(true)));
        let text = clerk.get(&format!("{}/papers/render/permit.docx", first.path())).bytes;
        assert!(
            String::from_utf8_lossy(&text).contains("Số: 01/SNGV-LS"),
            "the number is in the frozen text"
        );
        // Decisions have numbers of their own.
        let shown = abroad(app).does(&clerk, "issue", &paper("2026-03-02"));
        assert_eq!((number(&shown), &shown["permit"]["kind"]), ("01", &json!("decision")));
        // What was taken back is struck; its number stays.
        first.does(&app.as_(Role::Approver), "revoke", &json!({"reason": "Khách không đến"}));
        let mut second = approved(app, "2026-03-20", 11);
        assert_eq!(
            fault(second.tries(&clerk, "issue", &paper("2026-03-01"))),
            is("/date", "before-last-number")
        );
        assert_eq!(number(&second.does(&clerk, "issue", &paper("2026-03-02"))), "02");
        let given = [("permit", "01", true), ("permit", "02", false), ("decision", "01", false)];
        let given = given.map(|(kind, number, struck)| (kind.to_owned(), number.to_owned(), struck));
        assert_eq!(register(&clerk, app, 2026), given);
        assert_eq!(register(&app.as_(Role::Auditor), app, 2026), given);
        let page = Browser::of(app, Role::Clerk, app.world().foreign).get("/office/register");
        page.shows("<th scope=\"row\">01/SNGV-LS<small>Đã thu hồi; số không cấp lại</small></th>");
        page.shows(">02/SNGV-LS</th>")
            .shows("Quyết định cử đoàn đi")
            .shows(&format!("href=\"/delegations/{}\"", first.id));
        let none = Browser::of(app, Role::Officer, app.world().university).get("/office/register");
        none.shows("không có sổ tại đây");
        let elsewhere = app.at(Role::Officer, app.world().university);
        let path = format!("/api/v1/register/2026?organisation_id={}", app.world().foreign);
        elsewhere.get(&path).refused(404, "not-found");
    });
}

#[test]
fn at_once_each_gets_a_number_of_his_own() {
    on_each_registered(|app| {
        let clerk = app.as_(Role::Clerk);
        let all: Vec<Made> = (0..3).map(|no| approved(app, "2026-03-20", 1 + no * 10)).collect();
        let works =
            all.iter().map(|made| || made.tries(&clerk, "issue", &paper("2026-03-02")).expect(200)).collect();
        let mut numbers: Vec<String> = together(works).iter().map(|shown| number(shown).to_owned()).collect();
        numbers.sort();
        assert_eq!(numbers, ["01", "02", "03"]);
        assert_eq!(make::count(app, "paper_series WHERE last_no = 3"), 1);
    });
}

#[test]
fn each_year_begins_at_one_on_vietnams_clock_and_days_do_not_go_back() {
    on_each_registered(|app| {
        let issue = |made: &mut Made, date: &str| {
            let clerk = app.signed_in(app.as_(Role::Clerk).account.unwrap());
            number(&made.does(&clerk, "issue", &paper(date))).to_owned()
        };
        let to = |instant: &str| {
            use legation::clock::Clock;
            let instant: DateTime<Utc> = instant.parse().unwrap();
            app.advance(instant - app.clock.now());
        };
        to("2026-12-28T02:00:00Z");
        let mut first = approved(app, "2027-01-20", 1);
        let mut second = approved(app, "2027-01-20", 11);
        let mut third = approved(app, "2027-01-20", 21);
        assert_eq!(issue(&mut first, "2026-12-28"), "01");
        // 00:30 in Vietnam.
        to("2026-12-31T17:30:00Z");
        assert_eq!(issue(&mut second, "2027-01-01"), "01");
        app.advance(TimeDelta::days(1));
        let clerk = app.signed_in(app.as_(Role::Clerk).account.unwrap());
        let shown = third.does(&clerk, "issue", &paper("2026-12-31"));
        assert_eq!(number(&shown), "02", "the old year's next one, of its last day");
        let mut fourth = approved(app, "2027-01-20", 31);
        assert_eq!(issue(&mut fourth, "2027-01-02"), "02");
        let fifth = approved(app, "2027-01-20", 41);
        let early = fault(fifth.tries(&clerk, "issue", &paper("2027-01-01")));
        assert!(matches!(early.1.as_str(), "before-last-number" | "before-approval"), "{early:?}");
    });
}

#[test]
fn it_goes_on_after_what_was_typed_in_before() {
    for kind in databases() {
        let app = TestApp::spawn(kind);
        let mut typed = approved(&app, "2026-03-20", 1);
        make::issued(&app, &mut typed, "7");
        let mut next = approved(&app, "2026-03-20", 11);
        let mut config = app.config();
        config.paper.register = vec!["SNGV".to_owned()];
        let other = legation::startup::App::build(config, app.clock.clone(), false).unwrap();
        let running = other.start_in_thread().unwrap();
        let clerk = Client { base: running.base().to_owned(), ..app.as_(Role::Clerk) };
        assert_eq!(number(&next.does(&clerk, "issue", &paper("2026-03-02"))), "08");
        running.stop();
    }
}
