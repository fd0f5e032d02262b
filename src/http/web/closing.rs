//! Closing a period and handing its return over: each on a page of its own that says what will be kept and by whom. What
//! became different since is another page, for the covering letter.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::{Value, json};

use super::controls::{Choice, Fields};
use super::form::Form;
use super::period::{self, Whole};
use super::reports::{Asked, Place};
use super::shell::{self, Shell};
use super::{done, kept};
use crate::domain::access::Action;
use crate::domain::codes::Lang;
use crate::domain::ids::ClosingId;
use crate::domain::refusal::Refusal;
use crate::domain::report::form::OverviewRow;
use crate::domain::report::{Period, Window};
use crate::http::api::closings::{Close, close_as};
use crate::http::api::reports::unmade;
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::service::returns::closings::Asked as NewClosing;
use crate::service::returns::closings::{self, ChangedDossier, Changes, ClosingView, NewHandOver, Since};
use crate::service::returns::{periods, shown};
use crate::service::users;
use crate::texts;

#[derive(Template)]
#[template(path = "close.html")]
struct ClosePage<'p> {
    shell: &'p Shell,
    place: Place,
    whole: Whole,
    /// Closed already, and nothing differs from what was closed.
    same: bool,
    fields: Fields,
    user: String,
}

impl ClosePage<'_> {
    fn name(&self) -> String {
        self.place.name(self.shell.lang)
    }

    fn up(&self) -> String {
        self.place.at("", &[])
    }

    fn organisation(&self) -> &str {
        self.whole.names.get(&self.whole.organisation).map_or("", String::as_str)
    }

    fn latest(&self) -> Option<&ClosingView> {
        self.whole.closings.last()
    }

    fn is_over(&self) -> bool {
        self.shell.today > self.whole.view.range.to
    }

    /// The figures that everybody looks at first.
    fn heads(&self) -> Vec<(&str, u64)> {
        let main = self.whole.form.overview.iter().filter(|row| row.section == "main");
        main.map(|row| (row.label.as_str(), row.in_period)).collect()
    }
}

/// The place that a form names: its window and organisation stand in its fields.
fn place_of(request: &HttpRequest, caller: &Caller, form: &Form) -> Result<Place, Problem> {
    let said = |name: &str| form.get(name).map(str::to_owned).filter(|text| !text.is_empty());
    let asked = Asked { window: said("/window"), of: said("of"), ..Asked::default() };
    Place::of(request, caller, &asked)
}

async fn close_page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    place: Place,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(request, caller)?;
    let whole = period::whole(caller, place).await?;
    if !whole.may_close {
        return Err(Refusal::Forbidden(Action::CloseReturn).into());
    }
    let fields = kept::fields(request, caller, refused, Value::Null).await?;
    let restates = !whole.closings.is_empty();
    let same = restates && is_same(caller, place).await?;
    let fields = if restates { fields.must(&["/reason"]) } else { fields };
    let user = caller.known.actor.display_name.clone();
    shell::page(status, shell.lang, &ClosePage { shell: &shell, place, whole, same, fields, user })
}

/// Whether a closed return would be made again as it was closed.
async fn is_same(caller: &Caller, place: Place) -> Result<bool, Problem> {
    let changes =
        caller.read(move |tx, ctx| closings::changes(tx, ctx, (place.period, place.window), place.of));
    let changes = changes.await?.map_err(|failure| unmade(&failure))?;
    Ok(changes.is_empty())
}

/// Asks whether a period is to be closed, or its return restated.
///
/// # Errors
/// 403 for who may not, 404 for what is no period.
pub async fn ask(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let place = Place::of(&request, &caller, &asked)?;
    close_page(&request, &caller, StatusCode::OK, place, None).await
}

/// Closes a period and goes back to its page.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn close(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let place = place_of(&request, &caller, &form)?;
    let caller = caller.with_form(&form);
    if form.get("/replaces").is_some() {
        done::instead(&request, "done-restated");
    }
    let done = close_with(&caller, &form, place).await;
    kept::settle(&request, &caller, &form, done, async |problem| {
        close_page(&request, &caller, problem.status, place, Some((&form, &problem))).await
    })
    .await
}

async fn close_with(caller: &Caller, form: &Form, place: Place) -> Result<HttpResponse, Problem> {
    let close: Close = form.read()?;
    let asked = NewClosing {
        id: caller.state().store.fresh(),
        installation: caller.state().store.installation(),
        period: place.period,
        window: place.window,
        organisation: close.organisation_id,
        replaces: close.replaces,
        reason: close.reason,
    };
    let goal = place.at("", &[]);
    close_as(caller, form.sent(), asked, move |closed| Ok(closed.map(|_| Reply::see_other(&goal)))).await
}

#[derive(Template)]
#[template(path = "hand_over.html")]
struct HandOverPage<'p> {
    shell: &'p Shell,
    place: Place,
    closing: ClosingView,
    fields: Fields,
}

impl HandOverPage<'_> {
    fn name(&self) -> String {
        self.place.name(self.shell.lang)
    }

    fn up(&self) -> String {
        self.place.at("", &[])
    }

    /// What can have been given: one of the frozen files, or the manifest.
    fn given(&self) -> String {
        let manifest = Choice { value: self.closing.sha256.clone(), label: self.shell.t("records-manifest") };
        let files = self.closing.files.iter().map(|file| Choice {
            value: file.sha256.clone(),
            label: format!("{} ({})", file.name, self.shell.word("lang", file.lang)),
        });
        let choices: Vec<Choice> = files.chain([manifest]).collect();
        self.fields.one_of("/sha256", &choices)
    }
}

async fn hand_over_page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let id: ClosingId = body::id(request, "id")?;
    let shell = Shell::of(request, caller)?;
    let read = caller.read(move |tx, ctx| {
        let (period, window, closing) = closings::one(tx, ctx, id)?;
        let own = shown::of_closing(tx, ctx, closing.organisation_id)?;
        Ok((period, window, closing, own))
    });
    let (period, window, closing, (is_own, may_close)): (Period, Window, ClosingView, (bool, bool)) =
        read.await?;
    if !may_close {
        return Err(Refusal::Forbidden(Action::CloseReturn).into());
    }
    let of = (!is_own).then_some(closing.organisation_id);
    let place = Place { period, window, of };
    let today = json!({"given_on": shell.today});
    let fields = kept::fields(request, caller, refused, today).await?;
    let fields = fields.must(&["/given_to", "/given_on", "/how", "/sha256"]);
    shell::page(status, shell.lang, &HandOverPage { shell: &shell, place, closing, fields })
}

/// Asks to whom a closed return was given.
///
/// # Errors
/// 403 for who may not, 404 for no such closing.
pub async fn ask_hand_over(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    hand_over_page(&request, &caller, StatusCode::OK, None).await
}

/// Records a hand-over and goes back to the period.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn hand_over(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let id: ClosingId = body::id(&request, "id")?;
    let caller = caller.with_form(&form);
    let goal = shell::safe_path(form.get("up"));
    let given = form.command(&caller, move |tx, ctx, new: &NewHandOver| {
        let given = closings::hand_over(tx, ctx, id, new)?;
        Ok(given.map(|_| Reply::see_other(&goal)))
    });
    let done = given.await;
    kept::settle(&request, &caller, &form, done, async |problem| {
        hand_over_page(&request, &caller, problem.status, Some((&form, &problem))).await
    })
    .await
}

#[derive(Template)]
#[template(path = "changes.html")]
struct ChangesPage<'p> {
    shell: &'p Shell,
    place: Place,
    changes: Arc<Changes>,
    labels: Vec<((String, String), String)>,
    people: std::collections::BTreeMap<String, String>,
    may_close: bool,
}

impl ChangesPage<'_> {
    fn name(&self) -> String {
        self.place.name(self.shell.lang)
    }

    fn up(&self) -> String {
        self.place.at("", &[])
    }

    fn close(&self) -> String {
        self.place.at("/close", &[])
    }

    fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// A figure in the reader's language; the comparison itself is made in Vietnamese.
    fn figure(&self, section: &str, id: &str, own: &str) -> String {
        let known = self.labels.iter().find(|((of, row), _)| of == section && row == id);
        known.map_or_else(|| own.to_owned(), |(_, label)| label.clone())
    }

    fn path(&self, path: &str) -> String {
        let (table, name) = path.split_once('/').unwrap_or(("", path));
        let key = format!("return-field-{}", name.replace('_', "-"));
        let table = self.shell.word("return-table", table);
        format!("{table}: {}", texts::text(self.shell.lang, &key, &[]))
    }

    fn value(&self, value: &Value) -> String {
        said(self.shell, value)
    }

    fn code<'c>(&self, changed: &'c ChangedDossier) -> &'c str {
        if changed.change.code.is_empty() { &changed.change.id } else { &changed.change.code }
    }

    fn actor(&self, since: &Since) -> String {
        let known = since.actor_id.as_ref().and_then(|id| self.people.get(id));
        known.cloned().unwrap_or_else(|| self.shell.t("dossier-by-system"))
    }

    fn event(&self, since: &Since) -> String {
        self.shell.word("event", since.action.replace('.', "-"))
    }
}

/// A value of the return as people read it: words by their text, days in their form.
fn said(shell: &Shell, value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::Bool(true) => shell.t("page-yes"),
        Value::Bool(false) => shell.t("page-no"),
        Value::Number(number) => number.to_string(),
        Value::String(text) => match text.parse() {
            Ok(day) => shell.day(&day),
            Err(_) if text.is_empty() => "–".to_owned(),
            Err(_) => text.clone(),
        },
        Value::Array(items) if items.is_empty() => "–".to_owned(),
        Value::Array(items) => items.iter().map(|item| said(shell, item)).collect::<Vec<_>>().join("; "),
        Value::Object(fields) => match fields.get("text") {
            Some(Value::String(text)) => text.clone(),
            _ => {
                let told = fields.values().filter(|value| !value.is_null());
                told.map(|value| said(shell, value)).collect::<Vec<_>>().join(", ")
            }
        },
    }
}

/// A figure with the group that it stands in: "Nhật Bản" alone may be guests, delegations or stays.
fn grouped(row: &OverviewRow) -> String {
    let parts = [row.section_label.as_str(), row.label.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

/// What became different in a closed period, for the covering letter.
///
/// # Errors
/// 404 where nothing is closed.
pub async fn changes(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let place = Place::of(&request, &caller, &asked)?;
    let lang: Lang = shell.lang;
    let found = caller.read(move |tx, ctx| {
        let changes = match closings::changes(tx, ctx, (place.period, place.window), place.of)? {
            Ok(changes) => changes,
            Err(failure) => return Ok(Err(failure)),
        };
        let frozen = closings::frozen_form(tx, ctx, (place.period, place.window), place.of, lang)?;
        let rows = frozen.iter().flat_map(|form| &form.overview);
        let labels: Vec<_> = rows.map(|row| ((row.section.clone(), row.id.clone()), grouped(row))).collect();
        let events = changes.dossiers.iter().flat_map(|one| &one.events);
        let actors = events.filter_map(|event| event.actor_id.as_deref()?.parse().ok()).collect();
        let people = users::names(tx, actors)?;
        let (_, may_close, _) = periods::one(tx, ctx, place.period, place.window, place.of)?;
        Ok(Ok((changes, labels, people, may_close)))
    });
    let (changes, labels, people, may_close) = found.await?.map_err(|failure| unmade(&failure))?;
    let page = ChangesPage { shell: &shell, place, changes, labels, people, may_close };
    shell::page(StatusCode::OK, shell.lang, &page)
}
