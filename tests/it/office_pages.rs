//! The office's own pages over HTTP: accounts and roles, sign-ins, language, password, mandates, mails.

use legation::domain::access::Role;
use legation::domain::ids::{AccountId, MailId};
use legation::store::outbox::{self, MailState, Settlement};
use serde_json::{Value, json};

use super::app::{TestApp, on_each};
use super::form_pages::between;
use super::pages::{Browser, Page, cookie, fill};
use super::{auth, make};

fn admin(app: &TestApp) -> Browser<'_> {
    Browser::of(app, Role::Admin, app.world().city)
}

/// What the journal tells of an action.
fn told(app: &TestApp, action: &str) -> Vec<Value> {
    let page = app.as_(Role::Auditor).get(&format!("/api/v1/journal?limit=200&action={action}")).expect(200);
    page["items"].as_array().unwrap().clone()
}

/// The form of a page that leads to `action`, with its hidden fields and what is typed.
#[track_caller]
fn press(browser: &Browser<'_>, page: &Page, action: &str, typed: &[(&str, &str)]) -> Page {
    let form = page.text.split("<form ").find(|form| form.contains(&format!("action=\"{action}\"")));
    let form = form.unwrap_or_else(|| panic!("no form to {action} on {}:\n{}", page.path, page.text));
    let form = form.split("</form>").next().unwrap();
    let mut fields: Vec<(String, String)> = form
        .split("type=\"hidden\" name=\"")
        .skip(1)
        .map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").unwrap();
            (name.to_owned(), rest.split('"').next().unwrap().to_owned())
        })
        .collect();
    fields.extend(typed.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    browser.post(action, &fields)
}

/// The address in a page after this beginning, up to the quotation mark.
fn href(page: &Page, beginning: &str) -> String {
    let at = format!("href=\"{beginning}");
    let rest = page.text.split(&at).nth(1).unwrap_or_else(|| panic!("no {beginning} on {}", page.path));
    format!("{beginning}{}", rest.split('"').next().unwrap())
}

#[test]
fn an_administrator_adds_a_person_grants_a_role_and_hands_the_link_over() {
    on_each(|app| {
        let (admin, world) = (admin(app), app.world());
        admin.get("/").shows("href=\"/office\"");
        admin.get("/office").shows("href=\"/office/users\"").shows("href=\"/office/outbox\"");
        let union = world.union.to_string();
        let typed = [
            ("/display_name", "Trần <b>Bình</b>"),
            ("/username", "binh.tran"),
            ("/email", "not an address"),
            ("/lang", "vi"),
            ("/grants/0/role", "officer"),
            ("/grants/0/organisation_id", &union),
        ];
        // What is wrong is said at its field, and nothing that was typed is lost.
        let page = fill(&admin, "/office/users/new", "/office/users/new", &typed);
        assert_eq!(page.status, 422, "{}", page.text);
        page.shows("href=\"#f-email\"").shows("value=\"binh.tran\"").shows("Trần &#60;b&#62;Bình");
        // Everything that is missing is said at once, in the order of the form.
        let none = [("/display_name", ""), ("/username", ""), ("/email", ""), ("/grants/0/role", "")];
        let page = fill(&admin, "/office/users/new", "/office/users/new", &none);
        assert_eq!(page.status, 422, "{}", page.text);
        let summary = between(&page.text, "id=\"errors\"", "</div>");
        let named: Vec<&str> =
            summary.split("href=\"#f-").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let all = ["display_name", "username", "email", "grants-0-role", "grants-0-organisation_id"];
        assert_eq!(named, all, "{summary}");
        let mut right = typed.to_vec();
        right[2] = ("/email", "binh@example.org");
        let form = admin.get("/office/users/new");
        let page = press(&admin, &form, "/office/users/new", &right);
        assert_eq!(page.status, 200, "{}", page.text);
        page.shows("Trần &#60;b&#62;Bình&#60;/b&#62;").shows("Liên kết dùng một lần");
        assert!(!page.text.contains("<b>Bình"), "hostile text is text");
        let token = page.text.split("/activate#token=").nth(1).unwrap().split('<').next().unwrap().to_owned();
        // Pressed twice it is done once, and shows the same link.
        let again = press(&admin, &form, "/office/users/new", &right);
        assert!(again.status == 200 && again.text.contains(&token), "{}", again.text);
        assert_eq!(
            told(app, "account.added").iter().filter(|entry| entry["actor_id"].is_string()).count(),
            1
        );

        // The list has it, found by a part of its name without marks; its own page shows no link any more.
        let list = admin.get("/office/users?q=tran+binh");
        let user = href(&list, "/office/users/0");
        assert!(admin.get("/office/users?q=nobody").text.contains("class=\"empty\""));
        let page = admin.get(&user);
        assert!(!page.text.contains("/activate#token="));
        page.shows("Chuyên viên").shows(&app_name(app));

        // One more role, refused where it does not fit; then it ends.
        let seat = [("/role", "admin"), ("/organisation_id", union.as_str())];
        let refused = press(&admin, &page, &format!("{user}/grant"), &seat);
        assert_eq!(refused.status, 422);
        refused.shows("href=\"#f-role\"").shows("value=\"binh@example.org\"");
        let seat = [("/role", "clerk"), ("/organisation_id", union.as_str())];
        let page = press(&admin, &page, &format!("{user}/grant"), &seat);
        assert_eq!((page.status, page.path.as_str()), (200, user.as_str()), "{}", page.text);
        page.shows("Văn thư");
        let page = press(&admin, &page, &format!("{user}/end-grant"), &[]);
        assert_eq!(page.path, user);
        assert_eq!((told(app, "role.granted").len(), told(app, "role.ended").len()), (1, 1));
        page.shows("class=\"over\"");

        // The link is used; a new one is made; names change; the account is locked and opened again.
        assert_eq!(auth::activate(&app.client(), &token, auth::PASSWORD).status, 200);
        let page = press(&admin, &admin.get(&user), &format!("{user}/link"), &[]);
        page.shows("/activate#token=");
        let names = [("/display_name", "Trần Văn Bình"), ("/email", "binh@example.org"), ("/lang", "en")];
        let page = press(&admin, &admin.get(&user), &user, &names);
        page.shows("Trần Văn Bình").shows("binh@example.org · English");
        let page = press(&admin, &page, &format!("{user}/lock"), &[]);
        page.shows("Đã khóa");
        assert!(!page.text.contains(&format!("{user}/link")));
        let page = press(&admin, &page, &format!("{user}/unlock"), &[]);
        page.shows("Đang hoạt động");
    });
}

/// The name of the union.
fn app_name(app: &TestApp) -> String {
    let union = app.world().union;
    app.read(|tx| Ok(legation::store::organisations::load(tx, union)?)).unwrap().name_vi
}

#[test]
fn nobody_else_has_the_forms_nor_the_rights() {
    on_each(|app| {
        let (world, admin) = (app.world(), admin(app));
        let other = app.as_(Role::Clerk).account.unwrap();
        let user = format!("/office/users/{other}");
        let auditor = Browser::of(app, Role::Auditor, world.city);
        let page = auditor.get(&user);
        assert_eq!(page.status, 200);
        for action in ["grant", "end-grant", "link", "lock", "sign-ins/end", "sign-ins/end-all"] {
            let path = format!("{user}/{action}");
            assert!(!page.text.contains(&path), "{path} is offered to an auditor");
            for browser in [&auditor, &Browser::of(app, Role::Officer, world.union)] {
                let csrf = browser.get("/me").hidden("csrf");
                let fields = [("csrf", csrf.as_str()), ("version", "1"), ("key", "k")];
                assert_eq!(browser.post(&path, &fields).status, 403, "{path}");
            }
        }
        let officer = Browser::of(app, Role::Officer, world.union);
        for path in ["/office/users", &user, "/office/outbox", "/office/users/new"] {
            assert_eq!(officer.get(path).status, 403, "{path}");
        }
        let first = officer.get("/office");
        first.shows("href=\"/office/organisations\"").shows("href=\"/plans\"");
        assert!(!first.text.contains("/office/users") && !first.text.contains("/office/outbox"));
        assert!(!officer.get("/office/organisations").text.contains("<form action=\"/office"));
        // Nor does an administrator widen his own rights.
        let own = format!("/office/users/{}", app.as_(Role::Admin).account.unwrap());
        let page = admin.get(&own);
        assert!(!page.text.contains(&format!("{own}/grant")) && !page.text.contains(&format!("{own}/lock")));
        let csrf = page.hidden("csrf");
        let union = world.union.to_string();
        let fields = [("csrf", csrf.as_str()), ("/role", "officer"), ("/organisation_id", &union)];
        assert_eq!(admin.post(&format!("{own}/grant"), &fields).status, 403);
    });
}

/// A browser with a sign-in of this account of its own.
fn another(app: &TestApp, account: AccountId) -> Browser<'_> {
    Browser::with(app, cookie(app, account))
}

#[test]
fn a_sign_in_that_is_ended_works_no_longer() {
    on_each(|app| {
        let account = app.as_(Role::Officer).account.unwrap();
        let later = || app.advance(chrono::TimeDelta::minutes(5));
        later();
        let here = another(app, account);
        later();
        let there = another(app, account);
        later();
        let third = another(app, account);
        let page = here.get("/me");
        // The API client of this account is a sign-in too.
        assert_eq!(page.text.matches("action=\"/me/sign-ins/end\"").count(), 3);
        page.shows("Phiên này");
        // The one that the list names first among the others is the newest: the third browser.
        let page = press(&here, &page, "/me/sign-ins/end", &[]);
        assert_eq!(page.path, "/me#sign-ins");
        assert_eq!(third.get("/delegations").path, "/sign-in?next=%2Fdelegations");
        assert_eq!(there.get("/delegations").path, "/delegations");
        let page = press(&here, &page, "/me/sign-ins/end-others", &[]);
        assert_eq!(page.path, "/me#sign-ins");
        assert_eq!(there.get("/").path, "/sign-in");
        assert_eq!(here.get("/me").path, "/me");
        assert_eq!(told(app, "session.ended").len(), 2);
        // What somebody else's list names is not one's own to end.
        let stranger = Browser::of(app, Role::Clerk, app.world().foreign);
        let own = another(app, account);
        let handle = own.get("/me").hidden("/sign_in");
        let csrf = stranger.get("/me").hidden("csrf");
        let fields = [("csrf", csrf.as_str()), ("/sign_in", &handle)];
        assert_eq!(stranger.post("/me/sign-ins/end", &fields).status, 404);

        // An administrator ends them from the account's page.
        let admin = admin(app);
        let user = format!("/office/users/{account}");
        let page = admin.get(&user);
        let page = press(&admin, &page, &format!("{user}/sign-ins/end-all"), &[]);
        assert_eq!(page.path, format!("{user}#sign-ins"));
        page.shows("Không có phiên nào còn sống");
        assert_eq!(own.get("/").path, "/sign-in");
        let by = app.as_(Role::Admin).account.unwrap().to_string();
        assert!(told(app, "session.ended").iter().any(|entry| entry["actor_id"] == by.as_str()));
    });
}

#[test]
fn a_language_is_chosen_before_and_after_signing_in() {
    on_each(|app| {
        auth::person(app, "hanh", Role::Officer);
        let browser = Browser::new(app);
        browser.get("/sign-in").shows("<html lang=\"vi\">").shows("hreflang=\"en\"");
        let page = browser.get("/sign-in?lang=en&next=%2Fdelegations");
        assert_eq!(page.path, "/sign-in?next=%2Fdelegations");
        page.shows("<html lang=\"en\">").shows("hreflang=\"vi\"");
        assert_eq!(browser.get("/sign-in?lang=xx").status, 200, "an unknown language changes nothing");
        let sign_in = |browser: &Browser<'_>| {
            let csrf = browser.get("/sign-in").hidden("csrf");
            let fields = [("csrf", csrf.as_str()), ("/username", "hanh"), ("/password", auth::PASSWORD)];
            browser.post("/sign-in", &fields)
        };
        // The account's own language holds, whatever the visitor read.
        sign_in(&browser).shows("<html lang=\"vi\">");
        let page = press(&browser, &browser.get("/me"), "/me/language", &[("/lang", "en")]);
        page.shows("<html lang=\"en\">").shows("My account");
        assert_eq!(told(app, "account.changed").len(), 1);
        let wrong = press(&browser, &page, "/me/language", &[("/lang", "fr")]);
        assert_eq!(wrong.status, 422);
        // Over a new sign-in, in another browser too.
        let other = Browser::new(app);
        other.get("/sign-in").shows("<html lang=\"vi\">");
        sign_in(&other).shows("<html lang=\"en\">");
    });
}

#[test]
fn a_password_is_changed_by_whoever_knows_the_old_one() {
    on_each(|app| {
        auth::person(app, "hanh", Role::Officer);
        let tokens = auth::login(&app.client(), "hanh", auth::PASSWORD).expect(200);
        let browser = Browser::new(app);
        let csrf = browser.get("/sign-in").hidden("csrf");
        let fields = [("csrf", csrf.as_str()), ("/username", "hanh"), ("/password", auth::PASSWORD)];
        browser.post("/sign-in", &fields);
        let page = browser.get("/me");
        let new = "một câu khác, cũng dễ nhớ";
        let sent = |old: &str, new: &str| {
            press(&browser, &page, "/me/password", &[("/old_password", old), ("/new_password", new)])
        };
        let wrong = sent("not the old one at all", new);
        assert_eq!(wrong.status, 422);
        wrong.shows("href=\"#f-old_password\"");
        assert!(!wrong.text.contains(new), "a password is never shown again");
        let weak = sent(auth::PASSWORD, "short");
        assert_eq!(weak.status, 422);
        weak.shows("href=\"#f-new_password\"");
        let done = sent(auth::PASSWORD, new);
        assert_eq!(done.path, "/me", "{}", done.text);
        done.shows("role=\"status\"");
        // This browser goes on; everything else has ended, and the old password is none.
        assert_eq!(browser.get("/").path, "/");
        let refresh = json!({"refresh_token": tokens["refresh_token"]});
        app.client().post("/api/v1/auth/refresh", &refresh).refused(401, "unauthorised");
        assert_eq!(auth::login(&app.client(), "hanh", auth::PASSWORD).status, 401);
        auth::login(&app.client(), "hanh", new).expect(200);
        assert_eq!(make::count(app, "kept_forms"), 0, "no password is kept");
    });
}

#[test]
fn guessing_the_old_password_locks_like_signing_in() {
    on_each(|app| {
        auth::person(app, "hanh", Role::Officer);
        let browser = Browser::new(app);
        let csrf = browser.get("/sign-in").hidden("csrf");
        let fields = [("csrf", csrf.as_str()), ("/username", "hanh"), ("/password", auth::PASSWORD)];
        browser.post("/sign-in", &fields);
        let page = browser.get("/me");
        let guess = [("/old_password", "a guess of somebody"), ("/new_password", "something else entirely")];
        let most = app.config().auth.lock_after;
        for _ in 0..most {
            assert_eq!(press(&browser, &page, "/me/password", &guess).status, 422);
        }
        let locked = press(&browser, &page, "/me/password", &guess);
        assert_eq!(locked.status, 429, "{}", locked.text);
        locked.shows("role=\"alert\"");
        assert_eq!(auth::login(&app.client(), "hanh", auth::PASSWORD).status, 429);
    });
}

#[test]
fn a_mandate_is_given_and_ended_on_a_page() {
    on_each(|app| {
        let world = app.world();
        let holder = app.as_(Role::Secretary).account.unwrap();
        let holder = app.read(|tx| Ok(legation::store::accounts::load(tx, holder)?)).unwrap();
        let approver = Browser::of(app, Role::Approver, world.office);
        let place = world.office.to_string();
        let typed = [
            ("/holder", holder.username.as_str()),
            ("/role", "approver"),
            ("/organisation_id", &place),
            ("/letter_number", "12/UQ-VP <i>"),
            ("/letter_date:date", "02/03/2026"),
            ("/valid_to:date", "30/06/2026"),
            ("/limits/directions:list", "inbound"),
        ];
        let mut late = typed.to_vec();
        late[5] = ("/valid_to:date", "30/06/2028");
        let page = fill(&approver, "/office/mandates", "/office/mandates", &late);
        assert_eq!(page.status, 422, "{}", page.text);
        page.shows("href=\"#f-valid_to\"").shows("value=\"30/06/2028\"");
        let page = fill(&approver, "/office/mandates", "/office/mandates", &typed);
        assert_eq!((page.status, page.path.as_str()), (200, "/office/mandates"), "{}", page.text);
        page.shows("Đang hiệu lực").shows("12/UQ-VP &#60;i&#62;").shows("Đoàn vào").shows("Điều 13");
        // Its holder sees it, and neither ends nor hands it on.
        let held = Browser::of(app, Role::Secretary, world.office);
        let seen = held.get("/office/mandates");
        seen.shows("Đang hiệu lực");
        assert!(!seen.text.contains("/office/mandates/end") && !seen.text.contains("id=\"give\""));
        let page = press(&approver, &page, "/office/mandates/end", &[]);
        page.shows("Đã chấm dứt");
        assert!(!page.text.contains("action=\"/office/mandates/end\""));
    });
}

/// A mail that is stuck in this state.
pub fn stuck(app: &TestApp, state: MailState) -> MailId {
    let mail = app.read(|tx| Ok(outbox::list(tx, Some(MailState::Queued), None, 1)?)).remove(0);
    let id = mail.id;
    let settled = move |tx: &mut legation::store::WriteTx<'_>| {
        let until = tx.now();
        outbox::claim(tx, id, "test", until)?;
        let error = Some("recipient: 550 <script>no such user</script>".to_owned());
        outbox::settle(tx, id, "test", &Settlement { state, due_at: until, error })?;
        Ok::<_, legation::service::Error>(tx.unrecorded("a test's world", ()))
    };
    app.store.write_blocking(settled).unwrap();
    id
}

#[test]
fn a_stuck_mail_is_sent_again_once_however_often_it_is_pressed() {
    on_each(|app| {
        let officer = app.as_(Role::Officer);
        app.as_(Role::Clerk);
        let mut made = make::registered(app, &officer, &make::body(app, "2026-04-20"), 1);
        made.does(&officer, "submit", &make::declared());
        let id = stuck(app, MailState::Unknown);
        let admin = admin(app);
        let page = admin.get("/office/outbox?state=unknown");
        page.shows("Có thể thư đã tới").shows("&#60;script&#62;no such user").shows("Hồ sơ chờ tiếp nhận");
        assert!(admin.get("/office/outbox?state=dead").text.contains("class=\"empty\""));
        for _ in 0..3 {
            let done = press(&admin, &page, "/office/outbox/resend", &[]);
            assert_eq!((done.status, done.path.as_str()), (200, "/office/outbox?state=unknown"));
        }
        assert_eq!(told(app, "mail.queued_again").len(), 1);
        // From a page that was loaded anew meanwhile, it is refused: it is on its way.
        let csrf = page.hidden("csrf");
        let id = id.to_string();
        let again = [("csrf", csrf.as_str()), ("key", "another"), ("/mail_id", id.as_str())];
        let refused = admin.post("/office/outbox/resend", &again);
        assert_eq!(refused.status, 409);
        refused.shows("role=\"alert\"");
        // An auditor reads, and has no button.
        let auditor = Browser::of(app, Role::Auditor, app.world().city);
        assert!(!auditor.get("/office/outbox").text.contains("/office/outbox/resend"));
        app.run_jobs();
        admin.get("/office/outbox?state=sent").shows("Đã gửi");
    });
}

#[test]
fn the_demo_mailbox_is_in_the_demo_alone() {
    on_each(|app| {
        let browser = admin(app);
        for path in ["/mailbox", "/mailbox/01990000-0000-7000-8000-000000000000"] {
            assert_eq!(browser.get(path).status, 404, "{path}");
        }
        assert!(!Browser::new(app).get("/sign-in").text.contains("/mailbox"));
    });
}

#[test]
fn the_demo_mailbox_shows_mails_as_text_with_links_of_ours() {
    let app = TestApp::spawn("sqlite");
    let mut config = app.config();
    let database = format!("sqlite://{}", app.folder().join("demo.db").display());
    config.database.url = database.try_into().unwrap();
    let built = legation::startup::App::build(config, app.clock.clone(), true).unwrap();
    let (store, running) = (built.store(), built.start_in_thread().unwrap());
    let client = super::app::Client { base: running.base().to_owned(), ..app.client() };
    let page = |path: &str| {
        let answer = client.send("GET", path, None, &[("Accept", "text/html")]);
        (answer.status, String::from_utf8(answer.bytes).unwrap())
    };
    let (status, text) = page("/mailbox");
    assert!(status == 200 && text.contains("class=\"empty\""), "{text}");
    assert_eq!(page("/mailbox/none").0, 404);
    assert!(page("/sign-in").1.contains("href=\"/mailbox\""));
    running.stop();
    store.close();
}
