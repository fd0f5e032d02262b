//! A leader's desk: what waits for whom, and many decisions in one request.

use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::{Client, on_each};
use super::make::{self, Made, approve, errors, person_of};

/// A row of a bulk decision.
fn row(made: &Made, decision: &str) -> Value {
    json!({"delegation_id": made.id, "version": made.version, "decision": decision, "comment": "Theo đề nghị"})
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
fn many_are_decided_row_by_row() {
    on_each(|app| {
        let (officer, approver) = (app.as_(Role::Officer), app.as_(Role::Approver));
        let (first, second, third) =
            (make::at_approver(app, 1), make::at_approver(app, 11), make::at_approver(app, 21));
        let own = make::at_approver(app, 31);
        // The approver travels in this one.
        make::execute(
            app,
            &format!(
                "INSERT INTO dossier_authors VALUES ('{}', '{}', 'travels')",
                own.id,
                person_of(app, &approver)
            ),
        );
        let unseen = make::at_appraiser(app, 41);
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
            row(&third, "approve_with_conditions")
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
        assert_eq!(results[7]["problem"]["errors"][0]["pointer"], "/conditions");
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
        made.does(&officer, "submit", &make::declared());
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
        other.does(&officer, "submit", &make::declared());
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
