//! What somebody may do with the papers of a dossier, for whoever offers it: the commands themselves decide again.

use std::collections::BTreeSet;

use super::taking::sealed_in;
use super::{open_for_papers, sees_scans};
use crate::domain::access::Action;
use crate::domain::dossier::State;
use crate::domain::file::FileKind;
use crate::domain::ids::{DossierId, FileId};
use crate::service::delegations::{get, may};
use crate::service::{Context, Result};
use crate::store::files::{self, File};
use crate::store::{ReadTx, StoreError, organisations, revisions};

/// What may be done with papers now.
#[derive(Debug, Clone, Default)]
pub struct PaperRights {
    /// More may be added.
    pub add: bool,
    /// A signed file may be kept with its issued paper.
    pub keep_signed: bool,
    /// Those that may be downloaded.
    pub read: BTreeSet<FileId>,
    /// Those that may be deleted, unless they prove something.
    pub delete: BTreeSet<FileId>,
    /// Those that may be made unreadable.
    pub quarantine: BTreeSet<FileId>,
}

/// What the actor may do with the papers of a dossier.
///
/// # Errors
/// `NotFound` where the actor may not know of it.
pub fn rights(tx: &mut ReadTx<'_>, ctx: &Context, dossier: DossierId) -> Result<PaperRights> {
    ctx.must(Action::ReadPaper)?;
    let stored = get(tx, ctx, dossier)?;
    let owner = organisations::load(tx, stored.dossier.organisation)?.ok_or(StoreError::NotFound)?;
    let (all, rounds) = (files::of_dossier(tx, dossier)?, revisions::list(tx, dossier)?);
    let scans = sees_scans(tx, ctx, &stored)?;
    let (deletes, quarantines) =
        (may(tx, ctx, Action::DeletePaper, &stored)?, may(tx, ctx, Action::QuarantinePaper, &stored)?);
    let pending = matches!(stored.dossier.state, State::Submitted | State::Received);
    let own = |file: &File| match file.organisation == owner.id {
        true => ctx.actor.reaches_path(Action::DeletePaper, &owner.path),
        false => ctx.actor.roles_for(Action::DeletePaper).any(|held| held.organisation == file.organisation),
    };
    let mut rights = PaperRights {
        add: may(tx, ctx, Action::AddPaper, &stored)? && open_for_papers(&stored).is_ok(),
        keep_signed: may(tx, ctx, Action::Issue, &stored)?,
        ..PaperRights::default()
    };
    for file in all.iter().filter(|file| file.gone.is_none()) {
        let stays =
            (pending && stored.dossier.revision > file.revision) || sealed_in(file, &rounds).is_some();
        if file.content.is_some() && (scans || file.kind != FileKind::PassportScan) {
            rights.read.insert(file.id);
        }
        if deletes && own(file) && !stays {
            rights.delete.insert(file.id);
        }
        if quarantines && file.content.is_some() {
            rights.quarantine.insert(file.id);
        }
    }
    Ok(rights)
}
