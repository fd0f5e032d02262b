//! A whole service for one test: fresh database, fixed clock, memory mail, a real listener on port 0 and a plain
//! HTTP client. Dropping it asserts the invariants: nothing half-sent in the outbox, the journal verifies.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use chrono::{DateTime, TimeDelta, Utc};
use legation::clock::SetClock;
use legation::config::Config;
use legation::domain::access::Role;
use legation::domain::approval::OrganisationKind;
use legation::domain::ids::{AccountId, OrganisationId};
use legation::domain::journal::check::{Misfit, Verified};
use legation::domain::journal::note::SignedNote;
use legation::service::organisations::{self, NewOrganisation};
use legation::service::users::{self, NewGrant, NewUser};
use legation::service::{Error, evidence, rules, sign_in};
use legation::startup::{App, Running};
use legation::store::{DbUrl, Store};
use legation::tokens::Signer;
use serde_json::{Value, json};

/// A Monday morning in office hours: 2026-03-02 09:00 in Cần Thơ.
pub fn start() -> DateTime<Utc> {
    "2026-03-02T02:00:00Z".parse().unwrap()
}

/// Which databases this run uses.
pub fn databases() -> Vec<&'static str> {
    if std::env::var("LEGATION_TEST_POSTGRES_URL").is_ok() {
        return vec!["sqlite", "postgres"];
    }
    let required = std::env::var("LEGATION_TEST_REQUIRE_POSTGRES").is_ok();
    assert!(!required, "LEGATION_TEST_REQUIRE_POSTGRES is set but LEGATION_TEST_POSTGRES_URL is not");
    vec!["sqlite"]
}

/// Says it past the test runner's capture, so that nobody takes a run on one database for a run on both.
#[test]
fn this_run_says_its_databases() {
    use std::io::Write;
    let words = match databases().as_slice() {
        ["sqlite"] => "SQLite ONLY (LEGATION_TEST_POSTGRES_URL is not set)".to_owned(),
        kinds => format!("{} databases: {}", kinds.len(), kinds.join(" and ")),
    };
    writeln!(std::io::stderr(), "\nlegation: integration tests run on {words}").unwrap();
    assert!(databases().contains(&"sqlite"));
}

/// Runs a test on every database.
pub fn on_each(test: impl Fn(&TestApp)) {
    for kind in databases() {
        eprintln!("on {kind}");
        test(&TestApp::spawn(kind));
    }
}

/// Runs a test on every database under another chain of approval.
pub fn on_each_with(chain: &str, test: impl Fn(&TestApp)) {
    for kind in databases() {
        eprintln!("on {kind}");
        test(&TestApp::with_chain(kind, Some(chain), |_config| {}));
    }
}

pub struct TestApp {
    pub store: Store,
    pub clock: Arc<SetClock>,
    pub base: String,
    pub running: Option<Running>,
    pub app_parts: legation::startup::Parts,
    pub url: String,
    config: Config,
    spoilt: std::sync::atomic::AtomicBool,
    signer: Signer,
    world: OnceLock<World>,
    clients: Mutex<HashMap<(Role, OrganisationId), Client>>,
    folder: tempfile::TempDir,
    postgres: Option<(String, String)>,
}

/// The organisations that tests work in.
#[derive(Debug, Clone, Copy)]
pub struct World {
    pub city: OrganisationId,
    pub office: OrganisationId,
    pub foreign: OrganisationId,
    pub union: OrganisationId,
    pub association: OrganisationId,
    pub university: OrganisationId,
}

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A fresh database of this kind: its URL, and for PostgreSQL what drops it.
pub fn fresh_database(kind: &str, folder: &std::path::Path) -> (String, Option<(String, String)>) {
    if kind == "sqlite" {
        return (format!("sqlite://{}", folder.join("test.db").display()), None);
    }
    let server = std::env::var("LEGATION_TEST_POSTGRES_URL").unwrap();
    let template = template(&server);
    let name = format!("legation_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    admin(&server, &format!("CREATE DATABASE {name} TEMPLATE {template}"));
    let url = with_database(&server, &name);
    (url, Some((server, name)))
}

/// Drops what `fresh_database` made on a PostgreSQL server. One that the server's own vacuum is just looking at may not
/// be dropped by everybody: then it is tried again, and at last left behind, for it says nothing of what was tested.
pub fn drop_database(made: Option<(String, String)>) {
    let Some((server, name)) = made else { return };
    for _ in 0..20 {
        match try_admin(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")) {
            Ok(_) => return,
            Err(fault) => eprintln!("{name}: {fault}"),
        }
        std::thread::sleep(std::time::Duration::from_millis(250));
    }
}

fn with_database(server: &str, name: &str) -> String {
    let (base, query) = server.split_once('?').map_or((server, String::new()), |(b, q)| (b, format!("?{q}")));
    let base = base.rsplit_once('/').unwrap().0;
    format!("{base}/{name}{query}")
}

/// A migrated database to copy, made once for these migrations: every test process would leave one behind otherwise.
fn template(server: &str) -> String {
    use diesel::{Connection, RunQueryDsl, sql_query};
    static TEMPLATE: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let make = || {
        let name = format!("legation_test_template_{}", migrations_hash());
        let mut connection = diesel::PgConnection::establish(server).expect("PostgreSQL for tests");
        sql_query("SELECT pg_advisory_lock(hashtext('legation_test_template'))")
            .execute(&mut connection)
            .unwrap();
        let known = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
        if sql_query(known).execute(&mut connection).unwrap() == 0 {
            // Renamed when it is whole, so that one cut short is never taken for it.
            let draft = format!("{name}_draft");
            admin(server, &format!("DROP DATABASE IF EXISTS {draft}"));
            admin(server, &format!("CREATE DATABASE {draft}"));
            let url = legation::config::DatabaseUrl::try_from(with_database(server, &draft)).unwrap();
            Store::migrate(&DbUrl::from(&url)).unwrap();
            admin(server, &format!("ALTER DATABASE {draft} RENAME TO {name}"));
        }
        name
    };
    TEMPLATE.get_or_init(make).clone()
}

fn migrations_hash() -> String {
    use sha2::{Digest, Sha256};
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/postgres");
    let mut files: Vec<_> = walk(&folder);
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(std::fs::read(file).unwrap());
    }
    hex::encode(hash.finalize()).chars().take(16).collect()
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

fn admin(server: &str, statement: &str) {
    try_admin(server, statement).expect(statement);
}

fn try_admin(server: &str, statement: &str) -> diesel::QueryResult<usize> {
    use diesel::{Connection, RunQueryDsl};
    let mut connection = diesel::PgConnection::establish(server).expect("PostgreSQL for tests");
    diesel::sql_query(statement).execute(&mut connection)
}

impl TestApp {
    pub fn spawn(kind: &str) -> Self {
        Self::with(kind, |_config| {})
    }

    /// With a changed configuration.
    pub fn with(kind: &str, change: impl FnOnce(&mut Config)) -> Self {
        Self::with_chain(kind, None, change)
    }

    /// With another chain of approval.
    pub fn with_chain(kind: &str, chain: Option<&str>, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (url, postgres) = fresh_database(kind, folder.path());
        let database = url.clone();
        let clock = SetClock::at(start());
        let mut config = Config::load(
            None,
            [
                ("LEGATION__DATABASE__URL".to_owned(), url),
                ("LEGATION__MAIL__URL".to_owned(), "memory:".to_owned()),
                ("LEGATION__SERVER__ADDR".to_owned(), "127.0.0.1:0".to_owned()),
                ("LEGATION__KEYS__DIR".to_owned(), folder.path().join("keys").display().to_string()),
                ("LEGATION__PAPERS__DIR".to_owned(), folder.path().join("papers").display().to_string()),
            ],
        )
        .unwrap();
        change(&mut config);
        legation::vault::init(&folder.path().join("keys")).unwrap();
        let issuer = config.server.base_url.as_str().to_owned();
        let own = config.clone();
        let app = App::build(config, clock.clone(), false).unwrap();
        let (store, app_parts) = (app.store(), app.parts());
        if let Some(chain) = chain {
            let mut sources = rules::shipped();
            let file = sources.iter_mut().find(|source| source.name == "chain.toml").unwrap();
            chain.clone_into(&mut file.text);
            // The bodies that the other rules ask are listed, whether a step of this chain asks them or not.
            for body in
                ["thanh_uy", "mofa"].iter().filter(|body| !chain.contains(&format!("code = \"{body}\"")))
            {
                file.text += &format!("\n[[body]]\ncode = \"{body}\"\nname_vi = \"x\"\nname_en = \"x\"\n");
            }
            let no = store.write_blocking(move |tx| rules::load(tx, &sources)).unwrap();
            store.write_blocking(move |tx| rules::activate(tx, no)).unwrap();
        }
        let key = app_parts.settings.vault.token_keys().next().unwrap().to_vec();
        let signer = Signer::new(&key, &issuer, TimeDelta::days(36_500)).unwrap();
        let running = app.start_in_thread().unwrap();
        let base = running.base().to_owned();
        let (running, world, clients) = (Some(running), OnceLock::new(), Mutex::default());
        let (url, config, spoilt) = (database, own, std::sync::atomic::AtomicBool::new(false));
        Self {
            store,
            clock,
            base,
            running,
            app_parts,
            url,
            config,
            spoilt,
            signer,
            world,
            clients,
            folder,
            postgres,
        }
    }

    /// Ends the service and begins it again, as an operator does.
    pub fn restart(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
        self.store.close();
        let app = App::build(self.config.clone(), self.clock.clone(), false).unwrap();
        (self.store, self.app_parts) = (app.store(), app.parts());
        let running = app.start_in_thread().unwrap();
        running.base().clone_into(&mut self.base);
        self.running = Some(running);
        for client in self.clients.lock().unwrap().values_mut() {
            client.base.clone_from(&self.base);
        }
    }

    /// Begins again on another database; `made` is what drops it at the end.
    pub fn move_to(&mut self, url: String, made: Option<(String, String)>) {
        self.config.database.url = url.clone().try_into().unwrap();
        self.restart();
        self.url = url;
        drop_database(std::mem::replace(&mut self.postgres, made));
    }

    /// The same client after a restart: it has its token still.
    pub fn again(&self, client: &Client) -> Client {
        Client { base: self.base.clone(), ..client.clone() }
    }

    pub fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    /// Runs every job that is due.
    pub fn run_jobs(&self) {
        legation::jobs::run_due(&self.app_parts.jobs).unwrap();
        legation::jobs::make_exports(&self.app_parts.jobs).unwrap();
    }

    /// Mails that went out so far.
    pub fn mails(&self) -> Vec<legation::mail::Mail> {
        self.app_parts
            .jobs
            .transport
            .as_ref()
            .and_then(legation::mail::Transport::mailbox)
            .map(legation::mail::Mailbox::mails)
            .unwrap_or_default()
    }

    pub fn client(&self) -> Client {
        Client { base: self.base.clone(), token: None, lang: None, account: None }
    }

    /// The configuration, for functions of the command line.
    pub fn config(&self) -> Config {
        self.config.clone()
    }

    /// The test has broken the journal on purpose: dropping asserts nothing of it.
    pub fn spoilt(&self) {
        self.spoilt.store(true, Ordering::Relaxed);
    }

    /// A folder that lives as long as this.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The organisations, made at the first use.
    pub fn world(&self) -> &World {
        self.world.get_or_init(|| {
            use OrganisationKind as K;
            let city = self.organisation(None, "UBND", "Ủy ban nhân dân thành phố", K::City);
            let below = |code, name, kind| self.organisation(Some(city), code, name, kind);
            let union = below("LHHN", "Liên hiệp các tổ chức hữu nghị", K::Union);
            World {
                city,
                office: below("VPUB", "Văn phòng Ủy ban nhân dân", K::CityOffice),
                foreign: below("SNGV", "Sở Ngoại vụ", K::ForeignAffairs),
                union,
                association: self.organisation(
                    Some(union),
                    "HN-NGA",
                    "Hội hữu nghị Việt - Nga",
                    K::Association,
                ),
                university: below("DHCT", "Trường Đại học Cần Thơ", K::University),
            }
        })
    }

    /// Adds an organisation.
    pub fn organisation(
        &self,
        parent: Option<OrganisationId>,
        code: &str,
        name: &str,
        kind: OrganisationKind,
    ) -> OrganisationId {
        let new = NewOrganisation {
            parent_id: parent,
            code: code.to_owned(),
            name_vi: name.to_owned(),
            name_en: format!("{name} (en)"),
            kind,
        };
        self.store.write_blocking(move |tx| organisations::add(tx, None, &new)).unwrap().id
    }

    /// Somebody with this role at its usual place; always the same one.
    pub fn as_(&self, role: Role) -> Client {
        let world = self.world();
        let place = match role {
            Role::Officer => world.union,
            Role::Clerk | Role::Appraiser => world.foreign,
            Role::Secretary | Role::Approver => world.office,
            Role::Auditor | Role::Admin => world.city,
        };
        self.at(role, place)
    }

    /// Somebody with this role at this organisation: a person of his own, always the same one.
    pub fn at(&self, role: Role, place: OrganisationId) -> Client {
        if let Some(client) = self.clients.lock().unwrap().get(&(role, place)) {
            return client.clone();
        }
        let client = self.another(role, place);
        self.clients.lock().unwrap().insert((role, place), client.clone());
        client
    }

    /// Somebody new with this role at this organisation.
    pub fn another(&self, role: Role, place: OrganisationId) -> Client {
        let no = NEXT.fetch_add(1, Ordering::Relaxed);
        let new = NewUser {
            username: format!("{role}.{no}"),
            display_name: format!("Nguyễn Thị {role} {no}"),
            email: format!("{role}.{no}@example.org"),
            lang: None,
            grants: vec![NewGrant { organisation_id: place, role, confirmed: false }],
        };
        let settings = Arc::clone(&self.app_parts.settings);
        let added = self.store.write_blocking(move |tx| users::add(tx, None, &settings, &new)).unwrap();
        // No password: it is active from the start, and nobody can sign in by its name.
        let id = added.account;
        self.store.write_blocking(move |tx| users::set_password_hash(tx, id, "no password")).unwrap();
        self.signed_in(id)
    }

    /// The same account with one more role, from the next request on.
    pub fn with_role(&self, client: &Client, role: Role, place: OrganisationId) -> Client {
        let account = client.account.unwrap();
        let granted = self.store.write_blocking(move |tx| {
            let grant =
                legation::store::accounts::Grant { id: tx.fresh(), account, organisation: place, role };
            legation::store::accounts::insert_grant(tx, &grant, None)?;
            Ok::<_, Error>(tx.unrecorded("a test's world", ()))
        });
        granted.unwrap();
        client.clone()
    }

    /// A client with a session of this account that outlives every test, whichever way the clock is moved.
    pub fn signed_in(&self, account: AccountId) -> Client {
        let limits = sign_in::Limits {
            lock_after: 10,
            lock: TimeDelta::minutes(15),
            idle: TimeDelta::days(36_500),
            absolute: TimeDelta::days(36_500),
        };
        let opened = self.store.write_blocking(move |tx| sign_in::open(tx, account, limits)).unwrap();
        let long_ago = "2000-01-01T00:00:00Z".parse().unwrap();
        let token = self
            .signer
            .issue(account.0, opened.session.0, self.store.fresh::<AccountId>().0, long_ago)
            .unwrap();
        Client { token: Some(token.expose().to_owned()), account: Some(account), ..self.client() }
    }

    pub fn read<T>(
        &self,
        work: impl FnOnce(&mut legation::store::ReadTx<'_>) -> Result<T, legation::service::Error>,
    ) -> T {
        self.store.read_blocking(work).unwrap()
    }

    /// The number of the first entry that does not fit, if any.
    pub fn misfit(&self) -> Option<u64> {
        self.audit(&[]).err().map(|misfit| misfit.seq)
    }

    /// Verifies the journal, also against checkpoints that were kept elsewhere.
    pub fn audit(&self, given: &[SignedNote]) -> Result<Verified, Misfit> {
        let vault = &self.app_parts.settings.vault;
        let keys = evidence::keys(vault, self.store.installation()).unwrap();
        legation::store::journal::audit::verify(&self.store, &keys, given, |_, _| {}).unwrap()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
        if !std::thread::panicking() && !self.spoilt.load(Ordering::Relaxed) {
            assert_eq!(self.misfit(), None, "the journal verifies");
            let claimed = self.read(|tx| {
                let state = Some(legation::store::outbox::MailState::Claimed);
                Ok(legation::store::outbox::list(tx, state, None, 10)?)
            });
            assert!(claimed.is_empty(), "nothing half-sent");
        }
        self.store.close();
        drop_database(self.postgres.take());
    }
}

/// An HTTP client, perhaps signed in.
#[derive(Clone)]
pub struct Client {
    pub base: String,
    pub token: Option<String>,
    pub lang: Option<&'static str>,
    /// Whose client this is.
    pub account: Option<AccountId>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub bytes: Vec<u8>,
    pub body: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// Asserts the status and hands the body out.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// Asserts status and problem code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.body);
        assert!(self.header("content-type").unwrap().starts_with("application/problem+json"));
        self.body
    }
}

impl Client {
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, &[])
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(body.to_string()), &[])
    }

    /// A change of an existing object, with the version that was seen.
    pub fn change(&self, method: &str, path: &str, version: i64, body: &Value) -> Answer {
        self.send(method, path, Some(body.to_string()), &[("If-Match", &format!("\"{version}\""))])
    }

    pub fn send(&self, method: &str, path: &str, body: Option<String>, headers: &[(&str, &str)]) -> Answer {
        self.send_bytes(method, path, body.map(String::into_bytes), headers)
    }

    /// Sends bytes, such as a form with a file in it.
    pub fn send_bytes(
        &self,
        method: &str,
        path: &str,
        body: Option<Vec<u8>>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().new_agent();
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        if let Some(lang) = self.lang {
            request = request.header("Accept-Language", lang);
        }
        if body.is_some() && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            request = request.header("Content-Type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match body {
            Some(body) => agent.run(request.body(body).unwrap()),
            None => agent.run(request.body(()).unwrap()),
        };
        let mut response = response.unwrap();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let bytes = response.body_mut().read_to_vec().unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(json!(null));
        Answer { status: response.status().as_u16(), headers, bytes, body }
    }
}
