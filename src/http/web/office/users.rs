//! Accounts: the list, adding one, and one account's page with its roles, its link, its lock and its sign-ins.

use std::collections::BTreeMap;

use actix_web::body::to_bytes;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::sign_ins::SignIns;
use super::{beside, may, next_page, or_again, places};
use crate::domain::access::{Action, Role};
use crate::domain::codes::{Code, Lang};
use crate::domain::ids::{AccountId, GrantId, OrganisationId};
use crate::http::api::users::{Link, base_url};
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::{self, Page, USUAL};
use crate::http::problem::Problem;
use crate::http::web::controls::{Choice, Fields};
use crate::http::web::form::Form;
use crate::http::web::kept;
use crate::http::web::shell::{self, Shell};
use crate::service::users::{self, NewGrant, NewUser, TenureView, UserPatch, UserView, Wanted};
use crate::service::{organisations, own_account};

/// Without which nobody is written to.
const NAMES: &[&str] = &["/display_name", "/email"];
use crate::store::accounts::AccountState;

/// What the address may say.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    q: Option<String>,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "office/users.html")]
struct List<'p> {
    shell: &'p Shell,
    q: &'p str,
    items: Vec<UserView>,
    next: Option<String>,
    names: BTreeMap<OrganisationId, String>,
    may_edit: bool,
}

impl List<'_> {
    fn place(&self, id: &OrganisationId) -> &str {
        self.names.get(id).map_or("", String::as_str)
    }
}

/// The list, by sign-in name.
///
/// # Errors
/// 400 for a cursor that we did not hand out.
pub async fn list(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let q = asked.q.as_deref().unwrap_or_default().trim().to_owned();
    let (words, after) = (q.clone(), cursor::key::<String>(asked.cursor.as_deref())?);
    let reading = caller.read(move |tx, ctx| {
        let found = match words.is_empty() {
            true => users::list(tx, ctx, after.as_deref(), USUAL + 1)?,
            false => users::find(tx, ctx, &words, after.as_deref(), USUAL + 1)?,
        };
        Ok((found, organisations::names(tx, ctx.actor.lang)?))
    });
    let (rows, names) = reading.await?;
    let Page { items, next_cursor } = Page::of(rows, USUAL, |row| row.0.clone());
    let page = List {
        shell: &shell,
        q: &q,
        items: items.into_iter().map(|(_, user)| user).collect(),
        next: next_page("/office/users", &[("q", &q)], next_cursor),
        names,
        may_edit: may(&caller, Action::EditUsers),
    };
    shell::page(StatusCode::OK, shell.lang, &page)
}

/// A one-time link that was just made: the only time that it is shown.
struct Made {
    url: String,
    expires_at: Option<DateTime<Utc>>,
}

struct Known {
    user: UserView,
    tenures: Vec<TenureView>,
    names: BTreeMap<OrganisationId, String>,
    sign_ins: Option<SignIns>,
}

#[derive(Template)]
#[template(path = "office/user.html")]
struct One<'p> {
    shell: &'p Shell,
    known: Known,
    fields: Fields,
    made: Option<Made>,
    may_edit: bool,
    own: bool,
}

impl One<'_> {
    fn place(&self, id: &OrganisationId) -> &str {
        self.known.names.get(id).map_or("", String::as_str)
    }

    /// What is done to the account beside its names: never to one's own.
    fn manages(&self) -> bool {
        self.may_edit && !self.own
    }

    fn is_locked(&self) -> bool {
        self.known.user.state == AccountState::Disabled
    }

    fn roles(&self) -> String {
        role_field(&self.fields, self.shell, "/role")
    }

    fn seats(&self) -> String {
        self.fields.one_of("/organisation_id", &places(&self.known.names))
    }

    fn languages(&self) -> String {
        self.fields.coded::<Lang>("/lang")
    }

    fn granted(&self, tenure: &TenureView) -> String {
        let by = tenure.granted_by.clone().unwrap_or_else(|| self.shell.t("users-by-setup"));
        self.shell.t1("users-granted-by", "name", by)
    }
}

/// Roles as choices, each with what it means.
fn role_field(fields: &Fields, shell: &Shell, name: &str) -> String {
    let choice = |role: &Role| {
        let means = shell.word("role-means", role);
        Choice { value: role.code().to_owned(), label: format!("{} – {means}", shell.coded(role)) }
    };
    fields.one_of(name, &Role::ALL.iter().map(choice).collect::<Vec<_>>())
}

async fn page(
    request: &HttpRequest,
    caller: &Caller,
    id: AccountId,
    status: StatusCode,
    refused: Option<(&Form, &Problem)>,
    made: Option<Made>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(request, caller)?;
    let own = caller.known.actor.account == id;
    let may_edit = may(caller, Action::EditUsers);
    let reading = caller.read(move |tx, ctx| {
        let tenures = users::tenures(tx, ctx, id)?;
        let user = users::view(tx, id)?;
        let names = organisations::names(tx, ctx.actor.lang)?;
        let live = if may_edit && !own { Some(own_account::sign_ins(tx, ctx, id)?) } else { None };
        Ok(Known { user, tenures, names, sign_ins: live.map(|live| SignIns::of(id, live)) })
    });
    let known = reading.await?;
    let user = &known.user;
    let stored = json!({"display_name": user.display_name, "email": user.email, "lang": user.lang});
    let fields = beside(shell.lang, stored, refused);
    let fields = if may_edit { fields.must(NAMES) } else { fields };
    let fields = if may_edit && !own { fields.must(&["/role", "/organisation_id"]) } else { fields };
    shell::page(status, shell.lang, &One { shell: &shell, known, fields, made, may_edit, own })
}

/// One account.
///
/// # Errors
/// 404 for an unknown one.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let id: AccountId = body::id(&request, "id")?;
    page(&request, &caller, id, StatusCode::OK, None, None).await
}

/// Back to the account, or its page with what was refused.
async fn back(
    request: &HttpRequest,
    caller: &Caller,
    form: &Form,
    id: AccountId,
    done: Result<HttpResponse, Problem>,
) -> Result<HttpResponse, Problem> {
    or_again(done, async |problem| {
        page(request, caller, id, problem.status, Some((form, &problem)), None).await
    })
    .await
}

fn at(id: AccountId) -> Reply {
    Reply::see_other(format!("/office/users/{id}"))
}

/// Changes names, address or language.
///
/// # Errors
/// As the use case refuses, where the page cannot help.
pub async fn update(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let text = |name| form.get(name).map(str::to_owned);
    let patch = UserPatch {
        display_name: text("/display_name"),
        email: text("/email"),
        lang: form.get("/lang").and_then(Lang::parse),
        state: None,
    };
    patched(request, caller, form, patch).await
}

/// Locks an account: every sign-in of it ends.
///
/// # Errors
/// As the use case refuses, where the page cannot help.
pub async fn lock(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let patch = UserPatch { state: Some(Wanted::Disabled), ..UserPatch::default() };
    patched(request, caller, form, patch).await
}

/// Unlocks an account.
///
/// # Errors
/// As the use case refuses, where the page cannot help.
pub async fn unlock(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let patch = UserPatch { state: Some(Wanted::Active), ..UserPatch::default() };
    patched(request, caller, form, patch).await
}

async fn patched(
    request: HttpRequest,
    caller: Caller,
    form: Form,
    patch: UserPatch,
) -> Result<HttpResponse, Problem> {
    let id: AccountId = body::id(&request, "id")?;
    let caller = caller.with_form(&form);
    let version = caller.version()?;
    let work = caller.command(form.sent(), move |tx, ctx| {
        Ok(users::update(tx, ctx, id, version, &patch)?.map(|_| at(id)))
    });
    let done = work.await;
    back(&request, &caller, &form, id, done).await
}

/// Grants a role.
///
/// # Errors
/// As the use case refuses, where the page cannot help.
pub async fn grant(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let id: AccountId = body::id(&request, "id")?;
    let caller = caller.with_form(&form);
    let work = form.command(&caller, move |tx, ctx, new: &NewGrant| {
        Ok(users::grant(tx, Some(ctx), &ctx.settings, id, new)?.map(|_| at(id)))
    });
    let done = work.await;
    back(&request, &caller, &form, id, done).await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    grant_id: GrantId,
}

/// Takes a role back.
///
/// # Errors
/// As the use case refuses, where the page cannot help.
pub async fn end_grant(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let id: AccountId = body::id(&request, "id")?;
    let caller = caller.with_form(&form);
    let which: Which = form.read()?;
    let work = caller.command(form.sent(), move |tx, ctx| {
        Ok(users::end_grant(tx, ctx, id, which.grant_id)?.map(|_| at(id)))
    });
    let done = work.await;
    back(&request, &caller, &form, id, done).await
}

/// What a command answers that made a link: whose, and the link. Under the same key it is the same link again.
fn answer(id: AccountId, base: &str, added: &users::Added) -> Result<Reply, Problem> {
    Reply::ok(&json!({"id": id, "link": Link::of(base, added)}))
}

/// The account's page with the link that was made.
async fn with_link(
    request: &HttpRequest,
    caller: &Caller,
    done: HttpResponse,
) -> Result<HttpResponse, Problem> {
    let bytes =
        to_bytes(done.into_body()).await.map_err(|_body| Problem::defect("a link without an answer"))?;
    let answer: Value = serde_json::from_slice(&bytes).map_err(Problem::defect)?;
    let text = |pointer| answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let id: AccountId = text("/id").parse().map_err(|_id| Problem::defect("a link without an account"))?;
    let made = Made { url: text("/link/url").to_owned(), expires_at: text("/link/expires_at").parse().ok() };
    page(request, caller, id, StatusCode::OK, None, Some(made)).await
}

/// Makes a new one-time link and shows it, once.
///
/// # Errors
/// As the use case refuses, where the page cannot help.
pub async fn link(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let id: AccountId = body::id(&request, "id")?;
    let caller = caller.with_form(&form);
    let base = base_url(caller.state());
    let work = caller.command(form.sent(), move |tx, ctx| {
        let made = users::new_link(tx, Some(ctx), &ctx.settings, id)?;
        let reply = answer(id, &base, made.value())?;
        Ok(made.map(|_| reply))
    });
    match work.await {
        Ok(done) => with_link(&request, &caller, done).await,
        refused => back(&request, &caller, &form, id, refused).await,
    }
}

#[derive(Template)]
#[template(path = "office/new_user.html")]
struct New<'p> {
    shell: &'p Shell,
    names: BTreeMap<OrganisationId, String>,
    fields: Fields,
}

impl New<'_> {
    fn roles(&self) -> String {
        role_field(&self.fields, self.shell, "/grants/0/role")
    }

    fn seats(&self) -> String {
        self.fields.one_of("/grants/0/organisation_id", &places(&self.names))
    }

    fn languages(&self) -> String {
        self.fields.coded::<Lang>("/lang")
    }
}

async fn new_page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(request, caller)?;
    let names = caller.read(|tx, ctx| organisations::names(tx, ctx.actor.lang)).await?;
    let fields = kept::fields(request, caller, refused, json!({"lang": "vi"})).await?;
    let fields =
        fields.must(&["/display_name", "/username", "/email", "/grants/0/role", "/grants/0/organisation_id"]);
    shell::page(status, shell.lang, &New { shell: &shell, names, fields })
}

/// The form of a new account.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn new(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    new_page(&request, &caller, StatusCode::OK, None).await
}

/// Adds an account and shows its first link, once.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn add(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let caller = caller.with_form(&form);
    let base = base_url(caller.state());
    let work = form.command(&caller, move |tx, ctx, new: &NewUser| {
        let added = users::add(tx, Some(ctx), &ctx.settings, new)?;
        let reply = answer(added.value().account, &base, added.value())?;
        Ok(added.map(|_| reply))
    });
    let done = work.await;
    let is_done = done.is_ok();
    let settled = kept::settle(&request, &caller, &form, done, async |problem| {
        new_page(&request, &caller, problem.status, Some((&form, &problem))).await
    });
    let response = settled.await?;
    if is_done { with_link(&request, &caller, response).await } else { Ok(response) }
}
