//! Delegations: registering, listing, reading, editing, copying.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;

use crate::domain::codes::{Direction, Field};
use crate::domain::countries;
use crate::domain::delegation::Content;
use crate::domain::dossier::State;
use crate::domain::ids::{DossierId, OrganisationId};
use crate::domain::refusal::Refusal;
use crate::http::body::{self, NoQuery};
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::{self, Page, USUAL};
use crate::http::problem::Problem;
use crate::service::course::Plain;
use crate::service::views::{DelegationItem, DelegationView, HistoryItem, RevisionView, StepView};
use crate::service::{Context, Result as ServiceResult, delegations, views};
use crate::store::dossiers::Filter;
use crate::store::{Recorded, WriteTx};

/// Which delegations to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// `inbound` or `outbound`.
    direction: Option<Direction>,
    /// A state's code.
    state: Option<State>,
    /// ISO 3166-1 alpha-2.
    country: Option<String>,
    /// Filed by this organisation.
    organisation_id: Option<OrganisationId>,
    /// First day on or after this one.
    arrives_from: Option<NaiveDate>,
    /// First day on or before this one.
    arrives_to: Option<NaiveDate>,
    /// Field of work.
    field: Option<Field>,
    /// Beginnings of words in the title, the official number, names of people who travel, or of bodies and partners
    /// concerned: all of them, whatever their marks, case and order.
    q: Option<String>,
    /// Where the page before ended.
    cursor: Option<String>,
    /// Items of a page, 1 to 200.
    #[serde(default, deserialize_with = "cursor::limit")]
    #[param(value_type = Option<i64>)]
    limit: Option<i64>,
}

/// Which page of a list that has no other filter.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Where the page before ended.
    pub(super) cursor: Option<String>,
    /// Items of a page, 1 to 200.
    #[serde(default, deserialize_with = "cursor::limit")]
    #[param(value_type = Option<i64>)]
    pub(super) limit: Option<i64>,
}

/// What a command on a dossier answers: the dossier as it is now.
pub(super) fn shown(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    done: Recorded<DossierId>,
    created: bool,
) -> ServiceResult<Recorded<Reply>> {
    let view = views::delegation(tx, ctx, *done.value())?;
    let reply = if created {
        Reply::created(format!("/api/v1/delegations/{}", view.id), &view)?
    } else {
        Reply::ok(&view)?
    };
    Ok(done.map(|_| reply.at_version(view.version)))
}

/// Lists delegations, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/delegations",
    tag = "delegations",
    params(ListQuery),
    responses((status = 200, body = Page<DelegationItem>), (status = 400, description = "Unknown parameter"))
)]
pub async fn list(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let query: ListQuery = body::query(&request)?;
    let limit = query.limit.unwrap_or(USUAL);
    if query.country.as_deref().is_some_and(|code| !countries::is_known(code)) {
        return Err(body::bad_parameter("country", "bad-country"));
    }
    let filter = Filter {
        direction: query.direction,
        state: query.state,
        country: query.country,
        organisation: query.organisation_id,
        from: query.arrives_from,
        to: query.arrives_to,
        field: query.field,
        words: query.q,
        before: cursor::key(query.cursor.as_deref())?,
        ..Filter::default()
    };
    let items = caller.read(move |tx, ctx| views::list(tx, ctx, &filter, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Page::of(items, limit, |item| item.id.to_string())))
}

/// Registers a delegation as a draft. It may be incomplete, never invalid.
#[utoipa::path(
    post,
    path = "/api/v1/delegations",
    tag = "delegations",
    request_body = Content,
    responses((status = 201, body = DelegationView), (status = 422, description = "Fields that are not valid"))
)]
pub async fn register(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let mut fields: serde_json::Map<String, Value> = body::json(&request, &bytes)?;
    let organisation = fields.remove("organisation_id").filter(|value| !value.is_null());
    let organisation: Option<OrganisationId> = organisation
        .map(|id| {
            serde_json::from_value(id).map_err(|_shape| Refusal::field("/organisation_id", "wrong-type"))
        })
        .transpose()?;
    let content: Content = body::value(Value::Object(fields))?;
    caller
        .command(&bytes, move |tx, ctx| {
            let done = delegations::register(tx, ctx, organisation, content.clone())?;
            shown(tx, ctx, done, true)
        })
        .await
}

/// One delegation.
#[utoipa::path(
    get,
    path = "/api/v1/delegations/{id}",
    tag = "delegations",
    params(("id" = DossierId, Path)),
    responses((status = 200, body = DelegationView), (status = 404, description = "None that you may know of"))
)]
pub async fn get(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let id = body::id(&request, "id")?;
    let _none: NoQuery = body::query(&request)?;
    let view = caller.read(move |tx, ctx| views::delegation(tx, ctx, id)).await?;
    let version = view.version;
    Ok(Reply::ok(&view)?.at_version(version).response())
}

/// Edits a delegation by a JSON merge patch. After approval a material change opens an amendment, which must be
/// approved again; the permit stays in force meanwhile.
#[utoipa::path(
    patch,
    path = "/api/v1/delegations/{id}",
    tag = "delegations",
    params(("id" = DossierId, Path), ("If-Match" = String, Header)),
    request_body = Content,
    responses(
        (status = 200, body = DelegationView),
        (status = 409, description = "Not in this state"),
        (status = 412, description = "Changed meanwhile"),
        (status = 422, description = "Fields that are not valid"),
        (status = 428, description = "If-Match is missing")
    )
)]
pub async fn edit(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    let (id, version) = (body::id(&request, "id")?, caller.version()?);
    let patch: serde_json::Map<String, Value> = body::json(&request, &bytes)?;
    let patch = Value::Object(patch);
    caller
        .command(&bytes, move |tx, ctx| {
            let done = delegations::edit(tx, ctx, id, version, |content| body::merged(content, &patch))?;
            shown(tx, ctx, done, false)
        })
        .await
}

/// Copies a delegation as a new draft, without dates and letter.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/copy",
    tag = "delegations",
    params(("id" = DossierId, Path), ("If-Match" = String, Header)),
    responses((status = 201, body = DelegationView))
)]
pub async fn copy(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    let (id, version) = (body::id(&request, "id")?, caller.version()?);
    let _plain: Plain = body::json(&request, &bytes)?;
    caller
        .command(&bytes, move |tx, ctx| {
            let done = delegations::copy(tx, ctx, id, version)?;
            shown(tx, ctx, done, true)
        })
        .await
}

/// The history of a dossier, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/delegations/{id}/history",
    tag = "delegations",
    params(("id" = DossierId, Path), PageQuery),
    responses((status = 200, body = Page<HistoryItem>))
)]
pub async fn history(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let id = body::id(&request, "id")?;
    let query: PageQuery = body::query(&request)?;
    let limit = query.limit.unwrap_or(USUAL);
    let before = cursor::key(query.cursor.as_deref())?;
    let items = caller.read(move |tx, ctx| views::history(tx, ctx, id, before, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Page::of(items, limit, |item| item.seq.to_string())))
}

/// The rounds of a dossier, with what changed in each.
#[utoipa::path(
    get,
    path = "/api/v1/delegations/{id}/revisions",
    tag = "delegations",
    params(("id" = DossierId, Path)),
    responses((status = 200, body = Page<RevisionView>))
)]
pub async fn revisions(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let id = body::id(&request, "id")?;
    let _none: NoQuery = body::query(&request)?;
    let items = caller.read(move |tx, ctx| views::rounds(tx, ctx, id)).await?;
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}

/// The approval chain of a dossier, with its decisions.
#[utoipa::path(
    get,
    path = "/api/v1/delegations/{id}/steps",
    tag = "delegations",
    params(("id" = DossierId, Path)),
    responses((status = 200, body = Page<StepView>))
)]
pub async fn steps(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let id = body::id(&request, "id")?;
    let _none: NoQuery = body::query(&request)?;
    let items = caller.read(move |tx, ctx| views::chain(tx, ctx, id)).await?;
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}
