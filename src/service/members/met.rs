//! Guests who were met before by the organisation that files: told in the preview of a pasted list, and looked up by
//! name. Nothing is stored; adding a member finds the same person again.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::NewMember;
use crate::clock::day_in_vietnam;
use crate::domain::ids::{DossierId, PersonId};
use crate::domain::refusal::Refusal;
use crate::service::people::directory::{self, PersonView, Search};
use crate::service::people::{self, PersonInput};
use crate::service::{Context, Error, Result, delegations};
use crate::store::ReadTx;
use crate::store::people as store;

/// How many people a search by name offers.
const OFFERED: usize = 20;

/// Visits of somebody so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Visits {
    /// How many.
    pub n: usize,
    /// First day of the last.
    pub last_on: Option<NaiveDate>,
}

/// Whom a row of a list means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meeting {
    /// Nobody who is known.
    New,
    /// Somebody who was met before, under this name.
    Met(PersonId, String, Visits),
    /// The passport is known as another's.
    Contradicts,
}

/// Whom these members would mean if they were added, in their order.
///
/// # Errors
/// `NotFound` where the actor may not know of the dossier.
pub fn met(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId, new: &[NewMember]) -> Result<Vec<Meeting>> {
    let owner = delegations::get(tx, ctx, id)?.dossier.organisation;
    let today = day_in_vietnam(tx.now());
    let mut meant = Vec::new();
    for new in new {
        let mut input = PersonInput {
            full_name: new.full_name.clone().unwrap_or_default(),
            native_name: new.native_name.clone(),
            sex: new.sex,
            birth_date: new.birth_date,
            nationality: new.nationality.clone(),
            passport: new.passport.clone(),
        };
        // What cannot be right is said when it is added.
        if !input.clean("", today).is_empty() {
            meant.push(Meeting::New);
            continue;
        }
        meant.push(match people::meant(tx, ctx.vault(), owner, &input) {
            Ok(Some(person)) => Meeting::Met(person.id, person.full_name, Visits::default()),
            Ok(None) => Meeting::New,
            Err(Error::Refused { refusal: Refusal::Invalid(_), .. }) => Meeting::Contradicts,
            Err(other) => return Err(other),
        });
    }
    let known: Vec<PersonId> = meant.iter().filter_map(known_id).collect();
    let visits = visits(tx, &known)?;
    for meeting in &mut meant {
        if let Meeting::Met(person, _, of_them) = meeting {
            *of_them = visits.get(person).copied().unwrap_or_default();
        }
    }
    Ok(meant)
}

fn known_id(meeting: &Meeting) -> Option<PersonId> {
    match meeting {
        Meeting::Met(person, ..) => Some(*person),
        _ => None,
    }
}

fn visits(tx: &mut ReadTx<'_>, ids: &[PersonId]) -> Result<BTreeMap<PersonId, Visits>> {
    let mut visits: BTreeMap<PersonId, Visits> = BTreeMap::new();
    for (person, day) in store::visits_of(tx, ids)? {
        let of_them = visits.entry(person).or_default();
        of_them.n += 1;
        of_them.last_on = of_them.last_on.max(Some(day));
    }
    Ok(visits)
}

/// People of the organisation that files, by words of their names, with their visits; at most twenty.
///
/// # Errors
/// `NotFound` where the actor may not know of the dossier; `Forbidden`.
pub fn look_up(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    id: DossierId,
    words: &str,
) -> Result<Vec<(PersonView, Visits)>> {
    let owner = delegations::get(tx, ctx, id)?.dossier.organisation;
    let search = Search { words: Some(words.to_owned()), limit: 200, ..Search::default() };
    let mut found = directory::list(tx, ctx, &search)?;
    found.retain(|person| person.organisation_id == owner);
    found.truncate(OFFERED);
    let ids: Vec<PersonId> = found.iter().map(|person| person.id).collect();
    let visits = visits(tx, &ids)?;
    let with = |person: PersonView| {
        let of_them = visits.get(&person.id).copied().unwrap_or_default();
        (person, of_them)
    };
    Ok(found.into_iter().map(with).collect())
}
