//! Sheets as DOCX (Office Open XML), for offices that edit a paper before it is signed: A4 with the decree's margins,
//! Times New Roman, a table for the two-column head. Same sheet, same bytes: no clock, no random id.

use std::io::Cursor;

use docx_rs::{
    AlignmentType, Docx, Header, LineSpacing, LineSpacingType, PageMargin, PageNum, PageOrientationType,
    PageSize, Paragraph, ParagraphBorder, ParagraphBorderPosition, ParagraphBorders, Pic, Run, RunFonts,
    SectionProperty, SpecialIndentType, Table as WordTable, TableCell, TableCellMargins, TableLayoutType,
    TableRow, VAlignType, WidthType,
};

use super::sheet::{Align, Block, CheckMark, Row, RowKind, Sheet, Table};
use super::{PaperError, qr};

/// The decree's font (Phụ lục I, mục I.2).
const FONT: &str = "Times New Roman";
/// A4, in twentieths of a point.
const SHORT: u32 = 11_906;
const LONG: u32 = 16_838;
/// Margins in twentieths of a point: 20 mm, 30 mm and 15 mm.
const MM20: i32 = 1_134;
const MM30: i32 = 1_701;
const MM15: i32 = 851;
/// Width of the text of an upright page: 160 mm.
const UPRIGHT: usize = 9_071;
/// Width of the text of a page that lies across: 262 mm.
const ACROSS: usize = 14_853;
/// Side of the code that leads to the check page, in English metric units: 22 mm.
const MM22: u32 = 792_000;
/// Indent of a first line: 10 mm.
const INDENT: i32 = 567;

/// Letters of a run: half points, bold, italic.
#[derive(Clone, Copy)]
struct Letters(usize, bool, bool);

const BODY: Letters = Letters(26, false, false);
const STRONG: Letters = Letters(26, true, false);

/// Writes a sheet. Annexes are sections of their own, since their pages may lie across.
///
/// # Errors
/// [`PaperError::Write`] if the writer fails.
pub(super) fn write(sheet: &Sheet) -> Result<Vec<u8>, PaperError> {
    let mut groups: Vec<(bool, Vec<Part>)> = vec![(sheet.landscape, front(sheet)?)];
    for annex in &sheet.annexes {
        let mut parts = vec![Part::line(centered(&annex.title.to_uppercase(), Letters(28, true, false)))];
        if !annex.about.is_empty() {
            parts.push(Part::line(centered(&annex.about, STRONG)));
        }
        if !annex.reference.is_empty() {
            parts.push(Part::line(centered(&annex.reference, Letters(24, false, true))));
        }
        parts.extend(annex.blocks.iter().map(|block| part(block, width_of(annex.landscape))));
        groups.push((annex.landscape, parts));
    }
    let made = format!("{:04}-{:02}-{:02}T00:00:00Z", sheet.day.year, sheet.day.month, sheet.day.day);
    let mut docx = Docx::new()
        .default_fonts(RunFonts::new().ascii(FONT).hi_ansi(FONT).east_asia(FONT).cs(FONT))
        .default_size(BODY.0)
        .created_at(&made)
        .updated_at(&made);
    docx = docx.first_header(Header::new().add_paragraph(Paragraph::new())).header(page_number());
    let last = groups.len().saturating_sub(1);
    for (n, (across, parts)) in groups.into_iter().enumerate() {
        for part in parts {
            docx = match part {
                Part::Line(line) => docx.add_paragraph(*line),
                Part::Table(table) => docx.add_table(*table),
            };
        }
        docx = match n == last {
            true => last_pages(docx, n == 0, across),
            false => docx.add_paragraph(Paragraph::new().section_property(pages(n == 0, across))),
        };
    }
    let mut bytes = Cursor::new(Vec::new());
    let mut package = docx.build();
    package.document = in_order(&package.document);
    package.pack(&mut bytes).map_err(|error| PaperError::Write(error.to_string()))?;
    Ok(bytes.into_inner())
}

/// What the library leaves out of order. Heads of tables are repeated: it knows rows that are not split, but none that
/// are repeated, and only heads are made so. References to headers come first in a section (ECMA-376, 17.6.17). No text
/// can hold these tags: its angle brackets are escaped.
fn in_order(document: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(document).replace("<w:cantSplit />", "<w:cantSplit /><w:tblHeader />");
    let mut ordered = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, section)) = rest.split_once("<w:sectPr>") {
        let (section, after) = section.split_once("</w:sectPr>").unwrap_or((section, ""));
        let elements = || section.split_inclusive("/>");
        let is_reference = |element: &&str| element.starts_with("<w:headerReference");
        ordered.push_str(before);
        ordered.push_str("<w:sectPr>");
        ordered.extend(elements().filter(is_reference));
        ordered.extend(elements().filter(|element| !is_reference(element)));
        ordered.push_str("</w:sectPr>");
        rest = after;
    }
    ordered.push_str(rest);
    ordered.into_bytes()
}

/// What a section is made of.
enum Part {
    Line(Box<Paragraph>),
    Table(Box<WordTable>),
}

impl Part {
    fn line(paragraph: Paragraph) -> Self {
        Self::Line(Box::new(paragraph))
    }

    fn table(table: WordTable) -> Self {
        Self::Table(Box::new(table))
    }
}

fn width_of(across: bool) -> usize {
    if across { ACROSS } else { UPRIGHT }
}

fn margins(across: bool) -> PageMargin {
    let (left, right) = if across { (MM20, MM15) } else { (MM30, MM20) };
    PageMargin::new().top(MM20).bottom(MM20).left(left).right(right).header(MM20 / 2).footer(MM20 / 2)
}

/// The names that the library gives to the two headers of the document, in the order in which they are added.
const NO_NUMBER: &str = "rIdHeader1";
const NUMBER: &str = "rIdHeader2";

/// Pages after the first have their number in the middle of the top margin (Phụ lục I, mục I.7).
fn page_number() -> Header {
    let number = Paragraph::new().align(AlignmentType::Center).add_page_num(PageNum::new());
    Header::new().add_paragraph(number)
}

fn pages(first: bool, across: bool) -> SectionProperty {
    let (width, height) = if across { (LONG, SHORT) } else { (SHORT, LONG) };
    let size = PageSize::new().width(width).height(height);
    let pages =
        SectionProperty::new().page_size(size).page_margin(margins(across)).header(Header::new(), NUMBER);
    let pages = if first { pages.first_header(Header::new(), NO_NUMBER) } else { pages };
    if across { pages.page_orient(PageOrientationType::Landscape) } else { pages }
}

/// The pages of the last section are the document's own.
fn last_pages(mut docx: Docx, first: bool, across: bool) -> Docx {
    let wanted = pages(first, across);
    let own = &mut docx.document.section_property;
    own.page_size = wanted.page_size;
    own.page_margin = wanted.page_margin;
    own.title_pg = wanted.title_pg;
    docx
}

/// The pages before the annexes.
fn front(sheet: &Sheet) -> Result<Vec<Part>, PaperError> {
    let width = width_of(sheet.landscape);
    let mut parts = Vec::new();
    if !sheet.stamp.is_empty() {
        parts.push(Part::line(line(&sheet.stamp, Letters(20, true, false)).align(AlignmentType::Right)));
    }
    parts.push(Part::table(letterhead(sheet, width)));
    parts.push(Part::line(Paragraph::new()));
    if !sheet.title.is_empty() {
        parts.push(Part::line(centered(&sheet.title.to_uppercase(), Letters(28, true, false))));
    }
    if !sheet.about.is_empty() {
        parts.push(Part::line(centered(&sheet.about, Letters(28, true, false))));
        parts.push(Part::line(rule(width / 3)));
    }
    match sheet.addressees.as_slice() {
        [] => {}
        [one] => parts.push(Part::line(centered(&format!("Kính gửi: {one}"), BODY))),
        many => {
            parts.push(Part::line(centered("Kính gửi:", BODY)));
            let of = |one: &String| Part::line(indented(&format!("- {one}"), 4 * INDENT, BODY));
            parts.extend(many.iter().map(of));
        }
    }
    parts.extend(sheet.blocks.iter().map(|block| part(block, width)));
    parts.push(Part::line(Paragraph::new()));
    parts.push(Part::table(closing(sheet, width)?));
    if !sheet.notice.is_empty() {
        parts.push(Part::line(line(&sheet.notice, Letters(20, false, true))));
    }
    Ok(parts)
}

fn run(text: &str, letters: Letters) -> Run {
    let run = Run::new().add_text(text).size(letters.0);
    let run = if letters.1 { run.bold() } else { run };
    if letters.2 { run.italic() } else { run }
}

fn line(text: &str, letters: Letters) -> Paragraph {
    Paragraph::new().add_run(run(text, letters)).line_spacing(LineSpacing::new().after(0))
}

fn centered(text: &str, letters: Letters) -> Paragraph {
    line(text, letters).align(AlignmentType::Center)
}

fn indented(text: &str, left: i32, letters: Letters) -> Paragraph {
    line(text, letters).indent(Some(left), None, None, None)
}

/// A short line across the middle of so much room.
fn rule(room: usize) -> Paragraph {
    let side = i32::try_from(room).unwrap_or(0);
    let mut paragraph = Paragraph::new().indent(Some(side), None, Some(side), None);
    let border = ParagraphBorder::new(ParagraphBorderPosition::Top).size(6);
    paragraph.property = paragraph.property.set_borders(ParagraphBorders::with_empty().set(border));
    paragraph.line_spacing(LineSpacing::new().line(120).line_rule(LineSpacingType::Exact).before(40).after(0))
}

fn bare(rows: Vec<TableRow>, widths: &[usize]) -> WordTable {
    WordTable::without_borders(rows)
        .set_grid(widths.to_vec())
        .layout(TableLayoutType::Fixed)
        .margins(TableCellMargins::new().margin(0, 0, 0, 0))
}

fn cell(width: usize, lines: Vec<Paragraph>) -> TableCell {
    let cell = TableCell::new().width(width, WidthType::Dxa).vertical_align(VAlignType::Top);
    lines.into_iter().fold(cell, TableCell::add_paragraph)
}

fn letterhead(sheet: &Sheet, width: usize) -> WordTable {
    let head = &sheet.head;
    let [first, second] = [width * 37 / 100, width - width * 37 / 100];
    let mut bodies = Vec::new();
    if !head.superior.is_empty() {
        bodies.push(centered(&head.superior.to_uppercase(), Letters(24, false, false)));
    }
    bodies.push(centered(&head.issuer.to_uppercase(), Letters(24, true, false)));
    bodies.push(rule(first / 3));
    let mut below = Vec::new();
    if !head.number.is_empty() {
        below.push(centered(&head.number, BODY));
    }
    if !head.subject.is_empty() {
        below.push(centered(&head.subject, Letters(24, false, false)));
    }
    if below.is_empty() {
        below.push(Paragraph::new());
    }
    let country = vec![
        centered(&head.nation.to_uppercase(), Letters(24, true, false)),
        centered(&head.motto, STRONG),
        rule(second / 4),
    ];
    let day = vec![centered(&head.place_and_day, Letters(26, false, true))];
    let rows = vec![
        TableRow::new(vec![cell(first, bodies), cell(second, country)]),
        TableRow::new(vec![cell(first, below), cell(second, day)]),
    ];
    bare(rows, &[first, second])
}

fn closing(sheet: &Sheet, width: usize) -> Result<WordTable, PaperError> {
    let [first, second] = [width * 45 / 100, width - width * 45 / 100];
    let mut left = Vec::new();
    if !sheet.recipients.is_empty() {
        left.push(line("Nơi nhận:", Letters(24, true, true)));
        left.extend(sheet.recipients.iter().map(|text| line(text, Letters(22, false, false))));
    }
    if let Some(check) = &sheet.check {
        left.extend(check_mark(check)?);
    }
    if left.is_empty() {
        left.push(Paragraph::new());
    }
    let mut right: Vec<Paragraph> =
        sheet.signature.lines.iter().map(|text| centered(&text.to_uppercase(), STRONG)).collect();
    // Room for the signature and the seal.
    right.extend((0..4).map(|_| centered("", BODY)));
    right.push(centered(&sheet.signature.name, STRONG));
    // The lines stay together, and so does the row.
    let right = right.into_iter().map(|line| line.keep_next(true)).collect();
    Ok(bare(vec![TableRow::new(vec![cell(first, left), cell(second, right)])], &[first, second]))
}

/// The code with its words below it. Its name within the file is fixed: the library would count up.
fn check_mark(check: &CheckMark) -> Result<[Paragraph; 2], PaperError> {
    let (picture, side) = qr::as_png(&check.address)?;
    let picture = Pic::new_with_dimensions(picture, side, side).id("rIdCheck").size(MM22, MM22);
    let code = Paragraph::new()
        .add_run(Run::new().add_image(picture))
        .line_spacing(LineSpacing::new().before(160).after(0));
    Ok([code, line(&check.words, Letters(18, false, true))])
}

fn part(block: &Block, width: usize) -> Part {
    let spaced = |paragraph: Paragraph| {
        paragraph.line_spacing(LineSpacing::new().before(120).line(288).line_rule(LineSpacingType::Auto))
    };
    match block {
        Block::Text { text } => Part::line(
            spaced(Paragraph::new().add_run(run(text, BODY)))
                .indent(None, Some(SpecialIndentType::FirstLine(INDENT)), None, None)
                .align(AlignmentType::Both),
        ),
        Block::Heading { text } => {
            Part::line(spaced(Paragraph::new().add_run(run(text, STRONG))).keep_next(true))
        }
        Block::Item { text } => Part::line(
            spaced(Paragraph::new().add_run(run(text, BODY)))
                .indent(Some(INDENT), None, None, None)
                .align(AlignmentType::Both),
        ),
        Block::Centered { text } => Part::line(
            spaced(Paragraph::new().add_run(run(text, STRONG))).align(AlignmentType::Center).keep_next(true),
        ),
        Block::Note { text } => Part::line(line(text, Letters(22, false, true))),
        Block::Table(table) => Part::table(data(table, width)),
    }
}

/// Widths of columns: fixed ones as they are, the rest by their shares.
fn widths(table: &Table, width: usize) -> Vec<usize> {
    let fixed: usize = table.columns.iter().map(|column| usize::from(column.points) * 20).sum();
    let shares: usize = table.columns.iter().map(|column| usize::from(column.share)).sum();
    let left = width.saturating_sub(fixed);
    let of = |share: u16| left * usize::from(share) / shares.max(1);
    let columns = table.columns.iter();
    columns
        .map(|column| if column.points > 0 { usize::from(column.points) * 20 } else { of(column.share) })
        .collect()
}

fn data(table: &Table, width: usize) -> WordTable {
    let widths = widths(table, width);
    let letters = usize::from(table.size) * 2;
    let text =
        |text: &str, bold: bool, side: AlignmentType| line(text, Letters(letters, bold, false)).align(side);
    let heads = table.columns.iter().zip(&widths).map(|(column, width)| {
        cell(*width, vec![text(&column.head, true, AlignmentType::Center)]).vertical_align(VAlignType::Center)
    });
    let mut rows = vec![TableRow::new(heads.collect()).cant_split()];
    let over_all = |words: &str, bold: bool, side: AlignmentType| {
        let whole = cell(widths.iter().sum(), vec![text(words, bold, side)]).grid_span(widths.len());
        TableRow::new(vec![whole])
    };
    for row in &table.rows {
        rows.push(match row.kind {
            RowKind::Section => {
                over_all(row.cells.first().map_or("", String::as_str), true, AlignmentType::Left)
            }
            RowKind::Row | RowKind::Total => plain_row(table, row, &widths, &text),
        });
    }
    if table.rows.is_empty() {
        rows.push(over_all(&table.empty, false, AlignmentType::Center));
    }
    WordTable::new(rows)
        .set_grid(widths.clone())
        .layout(TableLayoutType::Fixed)
        .margins(TableCellMargins::new().margin(30, 60, 30, 60))
}

fn plain_row(
    table: &Table,
    row: &Row,
    widths: &[usize],
    text: &dyn Fn(&str, bool, AlignmentType) -> Paragraph,
) -> TableRow {
    let bold = row.kind == RowKind::Total;
    let cells = table.columns.iter().zip(&row.cells).zip(widths);
    TableRow::new(
        cells
            .map(|((column, words), width)| cell(*width, vec![text(words, bold, side(column.side))]))
            .collect(),
    )
}

fn side(side: Align) -> AlignmentType {
    match side {
        Align::Left => AlignmentType::Left,
        Align::Center => AlignmentType::Center,
        Align::Right => AlignmentType::Right,
    }
}
