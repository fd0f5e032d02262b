//! A minister comes after Tết 2026, with reporters and a trip to the coast: from draft to closed, with every deadline,
//! approver, paper, reminder and message as the rulebook and the calendar say.

use std::collections::BTreeMap;

use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::{Client, TestApp, on_each};
use super::make::{self, Made, Post};
use super::papers::{pdf, upload, uploaded};
use super::rules::at;

/// Monday 23/02/2026 is the first working day after Tết (16-20/02).
fn visit(app: &TestApp) -> Value {
    json!({
        "direction": "inbound",
        "title": "Đoàn Bộ trưởng Bộ Nông nghiệp",
        "purpose": "Thăm và làm việc về thích ứng biến đổi khí hậu",
        "primary_field": "agriculture",
        "rank": "b",
        "channel": "state",
        "guest_kinds": ["government"],
        "sensitive": false,
        "sponsored": true,
        "press": true,
        "plan": null,
        "lead_host_id": app.world().union,
        "countries": ["NL"],
        "arrives_on": "2026-02-23",
        "departs_on": "2026-02-25",
        "request_letter": {"number": "08/LHHN", "date": "2026-01-22", "people": 3},
        "contact": {"name": "Lê Hạnh", "phone": "+84 292 000 000", "email": "hanh@example.org"},
        "programme": [
            {"starts_at": "2026-02-23T09:00:00", "what": "Chào xã giao", "place": {"name": "Trụ sở", "zone": "normal"}},
            {"starts_at": "2026-02-24T08:00:00", "what": "Khảo sát bờ biển",
                "place": {"name": "Cửa Trần Đề", "commune": "Trần Đề", "zone": "sea_border"}},
        ],
    })
}

/// What each rule says, by id.
fn verdicts(made: &Made, client: &Client) -> BTreeMap<String, String> {
    let explanation = client.get(&format!("{}/explain", made.path())).expect(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rules = explanation["rules"].as_array().unwrap().clone();
    rules.iter().map(|rule| (text(&rule["rule"]), text(&rule["verdict"]))).collect()
}

fn says(expected: &[(&str, &str)]) -> BTreeMap<String, String> {
    expected.iter().map(|(rule, verdict)| ((*rule).to_owned(), (*verdict).to_owned())).collect()
}

/// What the dossier waits for: kind, body, last day.
fn waiting(shown: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let items = shown["waiting_for"].as_array().unwrap();
    items.iter().map(|item| (text(&item["kind"]), text(&item["body"]), text(&item["due_on"]))).collect()
}

fn waits(kind: &str, body: &str, due_on: &str) -> (String, String, String) {
    (kind.to_owned(), body.to_owned(), due_on.to_owned())
}

fn obligations(made: &Made, client: &Client) -> Vec<Value> {
    client.get(&format!("{}/obligations", made.path())).expect(200)["items"].as_array().unwrap().clone()
}

#[test]
fn from_draft_to_closed_around_tet() {
    on_each(|app| {
        let people = [Role::Officer, Role::Clerk, Role::Appraiser, Role::Approver].map(|role| app.as_(role));
        let [officer, clerk, appraiser, approver] = &people;
        let mut post = Post::default();
        at(app, "2026-01-22T09:00");

        // --- the draft: what the rules say while it is written
        let mut made = make::draft(officer, &visit(app));
        for (no, role) in [(1, "head"), (2, "member"), (3, "press")] {
            made.does(officer, "members", &make::guest(no, role));
        }
        let common = [
            ("ARCHIVE-1Y", "noted"),
            ("CHECK-LETTER", "met"),
            ("CHECK-OVERLAP", "met"),
            ("CHECK-PASSPORT", "met"),
            ("CHECK-PROGRAMME", "met"),
            ("IN-HIGH-DOCS", "met"),
            ("IN-HIGH-OPINION", "noted"),
            ("IN-LEAD-HIGH", "met"),
            ("IN-LEAD-MIN", "met"),
            ("IN-POLICE-COPY", "noted"),
            ("IN-PRESS-CHANGE", "no_rule_in_force"),
            ("IN-PRESS-DOCS", "no_rule_in_force"),
            ("IN-PRESS-LICENCE", "no_rule_in_force"),
            ("IN-PRESS-NUMBER", "no_rule_in_force"),
            ("IN-PRESS-REPORT", "no_rule_in_force"),
            ("IN-PROCESS", "met"),
            ("IN-PROCESS-DECIDE", "met"),
            // The circular of 2018: that of 2026 is in force from 18/5.
            ("IN-RANK", "met"),
            ("IN-RESIDENCE", "noted"),
            ("IN-RESULT", "noted"),
            ("IN-SEABORDER-DOCS", "met"),
            ("IN-SEABORDER-HL", "noted"),
            ("IN-SPONSOR-END", "noted"),
            ("IN-SUPPLEMENT", "noted"),
            ("PDP-RETENTION", "noted"),
            ("PLAN-ANNUAL", "noted"),
            ("PLAN-OUTSIDE", "unknown"),
            ("SECRET-BLOCK", "noted"),
            ("SIGN-DOC", "noted"),
            ("UNIT-OVERDUE", "met"),
        ];
        let mut expected = says(&common);
        let papers = ["IN-DOCS", "IN-HIGH-DOCS", "IN-SEABORDER-DOCS"];
        expected.extend(papers.map(|rule| (rule.to_owned(), "violated".to_owned())));
        assert_eq!(verdicts(&made, officer), expected);
        let explanation = officer.get(&format!("{}/explain", made.path())).expect(200);
        assert_eq!(
            (&explanation["latest_permitted_on"], &explanation["latest_safe_on"], &explanation["clocks_fit"]),
            (&json!("2026-01-26"), &json!("2026-01-26"), &json!(true))
        );
        assert_eq!(explanation["unknown"], json!(["plan"]));
        let steps: Vec<(String, String)> = explanation["chain"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|step| step["hangs_on"].is_null())
            .map(|step| {
                (step["kind"].as_str().unwrap().to_owned(), step["body"].as_str().unwrap_or("-").to_owned())
            })
            .collect();
        let step = |kind: &str, body: &str| (kind.to_owned(), body.to_owned());
        assert_eq!(
            steps,
            [
                step("appraise", "-"),
                step("consult", "mofa"),
                step("consult", "city_police"),
                step("consult", "thanh_uy"),
                step("approve", "-")
            ]
        );

        // --- the papers
        for kind in ["request_letter", "guest_list", "programme", "protocol_plan", "sea_border_form"] {
            uploaded(officer, &mut made, kind, &pdf(kind));
        }
        let head = made.members(officer)[0]["id"].clone();
        let scan = json!({"kind": "passport_scan", "member_id": head});
        upload(officer, &made, &scan, "hc.pdf", &pdf("scan")).expect(201);
        made.seen(officer);
        expected.extend(papers.map(|rule| (rule.to_owned(), "met".to_owned())));
        assert_eq!(verdicts(&made, officer), expected);

        // --- filed on Friday 23/01, received the same afternoon: the clocks of the steps
        at(app, "2026-01-23T10:00");
        let submitted = made.does(officer, "submit", &make::declared());
        assert_eq!(submitted["code"], "DV-2026-0001");
        post.told(app, &[("submitted_for_receipt", clerk)]);
        at(app, "2026-01-23T16:00");
        let received = made.does(clerk, "receive", &json!({"number": "31"}));
        assert_eq!(waiting(&received), [waits("appraise", "-", "2026-01-28")]);
        post.told(app, &[("received_for_step", appraiser)]);
        at(app, "2026-01-27T15:00");
        let asked =
            made.does(appraiser, "decisions", &json!({"decision": "approve", "comment": "Đủ điều kiện"}));
        assert_eq!(
            waiting(&asked),
            [
                waits("consult", "mofa", "2026-02-03"),
                waits("consult", "city_police", "2026-02-03"),
                waits("consult", "thanh_uy", "2026-02-03")
            ]
        );
        post.told(app, &[("received_for_step", clerk)]);
        made.tries(approver, "decisions", &make::approve()).refused(404, "not-found");

        // --- three bodies answer on paper, one of them not at all
        let chain = clerk.get(&format!("{}/steps", made.path())).expect(200)["items"].clone();
        let of = |body: &str| {
            let steps = chain.as_array().unwrap();
            steps.iter().find(|step| step["body"] == body).unwrap()["id"].clone()
        };
        let paper = |body: &str, number: &str| json!({"step_id": of(body), "answer": "agrees", "number": number, "date": "2026-02-02"});
        at(app, "2026-02-02T09:00");
        let silent = json!({"step_id": of("city_police"), "answer": "no_answer"});
        make::fault(made.tries(clerk, "opinions", &silent));
        made.does(clerk, "opinions", &paper("mofa", "112/BNG-LS"));
        made.does(clerk, "opinions", &paper("thanh_uy", "45-CV/TU"));
        at(app, "2026-02-04T08:00");
        let approving = made.does(clerk, "opinions", &silent);
        // Both have answered and agree: what was asked for is there.
        assert_eq!(verdicts(&made, officer)["IN-HIGH-OPINION"], "met");
        assert_eq!(waiting(&approving), [waits("approve", "-", "2026-02-06")]);
        post.told(app, &[("received_for_step", approver)]);

        // --- approved is not issued
        at(app, "2026-02-05T10:00");
        let approved =
            made.does(approver, "decisions", &json!({"decision": "approve", "forms": ["KT", "TM"]}));
        assert_eq!(
            (&approved["state"], waiting(&approved)),
            (&json!("approved"), vec![waits("issue", "-", "2026-02-06")])
        );
        assert_eq!(obligations(&made, officer), Vec::<Value>::new(), "nothing is owed without a permit");
        post.told(app, &[("approved_officer", officer), ("approved_to_issue", clerk)]);
        at(app, "2026-02-06T09:00");
        let permit = json!({"number": "12", "symbol": "UBND-ĐN", "date": "2026-02-06", "signer": "Nguyễn Văn Phúc",
            "forms": ["TM", "KT"], "valid_from": "2026-02-23", "valid_to": "2026-02-25",
            "recipients": [{"name": "Công an thành phố", "channel": "document_system"}]});
        made.does(clerk, "issue", &permit);
        post.told(app, &[("issued_officer", officer), ("issued_appraiser", appraiser)]);

        // --- what the permit obliges to, until when
        let owed: Vec<(String, String, String)> = obligations(&made, officer)
            .iter()
            .map(|one| {
                let text = |name: &str| one[name].as_str().unwrap()[..].to_owned();
                (text("rule"), text("role"), text("due_at")[..16].to_owned())
            })
            .filter(|(rule, ..)| rule.starts_with("IN-"))
            .collect();
        let due = |rule: &str, role: &str, at: &str| (rule.to_owned(), role.to_owned(), at.to_owned());
        let mut sorted = owed.clone();
        sorted.sort();
        assert_eq!(
            sorted,
            [
                due("IN-POLICE-COPY", "clerk", "2026-02-12T17:00"),
                due("IN-RESIDENCE", "officer", "2026-02-23T21:00"),
                due("IN-RESULT", "officer", "2026-03-04T17:00"),
                due("IN-SEABORDER-HL", "officer", "2026-02-23T20:00"),
                due("IN-SPONSOR-END", "officer", "2026-03-04T17:00"),
            ]
        );

        // --- reminders: three and one working days before, to the right person, one digest a day
        let digests = |post: &mut Post, day: &str| {
            at(app, day);
            app.run_jobs();
            app.run_jobs();
            post.news(app)
        };
        let clerks = ("digest".to_owned(), clerk.account.unwrap());
        let officers = ("digest".to_owned(), officer.account.unwrap());
        // On the 9th three working days remain until the police must know, and the delivery of 09/02 is due.
        assert_eq!(digests(&mut post, "2026-02-09T08:00"), [clerks.clone()]);
        let notice = |made: &Made, rule: &str| {
            let all = obligations(made, officer);
            all.iter().find(|one| one["rule"] == rule).unwrap()["id"].as_str().unwrap().to_owned()
        };
        let done = |made: &mut Made, client: &Client, rule: &str, proof: Value| {
            let command = format!("obligations/{}/done", notice(made, rule));
            made.does(client, &command, &proof);
        };
        make::fault(made.tries(
            clerk,
            &format!("obligations/{}/done", notice(&made, "IN-POLICE-COPY")),
            &json!({}),
        ));
        done(&mut made, clerk, "IN-POLICE-COPY", json!({"number": "77/SNgV", "date": "2026-02-09"}));
        // The eve of the coast: one working day before 23/02 is 13/02, three are 11/02.
        assert_eq!(digests(&mut post, "2026-02-10T08:00"), []);
        assert_eq!(digests(&mut post, "2026-02-11T08:00"), [officers.clone()]);
        assert_eq!(digests(&mut post, "2026-02-12T08:00"), []);
        assert!(digests(&mut post, "2026-02-13T08:00").contains(&officers));
        assert_eq!(digests(&mut post, "2026-02-17T08:00"), [], "nobody is reminded in Tết");
        at(app, "2026-02-23T10:00");
        done(&mut made, officer, "IN-SEABORDER-HL", json!({"number": "09/LHHN", "date": "2026-02-23"}));
        done(&mut made, officer, "IN-RESIDENCE", json!({}));

        // --- what really happened, and the end
        at(app, "2026-02-26T09:00");
        let members = made.members(officer);
        let came = json!([{"member_id": members[2]["id"], "attendance": "absent"}]);
        made.does(
            officer,
            "report",
            &json!({"actual_arrives_on": "2026-02-23", "actual_departs_on": "2026-02-25", "members": came,
                "results": "Thống nhất lập nhóm công tác"}),
        );
        let state = |rule: &str| {
            let all = obligations(&made, officer);
            all.iter().find(|one| one["rule"] == rule).unwrap()["state"].clone()
        };
        assert_eq!(state("IN-RESULT"), "done", "the report discharges it");
        assert_eq!(state("IN-SPONSOR-END"), "open");
        // What is still owed is not closed over in silence.
        assert_eq!(
            make::fault(made.tries(appraiser, "close", &json!({}))),
            make::is("/reason", "duties-open")
        );
        done(
            &mut made,
            clerk,
            "PAPER-DELIVERY",
            json!({"note": "Đã phát hành trên trục", "date": "2026-02-06"}),
        );
        done(&mut made, officer, "IN-SPONSOR-END", json!({"number": "10/LHHN", "date": "2026-02-26"}));
        let closed = made.does(appraiser, "close", &json!({}));
        assert_eq!((&closed["state"], waiting(&closed)), (&json!("closed"), vec![]));

        // --- the return: two guests came; an opinion was recorded on behalf; nothing was late or overridden
        let form =
            officer.get("/api/v1/reports/monthly/2026-02.json?window=calendar&as_of=2026-02-26").expect(200);
        let row = &form["annex1"]["rows"][0];
        assert_eq!(
            (&row["code"], &row["visits"], &row["permit"]["number"]),
            (&json!("DV-2026-0001"), &json!(2), &json!("12"))
        );
        let kinds: Vec<&Value> =
            form["annex6"].as_array().unwrap().iter().map(|one| &one["exception"]["code"]).collect();
        assert!(kinds.contains(&&json!("opinion_on_behalf")), "{}", form["annex6"]);
        assert!(
            !kinds.contains(&&json!("filed_late")) && !kinds.contains(&&json!("overridden")),
            "{kinds:?}"
        );
    });
}
