//! The calendar of working days: public holidays, made-up and swapped days, local closures and office hours as data,
//! and how terms are counted on it. It must not know what a term is for.
//!
//! Terms are counted as Bộ luật Dân sự 2015 Đ.147-148 say (confidence M): the day of the event is not counted, and a
//! term that ends on a day off ends with the next working day. A term counted *backward* ("chậm nhất n ngày trước")
//! that would end on a day off ends with the working day before it, because nobody can file on a day off (DEFAULT).
//! A year without a complete file is counted with what is known, Monday to Friday otherwise, and
//! [`Calendar::uncovered`] says so.

mod arithmetic;
mod file;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};

use crate::domain::codes::codes;

pub use arithmetic::{Arithmetic, Skipped};
pub use file::{Confidence, DayKind};

codes! {
    /// Unit of a term.
    Unit {
        /// Working days (ngày làm việc).
        WorkingDay = "wd",
        /// Calendar days ("ngày" in a law).
        CalendarDay = "cd",
        /// Hours, by the clock, through days off.
        Hour = "h",
    }
}

/// Which way a term is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Towards {
    /// Back from an event.
    Past,
    /// On from an event.
    Future,
}

/// Why a file of the calendar is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {reason}")]
pub struct CalendarFault {
    /// Name of the file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

/// Days off, worked Saturdays and office hours of all years that there are files for.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// Days that are not what their weekday says.
    days: BTreeMap<NaiveDate, Special>,
    /// Working days that may still become days off.
    uncertain: BTreeMap<NaiveDate, Special>,
    /// Years whose file is complete.
    covered: BTreeSet<i32>,
    /// First and last minute of the office, both inclusive.
    hours: (NaiveTime, NaiveTime),
    /// `before[d]`: how many working days lie in [1990-01-01, 1990-01-01 + d).
    before: Vec<i64>,
    /// `worked[k]`: days from 1990-01-01 to the k-th working day (from 0).
    worked: Vec<i64>,
}

/// A day that is not what its weekday says, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Special {
    kind: DayKind,
    working: bool,
    name_vi: String,
    name_en: String,
    source: String,
    confidence: Confidence,
}

/// A day that is not what its weekday says, or may yet become one, as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedDay<'c> {
    /// Which day.
    pub day: NaiveDate,
    /// What makes it so.
    pub kind: DayKind,
    /// Name in Vietnamese.
    pub name_vi: &'c str,
    /// Name in English.
    pub name_en: &'c str,
    /// Who says so.
    pub source: &'c str,
    /// How sure that is.
    pub confidence: Confidence,
}

/// The files that are part of the binary.
pub const SHIPPED: [(&str, &str); 4] = [
    ("local.toml", include_str!("../../config/calendar/local.toml")),
    ("vn-2025.toml", include_str!("../../config/calendar/vn-2025.toml")),
    ("vn-2026.toml", include_str!("../../config/calendar/vn-2026.toml")),
    ("vn-2027.toml", include_str!("../../config/calendar/vn-2027.toml")),
];

/// A Monday, so that weeks are counted from it; the tables begin here.
const FIRST: NaiveDate = match NaiveDate::from_ymd_opt(1990, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};
/// Years in the tables. Days outside are counted by weekday alone.
const TABLED: std::ops::RangeInclusive<i32> = 1990..=2100;

/// How many Mondays to Fridays lie in [1990-01-01, 1990-01-01 + day); negative before it.
const fn weekdays_before(day: i64) -> i64 {
    let rest = day.rem_euclid(7);
    day.div_euclid(7) * 5 + if rest < 5 { rest } else { 5 }
}

/// Days from 1990-01-01 to the n-th Monday to Friday (from 0) on or after it; the inverse of `weekdays_before`.
const fn nth_weekday(n: i64) -> i64 {
    n.div_euclid(5) * 7 + n.rem_euclid(5)
}

fn position(day: NaiveDate) -> i64 {
    day.signed_duration_since(FIRST).num_days()
}

/// The day at a position; beyond chrono's years, the last there is.
fn day_at(position: i64) -> NaiveDate {
    let end = if position < 0 { NaiveDate::MIN } else { NaiveDate::MAX };
    TimeDelta::try_days(position).and_then(|days| FIRST.checked_add_signed(days)).unwrap_or(end)
}

impl Calendar {
    /// The calendar that files make: (name, TOML text). The order does not matter.
    ///
    /// # Errors
    /// The first fault, with file, line and reason: what is no TOML or no field, days outside the file's year, a day
    /// or a year or office hours that two entries name, a worked Monday, an empty name or source.
    pub fn read(files: &[(&str, &str)]) -> Result<Self, CalendarFault> {
        let mut said: BTreeMap<NaiveDate, String> = BTreeMap::new();
        let mut years: BTreeMap<i32, &str> = BTreeMap::new();
        let mut hours: Option<(NaiveTime, NaiveTime, &str)> = None;
        let (mut days, mut uncertain, mut covered) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        for (name, text) in files {
            let read = file::read(name, text)?;
            let fault = |line, reason: String| CalendarFault { file: (*name).to_owned(), line, reason };
            if let Some((year, line)) = read.year {
                if !TABLED.contains(&year) {
                    return Err(fault(line, format!("{year} is not from 1990 to 2100")));
                }
                if let Some(other) = years.insert(year, name) {
                    return Err(fault(line, format!("{year} stands in {other} already")));
                }
                if read.complete {
                    covered.insert(year);
                }
            }
            if let Some((from, to, line)) = read.hours {
                if let Some((_, _, other)) = hours {
                    return Err(fault(line, format!("office hours stand in {other} already")));
                }
                hours = Some((from, to, name));
            }
            for entry in read.entries {
                for day in entry.from.iter_days().take_while(|day| *day <= entry.to) {
                    if !TABLED.contains(&day.year()) {
                        return Err(fault(entry.line, format!("{day} is not from 1990 to 2100")));
                    }
                    let place = format!("{name}, line {}", entry.line);
                    if let Some(other) = said.insert(day, place) {
                        return Err(fault(entry.line, format!("{day} stands in {other} already")));
                    }
                    let special = Special {
                        kind: entry.kind,
                        working: matches!(entry.kind, DayKind::SwapWork | DayKind::Uncertain),
                        name_vi: entry.name_vi.clone(),
                        name_en: entry.name_en.clone(),
                        source: entry.source.clone(),
                        confidence: entry.confidence,
                    };
                    match entry.kind {
                        DayKind::Uncertain => uncertain.insert(day, special),
                        _ => days.insert(day, special),
                    };
                }
            }
        }
        let hours = hours.map_or_else(default_hours, |(from, to, _)| (from, to));
        let (before, worked) = tables(&days);
        Ok(Self { days, uncertain, covered, hours, before, worked })
    }

    /// The calendar of the files that are part of the binary.
    ///
    /// # Errors
    /// None that a released binary has: a test reads them.
    pub fn shipped() -> Result<Self, CalendarFault> {
        Self::read(&SHIPPED)
    }

    /// Whether people work on this day.
    #[must_use]
    pub fn is_working(&self, day: NaiveDate) -> bool {
        let at = position(day);
        self.working_before(at + 1) > self.working_before(at)
    }

    /// Name (vi, en) of a day that is not what its weekday says: a holiday, a closure, a worked Saturday.
    #[must_use]
    pub fn name(&self, day: NaiveDate) -> Option<(&str, &str)> {
        self.days.get(&day).map(|special| (special.name_vi.as_str(), special.name_en.as_str()))
    }

    /// The days of a year that are not what their weekday says, or may yet become so, in order.
    #[must_use]
    pub fn named_days(&self, year: i32) -> Vec<NamedDay<'_>> {
        let of_year = |(day, _): &(&NaiveDate, &Special)| day.year() == year;
        let mut named: Vec<NamedDay<'_>> = self
            .days
            .iter()
            .chain(&self.uncertain)
            .filter(of_year)
            .map(|(day, special)| NamedDay {
                day: *day,
                kind: special.kind,
                name_vi: &special.name_vi,
                name_en: &special.name_en,
                source: &special.source,
                confidence: special.confidence,
            })
            .collect();
        named.sort_by_key(|named| named.day);
        named
    }

    /// The years whose days off are all known.
    pub fn years(&self) -> impl Iterator<Item = i32> {
        self.covered.iter().copied()
    }

    /// Whether all days off of this year are known.
    #[must_use]
    pub fn covers(&self, year: i32) -> bool {
        self.covered.contains(&year)
    }

    /// Years from one day to another, in any order of the two, whose days off are not all known: each is a warning
    /// that people must see.
    #[must_use]
    pub fn uncovered(&self, from: NaiveDate, to: NaiveDate) -> Vec<i32> {
        let (first, last) = if from <= to { (from.year(), to.year()) } else { (to.year(), from.year()) };
        // What lies far outside is a slip, not a term: its years are not counted one by one.
        let (first, last) = (first.max(TABLED.start() - 1), last.min(TABLED.end() + 1));
        (first..=last).filter(|year| !self.covers(*year)).collect()
    }

    /// Working days from one day to another, in any order of the two, that may still become days off.
    #[must_use]
    pub fn uncertain(&self, from: NaiveDate, to: NaiveDate) -> Vec<NaiveDate> {
        self.uncertain.range(from.min(to)..=from.max(to)).map(|(day, _)| *day).collect()
    }

    /// The latest day on which `n` full units still lie between it and the event, whose day is not counted.
    ///
    /// Working days: the n-th working day before `event`. Calendar days: `event - n`, moved back to a working day.
    /// Hours: the day that is certainly early enough whatever the time of the event (`n` hours rounded up to days),
    /// a day off or not, because notices in hours run by the clock. `n = 0` is the event's day, in working and
    /// calendar days moved back to a working day.
    #[must_use]
    pub fn before(&self, event: NaiveDate, n: u32, unit: Unit) -> NaiveDate {
        let (at, n) = (position(event), i64::from(n));
        match unit {
            Unit::WorkingDay if n > 0 => day_at(self.nth_worked(self.working_before(at) - n)),
            Unit::WorkingDay => self.worked_on_or_before(at),
            Unit::CalendarDay => self.worked_on_or_before(at - n),
            Unit::Hour => day_at(at - days_of_hours(n)),
        }
    }

    /// The last day of a term of `n` units that begins on `from`, whose day is not counted.
    ///
    /// Working days: the n-th working day after `from`. Calendar days: `from + n`; if that is a day off, the next
    /// working day. Hours: rounded up to days, a day off or not. `n = 0` is `from`, in working and calendar days
    /// moved on to a working day.
    #[must_use]
    pub fn after(&self, from: NaiveDate, n: u32, unit: Unit) -> NaiveDate {
        let (at, n) = (position(from), i64::from(n));
        match unit {
            Unit::WorkingDay if n > 0 => day_at(self.nth_worked(self.working_before(at + 1) + n - 1)),
            Unit::WorkingDay => self.worked_on_or_after(at),
            Unit::CalendarDay => self.worked_on_or_after(at + n),
            Unit::Hour => day_at(at + days_of_hours(n)),
        }
    }

    /// Working days in (from, to]: how many working days come after `from` up to and with `to`. Negative if `to` lies
    /// before `from`.
    #[must_use]
    pub fn working_days_between(&self, from: NaiveDate, to: NaiveDate) -> i64 {
        self.working_before(position(to) + 1) - self.working_before(position(from) + 1)
    }

    /// The day from which something received at this local time counts: that day, if it is a working day and the
    /// office has not closed yet; else the next working day (DEFAULT). What comes before the office opens waits at
    /// its door and counts from that same day; the minute in which the office closes still belongs to the day.
    #[must_use]
    pub fn received_on(&self, local: NaiveDateTime) -> NaiveDate {
        let minute = local.time().with_second(0).and_then(|time| time.with_nanosecond(0));
        let closed = minute.is_some_and(|minute| minute > self.hours.1);
        let first = if closed { local.date().checked_add_days(Days::new(1)) } else { Some(local.date()) };
        self.after(first.unwrap_or(local.date()), 0, Unit::WorkingDay)
    }

    /// First and last minute of the office on a working day, both inclusive.
    #[must_use]
    pub fn office_hours(&self) -> (NaiveTime, NaiveTime) {
        self.hours
    }

    /// Working days before the day at this position, counted from 1990-01-01.
    fn working_before(&self, at: i64) -> i64 {
        let (end, total) = self.end();
        match usize::try_from(at).ok().and_then(|at| self.before.get(at)) {
            Some(count) => *count,
            None if at < 0 => weekdays_before(at),
            None => total + weekdays_before(at) - weekdays_before(end),
        }
    }

    /// Position of the n-th working day from 1990-01-01; the inverse of `working_before`.
    fn nth_worked(&self, n: i64) -> i64 {
        let (end, total) = self.end();
        match usize::try_from(n).ok().and_then(|n| self.worked.get(n)) {
            Some(at) => *at,
            None if n < 0 => nth_weekday(n),
            None => nth_weekday(n - total + weekdays_before(end)),
        }
    }

    fn worked_on_or_before(&self, at: i64) -> NaiveDate {
        day_at(self.nth_worked(self.working_before(at + 1) - 1))
    }

    fn worked_on_or_after(&self, at: i64) -> NaiveDate {
        day_at(self.nth_worked(self.working_before(at)))
    }

    /// Position of the first day after the tables, and the working days in them.
    fn end(&self) -> (i64, i64) {
        let length = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        (length(self.before.len()) - 1, length(self.worked.len()))
    }
}

/// 07:30 to 17:00 (DEFAULT).
fn default_hours() -> (NaiveTime, NaiveTime) {
    let at = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or(NaiveTime::MIN);
    (at(7, 30), at(17, 0))
}

/// Hours as whole days, rounded up.
fn days_of_hours(hours: i64) -> i64 {
    (hours + 23).div_euclid(24)
}

/// Working days before each day of the tabled years, and the position of each working day.
fn tables(days: &BTreeMap<NaiveDate, Special>) -> (Vec<i64>, Vec<i64>) {
    let (mut before, mut worked) = (Vec::new(), Vec::new());
    let mut count = 0;
    for (at, day) in (0i64..).zip(FIRST.iter_days().take_while(|day| TABLED.contains(&day.year()))) {
        before.push(count);
        let weekday = day.weekday().num_days_from_monday() < 5;
        if days.get(&day).map_or(weekday, |special| special.working) {
            worked.push(at);
            count += 1;
        }
    }
    before.push(count);
    (before, worked)
}
