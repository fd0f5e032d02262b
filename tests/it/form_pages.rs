//! Forms as a newcomer meets them: what must be filled in is marked, a list says which rows are wrong, partners can be
//! chosen, and what is known already is filled in.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use legation::clock::{self, Clock};
use legation::domain::access::Role;
use legation::http::web::controls::id as control;
use legation::store::accounts;
use serde_json::json;

use crate::app::{Client, TestApp, on_each};
use crate::make;
use crate::pages::{Browser, Page, fill};
use crate::rules;

/// What stands between the first of these and the next of those.
#[track_caller]
pub fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("no {from:?} in {text}"));
    rest.split_once(to).unwrap_or_else(|| panic!("no {to:?} after {from:?}")).0
}

/// The label or legend of a control, with its mark.
fn label<'t>(page: &'t Page, pointer: &str) -> &'t str {
    let id = control(pointer);
    match page.text.split_once(&format!("<label for=\"{id}\">")) {
        Some((_, rest)) => rest.split("</label>").next().unwrap(),
        None => between(
            between(&page.text, &format!("<fieldset id=\"{id}\""), "</fieldset>"),
            "<legend>",
            "</legend>",
        ),
    }
}

/// The ids of the controls that are marked with this word.
fn marked(page: &Page, word: &str) -> BTreeSet<String> {
    let mark = format!("<span class=\"must\">{word}</span>");
    let labels = page.text.split("<label for=\"").skip(1);
    let labels =
        labels.filter_map(|rest| rest.split_once("</label>")).filter(|(label, _)| label.contains(&mark));
    let labels = labels.map(|(label, _)| label.split('"').next().unwrap().to_owned());
    let groups = page.text.split("<fieldset id=\"").skip(1);
    let groups =
        groups.filter_map(|rest| rest.split_once("</legend>")).filter(|(group, _)| group.contains(&mark));
    labels.chain(groups.map(|(group, _)| group.split('"').next().unwrap().to_owned())).collect()
}

/// The ids of the controls that a refused form leads to.
fn refused(page: &Page) -> BTreeSet<String> {
    let summary = between(&page.text, "id=\"errors\"", "</ul>");
    summary.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[test]
fn what_a_submission_needs_is_marked_on_the_form_in_words() {
    on_each(|app| {
        let officer = Browser::of(app, Role::Officer, app.world().union);
        // These have a heading of their own instead of a label.
        let sections = ["/countries", "/programme"];
        for direction in ["inbound", "outbound"] {
            let client = app.as_(Role::Officer);
            let draft = make::draft(&client, &json!({"direction": direction}));
            let answer = draft.tries(&client, "submit", &make::declared());
            let needed: BTreeSet<String> = make::errors(&answer.expect(422))
                .into_iter()
                .filter(|(pointer, code)| code == "required" && !sections.contains(&pointer.as_str()))
                .map(|(pointer, _)| control(&pointer))
                .collect();
            let page = officer.get(&format!("/delegations/new?direction={direction}"));
            assert!(needed.len() > 6);
            assert_eq!(marked(&page, "cần khi trình"), needed, "{direction}");
            page.shows("Ô có ghi “cần khi trình”");
            assert!(between(&page.text, "Quốc gia, vùng lãnh thổ", "</legend>").contains("cần khi trình"));
            if direction == "inbound" {
                assert!(needed.contains(&control("/sensitive")) && needed.contains(&control("/guest_kinds")));
                assert!(between(&page.text, "<h2 id=\"programme\">", "</h2>").contains("cần khi trình"));
            }
            // It may be empty in a draft: the browser is not told that it must be there.
            assert!(!between(&page.text, "id=\"f-title\"", ">").contains("required"));
        }
    });
}

#[test]
fn what_an_empty_form_is_refused_for_is_what_it_marks() {
    on_each(|app| {
        let world = app.world();
        let client = app.as_(Role::Officer);
        let mut made = make::registered(app, &client, &make::body(app, "2026-04-20"), 1);
        made.does(&client, "submit", &make::declared());
        let approved = {
            let mut made = make::registered(app, &client, &make::body(app, "2026-04-20"), 11);
            make::received(app, &client, &mut made);
            make::approved(app, &mut made);
            made
        };
        let draft = make::draft(&client, &make::body(app, "2026-04-21"));
        let at = |role, place| Browser::of(app, role, place);
        let (officer, clerk) = (at(Role::Officer, world.union), at(Role::Clerk, world.foreign));
        let admin = at(Role::Admin, world.city);
        let users = format!("/office/users/{}", app.at(Role::Clerk, world.foreign).account.unwrap());
        let dossier = |id: &str, page: &str| format!("/delegations/{id}/{page}");
        for (browser, page, action) in [
            (&clerk, dossier(&made.id, "do/receive"), dossier(&made.id, "do/receive")),
            (&clerk, dossier(&approved.id, "do/issue"), dossier(&approved.id, "do/issue")),
            (&officer, dossier(&draft.id, "members"), dossier(&draft.id, "members")),
            (&officer, dossier(&draft.id, "do/cancel"), dossier(&draft.id, "do/cancel")),
            (&officer, "/partners/new".to_owned(), "/partners/new".to_owned()),
            (&officer, "/plans/new?year=2026".to_owned(), "/plans/new".to_owned()),
            (&admin, "/office/users/new".to_owned(), "/office/users/new".to_owned()),
            (&admin, users.clone(), format!("{users}/grant")),
            (&admin, "/office/organisations".to_owned(), "/office/organisations".to_owned()),
            (&officer, dossier(&draft.id, "papers/offline"), dossier(&draft.id, "papers/offline")),
        ] {
            let form = browser.get(&page);
            let marks = marked(&form, "bắt buộc");
            form.shows("Ô có ghi “bắt buộc”");
            let again = fill(browser, &page, &action, &[("year", "2026")]);
            assert!((400..500).contains(&again.status), "{page} {}", again.status);
            let missing = refused(&again);
            assert!(!missing.is_empty() && missing.is_subset(&marks), "{page}: {missing:?} of {marks:?}");
        }
    });
}

/// The fields of a dossier to which links on the page of its submission lead: on its form, and elsewhere.
fn led_to(page: &Page, id: &str, section: &str) -> (BTreeSet<String>, Vec<String>) {
    let list = between(&page.text, section, "</ul>");
    let links = list.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let form = format!("/delegations/{id}/edit#");
    let (here, elsewhere): (Vec<&str>, Vec<&str>) = links.partition(|link| link.starts_with(&form));
    let fields = here.iter().map(|link| link.trim_start_matches(&form).to_owned()).collect();
    (fields, elsewhere.into_iter().map(str::to_owned).collect())
}

#[test]
fn a_submission_is_refused_once_for_what_its_pages_told_before() {
    on_each(|app| {
        rules::at(app, "2026-09-09T09:00");
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let client = app.as_(Role::Officer);
        let partly = json!({
            "direction": "inbound", "title": "Đoàn Nantes", "rank": "c", "guest_kinds": ["ngo"],
            "arrives_on": "2026-09-30",
            "programme": [{"starts_at": "2026-09-10T08:30:00", "what": "Làm việc",
                "place": {"name": "Trụ sở", "zone": "normal"}}],
        });
        let made = make::draft(&client, &partly);
        let page = format!("/delegations/{}", made.id);
        let (edit, submit) = (format!("{page}/edit"), format!("{page}/do/submit"));
        let form = officer.get(&edit);
        let marks = marked(&form, "cần khi trình");
        for (pointer, marks_it) in [
            ("/title", false),
            ("/rank", false),
            ("/guest_kinds", false),
            ("/purpose", true),
            ("/sensitive", true),
            // The decree on foreign press is in force, and the guests are of an organisation that must be registered.
            ("/press", true),
            ("/ngo_registration/number", true),
            ("/ngo_registration/expires_on", true),
        ] {
            assert_eq!(marks.contains(&control(pointer)), marks_it, "{pointer} in {marks:?}");
        }
        assert!(!between(&form.text, "<h2 id=\"programme\">", "</h2>").contains("cần khi trình"));
        // Told before, the same when it is pressed: the countries have a legend, and a rule speaks of its first field.
        let before = officer.get(&submit);
        before.shows("Còn thiếu trước khi trình");
        let (fields, elsewhere) = led_to(&before, &made.id, "id=\"lacking\"");
        let legends = BTreeSet::from([control("/countries/0")]);
        let behind = BTreeSet::from([control("/ngo_registration/expires_on")]);
        assert_eq!(fields, &(&marks - &behind) | &legends);
        assert_eq!(elsewhere, [format!("{page}/members")]);
        let pressed = fill(&officer, &submit, &submit, &[]);
        assert_eq!(pressed.status, 422);
        let (pressed_fields, elsewhere) = led_to(&pressed, &made.id, "id=\"errors\"");
        assert_eq!(pressed_fields, fields);
        assert_eq!(elsewhere.last().unwrap(), "#f-contains_no_state_secret");
        assert!(!pressed.text.contains("Còn thiếu trước khi trình"), "it is not said twice");
        let problem = made.tries(&client, "submit", &make::declared()).refused(422, "validation-failed");
        assert_eq!(problem["violations"][0]["rule"], "IN-NGO-REG");
        // When everything that was named is filled in, nothing is left to be named.
        let mut made = made;
        let mut whole = make::body(app, "2026-09-30");
        whole["press"] = json!(false);
        whole["guest_kinds"] = json!(["ngo"]);
        whole["ngo_registration"] = json!({"number": "12/GP", "expires_on": "2027-01-01"});
        made.edits(&client, &whole);
        made.does(&client, "members", &make::guest(1, "head"));
        assert!(!officer.get(&submit).text.contains("Còn thiếu trước khi trình"));
        assert_eq!(marked(&officer.get(&edit), "cần khi trình"), BTreeSet::new());
        made.does(&client, "submit", &make::declared());
    });
}

#[test]
fn what_is_too_much_says_how_much_is_taken() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let long = json!({"direction": "inbound", "title": "ă".repeat(340), "purpose": "x".repeat(5001)});
        let refused = client.post("/api/v1/delegations", &long).refused(422, "validation-failed");
        let title = &refused["errors"][0];
        assert_eq!((&title["pointer"], &title["code"]), (&json!("/title"), &json!("too-long")));
        assert_eq!(title["limit"], json!({"most": 300, "there": 340, "of": "characters"}));
        assert_eq!(title["message"], "Tối đa 300 ký tự; đang có 340");
        let english = Client { lang: Some("en"), ..client.clone() };
        let refused = english.post("/api/v1/delegations", &long).refused(422, "validation-failed");
        assert_eq!(refused["errors"][1]["message"], "At most 5,000 characters; there are 5,001");
        let many = json!({"direction": "inbound", "countries": vec!["FR"; 201]});
        let refused = client.post("/api/v1/delegations", &many).refused(422, "validation-failed");
        assert_eq!(refused["errors"][0]["message"], "Tối đa 200 mục; đang có 201");
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let (new, long) = ("/delegations/new", "ă".repeat(340));
        let page = fill(&officer, new, new, &[("/direction", "inbound"), ("/title", &long)]);
        page.shows("id=\"f-title-error\">Tối đa 300 ký tự; đang có 340").shows(&long);
    });
}

#[test]
fn who_is_sent_is_described_on_pages_as_the_rules_ask() {
    on_each(|app| {
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let client = app.as_(Role::Officer);
        let mut body = make::late(app, "2026-03-25");
        body["direction"] = json!("outbound");
        body["leaves_vn_on"] = json!("2026-03-25");
        body["enters_vn_on"] = json!("2026-03-28");
        let made = make::draft(&client, &body);
        let page = format!("/delegations/{}", made.id);
        let (members, submit) = (format!("{page}/members"), format!("{page}/do/submit"));
        let head = [("/full_name", "Trần Thị Lan"), ("/role", "head"), ("/nationality", "VN")];
        let page = fill(&officer, &members, &members, &head);
        page.shows("Chưa ghi: Cấp quản lý cán bộ").shows("Chưa ghi: Chức danh lãnh đạo");
        officer.get(&submit).shows(&format!("href=\"{members}\">Cấp quản lý cán bộ</a>"));
        let edit = between(&page.text, "class=\"act\" href=\"", "\"").to_owned();
        let page = fill(&officer, &edit, &edit, &[("/managed_by", "unit"), ("/leadership", "head")]);
        page.shows("Đơn vị quản lý").shows("Cấp trưởng");
        assert!(!officer.get(&submit).text.contains("Còn thiếu trước khi trình"));
        assert!(!officer.get("/delegations/new").text.contains("f-managed_by"));
    });
}

#[test]
fn a_partner_is_chosen_on_the_form_or_added_without_losing_it() {
    on_each(|app| {
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let client = app.as_(Role::Officer);
        let partner = |name: &str| {
            let body = json!({"name": name, "country": "FR"});
            client.post("/api/v1/partners", &body).expect(201)["id"].as_str().unwrap().to_owned()
        };
        let nantes = partner("Ville de <Nantes>");
        let page = officer.get("/delegations/new");
        let option = format!("<option value=\"{nantes}\">Ville de &#60;Nantes&#62; (Pháp)</option>");
        page.shows(&option);
        assert_eq!(label(&page, "/partner_id"), "Đối tác");
        // What Enter presses saves the draft, and nothing else.
        let first = between(&page.text, "<form action=\"/delegations/new\"", "</form>");
        assert!(
            first.find("<button type=\"submit\" hidden>").unwrap() < first.find("name=\"then\"").unwrap()
        );
        // One that is missing: the draft is saved, the partner added, and chosen when one comes back.
        let typed = [("/direction", "inbound"), ("/title", "Đoàn Brest"), ("then", "partner")];
        let form = fill(&officer, "/delegations/new", "/delegations/new", &typed);
        assert!(form.path.starts_with("/partners/new?delegation="), "{}", form.path);
        let dossier = form.hidden("delegation");
        let bad =
            fill(&officer, &form.path, "/partners/new", &[("delegation", &dossier), ("/name", "Brest")]);
        assert_eq!((bad.status, bad.hidden("delegation")), (422, dossier.clone()));
        let typed = [("delegation", dossier.as_str()), ("/name", "Brest"), ("/country", "FR")];
        let back = fill(&officer, &form.path, "/partners/new", &typed);
        assert!(back.path.starts_with(&format!("/delegations/{dossier}/edit?partner=")), "{}", back.path);
        back.shows(" selected>Brest (Pháp)</option>").shows("value=\"Đoàn Brest\"");
        let brest = back.path.split("partner=").nth(1).unwrap().split('#').next().unwrap().to_owned();
        let edit = format!("/delegations/{dossier}/edit");
        fill(&officer, &back.path, &edit, &[("/title", "Đoàn Brest"), ("/partner_id", &brest)]);
        let saved = client.get(&format!("/api/v1/delegations/{dossier}")).expect(200);
        assert_eq!(saved["partner_id"], json!(brest), "{saved}");
        // It is said by its name wherever the dossier is read.
        officer.get(&format!("/delegations/{dossier}")).shows("<dd>Brest</dd>");
        officer.get(&format!("/delegations/{dossier}/do/submit")).shows("<dd>Brest</dd>");
        // A made-up one is refused at its field.
        let wrong = fill(&officer, &edit, &edit, &[("/partner_id", &dossier)]);
        assert!(wrong.status == 422 && refused(&wrong).contains("f-partner_id"), "{}", wrong.text);
    });
}

#[test]
fn whoever_decides_sees_the_visits_of_the_partner_that_the_form_named() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let body = json!({"name": "Ville de Nantes", "country": "FR"});
        let partner = client.post("/api/v1/partners", &body).expect(201)["id"].clone();
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let mut made = make::registered(app, &client, &make::body(app, "2026-04-20"), 1);
        let edit = format!("/delegations/{}/edit", made.id);
        fill(&officer, &edit, &edit, &[("/partner_id", partner.as_str().unwrap())]);
        made.seen(&client);
        make::received(app, &client, &mut made);
        let appraiser = Browser::of(app, Role::Appraiser, app.world().foreign);
        let page = appraiser.get(&format!("/delegations/{}/do/advance", made.id));
        page.shows("Các lần trước của Ville de Nantes").shows("<dd>Ville de Nantes</dd>");
    });
}

#[test]
fn a_pasted_list_says_first_which_rows_are_wrong_and_what_becomes_of_the_others() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let made = make::draft(&client, &make::body(app, "2026-04-20"));
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let (page, paste) =
            (format!("/delegations/{}/members", made.id), format!("/delegations/{}/members/paste", made.id));
        let row = |no: usize| match no {
            3 => "TANAKA 3\tNam\t31/02/1980\tNhật Bản".to_owned(),
            7 => "SATO 7\tNam\t01/02/1980\tAtlantis".to_owned(),
            _ => format!("KHÁCH {no}\tNam\t01/02/1980\tNhật Bản"),
        };
        let list = || -> String { (1..=12).map(|no| row(no) + "\n").collect() };
        let list_of = list();
        let said = fill(&officer, &page, &paste, &[("pasted", &list_of)]);
        let summary = between(&said.text, "id=\"errors\"", "</div>");
        assert!(summary.contains("<h2>2 dòng lỗi trên 12</h2>"), "{summary}");
        for (line, words) in [(3, "Ngày sinh"), (7, "Quốc tịch")] {
            assert!(summary.contains(&format!("href=\"#line-{line}\">Dòng {line}: {words}")), "{summary}");
            said.shows(&format!("<tr id=\"line-{line}\" class=\"wrong\">"));
        }
        assert!(summary.contains("Chưa thêm ai. 10 dòng đọc được"), "{summary}");
        assert!(said.text.find("id=\"errors\"").unwrap() < said.text.find("id=\"line-1\"").unwrap());
        // Confirmed all the same, nobody is added, and it is said again.
        let said = fill(&officer, &page, &paste, &[("pasted", &list_of), ("confirm", "1")]);
        said.shows("2 dòng lỗi trên 12");
        assert_eq!(made.members(&client).len(), 0);
        // More than can be named are counted.
        let many: String =
            (1..=23).fold(String::new(), |all, no| all + &format!("A {no}\tNam\t31/02/1980\tPháp\n"));
        let said = fill(&officer, &page, &paste, &[("pasted", &many)]);
        said.shows("23 dòng lỗi trên 23").shows("Còn 3 dòng lỗi nữa");
        assert_eq!(between(&said.text, "id=\"errors\"", "</div>").matches("href=\"#line-").count(), 20);
        // A list without a fault says nothing of the kind.
        let good = fill(&officer, &page, &paste, &[("pasted", "KHÁCH MỘT\tNam\t01/02/1980\tNhật Bản\n")]);
        assert!(
            !good.text.contains("dòng lỗi trên") && good.text.contains("name=\"confirm\""),
            "{}",
            good.text
        );
    });
}

#[test]
fn a_ledger_says_first_which_rows_are_wrong() {
    on_each(|app| {
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let path = "/delegations/ledger";
        let good = "Đoàn Lyon\tPháp\t05/02/2025\t06/02/2025\t5\n";
        let bad = format!("{good}Đoàn Nice\tAtlantis\t31/02/2025\t\tnhiều\n");
        for confirm in [&[][..], &[("confirm", "1")]] {
            let fields: Vec<(&str, &str)> =
                [("pasted", bad.as_str())].into_iter().chain(confirm.iter().copied()).collect();
            let page = fill(&officer, path, path, &fields);
            let summary = between(&page.text, "id=\"errors\"", "</div>");
            assert!(summary.contains("<h2>1 dòng lỗi trên 2</h2>"), "{summary}");
            assert!(
                summary.contains("href=\"#line-2\">Dòng 2: ") && summary.contains("Quốc gia"),
                "{summary}"
            );
            assert!(summary.contains("Chưa nhập dòng nào. 1 dòng còn lại"), "{summary}");
            page.shows("<tr id=\"line-2\" class=\"wrong\">");
        }
        assert_eq!(make::count(app, "dossiers"), 0);
    });
}

#[test]
fn the_desk_has_its_own_words_and_what_is_known_is_filled_in() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let mut made = make::registered(app, &client, &make::body(app, "2026-04-20"), 1);
        made.does(&client, "submit", &make::declared());
        let clerk = Browser::of(app, Role::Clerk, app.world().foreign);
        let path = format!("/delegations/{}/do/receive", made.id);
        let page = clerk.get(&path);
        assert!(label(&page, "/number").starts_with("Số đến"), "{}", page.text);
        assert!(label(&page, "/at").starts_with("Ngày, giờ đến"));
        // A time to come is refused by the name that it has here.
        let late = fill(&clerk, &path, &path, &[("/number", "12"), ("/at:at", "01/01/2030 08:00")]);
        assert_eq!(late.status, 422);
        late.shows("href=\"#f-at\">Ngày, giờ đến").shows("value=\"01/01/2030 08:00\"");
        let empty = fill(&clerk, &path, &path, &[("/number", " ")]);
        assert!(between(&empty.text, "id=\"errors\"", "</ul>").contains("Số đến"), "{}", empty.text);
        // As it was typed, on Vietnam's clock.
        let came = clock::in_vietnam(app.clock.now() - TimeDelta::hours(2)).naive_local();
        let typed = came.format("%d/%m/%Y %H:%M").to_string();
        let done = fill(&clerk, &path, &path, &[("/number", "12/ĐĐ"), ("/at:at", &typed)]);
        assert_eq!(done.status, 200, "{}", done.text);
        let seen = made.seen(&client);
        assert_eq!(seen["incoming"]["number"], json!("12/ĐĐ"));
        let kept = seen["incoming"]["at"].as_str().unwrap();
        assert!(kept.starts_with(&came.format("%Y-%m-%dT%H:%M").to_string()), "{seen}");
        // The paper: today, and whoever approved, both to be typed over.
        make::approved(app, &mut made);
        let path = format!("/delegations/{}/do/issue", made.id);
        let page = clerk.get(&path);
        assert!(label(&page, "/number").starts_with("Số văn bản"), "{}", page.text);
        let today = clock::day_in_vietnam(app.clock.now()).format("%d/%m/%Y").to_string();
        page.shows(&format!("name=\"/date:date\" value=\"{today}\""));
        let approver = name_of(app, &app.as_(Role::Approver));
        page.shows(&format!("name=\"/signer\" value=\"{approver}\""));
        let ticked = clerk.get(&format!("/inbox/issue?d={}", made.id));
        ticked.shows(&format!("value=\"{today}\"")).shows(&format!("name=\"/signer\" value=\"{approver}\""));
        assert!(label(&ticked, "/rows/0/number").starts_with("Số văn bản"));
        let typed = [
            ("/number", "5"),
            ("/symbol", "UBND-ĐN"),
            ("/date:date", today.as_str()),
            ("/signer", "Nguyễn Văn Khác"),
            ("/forms:list", "TM"),
        ];
        let done = fill(&clerk, &path, &path, &typed);
        assert_eq!(done.status, 200, "{}", done.text);
        assert_eq!(made.seen(&client)["permit"]["signer"], json!("Nguyễn Văn Khác"));
    });
}

/// The name of whoever a client is signed in as.
fn name_of(app: &TestApp, client: &Client) -> String {
    let account = client.account.unwrap();
    app.read(|tx| Ok(accounts::load(tx, account)?)).unwrap().display_name
}
