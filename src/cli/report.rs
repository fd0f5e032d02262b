//! `legation report monthly 2025-11 --format xlsx --out FILE`: the return from the command line, without serving.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::clock::{SystemClock, day_in_vietnam};
use crate::config::Config;
use crate::domain::codes::Lang;
use crate::domain::report::{Period, Window};
use crate::service::Error;
use crate::service::returns::{self, Format, Wanted};
use crate::service::rules::Rulebooks;
use crate::startup::{StartError, open_existing_store, stationery};

/// Writes the return of all organisations to `out`, or to standard output when it is `-` or absent. The export is
/// journalled before the file is written; `window` is the configured one and `as_of` today, when absent.
///
/// # Errors
/// What is wrong with the period, why the database cannot be read, or why the file cannot be written.
pub fn run(
    config: &Config,
    kind: &str,
    label: &str,
    format: Format,
    out: Option<&Path>,
    window: Option<Window>,
    as_of: Option<NaiveDate>,
) -> Result<(), StartError> {
    let period = Period::parse(kind, label).map_err(|error| StartError(error.to_string()))?;
    let store = open_existing_store(config, Arc::new(SystemClock))?;
    let today = day_in_vietnam(store.now());
    let as_of = as_of.unwrap_or(today);
    if as_of > today {
        return Err(StartError(format!("--as-of {as_of} is in the future: today is {today}")));
    }
    let window = window.unwrap_or_else(|| config.report.window.into());
    let wanted = Wanted { period, window, as_of, format, table: None, lang: Lang::Vi };
    let made = store
        .read_blocking(|tx| returns::make(tx, &returns::whole_installation(), &wanted, &Rulebooks::default()))
        .map_err(|error| StartError::of("report", error))?
        .map_err(|failure| StartError::of("report", failure))?;
    let made = returns::write(&made, &wanted, &stationery(config)?)
        .map_err(|failure| StartError::of("report", failure))?;
    let event = made.event.clone();
    store
        .write_blocking(move |tx| -> Result<_, Error> { returns::record(tx, None, &event) })
        .map_err(|error| StartError::of("report", error))?;
    store.close();
    match out.filter(|path| *path != Path::new("-")) {
        Some(path) => std::fs::write(path, &made.bytes)
            .map_err(|cause| StartError::of(&path.display().to_string(), cause)),
        None => std::io::stdout().write_all(&made.bytes).map_err(|cause| StartError::of("output", cause)),
    }
}
