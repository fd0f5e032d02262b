//! Who asks, and whether they may at all: before the handler of every row of the route table. Session, account and
//! roles are read from the database at every request, so that a removed role works no longer from the next one on.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, web};

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

/// By which door a request comes in: programs with a token, browsers with a cookie. Neither opens the other's door, so
/// that no page of elsewhere can make a browser call the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// `Authorization: Bearer`.
    Token,
    /// The session cookie.
    Cookie,
}

/// The layer around one route.
///
/// # Errors
/// None of its own: without a live sign-in the response is 401, without the right (journalled) 403.
pub async fn guard(
    door: Door,
    access: Access,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if door == Door::Cookie {
        request.extensions_mut().insert(super::web::IsPage);
        if let Err(problem) = super::web::csrf::from_here(&request) {
            return Ok(request.error_response(problem));
        }
    }
    if let Access::Needs(action) = access
        && let Err(problem) = identify(door, &request, action).await
    {
        let posted = !matches!(*request.method(), Method::GET | Method::HEAD);
        if door == Door::Cookie && posted && problem.status == StatusCode::UNAUTHORIZED {
            super::web::kept::after_the_session(&mut request).await?;
        }
        return Ok(request.error_response(problem));
    }
    let mut response = next.call(request).await.map(ServiceResponse::map_into_boxed_body)?;
    if door == Door::Cookie {
        super::web::done::note(&mut response).map_err(Problem::defect)?;
    }
    Ok(response)
}

/// Finds out who asks, notes it at the request, and refuses whoever has the right nowhere.
async fn identify(door: Door, request: &ServiceRequest, action: Action) -> Result<(), Problem> {
    let state = request.app_data::<web::Data<State>>().ok_or_else(|| Problem::defect("no state"))?;
    let session = match door {
        Door::Token => session_of(request.headers(), state),
        Door::Cookie => super::web::session::live(request.request(), state).await?,
    };
    let session = session.ok_or(Refusal::Unauthorised)?;
    let actor = actor_of(state, session).await?.ok_or(Refusal::Unauthorised)?;
    let ctx = Context { actor, settings: state.settings.clone() };
    // Known also where it is denied: the page that says so stands in the reader's own shell.
    request.extensions_mut().insert(Known { actor: ctx.actor.clone(), session, action });
    if let Err(denied) = ctx.must(action) {
        let id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
        service::denials::journal_once(&state.store, &ctx, denied_event(&denied), id).await?;
        return Err(denied.into());
    }
    Ok(())
}

async fn actor_of(state: &State, session: SessionId) -> Result<Option<Actor>, Problem> {
    state.store.read(move |tx| accounts::actor_of_session(tx, session)).await.map_err(Problem::from)
}

/// Notes whoever is signed in at a request that no page answers, so that the page which says so is in the reader's own
/// language and leads back. Who cannot be found out stays a visitor.
pub(super) async fn recognise(request: &HttpRequest, state: &web::Data<State>) {
    let Ok(Some(session)) = super::web::session::live(request, state).await else { return };
    if let Ok(Some(actor)) = actor_of(state, session).await {
        request.extensions_mut().insert(Known { actor, session, action: Action::ReadSelf });
    }
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
