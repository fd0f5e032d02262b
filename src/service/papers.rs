//! Official papers of a dossier: what is known of it, put together for the press. What is printed is what whoever asks
//! may see; a paper is no act, it says "approved in the system" until it is issued, and then is what was frozen.

pub mod check;
pub mod issued;
mod known;
pub mod register;

use sha2::{Digest, Sha256};

use super::{Context, Result, alerts, delegations, views};
use crate::clock::day_in_vietnam;
use crate::domain::access::Action;
use crate::domain::approval::OrganisationKind;
use crate::domain::codes::{Code, Direction, Lang};
use crate::domain::dossier::State;
use crate::domain::event::Event;
use crate::domain::ids::DossierId;
use crate::domain::refusal::Refusal;
use crate::paper::{Body, Check, Format, Kind, Matter, Numbered, PaperError, Press};
use crate::store::dossiers::Stored;
use crate::store::organisations::Organisation;
use crate::store::papers::{self, Paper};
use crate::store::{ReadTx, Recorded, WriteTx, journal};
use crate::texts;

use known::Known;

/// What papers are made with, and where they are signed.
#[derive(Debug)]
pub struct Stationery {
    /// Templates and wordings.
    pub press: Press,
    /// The place before the day.
    pub place: String,
    /// Codes of the organisations whose numbers our own register gives.
    pub register: Vec<String>,
    /// What the addresses of check pages begin with; absent where there are none.
    pub check: Option<String>,
}

/// Official paper is in Vietnamese, whoever asks.
const LANG: Lang = Lang::Vi;

/// A body as papers name it.
#[must_use]
pub fn body(tree: &[Organisation], of: Option<&Organisation>, lang: Lang) -> Body {
    let above = of.and_then(|of| of.parent).and_then(|id| tree.iter().find(|one| one.id == id));
    let name = |one: &Organisation| one.name(lang).to_owned();
    Body {
        name: of.map(name).unwrap_or_default(),
        code: of.map(|of| of.code.clone()).unwrap_or_default(),
        kind: of.map_or(OrganisationKind::Department, |of| of.kind),
        superior: above.map(name).unwrap_or_default(),
    }
}

/// A paper that was made.
#[derive(Debug)]
pub struct Written {
    /// Name of the file.
    pub name: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes, in hex.
    pub sha256: String,
}

/// Makes the file of a matter: slow work, for a thread that may block.
///
/// # Errors
/// Why there is none.
pub fn write(matter: &Matter, format: Format, press: &Press) -> std::result::Result<Written, PaperError> {
    let bytes = press.file(matter, format)?;
    let code = matter.facts.get("code").and_then(serde_json::Value::as_str).filter(|code| !code.is_empty());
    Ok(Written {
        name: format!("{}-{}.{}", code.unwrap_or("nhap"), matter.kind, format.code()),
        sha256: hex::encode(Sha256::digest(&bytes)),
        bytes,
    })
}

/// Journals that a paper was handed out, before its bytes are.
///
/// # Errors
/// `NotFound` where the actor may no longer know of the dossier.
pub fn record(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    kind: Kind,
    format: Format,
    sha256: &str,
) -> Result<Recorded<()>> {
    let stored = delegations::get(tx, ctx, id)?;
    let event = Event::new("paper.rendered", "dossier", id)
        .by(ctx.actor.account)
        .with("kind", kind)
        .with("format", format)
        .with("revision", stored.dossier.revision)
        .with("sha256", sha256);
    Ok(journal::append(tx, event)?.returning(()))
}

/// The matter of a paper of a dossier, as the actor may see it.
///
/// # Errors
/// `NotFound` where the actor may not know of it, or where this direction has no such paper; `IllegalMove` before the
/// step that makes the paper.
pub fn matter(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId, kind: Kind) -> Result<Matter> {
    ctx.must(Action::ReadPaper)?;
    let stored = delegations::get(tx, ctx, id)?;
    possible(&stored, kind)?;
    let known = Known::read(tx, ctx, stored, kind)?;
    let issuer = known.issuer(kind);
    let (facts, tables) = (known.facts(tx, ctx, &issuer)?, known.tables());
    let is_permit = matches!(kind, Kind::Permit | Kind::Decision);
    let numbered = known.permit.as_ref().filter(|_| is_permit).map(numbered);
    let approved = facts.approved_on;
    let notice = match approved {
        Some(day) if is_permit && numbered.is_none() => {
            let day = day.format("%d/%m/%Y").to_string();
            texts::text(LANG, "paper-approved-here", &[("day", &day), ("name", &facts.approved_by)])
        }
        _ => String::new(),
    };
    let stamp = match approved {
        None if is_permit => texts::text(LANG, "paper-draft", &[]),
        _ => String::new(),
    };
    Ok(Matter {
        kind,
        // Facts are plain structures: they can always be written.
        facts: serde_json::to_value(&facts).unwrap_or_default(),
        tables,
        issuer,
        place: ctx.settings.stationery.place.clone(),
        day: numbered.as_ref().map_or_else(|| day_in_vietnam(known.stored.state_since), |issued| issued.date),
        numbered,
        stamp,
        notice,
        check: None,
    })
}

/// The official papers that this dossier can be given now, and in which formats this program makes them.
///
/// # Errors
/// `NotFound` where the actor may not know of it.
pub fn offered(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> Result<(Vec<Kind>, Vec<Format>)> {
    ctx.must(Action::ReadPaper)?;
    let stored = delegations::get(tx, ctx, id)?;
    let kinds = Kind::ALL.iter().copied().filter(|kind| possible(&stored, *kind).is_ok());
    Ok((kinds.collect(), issued::formats().collect()))
}

/// What a dossier has of a paper.
#[derive(Debug)]
pub enum Asked {
    /// It was issued: these bytes, for ever.
    Issued(Written),
    /// It is to be made.
    New(Box<Matter>),
}

/// The paper of a dossier, as it was issued or as it is now.
///
/// # Errors
/// As of [`matter`]; `NotFound` for a format in which an issued paper was not made.
pub fn asked(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId, kind: Kind, format: Format) -> Result<Asked> {
    let matter = matter(tx, ctx, id, kind)?;
    if matter.numbered.is_some() {
        let stored = delegations::get(tx, ctx, id)?;
        let papers: Vec<Paper> =
            papers::of_dossiers(tx, &[id])?.into_iter().map(|(_, paper)| paper).collect();
        let paper = alerts::permit_in_force(&papers, &stored).map(|paper| paper.id);
        if let Some(written) =
            paper.map(|paper| issued::frozen(tx, ctx, &stored, paper, format)).transpose()?
        {
            return Ok(written.map_or_else(|| Asked::New(Box::new(matter)), Asked::Issued));
        }
    }
    Ok(Asked::New(Box::new(matter)))
}

/// The permit or decision of a dossier with this number, day and signature: what is frozen when it is issued.
///
/// # Errors
/// `Error::Store` of the database.
pub(in crate::service) fn as_issued(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    stored: &Stored,
    paper: &Paper,
    check: Option<Check>,
) -> Result<Matter> {
    let kind = kind_of(stored.dossier.direction);
    let mut known = Known::read(tx, ctx, stored.clone(), kind)?;
    known.permit = Some(paper.clone());
    let issuer = known.issuer(kind);
    let (facts, tables) = (known.facts(tx, ctx, &issuer)?, known.tables());
    Ok(Matter {
        kind,
        facts: serde_json::to_value(&facts).unwrap_or_default(),
        tables,
        issuer,
        place: ctx.settings.stationery.place.clone(),
        day: paper.dated_on,
        numbered: Some(numbered(paper)),
        stamp: String::new(),
        notice: String::new(),
        check,
    })
}

/// What permits a delegation of this direction.
fn kind_of(direction: Direction) -> Kind {
    match direction {
        Direction::Inbound => Kind::Permit,
        Direction::Outbound => Kind::Decision,
    }
}

/// Whether a dossier has this paper, and has come so far.
fn possible(stored: &Stored, kind: Kind) -> Result<()> {
    let outbound = stored.dossier.direction == Direction::Outbound;
    let received = stored.incoming.is_some() && stored.dossier.state != State::Submitted;
    let ready = match kind {
        Kind::Return => return Err(Refusal::NotFound.into()),
        Kind::Permit if outbound => return Err(Refusal::NotFound.into()),
        Kind::Decision if !outbound => return Err(Refusal::NotFound.into()),
        Kind::MemberList => true,
        Kind::AppraisalNote | Kind::Submission | Kind::Permit | Kind::Decision => received,
        Kind::ResultReport => stored.dossier.revision_in_force.is_some(),
    };
    match ready {
        true => Ok(()),
        false => Err(Refusal::illegal(stored.dossier.state, kind).into()),
    }
}

fn numbered(paper: &Paper) -> Numbered {
    Numbered {
        number: views::printed_number(&paper.number),
        symbol: paper.symbol.clone(),
        date: paper.dated_on,
        signer: paper.signer.clone(),
        forms: paper.forms.clone(),
        recipients: paper.recipients.iter().map(|recipient| recipient.name.clone()).collect(),
    }
}
