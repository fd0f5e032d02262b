//! The calendar of working days, a year a page: every day that is not what its weekday says, and who says so.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{Datelike, NaiveDate, NaiveTime};
use serde::Deserialize;

use super::{YearLink, year_links};
use crate::domain::calendar::{Calendar, Confidence, DayKind, NamedDay};
use crate::domain::codes::Code;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::web::shell::{self, Shell};

/// What the address may say.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    year: Option<i32>,
}

#[derive(Template)]
#[template(path = "office/calendar.html")]
struct Board<'p> {
    shell: &'p Shell,
    calendar: &'p Calendar,
    year: i32,
    years: Vec<YearLink>,
    days: Vec<NamedDay<'p>>,
}

impl Board<'_> {
    fn weekday(&self, day: &NaiveDate) -> String {
        self.shell.word("weekday", day.weekday().num_days_from_monday())
    }

    fn tone(&self, kind: &DayKind) -> &'static str {
        match kind {
            DayKind::SwapWork => "calm",
            DayKind::Uncertain => "soon",
            DayKind::Holiday | DayKind::MakeupOff | DayKind::SwapOff | DayKind::Closure => "",
        }
    }

    /// How sure most days are: said once, and each day that differs says so.
    fn usual(&self) -> Option<Confidence> {
        let count = |one: Confidence| self.days.iter().filter(|day| day.confidence == one).count();
        let usual = Confidence::ALL.iter().copied().max_by_key(|one| count(*one))?;
        Some(usual).filter(|usual| count(*usual) > 1)
    }

    fn is_unusual(&self, day: &NamedDay<'_>) -> bool {
        self.usual() != Some(day.confidence)
    }

    /// Working days of the year.
    fn worked(&self) -> i64 {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
        self.calendar.working_days_between(day(self.year - 1, 12, 31), day(self.year, 12, 31))
    }

    fn covered(&self) -> bool {
        self.calendar.covers(self.year)
    }

    fn opens(&self) -> String {
        clock(self.calendar.office_hours().0)
    }

    fn closes(&self) -> String {
        clock(self.calendar.office_hours().1)
    }
}

fn clock(time: NaiveTime) -> String {
    time.format("%H:%M").to_string()
}

/// The page of a year; this one, if the address names none.
///
/// # Errors
/// A defect alone.
pub async fn show(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let calendar = &caller.state().settings.calendar;
    let year = asked.year.filter(|year| (1990..=2100).contains(year)).unwrap_or(shell.today.year());
    let mut years: Vec<i32> = calendar.years().chain([year]).collect();
    years.sort_unstable();
    years.dedup();
    let years = year_links(years, year);
    let days = calendar.named_days(year);
    shell::page(StatusCode::OK, shell.lang, &Board { shell: &shell, calendar, year, years, days })
}
