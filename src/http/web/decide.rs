//! Deciding on one printable sheet: who, when, rank, who receives and where, what was recommended and what bodies
//! answered, the visits before, rules that are not kept, what changed since the last round; and all five decisions.

use askama::Template;

use super::assessment;
use super::controls::{Choice, Fields, vocabulary};
use super::differences;
use super::dossier::Whole;
use super::inbox::Due;
use super::shell::Shell;
use super::words;
use crate::domain::approval::{Addressee, StepState, Verdict};
use crate::domain::codes::{Code, MemberRole, SigningForm};
use crate::domain::countries;
use crate::domain::ids::OrganisationId;
use crate::domain::rulebook;
use crate::service::files::{PaperState, PaperView};
use crate::service::mandates::MandateView;
use crate::service::members::MemberView;
use crate::service::rules::overrides::OverrideView;
use crate::service::views::{ChangeView, DecisionView, DelegationItem, Earlier, OpinionView, StepView};
use crate::texts;

/// The page.
#[derive(Template)]
#[template(path = "decide.html")]
pub struct Decide<'p> {
    /// Around it.
    pub shell: &'p Shell,
    /// The dossier.
    pub whole: Whole,
    /// The form.
    pub fields: Fields,
    /// Visits before this one.
    pub earlier: Earlier,
    /// Rules that were asked to be passed by.
    pub overrides: Vec<OverrideView>,
    /// The mandate under which the reader decides.
    pub mandate: Option<MandateView>,
    /// The city, as it stands before the date of papers; empty for none.
    pub place: String,
}

impl Decide<'_> {
    fn organisation(&self, id: &OrganisationId) -> &str {
        self.whole.names.get(id).map_or("", String::as_str)
    }

    /// The body and the office of whose turn it is, above the place for the signature.
    fn desk(&self) -> Vec<String> {
        let open = self.whole.steps.iter().find(|step| step.state == StepState::Open && step.body.is_none());
        let lines = |step: &StepView| {
            let office = self.shell.coded(&step.role);
            let office = match self.mandate {
                Some(_) => format!("TUQ. {office}"),
                None => office,
            };
            vec![self.organisation(&step.organisation_id).to_owned(), office]
        };
        open.map(lines).unwrap_or_default()
    }

    fn lead_host(&self) -> &str {
        self.organisation(&self.whole.view.content.lead_host_id.unwrap_or(self.whole.view.organisation_id))
    }

    /// Position and organisation of a member, as far as they are known.
    fn post(&self, member: &MemberView) -> String {
        let known = [member.position.as_str(), member.organisation.as_str()];
        known.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }

    /// Until when this step is to be decided.
    fn due(&self) -> Option<Due> {
        let open =
            self.whole.steps.iter().find(|step| step.state == StepState::Open && step.body.is_none())?;
        let waiting = self.whole.view.waiting_for.iter().find(|one| one.step_id == Some(open.id))?;
        waiting.due_on?;
        let due = Due::of(self.shell, waiting.due_on, waiting.working_days);
        Some(due.before(self.shell, "decide", waiting.due_on, self.whole.view.content.starts_on()))
    }

    fn is_here(&self, paper: &PaperView) -> bool {
        paper.state == PaperState::Stored
    }

    fn co_hosts(&self) -> String {
        let all = self.whole.view.content.co_host_ids.iter().map(|id| self.organisation(id));
        all.collect::<Vec<_>>().join(", ")
    }

    fn wall(&self, at: &chrono::NaiveDateTime) -> String {
        words::wall(*at)
    }

    fn verdicts(&self) -> String {
        self.fields.choice::<Verdict>("/decision")
    }

    fn to(&self) -> String {
        self.fields.coded::<Addressee>("/to")
    }

    /// TUQ. is no choice: a mandate adds it, and nothing else does.
    fn forms(&self) -> String {
        let mut forms = vocabulary::<SigningForm>(self.shell.lang);
        forms.retain(|form| form.value != SigningForm::Tuq.code());
        self.fields.some_of("/forms:list", &forms)
    }

    /// Members who may be struck out of an approval.
    fn strikable(&self) -> String {
        let members = self.whole.members.iter().filter(|member| member.role != MemberRole::Head);
        let choice = |member: &MemberView| Choice {
            value: member.id.to_string(),
            label: format!("{} – {}", member.full_name, member.position),
        };
        let choices: Vec<Choice> = members.map(choice).collect();
        if choices.is_empty() { String::new() } else { self.fields.some_of("/strike_members:list", &choices) }
    }

    /// Items of the programme that may be struck out, by place from 0.
    fn strikable_items(&self) -> String {
        let items = self.whole.view.content.programme.iter().enumerate();
        let choices: Vec<Choice> = items
            .map(|(place, item)| Choice { value: place.to_string(), label: words::item(item) })
            .collect();
        if choices.is_empty() {
            String::new()
        } else {
            self.fields.some_of("/strike_programme:ints", &choices)
        }
    }

    /// What was recommended in this round, with the step.
    fn recommended(&self) -> Vec<(&StepView, &DecisionView)> {
        let mut said = Vec::new();
        for step in &self.whole.steps {
            said.extend(step.decisions.iter().map(|decision| (step, decision)));
        }
        said
    }

    /// What bodies answered on paper.
    fn answered(&self) -> Vec<&OpinionView> {
        self.whole.steps.iter().flat_map(|step| &step.opinions).collect()
    }

    /// Bodies that were asked and have not answered.
    fn silent(&self) -> Vec<&StepView> {
        let asked = |step: &&StepView| step.body.is_some() && step.opinions.is_empty();
        self.whole.steps.iter().filter(asked).collect()
    }

    fn lacking(&self, rule: &rulebook::RuleView) -> String {
        let explanation = self.whole.explanation.as_ref();
        let named = |explanation| assessment::lacking(self.shell, explanation, rule, &self.whole.members);
        explanation.map(named).unwrap_or_default()
    }

    fn basis(&self, rule: &rulebook::RuleView) -> String {
        self.whole
            .explanation
            .as_ref()
            .map(|explanation| assessment::basis(explanation, rule))
            .unwrap_or_default()
    }

    fn red(&self) -> Vec<&rulebook::RuleView> {
        let rules = self.whole.explanation.iter().flat_map(|explanation| &explanation.rules);
        rules.filter(|rule| rule.verdict == rulebook::Verdict::Violated).collect()
    }

    fn changes(&self) -> &[ChangeView] {
        self.whole.rounds.last().map_or(&[], |round| round.changes.as_slice())
    }

    fn about(&self, change: &ChangeView) -> String {
        differences::about(self.shell, change)
    }

    fn value(&self, change: &ChangeView, value: &Option<serde_json::Value>) -> String {
        differences::said(self.shell, &self.whole.named(), &change.pointer, value.as_ref())
    }

    /// In whose place the reader decides, and by which letter.
    fn under(&self, mandate: &MandateView) -> String {
        let said = [
            ("giver", mandate.giver_name.as_str()),
            ("number", &mandate.letter_number),
            ("date", &words::day(mandate.letter_date)),
            ("to", &words::day(mandate.valid_to)),
        ];
        texts::text(self.shell.lang, "decide-by-mandate", &said)
    }

    fn actual(&self, visit: &DelegationItem) -> String {
        words::days(
            visit.actual_arrives_on.or(visit.arrives_on),
            visit.actual_departs_on.or(visit.departs_on),
        )
    }

    fn visit_host(&self, visit: &DelegationItem) -> &str {
        self.organisation(&visit.lead_host_id.unwrap_or(visit.organisation_id))
    }

    fn rule_title(&self, id: &str) -> String {
        let mut rules = self.whole.explanation.iter().flat_map(|explanation| &explanation.rules);
        let rule = rules.find(|rule| rule.rule == id);
        rule.map_or_else(|| id.to_owned(), |rule| self.shell.pick(&rule.title_vi, &rule.title_en).to_owned())
    }

    fn override_state(&self, one: &OverrideView) -> String {
        let key = match (one.holds, one.refused) {
            (true, _) => "overrides-granted",
            (_, true) => "overrides-refused",
            _ => "overrides-waits",
        };
        self.shell.t(key)
    }

    fn unnamed(&self) -> u32 {
        self.whole.view.content.groups.iter().map(|group| group.planned).sum()
    }

    fn verdict_of(&self, decision: &DecisionView) -> String {
        let word = self.shell.coded(&decision.decision);
        match decision.recommends {
            true => self.shell.t1("decide-recommends", "what", word),
            false => word,
        }
    }

    fn country(&self, code: &str) -> String {
        countries::name(code, self.shell.lang)
    }
}
