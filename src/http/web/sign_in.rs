//! Signing in and out, and choosing a password by a one-time link.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::controls::{Fields, Said};
use super::form::Form;
use super::shell::{self, Shell, safe_path, see_other};
use super::{csrf, language, session};
use crate::domain::codes::{Code, Lang};
use crate::domain::ids::SessionId;
use crate::http::State;
use crate::http::api::auth::{self, Activation, Credentials};
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::service::sign_in as service;
use crate::texts;
use crate::vault::Secret;

/// How long somebody may look at the sign-in page before it must be loaded again.
const VISIT: i64 = 24 * 60 * 60;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn<'p> {
    shell: &'p Shell,
    fields: Fields,
    next: String,
    again: bool,
    activated: bool,
    demo: bool,
}

impl SignIn<'_> {
    fn other(&self) -> Lang {
        language::other(self.shell.lang)
    }

    /// This page in the other language.
    fn elsewhere(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("lang", self.other().code());
        if self.next != "/" {
            query.append_pair("next", &self.next);
        }
        format!("/sign-in?{}", query.finish())
    }
}

#[derive(Template)]
#[template(path = "activate.html")]
struct Activate<'p> {
    shell: &'p Shell,
    fields: Fields,
    token: String,
}

impl Activate<'_> {
    fn other(&self) -> Lang {
        language::other(self.shell.lang)
    }
}

/// What the address may say.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    next: Option<String>,
    activated: Option<String>,
    token: Option<String>,
    lang: Option<String>,
}

/// A visitor's cookie, new where there is none.
fn visitor(request: &HttpRequest, state: &State) -> (String, Option<Cookie<'static>>) {
    match request.cookie(csrf::VISITOR) {
        Some(cookie) => (cookie.value().to_owned(), None),
        None => {
            let value = crate::tokens::new_refresh_token(state.store.fresh::<SessionId>().0).0;
            let cookie = session::cookie(csrf::VISITOR, value.expose().to_owned(), VISIT);
            (value.expose().to_owned(), Some(cookie))
        }
    }
}

fn with_cookie(mut response: HttpResponse, cookie: Option<&Cookie<'_>>) -> Result<HttpResponse, Problem> {
    if let Some(cookie) = cookie {
        response.add_cookie(cookie).map_err(Problem::defect)?;
    }
    Ok(response)
}

/// The sign-in page.
///
/// # Errors
/// A defect alone.
pub async fn show(
    request: HttpRequest,
    state: web::Data<State>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let next = safe_path(asked.next.as_deref());
    if session::live(&request, &state).await?.is_some() {
        return Ok(see_other(&next));
    }
    if let Some(lang) = asked.lang.as_deref().and_then(Lang::parse) {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", &next).finish();
        let here = if next == "/" { "/sign-in".to_owned() } else { format!("/sign-in?{query}") };
        return with_cookie(see_other(&here), Some(&language::chosen(lang)));
    }
    let (seed, cookie) = visitor(&request, &state);
    let shell = Shell::visitor(&request, &state, Some(&seed))?;
    let page = SignIn {
        fields: Fields::of(shell.lang, serde_json::Value::Null),
        again: session::presented(&request).is_some(),
        activated: asked.activated.is_some(),
        demo: state.mailbox.is_some(),
        shell: &shell,
        next,
    };
    with_cookie(shell::page(StatusCode::OK, shell.lang, &page)?, cookie.as_ref())
}

/// Signs in and goes on to where the reader wanted to go. A wrong password shows the form again, name and all.
///
/// # Errors
/// A defect, or 503 when the database cannot be asked.
pub async fn sign_in(
    request: HttpRequest,
    state: web::Data<State>,
    form: Form,
) -> Result<HttpResponse, Problem> {
    let next = safe_path(form.get("next"));
    let text = |name| form.get(name).unwrap_or_default().to_owned();
    let sent = Credentials { username: text("/username"), password: Secret::new(text("/password")) };
    match auth::sign_in(&state, auth::request_id(&request), auth::device(&request), sent).await {
        Ok(opened) => {
            let cookie = session::opened(&opened, state.config.auth.absolute());
            with_cookie(see_other(&next), Some(&cookie))
        }
        Err(problem) if problem.status.is_client_error() => {
            let shell = Shell::visitor(&request, &state, None)?;
            let mut fields = Fields::typed(shell.lang, &form, Some(&problem));
            if let Some(seconds) = problem.retry_after {
                let seconds = seconds.to_string();
                let words = texts::text(shell.lang, "sign-in-locked", &[("n", &seconds)]);
                fields.summary = vec![Said { href: String::new(), words }];
            }
            let page = SignIn {
                shell: &shell,
                fields,
                next,
                again: false,
                activated: false,
                demo: state.mailbox.is_some(),
            };
            shell::page(problem.status, shell.lang, &page)
        }
        Err(problem) => Err(problem),
    }
}

/// Signs out. The cookie stays, though it opens nothing any more: what another tab still has in its form is known by it and
/// kept for its account (`kept::after_the_session`).
///
/// # Errors
/// 503 when the database cannot write now.
pub async fn sign_out(caller: Caller, _form: Form) -> Result<HttpResponse, Problem> {
    let session = caller.known.session;
    caller.state().store.write(move |tx| service::end(tx, session)).await?;
    Ok(see_other("/sign-in"))
}

/// The page behind a one-time link; the secret stands after the `#`, where no server log sees it, and the script puts
/// it into the form. Without a script it is typed in.
///
/// # Errors
/// A defect alone.
pub async fn show_activation(
    request: HttpRequest,
    state: web::Data<State>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let (seed, cookie) = visitor(&request, &state);
    let shell = Shell::visitor(&request, &state, Some(&seed))?;
    let fields = Fields::of(shell.lang, serde_json::Value::Null);
    let token = asked.token.clone().unwrap_or_default();
    let page = Activate { shell: &shell, fields, token };
    with_cookie(shell::page(StatusCode::OK, shell.lang, &page)?, cookie.as_ref())
}

/// Sets the password and goes on to the sign-in page.
///
/// # Errors
/// A defect, or 503 when the database cannot write now.
pub async fn activate(
    request: HttpRequest,
    state: web::Data<State>,
    form: Form,
) -> Result<HttpResponse, Problem> {
    let token = form.get("/token").unwrap_or_default().trim().to_owned();
    // The other language: the token stays in the form, which a link could not do without telling it to the log.
    if let Some(lang) = form.get("lang").and_then(Lang::parse) {
        let shell = Shell { lang, ..Shell::visitor(&request, &state, None)? };
        let fields = Fields::of(lang, serde_json::Value::Null);
        let page = shell::page(StatusCode::OK, lang, &Activate { shell: &shell, fields, token })?;
        return with_cookie(page, Some(&language::chosen(lang)));
    }
    let password = Secret::new(form.get("/password").unwrap_or_default());
    let sent = Activation { token: Secret::new(token.clone()), password };
    match auth::choose_password(&state, auth::request_id(&request), sent).await {
        Ok(_username) => Ok(see_other("/sign-in?activated=1")),
        Err(problem) if problem.status.is_client_error() => {
            let shell = Shell::visitor(&request, &state, None)?;
            let fields = Fields::typed(shell.lang, &form, Some(&problem));
            shell::page(problem.status, shell.lang, &Activate { shell: &shell, fields, token })
        }
        Err(problem) => Err(problem),
    }
}
