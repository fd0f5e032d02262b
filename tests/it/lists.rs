//! Lists by pages and filters, and copies of what is in them.

use chrono::TimeDelta;
use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::{Client, TestApp, on_each};
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

/// Six hundred drafts like this one, past all of our code: more than a list takes for few.
fn many_like(app: &TestApp, id: &str) {
    let series = "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 600)";
    let new = "'01900000-0000-7000-8000-' || CAST(100000000000 + s.n AS TEXT)";
    make::execute(
        app,
        &format!(
            "INSERT INTO dossiers (id, kind, direction, organisation_id, title, title_folded, starts_on, ends_on, state,
                 state_since, origin, confidential, version, revision, rulebook_version, details, created_by, created_at)
               {series} SELECT {new}, kind, direction, organisation_id, title, title_folded, starts_on, ends_on, state,
                 state_since, origin, confidential, version, revision, rulebook_version, details, created_by, created_at
               FROM s CROSS JOIN dossiers d WHERE d.id = '{id}';
             INSERT INTO dossier_countries (dossier_id, country)
               {series} SELECT {new}, c.country FROM s CROSS JOIN dossier_countries c WHERE c.dossier_id = '{id}';
             INSERT INTO search_words (subject, subject_id, word)
               {series} SELECT w.subject, {new}, w.word FROM s CROSS JOIN search_words w WHERE w.subject_id = '{id}';"
        ),
    );
}

#[test]
fn few_are_found_among_many_and_many_are_all_found() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let titled = |title: &str, country: &str, day: &str| {
            let mut body = make::body(app, day);
            (body["title"], body["countries"]) = (title.into(), json!([country]));
            make::draft(&officer, &body).id
        };
        let common = titled("Đoàn Hội hữu nghị Lyon (Pháp-Việt)", "FR", "2026-06-01");
        many_like(app, &common);
        let rare = titled("Đoàn Hội hữu nghị Kobe", "JP", "2026-09-01");
        let found = |client: &Client, query: &str| {
            let (mut ids, mut next) = (Vec::new(), String::new());
            loop {
                let page = client.get(&format!("{URL}?limit=200&{query}{next}")).expect(200);
                let items = page["items"].as_array().unwrap();
                ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
                let Some(cursor) = page["next_cursor"].as_str() else { return ids };
                next = format!("&cursor={cursor}");
            }
        };
        let sizes = [
            ("q=doan+hoi", 602),
            ("q=HUU+doan+lyon", 601),
            ("q=viet+phap", 601),
            ("q=phap-viet", 601),
            ("country=FR", 601),
            ("arrives_from=2026-05-01", 602),
            ("arrives_from=2026-05-01&arrives_to=2026-06-30", 601),
            ("q=doan&country=FR&arrives_from=2026-05-01", 601),
            ("q=lyon+kobe", 0),
            ("q=doan+khong", 0),
            ("q=yon", 0),
        ];
        for (query, size) in sizes {
            let mut ids = found(&officer, query);
            assert_eq!(ids.len(), size, "{query}");
            assert!(ids.is_sorted_by(|a, b| a > b), "{query}: newest first");
            ids.dedup();
            assert_eq!(ids.len(), size, "{query}");
        }
        for query in
            ["q=kob", "q=doan+KOB%C3%89", "country=JP", "arrives_from=2026-08-01", "q=hoi&country=JP"]
        {
            assert_eq!(found(&officer, query), [rare.as_str()], "{query}");
        }
        // Whoever may see few sees no more by asking for many.
        let other = app.at(Role::Officer, app.world().university);
        for query in ["", "q=doan", "country=FR", "q=kobe"] {
            assert_eq!(found(&other, query), [""; 0], "{query}");
        }
        let own = make::draft(&other, &json!({"direction": "inbound", "title": "Đoàn của trường"})).id;
        assert_eq!((found(&other, ""), found(&other, "q=doan")), (vec![own.clone()], vec![own]));
        // A new title is found by its words, and no more by the old ones.
        let mut edited = Made { id: rare.clone(), version: 1 };
        edited.edits(&officer, &json!({"title": "Đoàn Hội hữu nghị Osaka"}));
        assert_eq!((found(&officer, "q=osaka"), found(&officer, "q=kobe")), (vec![rare], vec![]));
    });
}
