//! Long exports: asked for on a page, made while nobody waits, looked after and downloaded by whoever asked.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Datelike;
use serde::Deserialize;
use serde_json::{Value, json};

use super::controls::{Choice, Fields};
use super::form::{Form, stated};
use super::kept;
use super::shell::{self, Shell};
use crate::domain::codes::Code;
use crate::domain::ids::ExportId;
use crate::domain::report::period::Kind;
use crate::domain::report::{Period, Window};
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::USUAL;
use crate::http::problem::Problem;
use crate::report::Table;
use crate::service::exports::{self, ExportView, NewExport, What};
use crate::service::returns::Format;
use crate::service::returns::told;

/// What the page of a period fills in beforehand.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    kind: Option<String>,
    label: Option<String>,
    window: Option<String>,
}

/// Choices of a vocabulary under another family of words than its own name.
fn choices<C: Code>(shell: &Shell, family: &str, all: &[C]) -> Vec<Choice> {
    let choice = |code: &C| Choice { value: code.code().to_owned(), label: shell.word(family, code.code()) };
    all.iter().map(choice).collect()
}

/// What was asked for, in one line.
fn named(shell: &Shell, view: &ExportView) -> String {
    let asked = &view.asked;
    let period = asked.kind.zip(asked.label.as_deref()).and_then(|(kind, label)| {
        let period = Period::parse_label(kind, label).ok()?;
        Some(told::called(period, shell.lang))
    });
    let parts = [
        Some(shell.word("export-what", asked.what)),
        period,
        asked.window.map(|window| shell.coded(&window)),
        Some(shell.word("report-format", asked.format)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// A period as one choice of the form: `monthly/2026-03`.
fn coded(period: Period) -> String {
    format!("{}/{}", period.kind(), period.label())
}

fn period_in(choice: &str) -> Option<Period> {
    let (kind, label) = choice.split_once('/')?;
    Period::parse(kind, label).ok()
}

/// What the form asks for: its one choice of a period is the kind and the label that the use case takes.
fn said(form: &Form) -> Value {
    let mut json = stated(form.json());
    let period = json.get("label").and_then(Value::as_str).and_then(period_in);
    if let (Some(period), Some(fields)) = (period, json.as_object_mut()) {
        fields.insert("kind".to_owned(), json!(period.kind()));
        fields.insert("label".to_owned(), json!(period.label()));
    }
    json
}

#[derive(Template)]
#[template(path = "exports.html")]
struct Exports<'p> {
    shell: &'p Shell,
    items: Vec<ExportView>,
    window: Window,
    fields: Fields,
}

impl Exports<'_> {
    fn name(&self, view: &ExportView) -> String {
        named(self.shell, view)
    }

    fn whats(&self) -> String {
        let offered = choices(self.shell, "export-what", &[What::Return, What::Visits]);
        self.fields.one_of("/what", &offered)
    }

    fn formats(&self) -> String {
        let mut formats = vec![Format::Xlsx, Format::Csv, Format::Json];
        if cfg!(feature = "pdf") {
            formats.extend([Format::Pdf, Format::Docx]);
        }
        self.fields.one_of("/format", &choices(self.shell, "report-format", &formats))
    }

    /// The periods of this year and the four before it that have begun, of each kind the newest first; before them the one that
    /// is filled in, if it is an older one.
    fn periods(&self) -> String {
        let year = self.shell.today.year();
        let of = |kind: &'static Kind| {
            let years = (year - 4..=year).rev();
            years.flat_map(move |year| (1..=12).rev().filter_map(move |no| Period::new(*kind, year, no)))
        };
        let begun = |period: &Period| period.range(self.window).from <= self.shell.today;
        let last: Vec<Period> = Kind::ALL.iter().flat_map(of).filter(begun).collect();
        let filled = period_in(&self.fields.text("/label")).filter(|period| !last.contains(period));
        let choice =
            |period: Period| Choice { value: coded(period), label: told::called(period, self.shell.lang) };
        let offered: Vec<Choice> = filled.into_iter().chain(last).map(choice).collect();
        self.fields.one_of("/label", &offered)
    }

    fn windows(&self) -> String {
        self.fields.coded::<Window>("/window")
    }

    fn tables(&self) -> String {
        self.fields.one_of("/table", &choices(self.shell, "report-table", Table::ALL))
    }
}

async fn page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    asked: &Asked,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(request, caller)?;
    let items = caller.read(|tx, ctx| exports::list(tx, ctx, USUAL)).await?;
    let period = asked.kind.as_deref().zip(asked.label.as_deref());
    let period = period.and_then(|(kind, label)| Period::parse(kind, label).ok());
    let window = asked.window.as_deref().and_then(Window::parse).unwrap_or(caller.state().settings.window);
    let filled = json!({
        "what": What::Visits, "format": Format::Xlsx, "label": period.map(coded), "window": window,
    });
    let fields = kept::fields(request, caller, refused, filled).await?;
    let fields = fields.must(&["/what", "/format", "/label"]);
    shell::page(status, shell.lang, &Exports { shell: &shell, items, window, fields })
}

/// The reader's own exports, and the form that asks for one more.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn show(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    page(&request, &caller, StatusCode::OK, &asked, None).await
}

/// Asks for an export and goes to the page that says how far it is.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn ask(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let caller = caller.with_form(&form);
    let done = match body::value::<NewExport>(said(&form)) {
        Ok(new) => {
            let asked = caller.command(form.sent(), move |tx, ctx| {
                let asked = exports::ask(tx, ctx, &new, ctx.actor.lang)?;
                let path = format!("/reports/exports/{}", asked.value().id);
                Ok(asked.map(|_| Reply::see_other(path)))
            });
            asked.await
        }
        Err(refusal) => Err(refusal.into()),
    };
    // Kind and label are one field here: what is said of a missing period is said once.
    let done = done.map_err(|mut problem: Problem| {
        problem.faults.retain(|fault| fault.pointer != "/kind");
        problem
    });
    kept::settle(&request, &caller, &form, done, async |problem| {
        page(&request, &caller, problem.status, &Asked::default(), Some((&form, &problem))).await
    })
    .await
}

#[derive(Template)]
#[template(path = "export.html")]
struct ExportPage<'p> {
    shell: &'p Shell,
    view: ExportView,
}

impl ExportPage<'_> {
    fn name(&self) -> String {
        named(self.shell, &self.view)
    }

    fn failure(&self) -> String {
        let code = self.view.failure.as_deref().unwrap_or("internal");
        self.shell.t(&format!("problem-{code}"))
    }

    fn is_under_way(&self) -> bool {
        self.view.finished_at.is_none()
    }

    fn kib(&self, bytes: &i64) -> i64 {
        (bytes + 1023) / 1024
    }
}

/// How far an export is.
///
/// # Errors
/// 404 for anybody else's.
pub async fn one(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let id: ExportId = body::id(&request, "id")?;
    let shell = Shell::of(&request, &caller)?;
    let view = caller.read(move |tx, ctx| exports::get(tx, ctx, id)).await?;
    shell::page(StatusCode::OK, shell.lang, &ExportPage { shell: &shell, view })
}
