//! The office's own pages: organisations, accounts and roles, mandates, the rulebook, the calendar of working days, mails
//! that go out, the registers of people, partners and plans, and everybody's own account.

pub mod calendar;
pub mod mailbox;
pub mod mandates;
pub mod me;
pub mod organisations;
pub mod outbox;
pub mod partners;
pub mod people;
pub mod plans;
pub mod register;
pub mod routes;
pub mod rules;
pub mod sign_ins;
pub mod trial;
pub mod users;

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::Value;

use super::controls::{self, Choice, Fields};
use super::form::Form;
use super::shell::{self, Shell};
use crate::domain::access::{Action, Reach};
use crate::domain::codes::Lang;
use crate::domain::ids::OrganisationId;
use crate::http::caller::Caller;
use crate::http::problem::Problem;

/// What the first page leads to: page, text, and the right without which it is not shown.
const PLACES: [(&str, &str, Action); 10] = [
    ("/office/organisations", "organisations", Action::ReadOrganisations),
    ("/office/users", "users", Action::ReadUsers),
    ("/office/mandates", "mandates", Action::ReadMandates),
    ("/people", "people", Action::ReadPeople),
    ("/partners", "partners", Action::ReadPartners),
    ("/plans", "plans", Action::ReadPlan),
    ("/office/rules", "rulebook", Action::ReadRules),
    ("/office/register", "numbers", Action::ReadDossier),
    ("/office/calendar", "calendar", Action::ReadOrganisations),
    ("/office/outbox", "outbox", Action::ReadOutbox),
];

struct Place {
    href: &'static str,
    title: String,
    lead: String,
}

#[derive(Template)]
#[template(path = "office/first.html")]
struct First<'p> {
    shell: &'p Shell,
    places: Vec<Place>,
}

/// The first page: what there is for this reader, with a line each.
///
/// # Errors
/// A defect alone.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let place = |(href, name, _): &(&'static str, &str, Action)| Place {
        href,
        title: shell.t(&format!("{name}-title")),
        lead: shell.t(&format!("office-{name}")),
    };
    let places = PLACES.iter().filter(|(_, _, action)| may(&caller, *action)).map(place).collect();
    shell::page(StatusCode::OK, shell.lang, &First { shell: &shell, places })
}

/// Whether the reader has a right anywhere: what no right allows is not offered.
fn may(caller: &Caller, action: Action) -> bool {
    caller.known.actor.reach(action) != Reach::Never
}

/// Ends a small form that stands on another page: done, it leads on; refused for what was typed, it is shown again.
async fn or_again(
    done: Result<HttpResponse, Problem>,
    again: impl AsyncFnOnce(Problem) -> Result<HttpResponse, Problem>,
) -> Result<HttpResponse, Problem> {
    match done {
        Err(problem) if controls::is_about_input(&problem) => again(problem).await,
        done => done,
    }
}

/// The fields of a page with several forms: what is stored, with what was typed into one of them in its place.
fn beside(lang: Lang, mut stored: Value, refused: Option<(&Form, &Problem)>) -> Fields {
    let Some((form, problem)) = refused else { return Fields::of(lang, stored) };
    if let (Value::Object(all), Value::Object(typed)) = (&mut stored, form.json()) {
        all.extend(typed);
    }
    let mut fields = Fields::of(lang, stored);
    fields.refuse(problem);
    fields
}

/// Organisations as choices, in the order of their names.
pub(super) fn places(names: &BTreeMap<OrganisationId, String>) -> Vec<Choice> {
    let mut choices: Vec<Choice> =
        names.iter().map(|(id, name)| Choice { value: id.to_string(), label: name.clone() }).collect();
    choices.sort_by_cached_key(|choice| crate::domain::text::vietnamese_key(&choice.label));
    choices
}

/// A page's address with its filters and the place where the next one begins.
fn next_page(path: &str, filters: &[(&str, &str)], cursor: Option<String>) -> Option<String> {
    let cursor = cursor?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in filters.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    query.append_pair("cursor", &cursor);
    Some(format!("{path}?{}", query.finish()))
}

/// A year to go to.
struct YearLink {
    year: i32,
    current: bool,
}

fn year_links(years: impl IntoIterator<Item = i32>, current: i32) -> Vec<YearLink> {
    years.into_iter().map(|year| YearLink { year, current: year == current }).collect()
}
