//! Passing a rule by: who asked for it and why, who answered; asking for it, and answering.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::{Value, json};

use super::controls::{Choice, Fields};
use super::form::Form;
use super::kept;
use super::shell::{self, Shell};
use crate::domain::dossier::{Command, State};
use crate::domain::ids::{AccountId, DossierId, OverrideId};
use crate::domain::refusal::Refusal;
use crate::domain::rulebook::{Explanation, RuleView, Severity, Verdict};
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::service::rules::overrides::{self, NewAnswer, NewOverride, OverrideView};
use crate::service::views::{self, DelegationView};
use crate::service::{Context, Result as ServiceResult, rules, users};
use crate::store::ReadTx;

struct Read {
    view: DelegationView,
    explanation: Explanation,
    list: Vec<OverrideView>,
    mine: Vec<OverrideId>,
    people: BTreeMap<String, String>,
}

fn read(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> ServiceResult<Read> {
    let list = overrides::list(tx, ctx, id)?;
    let answered = list.iter().flat_map(|one| one.answers.iter().map(|answer| answer.account_id));
    let who: Vec<AccountId> = list.iter().map(|one| one.asked_by).chain(answered).collect();
    Ok(Read {
        view: views::delegation(tx, ctx, id)?,
        explanation: rules::explain(tx, ctx, id)?,
        mine: overrides::answerable(tx, ctx, id)?,
        people: users::names(tx, who)?,
        list,
    })
}

/// Whether a rule stands in the way of a dossier and may be passed by.
#[must_use]
pub fn is_passable(rule: &RuleView) -> bool {
    rule.verdict == Verdict::Violated
        && rule.severity == Severity::Block
        && rule.override_by.is_some()
        && !rule.overridden
}

#[derive(Template)]
#[template(path = "overrides.html")]
struct Overrides<'p> {
    shell: &'p Shell,
    fields: Fields,
    all: Read,
}

impl Overrides<'_> {
    fn who(&self, id: &AccountId) -> String {
        self.all.people.get(&id.to_string()).cloned().unwrap_or_default()
    }

    fn title(&self, id: &str) -> String {
        let rule = self.all.explanation.rules.iter().find(|rule| rule.rule == id);
        rule.map_or_else(|| id.to_owned(), |rule| self.words(rule))
    }

    fn words(&self, rule: &RuleView) -> String {
        self.shell.pick(&rule.title_vi, &rule.title_en).to_owned()
    }

    fn citation(&self, id: &str) -> &str {
        let rule = self.all.explanation.rules.iter().find(|rule| rule.rule == id);
        rule.map_or("", |rule| rule.citation.as_str())
    }

    fn state(&self, one: &OverrideView) -> String {
        self.shell.t(match (one.holds, one.refused) {
            (true, _) => "overrides-granted",
            (_, true) => "overrides-refused",
            _ => "overrides-waits",
        })
    }

    fn is_mine(&self, one: &OverrideView) -> bool {
        self.all.mine.contains(&one.id)
    }

    /// Blocking rules that are not kept and may be passed by.
    fn rules(&self) -> Vec<&RuleView> {
        self.all.explanation.rules.iter().filter(|rule| is_passable(rule)).collect()
    }

    fn may_ask(&self) -> bool {
        let edits = |command: &Command| matches!(command, Command::Save | Command::Amend);
        let waits = matches!(self.all.view.state, State::Draft | State::Returned);
        waits && self.all.view.commands.iter().any(edits)
    }

    fn rule(&self) -> String {
        let choice = |rule: &&RuleView| Choice { value: rule.rule.clone(), label: self.words(rule) };
        self.fields.one_of("/rule", &self.rules().iter().map(choice).collect::<Vec<_>>())
    }

    /// Yes or no to the request that is answered.
    fn granted(&self) -> String {
        let choice = |value: &str, key| Choice { value: value.to_owned(), label: self.shell.t(key) };
        let choices = [choice("true", "overrides-grant"), choice("false", "overrides-refuse")];
        self.fields.radios("/granted:bool", &choices)
    }
}

#[derive(Template)]
#[template(path = "override_answer.html")]
struct Answering<'p> {
    page: Overrides<'p>,
    one: OverrideView,
    shell: &'p Shell,
    fields: Fields,
}

impl Answering<'_> {
    fn granted(&self) -> String {
        self.page.granted()
    }
}

async fn page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let id: DossierId = body::id(request, "id")?;
    let shell = Shell::of(request, caller)?;
    let all = caller.read(move |tx, ctx| read(tx, ctx, id)).await?;
    let fields = kept::fields(request, caller, refused, asked(request)).await?;
    let answers = request.match_info().get("override").is_some();
    let fields = fields.must(if answers { &["/granted"] } else { &["/rule", "/reason"] });
    let shell = &shell;
    let page = Overrides { shell, fields: fields.clone(), all };
    if request.match_info().get("override").is_none() {
        return shell::page(status, shell.lang, &page);
    }
    let asked: OverrideId = body::id(request, "override")?;
    let one = page.all.list.iter().find(|one| one.id == asked).cloned().ok_or(Refusal::NotFound)?;
    shell::page(status, shell.lang, &Answering { page, one, shell, fields })
}

/// The rule that a link asks to be passed by.
fn asked(request: &HttpRequest) -> Value {
    let mut pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    pairs.find(|(name, _)| name == "rule").map_or(Value::Null, |(_, rule)| json!({"rule": rule}))
}

/// The requests of a dossier.
///
/// # Errors
/// 404 where the reader may not know of it.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    page(&request, &caller, StatusCode::OK, None).await
}

fn back(id: DossierId) -> Reply {
    Reply::see_other(format!("/delegations/{id}/overrides"))
}

async fn settle(
    request: &HttpRequest,
    caller: &Caller,
    form: &Form,
    done: Result<HttpResponse, Problem>,
) -> Result<HttpResponse, Problem> {
    kept::settle(request, caller, form, done, async |problem| {
        page(request, caller, problem.status, Some((form, &problem))).await
    })
    .await
}

/// Asks to pass a rule by.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn ask(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let id: DossierId = body::id(&request, "id")?;
    let caller = caller.with_form(&form);
    let version = caller.version()?;
    let ask = form.command(&caller, move |tx, ctx, new: &NewOverride| {
        Ok(overrides::ask(tx, ctx, id, version, new)?.map(|_| back(id)))
    });
    let done = ask.await;
    settle(&request, &caller, &form, done).await
}

/// Answers a request.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn answer(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let (id, asked): (DossierId, OverrideId) = (body::id(&request, "id")?, body::id(&request, "override")?);
    let caller = caller.with_form(&form);
    let version = caller.version()?;
    let answer = form.command(&caller, move |tx, ctx, new: &NewAnswer| {
        Ok(overrides::answer(tx, ctx, id, version, asked, new)?.map(|_| back(id)))
    });
    let done = answer.await;
    settle(&request, &caller, &form, done).await
}
