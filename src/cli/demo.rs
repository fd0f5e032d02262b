//! `legation demo`: makes the demo year in a folder once, and serves it. It looks at no settings but those of the
//! log, so that nothing of a real installation can get into it.

use std::io::{IsTerminal, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::clock::{Clock, SystemClock, day_in_vietnam};
use crate::config::{BaseUrl, Config, DatabaseUrl, MailUrl, environment};
use crate::demo::{self, Account, Folder};
use crate::domain::access::Role;
use crate::startup::{App, StartError};
use crate::telemetry;

/// The port that is tried first, and how many after it.
const PORTS: std::ops::RangeInclusive<u16> = 8080..=8179;

/// Makes the demo unless it is there, prints where it is and who may sign in, and serves it until told to stop.
///
/// # Errors
/// What is missing or wrong, in one sentence.
pub fn run(dir: &Path, addr: Option<SocketAddr>, fresh: bool, as_json: bool) -> Result<(), StartError> {
    let mut config = settings()?;
    telemetry::init(&config.log).map_err(|fault| StartError(fault.to_string()))?;
    let listener = listen(addr)?;
    config.server.addr = listener.local_addr().map_err(|cause| StartError::of("--addr", cause))?;
    config.server.base_url = base_url(config.server.addr)?;
    let folder = Folder::open(dir)?;
    if fresh {
        folder.clear()?;
    }
    if !folder.is_loaded() {
        load(&folder, &config)?;
    }
    // A demo of an older version lacks the keys that came later.
    crate::vault::upgrade(&folder.keys()).map_err(|fault| StartError::of("keys", fault))?;
    config.database.url = DatabaseUrl::Sqlite(folder.database());
    config.keys.dir = folder.keys();
    config.papers.dir = folder.papers();
    let app = App::build_on(Some(listener), config.clone(), Arc::new(SystemClock), true)?;
    let accounts = demo::accounts()?;
    let url = config.server.base_url.as_str();
    let text = if as_json { in_json(url, &accounts)? } else { in_words(url, &folder, &accounts) };
    let ready = || {
        let mut out = std::io::stdout();
        out.write_all(text.as_bytes()).and_then(|()| out.flush())
    };
    app.serve(ready).map_err(|cause| StartError::of("demo", cause))
}

/// The defaults, with a quiet log unless somebody wants to hear more.
fn settings() -> Result<Config, StartError> {
    let quiet = ("LEGATION__LOG__LEVEL".to_owned(), "warn".to_owned());
    let log = environment().filter(|(name, _)| name.starts_with("LEGATION__LOG__"));
    let mut config = Config::load(None, std::iter::once(quiet).chain(log))
        .map_err(|faults| StartError(faults.to_string()))?;
    config.mail.url = MailUrl::Memory;
    Ok(config)
}

/// Binds the address that was asked for, or the first free port.
fn listen(addr: Option<SocketAddr>) -> Result<TcpListener, StartError> {
    if let Some(addr) = addr {
        return TcpListener::bind(addr).map_err(|cause| StartError::of(&format!("--addr {addr}"), cause));
    }
    let free = PORTS.into_iter().find_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok());
    free.ok_or_else(|| StartError("no free port from 8080 on; name an address with --addr".to_owned()))
}

/// What people open: on an address that means every one, this machine's own.
fn base_url(addr: SocketAddr) -> Result<BaseUrl, StartError> {
    let text = match addr.ip().is_unspecified() {
        true => format!("http://localhost:{}", addr.port()),
        false => format!("http://{addr}"),
    };
    BaseUrl::try_from(text).map_err(|fault| StartError(format!("--addr {addr}: {fault}")))
}

fn load(folder: &Folder, config: &Config) -> Result<(), StartError> {
    let bar = match std::io::stderr().is_terminal() {
        true => ProgressBar::new(0).with_style(style()).with_message("telling the demo year"),
        false => ProgressBar::hidden(),
    };
    let today = day_in_vietnam(SystemClock.now());
    let told = demo::load(folder, config, today, &|done, of| {
        bar.set_length(u64::try_from(of).unwrap_or_default());
        bar.set_position(u64::try_from(done).unwrap_or_default());
    });
    bar.finish_and_clear();
    told
}

fn style() -> ProgressStyle {
    let style = ProgressStyle::with_template("{msg} {bar:40} {percent} %");
    style.unwrap_or_else(|_template| ProgressStyle::default_bar())
}

/// What `--json` prints, for scripts.
#[derive(Serialize)]
struct Printed<'p> {
    url: &'p str,
    accounts: Vec<PrintedAccount<'p>>,
}

#[derive(Serialize)]
struct PrintedAccount<'p> {
    role: Role,
    username: &'p str,
    password: &'p str,
    organisation: &'p str,
}

fn in_json(url: &str, accounts: &[(Account, String)]) -> Result<String, StartError> {
    let accounts = accounts.iter().map(|(account, _name)| PrintedAccount {
        role: account.role,
        username: &account.username,
        password: &account.password,
        organisation: &account.organisation,
    });
    let printed = Printed { url, accounts: accounts.collect() };
    let line = serde_json::to_string(&printed).map_err(|fault| StartError::of("output", fault))?;
    Ok(format!("{line}\n"))
}

fn in_words(url: &str, folder: &Folder, accounts: &[(Account, String)]) -> String {
    let mut text = format!(
        "Legation, the demo year 2025 of Cần Thơ: {url}\nIts mails, which go nowhere else: {url}/mailbox\n\
         Documentation of the API: {url}/docs\n\n"
    );
    let row = |role: &str, name: &str, password: &str, organisation: &str| {
        format!("  {role:<10} {name:<9} {password:<26} {organisation}\n")
    };
    text += &row("role", "sign-in", "password", "organisation");
    for (account, organisation) in accounts {
        text += &row(&account.role.to_string(), &account.username, &account.password, organisation);
    }
    let dir = folder.dir().display();
    text + &format!(
        "\nEverybody in it is invented. The data stay in {dir}; --fresh starts over; Ctrl-C ends.\n"
    )
}
