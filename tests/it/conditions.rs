//! Approval with conditions: what is recommended, what is struck out and by whom, and that it stays out.

use chrono::TimeDelta;
use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::{Client, TestApp, on_each_with};
use super::chains::{PLAIN, TWO_LEADERS};
use super::make::{self, Made, approve, errors, is};
use super::pages::Browser;
use super::rendered::docx_text;
use super::stages::steps;

/// A delegation of the union with a head, two guests and a programme of two items, before the approver.
#[track_caller]
fn of_three(app: &TestApp, no: u32) -> Made {
    let officer = app.as_(Role::Officer);
    let mut body = make::body(app, "2026-03-20");
    let coast = json!({"starts_at": "2026-03-21T08:30:00", "what": "Thăm bờ biển",
        "place": {"name": "Trần Đề", "zone": "sea_border"}});
    body["programme"].as_array_mut().unwrap().push(coast);
    let mut made = make::registered(app, &officer, &body, no);
    made.does(&officer, "members", &make::guest(no + 2, "member"));
    make::received(app, &officer, &mut made);
    made
}

fn ids(made: &Made, client: &Client) -> Vec<String> {
    made.members(client).iter().map(|member| member["id"].as_str().unwrap().to_owned()).collect()
}

fn conditional(members: &[&str], programme: &[usize]) -> Value {
    json!({"decision": "approve_with_conditions", "conditions": "Không ra khu vực biên giới biển",
        "strike_members": members, "strike_programme": programme})
}

#[test]
fn before_the_last_step_conditions_are_proposed_and_on_it_they_hold() {
    on_each_with(PLAIN, |app| {
        let (officer, appraiser, approver) =
            (app.as_(Role::Officer), app.as_(Role::Appraiser), app.as_(Role::Approver));
        let mut made = of_three(app, 1);
        let members = ids(&made, &officer);
        made.does(&appraiser, "decisions", &conditional(&[&members[1], &members[2]], &[0]));
        assert_eq!(ids(&made, &officer), members, "recommended, not applied");
        assert_eq!(made.seen(&officer)["programme"].as_array().unwrap().len(), 2);
        // Whoever decides next sees what is proposed, and that it is a proposal.
        let proposed = steps(&made, &approver)[0]["decisions"][0].clone();
        assert_eq!(
            (&proposed["recommends"], &proposed["strike_members"], &proposed["strike_programme"]),
            (&json!(true), &json!([members[1], members[2]]), &json!([0]))
        );
        assert_eq!(proposed["conditions"], "Không ra khu vực biên giới biển");
        // The last step strikes what it says, not what was proposed.
        let shown = made.does(&approver, "decisions", &conditional(&[&members[2]], &[1]));
        assert_eq!(shown["state"], "approved");
        assert_eq!(ids(&made, &officer), members[..2]);
        let programme = made.seen(&officer)["programme"].clone();
        assert_eq!(programme.as_array().unwrap().len(), 1);
        assert_eq!(programme[0]["place"]["zone"], "normal");
        let recommends: Vec<Value> =
            steps(&made, &approver).iter().map(|step| step["decisions"][0]["recommends"].clone()).collect();
        assert_eq!(recommends, [json!(true), json!(false)], "a proposal, and what holds");
        let decided: Vec<Value> =
            steps(&made, &officer).iter().map(|step| step["decisions"][0].clone()).collect();
        assert_eq!(decided[0]["strike_members"].as_array().unwrap().len(), 2);
        assert_eq!(
            (&decided[1]["conditions"], &decided[1]["strike_members"], &decided[1]["strike_programme"]),
            (&json!("Không ra khu vực biên giới biển"), &json!([members[2]]), &json!([1]))
        );
        let newest = officer.get(&format!("{}/history", made.path())).expect(200)["items"][0].clone();
        assert_eq!(newest["action"], "delegation.approved");
        let values = newest["values"].as_object().unwrap();
        assert_eq!(values[&format!("/members/{}", members[2])], "null");
        assert!(!values["/programme"].as_str().unwrap().contains("Trần Đề"));
        assert_eq!(values["conditions"], "Không ra khu vực biên giới biển");
        // The approved subset is what issues and is counted.
        make::issued(app, &mut made, "5");
        app.advance(TimeDelta::days(25));
        let auditor = app.as_(Role::Auditor);
        let form = auditor.get("/api/v1/reports/monthly/2026-03.json?window=calendar").expect(200);
        assert_eq!(form["annex1"]["rows"][0]["permitted_guests"], 2);
    });
}

#[test]
fn who_came_all_the_same_is_an_addition() {
    on_each_with(PLAIN, |app| {
        let (officer, approver) = (app.as_(Role::Officer), app.as_(Role::Approver));
        let mut made = of_three(app, 1);
        made.does(&app.as_(Role::Appraiser), "decisions", &approve());
        let members = ids(&made, &officer);
        app.clock.set("2026-03-21T03:00:00Z".parse().unwrap());
        let came = json!({"member_id": members[2], "attendance": "came"});
        let absent = json!({"member_id": members[1], "attendance": "absent"});
        made.does(
            &officer,
            "report",
            &json!({"actual_arrives_on": "2026-03-20", "unpermitted": true, "members": [came, absent]}),
        );
        made.does(&approver, "decisions", &conditional(&[&members[1], &members[2]], &[]));
        let now: Vec<(Value, Value)> = made
            .members(&officer)
            .iter()
            .map(|member| (member["id"].clone(), member["attendance"].clone()))
            .collect();
        assert_eq!(now, [(json!(members[0]), json!("came")), (json!(members[2]), json!("added"))]);
    });
}

#[test]
fn conditions_name_what_is_there_and_leave_a_delegation() {
    on_each_with(PLAIN, |app| {
        let (officer, approver) = (app.as_(Role::Officer), app.as_(Role::Approver));
        let mut made = of_three(app, 1);
        made.does(&app.as_(Role::Appraiser), "decisions", &approve());
        let members = ids(&made, &officer);
        let refused = |body: Value| {
            errors(&made.tries(&approver, "decisions", &body).refused(422, "validation-failed"))
        };
        assert_eq!(refused(conditional(&[&members[0]], &[])), [is("/strike_members/0", "head-stays")]);
        assert_eq!(
            refused(conditional(
                &[&members[1], &members[1], "0197f000-0000-7000-8000-000000000000"],
                &[2, 0, 0]
            )),
            [
                is("/strike_members/1", "listed-twice"),
                is("/strike_members/2", "unknown-member"),
                is("/strike_programme/0", "unknown-item"),
                is("/strike_programme/2", "listed-twice")
            ]
        );
        let mut silent = conditional(&[], &[]);
        silent["conditions"] = json!(" ");
        assert_eq!(refused(silent), [is("/conditions", "required")]);
        for verdict in ["approve", "reject", "return", "forward"] {
            let mut odd = conditional(&[&members[1]], &[0]);
            (odd["decision"], odd["comment"]) = (json!(verdict), json!("x"));
            assert_eq!(
                refused(odd),
                [
                    is("/conditions", "only-with-conditions"),
                    is("/strike_members", "only-with-conditions"),
                    is("/strike_programme", "only-with-conditions")
                ],
                "{verdict}"
            );
        }
        // A Vietnamese head is no guest: the only guest cannot be struck.
        let mut few = make::draft(&officer, &make::body(app, "2026-03-20"));
        let mut head = make::guest(11, "head");
        head["nationality"] = json!("VN");
        few.does(&officer, "members", &head);
        few.does(&officer, "members", &make::guest(12, "member"));
        make::received(app, &officer, &mut few);
        few.does(&app.as_(Role::Appraiser), "decisions", &approve());
        let guest = ids(&few, &officer)[1].clone();
        let none = few.tries(&approver, "decisions", &conditional(&[&guest], &[]));
        assert_eq!(errors(&none.refused(422, "validation-failed")), [is("/strike_members", "no-guest-left")]);
        // Conditions without striking anything are conditions all the same.
        assert_eq!(few.does(&approver, "decisions", &conditional(&[], &[]))["state"], "approved");
    });
}

/// Who or what is struck out is a condition by itself, and is named wherever the decision is read.
#[test]
fn what_is_struck_needs_no_further_words_and_is_named() {
    on_each_with(PLAIN, |app| {
        let (officer, approver) = (app.as_(Role::Officer), app.as_(Role::Approver));
        let mut made = of_three(app, 1);
        made.does(&app.as_(Role::Appraiser), "decisions", &approve());
        let members = ids(&made, &officer);
        let mut silent = conditional(&[&members[2]], &[1]);
        silent["conditions"] = json!("");
        made.does(&approver, "decisions", &silent);
        let decision = steps(&made, &officer)[1]["decisions"][0].clone();
        assert_eq!(
            (&decision["conditions"], &decision["struck_members"], &decision["struck_items"][0]["what"]),
            (&Value::Null, &json!(["DURAND Marie 3"]), &json!("Thăm bờ biển"))
        );
        let path = format!("/delegations/{}", made.id);
        let browser = Browser::of(app, Role::Officer, app.world().union);
        let page = browser.get(&path);
        for words in [
            "Không đồng ý cho đi cùng: DURAND Marie 3",
            "Không đồng ý nội dung: 21/03/2026 08:30 – Thăm bờ biển",
        ] {
            assert_eq!(page.text.matches(words).count(), 2, "in the summary and at the step: {}", page.text);
        }
        page.shows("Bớt thành viên: DURAND Marie 3");
        let clerk = Browser::of(app, Role::Clerk, app.world().foreign);
        let form = clerk.get(&format!("{path}/do/issue"));
        form.shows("Chấp thuận với điều kiện. Văn bản phải thể hiện:");
        form.shows("<li>Không đồng ý cho đi cùng: DURAND Marie 3</li>");
        let permit = docx_text(&officer.get(&format!("{}/papers/render/permit.docx", made.path())));
        assert!(permit.contains("Không đồng ý đưa vào thành phần đoàn: DURAND Marie 3."), "{permit}");
        assert!(permit.contains("08:30, 21/03/2026 – Thăm bờ biển"), "{permit}");
    });
}

#[test]
fn all_who_decide_on_the_last_stage_strike() {
    on_each_with(TWO_LEADERS, |app| {
        let world = *app.world();
        let officer = app.as_(Role::Officer);
        let leaders = [
            app.as_(Role::Approver),
            app.another(Role::Approver, world.office),
            app.at(Role::Approver, world.city),
        ];
        let mut made = of_three(app, 1);
        let members = ids(&made, &officer);
        made.does(&app.as_(Role::Appraiser), "decisions", &conditional(&[&members[2]], &[]));
        made.does(&leaders[0], "decisions", &conditional(&[&members[1]], &[]));
        made.does(&leaders[2], "decisions", &conditional(&[&members[1]], &[1]));
        assert_eq!(ids(&made, &officer), members);
        assert_eq!(made.does(&leaders[1], "decisions", &approve())["state"], "approved");
        assert_eq!(ids(&made, &officer), [members[0].clone(), members[2].clone()]);
        assert_eq!(made.seen(&officer)["programme"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn what_was_struck_comes_back_by_a_new_approval_alone() {
    on_each_with(PLAIN, |app| {
        let (officer, approver) = (app.as_(Role::Officer), app.as_(Role::Approver));
        let mut made = of_three(app, 1);
        made.does(&app.as_(Role::Appraiser), "decisions", &approve());
        let members = ids(&made, &officer);
        let before = made.seen(&officer)["programme"].clone();
        made.does(&approver, "decisions", &conditional(&[&members[2]], &[0]));
        // A notice stays a notice ..
        assert_eq!(made.edits(&officer, &json!({"lodging": "Khách sạn"}))["state"], "approved");
        // .. the struck item, although nothing special, opens an amendment.
        assert_eq!(made.edits(&officer, &json!({"programme": before}))["state"], "draft");
        made.does(&officer, "submit", &make::declared());
        make::received_again(app, &mut made);
        let reject = json!({"decision": "reject", "comment": "Không"});
        let shown = made.does(&app.as_(Role::Appraiser), "decisions", &reject);
        // Refused: the approved subset is in force again.
        assert_eq!((&shown["state"], &shown["revision_in_force"]), (&json!("approved"), &json!(1)));
        assert_eq!(shown["programme"].as_array().unwrap().len(), 1);
        assert_eq!(shown["lodging"], "Khách sạn");
        assert_eq!(ids(&made, &officer), members[..2]);
        made.does(&officer, "members", &make::guest(3, "member"));
        assert_eq!(made.seen(&officer)["state"], "draft", "who was struck is an addition");
    });
}

#[test]
fn a_proposal_that_was_not_taken_up_changes_nothing() {
    on_each_with(PLAIN, |app| {
        let officer = app.as_(Role::Officer);
        let mut made = of_three(app, 1);
        let members = ids(&made, &officer);
        made.does(&app.as_(Role::Appraiser), "decisions", &conditional(&[&members[1]], &[0]));
        made.does(&app.as_(Role::Approver), "decisions", &approve());
        assert_eq!(ids(&made, &officer), members);
        let mut programme = made.seen(&officer)["programme"].clone();
        let mut more = programme[0].clone();
        more["what"] = json!("Gặp sinh viên");
        programme.as_array_mut().unwrap().push(more);
        assert_eq!(made.edits(&officer, &json!({"programme": programme}))["state"], "approved");
    });
}

#[test]
fn who_was_struck_is_not_named_out_of_a_group_either() {
    on_each_with(PLAIN, |app| {
        let (officer, approver) = (app.as_(Role::Officer), app.as_(Role::Approver));
        let mut body = make::body(app, "2026-03-20");
        body["groups"] = json!([{"country": "FR", "planned": 3}]);
        let mut made = make::registered(app, &officer, &body, 1);
        make::received(app, &officer, &mut made);
        made.does(&app.as_(Role::Appraiser), "decisions", &approve());
        let struck = ids(&made, &officer)[1].clone();
        made.does(&approver, "decisions", &conditional(&[&struck], &[]));
        let named = |no: u32| {
            let mut guest = make::guest(no, "member");
            guest["from_group"] = json!(0);
            guest
        };
        made.does(&officer, "members", &named(7));
        assert_eq!(made.seen(&officer)["state"], "approved", "naming a guest of the group is a notice");
        made.does(&officer, "members", &named(2));
        assert_eq!(made.seen(&officer)["state"], "draft", "naming who was struck is not");
    });
}
