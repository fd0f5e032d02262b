//! Members pasted from a spreadsheet: rows of tab-separated cells, with or without a line of headings, in Vietnamese or
//! English. Says of each cell what it became; whether the member fits the delegation is another room's matter.

use serde_json::{Map, Value, json};

use super::refusal::Why;
use super::{countries, text};

/// Most rows of one paste.
pub const MOST: usize = 200;
/// Lines among which the headings are looked for: a title and a letter's number may stand above them.
const ABOVE: usize = 10;
/// How a line begins that sums the list up, folded.
const SUMS: &[&str] = &["tong cong", "tong so", "cong:", "total"];

/// A column: what it can hold, and the headings by which it is known, folded.
pub(super) type Column = (&'static str, &'static [&'static str]);

/// The columns of a list of members.
const COLUMNS: &[Column] = &[
    (
        "full_name",
        &[
            "ho va ten",
            "ho ten",
            "ten",
            "name",
            "full name",
            "ho va ten khach",
            "ho ten khach",
            "ten khach",
            "passenger name",
        ],
    ),
    ("native_name", &["ten goc", "ten ban ngu", "native name"]),
    ("sex", &["gioi tinh", "gioi", "sex", "gender"]),
    ("birth_date", &["ngay sinh", "ngay thang nam sinh", "nam sinh", "date of birth", "dob", "birth date"]),
    ("nationality", &["quoc tich", "nuoc", "nationality", "country"]),
    ("passport/number", &["so ho chieu", "ho chieu", "so hc", "passport", "passport no", "passport number"]),
    (
        "passport/expires_on",
        &[
            "ngay het han",
            "het han",
            "ngay het han ho chieu",
            "han ho chieu",
            "gia tri den",
            "expiry",
            "expiry date",
            "date of expiry",
            "expires",
            "valid until",
        ],
    ),
    ("position", &["chuc vu", "chuc danh", "position", "title"]),
    (
        "organisation",
        &[
            "co quan",
            "don vi",
            "noi cong tac",
            "don vi cong tac",
            "to chuc",
            "organisation",
            "organization",
            "company",
        ],
    ),
    ("role", &["vai tro", "role"]),
    ("visa", &["thi thuc", "visa"]),
    ("passport/type", &["loai ho chieu", "loai hc", "kind of passport", "passport type", "type of passport"]),
    ("managed_by", &["cap quan ly", "cap quan ly can bo", "dien quan ly", "managed by"]),
    ("leadership", &["chuc danh lanh dao", "lanh dao", "leading post"]),
    ("party_member", &["dang vien", "la dang vien", "party member", "member of the party"]),
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
    ("sex", "unspecified", &["x", "khong ghi", "unspecified"]),
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
    ("passport/type", "ordinary", &["pho thong", "hcpt", "pt", "ordinary"]),
    ("passport/type", "official", &["cong vu", "hccv", "cv", "official", "service"]),
    ("passport/type", "diplomatic", &["ngoai giao", "hcng", "ng", "diplomatic"]),
    (
        "managed_by",
        "thanh_uy",
        &["thanh uy", "thanh uy quan ly", "ban thuong vu thanh uy", "city party committee"],
    ),
    (
        "managed_by",
        "pc",
        &["ubnd thanh pho", "ubnd thanh pho quan ly", "ubnd tp", "ubnd", "people's committee"],
    ),
    ("managed_by", "unit", &["don vi", "don vi quan ly", "co quan", "co quan quan ly", "unit", "the unit"]),
    ("leadership", "head", &["cap truong", "truong", "head"]),
    ("leadership", "deputy", &["cap pho", "pho", "deputy"]),
    ("leadership", "neither", &["khong", "khong giu chuc lanh dao", "neither", "no", "none"]),
    ("party_member", "true", &["x", "co", "phai", "dang vien", "yes"]),
    ("party_member", "false", &["khong", "chua", "no"]),
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
    pub fault: Option<Why>,
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

/// A paste as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pasted {
    /// Its rows: a member each.
    pub rows: Vec<Row>,
    /// Headings of columns that are not read, where something stands below them; a number where they have none.
    pub ignored: Vec<String>,
    /// Lines that are no rows: above the headings, and those that sum up.
    pub skipped: Vec<String>,
}

/// Reads a paste. `has_head` tells whether the delegation has a head already: else the first row is it, unless a row says
/// who is.
#[must_use]
pub fn read(pasted: &str, has_head: bool) -> Pasted {
    let mut lines = table(pasted, MOST + ABOVE + 1);
    let mut read = Pasted::default();
    let above = lines.iter().take(ABOVE).position(|(_, cells)| headings(cells, COLUMNS).is_some());
    let (columns, unknown) = match above {
        Some(at) => {
            read.skipped.extend(lines.drain(..at).map(|(_, cells)| said(&cells)));
            let (_, typed) = lines.remove(0);
            (headings(&typed, COLUMNS).unwrap_or_default(), unknown(&typed))
        }
        None => (PLAIN.to_vec(), Vec::new()),
    };
    lines.retain(|(_, cells)| {
        let sums = cells.iter().find(|cell| !cell.is_empty()).is_some_and(|first| {
            let first = text::folded(first);
            SUMS.iter().any(|sum| first.starts_with(sum))
        });
        read.skipped.extend(sums.then(|| said(cells)));
        !sums
    });
    lines.truncate(MOST + 1);
    let is_filled =
        |at: usize| lines.iter().any(|(_, cells)| cells.get(at).is_some_and(|cell| !cell.is_empty()));
    let widest = lines.iter().map(|(_, cells)| cells.len()).max().unwrap_or_default();
    let beyond = (columns.len()..widest).map(|at| (at, (at + 1).to_string()));
    read.ignored =
        unknown.into_iter().chain(beyond).filter(|(at, _)| is_filled(*at)).map(|(_, name)| name).collect();
    read.rows = lines.into_iter().map(|(line, cells)| row(line, &columns, &cells)).collect();
    say_roles(&mut read.rows, has_head);
    read
}

/// Gives a role to whoever has none, and says which.
fn say_roles(rows: &mut [Row], has_head: bool) {
    let says_head = rows.iter().any(|row| row.member.get("role") == Some(&json!("head")));
    for (at, row) in rows.iter_mut().enumerate() {
        let role = if at == 0 && !has_head && !says_head { "head" } else { "member" };
        let said = row.cells.iter().any(|cell| cell.field == "role");
        if let Value::Object(fields) = &mut row.member
            && !said
        {
            fields.insert("role".to_owned(), json!(role));
            let became = role.to_owned();
            row.cells.push(Cell { field: "role", typed: String::new(), became, fault: None });
        }
    }
}

fn said(cells: &[String]) -> String {
    cells.iter().filter(|cell| !cell.is_empty()).cloned().collect::<Vec<_>>().join(" ")
}

/// The rows of a table as a spreadsheet puts it on the clipboard (RFC 4180 with tabs): the line where each begins, from
/// 1, and its cells on one line each. Empty rows are left out.
pub(super) fn table(pasted: &str, most: usize) -> Vec<(usize, Vec<String>)> {
    let mut reader = csv::ReaderBuilder::new();
    reader.delimiter(b'\t').has_headers(false).flexible(true);
    let mut rows = Vec::new();
    for record in reader.from_reader(pasted.as_bytes()).records().flatten() {
        let cells: Vec<String> =
            record.iter().map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let begins = record.position().map(|position| usize::try_from(position.byte()).unwrap_or_default());
        if rows.len() < most && cells.iter().any(|cell| !cell.is_empty()) {
            rows.push((line_at(pasted, begins.unwrap_or_default()), cells));
        }
    }
    rows
}

/// The line on which something begins at or after a byte: empty lines before it are not its own.
fn line_at(text: &str, byte: usize) -> usize {
    let (before, rest) = text.split_at_checked(byte).unwrap_or((text, ""));
    let blank = rest.len() - rest.trim_start_matches(['\n', '\r']).len();
    let empty = rest.get(..blank).unwrap_or_default();
    before.matches('\n').count() + empty.matches('\n').count() + 1
}

/// The field that a heading names; an empty one is known, and not read. A heading may say it in two languages, and more in
/// brackets.
fn field(heading: &str, columns: &[Column]) -> Option<&'static str> {
    let folded = text::folded(heading);
    let plain = folded.split('(').next().unwrap_or_default();
    std::iter::once(plain).chain(plain.split(['/', '|'])).find_map(|name| {
        let name = name.trim_matches(|c: char| c.is_whitespace() || ".:*-".contains(c));
        columns.iter().find(|(_, names)| names.contains(&name)).map(|(field, _)| *field)
    })
}

/// Headings that name no column, with their places.
fn unknown(typed: &[String]) -> Vec<(usize, String)> {
    let named = |(at, heading): (usize, &String)| match field(heading, COLUMNS) {
        Some(_) => None,
        None if heading.is_empty() => Some((at, (at + 1).to_string())),
        None => Some((at, heading.clone())),
    };
    typed.iter().enumerate().filter_map(named).collect()
}

/// The columns that a line of headings names: at least two of them must be known.
pub(super) fn headings(cells: &[String], columns: &[Column]) -> Option<Vec<&'static str>> {
    let found: Vec<Option<&'static str>> = cells.iter().map(|cell| field(cell, columns)).collect();
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
                None if *field == "party_member" => {
                    drop(member.insert((*field).to_owned(), json!(value == "true")));
                }
                None => drop(member.insert((*field).to_owned(), json!(value))),
            }
        }
        let became = read.clone().unwrap_or_default();
        cells.push(Cell { field, typed: typed.clone(), became, fault: read.err().map(Why::from) });
    }
    // An expiry or a kind without a number says nothing.
    if member.get("passport").is_some_and(|passport| passport.get("number").is_none()) {
        member.remove("passport");
    }
    if cells.iter().all(|cell: &Cell| cell.field != "full_name") {
        cells.push(Cell {
            field: "full_name",
            typed: String::new(),
            became: String::new(),
            fault: Some("required".into()),
        });
    }
    Row { line, cells, member: Value::Object(member) }
}

fn value(field: &str, typed: &str) -> Result<String, &'static str> {
    match field {
        // A spreadsheet may put midnight behind a day.
        "birth_date" | "passport/expires_on" => {
            let day = typed.split_once(" 00:00").map_or(typed, |(day, _)| day);
            text::day(day).map(|day| day.to_string()).ok_or("not-a-date")
        }
        // A line of a letter, and no cell of a list.
        "full_name" if typed.starts_with(|c: char| c.is_ascii_digit()) || typed.contains(['(', '[']) => {
            Err("not-a-name")
        }
        "nationality" => country(typed).ok_or("bad-country"),
        "sex" | "role" | "visa" | "passport/type" | "managed_by" | "leadership" | "party_member" => {
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
    countries::named(typed).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_with_headings_is_read_by_them() {
        let Pasted { rows, .. } = read(
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
            rows[1].cells.iter().filter_map(|cell| cell.fault.map(|why| (cell.field, why.code))).collect();
        assert_eq!(faults, [("birth_date", "not-a-date")]);
        assert_eq!(rows[1].member["position"], "Phó, \"phụ trách\"");
        assert_eq!(rows[1].member["role"], "member");
    }

    #[test]
    fn a_list_of_those_who_are_sent_says_what_the_rules_ask_about_them() {
        let Pasted { rows, ignored, .. } = read(
            "Họ tên\tSố hộ chiếu\tLoại hộ chiếu\tCấp quản lý\tChức danh lãnh đạo\tĐảng viên\n\
             Trần Văn A\tC1234567\tCông vụ\tThành ủy quản lý\tCấp trưởng\tx\n\
             Lê Thị B\tB7654321\tPhổ thông\tĐơn vị\tKhông\tChưa\n\
             Phan C\t\t\tBộ\t\tcó lẽ\n",
            false,
        );
        assert!(ignored.is_empty(), "{ignored:?}");
        assert_eq!(
            rows[0].member,
            json!({
                "full_name": "Trần Văn A", "passport": {"number": "C1234567", "type": "official"},
                "managed_by": "thanh_uy", "leadership": "head", "party_member": true, "role": "head",
            })
        );
        assert_eq!(rows[1].member["party_member"], false);
        assert_eq!(
            (&rows[1].member["managed_by"], &rows[1].member["leadership"]),
            (&json!("unit"), &json!("neither"))
        );
        let faults: Vec<_> =
            rows[2].cells.iter().filter_map(|cell| cell.fault.map(|why| (cell.field, why.code))).collect();
        assert_eq!(faults, [("managed_by", "unknown-code"), ("party_member", "unknown-code")]);
    }

    #[test]
    fn a_list_without_headings_is_read_in_the_usual_order() {
        let Pasted { rows, .. } =
            read("DURAND Marie\tNữ\t01/05/1970\tPháp\tFR000001\t01/01/2031\tChủ tịch", true);
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
        let Pasted { rows, .. } = read("Tên\tQuốc tịch\tVai trò\n\tAtlantis\tBoss\n", true);
        let faults: Vec<_> =
            rows[0].cells.iter().filter_map(|cell| cell.fault.map(|why| (cell.field, why.code))).collect();
        assert_eq!(
            faults,
            [("nationality", "bad-country"), ("role", "unknown-code"), ("full_name", "required")]
        );
        assert!(read(" \n\t\n", true).rows.is_empty());
    }

    #[test]
    fn what_is_not_read_is_said() {
        let read = read(
            "DANH SÁCH ĐOÀN KHÁCH NHẬT BẢN\n(kèm theo công văn số 15/LHHN)\n\n\
             Stt\tHọ và tên / Full name\tNGÀY SINH (dd/mm/yyyy)\tQuốc tịch\tSở thích\tEmail\n\
             1\tTANAKA Hiroshi\t5/2/1961 00:00\tNhật\tTrà\t\t\tx\nTổng cộng: 1 khách\n",
            false,
        );
        assert_eq!(read.ignored, ["Sở thích", "8"]);
        assert_eq!(
            read.skipped,
            ["DANH SÁCH ĐOÀN KHÁCH NHẬT BẢN", "(kèm theo công văn số 15/LHHN)", "Tổng cộng: 1 khách"]
        );
        let member = &read.rows[0].member;
        assert_eq!((read.rows.len(), read.rows[0].line, &member["nationality"]), (1, 5, &json!("JP")));
        assert_eq!(member["birth_date"], "1961-02-05");
        let role = read.rows[0].cells.last().unwrap();
        assert_eq!((role.field, role.became.as_str()), ("role", "head"), "what is decided is shown");
    }

    #[test]
    fn a_cell_may_have_several_lines() {
        let Pasted { rows, .. } = read(
            "\"Họ và\ntên\"\tChức vụ\tQuốc tịch\nTANAKA Hiroshi\t\"Chủ tịch,\nTrưởng ban\"\tJP\nSATO Yuki\tỦy viên\tJPN\n",
            false,
        );
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].line, rows[1].line), (3, 5));
        assert_eq!(rows[0].member["position"], "Chủ tịch, Trưởng ban");
        assert_eq!(rows[1].member["nationality"], "JP");
    }

    #[test]
    fn a_text_is_no_list_of_names() {
        let Pasted { rows, .. } = read("1. TANAKA Hiroshi, Hiệu trưởng\nSATO Yuki (phiên dịch)", true);
        let faults: Vec<_> = rows
            .iter()
            .flat_map(|row| &row.cells)
            .filter_map(|cell| cell.fault)
            .map(|why| why.code)
            .collect();
        assert_eq!(faults, ["not-a-name", "not-a-name"]);
    }

    #[test]
    fn countries_have_the_names_that_people_write() {
        for (typed, code) in [
            ("Mỹ", "US"),
            ("Nhật", "JP"),
            ("Đài Loan", "TW"),
            ("Anh", "GB"),
            ("Úc", "AU"),
            ("Hàn Quốc", "KR"),
            ("KOR", "KR"),
            ("USA", "US"),
            ("nga", "RU"),
            ("Hồng Kông", "HK"),
            ("Vương quốc Anh", "GB"),
        ] {
            assert_eq!(country(typed).as_deref(), Some(code), "{typed}");
        }
        assert_eq!(country("Atlantis"), None);
    }

    #[test]
    fn a_century_is_never_guessed() {
        let Pasted { rows, .. } = read("Tên\tNgày sinh\nSATO Yuki\t5/2/61\n", true);
        assert_eq!(rows[0].cells[1].fault, Some("not-a-date".into()));
    }

    #[test]
    fn a_paste_has_an_end() {
        assert_eq!(read(&"A\n".repeat(10_000), true).rows.len(), MOST + 1);
    }

    #[test]
    fn every_code_of_the_words_is_one() {
        use crate::domain::codes::{Code as _, Leadership, ManagedBy, MemberRole, PassportType, Sex, Visa};
        for (field, code, _) in WORDS {
            let known = match *field {
                "sex" => Sex::parse(code).is_some(),
                "role" => MemberRole::parse(code).is_some(),
                "passport/type" => PassportType::parse(code).is_some(),
                "managed_by" => ManagedBy::parse(code).is_some(),
                "leadership" => Leadership::parse(code).is_some(),
                "party_member" => code.parse::<bool>().is_ok(),
                _ => Visa::parse(code).is_some(),
            };
            assert!(known, "{field} {code}");
        }
    }
}
