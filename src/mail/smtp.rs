//! One SMTP conversation per mail, command by command, so that it is known how far it came when it broke
//! off. Owns the phases; must never send a byte of a mail, a user or a password without TLS.
//!
//! lettre's own `SmtpTransport::send` reports a lost answer to the final dot and a connection that broke
//! before it with the same error, and retries neither; for an outbox the difference is everything.

use std::cell::Cell;
use std::error::Error as _;
use std::fmt;
use std::io;
use std::iter;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;

use super::transport::Timeouts;
use super::{Mail, Outcome, reason};
use crate::config::Smtp as Server;

/// How long a server that has taken the mail may take to say goodbye.
const FAREWELL: Duration = Duration::from_secs(2);

/// A mail server and how to talk to it.
#[derive(Clone)]
pub(super) struct Smtp {
    host: String,
    port: u16,
    implicit_tls: bool,
    tls: TlsParameters,
    credentials: Option<Credentials>,
    hello: ClientId,
    timeouts: Timeouts,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Smtp({}:{})", self.host, self.port)
    }
}

/// Why a conversation ended before the mail was handed over: surely not taken.
struct Broken {
    phase: &'static str,
    cause: String,
    permanent: bool,
}

impl Broken {
    /// A fault of the server or of the way to it, or a setting: has nothing to do with this mail, so a
    /// refusal here ("authentication failed", "sender refused") kills no mail.
    fn elsewhere(phase: &'static str) -> impl FnOnce(Error) -> Self {
        move |error| Self { phase, cause: error.to_string(), permanent: false }
    }

    /// A fault that a permanent refusal makes this mail's own.
    fn of_this_mail(phase: &'static str) -> impl FnOnce(Error) -> Self {
        move |error| Self { phase, permanent: error.is_permanent(), cause: error.to_string() }
    }
}

impl From<Broken> for Outcome {
    fn from(broken: Broken) -> Self {
        let reason = reason(broken.phase, &broken.cause);
        if broken.permanent { Self::Dead { reason } } else { Self::Retry { reason } }
    }
}

impl Smtp {
    pub fn new(server: Server, tls: TlsParameters, hello: ClientId, timeouts: Timeouts) -> Self {
        let Server { host, port, implicit_tls, credentials } = server;
        let credentials =
            credentials.map(|(user, password)| Credentials::new(user, password.expose().to_owned()));
        Self { host, port, implicit_tls, tls, credentials, hello, timeouts }
    }

    pub fn send(&self, mail: &Mail) -> Outcome {
        let mut connection = match self.ready(mail) {
            Ok(connection) => connection,
            Err(broken) => return broken.into(),
        };
        let outcome = content(&mut connection, &mail.raw);
        if outcome == Outcome::Sent && connection.set_timeout(Some(FAREWELL)).is_ok() {
            // The mail is theirs; whether they also say goodbye changes nothing.
            let _farewell = connection.quit();
        }
        outcome
    }

    /// A connection on which the server waits for the mail's content.
    fn ready(&self, mail: &Mail) -> Result<SmtpConnection, Broken> {
        let mut connection = self.encrypted()?;
        self.sign_in(&mut connection)?;
        let (from, to) = (mail.from.address().for_lettre(), mail.to.address().for_lettre());
        let answer = connection.command(MailFrom::new(Some(from), Vec::new()));
        expect("sender", &answer.map_err(Broken::elsewhere("sender"))?, &[250])?;
        let answer = connection.command(Rcpt::new(to, Vec::new()));
        expect("recipient", &answer.map_err(Broken::of_this_mail("recipient"))?, &[250, 251, 252])?;
        let answer = connection.command(Data);
        expect("content", &answer.map_err(Broken::of_this_mail("content"))?, &[354])?;
        match connection.set_timeout(Some(self.timeouts.answer)) {
            Ok(()) => Ok(connection),
            Err(fault) => Err(Broken { phase: "content", cause: fault.to_string(), permanent: false }),
        }
    }

    /// Connects and encrypts, or fails; what follows may assume TLS.
    fn encrypted(&self) -> Result<SmtpConnection, Broken> {
        const PHASE: &str = "connection";
        let wrapped = self.implicit_tls.then_some(&self.tls);
        let place = (self.host.as_str(), self.port);
        let mut connection =
            SmtpConnection::connect(place, Some(self.timeouts.connect), &self.hello, wrapped, None)
                .map_err(Broken::elsewhere(PHASE))?;
        if !self.implicit_tls {
            connection.starttls(&self.tls, &self.hello).map_err(Broken::elsewhere(PHASE))?;
            nothing_left_over(&mut connection)?;
        }
        Ok(connection)
    }

    fn sign_in(&self, connection: &mut SmtpConnection) -> Result<(), Broken> {
        const PHASE: &str = "sign-in";
        if !connection.is_encrypted() {
            return Err(Broken { phase: PHASE, cause: "no encryption".to_owned(), permanent: false });
        }
        if let Err(fault) = connection.set_timeout(Some(self.timeouts.command)) {
            return Err(Broken { phase: PHASE, cause: fault.to_string(), permanent: false });
        }
        let Some(credentials) = &self.credentials else { return Ok(()) };
        let answer = connection.auth(DEFAULT_MECHANISMS, credentials).map_err(Broken::elsewhere(PHASE))?;
        expect(PHASE, &answer, &[235])
    }
}

/// lettre keeps what came in the clear together with the answer to STARTTLS and takes it for answers that
/// came encrypted: somebody in between could so say "taken" in the server's name ("NO STARTTLS", 2021).
/// An honest server has said all it has to say at this point. Who adds a single answer passes here, and
/// then fails at the codes that [`expect`] wants.
fn nothing_left_over(connection: &mut SmtpConnection) -> Result<(), Broken> {
    const PHASE: &str = "STARTTLS";
    /// Long enough: what is left over is in memory already.
    const GLANCE: Duration = Duration::from_millis(1);
    if let Err(fault) = connection.set_timeout(Some(GLANCE)) {
        return Err(Broken { phase: PHASE, cause: fault.to_string(), permanent: false });
    }
    match connection.read_response() {
        Err(error) if timed_out(&error) => Ok(()),
        Err(error) => Err(Broken::elsewhere(PHASE)(error)),
        Ok(_) => Err(Broken { phase: PHASE, cause: "an answer to no command".to_owned(), permanent: false }),
    }
}

/// Whether nothing came in time; Linux and Windows report it differently.
fn timed_out(error: &Error) -> bool {
    let cause = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    cause.is_some_and(|fault| matches!(fault.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut))
}

/// lettre takes any positive answer for any command. An answer that belongs to another command means that
/// the two sides are out of step, by fault or by somebody in between: nothing more is sent.
fn expect(phase: &'static str, answer: &Response, codes: &[u16]) -> Result<(), Broken> {
    if codes.iter().any(|&code| answer.has_code(code)) {
        return Ok(());
    }
    Err(Broken { phase, cause: format!("unexpected answer {}", answer.code()), permanent: false })
}

/// Sends the mail and the final dot, and tells what is known afterwards.
fn content(connection: &mut SmtpConnection, raw: &[u8]) -> Outcome {
    const PHASE: &str = "answer to the mail";
    let body = raw.strip_suffix(b"\r\n").unwrap_or(raw);
    // lettre asks for the next piece when all before it are written, and sends the dot when there is none.
    let written = Cell::new(false);
    let end = iter::from_fn(|| {
        written.set(true);
        None
    });
    match connection.message_iter(iter::once(body).chain(end)) {
        Ok(answer) if answer.has_code(250) => Outcome::Sent,
        Ok(answer) => Outcome::Unknown { reason: reason(PHASE, &format!("unexpected {}", answer.code())) },
        Err(error) if error.is_permanent() => Outcome::Dead { reason: reason(PHASE, &error.to_string()) },
        Err(error) if error.is_transient() => Outcome::Retry { reason: reason(PHASE, &error.to_string()) },
        Err(error) if written.get() => Outcome::Unknown { reason: reason(PHASE, &error.to_string()) },
        Err(error) => Outcome::Retry { reason: reason("content", &error.to_string()) },
    }
}
