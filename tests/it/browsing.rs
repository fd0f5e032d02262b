//! The whole story in a real browser: as officer, clerk, appraiser, approver, auditor and administrator; once without
//! scripts, once by keys alone, once on a phone. Each step leaves a screenshot.

use fantoccini::key::Key;
use legation::domain::access::Role;
use legation::domain::ids::OrganisationId;
use legation::store::outbox::MailState;
use serde_json::json;

use crate::app::{TestApp, on_each};
use crate::auth::{self, PASSWORD};
use crate::chromium::{self, Chrome, PHONE};
use crate::{make, office_pages, rules};

/// A list as a spreadsheet puts it on the clipboard: five guests, one of them with a day that does not exist.
const LIST: &str = "Họ và tên\tGiới tính\tNgày sinh\tQuốc tịch\tSố hộ chiếu\tNgày hết hạn\tChức vụ\tThị thực\n\
                    TANAKA Hiroshi\tNam\t5/2/1961\tNhật Bản\tTR1234567\t01/01/2031\tChủ tịch\tĐã có\n\
                    SATO Yuki\tBà\t31/02/1980\tJP\tTR7654321\t01/01/2031\tỦy viên\tĐã có\n\
                    SUZUKI Ken\tNam\t1/3/1975\tJapan\tTR1111111\t01/01/2031\tỦy viên\tĐã có\n\
                    ITO Mai\tNữ\t2/3/1985\tJP\tTR2222222\t01/01/2031\tThư ký\tĐã có\n\
                    MORI Aya\tNữ\t2/4/1986\tJP\tTR3333333\t01/01/2031\tPhiên dịch\tĐã có";
const GUESTS: [&str; 5] = ["TANAKA Hiroshi", "SATO Yuki", "SUZUKI Ken", "ITO Mai", "MORI Aya"];

/// Somebody who can sign in by name and password.
fn person(app: &TestApp, username: &str, name: &str, role: Role, place: OrganisationId) {
    let body = json!({
        "username": username, "display_name": name, "email": format!("{username}@example.org"),
        "grants": [{"organisation_id": place, "role": role}],
    });
    let added = app.as_(Role::Admin).post("/api/v1/users", &body).expect(201);
    auth::activate(&app.client(), &auth::token_of(&added), PASSWORD).expect(200);
}

/// The people of the story.
pub fn cast(app: &TestApp) {
    let world = app.world();
    for (username, name, role, place) in [
        ("hanh", "Lê Thị Hạnh", Role::Officer, world.union),
        ("thu", "Nguyễn Minh Thư", Role::Clerk, world.foreign),
        ("khoa", "Phạm Đăng Khoa", Role::Appraiser, world.foreign),
        ("phuc", "Võ Hoàng Phúc", Role::Approver, world.office),
        ("loan", "Trần Kim Loan", Role::Clerk, world.office),
        ("minh", "Đỗ Minh", Role::Auditor, world.city),
        ("quang", "Bùi Quang", Role::Admin, world.city),
    ] {
        person(app, username, name, role, place);
    }
}

/// Fills in the sign-in form that is shown, and sends it.
pub fn sign_in<'c>(chrome: &'c Chrome, username: &str) -> &'c Chrome {
    chrome.fill("#f-username", username).fill("#f-password", PASSWORD);
    chrome.open_by("main button[type=submit]")
}

/// The browser passes from one colleague to the next.
fn instead<'c>(chrome: &'c Chrome, username: &str) -> &'c Chrome {
    chrome.open_by("form[action='/sign-out'] button");
    sign_in(chrome, username)
}

/// Everything about the delegation but its members.
fn fill_in(app: &TestApp, chrome: &Chrome) {
    chrome
        .fill("#f-title", "Đoàn Hội hữu nghị Nhật - Việt thành phố Hiroshima")
        .fill("#f-purpose", "Thăm và làm việc về hợp tác giáo dục")
        .choose("#f-primary_field", "education")
        .choose("#f-channel", "people")
        .choose("#f-rank", "other")
        .choose("#f-lead_host_id", &app.world().union.to_string())
        .tick("input[name='/guest_kinds:list'][value=friendship]")
        .choose("#f-countries-0", "JP")
        .fill("#f-arrives_on", "20/4/2026")
        .fill("#f-departs_on", "22/04/2026")
        .fill("#f-programme-0-starts_at", "20/04/2026 08:30")
        .fill("#f-programme-0-what", "Làm việc với Liên hiệp")
        .fill("#f-programme-0-place-name", "Trụ sở Liên hiệp")
        .fill("#f-request_letter-number", "15/LHHN")
        .fill("#f-request_letter-date", "25/02/2026")
        .fill("#f-contact-name", "Lê Thị Hạnh")
        .fill("#f-contact-phone", "+84 292 000 000")
        .tick("input[name='/sensitive:bool'][value=false]");
}

fn paste(chrome: &Chrome, list: &str) {
    chrome.copy(list).tick("#pasted").keys(&format!("{}a", Key::Control + "")).keys(&(Key::Control + "v"));
}

#[test]
fn the_whole_story_from_a_pasted_list_to_the_journal() {
    if !chromium::is_here() {
        return;
    }
    on_each(|app| {
        cast(app);
        let chrome = Chrome::open(&app.base);
        let step = |name: &str| chrome.shot(&format!("story-{name}"));

        // The officer: from the sign-in page to a submitted delegation, by what the pages offer.
        chrome.go("/");
        step("01-sign-in");
        sign_in(&chrome, "hanh");
        step("02-inbox");
        chrome.press("Lập hồ sơ");
        step("03-new");
        fill_in(app, &chrome);
        chrome.fill("#f-departs_on", "31/04/2026").press("Lưu nháp");
        // What is wrong is said first, has the focus, and leads to its field, which still has what was typed.
        assert_eq!(chrome.focus(), "errors");
        step("04-a-day-that-there-is-not");
        chrome.tick("#errors a[href='#f-departs_on']");
        assert_eq!(chrome.focus(), "f-departs_on");
        chrome.fill("#f-departs_on", "22/04/2026").press("Lưu nháp");
        chrome.shows("Ngày nộp muộn nhất");
        step("05-saved-with-its-assessment");
        chrome.press("Thành viên");
        paste(&chrome, LIST);
        chrome.press("Xem thử");
        chrome.shows("31/02/1980");
        assert!(!chrome.has("button[name=confirm]"), "what cannot be read cannot be confirmed");
        step("06-pasted-with-a-bad-day");
        paste(&chrome, &LIST.replace("31/02/1980", "28/02/1980"));
        chrome.press("Xem thử");
        step("07-pasted");
        chrome.open_by("button[name=confirm]");
        for guest in GUESTS {
            chrome.shows(guest);
        }
        step("08-members");
        chrome.press("Quay lại");
        let dossier = chrome.path();
        step("09-dossier");
        chrome.press("Trình hồ sơ");
        step("10-submit");
        chrome.tick("#f-contains_no_state_secret").open_by("main form button[type=submit]");
        assert_eq!(chrome.path(), dossier, "{}", chrome.text());
        chrome.shows("Đã trình");
        step("11-submitted");

        // The clerk's number, the appraiser's recommendation.
        instead(&chrome, "thu").shows("Hiroshima");
        step("12-clerk");
        chrome.go(&format!("{dossier}/do/receive")).fill("#f-number", "125/CV-LHHN");
        step("13-receive");
        chrome.open_by("main form button[type=submit]").shows("Đang thẩm định");
        instead(&chrome, "khoa").shows("Hiroshima");
        chrome.go(&format!("{dossier}/do/advance"));
        chrome.tick("input[name='/decision'][value=approve]").fill("#f-comment", "Đề nghị đồng ý");
        step("14-appraise");
        chrome.open_by("main form button[type=submit]");

        // From the mail to the decision: after signing in, two clicks.
        app.run_jobs();
        let mail = app.mails().into_iter().rev().find(|mail| mail.text.contains("/delegations/")).unwrap();
        let link = mail.text.split_whitespace().find(|word| word.contains("/delegations/")).unwrap();
        let link = &link[link.find("/delegations/").unwrap()..];
        assert_eq!(link, format!("{dossier}/do/advance"));
        chrome.open_by("form[action='/sign-out'] button").go(link);
        sign_in(&chrome, "phuc");
        assert_eq!(chrome.path(), link);
        step("15-approver");
        chrome.shows("Đề nghị đồng ý").shows("TANAKA Hiroshi");
        chrome.tick("input[name='/decision'][value=approve]");
        step("16-decide");
        // On paper it is one sheet about the matter, without the menu.
        let sheet = chrome.printed();
        std::fs::write(chromium::screenshots().join("story-16-decide.pdf"), &sheet).unwrap();
        let printed = pdf_extract::extract_text_from_mem(&sheet).unwrap();
        let printed: String = printed.split_whitespace().collect();
        assert!(printed.contains("Hiroshima") && !printed.contains("Đăngxuất"), "{printed}");
        chrome.open_by("main form button[type=submit]").shows("Đã duyệt trong hệ thống");
        step("17-approved");

        // The letter with its number.
        instead(&chrome, "thu").go(&dossier);
        if !chrome.has("a[href$='/do/issue']") {
            instead(&chrome, "loan").go(&dossier);
        }
        chrome.open_by("a[href$='/do/issue']").fill("#f-number", "5").fill("#f-symbol", "UBND-ĐN");
        chrome.fill("#f-date", "02/03/2026").fill("#f-signer", "Võ Hoàng Phúc");
        chrome.tick("input[name='/forms:list'][value=TM]");
        step("18-issue");
        chrome.open_by("main form button[type=submit]").shows("Đã có văn bản cho phép");
        step("19-issued");

        // After the visit: who came.
        app.clock.set("2026-04-24T02:00:00Z".parse().unwrap());
        chrome.go("/");
        sign_in(&chrome, "hanh");
        chrome.go(&format!("{dossier}/do/report"));
        chrome.fill("#f-actual_arrives_on", "20/04/2026").fill("#f-actual_departs_on", "22/04/2026");
        // Everybody is taken to have come; who did not is taken off the list.
        chrome.tick("input[type=checkbox][name='/members/1/attendance']");
        chrome.fill("#f-results", "Ký ghi nhớ về trao đổi sinh viên");
        step("20-report");
        chrome.open_by("main form button[type=submit]").shows("Đã báo cáo kết quả");
        chrome.press("Kết thúc hồ sơ").fill("#f-reason", "Việc còn lại được theo dõi riêng");
        chrome.open_by("main form button[type=submit]");
        step("21-closed");
        chrome.shows("Đã kết thúc");

        // The month's return, with the delegation behind its figure; then the journal, recomputed.
        instead(&chrome, "minh").shows("DV-2026-0001");
        assert_eq!(chrome.path(), "/journal", "the auditor begins where there is something to read");
        step("22-journal");
        chrome.open_by("main td a.target").shows("Nội dung đã cam kết");
        step("23-entry");
        let proof = chrome.js("const ask = new XMLHttpRequest();\
             ask.open('GET', document.querySelector('a[href$=\"/proof\"]').href, false);\
             ask.send();\
             return ask.status + ' ' + ask.responseText;");
        let proof = proof.as_str().unwrap();
        assert!(proof.starts_with("200 c2sp.org/tlog-proof@v1\n"), "{proof}");
        chrome.go("/journal").open_by("main a[href='/journal/verify']");
        chrome.open_by("form[action='/journal/verify'] button");
        assert!(chrome.has("#outcome.note"), "{}", chrome.text());
        step("24-verified");
        chrome.go("/delegations").press("Đoàn Hội hữu nghị Nhật - Việt thành phố Hiroshima");
        chrome.shows("Ký ghi nhớ về trao đổi sinh viên");
        assert!(!chrome.has("ul.commands a"), "who audits does nothing");
        step("25-dossier");
        chrome.go("/reports/monthly/2026-04").shows("04/2026");
        step("26-return");
    });
}

#[test]
fn an_administrator_seats_a_colleague_who_begins_to_work() {
    if !chromium::is_here() {
        return;
    }
    let app = TestApp::spawn("sqlite");
    cast(&app);
    let chrome = Chrome::open(&app.base);
    let step = |name: &str| chrome.shot(&format!("admin-{name}"));
    sign_in(chrome.go("/sign-in"), "quang");
    assert_eq!(chrome.path(), "/office", "who runs the office begins there");
    step("1-first-page");
    chrome.open_by("main a[href='/office/organisations']");
    chrome
        .fill("#f-name_vi", "Trung tâm Hữu nghị")
        .fill("#f-name_en", "Friendship Centre")
        .fill("#f-code", "TTHN");
    chrome.choose("#f-kind", "association").choose("#f-parent_id", &app.world().union.to_string());
    step("2-organisation");
    chrome.open_by("main form button[type=submit]").shows("Trung tâm Hữu nghị");
    chrome.go("/office").open_by("main a[href='/office/users']").open_by("main a[href='/office/users/new']");
    chrome
        .fill("#f-username", "mai")
        .fill("#f-display_name", "Trần Thị Mai")
        .fill("#f-email", "mai@example.org")
        .choose("#f-grants-0-role", "officer")
        .choose("#f-grants-0-organisation_id", &app.world().union.to_string());
    step("3-colleague");
    chrome.open_by("main form button[type=submit]").shows("Trần Thị Mai");
    step("4-link");
    let link = chrome.js("return document.querySelector('.made code').textContent;");
    let link = link.as_str().unwrap();
    // Who signs in by it is the colleague, at another desk.
    chrome.open_by("form[action='/sign-out'] button").go(&link[link.find("/activate").unwrap()..]);
    step("5-password");
    chrome.fill("#f-password", "mot cau rat dai de nho").open_by("main form button[type=submit]");
    if chrome.has("#f-username") {
        chrome.fill("#f-username", "mai").fill("#f-password", "mot cau rat dai de nho");
        chrome.open_by("main button[type=submit]");
    }
    chrome.shows("Trần Thị Mai").shows("Lập hồ sơ");
    step("6-at-work");
    // The administrator sees the sign-in, and ends it by locking the account.
    instead(&chrome, "quang").go("/office/users?q=mai").press("Trần Thị Mai");
    step("7-account");
    chrome.open_by("form[action$='/lock'] button").shows("Trần Thị Mai");
    step("8-locked");
    let refused = app
        .client()
        .post("/api/v1/auth/login", &json!({"username": "mai", "password": "mot cau rat dai de nho"}));
    assert_eq!(refused.status, 401);
    chrome.go("/office").open_by("main a[href='/office/calendar']");
    step("9-calendar");
    // A mail that did not go out is sent again.
    let mut made = make::registered(&app, &app.as_(Role::Officer), &make::body(&app, "2026-04-20"), 3);
    made.does(&app.as_(Role::Officer), "submit", &make::declared());
    office_pages::stuck(&app, MailState::Dead);
    chrome.go("/office").open_by("main a[href='/office/outbox']");
    step("10-outbox");
    chrome.open_by("form[action='/office/outbox/resend'] button");
    assert!(!chrome.has("form[action='/office/outbox/resend']"), "{}", chrome.text());
    step("11-sent-again");
    // What another version of the rules would change, before it holds.
    rules::loaded(&app, "inbound.toml", |text| text.replacen("n = 5, unit", "n = 12, unit", 1));
    chrome.go("/office").open_by("main a[href='/office/rules']").open_by("main a[href='/office/rules/2']");
    chrome.open_by("main a[href='/office/rules/2/impact']").shows("Phiên bản này thay đổi gì");
    step("12-impact");
}

#[test]
fn a_delegation_is_registered_and_submitted_with_scripts_switched_off() {
    if !chromium::is_here() {
        return;
    }
    let app = TestApp::spawn("sqlite");
    cast(&app);
    let chrome = Chrome::open(&app.base);
    sign_in(chrome.go("/sign-in"), "hanh");
    let list = LIST.replace("31/02/1980", "28/02/1980");
    chrome.copy(&list);
    let chrome = chrome.without_scripts();
    chrome.go("/").press("Lập hồ sơ");
    fill_in(&app, &chrome);
    chrome.press("Lưu nháp").press("Thành viên");
    chrome.tick("#pasted").keys(&(Key::Control + "v"));
    chrome.press("Xem thử").open_by("button[name=confirm]");
    for guest in GUESTS {
        chrome.shows(guest);
    }
    chrome.press("Quay lại").press("Trình hồ sơ");
    // No script put the keys or the focus there: the page says everything by itself.
    chrome.open_by("main form button[type=submit]").shows("Có điều cần sửa");
    assert_ne!(chrome.focus(), "errors", "scripts are off");
    chrome.tick("#f-contains_no_state_secret").open_by("main form button[type=submit]").shows("Đã trình");
    chrome.shot("without-scripts");
}

/// Presses Tab until this has the focus.
fn tab_to(chrome: &Chrome, goal: &str) {
    let mut seen = Vec::new();
    while chrome.focus() != goal {
        chrome.keys("\u{e004}");
        seen.push(chrome.focus());
        assert!(seen.len() < 150, "{goal} has no place in the order: {seen:?}");
    }
}

#[test]
fn by_keys_alone() {
    if !chromium::is_here() {
        return;
    }
    let app = TestApp::spawn("sqlite");
    cast(&app);
    let mut body = make::body(&app, "2026-04-20");
    body["title"] = "Đoàn Đồng bằng Sông Cửu Long".into();
    make::registered(&app, &app.as_(Role::Officer), &body, 1);
    let chrome = Chrome::open(&app.base);
    chrome.go("/sign-in");
    tab_to(&chrome, "f-username");
    chrome.keys("hanh");
    tab_to(&chrome, "f-password");
    chrome.leave(|| {
        chrome.keys(&format!("{PASSWORD}\u{e007}"));
    });
    // The first stop leads past the menu.
    chrome.keys("\u{e004}");
    chrome.shot("keys-skip").keys("\u{e007}");
    assert_eq!(chrome.focus(), "main");
    chrome.keys("/");
    assert_eq!(chrome.focus(), "search");
    chrome.leave(|| {
        chrome.keys("cuu long dong bang\u{e007}");
    });
    chrome.shows("Đoàn Đồng bằng Sông Cửu Long");
    tab_to(&chrome, "Đoàn Đồng bằng Sông Cửu Long");
    let ring = chrome.js("return getComputedStyle(document.activeElement).outlineStyle;");
    assert_eq!(ring, "solid", "the focus is seen");
    chrome.shot("keys-focus").leave(|| {
        chrome.keys("\u{e007}");
    });
    tab_to(&chrome, "Trình hồ sơ");
    chrome.leave(|| {
        chrome.keys("\u{e007}");
    });
    tab_to(&chrome, "f-contains_no_state_secret");
    chrome.keys(" ");
    chrome
        .leave(|| {
            chrome.keys("\u{e007}");
        })
        .shows("Đã trình");
    chrome
        .leave(|| {
            chrome.keys("gi");
        })
        .shows("Hộp việc");
    assert_eq!(chrome.path(), "/");
}

#[test]
fn from_a_mail_to_a_decision_on_a_phone() {
    if !chromium::is_here() {
        return;
    }
    let app = TestApp::spawn("sqlite");
    cast(&app);
    let mut made = make::registered(&app, &app.as_(Role::Officer), &make::body(&app, "2026-04-20"), 3);
    made.does(&app.as_(Role::Officer), "submit", &make::declared());
    made.does(&app.as_(Role::Clerk), "receive", &json!({"number": "101/ĐĐ"}));
    let approve = json!({"decision": "approve", "comment": "Đủ điều kiện"});
    made.does(&app.as_(Role::Appraiser), "decisions", &approve);
    let chrome = Chrome::open(&app.base).screen(PHONE);
    let on_screen = |name: &str| {
        assert_eq!(chrome.misplaced(), [""; 0], "{name}");
        chrome.shot(&format!("phone-{name}"));
    };
    chrome.go(&format!("/delegations/{}", made.id));
    on_screen("1-sign-in");
    sign_in(&chrome, "phuc");
    on_screen("2-dossier");
    chrome.open_by("a[href$='/do/advance']").tick("input[name='/decision'][value=approve]");
    on_screen("3-decide");
    chrome.open_by("main form button[type=submit]").shows("Đã duyệt trong hệ thống");
    on_screen("4-decided");
}
