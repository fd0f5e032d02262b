//! The controls of forms: label, hint, fault and value of one field, found by its JSON pointer. They are templates of
//! their own, so that what was typed is escaped in one place.

use askama::Template;
use serde_json::Value;

use super::form::Form;
use super::kept::Kept;
use super::words;
use crate::domain::codes::{Code, Lang};
use crate::domain::refusal::{Fault, Refusal, Violation};
use crate::http::problem::Problem;
use crate::texts;

/// One fault, said and linked.
#[derive(Debug, Clone)]
pub struct Said {
    /// The control that it is about, on this page or another; empty for none.
    pub href: String,
    /// What is wrong.
    pub words: String,
}

/// One choice.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
}

/// The values of a form and what is wrong with them.
#[derive(Debug, Clone)]
pub struct Fields {
    lang: Lang,
    values: Value,
    faults: Vec<Fault>,
    /// Since when what is filled in here was kept unsaved.
    pub kept: Option<String>,
    /// Everything that is wrong, for the summary.
    pub summary: Vec<Said>,
}

#[derive(Template)]
#[template(path = "control.html")]
struct Control<'c> {
    name: String,
    id: String,
    label: String,
    hint: String,
    error: String,
    kind: &'c str,
    value: String,
    values: Vec<String>,
    choices: Vec<Choice>,
    empty: String,
    required: bool,
}

impl Control<'_> {
    /// The ids of what is said about the field: its hint, its fault.
    fn described(&self) -> String {
        let said = [("hint", &self.hint), ("error", &self.error)];
        let ids = said.iter().filter(|(_, words)| !words.is_empty());
        ids.map(|(part, _)| format!("{}-{part}", self.id)).collect::<Vec<_>>().join(" ")
    }
}

impl Fields {
    /// Of values that are stored.
    #[must_use]
    pub fn of(lang: Lang, values: Value) -> Self {
        Self { lang, values, faults: Vec::new(), kept: None, summary: Vec::new() }
    }

    /// Of what was typed, with what was said against it.
    #[must_use]
    pub fn typed(lang: Lang, form: &Form, problem: Option<&Problem>) -> Self {
        let mut fields = Self::of(lang, form.json());
        if let Some(problem) = problem {
            fields.refuse(problem);
        }
        fields
    }

    /// Of what was kept, else of what is stored.
    #[must_use]
    pub fn kept_or(lang: Lang, kept: Option<Kept>, stored: Value) -> Self {
        match kept {
            Some(kept) => Self { kept: Some(kept.when), ..Self::typed(lang, &kept.form, None) },
            None => Self::of(lang, stored),
        }
    }

    /// Says what is wrong.
    pub fn refuse(&mut self, problem: &Problem) {
        let lang = self.lang;
        self.faults.clone_from(&problem.faults);
        let said = |fault: &Fault| Said { href: href(&fault.pointer), words: said(lang, fault) };
        self.summary = problem.faults.iter().map(said).collect();
        for violation in &problem.violations {
            self.summary.extend(broken(lang, violation));
        }
        if self.summary.is_empty() {
            let words = texts::text(lang, &format!("problem-{}", problem.code), &[]);
            self.summary.push(Said { href: String::new(), words });
        }
    }

    /// Says of the fields that this page does not have on which page they are.
    pub fn elsewhere(&mut self, page: &str, here: &[&str]) {
        let here: Vec<String> = here.iter().map(|pointer| href(pointer)).collect();
        for said in &mut self.summary {
            if !said.href.is_empty() && !here.contains(&said.href) {
                said.href.insert_str(0, page);
            }
        }
    }

    /// Whether a value is there.
    #[must_use]
    pub fn has(&self, pointer: &str) -> bool {
        self.values.pointer(pointer).is_some_and(|value| !value.is_null())
    }

    /// The stored or typed value as text.
    #[must_use]
    pub fn text(&self, pointer: &str) -> String {
        self.values.pointer(pointer).map(shown).unwrap_or_default()
    }

    /// What is wrong with a field whose control stands in the page itself; empty for nothing.
    #[must_use]
    pub fn error(&self, pointer: &str) -> String {
        let fault = self.faults.iter().find(|fault| fault.pointer == pointer);
        fault.map(|fault| said_of(self.lang, fault)).unwrap_or_default()
    }

    /// How many rows a list has.
    #[must_use]
    pub fn rows(&self, pointer: &str) -> usize {
        self.values.pointer(pointer).and_then(Value::as_array).map_or(0, Vec::len)
    }

    fn control(&self, kind: &'static str, name: &str, required: bool) -> Control<'static> {
        let pointer = name.split(':').next().unwrap_or(name);
        let key = label_key(pointer);
        let hint = format!("hint-{}", key.trim_start_matches("label-"));
        let fault = self.faults.iter().find(|fault| fault.pointer == pointer);
        let read = name.split(':').nth(1).unwrap_or_default();
        let value = self.values.pointer(pointer);
        Control {
            name: name.to_owned(),
            id: id(pointer),
            label: texts::text(self.lang, &key, &[]),
            hint: if texts::has(self.lang, &hint) {
                texts::text(self.lang, &hint, &[])
            } else {
                String::new()
            },
            error: fault.map(|fault| said_of(self.lang, fault)).unwrap_or_default(),
            kind,
            value: value.map(|value| printed(read, value)).unwrap_or_default(),
            values: value
                .and_then(Value::as_array)
                .map(|all| all.iter().map(shown).collect())
                .unwrap_or_default(),
            choices: Vec::new(),
            empty: texts::text(self.lang, "page-choose", &[]),
            required,
        }
    }

    /// One line of text; also days (`:date`), times (`:time`) and numbers (`:int`).
    #[must_use]
    pub fn line(&self, name: &str) -> String {
        rendered(&self.control("line", name, false))
    }

    /// One line that must be filled in before the form can do its work.
    #[must_use]
    pub fn needed(&self, name: &str) -> String {
        rendered(&self.control("line", name, true))
    }

    /// A password.
    #[must_use]
    pub fn password(&self, name: &str, autocomplete: &str) -> String {
        let kind = if autocomplete == "new-password" { "new-password" } else { "password" };
        rendered(&Control { value: String::new(), ..self.control(kind, name, true) })
    }

    /// Several lines of text.
    #[must_use]
    pub fn block(&self, name: &str) -> String {
        rendered(&self.control("block", name, false))
    }

    /// One of these.
    #[must_use]
    pub fn one_of(&self, name: &str, choices: &[Choice]) -> String {
        rendered(&Control { choices: choices.to_vec(), ..self.control("select", name, false) })
    }

    /// One word of a closed vocabulary.
    #[must_use]
    pub fn coded<C: Code>(&self, name: &str) -> String {
        self.one_of(name, &vocabulary::<C>(self.lang))
    }

    /// One word of a closed vocabulary, all of them in view.
    #[must_use]
    pub fn choice<C: Code>(&self, name: &str) -> String {
        rendered(&Control { choices: vocabulary::<C>(self.lang), ..self.control("radios", name, false) })
    }

    /// One of these, all of them in view.
    #[must_use]
    pub fn radios(&self, name: &str, choices: &[Choice]) -> String {
        rendered(&Control { choices: choices.to_vec(), ..self.control("radios", name, false) })
    }

    /// Several of these.
    #[must_use]
    pub fn some_of(&self, name: &str, choices: &[Choice]) -> String {
        rendered(&Control { choices: choices.to_vec(), ..self.control("checks", name, false) })
    }

    /// Several words of a closed vocabulary.
    #[must_use]
    pub fn some_coded<C: Code>(&self, name: &str) -> String {
        self.some_of(name, &vocabulary::<C>(self.lang))
    }

    /// Yes, no or not known yet.
    #[must_use]
    pub fn perhaps(&self, name: &str) -> String {
        let choice =
            |value: &str, key| Choice { value: value.to_owned(), label: texts::text(self.lang, key, &[]) };
        let choices =
            vec![choice("true", "page-yes"), choice("false", "page-no"), choice("", "page-unknown")];
        rendered(&Control { choices, ..self.control("radios", name, false) })
    }

    /// A tick.
    #[must_use]
    pub fn tick(&self, name: &str) -> String {
        rendered(&self.control("tick", name, false))
    }
}

/// A closed vocabulary as choices.
#[must_use]
pub fn vocabulary<C: Code>(lang: Lang) -> Vec<Choice> {
    let choice = |code: &C| Choice { value: code.code().to_owned(), label: words::coded(lang, *code) };
    C::ALL.iter().map(choice).collect()
}

fn rendered(control: &Control<'_>) -> String {
    control.render().unwrap_or_default()
}

/// The id of a field's control.
#[must_use]
pub fn id(pointer: &str) -> String {
    format!("f{}", pointer.replace('/', "-"))
}

/// The link to a field's control.
fn href(pointer: &str) -> String {
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
    if texts::has(lang, &key) {
        texts::text(lang, &key, &[])
    } else {
        pointer.trim_start_matches('/').to_owned()
    }
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

/// What is wrong, behind the name of its field and the number of its row, where it has them. What is wrong with no
/// field of ours is said of the form.
fn named(lang: Lang, pointer: &str, words: String) -> String {
    if pointer.trim_matches('/').is_empty() {
        return texts::text(lang, "page-error-form", &[("words", &words)]);
    }
    let name =
        known_as(lang, pointer).unwrap_or_else(|| format!("“{}”", pointer.trim_start_matches(['/', '?'])));
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
    named(lang, &fault.pointer, said_of(lang, fault))
}

/// What is wrong with a field; where it is of another kind, what should stand there.
fn said_of(lang: Lang, fault: &Fault) -> String {
    match fault.wanted {
        Some(wanted) => texts::text(lang, &format!("field-wants-{}", wanted.code().replace('_', "-")), &[]),
        None => fault_words(lang, &fault.pointer, fault.code),
    }
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
fn broken(lang: Lang, violation: &Violation) -> Vec<Said> {
    let sentence = match lang {
        Lang::Vi => &violation.message_vi,
        Lang::En => &violation.message_en,
    };
    let at = violation.fields.first().map(|pointer| href(pointer)).unwrap_or_default();
    let mut said = vec![Said { href: at, words: format!("{sentence} ({})", violation.citation) }];
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
            href: mismatch.fields.first().map(|pointer| href(pointer)).unwrap_or_default(),
            words,
        });
    }
    said
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A value as people write it: days and times in their form, everything else as it is.
fn printed(read: &str, value: &Value) -> String {
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
        _ => None,
    };
    said.unwrap_or(text)
}

/// Whether a refusal is about what was typed, so that the form is shown again rather than a page about the error.
#[must_use]
pub fn is_about_input(problem: &Problem) -> bool {
    let stale = Refusal::Stale.code();
    !problem.faults.is_empty()
        || !problem.violations.is_empty()
        || problem.code == stale
        || problem.status == 409
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_text() {
        let fields = Fields::of(Lang::En, serde_json::json!({"title": "\"><script>alert(1)</script>"}));
        let (line, block) = (fields.line("/title"), fields.block("/title"));
        assert!(!line.contains("<script") && !block.contains("<script"), "{line}{block}");
        assert!(!line.contains("value=\"\">"), "{line}");
    }

    #[test]
    fn a_day_that_cannot_be_read_is_shown_as_it_was_typed() {
        let form = Form::parse(b"/arrives_on:date=31%2F02%2F2026&/departs_on:date=5%2F2%2F2026");
        let fields = Fields::typed(Lang::Vi, &form, None);
        assert!(fields.line("/arrives_on:date").contains("value=\"31/02/2026\""));
        assert!(fields.line("/departs_on:date").contains("value=\"05/02/2026\""));
    }
}
