//! The conventions of the API: shapes of what is wrong, languages, request ids, idempotency keys, limits, and that
//! hostile text stays text.

use std::collections::BTreeSet;
use std::path::Path;

use legation::domain::access::Role;
use legation::domain::codes::Lang;
use legation::texts;
use serde_json::{Value, json};

use super::app::{Answer, Client, TestApp, on_each};
use super::make::{self, errors, together};

const URL: &str = "/api/v1/delegations";

fn is(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

/// Every error is a problem document: type, title, status, code, request id, and nothing of a cause.
#[track_caller]
fn is_problem(answer: &Answer) {
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
            &"[".repeat(100_000),
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
            is("/a~b/c", "unknown-field")
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
fn words_are_the_readers_codes_are_not() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let bad = json!({"direction": "inbound", "arrives_on": "2026-03-05", "departs_on": "2026-03-04", "countries": ["x"]});
        let ask = |lang: Option<&'static str>| Client { lang, ..officer.clone() }.post(URL, &bad);
        let words = |answer: &Answer| {
            let error = &answer.body["errors"][0];
            (answer.body["title"].as_str().unwrap().to_owned(), error["message"].as_str().unwrap().to_owned())
        };
        let vietnamese = ask(None);
        let vi = ("Dữ liệu không hợp lệ".to_owned(), texts::text(Lang::Vi, "field-bad-country", &[]));
        assert_eq!((words(&vietnamese).1, vietnamese.header("content-language")), (vi.1.clone(), Some("vi")));
        for (lang, expected) in [
            ("en", "en"),
            ("en-GB,vi;q=0.5", "en"),
            ("vi-VN", "vi"),
            ("fr, en;q=0.2", "en"),
            ("fr", "vi"),
            ("vi;q=0.3, en;q=0.9", "en"),
            ("", "vi"),
            ("*;q=x, ,;;", "vi"),
        ] {
            let answer = ask(Some(lang));
            assert_eq!(answer.header("content-language"), Some(expected), "{lang}");
            is_problem(&answer);
            assert_eq!(errors(&answer.body), errors(&vietnamese.body), "codes and pointers are equal");
            assert_eq!(answer.body["code"], vietnamese.body["code"]);
            assert_eq!(words(&answer) == words(&vietnamese), expected == "vi");
        }
        // What is no error holds codes alone and is the same in every language.
        let made = make::draft(&officer, &make::body(app, "2026-03-20"));
        let english = Client { lang: Some("en"), ..officer.clone() };
        assert_eq!(english.get(&made.path()).bytes, officer.get(&made.path()).bytes);
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
            move || face(&keyed(&officer, "POST", &submit, &json!({}), "send", Some(made.version)))
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
        assert_eq!(keyed(&officer, "POST", &submit, &json!({}), "k", Some(made.version)).status, 200);
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

#[test]
fn hostile_text_stays_text() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let hostile = [
            "<script>alert(1)</script>",
            "'; DROP TABLE dossiers; --",
            "=HYPERLINK(\"http://x\")",
            "{{7*7}} ${7*7} #{7*7}",
            "{ $field }",
            "%s%n%00",
            "../../etc/passwd",
            "\\\"\\u0000",
            "😀𝕏",
            "a\u{301}\u{327}",
            "@SUM(A1)",
            "$1 ? :name",
        ];
        for (no, text) in (0..).zip(hostile) {
            let mut body = make::body(app, "2026-03-20");
            for name in ["title", "purpose", "entry_gate", "gifts", "interpreter", "lodging", "decision_ref"]
            {
                body[name] = json!(text);
            }
            body["contact"] = json!({"name": text, "phone": text, "email": ""});
            body["request_letter"]["number"] = json!(text);
            body["programme"][0]["what"] = json!(text);
            let mut made = make::registered(app, &officer, &body, 1 + no * 10);
            let mut guest = make::guest(5 + no * 10, "member");
            for name in ["full_name", "native_name", "position", "organisation"] {
                guest[name] = json!(text);
            }
            made.does(&officer, "members", &guest);
            make::received(app, &officer, &mut made);
            let back = json!({"decision": "return", "comment": text});
            made.does(&app.as_(Role::Appraiser), "decisions", &back);
            let shown = made.seen(&officer);
            let composed: String = unicode_normalization::UnicodeNormalization::nfc(text).collect();
            for name in ["title", "purpose", "gifts", "decision_ref"] {
                assert_eq!(shown[name], json!(composed), "{name}");
            }
            assert_eq!(shown["programme"][0]["what"], json!(composed));
            assert_eq!(made.members(&officer)[2]["full_name"], json!(composed));
            let steps = officer.get(&format!("{}/steps", made.path())).expect(200);
            assert_eq!(steps["items"][0]["decisions"][0]["comment"], json!(composed));
            let history = officer.get(&format!("{}/history?limit=1", made.path())).expect(200);
            assert_eq!(history["items"][0]["values"]["comment"], json!(composed));
        }
        app.run_jobs();
        assert!(
            app.mails()
                .iter()
                .all(|mail| !mail.html.contains("<script>alert") && !mail.text.contains("DROP TABLE"))
        );
        assert_eq!(
            clerk.get(&format!("{URL}?limit=200")).expect(200)["items"].as_array().unwrap().len(),
            hostile.len()
        );
        assert_eq!(app.misfit(), None);
    });
}

/// Codes are written as literals beside `Fault::at`, `Refusal::field` and `Problem::new`: each needs its words.
#[test]
fn every_code_in_the_sources_has_words() {
    let mut codes = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("tests.rs") {
                let source = std::fs::read_to_string(&path).unwrap();
                codes.extend(codes_of(source.split("#[cfg(test)]").next().unwrap()));
            }
        }
    }
    assert!(codes.len() > 60, "{codes:?}");
    for key in codes {
        for lang in [Lang::Vi, Lang::En] {
            assert!(texts::has(lang, &key), "{key} has no text in {lang}");
        }
    }
}

/// The keys of the texts that a source needs: after each maker of faults, the last literal of the call that looks
/// like a code.
fn codes_of(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (maker, family) in
        [("Fault::at(", "field"), ("Refusal::field(", "field"), ("Problem::new(", "problem")]
    {
        for call in source.split(maker).skip(1) {
            let mut depth = 1;
            let end = call.char_indices().find(|(_, c)| {
                depth += i32::from(*c == '(') - i32::from(*c == ')');
                depth == 0
            });
            let arguments = &call[..end.map_or(call.len(), |(at, _)| at)];
            let is_code = |word: &&str| {
                word.contains(|c: char| c.is_ascii_lowercase())
                    && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
            };
            let literals: Vec<&str> = arguments.split('"').skip(1).step_by(2).collect();
            found.extend(literals.last().filter(|word| is_code(word)).map(|code| format!("{family}-{code}")));
        }
    }
    for refusal in source.split("#[error(\"").skip(1) {
        let code = refusal.split('"').next().unwrap();
        if code.contains('-') && !code.contains(' ') {
            found.insert(format!("problem-{code}"));
        }
    }
    found
}

#[test]
fn a_code_without_words_would_be_found() {
    let source = "Fault::at(format!(\"/{name}\"), \"no-such\"), Refusal::field(pointer, code), Problem::new(X, \"odd\"), #[error(\"out-there\")]";
    let found: Vec<String> = codes_of(source).into_iter().collect();
    assert_eq!(found, ["field-no-such", "problem-odd", "problem-out-there"]);
}
