//! What somebody owes: mine, and one of a dossier that is discharged with its proof.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;

use super::controls::{Choice, Fields};
use super::form::Form;
use super::inbox::Due;
use super::kept;
use super::shell::{self, Shell};
use super::words;
use crate::clock::day_in_vietnam;
use crate::domain::calendar::Calendar;
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
use crate::store::obligations::{After, Listed};

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
    /// Working days that are left for what is still owed.
    left: BTreeMap<ObligationId, i64>,
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

    /// When something is due; of what is still owed also how much time is left, by `left`.
    fn due(&self, one: &ObligationView) -> Due {
        let on = chrono::DateTime::parse_from_rfc3339(&one.due_at).ok().map(|at| at.date_naive());
        let mut said = Due::of(self.shell, on, self.left.get(&one.id).copied());
        said.day = due(&one.due_at);
        if one.overdue && on == Some(self.shell.today) {
            said = Due { tone: "late", left: self.shell.t("dossier-overdue"), ..said };
        }
        said
    }

    /// Whether it was done, and after the day it was due.
    fn is_done_late(&self, one: &ObligationView) -> bool {
        let due = chrono::DateTime::parse_from_rfc3339(&one.due_at).map(|at| at.date_naive());
        let done = one.done.as_ref().map(|done| done.date.unwrap_or_else(|| day_in_vietnam(done.at)));
        done.zip(due.ok()).is_some_and(|(done, due)| done > due)
    }

    fn is_open(&self, one: &ObligationView) -> bool {
        one.state == ObligationState::Open
    }
}

/// How many working days are left from `today` until each of these is due, as far as it is still owed.
fn left(
    calendar: &Calendar,
    today: NaiveDate,
    owed: &[(After, ObligationView)],
) -> BTreeMap<ObligationId, i64> {
    let open = owed.iter().map(|(_, one)| one).filter(|one| one.state == ObligationState::Open);
    let days = |one: &ObligationView| {
        let due = chrono::DateTime::parse_from_rfc3339(&one.due_at).ok()?;
        Some((one.id, calendar.working_days_between(today, due.date_naive())))
    };
    open.filter_map(days).collect()
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
        let left = left(&ctx.settings.calendar, day_in_vietnam(tx.now()), &rows);
        Ok((rows, views::many(tx, ctx, &ids)?, left))
    });
    let (rows, known, left) = read.await?;
    let page = Page::of(rows, USUAL, |(place, _)| place.to_string());
    let next = page.next_cursor.map(|cursor| format!("/obligations?state={which}&cursor={cursor}"));
    let page = Mine {
        shell: &shell,
        which,
        items: page.items.into_iter().map(|(_, one)| one).collect(),
        known: known.into_iter().map(|item| (item.id, item)).collect(),
        left,
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
