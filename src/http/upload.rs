//! Uploads, by the API and by pages: one streamed request of parts. What is said comes first; only then the file is
//! read, and goes to the depot as it comes in. It must not decide who may.

use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::error::PayloadError;
use actix_web::http::{StatusCode, header};
use actix_web::rt::time::timeout;
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::{Stream, StreamExt};

use crate::domain::ids::{DossierId, FileId};
use crate::domain::refusal::{Counted, Limit, Refusal, Why};
use crate::http::State;
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::service::Result as ServiceResult;
use crate::service::files::{self, Done, Intake, PaperInput, Prepared};
use crate::store::files::FileContent;
use crate::store::{ReadTx, Recorded};

/// How long one upload may take.
const PATIENCE: Duration = Duration::from_mins(10);

/// A file that lies in the depot and has no row yet.
pub struct Taken {
    prepared: Prepared,
    content: FileContent,
    fingerprint: Vec<u8>,
}

/// How the answer is made of what was kept.
pub type Answer = fn(&mut ReadTx<'_>, DossierId, Recorded<Done>) -> ServiceResult<Recorded<Reply>>;

/// Whether the request is a form of parts.
#[must_use]
pub fn is_multipart(request: &HttpRequest) -> bool {
    let media = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media.is_some_and(|media| media.to_ascii_lowercase().starts_with("multipart/form-data"))
}

/// The parts of the request. They end with an error after twice the bytes of the largest file, whatever is claimed:
/// whoever sends too much is heard out up to there, so that he hears the answer.
#[must_use]
pub fn parts(request: &HttpRequest, state: &State, payload: Payload) -> Multipart {
    let most = state.config.papers.max_bytes();
    let bounded = Bounded { inner: payload, left: most.saturating_mul(2).saturating_add(1024 * 1024) };
    Multipart::new(request.headers(), bounded)
}

/// Takes parts in, within the time that an upload may take. The rest of what is refused is read and thrown away: an
/// answer that is sent while the other side still sends would not be read.
///
/// # Errors
/// What `work` refuses; 408 when it takes too long.
pub async fn within_reason<T>(
    parts: &mut Multipart,
    work: impl AsyncFnOnce(&mut Multipart) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let taken = timeout(PATIENCE, work(parts)).await;
    let taken = taken.map_err(|_late| Problem::new(StatusCode::REQUEST_TIMEOUT, "request-timeout"))?;
    if taken.is_err() {
        let rest = async { while let Some(Ok(_)) = parts.next().await {} };
        drop(timeout(PATIENCE, rest).await);
    }
    taken
}

/// The next part.
///
/// # Errors
/// 400 or 413.
pub async fn next(parts: &mut Multipart) -> Result<Option<Field>, Problem> {
    parts.next().await.transpose().map_err(broken)
}

/// What a part says, at most so many bytes. The part must be let go before the next one is asked for.
///
/// # Errors
/// 422 under this pointer when it is more; 400 or 413.
pub async fn said(part: &mut Field, pointer: &str, most: usize) -> Result<Bytes, Problem> {
    let said = part.bytes(most).await.map_err(|_limit| Refusal::field(pointer, beyond(most)))?;
    said.map_err(broken)
}

/// Takes the file into the depot, after whoever may upload was asked about what is said of it (`said`, as it came).
///
/// # Errors
/// As the use case refuses; 422 for what is no file that is taken.
pub async fn file(
    parts: &mut Multipart,
    caller: &Caller,
    id: DossierId,
    (said, input): (&[u8], PaperInput),
    mut file: Field,
) -> Result<Taken, Problem> {
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
    let fingerprint = [said, content.sha256.as_bytes()].concat();
    Ok(Taken { prepared, content, fingerprint })
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

/// Gives the file its row. What then turns out to be needless is taken out of the depot again.
///
/// # Errors
/// As the use case refuses.
pub async fn keep(
    caller: &Caller,
    version: i64,
    taken: Taken,
    answer: Answer,
) -> Result<HttpResponse, Problem> {
    let Taken { prepared, content, fingerprint } = taken;
    let (dossier, most) = (prepared.dossier(), caller.state().config.papers.max_files);
    let object = content.object.clone();
    let (tell, told) = std::sync::mpsc::channel();
    let done = caller
        .command(&fingerprint, move |tx, ctx| {
            let done = files::record(tx, ctx, version, &prepared, &content, most)?;
            // Nobody may be listening any more: then the sweep removes the file.
            let _unheard = tell.send(done.value().made);
            answer(tx, dossier, done)
        })
        .await;
    // A refusal is certain: nobody refers to the file; so is an answer that was given before, or of the same paper.
    // After a fault it is not, and the sweep will know.
    let needless = match &done {
        Ok(_) => told.try_iter().last() != Some(true),
        Err(problem) => problem.status.is_client_error(),
    };
    if needless {
        files::forget(&caller.state().depot, &object).await;
    }
    done
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

/// What a part says is more than so many bytes.
#[must_use]
pub fn beyond(most: usize) -> Why {
    Why::beyond("too-long", Limit { most, there: None, counted: Counted::Bytes })
}
