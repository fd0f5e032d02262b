//! After the visit: what really happened, who came, who did not, who was added.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::clock::day_in_vietnam;
use crate::domain::access::Action;
use crate::domain::codes::{Attendance, Code, Direction, Origin, Outcome};
use crate::domain::delegation::{Content, is_far};
use crate::domain::dossier::Command;
use crate::domain::event::Event;
use crate::domain::ids::{DossierId, MemberId};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::text;
use crate::service::delegations::{self, get_for};
use crate::service::members::{self, NewMember};
use crate::service::{Context, Result, alerts, obligations, rules};
use crate::store::dossiers::{self, Facts, Stored};
use crate::store::people::Member;
use crate::store::{ReadTx, Recorded, WriteTx, journal, papers, people};

/// What really happened.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitReport {
    /// First day in the city; outbound: the day of leaving Vietnam.
    pub actual_arrives_on: Option<NaiveDate>,
    /// Last day in the city; outbound: the day of return.
    pub actual_departs_on: Option<NaiveDate>,
    /// Nobody came: not before the first day for which the visit is planned; until then it is cancelled.
    #[serde(default)]
    pub no_show: bool,
    /// Confirms that the visit began although no paper permits it, or before the first day for which it is planned has
    /// come. Needed then, once: it is a fact that is counted and told in annex 6, and must not be a slip.
    #[serde(default)]
    pub unpermitted: bool,
    /// Members whose attendance is stated; all others came.
    #[serde(default)]
    pub members: Vec<Attended>,
    /// Members who came without having been announced.
    #[serde(default)]
    pub added: Vec<NewMember>,
    /// How many came of each unnamed group, in the order of `groups`; absent: as planned.
    #[serde(default)]
    pub groups: Vec<GroupCame>,
    /// Results, in words.
    #[serde(default)]
    pub results: String,
}

/// How many came of an unnamed group.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupCame {
    /// How many came.
    pub came: u32,
}

/// Whether a member came.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attended {
    /// The member.
    pub member_id: MemberId,
    /// Came or absent.
    pub attendance: Attendance,
}

/// The same, said by a form that shows all that is known: what it leaves empty is known no more.
///
/// # Errors
/// `Invalid` names the field.
pub fn report_whole(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    version: i64,
    visit: &VisitReport,
) -> Result<Recorded<DossierId>> {
    let stored = get_for(tx, ctx, Action::ReportVisit, id, version)?;
    let unusual = unusual(tx, &stored)?;
    let mut known = stored;
    (known.actual_starts_on, known.actual_ends_on) = (None, None);
    known.content.results.clear();
    written(tx, ctx, &known, unusual, visit)
}

/// Reports what really happened. Where the answer is still owed, the arrival is recorded and the state stays.
///
/// # Errors
/// `Invalid` names the field.
pub fn report(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    version: i64,
    visit: &VisitReport,
) -> Result<Recorded<DossierId>> {
    let stored = get_for(tx, ctx, Action::ReportVisit, id, version)?;
    let unusual = unusual(tx, &stored)?;
    written(tx, ctx, &stored, unusual, visit)
}

/// Writes a report down: what it does not state stays as it is `known`.
fn written(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    known: &Stored,
    unusual: Option<Unusual>,
    visit: &VisitReport,
) -> Result<Recorded<DossierId>> {
    let (id, stored) = (known.dossier.id, known);
    let change = stored.dossier.change(Command::Report, Some(ctx.actor.account))?;
    let (from, to) = reported_days(tx, stored, visit)?;
    let unusual = unusual.filter(|_| !visit.no_show);
    if let Some(unusual) = unusual.filter(|_| !visit.unpermitted) {
        return Err(Refusal::field("/unpermitted", unusual.code()).into());
    }
    let results = text::block(&visit.results).map_err(|code| Refusal::field("/results", code))?;
    let outcome = match visit.no_show {
        true => Some(Outcome::NoShow),
        false => stored.dossier.outcome.filter(|outcome| *outcome != Outcome::NoShow),
    };
    dossiers::apply(tx, id, &change.clone().with_outcome(outcome))?;
    let now = tx.now().naive_utc();
    let facts =
        Facts { actual_starts_on: from, actual_ends_on: to, reported_at: Some(now), ..Facts::default() };
    dossiers::write_facts(tx, id, &facts)?;
    if visit.no_show {
        dossiers::clear_arrival(tx, id)?;
    } else if to.is_none() {
        dossiers::clear_departure(tx, id)?;
    }
    attend(tx, stored, visit)?;
    let persons = add_arrivals(tx, ctx, stored, visit)?;
    let content = write_results(tx, stored, visit, results)?;
    let members = people::members_of(tx, id)?;
    if !visit.no_show && !somebody_came(stored, &members, &content) {
        return Err(Refusal::field("/no_show", "nobody-came").into());
    }
    let mut change = change.telling("no_show", visit.no_show);
    if let Some(unusual) = unusual {
        change = change.telling("unpermitted", unusual.code());
    }
    for (name, day) in [("actual_arrives_on", from), ("actual_departs_on", to)] {
        change = change.telling(name, day.map(|day| day.to_string()).unwrap_or_default());
    }
    for member in members {
        change = change.telling(format!("attendance/{}", member.id), member.attendance.code());
    }
    members::journal_persons(tx, persons)?;
    let entry = journal::append(tx, change.event().clone())?;
    rules::duties::plan(tx, ctx, id)?;
    obligations::reported(tx, ctx, id)?;
    if visit.no_show {
        obligations::ended(tx, ctx, id)?;
    }
    Ok(entry.returning(id))
}

fn reported_days(
    tx: &mut WriteTx<'_>,
    stored: &Stored,
    visit: &VisitReport,
) -> Result<(Option<NaiveDate>, Option<NaiveDate>)> {
    let today = day_in_vietnam(tx.now());
    if visit.no_show {
        let contradicts = visit.actual_arrives_on.is_some() || visit.actual_departs_on.is_some();
        let is_early = stored.content.starts_on().is_some_and(|day| today < day);
        return match (contradicts, is_early) {
            (true, _) => Err(Refusal::field("/no_show", "contradicts-dates").into()),
            (false, true) => Err(Refusal::field("/no_show", "not-begun").into()),
            (false, false) => Ok((None, None)),
        };
    }
    let from = visit.actual_arrives_on.or(stored.actual_starts_on);
    let to = visit.actual_departs_on.or(stored.actual_ends_on);
    let mut faults = Vec::new();
    if from.is_none() {
        faults.push(Fault::at("/actual_arrives_on", "required"));
    }
    for (pointer, day) in [("/actual_arrives_on", from), ("/actual_departs_on", to)] {
        if day.is_some_and(|day| day > today) {
            faults.push(Fault::at(pointer, "in-the-future"));
        } else if day.is_some_and(is_far) {
            faults.push(Fault::at(pointer, "out-of-range"));
        }
    }
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        faults.push(Fault::at("/actual_departs_on", "before-arrival"));
    }
    Refusal::unless_empty(faults)?;
    Ok((from, to))
}

/// What whoever reports that a visit began confirms, because it is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusual {
    /// No paper permits it.
    WithoutPermit,
    /// The first day for which it is planned has not come.
    BeforePlanned,
}

impl Unusual {
    /// The code of the fault that stands at `/unpermitted` until it is confirmed.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::WithoutPermit => "came-without-permit",
            Self::BeforePlanned => "came-before-planned",
        }
    }
}

/// What has to be confirmed before it is believed that this visit began. An arrival that is known was confirmed; who is
/// registered after the fact, or out of an old ledger, was never meant to have a permit first.
fn unusual(tx: &mut ReadTx<'_>, stored: &Stored) -> Result<Option<Unusual>> {
    if stored.actual_starts_on.is_some() || stored.dossier.origin != Origin::System {
        return Ok(None);
    }
    let issued = papers::of_dossiers(tx, &[stored.dossier.id])?;
    let issued: Vec<papers::Paper> = issued.into_iter().map(|(_, paper)| paper).collect();
    if alerts::permit_in_force(&issued, stored).is_none() {
        return Ok(Some(Unusual::WithoutPermit));
    }
    let today = day_in_vietnam(tx.now());
    Ok(stored.content.starts_on().filter(|day| today < *day).map(|_day| Unusual::BeforePlanned))
}

/// What the report of this dossier's visit has to confirm.
///
/// # Errors
/// `NotFound` where the actor may not know of it.
pub fn to_confirm(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> Result<Option<Unusual>> {
    let stored = delegations::get(tx, ctx, id)?;
    unusual(tx, &stored)
}

/// Whether anybody of the delegation came: of an inbound one its guests, since companions of ours receive nobody alone.
fn somebody_came(stored: &Stored, members: &[Member], content: &Content) -> bool {
    let travels = |member: &Member| member.guest || stored.dossier.direction == Direction::Outbound;
    let came = |member: &Member| travels(member) && member.attendance != Attendance::Absent;
    members.iter().any(came) || content.groups.iter().any(|group| group.came.is_some_and(|came| came > 0))
}

/// Writes each member's attendance: as stated, otherwise came; nobody, when nobody came. Who is absent only because
/// nobody was said to have come is taken to have come when that is corrected.
fn attend(tx: &mut WriteTx<'_>, stored: &Stored, visit: &VisitReport) -> Result<()> {
    let id = stored.dossier.id;
    let corrected = stored.dossier.outcome == Some(Outcome::NoShow);
    let members = people::members_of(tx, id)?;
    for (i, stated) in visit.members.iter().enumerate() {
        if !members.iter().any(|member| member.id == stated.member_id) {
            return Err(Refusal::field(format!("/members/{i}/member_id"), "unknown-member").into());
        }
        if matches!(stated.attendance, Attendance::Unknown | Attendance::Added) {
            return Err(Refusal::field(format!("/members/{i}/attendance"), "came-or-absent").into());
        }
    }
    for mut member in members {
        let stated = visit.members.iter().find(|stated| stated.member_id == member.id);
        let attendance = match (visit.no_show, stated, member.attendance) {
            (true, _, _) => Attendance::Absent,
            (false, Some(stated), Attendance::Added) if stated.attendance == Attendance::Came => {
                Attendance::Added
            }
            (false, Some(stated), _) => stated.attendance,
            (false, None, Attendance::Unknown) => Attendance::Came,
            (false, None, Attendance::Absent) if corrected => Attendance::Came,
            (false, None, kept) => kept,
        };
        if attendance != member.attendance {
            member.attendance = attendance;
            people::update_member(tx, id, &member)?;
        }
    }
    Ok(())
}

fn add_arrivals(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    stored: &Stored,
    visit: &VisitReport,
) -> Result<Vec<Event>> {
    if visit.no_show && !visit.added.is_empty() {
        return Err(Refusal::field("/added", "contradicts-no-show").into());
    }
    let mut persons = Vec::new();
    for (i, new) in visit.added.iter().enumerate() {
        let base = format!("/added/{i}");
        let (mut member, events) = members::prepare(tx, ctx, stored, new, &base)?;
        member.attendance = Attendance::Added;
        members::place(tx, stored.dossier.id, &member, &base)?;
        persons.extend(events);
    }
    Ok(persons)
}

fn write_results(
    tx: &mut WriteTx<'_>,
    stored: &Stored,
    visit: &VisitReport,
    results: String,
) -> Result<Content> {
    let mut content = stored.content.clone();
    if visit.groups.len() > content.groups.len() {
        return Err(Refusal::field(format!("/groups/{}", content.groups.len()), "unknown-group").into());
    }
    for (i, group) in content.groups.iter_mut().enumerate() {
        let known = group.came.filter(|_| stored.dossier.outcome != Some(Outcome::NoShow));
        let came = visit.groups.get(i).map(|group| group.came).or(known).unwrap_or(group.planned);
        group.came = Some(if visit.no_show { 0 } else { came });
    }
    if !results.is_empty() {
        content.results = results;
    }
    Refusal::unless_empty(content.faults())?;
    dossiers::write_content(tx, stored.dossier.id, &content)?;
    Ok(content)
}
