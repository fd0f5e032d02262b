//! A decision in words, the same on every page: who made it and in whose place, and what it demands.

use super::shell::Shell;
use super::words;
use crate::service::views::DecisionView;
use crate::texts;

impl Shell {
    /// Who decided; under a mandate, in whose place and by which letter.
    #[must_use]
    pub fn decider(&self, decision: &DecisionView) -> String {
        let Some(giver) = &decision.acting_for else { return decision.name.clone() };
        let said = [
            ("name", decision.name.as_str()),
            ("giver", &giver.name),
            ("number", &giver.letter_number),
            ("date", &words::day(giver.letter_date)),
        ];
        texts::text(self.lang, "said-by-mandate", &said)
    }

    /// What a decision demands: its conditions, who shall not come, and what shall not happen.
    #[must_use]
    pub fn demands(&self, decision: &DecisionView) -> Vec<String> {
        let mut lines: Vec<String> = decision.conditions.iter().cloned().collect();
        if !decision.struck_members.is_empty() {
            lines.push(self.t1("said-struck-members", "names", decision.struck_members.join(", ")));
        }
        if !decision.struck_items.is_empty() {
            let item = |item: &_| -> String { words::item(item) };
            let items: Vec<String> = decision.struck_items.iter().map(item).collect();
            lines.push(self.t1("said-struck-items", "items", items.join("; ")));
        }
        lines
    }
}
