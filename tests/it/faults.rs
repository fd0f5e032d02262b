//! What goes wrong in the world: the process is killed, the settings are wrong, the mail server is down.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use legation::clock::{Clock, SetClock, SystemClock};
use legation::config::{Config, DatabaseUrl};
use legation::domain::access::Role;
use legation::domain::approval::OrganisationKind;
use legation::jobs::{self, Jobs};
use legation::mail::{Correspondent, Settings as MailSettings, Transport};
use legation::password::Passwords;
use legation::service::organisations::{self, NewOrganisation};
use legation::service::users::{self, NewGrant, NewUser};
use legation::startup::settings;
use legation::store::outbox::{self, MailState};
use legation::store::{DbUrl, Store, journal};
use rand::RngExt;
use serde_json::{Value, json};

use super::app::{TestApp, databases, drop_database, fresh_database};
use super::make;
use super::process::{Process, run};

const PASSWORD: &str = "mot-mat-khau-that-dai";

/// An installation in a folder, as an operator makes it.
struct Installation {
    folder: tempfile::TempDir,
    url: String,
    postgres: Option<(String, String)>,
    union: String,
}

impl Drop for Installation {
    fn drop(&mut self) {
        drop_database(self.postgres.take());
    }
}

impl Installation {
    fn make(kind: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (url, postgres) = fresh_database(kind, folder.path());
        legation::vault::init(&folder.path().join("keys")).unwrap();
        let mut made = Self { folder, url, postgres, union: String::new() };
        Store::migrate(&made.db()).unwrap();
        let store = made.open(Arc::new(SystemClock));
        let settings = Arc::new(settings(&made.config()).unwrap());
        let hash = Passwords::new(made.config().auth.argon2).unwrap().hash(PASSWORD).unwrap();
        let mut city = None;
        for (code, kind, role) in [
            ("UBND", OrganisationKind::City, Role::Auditor),
            ("SNGV", OrganisationKind::ForeignAffairs, Role::Clerk),
            ("LHHN", OrganisationKind::Union, Role::Officer),
        ] {
            let name = format!("Cơ quan {code}");
            let new = NewOrganisation {
                parent_id: city,
                code: code.to_owned(),
                name_vi: name.clone(),
                name_en: name.clone(),
                kind,
            };
            let place = store.write_blocking(move |tx| organisations::add(tx, None, &new)).unwrap().id;
            city = city.or(Some(place));
            made.union = place.to_string();
            let new = NewUser {
                username: role.to_string(),
                display_name: name,
                email: format!("{role}@example.org"),
                lang: None,
                grants: vec![NewGrant { organisation_id: place, role, confirmed: false }],
            };
            let settings = Arc::clone(&settings);
            let id = store.write_blocking(move |tx| users::add(tx, None, &settings, &new)).unwrap().account;
            let hash = hash.clone();
            store.write_blocking(move |tx| users::set_password_hash(tx, id, &hash)).unwrap();
        }
        store.close();
        made
    }

    fn env(&self) -> Vec<(&'static str, String)> {
        let within = |name: &str| self.folder.path().join(name).display().to_string();
        vec![
            ("LEGATION__DATABASE__URL", self.url.clone()),
            ("LEGATION__KEYS__DIR", within("keys")),
            ("LEGATION__PAPERS__DIR", within("papers")),
            ("LEGATION__MAIL__URL", format!("file://{}", within("mails"))),
            ("LEGATION__SERVER__ADDR", "127.0.0.1:0".to_owned()),
            ("LEGATION__LOG__FORMAT", "json".to_owned()),
        ]
    }

    fn config(&self) -> Config {
        Config::load(None, self.env().into_iter().map(|(name, value)| (name.to_owned(), value))).unwrap()
    }

    fn db(&self) -> DbUrl {
        DbUrl::from(&DatabaseUrl::try_from(self.url.clone()).unwrap())
    }

    fn open(&self, clock: Arc<dyn Clock>) -> Store {
        Store::open(
            &self.db(),
            clock,
            legation::store::Sizes { readers: 2, write_queue: 64, postgres_writers: 2 },
            false,
        )
        .unwrap()
    }

    fn serve(&self) -> (Process, String) {
        let mut process = Process::start(&["serve"], &self.env(), self.folder.path());
        let base = process.address();
        (process, base)
    }

    fn mails(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.folder.path().join("mails")) else { return Vec::new() };
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| Path::new(name).extension().is_some_and(|ending| ending == "eml"))
            .collect()
    }
}

/// A request to a service that may die at any moment: the status, the entity tag and the body, or nothing.
fn ask(
    base: &str,
    token: Option<&str>,
    method: &str,
    path: &str,
    version: Option<i64>,
    body: Option<&Value>,
) -> Option<(u16, Value)> {
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(20)))
        .build()
        .new_agent();
    let mut request = ureq::http::Request::builder().method(method).uri(format!("{base}{path}"));
    if let Some(token) = token {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    if let Some(version) = version {
        request = request.header("If-Match", format!("\"{version}\""));
    }
    let response = match body {
        Some(body) => {
            agent.run(request.header("Content-Type", "application/json").body(body.to_string()).unwrap())
        }
        None => agent.run(request.body(()).unwrap()),
    };
    let mut response = response.ok()?;
    let bytes = response.body_mut().read_to_vec().ok()?;
    Some((response.status().as_u16(), serde_json::from_slice(&bytes).ok()?))
}

fn sign_in(base: &str, name: &str) -> String {
    let body = json!({"username": name, "password": PASSWORD});
    let (status, tokens) = ask(base, None, "POST", "/api/v1/auth/login", None, Some(&body)).unwrap();
    assert_eq!(status, 200, "{tokens}");
    tokens["access_token"].as_str().unwrap().to_owned()
}

/// What a client was told: this dossier is in this state, under this number.
#[derive(Debug, Clone)]
struct Acknowledged {
    id: String,
    state: &'static str,
    code: Option<String>,
}

fn delegation(union: &str, no: u64) -> Value {
    json!({
        "direction": "inbound", "title": format!("Đoàn số {no}"), "purpose": "Thăm và làm việc",
        "primary_field": "education", "rank": "other", "channel": "people", "sensitive": false,
        "press": false, "guest_kinds": ["friendship"], "lead_host_id": union,
        "programme": [{"starts_at": "2031-03-20T08:30:00", "what": "Làm việc"}],
        "countries": ["FR"], "arrives_on": "2031-03-20", "departs_on": "2031-03-22",
        "groups": [{"country": "FR", "planned": 12}],
        "request_letter": {"number": format!("{no}/LHHN"), "date": "2026-01-05"},
    })
}

/// What the clients and their killer tell each other.
#[derive(Default)]
struct Life {
    submitted: AtomicUsize,
    over: AtomicBool,
}

/// Submissions that a life must see before it ends, however busy the machine is: fewer would prove too little.
const ENOUGH: usize = 4;

/// Registers and submits until the service is gone; every answer that came is kept.
fn work(base: &str, token: &str, union: &str, worker: u64, life: &Life) -> Vec<Acknowledged> {
    let mut told: Vec<Acknowledged> = Vec::new();
    for no in 0.. {
        if life.over.load(Ordering::Relaxed) {
            break;
        }
        let body = delegation(union, worker * 100_000 + no);
        let Some((status, made)) = ask(base, Some(token), "POST", "/api/v1/delegations", None, Some(&body))
        else {
            break;
        };
        assert_eq!(status, 201, "{made}");
        let id = made["id"].as_str().unwrap().to_owned();
        let head = make::guest(u32::try_from(worker * 20_000 + no).unwrap(), "head");
        told.push(Acknowledged { id: id.clone(), state: "draft", code: None });
        let path = format!("/api/v1/delegations/{id}");
        let Some((status, member)) =
            ask(base, Some(token), "POST", &format!("{path}/members"), made["version"].as_i64(), Some(&head))
        else {
            break;
        };
        assert_eq!(status, 201, "{member}");
        let version = made["version"].as_i64().map(|version| version + 1);
        let Some((status, sent)) =
            ask(base, Some(token), "POST", &format!("{path}/submit"), version, Some(&make::declared()))
        else {
            break;
        };
        assert_eq!(status, 200, "{sent}");
        life.submitted.fetch_add(1, Ordering::Relaxed);
        if let Some(last) = told.last_mut() {
            (last.state, last.code) = ("submitted", sent["code"].as_str().map(str::to_owned));
        }
    }
    told
}

/// One life of the service: three clients at work, then it is killed at a random moment.
fn life_and_death(installation: &Installation, round: u64) -> Vec<Acknowledged> {
    let (mut process, base) = installation.serve();
    let token = sign_in(&base, "officer");
    let life = Life::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..3)
            .map(|no| {
                let (base, token, life) = (&base, &token, &life);
                scope.spawn(move || work(base, token, &installation.union, 1 + round * 3 + no, life))
            })
            .collect();
        while life.submitted.load(Ordering::Relaxed) < ENOUGH
            && !workers.iter().any(std::thread::ScopedJoinHandle::is_finished)
        {
            std::thread::sleep(Duration::from_millis(10));
        }
        std::thread::sleep(Duration::from_millis(rand::rng().random_range(0..1500)));
        process.kill();
        life.over.store(true, Ordering::Relaxed);
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

/// Everything that was acknowledged is there, in its state and under its number. A draft may have become more: the
/// answer to its submission was lost.
fn nothing_is_lost(installation: &Installation, told: &[Acknowledged]) {
    let (mut process, base) = installation.serve();
    let token = sign_in(&base, "auditor");
    for one in told {
        let path = format!("/api/v1/delegations/{}", one.id);
        let (status, found) = ask(&base, Some(&token), "GET", &path, None, None).unwrap();
        assert_eq!(status, 200, "{one:?} is gone");
        let state = found["state"].as_str().unwrap();
        assert!(state == one.state || (one.state == "draft" && state == "submitted"), "{one:?} is {state}");
        if one.code.is_some() {
            assert_eq!(found["code"].as_str(), one.code.as_deref());
        }
    }
    process.kill();
    let store = installation.open(Arc::new(SystemClock));
    let vault = legation::vault::KeyRing::load(&installation.config().keys.dir).unwrap();
    let keys = legation::service::evidence::keys(&vault, store.installation()).unwrap();
    let verified = journal::audit::verify(&store, &keys, &[], |_, _| {}).unwrap();
    assert!(verified.is_ok(), "{verified:?}");
    store.close();
}

/// The service sends; what it had claimed when it was killed goes out after the lease.
fn mails_go_out(installation: &Installation, told: &[Acknowledged]) {
    let (mut process, _base) = installation.serve();
    let until = std::time::Instant::now() + Duration::from_mins(1);
    while installation.mails().is_empty() && std::time::Instant::now() < until {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(!installation.mails().is_empty(), "the service sent none");
    process.signal("TERM");
    assert_eq!(process.end().code(), Some(0), "{:?}", process.complaints());

    let config = installation.config();
    let store = installation.open(SetClock::at(SystemClock.now() + TimeDelta::minutes(10)));
    let mail = MailSettings { url: config.mail.url.clone(), ..MailSettings::default() };
    let jobs = Jobs {
        remembered: None,
        store: store.clone(),
        depot: None,
        settings: std::sync::Arc::new(legation::startup::settings(&config).unwrap()),
        reminded: std::sync::Mutex::default(),
        prepared: std::sync::Mutex::default(),
        stopping: std::sync::atomic::AtomicBool::default(),
        transport: Transport::open(&mail).unwrap(),
        from: Correspondent::parse(&config.mail.from).unwrap(),
        base_url: config.server.base_url.as_str().to_owned(),
        witness: None,
    };
    while store.read_blocking(outbox::waiting).unwrap() > 0 {
        jobs::run_due(&jobs).unwrap();
    }
    let mails = store.read_blocking(|tx| outbox::list(tx, None, None, 100_000)).unwrap();
    let files = installation.mails();
    for mail in &mails {
        assert_eq!(mail.state, MailState::Sent, "{mail:?}");
        assert_eq!(files.iter().filter(|name| name.contains(&mail.message_id)).count(), 1, "{mail:?}");
    }
    for one in told.iter().filter(|one| one.code.is_some()) {
        let about = |mail: &&outbox::Mail| mail.dossier.is_some_and(|id| id.to_string() == one.id);
        assert_eq!(mails.iter().filter(about).count(), 1, "the clerk is told of {one:?} once");
    }
    store.close();
}

#[test]
fn what_was_acknowledged_survives_being_killed() {
    for kind in databases() {
        let rounds: u64 = if kind == "sqlite" { 8 } else { 3 };
        let installation = Installation::make(kind);
        let mut told = Vec::new();
        for round in 0..rounds {
            let new = life_and_death(&installation, round);
            eprintln!("on {kind}, round {round}: {} acknowledged", new.len());
            nothing_is_lost(&installation, &new);
            told.extend(new);
        }
        nothing_is_lost(&installation, &told);
        let mut codes: Vec<&String> = told.iter().filter_map(|one| one.code.as_ref()).collect();
        assert!(codes.len() > 8, "too few to prove anything: {}", codes.len());
        codes.sort();
        assert!(codes.windows(2).all(|pair| pair[0] != pair[1]), "a number was given twice");
        mails_go_out(&installation, &told);
    }
}

/// A disk that is full: what cannot be written is answered 503, what was acknowledged is there, and writing resumes by
/// itself once there is room.
#[test]
fn a_full_disk_loses_nothing_and_writing_resumes() {
    let installation = Installation::make("sqlite");
    let mut process = Process::start_with_limits(&["serve"], &installation.env(), installation.folder.path());
    let base = process.address();
    let token = sign_in(&base, "officer");
    let register = |no: u64| {
        let body = delegation(&installation.union, no);
        ask(&base, Some(&token), "POST", "/api/v1/delegations", None, Some(&body)).unwrap()
    };
    let wal =
        std::fs::metadata(format!("{}-wal", installation.url.trim_start_matches("sqlite://"))).unwrap().len();
    // Room for some registrations: each writes every page that it touches, of the table and of its indexes.
    process.limit_files(Some(wal + 500_000));
    let (mut told, mut refused) = (Vec::new(), 0);
    for no in 0..400 {
        match register(no) {
            (201, made) => {
                let id = made["id"].as_str().unwrap().to_owned();
                told.push(Acknowledged { id, state: "draft", code: None });
            }
            (503, problem) => {
                assert_eq!(problem["code"], "busy");
                refused += 1;
            }
            other => panic!("{other:?}"),
        }
        if refused >= 3 {
            break;
        }
    }
    assert!(refused >= 3 && !told.is_empty(), "{refused} refused of {}", told.len());
    process.limit_files(None);
    let (status, made) = register(1000);
    assert_eq!(status, 201, "writing resumes by itself: {made}");
    process.kill();
    nothing_is_lost(&installation, &told);
}

/// Runs `serve` with changed settings: it must refuse with one sentence that names the setting.
fn refused(folder: &Path, changes: &[(&'static str, String)]) -> String {
    let mut env = vec![
        ("LEGATION__DATABASE__URL", "sqlite://legation.db".to_owned()),
        ("LEGATION__KEYS__DIR", "keys".to_owned()),
        ("LEGATION__SERVER__ADDR", "127.0.0.1:0".to_owned()),
        ("LEGATION__LOG__LEVEL", "error".to_owned()),
    ];
    env.extend(changes.iter().cloned());
    let ended = run(&["serve"], &env, folder);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.out.is_empty() && ended.err.starts_with("legation: "), "{ended:?}");
    assert_eq!(ended.err.lines().count(), 1, "{ended:?}");
    ended.err
}

#[test]
fn wrong_settings_stop_the_start_and_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let missing = refused(at, &[]);
    assert!(missing.contains("keys.dir") && missing.contains("`legation keys init` makes it"), "{missing}");
    assert!(!at.join("legation.db").exists(), "nothing was made before the keys were there");

    legation::vault::init(&at.join("keys")).unwrap();
    for (setting, url) in [
        ("database.url", "posgres://db.example.org/legation"),
        ("database.url", "legation.db"),
        ("database.url", "sqlite://no/such/folder/legation.db"),
        ("database.url", "postgres://user:top-secret@127.0.0.1:1/legation"),
    ] {
        let words = refused(at, &[("LEGATION__DATABASE__URL", url.to_owned())]);
        assert!(words.contains(setting) && !words.contains("top-secret"), "{url}: {words}");
    }
    let plain = refused(at, &[("LEGATION__SERVER__BASE_URL", "http://legation.example.org".to_owned())]);
    assert!(plain.contains("server.base_url") && plain.contains("https://"), "{plain}");
    let typo = refused(at, &[("LEGATION__SERVER__ADRR", "127.0.0.1:0".to_owned())]);
    assert!(typo.contains("LEGATION__SERVER__ADRR") || typo.contains("server.adrr"), "{typo}");

    let key = at.join("keys/wrap.toml");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let readable = refused(at, &[]);
    assert!(readable.contains("keys.dir") && readable.contains("may be read by others"), "{readable}");
    assert!(!at.join("posgres:").exists(), "no file of a mistyped name");
}

#[test]
fn approvals_go_on_while_the_mail_server_is_down() {
    for kind in databases() {
        // Port 1 answers nobody.
        let app = TestApp::with(kind, |config| {
            config.mail.url = "smtp://127.0.0.1:1".to_owned().try_into().unwrap();
        });
        let officer = app.as_(Role::Officer);
        app.as_(Role::Clerk);
        app.as_(Role::Appraiser);
        app.as_(Role::Approver);
        let mut made = make::registered(&app, &officer, &make::body(&app, "2026-03-20"), 1);
        make::received(&app, &officer, &mut made);
        app.run_jobs();
        make::approved(&app, &mut made);
        make::issued(&app, &mut made, "7");
        app.run_jobs();
        let mails = app.read(|tx| Ok(outbox::list(tx, None, None, 100)?));
        assert!(mails.len() >= 6, "{mails:?}");
        for mail in mails {
            assert_eq!(mail.state, MailState::Queued, "{mail:?}");
            assert!(mail.attempts >= 1 && mail.last_error.is_some(), "{mail:?}");
            assert!(mail.due_at > mail.created_at, "{mail:?}");
        }
    }
}
