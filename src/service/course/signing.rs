//! Who signed the paper, and in whose place. TM. (collective), KT. (a deputy's standing duty), TL. (by order) and Q.
//! (acting) need nothing but the form; TUQ. needs a written mandate that was in force on the paper's date and that the
//! signer held himself: it is never handed on, so that it stands beside neither KT. nor TL. (Nghị định 30/2020/NĐ-CP
//! Đ.13).

use chrono::NaiveDate;

use super::NewPaper;
use crate::clock::day_in_vietnam;
use crate::domain::access::Role;
use crate::domain::approval::{StepState, Verdict, form_fault};
use crate::domain::codes::SigningForm;
use crate::domain::ids::{AccountId, MandateId, OrganisationId};
use crate::domain::refusal::Fault;
use crate::domain::text;
use crate::service::Result;
use crate::store::dossiers::Stored;
use crate::store::steps::StoredStep;
use crate::store::{ReadTx, accounts, decisions, mandates, steps};

/// The day of the last approval of the revision in force.
pub(super) fn approved_on(tx: &mut ReadTx<'_>, stored: &Stored) -> Result<Option<NaiveDate>> {
    let in_force = stored.dossier.revision_in_force;
    let approvals = decisions::list(tx, stored.dossier.id)?.into_iter().filter(|decision| {
        let approves = matches!(decision.verdict, Verdict::Approve | Verdict::ApproveWithConditions);
        approves && Some(decision.revision) == in_force
    });
    Ok(approvals.map(|decision| day_in_vietnam(decision.made_at)).max())
}

/// The signing forms of a paper, checked. Under TUQ., the giver as printed and the mandate.
pub(super) fn checked(
    tx: &mut ReadTx<'_>,
    stored: &Stored,
    new: &NewPaper,
    faults: &mut Vec<Fault>,
) -> Result<Option<(String, MandateId)>> {
    faults.extend(form_fault(&new.forms).map(|code| Fault::at("/forms", code)));
    let named = text::line(new.acting_for.as_deref().unwrap_or_default());
    let giver = match (named, new.forms.contains(&SigningForm::Tuq)) {
        (Err(code), _) => {
            faults.push(Fault::at("/acting_for", code));
            return Ok(None);
        }
        (Ok(giver), true) if giver.is_empty() => {
            faults.push(Fault::at("/acting_for", "required"));
            return Ok(None);
        }
        (Ok(giver), false) => {
            if !giver.is_empty() {
                faults.push(Fault::at("/acting_for", "only-with-tuq"));
            }
            return Ok(None);
        }
        (Ok(giver), true) => giver,
    };
    let held = held_of(tx, stored, &giver, new.date)?;
    let signer = text::folded(&new.signer);
    match held.iter().find(|(_, holder)| text::folded(holder) == signer) {
        Some((mandate, _)) => return Ok(Some((giver, *mandate))),
        None if held.is_empty() => faults.push(Fault::at("/acting_for", "no-mandate")),
        None => faults.push(Fault::at("/signer", "not-the-holder")),
    }
    Ok(None)
}

/// Mandates of this giver, where the dossier was approved, that covered it on this day: each with its holder's name.
fn held_of(
    tx: &mut ReadTx<'_>,
    stored: &Stored,
    giver: &str,
    day: NaiveDate,
) -> Result<Vec<(MandateId, String)>> {
    let in_force = stored.dossier.revision_in_force;
    let approves = |step: &StoredStep| {
        step.step.role == Role::Approver
            && step.step.state == StepState::Done
            && Some(step.revision) == in_force
    };
    let chain: Vec<StoredStep> =
        steps::list(tx, stored.dossier.id)?.into_iter().filter(|step| approves(step)).collect();
    let places: Vec<OrganisationId> = chain.iter().map(|step| step.step.organisation).collect();
    let (direction, rank) = (stored.dossier.direction, stored.content.rank);
    let mut given = mandates::covering(tx, Role::Approver, &places, day)?;
    given.retain(|mandate| {
        let of_step = |step: &StoredStep| {
            step.step.organisation == mandate.organisation && mandate.limits.cover_step(&step.step.kind)
        };
        mandate.limits.cover(direction, rank) && chain.iter().any(of_step)
    });
    let people: Vec<AccountId> = given.iter().flat_map(|mandate| [mandate.giver, mandate.holder]).collect();
    let known = accounts::load_many(tx, &people)?;
    let name = |id: AccountId| {
        let account = known.iter().find(|account| account.id == id);
        account.map(|account| account.display_name.clone()).unwrap_or_default()
    };
    let is_giver = |id: AccountId| text::folded(&name(id)) == text::folded(giver);
    let held = given.iter().filter(|mandate| is_giver(mandate.giver));
    Ok(held.map(|mandate| (mandate.id, name(mandate.holder))).collect())
}
