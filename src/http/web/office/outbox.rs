//! Mails that wait, went out or were given up, with what went wrong; a stuck one can be sent again.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{may, next_page, or_again};
use crate::domain::access::Action;
use crate::domain::codes::Code;
use crate::domain::ids::{AccountId, MailId};
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::{self, Page, USUAL};
use crate::http::problem::Problem;
use crate::http::web::controls::{Choice, Fields, vocabulary};
use crate::http::web::form::Form;
use crate::http::web::shell::{self, Shell};
use crate::service::{outbox, users};
use crate::store::outbox::{Mail, MailState};

/// What the address may say.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    state: Option<String>,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "office/outbox.html")]
struct List<'p> {
    shell: &'p Shell,
    state: Option<MailState>,
    states: Vec<Choice>,
    items: Vec<Mail>,
    next: Option<String>,
    people: BTreeMap<String, String>,
    fields: Fields,
    may_resend: bool,
}

impl List<'_> {
    fn is(&self, value: &str) -> bool {
        self.state.is_some_and(|state| state.code() == value)
    }

    fn to(&self, id: &AccountId) -> &str {
        self.people.get(&id.to_string()).map_or("", String::as_str)
    }

    fn is_stuck(&self, mail: &Mail) -> bool {
        matches!(mail.state, MailState::Dead | MailState::Held | MailState::Unknown)
    }

    fn is_unknown(&self, mail: &Mail) -> bool {
        mail.state == MailState::Unknown
    }

    /// Whether another try comes by itself.
    fn waits(&self, mail: &Mail) -> bool {
        matches!(mail.state, MailState::Queued | MailState::Unknown)
    }

    fn tone(&self, mail: &Mail) -> &'static str {
        match mail.state {
            MailState::Sent => "approved",
            MailState::Dead => "revoked",
            MailState::Held | MailState::Unknown => "returned",
            MailState::Queued | MailState::Claimed => "submitted",
        }
    }
}

async fn page(
    request: &HttpRequest,
    caller: &Caller,
    asked: &Asked,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(request, caller)?;
    let state = asked.state.as_deref().and_then(MailState::parse);
    let before: Option<MailId> = cursor::key(asked.cursor.as_deref())?;
    let reading = caller.read(move |tx, ctx| {
        let rows = outbox::list(tx, ctx, state, before, USUAL + 1)?;
        let people = users::names(tx, rows.iter().map(|mail| mail.recipient).collect())?;
        Ok((rows, people))
    });
    let (rows, people) = reading.await?;
    let Page { items, next_cursor } = Page::of(rows, USUAL, |row| row.id.to_string());
    let status = refused.map_or(StatusCode::OK, |(_, problem)| problem.status);
    let mut fields = Fields::of(shell.lang, serde_json::Value::Null);
    if let Some((_, problem)) = refused {
        fields.refuse(problem);
    }
    let filter = state.map(MailState::code).unwrap_or_default();
    let page = List {
        state,
        states: vocabulary::<MailState>(shell.lang),
        next: next_page("/office/outbox", &[("state", filter)], next_cursor),
        may_resend: may(caller, Action::ResendMail),
        shell: &shell,
        items,
        people,
        fields,
    };
    shell::page(status, shell.lang, &page)
}

/// The mails, newest first, perhaps of one state.
///
/// # Errors
/// 400 for a cursor that we did not hand out.
pub async fn list(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    page(&request, &caller, &asked, None).await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    mail_id: MailId,
}

/// Queues a stuck mail again.
///
/// # Errors
/// As the use case refuses, where the page cannot help.
pub async fn resend(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let caller = caller.with_form(&form);
    let which: Which = form.read()?;
    let state = form.get("state").and_then(MailState::parse);
    let back = state.map_or_else(String::new, |state| format!("?state={state}"));
    let work = caller.command(form.sent(), move |tx, ctx| {
        let queued = outbox::resend(tx, ctx, which.mail_id)?;
        Ok(queued.map(|_| Reply::see_other(format!("/office/outbox{back}"))))
    });
    let done = work.await;
    or_again(done, async |problem| {
        let asked = Asked { state: state.map(|state| state.code().to_owned()), cursor: None };
        page(&request, &caller, &asked, Some((&form, &problem))).await
    })
    .await
}
