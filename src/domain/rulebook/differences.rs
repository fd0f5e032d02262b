//! How two rulebooks differ: every row and every value of it, as a person compares two papers.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::book::Book;

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The row: `rule IN-LEAD-STD from 2025-01-01`, `step appraise at foreign_affairs`.
    pub row: String,
    /// What was done with it.
    pub change: RowChange,
}

/// What was done with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowChange {
    /// It is new; its title, if it has one.
    Added(String),
    /// It is gone; its title, if it had one.
    Removed(String),
    /// Values of it are others: path, before, after.
    Changed(Vec<(String, Value, Value)>),
}

impl Book {
    /// What differs in another book: rules first, then the chain, then what is material.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<Difference> {
        let (before, after) = (rows(self), rows(other));
        let mut names: Vec<&(usize, String)> = before.keys().chain(after.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let difference = |name: &(usize, String)| {
            let change = match (before.get(name), after.get(name)) {
                (Some(old), None) => RowChange::Removed(title(old)),
                (None, Some(new)) => RowChange::Added(title(new)),
                (Some(old), Some(new)) if old != new => {
                    let mut changes = Vec::new();
                    compare("", old, new, &mut changes);
                    RowChange::Changed(changes)
                }
                _ => return None,
            };
            Some(Difference { row: name.1.clone(), change })
        };
        names.into_iter().filter_map(difference).collect()
    }
}

fn title(row: &Value) -> String {
    row.get("title_vi").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Every row of a book by its place and name.
fn rows(book: &Book) -> BTreeMap<(usize, String), Value> {
    let json = |row: Result<Value, serde_json::Error>| row.unwrap_or_default();
    let mut rows = BTreeMap::new();
    for rule in book.rules() {
        let name = format!("rule {} from {}", rule.id, rule.valid_from);
        rows.insert((0, name), json(serde_json::to_value(rule)));
    }
    let chain = &book.chain;
    for (name, desk) in [("receive", &chain.receive), ("issue", &chain.issue)] {
        rows.insert((1, format!("desk {name}")), json(serde_json::to_value(desk)));
    }
    for body in &chain.body {
        rows.insert((2, format!("body {}", body.code)), json(serde_json::to_value(body)));
    }
    for step in &chain.step {
        let asked = step.body.as_ref().map_or_else(String::new, |body| format!(" of {body}"));
        let name = format!("step {}{asked} at {}", step.kind, step.at);
        // The same kind may stand at the same place twice.
        let again = (1..).map(|no| if no == 1 { name.clone() } else { format!("{name} ({no})") });
        let free = again.into_iter().find(|name| !rows.contains_key(&(3, name.clone())));
        rows.insert((3, free.unwrap_or(name)), json(serde_json::to_value(step)));
    }
    rows.insert((4, "material fields".to_owned()), json(serde_json::to_value(&book.material)));
    rows
}

/// The leaves that differ.
fn compare(path: &str, old: &Value, new: &Value, changes: &mut Vec<(String, Value, Value)>) {
    if old == new {
        return;
    }
    let (Value::Object(before), Value::Object(after)) = (old, new) else {
        changes.push((path.to_owned(), old.clone(), new.clone()));
        return;
    };
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let value = |row: &Map<String, Value>, name: &str| row.get(name).cloned().unwrap_or_default();
    for name in names {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        compare(&path, &value(before, name), &value(after, name), changes);
    }
}
