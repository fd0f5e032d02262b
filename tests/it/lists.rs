//! Lists by pages and filters, and copies of what is in them.

use chrono::TimeDelta;
use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::on_each;
use super::make::{self, Made, errors};

const URL: &str = "/api/v1/delegations";

fn owned(faults: &[(&str, &str)]) -> Vec<(String, String)> {
    faults.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
}

#[test]
fn pages_neither_skip_nor_repeat() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made: Vec<String> =
            (0..25).map(|_| make::draft(&officer, &json!({"direction": "inbound"})).id).collect();
        let (mut seen, mut next) = (Vec::new(), String::new());
        for page in 0.. {
            let shown = officer.get(&format!("{URL}?limit=7{next}")).expect(200);
            let items = shown["items"].as_array().unwrap();
            seen.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            // Somebody registers another one while the pages are read: it belongs to the first page.
            make::draft(&officer, &json!({"direction": "inbound"}));
            let Some(cursor) = shown["next_cursor"].as_str() else {
                assert_eq!((page, items.len()), (3, 4));
                break;
            };
            assert_eq!(items.len(), 7);
            next = format!("&cursor={cursor}");
        }
        made.reverse();
        assert_eq!(seen, made, "newest first");
        let exact = officer.get(&format!("{URL}?limit=29")).expect(200);
        assert_eq!((exact["items"].as_array().unwrap().len(), &exact["next_cursor"]), (29, &Value::Null));
        for bad in ["limit=0", "limit=201", "limit=-1", "limit=x", "limit=", "limit=1e2"] {
            let refused = officer.get(&format!("{URL}?{bad}")).refused(400, "invalid-parameter");
            assert_eq!(errors(&refused)[0].0, "?limit", "{bad}");
        }
        officer.get(&format!("{URL}?limit=1")).expect(200);
        officer.get(&format!("{URL}?limit=200")).expect(200);
        for bad in ["%00", "", "x", "AAAA", "MQ", "MDE5N2YwMDA=", "%F0%9F%98%80"] {
            let refused = officer.get(&format!("{URL}?cursor={bad}")).refused(400, "invalid-parameter");
            assert_eq!(errors(&refused)[0].0, "?cursor", "{bad}");
        }
    });
}

#[test]
fn lists_are_filtered() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let day = |day: &str, country: &str, field: &str| {
            let mut body = make::body(app, day);
            body["countries"] = json!([country]);
            body["primary_field"] = json!(field);
            body
        };
        let first = make::draft(&officer, &day("2026-03-20", "FR", "health"));
        let second = make::draft(&officer, &day("2026-03-21", "JP", "health"));
        let mut third = make::registered(app, &officer, &day("2026-04-01", "JP", "press"), 1);
        third.does(&officer, "submit", &make::declared());
        let found = |query: &str| -> Vec<String> {
            let page = officer.get(&format!("{URL}?{query}")).expect(200);
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["id"].as_str().unwrap().to_owned())
                .collect()
        };
        let (first, second, third) = (first.id, second.id, third.id);
        assert_eq!(found("country=JP"), [third.clone(), second.clone()]);
        assert_eq!(found("country=JP&field=health"), [second.clone()]);
        assert_eq!(found("state=submitted"), [third.clone()]);
        assert_eq!(found("state=draft&direction=inbound"), [second.clone(), first.clone()]);
        assert_eq!(found("direction=outbound"), Vec::<String>::new());
        assert_eq!(found("arrives_from=2026-03-21&arrives_to=2026-04-01"), [third, second.clone()]);
        assert_eq!(found("arrives_to=2026-03-20"), [first]);
        for bad in [
            "state=open",
            "direction=up",
            "country=fr",
            "country=%00",
            "arrives_from=2026-13-01",
            "field=x",
            "organisation_id=me",
            "state=draft&state=issued",
        ] {
            let refused = officer.get(&format!("{URL}?{bad}"));
            assert_eq!(refused.status, 400, "{bad}: {}", refused.body);
            assert_eq!(refused.body["code"], "invalid-parameter");
        }
        let refused = officer.get(&format!("{URL}?titel=x")).refused(400, "unknown-parameter");
        assert_eq!(errors(&refused), owned(&[("?titel", "unknown-field")]));
        for path in ["", "/members", "/steps", "/revisions", "/history"] {
            officer.get(&format!("{URL}/{second}{path}?x=1")).refused(400, "unknown-parameter");
        }
        for (method, path) in [("PATCH", ""), ("POST", "/submit"), ("POST", "/copy"), ("POST", "/members")] {
            let path = format!("{URL}/{second}{path}?dry_run=1");
            officer.change(method, &path, 1, &json!({})).refused(400, "unknown-parameter");
        }
    });
}

#[test]
fn a_copy_takes_who_and_what_but_no_days() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut body = make::body(app, "2026-03-20");
        body["groups"] = json!([{"country": "FR", "planned": 4}]);
        body["co_host_ids"] = json!([app.world().university]);
        let mut source = make::permitted_as(app, &officer, &body, 1);
        app.advance(TimeDelta::days(25));
        let officer = app.signed_in(officer.account.unwrap());
        let absent = source.members(&officer)[1]["id"].clone();
        let report = json!({"actual_arrives_on": "2026-03-20", "results": "Tốt", "groups": [{"came": 2}],
            "members": [{"member_id": absent, "attendance": "absent"}]});
        source.does(&officer, "report", &report);
        let answer = source.tries(&officer, "copy", &json!({}));
        let location = answer.header("location").unwrap().to_owned();
        assert_eq!(answer.header("etag"), Some("\"1\""));
        let copy = answer.expect(201);
        assert_eq!(location, format!("{URL}/{}", copy["id"].as_str().unwrap()));
        for same in
            ["title", "purpose", "contact", "lead_host_id", "co_host_ids", "programme", "countries", "rank"]
        {
            assert_eq!(copy[same], source.seen(&officer)[same], "{same}");
        }
        let empty =
            ["code", "arrives_on", "departs_on", "permit", "outcome", "actual_arrives_on", "reported_at"];
        for empty in empty {
            assert_eq!(copy[empty], Value::Null, "{empty}");
        }
        assert_eq!(copy["request_letter"], json!({"number": "", "date": null, "people": null}));
        assert_eq!(
            (&copy["state"], &copy["revision"], &copy["results"]),
            (&json!("draft"), &json!(0), &json!(""))
        );
        assert_eq!(copy["groups"], json!([{"country": "FR", "planned": 4, "came": null, "estimate": false}]));
        let copied = Made { id: copy["id"].as_str().unwrap().to_owned(), version: 1 };
        let (old, new) = (source.members(&officer), copied.members(&officer));
        assert_eq!(new.len(), 2);
        for (old, new) in old.iter().zip(&new) {
            assert_eq!((&old["person_id"], &old["full_name"]), (&new["person_id"], &new["full_name"]));
            assert_eq!(new["attendance"], "unknown");
            assert_ne!(old["id"], new["id"]);
        }
        assert_eq!(source.seen(&officer)["version"], source.version, "the source is as it was");
        let events = officer.get(&format!("{}/history", copied.path())).expect(200);
        assert_eq!(events["items"][0]["action"], "delegation.copied");
        assert_eq!(events["items"][0]["values"]["from"], json!(source.id));
    });
}
