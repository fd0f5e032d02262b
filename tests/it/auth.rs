//! Signing in: the whole story, and what an attacker may try.

use chrono::TimeDelta;
use legation::domain::access::Role;
use serde_json::{Value, json};

use crate::app::{Answer, Client, TestApp, on_each};

pub const PASSWORD: &str = "bến Ninh Kiều lúc hoàng hôn";

/// Adds an account through the API, chooses a password by the link, and returns its id.
pub fn person(app: &TestApp, username: &str, role: Role) -> String {
    let admin = app.as_(Role::Admin);
    let body = json!({
        "username": username, "display_name": "Trần Văn Bình", "email": "binh@example.org",
        "grants": [{"organisation_id": app.world().union, "role": role}],
    });
    let added = admin.post("/api/v1/users", &body).expect(201);
    let answer = activate(&app.client(), &token_of(&added), PASSWORD).expect(200);
    assert_eq!(answer["username"], username);
    added["id"].as_str().unwrap().to_owned()
}

pub fn token_of(answer: &Value) -> String {
    let url = answer["activation"]["url"].as_str().unwrap();
    assert!(url.starts_with("http://"), "{url}");
    url.split_once("token=").unwrap().1.to_owned()
}

pub fn activate(client: &Client, token: &str, password: &str) -> Answer {
    client.post("/api/v1/auth/activate", &json!({"token": token, "password": password}))
}

pub fn login(client: &Client, username: &str, password: &str) -> Answer {
    client.post("/api/v1/auth/login", &json!({"username": username, "password": password}))
}

fn refresh(client: &Client, token: &str) -> Answer {
    client.post("/api/v1/auth/refresh", &json!({"refresh_token": token}))
}

fn bearer(app: &TestApp, tokens: &Value) -> Client {
    Client { token: Some(tokens["access_token"].as_str().unwrap().to_owned()), ..app.client() }
}

/// What may be compared of two answers: everything but the request id.
fn told(answer: &Answer) -> (u16, Value, Option<String>) {
    let mut body = answer.body.clone();
    body.as_object_mut().unwrap().remove("request_id");
    (answer.status, body, answer.header("retry-after").map(str::to_owned))
}

fn actions(app: &TestApp, action: &str) -> Vec<Value> {
    let page = app.as_(Role::Auditor).get(&format!("/api/v1/journal?limit=200&action={action}")).expect(200);
    page["items"].as_array().unwrap().clone()
}

#[test]
fn the_whole_story() {
    on_each(|app| {
        let id = person(app, "binh.tran", Role::Officer);
        let tokens = login(&app.client(), " Binh.Tran ", PASSWORD).expect(200);
        assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(600)));
        let client = bearer(app, &tokens);
        let me = client.get("/api/v1/me").expect(200);
        assert_eq!((&me["id"], &me["username"]), (&json!(id), &json!("binh.tran")));
        assert_eq!(
            me["roles"],
            json!([{"role": "officer", "organisation_id": app.world().union, "mandate_id": null}])
        );
        assert!(me["person_id"].is_string());

        app.advance(TimeDelta::minutes(11));
        client.get("/api/v1/me").refused(401, "unauthorised");
        let next = refresh(&app.client(), tokens["refresh_token"].as_str().unwrap()).expect(200);
        bearer(app, &next).get("/api/v1/me").expect(200);

        let out = bearer(app, &next).send("POST", "/api/v1/auth/logout", None, &[]);
        assert_eq!(out.status, 204);
        bearer(app, &next).get("/api/v1/me").refused(401, "unauthorised");
        refresh(&app.client(), next["refresh_token"].as_str().unwrap()).refused(401, "unauthorised");
        assert_eq!(
            actions(app, "sign_in.succeeded").iter().filter(|entry| entry["actor_id"] == id.as_str()).count(),
            1
        );
        assert_eq!(actions(app, "session.ended").len(), 1);
    });
}

#[test]
fn a_refresh_token_alone_signs_out() {
    on_each(|app| {
        person(app, "binh", Role::Officer);
        let tokens = login(&app.client(), "binh", PASSWORD).expect(200);
        let out =
            app.client().post("/api/v1/auth/logout", &json!({"refresh_token": tokens["refresh_token"]}));
        assert_eq!(out.status, 204);
        bearer(app, &tokens).get("/api/v1/me").refused(401, "unauthorised");
        app.client().post("/api/v1/auth/logout", &json!({})).refused(401, "unauthorised");
        app.client().post("/api/v1/auth/logout", &json!({"refresh_token": "x"})).refused(401, "unauthorised");
    });
}

#[test]
fn sessions_end_unused_and_at_last() {
    on_each(|app| {
        person(app, "binh", Role::Officer);
        let tokens = login(&app.client(), "binh", PASSWORD).expect(200);
        app.advance(TimeDelta::minutes(31));
        refresh(&app.client(), tokens["refresh_token"].as_str().unwrap()).refused(401, "unauthorised");

        let mut tokens = login(&app.client(), "binh", PASSWORD).expect(200);
        for _ in 0..28 {
            app.advance(TimeDelta::minutes(25));
            tokens = refresh(&app.client(), tokens["refresh_token"].as_str().unwrap()).expect(200);
        }
        app.advance(TimeDelta::minutes(25));
        refresh(&app.client(), tokens["refresh_token"].as_str().unwrap()).refused(401, "unauthorised");
    });
}

#[test]
fn of_twenty_uses_of_one_refresh_token_one_succeeds_and_the_family_dies() {
    on_each(|app| {
        person(app, "binh", Role::Officer);
        let tokens = login(&app.client(), "binh", PASSWORD).expect(200);
        let token = tokens["refresh_token"].as_str().unwrap();
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..20).map(|_| scope.spawn(|| refresh(&app.client(), token))).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let won: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(won.len(), 1);
        assert!(answers.iter().filter(|answer| answer.status != 200).all(|answer| answer.status == 401));
        refresh(&app.client(), won[0].body["refresh_token"].as_str().unwrap()).refused(401, "unauthorised");
        bearer(app, &won[0].body).get("/api/v1/me").refused(401, "unauthorised");
        bearer(app, &tokens).get("/api/v1/me").refused(401, "unauthorised");
        assert_eq!(actions(app, "session.refresh_reused").len(), 1);
    });
}

#[test]
fn a_made_up_refresh_token_is_refused() {
    on_each(|app| {
        for token in ["", "x", "00000000000000000000000000000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
        {
            refresh(&app.client(), token).refused(401, "unauthorised");
        }
        app.client().post("/api/v1/auth/refresh", &json!({})).refused(422, "validation-failed");
        app.client()
            .post("/api/v1/auth/refresh", &json!({"refresh_token": 5}))
            .refused(422, "validation-failed");
    });
}

/// Of many wrong passwords at once no more than the limit are compared, and the right one does not get in after them.
#[test]
fn parallel_guesses_do_not_pass_the_limit() {
    on_each(|app| {
        let id = person(app, "binh", Role::Officer);
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let guess = |no: u32| login(&app.client(), "binh", &format!("guess number {no} of many"));
            let all: Vec<_> = (0..40).map(|no| scope.spawn(move || guess(no))).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let compared = answers.iter().filter(|answer| answer.status == 401).count();
        let waved_off = answers.iter().filter(|answer| answer.status == 429).count();
        assert_eq!((compared, waved_off), (10, 30));
        let locked = login(&app.client(), "binh", PASSWORD);
        assert_eq!(locked.header("retry-after"), Some("900"));
        locked.refused(429, "too-many-requests");

        app.advance(TimeDelta::minutes(15));
        login(&app.client(), "binh", PASSWORD).expect(200);
        let told =
            |action| actions(app, action).iter().filter(|entry| entry["object_id"] == id.as_str()).count();
        assert_eq!((told("sign_in.failed"), told("sign_in.locked")), (1, 1));
        app.advance(TimeDelta::hours(1));
        app.run_jobs();
        let sums = actions(app, "sign_in.failures_summed");
        assert_eq!(sums.len(), 1);
        assert_eq!(sums[0]["values"]["failures"], "41");
    });
}

#[test]
fn a_right_password_begins_the_count_anew() {
    on_each(|app| {
        person(app, "binh", Role::Officer);
        for _ in 0..3 {
            for _ in 0..9 {
                login(&app.client(), "binh", "not the right one").refused(401, "invalid-credentials");
            }
            login(&app.client(), "binh", PASSWORD).expect(200);
        }
    });
}

/// Body, status and headers are the same for a wrong password, an unknown name, an invited and a disabled account,
/// try after try, up to the lock and in it.
#[test]
fn known_and_unknown_names_are_answered_alike() {
    on_each(|app| {
        person(app, "known", Role::Officer);
        let disabled = person(app, "disabled", Role::Officer);
        let admin = app.as_(Role::Admin);
        let version =
            admin.get(&format!("/api/v1/users/{disabled}")).expect(200)["version"].as_i64().unwrap();
        let path = format!("/api/v1/users/{disabled}");
        admin.change("PATCH", &path, version, &json!({"state": "disabled"})).expect(200);
        let invited = json!({"username": "invited", "display_name": "A", "email": "a@example.org"});
        admin.post("/api/v1/users", &invited).expect(201);

        let mut statuses = Vec::new();
        for _ in 0..12 {
            let wrong = told(&login(&app.client(), "known", "wrong wrong wrong"));
            for name in ["nobody", "invited", "disabled"] {
                assert_eq!(told(&login(&app.client(), name, PASSWORD)), wrong, "{name}");
            }
            statuses.push(wrong.0);
        }
        assert_eq!(statuses, [vec![401; 10], vec![429; 2]].concat());
        assert_eq!(wrong_code(app), "invalid-credentials");
    });
}

fn wrong_code(app: &TestApp) -> String {
    let answer = login(&app.client(), "somebody else", "wrong wrong wrong");
    answer.refused(401, "invalid-credentials")["code"].as_str().unwrap().to_owned()
}

/// However many names are guessed, the journal grows by one entry an hour, and no typed name is in it.
#[test]
fn guessed_names_do_not_fill_the_journal() {
    on_each(|app| {
        let before =
            app.as_(Role::Auditor).get("/api/v1/journal?limit=1").expect(200)["items"][0]["seq"].clone();
        for no in 0..30 {
            login(&app.client(), &format!("typed-secret-{no}"), "x").refused(401, "invalid-credentials");
        }
        let page = app.as_(Role::Auditor).get("/api/v1/journal?limit=200").expect(200);
        let after = page["items"][0]["seq"].as_i64().unwrap();
        assert_eq!(after, before.as_i64().unwrap() + 1);
        assert!(!page.to_string().contains("typed-secret"), "{page}");
        app.advance(TimeDelta::hours(2));
        app.run_jobs();
        let sums = actions(app, "sign_in.failures_summed");
        assert_eq!(sums.len(), 1);
        assert_eq!((&sums[0]["values"]["failures"], &sums[0]["object_id"]), (&json!("30"), &json!("")));
        app.run_jobs();
        assert_eq!(actions(app, "sign_in.failures_summed").len(), 1);
    });
}

#[test]
fn a_disabled_account_ends_at_once() {
    on_each(|app| {
        let id = person(app, "binh", Role::Officer);
        let tokens = login(&app.client(), "binh", PASSWORD).expect(200);
        let client = bearer(app, &tokens);
        client.get("/api/v1/me").expect(200);
        let admin = app.as_(Role::Admin);
        let path = format!("/api/v1/users/{id}");
        let version = admin.get(&path).expect(200)["version"].as_i64().unwrap();
        let changed = admin.change("PATCH", &path, version, &json!({"state": "disabled"})).expect(200);
        assert_eq!(changed["state"], "disabled");
        client.get("/api/v1/me").refused(401, "unauthorised");
        refresh(&app.client(), tokens["refresh_token"].as_str().unwrap()).refused(401, "unauthorised");
        login(&app.client(), "binh", PASSWORD).refused(401, "invalid-credentials");

        let version = changed["version"].as_i64().unwrap();
        let changed = admin.change("PATCH", &path, version, &json!({"state": "active"})).expect(200);
        assert_eq!(changed["state"], "active");
        client.get("/api/v1/me").refused(401, "unauthorised");
        login(&app.client(), "binh", PASSWORD).expect(200);
    });
}

#[test]
fn a_link_works_once_and_only_for_a_good_password() {
    on_each(|app| {
        let admin = app.as_(Role::Admin);
        let body = json!({"username": "lan.nguyen", "display_name": "Lan", "email": "lan@example.org"});
        let added = admin.post("/api/v1/users", &body).expect(201);
        let token = token_of(&added);
        for (weak, code) in [
            ("short", "password-too-short"),
            ("passwordpassword", "password-common"),
            ("thuyền LAN.NGUYEN về bến", "password-contains-name"),
            (&"dài ".repeat(40), "password-too-long"),
        ] {
            let refused = activate(&app.client(), &token, weak).refused(422, "validation-failed");
            assert_eq!(refused["errors"][0]["pointer"], "/password");
            assert_eq!(refused["errors"][0]["code"], code, "{weak}");
        }
        let answers: Vec<u16> = std::thread::scope(|scope| {
            let all: Vec<_> =
                (0..8).map(|_| scope.spawn(|| activate(&app.client(), &token, PASSWORD).status)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
        assert!(answers.iter().all(|status| [200, 404].contains(status)), "{answers:?}");
        activate(&app.client(), &token, "another good long phrase").refused(404, "invalid-link");
        activate(&app.client(), "made up", PASSWORD).refused(404, "invalid-link");
        login(&app.client(), "lan.nguyen", PASSWORD).expect(200);
    });
}

#[test]
fn a_new_link_ends_the_earlier_one_and_a_new_password_every_sign_in() {
    on_each(|app| {
        let id = person(app, "binh", Role::Officer);
        let tokens = login(&app.client(), "binh", PASSWORD).expect(200);
        let admin = app.as_(Role::Admin);
        let path = format!("/api/v1/users/{id}/link");
        let first = token_of(&admin.post(&path, &json!({})).expect(201));
        let second = token_of(&admin.post(&path, &json!({})).expect(201));
        let new = "cầu treo trên sông Hậu";
        activate(&app.client(), &first, new).refused(404, "invalid-link");
        bearer(app, &tokens).get("/api/v1/me").expect(200);
        activate(&app.client(), &second, new).expect(200);
        bearer(app, &tokens).get("/api/v1/me").refused(401, "unauthorised");
        login(&app.client(), "binh", PASSWORD).refused(401, "invalid-credentials");
        login(&app.client(), "binh", new).expect(200);

        let late = token_of(&admin.post(&path, &json!({})).expect(201));
        app.advance(TimeDelta::hours(72));
        activate(&app.client(), &late, PASSWORD).refused(404, "invalid-link");
    });
}

#[test]
fn nothing_passes_without_a_token_of_ours() {
    on_each(|app| {
        person(app, "binh", Role::Officer);
        let tokens = login(&app.client(), "binh", PASSWORD).expect(200);
        let good = tokens["access_token"].as_str().unwrap();
        let (head, signature) = good.rsplit_once('.').unwrap();
        let flipped = format!("{head}.{}", signature.chars().rev().collect::<String>());
        let broken = [
            String::new(),
            "x".to_owned(),
            flipped,
            format!("{head}."),
            tokens["refresh_token"].as_str().unwrap().to_owned(),
        ];
        let answer = app.client().get("/api/v1/me");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        answer.refused(401, "unauthorised");
        for token in broken {
            Client { token: Some(token), ..app.client() }.get("/api/v1/me").refused(401, "unauthorised");
        }
        let basic = [("Authorization", "Basic YmluaDp4")];
        app.client().send("GET", "/api/v1/me", None, &basic).refused(401, "unauthorised");
        bearer(app, &tokens).get("/api/v1/me").expect(200);
    });
}

#[test]
fn bad_input_to_sign_in_names_its_field() {
    on_each(|app| {
        let client = app.client();
        let post = |body: &Value| client.post("/api/v1/auth/login", body).refused(422, "validation-failed");
        assert_eq!(post(&json!({}))["errors"][0]["pointer"], "/username");
        assert_eq!(post(&json!({"username": "a"}))["errors"][0]["pointer"], "/password");
        assert_eq!(post(&json!({"username": 1, "password": "a"}))["errors"][0]["code"], "wrong-type");
        let more = json!({"username": "a", "password": "b", "role": "admin"});
        assert_eq!(post(&more)["errors"][0]["code"], "unknown-field");
        client.send("POST", "/api/v1/auth/login", Some("{".to_owned()), &[]).refused(400, "malformed-json");
        client.send("GET", "/api/v1/auth/login", None, &[]).refused(405, "method-not-allowed");
        let long = "a".repeat(100_000);
        login(&client, &long, "b").refused(401, "invalid-credentials");
        login(&client, "a\u{0}b\n", &long).refused(401, "invalid-credentials");
    });
}
