//! What can be wrong with a keys folder, in words for the operator who has to mend it.
//! It shows paths and modes, never a key.

use std::io;
use std::path::{Path, PathBuf};

/// What is wrong with one key file or the folder.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// There is no such folder.
    #[error("the keys folder {0} does not exist; `legation keys init` makes it")]
    NoFolder(PathBuf),
    /// Others could put their own keys there.
    #[error("the keys folder {path} may be written by others (mode {mode:04o}); chmod 700 it")]
    FolderWritable {
        /// The folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A purpose has no key file.
    #[error("the key file {0} is missing; restore it from where the keys are kept")]
    Missing(PathBuf),
    /// A purpose of a later version has no key file: it was never made, or it was lost.
    #[error(
        "the key file {0} is missing; if this installation never had it, `legation keys upgrade` makes it, \
         otherwise restore it from where the keys are kept"
    )]
    NotYet(PathBuf),
    /// Others could read the keys.
    #[error(
        "the key file {path} may be read by others (mode {mode:04o}); chmod 600 it, and replace its keys"
    )]
    Readable {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The text is not what a key file holds. The text itself is secret and therefore not shown.
    #[error("the key file {path} cannot be understood: {what}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        what: &'static str,
    },
    /// A key has not the length it must have.
    #[error("key {number} in {path} has {found} bytes; it must have {expected}")]
    WrongLength {
        /// The file.
        path: PathBuf,
        /// Which of its keys, from 1.
        number: usize,
        /// Bytes that were found.
        found: usize,
        /// Bytes that are needed.
        expected: usize,
    },
    /// A key is all zeros, one byte repeated, a row of numbers or the like.
    #[error("key {number} in {path} is weak (not random); `legation keys init` makes good ones")]
    Weak {
        /// The file.
        path: PathBuf,
        /// Which of its keys, from 1.
        number: usize,
    },
    /// One key in two places.
    #[error("key {number} in {path} is there twice; no key may serve two purposes")]
    Repeated {
        /// The file.
        path: PathBuf,
        /// Which of its keys, from 1.
        number: usize,
    },
    /// `init` found keys and does not touch them.
    #[error("{0} is there already; keys are never overwritten")]
    Exists(PathBuf),
    /// The operating system gave no random numbers.
    #[error("no random numbers for new keys")]
    NoRandomness,
    /// The file system refused.
    #[error("{path}: {source}")]
    Io {
        /// What was read or written.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
}

impl KeyFault {
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

/// Everything that is wrong with a keys folder, so that an operator mends it in one go.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct KeyFaults(pub Vec<KeyFault>);
