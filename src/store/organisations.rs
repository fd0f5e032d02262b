//! The tree of organisations. A path `/root/child/` makes a subtree a prefix.

use diesel::prelude::*;

use super::error::StoreError;
use super::schema::organisations;
use super::types::{Key, Word};
use super::{ReadTx, WriteTx};
use crate::domain::approval::OrganisationKind;
use crate::domain::codes::Lang;
use crate::domain::ids::OrganisationId;

/// A body in the tree.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// Id.
    pub id: OrganisationId,
    /// The body above it.
    pub parent: Option<OrganisationId>,
    /// `/root/../id/`.
    pub path: String,
    /// Short unique code, such as `LHHN`.
    pub code: String,
    /// Name in Vietnamese.
    pub name_vi: String,
    /// Name in English.
    pub name_en: String,
    /// Kind.
    pub kind: OrganisationKind,
    /// Version.
    pub version: i64,
}

impl Organisation {
    /// The name in a language.
    #[must_use]
    pub fn name(&self, lang: Lang) -> &str {
        match lang {
            Lang::Vi => &self.name_vi,
            Lang::En => &self.name_en,
        }
    }
}

type Row = (
    Key<OrganisationId>,
    Option<Key<OrganisationId>>,
    String,
    String,
    String,
    String,
    Word<OrganisationKind>,
    i64,
);

fn organisation(row: Row) -> Organisation {
    let (Key(id), parent, path, code, name_vi, name_en, Word(kind), version) = row;
    Organisation { id, parent: parent.map(|key| key.0), path, code, name_vi, name_en, kind, version }
}

/// All of them, parents before children: a city has a few dozen.
///
/// # Errors
/// `StoreError` of the database.
pub fn list(tx: &mut ReadTx<'_>) -> Result<Vec<Organisation>, StoreError> {
    let rows: Vec<Row> = organisations::table.order(organisations::path).load(tx.db())?;
    Ok(rows.into_iter().map(organisation).collect())
}

/// One of them.
///
/// # Errors
/// `StoreError` of the database.
pub fn load(tx: &mut ReadTx<'_>, id: OrganisationId) -> Result<Option<Organisation>, StoreError> {
    let row: Option<Row> = organisations::table.find(id.to_string()).first(tx.db()).optional()?;
    Ok(row.map(organisation))
}

/// One of them, by its code.
///
/// # Errors
/// `StoreError` of the database.
pub fn load_by_code(tx: &mut ReadTx<'_>, code: &str) -> Result<Option<Organisation>, StoreError> {
    let row: Option<Row> =
        organisations::table.filter(organisations::code.eq(code)).first(tx.db()).optional()?;
    Ok(row.map(organisation))
}

/// Adds one.
///
/// # Errors
/// `Taken` when the code exists.
pub fn insert(tx: &mut WriteTx<'_>, new: &Organisation) -> Result<(), StoreError> {
    diesel::insert_into(organisations::table)
        .values((
            organisations::id.eq(new.id.to_string()),
            organisations::parent_id.eq(new.parent.map(|id| id.to_string())),
            organisations::path.eq(&new.path),
            organisations::code.eq(&new.code),
            organisations::name_vi.eq(&new.name_vi),
            organisations::name_en.eq(&new.name_en),
            organisations::kind.eq(crate::domain::codes::Code::code(new.kind)),
            organisations::version.eq(new.version),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Renames one, if it still has this version.
///
/// # Errors
/// `Stale` when the version moved on.
pub fn rename(
    tx: &mut WriteTx<'_>,
    id: OrganisationId,
    version: i64,
    name_vi: &str,
    name_en: &str,
) -> Result<(), StoreError> {
    let changed = diesel::update(
        organisations::table
            .filter(organisations::id.eq(id.to_string()))
            .filter(organisations::version.eq(version)),
    )
    .set((
        organisations::name_vi.eq(name_vi),
        organisations::name_en.eq(name_en),
        organisations::version.eq(version + 1),
    ))
    .execute(tx.db())?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Stale) }
}
