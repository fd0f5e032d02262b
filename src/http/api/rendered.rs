//! Official papers of a dossier, made when they are asked for.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};

use crate::domain::codes::Code;
use crate::domain::ids::DossierId;
use crate::domain::refusal::Fault;
use crate::http::body::{self, NoQuery};
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::paper::{Format, Kind};
use crate::service::Context;
use crate::service::papers::{self, Asked, Written};

/// Makes an official paper (Nghị định 30/2020/NĐ-CP) of what the dossier says: `appraisal_note`, `submission`, `permit`
/// (inbound) or `decision` (outbound), `member_list`, `result_report`; as PDF, or as DOCX to be edited before it is
/// signed. A permit that was not issued yet says that it was approved in the system; one that was is handed out as it was
/// issued, the same bytes for ever. In Vietnamese; as an attachment only; journalled with the hash of its bytes.
#[utoipa::path(
    get,
    path = "/api/v1/delegations/{id}/papers/render/{file}",
    tag = "papers",
    params(
        ("id" = DossierId, Path),
        ("file" = String, Path, description = "Kind of paper and `.pdf` or `.docx`: `permit.docx`")
    ),
    responses(
        (status = 200, description = "The paper", content_type = "application/octet-stream"),
        (status = 404, description = "No such dossier, kind or format, or no such paper of this direction"),
        (status = 409, description = "The dossier has not come to the step that makes this paper"),
        (status = 422, description = "More than can be set as one paper"),
        (status = 501, description = "This program was built without PDF"),
        (status = 503, description = "Too many papers are being made")
    )
)]
pub async fn render(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let _none: NoQuery = body::query(&request)?;
    let id: DossierId = body::id(&request, "id")?;
    let file = request.match_info().get("file").unwrap_or_default();
    let (kind, format) = file.rsplit_once('.').unwrap_or((file, ""));
    let kind = Kind::parse(kind).ok_or_else(|| unknown("?kind"))?;
    let format = Format::parse(format).ok_or_else(|| unknown("?format"))?;
    let written = match caller.read(move |tx, ctx| papers::asked(tx, ctx, id, kind, format)).await? {
        Asked::Issued(written) => written,
        Asked::New(matter) => {
            caller
                .at_the_press(move |settings| papers::write(&matter, format, &settings.stationery.press))
                .await??
        }
    };
    let (settings, sha256) = (caller.state().settings.clone(), written.sha256.clone());
    caller
        .record(move |tx, actor| {
            let ctx = Context { actor: actor.clone(), settings: settings.clone() };
            papers::record(tx, &ctx, id, kind, format, &sha256)
        })
        .await?;
    Ok(attachment(format, written))
}

/// A paper as an attachment.
pub(super) fn attachment(format: Format, written: Written) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, format.media_type()))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", written.name)))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header((header::CONTENT_LANGUAGE, "vi"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(written.bytes)
}

pub(super) fn unknown(name: &str) -> Problem {
    Problem {
        faults: vec![Fault::at(name, "unknown-code")],
        ..Problem::new(StatusCode::NOT_FOUND, "not-found")
    }
}
