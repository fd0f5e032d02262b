//! What waits for me, a secretary's preparing of it, and deciding on several dossiers at once with an answer per row.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::approval::{Addressee, Verdict};
use crate::domain::codes::SigningForm;
use crate::domain::ids::{DossierId, MemberId};
use crate::http::body::{self, NoQuery};
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::{MOST, Page};
use crate::http::problem::Problem;
use crate::service::decisions::{self, NewDecision};
use crate::service::desks::{self, Desk};
use crate::service::views::{self, InboxItem};
use crate::store::StoreError;

/// What waits for me, longest waiting first: why, and since when.
#[utoipa::path(get, path = "/api/v1/inbox", tag = "inbox", responses((status = 200, body = Page<InboxItem>)))]
pub async fn inbox(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let _none: NoQuery = body::query(&request)?;
    let items = caller.read(|tx, ctx| views::inbox(tx, ctx, MOST)).await?;
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}

/// How many dossiers were prepared otherwise than before.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Changed {
    /// So many.
    pub changed: usize,
}

/// Puts the leaders' inbox in order, with a note for each dossier. The secretary of their organisation does; nothing is
/// decided by it. Dossiers that are not named stay as they are.
#[utoipa::path(
    post,
    path = "/api/v1/inbox/prepare",
    tag = "inbox",
    request_body = Desk,
    responses((status = 200, body = Changed))
)]
pub async fn prepare(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let desk: Desk = body::json(&request, &bytes)?;
    caller
        .command(&bytes, move |tx, ctx| {
            let done = desks::prepare(tx, ctx, &desk)?;
            let reply = Reply::ok(&Changed { changed: *done.value() })?;
            Ok(done.map(|_| reply))
        })
        .await
}

/// One row of a bulk decision.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkRow {
    /// The dossier.
    pub delegation_id: DossierId,
    /// The version that was seen.
    pub version: i64,
    /// What.
    pub decision: Verdict,
    /// Why.
    #[serde(default)]
    pub comment: String,
    /// With `return`: to whom; the requester, if absent.
    pub to: Option<Addressee>,
    /// With `return` to the requester: the day by which the supplement is due.
    pub due_on: Option<NaiveDate>,
    /// With `approve_with_conditions`: the conditions.
    #[serde(default)]
    pub conditions: String,
    /// With `approve_with_conditions`: members who are struck out.
    #[serde(default)]
    pub strike_members: Vec<MemberId>,
    /// With `approve_with_conditions`: items of the programme that are struck out, by place from 0.
    #[serde(default)]
    pub strike_programme: Vec<usize>,
    /// Signing forms.
    #[serde(default)]
    pub forms: Vec<SigningForm>,
}

/// Several decisions.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bulk {
    /// Rows, at most 200.
    pub items: Vec<BulkRow>,
}

/// What became of one row.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BulkResult {
    /// The dossier.
    pub delegation_id: DossierId,
    /// Status that the row would have had alone.
    pub status: u16,
    /// The problem, where it was refused.
    pub problem: Option<Value>,
    /// The dossier's version now, where it was done.
    pub version: Option<i64>,
}

/// What became of all rows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BulkResults {
    /// In the order of the rows.
    pub results: Vec<BulkResult>,
}

/// Decides on several dossiers: each row by itself, done or refused with its reason.
#[utoipa::path(
    post,
    path = "/api/v1/decisions",
    tag = "inbox",
    request_body = Bulk,
    responses((status = 200, body = BulkResults))
)]
pub async fn decide_all(
    request: HttpRequest,
    caller: Caller,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let bulk: Bulk = body::json(&request, &bytes)?;
    if bulk.items.is_empty() || bulk.items.len() > usize::try_from(MOST).unwrap_or_default() {
        return Err(crate::domain::refusal::Refusal::field("/items", "out-of-range").into());
    }
    let (lang, request_id) = (caller.lang, caller.request_id().to_owned());
    caller
        .command(&bytes, move |tx, ctx| {
            ctx.must(crate::domain::access::Action::Decide)?;
            decisions::lock_all(tx, ctx, bulk.items.iter().map(|row| row.delegation_id))?;
            let mut results = Vec::new();
            let mut done = None;
            for row in &bulk.items {
                let new = NewDecision {
                    decision: row.decision,
                    comment: row.comment.clone(),
                    to: row.to,
                    due_on: row.due_on,
                    conditions: row.conditions.clone(),
                    strike_members: row.strike_members.clone(),
                    strike_programme: row.strike_programme.clone(),
                    forms: row.forms.clone(),
                };
                let id = row.delegation_id;
                // Two writers met all the same: then all rows run again.
                let attempt = tx
                    .attempt(|tx| decisions::decide(tx, ctx, id, row.version, &new))
                    .map_err(|_fault| StoreError::Conflict)?;
                results.push(match attempt {
                    Ok(recorded) => {
                        done = Some(recorded.map(|_| ()));
                        BulkResult {
                            delegation_id: id,
                            status: 200,
                            problem: None,
                            version: Some(row.version + 1),
                        }
                    }
                    Err(error) => {
                        let problem = Problem::from(error);
                        BulkResult {
                            delegation_id: id,
                            status: problem.status.as_u16(),
                            problem: Some(problem.json(lang, &request_id)),
                            version: None,
                        }
                    }
                });
            }
            let reply = Reply::ok(&BulkResults { results })?;
            Ok(match done {
                Some(done) => done.map(|()| reply),
                None => tx.unrecorded("every row was refused, and its denial journalled", reply),
            })
        })
        .await
}
