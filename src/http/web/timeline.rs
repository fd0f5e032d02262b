//! The timeline of a dossier in words: who did what to whom and when; what the same person did again and again within
//! minutes is one line that opens.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::controls;
use super::shell::Shell;
use super::submit;
use crate::domain::codes::Code;
use crate::service::views::{HistoryItem, MemberMove, MemberTold};
use crate::texts;

/// How far apart two neighbours may be to stand in one line.
const NEIGHBOURS: TimeDelta = TimeDelta::minutes(2);
/// Most fields that are named.
const FIELDS: usize = 4;

/// One thing that happened.
pub struct Happened {
    /// What, in words.
    pub what: String,
    /// Which fields it changed, in words; empty for none.
    pub fields: String,
    /// Why, as somebody said; empty for nothing.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A line of the timeline.
pub struct Line {
    /// What, for all of it.
    pub what: String,
    /// Who.
    pub who: String,
    /// What happened, the newest first; one, or several that are folded.
    pub happened: Vec<Happened>,
    key: (Option<String>, String),
}

/// The lines of a history, the newest first.
#[must_use]
pub fn lines(shell: &Shell, history: &[HistoryItem], people: &BTreeMap<String, String>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for item in history {
        let happened = happened(shell, item);
        let key = (item.actor_id.clone(), kind(item));
        let last = lines.last_mut().filter(|line| {
            let near = line.happened.last().is_some_and(|last| last.at - happened.at <= NEIGHBOURS);
            line.key == key && near && happened.reason.is_empty()
        });
        match last.filter(|line| line.happened.iter().all(|one| one.reason.is_empty())) {
            Some(line) => line.happened.push(happened),
            None => {
                let known = item.actor_id.as_ref().and_then(|id| people.get(id)).cloned();
                let who = known.unwrap_or_else(|| shell.t("dossier-by-system"));
                lines.push(Line { what: happened.what.clone(), who, happened: vec![happened], key });
            }
        }
    }
    for line in lines.iter_mut().filter(|line| line.happened.len() > 1) {
        line.what = several(shell, line);
    }
    lines
}

/// What makes two entries the same kind of thing: the action, and what it did with a member.
fn kind(item: &HistoryItem) -> String {
    let moves: Vec<&str> = item.members.iter().map(|member| member.what.code()).collect();
    format!("{} {}", item.action, moves.join(" "))
}

fn several(shell: &Shell, line: &Line) -> String {
    let n = line.happened.len().to_string();
    let (action, moves) = line.key.1.split_once(' ').unwrap_or_default();
    if MemberMove::ALL.iter().any(|one| one.code() == moves) {
        return shell.t1(&format!("timeline-members-{moves}"), "n", n);
    }
    let what = shell.word("event", action.replace('.', "-"));
    texts::text(shell.lang, "timeline-several", &[("what", &what), ("n", &n)])
}

fn happened(shell: &Shell, item: &HistoryItem) -> Happened {
    let event = shell.word("event", item.action.replace('.', "-"));
    let members: Vec<String> = item.members.iter().map(|member| of_member(shell, member)).collect();
    let saved = item.action == "delegation.saved";
    let what = match (saved, members.is_empty()) {
        (_, true) => event,
        (true, false) => members.join("; "),
        (false, false) => format!("{event}: {}", members.join("; ")),
    };
    let edits = matches!(
        item.action.as_str(),
        "delegation.saved" | "delegation.amendment_opened" | "delegation.approved"
    );
    let told = ["reason", "comment", "conditions"].iter().find_map(|name| item.values.get(*name));
    Happened {
        what,
        fields: if edits { fields(shell, item) } else { String::new() },
        reason: told.cloned().unwrap_or_default(),
        at: item.at,
    }
}

fn of_member(shell: &Shell, member: &MemberTold) -> String {
    let key = format!("timeline-member-{}", member.what.code());
    match &member.name {
        Some(name) => shell.t1(&key, "name", name),
        None => shell.t1(&format!("timeline-members-{}", member.what.code()), "n", 1),
    }
}

/// The fields that an edit changed, by their labels.
fn fields(shell: &Shell, item: &HistoryItem) -> String {
    let own = item.values.keys().filter(|name| name.starts_with('/') && !name.starts_with("/members/"));
    let mut labels: Vec<String> = own.filter_map(|pointer| label(shell, pointer)).collect();
    labels.dedup();
    let more = labels.len().saturating_sub(FIELDS);
    labels.truncate(FIELDS);
    let named = labels.join(", ");
    match more {
        0 => named,
        n => texts::text(shell.lang, "timeline-more-fields", &[("fields", &named), ("n", &n.to_string())]),
    }
}

/// The label of a field; none for one that has no name of its own.
pub(super) fn label(shell: &Shell, pointer: &str) -> Option<String> {
    let label = submit::label(shell, pointer);
    (label != controls::label(shell.lang, pointer) || texts::has(shell.lang, &controls::label_key(pointer)))
        .then_some(label)
}
