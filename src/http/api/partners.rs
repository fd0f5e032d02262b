//! Partners abroad.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::domain::ids::PartnerId;
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::{self, Page};
use crate::http::problem::Problem;
use crate::service::partners::{self, NewPartner, PartnerView};

/// Which partners.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Query {
    /// A part of the name; marks and case do not matter.
    q: Option<String>,
    /// Where the page begins.
    cursor: Option<String>,
    /// Most items, 1 to 200.
    #[serde(default, deserialize_with = "cursor::limit")]
    #[param(value_type = Option<i64>)]
    limit: Option<i64>,
}

/// Partners, in pages.
#[utoipa::path(
    get,
    path = "/api/v1/partners",
    tag = "partners",
    params(Query),
    responses((status = 200, body = Page<PartnerView>))
)]
pub async fn list(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let query: Query = body::query(&request)?;
    let after: Option<PartnerId> = cursor::key(query.cursor.as_deref())?;
    let limit = query.limit.unwrap_or(cursor::USUAL);
    let rows =
        caller.read(move |tx, ctx| partners::list(tx, ctx, query.q.as_deref(), after, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |partner| partner.id.to_string())))
}

/// One partner.
#[utoipa::path(
    get,
    path = "/api/v1/partners/{id}",
    tag = "partners",
    params(("id" = PartnerId, Path, description = "The partner")),
    responses((status = 200, body = PartnerView), (status = 404, description = "No such partner"))
)]
pub async fn get(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let _none: body::NoQuery = body::query(&request)?;
    let id: PartnerId = body::id(&request, "id")?;
    let partner = caller.read(move |tx, ctx| partners::get(tx, ctx, id)).await?;
    Ok(Reply::ok(&partner)?.at_version(partner.version).response())
}

/// Adds a partner.
#[utoipa::path(
    post,
    path = "/api/v1/partners",
    tag = "partners",
    request_body = NewPartner,
    responses(
        (status = 201, body = PartnerView),
        (status = 409, description = "The country has a partner of this name"),
        (status = 422, description = "Fields that are not valid")
    )
)]
pub async fn add(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    let new: NewPartner = body::json(&request, &bytes)?;
    caller
        .command(&bytes, move |tx, ctx| {
            let added = partners::add(tx, Some(ctx), &new)?;
            let location = format!("/api/v1/partners/{}", added.value().id);
            let reply = Reply::created(location, added.value())?.at_version(added.value().version);
            Ok(added.map(|_| reply))
        })
        .await
}
