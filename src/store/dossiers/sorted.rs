//! Lists of dossiers in the order that a reader asks for, by keyset: what has no day or no number comes last, and is read
//! by a statement of its own, because the two databases do not agree where an empty value belongs.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use diesel::dsl::exists;
use diesel::prelude::*;

use super::filter::{HOSTS, OVER, bounded, filtered};
use super::{Filter, LONGEST_STAY, Row, Stored, columns, scoped, with_papers, within};
use super::{few, search};
use crate::clock::from_vietnam;
use crate::domain::access::Scope;
use crate::domain::codes::{Code, Direction, codes};
use crate::domain::dossier::State;
use crate::domain::ids::DossierId;
use crate::domain::phase::Phase;
use crate::store::schema::{
    dossier_countries, dossier_parties, dossiers, members, obligations, search_words,
};
use crate::store::words::Subject;
use crate::store::{ReadTx, StoreError};

codes! {
    /// By what a list is in order.
    Sort {
        /// When it was registered.
        Registered = "registered",
        /// The first day.
        Arrival = "arrival",
        /// The official number.
        Code = "code",
        /// Since when it is in its state.
        Since = "since",
    }
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// By what.
    pub by: Sort,
    /// The last first.
    pub descending: bool,
}

impl Default for Order {
    fn default() -> Self {
        Self { by: Sort::Registered, descending: true }
    }
}

/// The place of a dossier in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// By registration.
    Id(DossierId),
    /// By first day, if there is one.
    Day(Option<NaiveDate>, DossierId),
    /// By official number, if there is one.
    Code(Option<(Direction, i32, i64)>, DossierId),
    /// By the instant since which it is in its state.
    Since(NaiveDateTime, DossierId),
}

impl Mark {
    /// Whether it is a place in a list of this order.
    #[must_use]
    pub fn fits(&self, order: Order) -> bool {
        let by = match self {
            Self::Id(_) => Sort::Registered,
            Self::Day(..) => Sort::Arrival,
            Self::Code(..) => Sort::Code,
            Self::Since(..) => Sort::Since,
        };
        by == order.by
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::Day(Some(day), id) => write!(f, "day {day} {id}"),
            Self::Day(None, id) => write!(f, "day - {id}"),
            Self::Code(Some((way, year, no)), id) => write!(f, "code {way}:{year}:{no} {id}"),
            Self::Code(None, id) => write!(f, "code - {id}"),
            Self::Since(at, id) => write!(f, "since {} {id}", at.and_utc().timestamp_micros()),
        }
    }
}

impl FromStr for Mark {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(3, ' ');
        let (first, value, id) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        let (Some(value), Some(id)) = (value, id) else {
            return first.parse().map(Self::Id).map_err(|_none| ());
        };
        let id: DossierId = id.parse().map_err(|_none| ())?;
        let number = |text: &str| {
            let mut parts = text.splitn(3, ':');
            let way = Direction::parse(parts.next()?)?;
            Some((way, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
        };
        match (first, value) {
            ("day", "-") => Ok(Self::Day(None, id)),
            ("day", day) => day.parse().map(|day| Self::Day(Some(day), id)).map_err(|_none| ()),
            ("code", "-") => Ok(Self::Code(None, id)),
            ("code", text) => number(text).map(|number| Self::Code(Some(number), id)).ok_or(()),
            ("since", micros) => {
                let at = micros.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or(())?;
                Ok(Self::Since(at.naive_utc(), id))
            }
            _ => Err(()),
        }
    }
}

/// Direction, year and number of an official code.
#[must_use]
pub fn parsed_code(code: &str) -> Option<(Direction, i32, i64)> {
    let way = match code.get(..3)? {
        "DV-" => Direction::Inbound,
        "DR-" => Direction::Outbound,
        _ => return None,
    };
    let (year, no) = code.get(3..)?.split_once('-')?;
    Some((way, year.parse().ok()?, no.parse().ok()?))
}

/// Among these alone, where they are known to be few.
macro_rules! narrowed {
    ($query:expr, $few:expr) => {{
        let (mut query, few): (_, &Option<Vec<String>>) = ($query, $few);
        if let Some(few) = few {
            query = query.filter(dossiers::id.eq_any(few.clone()));
        }
        query
    }};
}

/// Dossiers within a scope in an order, after a place, at most `limit`.
///
/// # Errors
/// `StoreError` of the database.
pub fn sorted(
    tx: &mut ReadTx<'_>,
    scope: &Scope,
    filter: &Filter,
    order: Order,
    after: Option<Mark>,
    limit: i64,
) -> Result<Vec<Stored>, StoreError> {
    let words = search::words(tx, filter.words.as_deref())?;
    let visible = within(tx, scope)?;
    let few = few::few(tx, &visible, filter, &words)?;
    let asked = Asked { scope, filter, words: &words, few, descending: order.descending };
    let rows = match order.by {
        Sort::Registered => asked.registered(tx, after, limit)?,
        Sort::Since => asked.since(tx, after, limit)?,
        Sort::Arrival => asked.arrival(tx, after, limit)?,
        Sort::Code => asked.code(tx, after, limit)?,
    };
    with_papers(tx, rows)
}

/// Lists dossiers within a scope, newest first, at most `limit`.
///
/// # Errors
/// `StoreError` of the database.
pub fn list(
    tx: &mut ReadTx<'_>,
    scope: &Scope,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<Stored>, StoreError> {
    sorted(tx, scope, filter, Order::default(), None, limit)
}

/// How many dossiers within a scope `list` would give, page after page.
///
/// # Errors
/// `StoreError` of the database.
pub fn count(tx: &mut ReadTx<'_>, scope: &Scope, filter: &Filter) -> Result<i64, StoreError> {
    let within = within(tx, scope)?;
    let words = search::words(tx, filter.words.as_deref())?;
    let few = few::few(tx, &within, filter, &words)?;
    let query = narrowed!(filtered!(scoped!(dossiers::table.into_boxed(), within), filter, &words), &few);
    Ok(bounded!(query, filter).count().get_result(tx.db())?)
}

struct Asked<'a> {
    scope: &'a Scope,
    filter: &'a Filter,
    words: &'a [search::Word],
    few: Option<Vec<String>>,
    descending: bool,
}

/// The statement before its order.
macro_rules! base {
    ($asked:expr, $tx:expr) => {{
        let within = within($tx, $asked.scope)?;
        let query = filtered!(scoped!(dossiers::table.into_boxed(), within), $asked.filter, $asked.words);
        narrowed!(query, &$asked.few)
    }};
}

impl Asked<'_> {
    fn registered(
        &self,
        tx: &mut ReadTx<'_>,
        after: Option<Mark>,
        limit: i64,
    ) -> Result<Vec<Row>, StoreError> {
        let mut query = base!(self, tx);
        if let Some(Mark::Id(id)) = after {
            query = match self.descending {
                true => query.filter(dossiers::id.lt(id.to_string())),
                false => query.filter(dossiers::id.gt(id.to_string())),
            };
        }
        query = match self.descending {
            true => query.order(dossiers::id.desc()),
            false => query.order(dossiers::id.asc()),
        };
        Ok(query.limit(limit).select(columns!()).load(tx.db())?)
    }

    fn since(&self, tx: &mut ReadTx<'_>, after: Option<Mark>, limit: i64) -> Result<Vec<Row>, StoreError> {
        let mut query = base!(self, tx);
        if let Some(Mark::Since(at, id)) = after {
            let (at_same, id) = (dossiers::state_since.eq(at), id.to_string());
            query = match self.descending {
                true => query
                    .filter(dossiers::state_since.le(at))
                    .filter(dossiers::state_since.lt(at).or(at_same.and(dossiers::id.lt(id)))),
                false => query
                    .filter(dossiers::state_since.ge(at))
                    .filter(dossiers::state_since.gt(at).or(at_same.and(dossiers::id.gt(id)))),
            };
        }
        query = match self.descending {
            true => query.order((dossiers::state_since.desc(), dossiers::id.desc())),
            false => query.order((dossiers::state_since.asc(), dossiers::id.asc())),
        };
        Ok(query.limit(limit).select(columns!()).load(tx.db())?)
    }

    fn arrival(&self, tx: &mut ReadTx<'_>, after: Option<Mark>, limit: i64) -> Result<Vec<Row>, StoreError> {
        let mut rows: Vec<Row> = Vec::new();
        if !matches!(after, Some(Mark::Day(None, _))) {
            let query = base!(self, tx).filter(dossiers::starts_on.is_not_null());
            let mut query = bounded!(query, self.filter);
            if let Some(Mark::Day(Some(day), id)) = after {
                let id = id.to_string();
                query = match self.descending {
                    true => query
                        .filter(dossiers::starts_on.le(day))
                        .filter(dossiers::starts_on.lt(day).or(dossiers::id.lt(id).nullable())),
                    false => query
                        .filter(dossiers::starts_on.ge(day))
                        .filter(dossiers::starts_on.gt(day).or(dossiers::id.gt(id).nullable())),
                };
            }
            query = match self.descending {
                true => query.order((dossiers::starts_on.desc(), dossiers::id.desc())),
                false => query.order((dossiers::starts_on.asc(), dossiers::id.asc())),
            };
            rows = query.limit(limit).select(columns!()).load(tx.db())?;
        }
        let place = match after {
            Some(Mark::Day(None, id)) => Some(id),
            _ => None,
        };
        let left = limit - i64::try_from(rows.len()).unwrap_or(limit);
        if left > 0 {
            let query = base!(self, tx).filter(dossiers::starts_on.is_null());
            rows.extend(self.rest(tx, query, place, left)?);
        }
        Ok(rows)
    }

    fn code(&self, tx: &mut ReadTx<'_>, after: Option<Mark>, limit: i64) -> Result<Vec<Row>, StoreError> {
        let mut rows: Vec<Row> = Vec::new();
        if !matches!(after, Some(Mark::Code(None, _))) {
            let mut query = base!(self, tx).filter(dossiers::no.is_not_null());
            if let Some(Mark::Code(Some((way, year, no)), _)) = after {
                let (way, same) = (way.code(), dossiers::year.eq(year));
                query = match self.descending {
                    true => query.filter(dossiers::direction.le(way)).filter(
                        dossiers::direction
                            .lt(way)
                            .nullable()
                            .or(dossiers::year.lt(year))
                            .or(same.and(dossiers::no.lt(no))),
                    ),
                    false => query.filter(dossiers::direction.ge(way)).filter(
                        dossiers::direction
                            .gt(way)
                            .nullable()
                            .or(dossiers::year.gt(year))
                            .or(same.and(dossiers::no.gt(no))),
                    ),
                };
            }
            query = match self.descending {
                true => query.order((dossiers::direction.desc(), dossiers::year.desc(), dossiers::no.desc())),
                false => query.order((dossiers::direction.asc(), dossiers::year.asc(), dossiers::no.asc())),
            };
            rows = query.limit(limit).select(columns!()).load(tx.db())?;
        }
        let place = match after {
            Some(Mark::Code(None, id)) => Some(id),
            _ => None,
        };
        let left = limit - i64::try_from(rows.len()).unwrap_or(limit);
        if left > 0 {
            let query = base!(self, tx).filter(dossiers::no.is_null());
            rows.extend(self.rest(tx, query, place, left)?);
        }
        Ok(rows)
    }

    /// What has no value to be sorted by, in the order of registration.
    fn rest(
        &self,
        tx: &mut ReadTx<'_>,
        mut query: Boxed<'_>,
        after: Option<DossierId>,
        limit: i64,
    ) -> Result<Vec<Row>, StoreError> {
        if let Some(id) = after {
            query = match self.descending {
                true => query.filter(dossiers::id.lt(id.to_string())),
                false => query.filter(dossiers::id.gt(id.to_string())),
            };
        }
        query = match self.descending {
            true => query.order(dossiers::id.desc()),
            false => query.order(dossiers::id.asc()),
        };
        Ok(query.limit(limit).select(columns!()).load(tx.db())?)
    }
}

/// A statement over dossiers, for either database.
type Boxed<'q> = dossiers::BoxedQuery<'q, <crate::store::db::Db as diesel::Connection>::Backend>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_and_read() {
        let id: DossierId = "01990000-0000-7000-8000-000000000000".parse().unwrap();
        let (day, at) =
            (NaiveDate::from_ymd_opt(2026, 12, 31), DateTime::from_timestamp_micros(1_772_416_800_123_456));
        let marks = [
            (Mark::Id(id), Sort::Registered),
            (Mark::Day(day, id), Sort::Arrival),
            (Mark::Day(None, id), Sort::Arrival),
            (Mark::Code(parsed_code("DR-2026-0012"), id), Sort::Code),
            (Mark::Code(None, id), Sort::Code),
            (Mark::Since(at.unwrap().naive_utc(), id), Sort::Since),
        ];
        for (mark, by) in marks {
            assert_eq!(mark.to_string().parse(), Ok(mark));
            assert!(mark.fits(Order { by, descending: false }));
        }
        for bad in ["", "x", "day", "day 2026-13-01 x", "code inbound:1 x", "since x y", "day - x"] {
            assert_eq!(bad.parse::<Mark>(), Err(()), "{bad}");
        }
        assert_eq!(parsed_code("DV-2026-12345"), Some((Direction::Inbound, 2026, 12345)));
        assert_eq!(parsed_code("XX-2026-1"), None);
    }
}
