//! Delegations for tests: a complete one in one line, and the usual way through the chain.

use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::{Client, TestApp};

/// A complete inbound delegation of the union, arriving on this day for three days.
pub fn body(app: &TestApp, arrives_on: &str) -> Value {
    let day: chrono::NaiveDate = arrives_on.parse().unwrap();
    json!({
        "direction": "inbound",
        "title": "Đoàn Hội hữu nghị Pháp - Việt",
        "purpose": "Thăm và làm việc",
        "primary_field": "education",
        "rank": "other",
        "channel": "people",
        "lead_host_id": app.world().union,
        "countries": ["FR"],
        "arrives_on": day,
        "departs_on": day + chrono::Days::new(2),
        "request_letter": {"number": "15/LHHN", "date": day - chrono::Days::new(10)},
        "contact": {"name": "Lê Hạnh", "phone": "+84 292 000 000", "email": "hanh@example.org"},
        "programme": [{"starts_at": format!("{day}T08:30:00"), "what": "Làm việc", "place": "Trụ sở", "zone": "normal"}],
    })
}

/// A guest.
pub fn guest(no: u32, role: &str) -> Value {
    json!({
        "full_name": format!("DURAND Marie {no}"),
        "sex": "female",
        "birth_date": "1970-05-01",
        "nationality": "FR",
        "passport": {"number": format!("FR{no:06}"), "type": "ordinary", "expires_on": "2031-01-01"},
        "position": "Chủ tịch",
        "role": role,
        "visa": "held",
    })
}

/// A delegation under way: its id and version.
#[derive(Debug, Clone)]
pub struct Made {
    pub id: String,
    pub version: i64,
}

impl Made {
    pub fn path(&self) -> String {
        format!("/api/v1/delegations/{}", self.id)
    }

    /// Does a command that must succeed.
    #[track_caller]
    pub fn does(&mut self, client: &Client, command: &str, body: &Value) -> Value {
        let answer = client.change("POST", &format!("{}/{command}", self.path()), self.version, body);
        let etag = answer.header("etag").map(str::to_owned);
        let shown = answer.expect(if command == "members" { 201 } else { 200 });
        self.version = etag.unwrap().trim_matches('"').parse().unwrap();
        shown
    }
}

/// Registers a delegation with two guests.
#[track_caller]
pub fn registered(app: &TestApp, officer: &Client, body: &Value, first_guest: u32) -> Made {
    let created = officer.post("/api/v1/delegations", body).expect(201);
    let mut made = Made {
        id: created["id"].as_str().unwrap().to_owned(),
        version: created["version"].as_i64().unwrap(),
    };
    made.does(officer, "members", &guest(first_guest, "head"));
    made.does(officer, "members", &guest(first_guest + 1, "member"));
    let _ = app;
    made
}

/// Takes a registered delegation to `received`.
#[track_caller]
pub fn received(app: &TestApp, officer: &Client, made: &mut Made) {
    made.does(officer, "submit", &json!({}));
    made.does(&app.as_(Role::Clerk), "receive", &json!({"number": format!("{}/ĐĐ", made.version)}));
}

/// Takes a received delegation to `approved`.
#[track_caller]
pub fn approved(app: &TestApp, made: &mut Made) {
    made.does(
        &app.as_(Role::Appraiser),
        "decisions",
        &json!({"decision": "approve", "comment": "Đủ điều kiện"}),
    );
    made.does(&app.as_(Role::Approver), "decisions", &json!({"decision": "approve"}));
}

/// Takes an approved delegation to `issued`.
#[track_caller]
pub fn issued(app: &TestApp, made: &mut Made, number: &str) {
    let paper = json!({"number": number, "symbol": "UBND-ĐN", "date": "2026-03-02", "signer": "Nguyễn Văn Phúc",
        "forms": ["KT", "TM"]});
    made.does(&app.as_(Role::Clerk), "issue", &paper);
}
