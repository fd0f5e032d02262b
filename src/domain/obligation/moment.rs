//! From when a duty can be done at all: a table by kind. A report of a visit that has not ended, or a notice of a
//! permit that was not given yet, is no proof of anything.

use chrono::NaiveDate;

use super::ObligationKind;

/// From when something can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// Whenever: another authority gives it, perhaps before the permit.
    Anytime,
    /// From the date of the permit on, of which somebody is told.
    Permit,
    /// From the first day on.
    Arrival,
    /// From the last day on.
    Departure,
    /// From the last day on, or from the day on which the visit was reported, if that came before it.
    DepartureOrReport,
}

/// The table.
#[must_use]
pub const fn begins(kind: ObligationKind) -> Begins {
    use ObligationKind as K;
    match kind {
        K::PressLicence | K::RestrictedPermit => Begins::Anytime,
        K::PoliceNotice | K::PressConference | K::SeaBorderNotice | K::Delivery | K::FollowUp | K::Other => {
            Begins::Permit
        }
        K::TemporaryStay | K::PressReport => Begins::Arrival,
        K::SponsorshipEnd | K::PassportReturn | K::CellReport => Begins::Departure,
        K::ResultReport => Begins::DepartureOrReport,
    }
}

/// The days that count, as far as they are known: what really happened before what was planned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moments {
    /// Date of the permit.
    pub permit_on: Option<NaiveDate>,
    /// First day.
    pub arrives_on: Option<NaiveDate>,
    /// Last day; of a visit that will not be, the date of the permit.
    pub departs_on: Option<NaiveDate>,
    /// Day on which the visit was reported.
    pub reported_on: Option<NaiveDate>,
}

/// Why something cannot have been done on this day yet, as the code of a field. A day that is not known forbids
/// nothing.
#[must_use]
pub fn too_early(kind: ObligationKind, moments: &Moments, day: NaiveDate) -> Option<&'static str> {
    let (from, code) = match begins(kind) {
        Begins::Anytime => (None, ""),
        Begins::Permit => (moments.permit_on, "before-permit"),
        Begins::Arrival => (moments.arrives_on, "before-visit"),
        Begins::Departure => (moments.departs_on, "before-end-of-visit"),
        Begins::DepartureOrReport => {
            let reported = |end: NaiveDate| moments.reported_on.map_or(end, |day| day.min(end));
            (moments.departs_on.map(reported), "before-end-of-visit")
        }
    };
    from.filter(|from| day < *from).map(|_| code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::codes::Code;

    fn d(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
    }

    #[test]
    fn each_kind_has_its_first_day() {
        let moments = Moments {
            permit_on: Some(d(2)),
            arrives_on: Some(d(20)),
            departs_on: Some(d(22)),
            reported_on: None,
        };
        let first = |kind: ObligationKind| {
            let early = (1..=31).map(d).take_while(|day| too_early(kind, &moments, *day).is_some()).last();
            let code = early.and_then(|day| too_early(kind, &moments, day)).unwrap_or_default();
            (early.map_or(1, |day| chrono::Datelike::day(&day) + 1), code)
        };
        for kind in ObligationKind::ALL {
            let expected = match kind.code() {
                "press_licence" | "restricted_permit" => (1, ""),
                "temporary_stay" | "press_report" => (20, "before-visit"),
                "sponsorship_end" | "passport_return" | "cell_report" | "result_report" => {
                    (22, "before-end-of-visit")
                }
                _ => (2, "before-permit"),
            };
            assert_eq!(first(*kind), expected, "{kind}");
        }
        let reported = Moments { reported_on: Some(d(21)), ..moments };
        assert_eq!(too_early(ObligationKind::ResultReport, &reported, d(21)), None);
        assert_eq!(too_early(ObligationKind::PassportReturn, &reported, d(21)), Some("before-end-of-visit"));
        for kind in ObligationKind::ALL {
            assert_eq!(
                too_early(*kind, &Moments::default(), d(1)),
                None,
                "what is not known forbids nothing"
            );
        }
    }
}
