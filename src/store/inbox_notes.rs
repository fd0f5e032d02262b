//! How secretaries prepared the inboxes of leaders: a place in the order and a note for a dossier at an organisation.

use diesel::prelude::*;

use super::error::StoreError;
use super::schema::inbox_notes;
use super::types::Key;
use super::{ReadTx, WriteTx};
use crate::domain::ids::{AccountId, DossierId, OrganisationId};

/// What was prepared of one dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxNote {
    /// At whose desk.
    pub organisation: OrganisationId,
    /// The dossier.
    pub dossier: DossierId,
    /// The round for which it was written; it says nothing of a later one.
    pub revision: i32,
    /// Its place, from 1; none where it follows by its age.
    pub place: Option<i32>,
    /// The note; empty for none.
    pub note: String,
}

/// What was prepared of these dossiers, at any desk.
///
/// # Errors
/// `StoreError` of the database.
pub fn of_dossiers(tx: &mut ReadTx<'_>, ids: &[DossierId]) -> Result<Vec<InboxNote>, StoreError> {
    type Row = (Key<OrganisationId>, Key<DossierId>, i32, Option<i32>, String);
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let rows: Vec<Row> = inbox_notes::table
        .filter(inbox_notes::dossier_id.eq_any(ids))
        .select((
            inbox_notes::organisation_id,
            inbox_notes::dossier_id,
            inbox_notes::revision,
            inbox_notes::place,
            inbox_notes::note,
        ))
        .load(tx.db())?;
    let note = |(organisation, dossier, revision, place, note): Row| InboxNote {
        organisation: organisation.0,
        dossier: dossier.0,
        revision,
        place,
        note,
    };
    Ok(rows.into_iter().map(note).collect())
}

/// Writes what was prepared of a dossier in place of what was there.
///
/// # Errors
/// `StoreError` of the database.
pub fn write(tx: &mut WriteTx<'_>, by: AccountId, new: &InboxNote) -> Result<(), StoreError> {
    let place = (new.organisation.to_string(), new.dossier.to_string());
    diesel::delete(inbox_notes::table.find(place)).execute(tx.db())?;
    let now = tx.now().naive_utc();
    diesel::insert_into(inbox_notes::table)
        .values((
            inbox_notes::organisation_id.eq(new.organisation.to_string()),
            inbox_notes::dossier_id.eq(new.dossier.to_string()),
            inbox_notes::revision.eq(new.revision),
            inbox_notes::place.eq(new.place),
            inbox_notes::note.eq(&new.note),
            inbox_notes::written_by.eq(by.to_string()),
            inbox_notes::written_at.eq(now),
        ))
        .execute(tx.db())?;
    Ok(())
}
