//! The return as official paper: the same tables as in CSV and XLSX, under the columns that fit on A4. It lays out and
//! never computes.

use std::collections::BTreeMap;

use super::columns::{ANNEX1, ANNEX2, ANNEX6, DOSSIERS, EXPECTED, SELF_CHECK, VISITS};
use super::grid::{Cell, Grid, grid};
use super::parts;
use crate::domain::codes::Lang;
use crate::domain::report::Return;
use crate::domain::report::words::{Spoken, day, pick};
use crate::paper::{Align, Body, Column, Kind, Matter, ReturnFacts, Row, RowKind, Table};

/// Up to so many characters a column holds counts or days, and keeps a fixed width on paper.
const NARROW: u16 = 11;
/// Points for a character of a narrow column.
const POINTS: u16 = 4;

/// The matter of the paper: facts and tables of the return, as it was made.
#[must_use]
pub fn matter(form: &Return, issuer: Body, place: String) -> Matter {
    let facts = facts(form, issuer.clone());
    Matter {
        kind: Kind::Return,
        // Facts are plain structures: they can always be written.
        facts: serde_json::to_value(&facts).unwrap_or_default(),
        tables: tables(form),
        issuer,
        place,
        day: form.as_of,
        numbered: None,
        stamp: match form.closed {
            Some(_) => String::new(),
            None => pick(form.lang, "BẢN XEM TRƯỚC", "PREVIEW").to_owned(),
        },
        check: None,
        notice: parts::standing(form),
    }
}

fn facts(form: &Return, issuer: Body) -> ReturnFacts {
    let (lang, period) = (form.lang, &form.period);
    let label = match period.this.label.split_once('-') {
        // Only the first two months have a leading zero (Nghị định 30/2020/NĐ-CP, Phụ lục I, mục II.4).
        Some((year, part @ ("01" | "02"))) => format!("{part}/{year}"),
        Some((year, part)) => format!("{}/{year}", part.trim_start_matches(['Q', 'H', '0'])),
        None => period.this.label.clone(),
    };
    let assessment = form.meta.assessment.as_deref().unwrap_or_default().lines();
    ReturnFacts {
        period: named(form, &label),
        from: period.this.range.from,
        to: period.this.range.to,
        window: form.window.said(lang).to_owned(),
        as_of: form.as_of,
        issuer,
        inbound: form.totals.inbound_delegations,
        visits: form.totals.visits,
        persons: form.totals.distinct_persons,
        outbound: form.totals.outbound_delegations,
        notes: form.notes.clone(),
        assessment: assessment.filter(|line| !line.trim().is_empty()).map(str::to_owned).collect(),
        checked: parts::checked(form),
        standing: parts::standing(form),
        rules: form.rules.iter().map(|rule| pick(lang, &rule.vi, &rule.en).to_owned()).collect(),
    }
}

/// "tháng 11/2025", "quý 4/2025", "6 tháng cuối năm 2025", "9 tháng năm 2025", "năm 2025".
fn named(form: &Return, label: &str) -> String {
    use crate::domain::report::period::Kind as Of;
    let year = form.period.this.label.get(..4).unwrap_or_default();
    match form.period.kind {
        Of::Monthly => format!("tháng {label}"),
        Of::Quarterly => format!("quý {label}"),
        Of::Half if form.period.this.label.ends_with("H1") => format!("6 tháng đầu năm {year}"),
        Of::Half => format!("6 tháng cuối năm {year}"),
        Of::Nine => format!("9 tháng năm {year}"),
        Of::Yearly => format!("năm {year}"),
    }
}

fn tables(form: &Return) -> BTreeMap<&'static str, Table> {
    let unnamed = ("", "");
    // The id of a dossier says nothing on paper.
    let dossiers: Vec<_> = DOSSIERS.iter().filter(|column| column.en != "Dossier").copied().collect();
    BTreeMap::from([
        ("overview", table(&parts::overview(form), form.lang, 10)),
        ("expected", table(&grid(form, unnamed, EXPECTED, &form.expected), form.lang, 9)),
        ("inbound", table(&grid(form, unnamed, ANNEX1, &form.annex1.rows), form.lang, 8)),
        ("outbound", table(&grid(form, unnamed, ANNEX2, &form.annex2.rows), form.lang, 8)),
        ("exceptions", table(&grid(form, unnamed, ANNEX6, &form.annex6), form.lang, 11)),
        ("self_check", table(&grid(form, unnamed, SELF_CHECK, &form.self_check.rows), form.lang, 9)),
        ("visits", table(&grid(form, unnamed, VISITS, &form.visits), form.lang, 9)),
        ("dossiers", table(&grid(form, unnamed, &dossiers, &form.dossiers), form.lang, 10)),
    ])
}

fn table(grid: &Grid, lang: Lang, size: u8) -> Table {
    let columns = grid.head.iter().zip(&grid.widths).enumerate().map(|(n, (head, width))| {
        let points = match (*head, *width) {
            // The number of a dossier stays on one line.
            ("Mã" | "Code", _) => u16::from(size) * 6 + 8,
            (_, width) if width <= NARROW => (width * POINTS * u16::from(size) / 8).max(22),
            _ => 0,
        };
        // Texts wrap: the widest column needs less than what it has in a file.
        let share = if points > 0 { 0 } else { (2 + width * 3 / 4).max(13) };
        Column { head: (*head).to_owned(), points, share, side: side(grid, n) }
    });
    let row =
        |kind, cells: &Vec<Cell>| Row { kind, cells: cells.iter().map(|cell| shown(cell, lang)).collect() };
    let of = |cells: &Vec<Cell>| match cells.len() {
        1 if grid.head.len() > 1 => row(RowKind::Section, cells),
        _ => row(RowKind::Row, cells),
    };
    let totals = grid.totals.iter().filter(|_| !grid.rows.is_empty());
    Table {
        size,
        columns: columns.collect(),
        rows: grid.rows.iter().map(of).chain(totals.map(|cells| row(RowKind::Total, cells))).collect(),
        empty: pick(lang, "Không có", "None").to_owned(),
    }
}

/// Counts stand on the right, days and places in the list in the middle, texts on the left.
pub(super) fn side(grid: &Grid, column: usize) -> Align {
    let cells = grid.rows.iter().filter_map(|row| row.get(column));
    let mut known = cells.filter(|cell| !matches!(cell, Cell::Blank | Cell::Dash)).map(|cell| match cell {
        Cell::Date(_) => Align::Center,
        Cell::Count(_) | Cell::About(_) if column == 0 => Align::Center,
        Cell::Count(_) | Cell::About(_) => Align::Right,
        _ => Align::Left,
    });
    known.next().unwrap_or(Align::Left)
}

/// A cell as people read it. A text stays as it was typed: nothing computes on paper.
pub(super) fn shown(cell: &Cell, lang: Lang) -> String {
    match cell {
        Cell::Blank => String::new(),
        Cell::Dash => "-".to_owned(),
        Cell::Text(text) => text.clone(),
        Cell::Count(count) => count.to_string(),
        Cell::About(count) => format!("{} {count}", pick(lang, "hơn", "over")),
        Cell::Date(date) => day(*date),
    }
}
