//! What stands in the way of a submission: the fields that every request fills in, what the rules ask for besides, and
//! the rules that stop it. The command refuses with it, and pages show it before.

use crate::clock::in_vietnam;
use crate::domain::codes::MemberRole;
use crate::domain::delegation::{Content, member_faults};
use crate::domain::ids::{DossierId, OrganisationId};
use crate::domain::refusal::{Fault, Violation};
use crate::domain::rulebook::Facts;
use crate::service::rules::{self, Judged};
use crate::service::{Context, Result, delegations};
use crate::store::dossiers::Stored;
use crate::store::people::Member;
use crate::store::{ReadTx, organisations, people};

/// What stands in the way of a submission.
#[derive(Debug, Clone, Default)]
pub struct Lacking {
    /// Fields, one fault each.
    pub faults: Vec<Fault>,
    /// Rules that stop it.
    pub stopped: Vec<Violation>,
}

impl Lacking {
    /// Of a dossier as it was judged.
    pub(super) fn of(stored: &Stored, members: &[Member], judged: &Judged) -> Self {
        let roles: Vec<MemberRole> = members.iter().map(|member| member.role).collect();
        let unnamed = stored.content.groups.iter().map(|group| u64::from(group.planned)).sum();
        let mut faults = stored.content.missing();
        faults.extend(member_faults(&roles, unnamed));
        Self { faults: joined(faults, judged.asked.clone()), stopped: judged.stopped.clone() }
    }

    /// Whether nothing stands in the way.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.faults.is_empty() && self.stopped.is_empty()
    }

    /// The fields that are empty and must be filled in.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        let empty = self.faults.iter().filter(|fault| fault.code == "required");
        let empty = empty.map(|fault| fault.pointer.clone());
        empty.chain(self.stopped.iter().flat_map(rules::empty_fields)).collect()
    }
}

/// What is missing by itself, and what the rules ask for where nothing is said of that field yet.
fn joined(mut missing: Vec<Fault>, asked: Vec<Fault>) -> Vec<Fault> {
    for fault in asked {
        if !missing.iter().any(|known| known.pointer == fault.pointer) {
            missing.push(fault);
        }
    }
    missing
}

/// What a submission of this dossier would be refused for now, but for the declaration.
///
/// # Errors
/// `NotFound` where the actor may not know of it.
pub fn lacking(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> Result<Lacking> {
    let stored = delegations::get(tx, ctx, id)?;
    let members = people::members_of(tx, id)?;
    let judged = rules::judged(tx, ctx, &stored)?;
    Ok(Lacking::of(&stored, &members, &judged))
}

/// The same of a new dossier of which nothing is written yet but, perhaps, for whom.
///
/// # Errors
/// `Error::Store` of the database.
pub fn lacking_at_first(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    empty: &Content,
    owner: Option<OrganisationId>,
) -> Result<Lacking> {
    let owner = match owner {
        Some(owner) => organisations::load(tx, owner)?,
        None => None,
    };
    let facts = Facts {
        owner_kind: owner.map(|owner| owner.kind),
        urgent: Some(false),
        filed_on: Some(ctx.settings.calendar.received_on(in_vietnam(tx.now()).naive_local())),
        ..Facts::unknown(empty.direction)
    };
    let asked = rules::asked_of(tx, ctx, &facts)?;
    Ok(Lacking { faults: joined(empty.missing(), asked), stopped: Vec::new() })
}
