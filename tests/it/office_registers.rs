//! Pages of the registers: organisations, the rulebook, the calendar, guests, partners, the annual plan.

use legation::domain::access::Role;
use serde_json::json;

use super::app::on_each;
use super::make;
use super::pages::{Browser, fill};

#[test]
fn organisations_are_a_tree_in_the_order_of_the_alphabet() {
    on_each(|app| {
        let world = app.world();
        let admin = Browser::of(app, Role::Admin, world.city);
        let page = admin.get("/office/organisations");
        let at = |name: &str| page.text.find(name).unwrap_or_else(|| panic!("{name}: {}", page.text));
        let city = at("Ủy ban nhân dân thành phố");
        let union = at("Liên hiệp các tổ chức hữu nghị<small>LHHN");
        let association = at("Hội hữu nghị Việt - Nga<small>HN-NGA");
        let department = at("Sở Ngoại vụ<small>SNGV");
        assert!(city < union && union < association && association < department);
        page.shows("class=\"level-2\"");
        let parent = world.union.to_string();
        let typed = [
            ("/name_vi", "Hội hữu nghị Việt - Ấn <script>"),
            ("/name_en", "Vietnam - India Friendship Association"),
            ("/code", "HN-AN"),
            ("/kind", "association"),
            ("/parent_id", &parent),
        ];
        let mut taken = typed.to_vec();
        taken[2] = ("/code", "LHHN");
        let refused = fill(&admin, "/office/organisations", "/office/organisations", &taken);
        assert_eq!(refused.status, 422);
        refused.shows("href=\"#f-code\"").shows("value=\"LHHN\"");
        let page = fill(&admin, "/office/organisations", "/office/organisations", &typed);
        assert_eq!(page.status, 200, "{}", page.text);
        page.shows("Việt - Ấn &#60;script&#62;<small>HN-AN");
        assert!(!page.text.contains("<script>"));

        let edit = format!("/office/organisations/{}", world.association);
        let form = admin.get(&edit);
        let names = [("/name_vi", "Hội hữu nghị Việt - Nga mới"), ("/name_en", "New name")];
        let empty = fill(&admin, &edit, &edit, &[("/name_vi", " "), ("/name_en", "x")]);
        assert_eq!(empty.status, 422);
        let page = fill(&admin, &edit, &edit, &names);
        assert_eq!(page.path, "/office/organisations");
        page.shows("Hội hữu nghị Việt - Nga mới");
        // With the version that was seen before, it is not changed again.
        let (csrf, version) = (form.hidden("csrf"), form.hidden("version"));
        let stale = [("csrf", csrf.as_str()), ("version", &version), names[0], names[1]];
        assert_eq!(admin.post(&edit, &stale).status, 412);
        let told = app.as_(Role::Auditor).get("/api/v1/journal?action=organisation.renamed").expect(200);
        assert_eq!(told["items"].as_array().unwrap().len(), 1);
        assert_eq!(Browser::of(app, Role::Officer, world.union).get(&edit).status, 403);
    });
}

/// By which day, with which papers and by whose leave: asked before there is a dossier.
#[test]
fn the_rules_are_tried_on_a_page_and_say_what_the_api_says() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let officer = Browser::of(app, Role::Officer, app.world().union);
        officer.get("/office/rules").shows("href=\"/office/rules/try\"");
        officer.get("/office/rules/try").shows("kết quả hiện ở đây").shows("name=\"/arrives_on:date\"");
        let facts = json!({"direction": "inbound", "filed_on": "2026-03-10", "arrives_on": "2026-04-20",
            "departs_on": "2026-04-22", "rank": "b", "countries": ["FR"], "sensitive": false, "people": 8});
        let said = client.post("/api/v1/rules/evaluate", &json!({"facts": facts})).expect(200);
        let asked = "/office/rules/try?/direction=inbound&/filed_on:date=10/03/2026&/arrives_on:date=20/04/2026\
                     &/departs_on:date=22/04/2026&/rank=b&/countries/0=FR&/sensitive:bool=false\
                     &/press:bool=&/guest_kinds:list=&/people:int=8";
        let page = officer.get(asked);
        assert_eq!(page.status, 200);
        let day = said["latest_permitted_on"].as_str().unwrap();
        let day = day.split('-').rev().collect::<Vec<_>>().join("/");
        page.shows(&format!("<dd>{day}</dd>")).shows("value=\"20/04/2026\"");
        let links = page.text.matches("href=\"/office/rules/1#").count();
        assert_eq!(links, said["rules"].as_array().unwrap().len(), "each rule with its citation");
        assert!(
            !page.text.contains("/delegations/\"") && !page.text.contains("/papers?kind"),
            "of no dossier"
        );
        // What cannot be read is named at its field, and the rest is kept.
        let wrong = officer.get(&asked.replace("20/04/2026", "31/04/2026").replace("int=8", "int=x"));
        assert_eq!(wrong.status, 422);
        wrong.shows("href=\"#f-arrives_on\"").shows("href=\"#f-people\"").shows("value=\"22/04/2026\"");
        let far = officer.get(&asked.replace("20/04/2026", "20/04/9000"));
        assert_eq!(far.status, 422);
        far.shows("href=\"#f-arrives_on\"");
        assert_eq!(officer.get("/office/rules/try?/direction=sideways").status, 422);
    });
}

#[test]
fn the_rulebook_with_its_citations_and_its_impact() {
    on_each(|app| {
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let list = officer.get("/office/rules");
        list.shows("Đang dùng").shows("href=\"/office/rules/1\"");
        let page = officer.get("/office/rules/1");
        page.shows("IN-LEAD-STD").shows("Thủ tục đón đoàn vào").shows("Đã đọc văn bản gốc");
        assert_eq!(officer.get("/office/rules/99").status, 404);
        assert_eq!(officer.get("/office/rules/x").status, 404);
        // Another version with a longer lead time: the draft that it would make late is named.
        let body = make::body(app, "2026-03-12");
        make::registered(app, &app.as_(Role::Officer), &body, 1);
        let mut sources = legation::service::rules::shipped();
        for source in &mut sources {
            let shorter = "kind = \"lead\", n = 5, unit = \"wd\"";
            source.text = source.text.replace(shorter, &shorter.replace('5', "15"));
        }
        let no = app.store.write_blocking(move |tx| legation::service::rules::load(tx, &sources)).unwrap();
        officer.get("/office/rules").shows(&format!("/office/rules/{no}/impact"));
        let page = officer.get(&format!("/office/rules/{no}/impact"));
        page.shows("Đoàn Hội hữu nghị Pháp - Việt")
            .shows("Thành nộp trễ")
            .shows("Thời hạn nộp hồ sơ đón đoàn");
        let same = officer.get("/office/rules/1/impact");
        same.shows("Không hồ sơ nào bị xét khác");
        // Whoever may not see the dossier learns nothing of it.
        let other = Browser::of(app, Role::Officer, app.world().university);
        assert!(!other.get(&format!("/office/rules/{no}/impact")).text.contains("Pháp - Việt"));
    });
}

#[test]
fn the_calendar_names_its_sources_by_year() {
    on_each(|app| {
        let clerk = Browser::of(app, Role::Clerk, app.world().foreign);
        clerk.get("/office/calendar").shows("năm 2026").shows("Tết Nguyên đán").shows("CV 12729/VPCP-KGVX");
        clerk.get("/office/calendar?year=2025").shows("năm 2025").shows("07:30");
        clerk.get("/office/calendar?year=2040").shows("class=\"warning\"");
        assert_eq!(clerk.get("/office/calendar?year=99999999").status, 200);
    });
}

#[test]
fn guests_are_found_corrected_and_get_new_passports() {
    on_each(|app| {
        let world = app.world();
        let made = make::registered(app, &app.as_(Role::Officer), &make::body(app, "2026-04-20"), 1);
        let officer = Browser::of(app, Role::Officer, world.union);
        let list = officer.get("/people?q=marie+durand");
        list.shows("DURAND Marie 1").shows("•••••001");
        let id = list.text.split("href=\"/people/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let person = format!("/people/{id}");
        officer.get(&person).shows(&format!("/delegations/{}", made.id));
        let typed = [
            ("/full_name", "DURAND <i>Marie</i>"),
            ("/sex", "female"),
            ("/birth_date:date", "31/02/1970"),
            ("/nationality", "FR"),
        ];
        let page = fill(&officer, &person, &person, &typed);
        assert_eq!(page.status, 422);
        page.shows("value=\"31/02/1970\"").shows("href=\"#f-birth_date\"");
        let mut right = typed.to_vec();
        right[2] = ("/birth_date:date", "01/05/1970");
        let page = fill(&officer, &person, &person, &right);
        assert_eq!((page.status, page.path.as_str()), (200, person.as_str()), "{}", page.text);
        page.shows("DURAND &#60;i&#62;Marie&#60;/i&#62;");
        let renew = format!("{person}/passports");
        let page = fill(&officer, &person, &renew, &[("/number", "FR 999 777"), ("/type", "official")]);
        assert_eq!(page.path, person);
        page.shows("•••••777").shows("Công vụ");
        assert!(!page.text.contains("999777") && !page.text.contains("FR999"));
        let page = fill(&officer, &person, &renew, &[("/number", "!")]);
        assert_eq!(page.status, 422);
        assert_eq!(make::count(app, "kept_forms"), 0, "no passport number is kept");
        // Another house's officer does not know of her, an appraiser of the receiving desk has no form.
        assert_eq!(Browser::of(app, Role::Officer, world.university).get(&person).status, 404);
        let clerk = Browser::of(app, Role::Clerk, world.union);
        assert!(!clerk.get(&person).text.contains("<form action=\"/people"));
    });
}

#[test]
fn partners_are_added_and_lead_to_their_visits() {
    on_each(|app| {
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let typed = [("/name", "Ville de <Nice>"), ("/country", "FR"), ("/kind", "gov")];
        let page = fill(&officer, "/partners/new", "/partners/new", &typed[..1]);
        assert_eq!(page.status, 422);
        page.shows("href=\"#f-country\"");
        let page = fill(&officer, "/partners/new", "/partners/new", &typed);
        assert_eq!(page.status, 200, "{}", page.text);
        page.shows("Ville de &#60;Nice&#62;").shows("Pháp");
        let id = page.path.trim_start_matches("/partners/").to_owned();
        let mut body = make::body(app, "2026-04-20");
        body["partner_id"] = id.clone().into();
        let made = make::registered(app, &app.as_(Role::Officer), &body, 1);
        officer.get(&format!("/partners/{id}")).shows(&format!("/delegations/{}", made.id));
        let other = Browser::of(app, Role::Officer, app.world().university);
        assert!(!other.get(&format!("/partners/{id}")).text.contains(&made.id));
        officer.get("/partners?q=nice").shows(&format!("/partners/{id}"));
        // The same one again is there already; who may not add has no form.
        assert_eq!(fill(&officer, "/partners/new", "/partners/new", &typed).status, 409);
        let clerk = Browser::of(app, Role::Clerk, app.world().foreign);
        assert_eq!(clerk.get("/partners/new").status, 403);
    });
}

#[test]
fn the_plan_of_a_year_is_kept_item_by_item() {
    on_each(|app| {
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let typed = [
            ("/direction", "inbound"),
            ("/title", "Đoàn Nice <thăm>"),
            ("/country", "FR"),
            ("/months:list", ""),
            ("/months:list", "5"),
            ("/months:list", "9"),
            ("/guests:int", "12"),
        ];
        let place = app.world().union.to_string();
        let mut all = typed.to_vec();
        all.push(("/organisation_id", &place));
        let mut wrong = all.clone();
        wrong.push(("/cost", "100"));
        let page = fill(&officer, "/plans/new?year=2026", "/plans/new", &with_year(&wrong));
        assert_eq!(page.status, 422, "{}", page.text);
        page.shows("href=\"#f-currency\"").shows("value=\"5\" checked");
        let page = fill(&officer, "/plans/new?year=2026", "/plans/new", &with_year(&all));
        assert_eq!((page.status, page.path.as_str()), (200, "/plans?year=2026"), "{}", page.text);
        page.shows("1. Đoàn Nice &#60;thăm&#62;").shows("5, 9");
        let item = page.text.split("href=\"/plans/0").nth(1).unwrap().split('"').next().unwrap();
        let item = format!("/plans/0{item}");
        officer.get(&item).shows("value=\"5\" checked");
        let mut dropped = typed.to_vec();
        dropped.extend([("/state", "dropped"), ("/drop_reason", "Khách hoãn")]);
        fill(&officer, &item, &item, &dropped).shows("Khách hoãn").shows("Đã đưa ra");
        // Others read what they may, and change nothing.
        let approver = Browser::of(app, Role::Clerk, app.world().foreign);
        let seen = approver.get(&item);
        assert_eq!(seen.status, 200);
        assert!(!seen.text.contains("<form class=\"narrow\""));
        let stranger = Browser::of(app, Role::Officer, app.world().university);
        assert_eq!(stranger.get(&item).status, 404);
        assert_eq!(officer.get("/plans?year=1800").status, 404);
    });
}

fn with_year<'f>(fields: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    [("year", "2026")].into_iter().chain(fields.iter().copied()).collect()
}
