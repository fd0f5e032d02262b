//! Logs, and the id that ties a request to its lines and its journal entries.
//! It must not know what is logged; personal data is kept out where a line is written.

use std::io::IsTerminal;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::Rng;
use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Longest request id that is taken over, in characters.
const MAX_REQUEST_ID: usize = 64;

/// Why logging could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryFault {
    /// The level is no filter.
    #[error("log.level: {0}")]
    Level(#[from] tracing_subscriber::filter::ParseError),
    /// It was started before.
    #[error("logging was started twice: {0}")]
    Twice(Box<dyn std::error::Error + Send + Sync>),
}

/// Starts logging to standard error, once in a process. Standard output belongs to commands.
///
/// # Errors
/// [`TelemetryFault`].
pub fn init(log: &Log) -> Result<(), TelemetryFault> {
    let filter = EnvFilter::try_new(&log.level)?;
    let terminal = std::io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if is_human(log.format, terminal) {
        builder.with_ansi(terminal).try_init()
    } else {
        builder.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    };
    started.map_err(TelemetryFault::Twice)
}

fn is_human(format: LogFormat, terminal: bool) -> bool {
    match format {
        LogFormat::Auto => terminal,
        LogFormat::Human => true,
        LogFormat::Json => false,
    }
}

/// The id of a request: the client's `X-Request-Id` if it is 1 to 64 of `A-Z a-z 0-9 _ -`, else one of ours
/// (128 random bits). Nothing else gets into logs this way.
#[must_use]
pub fn accept_request_id(header: Option<&str>) -> String {
    let taken = header.filter(|text| {
        (1..=MAX_REQUEST_ID).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    });
    taken.map_or_else(new_request_id, str::to_owned)
}

fn new_request_id() -> String {
    let mut bytes = [0_u8; 16];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_request_id_is_taken_over() {
        for id in ["a", "REQ_2025-11-30", &"x".repeat(64)] {
            assert_eq!(accept_request_id(Some(id)), id);
        }
    }

    #[test]
    fn any_other_is_replaced_by_one_of_ours() {
        for id in [None, Some(""), Some("a b"), Some("a\nb"), Some("é"), Some("a/b"), Some(&*"x".repeat(65))]
        {
            let ours = accept_request_id(id);
            assert_eq!(ours.len(), 22, "{id:?}");
            assert_eq!(accept_request_id(Some(&ours)), ours, "ours would be taken over by the next service");
            assert_ne!(accept_request_id(id), ours);
        }
    }

    #[test]
    fn people_read_terminals_and_machines_the_rest() {
        assert!(is_human(LogFormat::Auto, true) && !is_human(LogFormat::Auto, false));
        assert!(is_human(LogFormat::Human, false) && !is_human(LogFormat::Json, true));
    }

    #[test]
    fn logging_starts_once() {
        let log = Log { format: LogFormat::Json, level: "warn,legation=debug".into() };
        init(&log).unwrap();
        assert!(matches!(init(&log), Err(TelemetryFault::Twice(_))));
        let bad = Log { format: LogFormat::Json, level: "a=b=c".into() };
        assert!(matches!(init(&bad), Err(TelemetryFault::Level(_))));
    }
}
