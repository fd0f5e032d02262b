//! The month at a glance: who is here, comes, leaves and has to be reported on, and what must not be overlooked. Each
//! number leads to the list that it counts.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{Months, NaiveDate};
use serde::Deserialize;

use super::list::month as parsed;
use super::shell::{self, Shell};
use super::words;
use crate::domain::alert::{Alert, AlertCode};
use crate::domain::ids::OrganisationId;
use crate::domain::phase::{Phase, month_of};
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::service::agenda::{self, Alerted, Part};
use crate::service::organisations;
use crate::service::views::DelegationItem;
use crate::texts;

/// Which month. What is none is the present one.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    month: Option<String>,
}

#[derive(Template)]
#[template(path = "month.html")]
struct Month<'p> {
    shell: &'p Shell,
    first: NaiveDate,
    is_now: bool,
    parts: Vec<Part>,
    alerts: Vec<Alerted>,
    names: BTreeMap<OrganisationId, String>,
}

/// A month in an address.
#[must_use]
pub fn label(first: NaiveDate) -> String {
    first.format("%Y-%m").to_string()
}

/// The month before (`-1`) or after (`1`).
#[must_use]
pub fn beside(first: NaiveDate, by: i32) -> NaiveDate {
    let months = Months::new(by.unsigned_abs());
    let moved = if by < 0 { first.checked_sub_months(months) } else { first.checked_add_months(months) };
    moved.unwrap_or(first)
}

/// What a phase of a month is called: of a month that is over nobody is still to come.
#[must_use]
pub fn called(shell: &Shell, phase: Phase, first: NaiveDate) -> String {
    let (_, last) = month_of(first);
    match phase {
        Phase::Arriving if last < shell.today => shell.t("month-came"),
        Phase::Leaving if last < shell.today => shell.t("month-left"),
        phase => shell.word("phase", phase),
    }
}

impl Month<'_> {
    fn title(&self) -> String {
        self.shell.t1("month-title", "month", self.first.format("%m/%Y"))
    }

    fn at(&self, by: impl Borrow<i32>) -> String {
        format!("/month?month={}", label(beside(self.first, *by.borrow())))
    }

    fn named(&self, by: impl Borrow<i32>) -> String {
        beside(self.first, *by.borrow()).format("%m/%Y").to_string()
    }

    fn heading(&self, part: &Part) -> String {
        called(self.shell, part.phase, self.first)
    }

    /// Nobody, or nobody who does not stand under another heading.
    fn none(&self, part: &Part) -> String {
        if part.count > 0 {
            return self.shell.t1("month-elsewhere", "n", part.count);
        }
        self.shell.t(match part.phase {
            Phase::Arriving => "month-none-arriving",
            Phase::Here => "month-none-here",
            Phase::Leaving => "month-none-leaving",
            Phase::ReportDue => "month-none-report-due",
        })
    }

    fn list(&self, part: &Part) -> String {
        format!("/delegations?phase={}&month={}&sort=arrival", part.phase, label(self.first))
    }

    fn host(&self, item: &DelegationItem) -> &str {
        let id = item.lead_host_id.unwrap_or(item.organisation_id);
        self.names.get(&id).map_or("", String::as_str)
    }

    fn has_more(part: &Part) -> bool {
        usize::try_from(part.count).is_ok_and(|count| count > part.items.len())
    }

    /// An alert in words: what is wrong, and how near it is; of a duty, which one and until when.
    fn says(&self, one: &Alerted, alert: &Alert) -> String {
        let said = self.said(alert);
        let duty = one.duties.iter().find(|duty| Some(duty.id) == alert.obligation_id);
        let Some(planned) = duty.map(|duty| &duty.planned) else { return said };
        let due = words::wall(planned.due_at);
        let title = self.shell.pick(&planned.title_vi, &planned.title_en);
        let known = [("alert", said.as_str()), ("duty", title), ("due", &due)];
        texts::text(self.shell.lang, "alert-of-duty", &known)
    }

    fn said(&self, alert: &Alert) -> String {
        let key = match (alert.code, alert.working_days) {
            (AlertCode::NoPermit, 1..) => "alert-no-permit-soon",
            (AlertCode::NoPermit, 0) => "alert-no-permit-today",
            (AlertCode::NoPermit, _) => "alert-no-permit-here",
            (AlertCode::PermitExpires, 0..) => "alert-permit-expires",
            (AlertCode::PermitExpires, _) => "alert-permit-expired",
            (AlertCode::ObligationOverdue, 0..) => "alert-overdue-today",
            (AlertCode::ObligationOverdue, _) => "alert-overdue",
        };
        self.shell.t1(key, "n", alert.working_days.abs())
    }

    fn tone(&self, alert: &Alert) -> &'static str {
        if alert.working_days > 0 { "soon" } else { "late" }
    }

    fn is_empty(&self) -> bool {
        self.parts.iter().all(|part| part.count == 0) && self.alerts.is_empty()
    }
}

/// The month.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn show(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let (now, _) = month_of(shell.today);
    let first = asked.month.as_deref().and_then(parsed).unwrap_or(now);
    let (month, names) = caller
        .read(move |tx, ctx| Ok((agenda::month(tx, ctx, first)?, organisations::names(tx, ctx.actor.lang)?)))
        .await?;
    let is_now = first == now;
    let page = Month { shell: &shell, first, is_now, parts: month.parts, alerts: month.alerts, names };
    shell::page(StatusCode::OK, shell.lang, &page)
}
