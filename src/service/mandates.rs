//! Mandates (TUQ.): given in writing by whoever holds the role himself, for a year at most, to another natural person;
//! never handed on. An ended mandate puts everything back to its giver by itself: no dossier knows of it.

use chrono::{DateTime, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Context, Error, Result};
use crate::clock::day_in_vietnam;
use crate::domain::access::{Action, Reach, Role};
use crate::domain::approval::Chain;
use crate::domain::codes::Code;
use crate::domain::delegation::is_far;
use crate::domain::event::Event;
use crate::domain::ids::{AccountId, MandateId, OrganisationId, PersonId};
use crate::domain::mandate::Limits;
use crate::domain::refusal::{Fault, Refusal, Why};
use crate::domain::text;
use crate::store::accounts::{self, Account, AccountState};
use crate::store::mandates::{self, Mandate};
use crate::store::{ReadTx, Recorded, StoreError, WriteTx, journal, people};

/// Most kinds of steps that a mandate is limited to.
const MOST_KINDS: usize = 20;
/// Months that a mandate may last at most.
const LONGEST: Months = Months::new(12);

/// A mandate as given.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMandate {
    /// Sign-in name of who shall hold it.
    pub holder: String,
    /// Where the giver holds the role.
    pub organisation_id: OrganisationId,
    /// The giver's role whose decisions are handed on.
    pub role: Role,
    /// Number of the letter.
    pub letter_number: String,
    /// Date of the letter.
    pub letter_date: NaiveDate,
    /// First day; today, if absent.
    pub valid_from: Option<NaiveDate>,
    /// Last day, at most a year after the first.
    pub valid_to: NaiveDate,
    /// What it covers; everything, if absent.
    #[serde(default)]
    pub limits: Limits,
    /// Note.
    #[serde(default)]
    pub note: String,
}

/// A mandate as the API shows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MandateView {
    /// Id.
    pub id: MandateId,
    /// Who gave it.
    pub giver_id: AccountId,
    /// The giver's name.
    pub giver_name: String,
    /// Who holds it.
    pub holder_id: AccountId,
    /// The holder's name.
    pub holder_name: String,
    /// Where.
    pub organisation_id: OrganisationId,
    /// Whose decisions.
    pub role: Role,
    /// Number of the letter.
    pub letter_number: String,
    /// Date of the letter.
    pub letter_date: NaiveDate,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_to: NaiveDate,
    /// What it covers.
    pub limits: Limits,
    /// Note.
    pub note: Option<String>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was ended before its last day.
    pub ended_at: Option<DateTime<Utc>>,
    /// By whom.
    pub ended_by: Option<AccountId>,
    /// Whether its holder may decide under it today.
    pub in_force: bool,
}

/// Gives a mandate.
///
/// # Errors
/// `Forbidden`; `Invalid` names the field: a role that is not one's own, a holder who cannot hold it, dates, a kind of
/// step that no chain has; `Taken` when the same mandate was given for some of these days.
pub fn give(tx: &mut WriteTx<'_>, ctx: &Context, new: &NewMandate) -> Result<Recorded<MandateView>> {
    ctx.must(Action::GiveMandate)?;
    let person = ctx.actor.person.ok_or(Refusal::NoPerson)?;
    // Nobody hands on what he holds by mandate: `holds` counts own roles alone.
    let decides = crate::domain::access::grant(new.role, Action::Decide) != Reach::Never;
    if !decides || !ctx.actor.holds(new.role, new.organisation_id) {
        return Err(Refusal::field("/role", "not-your-role").into());
    }
    let mut faults = Vec::new();
    let letter_number = super::course::required("/letter_number", &new.letter_number, &mut faults);
    faults.extend(text::within(&letter_number, 50).err().map(|why| Fault::at("/letter_number", why)));
    super::course::unmarked("/letter_number", &letter_number, &mut faults);
    let note = text::block(&new.note).unwrap_or_else(|code| {
        faults.push(Fault::at("/note", code));
        String::new()
    });
    let valid_from = dates(tx, new, &mut faults);
    let (_, book) = ctx.settings.rulebooks.active(tx)?;
    faults.extend(limit_faults(&new.limits, &book.chain));
    let holder = holder(tx, new, person, &mut faults)?;
    Refusal::unless_empty(faults)?;
    let Some((holder, holder_person)) = holder else { return Err(Refusal::NotFound.into()) };
    let mandate = Mandate {
        id: tx.fresh(),
        giver: ctx.actor.account,
        giver_person: person,
        holder,
        holder_person,
        organisation: new.organisation_id,
        role: new.role,
        letter_number,
        letter_date: new.letter_date,
        valid_from,
        valid_to: new.valid_to,
        limits: new.limits.clone().in_order(),
        note: Some(note).filter(|note| !note.is_empty()),
        created_at: tx.now(),
        ended_at: None,
        ended_by: None,
    };
    // Two of the same could not be told apart: ending one would end nothing.
    mandates::hold_giver(tx, mandate.giver)?;
    let given = mandates::between(tx, (mandate.giver, holder), (mandate.role, mandate.organisation))?;
    if given.iter().any(|other| other.repeats(&mandate)) {
        return Err(Refusal::Taken("mandate").into());
    }
    mandates::insert(tx, &mandate)?;
    let limits = serde_json::to_string(&mandate.limits).unwrap_or_default();
    let event = Event::new("mandate.given", "mandate", mandate.id)
        .by(ctx.actor.account)
        .at(mandate.organisation)
        .with("holder", mandate.holder)
        .with("role", mandate.role.code())
        .with("letter_number", &mandate.letter_number)
        .with("letter_date", mandate.letter_date)
        .with("valid_from", mandate.valid_from)
        .with("valid_to", mandate.valid_to)
        .with("limits", limits);
    let entry = journal::append(tx, event)?;
    let view = view(tx, mandate)?;
    Ok(entry.returning(view))
}

/// The days of the mandate: it is written before it begins, has not run out, and lasts a year at most.
fn dates(tx: &WriteTx<'_>, new: &NewMandate, faults: &mut Vec<Fault>) -> NaiveDate {
    let today = day_in_vietnam(tx.now());
    let valid_from = new.valid_from.unwrap_or(today);
    if new.letter_date > today {
        faults.push(Fault::at("/letter_date", "in-the-future"));
    } else if is_far(new.letter_date) {
        faults.push(Fault::at("/letter_date", "out-of-range"));
    } else if new.letter_date > valid_from {
        faults.push(Fault::at("/valid_from", "before-letter"));
    }
    if new.valid_to < valid_from {
        faults.push(Fault::at("/valid_to", "before-start"));
    } else if new.valid_to < today {
        faults.push(Fault::at("/valid_to", "in-the-past"));
    } else if valid_from.checked_add_months(LONGEST).is_none_or(|last| new.valid_to > last) {
        faults.push(Fault::at("/valid_to", "longer-than-a-year"));
    }
    valid_from
}

/// Kinds of steps to which a mandate can be limited, with their words in Vietnamese and English: those of the active
/// chain on which somebody decides.
///
/// # Errors
/// `Error::Store` of the database.
pub fn kinds(tx: &mut ReadTx<'_>, ctx: &Context) -> Result<Vec<(String, String, String)>> {
    let (_, book) = ctx.settings.rulebooks.active(tx)?;
    let mut kinds: Vec<(String, String, String)> = Vec::new();
    for step in book.chain.step.iter().filter(|step| step.body.is_none()) {
        if !kinds.iter().any(|(kind, ..)| *kind == step.kind) {
            kinds.push((step.kind.clone(), step.title_vi.clone(), step.title_en.clone()));
        }
    }
    Ok(kinds)
}

/// Kinds that no step of the active chain on which somebody decides has would limit a mandate to nothing.
fn limit_faults(limits: &Limits, chain: &Chain) -> Vec<Fault> {
    let is_known = |kind: &String| chain.step.iter().any(|step| step.body.is_none() && step.kind == *kind);
    let mut faults = Vec::new();
    for (i, kind) in limits.kinds.iter().enumerate() {
        if !is_known(kind) {
            faults.push(Fault::at(format!("/limits/kinds/{i}"), "unknown-code"));
        }
    }
    if limits.kinds.len() > MOST_KINDS {
        faults.push(Fault::at("/limits/kinds", Why::too_many(MOST_KINDS, limits.kinds.len())));
    }
    faults
}

/// The account that shall hold it: active, of another natural person, neither administrator nor auditor.
fn holder(
    tx: &mut WriteTx<'_>,
    new: &NewMandate,
    giver: PersonId,
    faults: &mut Vec<Fault>,
) -> Result<Option<(AccountId, PersonId)>> {
    let found = accounts::load_by_name(tx, &text::folded(new.holder.trim()))?.map(|(account, _hash)| account);
    let active = |account: &Account| account.state == AccountState::Active;
    let Some(account) = found.filter(active) else {
        faults.push(Fault::at("/holder", "unknown-account"));
        return Ok(None);
    };
    let able = accounts::able_to_substitute(tx, &[account.id])?;
    let Some((id, person)) = able.first().copied() else {
        faults.push(Fault::at("/holder", "cannot-decide"));
        return Ok(None);
    };
    if people::aliases(tx, giver)?.contains(&person) {
        faults.push(Fault::at("/holder", "same-person"));
        return Ok(None);
    }
    Ok(Some((id, person)))
}

/// Ends a mandate: the giver alone.
///
/// # Errors
/// `NotFound` for who neither gave nor holds it, `Forbidden` for its holder, `IllegalMove` when it has ended.
pub fn end(tx: &mut WriteTx<'_>, ctx: &Context, id: MandateId) -> Result<Recorded<MandateView>> {
    let mandate = mandates::load(tx, id)?.ok_or(Refusal::NotFound)?;
    if mandate.giver != ctx.actor.account {
        let refusal = match mandate.holder == ctx.actor.account {
            true => Refusal::Forbidden(Action::GiveMandate),
            false => Refusal::NotFound,
        };
        return Err(ctx.denied(refusal, Action::GiveMandate, "mandate", id));
    }
    mandates::end(tx, id, ctx.actor.account).map_err(|error| match error {
        StoreError::Stale => Refusal::IllegalMove { state: "ended", command: "end" }.into(),
        other => Error::from(other),
    })?;
    let event = Event::new("mandate.ended", "mandate", id).by(ctx.actor.account).at(mandate.organisation);
    let entry = journal::append(tx, event)?;
    let now = mandates::load(tx, id)?.ok_or(StoreError::NotFound)?;
    let view = view(tx, now)?;
    Ok(entry.returning(view))
}

/// Mandates, newest first: those that the actor gave or holds; an auditor sees all.
///
/// # Errors
/// `Error::Store` of the database.
pub fn list(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    before: Option<MandateId>,
    limit: i64,
) -> Result<Vec<MandateView>> {
    ctx.must(Action::ReadMandates)?;
    let of = (ctx.actor.reach(Action::ReadMandates) != Reach::All).then_some(ctx.actor.account);
    let rows = mandates::list(tx, of, before, limit)?;
    views(tx, rows)
}

/// A mandate as shown to whoever decides under it.
///
/// # Errors
/// `NotFound`.
pub(super) fn shown(tx: &mut ReadTx<'_>, id: MandateId) -> Result<MandateView> {
    let mandate = mandates::load(tx, id)?.ok_or(Refusal::NotFound)?;
    view(tx, mandate)
}

fn view(tx: &mut ReadTx<'_>, mandate: Mandate) -> Result<MandateView> {
    views(tx, vec![mandate])?.pop().ok_or_else(|| StoreError::NotFound.into())
}

/// As shown, all of a page by two statements.
fn views(tx: &mut ReadTx<'_>, mandates: Vec<Mandate>) -> Result<Vec<MandateView>> {
    let mut people: Vec<AccountId> = mandates.iter().flat_map(|one| [one.giver, one.holder]).collect();
    people.sort();
    people.dedup();
    let accounts = accounts::load_many(tx, &people)?;
    let ids: Vec<MandateId> = mandates.iter().map(|mandate| mandate.id).collect();
    let in_force = mandates::in_force(tx, &ids)?;
    let name = |id: AccountId| {
        let account = accounts.iter().find(|account| account.id == id);
        account.map(|account| account.display_name.clone()).unwrap_or_default()
    };
    let view = |mandate: Mandate| MandateView {
        id: mandate.id,
        giver_id: mandate.giver,
        giver_name: name(mandate.giver),
        holder_id: mandate.holder,
        holder_name: name(mandate.holder),
        organisation_id: mandate.organisation,
        role: mandate.role,
        letter_number: mandate.letter_number,
        letter_date: mandate.letter_date,
        valid_from: mandate.valid_from,
        valid_to: mandate.valid_to,
        limits: mandate.limits,
        note: mandate.note,
        created_at: mandate.created_at,
        ended_at: mandate.ended_at,
        ended_by: mandate.ended_by,
        in_force: in_force.contains(&mandate.id),
    };
    Ok(mandates.into_iter().map(view).collect())
}
