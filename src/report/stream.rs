//! Tables that are written row by row: a million rows pass through, and none of them stays in memory. The same columns
//! and cells as in the return; XLSX goes on in a further sheet where one is full.

use std::fs::File;
use std::io::{BufWriter, Seek, Write};
use std::path::Path;

use ::csv::{Terminator, Writer, WriterBuilder};
use chrono::NaiveDate;
use rust_xlsxwriter::{DocProperties, Workbook, Worksheet, XlsxError};

use super::columns::{DELEGATIONS, VISITS};
use super::csv::{BOM, clean};
use super::grid::{Cell, Column};
use super::xlsx::{Formats, excel_day, put};
use super::{DelegationRow, RenderError};
use crate::domain::codes::Lang;
use crate::domain::report::form::VisitRow;
use crate::domain::report::words::pick;

/// Rows that a sheet of XLSX can have.
const SHEET: u32 = 1_048_576;

/// A table: its name and its columns.
#[derive(Debug)]
pub struct Layout<R: 'static> {
    sheet: (&'static str, &'static str),
    columns: &'static [Column<R>],
}

impl<R> Clone for Layout<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Layout<R> {}

/// The visits, as in the return.
pub const VISIT_LIST: Layout<VisitRow> = Layout { sheet: ("Lượt khách", "Visits"), columns: VISITS };
/// The delegations.
pub const DELEGATION_LIST: Layout<DelegationRow> =
    Layout { sheet: ("Danh sách đoàn", "Delegations"), columns: DELEGATIONS };

/// Whose table it is, as known when, in which language.
#[derive(Debug, Clone)]
pub struct Head {
    /// The language.
    pub lang: Lang,
    /// The title among the properties of the file.
    pub title: String,
    /// The body whose file it is.
    pub organisation: String,
    /// The day of the data, which stands for the time of making.
    pub as_of: NaiveDate,
}

/// A table that is being written.
pub struct Streamed<R: 'static> {
    layout: Layout<R>,
    lang: Lang,
    out: Out,
}

enum Out {
    Csv(Box<Writer<File>>),
    Xlsx(Box<Book>),
}

impl<R> Streamed<R> {
    /// Begins a CSV with its header.
    ///
    /// # Errors
    /// What the file system says.
    pub fn csv(layout: Layout<R>, head: &Head, mut into: File) -> Result<Self, RenderError> {
        into.write_all(BOM)?;
        let mut writer = WriterBuilder::new().flexible(true).terminator(Terminator::CRLF).from_writer(into);
        writer.write_record(heads(layout, head.lang))?;
        Ok(Self { layout, lang: head.lang, out: Out::Csv(Box::new(writer)) })
    }

    /// Begins an XLSX with its first sheet; `room` is a folder for what is on its way into the file.
    ///
    /// # Errors
    /// What the file system or the writer says.
    pub fn xlsx(layout: Layout<R>, head: &Head, into: File, room: &Path) -> Result<Self, RenderError> {
        Self::xlsx_of(layout, head, into, room, SHEET)
    }

    fn xlsx_of(
        layout: Layout<R>,
        head: &Head,
        into: File,
        room: &Path,
        most: u32,
    ) -> Result<Self, RenderError> {
        let mut whole = Workbook::new();
        whole.set_tempdir(room)?;
        let mut properties = DocProperties::new()
            .set_title(head.title.as_str())
            .set_author(head.organisation.as_str())
            .set_company(head.organisation.as_str());
        if let Some(made) = excel_day(head.as_of) {
            properties = properties.set_creation_datetime(&made);
        }
        whole.set_properties(&properties);
        let lang = head.lang;
        let mut book = Book {
            whole,
            formats: Formats::new(lang),
            name: pick(lang, layout.sheet.0, layout.sheet.1),
            heads: heads(layout, lang),
            widths: layout.columns.iter().map(|column| column.width).collect(),
            sheets: 0,
            row: 0,
            most,
            into,
        };
        book.sheet()?;
        Ok(Self { layout, lang, out: Out::Xlsx(Box::new(book)) })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// What the file system or the writer says.
    pub fn row(&mut self, row: &R) -> Result<(), RenderError> {
        let cells = self.layout.columns.iter().map(|column| (column.cell)(row, self.lang));
        match &mut self.out {
            Out::Csv(writer) => writer.write_record(cells.map(|cell| clean(&cell)))?,
            Out::Xlsx(book) => book.cells(cells)?,
        }
        Ok(())
    }

    /// Ends the file and hands it out, to be read from its beginning.
    ///
    /// # Errors
    /// What the file system or the writer says.
    pub fn finish(self) -> Result<File, RenderError> {
        let mut file = match self.out {
            Out::Csv(writer) => writer.into_inner().map_err(::csv::IntoInnerError::into_error)?,
            Out::Xlsx(book) => book.save()?,
        };
        file.rewind()?;
        Ok(file)
    }
}

fn heads<R>(layout: Layout<R>, lang: Lang) -> Vec<&'static str> {
    layout.columns.iter().map(|column| pick(lang, column.vi, column.en)).collect()
}

/// A workbook whose sheets are written to files of their own, row by row, and put together at the end.
struct Book {
    whole: Workbook,
    formats: Formats,
    name: &'static str,
    heads: Vec<&'static str>,
    widths: Vec<u16>,
    sheets: usize,
    row: u32,
    most: u32,
    into: File,
}

impl Book {
    /// Begins a further sheet.
    fn sheet(&mut self) -> Result<(), XlsxError> {
        self.sheets += 1;
        let name = match self.sheets {
            1 => self.name.to_owned(),
            no => format!("{} {no}", self.name),
        };
        let sheet: &mut Worksheet = self.whole.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?.set_landscape().set_print_fit_to_pages(1, 0).set_footer("&C&P / &N");
        for (column, width) in (0..).zip(&self.widths) {
            sheet.set_column_width(column, *width)?;
        }
        sheet.set_repeat_rows(0, 0)?.set_freeze_panes(1, 0)?;
        for (column, head) in (0..).zip(&self.heads) {
            sheet.write_string_with_format(0, column, *head, &self.formats.head)?;
        }
        self.row = 1;
        Ok(())
    }

    fn cells(&mut self, cells: impl Iterator<Item = Cell>) -> Result<(), XlsxError> {
        if self.row >= self.most {
            self.sheet()?;
        }
        let sheet = self.whole.worksheet_from_index(self.sheets.saturating_sub(1))?;
        for (column, cell) in (0..).zip(cells) {
            put(sheet, &self.formats, (self.row, column), &cell, false)?;
        }
        self.row += 1;
        Ok(())
    }

    fn save(mut self) -> Result<File, RenderError> {
        let mut buffered = BufWriter::new(&self.into);
        self.whole.save_to_writer(&mut buffered)?;
        buffered.flush()?;
        drop(buffered);
        Ok(self.into)
    }
}

#[cfg(test)]
mod tests {
    use calamine::{Data, Reader, Xlsx};

    use super::*;
    use crate::domain::report::tests::fixture::{inbound, november};
    use crate::report::{Table, csv};

    fn head() -> Head {
        Head {
            lang: Lang::Vi,
            title: "Lượt khách".to_owned(),
            organisation: "Sở Ngoại vụ".to_owned(),
            as_of: NaiveDate::from_ymd_opt(2025, 12, 7).unwrap(),
        }
    }

    fn rows() -> crate::domain::report::Return {
        let mut facts: Vec<_> = (1..=9).map(inbound).collect();
        facts[0].title = "=HYPERLINK(\"http://x\")".to_owned();
        november(&facts)
    }

    #[test]
    fn csv_is_the_table_of_the_return() {
        let form = rows();
        let mut streamed = Streamed::csv(VISIT_LIST, &head(), tempfile::tempfile().unwrap()).unwrap();
        for row in &form.visits {
            streamed.row(row).unwrap();
        }
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut streamed.finish().unwrap(), &mut bytes).unwrap();
        assert!(form.visits.len() > 9);
        assert_eq!(bytes, csv(&form, Some(Table::Visits)).unwrap());
    }

    #[test]
    fn a_full_sheet_is_followed_by_another_and_the_bytes_are_always_the_same() {
        let (form, room) = (rows(), tempfile::tempdir().unwrap());
        let written = || {
            let into = tempfile::tempfile_in(room.path()).unwrap();
            let mut streamed = Streamed::xlsx_of(VISIT_LIST, &head(), into, room.path(), 8).unwrap();
            for row in &form.visits {
                streamed.row(row).unwrap();
            }
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut streamed.finish().unwrap(), &mut bytes).unwrap();
            bytes
        };
        let bytes = written();
        assert_eq!(bytes, written());
        let mut book = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
        let names = book.sheet_names();
        assert_eq!(names.len(), form.visits.len().div_ceil(7), "{names:?}");
        assert_eq!(&names[..2], ["Lượt khách", "Lượt khách 2"]);
        let mut seen = Vec::new();
        for name in &names {
            let range = book.worksheet_range(name).unwrap();
            let mut rows = range.rows();
            assert_eq!(rows.next().unwrap()[1], Data::String("Mã".to_owned()));
            seen.extend(rows.map(|row| (row[0].clone(), row[2].clone(), row[3].clone())));
            assert!(book.worksheet_formula(name).unwrap().rows().flatten().all(String::is_empty));
        }
        assert_eq!(seen.len(), form.visits.len());
        for (row, (no, title, name)) in form.visits.iter().zip(seen) {
            assert_eq!(no, Data::Float(f64::from(u32::try_from(row.no).unwrap())));
            assert_eq!((title, name), (Data::String(row.title.clone()), Data::String(row.name.clone())));
        }
        assert_eq!(std::fs::read_dir(room.path()).unwrap().count(), 0, "files on their way have no name");
    }
}
