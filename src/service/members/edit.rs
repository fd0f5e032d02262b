//! Changing a member, by a patch of what was said of him.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{is_foreign, short};
use crate::domain::access::Action;
use crate::domain::codes::{Direction, Leadership, ManagedBy, MemberRole, Visa};
use crate::domain::countries;
use crate::domain::dossier::Command;
use crate::domain::ids::{DossierId, MemberId};
use crate::domain::refusal::{Fault, Refusal};
use crate::service::{Context, Result, delegations};
use crate::store::people::{self, Member, Standing};
use crate::store::{Recorded, StoreError, WriteTx};

/// A change of a member, as a JSON merge patch: what is absent stays, what is null is cleared.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MemberPatch {
    /// Name at this visit. The person's own record is another matter, and after approval another name is another guest.
    pub full_name: Option<String>,
    /// Name in own script.
    pub native_name: Option<String>,
    /// Nationality by the passport used.
    pub nationality: Option<String>,
    /// Position now.
    pub position: Option<String>,
    /// Organisation now.
    pub organisation: Option<String>,
    /// Role.
    pub role: Option<MemberRole>,
    /// Visa.
    pub visa: Option<Visa>,
    /// Whether this is a guest.
    pub guest: Option<bool>,
    /// Outbound: by whom managed.
    pub managed_by: Option<ManagedBy>,
    /// Outbound: named in the decision.
    pub in_decision: Option<bool>,
    /// Outbound: which decision.
    pub decision_ref: Option<String>,
    /// Outbound: head or deputy of the unit.
    pub leadership: Option<Leadership>,
    /// Outbound: member of the Party; absent while unknown.
    pub party_member: Option<bool>,
}

/// Changes a member.
///
/// # Errors
/// `NotFound` without such a member; `Invalid` names the field.
pub fn edit(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    version: i64,
    member: MemberId,
    merged: impl FnOnce(&MemberPatch) -> std::result::Result<MemberPatch, Refusal>,
) -> Result<Recorded<MemberId>> {
    let stored = delegations::get_for(tx, ctx, Action::Edit, id, version)?;
    stored.dossier.change(Command::Save, Some(ctx.actor.account))?;
    let before = people::members_of(tx, id)?;
    let old = before.iter().find(|old| old.id == member).ok_or(StoreError::NotFound)?;
    let new = patched(old, merged(&as_patch(old))?, stored.dossier.direction)?;
    let twice =
        new.role == MemberRole::Head && before.iter().any(|m| m.role == MemberRole::Head && m.id != member);
    if twice {
        return Err(Refusal::field("/role", "two-heads").into());
    }
    delegations::alter(tx, ctx, &stored, &stored.content, &before, |tx| {
        Ok(people::update_member(tx, id, &new)?)
    })
    .map(|altered| altered.map(|_| member))
}

/// A member as the whole of what a patch may change. Whether it is a guest is left to be worked out again.
fn as_patch(old: &Member) -> MemberPatch {
    let standing = old.standing.clone();
    MemberPatch {
        full_name: Some(standing.full_name),
        native_name: standing.native_name,
        nationality: old.nationality.clone(),
        position: Some(standing.position),
        organisation: Some(standing.organisation),
        role: Some(old.role),
        visa: standing.visa,
        guest: None,
        managed_by: standing.managed_by,
        in_decision: Some(standing.in_decision),
        decision_ref: standing.decision_ref,
        leadership: standing.leadership,
        party_member: standing.party_member,
    }
}

fn patched(old: &Member, patch: MemberPatch, direction: Direction) -> Result<Member> {
    let mut faults = Vec::new();
    let full_name = short("/full_name", patch.full_name, &mut faults);
    if full_name.is_none() && faults.is_empty() {
        faults.push(Fault::at("/full_name", "required"));
    }
    if patch.role.is_none() {
        faults.push(Fault::at("/role", "required"));
    }
    if patch.nationality.as_deref().is_some_and(|code| !countries::is_known(code)) {
        faults.push(Fault::at("/nationality", "bad-country"));
    }
    let standing = Standing {
        full_name: full_name.unwrap_or_default(),
        native_name: short("/native_name", patch.native_name, &mut faults),
        position: short("/position", patch.position, &mut faults).unwrap_or_default(),
        organisation: short("/organisation", patch.organisation, &mut faults).unwrap_or_default(),
        visa: patch.visa,
        managed_by: patch.managed_by,
        in_decision: patch.in_decision.unwrap_or_default(),
        decision_ref: short("/decision_ref", patch.decision_ref, &mut faults),
        leadership: patch.leadership,
        party_member: patch.party_member,
    };
    Refusal::unless_empty(faults)?;
    // Who was no citizen and yet no guest stays none, unless the patch says otherwise.
    let wanted = patch.guest.unwrap_or(old.guest || !is_foreign(old.nationality.as_deref()));
    Ok(Member {
        role: patch.role.unwrap_or(old.role),
        guest: direction == Direction::Inbound && is_foreign(patch.nationality.as_deref()) && wanted,
        nationality: patch.nationality,
        standing,
        ..old.clone()
    })
}
