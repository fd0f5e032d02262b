//! Drafts: incomplete but never invalid, edited by merge patch, numbered without gaps, copied, listed; and who may
//! know of them at all.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use legation::domain::access::Role;
use legation::domain::approval::OrganisationKind;
use legation::domain::ids::OrganisationId;
use legation::service::{self, Context, Error};
use legation::store::{StoreError, accounts};
use serde_json::{Value, json};

use super::app::{Client, TestApp, on_each};
use super::make::{self, Made, errors, together};

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
        assert_eq!(shown["request_letter"], json!({"number": "15/LHHN", "date": null}));
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
        made.does(&officer, "submit", &json!({}));
        let refused = made.tries(&officer, "submit", &json!({})).refused(409, "illegal-move");
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
        let refused = errors(&made.tries(&officer, "submit", &json!({})).refused(422, "validation-failed"));
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
        assert_eq!(refused, [required(&inbound), nobody.clone()].concat());

        let outbound = make::draft(&officer, &json!({"direction": "outbound"}));
        let refused =
            errors(&outbound.tries(&officer, "submit", &json!({})).refused(422, "validation-failed"));
        let mut expected = inbound[..9].to_vec();
        expected.extend(["/leaves_vn_on", "/enters_vn_on"]);
        assert_eq!(refused, [required(&expected), nobody].concat());

        made.edits(&officer, &make::body(app, "2026-03-20"));
        made.edits(&officer, &json!({"origin": "after_the_fact"}));
        made.does(&officer, "members", &make::guest(1, "member"));
        let refused = errors(&made.tries(&officer, "submit", &json!({})).refused(422, "validation-failed"));
        assert_eq!(refused, owned(&[("/origin_reason", "required"), ("/members", "no-head")]));
        made.edits(&officer, &json!({"origin_reason": "Đến đột xuất"}));
        made.does(&officer, "members", &make::guest(2, "head"));
        assert_eq!(made.does(&officer, "submit", &json!({}))["code"], "DV-2026-0001");
    });
}

/// A complete delegation, ready to be submitted.
fn ready(app: &TestApp, officer: &Client, no: u32) -> Made {
    let mut made = make::draft(officer, &make::body(app, "2026-03-20"));
    made.does(officer, "members", &make::guest(no, "head"));
    made
}

#[test]
fn numbers_have_no_gaps_however_many_submit_at_once() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let all: Vec<Made> = (0..40).map(|no| ready(app, &officer, no)).collect();
        let submits =
            all.iter().map(|made| || made.tries(&officer, "submit", &json!({})).expect(200)).collect();
        let mut codes: Vec<String> =
            together(submits).iter().map(|shown| shown["code"].as_str().unwrap().to_owned()).collect();
        codes.sort();
        let expected: Vec<String> = (1..=40).map(|no| format!("DV-2026-{no:04}")).collect();
        assert_eq!(codes, expected);
    });
}

#[test]
fn a_number_is_kept_and_one_that_was_rolled_back_is_given_again() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut first = ready(app, &officer, 1);
        let account = officer.account.unwrap();
        let (id, version, settings) = (first.dossier(), first.version, app.app_parts.settings.clone());
        // Everything that a submission does is done, and then the command fails.
        let lost: Result<(), Error> = app.store.write_blocking(move |tx| {
            let actor = accounts::actor_of_account(tx, account)?.unwrap();
            let ctx = Context { actor, settings: settings.clone() };
            let _done = service::course::submit(tx, &ctx, id, version)?;
            Err(Error::Store(StoreError::Db("the power fails here".to_owned())))
        });
        assert!(lost.is_err());
        let mut second = ready(app, &officer, 2);
        assert_eq!(second.does(&officer, "submit", &json!({}))["code"], "DV-2026-0001");
        let recalled = second.does(&officer, "recall", &json!({}));
        assert_eq!((&recalled["state"], &recalled["code"]), (&json!("draft"), &json!("DV-2026-0001")));
        assert_eq!(first.does(&officer, "submit", &json!({}))["code"], "DV-2026-0002");
        let again = second.does(&officer, "submit", &json!({}));
        assert_eq!((&again["code"], &again["revision"]), (&json!("DV-2026-0001"), &json!(2)));
    });
}

#[test]
fn the_year_of_a_number_is_vietnams_and_each_direction_counts_for_itself() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let year_ends: DateTime<Utc> = "2026-12-31T16:59:59Z".parse().unwrap();
        app.clock.advance(year_ends - app.store.now());
        assert_eq!(ready(app, &officer, 1).does(&officer, "submit", &json!({}))["code"], "DV-2026-0001");
        app.advance(TimeDelta::seconds(1));
        let mut late = ready(app, &officer, 2);
        assert_eq!(app.store.now().year(), 2026, "still 2026 in Greenwich");
        assert_eq!(late.does(&officer, "submit", &json!({}))["code"], "DV-2027-0001");
        let body = json!({"direction": "outbound", "title": "Đoàn ra", "purpose": "Học tập",
            "primary_field": "education", "rank": "other", "channel": "people", "lead_host_id": app.world().union,
            "stays": [{"country": "JP", "from": "2027-02-01", "to": "2027-02-03"}], "leaves_vn_on": "2027-02-01",
            "enters_vn_on": "2027-02-04", "request_letter": {"number": "1", "date": "2026-12-20"}});
        let mut out = make::draft(&officer, &body);
        out.does(&officer, "members", &make::guest(3, "head"));
        let shown = out.does(&officer, "submit", &json!({}));
        assert_eq!(shown["code"], "DR-2027-0001");
        assert_eq!(ready(app, &officer, 4).does(&officer, "submit", &json!({}))["code"], "DV-2027-0002");
        let listed = officer
            .get(&format!("{URL}?country=JP&arrives_from=2027-02-01&arrives_to=2027-02-01"))
            .expect(200);
        assert_eq!(listed["items"][0]["code"], "DR-2027-0001", "found by its stay and its day of leaving");
    });
}

/// Ids of the first page that this client gets.
fn listed(client: &Client) -> Vec<String> {
    let page = client.get(URL).expect(200);
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// Every way to a dossier is closed to this client, and looks as if there were no dossier.
#[track_caller]
fn hidden(client: &Client, made: &Made) {
    let nobody = "0197f000-0000-7000-8000-000000000000";
    let member = "0197f000-0000-7000-8000-000000000001";
    let reads =
        ["", "/members", "/history", "/steps", "/revisions"].map(|path| ("GET", path.to_owned(), json!({})));
    let writes = [
        ("PATCH", String::new(), json!({"title": "x"})),
        ("POST", "/members".to_owned(), make::guest(900, "member")),
        ("PATCH", format!("/members/{member}"), json!({})),
        ("DELETE", format!("/members/{member}"), json!({})),
        ("POST", "/submit".to_owned(), json!({})),
        ("POST", "/recall".to_owned(), json!({})),
        ("POST", "/copy".to_owned(), json!({})),
        ("POST", "/receive".to_owned(), json!({"number": "1"})),
        ("POST", "/decisions".to_owned(), json!({"decision": "approve"})),
        (
            "POST",
            "/issue".to_owned(),
            json!({"number": "1", "symbol": "x", "date": "2026-03-01", "signer": "x"}),
        ),
        ("POST", "/report".to_owned(), json!({"no_show": true})),
        ("POST", "/close".to_owned(), json!({})),
        ("POST", "/cancel".to_owned(), json!({"reason": "x"})),
        ("POST", "/revoke".to_owned(), json!({"reason": "x"})),
        ("POST", "/duplicate".to_owned(), json!({"of": nobody})),
    ];
    for (method, path, body) in reads.into_iter().chain(writes) {
        let ask = |id: &str| {
            let path = format!("{URL}/{id}{path}");
            let answer = match method {
                "GET" => client.get(&path),
                _ => client.change(method, &path, made.version, &body),
            };
            let mut shown = answer.body.clone();
            shown.as_object_mut().unwrap().remove("request_id");
            (answer.status, shown)
        };
        let (hidden, missing) = (ask(&made.id), ask(nobody));
        assert_eq!(hidden, missing, "{method} {path}");
        // A role that has the right nowhere is told so before anything is looked for.
        assert!(matches!(hidden.0, 403 | 404), "{method} {path}: {hidden:?}");
        assert!(hidden.0 == 404 || hidden.1["action"].is_string(), "{method} {path}: {hidden:?}");
    }
    assert!(!listed(client).contains(&made.id));
    let inbox = client.get("/api/v1/inbox").expect(200).to_string();
    assert!(!inbox.contains(&made.id), "{inbox}");
}

#[test]
fn others_know_nothing_of_it() {
    on_each(|app| {
        let world = *app.world();
        let officer = app.as_(Role::Officer);
        let mut body = make::body(app, "2026-03-20");
        body["lead_host_id"] = json!(world.university);
        let health = app.organisation(Some(world.city), "SYT", "Sở Y tế", OrganisationKind::Department);
        body["co_host_ids"] = json!([health]);
        let mut made = make::registered(app, &officer, &body, 1);
        let clerk = app.as_(Role::Clerk);
        let strangers = [
            app.at(Role::Officer, world.association),
            app.at(Role::Clerk, world.association),
            app.at(Role::Approver, world.association),
            app.as_(Role::Approver),
            app.as_(Role::Appraiser),
            app.as_(Role::Secretary),
            clerk.clone(),
        ];
        for stranger in &strangers {
            hidden(stranger, &made);
        }
        // Hosts read and cannot edit; the auditor reads all; the administrator nothing.
        let (host, co_host) = (app.at(Role::Officer, world.university), app.at(Role::Officer, health));
        for reader in [&host, &co_host, &app.as_(Role::Auditor)] {
            let shown = reader.get(&made.path()).expect(200);
            assert_eq!(shown["commands"], json!([]), "{shown}");
            assert_eq!(made.members(reader).len(), 2);
            assert_eq!(listed(reader), [made.id.clone()]);
        }
        for host in [&host, &co_host] {
            host.change("PATCH", &made.path(), made.version, &json!({"title": "x"}))
                .refused(403, "forbidden");
            made.tries(host, "submit", &json!({})).refused(403, "forbidden");
            made.tries(host, "members", &make::guest(9, "member")).refused(403, "forbidden");
            made.tries(host, "copy", &json!({})).refused(403, "forbidden");
        }
        let admin = app.as_(Role::Admin);
        for path in
            [URL.to_owned(), made.path(), format!("{}/members", made.path()), "/api/v1/inbox".to_owned()]
        {
            admin.get(&path).refused(403, "forbidden");
        }
        app.client().get(&made.path()).refused(401, "unauthorised");

        // The department sees it from the submission on, the office from its step on; both keep reading.
        made.does(&officer, "submit", &json!({}));
        assert_eq!(listed(&clerk), [made.id.clone()]);
        hidden(&app.as_(Role::Approver), &made);
        made.does(&clerk, "receive", &json!({"number": "1"}));
        hidden(&app.as_(Role::Approver), &made);
        made.does(&app.as_(Role::Appraiser), "decisions", &json!({"decision": "approve"}));
        assert_eq!(listed(&app.as_(Role::Approver)), [made.id.clone()]);
        assert_eq!(listed(&app.as_(Role::Secretary)), [made.id.clone()]);
        made.does(&officer, "recall", &json!({}));
        for reader in [&clerk, &app.as_(Role::Approver)] {
            assert_eq!(reader.get(&made.path()).expect(200)["state"], "draft");
        }
        hidden(&app.at(Role::Officer, world.association), &made);
        let denied = app
            .as_(Role::Auditor)
            .get("/api/v1/journal?action=access.denied&object_kind=dossier")
            .expect(200);
        assert!(denied["items"].as_array().unwrap().len() > 5, "denials are told");
    });
}

#[test]
fn the_union_sees_its_associations() {
    on_each(|app| {
        let world = *app.world();
        let (union, association) = (app.as_(Role::Officer), app.at(Role::Officer, world.association));
        let theirs = make::registered(app, &association, &make::body(app, "2026-03-20"), 1);
        let mut ours = make::draft(&union, &make::body(app, "2026-03-20"));
        assert_eq!(association.get(&theirs.path()).expect(200)["organisation_id"], json!(world.association));
        assert_eq!(listed(&union), [ours.id.clone(), theirs.id.clone()]);
        // The association hosts nothing of ours here, but the union is lead host of both.
        assert_eq!(listed(&association), [theirs.id.clone()]);
        let filtered = |client: &Client, id: OrganisationId| {
            let page = client.get(&format!("{URL}?organisation_id={id}")).expect(200);
            page["items"].as_array().unwrap().len()
        };
        assert_eq!((filtered(&union, world.association), filtered(&union, world.union)), (1, 1));
        assert_eq!(filtered(&association, world.union), 0, "a filter shows no more than is visible");
        // Its officer may register for those below, and must say for whom when there are several.
        let mut body = make::body(app, "2026-03-20");
        body["organisation_id"] = json!(world.association);
        let made = union.post(URL, &body).expect(201);
        assert_eq!(made["organisation_id"], json!(world.association));
        body["organisation_id"] = json!(world.university);
        let refused = union.post(URL, &body).refused(422, "validation-failed");
        assert_eq!(errors(&refused), owned(&[("/organisation_id", "unknown-organisation")]));
        let both =
            app.with_role(&app.another(Role::Officer, world.association), Role::Officer, world.university);
        body.as_object_mut().unwrap().remove("organisation_id");
        let refused = both.post(URL, &body).refused(422, "validation-failed");
        assert_eq!(errors(&refused), owned(&[("/organisation_id", "required")]));
        body["organisation_id"] = json!(world.university);
        both.post(URL, &body).expect(201);
        ours.edits(&union, &json!({"lead_host_id": world.association}));
        assert!(listed(&association).contains(&ours.id), "now it hosts");
    });
}

#[test]
fn what_is_confidential_is_seen_by_named_accounts_only() {
    on_each(|app| {
        let world = *app.world();
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let (colleague, auditor) = (app.another(Role::Officer, world.union), app.as_(Role::Auditor));
        let host = app.at(Role::Officer, world.university);
        let (appraiser, approver) = (app.as_(Role::Appraiser), app.as_(Role::Approver));
        let mut body = make::body(app, "2026-03-20");
        body["confidential"] = json!(true);
        body["co_host_ids"] = json!([world.university]);
        let mut made = make::registered(app, &officer, &body, 1);
        for other in [&colleague, &host, &clerk] {
            hidden(other, &made);
        }
        assert_eq!(auditor.get(&made.path()).expect(200)["confidential"], true);
        make::received(app, &officer, &mut made);
        // Whoever comes to the desk later is not named.
        hidden(&app.another(Role::Clerk, world.foreign), &made);
        hidden(&approver, &made);
        make::approved(app, &mut made);
        make::issued(app, &mut made, "5");
        for named in [&officer, &clerk, &appraiser, &approver, &auditor] {
            assert_eq!(named.get(&made.path()).expect(200)["permit"]["number"], "05");
        }
        for other in [&colleague, &host, &app.as_(Role::Secretary)] {
            hidden(other, &made);
        }
        // Open again, then closed by a colleague: those at whose desks it lies are named, and so is he.
        made.edits(&officer, &json!({"confidential": false}));
        assert_eq!(colleague.get(&made.path()).expect(200)["confidential"], false);
        let second_clerk = app.another(Role::Clerk, world.foreign);
        assert!(made.edits(&colleague, &json!({"confidential": true}))["confidential"].as_bool().unwrap());
        for named in [&officer, &colleague, &clerk, &second_clerk, &appraiser, &approver] {
            named.get(&made.path()).expect(200);
        }
        for other in [&host, &app.another(Role::Officer, world.union)] {
            hidden(other, &made);
        }
    });
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
        third.does(&officer, "submit", &json!({}));
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
        for path in ["members", "steps", "revisions"] {
            let dossier = officer.get(&format!("{URL}/{second}/{path}?x=1"));
            assert!(matches!(dossier.status, 200 | 400), "{path}");
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
        assert_eq!(copy["request_letter"], json!({"number": "", "date": null}));
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
