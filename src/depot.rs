//! The folder of uploaded papers: sealed files, each called by the SHA-256 of its sealed bytes, so that anybody can
//! check the folder and nobody learns from it. It moves bytes; it must not know keys, dossiers or HTTP.
//!
//! `objects/ab/abcd..` are the files, reached through `object_store` alone, so that shared storage is a matter of
//! [`Depot::open`]; `spool/` takes what is being uploaded and is always a folder of this machine.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path as FilePath, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{Stream, StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use sha2::{Digest, Sha256};

const OBJECTS: &str = "objects";
const SPOOL: &str = "spool";
/// Bytes that are written at once.
const BLOCK: usize = 256 * 1024;
/// How often the folder is looked through for what nobody refers to.
const SWEEP_EVERY: TimeDelta = TimeDelta::hours(1);

/// What the file system or the storage says; for the log.
#[derive(Debug, thiserror::Error)]
pub enum DepotError {
    /// The folder's file system.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The storage.
    #[error("{0}")]
    Storage(#[from] object_store::Error),
    /// A name that is none of ours.
    #[error("no name of a stored file")]
    Name,
}

impl DepotError {
    /// Whether there is no room: a matter of time, not a defect.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Io(cause) if matches!(cause.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
    }
}

/// Where papers are kept.
pub struct Depot {
    storage: Arc<dyn ObjectStore>,
    spool: PathBuf,
    swept: Mutex<Option<DateTime<Utc>>>,
}

impl std::fmt::Debug for Depot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Depot").field("spool", &self.spool).finish_non_exhaustive()
    }
}

impl Depot {
    /// Opens the folder, or makes it for this user alone. Shared storage would be opened here, by the scheme of the
    /// setting; everything below only knows `ObjectStore`.
    ///
    /// # Errors
    /// When it cannot be made or written.
    pub fn open(dir: &FilePath) -> Result<Self, DepotError> {
        let spool = dir.join(SPOOL);
        for folder in [dir.join(OBJECTS), spool.clone()] {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let storage = Arc::new(LocalFileSystem::new_with_prefix(dir)?.with_fsync(true));
        Ok(Self { storage, spool, swept: Mutex::new(None) })
    }

    /// Begins a file. `id` is unique among all uploads.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn begin(&self, id: impl ToString) -> Result<Incoming, DepotError> {
        let path = self.spool.join(id.to_string());
        let new = path.clone();
        let open = move || OpenOptions::new().write(true).create_new(true).mode(0o600).open(new);
        let file = blocking(open).await?;
        Ok(Incoming { file: Some(file), path, pending: Vec::with_capacity(BLOCK), hash: Sha256::new() })
    }

    /// Puts a complete file in its place, in one step, and says its name. It is on the disk when this returns.
    ///
    /// # Errors
    /// What the file system or the storage says; then nothing is left.
    pub async fn place(&self, mut incoming: Incoming) -> Result<String, DepotError> {
        let Some(file) = incoming.flush().await? else { return Err(DepotError::Name) };
        blocking(move || file.sync_all()).await?;
        let name = hex::encode(std::mem::take(&mut incoming.hash).finalize());
        let spooled = incoming.path.file_name().and_then(|name| name.to_str()).ok_or(DepotError::Name)?;
        self.storage.rename(&Path::from(format!("{SPOOL}/{spooled}")), &path_of(&name)?).await?;
        Ok(name)
    }

    /// Puts a file in its place that is sealed piece by piece, and says its name. For threads that may wait.
    ///
    /// # Errors
    /// What `next` says, or the file system or the storage; then nothing is left.
    pub fn take_in<E: From<DepotError>>(
        &self,
        id: impl ToString,
        mut next: impl FnMut() -> Result<Option<Vec<u8>>, E>,
    ) -> Result<String, E> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(DepotError::from)?;
        runtime.block_on(async {
            let mut incoming = self.begin(id).await?;
            while let Some(piece) = next()? {
                incoming.write(&piece).await?;
            }
            Ok(self.place(incoming).await?)
        })
    }

    /// A file without a name for what is being put together: it is gone when it is closed, whatever happens.
    ///
    /// # Errors
    /// What the file system says.
    pub fn scratch(&self) -> Result<File, DepotError> {
        Ok(tempfile::tempfile_in(&self.spool)?)
    }

    /// The folder for such files.
    #[must_use]
    pub fn room(&self) -> &FilePath {
        &self.spool
    }

    /// Removes a stored file; one that is gone is no error. For threads that may wait.
    ///
    /// # Errors
    /// What the storage says.
    pub fn drop_blocking(&self, name: &str) -> Result<(), DepotError> {
        self.waiting(self.remove(name))
    }

    /// The bytes of a stored file.
    ///
    /// # Errors
    /// When there is none, or the storage fails.
    pub async fn read(
        &self,
        name: &str,
    ) -> Result<impl Stream<Item = Result<Vec<u8>, DepotError>> + use<>, DepotError> {
        let found = self.storage.get(&path_of(name)?).await?;
        Ok(found.into_stream().map(|part| Ok(part?.to_vec())))
    }

    /// Removes a stored file; one that is gone is no error.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn remove(&self, name: &str) -> Result<(), DepotError> {
        match self.storage.delete(&path_of(name)?).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            other => Ok(other?),
        }
    }

    /// Whether the folder should be looked through now; says yes once an hour.
    pub fn wants_sweep(&self, now: DateTime<Utc>) -> bool {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        let due = swept.is_none_or(|before| now - before >= SWEEP_EVERY || now < before);
        if due {
            *swept = Some(now);
        }
        due
    }

    /// What was put down before an instant: names of stored files, and uploads that were broken off. For threads that
    /// may wait.
    ///
    /// # Errors
    /// What the storage says.
    pub fn older_than(&self, before: DateTime<Utc>) -> Result<Old, DepotError> {
        self.waiting(async {
            let mut old = Old::default();
            for (folder, list) in [(OBJECTS, &mut old.stored), (SPOOL, &mut old.broken_off)] {
                let mut found = self.storage.list(Some(&Path::from(folder)));
                while let Some(meta) = found.try_next().await? {
                    let name = meta.location.filename().map(str::to_owned);
                    list.extend(name.filter(|_| meta.last_modified < before));
                }
            }
            Ok(old)
        })
    }

    /// Removes stored files and broken-off uploads. For threads that may wait.
    ///
    /// # Errors
    /// What the storage says.
    pub fn clear(&self, old: &Old) -> Result<(), DepotError> {
        self.waiting(async {
            for name in &old.stored {
                self.remove(name).await?;
            }
            for name in &old.broken_off {
                self.storage.delete(&Path::from(format!("{SPOOL}/{name}"))).await?;
            }
            Ok(())
        })
    }

    #[expect(clippy::unused_self, reason = "shared storage will bring its own runtime")]
    fn waiting<T>(&self, work: impl Future<Output = Result<T, DepotError>>) -> Result<T, DepotError> {
        tokio::runtime::Builder::new_current_thread().build()?.block_on(work)
    }
}

/// What lies in the folder since long ago.
#[derive(Debug, Default)]
pub struct Old {
    /// Stored files, by name.
    pub stored: Vec<String>,
    /// Uploads that were broken off.
    pub broken_off: Vec<String>,
}

/// A file that is being written. Dropped before it is placed, it leaves nothing.
#[derive(Debug)]
pub struct Incoming {
    file: Option<File>,
    path: PathBuf,
    pending: Vec<u8>,
    hash: Sha256,
}

impl Incoming {
    /// Takes the next sealed bytes.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), DepotError> {
        self.hash.update(bytes);
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= BLOCK {
            self.file = self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<Option<File>, DepotError> {
        let Some(mut file) = self.file.take() else { return Ok(None) };
        let bytes = std::mem::replace(&mut self.pending, Vec::with_capacity(BLOCK));
        let written = blocking(move || {
            file.write_all(&bytes)?;
            Ok(file)
        });
        Ok(Some(written.await?))
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // Once placed it is no longer here; what cannot be removed now is swept up after a day.
        drop(std::fs::remove_file(&self.path));
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// Only what looks like a hash becomes a path.
fn path_of(name: &str) -> Result<Path, DepotError> {
    let is_hash = name.len() == 64 && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    match (is_hash, name.get(..2)) {
        (true, Some(first)) => Ok(Path::from(format!("{OBJECTS}/{first}/{name}"))),
        _ => Err(DepotError::Name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
    }

    fn files(dir: &FilePath) -> usize {
        let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
    }

    #[test]
    fn a_file_is_called_by_its_hash() {
        let dir = tempfile::tempdir().unwrap();
        let depot = Depot::open(dir.path()).unwrap();
        let long = vec![7_u8; 3 * BLOCK + 1];
        let name = run(async {
            let mut incoming = depot.begin("one").await.unwrap();
            for part in long.chunks(1000) {
                incoming.write(part).await.unwrap();
            }
            depot.place(incoming).await.unwrap()
        });
        assert_eq!(name, hex::encode(Sha256::digest(&long)));
        assert_eq!(std::fs::read(dir.path().join(format!("objects/{}/{name}", &name[..2]))).unwrap(), long);
        assert_eq!(files(dir.path()), 1, "nothing is left in the spool");
        let back: Vec<Vec<u8>> = run(async { depot.read(&name).await.unwrap().try_collect().await.unwrap() });
        assert_eq!(back.concat(), long);
        run(depot.remove(&name)).unwrap();
        run(depot.remove(&name)).unwrap();
        assert!(run(async { depot.read(&name).await.map(drop) }).is_err());
        assert!(run(depot.remove("../../etc/passwd")).is_err());
        assert_eq!(files(dir.path()), 0);
    }

    #[test]
    fn what_is_broken_off_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let depot = Depot::open(dir.path()).unwrap();
        run(async {
            let mut incoming = depot.begin("one").await.unwrap();
            incoming.write(&vec![1; 2 * BLOCK]).await.unwrap();
            assert!(depot.begin("one").await.is_err(), "ids are unique");
        });
        assert_eq!(files(dir.path()), 0);
        std::fs::write(dir.path().join("spool/crashed"), "x").unwrap();
        let far = DateTime::from_timestamp(4_102_444_800, 0).unwrap();
        let old = depot.older_than(far).unwrap();
        assert_eq!((old.stored.len(), old.broken_off.as_slice()), (0, &["crashed".to_owned()][..]));
        assert!(depot.older_than(DateTime::UNIX_EPOCH).unwrap().broken_off.is_empty());
        depot.clear(&old).unwrap();
        assert_eq!(files(dir.path()), 0);
        assert!(depot.wants_sweep(far) && !depot.wants_sweep(far + TimeDelta::minutes(59)));
        assert!(depot.wants_sweep(far + TimeDelta::hours(1)));
    }
}
