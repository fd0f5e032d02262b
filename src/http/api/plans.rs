//! The annual plan of delegations, item by item.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::domain::ids::{OrganisationId, PlanItemId};
use crate::domain::plan::PlanFields;
use crate::domain::refusal::Refusal;
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::service::plans::{self, PlanItemView};

/// Whose plan.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Query {
    /// Only of this organisation.
    organisation_id: Option<OrganisationId>,
}

/// Items of a year.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanItems {
    /// By organisation and number.
    pub items: Vec<PlanItemView>,
}

/// An item to add.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewPlanItem {
    /// Whose plan; the only one for which the caller plans, if absent.
    pub organisation_id: Option<OrganisationId>,
    /// What is planned.
    #[serde(flatten)]
    pub fields: PlanFields,
}

fn year(request: &HttpRequest) -> Result<i32, Problem> {
    body::id(request, "year")
}

/// Lists the plan of a year: of the caller's organisations and those below; the receiving department sees all.
#[utoipa::path(
    get,
    path = "/api/v1/plans/{year}/items",
    tag = "plans",
    params(("year" = i32, Path), Query),
    responses((status = 200, body = PlanItems), (status = 404, description = "No such organisation"))
)]
pub async fn list(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let (year, query): (i32, Query) = (year(&request)?, body::query(&request)?);
    let items = caller.read(move |tx, ctx| plans::list(tx, ctx, year, query.organisation_id)).await?;
    Ok(Reply::ok(&PlanItems { items })?.response())
}

/// Adds an item to the plan of a year; it gets the next number.
#[utoipa::path(
    post,
    path = "/api/v1/plans/{year}/items",
    tag = "plans",
    params(("year" = i32, Path)),
    request_body = NewPlanItem,
    responses(
        (status = 201, body = PlanItemView),
        (status = 422, description = "Fields that are not valid")
    )
)]
pub async fn add(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    let year = year(&request)?;
    let mut new: serde_json::Map<String, Value> = body::json(&request, &bytes)?;
    // Taken out first: what is flattened could not refuse an unknown field.
    let owner: Option<OrganisationId> = match new.remove("organisation_id") {
        Some(Value::Null) | None => None,
        Some(id) => Some(
            serde_json::from_value(id)
                .map_err(|_no_id| Refusal::field("/organisation_id", "unknown-organisation"))?,
        ),
    };
    let fields: PlanFields = body::value(Value::Object(new))?;
    caller
        .command(&bytes, move |tx, ctx| {
            let added = plans::add(tx, ctx, year, owner, &fields)?;
            let location = format!("/api/v1/plan-items/{}", added.value().id);
            let reply = Reply::created(location, added.value())?.at_version(added.value().version);
            Ok(added.map(|_| reply))
        })
        .await
}

/// Changes an item by a JSON merge patch, or drops it (`state` and `drop_reason`); needs `If-Match`.
#[utoipa::path(
    patch,
    path = "/api/v1/plan-items/{id}",
    tag = "plans",
    params(("id" = PlanItemId, Path), ("If-Match" = String, Header)),
    request_body(content = PlanFields, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, body = PlanItemView),
        (status = 404, description = "No such item"),
        (status = 409, description = "A dossier refers to it"),
        (status = 412, description = "Changed since"),
        (status = 422, description = "Fields that are not valid")
    )
)]
pub async fn edit(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    let id: PlanItemId = body::id(&request, "id")?;
    let version = caller.version()?;
    let patch: serde_json::Map<String, Value> = body::json(&request, &bytes)?;
    let patch = Value::Object(patch);
    caller
        .command(&bytes, move |tx, ctx| {
            let edited = plans::edit(tx, ctx, id, version, |fields| body::merged(fields, &patch))?;
            let reply = Reply::ok(edited.value())?.at_version(edited.value().version);
            Ok(edited.map(|_| reply))
        })
        .await
}
