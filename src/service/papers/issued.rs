//! Papers as they were issued: made before the command that issues them, compared in it with what the dossier says then,
//! sealed and kept; and the signed file that comes after. Until there is one, a paper was approved in the system and
//! nothing more.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{Written, kind_of};
use crate::domain::access::Action;
use crate::domain::codes::{Code, codes};
use crate::domain::event::Event;
use crate::domain::file::FileKind;
use crate::domain::ids::{DossierId, FileId, PaperId};
use crate::domain::refusal::Refusal;
use crate::paper::{Check, Format, Matter, PaperError};
use crate::service::{Context, Error, Result, Settings, delegations};
use crate::store::dossiers::{self, Stored};
use crate::store::papers::signed::{self, SignedFile};
use crate::store::papers::texts::{self, Text};
use crate::store::papers::{self, Paper};
use crate::store::{ReadTx, Recorded, StoreError, WriteTx, files, journal};
use crate::texts::text;
use crate::tokens::new_secret;

codes! {
    /// What the software says of an issued paper.
    PaperStanding {
        /// Its signed file is not here yet.
        ApprovedInSystem = "approved_in_system",
        /// Its signed file, or the hash of it, is on record.
        SignedFileOnRecord = "signed_file_on_record",
    }
}

/// A paper that is to be issued, still to be made.
#[derive(Debug, Clone)]
pub struct Draft {
    id: PaperId,
    matter: Matter,
    check_hash: Option<String>,
}

/// A paper that was made and sealed, ready to be issued.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The id that it will have.
    pub id: PaperId,
    /// What it says.
    matter: Matter,
    check_hash: Option<String>,
    template: String,
    texts: Vec<(Text, Vec<u8>)>,
}

impl Draft {
    /// The draft of a paper.
    ///
    /// # Errors
    /// `Error::Store` of the database.
    pub(in crate::service) fn of(
        tx: &mut ReadTx<'_>,
        ctx: &Context,
        stored: &Stored,
        paper: &Paper,
    ) -> Result<Self> {
        let secret = ctx.settings.stationery.check.as_ref().map(|base| {
            let (secret, hash) = new_secret();
            let words = text(super::LANG, "paper-check-words", &[]);
            (Check { address: format!("{base}{}", secret.expose()), words }, hex::encode(hash))
        });
        let (check, check_hash) = secret.unzip();
        let matter = super::as_issued(tx, ctx, stored, paper, check)?;
        Ok(Self { id: paper.id, matter, check_hash })
    }
}

/// What the sealed bytes of a text are bound to.
fn place(paper: PaperId, format: &str) -> String {
    format!("{paper}/{format}")
}

/// The formats in which a paper is made, and frozen.
pub(super) fn formats() -> impl Iterator<Item = Format> {
    Format::ALL.iter().copied().filter(|format| *format != Format::Pdf || cfg!(feature = "pdf"))
}

/// Makes the texts of a paper and seals them: slow work, outside any transaction.
///
/// # Errors
/// The vault's fault; inside, why there is no paper.
pub fn freeze(draft: &Draft, settings: &Settings) -> Result<std::result::Result<Prepared, PaperError>> {
    let Draft { id, matter, check_hash } = draft;
    let press = &settings.stationery.press;
    let mut texts = Vec::new();
    for format in formats() {
        let bytes = match press.file(matter, format) {
            Ok(bytes) => bytes,
            Err(fault) => return Ok(Err(fault)),
        };
        let place = place(*id, format.code());
        let sealed = settings.vault.seal_installation("issued_texts", "sealed", place, &bytes)?;
        let text = Text {
            paper: *id,
            format: format.code().to_owned(),
            bytes: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            sha256: hex::encode(Sha256::digest(&bytes)),
        };
        texts.push((text, sealed));
    }
    let (matter, check_hash) = (matter.clone(), check_hash.clone());
    Ok(Ok(Prepared { id: *id, matter, check_hash, template: press.version().to_owned(), texts }))
}

impl Prepared {
    /// Takes what was made over into the paper, if it is what the dossier says now, under the number that it has now.
    ///
    /// # Errors
    /// `PaperOutdated` where anything of it changed while it was made.
    pub(in crate::service) fn settle(
        &self,
        tx: &mut ReadTx<'_>,
        ctx: &Context,
        stored: &Stored,
        paper: &mut Paper,
    ) -> Result<()> {
        if super::as_issued(tx, ctx, stored, paper, self.matter.check.clone())? != self.matter {
            return Err(Refusal::PaperOutdated.into());
        }
        paper.template = Some(self.template.clone());
        paper.check_hash.clone_from(&self.check_hash);
        Ok(())
    }

    /// Keeps the texts of the paper, which stands in the database by now.
    ///
    /// # Errors
    /// `Error::Store` of the database.
    pub(in crate::service) fn keep(&self, tx: &mut WriteTx<'_>) -> Result<()> {
        for (text, sealed) in &self.texts {
            texts::insert(tx, text, sealed)?;
        }
        Ok(())
    }

    /// Format and hash of each text.
    pub(in crate::service) fn hashes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(text, _)| (text.format.as_str(), text.sha256.as_str()))
    }
}

/// A paper as it was issued; `None` where it was issued without a text of ours.
///
/// # Errors
/// `NotFound` for a format in which it was not made; a vault's fault when the bytes cannot be opened.
pub(super) fn frozen(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    stored: &Stored,
    paper: PaperId,
    format: Format,
) -> Result<Option<Written>> {
    let all = texts::of_papers(tx, &[paper])?;
    if all.is_empty() {
        return Ok(None);
    }
    let kept = all.into_iter().find(|text| text.format == format.code()).ok_or(Refusal::NotFound)?;
    let corrupt = |what: &str| Error::Store(StoreError::Corrupt(format!("issued paper {paper}: {what}")));
    let sealed = texts::sealed(tx, paper, &kept.format)?.ok_or_else(|| corrupt("its text is gone"))?;
    let place = place(paper, &kept.format);
    let bytes = ctx.settings.vault.open_installation("issued_texts", "sealed", place, &sealed)?;
    if hex::encode(Sha256::digest(bytes.as_slice())) != kept.sha256 {
        return Err(corrupt("its text is not what was issued"));
    }
    let code = stored.dossier.code.as_deref().unwrap_or("nhap");
    let name = format!("{code}-{}.{}", kind_of(stored.dossier.direction), format.code());
    Ok(Some(Written { name, bytes: bytes.to_vec(), sha256: kept.sha256 }))
}

/// The text of one paper of a dossier as it was issued, also of one that was replaced.
///
/// # Errors
/// `NotFound` where the actor may not know of it, or where there is none of this format.
pub fn text_of(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    id: DossierId,
    paper: PaperId,
    format: Format,
) -> Result<Written> {
    ctx.must(Action::ReadPaper)?;
    let stored = delegations::get(tx, ctx, id)?;
    own(tx, id, paper)?;
    Ok(frozen(tx, ctx, &stored, paper, format)?.ok_or(Refusal::NotFound)?)
}

/// Journals that the text of an issued paper was handed out, before its bytes are.
///
/// # Errors
/// `NotFound` where the actor may no longer know of the dossier.
pub fn record(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    paper: PaperId,
    sha256: &str,
) -> Result<Recorded<()>> {
    delegations::get(tx, ctx, id)?;
    let event = Event::new("paper.handed_out", "dossier", id)
        .by(ctx.actor.account)
        .with("paper", paper)
        .with("sha256", sha256);
    Ok(journal::append(tx, event)?.returning(()))
}

fn own(tx: &mut ReadTx<'_>, id: DossierId, paper: PaperId) -> Result<Paper> {
    let found = papers::of_dossiers(tx, &[id])?.into_iter().find(|(_, one)| one.id == paper);
    Ok(found.ok_or(Refusal::NotFound)?.1)
}

/// The signed file of an issued paper.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSignedFile {
    /// A file of the dossier, uploaded as its `permit` or `signed_decision`.
    pub file_id: FileId,
}

/// Keeps the signed file with its paper. It stays: only one that was taken away is followed by another.
///
/// # Errors
/// `NotFound` for a paper of another dossier; `Invalid` for a file that is none of this dossier's, or not the one whose
/// hash was told at issue; `Taken` where the paper has its signed file.
pub fn keep_signed(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    (id, version): (DossierId, i64),
    paper: PaperId,
    new: &NewSignedFile,
) -> Result<Recorded<DossierId>> {
    let stored = delegations::get_for(tx, ctx, Action::Issue, id, version)?;
    let paper = own(tx, id, paper)?;
    let sha256 = hash_of(tx, id, new.file_id)?.ok_or_else(unknown_file)?;
    if paper.sha256.as_ref().is_some_and(|told| *told != sha256) {
        return Err(Refusal::field("/file_id", "another-file").into());
    }
    let earlier = signed::of_papers(tx, &[paper.id])?;
    if earlier.iter().any(|(_, gone)| !gone) {
        return Err(Refusal::Taken("signed_file").into());
    }
    let file = place_signed(tx, ctx, &paper, new.file_id, sha256, earlier.len())?;
    let _version = dossiers::touch(tx, id, stored.dossier.version)?;
    let event = Event::new("delegation.signed_file_kept", "dossier", id)
        .by(ctx.actor.account)
        .with("paper", paper.id)
        .with("file", file.file)
        .with("sha256", file.sha256);
    Ok(journal::append(tx, event)?.returning(id))
}

/// Writes the signed file down.
pub(in crate::service) fn place_signed(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    paper: &Paper,
    file: FileId,
    sha256: String,
    earlier: usize,
) -> Result<SignedFile> {
    let no = i32::try_from(earlier).unwrap_or(i32::MAX).saturating_add(1);
    let signed =
        SignedFile { paper: paper.id, no, file, sha256, kept_by: ctx.actor.account, kept_at: tx.now() };
    match signed::insert(tx, &signed) {
        Err(StoreError::Taken { .. }) => Err(Refusal::Taken("signed_file").into()),
        other => Ok(other.map(|()| signed)?),
    }
}

fn unknown_file() -> Refusal {
    Refusal::field("/file_id", "unknown-document")
}

/// The hash of an uploaded permit or decision of the dossier.
///
/// # Errors
/// `Error::Store` of the database.
pub(in crate::service) fn hash_of(
    tx: &mut ReadTx<'_>,
    dossier: DossierId,
    id: FileId,
) -> Result<Option<String>> {
    let is_signed = |kind| matches!(kind, FileKind::Permit | FileKind::SignedDecision);
    let file = files::load(tx, dossier, id)?.filter(|file| is_signed(file.kind) && file.gone.is_none());
    Ok(file.and_then(|file| file.content).map(|content| content.sha256))
}

/// A text as issued, as shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TextView {
    /// Format.
    pub format: Format,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of the bytes, hexadecimal.
    pub sha256: String,
}

/// A signed file, as shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SignedFileView {
    /// The file of the dossier.
    pub file_id: FileId,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// When it was kept with the paper.
    pub kept_at: DateTime<Utc>,
}

/// What came with issued papers and after them.
#[derive(Debug, Clone, Default)]
pub(in crate::service) struct Beside {
    texts: Vec<Text>,
    signed: Vec<SignedFile>,
}

impl Beside {
    /// Of some papers.
    ///
    /// # Errors
    /// `Error::Store` of the database.
    pub fn of(tx: &mut ReadTx<'_>, papers: &[Paper]) -> Result<Self> {
        if papers.is_empty() {
            return Ok(Self::default());
        }
        let ids: Vec<PaperId> = papers.iter().map(|paper| paper.id).collect();
        let signed = signed::of_papers(tx, &ids)?.into_iter().filter(|(_, gone)| !gone);
        Ok(Self { texts: texts::of_papers(tx, &ids)?, signed: signed.map(|(file, _)| file).collect() })
    }

    /// The texts of one.
    pub fn texts(&self, paper: PaperId) -> Vec<TextView> {
        let own = self.texts.iter().filter(|text| text.paper == paper);
        let view = |text: &Text| {
            let format = Format::parse(&text.format)?;
            Some(TextView { format, size: text.bytes, sha256: text.sha256.clone() })
        };
        own.filter_map(view).collect()
    }

    /// The signed file of one.
    pub fn signed(&self, paper: PaperId) -> Option<SignedFileView> {
        let file = self.signed.iter().find(|file| file.paper == paper)?;
        Some(SignedFileView { file_id: file.file, sha256: file.sha256.clone(), kept_at: file.kept_at })
    }
}
