//! Where finished mails go: a mail server, a folder, or a mailbox in memory. Owns the three ways and the
//! settings that choose one; must not know what a mail says or whether it is tried again.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters, TlsVersion};
use lettre::transport::smtp::extension::ClientId;

use super::address::label;
use super::smtp::Smtp;
use super::{Mail, Outcome, reason};
use crate::config::{MailUrl, Smtp as Server};

/// Why a transport cannot be opened. Never repeats the mail URL, which holds a password.
#[derive(Debug, thiserror::Error)]
pub enum BadTransport {
    /// The file with the certificate of an own authority.
    #[error("the mail CA file {} cannot be used: {cause}", path.display())]
    CaFile {
        /// Which file.
        path: PathBuf,
        /// Why not.
        cause: String,
    },
    /// TLS itself.
    #[error("TLS for mail cannot be set up: {0}")]
    Tls(String),
    /// The folder for mails.
    #[error("the mail folder {} cannot be used: {cause}", path.display())]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
}

/// How long an SMTP conversation waits, for each read and each write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For the connection, the greeting and TLS.
    pub connect: Duration,
    /// For the answer to a command.
    pub command: Duration,
    /// For the answer to the mail itself. RFC 5321 4.5.3.2.6 gives a server ten minutes; waiting so long
    /// would hold up all other mail, so a late answer counts as [`Outcome::Unknown`].
    pub answer: Duration,
}

impl Default for Timeouts {
    /// 10 s, 20 s and 60 s.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            command: Duration::from_secs(20),
            answer: Duration::from_mins(1),
        }
    }
}

/// What the configuration says of mail.
#[derive(Clone, Default)]
pub struct Settings {
    /// A server, a folder or memory.
    pub url: MailUrl,
    /// A PEM file with certificates that are trusted besides the built-in ones.
    pub ca_file: Option<PathBuf>,
    /// The host name that EHLO gives, usually the base URL's; anything else than a host name is left out.
    pub hello: Option<String>,
    /// How long to wait.
    pub timeouts: Timeouts,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url: _, ca_file, hello, timeouts } = self;
        f.debug_struct("Settings")
            .field("ca_file", ca_file)
            .field("hello", hello)
            .field("timeouts", timeouts)
            .finish_non_exhaustive()
    }
}

/// Where mails go. Clones share the mailbox.
#[derive(Debug, Clone)]
pub struct Transport(Way);

#[derive(Debug, Clone)]
enum Way {
    Smtp(Box<Smtp>),
    Folder(PathBuf),
    Memory(Mailbox),
}

impl Transport {
    /// Opens what `settings` name; `None` when nothing is named: mails wait in the outbox. Connects to nothing
    /// yet; makes the folder of `file:` URLs.
    ///
    /// # Errors
    /// When the URL, the CA file or the folder cannot be used.
    pub fn open(settings: &Settings) -> Result<Option<Self>, BadTransport> {
        let way = match settings.url.clone() {
            MailUrl::Smtp(server) => Way::Smtp(Box::new(smtp(server, settings)?)),
            MailUrl::Folder(path) => Way::Folder(folder(path)?),
            MailUrl::Memory => Way::Memory(Mailbox::default()),
            MailUrl::Unset => return Ok(None),
        };
        Ok(Some(Self(way)))
    }

    /// A transport into a fresh mailbox in memory.
    #[must_use]
    pub fn memory() -> Self {
        Self(Way::Memory(Mailbox::default()))
    }

    /// The mailbox, if this is one in memory.
    #[must_use]
    pub fn mailbox(&self) -> Option<&Mailbox> {
        match &self.0 {
            Way::Memory(mailbox) => Some(mailbox),
            Way::Smtp(_) | Way::Folder(_) => None,
        }
    }

    /// Hands one mail over. Blocks, for SMTP up to the sum of the timeouts; never panics.
    #[must_use]
    pub fn send(&self, mail: &Mail) -> Outcome {
        match &self.0 {
            // A panic inside leaves open how far the conversation came.
            Way::Smtp(smtp) => catch_unwind(AssertUnwindSafe(|| smtp.send(mail))).unwrap_or_else(|_| {
                Outcome::Unknown { reason: reason("conversation", "the mail library panicked") }
            }),
            Way::Folder(folder) => match write(folder, mail) {
                Ok(()) => Outcome::Sent,
                Err(fault) => Outcome::Retry { reason: reason("folder", &fault.to_string()) },
            },
            Way::Memory(mailbox) => {
                mailbox.put(mail.clone());
                Outcome::Sent
            }
        }
    }
}

fn smtp(server: Server, settings: &Settings) -> Result<Smtp, BadTransport> {
    let tls = tls(&server.host, settings.ca_file.as_deref())?;
    let hello = settings.hello.as_deref().filter(|name| name.split('.').all(label));
    let hello = hello.map_or_else(ClientId::default, |name| ClientId::Domain(name.to_owned()));
    Ok(Smtp::new(server, tls, hello, settings.timeouts))
}

/// TLS 1.2 or newer that checks name and chain against the built-in roots and those of `ca_file`.
fn tls(host: &str, ca_file: Option<&Path>) -> Result<TlsParameters, BadTransport> {
    let mut builder = TlsParameters::builder(host.to_owned())
        .certificate_store(CertificateStore::WebpkiRoots)
        .set_min_tls_version(TlsVersion::Tlsv12);
    if let Some(path) = ca_file {
        builder = builder.add_root_certificate(authority(path)?);
    }
    builder.build().map_err(|error| BadTransport::Tls(error.to_string()))
}

fn authority(path: &Path) -> Result<Certificate, BadTransport> {
    let bad = |cause: String| BadTransport::CaFile { path: path.to_owned(), cause };
    let pem = fs::read_to_string(path).map_err(|fault| bad(fault.to_string()))?;
    if !pem.contains("-----BEGIN CERTIFICATE-----") {
        return Err(bad("there is no certificate in it".to_owned()));
    }
    Certificate::from_pem(pem.as_bytes()).map_err(|error| bad(error.to_string()))
}

fn folder(path: PathBuf) -> Result<PathBuf, BadTransport> {
    match fs::create_dir_all(&path) {
        Ok(()) => Ok(path),
        Err(cause) => Err(BadTransport::Folder { path, cause }),
    }
}

/// One file per Message-ID: another attempt replaces the file, and a reader never sees half of one.
fn write(folder: &Path, mail: &Mail) -> io::Result<()> {
    let stem = mail.message_id.file_stem();
    let draft = folder.join(format!(".{stem}.tmp"));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(&mail.raw)?;
    file.sync_all()?;
    fs::rename(&draft, folder.join(format!("{stem}.eml")))?;
    File::open(folder)?.sync_all()
}

/// The mails that went into memory, oldest first: for the demo and for tests. Clones share the mails.
#[derive(Debug, Clone, Default)]
pub struct Mailbox(Arc<Mutex<Vec<Mail>>>);

impl Mailbox {
    /// So many mails are kept; older ones go.
    pub const CAPACITY: usize = 2_000;

    fn put(&self, mail: Mail) {
        let mut mails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if mails.len() >= Self::CAPACITY {
            mails.remove(0);
        }
        mails.push(mail);
    }

    /// All mails, oldest first.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes all mails out, oldest first.
    #[must_use]
    pub fn take(&self) -> Vec<Mail> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
