//! `legation config`: checking the settings before they are used, and their reference.

use std::io::Write;

use crate::config::{self, Config};
use crate::startup::StartError;

/// Says that settings which were loaded are in order, and what is worth a second look.
///
/// # Errors
/// When nothing can be printed.
pub fn check(config: &Config) -> Result<(), StartError> {
    let warnings = config.warnings().into_iter().map(|warning| format!("Note: {warning}.\n"));
    let text: String = std::iter::once("The settings are in order.\n".to_owned()).chain(warnings).collect();
    print(&text)
}

/// Prints the reference of all settings as Markdown.
///
/// # Errors
/// When nothing can be printed.
pub fn reference() -> Result<(), StartError> {
    print(&config::reference())
}

fn print(text: &str) -> Result<(), StartError> {
    std::io::stdout().write_all(text.as_bytes()).map_err(|cause| StartError::of("output", cause))
}
