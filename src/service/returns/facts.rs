//! What the return knows of each dossier: what is permitted from the revision in force, what happened from the
//! report. While an amendment is pending, the revision in force is the one that was live when it was opened.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};

use super::checks::Checks;
use crate::clock::day_in_vietnam;
use crate::domain::access::Scope;
use crate::domain::codes::{Direction, Lang};
use crate::domain::delegation::Content;
use crate::domain::dossier::State;
use crate::domain::ids::{DossierId, OrganisationId, PersonId};
use crate::domain::money::minor_units;
use crate::domain::obligation::{Obligation, ObligationKind, ObligationState};
use crate::domain::report::DelegationFact;
use crate::domain::report::facts::{
    CheckedFact, Exception, FundingFact, GroupFact, Host, MemberFact, Paper, PlanFact, StayFact, Wordings,
};
use crate::domain::report::period::Range;
use crate::domain::report::words::pick;
use crate::domain::text;
use crate::service::rules::Rulebooks;
use crate::service::{Result, delegations};
use crate::store::dossiers::{self, Stored};
use crate::store::organisations::Organisation;
use crate::store::papers::{self, PaperKind};
use crate::store::people::{self, Member};
use crate::store::{ReadTx, files, obligations, revisions, rulebooks};

/// Days after the return by which an outbound delegation reports. DEFAULT (OUT-RESULT): the city confirms it.
const OUTBOUND_REPORT: Days = Days::new(10);
/// Ids per statement: SQLite takes no more than 32 766 parameters.
const CHUNK: usize = 500;

/// What belongs to the dossiers, by dossier.
struct Beside<'a> {
    members: BTreeMap<DossierId, Vec<Member>>,
    papers: BTreeMap<DossierId, Vec<papers::Paper>>,
    owed: BTreeMap<DossierId, Vec<Obligation>>,
    live: BTreeMap<(DossierId, i32), BTreeMap<String, String>>,
    approvals: BTreeMap<DossierId, u32>,
    told: BTreeMap<DossierId, Vec<(Exception, String)>>,
    broken: BTreeMap<DossierId, Vec<(Exception, String)>>,
    codes: BTreeMap<DossierId, String>,
    offline: BTreeSet<DossierId>,
    natural: BTreeMap<PersonId, PersonId>,
    hosts: BTreeMap<OrganisationId, &'a Organisation>,
    lang: Lang,
}

/// The facts of all dossiers within `scope` that a return over `span` can need. The number of statements does not
/// depend on the number of dossiers (lists of ids go in chunks of 500).
///
/// # Errors
/// `Error::Store` of the database; `Corrupt` when a frozen revision is not what was frozen.
pub fn facts(
    tx: &mut ReadTx<'_>,
    scope: &Scope,
    span: Range,
    (tree, books): (&[Organisation], &Rulebooks),
    lang: Lang,
) -> Result<(Vec<DelegationFact>, Wordings)> {
    let stored = dossiers::touching(tx, scope, span.from, span.to)?;
    facts_of(tx, &stored, (tree, books), lang)
}

/// The facts of these dossiers. A duplicate of one that is not among them is named by its id.
///
/// # Errors
/// As `facts`.
pub fn facts_of(
    tx: &mut ReadTx<'_>,
    stored: &[Stored],
    (tree, books): (&[Organisation], &Rulebooks),
    lang: Lang,
) -> Result<(Vec<DelegationFact>, Wordings)> {
    let ids: Vec<DossierId> = stored.iter().map(|one| one.dossier.id).collect();
    let Checks { mut checked, told, wordings } = Checks::read(tx, stored, books, lang)?;
    let beside = Beside {
        members: grouped(people::members_of_many(tx, &ids)?),
        papers: grouped(papers::of_dossiers(tx, &ids)?),
        owed: grouped(
            obligations::of_dossiers(tx, &ids)?.into_iter().map(|one| (one.dossier, one)).collect(),
        ),
        broken: broken_rules(tx, &ids)?,
        live: live_values(tx, &ids)?,
        approvals: revisions::approved_of_many(tx, &ids)?.into_iter().fold(
            BTreeMap::new(),
            |mut sums, id| {
                *sums.entry(id).or_default() += 1;
                sums
            },
        ),
        told,
        codes: stored.iter().filter_map(|one| Some((one.dossier.id, one.dossier.code.clone()?))).collect(),
        offline: files::letters_offline(tx, &ids)?,
        natural: BTreeMap::new(),
        hosts: tree.iter().map(|organisation| (organisation.id, organisation)).collect(),
        lang,
    };
    let natural = natural_persons(tx, &beside)?;
    let beside = Beside { natural, ..beside };
    let facts = stored.iter().map(|one| fact(one, &beside, checked.remove(&one.dossier.id)));
    Ok((facts.collect::<Result<_>>()?, wordings))
}

pub(super) fn grouped<T>(rows: Vec<(DossierId, T)>) -> BTreeMap<DossierId, Vec<T>> {
    let mut groups: BTreeMap<DossierId, Vec<T>> = BTreeMap::new();
    for (id, row) in rows {
        groups.entry(id).or_default().push(row);
    }
    groups
}

/// The rules that submissions did not keep, as annex 6 lists them: each once, as the gravest of late, overridden and
/// violated. Recommendations that nobody has confirmed are no violations.
fn broken_rules(
    tx: &mut ReadTx<'_>,
    ids: &[DossierId],
) -> Result<BTreeMap<DossierId, Vec<(Exception, String)>>> {
    let mut broken: BTreeMap<DossierId, Vec<(Exception, String)>> = BTreeMap::new();
    for (id, found) in rulebooks::noted(tx, ids)? {
        let listed = match (found.overridden, found.late, found.binding) {
            (true, ..) => Exception::Overridden,
            (_, true, _) => Exception::FiledLate,
            (.., true) => Exception::Violated,
            _ => continue,
        };
        let of = broken.entry(id).or_default();
        if !of.contains(&(listed, found.rule.clone())) {
            of.push((listed, found.rule));
        }
    }
    Ok(broken)
}

type Live = BTreeMap<(DossierId, i32), BTreeMap<String, String>>;

fn live_values(tx: &mut ReadTx<'_>, ids: &[DossierId]) -> Result<Live> {
    let mut live = Live::new();
    for (id, revision, pointer, value) in revisions::live_of_many(tx, ids)? {
        live.entry((id, revision)).or_default().insert(pointer, value);
    }
    Ok(live)
}

/// One id per natural person: people of several owners with the same passport number are one.
fn natural_persons(tx: &mut ReadTx<'_>, beside: &Beside<'_>) -> Result<BTreeMap<PersonId, PersonId>> {
    let mut ids: Vec<PersonId> = beside.members.values().flatten().map(|member| member.person_id).collect();
    ids.sort();
    ids.dedup();
    let mut numbers: BTreeMap<Vec<u8>, Vec<PersonId>> = BTreeMap::new();
    for some in ids.chunks(CHUNK) {
        for (number, person) in people::numbers_of(tx, some)? {
            numbers.entry(number).or_default().push(person);
        }
    }
    let mut natural: BTreeMap<PersonId, PersonId> = ids.iter().map(|id| (*id, *id)).collect();
    let root = |natural: &BTreeMap<PersonId, PersonId>, mut id: PersonId| {
        while let Some(above) = natural.get(&id).copied().filter(|above| *above != id) {
            id = above;
        }
        id
    };
    for holders in numbers.values() {
        let roots: Vec<PersonId> = holders.iter().map(|id| root(&natural, *id)).collect();
        let Some(least) = roots.iter().min().copied() else { continue };
        natural.extend(roots.into_iter().map(|id| (id, least)));
    }
    Ok(ids.iter().map(|id| (*id, root(&natural, *id))).collect())
}

/// What is permitted and who of it came: the content and members in force.
fn in_force<'a>(stored: &'a Stored, beside: &'a Beside<'_>) -> Result<(Cow<'a, Content>, Cow<'a, [Member]>)> {
    let id = stored.dossier.id;
    let present = beside.members.get(&id).map(Vec::as_slice).unwrap_or_default();
    let kept = stored.dossier.revision_in_force.and_then(|no| beside.live.get(&(id, no)));
    let Some(kept) = kept else { return Ok((Cow::Borrowed(&stored.content), Cow::Borrowed(present))) };
    let (mut content, members) = delegations::thaw(kept)?;
    content.confidential |= stored.content.confidential;
    let reported = stored.content.groups.iter().map(|group| group.came).chain(std::iter::repeat(None));
    for (group, came) in content.groups.iter_mut().zip(reported) {
        group.came = came.or(group.came);
    }
    Ok((Cow::Owned(content), Cow::Owned(delegations::attended(members, present))))
}

fn fact(stored: &Stored, beside: &Beside<'_>, checked: Option<CheckedFact>) -> Result<DelegationFact> {
    let dossier = &stored.dossier;
    let (content, members) = in_force(stored, beside)?;
    let issued = beside.papers.get(&dossier.id).map(Vec::as_slice).unwrap_or_default();
    let day = stored.actual_starts_on.or_else(|| content.starts_on());
    let mut exceptions = beside.told.get(&dossier.id).cloned().unwrap_or_default();
    if content.confidential {
        // Numbers of papers were typed, and who answered may tell who came.
        for (_, detail) in &mut exceptions {
            detail.clear();
        }
    }
    if let Some(times) = beside.approvals.get(&dossier.id).filter(|times| **times > 1) {
        let words = pick(beside.lang, format!("duyệt {times} lần"), format!("approved {times} times"));
        exceptions.push((Exception::ChangedAfterApproval, words));
    }
    let last_day = stored.actual_ends_on.or_else(|| content.ends_on());
    let owed = beside.owed.get(&dossier.id).map(Vec::as_slice).unwrap_or_default();
    // Ledger rows and dossiers from before the rules have no obligations: the usual term holds (DEFAULT).
    let usual = last_day.filter(|_| dossier.direction == Direction::Outbound);
    let usual = usual.and_then(|day| day.checked_add_days(OUTBOUND_REPORT));
    Ok(DelegationFact {
        id: dossier.id,
        code: dossier.code.clone(),
        direction: dossier.direction,
        state: dossier.state,
        outcome: dossier.outcome,
        origin: dossier.origin,
        confidential: content.confidential,
        // The request was written outside of this system and never decided in it: neither was the rest.
        handled_offline: dossier.revision_in_force.is_none() && beside.offline.contains(&dossier.id),
        duplicate_of: stored
            .duplicate_of
            .map(|other| beside.codes.get(&other).cloned().unwrap_or_else(|| other.to_string())),
        plan: content.plan.as_ref().map(|plan| PlanFact { status: plan.status, item: plan.item_id }),
        permitted: dossier.revision_in_force.is_some(),
        permit: permit(issued, day),
        request_letter: letter(&content),
        starts_on: content.starts_on(),
        ends_on: content.ends_on(),
        enters_vn_on: content.enters_vn_on,
        leaves_vn_on: content.leaves_vn_on,
        actual_starts_on: stored.actual_starts_on,
        actual_ends_on: stored.actual_ends_on,
        primary_field: content.primary_field,
        rank: content.rank,
        channel: content.channel,
        lead_host: host(stored, &content, beside),
        co_hosts: content.co_host_ids.iter().filter_map(|id| name(*id, beside)).collect(),
        members: members.iter().map(|member| member_fact(member, beside)).collect(),
        groups: groups(&content),
        stays: stays(&content),
        funding: funding(&content),
        decision_ref: Some(content.decision_ref.clone()).filter(|text| !text.is_empty()),
        reported_on: stored.reported_at.map(day_in_vietnam),
        report_due_on: report_due_on(owed).or(usual),
        passports_returned_on: passports_returned_on(owed),
        revoked_on: (dossier.state == State::Revoked).then(|| revoked_on(stored, issued)),
        broken: beside.broken.get(&dossier.id).cloned().unwrap_or_default(),
        exceptions,
        checked,
        countries: content.countries.clone(),
        title: content.title.clone(),
        purpose: content.purpose.clone(),
    })
}

/// The day by which the result report is owed, or was.
fn report_due_on(owed: &[Obligation]) -> Option<NaiveDate> {
    let reports = owed.iter().filter(|one| one.planned.kind == ObligationKind::ResultReport);
    let due = reports.filter(|one| one.state != ObligationState::Dropped);
    due.map(|one| one.planned.due_at.date()).min()
}

/// The day on which the last passport was handed back; none while one is owed.
fn passports_returned_on(owed: &[Obligation]) -> Option<NaiveDate> {
    let passports = owed.iter().filter(|one| one.planned.kind == ObligationKind::PassportReturn);
    let owed: Vec<_> = passports.filter(|one| one.state != ObligationState::Dropped).collect();
    let days: Option<Vec<NaiveDate>> = owed.iter().map(|one| one.done_on()).collect();
    days?.into_iter().max()
}

/// The permit that held on the first day: the last one dated by then, else the first one issued.
fn permit(issued: &[papers::Paper], day: Option<NaiveDate>) -> Option<Paper> {
    let permits = || issued.iter().filter(|paper| paper.kind.permits());
    let held = permits().rfind(|paper| day.is_some_and(|day| paper.dated_on <= day));
    held.or_else(|| permits().next()).map(|paper| Paper {
        number: paper.number.clone(),
        symbol: Some(paper.symbol.clone()),
        date: Some(paper.dated_on),
        signer: Some(paper.signer.clone()),
    })
}

fn revoked_on(stored: &Stored, issued: &[papers::Paper]) -> NaiveDate {
    let paper = issued.iter().rfind(|paper| paper.kind == PaperKind::Revocation);
    paper.map_or_else(|| day_in_vietnam(stored.state_since), |paper| paper.dated_on)
}

fn letter(content: &Content) -> Option<Paper> {
    let letter = &content.request_letter;
    (!letter.number.is_empty()).then(|| Paper {
        number: letter.number.clone(),
        symbol: None,
        date: letter.date,
        signer: None,
    })
}

fn name(id: OrganisationId, beside: &Beside<'_>) -> Option<String> {
    beside.hosts.get(&id).map(|organisation| organisation.name(beside.lang).to_owned())
}

/// The lead host; an outbound delegation without one is sent by whoever filed it.
fn host(stored: &Stored, content: &Content, beside: &Beside<'_>) -> Option<Host> {
    let sender = (stored.dossier.direction == Direction::Outbound).then_some(stored.dossier.organisation);
    let id = content.lead_host_id.or(sender)?;
    let name = name(id, beside)?;
    Some(Host { id, sort_key: text::sort_key(&name), name })
}

fn member_fact(member: &Member, beside: &Beside<'_>) -> MemberFact {
    MemberFact {
        person_id: beside.natural.get(&member.person_id).copied().unwrap_or(member.person_id),
        name: member.standing.full_name.clone(),
        sort_key: text::sort_key(&member.standing.full_name),
        nationality: member.nationality.clone(),
        guest: member.guest,
        role: member.role,
        attendance: member.attendance,
        in_decision: member.standing.in_decision,
        position: member.standing.position.clone(),
        // Who is named out of a group is taken out of its numbers when it happens.
        group: None,
    }
}

fn groups(content: &Content) -> Vec<GroupFact> {
    let fact = |(no, group): (usize, &crate::domain::delegation::UnnamedGroup)| GroupFact {
        id: no,
        country: group.country.clone(),
        planned: group.planned,
        came: group.came,
        estimate: group.estimate,
    };
    (0..).zip(&content.groups).map(fact).collect()
}

fn stays(content: &Content) -> Vec<StayFact> {
    let fact = |stay: &crate::domain::delegation::Stay| StayFact {
        country: stay.country.clone(),
        from: Some(stay.from),
        to: Some(stay.to),
        inviter: Some(stay.inviter.clone()).filter(|name| !name.is_empty()),
    };
    content.stays.iter().map(fact).collect()
}

fn funding(content: &Content) -> Vec<FundingFact> {
    let fact = |line: &crate::domain::delegation::Funding| {
        let minor = minor_units(&line.amount, &line.currency)?;
        Some(FundingFact { payer: line.payer, minor, currency: line.currency.clone() })
    };
    content.funding.iter().filter_map(fact).collect()
}
