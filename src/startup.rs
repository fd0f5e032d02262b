//! From a configuration to a running service, for the command line and for tests alike: opens the store, loads the
//! keys and the rulebook, binds the listener, starts the jobs, and ends all of it in order.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::rt::signal::unix::{SignalKind, signal};
use actix_web::{App as ActixApp, HttpServer, web};

use crate::clock::Clock;
use crate::config::{Config, DatabaseUrl};
use crate::depot::Depot;
use crate::domain::calendar::{self, Calendar};
use crate::http::{self, State};
use crate::jobs::{self, Jobs};
use crate::mail::{Correspondent, Settings as MailSettings, Timeouts, Transport};
use crate::paper::Press;
use crate::password::Passwords;
use crate::remembered::Remembered;
use crate::service::papers::Stationery;
use crate::service::returns::memo::Counted;
use crate::service::{Error, Settings, rules};
use crate::store::{DbKind, DbUrl, Sizes, Store, StoreError, installation};
use crate::tokens::{Signer, Verifier};
use crate::vault::KeyRing;

mod looking_back;

/// Why the service does not start: one sentence for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(pub String);

impl StartError {
    /// What it is about, and why not.
    pub fn of(what: &str, cause: impl std::fmt::Display) -> Self {
        Self(format!("{what}: {cause}"))
    }
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::of("database", error)
    }
}

/// Opens the database. On SQLite the migrations run by themselves; on PostgreSQL `legation migrate` does it.
///
/// # Errors
/// What is missing or wrong, in one sentence.
pub fn open_store(config: &Config, clock: Arc<dyn Clock>, demo: bool) -> Result<Store, StartError> {
    let url = DbUrl::from(&config.database.url);
    // PostgreSQL's library speaks in paragraphs.
    let in_one_line = |cause: StoreError| cause.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    let fault = |cause| StartError::of("database.url", in_one_line(cause));
    if url.kind() == DbKind::Sqlite {
        Store::migrate(&url).map_err(fault)?;
    }
    let sizes = Sizes {
        readers: config.database.read_pool,
        write_queue: config.database.write_queue,
        postgres_writers: config.database.postgres_writers,
    };
    let store = Store::open(&url, clock, sizes, demo).map_err(fault)?;
    let waits =
        store.write_blocking(rules::ship).map_err(|fault: Error| StartError::of("rulebook", fault))?;
    if waits {
        tracing::warn!("this program brings a newer rulebook: compare it with `legation rules diff`");
    }
    Ok(store)
}

/// Opens a database that is there: a mistyped path must not make an empty one and call it in order.
///
/// # Errors
/// What is missing or wrong, in one sentence.
pub fn open_existing_store(config: &Config, clock: Arc<dyn Clock>) -> Result<Store, StartError> {
    match &config.database.url {
        DatabaseUrl::Sqlite(path) if !path.is_file() => {
            Err(StartError(format!("database.url: there is no database at {}", path.display())))
        }
        _ => open_store(config, clock, false),
    }
}

/// Loads the keys and the rulebook.
///
/// # Errors
/// What is missing or wrong, in one sentence.
pub fn settings(config: &Config) -> Result<Settings, StartError> {
    Ok(Settings {
        vault: KeyRing::load(&config.keys.dir).map_err(|fault| StartError::of("keys.dir", fault))?,
        calendar: calendar(config.calendar.dir.as_deref())?,
        rulebooks: rules::Rulebooks::default(),
        counted: Counted::default(),
        stationery: stationery(config)?,
        window: config.report.window.into(),
        exports_kept: config.report.exports_kept(),
        link: config.auth.link(),
    })
}

/// The calendar of the embedded files and of the folder's, which come before embedded ones of the same name.
///
/// # Errors
/// The file that cannot be read, or its line that is wrong.
pub fn calendar(folder: Option<&Path>) -> Result<Calendar, StartError> {
    let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    let mut files: BTreeMap<String, String> = calendar::SHIPPED.iter().map(owned).collect();
    if let Some(folder) = folder {
        let fault = |path: &Path, cause| StartError::of(&format!("calendar.dir {}", path.display()), cause);
        for entry in std::fs::read_dir(folder).map_err(|cause| fault(folder, cause))? {
            let path = entry.map_err(|cause| fault(folder, cause))?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let Some(name) = name.filter(|_| path.extension().is_some_and(|end| end == "toml")) else {
                continue;
            };
            let text = std::fs::read_to_string(&path).map_err(|cause| fault(&path, cause))?;
            files.insert(name.to_owned(), text);
        }
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Calendar::read(&files).map_err(|fault| StartError::of("calendar", fault))
}

/// What papers are made with: the files of the binary, and those of the folder, which are tried on sample papers.
///
/// # Errors
/// The file and line that are wrong.
pub fn stationery(config: &Config) -> Result<Stationery, StartError> {
    let press =
        Press::open(config.paper.dir.as_deref()).map_err(|fault| StartError::of("paper.dir", fault))?;
    let paper = &config.paper;
    let check = paper.check_page.then(|| format!("{}/check/", config.server.base_url.as_str()));
    Ok(Stationery { press, place: paper.place.clone(), register: paper.register.clone(), check })
}

/// The parts that tests and the command line reach for.
#[derive(Clone)]
pub struct Parts {
    /// What the jobs work with.
    pub jobs: Arc<Jobs>,
    /// What use cases need.
    pub settings: Arc<Settings>,
}

/// A service that is ready to serve.
pub struct App {
    state: web::Data<State>,
    listener: TcpListener,
    parts: Parts,
    base: String,
}

impl App {
    /// Opens everything. On SQLite the migrations run by themselves; on PostgreSQL `legation migrate` does it.
    ///
    /// # Errors
    /// What is missing or wrong, in one sentence.
    pub fn build(config: Config, clock: Arc<dyn Clock>, demo: bool) -> Result<Self, StartError> {
        Self::build_on(None, config, clock, demo)
    }

    /// As `build`, perhaps on a listener that is bound already: whoever asked for port 0 knows the address then.
    ///
    /// # Errors
    /// What is missing or wrong, in one sentence.
    pub fn build_on(
        listener: Option<TcpListener>,
        config: Config,
        clock: Arc<dyn Clock>,
        demo: bool,
    ) -> Result<Self, StartError> {
        let settings = Arc::new(settings(&config)?);
        let keys = &settings.vault;
        let issuer = config.server.base_url.as_str().to_owned();
        let token_fault = |fault| StartError::of("token keys", fault);
        let first = keys.token_keys().next().ok_or(StartError("token keys: there is none".to_owned()))?;
        let signer = Signer::new(first, &issuer, config.auth.access()).map_err(token_fault)?;
        let verifier = Verifier::new(keys.token_keys(), &issuer).map_err(token_fault)?;
        let transport = transport(&config)?;
        let from =
            Correspondent::parse(&config.mail.from).map_err(|fault| StartError::of("mail.from", fault))?;
        let passwords =
            Passwords::new(config.auth.argon2).map_err(|fault| StartError::of("auth.argon2", fault))?;
        let store = open_store(&config, clock, demo)?;
        same_purpose(&store, demo)?;
        let remembered = Remembered::beside(&config.keys.dir);
        looking_back::look_back(&store, &settings, &remembered)?;
        let witness =
            config.witness.address.as_ref().map(|address| Correspondent::parse(address)).transpose();
        let witness = witness.map_err(|fault| StartError::of("witness.address", fault))?;
        let depot = Arc::new(Depot::open(&config.papers.dir).map_err(|fault| {
            StartError::of(&format!("papers.dir {}", config.papers.dir.display()), fault)
        })?);
        let addr_fault = |cause| StartError::of(&format!("server.addr {}", config.server.addr), cause);
        let listener = match listener {
            Some(listener) => listener,
            None => TcpListener::bind(config.server.addr).map_err(addr_fault)?,
        };
        let bound = listener.local_addr().map_err(addr_fault)?;
        let jobs = Arc::new(Jobs {
            store: store.clone(),
            depot: Some(Arc::clone(&depot)),
            settings: Arc::clone(&settings),
            reminded: Mutex::default(),
            prepared: Mutex::default(),
            stopping: AtomicBool::default(),
            transport: transport.clone(),
            from,
            base_url: issuer,
            witness,
            remembered: Some(remembered),
        });
        let state = web::Data::new(State {
            store,
            depot,
            settings: Arc::clone(&settings),
            signer,
            verifier,
            passwords,
            hashing: tokio::sync::Semaphore::new(config.auth.parallel_hashes.into()),
            press: tokio::sync::Semaphore::new(http::press::TURNS),
            checks: http::check::Gate::default(),
            feeds: http::check::Gate::default(),
            mailbox: transport.as_ref().and_then(Transport::mailbox).filter(|_| demo).cloned(),
            config,
        });
        Ok(Self { state, listener, parts: Parts { jobs, settings }, base: format!("http://{bound}") })
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> Store {
        self.state.store.clone()
    }

    /// The parts that tests and the command line reach for.
    #[must_use]
    pub fn parts(&self) -> Parts {
        self.parts.clone()
    }

    /// The address that the listener is bound to.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Serves until told to stop (Ctrl-C, SIGTERM), then drains: requests under way are answered, commands that
    /// wait are committed, the jobs end. `ready` is called as soon as connections are taken and signals are heard.
    ///
    /// # Errors
    /// What the listener or `ready` says.
    pub fn serve(self, ready: impl FnOnce() -> std::io::Result<()>) -> std::io::Result<()> {
        let store = self.store();
        let jobs = Arc::clone(&self.parts.jobs);
        let beats = [pulse(&jobs, jobs::run_due), pulse(&jobs, jobs::make_exports)];
        let result = actix_web::rt::System::new().block_on(async move {
            let stop = told_to_stop()?;
            ready()?;
            self.server(stop)?.await
        });
        jobs.stop();
        for (beat, stop) in beats {
            drop(stop);
            finish(beat);
        }
        store.close();
        result
    }

    /// Serves from a thread of its own, without the jobs: for tests.
    ///
    /// # Errors
    /// What the listener says.
    pub fn start_in_thread(self) -> std::io::Result<Running> {
        let base = self.base.clone();
        let (tell, told) = channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = self.server(std::future::pending())?;
                // The test may have given up; then nobody waits for the handle.
                drop(tell.send(server.handle()));
                server.await
            })
        });
        let handle = told.recv().map_err(std::io::Error::other)?;
        Ok(Running { base, handle, thread })
    }

    fn server(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<actix_web::dev::Server> {
        let config = &self.state.config.server;
        let (workers, shutdown) = (config.workers, config.shutdown_seconds);
        let state = self.state;
        let server = HttpServer::new(move || {
            ActixApp::new()
                .app_data(state.clone())
                .app_data(web::PayloadConfig::new(http::body::LIMIT))
                .wrap(from_fn(http::edge::edge))
                .configure(http::routes::configure)
                .configure(http::docs::configure)
        })
        .shutdown_signal(stop)
        .shutdown_timeout(shutdown.into());
        let server = if workers > 0 { server.workers(workers.into()) } else { server };
        Ok(server.listen(self.listener)?.run())
    }
}

/// A demo database holds made-up people under published passwords: nothing but the demo serves it, and the demo
/// serves nothing else.
fn same_purpose(store: &Store, demo: bool) -> Result<(), StartError> {
    let made_for_demo = store.read_blocking(installation::is_demo)?;
    let words = match (made_for_demo, demo) {
        (true, false) => {
            "this database was made by `legation demo`, whose passwords everybody knows; it is not served"
        }
        (false, true) => "this is no demo's database",
        _ => return Ok(()),
    };
    Err(StartError::of("database.url", words))
}

/// Listens from now on for Ctrl-C and the request to terminate; the future ends with the first. Both drain: by
/// default the server would drop what is under way on Ctrl-C.
fn told_to_stop() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(std::future::poll_fn(move |context| {
        match interrupt.poll_recv(context).is_ready() || terminate.poll_recv(context).is_ready() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }))
}

/// A service that runs in a thread.
pub struct Running {
    base: String,
    handle: ServerHandle,
    thread: JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Stops it and waits for its end.
    pub fn stop(self) {
        drop(self.handle.stop(true));
        if self.thread.join().is_err() {
            tracing::error!("the server's thread ended by panic");
        }
    }
}

fn transport(config: &Config) -> Result<Option<Transport>, StartError> {
    let settings = MailSettings {
        url: config.mail.url.clone(),
        ca_file: config.mail.ca_file.clone(),
        hello: Some(config.server.base_url.host()),
        timeouts: Timeouts {
            answer: Duration::from_secs(config.mail.timeout_seconds.into()),
            ..Timeouts::default()
        },
    };
    Transport::open(&settings).map_err(|fault| StartError::of("mail", fault))
}

/// How often the jobs look for work.
const PULSE: Duration = Duration::from_secs(1);

/// Does this work again and again on a thread of its own, until told to stop.
fn pulse(jobs: &Arc<Jobs>, work: fn(&Jobs) -> Result<(), Error>) -> (JoinHandle<()>, Sender<()>) {
    let jobs = Arc::clone(jobs);
    let (stop, stopped) = channel::<()>();
    let thread = std::thread::spawn(move || {
        while matches!(stopped.recv_timeout(PULSE), Err(std::sync::mpsc::RecvTimeoutError::Timeout)) {
            if let Err(error) = work(&jobs) {
                tracing::warn!(%error, "jobs");
            }
        }
    });
    (thread, stop)
}

fn finish(jobs: JoinHandle<()>) {
    if jobs.join().is_err() {
        tracing::error!("the jobs' thread ended by panic");
    }
}
