//! What is owed, and what must not be overlooked.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::delegations::{PageQuery, shown};
use crate::domain::ids::{DossierId, ObligationId};
use crate::http::body::{self, NoQuery};
use crate::http::caller::Caller;
use crate::http::cursor::{self, Page, USUAL};
use crate::http::problem::Problem;
use crate::service::alerts::{self, Alerted};
use crate::service::obligations::{self, NewProof, ObligationView};
use crate::service::views::DelegationView;
use crate::store::obligations::Listed;

/// Which obligations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ObligationQuery {
    /// `open` (also when absent), `overdue` or `done`.
    #[param(inline)]
    #[serde(default)]
    state: Option<Listed>,
    /// Where the page before ended.
    #[serde(default)]
    cursor: Option<String>,
    /// Items of a page, 1 to 200.
    #[serde(default, deserialize_with = "cursor::limit")]
    #[param(value_type = Option<i64>)]
    limit: Option<i64>,
}

/// What I owe, or owed: the duties of my roles at their organisations, the first due first.
#[utoipa::path(
    get,
    path = "/api/v1/obligations",
    tag = "obligations",
    params(ObligationQuery),
    responses((status = 200, body = Page<ObligationView>), (status = 400, description = "Unknown parameter"))
)]
pub async fn mine(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let query: ObligationQuery = body::query(&request)?;
    let (limit, after) = (query.limit.unwrap_or(USUAL), cursor::key(query.cursor.as_deref())?);
    let which = query.state.unwrap_or(Listed::Open);
    let rows = caller.read(move |tx, ctx| obligations::mine(tx, ctx, which, after, limit + 1)).await?;
    let page = Page::of(rows, limit, |(place, _)| place.to_string());
    let items = page.items.into_iter().map(|(_, view)| view).collect::<Vec<_>>();
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: page.next_cursor }))
}

/// The obligations of a delegation, the first due first.
#[utoipa::path(
    get,
    path = "/api/v1/delegations/{id}/obligations",
    tag = "obligations",
    params(("id" = DossierId, Path)),
    responses((status = 200, body = Page<ObligationView>), (status = 404, description = "None that you may know of"))
)]
pub async fn list(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let id = body::id(&request, "id")?;
    let _none: NoQuery = body::query(&request)?;
    let items = caller.read(move |tx, ctx| obligations::of_dossier(tx, ctx, id)).await?;
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}

/// Discharges an obligation with its proof. There is no way back.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/obligations/{oid}/done",
    tag = "obligations",
    params(("id" = DossierId, Path), ("oid" = ObligationId, Path), ("If-Match" = String, Header)),
    request_body = NewProof,
    responses(
        (status = 200, body = DelegationView),
        (status = 403, description = "Owed by another"),
        (status = 409, description = "Done or dropped already"),
        (status = 412, description = "Changed meanwhile"),
        (status = 422, description = "What is missing of the proof")
    )
)]
pub async fn done(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    let (id, version) = (body::id(&request, "id")?, caller.version()?);
    let owed: ObligationId = body::id(&request, "oid")?;
    let proof: NewProof = body::json(&request, &bytes)?;
    caller
        .command(&bytes, move |tx, ctx| {
            let done = obligations::discharge(tx, ctx, id, version, (owed, &proof))?;
            shown(tx, ctx, done, false)
        })
        .await
}

/// Delegations that I may know of and that must not be overlooked: no permit yet, a permit that is too short, overdue
/// duties.
#[utoipa::path(
    get,
    path = "/api/v1/alerts",
    tag = "obligations",
    params(PageQuery),
    responses((status = 200, body = Page<Alerted>), (status = 400, description = "Unknown parameter"))
)]
pub async fn alerts(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let query: PageQuery = body::query(&request)?;
    let (limit, after) = (query.limit.unwrap_or(USUAL), cursor::key(query.cursor.as_deref())?);
    let rows = caller.read(move |tx, ctx| alerts::list(tx, ctx, after, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |row| row.delegation_id.to_string())))
}
