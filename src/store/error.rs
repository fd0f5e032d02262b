//! What can go wrong in the store, as few kinds as callers tell apart. It knows how each database words a
//! broken constraint; nobody else needs to.

use diesel::result::{ConnectionError, DatabaseErrorKind, Error as DieselError};

/// A fault of the store. Causes are for the log; clients only ever see the kind.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No such row, or none that the asker may know of.
    #[error("not found")]
    NotFound,
    /// The row changed since it was read.
    #[error("stale")]
    Stale,
    /// A uniqueness rule refused the row; `what` is `table.column` of the rule's last column.
    #[error("taken: {what}")]
    Taken {
        /// The constraint in a form common to both databases: `table.first_column,second_column`.
        what: String,
    },
    /// A trigger refused: four eyes or append-only.
    #[error("refused by the database: {0}")]
    Guarded(String),
    /// The database cannot serve now (locked, full, gone, lane full): try again later.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// A stored value does not parse: somebody changed the database by hand.
    #[error("corrupt: {0}")]
    Corrupt(String),
    /// A migration failed.
    #[error("migration: {0}")]
    Migration(String),
    /// Two writers met (40001, 40P01): the lane runs the command again.
    #[error("write conflict")]
    Conflict,
    /// Anything else: a defect.
    #[error("database: {0}")]
    Db(String),
}

impl StoreError {
    /// A connection could not be made.
    #[must_use]
    pub fn unreachable(cause: ConnectionError) -> Self {
        Self::Unavailable(cause.to_string())
    }

    /// Whether trying again later can help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Conflict)
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Self::NotFound,
            DieselError::DatabaseError(kind, info) => {
                from_database(kind, info.message(), info.constraint_name())
            }
            DieselError::DeserializationError(cause) => Self::Corrupt(cause.to_string()),
            DieselError::BrokenTransactionManager => Self::Unavailable("broken transaction".to_owned()),
            other => Self::Db(other.to_string()),
        }
    }
}

impl From<diesel::r2d2::PoolError> for StoreError {
    fn from(error: diesel::r2d2::PoolError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// Words by which the databases say "not now"; SQLite has no code in diesel's error, only its text.
const TRANSIENT: [&str; 8] = [
    "database is locked",
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "No space left on device",
    "could not extend file",
    "canceling statement due to",
    "attempt to write a readonly database",
];

/// How the words of our own triggers begin.
const GUARDS: [&str; 3] = ["four-eyes:", "one-voice:", "append-only:"];

fn from_database(kind: DatabaseErrorKind, message: &str, constraint: Option<&str>) -> StoreError {
    match kind {
        DatabaseErrorKind::UniqueViolation => StoreError::Taken { what: taken(message, constraint) },
        DatabaseErrorKind::SerializationFailure => StoreError::Conflict,
        DatabaseErrorKind::ClosedConnection => StoreError::Unavailable(message.to_owned()),
        _ if message.contains("deadlock detected") => StoreError::Conflict,
        _ if GUARDS.iter().any(|guard| message.starts_with(guard)) => StoreError::Guarded(message.to_owned()),
        _ if TRANSIENT.iter().any(|words| message.contains(words)) => {
            StoreError::Unavailable(message.to_owned())
        }
        _ => StoreError::Db(message.to_owned()),
    }
}

/// SQLite says `UNIQUE constraint failed: people.owner_id, people.x`; PostgreSQL names the constraint, which by
/// default is `people_owner_id_x_key`. Both become `people.owner_id,x` as far as they can be.
fn taken(message: &str, constraint: Option<&str>) -> String {
    if let Some(columns) = message.strip_prefix("UNIQUE constraint failed: ") {
        let mut names = columns.split(", ").filter_map(|column| column.split_once('.'));
        let Some((table, first)) = names.next() else { return columns.to_owned() };
        let rest = names.fold(String::new(), |list, (_, column)| list + "_" + column);
        return format!("{table}_{first}{rest}");
    }
    constraint.unwrap_or(message).trim_end_matches("_key").to_owned()
}
