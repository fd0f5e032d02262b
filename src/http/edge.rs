//! The outermost layer: gives every request an id, turns every error (also actix's own) into a problem in the
//! reader's language, adds the security headers, and writes the one log line, without personal data.

use actix_web::HttpMessage;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;

use super::problem::Problem;
use crate::domain::codes::Lang;
use crate::telemetry;

/// The id of a request, in its extensions.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// The language that the reader asked for: the first of `Accept-Language` that we have, else Vietnamese.
#[must_use]
pub fn language(headers: &header::HeaderMap) -> Lang {
    let asked =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut best = (Lang::Vi, 0.0_f32);
    for item in asked.split(',') {
        let (tag, weight) = item.trim().split_once(";q=").unwrap_or((item.trim(), "1"));
        let lang = match tag.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "vi" => Lang::Vi,
            "en" => Lang::En,
            _ => continue,
        };
        let weight = weight.trim().parse().unwrap_or(0.0);
        if weight > best.1 {
            best = (lang, weight);
        }
    }
    best.0
}

/// The layer itself.
///
/// # Errors
/// None: every error becomes a response here.
pub async fn edge(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = std::time::Instant::now();
    let sent = request.headers().get("x-request-id").and_then(|value| value.to_str().ok());
    let id = telemetry::accept_request_id(sent);
    let lang = language(request.headers());
    let method = request.method().clone();
    request.extensions_mut().insert(RequestId(id.clone()));

    let answered = match next.call(request).await {
        Ok(response) => response.map_into_boxed_body(),
        // Only a layer's own failure comes here: what handlers and guards refuse is a response already.
        Err(error) => {
            let problem = from_status(error.as_response_error().status_code(), Some(error.to_string()));
            let mut response = problem.response(lang, &id);
            finish(response.headers_mut(), &id);
            return Err(InternalError::from_response(error, response).into());
        }
    };
    let problem = problem_of(&answered);
    let cause = problem.as_ref().and_then(|problem| problem.cause.clone());
    let mut response = match problem {
        Some(problem) if super::web::is_page(answered.request()) => {
            let page = super::web::errors::page(answered.request(), &problem, &id).await;
            answered.into_response(page)
        }
        Some(problem) => answered.into_response(problem.response(lang, &id)),
        None => answered,
    };
    finish(response.headers_mut(), &id);
    let route = response.request().match_pattern().unwrap_or_else(|| "-".to_owned());
    let (status, took) = (response.status().as_u16(), started.elapsed());
    match cause {
        Some(cause) => tracing::error!(request_id = %id, %method, route, status, ?took, cause, "request"),
        None => tracing::info!(request_id = %id, %method, route, status, ?took, "request"),
    }
    Ok(response)
}

/// The problem in a response: ours, or one made of an error that actix answered by itself.
fn problem_of(response: &ServiceResponse<BoxBody>) -> Option<Problem> {
    if let Some(error) = response.response().error() {
        if let Some(problem) = error.as_error::<Problem>() {
            return Some(problem.clone());
        }
        return Some(from_status(response.status(), Some(error.to_string())));
    }
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    let is_ours = response.headers().get(header::CONTENT_TYPE).is_some_and(|value| {
        // A page that says no says it itself.
        [b"application/problem+json".as_slice(), b"text/html"]
            .iter()
            .any(|own| value.as_bytes().starts_with(own))
    });
    (is_error && !is_ours).then(|| from_status(response.status(), None))
}

fn from_status(status: StatusCode, cause: Option<String>) -> Problem {
    let code = match status {
        StatusCode::NOT_FOUND => "not-found",
        StatusCode::METHOD_NOT_ALLOWED => "method-not-allowed",
        StatusCode::PAYLOAD_TOO_LARGE => "payload-too-large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported-media-type",
        StatusCode::BAD_REQUEST => "malformed-request",
        status if status.is_client_error() => "malformed-request",
        _ => "internal",
    };
    let cause = cause.filter(|_| status.is_server_error());
    Problem { cause, ..Problem::new(status, code) }
}

/// The headers that every response has: the request's id and what tells browsers to be careful.
fn finish(headers: &mut header::HeaderMap, id: &str) {
    if let Ok(value) = header::HeaderValue::from_str(id) {
        headers.insert(header::HeaderName::from_static("x-request-id"), value);
    }
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ];
    for (name, value) in fixed {
        if !headers.contains_key(&name) {
            headers.insert(name, header::HeaderValue::from_static(value));
        }
    }
}
