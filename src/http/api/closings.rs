//! Periods that close: the frozen return, its restatements, what became different since, and to whom it was given.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::reports::{unmade, wrong};
use crate::domain::codes::Code;
use crate::domain::ids::{ClosingId, OrganisationId};
use crate::domain::report::period::Kind;
use crate::domain::report::{Period, Window};
use crate::http::body::{self, NoQuery};
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::service::returns::closings::{self, Asked, Changes, ClosingView, HandOverView, NewHandOver};
use crate::service::returns::preparing::{self, PreparedView};
use crate::service::{Error, evidence};
use crate::store::Recorded;

/// Whose return of which window.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Query {
    /// On which days periods begin and end; by default as configured.
    #[param(inline)]
    window: Option<Window>,
    /// Whose return; by default that of the caller's own uppermost organisation.
    organisation_id: Option<OrganisationId>,
}

/// How a period is closed.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Close {
    /// On which days periods begin and end; by default as configured.
    pub window: Option<Window>,
    /// Whose return; by default that of the caller's own uppermost organisation.
    pub organisation_id: Option<OrganisationId>,
    /// A restatement names the closing that it replaces ..
    pub replaces: Option<ClosingId>,
    /// .. and why.
    pub reason: Option<String>,
}

/// The closings of a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct Closings {
    /// The first one first; the last one is what an export gives.
    pub items: Vec<ClosingView>,
}

fn period(request: &HttpRequest) -> Result<Period, Problem> {
    let part = |name: &str| request.match_info().get(name).unwrap_or_default().to_owned();
    let (kind, label) = (part("kind"), part("label"));
    let kind = Kind::parse(&kind).ok_or_else(|| wrong(StatusCode::NOT_FOUND, "?kind", "unknown-code"))?;
    Period::parse_label(kind, &label).map_err(|_error| wrong(StatusCode::BAD_REQUEST, "?label", "bad-period"))
}

fn window(caller: &Caller, asked: Option<Window>) -> Window {
    asked.unwrap_or_else(|| caller.state().config.report.window.into())
}

/// Closes a period that is over: its return is frozen with all its files, and every later export gives these bytes. A
/// correction names what it replaces and why.
#[utoipa::path(
    post,
    path = "/api/v1/reports/{kind}/{label}/close",
    tag = "reports",
    params(("kind" = Kind, Path), ("label" = String, Path)),
    request_body = Close,
    responses(
        (status = 201, body = ClosingView),
        (status = 409, description = "It is closed already: name what you replace"),
        (status = 422, description = "The period is not over, or fields that are not valid")
    )
)]
pub async fn close(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    let period = period(&request)?;
    let close: Close = body::json(&request, &bytes)?;
    let asked = Asked {
        id: caller.state().store.fresh(),
        installation: caller.state().store.installation(),
        period,
        window: window(&caller, close.window),
        organisation: close.organisation_id,
        replaces: close.replaces,
        reason: close.reason,
    };
    close_as(&caller, &bytes, asked, |closed| {
        let location = format!("/api/v1/closings/{}", closed.value().id);
        let reply = Reply::created(location, closed.value())?;
        Ok(closed.map(|_| reply))
    })
    .await
}

/// Closes a period and answers with what `reply` makes of it: for the API and for the page.
pub async fn close_as(
    caller: &Caller,
    sent: &[u8],
    asked: Asked,
    reply: impl Fn(Recorded<ClosingView>) -> Result<Recorded<Reply>, Error> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let draft = caller.read(move |tx, ctx| closings::prepare(tx, ctx, &asked)).await?;
    let draft = draft.map_err(|failure| unmade(&failure))?;
    // Signed after the figures were read: it covers all that they came from, and is printed on the return.
    let settings = caller.state().settings.clone();
    let signed = caller.state().store.write(move |tx| {
        let kept = evidence::checkpoint(tx, &settings.vault)?;
        Ok::<_, Error>(tx.unrecorded("a checkpoint is about the journal and no part of it", kept))
    });
    let kept = signed.await?;
    let prepared = caller.at_the_press(move |settings| closings::freeze(draft, &kept, settings)).await??;
    let prepared = prepared.map_err(|failure| unmade(&failure))?;
    caller.command(sent, move |tx, ctx| reply(closings::close(tx, ctx, &prepared)?)).await
}

/// The closings of a period, with their manifests and hand-overs.
#[utoipa::path(
    get,
    path = "/api/v1/reports/{kind}/{label}/closings",
    tag = "reports",
    params(("kind" = Kind, Path), ("label" = String, Path), Query),
    responses((status = 200, body = Closings), (status = 404, description = "No such organisation"))
)]
pub async fn list(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let (period, query): (Period, Query) = (period(&request)?, body::query(&request)?);
    let window = window(&caller, query.window);
    let items =
        caller.read(move |tx, ctx| closings::list(tx, ctx, (period, window), query.organisation_id)).await?;
    Ok(Reply::ok(&Closings { items })?.response())
}

/// What became different in a closed period: late entries and edits, with their reasons, for the covering letter.
#[utoipa::path(
    get,
    path = "/api/v1/reports/{kind}/{label}/changes",
    tag = "reports",
    params(("kind" = Kind, Path), ("label" = String, Path), Query),
    responses((status = 200, body = Changes), (status = 404, description = "The period is not closed"))
)]
pub async fn changes(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let (period, query): (Period, Query) = (period(&request)?, body::query(&request)?);
    let window = window(&caller, query.window);
    let found = caller
        .read(move |tx, ctx| closings::changes(tx, ctx, (period, window), query.organisation_id))
        .await?;
    Ok(Reply::ok(&found.map_err(|failure| unmade(&failure))?)?.response())
}

/// Returns that were prepared.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreparedReturns {
    /// The longest waiting first.
    pub items: Vec<PreparedView>,
}

/// Returns that were prepared when their period was over and wait for somebody to check and close them.
#[utoipa::path(
    get,
    path = "/api/v1/reports/prepared",
    tag = "reports",
    responses((status = 200, body = PreparedReturns))
)]
pub async fn prepared(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let _none: NoQuery = body::query(&request)?;
    let items = caller.read(preparing::waiting).await?;
    Ok(Reply::ok(&PreparedReturns { items })?.response())
}

/// Records to whom a closed return was given, when, how, and which bytes.
#[utoipa::path(
    post,
    path = "/api/v1/closings/{id}/hand-overs",
    tag = "reports",
    params(("id" = ClosingId, Path)),
    request_body = NewHandOver,
    responses(
        (status = 201, body = HandOverView),
        (status = 404, description = "No such closing"),
        (status = 422, description = "Fields that are not valid")
    )
)]
pub async fn hand_over(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let id: ClosingId = body::id(&request, "id")?;
    let new: NewHandOver = body::json(&request, &bytes)?;
    caller
        .command(&bytes, move |tx, ctx| {
            let given = closings::hand_over(tx, ctx, id, &new)?;
            let reply = Reply::created(format!("/api/v1/closings/{id}/hand-overs"), given.value())?;
            Ok(given.map(|_| reply))
        })
        .await
}
