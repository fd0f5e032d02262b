//! Accounts, roles, and the commands that make the first of them.

use legation::cli::user::{self, AddUser};
use legation::domain::access::Role;
use serde_json::{Value, json};

use crate::app::{Client, TestApp, on_each};
use crate::auth::{activate, login, token_of};

fn body(app: &TestApp, username: &str, role: Role) -> Value {
    json!({
        "username": username, "display_name": "Trần Văn Bình", "email": "binh@example.org", "lang": "en",
        "grants": [{"organisation_id": app.world().union, "role": role}],
    })
}

fn add(app: &TestApp, username: &str, role: Role) -> Value {
    app.as_(Role::Admin).post("/api/v1/users", &body(app, username, role)).expect(201)
}

fn codes(problem: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    problem["errors"].as_array().unwrap().iter().map(|e| (text(&e["pointer"]), text(&e["code"]))).collect()
}

#[test]
fn an_account_with_its_person_and_link() {
    on_each(|app| {
        let admin = app.as_(Role::Admin);
        let answer = admin.post("/api/v1/users", &body(app, "binh.tran", Role::Officer));
        let location = answer.header("location").unwrap().to_owned();
        assert_eq!(answer.header("etag"), Some("\"1\""));
        let added = answer.expect(201);
        assert_eq!(location, format!("/api/v1/users/{}", added["id"].as_str().unwrap()));
        assert_eq!((&added["state"], &added["lang"]), (&json!("invited"), &json!("en")));
        assert!(added["person_id"].is_string());
        assert_eq!(added["grants"][0]["role"], "officer");
        assert_eq!(added["activation"]["expires_at"], "2026-03-05T02:00:00Z");
        let seen = app.as_(Role::Auditor).get(&location).expect(200);
        assert_eq!(seen["username"], "binh.tran");
        assert_eq!(seen["activation"], Value::Null);
        let auditor = add(app, "kiem.toan", Role::Auditor);
        assert_eq!(auditor["person_id"], Value::Null);
    });
}

#[test]
fn the_list_is_paged_by_name() {
    on_each(|app| {
        for name in ["ch.an", "an.b", "Bo.n", "d1"] {
            add(app, name, Role::Officer);
        }
        let admin = app.as_(Role::Admin);
        let (mut names, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = admin.get(&format!("/api/v1/users?limit=2{cursor}")).expect(200);
            let items = page["items"].as_array().unwrap();
            names.extend(items.iter().map(|user| user["username"].as_str().unwrap().to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let ours: Vec<&str> =
            names.iter().map(String::as_str).filter(|name| !name.starts_with("admin")).collect();
        assert_eq!(ours, ["an.b", "Bo.n", "ch.an", "d1"]);
        admin.get("/api/v1/users?limit=0").refused(400, "invalid-parameter");
        admin.get("/api/v1/users?cursor=%2B").refused(400, "invalid-parameter");
        admin.get("/api/v1/users?cursor=YQBi").refused(400, "invalid-parameter");
        admin.get("/api/v1/users?name=x").refused(400, "unknown-parameter");
    });
}

#[test]
fn bad_accounts_are_refused_by_field() {
    on_each(|app| {
        let admin = app.as_(Role::Admin);
        let union = app.world().union;
        let faulty = json!({
            "username": "a b", "display_name": "A\nBcc: x", "email": "a@[127.0.0.1]",
            "grants": [
                {"organisation_id": "00000000-0000-7000-8000-000000000000", "role": "officer"},
                {"organisation_id": union, "role": "admin"},
                {"organisation_id": union, "role": "admin"},
            ],
        });
        let refused = admin.post("/api/v1/users", &faulty).refused(422, "validation-failed");
        let expected = [
            ("/username", "bad-username"),
            ("/display_name", "control-characters"),
            ("/email", "bad-email"),
            ("/grants/0/organisation_id", "unknown-organisation"),
            ("/grants/1", "listed-twice"),
            ("/grants/2", "listed-twice"),
            ("/grants", "role-excludes"),
        ];
        assert_eq!(codes(&refused), expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
        add(app, "binh", Role::Officer);
        let again =
            admin.post("/api/v1/users", &body(app, "BINH", Role::Officer)).refused(422, "validation-failed");
        assert_eq!(codes(&again), [("/username".to_owned(), "taken".to_owned())]);
        // Mass assignment: what is not offered is not taken.
        let mut more = body(app, "lan", Role::Officer);
        more["state"] = json!("active");
        let refused = admin.post("/api/v1/users", &more).refused(422, "validation-failed");
        assert_eq!(codes(&refused), [("/state".to_owned(), "unknown-field".to_owned())]);
    });
}

#[test]
fn a_patch_needs_the_version_and_changes_only_what_it_names() {
    on_each(|app| {
        let admin = app.as_(Role::Admin);
        let added = add(app, "binh", Role::Officer);
        let user = format!("/api/v1/users/{}", added["id"].as_str().unwrap());
        let patch = json!({"display_name": "Trần Văn Bình Minh", "lang": "vi"});
        admin.send("PATCH", &user, Some(patch.to_string()), &[]).refused(428, "precondition-required");
        let changed = admin.change("PATCH", &user, 1, &patch).expect(200);
        assert_eq!(changed["display_name"], "Trần Văn Bình Minh");
        assert_eq!((&changed["email"], &changed["version"]), (&json!("binh@example.org"), &json!(2)));
        admin.change("PATCH", &user, 1, &patch).refused(412, "stale-version");
        for (patch, pointer, code) in [
            (json!({"email": null}), "/email", "wrong-type"),
            (json!({"state": "invited"}), "/state", "unknown-code"),
            (json!({"username": "x"}), "/username", "unknown-field"),
            (json!({"display_name": ""}), "/display_name", "required"),
        ] {
            let refused = admin.change("PATCH", &user, 2, &patch).refused(422, "validation-failed");
            assert_eq!(codes(&refused), [(pointer.to_owned(), code.to_owned())]);
        }
        // Enabling does not make a password.
        admin.change("PATCH", &user, 2, &json!({"state": "disabled"})).expect(200);
        let enabled = admin.change("PATCH", &user, 3, &json!({"state": "active"})).expect(200);
        assert_eq!(enabled["state"], "invited");
        // The link of the first invitation ended with the account.
        activate(&app.client(), &token_of(&added), "bến Ninh Kiều lúc hoàng hôn")
            .refused(404, "invalid-link");
    });
}

#[test]
fn a_removed_role_works_no_longer_from_the_next_request() {
    on_each(|app| {
        let admin = app.as_(Role::Admin);
        let officer = app.another(Role::Officer, app.world().union);
        let path = format!("/api/v1/users/{}", officer.account.unwrap());
        officer.get("/api/v1/people").expect(200);
        let seen = admin.get(&path).expect(200);
        let grant = seen["grants"][0]["id"].as_str().unwrap();
        let ended = admin.send("DELETE", &format!("{path}/grants/{grant}"), None, &[]).expect(200);
        assert_eq!(ended["grants"], json!([]));
        let refused = officer.get("/api/v1/people").refused(403, "forbidden");
        assert_eq!(refused["action"], "read_people");
        officer.get("/api/v1/me").expect(200);
        admin.send("DELETE", &format!("{path}/grants/{grant}"), None, &[]).refused(404, "not-found");

        let again = json!({"organisation_id": app.world().union, "role": "clerk"});
        admin.post(&format!("{path}/grants"), &again).expect(201);
        officer.get("/api/v1/people").expect(200);
        admin.post(&format!("{path}/grants"), &again).refused(409, "taken");
    });
}

#[test]
fn nobody_widens_his_own_rights_and_admin_stands_alone() {
    on_each(|app| {
        let admin = app.as_(Role::Admin);
        let own = format!("/api/v1/users/{}", admin.account.unwrap());
        let world = app.world();
        for role in ["auditor", "approver", "admin"] {
            let grant = json!({"organisation_id": world.office, "role": role});
            admin.post(&format!("{own}/grants"), &grant).refused(403, "forbidden");
        }
        admin.post(&format!("{own}/link"), &json!({})).refused(403, "forbidden");
        let version = admin.get(&own).expect(200)["version"].as_i64().unwrap();
        admin.change("PATCH", &own, version, &json!({"state": "disabled"})).refused(403, "forbidden");
        admin.change("PATCH", &own, version, &json!({"lang": "en"})).expect(200);

        let officer = app.at(Role::Officer, world.union).account.unwrap();
        let path = format!("/api/v1/users/{officer}/grants");
        let refused = admin.post(&path, &json!({"organisation_id": world.city, "role": "admin"}));
        assert_eq!(codes(&refused.refused(422, "validation-failed"))[0].1, "role-excludes");
        let other = app.another(Role::Admin, world.city).account.unwrap();
        let grant = json!({"organisation_id": world.office, "role": "approver"});
        let refused = admin.post(&format!("/api/v1/users/{other}/grants"), &grant);
        assert_eq!(codes(&refused.refused(422, "validation-failed"))[0].1, "role-excludes");
        let denied = app.as_(Role::Auditor).get("/api/v1/journal?action=access.denied").expect(200);
        assert!(denied["items"].as_array().unwrap().len() >= 5, "{denied}");
    });
}

/// The database refuses what the code forgot.
#[test]
fn the_database_refuses_a_role_that_somebody_grants_himself() {
    on_each(|app| {
        let admin = app.as_(Role::Admin).account.unwrap();
        let place = app.world().office;
        let granted = app.store.write_blocking(move |tx| {
            let grant = legation::store::accounts::Grant {
                id: tx.fresh(),
                account: admin,
                organisation: place,
                role: Role::Approver,
            };
            legation::store::accounts::insert_grant(tx, &grant, Some(admin))?;
            Ok::<_, legation::service::Error>(tx.unrecorded("a test", ()))
        });
        assert!(granted.is_err());
    });
}

#[test]
fn an_auditor_who_becomes_an_officer_gets_a_person() {
    on_each(|app| {
        let admin = app.as_(Role::Admin);
        let added = add(app, "kiem.toan", Role::Auditor);
        let path = format!("/api/v1/users/{}/grants", added["id"].as_str().unwrap());
        let grant = json!({"organisation_id": app.world().union, "role": "officer", "confirmed": true});
        let changed = admin.post(&path, &grant).expect(201);
        assert!(changed["person_id"].is_string());
    });
}

#[test]
fn the_first_administrator_comes_from_the_command_line() {
    on_each(|app| {
        let config = app.config();
        let new = AddUser {
            username: "root.admin".to_owned(),
            name: "Huỳnh Nhật Quang".to_owned(),
            email: "quang@example.org".to_owned(),
            lang: None,
            admin: true,
            organisation: None,
            role: None,
        };
        user::run(&config, &new).unwrap();
        let again = user::run(&config, &new).unwrap_err();
        assert_eq!(again.to_string(), "user add: username: This value is already in use");
        let officer =
            AddUser { username: "o".to_owned(), admin: false, role: Some(Role::Officer), ..new.clone() };
        let refused = user::run(&config, &officer).unwrap_err().to_string();
        assert_eq!(refused, "user add: organisation: There is no such organisation");
        let both = AddUser { username: "both".to_owned(), role: Some(Role::Officer), ..new };
        assert!(user::run(&config, &both).is_err());

        // What was added is whole: an administrator at the root that was made for him.
        let found = app.read(|tx| {
            let found = legation::store::accounts::load_by_name(tx, "root.admin")?;
            Ok((found.unwrap().0, legation::store::organisations::list(tx)?))
        });
        assert_eq!(found.1.len(), 1);
        let admin: Client = app.signed_in(found.0.id);
        login(&app.client(), "root.admin", "anything at all").refused(401, "invalid-credentials");
        admin.get("/api/v1/users").refused(401, "unauthorised"); // invited: it has no password yet
    });
}

#[test]
fn the_command_line_verifies_and_makes_keys() {
    on_each(|app| {
        app.as_(Role::Officer);
        legation::cli::audit::verify(&app.config(), None, &[]).unwrap();
        let dir = app.folder().join("new-keys");
        legation::cli::keys::run(&dir).unwrap();
        assert!(legation::vault::KeyRing::load(&dir).is_ok());
        assert!(legation::cli::keys::run(&dir).unwrap_err().to_string().contains("never overwritten"));
    });
}

#[test]
fn the_mailbox_is_in_the_demo_alone() {
    on_each(|app| {
        app.client().get("/api/v1/dev/mailbox").refused(404, "not-found");
    });
}
