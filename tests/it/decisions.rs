//! Deciding: four eyes, once a person, whose turn, in which form.

use legation::domain::access::Role;
use legation::domain::approval::Verdict;
use legation::domain::ids::{AccountId, PersonId};
use legation::service::Error;
use legation::store::StoreError;
use legation::store::decisions::{self, Decision, Struck};
use legation::store::steps;
use serde_json::{Value, json};

use super::app::{Client, on_each};
use super::make::{self, Made, approve, errors, person_of, second_account};

#[test]
fn who_filed_or_edited_decides_nothing() {
    on_each(|app| {
        let world = *app.world();
        let (officer, colleague) = (app.as_(Role::Officer), app.another(Role::Officer, world.union));
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        made.edits(&colleague, &json!({"lodging": "Khách sạn"}));
        let bystander = app.another(Role::Officer, world.union);
        make::received(app, &officer, &mut made);
        for author in [&officer, &colleague] {
            let decider = app.with_role(author, Role::Appraiser, world.foreign);
            made.tries(&decider, "decisions", &approve()).refused(403, "self-approval");
            // Whatever the verdict, the version and the state.
            let stale = Made { version: 1, ..made.clone() };
            stale
                .tries(&decider, "decisions", &json!({"decision": "reject", "comment": "x"}))
                .refused(403, "self-approval");
            assert!(!made.seen(&decider)["commands"].as_array().unwrap().contains(&json!("advance")));
            assert_eq!(
                decider.get("/api/v1/inbox").expect(200)["items"],
                json!([]),
                "nothing waits for an author"
            );
        }
        let second = second_account(app, &officer, Role::Appraiser, world.foreign);
        made.tries(&second, "decisions", &approve()).refused(403, "self-approval");
        let free = app.with_role(&bystander, Role::Appraiser, world.foreign);
        assert!(made.seen(&free)["commands"].as_array().unwrap().contains(&json!("advance")));
        made.does(&free, "decisions", &approve());
        let denied = app.as_(Role::Auditor).get("/api/v1/journal?action=access.denied").expect(200);
        let refusals: Vec<&Value> =
            denied["items"].as_array().unwrap().iter().map(|item| &item["values"]["refusal"]).collect();
        assert_eq!(refusals.iter().filter(|refusal| **refusal == "self-approval").count(), 5, "{denied}");
    });
}

#[test]
fn who_travels_decides_nothing_under_whichever_record() {
    on_each(|app| {
        let world = *app.world();
        let (officer, appraiser) = (app.as_(Role::Officer), app.as_(Role::Appraiser));
        // The appraiser's own record, at the department, gets a passport ..
        let keeper = app.at(Role::Officer, world.foreign);
        let record = format!("/api/v1/people/{}/documents", person_of(app, &appraiser));
        keeper.post(&record, &json!({"number": "VN 777 888"})).expect(201);
        // .. and the union registers the same passport under its own record.
        let mut made = make::draft(&officer, &make::body(app, "2026-03-20"));
        made.does(&officer, "members", &make::guest(1, "head"));
        let mut escort = make::guest(2, "companion");
        escort["passport"]["number"] = json!("vn777888");
        escort["nationality"] = json!("VN");
        made.does(&officer, "members", &escort);
        let escort = made.members(&officer)[1]["id"].as_str().unwrap().to_owned();
        // Taken out again: whoever was a traveller in any revision stays out of the decision.
        let path = format!("{}/members/{escort}", made.path());
        officer.send("DELETE", &path, None, &[("If-Match", &format!("\"{}\"", made.version))]);
        made.seen(&officer);
        make::received(app, &officer, &mut made);
        made.tries(&appraiser, "decisions", &approve()).refused(403, "self-approval");
        assert_eq!(appraiser.get("/api/v1/inbox").expect(200)["items"], json!([]));
        // A passport that is only found out afterwards bars all the same.
        let mut later = make::at_appraiser(app, 10);
        let guest = later.members(&officer)[0].clone();
        assert_eq!(guest["full_name"], "DURAND Marie 10");
        let other = app.another(Role::Appraiser, world.foreign);
        assert!(later.seen(&other)["commands"].as_array().unwrap().contains(&json!("advance")));
        let record = format!("/api/v1/people/{}/documents", person_of(app, &other));
        keeper.post(&record, &json!({"number": "FR000010"})).expect(201);
        later.tries(&other, "decisions", &approve()).refused(403, "self-approval");
        later.does(&app.another(Role::Appraiser, world.foreign), "decisions", &approve());
    });
}

#[test]
fn the_database_refuses_what_code_forgot() {
    on_each(|app| {
        let (officer, appraiser) = (app.as_(Role::Officer), app.as_(Role::Appraiser));
        let made = make::at_appraiser(app, 1);
        let id = made.dossier();
        let step = app.read(|tx| Ok(steps::list(tx, id)?)).remove(0).step.id;
        let insert = |client: &Client| -> Result<(), Error> {
            let (person, account): (PersonId, AccountId) = (person_of(app, client), client.account.unwrap());
            app.store.write_blocking(move |tx| {
                let decision = Decision {
                    id: tx.fresh(),
                    revision: 1,
                    lap: 0,
                    step,
                    person,
                    account,
                    acting_for: None,
                    verdict: Verdict::Approve,
                    returned_to: None,
                    comment: None,
                    conditions: None,
                    struck: Struck::default(),
                    forms: Vec::new(),
                    content_hash: vec![0; 32],
                    made_at: tx.now(),
                };
                decisions::insert(tx, id, &decision).map_err(Error::Store)?;
                Ok(tx.unrecorded("a test goes past the use case", ()))
            })
        };
        let refused = insert(&officer).unwrap_err();
        assert!(
            matches!(&refused, Error::Store(StoreError::Guarded(words)) if words.starts_with("four-eyes:")),
            "{refused:?}"
        );
        insert(&appraiser).unwrap();
        let twice = insert(&appraiser).unwrap_err();
        assert!(
            matches!(&twice, Error::Store(StoreError::Taken { what }) if what.starts_with("decisions_dossier_id")),
            "{twice:?}"
        );
        let second = second_account(app, &appraiser, Role::Appraiser, app.world().foreign);
        assert!(insert(&second).is_err(), "the person counts, not the account");
        // And through the service that becomes a plain answer.
        made.tries(&second, "decisions", &approve()).refused(409, "already-decided");
        assert_eq!(make::count(app, "decisions"), 1);
    });
}

#[test]
fn nobody_decides_twice_in_a_revision() {
    on_each(|app| {
        let world = *app.world();
        let both = app.with_role(&app.as_(Role::Appraiser), Role::Approver, world.office);
        let mut made = make::at_approver(app, 1);
        made.tries(&both, "decisions", &approve()).refused(409, "already-decided");
        // Registered twice, at two offices, and still one person.
        let keeper = |place| app.at(Role::Officer, place);
        let approver = app.as_(Role::Approver);
        for (client, place) in [(&both, world.foreign), (&approver, world.office)] {
            let record = format!("/api/v1/people/{}/documents", person_of(app, client));
            keeper(place).post(&record, &json!({"number": "VN123123"})).expect(201);
        }
        made.tries(&approver, "decisions", &approve()).refused(409, "already-decided");
        let other = app.another(Role::Approver, world.office);
        assert_eq!(made.does(&other, "decisions", &approve())["state"], "approved");
    });
}

#[test]
fn a_decision_has_its_turn_and_its_form() {
    on_each(|app| {
        let world = *app.world();
        let (appraiser, approver) = (app.as_(Role::Appraiser), app.as_(Role::Approver));
        let mut made = make::at_appraiser(app, 1);
        made.tries(&approver, "decisions", &approve()).refused(404, "not-found");
        let elsewhere = app.another(Role::Appraiser, world.union);
        made.tries(&elsewhere, "decisions", &approve()).refused(403, "forbidden");
        for (who, code) in [
            (Role::Officer, "forbidden"),
            (Role::Clerk, "forbidden"),
            (Role::Secretary, "forbidden"),
            (Role::Auditor, "forbidden"),
            (Role::Admin, "forbidden"),
        ] {
            made.tries(&app.as_(who), "decisions", &approve()).refused(403, code);
        }
        let refused = |body: Value| {
            errors(&made.tries(&appraiser, "decisions", &body).refused(422, "validation-failed")).remove(0)
        };
        let is = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        assert_eq!(refused(json!({})), is("/decision", "required"));
        assert_eq!(refused(json!({"decision": "maybe"})), is("/decision", "unknown-code"));
        assert_eq!(refused(json!({"decision": "approve_with_conditions"})), is("/conditions", "required"));
        for verdict in ["return", "reject", "forward"] {
            assert_eq!(refused(json!({"decision": verdict, "comment": " "})), is("/comment", "required"));
            assert_eq!(
                refused(json!({"decision": verdict, "comment": "\u{1}"})),
                is("/comment", "control-characters")
            );
        }
        assert_eq!(
            refused(json!({"decision": "approve", "due_on": "2026-04-01"})),
            is("/due_on", "only-with-return")
        );
        let back = |day: &str| json!({"decision": "return", "comment": "x", "due_on": day});
        assert_eq!(refused(back("2026-03-02")), is("/due_on", "in-the-past"));
        assert_eq!(refused(back("2027-03-04")), is("/due_on", "out-of-range"));
        assert_eq!(refused(back("+262142-12-31")), is("/due_on", "out-of-range"));
        assert_eq!(
            refused(json!({"decision": "approve", "acting_for": "x"})),
            is("/acting_for", "unknown-field")
        );
        made.does(&appraiser, "decisions", &json!({"decision": "approve", "comment": "Đủ\nđiều kiện"}));
        // At the next step the department reads and does not decide.
        let second = app.another(Role::Appraiser, world.foreign);
        made.tries(&second, "decisions", &approve()).refused(403, "not-your-turn");
        assert!(!made.seen(&second)["commands"].as_array().unwrap().contains(&json!("advance")));
        made.does(&approver, "decisions", &json!({"decision": "approve", "forms": ["KT", "TM", "KT"]}));
        made.tries(&app.another(Role::Approver, world.office), "decisions", &approve())
            .refused(409, "illegal-move");

        let steps = approver.get(&format!("{}/steps", made.path())).expect(200);
        let steps = steps["items"].as_array().unwrap();
        let told: Vec<_> = steps
            .iter()
            .map(|step| (step["kind"].as_str().unwrap(), step["state"].as_str().unwrap()))
            .collect();
        assert_eq!(told, [("appraise", "done"), ("approve", "done")]);
        let (first, last) = (&steps[0]["decisions"][0], &steps[1]["decisions"][0]);
        assert_eq!((&first["comment"], &last["comment"]), (&json!("Đủ\nđiều kiện"), &Value::Null));
        assert_eq!(last["forms"], json!(["TM", "KT"]));
        let rounds = approver.get(&format!("{}/revisions", made.path())).expect(200);
        assert_eq!(
            (&rounds["items"][0]["content_hash"], &rounds["items"][0]["outcome"]),
            (&last["content_hash"], &json!("approved"))
        );
    });
}
