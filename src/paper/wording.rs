//! The words of a paper: a TOML file of blocks whose texts are Jinja templates over the facts. Structure comes from
//! the file alone, so that no fact can become a heading or a table; a fault is told with file and line.

use chrono::{Datelike, NaiveDate};
use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};
use serde::Deserialize;
use serde_json::Value as Json;
use toml::Spanned;

use super::matter::Matter;
use super::qr;
use super::sheet::{Annex, Block, CheckMark, Day, Head, Sheet};
use super::signing::{Offices, line_of};
use super::{Kind, PaperError};
use crate::domain::codes::Code;

/// Quốc hiệu.
const NATION: &str = "Cộng hòa xã hội chủ nghĩa Việt Nam";
/// Tiêu ngữ.
const MOTTO: &str = "Độc lập - Tự do - Hạnh phúc";
/// A space that is kept: room for what is written in later.
const ROOM: &str = "\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}";

type Text = Spanned<String>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    paper: Outline,
    #[serde(default)]
    block: Vec<Spanned<Part>>,
    #[serde(default)]
    annex: Vec<AnnexFile>,
}

/// What stands around the text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outline {
    /// Type of the paper; a letter has none.
    title: Option<Text>,
    /// Subject below the type.
    about: Option<Text>,
    /// "V/v ..." of a letter.
    subject: Option<Text>,
    /// What follows the number before it is issued.
    symbol: Option<Text>,
    #[serde(default)]
    landscape: bool,
    #[serde(default)]
    addressees: Vec<Text>,
    #[serde(default)]
    recipients: Vec<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnnexFile {
    title: Text,
    about: Option<Text>,
    #[serde(default)]
    landscape: bool,
    when: Option<Text>,
    #[serde(default)]
    block: Vec<Spanned<Part>>,
}

/// A part of the text: exactly one of the first six.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    text: Option<Text>,
    heading: Option<Text>,
    item: Option<Text>,
    centered: Option<Text>,
    note: Option<Text>,
    table: Option<Text>,
    /// Only if this is true.
    when: Option<Text>,
    /// Once for each of these, called `it`, numbered `n`.
    each: Option<Text>,
}

/// The words of one kind of paper.
#[derive(Debug)]
pub(super) struct Wording {
    name: String,
    source: String,
    file: File,
}

impl Wording {
    pub fn parse(name: &str, source: &str) -> Result<Self, PaperError> {
        let file: File = toml::from_str(source).map_err(|error| {
            let line = error.span().map(|span| line_of(source, span.start));
            PaperError::template(name, line, error.message())
        })?;
        Ok(Self { name: name.to_owned(), source: source.to_owned(), file })
    }

    /// Makes the paper as data.
    pub fn sheet(&self, matter: &Matter, offices: &Offices) -> Result<Sheet, PaperError> {
        let pen = Pen { wording: self, words: environment(), matter };
        let facts = &matter.facts;
        let paper = &self.file.paper;
        let number = pen.number(facts)?;
        let title = pen.some(paper.title.as_ref(), facts)?;
        let (signer, forms) = match &matter.numbered {
            Some(issued) => (issued.signer.as_str(), issued.forms.as_slice()),
            None => ("", [].as_slice()),
        };
        let of_paper = |numbered: &super::Numbered| {
            (!numbered.recipients.is_empty()).then(|| numbered.recipients.clone())
        };
        let recipients = match matter.numbered.as_ref().and_then(of_paper) {
            Some(recipients) => recipients.iter().map(|name| format!("- {name};")).collect(),
            None => pen.all(&paper.recipients, facts)?,
        };
        let kind_words = if title.is_empty() { "Công văn" } else { title.as_str() };
        let reference = format!("(Kèm theo {kind_words} {})", pen.reference(&number));
        let mut annexes = Vec::new();
        for annex in &self.file.annex {
            if pen.holds(annex.when.as_ref(), facts)? {
                annexes.push(Annex {
                    title: pen.one(&annex.title, facts)?,
                    about: pen.some(annex.about.as_ref(), facts)?,
                    reference: reference.clone(),
                    landscape: annex.landscape,
                    blocks: pen.blocks(&annex.block)?,
                });
            }
        }
        let name = [title.clone(), number.replace(ROOM, " ")];
        let name: Vec<String> = name.into_iter().filter(|part| !part.is_empty()).collect();
        let check = matter.check.as_ref().map(|check| {
            let (address, words) = (check.address.clone(), check.words.clone());
            Ok(CheckMark { svg: qr::as_svg(&address)?, address, words })
        });
        Ok(Sheet {
            kind: matter.kind,
            name: name.join(" "),
            lang: "vi",
            day: Day::from(matter.day),
            landscape: paper.landscape,
            stamp: matter.stamp.clone(),
            head: Head {
                superior: matter.issuer.superior.clone(),
                issuer: matter.issuer.name.clone(),
                nation: NATION.to_owned(),
                motto: MOTTO.to_owned(),
                number,
                subject: pen.some(paper.subject.as_ref(), facts)?,
                place_and_day: pen.place_and_day(),
            },
            title,
            about: pen.some(paper.about.as_ref(), facts)?,
            addressees: pen.all(&paper.addressees, facts)?,
            blocks: pen.blocks(&self.file.block)?,
            recipients,
            signature: offices.signature(matter.issuer.kind, forms, signer),
            notice: matter.notice.clone(),
            check: check.transpose()?,
            annexes,
        })
    }
}

/// Writes the texts of one paper.
struct Pen<'a> {
    wording: &'a Wording,
    words: Environment<'static>,
    matter: &'a Matter,
}

impl Pen<'_> {
    fn line(&self, text: &Text) -> usize {
        line_of(&self.wording.source, text.span().start)
    }

    fn fault(&self, text: &Text, error: &Error) -> PaperError {
        let message = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        let message = match error.kind() {
            ErrorKind::UndefinedError => format!("{message} (no such fact)"),
            _ => message,
        };
        let within = error.line().unwrap_or(1).saturating_sub(1);
        PaperError::template(&self.wording.name, Some(self.line(text) + within), message)
    }

    /// One text, on one line.
    fn one(&self, text: &Text, facts: &Json) -> Result<String, PaperError> {
        let written = self.words.render_str(text.get_ref(), Value::from(Serde(facts)));
        let written = written.map_err(|error| self.fault(text, &error))?;
        // Only plain spaces are squeezed: room for numbers is made of others.
        Ok(written
            .split([' ', '\n', '\t', '\r'])
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" "))
    }

    fn some(&self, text: Option<&Text>, facts: &Json) -> Result<String, PaperError> {
        text.map_or(Ok(String::new()), |text| self.one(text, facts))
    }

    /// Some texts, without those that came out empty.
    fn all(&self, texts: &[Text], facts: &Json) -> Result<Vec<String>, PaperError> {
        let all: Result<Vec<String>, _> = texts.iter().map(|text| self.one(text, facts)).collect();
        Ok(all?.into_iter().filter(|text| !text.is_empty()).collect())
    }

    fn value(&self, text: &Text, facts: &Json) -> Result<Value, PaperError> {
        let value =
            self.words.compile_expression(text.get_ref()).and_then(|it| it.eval(Value::from(Serde(facts))));
        value.map_err(|error| self.fault(text, &error))
    }

    fn holds(&self, when: Option<&Text>, facts: &Json) -> Result<bool, PaperError> {
        when.map_or(Ok(true), |when| Ok(self.value(when, facts)?.is_true()))
    }

    fn number(&self, facts: &Json) -> Result<String, PaperError> {
        let paper = &self.wording.file.paper;
        if let Some(issued) = &self.matter.numbered {
            return Ok(format!("Số: {}/{}", issued.number, issued.symbol));
        }
        let symbol = self.some(paper.symbol.as_ref(), facts)?;
        Ok(if symbol.is_empty() { String::new() } else { format!("Số:{ROOM}/{symbol}") })
    }

    fn place_and_day(&self) -> String {
        let day = match &self.matter.numbered {
            Some(issued) => long(issued.date),
            None => format!("ngày{ROOM}tháng{ROOM}năm{ROOM}"),
        };
        if self.matter.place.is_empty() { day } else { format!("{}, {day}", self.matter.place) }
    }

    /// How an annex refers to its paper.
    fn reference(&self, number: &str) -> String {
        let number = number.replacen("Số:", "số", 1);
        match &self.matter.numbered {
            Some(issued) => format!("{number} {}", long(issued.date)),
            None => format!("{number} ngày{ROOM}tháng{ROOM}năm{ROOM}"),
        }
    }

    fn blocks(&self, parts: &[Spanned<Part>]) -> Result<Vec<Block>, PaperError> {
        let mut blocks = Vec::new();
        for part in parts {
            let at = line_of(&self.wording.source, part.span().start);
            let part = part.get_ref();
            let Some(each) = &part.each else {
                blocks.extend(self.block(at, part, &self.matter.facts)?);
                continue;
            };
            let list = self.value(each, &self.matter.facts)?;
            let items = list.try_iter().map_err(|error| self.fault(each, &error))?;
            for (n, it) in (1..).zip(items) {
                let it = serde_json::to_value(it).map_err(|error| PaperError::Write(error.to_string()))?;
                let mut facts = self.matter.facts.as_object().cloned().unwrap_or_default();
                facts.extend([("it".to_owned(), it), ("n".to_owned(), Json::from(n))]);
                blocks.extend(self.block(at, part, &Json::Object(facts))?);
            }
        }
        Ok(blocks)
    }

    fn block(&self, at: usize, part: &Part, facts: &Json) -> Result<Option<Block>, PaperError> {
        if !self.holds(part.when.as_ref(), facts)? {
            return Ok(None);
        }
        if let Some(table) = &part.table {
            let found = self.matter.tables.get(table.get_ref().as_str());
            let unknown = || {
                let known: Vec<&str> = self.matter.tables.keys().copied().collect();
                let message = format!("no table `{}`; there are {}", table.get_ref(), known.join(", "));
                PaperError::template(&self.wording.name, Some(self.line(table)), message)
            };
            return Ok(Some(Block::Table(found.ok_or_else(unknown)?.clone())));
        }
        let texts: [(&Option<Text>, fn(String) -> Block); 5] = [
            (&part.text, |text| Block::Text { text }),
            (&part.heading, |text| Block::Heading { text }),
            (&part.item, |text| Block::Item { text }),
            (&part.centered, |text| Block::Centered { text }),
            (&part.note, |text| Block::Note { text }),
        ];
        for (text, made) in texts {
            if let Some(text) = text {
                let written = self.one(text, facts)?;
                return Ok((!written.is_empty()).then(|| made(written)));
            }
        }
        let message = "a block has none of text, heading, item, centered, note, table";
        Err(PaperError::template(&self.wording.name, Some(at), message))
    }
}

/// What wordings can do: facts that are not there are faults, and days have two looks.
fn environment() -> Environment<'static> {
    let mut words = Environment::new();
    words.set_undefined_behavior(UndefinedBehavior::Strict);
    words.add_filter("long", |day: &Value| dated(day, long));
    words.add_filter("date", |day: &Value| dated(day, |day| day.format("%d/%m/%Y").to_string()));
    words
}

fn dated(day: &Value, written: fn(NaiveDate) -> String) -> Result<String, Error> {
    if day.is_none() {
        return Ok("…".to_owned());
    }
    let parsed = day.as_str().and_then(|text| text.parse::<NaiveDate>().ok());
    parsed.map(written).ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "not a day"))
}

/// A day as official paper writes it: days below 10 and the first two months with a leading zero (Nghị định
/// 30/2020/NĐ-CP, Phụ lục I, mục II.4).
pub(super) fn long(day: NaiveDate) -> String {
    let month = if day.month() < 3 { format!("{:02}", day.month()) } else { day.month().to_string() };
    format!("ngày {:02} tháng {month} năm {}", day.day(), day.year())
}

/// The file of a kind's wording.
pub(super) fn file_of(kind: Kind) -> String {
    format!("{}.toml", kind.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_below_ten_and_the_first_two_months_have_a_leading_zero() {
        let written = |text: &str| long(text.parse().unwrap());
        assert_eq!(written("2026-02-05"), "ngày 05 tháng 02 năm 2026");
        assert_eq!(written("2026-03-15"), "ngày 15 tháng 3 năm 2026");
        assert_eq!(written("2026-12-01"), "ngày 01 tháng 12 năm 2026");
    }
}
