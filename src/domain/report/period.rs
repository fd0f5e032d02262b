//! Periods of the return: labels such as `2025-11`, and the days they mean in each window.
//! Knows nothing of dossiers. The 15-14 window is NĐ 09/2019 Đ.12: month M runs from the 15th of the month
//! before to the 14th of M, so the year runs from 15/12 to 14/12.

use chrono::{DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::codes::{Code, codes};

/// The zone in which a day is a day. Vietnam has kept UTC+7 without summer time since 1975.
pub const TIMEZONE: &str = "Asia/Ho_Chi_Minh";

codes! {
    /// How long a period is.
    Kind { Monthly = "monthly", Quarterly = "quarterly", Half = "half", Nine = "nine", Yearly = "yearly" }
    /// On which days a period begins and ends.
    Window {
        /// From the first to the last day of the calendar months.
        Calendar = "calendar",
        /// From the 15th of the month before to the 14th.
        MidMonth = "15-14",
    }
}

/// The local day of an instant.
#[must_use]
pub fn local_day(instant: DateTime<Utc>) -> NaiveDate {
    FixedOffset::east_opt(7 * 3600)
        .map_or_else(|| instant.date_naive(), |zone| instant.with_timezone(&zone).date_naive())
}

/// Why a period could not be read. The codes are stable: `period-kind`, `period-label`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PeriodError {
    /// The kind is none of ours.
    #[error("'{0}' is no kind of period: use monthly, quarterly, half, nine or yearly")]
    Kind(String),
    /// The label does not fit the kind.
    #[error("'{label}' is no {kind} period between 1900 and 9998: write it like {example}")]
    Label {
        /// What was given.
        label: String,
        /// The kind it should have.
        kind: Kind,
        /// A label that would do.
        example: &'static str,
    },
}

impl PeriodError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Kind(_) => "period-kind",
            Self::Label { .. } => "period-label",
        }
    }
}

/// Days from and to, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = report::Range)]
pub struct Range {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

impl Range {
    /// Whether the day lies inside.
    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }
}

impl Kind {
    /// Its length in months, and a label that would do.
    fn shape(self) -> (u32, &'static str) {
        match self {
            Self::Monthly => (1, "2025-11"),
            Self::Quarterly => (3, "2025-Q4"),
            Self::Half => (6, "2025-H2"),
            Self::Nine => (9, "2025-9M"),
            Self::Yearly => (12, "2025"),
        }
    }

    fn months(self) -> u32 {
        self.shape().0
    }

    /// How many periods of this kind a year has; the nine months come once.
    fn per_year(self) -> u32 {
        12 / self.months()
    }
}

/// A period of a year: the n-th of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    kind: Kind,
    year: i32,
    /// From 1.
    number: u32,
}

impl Period {
    /// The `number`-th period (from 1) of a year between 1900 and 9998; `None` if there is no such.
    #[must_use]
    pub fn new(kind: Kind, year: i32, number: u32) -> Option<Self> {
        let fits = (1900..=9998).contains(&year) && (1..=kind.per_year()).contains(&number);
        fits.then_some(Self { kind, year, number })
    }

    /// Reads a kind and a label as they stand in an address: `monthly`, `2025-11`.
    ///
    /// # Errors
    /// [`PeriodError`] names what is wrong and gives an example that would do.
    pub fn parse(kind: &str, label: &str) -> Result<Self, PeriodError> {
        let kind = Kind::parse(kind).ok_or_else(|| PeriodError::Kind(kind.to_owned()))?;
        Self::parse_label(kind, label)
    }

    /// Reads a label of a known kind.
    ///
    /// # Errors
    /// [`PeriodError::Label`] if it is no label of this kind.
    pub fn parse_label(kind: Kind, label: &str) -> Result<Self, PeriodError> {
        let example = kind.shape().1;
        let fault = || PeriodError::Label { label: label.to_owned(), kind, example };
        let year = label.get(..4).filter(|year| year.bytes().all(|byte| byte.is_ascii_digit()));
        let year = year.and_then(|year| year.parse().ok()).ok_or_else(fault)?;
        (1..=kind.per_year())
            .filter_map(|number| Self::new(kind, year, number))
            .find(|period| period.label() == label)
            .ok_or_else(fault)
    }

    /// The label: `2025-11`, `2025-Q4`, `2025-H2`, `2025-9M`, `2025`.
    #[must_use]
    pub fn label(self) -> String {
        let (year, number) = (self.year, self.number);
        match self.kind {
            Kind::Monthly => format!("{year:04}-{number:02}"),
            Kind::Quarterly => format!("{year:04}-Q{number}"),
            Kind::Half => format!("{year:04}-H{number}"),
            Kind::Nine => format!("{year:04}-9M"),
            Kind::Yearly => format!("{year:04}"),
        }
    }

    /// Its kind.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.kind
    }

    /// The period that holds a day.
    #[must_use]
    pub fn of_day(kind: Kind, window: Window, day: NaiveDate) -> Option<Self> {
        [day.year(), day.year() + 1].into_iter().find_map(|year| {
            (1..=kind.per_year())
                .filter_map(|number| Self::new(kind, year, number))
                .find(|period| period.range(window).contains(day))
        })
    }

    /// Its days.
    #[must_use]
    pub fn range(self, window: Window) -> Range {
        let months = self.kind.months();
        Range { from: month_start(self.year, (self.number - 1) * months, window), to: self.last_day(window) }
    }

    /// The period before; of nine months and of a year the one of the year before.
    #[must_use]
    pub fn previous(self) -> Self {
        if self.number > 1 {
            return Self { number: self.number - 1, ..self };
        }
        Self { year: self.year - 1, number: self.kind.per_year(), ..self }
    }

    /// The period after; of nine months and of a year the one of the next year.
    #[must_use]
    pub fn following(self) -> Self {
        if self.number < self.kind.per_year() {
            return Self { number: self.number + 1, ..self };
        }
        Self { year: self.year + 1, number: 1, ..self }
    }

    /// The periods of a kind that end on `from` or later and are over on `today`, in their order.
    pub fn over(kind: Kind, window: Window, from: NaiveDate, today: NaiveDate) -> impl Iterator<Item = Self> {
        let numbers = (from.year()..=from.year() + 1).flat_map(move |year| {
            (1..=kind.per_year()).filter_map(move |number| Self::new(kind, year, number))
        });
        let mut numbers = numbers.skip_while(move |period| period.range(window).to < from);
        std::iter::successors(numbers.next(), |period| Some(period.following()))
            .take_while(move |period| period.range(window).to < today)
    }

    /// The same period of the year before.
    #[must_use]
    pub fn last_year(self) -> Self {
        Self { year: self.year - 1, ..self }
    }

    /// From the first day of its year to its own last day.
    #[must_use]
    pub fn cumulative(self, window: Window) -> Range {
        Range { from: month_start(self.year, 0, window), to: self.last_day(window) }
    }

    /// The month after its last day: whose delegations are announced.
    #[must_use]
    pub fn following_month(self, window: Window) -> Range {
        let end = self.number * self.kind.months();
        let from = month_start(self.year, end, window);
        Range { from, to: from + Months::new(1) - Days::new(1) }
    }

    fn last_day(self, window: Window) -> NaiveDate {
        month_start(self.year, self.number * self.kind.months(), window) - Days::new(1)
    }
}

/// First day of the month `after` months after January; the year is within what [`Period::new`] allows,
/// give or take one, so the calendar has the day.
fn month_start(year: i32, after: u32, window: Window) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default() + Months::new(after);
    match window {
        Window::Calendar => first,
        Window::MidMonth => first - Months::new(1) + Days::new(14),
    }
}
