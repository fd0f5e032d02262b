//! The annual plan: items, who may see and change them, how dossiers stand to them, and the rate in the return.

use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::{Client, on_each};
use super::make::{self, Made, errors, fault, is};
use super::pages::Browser;

const URL: &str = "/api/v1/plans/2026/items";

fn item(direction: &str, title: &str) -> Value {
    json!({"direction": direction, "title": title, "months": [3], "country": "FR", "guests": 5,
        "cost": "120000000", "currency": "VND"})
}

#[track_caller]
fn added(client: &Client, body: &Value) -> String {
    client.post(URL, body).expect(201)["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_plan_is_kept_item_by_item() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let world = app.world();
        let answer = officer.post(URL, &item("inbound", " Đoàn Pháp "));
        assert_eq!(answer.header("etag"), Some("\"1\""));
        let shown = answer.expect(201);
        assert_eq!(
            (&shown["no"], &shown["title"], &shown["state"]),
            (&json!(1), &json!("Đoàn Pháp"), &json!("planned"))
        );
        assert_eq!(shown["organisation_id"], json!(world.union));
        assert_eq!(officer.post(URL, &item("outbound", "B")).expect(201)["no"], 2);
        assert_eq!(officer.post("/api/v1/plans/2027/items", &item("outbound", "C")).expect(201)["no"], 1);
        let path = format!("/api/v1/plan-items/{}", shown["id"].as_str().unwrap());
        let changed =
            officer.change("PATCH", &path, 1, &json!({"months": [12, 3, 3], "note": "x", "country": null}));
        assert_eq!(changed.expect(200)["months"], json!([3, 12]));
        officer.change("PATCH", &path, 1, &json!({"note": "y"})).refused(412, "stale-version");
        for (body, pointer, code) in [
            (json!({"title": " "}), "/title", "required"),
            (json!({"months": [13]}), "/months", "out-of-range"),
            (json!({"country": "XX"}), "/country", "bad-country"),
            (json!({"cost": "1,5"}), "/cost", "bad-amount"),
            (json!({"currency": null}), "/currency", "required"),
            (json!({"state": "dropped"}), "/drop_reason", "required"),
            (json!({"drop_reason": "x"}), "/drop_reason", "not-offered"),
            (json!({"no": 9}), "/no", "unknown-field"),
            (json!({"direction": "up"}), "/direction", "unknown-code"),
        ] {
            assert_eq!(fault(officer.change("PATCH", &path, 2, &body)), is(pointer, code), "{body}");
        }
        let dropped = json!({"state": "dropped", "drop_reason": "Đối tác hoãn"});
        assert_eq!(officer.change("PATCH", &path, 2, &dropped).expect(200)["state"], "dropped");
        assert_eq!(
            fault(officer.post("/api/v1/plans/1066/items", &item("inbound", "A"))),
            is("/year", "out-of-range")
        );
        assert_eq!(
            fault(officer.post(URL, &json!({"direction": "inbound", "title": "A", "x": 1}))),
            is("/x", "unknown-field")
        );
        for year in ["next", "-1", "1066", "2101"] {
            officer.get(&format!("/api/v1/plans/{year}/items")).refused(404, "not-found");
        }
        let journal = app.as_(Role::Auditor).get("/api/v1/journal?limit=200").expect(200).to_string();
        for action in ["plan.item_added", "plan.item_changed", "plan.item_dropped"] {
            assert!(journal.contains(action), "{action}");
        }
    });
}

#[test]
fn who_sees_and_changes_plans() {
    on_each(|app| {
        let (officer, world) = (app.as_(Role::Officer), app.world());
        let university = app.at(Role::Officer, world.university);
        let (ours, theirs) =
            (added(&officer, &item("inbound", "A")), added(&university, &item("inbound", "B")));
        let seen = |client: &Client, query: &str| -> Vec<String> {
            let shown = client.get(&format!("{URL}{query}")).expect(200);
            let ids = shown["items"].as_array().unwrap().iter();
            let mut ids: Vec<String> = ids.map(|one| one["id"].as_str().unwrap().to_owned()).collect();
            ids.sort();
            ids
        };
        let mut both = vec![ours.clone(), theirs.clone()];
        both.sort();
        assert_eq!(seen(&officer, ""), [ours.clone()]);
        assert_eq!(seen(&university, ""), [theirs.clone()]);
        for all in [app.as_(Role::Clerk), app.as_(Role::Appraiser), app.as_(Role::Auditor)] {
            assert_eq!(seen(&all, ""), both);
            assert_eq!(seen(&all, &format!("?organisation_id={}", world.university)), [theirs.clone()]);
        }
        officer.get(&format!("{URL}?organisation_id={}", world.university)).refused(404, "not-found");
        app.as_(Role::Admin).get(URL).refused(403, "forbidden");
        app.as_(Role::Clerk).post(URL, &item("inbound", "C")).refused(403, "forbidden");
        let patch = json!({"note": "x"});
        let path = |id: &str| format!("/api/v1/plan-items/{id}");
        officer.change("PATCH", &path(&theirs), 1, &patch).refused(404, "not-found");
        let mut body = item("inbound", "C");
        body["organisation_id"] = json!(world.university);
        assert_eq!(fault(officer.post(URL, &body)), is("/organisation_id", "unknown-organisation"));
        // The union plans for its member associations, too.
        body["organisation_id"] = json!(world.association);
        officer.post(URL, &body).expect(201);
        let works = (0..6).map(|_| || officer.post(URL, &item("inbound", "same time")).status);
        assert_eq!(make::together(works.collect()), [201; 6]);
    });
}

#[test]
fn a_dossier_stands_to_its_own_plan() {
    on_each(|app| {
        let (officer, world) = (app.as_(Role::Officer), app.world());
        let ours = added(&officer, &item("inbound", "A"));
        let out = added(&officer, &item("outbound", "B"));
        let theirs = added(&app.at(Role::Officer, world.university), &item("inbound", "C"));
        let next = officer.post("/api/v1/plans/2027/items", &item("inbound", "D")).expect(201)["id"].clone();
        let mut made = make::draft(&officer, &make::body(app, "2026-03-20"));
        let nobody = "0197f000-0000-7000-8000-000000000000";
        for (plan, expected) in [
            (json!({"status": "in_plan"}), vec![is("/plan/item_id", "required")]),
            (json!({"status": "in_plan", "item_id": theirs}), vec![is("/plan/item_id", "unknown-plan-item")]),
            (json!({"status": "in_plan", "item_id": nobody}), vec![is("/plan/item_id", "unknown-plan-item")]),
            (json!({"status": "in_plan", "item_id": out}), vec![is("/plan/item_id", "contradicts-plan")]),
            (json!({"status": "in_plan", "item_id": next}), vec![is("/plan/item_id", "contradicts-plan")]),
            (json!({"status": "replaces", "item_id": ours}), vec![is("/plan/reason", "required")]),
            (json!({"status": "off_plan", "reason": " "}), vec![is("/plan/reason", "required")]),
            (
                json!({"status": "off_plan", "item_id": ours}),
                vec![is("/plan/item_id", "not-offered"), is("/plan/reason", "required")],
            ),
        ] {
            let refused = officer.change("PATCH", &made.path(), made.version, &json!({"plan": plan}));
            assert_eq!(errors(&refused.refused(422, "validation-failed")), expected, "{plan}");
        }
        made.edits(&officer, &json!({"plan": {"status": "in_plan", "item_id": ours}}));
        let path = format!("/api/v1/plan-items/{ours}");
        let dropped = json!({"state": "dropped", "drop_reason": "x"});
        officer.change("PATCH", &path, 1, &dropped).refused(409, "plan-item-in-use");
        officer.change("PATCH", &path, 1, &json!({"direction": "outbound"})).refused(409, "plan-item-in-use");
        // Its day moves into another year: then it stands to another plan.
        let later = json!({"arrives_on": "2027-03-20", "departs_on": "2027-03-21"});
        let refused = officer.change("PATCH", &made.path(), made.version, &later);
        assert_eq!(fault(refused), is("/plan/item_id", "contradicts-plan"));
        let copied =
            officer.change("POST", &format!("{}/copy", made.path()), made.version, &json!({})).expect(201);
        assert_eq!(
            copied["content"].get("plan").or(copied.get("plan")).cloned().unwrap_or_default(),
            Value::Null
        );
        made.does(&officer, "cancel", &json!({"reason": "x"}));
        officer.change("PATCH", &path, 1, &dropped).expect(200);
        let other = make::draft(&officer, &make::body(app, "2026-03-21"));
        let plan = json!({"plan": {"status": "in_plan", "item_id": ours}});
        assert_eq!(
            fault(officer.change("PATCH", &other.path(), 1, &plan)),
            is("/plan/item_id", "plan-item-dropped")
        );
    });
}

fn came(app: &super::app::TestApp, officer: &Client, day: &str, no: u32, plan: &Value) -> Made {
    let mut body = make::body(app, day);
    body["plan"] = plan.clone();
    make::permitted_as(app, officer, &body, no)
}

#[test]
fn the_rate_stands_in_the_return() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let [one, two, three] = ["A", "B", "C"].map(|title| added(&officer, &item("inbound", title)));
        added(&app.at(Role::Officer, app.world().university), &item("inbound", "of others"));
        let first = came(app, &officer, "2026-03-03", 10, &json!({"status": "in_plan", "item_id": one}));
        came(app, &officer, "2026-03-04", 20, &json!({"status": "in_plan", "item_id": one}));
        came(
            app,
            &officer,
            "2026-03-05",
            30,
            &json!({"status": "replaces", "item_id": two, "reason": "hoãn"}),
        );
        came(app, &officer, "2026-03-06", 40, &json!({"status": "off_plan", "reason": "phát sinh"}));
        came(app, &officer, "2026-03-07", 50, &Value::Null);
        // Planned and not come yet: not carried out.
        came(app, &officer, "2026-06-07", 60, &json!({"status": "in_plan", "item_id": three}));
        app.advance(chrono::TimeDelta::days(20));
        let officer = app.signed_in(officer.account.unwrap());
        let figures = |client: &Client, path: &str| -> Vec<(String, u64, u64)> {
            let shown = client.get(&format!("/api/v1/reports/{path}")).expect(200);
            let rows = shown["overview"].as_array().unwrap().iter().filter(|row| row["section"] == "plan");
            let figure = |row: &Value, name: &str| row[name].as_u64().unwrap();
            rows.map(|row| {
                (
                    row["id"].as_str().unwrap().to_owned(),
                    figure(row, "in_period"),
                    figure(row, "same_last_year"),
                )
            })
            .collect()
        };
        let expected = |items: u64, rate: u64| {
            [
                ("items", items),
                ("done", 1),
                ("rate", rate),
                ("in_plan", 2),
                ("replaces", 1),
                ("off_plan", 1),
                ("not_stated", 1),
            ]
            .map(|(id, n)| (id.to_owned(), n, 0))
        };
        let month = "monthly/2026-03.json?window=calendar";
        assert_eq!(figures(&officer, month), expected(3, 33));
        assert_eq!(figures(&app.as_(Role::Auditor), month), expected(4, 25), "of all organisations");
        // The number of items leads to the plan, and each item to the delegations that name it.
        let browser = Browser::of(app, Role::Officer, app.world().union);
        let figure = browser.get("/reports/monthly/2026-03/figures/plan.items?window=calendar");
        figure.shows(": 3</h1>").shows("href=\"/plans?year=2026\"");
        assert!(!figure.text.contains("0 hồ sơ"), "{}", figure.text);
        browser.get(&format!("/plans/{one}")).shows(&format!("href=\"/delegations/{}\"", first.id));
        let other = browser.get(&format!("/plans/{three}"));
        assert!(!other.text.contains(&first.id), "{}", other.text);
        let csv = officer.send("GET", "/api/v1/reports/yearly/2026.csv?window=calendar", None, &[]);
        let text = String::from_utf8_lossy(&csv.bytes).into_owned();
        assert!(
            text.contains("Kế hoạch năm: tỷ lệ thực hiện (%)") && text.contains("ít nhất một đoàn được tính"),
            "{text}"
        );
        let xlsx = officer.get("/api/v1/reports/yearly/2026.xlsx?window=calendar");
        assert!(xlsx.status == 200 && xlsx.bytes.starts_with(b"PK"));
    });
}
