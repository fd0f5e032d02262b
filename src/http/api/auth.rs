//! Signing in and out, and choosing a password by a one-time link. Hashing happens here, off the async threads and
//! outside every transaction, never more at once than the configuration says.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::device::Device;
use crate::domain::ids::{AccountId, SessionId};
use crate::domain::refusal::Refusal;
use crate::http::edge::RequestId;
use crate::http::problem::Problem;
use crate::http::{State, body, guard};
use crate::password::{Passwords, check_password};
use crate::service::Error;
use crate::service::sign_in::{self, Limits, Opened, Refreshed, Reservation, Try};
use crate::tokens::hash_secret;
use crate::vault::Secret;

/// Name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// Sign-in name.
    pub username: String,
    /// Password.
    #[schema(value_type = String)]
    pub password: Secret,
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshToken {
    /// The token that is valid now; it is used up.
    #[schema(value_type = String)]
    pub refresh_token: Secret,
}

/// What is to end.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogOut {
    /// A refresh token of the sign-in, where there is no access token.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub refresh_token: Option<Secret>,
}

/// A one-time link's secret and the password of one's own choice.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Activation {
    /// What stands in the link after `token=`.
    #[schema(value_type = String)]
    pub token: Secret,
    /// At least 15 characters.
    #[schema(value_type = String)]
    pub password: Secret,
}

/// What a sign-in gives.
#[derive(Serialize, ToSchema)]
pub struct Tokens {
    /// For the `Authorization` header.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds that the access token lives.
    pub expires_in: i64,
    /// For `/api/v1/auth/refresh`, once.
    pub refresh_token: String,
}

/// Whose password was set.
#[derive(Serialize, ToSchema)]
pub struct Activated {
    /// Sign-in name.
    pub username: String,
}

/// Signs in. The answer is the same for a wrong password, a name that nobody has and an account that may not sign
/// in; after too many failures it is 429 for a while, for names that nobody has as well.
#[utoipa::path(
    post,
    path = "/api/v1/auth/login",
    tag = "auth",
    request_body = Credentials,
    responses(
        (status = 200, body = Tokens),
        (status = 401, description = "invalid-credentials"),
        (status = 429, description = "Too many failures under this name; Retry-After says how long")
    )
)]
pub async fn login(
    request: HttpRequest,
    state: web::Data<State>,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let sent: Credentials = body::json(&request, &bytes)?;
    let opened = sign_in(&state, request_id(&request), device(&request), sent).await?;
    answer(&state, &opened)
}

/// Opens a sign-in for a name and its password.
///
/// # Errors
/// 401 for whoever may not, 429 after too many failures under this name.
pub(in crate::http) async fn sign_in(
    state: &web::Data<State>,
    id: Option<String>,
    device: Device,
    sent: Credentials,
) -> Result<Opened, Problem> {
    let limits = limits(state);
    let made = reserve(state, id.clone(), sent.username).await?;
    let stored = made.known.clone().map(|(_, hash)| hash);
    let (right, rehashed) =
        hashing(state, move |passwords| compare(passwords, &sent.password, stored.as_deref())).await?;
    let opened = state
        .store
        .write(move |tx| {
            tx.request_id.clone_from(&id);
            let opened = sign_in::settle(tx, limits, &made, right, rehashed.as_deref())?;
            if let Some(opened) = opened.value() {
                sign_in::came_from(tx, opened, device)?;
            }
            Ok::<_, Error>(opened)
        })
        .await?;
    Ok(opened.ok_or(Refusal::InvalidCredentials)?)
}

/// Counts a try under a name, before its password is looked at.
async fn reserve(state: &web::Data<State>, id: Option<String>, username: String) -> Result<Try, Problem> {
    let (limits, settings) = (limits(state), state.settings.clone());
    let reserved = state.store.write(move |tx| {
        tx.request_id.clone_from(&id);
        sign_in::reserve(tx, &settings, limits, &username)
    });
    match reserved.await? {
        Reservation::Open(made) => Ok(made),
        Reservation::Locked(seconds) => Err(Refusal::TooMany(seconds).into()),
    }
}

/// Replaces the password of whoever is signed in, who shows the old one: every sign-in ends, and one opens anew. A wrong
/// old password counts as a failed sign-in does.
///
/// # Errors
/// 422 with the field, 429 after too many failures.
pub(in crate::http) async fn change_password(
    request: &HttpRequest,
    state: &web::Data<State>,
    username: &str,
    (old, new): (Secret, Secret),
) -> Result<Opened, Problem> {
    let (limits, id, device) = (limits(state), request_id(request), device(request));
    check_password(new.expose(), username).map_err(|weak| Refusal::field("/new_password", weak.code()))?;
    let made = reserve(state, id.clone(), username.to_owned()).await?;
    let stored = made.known.clone().map(|(_, hash)| hash);
    let (right, _) = hashing(state, move |passwords| compare(passwords, &old, stored.as_deref())).await?;
    if !right {
        let failed = state.store.write(move |tx| {
            tx.request_id.clone_from(&id);
            sign_in::settle(tx, limits, &made, false, None)
        });
        failed.await?;
        return Err(Refusal::field("/old_password", "wrong-password").into());
    }
    let hash = hashing(state, move |passwords| passwords.hash(new.expose())).await?;
    let hash = hash.map_err(Problem::defect)?;
    let opened = state.store.write(move |tx| {
        tx.request_id.clone_from(&id);
        let opened = sign_in::change_password(tx, limits, &made, &hash)?;
        if let Some(opened) = opened.value() {
            sign_in::came_from(tx, opened, device)?;
        }
        Ok::<_, Error>(opened)
    });
    Ok(opened.await?.ok_or(Refusal::Unauthorised)?)
}

/// From what a request comes, as it says of itself.
pub(in crate::http) fn device(request: &HttpRequest) -> Device {
    let said = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Device::of(said.unwrap_or_default())
}

/// Exchanges a refresh token for the next access and refresh tokens. A token that was used before ends the sign-in.
#[utoipa::path(
    post,
    path = "/api/v1/auth/refresh",
    tag = "auth",
    request_body = RefreshToken,
    responses((status = 200, body = Tokens), (status = 401, description = "unauthorised"))
)]
pub async fn refresh(
    request: HttpRequest,
    state: web::Data<State>,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let sent: RefreshToken = body::json(&request, &bytes)?;
    let (limits, id) = (limits(&state), request_id(&request));
    let refreshed = state
        .store
        .write(move |tx| {
            tx.request_id.clone_from(&id);
            sign_in::refresh(tx, limits, sent.refresh_token.expose())
        })
        .await?;
    match refreshed {
        Refreshed::Next(opened) => answer(&state, &opened),
        Refreshed::Refused => Err(Refusal::Unauthorised.into()),
    }
}

/// Signs out: by the access token, or by a refresh token in the body.
#[utoipa::path(
    post,
    path = "/api/v1/auth/logout",
    tag = "auth",
    request_body = LogOut,
    responses((status = 204, description = "Signed out"), (status = 401, description = "unauthorised"))
)]
pub async fn logout(
    request: HttpRequest,
    state: web::Data<State>,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let sent: LogOut = body::json(&request, &bytes)?;
    let (id, session) = (request_id(&request), guard::session_of(request.headers(), &state));
    state
        .store
        .write(move |tx| {
            tx.request_id.clone_from(&id);
            match (&session, &sent.refresh_token) {
                (Some(session), _) => sign_in::end(tx, *session),
                (None, Some(token)) => sign_in::end_by_token(tx, token.expose()),
                (None, None) => Err(Refusal::Unauthorised.into()),
            }
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Sets a password by a one-time link, which is used up; a password that is too weak leaves it usable.
#[utoipa::path(
    post,
    path = "/api/v1/auth/activate",
    tag = "auth",
    request_body = Activation,
    responses(
        (status = 200, body = Activated),
        (status = 404, description = "invalid-link: unknown, used or expired"),
        (status = 422, description = "The password is too weak")
    )
)]
pub async fn activate(
    request: HttpRequest,
    state: web::Data<State>,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let sent: Activation = body::json(&request, &bytes)?;
    let username = choose_password(&state, request_id(&request), sent).await?;
    Ok(HttpResponse::Ok().json(Activated { username }))
}

/// Sets a password by a one-time link; the sign-in name of whose it is.
///
/// # Errors
/// 404 for a link that is none, 422 for a password that is too weak.
pub(in crate::http) async fn choose_password(
    state: &web::Data<State>,
    id: Option<String>,
    sent: Activation,
) -> Result<String, Problem> {
    let settings = state.settings.clone();
    let secret = hash_secret(sent.token.expose());
    let owner = state.store.read(move |tx| sign_in::link_owner(tx, &secret)).await.map_err(bad_link)?;
    check_password(sent.password.expose(), &owner.username)
        .map_err(|weak| Refusal::field("/password", weak.code()))?;
    let hash = hashing(state, move |passwords| passwords.hash(sent.password.expose())).await?;
    let hash = hash.map_err(Problem::defect)?;
    let owner = state
        .store
        .write(move |tx| {
            tx.request_id.clone_from(&id);
            sign_in::activate(tx, &settings, &secret, &hash)
        })
        .await
        .map_err(bad_link)?;
    Ok(owner.username)
}

fn limits(state: &State) -> Limits {
    let auth = &state.config.auth;
    Limits {
        lock_after: auth.lock_after.into(),
        lock: auth.lock(),
        idle: auth.idle(),
        absolute: auth.absolute(),
    }
}

pub(in crate::http) fn request_id(request: &HttpRequest) -> Option<String> {
    request.extensions().get::<RequestId>().map(|id| id.0.clone())
}

fn bad_link(error: Error) -> Problem {
    match error {
        Error::Refused { refusal: Refusal::NotFound, .. } => {
            Problem::new(StatusCode::NOT_FOUND, "invalid-link")
        }
        other => other.into(),
    }
}

fn answer(state: &State, opened: &Opened) -> Result<HttpResponse, Problem> {
    let AccountId(account) = opened.account;
    let token = state.store.fresh::<SessionId>().0;
    let access =
        state.signer.issue(account, opened.session.0, token, state.store.now()).map_err(Problem::defect)?;
    Ok(HttpResponse::Ok().json(Tokens {
        access_token: access.expose().to_owned(),
        token_type: "Bearer",
        expires_in: state.signer.lifetime().num_seconds(),
        refresh_token: opened.refresh.expose().to_owned(),
    }))
}

/// Compares at equal cost whether or not there is something to compare with; the second value is the password
/// hashed at today's cost, where the stored hash has another.
fn compare(passwords: &Passwords, typed: &Secret, stored: Option<&str>) -> (bool, Option<String>) {
    let Some(stored) = stored else {
        passwords.verify_dummy(typed.expose());
        return (false, None);
    };
    let right = passwords.verify(typed.expose(), stored).unwrap_or_else(|fault| {
        tracing::error!(%fault, "a stored password hash");
        passwords.verify_dummy(typed.expose());
        false
    });
    let outdated = right && passwords.is_outdated(stored);
    (right, outdated.then(|| passwords.hash(typed.expose()).ok()).flatten())
}

/// Gives the place at the hash function back when the work is done, also when nobody waits for it any more.
struct Place(web::Data<State>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.hashing.add_permits(1);
    }
}

async fn hashing<T: Send + 'static>(
    state: &web::Data<State>,
    work: impl FnOnce(&Passwords) -> T + Send + 'static,
) -> Result<T, Problem> {
    state.hashing.acquire().await.map_err(Problem::defect)?.forget();
    let place = Place(state.clone());
    tokio::task::spawn_blocking(move || work(&place.0.passwords)).await.map_err(Problem::defect)
}
