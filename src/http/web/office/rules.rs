//! The rulebook: its versions, the rules of one with sentence, citation and days, and what a version would change for the
//! dossiers that wait to be filed.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::next_page;
use crate::domain::ids::DossierId;
use crate::domain::refusal::Refusal;
use crate::domain::rulebook::{self, Severity};
use crate::http::body;
use crate::http::caller::Caller;
use crate::http::cursor::{self, MOST};
use crate::http::problem::Problem;
use crate::http::web::shell::{self, Shell};
use crate::service::rules::{self, Changed, Impact, RuleChange, RuleDefinition, Said, VersionView};

#[derive(Template)]
#[template(path = "office/rules.html")]
struct Versions<'p> {
    shell: &'p Shell,
    items: Vec<VersionView>,
}

impl Versions<'_> {
    /// The beginning of a hash, by which people compare.
    fn short<'v>(&self, view: &'v VersionView) -> &'v str {
        view.sha256.get(..12).unwrap_or(&view.sha256)
    }
}

/// The versions, newest first.
///
/// # Errors
/// 503 when the database cannot be asked.
pub async fn versions(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let mut items = caller.read(rules::versions).await?;
    items.reverse();
    shell::page(StatusCode::OK, shell.lang, &Versions { shell: &shell, items })
}

/// How a rule stands to today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    InForce,
    Coming,
    Over,
}

struct Part {
    id: &'static str,
    title: String,
    rules: Vec<RuleDefinition>,
}

#[derive(Template)]
#[template(path = "office/version.html")]
struct Version<'p> {
    shell: &'p Shell,
    view: VersionView,
    parts: Vec<Part>,
}

impl Version<'_> {
    fn tone(&self, rule: &RuleDefinition) -> &'static str {
        match rule.severity {
            Severity::Block => "late",
            Severity::Warn => "soon",
            Severity::Info => "calm",
        }
    }

    /// What is said where the rule is not kept; a dossier's own values stand where there are dots.
    fn message(&self, rule: &RuleDefinition) -> String {
        rulebook::unfilled(self.shell.pick(&rule.message_vi, &rule.message_en))
    }

    fn days(&self, rule: &RuleDefinition) -> String {
        let from = self.shell.t1("rules-from", "date", self.shell.day(&rule.valid_from));
        match rule.valid_to {
            Some(to) => format!("{from} {}", self.shell.t1("rules-to", "date", self.shell.day(&to))),
            None => from,
        }
    }
}

fn standing(rule: &RuleDefinition, today: NaiveDate) -> Standing {
    if rule.valid_from > today {
        Standing::Coming
    } else if rule.valid_to.is_some_and(|to| to < today) {
        Standing::Over
    } else {
        Standing::InForce
    }
}

/// The rules of a version: those in force today, those to come, those that are over.
///
/// # Errors
/// 404 for an unknown one.
pub async fn version(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let no: i32 = body::id(&request, "id")?;
    let shell = Shell::of(&request, &caller)?;
    let reading = caller.read(move |tx, ctx| {
        let rules = rules::definitions(tx, ctx, no)?;
        Ok((rules, rules::versions(tx, ctx)?))
    });
    let (all, versions) = reading.await?;
    let view = versions.into_iter().find(|version| version.no == no);
    let view = view.ok_or(Refusal::NotFound)?;
    let part = |(id, key, which): (&'static str, &str, Standing)| Part {
        id,
        title: shell.t(key),
        rules: all.iter().filter(|rule| standing(rule, shell.today) == which).cloned().collect(),
    };
    let parts = [
        ("in-force", "rules-in-force", Standing::InForce),
        ("coming", "rules-coming", Standing::Coming),
        ("over", "rules-over", Standing::Over),
    ];
    let parts = parts.into_iter().map(part).filter(|part| !part.rules.is_empty()).collect();
    shell::page(StatusCode::OK, shell.lang, &Version { shell: &shell, view, parts })
}

/// What the address may say.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "office/impact.html")]
struct ImpactPage<'p> {
    shell: &'p Shell,
    impact: Impact,
    titles: Vec<RuleDefinition>,
    next: Option<String>,
}

impl ImpactPage<'_> {
    fn rule<'r>(&'r self, change: &'r RuleChange) -> &'r str {
        let known = self.titles.iter().rev().find(|rule| rule.id == change.rule);
        known.map_or(change.rule.as_str(), |rule| self.shell.pick(&rule.title_vi, &rule.title_en))
    }

    fn said(&self, said: &Option<Said>) -> String {
        match said {
            Some(said) => self.shell.word("rule-verdict", said.verdict),
            None => self.shell.t("rules-not-concerned"),
        }
    }

    fn day(&self, day: &Option<NaiveDate>) -> String {
        day.map_or_else(|| "–".to_owned(), |day| self.shell.day(&day))
    }

    fn moves(&self, one: &Changed) -> bool {
        one.latest_permitted_before != one.latest_permitted_after
            || one.latest_safe_before != one.latest_safe_after
    }
}

/// What a version would change for dossiers that wait to be filed.
///
/// # Errors
/// 404 for an unknown version.
pub async fn impact(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let no: i32 = body::id(&request, "id")?;
    let shell = Shell::of(&request, &caller)?;
    let cursor: Option<DossierId> = cursor::key(asked.cursor.as_deref())?;
    let limit = usize::try_from(MOST).unwrap_or_default();
    let reading = caller.read(move |tx, ctx| {
        let impact = rules::impact(tx, ctx, no, cursor, limit)?;
        let mut titles = rules::definitions(tx, ctx, impact.active)?;
        titles.extend(rules::definitions(tx, ctx, no)?);
        Ok((impact, titles))
    });
    let (impact, titles) = reading.await?;
    let next = impact.next_cursor.clone().map(cursor::opaque);
    let next = next_page(&format!("/office/rules/{no}/impact"), &[], next);
    shell::page(StatusCode::OK, shell.lang, &ImpactPage { shell: &shell, impact, titles, next })
}
