//! Issuing: the paper is made before the command and frozen by it; its text as issued, its signed file, and the register
//! of numbers where an office keeps it here.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::delegations::shown;
use super::rendered::{attachment, unknown};
use crate::domain::codes::Code;
use crate::domain::ids::{DossierId, OrganisationId, PaperId};
use crate::http::body::{self, NoQuery};
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::paper::Format;
use crate::service::course::{self, IssuedText, NewPaper};
use crate::service::papers::issued::{self, NewSignedFile};
use crate::service::papers::register::{self, RegisterEntry};
use crate::service::views::DelegationView;
use crate::service::{Context, Result as ServiceResult};
use crate::store::{Recorded, WriteTx};

/// How often a paper is made anew when the dossier or the next number changed meanwhile.
const TRIES: usize = 10;
/// What says so.
const OUTDATED: &str = "paper-outdated";

/// Issues the permit: the numbered and dated paper. Its text is frozen with its hash, and handed out as the same bytes
/// ever after. The number comes from the office's document system, or from our own register where it is kept here.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/issue",
    tag = "course",
    params(("id" = DossierId, Path), ("If-Match" = String, Header)),
    request_body = NewPaper,
    responses(
        (status = 200, body = DelegationView),
        (status = 403, description = "Not yours to do"),
        (status = 409, description = "Not in this state, or the number was given before"),
        (status = 412, description = "Changed meanwhile"),
        (status = 422, description = "Fields that are not valid"),
        (status = 503, description = "Too many papers are being made")
    )
)]
pub async fn issue(request: HttpRequest, caller: Caller, bytes: web::Bytes) -> Result<HttpResponse, Problem> {
    let (id, version) = (body::id(&request, "id")?, caller.version()?);
    let new: NewPaper = body::json(&request, &bytes)?;
    issue_as(&caller, &bytes, (id, version), &new, |tx, ctx, done| shown(tx, ctx, done, false)).await
}

/// How the answer is made of the dossier whose paper was issued.
pub(in crate::http) type Answer =
    fn(&mut WriteTx<'_>, &Context, Recorded<DossierId>) -> ServiceResult<Recorded<Reply>>;

/// Issues, making the paper anew while the dossier or the next number changes under it.
///
/// # Errors
/// As the use case refuses.
pub(in crate::http) async fn issue_as(
    caller: &Caller,
    bytes: &web::Bytes,
    seen: (DossierId, i64),
    new: &NewPaper,
    answer: Answer,
) -> Result<HttpResponse, Problem> {
    let mut done = attempt(caller, bytes, seen, new, answer).await;
    for _ in 1..TRIES {
        if !matches!(&done, Err(problem) if problem.code == OUTDATED) {
            break;
        }
        done = attempt(caller, bytes, seen, new, answer).await;
    }
    done
}

/// Makes the paper, and issues it if it still says what the dossier says.
async fn attempt(
    caller: &Caller,
    bytes: &web::Bytes,
    seen: (DossierId, i64),
    new: &NewPaper,
    answer: Answer,
) -> Result<HttpResponse, Problem> {
    let (paper, typed) = (caller.state().store.fresh::<PaperId>(), new.clone());
    let draft = caller.read(move |tx, ctx| course::draft(tx, ctx, seen, &typed, paper)).await?;
    let made = match draft {
        Some(draft) => Some(caller.at_the_press(move |settings| issued::freeze(&draft, settings)).await???),
        None => None,
    };
    let typed = new.clone();
    caller
        .command(bytes, move |tx, ctx| {
            let done = course::issue(tx, ctx, seen, &typed, IssuedText::Made(made.as_ref()))?;
            answer(tx, ctx, done)
        })
        .await
}

/// The text of a paper as it was issued, also of one that was replaced since: the same bytes for ever. As an attachment
/// only; journalled with its hash.
#[utoipa::path(
    get,
    path = "/api/v1/delegations/{id}/issued/{paper}/text.{format}",
    tag = "papers",
    params(("id" = DossierId, Path), ("paper" = PaperId, Path), ("format" = Format, Path)),
    responses(
        (status = 200, description = "The paper", content_type = "application/octet-stream"),
        (status = 404, description = "No such dossier or paper, or it was not made in this format")
    )
)]
pub async fn text(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let _none: NoQuery = body::query(&request)?;
    let (id, paper) = (body::id(&request, "id")?, body::id(&request, "paper")?);
    let format = request.match_info().get("format").unwrap_or_default();
    let format = Format::parse(format).ok_or_else(|| unknown("?format"))?;
    let written = caller.read(move |tx, ctx| issued::text_of(tx, ctx, id, paper, format)).await?;
    let (settings, sha256) = (caller.state().settings.clone(), written.sha256.clone());
    caller
        .record(move |tx, actor| {
            let ctx = Context { actor: actor.clone(), settings: settings.clone() };
            issued::record(tx, &ctx, id, paper, &sha256)
        })
        .await?;
    Ok(attachment(format, written))
}

/// Keeps the signed file with its paper: a file of the dossier, uploaded as `permit` or `signed_decision`. Until then the
/// paper stands as approved in the system.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/issued/{paper}/signed",
    tag = "papers",
    params(("id" = DossierId, Path), ("paper" = PaperId, Path), ("If-Match" = String, Header)),
    request_body = NewSignedFile,
    responses(
        (status = 200, body = DelegationView),
        (status = 403, description = "Not yours to do"),
        (status = 404, description = "No such dossier or paper"),
        (status = 409, description = "It has its signed file"),
        (status = 412, description = "Changed meanwhile"),
        (status = 422, description = "No such file of this dossier, or not the one whose hash was told")
    )
)]
pub async fn keep_signed(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let (id, paper, version) = (body::id(&request, "id")?, body::id(&request, "paper")?, caller.version()?);
    let new: NewSignedFile = body::json(&request, &bytes)?;
    caller
        .command(&bytes, move |tx, ctx| {
            let done = issued::keep_signed(tx, ctx, (id, version), paper, &new)?;
            shown(tx, ctx, done, false)
        })
        .await
}

/// Whose register.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Whose {
    /// The organisation whose papers are numbered here.
    organisation_id: OrganisationId,
}

/// The numbers of a year.
#[derive(Debug, Serialize, ToSchema)]
pub struct Register {
    /// By kind of paper, then by number.
    pub items: Vec<RegisterEntry>,
}

/// The numbers that our own register gave in a local year, with those that are struck.
#[utoipa::path(
    get,
    path = "/api/v1/register/{year}",
    tag = "papers",
    params(("year" = i32, Path), Whose),
    responses((status = 200, body = Register), (status = 404, description = "No such organisation or year"))
)]
pub async fn register(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let whose: Whose = body::query(&request)?;
    let year = body::id(&request, "year")?;
    let items = caller.read(move |tx, ctx| register::list(tx, ctx, whose.organisation_id, year)).await?;
    Ok(HttpResponse::Ok().json(Register { items }))
}
