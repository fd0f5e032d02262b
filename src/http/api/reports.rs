//! The compliance return as a file.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::clock::day_in_vietnam;
use crate::domain::access::Action;
use crate::domain::codes::{Code, Lang};
use crate::domain::refusal::Fault;
use crate::domain::report::form::Return;
use crate::domain::report::period::Kind;
use crate::domain::report::{Period, Window};
use crate::http::body;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::report::Table;
use crate::service::returns::{self, Export, Failure, Format, Made, Wanted, closings};

/// How the return is made.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Query {
    /// On which days periods begin and end; by default as configured.
    #[param(inline)]
    window: Option<Window>,
    /// CSV only: one clean table instead of the printed form.
    #[param(inline)]
    table: Option<Table>,
    /// As known on this day, `2025-12-07`; by default today in Vietnam.
    as_of: Option<NaiveDate>,
    /// Whether it is made anew although the period is closed; by default a closed period gives its frozen bytes, unless
    /// `as_of` asks for a certain day.
    #[serde(default, deserialize_with = "body::flag")]
    live: bool,
}

/// The return of a period: `monthly/2025-11.xlsx`, `quarterly/2025-Q4.csv`, `half/2025-H2.json`, `nine/2025-9M.json`,
/// `yearly/2025.json`. As PDF the official paper with its annexes, as DOCX its text for editing, both in Vietnamese.
/// Every export is journalled with the hash of its bytes.
#[utoipa::path(
    get,
    path = "/api/v1/reports/{kind}/{file}",
    tag = "reports",
    params(
        ("kind" = Kind, Path, description = "Kind of period"),
        ("file" = String, Path, description = "Label of the period and `.json`, `.csv`, `.xlsx`, `.pdf` or `.docx`"),
        Query
    ),
    responses(
        (status = 200, body = Return, description = "The return; as CSV or XLSX the same figures"),
        (status = 400, description = "Not a label of this kind, or a parameter that is not valid"),
        (status = 404, description = "No such kind or format"),
        (status = 422, description = "More than can be set as one paper"),
        (status = 501, description = "This program was built without PDF")
    )
)]
pub async fn export(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let (wanted, live) = wanted(&request, &caller)?;
    let made = caller
        .read(move |tx, ctx| {
            ctx.must(Action::ReadReturn)?;
            Ok(match if live { None } else { closings::frozen(tx, ctx, &wanted)? } {
                Some(frozen) => Ok(Ready::Frozen(frozen)),
                None => {
                    returns::make(tx, &ctx.actor.scope(Action::ReadReturn), &wanted, &ctx.settings.rulebooks)?
                        .map(|made| Ready::Made(Box::new(made)))
                }
            })
        })
        .await?;
    let made = match made.map_err(|failure| unmade(&failure.into()))? {
        Ready::Frozen(frozen) => frozen,
        Ready::Made(made) => {
            let write = move |settings: &crate::service::Settings| {
                returns::write(&made, &wanted, &settings.stationery)
            };
            caller.at_the_press(write).await?.map_err(|failure| unmade(&failure))?
        }
    };
    let event = made.event;
    caller.record(move |tx, actor| returns::record(tx, Some(actor.account), &event)).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, wanted.format.media_type()))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", made.name)))
        .insert_header((header::CONTENT_LANGUAGE, wanted.lang.code()))
        .body(made.bytes))
}

/// A return that was frozen, or one to be written.
enum Ready {
    Frozen(Export),
    Made(Box<Made>),
}

/// Only a PDF that was not built in and a paper that is too large are the asker's to know.
pub(in crate::http) fn unmade(failure: &Failure) -> Problem {
    match failure {
        Failure::Paper(error) => error.clone().into(),
        _ => Problem {
            cause: Some(failure.to_string()),
            ..Problem::new(StatusCode::INTERNAL_SERVER_ERROR, failure.code())
        },
    }
}

/// Which return, and whether it is made anew whatever was closed.
fn wanted(request: &HttpRequest, caller: &Caller) -> Result<(Wanted, bool), Problem> {
    let part = |name: &str| request.match_info().get(name).unwrap_or_default().to_owned();
    let (kind, file) = (part("kind"), part("file"));
    let kind = Kind::parse(&kind).ok_or_else(|| wrong(StatusCode::NOT_FOUND, "?kind", "unknown-code"))?;
    let (label, format) = file.rsplit_once('.').unwrap_or((&file, ""));
    let format =
        Format::parse(format).ok_or_else(|| wrong(StatusCode::NOT_FOUND, "?format", "unknown-code"))?;
    let bad_label = |_error| wrong(StatusCode::BAD_REQUEST, "?label", "bad-period");
    let period = Period::parse_label(kind, label).map_err(bad_label)?;
    let query: Query = body::query(request)?;
    if query.table.is_some() && format != Format::Csv {
        return Err(wrong(StatusCode::BAD_REQUEST, "?table", "only-csv"));
    }
    let today = day_in_vietnam(caller.state().store.now());
    let as_of = query.as_of.unwrap_or(today);
    if as_of > today {
        return Err(wrong(StatusCode::BAD_REQUEST, "?as_of", "in-the-future"));
    }
    let lang: Lang = caller.lang;
    let window = query.window.unwrap_or_else(|| caller.state().config.report.window.into());
    let live = query.live || query.as_of.is_some();
    Ok((Wanted { period, window, as_of, format, table: query.table, lang }, live))
}

pub(super) fn wrong(status: StatusCode, name: &str, code: &'static str) -> Problem {
    let kind = if status == StatusCode::NOT_FOUND { "not-found" } else { "invalid-parameter" };
    Problem { faults: vec![Fault::at(name, code)], ..Problem::new(status, kind) }
}
