//! Who is told of what, by mail rows in the same transaction as the event; nobody else is.

use super::Result;
use crate::domain::access::Role;
use crate::domain::codes::Code;
use crate::domain::ids::{AccountId, DossierId};
use crate::domain::notice::Kind;
use crate::store::accounts::AccountState;
use crate::store::decisions::{self, Decision};
use crate::store::dossiers::{self, Capacity, Stored};
use crate::store::{Entry, WriteTx, accounts, outbox, steps};

/// Queues a mail to each of these accounts.
pub(super) fn queue(
    tx: &mut WriteTx<'_>,
    event: Entry,
    kind: Kind,
    id: DossierId,
    to: &[AccountId],
) -> Result<()> {
    Ok(outbox::queue(tx, event, kind.code(), id, to)?)
}

/// Tells the officers who filed, as far as they are still here.
pub(super) fn officers(tx: &mut WriteTx<'_>, event: Entry, kind: Kind, id: DossierId) -> Result<()> {
    let authors = dossiers::author_accounts(tx, id)?;
    let mut to = accounts::load_many(tx, &authors)?;
    to.retain(|account| account.state == AccountState::Active);
    to.sort_by_key(|account| account.id);
    let to: Vec<AccountId> = to.into_iter().map(|account| account.id).collect();
    queue(tx, event, kind, id, &to)
}

/// At issue: the officers who filed, the appraisers who decided on it, and the officers of the co-hosts.
pub(super) fn issued(tx: &mut WriteTx<'_>, event: Entry, stored: &Stored) -> Result<()> {
    let id = stored.dossier.id;
    officers(tx, event, Kind::IssuedOfficer, id)?;
    let chain = steps::list(tx, id)?;
    let decided = decisions::list(tx, id)?;
    let is_appraisal = |step: &steps::StoredStep, decision: &Decision| {
        step.step.id == decision.step && step.step.role == Role::Appraiser
    };
    let appraised = |decision: &&Decision| {
        decision.revision == stored.dossier.revision && chain.iter().any(|step| is_appraisal(step, decision))
    };
    let mut appraisers: Vec<AccountId> =
        decided.iter().filter(appraised).map(|decision| decision.account).collect();
    appraisers.sort();
    appraisers.dedup();
    queue(tx, event, Kind::IssuedAppraiser, id, &appraisers)?;
    if stored.content.confidential {
        return Ok(());
    }
    let filed = dossiers::author_accounts(tx, id)?;
    let mut hosts = Vec::new();
    for organisation in dossiers::organisations_of(tx, id, &[Capacity::CoHost])? {
        hosts.extend(accounts::holders(tx, Role::Officer, organisation)?);
    }
    hosts.sort();
    hosts.dedup();
    hosts.retain(|account| !filed.contains(account));
    queue(tx, event, Kind::IssuedCohost, id, &hosts)
}
