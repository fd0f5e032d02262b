//! A paper as data: what stands where, without looks. It is what the templates of `paper.dir` see as `sheet.json`, so
//! that its names are an interface: they may be added to, not changed.

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

use super::Kind;

/// A paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sheet {
    /// Its kind.
    pub kind: Kind,
    /// What the file is called inside: kind and number.
    pub name: String,
    /// Language of the text, ISO 639-1.
    pub lang: &'static str,
    /// The day of the data, which stands for the time of making.
    pub day: Day,
    /// The first pages lie across.
    pub landscape: bool,
    /// A word in a box at the top of what is no paper yet; empty for none.
    pub stamp: String,
    /// Head.
    pub head: Head,
    /// Type of the paper, above its subject; empty for a letter.
    pub title: String,
    /// Subject (trích yếu) under the type.
    pub about: String,
    /// To whom it is addressed (Kính gửi).
    pub addressees: Vec<String>,
    /// Its parts.
    pub blocks: Vec<Block>,
    /// Nơi nhận, line by line.
    pub recipients: Vec<String>,
    /// Signature.
    pub signature: Signature,
    /// What the software says of it below everything; empty for nothing.
    pub notice: String,
    /// The code that leads to the check page; absent for none.
    pub check: Option<CheckMark>,
    /// Annexes, each on pages of its own.
    pub annexes: Vec<Annex>,
}

/// A day in numbers, for templates.
#[expect(clippy::struct_field_names, reason = "the names that Typst's `datetime` takes")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Day {
    /// Year.
    pub year: i32,
    /// Month, from 1.
    pub month: u32,
    /// Day of the month.
    pub day: u32,
}

impl From<NaiveDate> for Day {
    fn from(day: NaiveDate) -> Self {
        Self { year: day.year(), month: day.month(), day: day.day() }
    }
}

/// The head of a paper (Nghị định 30/2020/NĐ-CP, Phụ lục I, mục II.1-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Head {
    /// The body above; empty for none.
    pub superior: String,
    /// The body whose paper it is.
    pub issuer: String,
    /// Quốc hiệu.
    pub nation: String,
    /// Tiêu ngữ.
    pub motto: String,
    /// "Số: 05/SNgV-HTQT", or with room for the number.
    pub number: String,
    /// "V/v ..." of a letter; empty for others.
    pub subject: String,
    /// "Cần Thơ, ngày 05 tháng 02 năm 2026", or with room for the day.
    pub place_and_day: String,
}

/// Who signs, in which form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// "TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH".
    pub lines: Vec<String>,
    /// Full name without academic titles; empty before it is known.
    pub name: String,
}

/// The code that leads to the check page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckMark {
    /// The address that it holds.
    pub address: String,
    /// What stands beside it.
    pub words: String,
    /// The code as a picture.
    pub svg: String,
}

/// A part of a paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum Block {
    /// A paragraph.
    Text {
        /// Its text.
        text: String,
    },
    /// A heading within the text.
    Heading {
        /// Its text.
        text: String,
    },
    /// A line of a list.
    Item {
        /// Its text.
        text: String,
    },
    /// A line in the middle, such as QUYẾT ĐỊNH:
    Centered {
        /// Its text.
        text: String,
    },
    /// A small remark.
    Note {
        /// Its text.
        text: String,
    },
    /// A table.
    Table(Table),
}

/// An annex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Annex {
    /// "Phụ lục 1. Đoàn vào".
    pub title: String,
    /// Subject; empty for none.
    pub about: String,
    /// "(Kèm theo Báo cáo số ...)"; empty for none.
    pub reference: String,
    /// Its pages lie across.
    pub landscape: bool,
    /// Its parts.
    pub blocks: Vec<Block>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Table {
    /// Size of its letters, in points.
    pub size: u8,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows, each as long as there are columns, but sections.
    pub rows: Vec<Row>,
    /// What stands there when there are no rows.
    pub empty: String,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Head.
    pub head: String,
    /// Fixed width in points; 0 for a share of what is left.
    pub points: u16,
    /// Share of what is left.
    pub share: u16,
    /// Where its texts stand.
    pub side: Align,
}

impl Column {
    /// A column that takes a share.
    pub fn share(head: impl Into<String>, share: u16) -> Self {
        Self { head: head.into(), points: 0, share, side: Align::Left }
    }

    /// A column of so many points.
    pub fn points(head: impl Into<String>, points: u16, side: Align) -> Self {
        Self { head: head.into(), points, share: 0, side }
    }
}

/// Where the text of a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// Texts.
    Left,
    /// Days and codes.
    Center,
    /// Numbers.
    Right,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// A row.
    Row,
    /// A heading over all columns: one cell.
    Section,
    /// A sum.
    Total,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What it is.
    pub kind: RowKind,
    /// Its texts.
    pub cells: Vec<String>,
}

impl Row {
    /// A plain row.
    #[must_use]
    pub fn of(cells: Vec<String>) -> Self {
        Self { kind: RowKind::Row, cells }
    }
}

impl Sheet {
    /// How many bytes of text it holds.
    #[must_use]
    pub fn weight(&self) -> usize {
        let block = |block: &Block| match block {
            Block::Text { text }
            | Block::Heading { text }
            | Block::Item { text }
            | Block::Centered { text }
            | Block::Note { text } => text.len(),
            // A cell costs a little even when it is empty.
            Block::Table(table) => {
                table.rows.iter().flat_map(|row| &row.cells).map(|cell| cell.len() + 16).sum()
            }
        };
        let annexes = self.annexes.iter().flat_map(|annex| &annex.blocks);
        self.blocks.iter().chain(annexes).map(block).sum()
    }

    /// Every text of the paper, in the order of reading: for comparing what was set with what was meant.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        let head = &self.head;
        let mut texts: Vec<&str> = [
            &self.stamp,
            &head.superior,
            &head.issuer,
            &head.nation,
            &head.motto,
            &head.number,
            &head.subject,
        ]
        .into_iter()
        .chain([&head.place_and_day, &self.title, &self.about])
        .chain(&self.addressees)
        .map(String::as_str)
        .collect();
        texts.extend(self.blocks.iter().flat_map(Block::texts));
        texts.extend(self.recipients.iter().chain(&self.signature.lines).map(String::as_str));
        texts.extend([self.signature.name.as_str(), self.notice.as_str()]);
        texts.extend(self.check.iter().map(|check| check.words.as_str()));
        for annex in &self.annexes {
            texts.extend([annex.title.as_str(), annex.about.as_str(), annex.reference.as_str()]);
            texts.extend(annex.blocks.iter().flat_map(Block::texts));
        }
        texts.retain(|text| !text.is_empty());
        texts
    }
}

impl Block {
    fn texts(&self) -> Vec<&str> {
        match self {
            Self::Text { text }
            | Self::Heading { text }
            | Self::Item { text }
            | Self::Centered { text }
            | Self::Note { text } => vec![text],
            Self::Table(table) => {
                let heads = table.columns.iter().map(|column| column.head.as_str());
                heads.chain(table.rows.iter().flat_map(|row| &row.cells).map(String::as_str)).collect()
            }
        }
    }
}
