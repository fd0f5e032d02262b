//! Who may know of a confidential delegation, and naming a colleague.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::domain::ids::DossierId;
use crate::http::body::{self, NoQuery};
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::Page;
use crate::http::problem::Problem;
use crate::service::readers::{self, NewReader, Reader};

/// Who may know of a confidential delegation, by name; empty where everybody at its organisations may.
#[utoipa::path(
    get,
    path = "/api/v1/delegations/{id}/readers",
    tag = "delegations",
    params(("id" = DossierId, Path)),
    responses((status = 200, body = Page<Reader>), (status = 404, description = "None that you may know of"))
)]
pub async fn list(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let id = body::id(&request, "id")?;
    let _none: NoQuery = body::query(&request)?;
    let items = caller.read(move |tx, ctx| Ok(readers::of_dossier(tx, ctx, id)?.named)).await?;
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}

/// Names a colleague who may know of a confidential delegation from now on. There is no way back.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/readers",
    tag = "delegations",
    params(("id" = DossierId, Path)),
    request_body = NewReader,
    responses(
        (status = 200, body = Page<Reader>),
        (status = 403, description = "Not yours to do"),
        (status = 404, description = "None that you may know of"),
        (status = 422, description = "Nobody who could be named")
    )
)]
pub async fn name(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    let id: DossierId = body::id(&request, "id")?;
    let new: NewReader = body::json(&request, &bytes)?;
    caller
        .command(&bytes, move |tx, ctx| {
            let done = readers::name(tx, ctx, id, new)?;
            let items = readers::of_dossier(tx, ctx, id)?.named;
            let reply = Reply::ok(&Page { items, next_cursor: None })?;
            Ok(done.map(|()| reply))
        })
        .await
}
