//! Members pasted from a spreadsheet: rows of tab-separated cells, with or without a line of headings, in Vietnamese or
//! English. Says of each cell what it became; whether the member fits the delegation is another room's matter.

use serde_json::{Map, Value, json};

use super::codes::{Code, Lang};
use super::{countries, text};

/// Most rows of one paste.
pub const MOST: usize = 200;

/// A column: what it can hold, and the headings by which it is known, folded.
pub(super) type Column = (&'static str, &'static [&'static str]);

/// The columns of a list of members.
const COLUMNS: &[Column] = &[
    ("full_name", &["ho va ten", "ho ten", "ten", "name", "full name", "ho va ten khach"]),
    ("native_name", &["ten goc", "ten ban ngu", "native name"]),
    ("sex", &["gioi tinh", "gioi", "sex", "gender"]),
    ("birth_date", &["ngay sinh", "ngay thang nam sinh", "date of birth", "dob", "birth date"]),
    ("nationality", &["quoc tich", "nuoc", "nationality", "country"]),
    ("passport/number", &["so ho chieu", "ho chieu", "passport", "passport no", "passport number"]),
    ("passport/expires_on", &["ngay het han", "het han", "gia tri den", "expiry", "expires", "valid until"]),
    ("position", &["chuc vu", "chuc danh", "position", "title"]),
    ("organisation", &["co quan", "don vi", "to chuc", "organisation", "organization", "company"]),
    ("role", &["vai tro", "role"]),
    ("visa", &["thi thuc", "visa"]),
    ("", &["stt", "tt", "no", "#", "ghi chu", "note"]),
];

/// The order of columns where no heading says one.
const PLAIN: &[&str] = &[
    "full_name",
    "sex",
    "birth_date",
    "nationality",
    "passport/number",
    "passport/expires_on",
    "position",
    "organisation",
    "role",
];

/// Words that mean a code, folded.
const WORDS: &[(&str, &str, &[&str])] = &[
    ("sex", "male", &["nam", "ong", "m", "male", "mr"]),
    ("sex", "female", &["nu", "ba", "f", "female", "mrs", "ms"]),
    ("role", "head", &["truong doan", "head", "head of delegation", "leader"]),
    ("role", "member", &["thanh vien", "member"]),
    ("role", "interpreter", &["phien dich", "interpreter"]),
    ("role", "press", &["phong vien", "bao chi", "press", "reporter"]),
    ("role", "companion", &["nguoi di cung", "thu ky", "companion"]),
    (
        "visa",
        "not_needed",
        &["khong can", "khong can thi thuc", "mien", "mien thi thuc", "not needed", "exempt"],
    ),
    ("visa", "needed", &["can", "can thi thuc", "needed", "yes"]),
    ("visa", "held", &["da co", "da co thi thuc", "co", "held"]),
];

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The field that it fills, as a JSON pointer without its slash.
    pub field: &'static str,
    /// As it was pasted.
    pub typed: String,
    /// What it became; the same text where nothing had to be read.
    pub became: String,
    /// Why it cannot be read.
    pub fault: Option<&'static str>,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Line of the paste, from 1.
    pub line: usize,
    /// Its cells.
    pub cells: Vec<Cell>,
    /// The member that it makes, as the API takes it.
    pub member: Value,
}

impl Row {
    /// Whether a cell cannot be read.
    #[must_use]
    pub fn is_faulty(&self) -> bool {
        self.cells.iter().any(|cell| cell.fault.is_some())
    }
}

/// Reads a paste. `has_head` tells whether the delegation has a head already: else the first row is it, unless a row says
/// who is.
#[must_use]
pub fn read(pasted: &str, has_head: bool) -> Vec<Row> {
    let lines = pasted.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let mut lines = lines.map(|(at, line)| (at + 1, split(line))).take(MOST + 1).peekable();
    let headings = lines.peek().and_then(|(_, cells)| headings(cells, COLUMNS));
    let columns: Vec<&'static str> = match headings {
        Some(columns) => {
            lines.next();
            columns
        }
        None => PLAIN.to_vec(),
    };
    let mut rows: Vec<Row> = lines.map(|(line, cells)| row(line, &columns, &cells)).collect();
    let says_head = rows.iter().any(|row| row.member.get("role") == Some(&json!("head")));
    for (at, row) in rows.iter_mut().enumerate() {
        let role = if at == 0 && !has_head && !says_head { "head" } else { "member" };
        if let Value::Object(fields) = &mut row.member {
            fields.entry("role").or_insert_with(|| json!(role));
        }
    }
    rows
}

/// Cells between tabs; a spreadsheet puts a cell with a tab or quotation mark between quotation marks.
pub(super) fn split(line: &str) -> Vec<String> {
    let plain = |cell: &str| {
        let inner = cell.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        inner.map_or_else(|| cell.trim().to_owned(), |inner| inner.replace("\"\"", "\"").trim().to_owned())
    };
    line.split('\t').map(plain).collect()
}

/// The columns that a line of headings names: at least two of them must be known.
pub(super) fn headings(cells: &[String], columns: &[Column]) -> Option<Vec<&'static str>> {
    let known = |cell: &String| {
        let folded = text::folded(cell);
        let folded = folded.trim_end_matches(['.', ':', '*']).trim();
        columns.iter().find(|(_, names)| names.contains(&folded)).map(|(field, _)| *field)
    };
    let found: Vec<Option<&'static str>> = cells.iter().map(known).collect();
    let named = found.iter().flatten().filter(|field| !field.is_empty()).count();
    (named >= 2).then(|| found.into_iter().map(Option::unwrap_or_default).collect())
}

fn row(line: usize, columns: &[&'static str], typed: &[String]) -> Row {
    let mut cells = Vec::new();
    let mut member = Map::new();
    for (field, typed) in columns.iter().zip(typed) {
        if field.is_empty() || typed.is_empty() {
            continue;
        }
        let read = value(field, typed);
        if let Ok(value) = &read {
            match field.split_once('/') {
                Some((outer, inner)) => {
                    let part = member.entry(outer).or_insert_with(|| json!({}));
                    if let Value::Object(part) = part {
                        part.insert(inner.to_owned(), json!(value));
                    }
                }
                None => drop(member.insert((*field).to_owned(), json!(value))),
            }
        }
        let became = read.clone().unwrap_or_default();
        cells.push(Cell { field, typed: typed.clone(), became, fault: read.err() });
    }
    // An expiry without a number says nothing.
    if member.get("passport").is_some_and(|passport| passport.get("number").is_none()) {
        member.remove("passport");
    }
    if !member.contains_key("full_name") {
        cells.push(Cell {
            field: "full_name",
            typed: String::new(),
            became: String::new(),
            fault: Some("required"),
        });
    }
    Row { line, cells, member: Value::Object(member) }
}

fn value(field: &str, typed: &str) -> Result<String, &'static str> {
    match field {
        "birth_date" | "passport/expires_on" => {
            text::day(typed).map(|day| day.to_string()).ok_or("not-a-date")
        }
        "nationality" => country(typed).ok_or("bad-country"),
        "sex" | "role" | "visa" => {
            let folded = text::folded(typed);
            let is = |(of, code, words): &&(&str, &str, &[&str])| {
                *of == field && (*code == folded || words.contains(&folded.as_str()))
            };
            WORDS.iter().find(is).map(|(_, code, _)| (*code).to_owned()).ok_or("unknown-code")
        }
        _ => Ok(typed.to_owned()),
    }
}

/// A country by its code, or by its name in either language.
pub(super) fn country(typed: &str) -> Option<String> {
    let code = typed.to_ascii_uppercase();
    if countries::is_known(&code) {
        return Some(code);
    }
    let folded = text::folded(typed);
    let named = |(_, name): &(String, String)| text::folded(name) == folded;
    Lang::ALL.iter().find_map(|lang| countries::list(*lang).into_iter().find(named)).map(|(code, _)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_with_headings_is_read_by_them() {
        let rows = read(
            "STT\tHọ và tên\tChức vụ\tQuốc tịch\tNgày sinh\tGiới tính\tSố hộ chiếu\n\
             1\tTANAKA Hiroshi\tChủ tịch\tNhật Bản\t5/2/1961\tNam\tTR1234567\n\n\
             2\tSATO Yuki\t\"Phó, \"\"phụ trách\"\"\"\tjp\t31/02/1980\tBà\t\n",
            false,
        );
        assert_eq!(rows.len(), 2);
        assert_eq!(
            rows[0].member,
            json!({
                "full_name": "TANAKA Hiroshi", "position": "Chủ tịch", "nationality": "JP",
                "birth_date": "1961-02-05", "sex": "male", "passport": {"number": "TR1234567"}, "role": "head",
            })
        );
        assert_eq!((rows[1].line, rows[1].is_faulty()), (4, true));
        let faults: Vec<_> =
            rows[1].cells.iter().filter_map(|cell| cell.fault.map(|f| (cell.field, f))).collect();
        assert_eq!(faults, [("birth_date", "not-a-date")]);
        assert_eq!(rows[1].member["position"], "Phó, \"phụ trách\"");
        assert_eq!(rows[1].member["role"], "member");
    }

    #[test]
    fn a_list_without_headings_is_read_in_the_usual_order() {
        let rows = read("DURAND Marie\tNữ\t01/05/1970\tPháp\tFR000001\t01/01/2031\tChủ tịch", true);
        assert_eq!(
            rows[0].member,
            json!({
                "full_name": "DURAND Marie", "sex": "female", "birth_date": "1970-05-01", "nationality": "FR",
                "passport": {"number": "FR000001", "expires_on": "2031-01-01"}, "position": "Chủ tịch",
                "role": "member",
            })
        );
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let rows = read("Tên\tQuốc tịch\tVai trò\n\tAtlantis\tBoss\n", true);
        let faults: Vec<_> =
            rows[0].cells.iter().filter_map(|cell| cell.fault.map(|f| (cell.field, f))).collect();
        assert_eq!(
            faults,
            [("nationality", "bad-country"), ("role", "unknown-code"), ("full_name", "required")]
        );
        assert!(read(" \n\t\n", true).iter().all(Row::is_faulty));
    }

    #[test]
    fn a_century_is_never_guessed() {
        let rows = read("Tên\tNgày sinh\nSATO Yuki\t5/2/61\n", true);
        assert_eq!(rows[0].cells[1].fault, Some("not-a-date"));
    }

    #[test]
    fn a_paste_has_an_end() {
        assert_eq!(read(&"A\n".repeat(10_000), true).len(), MOST + 1);
    }

    #[test]
    fn every_code_of_the_words_is_one() {
        use crate::domain::codes::{MemberRole, Sex, Visa};
        for (field, code, _) in WORDS {
            let known = match *field {
                "sex" => Sex::parse(code).is_some(),
                "role" => MemberRole::parse(code).is_some(),
                _ => Visa::parse(code).is_some(),
            };
            assert!(known, "{field} {code}");
        }
    }
}
