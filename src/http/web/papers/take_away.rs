//! Taking a paper away, and why: deleting what came in by mistake, making unreadable at once what must not be seen.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::Value;

use super::{done, is_said_here};
use crate::domain::ids::{DossierId, FileId};
use crate::domain::refusal::Refusal;
use crate::http::api::papers as api;
use crate::http::body;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::web::controls::Fields;
use crate::http::web::form::Form;
use crate::http::web::kept;
use crate::http::web::shell::{self, Shell};
use crate::service::course::Reason;
use crate::service::files::{self, PaperView};
use crate::service::views::{self, DelegationView};

#[derive(Template)]
#[template(path = "take_away.html")]
struct TakeAway<'p> {
    shell: &'p Shell,
    fields: Fields,
    view: DelegationView,
    paper: PaperView,
    deletes: bool,
}

async fn why(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let (id, paper): (DossierId, FileId) = (body::id(request, "id")?, body::id(request, "paper")?);
    let shell = Shell::of(request, caller)?;
    let read = caller.read(move |tx, ctx| Ok((views::delegation(tx, ctx, id)?, files::list(tx, ctx, id)?)));
    let (view, papers) = read.await?;
    let paper = papers.into_iter().find(|one| one.id == paper).ok_or(Refusal::NotFound)?;
    let fields = kept::fields(request, caller, refused, Value::Null).await?;
    let fields = fields.must(&["/reason"]);
    let deletes = request.path().ends_with("/delete");
    shell::page(status, shell.lang, &TakeAway { shell: &shell, fields, view, paper, deletes })
}

/// Asks why a paper shall be taken away.
///
/// # Errors
/// 404 where the reader may not know of it.
pub async fn ask_why(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    why(&request, &caller, StatusCode::OK, None).await
}

/// Deletes a paper.
///
/// # Errors
/// As the use case refuses, where the page cannot help.
pub async fn delete(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    take_away(request, caller, form, files::delete).await
}

/// Makes a paper unreadable at once.
///
/// # Errors
/// As the use case refuses, where the page cannot help.
pub async fn quarantine(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    take_away(request, caller, form, files::quarantine).await
}

async fn take_away(
    request: HttpRequest,
    caller: Caller,
    form: Form,
    work: api::TakeAway,
) -> Result<HttpResponse, Problem> {
    let paper: (DossierId, FileId) = (body::id(&request, "id")?, body::id(&request, "paper")?);
    let caller = caller.with_form(&form);
    let done = async {
        let why: Reason = form.read()?;
        api::taken_away(&caller, form.sent(), paper, why, work, done).await
    };
    match done.await {
        Err(problem) if is_said_here(&problem) => {
            why(&request, &caller, problem.status, Some((&form, &problem))).await
        }
        Ok(response) => {
            kept::forget_here(&request, &caller).await?;
            Ok(response)
        }
        refused => refused,
    }
}
