//! The journal, for auditors.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::access::Action;
use crate::http::body;
use crate::http::caller::Caller;
use crate::http::cursor::{self, Page};
use crate::http::problem::Problem;
use crate::store::journal::{self, Filter, Listed};

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct JournalQuery {
    /// Only those by this account.
    #[serde(default)]
    actor_id: Option<String>,
    /// Only those about this kind of object, such as `dossier` or `account`.
    #[serde(default)]
    object_kind: Option<String>,
    /// Only those about this object.
    #[serde(default)]
    object_id: Option<String>,
    /// Only this action, such as `delegation.approved`.
    #[serde(default)]
    action: Option<String>,
    /// Only at or after this instant.
    #[serde(default)]
    from: Option<DateTime<Utc>>,
    /// Only before this instant.
    #[serde(default)]
    to: Option<DateTime<Utc>>,
    /// Items, 1 to 200; 50 when absent.
    #[serde(default, deserialize_with = "cursor::limit")]
    #[param(value_type = Option<i64>)]
    limit: Option<i64>,
    /// Where the page begins.
    #[serde(default)]
    cursor: Option<String>,
}

/// One entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryView {
    /// Position, from 0.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Account that acted; absent for the system.
    pub actor_id: Option<String>,
    /// Organisation concerned.
    pub organisation_id: Option<String>,
    /// What happened.
    pub action: String,
    /// Kind of the object.
    pub object_kind: String,
    /// Id of the object.
    pub object_id: String,
    /// Request in which it happened.
    pub request_id: Option<String>,
    /// Values that were not erased.
    pub values: BTreeMap<String, String>,
}

impl From<Listed> for EntryView {
    fn from(from: Listed) -> Self {
        Self {
            seq: from.seq,
            at: from.at,
            actor_id: from.actor_id,
            organisation_id: from.organisation_id,
            action: from.action,
            object_kind: from.object_kind,
            object_id: from.object_id,
            request_id: from.request_id,
            values: from.values.into_iter().collect(),
        }
    }
}

/// What happened, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/journal",
    tag = "journal",
    params(JournalQuery),
    responses((status = 200, body = Page<EntryView>))
)]
pub async fn list(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let query: JournalQuery = body::query(&request)?;
    let limit = query.limit.unwrap_or(cursor::USUAL);
    let filter = Filter {
        actor_id: query.actor_id,
        object_kind: query.object_kind,
        object_id: query.object_id,
        action: query.action,
        from: query.from,
        to: query.to,
        before: cursor::key(query.cursor.as_deref())?,
        ..Filter::default()
    };
    let rows = caller
        .read(move |tx, ctx| {
            ctx.must(Action::ReadJournal)?;
            Ok(journal::list(tx, &filter, limit + 1)?)
        })
        .await?;
    let page = Page::of(rows, limit, |row| row.seq.to_string());
    let items = page.items.into_iter().map(EntryView::from).collect();
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: page.next_cursor }))
}
