//! Pages for people: the same use cases as the API, rendered here in the reader's language. A page works without
//! JavaScript; whoever asks is known by a cookie, and every form carries a token and comes from our own origin. It
//! must not decide anything that the API would not decide alike.

#![expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    clippy::unused_self,
    reason = "templates call methods of their page, and pass what it holds by reference"
)]

pub mod assessment;
pub mod assets;
pub mod behind;
pub mod calendar;
pub mod charts;
pub mod closing;
pub mod controls;
pub mod copy;
pub mod course;
pub mod csrf;
pub mod decide;
pub mod differences;
pub mod done;
pub mod dossier;
pub mod duplicate;
pub mod errors;
pub mod exports;
pub mod form;
pub mod help;
pub mod history;
pub mod inbox;
pub mod journal;
pub mod kept;
pub mod language;
pub mod ledger;
pub mod list;
pub mod member;
pub mod members;
pub mod month;
pub mod obligations;
pub mod office;
pub mod overrides;
pub mod papers;
pub mod period;
pub mod pictures;
pub mod places;
pub mod prepare;
mod preview;
pub mod readers;
pub mod register;
pub mod reports;
pub mod routes;
mod said;
pub mod session;
pub mod shell;
pub mod sign_in;
pub mod submit;
pub mod timeline;
pub mod together;
pub mod told;
pub mod unsaved;
pub mod visit;
pub mod words;

use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest};

/// Marks a request to a page: what goes wrong is then said on a page too.
#[derive(Debug, Clone, Copy)]
pub struct IsPage;

/// Whether what goes wrong is shown to a person: on our pages, and wherever a browser asks for one.
#[must_use]
pub fn is_page(request: &HttpRequest) -> bool {
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let asks = accepts.is_some_and(|accepts| accepts.contains("text/html"));
    let is_program = request.path().starts_with("/api/") || request.path().starts_with("/docs");
    request.extensions().contains::<IsPage>() || (asks && !is_program)
}
