//! People kept once per owner: found again by number or by name, sealed, masked, and out of sight for others.

use legation::domain::access::Role;
use legation::domain::ids::PersonId;
use legation::store::people as rows;
use serde_json::{Value, json};

use super::app::{Client, TestApp, on_each};
use super::make;

/// A draft of this officer, for members.
fn draft(app: &TestApp, officer: &Client) -> (String, String) {
    let made = officer.post("/api/v1/delegations", &make::body(app, "2026-03-20")).expect(201);
    (
        format!("/api/v1/delegations/{}/members", made["id"].as_str().unwrap()),
        made["id"].as_str().unwrap().to_owned(),
    )
}

/// Adds a member to a fresh draft.
fn add(app: &TestApp, officer: &Client, member: &Value) -> super::app::Answer {
    let (path, _) = draft(app, officer);
    officer.change("POST", &path, 1, member)
}

#[track_caller]
fn person_of(answer: super::app::Answer) -> String {
    answer.expect(201)["person_id"].as_str().unwrap().to_owned()
}

#[test]
fn a_person_is_kept_once_and_passports_are_renewed() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let first = person_of(add(app, &officer, &make::guest(1, "head")));
        let mut again = make::guest(1, "head");
        again["passport"]["number"] = json!(" fr-000 001");
        again["full_name"] = json!("Durand  MARIE 1");
        again["birth_date"] = Value::Null;
        again["passport"]["expires_on"] = json!("2033-03-03");
        assert_eq!(person_of(add(app, &officer, &again)), first, "a known number means its holder");

        let mut renewed = make::guest(1, "head");
        renewed["passport"]["number"] = json!("FR999777");
        assert_eq!(person_of(add(app, &officer, &renewed)), first, "an unknown number: the renewed passport");
        let shown = officer.get(&format!("/api/v1/people/{first}")).expect(200);
        let passports = shown["passports"].as_array().unwrap();
        assert_eq!(passports.len(), 2);
        assert_eq!(passports[0]["number"], "•••••777", "newest first");
        assert_eq!(passports[1]["expires_on"], "2033-03-03", "brought up to date");

        let mut namesake = make::guest(1, "head");
        namesake["passport"]["number"] = json!("FR555555");
        namesake["birth_date"] = json!("1971-05-01");
        assert_ne!(person_of(add(app, &officer, &namesake)), first, "another date of birth, another person");

        let mut other = make::guest(1, "head");
        other["full_name"] = json!("MARTIN Paul");
        let refused = add(app, &officer, &other).refused(422, "validation-failed");
        assert_eq!(refused["errors"][0]["pointer"], "/passport/number");
        assert_eq!(refused["errors"][0]["code"], "belongs-to-another");
        let durands = officer.get("/api/v1/people?q=durand").expect(200);
        assert_eq!(durands["items"].as_array().unwrap().len(), 2);
    });
}

#[test]
fn one_passport_registered_by_many_at_once_is_one_person() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let paths: Vec<String> = (0..8).map(|_| draft(app, &officer).0).collect();
        let adding = paths.iter().map(|path| {
            let (officer, path) = (officer.clone(), path.clone());
            std::thread::spawn(move || officer.change("POST", &path, 1, &make::guest(7, "head")))
        });
        let adding: Vec<_> = adding.collect();
        let mut persons: Vec<String> = adding.into_iter().map(|one| person_of(one.join().unwrap())).collect();
        persons.sort();
        persons.dedup();
        assert_eq!(persons.len(), 1);
    });
}

#[test]
fn other_owners_people_are_not_there() {
    on_each(|app| {
        let world = app.world();
        let (union, association) = (app.as_(Role::Officer), app.at(Role::Officer, world.association));
        let ours = person_of(add(app, &union, &make::guest(1, "head")));
        let theirs = person_of(add(app, &association, &make::guest(1, "head")));
        assert_ne!(ours, theirs, "each owner keeps its own record");
        let ids = |client: &Client| -> Vec<String> {
            // Besides them, staff are people of their organisations too.
            let page = client.get("/api/v1/people?q=durand").expect(200);
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["id"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(ids(&union), [ours.clone(), theirs.clone()], "the union sees those below it");
        assert_eq!(ids(&association), std::slice::from_ref(&theirs));
        association.get(&format!("/api/v1/people/{ours}")).refused(404, "not-found");
        association.get("/api/v1/people/0197f000-0000-7000-8000-000000000000").refused(404, "not-found");
        association.get("/api/v1/people/nobody").refused(404, "not-found");
        let patch = json!({"full_name": "X"});
        association.change("PATCH", &format!("/api/v1/people/{ours}"), 1, &patch).refused(404, "not-found");
        let auditor = app.as_(Role::Auditor);
        let denied = auditor.get("/api/v1/journal?action=access.denied&object_kind=person").expect(200);
        assert!(!denied["items"].as_array().unwrap().is_empty(), "a denial is journalled");
        assert_eq!(ids(&auditor).len(), 2);
        app.as_(Role::Admin).get("/api/v1/people").refused(403, "forbidden");
        app.as_(Role::Approver).get("/api/v1/people").refused(403, "forbidden");
        app.client().get("/api/v1/people").refused(401, "unauthorised");
        let clerk = app.as_(Role::Clerk);
        assert_eq!(ids(&clerk), Vec::<String>::new(), "the department owns none of them");
        clerk.change("PATCH", &format!("/api/v1/people/{ours}"), 1, &patch).refused(403, "forbidden");
    });
}

#[test]
fn numbers_are_sealed_and_masked() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let id = person_of(add(app, &officer, &make::guest(123, "head")));
        let path = format!("/api/v1/people/{id}");
        let number = |client: &Client| client.get(&path).expect(200)["passports"][0]["number"].clone();
        assert_eq!(number(&officer), "•••••123");
        assert_eq!(number(&app.as_(Role::Auditor)), "•••••", "an auditor sees no digit");
        let person: PersonId = id.parse().unwrap();
        let stored = app.read(|tx| Ok(rows::documents_of(tx, &[person])?));
        let plain = b"FR000123";
        for bytes in [&stored[0].sealed_number, &stored[0].blind_index] {
            assert!(!bytes.windows(plain.len()).any(|part| part == plain), "sealed");
        }
        let journal = app.as_(Role::Auditor).get("/api/v1/journal?limit=200").expect(200).to_string();
        assert!(journal.contains("person.registered") && journal.contains("person.document_added"));
        assert!(!journal.contains("FR000123"));
    });
}

#[test]
fn a_person_is_corrected_by_a_merge_patch() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut guest = make::guest(1, "head");
        guest["native_name"] = json!("Marie");
        let path = format!("/api/v1/people/{}", person_of(add(app, &officer, &guest)));
        let seen = officer.get(&path);
        assert_eq!(seen.header("etag"), Some("\"1\""));
        officer.send("PATCH", &path, Some("{}".to_owned()), &[]).refused(428, "precondition-required");
        let fixed = json!({"full_name": "DURAND-LÊ Marie", "native_name": null});
        let edited = officer.change("PATCH", &path, 1, &fixed);
        assert_eq!(edited.header("etag"), Some("\"2\""));
        let edited = edited.expect(200);
        assert_eq!((&edited["full_name"], &edited["native_name"]), (&json!("DURAND-LÊ Marie"), &Value::Null));
        officer.change("PATCH", &path, 1, &fixed).refused(412, "stale-version");
        for (patch, pointer, code) in [
            (json!({"full_name": "A\nB"}), "/full_name", "control-characters"),
            (json!({"full_name": null}), "/full_name", "required"),
            (json!({"full_name": "x".repeat(301)}), "/full_name", "too-long"),
            (json!({"birth_date": "2026-03-03"}), "/birth_date", "in-the-future"),
            (json!({"birth_date": "1899-12-31"}), "/birth_date", "in-the-past"),
            (json!({"birth_date": "yesterday"}), "/birth_date", "not-a-date"),
            (json!({"nationality": "Pháp"}), "/nationality", "bad-country"),
            (json!({"sex": "x"}), "/sex", "unknown-code"),
            (json!({"passports": []}), "/passports", "unknown-field"),
        ] {
            let refused = officer.change("PATCH", &path, 2, &patch).refused(422, "validation-failed");
            assert_eq!(
                (&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]),
                (&json!(pointer), &json!(code))
            );
        }
        assert_eq!(officer.get(&path).expect(200), edited, "nothing is half-written");
    });
}

#[test]
fn a_passport_is_renewed() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let id = person_of(add(app, &officer, &make::guest(1, "head")));
        let other = person_of(add(app, &officer, &make::guest(2, "head")));
        let path = format!("/api/v1/people/{id}/documents");
        let new = json!({"number": "fr 88-88 88", "type": "diplomatic", "expires_on": "2036-01-01"});
        let shown = officer.post(&path, &new);
        assert_eq!(shown.header("etag"), Some("\"2\""), "the page of the person changed");
        let shown = shown.expect(201);
        let first = &shown["passports"][0];
        assert_eq!(first, &json!({"number": "•••••888", "type": "diplomatic", "expires_on": "2036-01-01"}));
        let longer = json!({"number": "FR888888", "type": "diplomatic", "expires_on": "2037-01-01"});
        let shown = officer.post(&path, &longer).expect(201);
        assert_eq!(shown["passports"].as_array().unwrap().len(), 2, "one number, one document");
        assert_eq!(shown["passports"][0]["expires_on"], "2037-01-01");
        for (body, pointer, code) in [
            (json!({"number": "FR000002"}), "/number", "belongs-to-another"),
            (json!({"number": "F1"}), "/number", "bad-passport-number"),
            (json!({"number": "FR000003", "pin": 1}), "/pin", "unknown-field"),
            (json!({}), "/number", "required"),
        ] {
            let refused = officer.post(&path, &body).refused(422, "validation-failed");
            assert_eq!(
                (&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]),
                (&json!(pointer), &json!(code))
            );
        }
        app.as_(Role::Auditor).post(&path, &new).refused(403, "forbidden");
        assert_ne!(id, other);
    });
}

#[test]
fn people_are_searched_and_paged() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        for (no, name) in ["ĐẶNG Hòa", "Đặng Hoà Bình", "SMITH Hoan"].iter().enumerate() {
            let mut guest = make::guest(u32::try_from(no).unwrap() + 1, "head");
            guest["full_name"] = json!(name);
            person_of(add(app, &officer, &guest));
        }
        let found = |query: &str| officer.get(&format!("/api/v1/people?{query}")).expect(200);
        assert_eq!(
            found("q=hoa%20DANG")["items"].as_array().unwrap().len(),
            2,
            "marks, case and order do not matter"
        );
        assert_eq!(found("q=D%25NG")["items"].as_array().unwrap().len(), 0, "no wildcard of the database");
        let page = found("q=ho&limit=2");
        let next = page["next_cursor"].as_str().unwrap();
        let rest = found(&format!("q=ho&limit=2&cursor={next}"));
        assert_eq!(
            (page["items"].as_array().unwrap().len(), rest["items"].as_array().unwrap().len()),
            (2, 1)
        );
        assert_eq!(rest["items"][0]["full_name"], "SMITH Hoan");
        assert_eq!(rest["next_cursor"], Value::Null);
        officer.get("/api/v1/people?limit=0").refused(400, "invalid-parameter");
        officer.get("/api/v1/people?cursor=%21").refused(400, "invalid-parameter");
        officer.get("/api/v1/people?name=x").refused(400, "unknown-parameter");
    });
}

#[test]
fn partners_are_records() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let new = json!({"name": " Schneider  Stiftung", "country": "DE", "kind": "ngo"});
        let added = officer.post("/api/v1/partners", &new);
        let location = added.header("location").unwrap().to_owned();
        let added = added.expect(201);
        assert_eq!(officer.get(&location).expect(200), added);
        officer.post("/api/v1/partners", &new).refused(409, "taken");
        let reader = app.as_(Role::Approver);
        assert_eq!(reader.get("/api/v1/partners?q=STIFTUNG").expect(200)["items"], json!([added]));
        assert_eq!(reader.get("/api/v1/partners?q=nobody").expect(200)["items"], json!([]));
        reader.post("/api/v1/partners", &new).refused(403, "forbidden");
        app.as_(Role::Admin).get("/api/v1/partners").refused(403, "forbidden");
        reader.get("/api/v1/partners/0197f000-0000-7000-8000-000000000000").refused(404, "not-found");
        let wrong = json!({"name": "\u{202e}x", "country": "ZZ", "native_name": "a\nb"});
        let refused = officer.post("/api/v1/partners", &wrong).refused(422, "validation-failed");
        let pointers: Vec<&str> = refused["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| fault["pointer"].as_str().unwrap())
            .collect();
        assert_eq!(pointers, ["/name", "/native_name", "/country"]);
    });
}
