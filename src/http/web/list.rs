//! The list of delegations: filters in the address, so that a view can be bookmarked and shared; pages by keyset.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::controls::{Choice, vocabulary};
use super::shell::{self, Shell};
use crate::domain::codes::{Code, Direction, Field};
use crate::domain::countries;
use crate::domain::dossier::State;
use crate::domain::ids::OrganisationId;
use crate::domain::text::day;
use crate::http::caller::Caller;
use crate::http::cursor::{self, Page, USUAL};
use crate::http::problem::Problem;
use crate::service::organisations;
use crate::service::views::{self, DelegationItem};
use crate::store::dossiers::Filter;

/// What the address says. An unknown word is no filter: a link that somebody shortened still shows a page.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    q: Option<String>,
    direction: Option<String>,
    state: Option<String>,
    field: Option<String>,
    country: Option<String>,
    from: Option<String>,
    to: Option<String>,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "list.html")]
struct List<'p> {
    shell: &'p Shell,
    asked: &'p Asked,
    directions: Vec<Choice>,
    states: Vec<Choice>,
    fields: Vec<Choice>,
    items: Vec<DelegationItem>,
    next: Option<String>,
    names: BTreeMap<OrganisationId, String>,
    filtered: bool,
}

impl List<'_> {
    fn host(&self, item: &DelegationItem) -> &str {
        let id = item.lead_host_id.unwrap_or(item.organisation_id);
        self.names.get(&id).map_or("", String::as_str)
    }

    fn is(&self, asked: &Option<String>, value: &str) -> bool {
        asked.as_deref() == Some(value)
    }

    fn said<'a>(&self, asked: &'a Option<String>) -> &'a str {
        asked.as_deref().unwrap_or_default()
    }
}

impl Asked {
    fn filter(&self) -> Result<Filter, Problem> {
        let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        Ok(Filter {
            direction: said(&self.direction).and_then(|code| Direction::parse(&code)),
            state: said(&self.state).and_then(|code| State::parse(&code)),
            country: said(&self.country).filter(|code| countries::is_known(code)),
            from: said(&self.from).and_then(|text| day(&text)),
            to: said(&self.to).and_then(|text| day(&text)),
            field: said(&self.field).and_then(|code| Field::parse(&code)),
            words: said(&self.q),
            before: cursor::key(self.cursor.as_deref())?,
            ..Filter::default()
        })
    }

    /// The same view from another place on.
    fn at(&self, cursor: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let named = [
            ("q", &self.q),
            ("direction", &self.direction),
            ("state", &self.state),
            ("field", &self.field),
            ("country", &self.country),
            ("from", &self.from),
            ("to", &self.to),
        ];
        for (name, value) in named {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                query.append_pair(name, value);
            }
        }
        query.append_pair("cursor", cursor);
        format!("/delegations?{}", query.finish())
    }
}

/// The list.
///
/// # Errors
/// 400 for a cursor that we did not hand out.
pub async fn show(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let filter = asked.filter()?;
    let filtered = request.query_string().split('&').any(|pair| !pair.ends_with('=') && !pair.is_empty());
    let (rows, names) = caller
        .read(move |tx, ctx| {
            let names = organisations::names(tx, ctx.actor.lang)?;
            Ok((views::list(tx, ctx, &filter, USUAL + 1)?, names))
        })
        .await?;
    let Page { items, next_cursor } = Page::of(rows, USUAL, |item| item.id.to_string());
    let page = List {
        directions: vocabulary::<Direction>(shell.lang),
        states: vocabulary::<State>(shell.lang),
        fields: vocabulary::<Field>(shell.lang),
        next: next_cursor.map(|cursor| asked.at(&cursor)),
        shell: &shell,
        asked: &asked,
        items,
        names,
        filtered,
    };
    shell::page(StatusCode::OK, shell.lang, &page)
}
