//! Renderers of the compliance return: the form of `crate::domain::report` as JSON, CSV, XLSX and paper. They lay out
//! and escape, and never compute a figure; same form, same bytes.

pub mod calendar;
mod columns;
mod csv;
mod grid;
mod json;
mod parts;
mod sheet;
pub mod shown;
pub mod stream;
#[cfg(test)]
mod tests;
mod xlsx;

use chrono::NaiveDate;
use thiserror::Error;

pub use csv::csv;
pub use json::json;
pub use sheet::matter;
pub use xlsx::xlsx;

use crate::domain::codes::{Direction, Field, Rank, codes};
use crate::domain::dossier::State;

codes! {
    /// A table that can be had alone, clean: one header, plain numbers, ISO days, no totals.
    Table { Overview = "overview", Inbound = "inbound", Outbound = "outbound", Visits = "visits" }
}

/// A form that could not be written; always a fault of this program, never of its user.
#[derive(Debug, Error)]
pub enum RenderError {
    /// JSON.
    #[error("the return could not be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// CSV.
    #[error("the return could not be written as CSV: {0}")]
    Csv(#[from] ::csv::Error),
    /// XLSX.
    #[error("the return could not be written as XLSX: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// The file on its way.
    #[error("a table could not be written: {0}")]
    Io(#[from] std::io::Error),
}

/// A delegation as the list of delegations shows it.
#[derive(Debug, Clone)]
pub struct DelegationRow {
    /// Official number; drafts have none.
    pub code: String,
    /// Its name.
    pub title: String,
    /// Which way it travels.
    pub direction: Direction,
    /// State.
    pub state: State,
    /// The organisation that filed it.
    pub organisation: String,
    /// Lead host.
    pub lead_host: String,
    /// Countries, by name.
    pub countries: String,
    /// Rank.
    pub rank: Option<Rank>,
    /// Primary field.
    pub field: Option<Field>,
    /// First day as planned.
    pub starts_on: Option<NaiveDate>,
    /// Last day as planned.
    pub ends_on: Option<NaiveDate>,
    /// First day as it was.
    pub actual_starts_on: Option<NaiveDate>,
    /// Last day as it was.
    pub actual_ends_on: Option<NaiveDate>,
}

/// Whether a spreadsheet could read the text as a formula: ASVS 1.2.10, besides the line feed and the full-width
/// signs that Excel takes for the same.
fn reads_as_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'])
}
