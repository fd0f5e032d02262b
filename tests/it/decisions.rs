//! Deciding: four eyes, once a person, whose turn, one of many at the same time, many at once row by row; and what
//! waits for whom.

use legation::domain::access::Role;
use legation::domain::approval::Verdict;
use legation::domain::ids::{AccountId, PersonId};
use legation::service::Error;
use legation::store::steps::{self, Decision};
use legation::store::{StoreError, accounts};
use serde_json::{Value, json};

use super::app::{Client, TestApp, on_each};
use super::make::{self, Made, errors, together};

fn approve() -> Value {
    json!({"decision": "approve"})
}

/// A received delegation of the union.
fn received(app: &TestApp, no: u32) -> Made {
    let officer = app.as_(Role::Officer);
    let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), no);
    make::received(app, &officer, &mut made);
    made
}

/// One that waits for the approver.
fn appraised(app: &TestApp, no: u32) -> Made {
    let mut made = received(app, no);
    made.does(&app.as_(Role::Appraiser), "decisions", &approve());
    made
}

fn person_of(app: &TestApp, client: &Client) -> PersonId {
    let id = client.account.unwrap();
    app.read(|tx| Ok(accounts::load(tx, id)?)).unwrap().person.unwrap()
}

/// A second account of the same natural person, with this role at this place.
fn second_account(
    app: &TestApp,
    of: &Client,
    role: Role,
    place: legation::domain::ids::OrganisationId,
) -> Client {
    let person = person_of(app, of);
    let other = app.another(role, place);
    let id = other.account.unwrap();
    make::execute(app, &format!("UPDATE accounts SET person_id = '{person}' WHERE id = '{id}'"));
    other
}

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
        let mut later = received(app, 10);
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
        let made = received(app, 1);
        let id = made.dossier();
        let step = app.read(|tx| Ok(steps::list(tx, id)?)).remove(0).step.id;
        let insert = |client: &Client| -> Result<(), Error> {
            let (person, account): (PersonId, AccountId) = (person_of(app, client), client.account.unwrap());
            app.store.write_blocking(move |tx| {
                let decision = Decision {
                    id: tx.fresh(),
                    revision: 1,
                    step,
                    person,
                    account,
                    verdict: Verdict::Approve,
                    comment: None,
                    forms: Vec::new(),
                    content_hash: vec![0; 32],
                    made_at: tx.now(),
                };
                steps::insert_decision(tx, id, &decision).map_err(Error::Store)?;
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
        let mut made = appraised(app, 1);
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
        let mut made = received(app, 1);
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
        for later in ["approve_with_conditions", "forward"] {
            assert_eq!(refused(json!({"decision": later})), is("/decision", "not-offered"));
        }
        for verdict in ["return", "reject"] {
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

#[test]
fn of_twenty_at_once_one_decides() {
    on_each(|app| {
        let office = app.world().office;
        let approvers: Vec<Client> = (0..20).map(|_| app.another(Role::Approver, office)).collect();
        for round in 0..3 {
            let mut made = appraised(app, 1 + round * 10);
            let decide = |client: &Client, no: usize| {
                let body = match no % 3 {
                    0 => approve(),
                    1 => json!({"decision": "reject", "comment": "Không"}),
                    _ => json!({"decision": "return", "comment": "Thiếu"}),
                };
                made.tries(client, "decisions", &body)
            };
            let works = approvers.iter().enumerate().map(|(no, client)| move || decide(client, no)).collect();
            let answers = together(works);
            let won: Vec<&Value> =
                answers.iter().filter(|answer| answer.status == 200).map(|answer| &answer.body).collect();
            assert_eq!(won.len(), 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
            assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 409 | 412)));
            assert_eq!(made.seen(&app.as_(Role::Officer))["state"], won[0]["state"]);
            let last = make::count(app, &format!("decisions WHERE dossier_id = '{}'", made.id));
            assert_eq!(last, 2, "the appraiser's, and one");
        }
    });
}

#[test]
fn the_same_person_at_once_decides_once() {
    on_each(|app| {
        let approver = app.as_(Role::Approver);
        let second = second_account(app, &approver, Role::Approver, app.world().office);
        let made = appraised(app, 1);
        let works = (0..10).map(|no| {
            let (made, client) = (made.clone(), if no % 2 == 0 { approver.clone() } else { second.clone() });
            move || made.tries(&client, "decisions", &approve()).status
        });
        let mut statuses = together(works.collect());
        statuses.sort_unstable();
        assert_eq!(statuses[0], 200);
        assert!(statuses[1..].iter().all(|status| matches!(status, 409 | 412)), "{statuses:?}");
        assert_eq!(make::count(app, "decisions"), 2);
    });
}

/// A row of a bulk decision.
fn row(made: &Made, decision: &str) -> Value {
    json!({"delegation_id": made.id, "version": made.version, "decision": decision, "comment": "Theo đề nghị"})
}

#[test]
fn many_are_decided_row_by_row() {
    on_each(|app| {
        let (officer, approver) = (app.as_(Role::Officer), app.as_(Role::Approver));
        let (first, second, third) = (appraised(app, 1), appraised(app, 11), appraised(app, 21));
        let own = appraised(app, 31);
        // The approver travels in this one.
        make::execute(
            app,
            &format!(
                "INSERT INTO dossier_authors VALUES ('{}', '{}', 'travels')",
                own.id,
                person_of(app, &approver)
            ),
        );
        let unseen = received(app, 41);
        let nobody = Made { id: "0197f000-0000-7000-8000-000000000000".to_owned(), version: 1 };
        let stale = Made { version: third.version - 1, ..third.clone() };
        let items = json!([
            row(&first, "approve"),
            row(&stale, "approve"),
            row(&own, "approve"),
            row(&unseen, "approve"),
            row(&nobody, "approve"),
            row(&second, "reject"),
            row(&first, "approve"),
            row(&third, "forward")
        ]);
        let results =
            approver.post("/api/v1/decisions", &json!({"items": items})).expect(200)["results"].clone();
        let results = results.as_array().unwrap();
        let told: Vec<(u64, &str)> = results
            .iter()
            .map(|result| {
                (result["status"].as_u64().unwrap(), result["problem"]["code"].as_str().unwrap_or(""))
            })
            .collect();
        assert_eq!(
            told,
            [
                (200, ""),
                (412, "stale-version"),
                (403, "self-approval"),
                (404, "not-found"),
                (404, "not-found"),
                (200, ""),
                (412, "stale-version"),
                (422, "validation-failed")
            ]
        );
        for (result, item) in results.iter().zip(items.as_array().unwrap()) {
            assert_eq!(result["delegation_id"], item["delegation_id"]);
        }
        assert_eq!(results[0]["version"], json!(first.version + 1));
        assert_eq!(results[7]["problem"]["errors"][0]["pointer"], "/decision");
        let state = |made: &Made| officer.get(&made.path()).expect(200)["state"].clone();
        assert_eq!(
            (state(&first), state(&second), state(&third)),
            (json!("approved"), json!("rejected"), json!("received"))
        );
        let denied = app.as_(Role::Auditor).get("/api/v1/journal?action=access.denied").expect(200);
        assert_eq!(denied["items"].as_array().unwrap().len(), 2, "each denied row is told: {denied}");
        let refused =
            approver.post("/api/v1/decisions", &json!({"items": [row(&own, "approve")]})).expect(200);
        assert_eq!(refused["results"][0]["status"], 403);
        for items in [json!([]), json!(vec![row(&third, "approve"); 201])] {
            let refused = approver
                .post("/api/v1/decisions", &json!({"items": items}))
                .refused(422, "validation-failed");
            assert_eq!(errors(&refused), [("/items".to_owned(), "out-of-range".to_owned())]);
        }
        let odd = approver.post(
            "/api/v1/decisions",
            &json!({"items": [{"delegation_id": third.id, "version": "1", "decision": "approve"}]}),
        );
        assert_eq!(errors(&odd.refused(422, "validation-failed"))[0].0, "/items/0/version");
        for role in [Role::Secretary, Role::Officer, Role::Clerk, Role::Auditor, Role::Admin] {
            app.as_(role)
                .post("/api/v1/decisions", &json!({"items": [row(&third, "approve")]}))
                .refused(403, "forbidden");
        }
    });
}

/// Rows in opposite orders lock each other's dossiers: nobody is told "busy", and each dossier is decided once.
#[test]
fn bulks_that_cross_are_all_answered() {
    on_each(|app| {
        let office = app.world().office;
        let all: Vec<Made> = (0..8).map(|no| appraised(app, 1 + no * 10)).collect();
        let bulks = (0..6).map(|no| {
            let approver = app.another(Role::Approver, office);
            let mut rows: Vec<Value> = all.iter().map(|made| row(made, "approve")).collect();
            if no % 2 == 1 {
                rows.reverse();
            }
            move || approver.post("/api/v1/decisions", &json!({"items": rows}))
        });
        let singles = all.iter().map(|made| {
            let (approver, made) = (app.another(Role::Approver, office), made.clone());
            move || made.tries(&approver, "decisions", &approve())
        });
        let mut works: Vec<Box<dyn FnOnce() -> super::app::Answer + Send>> = Vec::new();
        works.extend(bulks.map(|work| Box::new(work) as Box<_>));
        works.extend(singles.map(|work| Box::new(work) as Box<_>));
        let mut done = 0;
        for answer in together(works) {
            match answer.body["results"].as_array() {
                Some(results) => {
                    assert_eq!((answer.status, results.len()), (200, 8));
                    assert!(
                        results.iter().all(|row| matches!(row["status"].as_u64(), Some(200 | 409 | 412))),
                        "{results:?}"
                    );
                    done += results.iter().filter(|row| row["status"] == 200).count();
                }
                None => {
                    assert!(matches!(answer.status, 200 | 409 | 412), "{}", answer.body);
                    done += usize::from(answer.status == 200);
                }
            }
        }
        assert_eq!(done, 8);
    });
}

/// What waits for this client: what for, at which step, since when.
fn waiting(client: &Client) -> Vec<(String, Value, String, String)> {
    let inbox = client.get("/api/v1/inbox").expect(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let items = inbox["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| {
            (
                text(&item["waits_for"]),
                item["step"].clone(),
                text(&item["since"]),
                text(&item["delegation"]["id"]),
            )
        })
        .collect()
}

#[test]
fn an_inbox_says_what_waits_why_and_since_when() {
    on_each(|app| {
        let hour = chrono::TimeDelta::hours(1);
        let world = *app.world();
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let (appraiser, approver, secretary) =
            (app.as_(Role::Appraiser), app.as_(Role::Approver), app.as_(Role::Secretary));
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        let nothing: Vec<(String, Value, String, String)> = Vec::new();
        for role in [Role::Officer, Role::Clerk, Role::Appraiser, Role::Approver, Role::Secretary] {
            assert_eq!(waiting(&app.as_(role)), nothing);
        }
        let waits = |what: &str, step: Value, since: &str| {
            vec![(what.to_owned(), step, since.to_owned(), made.id.clone())]
        };
        let for_clerk = waits("receive", Value::Null, "2026-03-02T03:00:00Z");
        let for_appraiser = waits("decide", json!("appraise"), "2026-03-02T04:00:00Z");
        let for_approver = waits("decide", json!("approve"), "2026-03-02T05:00:00Z");
        let for_supplement = waits("supplement", Value::Null, "2026-03-02T05:00:00Z");
        let to_issue = waits("issue", Value::Null, "2026-03-02T06:00:00Z");
        let to_report = waits("report", Value::Null, "2026-03-02T07:00:00Z");
        app.advance(hour);
        made.does(&officer, "submit", &json!({}));
        assert_eq!(waiting(&clerk), for_clerk);
        assert_eq!(waiting(&app.another(Role::Clerk, world.union)), nothing, "another desk");
        app.advance(hour);
        made.does(&clerk, "receive", &json!({"number": "1"}));
        assert_eq!((waiting(&clerk), waiting(&appraiser)), (nothing.clone(), for_appraiser.clone()));
        // An officer who also appraises there sees neither own work nor what is past.
        app.advance(hour);
        let mut other = made.clone();
        other.does(&appraiser, "decisions", &json!({"decision": "return", "comment": "Thiếu thư mời"}));
        assert_eq!((waiting(&officer), waiting(&appraiser)), (for_supplement, nothing.clone()));
        other.does(&officer, "submit", &json!({}));
        other.does(&clerk, "receive", &json!({"number": "2"}));
        other.does(&app.another(Role::Appraiser, world.foreign), "decisions", &approve());
        assert_eq!((waiting(&approver), waiting(&secretary)), (for_approver.clone(), for_approver));
        other.tries(&secretary, "decisions", &approve()).refused(403, "forbidden");
        app.advance(hour);
        other.does(&approver, "decisions", &approve());
        assert_eq!(
            (waiting(&approver), waiting(&secretary), waiting(&clerk)),
            (nothing.clone(), nothing.clone(), to_issue)
        );
        app.advance(hour);
        make::issued(app, &mut other, "7");
        assert_eq!(
            (waiting(&clerk), waiting(&officer)),
            (nothing.clone(), nothing.clone()),
            "not before they left"
        );
        app.advance(chrono::TimeDelta::days(20));
        let officer = app.signed_in(officer.account.unwrap());
        assert_eq!(waiting(&officer), nothing, "on their last day");
        app.advance(chrono::TimeDelta::days(1));
        assert_eq!(waiting(&officer), to_report);
        other.does(&officer, "report", &json!({"actual_arrives_on": "2026-03-20"}));
        assert_eq!(waiting(&officer), nothing);
    });
}
