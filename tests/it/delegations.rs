//! Drafts: incomplete but never invalid, edited by merge patch, under the version that was seen, submitted when whole.

use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::on_each;
use super::make::{self, errors};

const URL: &str = "/api/v1/delegations";

fn owned(faults: &[(&str, &str)]) -> Vec<(String, String)> {
    faults.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
}

#[test]
fn a_draft_may_be_incomplete() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let made = officer.post(URL, &json!({"direction": "inbound"}));
        assert_eq!(made.header("etag"), Some("\"1\""));
        let location = made.header("location").unwrap().to_owned();
        let body = made.expect(201);
        assert_eq!(location, format!("{URL}/{}", body["id"].as_str().unwrap()));
        assert_eq!(
            (&body["state"], &body["code"], &body["permit"]),
            (&json!("draft"), &Value::Null, &Value::Null)
        );
        assert_eq!(body["organisation_id"], json!(app.world().union));
        assert_eq!(body["commands"], json!(["save", "submit", "cancel", "duplicate"]));
        let read = officer.get(&location);
        assert_eq!(read.header("etag"), Some("\"1\""));
        assert_eq!(read.expect(200), body);
    });
}

#[test]
fn what_is_invalid_is_refused_naming_each_field() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let nobody = "0197f000-0000-7000-8000-000000000000";
        let union = json!(app.world().union);
        let cases: Vec<(Value, &[(&str, &str)])> = vec![
            (
                json!({"arrives_on": "2026-03-05", "departs_on": "2026-03-04"}),
                &[("/departs_on", "before-arrival")],
            ),
            (
                json!({"enters_vn_on": "2026-03-06", "arrives_on": "2026-03-05"}),
                &[("/arrives_on", "before-entry")],
            ),
            (
                json!({"departs_on": "2026-03-06", "leaves_vn_on": "2026-03-05"}),
                &[("/leaves_vn_on", "before-departure")],
            ),
            (json!({"arrives_on": "20126-03-05"}), &[("/arrives_on", "not-a-date")]),
            (json!({"arrives_on": "0206-03-05"}), &[("/arrives_on", "out-of-range")]),
            (json!({"arrives_on": "2026-02-30"}), &[("/arrives_on", "not-a-date")]),
            (
                json!({"countries": ["FR", "fr", "ZZ", "FR"]}),
                &[
                    ("/countries/1", "bad-country"),
                    ("/countries/2", "bad-country"),
                    ("/countries/3", "listed-twice"),
                ],
            ),
            (
                json!({"title": "a\nBcc: x@example.org", "entry_gate": "\u{0}"}),
                &[("/title", "control-characters"), ("/entry_gate", "control-characters")],
            ),
            (
                json!({"contact": {"name": "\u{202e}x", "email": "not an address"}}),
                &[("/contact/name", "control-characters"), ("/contact/email", "bad-email")],
            ),
            (json!({"title": "x".repeat(301)}), &[("/title", "too-long")]),
            (json!({"purpose": "x".repeat(5001)}), &[("/purpose", "too-long")]),
            (
                json!({"lead_host_id": nobody, "co_host_ids": [nobody], "partner_id": nobody}),
                &[
                    ("/co_host_ids/0", "listed-twice"),
                    ("/lead_host_id", "unknown-organisation"),
                    ("/co_host_ids/0", "unknown-organisation"),
                    ("/partner_id", "unknown-partner"),
                ],
            ),
            (json!({"co_host_ids": [union, union]}), &[("/co_host_ids/1", "listed-twice")]),
            (
                json!({"funding": [{"payer": "host", "amount": "1,5", "currency": "usd"}]}),
                &[("/funding/0/amount", "bad-amount"), ("/funding/0/currency", "bad-currency")],
            ),
            (json!({"groups": [{"planned": 100_001}]}), &[("/groups/0/planned", "out-of-range")]),
            (json!({"groups": [{"planned": 3, "came": 3}]}), &[("/groups/0/came", "only-with-report")]),
            (
                json!({"programme": [{"starts_at": "2206-03-20T08:00:00", "what": "x"}]}),
                &[("/programme/0/starts_at", "out-of-range")],
            ),
            (
                json!({"programme": [{"starts_at": "yesterday", "what": "x"}]}),
                &[("/programme/0/starts_at", "not-a-date")],
            ),
            (
                json!({"stays": [{"country": "XX", "from": "2026-03-05", "to": "2026-03-04"}]}),
                &[("/stays/0/country", "bad-country"), ("/stays/0/to", "before-arrival")],
            ),
            (json!({"origin": "ledger"}), &[("/origin", "not-offered")]),
            (json!({"rank": "z"}), &[("/rank", "unknown-code")]),
            (json!({"press": "yes"}), &[("/press", "wrong-type")]),
            (json!({"contact": {"fax": "1"}}), &[("/contact/fax", "unknown-field")]),
            (
                json!({"programme": [{"starts_at": "2026-03-20T08:00:00"}]}),
                &[("/programme/0/what", "required")],
            ),
            (json!({"lead_host_id": "me"}), &[("/lead_host_id", "wrong-type")]),
            // What is not the client's to say.
            (json!({"state": "issued"}), &[("/state", "unknown-field")]),
            (json!({"version": 9}), &[("/version", "unknown-field")]),
            (json!({"revision_in_force": 1}), &[("/revision_in_force", "unknown-field")]),
            (json!({"created_by": nobody}), &[("/created_by", "unknown-field")]),
            (json!({"organisation_id": nobody}), &[("/organisation_id", "unknown-organisation")]),
            (json!({"organisation_id": 5}), &[("/organisation_id", "wrong-type")]),
        ];
        for (fields, faults) in &cases {
            let mut body = json!({"direction": "inbound"});
            body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            let problem = officer.post(URL, &body).refused(422, "validation-failed");
            assert_eq!(errors(&problem), owned(faults), "{fields}");
        }
        let problem = officer.post(URL, &json!({})).refused(422, "validation-failed");
        assert_eq!(errors(&problem), owned(&[("/direction", "required")]));
        let outbound =
            json!({"direction": "outbound", "leaves_vn_on": "2026-03-05", "arrives_on": "2026-03-04"});
        let problem = officer.post(URL, &outbound).refused(422, "validation-failed");
        assert_eq!(errors(&problem), owned(&[("/arrives_on", "before-departure")]));
        // Nothing of it was written, and each says the same as a patch.
        assert_eq!(officer.get(URL).expect(200)["items"], json!([]));
        let made = make::draft(&officer, &json!({"direction": "inbound"}));
        for (fields, faults) in cases.iter().filter(|(fields, _)| fields.get("organisation_id").is_none()) {
            let problem = officer.change("PATCH", &made.path(), 1, fields).refused(422, "validation-failed");
            assert_eq!(errors(&problem), owned(faults), "{fields}");
        }
        assert_eq!(officer.get(&made.path()).expect(200)["version"], 1);
    });
}

#[test]
fn a_patch_merges_replaces_and_clears() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut body = make::body(app, "2026-03-20");
        body["co_host_ids"] = json!([app.world().university]);
        let mut made = make::draft(&officer, &body);
        let shown = made.edits(
            &officer,
            &json!({
            "contact": {"phone": "+84 1"}, "countries": ["JP"], "request_letter": {"date": null},
            "rank": null, "purpose": null, "co_host_ids": null, "title": " Đoàn  mới "}),
        );
        assert_eq!(
            shown["contact"],
            json!({"name": "Lê Hạnh", "phone": "+84 1", "email": "hanh@example.org"})
        );
        assert_eq!(shown["countries"], json!(["JP"]), "arrays are replaced");
        assert_eq!(shown["request_letter"], json!({"number": "15/LHHN", "date": null, "people": null}));
        assert_eq!(
            (&shown["rank"], &shown["purpose"], &shown["co_host_ids"]),
            (&Value::Null, &json!(""), &json!([]))
        );
        assert_eq!((shown["title"].as_str(), made.version), (Some("Đoàn  mới"), 2));
        assert_eq!(shown["arrives_on"], "2026-03-20", "what is absent stays");
        // A co-host that is none any more sees nothing any more.
        app.at(Role::Officer, app.world().university).get(&made.path()).refused(404, "not-found");

        let merge = [("Content-Type", "application/merge-patch+json"), ("If-Match", "\"2\"")];
        officer.send("PATCH", &made.path(), Some("{\"lodging\": \"A\"}".to_owned()), &merge).expect(200);
        let refused = |body: &Value| {
            errors(&officer.change("PATCH", &made.path(), 3, body).refused(422, "validation-failed"))
        };
        assert_eq!(refused(&json!({"direction": "outbound"})), owned(&[("/direction", "cannot-change")]));
        assert_eq!(refused(&json!({"direction": null})), owned(&[("/direction", "required")]));
        assert_eq!(
            refused(&json!({"organisation_id": app.world().university})),
            owned(&[("/organisation_id", "unknown-field")])
        );
    });
}

#[test]
fn the_version_that_was_seen_is_asked_for() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let made = make::draft(&officer, &make::body(app, "2026-03-20"));
        let patch = json!({"title": "A"}).to_string();
        let send =
            |headers: &[(&str, &str)]| officer.send("PATCH", &made.path(), Some(patch.clone()), headers);
        send(&[]).refused(428, "precondition-required");
        for stale in ["\"2\"", "\"0\"", "W/\"1\"", "*", "1", "\"x\"", ""] {
            send(&[("If-Match", stale)]).refused(412, "stale-version");
        }
        let done = send(&[("If-Match", "\"1\"")]);
        assert_eq!((done.status, done.header("etag")), (200, Some("\"2\"")));
        send(&[("If-Match", "\"1\"")]).refused(412, "stale-version");
        for command in ["submit", "recall", "copy", "members", "cancel", "duplicate", "report", "close"] {
            let path = format!("{}/{command}", made.path());
            officer
                .post(&path, &json!({"reason": "x", "role": "head"}))
                .refused(428, "precondition-required");
        }
        // Legal version, illegal move.
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-21"), 1);
        made.does(&officer, "submit", &make::declared());
        let refused = made.tries(&officer, "submit", &make::declared()).refused(409, "illegal-move");
        assert_eq!((&refused["state"], &refused["command"]), (&json!("submitted"), &json!("submit")));
        officer
            .change("PATCH", &made.path(), made.version, &json!({"title": "B"}))
            .refused(409, "illegal-move");
        officer
            .change("PATCH", &made.path(), made.version - 1, &json!({"title": "B"}))
            .refused(412, "stale-version");
    });
}

#[test]
fn a_submission_demands_what_a_request_needs() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::draft(&officer, &json!({"direction": "inbound"}));
        let refused =
            errors(&made.tries(&officer, "submit", &make::declared()).refused(422, "validation-failed"));
        let inbound = [
            "/title",
            "/purpose",
            "/primary_field",
            "/rank",
            "/channel",
            "/lead_host_id",
            "/countries",
            "/request_letter/number",
            "/request_letter/date",
            "/arrives_on",
            "/departs_on",
        ];
        let required = |pointers: &[&str]| -> Vec<(String, String)> {
            pointers.iter().map(|pointer| ((*pointer).to_owned(), "required".to_owned())).collect()
        };
        let nobody = owned(&[("/members", "no-members")]);
        // What the rules ask for comes with it.
        let ruled = ["/guest_kinds", "/programme", "/sensitive"];
        assert_eq!(refused, [required(&inbound), nobody.clone(), required(&ruled)].concat());

        let outbound = make::draft(&officer, &json!({"direction": "outbound"}));
        let refused =
            errors(&outbound.tries(&officer, "submit", &make::declared()).refused(422, "validation-failed"));
        // Ranks are of guests.
        let mut expected: Vec<&str> =
            inbound[..9].iter().copied().filter(|field| *field != "/rank").collect();
        expected.extend(["/leaves_vn_on", "/enters_vn_on"]);
        assert_eq!(refused, [required(&expected), nobody].concat());

        made.edits(&officer, &make::body(app, "2026-03-20"));
        made.edits(&officer, &json!({"origin": "after_the_fact"}));
        made.does(&officer, "members", &make::guest(1, "member"));
        let refused =
            errors(&made.tries(&officer, "submit", &make::declared()).refused(422, "validation-failed"));
        assert_eq!(refused, owned(&[("/origin_reason", "required"), ("/members", "no-head")]));
        made.edits(&officer, &json!({"origin_reason": "Đến đột xuất"}));
        made.does(&officer, "members", &make::guest(2, "head"));
        assert_eq!(made.does(&officer, "submit", &make::declared())["code"], "DV-2026-0001");
    });
}
