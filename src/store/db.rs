//! One connection type for both databases, chosen by URL scheme, with its pragmas and migrations. It never
//! calls `establish` on the enum: with a mistyped PostgreSQL URL that would silently make a SQLite file.
#![expect(
    clippy::disallowed_methods,
    reason = "the one place that opens connections, each by its own backend"
)]

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::r2d2::ManageConnection;
use diesel::sql_types::{Integer, Text};
use diesel::sqlite::SqliteConnection;
use diesel::{Connection, QueryableByName, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::error::StoreError;
use crate::config::DatabaseUrl;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// SQLite below this has a WAL corruption race.
const SQLITE_AT_LEAST: (u32, u32, u32) = (3, 51, 3);

/// A connection to whichever database the installation uses.
#[derive(diesel::MultiConnection)]
pub enum Db {
    /// PostgreSQL.
    Pg(PgConnection),
    /// SQLite, compiled in.
    Sqlite(SqliteConnection),
}

/// Which database a URL names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DbKind {
    /// `sqlite://path`
    Sqlite,
    /// `postgres://..` or `postgresql://..`
    Postgres,
}

/// Where the database is. The URL may hold a password, so `Debug` shows the scheme alone.
#[derive(Clone)]
pub struct DbUrl {
    kind: DbKind,
    target: String,
    throw_away: bool,
}

impl std::fmt::Debug for DbUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}://..", self.kind)
    }
}

impl From<&DatabaseUrl> for DbUrl {
    fn from(url: &DatabaseUrl) -> Self {
        match url {
            DatabaseUrl::Sqlite(path) => {
                Self { kind: DbKind::Sqlite, target: path.display().to_string(), throw_away: false }
            }
            DatabaseUrl::Postgres(url) => {
                Self { kind: DbKind::Postgres, target: url.expose().to_owned(), throw_away: false }
            }
        }
    }
}

impl DbUrl {
    /// Which database it is.
    #[must_use]
    pub fn kind(&self) -> DbKind {
        self.kind
    }

    /// A SQLite file that is thrown away, should the machine stop before it is complete: nothing waits for the disk.
    #[must_use]
    pub fn throw_away(self) -> Self {
        Self { throw_away: true, ..self }
    }
}

/// What a connection may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Only read: the database itself refuses a write.
    Read,
    /// Read and write: the write lane and migrations.
    Write,
}

/// Opens one connection with its settings.
///
/// # Errors
/// `StoreError::Unavailable` when the database cannot be reached or is too old.
pub fn connect(url: &DbUrl, mode: Mode) -> Result<Db, StoreError> {
    match url.kind {
        DbKind::Sqlite => connect_sqlite(url, mode),
        DbKind::Postgres => connect_postgres(&url.target, mode),
    }
}

fn connect_sqlite(url: &DbUrl, mode: Mode) -> Result<Db, StoreError> {
    let mut connection = SqliteConnection::establish(&url.target).map_err(StoreError::unreachable)?;
    // synchronous FULL: what was answered is on the disk. secure_delete: erased personal data leaves no trace.
    connection
        .batch_execute(
            "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA secure_delete = ON; \
             PRAGMA cache_size = -16000;",
        )
        .map_err(StoreError::from)?;
    if url.throw_away {
        connection.batch_execute("PRAGMA synchronous = OFF;").map_err(StoreError::from)?;
    }
    if mode == Mode::Read {
        connection.batch_execute("PRAGMA query_only = ON;").map_err(StoreError::from)?;
    }
    Ok(Db::Sqlite(connection))
}

fn connect_postgres(url: &str, mode: Mode) -> Result<Db, StoreError> {
    // Before libpq does it, and without a clean-up at exit: a command may end while the pool still opens a connection in
    // a thread of its own, which must not find OpenSSL taken down beneath it.
    openssl_sys::init();
    let mut connection = PgConnection::establish(url).map_err(StoreError::unreachable)?;
    let settings = match mode {
        Mode::Read => {
            "SET TIME ZONE 'UTC'; SET default_transaction_read_only = on; SET statement_timeout = '60s';"
        }
        Mode::Write => "SET TIME ZONE 'UTC'; SET statement_timeout = '60s'; SET lock_timeout = '10s';",
    };
    connection.batch_execute(settings).map_err(StoreError::from)?;
    Ok(Db::Pg(connection))
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Refuses a linked SQLite that is too old to be trusted with WAL.
///
/// # Errors
/// `StoreError::Unavailable` with the version found.
pub fn check_engine(db: &mut Db) -> Result<(), StoreError> {
    let Db::Sqlite(connection) = db else { return Ok(()) };
    let found: Version = diesel::sql_query("SELECT sqlite_version() AS version").get_result(connection)?;
    let mut parts = found.version.split('.').map(|part| part.parse::<u32>().unwrap_or_default());
    let version = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    if version < SQLITE_AT_LEAST {
        return Err(StoreError::Unavailable(format!("SQLite {} is too old", found.version)));
    }
    Ok(())
}

/// Runs the migrations that have not run yet and names them.
///
/// # Errors
/// `StoreError::Migration` with what failed.
pub fn migrate(db: &mut Db) -> Result<Vec<String>, StoreError> {
    let named = |versions: Vec<diesel::migration::MigrationVersion<'_>>| {
        versions.into_iter().map(|version| version.to_string()).collect()
    };
    let failed = |cause: Box<dyn std::error::Error + Send + Sync>| StoreError::Migration(cause.to_string());
    match db {
        Db::Sqlite(connection) => connection.run_pending_migrations(SQLITE).map(named).map_err(failed),
        Db::Pg(connection) => connection.run_pending_migrations(POSTGRES).map(named).map_err(failed),
    }
}

/// Whether migrations wait to be run.
///
/// # Errors
/// `StoreError::Migration` when that cannot be told.
pub fn is_behind(db: &mut Db) -> Result<bool, StoreError> {
    let failed = |cause: Box<dyn std::error::Error + Send + Sync>| StoreError::Migration(cause.to_string());
    match db {
        Db::Sqlite(connection) => connection.has_pending_migration(SQLITE).map_err(failed),
        Db::Pg(connection) => connection.has_pending_migration(POSTGRES).map_err(failed),
    }
}

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

/// Moves everything from SQLite's write-ahead log into the database file; PostgreSQL needs none of it.
///
/// # Errors
/// `StoreError::Unavailable` when somebody still reads it.
pub fn checkpoint(url: &DbUrl) -> Result<(), StoreError> {
    let mut db = connect(url, Mode::Write)?;
    let Db::Sqlite(connection) = &mut db else { return Ok(()) };
    let done: Checkpoint = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(connection)?;
    match done.busy {
        0 => Ok(()),
        _ => Err(StoreError::Unavailable("the database is still being read".to_owned())),
    }
}

/// Makes connections for the readers' pool.
#[derive(Debug)]
pub struct Readers(pub DbUrl);

impl ManageConnection for Readers {
    type Connection = Db;
    type Error = StoreError;

    fn connect(&self) -> Result<Db, StoreError> {
        connect(&self.0, Mode::Read)
    }

    fn is_valid(&self, db: &mut Db) -> Result<(), StoreError> {
        db.batch_execute("SELECT 1").map_err(StoreError::from)
    }

    fn has_broken(&self, _db: &mut Db) -> bool {
        std::thread::panicking()
    }
}
