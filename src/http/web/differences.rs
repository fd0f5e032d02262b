//! What a frozen value of a dossier says to people: for differences between rounds in two columns, and for the answers
//! that are looked over before a submission.

use std::collections::BTreeMap;

use serde_json::Value;

use super::controls;
use super::shell::Shell;
use crate::domain::codes::Lang;
use crate::domain::countries;
use crate::domain::ids::{OrganisationId, PartnerId, PlanItemId};
use crate::service::views::ChangeView;
use crate::texts;

/// Names for the ids that values hold.
#[derive(Debug, Clone, Copy)]
pub struct Names<'n> {
    /// Of organisations.
    pub organisations: &'n BTreeMap<OrganisationId, String>,
    /// Of partners.
    pub partners: &'n BTreeMap<PartnerId, String>,
    /// Of items of the annual plan.
    pub plan_items: &'n BTreeMap<PlanItemId, String>,
}

/// What a change is about.
#[must_use]
pub fn about(shell: &Shell, change: &ChangeView) -> String {
    if change.pointer.starts_with("/members/") {
        let named = [&change.after, &change.before].into_iter().flatten().find_map(full_name);
        return shell.t1("desk-member", "name", named.unwrap_or_default());
    }
    controls::label(shell.lang, &change.pointer)
}

/// What a value says; a dash where there is none.
#[must_use]
pub fn said(shell: &Shell, names: &Names<'_>, pointer: &str, value: Option<&Value>) -> String {
    let said = value.map(|value| spoken(shell, names, pointer.trim_start_matches('/'), value));
    said.filter(|said| !said.is_empty()).unwrap_or_else(|| "–".to_owned())
}

fn spoken(shell: &Shell, names: &Names<'_>, name: &str, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(yes) => shell.t(if *yes { "page-yes" } else { "page-no" }),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text_of(shell, names, name, text),
        Value::Array(items) => {
            let items = items.iter().map(|item| spoken(shell, names, name, item));
            items.filter(|said| !said.is_empty()).collect::<Vec<_>>().join("\n")
        }
        Value::Object(fields) if name.starts_with("members/") => {
            let mut said = vec![full_name(value).unwrap_or_default()];
            let standing = fields.get("standing").and_then(Value::as_object).unwrap_or(fields);
            for (family, field) in [("", "position"), ("", "organisation"), ("visa", "visa")] {
                said.push(standing.get(field).map(|v| word(shell, family, v)).unwrap_or_default());
            }
            said.push(fields.get("role").map(|role| word(shell, "member-role", role)).unwrap_or_default());
            said.push(
                fields
                    .get("nationality")
                    .and_then(Value::as_str)
                    .map(|code| countries::name(code, shell.lang))
                    .unwrap_or_default(),
            );
            said.retain(|part| !part.is_empty());
            said.join(", ")
        }
        Value::Object(fields) if fields.contains_key("starts_at") => {
            let part = |field: &str| {
                value.pointer(field).map(|of_it| spoken(shell, names, field, of_it)).unwrap_or_default()
            };
            let place = part("/place/name");
            let at = if place.is_empty() { String::new() } else { format!(", {place}") };
            format!("{} – {}{at}", part("/starts_at"), part("/what"))
        }
        Value::Object(_) if name == "funding" => funding(shell, value),
        Value::Object(fields) if name == "request_letter" => {
            let part = |field: &str| fields.get(field).map(|of_it| spoken(shell, names, field, of_it));
            let named = |field: &str| part(field).filter(|said| !said.is_empty() && said != "0");
            let day = named("date").map(|day| shell.t1("desk-letter-of", "date", day));
            let people = named("people").map(|n| shell.t1("desk-letter-people", "n", n));
            let letter = [named("number"), day].into_iter().flatten().collect::<Vec<_>>().join(" ");
            [Some(letter).filter(|said| !said.is_empty()), people]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(", ")
        }
        Value::Object(fields) => {
            // A tick that nobody set says nothing here.
            let fields = fields.iter().filter(|(_, value)| **value != Value::Bool(false));
            let part =
                |(field, value): (&String, &Value)| spoken(shell, names, &format!("{name}/{field}"), value);
            fields.map(part).filter(|said| !said.is_empty()).collect::<Vec<_>>().join(", ")
        }
    }
}

/// Who pays how much, and what for.
fn funding(shell: &Shell, line: &Value) -> String {
    let text = |field: &str| line.get(field).and_then(Value::as_str).unwrap_or_default();
    let number = |field: &str| line.get(field).and_then(Value::as_u64);
    let covers = line.get("covers").and_then(Value::as_array).into_iter().flatten();
    let mut beside: Vec<String> =
        covers.filter_map(Value::as_str).map(|code| cover(shell.lang, code)).collect();
    beside.extend(number("persons").map(|n| shell.t1("funding-persons", "n", n)));
    beside.extend(number("days").map(|n| shell.t1("funding-days", "n", n)));
    if !text("rate").is_empty() {
        beside.push(shell.t1("funding-rate", "amount", text("rate")));
    }
    let paid = format!("{}: {} {}", shell.word("payer", text("payer")), text("amount"), text("currency"));
    if beside.is_empty() { paid } else { format!("{paid} ({})", beside.join(", ")) }
}

/// What money is for; in its own words where it is none of the usual.
#[must_use]
pub fn cover(lang: Lang, code: &str) -> String {
    let known = texts::has(lang, &format!("word-cover-{}", code.replace('_', "-")));
    if known { super::words::word(lang, "cover", code) } else { code.to_owned() }
}

fn word(shell: &Shell, family: &str, value: &Value) -> String {
    match value.as_str() {
        Some(code) if !family.is_empty() => shell.word(family, code),
        Some(text) => text.to_owned(),
        None => String::new(),
    }
}

fn full_name(value: &Value) -> Option<String> {
    let name = value.get("full_name").or_else(|| value.pointer("/standing/full_name"))?;
    name.as_str().map(str::to_owned)
}

fn text_of(shell: &Shell, names: &Names<'_>, name: &str, text: &str) -> String {
    let field = name.rsplit('/').next().unwrap_or(name);
    let family = match (name, field) {
        ("guest_kinds", _) => "guest-kind",
        ("primary_field" | "other_fields", _) => "field",
        ("plan/status", _) => "plan-status",
        (_, "rank" | "channel" | "direction" | "origin" | "guest_base" | "head_level" | "zone" | "payer") => {
            field
        }
        _ => "",
    };
    if !family.is_empty() && !text.is_empty() {
        return shell.word(&family.replace('_', "-"), text);
    }
    if matches!(field, "countries" | "country") {
        return countries::name(text, shell.lang);
    }
    let organisation = || names.organisations.get(&text.parse().ok()?);
    let partner = || names.partners.get(&text.parse().ok()?);
    let planned = || names.plan_items.get(&text.parse().ok()?);
    if let Some(named) = organisation().or_else(partner).or_else(planned) {
        return named.clone();
    }
    if let Ok(day) = text.parse::<chrono::NaiveDate>() {
        return shell.day(&day);
    }
    let time = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S");
    time.map_or_else(|_| text.to_owned(), super::words::wall)
}
