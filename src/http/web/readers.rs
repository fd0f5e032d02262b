//! Who may know of a confidential dossier, and naming a colleague.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::Value;

use super::controls::{Choice, Fields};
use super::form::Form;
use super::kept;
use super::shell::{self, Shell};
use crate::domain::ids::DossierId;
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::service::readers::{self, NewReader, Reader};
use crate::service::views::{self, DelegationView};

#[derive(Template)]
#[template(path = "readers.html")]
struct Readers<'p> {
    shell: &'p Shell,
    fields: Fields,
    view: DelegationView,
    all: readers::Readers,
}

impl Readers<'_> {
    fn colleague(&self) -> String {
        let choice = |one: &Reader| Choice { value: one.account_id.to_string(), label: one.name.clone() };
        self.fields.one_of("/account_id", &self.all.candidates.iter().map(choice).collect::<Vec<_>>())
    }
}

async fn page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let id: DossierId = body::id(request, "id")?;
    let shell = Shell::of(request, caller)?;
    let read =
        caller.read(move |tx, ctx| Ok((views::delegation(tx, ctx, id)?, readers::of_dossier(tx, ctx, id)?)));
    let (view, all) = read.await?;
    let fields = kept::fields(request, caller, refused, Value::Null).await?;
    shell::page(status, shell.lang, &Readers { shell: &shell, fields, view, all })
}

/// Who may know of it.
///
/// # Errors
/// 404 where the reader may not know of it.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    page(&request, &caller, StatusCode::OK, None).await
}

/// Names a colleague.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn name(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let id: DossierId = body::id(&request, "id")?;
    let caller = caller.with_form(&form);
    let name = form.command(&caller, move |tx, ctx, new: &NewReader| {
        Ok(readers::name(tx, ctx, id, *new)?.map(|()| Reply::see_other(format!("/delegations/{id}/readers"))))
    });
    let done = name.await;
    kept::settle(&request, &caller, &form, done, async |problem| {
        page(&request, &caller, problem.status, Some((&form, &problem))).await
    })
    .await
}
