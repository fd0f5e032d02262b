//! The journal, for auditors: what happened, proofs of single entries, the signed checkpoint and the keys to verify them.

use std::collections::BTreeMap;

use actix_web::http::header::{CONTENT_DISPOSITION, ContentType, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::access::Action;
use crate::domain::refusal::Refusal;
use crate::http::body::{self, NoQuery};
use crate::http::caller::Caller;
use crate::http::cursor::{self, Page};
use crate::http::problem::Problem;
use crate::service::{Error, evidence};
use crate::store::checkpoints::{self, Kept};
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

/// A proof that an entry is in the journal, to be checked with the public key alone: a C2SP transparency log proof
/// (`c2sp.org/tlog-proof@v1`) whose extra line is the entry's leaf. A checkpoint is made, if none covers the entry yet.
#[utoipa::path(
    get,
    path = "/api/v1/journal/{seq}/proof",
    tag = "journal",
    params(("seq" = u64, Path, description = "The entry's sequence number")),
    responses(
        (status = 200, body = String, content_type = "text/plain", description = "The proof"),
        (status = 404, description = "No such entry")
    )
)]
pub async fn proof(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let _none: NoQuery = body::query(&request)?;
    let seq: u64 =
        request.match_info().get("seq").and_then(|seq| seq.parse().ok()).ok_or(Refusal::NotFound)?;
    let found = match prove(&caller, seq).await? {
        Some(found) => found,
        None => {
            covering(&caller, seq).await?;
            prove(&caller, seq).await?.ok_or(Refusal::NotFound)?
        }
    };
    Ok(text(found))
}

async fn prove(caller: &Caller, seq: u64) -> Result<Option<String>, Problem> {
    let installation = caller.state().store.installation();
    caller
        .read(move |tx, ctx| {
            ctx.must(Action::ReadJournal)?;
            let keys = evidence::keys(ctx.vault(), installation)?;
            Ok(evidence::prove(tx, &keys, seq)?.map(|proof| proof.to_string()))
        })
        .await
}

async fn covering(caller: &Caller, seq: u64) -> Result<Kept, Problem> {
    let settings = caller.state().settings.clone();
    let made = caller.state().store.write(move |tx| {
        let kept = evidence::covering(tx, &settings, seq)?;
        Ok::<_, Error>(tx.unrecorded("a checkpoint is about the journal and no part of it", kept))
    });
    Ok(made.await?)
}

/// The last signed checkpoint, as a C2SP note (`c2sp.org/tlog-checkpoint`): origin, number of entries, root, signature.
#[utoipa::path(
    get,
    path = "/api/v1/journal/checkpoint",
    tag = "journal",
    responses((status = 200, body = String, content_type = "text/plain", description = "The note"))
)]
pub async fn checkpoint(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let _none: NoQuery = body::query(&request)?;
    let last = caller.read(|tx, ctx| {
        ctx.must(Action::ReadJournal)?;
        Ok(checkpoints::last(tx)?)
    });
    let last = match last.await? {
        Some(last) => last,
        None => covering(&caller, 0).await?,
    };
    Ok(text(last.note))
}

/// Between which checkpoints.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConsistencyQuery {
    /// Number of entries of the older checkpoint, from 1.
    #[serde(deserialize_with = "body::number")]
    from: u64,
    /// Number of entries of the newer one, which must have been signed here; the last one, if absent.
    #[serde(default, deserialize_with = "body::perhaps_number")]
    to: Option<u64>,
}

/// A proof that an older checkpoint is the beginning of a newer one (RFC 6962 section 2.1.2), to be checked with the
/// public key alone: `old` and a number, a hash a line (Base64), an empty line, the newer checkpoint
/// (`c2sp.org/tlog-witness`).
#[utoipa::path(
    get,
    path = "/api/v1/journal/consistency",
    tag = "journal",
    params(ConsistencyQuery),
    responses(
        (status = 200, body = String, content_type = "text/plain", description = "The proof"),
        (status = 404, description = "No such checkpoint, or it is older than `from`")
    )
)]
pub async fn consistency(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let query: ConsistencyQuery = body::query(&request)?;
    if query.from == 0 {
        return Err(body::bad_parameter("from", "out-of-range"));
    }
    let proof = caller.read(move |tx, ctx| {
        ctx.must(Action::ReadJournal)?;
        Ok(evidence::consistency(tx, query.from, query.to)?.to_string())
    });
    let mut response = text(proof.await?);
    let name = format!("attachment; filename=\"legation-journal-from-{}.consistency\"", query.from);
    let name = HeaderValue::from_str(&name).map_err(Problem::defect)?;
    response.headers_mut().insert(CONTENT_DISPOSITION, name);
    Ok(response)
}

/// The public keys that verify checkpoints and proofs, `NAME+ID+KEY`, one a line; the first one is in use. Whoever does
/// not trust this service asks the office for them on another way.
#[utoipa::path(
    get,
    path = "/api/v1/journal/keys",
    tag = "journal",
    responses((status = 200, body = String, content_type = "text/plain", description = "The keys"))
)]
pub async fn keys(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let _none: NoQuery = body::query(&request)?;
    let installation = caller.state().store.installation();
    let keys = caller.read(move |_tx, ctx| {
        ctx.must(Action::ReadJournal)?;
        evidence::keys(ctx.vault(), installation)
    });
    let mut lines: Vec<String> = keys.await?.iter().map(ToString::to_string).collect();
    lines.push(String::new());
    Ok(text(lines.join("\n")))
}

fn text(words: String) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::plaintext()).body(words)
}
