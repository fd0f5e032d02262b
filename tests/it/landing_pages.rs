//! Where somebody arrives and what stands there: the first page of whoever decides nothing, the menu of pages below others,
//! the page behind a mail, deadlines that agree wherever they stand, and what is void or was emptied.

use legation::domain::access::Role;
use serde_json::json;

use crate::app::on_each;
use crate::form_pages::between;
use crate::make;
use crate::month_pages::raw;
use crate::obligations::{notice, plan};
use crate::pages::{Browser, cookie, fill};

#[test]
fn whoever_has_no_inbox_begins_with_what_there_is_to_do() {
    on_each(|app| {
        let world = app.world();
        for (role, place, begins) in [
            (Role::Auditor, world.city, "/journal"),
            (Role::Admin, world.city, "/office"),
            (Role::Secretary, world.office, "/"),
            (Role::Officer, world.union, "/"),
        ] {
            let page = Browser::of(app, role, place).get("/");
            assert_eq!((page.status, page.path.as_str()), (200, begins), "{role}");
        }
        // With an inbox besides, that comes first.
        let both = app.another(Role::Auditor, world.foreign).account.unwrap();
        let clerk = app.at(Role::Clerk, world.foreign).account.unwrap();
        make::execute(app, &format!("UPDATE grants SET account_id = '{both}' WHERE account_id = '{clerk}'"));
        assert_eq!(Browser::with(app, cookie(app, both)).get("/").path, "/");
    });
}

#[test]
fn the_menu_marks_the_line_to_which_a_page_belongs() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let made = make::draft(&client, &make::body(app, "2026-04-20"));
        let officer = Browser::of(app, Role::Officer, app.world().union);
        for (path, line, how) in [
            ("/".to_owned(), "/", "page"),
            (format!("/delegations/{}", made.id), "/delegations", "true"),
            (format!("/delegations/{}/papers", made.id), "/delegations", "true"),
            ("/delegations/new".to_owned(), "/delegations/new", "page"),
            ("/office/calendar".to_owned(), "/office", "true"),
            ("/partners".to_owned(), "/office", "true"),
            ("/plans".to_owned(), "/office", "true"),
        ] {
            let page = officer.get(&path);
            let menu = between(&page.text, "<nav aria-label=\"", "</nav>");
            let marked: Vec<&str> = menu.split("<a ").filter(|link| link.contains("aria-current")).collect();
            assert_eq!(marked.len(), 1, "{path}: {menu}");
            assert!(marked[0].starts_with(&format!("href=\"{line}\"")), "{path}: {}", marked[0]);
            assert!(marked[0].contains(&format!("aria-current=\"{how}\"")), "{path}: {}", marked[0]);
        }
        let empty = Browser::of(app, Role::Approver, app.world().office).get("/inbox/decide");
        empty.shows("<a href=\"/\" data-keys=\"g i\" aria-current=\"true\">");
        empty.shows("<a class=\"button\" href=\"/\">Về hộp việc</a>");
    });
}

#[test]
fn several_are_offered_to_be_decided_at_once_where_there_are_several() {
    on_each(|app| {
        make::at_approver(app, 1);
        let approver = Browser::of(app, Role::Approver, app.world().office);
        let alone = approver.get("/");
        alone.shows("/do/advance\"");
        assert!(!alone.text.contains("type=\"checkbox\"") && !alone.text.contains("/inbox/decide"));
        make::at_approver(app, 11);
        let two = approver.get("/");
        two.shows("formaction=\"/inbox/decide\"");
        assert_eq!(two.text.matches("type=\"checkbox\"").count(), 2);
    });
}

#[test]
fn a_mail_that_asks_for_a_decision_leads_to_where_it_is_made() {
    on_each(|app| {
        // Who is to be told is here before there is something to tell.
        for role in [Role::Clerk, Role::Appraiser, Role::Approver] {
            app.as_(role);
        }
        let made = make::at_approver(app, 1);
        app.run_jobs();
        let mails = app.mails();
        let link = |subject: &str| {
            let mail = mails.iter().find(|mail| mail.subject.contains(subject));
            let mail = mail.unwrap_or_else(|| {
                panic!("{:?}", mails.iter().map(|mail| &mail.subject).collect::<Vec<_>>())
            });
            let link = mail.text.split_whitespace().find(|word| word.contains("/delegations/")).unwrap();
            link[link.find("/delegations/").unwrap()..].to_owned()
        };
        let dossier = format!("/delegations/{}", made.id);
        assert_eq!(link("chờ tiếp nhận"), dossier, "what asks for no decision stays");
        let decide = link("chờ phê duyệt");
        assert_eq!(decide, format!("{dossier}/do/advance"));
        let approver = Browser::of(app, Role::Approver, app.world().office);
        let page = fill(&approver, &decide, &decide, &[("/decision", "approve")]);
        assert_eq!((page.status, page.path.as_str()), (200, dossier.as_str()), "{}", page.text);
        // Clicked on once more, it says that it is done, and where the dossier is.
        let late = approver.get(&decide);
        assert_eq!(late.status, 409);
        late.shows(&format!("href=\"{dossier}\""));
    });
}

#[test]
fn deadlines_say_how_many_working_days_are_left_and_agree() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let mut draft = make::draft(&client, &make::body(app, "2026-04-20"));
        let waits = draft.seen(&client)["waiting_for"][0].clone();
        let days = format!("Còn {} ngày làm việc<", waits["working_days"]);
        let day: chrono::NaiveDate = waits["due_on"].as_str().unwrap().parse().unwrap();
        let due = format!("<small>Hạn {}</small>", day.format("%d/%m/%Y"));
        let officer = Browser::of(app, Role::Officer, app.world().union);
        for path in ["/".to_owned(), format!("/delegations/{}", draft.id)] {
            officer.get(&path).shows(&days).shows(&due);
        }
        // A duty of 17 March, seen on the second.
        let made = make::permitted(app, &client, 11);
        plan(app, &client, &made, &[notice(app)]);
        let clerk = Browser::of(app, Role::Clerk, app.world().foreign);
        let page = clerk.get("/obligations");
        let row = page.text.split("<tr>").find(|row| row.contains("Việc IN-POLICE-COPY")).unwrap();
        assert!(row.contains("<span class=\"due calm\">Còn 11 ngày làm việc</span>"), "{row}");
        assert!(row.contains("<small class=\"days\">17/03/2026 17:00</small>"), "{row}");
    });
}

#[test]
fn a_paper_that_was_taken_back_is_marked_void_among_the_papers() {
    on_each(|app| {
        let mut made = make::permitted(app, &app.as_(Role::Officer), 1);
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let path = format!("/delegations/{}/papers", made.id);
        assert!(!officer.get(&path).text.contains("Hết giá trị"));
        made.does(&app.as_(Role::Clerk), "revoke", &json!({"reason": "Khách đổi mục đích"}));
        let page = officer.get(&path);
        let issued = between(&page.text, "<h2 id=\"issued\">", "</section>");
        assert!(issued.contains("<span class=\"due late\">Hết giá trị từ "), "{issued}");
    });
}

#[test]
fn what_a_correction_of_the_report_leaves_empty_is_empty() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let mut made = make::permitted(app, &client, 1);
        app.clock.set("2026-03-24T02:00:00Z".parse().unwrap());
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let path = format!("/delegations/{}/do/report", made.id);
        let report = |days: (&str, &str), results: &str| {
            let fields = [
                ("/actual_arrives_on:date", days.0),
                ("/actual_departs_on:date", days.1),
                ("/results", results),
            ];
            fill(&officer, &path, &path, &fields)
        };
        let page = report(("20/03/2026", "21/03/2026"), "Ký ghi nhớ");
        assert_eq!(page.status, 200, "{}", page.text);
        let client = make::later(app, 0, &client);
        let seen = made.seen(&client);
        assert_eq!(
            (&seen["actual_departs_on"], &seen["results"]),
            (&json!("2026-03-21"), &json!("Ký ghi nhớ"))
        );
        // The first day is needed, and stays until there is another.
        let page = report(("", "21/03/2026"), "Ký ghi nhớ");
        assert_eq!(page.status, 422);
        page.shows("href=\"#f-actual_arrives_on\"");
        assert_eq!(report(("20/03/2026", ""), "").status, 200);
        let seen = made.seen(&client);
        assert_eq!(
            (&seen["actual_arrives_on"], &seen["actual_departs_on"], &seen["results"]),
            (&json!("2026-03-20"), &json!(null), &json!(""))
        );
        // A program says what it changes, and leaves the rest.
        report(("20/03/2026", "22/03/2026"), "Ký ghi nhớ");
        made.seen(&client);
        made.does(&client, "report", &json!({"actual_arrives_on": "2026-03-19"}));
        let seen = made.seen(&client);
        assert_eq!(
            (&seen["actual_departs_on"], &seen["results"]),
            (&json!("2026-03-22"), &json!("Ký ghi nhớ"))
        );
    });
}

#[test]
fn the_list_folds_its_filter_and_calls_a_month_that_is_over_by_its_name() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        make::draft(&client, &make::body(app, "2026-04-20"));
        let officer = Browser::of(app, Role::Officer, app.world().union);
        officer.get("/delegations").shows("<details class=\"sieve\">");
        officer.get("/delegations?state=draft").shows("<details class=\"sieve\" open>");
        let head = |phase: &str, month: &str| {
            let page = officer.get(&format!("/delegations?phase={phase}&month={month}"));
            between(&page.text, "<p class=\"lead\">", "</p>").to_owned()
        };
        assert_eq!(head("arriving", "2026-04"), "Sắp đến – tháng 04/2026");
        assert_eq!(head("arriving", "2026-01"), "Đã đến – tháng 01/2026");
        assert_eq!(head("leaving", "2026-01"), "Đã rời đi – tháng 01/2026");
    });
}

#[test]
fn a_search_finds_countries_by_their_names() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        for (title, country) in [("Đoàn Hiroshima", "JP"), ("Đoàn Lyon", "FR"), ("Đoàn Busan", "KR")] {
            let mut body = make::body(app, "2026-04-20");
            (body["title"], body["countries"]) = (title.into(), json!([country]));
            make::draft(&client, &body);
        }
        let cookie = cookie(app, client.account.unwrap());
        let found = |words: &str| {
            let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", words).finish();
            let page = raw(app, Some(&cookie), ("GET", &format!("/delegations?{query}")), None).text();
            let is_there = |title: &&str| page.contains(&format!(">Đoàn {title}</a>"));
            ["Hiroshima", "Lyon", "Busan"].into_iter().filter(is_there).collect::<Vec<_>>()
        };
        for words in ["Nhật Bản", "nhat", "Japan", "JPN", "hiroshima japan", "nhật đoàn"] {
            assert_eq!(found(words), ["Hiroshima"], "{words}");
        }
        assert_eq!(found("Hàn Quốc"), ["Busan"]);
        assert_eq!(found("Pháp Lyon"), ["Lyon"]);
        assert!(found("Pháp Busan").is_empty() && found("Brazil").is_empty());
    });
}
