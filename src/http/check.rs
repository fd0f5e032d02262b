//! The check page: whoever scans the code on an issued paper learns code, date and hashes of the paper, and nothing else.
//! It needs no sign-in, no script and no style, and has one answer for all that it does not know.

use std::sync::{Mutex, PoisonError};

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};

use super::State;
use super::problem::Problem;
use crate::domain::codes::Lang;
use crate::domain::refusal::Refusal;
use crate::service::papers::check::{self, Confirmed};
use crate::texts;

/// Questions that one process answers in a minute.
const MOST: u32 = 300;

/// Counts the questions of a minute, whoever asks: a door without a sign-in must not become a way to keep the database busy.
#[derive(Debug, Default)]
pub struct Gate(Mutex<Option<(DateTime<Utc>, u32)>>);

impl Gate {
    /// Lets one more question pass.
    ///
    /// # Errors
    /// 429 with the seconds that are left of the minute.
    pub fn pass(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open =
            minute.filter(|(since, _)| (TimeDelta::zero()..TimeDelta::minutes(1)).contains(&(now - *since)));
        let (since, asked) = open.unwrap_or((now, 0));
        if asked >= MOST {
            let left = (since + TimeDelta::minutes(1) - now).num_seconds();
            return Err(Refusal::TooMany(u64::try_from(left).unwrap_or(0).max(1)));
        }
        *minute = Some((since, asked + 1));
        Ok(())
    }
}

/// The page in one language.
struct Words {
    lang: &'static str,
    title: String,
    says: String,
    lines: Vec<(String, String)>,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = "\
<!doctype html>
<html lang=\"vi\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"robots\" content=\"noindex, nofollow\">
<title>{{ title }}</title>
</head>
<body>
{%- for one in words %}
<section lang=\"{{ one.lang }}\">
<h1>{{ one.title }}</h1>
<p><strong>{{ one.says }}</strong></p>
{%- if !one.lines.is_empty() %}
<dl>
{%- for (name, value) in one.lines %}
<dt>{{ name }}</dt>
<dd><code>{{ value }}</code></dd>
{%- endfor %}
</dl>
{%- endif %}
</section>
{%- endfor %}
</body>
</html>
"
)]
struct Page {
    title: String,
    words: [Words; 2],
}

/// Confirms an issued paper that is in force by its code, date and SHA-256, to whoever holds the secret printed on it. All
/// else has the same answer: unknown, taken back, replaced.
#[utoipa::path(
    get,
    path = "/check/{code}",
    tag = "papers",
    params(("code" = String, Path, description = "The secret on the paper")),
    responses(
        (status = 200, description = "The paper is in force", content_type = "text/html"),
        (status = 404, description = "No paper in force has this code", content_type = "text/html"),
        (status = 429, description = "Asked too often")
    )
)]
#[expect(clippy::missing_errors_doc, reason = "the responses are listed above")]
pub async fn page(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Problem> {
    state.checks.pass(state.store.now())?;
    let code = request.match_info().get("code").unwrap_or_default().to_owned();
    let settings = state.settings.clone();
    let found = state.store.read(move |tx| check::confirmed(tx, &settings, &code)).await?;
    let title = texts::text(Lang::Vi, "check-title", &[]);
    let page = Page { title, words: [Lang::Vi, Lang::En].map(|lang| words(lang, found.as_ref())) };
    let html = page.render().map_err(Problem::defect)?;
    let status = if found.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    Ok(HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_LANGUAGE, "vi, en"))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ))
        .insert_header((header::HeaderName::from_static("x-robots-tag"), "noindex, nofollow"))
        .body(html))
}

fn words(lang: Lang, found: Option<&Confirmed>) -> Words {
    let text = |key: &str| texts::text(lang, key, &[]);
    let mut lines = Vec::new();
    if let Some(found) = found {
        let date = match lang {
            Lang::Vi => found.date.format("%d/%m/%Y").to_string(),
            Lang::En => found.date.format("%-d %B %Y").to_string(),
        };
        lines.extend([(text("check-code"), found.code.clone()), (text("check-date"), date)]);
        for (format, sha256) in &found.texts {
            let format = format.to_uppercase();
            lines.push((texts::text(lang, "check-text", &[("format", &format)]), sha256.clone()));
        }
        lines.extend(found.signed.iter().map(|sha256| (text("check-signed"), sha256.clone())));
    }
    Words {
        lang: crate::domain::codes::Code::code(lang),
        title: text("check-title"),
        says: text(if found.is_some() { "check-found" } else { "check-none" }),
        lines,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_its_measure() {
        let (gate, noon) = (Gate::default(), "2026-03-02T05:00:00Z".parse::<DateTime<Utc>>().unwrap());
        for _ in 0..MOST {
            assert_eq!(gate.pass(noon + TimeDelta::seconds(5)), Ok(()));
        }
        assert_eq!(gate.pass(noon + TimeDelta::seconds(15)), Err(Refusal::TooMany(50)));
        assert_eq!(gate.pass(noon + TimeDelta::seconds(65)), Ok(()));
    }
}
