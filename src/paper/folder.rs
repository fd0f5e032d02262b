//! The files behind a paper: those of the binary, and those of the folder `paper.dir`, which come before embedded ones
//! of the same name. They are read once, at start; nothing else is ever read while a paper is made.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::PaperError;

/// The files that are part of the binary.
pub(super) const SHIPPED: [(&str, &str); 10] = [
    ("official.typ", include_str!("../../config/paper/official.typ")),
    ("paper.typ", include_str!("../../config/paper/paper.typ")),
    ("offices.toml", include_str!("../../config/paper/offices.toml")),
    ("appraisal_note.toml", include_str!("../../config/paper/appraisal_note.toml")),
    ("member_list.toml", include_str!("../../config/paper/member_list.toml")),
    ("submission.toml", include_str!("../../config/paper/submission.toml")),
    ("permit.toml", include_str!("../../config/paper/permit.toml")),
    ("decision.toml", include_str!("../../config/paper/decision.toml")),
    ("result_report.toml", include_str!("../../config/paper/result_report.toml")),
    ("return.toml", include_str!("../../config/paper/return.toml")),
];

/// Endings of files that are taken from the folder: templates, wordings, fonts, pictures.
const ENDINGS: [&str; 6] = ["typ", "toml", "ttf", "otf", "png", "svg"];
/// Most bytes of all files of the folder.
const MOST: u64 = 64 * 1024 * 1024;

/// Files by name.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// Reads them.
///
/// # Errors
/// The file that cannot be read, or too many bytes.
pub(super) fn read(folder: Option<&Path>) -> Result<Files, PaperError> {
    let shipped = SHIPPED.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    let mut files: Files = shipped.collect();
    let Some(folder) = folder else { return Ok(files) };
    let fault =
        |path: &Path, cause: std::io::Error| PaperError::template(path.display().to_string(), None, cause);
    let mut left = MOST;
    for entry in std::fs::read_dir(folder).map_err(|cause| fault(folder, cause))? {
        let path = entry.map_err(|cause| fault(folder, cause))?.path();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if !ENDINGS.contains(&ending) || !path.is_file() {
            continue;
        }
        let size = path.metadata().map_err(|cause| fault(&path, cause))?.len();
        left = left.checked_sub(size).ok_or_else(|| {
            PaperError::template(name, None, format!("the folder holds more than {MOST} bytes"))
        })?;
        files.insert(name.to_owned(), std::fs::read(&path).map_err(|cause| fault(&path, cause))?);
    }
    Ok(files)
}

/// Which files these are: the program's version, and SHA-256 over their names, lengths and bytes.
pub(super) fn version(files: &Files) -> String {
    let mut hash = Sha256::new();
    for (name, bytes) in files {
        hash.update(format!("{name}\n{}\n", bytes.len()));
        hash.update(bytes);
    }
    format!("{}/{}", env!("CARGO_PKG_VERSION"), hex::encode(hash.finalize()))
}

/// A file as text.
///
/// # Errors
/// It is not there, or not UTF-8.
pub(super) fn text<'a>(files: &'a Files, name: &str) -> Result<&'a str, PaperError> {
    let bytes = files.get(name).ok_or_else(|| PaperError::template(name, None, "there is no such file"))?;
    std::str::from_utf8(bytes).map_err(|cause| PaperError::template(name, None, cause))
}
