//! Places of people in delegations, with what was said of them at the time of the visit.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::codes::{Attendance, Code, Leadership, ManagedBy, MemberRole, Visa};
use crate::domain::ids::{DocumentId, DossierId, MemberId, PersonId};
use crate::store::schema::members;
use crate::store::types::{Json, Key, Word};
use crate::store::{ReadTx, StoreError, WriteTx};

/// What a membership says of the person at the time of the visit; frozen with each revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Standing {
    /// Name then.
    pub full_name: String,
    /// Name in own script then.
    pub native_name: Option<String>,
    /// Position then.
    pub position: String,
    /// Organisation then.
    pub organisation: String,
    /// Visa, stated.
    pub visa: Option<Visa>,
    /// Outbound: by whom managed.
    pub managed_by: Option<ManagedBy>,
    /// Outbound: named in the decision.
    pub in_decision: bool,
    /// Outbound: which decision.
    pub decision_ref: Option<String>,
    /// Outbound: place in the leadership of the unit.
    #[serde(default)]
    pub leadership: Option<Leadership>,
    /// Outbound: member of the Party; absent while unknown.
    #[serde(default)]
    pub party_member: Option<bool>,
}

/// A person's place in one delegation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Id.
    pub id: MemberId,
    /// Who.
    pub person_id: PersonId,
    /// With which document.
    pub document_id: Option<DocumentId>,
    /// Order.
    pub place: i32,
    /// Role.
    pub role: MemberRole,
    /// Attendance; not part of what is approved.
    #[serde(skip, default = "unknown")]
    pub attendance: Attendance,
    /// Whether this is a guest who can count as a visit.
    pub guest: bool,
    /// Nationality by the passport used.
    pub nationality: Option<String>,
    /// What was said of the person then.
    #[serde(flatten)]
    pub standing: Standing,
}

fn unknown() -> Attendance {
    Attendance::Unknown
}

type MemberRow = (
    Key<MemberId>,
    Key<PersonId>,
    Option<Key<DocumentId>>,
    i32,
    Word<MemberRole>,
    Word<Attendance>,
    bool,
    Option<String>,
    Json<Standing>,
);

const MEMBER: (
    members::id,
    members::person_id,
    members::document_id,
    members::place,
    members::role,
    members::attendance,
    members::guest,
    members::nationality,
    members::content,
) = (
    members::id,
    members::person_id,
    members::document_id,
    members::place,
    members::role,
    members::attendance,
    members::guest,
    members::nationality,
    members::content,
);

fn member(row: MemberRow) -> Member {
    let (Key(id), Key(person_id), document, place, Word(role), Word(attendance), guest, nationality, content) =
        row;
    let document_id = document.map(|key| key.0);
    Member { id, person_id, document_id, place, role, attendance, guest, nationality, standing: content.0 }
}

/// Members of one dossier, in order.
///
/// # Errors
/// `StoreError` of the database.
pub fn members_of(tx: &mut ReadTx<'_>, dossier: DossierId) -> Result<Vec<Member>, StoreError> {
    let rows: Vec<MemberRow> = members::table
        .filter(members::dossier_id.eq(dossier.to_string()))
        .order((members::place, members::id))
        .select(MEMBER)
        .load(tx.db())?;
    Ok(rows.into_iter().map(member).collect())
}

/// Members of many dossiers at once, in order.
///
/// # Errors
/// `StoreError` of the database.
pub fn members_of_many(
    tx: &mut ReadTx<'_>,
    dossiers: &[DossierId],
) -> Result<Vec<(DossierId, Member)>, StoreError> {
    let ids: Vec<String> = dossiers.iter().map(ToString::to_string).collect();
    let mut all = Vec::new();
    for some in ids.chunks(500) {
        let rows: Vec<(Key<DossierId>, MemberRow)> = members::table
            .filter(members::dossier_id.eq_any(some.to_vec()))
            .order((members::dossier_id, members::place, members::id))
            .select((members::dossier_id, MEMBER))
            .load(tx.db())?;
        all.extend(rows.into_iter().map(|(key, row)| (key.0, member(row))));
    }
    Ok(all)
}

/// Adds a member.
///
/// # Errors
/// `Taken` when the person is in the delegation, or it has a head.
pub fn insert_member(tx: &mut WriteTx<'_>, dossier: DossierId, new: &Member) -> Result<(), StoreError> {
    let content =
        serde_json::to_string(&new.standing).map_err(|cause| StoreError::Corrupt(cause.to_string()))?;
    diesel::insert_into(members::table)
        .values((
            members::id.eq(new.id.to_string()),
            members::dossier_id.eq(dossier.to_string()),
            members::person_id.eq(new.person_id.to_string()),
            members::document_id.eq(new.document_id.map(|id| id.to_string())),
            members::place.eq(new.place),
            members::role.eq(new.role.code()),
            members::attendance.eq(new.attendance.code()),
            members::guest.eq(new.guest),
            members::nationality.eq(&new.nationality),
            members::content.eq(content),
        ))
        .execute(tx.db())?;
    Ok(())
}

/// Writes a member anew.
///
/// # Errors
/// `NotFound` when the dossier has no such member; `Taken` when it has another head.
pub fn update_member(tx: &mut WriteTx<'_>, dossier: DossierId, new: &Member) -> Result<(), StoreError> {
    let content =
        serde_json::to_string(&new.standing).map_err(|cause| StoreError::Corrupt(cause.to_string()))?;
    let row = members::table
        .filter(members::id.eq(new.id.to_string()))
        .filter(members::dossier_id.eq(dossier.to_string()));
    let changed = diesel::update(row)
        .set((
            members::document_id.eq(new.document_id.map(|id| id.to_string())),
            members::role.eq(new.role.code()),
            members::attendance.eq(new.attendance.code()),
            members::guest.eq(new.guest),
            members::nationality.eq(&new.nationality),
            members::content.eq(content),
        ))
        .execute(tx.db())?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Removes a member.
///
/// # Errors
/// `NotFound` when the dossier has no such member.
pub fn delete_member(tx: &mut WriteTx<'_>, dossier: DossierId, id: MemberId) -> Result<(), StoreError> {
    let row = members::table
        .filter(members::id.eq(id.to_string()))
        .filter(members::dossier_id.eq(dossier.to_string()));
    if diesel::delete(row).execute(tx.db())? == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Removes all members of a dossier, to restore those of a revision.
///
/// # Errors
/// `StoreError` of the database.
pub fn delete_members(tx: &mut WriteTx<'_>, dossier: DossierId) -> Result<(), StoreError> {
    diesel::delete(members::table.filter(members::dossier_id.eq(dossier.to_string()))).execute(tx.db())?;
    Ok(())
}
