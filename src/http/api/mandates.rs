//! Mandates to decide in another's place.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::domain::ids::MandateId;
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::{self, Page, USUAL};
use crate::http::problem::Problem;
use crate::service::course::Plain;
use crate::service::mandates::{self, MandateView, NewMandate};

/// Which mandates.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MandatesQuery {
    /// Items, 1 to 200; 50 when absent.
    #[serde(default, deserialize_with = "cursor::limit")]
    #[param(value_type = Option<i64>)]
    limit: Option<i64>,
    /// Where the page begins.
    #[serde(default)]
    cursor: Option<String>,
}

/// The mandates that I gave or hold, newest first; all of them, for an auditor.
#[utoipa::path(
    get,
    path = "/api/v1/mandates",
    tag = "mandates",
    params(MandatesQuery),
    responses((status = 200, body = Page<MandateView>))
)]
pub async fn list(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let query: MandatesQuery = body::query(&request)?;
    let limit = query.limit.unwrap_or(USUAL);
    let before: Option<MandateId> = cursor::key(query.cursor.as_deref())?;
    let rows = caller.read(move |tx, ctx| mandates::list(tx, ctx, before, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |row| row.id.to_string())))
}

/// Gives a written mandate (TUQ.) for a role of one's own.
#[utoipa::path(
    post,
    path = "/api/v1/mandates",
    tag = "mandates",
    request_body = NewMandate,
    responses(
        (status = 201, body = MandateView),
        (status = 403, description = "Not yours to do"),
        (status = 422, description = "Fields that are not valid")
    )
)]
pub async fn give(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    let new: NewMandate = body::json(&request, &bytes)?;
    caller
        .command(&bytes, move |tx, ctx| {
            let given = mandates::give(tx, ctx, &new)?;
            let reply = Reply::created(format!("/api/v1/mandates/{}", given.value().id), given.value())?;
            Ok(given.map(|_| reply))
        })
        .await
}

/// Ends a mandate before its last day; what waits goes back to its giver.
#[utoipa::path(
    post,
    path = "/api/v1/mandates/{id}/end",
    tag = "mandates",
    params(("id" = MandateId, Path)),
    request_body = Plain,
    responses(
        (status = 200, body = MandateView),
        (status = 403, description = "Not yours to do"),
        (status = 404, description = "Not known"),
        (status = 409, description = "It has ended")
    )
)]
pub async fn end(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    let id: MandateId = body::id(&request, "id")?;
    let _plain: Plain = body::json(&request, &bytes)?;
    caller
        .command(&bytes, move |tx, ctx| {
            let ended = mandates::end(tx, ctx, id)?;
            let reply = Reply::ok(ended.value())?;
            Ok(ended.map(|_| reply))
        })
        .await
}
