//! The whole story, once on each database: registered, submitted, four eyes refused, received, appraised, approved,
//! issued, mail received over a real SMTP conversation, reported with one guest absent, exported, journal verified.

use chrono::TimeDelta;
use legation::domain::access::Role;
use serde_json::json;

use super::app::{TestApp, databases};
use super::make;
use super::smtp::{Behaviour, SmtpServer};

#[test]
fn from_request_to_return() {
    for kind in databases() {
        eprintln!("on {kind}");
        let server = SmtpServer::start(Behaviour::Normal);
        let folder = tempfile::tempdir().unwrap();
        let ca_file = folder.path().join("ca.pem");
        std::fs::write(&ca_file, &server.ca_pem).unwrap();
        let app = TestApp::with(kind, |config| {
            config.mail.url = format!("smtp://localhost:{}", server.port).try_into().unwrap();
            config.mail.ca_file = Some(ca_file.clone());
        });
        tell(&app);
        app.run_jobs();
        let received = server.mails();
        let to = |name: &str| {
            received.iter().filter(|mail| mail.header("To").unwrap_or_default().contains(name)).count()
        };
        let told: Vec<String> = received
            .iter()
            .map(|mail| format!("{:?} {:?}", mail.header("To"), mail.header("Subject")))
            .collect();
        assert!(received.len() >= 7, "{told:#?}");
        assert!(
            to("officer") >= 2 && to("clerk") >= 2 && to("appraiser") >= 2 && to("approver") >= 1,
            "{told:#?}"
        );
        for mail in &received {
            let text = mail.part("text/plain").unwrap();
            assert!(text.contains("DV-2026-0001"), "{text}");
            assert!(!text.contains("DURAND") && !text.contains("FR000"), "no names of guests: {text}");
            assert!(mail.header("Message-ID").is_some());
        }
    }
}

fn tell(app: &TestApp) {
    let (officer, clerk) = (app.as_(Role::Officer), app.as_(Role::Clerk));
    let (appraiser, approver) = (app.as_(Role::Appraiser), app.as_(Role::Approver));
    let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
    let submitted = made.does(&officer, "submit", &make::declared());
    assert_eq!(
        (submitted["state"].as_str(), submitted["code"].as_str()),
        (Some("submitted"), Some("DV-2026-0001"))
    );

    // The officer who filed it is given every role there is, and still may not decide.
    let filer = app.with_role(&officer, Role::Appraiser, app.world().foreign);
    made.does(&clerk, "receive", &json!({"number": "101/ĐĐ"}));
    let decide = format!("{}/decisions", made.path());
    filer
        .change("POST", &decide, made.version, &json!({"decision": "approve"}))
        .refused(403, "self-approval");
    approver.change("POST", &decide, made.version, &json!({"decision": "approve"})).refused(404, "not-found");

    let inbox = appraiser.get("/api/v1/inbox").expect(200);
    assert_eq!(inbox["items"][0]["waits_for"], "decide");
    assert_eq!(inbox["items"][0]["step"], "appraise");
    made.does(&appraiser, "decisions", &json!({"decision": "approve", "comment": "Đủ điều kiện"}));
    appraiser
        .change("POST", &decide, made.version, &json!({"decision": "approve"}))
        .refused(409, "already-decided");
    let approved = made.does(&approver, "decisions", &json!({"decision": "approve"}));
    assert_eq!((approved["state"].as_str(), approved["permit"].is_null()), (Some("approved"), true));

    let paper = json!({"number": "5", "symbol": "UBND-ĐN", "date": "2026-03-02", "signer": "Nguyễn Văn Phúc",
        "forms": ["KT", "TM"], "valid_from": "2026-03-20", "valid_to": "2026-03-22"});
    let issued = made.does(&clerk, "issue", &paper);
    assert_eq!(
        (&issued["permit"]["number"], &issued["permit"]["forms"]),
        (&json!("05"), &json!(["TM", "KT"]))
    );

    app.advance(TimeDelta::days(25));
    let officer = app.signed_in(officer.account.unwrap());
    let members = officer.get(&format!("{}/members", made.path())).expect(200);
    assert_eq!(members["items"][1]["passport"]["number"], "•••••002");
    let absent = members["items"][1]["id"].clone();
    let report = json!({"actual_arrives_on": "2026-03-20", "actual_departs_on": "2026-03-21",
        "members": [{"member_id": absent, "attendance": "absent"}], "results": "Tốt đẹp"});
    made.does(&officer, "report", &report);
    let closed = made.does(&officer, "close", &make::closing());
    assert_eq!(closed["state"], "closed");

    let auditor = app.signed_in(app.as_(Role::Auditor).account.unwrap());
    let monthly = auditor.get("/api/v1/reports/monthly/2026-03.json?window=calendar").expect(200);
    let totals = &monthly["totals"];
    assert_eq!(
        totals,
        &json!({"inbound_delegations": 1, "visits": 1, "distinct_persons": 1, "outbound_delegations": 0})
    );
    let history = officer.get(&format!("{}/history", made.path())).expect(200);
    let actions: Vec<&str> =
        history["items"].as_array().unwrap().iter().map(|i| i["action"].as_str().unwrap()).collect();
    for action in ["delegation.closed", "delegation.reported", "delegation.issued", "delegation.approved"] {
        assert!(actions.contains(&action), "{actions:?}");
    }
    assert_eq!(app.misfit(), None);
}
