use serde_json::json;

use super::*;

fn content() -> Content {
    let body = json!({"direction": "inbound", "title": "Đoàn \"A\" <b>=1+1</b>", "countries": ["FR", "JP"],
        "arrives_on": "2026-03-20", "contact": {"name": "Lê Hạnh", "phone": "+84 1", "email": ""},
        "programme": [{"starts_at": "2026-03-20T08:30:00", "what": "Họp", "place": {"zone": "border"}}],
        "groups": [{"country": null, "planned": 3}]});
    serde_json::from_value(body).unwrap()
}

fn values(pairs: &[(&str, Value)]) -> BTreeMap<String, Value> {
    pairs.iter().map(|(pointer, value)| ((*pointer).to_owned(), value.clone())).collect()
}

#[test]
fn what_is_frozen_can_be_thawed() {
    let frozen = freeze_content(&content());
    assert!(frozen.iter().all(|value| value.person.is_none() && value.pointer.starts_with('/')));
    let member = ("/members/0197f000", "{\"full_name\":\"X\"}");
    let stored = frozen.iter().map(|value| (value.pointer.as_str(), value.value.as_str())).chain([member]);
    assert_eq!(thaw_content(stored).unwrap(), content(), "members are no field of the content");
    assert!(thaw_content([("/direction", "\"sideways\"")].into_iter()).is_err());
    assert!(thaw_content([("/title", "not JSON")].into_iter()).is_err());
}

#[test]
fn the_hash_binds_every_value_its_place_and_its_salt_but_not_their_order() {
    let salt = [7_u8; 16];
    let other = [8_u8; 16];
    let hash = |values: &[(&str, &[u8; 16], &str)]| {
        content_hash(values.iter().map(|(pointer, salt, value)| (*pointer, salt.as_slice(), *value)))
    };
    let base = hash(&[("/a", &salt, "1"), ("/b", &salt, "2")]);
    assert_eq!(hash(&[("/b", &salt, "2"), ("/a", &salt, "1")]), base);
    let others = [
        hash(&[("/a", &salt, "2"), ("/b", &salt, "1")]),
        hash(&[("/a", &salt, "1"), ("/b", &salt, "3")]),
        hash(&[("/a", &other, "1"), ("/b", &salt, "2")]),
        hash(&[("/a", &salt, "1")]),
        hash(&[("/a", &salt, "1"), ("/b", &salt, "2"), ("/c", &salt, "")]),
        hash(&[("/a/", &salt, "1"), ("b", &salt, "2")]),
    ];
    for changed in others {
        assert_ne!(changed, base);
    }
}

#[test]
fn a_difference_has_both_sides_and_only_what_differs() {
    let before = values(&[("/a", json!(1)), ("/b", json!([1, 2])), ("/gone", json!("x"))]);
    let after = values(&[("/a", json!(1)), ("/b", json!([2, 1])), ("/new", json!(null))]);
    let asked = std::cell::RefCell::new(Vec::new());
    let found = differences(&before, &after, |pointer, old, new| {
        asked.borrow_mut().push((pointer.to_owned(), old.is_some(), new.is_some()));
        pointer == "/b"
    });
    let line = |pointer: &str, before: Option<Value>, after: Option<Value>, material| Difference {
        pointer: pointer.to_owned(),
        before,
        after,
        material,
    };
    let expected = [
        line("/b", Some(json!([1, 2])), Some(json!([2, 1])), true),
        line("/gone", Some(json!("x")), None, false),
        line("/new", None, Some(json!(null)), false),
    ];
    assert_eq!(found, expected);
    let sides =
        [("/b".to_owned(), true, true), ("/gone".to_owned(), true, false), ("/new".to_owned(), false, true)];
    assert_eq!(asked.into_inner(), sides);
    assert_eq!(differences(&before, &before, |_, _, _| true), []);
}

#[test]
fn a_changed_content_differs_in_its_changed_fields_alone() {
    let before = content();
    let after = Content { countries: vec!["FR".to_owned()], title: String::new(), ..content() };
    let of = |content: &Content| -> BTreeMap<String, Value> {
        let parsed = |frozen: Frozen| (frozen.pointer, serde_json::from_str(&frozen.value).unwrap());
        freeze_content(content).into_iter().map(parsed).collect()
    };
    let found = differences(&of(&before), &of(&after), |_, _, _| false);
    let pointers: Vec<&str> = found.iter().map(|difference| difference.pointer.as_str()).collect();
    assert_eq!(pointers, ["/countries", "/title"]);
}
