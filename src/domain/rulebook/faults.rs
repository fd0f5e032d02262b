//! What is wrong with a rule or a chain besides its form: what no type can say.

use serde::Deserialize;
use toml::{Spanned, Value};

use super::facts::Facts;
use super::matcher::Matcher;
use super::model::{Confidence, Demand, Rule, SelectedBy, Severity, Status};
use crate::domain::access::Role;
use crate::domain::codes::Direction;
use crate::domain::countries;

/// Longest term of a rule: more is a slip of the keyboard.
const MOST_UNITS: u32 = 10_000;

/// The rows of a file as they stand there, with where they begin.
#[derive(Debug, Default, Deserialize)]
struct Rows {
    #[serde(default)]
    rule: Vec<Spanned<Value>>,
    #[serde(default)]
    step: Vec<Spanned<Value>>,
}

/// Where each `[[step]]` of a chain begins, in the order of the file.
pub(super) fn steps_at(text: &str) -> Vec<usize> {
    rows(text).step.iter().map(|row| row.span().start).collect()
}

/// Empty lists in the rows of a file, with where the row begins: a condition on one of nothing would hold always.
pub(super) fn empty_lists(text: &str) -> Vec<(usize, String)> {
    let rows = rows(text);
    let of_row = |row: &Spanned<Value>| {
        let mut names = Vec::new();
        collect_empty("", row.get_ref(), &mut names);
        let start = row.span().start;
        let id = row.get_ref().get("id").and_then(Value::as_str);
        let whose = id.map_or_else(String::new, |id| format!("rule {id}: "));
        let words = |name: String| {
            (start, format!("{whose}{name} is an empty list: leave it out, or say what is in it"))
        };
        names.into_iter().map(words).collect::<Vec<_>>()
    };
    rows.rule.iter().chain(&rows.step).flat_map(of_row).collect()
}

fn rows(text: &str) -> Rows {
    toml::from_str(text).unwrap_or_default()
}

fn collect_empty(name: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(list) if list.is_empty() => found.push(name.to_owned()),
        Value::Array(list) => list.iter().for_each(|one| collect_empty(name, one, found)),
        Value::Table(table) => {
            for (key, value) in table {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                collect_empty(&name, value, found);
            }
        }
        _ => {}
    }
}

/// A rule that cites nothing, a blocking one that nobody may override, an uncertain fact that calls itself law.
pub(super) fn faults_of(rule: &Rule) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |is: bool, reason: &str| {
        if is {
            faults.push(reason.to_owned());
        }
    };
    let name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
    fault(rule.id.is_empty() || !rule.id.chars().all(name), "the id is not in capitals, digits and hyphens");
    fault(rule.basis.iter().all(|basis| basis.document.trim().is_empty()), "it cites nothing");
    fault(rule.basis.iter().any(|basis| basis.document.trim().is_empty()), "a legal basis names no document");
    let known = serde_json::to_value(Facts::unknown(Direction::Inbound)).unwrap_or_default();
    for text in [&rule.message_vi, &rule.message_en] {
        let named = text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
        let strange: Vec<&str> = named.filter(|name| known.get(name).is_none()).collect();
        fault(!strange.is_empty(), &format!("its message names no fact {}", strange.join(", ")));
    }
    fault(rule.valid_to.is_some_and(|last| last < rule.valid_from), "it ends before it begins");
    for (text, reason) in [
        (&rule.title_vi, "title_vi is empty"),
        (&rule.title_en, "title_en is empty"),
        (&rule.message_vi, "message_vi is empty"),
        (&rule.message_en, "message_en is empty"),
    ] {
        fault(text.trim().is_empty(), reason);
    }
    let blocks = rule.severity == Severity::Block;
    fault(blocks && rule.override_by.is_none(), "it blocks, but names nobody who may override it");
    let decides = |role: Role| matches!(role, Role::Appraiser | Role::Approver);
    fault(rule.override_by.is_some_and(|role| !decides(role)), "only appraisers and approvers override");
    fault(!blocks && rule.override_by.is_some(), "it names who may override it, but does not block");
    fault(
        rule.confidence == Confidence::U && (rule.status == Status::Law || blocks),
        "an uncertain fact (U) is neither law nor blocks",
    );
    if let Demand::Obligation { n, .. } | Demand::Lead { n, .. } = rule.demand {
        fault(n > MOST_UNITS, "its term is longer than ten thousand units");
    }
    if let Demand::Lead { n, .. } = rule.demand {
        fault(n == 0, "a lead time is at least 1");
    }
    fault(rule.instead_of.contains(&rule.id), "it speaks in its own place");
    if let Demand::Yearly { month, day } = rule.demand {
        // Of a year that is no leap year: it must come every year.
        let comes = chrono::NaiveDate::from_ymd_opt(2025, month, day).is_some();
        fault(!comes, &format!("there is no {day}/{month} in every year"));
    }
    for code in countries_of(&rule.applies) {
        fault(!countries::is_known(code), &format!("there is no country {code}"));
    }
    fault(rule.confidence == Confidence::U && rule.confirmed, "an uncertain fact (U) cannot be confirmed");
    if let Demand::Obligation { .. } = rule.demand {
        fault(rule.selected_by == SelectedBy::Filing, "an obligation is selected by the event");
        fault(blocks, "an obligation cannot block: it begins with the permit");
    }
    if let Demand::Stated { facts } = &rule.demand {
        for fact in facts {
            let known = super::demand::is_fact(fact);
            fault(!known, &format!("there is no fact {fact}"));
        }
    }
    faults
}

fn countries_of(matcher: &Matcher) -> Vec<&String> {
    matcher.countries.iter().chain(matcher.any.iter().flat_map(countries_of)).collect()
}
