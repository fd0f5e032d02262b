//! Delegations for tests: a complete one in one line, and the usual way through the chain.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use legation::clock::Clock;
use legation::domain::access::Role;
use legation::domain::ids::{AccountId, DossierId, MailId, OrganisationId, PersonId};
use legation::store::{accounts, outbox};
use serde_json::{Value, json};

use super::app::{Answer, Client, TestApp};

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
        "sensitive": false,
        "guest_kinds": ["friendship"],
        "lead_host_id": app.world().union,
        "countries": ["FR"],
        "arrives_on": day,
        "departs_on": day + chrono::Days::new(2),
        "request_letter": {"number": "15/LHHN", "date": day - chrono::Days::new(10)},
        "contact": {"name": "Lê Hạnh", "phone": "+84 292 000 000", "email": "hanh@example.org"},
        "programme": [{"starts_at": format!("{day}T08:30:00"), "what": "Làm việc", "place": {"name": "Trụ sở", "zone": "normal"}}],
    })
}

/// The same, filed when it is too late for the rules: urgent, with its reason.
pub fn late(app: &TestApp, arrives_on: &str) -> Value {
    let mut body = body(app, arrives_on);
    body["urgent_reason"] = json!("Khách báo muộn");
    body
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
    made.does(officer, "submit", &declared());
    made.does(&app.as_(Role::Clerk), "receive", &json!({"number": format!("{}/ĐĐ", made.version)}));
}

/// Receives what was submitted again.
#[track_caller]
pub fn received_again(app: &TestApp, made: &mut Made) {
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
    let decided = made.does(&app.as_(Role::Approver), "decisions", &json!({"decision": "approve"}));
    // What is outside of the plan is approved one level higher as well.
    if decided["state"] == "received" {
        made.does(&app.at(Role::Approver, app.world().city), "decisions", &json!({"decision": "approve"}));
    }
}

/// Takes an approved delegation to `issued`, by a paper of this day.
#[track_caller]
pub fn issued(app: &TestApp, made: &mut Made, number: &str) {
    let today = legation::clock::day_in_vietnam(app.clock.now());
    let paper = json!({"number": number, "symbol": "UBND-ĐN", "date": today, "signer": "Nguyễn Văn Phúc",
        "forms": ["KT", "TM"]});
    made.does(&app.as_(Role::Clerk), "issue", &paper);
}

/// Faults of a refused body: pointer and code, as they came.
pub fn errors(problem: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let items = problem["errors"].as_array().cloned().unwrap_or_default();
    items.iter().map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
}

impl Made {
    /// Tries a command that may be refused.
    pub fn tries(&self, client: &Client, command: &str, body: &Value) -> Answer {
        client.change("POST", &format!("{}/{command}", self.path()), self.version, body)
    }

    /// Does something beside the course that must succeed, and takes the version over.
    #[track_caller]
    pub fn does_at(&mut self, client: &Client, path: &str, body: &Value) {
        let answer = self.tries(client, path, body);
        let etag = answer.header("etag").map(str::to_owned);
        answer.expect(200);
        self.version = etag.unwrap().trim_matches('"').parse().unwrap();
    }

    /// Edits the content, which must succeed.
    #[track_caller]
    pub fn edits(&mut self, client: &Client, patch: &Value) -> Value {
        let shown = client.change("PATCH", &self.path(), self.version, patch).expect(200);
        self.version = shown["version"].as_i64().unwrap();
        shown
    }

    /// The dossier as this client sees it; takes the version over.
    #[track_caller]
    pub fn seen(&mut self, client: &Client) -> Value {
        let shown = client.get(&self.path()).expect(200);
        self.version = shown["version"].as_i64().unwrap();
        shown
    }

    /// The members as this client sees them.
    #[track_caller]
    pub fn members(&self, client: &Client) -> Vec<Value> {
        let shown = client.get(&format!("{}/members", self.path())).expect(200);
        shown["items"].as_array().unwrap().clone()
    }

    /// The id, for the store.
    pub fn dossier(&self) -> DossierId {
        self.id.parse().unwrap()
    }
}

/// A draft without members.
#[track_caller]
pub fn draft(officer: &Client, body: &Value) -> Made {
    let created = officer.post("/api/v1/delegations", body).expect(201);
    Made { id: created["id"].as_str().unwrap().to_owned(), version: created["version"].as_i64().unwrap() }
}

/// An issued delegation of the union, arriving on 20 March 2026, with guests `no` and `no + 1`.
#[track_caller]
pub fn permitted(app: &TestApp, officer: &Client, no: u32) -> Made {
    permitted_as(app, officer, &body(app, "2026-03-20"), no)
}

/// An issued delegation with this content.
#[track_caller]
pub fn permitted_as(app: &TestApp, officer: &Client, body: &Value, no: u32) -> Made {
    let mut made = registered(app, officer, body, no);
    received(app, officer, &mut made);
    approved(app, &mut made);
    issued(app, &mut made, &no.to_string());
    made
}

/// What was queued so far, so that the next look shows what came since.
#[derive(Default)]
pub struct Post {
    seen: BTreeSet<MailId>,
}

impl Post {
    /// Who was told what since the last look: template and account, in order.
    pub fn news(&mut self, app: &TestApp) -> Vec<(String, AccountId)> {
        let mails = app.read(|tx| Ok(outbox::list(tx, None, None, 10_000)?));
        let fresh = mails.into_iter().filter(|mail| self.seen.insert(mail.id));
        let mut news: Vec<_> = fresh.map(|mail| (mail.template, mail.recipient)).collect();
        news.sort();
        news
    }

    /// Asserts that since the last look these and nobody else were told.
    #[track_caller]
    pub fn told(&mut self, app: &TestApp, expected: &[(&str, &Client)]) {
        let mut expected: Vec<(String, AccountId)> =
            expected.iter().map(|(kind, client)| ((*kind).to_owned(), client.account.unwrap())).collect();
        expected.sort();
        assert_eq!(self.news(app), expected);
    }
}

/// Runs these at the same time and gathers what they answer, in order.
pub fn together<T: Send>(works: Vec<impl FnOnce() -> T + Send>) -> Vec<T> {
    let barrier = std::sync::Barrier::new(works.len());
    std::thread::scope(|scope| {
        let running: Vec<_> = works
            .into_iter()
            .map(|work| {
                scope.spawn(|| {
                    barrier.wait();
                    work()
                })
            })
            .collect();
        running.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

/// How many rows of the database this is true of: `table WHERE condition`.
pub fn count(app: &TestApp, rows: &str) -> i64 {
    use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
    #[derive(QueryableByName)]
    struct Number {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let query = sql_query(format!("SELECT COUNT(*) AS n FROM {rows}"));
    let number: Number = match app.url.strip_prefix("sqlite://") {
        Some(path) => query.get_result(&mut SqliteConnection::establish(path).unwrap()).unwrap(),
        None => query.get_result(&mut PgConnection::establish(&app.url).unwrap()).unwrap(),
    };
    number.n
}

/// Changes the database past all of our code.
pub fn execute(app: &TestApp, statement: &str) {
    tries_to(app, statement).unwrap();
}

/// Tries to change the database past all of our code.
pub fn tries_to(app: &TestApp, statement: &str) -> diesel::QueryResult<()> {
    use diesel::connection::SimpleConnection;
    use diesel::{Connection, PgConnection, SqliteConnection};
    match app.url.strip_prefix("sqlite://") {
        Some(path) => SqliteConnection::establish(path).unwrap().batch_execute(statement),
        None => PgConnection::establish(&app.url).unwrap().batch_execute(statement),
    }
}

/// The body of an approving decision.
pub fn approve() -> Value {
    json!({"decision": "approve"})
}

/// A fault as `errors` shows it.
pub fn is(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}

/// The first fault of an answer that must be a 422.
#[track_caller]
pub fn fault(answer: Answer) -> (String, String) {
    errors(&answer.refused(422, "validation-failed")).remove(0)
}

/// The same account some days later, signed in again.
pub fn later(app: &TestApp, days: i64, client: &Client) -> Client {
    app.advance(TimeDelta::days(days));
    app.signed_in(client.account.unwrap())
}

/// The natural person behind a client.
pub fn person_of(app: &TestApp, client: &Client) -> PersonId {
    let id = client.account.unwrap();
    app.read(|tx| Ok(accounts::load(tx, id)?)).unwrap().person.unwrap()
}

/// A second account of the same natural person, with this role at this place.
pub fn second_account(app: &TestApp, of: &Client, role: Role, place: OrganisationId) -> Client {
    let other = app.another(role, place);
    let (person, id) = (person_of(app, of), other.account.unwrap());
    execute(app, &format!("UPDATE accounts SET person_id = '{person}' WHERE id = '{id}'"));
    other
}

/// A delegation of the union that waits for the appraiser.
#[track_caller]
pub fn at_appraiser(app: &TestApp, no: u32) -> Made {
    let officer = app.as_(Role::Officer);
    let mut made = registered(app, &officer, &body(app, "2026-03-20"), no);
    received(app, &officer, &mut made);
    made
}

/// A delegation of the union that waits for the approver.
#[track_caller]
pub fn at_approver(app: &TestApp, no: u32) -> Made {
    let mut made = at_appraiser(app, no);
    made.does(&app.as_(Role::Appraiser), "decisions", &approve());
    made
}

/// Every error is a problem document: type, title, status, code, request id, and nothing of a cause.
#[track_caller]
pub fn is_problem(answer: &Answer) {
    assert!(
        answer.header("content-type").unwrap().starts_with("application/problem+json"),
        "{}",
        answer.body
    );
    let body = &answer.body;
    let code = body["code"].as_str().unwrap();
    assert_eq!(body["type"], format!("urn:legation:problem:{code}"));
    assert_eq!(body["status"], json!(answer.status));
    assert_eq!(body["request_id"].as_str(), answer.header("x-request-id"));
    let title = body["title"].as_str().unwrap();
    assert!(!title.is_empty() && title != format!("problem-{code}"), "{code} has no title");
    for error in body["errors"].as_array().into_iter().flatten() {
        let message = error["message"].as_str().unwrap();
        assert!(!message.starts_with("field-") && !message.contains("{$"), "{error}");
    }
    let text = body.to_string();
    for leak in ["sqlite", "postgres", "diesel", "serde", "panicked", "src/", "line 1 column"] {
        assert!(!text.to_lowercase().contains(leak), "{text}");
    }
}

/// The body of a closing that says why something is still owed.
pub fn closing() -> Value {
    json!({"reason": "Việc còn lại được theo dõi riêng"})
}

/// The body of a submission: it declares that no state secret is in it.
pub fn declared() -> Value {
    json!({"contains_no_state_secret": true})
}
