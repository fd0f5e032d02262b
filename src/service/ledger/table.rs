//! The cells of an uploaded ledger, CSV or XLSX, as tab-separated rows: the same form in which cells are pasted. It must
//! not know what they mean. An archive is measured before it is opened, so that no small file fills the memory.

use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, Xlsx};

/// Most bytes of an uploaded ledger.
pub const LARGEST: usize = 2 * 1024 * 1024;
/// Most bytes that an archive may unpack to.
const UNPACKED: u64 = 64 * 1024 * 1024;
/// Most columns that are looked at.
const COLUMNS: u32 = 60;
/// Most rows that are looked at: more than one ledger may have, so that one that is too long says so.
const ROWS: u32 = 2_000;

/// The rows of a file, told from its bytes.
///
/// # Errors
/// `empty-file`; `file-is-broken` for an archive that is no workbook, or unpacks to more than is reasonable;
/// `not-utf8` for a text in another encoding.
pub fn cells(bytes: &[u8]) -> Result<String, &'static str> {
    match bytes {
        [] => Err("empty-file"),
        [b'P', b'K', 3, 4, ..] => workbook(bytes),
        [0xFF, 0xFE, rest @ ..] => text(&utf16(rest, u16::from_le_bytes)?),
        [0xFE, 0xFF, rest @ ..] => text(&utf16(rest, u16::from_be_bytes)?),
        [0xEF, 0xBB, 0xBF, rest @ ..] => text(std::str::from_utf8(rest).map_err(|_other| "not-utf8")?),
        _ => text(std::str::from_utf8(bytes).map_err(|_other| "not-utf8")?),
    }
}

/// What Excel saves as "Unicode text".
fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, &'static str> {
    let units: Vec<u16> =
        bytes.chunks_exact(2).map(|pair| unit(pair.try_into().unwrap_or_default())).collect();
    String::from_utf16(&units).map_err(|_broken| "not-utf8")
}

/// Values between commas, semicolons or tabs: whichever the first line has most of.
fn text(text: &str) -> Result<String, &'static str> {
    if text.contains('\0') {
        return Err("not-utf8");
    }
    let first = text.lines().find(|line| !line.trim().is_empty()).ok_or("empty-file")?;
    let count = |separator: &u8| first.bytes().filter(|byte| byte == separator).count();
    let separator =
        *[b'\t', b';', b','].iter().rev().max_by_key(|separator| count(separator)).unwrap_or(&b',');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let most = usize::try_from(ROWS).unwrap_or_default();
    let mut out = String::new();
    for record in reader.records().take(most) {
        let record = record.map_err(|_broken| "file-is-broken")?;
        line(&mut out, record.iter());
    }
    Ok(out)
}

/// The first sheet of a workbook.
fn workbook(bytes: &[u8]) -> Result<String, &'static str> {
    let broken = "file-is-broken";
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_broken| broken)?;
    let mut left = UNPACKED;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|_broken| broken)?;
        let unpacked =
            std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(|_broken| broken)?;
        left = left.checked_sub(unpacked).ok_or(broken)?;
    }
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_broken| broken)?;
    let name = book.sheet_names().first().cloned().ok_or(broken)?;
    let mut reader = book.worksheet_cells_reader(&name).map_err(|_broken| broken)?;
    let mut rows: std::collections::BTreeMap<u32, Vec<String>> = std::collections::BTreeMap::new();
    while let Some(cell) = reader.next_cell().map_err(|_broken| broken)? {
        let (row, column) = cell.get_position();
        if column >= COLUMNS
            || (rows.len() >= usize::try_from(ROWS).unwrap_or_default() && !rows.contains_key(&row))
        {
            continue;
        }
        let cells = rows.entry(row).or_default();
        let at = usize::try_from(column).unwrap_or_default();
        if cells.len() <= at {
            cells.resize(at + 1, String::new());
        }
        if let Some(slot) = cells.get_mut(at) {
            *slot = said(cell.get_value());
        }
    }
    let mut out = String::new();
    for cells in rows.values() {
        line(&mut out, cells.iter().map(String::as_str));
    }
    Ok(out)
}

/// A cell as people read it: days in the form of the country, whole numbers without a point.
fn said(value: &DataRef<'_>) -> String {
    match value {
        DataRef::DateTime(at) => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            format!("{day:02}/{month:02}/{year}")
        }
        DataRef::DateTimeIso(at) => at.chars().take(10).collect(),
        DataRef::Int(n) => n.to_string(),
        DataRef::Float(n) => n.to_string(),
        DataRef::Bool(is) => is.to_string(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

/// Adds a row; what would end a cell or a line inside of one becomes a space.
fn line<'c>(out: &mut String, cells: impl Iterator<Item = &'c str>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.push('\t');
        }
        let cell = cell.replace(['\t', '\n', '\r'], " ");
        match cell.starts_with('"') {
            true => *out += &format!("\"{}\"", cell.replace('"', "\"\"")),
            false => *out += cell.trim(),
        }
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

    use super::*;

    #[test]
    fn csv_by_whichever_separator() {
        let quoted = "Tên đoàn,Đến\r\n\"Đoàn \"\"A\"\", Lyon\",05/02/2025\r\n";
        assert_eq!(cells(quoted.as_bytes()), Ok("Tên đoàn\tĐến\nĐoàn \"A\", Lyon\t05/02/2025\n".to_owned()));
        assert_eq!(cells("\u{feff}a;b\n1;2,5\n".as_bytes()), Ok("a\tb\n1\t2,5\n".to_owned()));
        let wide: Vec<u8> = "\u{feff}Đoàn\t5\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(cells(&wide), Ok("Đoàn\t5\n".to_owned()));
        assert_eq!(cells("a,\"b\nc\"".as_bytes()), Ok("a\tb c\n".to_owned()));
        assert_eq!(cells("\"\"\"x\"\"\",b".as_bytes()), Ok("\"\"\"x\"\"\"\tb\n".to_owned()));
        assert_eq!(cells(b""), Err("empty-file"));
        assert_eq!(cells(b" \n"), Err("empty-file"));
        assert_eq!(cells(&[0xC3, 0x28, b',']), Err("not-utf8"));
    }

    #[test]
    fn a_workbook_by_its_first_sheet() {
        let mut book = Workbook::new();
        let (sheet, date) = (book.add_worksheet(), Format::new().set_num_format("dd/mm/yyyy"));
        sheet.write_string(0, 0, "Tên đoàn").unwrap();
        sheet.write_string(0, 1, "Đến").unwrap();
        sheet.write_string(0, 2, "Số khách").unwrap();
        sheet.write_string(2, 0, "Đoàn\nHiroshima").unwrap();
        sheet.write_with_format(2, 1, ExcelDateTime::from_ymd(2025, 2, 5).unwrap(), &date).unwrap();
        sheet.write_number(2, 2, 20.0).unwrap();
        // A cell at the far end of the sheet takes no memory.
        sheet.write_string(1_048_575, 16_383, "x").unwrap();
        let bytes = book.save_to_buffer().unwrap();
        assert_eq!(cells(&bytes), Ok("Tên đoàn\tĐến\tSố khách\nĐoàn Hiroshima\t05/02/2025\t20\n".to_owned()));
        assert_eq!(cells(&bytes[..bytes.len() / 2]), Err("file-is-broken"));
    }

    #[test]
    fn what_unpacks_to_too_much_is_not_read() {
        use std::io::Write;
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let how =
            zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        archive.start_file("xl/sharedStrings.xml", how).unwrap();
        let block = vec![b' '; 1024 * 1024];
        for _ in 0..65 {
            archive.write_all(&block).unwrap();
        }
        let bytes = archive.finish().unwrap().into_inner();
        assert!(bytes.len() < LARGEST / 10);
        assert_eq!(cells(&bytes), Err("file-is-broken"));
    }
}
