//! `legation keys init`: makes the installation's keys, once.

use std::io::Write;
use std::path::Path;

use crate::startup::StartError;
use crate::vault;

/// Makes the keys folder with a fresh key for each purpose.
///
/// # Errors
/// When there are keys already, or the folder cannot be written.
pub fn run(dir: &Path) -> Result<(), StartError> {
    vault::init(dir).map_err(|fault| StartError::of("keys", fault))?;
    writeln!(
        std::io::stdout(),
        "Keys made in {}. Keep a copy of them apart from the database: without them no passport number can be read.",
        dir.display()
    )
    .map_err(|cause| StartError::of("output", cause))
}
