//! What pages say to people: what happened to a form and that nothing typed is lost, what a dossier waits for, deadlines
//! that come too late, and names in the order of the alphabet.

use legation::domain::access::Role;
use legation::domain::obligation::{ObligationKind, Planned, Proof};
use serde_json::json;

use super::app::{Client, TestApp, on_each};
use super::make::{self, Made};
use super::obligations::{duty, notice, plan};
use super::pages::{Browser, Page, cookie};

const HERE: (&str, &str) = ("sec-fetch-site", "same-origin");

fn path(made: &Made, command: &str) -> String {
    format!("/delegations/{}/do/{command}", made.id)
}

fn english<'a>(app: &'a TestApp, client: &Client) -> Browser<'a> {
    let account = client.account.unwrap();
    make::execute(app, &format!("UPDATE accounts SET lang = 'en' WHERE id = '{account}'"));
    Browser::with(app, cookie(app, account))
}

/// Sends a form as the page showed it, with these fields.
fn sends(browser: &Browser<'_>, path: &str, shown: &Page, fields: &[(&str, &str)]) -> Page {
    let hidden = ["csrf", "key", "version"].map(|name| (name, shown.hidden(name)));
    let mut all: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (*name, value.as_str())).collect();
    all.extend(fields);
    browser.post(path, &all)
}

#[test]
fn a_conflict_leaves_what_was_typed_in_the_form() {
    on_each(|app| {
        let mut made = make::at_approver(app, 1);
        let approver = Browser::of(app, Role::Approver, app.world().office);
        let path = path(&made, "advance");
        let shown = approver.get(&path);
        // Somebody touches the dossier meanwhile.
        let version = made.version - 1;
        let fields = [("/decision", "reject"), ("/comment", "Lịch trùng <b>hội nghị</b>")];
        let stale = version.to_string();
        let mut all = vec![("csrf", shown.hidden("csrf")), ("key", shown.hidden("key")), ("version", stale)];
        all.extend(fields.map(|(name, text)| (name, text.to_owned())));
        let all: Vec<(&str, &str)> = all.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let page = approver.post(&path, &all);
        assert_eq!(page.status, 412);
        page.shows("Hồ sơ đã được người khác thay đổi").shows("Điều anh/chị gõ vẫn còn nguyên ở đây");
        page.shows("Lịch trùng &#60;b&#62;hội nghị&#60;/b&#62;").shows("value=\"reject\" checked");
        assert!(!page.text.contains("hãy tải lại"), "{}", page.text);
        // Sent again as it stands there, it is done.
        let page = sends(&approver, &path, &page, &fields);
        assert_eq!((page.status, page.path.clone()), (200, format!("/delegations/{}", made.id)));
        assert_eq!(made.seen(&app.as_(Role::Officer))["state"], "rejected");
        // Its reason stands above everything else of its page.
        let at = page.text.find("class=\"warning\"").expect("no reason on top");
        assert!(at < page.text.find("id=\"summary\"").unwrap());
        page.shows("<q>Lịch trùng &#60;b&#62;hội nghị&#60;/b&#62;</q>");
    });
}

#[test]
fn what_was_done_is_said_once_on_the_page_that_follows() {
    const TOLD: &str = "class=\"happened\" role=\"status\"";
    on_each(|app| {
        let mut made = make::draft(&app.as_(Role::Officer), &make::body(app, "2026-04-20"));
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let edit = format!("/delegations/{}/edit", made.id);
        let shown = officer.get(&edit);
        assert!(!shown.text.contains(TOLD));
        let refused = sends(&officer, &edit, &shown, &[("/arrives_on:date", "31/02/2026")]);
        assert_eq!(refused.status, 422);
        assert!(!refused.text.contains(TOLD), "nothing was done");
        let saved = sends(&officer, &edit, &refused, &[("/purpose", "Thăm trường")]);
        saved.shows(TOLD).shows("<p>Đã lưu.</p>");
        // Opened again, its page says nothing; nor does the address.
        assert!(!officer.get(&saved.path).text.contains(TOLD));
        made.seen(&app.as_(Role::Officer));
        let cancel = path(&made, "cancel");
        let shown = officer.get(&cancel);
        sends(&officer, &cancel, &shown, &[("/reason", "Khách không sang nữa")]).shows("<p>Đã hủy đoàn.</p>");
        // A note of elsewhere is none of ours.
        let account = app.as_(Role::Officer).account.unwrap();
        let (name, value) = cookie(app, account);
        for note in ["done-nothing", "page-none", "<b>x</b>"] {
            let value = format!("{value}; __Host-legation-done={note}");
            let page = Browser::with(app, (name.clone(), value)).get("/");
            assert_eq!(page.status, 200);
            assert!(!page.text.contains(TOLD), "{note}");
        }
    });
}

#[test]
fn a_form_sent_again_after_going_back_speaks_to_people() {
    on_each(|app| {
        let made = make::draft(&app.as_(Role::Officer), &make::body(app, "2026-04-20"));
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let edit = format!("/delegations/{}/edit", made.id);
        let shown = officer.get(&edit);
        assert_eq!(sends(&officer, &edit, &shown, &[("/purpose", "Thăm trường")]).status, 200);
        // The browser's Back shows the form as it was, with its key.
        let page = sends(&officer, &edit, &shown, &[("/purpose", "Thăm bệnh viện")]);
        assert_eq!(page.status, 422);
        page.shows("Biểu mẫu này đã được gửi và ghi một lần").shows("Thăm bệnh viện");
        assert!(!page.text.contains("Idempotency-Key"), "{}", page.text);
        let page = sends(&officer, &edit, &page, &[("/purpose", "Thăm bệnh viện")]);
        assert_eq!(page.status, 200, "{}", page.text);
        // A form of a command that is no more cannot stand there; what was typed does.
        let clerk = Browser::of(app, Role::Clerk, app.world().foreign);
        let mut other = make::registered(app, &app.as_(Role::Officer), &make::body(app, "2026-04-20"), 1);
        other.does(&app.as_(Role::Officer), "submit", &make::declared());
        let receive = path(&other, "receive");
        let shown = clerk.get(&receive);
        assert_eq!(sends(&clerk, &receive, &shown, &[("/number", "125/CV")]).status, 200);
        let page = sends(&clerk, &receive, &shown, &[("/number", "126/CV-LHHN")]);
        page.shows("Biểu mẫu này đã được gửi trước đó").shows("126/CV-LHHN").shows("Điều anh/chị đã gõ");
    });
}

#[test]
fn a_form_of_an_earlier_sign_in_stands_there_again() {
    on_each(|app| {
        let made = make::at_approver(app, 1);
        let approver = Browser::of(app, Role::Approver, app.world().office);
        let path = path(&made, "advance");
        let version = made.version.to_string();
        let fields = [("csrf", "00"), ("version", &version), ("/comment", "Cần bổ sung danh sách")];
        // From elsewhere, nothing of it is kept.
        let page = approver.post_only(&path, &fields, &[("sec-fetch-site", "cross-site")]);
        assert_eq!(page.status, 403);
        assert!(!approver.get(&path).text.contains("Cần bổ sung danh sách"));
        let page = approver.post_only(&path, &fields, &[HERE]);
        assert_eq!((page.status, page.headers["location"].clone()), (303, format!("{path}?unsent=1")));
        let page = approver.get(&page.headers["location"]);
        page.shows("Biểu mẫu chưa được gửi").shows("Cần bổ sung danh sách");
        assert_eq!(made.clone().seen(&app.as_(Role::Officer))["state"], "received");
        // Nothing typed, nothing to come back for; and no password is ever kept.
        assert_eq!(approver.post_only(&path, &[("csrf", "00")], &[HERE]).status, 403);
        let secret = [("csrf", "00"), ("/old_password", "một câu"), ("/new_password", "một câu khác")];
        assert_eq!(approver.post_only("/me/password", &secret, &[HERE]).status, 403);
    });
}

#[test]
fn several_that_are_refused_keep_what_was_typed() {
    on_each(|app| {
        let (first, second) = (make::at_approver(app, 1), make::at_approver(app, 11));
        let approver = Browser::of(app, Role::Approver, app.world().office);
        let address = format!("/inbox/decide?d={}&d={}", first.id, second.id);
        let page = approver.get(&address);
        // What was recommended stands at its row.
        page.shows("Đồng ý – Nguyễn Thị appraiser").shows("class=\"due ");
        let ids: Vec<String> = (0..2).map(|at| page.hidden(&format!("/rows/{at}/id"))).collect();
        let (csrf, key) = (page.hidden("csrf"), page.hidden("key"));
        let stale = (first.version - 1).to_string();
        let rows = |decision: &'static str, text: &'static str| {
            let mut fields = vec![("csrf".to_owned(), csrf.clone()), ("key".to_owned(), key.clone())];
            for (at, id) in ids.iter().enumerate() {
                fields.push((format!("/rows/{at}/id"), id.clone()));
                fields.push((format!("/rows/{at}/version:int"), stale.clone()));
                fields.push((format!("/rows/{at}/decision"), decision.to_owned()));
                fields.push((format!("/rows/{at}/comment"), text.to_owned()));
            }
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            approver.post("/inbox/decide", &fields)
        };
        // Without a single decision the form says so of itself, and keeps the words.
        let page = rows("", "Chờ thêm tin");
        assert_eq!(page.status, 422);
        page.shows("href=\"#f-rows\"").shows("chọn ý kiến cho ít nhất một hồ sơ").shows("Chờ thêm tin");
        let page = rows("return", "Thiếu thư mời");
        page.shows("Hồ sơ đã được người khác thay đổi");
        let page = approver.get(&format!("/inbox/decide?d={}", second.id));
        page.shows("Thiếu thư mời").shows("value=\"return\" selected");
    });
}

#[test]
fn a_state_says_what_it_waits_for() {
    on_each(|app| {
        let appraised = make::at_appraiser(app, 1);
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let page = |made: &Made| officer.get(&format!("/delegations/{}", made.id));
        page(&appraised).shows("<span class=\"state received\">Đang thẩm định</span>");
        officer.get("/delegations").shows("<span class=\"state received\">Đang thẩm định</span>");
        let mut made = appraised;
        made.does(&app.as_(Role::Appraiser), "decisions", &make::approve());
        page(&made).shows("<span class=\"state received\">Chờ phê duyệt</span>");
        for list in ["/", "/delegations"] {
            let page = officer.get(list);
            page.shows("<span class=\"state received\">Chờ phê duyệt</span>");
            assert!(!page.text.contains("received\">Đang thẩm định"), "{list}: {}", page.text);
        }
        // Programs read the code.
        assert_eq!(made.seen(&app.as_(Role::Officer))["state"], "received");
        // The secretary prepares, and is asked for nothing else.
        let secretary = Browser::of(app, Role::Secretary, app.world().office);
        let page = secretary.get("/");
        page.shows("Chuẩn bị để lãnh đạo quyết định").shows("1 hồ sơ đang chờ lãnh đạo quyết định");
        assert!(
            !page.text.contains("đang chờ anh/chị") && !page.text.contains("/do/advance"),
            "{}",
            page.text
        );
    });
}

#[test]
fn a_deadline_after_the_first_day_of_a_visit_says_so() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::registered(app, &officer, &make::body(app, "2026-03-20"), 1);
        made.does(&officer, "submit", &make::declared());
        // Received two days before the guests come: the desk's clock runs beyond that.
        let clerk = make::later(app, 16, &app.as_(Role::Clerk));
        made.does(&clerk, "receive", &json!({"number": "7/ĐĐ"}));
        let appraiser = app.as_(Role::Appraiser).account.unwrap();
        let browser = Browser::with(app, cookie(app, appraiser));
        for path in ["/".to_owned(), format!("/delegations/{}", made.id)] {
            browser.get(&path).shows("sau ngày đoàn bắt đầu (20/03/2026)");
        }
    });
}

#[test]
fn a_duty_that_was_late_when_it_came_to_be_says_so() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let made = make::permitted(app, &officer, 1);
        let clerk = (Role::Clerk, app.world().foreign);
        let due = "2026-02-27T17:00";
        let late = duty("IN-POLICE-COPY", ObligationKind::PoliceNotice, clerk, due, Proof::Number);
        let on_time = Planned { rule: "IN-LATER".to_owned(), ..notice(app) };
        plan(app, &officer, &made, &[late, on_time]);
        let browser = Browser::of(app, Role::Clerk, app.world().foreign);
        for path in [format!("/delegations/{}", made.id), "/obligations".to_owned()] {
            let page = browser.get(&path);
            page.shows("Hạn đã qua ngay khi việc này phát sinh (");
            assert!(!page.text.contains("class=\"due late\">Quá hạn<"), "{path}: {}", page.text);
        }
        // What could have been kept is overdue as ever.
        app.advance(chrono::TimeDelta::days(30));
        let browser = Browser::of(app, Role::Clerk, app.world().foreign);
        browser.get("/obligations").shows("class=\"due late\">Quá hạn ").shows(" ngày làm việc<");
    });
}

#[test]
fn visits_before_had_ended_when_this_one_begins() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let named = |day: &str, title: &str| {
            let mut body = make::body(app, day);
            body["title"] = json!(title);
            body
        };
        for (no, day, title) in [
            (1, "2026-03-16", "Đoàn đã về"),
            (11, "2026-03-18", "Đoàn còn ở"),
            (21, "2026-03-25", "Đoàn sau"),
        ] {
            let mut made = make::registered(app, &officer, &named(day, title), no);
            make::received(app, &officer, &mut made);
            make::approved(app, &mut made);
            make::issued(app, &mut made, &no.to_string());
        }
        let made = make::at_approver(app, 31);
        let sheet = Browser::of(app, Role::Approver, app.world().office).get(&path(&made, "advance"));
        let (_, earlier) = sheet.text.split_once("id=\"earlier\"").unwrap();
        let earlier = earlier.split("</section>").next().unwrap();
        assert!(earlier.contains("Đoàn đã về"), "{earlier}");
        assert!(!earlier.contains("Đoàn còn ở") && !earlier.contains("Đoàn sau"), "{earlier}");
        sheet.shows("Hạn của bước này:");
        assert_eq!(sheet.text.matches("Ô có ghi “bắt buộc”").count(), 1);
        let form = sheet.text.find("class=\"decide\"").unwrap();
        assert!(sheet.text.find("Ô có ghi “bắt buộc”").unwrap() > form, "the line stands at the form");
    });
}

#[test]
fn a_permit_that_was_taken_back_is_void() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut made = make::permitted(app, &officer, 1);
        let browser = Browser::of(app, Role::Officer, app.world().union);
        let dossier = format!("/delegations/{}", made.id);
        assert!(!browser.get(&dossier).text.contains("Hết giá trị"));
        made.does(&app.as_(Role::Clerk), "revoke", &json!({"reason": "Khách đổi mục đích"}));
        let page = browser.get(&dossier);
        page.shows("Hết giá trị từ ").shows("<q>Khách đổi mục đích</q>");
        // What is over has no rule to be passed by.
        assert!(!page.text.contains(&format!("{dossier}/overrides")), "{}", page.text);
    });
}

#[test]
fn a_day_that_does_not_exist_is_named_at_its_field() {
    on_each(|app| {
        let auditor = app.as_(Role::Auditor);
        let browser = Browser::with(app, cookie(app, auditor.account.unwrap()));
        let page = browser.get("/journal?from=31/02/2026");
        page.shows("id=\"from-error\">Không phải ngày hợp lệ").shows("value=\"31/02/2026\"");
        assert!(!page.text.contains("id=\"to-error\""));
        page.shows("placeholder=\"ngày/tháng/năm\"");
        assert!(!browser.get("/journal?from=05/02/2026").text.contains("from-error"));
        english(app, &auditor).get("/journal").shows("placeholder=\"dd/mm/yyyy\"");
    });
}

#[test]
fn an_administrator_reads_the_rules_and_a_head_is_answered() {
    on_each(|app| {
        let admin = Browser::with(app, cookie(app, app.as_(Role::Admin).account.unwrap()));
        assert_eq!(admin.get("/office/rules").status, 200);
        let officer = Browser::of(app, Role::Officer, app.world().union);
        for path in ["/", "/delegations", "/reports"] {
            let page = officer.exchange("HEAD", path, Vec::new(), "text/plain", &[]);
            assert_eq!((page.status, page.bytes.len()), (200, 0), "{path}");
        }
        let page = officer.exchange("HEAD", "/kept/discard", Vec::new(), "text/plain", &[]);
        assert_eq!(page.status, 303, "to the page above");
        assert_eq!(Browser::new(app).exchange("HEAD", "/", Vec::new(), "text/plain", &[]).status, 303);
    });
}

#[test]
fn names_stand_in_the_order_of_the_alphabet() {
    on_each(|app| {
        let admin = app.as_(Role::Admin);
        for (code, name) in [("HDA", "Hội Đá"), ("HDE", "Hội Dê"), ("HBA", "Hội Ba")] {
            let body = json!({"code": code, "name_vi": name, "name_en": name, "kind": "department"});
            let answer = admin.post("/api/v1/organisations", &body);
            assert_eq!(answer.status, 201, "{}", answer.body);
        }
        let page = Browser::of(app, Role::Officer, app.world().union).get("/delegations/new");
        let at = |name: &str| page.text.find(&format!(">{name}<")).unwrap_or_else(|| panic!("no {name}"));
        assert!(at("Hội Ba") < at("Hội Dê") && at("Hội Dê") < at("Hội Đá"));
    });
}
