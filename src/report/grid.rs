//! Tables between the form and the files: typed cells under a header. A column is a row of a data table in
//! `columns.rs`, so that CSV and XLSX cannot differ in what they print.

use chrono::NaiveDate;

use crate::domain::codes::Lang;
use crate::domain::report::Return;
use crate::domain::report::words::pick;

/// A typed cell. Only `Text` can hold what a user typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    Blank,
    /// "-" for a change on a zero base: ours, so it needs no guard.
    Dash,
    Text(String),
    Count(u64),
    /// An estimate: "hơn" before the exact number.
    About(u64),
    Date(NaiveDate),
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Blank } else { Self::Text(text) }
    }

    pub fn date(day: Option<NaiveDate>) -> Self {
        day.map_or(Self::Blank, Self::Date)
    }
}

/// A column: its heads, its width in characters, its cell, and its cell in the totals row.
#[derive(Debug)]
pub(super) struct Column<R> {
    pub vi: &'static str,
    pub en: &'static str,
    pub width: u16,
    pub cell: fn(&R, Lang) -> Cell,
    pub total: Option<fn(&Return) -> Cell>,
}

impl<R> Clone for Column<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Column<R> {}

/// A table ready to be written.
pub(super) struct Grid {
    /// Name of the sheet, at most 31 characters.
    pub sheet: &'static str,
    pub title: String,
    pub head: Vec<&'static str>,
    pub widths: Vec<u16>,
    pub rows: Vec<Vec<Cell>>,
    pub totals: Option<Vec<Cell>>,
    /// Lines below the table.
    pub after: Vec<String>,
}

/// Lays rows out under columns.
pub(super) fn grid<R>(
    form: &Return,
    (sheet, title): (&'static str, &str),
    columns: &[Column<R>],
    rows: &[R],
) -> Grid {
    let lang = form.lang;
    let line = |row| columns.iter().map(|column| (column.cell)(row, lang)).collect();
    let total = |column: &Column<R>| column.total.map_or(Cell::Blank, |total| total(form));
    let with_totals = columns.iter().any(|column| column.total.is_some());
    Grid {
        sheet,
        title: title.to_owned(),
        head: columns.iter().map(|column| pick(lang, column.vi, column.en)).collect(),
        widths: columns.iter().map(|column| column.width).collect(),
        rows: rows.iter().map(line).collect(),
        totals: with_totals.then(|| columns.iter().map(total).collect()),
        after: Vec::new(),
    }
}
