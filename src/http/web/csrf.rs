//! Forms come from our own pages: by where the browser says that they come from, and by a token that only our pages
//! know, made of the session's secret.

use actix_web::HttpRequest;
use actix_web::dev::ServiceRequest;
use actix_web::http::{Method, StatusCode, header};
use actix_web::web;

use super::session;
use crate::http::State;
use crate::http::problem::Problem;

/// The cookie of whoever has not signed in yet; the sign-in form needs a token too.
pub const VISITOR: &str = "__Host-legation-visitor";
/// The name of the token in forms.
pub const FIELD: &str = "csrf";

/// Refuses a form that another origin sent (`Sec-Fetch-Site`, else `Origin`).
///
/// # Errors
/// 403.
pub fn from_here(request: &ServiceRequest) -> Result<(), Problem> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(());
    }
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let is_ours = match text("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => {
            let state = request.app_data::<web::Data<State>>();
            let ours = state.map(|state| origin(state.config.server.base_url.as_str()));
            ours.is_some() && text(header::ORIGIN.as_str()).map(str::to_owned) == ours
        }
    };
    if is_ours { Ok(()) } else { Err(refused()) }
}

/// Scheme, host and port of an address.
fn origin(address: &str) -> String {
    url::Url::parse(address).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

/// The token for forms of this browser; `visitor` is the visitor cookie that is about to be set.
///
/// # Errors
/// A defect, if a key is missing.
pub fn token(request: &HttpRequest, state: &State, visitor: Option<&str>) -> Result<String, Problem> {
    let seed = seed(request).or(visitor.map(str::to_owned)).unwrap_or_default();
    state.settings.vault.mac("csrf", seed.as_bytes()).map(hex::encode).map_err(Problem::defect)
}

/// Refuses a form without the token of this browser.
///
/// # Errors
/// 403.
pub fn check(request: &HttpRequest, state: &State, sent: Option<&str>) -> Result<(), Problem> {
    let seed = seed(request).ok_or_else(refused)?;
    let sent = sent.and_then(|sent| hex::decode(sent).ok()).unwrap_or_default();
    if state.settings.vault.mac_matches("csrf", seed.as_bytes(), &sent) { Ok(()) } else { Err(refused()) }
}

fn seed(request: &HttpRequest) -> Option<String> {
    let cookie = request.cookie(session::NAME).filter(|cookie| !cookie.value().is_empty());
    cookie.or_else(|| request.cookie(VISITOR)).map(|cookie| cookie.value().to_owned())
}

fn refused() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "form-from-elsewhere")
}
