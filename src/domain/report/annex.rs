//! Annexes 1 (đoàn vào) and 2 (đoàn ra): one row per counted delegation of the period, and their totals.

use std::collections::BTreeMap;

use super::ReportError;
use super::facts::{DelegationFact, FundingFact, StayFact};
use super::form::{Annex1, Annex1Row, Annex1Totals, Annex2, Annex2Row, Annex2Totals, Funding, Stay};
use super::period::Range;
use super::seen::{Ctx, Seen};
use super::words::Spoken;
use crate::domain::codes::{Direction, Payer};
use crate::domain::money::decimal;

/// Annex 1 of a range.
pub(super) fn inbound(ctx: &Ctx<'_>, seen: &[Seen<'_>], range: Range) -> Annex1 {
    let counted = seen.iter().filter_map(|one| Some((one, one.counted_in(Direction::Inbound, range)?)));
    let rows: Vec<_> = (1..).zip(counted).map(|(no, (one, day))| annex1_row(ctx, one, no, day)).collect();
    let totals = annex1_totals(&rows);
    Annex1 { rows, totals }
}

/// The line below annex 1.
pub(super) fn annex1_totals(rows: &[Annex1Row]) -> Annex1Totals {
    Annex1Totals {
        permitted_guests: rows.iter().map(|row| row.permitted_guests).sum(),
        visits: rows.iter().map(|row| row.visits).sum(),
        companions: rows.iter().map(|row| row.companions).sum(),
    }
}

fn annex1_row(ctx: &Ctx<'_>, seen: &Seen<'_>, no: u64, arrives_on: chrono::NaiveDate) -> Annex1Row {
    let (fact, lang) = (seen.fact, ctx.lang);
    let (head, head_position) = seen.head(ctx);
    let mut co_hosts = fact.co_hosts.clone();
    co_hosts.sort();
    Annex1Row {
        no,
        id: fact.id,
        code: seen.code(),
        title: ctx.shown(fact, &fact.title),
        head,
        head_position,
        countries: seen.countries(ctx),
        rank: fact.rank.map(|rank| rank.word(lang)),
        lead_host: seen.lead_host(),
        co_hosts,
        arrives_on,
        departs_on: fact.last_day(),
        permitted_guests: seen.heads.permitted,
        visits: seen.heads.visits(),
        estimate: seen.heads.estimate(),
        companions: seen.heads.companions,
        purpose: ctx.shown(fact, &fact.purpose),
        primary_field: fact.primary_field.map(|field| field.word(lang)),
        request_letter: fact.request_letter.clone(),
        permit: fact.permit.clone(),
        confirmed: seen.confirmed(),
        confidential: fact.confidential,
        notes: seen.notes().into_iter().map(|note| note.word(lang)).collect(),
    }
}

/// Annex 2 of a range.
///
/// # Errors
/// [`ReportError::Overflow`] if the parts of a cost do not fit into 64 bits.
pub(super) fn outbound(ctx: &Ctx<'_>, seen: &[Seen<'_>], range: Range) -> Result<Annex2, ReportError> {
    let counted = seen.iter().filter_map(|one| Some((one, one.counted_in(Direction::Outbound, range)?)));
    let rows: Result<Vec<_>, _> =
        (1..).zip(counted).map(|(no, (one, day))| annex2_row(ctx, one, no, day)).collect();
    let rows = rows?;
    let totals = annex2_totals(&rows);
    Ok(Annex2 { rows, totals })
}

/// The line below annex 2.
pub(super) fn annex2_totals(rows: &[Annex2Row]) -> Annex2Totals {
    Annex2Totals {
        people: rows.iter().map(|row| row.people).sum(),
        in_decision: rows.iter().map(|row| row.in_decision).sum(),
        outside_decision: rows.iter().map(|row| row.outside_decision).sum(),
    }
}

fn annex2_row(
    ctx: &Ctx<'_>,
    seen: &Seen<'_>,
    no: u64,
    departs_on: chrono::NaiveDate,
) -> Result<Annex2Row, ReportError> {
    let (fact, heads) = (seen.fact, &seen.heads);
    let (head, head_position) = seen.head(ctx);
    Ok(Annex2Row {
        no,
        id: fact.id,
        code: seen.code(),
        head,
        head_position,
        people: heads.in_decision + heads.outside_decision,
        in_decision: heads.in_decision,
        outside_decision: heads.outside_decision,
        stays: stays(ctx, fact),
        departs_on,
        returns_on: fact.last_day(),
        purpose: ctx.shown(fact, &fact.purpose),
        funding: funding(ctx, &seen.code(), &fact.funding)?,
        decision: fact.decision_ref.clone().unwrap_or_default(),
        reported_on: fact.reported_on,
        report_due_on: fact.report_due_on,
        passports_returned_on: fact.passports_returned_on,
        confirmed: seen.confirmed(),
        confidential: fact.confidential,
        notes: seen.notes().into_iter().map(|note| note.word(ctx.lang)).collect(),
    })
}

fn stays(ctx: &Ctx<'_>, fact: &DelegationFact) -> Vec<Stay> {
    let mut stays: Vec<&StayFact> = fact.stays.iter().collect();
    stays.sort_by_key(|stay| (stay.from, &stay.country, stay.to, stay.inviter.as_deref()));
    let line = |stay: &StayFact| Stay {
        country: ctx.country(&stay.country),
        days: stay.from.zip(stay.to).map(|(from, to)| (to - from).num_days() + 1),
        inviter: stay.inviter.as_deref().map(|inviter| ctx.shown(fact, inviter)).unwrap_or_default(),
    };
    stays.into_iter().map(line).collect()
}

fn funding(ctx: &Ctx<'_>, code: &str, parts: &[FundingFact]) -> Result<Vec<Funding>, ReportError> {
    let mut sums: BTreeMap<(Payer, &str), i64> = BTreeMap::new();
    for part in parts {
        let sum = sums.entry((part.payer, &part.currency)).or_insert(0);
        *sum = sum.checked_add(part.minor).ok_or_else(|| ReportError::Overflow { code: code.to_owned() })?;
    }
    let line = |((payer, currency), minor): ((Payer, &str), i64)| Funding {
        payer: payer.word(ctx.lang),
        minor,
        currency: currency.to_owned(),
        amount: decimal(minor, currency),
    };
    Ok(sums.into_iter().map(line).collect())
}
