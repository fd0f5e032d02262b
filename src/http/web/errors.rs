//! What goes wrong, on a page: in plain words, with a way on. Whoever is not signed in is sent to sign in and comes back.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::routes;
use super::shell::{self, Shell};
use crate::domain::codes::Lang;
use crate::http::State;
use crate::http::problem::Problem;
use crate::texts;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'p> {
    shell: &'p Shell,
    title: String,
    status: u16,
    request_id: &'p str,
}

/// The page about a problem.
#[must_use]
pub fn page(request: &HttpRequest, problem: &Problem, request_id: &str) -> HttpResponse {
    if problem.status == StatusCode::UNAUTHORIZED {
        return shell::see_other(&sign_in_for(request));
    }
    let Some(state) = request.app_data::<web::Data<State>>() else {
        return problem.response(Lang::Vi, request_id);
    };
    let Ok(shell) = Shell::around_error(request, state) else {
        return problem.response(Lang::Vi, request_id);
    };
    let title = texts::text(shell.lang, &format!("problem-{}", problem.code), &[]);
    let page = ErrorPage { shell: &shell, title, status: problem.status.as_u16(), request_id };
    let made = shell::page(problem.status, shell.lang, &page);
    let mut response = made.unwrap_or_else(|defect| defect.response(shell.lang, request_id));
    if let Some(seconds) = problem.retry_after {
        response.headers_mut().insert(actix_web::http::header::RETRY_AFTER, seconds.into());
    }
    response
}

/// The sign-in page that leads back to where the request wanted to go, if that is a page: a form that is no page of its
/// own leads home.
fn sign_in_for(request: &HttpRequest) -> String {
    if !routes::shows_a_page(request) {
        return "/sign-in".to_owned();
    }
    let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
    if wanted == "/" {
        return "/sign-in".to_owned();
    }
    let next = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", wanted).finish();
    format!("/sign-in?{next}")
}
