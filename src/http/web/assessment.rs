//! What the rules say of a dossier, beside its pages: what is not kept stands open and first, with what is lacking by
//! name; everything else is folded with its count. It judges nothing: the service did.

use askama::Template;

use super::shell::Shell;
use crate::domain::access::{Action, Reach};
use crate::domain::codes::Code;
use crate::domain::file::FileKind;
use crate::domain::rulebook::{Explanation, LackView, Lacking, PapersView, RuleView, Verdict};
use crate::http::caller::Caller;
use crate::service::members::MemberView;
use crate::service::views::DelegationView;
use crate::texts;

/// Most people that are named where a paper of theirs is lacking.
const NAMED: usize = 6;

/// What is folded, in this order, and the text that says how many there are.
const FOLDED: [(Verdict, &str); 4] = [
    (Verdict::Unknown, "rules-n-unknown"),
    (Verdict::NoRuleInForce, "rules-n-no-rule-in-force"),
    (Verdict::Met, "rules-n-met"),
    (Verdict::Noted, "rules-n-noted"),
];

/// The section.
#[derive(Template)]
#[template(path = "assessment.html")]
struct Assessment<'p> {
    shell: &'p Shell,
    explanation: &'p Explanation,
    /// The dossier, where it is of one.
    view: Option<&'p DelegationView>,
    members: &'p [MemberView],
    reads_papers: bool,
}

/// The section as it stands in a page; nothing while there is nothing to say.
#[must_use]
pub fn shown(
    shell: &Shell,
    caller: &Caller,
    view: &DelegationView,
    explanation: Option<&Explanation>,
    members: &[MemberView],
) -> String {
    let reads_papers = caller.known.actor.reach(Action::ReadPaper) != Reach::Never;
    let section = |explanation| Assessment { shell, explanation, view: Some(view), members, reads_papers };
    explanation.map(section).and_then(|section| section.render().ok()).unwrap_or_default()
}

/// The same of facts that no dossier states: nothing leads to one.
#[must_use]
pub fn of_facts(shell: &Shell, explanation: &Explanation) -> String {
    let section = Assessment { shell, explanation, view: None, members: &[], reads_papers: false };
    section.render().unwrap_or_default()
}

/// Where the wording of a rule stands with its validity, source and what it demands.
#[must_use]
pub fn basis(explanation: &Explanation, rule: &RuleView) -> String {
    format!("/office/rules/{}#{}@{}", explanation.rulebook_version, rule.rule, rule.valid_from)
}

/// A group of rules that say the same, folded.
struct Group<'p> {
    verdict: Verdict,
    words: String,
    rules: Vec<&'p RuleView>,
}

impl<'p> Assessment<'p> {
    /// What is not kept: what stops the submission first.
    fn broken(&self) -> Vec<&'p RuleView> {
        let rules = self.explanation.rules.iter();
        rules.filter(|rule| rule.verdict == Verdict::Violated).collect()
    }

    fn folded(&self) -> Vec<Group<'p>> {
        let group = |(verdict, key): &(Verdict, &str)| {
            let said = |rule: &&RuleView| rule.verdict == *verdict;
            let rules: Vec<&RuleView> = self.explanation.rules.iter().filter(said).collect();
            Group { verdict: *verdict, words: self.shell.t1(key, "n", rules.len()), rules }
        };
        FOLDED.iter().map(group).filter(|group| !group.rules.is_empty()).collect()
    }

    fn lacking(&self, rule: &RuleView) -> String {
        lacking(self.shell, self.explanation, rule, self.members)
    }

    fn basis(&self, rule: &RuleView) -> String {
        basis(self.explanation, rule)
    }

    /// Of whom copies of passports are lacking.
    fn without_scan(&self) -> String {
        without_scan(self.shell, &self.explanation.papers, self.members)
    }

    /// Where some copies are there, and not all.
    fn lacks_some_scans(&self) -> bool {
        let papers = &self.explanation.papers;
        !papers.missing.contains(&FileKind::PassportScan) && !papers.without_passport_scan.is_empty()
    }

    /// Where the dossier is; nothing where there is none.
    fn dossier(&self) -> Option<String> {
        self.view.map(|view| format!("/delegations/{}", view.id))
    }

    fn typed_in(&self, kind: &FileKind) -> String {
        self.view.map(|view| typed_in(self.shell, view, self.members, *kind)).unwrap_or_default()
    }

    /// The list that the system writes of what was typed in, for whoever may have it.
    fn has_list(&self, kind: &FileKind) -> bool {
        *kind == FileKind::GuestList && self.reads_papers && !self.members.is_empty()
    }

    fn may_be_asked_by(&self, rule: &RuleView) -> bool {
        let blocks = rule.severity.code() == "block" && rule.override_by.is_some();
        blocks && !rule.overridden
    }
}

/// What a rule lacks, by name: "Thiếu: văn bản xin phép; bản chụp hộ chiếu của A, B"; empty for nothing.
#[must_use]
pub fn lacking(shell: &Shell, explanation: &Explanation, rule: &RuleView, members: &[MemberView]) -> String {
    let named = |lack: &LackView| {
        let name = uncapitalised(shell.pick(&lack.name_vi, &lack.name_en));
        let is_scan = lack.kind == Lacking::Paper && lack.code == FileKind::PassportScan.code();
        let whose = if is_scan { without_scan(shell, &explanation.papers, members) } else { String::new() };
        match (lack.kind, whose.as_str()) {
            (Lacking::Opinion, _) => shell.t1("rules-lacks-opinion", "body", name),
            (Lacking::Step, _) => shell.t1("rules-lacks-step", "step", name),
            (_, "") => name,
            (_, names) => texts::text(shell.lang, "rules-lacks-of", &[("what", &name), ("names", names)]),
        }
    };
    if rule.lacking.is_empty() {
        return String::new();
    }
    let key = match rule.verdict {
        Verdict::Violated if rule.lacking.iter().all(|lack| lack.kind == Lacking::Duty) => "rules-overdue",
        Verdict::Violated => "rules-lacks",
        _ => "rules-needs",
    };
    shell.t1(key, "what", rule.lacking.iter().map(named).collect::<Vec<_>>().join("; "))
}

/// What is typed in already and yet lacks as a paper: that the paper itself is needed all the same.
#[must_use]
pub fn typed_in(shell: &Shell, view: &DelegationView, members: &[MemberView], kind: FileKind) -> String {
    let (key, n) = match kind {
        FileKind::GuestList => ("papers-typed-list", members.len()),
        FileKind::Programme => ("papers-typed-programme", view.content.programme.len()),
        _ => return String::new(),
    };
    if n == 0 { String::new() } else { shell.t1(key, "n", n) }
}

/// Of whom copies of passports are lacking, by name; empty for nobody.
#[must_use]
pub fn without_scan(shell: &Shell, papers: &PapersView, members: &[MemberView]) -> String {
    let without = &papers.without_passport_scan;
    let names: Vec<&str> = members
        .iter()
        .filter(|member| without.contains(&member.id))
        .map(|member| member.full_name.as_str())
        .collect();
    let first = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(NAMED).filter(|more| *more > 0) {
        None => first,
        Some(more) => {
            texts::text(shell.lang, "rules-and-more", &[("names", &first), ("n", &more.to_string())])
        }
    }
}

/// A name within a sentence: its first letter small, unless it is an abbreviation.
fn uncapitalised(name: &str) -> String {
    let mut letters = name.chars();
    let (first, second) = (letters.next(), letters.clone().next());
    match (first, second) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::uncapitalised;

    #[test]
    fn a_name_in_a_sentence_begins_small() {
        assert_eq!(uncapitalised("Văn bản xin phép"), "văn bản xin phép");
        assert_eq!(uncapitalised("Đề nghị"), "đề nghị");
        assert_eq!(uncapitalised("NA2"), "NA2");
        assert_eq!(uncapitalised(""), "");
    }
}
