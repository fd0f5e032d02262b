//! Mandates: given in writing by whoever holds the role, for a time, to another person, as one voice.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::TimeDelta;
use legation::domain::access::Role;
use legation::store::accounts;
use serde_json::{Value, json};

use super::app::{Client, TestApp, on_each};
use super::make::{self, Made, approve, errors, is, person_of, second_account, together};
use super::pages::{Browser, cookie};
use super::stages::steps;

pub fn account(app: &TestApp, client: &Client) -> accounts::Account {
    let id = client.account.unwrap();
    app.read(|tx| Ok(accounts::load(tx, id)?)).unwrap()
}

/// A mandate for the decisions of an approver of the city's office, until the end of June.
pub fn body(app: &TestApp, holder: &Client) -> Value {
    json!({
        "holder": account(app, holder).username,
        "organisation_id": app.world().office,
        "role": "approver",
        "letter_number": "03/UQ-UBND",
        "letter_date": "2026-03-01",
        "valid_to": "2026-06-30",
    })
}

pub fn with(mut body: Value, change: Value) -> Value {
    body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    body
}

#[track_caller]
pub fn given(app: &TestApp, giver: &Client, holder: &Client) -> Value {
    giver.post("/api/v1/mandates", &body(app, holder)).expect(201)
}

#[track_caller]
pub fn ended(giver: &Client, mandate: &Value) -> Value {
    giver.post(&format!("/api/v1/mandates/{}/end", mandate["id"].as_str().unwrap()), &json!({})).expect(200)
}

/// Somebody of another house, who decides nothing himself.
pub fn stranger(app: &TestApp) -> Client {
    app.another(Role::Secretary, app.world().university)
}

#[test]
fn who_holds_a_mandate_decides_in_the_givers_place_until_it_ends() {
    on_each(|app| {
        let (giver, holder) = (app.as_(Role::Approver), stranger(app));
        let mut made = make::at_approver(app, 1);
        holder.get(&made.path()).refused(404, "not-found");
        made.tries(&holder, "decisions", &approve()).refused(403, "forbidden");
        let mandate = given(app, &giver, &holder);
        assert_eq!(
            (&mandate["in_force"], &mandate["valid_from"], &mandate["giver_name"], &mandate["holder_name"]),
            (
                &json!(true),
                &json!("2026-03-02"),
                &json!(account(app, &giver).display_name),
                &json!(account(app, &holder).display_name)
            )
        );
        let me = holder.get("/api/v1/me").expect(200);
        let by_mandate = |role: &&Value| role["mandate_id"] == mandate["id"];
        assert_eq!(me["roles"].as_array().unwrap().iter().filter(by_mandate).count(), 1);
        // He reads it, finds it in his inbox, is named in the status line, and gets mail of what comes.
        let shown = made.seen(&holder);
        assert_eq!(shown["commands"], json!(["advance"]));
        let mut people = [account(app, &giver).display_name, account(app, &holder).display_name];
        people.sort();
        assert_eq!(shown["waiting_for"][0]["people"], json!(people));
        assert_eq!(holder.get("/api/v1/inbox").expect(200)["items"][0]["waits_for"], "decide");
        let mut post = make::Post::default();
        post.news(app);
        let _second = make::at_approver(app, 11);
        let mails = post.news(app);
        assert!(mails.contains(&("received_for_step".to_owned(), holder.account.unwrap())), "{mails:?}");
        // He decides, and nothing else.
        let another = stranger(app);
        holder.post("/api/v1/mandates", &body(app, &another)).refused(403, "forbidden");
        made.tries(&holder, "revoke", &json!({"reason": "x"})).refused(403, "forbidden");
        holder.get("/api/v1/people").refused(403, "forbidden");
        let forms = json!({"decision": "approve", "forms": ["TM"]});
        assert_eq!(made.does(&holder, "decisions", &forms)["state"], "approved");
        let decision = steps(&made, &holder)[1]["decisions"][0].clone();
        assert_eq!(
            (&decision["forms"], &decision["name"], &decision["acting_for"]),
            (
                &json!(["TM", "TUQ"]),
                &json!(account(app, &holder).display_name),
                &json!({"account_id": giver.account, "name": account(app, &giver).display_name,
                    "mandate_id": mandate["id"], "letter_number": "03/UQ-UBND", "letter_date": "2026-03-01"})
            )
        );
        let newest = giver.get(&format!("{}/history", made.path())).expect(200)["items"][0].clone();
        assert_eq!(newest["values"]["mandate"], mandate["id"]);
        assert_eq!(newest["values"]["acting_for"], json!(giver.account));
        // Ended: everything is with its giver, and the holder knows of nothing.
        let over = ended(&giver, &mandate);
        assert_eq!((&over["in_force"], &over["ended_by"]), (&json!(false), &json!(giver.account)));
        holder.get(&made.path()).refused(404, "not-found");
        assert_eq!(holder.get("/api/v1/inbox").expect(200)["items"], json!([]));
        assert_eq!(giver.get("/api/v1/inbox").expect(200)["items"].as_array().unwrap().len(), 1);
        let again = format!("/api/v1/mandates/{}/end", mandate["id"].as_str().unwrap());
        giver.post(&again, &json!({})).refused(409, "illegal-move");
        let auditor = app.as_(Role::Auditor);
        for action in ["mandate.given", "mandate.ended"] {
            let found = auditor.get(&format!("/api/v1/journal?action={action}")).expect(200);
            assert_eq!(found["items"][0]["object_id"], mandate["id"], "{action}");
        }
    });
}

/// Whoever decides in another's place, and whoever reads it afterwards, sees in whose place and by which letter.
#[test]
fn pages_say_in_whose_place_and_by_which_letter() {
    on_each(|app| {
        let (giver, holder) = (app.as_(Role::Approver), stranger(app));
        let mut made = make::at_approver(app, 1);
        given(app, &giver, &holder);
        let (giver, name) = (account(app, &giver).display_name, account(app, &holder).display_name);
        let path = format!("/delegations/{}", made.id);
        let sheet = Browser::with(app, cookie(app, holder.account.unwrap()));
        let page = sheet.get(&format!("{path}/do/advance"));
        page.shows(&format!(
            "Anh/chị quyết định thừa ủy quyền (TUQ.) {giver}, theo văn bản 03/UQ-UBND ngày 01/03/2026, có hiệu lực đến hết 30/06/2026."
        ));
        page.shows("<strong>TUQ. Người phê duyệt</strong>");
        made.does(&holder, "decisions", &approve());
        let said = format!("{name}, thừa ủy quyền {giver} (văn bản 03/UQ-UBND ngày 01/03/2026)");
        Browser::of(app, Role::Officer, app.world().union).get(&path).shows(&said);
        let clerk = Browser::of(app, Role::Clerk, app.world().foreign);
        clerk.get(&format!("{path}/do/issue")).shows(&format!("value=\"{giver}\""));
        let paper = json!({"number": "5", "symbol": "UBND-ĐN", "date": "2026-03-02", "signer": name,
            "forms": ["TUQ"], "acting_for": giver});
        made.does(&app.as_(Role::Clerk), "issue", &paper);
        clerk.get(&path).shows(&format!("· {name} (thừa ủy quyền {giver})"));
    });
}

#[test]
fn a_mandate_is_complete_and_never_handed_on() {
    on_each(|app| {
        let world = *app.world();
        let (giver, holder) = (app.as_(Role::Approver), stranger(app));
        for role in [Role::Officer, Role::Clerk, Role::Secretary, Role::Appraiser, Role::Auditor, Role::Admin]
        {
            app.as_(role).post("/api/v1/mandates", &body(app, &holder)).refused(403, "forbidden");
        }
        let refused = |client: &Client, change: Value| {
            let answer = client.post("/api/v1/mandates", &with(body(app, &holder), change));
            errors(&answer.refused(422, "validation-failed"))
        };
        let one = |change: Value, pointer: &str, code: &str| {
            assert_eq!(refused(&giver, change.clone()), [is(pointer, code)], "{change}");
        };
        one(json!({"organisation_id": world.union}), "/role", "not-your-role");
        one(json!({"role": "officer"}), "/role", "not-your-role");
        one(json!({"role": "appraiser"}), "/role", "not-your-role");
        one(json!({"letter_number": " "}), "/letter_number", "required");
        one(
            json!({"letter_date": "2026-03-03", "valid_from": "2026-03-05"}),
            "/letter_date",
            "in-the-future",
        );
        one(json!({"valid_from": "2026-02-28"}), "/valid_from", "before-letter");
        one(json!({"valid_to": "2026-03-01"}), "/valid_to", "before-start");
        one(
            json!({"letter_date": "2026-01-01", "valid_from": "2026-01-02", "valid_to": "2026-03-01"}),
            "/valid_to",
            "in-the-past",
        );
        one(json!({"valid_to": "2027-03-03"}), "/valid_to", "longer-than-a-year");
        one(json!({"holder": "nobody.here"}), "/holder", "unknown-account");
        one(json!({"holder": account(app, &giver).username}), "/holder", "same-person");
        for role in [Role::Auditor, Role::Admin] {
            let aside = account(app, &app.as_(role)).username;
            one(json!({"holder": aside}), "/holder", "cannot-decide");
        }
        let same = second_account(app, &giver, Role::Officer, world.union);
        one(json!({"holder": account(app, &same).username}), "/holder", "same-person");
        one(json!({"limits": {"kinds": ["Phê duyệt"]}}), "/limits/kinds/0", "unknown-code");
        one(json!({"limits": {"directions": ["up"]}}), "/limits/directions/0", "unknown-code");
        let last = with(body(app, &holder), json!({"valid_to": "2027-03-02"}));
        giver.post("/api/v1/mandates", &last).expect(201);
        // Who holds by mandate has another role of his own to give, and not this one.
        let second = app.another(Role::Approver, world.union);
        given(app, &giver, &second);
        let on = stranger(app);
        let answer = second.post("/api/v1/mandates", &body(app, &on));
        assert_eq!(errors(&answer.refused(422, "validation-failed")), [is("/role", "not-your-role")]);
    });
}

#[test]
fn everybody_sees_his_own_mandates_and_ends_those_he_gave() {
    on_each(|app| {
        let (giver, holder, other) = (app.as_(Role::Approver), stranger(app), stranger(app));
        let first = given(app, &giver, &holder);
        let second = given(app, &giver, &other);
        let listed = |client: &Client| -> Vec<Value> {
            let page = client.get("/api/v1/mandates").expect(200);
            page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect()
        };
        let (one, two) = (first["id"].clone(), second["id"].clone());
        assert_eq!(listed(&giver), [two.clone(), one.clone()]);
        assert_eq!(listed(&holder), [one.clone()]);
        assert_eq!(listed(&app.as_(Role::Auditor)), [two.clone(), one.clone()]);
        assert_eq!(listed(&app.as_(Role::Clerk)), [] as [Value; 0]);
        app.as_(Role::Admin).get("/api/v1/mandates").refused(403, "forbidden");
        let page = giver.get("/api/v1/mandates?limit=1").expect(200);
        let cursor = page["next_cursor"].as_str().unwrap();
        let rest = giver.get(&format!("/api/v1/mandates?limit=1&cursor={cursor}")).expect(200);
        assert_eq!((&rest["items"][0]["id"], &rest["next_cursor"]), (&one, &Value::Null));
        let end = format!("/api/v1/mandates/{}/end", one.as_str().unwrap());
        holder.post(&end, &json!({})).refused(403, "forbidden");
        app.another(Role::Approver, app.world().office).post(&end, &json!({})).refused(404, "not-found");
        ended(&giver, &first);
    });
}

#[test]
fn giver_and_holder_speak_once() {
    on_each(|app| {
        let world = *app.world();
        let (giver, holder) = (app.as_(Role::Approver), app.another(Role::Appraiser, world.foreign));
        given(app, &giver, &holder);
        // The holder appraised: he does not approve for another.
        let mut first = make::at_appraiser(app, 1);
        first.does(&holder, "decisions", &approve());
        first.tries(&holder, "decisions", &approve()).refused(409, "already-decided");
        first.does(&giver, "decisions", &approve());
        // The giver appraised: nobody approves for him.
        let both = app.with_role(&giver, Role::Appraiser, world.foreign);
        let mut second = make::at_appraiser(app, 11);
        second.does(&both, "decisions", &approve());
        second.tries(&holder, "decisions", &approve()).refused(409, "already-decided");
        assert!(!second.seen(&holder)["commands"].as_array().unwrap().contains(&json!("advance")));
        second.does(&app.another(Role::Approver, world.office), "decisions", &approve());
        // The holder spoke for the giver, who returned it to the appraiser: in this lap the giver is silent.
        let mut third = make::at_approver(app, 21);
        let forward = json!({"decision": "forward", "comment": "Kính trình"});
        third.does(&holder, "decisions", &forward);
        let chairman = app.with_role(&giver, Role::Approver, world.city);
        third.tries(&chairman, "decisions", &approve()).refused(409, "already-decided");
    });
}

#[test]
fn four_eyes_hold_for_the_giver_too() {
    on_each(|app| {
        let world = *app.world();
        let officer = app.as_(Role::Officer);
        // The giver filed it himself, as an officer of the union.
        let giver = app.with_role(&officer, Role::Approver, world.office);
        let holder = stranger(app);
        let mandate = given(app, &giver, &holder);
        let made = make::at_approver(app, 1);
        made.tries(&holder, "decisions", &approve()).refused(403, "self-approval");
        assert_eq!(holder.get("/api/v1/inbox").expect(200)["items"], json!([]));
        assert_eq!(made.clone().seen(&holder)["waiting_for"][0]["people"], json!([]));
        // The database stands behind it.
        let step = steps(&made, &officer)[1]["id"].as_str().unwrap().to_owned();
        let insert = |id: u8, giver: &Client, person: &Client, revision: u8| {
            let id = format!("0197f000-0000-7000-8000-0000000000{id:02}");
            let (person, account) = (person_of(app, person), person.account.unwrap());
            let hash = if app.url.starts_with("sqlite") { "X'00'" } else { "'\\x00'" };
            let statement = format!(
                "INSERT INTO decisions (id, dossier_id, revision, lap, step_id, person_id, account_id, acting_for, \
                 mandate_id, decision, forms, content_hash, made_at) VALUES ('{id}', '{}', {revision}, 0, '{step}', \
                 '{person}', '{account}', '{}', '{}', 'approve', '[]', {hash}, '2026-03-02 02:00:00')",
                made.id,
                giver.account.unwrap(),
                mandate["id"].as_str().unwrap()
            );
            catch_unwind(AssertUnwindSafe(|| make::execute(app, &statement))).is_ok()
        };
        assert!(!insert(1, &giver, &holder, 1), "the giver filed it");
        let free = app.another(Role::Approver, world.office);
        assert!(insert(2, &free, &holder, 1));
        let other = stranger(app);
        assert!(!insert(3, &free, &other, 1), "the giver has spoken by another holder");
        assert!(!insert(4, &other, &free, 1), "and speaks for nobody");
        assert!(insert(5, &free, &other, 2), "a new revision is a new round");
    });
}

#[test]
fn it_falls_with_the_role_that_was_given() {
    on_each(|app| {
        let (giver, holder, admin) = (app.as_(Role::Approver), stranger(app), app.as_(Role::Admin));
        given(app, &giver, &holder);
        let mut made = make::at_approver(app, 1);
        made.seen(&holder);
        let user = format!("/api/v1/users/{}", giver.account.unwrap());
        let grant = admin.get(&user).expect(200)["grants"][0]["id"].as_str().unwrap().to_owned();
        let version = admin.get(&user).expect(200)["version"].as_i64().unwrap();
        let gone = admin.send(
            "DELETE",
            &format!("{user}/grants/{grant}"),
            None,
            &[("If-Match", &format!("\"{version}\""))],
        );
        assert!(gone.status < 300, "{}", gone.body);
        holder.get(&made.path()).refused(404, "not-found");
    });
}

#[test]
fn who_stands_aside_now_decides_for_nobody() {
    on_each(|app| {
        let (giver, holder) = (app.as_(Role::Approver), stranger(app));
        given(app, &giver, &holder);
        let mut made = make::at_approver(app, 1);
        let names = |made: &mut Made| made.seen(&giver)["waiting_for"][0]["people"].as_array().unwrap().len();
        assert_eq!(names(&mut made), 2);
        let auditor = app.with_role(&holder, Role::Auditor, app.world().city);
        made.tries(&auditor, "decisions", &approve()).refused(403, "forbidden");
        assert_eq!(names(&mut made), 1);
    });
}

#[test]
fn tuq_is_signed_under_a_mandate_alone() {
    on_each(|app| {
        let approver = app.as_(Role::Approver);
        let mut made = make::at_approver(app, 1);
        let body = |forms: Value| json!({"decision": "approve", "forms": forms});
        let refused = made.tries(&approver, "decisions", &body(json!(["TUQ"])));
        assert_eq!(errors(&refused.refused(422, "validation-failed")), [is("/forms", "only-with-mandate")]);
        // KT. and TL. are plain forms and stack.
        made.does(&approver, "decisions", &body(json!(["TL", "KT", "TM"])));
        assert_eq!(steps(&made, &approver)[1]["decisions"][0]["forms"], json!(["TM", "KT", "TL"]));
    });
}

#[test]
fn a_confidential_dossier_is_open_to_the_holder_while_the_mandate_is_in_force() {
    on_each(|app| {
        let (officer, giver, holder) = (app.as_(Role::Officer), app.as_(Role::Approver), stranger(app));
        let mut body = make::body(app, "2026-03-20");
        body["confidential"] = json!(true);
        app.as_(Role::Clerk);
        app.as_(Role::Appraiser);
        let mut made = make::registered(app, &officer, &body, 1);
        make::received(app, &officer, &mut made);
        made.does(&app.as_(Role::Appraiser), "decisions", &approve());
        let mandate = given(app, &giver, &holder);
        made.seen(&holder);
        ended(&giver, &mandate);
        holder.get(&made.path()).refused(404, "not-found");
        assert_eq!(
            make::count(app, &format!("dossier_parties WHERE party_id = '{}'", holder.account.unwrap())),
            0
        );
    });
}

#[test]
fn ended_at_the_moment_of_the_decision_it_is_ended_before_or_after() {
    on_each(|app| {
        for round in 0..5_u32 {
            let (giver, holder) = (app.as_(Role::Approver), stranger(app));
            let mandate = given(app, &giver, &holder);
            let made = make::at_approver(app, 1 + round * 10);
            let end = format!("/api/v1/mandates/{}/end", mandate["id"].as_str().unwrap());
            let works: Vec<Box<dyn FnOnce() -> u16 + Send>> = vec![
                Box::new({
                    let (made, holder): (Made, Client) = (made.clone(), holder.clone());
                    move || made.tries(&holder, "decisions", &approve()).status
                }),
                Box::new({
                    let giver = giver.clone();
                    move || giver.post(&end, &json!({})).status
                }),
            ];
            let told = together(works);
            assert_eq!(told[1], 200);
            assert!(matches!(told[0], 200 | 403 | 404), "{told:?}");
            let made_by_mandate = make::count(
                app,
                &format!("decisions WHERE dossier_id = '{}' AND mandate_id IS NOT NULL", made.id),
            );
            assert_eq!(made_by_mandate == 1, told[0] == 200);
            // And afterwards it is over for good.
            made.tries(&holder, "decisions", &approve()).refused(403, "forbidden");
        }
    });
}

#[test]
fn the_return_lists_what_was_decided_by_mandate() {
    on_each(|app| {
        let (officer, giver, holder) = (app.as_(Role::Officer), app.as_(Role::Approver), stranger(app));
        given(app, &giver, &holder);
        let mut made = make::at_approver(app, 1);
        made.does(&holder, "decisions", &approve());
        make::issued(app, &mut made, "5");
        let mut plain = make::at_approver(app, 11);
        plain.does(&giver, "decisions", &approve());
        make::issued(app, &mut plain, "6");
        let attended: Vec<Value> = made
            .members(&officer)
            .iter()
            .map(|member| json!({"member_id": member["id"], "attendance": "came"}))
            .collect();
        app.advance(TimeDelta::days(25));
        let visit = json!({"actual_arrives_on": "2026-03-20", "actual_departs_on": "2026-03-22", "members": attended,
            "results": "Tốt"});
        made.does(&officer, "report", &visit);
        let form =
            app.as_(Role::Auditor).get("/api/v1/reports/monthly/2026-03.json?window=calendar").expect(200);
        let told = form["annex6"].to_string();
        assert_eq!(told.matches("by_mandate").count(), 1, "{told}");
    });
}
