//! One's own account: who one is to the service, which language it speaks, one's password, and where one is signed in.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::sign_ins::{self, SignIns};
use super::{beside, or_again};
use crate::domain::access::{Actor, Held};
use crate::domain::codes::Lang;
use crate::domain::ids::OrganisationId;
use crate::http::State;
use crate::http::api::auth;
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::http::web::controls::{Fields, Said};
use crate::http::web::form::Form;
use crate::http::web::shell::{self, Shell, see_other};
use crate::http::web::{language, session};
use crate::service::{organisations, own_account};
use crate::texts;
use crate::vault::Secret;

#[derive(Template)]
#[template(path = "office/me.html")]
struct Me<'p> {
    shell: &'p Shell,
    actor: &'p Actor,
    names: BTreeMap<OrganisationId, String>,
    sign_ins: SignIns,
    fields: Fields,
}

impl Me<'_> {
    fn place(&self, held: &Held) -> &str {
        self.names.get(&held.organisation).map_or("", String::as_str)
    }

    fn languages(&self) -> String {
        self.fields.choice::<Lang>("/lang")
    }
}

async fn page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(request, caller)?;
    let actor = &caller.known.actor;
    let reading = caller.read(|tx, ctx| {
        let names = organisations::names(tx, ctx.actor.lang)?;
        Ok((names, own_account::sign_ins(tx, ctx, ctx.actor.account)?))
    });
    let (names, live) = reading.await?;
    let mut fields = beside(shell.lang, json!({"lang": actor.lang}), refused);
    if let Some(seconds) = refused.and_then(|(_, problem)| problem.retry_after) {
        let words = texts::text(shell.lang, "sign-in-locked", &[("n", &seconds.to_string())]);
        fields.summary = vec![Said { href: String::new(), words }];
    }
    let sign_ins = SignIns::own(live);
    shell::page(status, shell.lang, &Me { shell: &shell, actor, names, sign_ins, fields })
}

/// The page.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    page(&request, &caller, StatusCode::OK, None).await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Chosen {
    lang: Lang,
}

/// Chooses the language of one's pages and mails; the sign-in page of this browser speaks it from then on too.
///
/// # Errors
/// 503 when the database cannot write now.
pub async fn speak(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let caller = caller.with_form(&form);
    let chosen: Result<Chosen, Problem> = form.read();
    let done = match chosen {
        Ok(Chosen { lang }) => {
            let work = caller.command(form.sent(), move |tx, ctx| {
                Ok(own_account::speak(tx, ctx, lang)?.map(|()| Reply::see_other("/me")))
            });
            work.await.and_then(|mut response| {
                response.add_cookie(&language::chosen(lang)).map_err(Problem::defect)?;
                Ok(response)
            })
        }
        Err(problem) => Err(problem),
    };
    or_again(done, async |problem| page(&request, &caller, problem.status, Some((&form, &problem))).await)
        .await
}

/// Replaces one's own password; every other sign-in ends, and this browser gets a new one.
///
/// # Errors
/// As the use case refuses, where the page cannot help.
pub async fn change_password(
    request: HttpRequest,
    state: web::Data<State>,
    caller: Caller,
    form: Form,
) -> Result<HttpResponse, Problem> {
    let secret = |name| Secret::new(form.get(name).unwrap_or_default());
    let sent = (secret("/old_password"), secret("/new_password"));
    match auth::change_password(&request, &state, &caller.known.actor.username, sent).await {
        Ok(opened) => {
            let mut response = see_other("/me");
            let cookie = session::opened(&opened, state.config.auth.absolute());
            response.add_cookie(&cookie).map_err(Problem::defect)?;
            Ok(response)
        }
        Err(problem) if problem.status.is_client_error() && problem.status != StatusCode::UNAUTHORIZED => {
            page(&request, &caller, problem.status, Some((&form, &problem))).await
        }
        Err(problem) => Err(problem),
    }
}

/// Back to one's own sign-ins, or on to the sign-in page.
pub(super) fn back() -> Reply {
    Reply::see_other(format!("/me#{}", sign_ins::ANCHOR))
}
