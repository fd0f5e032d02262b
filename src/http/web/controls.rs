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

mod spoken;

use spoken::{broken, href, named, numberless, of_kind, plain_name, printed, row_of, shown};
pub use spoken::{fault_of, fault_words, happened, id, known_label, label, label_key, said, why_words};

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
    /// The form whose own words come before those that every form has: `receive` says `Số đến` for `/number`.
    of: &'static str,
    /// Pointers, without numbers, of the fields that must be filled in.
    must: Vec<String>,
    /// The same of those that may wait until the dossier is submitted.
    later: Vec<String>,
    /// Whether the form explains its marks itself.
    explained: bool,
    /// Since when what is filled in here was kept unsaved.
    pub kept: Option<String>,
    /// What stands above the summary, and a sentence below it; the usual words where there is none.
    pub headline: Option<(String, String)>,
    /// Everything that is wrong, for the summary.
    pub summary: Vec<Said>,
}

#[derive(Template)]
#[template(path = "control.html")]
struct Control<'c> {
    name: String,
    id: String,
    label: String,
    /// Number of its row, for whoever hears the label without the row; empty outside of rows.
    row: String,
    /// The word that it must be filled in; empty where it need not.
    mark: String,
    hint: String,
    error: String,
    kind: &'c str,
    value: String,
    values: Vec<String>,
    choices: Vec<Choice>,
    empty: String,
    required: bool,
    /// How a day, or a moment, is written.
    form: String,
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
        Self {
            lang,
            values,
            faults: Vec::new(),
            of: "",
            must: Vec::new(),
            later: Vec::new(),
            explained: false,
            kept: None,
            headline: None,
            summary: Vec::new(),
        }
    }

    /// With the fields that must be filled in, in the order of the form: they are marked by a word. Without numbers a pointer
    /// names a field of every row that there may be, with them the field of a row that must be there.
    #[must_use]
    pub fn must(mut self, pointers: &[&str]) -> Self {
        self.must.extend(pointers.iter().map(|&pointer| pointer.to_owned()));
        self.name_the_missing();
        self
    }

    /// Of a refused form every field that must be filled in and is empty, in the order of the form: reading it stops at the
    /// first one.
    fn name_the_missing(&mut self) {
        if self.faults.is_empty() {
            return;
        }
        // A part that was left empty as a whole is not there: its fields are missed where they are named with their row.
        let is_empty = |pointer: &&String| match self.values.pointer(pointer) {
            Some(value) => value.is_null(),
            None => numberless(pointer) != **pointer,
        };
        let is_named = |pointer: &str| self.faults.iter().any(|fault| fault.pointer == pointer);
        let missing = self.must.iter().filter(is_empty).filter(|pointer| !is_named(pointer));
        let missing: Vec<Fault> = missing.map(|pointer| Fault::at(pointer, "required")).collect();
        self.summary.extend(self.said(&missing, &[], &href));
        self.faults.extend(missing);
        let places: Vec<String> = self.must.iter().map(|pointer| href(pointer)).collect();
        self.summary
            .sort_by_key(|said| places.iter().position(|place| *place == said.href).unwrap_or(usize::MAX));
    }

    /// With the fields that may be empty in a draft and must be filled in when it is submitted.
    #[must_use]
    pub fn must_later(mut self, pointers: impl IntoIterator<Item = String>) -> Self {
        self.later.extend(pointers);
        self
    }

    /// With the words of this form where it has its own (`label-<form>-..`, `hint-<form>-..`), also for what was refused.
    #[must_use]
    pub fn words_of(mut self, form: &'static str, refused: Option<&Problem>) -> Self {
        self.of = form;
        if let Some(problem) = refused {
            self.refuse(problem);
        }
        self
    }

    /// With these values in place of what is there.
    #[must_use]
    pub fn with_values(self, values: Value) -> Self {
        Self { values, ..self }
    }

    /// Rows of a list that cannot be read, in place of the usual summary.
    pub fn rows_refused(&mut self, headline: String, sentence: String, rows: Vec<Said>) {
        self.headline = Some((headline, sentence));
        self.summary = rows;
    }

    /// The form stands further down its page, and explains its marks itself.
    #[must_use]
    pub fn explained_at_the_form(mut self) -> Self {
        self.explained = true;
        self
    }

    /// Whether a field of the form must be filled in, which the top of the page explains.
    #[must_use]
    pub fn has_must(&self) -> bool {
        !self.must.is_empty() && !self.explained
    }

    /// Whether a field of the form must be filled in before the dossier is submitted.
    #[must_use]
    pub fn has_later(&self) -> bool {
        !self.later.is_empty()
    }

    /// The word that marks a field which must be filled in; empty for others.
    #[must_use]
    pub fn mark(&self, pointer: &str) -> String {
        let plain = numberless(pointer);
        let must = self.must.iter().any(|must| *must == plain || must == pointer);
        let key = match (must, self.later.contains(&plain)) {
            (true, _) => "page-required",
            (false, true) => "page-required-later",
            (false, false) => return String::new(),
        };
        texts::text(self.lang, key, &[])
    }

    /// A text of a field: that of this form, else the common one.
    fn words(&self, family: &str, pointer: &str) -> Option<String> {
        let key = label_key(pointer);
        let name = key.trim_start_matches("label-");
        let keys = [format!("{family}-{}-{name}", self.of), format!("{family}-{name}")];
        let known = keys.iter().find(|key| texts::has(self.lang, key))?;
        Some(texts::text(self.lang, known, &[]))
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
        self.summary = self.said(&problem.faults, &problem.violations, &href);
        if self.summary.is_empty() {
            if texts::has(lang, &format!("error-title-{}", problem.code)) {
                let title = texts::text(lang, &format!("error-title-{}", problem.code), &[]);
                self.headline = Some((title, String::new()));
            }
            self.summary.push(Said { href: String::new(), words: happened(lang, &problem.code) });
        }
        self.name_the_missing();
    }

    /// Faults and rules that are not kept, one by one, each with the place where it is mended.
    #[must_use]
    pub fn said(
        &self,
        faults: &[Fault],
        violations: &[Violation],
        place: &dyn Fn(&str) -> String,
    ) -> Vec<Said> {
        let fault = |fault: &Fault| Said {
            href: place(&fault.pointer),
            words: named(
                self.lang,
                self.words("label", &fault.pointer),
                &fault.pointer,
                self.fault_words(fault),
            ),
        };
        let broken = violations.iter().flat_map(|violation| broken(self.lang, violation, place));
        faults.iter().map(fault).chain(broken).collect()
    }

    /// What stands in the way of something, one by one, under a heading that says so: of an empty field its name alone.
    #[must_use]
    pub fn lacking(
        &self,
        faults: &[Fault],
        violations: &[Violation],
        place: &dyn Fn(&str) -> String,
    ) -> Vec<Said> {
        let name = |fault: &Fault| {
            let own = self.words("label", &fault.pointer);
            (fault.code == "required").then(|| own.unwrap_or_else(|| known_label(self.lang, &fault.pointer)))
        };
        let names = faults.iter().map(name).chain(std::iter::repeat(None));
        let said = self.said(faults, violations, place).into_iter().zip(names);
        said.map(|(said, name)| Said { words: name.unwrap_or(said.words), ..said }).collect()
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
        fault.map(|fault| self.fault_words(fault)).unwrap_or_default()
    }

    fn fault_words(&self, fault: &Fault) -> String {
        let name = self.words("label", &fault.pointer).unwrap_or_else(|| plain_name(&fault.pointer));
        of_kind(self.lang, fault).unwrap_or_else(|| fault_of(self.lang, &name, fault.code))
    }

    /// How many rows a list has.
    #[must_use]
    pub fn rows(&self, pointer: &str) -> usize {
        self.values.pointer(pointer).and_then(Value::as_array).map_or(0, Vec::len)
    }

    fn control(&self, kind: &'static str, name: &str, required: bool) -> Control<'static> {
        let pointer = name.split(':').next().unwrap_or(name);
        let (row, is_row) = row_of(pointer);
        let label =
            self.words("label", pointer).unwrap_or_else(|| texts::text(self.lang, &label_key(pointer), &[]));
        let fault = self.faults.iter().find(|fault| fault.pointer == pointer);
        let read = name.split(':').nth(1).unwrap_or_default();
        let value = self.values.pointer(pointer);
        Control {
            name: name.to_owned(),
            id: id(pointer),
            // A row that is one field has its number in view; in a row of several, the row says it.
            label: if is_row { format!("{label} {row}") } else { label },
            row: if is_row { String::new() } else { row },
            mark: if is_row { String::new() } else { self.mark(pointer) },
            hint: self.words("hint", pointer).unwrap_or_default(),
            error: fault.map(|fault| self.fault_words(fault)).unwrap_or_default(),
            kind,
            value: value.map(|value| printed(read, value)).unwrap_or_default(),
            values: value
                .and_then(Value::as_array)
                .map(|all| all.iter().map(shown).collect())
                .unwrap_or_default(),
            choices: Vec::new(),
            empty: texts::text(self.lang, "page-choose", &[]),
            form: texts::text(
                self.lang,
                if read == "date" { "form-of-a-day" } else { "form-of-a-moment" },
                &[],
            ),
            required: required || self.must.contains(&numberless(pointer)),
        }
    }

    /// One line of text; also days (`:date`), times (`:time`) and numbers (`:int`).
    #[must_use]
    pub fn line(&self, name: &str) -> String {
        rendered(&self.control("line", name, false))
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

/// Whether a refusal is about what was typed, so that the form is shown again rather than a page about the error.
#[must_use]
pub fn is_about_input(problem: &Problem) -> bool {
    let sent_again = [Refusal::Stale.code(), Refusal::KeyReused.code()];
    !problem.faults.is_empty()
        || !problem.violations.is_empty()
        || sent_again.contains(&problem.code)
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
