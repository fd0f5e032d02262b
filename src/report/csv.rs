//! The return as CSV: UTF-8 with BOM, CRLF, quoted by RFC 4180, and safe from formulas: a text that a spreadsheet
//! could compute gets a single quote before it (ASVS 1.2.10).

use ::csv::{Terminator, WriterBuilder};

use super::grid::{Cell, Grid};
use super::parts::{preface, printed, table};
use super::{RenderError, Table, reads_as_formula};
use crate::domain::codes::Lang;
use crate::domain::report::Return;
use crate::domain::report::words::{day, pick};

pub(super) const BOM: &[u8] = "\u{feff}".as_bytes();

/// Writes one clean table (plain numbers, ISO days, no totals), or without one the printed form with all parts,
/// each separated by an empty line.
///
/// # Errors
/// [`RenderError::Csv`] if the writer fails.
pub fn csv(form: &Return, only: Option<Table>) -> Result<Vec<u8>, RenderError> {
    let mut bytes = BOM.to_vec();
    let Some(only) = only else {
        let lines = preface(form).into_iter().map(|line| vec![guarded(line)]).collect();
        write(&mut bytes, lines)?;
        for grid in printed(form) {
            bytes.extend(b"\r\n");
            write(&mut bytes, part(&grid, form.lang))?;
        }
        return Ok(bytes);
    };
    let grid = table(form, only);
    let head = grid.head.iter().map(|head| (*head).to_owned()).collect();
    let rows = grid.rows.iter().map(|row| row.iter().map(clean).collect());
    write(&mut bytes, std::iter::once(head).chain(rows).collect())?;
    Ok(bytes)
}

fn write(bytes: &mut Vec<u8>, records: Vec<Vec<String>>) -> Result<(), RenderError> {
    let mut writer = WriterBuilder::new().flexible(true).terminator(Terminator::CRLF).from_writer(bytes);
    for record in records {
        writer.write_record(record)?;
    }
    writer.flush().map_err(::csv::Error::from)?;
    Ok(())
}

/// A part of the printed form: title, head, rows, totals, lines.
fn part(grid: &Grid, lang: Lang) -> Vec<Vec<String>> {
    let head = grid.head.iter().map(|head| (*head).to_owned()).collect();
    let cells = |row: &Vec<Cell>| row.iter().map(|cell| shown(cell, lang)).collect();
    let mut records = vec![vec![grid.title.clone()], head];
    records.extend(grid.rows.iter().chain(&grid.totals).map(cells));
    records.extend(grid.after.iter().map(|line| vec![guarded(line.clone())]));
    records
}

/// A cell as people read it.
fn shown(cell: &Cell, lang: Lang) -> String {
    match cell {
        Cell::About(count) => format!("{} {count}", pick(lang, "hơn", "over")),
        Cell::Date(date) => day(*date),
        other => clean(other),
    }
}

/// A cell as a program reads it.
pub(super) fn clean(cell: &Cell) -> String {
    match cell {
        Cell::Blank => String::new(),
        Cell::Dash => "-".to_owned(),
        Cell::Text(text) => guarded(text.clone()),
        Cell::Count(count) | Cell::About(count) => count.to_string(),
        Cell::Date(date) => date.to_string(),
    }
}

fn guarded(text: String) -> String {
    if reads_as_formula(&text) { format!("'{text}") } else { text }
}
