//! The facts of dossiers, as rules ask for them: gathered for many dossiers by a fixed number of statements.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use crate::clock::in_vietnam;
use crate::domain::approval::Answer;
use crate::domain::codes::{Direction, GuestKind, MemberRole, Visa};
use crate::domain::delegation::{Content, Funding};
use crate::domain::dossier::State;
use crate::domain::file::FileKind;
use crate::domain::ids::{DocumentId, DossierId, OrganisationId, PersonId};
use crate::domain::money::minor_units;
use crate::domain::rulebook::{Facts, FundingFact, ItemFact, StayFact, TravellerFact};
use crate::domain::text;
use crate::service::{Context, Result};
use crate::store::dossiers::{self, Stored};
use crate::store::organisations::{self, Organisation};
use crate::store::people::{self, Document, Member, Trip};
use crate::store::{ReadTx, files, obligations, opinions, revisions};

/// The day that counts as the day of filing: of the last submission, or today while nothing is submitted; after
/// office hours it is the next working day.
///
/// # Errors
/// `Error::Store` of the database.
pub fn filing_day(tx: &mut ReadTx<'_>, ctx: &Context, stored: &Stored) -> Result<NaiveDate> {
    let pending = matches!(stored.dossier.state, State::Draft | State::Returned);
    let submitted = match pending {
        true => None,
        false => revisions::list(tx, stored.dossier.id)?.last().map(|revision| revision.submitted_at),
    };
    let at = submitted.unwrap_or_else(|| tx.now());
    Ok(ctx.settings.calendar.received_on(in_vietnam(at).naive_local()))
}

/// What belongs to the dossiers, by dossier or person.
struct Beside {
    members: BTreeMap<DossierId, Vec<Member>>,
    documents: BTreeMap<DocumentId, Document>,
    trips: BTreeMap<PersonId, Vec<Trip>>,
    papers: BTreeMap<DossierId, BTreeSet<FileKind>>,
    answers: BTreeMap<DossierId, Vec<(i32, String, Answer)>>,
    press_permitted: BTreeSet<DossierId>,
    overdue: BTreeMap<OrganisationId, u32>,
    owners: BTreeMap<OrganisationId, Organisation>,
}

/// The facts of some dossiers, in their order; each with the day that counts as its day of filing.
///
/// # Errors
/// `Error::Store` of the database.
pub fn gather(tx: &mut ReadTx<'_>, dossiers: &[(&Stored, NaiveDate)]) -> Result<Vec<Facts>> {
    let ids: Vec<DossierId> = dossiers.iter().map(|(stored, _)| stored.dossier.id).collect();
    let mut members: BTreeMap<DossierId, Vec<Member>> = BTreeMap::new();
    for (id, member) in people::members_of_many(tx, &ids)? {
        members.entry(id).or_default().push(member);
    }
    let mut persons: Vec<PersonId> = members.values().flatten().map(|member| member.person_id).collect();
    persons.sort();
    persons.dedup();
    let documents = people::documents_of(tx, &persons)?;
    let years = dossiers.iter().filter_map(|(stored, _)| stored.content.starts_on().map(|day| day.year()));
    let span = years.clone().min().zip(years.max());
    let days = span.and_then(|(first, last)| {
        NaiveDate::from_ymd_opt(first, 1, 1).zip(NaiveDate::from_ymd_opt(last + 1, 12, 31))
    });
    let trips = match days {
        Some(days) => trips(tx, &persons, days)?,
        None => BTreeMap::new(),
    };
    let mut answers: BTreeMap<DossierId, Vec<(i32, String, Answer)>> = BTreeMap::new();
    for (id, revision, body, answer) in opinions::answers_of_many(tx, &ids)? {
        answers.entry(id).or_default().push((revision, body, answer));
    }
    let beside = Beside {
        members,
        documents: documents.into_iter().map(|document| (document.id, document)).collect(),
        trips,
        answers,
        press_permitted: press_permitted(tx, dossiers)?,
        papers: files::kinds_present_of_many(tx, &ids)?,
        overdue: obligations::overdue_by_owner(tx)?,
        owners: organisations::list(tx)?.into_iter().map(|one| (one.id, one)).collect(),
    };
    Ok(dossiers.iter().map(|(stored, filed_on)| facts(stored, *filed_on, &beside)).collect())
}

/// Delegations of which reporters were permitted already, and that are being amended.
fn press_permitted(tx: &mut ReadTx<'_>, dossiers: &[(&Stored, NaiveDate)]) -> Result<BTreeSet<DossierId>> {
    let amended: BTreeMap<DossierId, i32> = dossiers
        .iter()
        .filter_map(|(stored, _)| Some((stored.dossier.id, stored.dossier.revision_in_force?)))
        .collect();
    if amended.is_empty() {
        return Ok(BTreeSet::new());
    }
    let ids: Vec<DossierId> = amended.keys().copied().collect();
    let reports = |(id, revision, pointer, value): (DossierId, i32, String, String)| {
        let value: serde_json::Value = serde_json::from_str(&value).unwrap_or_default();
        let is = match pointer.split('/').nth(1) {
            Some("press") => value == true,
            Some("guest_kinds") => {
                value.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "press"))
            }
            Some("members") => value.get("role").is_some_and(|role| role == "press"),
            _ => false,
        };
        (is && amended.get(&id) == Some(&revision)).then_some(id)
    };
    Ok(revisions::live_of_many(tx, &ids)?.into_iter().filter_map(reports).collect())
}

/// Other delegations of these people between two days, also under other records of the same natural persons.
fn trips(
    tx: &mut ReadTx<'_>,
    persons: &[PersonId],
    (from, to): (NaiveDate, NaiveDate),
) -> Result<BTreeMap<PersonId, Vec<Trip>>> {
    let aliases = people::aliases_of_many(tx, persons)?;
    let mut records: Vec<PersonId> = aliases.iter().map(|(_, record)| *record).collect();
    records.sort();
    records.dedup();
    let mut of_record: BTreeMap<PersonId, Vec<Trip>> = BTreeMap::new();
    for trip in people::trips_of(tx, &records, from, to)? {
        of_record.entry(trip.person).or_default().push(trip);
    }
    let mut trips: BTreeMap<PersonId, Vec<Trip>> = BTreeMap::new();
    for (person, record) in aliases {
        trips.entry(person).or_default().extend(of_record.get(&record).cloned().unwrap_or_default());
    }
    Ok(trips)
}

fn facts(stored: &Stored, filed_on: NaiveDate, beside: &Beside) -> Facts {
    let (id, content) = (stored.dossier.id, &stored.content);
    let members = beside.members.get(&id).map(Vec::as_slice).unwrap_or_default();
    let unnamed: u32 = content.groups.iter().map(|group| group.planned).sum();
    let people = u32::try_from(members.len()).unwrap_or(u32::MAX).saturating_add(unnamed);
    Facts {
        origin: content.origin,
        amends: stored.dossier.revision_in_force.is_some_and(|in_force| in_force < round_of(stored)),
        owner_kind: beside.owners.get(&stored.dossier.organisation).map(|owner| owner.kind),
        guest_kinds: content.guest_kinds.clone(),
        rank: content.rank,
        channel: content.channel,
        countries: content.countries.clone(),
        sensitive: content.sensitive,
        press: press(content, members),
        press_permitted: beside.press_permitted.contains(&id),
        visa_needed: visa_needed(members),
        sponsored: content.sponsored,
        urgent: Some(!content.urgent_reason.is_empty()),
        training: content.training,
        plan: content.plan.as_ref().map(|plan| plan.status),
        head_level: content.head_level,
        filed_on: Some(filed_on),
        arrives_on: content.arrives_on,
        departs_on: content.departs_on,
        enters_vn_on: content.enters_vn_on,
        leaves_vn_on: content.leaves_vn_on,
        programme: content
            .programme
            .iter()
            .map(|item| ItemFact {
                starts_at: item.starts_at,
                zone: item.place.zone,
                press_conference: item.press_conference,
            })
            .collect(),
        stays: content
            .stays
            .iter()
            .map(|stay| StayFact { country: stay.country.clone(), from: stay.from, to: stay.to })
            .collect(),
        funding: content.funding.iter().filter_map(funding).collect(),
        people: Some(people).filter(|people| *people > 0),
        people_in_letter: content.request_letter.people,
        travellers: members.iter().map(|member| traveller(member, stored, beside)).collect(),
        answers: answers(stored, beside),
        papers: Some(beside.papers.get(&id).cloned().unwrap_or_default()),
        ngo_registration: Some(content.ngo_registration.number.clone()),
        ngo_registration_expires_on: content.ngo_registration.expires_on,
        overdue: Some(beside.overdue.get(&stored.dossier.organisation).copied().unwrap_or_default()),
        issued_on: None,
        ..Facts::unknown(stored.dossier.direction)
    }
}

/// The round that is written, under decision, or was decided last.
pub(super) fn round_of(stored: &Stored) -> i32 {
    let waits = matches!(stored.dossier.state, State::Draft | State::Returned);
    stored.dossier.revision + i32::from(waits)
}

/// The last answer of each body in the round that is written or under decision.
fn answers(stored: &Stored, beside: &Beside) -> BTreeMap<String, Answer> {
    let round = round_of(stored);
    let all = beside.answers.get(&stored.dossier.id).into_iter().flatten();
    all.filter(|(revision, ..)| *revision == round).map(|(_, body, answer)| (body.clone(), *answer)).collect()
}

/// Who is listed as a reporter is one, whatever the dossier says.
fn press(content: &Content, members: &[Member]) -> Option<bool> {
    let listed = members.iter().any(|member| member.role == MemberRole::Press)
        || content.guest_kinds.contains(&GuestKind::Press);
    if listed { Some(true) } else { content.press }
}

/// Whether somebody still needs a visa: stated, never derived from nationality.
fn visa_needed(members: &[Member]) -> Option<bool> {
    let mut guests = members.iter().filter(|member| member.guest).map(|member| member.standing.visa);
    if guests.clone().any(|visa| visa == Some(Visa::Needed)) {
        return Some(true);
    }
    (guests.clone().next().is_some() && guests.all(|visa| visa.is_some())).then_some(false)
}

fn funding(line: &Funding) -> Option<FundingFact> {
    Some(FundingFact {
        payer: line.payer,
        amount: minor_units(&line.amount, &line.currency)?,
        currency: line.currency.clone(),
        persons: line.persons,
        days: line.days,
        rate: line.rate.as_ref().and_then(|rate| minor_units(rate, &line.currency)),
    })
}

fn traveller(member: &Member, stored: &Stored, beside: &Beside) -> TravellerFact {
    let document = member.document_id.and_then(|id| beside.documents.get(&id));
    let trips = beside.trips.get(&member.person_id).map(Vec::as_slice).unwrap_or_default();
    let others = || trips.iter().filter(|trip| trip.dossier != stored.dossier.id);
    let days = stored.content.starts_on().zip(stored.content.ends_on());
    let year = stored.content.starts_on().map(|day| day.year());
    let in_year = |year: i32| {
        let out = others().filter(|trip| trip.direction == Direction::Outbound && trip.from.year() == year);
        u32::try_from(out.count()).unwrap_or(u32::MAX)
    };
    let overlaps = |(from, to): (NaiveDate, NaiveDate)| {
        let same_time = others().filter(|trip| trip.from <= to && from <= trip.to);
        same_time.map(|trip| shown(trip, member.person_id)).collect()
    };
    TravellerFact {
        managed_by: member.standing.managed_by,
        leadership: member.standing.leadership,
        unit: text::folded(&member.standing.organisation),
        party_member: member.standing.party_member,
        passport_type: document.map(|document| document.kind),
        passport_expires_on: document.and_then(|document| document.expires_on),
        trips_this_year: year.map(in_year),
        overlaps: days.map(overlaps),
    }
}

/// The number of another delegation; of a confidential one, or of another office's, only that there is one.
fn shown(trip: &Trip, person: PersonId) -> String {
    if trip.person != person {
        return "elsewhere".to_owned();
    }
    match trip.number.filter(|_| !trip.confidential) {
        Some((year, no)) => dossiers::official_code(trip.direction, year, no),
        None => "confidential".to_owned(),
    }
}
