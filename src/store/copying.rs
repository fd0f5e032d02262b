//! Copies a whole installation from SQLite into an empty PostgreSQL database, to the byte. It understands no value:
//! each row travels as JSON in a spelling that both databases read (bytes in hexadecimal), under the columns that the
//! source itself names, so that no table and no column can be forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;
use diesel::{QueryableByName, RunQueryDsl, sql_query};

use super::db::{self, Db, DbUrl, Mode};
use super::error::StoreError;
use super::lane::Shared;
use super::{WriteTx, installation, journal};
use crate::clock::{Clock, Ids};
use crate::domain::event::Event;

/// Rows a statement.
const ROWS: i64 = 500;
/// Rows a statement of closed returns, each of which may be tens of megabytes.
const LARGE_ROWS: i64 = 1;

/// Why nothing was copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// It is not what the command is for, in one sentence.
    #[error("{0}")]
    Refused(String),
    /// A database's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for CopyError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

fn refused<T>(why: impl Into<String>) -> Result<T, CopyError> {
    Err(CopyError::Refused(why.into()))
}

/// A table and how many rows of it were copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The table's name.
    pub table: String,
    /// Rows.
    pub rows: i64,
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    tab: String,
    #[diesel(sql_type = Text)]
    col: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

#[derive(QueryableByName)]
struct Link {
    #[diesel(sql_type = Text)]
    tab: String,
    #[diesel(sql_type = Text)]
    above: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct Slice {
    #[diesel(sql_type = BigInt)]
    n: i64,
    #[diesel(sql_type = BigInt)]
    last: i64,
    #[diesel(sql_type = Text)]
    lines: String,
}

/// A table of the source with its columns: name and kind.
struct Table {
    name: String,
    columns: Vec<(String, String)>,
}

impl Table {
    /// The names of its columns, as both databases quote them.
    fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
    }

    /// A row as a JSON object, in SQLite's words.
    fn line(&self) -> String {
        let value = |(name, kind): &(String, String)| match kind.as_str() {
            "BLOB" => {
                format!("'{name}', CASE WHEN \"{name}\" IS NULL THEN NULL ELSE '\\x' || hex(\"{name}\") END")
            }
            _ => format!("'{name}', \"{name}\""),
        };
        format!("json_object({})", self.columns.iter().map(value).collect::<Vec<_>>().join(", "))
    }
}

/// Copies everything into an empty database that was migrated, in one transaction there, while nobody can write to the
/// source; then journals in the copy that it is one. All or nothing.
///
/// # Errors
/// `Refused` for other databases than SQLite and PostgreSQL, without an installation in the source, with anything in the
/// target; `Store` with a database's fault.
pub fn copy(from: &DbUrl, to: &DbUrl, clock: Arc<dyn Clock>) -> Result<Vec<Copied>, CopyError> {
    let (mut from, mut to, url) =
        (db::connect(from, Mode::Write)?, db::connect(to, Mode::Write)?, to.clone());
    if !matches!((&from, &to), (Db::Sqlite(_), Db::Pg(_))) {
        return refused("it copies from sqlite:// to postgres:// alone");
    }
    if db::is_behind(&mut from)? {
        return refused("the source is of an older version: `legation migrate` brings it to this one");
    }
    if db::is_behind(&mut to)? {
        return refused("the target has no tables of this version yet: `legation migrate` makes them");
    }
    // Nobody writes to the source meanwhile, and whatever fails leaves the target as it was.
    from.batch_execute("BEGIN IMMEDIATE").map_err(StoreError::from)?;
    to.batch_execute("BEGIN; SET LOCAL statement_timeout = 0").map_err(StoreError::from)?;
    let copied = all(&mut from, &mut to)?;
    let ids = Ids::default();
    let (installation, _) = installation::load_or_make(&mut to, &ids, clock.now(), false)?;
    let shared = Shared { url, clock, ids, installation };
    let mut tx = WriteTx::new(&mut to, &shared);
    let head = journal::head(&mut tx)?;
    let event = Event::new("installation.copied", "installation", installation)
        .with("from", "sqlite")
        .with("to", "postgres")
        .with("entries", head.count())
        .with("root", hex::encode(head.root()));
    let _entry = journal::append(&mut tx, event)?;
    to.batch_execute("COMMIT; ANALYZE").map_err(StoreError::from)?;
    from.batch_execute("ROLLBACK").map_err(StoreError::from)?;
    Ok(copied)
}

fn all(from: &mut Db, to: &mut Db) -> Result<Vec<Copied>, CopyError> {
    let (Db::Sqlite(from), Db::Pg(to)) = (from, to) else { return Ok(Vec::new()) };
    let tables = tables(from)?;
    if count_sqlite(from, "installation")? == 0 {
        return refused("there is no installation in the source");
    }
    // The migration makes the journal's empty head, and nothing else.
    to.batch_execute("DELETE FROM journal_head WHERE count = 0")?;
    for table in &tables {
        if count_postgres(to, &table.name)? > 0 {
            return refused(format!("the target is not empty: there are rows in {}", table.name));
        }
    }
    guards(to, &tables, "DISABLE")?;
    let own = "SELECT conrelid::regclass::text AS tab, conname::text AS above FROM pg_constraint \
               WHERE contype = 'f' AND conrelid = confrelid";
    let own: Vec<Link> = sql_query(own).load(to)?;
    // A row may name one of its own table that comes later, such as a duplicate that was found first.
    links(to, &own, "DEFERRABLE INITIALLY DEFERRED")?;
    let mut copied = Vec::new();
    for table in &tables {
        copied.push(Copied { table: table.name.clone(), rows: one(from, to, table)? });
    }
    to.batch_execute("SET CONSTRAINTS ALL IMMEDIATE")?;
    links(to, &own, "NOT DEFERRABLE")?;
    guards(to, &tables, "ENABLE")?;
    Ok(copied)
}

/// The triggers guard what people do. What is copied was guarded when it was done, and some of it could not be done any
/// more: who decided then may travel with the delegation by now.
fn guards(to: &mut PgConnection, tables: &[Table], word: &str) -> Result<(), CopyError> {
    for table in tables {
        to.batch_execute(&format!("ALTER TABLE \"{}\" {word} TRIGGER USER", table.name))?;
    }
    Ok(())
}

fn links(to: &mut PgConnection, links: &[Link], when: &str) -> Result<(), CopyError> {
    for Link { tab, above } in links {
        to.batch_execute(&format!("ALTER TABLE {tab} ALTER CONSTRAINT \"{above}\" {when}"))?;
    }
    Ok(())
}

/// The tables of the source, each behind those that it refers to.
fn tables(from: &mut SqliteConnection) -> Result<Vec<Table>, CopyError> {
    let columns: Vec<Column> = sql_query(
        "SELECT m.name AS tab, p.name AS col, p.type AS kind FROM sqlite_master m \
         JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' \
         AND m.name <> '__diesel_schema_migrations' ORDER BY m.name, p.cid",
    )
    .load(from)?;
    let links: Vec<Link> = sql_query(
        "SELECT DISTINCT m.name AS tab, f.\"table\" AS above FROM sqlite_master m \
         JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND f.\"table\" <> m.name",
    )
    .load(from)?;
    let mut waiting: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for Column { tab, col, kind } in columns {
        waiting.entry(tab).or_default().push((col, kind));
    }
    let (mut placed, mut tables) = (BTreeSet::new(), Vec::new());
    while !waiting.is_empty() {
        let is_ready = |name: &String| {
            links.iter().filter(|link| link.tab == *name).all(|link| placed.contains(&link.above))
        };
        let ready: Vec<String> = waiting.keys().filter(|name| is_ready(name)).cloned().collect();
        if ready.is_empty() {
            return Err(StoreError::Corrupt("tables that refer to each other".to_owned()).into());
        }
        for name in ready {
            let columns = waiting.remove(&name).unwrap_or_default();
            placed.insert(name.clone());
            tables.push(Table { name, columns });
        }
    }
    Ok(tables)
}

/// Copies a table, slice by slice; returns how many rows the target has then, which are as many as the source has.
fn one(from: &mut SqliteConnection, to: &mut PgConnection, table: &Table) -> Result<i64, CopyError> {
    let (name, names) = (&table.name, table.names());
    let read = format!(
        "SELECT COUNT(*) AS n, COALESCE(MAX(r), 0) AS last, '[' || COALESCE(group_concat(line, ','), '') || ']' AS lines \
         FROM (SELECT rowid AS r, {} AS line FROM \"{name}\" WHERE rowid > ? ORDER BY rowid LIMIT ?)",
        table.line()
    );
    let write = format!(
        "INSERT INTO \"{name}\" ({names}) SELECT {names} FROM json_populate_recordset(NULL::\"{name}\", $1::json)"
    );
    let rows = if name == "closing_files" { LARGE_ROWS } else { ROWS };
    let mut after = i64::MIN;
    loop {
        let slice: Slice =
            sql_query(&read).bind::<BigInt, _>(after).bind::<BigInt, _>(rows).get_result(from)?;
        if slice.n == 0 {
            break;
        }
        sql_query(&write).bind::<Text, _>(slice.lines).execute(to)?;
        after = slice.last;
    }
    let (had, has) = (count_sqlite(from, name)?, count_postgres(to, name)?);
    if had != has {
        return Err(StoreError::Corrupt(format!("{name}: {has} of {had} rows were copied")).into());
    }
    Ok(has)
}

fn count_sqlite(db: &mut SqliteConnection, table: &str) -> Result<i64, CopyError> {
    let number: Number = sql_query(format!("SELECT COUNT(*) AS n FROM \"{table}\"")).get_result(db)?;
    Ok(number.n)
}

fn count_postgres(db: &mut PgConnection, table: &str) -> Result<i64, CopyError> {
    let number: Number = sql_query(format!("SELECT COUNT(*) AS n FROM \"{table}\"")).get_result(db)?;
    Ok(number.n)
}
