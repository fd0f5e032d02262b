//! The signed paper: not before what it permits was approved, and by mandate only where there is one.

use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::{Client, TestApp, on_each};
use super::make::{self, Made, fault, is};
use super::rules::at;

fn name(app: &TestApp, client: &Client) -> String {
    let id = client.account.unwrap();
    app.read(|tx| Ok(legation::store::accounts::load(tx, id)?)).unwrap().display_name
}

/// A permit of this day with these forms.
fn paper(day: &str, signer: &str, forms: &Value) -> Value {
    json!({"number": "5", "symbol": "UBND-ĐN", "date": day, "signer": signer, "forms": forms})
}

/// A delegation that was approved on Thursday 5 March.
fn approved(app: &TestApp, officer: &Client, no: u32) -> Made {
    let mut made = make::registered(app, officer, &make::body(app, "2026-03-20"), no);
    make::received(app, officer, &mut made);
    at(app, "2026-03-05T09:00");
    make::approved(app, &mut made);
    made
}

#[test]
fn a_paper_is_not_older_than_what_it_permits() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let mut made = approved(app, &officer, 1);
        at(app, "2026-03-06T09:00");
        for (day, code) in [
            ("2026-03-02", "before-approval"),
            ("2026-03-04", "before-approval"),
            ("2025-12-31", "before-approval"),
            ("2026-03-07", "in-the-future"),
        ] {
            let body = paper(day, "Nguyễn Văn Phúc", &json!(["TM", "KT"]));
            assert_eq!(fault(made.tries(&clerk, "issue", &body)), is("/date", code), "{day}");
        }
        let unsigned = paper("2026-03-05", " ", &json!(["TM"]));
        assert_eq!(fault(made.tries(&clerk, "issue", &unsigned)), is("/signer", "required"));
        made.does(&clerk, "issue", &paper("2026-03-05", "Nguyễn Văn Phúc", &json!(["TM", "KT"])));
    });
}

#[test]
fn by_mandate_is_signed_under_one_that_was_in_force_that_day() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let giver = app.as_(Role::Approver);
        let holder = app.another(Role::Appraiser, app.world().foreign);
        let username = |client: &Client| {
            let id = client.account.unwrap();
            app.read(|tx| Ok(legation::store::accounts::load(tx, id)?)).unwrap().username
        };
        let mandate = |change: Value| {
            let mut body = json!({"holder": username(&holder), "organisation_id": app.world().office,
                "role": "approver", "letter_number": "03/UQ-UBND", "letter_date": "2026-03-01",
                "valid_from": "2026-03-02", "valid_to": "2026-03-06"});
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            body
        };
        let (giver_name, holder_name) = (name(app, &giver), name(app, &holder));
        let mut made = approved(app, &officer, 1);
        let signed = |day: &str, change: Value| {
            let mut body = paper(day, &holder_name, &json!(["TUQ", "TM"]));
            body["acting_for"] = json!(giver_name);
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            body
        };
        at(app, "2026-03-09T09:00");
        let clerk = app.signed_in(clerk.account.unwrap());
        let faulty = |body: Value| fault(made.tries(&clerk, "issue", &body));
        assert_eq!(
            faulty(signed("2026-03-05", json!({}))),
            is("/acting_for", "no-mandate"),
            "none was given"
        );
        at(app, "2026-03-05T10:00");
        let giver = app.signed_in(giver.account.unwrap());
        giver.post("/api/v1/mandates", &mandate(json!({"limits": {"ranks": ["a"]}}))).expect(201);
        at(app, "2026-03-09T09:00");
        assert_eq!(faulty(signed("2026-03-05", json!({}))), is("/acting_for", "no-mandate"), "another rank");
        at(app, "2026-03-05T10:00");
        giver.post("/api/v1/mandates", &mandate(json!({}))).expect(201);
        at(app, "2026-03-09T09:00");
        for (change, pointer, code) in [
            (json!({"acting_for": null}), "/acting_for", "required"),
            (json!({"acting_for": "Người khác"}), "/acting_for", "no-mandate"),
            (json!({"signer": "Nguyễn Văn Phúc"}), "/signer", "not-the-holder"),
            (json!({"forms": ["TUQ", "KT"]}), "/forms", "tuq-excludes"),
            (json!({"forms": ["TL", "TUQ"]}), "/forms", "tuq-excludes"),
            (json!({"forms": ["TM", "KT"]}), "/acting_for", "only-with-tuq"),
            (json!({"date": "2026-03-09"}), "/acting_for", "no-mandate"),
        ] {
            assert_eq!(faulty(signed("2026-03-05", change.clone())), is(pointer, code), "{change}");
        }
        let shown = made.does(&clerk, "issue", &signed("2026-03-06", json!({})));
        assert_eq!(
            (&shown["permit"]["forms"], &shown["permit"]["acting_for"]),
            (&json!(["TM", "TUQ"]), &json!(giver_name))
        );
        let history = officer_history(app, &officer, &made);
        assert_eq!(history["values"]["acting_for"], json!(giver_name));
        assert_eq!(make::count(app, "issued_papers WHERE mandate_id IS NOT NULL"), 1);
    });
}

fn officer_history(app: &TestApp, officer: &Client, made: &Made) -> Value {
    let officer = app.signed_in(officer.account.unwrap());
    let history = officer.get(&format!("{}/history", made.path())).expect(200);
    let items = history["items"].as_array().unwrap();
    items.iter().find(|item| item["action"] == "delegation.issued").unwrap().clone()
}

#[test]
fn plain_forms_need_no_mandate_and_stack() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        for (no, forms) in [(1, json!(["TL", "KT", "TM"])), (11, json!(["Q"])), (21, json!([]))] {
            let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), no);
            make::received(app, &officer, &mut made);
            make::approved(app, &mut made);
            let mut body = paper("2026-03-02", "Nguyễn Văn Phúc", &forms);
            body["number"] = json!(no.to_string());
            made.does(&clerk, "issue", &body);
        }
    });
}
