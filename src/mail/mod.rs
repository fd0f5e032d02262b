//! The mail room: makes a mail from a notice and hands it to a transport. Must not know the database, the
//! rights or the jobs: who is told, how often it is tried again and what a row of the outbox looks like
//! is decided elsewhere, and nothing here is called inside a transaction.
//!
//! A mail carries a code, an organisation, dates and a link; never a guest's name, a passport or a title.

pub mod address;
pub mod letter;
pub mod notice;
pub mod render;
pub mod transport;

mod smtp;
mod templates;

use std::fmt;

use chrono::{DateTime, Utc};

pub use address::{Address, BadAddress, Correspondent, MessageId};
pub use letter::CheckpointLetter;
pub use notice::{DigestLine, Kind, Notice};
pub use render::{Unmailable, render};
pub use transport::{BadTransport, Mailbox, Settings, Timeouts, Transport};

use crate::domain::codes::Lang;

/// A finished mail: what goes over the wire and, beside it, the readable parts for the dev mailbox.
#[derive(Clone)]
pub struct Mail {
    /// The same at every attempt.
    pub message_id: MessageId,
    /// Sender, also of the envelope.
    pub from: Correspondent,
    /// The one reader.
    pub to: Correspondent,
    /// Language of subject and text.
    pub lang: Lang,
    /// The `Date` header.
    pub date: DateTime<Utc>,
    /// The `Subject` header, decoded.
    pub subject: String,
    /// The plain-text part, decoded.
    pub text: String,
    /// The HTML part, decoded.
    pub html: String,
    /// The whole message: ASCII, lines ended by CR LF.
    pub raw: Vec<u8>,
}

/// Shows the Message-ID alone: the text holds one-time links, the addresses are personal data.
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mail({})", self.message_id)
    }
}

/// What became of one attempt to hand a mail over. Reasons are for operators: one line, without control
/// characters, addresses or passwords.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server has taken responsibility for it.
    Sent,
    /// Surely not taken over; another attempt may succeed.
    Retry {
        /// What went wrong.
        reason: String,
    },
    /// The whole mail went out and the answer was lost: it may have been taken over. Another attempt uses
    /// the same Message-ID and may give the reader a second copy.
    Unknown {
        /// What went wrong.
        reason: String,
    },
    /// Refused for good; another attempt of the same mail is pointless.
    Dead {
        /// What went wrong.
        reason: String,
    },
}

/// One printable line of at most 200 characters in which nothing that holds an `@` is left: servers
/// repeat addresses in their answers, and reasons are stored and logged.
fn reason(phase: &str, cause: &str) -> String {
    const LONGEST: usize = 200;
    let words = cause.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.map(|word| if word.contains('@') { "(address)" } else { word }).collect();
    format!("{phase}: {}", words.join(" ")).chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_one_line_without_addresses() {
        assert_eq!(
            reason("recipient", "550 5.1.1 <an@x.vn>:\r\n no such\u{1b}[31m user"),
            "recipient: 550 5.1.1 (address) no such [31m user"
        );
        assert_eq!(reason("a", &"b".repeat(500)).chars().count(), 200);
    }
}
