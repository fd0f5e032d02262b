//! The register of numbers, where an office keeps it here: a year of one organisation a page.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Datelike;
use serde::Deserialize;

use super::{YearLink, year_links};
use crate::domain::ids::OrganisationId;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::web::shell::{self, Shell};
use crate::service::organisations;
use crate::service::papers::register::{self, RegisterEntry};

/// What the address may say.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    year: Option<i32>,
    organisation: Option<OrganisationId>,
}

#[derive(Template)]
#[template(path = "office/register.html")]
struct Numbers<'p> {
    shell: &'p Shell,
    years: Vec<YearLink>,
    /// Whose register; nobody's where none is kept here.
    organisation: Option<OrganisationId>,
    keepers: Vec<OrganisationId>,
    names: BTreeMap<OrganisationId, String>,
    entries: Vec<RegisterEntry>,
}

impl Numbers<'_> {
    fn name(&self, id: &OrganisationId) -> &str {
        self.names.get(id).map_or("", String::as_str)
    }
}

/// The page of a year; this one, if the address names none.
///
/// # Errors
/// 404 for an organisation out of reach.
pub async fn show(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let this = shell.today.year();
    let year = asked.year.filter(|year| (1990..=2100).contains(year)).unwrap_or(this);
    let wanted = asked.organisation;
    let read = caller.read(move |tx, ctx| {
        let keepers = register::keepers(tx, ctx)?;
        let organisation = wanted.or(keepers.first().copied());
        let entries = match organisation {
            Some(id) => register::list(tx, ctx, id, year)?,
            None => Vec::new(),
        };
        Ok((keepers, organisation, entries, organisations::names(tx, ctx.actor.lang)?))
    });
    let (keepers, organisation, entries, names) = read.await?;
    let mut years = vec![this - 1, this, year];
    years.sort_unstable();
    years.dedup();
    let years = year_links(years, year);
    let page = Numbers { shell: &shell, years, organisation, keepers, names, entries };
    shell::page(StatusCode::OK, shell.lang, &page)
}
