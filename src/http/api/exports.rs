//! Long exports: asked for, looked after, downloaded.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::papers::handed_out;
use crate::domain::ids::ExportId;
use crate::http::body::{self, NoQuery};
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::MOST;
use crate::http::problem::Problem;
use crate::service::exports::{self, ExportView, NewExport};
use crate::service::{files, returns};

/// Somebody's exports.
#[derive(Debug, Serialize, ToSchema)]
pub struct Exports {
    /// The newest first.
    pub items: Vec<ExportView>,
}

/// Asks for a long export: a return, the visits of a period or the list of delegations. It is made while nobody waits;
/// `Location` says how far it is, and then where the file is had. Texts are in the language of this request.
#[utoipa::path(
    post,
    path = "/api/v1/exports",
    tag = "exports",
    request_body = NewExport,
    responses(
        (status = 202, body = ExportView, description = "It will be made"),
        (status = 422, description = "Fields that are not valid, or do not fit together"),
        (status = 429, description = "Too many of yours are under way")
    )
)]
pub async fn ask(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    let new: NewExport = body::json(&request, &bytes)?;
    let lang = caller.lang;
    caller
        .command(&bytes, move |tx, ctx| {
            let asked = exports::ask(tx, ctx, &new, lang)?;
            let reply = Reply::accepted(format!("/api/v1/exports/{}", asked.value().id), asked.value())?;
            Ok(asked.map(|_| reply))
        })
        .await
}

/// The caller's own exports, the newest first.
#[utoipa::path(get, path = "/api/v1/exports", tag = "exports", responses((status = 200, body = Exports)))]
pub async fn list(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let _none: NoQuery = body::query(&request)?;
    let items = caller.read(|tx, ctx| exports::list(tx, ctx, MOST)).await?;
    Ok(Reply::ok(&Exports { items })?.response())
}

/// How far an export is; when it is done, its file with size and hash; when it failed, why.
#[utoipa::path(
    get,
    path = "/api/v1/exports/{id}",
    tag = "exports",
    params(("id" = ExportId, Path)),
    responses((status = 200, body = ExportView), (status = 404, description = "None of yours"))
)]
pub async fn get(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let _none: NoQuery = body::query(&request)?;
    let id: ExportId = body::id(&request, "id")?;
    let view = caller.read(move |tx, ctx| exports::get(tx, ctx, id)).await?;
    Ok(Reply::ok(&view)?.response())
}

/// The file of an export that is done. Every download is journalled.
#[utoipa::path(
    get,
    path = "/api/v1/exports/{id}/file",
    tag = "exports",
    params(("id" = ExportId, Path)),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream"),
        (status = 404, description = "None of yours, not done, or made of what you may no longer read"),
        (status = 410, description = "It was kept for as long as files are kept")
    )
)]
pub async fn file(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let _none: NoQuery = body::query(&request)?;
    let id: ExportId = body::id(&request, "id")?;
    let ready = caller.read(move |tx, ctx| exports::open(tx, ctx, id)).await?;
    let depot = caller.state().depot.clone();
    files::verify(&depot, &ready.source).await?;
    let event = ready.event.clone();
    caller.record(move |tx, actor| returns::record(tx, Some(actor.account), &event)).await?;
    handed_out(&depot, &ready.source, (&ready.name, ready.media_type, ready.size)).await
}
