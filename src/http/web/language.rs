//! In which language whoever is not signed in reads: what was chosen on the sign-in page, held by a cookie, else Vietnamese,
//! whatever the browser of an office's machine asks for. Whoever is signed in reads the language of the account.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;

use super::session;
use crate::domain::codes::{Code, Lang};

/// Name of the cookie.
pub const NAME: &str = "__Host-legation-lang";
/// For how long a choice is remembered: a year, in seconds.
const REMEMBERED: i64 = 365 * 24 * 60 * 60;

/// The language of a visitor.
#[must_use]
pub fn of_visitor(request: &HttpRequest) -> Lang {
    let chosen = request.cookie(NAME).and_then(|cookie| Lang::parse(cookie.value()));
    chosen.unwrap_or(Lang::Vi)
}

/// The cookie of a choice.
#[must_use]
pub fn chosen(lang: Lang) -> Cookie<'static> {
    session::cookie(NAME, lang.code().to_owned(), REMEMBERED)
}

/// The other one of our two languages.
#[must_use]
pub fn other(lang: Lang) -> Lang {
    match lang {
        Lang::Vi => Lang::En,
        Lang::En => Lang::Vi,
    }
}
