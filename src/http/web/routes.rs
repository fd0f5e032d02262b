//! The table of pages: who may, by which method, at which path. The router is built from it together with the table of
//! the API; a form lives at the path of the page that shows it.

use actix_web::dev::Handler;
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{FromRequest, HttpRequest, Responder, web};

use super::{assets, course, dossier, inbox, kept, list, members, register, sign_in};
use crate::domain::access::Action as A;
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
            web::method(method).to(handler).wrap(guarded)
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

/// Every page.
#[must_use]
pub fn table() -> Vec<PageRow> {
    use Access::{Needs, Public};
    let get = Method::GET;
    let post = Method::POST;
    let mut pages = vec![
        page(Public, get.clone(), "/assets/{name}", assets::get),
        page(Public, get.clone(), "/sign-in", sign_in::show),
        page(Public, post.clone(), "/sign-in", sign_in::sign_in),
        page(Needs(A::ReadSelf), post.clone(), "/sign-out", sign_in::sign_out),
        page(Public, get.clone(), "/activate", sign_in::show_activation),
        page(Public, post.clone(), "/activate", sign_in::activate),
        page(Needs(A::ReadSelf), post.clone(), "/kept/discard", kept::discard),
        page(Needs(A::ReadSelf), get.clone(), "/", inbox::show),
        page(Needs(A::ReadDossier), get.clone(), "/delegations", list::show),
        page(Needs(A::Register), get.clone(), "/delegations/new", register::new),
        page(Needs(A::Register), post.clone(), "/delegations/new", register::create),
        page(Needs(A::ReadDossier), get.clone(), "/delegations/{id}", dossier::show),
        page(Needs(A::Edit), get.clone(), "/delegations/{id}/edit", register::edit),
        page(Needs(A::Edit), post.clone(), "/delegations/{id}/edit", register::save),
        page(Needs(A::Edit), get.clone(), "/delegations/{id}/members", members::show),
        page(Needs(A::Edit), post.clone(), "/delegations/{id}/members", members::add),
        page(Needs(A::Edit), get.clone(), "/delegations/{id}/members/paste", members::show),
        page(Needs(A::Edit), post.clone(), "/delegations/{id}/members/paste", members::paste),
        page(Needs(A::Edit), post.clone(), "/delegations/{id}/members/{member}/remove", members::remove),
        page(Needs(A::ReadDossier), get.clone(), "/delegations/{id}/do/{command}", course::ask),
        page(Needs(A::ReadDossier), post.clone(), "/delegations/{id}/do/{command}", course::run),
    ];
    pages.extend(super::office::routes::table());
    pages
}
