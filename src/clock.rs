//! Time and fresh ids as parameters: the only `Utc::now` of the program, so that tests move time and
//! demo data can be told in the order of the past. Instants are truncated to microseconds, which is
//! PostgreSQL's precision: hashes must agree on both databases.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, DurationRound, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use uuid::{ContextV7, Timestamp, Uuid};

use crate::domain::ids::Id;

/// An instant in UTC, truncated to microseconds.
pub type Instant = DateTime<Utc>;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present instant, truncated to microseconds.
    fn now(&self) -> Instant;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    fn now(&self) -> Instant {
        truncated(Utc::now())
    }
}

/// A clock that stands still until it is moved; for tests and for telling demo data in order.
#[derive(Debug)]
pub struct SetClock(Mutex<Instant>);

impl SetClock {
    /// Stands at `at`.
    #[must_use]
    pub fn at(at: Instant) -> Arc<Self> {
        Arc::new(Self(Mutex::new(truncated(at))))
    }

    /// Moves to `at`, forwards or back.
    pub fn set(&self, at: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = truncated(at);
    }

    /// Moves by `by`.
    pub fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Clock for SetClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn truncated(at: Instant) -> Instant {
    at.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(at)
}

/// Vietnam's offset: UTC+7 since 1975, no summer time.
const VIETNAM_SECONDS_EAST: i32 = 7 * 3600;

/// The same instant on the wall clock of `Asia/Ho_Chi_Minh`.
#[must_use]
pub fn in_vietnam(at: Instant) -> DateTime<FixedOffset> {
    match FixedOffset::east_opt(VIETNAM_SECONDS_EAST) {
        Some(offset) => at.with_timezone(&offset),
        None => at.fixed_offset(),
    }
}

/// The instant at which Vietnam's wall clock shows this.
#[must_use]
pub fn from_vietnam(wall: NaiveDateTime) -> Instant {
    let east = TimeDelta::seconds(VIETNAM_SECONDS_EAST.into());
    wall.checked_sub_signed(east).unwrap_or(wall).and_utc()
}

/// The calendar day of an instant in `Asia/Ho_Chi_Minh`.
#[must_use]
pub fn day_in_vietnam(at: Instant) -> NaiveDate {
    in_vietnam(at).date_naive()
}

/// Makes ids that sort by the time they were made, also within one millisecond.
#[derive(Debug)]
pub struct Ids(Mutex<ContextV7>);

impl Default for Ids {
    fn default() -> Self {
        Self(Mutex::new(ContextV7::new()))
    }
}

impl Ids {
    /// A fresh id, stamped with `now`.
    pub fn fresh<T: Id>(&self, now: Instant) -> T {
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        let context = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        T::from_uuid(Uuid::new_v7(Timestamp::from_unix(&*context, seconds, now.timestamp_subsec_nanos())))
    }
}
