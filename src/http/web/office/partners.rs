//! Partners abroad: finding one, its visits, adding one.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use serde_json::Value;

use super::people::{Asked, country_choices, searched};
use super::{may, next_page};
use crate::domain::access::{Action, Reach};
use crate::domain::ids::{DossierId, PartnerId};
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::{self, MOST, Page, USUAL};
use crate::http::problem::Problem;
use crate::http::web::controls::Fields;
use crate::http::web::form::Form;
use crate::http::web::kept;
use crate::http::web::shell::{self, Shell};
use crate::service::partners::{self, NewPartner, PartnerView};
use crate::service::views::{self, DelegationItem};
use crate::store::dossiers::Filter;
use crate::texts;

fn kind_words(shell: &Shell, kind: &str) -> String {
    let key = format!("word-guest-kind-{kind}");
    if texts::has(shell.lang, &key) { shell.t(&key) } else { kind.to_owned() }
}

#[derive(Template)]
#[template(path = "office/partners.html")]
struct List<'p> {
    shell: &'p Shell,
    q: &'p str,
    items: Vec<PartnerView>,
    next: Option<String>,
    may_edit: bool,
}

impl List<'_> {
    /// What a partner is, in words where its code has them.
    fn kind(&self, kind: &str) -> String {
        kind_words(self.shell, kind)
    }

    fn country(&self, code: &str) -> String {
        self.shell.country(&Some(code.to_owned()))
    }
}

/// The list.
///
/// # Errors
/// 400 for a cursor that we did not hand out.
pub async fn list(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let q = searched(asked.q.as_deref());
    let (words, after) = (q.clone(), cursor::key::<PartnerId>(asked.cursor.as_deref())?);
    let reading = caller.read(move |tx, ctx| {
        let search = Some(words.as_str()).filter(|words| !words.is_empty());
        partners::list(tx, ctx, search, after, USUAL + 1)
    });
    let Page { items, next_cursor } = Page::of(reading.await?, USUAL, |one| one.id.to_string());
    let next = next_page("/partners", &[("q", &q)], next_cursor);
    let may_edit = may(&caller, Action::EditPartners);
    shell::page(StatusCode::OK, shell.lang, &List { shell: &shell, q: &q, items, next, may_edit })
}

#[derive(Template)]
#[template(path = "office/partner.html")]
struct One<'p> {
    shell: &'p Shell,
    partner: PartnerView,
    visits: Vec<DelegationItem>,
}

impl One<'_> {
    /// What a partner is, in words where its code has them.
    fn kind(&self, kind: &str) -> String {
        kind_words(self.shell, kind)
    }

    fn country(&self) -> String {
        self.shell.country(&Some(self.partner.country.clone()))
    }
}

/// One partner with the visits that the reader may know of.
///
/// # Errors
/// 404 for an unknown one.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let id: PartnerId = body::id(&request, "id")?;
    let shell = Shell::of(&request, &caller)?;
    let reading = caller.read(move |tx, ctx| {
        let partner = partners::get(tx, ctx, id)?;
        let filter = Filter { partner: Some(id), ..Filter::default() };
        let visits = match ctx.actor.reach(Action::ReadDossier) {
            Reach::Never => Vec::new(),
            Reach::Unit | Reach::All => views::list(tx, ctx, &filter, MOST)?,
        };
        Ok((partner, visits))
    });
    let (partner, visits) = reading.await?;
    shell::page(StatusCode::OK, shell.lang, &One { shell: &shell, partner, visits })
}

#[derive(Template)]
#[template(path = "office/new_partner.html")]
struct New<'p> {
    shell: &'p Shell,
    fields: Fields,
    /// The dossier whose form asked for a new partner, and goes on with it.
    delegation: Option<DossierId>,
}

impl New<'_> {
    fn countries(&self) -> String {
        self.fields.one_of("/country", &country_choices(self.shell))
    }
}

async fn new_page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    delegation: Option<DossierId>,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(request, caller)?;
    let fields = kept::fields(request, caller, refused, Value::Null).await?.must(&["/name", "/country"]);
    shell::page(status, shell.lang, &New { shell: &shell, fields, delegation })
}

/// What the address of the form may say.
#[derive(Debug, Default, Deserialize)]
pub struct For {
    delegation: Option<String>,
}

/// The form of a new one.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn new(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<For>,
) -> Result<HttpResponse, Problem> {
    let delegation = asked.delegation.as_deref().and_then(|id| id.parse().ok());
    new_page(&request, &caller, StatusCode::OK, delegation, None).await
}

/// Adds one.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn add(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let caller = caller.with_form(&form);
    let delegation: Option<DossierId> = form.get("delegation").and_then(|id| id.parse().ok());
    let work = form.command(&caller, move |tx, ctx, new: &NewPartner| {
        let added = partners::add(tx, Some(ctx), new)?;
        let id = added.value().id;
        let reply = Reply::see_other(match delegation {
            Some(dossier) => format!("/delegations/{dossier}/edit?partner={id}#f-partner_id"),
            None => format!("/partners/{id}"),
        });
        Ok(added.map(|_| reply))
    });
    let done = work.await;
    kept::settle(&request, &caller, &form, done, async |problem| {
        new_page(&request, &caller, problem.status, delegation, Some((&form, &problem))).await
    })
    .await
}
