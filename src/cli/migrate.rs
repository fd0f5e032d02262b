//! `legation migrate`: brings the database to this version, and says what it did.

use std::io::Write;

use crate::config::Config;
use crate::startup::StartError;
use crate::store::{DbUrl, Store};

/// Runs the migrations that wait to be run.
///
/// # Errors
/// Why the database cannot be reached, or which migration failed.
pub fn run(config: &Config) -> Result<(), StartError> {
    let done = Store::migrate(&DbUrl::from(&config.database.url));
    let done = done.map_err(|fault| StartError::of("database.url", fault))?;
    let words = match done.is_empty() {
        true => "The database is up to date.".to_owned(),
        false => format!("Migrated: {}.", done.join(", ")),
    };
    writeln!(std::io::stdout(), "{words}").map_err(|cause| StartError::of("output", cause))
}
