//! Answers on paper: who records them, what they do, and that they are nobody's consent but the body's.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::TimeDelta;
use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::{on_each, on_each_with};
use super::chains::ASKING;
use super::make::{self, approve, errors, fault, is, together};
use super::papers::{pdf, uploaded};
use super::stages::{answer, asked, both_answer, steps, told};

#[test]
fn an_answer_is_recorded_by_the_office_that_asked_alone() {
    on_each_with(ASKING, |app| {
        let world = *app.world();
        let (clerk, appraiser) = (app.as_(Role::Clerk), app.as_(Role::Appraiser));
        let mut made = make::at_approver(app, 1);
        let (police, mofa) = (asked(&made, &clerk, "city_police"), asked(&made, &clerk, "mofa"));
        for role in [Role::Officer, Role::Secretary, Role::Approver, Role::Auditor, Role::Admin] {
            made.tries(&app.as_(role), "opinions", &answer(&police, "agrees")).refused(403, "forbidden");
        }
        let elsewhere = app.another(Role::Clerk, world.university);
        made.tries(&elsewhere, "opinions", &answer(&police, "agrees")).refused(404, "not-found");
        let at_owner = app.another(Role::Clerk, world.union);
        made.tries(&at_owner, "opinions", &answer(&police, "agrees")).refused(403, "forbidden");
        // Each step has its own recorder.
        made.tries(&clerk, "opinions", &answer(&mofa, "agrees")).refused(403, "not-your-turn");
        made.tries(&appraiser, "opinions", &answer(&police, "agrees")).refused(403, "not-your-turn");
        let decided = steps(&made, &clerk)[3]["id"].as_str().unwrap().to_owned();
        made.tries(&clerk, "opinions", &answer(&decided, "agrees")).refused(403, "not-your-turn");
        assert!(made.seen(&clerk)["commands"].as_array().unwrap().contains(&json!("record_opinion")));
        assert!(!made.seen(&clerk)["commands"].as_array().unwrap().contains(&json!("advance")));
        let waits = |inbox: Value| {
            let items = inbox["items"].as_array().unwrap().clone();
            items.iter().map(|item| (item["waits_for"].clone(), item["step"].clone())).collect::<Vec<_>>()
        };
        for recorder in [&clerk, &appraiser] {
            let inbox = recorder.get("/api/v1/inbox").expect(200);
            assert_eq!(waits(inbox), [(json!("record_opinion"), json!("consult"))]);
        }
        made.does(&clerk, "opinions", &answer(&police, "agrees_with_conditions"));
        made.tries(&clerk, "opinions", &answer(&police, "objects")).refused(403, "not-your-turn");
        assert_eq!(waits(clerk.get("/api/v1/inbox").expect(200)), []);
        let shown = &steps(&made, &clerk)[1]["opinions"][0];
        assert_eq!(
            (&shown["body"], &shown["body_en"], &shown["answer"], &shown["number"], &shown["date"]),
            (
                &json!("city_police"),
                &json!("City Police"),
                &json!("agrees_with_conditions"),
                &json!("12/CV"),
                &json!("2026-03-02")
            )
        );
        assert_eq!(shown["recorded_by"], json!(clerk.account));
        assert!(shown["recorded_by_name"].as_str().unwrap().contains("clerk"));
        let history = clerk.get(&format!("{}/history", made.path())).expect(200);
        let newest = &history["items"][0];
        assert_eq!(newest["action"], "delegation.opinion_recorded");
        assert_eq!(newest["values"]["body"], "city_police");
        // Recording bars from nothing: whoever recorded for the ministry may decide on the approval.
        made.does(&appraiser, "opinions", &answer(&mofa, "agrees"));
        let recorder = app.with_role(&clerk, Role::Approver, world.office);
        assert_eq!(made.does(&recorder, "decisions", &approve())["state"], "approved");
        made.tries(&clerk, "opinions", &answer(&mofa, "agrees")).refused(409, "illegal-move");
    });
}

#[test]
fn silence_is_recorded_after_its_time_and_is_no_consent() {
    on_each_with(ASKING, |app| {
        let (clerk, appraiser) = (app.as_(Role::Clerk), app.as_(Role::Appraiser));
        let mut made = make::at_approver(app, 1);
        let (police, mofa) = (asked(&made, &clerk, "city_police"), asked(&made, &clerk, "mofa"));
        // Opened on Monday; 48 hours end on Wednesday, which is still theirs until midnight in Vietnam.
        app.clock.set("2026-03-04T16:59:59Z".parse().unwrap());
        let silent = answer(&mofa, "no_answer");
        assert_eq!(fault(made.tries(&appraiser, "opinions", &silent)), is("/answer", "clock-still-runs"));
        app.advance(TimeDelta::seconds(1));
        for (field, value) in
            [("number", json!("1")), ("date", json!("2026-03-02")), ("handled_offline", json!(true))]
        {
            let mut odd = silent.clone();
            odd[field] = value;
            let pointer = format!("/{field}");
            assert_eq!(fault(made.tries(&appraiser, "opinions", &odd)), is(&pointer, "only-with-answer"));
        }
        made.does(&appraiser, "opinions", &silent);
        assert_eq!(told(&made, &clerk, &["state"]), ["done", "open", "done", "waiting"]);
        // Who may forbid must be heard: silence is noted and the step stays open.
        app.advance(TimeDelta::days(7));
        let shown = made.does(&clerk, "opinions", &answer(&police, "no_answer"));
        assert_eq!(shown["waiting_for"][0]["overdue"], true);
        assert_eq!(told(&made, &clerk, &["state"]), ["done", "open", "done", "waiting"]);
        made.does(&clerk, "opinions", &answer(&police, "agrees"));
        assert_eq!(told(&made, &clerk, &["state"]), ["done", "done", "done", "open"]);
        let said: Vec<Value> = steps(&made, &clerk)[1]["opinions"].as_array().unwrap().clone();
        let answers: Vec<&Value> = said.iter().map(|opinion| &opinion["answer"]).collect();
        assert_eq!(answers, ["no_answer", "agrees"]);
    });
}

#[test]
fn an_objection_binds_where_the_body_does_and_is_shown_elsewhere() {
    on_each_with(ASKING, |app| {
        let approver = app.as_(Role::Approver);
        let mut free = make::at_approver(app, 1);
        both_answer(app, &mut free, "agrees", "objects");
        assert_eq!(steps(&free, &approver)[2]["opinions"][0]["answer"], "objects");
        assert_eq!(free.does(&approver, "decisions", &approve())["state"], "approved");

        let mut bound = make::at_approver(app, 11);
        both_answer(app, &mut bound, "objects", "agrees");
        let conditional = json!({"decision": "approve_with_conditions", "conditions": "x"});
        for verdict in [approve(), conditional] {
            let refused = bound.tries(&approver, "decisions", &verdict);
            refused.refused(409, "binding-objection");
        }
        assert!(bound.seen(&approver)["commands"].as_array().unwrap().contains(&json!("advance")));
        // Neither a new lap nor the level above makes it disappear.
        let back = json!({"decision": "return", "to": "appraiser", "comment": "Trao đổi lại"});
        bound.does(&approver, "decisions", &back);
        bound.does(&app.as_(Role::Appraiser), "decisions", &approve());
        bound.tries(&approver, "decisions", &approve()).refused(409, "binding-objection");
        let forward = json!({"decision": "forward", "comment": "Kính trình"});
        bound.does(&approver, "decisions", &forward);
        let chairman = app.at(Role::Approver, app.world().city);
        bound.tries(&chairman, "decisions", &approve()).refused(409, "binding-objection");
        let reject = json!({"decision": "reject", "comment": "Công an không đồng ý"});
        assert_eq!(bound.does(&chairman, "decisions", &reject)["state"], "rejected");
    });
}

#[test]
fn what_is_secret_stays_outside_and_the_rest_is_complete() {
    on_each_with(ASKING, |app| {
        let clerk = app.as_(Role::Clerk);
        let mut made = make::at_approver(app, 1);
        let police = asked(&made, &clerk, "city_police");
        let body = |change: Value| {
            let mut body = answer(&police, "agrees");
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            body
        };
        let refused =
            |body: Value| errors(&made.tries(&clerk, "opinions", &body).refused(422, "validation-failed"));
        assert_eq!(refused(body(json!({"number": " "}))), [is("/number", "required")]);
        assert_eq!(refused(body(json!({"number": "9".repeat(51)}))), [is("/number", "too-long")]);
        assert_eq!(refused(body(json!({"date": null}))), [is("/date", "required")]);
        assert_eq!(refused(body(json!({"date": "2026-03-03"}))), [is("/date", "in-the-future")]);
        assert_eq!(refused(body(json!({"date": "-0001-03-03"}))), [is("/date", "out-of-range")]);
        assert_eq!(refused(body(json!({"conditions": "x"}))), [is("/conditions", "only-with-conditions")]);
        let conditional = body(json!({"answer": "agrees_with_conditions"}));
        assert_eq!(refused(conditional), [is("/conditions", "required")]);
        assert_eq!(refused(body(json!({"answer": "perhaps"}))), [is("/answer", "unknown-code")]);
        assert_eq!(refused(body(json!({"body": "mofa"}))), [is("/body", "unknown-field")]);
        let secret = json!({"answer": "objects", "handled_offline": true, "conditions": "Mật"});
        assert_eq!(refused(body(secret)), [is("/conditions", "handled-offline")]);
        assert_eq!(refused(body(json!({"number": "12-CV/TU (MẬT)"}))), [is("/number", "state-secret")]);
        let marked = json!({"answer": "objects", "conditions": "Theo công văn Tuyệt mật số 5"});
        assert_eq!(refused(body(marked)), [is("/conditions", "state-secret")]);
        assert_eq!(refused(body(json!({"date": "2026-03-01"}))), [is("/date", "before-submission")]);
        let offline = json!({"answer": "agrees_with_conditions", "handled_offline": true});
        made.does(&clerk, "opinions", &body(offline));
        let shown = &steps(&made, &clerk)[1]["opinions"][0];
        assert_eq!((&shown["handled_offline"], &shown["conditions"]), (&json!(true), &Value::Null));
        for statement in
            ["UPDATE opinions SET answer = 'agrees'", "DELETE FROM opinions", "UPDATE opinions SET id = 'x'"]
        {
            let broken = catch_unwind(AssertUnwindSafe(|| make::execute(app, statement)));
            assert!(broken.is_err(), "{statement}");
        }
        assert_eq!(make::count(app, "opinions WHERE answer = 'agrees_with_conditions'"), 1);
    });
}

#[test]
fn an_answer_can_come_with_its_paper_which_then_stays() {
    on_each_with(ASKING, |app| {
        let clerk = app.as_(Role::Clerk);
        let mut made = make::at_approver(app, 1);
        let police = asked(&made, &clerk, "city_police");
        made.seen(&clerk);
        let letter = uploaded(&clerk, &mut made, "opinion", &pdf("letter"));
        let other = uploaded(&clerk, &mut made, "other", &pdf("other"));
        let with = |file: &str, change: Value| {
            let mut body = answer(&police, "agrees_with_conditions");
            body["conditions"] = json!("Giữ bảo mật chương trình");
            body["file_id"] = json!(file);
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            body
        };
        for (body, code) in [
            (with(&other, json!({})), "unknown-document"),
            (with(&made.id, json!({})), "unknown-document"),
            (with(&letter, json!({"handled_offline": true, "conditions": ""})), "handled-offline"),
        ] {
            assert_eq!(fault(made.tries(&clerk, "opinions", &body)), is("/file_id", code), "{body}");
        }
        made.does(&clerk, "opinions", &with(&letter, json!({})));
        assert_eq!(steps(&made, &clerk)[1]["opinions"][0]["file_id"], json!(letter));
        // Returned to its requester the dossier is open for papers again; the answer keeps its own.
        let paper = format!("{}/papers/{letter}", made.path());
        let back = json!({"decision": "return", "comment": "Bổ sung"});
        let step = asked(&made, &clerk, "mofa");
        made.does(&app.as_(Role::Appraiser), "opinions", &answer(&step, "agrees"));
        made.does(&app.as_(Role::Approver), "decisions", &back);
        made.seen(&clerk);
        let gone = json!({"reason": "Nhầm"});
        clerk.change("DELETE", &paper, made.version, &gone).refused(409, "paper-sealed");
    });
}

#[test]
fn of_two_records_at_once_one_counts() {
    on_each_with(ASKING, |app| {
        let clerks = [app.as_(Role::Clerk), app.another(Role::Clerk, app.world().foreign)];
        let made = make::at_approver(app, 1);
        let police = asked(&made, &clerks[0], "city_police");
        let works = clerks.iter().map(|clerk| {
            let (made, body) = (made.clone(), answer(&police, "agrees"));
            move || made.tries(clerk, "opinions", &body).status
        });
        let mut statuses = together(works.collect());
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        assert_eq!(make::count(app, "opinions"), 1);
    });
}

#[test]
fn the_shipped_chain_asks_nobody_for_an_ordinary_visit() {
    on_each(|app| {
        let made = make::at_appraiser(app, 1);
        let step = steps(&made, &app.as_(Role::Clerk))[0]["id"].as_str().unwrap().to_owned();
        made.tries(&app.as_(Role::Appraiser), "opinions", &answer(&step, "agrees"))
            .refused(403, "not-your-turn");
    });
}

#[test]
fn the_return_lists_answers_recorded_on_behalf() {
    on_each_with(ASKING, |app| {
        let mut made = make::at_approver(app, 1);
        both_answer(app, &mut made, "agrees", "objects");
        made.does(&app.as_(Role::Approver), "decisions", &approve());
        make::issued(app, &mut made, "5");
        app.advance(TimeDelta::days(25));
        let form =
            app.as_(Role::Auditor).get("/api/v1/reports/monthly/2026-03.json?window=calendar").expect(200);
        let told = form["annex6"].to_string();
        assert_eq!(told.matches("opinion_on_behalf").count(), 1, "{told}");
    });
}
