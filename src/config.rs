//! The settings: embedded defaults, then a file, then the environment, then files that hold secrets.
//! It must not know what the settings are used for; it makes sure that they are complete, known and sane, and
//! names everything that is wrong at once.

mod address;
mod checks;
mod layers;
mod reference;

use std::fmt;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer};

use crate::password::Cost;

pub use address::{BaseUrl, DatabaseUrl, MailUrl, Network, Smtp};
pub use reference::reference;

/// The defaults, with a comment on every setting.
pub const DEFAULTS: &str = include_str!("../config/default.toml");

/// All settings. What each means stands in `config/default.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How the service is reached.
    pub server: Server,
    /// Where everything is stored.
    pub database: Database,
    /// The keys that seal personal data and sign tokens.
    pub keys: Keys,
    /// Uploaded papers.
    pub papers: Papers,
    /// Outgoing mail.
    pub mail: Mail,
    /// Who keeps checkpoints of the journal elsewhere.
    pub witness: Witness,
    /// Signing in.
    pub auth: Auth,
    /// The compliance return.
    pub report: Report,
    /// Official paper.
    pub paper: Paper,
    /// Days off, local closures, office hours.
    pub calendar: Calendar,
    /// What is written to standard error.
    pub log: Log,
}

/// `[server]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address and port to listen on.
    pub addr: std::net::SocketAddr,
    /// The address that people see.
    pub base_url: BaseUrl,
    /// Threads that answer requests; 0 is one per processor.
    pub workers: u16,
    /// Proxies whose forwarding headers are believed.
    pub trusted_proxies: Vec<Network>,
    /// Seconds that requests under way are given at the end.
    pub shutdown_seconds: u16,
}

impl Server {
    /// Whether forwarding headers that come from this address are believed.
    #[must_use]
    pub fn trusts(&self, address: std::net::IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(address))
    }
}

/// `[database]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Which database, and where.
    pub url: DatabaseUrl,
    /// Connections for reading.
    pub read_pool: u16,
    /// Commands that may wait for a writer.
    pub write_queue: u16,
    /// Connections for writing on PostgreSQL.
    pub postgres_writers: u16,
}

/// `[keys]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// The folder that `legation keys init` made.
    pub dir: PathBuf,
}

/// `[papers]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Papers {
    /// The folder that keeps them, sealed.
    pub dir: PathBuf,
    /// Most MiB of one file.
    pub max_mib: u16,
    /// Most papers of one dossier.
    pub max_files: u16,
}

impl Papers {
    /// Most bytes of one file.
    #[must_use]
    pub fn max_bytes(&self) -> u64 {
        u64::from(self.max_mib) * 1024 * 1024
    }
}

/// `[mail]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// Where mails go.
    pub url: MailUrl,
    /// Certificates (PEM) to trust besides the public ones.
    #[serde(deserialize_with = "empty_is_none")]
    pub ca_file: Option<PathBuf>,
    /// The sender of all mails, as `Name <address>`.
    pub from: String,
    /// Seconds to wait for an answer of the mail server.
    pub timeout_seconds: u16,
}

/// `[witness]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// Where a checkpoint goes every day.
    #[serde(deserialize_with = "empty_is_no_text")]
    pub address: Option<String>,
}

/// `[auth]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// Minutes that an access token lives.
    pub access_minutes: u16,
    /// Minutes without any use after which a session ends.
    pub idle_minutes: u16,
    /// Hours after which a session ends whatever happens.
    pub absolute_hours: u16,
    /// Failed sign-ins in a row after which an account is locked.
    pub lock_after: u16,
    /// Minutes that it stays locked.
    pub lock_minutes: u16,
    /// Hours that a one-time link works.
    pub link_hours: u16,
    /// Passwords that are hashed at the same time.
    pub parallel_hashes: u16,
    /// What one password hash costs.
    pub argon2: Cost,
}

impl Auth {
    /// Life of an access token.
    #[must_use]
    pub fn access(&self) -> TimeDelta {
        TimeDelta::minutes(self.access_minutes.into())
    }

    /// Life of a session without any use.
    #[must_use]
    pub fn idle(&self) -> TimeDelta {
        TimeDelta::minutes(self.idle_minutes.into())
    }

    /// Life of a session whatever happens.
    #[must_use]
    pub fn absolute(&self) -> TimeDelta {
        TimeDelta::hours(self.absolute_hours.into())
    }

    /// How long an account stays locked.
    #[must_use]
    pub fn lock(&self) -> TimeDelta {
        TimeDelta::minutes(self.lock_minutes.into())
    }

    /// Life of a one-time link.
    #[must_use]
    pub fn link(&self) -> TimeDelta {
        TimeDelta::hours(self.link_hours.into())
    }
}

/// `[report]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// What a month is.
    pub window: Window,
    /// Hours that the result of a long export is kept.
    pub export_hours: u16,
}

impl Report {
    /// How long the result of a long export is kept.
    #[must_use]
    pub fn exports_kept(&self) -> TimeDelta {
        TimeDelta::hours(self.export_hours.into())
    }
}

/// What a month of the return is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Window {
    /// Label M runs from the 15th of the month before to the 14th of M.
    #[serde(rename = "15-14")]
    MidMonth,
    /// From the first to the last of the month.
    #[serde(rename = "calendar")]
    Calendar,
}

impl From<Window> for crate::domain::report::Window {
    fn from(window: Window) -> Self {
        match window {
            Window::MidMonth => Self::MidMonth,
            Window::Calendar => Self::Calendar,
        }
    }
}

/// `[paper]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// The place before the day of a paper.
    pub place: String,
    /// Codes of the organisations whose numbers are given here, out of our own register.
    pub register: Vec<String>,
    /// Whether issued papers bear a code that leads to a public page which confirms them.
    pub check_page: bool,
    /// A folder of templates, wordings and fonts that replace or add to those of the binary.
    #[serde(deserialize_with = "empty_is_none")]
    pub dir: Option<PathBuf>,
}

/// `[calendar]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// A folder of calendar files that replace or add to those of the binary.
    #[serde(deserialize_with = "empty_is_none")]
    pub dir: Option<PathBuf>,
}

/// `[log]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// How a line looks.
    pub format: LogFormat,
    /// Which lines are written, as `tracing_subscriber` filters are.
    pub level: String,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people on a terminal, JSON otherwise.
    Auto,
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// One thing that is wrong with the settings. It never shows a value that may be secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFault {
    /// The setting, such as `server.base_url`, or the file that cannot be read.
    pub setting: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl ConfigFault {
    fn new(setting: impl Into<String>, message: impl Into<String>) -> Self {
        Self { setting: setting.into(), message: message.into() }
    }
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.setting, self.message)
    }
}

/// Everything that is wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct ConfigFaults(pub Vec<ConfigFault>);

impl Config {
    /// The settings from the defaults, a file and the environment, in this order, checked.
    ///
    /// `env` is what [`environment`] gives, or what a test wants; names that do not begin with `LEGATION__`
    /// are passed over.
    ///
    /// # Errors
    /// All [`ConfigFaults`] at once.
    pub fn load(
        file: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigFaults> {
        let mut faults = Vec::new();
        let table = layers::merged(file, env, &mut faults);
        let config = layers::typed(table, &mut faults);
        if let Some(config) = &config {
            faults.extend(config.validate());
        }
        match config {
            Some(config) if faults.is_empty() => Ok(config),
            _ => Err(ConfigFaults(faults)),
        }
    }
}

/// The environment of this process, without what is not Unicode.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn empty_is_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    let path = PathBuf::deserialize(deserializer)?;
    Ok((!path.as_os_str().is_empty()).then_some(path))
}

fn empty_is_no_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok((!text.is_empty()).then_some(text))
}

#[cfg(test)]
mod tests;
