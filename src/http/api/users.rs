//! Accounts and their roles.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::access::Action;
use crate::domain::ids::{AccountId, GrantId};
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::{self, Page};
use crate::http::problem::Problem;
use crate::http::{State, body};
use crate::service::users::{self, Added, NewGrant, NewUser, UserPatch, UserView};

/// A page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Items, 1 to 200; 50 when absent.
    #[serde(default, deserialize_with = "cursor::limit")]
    #[param(value_type = Option<i64>)]
    limit: Option<i64>,
    /// Where the page begins.
    #[serde(default)]
    cursor: Option<String>,
}

/// A one-time link.
#[derive(Debug, Serialize, ToSchema)]
pub struct Link {
    /// To be handed to the person; whoever has it chooses the password.
    pub url: String,
    /// Until when it works.
    pub expires_at: DateTime<Utc>,
}

impl Link {
    /// The address of a link, which begins with the configured base URL. The secret stands behind `#`, which
    /// browsers send to nobody and proxies do not log.
    #[must_use]
    pub fn of(base_url: &str, added: &Added) -> Self {
        let url = format!("{}/activate#token={}", base_url.trim_end_matches('/'), added.secret.expose());
        Self { url, expires_at: added.expires_at }
    }
}

/// A new account with its first link.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invited {
    /// The account.
    #[serde(flatten)]
    pub user: UserView,
    /// Its link.
    pub activation: Link,
}

/// A link alone.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewLink {
    /// The link.
    pub activation: Link,
}

/// All accounts, by name.
#[utoipa::path(
    get,
    path = "/api/v1/users",
    tag = "users",
    params(PageQuery),
    responses((status = 200, body = Page<UserView>))
)]
pub async fn list(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let query: PageQuery = body::query(&request)?;
    let (limit, after) =
        (query.limit.unwrap_or(cursor::USUAL), cursor::key::<String>(query.cursor.as_deref())?);
    let rows = caller.read(move |tx, ctx| users::list(tx, ctx, after.as_deref(), limit + 1)).await?;
    let page = Page::of(rows, limit, |row| row.0.clone());
    let items = page.items.into_iter().map(|(_, user)| user).collect();
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: page.next_cursor }))
}

/// One account.
#[utoipa::path(
    get,
    path = "/api/v1/users/{id}",
    tag = "users",
    params(("id" = AccountId, Path)),
    responses((status = 200, body = UserView), (status = 404, description = "not-found"))
)]
pub async fn get(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let _none: body::NoQuery = body::query(&request)?;
    let id: AccountId = body::id(&request, "id")?;
    let user = caller
        .read(move |tx, ctx| {
            ctx.must(Action::ReadUsers)?;
            users::view(tx, id)
        })
        .await?;
    Ok(Reply::ok(&user)?.at_version(user.version).response())
}

/// Adds an account. The answer holds a one-time link by which the person chooses the password.
#[utoipa::path(
    post,
    path = "/api/v1/users",
    tag = "users",
    request_body = NewUser,
    responses((status = 201, body = Invited), (status = 422, description = "Fields that are not valid"))
)]
pub async fn add(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    let new: NewUser = body::json(&request, &bytes)?;
    let base = base_url(caller.state());
    caller
        .command(&bytes, move |tx, ctx| {
            let added = users::add(tx, Some(ctx), &ctx.settings, &new)?;
            let user = users::view(tx, added.value().account)?;
            let (location, version) = (format!("/api/v1/users/{}", user.id), user.version);
            let invited = Invited { user, activation: Link::of(&base, added.value()) };
            let reply = Reply::created(location, &invited)?.at_version(version);
            Ok(added.map(|_| reply))
        })
        .await
}

/// Changes names, language or state; `"state": "disabled"` ends every sign-in of the account.
#[utoipa::path(
    patch,
    path = "/api/v1/users/{id}",
    tag = "users",
    params(("id" = AccountId, Path), ("If-Match" = String, Header)),
    request_body = UserPatch,
    responses((status = 200, body = UserView), (status = 412, description = "stale-version"))
)]
pub async fn update(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let (id, version) = (body::id(&request, "id")?, caller.version()?);
    let patch: UserPatch = body::json(&request, &bytes)?;
    caller
        .command(&bytes, move |tx, ctx| {
            let changed = users::update(tx, ctx, id, version, &patch)?;
            let reply = Reply::ok(changed.value())?.at_version(changed.value().version);
            Ok(changed.map(|_| reply))
        })
        .await
}

/// Grants a role, at once. Nobody grants himself one.
#[utoipa::path(
    post,
    path = "/api/v1/users/{id}/grants",
    tag = "users",
    params(("id" = AccountId, Path)),
    request_body = NewGrant,
    responses(
        (status = 201, body = UserView),
        (status = 403, description = "One's own account"),
        (status = 409, description = "The account holds the role")
    )
)]
pub async fn grant(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    let id: AccountId = body::id(&request, "id")?;
    let new: NewGrant = body::json(&request, &bytes)?;
    caller
        .command(&bytes, move |tx, ctx| {
            let granted = users::grant(tx, Some(ctx), &ctx.settings, id, &new)?;
            let version = granted.value().version;
            let reply = Reply::created(format!("/api/v1/users/{id}"), granted.value())?.at_version(version);
            Ok(granted.map(|_| reply))
        })
        .await
}

/// Takes a role back; it works no longer from the next request on.
#[utoipa::path(
    delete,
    path = "/api/v1/users/{id}/grants/{grant_id}",
    tag = "users",
    params(("id" = AccountId, Path), ("grant_id" = GrantId, Path)),
    responses((status = 200, body = UserView), (status = 404, description = "not-found"))
)]
pub async fn end_grant(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let (id, grant) = (body::id(&request, "id")?, body::id(&request, "grant_id")?);
    caller
        .command(b"", move |tx, ctx| {
            let ended = users::end_grant(tx, ctx, id, grant)?;
            let reply = Reply::ok(ended.value())?.at_version(ended.value().version);
            Ok(ended.map(|_| reply))
        })
        .await
}

/// Makes a new one-time link, for a lost one or a lost password; earlier ones end.
#[utoipa::path(
    post,
    path = "/api/v1/users/{id}/link",
    tag = "users",
    params(("id" = AccountId, Path)),
    responses((status = 201, body = NewLink), (status = 409, description = "The account is disabled"))
)]
pub async fn link(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let id: AccountId = body::id(&request, "id")?;
    let base = base_url(caller.state());
    caller
        .command(b"", move |tx, ctx| {
            let made = users::new_link(tx, Some(ctx), &ctx.settings, id)?;
            let answer = NewLink { activation: Link::of(&base, made.value()) };
            let reply = Reply::created(format!("/api/v1/users/{id}"), &answer)?;
            Ok(made.map(|_| reply))
        })
        .await
}

/// The configured address of this installation.
pub(in crate::http) fn base_url(state: &State) -> String {
    state.config.server.base_url.as_str().to_owned()
}
