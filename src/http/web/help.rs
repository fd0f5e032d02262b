//! What the pages can do without being seen to: the keys, and where everything else is told.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::shell::{self, Shell};
use crate::http::caller::Caller;
use crate::http::problem::Problem;

#[derive(Template)]
#[template(path = "help.html")]
struct Help<'p> {
    shell: &'p Shell,
}

/// The page of help.
///
/// # Errors
/// A defect, if a key is missing.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    shell::page(StatusCode::OK, shell.lang, &Help { shell: &shell })
}
