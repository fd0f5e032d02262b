//! `legation rules`: checking files of a rulebook, loading them as a new version, comparing versions, and making one
//! the active one.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::clock::SystemClock;
use crate::config::Config;
use crate::domain::rulebook::{Book, Defect, Difference, RowChange, Source};
use crate::service::{Error, rules};
use crate::startup::{StartError, open_existing_store};
use crate::store::{Store, rulebooks};

/// Largest file of a rulebook, in bytes.
const LARGEST: u64 = 1 << 20;

/// Checks a file of a rulebook, or a folder of them as a whole. It needs no database.
///
/// # Errors
/// Everything that is wrong, a line each: file, line, reason.
pub fn check(path: &Path) -> Result<(), StartError> {
    let sources = read(path)?;
    let words = if path.is_dir() {
        let book = Book::read(&sources).map_err(|defects| refused(&defects))?;
        format!("The rulebook is in order: {} rules, {} steps.\n", book.rules().len(), book.chain.step.len())
    } else {
        let mut rows = 0;
        for source in &sources {
            rows += Book::check(source).map_err(|defects| refused(&defects))?;
        }
        format!("{} is in order: {rows} entries.\n", path.display())
    };
    print(&words)
}

/// Loads a folder as a new version, which is not active yet.
///
/// # Errors
/// What is wrong with the files, or why the database cannot be written.
pub fn load(config: &Config, path: &Path) -> Result<(), StartError> {
    let sources = read(path)?;
    Book::read(&sources).map_err(|defects| refused(&defects))?;
    let store = open(config)?;
    let no = store
        .write_blocking(move |tx| rules::load(tx, &sources))
        .map_err(|fault: Error| StartError::of("rules", fault))?;
    store.close();
    print(&format!("This is version {no}. `legation rules activate {no}` makes it the active one.\n"))
}

/// Lists the versions.
///
/// # Errors
/// Why the database cannot be read.
pub fn list(config: &Config) -> Result<(), StartError> {
    let store = open(config)?;
    let (versions, active) = store
        .read_blocking(|tx| Ok::<_, Error>((rulebooks::list(tx)?, rulebooks::active(tx)?)))
        .map_err(|fault| StartError::of("rules", fault))?;
    store.close();
    let line = |version: &rulebooks::Version| {
        let mark = if Some(version.no) == active { "active" } else { "" };
        format!(
            "{:>4}  {}  {}  {mark}\n",
            version.no,
            version.loaded_at.format("%Y-%m-%d %H:%M"),
            version.sha256
        )
    };
    print(&versions.iter().map(line).collect::<String>())
}

/// Compares a version or a folder with the active version, rule by rule.
///
/// # Errors
/// What cannot be read.
pub fn diff(config: &Config, with: &str) -> Result<(), StartError> {
    let store = open(config)?;
    let none = || StartError("rules: no version is active".to_owned());
    let active = version(&store, None)?.ok_or_else(none)?;
    let other = match with.parse::<i32>() {
        Ok(no) => version(&store, Some(no))?
            .ok_or_else(|| StartError(format!("rules: there is no version {no}")))?,
        Err(_no_number) => read(Path::new(with))?,
    };
    store.close();
    let (active, other) =
        (Book::read(&active).map_err(|d| refused(&d))?, Book::read(&other).map_err(|d| refused(&d))?);
    let text: String = active.differences(&other).iter().map(line).collect();
    print(if text.is_empty() { "No difference.\n" } else { &text })
}

fn line(difference: &Difference) -> String {
    let row = &difference.row;
    match &difference.change {
        RowChange::Removed(title) => format!("- {row}: {title}\n"),
        RowChange::Added(title) => format!("+ {row}: {title}\n"),
        RowChange::Changed(values) => {
            let value = |(path, old, new): &(String, Value, Value)| format!("    {path}: {old} -> {new}\n");
            format!("~ {row}\n{}", values.iter().map(value).collect::<String>())
        }
    }
}

/// Makes a version the active one.
///
/// # Errors
/// When there is no such version, or why the database cannot be written.
pub fn activate(config: &Config, no: i32) -> Result<(), StartError> {
    let store = open(config)?;
    store.write_blocking(move |tx| rules::activate(tx, no)).map_err(|fault: Error| match fault {
        Error::Refused { .. } => StartError(format!("rules: there is no version {no}")),
        other => StartError::of("rules", other),
    })?;
    store.close();
    print(&format!("Version {no} is active: what is submitted from now on is submitted under it.\n"))
}

fn open(config: &Config) -> Result<Store, StartError> {
    open_existing_store(config, Arc::new(SystemClock))
}

fn version(store: &Store, no: Option<i32>) -> Result<Option<Vec<Source>>, StartError> {
    let found = store.read_blocking(|tx| {
        let Some(no) = no.map_or_else(|| rulebooks::active(tx), |no| Ok(Some(no)))? else { return Ok(None) };
        Ok::<_, Error>(rulebooks::sources(tx, no)?)
    });
    found.map_err(|fault| StartError::of("rules", fault))
}

/// Reads a file, or the `.toml` files of a folder in order of their names.
fn read(path: &Path) -> Result<Vec<Source>, StartError> {
    let fault = |path: &Path, cause: std::io::Error| StartError::of(&path.display().to_string(), cause);
    let mut files = vec![path.to_path_buf()];
    if path.is_dir() {
        let entries = std::fs::read_dir(path).map_err(|cause| fault(path, cause))?;
        files = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
        files.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
        files.sort();
    }
    let source = |file: &std::path::PathBuf| {
        let size = std::fs::metadata(file).map_err(|cause| fault(file, cause))?;
        if !size.is_file() || size.len() > LARGEST {
            let cause = std::io::Error::other("no file of rules: none is larger than a mebibyte");
            return Err(fault(file, cause));
        }
        let text = std::fs::read_to_string(file).map_err(|cause| fault(file, cause))?;
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Source { name, text })
    };
    files.iter().map(source).collect()
}

fn refused(defects: &[Defect]) -> StartError {
    let lines: Vec<String> = defects.iter().map(ToString::to_string).collect();
    StartError(format!("the rulebook is refused\n{}", lines.join("\n")))
}

fn print(text: &str) -> Result<(), StartError> {
    std::io::stdout().write_all(text.as_bytes()).map_err(|cause| StartError::of("output", cause))
}
