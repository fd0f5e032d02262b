//! Official papers of a dossier: what is known of it, put together for the press. What is printed is what whoever asks
//! may see; a paper is no act, it says "approved in the system" until a numbered and signed one is recorded.

mod tables;

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use super::views::{self, StepView};
use super::{Context, Result, alerts, delegations, members, rules};
use crate::clock::day_in_vietnam;
use crate::domain::access::Action;
use crate::domain::approval::{OrganisationKind, StepState, Verdict};
use crate::domain::codes::{Attendance, Code, Direction, Lang, MemberRole};
use crate::domain::countries;
use crate::domain::delegation::{Content, Letter};
use crate::domain::dossier::State;
use crate::domain::event::Event;
use crate::domain::ids::{DossierId, OrganisationId};
use crate::domain::refusal::Refusal;
use crate::domain::report::words::Spoken;
use crate::paper::{
    Body, DossierFacts, Finding, Format, Kind, Matter, Member, Number, Numbered, Opinion, PaperError, Press,
};
use crate::service::members::MemberView;
use crate::store::dossiers::{self, Capacity, Stored};
use crate::store::organisations::{self, Organisation};
use crate::store::papers::{self, Paper};
use crate::store::people::Member as Stand;
use crate::store::{ReadTx, Recorded, WriteTx, journal, partners, revisions, rulebooks};
use crate::texts;

/// What papers are made with, and where they are signed.
#[derive(Debug)]
pub struct Stationery {
    /// Templates and wordings.
    pub press: Press,
    /// The place before the day.
    pub place: String,
}

/// Official paper is in Vietnamese, whoever asks.
const LANG: Lang = Lang::Vi;

/// A body as papers name it.
#[must_use]
pub fn body(tree: &[Organisation], of: Option<&Organisation>, lang: Lang) -> Body {
    let above = of.and_then(|of| of.parent).and_then(|id| tree.iter().find(|one| one.id == id));
    let name = |one: &Organisation| one.name(lang).to_owned();
    Body {
        name: of.map(name).unwrap_or_default(),
        code: of.map(|of| of.code.clone()).unwrap_or_default(),
        kind: of.map_or(OrganisationKind::Department, |of| of.kind),
        superior: above.map(name).unwrap_or_default(),
    }
}

/// A paper that was made.
#[derive(Debug)]
pub struct Written {
    /// Name of the file.
    pub name: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes, in hex.
    pub sha256: String,
}

/// Makes the file of a matter: slow work, for a thread that may block.
///
/// # Errors
/// Why there is none.
pub fn write(matter: &Matter, format: Format, press: &Press) -> std::result::Result<Written, PaperError> {
    let bytes = press.file(matter, format)?;
    let code = matter.facts.get("code").and_then(serde_json::Value::as_str).filter(|code| !code.is_empty());
    Ok(Written {
        name: format!("{}-{}.{}", code.unwrap_or("nhap"), matter.kind, format.code()),
        sha256: hex::encode(Sha256::digest(&bytes)),
        bytes,
    })
}

/// Journals that a paper was handed out, before its bytes are.
///
/// # Errors
/// `NotFound` where the actor may no longer know of the dossier.
pub fn record(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    kind: Kind,
    format: Format,
    sha256: &str,
) -> Result<Recorded<()>> {
    let stored = delegations::get(tx, ctx, id)?;
    let event = Event::new("paper.rendered", "dossier", id)
        .by(ctx.actor.account)
        .with("kind", kind)
        .with("format", format)
        .with("revision", stored.dossier.revision)
        .with("sha256", sha256);
    Ok(journal::append(tx, event)?.returning(()))
}

/// The matter of a paper of a dossier, as the actor may see it.
///
/// # Errors
/// `NotFound` where the actor may not know of it, or where this direction has no such paper; `IllegalMove` before the
/// step that makes the paper.
pub fn matter(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId, kind: Kind) -> Result<Matter> {
    ctx.must(Action::ReadPaper)?;
    let stored = delegations::get(tx, ctx, id)?;
    possible(&stored, kind)?;
    let known = Known::read(tx, ctx, stored, kind)?;
    let issuer = known.issuer(kind);
    let (facts, tables) = (known.facts(tx, ctx, &issuer)?, known.tables());
    let is_permit = matches!(kind, Kind::Permit | Kind::Decision);
    let numbered = known.permit.as_ref().filter(|_| is_permit).map(numbered);
    let approved = facts.approved_on;
    let notice = match approved {
        Some(day) if is_permit && numbered.is_none() => {
            let day = day.format("%d/%m/%Y").to_string();
            texts::text(LANG, "paper-approved-here", &[("day", &day), ("name", &facts.approved_by)])
        }
        _ => String::new(),
    };
    let stamp = match approved {
        None if is_permit => texts::text(LANG, "paper-draft", &[]),
        _ => String::new(),
    };
    Ok(Matter {
        kind,
        // Facts are plain structures: they can always be written.
        facts: serde_json::to_value(&facts).unwrap_or_default(),
        tables,
        issuer,
        place: ctx.settings.stationery.place.clone(),
        day: numbered.as_ref().map_or_else(|| day_in_vietnam(known.stored.state_since), |issued| issued.date),
        numbered,
        stamp,
        notice,
    })
}

/// Whether a dossier has this paper, and has come so far.
fn possible(stored: &Stored, kind: Kind) -> Result<()> {
    let outbound = stored.dossier.direction == Direction::Outbound;
    let received = stored.incoming.is_some() && stored.dossier.state != State::Submitted;
    let ready = match kind {
        Kind::Return => return Err(Refusal::NotFound.into()),
        Kind::Permit if outbound => return Err(Refusal::NotFound.into()),
        Kind::Decision if !outbound => return Err(Refusal::NotFound.into()),
        Kind::MemberList => true,
        Kind::AppraisalNote | Kind::Submission | Kind::Permit | Kind::Decision => received,
        Kind::ResultReport => stored.dossier.revision_in_force.is_some(),
    };
    match ready {
        true => Ok(()),
        false => Err(Refusal::illegal(stored.dossier.state, kind).into()),
    }
}

fn numbered(paper: &Paper) -> Numbered {
    Numbered {
        number: views::printed_number(&paper.number),
        symbol: paper.symbol.clone(),
        date: paper.dated_on,
        signer: paper.signer.clone(),
        forms: paper.forms.clone(),
        recipients: paper.recipients.iter().map(|recipient| recipient.name.clone()).collect(),
    }
}

/// What is read of a dossier.
struct Known {
    stored: Stored,
    /// The content that the paper is about.
    content: Content,
    members: Vec<MemberView>,
    steps: Vec<StepView>,
    tree: Vec<Organisation>,
    permit: Option<Paper>,
    partner: String,
    decider: Option<OrganisationId>,
    desk: Option<OrganisationId>,
}

impl Known {
    fn read(tx: &mut ReadTx<'_>, ctx: &Context, stored: Stored, kind: Kind) -> Result<Self> {
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
    fn issuer(&self, kind: Kind) -> Body {
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

    fn facts(&self, tx: &mut ReadTx<'_>, ctx: &Context, issuer: &Body) -> Result<DossierFacts> {
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

    /// What the appraisal proposes: the last decision on a step that is not the last one.
    fn proposal(&self) -> String {
        let appraised =
            self.chain().filter(|step| step.kind == "appraise").flat_map(|step| &step.decisions).last();
        appraised.map_or_else(String::new, |decision| {
            let words = texts::text(LANG, &format!("paper-proposal-{}", decision.decision.code()), &[]);
            joined(" ", &[decision.comment.as_deref().map(one_line).as_deref().unwrap_or_default(), &words])
        })
    }

    /// The conditions of the last decision that names any.
    fn conditions(&self) -> Vec<String> {
        let named = self
            .chain()
            .flat_map(|step| &step.decisions)
            .filter_map(|decision| decision.conditions.as_deref());
        named.last().map(paragraphs).unwrap_or_default()
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
                    message: rule.message_vi.trim_end_matches(['.', ';']).to_owned(),
                    citation: rule.citation(),
                    overridden: finding.overridden,
                })
            })
            .collect())
    }
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
