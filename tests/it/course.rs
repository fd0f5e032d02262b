//! The course of a dossier and the ways out of it: supplements and lapses, rejection and recall, cancelling and
//! revoking, duplicates, reception and papers.

use chrono::TimeDelta;
use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::{Client, on_each};
use super::make::{self, Made, approve, fault, is, later};

fn paper(number: &str) -> Value {
    json!({"number": number, "symbol": "UBND-ĐN", "date": "2026-03-02", "signer": "Nguyễn Văn Phúc", "forms": ["KT", "TM"]})
}

fn outcomes(client: &Client, made: &Made) -> Vec<Value> {
    let rounds = client.get(&format!("{}/revisions", made.path())).expect(200);
    rounds["items"].as_array().unwrap().iter().map(|round| round["outcome"].clone()).collect()
}

#[test]
fn a_supplement_opens_a_new_round() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let (appraiser, approver) = (app.as_(Role::Appraiser), app.as_(Role::Approver));
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        make::received(app, &officer, &mut made);
        made.does(&appraiser, "decisions", &approve());
        let back =
            json!({"decision": "return", "comment": "1. Thư mời\n2. Chương trình", "due_on": "2026-03-06"});
        let returned = made.does(&approver, "decisions", &back);
        assert_eq!(
            (&returned["state"], &returned["supplement_due_on"]),
            (&json!("returned"), &json!("2026-03-06"))
        );
        assert_eq!(
            made.seen(&officer)["commands"],
            json!(["save", "submit", "recall", "report", "cancel", "duplicate"])
        );
        made.edits(&officer, &json!({"purpose": "Đã bổ sung"}));
        let again = made.does(&officer, "submit", &make::declared());
        assert_eq!((&again["revision"], &again["code"]), (&json!(2), &json!("DV-2026-0001")));
        assert_eq!(again["supplement_due_on"], Value::Null);
        made.does(&clerk, "receive", &json!({"number": "2"}));
        // Whoever decided in the first round decides afresh in the second, from the first step on.
        made.tries(&approver, "decisions", &approve()).refused(403, "not-your-turn");
        made.does(&appraiser, "decisions", &approve());
        let approved = made.does(&approver, "decisions", &approve());
        assert_eq!((&approved["state"], &approved["revision_in_force"]), (&json!("approved"), &json!(2)));
        assert_eq!(outcomes(&officer, &made), [json!("returned"), json!("approved")]);
        let steps = officer.get(&format!("{}/steps", made.path())).expect(200);
        let told: Vec<(i64, &str, &str, usize)> = steps["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| {
                (
                    step["revision"].as_i64().unwrap(),
                    step["kind"].as_str().unwrap(),
                    step["state"].as_str().unwrap(),
                    step["decisions"].as_array().unwrap().len(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (1, "appraise", "done", 1),
                (1, "approve", "done", 1),
                (2, "appraise", "done", 1),
                (2, "approve", "done", 1)
            ]
        );
        let rounds = officer.get(&format!("{}/revisions", made.path())).expect(200);
        let changes = &rounds["items"][1]["changes"];
        assert_eq!(
            changes,
            &json!([{"pointer": "/purpose", "before": "Thăm và làm việc", "after": "Đã bổ sung", "material": false}])
        );
        assert_eq!(
            (&rounds["items"][0]["changes"], &rounds["items"][1]["compared_with"]),
            (&json!([]), &json!(1))
        );
        assert_ne!(rounds["items"][0]["content_hash"], rounds["items"][1]["content_hash"]);
    });
}

#[test]
fn an_unanswered_supplement_lapses_after_its_day() {
    on_each(|app| {
        let (officer, appraiser) = (app.as_(Role::Officer), app.as_(Role::Appraiser));
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        make::received(app, &officer, &mut made);
        let mut supplied = make::registered(app, &officer, &make::body(app, "2026-03-20"), 11);
        make::received(app, &officer, &mut supplied);
        let mut usual = make::registered(app, &officer, &make::body(app, "2026-03-20"), 21);
        make::received(app, &officer, &mut usual);
        let back = json!({"decision": "return", "comment": "Thiếu", "due_on": "2026-03-04"});
        made.does(&appraiser, "decisions", &back);
        supplied.does(&appraiser, "decisions", &back);
        let shown = usual.does(&appraiser, "decisions", &json!({"decision": "return", "comment": "Thiếu"}));
        assert_eq!(shown["supplement_due_on"], "2026-03-17", "fifteen days");
        supplied.does(&officer, "submit", &make::declared());
        // The last minute of the day in Vietnam, and the first of the next.
        app.advance(TimeDelta::hours(2 * 24 + 14) + TimeDelta::minutes(59));
        app.run_jobs();
        assert_eq!(made.seen(&officer)["state"], "returned");
        app.advance(TimeDelta::minutes(1));
        app.run_jobs();
        let lapsed = made.seen(&officer);
        assert_eq!(
            (&lapsed["state"], &lapsed["commands"], &lapsed["outcome"]),
            (&json!("lapsed"), &json!([]), &Value::Null)
        );
        assert_eq!(outcomes(&officer, &made), [json!("lapsed")]);
        assert_eq!(supplied.seen(&officer)["state"], "submitted");
        assert_eq!(usual.seen(&officer)["state"], "returned");
        made.tries(&officer, "submit", &make::declared()).refused(409, "illegal-move");
        let history = officer.get(&format!("{}/history?limit=1", made.path())).expect(200);
        assert_eq!(
            (&history["items"][0]["action"], &history["items"][0]["actor_id"]),
            (&json!("delegation.lapsed"), &Value::Null)
        );
        let version = made.version;
        app.run_jobs();
        assert_eq!(made.seen(&officer)["version"], version, "once");
    });
}

#[test]
fn what_was_rejected_or_recalled_says_so() {
    on_each(|app| {
        let (officer, appraiser) = (app.as_(Role::Officer), app.as_(Role::Appraiser));
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        make::received(app, &officer, &mut made);
        made.does(&officer, "recall", &json!({}));
        made.tries(&officer, "recall", &json!({})).refused(409, "illegal-move");
        make::received(app, &officer, &mut made);
        made.does(&appraiser, "decisions", &json!({"decision": "return", "comment": "x"}));
        made.does(&officer, "recall", &json!({}));
        make::received(app, &officer, &mut made);
        let rejected =
            made.does(&appraiser, "decisions", &json!({"decision": "reject", "comment": "Không phù hợp"}));
        assert_eq!((&rejected["state"], &rejected["revision_in_force"]), (&json!("rejected"), &Value::Null));
        assert_eq!(made.seen(&officer)["commands"], json!([]));
        assert_eq!(outcomes(&officer, &made), [json!("recalled"), json!("returned"), json!("rejected")]);
        let states: Vec<Value> = officer.get(&format!("{}/steps", made.path())).expect(200)["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| step["state"].clone())
            .collect();
        assert_eq!(
            states,
            ["dropped", "dropped", "done", "dropped", "done", "dropped"].map(|state| json!(state))
        );
        for command in ["submit", "recall", "close"] {
            made.tries(&officer, command, &json!({})).refused(409, "illegal-move");
        }
        officer
            .change("PATCH", &made.path(), made.version, &json!({"title": "x"}))
            .refused(409, "illegal-move");
    });
}

#[test]
fn what_has_not_arrived_is_cancelled_what_has_is_revoked() {
    on_each(|app| {
        let (officer, approver, clerk) =
            (app.as_(Role::Officer), app.as_(Role::Approver), app.as_(Role::Clerk));
        let mut first = make::permitted(app, &officer, 1);
        let mut second = make::permitted(app, &officer, 11);
        let mut third = make::permitted(app, &officer, 21);
        assert_eq!(fault(first.tries(&officer, "cancel", &json!({}))), is("/reason", "required"));
        assert_eq!(
            fault(first.tries(&officer, "cancel", &json!({"reason": " \n"}))),
            is("/reason", "required")
        );
        assert_eq!(
            fault(first.tries(&approver, "revoke", &json!({"reason": "\u{0}"}))),
            is("/reason", "control-characters")
        );
        first.tries(&approver, "cancel", &json!({"reason": "x"})).refused(403, "forbidden");
        first.tries(&officer, "revoke", &json!({"reason": "x"})).refused(403, "forbidden");
        let cancelled = first.does(&officer, "cancel", &json!({"reason": "Đoàn hoãn"}));
        assert_eq!(
            (&cancelled["state"], &cancelled["permit"]["number"]),
            (&json!("cancelled"), &json!("01"))
        );
        assert_eq!(outcomes(&officer, &first), [json!("approved")], "what was approved stays so");
        first.tries(&approver, "revoke", &json!({"reason": "x"})).refused(409, "illegal-move");

        let officer = later(app, 20, &officer);
        second.does(&officer, "report", &json!({"actual_arrives_on": "2026-03-20"}));
        second.tries(&officer, "cancel", &json!({"reason": "x"})).refused(409, "illegal-move");
        let (approver, clerk) = (later(app, 0, &approver), later(app, 0, &clerk));
        let revoked = second.does(&approver, "revoke", &json!({"reason": "Vi phạm"}));
        assert_eq!(
            (&revoked["state"], &revoked["actual_arrives_on"]),
            (&json!("revoked"), &json!("2026-03-20"))
        );
        // Cut short: the last day is still reported, and the state stays.
        let cut = second.does(&officer, "report", &json!({"actual_departs_on": "2026-03-21"}));
        assert_eq!(
            (&cut["state"], &cut["actual_arrives_on"], &cut["actual_departs_on"]),
            (&json!("revoked"), &json!("2026-03-20"), &json!("2026-03-21"))
        );
        assert_eq!(third.does(&clerk, "revoke", &json!({"reason": "Trước khi đến"}))["state"], "revoked");
        // While the answer is owed, the arrival alone forbids to cancel.
        let mut owed = make::registered(app, &officer, &make::late(app, "2026-03-20"), 31);
        owed.does(&officer, "submit", &make::declared());
        owed.does(&officer, "report", &json!({"actual_arrives_on": "2026-03-20", "unpermitted": true}));
        owed.tries(&officer, "cancel", &json!({"reason": "x"})).refused(409, "already-arrived");
        assert!(!owed.seen(&officer)["commands"].as_array().unwrap().contains(&json!("cancel")));
    });
}

#[test]
fn a_duplicate_points_at_its_original() {
    on_each(|app| {
        let world = *app.world();
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let original = make::permitted(app, &officer, 1);
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 11);
        let hidden = make::draft(&app.at(Role::Officer, world.association), &make::body(app, "2026-03-20"));
        let of = |id: &str| json!({"of": id});
        let nobody = "0197f000-0000-7000-8000-000000000000";
        for id in [made.id.as_str(), nobody] {
            assert_eq!(fault(made.tries(&officer, "duplicate", &of(id))), is("/of", "unknown-dossier"));
        }
        for number in ["x", "DV-2026-9999"] {
            assert_eq!(fault(made.tries(&officer, "duplicate", &of(number))), is("/of", "unknown-dossier"));
        }
        made.does(&officer, "submit", &make::declared());
        assert_eq!(
            fault(made.tries(&clerk, "duplicate", &of(&hidden.id))),
            is("/of", "unknown-dossier"),
            "not even known of"
        );
        // People know it by its number.
        let number = clerk.get(&original.path()).expect(200)["code"].as_str().unwrap().to_owned();
        let shown = made.does(&clerk, "duplicate", &of(&number));
        assert_eq!(
            (&shown["state"], &shown["outcome"], &shown["duplicate_of"]),
            (&json!("closed"), &json!("duplicate"), &json!(original.id))
        );
        assert_eq!(outcomes(&officer, &made), [json!("cancelled")]);
        // Nothing more is said of it; and no circle is made.
        made.tries(&officer, "report", &json!({"no_show": true})).refused(409, "illegal-move");
        assert_eq!(made.seen(&officer)["commands"], json!([]));
        assert_eq!(fault(original.tries(&clerk, "duplicate", &of(&made.id))), is("/of", "unknown-dossier"));
        // Its own officer may say so too, from the draft on; a stranger may not.
        let mut own = make::draft(&officer, &make::body(app, "2026-03-20"));
        own.does(&officer, "duplicate", &of(&original.id));
        let mut body = make::body(app, "2026-03-20");
        body["co_host_ids"] = json!([world.university]);
        let other = make::draft(&officer, &body);
        other
            .tries(&app.at(Role::Officer, world.university), "duplicate", &of(&original.id))
            .refused(403, "forbidden");
    });
}

#[test]
fn a_paper_is_numbered_once_by_its_issuer_and_year() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let approved = |no: u32| {
            let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), no);
            make::received(app, &officer, &mut made);
            make::approved(app, &mut made);
            made
        };
        let mut first = approved(1);
        let with = |name: &str, value: Value| {
            let mut paper = paper("5");
            paper[name] = value;
            paper
        };
        for (body, pointer, code) in [
            (with("number", json!(" ")), "/number", "required"),
            (with("number", json!("1".repeat(21))), "/number", "too-long"),
            (with("number", json!("5\n")), "/number", ""),
            (with("symbol", json!("")), "/symbol", "required"),
            (with("signer", json!("a\u{7}")), "/signer", "control-characters"),
            (with("date", json!("2026-03-03")), "/date", "in-the-future"),
            (with("date", json!("0026-03-02")), "/date", "out-of-range"),
            (with("valid_to", json!("9999-01-01")), "/valid_to", "out-of-range"),
            (
                json!({"number": "5", "symbol": "a", "date": "2026-03-02", "signer": "b", "valid_from": "2026-03-05", "valid_to": "2026-03-04"}),
                "/valid_to",
                "before-start",
            ),
            (with("sha256", json!("abc")), "/sha256", "bad-hash"),
            (with("forms", json!(["PP"])), "/forms/0", "unknown-code"),
            (with("issuer_id", json!(app.world().office)), "/issuer_id", "unknown-field"),
        ] {
            if code.is_empty() {
                continue; // a line end around a number is trimmed
            }
            assert_eq!(fault(first.tries(&clerk, "issue", &body)), is(pointer, code), "{body}");
        }
        first.tries(&officer, "issue", &paper("5")).refused(403, "forbidden");
        first.tries(&app.at(Role::Clerk, app.world().union), "issue", &paper("5")).refused(403, "forbidden");
        let hash = "AB".repeat(32);
        let shown = first.does(&clerk, "issue", &with("sha256", json!(hash)));
        assert_eq!(
            (&shown["permit"]["number"], &shown["permit"]["sha256"]),
            (&json!("05"), &json!(hash.to_lowercase()))
        );
        assert_eq!(
            (&shown["permit"]["forms"], &shown["papers"].as_array().unwrap().len()),
            (&json!(["TM", "KT"]), &1)
        );
        first.tries(&clerk, "issue", &paper("6")).refused(409, "illegal-move");
        let mut second = approved(11);
        for same in ["5", "05", "005", " 5 "] {
            let refused = second.tries(&clerk, "issue", &paper(same)).refused(409, "taken");
            assert_eq!(refused["what"], "number", "{same}");
        }
        assert_eq!(second.seen(&officer)["state"], "approved", "nothing of it was written");
        app.clock.set("2027-01-05T03:00:00Z".parse().unwrap());
        let clerk = app.signed_in(clerk.account.unwrap());
        let mut next_year = paper("5");
        next_year["date"] = json!("2027-01-04");
        assert_eq!(
            second.does(&clerk, "issue", &next_year)["permit"]["number"],
            "05",
            "another year, another 5"
        );
    });
}

#[test]
fn a_reception_has_a_number_and_a_time() {
    on_each(|app| {
        let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        made.does(&officer, "submit", &make::declared());
        for (body, pointer, code) in [
            (json!({}), "/number", "required"),
            (json!({"number": ""}), "/number", "required"),
            (json!({"number": "1", "at": "2026-03-02T02:00:01Z"}), "/at", "in-the-future"),
            (json!({"number": "1", "at": "-0044-03-15T12:00:00Z"}), "/at", "out-of-range"),
            (json!({"number": "1", "at": "2026-03-02"}), "/at", "not-a-date"),
        ] {
            assert_eq!(fault(made.tries(&clerk, "receive", &body)), is(pointer, code), "{body}");
        }
        made.tries(&app.at(Role::Clerk, app.world().union), "receive", &json!({"number": "1"}))
            .refused(403, "forbidden");
        let shown =
            made.does(&clerk, "receive", &json!({"number": "12/ĐĐ", "at": "2026-03-02T08:15:00+07:00"}));
        assert_eq!(shown["incoming"], json!({"number": "12/ĐĐ", "at": "2026-03-02T08:15:00+07:00"}));
        made.tries(&clerk, "receive", &json!({"number": "2"})).refused(409, "illegal-move");
    });
}
