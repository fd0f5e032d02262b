//! The status line: who must act, since when, until when, in every state.

use chrono::TimeDelta;
use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::{Client, TestApp, on_each, on_each_with};
use super::chains::ASKING;
use super::make::{self, Made, approve};

#[track_caller]
fn waiting(made: &mut Made, client: &Client) -> Vec<Value> {
    made.seen(client)["waiting_for"].as_array().unwrap().clone()
}

/// What, who, until when, whether late.
fn line(waiting: &Value) -> String {
    let word = |field: &str| waiting[field].as_str().unwrap_or("-").to_owned();
    let late = if waiting["overdue"] == true { "late" } else { "in time" };
    format!("{} {} {} {late}", word("kind"), word("role"), word("due_on"))
}

fn name(app: &TestApp, client: &Client) -> String {
    let id = client.account.unwrap();
    app.read(|tx| Ok(legation::store::accounts::load(tx, id)?)).unwrap().display_name
}

#[test]
fn every_state_says_whom_it_waits_for() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let (appraiser, approver) = (app.as_(Role::Appraiser), app.as_(Role::Approver));
        let world = *app.world();
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        let one = |made: &mut Made| {
            let all = waiting(made, &officer);
            assert_eq!(all.len(), 1, "{all:?}");
            all[0].clone()
        };
        let draft = one(&mut made);
        // Five working days before 20 March: the last day on which the rules let it be filed.
        assert_eq!(line(&draft), "submit officer 2026-03-13 in time");
        assert_eq!(
            (&draft["title_vi"], &draft["title_en"]),
            (&json!("Hoàn thiện và trình hồ sơ"), &json!("Complete and submit"))
        );
        assert_eq!(
            (&draft["people"], &draft["organisation_id"]),
            (&json!([name(app, &officer)]), &json!(world.union))
        );
        made.does(&officer, "submit", &make::declared());
        let submitted = one(&mut made);
        assert_eq!(line(&submitted), "receive clerk 2026-03-03 in time");
        assert_eq!(
            (&submitted["title_vi"], &submitted["people"]),
            (&json!("Tiếp nhận hồ sơ"), &json!([name(app, &clerk)]))
        );
        make::received_again(app, &mut made);
        let appraising = one(&mut made);
        assert_eq!(line(&appraising), "appraise appraiser 2026-03-05 in time");
        assert_eq!(
            (&appraising["people"], &appraising["since"]),
            (&json!([name(app, &appraiser)]), &json!("2026-03-02T02:00:00Z"))
        );
        app.advance(TimeDelta::days(4));
        assert_eq!(line(&one(&mut made)), "appraise appraiser 2026-03-05 late");
        let back = json!({"decision": "return", "comment": "Thiếu", "due_on": "2026-03-10"});
        made.does(&appraiser, "decisions", &back);
        assert_eq!(line(&one(&mut made)), "supplement officer 2026-03-10 in time");
        made.does(&officer, "submit", &make::declared());
        make::received_again(app, &mut made);
        made.does(&appraiser, "decisions", &approve());
        // A Friday: two working days end on Tuesday.
        assert_eq!(line(&one(&mut made)), "approve approver 2026-03-10 in time");
        made.does(&approver, "decisions", &approve());
        let approved = one(&mut made);
        assert_eq!(line(&approved), "issue clerk 2026-03-09 in time");
        assert_eq!(approved["title_en"], "Issue the permit");
        make::issued(app, &mut made, "7");
        assert_eq!(
            waiting(&mut made, &officer),
            [] as [Value; 0],
            "nobody must act before the visit is over"
        );
        // It ends on 22 March; in Vietnam the 23rd begins at 17:00 UTC.
        app.clock.set("2026-03-22T16:59:59Z".parse().unwrap());
        assert_eq!(waiting(&mut made, &officer), [] as [Value; 0]);
        app.advance(TimeDelta::seconds(1));
        let over = one(&mut made);
        assert_eq!(
            (line(&over), &over["since"]),
            ("report officer 2026-03-27 in time".to_owned(), &json!("2026-03-22T17:00:00Z"))
        );
        let attended: Vec<Value> = made
            .members(&officer)
            .iter()
            .map(|member| json!({"member_id": member["id"], "attendance": "came"}))
            .collect();
        made.does(
            &officer,
            "report",
            &json!({"actual_arrives_on": "2026-03-20", "actual_departs_on": "2026-03-22",
            "members": attended, "results": "Tốt"}),
        );
        assert_eq!(line(&one(&mut made)), "close officer - in time");
        made.does(&officer, "close", &make::closing());
        assert_eq!(waiting(&mut made, &officer), [] as [Value; 0]);
    });
}

#[test]
fn several_at_once_and_who_may_not_act_is_not_named() {
    on_each_with(ASKING, |app| {
        let world = *app.world();
        let (officer, clerk, appraiser) =
            (app.as_(Role::Officer), app.as_(Role::Clerk), app.as_(Role::Appraiser));
        let other = app.another(Role::Appraiser, world.foreign);
        // Who filed it would not appraise it, whichever role he has.
        let own = app.with_role(&officer, Role::Appraiser, world.foreign);
        let mut made = make::at_appraiser(app, 1);
        let mut expected = [name(app, &appraiser), name(app, &other)];
        expected.sort();
        assert_eq!(waiting(&mut made, &own)[0]["people"], json!(expected));
        made.does(&appraiser, "decisions", &approve());
        let both = waiting(&mut made, &officer);
        let told: Vec<(String, &Value)> = both.iter().map(|one| (line(one), &one["body"])).collect();
        assert_eq!(
            told,
            [
                ("consult clerk 2026-03-09 in time".to_owned(), &json!("city_police")),
                ("consult appraiser 2026-03-04 in time".to_owned(), &json!("mofa"))
            ]
        );
        assert_eq!(both[0]["people"], json!([name(app, &clerk)]));
        assert!(both.iter().all(|one| one["step_id"].is_string()));
    });
}

#[test]
fn a_confidential_dossier_names_those_who_are_named_in_it() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let colleague = app.another(Role::Officer, app.world().union);
        let mut body = make::body(app, "2026-03-20");
        body["confidential"] = json!(true);
        let mut made = make::registered(app, &officer, &body, 1);
        assert_eq!(waiting(&mut made, &officer)[0]["people"], json!([name(app, &officer)]));
        assert!(colleague.get(&made.path()).status == 404);
    });
}

#[test]
fn a_step_that_was_opened_without_a_last_day_has_it_worked_out() {
    on_each(|app| {
        let clerk = app.as_(Role::Clerk);
        let mut made = make::at_appraiser(app, 1);
        // As rows of the first version stand after its migration.
        make::execute(app, "UPDATE steps SET due_on = NULL");
        assert_eq!(line(&waiting(&mut made, &clerk)[0]), "appraise appraiser 2026-03-05 in time");
        let steps = super::stages::steps(&made, &clerk);
        assert_eq!((&steps[0]["due_on"], &steps[1]["due_on"]), (&json!("2026-03-05"), &Value::Null));
        app.advance(TimeDelta::days(4));
        let clerk = app.signed_in(clerk.account.unwrap());
        assert_eq!(line(&waiting(&mut made, &clerk)[0]), "appraise appraiser 2026-03-05 late");
    });
}
