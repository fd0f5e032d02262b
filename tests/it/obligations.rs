//! What a permit obliges somebody to do: planned, shown, discharged with proof, dropped, reminded of once a day, and
//! what must not be overlooked.

use std::sync::Arc;

use chrono::{NaiveDateTime, TimeDelta};
use legation::domain::access::Role;
use legation::domain::calendar::Unit;
use legation::domain::ids::OrganisationId;
use legation::domain::obligation::{ObligationKind, Planned, Proof};
use legation::service::obligations;
use legation::service::{Context, Error};
use legation::store::{accounts, dossiers};
use serde_json::{Value, json};

use super::app::{Client, TestApp, on_each};
use super::make::{self, Made, fault, is, together};

/// A duty as a rule would plan it.
pub fn duty(
    rule: &str,
    kind: ObligationKind,
    at: (Role, OrganisationId),
    due: &str,
    proof: Proof,
) -> Planned {
    Planned {
        rule: rule.to_owned(),
        kind,
        key: String::new(),
        title_vi: format!("Việc {rule}"),
        title_en: format!("Duty {rule}"),
        role: at.0,
        organisation: at.1,
        due_at: NaiveDateTime::parse_from_str(due, "%Y-%m-%dT%H:%M").unwrap(),
        unit: Unit::WorkingDay,
        proof,
    }
}

/// Plans as the rulebook's command will, in the name of this client.
pub fn plan(app: &TestApp, client: &Client, made: &Made, planned: &[Planned]) {
    let (id, account, planned) = (made.dossier(), client.account.unwrap(), planned.to_vec());
    let settings = Arc::clone(&app.app_parts.settings);
    app.store
        .write_blocking(move |tx| {
            let actor = accounts::actor_of_account(tx, account)?.unwrap();
            let ctx = Context { actor, settings: Arc::clone(&settings) };
            let stored = dossiers::load_any(tx, id)?.unwrap();
            obligations::plan(tx, &ctx, &stored, planned.clone())?;
            Ok::<_, Error>(tx.unrecorded("planning journals by itself", ()))
        })
        .unwrap();
}

/// A clerk's notice to the police, due on 17 March 2026.
pub fn notice(app: &TestApp) -> Planned {
    let clerk = (Role::Clerk, app.world().foreign);
    duty("IN-POLICE-COPY", ObligationKind::PoliceNotice, clerk, "2026-03-17T17:00", Proof::Number)
}

/// An officer's result report, due on 27 March 2026.
fn result(app: &TestApp) -> Planned {
    let officer = (Role::Officer, app.world().union);
    duty("IN-RESULT", ObligationKind::ResultReport, officer, "2026-03-27T17:00", Proof::None)
}

/// What a dossier owes: rule, state, overdue; besides the declaration of stay, which every visit over night owes.
fn owed(client: &Client, made: &Made) -> Vec<(String, String, bool)> {
    let shown = client.get(&format!("{}/obligations", made.path())).expect(200);
    rows(&shown).into_iter().filter(|(rule, ..)| rule != "IN-RESIDENCE").collect()
}

fn rows(shown: &Value) -> Vec<(String, String, bool)> {
    let row = |one: &Value| {
        let text = |name: &str| one[name].as_str().unwrap().to_owned();
        (text("rule"), text("state"), one["overdue"].as_bool().unwrap())
    };
    shown["items"].as_array().unwrap().iter().map(row).collect()
}

fn row(rule: &str, state: &str) -> (String, String, bool) {
    (rule.to_owned(), state.to_owned(), false)
}

/// The id of the dossier's obligation of this rule.
fn id_of(client: &Client, made: &Made, rule: &str) -> String {
    let shown = client.get(&format!("{}/obligations", made.path())).expect(200);
    let found = shown["items"].as_array().unwrap().iter().find(|one| one["rule"] == rule);
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

pub fn done(client: &Client, made: &mut Made, rule: &str) -> String {
    made.seen(client);
    format!("obligations/{}/done", id_of(client, made, rule))
}

fn actions(client: &Client, made: &Made) -> Vec<String> {
    let shown = client.get(&format!("{}/history", made.path())).expect(200);
    let items = shown["items"].as_array().unwrap();
    items.iter().map(|item| item["action"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn planning_adds_moves_and_drops_and_what_was_done_stays_done() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let mut made = make::permitted(app, &officer, 1);
        plan(app, &clerk, &made, &[notice(app), result(app)]);
        assert_eq!(owed(&officer, &made), [row("IN-POLICE-COPY", "open"), row("IN-RESULT", "open")]);
        let shown = officer.get(&format!("{}/obligations", made.path())).expect(200)["items"][0].clone();
        assert_eq!(shown["due_at"], "2026-03-17T17:00:00+07:00");
        assert_eq!((&shown["kind"], &shown["proof"]), (&json!("police_notice"), &json!("number")));
        assert_eq!(
            (&shown["role"], &shown["organisation_id"]),
            (&json!("clerk"), &json!(app.world().foreign))
        );
        assert_eq!(
            (&shown["title_vi"], &shown["uncovered_years"]),
            (&json!("Việc IN-POLICE-COPY"), &json!([]))
        );

        // The same plan again changes nothing and journals nothing.
        let entries = actions(&officer, &made);
        plan(app, &clerk, &made, &[notice(app), result(app)]);
        assert_eq!(actions(&officer, &made), entries);

        let path = done(&clerk, &mut made, "IN-POLICE-COPY");
        made.does(&clerk, &path, &json!({"number": "12/SNGV", "date": "2026-03-02"}));
        let later = Planned { due_at: result(app).due_at + TimeDelta::days(1), ..result(app) };
        let moved_notice = Planned { due_at: notice(app).due_at + TimeDelta::days(1), ..notice(app) };
        plan(app, &clerk, &made, &[moved_notice, later]);
        let shown = officer.get(&format!("{}/obligations", made.path())).expect(200);
        assert_eq!(owed(&officer, &made), [row("IN-POLICE-COPY", "done"), row("IN-RESULT", "open")]);
        let due = |rule: &str| {
            let items = shown["items"].as_array().unwrap();
            items.iter().find(|one| one["rule"] == rule).unwrap()["due_at"].clone()
        };
        assert_eq!(due("IN-POLICE-COPY"), "2026-03-17T17:00:00+07:00", "done is done");
        assert_eq!(due("IN-RESULT"), "2026-03-28T17:00:00+07:00");
        // Planned no more: dropped, and who was told already is told that it is off, once.
        plan(app, &clerk, &made, &[]);
        let expected =
            [row("IN-POLICE-COPY", "done"), row("IN-RESULT", "dropped"), row("PAPER-FOLLOW-UP", "open")];
        let sorted = |made: &Made| {
            let mut owed = owed(&officer, made);
            owed.sort();
            owed
        };
        assert_eq!(sorted(&made), expected);
        plan(app, &clerk, &made, &[result(app)]);
        assert_eq!(sorted(&made)[1], row("IN-RESULT", "open"), "planned anew");
        assert_eq!(sorted(&made).len(), 3, "told once");
        let history = officer.get(&format!("{}/history", made.path())).expect(200)["items"][0].clone();
        assert_eq!(history["action"], "delegation.obligations_planned");
        assert_eq!(history["values"]["IN-RESULT/"], "moved, due 2026-03-27T17:00");
    });
}

#[test]
fn only_who_owes_it_discharges_it_once_and_with_its_proof() {
    on_each(|app| {
        let world = *app.world();
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let mut made = make::permitted(app, &officer, 1);
        plan(app, &clerk, &made, &[notice(app), result(app)]);
        let path = done(&clerk, &mut made, "IN-POLICE-COPY");
        let proof = json!({"number": " 12/SNGV ", "date": "2026-03-02", "note": "Đã gửi"});
        // Another role, another organisation, nobody who may know of it.
        made.tries(&officer, &path, &proof).refused(403, "forbidden");
        made.tries(&app.as_(Role::Appraiser), &path, &proof).refused(403, "forbidden");
        made.tries(&app.as_(Role::Auditor), &path, &proof).refused(403, "forbidden");
        made.tries(&app.at(Role::Clerk, world.university), &path, &proof).refused(404, "not-found");
        // What is missing, what is wrong.
        assert_eq!(fault(made.tries(&clerk, &path, &json!({"number": "12"}))), is("/date", "required"));
        assert_eq!(fault(made.tries(&clerk, &path, &json!({}))), is("/number", "required"));
        let future = json!({"number": "12", "date": "2026-03-03"});
        assert_eq!(fault(made.tries(&clerk, &path, &future)), is("/date", "in-the-future"));
        assert_eq!(fault(made.tries(&clerk, &path, &json!({"numbr": "12"}))), is("/numbr", "unknown-field"));
        let control = json!({"number": "12\n13", "date": "2026-03-02"});
        assert_eq!(fault(made.tries(&clerk, &path, &control)), is("/number", "control-characters"));
        let none = "obligations/0197f000-0000-7000-8000-000000000000/done";
        made.tries(&clerk, none, &proof).refused(404, "not-found");
        let other = make::permitted(app, &officer, 11);
        other.tries(&clerk, &path, &proof).refused(404, "not-found");
        let stale = Made { version: made.version - 1, ..made.clone() };
        stale.tries(&clerk, &path, &proof).refused(412, "stale-version");
        clerk.post(&format!("{}/{path}", made.path()), &proof).refused(428, "precondition-required");
        assert_eq!(owed(&officer, &made)[0], row("IN-POLICE-COPY", "open"));

        // Two at once: one does it.
        let again = app.another(Role::Clerk, world.foreign);
        let both = [&clerk, &again].map(|client| || made.tries(client, &path, &proof).status);
        let answers = together(both.into());
        assert!(answers.contains(&200) && answers.contains(&412), "{answers:?}");
        made.seen(&clerk);
        made.tries(&clerk, &path, &proof).refused(409, "illegal-move");
        let shown = officer.get(&format!("{}/obligations", made.path())).expect(200)["items"][0].clone();
        assert_eq!((&shown["state"], &shown["done"]["number"]), (&json!("done"), &json!("12/SNGV")));
        assert_eq!(
            (&shown["done"]["date"], &shown["done"]["note"]),
            (&json!("2026-03-02"), &json!("Đã gửi"))
        );
        let history = officer.get(&format!("{}/history", made.path())).expect(200)["items"][0].clone();
        assert_eq!(history["action"], "delegation.obligation_done");
        assert_eq!(
            (&history["values"]["rule"], &history["values"]["number"]),
            (&json!("IN-POLICE-COPY"), &json!("12/SNGV"))
        );
    });
}

#[test]
fn everybody_sees_his_own_and_a_page_at_a_time() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let mut made = Vec::new();
        for no in [1, 11, 21] {
            let one = make::permitted(app, &officer, no);
            plan(app, &clerk, &one, &[notice(app), result(app)]);
            made.push(one);
        }
        let path = done(&clerk, &mut made[0], "IN-POLICE-COPY");
        made[0].does(&clerk, &path, &json!({"number": "1", "date": "2026-03-02"}));
        let listed =
            |client: &Client, query: &str| client.get(&format!("/api/v1/obligations{query}")).expect(200);
        assert_eq!(listed(&clerk, "")["items"].as_array().unwrap().len(), 2);
        assert_eq!(listed(&officer, "?state=open")["items"].as_array().unwrap().len(), 3);
        assert_eq!(rows(&listed(&clerk, "?state=done")), [row("IN-POLICE-COPY", "done")]);
        // Pages of one, in the order of due time and id, without gap or repetition.
        let (mut seen, mut query) = (Vec::new(), "?limit=1".to_owned());
        loop {
            let page = listed(&officer, &query);
            seen.extend(
                page["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()),
            );
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            query = format!("?limit=1&cursor={cursor}");
        }
        let mut sorted = seen.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!((seen.len(), &sorted), (3, &seen));
        for bad in ["?state=late", "?limit=0", "?cursor=x", "?role=clerk"] {
            assert_eq!(clerk.get(&format!("/api/v1/obligations{bad}")).status, 400, "{bad}");
        }
        // Who does not owe them, who may not know of them.
        assert_eq!(listed(&app.as_(Role::Appraiser), "")["items"], json!([]));
        assert_eq!(listed(&app.at(Role::Clerk, app.world().university), "")["items"], json!([]));
        let stranger = app.at(Role::Officer, app.world().university);
        stranger.get(&format!("{}/obligations", made[0].path())).refused(404, "not-found");
        // Time passes: the first minute after the due time it is overdue.
        app.advance(TimeDelta::days(15) + TimeDelta::hours(8));
        let clerk = app.signed_in(clerk.account.unwrap());
        assert_eq!(rows(&listed(&clerk, "?state=overdue")), []);
        app.advance(TimeDelta::minutes(1));
        assert_eq!(rows(&listed(&clerk, "?state=overdue")).len(), 2);
        assert!(rows(&listed(&clerk, "")).iter().all(|(_, _, overdue)| *overdue));
    });
}

#[test]
fn a_confidential_duty_is_shown_to_those_who_are_named() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let mut made = make::permitted(app, &officer, 1);
        plan(app, &clerk, &made, &[notice(app), result(app)]);
        made.edits(&officer, &json!({"confidential": true}));
        let newcomer = app.another(Role::Officer, app.world().union);
        let own: Vec<String> =
            rows(&officer.get("/api/v1/obligations").expect(200)).into_iter().map(|r| r.0).collect();
        assert_eq!(own, ["IN-RESIDENCE", "IN-RESULT"]);
        assert_eq!(rows(&newcomer.get("/api/v1/obligations").expect(200)), []);
        newcomer.get(&format!("{}/obligations", made.path())).refused(404, "not-found");
        // Nor is the newcomer reminded of it.
        at(app, "2026-03-27T09:00");
        app.run_jobs();
        assert_eq!(digests(app, &officer), 1);
        let newcomers = format!("outbox WHERE recipient_id = '{}'", newcomer.account.unwrap());
        assert_eq!(make::count(app, &newcomers), 0);
    });
}

/// The permit of `made`, to these recipients.
fn paper(number: &str, recipients: &Value) -> Value {
    json!({"number": number, "symbol": "UBND-ĐN", "date": "2026-03-02", "signer": "Nguyễn Văn Phúc",
        "recipients": recipients})
}

fn recipients() -> Value {
    json!([{"name": "Công an thành phố", "channel": "document_system"}, {"name": "Liên hiệp", "channel": "hand"}])
}

/// An issued delegation whose permit goes to two recipients.
fn permitted_to(app: &TestApp, officer: &Client, no: u32) -> Made {
    let mut body = make::body(app, "2026-03-20");
    body["sponsored"] = json!(true);
    let mut made = make::registered(app, officer, &body, no);
    make::received(app, officer, &mut made);
    make::approved(app, &mut made);
    made.does(&app.as_(Role::Clerk), "issue", &paper(&no.to_string(), &recipients()));
    made
}

/// Titles of what is open, by rule.
pub fn titles(client: &Client, made: &Made, rule: &str) -> Vec<String> {
    let shown = client.get(&format!("{}/obligations", made.path())).expect(200);
    let items = shown["items"].as_array().unwrap().iter();
    let mine = items.filter(|one| one["rule"] == rule && one["state"] == "open");
    let mut titles: Vec<String> = mine.map(|one| one["title_vi"].as_str().unwrap().to_owned()).collect();
    titles.sort();
    titles
}

#[test]
fn each_recipient_is_owed_the_paper_and_told_when_it_changes() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let mut made = permitted_to(app, &officer, 5);
        let shown = made.seen(&officer);
        assert_eq!(shown["permit"]["recipients"], recipients());
        let deliveries =
            ["Gửi văn bản số 05/UBND-ĐN đến Công an thành phố", "Gửi văn bản số 05/UBND-ĐN đến Liên hiệp"];
        assert_eq!(titles(&officer, &made, "PAPER-DELIVERY"), deliveries);
        let first = officer.get(&format!("{}/obligations", made.path())).expect(200)["items"][0].clone();
        assert_eq!(
            (&first["due_at"], &first["role"]),
            (&json!("2026-03-03T17:00:00+07:00"), &json!("clerk"))
        );
        // A plan of the rules leaves them alone.
        plan(app, &clerk, &made, &[result(app)]);
        assert_eq!(titles(&officer, &made, "PAPER-DELIVERY"), deliveries);
        let path = done(&clerk, &mut made, "PAPER-DELIVERY");
        assert_eq!(fault(made.tries(&clerk, &path, &json!({}))), is("/note", "required"));
        made.does(&clerk, &path, &json!({"note": "Đã ký nhận", "date": "2026-03-02"}));
        assert_eq!(titles(&officer, &made, "PAPER-DELIVERY"), deliveries[1..]);

        // An amendment: the new paper goes to one of the old recipients and a new one; both old ones are told.
        made.edits(&officer, &json!({"departs_on": "2026-03-23"}));
        make::received(app, &officer, &mut made);
        make::approved(app, &mut made);
        let new = json!([{"name": "CÔNG AN thành phố", "channel": "post"}, {"name": "Sở Y tế", "channel": "email"}]);
        made.does(&clerk, "issue", &paper("9", &new));
        assert_eq!(
            titles(&officer, &made, "PAPER-FOLLOW-UP"),
            [
                "Thông báo cho Công an thành phố: văn bản số 05/UBND-ĐN có văn bản thay thế",
                "Thông báo cho Liên hiệp: văn bản số 05/UBND-ĐN có văn bản thay thế",
            ]
        );
        // Revoked: each recipient of any paper is told once, of the last paper that went there; nothing else is owed.
        plan(app, &clerk, &made, &[notice(app), result(app)]);
        made.does(&app.as_(Role::Approver), "revoke", &json!({"reason": "Lý do"}));
        let told = titles(&officer, &made, "PAPER-FOLLOW-UP");
        let revoked: Vec<&String> = told.iter().filter(|title| title.contains("thu hồi")).collect();
        assert_eq!(
            revoked,
            [
                "Thông báo cho CÔNG AN thành phố: văn bản số 09/UBND-ĐN đã bị thu hồi",
                "Thông báo cho Liên hiệp: văn bản số 05/UBND-ĐN đã bị thu hồi",
                "Thông báo cho Sở Y tế: văn bản số 09/UBND-ĐN đã bị thu hồi",
            ]
        );
        for rule in ["PAPER-DELIVERY", "IN-POLICE-COPY", "IN-RESULT"] {
            assert_eq!(titles(&officer, &made, rule), [""; 0], "{rule}");
        }
        plan(app, &clerk, &made, &[notice(app)]);
        assert_eq!(titles(&officer, &made, "IN-POLICE-COPY"), [""; 0], "not for a visit that will not be");
    });
}

#[test]
fn recipients_are_checked() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        make::received(app, &officer, &mut made);
        make::approved(app, &mut made);
        let clerk = app.as_(Role::Clerk);
        let post = |name: &str| json!({"name": name, "channel": "post"});
        let cases = [
            (json!([post("")]), is("/recipients/0/name", "required")),
            (json!([post("Sở Y tế"), post("SO Y TE")]), is("/recipients/1/name", "listed-twice")),
            (json!([{"name": "A", "channel": "pigeon"}]), is("/recipients/0/channel", "unknown-code")),
            (json!([{"name": "A"}]), is("/recipients/0/channel", "required")),
            (json!(vec![post("A"); 201]), is("/recipients", "too-many")),
        ];
        for (recipients, expected) in cases {
            assert_eq!(fault(made.tries(&clerk, "issue", &paper("1", &recipients))), expected);
        }
        assert_eq!(make::count(app, "paper_recipients"), 0);
    });
}

#[test]
fn what_ends_before_it_begins_is_owed_no_more() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let sponsor = (Role::Officer, app.world().union);
        let sponsored = duty(
            "IN-SPONSOR-END",
            ObligationKind::SponsorshipEnd,
            sponsor,
            "2026-03-27T17:00",
            Proof::Number,
        );
        let all = [notice(app), result(app), sponsored];
        let open = |made: &Made| -> Vec<String> {
            let mut open: Vec<String> = owed(&officer, made)
                .into_iter()
                .filter(|(_, state, _)| state == "open")
                .map(|(rule, _, _)| rule)
                .collect();
            open.sort();
            open
        };
        let follow_ups = ["IN-SPONSOR-END", "PAPER-FOLLOW-UP", "PAPER-FOLLOW-UP"];
        let mut cancelled = permitted_to(app, &officer, 1);
        plan(app, &clerk, &cancelled, &all);
        cancelled.does(&officer, "cancel", &json!({"reason": "Hoãn"}));
        assert_eq!(open(&cancelled), follow_ups);
        let mut revoked = permitted_to(app, &officer, 11);
        plan(app, &clerk, &revoked, &all);
        revoked.does(&clerk, "revoke", &json!({"reason": "Lý do"}));
        assert_eq!(open(&revoked), follow_ups);
        let mut duplicate = permitted_to(app, &officer, 21);
        plan(app, &clerk, &duplicate, &all);
        duplicate.does(&officer, "duplicate", &json!({"of": revoked.id}));
        assert_eq!(open(&duplicate), [""; 0]);
        // Arrived: the report is the report, and revoking later drops nothing.
        let mut arrived = permitted_to(app, &officer, 31);
        let mut absent = permitted_to(app, &officer, 41);
        plan(app, &clerk, &arrived, &all);
        plan(app, &clerk, &absent, &all);
        app.advance(TimeDelta::days(21));
        let officer = app.signed_in(officer.account.unwrap());
        arrived.does(&officer, "report", &json!({"actual_arrives_on": "2026-03-20"}));
        let states = owed(&officer, &arrived);
        assert!(states.contains(&row("IN-RESULT", "done")), "{states:?}");
        arrived.does(&app.signed_in(clerk.account.unwrap()), "revoke", &json!({"reason": "Lý do"}));
        let open_now: Vec<String> =
            owed(&officer, &arrived).into_iter().filter(|one| one.1 == "open").map(|one| one.0).collect();
        assert!(open_now.contains(&"IN-POLICE-COPY".to_owned()), "{open_now:?}");
        absent.does(&officer, "report", &json!({"no_show": true}));
        let left: Vec<String> =
            owed(&officer, &absent).into_iter().filter(|one| one.1 == "open").map(|one| one.0).collect();
        assert_eq!(left, ["IN-SPONSOR-END"]);
    });
}

#[test]
fn a_report_that_must_be_a_file_is_not_discharged_by_words() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let no = super::rules::loaded(app, "inbound.toml", |text| {
            let (before, result) = text.split_once("id = \"IN-RESULT\"").unwrap();
            format!(
                "{before}id = \"IN-RESULT\"{}",
                result.replacen("proof = \"none\"", "proof = \"file\"", 1)
            )
        });
        app.store.write_blocking(move |tx| legation::service::rules::activate(tx, no)).unwrap();
        let mut made = make::permitted(app, &officer, 1);
        made.does(
            &clerk,
            &done(&clerk, &mut made.clone(), "IN-POLICE-COPY"),
            &json!({"number": "1", "date": "2026-03-02"}),
        );
        app.advance(TimeDelta::days(21));
        let officer = app.signed_in(officer.account.unwrap());
        made.does(&officer, "report", &json!({"actual_arrives_on": "2026-03-20"}));
        assert_eq!(owed(&officer, &made), [row("IN-POLICE-COPY", "done"), row("IN-RESULT", "open")]);
        let path = done(&officer, &mut made, "IN-RESULT");
        assert_eq!(fault(made.tries(&officer, &path, &json!({"note": "x"}))), is("/file_id", "required"));
        let nowhere = json!({"file_id": "0197f000-0000-7000-8000-000000000000"});
        assert_eq!(fault(made.tries(&officer, &path, &nowhere)), is("/file_id", "unknown-file"));
    });
}

/// Digests that went out or wait, by account.
fn digests(app: &TestApp, client: &Client) -> i64 {
    make::count(
        app,
        &format!("outbox WHERE template = 'digest' AND recipient_id = '{}'", client.account.unwrap()),
    )
}

/// To an hour of a day, on Vietnam's clock.
pub fn at(app: &TestApp, local: &str) {
    let wall = NaiveDateTime::parse_from_str(local, "%Y-%m-%dT%H:%M").unwrap();
    app.clock.set(legation::clock::from_vietnam(wall));
}

#[test]
fn one_digest_a_working_day_reminds_each_of_what_it_owes() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let colleague = app.another(Role::Clerk, app.world().foreign);
        let first = make::permitted(app, &officer, 1);
        let second = make::permitted(app, &officer, 11);
        plan(app, &clerk, &first, &[notice(app), result(app)]);
        plan(app, &clerk, &second, &[notice(app), result(app)]);
        app.run_jobs();
        assert_eq!(digests(app, &clerk), 0, "two weeks ahead");
        // Three working days before Tuesday 17 March is Thursday 12 March; not before the office opens.
        at(app, "2026-03-12T07:29");
        app.run_jobs();
        assert_eq!(digests(app, &clerk), 0);
        at(app, "2026-03-12T07:30");
        app.run_jobs();
        app.run_jobs();
        assert_eq!((digests(app, &clerk), digests(app, &colleague), digests(app, &officer)), (1, 1, 0));
        let mail = app.mails().into_iter().rfind(|mail| mail.subject.starts_with("Nhắc việc")).unwrap();
        assert_eq!(mail.subject, "Nhắc việc: 2 việc đến hạn hoặc quá hạn");
        assert!(
            mail.text.contains("Hạn 17/03/2026: Thông báo cho Công an thành phố [DV-2026-0001"),
            "{}",
            mail.text
        );
        assert!(mail.text.contains(&format!("/delegations/{}", first.id)), "{}", mail.text);
        assert!(!mail.text.contains("DURAND") && !mail.text.contains("Đoàn Hội"), "{}", mail.text);
        // Not on the days between, not at the weekend, again one day before and on the day.
        for (local, sum) in [
            ("2026-03-13T09:00", 1),
            ("2026-03-14T09:00", 1),
            ("2026-03-15T09:00", 1),
            ("2026-03-16T09:00", 2),
            ("2026-03-17T23:59", 3),
            ("2026-03-18T00:01", 3),
            ("2026-03-23T09:00", 3),
            ("2026-03-24T09:00", 4),
        ] {
            at(app, local);
            app.run_jobs();
            assert_eq!(digests(app, &clerk), sum, "{local}");
        }
        let mail =
            app.mails().into_iter().rfind(|mail| mail.to.address().to_string().contains("clerk")).unwrap();
        assert!(mail.text.contains("Quá hạn từ 17/03/2026"), "{}", mail.text);
        assert_eq!(digests(app, &officer), 1, "the result report, three days before 27 March");
        assert_eq!(make::count(app, "journal WHERE action = 'digest.queued'"), make::count(app, "digests"));
    });
}

#[test]
fn two_processes_send_one_digest_and_a_restart_none() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let made = make::permitted(app, &officer, 1);
        plan(app, &clerk, &made, &[notice(app)]);
        at(app, "2026-03-17T09:00");
        // Each has a memory of its own, as processes have.
        let process = || legation::jobs::Jobs {
            remembered: None,
            depot: None,
            store: app.store.clone(),
            settings: Arc::clone(&app.app_parts.settings),
            reminded: std::sync::Mutex::default(),
            prepared: std::sync::Mutex::default(),
            stopping: std::sync::atomic::AtomicBool::default(),
            transport: None,
            from: app.app_parts.jobs.from.clone(),
            base_url: app.app_parts.jobs.base_url.clone(),
            witness: None,
        };
        let processes: Vec<_> = (0..4).map(|_| process()).collect();
        together(processes.iter().map(|jobs| || legation::jobs::run_due(jobs).unwrap()).collect());
        app.run_jobs();
        legation::jobs::run_due(&process()).unwrap();
        assert_eq!(digests(app, &clerk), 1);
        assert_eq!(app.mails().iter().filter(|mail| mail.subject.starts_with("Nhắc việc")).count(), 1);
    });
}

#[test]
fn a_digest_says_what_is_true_when_it_is_sent() {
    on_each(|app| {
        let world = *app.world();
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let leaver = app.another(Role::Clerk, world.foreign);
        let mut made = make::permitted(app, &officer, 1);
        plan(app, &clerk, &made, &[notice(app)]);
        at(app, "2026-03-17T09:00");
        // Queued without a transport: it waits.
        let waiting = legation::jobs::Jobs {
            remembered: None,
            depot: None,
            store: app.store.clone(),
            settings: Arc::clone(&app.app_parts.settings),
            reminded: std::sync::Mutex::default(),
            prepared: std::sync::Mutex::default(),
            stopping: std::sync::atomic::AtomicBool::default(),
            transport: None,
            from: app.app_parts.jobs.from.clone(),
            base_url: app.app_parts.jobs.base_url.clone(),
            witness: None,
        };
        legation::jobs::run_due(&waiting).unwrap();
        assert_eq!((digests(app, &clerk), digests(app, &leaver)), (1, 1));
        make::execute(
            app,
            &format!(
                "UPDATE grants SET valid_to = valid_from WHERE account_id = '{}'",
                leaver.account.unwrap()
            ),
        );
        app.run_jobs();
        let told: Vec<String> = app
            .mails()
            .iter()
            .filter(|mail| mail.subject.starts_with("Nhắc việc"))
            .map(|mail| mail.to.address().to_string())
            .collect();
        assert_eq!(told.len(), 1, "{told:?}");
        let dead = format!(
            "outbox WHERE template = 'digest' AND state = 'dead' AND recipient_id = '{}'",
            leaver.account.unwrap()
        );
        assert_eq!(make::count(app, &dead), 1);
        // Done in time: the next reminder's day brings none.
        let clerk = app.signed_in(clerk.account.unwrap());
        let path = done(&clerk, &mut made, "IN-POLICE-COPY");
        made.does(&clerk, &path, &json!({"number": "1", "date": "2026-03-17"}));
        at(app, "2026-03-24T09:00");
        app.run_jobs();
        assert_eq!(digests(app, &clerk), 1);
    });
}

/// The alerts of a list: code of the dossier and of its alerts.
fn alerts(client: &Client) -> Vec<(String, Vec<(String, String)>)> {
    let shown = client.get("/api/v1/alerts").expect(200);
    let items = shown["items"].as_array().unwrap();
    items.iter().map(|item| (item["code"].as_str().unwrap_or("-").to_owned(), of(&item["alerts"]))).collect()
}

fn of(alerts: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    alerts.as_array().unwrap().iter().map(|alert| (text(&alert["code"]), text(&alert["on"]))).collect()
}

fn told(code: &str, on: &str) -> (String, String) {
    (code.to_owned(), on.to_owned())
}

#[test]
fn what_must_not_be_overlooked() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        // Approved and not issued; issued with a permit that is too short; issued, with an overdue duty; a draft.
        let mut waits = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        make::received(app, &officer, &mut waits);
        make::approved(app, &mut waits);
        let mut short = make::registered(app, &officer, &make::body(app, "2026-03-20"), 11);
        make::received(app, &officer, &mut short);
        make::approved(app, &mut short);
        let mut permit = paper("2", &json!([]));
        permit["valid_from"] = json!("2026-03-20");
        permit["valid_to"] = json!("2026-03-21");
        short.does(&clerk, "issue", &permit);
        let late = make::permitted(app, &officer, 21);
        plan(app, &clerk, &late, &[notice(app)]);
        let mut fine = make::permitted(app, &officer, 31);
        make::registered(app, &officer, &make::body(app, "2026-03-18"), 41);
        let expires = ("DV-2026-0002".to_owned(), vec![told("permit_expires", "2026-03-21")]);
        assert_eq!(alerts(&officer), [expires.clone()]);
        assert_eq!(of(&waits.seen(&officer)["alerts"]), []);
        assert_eq!(of(&fine.seen(&officer)["alerts"]), []);

        // Three working days before Friday 20 March is Tuesday 17 March.
        at(app, "2026-03-17T17:01");
        let (officer, clerk) =
            (app.signed_in(officer.account.unwrap()), app.signed_in(clerk.account.unwrap()));
        let all = [
            ("DV-2026-0001".to_owned(), vec![told("no_permit", "2026-03-20")]),
            expires,
            ("DV-2026-0003".to_owned(), vec![told("obligation_overdue", "2026-03-17")]),
        ];
        assert_eq!(alerts(&officer), all);
        assert_eq!(alerts(&clerk), all);
        assert_eq!(of(&waits.seen(&officer)["alerts"]), all[0].1);
        assert_eq!(waits.seen(&officer)["alerts"][0]["working_days"], 3);
        assert_eq!(alerts(&app.at(Role::Officer, app.world().university)), []);
        // Pages.
        let page = officer.get("/api/v1/alerts?limit=2").expect(200);
        assert_eq!(page["items"].as_array().unwrap().len(), 2);
        let cursor = page["next_cursor"].as_str().unwrap();
        let rest = officer.get(&format!("/api/v1/alerts?limit=2&cursor={cursor}")).expect(200);
        assert_eq!(
            (rest["items"][0]["code"].as_str(), &rest["next_cursor"]),
            (Some("DV-2026-0003"), &json!(null))
        );
        for bad in ["?limit=x", "?cursor=x", "?state=open"] {
            assert_eq!(officer.get(&format!("/api/v1/alerts{bad}")).status, 400, "{bad}");
        }
        // The officers of the owner are reminded of the missing permit; the clerk of the duty.
        app.run_jobs();
        let to_officer = app
            .mails()
            .into_iter()
            .rfind(|mail| mail.to.address().to_string().starts_with("officer"))
            .unwrap();
        assert!(
            to_officer.text.contains("Đến ngày 20/03/2026: Đoàn sắp đến nhưng chưa có"),
            "{}",
            to_officer.text
        );
        assert_eq!(digests(app, &clerk), 1);
        // Issued: no alert any more.
        waits.does(&clerk, "issue", &paper("7", &json!([])));
        assert_eq!(alerts(&officer).len(), 2);
    });
}

#[test]
fn the_return_knows_when_passports_came_back_and_when_the_report_is_due() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let mut made = make::permitted(app, &officer, 1);
        let place = (Role::Officer, app.world().union);
        let passport = |key: &str| Planned {
            key: key.to_owned(),
            ..duty("OUT-PASSPORT", ObligationKind::PassportReturn, place, "2026-03-27T17:00", Proof::None)
        };
        plan(app, &clerk, &made, &[result(app), passport("1"), passport("2")]);
        let fact = |app: &TestApp| {
            let facts = app.read(|tx| {
                let scope = legation::service::returns::whole_installation();
                let books = &app.app_parts.settings.rulebooks;
                let tree = legation::store::organisations::list(tx)?;
                let day = |d: &str| d.parse().unwrap();
                let span = legation::domain::report::period::Range {
                    from: day("2026-01-01"),
                    to: day("2026-12-31"),
                };
                legation::service::returns::facts(
                    tx,
                    &scope,
                    span,
                    (&tree, books),
                    legation::domain::codes::Lang::Vi,
                )
            });
            (
                facts.0[0].report_due_on.map(|d| d.to_string()),
                facts.0[0].passports_returned_on.map(|d| d.to_string()),
            )
        };
        assert_eq!(fact(app), (Some("2026-03-27".to_owned()), None));
        at(app, "2026-03-24T09:00");
        let officer = app.signed_in(officer.account.unwrap());
        for date in ["2026-03-23", "2026-03-24"] {
            let shown = officer.get("/api/v1/obligations").expect(200);
            let open = shown["items"].as_array().unwrap().iter().find(|one| one["kind"] == "passport_return");
            let path = format!("obligations/{}/done", open.unwrap()["id"].as_str().unwrap());
            made.seen(&officer);
            assert_eq!(fact(app).1, None, "one is still owed");
            made.does(&officer, &path, &json!({"date": date}));
        }
        assert_eq!(fact(app), (Some("2026-03-27".to_owned()), Some("2026-03-24".to_owned())));
    });
}
