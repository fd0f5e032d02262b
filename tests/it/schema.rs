//! The laws of the schema: both databases have the same tables, and `schema.rs` says what they are.

use std::collections::BTreeMap;

use diesel::sql_types::{Bool, Integer, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use super::app::{databases, fresh_database};

/// Table and column -> (kind, may be null).
type Columns = BTreeMap<(String, String), (String, bool)>;

#[derive(QueryableByName)]
struct SqliteColumn {
    #[diesel(sql_type = Text)]
    tab: String,
    #[diesel(sql_type = Text)]
    col: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Integer)]
    filled: i32,
    #[diesel(sql_type = Integer)]
    pk: i32,
}

#[derive(QueryableByName)]
struct PgColumn {
    #[diesel(sql_type = Text)]
    tab: String,
    #[diesel(sql_type = Text)]
    col: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    empty: bool,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

fn kind(kind: &str) -> String {
    match kind.to_ascii_lowercase().as_str() {
        "blob" | "bytea" => "Binary",
        "timestamp" | "timestamp without time zone" => "Timestamp",
        "text" => "Text",
        "bigint" => "BigInt",
        "integer" => "Integer",
        "boolean" => "Bool",
        "date" => "Date",
        other => panic!("a column of kind {other}"),
    }
    .to_owned()
}

fn sqlite() -> (Columns, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("schema.db");
    let url = legation::config::DatabaseUrl::try_from(format!("sqlite://{}", path.display())).unwrap();
    legation::store::Store::migrate(&(&url).into()).unwrap();
    let mut db = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let rows: Vec<SqliteColumn> = sql_query(
        "SELECT m.name AS tab, p.name AS col, p.type AS kind, p.\"notnull\" AS filled, p.pk AS pk \
         FROM sqlite_master m JOIN pragma_table_info(m.name) p \
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> '__diesel_schema_migrations'",
    )
    .load(&mut db)
    .unwrap();
    let indexes: Vec<Name> = sql_query(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .load(&mut db)
    .unwrap();
    let column = |c: SqliteColumn| ((c.tab, c.col), (kind(&c.kind), c.filled == 0 && c.pk == 0));
    (rows.into_iter().map(column).collect(), indexes.into_iter().map(|index| index.name).collect())
}

fn declared() -> Columns {
    let mut columns = Columns::new();
    let mut table = String::new();
    for line in include_str!("../../src/store/schema.rs").lines() {
        let line = line.trim();
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with('{')) {
            name.clone_into(&mut table);
        } else if let Some((column, declared)) =
            line.trim_end_matches(',').split_once(" -> ").filter(|_| !line.starts_with("diesel::"))
        {
            let null = declared.strip_prefix("Nullable<").and_then(|rest| rest.strip_suffix('>'));
            let kind = null.unwrap_or(declared).to_owned();
            columns.insert((table.clone(), column.to_owned()), (kind, null.is_some()));
        }
    }
    columns
}

#[test]
fn the_code_declares_what_sqlite_has() {
    let (columns, _) = sqlite();
    assert!(columns.len() > 200, "{} columns", columns.len());
    let declared = declared();
    let differ: Vec<_> = columns.iter().filter(|(name, column)| declared.get(name) != Some(column)).collect();
    assert!(differ.is_empty(), "{differ:?}");
    assert_eq!(columns.len(), declared.len());
}

#[test]
fn both_databases_have_the_same_tables_and_indexes() {
    if !databases().contains(&"postgres") {
        eprintln!("on sqlite only: LEGATION_TEST_POSTGRES_URL is not set");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (url, made) = fresh_database("postgres", folder.path());
    let mut db = PgConnection::establish(&url).unwrap();
    let rows: Vec<PgColumn> = sql_query(
        "SELECT table_name::text AS tab, column_name::text AS col, data_type::text AS kind, \
         is_nullable = 'YES' AS empty FROM information_schema.columns \
         WHERE table_schema = 'public' AND table_name <> '__diesel_schema_migrations'",
    )
    .load(&mut db)
    .unwrap();
    let indexes: Vec<Name> = sql_query(
        "SELECT indexname::text AS name FROM pg_indexes WHERE schemaname = 'public' \
         AND indexname NOT LIKE '%\\_pkey' AND indexname NOT LIKE '%\\_key' ORDER BY 1",
    )
    .load(&mut db)
    .unwrap();
    drop(db);
    super::app::drop_database(made);
    let columns: Columns = rows.into_iter().map(|c| ((c.tab, c.col), (kind(&c.kind), c.empty))).collect();
    let (expected, expected_indexes) = sqlite();
    assert_eq!(columns, expected);
    let indexes: Vec<String> = indexes.into_iter().map(|index| index.name).collect();
    assert_eq!(indexes, expected_indexes);
}
