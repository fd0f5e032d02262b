//! Returns that are prepared when their period is over: by the days of Vietnam, once whoever runs the jobs, in order
//! after a long absence, told by mails with a link and a hash, and closed by a person.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use legation::config::Window;
use legation::domain::access::Role;
use legation::jobs::{self, Jobs};
use legation::mail::Mail;
use legation::service::rules;
use serde_json::{Value, json};

use super::app::{Client, TestApp, databases};
use super::make::{count, execute, together};
use super::returns::a_month;

const PREPARED: &str = "/api/v1/reports/prepared";

/// On every database, with calendar months or 15-14, under a rulebook whose `returns.toml` is changed.
fn on_each(window: Window, change: impl Fn(&str) -> String, test: impl Fn(&TestApp)) {
    for kind in databases() {
        eprintln!("on {kind}");
        let app = TestApp::with(kind, |config| config.report.window = window);
        let mut sources = rules::shipped();
        let file = sources.iter_mut().find(|source| source.name == "returns.toml").unwrap();
        file.text = change(&file.text);
        let no = app.store.write_blocking(move |tx| rules::load(tx, &sources)).unwrap();
        app.store.write_blocking(move |tx| rules::activate(tx, no)).unwrap();
        app.world();
        test(&app);
    }
}

/// Months from the beginning of 2026 on, for the department and the union.
fn monthly(text: &str) -> String {
    text.replace("from = \"2026-11-01\"", "from = \"2026-01-01\"")
}

fn at(app: &TestApp, instant: &str) {
    app.clock.set(instant.parse::<DateTime<Utc>>().unwrap());
}

/// A further process on the same database, with a memory of its own.
fn process(app: &TestApp) -> Jobs {
    Jobs {
        depot: None,
        remembered: None,
        store: app.store.clone(),
        settings: Arc::clone(&app.app_parts.settings),
        reminded: std::sync::Mutex::default(),
        prepared: std::sync::Mutex::default(),
        stopping: std::sync::atomic::AtomicBool::default(),
        transport: None,
        from: app.app_parts.jobs.from.clone(),
        base_url: app.app_parts.jobs.base_url.clone(),
        witness: None,
    }
}

fn waiting(client: &Client) -> Vec<Value> {
    client.get(PREPARED).expect(200)["items"].as_array().unwrap().clone()
}

fn labels(items: &[Value], name: &str) -> Vec<String> {
    items.iter().map(|one| one[name].as_str().unwrap().to_owned()).collect()
}

/// What was journalled, in order.
fn journalled(app: &TestApp) -> Vec<(String, String)> {
    let url = "/api/v1/journal?action=return.prepared&limit=200";
    let found = app.as_(Role::Auditor).get(url).expect(200);
    let mut entries: Vec<_> = found["items"].as_array().unwrap().clone();
    entries.sort_by_key(|one| one["seq"].as_i64());
    let of = |one: &Value| {
        let value = |name: &str| one["values"][name].as_str().unwrap().to_owned();
        (format!("{}/{}", value("kind"), value("label")), value("due_on"))
    };
    entries.iter().map(of).collect()
}

fn about_returns(app: &TestApp) -> Vec<Mail> {
    let about = |mail: &Mail| mail.text.contains("/reports/");
    app.mails().into_iter().filter(about).collect()
}

#[test]
fn the_year_ends_when_it_ends_in_vietnam() {
    on_each(Window::Calendar, monthly, |app| {
        let officer = app.as_(Role::Officer);
        at(app, "2026-12-31T16:59:59Z");
        app.run_jobs();
        let months: Vec<String> = (3..=11).map(|month| format!("2026-{month:02}")).collect();
        assert_eq!(labels(&waiting(&officer), "label"), months, "from the month of the installation on");
        at(app, "2026-12-31T17:00:00Z");
        app.run_jobs();
        app.run_jobs();
        let all = waiting(&officer);
        let last = all.last().unwrap();
        assert_eq!((all.len(), &last["label"]), (10, &json!("2026-12")));
        // 1 January is a day off, 2 and 3 are a weekend: two working days are Monday and Tuesday.
        assert_eq!((&last["due_on"], &last["late"]), (&json!("2027-01-05"), &json!(false)));
        assert_eq!((&last["as_of"], &last["to"]), (&json!("2027-01-01"), &json!("2026-12-31")));
        assert_eq!((&all[0]["due_on"], &all[0]["late"]), (&json!("2026-04-02"), &json!(true)));
        assert!(last["due_basis"].as_str().unwrap().contains("Nghị định 09/2019/NĐ-CP, Điều 12"));
        assert_eq!(count(app, "prepared_returns"), 20, "the union's and the department's");
        // A restarted process looks again and finds all done.
        jobs::run_due(&process(app)).unwrap();
        assert_eq!(count(app, "prepared_returns"), 20);
        let elsewhere = app.at(Role::Officer, app.world().university);
        assert_eq!(waiting(&elsewhere), Vec::<Value>::new());
        assert_eq!(waiting(&app.as_(Role::Auditor)).len(), 20);
        app.as_(Role::Admin).get(PREPARED).refused(403, "forbidden");
    });
}

#[test]
fn at_tet_it_is_prepared_on_the_day_and_due_after_the_holidays() {
    on_each(Window::MidMonth, monthly, |app| {
        execute(app, "UPDATE installation SET created_at = '2026-01-20 00:00:00'");
        let officer = app.as_(Role::Officer);
        at(app, "2026-02-14T16:59:59Z");
        app.run_jobs();
        assert_eq!(waiting(&officer), Vec::<Value>::new(), "the 14th is the last day of February");
        // The 15th is a Sunday, the 17th is Tết; nobody works until the 23rd.
        at(app, "2026-02-14T17:00:00Z");
        app.run_jobs();
        let [one] = waiting(&officer).try_into().unwrap();
        let expected = json!(["2026-02", "15-14", "2026-01-15", "2026-02-14", "2026-02-24"]);
        let shown: Vec<&Value> =
            ["label", "window", "from", "to", "due_on"].iter().map(|name| &one[*name]).collect();
        assert_eq!(json!(shown), expected);
    });
}

#[test]
fn after_months_of_absence_all_are_prepared_once_and_in_order_by_many_processes() {
    let every = |text: &str| {
        let told = "checked_by =";
        let kinds = "prepared_for = [\"union\"]\nfrom = \"2026-01-01\"\nchecked_by =";
        let (head, rows) = text.split_once("[[return]]").unwrap();
        let mut rows: Vec<String> = rows.split("[[return]]").map(str::to_owned).collect();
        rows[0] = rows[0].replace("from = \"2026-11-01\"\n", "").replace("prepared_for", "#");
        let rows: Vec<String> = rows.iter().map(|row| row.replace(told, kinds)).collect();
        format!("{head}[[return]]{}", rows.join("[[return]]"))
    };
    on_each(Window::Calendar, every, |app| {
        at(app, "2027-01-04T02:00:00Z");
        let processes: Vec<Jobs> = (0..4).map(|_| process(app)).collect();
        together(processes.iter().map(|jobs| || jobs::run_due(jobs).unwrap()).collect());
        app.run_jobs();
        let all = journalled(app);
        let mut kinds: Vec<&str> = all.iter().map(|(label, _)| label.as_str()).collect();
        let months = |kinds: &[&str]| -> Vec<String> {
            kinds.iter().filter_map(|label| label.strip_prefix("monthly/")).map(str::to_owned).collect()
        };
        let expected: Vec<String> = (3..=12).map(|month| format!("2026-{month:02}")).collect();
        assert_eq!(months(&kinds), expected, "in order, each once");
        kinds.retain(|label| !label.starts_with("monthly/"));
        kinds.sort_unstable();
        let rest = [
            "half/2026-H1",
            "half/2026-H2",
            "nine/2026-9M",
            "quarterly/2026-Q1",
            "quarterly/2026-Q2",
            "quarterly/2026-Q3",
            "quarterly/2026-Q4",
            "yearly/2026",
        ];
        assert_eq!(kinds, rest);
        assert_eq!(count(app, "prepared_returns"), 18);
    });
}

#[test]
fn a_prepared_return_is_checked_and_closed_by_a_person() {
    on_each(Window::Calendar, monthly, |app| {
        let officer = a_month(app);
        let english = app.another(Role::Officer, app.world().union);
        let leader = app.at(Role::Approver, app.world().union);
        execute(app, &format!("UPDATE accounts SET lang = 'en' WHERE id = '{}'", english.account.unwrap()));
        app.run_jobs();
        // April begins: March is made, and those who close it are told, each once and in his language.
        at(app, "2026-03-31T17:00:00Z");
        app.run_jobs();
        app.run_jobs();
        let [waits] = waiting(&officer).try_into().unwrap();
        let sha256 = waits["sha256"].as_str().unwrap();
        let told = about_returns(app);
        let to_union: Vec<&Mail> = told.iter().filter(|mail| mail.text.contains(sha256)).collect();
        let subjects: Vec<&str> = to_union.iter().map(|mail| mail.subject.as_str()).collect();
        assert_eq!(subjects.len(), 2, "{subjects:?}");
        let vietnamese = "Báo cáo tháng 3/2026 (01/03/2026 - 31/03/2026) đã lập, chờ kiểm tra và chốt";
        assert!(subjects.contains(&vietnamese), "{subjects:?}");
        assert!(subjects.iter().any(|subject| subject.starts_with("Return (month 3/2026 (")), "{subjects:?}");
        for mail in &to_union {
            let link = format!("/reports/monthly/2026-03?window=calendar&of={}", app.world().union);
            assert!(mail.text.contains(&link) && mail.text.contains("02/04/2026"), "{}", mail.text);
            let raw = String::from_utf8(mail.raw.clone()).unwrap();
            assert!(!raw.contains("filename=") && !mail.text.contains("DURAND"), "{raw}");
        }
        // It is not closed by that: the live figures are what everybody gets.
        let none = officer.get("/api/v1/reports/monthly/2026-03/closings").expect(200);
        assert_eq!(none["items"], json!([]));
        let closed = officer.post("/api/v1/reports/monthly/2026-03/close", &json!({})).expect(201);
        assert_eq!((&closed["late"], &closed["due_on"]), (&json!(false), &json!("2026-04-02")));
        assert_eq!(closed["due_basis"], waits["due_basis"]);
        assert_eq!(waiting(&officer), Vec::<Value>::new());
        app.run_jobs();
        let manifest = closed["sha256"].as_str().unwrap();
        let told = about_returns(app);
        let told: Vec<&Mail> = told.iter().filter(|mail| mail.text.contains(manifest)).collect();
        let [told] = told.try_into().expect("the leader alone");
        assert_eq!(told.subject, "Báo cáo tháng 3/2026 (01/03/2026 - 31/03/2026) đã chốt");
        assert!(told.to.name().contains("approver"), "{:?}", leader.account);
        // What was closed by hand before the job came is not prepared any more.
        at(app, "2026-05-01T01:00:00Z");
        officer.post("/api/v1/reports/monthly/2026-04/close", &json!({})).expect(201);
        app.run_jobs();
        assert_eq!(waiting(&officer), Vec::<Value>::new());
        assert_eq!(labels(&waiting(&app.as_(Role::Clerk)), "label"), ["2026-03", "2026-04"]);
    });
}
