//! Mandates (TUQ.): those that one gave or holds, giving one, and ending one before its last day.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::{may, next_page, places};
use crate::domain::access::{Action, Role};
use crate::domain::codes::{Code, Direction, Rank};
use crate::domain::ids::{AccountId, MandateId, OrganisationId};
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::{self, Page, USUAL};
use crate::http::problem::Problem;
use crate::http::web::controls::{Choice, Fields};
use crate::http::web::form::Form;
use crate::http::web::kept;
use crate::http::web::shell::{self, Shell};
use crate::service::mandates::{self, MandateView, NewMandate};
use crate::service::organisations;

const LIST: &str = "/office/mandates";
/// Without which nothing is given.
const MUST: &[&str] =
    &["/holder", "/role", "/organisation_id", "/letter_number", "/letter_date", "/valid_to"];

/// What the address may say.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "office/mandates.html")]
struct List<'p> {
    shell: &'p Shell,
    items: Vec<MandateView>,
    next: Option<String>,
    names: BTreeMap<OrganisationId, String>,
    kinds: Vec<(String, String, String)>,
    /// Where the reader holds a role whose decisions can be handed on.
    seats: Vec<(Role, OrganisationId)>,
    reader: AccountId,
    fields: Fields,
}

impl List<'_> {
    fn place(&self, id: &OrganisationId) -> &str {
        self.names.get(id).map_or("", String::as_str)
    }

    fn may_end(&self, one: &MandateView) -> bool {
        one.giver_id == self.reader && one.ended_at.is_none() && one.valid_to >= self.shell.today
    }

    /// How it stands today: a tone and a text.
    fn standing(&self, one: &MandateView) -> (&'static str, &'static str) {
        let today: NaiveDate = self.shell.today;
        if one.ended_at.is_some() {
            ("", "mandates-ended")
        } else if one.valid_to < today {
            ("", "mandates-over")
        } else if one.valid_from > today {
            ("submitted", "mandates-coming")
        } else if one.in_force {
            ("approved", "mandates-in-force")
        } else {
            ("returned", "mandates-sleeping")
        }
    }

    fn kind<'a>(&'a self, code: &'a str) -> &'a str {
        let known = self.kinds.iter().find(|(kind, ..)| kind == code);
        known.map_or(code, |(_, vi, en)| self.shell.pick(vi, en))
    }

    /// What it covers, in words.
    fn covers(&self, one: &MandateView) -> String {
        let limits = &one.limits;
        let directions = limits.directions.iter().map(|code| self.shell.coded(code));
        let ranks = limits.ranks.iter().map(|code| self.shell.coded(code));
        let kinds = limits.kinds.iter().map(|code| self.kind(code).to_owned());
        let all: Vec<String> = directions.chain(ranks).chain(kinds).collect();
        if all.is_empty() { self.shell.t("mandates-covers-all") } else { all.join(", ") }
    }

    fn roles(&self) -> String {
        let mut roles: Vec<Role> = self.seats.iter().map(|(role, _)| *role).collect();
        roles.sort_unstable();
        roles.dedup();
        let choice = |role: &Role| Choice { value: role.code().to_owned(), label: self.shell.coded(role) };
        self.fields.one_of("/role", &roles.iter().map(choice).collect::<Vec<_>>())
    }

    fn seats(&self) -> String {
        let held = |id: &OrganisationId| self.seats.iter().any(|(_, place)| place == id);
        let names = self.names.iter().filter(|(id, _)| held(id));
        let names: BTreeMap<OrganisationId, String> = names.map(|(id, name)| (*id, name.clone())).collect();
        self.fields.one_of("/organisation_id", &places(&names))
    }

    fn directions(&self) -> String {
        self.fields.some_coded::<Direction>("/limits/directions:list")
    }

    fn ranks(&self) -> String {
        self.fields.some_coded::<Rank>("/limits/ranks:list")
    }

    fn step_kinds(&self) -> String {
        let choice = |(kind, vi, en): &(String, String, String)| Choice {
            value: kind.clone(),
            label: self.shell.pick(vi, en).to_owned(),
        };
        self.fields.some_of("/limits/kinds:list", &self.kinds.iter().map(choice).collect::<Vec<_>>())
    }
}

async fn page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    refused: Option<(&Form, &Problem)>,
    before: Option<MandateId>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(request, caller)?;
    let actor = &caller.known.actor;
    let reading = caller.read(move |tx, ctx| {
        let items = mandates::list(tx, ctx, before, USUAL + 1)?;
        Ok((items, organisations::names(tx, ctx.actor.lang)?, mandates::kinds(tx, ctx)?))
    });
    let (rows, names, kinds) = reading.await?;
    let Page { items, next_cursor } = Page::of(rows, USUAL, |row| row.id.to_string());
    let own = actor.roles_for(Action::GiveMandate).filter(|held| held.mandate.is_none());
    let seats = match may(caller, Action::GiveMandate) {
        true => own.map(|held| (held.role, held.organisation)).collect(),
        false => Vec::new(),
    };
    let fields = kept::fields(request, caller, refused, serde_json::Value::Null).await?;
    let fields = if seats.is_empty() { fields } else { fields.must(MUST) };
    let next = next_page(LIST, &[], next_cursor);
    let reader = actor.account;
    shell::page(status, shell.lang, &List { shell: &shell, items, next, names, kinds, seats, reader, fields })
}

/// The mandates that the reader gave or holds; all of them, for an auditor.
///
/// # Errors
/// 400 for a cursor that we did not hand out.
pub async fn list(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let before: Option<MandateId> = cursor::key(asked.cursor.as_deref())?;
    page(&request, &caller, StatusCode::OK, None, before).await
}

/// Gives one.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn give(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let caller = caller.with_form(&form);
    let work = form.command(&caller, move |tx, ctx, new: &NewMandate| {
        Ok(mandates::give(tx, ctx, new)?.map(|_| Reply::see_other(LIST)))
    });
    let done = work.await;
    kept::settle(&request, &caller, &form, done, async |problem| {
        page(&request, &caller, problem.status, Some((&form, &problem)), None).await
    })
    .await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    mandate_id: MandateId,
}

/// Ends one before its last day.
///
/// # Errors
/// As the use case refuses: 403 for its holder, 404 for anybody else, 409 when it has ended.
pub async fn end(caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let caller = caller.with_form(&form);
    let which: Which = form.read()?;
    caller
        .command(form.sent(), move |tx, ctx| {
            Ok(mandates::end(tx, ctx, which.mandate_id)?.map(|_| Reply::see_other(LIST)))
        })
        .await
}
