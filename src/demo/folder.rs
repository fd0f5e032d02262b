//! The demo's folder: which files are its own, that one process uses it at a time, and that a half-told year is never
//! taken for a whole one. It deletes nothing that the demo did not make.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::startup::StartError;
use crate::vault::Purpose;

/// Says whose folder this is; locked while a demo runs in it.
const MARK: &str = "made-by-legation-demo";
/// The whole year.
const DATABASE: &str = "demo.db";
/// The year as it is being told.
const LOADING: &str = "demo.db.loading";
/// The keys.
const KEYS: &str = "keys";
/// Papers that were uploaded to the demo.
const PAPERS: &str = "papers";

/// A folder that is the demo's alone for as long as this lives.
#[derive(Debug)]
pub struct Folder {
    dir: PathBuf,
    _lock: File,
}

impl Folder {
    /// Opens the folder, or makes it.
    ///
    /// # Errors
    /// When it holds a database or keys that no demo made, when another demo runs in it, or cannot be written.
    pub fn open(dir: &Path) -> Result<Self, StartError> {
        let fault = |cause: io::Error| StartError::of(&dir.display().to_string(), cause);
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(fault)?;
        let mark = dir.join(MARK);
        let foreign = [DATABASE, LOADING, KEYS, PAPERS].into_iter().find(|name| dir.join(name).exists());
        if let (false, Some(name)) = (mark.exists(), foreign) {
            let there = dir.join(name);
            let words = "was not made by `legation demo` and is left alone; name another folder with --dir";
            return Err(StartError(format!("{} {words}", there.display())));
        }
        let mut lock = OpenOptions::new().create(true).append(true).open(&mark).map_err(fault)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StartError(format!("another `legation demo` runs in {}", dir.display())));
            }
            Err(TryLockError::Error(cause)) => return Err(fault(cause)),
        }
        if lock.metadata().map_err(fault)?.len() == 0 {
            let words =
                "`legation demo` made this file, demo.db, keys/ and papers/ here; `--fresh` deletes them.\n";
            lock.write_all(words.as_bytes()).map_err(fault)?;
        }
        Ok(Self { dir: dir.to_owned(), _lock: lock })
    }

    /// The folder's path.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The whole year.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.dir.join(DATABASE)
    }

    /// The year as it is being told.
    #[must_use]
    pub fn loading(&self) -> PathBuf {
        self.dir.join(LOADING)
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.dir.join(KEYS)
    }

    /// Papers that were uploaded to the demo.
    #[must_use]
    pub fn papers(&self) -> PathBuf {
        self.dir.join(PAPERS)
    }

    /// Whether the year was told to its end.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.database().exists()
    }

    /// Deletes the demo's database, whole or half, its keys, and the papers that were uploaded to it.
    ///
    /// # Errors
    /// What cannot be deleted.
    pub fn clear(&self) -> Result<(), StartError> {
        let data = [DATABASE, LOADING]
            .into_iter()
            .flat_map(|name| ["", "-wal", "-shm"].map(|end| format!("{name}{end}")));
        let keys = Purpose::ALL.map(|purpose| format!("{KEYS}/{}.toml", purpose.name()));
        let remembered = [format!("{KEYS}/{}", crate::remembered::NAME)];
        for name in data.chain(keys).chain(remembered) {
            self.delete(&name)?;
        }
        self.clear_papers()?;
        // Whatever else somebody put there keeps the folder alive.
        match fs::remove_dir(self.keys()) {
            Err(cause) if !matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty) => {
                Err(StartError::of(&self.keys().display().to_string(), cause))
            }
            _ => Ok(()),
        }
    }

    /// Deletes stored files by the look of their names, and the folders that are empty then.
    fn clear_papers(&self) -> Result<(), StartError> {
        let papers = self.papers();
        let fault = |cause: io::Error| StartError::of(&papers.display().to_string(), cause);
        let entries = |dir: &Path| -> io::Result<Vec<PathBuf>> {
            match fs::read_dir(dir) {
                Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(Vec::new()),
                found => found?.map(|entry| Ok(entry?.path())).collect(),
            }
        };
        let is_stored = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit())
        };
        let (objects, spool) = (papers.join("objects"), papers.join("spool"));
        let folders = entries(&objects).map_err(fault)?;
        for folder in &folders {
            for file in entries(folder).unwrap_or_default().iter().filter(|path| is_stored(path)) {
                fs::remove_file(file).map_err(fault)?;
            }
        }
        // Whatever else somebody put there keeps its folder alive.
        for folder in folders.iter().chain([&objects, &spool, &papers]) {
            drop(fs::remove_dir(folder));
        }
        Ok(())
    }

    /// Makes the told year the demo's database, in one step.
    ///
    /// # Errors
    /// What the file system says.
    pub fn finish(&self) -> Result<(), StartError> {
        let fault = |cause: io::Error| StartError::of(&self.dir.display().to_string(), cause);
        File::open(self.loading()).and_then(|file| file.sync_all()).map_err(fault)?;
        // Empty by now: everything stands in the database itself.
        for end in ["-wal", "-shm"] {
            self.delete(&format!("{LOADING}{end}"))?;
        }
        fs::rename(self.loading(), self.database()).map_err(fault)?;
        File::open(&self.dir).and_then(|dir| dir.sync_all()).map_err(fault)
    }

    fn delete(&self, name: &str) -> Result<(), StartError> {
        let path = self.dir.join(name);
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != ErrorKind::NotFound => {
                Err(StartError::of(&path.display().to_string(), cause))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_demo_did_not_make_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(KEYS)).unwrap();
        fs::write(dir.path().join("keys/wrap.toml"), "a real key").unwrap();
        let refused = Folder::open(dir.path()).unwrap_err().to_string();
        assert!(refused.contains("was not made by `legation demo`"), "{refused}");
        assert_eq!(fs::read_to_string(dir.path().join("keys/wrap.toml")).unwrap(), "a real key");
    }

    #[test]
    fn clearing_leaves_what_others_put_there() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        crate::vault::init(&folder.keys()).unwrap();
        fs::write(folder.loading(), "half").unwrap();
        folder.finish().unwrap();
        assert!(folder.is_loaded());
        fs::write(folder.keys().join("note.txt"), "mine").unwrap();
        folder.clear().unwrap();
        assert!(!folder.is_loaded() && !folder.keys().join("wrap.toml").exists());
        assert!(folder.keys().join("note.txt").exists());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "the mark and keys/");
    }

    #[test]
    fn one_demo_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = Folder::open(dir.path()).unwrap();
        let refused = Folder::open(dir.path()).unwrap_err().to_string();
        assert!(refused.starts_with("another `legation demo` runs in "), "{refused}");
        drop(first);
        assert!(Folder::open(dir.path()).is_ok());
    }
}
