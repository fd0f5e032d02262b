//! A dossier's pages in the words of an office: what is lacking by name, one expected step, errors that say what to do
//! next, and a timeline of people and not of codes. Each in both languages where words are at stake.

use chrono::TimeDelta;
use legation::domain::access::{Action, Role};
use legation::domain::codes::{Code, Lang};
use legation::texts;
use serde_json::json;

use super::app::{Client, TestApp, on_each};
use super::make::{self, Made};
use super::pages::{Browser, Page, cookie, fill};

fn dossier(made: &Made) -> String {
    format!("/delegations/{}", made.id)
}

fn draft(app: &TestApp) -> Made {
    make::registered(app, &app.as_(Role::Officer), &make::body(app, "2026-04-20"), 1)
}

/// The browser of somebody who reads English.
fn english<'a>(app: &'a TestApp, client: &Client) -> Browser<'a> {
    let account = client.account.unwrap();
    make::execute(app, &format!("UPDATE accounts SET lang = 'en' WHERE id = '{account}'"));
    Browser::with(app, cookie(app, account))
}

/// The text between the first of these and the next of those.
#[track_caller]
fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("no {from:?} in {text}"));
    rest.split_once(to).unwrap_or_else(|| panic!("no {to:?} after {from:?}")).0
}

/// Solid buttons of a page: one at most.
fn solid(page: &Page) -> usize {
    page.text.matches("class=\"button\"").count() + page.text.matches("<button type=\"submit\">").count()
}

#[test]
fn what_is_lacking_is_named_beside_the_form_and_on_the_dossiers_page() {
    on_each(|app| {
        let made = draft(app);
        let client = app.as_(Role::Officer);
        let officer = Browser::of(app, Role::Officer, app.world().union);
        for path in
            [dossier(&made), format!("{}/edit", dossier(&made)), format!("{}/do/submit", dossier(&made))]
        {
            let page = officer.get(&path);
            page.shows(
                "Thiếu: văn bản xin phép; danh sách khách; chương trình; \
                 bản chụp hộ chiếu của DURAND Marie 1, DURAND Marie 2",
            );
            // What is typed in is said, and that the paper is needed all the same; the list can be had for signature.
            page.shows("Đã nhập 2 người trong hồ sơ").shows("Đã nhập 1 mục chương trình");
            page.shows(&format!("{}/papers/render/member_list.docx", dossier(&made)));
        }
        let papers = officer.get(&format!("{}/papers", dossier(&made)));
        papers.shows("Đã nhập 2 người trong hồ sơ").shows("Thiếu của: DURAND Marie 1, DURAND Marie 2");
        // A program is told the same.
        let explained = client.get(&format!("{}/explain", made.path())).expect(200);
        let rules = explained["rules"].as_array().unwrap();
        let papers = rules.iter().find(|rule| rule["rule"] == "IN-DOCS").unwrap();
        assert_eq!(
            papers["lacking"][3],
            json!({"kind": "paper", "code": "passport_scan", "name_vi": "Bản chụp hộ chiếu",
                "name_en": "Passport scan"})
        );
        let members = made.members(&client);
        let ids: Vec<&serde_json::Value> = members.iter().map(|member| &member["id"]).collect();
        assert_eq!(json!(ids), explained["papers"]["without_passport_scan"]);
        // In English too.
        english(app, &client).get(&dossier(&made)).shows("Lacking: request letter; guest list; programme; ");
    });
}

#[test]
fn failures_stand_open_and_first_and_everything_else_is_folded_with_its_count() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let mut bare = make::body(app, "2026-04-20");
        for field in ["rank", "sensitive", "guest_kinds"] {
            bare.as_object_mut().unwrap().remove(field);
        }
        let made = make::registered(app, &client, &bare, 1);
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let page = officer.get(&dossier(&made));
        let rules = between(&page.text, "id=\"assessment\"", "</section>");
        let explained = client.get(&format!("{}/explain", made.path())).expect(200);
        let count = |verdict: &str| {
            explained["rules"].as_array().unwrap().iter().filter(|rule| rule["verdict"] == verdict).count()
        };
        let (violated, unknown, met) = (count("violated"), count("unknown"), count("met"));
        assert!(violated > 0 && unknown > 1 && met > 0, "{explained}");
        let (open, folded) = rules.split_once("<details").unwrap();
        assert_eq!(open.matches("✕</span> Không đạt").count(), violated);
        assert!(!open.contains("Chưa đủ thông tin") && !folded.contains("Không đạt"), "{rules}");
        assert!(
            folded.contains(&format!("<summary>{unknown} quy định chưa đủ thông tin</summary>")),
            "{folded}"
        );
        assert!(folded.contains(&format!("<summary>{met} quy định đã đạt</summary>")), "{folded}");
        assert!(!rules.contains("<details open") && folded.contains("Cần biết: hạng đoàn"), "{folded}");
        // Each with its citation, which leads to the very wording that was in force.
        let cited: Vec<&str> =
            rules.match_indices("href=\"/office/rules/").map(|(at, _)| &rules[at + 6..]).collect();
        assert_eq!(cited.len(), explained["rules"].as_array().unwrap().len());
        let book = officer.get("/office/rules/1");
        for link in cited {
            let link = link.split_once('"').unwrap().0;
            let (path, place) = link.split_once('#').unwrap();
            assert_eq!(path, "/office/rules/1");
            assert_eq!(book.text.matches(&format!("<li id=\"{place}\">")).count(), 1, "{place}");
        }
        // What is not kept has a tone of its own, in print a mark and a border.
        let style = officer.get(between(&page.text, "rel=\"stylesheet\" href=\"", "\""));
        style.shows(".verdict.violated {").shows(".verdict.violated { border-width: 2px; }");
        english(app, &client)
            .get(&dossier(&made))
            .shows(&format!("{unknown} rules without enough information"));
    });
}

#[test]
fn an_error_says_what_happened_what_to_do_and_how_to_go_on() {
    on_each(|app| {
        let made = draft(app);
        let officer = Browser::of(app, Role::Officer, app.world().union);
        // 409: in words of the office, with a way back to the dossier, and the request's id to quote.
        let page = officer.get(&format!("{}/do/issue", dossier(&made)));
        assert_eq!(page.status, 409);
        page.shows("Hồ sơ đang ở trạng thái “Nháp” nên không làm được việc “Ban hành văn bản”")
            .shows(&format!("class=\"button\" href=\"{}\"", dossier(&made)))
            .shows("Mã yêu cầu: <code>");
        assert_eq!(between(&page.text, "<code>", "</code>"), page.headers["x-request-id"]);
        // 404: whoever may not know of a dossier is led home, and not to it.
        let stranger = Browser::of(app, Role::Officer, app.world().university);
        let page = stranger.get(&dossier(&made));
        assert_eq!(page.status, 404);
        page.shows("Không có gì ở địa chỉ này").shows("class=\"button\" href=\"/\">Hộp việc</a>");
        assert!(!page.text.contains(&format!("href=\"{}\"", dossier(&made))), "{}", page.text);
        assert!(!page.text.contains("DURAND") && !page.text.contains("Đoàn Hội hữu nghị"), "{}", page.text);
        // 403: which right, and which roles are held.
        let page = officer.get("/journal");
        assert_eq!(page.status, 403);
        // In the reader's own shell, not as if nobody were signed in.
        page.shows("“Xem nhật ký” không thuộc vai trò của anh/chị (Chuyên viên)").shows("Mã yêu cầu:");
        page.shows("class=\"self\"").shows("class=\"button\" href=\"/\">Hộp việc</a>");
        // 400 and 405 too.
        officer.get("/delegations?cursor=odd").shows("Mã yêu cầu:");
        let page = officer.post(&format!("{}/kept", dossier(&made)), &[]);
        page.shows("Mã yêu cầu:");
        // An address that only takes a form leads to where the form stands; a page takes none.
        for (path, above) in
            [("/me/password", "/me"), ("/delegations/filters", "/delegations"), ("/kept/discard", "/")]
        {
            let page = officer.get(path);
            assert_eq!((page.status, page.path.as_str()), (200, above), "{path}");
        }
        let page = officer.post("/delegations", &[]);
        assert_eq!(page.status, 405);
        page.shows("class=\"self\"").shows("Mã yêu cầu:");
        // A form without its token.
        let page = officer.post(&format!("{}/do/submit", dossier(&made)), &[]);
        assert_eq!(page.status, 403);
        page.shows("Xin mở lại trang")
            .shows(&format!("href=\"{}/do/submit\">Mở lại trang này", dossier(&made)));
        let page = english(app, &app.as_(Role::Officer)).get(&format!("{}/do/issue", dossier(&made)));
        page.shows("The dossier is in the state “Draft”").shows("Request id: <code>");
    });
}

#[test]
fn every_error_has_its_words_in_both_languages() {
    for lang in Lang::ALL {
        for status in [400, 403, 404, 405, 409, 410, 412, 413, 415, 422, 428, 429, 500, 501, 503] {
            let key = format!("error-why-{status}");
            assert!(texts::text(*lang, &key, &[("seconds", "5")]).len() > 40, "{key} in {lang}");
        }
        for action in Action::ALL {
            let key = format!("word-action-{}", action.code().replace('_', "-"));
            assert!(texts::has(*lang, &key), "{key} in {lang}");
        }
    }
}

#[test]
fn members_stand_by_name_in_the_timeline_and_neighbours_are_folded() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let mut made = draft(app);
        for no in 3..6 {
            made.does(&client, "members", &make::guest(no, "member"));
        }
        app.advance(TimeDelta::minutes(10));
        let third = made.members(&client)[2]["id"].as_str().unwrap().to_owned();
        let path = format!("{}/members/{third}", made.path());
        client.change("PATCH", &path, made.version, &json!({"position": "Thư ký"})).expect(200);
        made.seen(&client);
        app.advance(TimeDelta::minutes(10));
        client.change("DELETE", &path, made.version, &json!({})).expect(200);
        made.seen(&client);
        app.advance(TimeDelta::minutes(10));
        made.edits(&client, &json!({"purpose": "Thăm", "rank": "b"}));
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let page = officer.get(&dossier(&made));
        let timeline = between(&page.text, "id=\"timeline\"", "</section>");
        let (newest, rest) = timeline.split_once("Bớt thành viên: DURAND Marie 3").expect(timeline);
        assert!(newest.contains("Sửa hồ sơ") && newest.contains("Mục đích, Hạng khách"), "{newest}");
        let (_, rest) = rest.split_once("Sửa thành viên: DURAND Marie 3").expect(rest);
        assert!(rest.contains("<summary><strong>Thêm 5 thành viên</strong></summary>"), "{rest}");
        for no in 1..6 {
            assert_eq!(rest.matches(&format!("Thêm thành viên: DURAND Marie {no}")).count(), 1, "{rest}");
        }
        assert_eq!(timeline.matches("Sửa hồ sơ").count(), 1, "{timeline}");
        // The journal itself holds hashes alone: the names go with the person.
        let history = client.get(&format!("{}/history", made.path())).expect(200);
        assert_eq!(
            history["items"][1]["members"][0],
            json!({"member_id": third, "what": "removed", "name": "DURAND Marie 3"})
        );
        english(app, &client)
            .get(&dossier(&made))
            .shows("5 members added")
            .shows("Member removed: DURAND Marie 3");
    });
}

#[test]
fn one_step_is_expected_and_what_is_not_due_stands_apart() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let mut made = draft(app);
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let page = officer.get(&dossier(&made));
        assert_eq!(solid(&page), 1, "{}", page.text);
        page.shows(&format!("class=\"button\" href=\"{}/do/submit\"", dossier(&made)));
        for path in ["/", "/delegations", "/me"] {
            assert_eq!(solid(&officer.get(path)), 1, "{path}");
        }
        make::received(app, &client, &mut made);
        make::approved(app, &mut made);
        make::issued(app, &mut made, "7");
        let path = dossier(&made);
        let page = officer.get(&path);
        assert_eq!(solid(&page), 0, "nothing is expected before the visit");
        let early = between(&page.text, "Chưa đến lúc</h3>", "</ul>");
        assert!(early.contains(&format!("class=\"button quiet\" href=\"{path}/do/report\"")), "{early}");
        let shown = made.seen(&client);
        assert_eq!(
            (&shown["expected_command"], &shown["early_commands"]),
            (&json!(null), &json!(["report"]))
        );
        let later = make::later(app, 60, &client);
        let page = Browser::with(app, cookie(app, later.account.unwrap())).get(&path);
        assert_eq!(solid(&page), 1, "{}", page.text);
        page.shows(&format!("class=\"button\" href=\"{path}/do/report\""));
        assert!(!page.text.contains("Chưa đến lúc"), "{}", page.text);
    });
}

#[test]
fn the_inbox_says_why_a_dossier_came_back() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let mut made = make::at_appraiser(app, 1);
        let why = "Thiếu <b>chương trình</b> theo ngày";
        let back = json!({"decision": "return", "to": "requester", "comment": why, "due_on": "2026-03-16"});
        made.does(&app.as_(Role::Appraiser), "decisions", &back);
        let officer = Browser::of(app, Role::Officer, app.world().union);
        officer.get("/").shows("Lý do trả lại: Thiếu &#60;b&#62;chương trình&#60;/b&#62; theo ngày");
        let inbox = client.get("/api/v1/inbox").expect(200);
        assert_eq!(inbox["items"][0]["returned_because"], why);
        english(app, &client).get("/").shows("Returned because: Thiếu");
    });
}

#[test]
fn the_sheet_of_a_decision_has_a_place_for_day_and_signature() {
    on_each(|app| {
        let made = make::at_approver(app, 1);
        let leader = app.as_(Role::Approver);
        let approver = Browser::with(app, cookie(app, leader.account.unwrap()));
        let page = approver.get(&format!("{}/do/advance", dossier(&made)));
        let sign = between(&page.text, "<div class=\"paper-only signature\">", "</div>");
        assert!(sign.contains("Cần Thơ, ngày ………"), "{sign}");
        assert!(sign.contains("(Chức vụ, chữ ký, họ và tên)") && sign.contains("class=\"name\""), "{sign}");
        let name = between(&page.text, "class=\"self\" href=\"/me\">", "</a>");
        assert!(sign.contains(name), "{sign}");
        english(app, &leader).get(&format!("{}/do/advance", dossier(&made))).shows("Cần Thơ, day ………");
    });
}

#[test]
fn whose_command_it_is_not_is_told_so_and_a_wrong_kind_of_value_names_its_field() {
    on_each(|app| {
        let made = make::at_approver(app, 1);
        let path = format!("{}/do/advance", dossier(&made));
        // A secretary may read the dossier, and decide nothing: whatever is sent.
        let secretary = Browser::of(app, Role::Secretary, app.world().office);
        let page = secretary.get(&path);
        assert_eq!(page.status, 403, "{}", page.text);
        page.shows("“Xem xét, quyết định”").shows("(Thư ký").shows(&format!("href=\"{}\"", dossier(&made)));
        let csrf = secretary.get("/").hidden("csrf");
        for fields in [vec![], vec![("/decision/x", "y")], vec![("/decision", "approve")]] {
            let page =
                secretary.post(&path, &[vec![("csrf", csrf.as_str()), ("version", "1")], fields].concat());
            assert_eq!(page.status, 403, "{}", page.text);
            assert!(!page.text.contains("Sai kiểu dữ liệu"), "{}", page.text);
        }
        // A field of another kind: its label, and what should stand there.
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let other = draft(app);
        let edit = format!("{}/edit", dossier(&other));
        let sent =
            [("/request_letter/people:int", "nhiều"), ("/press:bool", "có lẽ"), ("/lead_host_id", "x")];
        for (field, words) in [
            (sent[0], "Số người nêu trong văn bản: Phải là một số nguyên"),
            (sent[1], "Có phóng viên đi cùng không: Phải chọn “Có” hoặc “Không”"),
            (sent[2], "Đơn vị chủ trì: Phải chọn trong danh sách"),
            (("/title/x", "y"), "Tên đoàn: Phải là chữ"),
            (("/guest_kinds", "x"), "Loại khách: Phải là danh sách"),
        ] {
            let page = fill(&officer, &edit, &edit, &[field]);
            assert_eq!(page.status, 422, "{}", page.text);
            page.shows(words);
            assert!(!page.text.contains("Sai kiểu dữ liệu"), "{}", page.text);
        }
        let client = app.as_(Role::Officer);
        let page = fill(&english(app, &client), &edit, &edit, &[("/press:bool", "perhaps")]);
        page.shows("Must be “Yes” or “No”");
        // Programs are told the same, under the same code.
        let patch = json!({"press": "yes"});
        let refused =
            client.change("PATCH", &other.path(), other.version, &patch).refused(422, "validation-failed");
        assert_eq!(refused["errors"][0]["code"], "wrong-type");
        assert_eq!(refused["errors"][0]["message"], "Phải chọn “Có” hoặc “Không”");
    });
}

/// What a person sees of a page's main part: without tags, and without what is folded for machines.
fn seen(page: &Page) -> String {
    let main = between(&page.text, "<main", "</main>");
    let mut open = String::new();
    for (at, part) in main.split("<details").enumerate() {
        open += if at == 0 { part } else { part.split_once("</details>").unwrap().1 };
    }
    open.split('<')
        .map(|part| part.split_once('>').map_or(part, |(_, text)| text))
        .collect::<Vec<_>>()
        .join(" ")
}

#[track_caller]
fn has_no_ids(page: &Page) {
    let seen = seen(page);
    let mut words = seen.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
    let id = words.find(|word| word.parse::<uuid::Uuid>().is_ok());
    assert_eq!(id, None, "{}: {seen}", page.path);
}

#[test]
fn the_journal_speaks_in_words_and_names_and_folds_what_is_for_machines() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let mut made = make::permitted(app, &client, 1);
        made.seen(&client);
        // Somebody who may not know of it asks, and somebody who may not decide.
        let stranger = Browser::of(app, Role::Officer, app.world().university);
        assert_eq!(stranger.get(&dossier(&made)).status, 404);
        app.run_jobs();
        let audits = app.as_(Role::Auditor);
        let auditor = Browser::with(app, cookie(app, audits.account.unwrap()));
        let denied = auditor.get("/journal?action=access.denied");
        denied.shows("Xem hồ sơ – Không tìm thấy");
        has_no_ids(&denied);
        assert!(
            !seen(&denied).contains("read_dossier") && !seen(&denied).contains("not-found"),
            "{}",
            denied.text
        );
        // A person stands by name, with a way to the person's page.
        let people = auditor.get("/journal?action=person.registered");
        people.shows("Người: <a href=\"/people/").shows("DURAND Marie 1</a>");
        // Of every kind of event one entry: no id, no code, no raw name of a value in sight.
        let all = audits.get("/api/v1/journal?limit=200").expect(200);
        let mut kinds = std::collections::BTreeSet::new();
        for entry in all["items"].as_array().unwrap() {
            if !kinds.insert(entry["action"].as_str().unwrap().to_owned()) {
                continue;
            }
            let page = auditor.get(&format!("/journal/{}", entry["seq"]));
            assert_eq!(page.status, 200);
            has_no_ids(&page);
            let values = between(&page.text, "id=\"values\"", "</section>");
            for called in values.split("<dt>").skip(1).map(|rest| rest.split("</dt>").next().unwrap()) {
                let raw = called.is_empty() || called.contains('_') || called.starts_with('/');
                assert!(!raw, "{called:?} of {}", entry["action"]);
            }
            // The raw data is there for whoever recomputes.
            page.shows("Dữ liệu gốc cho máy")
                .shows(&format!("<code>{}</code>", entry["action"].as_str().unwrap()));
        }
        assert!(kinds.len() > 12, "{kinds:?}");
        let submitted = auditor.get("/journal?action=delegation.submitted");
        has_no_ids(&submitted);
        let seq = between(&submitted.text, "class=\"target\" href=\"/journal/", "\"");
        let entry = auditor.get(&format!("/journal/{seq}"));
        entry.shows("<dt>Cam kết không chứa bí mật nhà nước</dt><dd class=\"said\">Có</dd>");
        entry.shows("<dt>Trạng thái</dt><dd class=\"said\">Đã trình</dd>");
        let page = english(app, &audits).get("/journal?action=access.denied");
        page.shows("Read the dossier – Not found");
    });
}
