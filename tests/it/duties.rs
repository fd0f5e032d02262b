//! When a duty can be done at all, who hears that a visit is off, and what it takes to close over what is owed.

use legation::domain::access::Role;
use legation::domain::ids::OrganisationId;
use legation::domain::obligation::{ObligationKind, Planned, Proof};
use serde_json::{Value, json};

use super::app::{Client, TestApp, on_each};
use super::make::{self, Made, fault, is};
use super::obligations::{at, done, duty, notice, plan, titles};

fn officers(app: &TestApp) -> (Role, OrganisationId) {
    (Role::Officer, app.world().union)
}

/// One of each that waits for a moment of the visit of 20 to 22 March, all of them the officer's.
fn waiting_for_moments(app: &TestApp) -> Vec<Planned> {
    use ObligationKind as K;
    let all = [
        ("POLICE", K::PoliceNotice, Proof::Number),
        ("SEA", K::SeaBorderNotice, Proof::Number),
        ("LICENCE", K::PressLicence, Proof::Number),
        ("STAY", K::TemporaryStay, Proof::None),
        ("RESULT", K::ResultReport, Proof::None),
        ("PASSPORT", K::PassportReturn, Proof::None),
    ];
    all.into_iter()
        .map(|(rule, kind, proof)| duty(rule, kind, officers(app), "2026-03-27T17:00", proof))
        .collect()
}

#[test]
fn nothing_is_discharged_before_it_can_be_done() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::permitted(app, &officer, 1);
        plan(app, &app.as_(Role::Clerk), &made, &waiting_for_moments(app));
        let tries = |client: &Client, made: &mut Made, rule: &str, date: Option<&str>| {
            let path = done(client, made, rule);
            let mut proof = json!({"number": "12/LHHN"});
            proof["date"] = json!(date);
            made.tries(client, &path, &proof)
        };
        // The permit is of 2 March, the visit lasts from 20 to 22 March.
        let refused = [
            ("POLICE", Some("2026-03-01"), "before-permit"),
            ("SEA", Some("2026-03-01"), "before-permit"),
            ("STAY", None, "before-visit"),
            ("STAY", Some("2026-03-02"), "before-visit"),
            ("RESULT", None, "before-end-of-visit"),
            ("PASSPORT", None, "before-end-of-visit"),
            ("POLICE", Some("2026-03-03"), "in-the-future"),
        ];
        for (rule, date, code) in refused {
            let answer = tries(&officer, &mut made, rule, date);
            assert_eq!(fault(answer), is("/date", code), "{rule} {date:?}");
        }
        let english = Client { lang: Some("en"), ..officer.clone() };
        let told = tries(&english, &mut made, "STAY", None).refused(422, "validation-failed");
        assert!(told["errors"][0]["message"].as_str().unwrap().contains("first day of the visit"), "{told}");
        let told = tries(&officer, &mut made, "STAY", None).refused(422, "validation-failed");
        assert!(told["errors"][0]["message"].as_str().unwrap().contains("ngày đoàn đến"), "{told}");
        // A notice can be given as soon as there is a permit; another authority's licence may be older than it.
        tries(&officer, &mut made, "POLICE", Some("2026-03-02")).expect(200);
        tries(&officer, &mut made, "LICENCE", Some("2026-02-20")).expect(200);
        // During the visit.
        at(app, "2026-03-21T09:00");
        let officer = app.signed_in(officer.account.unwrap());
        tries(&officer, &mut made, "STAY", Some("2026-03-20")).expect(200);
        assert_eq!(fault(tries(&officer, &mut made, "RESULT", None)), is("/date", "before-end-of-visit"));
        // They left a day early: what really happened counts.
        made.seen(&officer);
        made.does(
            &officer,
            "report",
            &json!({"actual_arrives_on": "2026-03-20", "actual_departs_on": "2026-03-21"}),
        );
        plan(app, &officer, &made, &waiting_for_moments(app));
        tries(&officer, &mut made, "PASSPORT", None).expect(200);
    });
}

#[test]
fn a_report_with_its_organisation_and_an_issue_with_its_forms_are_journalled() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        make::received(app, &officer, &mut made);
        make::approved(app, &mut made);
        let paper = json!({"number": "5", "symbol": "UBND-ĐN", "date": "2026-03-02", "signer": "Nguyễn Văn Phúc",
            "forms": ["KT", "TM"], "recipients": [{"name": "Công an thành phố", "channel": "document_system"},
            {"name": "Lưu VT", "channel": "hand"}]});
        made.does(&clerk, "issue", &paper);
        let history = officer.get(&format!("{}/history", made.path())).expect(200);
        let items = history["items"].as_array().unwrap();
        let issued = items.iter().find(|item| item["action"] == "delegation.issued").unwrap();
        assert_eq!(
            (&issued["values"]["forms"], &issued["values"]["recipients"]),
            (&json!("TM KT"), &json!("Công an thành phố (document_system)\nLưu VT (hand)"))
        );
        at(app, "2026-03-23T09:00");
        let officer = app.signed_in(officer.account.unwrap());
        made.does(&officer, "report", &json!({"actual_arrives_on": "2026-03-20"}));
        let auditor = app.signed_in(app.as_(Role::Auditor).account.unwrap());
        let journal = auditor.get("/api/v1/journal?action=delegation.obligation_done").expect(200);
        let entry = &journal["items"][0];
        assert_eq!(entry["organisation_id"], json!(app.world().union), "{entry}");
    });
}

/// Gives the police its notice.
fn police_told(app: &TestApp, made: &mut Made) {
    let clerk = app.as_(Role::Clerk);
    let path = done(&clerk, made, "IN-POLICE-COPY");
    made.does(&clerk, &path, &json!({"number": "12/SNGV", "date": "2026-03-02"}));
}

#[test]
fn whoever_had_notice_hears_that_the_visit_is_off() {
    on_each(|app| {
        let (officer, approver) = (app.as_(Role::Officer), app.as_(Role::Approver));
        let mut revoked = make::permitted(app, &officer, 1);
        police_told(app, &mut revoked);
        revoked.does(&approver, "revoke", &json!({"reason": "Lý do"}));
        let title =
            "Báo tiếp cho nơi đã nhận “Thông báo cho Công an thành phố”: văn bản cho phép đã bị thu hồi";
        assert_eq!(titles(&officer, &revoked, "PAPER-FOLLOW-UP"), [title]);
        let owed = officer.get(&format!("{}/obligations", revoked.path())).expect(200);
        let found = owed["items"].as_array().unwrap().iter().find(|one| one["rule"] == "PAPER-FOLLOW-UP");
        let found = found.unwrap();
        assert_eq!(
            (&found["role"], &found["organisation_id"], &found["due_at"], &found["kind"]),
            (
                &json!("clerk"),
                &json!(app.world().foreign),
                &json!("2026-03-03T17:00:00+07:00"),
                &json!("follow_up")
            )
        );
        assert!(found["title_en"].as_str().unwrap().ends_with("the permit has been revoked"), "{found}");
        // It is discharged as others are.
        let clerk = app.as_(Role::Clerk);
        let path = done(&clerk, &mut revoked, "PAPER-FOLLOW-UP");
        revoked.does(&clerk, &path, &json!({"number": "13/SNGV", "date": "2026-03-02"}));

        let mut cancelled = make::permitted(app, &officer, 11);
        police_told(app, &mut cancelled);
        cancelled.does(&officer, "cancel", &json!({"reason": "Hoãn"}));
        assert_eq!(titles(&officer, &cancelled, "PAPER-FOLLOW-UP").len(), 1);
        // Who was not told yet is told nothing.
        let mut untold = make::permitted(app, &officer, 21);
        untold.does(&officer, "cancel", &json!({"reason": "Hoãn"}));
        assert_eq!(titles(&officer, &untold, "PAPER-FOLLOW-UP"), [""; 0]);
    });
}

#[test]
fn after_an_amendment_whoever_had_notice_has_it_anew() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::permitted(app, &officer, 1);
        police_told(app, &mut made);
        made.seen(&officer);
        made.edits(&officer, &json!({"departs_on": "2026-03-23"}));
        make::received(app, &officer, &mut made);
        make::approved(app, &mut made);
        make::issued(app, &mut made, "9");
        // The notice of the new permit is the follow-up: not two duties for one telling.
        assert_eq!(titles(&officer, &made, "IN-POLICE-COPY"), ["Thông báo cho Công an thành phố"]);
        assert_eq!(titles(&officer, &made, "PAPER-FOLLOW-UP"), [""; 0]);
        // Revoked after both: one follow-up.
        police_told_again(app, &mut made);
        made.does(&app.as_(Role::Approver), "revoke", &json!({"reason": "Lý do"}));
        assert_eq!(titles(&officer, &made, "PAPER-FOLLOW-UP").len(), 1);
    });
}

fn police_told_again(app: &TestApp, made: &mut Made) {
    let clerk = app.as_(Role::Clerk);
    let owed = clerk.get(&format!("{}/obligations", made.path())).expect(200);
    let is_open = |one: &&Value| one["rule"] == "IN-POLICE-COPY" && one["state"] == "open";
    let open = owed["items"].as_array().unwrap().iter().find(is_open).unwrap()["id"].clone();
    made.seen(&clerk);
    let path = format!("obligations/{}/done", open.as_str().unwrap());
    made.does(&clerk, &path, &json!({"number": "14/SNGV", "date": "2026-03-02"}));
}

#[test]
fn a_part_that_is_off_is_told_of_and_what_is_moved_is_announced_anew() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::permitted(app, &officer, 1);
        let sea = |day: &str| Planned {
            key: day.to_owned(),
            ..duty("SEA", ObligationKind::SeaBorderNotice, officers(app), "2026-03-19T17:00", Proof::Number)
        };
        plan(app, &officer, &made, &[notice(app), sea("2026-03-20")]);
        let path = done(&officer, &mut made, "SEA");
        made.does(&officer, &path, &json!({"number": "1", "date": "2026-03-02"}));
        // The same day in a later round is no news; another day is, and the first one is off.
        plan(app, &officer, &made, &[notice(app), sea("2/2026-03-20")]);
        assert_eq!(titles(&officer, &made, "PAPER-FOLLOW-UP"), [""; 0]);
        plan(app, &officer, &made, &[notice(app), sea("3/2026-03-21")]);
        assert_eq!(
            titles(&officer, &made, "PAPER-FOLLOW-UP"),
            ["Báo tiếp cho nơi đã nhận “Việc SEA”: nội dung đã thông báo không còn"]
        );
        plan(app, &officer, &made, &[notice(app), sea("3/2026-03-21")]);
        assert_eq!(titles(&officer, &made, "PAPER-FOLLOW-UP").len(), 1, "once");
    });
}

#[test]
fn nobody_closes_over_what_is_owed_in_silence() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::permitted(app, &officer, 1);
        at(app, "2026-03-25T09:00");
        let officer = app.signed_in(officer.account.unwrap());
        made.does(&officer, "report", &json!({"actual_arrives_on": "2026-03-20"}));
        for body in [json!({}), json!({"reason": " "})] {
            assert_eq!(fault(made.tries(&officer, "close", &body)), is("/reason", "duties-open"), "{body}");
        }
        assert_eq!(fault(made.tries(&officer, "close", &json!({"why": "x"}))), is("/why", "unknown-field"));
        let closed = made.does(&officer, "close", &json!({"reason": "Công an nhận bản giấy, chờ số"}));
        assert_eq!(closed["state"], "closed");
        let newest = officer.get(&format!("{}/history", made.path())).expect(200)["items"][0].clone();
        assert_eq!(
            (&newest["values"]["reason"], &newest["values"]["owed:IN-POLICE-COPY/"]),
            (&json!("Công an nhận bản giấy, chờ số"), &json!("2026-03-18T17:00"))
        );
        // It stays owed.
        assert_eq!(titles(&officer, &made, "IN-POLICE-COPY").len(), 1);
        let clerk = app.signed_in(app.as_(Role::Clerk).account.unwrap());
        let path = done(&clerk, &mut made, "IN-POLICE-COPY");
        made.does(&clerk, &path, &json!({"number": "12/SNGV", "date": "2026-03-17"}));
    });
}
