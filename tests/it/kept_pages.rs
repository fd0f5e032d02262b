//! What was typed and not saved: each form in a place of its own, listed where its writer begins, and thrown away there.

use chrono::TimeDelta;
use legation::domain::access::Role;
use legation::http::web::routes;
use serde_json::json;

use crate::app::on_each;
use crate::desk_pages::{parts, sends};
use crate::form_pages::between;
use crate::make;
use crate::pages::{Browser, Page, fill};

const INBOUND: &str = "/delegations/new";
const OUTBOUND: &str = "/delegations/new?direction=outbound";

/// The list of what is kept on a page; empty where there is none.
fn unsaved(page: &Page) -> &str {
    if page.text.contains("id=\"unsaved\"") {
        between(&page.text, "id=\"unsaved\"", "</section>")
    } else {
        ""
    }
}

#[test]
fn what_one_tab_has_typed_outlives_the_sign_out_in_another() {
    on_each(|app| {
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let form = officer.get(INBOUND);
        let csrf = officer.get("/").hidden("csrf");
        officer.post("/sign-out", &[("csrf", &csrf)]).shows("Phiên làm việc đã kết thúc");
        let (token, key) = (form.hidden("csrf"), form.hidden("key"));
        let typed =
            [("csrf", token.as_str()), ("key", &key), ("/direction", "inbound"), ("/title", "Đoàn Lyon")];
        let page = officer.post("/delegations/new", &typed);
        assert_eq!(page.path, "/sign-in?next=%2Fdelegations%2Fnew");
        assert_eq!(
            officer.get("/delegations").path,
            "/sign-in?next=%2Fdelegations",
            "the cookie opens nothing"
        );
        let officer = Browser::of(app, Role::Officer, app.world().union);
        officer.get(INBOUND).shows("value=\"Đoàn Lyon\"").shows("được giữ lại");
    });
}

#[test]
fn new_dossiers_of_both_directions_are_kept_side_by_side_and_listed() {
    on_each(|app| {
        let of = || Browser::of(app, Role::Officer, app.world().union);
        let officer = of();
        let (csrf, key) = {
            let page = officer.get(INBOUND);
            (page.hidden("csrf"), page.hidden("key"))
        };
        app.advance(TimeDelta::days(2));
        let late = |direction: &str, title: &str| {
            let fields =
                [("csrf", csrf.as_str()), ("key", &key), ("/direction", direction), ("/title", title)];
            officer.post("/delegations/new", &fields)
        };
        assert_eq!(late("inbound", "Đoàn <vào>").path, "/sign-in?next=%2Fdelegations%2Fnew");
        // Signing in leads back to the form of this direction.
        let sent = late("outbound", "Đoàn ra");
        assert_eq!(sent.path, "/sign-in?next=%2Fdelegations%2Fnew%3Fdirection%3Doutbound");
        let officer = of();
        let (inbound, outbound) = (officer.get(INBOUND), officer.get(OUTBOUND));
        inbound.shows("value=\"Đoàn &#60;vào&#62;\"").shows("được giữ lại");
        outbound.shows("value=\"Đoàn ra\"").shows("được giữ lại");
        // Each names the other, and the first page both; nobody else is told.
        assert!(unsaved(&inbound).contains("Hồ sơ đoàn ra mới") && !unsaved(&inbound).contains("vào mới"));
        assert!(unsaved(&outbound).contains("Hồ sơ đoàn vào mới"));
        let home = officer.get("/");
        for (place, words) in [(INBOUND, "Hồ sơ đoàn vào mới"), (OUTBOUND, "Hồ sơ đoàn ra mới")]
        {
            assert!(
                unsaved(&home).contains(&format!("<a href=\"{place}\">{words}</a>")),
                "{}",
                unsaved(&home)
            );
        }
        assert!(unsaved(&home).contains("(từ "));
        assert_eq!(unsaved(&Browser::of(app, Role::Clerk, app.world().foreign).get("/")), "");
        // One is thrown away from the list, which is shown again; the other stays.
        let fields = [("csrf", home.hidden("csrf")), ("path", OUTBOUND.to_owned()), ("back", "/".to_owned())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let home = officer.post("/kept/discard", &fields);
        assert_eq!(home.path, "/");
        assert!(unsaved(&home).contains("vào mới") && !unsaved(&home).contains("ra mới"));
        // A draft of the other direction that is saved takes nothing of it along; its own does.
        fill(&officer, OUTBOUND, "/delegations/new", &[("/direction", "outbound"), ("/title", "Đoàn ra")]);
        officer.get(INBOUND).shows("Đoàn &#60;vào&#62;");
        fill(&officer, INBOUND, "/delegations/new", &[("/direction", "inbound"), ("/title", "Đoàn vào")]);
        assert_eq!(unsaved(&officer.get("/")), "");
        assert_eq!(make::count(app, "kept_forms"), 0);
    });
}

#[test]
fn what_is_listed_was_typed_and_is_named_by_its_dossier() {
    on_each(|app| {
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let made =
            make::draft(&app.as_(Role::Officer), &json!({"direction": "inbound", "title": "Đoàn Nantes"}));
        let dossier = format!("/delegations/{}", made.id);
        // Refused, but nobody typed anything.
        let submit = format!("{dossier}/do/submit");
        assert_eq!(fill(&officer, &submit, &submit, &[]).status, 422);
        assert_eq!(unsaved(&officer.get("/")), "");
        let edit = format!("{dossier}/edit");
        let long = "ă".repeat(301);
        assert_eq!(fill(&officer, &edit, &edit, &[("/title", &long)]).status, 422);
        let home = officer.get("/");
        let line = format!("<a href=\"{edit}\">Sửa hồ sơ – Đoàn Nantes</a>");
        assert!(unsaved(&home).contains(&line), "{}", unsaved(&home));
    });
}

#[test]
fn what_was_typed_beside_a_file_is_kept_without_the_file() {
    on_each(|app| {
        let of = || Browser::of(app, Role::Officer, app.world().union);
        let officer = of();
        let made =
            make::draft(&app.as_(Role::Officer), &json!({"direction": "inbound", "title": "Đoàn Nantes"}));
        let path = format!("/delegations/{}/papers", made.id);
        let page = officer.get(&path);
        let (csrf, key, version) = (page.hidden("csrf"), page.hidden("key"), page.hidden("version"));
        let fields = [
            ("csrf", csrf.as_str()),
            ("key", &key),
            ("version", &version),
            ("/kind", "request_letter"),
            ("/number", "99/LHHN-VP"),
        ];
        app.advance(TimeDelta::days(2));
        let body = || parts(&fields, Some(("a.pdf", b"%PDF-1.7 nobody-keeps-this")));
        let sent = sends(&officer, &path, body());
        assert!(sent.headers["location"].starts_with("/sign-in?next="), "{:?}", sent.headers);
        // Who has no cookie of ours has nothing to lose, and a wrong token keeps nothing.
        assert_eq!(sends(&Browser::new(app), &path, body()).status, 303);
        assert_eq!(make::count(app, "kept_forms"), 1);
        assert_eq!(make::count(app, "files"), 0);
        let officer = of();
        officer.get(&path).shows("99/LHHN-VP").shows("được giữ lại");
        assert!(unsaved(&officer.get("/")).contains("Thêm giấy tờ – Đoàn Nantes"));
        let kept: Vec<Vec<u8>> = app
            .read(|tx| {
                let account = app.at(Role::Officer, app.world().union).account.unwrap();
                Ok(legation::store::kept_forms::list(tx, account, 9)?)
            })
            .into_iter()
            .map(|(_, sealed, _)| sealed)
            .collect();
        assert!(kept.iter().all(|sealed| sealed.len() < 400), "no bytes of a file");
    });
}

#[test]
fn a_path_finds_the_page_that_shows_it() {
    for (path, page) in [
        ("/delegations/new", Some("/delegations/new")),
        ("/delegations/0190/edit", Some("/delegations/{id}/edit")),
        ("/delegations/0190/members/1/remove", None),
        ("/nowhere", None),
    ] {
        assert_eq!(routes::page_of(path), page, "{path}");
    }
}
