//! How long pages take to their first byte among many delegations. `cargo bench --bench pages -- 100000` makes a database
//! of so many, serves it, and asks for each page as an officer, an approver and an auditor; beside each figure stands how
//! many times the service's own `/healthz` it is, which is the bare limit of this machine.

#![expect(clippy::expect_used, reason = "a benchmark without its data is none")]

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use legation::clock::SystemClock;
use legation::config::Config;
use legation::domain::access::Role;
use legation::domain::approval::OrganisationKind;
use legation::domain::delegation::Content;
use legation::domain::ids::{AccountId, OrganisationId};
use legation::http::web::{routes, session};
use legation::service::organisations::{self, NewOrganisation};
use legation::service::users::{self, NewGrant, NewUser};
use legation::service::{Settings, sign_in};
use legation::startup::App;
use legation::store::Store;
use serde_json::json;

/// Requests for each page.
const ROUNDS: usize = 40;
/// Pages of one delegation, and views of the list, beside every page without a name in its path.
const MORE: &[&str] = &[
    "/delegations?q=cuu+long+dong+bang",
    "/delegations?q=khong+co+doan+nay",
    "/delegations?q=tanaka+049998",
    "/delegations/search?q=tana",
    "/delegations?state=issued",
    "/delegations?country=JP&from=01/03/2026",
    "/delegations/{id}",
    "/delegations/{id}/members",
    "/delegations/{id}/edit",
    "/reports/monthly/2026-03",
    "/reports/yearly/2026",
    "/people?q=tanaka+049998",
];

fn say(words: &str) {
    let _ = writeln!(std::io::stdout(), "{words}");
}

fn config(folder: &Path) -> Config {
    let at = |name: &str| folder.join(name).display().to_string();
    let set = |name: &str, value: String| (format!("LEGATION__{name}"), value);
    let settings = [
        set("DATABASE__URL", format!("sqlite://{}", at("pages.db"))),
        set("MAIL__URL", "memory:".to_owned()),
        set("SERVER__ADDR", "127.0.0.1:0".to_owned()),
        set("KEYS__DIR", at("keys")),
        set("PAPERS__DIR", at("papers")),
    ];
    Config::load(None, settings).expect("settings")
}

fn organisation(
    store: &Store,
    parent: Option<OrganisationId>,
    code: &str,
    kind: OrganisationKind,
) -> OrganisationId {
    let new = NewOrganisation {
        parent_id: parent,
        code: code.to_owned(),
        name_vi: format!("Cơ quan {code}"),
        name_en: format!("Office {code}"),
        kind,
    };
    store.write_blocking(move |tx| organisations::add(tx, None, &new)).expect("an office").id
}

fn account(store: &Store, settings: &Arc<Settings>, role: Role, place: OrganisationId) -> AccountId {
    let new = NewUser {
        username: role.to_string(),
        display_name: format!("Nguyễn Thị {role}"),
        email: format!("{role}@example.org"),
        lang: None,
        grants: vec![NewGrant { organisation_id: place, role, confirmed: false }],
    };
    let own = Arc::clone(settings);
    let id = store.write_blocking(move |tx| users::add(tx, None, &own, &new)).expect("an account").account;
    store.write_blocking(move |tx| users::set_password_hash(tx, id, "none")).expect("an active account");
    id
}

/// Delegations of ten years in every state, three guests each, put in by the database itself.
#[expect(clippy::disallowed_methods, reason = "many rows are put in by SQL, into a file that was just made")]
fn fill(path: &Path, count: u32, officer: AccountId) {
    let mut db = SqliteConnection::establish(&path.display().to_string()).expect("a database");
    let content = json!({
        "direction": "inbound",
        "title": "Đoàn Hội hữu nghị Đồng bằng Sông Cửu Long",
        "purpose": "Trao đổi hợp tác giáo dục, văn hóa; khảo sát môi trường đầu tư",
        "countries": ["JP"],
        "primary_field": "education",
        "rank": "other",
    });
    let content: Content = serde_json::from_value(content).expect("a content");
    let content = serde_json::to_string(&content).expect("JSON").replace('\'', "''");
    let series = |most: u32| {
        format!("WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {most})")
    };
    let id =
        |kind: u8, no: &str| format!("'0190a00{kind}-0000-7000-8000-' || CAST(100000000000 + {no} AS TEXT)");
    // One in two hundred is under way; the others are over, as in an office of many years.
    let state = "CASE WHEN s.n % 200 > 7 THEN 'closed' ELSE json_extract('[\"draft\",\"submitted\",\"received\",\
                 \"approved\",\"issued\",\"reported\",\"returned\",\"cancelled\"]', '$[' || (s.n % 200) || ']') END";
    let day = |after: u32| format!("date('now', printf('%+d days', 30 + {after} - (s.n * 7 % 3650)))");
    let words = |subject: &str, of: &str, words: &str| {
        format!(
            "INSERT INTO search_words (subject, subject_id, word)
               SELECT '{subject}', t.id, w.value FROM {of} t CROSS JOIN json_each('{words}') w
               UNION SELECT '{subject}', id, substr(id, -6) FROM {of};"
        )
    };
    let statements = format!(
        "PRAGMA synchronous = OFF; BEGIN;
         {dossiers} INSERT INTO dossiers (id, kind, direction, organisation_id, lead_host_id, year, no, title, title_folded,
             primary_field, starts_on, ends_on, actual_starts_on, actual_ends_on, state, state_since, origin, confidential,
             version, revision, rulebook_version, details, created_by, created_at)
           SELECT {dossier}, 'delegation', 'inbound', o.id, o.id, 2026, s.n,
             'Đoàn Hội hữu nghị Đồng bằng Sông Cửu Long ' || s.n, 'doan hoi huu nghi dong bang song cuu long ' || s.n,
             'education', {from}, {to}, {from}, {to}, {state}, '2026-04-01 00:00:00', 'system', 0, 1, 0, 1,
             json_set('{content}', '$.lead_host_id', o.id), '{officer}', '2026-03-01 00:00:00'
           FROM s CROSS JOIN organisations o WHERE o.code = CASE s.n % 3 WHEN 0 THEN 'LHHN' WHEN 1 THEN 'HN-1' ELSE 'HN-2' END;
         INSERT INTO dossier_countries (dossier_id, country) SELECT id, 'JP' FROM dossiers;
         {people} INSERT INTO people (id, owner_id, full_name, name_folded, name_sort, nationality, version, created_at)
           SELECT {person}, o.id, 'TANAKA Hiroshi ' || s.n, 'tanaka hiroshi ' || s.n, 'tanaka', 'JP', 1, '2026-03-01 00:00:00'
           FROM s CROSS JOIN organisations o WHERE o.code = 'LHHN';
         {people} INSERT INTO members (id, dossier_id, person_id, place, role, attendance, guest, nationality, content)
           SELECT {member}, {of}, {person}, s.n % 3, CASE s.n % 3 WHEN 0 THEN 'head' ELSE 'member' END, 'came', 1, 'JP',
             json_object('full_name', 'TANAKA Hiroshi ' || s.n, 'native_name', NULL, 'position', 'Chủ tịch',
               'organisation', 'Hội hữu nghị Nhật - Việt', 'visa', NULL, 'managed_by', NULL, 'in_decision', json('false'),
               'decision_ref', NULL)
           FROM s;
         {title_words} {name_words}
         COMMIT; ANALYZE;",
        title_words = words("dossier", "dossiers", r#"["doan","hoi","huu","nghi","dong","bang","song","cuu","long"]"#),
        name_words = words("person", "people", r#"["tanaka","hiroshi"]"#),
        dossiers = series(count),
        people = series(count * 3),
        dossier = id(2, "s.n"),
        person = id(1, "s.n"),
        member = id(3, "s.n"),
        of = id(2, "(1 + (s.n - 1) / 3)"),
        from = day(0),
        to = day(2),
    );
    db.batch_execute(&statements).expect("the data");
}

fn cookie(store: &Store, config: &Config, account: AccountId) -> String {
    let auth = &config.auth;
    let limits =
        sign_in::Limits { lock_after: 10, lock: auth.lock(), idle: auth.idle(), absolute: auth.absolute() };
    let opened = store.write_blocking(move |tx| sign_in::open(tx, account, limits)).expect("a sign-in");
    format!("{}={}", session::NAME, opened.refresh.expose())
}

/// Milliseconds to the first byte: the median and the slowest of some requests; `None` where the page is not for this reader.
fn measured(url: &str, cookie: &str) -> Option<(f64, f64)> {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
    let mut taken = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let response = agent.get(url).header("cookie", cookie).header("accept", "text/html").call();
        taken.push(began.elapsed().as_secs_f64() * 1000.0);
        let mut response = response.expect("an answer");
        if response.status() != 200 {
            return None;
        }
        let _body = response.body_mut().read_to_string().expect("a page");
    }
    taken.sort_by(f64::total_cmp);
    Some((*taken.get(ROUNDS / 2)?, *taken.last()?))
}

fn main() {
    let count = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(100_000);
    let folder = tempfile::tempdir().expect("a folder");
    let config = config(folder.path());
    legation::vault::init(&folder.path().join("keys")).expect("keys");
    let app = App::build(config.clone(), Arc::new(SystemClock), false).expect("a service");
    let (store, settings) = (app.store(), Arc::clone(&app.parts().settings));
    let city = organisation(&store, None, "UBND", OrganisationKind::City);
    let union = organisation(&store, Some(city), "LHHN", OrganisationKind::Union);
    let office = organisation(&store, Some(city), "VPUB", OrganisationKind::CityOffice);
    for code in ["HN-1", "HN-2"] {
        organisation(&store, Some(union), code, OrganisationKind::Association);
    }
    let readers = [(Role::Officer, union), (Role::Approver, office), (Role::Auditor, city)];
    let readers = readers.map(|(role, place)| (role, account(&store, &settings, role, place)));
    let began = Instant::now();
    fill(&folder.path().join("pages.db"), count, readers[0].1);
    say(&format!(
        "{count} delegations with {} guests, made in {:.0} s",
        count * 3,
        began.elapsed().as_secs_f64()
    ));
    let running = app.start_in_thread().expect("a service");
    let (bare, _) = measured(&format!("{}/healthz", running.base()), "").expect("a service");
    say(&format!("/healthz {bare:.2} ms"));
    let id = format!("0190a002-0000-7000-8000-{}", 100_000_000_000_u64 + 3 * u64::from(count / 6));
    let fixed = routes::table().into_iter().filter(|row| row.method == "GET" && !row.path.contains('{'));
    let pages: Vec<String> = fixed
        .map(|row| row.path.to_owned())
        .chain(MORE.iter().map(|path| path.replace("{id}", &id)))
        .collect();
    let mut slowest = (0.0, String::new());
    for (role, account) in readers {
        let cookie = cookie(&store, &config, account);
        for page in &pages {
            let Some((median, most)) = measured(&format!("{}{page}", running.base()), &cookie) else {
                continue;
            };
            say(&format!(
                "{role:10} {page:45} {median:7.2} ms, at most {most:7.2} ms, {:5.1} times the bare limit",
                median / bare
            ));
            if median > slowest.0 {
                slowest = (median, format!("{page} as {role}"));
            }
        }
    }
    say(&format!("slowest: {} with {:.2} ms to its first byte", slowest.1, slowest.0));
    running.stop();
}
