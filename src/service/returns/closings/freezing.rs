//! Making a closing: the return is made in a read, its files are written and sealed outside of any transaction, and one
//! command keeps them with the manifest and the journal's checkpoint.

use sha2::{Digest, Sha256};

use super::{ClosingView, FrozenFile, Manifest, corrupt, organisation, place, view};
use crate::clock::day_in_vietnam;
use crate::domain::access::Action;
use crate::domain::codes::{Code, Lang};
use crate::domain::event::Event;
use crate::domain::ids::{ClosingId, InstallationId, OrganisationId};
use crate::domain::notice::Kind as Mail;
use crate::domain::refusal::Refusal;
use crate::domain::report::form::Seal;
use crate::domain::report::{Period, Window};
use crate::domain::text;
use crate::report::Table;
use crate::service::returns::preparing::tell;
use crate::service::returns::{Failure, Format, Made, Wanted, make, of_organisation, write};
use crate::service::{Context, Error, Result, Settings, evidence};
use crate::store::checkpoints::Kept;
use crate::store::closings::{self, Closing, SealedFile};
use crate::store::{ReadTx, Recorded, StoreError, WriteTx, journal};

/// Which return is to be closed.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Id of the closing to come.
    pub id: ClosingId,
    /// Whose journal it will stand in.
    pub installation: InstallationId,
    /// Of which period.
    pub period: Period,
    /// Cut how.
    pub window: Window,
    /// Whose; the uppermost of the actor's organisations, if absent.
    pub organisation: Option<OrganisationId>,
    /// The closing that this one replaces.
    pub replaces: Option<ClosingId>,
    /// Why.
    pub reason: Option<String>,
}

/// A return that was made and is still to be written.
#[derive(Debug)]
pub struct Draft {
    wanted: Wanted,
    installation: InstallationId,
    closing: Closing,
    manifest: Manifest,
    made: Vec<Made>,
}

/// A return that was written and sealed, ready to be kept.
#[derive(Debug, Clone)]
pub struct Prepared {
    period: Period,
    manifest: Manifest,
    closing: Closing,
    files: Vec<SealedFile>,
}

/// Makes the return that is to be frozen; nothing is stored yet.
///
/// # Errors
/// `Invalid` while the period lasts; `NotFound` for an organisation out of reach; inside, why there is no return.
pub fn prepare(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    asked: &Asked,
) -> Result<std::result::Result<Draft, Failure>> {
    let whose = organisation(tx, ctx, Action::CloseReturn, asked.organisation)?;
    let range = asked.period.range(asked.window);
    let as_of = day_in_vietnam(tx.now());
    if as_of <= range.to {
        return Err(Refusal::field("?label", "period-not-over").into());
    }
    let reason = asked.reason.as_deref().map(text::block).transpose();
    let reason = reason.map_err(|code| Refusal::field("/reason", code))?.filter(|reason| !reason.is_empty());
    // Whether it may be closed is asked in the command, so that a repeated request gets its first answer.
    let earlier = closings::of_period(tx, whose.id, asked.period, asked.window)?;
    let no = earlier.last().map_or(1, |latest| latest.no + 1);
    let (rulebook_version, book) = ctx.settings.rulebooks.active(tx)?;
    let rule = book.returns.of(asked.period.kind()).ok_or_else(|| corrupt("no rule says when it is due"))?;
    let wanted = Wanted {
        period: asked.period,
        window: asked.window,
        as_of,
        format: Format::Json,
        table: None,
        lang: Lang::Vi,
    };
    let mut made = Vec::new();
    for lang in Lang::ALL.iter().copied() {
        match make(tx, &of_organisation(&whose), &Wanted { lang, ..wanted }, &ctx.settings.rulebooks)? {
            Ok(one) => made.push(one),
            Err(error) => return Ok(Err(error.into())),
        }
    }
    let manifest = Manifest {
        installation: asked.installation.to_string(),
        organisation: whose.id,
        organisation_code: whose.code,
        kind: asked.period.kind().code().to_owned(),
        label: asked.period.label(),
        window: asked.window,
        no,
        replaces: asked.replaces,
        as_of,
        rulebook_version,
        due_basis: rule.citation(),
        checkpoint: String::new(),
        files: Vec::new(),
    };
    let closing = Closing {
        id: asked.id,
        organisation: whose.id,
        kind: asked.period.kind(),
        label: asked.period.label(),
        window: asked.window,
        no,
        replaces: asked.replaces,
        reason,
        as_of,
        due_on: rule.due_on(range.to, &ctx.settings.calendar),
        rulebook_version,
        sha256: String::new(),
        manifest: String::new(),
        closed_by: ctx.actor.account,
        closed_at: tx.now(),
    };
    Ok(Ok(Draft { wanted, installation: asked.installation, closing, manifest, made }))
}

/// What binds a return to the journal: the checkpoint that was signed after its figures were read.
fn seal(draft: &Draft, kept: &Kept, settings: &Settings) -> Result<Seal> {
    let keys = evidence::keys(&settings.vault, draft.installation)?;
    let key = keys.first().map(ToString::to_string).unwrap_or_default();
    Ok(Seal {
        no: draft.closing.no,
        rulebook_version: draft.closing.rulebook_version,
        size: kept.size,
        root: kept.note.lines().nth(2).unwrap_or_default().to_owned(),
        // Its name and id; the key itself is what an auditor has from elsewhere.
        key: key.rsplit_once('+').map(|(name, _)| name.to_owned()).unwrap_or(key),
    })
}

/// Writes every file of a return and seals it, with the checkpoint that was signed for it: slow work, outside any
/// transaction.
///
/// # Errors
/// The vault's fault; inside, why a file cannot be written.
pub fn freeze(
    draft: Draft,
    kept: &Kept,
    settings: &Settings,
) -> Result<std::result::Result<Prepared, Failure>> {
    let closed = Some(seal(&draft, kept, settings)?);
    let Draft { wanted, closing, manifest, made, .. } = draft;
    let (mut frozen, mut files) = (Vec::new(), Vec::new());
    for mut one in made {
        one.form.closed.clone_from(&closed);
        let lang = one.form.lang;
        for (format, table) in kinds(lang) {
            let written = match write(&one, &Wanted { format, table, lang, ..wanted }, &settings.stationery) {
                Ok(written) => written,
                Err(failure) => return Ok(Err(failure)),
            };
            let place = place(closing.id, &written.name, lang);
            let sealed =
                settings.vault.seal_installation("closing_files", "sealed", place, &written.bytes)?;
            frozen.push(FrozenFile {
                name: written.name.clone(),
                lang,
                format,
                table,
                size: u64::try_from(written.bytes.len()).unwrap_or(u64::MAX),
                sha256: hex::encode(Sha256::digest(&written.bytes)),
            });
            files.push(SealedFile { name: written.name, lang, sealed });
        }
    }
    let manifest = Manifest { files: frozen, checkpoint: kept.note.clone(), ..manifest };
    Ok(Ok(Prepared { period: wanted.period, manifest, closing, files }))
}

/// Each file that is frozen. Official paper is Vietnamese; what offices edit before they sign (DOCX) is no evidence.
fn kinds(lang: Lang) -> impl Iterator<Item = (Format, Option<Table>)> {
    let paper = (cfg!(feature = "pdf") && lang == Lang::Vi).then_some(Format::Pdf);
    let whole = [Format::Json, Format::Csv, Format::Xlsx].into_iter().chain(paper);
    whole.map(|format| (format, None)).chain(Table::ALL.iter().map(|table| (Format::Csv, Some(*table))))
}

/// A period is closed once; then its latest closing is replaced, with a reason.
fn allowed(latest: Option<&Closing>, replaces: Option<ClosingId>, reasoned: bool) -> Result<()> {
    match (latest, replaces) {
        (Some(_), None) => return Err(Refusal::Taken("closed-return").into()),
        (latest, Some(id)) if latest.is_none_or(|latest| latest.id != id) => {
            return Err(Refusal::field("/replaces", "not-the-latest").into());
        }
        _ => {}
    }
    if replaces.is_some() != reasoned {
        let (pointer, code) =
            if reasoned { ("/reason", "only-with-replaces") } else { ("/reason", "required") };
        return Err(Refusal::field(pointer, code).into());
    }
    Ok(())
}

/// Keeps a prepared return for ever.
///
/// # Errors
/// `Taken` when it is closed already; `Invalid` for a reason without what it replaces, and for what is not the latest.
pub fn close(tx: &mut WriteTx<'_>, ctx: &Context, prepared: &Prepared) -> Result<Recorded<ClosingView>> {
    organisation(tx, ctx, Action::CloseReturn, Some(prepared.closing.organisation))?;
    let earlier =
        closings::of_period(tx, prepared.closing.organisation, prepared.period, prepared.closing.window)?;
    allowed(earlier.last(), prepared.closing.replaces, prepared.closing.reason.is_some())?;
    let kept = evidence::checkpoint(tx, &ctx.settings.vault)?;
    let manifest = serde_json::to_string(&prepared.manifest).map_err(corrupt)?;
    let closing = Closing {
        sha256: hex::encode(Sha256::digest(&manifest)),
        manifest,
        closed_at: tx.now(),
        closed_by: ctx.actor.account,
        ..prepared.closing.clone()
    };
    closings::insert(tx, &closing, &prepared.files).map_err(|error| match error {
        StoreError::Taken { .. } => Refusal::Taken("closed-return").into(),
        other => Error::from(other),
    })?;
    let action = if closing.replaces.is_some() { "return.restated" } else { "return.closed" };
    let mut event = Event::new(action, "return", closing.id)
        .by(ctx.actor.account)
        .at(closing.organisation)
        .with("label", closing.label.clone())
        .with("window", closing.window)
        .with("sha256", closing.sha256.clone());
    if let (Some(replaces), Some(reason)) = (closing.replaces, &closing.reason) {
        event = event.with("replaces", replaces).with("reason", reason.clone());
    }
    evidence::tell_witness(tx, &format!("close {}", closing.id), &kept)?;
    let entry = journal::append(tx, event)?;
    let (_, book) = ctx.settings.rulebooks.active(tx)?;
    let told = book.returns.of(closing.kind).map(|rule| rule.told.clone()).unwrap_or_default();
    tell(tx, entry, Mail::ReturnClosed, closing.organisation, &told)?;
    Ok(entry.returning(view(closing, Vec::new())?))
}
