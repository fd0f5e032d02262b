//! What a handler knows of its request: who asks, under which right, with which version and idempotency key; and
//! the two ways to work: `read` in a snapshot, `command` through the write lane with the answer stored under the key.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::State;
use super::edge::{RequestId, language};
use super::problem::Problem;
use crate::domain::access::{Action, Actor};
use crate::domain::codes::Lang;
use crate::domain::ids::SessionId;
use crate::domain::refusal::Refusal;
use crate::service::{self, Context, Error};
use crate::store::idempotency::{self, Answer, Slot};
use crate::store::{ReadTx, Recorded, Refuses, WriteTx, accounts};

/// What the guard found out, in the request's extensions.
#[derive(Debug, Clone)]
pub struct Known {
    /// Who asks.
    pub actor: Actor,
    /// The sign-in.
    pub session: SessionId,
    /// The right that the route asks for.
    pub action: Action,
}

/// The request as a handler sees it. Only a route that the guard let pass can have one.
#[derive(Clone)]
pub struct Caller {
    /// What the guard found out.
    pub known: Known,
    /// Language of human texts.
    pub lang: Lang,
    state: web::Data<State>,
    request_id: String,
    operation: String,
    idempotency_key: Option<String>,
    if_match: Option<String>,
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// The answer of a command, as it is sent and as it is stored under an idempotency key.
#[derive(Debug, Clone)]
pub struct Reply {
    status: StatusCode,
    etag: Option<String>,
    location: Option<String>,
    body: String,
}

impl Reply {
    /// 200 with a body.
    ///
    /// # Errors
    /// A defect, when the body cannot be serialised.
    pub fn ok(body: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_string(body).map_err(Problem::defect)?;
        Ok(Self { status: StatusCode::OK, etag: None, location: None, body })
    }

    /// 201 with a body and where it now is.
    ///
    /// # Errors
    /// A defect, when the body cannot be serialised.
    pub fn created(location: impl Into<String>, body: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self { status: StatusCode::CREATED, location: Some(location.into()), ..Self::ok(body)? })
    }

    /// 202 with a body and where it is said how far it is.
    ///
    /// # Errors
    /// A defect, when the body cannot be serialised.
    pub fn accepted(location: impl Into<String>, body: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self { status: StatusCode::ACCEPTED, location: Some(location.into()), ..Self::ok(body)? })
    }

    /// With the version as a strong entity tag.
    #[must_use]
    pub fn at_version(mut self, version: i64) -> Self {
        self.etag = Some(format!("\"{version}\""));
        self
    }

    /// 303: the command is done, and the browser goes on to this page.
    #[must_use]
    pub fn see_other(location: impl Into<String>) -> Self {
        let location = Some(location.into());
        Self { status: StatusCode::SEE_OTHER, etag: None, location, body: String::new() }
    }

    /// The response.
    #[must_use]
    pub fn response(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(etag) = self.etag {
            response.insert_header((header::ETAG, etag));
        }
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        if !self.body.is_empty() {
            response.insert_header((header::CONTENT_TYPE, "application/json"));
        }
        response.body(self.body)
    }
}

impl Caller {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let known = request.extensions().get::<Known>().cloned().ok_or(Refusal::Unauthorised)?;
        let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
        let text = |name: &str| request.headers().get(name).map(|value| value.to_str().map(str::to_owned));
        let idempotency_key = text("idempotency-key").transpose().map_err(|_bytes| bad_key())?;
        if idempotency_key.as_ref().is_some_and(|key| key.is_empty() || key.len() > 255) {
            return Err(bad_key());
        }
        Ok(Self {
            known,
            lang: language(request.headers()),
            state: request
                .app_data::<web::Data<State>>()
                .cloned()
                .ok_or_else(|| Problem::defect("no state"))?,
            request_id,
            operation: format!("{} {}", request.method(), request.path()),
            idempotency_key,
            if_match: text("if-match").and_then(Result::ok),
        })
    }

    /// The same request with the version and the key that its form carries, as headers would.
    #[must_use]
    pub fn with_form(mut self, form: &super::web::form::Form) -> Self {
        self.if_match = form.get("version").map(|version| format!("\"{version}\""));
        self.idempotency_key = form.get("key").filter(|key| !key.is_empty()).map(str::to_owned);
        self
    }

    /// The same request for one row of a form, with a version and a key of its own.
    #[must_use]
    pub fn for_row(&self, version: i64, key: String) -> Self {
        Self { if_match: Some(format!("\"{version}\"")), idempotency_key: Some(key), ..self.clone() }
    }

    /// The state.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The request's id.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The version that the client saw.
    ///
    /// # Errors
    /// 428 without `If-Match`, 412 when it names no version of ours.
    pub fn version(&self) -> Result<i64, Problem> {
        let tag = self
            .if_match
            .as_deref()
            .ok_or_else(|| Problem::new(StatusCode::PRECONDITION_REQUIRED, "precondition-required"))?;
        let version =
            tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|n| n.parse().ok());
        version.ok_or_else(|| Refusal::Stale.into())
    }

    /// Reads in one snapshot, as whoever asks.
    ///
    /// # Errors
    /// What `work` refuses; denials are journalled.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut ReadTx<'_>, &Context) -> service::Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let ctx = self.context();
        let result = {
            let ctx = ctx.clone();
            self.state.store.read(move |tx| work(tx, &ctx)).await
        };
        if let Err(error) = &result
            && let Some(event) = error.event()
        {
            let id = Some(self.request_id.clone());
            service::denials::journal_once(&self.state.store, &ctx, Some(event.clone()), id).await?;
        }
        Ok(result?)
    }

    /// Runs one command as one atomic unit: who asks is read again inside it, and the answer is stored under the
    /// idempotency key with it. `body` is what the client sent, for the key's fingerprint.
    ///
    /// # Errors
    /// What `work` refuses; 422 for a key that was used with another body.
    pub async fn command(
        &self,
        body: &[u8],
        work: impl Fn(&mut WriteTx<'_>, &Context) -> service::Result<Recorded<Reply>> + Send + 'static,
    ) -> Result<HttpResponse, Problem> {
        let (session, request_id) = (self.known.session, self.request_id.clone());
        let settings = self.state.settings.clone();
        let slot = self.idempotency_key.clone().map(|key| Slot {
            account: self.known.actor.account,
            operation: self.operation.clone(),
            key,
        });
        let tag = self.if_match.clone().unwrap_or_default();
        let fingerprint = match &slot {
            Some(_) => settings
                .vault
                .mac("idempotency", &[tag.as_bytes(), b"\n", body].concat())
                .map_err(Error::from)?,
            None => [0; 32],
        };
        let reply = self
            .state
            .store
            .write(move |tx| {
                tx.request_id = Some(request_id.clone());
                let actor = accounts::actor_of_session(tx, session)?.ok_or(Refusal::Unauthorised)?;
                let ctx = Context { actor, settings: settings.clone() };
                if let Some(slot) = &slot
                    && let Some(answer) = idempotency::load(tx, slot)?
                {
                    return replay(tx, &ctx, slot, &answer, &fingerprint);
                }
                if let Some(slot) = &slot {
                    idempotency::reserve(tx, slot)?;
                }
                let reply = work(tx, &ctx)?;
                match &slot {
                    Some(slot) => keep(tx, &ctx, slot, fingerprint, reply),
                    None => Ok(reply),
                }
            })
            .await?;
        Ok(reply.response())
    }

    /// Journals what was read, before it is handed out: an export.
    ///
    /// # Errors
    /// 503 when the database cannot write now.
    pub async fn record(
        &self,
        work: impl Fn(&mut WriteTx<'_>, &Actor) -> service::Result<Recorded<()>> + Send + 'static,
    ) -> Result<(), Problem> {
        let (session, request_id) = (self.known.session, self.request_id.clone());
        let recorded = self.state.store.write(move |tx| {
            tx.request_id = Some(request_id.clone());
            let actor = accounts::actor_of_session(tx, session)?.ok_or(Refusal::Unauthorised)?;
            work(tx, &actor)
        });
        Ok(recorded.await?)
    }

    /// Works with paper when it is this request's turn, on a thread that may block.
    ///
    /// # Errors
    /// 503 when too many others wait.
    pub async fn at_the_press<T: Send + 'static>(
        &self,
        work: impl FnOnce(&service::Settings) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        super::press::at_the_press(&self.state, move |state| work(&state.settings)).await
    }

    fn context(&self) -> Context {
        Context { actor: self.known.actor.clone(), settings: self.state.settings.clone() }
    }
}

fn bad_key() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad-idempotency-key")
}

fn slot_row(slot: &Slot) -> String {
    format!("{} {} {}", slot.account, slot.operation, slot.key)
}

fn replay(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    slot: &Slot,
    answer: &Answer,
    fingerprint: &[u8; 32],
) -> service::Result<Recorded<Reply>> {
    if answer.fingerprint != fingerprint {
        return Err(Refusal::KeyReused.into());
    }
    let body = ctx.vault().open_installation("idempotency", "body", slot_row(slot), &answer.body)?;
    let reply = Reply {
        status: u16::try_from(answer.status)
            .ok()
            .and_then(|status| StatusCode::from_u16(status).ok())
            .unwrap_or(StatusCode::OK),
        etag: answer.etag.clone(),
        location: answer.location.clone(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    Ok(tx.unrecorded("a stored answer is given again", reply))
}

fn keep(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    slot: &Slot,
    fingerprint: [u8; 32],
    reply: Recorded<Reply>,
) -> service::Result<Recorded<Reply>> {
    let kept = reply.value();
    let answer = Answer {
        fingerprint: fingerprint.to_vec(),
        status: i32::from(kept.status.as_u16()),
        etag: kept.etag.clone(),
        location: kept.location.clone(),
        body: ctx.vault().seal_installation("idempotency", "body", slot_row(slot), kept.body.as_bytes())?,
    };
    idempotency::keep(tx, slot, &answer)?;
    Ok(reply)
}

impl From<Problem> for Error {
    /// Inside a command only a body that cannot be serialised makes a problem.
    fn from(problem: Problem) -> Self {
        Self::Vault(problem.cause.unwrap_or(problem.code))
    }
}
