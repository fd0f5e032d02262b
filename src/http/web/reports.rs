//! Returns: the periods of a year with where each stands, what was prepared and waits to be closed first; and where on
//! these pages a period is.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use super::controls::Choice;
use super::inbox::Due;
use super::office::places;
use super::shell::{self, Shell};
use super::words;
use crate::domain::codes::{Code, Lang};
use crate::domain::ids::OrganisationId;
use crate::domain::refusal::Refusal;
use crate::domain::report::period::{Kind, Range};
use crate::domain::report::{Period, Window};
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::service::organisations;
use crate::service::returns::periods::{self, PeriodView, Year};
use crate::service::returns::preparing::{self, PreparedView};
use crate::service::returns::told;

/// What an address says beside its path. An unknown word is none.
#[derive(Debug, Default, Clone, Deserialize)]
pub struct Asked {
    /// Cut how.
    pub window: Option<String>,
    /// Whose.
    pub of: Option<String>,
    /// Of which year.
    pub year: Option<String>,
    /// Which column of the overview.
    pub column: Option<String>,
    /// Where a page begins.
    pub cursor: Option<String>,
}

impl Asked {
    /// The window; the configured one, if none is named.
    #[must_use]
    pub fn window(&self, caller: &Caller) -> Window {
        self.window.as_deref().and_then(Window::parse).unwrap_or(caller.state().settings.window)
    }

    /// The organisation that is named.
    #[must_use]
    pub fn of(&self) -> Option<OrganisationId> {
        self.of.as_deref().and_then(|id| id.parse().ok())
    }

    /// The year; today's, if none is named.
    #[must_use]
    pub fn year(&self, today: NaiveDate) -> i32 {
        let asked = self.year.as_deref().and_then(|year| year.parse().ok());
        asked.filter(|year| (1900..=9998).contains(year)).unwrap_or_else(|| today.year())
    }
}

/// A period on these pages: `/reports/monthly/2026-03`, cut by a window, perhaps of a certain organisation.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Which.
    pub period: Period,
    /// Cut how.
    pub window: Window,
    /// Whose, if not the reader's own.
    pub of: Option<OrganisationId>,
}

impl Place {
    /// Out of the address.
    ///
    /// # Errors
    /// 404 for what is no period.
    pub fn of(request: &HttpRequest, caller: &Caller, asked: &Asked) -> Result<Self, Problem> {
        let part = |name: &str| request.match_info().get(name).unwrap_or_default();
        let period = Period::parse(part("kind"), part("label")).map_err(|_none| Refusal::NotFound)?;
        Ok(Self { period, window: asked.window(caller), of: asked.of() })
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/reports/{}/{}", self.period.kind(), self.period.label())
    }

    /// A page below it (`""` for itself), with what else the address says.
    #[must_use]
    pub fn at(&self, below: &str, more: &[(&str, &str)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("window", self.window.code());
        if let Some(of) = self.of {
            query.append_pair("of", &of.to_string());
        }
        query.extend_pairs(more);
        format!("{}{below}?{}", self.path(), query.finish())
    }

    /// The same period in the other window.
    #[must_use]
    pub fn in_window(&self, window: Window) -> Self {
        Self { window, ..*self }
    }

    /// What people call it: "Tháng 3/2026".
    #[must_use]
    pub fn name(&self, lang: Lang) -> String {
        told::called(self.period, lang)
    }
}

/// The two windows, the configured one first.
#[must_use]
pub fn windows(caller: &Caller) -> [Window; 2] {
    match caller.state().settings.window {
        Window::MidMonth => [Window::MidMonth, Window::Calendar],
        Window::Calendar => [Window::Calendar, Window::MidMonth],
    }
}

/// The state of a period as a template shows it.
pub struct Standing {
    /// The word.
    pub word: String,
    /// Its colour, as that of a dossier's state.
    pub tone: &'static str,
}

impl Standing {
    /// Of a period.
    #[must_use]
    pub fn of(shell: &Shell, view: &PeriodView) -> Self {
        use periods::PeriodState as S;
        let tone = match view.state {
            _ if view.overdue => "revoked",
            S::Running => "draft",
            S::Open => "submitted",
            S::Prepared => "returned",
            S::Closed | S::HandedOver => "approved",
        };
        let word = if view.overdue { shell.t("records-overdue") } else { shell.coded(&view.state) };
        Self { word, tone }
    }
}

/// The deadline of a period: until it is closed, where somebody waits for it.
#[must_use]
pub fn due(shell: &Shell, view: &PeriodView) -> Option<Due> {
    let awaited = view.closed.is_none() && (view.overdue || view.working_days >= 0);
    awaited.then(|| Due::of(shell, Some(view.due_on), Some(view.working_days)))
}

#[derive(Template)]
#[template(path = "reports.html")]
struct Reports<'p> {
    shell: &'p Shell,
    year: i32,
    window: Window,
    windows: [Window; 2],
    of: Option<OrganisationId>,
    prepared: Vec<PreparedView>,
    whole: Year,
    names: BTreeMap<OrganisationId, String>,
    /// Whose returns can be chosen.
    bodies: Vec<Choice>,
}

impl Reports<'_> {
    fn is_shown(&self, id: &str) -> bool {
        self.whole.organisation.to_string() == id
    }

    fn organisation(&self, id: &OrganisationId) -> &str {
        self.names.get(id).map_or("", String::as_str)
    }

    fn kinds(&self) -> Vec<(Kind, Vec<&PeriodView>)> {
        let of =
            |kind: &Kind| self.whole.periods.iter().filter(|one| one.period.kind() == *kind).rev().collect();
        let all = Kind::ALL.iter().map(|kind| (*kind, of(kind)));
        all.filter(|(_, periods): &(Kind, Vec<&PeriodView>)| !periods.is_empty()).collect()
    }

    fn name(&self, view: &PeriodView) -> String {
        told::called(view.period, self.shell.lang)
    }

    fn href(&self, view: &PeriodView) -> String {
        Place { period: view.period, window: self.window, of: self.of }.at("", &[])
    }

    /// Where a prepared return is: of another organisation than the reader's own by its name.
    fn waiting(&self, one: &PreparedView) -> Option<Place> {
        let period = Period::parse_label(one.kind, &one.label).ok()?;
        let is_own = self.of.is_none() && one.organisation_id == self.whole.organisation;
        Some(Place { period, window: one.window, of: (!is_own).then_some(one.organisation_id) })
    }

    fn waiting_name(&self, one: &PreparedView) -> String {
        self.waiting(one).map(|place| place.name(self.shell.lang)).unwrap_or_default()
    }

    fn waiting_href(&self, one: &PreparedView) -> String {
        self.waiting(one).map(|place| place.at("", &[])).unwrap_or_default()
    }

    fn span(&self, one: &PreparedView) -> String {
        words::days(Some(one.from), Some(one.to))
    }

    fn waiting_due(&self, one: &PreparedView) -> Due {
        Due::of(self.shell, Some(one.due_on), Some(one.working_days))
    }

    fn window_name(&self, window: &Window) -> String {
        self.shell.coded(window)
    }

    fn is_window(&self, window: &Window) -> bool {
        self.window == *window
    }

    fn days(&self, range: &Range) -> String {
        words::days(Some(range.from), Some(range.to))
    }

    fn standing(&self, view: &PeriodView) -> Standing {
        Standing::of(self.shell, view)
    }

    fn due(&self, view: &PeriodView) -> Option<Due> {
        due(self.shell, view)
    }

    /// The same page for another year or window.
    fn at(&self, year: impl Borrow<i32>, window: &Window) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("year", &year.borrow().to_string()).append_pair("window", window.code());
        if let Some(of) = self.of {
            query.append_pair("of", &of.to_string());
        }
        format!("/reports?{}", query.finish())
    }
}

/// The periods of a year.
///
/// # Errors
/// 404 for an organisation out of reach.
pub async fn show(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let (year, window, of) = (asked.year(shell.today), asked.window(&caller), asked.of());
    let (prepared, whole, names, readable) = caller
        .read(move |tx, ctx| {
            let waiting = preparing::waiting(tx, ctx)?;
            let whole = periods::year(tx, ctx, year, window, of)?;
            let readable = periods::readable(tx, ctx)?;
            Ok((waiting, whole, organisations::names(tx, ctx.actor.lang)?, readable))
        })
        .await?;
    let bodies = names.iter().filter(|(id, _)| readable.contains(id));
    let bodies = places(&bodies.map(|(id, name)| (*id, name.clone())).collect());
    let windows = windows(&caller);
    let page = Reports { shell: &shell, year, window, windows, of, prepared, whole, names, bodies };
    shell::page(StatusCode::OK, shell.lang, &page)
}
