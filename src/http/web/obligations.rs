//! What somebody owes: mine, and one of a dossier that is discharged with its proof.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use serde_json::Value;

use super::controls::{Choice, Fields};
use super::form::Form;
use super::kept;
use super::shell::{self, Shell};
use super::words;
use crate::domain::codes::Code;
use crate::domain::ids::{DossierId, ObligationId};
use crate::domain::obligation::{ObligationState, Proof};
use crate::domain::refusal::Refusal;
use crate::http::body;
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::{self, Page, USUAL};
use crate::http::problem::Problem;
use crate::service::files::{self, PaperState, PaperView};
use crate::service::obligations::{self, NewProof, ObligationView};
use crate::service::views::{self, DelegationItem, DelegationView};
use crate::store::obligations::Listed;

/// What the address says.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    state: Option<String>,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "obligations.html")]
struct Mine<'p> {
    shell: &'p Shell,
    which: Listed,
    items: Vec<ObligationView>,
    known: BTreeMap<DossierId, DelegationItem>,
    next: Option<String>,
}

impl Mine<'_> {
    fn tabs(&self) -> &'static [Listed] {
        Listed::ALL
    }

    fn is(&self, which: &Listed) -> bool {
        self.which == *which
    }

    fn title(&self, id: &DossierId) -> &str {
        self.known.get(id).map_or("", |item| item.title.as_str())
    }

    fn due(&self, at: &str) -> String {
        due(at)
    }

    fn is_open(&self, one: &ObligationView) -> bool {
        one.state == ObligationState::Open
    }
}

/// A due time on Vietnam's clock.
#[must_use]
pub fn due(at: &str) -> String {
    chrono::DateTime::parse_from_rfc3339(at)
        .map_or_else(|_| at.to_owned(), |at| words::wall(at.naive_local()))
}

/// What I owe.
///
/// # Errors
/// 400 for a cursor that we did not hand out.
pub async fn mine(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let which = asked.state.as_deref().and_then(Listed::parse).unwrap_or(Listed::Open);
    let after = cursor::key(asked.cursor.as_deref())?;
    let read = caller.read(move |tx, ctx| {
        let rows = obligations::mine(tx, ctx, which, after, USUAL + 1)?;
        let ids: Vec<DossierId> = rows.iter().map(|(_, one)| one.delegation_id).collect();
        Ok((rows, views::many(tx, ctx, &ids)?))
    });
    let (rows, known) = read.await?;
    let page = Page::of(rows, USUAL, |(place, _)| place.to_string());
    let next = page.next_cursor.map(|cursor| format!("/obligations?state={which}&cursor={cursor}"));
    let page = Mine {
        shell: &shell,
        which,
        items: page.items.into_iter().map(|(_, one)| one).collect(),
        known: known.into_iter().map(|item| (item.id, item)).collect(),
        next,
    };
    shell::page(StatusCode::OK, shell.lang, &page)
}

#[derive(Template)]
#[template(path = "discharge.html")]
struct Discharge<'p> {
    shell: &'p Shell,
    fields: Fields,
    view: DelegationView,
    one: ObligationView,
    papers: Vec<PaperView>,
}

impl Discharge<'_> {
    fn wants_file(&self) -> bool {
        self.one.proof == Proof::File
    }

    fn is_open(&self) -> bool {
        self.one.state == ObligationState::Open
    }

    fn due(&self) -> String {
        due(&self.one.due_at)
    }

    fn file(&self) -> String {
        let here = self.papers.iter().filter(|paper| paper.state == PaperState::Stored);
        let choice = |paper: &PaperView| Choice {
            value: paper.id.to_string(),
            label: [Some(self.shell.coded(&paper.kind)), paper.number.clone(), paper.name.clone()]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" · "),
        };
        self.fields.one_of("/file_id", &here.map(choice).collect::<Vec<_>>())
    }
}

async fn page(
    request: &HttpRequest,
    caller: &Caller,
    status: StatusCode,
    refused: Option<(&Form, &Problem)>,
) -> Result<HttpResponse, Problem> {
    let (id, owed): (DossierId, ObligationId) = (body::id(request, "id")?, body::id(request, "owed")?);
    let shell = Shell::of(request, caller)?;
    let read = caller.read(move |tx, ctx| {
        let one = obligations::of_dossier(tx, ctx, id)?.into_iter().find(|one| one.id == owed);
        let one = one.ok_or(Refusal::NotFound)?;
        Ok((views::delegation(tx, ctx, id)?, one, files::list(tx, ctx, id)?))
    });
    let (view, one, papers) = read.await?;
    let fields = kept::fields(request, caller, refused, Value::Null).await?;
    let fields = match one.proof {
        Proof::None => fields,
        Proof::Number => fields.must(&["/number", "/date"]),
        Proof::File => fields.must(&["/file_id"]),
    };
    shell::page(status, shell.lang, &Discharge { shell: &shell, fields, view, one, papers })
}

/// Asks for the proof of a duty that is done.
///
/// # Errors
/// 404 where the reader may not know of it.
pub async fn ask(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    page(&request, &caller, StatusCode::OK, None).await
}

/// Discharges a duty.
///
/// # Errors
/// As the use case refuses, where the form cannot help.
pub async fn done(request: HttpRequest, caller: Caller, form: Form) -> Result<HttpResponse, Problem> {
    let (id, owed): (DossierId, ObligationId) = (body::id(&request, "id")?, body::id(&request, "owed")?);
    let caller = caller.with_form(&form);
    let version = caller.version()?;
    let discharge = form.command(&caller, move |tx, ctx, proof: &NewProof| {
        let done = obligations::discharge(tx, ctx, id, version, (owed, proof))?;
        Ok(done.map(|id| Reply::see_other(format!("/delegations/{id}#duties"))))
    });
    let done = discharge.await;
    kept::settle(&request, &caller, &form, done, async |problem| {
        page(&request, &caller, problem.status, Some((&form, &problem))).await
    })
    .await
}
