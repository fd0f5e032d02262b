//! A real, small SMTP server on 127.0.0.1: TCP, STARTTLS or TLS from the start with a certificate of its
//! own authority, AUTH PLAIN and LOGIN, and faults on demand. It keeps what it accepted.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What the server does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Nothing.
    Normal,
    /// Neither offers nor takes STARTTLS; takes mail in the clear.
    NoStartTls,
    /// Keeps the mail, then closes without an answer to the final dot.
    DropAfterData,
    /// Closes in the middle of the mail, before the final dot; keeps nothing.
    DropDuringData,
    /// Keeps the mail and never answers the final dot.
    StallAfterData,
    /// 451 to every recipient.
    TempFail,
    /// 550 to every recipient.
    PermFail,
    /// 452 to the final dot.
    TempFailAfterData,
    /// 554 to the final dot.
    PermFailAfterData,
    /// 535 to every sign-in.
    AuthFail,
    /// Somebody in between adds clear answers to that to STARTTLS: as many as given, as if the mail had
    /// been taken (NO STARTTLS, 2021). The real server refuses every recipient.
    InjectAnswers(usize),
    /// Accepts the connection and says nothing.
    Stall,
}

/// Answers to EHLO, MAIL, RCPT, DATA and the mail.
pub const FORGED: [&str; 5] = ["250 localhost", "250 ok", "250 ok", "354 go on", "250 taken"];

/// A mail as the server took it.
#[derive(Debug, Clone)]
pub struct Received {
    /// Path of the envelope, without brackets.
    pub from: String,
    pub to: Vec<String>,
    /// User and password of the sign-in.
    pub user: Option<(String, String)>,
    pub tls: bool,
    /// The message without the dots of transparency.
    pub data: String,
}

impl Received {
    /// A header of the message, unfolded, its encoded words decoded.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.data.split("\r\n\r\n").next()?.replace("\r\n ", " ").replace("\r\n\t", " ");
        let line = head
            .split("\r\n")
            .find(|line| line.to_lowercase().starts_with(&format!("{}:", name.to_lowercase())))?;
        Some(decoded_words(line[name.len() + 1..].trim()))
    }

    /// The decoded part whose content type begins so.
    pub fn part(&self, content_type: &str) -> Option<String> {
        let boundary =
            self.header("Content-Type")?.split("boundary=\"").nth(1)?.split('"').next()?.to_owned();
        self.data.split(&format!("--{boundary}")).find_map(|part| {
            let (head, body) = part.trim_start().split_once("\r\n\r\n")?;
            let head = head.to_lowercase();
            head.contains(&format!("content-type: {content_type}")).then(|| {
                let encoding =
                    head.split("content-transfer-encoding: ").nth(1).and_then(|e| e.split("\r\n").next());
                match encoding {
                    Some("base64") => utf8(STANDARD.decode(body.replace("\r\n", "")).expect("base64")),
                    Some("quoted-printable") => utf8(quoted_printable(&body.replace("=\r\n", ""))),
                    _ => body.to_owned(),
                }
            })
        })
    }
}

fn utf8(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("UTF-8")
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'=' {
            let digits = [rest.next().expect("a digit"), rest.next().expect("a digit")];
            let digits = std::str::from_utf8(&digits).expect("ASCII").to_owned();
            bytes.push(u8::from_str_radix(&digits, 16).expect("hexadecimal"));
        } else {
            bytes.push(byte);
        }
    }
    bytes
}

/// RFC 2047: words between `=?utf-8?b?` or `=?utf-8?q?` and `?=`; the space between two such words goes.
fn decoded_words(text: &str) -> String {
    let mut out: Vec<u8> = Vec::new();
    let mut last_encoded = false;
    for word in text.split(' ') {
        let inner = word.strip_prefix("=?").and_then(|word| word.strip_suffix("?="));
        let fields: Vec<&str> = inner.map(|inner| inner.splitn(3, '?').collect()).unwrap_or_default();
        let decoded = match fields.as_slice() {
            [_, "b" | "B", data] => Some(STANDARD.decode(data).expect("base64")),
            [_, "q" | "Q", data] => Some(quoted_printable(&data.replace('_', " "))),
            _ => None,
        };
        if !(out.is_empty() || (last_encoded && decoded.is_some())) {
            out.push(b' ');
        }
        last_encoded = decoded.is_some();
        out.extend(decoded.unwrap_or_else(|| word.as_bytes().to_vec()));
    }
    utf8(out)
}

/// A running server; ends when dropped.
pub struct SmtpServer {
    pub port: u16,
    /// The authority that signed the server's certificate.
    pub ca_pem: String,
    pub received: Arc<Mutex<Vec<Received>>>,
    /// Every command line that came, with `tls ` before those that came encrypted.
    pub commands: Arc<Mutex<Vec<String>>>,
    behaviour: Arc<Mutex<Behaviour>>,
    stopped: Arc<AtomicBool>,
}

impl SmtpServer {
    /// A server that greets in the clear and offers STARTTLS, certified for `localhost` and `127.0.0.1`.
    pub fn start(behaviour: Behaviour) -> Self {
        Self::listen(behaviour, false, &["localhost", "127.0.0.1"])
    }

    /// A server that speaks TLS from the first byte.
    pub fn start_wrapped(behaviour: Behaviour) -> Self {
        Self::listen(behaviour, true, &["localhost", "127.0.0.1"])
    }

    /// A server whose certificate, signed by its authority, is for another host.
    pub fn start_named(name: &str) -> Self {
        Self::listen(Behaviour::Normal, false, &[name])
    }

    /// Behaves otherwise from the next connection on.
    pub fn behave(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    /// What was accepted so far.
    pub fn mails(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    fn listen(behaviour: Behaviour, wrapped: bool, names: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let (config, ca_pem) = certificates(names);
        let server = Self {
            port: listener.local_addr().expect("an address").port(),
            ca_pem,
            received: Arc::default(),
            commands: Arc::default(),
            behaviour: Arc::new(Mutex::new(behaviour)),
            stopped: Arc::default(),
        };
        let (received, commands) = (Arc::clone(&server.received), Arc::clone(&server.commands));
        let (behaviour, stopped) = (Arc::clone(&server.behaviour), Arc::clone(&server.stopped));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let mut conversation = Conversation {
                    stream: Stream::Plain(stream),
                    tls: Arc::clone(&config),
                    behaviour: *behaviour.lock().unwrap(),
                    received: Arc::clone(&received),
                    commands: Arc::clone(&commands),
                    user: None,
                };
                // A conversation ends when the client goes, however it goes.
                thread::spawn(move || drop(conversation.hold(wrapped)));
            }
        });
        server
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

/// A fresh authority and a certificate for `names` that it signed.
fn certificates(names: &[&str]) -> (Arc<ServerConfig>, String) {
    let ca_key = KeyPair::generate().expect("a key");
    let mut ca = CertificateParams::new(Vec::new()).expect("parameters");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_certificate = ca.self_signed(&ca_key).expect("a certificate");
    let issuer = Issuer::new(ca, ca_key);
    let key = KeyPair::generate().expect("a key");
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let certificate =
        CertificateParams::new(names).expect("parameters").signed_by(&key, &issuer).expect("a certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .expect("a usable certificate");
    (Arc::new(config), ca_certificate.pem())
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
    Gone,
}

struct Conversation {
    stream: Stream,
    tls: Arc<ServerConfig>,
    behaviour: Behaviour,
    received: Arc<Mutex<Vec<Received>>>,
    commands: Arc<Mutex<Vec<String>>>,
    user: Option<(String, String)>,
}

impl Conversation {
    fn hold(&mut self, wrapped: bool) -> io::Result<()> {
        if let Stream::Plain(stream) = &self.stream {
            stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        }
        if self.behaviour == Behaviour::Stall {
            return self.line().map(drop);
        }
        if wrapped {
            self.encrypt()?;
        }
        self.say("220 localhost ESMTP")?;
        let (mut from, mut to) = (String::new(), Vec::new());
        loop {
            let line = self.line()?;
            let encrypted = matches!(self.stream, Stream::Tls(_));
            self.commands.lock().unwrap().push(if encrypted { format!("tls {line}") } else { line.clone() });
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match verb.to_uppercase().as_str() {
                "EHLO" => self.greet(encrypted)?,
                "STARTTLS" if !encrypted && self.behaviour != Behaviour::NoStartTls => {
                    let forged = match self.behaviour {
                        Behaviour::InjectAnswers(count) => &FORGED[..count],
                        _ => &[],
                    };
                    self.say(&[&["220 go ahead"], forged].concat().join("\r\n"))?;
                    self.encrypt()?;
                }
                _ if !encrypted && self.behaviour != Behaviour::NoStartTls => {
                    self.say("530 5.7.0 STARTTLS first")?;
                }
                "AUTH" => self.sign_in(rest)?,
                "MAIL" => {
                    from = path(rest);
                    self.say("250 ok")?;
                }
                "RCPT" => match self.behaviour {
                    Behaviour::TempFail => self.say("451 4.3.0 later")?,
                    Behaviour::PermFail | Behaviour::InjectAnswers(_) => {
                        self.say(&format!("550 5.1.1 <{}> unknown", path(rest)))?;
                    }
                    _ => {
                        to.push(path(rest));
                        self.say("250 ok")?;
                    }
                },
                "DATA" => {
                    self.say("354 go on")?;
                    if !self.content(&from, &std::mem::take(&mut to), encrypted)? {
                        return Ok(());
                    }
                }
                "QUIT" => return self.say("221 bye"),
                "RSET" | "NOOP" => self.say("250 ok")?,
                _ => self.say("500 5.5.1 unknown command")?,
            }
        }
    }

    fn greet(&mut self, encrypted: bool) -> io::Result<()> {
        let offer = match self.behaviour {
            Behaviour::NoStartTls => "AUTH PLAIN LOGIN",
            _ if encrypted => "AUTH PLAIN LOGIN",
            _ => "STARTTLS",
        };
        self.say(&format!("250-localhost\r\n250-8BITMIME\r\n250 {offer}"))
    }

    fn sign_in(&mut self, rest: &str) -> io::Result<()> {
        let decoded = |text: &str| utf8(STANDARD.decode(text).expect("base64"));
        let (user, password) = if let Some(initial) = rest.strip_prefix("PLAIN ") {
            let fields = decoded(initial);
            let mut fields = fields.split('\0').skip(1).map(str::to_owned);
            (fields.next().unwrap_or_default(), fields.next().unwrap_or_default())
        } else {
            self.say("334 VXNlcm5hbWU6")?;
            let user = decoded(&self.line()?);
            self.say("334 UGFzc3dvcmQ6")?;
            (user, decoded(&self.line()?))
        };
        if self.behaviour == Behaviour::AuthFail {
            return self.say("535 5.7.8 wrong");
        }
        self.user = Some((user, password));
        self.say("235 2.7.0 welcome")
    }

    /// Takes the mail up to the final dot and answers; false when the connection is to be closed.
    fn content(&mut self, from: &str, to: &[String], tls: bool) -> io::Result<bool> {
        if self.behaviour == Behaviour::DropDuringData {
            return Ok(false);
        }
        let mut data = String::new();
        loop {
            let line = self.line()?;
            if line == "." {
                break;
            }
            data.push_str(line.strip_prefix('.').unwrap_or(&line));
            data.push_str("\r\n");
        }
        let refusal = match self.behaviour {
            Behaviour::TempFailAfterData => Some("452 4.3.1 disk full"),
            Behaviour::PermFailAfterData => Some("554 5.6.0 not wanted"),
            _ => None,
        };
        if let Some(refusal) = refusal {
            return self.say(refusal).map(|()| true);
        }
        let mail = Received { from: from.to_owned(), to: to.to_vec(), user: self.user.clone(), tls, data };
        self.received.lock().unwrap().push(mail);
        match self.behaviour {
            Behaviour::DropAfterData => Ok(false),
            Behaviour::StallAfterData => self.line().map(|_| false),
            _ => self.say("250 2.0.0 taken").map(|()| true),
        }
    }

    fn encrypt(&mut self) -> io::Result<()> {
        if let Stream::Plain(stream) = std::mem::replace(&mut self.stream, Stream::Gone) {
            let connection = ServerConnection::new(Arc::clone(&self.tls)).map_err(io::Error::other)?;
            self.stream = Stream::Tls(Box::new(StreamOwned::new(connection, stream)));
        }
        Ok(())
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        let line = format!("{text}\r\n");
        match &mut self.stream {
            Stream::Plain(stream) => stream.write_all(line.as_bytes()),
            Stream::Tls(stream) => stream.write_all(line.as_bytes()).and_then(|()| stream.flush()),
            Stream::Gone => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// The next line without its end, byte by byte, so that nothing is read past STARTTLS.
    fn line(&mut self) -> io::Result<String> {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n") {
            let mut byte = [0];
            match &mut self.stream {
                Stream::Plain(stream) => stream.read_exact(&mut byte)?,
                Stream::Tls(stream) => stream.read_exact(&mut byte)?,
                Stream::Gone => return Err(io::ErrorKind::NotConnected.into()),
            }
            bytes.push(byte[0]);
        }
        bytes.truncate(bytes.len() - 2);
        String::from_utf8(bytes).map_err(io::Error::other)
    }
}

/// What is between the angle brackets of `FROM:<..>` or `TO:<..>`.
fn path(rest: &str) -> String {
    rest.split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map_or_else(String::new, |(path, _)| path.into())
}
