//! Papers of a dossier: uploaded in one streamed request, downloaded only as attachments.

use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::body::SizedStream;
use actix_web::error::PayloadError;
use actix_web::http::{StatusCode, header};
use actix_web::rt::time::timeout;
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::{Stream, StreamExt, TryStreamExt};
use serde::Serialize;
use utoipa::ToSchema;

use crate::depot::Depot;
use crate::domain::codes::Code;
use crate::domain::ids::{DossierId, FileId};
use crate::domain::refusal::Refusal;
use crate::http::body::{self, NoQuery};
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::service::course::Reason;
use crate::service::files::{
    self, Done, Intake, OfflinePaper, PaperInput, PaperUpload, PaperView, Prepared, Source,
};
use crate::service::{Context, Result as ServiceResult};
use crate::store::files::FileContent;
use crate::store::{ReadTx, Recorded, WriteTx};

/// Most bytes of what is said of a file.
const METADATA: usize = 16 * 1024;
/// How long one upload may take.
const PATIENCE: Duration = Duration::from_mins(10);

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
    let media = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !media.is_some_and(|media| media.to_ascii_lowercase().starts_with("multipart/form-data")) {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type"));
    }
    // Whoever sends too much is heard out up to here, so that he hears the answer.
    let most = caller.state().config.papers.max_bytes();
    let payload = Bounded { inner: payload, left: most.saturating_mul(2).saturating_add(1024 * 1024) };
    let mut parts = Multipart::new(request.headers(), payload);
    let taken = timeout(PATIENCE, take_in(&mut parts, &caller, id)).await;
    let taken = taken.map_err(|_late| Problem::new(StatusCode::REQUEST_TIMEOUT, "request-timeout"))?;
    if taken.is_err() {
        // An answer that is sent while the other side still sends would not be read.
        let rest = async { while let Some(Ok(_)) = parts.next().await {} };
        drop(timeout(PATIENCE, rest).await);
    }
    let (prepared, content, fingerprint) = taken?;
    let object = content.object.clone();
    let done = keep(&caller, version, prepared, content, &fingerprint).await;
    // A refusal is certain: nobody refers to the file. After a fault it is not, and the sweep will know.
    let needless = match &done {
        Ok(response) => response.status() == StatusCode::OK,
        Err(problem) => problem.status.is_client_error(),
    };
    if needless {
        files::forget(&caller.state().depot, &object).await;
    }
    done
}

async fn keep(
    caller: &Caller,
    version: i64,
    prepared: Prepared,
    content: FileContent,
    fingerprint: &[u8],
) -> Result<HttpResponse, Problem> {
    let (dossier, most) = (prepared.dossier(), caller.state().config.papers.max_files);
    caller
        .command(fingerprint, move |tx, ctx| {
            let done = files::record(tx, ctx, version, &prepared, &content, most)?;
            shown(tx, dossier, done)
        })
        .await
}

/// Reads the two parts; the file goes to the depot as it comes in.
async fn take_in(
    parts: &mut Multipart,
    caller: &Caller,
    id: DossierId,
) -> Result<(Prepared, FileContent, Vec<u8>), Problem> {
    let said = metadata(parts).await?;
    let input: PaperInput = body::part(&said)?;
    let file = next(parts).await?.filter(|part| part.name() == Some("file"));
    let mut file = file.ok_or(Refusal::field("/file", "required"))?;
    let name = file_name(&file);
    let prepared = prepare(caller, id, input, name).await?;
    let (depot, most) = (&caller.state().depot, caller.state().config.papers.max_bytes());
    let mut intake = Intake::begin(depot, &prepared, most).await?;
    while let Some(bytes) = file.next().await {
        intake.take(&bytes.map_err(broken)?).await?;
    }
    drop(file);
    if next(parts).await?.is_some() {
        return Err(Refusal::field("/file", "listed-twice").into());
    }
    let content = intake.finish(depot).await?;
    let fingerprint = [&said, content.sha256.as_bytes()].concat();
    Ok((prepared, content, fingerprint))
}

/// The first part. It is let go before the next one is asked for: the reader waits for that.
async fn metadata(parts: &mut Multipart) -> Result<Bytes, Problem> {
    let part = next(parts).await?.filter(|part| part.name() == Some("metadata"));
    let mut part = part.ok_or(Refusal::field("/metadata", "required"))?;
    let said = part.bytes(METADATA).await.map_err(|_limit| Refusal::field("/metadata", "too-long"))?;
    said.map_err(broken)
}

async fn prepare(
    caller: &Caller,
    id: DossierId,
    input: PaperInput,
    name: String,
) -> Result<Prepared, Problem> {
    let (file, kind) = (caller.state().store.fresh::<FileId>(), input.kind);
    let prepared = caller.read(move |tx, ctx| files::prepare(tx, ctx, id, file, &input, &name)).await;
    if prepared.as_ref().is_err_and(|problem| problem.code == Refusal::StateSecret.code()) {
        // Every refusal of this kind is journalled: without the name, without a byte of the file.
        let refused = caller.command(&[], move |_tx, ctx| Err(files::refused_as_secret(ctx, id, kind))).await;
        return Err(refused.err().unwrap_or_else(|| Refusal::StateSecret.into()));
    }
    prepared
}

async fn next(parts: &mut Multipart) -> Result<Option<Field>, Problem> {
    parts.next().await.transpose().map_err(broken)
}

/// What is wrong with the way in which the parts are put together.
fn broken(error: actix_multipart::MultipartError) -> Problem {
    match error {
        actix_multipart::MultipartError::Payload(PayloadError::Overflow) => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "payload-too-large")
        }
        _ => Problem::new(StatusCode::BAD_REQUEST, "malformed-request"),
    }
}

/// The name that was sent with a file, preferably the one that says its encoding.
fn file_name(file: &Field) -> String {
    let Some(disposition) = file.content_disposition() else { return String::new() };
    let extended = disposition.get_filename_ext().and_then(|name| String::from_utf8(name.value.clone()).ok());
    extended.or_else(|| disposition.get_filename().map(str::to_owned)).unwrap_or_default()
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

type TakeAway = fn(
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
    let (id, version) = (body::id(&request, "id")?, caller.version()?);
    let paper: FileId = body::id(&request, "paper")?;
    let why: Reason = body::json(&request, &bytes)?;
    let (tell, told) = std::sync::mpsc::channel();
    let answered = caller
        .command(&bytes, move |tx, ctx| {
            let done = work(tx, ctx, id, version, paper, &why)?;
            let (_, object) = done.value();
            // Nobody may be listening any more: then the sweep removes the file.
            drop(tell.send(object.clone()));
            shown(tx, id, done.map(|(done, _)| done))
        })
        .await?;
    // Only now is it certain that nobody needs the file.
    if let Some(object) = told.try_iter().last().flatten() {
        files::forget(&caller.state().depot, &object).await;
    }
    Ok(answered)
}

/// A payload that ends with an error after so many bytes, whatever its sender claims.
struct Bounded {
    inner: Payload,
    left: u64,
}

impl Stream for Bounded {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let next = Pin::new(&mut this.inner).poll_next(context);
        if let Poll::Ready(Some(Ok(bytes))) = &next {
            match this.left.checked_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX)) {
                Some(left) => this.left = left,
                None => return Poll::Ready(Some(Err(PayloadError::Overflow))),
            }
        }
        next
    }
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
