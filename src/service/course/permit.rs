//! The permit: a numbered and dated paper of the issuing desk. Its number comes from the office's document system, or
//! from our own register; its text was made before the command and is frozen by it.

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{required, signing};
use crate::clock::day_in_vietnam;
use crate::domain::access::Action;
use crate::domain::approval::signing_forms;
use crate::domain::codes::{Code, Direction, SigningForm};
use crate::domain::delegation::{MOST_ROWS, is_far};
use crate::domain::dossier::{Change, Command};
use crate::domain::ids::{DossierId, FileId, OrganisationId, PaperId};
use crate::domain::obligation::Recipient;
use crate::domain::refusal::{Fault, Refusal, Why};
use crate::domain::text;
use crate::service::delegations::{self, get_for};
use crate::service::papers::issued::{self, Draft, Prepared};
use crate::service::papers::register as papers_register;
use crate::service::{Context, Error, Result, obligations, rules, tell};
use crate::store::dossiers::{self, Capacity, Stored};
use crate::store::papers::register::{self, Series};
use crate::store::papers::{self, Paper, PaperKind};
use crate::store::{ReadTx, Recorded, StoreError, WriteTx, journal};

/// A paper as the clerk types it in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPaper {
    /// Number: `5`, `05` and `005` are one number. Absent where our own register gives it.
    #[serde(default)]
    pub number: Option<String>,
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

/// The text of a paper that is to be issued.
#[derive(Debug, Clone, Copy)]
pub enum IssuedText<'a> {
    /// Made before; absent where it could not be asked for, because the command will refuse.
    Made(Option<&'a Prepared>),
    /// Written elsewhere: nothing of it is frozen here.
    Elsewhere,
}

/// Drafts the paper that is to be issued, so that it can be made outside of any transaction. What the command will
/// refuse has no draft: it says why itself, after it has looked for a stored answer.
///
/// # Errors
/// `Error::Store` of the database.
pub fn draft(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    (id, version): (DossierId, i64),
    new: &NewPaper,
    paper: PaperId,
) -> Result<Option<Draft>> {
    match drafted(tx, ctx, (id, version), new, paper) {
        Err(Error::Refused { .. }) => Ok(None),
        other => other.map(Some),
    }
}

fn drafted(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    (id, version): (DossierId, i64),
    new: &NewPaper,
    paper: PaperId,
) -> Result<Draft> {
    let stored = delegations::get(tx, ctx, id)?;
    if stored.dossier.version != version || !delegations::may(tx, ctx, Action::Issue, &stored)? {
        return Err(Refusal::Stale.into());
    }
    let _possible = stored.dossier.change(Command::Issue, Some(ctx.actor.account))?;
    let (paper, _) = checked_paper(tx, ctx, &stored, new, paper)?;
    Draft::of(tx, ctx, &stored, &paper)
}

/// Issues the permit: a numbered and dated paper of the issuing desk. Only now is the delegation permitted on paper;
/// the officer, the appraisers and the co-hosts are told.
///
/// # Errors
/// `Invalid` names the field; `Taken` when the issuer gave the number this year; `PaperOutdated` when the dossier, or the
/// number that comes next, is not what the text was made of.
pub fn issue(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    (id, version): (DossierId, i64),
    new: &NewPaper,
    text: IssuedText<'_>,
) -> Result<Recorded<DossierId>> {
    let stored = get_for(tx, ctx, Action::Issue, id, version)?;
    let change = stored.dossier.change(Command::Issue, Some(ctx.actor.account))?;
    let made = match text {
        IssuedText::Made(made) => made,
        IssuedText::Elsewhere => None,
    };
    let fresh = made.map_or_else(|| tx.fresh(), |made| made.id);
    let (mut paper, uploaded) = checked_paper(tx, ctx, &stored, new, fresh)?;
    if paper.registered && register::take(tx, series(&paper))?.to_string() != paper.number {
        return Err(Refusal::PaperOutdated.into());
    }
    match (text, made) {
        (_, Some(made)) => made.settle(tx, ctx, &stored, &mut paper)?,
        (IssuedText::Elsewhere, None) => {}
        // It became possible in this very moment.
        (IssuedText::Made(_), None) => return Err(Refusal::PaperOutdated.into()),
    }
    dossiers::apply(tx, id, &change)?;
    match papers::insert(tx, id, &paper) {
        Err(StoreError::Taken { .. }) => return Err(Refusal::Taken("number").into()),
        other => other?,
    }
    if let Some(made) = made {
        made.keep(tx)?;
    }
    if let Some((file, sha256)) = uploaded {
        let _kept = issued::place_signed(tx, ctx, &paper, file, sha256, 0)?;
    }
    let change = told(change, &paper, made);
    let entry = journal::append(tx, change.event().clone())?;
    tell::issued(tx, entry, &stored)?;
    rules::duties::plan(tx, ctx, id)?;
    obligations::issued(tx, ctx, id, &paper)?;
    Ok(entry.returning(id))
}

/// The paper as the journal tells of it: forms and recipients too, one a line.
fn told(change: Change, paper: &Paper, made: Option<&Prepared>) -> Change {
    let forms: Vec<&str> = paper.forms.iter().map(|form| form.code()).collect();
    let recipients: Vec<String> =
        paper.recipients.iter().map(|one| format!("{} ({})", one.name, one.channel)).collect();
    let mut change = change
        .telling("number", &paper.number)
        .telling("symbol", &paper.symbol)
        .telling("date", paper.dated_on)
        .telling("signer", &paper.signer);
    for (format, sha256) in made.iter().flat_map(|made| made.hashes()) {
        change = change.telling(format!("text_{format}_sha256"), sha256);
    }
    for (name, said) in [("template", &paper.template), ("signed_sha256", &paper.sha256)] {
        if let Some(said) = said {
            change = change.telling(name, said);
        }
    }
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
        faults.push(Fault::at("/recipients", Why::too_many(MOST_ROWS, new.len())));
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

/// The numbers that a paper's is one of.
fn series(paper: &Paper) -> Series {
    Series { issuer: paper.issuer, kind: paper.kind, year: paper.year }
}

/// The number of a paper: as typed in, or the next one of our own register, whose numbers follow the days.
fn number(
    tx: &mut ReadTx<'_>,
    new: &NewPaper,
    series: Option<Series>,
    faults: &mut Vec<Fault>,
) -> Result<String> {
    let Some(series) = series else {
        let number = required("/number", new.number.as_deref().unwrap_or_default(), faults);
        faults.extend(text::within(&number, 20).err().map(|why| Fault::at("/number", why)));
        let plain = number.trim_start_matches('0');
        return Ok(if plain.is_empty() { number.clone() } else { plain.to_owned() });
    };
    if new.number.is_some() {
        faults.push(Fault::at("/number", "given-by-register"));
    }
    let (next, last_on) = register::next(tx, series)?;
    if last_on.is_some_and(|day| new.date < day) {
        faults.push(Fault::at("/date", "before-last-number"));
    }
    Ok(next.to_string())
}

/// The desk that issues: one of the actor's.
pub(super) fn issuer(tx: &mut ReadTx<'_>, ctx: &Context, stored: &Stored) -> Result<OrganisationId> {
    let desks = dossiers::organisations_of(tx, stored.dossier.id, &[Capacity::Issues])?;
    let mut own = ctx.actor.roles_for(Action::Issue).map(|held| held.organisation);
    Ok(own.find(|at| desks.contains(at)).ok_or(Refusal::Forbidden(Action::Issue))?)
}

/// The paper as it is kept, and the signed file that came with it.
fn checked_paper(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    stored: &Stored,
    new: &NewPaper,
    id: PaperId,
) -> Result<(Paper, Option<(FileId, String)>)> {
    let mut faults = Vec::new();
    let issuer = issuer(tx, ctx, stored)?;
    let kind = match stored.dossier.direction {
        Direction::Inbound => PaperKind::Permit,
        Direction::Outbound => PaperKind::Decision,
    };
    let registered = papers_register::keeps(tx, ctx, issuer)?;
    let series = registered.then_some(Series { issuer, kind, year: new.date.year() });
    let number = number(tx, new, series, &mut faults)?;
    let symbol = required("/symbol", &new.symbol, &mut faults);
    let signer = required("/signer", &new.signer, &mut faults);
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
        Some(file) => issued::hash_of(tx, stored.dossier.id, file)?,
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
    let kept = new.file_id.zip(uploaded.clone());
    let paper = Paper {
        id,
        revision: stored.dossier.revision_in_force.unwrap_or(stored.dossier.revision),
        issuer,
        kind,
        year: new.date.year(),
        number,
        symbol,
        dated_on: new.date,
        signer,
        forms: signing_forms(new.forms.clone()),
        acting_for,
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        sha256: uploaded.or(typed),
        registered,
        template: None,
        check_hash: None,
        issued_by: ctx.actor.account,
        issued_at: tx.now(),
        recipients,
    };
    Ok((paper, kept))
}
