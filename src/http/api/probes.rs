//! For machines that watch: is it alive, can it serve, and with which keys are its tokens signed.

use actix_web::{HttpResponse, web};

use crate::http::State;
use crate::http::problem::Problem;
use crate::service::Error;
use crate::store::installation;

/// Alive.
#[utoipa::path(get, path = "/healthz", tag = "probes", responses((status = 200, description = "The process runs")))]
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))
}

/// Ready.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "probes",
    responses((status = 200, description = "The database answers"), (status = 503, description = "It does not"))
)]
pub async fn readyz(state: web::Data<State>) -> Result<HttpResponse, Problem> {
    let demo = state.store.read(|tx| Ok::<_, Error>(installation::is_demo(tx)?)).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({ "status": "ready", "demo": demo })))
}

/// The public keys of access tokens.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    tag = "auth",
    responses((status = 200, description = "A JSON Web Key Set"))
)]
pub async fn jwks(state: web::Data<State>) -> HttpResponse {
    HttpResponse::Ok().json(state.verifier.jwks())
}
