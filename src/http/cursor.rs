//! Pages by keyset: an opaque cursor holds the key of the last item, so that pages neither skip nor repeat rows
//! when others are added.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::problem::Problem;
use crate::domain::refusal::Fault;

/// Most items of a page.
pub const MOST: i64 = 200;
/// Items of a page when none are asked for.
pub const USUAL: i64 = 50;

/// One page.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// Items.
    pub items: Vec<T>,
    /// Where the next page begins; absent on the last.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of at most `limit` out of `limit + 1` rows.
    #[must_use]
    pub fn of(mut rows: Vec<T>, limit: i64, key: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or_default();
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|last| opaque(key(last)));
        Self { items: rows, next_cursor }
    }
}

/// A key as an opaque cursor.
#[must_use]
pub fn opaque(key: String) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

/// The key in a cursor.
///
/// # Errors
/// 400 for what we did not hand out.
pub fn key<T: std::str::FromStr>(cursor: Option<&str>) -> Result<Option<T>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let text = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.filter(|text| !text.contains('\0')); // PostgreSQL takes none
    text.and_then(|text| text.parse().ok()).map(Some).ok_or_else(|| Problem {
        faults: vec![Fault::at("?cursor", "invalid-cursor")],
        ..Problem::new(actix_web::http::StatusCode::BAD_REQUEST, "invalid-parameter")
    })
}

/// A page's size from the query: 1 to 200, as text.
///
/// # Errors
/// When it is no such number.
pub fn limit<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    let Some(text) = text else { return Ok(None) };
    match text.parse::<i64>() {
        Ok(limit) if (1..=MOST).contains(&limit) => Ok(Some(limit)),
        _ => Err(serde::de::Error::custom("out of range")),
    }
}
