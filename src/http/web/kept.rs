//! What was typed is not lost: a form that is refused, or that comes after the sign-in has ended, is kept for its
//! account and filled in again on the page it came from, until it is saved or thrown away.

use actix_web::dev::ServiceRequest;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use serde_json::Value;

use super::controls::{self, Fields};
use super::form::Form;
use super::shell::{safe_path, see_other};
use super::{csrf, papers, routes, session, words};
use crate::domain::codes::{Code, Direction};
use crate::domain::ids::AccountId;
use crate::domain::refusal::Refusal;
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

/// The page of new dossiers, on which the forms of both directions stand.
const NEW: &str = "/delegations/new";

/// Where a form is kept: the path of its page. The page of new dossiers has a form of each direction, and a place for
/// each.
#[must_use]
pub fn place(request: &HttpRequest, form: Option<&Form>) -> String {
    let path = request.path();
    let asked = || {
        let mut pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
        pairs.find(|(name, _)| name == "direction").map(|(_, direction)| direction.into_owned())
    };
    let typed = form.and_then(|form| form.get("/direction")).map(str::to_owned);
    match typed.or_else(asked).as_deref().and_then(Direction::parse) {
        Some(Direction::Outbound) if path == NEW => format!("{NEW}?direction=outbound"),
        _ => path.to_owned(),
    }
}

/// Where the form stands that was kept as its sign-in had ended, at the request: signing in leads back to it.
#[derive(Debug, Clone)]
pub struct KeptAt(pub String);

/// Keeps a form whose sign-in has ended. Whoever has no cookie of ours has nothing to lose here.
///
/// # Errors
/// What the database says.
pub async fn after_the_session(request: &mut ServiceRequest) -> Result<(), Problem> {
    let Some(state) = request.app_data::<web::Data<State>>().cloned() else { return Ok(()) };
    let Some(account) = session::owner(request.request(), &state).await? else { return Ok(()) };
    if !routes::shows_a_page(request.request()) {
        return Ok(());
    }
    let form = match upload::is_multipart(request.request()) {
        true => typed_before_a_file(request, &state).await,
        false => typed(request, &state).await,
    };
    if let Some(form) = form {
        let place = place(request.request(), Some(&form));
        keep(&state, account, &place, &form).await?;
        request.extensions_mut().insert(KeptAt(place));
    }
    Ok(())
}

/// What was typed. What cannot be shown to come from a page of ours is not kept. Nothing is done with it: signing in is
/// asked for.
async fn typed(request: &mut ServiceRequest, state: &web::Data<State>) -> Option<Form> {
    let form = Form::parse(&request.extract::<web::Bytes>().await.ok()?);
    csrf::check(request.request(), state, form.get(csrf::FIELD)).ok()?;
    Some(form)
}

/// What was typed before a paper was chosen; the file is chosen again, it lies where it was. Read to its end and thrown
/// away, so that the answer is heard.
async fn typed_before_a_file(request: &mut ServiceRequest, state: &web::Data<State>) -> Option<Form> {
    if !request.path().ends_with("/papers") {
        return None;
    }
    let payload = request.extract::<web::Payload>().await.ok()?;
    let mut parts = upload::parts(request.request(), state, payload);
    let mut form = None;
    let read = upload::within_reason(&mut parts, async |parts| {
        let (fields, _file) = papers::fields(request.request(), state, parts).await?;
        form = Some(fields);
        Err::<(), Problem>(Refusal::Unauthorised.into())
    });
    drop(read.await);
    form.filter(Form::says_something)
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
        let place = place(request, Some(form));
        keep(state, account, &place, form).await?;
        let mark = if place.contains('?') { '&' } else { '?' };
        request.extensions_mut().insert(StandsAgain(format!("{place}{mark}{UNSENT}=1")));
    }
    Ok(refused)
}

/// Keeps what was typed at this path, though the rest of the form is done.
///
/// # Errors
/// 503 when the database cannot write now.
pub async fn keep_here(request: &HttpRequest, caller: &Caller, form: &Form) -> Result<(), Problem> {
    keep(caller.state(), caller.known.actor.account, &place(request, Some(form)), form).await
}

/// Keeps nothing of the form at this path any more.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn forget_here(request: &HttpRequest, caller: &Caller) -> Result<(), Problem> {
    forget_at(caller, place(request, None)).await
}

async fn forget_at(caller: &Caller, place: String) -> Result<(), Problem> {
    // Seldom is there anything: a look costs less than a commit.
    if load_at(caller, place.clone()).await?.is_some() {
        forget(caller.state(), caller.known.actor.account, place).await?;
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
    load_at(caller, place(request, None)).await
}

async fn load_at(caller: &Caller, place: String) -> Result<Option<Kept>, Problem> {
    let kept =
        caller.read(move |tx, ctx| kept_forms::load(tx, &ctx.settings, ctx.actor.account, &place)).await?;
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
            forget_at(caller, place(request, Some(form))).await?;
            Ok(response)
        }
        Err(mut problem) => {
            if !problem.faults.is_empty() {
                let also = form.unreadable().into_iter();
                let known = |pointer: &String| problem.faults.iter().any(|known| known.pointer == *pointer);
                let also: Vec<_> = also.filter(|fault| !known(&fault.pointer)).collect();
                problem.faults.extend(also);
            }
            keep(state, account, &place(request, Some(form)), form).await?;
            if controls::is_about_input(&problem) { again(problem).await } else { Err(problem) }
        }
    }
}

/// Throws away what is kept of a form and goes back to it, or to the page whose list named it.
///
/// # Errors
/// 503 when the database cannot write now.
pub async fn discard(caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let path = safe_path(form.get("path"));
    forget(caller.state(), caller.known.actor.account, path.clone()).await?;
    Ok(see_other(&form.get("back").map_or(path, |back| safe_path(Some(back)))))
}
