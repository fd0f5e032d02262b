//! The monthly compliance return (practice 4 and 5): from the facts of the dossiers to a form whose figures
//! can be trusted. Pure: the same facts in any order give the same form, byte for byte.
//!
//! `facts` comes in, `count` judges each dossier, `overview`, `annex` and `lists` lay out the form, and
//! `check` refuses a form whose tables do not sum to its totals. Renderers are in `crate::report`.

mod annex;
pub mod changes;
pub mod check;
pub mod checked;
pub mod count;
pub mod facts;
pub mod figures;
pub mod form;
mod lists;
mod overview;
pub mod period;
mod planned;
mod rules;
mod seen;
pub mod series;
#[cfg(test)]
pub(crate) mod tests;
pub mod words;

use chrono::NaiveDate;
use thiserror::Error;

pub use facts::DelegationFact;
pub use form::{Meta, Return};
pub use period::{Period, PeriodError, Window};

use crate::domain::codes::{Direction, Lang};
use crate::domain::ids::DossierId;
use form::{Periods, Span, Totals};
use seen::{Ctx, Seen};

/// Why there is no return. The codes are stable: `report-table-differs`, `report-overflow`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReportError {
    /// A table does not sum to its total.
    #[error("table {table} sums to {found}, the total says {expected}")]
    TableDiffers {
        /// Which table, `annex1.visits`.
        table: String,
        /// What its rows sum to.
        found: u64,
        /// What the total says.
        expected: u64,
    },
    /// The cost of a delegation is out of range.
    #[error("the funding of {code} does not fit into 64 bits")]
    Overflow {
        /// The dossier's number.
        code: String,
    },
}

impl ReportError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TableDiffers { .. } => "report-table-differs",
            Self::Overflow { .. } => "report-overflow",
        }
    }
}

/// Makes the return of a period from all dossiers (of every period: the columns look back two years), as known
/// on the local day `as_of`. `countries` gives the printed name of an ISO 3166-1 code.
///
/// # Errors
/// [`ReportError`] if a table does not sum to its total, or a sum is out of range.
pub fn build(
    facts: &[DelegationFact],
    period: Period,
    window: Window,
    as_of: NaiveDate,
    countries: &dyn Fn(&str) -> String,
    lang: Lang,
    meta: Meta,
) -> Result<Return, ReportError> {
    let ctx = Ctx { lang, as_of, countries };
    let seen = Seen::all(facts, as_of);
    let range = period.range(window);
    let dossiers = lists::dossiers(&ctx, &seen, range);
    let (annex1, annex2) = (annex::inbound(&ctx, &seen, range), annex::outbound(&ctx, &seen, range)?);
    let columns = overview::columns(period, window);
    let mut rows = overview::rows(&ctx, &seen, columns);
    rows.extend(planned::rows(lang, &seen, &meta.planned, columns));
    let form = Return {
        totals: totals(&seen, range),
        period: periods(period, window),
        window,
        timezone: period::TIMEZONE.to_owned(),
        as_of,
        lang,
        self_check: checked::self_check(&ctx, &seen, &dossiers, &meta),
        matrix: checked::matrix(&seen, &dossiers),
        closed: None,
        meta,
        notes: lists::notes(lang, &dossiers, &annex1, &annex2),
        rules: rules::printed(window),
        overview: rows,
        annex1,
        annex2,
        annex6: lists::exceptions(&ctx, &seen, range),
        expected: lists::expected(&ctx, &seen, period.following_month(window)),
        visits: lists::visits(&ctx, &seen, range),
        dossiers,
    };
    check::verify(&form)?;
    Ok(form)
}

/// A dossier with visits in a period: enough to put all rows of a period in order without keeping them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counted {
    /// The day on which it counts.
    pub day: NaiveDate,
    /// Its number.
    pub code: Option<String>,
    /// The dossier.
    pub id: DossierId,
    /// Rows of visits that it has.
    pub rows: u64,
}

/// Which of these dossiers have visits in a range, as known on `as_of`.
#[must_use]
pub fn counted(facts: &[DelegationFact], range: period::Range, as_of: NaiveDate) -> Vec<Counted> {
    let seen = Seen::all(facts, as_of);
    let counted = |one: &Seen<'_>| {
        let day = one.counted_in(Direction::Inbound, range)?;
        let rows = one.heads.list.iter().map(|_| 1).sum();
        Some(Counted { day, code: one.fact.code.clone(), id: one.fact.id, rows })
    };
    seen.iter().filter_map(counted).collect()
}

/// The rows of visits of some dossiers, numbered from `first`: what [`build`] gives for all, in parts.
#[must_use]
pub fn visits(
    facts: &[DelegationFact],
    range: period::Range,
    as_of: NaiveDate,
    countries: &dyn Fn(&str) -> String,
    lang: Lang,
    first: u64,
) -> Vec<form::VisitRow> {
    let seen = Seen::all(facts, as_of);
    let mut rows = lists::visits(&Ctx { lang, as_of, countries }, &seen, range);
    for (no, row) in (first..).zip(&mut rows) {
        row.no = no;
    }
    rows
}

fn totals(seen: &[Seen<'_>], range: period::Range) -> Totals {
    let of = |way| seen.iter().filter(move |one| one.counted_in(way, range).is_some());
    let count = |way| of(way).map(|_| 1).sum();
    Totals {
        inbound_delegations: count(Direction::Inbound),
        visits: of(Direction::Inbound).map(|one| one.heads.visits()).sum(),
        distinct_persons: overview::distinct_persons(of(Direction::Inbound)),
        outbound_delegations: count(Direction::Outbound),
    }
}

fn periods(period: Period, window: Window) -> Periods {
    let span = |period: Period| Span { label: period.label(), range: period.range(window) };
    Periods {
        kind: period.kind(),
        this: span(period),
        previous: span(period.previous()),
        cumulative: period.cumulative(window),
        same_last_year: span(period.last_year()),
        cumulative_last_year: period.last_year().cumulative(window),
    }
}
