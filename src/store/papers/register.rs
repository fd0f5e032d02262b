//! A register of our own for numbers, for offices that have no other: per organisation, kind of paper and year, from 1
//! without gaps. It goes on after the highest number that was typed in before it was switched on.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{COLUMNS, Paper, PaperKind, Row, paper};
use crate::domain::codes::Code;
use crate::domain::ids::{DossierId, OrganisationId};
use crate::store::error::StoreError;
use crate::store::schema::{issued_papers, paper_series};
use crate::store::types::Key;
use crate::store::{ReadTx, WriteTx};

/// The numbers of one organisation, kind and local year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Series {
    /// Whose numbers.
    pub issuer: OrganisationId,
    /// Of what.
    pub kind: PaperKind,
    /// Of which local year.
    pub year: i32,
}

/// The number that comes next, and the date of the last one that the register gave.
///
/// # Errors
/// `StoreError` of the database.
pub fn next(tx: &mut ReadTx<'_>, series: Series) -> Result<(i64, Option<NaiveDate>), StoreError> {
    let rows: Vec<(String, NaiveDate, bool)> = issued_papers::table
        .filter(issued_papers::issuer_id.eq(series.issuer.to_string()))
        .filter(issued_papers::kind.eq(series.kind.code()))
        .filter(issued_papers::year.eq(series.year))
        .select((issued_papers::number, issued_papers::dated_on, issued_papers::registered))
        .load(tx.db())?;
    let given = paper_series::table
        .find((series.issuer.to_string(), series.kind.code(), series.year))
        .select(paper_series::last_no)
        .first(tx.db())
        .optional()?;
    let typed = rows.iter().filter_map(|(number, _, _)| number.parse().ok()).max();
    let last = typed.max(given).unwrap_or(0_i64);
    let dated = rows.iter().filter(|(_, _, registered)| *registered).map(|(_, day, _)| *day).max();
    Ok((last.saturating_add(1), dated))
}

/// Takes the next number. The row of the series is the lock, and a rollback gives the number back: no gaps.
///
/// # Errors
/// `Conflict` when two begin a series at once; `StoreError` of the database.
pub fn take(tx: &mut WriteTx<'_>, series: Series) -> Result<i64, StoreError> {
    let row = paper_series::table
        .filter(paper_series::issuer_id.eq(series.issuer.to_string()))
        .filter(paper_series::kind.eq(series.kind.code()))
        .filter(paper_series::year.eq(series.year));
    let held = diesel::update(row).set(paper_series::last_no.eq(paper_series::last_no)).execute(tx.db())?;
    if held == 0 {
        let made = diesel::insert_into(paper_series::table)
            .values((
                paper_series::issuer_id.eq(series.issuer.to_string()),
                paper_series::kind.eq(series.kind.code()),
                paper_series::year.eq(series.year),
                paper_series::last_no.eq(0),
            ))
            .execute(tx.db());
        match made.map_err(StoreError::from) {
            Ok(_) => {}
            // Two began the year at once: run again and take the next number.
            Err(StoreError::Taken { .. }) => return Err(StoreError::Conflict),
            Err(other) => return Err(other),
        }
    }
    let (no, _) = next(tx, series)?;
    let row = paper_series::table
        .filter(paper_series::issuer_id.eq(series.issuer.to_string()))
        .filter(paper_series::kind.eq(series.kind.code()))
        .filter(paper_series::year.eq(series.year));
    diesel::update(row).set(paper_series::last_no.eq(no)).execute(tx.db())?;
    Ok(no)
}

/// The papers of an organisation and local year, in the order of their entry.
///
/// # Errors
/// `StoreError` of the database.
pub fn list(
    tx: &mut ReadTx<'_>,
    issuer: OrganisationId,
    year: i32,
) -> Result<Vec<(DossierId, Paper)>, StoreError> {
    let rows: Vec<(Key<DossierId>, Row)> = issued_papers::table
        .filter(issued_papers::issuer_id.eq(issuer.to_string()))
        .filter(issued_papers::year.eq(year))
        .filter(issued_papers::registered.eq(true))
        .order((issued_papers::kind, issued_papers::id))
        .select((issued_papers::dossier_id, COLUMNS))
        .load(tx.db())?;
    Ok(rows.into_iter().map(|(dossier, row)| (dossier.0, paper(row))).collect())
}
