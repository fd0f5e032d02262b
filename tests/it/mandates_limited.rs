//! What a mandate covers, and that none is given twice or to who may not use it.

use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::on_each;
use super::make::{self, approve, fault, is};
use super::mandates::{account, body, ended, given, stranger, with};

#[test]
fn limits_and_days_say_where_it_applies() {
    on_each(|app| {
        let (giver, holder) = (app.as_(Role::Approver), stranger(app));
        let made = make::at_approver(app, 1);
        let tries = |limits: Value| {
            let mandate = giver
                .post("/api/v1/mandates", &with(body(app, &holder), json!({"limits": limits})))
                .expect(201);
            let inbox = holder.get("/api/v1/inbox").expect(200)["items"].as_array().unwrap().len();
            let answer = made.tries(&holder, "decisions", &json!({"decision": "forward"}));
            ended(&giver, &mandate);
            (inbox, answer.body["code"].as_str().unwrap().to_owned())
        };
        let applies = (1, "validation-failed".to_owned());
        let does_not = (0, "not-your-turn".to_owned());
        assert_eq!(tries(json!({})), applies);
        assert_eq!(tries(json!({"directions": ["outbound"]})), does_not);
        assert_eq!(
            tries(json!({"directions": ["inbound"], "ranks": ["c", "other"], "kinds": ["approve"]})),
            applies
        );
        assert_eq!(tries(json!({"ranks": ["a", "b"]})), does_not);
        assert_eq!(tries(json!({"kinds": ["endorse"]})), does_not);
        // From its first to its last day, in Vietnam.
        let days = json!({"valid_from": "2026-03-05", "valid_to": "2026-03-06"});
        giver.post("/api/v1/mandates", &with(body(app, &holder), days)).expect(201);
        for (at, status) in [
            ("2026-03-04T16:59:59Z", 403),
            ("2026-03-04T17:00:00Z", 422),
            ("2026-03-06T16:59:59Z", 422),
            ("2026-03-06T17:00:00Z", 403),
        ] {
            app.clock.set(at.parse().unwrap());
            let answer = made.tries(&holder, "decisions", &json!({"decision": "forward"}));
            assert_eq!(answer.status, status, "{at}");
        }
    });
}

#[test]
fn a_limit_names_a_step_that_there_is() {
    on_each(|app| {
        let (giver, holder) = (app.as_(Role::Approver), stranger(app));
        let limited = |kinds: Value| {
            giver.post("/api/v1/mandates", &with(body(app, &holder), json!({"limits": {"kinds": kinds}})))
        };
        assert_eq!(fault(limited(json!(["approve", "aprove"]))), is("/limits/kinds/1", "unknown-code"));
        // A body's answer is recorded, not decided: nobody does it for a leader.
        assert_eq!(fault(limited(json!(["consult"]))), is("/limits/kinds/0", "unknown-code"));
        let shown = limited(json!(["endorse", "approve", "approve"])).expect(201);
        assert_eq!(shown["limits"]["kinds"], json!(["approve", "endorse"]));
    });
}

#[test]
fn the_same_mandate_is_given_once() {
    on_each(|app| {
        let (giver, holder) = (app.as_(Role::Approver), stranger(app));
        let gives = |change: Value| giver.post("/api/v1/mandates", &with(body(app, &holder), change));
        let limits = json!({"ranks": ["c", "other"]});
        let first = gives(json!({"valid_to": "2026-03-31"})).expect(201);
        // Another letter is no other mandate: the days overlap, the limits are the same.
        let again = gives(json!({"valid_from": "2026-03-31", "letter_number": "04/UQ-UBND"}));
        assert_eq!(again.refused(409, "taken")["what"], "mandate");
        gives(json!({"valid_from": "2026-04-01"})).expect(201);
        gives(json!({"limits": limits})).expect(201);
        gives(json!({"limits": {"ranks": ["other", "c", "c"]}})).refused(409, "taken");
        // Ended, it can be given anew.
        ended(&giver, &first);
        gives(json!({"valid_to": "2026-03-31"})).expect(201);
        given(app, &giver, &stranger(app));
        // Of two at once, one is given.
        let third = stranger(app);
        let body = body(app, &third);
        let works = [0, 1].map(|_| || giver.post("/api/v1/mandates", &body).status);
        let mut statuses = make::together(works.into());
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
    });
}

#[test]
fn a_letter_bears_no_mark_of_secrecy() {
    on_each(|app| {
        let (giver, holder) = (app.as_(Role::Approver), stranger(app));
        let marked = with(body(app, &holder), json!({"letter_number": "03/UQ-UBND (Mật)"}));
        assert_eq!(fault(giver.post("/api/v1/mandates", &marked)), is("/letter_number", "state-secret"));
    });
}

/// An officer may hold a mandate: what he filed himself, and what his own house asks for or hosts, is not his to decide.
#[test]
fn an_officer_holds_a_mandate_for_what_other_houses_ask() {
    on_each(|app| {
        let world = *app.world();
        let (giver, filer) = (app.as_(Role::Approver), app.as_(Role::Officer));
        let colleague = app.another(Role::Officer, world.union);
        given(app, &giver, &filer);
        given(app, &giver, &colleague);
        let mut own = make::at_approver(app, 1);
        own.tries(&filer, "decisions", &approve()).refused(403, "self-approval");
        own.tries(&colleague, "decisions", &approve()).refused(403, "own-house");
        let shown = own.seen(&colleague);
        assert!(!shown["commands"].as_array().unwrap().contains(&json!("advance")), "{shown}");
        assert_eq!(shown["waiting_for"][0]["people"], json!([account(app, &giver).display_name]));
        assert_eq!(colleague.get("/api/v1/inbox").expect(200)["items"], json!([]));
        // Filed by another house, and hosted by his own; then by neither.
        let other = app.at(Role::Officer, world.university);
        let theirs = |hosts: Value, no: u32| {
            let body = with(make::body(app, "2026-03-20"), hosts);
            let mut theirs = make::registered(app, &other, &body, no);
            make::received(app, &other, &mut theirs);
            theirs.does(&app.as_(Role::Appraiser), "decisions", &approve());
            theirs
        };
        for (hosts, no) in [
            (json!({"lead_host_id": world.union}), 11),
            (json!({"lead_host_id": world.university, "co_host_ids": [world.union]}), 21),
        ] {
            theirs(hosts, no).tries(&filer, "decisions", &approve()).refused(403, "own-house");
        }
        let mut theirs = theirs(json!({"lead_host_id": world.university}), 31);
        assert_eq!(theirs.does(&filer, "decisions", &approve())["state"], "approved");
        assert_eq!(account(app, &filer).id, filer.account.unwrap());
        // Who holds the role there himself decides in his own voice, mandate or not.
        let seated = app.with_role(&colleague, Role::Approver, world.office);
        assert_eq!(own.does(&seated, "decisions", &approve())["state"], "approved");
    });
}
