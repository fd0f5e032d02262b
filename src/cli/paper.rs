//! `legation paper check`: trying the templates and wordings of an office before the service is started with them.

use std::io::Write;
use std::path::Path;

use crate::config::Config;
use crate::domain::codes::Code;
use crate::paper::{Format, PaperError, samples};
use crate::startup::{StartError, stationery};

/// Makes a sample of every kind of paper, and with `out` leaves them there to be looked at.
///
/// # Errors
/// The file and line that are wrong, or the folder that cannot be written.
pub fn check(config: &Config, out: Option<&Path>) -> Result<(), StartError> {
    let press = stationery(config)?.press;
    press.check().map_err(|fault| StartError::of("paper", fault))?;
    let mut count = 0;
    if let Some(out) = out {
        std::fs::create_dir_all(out).map_err(|cause| StartError::of(&out.display().to_string(), cause))?;
        for matter in samples::all() {
            for format in Format::ALL {
                let path = out.join(format!("{}.{}", matter.kind.code(), format.code()));
                let bytes = match press.file(&matter, *format) {
                    Err(PaperError::NotBuilt) => continue,
                    other => other.map_err(|fault| StartError::of("paper", fault))?,
                };
                std::fs::write(&path, bytes)
                    .map_err(|cause| StartError::of(&path.display().to_string(), cause))?;
                count += 1;
            }
        }
    }
    let text = match out {
        Some(out) => format!("The papers are in order; {count} samples are in {}.\n", out.display()),
        None => "The papers are in order.\n".to_owned(),
    };
    std::io::stdout().write_all(text.as_bytes()).map_err(|cause| StartError::of("output", cause))
}
