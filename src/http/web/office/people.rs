//! The register of people as its owners use it: finding one, what is known of him or her, the visits, a renewed passport.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::{beside, next_page, or_again};
use crate::domain::codes::{Code, PassportType, Sex};
use crate::domain::countries;
use crate::domain::ids::{OrganisationId, PersonId};
use crate::domain::person::PassportInput;
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::{self, MOST, Page, USUAL};
use crate::http::problem::Problem;
use crate::http::web::controls::{Choice, Fields};
use crate::http::web::form::Form;
use crate::http::web::kept;
use crate::http::web::shell::{self, Shell};
use crate::service::organisations;
use crate::service::people::directory::{self, PersonFields, PersonView, Search, Whose};
use crate::service::views::{self, DelegationItem};
use crate::store::dossiers::Filter;

/// What the address may say.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    pub(super) q: Option<String>,
    /// Guests, people from Vietnam, or all of them.
    pub(super) whose: Option<String>,
    pub(super) cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "office/people.html")]
struct List<'p> {
    shell: &'p Shell,
    q: &'p str,
    whose: Option<Whose>,
    items: Vec<PersonView>,
    next: Option<String>,
    names: BTreeMap<OrganisationId, String>,
}

impl List<'_> {
    fn place(&self, id: &OrganisationId) -> &str {
        self.names.get(id).map_or("", String::as_str)
    }

    /// The lists that can be chosen: address, words, and whether it is this one.
    fn lists(&self) -> Vec<(String, String, bool)> {
        let all = [(Some(Whose::Guests), "guests"), (Some(Whose::Home), "home"), (None, "all")];
        let address = |code: &str| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("whose", code);
            if !self.q.is_empty() {
                query.append_pair("q", self.q);
            }
            format!("/people?{}", query.finish())
        };
        let list = |(whose, code): (Option<Whose>, &str)| {
            (address(code), self.shell.t(&format!("people-{code}")), whose == self.whose)
        };
        all.map(list).into()
    }
}

/// Whose list is asked for: guests first, and whoever is looked for by name among all.
fn whose(asked: &Asked, q: &str) -> Option<Whose> {
    match asked.whose.as_deref() {
        Some(code) => Whose::parse(code),
        None if q.is_empty() => Some(Whose::Guests),
        None => None,
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
    let whose = whose(&asked, &q);
    let search = Search {
        words: Some(q.clone()).filter(|words| !words.is_empty()),
        whose,
        after: cursor::key(asked.cursor.as_deref())?,
        limit: USUAL + 1,
    };
    let reading = caller.read(move |tx, ctx| {
        Ok((directory::list(tx, ctx, &search)?, organisations::names(tx, ctx.actor.lang)?))
    });
    let (rows, names) = reading.await?;
    let Page { items, next_cursor } = Page::of(rows, USUAL, |person| person.id.to_string());
    let chosen = whose.map_or("all", Whose::code);
    let next = next_page("/people", &[("q", &q), ("whose", chosen)], next_cursor);
    shell::page(StatusCode::OK, shell.lang, &List { shell: &shell, q: &q, whose, items, next, names })
}

/// What is searched for, as a database takes it: no control characters.
pub(super) fn searched(asked: Option<&str>) -> String {
    asked.unwrap_or_default().trim().chars().filter(|c| !c.is_control()).collect()
}

#[derive(Template)]
#[template(path = "office/person.html")]
struct One<'p> {
    shell: &'p Shell,
    person: PersonView,
    owner: String,
    visits: Vec<DelegationItem>,
    may_edit: bool,
    fields: Fields,
}

impl One<'_> {
    fn sexes(&self) -> String {
        self.fields.coded::<Sex>("/sex")
    }

    fn nationalities(&self) -> String {
        self.fields.one_of("/nationality", &country_choices(self.shell))
    }

    fn types(&self) -> String {
        self.fields.coded::<PassportType>("/type")
    }
}

/// Countries as choices.
pub(super) fn country_choices(shell: &Shell) -> Vec<Choice> {
    let choice = |(value, label)| Choice { value, label };
    countries::list(shell.lang).into_iter().map(choice).collect()
}

async fn page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let id: PersonId = body::id(request, "id")?;
    let shell = Shell::of(request, caller)?;
    let reading = caller.read(move |tx, ctx| {
        let person = directory::get(tx, ctx, id)?;
        let may_edit = directory::may_edit(tx, ctx, &person)?;
        let mut names = organisations::names(tx, ctx.actor.lang)?;
        let filter = Filter { person: Some(id), ..Filter::default() };
        let visits = views::list(tx, ctx, &filter, MOST)?;
        let owner = names.remove(&person.organisation_id).unwrap_or_default();
        Ok((person, may_edit, owner, visits))
    });
    let (person, may_edit, owner, visits) = reading.await?;
    let stored = json!({
        "full_name": person.full_name,
        "native_name": person.native_name,
        "sex": person.sex,
        "birth_date": person.birth_date,
        "nationality": person.nationality,
    });
    let kept = if refused.is_none() && may_edit { kept::load(request, caller).await? } else { None };
    let fields = match kept {
        Some(kept) => Fields::kept_or(shell.lang, Some(kept), stored),
        None => beside(shell.lang, stored, refused),
    };
    let fields = if may_edit { fields.must(&["/full_name", "/number"]) } else { fields };
    shell::page(status, shell.lang, &One { shell: &shell, person, owner, visits, may_edit, fields })
}

/// One person.
///
/// # Errors
/// 404 for one of an owner out of reach.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    page(&request, &caller, StatusCode::OK, None).await
}

fn at(id: PersonId) -> Reply {
    Reply::see_other(format!("/people/{id}"))
}

/// Corrects one.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn edit(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let id: PersonId = body::id(&request, "id")?;
    let caller = caller.with_form(&form);
    let version = caller.version()?;
    let work = form.command(&caller, move |tx, ctx, new: &PersonFields| {
        Ok(directory::edit(tx, ctx, id, version, |_before| Ok(new.clone()))?.map(|_| at(id)))
    });
    let done = work.await;
    kept::settle(&request, &caller, &form, done, async |problem| {
        page(&request, &caller, problem.status, Some((&form, &problem))).await
    })
    .await
}

/// Adds a renewed passport. Its number is not kept when it is refused.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn renew(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let id: PersonId = body::id(&request, "id")?;
    let caller = caller.with_form(&form);
    let work = form.command(&caller, move |tx, ctx, passport: &PassportInput| {
        Ok(directory::renew(tx, ctx, id, passport)?.map(|_| at(id)))
    });
    let done = work.await;
    or_again(done, async |problem| page(&request, &caller, problem.status, Some((&form, &problem))).await)
        .await
}
