//! The chain of a dossier as the API shows it: steps with their decisions and answers on paper, in all rounds and laps.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::access::Role;
use crate::domain::approval::{Addressee, Answer, Chain, StepState, Term, Verdict};
use crate::domain::codes::SigningForm;
use crate::domain::delegation::{Content, ProgrammeItem};
use crate::domain::ids::{
    AccountId, DossierId, FileId, MandateId, MemberId, OrganisationId, PersonId, StepId,
};
use crate::service::{Context, Result, course, delegations, rules};
use crate::store::accounts::{self, Account};
use crate::store::decisions::{self, ActingFor, Decision};
use crate::store::mandates::{self, Mandate};
use crate::store::opinions::{self, Opinion};
use crate::store::people::Member;
use crate::store::steps::{self, StoredStep};
use crate::store::{ReadTx, revisions};

/// A step with its decisions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StepView {
    /// Id.
    pub id: StepId,
    /// Of which revision.
    pub revision: i32,
    /// How often the chain was laid again within the revision before it.
    pub lap: i32,
    /// Order within the revision.
    pub no: i32,
    /// Steps of one stage open together; the next stage opens when every step of this one is done.
    pub stage: i32,
    /// Kind.
    pub kind: String,
    /// Words, in Vietnamese.
    pub title_vi: String,
    /// Words, in English.
    pub title_en: String,
    /// Where it is decided, or recorded.
    pub organisation_id: OrganisationId,
    /// By which role.
    pub role: Role,
    /// How many must agree.
    pub quorum: i32,
    /// The body that answers on paper.
    pub body: Option<String>,
    /// Whether its objection forbids the approval.
    pub binding: bool,
    /// State.
    pub state: StepState,
    /// How long it may take.
    pub clock: Option<Term>,
    /// Last day of its clock, once it is open.
    pub due_on: Option<NaiveDate>,
    /// Since when it is open.
    pub opened_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub closed_at: Option<DateTime<Utc>>,
    /// Decisions on it.
    pub decisions: Vec<DecisionView>,
    /// Answers on paper.
    pub opinions: Vec<OpinionView>,
}

/// In whose place a decision was made.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActingForView {
    /// The giver of the mandate.
    pub account_id: AccountId,
    /// The giver's name.
    pub name: String,
    /// The mandate.
    pub mandate_id: MandateId,
    /// Number of the mandate's letter.
    pub letter_number: String,
    /// Date of the mandate's letter.
    pub letter_date: NaiveDate,
}

/// A decision.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DecisionView {
    /// What.
    pub decision: Verdict,
    /// Whether it recommends to the stages after it: a forwarded opinion, or an agreement before the last stage. What
    /// it strikes is proposed then; the last stage strikes.
    pub recommends: bool,
    /// With `return`: to whom.
    pub to: Option<Addressee>,
    /// Why.
    pub comment: Option<String>,
    /// The conditions.
    pub conditions: Option<String>,
    /// Members who were struck out, or are proposed to be.
    pub strike_members: Vec<MemberId>,
    /// Items of the programme that were struck out, or are proposed to be, by place from 0.
    pub strike_programme: Vec<usize>,
    /// Names of those members, as the round that was decided on says them.
    pub struck_members: Vec<String>,
    /// Those items of the programme, as that round says them.
    pub struck_items: Vec<ProgrammeItem>,
    /// Account.
    pub account_id: AccountId,
    /// Name.
    pub name: String,
    /// Natural person.
    pub person_id: PersonId,
    /// In whose place.
    pub acting_for: Option<ActingForView>,
    /// Signing forms.
    pub forms: Vec<SigningForm>,
    /// Hash of the content that was decided on.
    pub content_hash: String,
    /// When.
    pub made_at: DateTime<Utc>,
}

/// An answer on paper.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OpinionView {
    /// The body that answered.
    pub body: String,
    /// Its name, in Vietnamese.
    pub body_vi: String,
    /// Its name, in English.
    pub body_en: String,
    /// What.
    pub answer: Answer,
    /// Number of its paper.
    pub number: Option<String>,
    /// Date of its paper.
    pub date: Option<NaiveDate>,
    /// Its conditions, or why it objects.
    pub conditions: Option<String>,
    /// Handled outside the system.
    pub handled_offline: bool,
    /// Its paper, if it was uploaded to the dossier.
    pub file_id: Option<FileId>,
    /// Who recorded it; not who gave it.
    pub recorded_by: AccountId,
    /// That account's name.
    pub recorded_by_name: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// The steps of a dossier, all rounds.
///
/// # Errors
/// `NotFound` where the actor may not know of it.
pub fn chain(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> Result<Vec<StepView>> {
    let stored = delegations::get(tx, ctx, id)?;
    let (_, book) = rules::book_of(tx, ctx, &stored)?;
    let (decided, said) = (decisions::list(tx, id)?, opinions::list(tx, id)?);
    let givers = decided.iter().filter_map(|decision| decision.acting_for).map(|giver| giver.account);
    let mut ids: Vec<AccountId> = decided.iter().map(|decision| decision.account).chain(givers).collect();
    ids.extend(said.iter().map(|opinion| opinion.recorded_by));
    let beside = Beside {
        accounts: accounts::load_many(tx, &ids)?,
        mandates: mandates::load_many(tx, &mandates_of(&decided))?,
        rounds: struck_rounds(tx, id, &decided)?,
    };
    let laid = steps::list(tx, id)?;
    let last: BTreeMap<(i32, i32), i32> = laid.iter().fold(BTreeMap::new(), |mut last, step| {
        let stage = last.entry((step.revision, step.step.lap)).or_insert(step.step.stage);
        *stage = (*stage).max(step.step.stage);
        last
    });
    let calendar = &ctx.settings.calendar;
    let view = |stored: StoredStep| {
        let due_on = stored.opened_at.and_then(|_| course::due_of(calendar, &stored));
        let is_last = last.get(&(stored.revision, stored.step.lap)) == Some(&stored.step.stage);
        let step = stored.step;
        let on_it = |decision: &&Decision| decision.step == step.id;
        let of_it = |opinion: &&Opinion| opinion.step == step.id;
        StepView {
            revision: stored.revision,
            lap: step.lap,
            no: step.no,
            stage: step.stage,
            title_vi: stored.title_vi,
            title_en: stored.title_en,
            organisation_id: step.organisation,
            role: step.role,
            quorum: step.quorum,
            binding: step.binding,
            state: step.state,
            clock: stored.clock,
            due_on,
            opened_at: stored.opened_at,
            closed_at: stored.closed_at,
            decisions: decided.iter().filter(on_it).map(|one| decision(one, is_last, &beside)).collect(),
            opinions: said
                .iter()
                .filter(of_it)
                .map(|one| opinion(one, &book.chain, &beside.accounts))
                .collect(),
            id: step.id,
            kind: step.kind,
            body: step.body,
        }
    };
    Ok(laid.into_iter().map(view).collect())
}

fn name(accounts: &[Account], id: AccountId) -> String {
    let account = accounts.iter().find(|account| account.id == id);
    account.map(|account| account.display_name.clone()).unwrap_or_default()
}

/// What stands beside decisions: who made them, under which mandates, and the rounds out of which something was struck.
struct Beside {
    accounts: Vec<Account>,
    mandates: Vec<Mandate>,
    rounds: BTreeMap<i32, (Content, Vec<Member>)>,
}

fn mandates_of(decided: &[Decision]) -> Vec<MandateId> {
    decided.iter().filter_map(|decision| decision.acting_for).map(|giver| giver.mandate).collect()
}

/// The rounds out of which something was struck, as they were submitted.
fn struck_rounds(
    tx: &mut ReadTx<'_>,
    id: DossierId,
    decided: &[Decision],
) -> Result<BTreeMap<i32, (Content, Vec<Member>)>> {
    let struck = decided.iter().filter(|decision| !decision.struck.is_empty());
    let numbers: BTreeSet<i32> = struck.map(|decision| decision.revision).collect();
    numbers
        .into_iter()
        .map(|no| Ok((no, delegations::thaw(&revisions::values(tx, id, no, false)?)?)))
        .collect()
}

impl Beside {
    fn struck_members(&self, decision: &Decision) -> Vec<String> {
        let members = self.rounds.get(&decision.revision).map(|(_, members)| members.as_slice());
        let struck = |member: &&Member| decision.struck.members.contains(&member.id);
        let struck = members.unwrap_or_default().iter().filter(struck);
        struck.map(|member| member.standing.full_name.clone()).collect()
    }

    fn struck_items(&self, decision: &Decision) -> Vec<ProgrammeItem> {
        let content = self.rounds.get(&decision.revision).map(|(content, _)| content);
        let item = |place: &usize| content?.programme.get(*place).cloned();
        decision.struck.programme.iter().filter_map(item).collect()
    }

    fn acting_for(&self, giver: ActingFor) -> Option<ActingForView> {
        let mandate = self.mandates.iter().find(|mandate| mandate.id == giver.mandate)?;
        Some(ActingForView {
            account_id: giver.account,
            name: name(&self.accounts, giver.account),
            mandate_id: giver.mandate,
            letter_number: mandate.letter_number.clone(),
            letter_date: mandate.letter_date,
        })
    }
}

fn decision(decision: &Decision, is_last: bool, beside: &Beside) -> DecisionView {
    let agrees = matches!(decision.verdict, Verdict::Approve | Verdict::ApproveWithConditions);
    DecisionView {
        decision: decision.verdict,
        recommends: decision.verdict == Verdict::Forward || (agrees && !is_last),
        to: decision.returned_to,
        comment: decision.comment.clone(),
        conditions: decision.conditions.clone(),
        strike_members: decision.struck.members.clone(),
        strike_programme: decision.struck.programme.clone(),
        struck_members: beside.struck_members(decision),
        struck_items: beside.struck_items(decision),
        account_id: decision.account,
        name: name(&beside.accounts, decision.account),
        person_id: decision.person,
        acting_for: decision.acting_for.and_then(|giver| beside.acting_for(giver)),
        forms: decision.forms.clone(),
        content_hash: hex::encode(&decision.content_hash),
        made_at: decision.made_at,
    }
}

fn opinion(opinion: &Opinion, chain: &Chain, accounts: &[Account]) -> OpinionView {
    let body = chain.body(&opinion.body);
    OpinionView {
        body: opinion.body.clone(),
        body_vi: body.map_or_else(|| opinion.body.clone(), |body| body.name_vi.clone()),
        body_en: body.map_or_else(|| opinion.body.clone(), |body| body.name_en.clone()),
        answer: opinion.answer,
        number: opinion.number.clone(),
        date: opinion.dated_on,
        conditions: opinion.conditions.clone(),
        handled_offline: opinion.handled_offline,
        file_id: opinion.file,
        recorded_by: opinion.recorded_by,
        recorded_by_name: name(accounts, opinion.recorded_by),
        recorded_at: opinion.recorded_at,
    }
}
