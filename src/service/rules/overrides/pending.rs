//! Requests that wait for an answer: of which dossier, since when, of whom. A request counts while it could still help:
//! for what would be submitted now, under the active rulebook.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::fingerprint;
use crate::domain::access::{Action, Held, Reach, Role, Scope, grant};
use crate::domain::dossier::State;
use crate::domain::ids::{AccountId, DossierId, OrganisationId, OverrideId, PersonId};
use crate::service::{Context, Result, delegations};
use crate::store::dossiers::{self, Stored};
use crate::store::organisations::{self, Organisation};
use crate::store::overrides::{self, Override};
use crate::store::people::Member;
use crate::store::{ReadTx, StoreError, accounts, people};

/// A request that waits for an answer.
#[derive(Debug, Clone)]
pub(in crate::service) struct Pending {
    /// The request.
    pub asked: Override,
    /// Since when it waits: asked, or granted by the person before.
    pub since: DateTime<Utc>,
}

/// Requests read at once.
const SLICE: i64 = 200;

fn open(asked: Override, stored: &Stored, members: &[Member], rulebook: i32) -> Option<Pending> {
    let waits = matches!(stored.dossier.state, State::Draft | State::Returned)
        && asked.revision == stored.dossier.revision + 1
        && asked.rulebook_version == rulebook
        && asked.refused_at.is_none()
        && !asked.holds();
    if !waits || asked.content_hash != fingerprint(stored, members) {
        return None;
    }
    let since = asked.answers.iter().map(|answer| answer.at).max().unwrap_or(asked.asked_at);
    Some(Pending { asked, since })
}

/// The requests of a dossier that wait for an answer, oldest first.
///
/// # Errors
/// `Error::Store` of the database.
pub(in crate::service) fn pending(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    stored: &Stored,
) -> Result<Vec<Pending>> {
    let id = stored.dossier.id;
    let all = overrides::of_dossier(tx, id)?;
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let (no, _) = ctx.settings.rulebooks.active(tx)?;
    let members = people::members_of(tx, id)?;
    Ok(all.into_iter().filter_map(|asked| open(asked, stored, &members, no)).collect())
}

/// Who holds the role at the organisation that files, or above it.
///
/// # Errors
/// `Error::Store` of the database.
pub(in crate::service) fn answerers(
    tx: &mut ReadTx<'_>,
    owner: OrganisationId,
    role: Role,
) -> Result<Vec<AccountId>> {
    let owner = organisations::load(tx, owner)?.ok_or(StoreError::NotFound)?;
    let above: Vec<_> =
        organisations::list(tx)?.into_iter().filter(|one| owner.path.starts_with(&one.path)).collect();
    let mut to = Vec::new();
    for organisation in above {
        to.extend(accounts::holders(tx, role, organisation.id)?);
    }
    to.sort();
    to.dedup();
    Ok(to)
}

/// Requests that wait for an answer of the actor, oldest first: the role is held at the organisation that files or above
/// it, not by mandate, and four eyes hold. A secretary sees those of the leaders there.
///
/// # Errors
/// `Error::Store` of the database.
pub(in crate::service) fn awaited(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    limit: i64,
) -> Result<Vec<(Stored, Pending)>> {
    let limit = usize::try_from(limit).unwrap_or_default();
    let (mut found, mut after) = (Vec::new(), None);
    let seats: Vec<(Role, &Held)> = ctx.actor.held.iter().filter_map(seat).collect();
    if seats.is_empty() {
        return Ok(found);
    }
    let mut roles: Vec<Role> = seats.iter().map(|(role, _)| *role).collect();
    roles.sort();
    roles.dedup();
    let looking = Looking {
        scope: ctx.actor.scope(Action::ReadDossier),
        own: ctx.actor.person.map(|person| people::aliases(tx, person)).transpose()?.unwrap_or_default(),
        rulebook: ctx.settings.rulebooks.active(tx)?.0,
        tree: organisations::list(tx)?,
        seats,
    };
    loop {
        let slice = overrides::waiting(tx, &looking.scope, &roles, after, SLICE)?;
        let is_last = slice.len() < usize::try_from(SLICE).unwrap_or_default();
        after = slice.last().map(|(_, asked)| asked.id).or(after);
        found.extend(looking.mine(tx, slice)?);
        if is_last || found.len() >= limit {
            found.truncate(limit);
            return Ok(found);
        }
    }
}

/// The role for which somebody looks from this seat. A mandate is for decisions: it overrides nothing.
fn seat(held: &Held) -> Option<(Role, &Held)> {
    match held.role {
        _ if held.mandate.is_some() => None,
        Role::Secretary => Some((Role::Approver, held)),
        role if grant(role, Action::Override) != Reach::Never => Some((role, held)),
        _ => None,
    }
}

/// Who looks: through which scope, from which seats, as which records of one natural person.
struct Looking<'a> {
    scope: Scope,
    seats: Vec<(Role, &'a Held)>,
    own: Vec<PersonId>,
    rulebook: i32,
    tree: Vec<Organisation>,
}

impl Looking<'_> {
    /// Those of a slice that wait for this reader, by a fixed number of statements.
    fn mine(&self, tx: &mut ReadTx<'_>, slice: Vec<(DossierId, Override)>) -> Result<Vec<(Stored, Pending)>> {
        let mut ids: Vec<DossierId> = slice.iter().map(|(id, _)| *id).collect();
        ids.sort();
        ids.dedup();
        let known = dossiers::load_many(tx, &self.scope, &ids)?;
        let authors = dossiers::authors_of_many(tx, &ids)?;
        let mut members: BTreeMap<DossierId, Vec<Member>> = BTreeMap::new();
        for (id, member) in people::members_of_many(tx, &ids)? {
            members.entry(id).or_default().push(member);
        }
        let mut mine = Vec::new();
        for (id, asked) in slice {
            let Some(stored) = known.iter().find(|stored| stored.dossier.id == id) else { continue };
            let filed = authors.iter().any(|(of, person)| *of == id && self.own.contains(person));
            if !self.sees(stored, &asked, filed) {
                continue;
            }
            let listed = members.get(&id).map(Vec::as_slice).unwrap_or_default();
            if let Some(pending) = open(asked, stored, listed, self.rulebook) {
                mine.push((stored.clone(), pending));
            }
        }
        Ok(mine)
    }

    /// Whether the request is for this reader. A secretary answers nothing, and prepares it all the same.
    fn sees(&self, stored: &Stored, asked: &Override, filed: bool) -> bool {
        let owner = self.tree.iter().find(|one| one.id == stored.dossier.organisation);
        let Some(owner) = owner else { return false };
        let above = |(role, held): &&(Role, &Held)| *role == asked.role && owner.path.starts_with(&held.path);
        let answered = asked.answers.iter().any(|answer| self.own.contains(&answer.person));
        let may_answer = !self.own.is_empty() && !filed && !answered;
        self.seats.iter().filter(above).any(|(_, held)| may_answer || held.role == Role::Secretary)
    }
}

/// Requests of one dossier that the actor may answer now, as the answer itself will be judged.
///
/// # Errors
/// `NotFound` where the actor may not know of it.
pub fn answerable(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> Result<Vec<OverrideId>> {
    let stored = delegations::get(tx, ctx, id)?;
    let Some(person) = ctx.actor.person.filter(|_| ctx.actor.reach(Action::Override) != Reach::Never) else {
        return Ok(Vec::new());
    };
    let waiting = pending(tx, ctx, &stored)?;
    let own = people::aliases(tx, person)?;
    let filed = dossiers::authors(tx, id)?.iter().any(|author| own.contains(author));
    let owner = organisations::load(tx, stored.dossier.organisation)?.ok_or(StoreError::NotFound)?;
    let is_mine = |asked: &Override| {
        let above = |held: &Held| {
            held.mandate.is_none() && held.role == asked.role && owner.path.starts_with(&held.path)
        };
        ctx.actor.held.iter().any(above) && !asked.answers.iter().any(|answer| own.contains(&answer.person))
    };
    let mine = waiting.into_iter().filter(|one| !filed && is_mine(&one.asked));
    Ok(mine.map(|one| one.asked.id).collect())
}
