//! The names of what entries of the journal are about and speak of, as far as the reader may know them: gathered for many
//! entries by a fixed number of statements.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{About, Line};
use crate::domain::access::{Action, Reach};
use crate::domain::ids::{AccountId, ClosingId, DossierId, OrganisationId, PartnerId, PersonId, PlanItemId};
use crate::domain::journal::named::ids;
use crate::domain::report::{Period, Window};
use crate::service::returns::told::called;
use crate::service::{Context, Result, organisations, plans, users};
use crate::store::closings::{self, Closed};
use crate::store::{ReadTx, dossiers, partners, people};

/// Something that has a name.
#[derive(Debug, Clone, Copy)]
pub enum Known<'n> {
    /// A dossier.
    Dossier(&'n About),
    /// A person of the register.
    Person(&'n str),
    /// An account.
    Account(&'n str),
    /// An organisation.
    Organisation(&'n str),
    /// A return that was closed.
    Return(&'n ClosedReturn),
}

/// A return that was closed, by name.
#[derive(Debug)]
pub struct ClosedReturn {
    /// Of which period and whose, in words.
    pub name: String,
    /// Of which period.
    pub period: Period,
    /// Cut how.
    pub window: Window,
    /// Whose.
    pub organisation: OrganisationId,
}

impl<'n> Known<'n> {
    /// Its name: of a dossier its number, else its title.
    #[must_use]
    pub fn name(&self) -> &'n str {
        match self {
            Self::Dossier(about) => about.code.as_deref().unwrap_or(&about.title),
            Self::Person(name) | Self::Account(name) | Self::Organisation(name) => name,
            Self::Return(closed) => &closed.name,
        }
    }
}

/// Names by id.
#[derive(Debug, Default)]
pub struct Names {
    dossiers: BTreeMap<String, About>,
    people: BTreeMap<String, String>,
    accounts: BTreeMap<String, String>,
    organisations: BTreeMap<OrganisationId, String>,
    partners: BTreeMap<PartnerId, String>,
    plan_items: BTreeMap<PlanItemId, String>,
    returns: BTreeMap<String, ClosedReturn>,
}

impl Names {
    /// What has this id.
    #[must_use]
    pub fn of(&self, id: &str) -> Option<Known<'_>> {
        let organisation = || self.organisations.get(&id.parse().ok()?).map(|name| Known::Organisation(name));
        let dossier = self.dossiers.get(id).map(Known::Dossier);
        let person = || self.people.get(id).map(|name| Known::Person(name));
        let account = || self.accounts.get(id).map(|name| Known::Account(name));
        let closed = || self.returns.get(id).map(Known::Return);
        dossier.or_else(person).or_else(account).or_else(organisation).or_else(closed)
    }

    /// Names of organisations.
    #[must_use]
    pub fn organisations(&self) -> &BTreeMap<OrganisationId, String> {
        &self.organisations
    }

    /// Names of partners.
    #[must_use]
    pub fn partners(&self) -> &BTreeMap<PartnerId, String> {
        &self.partners
    }

    /// Titles of items of the annual plan.
    #[must_use]
    pub fn plan_items(&self) -> &BTreeMap<PlanItemId, String> {
        &self.plan_items
    }
}

/// Gathers the names of everything that these entries are about or speak of.
///
/// # Errors
/// `Forbidden`; `Error::Store` of the database.
pub fn names(tx: &mut ReadTx<'_>, ctx: &Context, lines: &[Line]) -> Result<Names> {
    ctx.must(Action::ReadJournal)?;
    let mut ids: Vec<Uuid> = lines.iter().flat_map(ids_of).collect();
    ids.sort_unstable();
    ids.dedup();
    let known = dossiers::load_many(
        tx,
        &ctx.actor.scope(Action::ReadDossier),
        &ids.iter().copied().map(DossierId).collect::<Vec<_>>(),
    )?;
    let about = |stored: dossiers::Stored| About {
        id: stored.dossier.id,
        code: stored.dossier.code,
        title: stored.content.title,
    };
    // Who may read the register of one unit alone is told no names of others.
    let people = match ctx.actor.reach(Action::ReadPeople) {
        Reach::All => people::load_many(tx, &ids.iter().copied().map(PersonId).collect::<Vec<_>>())?,
        Reach::Unit | Reach::Never => Vec::new(),
    };
    let organisations = organisations::names(tx, ctx.actor.lang)?;
    Ok(Names {
        returns: returns(tx, ctx, &ids, &organisations)?,
        dossiers: known.into_iter().map(about).map(|about| (about.id.to_string(), about)).collect(),
        people: people.into_iter().map(|person| (person.id.to_string(), person.full_name)).collect(),
        accounts: users::names(tx, ids.iter().copied().map(AccountId).collect())?,
        organisations,
        plan_items: plans::titles(tx, &ids.iter().copied().map(PlanItemId).collect())?,
        partners: partners::load_many(tx, &ids.into_iter().map(PartnerId).collect())?
            .into_iter()
            .map(|partner| (partner.id, partner.name))
            .collect(),
    })
}

/// The returns among these ids, for whoever may read those of all organisations.
fn returns(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    ids: &[Uuid],
    organisations: &BTreeMap<OrganisationId, String>,
) -> Result<BTreeMap<String, ClosedReturn>> {
    if ctx.actor.reach(Action::ReadReturn) != Reach::All {
        return Ok(BTreeMap::new());
    }
    let found = closings::load_many(tx, &ids.iter().copied().map(ClosingId).collect::<Vec<_>>())?;
    let named = |closed: Closed| {
        let period = Period::parse_label(closed.kind, &closed.label).ok()?;
        let whose = organisations.get(&closed.organisation).map_or("", String::as_str);
        let name = format!("{}, {whose}", called(period, ctx.actor.lang));
        let Closed { id, window, organisation, .. } = closed;
        Some((id.to_string(), ClosedReturn { name, period, window, organisation }))
    };
    Ok(found.into_iter().filter_map(named).collect())
}

fn ids_of(line: &Line) -> impl Iterator<Item = Uuid> {
    let spoken = line.values.iter().flat_map(|(name, text)| ids(name).chain(ids(text)));
    line.object_id.parse().into_iter().chain(spoken)
}
