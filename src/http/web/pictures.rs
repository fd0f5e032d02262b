//! The year in pictures: delegations and visits by month beside last year, nationalities, fields, and how much was in
//! time; every number as the return of the same window counts it.

use std::borrow::Borrow;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::charts::{Chart, Series};
use super::reports::{self, Asked};
use super::shell::{self, Shell};
use crate::domain::codes::Code;
use crate::domain::refusal::Refusal;
use crate::domain::report::Window;
use crate::domain::report::form::Totals;
use crate::domain::report::series::{InTime, Month, Pictures, Rate, Share};
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::service::returns::shown;

/// Nationalities that are drawn by name; the others are one bar.
const NAMED: usize = 12;

#[derive(Template)]
#[template(path = "pictures.html")]
struct Page<'p> {
    shell: &'p Shell,
    year: i32,
    window: Window,
    windows: [Window; 2],
    whole: Arc<Pictures>,
}

impl Page<'_> {
    fn at(&self, year: impl Borrow<i32>, window: &Window) -> String {
        format!("/reports/charts?year={}&window={}", year.borrow(), window.code())
    }

    fn window_name(&self, window: &Window) -> String {
        self.shell.coded(window)
    }

    fn is_window(&self, window: &Window) -> bool {
        self.window == *window
    }

    fn is_empty(&self) -> bool {
        let none = |totals: &Totals| totals.inbound_delegations + totals.outbound_delegations == 0;
        none(&self.whole.totals) && self.whole.months.iter().all(|month| none(&month.before))
    }

    fn chart(&self, id: &'static str) -> Chart {
        let t = |part: &str| self.shell.t(&format!("charts-{id}-{part}"));
        Chart {
            id,
            title: self.shell.t1(&format!("charts-{id}"), "year", self.year),
            desc: t("desc"),
            of: t("of"),
            show: self.shell.t("charts-show"),
            total: String::new(),
            categories: Vec::new(),
            series: Vec::new(),
            unit: "",
        }
    }

    /// Months: by number in the drawing, by name in the table.
    fn months(&self) -> Vec<(String, String)> {
        let name = |month: &Month| {
            let no = month.label.rsplit('-').next().unwrap_or_default().trim_start_matches('0').to_owned();
            let long = self.shell.t1("charts-month", "no", &no);
            (no, long)
        };
        self.whole.months.iter().map(name).collect()
    }

    fn by_month(&self, id: &'static str, figure: fn(&Totals) -> u64) -> String {
        let months = || self.whole.months.iter();
        let now = months().map(|month| month.now.as_ref().map(figure)).collect();
        let before = months().map(|month| Some(figure(&month.before))).collect();
        let chart = Chart {
            total: self.shell.t("charts-total"),
            categories: self.months(),
            series: vec![
                Series { label: self.year.to_string(), values: now },
                Series { label: (self.year - 1).to_string(), values: before },
            ],
            ..self.chart(id)
        };
        chart.upright()
    }

    fn delegations(&self) -> String {
        self.by_month("delegations", |totals| totals.inbound_delegations)
    }

    fn visits(&self) -> String {
        self.by_month("visits", |totals| totals.visits)
    }

    fn outbound(&self) -> String {
        self.by_month("outbound", |totals| totals.outbound_delegations)
    }

    fn shares(&self, id: &'static str, shares: &[Share]) -> String {
        let chart = Chart {
            total: self.shell.t("charts-total"),
            categories: shares.iter().map(|share| (share.label.clone(), share.label.clone())).collect(),
            series: vec![Series {
                label: self.shell.t(&format!("charts-{id}-number")),
                values: shares.iter().map(|share| Some(share.value)).collect(),
            }],
            ..self.chart(id)
        };
        chart.lying()
    }

    fn nationalities(&self) -> String {
        let all = &self.whole.nationalities;
        let mut shown: Vec<Share> = all.iter().take(NAMED).cloned().collect();
        let others: u64 = all.iter().skip(NAMED).map(|share| share.value).sum();
        if others > 0 {
            shown.push(Share { id: String::new(), label: self.shell.t("charts-others"), value: others });
        }
        self.shares("nationalities", &shown)
    }

    fn fields(&self) -> String {
        self.shares("fields", &self.whole.fields)
    }

    /// What was in time, as figures: words, in time, of how many, in per cent.
    fn rates(&self) -> Vec<(String, Rate, String)> {
        let InTime { filed, issued, reported } = self.whole.in_time;
        let said =
            |rate: Rate| rate.percent().map_or_else(|| "–".to_owned(), |percent| format!("{percent}%"));
        let all = [("charts-filed", filed), ("charts-issued", issued), ("charts-reported", reported)];
        all.into_iter().map(|(key, rate)| (self.shell.t(key), rate, said(rate))).collect()
    }

    /// Whether there is anything that can have been in time.
    fn has_rates(&self) -> bool {
        let InTime { filed, issued, reported } = self.whole.in_time;
        [filed, issued, reported].iter().any(|rate| rate.of > 0)
    }

    fn in_time(&self) -> String {
        let series = |key: &str, rate: fn(&InTime) -> Rate| Series {
            label: self.shell.t(key),
            values: self.whole.months.iter().map(|month| rate(&month.in_time).percent()).collect(),
        };
        let chart = Chart {
            categories: self.months(),
            series: vec![
                series("charts-filed", |one| one.filed),
                series("charts-issued", |one| one.issued),
                series("charts-reported", |one| one.reported),
            ],
            unit: "%",
            ..self.chart("in-time")
        };
        chart.upright()
    }
}

/// The pictures of a year.
///
/// # Errors
/// 404 for a year that is none.
pub async fn show(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let (year, window, lang) = (asked.year(shell.today), asked.window(&caller), shell.lang);
    let whole = caller.read(move |tx, ctx| shown::pictures(tx, ctx, year, window, lang)).await?;
    let whole = whole.ok_or(Refusal::NotFound)?;
    let page = Page { shell: &shell, year, window, windows: reports::windows(&caller), whole };
    shell::page(StatusCode::OK, shell.lang, &page)
}
