//! Papers of a dossier: uploaded in one streamed request, downloaded only as attachments.

use actix_multipart::Multipart;
use actix_web::body::SizedStream;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::TryStreamExt;
use serde::Serialize;
use utoipa::ToSchema;

use crate::depot::Depot;
use crate::domain::codes::Code;
use crate::domain::ids::{DossierId, FileId};
use crate::domain::refusal::Refusal;
use crate::http::body::{self, NoQuery};
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::http::upload::{self, Taken};
use crate::service::course::Reason;
use crate::service::files::{self, Done, OfflinePaper, PaperInput, PaperUpload, PaperView, Source};
use crate::service::{Context, Result as ServiceResult};
use crate::store::{ReadTx, Recorded, WriteTx};

/// Most bytes of what is said of a file.
const METADATA: usize = 16 * 1024;

/// Papers of a dossier.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaperList {
    /// The papers, oldest first.
    pub items: Vec<PaperView>,
}

/// Lists the papers of a dossier, those that were taken away included.
#[utoipa::path(
    get,
    path = "/api/v1/delegations/{id}/papers",
    tag = "papers",
    params(("id" = DossierId, Path)),
    responses((status = 200, body = PaperList), (status = 404, description = "No such dossier"))
)]
pub async fn list(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let _none: NoQuery = body::query(&request)?;
    let id: DossierId = body::id(&request, "id")?;
    let items = caller.read(move |tx, ctx| files::list(tx, ctx, id)).await?;
    Ok(Reply::ok(&PaperList { items })?.response())
}

/// Uploads a paper: part `metadata` (JSON) first, then part `file` with its name. The type is told from the bytes: PDF,
/// PNG, JPEG, TIFF, DOCX, XLSX, ODT or ODS without macros. The same file twice is one paper: the second answer is 200.
/// A mark of a state secret in the file's name or the number is refused; such papers are recorded by number and date.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/papers",
    tag = "papers",
    params(("id" = DossierId, Path), ("If-Match" = String, Header)),
    request_body(content = PaperUpload, content_type = "multipart/form-data"),
    responses(
        (status = 201, body = PaperView),
        (status = 200, body = PaperView, description = "The dossier has this paper already"),
        (status = 409, description = "The dossier takes no more papers"),
        (status = 412, description = "Changed meanwhile"),
        (status = 413, description = "Too many bytes"),
        (status = 415, description = "Not multipart/form-data"),
        (status = 422, description = "Not a file that is taken, or `state-secret`")
    )
)]
pub async fn upload(request: HttpRequest, caller: Caller, payload: Payload) -> Result<HttpResponse, Problem> {
    let _none: NoQuery = body::query(&request)?;
    let (id, version) = (body::id(&request, "id")?, caller.version()?);
    if !upload::is_multipart(&request) {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type"));
    }
    let mut parts = upload::parts(&request, caller.state(), payload);
    let taken = upload::within_reason(&mut parts, async |parts| take_in(parts, &caller, id).await).await?;
    upload::keep(&caller, version, taken, shown).await
}

/// Reads the two parts.
async fn take_in(parts: &mut Multipart, caller: &Caller, id: DossierId) -> Result<Taken, Problem> {
    let said = metadata(parts).await?;
    let input: PaperInput = body::part(&said)?;
    let file = upload::next(parts).await?.filter(|part| part.name() == Some("file"));
    let file = file.ok_or(Refusal::field("/file", "required"))?;
    upload::file(parts, caller, id, (&said, input), file).await
}

/// The first part. It is let go before the next one is asked for: the reader waits for that.
async fn metadata(parts: &mut Multipart) -> Result<Bytes, Problem> {
    let part = upload::next(parts).await?.filter(|part| part.name() == Some("metadata"));
    let mut part = part.ok_or(Refusal::field("/metadata", "required"))?;
    upload::said(&mut part, "/metadata", METADATA).await
}

/// Records a paper that was handled outside of this system: number and date only.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/papers/offline",
    tag = "papers",
    params(("id" = DossierId, Path), ("If-Match" = String, Header)),
    request_body = OfflinePaper,
    responses(
        (status = 201, body = PaperView),
        (status = 409, description = "The dossier takes no more papers"),
        (status = 412, description = "Changed meanwhile"),
        (status = 422, description = "Fields that are not valid")
    )
)]
pub async fn offline(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let (id, version) = (body::id(&request, "id")?, caller.version()?);
    let paper: OfflinePaper = body::json(&request, &bytes)?;
    let most = caller.state().config.papers.max_files;
    caller
        .command(&bytes, move |tx, ctx| {
            let done = files::record_offline(tx, ctx, id, version, &paper, most)?;
            shown(tx, id, done)
        })
        .await
}

fn shown(tx: &mut ReadTx<'_>, dossier: DossierId, done: Recorded<Done>) -> ServiceResult<Recorded<Reply>> {
    let Done { id, made, version } = *done.value();
    let view = files::view(tx, dossier, id)?;
    let reply = match made {
        true => Reply::created(format!("/api/v1/delegations/{dossier}/papers/{id}"), &view)?,
        false => Reply::ok(&view)?,
    };
    Ok(done.map(|_| reply.at_version(version)))
}

/// Downloads a paper, as an attachment only. Every download is journalled. Passport scans are for officers and clerks
/// of the owner and of the receiving desk.
#[utoipa::path(
    get,
    path = "/api/v1/delegations/{id}/papers/{paper}",
    tag = "papers",
    params(("id" = DossierId, Path), ("paper" = FileId, Path)),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream"),
        (status = 403, description = "A passport scan, and not for you"),
        (status = 404, description = "No such dossier or paper"),
        (status = 410, description = "Its bytes can be read no more, or never were here")
    )
)]
pub async fn download(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let _none: NoQuery = body::query(&request)?;
    let (id, paper) = (body::id(&request, "id")?, body::id(&request, "paper")?);
    let opened = caller.read(move |tx, ctx| files::open(tx, ctx, id, paper)).await?;
    let depot = caller.state().depot.clone();
    files::verify(&depot, &opened.source()).await?;
    let settings = caller.state().settings.clone();
    // Not under an idempotency key: every download is told.
    caller
        .record(move |tx, actor| {
            let ctx = Context { actor: actor.clone(), settings: settings.clone() };
            files::record_download(tx, &ctx, id, paper)
        })
        .await?;
    let size = u64::try_from(opened.content.bytes).map_err(Problem::defect)?;
    handed_out(&depot, &opened.source(), (&opened.name, opened.content.media_type.code(), size)).await
}

/// A file of the depot as an attachment, piece by piece: its name, type and size.
pub(super) async fn handed_out(
    depot: &Depot,
    source: &Source,
    (name, media_type, size): (&str, &str, u64),
) -> Result<HttpResponse, Problem> {
    let pieces = files::plain(depot, source).await?;
    let pieces = pieces.map_ok(Bytes::from).map_err(|error| {
        tracing::error!(%error, "a file changed while it was handed out");
        Box::<dyn std::error::Error>::from("broken")
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, media_type))
        .insert_header((header::CONTENT_DISPOSITION, attachment(name)))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(SizedStream::new(size, pieces)))
}

/// `attachment` with the name in ASCII and, for those who can (RFC 5987), as it is.
fn attachment(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || " ._-()".contains(c) { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let mut exact = String::new();
    for byte in name.bytes() {
        match byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            true => exact.push(char::from(byte)),
            false => exact += &format!("%{byte:02X}"),
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{exact}")
}

/// Takes a paper away, with a reason. Its row stays; a paper of a decided revision stays whole.
#[utoipa::path(
    delete,
    path = "/api/v1/delegations/{id}/papers/{paper}",
    tag = "papers",
    params(("id" = DossierId, Path), ("paper" = FileId, Path), ("If-Match" = String, Header)),
    request_body = Reason,
    responses(
        (status = 200, body = PaperView),
        (status = 403, description = "Uploaded for another organisation"),
        (status = 409, description = "Part of a revision that was submitted or decided"),
        (status = 410, description = "Gone already"),
        (status = 412, description = "Changed meanwhile"),
        (status = 422, description = "Without a reason")
    )
)]
pub async fn delete(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    take_away(request, caller, bytes, files::delete).await
}

/// Makes a paper that should never have been uploaded unreadable at once, for everybody and for ever. The row and the
/// journal tell that it was there.
#[utoipa::path(
    post,
    path = "/api/v1/delegations/{id}/papers/{paper}/quarantine",
    tag = "papers",
    params(("id" = DossierId, Path), ("paper" = FileId, Path), ("If-Match" = String, Header)),
    request_body = Reason,
    responses(
        (status = 200, body = PaperView),
        (status = 410, description = "Gone already"),
        (status = 412, description = "Changed meanwhile"),
        (status = 422, description = "Without a reason")
    )
)]
pub async fn quarantine(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    take_away(request, caller, bytes, files::quarantine).await
}

/// Taking a paper away: which use case.
pub(in crate::http) type TakeAway = fn(
    &mut WriteTx<'_>,
    &Context,
    DossierId,
    i64,
    FileId,
    &Reason,
) -> ServiceResult<Recorded<(Done, Option<String>)>>;

async fn take_away(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
    work: TakeAway,
) -> Result<HttpResponse, Problem> {
    let paper: (DossierId, FileId) = (body::id(&request, "id")?, body::id(&request, "paper")?);
    let why: Reason = body::json(&request, &bytes)?;
    taken_away(&caller, &bytes, paper, why, work, shown).await
}

/// Takes a paper away, and its file out of the depot.
///
/// # Errors
/// As the use case refuses.
pub(in crate::http) async fn taken_away(
    caller: &Caller,
    bytes: &web::Bytes,
    (id, paper): (DossierId, FileId),
    why: Reason,
    work: TakeAway,
    answer: upload::Answer,
) -> Result<HttpResponse, Problem> {
    let version = caller.version()?;
    let (tell, told) = std::sync::mpsc::channel();
    let answered = caller
        .command(bytes, move |tx, ctx| {
            let done = work(tx, ctx, id, version, paper, &why)?;
            let (_, object) = done.value();
            // Nobody may be listening any more: then the sweep removes the file.
            drop(tell.send(object.clone()));
            answer(tx, id, done.map(|(done, _)| done))
        })
        .await?;
    // Only now is it certain that nobody needs the file.
    if let Some(object) = told.try_iter().last().flatten() {
        files::forget(&caller.state().depot, &object).await;
    }
    Ok(answered)
}

#[cfg(test)]
mod tests {
    use super::attachment;

    #[test]
    fn a_name_cannot_leave_its_header() {
        assert_eq!(
            attachment("Thư \"mời\"\r\n; x=y.pdf"),
            "attachment; filename=\"Th_ _m_i____ x_y.pdf\"; \
             filename*=UTF-8''Th%C6%B0%20%22m%E1%BB%9Di%22%0D%0A%3B%20x%3Dy.pdf"
        );
    }
}
