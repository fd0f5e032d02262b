//! Which dossiers a list holds: what is asked for, and the conditions of the statement that it becomes.

use chrono::{NaiveDate, TimeDelta};

use crate::domain::codes::{Direction, Field};
use crate::domain::dossier::State;
use crate::domain::ids::{AccountId, DossierId, OrganisationId, PartnerId, PersonId};
use crate::domain::phase::During;

/// Which dossiers to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this direction.
    pub direction: Option<Direction>,
    /// Only this state.
    pub state: Option<State>,
    /// Only with this country.
    pub country: Option<String>,
    /// Only filed by this organisation.
    pub organisation: Option<OrganisationId>,
    /// Only beginning on or after this day.
    pub from: Option<NaiveDate>,
    /// Only beginning on or before this day.
    pub to: Option<NaiveDate>,
    /// Only this field of work.
    pub field: Option<Field>,
    /// Only with words that begin with each of these in the title, the official number, the name of somebody who travels,
    /// or of a body, partner or country concerned, whatever their marks, case and order.
    pub words: Option<String>,
    /// Only with this person among the members.
    pub person: Option<PersonId>,
    /// Only with this partner.
    pub partner: Option<PartnerId>,
    /// Only those that come, are here, leave or have to be reported on in these days.
    pub during: Option<During>,
    /// Only registered by this account.
    pub created_by: Option<AccountId>,
    /// Only those that are not over.
    pub under_way: bool,
    /// Only before this id: newest first.
    pub before: Option<DossierId>,
}

/// States in which nothing is to be done any more.
pub(super) const OVER: [State; 5] =
    [State::Closed, State::Lapsed, State::Rejected, State::Cancelled, State::Revoked];
/// In which capacity a body is a host.
pub(super) const HOSTS: [&str; 2] = ["lead_host", "co_host"];

macro_rules! filtered {
    ($query:expr, $filter:expr, $words:expr) => {{
        let (mut query, filter): (_, &Filter) = ($query, $filter);
        if let Some(direction) = filter.direction {
            query = query.filter(dossiers::direction.eq(direction.code()));
        }
        if let Some(state) = filter.state {
            query = query.filter(dossiers::state.eq(state.code()));
        }
        if let Some(field) = filter.field {
            query = query.filter(dossiers::primary_field.eq(field.code()));
        }
        if let Some(organisation) = filter.organisation {
            query = query.filter(dossiers::organisation_id.eq(organisation.to_string()));
        }
        if let Some(person) = filter.person {
            let with = members::table
                .filter(members::dossier_id.eq(dossiers::id))
                .filter(members::person_id.eq(person.to_string()));
            query = query.filter(exists(with));
        }
        if let Some(partner) = filter.partner {
            query = query.filter(dossiers::partner_id.eq(partner.to_string()));
        }
        if let Some(country) = &filter.country {
            // Not `EXISTS`: SQLite makes a join of it and walks all that there is of a common country.
            let its = dossier_countries::table
                .filter(dossier_countries::dossier_id.eq(dossiers::id))
                .select(dossier_countries::country);
            query = query.filter(country.clone().into_sql::<diesel::sql_types::Text>().eq_any(its));
        }
        // As a truth, not as a range: SQLite would read all in the range and sort it, where the first page is found soon by
        // walking in order. Where the order is by days, `bounded` says where to begin.
        if let Some(from) = filter.from {
            query = query.filter(dossiers::starts_on.ge(from).eq(true));
        }
        if let Some(to) = filter.to {
            query = query.filter(dossiers::starts_on.le(to).eq(true));
        }
        for word in $words {
            let begins =
                || search_words::word.ge(word.typed.clone()).and(search_words::word.lt(word.end.clone()));
            let by_title =
                search_words::table.filter(search_words::subject_id.eq(dossiers::id)).filter(begins());
            let by_name = members::table
                .inner_join(search_words::table.on(search_words::subject_id.eq(members::person_id)))
                .filter(members::dossier_id.eq(dossiers::id))
                .filter(begins());
            let by_partner = search_words::table
                .filter(search_words::subject.eq(Subject::Partner.code()))
                .filter(begins())
                .select(search_words::subject_id.nullable());
            let by_host = dossier_parties::table
                .filter(dossier_parties::dossier_id.eq(dossiers::id))
                .filter(dossier_parties::party_id.eq_any(word.bodies.clone()))
                .filter(dossier_parties::capacity.eq_any(HOSTS));
            let by_country = dossier_countries::table
                .filter(dossier_countries::dossier_id.eq(dossiers::id))
                .filter(dossier_countries::country.eq_any(word.countries.clone()));
            let (years, numbers) = (word.numbers.years, word.numbers.between);
            let by_number = dossiers::direction
                .eq_any(word.numbers.directions.clone())
                .nullable()
                .and(dossiers::year.between(years.0, years.1))
                .and(dossiers::no.between(numbers.0, numbers.1));
            query = query.filter(
                exists(by_title)
                    .or(exists(by_name))
                    .or(exists(by_host))
                    .or(exists(by_country))
                    .or(dossiers::organisation_id.eq_any(word.bodies.clone()))
                    .nullable()
                    .or(dossiers::partner_id.eq_any(by_partner))
                    .or(by_number),
            );
        }
        if let Some(during) = filter.during {
            let (from, to, today) = (during.from, during.to, during.today);
            let gone = [State::Rejected, State::Lapsed, State::Cancelled, State::Revoked].map(State::code);
            let may_be_here = [State::Approved, State::Issued, State::Reported].map(State::code);
            let came = dossiers::state.eq_any(may_be_here).or(dossiers::actual_starts_on.is_not_null());
            query = match during.phase {
                // Of days that are over: who came. Who has come, or was reported, is not awaited any more.
                Phase::Arriving if to < today => {
                    query.filter(dossiers::starts_on.between(from, to)).filter(came)
                }
                Phase::Arriving => query
                    .filter(dossiers::starts_on.between(from, to))
                    .filter(dossiers::actual_starts_on.is_null())
                    .filter(dossiers::state.ne_all([State::Reported, State::Closed].map(State::code))),
                Phase::Here => query
                    .filter(dossiers::starts_on.between(today - LONGEST_STAY, today))
                    .filter(dossiers::ends_on.ge(today))
                    .filter(
                        dossiers::actual_ends_on.is_null().nullable().or(dossiers::actual_ends_on.ge(today)),
                    )
                    .filter(came),
                Phase::Leaving => query
                    .filter(dossiers::ends_on.between(from, to))
                    .filter(
                        dossiers::actual_ends_on
                            .is_null()
                            .nullable()
                            .or(dossiers::actual_ends_on.ge(today.min(from))),
                    )
                    .filter(came),
                Phase::ReportDue => {
                    let end = to.succ_opt().unwrap_or(to).and_time(chrono::NaiveTime::MIN);
                    let owed = obligations::table
                        .filter(obligations::kind.eq("result_report"))
                        .filter(obligations::state.eq("open"))
                        .filter(
                            obligations::due_at
                                .ge(from_vietnam(from.and_time(chrono::NaiveTime::MIN)).naive_utc()),
                        )
                        .filter(obligations::due_at.lt(from_vietnam(end).naive_utc()))
                        .select(obligations::dossier_id);
                    query.filter(dossiers::id.eq_any(owed))
                }
            };
            query = query.filter(dossiers::state.ne_all(gone)).filter(dossiers::outcome.is_null());
        }
        if let Some(account) = filter.created_by {
            query = query.filter(dossiers::created_by.eq(account.to_string()));
        }
        if filter.under_way {
            query = query.filter(dossiers::state.ne_all(OVER.map(State::code)));
        }
        if let Some(before) = filter.before {
            query = query.filter(dossiers::id.lt(before.to_string()));
        }
        query
    }};
}
pub(super) use filtered;

/// The range of days that is asked for, for a walk in the order of days or a count.
macro_rules! bounded {
    ($query:expr, $filter:expr) => {{
        let (mut query, filter): (_, &Filter) = ($query, $filter);
        if let Some(from) = filter.from {
            query = query.filter(dossiers::starts_on.ge(from));
        }
        if let Some(to) = filter.to {
            query = query.filter(dossiers::starts_on.le(to));
        }
        query
    }};
}
pub(super) use bounded;

/// The longest stay that the calendar knows of.
pub const LONGEST_STAY: TimeDelta = TimeDelta::days(400);
