//! Pages as a browser without JavaScript sees them, over HTTP: cookies, forms, redirects, headers.

use std::cell::RefCell;
use std::collections::BTreeMap;

use legation::domain::access::Role;
use legation::domain::codes::{Code, Lang};
use legation::domain::ids::{AccountId, OrganisationId};
use legation::http::web::session;
use legation::service::sign_in;

use crate::app::{TestApp, on_each};
use crate::{auth, make};

/// A browser without JavaScript: cookies, forms and redirects.
pub struct Browser<'a> {
    app: &'a TestApp,
    cookies: RefCell<BTreeMap<String, String>>,
}

/// What came back.
pub struct Page {
    pub status: u16,
    pub path: String,
    pub text: String,
    pub bytes: Vec<u8>,
    pub headers: BTreeMap<String, String>,
}

impl Page {
    /// The value of a hidden field.
    pub fn hidden(&self, name: &str) -> String {
        let at = format!("name=\"{name}\" value=\"");
        let rest = self.text.split(&at).nth(1).unwrap_or_else(|| panic!("no field {name} on {}", self.path));
        rest.split('"').next().unwrap().to_owned()
    }

    #[track_caller]
    pub fn shows(&self, words: &str) -> &Self {
        assert!(self.text.contains(words), "{} does not show {words:?}:\n{}", self.path, self.text);
        self
    }
}

impl<'a> Browser<'a> {
    pub fn new(app: &'a TestApp) -> Self {
        Self { app, cookies: RefCell::default() }
    }

    fn send(&self, method: &str, path: &str, body: Option<String>, headers: &[(&str, &str)]) -> Page {
        let media = "application/x-www-form-urlencoded";
        self.exchange(method, path, body.unwrap_or_default().into_bytes(), media, headers)
    }

    /// A request with any body.
    pub fn exchange(
        &self,
        method: &str,
        path: &str,
        body: Vec<u8>,
        media: &str,
        headers: &[(&str, &str)],
    ) -> Page {
        let agent: ureq::Agent =
            ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
        let url = format!("{}{path}", self.app.base);
        let cookies: Vec<String> = self.cookies.borrow().iter().map(|(n, v)| format!("{n}={v}")).collect();
        let mut request =
            ureq::http::Request::builder().method(method).uri(&url).header("accept", "text/html");
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.header("content-type", media).body(body).unwrap();
        let mut response = agent.run(request).unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let (pair, rules) = cookie.to_str().unwrap().split_once(';').unwrap();
            for rule in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
                assert!(rules.contains(rule), "{rules} lacks {rule}");
            }
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
        }
        let headers = response.headers().iter();
        let headers = headers.map(|(n, v)| (n.to_string(), v.to_str().unwrap().to_owned())).collect();
        let bytes = response.body_mut().read_to_vec().unwrap();
        Page {
            status: response.status().as_u16(),
            path: path.to_owned(),
            text: String::from_utf8_lossy(&bytes).into_owned(),
            bytes,
            headers,
        }
    }

    /// A page, redirects followed.
    pub fn get(&self, path: &str) -> Page {
        let page = self.send("GET", path, None, &[]);
        match page.headers.get("location").cloned() {
            Some(next) if page.status == 303 => self.get(&next),
            _ => page,
        }
    }

    /// A form, where it leads to.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let page = self.post_only(path, fields, &[("sec-fetch-site", "same-origin")]);
        match page.headers.get("location").cloned() {
            Some(next) if page.status == 303 => self.get(&next),
            _ => page,
        }
    }

    /// A form with headers of one's own, redirects not followed.
    pub fn post_only(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send("POST", path, Some(body), headers)
    }

    /// With this cookie.
    pub fn with(app: &'a TestApp, cookie: (String, String)) -> Self {
        Self { app, cookies: RefCell::new([cookie].into()) }
    }

    /// Signed in as the account of this role at this organisation, by its cookie.
    pub fn of(app: &'a TestApp, role: Role, place: OrganisationId) -> Self {
        let account = app.at(role, place).account.unwrap();
        Self::with(app, cookie(app, account))
    }
}

/// The cookie of a new sign-in of this account.
pub fn cookie(app: &TestApp, account: AccountId) -> (String, String) {
    let auth = app.config().auth;
    let limits =
        sign_in::Limits { lock_after: 10, lock: auth.lock(), idle: auth.idle(), absolute: auth.absolute() };
    let opened = app.store.write_blocking(move |tx| sign_in::open(tx, account, limits)).unwrap();
    (session::NAME.to_owned(), opened.refresh.expose().to_owned())
}

#[test]
fn a_password_is_chosen_on_a_page() {
    on_each(|app| {
        let body = serde_json::json!({
            "username": "binh", "display_name": "Trần Văn Bình", "email": "binh@example.org",
            "grants": [{"organisation_id": app.world().union, "role": "officer"}],
        });
        let added = app.as_(Role::Admin).post("/api/v1/users", &body).expect(201);
        let (token, browser) = (auth::token_of(&added), Browser::new(app));
        let csrf = browser.get("/activate").hidden("csrf");
        let weak = [("csrf", csrf.as_str()), ("/token", &token), ("/password", "short")];
        let page = browser.post("/activate", &weak);
        assert_eq!(page.status, 422);
        page.shows("id=\"f-password-error\"").shows(&token);
        assert!(!page.text.contains("short"), "a password is never shown again");
        let good = [("csrf", csrf.as_str()), ("/token", &token), ("/password", auth::PASSWORD)];
        assert_eq!(browser.post("/activate", &good).path, "/sign-in?activated=1");
        assert_eq!(browser.post("/activate", &good).status, 404);
    });
}

#[test]
fn signing_in_and_out() {
    on_each(|app| {
        auth::person(app, "hanh", Role::Officer);
        let (username, password) = ("hanh", auth::PASSWORD);
        let browser = Browser::new(app);
        let page = browser.get("/delegations");
        assert_eq!(page.path, "/sign-in?next=%2Fdelegations");
        let (csrf, next) = (page.hidden("csrf"), page.hidden("next"));
        let wrong =
            [("csrf", csrf.as_str()), ("next", &next), ("/username", username), ("/password", "wrong")];
        let page = browser.post("/sign-in", &wrong);
        assert_eq!(page.status, 401);
        page.shows("role=\"alert\"").shows(&format!("value=\"{username}\""));
        let csrf = page.hidden("csrf");
        let right =
            [("csrf", csrf.as_str()), ("next", &next), ("/username", username), ("/password", password)];
        let page = browser.post("/sign-in", &right);
        assert_eq!((page.status, page.path.as_str()), (200, "/delegations"));
        let policy = &page.headers["content-security-policy"];
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        // Who is signed in is not asked again.
        assert_eq!(browser.get("/sign-in").path, "/");
        let csrf = browser.get("/").hidden("csrf");
        assert_eq!(browser.post("/sign-out", &[("csrf", &csrf)]).path, "/sign-in");
        assert_eq!(browser.get("/").path, "/sign-in");
    });
}

#[test]
fn forms_come_from_our_own_pages() {
    on_each(|app| {
        let browser = Browser::of(app, Role::Officer, app.world().union);
        let csrf = browser.get("/").hidden("csrf");
        let other = Browser::of(app, Role::Clerk, app.world().foreign).get("/").hidden("csrf");
        let here = ("sec-fetch-site", "same-origin");
        let refused = |fields: &[(&str, &str)], headers: &[(&str, &str)]| {
            let page = browser.post_only("/sign-out", fields, headers);
            assert_eq!(page.status, 403, "{fields:?} {headers:?}");
        };
        refused(&[], &[here]);
        refused(&[("csrf", "00")], &[here]);
        refused(&[("csrf", &other)], &[here]);
        refused(&[("csrf", &csrf)], &[("sec-fetch-site", "cross-site")]);
        refused(&[("csrf", &csrf)], &[("sec-fetch-site", "same-site")]);
        refused(&[("csrf", &csrf)], &[("origin", "https://evil.example")]);
        refused(&[("csrf", &csrf)], &[]);
        let ours = [("origin", "http://127.0.0.1:8080")];
        assert_eq!(browser.post_only("/sign-out", &[("csrf", &csrf)], &ours).status, 303);
    });
}

#[test]
fn every_form_needs_its_token_and_every_page_its_right() {
    on_each(|app| {
        let browser = Browser::of(app, Role::Officer, app.world().union);
        for row in legation::http::web::routes::table() {
            let path = row.path.replace("{id}", "01990000-0000-7000-8000-000000000000");
            let path = path
                .replace("{command}", "submit")
                .replace("{name}", "x")
                .replace("{member}", "01990000-0000-7000-8000-000000000000")
                .replace("{paper}", "01990000-0000-7000-8000-000000000000")
                .replace("{owed}", "01990000-0000-7000-8000-000000000000")
                .replace("{override}", "01990000-0000-7000-8000-000000000000")
                .replace("{format}", "pdf")
                .replace("{file}", "permit.pdf");
            if row.method == "POST" {
                let page = browser.post_only(&path, &[], &[("sec-fetch-site", "same-origin")]);
                assert_eq!(page.status, 403, "{path} took a form without a token");
            } else if row.access != legation::http::guard::Access::Public {
                let page = Browser::new(app).get(&path);
                assert!(page.path.starts_with("/sign-in"), "{path} was shown to a stranger");
            }
        }
    });
}

#[test]
fn a_cookie_opens_no_api_and_a_token_no_page() {
    on_each(|app| {
        let browser = Browser::of(app, Role::Officer, app.world().union);
        assert_eq!(browser.get("/api/v1/me").status, 401);
        let token = format!("Bearer {}", app.as_(Role::Officer).token.unwrap());
        let page = Browser::new(app).send("GET", "/delegations", None, &[("authorization", &token)]);
        assert_eq!(page.status, 303);
    });
}

/// A delegation that may be submitted, of the union's officer.
struct Ready {
    id: String,
    title: String,
}

fn ready(app: &TestApp, title: &str) -> Ready {
    let mut body = make::body(app, "2026-04-20");
    body["title"] = title.into();
    let made = make::registered(app, &app.as_(Role::Officer), &body, 1);
    Ready { id: made.id, title: title.to_owned() }
}

#[test]
fn from_draft_to_reception_on_pages_alone() {
    on_each(|app| {
        let made = ready(app, "Đoàn Hội hữu nghị Pháp - Việt");
        let officer = Browser::of(app, Role::Officer, app.world().union);
        officer.get("/").shows(&made.title);
        let dossier = format!("/delegations/{}", made.id);
        let page = officer.get(&dossier);
        page.shows(&made.title).shows("Trình hồ sơ");
        let path = format!("{dossier}/do/submit");
        let ask = officer.get(&path);
        let (csrf, key, version) = (ask.hidden("csrf"), ask.hidden("key"), ask.hidden("version"));
        // Refused without the declaration: the form says so, links the field, and nothing is lost.
        let fields = [
            ("csrf", csrf.as_str()),
            ("key", &key),
            ("version", &version),
            ("/contains_no_state_secret:bool", "false"),
        ];
        let page = officer.post(&path, &fields);
        assert_eq!(page.status, 422, "{}", page.text);
        page.shows("href=\"#f-contains_no_state_secret\"").shows("id=\"f-contains_no_state_secret\"");
        let fields = [
            ("csrf", csrf.as_str()),
            ("key", &page.hidden("key")),
            ("version", &version),
            ("/contains_no_state_secret:bool", "false"),
            ("/contains_no_state_secret:bool", "true"),
        ];
        let page = officer.post(&path, &fields);
        assert_eq!((page.status, page.path.as_str()), (200, dossier.as_str()), "{}", page.text);
        page.shows("Đã trình").shows("Tiếp nhận hồ sơ");
        // Sent twice, it is done once.
        assert_eq!(officer.post(&path, &fields).path, dossier);

        let clerk = Browser::of(app, Role::Clerk, app.world().foreign);
        clerk.get("/").shows(&made.title);
        let path = format!("{dossier}/do/receive");
        let ask = clerk.get(&path);
        let (csrf, key, version) = (ask.hidden("csrf"), ask.hidden("key"), ask.hidden("version"));
        let fields =
            [("csrf", csrf.as_str()), ("key", &key), ("version", &version), ("/number", "125/CV-LHHN")];
        clerk.post(&path, &fields).shows("Đang thẩm định");
        // Nobody else is shown the button, nor the form.
        assert_eq!(officer.get(&path).status, 409);
        assert!(!officer.get(&dossier).text.contains("/do/receive"));
    });
}

#[test]
fn what_was_typed_when_the_session_had_ended_is_filled_in_again() {
    on_each(|app| {
        let made = ready(app, "Đoàn Hội hữu nghị Pháp - Việt");
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let path = format!("/delegations/{}/do/cancel", made.id);
        let ask = officer.get(&path);
        app.advance(chrono::TimeDelta::days(2));
        let fields = [
            ("csrf", ask.hidden("csrf")),
            ("key", ask.hidden("key")),
            ("version", ask.hidden("version")),
            ("/reason", "Khách hoãn <b>vì bão</b> & lũ".to_owned()),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let page = officer.post(&path, &fields);
        assert!(page.path.starts_with("/sign-in?next="), "{}", page.path);
        // Signed in again, the page that was wanted has it.
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let page = officer.get(&path);
        page.shows("được giữ lại").shows("Khách hoãn &#60;b&#62;vì bão&#60;/b&#62; &#38; lũ");
        // It waits for thirty days.
        app.advance(chrono::TimeDelta::days(29));
        app.run_jobs();
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let page = officer.get(&path);
        page.shows("vì bão");
        // Another account finds nothing of it.
        let other = Browser::of(app, Role::Officer, app.world().association);
        assert!(!other.get(&path).text.contains("vì bão"));
        // Whose browser has lost its cookies is asked to sign in too, and nothing of his is done or kept.
        let page_of_nobody = Browser::new(app).post(&path, &fields);
        assert!(page_of_nobody.path.starts_with("/sign-in?next="), "{}", page_of_nobody.text);
        // A pasted list too; what is no page of its own leads home.
        let members = format!("/delegations/{}/members", made.id);
        let fields = [
            ("csrf", page.hidden("csrf")),
            ("version", "3".to_owned()),
            ("pasted", "SATO Yuki\tNữ".to_owned()),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        app.advance(chrono::TimeDelta::days(2));
        let sent = officer.post(&format!("{members}/paste"), &fields);
        assert!(sent.path.ends_with("%2Fmembers%2Fpaste"), "{}", sent.path);
        assert_eq!(officer.post("/kept/discard", &fields).path, "/sign-in");
        let officer = Browser::of(app, Role::Officer, app.world().union);
        officer.get(&format!("{members}/paste")).shows("SATO Yuki");
        let page = officer.get(&path);
        // Thrown away, it is gone; what nobody came back to goes by itself.
        officer.post("/kept/discard", &[("csrf", &page.hidden("csrf")), ("path", &path)]);
        assert!(!officer.get(&path).text.contains("vì bão"));
        assert_eq!(make::count(app, "kept_forms"), 1);
        app.advance(chrono::TimeDelta::days(31));
        app.run_jobs();
        assert_eq!(make::count(app, "kept_forms"), 0);
    });
}

#[test]
fn a_search_finds_names_without_marks_in_any_order() {
    on_each(|app| {
        let made = ready(app, "Đoàn hữu nghị Đồng bằng Sông Cửu Long");
        let officer = Browser::of(app, Role::Officer, app.world().union);
        for words in ["cuu long dong bang", "ĐỒNG BẰNG", "Đo\u{302}\u{300}ng", "long  cuu"] {
            let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", words).finish();
            officer.get(&format!("/delegations?{query}")).shows(&made.title);
        }
        for words in ["cuu long hong", "100%", "_", "uu"] {
            let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", words).finish();
            let page = officer.get(&format!("/delegations?{query}"));
            assert!(!page.text.contains(&made.title), "{words}");
        }
    });
}

#[test]
fn pages_speak_the_readers_language_and_errors_are_pages() {
    on_each(|app| {
        let browser = Browser::of(app, Role::Auditor, app.world().city);
        let page = browser.get("/delegations/01990000-0000-7000-8000-000000000000");
        assert_eq!(page.status, 404);
        page.shows("<html lang=\"vi\">");
        assert_eq!(Browser::new(app).get("/no-such-page").status, 404);
    });
}

/// Fills in the form of a page and sends it where it goes.
pub fn fill(browser: &Browser<'_>, page: &str, action: &str, fields: &[(&str, &str)]) -> Page {
    let form = browser.get(page);
    assert_eq!(form.status, 200, "{page}: {}", form.text);
    let hidden: Vec<(&str, String)> = ["csrf", "key", "version"]
        .into_iter()
        .filter(|name| form.text.contains(&format!("name=\"{name}\"")))
        .map(|name| (name, form.hidden(name)))
        .collect();
    let all: Vec<(&str, &str)> =
        hidden.iter().map(|(name, value)| (*name, value.as_str())).chain(fields.iter().copied()).collect();
    browser.post(action, &all)
}

#[test]
fn what_the_rules_say_against_a_submission_leads_to_the_field_on_the_page_that_has_it() {
    on_each(|app| {
        let late = ready(app, "Đoàn gấp");
        app.clock.set("2026-04-20T02:00:00Z".parse().unwrap());
        let officer = Browser::of(app, Role::Officer, app.world().union);
        let submit = format!("/delegations/{}/do/submit", late.id);
        let page = fill(&officer, &submit, &submit, &[("/contains_no_state_secret:bool", "true")]);
        assert_eq!(page.status, 422, "{}", page.text);
        page.shows(&format!("href=\"/delegations/{}/edit#f-arrives_on\"", late.id));
    });
}

#[test]
fn the_whole_story_from_a_pasted_list_to_the_report_on_pages_without_a_script() {
    on_each(|app| {
        let world = app.world();
        let officer = Browser::of(app, Role::Officer, world.union);
        let host = world.union.to_string();
        let content = [
            ("/direction", "inbound"),
            ("/title", "Đoàn Hội hữu nghị Nhật - Việt <Hiroshima>"),
            ("/purpose", "Thăm và làm việc"),
            ("/primary_field", "education"),
            ("/channel", "people"),
            ("/rank", "other"),
            ("/lead_host_id", &host),
            ("/guest_kinds:list", ""),
            ("/guest_kinds:list", "friendship"),
            ("/countries/0", "JP"),
            ("/countries/1", ""),
            ("/arrives_on:date", "20/4/2026"),
            ("/departs_on:date", "22/04/2026"),
            ("/programme/0/starts_at:time", "20/04/2026 08:30"),
            ("/programme/0/what", "Làm việc"),
            ("/programme/0/place/name", "Trụ sở"),
            ("/programme/1/what", ""),
            ("/request_letter/number", "15/LHHN"),
            ("/request_letter/date:date", "25/02/2026"),
            ("/contact/name", "Lê Hạnh"),
            ("/contact/phone", "+84 292 000 000"),
            ("/sensitive:bool", "false"),
        ];
        // A day that there is not: the form comes back with everything that was typed, and says where.
        let mut bad = content.to_vec();
        bad.push(("/departs_on:date", "31/04/2026"));
        let page = fill(&officer, "/delegations/new", "/delegations/new", &bad);
        assert_eq!(page.status, 422);
        page.shows("href=\"#f-departs_on\"").shows("value=\"31/04/2026\"").shows("value=\"Trụ sở\"");
        // Kept until it is saved.
        officer.get("/delegations/new").shows("được giữ lại").shows("value=\"15/LHHN\"");
        let page = fill(&officer, "/delegations/new", "/delegations/new", &content);
        let edit = page.path.clone();
        assert!(page.status == 200 && edit.ends_with("/edit"), "{} {}", page.status, page.text);
        page.shows("Ngày nộp muộn nhất").shows("&#60;Hiroshima&#62;");
        assert!(!officer.get("/delegations/new").text.contains("15/LHHN"));
        let dossier = edit.trim_end_matches("/edit").to_owned();
        // Saved again, the programme's row is still one.
        fill(&officer, &edit, &edit, &content).shows("value=\"20/04/2026 08:30\"");

        let (members, paste) = (format!("{dossier}/members"), format!("{dossier}/members/paste"));
        let list = "Họ và tên\tGiới tính\tNgày sinh\tQuốc tịch\tSố hộ chiếu\tNgày hết hạn\tChức vụ\tThị thực\n\
                    TANAKA Hiroshi\tNam\t5/2/1961\tNhật Bản\tTR1234567\t01/01/2031\tChủ tịch\tĐã có\n\
                    SATO Yuki\tBà\t31/02/1980\tJP\tTR7654321\t01/01/2031\tỦy viên\tĐã có\n\
                    SUZUKI Ken\tNam\t1/3/1975\tJapan\tTR1111111\t01/01/2031\tỦy viên\tĐã có\n\
                    ITO Mai\tNữ\t2/3/1985\tJP\tTR2222222\t01/01/2031\tThư ký\tĐã có\n\
                    MORI Aya\tNữ\t2/4/1986\tJP\tTR3333333\t01/01/2031\tPhiên dịch\tĐã có";
        let page = fill(&officer, &members, &paste, &[("pasted", list), ("confirm", "1")]);
        page.shows("31/02/1980").shows("SATO Yuki");
        assert!(!page.text.contains("name=\"confirm\""), "what cannot be read cannot be confirmed");
        let list = list.replace("31/02/1980", "28/02/1980");
        fill(&officer, &members, &paste, &[("pasted", &list)]).shows("name=\"confirm\"");
        let page = fill(&officer, &members, &paste, &[("pasted", &list), ("confirm", "1")]);
        assert_eq!(page.path, members, "{}", page.text);
        for name in ["TANAKA Hiroshi", "SATO Yuki", "SUZUKI Ken", "ITO Mai", "MORI Aya"] {
            page.shows(name);
        }
        page.shows("Trưởng đoàn").shows("Nhật Bản");
        // The same list again: nobody is in it twice, and nothing of it is added.
        let page = fill(&officer, &members, &paste, &[("pasted", &list), ("confirm", "1")]);
        assert_eq!(page.status, 422);
        assert_eq!(page.text.matches("<strong>").count(), 5);

        let does = |browser: &Browser<'_>, command: &str, fields: &[(&str, &str)]| {
            let path = format!("{dossier}/do/{command}");
            let page = fill(browser, &path, &path, fields);
            assert_eq!(
                (page.status, page.path.as_str()),
                (200, dossier.as_str()),
                "{command}: {}",
                page.text
            );
            page
        };
        does(&officer, "submit", &[("/contains_no_state_secret:bool", "true")]).shows("Đã trình");
        let clerk = Browser::of(app, Role::Clerk, world.foreign);
        does(&clerk, "receive", &[("/number", "125/CV-LHHN")]).shows("Đang thẩm định");
        let appraiser = Browser::of(app, Role::Appraiser, world.foreign);
        appraiser.get("/").shows("Hiroshima");
        does(&appraiser, "advance", &[("/decision", "approve"), ("/comment", "Đề nghị đồng ý")]);
        let approver = Browser::of(app, Role::Approver, world.office);
        let path = format!("{dossier}/do/advance");
        approver.get(&path).shows("Đề nghị đồng ý").shows("TANAKA Hiroshi");
        // A refusal needs its reason; the form says so.
        let page = fill(&approver, &path, &path, &[("/decision", "reject")]);
        assert_eq!(page.status, 422);
        page.shows("href=\"#f-comment\"");
        does(&approver, "advance", &[("/decision", "approve")]).shows("Đã duyệt trong hệ thống");
        approver.get(&dossier).shows("Chưa có văn bản cho phép");
        let issuer = Browser::of(app, Role::Clerk, world.office);
        let clerk_of = [issuer, clerk];
        let issues = |browser: &&Browser<'_>| browser.get(&dossier).text.contains("/do/issue");
        let issuer = clerk_of.iter().find(issues).expect("a desk that issues");
        does(
            issuer,
            "issue",
            &[
                ("/number", "5"),
                ("/symbol", "/UBND-ĐN"),
                ("/date:date", "02/03/2026"),
                ("/signer", "Võ Hoàng Phúc"),
                ("/forms:list", "TM"),
            ],
        )
        .shows("Đã có văn bản cho phép");
        app.clock.set("2026-04-24T02:00:00Z".parse().unwrap());
        let path = format!("{dossier}/do/report");
        let officer = Browser::of(app, Role::Officer, world.union);
        let member = officer.get(&path).hidden("/members/1/member_id");
        does(
            &officer,
            "report",
            &[
                ("/actual_arrives_on:date", "20/04/2026"),
                ("/actual_departs_on:date", "22/04/2026"),
                ("/members/0/member_id", &member),
                ("/members/0/attendance", "absent"),
                ("/results", "Tốt đẹp"),
            ],
        )
        .shows("Đã báo cáo kết quả");
    });
}

fn templates() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/http/web/templates");
    let (mut folders, mut found) = (vec![std::path::PathBuf::from(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match path.is_dir() {
                true => folders.push(path),
                false => found.push((path.display().to_string(), std::fs::read_to_string(path).unwrap())),
            }
        }
    }
    found
}

/// What stands in quotation marks after each of these words.
fn quoted<'t>(text: &'t str, before: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(before).skip(1).filter_map(|rest| rest.split('"').next())
}

#[test]
fn every_text_and_every_field_of_a_page_has_words() {
    let mut seen = 0;
    for (name, text) in templates() {
        let keys = quoted(&text, ".t(\"").chain(quoted(&text, ".t1(\""));
        let single =
            ["fields.line(\"", "fields.block(\"", "fields.tick(\"", "fields.perhaps(\"", "self.one(\""];
        let labels = single.iter().flat_map(|control| quoted(&text, control));
        let labels: Vec<String> = labels
            .map(|name| legation::http::web::controls::label_key(name.split(':').next().unwrap()))
            .collect();
        for key in keys.map(str::to_owned).chain(labels) {
            assert!(
                Lang::ALL.iter().all(|lang| legation::texts::has(*lang, &key)),
                "{key}, used in {name}, has no text"
            );
            seen += 1;
        }
    }
    assert!(seen > 100, "only {seen} texts were recognised");
}

/// What is typed is escaped by the template; only controls and the section of the rules, which are templates of their own,
/// are put in as they are.
#[test]
fn nothing_but_controls_is_put_in_unescaped() {
    for (name, text) in templates() {
        for before in text
            .split("|safe")
            .map(|before| before.rsplit("{{").next().unwrap())
            .filter(|b| !b.contains("}}"))
        {
            let call = before.trim();
            let known = call.starts_with("fields.") || call.starts_with("self.");
            let section = call == "assessment";
            assert!(section || known && call.ends_with(')') || call.len() > 200, "{name}: {call}");
        }
        assert!(!text.contains("style=") && !text.contains("onclick"), "{name} has something inline");
    }
}
