//! Idempotency keys: the same answer again, one command, and a free key after a refusal.

use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::{Answer, Client, TestApp, on_each};
use super::make::{self, is_problem, together};

const URL: &str = "/api/v1/delegations";

/// What a command answers, as far as a client can tell two answers apart.
fn face(answer: &Answer) -> (u16, Vec<u8>, Option<String>, Option<String>) {
    let header = |name: &str| answer.header(name).map(str::to_owned);
    (answer.status, answer.bytes.clone(), header("etag"), header("location"))
}

fn keyed(client: &Client, method: &str, path: &str, body: &Value, key: &str, version: Option<i64>) -> Answer {
    let tag = version.map(|version| format!("\"{version}\""));
    let mut headers = vec![("Idempotency-Key", key)];
    headers.extend(tag.as_deref().map(|tag| ("If-Match", tag)));
    client.send(method, path, Some(body.to_string()), &headers)
}

fn registered(app: &TestApp) -> i64 {
    make::count(app, "dossiers")
}

#[test]
fn a_key_replays_the_answer() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let body = make::body(app, "2026-03-20");
        let first = keyed(&officer, "POST", URL, &body, "k 1/ü".replace('ü', "u").as_str(), None);
        assert_eq!(first.status, 201);
        for _ in 0..3 {
            let again = keyed(&officer, "POST", URL, &body, "k 1/u", None);
            assert_eq!(face(&again), face(&first));
        }
        assert_eq!(registered(app), 1);
        let path = first.header("location").unwrap().to_owned();
        // Also when the dossier is another one by now, and by path and method.
        let patch = json!({"title": "A"});
        let patched = keyed(&officer, "PATCH", &path, &patch, "k 1/u", Some(1));
        assert_eq!((patched.status, patched.header("etag")), (200, Some("\"2\"")));
        officer.change("PATCH", &path, 2, &json!({"title": "B"})).expect(200);
        assert_eq!(face(&keyed(&officer, "PATCH", &path, &patch, "k 1/u", Some(1))), face(&patched));
        assert_eq!(officer.get(&path).expect(200)["title"], "B");
        // Another body or another version under the same key is another request.
        for (body, version) in [(json!({"title": "C"}), 1), (patch, 3)] {
            let refused = keyed(&officer, "PATCH", &path, &body, "k 1/u", Some(version));
            is_problem(&refused);
            refused.refused(422, "idempotency-key-reused");
        }
        keyed(&officer, "POST", URL, &json!({"direction": "inbound"}), "k 1/u", None)
            .refused(422, "idempotency-key-reused");
        // The key is the account's own.
        let colleague = app.another(Role::Officer, app.world().union);
        let other = keyed(&colleague, "POST", URL, &json!({"direction": "inbound"}), "k 1/u", None);
        assert_eq!((other.status, registered(app)), (201, 2));
        for bad in [String::new(), "x".repeat(256), "schlüssel".to_owned()] {
            let refused = keyed(&officer, "POST", URL, &body, &bad, None);
            is_problem(&refused);
            refused.refused(400, "bad-idempotency-key");
        }
        assert_eq!(keyed(&officer, "POST", URL, &body, &"x".repeat(255), None).status, 201);
        assert_eq!(make::count(app, "idempotency"), 4);
        let sealed = make::count(app, "idempotency WHERE CAST(body AS TEXT) LIKE '%direction%'");
        assert_eq!(sealed, 0, "bodies are sealed");
    });
}

#[test]
fn one_key_at_once_is_one_command() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let body = make::body(app, "2026-03-20");
        let works = (0..12).map(|_| {
            let (officer, body) = (officer.clone(), body.clone());
            move || face(&keyed(&officer, "POST", URL, &body, "once", None))
        });
        let faces = together(works.collect());
        assert_eq!(faces[0].0, 201);
        assert!(faces.iter().all(|face| *face == faces[0]), "all are told the same");
        assert_eq!(registered(app), 1);
        // The same with a submission: one number, one mail to each.
        let clerk = app.as_(Role::Clerk);
        let made = make::registered(app, &officer, &body, 1);
        let submit = format!("{}/submit", made.path());
        let works = (0..12).map(|_| {
            let (officer, submit) = (officer.clone(), submit.clone());
            move || face(&keyed(&officer, "POST", &submit, &make::declared(), "send", Some(made.version)))
        });
        let faces = together(works.collect());
        assert!(faces.iter().all(|face| face.0 == 200 && *face == faces[0]));
        let mut post = make::Post::default();
        post.told(app, &[("submitted_for_receipt", &clerk)]);
    });
}

#[test]
fn a_refused_command_leaves_its_key_free() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let incomplete = make::draft(&officer, &json!({"direction": "inbound"}));
        let submit = format!("{}/submit", incomplete.path());
        let refused = keyed(&officer, "POST", &submit, &json!({}), "k", Some(1));
        refused.refused(422, "validation-failed");
        keyed(&officer, "POST", &submit, &json!({}), "k", Some(9)).refused(412, "stale-version");
        assert_eq!(make::count(app, "idempotency"), 0);
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        let submit = format!("{}/submit", made.path());
        keyed(&officer, "POST", &submit, &json!({}), "k", Some(1)).refused(412, "stale-version");
        assert_eq!(keyed(&officer, "POST", &submit, &make::declared(), "k", Some(made.version)).status, 200);
        made.seen(&officer);
        assert_eq!(make::count(app, "idempotency"), 1);
        // Bulk decisions are one command, whatever becomes of their rows.
        make::execute(app, "DELETE FROM idempotency");
        made.does(&app.as_(Role::Clerk), "receive", &json!({"number": "1"}));
        let (appraiser, rows) = (
            app.as_(Role::Appraiser),
            json!({"items": [
            {"delegation_id": made.id, "version": made.version, "decision": "approve"},
            {"delegation_id": made.id, "version": 1, "decision": "approve"}]}),
        );
        let first = keyed(&appraiser, "POST", "/api/v1/decisions", &rows, "b", None);
        assert_eq!(first.body["results"][0]["status"], 200, "{}", first.body);
        assert_eq!(face(&keyed(&appraiser, "POST", "/api/v1/decisions", &rows, "b", None)), face(&first));
    });
}
