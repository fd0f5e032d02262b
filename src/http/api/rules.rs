//! What the rules say: of a dossier, of any facts, of open dossiers under another version; and passing a rule by.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::ids::{DossierId, OverrideId};
use crate::domain::refusal::Refusal;
use crate::domain::rulebook::Explanation;
use crate::http::body::{self, NoQuery};
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::{self, Page};
use crate::http::problem::Problem;
use crate::service::rules::overrides::{NewAnswer, NewOverride, OverrideView};
use crate::service::rules::{self, Evaluation, Impact, RuleDefinition, VersionView};

/// Explains what the rules say of a dossier: each rule with its inputs, result and citation, each deadline with its
/// arithmetic, the papers, the chain, the last permitted and the last safe day to file.
#[utoipa::path(
    get,
    path = "/api/v1/delegations/{id}/explain",
    tag = "rules",
    params(("id" = DossierId, Path)),
    responses((status = 200, body = Explanation), (status = 404, description = "No such dossier"))
)]
pub async fn explain(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let _none: NoQuery = body::query(&request)?;
    let id: DossierId = body::id(&request, "id")?;
    let explanation = caller.read(move |tx, ctx| rules::explain(tx, ctx, id)).await?;
    Ok(HttpResponse::Ok().json(explanation))
}

/// Tries the rules out on any facts; nothing is stored. What is absent is unknown, and is answered as unknown.
#[utoipa::path(
    post,
    path = "/api/v1/rules/evaluate",
    tag = "rules",
    request_body = Evaluation,
    responses((status = 200, body = Explanation), (status = 422, description = "Fields that are not valid"))
)]
pub async fn evaluate(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let asked: Evaluation = body::json(&request, &bytes)?;
    let explanation = caller.read(move |tx, ctx| rules::evaluate(tx, ctx, &asked)).await?;
    Ok(HttpResponse::Ok().json(explanation))
}

/// The versions of the rulebook, oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/rules/versions",
    tag = "rules",
    responses((status = 200, body = Page<VersionView>))
)]
pub async fn versions(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let _none: NoQuery = body::query(&request)?;
    let items = caller.read(rules::versions).await?;
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}

/// A version with all its rules.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionRules {
    /// Number.
    pub no: i32,
    /// Its rules, in order of id and validity.
    pub rules: Vec<RuleDefinition>,
}

/// A version of the rulebook with all its rules.
#[utoipa::path(
    get,
    path = "/api/v1/rules/versions/{no}",
    tag = "rules",
    params(("no" = i32, Path)),
    responses((status = 200, body = VersionRules), (status = 404, description = "No such version"))
)]
pub async fn version(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let _none: NoQuery = body::query(&request)?;
    let no = number(&request)?;
    let rules = caller.read(move |tx, ctx| rules::definitions(tx, ctx, no)).await?;
    Ok(HttpResponse::Ok().json(VersionRules { no, rules }))
}

fn number(request: &HttpRequest) -> Result<i32, Problem> {
    Ok(request.match_info().get("no").and_then(|no| no.parse().ok()).ok_or(Refusal::NotFound)?)
}

/// Which page of open dossiers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImpactQuery {
    /// Where the page begins.
    cursor: Option<String>,
    /// Most dossiers to look at, 1 to 200.
    #[serde(default, deserialize_with = "cursor::limit")]
    #[param(value_type = Option<i64>)]
    limit: Option<i64>,
}

/// Which open dossiers would change under this version, before it is activated. Nothing is stored.
#[utoipa::path(
    post,
    path = "/api/v1/rules/versions/{no}/impact",
    tag = "rules",
    params(("no" = i32, Path), ImpactQuery),
    responses((status = 200, body = Impact), (status = 404, description = "No such version"))
)]
pub async fn impact(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let query: ImpactQuery = body::query(&request)?;
    let no = number(&request)?;
    let cursor: Option<DossierId> = cursor::key(query.cursor.as_deref())?;
    let limit = usize::try_from(query.limit.unwrap_or(cursor::MOST)).unwrap_or_default();
    let mut impact = caller.read(move |tx, ctx| rules::impact(tx, ctx, no, cursor, limit)).await?;
    impact.next_cursor = impact.next_cursor.map(cursor::opaque);
    Ok(HttpResponse::Ok().json(impact))
}

/// The overrides of a dossier.
#[utoipa::path(
    get,
    path = "/api/v1/delegations/{id}/overrides",
    tag = "rules",
    params(("id" = DossierId, Path)),
    responses((status = 200, body = Page<OverrideView>), (status = 404, description = "No such dossier"))
)]
pub async fn overrides(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let _none: NoQuery = body::query(&request)?;
    let id: DossierId = body::id(&request, "id")?;
    let items = caller.read(move |tx, ctx| rules::overrides::list(tx, ctx, id)).await?;
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}

/// Asks to pass a blocking rule by for the next submission, with a reason.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/overrides",
    tag = "rules",
    params(("id" = DossierId, Path), ("If-Match" = String, Header)),
    request_body = NewOverride,
    responses(
        (status = 201, body = OverrideView),
        (status = 409, description = "Not in this state, or asked for already"),
        (status = 422, description = "Fields that are not valid")
    )
)]
pub async fn ask(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    let (id, version) = (body::id(&request, "id")?, caller.version()?);
    let new: NewOverride = body::json(&request, &bytes)?;
    let at = format!("/api/v1/delegations/{id}/overrides");
    caller
        .command(&bytes, move |tx, ctx| {
            let done = rules::overrides::ask(tx, ctx, id, version, &new)?;
            let reply = Reply::created(&at, done.value())?;
            Ok(done.map(|_| reply))
        })
        .await
}

/// Answers such a request: by the role that the rule names, each person once; a rule of law needs two.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/overrides/{override_id}/answers",
    tag = "rules",
    params(("id" = DossierId, Path), ("override_id" = OverrideId, Path), ("If-Match" = String, Header)),
    request_body = NewAnswer,
    responses(
        (status = 200, body = OverrideView),
        (status = 403, description = "Not yours to do"),
        (status = 409, description = "Answered already"),
        (status = 422, description = "Fields that are not valid")
    )
)]
pub async fn answer(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let (id, version) = (body::id(&request, "id")?, caller.version()?);
    let asked: OverrideId = body::id(&request, "override_id")?;
    let new: NewAnswer = body::json(&request, &bytes)?;
    caller
        .command(&bytes, move |tx, ctx| {
            let done = rules::overrides::answer(tx, ctx, id, version, asked, &new)?;
            let reply = Reply::ok(done.value())?;
            Ok(done.map(|_| reply))
        })
        .await
}
