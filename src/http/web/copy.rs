//! A new draft from a dossier that is there: what recurs from year to year is typed once.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::Value;

use super::controls::Fields;
use super::form::Form;
use super::kept;
use super::shell::{self, Shell};
use crate::domain::ids::DossierId;
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::service::delegations;
use crate::service::views::{self, DelegationView};

#[derive(Template)]
#[template(path = "copy.html")]
struct Copy<'p> {
    shell: &'p Shell,
    fields: Fields,
    view: DelegationView,
}

async fn page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let id: DossierId = body::id(request, "id")?;
    let shell = Shell::of(request, caller)?;
    let view = caller.read(move |tx, ctx| views::delegation(tx, ctx, id)).await?;
    let fields = kept::fields(request, caller, refused, Value::Null).await?;
    shell::page(status, shell.lang, &Copy { shell: &shell, fields, view })
}

/// Says what is taken over, and asks.
///
/// # Errors
/// 404 where the reader may not know of the dossier.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    page(&request, &caller, StatusCode::OK, None).await
}

/// Copies it, and goes on to the form of the new draft.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn run(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let id: DossierId = body::id(&request, "id")?;
    let caller = caller.with_form(&form);
    let version = caller.version()?;
    let copy = caller.command(form.sent(), move |tx, ctx| {
        let copied = delegations::copy(tx, ctx, id, version)?;
        Ok(copied.map(|new| Reply::see_other(format!("/delegations/{new}/edit"))))
    });
    let done = copy.await;
    kept::settle(&request, &caller, &form, done, async |problem| {
        page(&request, &caller, problem.status, Some((&form, &problem))).await
    })
    .await
}
