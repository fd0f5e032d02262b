//! The files of the calendar: what may stand in them, and what is refused with file, line and reason.
//! It must not know what days are counted for.

use chrono::{Datelike, NaiveDate, NaiveTime, Weekday};
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::CalendarFault;
use crate::domain::codes::codes;

codes! {
    /// What makes a day another than its weekday says.
    DayKind {
        /// A public holiday (nghỉ lễ).
        Holiday = "holiday",
        /// A day off because a holiday fell on a weekly rest day (nghỉ bù).
        MakeupOff = "makeup_off",
        /// A day off in exchange for a worked Saturday (nghỉ hoán đổi).
        SwapOff = "swap_off",
        /// A Saturday or Sunday that is worked (làm bù).
        SwapWork = "swap_work",
        /// A local closure.
        Closure = "closure",
        /// A working day of which it is not known whether it will be swapped: every term that touches it says so.
        Uncertain = "uncertain",
    }
    /// How sure a day is, as the facts are marked.
    Confidence {
        /// The text itself was read.
        Text = "F1",
        /// Found in a secondary source.
        Secondary = "F2",
        /// General knowledge.
        Known = "M",
        /// Uncertain: only of a day that may still change.
        Uncertain = "U",
        /// Confirmed by the city.
        City = "CITY",
    }
}

/// The longest run of days that one entry may name.
const LONGEST_RUN: i64 = 31;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRow {
    year: Option<Spanned<i32>>,
    complete: Option<bool>,
    office_hours: Option<Spanned<HoursRow>>,
    #[serde(default)]
    day: Vec<DayRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HoursRow {
    from: Datetime,
    to: Datetime,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DayRow {
    date: Spanned<Datetime>,
    to: Option<Spanned<Datetime>>,
    kind: Spanned<DayKind>,
    name_vi: Spanned<String>,
    name_en: Spanned<String>,
    source: Spanned<String>,
    confidence: Spanned<Confidence>,
}

/// A file that was read.
pub(super) struct File {
    /// The year it is about, with its line; none for local files.
    pub year: Option<(i32, usize)>,
    /// Whether all days off of the year are in it.
    pub complete: bool,
    /// Office hours, with their line.
    pub hours: Option<(NaiveTime, NaiveTime, usize)>,
    /// Entries in the order of the file.
    pub entries: Vec<Entry>,
}

/// One entry: the days from `from` to `to`.
pub(super) struct Entry {
    pub line: usize,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub kind: DayKind,
    pub name_vi: String,
    pub name_en: String,
    pub source: String,
    pub confidence: Confidence,
}

/// Reads one file.
pub(super) fn read(name: &str, text: &str) -> Result<File, CalendarFault> {
    let at = |start: usize| text.get(..start).unwrap_or(text).matches('\n').count() + 1;
    let fault = |line, reason: String| CalendarFault { file: name.to_owned(), line, reason };
    let row: FileRow = toml::from_str(text)
        .map_err(|error| fault(at(error.span().map_or(0, |span| span.start)), error.message().to_owned()))?;
    let year = row.year.map(|year| (*year.get_ref(), at(year.span().start)));
    if year.is_some() != row.complete.is_some() {
        let line = year.map_or(1, |(_, line)| line);
        return Err(fault(line, "`year` and `complete` stand together".to_owned()));
    }
    let hours = row.office_hours.map(|hours| {
        let line = at(hours.span().start);
        hours_of(hours.get_ref()).map(|(from, to)| (from, to, line)).map_err(|reason| fault(line, reason))
    });
    let mut entries = Vec::new();
    for day in row.day {
        let entry = entry(&day, year.map(|(year, _)| year), at)
            .map_err(|(start, reason)| fault(at(start), reason))?;
        entries.push(entry);
    }
    Ok(File { year, complete: row.complete.unwrap_or(false), hours: hours.transpose()?, entries })
}

fn hours_of(row: &HoursRow) -> Result<(NaiveTime, NaiveTime), String> {
    let (from, to) = (time(&row.from)?, time(&row.to)?);
    if from < to { Ok((from, to)) } else { Err("office hours must begin before they end".to_owned()) }
}

fn time(value: &Datetime) -> Result<NaiveTime, String> {
    value
        .time
        .filter(|_| value.date.is_none())
        .and_then(|time| NaiveTime::from_hms_opt(time.hour.into(), time.minute.into(), 0))
        .ok_or_else(|| format!("`{value}` is no time of day"))
}

fn date(value: &Spanned<Datetime>) -> Result<NaiveDate, (usize, String)> {
    let plain = value.get_ref();
    plain
        .date
        .filter(|_| plain.time.is_none())
        .and_then(|date| NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into()))
        .ok_or_else(|| (value.span().start, format!("`{plain}` is no day")))
}

fn entry(row: &DayRow, year: Option<i32>, at: impl Fn(usize) -> usize) -> Result<Entry, (usize, String)> {
    let start = row.date.span().start;
    let from = date(&row.date)?;
    let to = row.to.as_ref().map(date).transpose()?.unwrap_or(from);
    if to < from || (to - from).num_days() >= LONGEST_RUN {
        return Err((start, format!("the run from {from} to {to} must have 1 to {LONGEST_RUN} days")));
    }
    if let Some(year) = year.filter(|year| from.year() != *year || to.year() != *year) {
        return Err((start, format!("{from} is not in {year}")));
    }
    let kind = *row.kind.get_ref();
    let rest = |day: NaiveDate| matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let mut days = from.iter_days().take_while(|day| *day <= to);
    let wrong = match kind {
        DayKind::SwapWork => days.find(|day| !rest(*day)).map(|day| (day, "a working day anyway")),
        DayKind::MakeupOff | DayKind::SwapOff => {
            days.find(|day| rest(*day)).map(|day| (day, "a weekly rest day anyway"))
        }
        DayKind::Uncertain => days.find(|day| rest(*day)).map(|day| (day, "a weekly rest day anyway")),
        DayKind::Holiday | DayKind::Closure => None,
    };
    if let Some((day, why)) = wrong {
        return Err((row.kind.span().start, format!("{day} cannot be {kind}: it is {why}")));
    }
    for (text, field) in [(&row.name_vi, "name_vi"), (&row.name_en, "name_en"), (&row.source, "source")] {
        if text.get_ref().trim().is_empty() {
            return Err((text.span().start, format!("`{field}` must not be empty")));
        }
    }
    let confidence = *row.confidence.get_ref();
    if (confidence == Confidence::Uncertain) != (kind == DayKind::Uncertain) {
        return Err((row.confidence.span().start, "`U` and `uncertain` stand together".to_owned()));
    }
    Ok(Entry {
        line: at(start),
        from,
        to,
        kind,
        name_vi: row.name_vi.get_ref().clone(),
        name_en: row.name_en.get_ref().clone(),
        source: row.source.get_ref().clone(),
        confidence,
    })
}
