//! How fields are named and spoken of: their ids and labels by their pointers, faults and values in words.

use serde_json::Value;

use super::Said;
use crate::domain::codes::{Code, Lang};
use crate::domain::refusal::{Fault, Violation, Why};
use crate::http::problem::limit_words;
use crate::http::web::words;
use crate::texts;

/// The id of a field's control.
#[must_use]
pub fn id(pointer: &str) -> String {
    format!("f{}", pointer.replace('/', "-"))
}

/// The link to a field's control.
pub(super) fn href(pointer: &str) -> String {
    format!("#{}", id(pointer))
}

/// The key of a field's label: its pointer without numbers.
#[must_use]
pub fn label_key(pointer: &str) -> String {
    let parts = pointer.split('/').filter(|part| !part.is_empty() && part.parse::<usize>().is_err());
    format!("label-{}", parts.collect::<Vec<_>>().join("-").replace('_', "-"))
}

/// The label of a field, or its own name where it has none.
#[must_use]
pub fn label(lang: Lang, pointer: &str) -> String {
    let key = label_key(pointer);
    if texts::has(lang, &key) { texts::text(lang, &key, &[]) } else { plain_name(pointer) }
}

pub(super) fn plain_name(pointer: &str) -> String {
    pointer.trim_start_matches('/').to_owned()
}

/// A pointer without the numbers of rows.
pub(super) fn numberless(pointer: &str) -> String {
    let parts = pointer.split('/').filter(|part| part.parse::<usize>().is_err());
    parts.collect::<Vec<_>>().join("/")
}

/// The number of the row that a pointer leads to or through, from 1, and whether the row itself is the field.
pub(super) fn row_of(pointer: &str) -> (String, bool) {
    let parts: Vec<&str> = pointer.split('/').collect();
    let row = parts.iter().find_map(|part| part.parse::<usize>().ok());
    let is_row = parts.last().is_some_and(|last| last.parse::<usize>().is_ok());
    (row.map(|row| (row + 1).to_string()).unwrap_or_default(), is_row)
}

/// The name of a field by which people know it: its own label, else that of its last parts (`/members/0/full_name` is
/// a name everywhere), else that of what it is a part of.
fn known_as(lang: Lang, pointer: &str) -> Option<String> {
    let own = label_key(pointer);
    let parts: Vec<&str> = own.trim_start_matches("label-").split('-').collect();
    let ends = (0..parts.len()).filter_map(|from| parts.get(from..));
    let begins = (1..parts.len()).rev().filter_map(|to| parts.get(..to));
    let mut keys = ends.chain(begins).map(|parts| format!("label-{}", parts.join("-")));
    keys.find(|key| texts::has(lang, key)).map(|key| texts::text(lang, &key, &[]))
}

/// The label of a field, else the one by which it is known, else its own name.
#[must_use]
pub fn known_label(lang: Lang, pointer: &str) -> String {
    known_as(lang, pointer).unwrap_or_else(|| plain_name(pointer))
}

/// What happened to a form and what to do, for people: the sentence of a problem that has one for them, else its title.
#[must_use]
pub fn happened(lang: Lang, code: &str) -> String {
    let own = format!("form-why-{code}");
    let key = if texts::has(lang, &own) { own } else { format!("problem-{code}") };
    texts::text(lang, &key, &[])
}

/// What is wrong, behind the name of its field, its form's own or the usual one, and the number of its row, where it has
/// them. What is wrong with no field of ours is said of the form.
pub(super) fn named(lang: Lang, own: Option<String>, pointer: &str, words: String) -> String {
    if pointer.trim_matches('/').is_empty() {
        return texts::text(lang, "page-error-form", &[("words", &words)]);
    }
    let name = own.or_else(|| known_as(lang, pointer));
    let name = name.unwrap_or_else(|| format!("“{}”", pointer.trim_start_matches(['/', '?'])));
    if words.contains(&name) {
        return words;
    }
    let row = pointer.split('/').find_map(|part| part.parse::<usize>().ok());
    let row = row.map(|row| (row + 1).to_string());
    match &row {
        Some(row) => {
            texts::text(lang, "page-error-row", &[("field", &name), ("row", row), ("words", &words)])
        }
        None => texts::text(lang, "page-error-field", &[("field", &name), ("words", &words)]),
    }
}

/// What is wrong, with the name of its field.
#[must_use]
pub fn said(lang: Lang, fault: &Fault) -> String {
    let words = of_kind(lang, fault).unwrap_or_else(|| fault_words(lang, &fault.pointer, fault.code));
    named(lang, None, &fault.pointer, words)
}

/// What should stand in a field whose value is of another kind, or how much it takes.
pub(super) fn of_kind(lang: Lang, fault: &Fault) -> Option<String> {
    if let Some(limit) = fault.limit {
        return Some(limit_words(lang, limit));
    }
    let wanted = fault.wanted?.code().replace('_', "-");
    Some(texts::text(lang, &format!("field-wants-{wanted}"), &[]))
}

/// Why something with this name is not taken.
#[must_use]
pub fn why_words(lang: Lang, name: &str, why: Why) -> String {
    why.limit.map_or_else(|| fault_of(lang, name, why.code), |limit| limit_words(lang, limit))
}

/// What is wrong with a field, in words: in those of pages where they write a thing in another form than programs do.
#[must_use]
pub fn fault_words(lang: Lang, pointer: &str, code: &str) -> String {
    fault_of(lang, &label(lang, pointer), code)
}

/// The same of something with this name.
#[must_use]
pub fn fault_of(lang: Lang, name: &str, code: &str) -> String {
    let own = format!("page-field-{code}");
    let key = if texts::has(lang, &own) { own } else { format!("field-{code}") };
    texts::text(lang, &key, &[("field", name)])
}

/// A rule that is not kept: its sentence and citation, then each thing that does not fit.
pub(super) fn broken(lang: Lang, violation: &Violation, place: &dyn Fn(&str) -> String) -> Vec<Said> {
    let sentence = match lang {
        Lang::Vi => &violation.message_vi,
        Lang::En => &violation.message_en,
    };
    let at = violation.fields.first().map(|pointer| place(pointer)).unwrap_or_default();
    let mut said =
        vec![Said { href: at, words: format!("{sentence} ({})", words::cited(lang, &violation.citation)) }];
    let lacks = violation.lacking.iter().map(|lack| match lang {
        Lang::Vi => lack.name_vi.as_str(),
        Lang::En => lack.name_en.as_str(),
    });
    let lacks = lacks.collect::<Vec<_>>().join("; ");
    if !lacks.is_empty() {
        let words = texts::text(lang, "rules-lacks", &[("what", &lacks)]);
        said.push(Said { href: String::new(), words });
    }
    for mismatch in &violation.mismatches {
        let words = match lang {
            Lang::Vi => mismatch.sentence_vi.clone(),
            Lang::En => mismatch.sentence_en.clone(),
        };
        said.push(Said {
            href: mismatch.fields.first().map(|pointer| place(pointer)).unwrap_or_default(),
            words,
        });
    }
    said
}

pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A value as people write it: days and times in their form, everything else as it is.
pub(super) fn printed(read: &str, value: &Value) -> String {
    let text = shown(value);
    let day = || chrono::NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().map(words::day);
    let time = || {
        let forms = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"];
        let parsed = forms.iter().find_map(|form| chrono::NaiveDateTime::parse_from_str(&text, form).ok());
        parsed.map(words::wall)
    };
    let said = match read {
        "date" => day(),
        "time" => time(),
        "at" => chrono::DateTime::parse_from_rfc3339(&text).ok().map(|at| words::wall(at.naive_local())),
        _ => None,
    };
    said.unwrap_or(text)
}
