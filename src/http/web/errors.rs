//! What goes wrong, on a page: what happened and what to do next in plain words, a way on, and the id to quote to the
//! administrator. Whoever is not signed in is sent to sign in and comes back.

use actix_web::http::{Method, StatusCode};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use askama::Template;

use super::controls;
use super::shell::{self, Shell};
use super::{kept, routes};
use crate::domain::access::{Action, Reach};
use crate::domain::codes::Lang;
use crate::domain::ids::DossierId;
use crate::http::State;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::service::views::{self, DelegationItem};
use crate::texts;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'p> {
    shell: &'p Shell,
    status: u16,
    title: String,
    why: String,
    /// What is wrong with single fields or parameters.
    faults: Vec<String>,
    /// The dossier that the path is about, where the reader may know of it.
    dossier: Option<DelegationItem>,
    /// The page itself, where opening it again may help.
    again: Option<String>,
    has_inbox: bool,
    request_id: &'p str,
    /// What was typed into a form that cannot be shown again: label and text.
    typed: Vec<(String, String)>,
}

/// The page about a problem.
pub async fn page(request: &HttpRequest, problem: &Problem, request_id: &str) -> HttpResponse {
    if problem.status == StatusCode::UNAUTHORIZED {
        return shell::see_other(&sign_in_for(request));
    }
    if let Some(again) = request.extensions().get::<kept::StandsAgain>() {
        return shell::see_other(&again.0);
    }
    // An address that only takes a form stays in the address bar when the form is refused.
    if problem.status == StatusCode::METHOD_NOT_ALLOWED && request.method().is_safe() {
        return shell::see_other(routes::above(request.path()));
    }
    let Some(state) = request.app_data::<web::Data<State>>() else {
        return problem.response(Lang::Vi, request_id);
    };
    let Ok(shell) = Shell::of_whoever(request, state).await else {
        return problem.response(Lang::Vi, request_id);
    };
    let page = ErrorPage {
        status: problem.status.as_u16(),
        title: title(shell.lang, problem),
        why: why(&shell, problem),
        faults: problem.faults.iter().map(|fault| controls::said(shell.lang, fault)).collect(),
        dossier: dossier(request).await,
        again: again(request, problem),
        has_inbox: shell.menu.iter().any(|line| line.href == "/"),
        request_id,
        typed: typed(request, shell.lang),
        shell: &shell,
    };
    let made = shell::page(problem.status, shell.lang, &page);
    let mut response = made.unwrap_or_else(|defect| defect.response(shell.lang, request_id));
    if let Some(seconds) = problem.retry_after {
        response.headers_mut().insert(actix_web::http::header::RETRY_AFTER, seconds.into());
    }
    response
}

/// What was typed, by the names of its fields.
fn typed(request: &HttpRequest, lang: Lang) -> Vec<(String, String)> {
    let extensions = request.extensions();
    let written = extensions.get::<kept::Typed>().into_iter().flat_map(|typed| typed.0.written());
    written.map(|(pointer, text)| (controls::known_label(lang, pointer), text.to_owned())).collect()
}

fn title(lang: Lang, problem: &Problem) -> String {
    let own = format!("error-title-{}", problem.code);
    let key = if texts::has(lang, &own) { own } else { format!("problem-{}", problem.code) };
    texts::text(lang, &key, &[])
}

/// What happened and what to do: by the code, else by the status.
fn why(shell: &Shell, problem: &Problem) -> String {
    let told = |name: &str| {
        let told = problem.more.iter().find(|(own, _)| *own == name);
        told.and_then(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let word =
        |family: &str, code: &str| if code.is_empty() { String::new() } else { shell.word(family, code) };
    let seconds = problem.retry_after.unwrap_or(60).to_string();
    let variables = [
        ("state", word("state", told("state"))),
        ("command", word("command", told("command"))),
        ("action", word("action", told("action"))),
        ("roles", shell.roles.clone()),
        ("seconds", seconds),
    ];
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let by_code = format!("error-why-{}", problem.code);
    let by_status = format!("error-why-{}", problem.status.as_u16());
    let with_search = if shell.may_search { format!("{by_status}-search") } else { String::new() };
    let keys = [by_code, with_search, by_status, "error-why-else".to_owned()];
    let key = keys.iter().find(|key| texts::has(shell.lang, key));
    key.map(|key| texts::text(shell.lang, key, &variables)).unwrap_or_default()
}

/// The dossier of the path, if this reader may know of it: asked within the reader's scope, and denied to nobody.
async fn dossier(request: &HttpRequest) -> Option<DelegationItem> {
    let id: DossierId =
        request.path().strip_prefix("/delegations/")?.split('/').next().and_then(|id| id.parse().ok())?;
    let caller = Caller::extract(request).await.ok()?;
    if caller.known.actor.reach(Action::ReadDossier) == Reach::Never {
        return None;
    }
    caller.read(move |tx, ctx| views::many(tx, ctx, &[id])).await.ok()?.pop()
}

/// The same page, where another moment may give another answer.
fn again(request: &HttpRequest, problem: &Problem) -> Option<String> {
    let passes = matches!(problem.status.as_u16(), 403 | 409 | 412 | 413 | 422 | 428 | 429 | 500..=599);
    let asked = *request.method() == Method::GET;
    let helps = match asked {
        true => problem.status == StatusCode::TOO_MANY_REQUESTS || problem.status.is_server_error(),
        false => passes,
    };
    let wanted = match asked {
        true => request.uri().path_and_query().map_or("/", |wanted| wanted.as_str()),
        false => request.path(),
    };
    (helps && routes::shows_a_page(request)).then(|| wanted.to_owned())
}

impl ErrorPage<'_> {
    /// How the dossier is called: its number, else that it has none yet.
    fn code(&self, dossier: &DelegationItem) -> String {
        dossier.code.clone().unwrap_or_else(|| self.shell.t("list-no-code"))
    }
}

/// The sign-in page that leads back to where the request wanted to go, if that is a page: a form that is no page of its
/// own leads home.
fn sign_in_for(request: &HttpRequest) -> String {
    if !routes::shows_a_page(request) {
        return "/sign-in".to_owned();
    }
    let extensions = request.extensions();
    let kept = extensions.get::<kept::KeptAt>().map(|kept| kept.0.as_str());
    let asked = || request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
    let wanted = kept.unwrap_or_else(asked);
    if wanted == "/" {
        return "/sign-in".to_owned();
    }
    let next = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", wanted).finish();
    format!("/sign-in?{next}")
}
