//! Bodies, queries and path segments as typed values, with errors that name the field: 400 for what is not JSON or
//! no known parameter, 422 for what is no valid field, 415 for another media type, 404 for an id that is none.

use actix_web::HttpRequest;
use actix_web::http::{StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::problem::Problem;
use crate::domain::refusal::{Fault, Refusal, Wanted};

/// Most bytes of a JSON body.
pub const LIMIT: usize = 1024 * 1024;

/// Reads a JSON body. An empty body reads as `{}`, for commands that need no words. What has a body has no query.
///
/// # Errors
/// 415, 400 or 422.
pub fn json<T: DeserializeOwned>(request: &HttpRequest, bytes: &[u8]) -> Result<T, Problem> {
    let _none: NoQuery = query(request)?;
    if bytes.is_empty() {
        return parse(b"{}");
    }
    let media =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    if !matches!(media, "application/json" | "application/merge-patch+json") {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type"));
    }
    parse(bytes)
}

/// Reads the JSON in a part of a form.
///
/// # Errors
/// 400 or 422.
pub fn part<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    parse(bytes)
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut source = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut source).map_err(|error| {
        let path = error.path().clone();
        faulty(&path, error.inner())
    })?;
    source.end().map_err(|_trailing| malformed())?;
    Ok(value)
}

/// Reads a value out of JSON that was parsed before, such as a merged patch.
///
/// # Errors
/// 422 with the field.
pub fn value<T: DeserializeOwned>(json: serde_json::Value) -> Result<T, Refusal> {
    serde_path_to_error::deserialize(json).map_err(|error| {
        let path = error.path().clone();
        Refusal::Invalid(vec![fault(&path, &error.inner().to_string())])
    })
}

/// What a JSON merge patch (RFC 7396) makes of a value.
///
/// # Errors
/// 422 with the field.
pub fn merged<T: Serialize + DeserializeOwned>(known: &T, patch: &serde_json::Value) -> Result<T, Refusal> {
    let mut merged = serde_json::to_value(known).unwrap_or_default();
    json_patch::merge(&mut merged, patch);
    value(merged)
}

fn malformed() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed-json")
}

fn faulty(path: &serde_path_to_error::Path, error: &serde_json::Error) -> Problem {
    if error.is_data() { Refusal::Invalid(vec![fault(path, &error.to_string())]).into() } else { malformed() }
}

/// How chrono says that a text is no day or instant.
const NO_DATE: [&str; 4] = [
    "input contains invalid characters",
    "premature end of input",
    "input is out of range",
    "trailing input",
];

/// A name as a segment of a JSON pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn fault(path: &serde_path_to_error::Path, words: &str) -> Fault {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Map { key } => pointer += &format!("/{}", escaped(key)),
            Segment::Seq { index } => pointer += &format!("/{index}"),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    let quoted = escaped(words.split('`').nth(1).unwrap_or_default());
    if words.starts_with("unknown field") {
        if pointer.rsplit('/').next() != Some(quoted.as_str()) {
            pointer += &format!("/{quoted}");
        }
        return Fault::at(pointer, "unknown-field");
    }
    if words.starts_with("missing field") {
        return Fault::at(format!("{pointer}/{quoted}"), "required");
    }
    let wanted = wanted(words);
    let code = if words.starts_with("unknown variant") {
        "unknown-code"
    } else if NO_DATE.iter().any(|no_date| words.contains(no_date)) {
        "not-a-date"
    } else {
        "wrong-type"
    };
    match code {
        "wrong-type" => Fault { wanted, ..Fault::at(pointer, code) },
        code => Fault::at(pointer, code),
    }
}

/// What should have stood there, by how serde says it.
fn wanted(words: &str) -> Option<Wanted> {
    if words.contains("UUID") {
        return Some(Wanted::Choice);
    }
    let (_, expected) = words.split_once(", expected ")?;
    let first = expected.split([' ', ',']).next().unwrap_or_default();
    let is_number = matches!(first, "i32" | "i64" | "u16" | "u32" | "u64" | "usize");
    [
        (is_number, Wanted::Number),
        (expected.starts_with("a boolean"), Wanted::YesOrNo),
        (expected.starts_with("a string") || expected.starts_with("a borrowed string"), Wanted::Text),
        (expected.starts_with("a sequence"), Wanted::List),
        (expected.starts_with("a map") || first == "struct", Wanted::Parts),
        (first == "UUID" || expected.contains("UUID"), Wanted::Choice),
    ]
    .into_iter()
    .find_map(|(is, wanted)| is.then_some(wanted))
}

/// Reads the query string; unknown parameters are refused, so that no filter is silently ignored.
///
/// # Errors
/// 400 with the parameter.
pub fn query<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, Problem> {
    let pairs = actix_web::web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    let pairs = pairs.map_err(|_encoding| Problem::new(StatusCode::BAD_REQUEST, "malformed-request"))?;
    let mut fields = serde_json::Map::new();
    for (name, value) in pairs.into_inner() {
        // PostgreSQL takes no NUL in a text, and nothing that we look for holds a control character.
        if value.chars().any(char::is_control) {
            return Err(bad_parameter(&name, "control-characters"));
        }
        if fields.insert(name.clone(), serde_json::Value::String(value)).is_some() {
            return Err(bad_parameter(&name, "listed-twice"));
        }
    }
    serde_path_to_error::deserialize(serde_json::Value::Object(fields)).map_err(|error| {
        let path = error.path().clone();
        let fault = fault(&path, &error.inner().to_string());
        bad_parameter(fault.pointer.trim_start_matches('/'), fault.code)
    })
}

/// A yes or no from the query: `true` or `false`, as text.
///
/// # Errors
/// When it is neither.
pub fn flag<'de, D: serde::Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    let text = <String as serde::Deserialize>::deserialize(from)?;
    text.parse().map_err(|_neither| serde::de::Error::custom("out of range"))
}

/// A number from the query, as text.
///
/// # Errors
/// When it is none.
pub fn number<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let text = <String as serde::Deserialize>::deserialize(from)?;
    text.parse().map_err(|_none| serde::de::Error::custom("out of range"))
}

/// A number from the query that may be absent.
///
/// # Errors
/// When it is there and none.
pub fn perhaps_number<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    number(from).map(Some)
}

/// 400 for a query parameter: unknown, or with a value that is none.
#[must_use]
pub fn bad_parameter(name: &str, code: &'static str) -> Problem {
    let kind = if code == "unknown-field" { "unknown-parameter" } else { "invalid-parameter" };
    Problem {
        faults: vec![Fault::at(format!("?{name}"), code)],
        ..Problem::new(StatusCode::BAD_REQUEST, kind)
    }
}

/// An id in the path; what is none cannot be found.
///
/// # Errors
/// 404.
pub fn id<T: std::str::FromStr>(request: &HttpRequest, name: &str) -> Result<T, Problem> {
    request.match_info().get(name).and_then(|text| text.parse().ok()).ok_or_else(|| Refusal::NotFound.into())
}

/// A query string without parameters.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoQuery {}
