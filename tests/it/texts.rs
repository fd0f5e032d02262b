//! Words: in the reader's language, one for every code, and hostile ones that stay text.

use std::collections::BTreeSet;
use std::path::Path;

use legation::domain::access::Role;
use legation::domain::codes::Lang;
use legation::texts;
use serde_json::json;

use super::app::{Answer, Client, on_each};
use super::make::{self, errors, is_problem};

const URL: &str = "/api/v1/delegations";

/// The keys of the texts that a source needs: after each maker of faults, the last literal of the call that looks
/// like a code.
fn codes_of(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (maker, family) in [
        ("Fault::at(", "field"),
        ("Refusal::field(", "field"),
        ("Why::beyond(", "field"),
        ("Problem::new(", "problem"),
    ] {
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

/// Codes are written as literals beside `Fault::at`, `Refusal::field`, `Why::beyond` and `Problem::new`: each needs its words.
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

#[test]
fn a_code_without_words_would_be_found() {
    let source = "Fault::at(format!(\"/{name}\"), \"no-such\"), Refusal::field(pointer, code), Problem::new(X, \"odd\"), #[error(\"out-there\")]";
    let found: Vec<String> = codes_of(source).into_iter().collect();
    assert_eq!(found, ["field-no-such", "problem-odd", "problem-out-there"]);
}
