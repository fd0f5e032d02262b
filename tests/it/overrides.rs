//! A request to pass a rule by waits for somebody: his inbox and the status line say so until it is answered.

use chrono::TimeDelta;
use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::{Client, TestApp, on_each};
use super::make::{self, Made};

/// A delegation of a foreign organisation without a registration: against a rule of law, which needs two persons.
fn against_the_law(app: &TestApp, officer: &Client) -> Made {
    let mut body = make::body(app, "2026-03-20");
    body["guest_kinds"] = json!(["ngo"]);
    make::registered(app, officer, &body, 1)
}

fn asked(made: &Made, officer: &Client) -> String {
    let body = json!({"rule": "IN-NGO-REG", "reason": "Giấy đăng ký đang gia hạn"});
    made.tries(officer, "overrides", &body).expect(201)["id"].as_str().unwrap().to_owned()
}

/// What waits in an inbox because of an override: dossier, override, rule, since when.
fn awaited(client: &Client) -> Vec<(String, String, String, String)> {
    let inbox = client.get("/api/v1/inbox").expect(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let items = inbox["items"].as_array().unwrap().iter().filter(|item| item["waits_for"] == "override");
    let row = |item: &Value| {
        (
            text(&item["delegation"]["id"]),
            text(&item["override_id"]),
            text(&item["rule"]),
            text(&item["since"]),
        )
    };
    items.map(row).collect()
}

fn line(made: &mut Made, client: &Client) -> Vec<Value> {
    made.seen(client)["waiting_for"].as_array().unwrap().clone()
}

fn names(app: &TestApp, clients: &[&Client]) -> Value {
    let name = |client: &&Client| {
        let id = client.account.unwrap();
        app.read(|tx| Ok(legation::store::accounts::load(tx, id)?)).unwrap().display_name
    };
    let mut names: Vec<String> = clients.iter().map(name).collect();
    names.sort();
    json!(names)
}

#[test]
fn an_override_waits_in_the_inbox_of_those_who_may_answer_it() {
    on_each(|app| {
        let world = *app.world();
        let officer = app.as_(Role::Officer);
        let (leader, deputy) =
            (app.at(Role::Approver, world.union), app.another(Role::Approver, world.union));
        let chairman = app.at(Role::Approver, world.city);
        let secretary = app.at(Role::Secretary, world.union);
        let others = [
            app.as_(Role::Approver),
            app.at(Role::Approver, world.university),
            app.as_(Role::Appraiser),
            app.as_(Role::Clerk),
            app.at(Role::Secretary, world.office),
            officer.clone(),
        ];
        // Who filed it may not answer, whichever role he has.
        let filer = app.with_role(&officer, Role::Approver, world.union);
        let mut made = against_the_law(app, &officer);
        assert_eq!(awaited(&leader), []);
        let id = asked(&made, &officer);
        let dossier = made.id.clone();
        let waits =
            |since: &str| vec![(dossier.clone(), id.clone(), "IN-NGO-REG".to_owned(), since.to_owned())];
        let first = waits("2026-03-02T02:00:00Z");
        for client in [&leader, &deputy, &chairman, &secretary] {
            assert_eq!(awaited(client), first);
        }
        for client in others.iter().chain([&filer]) {
            assert_eq!(awaited(client), []);
        }
        let shown = line(&mut made, &officer);
        let kinds: Vec<&Value> = shown.iter().map(|one| &one["kind"]).collect();
        assert_eq!(kinds, ["override", "submit"]);
        assert_eq!(
            (&shown[0]["override_id"], &shown[0]["role"], &shown[0]["since"], &shown[0]["people"]),
            (
                &json!(id),
                &json!("approver"),
                &json!("2026-03-02T02:00:00Z"),
                &names(app, &[&leader, &deputy, &chairman])
            )
        );
        assert_eq!(
            (&shown[0]["title_vi"], &shown[0]["title_en"]),
            (
                &json!("Trả lời đề nghị ngoại lệ: Đăng ký của tổ chức phi chính phủ nước ngoài"),
                &json!(
                    "Answer the request for an override: Registration of a foreign non-governmental organisation"
                )
            )
        );

        // The first of two persons has answered: it waits for the second since then.
        app.advance(TimeDelta::hours(1));
        let yes = json!({"granted": true});
        made.tries(&leader, &format!("overrides/{id}/answers"), &yes).expect(200);
        assert_eq!(awaited(&leader), []);
        assert_eq!(awaited(&deputy), waits("2026-03-02T03:00:00Z"));
        let shown = line(&mut made, &officer);
        assert_eq!(
            (&shown[0]["since"], &shown[0]["people"]),
            (&json!("2026-03-02T03:00:00Z"), &names(app, &[&deputy, &chairman]))
        );
        // Another delegation than was asked for: nobody needs to answer, until it is again the same.
        made.edits(&officer, &json!({"title": "Đoàn khác"}));
        assert_eq!((awaited(&deputy), line(&mut made, &officer).len()), (vec![], 1));
        made.edits(&officer, &json!({"title": "Đoàn Hội hữu nghị Pháp - Việt"}));
        assert_eq!(awaited(&deputy).len(), 1);
        // Granted: it waits for the officer alone.
        made.tries(&deputy, &format!("overrides/{id}/answers"), &yes).expect(200);
        for client in [&leader, &deputy, &chairman, &secretary] {
            assert_eq!(awaited(client), []);
        }
        let shown = line(&mut made, &officer);
        assert_eq!((shown.len(), &shown[0]["kind"]), (1, &json!("submit")));
    });
}

#[test]
fn a_refused_override_waits_for_nobody() {
    on_each(|app| {
        let (officer, leader) = (app.as_(Role::Officer), app.at(Role::Approver, app.world().union));
        let mut made = against_the_law(app, &officer);
        let id = asked(&made, &officer);
        assert_eq!(awaited(&leader).len(), 1);
        let no = json!({"granted": false, "comment": "Chưa đủ"});
        made.tries(&leader, &format!("overrides/{id}/answers"), &no).expect(200);
        assert_eq!(awaited(&app.at(Role::Approver, app.world().city)), []);
        assert_eq!(line(&mut made, &officer).len(), 1);
    });
}

#[test]
fn of_a_confidential_dossier_only_those_who_are_named_hear() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let leader = app.at(Role::Approver, app.world().union);
        let mut body = make::body(app, "2026-03-20");
        body["guest_kinds"] = json!(["ngo"]);
        body["confidential"] = json!(true);
        let mut made = make::registered(app, &officer, &body, 1);
        asked(&made, &officer);
        let newcomer = app.another(Role::Approver, app.world().union);
        assert_eq!((awaited(&leader).len(), awaited(&newcomer).len()), (1, 0));
        assert_eq!(line(&mut made, &officer)[0]["people"], names(app, &[&leader]));
    });
}
