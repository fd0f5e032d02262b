//! Before a submission: the answers once more, each with a way to change it; what will happen, and who will be told.

use askama::Template;
use serde_json::Value;

use super::controls::{self, Fields, Said};
use super::dossier::Whole;
use super::shell::Shell;
use super::{differences, places};
use crate::domain::approval::Term;
use crate::domain::codes::Direction;
use crate::service::course::Foreseen;

/// The answers that are looked over, in the order of the form.
const ANSWERS: &[(&str, bool, bool)] = &[
    // pointer, of inbound, of outbound
    ("/title", true, true),
    ("/purpose", true, true),
    ("/primary_field", true, true),
    ("/other_fields", true, true),
    ("/channel", true, true),
    ("/rank", true, false),
    ("/guest_base", true, false),
    ("/guest_kinds", true, false),
    ("/ngo_registration", true, false),
    ("/head_level", false, true),
    ("/lead_host_id", true, true),
    ("/co_host_ids", true, true),
    ("/partner_id", true, true),
    ("/countries", true, true),
    ("/arrives_on", true, true),
    ("/departs_on", true, true),
    ("/enters_vn_on", true, true),
    ("/leaves_vn_on", true, true),
    ("/entry_gate", true, false),
    ("/programme", true, false),
    ("/groups", true, false),
    ("/stays", false, true),
    ("/funding", false, true),
    ("/training", false, true),
    ("/decision_ref", false, true),
    ("/request_letter", true, true),
    ("/contact", true, true),
    ("/press", true, true),
    ("/sensitive", true, true),
    ("/sponsored", true, false),
    ("/interpreter", true, true),
    ("/lodging", true, true),
    ("/gifts", true, true),
    ("/plan", true, true),
    ("/origin", true, true),
    ("/origin_reason", true, true),
    ("/confidential", true, true),
    ("/urgent_reason", true, true),
];

/// One answer.
pub struct Answer {
    /// What was asked.
    pub label: String,
    /// What was said.
    pub said: String,
    /// Where it is changed.
    pub href: String,
}

/// The page.
#[derive(Template)]
#[template(path = "submit.html")]
pub struct Submit<'p> {
    /// Around it.
    pub shell: &'p Shell,
    /// The dossier.
    pub whole: Whole,
    /// The declaration, and what was refused.
    pub fields: Fields,
    /// What will happen.
    pub foreseen: Foreseen,
    /// The answers.
    pub answers: Vec<Answer>,
    /// What the rules say.
    pub assessment: String,
    /// What it would be refused for now.
    pub lacking: Vec<Said>,
}

impl Submit<'_> {
    fn organisation(&self, id: &crate::domain::ids::OrganisationId) -> &str {
        self.whole.names.get(id).map_or("", String::as_str)
    }

    fn term(&self, term: &Term) -> String {
        term_words(self.shell, term)
    }
}

/// A term in words.
#[must_use]
pub fn term_words(shell: &Shell, term: &Term) -> String {
    let key = match term.unit {
        crate::domain::calendar::Unit::WorkingDay => "desk-working-days",
        crate::domain::calendar::Unit::CalendarDay => "desk-days",
        crate::domain::calendar::Unit::Hour => "desk-hours",
    };
    shell.t1(key, "n", term.n)
}

/// The answers of a dossier.
#[must_use]
pub fn answers(shell: &Shell, whole: &Whole) -> Vec<Answer> {
    let names = whole.named();
    let content = serde_json::to_value(&whole.view.content).unwrap_or(Value::Null);
    let inbound = whole.view.content.direction == Direction::Inbound;
    let asked = ANSWERS
        .iter()
        .filter(|(_, of_inbound, of_outbound)| if inbound { *of_inbound } else { *of_outbound });
    let mut answers: Vec<Answer> = asked
        .map(|(pointer, _, _)| Answer {
            label: label(shell, pointer),
            said: differences::said(shell, &names, pointer, content.pointer(pointer)),
            href: places::of(whole.view.id, pointer),
        })
        .collect();
    let people: Vec<String> = whole
        .members
        .iter()
        .map(|member| format!("{} – {} ({})", member.full_name, member.position, shell.coded(&member.role)))
        .collect();
    answers.push(Answer {
        label: shell.t("dossier-members"),
        said: if people.is_empty() { "–".to_owned() } else { people.join("\n") },
        href: places::of(whole.view.id, "/members"),
    });
    let here = whole.papers.iter().filter(|paper| paper.taken_away.is_none());
    let papers: Vec<String> = here.map(|paper| shell.coded(&paper.kind)).collect();
    answers.push(Answer {
        label: shell.t("papers-title"),
        said: if papers.is_empty() { "–".to_owned() } else { papers.join("\n") },
        href: places::of(whole.view.id, "/papers"),
    });
    answers
}

/// What a field of the content is called.
#[must_use]
pub fn label(shell: &Shell, pointer: &str) -> String {
    match pointer {
        "/programme" => shell.t("dossier-programme"),
        "/groups" => shell.t("register-groups"),
        "/stays" => shell.t("register-stays"),
        "/funding" => shell.t("register-funding"),
        "/request_letter" => shell.t("desk-letter"),
        "/contact" => shell.t("label-contact-name"),
        other => controls::label(shell.lang, other),
    }
}
