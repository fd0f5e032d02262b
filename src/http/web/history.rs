//! The whole timeline of a dossier, page by page; its own page shows the newest part.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::shell::{self, Shell};
use super::timeline;
use crate::domain::ids::DossierId;
use crate::http::body;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::service::users;
use crate::service::views::{self, DelegationView, HistoryItem};

/// Entries of one page.
const ENTRIES: i64 = 100;

/// What the address may say.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// Only entries before this place in the journal.
    before: Option<i64>,
}

#[derive(Template)]
#[template(path = "history.html")]
struct Page<'p> {
    shell: &'p Shell,
    view: DelegationView,
    history: Vec<HistoryItem>,
    people: BTreeMap<String, String>,
    older: Option<i64>,
}

impl Page<'_> {
    fn timeline(&self) -> Vec<timeline::Line> {
        timeline::lines(self.shell, &self.history, &self.people)
    }
}

/// One page of it, the newest first.
///
/// # Errors
/// 404 where the reader may not know of the dossier.
pub async fn show(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let id: DossierId = body::id(&request, "id")?;
    let shell = Shell::of(&request, &caller)?;
    let before = asked.before;
    let read = caller.read(move |tx, ctx| {
        let view = views::delegation(tx, ctx, id)?;
        let mut history = views::history(tx, ctx, id, before, ENTRIES + 1)?;
        let is_more = i64::try_from(history.len()).unwrap_or(i64::MAX) > ENTRIES;
        if is_more {
            history.pop();
        }
        let actors = history.iter().filter_map(|item| item.actor_id.as_deref()?.parse().ok()).collect();
        let older = history.last().filter(|_| is_more).map(|last| last.seq);
        Ok((view, users::names(tx, actors)?, history, older))
    });
    let (view, people, history, older) = read.await?;
    shell::page(StatusCode::OK, shell.lang, &Page { shell: &shell, view, history, people, older })
}
