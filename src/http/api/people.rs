//! People: searching, correcting, renewing passports. They are registered as members of delegations.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;

use crate::domain::ids::PersonId;
use crate::domain::person::PassportInput;
use crate::domain::refusal::Refusal;
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::{self, Page};
use crate::http::problem::Problem;
use crate::service::people::directory::{self, PersonFields, PersonView, Search};

/// Which people.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Query {
    /// Words of the name, in any order; marks and case do not matter.
    q: Option<String>,
    /// Where the page begins.
    cursor: Option<String>,
    /// Most items, 1 to 200.
    #[serde(default, deserialize_with = "cursor::limit")]
    #[param(value_type = Option<i64>)]
    limit: Option<i64>,
}

/// People of the own organisations, in pages.
#[utoipa::path(
    get,
    path = "/api/v1/people",
    tag = "people",
    params(Query),
    responses((status = 200, body = Page<PersonView>))
)]
pub async fn list(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let query: Query = body::query(&request)?;
    let limit = query.limit.unwrap_or(cursor::USUAL);
    let after = cursor::key(query.cursor.as_deref())?;
    let search = Search { words: query.q, whose: None, after, limit: limit + 1 };
    let rows = caller.read(move |tx, ctx| directory::list(tx, ctx, &search)).await?;
    Ok(HttpResponse::Ok().json(Page::of(rows, limit, |person| person.id.to_string())))
}

/// One person.
#[utoipa::path(
    get,
    path = "/api/v1/people/{id}",
    tag = "people",
    params(("id" = PersonId, Path, description = "The person")),
    responses((status = 200, body = PersonView), (status = 404, description = "No such person"))
)]
pub async fn get(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let _none: body::NoQuery = body::query(&request)?;
    let id: PersonId = body::id(&request, "id")?;
    let person = caller.read(move |tx, ctx| directory::get(tx, ctx, id)).await?;
    Ok(Reply::ok(&person)?.at_version(person.version).response())
}

/// Corrects a person by a JSON merge patch; needs `If-Match`.
#[utoipa::path(
    patch,
    path = "/api/v1/people/{id}",
    tag = "people",
    params(("id" = PersonId, Path, description = "The person")),
    request_body(content = PersonFields, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, body = PersonView),
        (status = 404, description = "No such person"),
        (status = 412, description = "Changed since"),
        (status = 422, description = "Fields that are not valid")
    )
)]
pub async fn edit(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    let id: PersonId = body::id(&request, "id")?;
    let version = caller.version()?;
    let patch: serde_json::Map<String, Value> = body::json(&request, &bytes)?;
    caller
        .command(&bytes, move |tx, ctx| {
            let edited = directory::edit(tx, ctx, id, version, |fields| merged(&fields, &patch))?;
            let reply = Reply::ok(edited.value())?.at_version(edited.value().version);
            Ok(edited.map(|_| reply))
        })
        .await
}

fn merged(fields: &PersonFields, patch: &serde_json::Map<String, Value>) -> Result<PersonFields, Refusal> {
    let mut json = serde_json::to_value(fields).unwrap_or_default();
    if let Some(object) = json.as_object_mut() {
        for (name, value) in patch {
            match value {
                Value::Null => drop(object.remove(name)),
                value => drop(object.insert(name.clone(), value.clone())),
            }
        }
    }
    body::value(json)
}

/// Adds a renewed passport.
#[utoipa::path(
    post,
    path = "/api/v1/people/{id}/documents",
    tag = "people",
    params(("id" = PersonId, Path, description = "The person")),
    request_body = PassportInput,
    responses(
        (status = 201, body = PersonView),
        (status = 404, description = "No such person"),
        (status = 422, description = "Fields that are not valid; the number belongs to somebody else")
    )
)]
pub async fn renew(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    let id: PersonId = body::id(&request, "id")?;
    let passport: PassportInput = body::json(&request, &bytes)?;
    caller
        .command(&bytes, move |tx, ctx| {
            let renewed = directory::renew(tx, ctx, id, &passport)?;
            let location = format!("/api/v1/people/{id}");
            let reply = Reply::created(location, renewed.value())?.at_version(renewed.value().version);
            Ok(renewed.map(|_| reply))
        })
        .await
}
