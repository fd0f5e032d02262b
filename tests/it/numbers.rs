//! Official numbers: without gaps, kept, by year and direction.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use legation::domain::access::Role;
use legation::service::{self, Context, Error};
use legation::store::{StoreError, accounts};
use serde_json::json;

use super::app::{Client, TestApp, on_each};
use super::make::{self, Made, together};

const URL: &str = "/api/v1/delegations";

/// A complete delegation, ready to be submitted.
fn ready(app: &TestApp, officer: &Client, no: u32) -> Made {
    let mut made = make::draft(officer, &make::late(app, "2026-03-20"));
    made.does(officer, "members", &make::guest(no, "head"));
    made
}

#[test]
fn numbers_have_no_gaps_however_many_submit_at_once() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let all: Vec<Made> = (0..40).map(|no| ready(app, &officer, no)).collect();
        let submits =
            all.iter().map(|made| || made.tries(&officer, "submit", &make::declared()).expect(200)).collect();
        let mut codes: Vec<String> =
            together(submits).iter().map(|shown| shown["code"].as_str().unwrap().to_owned()).collect();
        codes.sort();
        let expected: Vec<String> = (1..=40).map(|no| format!("DV-2026-{no:04}")).collect();
        assert_eq!(codes, expected);
    });
}

#[test]
fn a_number_is_kept_and_one_that_was_rolled_back_is_given_again() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut first = ready(app, &officer, 1);
        let account = officer.account.unwrap();
        let (id, version, settings) = (first.dossier(), first.version, app.app_parts.settings.clone());
        // Everything that a submission does is done, and then the command fails.
        let lost: Result<(), Error> = app.store.write_blocking(move |tx| {
            let actor = accounts::actor_of_account(tx, account)?.unwrap();
            let ctx = Context { actor, settings: settings.clone() };
            let declared = service::course::Declaration { contains_no_state_secret: Some(true) };
            let _done = service::course::submit(tx, &ctx, id, version, declared)?;
            Err(Error::Store(StoreError::Db("the power fails here".to_owned())))
        });
        assert!(lost.is_err());
        let mut second = ready(app, &officer, 2);
        assert_eq!(second.does(&officer, "submit", &make::declared())["code"], "DV-2026-0001");
        let recalled = second.does(&officer, "recall", &json!({}));
        assert_eq!((&recalled["state"], &recalled["code"]), (&json!("draft"), &json!("DV-2026-0001")));
        assert_eq!(first.does(&officer, "submit", &make::declared())["code"], "DV-2026-0002");
        let again = second.does(&officer, "submit", &make::declared());
        assert_eq!((&again["code"], &again["revision"]), (&json!("DV-2026-0001"), &json!(2)));
    });
}

#[test]
fn the_year_of_a_number_is_vietnams_and_each_direction_counts_for_itself() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let year_ends: DateTime<Utc> = "2026-12-31T16:59:59Z".parse().unwrap();
        app.clock.advance(year_ends - app.store.now());
        assert_eq!(
            ready(app, &officer, 1).does(&officer, "submit", &make::declared())["code"],
            "DV-2026-0001"
        );
        app.advance(TimeDelta::seconds(1));
        let mut late = ready(app, &officer, 2);
        assert_eq!(app.store.now().year(), 2026, "still 2026 in Greenwich");
        assert_eq!(late.does(&officer, "submit", &make::declared())["code"], "DV-2027-0001");
        let body = json!({"direction": "outbound", "title": "Đoàn ra", "purpose": "Học tập",
            "primary_field": "education", "rank": "other", "channel": "people", "lead_host_id": app.world().union,
            "stays": [{"country": "JP", "from": "2027-02-01", "to": "2027-02-03"}], "leaves_vn_on": "2027-02-01",
            "enters_vn_on": "2027-02-04", "request_letter": {"number": "1", "date": "2026-12-20"}});
        let mut out = make::draft(&officer, &body);
        let mut head = make::guest(3, "head");
        head["managed_by"] = json!("unit");
        out.does(&officer, "members", &head);
        let shown = out.does(&officer, "submit", &make::declared());
        assert_eq!(shown["code"], "DR-2027-0001");
        assert_eq!(
            ready(app, &officer, 4).does(&officer, "submit", &make::declared())["code"],
            "DV-2027-0002"
        );
        let listed = officer
            .get(&format!("{URL}?country=JP&arrives_from=2027-02-01&arrives_to=2027-02-01"))
            .expect(200);
        assert_eq!(listed["items"][0]["code"], "DR-2027-0001", "found by its stay and its day of leaving");
    });
}
