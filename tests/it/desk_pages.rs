//! The desk's pages without a script: papers, submitting, deciding, several at once, duties, rules passed by, people met
//! before.

use legation::domain::access::Role;
use legation::domain::ids::AccountId;
use legation::domain::obligation::{ObligationKind, Proof};
use legation::store::accounts;
use serde_json::json;

use super::app::{Client, TestApp, databases, on_each};
use super::make::{self, Made, Post};
use super::obligations::{duty, notice, plan};
use super::pages::{Browser, Page, fill};
use super::papers::{files_in, pdf, stored};

/// A form of parts, in this order.
pub fn parts(fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let head = format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(head.as_bytes());
    }
    if let Some((name, bytes)) = file {
        let head = format!(
            "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: text/html\r\n\r\n"
        );
        body.extend(head.as_bytes());
        body.extend(bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--XX--\r\n");
    body
}

pub fn sends(browser: &Browser<'_>, path: &str, body: Vec<u8>) -> Page {
    let media = "multipart/form-data; boundary=XX";
    browser.exchange("POST", path, body, media, &[("sec-fetch-site", "same-origin")])
}

/// Uploads as the page's form does.
pub fn uploads(
    browser: &Browser<'_>,
    dossier: &str,
    said: &[(&str, &str)],
    file: Option<(&str, &[u8])>,
) -> Page {
    let path = format!("{dossier}/papers");
    let page = browser.get(&path);
    let (csrf, key, version) = (page.hidden("csrf"), page.hidden("key"), page.hidden("version"));
    let mut fields = vec![("csrf", csrf.as_str()), ("key", &key), ("version", &version)];
    fields.extend(said);
    sends(browser, &path, parts(&fields, file))
}

/// What stands between the first of these and the next of those.
#[track_caller]
pub fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("no {from:?} in {text}"));
    rest.split_once(to).unwrap_or_else(|| panic!("no {to:?} after {from:?}")).0
}

fn dossier(made: &Made) -> String {
    format!("/delegations/{}", made.id)
}

fn name_of(app: &TestApp, id: AccountId) -> String {
    app.read(|tx| Ok(accounts::load(tx, id)?)).unwrap().display_name
}

fn draft(app: &TestApp) -> Made {
    make::registered(app, &app.as_(Role::Officer), &make::body(app, "2026-04-20"), 1)
}

#[test]
fn a_paper_goes_up_and_comes_down_as_it_was_and_is_taken_away_with_a_reason() {
    on_each(|app| {
        let made = draft(app);
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let page = officer.get(&format!("{}/papers?kind=invitation", dossier(&made)));
        page.shows("value=\"invitation\" selected").shows("Giấy tờ còn thiếu");
        let bytes = pdf("thư mời");
        let said = [("/kind", "invitation"), ("/number", "<i>7</i>/TM"), ("/date:date", "20/02/2026")];
        let sent = uploads(&officer, &dossier(&made), &said, Some(("thư mời.pdf", &bytes)));
        assert_eq!(sent.status, 303, "{}", sent.text);
        let page = officer.get(&format!("{}/papers", dossier(&made)));
        page.shows("thư mời.pdf")
            .shows("&#60;i&#62;7&#60;/i&#62;/TM")
            .shows("20/02/2026")
            .shows("Đã kiểm tra");
        let id = between(&page.text, "/papers/01", "/file\"");
        let path = format!("{}/papers/01{id}", dossier(&made));
        let down = officer.get(&format!("{path}/file"));
        assert_eq!((down.status, &down.bytes), (200, &bytes));
        assert!(down.headers["content-disposition"].starts_with("attachment;"));
        // The same form sent twice is one paper; the same file too.
        let again = uploads(&officer, &dossier(&made), &said, Some(("khác.pdf", &bytes)));
        assert_eq!((again.status, stored(app).len()), (303, 1));
        // Without a reason it stays, and the page says what is missing.
        let why = format!("{path}/delete");
        let page = fill(&officer, &why, &why, &[("/reason", "")]);
        assert_eq!(page.status, 422);
        page.shows("id=\"f-reason-error\"");
        let page = fill(&officer, &why, &why, &[("/reason", "Nhầm <b>đoàn</b>")]);
        page.shows("Đã xóa").shows("Nhầm &#60;b&#62;đoàn&#60;/b&#62;");
        assert_eq!(officer.get(&format!("{path}/file")).status, 410);
        assert_eq!(stored(app).len(), 0);
        // Held on paper: number and date alone.
        let (show, record) =
            (format!("{}/papers", dossier(&made)), format!("{}/papers/offline", dossier(&made)));
        let fields =
            [("/offline/kind", "other"), ("/offline/number", ""), ("/offline/date:date", "20/02/2026")];
        let page = fill(&officer, &show, &record, &fields);
        assert_eq!(page.status, 422);
        page.shows("href=\"#f-offline-number\"");
        let fields =
            [("/offline/kind", "other"), ("/offline/number", "9/M"), ("/offline/date:date", "20/02/2026")];
        fill(&officer, &show, &record, &fields).shows("9/M").shows("Xử lý ngoài hệ thống");
        // The list of members can be had as DOCX.
        let list = officer.get(&format!("{}/papers/render/member_list.docx", dossier(&made)));
        assert_eq!((list.status, &list.bytes[..2]), (200, b"PK".as_slice()));
    });
}

fn with_token<'a>(token: &'a str, rest: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [vec![("csrf", token)], rest.to_vec()].concat()
}

#[test]
fn without_its_token_not_a_byte_of_a_file_is_stored() {
    on_each(|app| {
        let made = draft(app);
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let path = format!("{}/papers", dossier(&made));
        let page = officer.get(&path);
        let (csrf, key, version) = (page.hidden("csrf"), page.hidden("key"), page.hidden("version"));
        let other = Browser::of(app, Role::Clerk, app.world().foreign).get("/").hidden("csrf");
        let bytes = pdf("x");
        let rest = [("key", key.as_str()), ("version", &version), ("/kind", "invitation")];
        let late = [rest.to_vec(), vec![("csrf", csrf.as_str())]].concat();
        let forged = [
            parts(&rest, Some(("a.pdf", &bytes))),
            parts(&with_token("00", &rest), Some(("a.pdf", &bytes))),
            parts(&with_token(&other, &rest), Some(("a.pdf", &bytes))),
            parts(&late, Some(("a.pdf", &bytes))),
            parts(&[], Some(("a.pdf", &bytes))),
        ];
        for body in forged {
            assert_eq!(sends(&officer, &path, body).status, 403);
        }
        // From elsewhere, the token is of no use either.
        let body = parts(&with_token(&csrf, &rest), Some(("a.pdf", &bytes)));
        let media = "multipart/form-data; boundary=XX";
        let page = officer.exchange("POST", &path, body, media, &[("sec-fetch-site", "cross-site")]);
        assert_eq!(page.status, 403);
        assert_eq!(files_in(&app.folder().join("papers")), Vec::<std::path::PathBuf>::new());
        assert_eq!(make::count(app, "files"), 0);
        let body = parts(&with_token(&csrf, &rest), Some(("a.pdf", &bytes)));
        assert_eq!(sends(&officer, &path, body).status, 303);
    });
}

#[test]
fn what_is_no_paper_is_explained_on_the_page() {
    for kind in databases() {
        let app = &TestApp::with(kind, |config| config.papers.max_mib = 1);
        let made = draft(app);
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let said = [("/kind", "invitation"), ("/number", "12/TM")];
        let large = [pdf("x"), vec![b' '; 1_200_000]].concat();
        let page = uploads(&officer, &dossier(&made), &said, Some(("a.pdf", &large)));
        assert_eq!(page.status, 413);
        page.shows("Tệp quá lớn: mỗi tệp tối đa 1 MB").shows("value=\"12/TM\"");
        let page = uploads(&officer, &dossier(&made), &said, Some(("a.pdf", b"<html>hello, world</html>")));
        assert_eq!(page.status, 422);
        page.shows("href=\"#f-file\"").shows("id=\"f-file-error\"").shows("Chỉ nhận PDF");
        let page = uploads(&officer, &dossier(&made), &said, None);
        assert_eq!(page.status, 422);
        page.shows("href=\"#f-file\"");
        let page = uploads(&officer, &dossier(&made), &[("/kind", "")], Some(("a.pdf", &pdf("x"))));
        assert_eq!(page.status, 422);
        page.shows("href=\"#f-kind\"");
        let page = uploads(&officer, &dossier(&made), &said, Some(("Tối mật.pdf", &pdf("x"))));
        assert_eq!(page.status, 422);
        page.shows("Tài liệu mang dấu độ mật");
        assert_eq!(stored(app).len(), 0);
    }
}

#[test]
fn other_organisations_find_nothing() {
    on_each(|app| {
        let mut made = draft(app);
        let bytes = pdf("x");
        let id = super::papers::uploaded(&app.as_(Role::Officer), &mut made, "invitation", &bytes);
        let other = Browser::of(app, Role::Officer, app.world().association);
        let own = draft_of(app, &app.at(Role::Officer, app.world().association));
        for page in ["papers", "papers/render/member_list.docx", "overrides", "do/submit"] {
            assert_eq!(other.get(&format!("{}/{page}", dossier(&made))).status, 404, "{page}");
        }
        assert_eq!(other.get(&format!("{}/papers/{id}/file", dossier(&made))).status, 404);
        assert_eq!(other.get(&format!("{}/papers/{id}/file", dossier(&own))).status, 404);
        assert_eq!(other.get(&format!("{}/papers/{id}/delete", dossier(&made))).status, 404);
        // With a token of his own.
        let page = other.get(&format!("{}/papers", dossier(&own)));
        let (csrf, key) = (page.hidden("csrf"), page.hidden("key"));
        let version = made.version.to_string();
        let fields = [("csrf", csrf.as_str()), ("key", &key), ("version", &version), ("/kind", "other")];
        let path = format!("{}/papers", dossier(&made));
        assert_eq!(sends(&other, &path, parts(&fields, Some(("a.pdf", &pdf("y"))))).status, 404);
        assert_eq!(stored(app).len(), 1);
        let fields = [("csrf", csrf.as_str()), ("key", &key), ("version", &version), ("/reason", "x")];
        assert_eq!(other.post(&format!("{}/papers/{id}/delete", dossier(&made)), &fields).status, 404);
    });
}

fn draft_of(app: &TestApp, officer: &Client) -> Made {
    make::draft(officer, &make::body(app, "2026-04-20"))
}

/// The names that the page of a submission says will be told.
fn told(page: &Page) -> Vec<String> {
    let list = between(&page.text, "<ul class=\"told\">", "</ul>");
    let mut names: Vec<String> =
        list.split("<li>").skip(1).map(|item| item.split("</li>").next().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_submission_is_looked_over_and_names_exactly_those_who_are_told() {
    on_each(|app| {
        let world = app.world();
        let made = draft(app);
        app.as_(Role::Clerk);
        app.another(Role::Clerk, world.foreign);
        app.another(Role::Clerk, world.university);
        let officer = Browser::of(app, Role::Officer, world.union);
        let submit = format!("{}/do/submit", dossier(&made));
        let page = officer.get(&submit);
        page.shows("Đoàn Hội hữu nghị Pháp - Việt").shows("20/04/2026").shows("Giáo dục").shows("15/LHHN");
        page.shows("DURAND Marie 1").shows(&format!("href=\"{}/edit#f-purpose\"", dossier(&made)));
        page.shows("Sở Ngoại vụ");
        let mut post = Post::default();
        post.news(app);
        let named = told(&page);
        assert_eq!(named.len(), 2, "{named:?}");
        fill(&officer, &submit, &submit, &[("/contains_no_state_secret:bool", "true")]).shows("Đã trình");
        let mut mailed: Vec<String> = post.news(app).into_iter().map(|(_, id)| name_of(app, id)).collect();
        mailed.sort();
        assert_eq!(named, mailed);
    });
}

#[test]
fn a_decision_is_made_on_one_sheet() {
    on_each(|app| {
        let world = app.world();
        let mut made = make::at_appraiser(app, 1);
        let said = json!({"decision": "approve", "comment": "Đủ điều kiện <script>alert(1)</script>"});
        made.does(&app.as_(Role::Appraiser), "decisions", &said);
        let approver = Browser::of(app, Role::Approver, world.office);
        approver.get("/").shows(&format!("href=\"{}/do/advance\"", dossier(&made)));
        let path = format!("{}/do/advance", dossier(&made));
        let page = approver.get(&path);
        page.shows("Đủ điều kiện &#60;script&#62;").shows("DURAND Marie 1").shows("Khách mời quốc tế khác");
        page.shows("Liên hiệp các tổ chức hữu nghị").shows("Các đoàn trước cùng quốc gia");
        for verdict in ["approve", "approve_with_conditions", "return", "reject", "forward"] {
            page.shows(&format!("name=\"/decision\" value=\"{verdict}\""));
        }
        assert!(!page.text.contains("<script>alert"));
        // Conditions that strike an item of the programme.
        let page = fill(&approver, &path, &path, &[("/decision", "approve_with_conditions")]);
        assert_eq!(page.status, 422);
        page.shows("href=\"#f-conditions\"");
        let fields = [
            ("/decision", "approve_with_conditions"),
            ("/conditions", "Không làm việc tại trụ sở"),
            ("/strike_programme:ints", ""),
            ("/strike_programme:ints", "0"),
        ];
        let page = fill(&approver, &path, &path, &fields);
        assert_eq!((page.status, page.path.as_str()), (200, dossier(&made).as_str()), "{}", page.text);
        let seen = made.seen(&app.as_(Role::Officer));
        assert_eq!((&seen["state"], &seen["programme"]), (&json!("approved"), &json!([])));
    });
}

/// Ticks these and fills the form for several in.
fn together(
    browser: &Browser<'_>,
    act: &str,
    made: &[&Made],
    rows: &dyn Fn(&str) -> Vec<(&'static str, String)>,
) -> Page {
    let ticked = made.iter().map(|made| format!("d={}", made.id)).collect::<Vec<_>>().join("&");
    let page = browser.get(&format!("/inbox/{act}?{ticked}"));
    let mut fields = vec![("csrf".to_owned(), page.hidden("csrf")), ("key".to_owned(), page.hidden("key"))];
    for at in 0..made.len() {
        let id = page.hidden(&format!("/rows/{at}/id"));
        let version = page.hidden(&format!("/rows/{at}/version:int"));
        fields.push((format!("/rows/{at}/version:int"), version));
        fields.extend(rows(&id).into_iter().map(|(name, value)| (format!("/rows/{at}/{name}"), value)));
        fields.push((format!("/rows/{at}/id"), id));
    }
    fields.extend(rows("").into_iter().map(|(name, value)| (name.to_owned(), value)));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    browser.post(&format!("/inbox/{act}"), &fields)
}

#[test]
fn several_are_decided_and_one_that_is_stale_stops_no_other() {
    on_each(|app| {
        let (mut first, mut second, mut third) =
            (make::at_approver(app, 1), make::at_approver(app, 11), make::at_approver(app, 21));
        let approver = Browser::of(app, Role::Approver, app.world().office);
        let inbox = approver.get("/");
        inbox.shows("formaction=\"/inbox/decide\"").shows(&format!("name=\"d\" value=\"{}\"", first.id));
        let ticked = format!("/inbox/decide?d={}&d={}&d={}", first.id, second.id, third.id);
        let page = approver.get(&ticked);
        let (csrf, key) = (page.hidden("csrf"), page.hidden("key"));
        let rows = [(&first, "approve", ""), (&second, "approve", ""), (&third, "reject", "")];
        let mut fields = vec![("csrf".to_owned(), csrf), ("key".to_owned(), key)];
        for (at, (made, decision, comment)) in rows.iter().enumerate() {
            // Somebody changed the second one meanwhile.
            let version = if at == 1 { made.version - 1 } else { made.version };
            fields.push((format!("/rows/{at}/id"), made.id.clone()));
            fields.push((format!("/rows/{at}/version:int"), version.to_string()));
            fields.push((format!("/rows/{at}/decision"), (*decision).to_owned()));
            fields.push((format!("/rows/{at}/comment"), (*comment).to_owned()));
        }
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let page = approver.post("/inbox/decide", &fields);
        assert_eq!(page.status, 200, "{}", page.text);
        page.shows("Đã xong 1 hồ sơ").shows("Hồ sơ đã được người khác thay đổi").shows("Bắt buộc phải có");
        let officer = app.as_(Role::Officer);
        assert_eq!(first.seen(&officer)["state"], "approved");
        assert_eq!(second.seen(&officer)["state"], "received");
        assert_eq!(third.seen(&officer)["state"], "received");
        // Sent twice, each is done once; and the answers are nobody else's.
        let again = approver.post("/inbox/decide", &fields);
        again.shows("Đã xong 1 hồ sơ");
        assert_eq!(Browser::of(app, Role::Clerk, app.world().foreign).get(&again.path).status, 404);
        assert_eq!(approver.get(&again.path.replace("409", "200").replace("412", "200")).status, 404);
        // Those that were refused are there to be tried again.
        let left = between(&again.text, "href=\"/inbox/decide?", "\"").replace("&#38;", "&");
        let page = approver.get(&format!("/inbox/decide?{left}"));
        page.shows(&second.id).shows(&third.id);
        assert!(!page.text.contains(&first.id));
        // The text beside an approval with conditions is the condition, and there is none without.
        let condition = |made: &Made, text: &str| {
            let page = approver.get(&format!("/inbox/decide?d={}", made.id));
            let (csrf, key, version) = (page.hidden("csrf"), page.hidden("key"), made.version.to_string());
            let fields = [
                ("csrf", csrf.as_str()),
                ("key", &key),
                ("/rows/0/id", &made.id),
                ("/rows/0/version:int", &version),
                ("/rows/0/decision", "approve_with_conditions"),
                ("/rows/0/comment", text),
            ];
            approver.post("/inbox/decide", &fields)
        };
        condition(&third, "").shows("Bắt buộc phải có");
        condition(&third, "Không quay phim").shows("Đã xong 1 hồ sơ");
        assert_eq!(third.seen(&officer)["state"], "approved");
        officer_sees(app, &third, "Không quay phim");
    });
}

fn officer_sees(app: &TestApp, made: &Made, text: &str) {
    Browser::of(app, Role::Officer, app.world().union).get(&dossier(made)).shows(text);
}

#[test]
fn several_are_received_and_issued() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut all: Vec<Made> = (0..3)
            .map(|no| make::registered(app, &officer, &make::body(app, "2026-04-20"), no * 10 + 1))
            .collect();
        for made in &mut all {
            made.does(&officer, "submit", &json!({"contains_no_state_secret": true}));
        }
        let clerk = Browser::of(app, Role::Clerk, app.world().foreign);
        let number = |id: &str| match id {
            "" => Vec::new(),
            id if id == all[1].id => vec![("number", String::new())],
            id => vec![("number", format!("{}/ĐĐ", &id[30..]))],
        };
        let page = together(&clerk, "receive", &all.iter().collect::<Vec<_>>(), &number);
        page.shows("Đã xong 2 hồ sơ").shows("Bắt buộc phải có");
        assert_eq!(all[1].clone().seen(&officer)["state"], "submitted");
        for made in [0, 2] {
            let made = &mut all[made];
            assert_eq!(made.seen(&officer)["state"], "received");
            make::approved(app, made);
        }
        let (first, third) = (all[0].clone(), all[2].clone());
        let paper = |id: &str| match id {
            "" => vec![
                ("/symbol", "UBND-ĐN".to_owned()),
                ("/date:date", "02/03/2026".to_owned()),
                ("/signer", "Võ Hoàng Phúc".to_owned()),
                ("/forms:list", "TM".to_owned()),
            ],
            // Both get the same number: one of them is refused.
            _ => vec![("number", "7".to_owned())],
        };
        together(&clerk, "issue", &[&first, &third], &paper).shows("Đã xong 1 hồ sơ");
        let states = [first, third].map(|mut made| made.seen(&officer)["state"].clone());
        assert!(states.contains(&json!("issued")) && states.contains(&json!("approved")), "{states:?}");
    });
}

#[test]
fn a_secretary_sorts_the_leaders_inbox_and_decides_nothing() {
    on_each(|app| {
        let world = app.world();
        let (first, second) = (make::at_approver(app, 1), make::at_approver(app, 11));
        let secretary = Browser::of(app, Role::Secretary, world.office);
        secretary.get("/").shows("href=\"/inbox/prepare\"");
        let page = secretary.get("/inbox/prepare");
        let (csrf, key) = (page.hidden("csrf"), page.hidden("key"));
        let mut post = Post::default();
        post.news(app);
        let fields = [
            ("csrf", csrf.as_str()),
            ("key", &key),
            ("/rows/0/delegation_id", &first.id),
            ("/rows/0/place:int", "2"),
            ("/rows/0/note", ""),
            ("/rows/1/delegation_id", &second.id),
            ("/rows/1/place:int", "1"),
            ("/rows/1/note", "Anh <Tư> hỏi <b>gấp</b>"),
        ];
        let page = secretary.post("/inbox/prepare", &fields);
        assert_eq!((page.status, page.path.as_str()), (200, "/inbox/prepare"), "{}", page.text);
        let approver = Browser::of(app, Role::Approver, world.office);
        let inbox = approver.get("/");
        inbox.shows("Anh &#60;Tư&#62; hỏi &#60;b&#62;gấp&#60;/b&#62;");
        assert!(inbox.text.find(&second.id) < inbox.text.find(&first.id), "by hand: the second comes first");
        assert_eq!(post.news(app), [], "nobody is mailed about an order");
        // Neither here nor there a decision.
        let fields = [
            ("csrf", csrf.as_str()),
            ("key", "k"),
            ("/rows/0/id", &first.id),
            ("/rows/0/version:int", "9"),
            ("/rows/0/decision", "approve"),
        ];
        assert_eq!(secretary.post("/inbox/decide", &fields).status, 403);
        let version = first.version.to_string();
        let fields =
            [("csrf", csrf.as_str()), ("key", "k2"), ("version", &version), ("/decision", "approve")];
        let path = format!("{}/do/advance", dossier(&first));
        assert_eq!(secretary.post(&path, &fields).status, 403);
        assert_eq!(first.clone().seen(&app.as_(Role::Officer))["state"], "received");
        // Whoever is no secretary sorts nothing; a place that is none is said at its field.
        let clerk = Browser::of(app, Role::Clerk, world.foreign);
        assert_eq!(clerk.get("/inbox/prepare").status, 403);
        let elsewhere = Browser::of(app, Role::Secretary, world.city);
        let csrf = elsewhere.get("/").hidden("csrf");
        let fields = [
            ("csrf", csrf.as_str()),
            ("key", "k"),
            ("/rows/0/delegation_id", &first.id),
            ("/rows/0/place:int", "1"),
        ];
        assert!(matches!(elsewhere.post("/inbox/prepare", &fields).status, 404 | 422));
        let page = secretary.get("/inbox/prepare");
        let (csrf, key) = (page.hidden("csrf"), page.hidden("key"));
        let fields = [
            ("csrf", csrf.as_str()),
            ("key", &key),
            ("/rows/0/delegation_id", &second.id),
            ("/rows/0/place:int", "0"),
        ];
        assert_eq!(secretary.post("/inbox/prepare", &fields).status, 422);
        assert_eq!(make::count(app, "inbox_notes"), 2);

        // The same over the API: the first one first, and its note.
        let api = app.at(Role::Secretary, world.office);
        let path = "/api/v1/inbox/prepare";
        let row =
            |made: &make::Made, place: u32| json!({"delegation_id": made.id, "place": place, "note": "Gấp"});
        let rows = json!({"rows": [row(&first, 1), row(&second, 2)]});
        assert_eq!(api.post(path, &rows).expect(200)["changed"], 2);
        assert_eq!(api.post(path, &rows).expect(200)["changed"], 0, "as it is already");
        let first_of =
            app.at(Role::Approver, world.office).get("/api/v1/inbox").expect(200)["items"][0].clone();
        assert_eq!((&first_of["delegation"]["id"], &first_of["note"]), (&json!(first.id), &json!("Gấp")));
        let none = json!({"rows": [row(&first, 0)]});
        assert_eq!(api.post(path, &none).expect(422)["errors"][0]["pointer"], "/rows/0/place");
        app.at(Role::Approver, world.office).post(path, &rows).expect(403);
    });
}

#[test]
fn whoever_was_met_before_is_found_again_and_nobody_is_made_twice() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        make::permitted(app, &officer, 1);
        let made = draft_of(app, &officer);
        let people = make::count(app, "people");
        let browser = Browser::of(app, Role::Officer, app.world().union);
        let members = format!("{}/members", dossier(&made));
        let paste = format!("{members}/paste");
        // By name, date of birth and nationality; by passport; a passport of another; a new one.
        let list = "Họ và tên\tNgày sinh\tQuốc tịch\tSố hộ chiếu\n\
                    Durand Marie 1\t01/05/1970\tPháp\t\n\
                    PETIT Jean\t02/05/1971\tFR\tFR000002\n\
                    NOUVEL Anne\t03/05/1972\tFR\tFR999999";
        let page = fill(&browser, &members, &paste, &[("pasted", list)]);
        page.shows("Đã từng gặp: DURAND Marie 1 – 1 chuyến, gần nhất 20/03/2026");
        page.shows("Số hộ chiếu này đã ghi cho người khác tên");
        assert_eq!(page.text.matches("class=\"met\"").count(), 2);
        let list = list.lines().filter(|line| !line.starts_with("PETIT")).collect::<Vec<_>>().join("\n");
        let page = fill(&browser, &members, &paste, &[("pasted", &list), ("confirm", "1")]);
        assert_eq!(page.path, members, "{}", page.text);
        assert_eq!(make::count(app, "people"), people + 1, "Anne alone is new");
        // Looked up by name, and added with one button.
        let page = browser.get(&format!("{members}?who=marie+durand"));
        page.shows("DURAND Marie 2").shows("Đã có trong đoàn").shows("•••••");
        let person = page.hidden("/person_id");
        let fields = [("/person_id", person.as_str()), ("/role", "member"), ("/position", "Ủy viên")];
        let page = fill(&browser, &members, &members, &fields);
        assert_eq!((page.status, page.path.as_str()), (200, members.as_str()), "{}", page.text);
        page.shows("DURAND Marie 2");
        assert_eq!(make::count(app, "people"), people + 1);
        browser.get(&format!("{members}?who=%3Cb%3E")).shows("value=\"&#60;b&#62;\"");
        // Of another organisation nobody is offered.
        let other = app.at(Role::Officer, app.world().association);
        let own = draft_of(app, &other);
        let browser = Browser::of(app, Role::Officer, app.world().association);
        let page = browser.get(&format!("{}/members?who=durand", dossier(&own)));
        assert!(!page.text.contains("DURAND Marie"), "{}", page.text);
    });
}

#[test]
fn a_duty_is_done_with_its_proof() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let made = make::permitted(app, &officer, 1);
        let file = duty(
            "X-FILE",
            ObligationKind::PressReport,
            (Role::Clerk, app.world().foreign),
            "2026-03-18T17:00",
            Proof::File,
        );
        let late = duty(
            "X-LATE",
            ObligationKind::PoliceNotice,
            (Role::Clerk, app.world().foreign),
            "2026-03-01T17:00",
            Proof::Number,
        );
        plan(app, &officer, &made, &[notice(app), file, late]);
        let browser = Browser::of(app, Role::Clerk, app.world().foreign);
        let page = browser.get("/obligations");
        page.shows("Việc IN-POLICE-COPY").shows("Cần số và ngày của văn bản").shows("17/03/2026 17:00");
        let done = |name: &str| {
            let row = page.text.split("<tr>").find(|row| row.contains(name)).unwrap();
            format!("{}/obligations/{}/done", dossier(&made), between(row, "/obligations/", "/done\""))
        };
        let path = done("Việc IN-POLICE-COPY");
        let page = fill(&browser, &path, &path, &[("/number", ""), ("/date:date", "")]);
        assert_eq!(page.status, 422);
        page.shows("href=\"#f-number\"");
        let fields = [("/number", "3/<TB>"), ("/date:date", "02/03/2026")];
        let page = fill(&browser, &path, &path, &fields);
        assert_eq!(page.status, 200, "{}", page.text);
        page.shows("3/&#60;TB&#62;");
        let late = done("Việc X-LATE");
        let said = fill(&browser, &late, &late, &fields);
        assert_eq!(said.status, 200, "{}", said.text);
        let page = browser.get("/obligations?state=done");
        let row = |name: &str| page.text.split("<tr>").find(|row| row.contains(name)).unwrap().to_owned();
        assert!(row("Việc X-LATE").contains("Làm xong sau hạn"), "{}", page.text);
        assert!(!row("Việc IN-POLICE-COPY").contains("Làm xong sau hạn"), "{}", page.text);
        assert!(!browser.get("/obligations").text.contains("Việc IN-POLICE-COPY"));
        // Owed by another: no button, and no way.
        let other = Browser::of(app, Role::Officer, app.world().union);
        assert!(!other.get(&dossier(&made)).text.contains("/obligations/"));
    });
}

#[test]
fn a_rule_is_passed_by_on_pages() {
    on_each(|app| {
        let world = app.world();
        let mut body = make::body(app, "2026-04-20");
        body["guest_kinds"] = json!(["ngo"]);
        let made = make::registered(app, &app.as_(Role::Officer), &body, 1);
        app.at(Role::Approver, world.union);
        let officer = Browser::of(app, Role::Officer, world.union);
        let path = format!("{}/overrides", dossier(&made));
        officer.get(&dossier(&made)).shows(&format!("href=\"{path}?rule=IN-NGO-REG\""));
        officer.get(&format!("{path}?rule=IN-NGO-REG")).shows("value=\"IN-NGO-REG\" selected");
        let page = fill(&officer, &path, &path, &[("/rule", "IN-NGO-REG"), ("/reason", "")]);
        assert_eq!(page.status, 422);
        let reason = "Giấy đăng ký <i>đang</i> gia hạn";
        let page = fill(&officer, &path, &path, &[("/rule", "IN-NGO-REG"), ("/reason", reason)]);
        page.shows("Giấy đăng ký &#60;i&#62;đang&#60;/i&#62; gia hạn").shows("Đang chờ trả lời");
        assert!(!page.text.contains("/answer\""), "who asks does not answer");
        let approver = Browser::of(app, Role::Approver, world.union);
        let inbox = approver.get("/");
        let answer = format!("{path}/{}/answer", between(&inbox.text, &format!("{path}/"), "/answer\""));
        assert_eq!(officer.get(&answer).status, 403);
        let page = fill(&approver, &answer, &answer, &[("/granted:bool", "false"), ("/comment", "")]);
        assert_eq!(page.status, 422);
        page.shows("href=\"#f-comment\"");
        let page = fill(&approver, &answer, &answer, &[("/granted:bool", "true"), ("/comment", "Cho qua")]);
        assert_eq!((page.status, page.path.as_str()), (200, path.as_str()), "{}", page.text);
        page.shows("Cho qua").shows("cần 2 người đồng ý").shows("Đang chờ trả lời");
    });
}

#[test]
fn a_report_says_who_came_and_who_came_besides() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        let mut body = make::body(app, "2026-03-20");
        body["groups"] = json!([{"country": "FR", "planned": 5}, {"country": "BE", "planned": 3}]);
        let mut made = make::permitted_as(app, &officer, &body, 1);
        app.clock.set("2026-03-24T02:00:00Z".parse().unwrap());
        let browser = Browser::of(app, Role::Officer, app.world().union);
        let path = format!("{}/do/report", dossier(&made));
        let page = browser.get(&path);
        page.shows("name=\"/groups/0/came:int\" value=\"5\"").shows("value=\"came\" checked");
        let member = page.hidden("/members/1/member_id");
        let came = |second: &str, groups: &str| {
            fill(
                &browser,
                &path,
                &path,
                &[
                    ("/actual_arrives_on:date", "20/03/2026"),
                    ("/actual_departs_on:date", "22/03/2026"),
                    ("/members/1/member_id", &member),
                    ("/members/1/attendance", "absent"),
                    ("/members/1/attendance", second),
                    ("/groups/0/came:int", groups),
                    ("/groups/1/came:int", "2"),
                    ("/added/0/full_name", "MARTIN Paul"),
                    ("/added/0/nationality", "FR"),
                    ("/added/0/birth_date:date", "01/02/1980"),
                    ("/added/0/passport/number", "FR777777"),
                    ("/added/0/role", "member"),
                    ("/added/1/full_name", ""),
                    ("/added/1/role", ""),
                ],
            )
        };
        // A number that is missing is not taken for the next group's.
        let page = came("absent", "");
        assert_eq!(page.status, 422);
        page.shows("href=\"#f-groups-0-came\"");
        let page = came("absent", "4");
        assert_eq!((page.status, page.path.as_str()), (200, dossier(&made).as_str()), "{}", page.text);
        let seen = made.seen(&officer);
        assert_eq!((&seen["groups"][0]["came"], &seen["groups"][1]["came"]), (&json!(4), &json!(2)));
        let attendance: Vec<_> =
            made.members(&officer).iter().map(|member| member["attendance"].clone()).collect();
        assert_eq!(attendance, [json!("came"), json!("absent"), json!("added")]);
    });
}

#[test]
fn a_member_is_corrected_on_a_page() {
    on_each(|app| {
        let client = app.as_(Role::Officer);
        let made = make::registered(app, &client, &make::body(app, "2026-04-20"), 1);
        let browser = Browser::of(app, Role::Officer, app.world().union);
        let members = format!("/delegations/{}/members", made.id);
        let head = made.members(&client)[0].clone();
        let path = format!("{members}/{}/edit", head["id"].as_str().unwrap());
        browser.get(&members).shows(&format!("href=\"{path}\""));
        let corrected = |name: &str, role: &str| {
            let fields = [
                ("/full_name", name),
                ("/native_name", ""),
                ("/role", role),
                ("/nationality", "BE"),
                ("/visa", "needed"),
                ("/position", "Phó Chủ tịch"),
                ("/organisation", "Hội hữu nghị"),
            ];
            fill(&browser, &path, &path, &fields)
        };
        let refused = corrected("DURAND\u{7}", "head");
        assert_eq!(refused.status, 422);
        refused.shows("href=\"#f-full_name\"").shows("Họ và tên");
        assert_eq!(made.members(&client)[0], head, "nothing half-done");
        let page = corrected("DURAND Marie-Claire", "head");
        assert_eq!((page.status, page.path.as_str()), (200, members.as_str()), "{}", page.text);
        page.shows("DURAND Marie-Claire").shows("Phó Chủ tịch").shows("Cần thị thực");
        let now = made.members(&client)[0].clone();
        assert_eq!(
            (&now["nationality"], &now["visa"], &now["role"]),
            (&json!("BE"), &json!("needed"), &json!("head"))
        );
        assert_eq!(now["passport"], head["passport"], "what the form does not show stays");
        // Another organisation knows nothing of it.
        assert_eq!(Browser::of(app, Role::Officer, app.world().university).get(&path).status, 404);
    });
}
