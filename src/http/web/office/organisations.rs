//! The tree of organisations: all of it on one page, adding one, and its names.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::json;

use super::{may, places};
use crate::domain::access::Action;
use crate::domain::approval::OrganisationKind;
use crate::domain::ids::OrganisationId;
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::http::web::controls::Fields;
use crate::http::web::form::Form;
use crate::http::web::kept;
use crate::http::web::shell::{self, Shell};
use crate::service::organisations::{self, Names, NewOrganisation, OrganisationView};

const LIST: &str = "/office/organisations";
/// What every organisation is called.
const NAMES: &[&str] = &["/name_vi", "/name_en"];
/// What a new one needs besides.
const MUST: &[&str] = &["/code", "/kind", "/parent_id"];

#[derive(Template)]
#[template(path = "office/organisations.html")]
struct List<'p> {
    shell: &'p Shell,
    tree: Vec<(usize, OrganisationView)>,
    names: BTreeMap<OrganisationId, String>,
    fields: Fields,
    may_edit: bool,
}

impl List<'_> {
    fn name<'v>(&self, one: &'v OrganisationView) -> &'v str {
        self.shell.pick(&one.name_vi, &one.name_en)
    }

    fn above(&self, one: &OrganisationView) -> &str {
        one.parent_id.and_then(|id| self.names.get(&id)).map_or("", String::as_str)
    }

    /// How far a row is set in; below the fifth level no further.
    fn level(&self, depth: &usize) -> usize {
        (*depth).min(4)
    }

    fn kinds(&self) -> String {
        self.fields.coded::<OrganisationKind>("/kind")
    }

    fn parents(&self) -> String {
        self.fields.one_of("/parent_id", &places(&self.names))
    }
}

async fn list_page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(request, caller)?;
    let reading =
        caller.read(|tx, ctx| Ok((organisations::tree(tx, ctx)?, organisations::names(tx, ctx.actor.lang)?)));
    let (tree, names) = reading.await?;
    let fields = kept::fields(request, caller, refused, serde_json::Value::Null).await?;
    let may_edit = may(caller, Action::EditOrganisations);
    let fields = if may_edit { fields.must(NAMES).must(MUST) } else { fields };
    shell::page(status, shell.lang, &List { shell: &shell, tree, names, fields, may_edit })
}

/// All of them.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn list(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    list_page(&request, &caller, StatusCode::OK, None).await
}

/// Adds one.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn add(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let caller = caller.with_form(&form);
    let add = form.command(&caller, move |tx, ctx, new: &NewOrganisation| {
        Ok(organisations::add(tx, Some(ctx), new)?.map(|_| Reply::see_other(LIST)))
    });
    let done = add.await;
    kept::settle(&request, &caller, &form, done, async |problem| {
        list_page(&request, &caller, problem.status, Some((&form, &problem))).await
    })
    .await
}

#[derive(Template)]
#[template(path = "office/organisation.html")]
struct One<'p> {
    shell: &'p Shell,
    view: OrganisationView,
    fields: Fields,
}

async fn page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let id: OrganisationId = body::id(request, "id")?;
    let shell = Shell::of(request, caller)?;
    let view = caller.read(move |tx, ctx| organisations::get(tx, ctx, id)).await?;
    let stored = json!({"name_vi": view.name_vi, "name_en": view.name_en});
    let fields = kept::fields(request, caller, refused, stored).await?.must(NAMES);
    shell::page(status, shell.lang, &One { shell: &shell, view, fields })
}

/// The form of one's names.
///
/// # Errors
/// 404 for an unknown one.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    page(&request, &caller, StatusCode::OK, None).await
}

/// Renames one.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn rename(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let id: OrganisationId = body::id(&request, "id")?;
    let caller = caller.with_form(&form);
    let version = caller.version()?;
    let rename = form.command(&caller, move |tx, ctx, new: &Names| {
        let renamed = organisations::rename(tx, ctx, id, version, new)?;
        Ok(renamed.map(|_| Reply::see_other(LIST)))
    });
    let done = rename.await;
    kept::settle(&request, &caller, &form, done, async |problem| {
        page(&request, &caller, problem.status, Some((&form, &problem))).await
    })
    .await
}
