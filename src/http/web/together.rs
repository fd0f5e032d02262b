//! Several of the inbox at once: they are ticked there, filled in on one page, and done each by itself: one command and
//! one transaction a row, so that one that is refused stops no other. A page then answers row by row.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use super::controls::{self, Fields, vocabulary};
use super::course::begun_paper;
use super::form::{Form, stated};
use super::inbox::Due;
use super::kept::{self, Kept};
use super::shell::{self, Shell};
use crate::domain::approval::Verdict;
use crate::domain::codes::SigningForm;
use crate::domain::ids::{DossierId, OrganisationId};
use crate::domain::refusal::{Fault, Refusal};
use crate::http::api::issued;
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::MOST as INBOX;
use crate::http::problem::Problem;
use crate::service::course::{self, NewPaper, Reception};
use crate::service::decisions::{self, NewDecision};
use crate::service::organisations;
use crate::service::views::{self, DelegationItem, Gist, InboxItem, Recommended};
use crate::texts;

/// Most dossiers of one form.
const MOST: usize = 50;
/// Under which label results are sealed.
const SEAL: &str = "together";

/// What is done with several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Decide,
    Receive,
    Issue,
}

impl Act {
    fn of(request: &HttpRequest) -> Self {
        match request.path() {
            "/inbox/receive" => Self::Receive,
            "/inbox/issue" => Self::Issue,
            _ => Self::Decide,
        }
    }

    fn must(self) -> &'static [&'static str] {
        match self {
            Self::Decide => &[],
            Self::Receive => &["/rows/number"],
            Self::Issue => &["/symbol", "/date", "/signer"],
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Decide => "decide",
            Self::Receive => "receive",
            Self::Issue => "issue",
        }
    }
}

#[derive(Template)]
#[template(path = "together.html")]
struct Together<'p> {
    shell: &'p Shell,
    act: Act,
    fields: Fields,
    items: Vec<InboxItem>,
    names: BTreeMap<OrganisationId, String>,
    /// What was said of each, where it is decided here.
    gists: BTreeMap<DossierId, Gist>,
}

impl Together<'_> {
    fn gist(&self, item: &InboxItem) -> Option<&Gist> {
        self.gists.get(&item.delegation.id)
    }

    fn due(&self, item: &InboxItem) -> Due {
        let due = Due::of(self.shell, item.due_on, item.working_days);
        due.before(self.shell, &item.waits_for, item.due_on, item.delegation.arrives_on)
    }

    /// What somebody said, and who.
    fn said(&self, said: &Recommended) -> String {
        format!("{} – {}", self.shell.coded(&said.verdict), said.name)
    }

    fn broken(&self, gist: &Gist) -> String {
        let titles = gist.broken.iter().map(|(vi, en)| self.shell.pick(vi, en));
        titles.collect::<Vec<_>>().join("; ")
    }

    fn is(&self, act: &str) -> bool {
        self.act.code() == act
    }

    fn host(&self, item: &InboxItem) -> &str {
        let id = item.delegation.lead_host_id.unwrap_or(item.delegation.organisation_id);
        self.names.get(&id).map_or("", String::as_str)
    }

    fn verdict(&self, row: &usize) -> String {
        self.fields.one_of(&format!("/rows/{row}/decision"), &vocabulary::<Verdict>(self.shell.lang))
    }

    fn line(&self, row: &usize, name: &str) -> String {
        self.fields.line(&format!("/rows/{row}/{name}"))
    }

    fn forms(&self) -> String {
        self.fields.some_coded::<SigningForm>("/forms:list")
    }
}

/// A row of the form.
#[derive(Debug, Deserialize)]
struct Row {
    id: DossierId,
    version: i64,
    decision: Option<Verdict>,
    #[serde(default)]
    comment: String,
    number: Option<String>,
}

async fn page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    ids: Vec<DossierId>,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let (shell, act) = (Shell::of(request, caller)?, Act::of(request));
    let kept = if refused.is_none() { kept::load(request, caller).await? } else { None };
    // A form that comes back without its address is about the rows that were in it.
    let ids = match &kept {
        Some(kept) if ids.is_empty() => rows_of(&kept.form),
        _ => ids,
    };
    let read = caller.read(move |tx, ctx| {
        let mut items = views::inbox(tx, ctx, INBOX)?;
        items.retain(|item| item.waits_for == act.code() && ids.contains(&item.delegation.id));
        items.truncate(MOST);
        let chosen: Vec<DossierId> = items.iter().map(|item| item.delegation.id).collect();
        let signing = match act {
            Act::Issue => course::common_signing(tx, ctx, &chosen)?,
            Act::Decide | Act::Receive => None,
        };
        let gists = match act {
            Act::Decide => views::gists(tx, ctx, items.iter().map(|item| &item.delegation))?,
            Act::Receive | Act::Issue => BTreeMap::new(),
        };
        Ok((items, organisations::names(tx, ctx.actor.lang)?, signing, gists))
    });
    let (items, names, signing, gists) = read.await?;
    let is_kept = |kept: &Kept| {
        let there: BTreeSet<DossierId> = rows_of(&kept.form).into_iter().collect();
        items.iter().any(|item| there.contains(&item.delegation.id))
    };
    let kept = kept.filter(is_kept);
    let mut fields = match (refused, &kept) {
        (Some((form, _)), _) => Fields::of(shell.lang, typed(form, &items)),
        (None, Some(kept)) => Fields::of(shell.lang, typed(&kept.form, &items)),
        (None, None) if act == Act::Issue => Fields::of(shell.lang, begun_paper(&shell, signing.as_ref())),
        (None, None) => Fields::of(shell.lang, Value::Null),
    };
    fields.kept = kept.map(|kept| kept.when);
    let fields = fields.words_of(act.code(), refused.map(|(_, problem)| problem)).must(act.must());
    shell::page(status, shell.lang, &Together { shell: &shell, act, fields, items, names, gists })
}

/// The dossiers of a form's rows.
fn rows_of(form: &Form) -> Vec<DossierId> {
    let json = form.json();
    let rows = json.get("rows").and_then(Value::as_array).into_iter().flatten();
    rows.filter_map(|row| row.get("id")?.as_str()?.parse().ok()).take(MOST).collect()
}

/// What was typed, each row at the dossier that it was typed for: others may have left the inbox meanwhile.
fn typed(form: &Form, items: &[InboxItem]) -> Value {
    let mut json = form.json();
    let rows = json.get("rows").and_then(Value::as_array).cloned().unwrap_or_default();
    let row = |item: &InboxItem| {
        let id = item.delegation.id.to_string();
        let own = rows.iter().find(|row| row.get("id").and_then(Value::as_str) == Some(id.as_str()));
        own.cloned().unwrap_or(Value::Null)
    };
    if let Value::Object(fields) = &mut json {
        fields.insert("rows".to_owned(), items.iter().map(row).collect());
    }
    json
}

/// Those that were ticked.
fn ticked(request: &HttpRequest) -> Vec<DossierId> {
    let pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    pairs.filter(|(name, _)| name == "d").filter_map(|(_, id)| id.parse().ok()).take(MOST).collect()
}

/// The form for those that were ticked in the inbox.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    page(&request, &caller, StatusCode::OK, ticked(&request), None).await
}

/// Does each row by itself, and leads to the page that answers row by row.
///
/// # Errors
/// 422 for a form without a row to do.
pub async fn run(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let act = Act::of(&request);
    let rows = form.json().get("rows").cloned().unwrap_or_else(|| json!([]));
    let rows: Vec<Row> = body::value(stated(rows))?;
    let chosen: Vec<&Row> =
        rows.iter().filter(|row| act != Act::Decide || row.decision.is_some()).take(MOST).collect();
    if chosen.is_empty() {
        let ids = rows.iter().map(|row| row.id).collect();
        let none = Problem::from(Refusal::field("/rows", "none-chosen"));
        return page(&request, &caller, none.status, ids, Some((&form, &none))).await;
    }
    let key = form.get("key").unwrap_or_default();
    let (mut answers, mut refused) = (Vec::new(), false);
    for row in chosen {
        let own = caller.for_row(row.version, format!("{key}-{}", row.id));
        let done = match act {
            Act::Decide => decide(&own, &form, row).await,
            Act::Receive => receive(&own, &form, row).await,
            Act::Issue => issue(&own, &form, row).await,
        };
        refused |= done.is_err();
        answers.push(answer(row.id, &done.map(|_| ())));
    }
    // What was typed for those that were refused stands there when they are tried again.
    match refused {
        true => kept::keep_here(&request, &caller, &form).await?,
        false => kept::forget_here(&request, &caller).await?,
    }
    let sealed = seal(&caller, act, &answers)?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("do", act.code());
    for answer in &answers {
        query.append_pair("r", answer);
    }
    query.append_pair("seal", &sealed);
    Ok(shell::see_other(&format!("/inbox/done?{}", query.finish())))
}

async fn decide(own: &Caller, form: &Form, row: &Row) -> Result<HttpResponse, Problem> {
    let (id, version) = (row.id, row.version);
    let verdict = row.decision.ok_or(Refusal::field("/decision", "required"))?;
    let text = row.comment.clone();
    let new = match verdict {
        // Its text is the condition; who or what is struck out is chosen on the dossier's own page.
        Verdict::ApproveWithConditions => NewDecision { conditions: text, ..NewDecision::new(verdict) },
        _ => NewDecision { comment: text, ..NewDecision::new(verdict) },
    };
    own.command(form.sent(), move |tx, ctx| {
        Ok(decisions::decide(tx, ctx, id, version, &new)?.map(|_| Reply::see_other("/")))
    })
    .await
}

async fn receive(own: &Caller, form: &Form, row: &Row) -> Result<HttpResponse, Problem> {
    let (id, version) = (row.id, row.version);
    let reception = Reception { number: row.number.clone().unwrap_or_default(), at: None };
    own.command(form.sent(), move |tx, ctx| {
        Ok(course::receive(tx, ctx, id, version, &reception)?.map(|_| Reply::see_other("/")))
    })
    .await
}

async fn issue(own: &Caller, form: &Form, row: &Row) -> Result<HttpResponse, Problem> {
    let mut paper = stated(form.json());
    if let Value::Object(fields) = &mut paper {
        fields.remove("rows");
        if let Some(number) = &row.number {
            fields.insert("number".to_owned(), number.clone().into());
        }
    }
    let new: NewPaper = body::value(paper)?;
    issued::issue_as(own, form.sent(), (row.id, row.version), &new, |_tx, _ctx, done| {
        Ok(done.map(|_| Reply::see_other("/")))
    })
    .await
}

/// What became of a row: dossier, status, code of the problem, and its first fault.
fn answer(id: DossierId, done: &Result<(), Problem>) -> String {
    match done {
        Ok(()) => format!("{id} 200"),
        Err(problem) => {
            let fault = problem.faults.first().cloned().unwrap_or_else(|| Fault::at("", ""));
            let status = problem.status.as_u16();
            format!("{id} {status} {} {} {}", problem.code, fault.code, fault.pointer)
        }
    }
}

/// Nobody is shown answers that we did not give to him.
fn seal(caller: &Caller, act: Act, answers: &[String]) -> Result<String, Problem> {
    let whole = sealed_text(caller, act.code(), answers);
    caller.state().settings.vault.mac(SEAL, whole.as_bytes()).map(hex::encode).map_err(Problem::defect)
}

fn sealed_text(caller: &Caller, act: &str, answers: &[String]) -> String {
    format!("{}\n{act}\n{}", caller.known.actor.account, answers.join("\n"))
}

/// One answer, for people.
struct Answered {
    item: Option<DelegationItem>,
    id: DossierId,
    done: bool,
    words: String,
}

#[derive(Template)]
#[template(path = "together_done.html")]
struct Done<'p> {
    shell: &'p Shell,
    answers: Vec<Answered>,
    again: Option<String>,
}

impl Done<'_> {
    fn count(&self) -> usize {
        self.answers.iter().filter(|answer| answer.done).count()
    }
}

/// What became of each row.
///
/// # Errors
/// 404 for answers that were not given to whoever asks.
pub async fn done(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let pairs: Vec<(String, String)> =
        url::form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
    let one = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str());
    let rows: Vec<String> =
        pairs.iter().filter(|(name, _)| name == "r").map(|(_, text)| text.clone()).collect();
    let act = one("do").unwrap_or_default();
    let given = one("seal").and_then(|seal| hex::decode(seal).ok()).unwrap_or_default();
    let whole = sealed_text(&caller, act, &rows);
    if !caller.state().settings.vault.mac_matches(SEAL, whole.as_bytes(), &given) {
        return Err(Refusal::NotFound.into());
    }
    let ids: Vec<DossierId> = rows.iter().filter_map(|row| row.split(' ').next()?.parse().ok()).collect();
    let items = caller.read(move |tx, ctx| views::many(tx, ctx, &ids)).await?;
    let answers: Vec<Answered> = rows.iter().filter_map(|row| answered(&shell, row, &items)).collect();
    let left = answers.iter().filter(|answer| !answer.done).map(|answer| ("d", answer.id.to_string()));
    let left = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(left).finish();
    let again = (!left.is_empty()).then(|| format!("/inbox/{act}?{left}"));
    shell::page(StatusCode::OK, shell.lang, &Done { shell: &shell, answers, again })
}

fn answered(shell: &Shell, row: &str, items: &[DelegationItem]) -> Option<Answered> {
    let mut parts = row.splitn(5, ' ');
    let id: DossierId = parts.next()?.parse().ok()?;
    let (status, code) = (parts.next()?, parts.next().unwrap_or_default());
    let (fault, pointer) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let item = items.iter().find(|item| item.id == id).cloned();
    let done = status == "200";
    let words = match (done, fault) {
        (true, _) => item.as_ref().map(|item| shell.coded(&item.state)).unwrap_or_default(),
        (false, "") => {
            let own = format!("error-title-{code}");
            let key = if texts::has(shell.lang, &own) { own } else { format!("problem-{code}") };
            shell.t(&key)
        }
        (false, fault) => {
            let label = controls::label(shell.lang, pointer);
            let said = texts::text(shell.lang, &format!("field-{fault}"), &[("field", &label)]);
            format!("{label}: {said}")
        }
    };
    Some(Answered { item, id, done, words })
}
