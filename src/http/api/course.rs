//! The commands of a dossier's course. Each needs the version that was seen, does one move, and answers with the
//! dossier as it is now.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::de::DeserializeOwned;

use super::delegations::shown;
use crate::domain::ids::DossierId;
use crate::http::body;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::service::course::{
    self, Closing, Declaration, DuplicateOf, Reason, Reception, TakenBack, VisitReport,
};
use crate::service::decisions::{self, NewDecision};
use crate::service::opinions::{self, NewOpinion};
use crate::service::views::DelegationView;
use crate::service::{Context, Result as ServiceResult};
use crate::store::{Recorded, WriteTx};

/// What all of these handlers are: a body, a dossier, a version, and one move.
async fn command<B: DeserializeOwned + Send + 'static>(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
    work: fn(&mut WriteTx<'_>, &Context, DossierId, i64, &B) -> ServiceResult<Recorded<DossierId>>,
) -> Result<HttpResponse, Problem> {
    let (id, version) = (body::id(&request, "id")?, caller.version()?);
    let body: B = body::json(&request, &bytes)?;
    caller
        .command(&bytes, move |tx, ctx| {
            let done = work(tx, ctx, id, version, &body)?;
            shown(tx, ctx, done, false)
        })
        .await
}

/// Submits a request: freezes the round, gives the number, tells the receiving clerks.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/submit",
    tag = "course",
    params(("id" = DossierId, Path), ("If-Match" = String, Header)),
    request_body = Declaration,
    responses(
        (status = 200, body = DelegationView),
        (status = 403, description = "Not yours to do"),
        (status = 409, description = "Not in this state"),
        (status = 412, description = "Changed meanwhile"),
        (status = 422, description = "Fields that are not valid")
    )
)]
pub async fn submit(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    command::<Declaration>(request, caller, bytes, |tx, ctx, id, version, declared| {
        course::submit(tx, ctx, id, version, *declared)
    })
    .await
}

/// Takes a request back to draft, or withdraws a pending amendment, whose changes are given up.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/recall",
    tag = "course",
    params(("id" = DossierId, Path), ("If-Match" = String, Header)),
    request_body = TakenBack,
    responses(
        (status = 200, body = DelegationView),
        (status = 403, description = "Not yours to do"),
        (status = 409, description = "Not in this state"),
        (status = 412, description = "Changed meanwhile"),
        (status = 422, description = "Fields that are not valid")
    )
)]
pub async fn recall(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    command::<TakenBack>(request, caller, bytes, |tx, ctx, id, version, said| {
        course::recall(tx, ctx, id, version, *said)
    })
    .await
}

/// Receives a request with its incoming number and opens the first step.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/receive",
    tag = "course",
    params(("id" = DossierId, Path), ("If-Match" = String, Header)),
    request_body = Reception,
    responses(
        (status = 200, body = DelegationView),
        (status = 403, description = "Not yours to do"),
        (status = 409, description = "Not in this state"),
        (status = 412, description = "Changed meanwhile"),
        (status = 422, description = "Fields that are not valid")
    )
)]
pub async fn receive(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    command::<Reception>(request, caller, bytes, course::receive).await
}

/// Reports what really happened: days, who came, who did not, who was added.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/report",
    tag = "course",
    params(("id" = DossierId, Path), ("If-Match" = String, Header)),
    request_body = VisitReport,
    responses(
        (status = 200, body = DelegationView),
        (status = 403, description = "Not yours to do"),
        (status = 409, description = "Not in this state"),
        (status = 412, description = "Changed meanwhile"),
        (status = 422, description = "Fields that are not valid")
    )
)]
pub async fn report(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    command::<VisitReport>(request, caller, bytes, course::report).await
}

/// Closes a reported dossier; with a reason, where something is still owed.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/close",
    tag = "course",
    params(("id" = DossierId, Path), ("If-Match" = String, Header)),
    request_body = Closing,
    responses(
        (status = 200, body = DelegationView),
        (status = 403, description = "Not yours to do"),
        (status = 409, description = "Not in this state"),
        (status = 412, description = "Changed meanwhile"),
        (status = 422, description = "Something is still owed, and no reason was given")
    )
)]
pub async fn close(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    command::<Closing>(request, caller, bytes, course::close).await
}

/// Cancels before arrival.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/cancel",
    tag = "course",
    params(("id" = DossierId, Path), ("If-Match" = String, Header)),
    request_body = Reason,
    responses(
        (status = 200, body = DelegationView),
        (status = 403, description = "Not yours to do"),
        (status = 409, description = "Not in this state"),
        (status = 412, description = "Changed meanwhile"),
        (status = 422, description = "Fields that are not valid")
    )
)]
pub async fn cancel(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    command::<Reason>(request, caller, bytes, course::cancel).await
}

/// Revokes the permission, before or after arrival.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/revoke",
    tag = "course",
    params(("id" = DossierId, Path), ("If-Match" = String, Header)),
    request_body = Reason,
    responses(
        (status = 200, body = DelegationView),
        (status = 403, description = "Not yours to do"),
        (status = 409, description = "Not in this state"),
        (status = 412, description = "Changed meanwhile"),
        (status = 422, description = "Fields that are not valid")
    )
)]
pub async fn revoke(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    command::<Reason>(request, caller, bytes, course::revoke).await
}

/// Marks the dossier as the same delegation as another one.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/duplicate",
    tag = "course",
    params(("id" = DossierId, Path), ("If-Match" = String, Header)),
    request_body = DuplicateOf,
    responses(
        (status = 200, body = DelegationView),
        (status = 403, description = "Not yours to do"),
        (status = 409, description = "Not in this state"),
        (status = 412, description = "Changed meanwhile"),
        (status = 422, description = "Fields that are not valid")
    )
)]
pub async fn duplicate(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    command::<DuplicateOf>(request, caller, bytes, course::duplicate).await
}

/// Decides on the open step: approve, return or reject. On a step that is not the last, approve recommends.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/decisions",
    tag = "course",
    params(("id" = DossierId, Path), ("If-Match" = String, Header)),
    request_body = NewDecision,
    responses(
        (status = 200, body = DelegationView),
        (status = 403, description = "Not yours to do"),
        (status = 409, description = "Not in this state"),
        (status = 412, description = "Changed meanwhile"),
        (status = 422, description = "Fields that are not valid")
    )
)]
pub async fn decide(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    command::<NewDecision>(request, caller, bytes, decisions::decide).await
}

/// Records what a body without accounts answered on paper.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/opinions",
    tag = "course",
    params(("id" = DossierId, Path), ("If-Match" = String, Header)),
    request_body = NewOpinion,
    responses(
        (status = 200, body = DelegationView),
        (status = 403, description = "Not yours to do, or no such step is open"),
        (status = 409, description = "Not in this state"),
        (status = 412, description = "Changed meanwhile"),
        (status = 422, description = "Fields that are not valid")
    )
)]
pub async fn record_opinion(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    command::<NewOpinion>(request, caller, bytes, opinions::record).await
}
