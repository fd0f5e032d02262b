//! Who is told at each point of the course, and that nobody else is.

use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::on_each;
use super::make::{self, Post, approve};

#[test]
fn each_is_told_and_nobody_else() {
    on_each(|app| {
        let world = *app.world();
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let (appraiser, approver) = (app.as_(Role::Appraiser), app.as_(Role::Approver));
        let co_host = app.at(Role::Officer, world.university);
        // Bystanders in every role: none of them is told anything.
        let second_clerk = app.another(Role::Clerk, world.foreign);
        for (role, place) in [
            (Role::Officer, world.union),
            (Role::Clerk, world.union),
            (Role::Secretary, world.office),
            (Role::Approver, world.union),
            (Role::Appraiser, world.university),
            (Role::Auditor, world.city),
            (Role::Admin, world.city),
        ] {
            app.another(role, place);
        }
        let gone = app.another(Role::Clerk, world.foreign);
        make::execute(
            app,
            &format!("UPDATE accounts SET state = 'disabled' WHERE id = '{}'", gone.account.unwrap()),
        );
        let mut post = Post::default();
        let mut body = make::body(app, "2026-03-20");
        body["co_host_ids"] = json!([world.university]);
        let mut made = make::registered(app, &officer, &body, 1);
        post.told(app, &[]);
        made.does(&officer, "submit", &make::declared());
        post.told(app, &[("submitted_for_receipt", &clerk), ("submitted_for_receipt", &second_clerk)]);
        made.does(&clerk, "receive", &json!({"number": "1"}));
        post.told(app, &[("received_for_step", &appraiser)]);
        made.does(&appraiser, "decisions", &json!({"decision": "return", "comment": "Thiếu"}));
        post.told(app, &[("returned", &officer)]);
        made.does(&officer, "submit", &make::declared());
        post.news(app);
        made.does(&second_clerk, "receive", &json!({"number": "2"}));
        post.told(app, &[("received_for_step", &appraiser)]);
        made.does(&appraiser, "decisions", &approve());
        post.told(app, &[("received_for_step", &approver)]);
        made.does(&approver, "decisions", &approve());
        post.told(
            app,
            &[
                ("approved_officer", &officer),
                ("approved_to_issue", &clerk),
                ("approved_to_issue", &second_clerk),
            ],
        );
        make::issued(app, &mut made, "5");
        post.told(
            app,
            &[("issued_officer", &officer), ("issued_appraiser", &appraiser), ("issued_cohost", &co_host)],
        );
        made.edits(&officer, &json!({"lodging": "Khách sạn"}));
        post.told(app, &[]);
        made.does(&approver, "revoke", &json!({"reason": "Lý do"}));
        post.told(app, &[("revoked", &officer)]);

        let mut refused = make::registered(app, &officer, &body, 11);
        make::received(app, &officer, &mut refused);
        post.news(app);
        refused.does(&appraiser, "decisions", &json!({"decision": "reject", "comment": "Không"}));
        post.told(app, &[("rejected", &officer)]);
        let mut taken_back = make::registered(app, &officer, &body, 21);
        taken_back.does(&officer, "submit", &make::declared());
        post.news(app);
        taken_back.does(&officer, "recall", &json!({"gives_up_changes": true}));
        taken_back.does(&officer, "cancel", &json!({"reason": "Hoãn"}));
        post.told(app, &[]);
        // What goes out names no guest.
        app.run_jobs();
        assert!(!app.mails().is_empty());
        for mail in app.mails() {
            assert!(!mail.text.contains("DURAND") && !mail.html.contains("DURAND"), "{}", mail.text);
        }
    });
}

#[test]
fn who_is_barred_or_gone_is_not_told() {
    on_each(|app| {
        let world = *app.world();
        let officer = app.another(Role::Officer, world.union);
        let colleague = app.another(Role::Officer, world.union);
        app.with_role(&officer, Role::Appraiser, world.foreign);
        let appraiser = app.as_(Role::Appraiser);
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        made.does(&officer, "submit", &make::declared());
        let mut post = Post::default();
        post.news(app);
        made.does(&app.as_(Role::Clerk), "receive", &json!({"number": "1"}));
        post.told(app, &[("received_for_step", &appraiser)]);
        made.does(&colleague, "recall", &json!({"gives_up_changes": true}));
        made.does(&colleague, "submit", &make::declared());
        make::execute(
            app,
            &format!("UPDATE accounts SET state = 'disabled' WHERE id = '{}'", officer.account.unwrap()),
        );
        made.does(&app.as_(Role::Clerk), "receive", &json!({"number": "2"}));
        post.news(app);
        made.does(&appraiser, "decisions", &json!({"decision": "return", "comment": "x"}));
        post.told(app, &[("returned", &colleague)]);
    });
}

#[test]
fn an_association_is_endorsed_first() {
    on_each(|app| {
        let world = *app.world();
        let (officer, clerk) = (app.at(Role::Officer, world.association), app.as_(Role::Clerk));
        let (endorser, appraiser) = (app.at(Role::Approver, world.union), app.as_(Role::Appraiser));
        let approver = app.as_(Role::Approver);
        let mut post = Post::default();
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        // The union's officer edits it: the union's leader may still endorse, but not if the two are one person.
        made.edits(&app.as_(Role::Officer), &json!({"lodging": "A"}));
        made.does(&officer, "submit", &make::declared());
        post.told(app, &[("submitted_for_receipt", &clerk)]);
        made.does(&clerk, "receive", &json!({"number": "1"}));
        post.told(app, &[("received_for_step", &endorser)]);
        made.tries(&appraiser, "decisions", &approve()).refused(403, "forbidden");
        made.does(&endorser, "decisions", &json!({"decision": "approve", "comment": "Nhất trí"}));
        post.told(app, &[("received_for_step", &appraiser)]);
        made.does(&appraiser, "decisions", &approve());
        made.does(&approver, "decisions", &approve());
        post.news(app);
        make::issued(app, &mut made, "9");
        post.told(app, &[("issued_officer", &officer), ("issued_appraiser", &appraiser)]);
        let steps = officer.get(&format!("{}/steps", made.path())).expect(200);
        let steps = steps["items"].as_array().unwrap();
        let kinds: Vec<&str> = steps.iter().map(|step| step["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["endorse", "appraise", "approve"]);
        let places: Vec<&Value> = steps.iter().map(|step| &step["organisation_id"]).collect();
        assert_eq!(places, [&json!(world.union), &json!(world.foreign), &json!(world.office)]);
        assert_eq!(
            (&steps[0]["title_vi"], &steps[0]["title_en"]),
            (&json!("Liên hiệp xác nhận"), &json!("Endorsement by the Union"))
        );
    });
}
