//! When returns are due, whose returns are prepared when their period is over, and who is told: data of the rulebook,
//! with its source. It knows periods and roles; it must not know accounts, dossiers or the clock.

use std::ops::Range;

use chrono::NaiveDate;
use serde::Deserialize;
use toml::Spanned;

use super::model::{Basis, Confidence, Status};
use crate::domain::access::{Action, Reach, Role, grant};
use crate::domain::approval::{OrganisationKind, Term};
use crate::domain::calendar::{Calendar, Unit};
use crate::domain::codes::Code;
use crate::domain::report::period::Kind;

/// Name of the file.
pub const FILE: &str = "returns.toml";
/// The file that the program brings along.
pub const SHIPPED: &str = include_str!("../../../config/rulebook/returns.toml");

/// What holds for the returns of one kind of period.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnRule {
    /// Of which kind.
    pub kind: Kind,
    /// How long after the last day of the period it is due; working or calendar days.
    pub within: Term,
    /// Whose rule it is.
    pub status: Status,
    /// How well its source is known.
    pub confidence: Confidence,
    /// Where it comes from.
    pub basis: Vec<Basis>,
    /// Whose returns are prepared by themselves: organisations of these kinds.
    #[serde(default)]
    pub prepared_for: Vec<OrganisationKind>,
    /// Periods that end before this day are not prepared.
    pub from: Option<NaiveDate>,
    /// Who is told that a return was prepared: these roles at its organisation.
    #[serde(default)]
    pub checked_by: Vec<Role>,
    /// Who is told that it was closed or restated: these roles at its organisation.
    #[serde(default)]
    pub told: Vec<Role>,
}

impl ReturnRule {
    /// The last day on which a return is in time whose period ends on `last`.
    #[must_use]
    pub fn due_on(&self, last: NaiveDate, calendar: &Calendar) -> NaiveDate {
        calendar.after(last, self.within.n, self.within.unit)
    }

    /// Its basis, as it is cited.
    #[must_use]
    pub fn citation(&self) -> String {
        self.basis.iter().map(Basis::cited).collect::<Vec<_>>().join("; ")
    }

    /// Why it cannot be used.
    fn fault(&self) -> Option<String> {
        let kind = self.kind;
        if self.within.unit == Unit::Hour {
            return Some(format!("return {kind}: a return is due in working or calendar days"));
        }
        if self.basis.is_empty() {
            return Some(format!("return {kind}: it names no basis"));
        }
        let never = |role: &&Role, action| grant(**role, action) == Reach::Never;
        if let Some(role) = self.checked_by.iter().find(|role| never(role, Action::CloseReturn)) {
            return Some(format!("return {kind}: {role} may close no return"));
        }
        let role = self.told.iter().find(|role| never(role, Action::ReadReturn));
        role.map(|role| format!("return {kind}: {role} may read no return"))
    }
}

/// What holds for returns: one row for each kind of period.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Returns {
    #[serde(rename = "return")]
    rows: Vec<Spanned<ReturnRule>>,
}

impl Returns {
    /// All rows, in the order of the file.
    #[must_use]
    pub fn rows(&self) -> Vec<&ReturnRule> {
        self.rows.iter().map(Spanned::get_ref).collect()
    }

    /// The row of a kind of period. A rulebook that was read has one for each.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Option<&ReturnRule> {
        self.rows.iter().map(Spanned::get_ref).find(|row| row.kind == kind)
    }

    /// Where it is wrong, and why.
    pub(super) fn faults(&self) -> Vec<(usize, String)> {
        let start = |row: &Spanned<ReturnRule>| -> usize {
            let Range { start, .. } = row.span();
            start
        };
        let mut faults: Vec<(usize, String)> =
            self.rows.iter().filter_map(|row| Some((start(row), row.get_ref().fault()?))).collect();
        for kind in Kind::ALL {
            let mut rows = self.rows.iter().filter(|row| row.get_ref().kind == *kind);
            match (rows.next(), rows.next()) {
                (None, _) => faults.push((0, format!("there is no return of the kind {kind}"))),
                (_, Some(second)) => {
                    faults.push((start(second), format!("return {kind}: it is listed twice")));
                }
                _ => {}
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::{Period, Window};

    fn shipped() -> Returns {
        toml::from_str(SHIPPED).unwrap()
    }

    #[test]
    fn the_shipped_file_is_in_order_and_says_when() {
        let (returns, calendar) = (shipped(), Calendar::shipped().unwrap());
        assert_eq!(returns.faults(), []);
        let due = |kind: &str, label: &str, window| {
            let period = Period::parse(kind, label).unwrap();
            returns.of(period.kind()).unwrap().due_on(period.range(window).to, &calendar).to_string()
        };
        // Tết: the 14th is a Saturday, the week after it is off.
        assert_eq!(due("monthly", "2026-02", Window::MidMonth), "2026-02-24");
        assert_eq!(due("monthly", "2026-02", Window::Calendar), "2026-03-03");
        // New Year's Day is a Thursday, and the Friday was swapped.
        assert_eq!(due("yearly", "2025", Window::Calendar), "2026-01-06");
        assert_eq!(due("quarterly", "2026-Q1", Window::MidMonth), "2026-03-17");
        assert!(returns.of(Kind::Monthly).unwrap().citation().contains("Nghị định 09/2019/NĐ-CP"));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let with = |from: &str, to: &str| {
            assert!(SHIPPED.contains(from), "{from}");
            let returns: Returns = toml::from_str(&SHIPPED.replacen(from, to, 1)).unwrap();
            returns.faults().into_iter().map(|(_, reason)| reason).collect::<Vec<_>>()
        };
        assert_eq!(
            with("kind = \"quarterly\"", "kind = \"monthly\""),
            ["return monthly: it is listed twice", "there is no return of the kind quarterly"]
        );
        assert_eq!(
            with("unit = \"wd\"", "unit = \"h\""),
            ["return monthly: a return is due in working or calendar days"]
        );
        assert_eq!(
            with("[\"officer\", \"clerk\"]", "[\"approver\"]"),
            ["return monthly: approver may close no return"]
        );
        assert_eq!(
            with("[\"approver\", \"secretary\"]", "[\"admin\"]"),
            ["return monthly: admin may read no return"]
        );
    }
}
