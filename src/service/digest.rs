//! The daily digest: one mail a working day to each account that has something to be reminded of. What it says is
//! gathered when it is sent; an account that lost its role is told nothing.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::returns::whole_installation;
use super::{Result, Settings, alerts, obligations as duties};
use crate::clock::{day_in_vietnam, in_vietnam};
use crate::domain::access::{Action, Actor, Role};
use crate::domain::alert::{Alert, AlertCode};
use crate::domain::codes::Code;
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, DossierId, OrganisationId};
use crate::domain::notice::Kind;
use crate::domain::obligation::{Obligation, ObligationKind, horizon, reminds_on};
use crate::store::accounts::AccountState;
use crate::store::dossiers::{self, Stored};
use crate::store::obligations::{self, Listed};
use crate::store::{ReadTx, Recorded, WriteTx, accounts, journal, outbox};

/// What a line of a digest is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matter {
    /// Something that the reader owes.
    Duty(ObligationKind),
    /// Something that must not be overlooked.
    Alert(AlertCode),
}

/// A line of a digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Until when, or the day that matters.
    pub on: NaiveDate,
    /// What.
    pub matter: Matter,
    /// Official number of the dossier.
    pub code: String,
    /// The dossier.
    pub dossier: DossierId,
    /// The organisation that filed it.
    pub organisation: OrganisationId,
    /// Whether its time is over.
    pub overdue: bool,
    /// Whether today is a day on which people are reminded of it.
    reminds: bool,
}

/// Most lines of one digest; the list in the program has them all.
const MOST: i64 = 200;

/// What an account is to be told now: what it owes and has not done, as far as it is due within three working days or
/// overdue, and the alerts of dossiers that its own organisation filed. Nothing if the account is not active.
///
/// # Errors
/// `Error::Store` of the database.
pub fn lines(tx: &mut ReadTx<'_>, settings: &Settings, id: AccountId) -> Result<Vec<Line>> {
    let active = accounts::load(tx, id)?.is_some_and(|account| account.state == AccountState::Active);
    let Some(actor) = accounts::actor_of_account(tx, id)?.filter(|_| active) else { return Ok(Vec::new()) };
    let mut lines = owed(tx, settings, &actor)?;
    lines.extend(alerted(tx, settings, &actor)?);
    lines.sort();
    lines.truncate(usize::try_from(MOST).unwrap_or_default());
    Ok(lines)
}

fn owed(tx: &mut ReadTx<'_>, settings: &Settings, actor: &Actor) -> Result<Vec<Line>> {
    let now = in_vietnam(tx.now()).naive_local();
    let until = horizon(&settings.calendar, now.date());
    let scope = actor.scope(Action::ReadDossier);
    let mut owed = obligations::owed_by(tx, &scope, &duties::places(actor), Listed::Open, None, MOST)?;
    owed.retain(|one| one.planned.due_at.date() <= until);
    let ids: BTreeSet<DossierId> = owed.iter().map(|one| one.dossier).collect();
    let known = dossiers::load_many(tx, &scope, &ids.into_iter().collect::<Vec<_>>())?;
    let line = |one: &Obligation| {
        let stored = known.iter().find(|stored| stored.dossier.id == one.dossier)?;
        let due = one.planned.due_at.date();
        Some(Line {
            on: due,
            matter: Matter::Duty(one.planned.kind),
            code: stored.dossier.code.clone()?,
            dossier: one.dossier,
            organisation: stored.dossier.organisation,
            overdue: one.is_overdue(now),
            reminds: reminds_on(&settings.calendar, due, now.date()),
        })
    };
    Ok(owed.iter().filter_map(line).collect())
}

/// Alerts go to the officers of the organisation that filed. What is overdue stands among what somebody owes.
fn alerted(tx: &mut ReadTx<'_>, settings: &Settings, actor: &Actor) -> Result<Vec<Line>> {
    let today = day_in_vietnam(tx.now());
    let own: BTreeSet<OrganisationId> = duties::places(actor)
        .into_iter()
        .filter(|(role, _)| *role == Role::Officer)
        .map(|(_, organisation)| organisation)
        .collect();
    if own.is_empty() {
        return Ok(Vec::new());
    }
    let most = usize::try_from(MOST).unwrap_or_default();
    let found = alerts::within(tx, &actor.scope(Action::ReadDossier), &settings.calendar, None, most)?;
    let line = |stored: &Stored, alert: &Alert| {
        Some(Line {
            on: alert.on,
            matter: Matter::Alert(alert.code),
            code: stored.dossier.code.clone()?,
            dossier: stored.dossier.id,
            organisation: stored.dossier.organisation,
            overdue: alert.on < today,
            reminds: reminds_on(&settings.calendar, alert.on, today),
        })
    };
    let mut lines = Vec::new();
    for (stored, alerts) in found.iter().filter(|(stored, _)| own.contains(&stored.dossier.organisation)) {
        let told = alerts.iter().filter(|alert| alert.code != AlertCode::ObligationOverdue);
        lines.extend(told.filter_map(|alert| line(stored, alert)));
    }
    Ok(lines)
}

/// Accounts that may have to be reminded today: holders of roles that owe what has a reminder today, and officers of
/// organisations whose dossiers have alerts with one.
///
/// # Errors
/// `Error::Store` of the database.
pub fn candidates(tx: &mut ReadTx<'_>, settings: &Settings) -> Result<Vec<AccountId>> {
    let (calendar, today) = (&settings.calendar, day_in_vietnam(tx.now()));
    let mut places: BTreeSet<(Role, OrganisationId)> = obligations::due_by(tx, horizon(calendar, today))?
        .into_iter()
        .filter(|one| reminds_on(calendar, one.planned.due_at.date(), today))
        .map(|one| (one.planned.role, one.planned.organisation))
        .collect();
    // The job acts for nobody: it looks at everything, and each account's own digest looks through its own scope.
    for (stored, alerts) in alerts::within(tx, &whole_installation(), calendar, None, usize::MAX)? {
        if alerts.iter().any(|alert| reminds_on(calendar, alert.on, today)) {
            places.insert((Role::Officer, stored.dossier.organisation));
        }
    }
    let mut found = BTreeSet::new();
    for (role, organisation) in places {
        found.extend(accounts::holders(tx, role, organisation)?);
    }
    Ok(found.into_iter().collect())
}

/// Whether an account is to get a digest today: it has had none, and something reminds.
///
/// # Errors
/// `Error::Store` of the database.
pub fn is_due(tx: &mut ReadTx<'_>, settings: &Settings, id: AccountId) -> Result<bool> {
    let today = day_in_vietnam(tx.now());
    Ok(!obligations::had_digest(tx, id, today)? && lines(tx, settings, id)?.iter().any(|line| line.reminds))
}

/// Queues an account's digest of today, once, whoever else tries.
///
/// # Errors
/// `Error::Store` of the database.
pub fn queue(tx: &mut WriteTx<'_>, id: AccountId) -> Result<Recorded<()>> {
    let today = day_in_vietnam(tx.now());
    if !obligations::take_digest(tx, id, today)? {
        return Ok(tx.unrecorded("another process took this digest", ()));
    }
    let event = Event::new("digest.queued", "account", id).with("day", today);
    let entry = journal::append(tx, event)?;
    outbox::queue(tx, entry, Kind::Digest.code(), None, &[id])?;
    Ok(entry.returning(()))
}
