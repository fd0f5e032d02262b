//! Who may know of a dossier at all: everything else is a 404 that equals an id that is none.

use legation::domain::access::Role;
use legation::domain::approval::OrganisationKind;
use legation::domain::ids::OrganisationId;
use serde_json::json;

use super::app::{Client, on_each};
use super::make::{self, Made, errors};

const URL: &str = "/api/v1/delegations";

fn owned(faults: &[(&str, &str)]) -> Vec<(String, String)> {
    faults.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
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
    let reads = ["", "/members", "/history", "/steps", "/revisions", "/papers"]
        .map(|path| ("GET", path.to_owned(), json!({})));
    let writes = [
        ("PATCH", String::new(), json!({"title": "x"})),
        ("POST", "/members".to_owned(), make::guest(900, "member")),
        ("PATCH", format!("/members/{member}"), json!({})),
        ("DELETE", format!("/members/{member}"), json!({})),
        ("POST", "/submit".to_owned(), json!({})),
        ("POST", "/papers/offline".to_owned(), json!({"kind": "other", "number": "1", "date": "2026-03-01"})),
        ("DELETE", format!("/papers/{member}"), json!({"reason": "x"})),
        ("POST", format!("/papers/{member}/quarantine"), json!({"reason": "x"})),
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
            made.tries(host, "submit", &make::declared()).refused(403, "forbidden");
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
        made.does(&officer, "submit", &make::declared());
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
