//! What really happened: reports, their corrections, those who came before the answer did, and the end.

use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::on_each;
use super::make::{self, Made, fault, is, later};

#[test]
fn a_report_says_what_really_happened() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut body = make::body(app, "2026-03-20");
        body["groups"] = json!([{"country": "FR", "planned": 10, "estimate": true}, {"planned": 4}]);
        let mut made = make::permitted_as(app, &officer, &body, 1);
        let day = |name: &str, day: &str| json!({name: day, "actual_arrives_on": "2026-03-01"});
        assert_eq!(fault(made.tries(&officer, "report", &json!({}))), is("/actual_arrives_on", "required"));
        assert_eq!(
            fault(made.tries(&officer, "report", &json!({"actual_arrives_on": "2026-03-03"}))),
            is("/actual_arrives_on", "in-the-future")
        );
        let officer = later(app, 25, &officer);
        let members = made.members(&officer);
        let (head, guest) = (members[0]["id"].clone(), members[1]["id"].clone());
        assert_eq!(
            fault(made.tries(&officer, "report", &day("actual_departs_on", "2026-02-28"))),
            is("/actual_departs_on", "before-arrival")
        );
        assert_eq!(
            fault(made.tries(&officer, "report", &json!({"actual_arrives_on": "0001-01-01"}))),
            is("/actual_arrives_on", "out-of-range")
        );
        let arrived = |more: Value| {
            let mut report = json!({"actual_arrives_on": "2026-03-20", "actual_departs_on": "2026-03-22"});
            report.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            report
        };
        let nobody = "0197f000-0000-7000-8000-000000000000";
        for (more, pointer, code) in [
            (
                json!({"members": [{"member_id": nobody, "attendance": "came"}]}),
                "/members/0/member_id",
                "unknown-member",
            ),
            (
                json!({"members": [{"member_id": head, "attendance": "added"}]}),
                "/members/0/attendance",
                "came-or-absent",
            ),
            (json!({"groups": [{"came": 1}, {"came": 1}, {"came": 1}]}), "/groups/2", "unknown-group"),
            (json!({"groups": [{"came": 100_001}]}), "/groups/0/came", "out-of-range"),
            (json!({"added": [make::guest(1, "member")]}), "/added/0/full_name", "member-twice"),
            (json!({"added": [make::guest(3, "head")]}), "/added/0/role", "two-heads"),
            (
                json!({"added": [make::guest(3, "member"), make::guest(3, "member")]}),
                "/added/1/full_name",
                "member-twice",
            ),
            (
                json!({"added": [{"full_name": "\u{0}", "role": "member"}]}),
                "/added/0/full_name",
                "control-characters",
            ),
            (json!({"results": "x".repeat(5001)}), "/results", "too-long"),
            (json!({"no_show": true}), "/no_show", "contradicts-dates"),
        ] {
            assert_eq!(
                fault(made.tries(&officer, "report", &arrived(more.clone()))),
                is(pointer, code),
                "{more}"
            );
        }
        let both = json!({"no_show": true, "added": [make::guest(3, "member")]});
        assert_eq!(fault(made.tries(&officer, "report", &both)), is("/added", "contradicts-no-show"));
        assert_eq!(made.seen(&officer)["state"], "issued", "nothing of it was written");
        assert_eq!(made.members(&officer), members);

        let report = arrived(json!({"members": [{"member_id": guest, "attendance": "absent"}],
            "added": [make::guest(3, "member")], "groups": [{"came": 12}], "results": "Tốt\nđẹp"}));
        let shown = made.does(&officer, "report", &report);
        assert_eq!((&shown["state"], &shown["results"]), (&json!("reported"), &json!("Tốt\nđẹp")));
        assert_eq!(
            (&shown["groups"][0]["came"], &shown["groups"][1]["came"]),
            (&json!(12), &json!(4)),
            "else as planned"
        );
        let attendance = |made: &Made| -> Vec<String> {
            made.members(&officer)
                .iter()
                .map(|member| member["attendance"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(attendance(&made), ["came", "absent", "added"]);
        // Only what is said is corrected.
        let added = made.members(&officer)[2]["id"].clone();
        let correction = json!({"members": [{"member_id": guest, "attendance": "came"}, {"member_id": added, "attendance": "absent"}]});
        made.does(&officer, "report", &correction);
        assert_eq!(attendance(&made), ["came", "came", "absent"]);
        assert_eq!(made.seen(&officer)["groups"][0]["came"], 12);
        assert_eq!(made.does(&officer, "close", &make::closing())["state"], "closed");
        // Late facts restate; the state stays.
        let late = made.does(
            &officer,
            "report",
            &json!({"actual_departs_on": "2026-03-23", "groups": [{"came": 11}]}),
        );
        assert_eq!(
            (&late["state"], &late["actual_arrives_on"], &late["actual_departs_on"]),
            (&json!("closed"), &json!("2026-03-20"), &json!("2026-03-23"))
        );
        assert_eq!(late["groups"][0]["came"], 11);
        made.tries(&officer, "close", &json!({})).refused(409, "illegal-move");
    });
}

#[test]
fn nobody_came_and_then_they_did_after_all() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut body = make::body(app, "2026-03-20");
        body["groups"] = json!([{"country": "FR", "planned": 10}]);
        let mut made = make::permitted_as(app, &officer, &body, 1);
        let officer = later(app, 25, &officer);
        let attendance = |made: &Made| -> Vec<Value> {
            made.members(&officer).iter().map(|member| member["attendance"].clone()).collect()
        };
        let shown = made.does(&officer, "report", &json!({"no_show": true}));
        assert_eq!(
            (&shown["state"], &shown["outcome"], &shown["actual_arrives_on"]),
            (&json!("reported"), &json!("no_show"), &Value::Null)
        );
        assert_eq!(
            (shown["groups"][0]["came"].as_u64(), attendance(&made)),
            (Some(0), vec![json!("absent"), json!("absent")])
        );
        made.does(&officer, "close", &json!({}));
        // A mistake: they came, as planned.
        let shown = made.does(&officer, "report", &json!({"actual_arrives_on": "2026-03-20"}));
        assert_eq!((&shown["outcome"], &shown["actual_arrives_on"]), (&Value::Null, &json!("2026-03-20")));
        assert_eq!(
            (shown["groups"][0]["came"].as_u64(), attendance(&made)),
            (Some(10), vec![json!("came"), json!("came")])
        );
        // And the other way round: the arrival is taken back.
        let shown = made.does(&officer, "report", &json!({"no_show": true}));
        assert_eq!(
            (&shown["outcome"], &shown["actual_arrives_on"], &shown["actual_departs_on"]),
            (&json!("no_show"), &Value::Null, &Value::Null)
        );
        let auditor = app.signed_in(app.as_(Role::Auditor).account.unwrap());
        let monthly = auditor.get("/api/v1/reports/monthly/2026-03.json?window=calendar").expect(200);
        assert_eq!(monthly["totals"]["inbound_delegations"], 0, "{}", monthly["totals"]);
    });
}

#[test]
fn who_came_first_is_registered_after_the_fact() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut body = make::body(app, "2026-02-25");
        body["origin"] = json!("after_the_fact");
        body["origin_reason"] = json!("Đoàn đến đột xuất");
        let mut made = make::registered(app, &officer, &body, 1);
        made.tries(&officer, "report", &json!({"actual_arrives_on": "2026-02-25"}))
            .refused(409, "illegal-move");
        made.does(&officer, "submit", &make::declared());
        // The answer is still owed: what happened is recorded, the state stays.
        let shown = made.does(&officer, "report", &json!({"actual_arrives_on": "2026-02-25"}));
        assert_eq!(
            (&shown["state"], &shown["actual_arrives_on"]),
            (&json!("submitted"), &json!("2026-02-25"))
        );
        made.does(&app.as_(Role::Clerk), "receive", &json!({"number": "1"}));
        made.does(
            &officer,
            "report",
            &json!({"actual_departs_on": "2026-02-27", "added": [make::guest(3, "member")]}),
        );
        make::approved(app, &mut made);
        let shown = made.seen(&officer);
        assert_eq!(
            (&shown["state"], &shown["origin"], &shown["actual_departs_on"]),
            (&json!("approved"), &json!("after_the_fact"), &json!("2026-02-27"))
        );
        make::issued(app, &mut made, "3");
        assert_eq!(
            fault(officer.change("PATCH", &made.path(), made.version, &json!({"origin": "system"}))),
            is("/origin", "cannot-change")
        );
        made.does(&officer, "report", &json!({"results": "x"}));
        assert_eq!(made.does(&officer, "close", &make::closing())["state"], "closed");
        let auditor = app.as_(Role::Auditor);
        let monthly = auditor.get("/api/v1/reports/monthly/2026-02.json?window=calendar").expect(200);
        assert_eq!(
            (&monthly["totals"]["inbound_delegations"], &monthly["totals"]["visits"]),
            (&json!(1), &json!(3))
        );
    });
}

#[test]
fn who_may_close() {
    on_each(|app| {
        let world = *app.world();
        let officer = app.as_(Role::Officer);
        let mut body = make::body(app, "2026-03-20");
        body["co_host_ids"] = json!([world.university]);
        let mut made = Vec::new();
        for no in [1, 11, 21] {
            made.push(make::permitted_as(app, &officer, &body, no));
        }
        let officer = later(app, 25, &officer);
        for made in &mut made {
            made.does(&officer, "report", &json!({"actual_arrives_on": "2026-03-20"}));
            let host = app.signed_in(app.at(Role::Officer, world.university).account.unwrap());
            made.tries(&host, "close", &json!({})).refused(403, "forbidden");
            made.tries(&host, "report", &json!({"no_show": true})).refused(403, "forbidden");
        }
        let (clerk, appraiser) =
            (later(app, 0, &app.as_(Role::Clerk)), later(app, 0, &app.as_(Role::Appraiser)));
        for (made, closer) in made.iter_mut().zip([&officer, &clerk, &appraiser]) {
            assert_eq!(made.does(closer, "close", &make::closing())["state"], "closed");
        }
    });
}
