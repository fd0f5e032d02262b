//! One figure of a return, asked for by name, with the dossiers behind it: what stands behind a number is looked up in
//! the return itself, so that a frozen one answers with what was counted then.

use std::collections::{BTreeMap, BTreeSet};

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
    /// What each of them adds: together they are the number. `None` where they are not known, as in a return that was
    /// frozen, or where the number is no sum, as a rate.
    pub shares: Option<Vec<u64>>,
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
            shares: sums_to(value, self.shares(row, column)),
        })
    }

    /// The figures of the self-check, by id: dossiers that were judged or not, then verdicts.
    #[must_use]
    pub fn check_figures(&self) -> Vec<(&'static str, u64)> {
        self.self_check.totals.named().to_vec()
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
        let shares = sums_to(value, Some(dossiers.iter().map(|own| self.checked(*own, id)).collect()));
        Some(Figure { section: String::new(), label: id.to_owned(), value, range, dossiers, shares })
    }

    /// What each dossier behind a figure of the overview adds to it: as it was added up; of a return that was read back,
    /// as far as its own rows tell.
    fn shares(&self, row: &OverviewRow, column: Column) -> Option<Vec<u64>> {
        let (value, dossiers) = row.at(column);
        let kept = Column::ALL.iter().zip(&row.shares).find(|(one, _)| **one == column);
        let kept = kept.map(|(_, kept)| kept).filter(|kept| kept.len() == dossiers.len());
        let listed = || self.listed(row, dossiers).filter(|_| self.range(column) == self.period.this.range);
        kept.cloned().or_else(|| one_each(row, value, dossiers)).or_else(listed)
    }

    /// The same, from the rows of the lists and annexes, which are those of the period.
    fn listed(&self, row: &OverviewRow, dossiers: &[DossierId]) -> Option<Vec<u64>> {
        let mut found: BTreeMap<DossierId, u64> = BTreeMap::new();
        let mut add = |id, amount| *found.entry(id).or_default() += amount;
        match (row.section.as_str(), row.id.as_str()) {
            ("main", "visits")
            | ("rank_visits" | "field_visits" | "lead_host_visits" | "channel_visits", _) => {
                self.annex1.rows.iter().for_each(|row| add(row.id, row.visits));
            }
            ("main", "permitted_guests") => {
                self.annex1.rows.iter().for_each(|row| add(row.id, row.permitted_guests));
            }
            ("main", "outbound_people") => self.annex2.rows.iter().for_each(|row| add(row.id, row.people)),
            ("nationality", code) => {
                let own = self.visits.iter().filter(|visit| visit.nationality.code == code);
                own.for_each(|visit| add(visit.id, visit.visits));
            }
            _ => return None,
        }
        dossiers.iter().map(|id| found.get(id).copied()).collect()
    }

    /// How many of a figure of the self-check are a dossier's.
    fn checked(&self, dossier: DossierId, id: &str) -> u64 {
        if let Some(own) = self.self_check.each.get(&dossier) {
            return own.named().into_iter().find(|(name, _)| *name == id).map_or(0, |(_, own)| own);
        }
        match CheckResult::parse(id) {
            None => 1,
            Some(CheckResult::Met | CheckResult::Noted) => {
                let rows = self.matrix.iter().filter(|row| row.id == dossier);
                let said = rows.flat_map(|row| row.verdicts.values());
                said.filter(|result| result.code() == id).map(|_| 1).sum()
            }
            Some(result) => {
                let rows = self.self_check.rows.iter().filter(|row| row.id == dossier);
                rows.filter(|row| row.result.code == result.code()).map(|_| 1).sum()
            }
        }
    }
}

/// Where there are as many dossiers as the number says, each adds one: none that stands behind a figure adds nothing, but
/// for those that bring again what was counted once.
fn one_each(row: &OverviewRow, value: u64, dossiers: &[DossierId]) -> Option<Vec<u64>> {
    let once = matches!((row.section.as_str(), row.id.as_str()), ("main", "distinct_persons") | ("plan", _));
    sums_to(value, Some(vec![1; dossiers.len()]).filter(|_| !once))
}

/// The shares, if together they are the number.
fn sums_to(value: u64, shares: Option<Vec<u64>>) -> Option<Vec<u64>> {
    shares.filter(|shares| shares.iter().sum::<u64>() == value)
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
