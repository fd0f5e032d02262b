//! Addresses in the settings: of the service, the database, the mail server and trusted proxies.
//! No message here repeats the address it refuses: it may hold a password.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;
use url::{Host, Url};

use crate::vault::Secret;

/// The address that people see: https, or http on this machine alone. Without a slash at its end.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct BaseUrl {
    text: String,
    https: bool,
}

impl BaseUrl {
    /// `https://host[:port][/path]`, to which a path with a slash in front is added.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host name, for `EHLO` and Message-IDs.
    #[must_use]
    pub fn host(&self) -> String {
        let url = Url::parse(&self.text).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Whether it is https, so that cookies may be marked as secure.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.https
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl TryFrom<String> for BaseUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let url = Url::parse(&text).map_err(|error| format!("is not a URL: {error}"))?;
        let https = match url.scheme() {
            "https" => true,
            "http" if is_loopback(&url) => false,
            "http" => {
                return Err("must be https:// (plain http only on localhost, 127.0.0.0/8 and [::1]), \
                                  else passwords and personal data cross the network in the clear"
                    .into());
            }
            _ => return Err("must begin with https://, or http:// on this machine alone".into()),
        };
        if url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return Err("must not have a user, a query or a fragment".into());
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err("names no host".into());
        }
        Ok(Self { text: url.as_str().trim_end_matches('/').to_owned(), https })
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The address of the database. Not printed: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server, as libpq takes it.
    Postgres(Secret),
}

impl TryFrom<String> for DatabaseUrl {
    type Error = String;

    /// By scheme alone: with a mistyped one, a library would quietly make a SQLite file of that name.
    fn try_from(text: String) -> Result<Self, String> {
        const SCHEMES: &str = "must begin with sqlite://, postgres:// or postgresql://";
        let (scheme, rest) = text.split_once("://").ok_or(SCHEMES)?;
        match scheme {
            "sqlite" if rest.is_empty() => Err("sqlite:// needs the path of a file".into()),
            "sqlite" if rest.contains(['?', '#']) || rest.contains(":memory:") => {
                Err("sqlite:// takes the path of a file and nothing else".into())
            }
            "sqlite" => Ok(Self::Sqlite(rest.into())),
            "postgres" | "postgresql" if rest.is_empty() => {
                Err(format!("{scheme}:// needs a server and a database name"))
            }
            "postgres" | "postgresql" => Ok(Self::Postgres(Secret::new(text))),
            other => Err(format!("{SCHEMES}, not {other}://{}", hint(other))),
        }
    }
}

/// For a mistyped scheme the one that was probably meant.
fn hint(scheme: &str) -> &'static str {
    match scheme.to_lowercase() {
        s if s.starts_with("sq") || s.starts_with("file") => " - did you mean sqlite://?",
        s if s.starts_with('p') => " - did you mean postgres://?",
        _ => "",
    }
}

/// Where mails go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum MailUrl {
    /// Nowhere: they wait in the outbox.
    #[default]
    Unset,
    /// To a mail server, always over TLS.
    Smtp(Smtp),
    /// Into a folder, one file a mail.
    Folder(PathBuf),
    /// Into this process.
    Memory,
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smtp {
    /// Its name, which its certificate must bear.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// TLS from the first byte (`smtps://`); otherwise STARTTLS, which is required.
    pub implicit_tls: bool,
    /// User and password.
    pub credentials: Option<(String, Secret)>,
}

impl TryFrom<String> for MailUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "" => return Ok(Self::Unset),
            "memory:" => return Ok(Self::Memory),
            _ => {}
        }
        let url = Url::parse(&text).map_err(|error| {
            format!(
                "is not a URL: {error} (characters such as @ : / # in a password must be percent-encoded)"
            )
        })?;
        match url.scheme() {
            "smtp" => Smtp::parse(&url, false).map(Self::Smtp),
            "smtps" => Smtp::parse(&url, true).map(Self::Smtp),
            "file" => match url.to_file_path() {
                Ok(folder) if folder.is_absolute() && text.starts_with("file:///") => {
                    Ok(Self::Folder(folder))
                }
                _ => Err("must name a folder from the root: file:///var/spool/legation".into()),
            },
            other => Err(format!("must be smtp://, smtps://, file:///FOLDER or memory:, not {other}:")),
        }
    }
}

impl Smtp {
    fn parse(url: &Url, implicit_tls: bool) -> Result<Self, String> {
        if url.query().is_some() || url.fragment().is_some() || !matches!(url.path(), "" | "/") {
            return Err("must be SCHEME://USER:PASSWORD@HOST:PORT and nothing else \
                        (characters such as @ : / # ? in a password must be percent-encoded)"
                .into());
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or("names no host")?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let user = percent_decode(url.username()).ok_or("has a user name that is wrongly percent-encoded")?;
        let password = match url.password() {
            None => None,
            Some(text) => Some(percent_decode(text).ok_or("has a password that is wrongly percent-encoded")?),
        };
        let credentials = match (user.is_empty(), password) {
            (true, None) => None,
            (false, Some(password)) => Some((user, Secret::new(password))),
            _ => return Err("needs both a user and a password, or neither".into()),
        };
        let port = url.port().unwrap_or(if implicit_tls { 465 } else { 587 });
        Ok(Self { host, port, implicit_tls, credentials })
    }
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        bytes.push(digit(rest.next()?)? * 16 + digit(rest.next()?)?);
    }
    String::from_utf8(bytes).ok()
}

/// A network of addresses, such as `10.0.0.0/8`, or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    /// Whether an address lies in it. An IPv4 address inside IPv6 (`::ffff:10.0.0.1`) counts as what it is.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                (ours.to_bits() ^ theirs.to_bits()).leading_zeros() >= self.prefix
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                (ours.to_bits() ^ theirs.to_bits()).leading_zeros() >= self.prefix
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fault = || format!("{text} is neither an address nor a network such as 10.0.0.0/8");
        let (address, prefix) = match text.split_once('/') {
            None => (text, None),
            Some((address, prefix)) => (address, Some(prefix)),
        };
        let address: IpAddr = address.parse().or(Err(fault()))?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(bits), str::parse).or(Err(fault()))?;
        if prefix > bits { Err(fault()) } else { Ok(Self { address, prefix }) }
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}
