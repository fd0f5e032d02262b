//! The texts of papers as they were issued, sealed, in the formats in which they were made: kept once, never changed.

use diesel::prelude::*;

use crate::domain::ids::PaperId;
use crate::store::error::StoreError;
use crate::store::schema::issued_texts;
use crate::store::types::Key;
use crate::store::{ReadTx, WriteTx};

/// A text as issued, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Of which paper.
    pub paper: PaperId,
    /// Code of the format.
    pub format: String,
    /// Plain bytes.
    pub bytes: i64,
    /// SHA-256 of the plain bytes, in hex.
    pub sha256: String,
}

/// Keeps a text with its sealed bytes.
///
/// # Errors
/// `Taken` where the paper has its text.
pub fn insert(tx: &mut WriteTx<'_>, text: &Text, sealed: &[u8]) -> Result<(), StoreError> {
    diesel::insert_into(issued_texts::table)
        .values((
            issued_texts::paper_id.eq(text.paper.to_string()),
            issued_texts::format.eq(&text.format),
            issued_texts::bytes.eq(text.bytes),
            issued_texts::sha256.eq(&text.sha256),
            issued_texts::sealed.eq(sealed),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// The texts of some papers, by paper and format.
///
/// # Errors
/// `StoreError` of the database.
pub fn of_papers(tx: &mut ReadTx<'_>, papers: &[PaperId]) -> Result<Vec<Text>, StoreError> {
    let papers: Vec<String> = papers.iter().map(ToString::to_string).collect();
    let mut found = Vec::new();
    for some in papers.chunks(500) {
        let rows: Vec<(Key<PaperId>, String, i64, String)> = issued_texts::table
            .filter(issued_texts::paper_id.eq_any(some.to_vec()))
            .order((issued_texts::paper_id, issued_texts::format))
            .select((issued_texts::paper_id, issued_texts::format, issued_texts::bytes, issued_texts::sha256))
            .load(tx.db())?;
        let text = |(paper, format, bytes, sha256): (Key<PaperId>, _, _, _)| Text {
            paper: paper.0,
            format,
            bytes,
            sha256,
        };
        found.extend(rows.into_iter().map(text));
    }
    Ok(found)
}

/// The sealed bytes of a text.
///
/// # Errors
/// `StoreError` of the database.
pub fn sealed(tx: &mut ReadTx<'_>, paper: PaperId, format: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let key = (paper.to_string(), format);
    Ok(issued_texts::table.find(key).select(issued_texts::sealed).first(tx.db()).optional()?)
}
