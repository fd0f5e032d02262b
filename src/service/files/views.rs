//! Papers as they are shown to whoever sees the dossier.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::taking::sealed_in;
use crate::domain::codes::codes;
use crate::domain::file::{FileKind, MediaType};
use crate::domain::ids::{AccountId, DossierId, FileId, MemberId, OrganisationId};
use crate::domain::refusal::Refusal;
use crate::service::delegations::get;
use crate::service::{Context, Result};
use crate::store::ReadTx;
use crate::store::files::{self, File};
use crate::store::revisions::{self, Revision};

codes! {
    /// Whether a paper's bytes can be had.
    PaperState {
        /// They are here.
        Stored = "stored",
        /// They never were: number and date alone are known.
        Offline = "offline",
        /// They were taken away.
        Deleted = "deleted",
        /// They should never have been here, and can be read no more.
        Quarantined = "quarantined",
    }
}

/// A paper as shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PaperView {
    /// Id.
    pub id: FileId,
    /// Kind.
    pub kind: FileKind,
    /// Whether its bytes can be had.
    pub state: PaperState,
    /// File name; none for what was handled offline or quarantined.
    pub name: Option<String>,
    /// Type, as its bytes say.
    pub media_type: Option<MediaType>,
    /// Size.
    pub bytes: Option<i64>,
    /// SHA-256 of the file, in hex.
    pub sha256: Option<String>,
    /// Number and symbol.
    pub number: Option<String>,
    /// Date of the paper.
    pub date: Option<NaiveDate>,
    /// Whose passport it is.
    pub member_id: Option<MemberId>,
    /// Handled outside of this system: number and date only.
    pub handled_offline: bool,
    /// For which organisation it was uploaded.
    pub organisation_id: OrganisationId,
    /// By whom.
    pub uploaded_by: AccountId,
    /// When.
    pub uploaded_at: DateTime<Utc>,
    /// The decided revision that keeps it from being deleted.
    pub sealed_revision: Option<i32>,
    /// How it went.
    pub taken_away: Option<TakenAway>,
}

/// How a paper went.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TakenAway {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: AccountId,
    /// Why.
    pub reason: String,
}

/// The papers of a dossier, oldest first, those that are gone included.
///
/// # Errors
/// `NotFound`; `Error::Store` of the database.
pub fn list(tx: &mut ReadTx<'_>, ctx: &Context, dossier: DossierId) -> Result<Vec<PaperView>> {
    get(tx, ctx, dossier)?;
    let revisions = revisions::list(tx, dossier)?;
    Ok(files::of_dossier(tx, dossier)?.into_iter().map(|file| shown(file, &revisions)).collect())
}

/// One paper.
///
/// # Errors
/// `NotFound`; `Error::Store` of the database.
pub fn view(tx: &mut ReadTx<'_>, dossier: DossierId, id: FileId) -> Result<PaperView> {
    let file = files::load(tx, dossier, id)?.ok_or(Refusal::NotFound)?;
    Ok(shown(file, &revisions::list(tx, dossier)?))
}

fn shown(file: File, revisions: &[Revision]) -> PaperView {
    let sealed_revision = sealed_in(&file, revisions);
    let state = match (&file.gone, &file.content) {
        (Some(gone), _) if gone.quarantined => PaperState::Quarantined,
        (Some(_), _) => PaperState::Deleted,
        (None, None) => PaperState::Offline,
        (None, Some(_)) => PaperState::Stored,
    };
    // The name of what should never have been here may be what should not be here.
    let named = file.content.is_some() && state != PaperState::Quarantined;
    PaperView {
        id: file.id,
        kind: file.kind,
        state,
        name: named.then_some(file.name),
        media_type: file.content.as_ref().map(|content| content.media_type),
        bytes: file.content.as_ref().map(|content| content.bytes),
        handled_offline: file.content.is_none(),
        sha256: file.content.map(|content| content.sha256),
        number: file.number,
        date: file.dated_on,
        member_id: file.member,
        organisation_id: file.organisation,
        uploaded_by: file.uploaded_by,
        uploaded_at: file.uploaded_at,
        sealed_revision,
        taken_away: file.gone.map(|gone| TakenAway { at: gone.at, by: gone.by, reason: gone.why }),
    }
}
