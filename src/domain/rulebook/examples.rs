//! Examples of rules at work, as data beside the rulebook: each is run, and together they make a readable table.

use std::fmt::Write;

use chrono::{NaiveDate, NaiveDateTime};
use serde::Deserialize;

use super::book::Book;
use super::evaluate::{Verdict, assess, obligations};
use super::facts::Facts;
use super::model::Rule;
use crate::domain::calendar::Calendar;
use crate::domain::codes::Code;

/// One example.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Id of the rule.
    pub rule: String,
    /// What it shows.
    pub name: String,
    /// What the rule says; absent where it does not concern the delegation.
    #[serde(default)]
    pub says: Option<Verdict>,
    /// The last day of its deadline.
    #[serde(default)]
    pub latest: Option<NaiveDate>,
    /// When its obligation is due.
    #[serde(default)]
    pub due: Option<NaiveDateTime>,
    /// The delegation.
    pub facts: Facts,
}

/// A file of examples.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    example: Vec<Example>,
}

/// Reads a file of examples.
///
/// # Errors
/// The TOML fault with its line.
pub fn read(text: &str) -> Result<Vec<Example>, toml::de::Error> {
    Ok(toml::from_str::<File>(text)?.example)
}

impl Example {
    /// Runs it: what the rule says instead, if it is not what the example claims.
    #[must_use]
    pub fn fault(&self, book: &Book, calendar: &Calendar) -> Option<String> {
        let assessment = assess(book, &self.facts, calendar);
        let found = assessment.findings.iter().find(|finding| finding.rule.id == self.rule);
        let says = found.map(|finding| finding.verdict);
        let latest = found.and_then(|finding| finding.deadline).map(|deadline| deadline.latest);
        let owed = obligations(book, &self.facts, calendar);
        let due = owed.iter().find(|owed| owed.rule.id == self.rule).map(|owed| owed.due_at);
        let agrees = says == self.says
            && (self.latest.is_none() || latest == self.latest)
            && (self.due.is_none() || due == self.due);
        (!agrees).then(|| {
            format!("{} ({}): it says {says:?}, latest {latest:?}, due {due:?}", self.rule, self.name)
        })
    }
}

/// Rules with their examples, as Markdown.
#[must_use]
pub fn table(book: &Book, examples: &[Example]) -> String {
    let mut out = String::from(
        "# The rules and how they work\n\nMade from the rulebook and `examples.toml`; every line is run by a test. \
         Verdicts: `met`, `violated`, `unknown` (a fact is missing), `no_rule_in_force` (no wording of the rule held \
         on the day that matters), `noted` (it tells something, or creates an obligation), and - where it does not \
         concern the delegation.\n",
    );
    for family in book.families() {
        let Some(rule) = family.last() else { continue };
        section(&mut out, rule, family, examples);
    }
    out
}

fn section(out: &mut String, rule: &Rule, family: &[Rule], examples: &[Example]) {
    // Writing to a String does not fail.
    let _ = write!(out, "\n## {}\n\n{} / {}\n\n", rule.id, rule.title_vi, rule.title_en);
    for wording in family {
        let until = wording.valid_to.map_or_else(String::new, |last| format!(" to {last}"));
        let confirmed = if wording.confirmed { "confirmed" } else { "not confirmed by the city" };
        let _ = writeln!(
            out,
            "- from {}{until} (by {}): {} · {} · {} · {confirmed}. {}",
            wording.valid_from,
            wording.selected_by,
            wording.severity,
            wording.status,
            wording.confidence,
            wording.citation()
        );
    }
    let _ = write!(
        out,
        "\n{}\n{}\n\n| example | verdict | last day | due |\n| --- | --- | --- | --- |\n",
        rule.message_vi, rule.message_en
    );
    for example in examples.iter().filter(|example| example.rule == rule.id) {
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let due = example.due.map(|at| at.format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default();
        let says = example.says.map_or("-", Code::code);
        let _ = writeln!(out, "| {} | {says} | {} | {due} |", example.name, day(example.latest));
    }
}
