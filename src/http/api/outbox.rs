//! Mails that wait, went out or were given up; and the demo's mailbox.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::ids::{AccountId, DossierId, MailId};
use crate::domain::refusal::Refusal;
use crate::http::caller::{Caller, Reply};
use crate::http::cursor::{self, Page};
use crate::http::problem::Problem;
use crate::http::{State, body};
use crate::mail;
use crate::service::outbox;
use crate::store::outbox::{Mail, MailState};

/// Which mails.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OutboxQuery {
    /// Only those in this state.
    #[serde(default)]
    state: Option<MailState>,
    /// Items, 1 to 200; 50 when absent.
    #[serde(default, deserialize_with = "cursor::limit")]
    #[param(value_type = Option<i64>)]
    limit: Option<i64>,
    /// Where the page begins.
    #[serde(default)]
    cursor: Option<String>,
}

/// A mail's row. Its text is made when it is sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailView {
    /// Id.
    pub id: MailId,
    /// State.
    pub state: MailState,
    /// Which text.
    pub template: String,
    /// To whom.
    pub recipient_id: AccountId,
    /// About which dossier.
    pub dossier_id: Option<DossierId>,
    /// The journal entry that it tells of.
    pub event_seq: i64,
    /// The same at every try.
    pub message_id: String,
    /// Tries so far.
    pub attempts: i32,
    /// Next try.
    pub due_at: DateTime<Utc>,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it went out.
    pub sent_at: Option<DateTime<Utc>>,
}

impl From<Mail> for MailView {
    fn from(from: Mail) -> Self {
        Self {
            id: from.id,
            state: from.state,
            template: from.template,
            recipient_id: from.recipient,
            dossier_id: from.dossier,
            event_seq: from.event_seq,
            message_id: from.message_id,
            attempts: from.attempts,
            due_at: from.due_at,
            last_error: from.last_error,
            created_at: from.created_at,
            sent_at: from.sent_at,
        }
    }
}

/// Mails, newest first; `state=dead` are those that were given up.
#[utoipa::path(
    get,
    path = "/api/v1/outbox",
    tag = "outbox",
    params(OutboxQuery),
    responses((status = 200, body = Page<MailView>))
)]
pub async fn list(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let query: OutboxQuery = body::query(&request)?;
    let (limit, before) = (query.limit.unwrap_or(cursor::USUAL), cursor::key(query.cursor.as_deref())?);
    let rows = caller.read(move |tx, ctx| outbox::list(tx, ctx, query.state, before, limit + 1)).await?;
    let page = Page::of(rows, limit, |row| row.id.to_string());
    let items = page.items.into_iter().map(MailView::from).collect();
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: page.next_cursor }))
}

/// Queues a mail again that was given up, kept back, or whose fate is unknown.
#[utoipa::path(
    post,
    path = "/api/v1/outbox/{id}/resend",
    tag = "outbox",
    params(("id" = MailId, Path)),
    responses((status = 200, body = MailView), (status = 409, description = "It is on its way, or was sent"))
)]
pub async fn resend(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let id: MailId = body::id(&request, "id")?;
    caller
        .command(b"", move |tx, ctx| {
            let queued = outbox::resend(tx, ctx, id)?;
            let reply = Reply::ok(&MailView::from(queued.value().clone()))?;
            Ok(queued.map(|_| reply))
        })
        .await
}

/// A mail as its reader sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceivedMail {
    /// Message-ID.
    pub message_id: String,
    /// Sender.
    pub from: String,
    /// Reader.
    pub to: String,
    /// The `Date` header.
    pub date: DateTime<Utc>,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

impl From<mail::Mail> for ReceivedMail {
    fn from(from: mail::Mail) -> Self {
        Self {
            message_id: from.message_id.to_string(),
            from: from.from.address().to_string(),
            to: from.to.address().to_string(),
            date: from.date,
            subject: from.subject,
            text: from.text,
            html: from.html,
        }
    }
}

/// The mails of the demo, newest first. Anywhere else this address does not exist.
#[utoipa::path(
    get,
    path = "/api/v1/dev/mailbox",
    tag = "outbox",
    responses((status = 200, body = Page<ReceivedMail>), (status = 404, description = "This is no demo"))
)]
pub async fn mailbox(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Problem> {
    let _none: body::NoQuery = body::query(&request)?;
    let mailbox = state.mailbox.as_ref().ok_or(Refusal::NotFound)?;
    let items = mailbox.mails().into_iter().rev().map(ReceivedMail::from).collect();
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}
