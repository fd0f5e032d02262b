//! A secretary's page: the leaders' inbox put in order by hand, with a note for each dossier.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::{Value, json};

use super::controls::Fields;
use super::form::{Form, stated};
use super::inbox::Due;
use super::kept;
use super::shell::{self, Shell};
use crate::domain::ids::OrganisationId;
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::MOST;
use crate::http::problem::Problem;
use crate::service::desks::{self, Desk};
use crate::service::organisations;
use crate::service::views::{self, InboxItem};

#[derive(Template)]
#[template(path = "prepare.html")]
struct Prepare<'p> {
    shell: &'p Shell,
    fields: Fields,
    items: Vec<InboxItem>,
    names: BTreeMap<OrganisationId, String>,
}

impl Prepare<'_> {
    fn host(&self, item: &InboxItem) -> &str {
        let id = item.delegation.lead_host_id.unwrap_or(item.delegation.organisation_id);
        self.names.get(&id).map_or("", String::as_str)
    }

    fn place(&self, row: &usize) -> String {
        self.fields.line(&format!("/rows/{row}/place:int"))
    }

    fn note(&self, row: &usize) -> String {
        self.fields.line(&format!("/rows/{row}/note"))
    }

    fn due(&self, item: &InboxItem) -> Due {
        let due = Due::of(self.shell, item.due_on, item.working_days);
        due.before(self.shell, &item.waits_for, item.due_on, item.delegation.arrives_on)
    }
}

/// What is prepared now, as the form has it.
fn stored(items: &[InboxItem]) -> Value {
    let row = |item: &InboxItem| json!({"place": item.place, "note": item.note});
    json!({"rows": items.iter().map(row).collect::<Vec<_>>()})
}

/// What was typed, each row at the dossier that it was typed for: the order may be another by now.
fn typed(form: &Form, items: &[InboxItem]) -> Value {
    let json = form.json();
    let rows: BTreeMap<&str, &Value> = json
        .pointer("/rows")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|row| Some((row.get("delegation_id")?.as_str()?, row)))
        .collect();
    let row = |item: &InboxItem| {
        rows.get(item.delegation.id.to_string().as_str()).map_or(Value::Null, |row| (*row).clone())
    };
    json!({"rows": items.iter().map(row).collect::<Vec<_>>()})
}

async fn page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(request, caller)?;
    let read =
        caller.read(|tx, ctx| Ok((views::inbox(tx, ctx, MOST)?, organisations::names(tx, ctx.actor.lang)?)));
    let (mut items, names) = read.await?;
    items.retain(|item| item.waits_for == "decide");
    let kept = if refused.is_none() { kept::load(request, caller).await? } else { None };
    let mut fields = match (&refused, &kept) {
        (Some((form, _)), _) => Fields::of(shell.lang, typed(form, &items)),
        (None, Some(kept)) => Fields::of(shell.lang, typed(&kept.form, &items)),
        (None, None) => Fields::of(shell.lang, stored(&items)),
    };
    if let Some((_, problem)) = refused {
        fields.refuse(problem);
    }
    fields.kept = kept.map(|kept| kept.when);
    shell::page(status, shell.lang, &Prepare { shell: &shell, fields, items, names })
}

/// The leaders' inbox, to be put in order.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    page(&request, &caller, StatusCode::OK, None).await
}

/// Saves the order and the notes.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn save(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let caller = caller.with_form(&form);
    let done = match body::value::<Desk>(stated(rows_alone(form.json()))) {
        Ok(desk) => {
            let save = caller.command(form.sent(), move |tx, ctx| {
                Ok(desks::prepare(tx, ctx, &desk)?.map(|_| Reply::see_other("/inbox/prepare")))
            });
            save.await
        }
        Err(refusal) => Err(refusal.into()),
    };
    kept::settle(&request, &caller, &form, done, async |problem| {
        page(&request, &caller, problem.status, Some((&form, &problem))).await
    })
    .await
}

fn rows_alone(json: Value) -> Value {
    let rows = json.get("rows").cloned().unwrap_or_else(|| json!([]));
    json!({"rows": rows})
}
