//! What is wrong with a list that was pasted, above everything else: how many rows cannot be read, which, why, and what
//! becomes of the others. Each line leads to its row in the preview.

use super::controls::{Fields, Said};
use super::shell::Shell;
use crate::texts;

/// Rows that are named; the others are marked in the preview.
const NAMED: usize = 20;

/// A row that cannot be read.
pub struct BadRow {
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong, cell by cell, each behind the name of its column.
    pub words: Vec<String>,
}

/// A cell's fault behind the name of its column.
#[must_use]
pub fn cell(label: &str, fault: &str) -> String {
    if fault.contains(label) { fault.to_owned() } else { format!("{label} – {fault}") }
}

/// Says it; nothing where every row can be read. `others` is the text that says what becomes of the rows that can.
pub fn refuse(shell: &Shell, fields: &mut Fields, all: usize, bad: &[BadRow], others: &str) {
    if bad.is_empty() {
        return;
    }
    let numbers = [("n", bad.len()), ("all", all), ("good", all.saturating_sub(bad.len()))];
    let numbers = numbers.map(|(name, n)| (name, n.to_string()));
    let numbers: Vec<(&str, &str)> = numbers.iter().map(|(name, n)| (*name, n.as_str())).collect();
    let said = |row: &BadRow| {
        let (line, words) = (row.line.to_string(), row.words.join("; "));
        let words = texts::text(shell.lang, "preview-row", &[("line", &line), ("words", &words)]);
        Said { href: format!("#line-{line}"), words }
    };
    let mut rows: Vec<Said> = bad.iter().take(NAMED).map(said).collect();
    if let Some(more) = bad.len().checked_sub(NAMED).filter(|more| *more > 0) {
        rows.push(Said { href: String::new(), words: shell.t1("preview-more", "n", more) });
    }
    let headline = texts::text(shell.lang, "preview-refused", &numbers);
    fields.rows_refused(headline, texts::text(shell.lang, others, &numbers), rows);
}
