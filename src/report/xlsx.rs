//! The return as XLSX: typed cells and no formulas, fixed properties and times, so that the same form gives the
//! same bytes. One sheet per part, the header frozen on the screen and repeated on paper.

use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::grid::{Cell, Grid};
use super::parts::{preface, printed};
use super::{RenderError, reads_as_formula};
use crate::domain::codes::Lang;
use crate::domain::report::Return;
use crate::domain::report::words::{day, pick};

/// A4 in the numbering of the format.
const A4: u8 = 9;
/// Excel refuses longer texts than 32,767 characters.
const LONGEST: usize = 32_000;

/// Writes the printed form as a workbook.
///
/// # Errors
/// [`RenderError::Xlsx`] if the writer fails.
pub fn xlsx(form: &Return) -> Result<Vec<u8>, RenderError> {
    let mut book = Workbook::new();
    book.set_properties(&properties(form)?);
    let formats = Formats::new(form.lang);
    let above = preface(form);
    for grid in printed(form) {
        let sheet = book.add_worksheet();
        Pen { sheet, formats: &formats, row: 0 }.draw(&above, &grid)?;
    }
    Ok(book.save_to_buffer()?)
}

/// The day of the figures stands for the time of making: the clock would change the bytes.
fn properties(form: &Return) -> Result<DocProperties, XlsxError> {
    // Days, state of knowledge and standing follow it.
    let title = preface(form).into_iter().rev().nth(3).unwrap_or_default();
    let made = match excel_day(form.as_of) {
        Some(made) => made,
        None => ExcelDateTime::from_ymd(1900, 1, 1)?,
    };
    Ok(DocProperties::new()
        .set_title(title)
        .set_author(form.meta.organisation.as_str())
        .set_company(form.meta.organisation.as_str())
        .set_creation_datetime(&made))
}

/// A day that the format can hold: 1900 to 9999.
pub(super) fn excel_day(day: NaiveDate) -> Option<ExcelDateTime> {
    let (year, month, day) = (day.year().try_into(), day.month().try_into(), day.day().try_into());
    ExcelDateTime::from_ymd(year.ok()?, month.ok()?, day.ok()?).ok()
}

pub(super) struct Formats {
    title: Format,
    line: Format,
    pub(super) head: Format,
    text: Format,
    /// Excel's own single quote: the value stays as typed and is never read as a formula (ASVS 1.2.10).
    quoted: Format,
    date: Format,
    count: Format,
    about: Format,
    /// Of the totals row.
    sum: Format,
    sum_count: Format,
}

impl Formats {
    pub(super) fn new(lang: Lang) -> Self {
        let line = Format::new().set_font_name("Times New Roman").set_font_size(11);
        let cell = line.clone().set_border(FormatBorder::Thin).set_align(FormatAlign::Top);
        let text = cell.clone().set_text_wrap();
        let bold = text.clone().set_bold();
        Self {
            title: line.clone().set_bold(),
            line,
            head: bold.clone().set_align(FormatAlign::Center).set_align(FormatAlign::VerticalCenter),
            quoted: text.clone().set_quote_prefix(),
            text,
            date: cell.clone().set_num_format("dd/mm/yyyy"),
            count: cell.clone().set_num_format("0"),
            about: cell.set_num_format(pick(lang, "\"hơn \"0", "\"over \"0")),
            sum: bold.clone(),
            sum_count: bold.set_num_format("0"),
        }
    }
}

/// Writes down a sheet, row by row.
struct Pen<'a> {
    sheet: &'a mut Worksheet,
    formats: &'a Formats,
    row: u32,
}

impl Pen<'_> {
    fn draw(mut self, above: &[String], grid: &Grid) -> Result<(), XlsxError> {
        self.page(grid)?;
        for line in above {
            self.line(line, &self.formats.line)?;
        }
        self.line(&grid.title, &self.formats.title)?;
        self.head(grid)?;
        for cells in &grid.rows {
            self.cells(cells, false)?;
        }
        if let Some(cells) = &grid.totals {
            self.cells(cells, true)?;
        }
        for line in &grid.after {
            self.line(line, &self.formats.line)?;
        }
        Ok(())
    }

    fn page(&mut self, grid: &Grid) -> Result<(), XlsxError> {
        let sheet = self.sheet.set_name(grid.sheet)?;
        sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0).set_footer("&C&P / &N");
        for (column, width) in (0..).zip(&grid.widths) {
            sheet.set_column_width(column, *width)?;
        }
        Ok(())
    }

    fn head(&mut self, grid: &Grid) -> Result<(), XlsxError> {
        for (column, head) in (0..).zip(&grid.head) {
            self.sheet.write_string_with_format(self.row, column, *head, &self.formats.head)?;
        }
        self.sheet.set_repeat_rows(self.row, self.row)?;
        self.row += 1;
        self.sheet.set_freeze_panes(self.row, 0)?;
        Ok(())
    }

    fn line(&mut self, line: &str, format: &Format) -> Result<(), XlsxError> {
        let format = if reads_as_formula(line) { &self.formats.quoted } else { format };
        self.sheet.write_string_with_format(self.row, 0, clipped(line), format)?;
        self.row += 1;
        Ok(())
    }

    fn cells(&mut self, cells: &[Cell], sum: bool) -> Result<(), XlsxError> {
        for (column, cell) in (0..).zip(cells) {
            put(self.sheet, self.formats, (self.row, column), cell, sum)?;
        }
        self.row += 1;
        Ok(())
    }
}

/// Writes a cell at its row and column; `sum` for the totals row.
pub(super) fn put(
    sheet: &mut Worksheet,
    formats: &Formats,
    (row, column): (u32, u16),
    cell: &Cell,
    sum: bool,
) -> Result<(), XlsxError> {
    let text = if sum { &formats.sum } else { &formats.text };
    let count = if sum { &formats.sum_count } else { &formats.count };
    match cell {
        Cell::Blank => sheet.write_blank(row, column, text)?,
        Cell::Dash => sheet.write_string_with_format(row, column, "-", &formats.quoted)?,
        Cell::Text(value) => {
            let format = if reads_as_formula(value) { &formats.quoted } else { text };
            sheet.write_string_with_format(row, column, clipped(value), format)?
        }
        Cell::Count(number) => sheet.write_with_format(row, column, *number, count)?,
        Cell::About(number) => sheet.write_with_format(row, column, *number, &formats.about)?,
        Cell::Date(date) => match excel_day(*date) {
            Some(value) => sheet.write_datetime_with_format(row, column, &value, &formats.date)?,
            None => sheet.write_string_with_format(row, column, day(*date), text)?,
        },
    };
    Ok(())
}

fn clipped(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
