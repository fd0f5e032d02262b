//! What is read of a dossier for its papers, and the facts that wordings use.

mod tables;

use chrono::NaiveDate;

use super::{LANG, body};
use crate::clock::day_in_vietnam;
use crate::domain::approval::{OrganisationKind, StepState, Verdict};
use crate::domain::codes::{Attendance, Code, Direction, MemberRole};
use crate::domain::countries;
use crate::domain::delegation::{Content, Letter};
use crate::domain::ids::OrganisationId;
use crate::domain::report::words::Spoken;
use crate::domain::rulebook;
use crate::paper::{Body, DossierFacts, Finding, Kind, Member, Number, Opinion};
use crate::service::members::{self, MemberView};
use crate::service::views::{self, DecisionView, StepView};
use crate::service::{Context, Result, alerts, delegations, rules};
use crate::store::dossiers::{self, Capacity, Stored};
use crate::store::organisations::{self, Organisation};
use crate::store::papers::{self, Paper};
use crate::store::people::Member as Stand;
use crate::store::{ReadTx, partners, revisions, rulebooks};
use crate::texts;

/// What is read of a dossier.
pub(super) struct Known {
    pub(super) stored: Stored,
    /// The content that the paper is about.
    content: Content,
    members: Vec<MemberView>,
    steps: Vec<StepView>,
    tree: Vec<Organisation>,
    pub(super) permit: Option<Paper>,
    partner: String,
    decider: Option<OrganisationId>,
    desk: Option<OrganisationId>,
}

impl Known {
    pub(super) fn read(tx: &mut ReadTx<'_>, ctx: &Context, stored: Stored, kind: Kind) -> Result<Self> {
        let id = stored.dossier.id;
        let shown = members::list(tx, ctx, id)?;
        let about_permitted = matches!(kind, Kind::Permit | Kind::Decision | Kind::ResultReport);
        let (content, mut members) = match stored.dossier.revision_in_force.filter(|_| about_permitted) {
            Some(no) => in_force(tx, &stored, no, shown)?,
            None => (stored.content.clone(), shown),
        };
        let head_first = |one: &MemberView| (one.role != MemberRole::Head, !one.guest, one.id.to_string());
        members.sort_by_key(head_first);
        let steps = views::chain(tx, ctx, id)?;
        let tree = organisations::list(tx)?;
        let papers: Vec<Paper> =
            papers::of_dossiers(tx, &[id])?.into_iter().map(|(_, paper)| paper).collect();
        let of_round = |paper: &&Paper| Some(paper.revision) == stored.dossier.revision_in_force;
        let permit = alerts::permit_in_force(&papers, &stored).filter(of_round).cloned();
        let partner = match content.partner_id {
            Some(partner) => partners::load(tx, partner)?.map(|partner| partner.name).unwrap_or_default(),
            None => String::new(),
        };
        let last =
            steps.iter().filter(|step| step.body.is_none()).max_by_key(|step| (step.revision, step.no));
        let desks = dossiers::organisations_of(tx, id, &[Capacity::Receives])?;
        Ok(Self {
            decider: last.map(|step| step.organisation_id),
            desk: desks.first().copied(),
            stored,
            content,
            members,
            steps,
            tree,
            permit,
            partner,
        })
    }

    fn organisation(&self, id: OrganisationId) -> Option<&Organisation> {
        self.tree.iter().find(|one| one.id == id)
    }

    fn body_of(&self, id: Option<OrganisationId>, else_kind: OrganisationKind) -> Body {
        let named = id.and_then(|id| self.organisation(id));
        let found = named.or_else(|| self.tree.iter().find(|one| one.kind == else_kind));
        body(&self.tree, found, LANG)
    }

    fn decider(&self) -> Body {
        self.body_of(self.decider, OrganisationKind::City)
    }

    fn filer(&self) -> Body {
        self.body_of(Some(self.stored.dossier.organisation), OrganisationKind::Union)
    }

    /// The body whose paper it is: who decides permits, the desk that receives appraises and submits, whoever filed the
    /// dossier lists and reports.
    pub(super) fn issuer(&self, kind: Kind) -> Body {
        match kind {
            Kind::Permit | Kind::Decision => self.decider(),
            Kind::AppraisalNote | Kind::Submission | Kind::Return => {
                self.body_of(self.desk, OrganisationKind::ForeignAffairs)
            }
            Kind::MemberList | Kind::ResultReport => self.filer(),
        }
    }

    fn name(&self, id: OrganisationId) -> String {
        self.organisation(id).map(|one| one.name(LANG).to_owned()).unwrap_or_default()
    }

    /// Who comes or came: named guests that were not absent, and those without names.
    fn guests(&self, came: bool) -> u64 {
        let is_there = |member: &&MemberView| match came {
            true => matches!(member.attendance, Attendance::Came | Attendance::Added),
            false => member.attendance != Attendance::Added,
        };
        let named = self.members.iter().filter(|member| member.guest).filter(is_there).count();
        let unnamed = self.content.groups.iter().map(|group| match came {
            true => u64::from(group.came.unwrap_or(0)),
            false => u64::from(group.planned),
        });
        u64::try_from(named).unwrap_or(u64::MAX).saturating_add(unnamed.sum())
    }

    pub(super) fn facts(&self, tx: &mut ReadTx<'_>, ctx: &Context, issuer: &Body) -> Result<DossierFacts> {
        let (content, stored) = (&self.content, &self.stored);
        let head = self.members.iter().find(|member| member.role == MemberRole::Head);
        let companions = self.members.iter().filter(|member| !member.guest).count();
        let companions = u64::try_from(companions).unwrap_or(u64::MAX);
        let guests = self.guests(false);
        let approval = self.approval();
        let proposal = self.proposal();
        let contact = &content.contact;
        Ok(DossierFacts {
            code: stored.dossier.code.clone().unwrap_or_default(),
            direction: content.direction,
            title: content.title.clone(),
            purpose: one_line(&content.purpose),
            rank: content.rank.map(|rank| rank.said(LANG).to_owned()).unwrap_or_default(),
            field: content.primary_field.map(|field| field.said(LANG).to_owned()).unwrap_or_default(),
            channel: content.channel.map(|channel| channel.said(LANG).to_owned()).unwrap_or_default(),
            countries: self.countries(),
            partner: self.partner.clone(),
            filer: self.filer(),
            issuer: issuer.clone(),
            decider: self.decider(),
            host: content.lead_host_id.map(|host| self.name(host)).unwrap_or_default(),
            co_hosts: content.co_host_ids.iter().map(|host| self.name(*host)).collect(),
            arrives_on: content.arrives_on,
            departs_on: content.departs_on,
            enters_vn_on: content.enters_vn_on,
            leaves_vn_on: content.leaves_vn_on,
            entry_gate: content.entry_gate.clone(),
            lodging: content.lodging.clone(),
            interpreter: content.interpreter.clone(),
            head: head.map(|head| head.full_name.clone()).unwrap_or_default(),
            head_position: head.map(standing).unwrap_or_default(),
            guests,
            companions,
            people: guests.saturating_add(companions),
            members: self.members.iter().map(named).collect(),
            letter: letter(&content.request_letter),
            incoming: stored.incoming.as_ref().map_or_else(Number::default, |(number, at)| Number {
                number: number.clone(),
                date: Some(day_in_vietnam(*at)),
            }),
            opinions: self.opinions(),
            findings: self.findings(tx, ctx)?,
            proposal,
            proposed: self.proposed(),
            conditions: self.conditions(),
            approved_on: approval.as_ref().map(|(day, _)| *day),
            approved_by: approval.map(|(_, name)| name).unwrap_or_default(),
            permit: self.permit.as_ref().map_or_else(Number::default, |permit| Number {
                number: format!("{}/{}", views::printed_number(&permit.number), permit.symbol),
                date: Some(permit.dated_on),
            }),
            actual_arrives_on: stored.actual_starts_on,
            actual_departs_on: stored.actual_ends_on,
            came: stored.reported_at.map(|_| self.guests(true)),
            results: paragraphs(&content.results),
            gifts: one_line(&content.gifts),
            contact: joined(", ", &[&contact.name, &contact.phone, &contact.email]),
        })
    }

    fn countries(&self) -> String {
        let mut codes: Vec<&str> = match self.content.direction {
            Direction::Inbound => self.content.countries.iter().map(String::as_str).collect(),
            Direction::Outbound => self.content.stays.iter().map(|stay| stay.country.as_str()).collect(),
        };
        codes.dedup();
        codes.into_iter().map(|code| countries::name(code, LANG)).collect::<Vec<_>>().join(", ")
    }

    /// The round that the paper is about.
    fn round(&self) -> i32 {
        self.steps.iter().map(|step| step.revision).max().unwrap_or(0)
    }

    /// The steps of the last lap of the round.
    fn chain(&self) -> impl Iterator<Item = &StepView> {
        let round = self.round();
        self.steps.iter().filter(move |step| step.revision == round && step.state != StepState::Dropped)
    }

    /// Day and voice of the approval of the revision in force.
    fn approval(&self) -> Option<(NaiveDate, String)> {
        let no = self.stored.dossier.revision_in_force?;
        let of_round = self.steps.iter().filter(|step| step.revision == no && step.body.is_none());
        let last = of_round.max_by_key(|step| step.no)?;
        let yes = |verdict| matches!(verdict, Verdict::Approve | Verdict::ApproveWithConditions);
        let decision = last.decisions.iter().rfind(|decision| yes(decision.decision))?;
        Some((day_in_vietnam(decision.made_at), decision.name.clone()))
    }

    fn appraised(&self) -> Option<&DecisionView> {
        self.chain().filter(|step| step.kind == "appraise").flat_map(|step| &step.decisions).last()
    }

    /// What the appraisal proposes, with its reason before it.
    fn proposal(&self) -> String {
        self.appraised().map_or_else(String::new, |decision| {
            let words = texts::text(LANG, &format!("paper-proposal-{}", decision.decision.code()), &[]);
            let reason = decision.comment.as_deref().map(one_line).unwrap_or_default();
            joined(". ", &[reason.trim_end_matches(['.', ';', ' ']), &words])
        })
    }

    /// Under which conditions the appraisal proposes to approve: never what was decided after it.
    fn proposed(&self) -> Vec<String> {
        self.appraised().map(conditions).unwrap_or_default()
    }

    /// Once it is approved, the conditions of whoever approved; before, those that were proposed last.
    fn conditions(&self) -> Vec<String> {
        let said = || self.chain().flat_map(|step| &step.decisions);
        let approves =
            |one: &DecisionView| matches!(one.decision, Verdict::Approve | Verdict::ApproveWithConditions);
        let holds = said().filter(|one| !one.recommends && approves(one)).last();
        let proposed = || said().map(conditions).filter(|conditions| !conditions.is_empty()).last();
        holds.map(conditions).or_else(proposed).unwrap_or_default()
    }

    fn opinions(&self) -> Vec<Opinion> {
        let said = self.chain().flat_map(|step| &step.opinions);
        said.map(|opinion| Opinion {
            body: opinion.body_vi.clone(),
            answer: texts::text(LANG, &format!("paper-answer-{}", opinion.answer.code()), &[]),
            number: opinion.number.clone().unwrap_or_default(),
            date: opinion.date,
            conditions: opinion.conditions.as_deref().map(one_line).unwrap_or_default(),
        })
        .collect()
    }

    fn findings(&self, tx: &mut ReadTx<'_>, ctx: &Context) -> Result<Vec<Finding>> {
        let (_, book) = rules::book_of(tx, ctx, &self.stored)?;
        let noted = rulebooks::noted(tx, &[self.stored.dossier.id])?.into_iter().map(|(_, finding)| finding);
        let last = self.stored.dossier.revision;
        let of_round = noted.filter(|finding| finding.revision == last);
        Ok(of_round
            .filter_map(|finding| {
                let rule = book.rules().iter().find(|rule| rule.id == finding.rule)?;
                Some(Finding {
                    message: rulebook::unfilled(rule.message_vi.trim_end_matches(['.', ';'])),
                    citation: rule.citation(),
                    overridden: finding.overridden,
                })
            })
            .collect())
    }
}

/// What a decision demands, a paragraph each: its conditions, who shall not come, and what shall not happen.
fn conditions(decision: &DecisionView) -> Vec<String> {
    let mut lines = decision.conditions.as_deref().map(paragraphs).unwrap_or_default();
    if !decision.struck_members.is_empty() {
        let names = decision.struck_members.join(", ");
        lines.push(texts::text(LANG, "paper-struck-members", &[("names", &names)]));
    }
    for item in &decision.struck_items {
        let (at, what) = (item.starts_at.format("%H:%M, %d/%m/%Y").to_string(), one_line(&item.what));
        lines.push(texts::text(LANG, "paper-struck-item", &[("at", &at), ("what", &what)]));
    }
    lines
}

/// Content and members of the revision in force: while an amendment is pending, those that were live before it.
fn in_force(
    tx: &mut ReadTx<'_>,
    stored: &Stored,
    no: i32,
    shown: Vec<MemberView>,
) -> Result<(Content, Vec<MemberView>)> {
    let kept = revisions::values(tx, stored.dossier.id, no, true)?;
    if kept.is_empty() {
        return Ok((stored.content.clone(), shown));
    }
    let (content, members) = delegations::thaw(&kept)?;
    let view = |member: Stand| {
        let live = shown.iter().find(|one| one.id == member.id || one.person_id == member.person_id);
        MemberView {
            id: member.id,
            person_id: member.person_id,
            sex: live.and_then(|one| one.sex),
            birth_date: live.and_then(|one| one.birth_date),
            passport: live.and_then(|one| one.passport.clone()),
            nationality: member.nationality,
            role: member.role,
            guest: member.guest,
            attendance: live.map_or(member.attendance, |one| one.attendance),
            full_name: member.standing.full_name,
            native_name: member.standing.native_name,
            position: member.standing.position,
            organisation: member.standing.organisation,
            visa: member.standing.visa,
            managed_by: member.standing.managed_by,
            in_decision: member.standing.in_decision,
            decision_ref: member.standing.decision_ref,
            leadership: member.standing.leadership,
            party_member: member.standing.party_member,
        }
    };
    Ok((content, members.into_iter().map(view).collect()))
}

/// "Chủ tịch, Liên minh hữu nghị".
fn standing(member: &MemberView) -> String {
    joined(", ", &[&member.position, &member.organisation])
}

fn named(member: &MemberView) -> Member {
    Member {
        name: member.full_name.clone(),
        position: member.position.clone(),
        organisation: member.organisation.clone(),
        role: member.role.said(LANG).to_owned(),
        nationality: member
            .nationality
            .as_deref()
            .map(|code| countries::name(code, LANG))
            .unwrap_or_default(),
    }
}

fn letter(letter: &Letter) -> Number {
    Number { number: letter.number.clone(), date: letter.date }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn paragraphs(text: &str) -> Vec<String> {
    text.lines().map(one_line).filter(|line| !line.is_empty()).collect()
}

fn joined(separator: &str, texts: &[&str]) -> String {
    texts.iter().filter(|text| !text.is_empty()).copied().collect::<Vec<_>>().join(separator)
}
