//! Errors as clients see them: problem details (RFC 9457) with a stable code, words in the reader's language, and
//! never a cause. One table leads from a refusal to its status.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Value, json};

use crate::domain::codes::{Code, Lang};
use crate::domain::refusal::{Fault, Limit, Refusal, Violation};
use crate::domain::rulebook::{LackView, MismatchView};
use crate::paper::PaperError;
use crate::service::Error;
use crate::store::StoreError;
use crate::texts;

/// An error on its way to the client.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Status.
    pub status: StatusCode,
    /// Stable kebab-case code; the `type` is made of it.
    pub code: String,
    /// Faults of single fields.
    pub faults: Vec<Fault>,
    /// Rules that stop the command.
    pub violations: Vec<Violation>,
    /// Further members, such as the present state.
    pub more: Vec<(&'static str, Value)>,
    /// Seconds after which to try again.
    pub retry_after: Option<u64>,
    /// Methods that are allowed, for 405.
    pub allow: Option<String>,
    /// What to log; never sent.
    pub cause: Option<String>,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.code)
    }
}

impl Problem {
    /// A problem with nothing but its code.
    pub fn new(status: StatusCode, code: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            faults: Vec::new(),
            violations: Vec::new(),
            more: Vec::new(),
            retry_after: None,
            allow: None,
            cause: None,
        }
    }

    /// A defect: opaque to the client, told to the log.
    pub fn defect(cause: impl ToString) -> Self {
        Self { cause: Some(cause.to_string()), ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal") }
    }

    /// Too much is under way: worth another try soon.
    pub fn busy(cause: impl ToString) -> Self {
        Self {
            retry_after: Some(2),
            cause: Some(cause.to_string()),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy")
        }
    }

    /// The response in a language.
    #[must_use]
    pub fn response(&self, lang: Lang, request_id: &str) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        response.insert_header((header::CONTENT_LANGUAGE, lang.code()));
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if let Some(allow) = &self.allow {
            response.insert_header((header::ALLOW, allow.clone()));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        response.body(self.json(lang, request_id).to_string())
    }

    /// The body in a language.
    #[must_use]
    pub fn json(&self, lang: Lang, request_id: &str) -> Value {
        let mut body = json!({
            "type": format!("urn:legation:problem:{}", self.code),
            "title": texts::text(lang, &format!("problem-{}", self.code), &[]),
            "status": self.status.as_u16(),
            "code": self.code,
            "request_id": request_id,
        });
        if let Some(fields) = body.as_object_mut() {
            if !self.faults.is_empty() {
                fields.insert(
                    "errors".to_owned(),
                    self.faults.iter().map(|fault| fault_json(fault, lang)).collect(),
                );
            }
            if !self.violations.is_empty() {
                fields.insert(
                    "violations".to_owned(),
                    self.violations.iter().map(|violation| violation_json(violation, lang)).collect(),
                );
            }
            for (name, value) in &self.more {
                fields.insert((*name).to_owned(), value.clone());
            }
        }
        body
    }
}

fn fault_json(fault: &Fault, lang: Lang) -> Value {
    let field = fault.pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default();
    let mut said = json!({
        "pointer": fault.pointer,
        "code": fault.code,
        "message": fault_message(fault, lang, field),
    });
    if let (Some(limit), Some(fields)) = (fault.limit, said.as_object_mut()) {
        let counted = limit.counted.code();
        fields.insert("limit".to_owned(), json!({"most": limit.most, "there": limit.there, "of": counted}));
    }
    said
}

/// How much is taken, and how much there is: "Tối đa 300 ký tự; đang có 340".
#[must_use]
pub fn limit_words(lang: Lang, limit: Limit) -> String {
    let key = match limit.there {
        Some(_) => format!("field-at-most-{}", limit.counted.code()),
        None => format!("field-limit-{}", limit.counted.code()),
    };
    let there = limit.there.map(|there| grouped(lang, there)).unwrap_or_default();
    texts::text(lang, &key, &[("most", &grouped(lang, limit.most)), ("there", &there)])
}

/// A number with its thousands apart, as this language writes it.
fn grouped(lang: Lang, n: usize) -> String {
    let mark = if lang == Lang::Vi { '.' } else { ',' };
    let digits = n.to_string();
    let mut said = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            said.push(mark);
        }
        said.push(digit);
    }
    said
}

fn fault_message(fault: &Fault, lang: Lang, field: &str) -> String {
    if let Some(limit) = fault.limit {
        return limit_words(lang, limit);
    }
    let key = match fault.wanted {
        Some(wanted) => format!("field-wants-{}", wanted.code().replace('_', "-")),
        None => format!("field-{}", fault.code),
    };
    texts::text(lang, &key, &[("field", field)])
}

fn violation_json(violation: &Violation, lang: Lang) -> Value {
    let message = match lang {
        Lang::Vi => &violation.message_vi,
        Lang::En => &violation.message_en,
    };
    json!({
        "rule": violation.rule,
        "severity": violation.severity,
        "citation": violation.citation,
        "message": message,
        "latest_on": violation.latest_on,
        "fields": violation.fields,
        "lacking": violation.lacking.iter().map(|one| lack_json(one, lang)).collect::<Vec<_>>(),
        "mismatches": violation.mismatches.iter().map(|one| mismatch_json(one, lang)).collect::<Vec<_>>(),
    })
}

fn lack_json(lack: &LackView, lang: Lang) -> Value {
    let name = match lang {
        Lang::Vi => &lack.name_vi,
        Lang::En => &lack.name_en,
    };
    json!({ "kind": lack.kind, "code": lack.code, "name": name })
}

fn mismatch_json(mismatch: &MismatchView, lang: Lang) -> Value {
    let sentence = match lang {
        Lang::Vi => &mismatch.sentence_vi,
        Lang::En => &mismatch.sentence_en,
    };
    json!({ "kind": mismatch.kind, "fields": mismatch.fields, "sentence": sentence })
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    /// The edge renders problems in the reader's language; this is what remains without it.
    fn error_response(&self) -> HttpResponse {
        self.response(Lang::Vi, "")
    }
}

/// The status of each refusal.
fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::NotFound => StatusCode::NOT_FOUND,
        Refusal::Forbidden(_)
        | Refusal::SelfApproval
        | Refusal::OwnHouse
        | Refusal::NotYourTurn
        | Refusal::NoPerson => StatusCode::FORBIDDEN,
        Refusal::Unauthorised | Refusal::InvalidCredentials => StatusCode::UNAUTHORIZED,
        Refusal::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Invalid(_)
        | Refusal::Rules(_)
        | Refusal::Unready(..)
        | Refusal::KeyReused
        | Refusal::StateSecret => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::IllegalMove { .. }
        | Refusal::AlreadyDecided
        | Refusal::BindingObjection
        | Refusal::AlreadyArrived
        | Refusal::PaperSealed
        | Refusal::PaperOutdated
        | Refusal::PlanItemInUse
        | Refusal::Taken(_) => StatusCode::CONFLICT,
        Refusal::PaperGone => StatusCode::GONE,
        Refusal::FileTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::Stale => StatusCode::PRECONDITION_FAILED,
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let mut problem = Self::new(status_of(&refusal), refusal.code());
        match refusal {
            Refusal::Invalid(faults) => problem.faults = faults,
            Refusal::Rules(violations) => problem.violations = violations,
            Refusal::Unready(faults, violations) => {
                (problem.faults, problem.violations) = (faults, violations);
            }
            Refusal::TooMany(seconds) => problem.retry_after = Some(seconds),
            Refusal::IllegalMove { state, command } => {
                problem.more = vec![("state", state.into()), ("command", command.into())];
            }
            Refusal::Forbidden(action) => problem.more = vec![("action", action.code().into())],
            Refusal::Taken(what) => problem.more = vec![("what", what.into())],
            // What to do instead: number and date alone are recorded.
            Refusal::StateSecret => {
                problem.more = vec![(
                    "handled_offline",
                    json!({"method": "POST", "path": "/api/v1/delegations/{id}/papers/offline",
                        "body": {"kind": "request_letter", "number": "..", "date": "2026-01-31"}}),
                )];
            }
            _ => {}
        }
        problem
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Refusal::NotFound.into(),
            StoreError::Stale => Refusal::Stale.into(),
            StoreError::Unavailable(cause) => Self::busy(cause),
            StoreError::Conflict => Self::busy("write conflict"),
            other => Self::defect(other),
        }
    }
}

impl From<PaperError> for Problem {
    fn from(error: PaperError) -> Self {
        let cause = Some(error.to_string());
        match error {
            PaperError::TooLarge { .. } => {
                Self { cause, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "paper-too-large") }
            }
            PaperError::NotBuilt => Self::new(StatusCode::NOT_IMPLEMENTED, "pdf-not-built"),
            PaperError::Template { .. } | PaperError::Write(_) => Self::defect(error),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused { refusal, .. } => refusal.into(),
            Error::Store(error) => error.into(),
            Error::Vault(cause) => Self::defect(cause),
        }
    }
}
