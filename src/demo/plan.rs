//! When what happened: turns the days of each dossier into a list of deeds in the order of time, at office hours in
//! Vietnam, over all dossiers. It must not know how a deed is done.

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, Weekday};

use super::data::{Data, Delegation, Fate};
use crate::clock::{Instant, day_in_vietnam};

/// What is done to a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Register,
    Submit,
    Receive,
    Endorse,
    Appraise,
    Approve,
    Reject,
    /// Returned for one supplement.
    Return,
    /// The supplement did not come: the jobs find that out.
    Lapse,
    Issue,
    /// The arrival alone is reported.
    Arrive,
    Report,
    NoShow,
    Close,
    Cancel,
    Revoke,
    Duplicate,
}

/// A deed at its time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene {
    pub at: Instant,
    /// Place of the delegation in the data.
    pub delegation: usize,
    pub deed: Deed,
}

/// Open dossiers are counted from this day at the earliest, so that none of them arrives in the demo year.
fn first_day(today: NaiveDate) -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 12, 24).map_or(today, |earliest| today.max(earliest))
}

/// All deeds in the order of time, and the day from which the open dossiers are counted, when the demo is first
/// started on `today`.
pub(super) fn plan(data: &Data, today: NaiveDate) -> (Vec<Scene>, NaiveDate) {
    let start = first_day(today);
    let mut scenes = Vec::new();
    for (no, delegation) in data.delegations.iter().enumerate() {
        let mut course = Course { no, start, last: None, scenes: &mut scenes };
        course.tell(delegation, data.is_association(&delegation.organisation));
    }
    // Stable: what one dossier does stays in its order.
    scenes.sort_by_key(|scene| scene.at);
    (scenes, start)
}

/// The working day itself, or the Friday before a weekend. DEFAULT: holidays are not looked at.
pub(super) fn workday(day: NaiveDate) -> NaiveDate {
    match day.weekday() {
        Weekday::Sat => day - TimeDelta::days(1),
        Weekday::Sun => day - TimeDelta::days(2),
        _ => day,
    }
}

/// The working day that is `days` after this one.
fn later(day: NaiveDate, days: u32) -> NaiveDate {
    let mut day = day;
    for _ in 0..days {
        day += TimeDelta::days(match day.weekday() {
            Weekday::Fri => 3,
            Weekday::Sat => 2,
            _ => 1,
        });
    }
    day
}

/// An instant on the wall clock of Vietnam, which is UTC+7.
pub(super) fn at(day: NaiveDate, hour: i64, minute: i64) -> Instant {
    let local = day.and_time(NaiveTime::MIN) + TimeDelta::hours(hour) + TimeDelta::minutes(minute);
    (local - TimeDelta::hours(7)).and_utc()
}

struct Course<'s> {
    no: usize,
    start: NaiveDate,
    last: Option<Instant>,
    scenes: &'s mut Vec<Scene>,
}

impl Course<'_> {
    /// Adds a deed: on this day, some minutes after the hour, and never before the one before it.
    fn add(&mut self, day: NaiveDate, hour: i64, deed: Deed) {
        let spread = i64::try_from(self.no * 7 % 43).unwrap_or_default();
        let planned = at(day, hour, spread);
        let at = self.last.map_or(planned, |last| planned.max(last + TimeDelta::minutes(9)));
        self.last = Some(at);
        self.scenes.push(Scene { at, delegation: self.no, deed });
    }

    fn tell(&mut self, delegation: &Delegation, through_union: bool) {
        let yesterday = workday(self.start - TimeDelta::days(1));
        let day = |day: Option<super::data::Day>| day.map(|day| workday(day.from(self.start)));
        let (filed, decided, ended) =
            (day(delegation.filed_on), day(delegation.decided_on), day(delegation.ended_on));
        let Some(filed) = filed else { return self.add(yesterday, 15, Deed::Register) };
        self.add(filed, 8, Deed::Register);
        self.add(filed, 9, Deed::Submit);
        if delegation.fate == Fate::Submitted {
            return;
        }
        self.add(filed, 14, Deed::Receive);
        let ended = ended.unwrap_or(yesterday);
        match delegation.fate {
            Fate::Duplicate => return self.add(ended, 10, Deed::Duplicate),
            Fate::Cancelled if decided.is_none() => return self.add(ended, 10, Deed::Cancel),
            Fate::Lapsed => {
                self.add(decided.unwrap_or(ended), 10, Deed::Return);
                return self.add(ended, 7, Deed::Lapse);
            }
            _ => {}
        }
        let decided = decided.unwrap_or(yesterday);
        if through_union {
            self.add(later(filed, 1).min(decided), 9, Deed::Endorse);
        }
        if delegation.fate == Fate::Appraise {
            return;
        }
        self.add(later(filed, 2).min(decided), 10, Deed::Appraise);
        match delegation.fate {
            Fate::Approve => return,
            Fate::Rejected => return self.add(decided, 15, Deed::Reject),
            _ => self.add(decided, 15, Deed::Approve),
        }
        if let Some(paper) = &delegation.issued {
            self.add(workday(paper.date.from(self.start)), 16, Deed::Issue);
        }
        self.visit(delegation, ended);
    }

    /// What follows the permit.
    fn visit(&mut self, delegation: &Delegation, ended: NaiveDate) {
        let permitted = self.last.map_or(ended, day_in_vietnam);
        let left = delegation.actual_departs_on.unwrap_or(ended);
        match delegation.fate {
            Fate::Closed => {
                let reported = later(left, 2).max(later(permitted, 1));
                self.add(reported, 9, Deed::Report);
                self.add(later(reported, 3), 10, Deed::Close);
            }
            Fate::RevokedAfterArrival => {
                self.add(delegation.actual_arrives_on.unwrap_or(ended), 16, Deed::Arrive);
                self.add(ended, 11, Deed::Revoke);
                self.add(later(left, 2), 9, Deed::Report);
            }
            Fate::NoShow => {
                self.add(ended, 9, Deed::NoShow);
                self.add(later(ended, 2), 10, Deed::Close);
            }
            Fate::RevokedBeforeArrival => self.add(ended, 10, Deed::Revoke),
            Fate::Cancelled => self.add(ended, 10, Deed::Cancel),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn time_never_goes_back_and_nothing_lies_ahead() {
        let data = Data::read().unwrap();
        for today in ["2025-12-24", "2025-12-29", "2026-11-22", "2026-11-23"] {
            let (scenes, start) = plan(&data, day(today));
            assert_eq!(start, day(today));
            assert!(scenes.is_sorted_by_key(|scene| scene.at));
            assert!(scenes.iter().all(|scene| day_in_vietnam(scene.at) < start), "{today}");
            for no in 0..data.delegations.len() {
                let own: Vec<_> = scenes.iter().filter(|scene| scene.delegation == no).collect();
                assert_eq!(own[0].deed, Deed::Register);
                assert!(own.is_sorted_by(|a, b| a.at < b.at), "{}", data.delegations[no].key);
            }
        }
    }

    #[test]
    fn it_is_done_in_office_hours() {
        let (scenes, _) = plan(&Data::read().unwrap(), day("2026-11-22"));
        for scene in scenes {
            let local = crate::clock::in_vietnam(scene.at);
            let minute = local.format("%H:%M").to_string();
            assert!(("07:00".."17:30").contains(&minute.as_str()), "{scene:?} at {minute}");
            let arrival = scene.deed == Deed::Arrive;
            assert!(arrival || local.weekday().number_from_monday() < 6, "{scene:?}");
        }
    }

    #[test]
    fn days_are_counted_from_the_end_of_the_year_at_the_earliest() {
        let (_, start) = plan(&Data::read().unwrap(), day("2025-06-01"));
        assert_eq!(start, day("2025-12-24"));
        assert_eq!(workday(day("2026-11-22")), day("2026-11-20"));
        assert_eq!(later(day("2026-11-20"), 2), day("2026-11-24"));
    }
}
