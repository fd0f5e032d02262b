//! The conventions of the API: shapes of what is wrong, limits, request ids, headers.

use legation::domain::access::Role;
use serde_json::json;

use super::app::{Answer, Client, on_each};
use super::make::{self, errors, is_problem};

const URL: &str = "/api/v1/delegations";

fn is(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

#[test]
fn what_is_no_request_is_a_problem() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let made = make::draft(&officer, &make::body(app, "2026-03-20"));
        let post = |body: &str| officer.send("POST", URL, Some(body.to_owned()), &[]);
        let check = |answer: Answer, status: u16, code: &str| {
            is_problem(&answer);
            answer.refused(status, code)
        };
        for malformed in [
            "{",
            "{\"direction\": inbound}",
            "{\"direction\": \"inbound\"} x",
            "\u{0}",
            "{'a': 1}",
            "NaN",
            &"{\"a\":".repeat(100_000),
        ] {
            check(post(malformed), 400, "malformed-json");
        }
        for shape in ["[]", "null", "\"x\"", "5"] {
            assert_eq!(
                errors(&check(post(shape), 422, "validation-failed")),
                is("", "wrong-type"),
                "{shape}"
            );
        }
        for media in [
            "text/plain",
            "application/xml",
            "application/x-www-form-urlencoded",
            "application/jsonx",
            "multipart/form-data",
        ] {
            let answer = officer.send("POST", URL, Some("{}".to_owned()), &[("Content-Type", media)]);
            check(answer, 415, "unsupported-media-type");
        }
        let utf8 = [("Content-Type", "application/json; charset=utf-8")];
        officer.send("POST", URL, Some("{\"direction\": \"inbound\"}".to_owned()), &utf8).expect(201);
        let unknown = json!({"direction": "inbound", "a~b/c": 1});
        assert_eq!(
            errors(&check(officer.post(URL, &unknown), 422, "validation-failed")),
            is("/a~0b~1c", "unknown-field")
        );
        let refused = check(officer.get(&format!("{URL}/{}?expand=all", made.id)), 400, "unknown-parameter");
        assert_eq!(errors(&refused), is("?expand", "unknown-field"));
        check(officer.get(&format!("{URL}?limit=1&limit=2")), 400, "invalid-parameter");
        for path in [
            "/api/v1/nothing",
            "/api/v2/delegations",
            "/nothing",
            "/api/v1/delegations/",
            "/api/v1/delegations/x/y/z",
        ] {
            check(officer.get(path), 404, "not-found");
            check(app.client().get(path), 404, "not-found");
        }
        for (method, path, allow) in [
            ("PUT", URL.to_owned(), "GET, POST"),
            ("DELETE", made.path(), "GET, PATCH"),
            ("GET", format!("{}/submit", made.path()), "POST"),
            ("PATCH", "/api/v1/inbox".to_owned(), "GET"),
        ] {
            let answer = officer.send(method, &path, None, &[]);
            let mut allowed: Vec<&str> = answer.header("allow").unwrap().split(", ").collect();
            allowed.sort_unstable();
            assert_eq!(allowed.join(", "), allow, "{method} {path}");
            check(answer, 405, "method-not-allowed");
        }
        let odd = Client { token: Some("not.a.token".to_owned()), ..app.client() };
        for client in [&odd, &app.client()] {
            let answer = client.get(URL);
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            check(answer, 401, "unauthorised");
        }
    });
}

#[test]
fn a_body_may_have_a_mebibyte_and_no_byte_more() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let sized = |bytes: usize| {
            let body = json!({"direction": "inbound"}).to_string();
            format!("{body}{}", " ".repeat(bytes - body.len()))
        };
        let most = 1024 * 1024;
        officer.send("POST", URL, Some(sized(most)), &[]).expect(201);
        let answer = officer.send("POST", URL, Some(sized(most + 1)), &[]);
        is_problem(&answer);
        answer.refused(413, "payload-too-large");
        assert_eq!(officer.get(URL).expect(200)["items"].as_array().unwrap().len(), 1);
        // Large within the limit: refused for what it says, naming the field.
        let rows = json!({"direction": "inbound", "countries": vec!["FR"; 201]});
        let refused = officer.post(URL, &rows).refused(422, "validation-failed");
        assert!(errors(&refused).contains(&("/countries".to_owned(), "too-long".to_owned())));
    });
}

#[test]
fn a_request_id_is_taken_over_if_it_is_one() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let ask = |id: &str| officer.send("GET", &format!("{URL}/x"), None, &[("X-Request-Id", id)]);
        let long = "a".repeat(64);
        for good in ["abc-DEF_123", long.as_str()] {
            let answer = ask(good);
            assert_eq!(
                (answer.header("x-request-id"), answer.body["request_id"].as_str()),
                (Some(good), Some(good))
            );
        }
        let over = "a".repeat(65);
        for bad in ["a b", "<script>", "a;b", over.as_str()] {
            let answer = ask(bad);
            is_problem(&answer);
            assert_ne!(answer.header("x-request-id"), Some(bad));
        }
        assert!(officer.get(URL).header("x-request-id").is_some_and(|id| id.len() >= 16));
        let body = json!({"direction": "inbound"}).to_string();
        let made = officer.send("POST", URL, Some(body), &[("X-Request-Id", "trace-1")]).expect(201);
        let journal = app.as_(Role::Auditor).get("/api/v1/journal?action=delegation.registered").expect(200);
        assert_eq!(
            (&journal["items"][0]["request_id"], &journal["items"][0]["object_id"]),
            (&json!("trace-1"), &made["id"])
        );
    });
}

#[test]
fn answers_are_kept_from_caches_and_browsers() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let made = make::draft(&officer, &make::body(app, "2026-03-20"));
        for answer in [
            officer.get(URL),
            officer.get(&made.path()),
            officer.get("/api/v1/nothing"),
            app.client().get(URL),
        ] {
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
            assert!(answer.header("content-security-policy").unwrap().contains("default-src 'none'"));
        }
    });
}
