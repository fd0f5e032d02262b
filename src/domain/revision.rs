//! A revision freezes what was submitted, value by value, each under its own salt: that gives the difference
//! between two rounds, tells which changes are material, and lets a person's values be erased.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::delegation::Content;
use super::ids::PersonId;
use super::journal::{Hash, commit};

/// One frozen value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// JSON pointer: `/title`, `/members/{id}`, `/groups/{id}`.
    pub pointer: String,
    /// Whose personal data it is.
    pub person: Option<PersonId>,
    /// Compact JSON.
    pub value: String,
}

/// Takes a delegation's content apart, one value per top-level field.
#[must_use]
pub fn freeze_content(content: &Content) -> Vec<Frozen> {
    let Ok(Value::Object(fields)) = serde_json::to_value(content) else { return Vec::new() };
    fields
        .into_iter()
        .map(|(name, value)| Frozen { pointer: format!("/{name}"), person: None, value: value.to_string() })
        .collect()
}

/// Puts a content together again.
///
/// # Errors
/// The JSON error, when the values were not made by `freeze_content`.
pub fn thaw_content<'a>(
    values: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<Content, serde_json::Error> {
    let mut fields = serde_json::Map::new();
    for (pointer, value) in values {
        let name = pointer.trim_start_matches('/');
        if !name.contains('/') {
            fields.insert(name.to_owned(), serde_json::from_str(value)?);
        }
    }
    serde_json::from_value(Value::Object(fields))
}

/// The hash that decisions bind to: over pointer and commitment of every value, pointers ascending.
#[must_use]
pub fn content_hash<'a>(values: impl Iterator<Item = (&'a str, &'a [u8], &'a str)>) -> Hash {
    let sorted: BTreeMap<&str, Hash> =
        values.map(|(pointer, salt, value)| (pointer, commit(salt, value))).collect();
    let mut hash = Sha256::new();
    for (pointer, commitment) in sorted {
        hash.update(u32::try_from(pointer.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(pointer.as_bytes());
        hash.update(commitment);
    }
    hash.finalize().into()
}

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What.
    pub pointer: String,
    /// Before; absent when it is new.
    pub before: Option<Value>,
    /// After; absent when it is gone.
    pub after: Option<Value>,
    /// Whether it needs a new approval.
    pub material: bool,
}

/// Compares two frozen revisions. `is_material` is the rulebook's word on a pointer.
#[must_use]
pub fn differences(
    before: &BTreeMap<String, Value>,
    after: &BTreeMap<String, Value>,
    is_material: impl Fn(&str, Option<&Value>, Option<&Value>) -> bool,
) -> Vec<Difference> {
    let mut pointers: Vec<&String> = before.keys().chain(after.keys()).collect();
    pointers.sort();
    pointers.dedup();
    pointers
        .into_iter()
        .filter(|pointer| before.get(*pointer) != after.get(*pointer))
        .map(|pointer| Difference {
            pointer: pointer.clone(),
            before: before.get(pointer).cloned(),
            after: after.get(pointer).cloned(),
            material: is_material(pointer, before.get(pointer), after.get(pointer)),
        })
        .collect()
}

#[cfg(test)]
mod tests;
