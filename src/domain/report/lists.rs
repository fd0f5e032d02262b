//! The lists besides the annexes: visits one by one, exceptions, what is expected, and what became of every
//! dossier of the period.

use super::count::{Reason, Verdict, Visit};
use super::facts::{Exception, MemberFact};
use super::form::{Annex1, Annex2, DossierRow, ExceptionRow, ExpectedRow, VisitRow};
use super::period::Range;
use super::seen::{Ctx, Seen};
use super::words::{Note, Spoken, day, masked, pick};
use crate::domain::codes::{Attendance, Direction, Lang, Origin};

/// The visits of a range, one clean row per person or unnamed rest of a group.
pub(super) fn visits(ctx: &Ctx<'_>, seen: &[Seen<'_>], range: Range) -> Vec<VisitRow> {
    let counted = seen.iter().filter_map(|one| Some((one, one.counted_in(Direction::Inbound, range)?)));
    let visits = counted.flat_map(|(one, day)| one.heads.list.iter().map(move |visit| (one, day, visit)));
    (1..).zip(visits).map(|(no, (one, day, visit))| visit_row(ctx, one, no, day, visit)).collect()
}

fn visit_row(
    ctx: &Ctx<'_>,
    seen: &Seen<'_>,
    no: u64,
    arrives_on: chrono::NaiveDate,
    visit: &Visit<'_>,
) -> VisitRow {
    let (fact, lang) = (seen.fact, ctx.lang);
    let unnamed = pick(lang, "Khách chưa có tên", "Unnamed guests");
    let hide = fact.confidential;
    VisitRow {
        no,
        id: fact.id,
        code: seen.code(),
        title: ctx.shown(fact, &fact.title),
        name: ctx.shown(fact, visit.person.map_or(unnamed, |person| &person.name)),
        nationality: ctx.country(visit.country),
        role: visit.person.filter(|_| !hide).map(|person| person.role.word(lang)),
        position: ctx.shown(fact, visit.person.map_or("", |person| &person.position)),
        arrives_on,
        departs_on: fact.last_day(),
        visits: visit.count,
        estimate: visit.estimate,
        unnamed: visit.person.is_none(),
        confidential: hide,
        person: visit.person.map(|person| person.person_id),
    }
}

/// Every dossier whose day, or whose permitted day, lies in the range.
pub(super) fn dossiers(ctx: &Ctx<'_>, seen: &[Seen<'_>], range: Range) -> Vec<DossierRow> {
    seen.iter().filter_map(|one| dossier_row(ctx, one, range)).collect()
}

fn dossier_row(ctx: &Ctx<'_>, seen: &Seen<'_>, range: Range) -> Option<DossierRow> {
    let here = seen.day().is_some_and(|day| range.contains(day));
    let was_due = seen.fact.permitted_day().is_some_and(|day| range.contains(day));
    let reason = match seen.verdict {
        Verdict::Counted { .. } if here => None,
        Verdict::Counted { .. } if was_due => Some(Reason::OtherPeriod),
        Verdict::NotCounted { reason, .. } if here || was_due => Some(reason),
        _ => return None,
    };
    Some(DossierRow {
        id: seen.fact.id,
        code: seen.fact.code.clone(),
        direction: seen.fact.direction,
        counted: reason.is_none(),
        reason,
        text: dossier_text(ctx.lang, seen, reason),
        day: seen.day(),
        visits: if reason.is_none() { seen.heads.visits() } else { 0 },
    })
}

fn dossier_text(lang: Lang, seen: &Seen<'_>, reason: Option<Reason>) -> String {
    let other = seen.fact.duplicate_of.as_deref().filter(|_| reason == Some(Reason::Duplicate));
    let detail = other.map(str::to_owned).or_else(|| {
        let actual = seen.fact.actual_starts_on.filter(|_| reason == Some(Reason::OtherPeriod));
        actual.map(day)
    });
    let detail = detail.map(|detail| format!(" ({detail})")).unwrap_or_default();
    match reason {
        Some(reason) => {
            format!("{}{}{detail}", pick(lang, "Không tính, vì ", "Not counted, because "), reason.said(lang))
        }
        None if seen.confirmed() => pick(lang, "Được tính", "Counted").to_owned(),
        None => pick(lang, "Được tính theo ngày cho phép", "Counted by the permitted day").to_owned(),
    }
}

/// Exceptions among the counted dossiers of a range: those found here, then those told by the store.
pub(super) fn exceptions(ctx: &Ctx<'_>, seen: &[Seen<'_>], range: Range) -> Vec<ExceptionRow> {
    let both = [Direction::Inbound, Direction::Outbound];
    let counted = seen.iter().filter(|one| both.iter().any(|way| one.counted_in(*way, range).is_some()));
    counted.flat_map(|one| exceptions_of(ctx, one)).collect()
}

fn exceptions_of(ctx: &Ctx<'_>, seen: &Seen<'_>) -> Vec<ExceptionRow> {
    let mut told: Vec<Exception> = seen.fact.exceptions.iter().map(|(exception, _)| *exception).collect();
    let differs = against_permit(ctx.lang, seen);
    // A ledger does not hold when it was reported: that is no reproach.
    let reported = seen.fact.report_due_on.filter(|_| seen.fact.origin != Origin::Ledger);
    let late = reported.filter(|due| *due < seen.fact.reported_on.unwrap_or(ctx.as_of));
    told.extend(seen.permit_fault().map(|_| Exception::Unpermitted));
    told.extend((seen.fact.origin == Origin::AfterTheFact).then_some(Exception::AfterTheFact));
    told.extend((!differs.is_empty()).then_some(Exception::PermitAgainstActual));
    told.extend(late.map(|_| Exception::ReportLate));
    told.extend(seen.fact.broken.iter().map(|(exception, _)| *exception));
    told.sort_unstable();
    told.dedup();
    let detail = |exception| match exception {
        Exception::Unpermitted => seen.permit_fault().map(|note: Note| note.said(ctx.lang).to_owned()),
        Exception::PermitAgainstActual => Some(differs.join("; ")),
        Exception::ReportLate => late.map(|due| format!("{} {}", pick(ctx.lang, "hạn", "due"), day(due))),
        Exception::FiledLate | Exception::Overridden | Exception::Violated => {
            let of = seen.fact.broken.iter().filter(|(listed, _)| *listed == exception);
            Some(of.map(|(_, rule)| rule.as_str()).collect::<Vec<_>>().join(", "))
        }
        told => seen.fact.exceptions.iter().find(|(of, _)| *of == told).map(|(_, detail)| detail.clone()),
    };
    let line = |exception: Exception| ExceptionRow {
        id: seen.fact.id,
        code: seen.code(),
        exception: exception.word(ctx.lang),
        detail: detail(exception).unwrap_or_default(),
    };
    told.into_iter().map(line).collect()
}

/// What really happened against what was permitted: numbers, persons, days. Empty where nothing differs, or nothing can
/// be compared yet.
fn against_permit(lang: Lang, seen: &Seen<'_>) -> Vec<String> {
    let fact = seen.fact;
    if !seen.confirmed() || !fact.permitted {
        return Vec::new();
    }
    let (permitted, came) = (seen.heads.permitted, seen.heads.visits());
    let is_of_it = |member: &&MemberFact| fact.direction == Direction::Outbound || member.guest;
    let number = |attendance| {
        let members = fact.members.iter().filter(is_of_it);
        members.filter(|member| member.attendance == attendance).count()
    };
    let (absent, added) = (number(Attendance::Absent), number(Attendance::Added));
    let early = fact.permitted_day().zip(fact.actual_starts_on).filter(|(may, did)| did < may);
    let late = fact.permitted_last_day().zip(fact.actual_ends_on).filter(|(may, did)| did > may);
    let days = |(may, did)| (day(may), day(did));
    let parts = [
        (permitted != came).then(|| match lang {
            Lang::Vi => format!("theo phép {permitted}, thực tế {came}"),
            Lang::En => format!("permitted {permitted}, actual {came}"),
        }),
        (absent + added > 0).then(|| match lang {
            Lang::Vi => format!("vắng {absent}, thêm {added}"),
            Lang::En => format!("{absent} absent, {added} added"),
        }),
        early.map(days).map(|(may, did)| match lang {
            Lang::Vi => format!("đến (đi) ngày {did}, theo phép từ {may}"),
            Lang::En => format!("came (left) on {did}, permitted from {may}"),
        }),
        late.map(days).map(|(may, did)| match lang {
            Lang::Vi => format!("rời (về) ngày {did}, theo phép đến {may}"),
            Lang::En => format!("left (returned) on {did}, permitted until {may}"),
        }),
    ];
    parts.into_iter().flatten().collect()
}

/// Permitted delegations of a range that have not arrived or left yet.
pub(super) fn expected(ctx: &Ctx<'_>, seen: &[Seen<'_>], range: Range) -> Vec<ExpectedRow> {
    seen.iter().filter_map(|one| expected_row(ctx, one, range)).collect()
}

fn expected_row(ctx: &Ctx<'_>, seen: &Seen<'_>, range: Range) -> Option<ExpectedRow> {
    let Verdict::NotCounted { reason: Reason::NotArrived, day: Some(starts_on) } = seen.verdict else {
        return None;
    };
    let (fact, heads) = (seen.fact, &seen.heads);
    let mut countries = seen.countries(ctx);
    if fact.direction == Direction::Outbound {
        let mut codes: Vec<_> = fact.stays.iter().map(|stay| stay.country.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        countries = codes.into_iter().map(|code| ctx.country(code)).collect();
    }
    range.contains(starts_on).then(|| ExpectedRow {
        id: fact.id,
        code: seen.code(),
        direction: fact.direction,
        title: if fact.confidential { masked(ctx.lang) } else { fact.title.clone() },
        countries,
        lead_host: seen.lead_host(),
        starts_on,
        ends_on: fact.last_day(),
        people: heads.visits() + heads.in_decision + heads.outside_decision,
    })
}

/// The notes below the figures: how many were handled offline, how many count by their permitted day.
pub(super) fn notes(lang: Lang, rows: &[DossierRow], annex1: &Annex1, annex2: &Annex2) -> Vec<String> {
    let offline = rows.iter().filter(|row| row.reason == Some(Reason::HandledOffline)).count();
    let inbound = annex1.rows.iter().filter(|row| !row.confirmed).count();
    let presumed = inbound + annex2.rows.iter().filter(|row| !row.confirmed).count();
    let offline_note = match lang {
        Lang::Vi => format!("Không gồm {offline} hồ sơ xử lý ngoài hệ thống."),
        Lang::En => format!("Without {offline} dossier(s) handled offline."),
    };
    let presumed_note = match lang {
        Lang::Vi => format!("{presumed} đoàn chưa xác nhận ngày thực tế, tính theo ngày cho phép."),
        Lang::En => {
            format!("{presumed} delegation(s) without a confirmed day, counted by the permitted day.")
        }
    };
    let notes = [(offline, offline_note), (presumed, presumed_note)];
    notes.into_iter().filter(|(count, _)| *count > 0).map(|(_, note)| note).collect()
}
