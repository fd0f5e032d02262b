//! `legation keys init | upgrade | show`: makes the installation's keys, once; those of a later version; and shows the
//! public ones.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use super::audit::own_keys;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::startup::{StartError, open_existing_store};
use crate::vault;

/// Makes the keys folder with a fresh key for each purpose.
///
/// # Errors
/// When there are keys already, or the folder cannot be written.
pub fn run(dir: &Path) -> Result<(), StartError> {
    vault::init(dir).map_err(|fault| StartError::of("keys", fault))?;
    say(&format!(
        "Keys made in {}. Keep a copy of them apart from the database: without them no passport number can be read.",
        dir.display()
    ))
}

/// Makes the key files that came with a later version and that this folder never had.
///
/// # Errors
/// When others are missing, or the folder cannot be written.
pub fn upgrade(dir: &Path) -> Result<(), StartError> {
    let made = vault::upgrade(dir).map_err(|fault| StartError::of("keys", fault))?;
    if made.is_empty() {
        return say("Every key file is there.");
    }
    let names: Vec<String> = made.iter().map(|path| path.display().to_string()).collect();
    say(&format!("Made {}. Keep a copy apart from the database, with the others.", names.join(", ")))
}

/// Prints the public keys that verify checkpoints and proofs of this installation's journal, one a line; the first one
/// is in use. Whoever verifies without trusting the installation must have them from somewhere else than from it.
///
/// # Errors
/// Why database or keys cannot be read.
pub fn show(config: &Config) -> Result<(), StartError> {
    let store = open_existing_store(config, Arc::new(SystemClock))?;
    let keys = own_keys(config, &store);
    store.close();
    say(&keys?.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

fn say(words: &str) -> Result<(), StartError> {
    writeln!(std::io::stdout(), "{words}").map_err(|cause| StartError::of("output", cause))
}
