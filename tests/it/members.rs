//! Members: who travels, found again or made, changed by merge patch, named out of groups; and what cannot be.

use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::{Client, TestApp, on_each};
use super::make::{self, Made, errors, is, together};

fn draft(app: &TestApp) -> (Client, Made) {
    let officer = app.as_(Role::Officer);
    let made = make::draft(&officer, &make::body(app, "2026-03-20"));
    (officer, made)
}

fn fault(problem: &Value) -> (String, String) {
    let mut faults = errors(problem);
    assert_eq!(faults.len(), 1, "{problem}");
    faults.remove(0)
}

#[test]
fn what_cannot_be_a_member_is_refused_naming_the_field() {
    on_each(|app| {
        let (officer, mut made) = draft(app);
        made.does(&officer, "members", &make::guest(1, "head"));
        let with = |name: &str, value: Value| {
            let mut guest = make::guest(2, "member");
            guest[name] = value;
            guest
        };
        let passport = |fields: Value| with("passport", fields);
        let nobody = "0197f000-0000-7000-8000-000000000000";
        let cases = [
            (make::guest(2, "head"), "/role", "two-heads"),
            (make::guest(1, "member"), "/full_name", "member-twice"),
            (with("full_name", json!("A\r\nBcc: x")), "/full_name", "control-characters"),
            (with("full_name", json!("  ")), "/full_name", "required"),
            (with("native_name", json!("\u{202e}a")), "/native_name", "control-characters"),
            (with("position", json!("\u{0}")), "/position", "control-characters"),
            (with("organisation", json!("x".repeat(301))), "/organisation", "too-long"),
            (with("nationality", json!("fr")), "/nationality", "bad-country"),
            (with("birth_date", json!("2031-01-01")), "/birth_date", "in-the-future"),
            (with("birth_date", json!("1880-01-01")), "/birth_date", "in-the-past"),
            (with("birth_date", json!("1970-02-30")), "/birth_date", "not-a-date"),
            (with("role", json!("boss")), "/role", "unknown-code"),
            (with("sex", json!("f")), "/sex", "unknown-code"),
            (with("visa", json!("yes")), "/visa", "unknown-code"),
            (with("attendance", json!("came")), "/attendance", "unknown-field"),
            (with("from_group", json!(0)), "/from_group", "unknown-group"),
            (with("from_group", json!(-1)), "/from_group", "wrong-type"),
            (passport(json!({"number": "1"})), "/passport/number", "bad-passport-number"),
            (
                passport(json!({"number": "FR0000099", "expires_on": "9999-12-31"})),
                "/passport/expires_on",
                "not-a-date",
            ),
            (passport(json!({"number": "FR0000099", "sealed": true})), "/passport/sealed", "unknown-field"),
            (json!({"person_id": nobody, "role": "member"}), "/person_id", "unknown-person"),
            (json!({"full_name": "X"}), "/role", "required"),
        ];
        for (body, pointer, code) in cases {
            let refused = made.tries(&officer, "members", &body).refused(422, "validation-failed");
            assert_eq!(fault(&refused), is(pointer, code), "{body}");
        }
        let person = made.members(&officer)[0]["person_id"].clone();
        let twice = json!({"person_id": person, "role": "member"});
        let refused = made.tries(&officer, "members", &twice).refused(422, "validation-failed");
        assert_eq!(fault(&refused), is("/person_id", "member-twice"));
        let odd = json!({"person_id": person, "role": "member", "nationality": "z\u{0}"});
        let refused = made.tries(&officer, "members", &odd).refused(422, "validation-failed");
        assert!(errors(&refused).contains(&is("/nationality", "bad-country")), "{refused}");
        // Nothing of it was written: one member, one person besides the staff, version as before.
        assert_eq!((made.members(&officer).len(), made.seen(&officer)["version"].clone()), (1, json!(2)));
        assert_eq!(officer.get("/api/v1/people?q=durand").expect(200)["items"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn another_owners_person_is_unknown_here() {
    on_each(|app| {
        let (officer, mut made) = draft(app);
        let association = app.at(Role::Officer, app.world().association);
        let mut theirs = make::draft(&association, &make::body(app, "2026-03-20"));
        theirs.does(&association, "members", &make::guest(1, "head"));
        let person = theirs.members(&association)[0]["person_id"].clone();
        let borrowed = json!({"person_id": person, "role": "head"});
        let refused = made.tries(&officer, "members", &borrowed).refused(422, "validation-failed");
        assert_eq!(
            fault(&refused),
            is("/person_id", "unknown-person"),
            "also for the union, which could see it"
        );
        made.does(&officer, "members", &make::guest(1, "head"));
        assert_ne!(made.members(&officer)[0]["person_id"], person, "each owner keeps its own record");
    });
}

#[test]
fn a_member_is_added_shown_masked_and_removed() {
    on_each(|app| {
        let (officer, mut made) = draft(app);
        let answer = made.tries(&officer, "members", &make::guest(123_456, "head"));
        assert_eq!(answer.header("etag"), Some("\"2\""), "the dossier's version");
        let location = answer.header("location").unwrap().to_owned();
        let shown = answer.expect(201);
        assert_eq!(location, format!("{}/members/{}", made.path(), shown["id"].as_str().unwrap()));
        assert_eq!(
            shown["passport"],
            json!({"number": "•••••456", "type": "ordinary", "expires_on": "2031-01-01"})
        );
        assert_eq!(
            (&shown["guest"], &shown["attendance"], &shown["visa"]),
            (&json!(true), &json!("unknown"), &json!("held"))
        );
        for reader in [&officer, &app.as_(Role::Auditor)] {
            let text = reader.get(&format!("{}/members", made.path())).expect(200).to_string();
            assert!(!text.contains("FR123456"), "{text}");
        }
        let history = officer.get(&format!("{}/history", made.path())).expect(200).to_string();
        assert!(history.contains("DURAND Marie") && !history.contains("FR123456"), "{history}");
        made.version = 2;
        let member = format!("{}/members/{}", made.path(), shown["id"].as_str().unwrap());
        officer.send("DELETE", &member, None, &[]).refused(428, "precondition-required");
        officer.send("DELETE", &member, None, &[("If-Match", "\"1\"")]).refused(412, "stale-version");
        let left = officer.send("DELETE", &member, None, &[("If-Match", "\"2\"")]);
        assert_eq!((left.header("etag"), left.body["items"].clone()), (Some("\"3\""), json!([])));
        officer.send("DELETE", &member, None, &[("If-Match", "\"3\"")]).refused(404, "not-found");
        officer.change("PATCH", &member, 3, &json!({"visa": "held"})).refused(404, "not-found");
        // A member of another dossier is none of this one.
        let mut other = make::draft(&officer, &make::body(app, "2026-03-20"));
        other.does(&officer, "members", &make::guest(1, "head"));
        let id = other.members(&officer)[0]["id"].as_str().unwrap().to_owned();
        let foreign = format!("{}/members/{id}", made.path());
        officer.change("PATCH", &foreign, 3, &json!({"visa": "held"})).refused(404, "not-found");
        officer.send("DELETE", &foreign, None, &[("If-Match", "\"3\"")]).refused(404, "not-found");
        assert_eq!(other.members(&officer).len(), 1);
    });
}

#[test]
fn a_member_is_patched_and_cleared() {
    on_each(|app| {
        let (officer, mut made) = draft(app);
        let mut guest = make::guest(1, "head");
        guest["native_name"] = json!("마리");
        guest["organisation"] = json!("Hội A");
        made.does(&officer, "members", &guest);
        made.does(&officer, "members", &make::guest(2, "member"));
        let ids: Vec<String> =
            made.members(&officer).iter().map(|member| member["id"].as_str().unwrap().to_owned()).collect();
        let mut version = made.version;
        let mut patch = |no: usize, body: Value| {
            let path = format!("{}/members/{}", made.path(), ids[no]);
            let answer = officer.change("PATCH", &path, version, &body);
            if answer.status == 200 {
                version += 1;
                assert_eq!(answer.header("etag"), Some(format!("\"{version}\"").as_str()));
            }
            answer
        };
        let shown = patch(
            0,
            json!({"position": "Giám đốc", "visa": null, "native_name": null, "organisation": null}),
        )
        .expect(200);
        assert_eq!(
            (&shown["position"], &shown["visa"], &shown["native_name"]),
            (&json!("Giám đốc"), &Value::Null, &Value::Null)
        );
        assert_eq!((&shown["organisation"], &shown["full_name"]), (&json!(""), &json!("DURAND Marie 1")));
        for (no, body, pointer, code) in [
            (1, json!({"role": "head"}), "/role", "two-heads"),
            (1, json!({"role": null}), "/role", "required"),
            (1, json!({"full_name": ""}), "/full_name", "required"),
            (1, json!({"full_name": null}), "/full_name", "required"),
            (1, json!({"full_name": "a\u{7}"}), "/full_name", "control-characters"),
            (1, json!({"nationality": "XY"}), "/nationality", "bad-country"),
            (1, json!({"person_id": "x"}), "/person_id", "unknown-field"),
            (1, json!({"passport": {"number": "FR777777"}}), "/passport", "unknown-field"),
            (1, json!({"attendance": "came"}), "/attendance", "unknown-field"),
            (1, json!({"in_decision": "no"}), "/in_decision", "wrong-type"),
        ] {
            assert_eq!(
                fault(&patch(no, body.clone()).refused(422, "validation-failed")),
                is(pointer, code),
                "{body}"
            );
        }
        // Who is no citizen is a guest unless it is said otherwise; a citizen never is.
        assert_eq!(patch(1, json!({"nationality": "VN"})).expect(200)["guest"], false);
        assert_eq!(patch(1, json!({"guest": true})).expect(200)["guest"], false);
        assert_eq!(patch(1, json!({"nationality": "BE"})).expect(200)["guest"], true);
        assert_eq!(patch(1, json!({"guest": false, "role": "interpreter"})).expect(200)["guest"], false);
        assert_eq!(patch(1, json!({"nationality": "FR"})).expect(200)["guest"], false, "local staff stay so");
        assert_eq!(patch(1, json!({"nationality": null})).expect(200)["nationality"], Value::Null);
        let names = officer.get("/api/v1/people?q=durand").expect(200);
        assert_eq!(names["items"].as_array().unwrap().len(), 2, "the people are as they were");
    });
}

#[test]
fn vietnamese_and_outbound_members_are_no_guests() {
    on_each(|app| {
        let (officer, mut made) = draft(app);
        let mut escort = make::guest(1, "interpreter");
        escort["nationality"] = json!("VN");
        assert_eq!(made.does(&officer, "members", &escort)["guest"], false);
        let mut local = make::guest(2, "companion");
        local["guest"] = json!(false);
        assert_eq!(made.does(&officer, "members", &local)["guest"], false);
        let mut stateless = make::guest(3, "member");
        stateless["nationality"] = json!("XXA");
        assert_eq!(made.does(&officer, "members", &stateless)["guest"], true);
        let mut out = make::draft(&officer, &json!({"direction": "outbound"}));
        let shown = out.does(&officer, "members", &make::guest(4, "head"));
        assert_eq!((&shown["guest"], &shown["in_decision"]), (&json!(false), &json!(true)));
    });
}

#[test]
fn naming_a_guest_takes_one_out_of_the_group() {
    on_each(|app| {
        let (officer, mut made) = draft(app);
        made.edits(
            &officer,
            &json!({"groups": [{"country": "FR", "planned": 1}, {"planned": 2, "estimate": true}]}),
        );
        let mut guest = make::guest(1, "head");
        guest["from_group"] = json!(0);
        made.does(&officer, "members", &guest);
        assert_eq!(made.seen(&officer)["groups"][0]["planned"], 0);
        guest = make::guest(2, "member");
        guest["from_group"] = json!(0);
        let refused = made.tries(&officer, "members", &guest).refused(422, "validation-failed");
        assert_eq!(fault(&refused), is("/from_group", "unknown-group"), "nobody is left in it");
        assert_eq!(made.members(&officer).len(), 1, "and nobody was added");
    });
}

#[test]
fn of_two_heads_at_once_one_is_taken() {
    on_each(|app| {
        let (officer, mut made) = draft(app);
        let adds = (1..=8).map(|no| {
            let (made, officer) = (made.clone(), officer.clone());
            move || made.tries(&officer, "members", &make::guest(no, "head")).status
        });
        let mut statuses = together(adds.collect());
        statuses.sort_unstable();
        assert_eq!(statuses[0], 201);
        assert!(statuses[1..].iter().all(|status| *status == 412), "{statuses:?}");
        made.seen(&officer);
        assert_eq!((made.version, made.members(&officer).len()), (2, 1));
        // The same person many times at once, as many distinct requests.
        let guest = make::guest(50, "member");
        let adds = (0..8).map(|_| {
            let (made, officer, guest) = (made.clone(), officer.clone(), guest.clone());
            move || made.tries(&officer, "members", &guest).status
        });
        let statuses = together(adds.collect());
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
        assert_eq!(made.members(&officer).len(), 2);
    });
}

#[test]
fn erasing_a_person_finds_all_that_history_says_of_him() {
    on_each(|app| {
        let (officer, mut made) = draft(app);
        made.does(&officer, "members", &make::guest(1, "head"));
        let member = made.members(&officer)[0].clone();
        let path = format!("{}/members/{}", made.path(), member["id"].as_str().unwrap());
        officer.change("PATCH", &path, made.version, &json!({"position": "Phó Chủ tịch"})).expect(200);
        let count = |condition: &str| make::count(app, &format!("journal_values WHERE {condition}"));
        let person = member["person_id"].as_str().unwrap();
        assert_eq!(count(&format!("name LIKE '/members/%' AND person_id = '{person}'")), 2);
        assert_eq!(count("name LIKE '/members/%' AND person_id IS NULL"), 0);
    });
}
