//! The permit: a numbered, dated, signed paper, typed in by the clerk of the issuing desk.

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{required, signing};
use crate::clock::day_in_vietnam;
use crate::domain::access::Action;
use crate::domain::approval::signing_forms;
use crate::domain::codes::{Code, SigningForm};
use crate::domain::delegation::{MOST_ROWS, is_far};
use crate::domain::dossier::{Change, Command};
use crate::domain::file::FileKind;
use crate::domain::ids::{DossierId, FileId};
use crate::domain::obligation::Recipient;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::text;
use crate::service::delegations::get_for;
use crate::service::{Context, Result, obligations, rules, tell};
use crate::store::dossiers::{self, Capacity, Stored};
use crate::store::papers::{self, Paper, PaperKind};
use crate::store::{Recorded, StoreError, WriteTx, files, journal};

/// A paper as the clerk types it in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPaper {
    /// Number: `5`, `05` and `005` are one number.
    pub number: String,
    /// Symbol, such as `UBND-ĐN`.
    pub symbol: String,
    /// Date of the paper.
    pub date: NaiveDate,
    /// Who signed.
    pub signer: String,
    /// Signing forms: `TM`, `KT`, `TL`, `TUQ`, `Q`.
    #[serde(default)]
    pub forms: Vec<SigningForm>,
    /// With `TUQ`: who gave the mandate under which it was signed, by name.
    #[serde(default)]
    pub acting_for: Option<String>,
    /// First day of validity.
    pub valid_from: Option<NaiveDate>,
    /// Last day of validity.
    pub valid_to: Option<NaiveDate>,
    /// SHA-256 of the signed file, in hex.
    pub sha256: Option<String>,
    /// The signed file, if it was uploaded as a `permit` of the dossier: its hash is taken over.
    #[serde(default)]
    pub file_id: Option<FileId>,
    /// To whom it goes (Nơi nhận): each is owed a delivery.
    #[serde(default)]
    pub recipients: Vec<Recipient>,
}

/// Issues the permit: a numbered, dated, signed paper of the issuing desk. Only now is the delegation permitted on
/// paper; the officer, the appraisers and the co-hosts are told.
///
/// # Errors
/// `Invalid` names the field; `Taken` when the issuer gave the number this year.
pub fn issue(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    version: i64,
    new: &NewPaper,
) -> Result<Recorded<DossierId>> {
    let stored = get_for(tx, ctx, Action::Issue, id, version)?;
    let change = stored.dossier.change(Command::Issue, Some(ctx.actor.account))?;
    let paper = checked_paper(tx, ctx, &stored, new)?;
    dossiers::apply(tx, id, &change)?;
    match papers::insert(tx, id, &paper) {
        Err(StoreError::Taken { .. }) => return Err(Refusal::Taken("number").into()),
        other => other?,
    }
    let change = told(change, &paper);
    let entry = journal::append(tx, change.event().clone())?;
    tell::issued(tx, entry, &stored)?;
    rules::duties::plan(tx, ctx, id)?;
    obligations::issued(tx, ctx, id, &paper)?;
    Ok(entry.returning(id))
}

/// The paper as the journal tells of it: forms and recipients too, one a line.
fn told(change: Change, paper: &Paper) -> Change {
    let forms: Vec<&str> = paper.forms.iter().map(|form| form.code()).collect();
    let recipients: Vec<String> =
        paper.recipients.iter().map(|one| format!("{} ({})", one.name, one.channel)).collect();
    let mut change = change
        .telling("number", &paper.number)
        .telling("symbol", &paper.symbol)
        .telling("date", paper.dated_on)
        .telling("signer", &paper.signer);
    if let Some((giver, mandate)) = &paper.acting_for {
        change = change.telling("acting_for", giver).telling("mandate", mandate);
    }
    for (name, lines) in [("forms", forms.join(" ")), ("recipients", recipients.join("\n"))] {
        if !lines.is_empty() {
            change = change.telling(name, lines);
        }
    }
    change
}

/// The recipients as they are kept: cleaned, each once.
fn recipients(new: &[Recipient], faults: &mut Vec<Fault>) -> Vec<Recipient> {
    if new.len() > MOST_ROWS {
        faults.push(Fault::at("/recipients", "too-many"));
        return Vec::new();
    }
    let mut kept: Vec<Recipient> = Vec::new();
    for (i, recipient) in new.iter().enumerate() {
        let name = required(&format!("/recipients/{i}/name"), &recipient.name, faults);
        let same = |other: &Recipient| text::folded(&other.name) == text::folded(&name);
        if !name.is_empty() && kept.iter().any(same) {
            faults.push(Fault::at(format!("/recipients/{i}/name"), "listed-twice"));
        }
        kept.push(Recipient { name, channel: recipient.channel });
    }
    kept
}

fn checked_paper(tx: &mut WriteTx<'_>, ctx: &Context, stored: &Stored, new: &NewPaper) -> Result<Paper> {
    let mut faults = Vec::new();
    let number = required("/number", &new.number, &mut faults);
    let symbol = required("/symbol", &new.symbol, &mut faults);
    let signer = required("/signer", &new.signer, &mut faults);
    if number.chars().count() > 20 {
        faults.push(Fault::at("/number", "too-long"));
    }
    if new.date > day_in_vietnam(tx.now()) {
        faults.push(Fault::at("/date", "in-the-future"));
    } else if !is_far(new.date) && signing::approved_on(tx, stored)?.is_some_and(|day| new.date < day) {
        // What the paper permits was decided on that day, on what had been asked for before it.
        faults.push(Fault::at("/date", "before-approval"));
    }
    for (pointer, day) in
        [("/date", Some(new.date)), ("/valid_from", new.valid_from), ("/valid_to", new.valid_to)]
    {
        if day.is_some_and(is_far) {
            faults.push(Fault::at(pointer, "out-of-range"));
        }
    }
    if let (Some(from), Some(to)) = (new.valid_from, new.valid_to)
        && to < from
    {
        faults.push(Fault::at("/valid_to", "before-start"));
    }
    let is_hash = |hash: &String| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    if new.sha256.as_ref().is_some_and(|hash| !is_hash(hash)) {
        faults.push(Fault::at("/sha256", "bad-hash"));
    }
    let uploaded = match new.file_id {
        Some(file) => signed_file(tx, stored.dossier.id, file)?,
        None => None,
    };
    if new.file_id.is_some() && uploaded.is_none() {
        faults.push(Fault::at("/file_id", "unknown-document"));
    }
    let typed = new.sha256.as_ref().map(|hash| hash.to_ascii_lowercase());
    if uploaded.is_some() && typed.is_some() && typed != uploaded {
        faults.push(Fault::at("/sha256", "another-file"));
    }
    let recipients = recipients(&new.recipients, &mut faults);
    let acting_for = signing::checked(tx, stored, new, &mut faults)?;
    Refusal::unless_empty(faults)?;
    let desk = ctx.actor.roles_for(Action::Issue).map(|held| held.organisation);
    let desks = dossiers::organisations_of(tx, stored.dossier.id, &[Capacity::Issues])?;
    let issuer = desk.into_iter().find(|at| desks.contains(at)).ok_or(Refusal::Forbidden(Action::Issue))?;
    let plain = number.trim_start_matches('0');
    Ok(Paper {
        id: tx.fresh(),
        revision: stored.dossier.revision_in_force.unwrap_or(stored.dossier.revision),
        issuer,
        kind: PaperKind::Permit,
        year: new.date.year(),
        number: if plain.is_empty() { number.clone() } else { plain.to_owned() },
        symbol,
        dated_on: new.date,
        signer,
        forms: signing_forms(new.forms.clone()),
        acting_for,
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        sha256: uploaded.or(typed),
        issued_by: ctx.actor.account,
        issued_at: tx.now(),
        recipients,
    })
}

/// The hash of an uploaded permit of the dossier.
fn signed_file(tx: &mut WriteTx<'_>, dossier: DossierId, id: FileId) -> Result<Option<String>> {
    let file =
        files::load(tx, dossier, id)?.filter(|file| file.kind == FileKind::Permit && file.gone.is_none());
    Ok(file.and_then(|file| file.content).map(|content| content.sha256))
}
