//! Members of a delegation.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

use crate::domain::ids::{DossierId, MemberId};
use crate::http::body::{self, NoQuery};
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::Page;
use crate::http::problem::Problem;
use crate::service::members::{self, MemberPatch, MemberView, NewMember};
use crate::service::{Context, Result as ServiceResult};
use crate::store::{Recorded, StoreError, WriteTx, dossiers};

fn shown(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    dossier: DossierId,
    done: Recorded<MemberId>,
    created: bool,
) -> ServiceResult<Recorded<Reply>> {
    let id = *done.value();
    let view = members::list(tx, ctx, dossier)?.into_iter().find(|view| view.id == id);
    let view = view.ok_or(StoreError::NotFound)?;
    let version = dossiers::load_any(tx, dossier)?.ok_or(StoreError::NotFound)?.dossier.version;
    let reply = if created {
        Reply::created(format!("/api/v1/delegations/{dossier}/members/{id}"), &view)?
    } else {
        Reply::ok(&view)?
    };
    Ok(done.map(|_| reply.at_version(version)))
}

/// The members of a delegation, passport numbers masked.
#[utoipa::path(
    get,
    path = "/api/v1/delegations/{id}/members",
    tag = "members",
    params(("id" = DossierId, Path)),
    responses((status = 200, body = Page<MemberView>))
)]
pub async fn list(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let id = body::id(&request, "id")?;
    let _none: NoQuery = body::query(&request)?;
    let items = caller.read(move |tx, ctx| members::list(tx, ctx, id)).await?;
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}

/// Adds a member: a person met before, or a new one. The entity tag is the dossier's new version.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/members",
    tag = "members",
    params(("id" = DossierId, Path), ("If-Match" = String, Header)),
    request_body = NewMember,
    responses((status = 201, body = MemberView), (status = 422, description = "Fields that are not valid"))
)]
pub async fn add(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    let (id, version) = (body::id(&request, "id")?, caller.version()?);
    let new: NewMember = body::json(&request, &bytes)?;
    caller
        .command(&bytes, move |tx, ctx| {
            let done = members::add(tx, ctx, id, version, &new)?;
            shown(tx, ctx, id, done, true)
        })
        .await
}

/// Changes a member.
#[utoipa::path(
    patch,
    path = "/api/v1/delegations/{id}/members/{member_id}",
    tag = "members",
    params(("id" = DossierId, Path), ("member_id" = MemberId, Path), ("If-Match" = String, Header)),
    request_body = MemberPatch,
    responses((status = 200, body = MemberView), (status = 422, description = "Fields that are not valid"))
)]
pub async fn edit(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    let (id, member) = (body::id(&request, "id")?, body::id(&request, "member_id")?);
    let version = caller.version()?;
    let patch: serde_json::Map<String, Value> = body::json(&request, &bytes)?;
    let patch = Value::Object(patch);
    caller
        .command(&bytes, move |tx, ctx| {
            let done = members::edit(tx, ctx, id, version, member, |member: &MemberPatch| {
                body::merged(member, &patch)
            })?;
            shown(tx, ctx, id, done, false)
        })
        .await
}

/// Removes a member.
#[utoipa::path(
    delete,
    path = "/api/v1/delegations/{id}/members/{member_id}",
    tag = "members",
    params(("id" = DossierId, Path), ("member_id" = MemberId, Path), ("If-Match" = String, Header)),
    responses((status = 200, description = "The members that are left", body = Page<MemberView>))
)]
pub async fn remove(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let (id, member) = (body::id(&request, "id")?, body::id(&request, "member_id")?);
    let version = caller.version()?;
    let _none: NoQuery = body::query(&request)?;
    caller
        .command(&bytes, move |tx, ctx| {
            let done = members::remove(tx, ctx, id, version, member)?;
            let items = members::list(tx, ctx, id)?;
            let version = dossiers::load_any(tx, id)?.ok_or(StoreError::NotFound)?.dossier.version;
            let reply = Reply::ok(&Page { items, next_cursor: None })?.at_version(version);
            Ok(done.map(|_| reply))
        })
        .await
}
