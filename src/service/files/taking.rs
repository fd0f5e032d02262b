//! Taking papers away: what is superfluous is deleted, what should never have been here is quarantined. Either way the
//! row stays and the key is destroyed; what was submitted for a decision stays whole.

use super::told;
use crate::domain::access::Action;
use crate::domain::dossier::State;
use crate::domain::ids::{DossierId, FileId};
use crate::domain::refusal::Refusal;
use crate::service::course::{self, Reason};
use crate::service::delegations::get_for;
use crate::service::files::Done;
use crate::service::{Context, Result};
use crate::store::dossiers::{self, Stored};
use crate::store::files::{self, File, Gone};
use crate::store::papers::signed;
use crate::store::revisions::{self, Revision, RevisionOutcome};
use crate::store::{
    ReadTx, Recorded, StoreError, WriteTx, journal, obligations, opinions, organisations, papers,
};

/// Takes a paper away for good; its row stays. Says the name of the stored file that nobody needs any more.
///
/// # Errors
/// `NotFound`, `Forbidden` for papers of another desk, `Stale`, `PaperGone`, `PaperSealed` for a paper of a revision
/// that is under decision or was decided, that proves a discharged duty or an opinion, or that was issued, `Invalid` without a reason.
pub fn delete(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    dossier: DossierId,
    version: i64,
    id: FileId,
    why: &Reason,
) -> Result<Recorded<(Done, Option<String>)>> {
    let stored = get_for(tx, ctx, Action::DeletePaper, dossier, version)?;
    let file = present(tx, dossier, id)?;
    if !own(tx, ctx, &stored, &file)? {
        let refusal = Refusal::Forbidden(Action::DeletePaper);
        return Err(ctx.denied(refusal, Action::DeletePaper, "dossier", dossier));
    }
    let pending = matches!(stored.dossier.state, State::Submitted | State::Received);
    let under_decision = pending && stored.dossier.revision > file.revision;
    let proves =
        obligations::proves(tx, id)? || opinions::documented_by(tx, id)? || is_issued(tx, dossier, &file)?;
    if under_decision || proves || sealed_in(&file, &revisions::list(tx, dossier)?).is_some() {
        return Err(Refusal::PaperSealed.into());
    }
    take_away(tx, ctx, &stored, &file, why, false)
}

/// Makes a paper that should never have been uploaded unreadable at once, for everybody and for ever: its key is
/// destroyed. Also a paper of a decided revision; the row and the journal tell that it was there.
///
/// # Errors
/// `NotFound`, `Forbidden`, `Stale`, `PaperGone`, `Invalid` without a reason.
pub fn quarantine(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    dossier: DossierId,
    version: i64,
    id: FileId,
    why: &Reason,
) -> Result<Recorded<(Done, Option<String>)>> {
    let stored = get_for(tx, ctx, Action::QuarantinePaper, dossier, version)?;
    let file = present(tx, dossier, id)?;
    if file.content.is_none() {
        return Err(Refusal::PaperGone.into());
    }
    take_away(tx, ctx, &stored, &file, why, true)
}

/// Whether the file is the signed one of an issued paper.
fn is_issued(tx: &mut ReadTx<'_>, dossier: DossierId, file: &File) -> Result<bool> {
    let Some(content) = &file.content else { return Ok(false) };
    if signed::is_kept(tx, file.id)? {
        return Ok(true);
    }
    let issued = papers::of_dossiers(tx, &[dossier])?;
    Ok(issued.iter().any(|(_, paper)| paper.sha256.as_ref() == Some(&content.sha256)))
}

fn present(tx: &mut ReadTx<'_>, dossier: DossierId, id: FileId) -> Result<File> {
    let file = files::load(tx, dossier, id)?.ok_or(Refusal::NotFound)?;
    if file.gone.is_some() {
        return Err(Refusal::PaperGone.into());
    }
    Ok(file)
}

/// Whether the paper was uploaded for an organisation where the actor may delete papers.
fn own(tx: &mut ReadTx<'_>, ctx: &Context, stored: &Stored, file: &File) -> Result<bool> {
    if file.organisation != stored.dossier.organisation {
        let mut roles = ctx.actor.roles_for(Action::DeletePaper);
        return Ok(roles.any(|held| held.organisation == file.organisation));
    }
    let owner = organisations::load(tx, file.organisation)?.ok_or(StoreError::NotFound)?;
    Ok(ctx.actor.reaches_path(Action::DeletePaper, &owner.path))
}

fn take_away(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    stored: &Stored,
    file: &File,
    why: &Reason,
    quarantined: bool,
) -> Result<Recorded<(Done, Option<String>)>> {
    let why = course::reason("/reason", &why.reason)?;
    let gone = Gone { at: tx.now(), by: ctx.actor.account, why: why.clone(), quarantined };
    files::take_away(tx, file.id, &gone)?;
    let version = dossiers::touch(tx, stored.dossier.id, stored.dossier.version)?;
    let action = if quarantined { "paper.quarantined" } else { "paper.deleted" };
    let entry = journal::append(tx, told(action, ctx, stored, file).with("reason", why))?;
    let object = match &file.content {
        Some(content) if files::needed(tx, std::slice::from_ref(&content.object))?.is_empty() => {
            Some(content.object.clone())
        }
        _ => None,
    };
    Ok(entry.returning((Done { id: file.id, made: false, version }, object)))
}

/// The first decided revision that a paper is part of: from then on it stays.
pub(super) fn sealed_in(file: &File, all: &[Revision]) -> Option<i32> {
    let decided = |revision: &&Revision| {
        matches!(revision.outcome, Some(RevisionOutcome::Approved | RevisionOutcome::Rejected))
    };
    all.iter().filter(decided).map(|revision| revision.no).filter(|no| *no > file.revision).min()
}
