//! After approval: what is a notice and what opens a revision that must be approved again, while the old permit and
//! the old content stay in force.

use chrono::TimeDelta;
use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::{Client, TestApp, on_each};
use super::make::{self, Made, errors};

/// An issued delegation with a group of three unnamed guests.
fn permitted(app: &TestApp, no: u32) -> (Client, Made) {
    let officer = app.as_(Role::Officer);
    let mut body = make::body(app, "2026-03-20");
    body["groups"] = json!([{"country": "FR", "planned": 3}]);
    let made = make::permitted_as(app, &officer, &body, no);
    (officer, made)
}

/// Asserts what stands there now.
#[track_caller]
fn stands(shown: &Value, state: &str, revision: i64, in_force: i64) {
    let found = (&shown["state"], &shown["revision"], &shown["revision_in_force"]);
    assert_eq!(found, (&json!(state), &json!(revision), &json!(in_force)));
    assert_eq!(shown["permit"]["number"], "01", "the permit stays in force");
}

#[test]
fn some_changes_are_notices_others_are_material() {
    on_each(|app| {
        let (officer, mut made) = permitted(app, 1);
        let coast = json!({"starts_at": "2026-03-21T08:00:00", "what": "Thăm", "place": {"name": "Cảng", "zone": "sea_border"}});
        let inland = json!({"starts_at": "2026-03-21T08:00:00", "what": "Thăm", "place": {"name": "Chợ", "zone": "normal"}});
        let old = made.seen(&officer)["programme"][0].clone();
        for notice in [
            json!({"contact": {"phone": "+84 999"}}),
            json!({"gifts": "Tranh", "lodging": "Khách sạn", "interpreter": "Có"}),
            json!({"programme": [old, inland]}),
            json!({"groups": [{"country": "FR", "planned": 2}]}),
            json!({"purpose": "Viết lại cho rõ"}),
        ] {
            let shown = made.edits(&officer, &notice);
            stands(&shown, "issued", 1, 1);
        }
        let events = officer.get(&format!("{}/history?limit=1", made.path())).expect(200);
        assert_eq!(events["items"][0]["action"], "delegation.saved");
        assert_eq!(events["items"][0]["values"]["/purpose"], "\"Viết lại cho rõ\"");
        for material in [
            json!({"arrives_on": "2026-03-19"}),
            json!({"departs_on": "2026-03-25"}),
            json!({"enters_vn_on": "2026-03-18"}),
            json!({"leaves_vn_on": "2026-03-28"}),
            json!({"countries": ["FR", "BE"]}),
            json!({"funding": [{"payer": "host", "amount": "1", "currency": "VND"}]}),
            json!({"programme": [coast]}),
            json!({"groups": [{"country": "FR", "planned": 3}]}),
            json!({"groups": [{"country": "BE", "planned": 1}]}),
            json!({"groups": [{"country": "FR", "planned": 2}, {"planned": 1}]}),
        ] {
            let before = made.seen(&officer);
            let shown = made.edits(&officer, &material);
            stands(&shown, "draft", 1, 1);
            let recalled = made.does(&officer, "recall", &json!({"gives_up_changes": true}));
            stands(&recalled, "issued", 1, 1);
            for name in material.as_object().unwrap().keys() {
                assert_eq!(recalled[name], before[name], "{name} is what it was");
            }
        }
    });
}

#[test]
fn which_changes_of_members_are_material() {
    on_each(|app| {
        let (officer, mut made) = permitted(app, 1);
        let ids: Vec<String> =
            made.members(&officer).iter().map(|member| member["id"].as_str().unwrap().to_owned()).collect();
        let state = |made: &mut Made| made.seen(&officer)["state"].as_str().unwrap().to_owned();
        let patch = |made: &Made, no: usize, body: Value| {
            officer
                .change("PATCH", &format!("{}/members/{}", made.path(), ids[no]), made.version, &body)
                .expect(200)
        };
        let back = |made: &mut Made| {
            assert_eq!(state(made), "draft");
            made.does(&officer, "recall", &json!({"gives_up_changes": true}));
        };
        // Notices: position, visa, spelling.
        patch(&made, 1, json!({"position": "Thư ký", "visa": "needed", "full_name": "Durand  MARIÉ 2"}));
        assert_eq!(state(&mut made), "issued");
        // Material: another guest under the old line, another nationality, another head, one more.
        patch(&made, 1, json!({"full_name": "MARTIN Paul"}));
        back(&mut made);
        assert_eq!(made.members(&officer)[1]["full_name"], "Durand  MARIÉ 2");
        patch(&made, 1, json!({"nationality": "BE"}));
        back(&mut made);
        patch(&made, 0, json!({"role": "member"}));
        assert_eq!(state(&mut made), "draft");
        patch(&made, 1, json!({"role": "head"}));
        back(&mut made);
        let roles: Vec<Value> = made.members(&officer).iter().map(|member| member["role"].clone()).collect();
        assert_eq!(roles, [json!("head"), json!("member")]);
        made.does(&officer, "members", &make::guest(3, "member"));
        back(&mut made);
        assert_eq!(made.members(&officer).len(), 2, "and out again");
        // One less is a notice; one for one is not.
        let gone = format!("{}/members/{}", made.path(), ids[1]);
        officer.change("DELETE", &gone, made.version, &json!({})).expect(200);
        assert_eq!(state(&mut made), "issued");
        made.does(&officer, "members", &make::guest(4, "member"));
        back(&mut made);
        assert_eq!(made.members(&officer).len(), 1);
    });
}

#[test]
fn naming_an_unnamed_guest_within_count_and_nationality_is_a_notice() {
    on_each(|app| {
        let (officer, mut made) = permitted(app, 1);
        let named = |no: u32, name: &str, value: Value| {
            let mut guest = make::guest(no, "member");
            guest["from_group"] = json!(0);
            guest[name] = value;
            guest
        };
        made.does(&officer, "members", &named(3, "visa", json!("held")));
        let shown = made.seen(&officer);
        stands(&shown, "issued", 1, 1);
        assert_eq!((&shown["groups"][0]["planned"], made.members(&officer).len()), (&json!(2), 3));
        // Not those: another nationality, no guest at all, the head.
        let odd = [
            named(4, "nationality", json!("BE")),
            named(5, "nationality", json!("VN")),
            named(6, "guest", json!(false)),
        ];
        for guest in odd {
            made.does(&officer, "members", &guest);
            assert_eq!(made.seen(&officer)["state"], "draft", "{guest}");
            let recalled = made.does(&officer, "recall", &json!({"gives_up_changes": true}));
            stands(&recalled, "issued", 1, 1);
            assert_eq!(
                (&recalled["groups"][0]["planned"], made.members(&officer).len()),
                (&json!(2), 3),
                "the notice before it stays"
            );
        }
        made.does(&officer, "members", &named(7, "role", json!("press")));
        made.does(&officer, "members", &named(8, "visa", json!("held")));
        stands(&made.seen(&officer), "issued", 1, 1);
        let refused = made
            .tries(&officer, "members", &named(9, "visa", json!("held")))
            .refused(422, "validation-failed");
        assert_eq!(errors(&refused), [("/from_group".to_owned(), "unknown-group".to_owned())]);
    });
}

#[test]
fn an_amendment_is_approved_again_with_its_difference_shown() {
    on_each(|app| {
        let (officer, mut made) = permitted(app, 1);
        let (clerk, appraiser, approver) =
            (app.as_(Role::Clerk), app.as_(Role::Appraiser), app.as_(Role::Approver));
        made.edits(&officer, &json!({"contact": {"phone": "+84 999"}}));
        let opened = made.edits(&officer, &json!({"arrives_on": "2026-03-19"}));
        stands(&opened, "draft", 1, 1);
        made.does(&officer, "members", &make::guest(3, "member"));
        let submitted = made.does(&officer, "submit", &make::declared());
        stands(&submitted, "submitted", 2, 1);
        assert_eq!(submitted["code"], "DV-2026-0001");
        let rounds = appraiser.get(&format!("{}/revisions", made.path())).expect(200);
        let changes: Vec<(String, bool)> = rounds["items"][1]["changes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|change| {
                (change["pointer"].as_str().unwrap().to_owned(), change["material"].as_bool().unwrap())
            })
            .collect();
        let guest = made.members(&officer)[2]["id"].as_str().unwrap().to_owned();
        assert_eq!(
            changes,
            [
                ("/arrives_on".to_owned(), true),
                ("/contact".to_owned(), false),
                (format!("/members/{guest}"), true)
            ]
        );
        made.does(&clerk, "receive", &json!({"number": "2"}));
        made.does(&appraiser, "decisions", &json!({"decision": "approve"}));
        let approved = made.does(&approver, "decisions", &json!({"decision": "approve"}));
        stands(&approved, "approved", 2, 2);
        let paper = json!({"number": "9", "symbol": "UBND-ĐN", "date": "2026-03-02", "signer": "A"});
        let issued = made.does(&clerk, "issue", &paper);
        assert_eq!((&issued["permit"]["number"], &issued["permit"]["revision"]), (&json!("09"), &json!(2)));
        assert_eq!(
            (issued["papers"].as_array().unwrap().len(), &issued["arrives_on"]),
            (2, &json!("2026-03-19"))
        );
        assert_eq!(made.members(&officer).len(), 3);
        // The next amendment is measured against what is in force now.
        made.edits(&officer, &json!({"departs_on": "2026-03-23"}));
        let back = made.does(&officer, "recall", &json!({"gives_up_changes": true}));
        assert_eq!((&back["state"], &back["departs_on"]), (&json!("issued"), &json!("2026-03-22")));
    });
}

#[test]
fn a_refused_amendment_leaves_everything_as_it_was() {
    on_each(|app| {
        let (officer, mut made) = permitted(app, 1);
        let (clerk, appraiser, approver) =
            (app.as_(Role::Clerk), app.as_(Role::Appraiser), app.as_(Role::Approver));
        made.edits(&officer, &json!({"contact": {"phone": "+84 999"}}));
        let (before, members) = (made.seen(&officer), made.members(&officer));
        let content = [
            "title",
            "contact",
            "countries",
            "arrives_on",
            "departs_on",
            "groups",
            "programme",
            "lead_host_id",
        ];
        let amend = |made: &mut Made| {
            made.edits(
                &officer,
                &json!({"countries": ["BE"], "title": "Khác", "lead_host_id": app.world().university}),
            );
            made.does(&officer, "members", &make::guest(3, "member"));
            let first = made.members(&officer)[1]["id"].as_str().unwrap().to_owned();
            officer
                .change("DELETE", &format!("{}/members/{first}", made.path()), made.version, &json!({}))
                .expect(200);
            made.seen(&officer);
        };
        let unchanged = |made: &mut Made, revision: i64| {
            let shown = made.seen(&officer);
            stands(&shown, "issued", revision, 1);
            for name in content {
                assert_eq!(shown[name], before[name], "{name}");
            }
            assert_eq!(made.members(&officer), members);
            app.at(Role::Officer, app.world().university).get(&made.path()).refused(404, "not-found");
        };
        let receive = |made: &mut Made| {
            made.does(&officer, "submit", &make::declared());
            made.does(&clerk, "receive", &json!({"number": "x"}));
        };
        amend(&mut made);
        receive(&mut made);
        made.does(&appraiser, "decisions", &json!({"decision": "approve"}));
        made.does(&approver, "decisions", &json!({"decision": "reject", "comment": "Không"}));
        unchanged(&mut made, 2);
        amend(&mut made);
        receive(&mut made);
        made.does(&officer, "recall", &json!({"gives_up_changes": true}));
        unchanged(&mut made, 3);
        // The same once more, returned and unanswered. What was refused before is in the difference again.
        amend(&mut made);
        receive(&mut made);
        let rounds = approver.get(&format!("{}/revisions", made.path())).expect(200);
        let last = &rounds["items"][3];
        assert_eq!((&last["compared_with"], &last["outcome"]), (&json!(1), &Value::Null));
        let told: Vec<&str> = last["changes"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|change| change["material"] == true)
            .map(|change| change["pointer"].as_str().unwrap())
            .collect();
        assert!(
            told.contains(&"/countries") && told.iter().any(|pointer| pointer.starts_with("/members/")),
            "{told:?}"
        );
        made.does(
            &appraiser,
            "decisions",
            &json!({"decision": "return", "comment": "Thiếu", "due_on": "2026-03-04"}),
        );
        app.advance(TimeDelta::days(3));
        app.run_jobs();
        unchanged(&mut made, 4);
        let outcomes: Vec<Value> = officer.get(&format!("{}/revisions", made.path())).expect(200)["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|round| round["outcome"].clone())
            .collect();
        assert_eq!(outcomes, ["approved", "rejected", "recalled", "lapsed"].map(|outcome| json!(outcome)));
    });
}

#[test]
fn what_happened_meanwhile_outlives_a_refused_amendment() {
    on_each(|app| {
        let (officer, mut made) = permitted(app, 1);
        made.edits(&officer, &json!({"departs_on": "2026-03-25"}));
        made.does(&officer, "submit", &make::declared());
        app.advance(TimeDelta::days(19));
        let officer = app.signed_in(officer.account.unwrap());
        let absent = made.members(&officer)[1]["id"].clone();
        let report = json!({"actual_arrives_on": "2026-03-20", "members": [{"member_id": absent, "attendance": "absent"}],
            "added": [make::guest(3, "member")], "groups": [{"came": 2}], "results": "Tốt"});
        let shown = made.does(&officer, "report", &report);
        stands(&shown, "submitted", 2, 1);
        let back = made.does(&officer, "recall", &json!({"gives_up_changes": true}));
        stands(&back, "issued", 2, 1);
        assert_eq!(
            (&back["departs_on"], &back["results"], &back["groups"][0]["came"]),
            (&json!("2026-03-22"), &json!("Tốt"), &json!(2))
        );
        let attendance: Vec<Value> =
            made.members(&officer).iter().map(|member| member["attendance"].clone()).collect();
        assert_eq!(attendance, [json!("came"), json!("absent"), json!("added")]);
    });
}

#[test]
fn a_permit_can_be_withdrawn_while_an_amendment_is_pending() {
    on_each(|app| {
        let approver = app.as_(Role::Approver);
        for (no, submitted) in [(1, false), (11, true)] {
            let officer = app.as_(Role::Officer);
            let mut made = make::permitted(app, &officer, no);
            made.edits(&officer, &json!({"countries": ["BE"]}));
            if submitted {
                made.does(&officer, "submit", &make::declared());
            }
            assert!(made.seen(&approver)["commands"].as_array().unwrap().contains(&json!("revoke")));
            let revoked = made.does(&approver, "revoke", &json!({"reason": "Lý do an ninh"}));
            assert_eq!(
                (&revoked["state"], &revoked["countries"]),
                (&json!("revoked"), &json!(["FR"])),
                "what was permitted"
            );
            let mut cancelled = make::permitted(app, &officer, no + 5);
            cancelled.edits(&officer, &json!({"countries": ["BE"]}));
            let shown = cancelled.does(&officer, "cancel", &json!({"reason": "Hoãn"}));
            assert_eq!((&shown["state"], &shown["countries"]), (&json!("cancelled"), &json!(["FR"])));
        }
    });
}

#[test]
fn who_amends_does_not_approve_it() {
    on_each(|app| {
        let (officer, mut made) = permitted(app, 1);
        let world = *app.world();
        let colleague = app.another(Role::Officer, world.union);
        made.edits(&colleague, &json!({"contact": {"phone": "+84 1"}}));
        made.edits(&officer, &json!({"arrives_on": "2026-03-19"}));
        made.does(&officer, "submit", &make::declared());
        made.does(&app.as_(Role::Clerk), "receive", &json!({"number": "2"}));
        let both = app.with_role(&colleague, Role::Appraiser, world.foreign);
        made.tries(&both, "decisions", &json!({"decision": "approve"})).refused(403, "self-approval");
        // Those who decided on the first revision decide again.
        made.does(&app.as_(Role::Appraiser), "decisions", &json!({"decision": "approve"}));
        made.does(&app.as_(Role::Approver), "decisions", &json!({"decision": "approve"}));
        stands(&made.seen(&officer), "approved", 2, 2);
    });
}

#[test]
fn an_edit_after_approval_and_an_approval_do_not_cross() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        for no in 0..4 {
            let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1 + no * 10);
            make::received(app, &officer, &mut made);
            made.does(&app.as_(Role::Appraiser), "decisions", &json!({"decision": "approve"}));
            // Approved and taken back at the same time: one of the two happens, never both.
            let (approver, taker, seen) = (app.as_(Role::Approver), officer.clone(), made.clone());
            let approves: Box<dyn FnOnce() -> u16 + Send> =
                Box::new(|| seen.tries(&approver, "decisions", &json!({"decision": "approve"})).status);
            let recalls: Box<dyn FnOnce() -> u16 + Send> =
                Box::new(|| made.tries(&taker, "recall", &json!({"gives_up_changes": true})).status);
            let mut statuses = make::together(vec![approves, recalls]);
            let state = officer.get(&made.path()).expect(200)["state"].clone();
            assert_eq!(state, if statuses[0] == 200 { "approved" } else { "draft" });
            statuses.sort_unstable();
            assert!(statuses[0] == 200 && matches!(statuses[1], 409 | 412), "{statuses:?}");
        }
    });
}
