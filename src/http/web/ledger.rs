//! An old ledger, pasted from a spreadsheet or uploaded: first shown cell by cell with what each became, then loaded as a
//! whole or not at all.

use std::collections::BTreeMap;

use actix_multipart::{Field, Multipart};
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::web::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use askama::Template;
use futures_util::StreamExt;
use serde::Deserialize;

use super::controls::{self, Choice, Fields};
use super::form::Form;
use super::kept;
use super::preview::{self, BadRow};
use super::shell::{self, Shell};
use super::{csrf, words};
use crate::domain::countries;
use crate::domain::ids::OrganisationId;
use crate::domain::ledger::{MOST, Row};
use crate::domain::pasted::Cell;
use crate::domain::refusal::{Refusal, Why};
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::http::upload;
use crate::service::ledger::{self, Looked};
use crate::service::organisations;
use crate::texts;

/// Most bytes of a token and of the name of an organisation.
const SMALL: usize = 1024;

/// Whose ledger it is, where that has to be said.
#[derive(Debug, Default, Deserialize)]
struct Whose {
    #[serde(default)]
    organisation_id: Option<OrganisationId>,
}

#[derive(Template)]
#[template(path = "ledger.html")]
struct Page<'p> {
    shell: &'p Shell,
    fields: Fields,
    owners: Vec<Choice>,
    names: BTreeMap<OrganisationId, String>,
    pasted: String,
    looked: Option<Looked>,
    done: Option<String>,
}

impl Page<'_> {
    fn owner(&self) -> String {
        self.fields.one_of("/organisation_id", &self.owners)
    }

    fn label(&self, cell: &Cell) -> String {
        self.shell.t(match cell.field {
            "direction" => "dossier-direction",
            "title" => "label-title",
            "countries" => "label-countries",
            "from" => "ledger-from",
            "to" => "ledger-to",
            "came" => "ledger-came",
            "planned" => "ledger-planned",
            "companions" => "ledger-companions",
            "lead_host_id" => "label-lead-host-id",
            "rank" => "label-rank",
            "primary_field" => "label-primary-field",
            "channel" => "label-channel",
            "purpose" => "label-purpose",
            "request_letter/number" => "label-request-letter-number",
            "decision_ref" => "label-decision-ref",
            "code" => "ledger-code",
            "permit" => "ledger-permit",
            _ => "ledger-note",
        })
    }

    /// What a cell became, in words.
    fn became(&self, cell: &Cell) -> String {
        let lang = self.shell.lang;
        if let Some(why) = cell.fault {
            return controls::why_words(lang, &self.label(cell), why);
        }
        match cell.field {
            "direction" => words::word(lang, "direction", &cell.became),
            "rank" => words::word(lang, "rank", &cell.became),
            "primary_field" => words::word(lang, "field", &cell.became),
            "channel" => words::word(lang, "channel", &cell.became),
            "from" | "to" => {
                cell.became.parse().map_or_else(|_| cell.became.clone(), |day| self.shell.day(&day))
            }
            "countries" => cell.became.split(',').map(|one| self.country(one)).collect::<Vec<_>>().join(", "),
            "lead_host_id" => {
                let name = cell.became.parse().ok().and_then(|id| self.names.get(&id));
                name.cloned().unwrap_or_default()
            }
            _ => cell.became.clone(),
        }
    }

    fn country(&self, said: &str) -> String {
        match said.split_once(':') {
            Some((code, n)) => format!("{} ({n})", countries::name(code, self.shell.lang)),
            None => countries::name(said, self.shell.lang),
        }
    }

    fn rows(&self) -> &[Row] {
        self.looked.as_ref().map(|looked| looked.ledger.rows.as_slice()).unwrap_or_default()
    }

    fn shown(&self) -> impl Iterator<Item = &Row> {
        self.rows().iter().take(MOST)
    }

    /// The rows that cannot be read, in words.
    fn bad_rows(&self) -> Vec<BadRow> {
        let words = |cell: &Cell| cell.fault.map(|_| preview::cell(&self.label(cell), &self.became(cell)));
        let bad = self.rows().iter().filter(|row| row.is_faulty());
        bad.map(|row| BadRow { line: row.line, words: row.cells.iter().filter_map(words).collect() })
            .collect()
    }

    fn ignored(&self) -> String {
        self.looked.as_ref().map(|looked| looked.ledger.ignored.join(", ")).unwrap_or_default()
    }

    fn is_clean(&self) -> bool {
        self.looked.as_ref().is_some_and(|looked| looked.is_clean() && looked.fresh().count() > 0)
    }

    fn fresh(&self) -> usize {
        self.rows().iter().filter(|row| !row.known && !row.is_faulty()).count()
    }

    fn known(&self) -> usize {
        self.rows().iter().filter(|row| row.known).count()
    }

    fn faulty(&self) -> usize {
        self.rows().iter().filter(|row| row.is_faulty()).count()
    }
}

/// What a page shows besides its forms.
#[derive(Default)]
struct Shown {
    pasted: String,
    looked: Option<Looked>,
    done: Option<String>,
}

async fn page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    sent: Option<(&Form, Option<&Problem>)>,
    mut shown: Shown,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(request, caller)?;
    let (owners, names) = caller
        .read(|tx, ctx| Ok((ledger::owners(tx, ctx)?, organisations::names(tx, ctx.actor.lang)?)))
        .await?;
    let kept = if sent.is_none() { kept::load(request, caller).await? } else { None };
    if let Some(typed) = kept.as_ref().and_then(|kept| kept.form.get("pasted")) {
        typed.clone_into(&mut shown.pasted);
    }
    let fields = match sent {
        Some((form, problem)) => Fields::typed(shell.lang, form, problem),
        None => Fields::kept_or(shell.lang, kept, serde_json::Value::Null),
    };
    let owners = owners
        .into_iter()
        .map(|one| Choice { value: one.id.to_string(), label: one.name(shell.lang).to_owned() })
        .collect();
    let Shown { pasted, looked, done } = shown;
    let mut page = Page { shell: &shell, fields, owners, names, pasted, looked, done };
    let (all, bad) = (page.rows().len(), page.bad_rows());
    preview::refuse(&shell, &mut page.fields, all, &bad, "ledger-nothing-yet");
    shell::page(status, shell.lang, &page)
}

/// The two ways to hand a ledger in.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let mut shown = Shown::default();
    let done = request.query_string().strip_prefix("done=").and_then(|n| n.split_once('-'));
    if let Some((Ok(made), Ok(known))) = done.map(|(made, known)| (made.parse::<u32>(), known.parse::<u32>()))
    {
        let said = [("n", made.to_string()), ("known", known.to_string())];
        let said: Vec<(&str, &str)> = said.iter().map(|(name, n)| (*name, n.as_str())).collect();
        shown.done = Some(texts::text(caller.known.actor.lang, "ledger-done", &said));
    }
    page(&request, &caller, StatusCode::OK, None, shown).await
}

/// Shows what a ledger became, uploaded or pasted; with `confirm`, loads all of it or nothing.
///
/// # Errors
/// As the use case refuses, where the page cannot help.
pub async fn post(request: HttpRequest, caller: Caller, payload: Payload) -> Result<HttpResponse, Problem> {
    if upload::is_multipart(&request) {
        return upload(&request, &caller, Multipart::new(request.headers(), payload)).await;
    }
    let form = Form::from_request(&request, &mut payload.into_inner()).await?;
    let caller = caller.with_form(&form);
    let pasted = form.get("pasted").unwrap_or_default().to_owned();
    let owner = form.read::<Whose>()?.organisation_id;
    if form.get("confirm").is_none() {
        return look(&request, &caller, &form, owner, pasted).await;
    }
    let text = pasted.clone();
    let done = caller
        .command(form.sent(), move |tx, ctx| {
            let loaded = ledger::load(tx, ctx, owner, &text)?;
            Ok(loaded.map(|n| Reply::see_other(format!("/delegations/ledger?done={}-{}", n.made, n.known))))
        })
        .await;
    kept::settle(&request, &caller, &form, done, async |problem| {
        let text = pasted.clone();
        let looked = caller.read(move |tx, ctx| ledger::look(tx, ctx, owner, &text)).await.ok();
        let shown = Shown { pasted, looked, done: None };
        page(&request, &caller, problem.status, Some((&form, Some(&problem))), shown).await
    })
    .await
}

async fn look(
    request: &HttpRequest,
    caller: &Caller,
    form: &Form,
    owner: Option<OrganisationId>,
    pasted: String,
) -> Result<HttpResponse, Problem> {
    let text = pasted.clone();
    let looked = match caller.read(move |tx, ctx| ledger::look(tx, ctx, owner, &text)).await {
        Ok(looked) => looked,
        Err(problem) if !problem.faults.is_empty() => {
            let shown = Shown { pasted, ..Shown::default() };
            return page(request, caller, problem.status, Some((form, Some(&problem))), shown).await;
        }
        Err(problem) => return Err(problem),
    };
    let too_many = Problem::from(Refusal::field("/pasted", Why::too_many(MOST, looked.ledger.rows.len())));
    let refused = (looked.ledger.rows.len() > MOST).then_some(&too_many);
    let nothing = Problem::from(Refusal::field("/pasted", "required"));
    let refused = if looked.ledger.rows.is_empty() { Some(&nothing) } else { refused };
    let status = refused.map_or(StatusCode::OK, |problem| problem.status);
    let shown = Shown { pasted, looked: Some(looked), done: None };
    page(request, caller, status, Some((form, refused)), shown).await
}

/// Reads the parts of an upload: the token before anything else, then whose it is, then the file.
async fn upload(
    request: &HttpRequest,
    caller: &Caller,
    mut parts: Multipart,
) -> Result<HttpResponse, Problem> {
    let token = small(&mut parts, csrf::FIELD).await?;
    csrf::check(request, caller.state(), token.as_deref())?;
    let owner = small(&mut parts, "/organisation_id").await?.unwrap_or_default();
    let bytes = file(&mut parts).await?;
    let owner_said =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("/organisation_id", &owner).finish();
    let form = Form::parse(owner_said.as_bytes());
    let cells = caller.at_the_press(move |_settings| ledger::cells(&bytes)).await?;
    match cells {
        Ok(pasted) => look(request, caller, &form, owner.trim().parse().ok(), pasted).await,
        Err(code) => {
            let problem = Problem::from(Refusal::field("/file", code));
            page(request, caller, problem.status, Some((&form, Some(&problem))), Shown::default()).await
        }
    }
}

/// The file. Whoever sends too much is heard out for a while, so that he hears the answer.
async fn file(parts: &mut Multipart) -> Result<Vec<u8>, Problem> {
    let part = next(parts).await?.filter(|part| part.name() == Some("file"));
    let mut part = part.ok_or(Refusal::field("/file", "required"))?;
    let (mut bytes, mut sent) = (Vec::new(), 0_usize);
    while let Some(piece) = part.next().await {
        let piece = piece.map_err(broken)?;
        sent = sent.saturating_add(piece.len());
        if sent <= ledger::LARGEST {
            bytes.extend_from_slice(&piece);
        } else if sent > ledger::LARGEST.saturating_mul(8) {
            break;
        }
    }
    if sent > ledger::LARGEST { Err(Refusal::FileTooLarge.into()) } else { Ok(bytes) }
}

/// The next part, which must have this name and be small.
async fn small(parts: &mut Multipart, name: &str) -> Result<Option<String>, Problem> {
    let part = next(parts).await?.filter(|part| part.name() == Some(name));
    let Some(mut part) = part else { return Ok(None) };
    let said = part.bytes(SMALL).await.map_err(|_limit| Refusal::field(name, upload::beyond(SMALL)))?;
    Ok(Some(String::from_utf8_lossy(&said.map_err(broken)?).into_owned()))
}

async fn next(parts: &mut Multipart) -> Result<Option<Field>, Problem> {
    parts.next().await.transpose().map_err(broken)
}

/// What is wrong with the way in which the parts are put together.
fn broken(error: actix_multipart::MultipartError) -> Problem {
    match error {
        actix_multipart::MultipartError::Payload(PayloadError::Overflow) => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "payload-too-large")
        }
        _ => Problem::new(StatusCode::BAD_REQUEST, "malformed-request"),
    }
}
