//! The pages of returns and the journal: a figure leads to exactly the dossiers that it counts, closing freezes and
//! shows, downloads are the API's to the byte, charts add up to the return, and the journal shows text as text.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use legation::domain::access::Role;
use legation::domain::codes::{Code, Lang};
use legation::domain::ids::AccountId;
use legation::http::web::journal::{ACTIONS, KINDS};
use legation::texts;
use serde_json::{Value, json};

use super::app::{Answer, Client, TestApp, on_each};
use super::browsing;
use super::chromium::{self, Chrome};
use super::closings::late_entry;
use super::form_pages::between;
use super::journal::Attacker;
use super::make;
use super::pages::{Browser, Page, cookie};
use super::returns::a_month;

/// What the page that restates a return says where that would freeze the same again.
const NOTHING_NEW: &str = "Không có gì khác so với bản đã chốt";

const MARCH: &str = "/reports/monthly/2026-03";

/// A download with the cookie of this account: bytes, not text.
fn download(app: &TestApp, account: AccountId, path: &str) -> Answer {
    let (name, value) = cookie(app, account);
    app.client().send("GET", path, None, &[("cookie", &format!("{name}={value}"))])
}

fn officer_at_the_union(app: &TestApp) -> (Client, Browser<'_>) {
    let officer = a_month(app);
    (officer, Browser::of(app, Role::Officer, app.world().union))
}

/// The dossiers that a page leads to, in its order.
fn dossiers(page: &Page) -> Vec<String> {
    let links = page.text.split("href=\"/delegations/").skip(1);
    let ids = links.map(|rest| rest.split('"').next().unwrap().to_owned());
    ids.filter(|id| id.len() == 36).collect()
}

fn ids(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

/// The numbers in the line below a chart's table.
fn sums(page: &Page, chart: &str) -> Vec<u64> {
    let table = page.text.split(&format!("id=\"{chart}-table\"")).nth(1).expect("the table");
    let line = table.split("</table>").next().unwrap().split("<tfoot>").nth(1).expect("its line below");
    let cells = line.split("<td class=\"number\">").skip(1);
    cells.map(|cell| cell.split('<').next().unwrap().parse().unwrap()).collect()
}

/// What the rows of a figure's page say that they add to it, together.
fn shares(page: &Page) -> u64 {
    let cells = page.text.split("data-label=\"Góp vào số này\">").skip(1);
    cells.map(|cell| cell.split('<').next().unwrap().parse::<u64>().unwrap()).sum()
}

#[test]
fn a_figure_leads_to_exactly_the_dossiers_that_it_counts() {
    on_each(|app| {
        let (officer, browser) = officer_at_the_union(app);
        let form = officer.get("/api/v1/reports/monthly/2026-03.json?window=calendar").expect(200);
        let page = browser.get(&format!("{MARCH}?window=calendar"));
        assert_eq!(page.status, 200, "{}", page.text);
        page.shows("Lượt khách").shows("Theo quốc tịch (lượt khách)").shows("Cùng kỳ năm trước");
        let columns = ["previous", "cumulative", "same_last_year", "cumulative_last_year"];
        let mut looked_at = 0;
        for row in form["overview"].as_array().unwrap() {
            let (section, id) = (row["section"].as_str().unwrap(), row["id"].as_str().unwrap());
            let link =
                |column: &str| format!("{MARCH}/figures/{section}.{id}?window=calendar&column={column}");
            for column in columns {
                let linked = page.text.contains(&link(column).replace('&', "&#38;"));
                let figure = row[column].as_u64().unwrap();
                assert_eq!(linked, figure > 0, "{section} {id} {column}");
                if looked_at < 6 && linked && section != "plan" {
                    assert_eq!(shares(&browser.get(&link(column))), figure, "{section} {id} {column}");
                }
            }
            let Some(figure) = row["in_period"].as_u64().filter(|figure| *figure > 0) else { continue };
            page.shows(&link("in_period").replace('&', "&#38;"));
            let behind = browser.get(&link("in_period"));
            behind.shows(&format!(": {figure}</h1>"));
            assert_eq!(dossiers(&behind), ids(&row["dossiers"]), "{section} {id}");
            if section != "plan" {
                assert_eq!(shares(&behind), figure, "{section} {id}");
            }
            looked_at += 1;
        }
        assert!(looked_at > 12, "{looked_at}");
        let behind = browser.get(&format!("{MARCH}/figures/main.visits?window=calendar&column=cumulative"));
        let visits = form["overview"].as_array().unwrap().iter().find(|row| row["id"] == "visits").unwrap();
        assert_eq!(dossiers(&behind), ids(&visits["behind"]["cumulative"]));
        // The other window is another return.
        let other = officer.get("/api/v1/reports/monthly/2026-03.json?window=15-14").expect(200);
        assert_ne!(other["totals"]["visits"], form["totals"]["visits"]);
        let behind = browser.get(&format!("{MARCH}/figures/main.visits?window=15-14"));
        behind.shows(&format!(": {}</h1>", other["totals"]["visits"]));
        page.shows(&format!("{MARCH}/figures/main.visits?window=15-14&#38;column=in_period"));
        // The annexes name the same dossiers, the self-check its own.
        let rows = form["annex1"]["rows"].as_array().unwrap();
        let annex = browser.get(&format!("{MARCH}/parts/annex1?window=calendar"));
        assert_eq!(dossiers(&annex), rows.iter().map(|row| row["id"].as_str().unwrap()).collect::<Vec<_>>());
        annex.shows("PHỤ LỤC 1. ĐOÀN VÀO").shows("Tổng cộng");
        let judged = browser.get(&format!("{MARCH}/figures/check.judged?window=calendar"));
        let counted = form["self_check"]["totals"]["judged"].as_u64().unwrap();
        assert_eq!(u64::try_from(dossiers(&judged).len()).unwrap(), counted);
        for missing in ["/figures/main.nothing", "/figures/visits", "/parts/annex9"] {
            assert_eq!(browser.get(&format!("{MARCH}{missing}")).status, 404, "{missing}");
        }
        assert_eq!(browser.get("/reports/monthly/2026-13").status, 404);
        assert_eq!(browser.get("/reports/weekly/2026-03").status, 404);
    });
}

#[test]
fn closing_through_the_page_freezes_and_shows() {
    on_each(|app| {
        let (officer, browser) = officer_at_the_union(app);
        let here = format!("{MARCH}?window=calendar");
        let ask = format!("{MARCH}/close?window=calendar");
        // The month lasts until tonight: the page says from when on it can be closed.
        let page = browser.get(&ask);
        page.shows("31/03/2026");
        assert!(!page.text.contains("name=\"/window\""), "there is no form yet");
        assert!(!browser.get(&here).text.contains(&format!("{MARCH}/close")));
        app.advance(TimeDelta::days(1));
        let officers = Browser::of(app, Role::Officer, app.world().union);
        officers.get(&here).shows(&format!("{MARCH}/close?window=calendar"));
        let form = officers.get(&ask);
        form.shows("Nguyễn Thị officer").shows("không sửa, không xóa được");
        let field = |page: &Page, name: &str| (name.to_owned(), page.hidden(name));
        let sent: Vec<(String, String)> =
            ["csrf", "key", "/window", "/organisation_id"].iter().map(|name| field(&form, name)).collect();
        let fields: Vec<(&str, &str)> = sent.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let closed = officers.post(&format!("{MARCH}/close"), &fields);
        assert_eq!((closed.status, closed.path.as_str()), (200, here.as_str()), "{}", closed.text);
        closed.shows("Đã chốt").shows("Chốt lần 1");
        // Sent twice, it is closed once.
        assert_eq!(officers.post(&format!("{MARCH}/close"), &fields).path, here);
        let all = officer.get("/api/v1/reports/monthly/2026-03/closings?window=calendar").expect(200);
        let closings = all["items"].as_array().unwrap();
        assert_eq!(closings.len(), 1);
        let (id, sha256) = (closings[0]["id"].as_str().unwrap(), closings[0]["sha256"].as_str().unwrap());
        closed.shows(sha256);
        // Each frozen file is had, with the hash that the manifest names.
        let account = officer.account.unwrap();
        for file in closings[0]["files"].as_array().unwrap() {
            use sha2::{Digest, Sha256};
            let (lang, name) = (file["lang"].as_str().unwrap(), file["name"].as_str().unwrap());
            let path = format!("{MARCH}/closings/{id}/files/{lang}/{name}");
            closed.shows(&path);
            let had = download(app, account, &path);
            assert_eq!(had.status, 200, "{path}");
            assert_eq!(json!(hex::encode(Sha256::digest(&had.bytes))), file["sha256"], "{path}");
        }
        // What comes late changes nothing here, and stands among the changes.
        let before = figure(&officers.get(&here));
        app.advance(TimeDelta::days(9));
        late_entry(app, &officer, 31, "2026-03-25");
        let officers = Browser::of(app, Role::Officer, app.world().union);
        assert_eq!(figure(&officers.get(&here)), before);
        let changes = officers.get(&format!("{MARCH}/changes?window=calendar"));
        changes.shows("Thêm vào kỳ").shows("Trình hồ sơ").shows("Lượt khách");
        // A restatement needs its reason.
        let form = officers.get(&ask);
        assert!(!form.text.contains(NOTHING_NEW), "something came late: {}", form.text);
        let mut sent: Vec<(String, String)> = ["csrf", "key", "/window", "/organisation_id", "/replaces"]
            .iter()
            .map(|name| field(&form, name))
            .collect();
        sent.push(("/reason".to_owned(), String::new()));
        let post = |sent: &[(String, String)]| {
            let fields: Vec<(&str, &str)> = sent.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            officers.post(&format!("{MARCH}/close"), &fields)
        };
        let refused = post(&sent);
        assert_eq!(refused.status, 422, "{}", refused.text);
        refused.shows("href=\"#f-reason\"");
        sent[1].1 = refused.hidden("key");
        sent[5].1 = "Bổ sung <b>đoàn</b> nhập muộn".to_owned();
        let again = post(&sent);
        again
            .shows("Đã chốt lại báo cáo.")
            .shows("Chốt lần 2")
            .shows("Bổ sung &#60;b&#62;đoàn&#60;/b&#62; nhập muộn");
        assert_eq!(figure(&again), before + 2);
        officers.get(&ask).shows(NOTHING_NEW);
        // To whom it was given.
        let give = format!("/closings/{id}/hand-over");
        let form = officers.get(&give);
        let label = between(&form.text, "<label for=\"f-sha256\">", "</label>");
        assert!(label.contains("class=\"must\""), "{label}");
        let fields = |to: &str| {
            vec![
                ("csrf".to_owned(), form.hidden("csrf")),
                ("key".to_owned(), format!("{}{to}", form.hidden("key"))),
                ("up".to_owned(), form.hidden("up").replace("&#38;", "&")),
                ("/given_to".to_owned(), to.to_owned()),
                ("/given_on:date".to_owned(), "10/04/2026".to_owned()),
                ("/how".to_owned(), "Trực tiếp".to_owned()),
                ("/sha256".to_owned(), sha256.to_owned()),
            ]
        };
        let send = |sent: Vec<(String, String)>| {
            let fields: Vec<(&str, &str)> = sent.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            officers.post(&give, &fields)
        };
        let refused = send(fields(""));
        assert_eq!(refused.status, 422, "{}", refused.text);
        refused.shows("id=\"f-given_to-error\"");
        let given = send(fields("Sở Ngoại vụ"));
        assert_eq!(given.path, here, "{}", given.text);
        given.shows("Sở Ngoại vụ").shows("10/04/2026");
    });
}

/// The visits of the period on its page.
fn figure(page: &Page) -> u64 {
    let link = "/figures/main.visits?window=calendar&#38;column=in_period\">";
    let rest = page.text.split(link).nth(1).expect("the figure");
    rest.split('<').next().unwrap().parse().unwrap()
}

#[test]
fn who_may_not_close_sees_no_form() {
    on_each(|app| {
        let (officer, _) = officer_at_the_union(app);
        app.advance(TimeDelta::days(1));
        let closed =
            officer.post("/api/v1/reports/monthly/2026-03/close", &json!({"window": "calendar"})).expect(201);
        let hand_over = format!("/closings/{}/hand-over", closed["id"].as_str().unwrap());
        let ask = format!("{MARCH}/close?window=calendar");
        let world = app.world();
        for (role, place) in [(Role::Approver, world.office), (Role::Secretary, world.union)] {
            let reader = Browser::of(app, role, place);
            let page = reader.get(&format!("{MARCH}?window=calendar"));
            assert_eq!(page.status, 200);
            assert!(!page.text.contains("/close") && !page.text.contains("/hand-over"), "{role}");
            assert_eq!(reader.get(&ask).status, 403, "{role}");
            assert_eq!(reader.get(&hand_over).status, 403, "{role}");
        }
        let auditor = Browser::of(app, Role::Auditor, world.city);
        let of = format!("&of={}", world.union);
        let page = auditor.get(&format!("{MARCH}?window=calendar{of}"));
        page.shows("Chốt lần 1");
        assert!(!page.text.contains("/hand-over"));
        assert_eq!(auditor.get(&ask).status, 403);
        // Another office closes its own and knows nothing of this one.
        let theirs = Browser::of(app, Role::Officer, world.university);
        assert_eq!(theirs.get(&hand_over).status, 404);
        assert_eq!(theirs.get(&format!("{MARCH}?window=calendar{of}")).status, 404);
        let file = &closed["files"][0];
        let path = format!(
            "{MARCH}/closings/{}/files/{}/{}",
            closed["id"].as_str().unwrap(),
            file["lang"].as_str().unwrap(),
            file["name"].as_str().unwrap()
        );
        assert_eq!(theirs.get(&path).status, 404);
        let form = theirs.get(&ask);
        let union = world.union.to_string();
        let csrf = form.hidden("csrf");
        let fields =
            [("csrf", csrf.as_str()), ("/window", "calendar"), ("/organisation_id", &union), ("of", &union)];
        assert_eq!(theirs.post(&format!("{MARCH}/close"), &fields).status, 404);
        for path in ["/reports", MARCH, "/reports/charts", "/reports/exports", "/journal"] {
            assert_eq!(Browser::of(app, Role::Admin, world.city).get(path).status, 403, "{path}");
        }
    });
}

#[test]
fn downloads_are_those_of_the_api_to_the_byte() {
    on_each(|app| {
        let (officer, browser) = officer_at_the_union(app);
        let account = officer.account.unwrap();
        let files =
            ["json?", "csv?", "xlsx?", "csv?table=overview&", "csv?table=inbound&", "csv?table=visits&"];
        for lang in ["vi", "en"] {
            make::execute(app, &format!("UPDATE accounts SET lang = '{lang}' WHERE id = '{account}'"));
            let api = Client { lang: Some(lang), ..officer.clone() };
            for window in ["calendar", "15-14"] {
                for file in files {
                    let asked = format!("2026-03.{file}window={window}");
                    let mine = download(app, account, &format!("/reports/monthly/files/{asked}"));
                    let theirs = api.get(&format!("/api/v1/reports/monthly/{asked}"));
                    assert_eq!((mine.status, theirs.status), (200, 200), "{lang} {asked}: {}", theirs.body);
                    assert!(mine.bytes == theirs.bytes, "{lang} {asked}");
                    assert_eq!(mine.header("content-disposition"), theirs.header("content-disposition"));
                }
            }
            let words = if lang == "vi" { "Tổng hợp" } else { "Overview" };
            browser
                .get(&format!("{MARCH}?window=calendar"))
                .shows(words)
                .shows("/reports/monthly/files/2026-03.xlsx");
        }
        assert_eq!(download(app, account, "/reports/monthly/files/2026-03.odt").status, 404);
    });
}

#[test]
fn a_long_export_is_asked_for_looked_after_and_downloaded() {
    on_each(|app| {
        let (officer, browser) = officer_at_the_union(app);
        let form = browser.get("/reports/exports?kind=monthly&label=2026-03&window=calendar");
        form.shows("<option value=\"monthly/2026-03\" selected>Tháng 3/2026</option>");
        form.shows("<option value=\"quarterly/2026-Q1\">").shows(">Quý 4/2025</option>");
        assert!(!form.text.contains("monthly/2026-04"), "it has not begun");
        let older = browser.get("/reports/exports?kind=yearly&label=2019&window=calendar");
        older.shows("<option value=\"yearly/2019\" selected>Năm 2019</option>");
        let (csrf, key) = (form.hidden("csrf"), form.hidden("key"));
        let fields = |label: &'static str| {
            [
                ("csrf", csrf.as_str()),
                ("key", if label.is_empty() { "other" } else { key.as_str() }),
                ("/what", "visits"),
                ("/format", "csv"),
                ("/label", label),
                ("/window", "calendar"),
                ("/as_of:date", ""),
                ("/table", ""),
            ]
        };
        let refused = browser.post("/reports/exports", &fields(""));
        assert_eq!(refused.status, 422, "{}", refused.text);
        refused.shows("id=\"f-label-error\"");
        assert!(!refused.text.contains("f-kind"), "{}", refused.text);
        let asked = browser.post("/reports/exports", &fields("monthly/2026-03"));
        assert!(asked.path.starts_with("/reports/exports/"), "{}", asked.text);
        asked.shows("Đang chờ").shows("Xem lại tiến độ");
        assert_eq!(browser.get(&format!("{}/file", asked.path)).status, 404);
        app.run_jobs();
        browser.get(&asked.path).shows("Đã xong").shows("7 / 7").shows(&format!("{}/file", asked.path));
        let mine = download(app, officer.account.unwrap(), &format!("{}/file", asked.path));
        let theirs = officer.get("/api/v1/reports/monthly/2026-03.csv?window=calendar&table=visits");
        assert!(mine.bytes == theirs.bytes);
        let colleague = app.another(Role::Officer, app.world().union);
        assert_eq!(download(app, colleague.account.unwrap(), &asked.path).status, 404);
    });
}

#[test]
fn the_tables_of_the_charts_add_up_to_the_return() {
    on_each(|app| {
        let (officer, browser) = officer_at_the_union(app);
        for window in ["calendar", "15-14"] {
            let page = browser.get(&format!("/reports/charts?year=2026&window={window}"));
            assert_eq!(page.status, 200, "{}", page.text);
            let year = officer.get(&format!("/api/v1/reports/yearly/2026.json?window={window}")).expect(200);
            let totals = &year["totals"];
            let of = |name: &str| totals[name].as_u64().unwrap();
            assert_eq!(sums(&page, "delegations")[0], of("inbound_delegations"), "{window}");
            assert_eq!(sums(&page, "visits")[0], of("visits"), "{window}");
            assert_eq!(sums(&page, "outbound")[0], of("outbound_delegations"), "{window}");
            assert_eq!(sums(&page, "nationalities")[0], of("visits"), "{window}");
            assert_eq!(sums(&page, "fields")[0], of("inbound_delegations"), "{window}");
            assert!(of("visits") > 0, "{year}");
            page.shows("role=\"img\"").shows("Lượt khách theo quốc tịch");
            let html = page.text.split("</head>").nth(1).unwrap();
            assert!(!html.contains("style="), "no style inline");
        }
        // Next year shows them as last year's.
        let page = browser.get("/reports/charts?year=2027&window=calendar");
        assert_eq!(sums(&page, "visits"), [0, 7]);
        browser.get("/reports/charts?year=2020").shows("chưa có đoàn nào");
        make::execute(
            app,
            &format!("UPDATE accounts SET lang = 'en' WHERE id = '{}'", officer.account.unwrap()),
        );
        browser.get("/reports/charts?year=2026&window=calendar").shows("Visits by nationality, 2026");
    });
}

#[test]
fn the_periods_say_where_they_stand() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let browser = Browser::of(app, Role::Officer, app.world().union);
        let page = browser.get("/reports?window=calendar");
        page.shows("Không có báo cáo nào chờ chốt").shows("Đang diễn ra").shows("Chưa chốt");
        // Christmas: November was prepared, and its day is over.
        app.clock.set("2026-12-25T02:00:00Z".parse().unwrap());
        app.run_jobs();
        let browser = Browser::of(app, Role::Officer, app.world().union);
        let page = browser.get("/reports");
        page.shows("Tháng 11/2026").shows("Quá hạn chốt").shows("Điều 12");
        assert!(page.text.contains(&officer_name(app, &officer)), "who is told");
        let path = "/reports/monthly/2026-11?window=15-14";
        page.shows(&path.replace('&', "&#38;"));
        browser.get(path).shows("Quá hạn");
        officer.post("/api/v1/reports/monthly/2026-11/close", &json!({})).expect(201);
        let page = browser.get("/reports");
        let row = page.text.split("/reports/monthly/2026-11?").nth(1).unwrap();
        assert!(row.split("</tr>").next().unwrap().contains("Đã chốt"), "{row}");
        // The auditor sees whose return waits, and goes to it.
        let auditor = Browser::of(app, Role::Auditor, app.world().city);
        auditor.get("/reports").shows("Sở Ngoại vụ").shows("Liên hiệp các tổ chức hữu nghị");
    });
}

fn officer_name(app: &TestApp, officer: &Client) -> String {
    let id = officer.account.unwrap();
    app.read(|tx| Ok(legation::store::accounts::load(tx, id)?)).unwrap().display_name
}

#[test]
fn the_journal_shows_text_as_text_and_proves_what_it_shows() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut body = make::body(app, "2026-04-20");
        body["title"] = json!("<script>alert(1)</script> \"Đoàn\" & bạn");
        let mut made = make::registered(app, &officer, &body, 1);
        made.does(&officer, "submit", &make::declared());
        made.does(&officer, "cancel", &json!({"reason": "<img src=x onerror=alert(2)>"}));
        let code = officer.get(&made.path()).expect(200)["code"].as_str().unwrap().to_owned();
        let other = make::registered(app, &officer, &make::body(app, "2026-04-21"), 5);
        let auditor = Browser::of(app, Role::Auditor, app.world().city);
        let page = auditor.get("/journal");
        page.shows("&#60;script&#62;alert(1)&#60;/script&#62; &#34;Đoàn&#34; &#38; bạn").shows("Hủy đoàn");
        page.shows("&#60;img src=x onerror=alert(2)&#62;").shows(&officer_name(app, &officer));
        assert!(!page.text.contains("<script>alert") && !page.text.contains("<img src=x"));
        // Filters: by number, kind, day and actor; all of them in the address.
        let page = auditor.get(&format!("/journal?dossier={code}&action=delegation.cancelled"));
        assert_eq!(page.text.matches("<a class=\"target\"").count(), 1, "{}", page.text);
        assert!(!page.text.contains(&other.id));
        let none = |query: &str| auditor.get(&format!("/journal?{query}")).shows("Không có mục nào").status;
        none("dossier=DV-1999-0001");
        none("actor=nobody");
        none("to=01%2F03%2F2026");
        auditor.get("/journal?from=02%2F03%2F2026").shows("Lập hồ sơ");
        let account = officer.account.unwrap();
        auditor.get(&format!("/journal?actor={account}&action=delegation.submitted")).shows(&code);
        auditor.get("/journal?kind=account").shows("Thêm tài khoản");
        assert!(!auditor.get("/journal?kind=account").text.contains(&code));
        // Pages by key: each entry once.
        let (mut path, mut seen) = ("/journal".to_owned(), Vec::new());
        loop {
            let page = auditor.get(&path);
            let found = page
                .text
                .split("href=\"/journal/")
                .skip(1)
                .filter_map(|rest| rest.split('"').next()?.parse().ok());
            seen.extend(found.collect::<Vec<u64>>());
            let Some(rest) =
                page.text.split("\" rel=\"next\"").next().filter(|_| page.text.contains("rel=\"next\""))
            else {
                break;
            };
            path = rest.rsplit("href=\"").next().unwrap().replace("&#38;", "&");
        }
        let distinct: BTreeSet<u64> = seen.iter().copied().collect();
        assert_eq!(distinct.len(), seen.len());
        assert!(distinct.contains(&0) && seen.is_sorted_by(|a, b| a > b), "{seen:?}");

        // One entry: what it commits to, and a proof that is the API's.
        let listed =
            app.as_(Role::Auditor).get("/api/v1/journal?action=delegation.cancelled&limit=1").expect(200);
        let seq = listed["items"][0]["seq"].as_u64().unwrap();
        let page = auditor.get(&format!("/journal/{seq}"));
        page.shows("&#60;img src=x onerror=alert(2)&#62;").shows("Hủy đoàn").shows(&code);
        assert!(!page.text.contains("<img src=x"));
        let id = app.as_(Role::Auditor).account.unwrap();
        let proof = download(app, id, &format!("/journal/{seq}/proof"));
        let theirs = app.as_(Role::Auditor).get(&format!("/api/v1/journal/{seq}/proof"));
        assert_eq!((proof.status, &proof.bytes), (200, &theirs.bytes));
        auditor.get(&format!("/journal/{seq}")).shows("Mục có trong nhật ký dưới điểm kiểm mới nhất");
        // Everything about one thing that is no dossier.
        let added = app.as_(Role::Auditor).get("/api/v1/journal?action=account.added&limit=1").expect(200);
        let (no, about) = (&added["items"][0]["seq"], added["items"][0]["object_id"].as_str().unwrap());
        let link = format!("/journal?kind=account&object={about}");
        auditor.get(&format!("/journal/{no}")).shows(&format!("href=\"{}\"", link.replace('&', "&#38;")));
        let page = auditor.get(&link);
        let about: Vec<&str> = page.text.split("class=\"target\" href=\"/journal/").skip(1).collect();
        assert!(
            !about.is_empty() && about.len() < distinct.len() / 2,
            "{} of {}",
            about.len(),
            distinct.len()
        );
        let keys = download(app, id, "/journal/keys");
        assert_eq!(keys.bytes, app.as_(Role::Auditor).get("/api/v1/journal/keys").bytes);
        assert_eq!(auditor.get("/journal/999999").status, 404);
        assert_eq!(auditor.get("/journal/x").status, 404);

        // Who else asks is refused, and it is told.
        for path in ["/journal", "/journal/0", "/journal/verify", "/journal/0/proof"] {
            assert_eq!(Browser::of(app, Role::Officer, app.world().union).get(path).status, 403, "{path}");
        }
        auditor.get("/journal").shows("Bị từ chối");
    });
}

#[test]
fn the_journal_is_verified_on_its_page_and_what_does_not_fit_is_named() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        make::registered(app, &officer, &make::body(app, "2026-04-20"), 1);
        let auditor = Browser::of(app, Role::Auditor, app.world().city);
        app.run_jobs();
        let page = auditor.get("/journal/verify");
        page.shows("verify_journal.py").shows("legation.journal/");
        // That it was only ever appended to is proved for whoever keeps an older checkpoint.
        page.shows("action=\"/journal/consistency\"").shows("name=\"from\"");
        for odd in ["abc", "0", "-1", "999999", "%3Cb%3E"] {
            let page = auditor.get(&format!("/journal/consistency?from={odd}"));
            assert_eq!(page.status, 422, "{odd}");
            let shown = odd.replace("%3C", "&#60;").replace("%3E", "&#62;");
            page.shows("href=\"#size\"")
                .shows(&format!("value=\"{shown}\""))
                .shows("phải là một số từ 1 đến");
        }
        let proof = download(app, app.as_(Role::Auditor).account.unwrap(), "/journal/consistency?from=1");
        let theirs = app.as_(Role::Auditor).get("/api/v1/journal/consistency?from=1");
        assert_eq!((proof.status, &proof.bytes), (200, &theirs.bytes));
        let name = "attachment; filename=\"legation-journal-from-1.consistency\"";
        assert!(proof.headers.iter().any(|(_, value)| value == name), "{:?}", proof.headers);
        let csrf = page.hidden("csrf");
        let found = auditor.post("/journal/verify", &[("csrf", &csrf)]);
        assert_eq!(found.status, 200, "{}", found.text);
        found.shows("Khớp toàn bộ");
        // A value that somebody rewrote past all of our code.
        let entry =
            app.as_(Role::Auditor).get("/api/v1/journal?action=delegation.registered&limit=1").expect(200);
        let seq = entry["items"][0]["seq"].as_u64().unwrap();
        app.spoilt();
        let mut attacker = Attacker::at(app);
        attacker.disarm();
        let spoil = format!("UPDATE journal_values SET value = 'x' WHERE seq = {seq}");
        attacker.run(&spoil, &spoil).unwrap();
        let found = auditor.post("/journal/verify", &[("csrf", &csrf)]);
        found.shows(&format!("Mục {seq} không khớp")).shows("đã bị thay đổi");
    });
}

#[test]
fn whatever_is_journalled_has_words_and_a_place_in_the_filter() {
    on_each(|app| {
        a_month(app);
        app.run_jobs();
        for action in ACTIONS {
            let key = format!("word-event-{}", action.replace(['.', '_'], "-"));
            for lang in Lang::ALL {
                assert!(texts::has(*lang, &key), "{key} in {lang}");
            }
        }
        let auditor = app.as_(Role::Auditor);
        let mut cursor = String::new();
        loop {
            let page = auditor.get(&format!("/api/v1/journal?limit=200{cursor}")).expect(200);
            for entry in page["items"].as_array().unwrap() {
                let (action, kind) =
                    (entry["action"].as_str().unwrap(), entry["object_kind"].as_str().unwrap());
                assert!(ACTIONS.contains(&action) && KINDS.contains(&kind), "{action} of {kind}");
                let word = format!("word-object-{}", kind.replace('_', "-"));
                assert!(texts::has(Lang::Vi, &word), "{word}");
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
    });
}

/// Every event that the sources name can be filtered by.
#[test]
fn every_event_of_the_sources_is_in_the_filter() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            for rest in text.split("Event::new(").skip(1) {
                let Some(name) = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next())
                else {
                    continue;
                };
                if name.contains('.') && !path.to_string_lossy().ends_with("tests.rs") {
                    assert!(ACTIONS.contains(&name), "{name} in {}", path.display());
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 30, "only {seen} events were recognised");
}

/// A return that was closed is found by whoever may read it: whose is chosen, and the journal leads to it.
#[test]
fn the_closed_return_of_another_organisation_is_found() {
    on_each(|app| {
        drop(a_month(app));
        app.advance(TimeDelta::days(1));
        let closed =
            app.as_(Role::Officer).post("/api/v1/reports/monthly/2026-03/close", &json!({})).expect(201);
        let union = app.world().union;
        let auditor = Browser::of(app, Role::Auditor, app.world().city);
        let page = auditor.get("/reports?year=2026");
        page.shows(&format!("<option value=\"{union}\">"));
        let page = auditor.get(&format!("/reports?year=2026&of={union}"));
        page.shows(&format!("<option value=\"{union}\" selected>")).shows("Đã chốt");
        let here = format!("{MARCH}?window=15-14&#38;of={union}");
        page.shows(&here);
        auditor.get(&here.replace("&#38;", "&")).shows(closed["sha256"].as_str().unwrap());
        // Its entry names it and leads there.
        let entries = auditor.get("/journal?action=return.closed");
        let rows = between(&entries.text, "<tbody>", "</tbody>");
        let entry = between(rows, "href=\"/journal/", "\"");
        auditor.get(&format!("/journal/{entry}")).shows(&format!("href=\"{here}\">Tháng 3/2026, "));
        // Whoever may read one body's returns alone is offered no choice.
        let officer = Browser::of(app, Role::Officer, app.world().association).get("/reports?year=2026");
        assert!(!officer.text.contains("name=\"of\""), "{}", officer.text);
    });
}

/// A word without an end, as somebody pastes it, breaks: no page grows wider than the screen for it.
#[test]
fn what_was_typed_without_a_break_widens_no_page() {
    if !chromium::is_here() {
        return;
    }
    let app = TestApp::spawn("sqlite");
    let officer = a_month(&app);
    browsing::cast(&app);
    app.advance(TimeDelta::days(1));
    let officer = app.signed_in(officer.account.unwrap());
    let path = "/api/v1/reports/monthly/2026-03/close";
    let closed = officer.post(path, &json!({"window": "calendar"})).expect(201);
    let given = json!({
        "given_to": "X".repeat(150), "given_on": "2026-04-01", "how": "y".repeat(150),
        "sha256": closed["sha256"],
    });
    let path = format!("/api/v1/closings/{}/hand-overs", closed["id"].as_str().unwrap());
    officer.post(&path, &given).expect(201);
    for width in [1440, 360] {
        let chrome = Chrome::open(&app.base).screen(width);
        browsing::sign_in(chrome.go("/sign-in"), "hanh");
        chrome
            .go(&format!("{MARCH}?window=calendar"))
            .shows(&"X".repeat(150))
            .shot(&format!("handed-{width}"));
        assert_eq!(chrome.misplaced(), Vec::<String>::new(), "at {width} px");
        chrome.go("/reports").shot(&format!("periods-{width}"));
        assert_eq!(chrome.misplaced(), Vec::<String>::new(), "at {width} px");
        let figure = format!("{MARCH}/figures/main.visits?window=calendar&column=in_period");
        chrome.go(&figure).shot(&format!("figure-{width}"));
        chrome
            .go(&format!("{MARCH}/figures/check.unknown?window=calendar"))
            .shot(&format!("unknown-{width}"));
    }
}

/// Official paper is A4: an annex prints with all of its columns, and its total once.
#[test]
fn an_annex_is_printed_with_every_column_and_its_total_once() {
    if !chromium::is_here() {
        return;
    }
    let app = TestApp::spawn("sqlite");
    drop(a_month(&app));
    browsing::cast(&app);
    let chrome = Chrome::open(&app.base);
    browsing::sign_in(chrome.go("/sign-in"), "hanh");
    chrome.go(&format!("{MARCH}/parts/annex1?window=calendar"));
    let page = Browser::of(&app, Role::Officer, app.world().union)
        .get(&format!("{MARCH}/parts/annex1?window=calendar"));
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    let cells = |part: &str| -> Vec<String> {
        let row = between(&page.text, &format!("<{part}>"), &format!("</{part}>"));
        let words = row.split('<').filter_map(|tag| tag.split_once('>')).map(|(_, words)| plain(words));
        words.filter(|words| !words.is_empty()).collect()
    };
    let (heads, totals) = (cells("thead"), cells("tfoot"));
    let sheets = chrome.printed();
    std::fs::write(chromium::screenshots().join("annex1.pdf"), &sheets).unwrap();
    let printed = pdf_extract::extract_text_from_mem_by_pages(&sheets).unwrap();
    let printed: Vec<String> = printed.iter().map(|page| plain(page)).collect();
    assert!(heads.len() > 10, "{heads:?}");
    for head in &heads {
        assert!(printed[0].contains(head.as_str()), "{head} is cut off: {}", printed[0]);
    }
    let total = totals.concat();
    assert!(total.starts_with("Tổngcộng") && total.len() > "Tổngcộng".len(), "{total}");
    let found: usize = printed.iter().map(|page| page.matches(&total).count()).sum();
    assert_eq!(found, 1, "{total} in {printed:?}");
}
