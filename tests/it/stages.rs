//! Stages, their clocks, the level above, and laps within a revision.

use chrono::TimeDelta;
use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::{Client, TestApp, on_each, on_each_with};
use super::chains::{ASKING, TWO_LEADERS};
use super::make::{self, Made, approve, fault, is};

/// The steps of a dossier as this client sees them.
#[track_caller]
pub fn steps(made: &Made, client: &Client) -> Vec<Value> {
    client.get(&format!("{}/steps", made.path())).expect(200)["items"].as_array().unwrap().clone()
}

/// What stands in these fields of each step, in words.
#[track_caller]
pub fn told(made: &Made, client: &Client, fields: &[&str]) -> Vec<String> {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let line = |step: &Value| fields.iter().map(|field| word(&step[*field])).collect::<Vec<_>>().join(" ");
    steps(made, client).iter().map(line).collect()
}

/// The id of the open step of this body.
#[track_caller]
pub fn asked(made: &Made, client: &Client, body: &str) -> String {
    let open = |step: &&Value| step["body"] == body && step["state"] == "open";
    let found = steps(made, client);
    found.iter().find(open).unwrap_or_else(|| panic!("{body} is not asked"))["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// The body of an answer on paper.
pub fn answer(step: &str, answer: &str) -> Value {
    let mut body = json!({"step_id": step, "answer": answer});
    if answer != "no_answer" {
        body["number"] = json!("12/CV");
        body["date"] = json!("2026-03-02");
    }
    if answer == "agrees_with_conditions" {
        body["conditions"] = json!("Không vào khu vực biên giới biển");
    }
    body
}

/// Records the answers of both bodies of `ASKING`.
#[track_caller]
pub fn both_answer(app: &TestApp, made: &mut Made, police: &str, mofa: &str) {
    let (clerk, appraiser) = (app.as_(Role::Clerk), app.as_(Role::Appraiser));
    let step = asked(made, &clerk, "city_police");
    made.does(&clerk, "opinions", &answer(&step, police));
    let step = asked(made, &clerk, "mofa");
    made.does(&appraiser, "opinions", &answer(&step, mofa));
}

#[test]
fn a_stage_opens_together_and_the_next_when_all_of_it_is_done() {
    on_each_with(ASKING, |app| {
        let (clerk, appraiser, approver) =
            (app.as_(Role::Clerk), app.as_(Role::Appraiser), app.as_(Role::Approver));
        let mut post = make::Post::default();
        let mut made = make::at_appraiser(app, 1);
        let seen = |made: &Made| told(made, &clerk, &["stage", "kind", "body", "state", "due_on"]);
        assert_eq!(
            seen(&made),
            [
                "1 appraise null open 2026-03-05",
                "2 consult city_police waiting null",
                "2 consult mofa waiting null",
                "3 approve null waiting null"
            ]
        );
        post.news(app);
        made.does(&appraiser, "decisions", &approve());
        assert_eq!(
            seen(&made),
            [
                "1 appraise null done 2026-03-05",
                "2 consult city_police open 2026-03-09",
                "2 consult mofa open 2026-03-04",
                "3 approve null waiting null"
            ]
        );
        post.told(app, &[("received_for_step", &clerk), ("received_for_step", &appraiser)]);
        made.tries(&approver, "decisions", &approve()).refused(404, "not-found");
        let step = asked(&made, &clerk, "mofa");
        made.does(&appraiser, "opinions", &answer(&step, "agrees"));
        assert_eq!(seen(&made)[2..], ["2 consult mofa done 2026-03-04", "3 approve null waiting null"]);
        post.told(app, &[]);
        // Friday after hours: the next clock begins on Monday.
        app.advance(TimeDelta::days(4) + TimeDelta::hours(9));
        let step = asked(&made, &clerk, "city_police");
        made.does(&clerk, "opinions", &answer(&step, "agrees"));
        assert_eq!(seen(&made)[3], "3 approve null open 2026-03-11");
        assert!(approver.account.is_some());
        post.told(app, &[("received_for_step", &approver)]);
        assert_eq!(made.does(&approver, "decisions", &approve())["state"], "approved");
        let words = told(&made, &clerk, &["title_vi", "title_en", "lap"]);
        assert_eq!(words[1], "Hỏi ý kiến Công an Opinion of the police 0");
        let clock = steps(&made, &clerk)[1]["clock"].clone();
        assert_eq!(clock, json!({"n": 5, "unit": "wd"}));
    });
}

#[test]
fn the_first_clock_runs_from_reception_and_not_from_typing_it_in() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        // (received, last day of three working days)
        for (no, at, due) in [
            (1, "2026-02-25T16:59:00+07:00", "2026-03-02"),
            (11, "2026-02-25T17:01:00+07:00", "2026-03-03"),
            (21, "2026-02-13T16:00:00+07:00", "2026-02-25"), // Tết 16-20/02 lies between
        ] {
            let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), no);
            made.does(&officer, "submit", &make::declared());
            made.does(&clerk, "receive", &json!({"number": no.to_string(), "at": at}));
            assert_eq!(told(&made, &clerk, &["due_on"])[0], due, "{at}");
        }
    });
}

#[test]
fn parallel_steps_decide_in_any_order_and_nobody_on_two() {
    on_each_with(TWO_LEADERS, |app| {
        let world = *app.world();
        let chairman = app.at(Role::Approver, world.city);
        let (first, second) = (app.as_(Role::Approver), app.another(Role::Approver, world.office));
        let both = app.with_role(&first, Role::Approver, world.city);
        let mut made = make::at_approver(app, 1);
        assert_eq!(made.does(&first, "decisions", &approve())["state"], "received");
        made.tries(&both, "decisions", &approve()).refused(409, "already-decided");
        assert_eq!(made.does(&chairman, "decisions", &approve())["state"], "received", "the quorum is two");
        assert_eq!(made.does(&second, "decisions", &approve())["state"], "approved");
        // One refusal of the stage is enough, and the other steps are dropped.
        let mut other = make::at_approver(app, 11);
        let reject = json!({"decision": "reject", "comment": "Không phù hợp"});
        assert_eq!(other.does(&chairman, "decisions", &reject)["state"], "rejected");
        assert_eq!(told(&other, &chairman, &["kind", "state"])[1..], ["approve dropped", "agree done"]);
    });
}

#[test]
fn an_opinion_goes_to_the_level_above_and_no_further() {
    on_each(|app| {
        let world = *app.world();
        let (appraiser, approver) = (app.as_(Role::Appraiser), app.as_(Role::Approver));
        let chairman = app.at(Role::Approver, world.city);
        let forward = json!({"decision": "forward", "comment": "Kính trình Chủ tịch"});
        let mut made = make::at_appraiser(app, 1);
        assert_eq!(
            fault(made.tries(&appraiser, "decisions", &json!({"decision": "forward"}))),
            is("/comment", "required")
        );
        // Where a later stage is left, the opinion goes there.
        made.does(&appraiser, "decisions", &forward);
        let said = steps(&made, &appraiser)[0]["decisions"][0].clone();
        assert_eq!((&said["recommends"], &said["comment"]), (&json!(true), &json!("Kính trình Chủ tịch")));
        assert_eq!(told(&made, &approver, &["kind", "state"]), ["appraise done", "approve open"]);
        let mut post = make::Post::default();
        post.news(app);
        assert_eq!(made.does(&approver, "decisions", &forward)["state"], "received");
        post.told(app, &[("received_for_step", &chairman)]);
        let shown = steps(&made, &chairman);
        assert_eq!(shown.len(), 3);
        assert_eq!(
            (&shown[2]["kind"], &shown[2]["state"], &shown[2]["organisation_id"], &shown[2]["due_on"]),
            (&json!("approve"), &json!("open"), &json!(world.city), &json!("2026-03-04"))
        );
        assert_eq!(shown[1]["decisions"][0]["comment"], "Kính trình Chủ tịch");
        made.tries(&app.another(Role::Approver, world.office), "decisions", &approve())
            .refused(403, "not-your-turn");
        assert_eq!(fault(made.tries(&chairman, "decisions", &forward)), is("/decision", "no-level-above"));
        assert_eq!(made.does(&chairman, "decisions", &approve())["state"], "approved");
    });
}

#[test]
fn a_return_to_the_appraiser_lays_the_chain_again_within_the_round() {
    on_each_with(ASKING, |app| {
        let world = *app.world();
        let (clerk, appraiser, approver) =
            (app.as_(Role::Clerk), app.as_(Role::Appraiser), app.as_(Role::Approver));
        let mut made = make::at_approver(app, 1);
        both_answer(app, &mut made, "agrees", "agrees_with_conditions");
        let back = json!({"decision": "return", "to": "appraiser", "comment": "Làm rõ nơi ở"});
        let late = json!({"decision": "return", "to": "appraiser", "comment": "x", "due_on": "2026-03-20"});
        assert_eq!(fault(made.tries(&approver, "decisions", &late)), is("/due_on", "only-with-return"));
        let odd = json!({"decision": "approve", "to": "requester"});
        assert_eq!(fault(made.tries(&approver, "decisions", &odd)), is("/to", "only-with-return"));
        let mut post = make::Post::default();
        post.news(app);
        let shown = made.does(&approver, "decisions", &back);
        assert_eq!((&shown["state"], &shown["revision"]), (&json!("received"), &json!(1)));
        assert_eq!(shown["supplement_due_on"], Value::Null);
        post.told(app, &[("received_for_step", &appraiser)]);
        let seen = |made: &Made| told(made, &clerk, &["lap", "stage", "kind", "body", "state"]);
        assert_eq!(
            seen(&made)[4..],
            ["1 1 appraise null open", "1 3 approve null waiting"],
            "answers that were given stay valid"
        );
        // The appraiser has nobody to return it to but the requester.
        assert_eq!(fault(made.tries(&appraiser, "decisions", &back)), is("/to", "no-appraiser"));
        // Who decided as approver does not appraise, and the other way round; each speaks again from his own chair.
        let crossing = app.with_role(&approver, Role::Appraiser, world.foreign);
        made.tries(&crossing, "decisions", &approve()).refused(409, "already-decided");
        made.does(&appraiser, "decisions", &approve());
        let crossing = app.with_role(&appraiser, Role::Approver, world.office);
        made.tries(&crossing, "decisions", &approve()).refused(409, "already-decided");
        assert_eq!(made.does(&approver, "decisions", &approve())["state"], "approved");
        let all = steps(&made, &clerk);
        let decided = |no: usize| all[no]["decisions"][0]["decision"].clone();
        assert_eq!((decided(3), decided(5)), (json!("return"), json!("approve")), "earlier decisions stay");
        assert_eq!(all[3]["decisions"][0]["to"], "appraiser");
        assert_eq!(make::count(app, "decisions WHERE lap = 1"), 2);
    });
}

#[test]
fn who_did_not_answer_is_asked_again_in_the_next_lap() {
    on_each_with(ASKING, |app| {
        let (clerk, appraiser, approver) =
            (app.as_(Role::Clerk), app.as_(Role::Appraiser), app.as_(Role::Approver));
        let mut made = make::at_approver(app, 1);
        app.advance(TimeDelta::days(10));
        both_answer(app, &mut made, "agrees", "no_answer");
        let back = json!({"decision": "return", "to": "appraiser", "comment": "Hỏi lại Bộ"});
        made.does(&approver, "decisions", &back);
        made.does(&appraiser, "decisions", &approve());
        let open = told(&made, &clerk, &["lap", "body", "state"]);
        assert_eq!(open[4..], ["1 null done", "1 mofa open", "1 null waiting"]);
    });
}

#[test]
fn endorsements_outlive_a_lap() {
    on_each(|app| {
        let world = *app.world();
        let (officer, head) = (app.at(Role::Officer, world.association), app.at(Role::Approver, world.union));
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        make::received(app, &officer, &mut made);
        // Nobody appraised before the endorsement.
        let back = json!({"decision": "return", "to": "appraiser", "comment": "x"});
        assert_eq!(fault(made.tries(&head, "decisions", &back)), is("/to", "no-appraiser"));
        made.does(&head, "decisions", &approve());
        made.does(&app.as_(Role::Appraiser), "decisions", &approve());
        made.does(&app.as_(Role::Approver), "decisions", &back);
        let laid = told(&made, &officer, &["lap", "kind", "state"]);
        assert_eq!(
            laid,
            ["0 endorse done", "0 appraise done", "0 approve done", "1 appraise open", "1 approve waiting"]
        );
    });
}

#[test]
fn bulk_decisions_know_all_five() {
    on_each(|app| {
        let approver = app.as_(Role::Approver);
        let chairman = app.at(Role::Approver, app.world().city);
        let [a, b, c] = [1, 11, 21].map(|no| make::at_approver(app, no));
        let members = c.members(&approver);
        let row = |made: &Made, more: Value| {
            let mut row = json!({"delegation_id": made.id, "version": made.version});
            row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            row
        };
        let items = json!([
            row(&a, json!({"decision": "forward", "comment": "Kính trình"})),
            row(&b, json!({"decision": "return", "to": "appraiser", "comment": "Làm rõ"})),
            row(
                &c,
                json!({"decision": "approve_with_conditions", "conditions": "Bớt một khách",
                "strike_members": [members[1]["id"]], "strike_programme": [0]})
            ),
        ]);
        let results = approver.post("/api/v1/decisions", &json!({"items": items})).expect(200);
        for result in results["results"].as_array().unwrap() {
            assert_eq!(result["status"], 200, "{result}");
        }
        assert_eq!(told(&a, &chairman, &["state"]), ["done", "done", "open"]);
        assert_eq!(told(&b, &approver, &["lap", "state"])[2..], ["1 open", "1 waiting"]);
        assert_eq!(c.members(&approver).len(), 1);
    });
}
