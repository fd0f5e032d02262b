//! An old ledger: one row a delegation that came or went, with numbers of people and no names. Says of each cell what it
//! became and makes the content of a dossier out of it; it must not know what is stored already, nor today's date unless
//! it is told.

mod cells;

use chrono::NaiveDate;
use serde_json::{Value, json};

use self::cells::{coded, countries, direction, people};
use super::codes::{Channel, Code, Direction, Field, Origin, Rank};
use super::ids::OrganisationId;
use super::pasted::{Cell, Column, headings, table};
use super::refusal::Why;
use super::text;

/// Most rows of one ledger that are loaded at once.
pub const MOST: usize = 500;
/// The country whose people travel along and are no guests.
const HOME: &str = "VN";

const COLUMNS: &[Column] = &[
    ("direction", &["chieu", "chieu di", "loai doan", "direction"]),
    ("title", &["ten doan", "doan", "ten", "delegation", "title", "name"]),
    (
        "countries",
        &[
            "quoc gia",
            "quoc gia/vlt",
            "quoc gia/vung lanh tho",
            "quoc gia, vung lanh tho",
            "nuoc",
            "nuoc den",
            "quoc tich",
            "country",
            "countries",
            "country/territory",
            "nationality",
        ],
    ),
    ("from", &["den", "ngay den", "tu ngay", "thuc te tu", "arrives", "arrival", "from", "came on"]),
    (
        "to",
        &[
            "ve",
            "ngay ve",
            "den ngay",
            "roi",
            "ngay roi",
            "thuc te den",
            "departs",
            "departure",
            "to",
            "left on",
        ],
    ),
    // The day of leaving: the last one of who came, the first one of who went.
    ("going", &["di", "ngay di", "leaves"]),
    (
        "came",
        &[
            "khach thuc te",
            "so khach",
            "so luot khach",
            "luot khach",
            "so nguoi",
            "thuc te",
            "guests",
            "visitors",
            "visits",
            "people",
        ],
    ),
    ("planned", &["khach theo phep", "so khach theo phep", "theo phep", "permitted", "planned"]),
    ("companions", &["nguoi vn di cung", "nguoi viet nam di cung", "companions"]),
    (
        "lead_host_id",
        &["don vi don", "don vi don (phoi hop)", "don vi chu tri", "co quan chu tri", "lead host", "host"],
    ),
    ("rank", &["hang", "hang khach", "rank"]),
    ("primary_field", &["linh vuc", "field"]),
    ("channel", &["kenh", "kenh doi ngoai", "channel"]),
    ("purpose", &["muc dich", "noi dung", "purpose"]),
    ("request_letter/number", &["van ban xin phep", "request letter"]),
    ("decision_ref", &["quyet dinh", "decision"]),
    ("code", &["ma", "ma cu", "so ho so", "code"]),
    ("permit", &["van ban cho phep", "giay phep", "permit"]),
    ("note", &["ghi chu", "note", "notes"]),
];

/// The order of columns where no heading says one.
const PLAIN: &[&str] =
    &["title", "countries", "from", "to", "came", "lead_host_id", "primary_field", "rank", "purpose", "note"];

/// What a ledger is read with.
pub struct Ground<'g> {
    /// Finds a body by its code or its name in either language, folded.
    pub body: &'g dyn Fn(&str) -> Option<OrganisationId>,
    /// Whose ledger it is: the host where a row names none.
    pub own: OrganisationId,
    /// The last day of which something can have happened.
    pub today: NaiveDate,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Line of the ledger, from 1.
    pub line: usize,
    /// Its cells.
    pub cells: Vec<Cell>,
    /// What makes it the same delegation as another: direction, title without marks, first day.
    pub key: Option<Key>,
    /// The content of its dossier; `null` while a cell cannot be read.
    pub content: Value,
    /// First and last day, as they were.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Such a delegation is here already.
    pub known: bool,
}

/// What makes two rows one delegation.
pub type Key = (Direction, String, NaiveDate);

impl Row {
    /// Whether a cell cannot be read.
    #[must_use]
    pub fn is_faulty(&self) -> bool {
        self.cells.iter().any(|cell| cell.fault.is_some())
    }

    /// Says against a field what is wrong with it.
    pub fn refuse(&mut self, field: &'static str, fault: impl Into<Why>) {
        let fault = fault.into();
        match self.cells.iter_mut().find(|cell| cell.field == field) {
            Some(cell) => cell.fault = Some(fault),
            None => self.cells.push(missing(field, fault)),
        }
    }
}

fn missing(field: &'static str, fault: Why) -> Cell {
    Cell { field, typed: String::new(), became: String::new(), fault: Some(fault) }
}

/// A ledger that was read.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Its rows.
    pub rows: Vec<Row>,
    /// Headings of columns that are not taken over: names of people, running numbers.
    pub ignored: Vec<String>,
}

/// Reads tab-separated rows, with or without a line of headings.
#[must_use]
pub fn read(pasted: &str, ground: &Ground<'_>) -> Ledger {
    let mut lines = table(pasted, MOST + 2).into_iter().peekable();
    let mut ignored = Vec::new();
    let named = lines.peek().and_then(|(_, cells)| headings(cells, COLUMNS));
    let columns: Vec<&'static str> = match named {
        Some(columns) => {
            if let Some((_, typed)) = lines.next() {
                let unknown = typed.into_iter().zip(&columns).filter(|(_, field)| field.is_empty());
                ignored = unknown.map(|(typed, _)| typed).filter(|typed| !typed.is_empty()).collect();
            }
            settled(columns)
        }
        None => PLAIN.to_vec(),
    };
    let mut rows: Vec<Row> = lines.map(|(line, cells)| row(line, &columns, &cells, ground)).collect();
    let mut seen: Vec<Key> = Vec::new();
    for row in &mut rows {
        if let Some(key) = row.key.clone() {
            if seen.contains(&key) {
                row.refuse("title", "listed-twice");
            }
            seen.push(key);
        }
    }
    Ledger { rows, ignored }
}

/// Whether leaving is the first day or the last: the last, where there is a column of the first.
fn settled(columns: Vec<&'static str>) -> Vec<&'static str> {
    let has_first = columns.contains(&"from");
    let going = if has_first { "to" } else { "from" };
    columns.into_iter().map(|field| if field == "going" { going } else { field }).collect()
}

/// What a row says, while it is put together.
#[derive(Default)]
struct Said {
    direction: Option<Direction>,
    title: String,
    countries: Vec<(String, Option<u32>)>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    came: Option<(u32, bool)>,
    planned: Option<u32>,
    companions: Option<u32>,
    host: Option<OrganisationId>,
    rank: Option<Rank>,
    field: Option<Field>,
    channel: Option<Channel>,
    purpose: String,
    letter: String,
    decision: String,
    beside: Vec<String>,
}

fn row(line: usize, columns: &[&'static str], typed: &[String], ground: &Ground<'_>) -> Row {
    let (mut said, mut cells) = (Said::default(), Vec::new());
    for (&field, typed) in columns.iter().zip(typed) {
        if field.is_empty() || typed.is_empty() {
            continue;
        }
        let read = said.take(field, typed, ground);
        let became = read.clone().unwrap_or_default();
        cells.push(Cell { field, typed: typed.clone(), became, fault: read.err() });
    }
    let mut row = Row { line, cells, key: None, content: Value::Null, days: None, known: false };
    for (field, fault) in said.faults(ground.today) {
        // What could not be read is said already.
        if !row.cells.iter().any(|cell| cell.field == field && cell.fault.is_some()) {
            row.refuse(field, fault);
        }
    }
    if let Some(from) = said.from {
        row.days = Some((from, said.to.unwrap_or(from)));
        row.key = Some((said.way(), text::folded(&said.title), from)).filter(|_| !said.title.is_empty());
    }
    if !row.is_faulty() {
        row.content = said.content(line, ground.own);
    }
    row
}

impl Said {
    fn way(&self) -> Direction {
        self.direction.unwrap_or(Direction::Inbound)
    }

    /// Takes a cell in; says what it became.
    fn take(&mut self, field: &str, typed: &str, ground: &Ground<'_>) -> Result<String, Why> {
        let as_text = text::block(typed);
        match field {
            "direction" => {
                let way = direction(typed).ok_or("unknown-code")?;
                self.direction = Some(way);
                Ok(way.code().to_owned())
            }
            "title" => {
                self.title = text::line(typed)?;
                Ok(self.title.clone())
            }
            "countries" => {
                self.countries = countries(typed)?;
                Ok(self
                    .countries
                    .iter()
                    .map(|(code, n)| match n {
                        Some(n) => format!("{code}:{n}"),
                        None => code.clone(),
                    })
                    .collect::<Vec<_>>()
                    .join(","))
            }
            "from" | "to" => {
                let day =
                    text::day(typed).filter(|day| !super::delegation::is_far(*day)).ok_or("not-a-date")?;
                let to = if field == "from" { &mut self.from } else { &mut self.to };
                *to = Some(day);
                Ok(day.to_string())
            }
            "came" => {
                let (n, estimate) = people(typed)?;
                self.came = Some((n, estimate));
                Ok(n.to_string())
            }
            "planned" | "companions" => {
                let (n, _) = people(typed)?;
                let to = if field == "planned" { &mut self.planned } else { &mut self.companions };
                *to = Some(n);
                Ok(n.to_string())
            }
            "lead_host_id" => {
                let body = (ground.body)(&text::folded(typed)).ok_or("unknown-organisation")?;
                self.host = Some(body);
                Ok(body.to_string())
            }
            "rank" => Ok(coded(typed, &mut self.rank)?),
            "primary_field" => Ok(coded(typed, &mut self.field)?),
            "channel" => Ok(coded(typed, &mut self.channel)?),
            "purpose" => {
                self.purpose = as_text?;
                Ok(self.purpose.clone())
            }
            "request_letter/number" => {
                self.letter = text::line(typed)?;
                Ok(self.letter.clone())
            }
            "decision_ref" => {
                self.decision = text::line(typed)?;
                Ok(self.decision.clone())
            }
            _ => {
                let said = as_text?;
                self.beside.push(said.clone());
                Ok(said)
            }
        }
    }

    /// What is missing or does not fit together.
    fn faults(&self, today: NaiveDate) -> Vec<(&'static str, &'static str)> {
        let mut faults = Vec::new();
        let absent = [
            ("title", self.title.is_empty()),
            ("countries", self.countries.is_empty()),
            ("from", self.from.is_none()),
            ("came", self.came.is_none() && self.counted().is_none()),
        ];
        faults.extend(absent.iter().filter(|(_, absent)| *absent).map(|(field, _)| (*field, "required")));
        if self.to.is_some_and(|to| self.from.is_some_and(|from| to < from)) {
            faults.push(("to", "before-arrival"));
        }
        for (field, day) in [("from", self.from), ("to", self.to)] {
            if day.is_some_and(|day| day > today) {
                faults.push((field, "in-the-future"));
            }
        }
        if self.came.is_some_and(|(n, _)| n == 0) {
            faults.push(("came", "out-of-range"));
        }
        let is_partly_counted = self.countries.iter().any(|(_, n)| n.is_some()) && self.counted().is_none();
        let differs = self.counted().zip(self.came).is_some_and(|(sum, (came, _))| sum != came);
        if is_partly_counted || differs {
            faults.push(("countries", "sums-differ"));
        }
        faults
    }

    /// How many came by countries, where every country has its number.
    fn counted(&self) -> Option<u32> {
        let numbers: Option<Vec<u32>> = self.countries.iter().map(|(_, n)| *n).collect();
        numbers.filter(|all| !all.is_empty()).map(|all| all.into_iter().sum())
    }

    fn content(&self, line: usize, own: OrganisationId) -> Value {
        let (way, codes) = (self.way(), self.countries.iter().map(|(code, _)| code).collect::<Vec<_>>());
        let (from, to) = (self.from, self.to.or(self.from));
        let mut beside = vec![format!("{line}")];
        beside.extend(self.beside.iter().cloned());
        let mut content = json!({
            "direction": way.code(), "title": self.title, "purpose": self.purpose,
            "primary_field": self.field, "rank": self.rank, "channel": self.channel,
            "lead_host_id": self.host.unwrap_or(own), "groups": self.groups(),
            "request_letter": {"number": self.letter}, "decision_ref": self.decision,
            "origin": Origin::Ledger.code(), "origin_reason": beside.join("; "),
        });
        let Some(fields) = content.as_object_mut() else { return Value::Null };
        let mut put = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
        match way {
            Direction::Inbound => {
                put("countries", json!(codes));
                put("arrives_on", json!(from));
                put("departs_on", json!(to));
            }
            Direction::Outbound => {
                let stay = |code: &&String| json!({"country": code, "from": from, "to": to});
                put("stays", codes.iter().map(stay).collect());
                put("leaves_vn_on", json!(from));
                put("enters_vn_on", json!(to));
            }
        }
        content
    }

    /// Who came, as numbers: by country where that is known, the rest of unknown nationality; Vietnamese companions as a
    /// group of their own, which counts no visit.
    fn groups(&self) -> Vec<Value> {
        let group = |country: Option<&str>, planned: u32, came: u32, estimate: bool| json!({"country": country, "planned": planned, "came": came, "estimate": estimate});
        let is_outbound = self.way() == Direction::Outbound;
        let mut groups: Vec<Value> = match (self.counted(), self.came) {
            (Some(_), came) if !is_outbound => {
                let estimate = came.is_some_and(|(_, estimate)| estimate);
                let each = self.countries.iter();
                each.map(|(code, n)| group(Some(code), n.unwrap_or(0), n.unwrap_or(0), estimate)).collect()
            }
            (sum, came) => {
                let (n, estimate) = came.or(sum.map(|sum| (sum, false))).unwrap_or((0, false));
                let only = match self.countries.as_slice() {
                    [(code, _)] if !is_outbound => Some(code.as_str()),
                    _ => None,
                };
                vec![group(only, self.planned.unwrap_or(n), n, estimate)]
            }
        };
        let companions = self.companions.filter(|n| *n > 0 && !is_outbound);
        groups.extend(companions.map(|n| group(Some(HOME), n, n, false)));
        groups
    }
}

#[cfg(test)]
mod tests;
