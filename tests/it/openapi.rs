//! The OpenAPI document and the page that shows it.

use serde_json::{Value, json};

use super::app::on_each;

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(to)) = fields.get("$ref") {
                found.push(to.clone());
            }
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn the_document_is_whole() {
    on_each(|app| {
        let document = app.client().get("/api/openapi.json").expect(200);
        assert_eq!(document["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
        let paths = document["paths"].as_object().unwrap();
        for row in legation::http::routes::table() {
            let operation = &paths[&row.path][row.method.as_str().to_ascii_lowercase()];
            assert!(operation["responses"].is_object(), "{} {}", row.method, row.path);
            assert!(operation["summary"].is_string(), "{} {} has no words", row.method, row.path);
        }
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 20);
        for reference in found {
            let pointer = reference.trim_start_matches('#');
            assert!(document.pointer(pointer).is_some(), "{reference} dangles");
        }
    });
}

#[test]
fn the_page_needs_no_network() {
    on_each(|app| {
        let page = app.client().get("/docs/");
        let text = String::from_utf8_lossy(&page.bytes).into_owned();
        assert_eq!(page.status, 200, "{text}");
        assert!(!text.contains("http://") && !text.contains("https://"), "{text}");
        let script = app.client().get("/docs/swagger-ui-bundle.js");
        assert_eq!((script.status, script.bytes.len() > 100_000), (200, true));
        let policy = page.header("content-security-policy").unwrap();
        assert!(
            !policy.contains("default-src 'none';"),
            "the page must be able to load its own script: {policy}"
        );
    });
}

#[test]
fn the_document_names_the_codes_that_the_api_takes() {
    let app = super::app::TestApp::spawn("sqlite");
    let document = app.client().get("/api/openapi.json").expect(200);
    let codes = |name: &str| document["components"]["schemas"][name]["enum"].clone();
    assert_eq!(codes("Direction"), json!(["inbound", "outbound"]));
    assert_eq!(codes("Rank"), json!(["special", "a", "b", "c", "other"]));
    assert_eq!(codes("RulebookVerdict"), json!(["met", "violated", "unknown", "no_rule_in_force", "noted"]));
    assert!(codes("ApprovalVerdict").as_array().unwrap().contains(&json!("approve_with_conditions")));
    assert!(codes("ApprovalPlace").as_array().unwrap().contains(&json!("parent_union")));
    let rule = &document["components"]["schemas"]["RuleView"]["properties"]["verdict"];
    assert!(rule.to_string().contains("RulebookVerdict"), "{rule}");
}
