//! `legation audit verify`: recomputes the whole journal and names the first entry that does not fit.

use std::io::{IsTerminal, Write};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};

use crate::clock::SystemClock;
use crate::config::Config;
use crate::startup::{StartError, open_existing_store};
use crate::store::journal;

/// Verifies the journal; prints the number of entries and the root of their Merkle tree.
///
/// # Errors
/// `entry N: what is wrong`, or why the database cannot be read.
pub fn run(config: &Config) -> Result<(), StartError> {
    let store = open_existing_store(config, Arc::new(SystemClock))?;
    let bar = bar();
    let verified = store.read_blocking(|tx| {
        journal::verify(tx, |checked, of| {
            bar.set_length(of);
            bar.set_position(checked);
        })
    });
    bar.finish_and_clear();
    store.close();
    let frontier = verified?.map_err(|misfit| StartError(misfit.to_string()))?;
    writeln!(std::io::stdout(), "OK: {} entries, root {}", frontier.count(), hex::encode(frontier.root()))
        .map_err(|cause| StartError::of("output", cause))
}

/// On a terminal only, so that a log file holds the result alone.
fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {human_pos} / {human_len} entries, {eta} left");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_template| ProgressStyle::default_bar()))
}
