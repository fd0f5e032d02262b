//! One delegation: summary, members, programme, papers, steps with names and clocks, duties, rounds, timeline. The
//! buttons are the commands that the use case itself gives this reader.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::NaiveDate;
use serde_json::Value;

use super::assessment;
use super::differences::{self, Names};
use super::inbox::Due;
use super::overrides;
use super::shell::{self, Shell};
use super::submit::{self, Answer};
use super::timeline;
use super::visit::{self, Told};
use super::words;
use crate::clock::day_in_vietnam;
use crate::domain::access::{Action, Reach, Role};
use crate::domain::alert::Alert;
use crate::domain::approval::Verdict;
use crate::domain::codes::Outcome;
use crate::domain::delegation::UnnamedGroup;
use crate::domain::dossier::{Command, State};
use crate::domain::ids::{DossierId, OrganisationId, PartnerId, PlanItemId};
use crate::domain::obligation::ObligationState;
use crate::domain::rulebook::Explanation;
use crate::http::body;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::service::course::{self, Links};
use crate::service::files::{self, PaperView as Paper};
use crate::service::members::{self, MemberView};
use crate::service::obligations::{self, ObligationView};
use crate::service::returns::covering::{self, Covering};
use crate::service::views::{
    self, ChangeView, DecisionView, DelegationView, HistoryItem, RevisionView, StepView, Waiting,
};
use crate::service::{
    Context, Result as ServiceResult, delegations, organisations, partners, plans, rules, users,
};
use crate::store::ReadTx;
use crate::texts;

/// Entries of the timeline that a dossier's page shows.
const TOLD: i64 = 15;

/// Everything that the page shows, read in one snapshot.
pub struct Whole {
    /// The dossier.
    pub view: DelegationView,
    /// Who travels.
    pub members: Vec<MemberView>,
    /// The steps of the last round.
    pub steps: Vec<StepView>,
    /// Papers.
    pub papers: Vec<Paper>,
    /// Duties.
    pub obligations: Vec<ObligationView>,
    /// Rounds with what changed.
    pub rounds: Vec<RevisionView>,
    /// The last entries of the journal about it.
    pub history: Vec<HistoryItem>,
    /// What the rules say, while the dossier is not over.
    pub explanation: Option<Explanation>,
    /// What it repeats, and what repeats it.
    pub links: Links,
    /// Closed returns that hold the day of the visit, once it was reported.
    pub closed: Vec<Covering>,
    /// Names of organisations.
    pub names: BTreeMap<OrganisationId, String>,
    /// Names of the partners that it says or said.
    pub partners: BTreeMap<PartnerId, String>,
    /// Titles of the items of the annual plan that it says or said.
    pub plan_items: BTreeMap<PlanItemId, String>,
    /// Names of those who acted.
    pub people: BTreeMap<String, String>,
}

impl Whole {
    /// The names that values of this dossier are spoken with.
    #[must_use]
    pub fn named(&self) -> Names<'_> {
        Names { organisations: &self.names, partners: &self.partners, plan_items: &self.plan_items }
    }

    /// What was approved under a condition: what holds, not what was proposed.
    #[must_use]
    pub fn demands(&self, shell: &Shell) -> Vec<String> {
        let all = self.steps.iter().flat_map(|step| &step.decisions);
        all.filter(|decision| !decision.recommends).flat_map(|decision| shell.demands(decision)).collect()
    }

    /// The partner, by name.
    #[must_use]
    pub fn partner(&self) -> Option<&str> {
        self.partners.get(self.view.content.partner_id.as_ref()?).map(String::as_str)
    }
}

/// The partners that a dossier says now, and that differences between its rounds speak of.
fn partners_of(view: &DelegationView, rounds: &[RevisionView]) -> BTreeSet<PartnerId> {
    let changes = rounds.iter().flat_map(|round| &round.changes);
    let said = changes.filter(|change| change.pointer == "/partner_id");
    let said = said.flat_map(|change| [&change.before, &change.after]).flatten();
    let said = said.filter_map(|value| value.as_str()?.parse().ok());
    said.chain(view.content.partner_id).collect()
}

/// The items of the annual plan that a dossier says now, and that differences between its rounds speak of.
fn plan_items_of(view: &DelegationView, rounds: &[RevisionView]) -> BTreeSet<PlanItemId> {
    let changes = rounds.iter().flat_map(|round| &round.changes);
    let said = changes.filter(|change| change.pointer == "/plan");
    let said = said.flat_map(|change| [&change.before, &change.after]).flatten();
    let said = said.filter_map(|value| value.get("item_id")?.as_str()?.parse().ok());
    said.chain(view.content.plan.as_ref().and_then(|plan| plan.item_id)).collect()
}

/// Reads it.
///
/// # Errors
/// `NotFound` where the reader may not know of it.
pub fn read(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> ServiceResult<Whole> {
    let view = views::delegation(tx, ctx, id)?;
    let steps = views::chain(tx, ctx, id)?;
    let last = view.revision;
    let history = views::deeds(tx, ctx, id, TOLD)?;
    let actors = history.iter().filter_map(|item| item.actor_id.as_deref()?.parse().ok()).collect();
    let rounds = views::rounds(tx, ctx, id)?;
    let explained = matches!(view.state, State::Draft | State::Submitted | State::Received | State::Returned);
    let reported = view.reported_at.is_some();
    Ok(Whole {
        links: course::links(tx, ctx, id)?,
        closed: if reported { covering::of_dossier(tx, ctx, id, None)? } else { Vec::new() },
        explanation: if explained { Some(rules::explain(tx, ctx, id)?) } else { None },
        members: members::list(tx, ctx, id)?,
        steps: steps.into_iter().filter(|step| step.revision == last).collect(),
        papers: if ctx.actor.reach(Action::ReadPaper) == Reach::Never {
            Vec::new()
        } else {
            files::list(tx, ctx, id)?
        },
        obligations: obligations::of_dossier(tx, ctx, id)?,
        partners: partners::names(tx, ctx, &partners_of(&view, &rounds))?,
        plan_items: plans::titles(tx, &plan_items_of(&view, &rounds))?,
        rounds,
        names: organisations::names(tx, ctx.actor.lang)?,
        people: users::names(tx, actors)?,
        history,
        view,
    })
}

/// Since when the permit of a delegation permits nothing any more.
#[must_use]
pub fn void_since(view: &DelegationView) -> Option<NaiveDate> {
    let is_void = matches!(view.state, State::Cancelled | State::Revoked);
    is_void.then(|| day_in_vietnam(view.state_since))
}

#[derive(Template)]
#[template(path = "dossier.html")]
struct DossierPage<'p> {
    shell: &'p Shell,
    whole: Whole,
    reads_papers: bool,
    may_copy: bool,
    /// What the rules say.
    assessment: String,
    /// The roles that this reader holds, by which duties are his or hers.
    owed_at: Vec<(Role, OrganisationId)>,
}

impl DossierPage<'_> {
    fn organisation(&self, id: &OrganisationId) -> &str {
        self.whole.names.get(id).map_or("", String::as_str)
    }

    fn lead_host(&self) -> &str {
        self.whole.view.content.lead_host_id.as_ref().map_or("", |id| self.organisation(id))
    }

    /// Countries, days and host, as far as they are known.
    fn lead(&self) -> String {
        let (shell, content) = (self.shell, &self.whole.view.content);
        let parts = [shell.countries(&content.countries), shell.span(content), self.lead_host().to_owned()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }

    /// Why it came back, while it waits for what is missing, or why it was rejected.
    fn returned(&self) -> Option<&DecisionView> {
        let said = match self.whole.view.state {
            State::Returned => Verdict::Return,
            State::Rejected => Verdict::Reject,
            _ => return None,
        };
        let all = self.whole.steps.iter().flat_map(|step| &step.decisions);
        all.filter(|decision| decision.decision == said).max_by_key(|one| one.made_at)
    }

    /// Who ended it before its time, when and why.
    fn ended(&self) -> Option<(String, &str)> {
        let action = match self.whole.view.state {
            State::Cancelled => "delegation.cancelled",
            State::Revoked => "delegation.revoked",
            _ => return None,
        };
        let item = self.whole.history.iter().find(|item| item.action == action)?;
        let who = item.actor_id.as_ref().and_then(|id| self.whole.people.get(id)).cloned();
        let when = self.shell.instant(&item.at);
        let said = [who.unwrap_or_else(|| self.shell.t("dossier-by-system")), when].join(", ");
        Some((said, item.values.get("reason").map_or("", String::as_str)))
    }

    /// Since when its permit permits nothing any more.
    fn void_since(&self) -> Option<NaiveDate> {
        void_since(&self.whole.view)
    }

    fn standing(&self) -> String {
        self.shell.standing(self.whole.view.state, Some(&views::standing(&self.whole.steps)))
    }

    /// Whether there is a rule to be passed by, or one was asked to be.
    fn has_overrides(&self) -> bool {
        let view = &self.whole.view;
        let open = matches!(view.state, State::Draft | State::Submitted | State::Received | State::Returned);
        let waits = view.waiting_for.iter().any(|waiting| waiting.override_id.is_some());
        let rules = self.whole.explanation.iter().flat_map(|explanation| &explanation.rules);
        let mut rules = rules.filter(|rule| rule.overridden || overrides::is_passable(rule));
        open && (waits || rules.next().is_some())
    }

    /// How a step stands: until when, or since when it is done.
    fn clock(&self, step: &StepView) -> String {
        let due = step.due_on.map(|due| self.shell.t1("page-due-on", "date", self.shell.day(&due)));
        let closed = step.closed_at.map(|at| self.shell.day(&day_in_vietnam(at)));
        let state =
            [Some(self.shell.coded(&step.state)), closed].into_iter().flatten().collect::<Vec<_>>().join(" ");
        [Some(state), due].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    fn timeline(&self) -> Vec<timeline::Line> {
        timeline::lines(self.shell, &self.whole.history, &self.whole.people)
    }

    /// Everything that was stated of it.
    fn stated(&self) -> Vec<Answer> {
        submit::answers(self.shell, &self.whole).into_iter().filter(|answer| answer.said != "–").collect()
    }

    fn due(&self, waiting: &Waiting) -> Due {
        let due = Due::of(self.shell, waiting.due_on, waiting.working_days);
        due.before(self.shell, &waiting.kind, waiting.due_on, self.whole.view.content.starts_on())
    }

    fn href(&self, command: &Command) -> String {
        format!("/delegations/{}/do/{command}", self.whole.view.id)
    }

    fn may_edit(&self) -> bool {
        self.whole.view.commands.iter().any(|command| matches!(command, Command::Save | Command::Amend))
    }

    /// Whether an edit may open an amendment: what is there is permitted.
    fn amends(&self) -> bool {
        self.whole.view.commands.contains(&Command::Amend)
    }

    /// Commands that a button offers: editing has pages of its own.
    fn commands(&self) -> Vec<Command> {
        let edits = |command: &Command| matches!(command, Command::Save | Command::Amend);
        self.whole.view.commands.iter().copied().filter(|command| !edits(command)).collect()
    }

    /// Commands that take something back stand apart.
    fn takes_back(command: Command) -> bool {
        matches!(command, Command::Recall | Command::Cancel | Command::Revoke | Command::Duplicate)
    }

    /// What can be done now beside the step that is expected.
    fn others(&self) -> Vec<Command> {
        let view = &self.whole.view;
        let now = |command: &Command| {
            Some(*command) != view.expected_command
                && !view.early_commands.contains(command)
                && !Self::takes_back(*command)
        };
        self.commands().into_iter().filter(now).collect()
    }

    fn back(&self) -> Vec<Command> {
        self.commands().into_iter().filter(|command| Self::takes_back(*command)).collect()
    }

    fn about(&self, change: &ChangeView) -> String {
        differences::about(self.shell, change)
    }

    fn value(&self, change: &ChangeView, value: &Option<Value>) -> String {
        differences::said(self.shell, &self.whole.named(), &change.pointer, value.as_ref())
    }

    fn reads_papers(&self) -> bool {
        self.reads_papers
    }

    /// Whether a duty is this reader's and still open.
    fn owes(&self, duty: &ObligationView) -> bool {
        duty.state == ObligationState::Open
            && self.owed_at.iter().any(|(role, at)| *role == duty.role && *at == duty.organisation_id)
    }

    /// An alert with the day that matters; of a duty, which one and until when.
    fn alert(&self, alert: &Alert) -> String {
        let said = self.shell.word("alert", alert.code);
        let duty = self.whole.obligations.iter().find(|duty| Some(duty.id) == alert.obligation_id);
        let Some(duty) = duty else { return format!("{said} ({})", self.shell.day(&alert.on)) };
        let (title, due) = (self.shell.pick(&duty.title_vi, &duty.title_en), self.due_at(&duty.due_at));
        let known = [("alert", said.as_str()), ("duty", title), ("due", &due)];
        texts::text(self.shell.lang, "alert-of-duty", &known)
    }

    /// What was reported of the visit.
    fn told(&self) -> Option<Told> {
        Told::of(self.shell, &self.whole)
    }

    fn may_report(&self) -> bool {
        self.whole.view.commands.contains(&Command::Report)
    }

    fn is_no_show(&self) -> bool {
        self.whole.view.outcome == Some(Outcome::NoShow)
    }

    fn group_came(&self, group: &UnnamedGroup) -> String {
        visit::group_came(self.shell, group)
    }

    fn wall(&self, at: &chrono::NaiveDateTime) -> String {
        words::wall(*at)
    }

    fn group(&self, group: &UnnamedGroup) -> String {
        let country = match &group.country {
            Some(_) => self.shell.country(&group.country),
            None => self.shell.t("page-unknown"),
        };
        let n = group.came.unwrap_or(group.planned).to_string();
        texts::text(self.shell.lang, "dossier-groups", &[("n", &n), ("country", &country)])
    }

    fn due_at(&self, at: &str) -> String {
        chrono::DateTime::parse_from_rfc3339(at)
            .map_or_else(|_| at.to_owned(), |at| words::wall(at.naive_local()))
    }
}

/// The page.
///
/// # Errors
/// 404 where the reader may not know of it.
pub async fn show(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let id: DossierId = body::id(&request, "id")?;
    let shell = Shell::of(&request, &caller)?;
    let read = caller.read(move |tx, ctx| {
        let whole = read(tx, ctx, id)?;
        let may_copy = delegations::may_copy(tx, ctx, whole.view.organisation_id)?;
        Ok((whole, may_copy))
    });
    let (whole, may_copy) = read.await?;
    let actor = &caller.known.actor;
    let reads_papers = actor.reach(Action::ReadPaper) != Reach::Never;
    let owed_at = obligations::places(actor);
    let (view, rules) = (&whole.view, whole.explanation.as_ref());
    let assessment = assessment::shown(&shell, &caller, view, rules, &whole.members);
    let page = DossierPage { shell: &shell, whole, reads_papers, may_copy, assessment, owed_at };
    shell::page(StatusCode::OK, shell.lang, &page)
}
