//! The only diesel of the program: connections, the write lane, and one file per aggregate. It moves sealed bytes
//! and never opens them, and it knows nothing of HTTP or of who may do what.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use diesel::r2d2::Pool;

use crate::clock::{Clock, Ids, Instant};
use crate::domain::ids::{Id, InstallationId};

pub mod accounts;
pub mod agenda;
pub mod assessments;
pub mod calendar_feeds;
pub mod checkpoints;
pub mod closings;
pub mod copying;
pub mod db;
pub mod decisions;
pub mod dialect;
pub mod dossiers;
pub mod error;
pub mod exports;
pub mod files;
pub mod idempotency;
pub mod inbox_notes;
pub mod installation;
pub mod journal;
pub mod kept_forms;
mod lane;
pub mod mandates;
pub mod obligations;
pub mod opinions;
pub mod organisations;
pub mod outbox;
pub mod overrides;
pub mod papers;
pub mod partners;
pub mod people;
pub mod plans;
pub mod prepared;
pub mod revisions;
pub mod rulebooks;
pub mod saved_filters;
pub mod schema;
pub mod sessions;
pub mod steps;
pub mod types;
pub mod witness;
mod words;

pub use db::{DbKind, DbUrl};
pub use error::StoreError;
pub use lane::Refuses;

use db::{Db, Mode, Readers};
use lane::{Lane, Shared};

/// The database: readers from a pool, writers through the lane.
#[derive(Clone)]
pub struct Store {
    readers: Pool<Readers>,
    lane: Arc<Lane>,
    shared: Arc<Shared>,
}

/// How many of each: written down, so that limits are known.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Connections for reading.
    pub readers: u16,
    /// Commands that may wait before the lane answers "busy".
    pub write_queue: u16,
    /// Writers on PostgreSQL; SQLite has one.
    pub postgres_writers: u16,
}

/// A consistent view to read from.
pub struct ReadTx<'c> {
    db: &'c mut Db,
    now: Instant,
}

/// The right to change: made by the lane alone.
pub struct WriteTx<'c> {
    read: ReadTx<'c>,
    shared: &'c Shared,
    /// The request in which this happens; goes into every journal entry.
    pub request_id: Option<String>,
}

/// A value that came out of a write, with proof that the write was journalled (or says why not).
#[derive(Debug)]
#[must_use]
pub struct Recorded<T>(T);

impl<T> Recorded<T> {
    fn into_value(self) -> T {
        self.0
    }

    /// The value, to look at.
    pub fn value(&self) -> &T {
        &self.0
    }

    /// The same proof with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Recorded<U> {
        Recorded(f(self.0))
    }
}

/// A journal entry that was appended in this transaction.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Entry {
    /// Its sequence number.
    pub seq: i64,
}

impl Entry {
    /// Hands a value out with this entry as its proof.
    pub fn returning<T>(self, value: T) -> Recorded<T> {
        Recorded(value)
    }
}

impl ReadTx<'_> {
    /// The connection, for the store's own files.
    pub(in crate::store) fn db(&mut self) -> &mut Db {
        self.db
    }

    /// The instant at which this transaction reads.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }
}

impl<'c> WriteTx<'c> {
    fn new(db: &'c mut Db, shared: &'c Shared) -> Self {
        Self { read: ReadTx { db, now: shared.clock.now() }, shared, request_id: None }
    }

    /// A fresh id.
    #[must_use]
    pub fn fresh<T: Id>(&self) -> T {
        self.shared.ids.fresh(self.read.now)
    }

    /// The installation that writes.
    #[must_use]
    pub fn installation(&self) -> InstallationId {
        self.shared.installation
    }

    /// Tries a part of a command in a savepoint of its own: what fails is undone, its denial journalled, and the rest
    /// goes on. A fault of the database itself ends the whole command.
    ///
    /// # Errors
    /// Such a fault.
    pub fn attempt<T, E: Refuses>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<Result<T, E>, StoreError> {
        use diesel::connection::SimpleConnection;
        self.read.db.batch_execute("SAVEPOINT attempt")?;
        let result = work(self);
        if let Err(error) = &result {
            if error.fault().is_some_and(StoreError::is_transient) {
                return Err(StoreError::Unavailable("a part of the command met a fault".to_owned()));
            }
            self.read.db.batch_execute("ROLLBACK TO SAVEPOINT attempt")?;
            if let Some(event) = error.event().cloned() {
                let _entry = journal::append(self, event)?;
            }
        }
        self.read.db.batch_execute("RELEASE SAVEPOINT attempt")?;
        Ok(result)
    }

    /// Hands out the value of a write that is housekeeping and not journalled; `reason` is for the reader.
    pub fn unrecorded<T>(&self, reason: &'static str, value: T) -> Recorded<T> {
        tracing::trace!(reason, "unrecorded write");
        Recorded(value)
    }
}

impl<'c> Deref for WriteTx<'c> {
    type Target = ReadTx<'c>;
    fn deref(&self) -> &ReadTx<'c> {
        &self.read
    }
}

impl<'c> DerefMut for WriteTx<'c> {
    fn deref_mut(&mut self) -> &mut ReadTx<'c> {
        &mut self.read
    }
}

impl Store {
    /// Opens a migrated database; an empty one gets its installation row and leaf 0 of the journal.
    ///
    /// # Errors
    /// `StoreError` when it cannot be reached, is not migrated, or the engine is too old.
    pub fn open(url: &DbUrl, clock: Arc<dyn Clock>, sizes: Sizes, demo: bool) -> Result<Self, StoreError> {
        let mut db = db::connect(url, Mode::Write)?;
        db::check_engine(&mut db)?;
        if db::is_behind(&mut db)? {
            return Err(StoreError::Migration("migrations wait to be run: legation migrate".to_owned()));
        }
        let ids = Ids::default();
        let (installation, fresh) = installation::load_or_make(&mut db, &ids, clock.now(), demo)?;
        drop(db);
        let shared = Arc::new(Shared { url: url.clone(), clock, ids, installation });
        let lane = Arc::new(Lane::start(&shared, sizes));
        let readers = Pool::builder()
            .max_size(sizes.readers.into())
            .min_idle(Some(1))
            .connection_timeout(std::time::Duration::from_secs(10))
            .build(Readers(url.clone()))?;
        let store = Self { readers, lane, shared };
        if fresh {
            store.write_blocking(move |tx| installation::journal_birth(tx, demo))?;
        }
        Ok(store)
    }

    /// Runs the migrations of the database at `url`.
    ///
    /// # Errors
    /// `StoreError` with what failed.
    pub fn migrate(url: &DbUrl) -> Result<Vec<String>, StoreError> {
        db::migrate(&mut db::connect(url, Mode::Write)?)
    }

    /// Moves everything from the write-ahead log into the SQLite file itself, so that the file alone may be moved.
    /// The store must be closed.
    ///
    /// # Errors
    /// `Unavailable` when somebody still reads it.
    pub fn checkpoint(url: &DbUrl) -> Result<(), StoreError> {
        db::checkpoint(url)
    }

    /// Which database it is.
    #[must_use]
    pub fn kind(&self) -> DbKind {
        self.shared.url.kind()
    }

    /// The present instant by the store's clock.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.shared.clock.now()
    }

    /// Most connections for reading at the same time.
    #[must_use]
    pub fn readers(&self) -> u32 {
        self.readers.max_size()
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.shared.clock)
    }

    /// A fresh id.
    #[must_use]
    pub fn fresh<T: Id>(&self) -> T {
        self.shared.ids.fresh(self.now())
    }

    /// The installation.
    #[must_use]
    pub fn installation(&self) -> InstallationId {
        self.shared.installation
    }

    /// Reads in one consistent snapshot, on the calling thread.
    ///
    /// # Errors
    /// What `work` returns, or that no connection could be had.
    pub fn read_blocking<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut ReadTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut pooled = self.readers.get().map_err(StoreError::from)?;
        let db: &mut Db = &mut pooled;
        dialect::begin_read(db)?;
        let result = work(&mut ReadTx { db, now: self.shared.clock.now() });
        dialect::end_read(db)?;
        result
    }

    /// Reads in one consistent snapshot, off the async threads.
    ///
    /// # Errors
    /// What `work` returns, or that no connection could be had.
    pub async fn read<T, E>(
        &self,
        work: impl FnOnce(&mut ReadTx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let store = self.clone();
        match tokio::task::spawn_blocking(move || store.read_blocking(work)).await {
            Ok(result) => result,
            Err(panic) => Err(E::from(StoreError::Db(panic.to_string()))),
        }
    }

    /// Runs one command as one atomic unit and answers after its commit.
    ///
    /// # Errors
    /// What `work` returns; `Unavailable` when the lane is full or the database cannot write now.
    pub async fn write<T, E>(
        &self,
        work: impl Fn(&mut WriteTx<'_>) -> Result<Recorded<T>, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Refuses,
    {
        self.lane.submit(work).await.unwrap_or_else(|_closed| Err(E::from(closing())))
    }

    /// As `write`, for threads that may wait. Never call it on an async thread.
    ///
    /// # Errors
    /// As `write`.
    pub fn write_blocking<T, E>(
        &self,
        work: impl Fn(&mut WriteTx<'_>) -> Result<Recorded<T>, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Refuses,
    {
        self.lane.submit(work).blocking_recv().unwrap_or_else(|_closed| Err(E::from(closing())))
    }

    /// Finishes the commands that wait and takes no more.
    pub fn close(&self) {
        self.lane.close();
    }
}

fn closing() -> StoreError {
    StoreError::Unavailable("the service is closing".to_owned())
}

impl Refuses for StoreError {
    fn event(&self) -> Option<&crate::domain::event::Event> {
        None
    }
    fn fault(&self) -> Option<&StoreError> {
        Some(self)
    }
}
