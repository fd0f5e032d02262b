//! What was done is said once: a form that was taken leads on to another page, which begins with a line that says so. The
//! line travels in a cookie for that one page, so that addresses stay what they are and opening one again says nothing.

use actix_web::body::BoxBody;
use actix_web::cookie::Cookie;
use actix_web::dev::ServiceResponse;
use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};

use super::session;
use crate::domain::codes::Lang;
use crate::texts;

/// Name of the cookie.
const NAME: &str = "__Host-legation-done";
/// For how long a browser may take to open the page, in seconds.
const PATIENCE: i64 = 60;
/// The form of which each command of a dossier has words of its own.
const COMMAND: &str = "/delegations/{id}/do/{command}";

/// What is said of the forms that lead on to another page. Whatever is not here says it by its page.
const SAID: &[(&str, &str)] = &[
    ("/kept/discard", "done-discarded"),
    ("/calendar/feed", "done-feed-closed"),
    ("/delegations/filters", "done-filter-kept"),
    ("/delegations/filters/{id}/delete", "done-filter-gone"),
    ("/delegations/new", "done-draft"),
    ("/delegations/{id}/copy", "done-copied"),
    ("/delegations/{id}/edit", "done-saved"),
    ("/delegations/{id}/members", "done-member"),
    ("/delegations/{id}/members/paste", "done-members"),
    ("/delegations/{id}/members/{member}/remove", "done-member-gone"),
    ("/delegations/{id}/members/{member}/edit", "done-saved"),
    (COMMAND, ""),
    ("/delegations/{id}/papers", "done-paper"),
    ("/delegations/{id}/papers/offline", "done-paper-offline"),
    ("/delegations/{id}/papers/{paper}/delete", "done-paper-gone"),
    ("/delegations/{id}/papers/{paper}/quarantine", "done-paper-quarantined"),
    ("/delegations/{id}/issued/{paper}/signed", "done-signed"),
    ("/delegations/{id}/obligations/{owed}/done", "done-duty"),
    ("/delegations/{id}/readers", "done-reader"),
    ("/delegations/{id}/overrides", "done-override-asked"),
    ("/delegations/{id}/overrides/{override}/answer", "done-override-answered"),
    ("/inbox/prepare", "done-prepared"),
    ("/reports/exports", "done-export"),
    ("/reports/{kind}/{label}/close", "done-closed"),
    ("/closings/{id}/hand-over", "done-handed-over"),
    ("/me/language", "done-saved"),
    ("/me/password", "done-password"),
    ("/me/sign-ins/end", "done-sign-in-ended"),
    ("/me/sign-ins/end-others", "done-sign-ins-ended"),
    ("/office/organisations", "done-organisation"),
    ("/office/organisations/{id}", "done-saved"),
    ("/office/users/{id}", "done-saved"),
    ("/office/users/{id}/grant", "done-granted"),
    ("/office/users/{id}/end-grant", "done-grant-ended"),
    ("/office/users/{id}/lock", "done-locked"),
    ("/office/users/{id}/unlock", "done-unlocked"),
    ("/office/users/{id}/sign-ins/end", "done-sign-in-ended"),
    ("/office/users/{id}/sign-ins/end-all", "done-sign-ins-ended"),
    ("/office/mandates", "done-mandate"),
    ("/office/mandates/end", "done-mandate-ended"),
    ("/office/outbox/resend", "done-resent"),
    ("/people/{id}", "done-saved"),
    ("/people/{id}/passports", "done-passport"),
    ("/partners/new", "done-partner"),
    ("/plans/new", "done-plan"),
    ("/plans/{id}", "done-saved"),
];

/// What a form says in place of its usual words.
#[derive(Debug, Clone, Copy)]
struct Instead(&'static str);

/// Says this in place of the usual words of the form at this request.
pub fn instead(request: &HttpRequest, text: &'static str) {
    request.extensions_mut().insert(Instead(text));
}

/// The text about what the form at this request does.
fn text_of(request: &HttpRequest) -> Option<String> {
    if let Some(Instead(text)) = request.extensions().get::<Instead>() {
        return Some((*text).to_owned());
    }
    let pattern = request.match_pattern()?;
    let (path, text) = SAID.iter().find(|(path, _)| *path == pattern)?;
    Some(match *path {
        COMMAND => of_command(request.match_info().get("command")?),
        _ => (*text).to_owned(),
    })
}

fn of_command(code: &str) -> String {
    format!("done-do-{}", code.replace('_', "-"))
}

/// Notes for the next page what was done, and takes the note away with the page that says it.
///
/// # Errors
/// None that a cookie of ours makes: its name and value are plain words.
pub fn note(response: &mut ServiceResponse<BoxBody>) -> Result<(), actix_web::error::HttpError> {
    let request = response.request().clone();
    let cookie = match (request.method(), response.status()) {
        (&Method::POST, StatusCode::SEE_OTHER) => {
            text_of(&request).map(|text| session::cookie(NAME, text, PATIENCE))
        }
        (&Method::GET, StatusCode::OK) if is_page(response) => request.cookie(NAME).map(|_| gone()),
        _ => None,
    };
    let response: &mut HttpResponse<BoxBody> = response.response_mut();
    cookie.map_or(Ok(()), |cookie| response.add_cookie(&cookie))
}

fn is_page(response: &ServiceResponse<BoxBody>) -> bool {
    let media = response.headers().get(header::CONTENT_TYPE);
    media.is_some_and(|media| media.as_bytes().starts_with(b"text/html"))
}

fn gone() -> Cookie<'static> {
    session::cookie(NAME, String::new(), 0)
}

/// What was done by the form that led to this page, in words.
#[must_use]
pub fn said(request: &HttpRequest, lang: Lang) -> Option<String> {
    let note = request.cookie(NAME).filter(|_| *request.method() == Method::GET)?;
    let is_ours = note.value().starts_with("done-") && texts::has(lang, note.value());
    is_ours.then(|| texts::text(lang, note.value(), &[]))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::codes::Code;
    use crate::domain::dossier::Command;
    use crate::http::web::routes;

    /// Forms whose pages answer by themselves, or that lead to a page which says what was done.
    const ANSWERED: [&str; 10] = [
        "/sign-in",
        "/sign-out",
        "/activate",
        "/delegations/ledger",
        "/inbox/decide",
        "/inbox/receive",
        "/inbox/issue",
        "/journal/verify",
        "/office/users/new",
        "/office/users/{id}/link",
    ];

    #[test]
    fn of_every_form_something_is_said() {
        let forms: BTreeSet<&str> =
            routes::table().iter().filter(|row| row.method == Method::POST).map(|row| row.path).collect();
        let said: BTreeSet<&str> = SAID.iter().map(|(path, _)| *path).chain(ANSWERED).collect();
        assert_eq!(forms, said);
    }

    #[test]
    fn what_is_said_has_words_in_both_languages() {
        // Edits have a form of their own, the ends of a decision are one form, and nobody presses a lapse.
        use Command as C;
        let others = [C::Save, C::Amend, C::Approve, C::Return, C::Reject, C::Lapse];
        let commands = C::ALL.iter().filter(|command| !others.contains(command));
        let commands = commands.map(|command| of_command(command.code()));
        let forms = SAID.iter().filter(|(path, _)| *path != COMMAND).map(|(_, text)| (*text).to_owned());
        for text in commands.chain(forms) {
            for lang in [Lang::Vi, Lang::En] {
                assert!(texts::has(lang, &text), "{text} in {}", lang.code());
            }
        }
    }
}
