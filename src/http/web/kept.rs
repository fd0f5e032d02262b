//! What was typed is not lost: a form that is refused, or that comes after the sign-in has ended, is kept for its
//! account and filled in again on the page it came from, until it is saved or thrown away.

use actix_web::dev::ServiceRequest;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use serde_json::Value;

use super::controls::{self, Fields};
use super::form::Form;
use super::shell::{safe_path, see_other};
use super::{csrf, routes, session, words};
use crate::domain::ids::AccountId;
use crate::http::State;
use crate::http::caller::{Caller, Known};
use crate::http::problem::Problem;
use crate::http::upload;
use crate::service::kept_forms;

/// A form that was kept, and since when.
#[derive(Debug, Clone)]
pub struct Kept {
    /// What was typed.
    pub form: Form,
    /// Since when, on Vietnam's clock.
    pub when: String,
}

/// Keeps a form whose sign-in has ended. Whoever has no cookie of ours has nothing to lose here.
///
/// # Errors
/// What the database says.
pub async fn after_the_session(request: &mut ServiceRequest) -> Result<(), Problem> {
    // A file is chosen again; it lies where it was.
    if upload::is_multipart(request.request()) {
        return Ok(());
    }
    let Ok(bytes) = request.extract::<web::Bytes>().await else { return Ok(()) };
    let Some(state) = request.app_data::<web::Data<State>>().cloned() else { return Ok(()) };
    let (request, form) = (request.request(), Form::parse(&bytes));
    // What cannot be shown to come from a page of ours is not kept. Nothing is done with it: signing in is asked for.
    if csrf::check(request, &state, form.get(csrf::FIELD)).is_err() {
        return Ok(());
    }
    match session::owner(request, &state).await? {
        Some(account) if routes::shows_a_page(request) => keep(&state, account, request.path(), &form).await,
        _ => Ok(()),
    }
}

/// What was typed, at the request: a page about an error shows it where no form can.
#[derive(Debug, Clone)]
pub struct Typed(pub Form);

/// Where the form that could not be taken stands again, with what was typed.
#[derive(Debug, Clone)]
pub struct StandsAgain(pub String);

/// The mark in an address that the form was not taken: its page says so.
pub const UNSENT: &str = "unsent";

/// Keeps a form whose token is of an earlier sign-in, or none. That it comes from our own origin is known by now, so that
/// its page, filled in, asks to send it again; nothing is done with it. Pages of papers keep nothing: their files are
/// chosen again. Gives what is said of it.
///
/// # Errors
/// 503 when the database cannot write now.
pub async fn unsent(
    request: &HttpRequest,
    state: &State,
    form: &Form,
    refused: Problem,
) -> Result<Problem, Problem> {
    let account = request.extensions().get::<Known>().map(|known| known.actor.account);
    if let Some(account) = account
        && form.says_something()
        && routes::shows_a_page(request)
        && !request.match_pattern().is_some_and(|path| path.contains("/papers"))
    {
        let path = request.path();
        keep(state, account, path, form).await?;
        request.extensions_mut().insert(StandsAgain(format!("{path}?{UNSENT}=1")));
    }
    Ok(refused)
}

/// Keeps what was typed at this path, though the rest of the form is done.
///
/// # Errors
/// 503 when the database cannot write now.
pub async fn keep_here(request: &HttpRequest, caller: &Caller, form: &Form) -> Result<(), Problem> {
    keep(caller.state(), caller.known.actor.account, request.path(), form).await
}

/// Keeps nothing of the form at this path any more.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn forget_here(request: &HttpRequest, caller: &Caller) -> Result<(), Problem> {
    // Seldom is there anything: a look costs less than a commit.
    if load(request, caller).await?.is_some() {
        forget(caller.state(), caller.known.actor.account, request.path().to_owned()).await?;
    }
    Ok(())
}

async fn keep(state: &State, account: AccountId, path: &str, form: &Form) -> Result<(), Problem> {
    let (settings, path, typed) = (state.settings.clone(), path.to_owned(), form.without_secrets());
    let kept = state.store.write(move |tx| kept_forms::keep(tx, &settings, account, &path, &typed));
    Ok(kept.await?)
}

/// What is kept of the form at this path.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn load(request: &HttpRequest, caller: &Caller) -> Result<Option<Kept>, Problem> {
    let path = request.path().to_owned();
    let kept =
        caller.read(move |tx, ctx| kept_forms::load(tx, &ctx.settings, ctx.actor.account, &path)).await?;
    Ok(kept.map(|(typed, at)| Kept { form: Form::parse(&typed), when: words::instant(at) }))
}

/// The fields of the form at this path: what was typed and refused, else what is kept of it, else what is stored.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn fields(
    request: &HttpRequest,
    caller: &Caller,
    refused: Option<(&Form, &Problem)>,
    stored: Value,
) -> Result<Fields, Problem> {
    let lang = caller.known.actor.lang;
    match refused {
        Some((form, problem)) => Ok(Fields::typed(lang, form, Some(problem))),
        None => Ok(Fields::kept_or(lang, load(request, caller).await?, stored)),
    }
}

async fn forget(state: &State, account: AccountId, path: String) -> Result<(), Problem> {
    Ok(state.store.write(move |tx| kept_forms::forget(tx, account, &path)).await?)
}

/// Ends a form: done, it is kept no more; refused for what was typed, it is kept and shown again by `again`.
///
/// # Errors
/// What the form cannot help with.
pub async fn settle(
    request: &HttpRequest,
    caller: &Caller,
    form: &Form,
    done: Result<HttpResponse, Problem>,
    again: impl AsyncFnOnce(Problem) -> Result<HttpResponse, Problem>,
) -> Result<HttpResponse, Problem> {
    let (state, account) = (caller.state(), caller.known.actor.account);
    match done {
        Ok(response) => {
            forget_here(request, caller).await?;
            Ok(response)
        }
        Err(mut problem) => {
            if !problem.faults.is_empty() {
                let also = form.unreadable().into_iter();
                let known = |pointer: &String| problem.faults.iter().any(|known| known.pointer == *pointer);
                let also: Vec<_> = also.filter(|fault| !known(&fault.pointer)).collect();
                problem.faults.extend(also);
            }
            keep(state, account, request.path(), form).await?;
            if controls::is_about_input(&problem) { again(problem).await } else { Err(problem) }
        }
    }
}

/// Throws away what is kept of a form and goes back to it.
///
/// # Errors
/// 503 when the database cannot write now.
pub async fn discard(caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let path = safe_path(form.get("path"));
    forget(caller.state(), caller.known.actor.account, path.clone()).await?;
    Ok(see_other(&path))
}
