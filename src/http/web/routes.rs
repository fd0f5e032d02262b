//! The table of pages: who may, by which method, at which path. The router is built from it together with the table of
//! the API; a form lives at the path of the page that shows it.

use actix_web::dev::Handler;
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{FromRequest, HttpRequest, Responder, web};

use super::{
    assets, behind, calendar, closing, copy, course, dossier, exports, help, history, inbox, journal, kept,
    ledger, list, member, members, month, obligations, overrides, papers, period, pictures, prepare, readers,
    register, reports, sign_in, together,
};
use crate::domain::access::Action as A;
use crate::http::api;
use crate::http::guard::{Access, Door, guard};

/// One page, or one form of it.
pub struct PageRow {
    /// Who may.
    pub access: Access,
    /// Method.
    pub method: Method,
    /// Path, with `{names}`.
    pub path: &'static str,
    /// Makes the route.
    pub route: Box<dyn FnOnce() -> actix_web::Route>,
}

/// A row.
#[expect(
    clippy::disallowed_methods,
    reason = "this is a table of routes: one that answers two methods has no other maker"
)]
pub(super) fn page<F, Args>(access: Access, method: Method, path: &'static str, handler: F) -> PageRow
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    let route = {
        let method = method.clone();
        move || {
            let guarded = from_fn(move |request, next| guard(Door::Cookie, access, request, next));
            // Whoever asks for the head of a page is answered like whoever asks for the page; the server leaves out its body.
            let route = match method == Method::GET {
                true => web::route()
                    .guard(actix_web::guard::Any(actix_web::guard::Get()).or(actix_web::guard::Head())),
                false => web::method(method),
            };
            route.to(handler).wrap(guarded)
        }
    };
    PageRow { access, method, path, route: Box::new(route) }
}

/// Whether the request's path is a page that can be looked at, and not only a form's goal.
#[must_use]
pub fn shows_a_page(request: &HttpRequest) -> bool {
    let pattern = request.match_pattern();
    table().iter().any(|row| row.method == Method::GET && Some(row.path) == pattern.as_deref())
}

/// The pattern of the page that can be looked at under this path.
#[must_use]
pub fn page_of(path: &str) -> Option<&'static str> {
    let fits = |pattern: &str| {
        let (pattern, path) = (pattern.split('/'), path.split('/'));
        let fits = |(one, other): (&str, &str)| one == other || one.starts_with('{') && !other.is_empty();
        pattern.clone().count() == path.clone().count() && pattern.zip(path).all(fits)
    };
    // A page with a path of its own goes before one that takes any.
    let pages = table().into_iter().filter(|row| row.method == Method::GET && fits(row.path));
    pages.map(|row| row.path).min_by_key(|path| path.matches('{').count())
}

/// The nearest page above this path: where the form stands that is sent to it.
#[must_use]
pub fn above(path: &str) -> &str {
    let mut above = path;
    while let Some((rest, _)) = above.rsplit_once('/') {
        if page_of(rest).is_some() {
            return rest;
        }
        above = rest;
    }
    "/"
}

/// Every page.
#[must_use]
pub fn table() -> Vec<PageRow> {
    use Access::{Needs, Public};
    let get = Method::GET;
    let post = Method::POST;
    vec![
        page(Public, get.clone(), "/assets/{name}", assets::get),
        page(Public, get.clone(), "/sign-in", sign_in::show),
        page(Public, post.clone(), "/sign-in", sign_in::sign_in),
        page(Needs(A::ReadSelf), post.clone(), "/sign-out", sign_in::sign_out),
        page(Public, get.clone(), "/activate", sign_in::show_activation),
        page(Public, post.clone(), "/activate", sign_in::activate),
        page(Needs(A::ReadSelf), post.clone(), "/kept/discard", kept::discard),
        page(Needs(A::ReadSelf), get.clone(), "/", inbox::show),
        page(Needs(A::ReadSelf), get.clone(), "/help", help::show),
        page(Needs(A::ReadDossier), get.clone(), "/month", month::show),
        page(Needs(A::ReadDossier), get.clone(), "/calendar", calendar::show),
        page(Needs(A::ReadDossier), get.clone(), "/calendar/feed", calendar::own),
        page(Needs(A::ReadDossier), post.clone(), "/calendar/feed", calendar::change),
        page(Public, get.clone(), "/calendar/feed/{secret}.ics", calendar::feed),
        page(Needs(A::ReadDossier), get.clone(), "/delegations", list::show),
        page(Needs(A::ReadDossier), get.clone(), "/delegations/export", list::export),
        page(Needs(A::ReadDossier), get.clone(), "/delegations/search", list::search),
        page(Needs(A::ReadDossier), post.clone(), "/delegations/filters", list::keep),
        page(Needs(A::ReadDossier), post.clone(), "/delegations/filters/{id}/delete", list::discard),
        page(Needs(A::Register), get.clone(), "/delegations/ledger", ledger::show),
        page(Needs(A::Register), post.clone(), "/delegations/ledger", ledger::post),
        page(Needs(A::Register), get.clone(), "/delegations/new", register::new),
        page(Needs(A::Register), post.clone(), "/delegations/new", register::create),
        page(Needs(A::ReadDossier), get.clone(), "/delegations/{id}", dossier::show),
        page(Needs(A::ReadDossier), get.clone(), "/delegations/{id}/history", history::show),
        page(Needs(A::Register), get.clone(), "/delegations/{id}/copy", copy::show),
        page(Needs(A::Register), post.clone(), "/delegations/{id}/copy", copy::run),
        page(Needs(A::Edit), get.clone(), "/delegations/{id}/edit", register::edit),
        page(Needs(A::Edit), post.clone(), "/delegations/{id}/edit", register::save),
        page(Needs(A::Edit), get.clone(), "/delegations/{id}/members", members::show),
        page(Needs(A::Edit), post.clone(), "/delegations/{id}/members", members::add),
        page(Needs(A::Edit), get.clone(), "/delegations/{id}/members/paste", members::show),
        page(Needs(A::Edit), post.clone(), "/delegations/{id}/members/paste", members::paste),
        page(Needs(A::Edit), post.clone(), "/delegations/{id}/members/{member}/remove", members::remove),
        page(Needs(A::Edit), get.clone(), "/delegations/{id}/members/{member}/edit", member::show),
        page(Needs(A::Edit), post.clone(), "/delegations/{id}/members/{member}/edit", member::save),
        page(Needs(A::ReadDossier), get.clone(), "/delegations/{id}/do/{command}", course::ask),
        page(Needs(A::ReadDossier), post.clone(), "/delegations/{id}/do/{command}", course::run),
    ]
    .into_iter()
    .chain(of_records())
    .chain(of_the_desk())
    .chain(super::office::routes::table())
    .collect()
}

/// Papers, duties, rules that are passed by, and several of the inbox at once.
fn of_the_desk() -> Vec<PageRow> {
    use Access::Needs;
    let get = Method::GET;
    let post = Method::POST;
    vec![
        page(Needs(A::ReadPaper), get.clone(), "/delegations/{id}/papers", papers::show),
        page(Needs(A::AddPaper), post.clone(), "/delegations/{id}/papers", papers::upload),
        page(Needs(A::ReadPaper), get.clone(), "/delegations/{id}/papers/offline", papers::show),
        page(Needs(A::AddPaper), post.clone(), "/delegations/{id}/papers/offline", papers::offline),
        page(
            Needs(A::ReadPaper),
            get.clone(),
            "/delegations/{id}/papers/render/{file}",
            api::rendered::render,
        ),
        page(
            Needs(A::ReadPaper),
            get.clone(),
            "/delegations/{id}/papers/{paper}/file",
            api::papers::download,
        ),
        page(Needs(A::DeletePaper), get.clone(), "/delegations/{id}/papers/{paper}/delete", papers::ask_why),
        page(Needs(A::DeletePaper), post.clone(), "/delegations/{id}/papers/{paper}/delete", papers::delete),
        page(
            Needs(A::QuarantinePaper),
            get.clone(),
            "/delegations/{id}/papers/{paper}/quarantine",
            papers::ask_why,
        ),
        page(
            Needs(A::QuarantinePaper),
            post.clone(),
            "/delegations/{id}/papers/{paper}/quarantine",
            papers::quarantine,
        ),
        page(
            Needs(A::ReadPaper),
            get.clone(),
            "/delegations/{id}/issued/{paper}/text.{format}",
            api::issued::text,
        ),
        page(Needs(A::Issue), post.clone(), "/delegations/{id}/issued/{paper}/signed", papers::keep_signed),
        page(Needs(A::ReadInbox), get.clone(), "/obligations", obligations::mine),
        page(Needs(A::Discharge), get.clone(), "/delegations/{id}/obligations/{owed}/done", obligations::ask),
        page(
            Needs(A::Discharge),
            post.clone(),
            "/delegations/{id}/obligations/{owed}/done",
            obligations::done,
        ),
        page(Needs(A::ReadDossier), get.clone(), "/delegations/{id}/readers", readers::show),
        page(Needs(A::Edit), post.clone(), "/delegations/{id}/readers", readers::name),
        page(Needs(A::ReadDossier), get.clone(), "/delegations/{id}/overrides", overrides::show),
        page(Needs(A::Edit), post.clone(), "/delegations/{id}/overrides", overrides::ask),
        page(
            Needs(A::Override),
            get.clone(),
            "/delegations/{id}/overrides/{override}/answer",
            overrides::show,
        ),
        page(
            Needs(A::Override),
            post.clone(),
            "/delegations/{id}/overrides/{override}/answer",
            overrides::answer,
        ),
        page(Needs(A::PrepareInbox), get.clone(), "/inbox/prepare", prepare::show),
        page(Needs(A::PrepareInbox), post.clone(), "/inbox/prepare", prepare::save),
        page(Needs(A::Decide), get.clone(), "/inbox/decide", together::show),
        page(Needs(A::Decide), post.clone(), "/inbox/decide", together::run),
        page(Needs(A::Receive), get.clone(), "/inbox/receive", together::show),
        page(Needs(A::Receive), post.clone(), "/inbox/receive", together::run),
        page(Needs(A::Issue), get.clone(), "/inbox/issue", together::show),
        page(Needs(A::Issue), post, "/inbox/issue", together::run),
        page(Needs(A::ReadInbox), get, "/inbox/done", together::done),
    ]
}

/// Returns and the journal.
fn of_records() -> Vec<PageRow> {
    use Access::Needs;
    let (get, post) = (Method::GET, Method::POST);
    let (read, close, audit) = (Needs(A::ReadReturn), Needs(A::CloseReturn), Needs(A::ReadJournal));
    vec![
        page(read, get.clone(), "/reports", reports::show),
        page(read, get.clone(), "/reports/charts", pictures::show),
        page(read, get.clone(), "/reports/exports", exports::show),
        page(read, post.clone(), "/reports/exports", exports::ask),
        page(read, get.clone(), "/reports/exports/{id}", exports::one),
        page(read, get.clone(), "/reports/exports/{id}/file", api::exports::file),
        page(read, get.clone(), "/reports/{kind}/files/{file}", period::file),
        page(read, get.clone(), "/reports/{kind}/{label}", period::show),
        page(read, get.clone(), "/reports/{kind}/{label}/figures/{figure}", behind::figure),
        page(read, get.clone(), "/reports/{kind}/{label}/parts/{part}", behind::part),
        page(read, get.clone(), "/reports/{kind}/{label}/changes", closing::changes),
        page(close, get.clone(), "/reports/{kind}/{label}/close", closing::ask),
        page(close, post.clone(), "/reports/{kind}/{label}/close", closing::close),
        page(read, get.clone(), "/reports/{kind}/{label}/closings/{id}/files/{lang}/{file}", period::frozen),
        page(close, get.clone(), "/closings/{id}/hand-over", closing::ask_hand_over),
        page(close, post.clone(), "/closings/{id}/hand-over", closing::hand_over),
        page(audit, get.clone(), "/journal", journal::list),
        page(audit, get.clone(), "/journal/verify", journal::verify),
        page(audit, post, "/journal/verify", journal::run),
        page(audit, get.clone(), "/journal/keys", api::journal::keys),
        page(audit, get.clone(), "/journal/checkpoint", api::journal::checkpoint),
        page(audit, get.clone(), "/journal/consistency", journal::consistency),
        page(audit, get.clone(), "/journal/{seq}", journal::one),
        page(audit, get, "/journal/{seq}/proof", api::journal::proof),
    ]
}
