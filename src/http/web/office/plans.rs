//! The annual plan: the items of a year, adding one, changing or dropping one.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Datelike;
use serde::Deserialize;
use serde_json::{Value, json};

use super::people::country_choices;
use super::{YearLink, may, places, year_links};
use crate::domain::access::Action;
use crate::domain::codes::Direction;
use crate::domain::ids::{OrganisationId, PlanItemId};
use crate::domain::plan::{PlanFields, PlanState};
use crate::domain::refusal::Refusal;
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::http::web::controls::{Choice, Fields};
use crate::http::web::form::{Form, stated};
use crate::http::web::kept;
use crate::http::web::shell::{self, Shell};
use crate::service::organisations;
use crate::service::plans::{self, PlanItemView};
use crate::service::views::DelegationItem;

/// Without which there is no item.
const MUST: &[&str] = &["/direction", "/title"];

/// What the address may say.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    year: Option<i32>,
}

#[derive(Template)]
#[template(path = "office/plans.html")]
struct List<'p> {
    shell: &'p Shell,
    year: i32,
    years: Vec<YearLink>,
    items: Vec<PlanItemView>,
    names: BTreeMap<OrganisationId, String>,
    may_edit: bool,
}

impl List<'_> {
    fn place(&self, id: &OrganisationId) -> &str {
        self.names.get(id).map_or("", String::as_str)
    }

    fn months(&self, months: &[u32]) -> String {
        months.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    fn is_dropped(&self, item: &PlanItemView) -> bool {
        item.fields.state == PlanState::Dropped
    }
}

/// The items of a year; of this one, if the address names none.
///
/// # Errors
/// 404 for a year that has no plan.
pub async fn list(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let year = asked.year.unwrap_or(shell.today.year());
    let reading = caller.read(move |tx, ctx| {
        Ok((plans::list(tx, ctx, year, None)?, organisations::names(tx, ctx.actor.lang)?))
    });
    let (items, names) = reading.await?;
    let may_edit = may(&caller, Action::EditPlan);
    let years = year_links(year - 1..=year + 1, year);
    shell::page(StatusCode::OK, shell.lang, &List { shell: &shell, year, years, items, names, may_edit })
}

#[derive(Template)]
#[template(path = "office/plan_item.html")]
struct Item<'p> {
    shell: &'p Shell,
    /// The item, once it is there.
    saved: Option<PlanItemView>,
    year: i32,
    /// For whose plan the reader may add.
    owners: BTreeMap<OrganisationId, String>,
    may_edit: bool,
    /// The delegations that name it.
    named_by: Vec<DelegationItem>,
    fields: Fields,
}

impl Item<'_> {
    fn days(&self, item: &DelegationItem) -> String {
        let from = item.actual_arrives_on.or(item.arrives_on);
        self.shell.days(&from, &item.actual_departs_on.or(item.departs_on))
    }

    fn directions(&self) -> String {
        self.fields.choice::<Direction>("/direction")
    }

    fn states(&self) -> String {
        self.fields.choice::<PlanState>("/state")
    }

    fn countries(&self) -> String {
        self.fields.one_of("/country", &country_choices(self.shell))
    }

    fn places(&self) -> String {
        self.fields.one_of("/organisation_id", &places(&self.owners))
    }

    fn months(&self) -> String {
        let choice = |month: u32| Choice {
            value: month.to_string(),
            label: self.shell.t1("plans-month", "no", month),
        };
        self.fields.some_of("/months:list", &(1..=12).map(choice).collect::<Vec<_>>())
    }
}

async fn new_page(
    request: &HttpRequest,
    caller: &Caller,
    year: Option<i32>,
    status: StatusCode,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(request, caller)?;
    let year = year.unwrap_or(shell.today.year());
    let reading = caller.read(|tx, ctx| {
        let own = plans::owners(tx, ctx)?;
        let mut names = organisations::names(tx, ctx.actor.lang)?;
        names.retain(|id, _| own.contains(id));
        Ok(names)
    });
    let owners = reading.await?;
    let stored = match (owners.len(), owners.keys().next()) {
        (1, Some(only)) => json!({"organisation_id": only, "direction": "inbound"}),
        _ => json!({"direction": "inbound"}),
    };
    let fields = kept::fields(request, caller, refused, stored).await?.must(MUST).must(&["/organisation_id"]);
    shell::page(
        status,
        shell.lang,
        &Item { shell: &shell, saved: None, year, owners, may_edit: true, named_by: Vec::new(), fields },
    )
}

/// The form of a new item.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn new(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    new_page(&request, &caller, asked.year, StatusCode::OK, None).await
}

/// What a form says of an item; months are sent as a list of texts.
fn said(form: &Form) -> (Value, Option<Value>) {
    let mut json = stated(form.json());
    let mut owner = None;
    if let Value::Object(fields) = &mut json {
        owner = fields.remove("organisation_id");
        if let Some(Value::Array(months)) = fields.get_mut("months") {
            for month in months {
                if let Some(no) = month.as_str().and_then(|text| text.parse::<u32>().ok()) {
                    *month = Value::from(no);
                }
            }
        }
    }
    (json, owner)
}

fn at(year: i32) -> Reply {
    Reply::see_other(format!("/plans?year={year}"))
}

/// Adds an item; it gets the next number of its organisation's year.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn add(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let caller = caller.with_form(&form);
    let year = form.get("year").and_then(|year| year.parse::<i32>().ok());
    let read = || -> Result<(i32, Option<OrganisationId>, PlanFields), Problem> {
        let (json, owner) = said(&form);
        let owner = owner.map(serde_json::from_value::<OrganisationId>).transpose();
        let owner = owner.map_err(|_no_id| Refusal::field("/organisation_id", "unknown-organisation"))?;
        let year = year.ok_or_else(|| Refusal::field("/year", "required"))?;
        Ok((year, owner, body::value(json)?))
    };
    let done = match read() {
        Ok((year, owner, fields)) => {
            let work = caller.command(form.sent(), move |tx, ctx| {
                Ok(plans::add(tx, ctx, year, owner, &fields)?.map(|_| at(year)))
            });
            work.await
        }
        Err(problem) => Err(problem),
    };
    kept::settle(&request, &caller, &form, done, async |problem| {
        new_page(&request, &caller, year, problem.status, Some((&form, &problem))).await
    })
    .await
}

async fn page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let id: PlanItemId = body::id(request, "id")?;
    let shell = Shell::of(request, caller)?;
    let reading = caller.read(move |tx, ctx| Ok((plans::get(tx, ctx, id)?, plans::named_by(tx, ctx, id)?)));
    let ((view, may_edit), named_by) = reading.await?;
    let stored = serde_json::to_value(&view.fields).unwrap_or_default();
    let fields = kept::fields(request, caller, refused, stored).await?;
    let fields = if may_edit { fields.must(MUST) } else { fields };
    let (year, owners) = (view.year, BTreeMap::new());
    let page = Item { shell: &shell, saved: Some(view), year, owners, may_edit, named_by, fields };
    shell::page(status, shell.lang, &page)
}

/// One item.
///
/// # Errors
/// 404 for one of an organisation out of reach.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    page(&request, &caller, StatusCode::OK, None).await
}

/// Changes an item, or drops it with a reason.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn edit(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let id: PlanItemId = body::id(&request, "id")?;
    let caller = caller.with_form(&form);
    let version = caller.version()?;
    let (json, _owner) = said(&form);
    let done = match body::value::<PlanFields>(json) {
        Ok(fields) => {
            let work = caller.command(form.sent(), move |tx, ctx| {
                let edited = plans::edit(tx, ctx, id, version, |_before| Ok(fields.clone()))?;
                let year = edited.value().year;
                Ok(edited.map(|_| at(year)))
            });
            work.await
        }
        Err(refusal) => Err(refusal.into()),
    };
    kept::settle(&request, &caller, &form, done, async |problem| {
        page(&request, &caller, problem.status, Some((&form, &problem))).await
    })
    .await
}
