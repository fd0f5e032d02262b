//! A confidential delegation is not lost with the officer who is away: a colleague is named, by API and on a page.

use legation::domain::access::Role;
use serde_json::json;

use super::app::on_each;
use super::make::{self, errors};
use super::pages::Browser;

#[test]
fn a_colleague_is_named_and_nobody_else_can_be() {
    on_each(|app| {
        let world = *app.world();
        let officer = app.as_(Role::Officer);
        let mut body = make::body(app, "2026-03-20");
        body["confidential"] = json!(true);
        let made = make::registered(app, &officer, &body, 1);
        let path = format!("{}/readers", made.path());
        let colleague = app.another(Role::Officer, world.union);
        let elsewhere = app.at(Role::Officer, world.association);
        colleague.get(&made.path()).expect(404);
        colleague.get(&path).expect(404);

        let of = |client: &super::app::Client| json!({"account_id": client.account.unwrap()});
        colleague.post(&path, &of(&colleague)).expect(404);
        let refused = officer.post(&path, &of(&elsewhere)).expect(422);
        assert_eq!(errors(&refused), [("/account_id".to_owned(), "unknown-account".to_owned())]);
        let named = officer.post(&path, &of(&colleague)).expect(200);
        assert_eq!(named["items"].as_array().unwrap().len(), 2, "with whoever wrote it: {named}");
        colleague.get(&made.path()).expect(200);
        assert_eq!(colleague.get(&path).expect(200)["items"], named["items"]);
        elsewhere.get(&made.path()).expect(404);

        let told = |times| {
            let journal = app.as_(Role::Auditor).get("/api/v1/journal?action=delegation.reader_named");
            assert_eq!(journal.expect(200)["items"].as_array().unwrap().len(), times);
        };
        told(1);
        officer.post(&path, &of(&colleague)).expect(200);
        told(1);
        // Where everybody may know of it nobody is named.
        let open = make::registered(app, &officer, &make::body(app, "2026-03-20"), 11);
        let path = format!("{}/readers", open.path());
        assert_eq!(officer.get(&path).expect(200)["items"], json!([]));
        officer.post(&path, &of(&colleague)).expect(422);
        elsewhere.post(&path, &of(&colleague)).expect(404);
    });
}

#[test]
fn the_page_offers_colleagues_and_says_who_may_see_it() {
    on_each(|app| {
        let world = *app.world();
        let mut body = make::body(app, "2026-03-20");
        body["confidential"] = json!(true);
        let made = make::registered(app, &app.as_(Role::Officer), &body, 1);
        let colleague = app.another(Role::Officer, world.union).account.unwrap().to_string();
        let officer = Browser::of(app, Role::Officer, world.union);
        let path = format!("/delegations/{}/readers", made.id);
        officer.get(&format!("/delegations/{}", made.id)).shows(&format!("href=\"{path}\""));
        let page = officer.get(&path);
        page.shows(&format!("<option value=\"{colleague}\""));
        let (csrf, key) = (page.hidden("csrf"), page.hidden("key"));
        let none = officer.post(&path, &[("csrf", &csrf), ("key", &key)]);
        assert_eq!(none.status, 422, "{}", none.text);
        let key = none.hidden("key");
        let page = officer.post(&path, &[("csrf", &csrf), ("key", &key), ("/account_id", &colleague)]);
        assert_eq!((page.status, page.path.as_str()), (200, path.as_str()), "{}", page.text);
        assert!(!page.text.contains(&colleague), "named, and offered no more");
    });
}
