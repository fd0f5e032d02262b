//! A form with a file behind its fields.

use actix_multipart::Multipart;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use super::{done, settled};
use crate::domain::ids::DossierId;
use crate::domain::refusal::{Refusal, Why};
use crate::http::State;
use crate::http::body;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::upload::{self, Taken};
use crate::http::web::form::Form;
use crate::http::web::{csrf, kept};
use crate::service::files::PaperInput;

/// Most bytes of what is said of a file.
const SAID: usize = 16 * 1024;
/// Fields that a form of a file may have before it.
const FIELDS: usize = 12;

/// Uploads a paper: the fields come first, the token first of all; without it not a byte of the file is kept.
///
/// # Errors
/// As the use case refuses, where the page cannot help.
pub async fn upload(request: HttpRequest, caller: Caller, payload: Payload) -> Result<HttpResponse, Problem> {
    let id: DossierId = body::id(&request, "id")?;
    if !upload::is_multipart(&request) {
        csrf::check(&request, caller.state(), None)?;
    }
    let mut parts = upload::parts(&request, caller.state(), payload);
    let mut form = None;
    let taken = upload::within_reason(&mut parts, async |parts| {
        let (fields, file) = fields(&request, caller.state(), parts).await?;
        let fields = form.insert(fields);
        let _version = caller.clone().with_form(fields).version()?;
        let file = file.ok_or(Refusal::field("/file", "required"))?;
        let input: PaperInput = fields.read()?;
        upload::file(parts, &caller, id, (fields.sent(), input), file).await
    })
    .await;
    let caller = match &form {
        Some(form) => caller.with_form(form),
        None => caller,
    };
    let done = stored(&caller, taken).await;
    if done.is_ok() {
        kept::forget_here(&request, &caller).await?;
    }
    settled(&request, &caller, form.as_ref(), done).await
}

async fn stored(caller: &Caller, taken: Result<Taken, Problem>) -> Result<HttpResponse, Problem> {
    let taken = taken?;
    upload::keep(caller, caller.version()?, taken, done).await
}

/// What stands before the file, and the file's part. The token is looked at before anything else is read.
///
/// # Errors
/// 403 without the token; 400, 413 or 422 for what is no such form.
pub(in crate::http::web) async fn fields(
    request: &HttpRequest,
    state: &State,
    parts: &mut Multipart,
) -> Result<(Form, Option<actix_multipart::Field>), Problem> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut file = None;
    while let Some(mut part) = upload::next(parts).await? {
        let name = part.name().unwrap_or_default().to_owned();
        if pairs.is_empty() && name != csrf::FIELD {
            csrf::check(request, state, None)?;
        }
        if name == "file" {
            let chosen = part
                .content_disposition()
                .and_then(|said| said.get_filename())
                .is_some_and(|n| !n.is_empty());
            file = chosen.then_some(part);
            break;
        }
        let said = upload::said(&mut part, "", SAID).await?;
        let said = String::from_utf8_lossy(&said).into_owned();
        drop(part);
        if name == csrf::FIELD {
            csrf::check(request, state, Some(&said))?;
        }
        pairs.push((name, said));
        if pairs.len() > FIELDS {
            return Err(Refusal::field("", Why::too_many(FIELDS, pairs.len())).into());
        }
    }
    if pairs.is_empty() {
        csrf::check(request, state, None)?;
    }
    let sent = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
    Ok((Form::parse(sent.as_bytes()), file))
}
