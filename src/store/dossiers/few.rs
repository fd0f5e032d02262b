//! A list is in order of its own, and most of its conditions have an index of their own. Where one of them holds for a few
//! dossiers alone, the list is looked for among these; where it holds for many, the first page is found soon by walking
//! in order. Which of the two it is, a look at no more than `FEW` entries of the index tells.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::filter::HOSTS;
use super::search::Word;
use super::{Filter, Within};
use crate::domain::codes::Code;
use crate::domain::obligation::ObligationState;
use crate::store::schema::{
    dossier_countries, dossier_parties, dossiers, members, obligations, search_words,
};
use crate::store::words::{self, FEW, Subject, complete};
use crate::store::{ReadTx, StoreError};

/// The ids among which all that is asked for is found, if one of the conditions holds for few.
pub(super) fn few(
    tx: &mut ReadTx<'_>,
    within: &Within,
    filter: &Filter,
    words: &[Word],
) -> Result<Option<Vec<String>>, StoreError> {
    for word in words {
        if let Some(few) = with_word(tx, word)? {
            return Ok(Some(few));
        }
    }
    if let Some(person) = filter.person {
        let of = members::table.filter(members::person_id.eq(person.to_string()));
        if let Some(few) = complete(of.select(members::dossier_id).limit(FEW + 1).load(tx.db())?) {
            return Ok(Some(few));
        }
    }
    if let Some(country) = &filter.country {
        let of = dossier_countries::table.filter(dossier_countries::country.eq(country));
        if let Some(few) = complete(of.select(dossier_countries::dossier_id).limit(FEW + 1).load(tx.db())?) {
            return Ok(Some(few));
        }
    }
    if let Some(few) = in_days(tx, filter)? {
        return Ok(Some(few));
    }
    visible(tx, within)
}

/// Several such lists as one.
fn all(lists: impl IntoIterator<Item = Option<Vec<String>>>) -> Option<Vec<String>> {
    let lists: Option<Vec<Vec<String>>> = lists.into_iter().collect();
    let mut ids = lists?.concat();
    ids.sort_unstable();
    ids.dedup();
    complete(ids)
}

fn in_days(tx: &mut ReadTx<'_>, filter: &Filter) -> Result<Option<Vec<String>>, StoreError> {
    let query = match (filter.from, filter.to) {
        (None, None) => return Ok(None),
        (Some(from), None) => dossiers::table.filter(dossiers::starts_on.ge(from)).into_boxed(),
        (None, Some(to)) => dossiers::table.filter(dossiers::starts_on.le(to)).into_boxed(),
        (Some(from), Some(to)) => dossiers::table.filter(dossiers::starts_on.between(from, to)).into_boxed(),
    };
    Ok(complete(query.select(dossiers::id).limit(FEW + 1).load(tx.db())?))
}

fn visible(tx: &mut ReadTx<'_>, within: &Within) -> Result<Option<Vec<String>>, StoreError> {
    if within.all {
        return Ok(None);
    }
    let owned = dossiers::table.filter(dossiers::organisation_id.eq_any(&within.owners));
    let Some(owned) = complete(owned.select(dossiers::id).limit(FEW + 1).load(tx.db())?) else {
        return Ok(None);
    };
    let parties = dossier_parties::table.filter(dossier_parties::party_id.eq_any(&within.parties));
    let parties = parties.select(dossier_parties::dossier_id).limit(FEW + 1).load(tx.db())?;
    Ok(all([Some(owned), complete(parties)]))
}

/// Those with a word: by title, by somebody's name, by a body, by a partner, by country, by number.
fn with_word(tx: &mut ReadTx<'_>, word: &Word) -> Result<Option<Vec<String>>, StoreError> {
    let begins = |subject: Subject| {
        search_words::table
            .filter(search_words::subject.eq(subject.code()))
            .filter(search_words::word.ge(&word.typed))
            .filter(search_words::word.lt(&word.end))
    };
    let Some(titles) = words::few(tx, Subject::Dossier, &word.typed)? else { return Ok(None) };
    let names = begins(Subject::Person)
        .inner_join(members::table.on(members::person_id.eq(search_words::subject_id)))
        .select(members::dossier_id)
        .limit(FEW + 1);
    let Some(names) = complete(names.load(tx.db())?) else { return Ok(None) };
    let partners = begins(Subject::Partner)
        .inner_join(dossiers::table.on(dossiers::partner_id.eq(search_words::subject_id.nullable())))
        .select(dossiers::id)
        .limit(FEW + 1);
    let partners = complete(partners.load(tx.db())?);
    let owned = dossiers::table.filter(dossiers::organisation_id.eq_any(&word.bodies));
    let owned = complete(owned.select(dossiers::id).limit(FEW + 1).load(tx.db())?);
    let hosts = dossier_parties::table
        .filter(dossier_parties::party_id.eq_any(&word.bodies))
        .filter(dossier_parties::capacity.eq_any(HOSTS));
    let hosts = complete(hosts.select(dossier_parties::dossier_id).limit(FEW + 1).load(tx.db())?);
    let travelled = dossier_countries::table.filter(dossier_countries::country.eq_any(&word.countries));
    let travelled = complete(travelled.select(dossier_countries::dossier_id).limit(FEW + 1).load(tx.db())?);
    let (years, between) = (word.numbers.years, word.numbers.between);
    let numbered = dossiers::table
        .filter(dossiers::direction.eq_any(&word.numbers.directions))
        .filter(dossiers::year.between(years.0, years.1))
        .filter(dossiers::no.between(between.0, between.1));
    let numbered = complete(numbered.select(dossiers::id).limit(FEW + 1).load(tx.db())?);
    Ok(all([Some(titles), Some(names), partners, owned, hosts, travelled, numbered]))
}

/// Those that end on or after a day, or owe what was due before an instant, if they are few.
pub(super) fn pressing(
    tx: &mut ReadTx<'_>,
    today: NaiveDate,
    now: NaiveDateTime,
) -> Result<Option<Vec<String>>, StoreError> {
    let going_on = dossiers::table.filter(dossiers::ends_on.ge(today)).select(dossiers::id);
    let going_on = complete(going_on.limit(FEW + 1).load(tx.db())?);
    let late = obligations::table
        .filter(obligations::state.eq(ObligationState::Open.code()))
        .filter(obligations::due_at.lt(now))
        .select(obligations::dossier_id)
        .distinct();
    let late = complete(late.limit(FEW + 1).load(tx.db())?);
    Ok(all([going_on, late]))
}
