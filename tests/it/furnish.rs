//! What the demo year lacks for some of its pages: a closed month, a long export, a paper that was uploaded, a letter as
//! it was issued, a request to pass a rule by, a second version of the rules, mails that were sent. Made over HTTP by the
//! demo's own people, as the office would.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::app::Client;
use crate::make::Made;
use crate::process::run;
use crate::{demo, papers};

/// Furnishes the demo in this folder, and gives the pages from which all of it is reached.
pub fn all(folder: &Path, printed: &Value) -> Vec<String> {
    let officer = demo::sign_in(printed, "officer");
    second_rules(folder);
    mails_arrive(&demo::sign_in(printed, "admin"));
    let mut from = issued(printed).to_vec();
    from.extend(ticked(printed));
    from.extend(closed_month(&officer));
    from.extend(exported(&officer));
    from.extend(passed_by(printed, &officer));
    from.push(confidential(&officer));
    from.push("/".to_owned());
    from
}

/// Waits until something is there.
fn until<T>(what: &str, there: impl Fn() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = there() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_mins(2), "{what} is not there");
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn closed_month(officer: &Client) -> [String; 1] {
    officer.post("/api/v1/reports/monthly/2025-11/close", &json!({"window": "15-14"})).expect(201);
    ["/reports/monthly/2025-11?window=15-14".to_owned()]
}

fn exported(officer: &Client) -> [String; 1] {
    let visits =
        json!({"what": "visits", "format": "csv", "kind": "monthly", "label": "2025-11", "window": "15-14"});
    let export = officer.post("/api/v1/exports", &visits);
    let location = export.header("location").unwrap().to_owned();
    until("the export", || (officer.get(&location).expect(200)["state"] == "done").then_some(()));
    ["/reports/exports".to_owned()]
}

/// A rulebook that was loaded and waits to be made the active one.
fn second_rules(folder: &Path) {
    let changed = folder.join("rulebook");
    std::fs::create_dir(&changed).unwrap();
    for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("config/rulebook")).unwrap() {
        let file = file.unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap().replacen("n = 5, unit", "n = 7, unit", 1);
        std::fs::write(changed.join(file.file_name()), text).unwrap();
    }
    let env = [
        ("LEGATION__DATABASE__URL", "sqlite://demo/demo.db".to_owned()),
        ("LEGATION__KEYS__DIR", "demo/keys".to_owned()),
    ];
    let loaded = run(&["rules", "load", "rulebook"], &env, folder);
    assert_eq!(loaded.code, Some(0), "{loaded:?}");
}

fn mails_arrive(admin: &Client) {
    until("a mail", || {
        let mails = admin.get("/api/v1/dev/mailbox").expect(200);
        mails["items"].as_array().is_some_and(|items| !items.is_empty()).then_some(())
    });
}

/// What waits for somebody to do this to it.
fn waiting(client: &Client, act: &str) -> Vec<String> {
    let inbox = client.get("/api/v1/inbox").expect(200);
    let items = inbox["items"].as_array().unwrap().iter().filter(|item| item["waits_for"] == act);
    items.map(|item| item["delegation"]["id"].as_str().unwrap().to_owned()).collect()
}

/// What several ticked rows of an inbox lead to.
fn ticked(printed: &Value) -> Vec<String> {
    let of = |(role, act): (&str, &str)| {
        let ids = waiting(&demo::sign_in(printed, role), act);
        assert!(!ids.is_empty(), "nothing waits for {role} to {act}");
        format!("/inbox/{act}?{}", ids.iter().map(|id| format!("d={id}")).collect::<Vec<_>>().join("&"))
    };
    [("approver", "decide"), ("clerk", "receive"), ("clerk", "issue")].map(of).to_vec()
}

/// As a client sees it now.
fn made(client: &Client, id: &str) -> Made {
    let view = client.get(&format!("/api/v1/delegations/{id}")).expect(200);
    Made { id: id.to_owned(), version: view["version"].as_i64().unwrap() }
}

/// A draft with a paper, against a rule that the approver is asked to pass by.
fn passed_by(printed: &Value, officer: &Client) -> Vec<String> {
    let drafts = officer.get("/api/v1/delegations?state=draft&direction=inbound&limit=1").expect(200);
    let mut draft = made(officer, drafts["items"][0]["id"].as_str().unwrap());
    papers::uploaded(officer, &mut draft, "programme", &papers::pdf("chương trình"));
    draft.edits(officer, &json!({"guest_kinds": ["ngo"]}));
    let ask = json!({"rule": "IN-NGO-REG", "reason": "Giấy đăng ký đang gia hạn"});
    let asked = draft.tries(officer, "overrides", &ask).expect(201)["id"].as_str().unwrap().to_owned();
    // It is the union's leader who answers: today the demo's approver stands in.
    let admin = demo::sign_in(printed, "admin");
    let owner = officer.get(&draft.path()).expect(200)["organisation_id"].clone();
    let approver = demo::sign_in(printed, "approver").get("/api/v1/me").expect(200)["id"].clone();
    let grants = format!("/api/v1/users/{}/grants", approver.as_str().unwrap());
    admin.post(&grants, &json!({"organisation_id": owner, "role": "approver"})).expect(201);
    vec![
        format!("/delegations/{}/papers", draft.id),
        format!("/delegations/{}/overrides/{asked}/answer", draft.id),
    ]
}

/// A draft that only named readers know of.
fn confidential(officer: &Client) -> String {
    let body = json!({"direction": "inbound", "title": "Đoàn làm việc hẹp", "confidential": true});
    let id = officer.post("/api/v1/delegations", &body).expect(201)["id"].clone();
    format!("/delegations/{}", id.as_str().unwrap())
}

/// The papers of a delegation whose letter was issued here and now; each desk keeps one that waits for it.
fn issued(printed: &Value) -> [String; 1] {
    let [clerk, appraiser, approver] =
        ["clerk", "appraiser", "approver"].map(|role| demo::sign_in(printed, role));
    let approve = json!({"decision": "approve", "comment": "Đủ điều kiện"});
    let id = waiting(&approver, "decide").swap_remove(0);
    let next = waiting(&appraiser, "decide").swap_remove(0);
    made(&appraiser, &next).does(&appraiser, "decisions", &approve);
    made(&approver, &id).does(&approver, "decisions", &approve);
    let today = legation::clock::day_in_vietnam(chrono::Utc::now());
    let paper = json!({"number": "991", "symbol": "UBND-ĐN", "date": today, "signer": "Võ Hoàng Phúc",
        "forms": ["TM"]});
    made(&clerk, &id).does(&clerk, "issue", &paper);
    [format!("/delegations/{id}/papers")]
}
