//! The tree of organisations.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::Page;
use crate::http::problem::Problem;
use crate::service::organisations::{NewOrganisation, OrganisationView, add as add_organisation};
use crate::store::organisations as rows;

/// All organisations, parents before children.
#[utoipa::path(
    get,
    path = "/api/v1/organisations",
    tag = "organisations",
    responses((status = 200, body = Page<OrganisationView>))
)]
pub async fn list(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let _none: body::NoQuery = body::query(&request)?;
    let items = caller.read(|tx, _ctx| Ok(rows::list(tx)?)).await?;
    let items = items.into_iter().map(OrganisationView::from).collect();
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}

/// Adds an organisation.
#[utoipa::path(
    post,
    path = "/api/v1/organisations",
    tag = "organisations",
    request_body = NewOrganisation,
    responses((status = 201, body = OrganisationView), (status = 422, description = "Fields that are not valid"))
)]
pub async fn add(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    let new: NewOrganisation = body::json(&request, &bytes)?;
    caller
        .command(&bytes, move |tx, ctx| {
            let added = add_organisation(tx, Some(ctx), &new)?;
            let location = format!("/api/v1/organisations/{}", added.value().id);
            let reply = Reply::created(location, added.value())?.at_version(added.value().version);
            Ok(added.map(|_| reply))
        })
        .await
}
