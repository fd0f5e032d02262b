//! The values of a journal entry in words: what each is called and what it says. Codes become their words, ids the names
//! that the reader may know; what has neither is left to the part for machines.

use chrono::{DateTime, NaiveDate};
use uuid::Uuid;

use super::reports::Place;
use super::shell::Shell;
use super::{differences, submit};
use crate::domain::journal::named::{Named, ids, pieces};
use crate::service::trail::{Known, Names};
use crate::texts;

/// Families in which the word for a value of this name is looked for.
const FAMILIES: &[(&str, &[&str])] = &[
    ("action", &["action"]),
    ("answer", &["answer"]),
    ("attendance", &["attendance"]),
    ("decision", &["verdict"]),
    ("format", &["format"]),
    ("grant", &["role"]),
    ("kind", &["file-kind", "organisation-kind", "period-kind", "official"]),
    ("refusal", &["problem"]),
    ("role", &["role"]),
    ("state", &["state"]),
    ("to", &["addressee"]),
    ("type", &["passport-type"]),
    ("was", &["word-mail-state"]),
    ("what", &["export-what"]),
    ("window", &["window"]),
];

/// What a value is called.
#[must_use]
pub fn called(shell: &Shell, names: &Names, name: &str) -> String {
    match Named::of(name) {
        Named::Member(_) => shell.t("told-member"),
        Named::Field(pointer) => submit::label(shell, pointer),
        Named::Of(what, id) => {
            let of = names.of(id).map(|known| known.name().to_owned());
            let is_told = id.parse::<Uuid>().is_err() && id.parse::<u32>().is_err();
            let of = of.unwrap_or_else(|| if is_told { id.to_owned() } else { String::new() });
            format!("{} {of}", plain(shell, what)).trim().to_owned()
        }
        Named::Before(what) => shell.t1("told-before", "what", plain(shell, what)),
        Named::After(what) => shell.t1("told-after", "what", plain(shell, what)),
        Named::Plain(what) => plain(shell, what),
    }
}

fn plain(shell: &Shell, name: &str) -> String {
    let key = format!("word-value-{}", name.replace(['_', '.'], "-"));
    if texts::has(shell.lang, &key) { shell.t(&key) } else { name.to_owned() }
}

/// What a value says.
#[must_use]
pub fn says(shell: &Shell, names: &Names, name: &str, text: &str) -> String {
    let base = match Named::of(name) {
        Named::Member(pointer) | Named::Field(pointer) => {
            let value = serde_json::from_str(text).unwrap_or(serde_json::Value::Null);
            let named = differences::Names {
                organisations: names.organisations(),
                partners: names.partners(),
                plan_items: names.plan_items(),
            };
            return differences::said(shell, &named, pointer, Some(&value));
        }
        Named::Of(base, _) | Named::Before(base) | Named::After(base) | Named::Plain(base) => base,
    };
    if text.parse::<Uuid>().is_ok() {
        return names.of(text).map_or_else(|| shell.t("told-id"), |known| known.name().to_owned());
    }
    if ids(text).next().is_some() {
        return pieces(text).map(|piece| named(shell, names, base, piece)).collect();
    }
    word(shell, base, text).or_else(|| moment(shell, text)).unwrap_or_else(|| text.to_owned())
}

/// A piece of a value that speaks of several things: the name for an id, the word for a code.
fn named(shell: &Shell, names: &Names, base: &str, piece: &str) -> String {
    let bare = piece.trim_end_matches(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'));
    let said = match bare.parse::<Uuid>() {
        Ok(_) => names.of(bare).map(|known| known.name().to_owned()).or_else(|| Some(shell.t("told-id"))),
        Err(_) => word(shell, base, bare),
    };
    said.map_or_else(|| piece.to_owned(), |said| piece.replacen(bare, &said, 1))
}

/// The members of whom an entry tells, by name.
#[must_use]
pub fn members(shell: &Shell, values: &[(String, String)]) -> Option<String> {
    let of_members = values.iter().filter(|(name, _)| name.starts_with("/members/"));
    let name = |(_, text): &(String, String)| {
        let member: serde_json::Value = serde_json::from_str(text).ok()?;
        Some(member.get("full_name")?.as_str()?.to_owned())
    };
    let names: Vec<String> = of_members.filter_map(name).collect();
    (!names.is_empty()).then(|| shell.t1("desk-member", "name", names.join(", ")))
}

fn word(shell: &Shell, base: &str, text: &str) -> Option<String> {
    match text {
        "true" => return Some(shell.t("page-yes")),
        "false" => return Some(shell.t("page-no")),
        _ => {}
    }
    let (_, families) = FAMILIES.iter().find(|(name, _)| *name == base)?;
    let code = text.replace('_', "-").to_ascii_lowercase();
    let key = |family: &&str| match *family {
        "problem" => format!("problem-{code}"),
        family => format!("word-{}-{code}", family.trim_start_matches("word-")),
    };
    let key = families.iter().map(key).find(|key| texts::has(shell.lang, key))?;
    Some(shell.t(&key))
}

fn moment(shell: &Shell, text: &str) -> Option<String> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Some(shell.day(&day));
    }
    let at = DateTime::parse_from_rfc3339(text).ok()?;
    Some(shell.instant(&at.to_utc()))
}

/// Where a known thing has a page.
#[must_use]
pub fn href(id: &str, known: &Known<'_>) -> Option<String> {
    match known {
        Known::Dossier(_) => Some(format!("/delegations/{id}")),
        Known::Person(_) => Some(format!("/people/{id}")),
        Known::Account(_) => Some(format!("/journal?actor={id}")),
        Known::Organisation(_) => None,
        Known::Return(closed) => {
            let (period, window) = (closed.period, closed.window);
            Some(Place { period, window, of: Some(closed.organisation) }.at("", &[]))
        }
    }
}
