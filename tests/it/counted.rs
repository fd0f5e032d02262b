//! What was counted is kept while nothing has happened: a second reading takes a handful of statements, a change by
//! anybody is seen at once, and nobody is given what another reader may see.

use std::sync::Arc;

use chrono::TimeDelta;
use legation::clock::SetClock;
use legation::domain::access::Role;
use legation::domain::codes::Lang;
use legation::domain::report::form::Totals;
use legation::domain::report::period::Kind;
use legation::domain::report::series::Pictures;
use legation::domain::report::{Period, Return, Window};
use legation::service::returns;
use legation::service::returns::closings::{self, Changes};
use legation::service::returns::shown::{self, Asked};
use legation::service::{Context, Error, Settings};
use legation::startup;
use legation::store::{Store, accounts, dossiers, journal};
use serde_json::json;

use super::app::{Client, TestApp, databases, on_each};
use super::closings::{closes, late_entry};
use super::make::{self, Made};
use super::pages::Browser;
use super::returns::a_month;
use super::selfcheck::{count_statements, dossiers_like, statements_of};

/// The most statements that a page may take for what is kept: who reads, what he may, what is closed, the journal's head.
const HANDFUL: usize = 8;

/// A reader in a process.
struct Reader<'a> {
    store: &'a Store,
    settings: Arc<Settings>,
    client: &'a Client,
}

impl<'a> Reader<'a> {
    fn of(app: &'a TestApp, client: &'a Client) -> Self {
        Self { store: &app.store, settings: Arc::clone(&app.app_parts.settings), client }
    }

    fn reads<T>(
        &self,
        does: impl FnOnce(&mut legation::store::ReadTx<'_>, &Context) -> Result<T, Error>,
    ) -> T {
        let account = self.client.account.unwrap();
        let read = self.store.read_blocking(|tx| {
            let actor = accounts::actor_of_account(tx, account)?.unwrap();
            does(tx, &Context { actor, settings: Arc::clone(&self.settings) })
        });
        read.unwrap()
    }

    fn form(&self, asked: &Asked) -> Arc<Return> {
        self.reads(|tx, ctx| shown::form(tx, ctx, asked)).unwrap()
    }

    fn pictures(&self) -> Arc<Pictures> {
        self.reads(|tx, ctx| shown::pictures(tx, ctx, 2026, Window::Calendar, Lang::Vi)).unwrap()
    }

    fn changes(&self) -> Arc<Changes> {
        self.reads(|tx, ctx| closings::changes(tx, ctx, (march().period, Window::Calendar), None)).unwrap()
    }

    /// What both kinds of pages say: the same.
    fn totals(&self) -> Totals {
        let totals = self.form(&march()).totals;
        assert_eq!(self.pictures().totals, totals, "all that came this year came in March");
        totals
    }
}

fn march() -> Asked {
    let period = Period::new(Kind::Monthly, 2026, 3).unwrap();
    Asked { period, window: Window::Calendar, organisation: None, lang: Lang::Vi, live: false }
}

/// A delegation of two guests that is permitted and, by its permitted day, came.
fn permitted(app: &TestApp, body: &serde_json::Value, first_guest: u32) -> Made {
    let officer = app.as_(Role::Officer);
    let mut made = make::registered(app, &officer, body, first_guest);
    make::received(app, &officer, &mut made);
    make::approved(app, &mut made);
    made
}

fn one_stayed_away(app: &TestApp, made: &mut Made) {
    let officer = app.as_(Role::Officer);
    let members = officer.get(&format!("{}/members", made.path())).expect(200);
    let absent = json!([{"member_id": members["items"][1]["id"], "attendance": "absent"}]);
    made.does(
        &officer,
        "report",
        &json!({"actual_arrives_on": "2026-03-10", "unpermitted": true, "members": absent}),
    );
}

#[test]
fn a_second_reading_takes_a_handful_of_statements_and_a_change_makes_it_anew() {
    count_statements();
    for kind in databases() {
        let app = TestApp::spawn(kind);
        let mut made = permitted(&app, &make::body(&app, "2026-03-10"), 1);
        app.advance(TimeDelta::days(20));
        let officer = app.as_(Role::Officer);
        let stranger = app.at(Role::Officer, app.world().association);
        let reader = Reader::of(&app, &officer);
        let (counting, (form, pictures)) = statements_of(|| (reader.form(&march()), reader.pictures()));
        assert!(counting > 4 * HANDFUL, "{kind}: {counting}");
        assert_eq!((form.totals.inbound_delegations, form.totals.visits), (1, 2));
        let (taken, again) = statements_of(|| reader.form(&march()));
        assert!(Arc::ptr_eq(&form, &again) && taken <= HANDFUL, "{kind}: {taken}");
        let (taken, again) = statements_of(|| reader.pictures());
        assert!(Arc::ptr_eq(&pictures, &again) && taken <= HANDFUL, "{kind}: {taken}");

        stranger.get(&made.path()).expect(404);
        let (taken, again) = statements_of(|| reader.form(&march()));
        assert!(
            Arc::ptr_eq(&form, &again) && taken <= HANDFUL,
            "{kind}: what is only noted changes no figure"
        );

        one_stayed_away(&app, &mut made);
        assert_eq!(reader.totals().visits, 1, "{kind}");
        assert!(!Arc::ptr_eq(&form, &reader.form(&march())) && !Arc::ptr_eq(&pictures, &reader.pictures()));
        assert_eq!(form.totals.visits, 2, "who holds the old answer keeps it");
    }
}

#[test]
fn what_another_process_changes_is_seen_at_once() {
    on_each(|app| {
        let mut made = permitted(app, &make::body(app, "2026-03-10"), 1);
        app.advance(TimeDelta::days(20));
        let officer = app.as_(Role::Officer);
        // Another process on the same database: a store, settings and a memory of its own.
        let config = app.config();
        let clock = SetClock::at(legation::clock::Clock::now(&*app.clock));
        let store = startup::open_existing_store(&config, clock).unwrap();
        let settings = Arc::new(startup::settings(&config).unwrap());
        let (here, there) = (Reader::of(app, &officer), Reader { store: &store, settings, client: &officer });
        for reader in [&here, &there] {
            assert_eq!(reader.totals().visits, 2);
        }
        one_stayed_away(app, &mut made);
        for reader in [&there, &here] {
            assert_eq!(reader.totals().visits, 1);
        }
        store.close();
    });
}

#[test]
fn nobody_is_given_what_another_may_see() {
    on_each(|app| {
        let mut body = make::body(app, "2026-03-10");
        permitted(app, &body, 1);
        body["confidential"] = json!(true);
        let kept = permitted(app, &body, 5);
        app.advance(TimeDelta::days(20));
        let world = app.world();
        let (officer, colleague) = (app.as_(Role::Officer), app.another(Role::Officer, world.union));
        let below = app.at(Role::Officer, world.association);
        let auditor = app.as_(Role::Auditor);
        let ids = |client: &Client| -> Vec<String> {
            let form = Reader::of(app, client).form(&march());
            assert_eq!(form.totals, Reader::of(app, client).totals());
            form.dossiers.iter().map(|row| row.id.to_string()).collect()
        };
        // In this order and back: whoever comes first leaves nothing for the others.
        for (client, most) in
            [(&officer, 2), (&colleague, 1), (&below, 0), (&auditor, 2), (&colleague, 1), (&officer, 2)]
        {
            let found = ids(client);
            assert_eq!((found.len(), found.contains(&kept.id)), (most, most == 2));
        }
        let charts = "/reports/charts?year=2026&window=calendar";
        let page = Browser::of(app, Role::Officer, world.union).get(charts);
        let sum = page.text.split("<tfoot>").nth(1).unwrap().split("<td class=\"number\">").nth(1).unwrap();
        assert!(sum.starts_with("2<"), "{sum}");
        Browser::of(app, Role::Officer, world.association).get(charts).shows("chưa có đoàn nào");
        // What belongs to an organisation is the same for whoever may read it: confidential ones are counted and masked.
        let named = Asked { organisation: Some(world.union), ..march() };
        let (first, second) =
            (Reader::of(app, &officer).form(&named), Reader::of(app, &colleague).form(&named));
        assert!(Arc::ptr_eq(&first, &second) && first.totals.inbound_delegations == 2);
    });
}

#[test]
fn midnight_in_vietnam_makes_it_anew() {
    on_each(|app| {
        permitted(app, &make::body(app, "2026-03-10"), 1);
        let officer = app.as_(Role::Officer);
        let reader = Reader::of(app, &officer);
        let head = || app.read(|tx| Ok(journal::head(tx)?));
        // From the ninth at 23:00 to the tenth at 01:00 over there; in Greenwich it is the ninth all along.
        let evening: chrono::DateTime<chrono::Utc> = "2026-03-09T16:00:00Z".parse().unwrap();
        app.advance(evening - legation::clock::Clock::now(&*app.clock));
        let before = head();
        assert_eq!(reader.totals().inbound_delegations, 0);
        app.advance(TimeDelta::hours(2));
        assert_eq!((reader.totals().inbound_delegations, head()), (1, before), "nothing was written");
    });
}

#[test]
fn a_closed_return_and_what_changed_since_are_kept_too() {
    count_statements();
    for kind in databases() {
        let app = TestApp::spawn(kind);
        let officer = a_month(&app);
        app.advance(TimeDelta::days(2));
        closes(&officer, &json!({})).expect(201);
        let reader = Reader::of(&app, &officer);
        let (form, changes) = (reader.form(&march()), reader.changes());
        assert!(form.closed.is_some() && changes.dossiers.is_empty());
        let (taken, again) = statements_of(|| (reader.form(&march()), reader.changes()));
        assert!(Arc::ptr_eq(&form, &again.0) && Arc::ptr_eq(&changes, &again.1));
        assert!(taken <= 2 * HANDFUL, "{kind}: {taken}");

        late_entry(&app, &officer, 31, "2026-03-25");
        assert!(Arc::ptr_eq(&form, &reader.form(&march())), "what is closed stays, in memory too");
        let live = reader.form(&Asked { live: true, ..march() });
        assert_eq!(live.totals.inbound_delegations, form.totals.inbound_delegations + 1);
        let since = reader.changes();
        assert_eq!(since.dossiers.len(), 1);
        let restated = json!({"replaces": since.since, "reason": "Bổ sung đoàn báo muộn"});
        closes(&officer, &restated).expect(201);
        assert_eq!(reader.form(&march()).totals, live.totals, "the last closing answers");
        assert!(reader.changes().dossiers.is_empty());
    }
}

/// SQLite takes no more than 32,766 parameters in a statement.
#[test]
fn more_permitted_delegations_than_a_statement_has_room_for_are_read() {
    let app = TestApp::spawn("sqlite");
    let made = permitted(&app, &make::body(&app, "2026-03-10"), 1);
    dossiers_like(&app, &made, (1, 33_000));
    let march = march().period.range(Window::Calendar);
    let scope = returns::whole_installation();
    let found = app.read(|tx| Ok(dossiers::touching(tx, &scope, march.from, march.to)?));
    assert!(found.iter().all(|one| one.dossier.revision_in_force.is_some()));
    assert_eq!(found.len(), 33_001);
}
