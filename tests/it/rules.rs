//! Rules in use: explained, tried out, blocking, overridden, versioned, compared; and the command line around them.

use chrono::{DateTime, Utc};
use legation::domain::access::Role;
use legation::domain::rulebook::Source;
use legation::service::rules;
use serde_json::{Value, json};

use super::app::{Client, TestApp, on_each};
use super::make::{self, Made, fault, is};
use super::process;

/// What a rule says in an explanation.
fn said<'a>(explanation: &'a Value, rule: &str) -> &'a Value {
    let rules = explanation["rules"].as_array().unwrap();
    rules.iter().find(|one| one["rule"] == rule).unwrap_or(&Value::Null)
}

fn explained(made: &Made, client: &Client) -> Value {
    client.get(&format!("{}/explain", made.path())).expect(200)
}

/// Moves the clock to this time in Vietnam.
pub fn at(app: &TestApp, local: &str) {
    let instant: DateTime<Utc> = format!("{local}:00+07:00").parse().unwrap();
    app.clock.set(instant);
}

/// Loads a rulebook with one file changed, which is not active yet.
pub fn loaded(app: &TestApp, file: &str, change: impl Fn(&str) -> String) -> i32 {
    let mut sources: Vec<Source> = rules::shipped();
    let source = sources.iter_mut().find(|source| source.name == file).unwrap();
    let text = change(&source.text);
    assert_ne!(text, source.text, "the change changes something");
    source.text = text;
    app.store.write_blocking(move |tx| rules::load(tx, &sources)).unwrap()
}

#[test]
fn facts_are_tried_out_and_nothing_is_silently_in_order() {
    on_each(|app| {
        let (officer, admin) = (app.as_(Role::Officer), app.as_(Role::Admin));
        let ask = |facts: Value| officer.post("/api/v1/rules/evaluate", &json!({"facts": facts}));
        let answer = ask(json!({"direction": "inbound", "rank": "c", "sensitive": false, "visa_needed": false,
            "urgent": false, "filed_on": "2026-02-05", "arrives_on": "2026-02-23", "departs_on": "2026-02-25"}))
        .expect(200);
        assert_eq!(
            (&answer["latest_permitted_on"], &answer["latest_safe_on"], &answer["clocks_fit"]),
            (&json!("2026-02-09"), &json!("2026-02-04"), &json!(false))
        );
        let lead = said(&answer, "IN-LEAD-STD");
        assert_eq!((&lead["verdict"], &lead["severity"]), (&json!("met"), &json!("warn")));
        assert_eq!(lead["citation"], "Thủ tục đón đoàn vào của Sở Ngoại vụ tỉnh Bắc Giang (tham khảo)");
        assert_eq!(lead["inputs"]["arrives_on"], "2026-02-23");
        assert_eq!(
            lead["deadline"]["sentence_en"],
            "5 working days before 23/02/2026: 13, 12, 11, 10, 09/02; Lunar New Year 16-20/02 skipped; by \
             09/02/2026"
        );
        assert_eq!(
            lead["deadline"]["sentence_vi"],
            "5 ngày làm việc trước 23/02/2026: 13, 12, 11, 10, 09/02; trừ Tết Nguyên đán 16-20/02; chậm nhất \
             09/02/2026"
        );
        assert_eq!(answer["uncovered_years"], json!([]));
        // Nothing known: nothing is in order.
        let nothing = ask(json!({"direction": "inbound"})).expect(200);
        let met = nothing["rules"].as_array().unwrap().iter().filter(|rule| rule["verdict"] == "met");
        let met: Vec<&Value> = met.map(|rule| &rule["rule"]).collect();
        assert_eq!(met, ["IN-PROCESS", "IN-PROCESS-DECIDE"], "what the chain of every dossier says");
        assert!(nothing["unknown"].as_array().unwrap().contains(&json!("arrives_on")));
        // Foreign press before the decree of 2026.
        let press = |day: &str| {
            let facts = json!({"direction": "inbound", "press": true, "filed_on": "2026-01-05", "enters_vn_on": day,
                "arrives_on": day});
            said(&ask(facts).expect(200), "IN-PRESS-LICENCE")["verdict"].clone()
        };
        assert_eq!((press("2026-06-30"), press("2026-07-01")), (json!("no_rule_in_force"), json!("met")));
        // A year without a complete calendar is a guess, and says so.
        let far = ask(json!({"direction": "inbound", "rank": "c", "filed_on": "2026-12-01",
            "arrives_on": "2027-03-01"}))
        .expect(200);
        assert_eq!(far["uncovered_years"], json!([2027]));
        let sentence = said(&far, "IN-LEAD-STD")["deadline"]["sentence_en"].as_str().unwrap().to_owned();
        assert!(sentence.contains("no official calendar for 2027"), "{sentence}");
        // Bad input names its field.
        assert_eq!(
            fault(ask(json!({"direction": "inbound", "ranks": "c"}))),
            is("/facts/ranks", "unknown-field")
        );
        assert_eq!(fault(ask(json!({"direction": "up"}))), is("/facts/direction", "unknown-code"));
        let other =
            officer.post("/api/v1/rules/evaluate", &json!({"version": 9, "facts": {"direction": "inbound"}}));
        assert_eq!(fault(other), is("/version", "unknown-version"));
        // Whoever keeps the rulebook may try it: no dossier is looked at. Strangers may not.
        let facts = json!({"facts": {"direction": "inbound"}});
        admin.post("/api/v1/rules/evaluate", &facts).expect(200);
        app.client().post("/api/v1/rules/evaluate", &facts).refused(401, "unauthorised");
    });
}

#[test]
fn a_dossier_is_explained_to_those_who_may_see_it() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut body = make::body(app, "2026-03-20");
        body["request_letter"]["people"] = json!(3);
        body["sensitive"] = Value::Null;
        let mut made = make::registered(app, &officer, &body, 1);
        let draft = explained(&made, &officer);
        assert_eq!(said(&draft, "IN-LEAD-STD")["deadline"]["latest_on"], "2026-03-13");
        let letter = said(&draft, "CHECK-LETTER");
        assert_eq!((&letter["verdict"], &letter["inputs"]["people"]), (&json!("violated"), &json!(2)));
        assert_eq!(letter["message_en"], "The letter names 3 persons, the list has 2.");
        assert_eq!(letter["fields"], json!(["/request_letter/people", "/members"]));
        assert_eq!(
            draft["papers"]["missing"],
            json!(["request_letter", "guest_list", "programme", "passport_scan"])
        );
        let kinds: Vec<&str> =
            draft["chain"].as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap()).collect();
        // Nobody has said whether the topic is sensitive: those steps are shown as hanging on it.
        assert_eq!(kinds, ["appraise", "consult", "consult", "consult", "approve", "approve"]);
        let hangs: Vec<&Value> =
            draft["chain"].as_array().unwrap().iter().map(|step| &step["hangs_on"]).collect();
        assert_eq!(hangs[1], "sensitive");
        assert_eq!(hangs[5], "plan");
        // What decides on who is asked must be said before it is submitted.
        assert_eq!(fault(made.tries(&officer, "submit", &make::declared())), is("/sensitive", "required"));
        made.edits(&officer, &json!({"sensitive": false}));
        make::received(app, &officer, &mut made);
        assert_eq!(explained(&made, &app.as_(Role::Appraiser))["filed_on"], "2026-03-02");
        let elsewhere = app.another(Role::Officer, app.world().university);
        elsewhere.get(&format!("{}/explain", made.path())).refused(404, "not-found");
    });
}

#[test]
fn filed_after_hours_counts_from_the_next_working_day() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        for (now, counts) in [
            ("2026-03-06T16:59", "2026-03-06"),
            ("2026-03-06T17:01", "2026-03-09"),
            ("2026-03-07T09:00", "2026-03-09"),
            ("2026-03-09T00:30", "2026-03-09"),
        ] {
            at(app, now);
            assert_eq!(explained(&made, &officer)["filed_on"], counts, "{now}");
        }
    });
}

/// An inbound dossier that is filed on the day of arrival without a reason.
fn too_late(app: &TestApp, officer: &Client) -> Made {
    make::registered(app, officer, &make::body(app, "2026-03-02"), 1)
}

#[test]
fn a_blocking_rule_stops_the_submission_until_it_is_overridden() {
    on_each(|app| {
        let (officer, world) = (app.as_(Role::Officer), app.world());
        let leader = app.at(Role::Approver, world.union);
        let mut made = too_late(app, &officer);
        let english = Client { lang: Some("en"), ..officer.clone() };
        let refused = made.tries(&english, "submit", &make::declared()).refused(422, "rules-violated");
        let violations = refused["violations"].as_array().unwrap();
        assert_eq!(violations.len(), 1, "{refused}");
        assert_eq!(
            (&violations[0]["rule"], &violations[0]["severity"], &violations[0]["latest_on"]),
            (&json!("IN-LEAD-MIN"), &json!("block"), &json!("2026-02-27"))
        );
        assert_eq!(
            violations[0]["message"],
            "The request must be filed at least 1 working day before arrival; an urgent one says why."
        );
        assert!(violations[0]["citation"].as_str().unwrap().contains("Bắc Giang"));
        assert_eq!(made.seen(&officer)["state"], "draft", "nothing is half done");

        let ask = |rule: &str, reason: &str| json!({"rule": rule, "reason": reason});
        let asks = |body: Value| made.tries(&officer, "overrides", &body);
        assert_eq!(fault(asks(ask("IN-LEAD-STD", "x"))), is("/rule", "does-not-block"));
        assert_eq!(fault(asks(ask("NONE", "x"))), is("/rule", "unknown-rule"));
        assert_eq!(fault(asks(ask("IN-LEAD-MIN", " "))), is("/reason", "required"));
        let asked = asks(ask("IN-LEAD-MIN", "Khách đổi chuyến bay")).expect(201);
        assert_eq!((&asked["needed"], &asked["holds"]), (&json!(1), &json!(false)));
        asks(ask("IN-LEAD-MIN", "Lần nữa")).refused(409, "taken");
        made.tries(&officer, "submit", &make::declared()).refused(422, "rules-violated");

        let answers = format!("overrides/{}/answers", asked["id"].as_str().unwrap());
        let yes = json!({"granted": true, "comment": "Đồng ý"});
        // Neither who filed it nor a colleague who asked for the override answers it.
        let filer = app.with_role(&officer, Role::Approver, world.union);
        made.tries(&filer, &answers, &yes).refused(403, "self-approval");
        let appraiser = app.at(Role::Appraiser, world.union);
        made.tries(&appraiser, &answers, &yes).refused(403, "not-your-turn");
        let elsewhere = app.another(Role::Approver, world.university);
        made.tries(&elsewhere, &answers, &yes).refused(404, "not-found");
        let granted = made.tries(&leader, &answers, &yes).expect(200);
        assert_eq!(granted["holds"], true);
        made.tries(&leader, &answers, &yes).refused(409, "already-decided");
        // It was granted for what was there: another delegation needs another one.
        made.edits(&officer, &json!({"title": "Đoàn khác"}));
        made.tries(&officer, "submit", &make::declared()).refused(422, "rules-violated");
        made.edits(&officer, &json!({"title": "Đoàn Hội hữu nghị Pháp - Việt"}));

        let shown = made.does(&officer, "submit", &make::declared());
        assert_eq!((&shown["state"], &shown["rulebook_version"]), (&json!("submitted"), &json!(1)));
        let warned: Vec<&str> =
            shown["warnings"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
        assert!(warned.contains(&"IN-LEAD-MIN") && warned.contains(&"IN-DOCS"), "{warned:?}");
        let explanation = explained(&made, &officer);
        let overridden = |rule: &str| said(&explanation, rule)["overridden"].clone();
        assert_eq!((overridden("IN-LEAD-MIN"), overridden("IN-LEAD-STD")), (json!(true), json!(false)));
        let history = officer.get(&format!("{}/history", made.path())).expect(200);
        let submitted = &history["items"][0];
        assert_eq!(submitted["values"]["rule:IN-LEAD-MIN"], "overridden");
        assert_eq!(submitted["values"]["rule:IN-LEAD-STD"], "not kept");
        // Who came is counted all the same, and annex 6 tells of it.
        made.does(&officer, "report", &json!({"actual_arrives_on": "2026-03-02", "unpermitted": true}));
        let form = officer.get("/api/v1/reports/monthly/2026-03.json?window=calendar").expect(200);
        let told: Vec<(&Value, &Value)> = form["annex6"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (&row["exception"]["code"], &row["detail"]))
            .collect();
        assert!(told.contains(&(&json!("overridden"), &json!("IN-LEAD-MIN"))), "{told:?}");
        assert!(told.contains(&(&json!("filed_late"), &json!("IN-LEAD-STD"))), "{told:?}");
        // It held for that round alone.
        made.does(&officer, "recall", &json!({}));
        made.tries(&officer, "submit", &make::declared()).refused(422, "rules-violated");
    });
}

#[test]
fn a_refused_override_stays_refused() {
    on_each(|app| {
        let (officer, leader) = (app.as_(Role::Officer), app.at(Role::Approver, app.world().union));
        let made = too_late(app, &officer);
        let body = json!({"rule": "IN-LEAD-MIN", "reason": "Gấp"});
        let asked = made.tries(&officer, "overrides", &body).expect(201);
        let answers = format!("overrides/{}/answers", asked["id"].as_str().unwrap());
        let no = |comment: &str| json!({"granted": false, "comment": comment});
        assert_eq!(fault(made.tries(&leader, &answers, &no(""))), is("/comment", "required"));
        let refused = made.tries(&leader, &answers, &no("Không đủ lý do")).expect(200);
        assert_eq!((&refused["refused"], &refused["holds"]), (&json!(true), &json!(false)));
        let chairman = app.at(Role::Approver, app.world().city);
        made.tries(&chairman, &answers, &json!({"granted": true})).refused(409, "illegal-move");
        made.tries(&officer, "submit", &make::declared()).refused(422, "rules-violated");
        let listed = leader.get(&format!("{}/overrides", made.path())).expect(200);
        assert_eq!(listed["items"][0]["answers"][0]["granted"], false);
    });
}

#[test]
fn a_rule_of_law_needs_two_persons() {
    on_each(|app| {
        let (officer, world) = (app.as_(Role::Officer), app.world());
        let (leader, deputy) =
            (app.at(Role::Approver, world.union), app.another(Role::Approver, world.union));
        let mut body = make::body(app, "2026-03-20");
        body["guest_kinds"] = json!(["ngo"]);
        let mut made = make::registered(app, &officer, &body, 1);
        let refused = made.tries(&officer, "submit", &make::declared()).refused(422, "rules-violated");
        assert_eq!(refused["violations"][0]["rule"], "IN-NGO-REG");
        assert_eq!(refused["violations"][0]["citation"], "Nghị định 58/2022/NĐ-CP, Điều 21");
        let ask = json!({"rule": "IN-NGO-REG", "reason": "Giấy đăng ký đang gia hạn"});
        let asked = made.tries(&officer, "overrides", &ask).expect(201);
        assert_eq!(asked["needed"], 2);
        let answers = format!("overrides/{}/answers", asked["id"].as_str().unwrap());
        let yes = json!({"granted": true});
        // The same person with two accounts is one person.
        let twin = make::second_account(app, &leader, Role::Approver, world.union);
        assert_eq!(made.tries(&leader, &answers, &yes).expect(200)["holds"], false);
        made.tries(&twin, &answers, &yes).refused(409, "already-decided");
        made.tries(&officer, "submit", &make::declared()).refused(422, "rules-violated");
        assert_eq!(made.tries(&deputy, &answers, &yes).expect(200)["holds"], true);
        assert_eq!(made.does(&officer, "submit", &make::declared())["state"], "submitted");
        // Nothing that was answered can be changed, also past all code.
        let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            make::execute(app, "UPDATE override_answers SET granted = false");
        }));
        assert!(broken.is_err());
    });
}

#[test]
fn a_new_version_changes_no_running_dossier_and_its_impact_is_known_before() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        // Ten working days before the arrival.
        let mut running = make::registered(app, &officer, &make::body(app, "2026-03-16"), 1);
        running.does(&officer, "submit", &make::declared());
        let draft = make::registered(app, &officer, &make::body(app, "2026-03-16"), 3);
        make::registered(app, &officer, &make::body(app, "2026-03-16"), 5);
        let no = loaded(app, "inbound.toml", |text| text.replacen("n = 5, unit", "n = 12, unit", 1));
        assert_eq!(no, 2);
        let impact = |client: &Client, no: i32| {
            client.post(&format!("/api/v1/rules/versions/{no}/impact"), &json!({}))
        };
        let told = impact(&officer, 2).expect(200);
        assert_eq!((&told["active"], &told["looked_at"]), (&json!(1), &json!(2)));
        let changed = told["changed"].as_array().unwrap();
        assert_eq!(changed.len(), 2, "{told}");
        assert!(changed.iter().all(|one| one["becomes_late"] == true && one["chain_changes"] == false));
        assert_eq!(
            changed[0]["rules"],
            json!([{
                "rule": "IN-LEAD-STD",
                "before": {"verdict": "met", "severity": "warn", "latest_on": "2026-03-09", "missing_papers": []},
                "after": {"verdict": "violated", "severity": "warn", "latest_on": "2026-02-26", "missing_papers": []}
            }])
        );
        assert_eq!(
            (&changed[0]["latest_permitted_before"], &changed[0]["latest_permitted_after"]),
            (&json!("2026-03-09"), &json!("2026-02-26"))
        );
        assert_eq!(changed[0]["latest_safe_after"], "2026-02-26");
        // How strictly a rule is meant is a change too.
        let stricter = loaded(app, "inbound.toml", |text| {
            text.replacen("severity = \"warn\"", "severity = \"block\"\noverride_by = \"approver\"", 1)
        });
        let told_of = impact(&officer, stricter).expect(200);
        assert_eq!(told_of["changed"][0]["rules"][0]["after"]["severity"], "block");
        let page = officer.post("/api/v1/rules/versions/2/impact?limit=1", &json!({})).expect(200);
        let next = page["next_cursor"].as_str().unwrap();
        let rest =
            officer.post(&format!("/api/v1/rules/versions/2/impact?limit=1&cursor={next}"), &json!({}));
        let rest = rest.expect(200);
        assert_eq!((&rest["looked_at"], &rest["next_cursor"]), (&json!(1), &Value::Null));
        assert_ne!(rest["changed"][0]["id"], page["changed"][0]["id"]);
        assert_eq!(
            impact(&app.another(Role::Officer, app.world().university), 2).expect(200)["looked_at"],
            0
        );
        impact(&officer, 9).refused(404, "not-found");

        app.store.write_blocking(move |tx| rules::activate(tx, no)).unwrap();
        let versions = officer.get("/api/v1/rules/versions").expect(200);
        let active: Vec<&Value> =
            versions["items"].as_array().unwrap().iter().map(|version| &version["active"]).collect();
        assert_eq!(active, [&json!(false), &json!(true), &json!(false)]);
        let rule = officer.get("/api/v1/rules/versions/2").expect(200)["rules"]
            .as_array()
            .unwrap()
            .iter()
            .find(|rule| rule["id"] == "IN-LEAD-STD")
            .unwrap()
            .clone();
        assert_eq!((&rule["demand"]["n"], &rule["confirmed"]), (&json!(12), &json!(false)));
        let verdict = |made: &Made| {
            let explanation = explained(made, &officer);
            (explanation["rulebook_version"].clone(), said(&explanation, "IN-LEAD-STD")["verdict"].clone())
        };
        assert_eq!(verdict(&running), (json!(1), json!("met")));
        assert_eq!(verdict(&draft), (json!(2), json!("violated")));
        // The same files are the same version.
        let again = loaded(app, "inbound.toml", |text| text.replacen("n = 5, unit", "n = 12, unit", 1));
        assert_eq!(again, 2);
    });
}

#[test]
fn the_same_person_elsewhere_at_the_same_time_is_found() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut first = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        first.does(&officer, "submit", &make::declared());
        let person = first.members(&officer)[0]["person_id"].clone();
        let second = make::draft(&officer, &make::body(app, "2026-03-22"));
        let member = json!({"person_id": person, "role": "head", "visa": "held"});
        officer.change("POST", &format!("{}/members", second.path()), second.version, &member).expect(201);
        let found = explained(&second, &officer);
        let overlap = said(&found, "CHECK-OVERLAP");
        assert_eq!(overlap["verdict"], "violated");
        assert_eq!(overlap["inputs"]["travellers"][0]["overlaps"], json!(["DV-2026-0001"]));
        // A person is not told from the name: only the number of the other dossier is shown.
        assert!(!found.to_string().contains("DURAND"));
        assert_eq!(
            said(&explained(&first, &officer), "CHECK-OVERLAP")["verdict"],
            "met",
            "a draft takes no time"
        );
    });
}

#[test]
fn one_passport_under_two_offices_is_one_traveller() {
    on_each(|app| {
        let (union, university) = (app.as_(Role::Officer), app.at(Role::Officer, app.world().university));
        let mut elsewhere = make::registered(app, &university, &make::body(app, "2026-03-20"), 1);
        elsewhere.does(&university, "submit", &make::declared());
        let here = make::registered(app, &union, &make::body(app, "2026-03-21"), 1);
        let overlap = said(&explained(&here, &union), "CHECK-OVERLAP").clone();
        assert_eq!(overlap["verdict"], "violated");
        assert_eq!(overlap["fields"], json!(["/members/0", "/members/1"]));
        // That there is another one is told, not whose or which.
        assert_eq!(
            overlap["mismatches"][0]["sentence_vi"],
            "Thành viên số 1 cùng lúc thuộc đoàn khác: một đoàn của cơ quan khác."
        );
        // Who did not come was not elsewhere.
        let absent =
            format!("UPDATE members SET attendance = 'absent' WHERE dossier_id = '{}'", elsewhere.id);
        make::execute(app, &absent);
        assert_eq!(said(&explained(&here, &union), "CHECK-OVERLAP")["verdict"], "met");
    });
}

#[test]
fn what_does_not_fit_is_said_in_one_sentence_each() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut body = make::body(app, "2026-03-20");
        body["request_letter"] = json!({"people": 7});
        let made = make::registered(app, &officer, &body, 1);
        let letter = said(&explained(&made, &officer), "CHECK-LETTER").clone();
        assert_eq!(letter["fields"], json!(["/request_letter/people", "/members"]));
        let people = made.members(&officer).len();
        assert_eq!(
            letter["mismatches"],
            json!([{
                "kind": "letter_people",
                "fields": ["/request_letter/people", "/members"],
                "sentence_vi": format!("Văn bản ghi 7 người, danh sách có {people} người."),
                "sentence_en": format!("The letter names 7 persons, the list has {people}.")
            }])
        );
        let facts = json!({
            "direction": "outbound", "filed_on": "2026-03-02", "people": 2,
            "leaves_vn_on": "2026-05-11", "enters_vn_on": "2026-05-14",
            "stays": [{"country": "JP", "from": "2026-05-11", "to": "2026-05-14"}],
            "funding": [{"payer": "enterprise", "amount": 120_000, "currency": "USD", "persons": 3, "days": 5,
                         "rate": 10_000}],
            "travellers": [{"passport_expires_on": "2026-09-30", "trips_this_year": 2, "leadership": "head"},
                           {"leadership": "deputy", "passport_expires_on": "2027-09-30", "trips_this_year": 0}],
            "head_level": "unit",
        });
        let tried = officer.post("/api/v1/rules/evaluate", &json!({"facts": facts})).expect(200);
        let sentence = |rule: &str, lang: &str| said(&tried, rule)["mismatches"][0][lang].clone();
        for (rule, vi, en) in [
            (
                "CHECK-COST",
                "Khoản kinh phí số 1 ghi 1200.00 USD, nhưng 3 người x 5 ngày x 100.00 USD là 1500.00 USD.",
                "Line 1 of the cost is 1200.00 USD, but 3 persons x 5 days x 100.00 USD is 1500.00 USD.",
            ),
            (
                "CHECK-COST-PEOPLE",
                "Khoản kinh phí số 1 tính cho 3 người, danh sách có 2 người.",
                "Line 1 of the cost is for 3 persons, the list has 2.",
            ),
            (
                "CHECK-COST-DAYS",
                "Khoản kinh phí số 1 tính 5 ngày, chuyến đi có 4 ngày.",
                "Line 1 of the cost is for 5 days, the trip has 4.",
            ),
            (
                "CHECK-PASSPORT",
                "Hộ chiếu của thành viên số 1 hết hạn ngày 30/09/2026; phải còn hạn đến 14/11/2026.",
                "The passport of member 1 ends on 30/09/2026; it must be valid until 14/11/2026.",
            ),
            ("OUT-DAYS", "4 ngày ở Nhật Bản, không quá 3 ngày.", "4 days in Japan, at most 3."),
            (
                "OUT-FREQ",
                "Đây là chuyến thứ 3 trong năm của thành viên số 1, không quá 2 chuyến.",
                "It is trip number 3 of member 1 in the year, at most 2.",
            ),
            (
                "OUT-TWO-LEADERS",
                "Thành viên số 1 là cấp trưởng, thành viên số 2 là cấp phó của cùng một cơ quan.",
                "Member 1 heads the unit of which member 2 is a deputy.",
            ),
            (
                "OUT-SPONSOR",
                "Khoản kinh phí số 1 do nguồn không được phép chi trả.",
                "Line 1 of the cost is paid by one who may not pay.",
            ),
        ] {
            assert_eq!(
                (sentence(rule, "sentence_vi"), sentence(rule, "sentence_en")),
                (json!(vi), json!(en))
            );
        }
    });
}

/// A press visit in September 2026, when the decree on foreign press is in force.
fn press_visit(app: &TestApp) -> Value {
    let mut body = make::body(app, "2026-09-14");
    body["press"] = json!(true);
    body["enters_vn_on"] = json!("2026-09-14");
    body
}

#[test]
fn a_blocking_rule_is_not_passed_by_saying_nothing() {
    on_each(|app| {
        at(app, "2026-09-09T09:00");
        let officer = app.as_(Role::Officer);
        let submit = |change: Value, no: u32| {
            let mut body = press_visit(app);
            json_patch::merge(&mut body, &change);
            let made = make::registered(app, &officer, &body, no);
            made.tries(&officer, "submit", &make::declared())
        };
        let refused = submit(json!({}), 1).refused(422, "rules-violated");
        assert_eq!(refused["violations"][0]["rule"], "IN-PRESS-LICENCE");
        assert_eq!(
            make::fault(submit(json!({"enters_vn_on": null}), 3)),
            make::is("/enters_vn_on", "required")
        );
        assert_eq!(make::fault(submit(json!({"press": null}), 5)), make::is("/press", "required"));
        // Who comes as press is press, whatever else is said.
        let kinds = json!({"press": null, "guest_kinds": ["press"]});
        submit(kinds, 7).refused(422, "rules-violated");
        submit(json!({"press": false}), 9).expect(200);
    });
}

#[test]
fn reporters_who_join_later_need_their_licence_in_time() {
    on_each(|app| {
        at(app, "2026-08-10T09:00");
        let officer = app.as_(Role::Officer);
        let mut body = press_visit(app);
        body["press"] = json!(false);
        let mut made = make::permitted_as(app, &officer, &body, 1);
        at(app, "2026-09-08T09:00");
        assert_eq!(made.edits(&officer, &json!({"press": true}))["state"], "draft");
        let refused = made.tries(&officer, "submit", &make::declared()).refused(422, "rules-violated");
        assert_eq!(refused["violations"][0]["rule"], "IN-PRESS-LICENCE");
        // Reporters who were permitted already are not asked for again.
        at(app, "2026-08-10T09:00");
        let mut known = make::permitted_as(app, &officer, &press_visit(app), 3);
        at(app, "2026-09-08T09:00");
        known.edits(&officer, &json!({"departs_on": "2026-09-17"}));
        known.does(&officer, "submit", &make::declared());
    });
}

#[test]
fn a_permit_that_is_being_amended_still_takes_its_peoples_time() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut permitted = make::permitted(app, &officer, 1);
        let here = make::registered(app, &officer, &make::body(app, "2026-03-21"), 1);
        let overlap = || said(&explained(&here, &officer), "CHECK-OVERLAP")["verdict"].clone();
        assert_eq!(overlap(), "violated");
        assert_eq!(permitted.edits(&officer, &json!({"departs_on": "2026-03-23"}))["state"], "draft");
        assert_eq!(overlap(), "violated");
    });
}

#[test]
fn head_and_deputy_are_seen_beside_a_third() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let of = |leadership: Value| json!({"unit": "Sở Y tế", "leadership": leadership});
        let tried = |travellers: Vec<Value>| {
            let facts = json!({"direction": "outbound", "filed_on": "2026-03-02", "travellers": travellers});
            let tried = officer.post("/api/v1/rules/evaluate", &json!({"facts": facts})).expect(200);
            said(&tried, "OUT-TWO-LEADERS")["verdict"].clone()
        };
        assert_eq!(tried(vec![of(json!("head")), of(json!("deputy")), of(json!(null))]), "violated");
        assert_eq!(tried(vec![of(json!("head")), of(json!(null))]), "unknown");
        assert_eq!(tried(vec![of(json!(null))]), "met", "one travels with nobody");
        let bad = json!({"facts": {"direction": "inbound", "countries": ["ZZ"], "arrives_on": "2026-03-05",
            "departs_on": "2026-03-04", "programme": [{"starts_at": "2026-03-05T09:00"}]}});
        let refused = officer.post("/api/v1/rules/evaluate", &bad).refused(422, "validation-failed");
        let expected = [
            make::is("/facts/countries", "unknown-country"),
            make::is("/facts/departs_on", "before-arrival"),
        ];
        assert_eq!(make::errors(&refused), expected);
    });
}

/// The files of the shipped rulebook in a folder, one of them changed.
fn folder(change: impl Fn(&str, &str) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for source in rules::shipped() {
        std::fs::write(folder.path().join(&source.name), change(&source.name, &source.text)).unwrap();
    }
    folder
}

#[test]
fn the_command_line_checks_compares_and_activates() {
    let place = tempfile::tempdir().unwrap();
    let env = [
        ("LEGATION__DATABASE__URL", format!("sqlite://{}", place.path().join("legation.db").display())),
        ("LEGATION__KEYS__DIR", place.path().join("keys").display().to_string()),
    ];
    let run = |args: &[&str]| process::run(args, &env, place.path());
    let good = folder(|_name, text| text.to_owned());
    let path = good.path().display().to_string();
    let checked = run(&["rules", "check", &path]);
    assert_eq!(checked.code, Some(0), "{checked:?}");
    assert!(checked.out.starts_with("The rulebook is in order:"), "{checked:?}");
    let bad = folder(|name, text| match name {
        "inbound.toml" => text.replacen("unit = \"wd\"", "unit = \"weeks\"", 1),
        "common.toml" => {
            text.replacen("document = \"Quyết định 67/2011/QĐ-TTg (tinh thần)\"", "document = \"\"", 1)
        }
        _ => text.to_owned(),
    });
    let refused = run(&["rules", "check", &bad.path().display().to_string()]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("inbound.toml:26: unknown variant `weeks`"), "{}", refused.err);
    let file = bad.path().join("common.toml").display().to_string();
    let refused = run(&["rules", "check", &file]);
    assert!(refused.err.contains("rule PLAN-ANNUAL: it cites nothing"), "{}", refused.err);

    assert_eq!(run(&["rules", "list"]).code, Some(1), "there is no database yet");
    assert_eq!(run(&["keys", "init"]).code, Some(0));
    let admin = ["user", "add", "quan.tri", "--email", "a@example.org", "--admin"];
    assert_eq!(run(&admin).code, Some(0), "makes the database");
    assert_eq!(run(&["rules", "diff", &path]).out, "No difference.\n");
    let changed = folder(|name, text| match name {
        "inbound.toml" => text.replacen("n = 5, unit", "n = 7, unit", 1),
        _ => text.to_owned(),
    });
    let changed = changed.path().display().to_string();
    let diff = run(&["rules", "diff", &changed]).out;
    assert_eq!(diff, "~ rule IN-LEAD-STD from 2025-01-01\n    demand.n: 5 -> 7\n");
    assert!(run(&["rules", "load", &changed]).out.starts_with("This is version 2."));
    assert_eq!(run(&["rules", "activate", "3"]).code, Some(1));
    assert_eq!(run(&["rules", "activate", "2"]).code, Some(0));
    let listed = run(&["rules", "list"]).out;
    assert!(listed.lines().nth(1).unwrap().ends_with("active"), "{listed}");
    assert!(!listed.lines().next().unwrap().contains("active"), "{listed}");
}

#[test]
fn what_a_unit_owes_warns_at_its_next_submission() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        make::permitted(app, &officer, 1);
        // The visit is long over, and nobody has reported: stay, result and notice are overdue.
        at(app, "2026-05-04T09:00");
        let mut next = make::registered(app, &officer, &make::body(app, "2026-06-01"), 11);
        let owes = explained(&next, &officer);
        let rule = said(&owes, "UNIT-OVERDUE");
        // The notice to the police is the clerk's, not the unit's.
        assert_eq!((&rule["verdict"], &rule["inputs"]["overdue"]), (&json!("violated"), &json!(2)));
        let shown = next.does(&officer, "submit", &make::declared());
        assert!(shown["warnings"].as_array().unwrap().contains(&json!("UNIT-OVERDUE")), "{shown}");
        // Another unit owes nothing.
        let elsewhere = app.at(Role::Officer, app.world().university);
        let other = make::registered(app, &elsewhere, &make::body(app, "2026-06-01"), 21);
        assert_eq!(said(&explained(&other, &elsewhere), "UNIT-OVERDUE")["verdict"], "met");
    });
}

#[test]
fn a_withdrawn_amendment_leads_back_to_its_rulebook() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::permitted(app, &officer, 1);
        let no = loaded(app, "inbound.toml", |text| text.replacen("n = 5, unit", "n = 6, unit", 1));
        app.store.write_blocking(move |tx| rules::activate(tx, no)).unwrap();
        made.edits(&officer, &json!({"departs_on": "2026-03-23"}));
        assert_eq!(made.does(&officer, "submit", &make::declared())["rulebook_version"], 2);
        let back = made.does(&officer, "recall", &json!({"gives_up_changes": true}));
        assert_eq!((&back["state"], &back["rulebook_version"]), (&json!("issued"), &json!(1)));
    });
}

#[test]
fn another_rank_after_the_permit_is_another_delegation() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        for (no, change) in [
            json!({"rank": "special"}),
            json!({"sensitive": true}),
            json!({"press": true}),
            json!({"guest_kinds": ["ngo"]}),
        ]
        .iter()
        .enumerate()
        {
            let mut made = make::permitted(app, &officer, 10 * u32::try_from(no).unwrap() + 1);
            assert_eq!(made.edits(&officer, change)["state"], "draft", "{change} opens an amendment");
        }
    });
}
