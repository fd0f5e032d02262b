//! Who asks, and whether they may at all: before the handler of every row of the route table. Session, account and
//! roles are read from the database at every request, so that a removed role works no longer from the next one on.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};

use super::State;
use super::caller::Known;
use super::edge::RequestId;
use super::problem::Problem;
use crate::domain::access::{Action, Actor};
use crate::domain::ids::SessionId;
use crate::domain::refusal::Refusal;
use crate::service::{self, Context};
use crate::store::accounts;

/// What a row of the route table asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing: anybody may.
    Public,
    /// This right, at whatever reach.
    Needs(Action),
}

/// The layer around one route.
///
/// # Errors
/// None of its own: without a live sign-in the response is 401, without the right (journalled) 403.
pub async fn guard(
    access: Access,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if let Access::Needs(action) = access {
        match identify(&request, action).await {
            Ok(known) => drop(request.extensions_mut().insert(known)),
            Err(problem) => return Ok(request.error_response(problem)),
        }
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}

async fn identify(request: &ServiceRequest, action: Action) -> Result<Known, Problem> {
    let state = request.app_data::<web::Data<State>>().ok_or_else(|| Problem::defect("no state"))?;
    let session = session_of(request.headers(), state).ok_or(Refusal::Unauthorised)?;
    let actor: Actor = state
        .store
        .read(move |tx| accounts::actor_of_session(tx, session))
        .await
        .map_err(Problem::from)?
        .ok_or(Refusal::Unauthorised)?;
    let ctx = Context { actor, settings: state.settings.clone() };
    if let Err(denied) = ctx.must(action) {
        let id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
        service::denials::journal_once(&state.store, &ctx, denied_event(&denied), id).await?;
        return Err(denied.into());
    }
    Ok(Known { actor: ctx.actor, session, action })
}

fn denied_event(error: &service::Error) -> Option<crate::domain::event::Event> {
    use crate::store::Refuses;
    error.event().cloned()
}

/// The sign-in that a valid access token names; whether it still lives, the database says.
pub(super) fn session_of(headers: &header::HeaderMap, state: &State) -> Option<SessionId> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let token = value.strip_prefix("Bearer ")?;
    let claims = state.verifier.verify(token, state.store.now()).ok()?;
    Some(SessionId(claims.session))
}
