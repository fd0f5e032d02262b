//! The last checkpoint of the journal, remembered outside of the database in a file beside the keys: a database that was
//! put back from an old backup is told from it when the service starts. It must not know what a journal is.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The file's name in the keys folder.
pub const NAME: &str = "last-checkpoint.txt";

/// The file that remembers.
#[derive(Debug)]
pub struct Remembered {
    path: PathBuf,
    /// Number of entries of the checkpoint that this process wrote last.
    written: Mutex<Option<u64>>,
}

impl Remembered {
    /// The file in this folder, which may not be there yet.
    #[must_use]
    pub fn beside(keys: &Path) -> Self {
        Self { path: keys.join(NAME), written: Mutex::default() }
    }

    /// What it holds; `None` before the first time.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(&self) -> io::Result<Option<String>> {
        match std::fs::read_to_string(&self.path) {
            Ok(text) => Ok(Some(text)),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    /// Writes the signed note of a checkpoint of `size` entries, unless it is there: as a whole or not at all.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub fn write(&self, size: u64, note: &str) -> io::Result<()> {
        let Ok(mut written) = self.written.lock() else { return Ok(()) };
        if *written == Some(size) {
            return Ok(());
        }
        let draft = self.path.with_extension(format!("{}.draft", std::process::id()));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(note.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&draft, &self.path)?;
        if let Some(folder) = self.path.parent() {
            File::open(folder)?.sync_all()?;
        }
        *written = Some(size);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let remembered = Remembered::beside(folder.path());
        assert_eq!(remembered.read().unwrap(), None);
        remembered.write(3, "three").unwrap();
        remembered.write(4, "four").unwrap();
        assert_eq!(Remembered::beside(folder.path()).read().unwrap().as_deref(), Some("four"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Remembered::beside(&folder.path().join("nowhere")).write(1, "one").is_err());
    }
}
