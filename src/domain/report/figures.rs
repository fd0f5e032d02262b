//! One figure of a return, asked for by name, with the dossiers behind it: what stands behind a number is looked up in
//! the return itself, so that a frozen one answers with what was counted then.

use std::collections::BTreeSet;

use super::checked::CheckResult;
use super::form::{MatrixRow, OverviewRow, Return};
use super::period::Range;
use crate::domain::codes::{Code, codes};
use crate::domain::ids::DossierId;

/// The section of the figures of the self-check.
pub const CHECK: &str = "check";

codes! {
    /// A column of the overview.
    Column {
        /// Trong kỳ.
        InPeriod = "in_period",
        /// Kỳ trước.
        Previous = "previous",
        /// Lũy kế năm.
        Cumulative = "cumulative",
        /// Cùng kỳ năm trước.
        SameLastYear = "same_last_year",
        /// Lũy kế cùng kỳ.
        CumulativeLastYear = "cumulative_last_year",
    }
}

/// A figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The part of the overview in which it stands; empty in the main part.
    pub section: String,
    /// What it is called, in the language of the return; a code where the return has no words for it.
    pub label: String,
    /// The number.
    pub value: u64,
    /// The days that it counts.
    pub range: Range,
    /// The dossiers behind it, each once, in the order of the return.
    pub dossiers: Vec<DossierId>,
}

impl OverviewRow {
    /// The number of a column, and the dossiers behind it.
    #[must_use]
    pub fn at(&self, column: Column) -> (u64, &[DossierId]) {
        match column {
            Column::InPeriod => (self.in_period, &self.dossiers),
            Column::Previous => (self.previous, &self.behind.previous),
            Column::Cumulative => (self.cumulative, &self.behind.cumulative),
            Column::SameLastYear => (self.same_last_year, &self.behind.same_last_year),
            Column::CumulativeLastYear => (self.cumulative_last_year, &self.behind.cumulative_last_year),
        }
    }
}

impl Return {
    /// The days of a column.
    #[must_use]
    pub fn range(&self, column: Column) -> Range {
        match column {
            Column::InPeriod => self.period.this.range,
            Column::Previous => self.period.previous.range,
            Column::Cumulative => self.period.cumulative,
            Column::SameLastYear => self.period.same_last_year.range,
            Column::CumulativeLastYear => self.period.cumulative_last_year,
        }
    }

    /// A figure by its part, row and column; `None` where the return has none of this name.
    #[must_use]
    pub fn figure(&self, section: &str, id: &str, column: Column) -> Option<Figure> {
        if section == CHECK {
            return self.check_figure(id).filter(|_| column == Column::InPeriod);
        }
        let row = self.overview.iter().find(|row| row.section == section && row.id == id)?;
        let (value, dossiers) = row.at(column);
        Some(Figure {
            section: row.section_label.clone(),
            label: row.label.clone(),
            value,
            range: self.range(column),
            dossiers: dossiers.to_vec(),
        })
    }

    /// The figures of the self-check, by id: dossiers that were judged or not, then verdicts.
    #[must_use]
    pub fn check_figures(&self) -> Vec<(&'static str, u64)> {
        let t = self.self_check.totals;
        vec![
            ("judged", t.judged),
            ("not_judged", t.not_judged),
            (CheckResult::Met.code(), t.met),
            (CheckResult::Noted.code(), t.noted),
            (CheckResult::Violated.code(), t.violated),
            (CheckResult::Overridden.code(), t.overridden),
            (CheckResult::Unknown.code(), t.unknown),
            (CheckResult::NoRuleInForce.code(), t.no_rule_in_force),
        ]
    }

    /// What was kept or noted is not listed one by one: behind it stand the dossiers that were judged.
    fn check_figure(&self, id: &str) -> Option<Figure> {
        let value = self.check_figures().into_iter().find(|(own, _)| *own == id)?.1;
        let counted = |is: fn(&MatrixRow) -> bool| {
            let rows = self.matrix.iter().filter(|row| row.counted);
            rows.filter(|row| is(row)).map(|row| row.id).collect::<Vec<_>>()
        };
        let dossiers = match CheckResult::parse(id) {
            None if id == "not_judged" => counted(|row| row.rulebook_version.is_none()),
            None | Some(CheckResult::Met | CheckResult::Noted) => {
                counted(|row| row.rulebook_version.is_some())
            }
            Some(result) => {
                let rows = self.self_check.rows.iter().filter(|row| row.result.code == result.code());
                let mut seen = BTreeSet::new();
                rows.map(|row| row.id).filter(|id| seen.insert(*id)).collect()
            }
        };
        let range = self.period.this.range;
        Some(Figure { section: String::new(), label: id.to_owned(), value, range, dossiers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_names_of_the_printed_ones() {
        let names: Vec<&str> = Column::ALL.iter().map(|column| column.code()).collect();
        assert_eq!(names, ["in_period", "previous", "cumulative", "same_last_year", "cumulative_last_year"]);
    }
}
