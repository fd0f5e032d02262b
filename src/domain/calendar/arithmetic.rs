//! The counting of a term as people check it with a finger on the wall calendar: each day that was counted, and each
//! run of holidays that was skipped.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Calendar, Confidence, Special, Towards, Unit};

/// Days that are walked at most; the result is right beyond.
const WALKED: usize = 366;

/// How a term was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Arithmetic {
    /// The day that was reached.
    pub result: NaiveDate,
    /// Days that count, in the order of counting; of the first year at most.
    pub counted: Vec<NaiveDate>,
    /// Named days off that did not count, in the order of counting. Weekends are not listed.
    pub skipped: Vec<Skipped>,
    /// The day off on which the term would have ended, where it was moved to a working day.
    pub moved_from: Option<NaiveDate>,
    /// Working days on the way that may still become days off: the result may move.
    pub uncertain: Vec<Skipped>,
    /// Years on the way whose days off are not all known: the result may move.
    pub uncovered: Vec<i32>,
}

/// A run of named days off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Skipped {
    /// First day, in the order of the calendar.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Name in Vietnamese.
    pub name_vi: String,
    /// Name in English.
    pub name_en: String,
    /// The document that says so.
    pub source: String,
    /// How well it is known.
    pub confidence: Confidence,
}

impl Skipped {
    fn one(day: NaiveDate, special: &Special) -> Self {
        Self {
            from: day,
            to: day,
            name_vi: special.name_vi.clone(),
            name_en: special.name_en.clone(),
            source: special.source.clone(),
            confidence: special.confidence,
        }
    }

    fn is(&self, special: &Special) -> bool {
        self.name_vi == special.name_vi && self.name_en == special.name_en && self.source == special.source
    }
}

impl Calendar {
    /// The counting of [`Calendar::before`] or [`Calendar::after`] for people.
    #[must_use]
    pub fn arithmetic(&self, anchor: NaiveDate, n: u32, unit: Unit, direction: Towards) -> Arithmetic {
        let result = match direction {
            Towards::Past => self.before(anchor, n, unit),
            Towards::Future => self.after(anchor, n, unit),
        };
        let (mut counted, mut skipped, mut uncertain) = (Vec::new(), Vec::new(), Vec::new());
        // Calendar days and hours run through days off; what comes after their n days is the move to a working day.
        let by_clock = match unit {
            Unit::WorkingDay => 0,
            Unit::CalendarDay => n,
            Unit::Hour => n.div_ceil(24),
        };
        let by_clock = usize::try_from(by_clock).unwrap_or(usize::MAX);
        // With n = 0 nothing is counted: the anchor itself, if it is a day off, is passed over.
        for (index, day) in walk(anchor, result, direction, n == 0).enumerate() {
            let working = self.is_working(day);
            let counts = match unit {
                Unit::WorkingDay => working && n > 0,
                Unit::CalendarDay | Unit::Hour => index < by_clock,
            };
            if counts {
                counted.push(day);
            }
            uncertain.extend(self.uncertain.get(&day).map(|special| Skipped::one(day, special)));
            let last_of_term = index + 1 == by_clock && unit == Unit::CalendarDay;
            if !working && (!counts || last_of_term) {
                self.skip(&mut skipped, day);
            }
        }
        let ended = counted.last().copied().filter(|_| unit == Unit::CalendarDay);
        let moved_from = ended.filter(|ended| *ended != result);
        let uncovered = self.uncovered(anchor, result);
        Arithmetic { result, counted, skipped, moved_from, uncertain, uncovered }
    }

    /// Adds a named day off to the run that it continues, or begins one. A weekend within a run does not end it.
    fn skip(&self, skipped: &mut Vec<Skipped>, day: NaiveDate) {
        let Some(special) = self.days.get(&day) else { return };
        if let Some(run) = skipped.last_mut().filter(|run| run.is(special)) {
            // Nothing was worked in between.
            let (first, last) = (run.from.min(day), run.to.max(day));
            let working = self.working_days_between(first, last);
            if working == 0 {
                (run.from, run.to) = (first, last);
                return;
            }
        }
        skipped.push(Skipped::one(day, special));
    }
}

/// Days from the anchor to the result, with the result, with or without the anchor.
fn walk(
    anchor: NaiveDate,
    result: NaiveDate,
    direction: Towards,
    with_anchor: bool,
) -> impl Iterator<Item = NaiveDate> {
    let step = move |day: &NaiveDate| match direction {
        Towards::Past => day.pred_opt(),
        Towards::Future => day.succ_opt(),
    };
    std::iter::successors(Some(anchor), step)
        .skip(usize::from(!with_anchor))
        .take_while(move |day| match direction {
            Towards::Past => *day >= result,
            Towards::Future => *day <= result,
        })
        .take(WALKED)
}
