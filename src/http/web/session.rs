//! The session cookie: the same sign-in that a token names, held by a browser. Its secret is compared by hash, so that
//! neither the database nor a backup can sign anybody in.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpRequest, web};

use crate::domain::ids::{AccountId, SessionId};
use crate::http::State;
use crate::http::problem::Problem;
use crate::service::sign_in::Opened;
use crate::store::sessions::{self, Held};
use crate::store::{StoreError, WriteTx};
use crate::tokens::{SecretHash, parse_refresh_token};

/// Name of the cookie; browsers hold `__Host-` cookies to one host, TLS and the path `/`.
pub const NAME: &str = "__Host-legation";
/// How exactly the last use of a sign-in is known.
const TOUCH: chrono::TimeDelta = chrono::TimeDelta::minutes(1);

/// The sign-in that the request's cookie names, live or not.
#[must_use]
pub fn presented(request: &HttpRequest) -> Option<(SessionId, SecretHash)> {
    let cookie = request.cookie(NAME)?;
    parse_refresh_token(cookie.value()).map(|(id, hash)| (SessionId(id), hash))
}

/// The live sign-in behind the request's cookie; using it puts its end off.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn live(request: &HttpRequest, state: &web::Data<State>) -> Result<Option<SessionId>, Problem> {
    let Some((id, held)) = held(request, state).await? else { return Ok(None) };
    if !held.live {
        return Ok(None);
    }
    let (now, idle) = (state.store.now(), state.config.auth.idle());
    if held.idle_ends_at - idle + TOUCH <= now {
        let touched = move |tx: &mut WriteTx<'_>| {
            sessions::touch(tx, id, now + idle)?;
            Ok::<_, StoreError>(tx.unrecorded("the same sign-in goes on", ()))
        };
        state.store.write(touched).await?;
    }
    Ok(Some(id))
}

/// Whose the request's cookie is, also when its sign-in has ended.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn owner(request: &HttpRequest, state: &web::Data<State>) -> Result<Option<AccountId>, Problem> {
    Ok(held(request, state).await?.map(|(_, held)| held.account))
}

async fn held(request: &HttpRequest, state: &web::Data<State>) -> Result<Option<(SessionId, Held)>, Problem> {
    let Some((id, hash)) = presented(request) else { return Ok(None) };
    let held = state.store.read(move |tx| sessions::held_by(tx, id, &hash)).await?;
    Ok(held.map(|held| (id, held)))
}

/// The cookie of a new sign-in.
#[must_use]
pub fn opened(opened: &Opened, absolute: chrono::TimeDelta) -> Cookie<'static> {
    cookie(NAME, opened.refresh.expose().to_owned(), absolute.num_seconds())
}

/// A cookie for this host alone, unseen by scripts. `Lax`: a link in a mail may open a page, not send a form.
#[must_use]
pub fn cookie(name: &'static str, value: String, seconds: i64) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(seconds))
        .finish()
}
