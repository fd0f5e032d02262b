//! The calendar: a month or a week of delegations, days off, swapped working days and deadlines; and the door to one's own
//! calendar in another program.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc, Weekday};
use serde::Deserialize;

use super::form::Form;
use super::list::month as parsed;
use super::month::{beside, label};
use super::shell::{self, Shell};
use super::words;
use crate::clock::{day_in_vietnam, from_vietnam};
use crate::domain::codes::Code;
use crate::domain::dossier::State;
use crate::domain::ids::DossierId;
use crate::domain::phase::month_of;
use crate::http::State as Service;
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::report::calendar::{DayEvent, calendar};
use crate::service::agenda::{self, Agenda, Deadline, Entry};
use crate::service::calendar_feeds::{self, Feed as Feeding};
use crate::texts;
use crate::tokens::new_secret;

/// Most delegations, and most deadlines, of one day of a month; a week shows all.
const SHOWN: usize = 4;

/// Which days. What is none is the present month.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    month: Option<String>,
    week: Option<String>,
}

/// The days that are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    /// The month that begins on this day.
    Month(NaiveDate),
    /// The week of this Monday.
    Week(NaiveDate),
}

/// One day of the calendar.
struct Day {
    on: NaiveDate,
    /// Outside of the month that is shown.
    beside: bool,
    is_today: bool,
    is_working: bool,
    /// A named day off, or a weekend that is worked.
    name: Option<String>,
    entries: Vec<Entry>,
    /// How many more there are.
    more: usize,
    deadlines: Vec<Deadline>,
    /// How many deadlines there are besides.
    more_due: usize,
}

#[derive(Template)]
#[template(path = "calendar.html")]
struct Calendar<'p> {
    shell: &'p Shell,
    view: View,
    weeks: Vec<Vec<Day>>,
    more: bool,
}

impl View {
    fn of(asked: &Asked, today: NaiveDate) -> Self {
        let week = asked.week.as_deref().and_then(week);
        let month = asked.month.as_deref().and_then(parsed);
        week.map_or(Self::Month(month.unwrap_or(month_of(today).0)), Self::Week)
    }

    /// The first day and the last, whole weeks from Monday on.
    fn days(self) -> (NaiveDate, NaiveDate) {
        let (first, last) = match self {
            Self::Month(first) => month_of(first),
            Self::Week(monday) => (monday, monday),
        };
        let sunday = last.week(Weekday::Mon).checked_last_day().unwrap_or(last);
        (first.week(Weekday::Mon).checked_first_day().unwrap_or(first), sunday)
    }
}

/// A week as the address says it, `2026-W47` (ISO 8601): its Monday.
fn week(text: &str) -> Option<NaiveDate> {
    let (year, week) = text.split_once("-W")?;
    let monday = NaiveDate::from_isoywd_opt(year.parse().ok()?, week.parse().ok()?, Weekday::Mon)?;
    Some(monday).filter(|day| !crate::domain::delegation::is_far(*day))
}

fn week_label(monday: NaiveDate) -> String {
    let week = monday.iso_week();
    format!("{}-W{:02}", week.year(), week.week())
}

impl Calendar<'_> {
    fn title(&self) -> String {
        match self.view {
            View::Month(first) => self.shell.t1("calendar-month", "month", first.format("%m/%Y")),
            View::Week(monday) => {
                let sunday = monday.checked_add_days(Days::new(6)).unwrap_or(monday);
                let (week, days) =
                    (monday.iso_week().week().to_string(), words::days(Some(monday), Some(sunday)));
                texts::text(self.shell.lang, "calendar-week", &[("week", &week), ("days", &days)])
            }
        }
    }

    fn is_month(&self) -> bool {
        matches!(self.view, View::Month(_))
    }

    /// The address before (`-1`), of now (`0`) and after (`1`).
    fn at(&self, by: impl Borrow<i32>) -> String {
        match (self.view, *by.borrow()) {
            (View::Month(_), 0) => "/calendar".to_owned(),
            (View::Month(first), by) => format!("/calendar?month={}", label(beside(first, by))),
            (View::Week(_), 0) => format!("/calendar?week={}", week_label(self.shell.today)),
            (View::Week(monday), by) => {
                let week = Days::new(7);
                let moved =
                    if by < 0 { monday.checked_sub_days(week) } else { monday.checked_add_days(week) };
                format!("/calendar?week={}", week_label(moved.unwrap_or(monday)))
            }
        }
    }

    /// The other view of the same days.
    fn other(&self) -> String {
        match self.view {
            View::Month(first) => {
                let (first, last) = month_of(first);
                let is_now = (first..=last).contains(&self.shell.today);
                self.week(&if is_now { self.shell.today } else { first })
            }
            View::Week(monday) => format!("/calendar?month={}", label(monday)),
        }
    }

    fn week(&self, day: &NaiveDate) -> String {
        format!("/calendar?week={}", week_label(*day))
    }

    fn weekday(&self, no: impl Borrow<usize>) -> String {
        self.shell.t(match no.borrow() {
            0 => "weekday-1",
            1 => "weekday-2",
            2 => "weekday-3",
            3 => "weekday-4",
            4 => "weekday-5",
            5 => "weekday-6",
            _ => "weekday-7",
        })
    }

    /// A sign of the state, besides its colour and its word.
    fn sign(&self, state: &State) -> &'static str {
        sign(*state)
    }

    /// The states that stand in this calendar, for its legend.
    fn legend(&self) -> Vec<State> {
        let stands = |state: &&State| {
            self.weeks.iter().flatten().flat_map(|day| &day.entries).any(|entry| entry.state == **state)
        };
        State::ALL.iter().filter(stands).copied().collect()
    }

    fn due(&self, deadline: &Deadline) -> String {
        let what = self.shell.pick(&deadline.what.0, &deadline.what.1);
        if what.is_empty() { self.shell.word("due-kind", deadline.kind) } else { what.to_owned() }
    }

    fn is_empty(&self) -> bool {
        self.weeks.iter().flatten().all(|day| day.entries.is_empty() && day.deadlines.is_empty())
    }
}

fn sign(state: State) -> &'static str {
    match state {
        State::Draft => "○",
        State::Submitted => "◔",
        State::Received => "◑",
        State::Returned => "↩",
        State::Approved => "◕",
        State::Issued => "●",
        State::Reported => "✓",
        State::Closed => "■",
        State::Lapsed | State::Rejected | State::Cancelled | State::Revoked => "✕",
    }
}

fn weeks(shell: &Shell, settings: &crate::service::Settings, view: View, agenda: &Agenda) -> Vec<Vec<Day>> {
    let (from, to) = view.days();
    let off = &settings.calendar;
    let day = |on: NaiveDate| {
        let mut entries: Vec<Entry> =
            agenda.entries.iter().filter(|entry| entry.is_on(on)).cloned().collect();
        let most = if matches!(view, View::Month(_)) { SHOWN } else { usize::MAX };
        let more = entries.len().saturating_sub(most);
        entries.truncate(most);
        let mut deadlines: Vec<Deadline> =
            agenda.deadlines.iter().filter(|due| due.on == on).cloned().collect();
        let more_due = deadlines.len().saturating_sub(most);
        deadlines.truncate(most);
        Day {
            on,
            beside: matches!(view, View::Month(first) if first.month() != on.month()),
            is_today: on == shell.today,
            is_working: off.is_working(on),
            name: off.name(on).map(|(vi, en)| shell.pick(vi, en).to_owned()),
            entries,
            more,
            deadlines,
            more_due,
        }
    };
    let days: Vec<Day> = from.iter_days().take_while(|on| *on <= to).map(day).collect();
    let mut weeks: Vec<Vec<Day>> = Vec::new();
    for day in days {
        match weeks.last_mut().filter(|week| week.len() < 7) {
            Some(week) => week.push(day),
            None => weeks.push(vec![day]),
        }
    }
    weeks
}

/// The calendar.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn show(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let view = View::of(&asked, shell.today);
    let (from, to) = view.days();
    let agenda = caller.read(move |tx, ctx| agenda::agenda(tx, ctx, from, to)).await?;
    let weeks = weeks(&shell, &caller.state().settings, view, &agenda);
    let page = Calendar { shell: &shell, view, weeks, more: agenda.more };
    shell::page(StatusCode::OK, shell.lang, &page)
}

#[derive(Template)]
#[template(path = "feed.html")]
struct Feed<'p> {
    shell: &'p Shell,
    since: Option<DateTime<Utc>>,
    /// The address, once, right after it was made.
    address: Option<String>,
}

/// One's own calendar in other programs: whether it is open, since when.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn own(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    own_page(&request, &caller, None).await
}

async fn own_page(
    request: &HttpRequest,
    caller: &Caller,
    address: Option<String>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(request, caller)?;
    let since = caller.read(calendar_feeds::open_since).await?;
    shell::page(StatusCode::OK, shell.lang, &Feed { shell: &shell, since, address })
}

/// Opens one's own calendar, renews its address, or closes it. A new address is shown once, in this answer.
///
/// # Errors
/// 404 for closing what is not open.
pub async fn change(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    if form.get("close").is_some() {
        return caller
            .command(form.sent(), |tx, ctx| {
                Ok(calendar_feeds::close(tx, ctx)?.map(|()| Reply::see_other("/calendar/feed")))
            })
            .await;
    }
    let (secret, hash) = new_secret();
    caller
        .command(form.sent(), move |tx, ctx| {
            Ok(calendar_feeds::open(tx, ctx, &hash)?.map(|()| Reply::see_other("/calendar/feed")))
        })
        .await?;
    let base = caller.state().config.server.base_url.as_str().trim_end_matches('/').to_owned();
    let address = format!("{base}/calendar/feed/{}.ics", secret.expose());
    own_page(&request, &caller, Some(address)).await
}

/// A calendar for programs, behind its secret address. What is unknown, renewed, closed or of nobody active is not there.
///
/// # Errors
/// 404; 429 when it is asked too often.
pub async fn feed(request: HttpRequest, state: web::Data<Service>) -> Result<HttpResponse, Problem> {
    state.feeds.pass(state.store.now())?;
    let secret = request.match_info().get("secret").unwrap_or_default().to_owned();
    let settings = state.settings.clone();
    let feed = state.store.read(move |tx| calendar_feeds::feed(tx, &settings, &secret)).await?;
    let events = events(&state, &feed);
    let text = calendar(&texts::text(feed.lang, "calendar-feed-name", &[]), &events);
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/calendar; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"legation.ics\""))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::HeaderName::from_static("x-robots-tag"), "noindex, nofollow"))
        .body(text))
}

/// What programs are told. Neither title nor name leaves the house: a delegation is its official number, else which way it
/// travels, and its state; a deadline is its kind.
fn events(state: &Service, feed: &Feeding) -> Vec<DayEvent> {
    let (lang, installation) = (feed.lang, state.store.installation());
    let base = state.config.server.base_url.as_str().trim_end_matches('/').to_owned();
    let url = |id: DossierId| format!("{base}/delegations/{id}");
    let delegation = |entry: &Entry| {
        let of = entry.code.clone().unwrap_or_else(|| words::coded(lang, entry.direction));
        DayEvent {
            uid: format!("{}@{installation}.legation", entry.id),
            from: entry.from,
            to: entry.to,
            summary: format!("{of} · {}", words::coded(lang, entry.state)),
            url: Some(url(entry.id)),
            certain: is_certain(entry.state),
            changed_at: entry.state_since,
        }
    };
    // Whether a deadline moved since yesterday nobody remembers: it is as of today.
    let today = from_vietnam(day_in_vietnam(state.store.now()).and_time(NaiveTime::MIN));
    let deadline = |due: &Deadline| {
        let kind = words::coded(lang, due.kind);
        let place = due.dossier.map_or_else(|| due.of.clone(), |id| id.to_string());
        DayEvent {
            uid: format!("{}-{place}-{}@{installation}.legation", due.kind.code(), due.on),
            from: due.on,
            to: due.on,
            summary: due.code.as_ref().map_or_else(|| kind.clone(), |code| format!("{kind} · {code}")),
            url: due.dossier.map(url),
            certain: true,
            changed_at: today,
        }
    };
    let deadlines: BTreeMap<String, DayEvent> =
        feed.agenda.deadlines.iter().map(deadline).map(|event| (event.uid.clone(), event)).collect();
    feed.agenda.entries.iter().map(delegation).chain(deadlines.into_values()).collect()
}

/// Whether a delegation comes, as far as those say who decide.
fn is_certain(state: State) -> bool {
    matches!(state, State::Approved | State::Issued | State::Reported | State::Closed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn weeks_begin_on_monday_and_belong_to_their_thursday() {
        assert_eq!(week("2026-W53"), Some(on("2026-12-28")));
        assert_eq!(week_label(on("2027-01-01")), "2026-W53");
        assert_eq!(week("2027-W01"), Some(on("2027-01-04")));
        for bad in ["2025-W53", "2026-W00", "2026-47", "9999-W01", "", "W47", "2026-W5x"] {
            assert_eq!(week(bad), None, "{bad}");
        }
        assert_eq!(View::Month(on("2027-01-01")).days(), (on("2026-12-28"), on("2027-01-31")));
        assert_eq!(View::Week(on("2026-12-28")).days(), (on("2026-12-28"), on("2027-01-03")));
    }

    #[test]
    fn what_is_no_month_is_the_present_one() {
        let view = |month: Option<&str>, week: Option<&str>| {
            let asked = Asked { month: month.map(str::to_owned), week: week.map(str::to_owned) };
            View::of(&asked, on("2026-11-22"))
        };
        for bad in [None, Some("2026-13"), Some("x"), Some("0001-01"), Some("2026-11-05")] {
            assert_eq!(view(bad, None), View::Month(on("2026-11-01")), "{bad:?}");
        }
        assert_eq!(view(Some("2026-02"), Some("2026-W47")), View::Week(on("2026-11-16")));
    }
}
