//! The parts of the return for a page: the same tables under the same columns as in CSV, XLSX and on paper, as texts,
//! each row with its dossier, some rows at a time.

use super::grid::{Cell, Grid};
use super::parts;
use super::sheet::{shown, side};
use crate::domain::codes::{Code, Lang, codes};
use crate::domain::ids::DossierId;
use crate::domain::report::Return;
use crate::paper::Align;

codes! {
    /// A part of the return beside the overview, in the order in which it is printed.
    Part {
        Expected = "expected",
        Inbound = "annex1",
        Outbound = "annex2",
        Exceptions = "annex6",
        SelfCheck = "annex7",
        Visits = "visits",
        Dossiers = "dossiers",
    }
}

/// From so many characters on a column holds texts that need room to be read.
const LONG: u16 = 22;

/// A column of a part.
#[derive(Debug, Clone, Copy)]
pub struct Head {
    /// What it is called.
    pub words: &'static str,
    /// Its cells are numbers.
    pub number: bool,
    /// Its cells are long texts.
    pub long: bool,
}

/// A part as a page shows it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its heading, as printed.
    pub title: String,
    /// Its columns.
    pub head: Vec<Head>,
    /// Some of its rows, each with the dossier that it is about.
    pub rows: Vec<(DossierId, Vec<String>)>,
    /// The line below all of them.
    pub totals: Vec<String>,
    /// Sentences below the table.
    pub after: Vec<String>,
}

impl Part {
    /// The dossiers of its rows.
    fn ids(self, form: &Return) -> Vec<DossierId> {
        match self {
            Self::Expected => form.expected.iter().map(|row| row.id).collect(),
            Self::Inbound => form.annex1.rows.iter().map(|row| row.id).collect(),
            Self::Outbound => form.annex2.rows.iter().map(|row| row.id).collect(),
            Self::Exceptions => form.annex6.iter().map(|row| row.id).collect(),
            Self::SelfCheck => form.self_check.rows.iter().map(|row| row.id).collect(),
            Self::Visits => form.visits.iter().map(|row| row.id).collect(),
            Self::Dossiers => form.dossiers.iter().map(|row| row.id).collect(),
        }
    }

    /// How many rows it has.
    #[must_use]
    pub fn rows(self, form: &Return) -> usize {
        match self {
            Self::Expected => form.expected.len(),
            Self::Inbound => form.annex1.rows.len(),
            Self::Outbound => form.annex2.rows.len(),
            Self::Exceptions => form.annex6.len(),
            Self::SelfCheck => form.self_check.rows.len(),
            Self::Visits => form.visits.len(),
            Self::Dossiers => form.dossiers.len(),
        }
    }

    fn grid(self, form: &Return) -> Option<Grid> {
        // The overview stands before all of them.
        let place = 1 + Self::ALL.iter().take_while(|part| **part != self).count();
        parts::printed(form).into_iter().nth(place)
    }

    /// Its heading, as printed.
    #[must_use]
    pub fn title(self, form: &Return) -> String {
        let empty = parts::titles(form.lang);
        let place = Self::ALL.iter().take_while(|part| **part != self).count();
        empty.into_iter().nth(place).unwrap_or_default()
    }
}

/// `many` rows of a part from row `from` on.
#[must_use]
pub fn part(form: &Return, part: Part, from: usize, many: usize) -> Option<Shown> {
    let (grid, lang) = (part.grid(form)?, form.lang);
    // The id of a dossier says nothing to people: its row leads to it.
    let kept: Vec<bool> = grid.head.iter().map(|head| !matches!(*head, "Hồ sơ" | "Dossier")).collect();
    let texts = |cells: &[Cell]| {
        let cells = cells.iter().zip(&kept).filter(|(_, kept)| **kept);
        cells.map(|(cell, _)| shown(cell, lang)).collect::<Vec<_>>()
    };
    let heads = grid.head.iter().zip(&grid.widths).zip(&kept).enumerate().filter(|(_, (_, kept))| **kept);
    let head = heads.map(|(n, ((words, width), _))| Head {
        words,
        number: side(&grid, n) == Align::Right,
        long: *width >= LONG,
    });
    let head = head.collect();
    let rows = part.ids(form).into_iter().zip(&grid.rows).skip(from).take(many);
    Some(Shown {
        head,
        rows: rows.map(|(id, cells)| (id, texts(cells))).collect(),
        totals: grid.totals.as_deref().map(texts).unwrap_or_default(),
        title: grid.title,
        after: grid.after,
    })
}

/// The heads of the overview's columns, as printed.
#[must_use]
pub fn overview_head(lang: Lang) -> Vec<&'static str> {
    parts::overview_head(lang)
}

/// Whether the return is closed, and what binds it to the journal; or that it is a preview.
#[must_use]
pub fn standing(form: &Return) -> String {
    parts::standing(form)
}
