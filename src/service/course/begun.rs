//! What the form of a paper that is to be issued begins with: who approved, in whose place and under which signing forms,
//! and whether our own register will give the number. Everything of it can be typed over.

use std::collections::BTreeMap;

use super::permit;
use crate::domain::access::Action;
use crate::domain::approval::Verdict;
use crate::domain::codes::SigningForm;
use crate::domain::ids::{AccountId, DossierId};
use crate::service::papers::register;
use crate::service::{Context, Result, delegations};
use crate::store::decisions::{self, Decision};
use crate::store::dossiers::{self, Stored};
use crate::store::{ReadTx, accounts};

/// Who will have signed, as far as the decisions say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signing {
    /// The name of whoever decided last on what is permitted.
    pub signer: String,
    /// In whose place, by name.
    pub acting_for: Option<String>,
    /// The signing forms of that decision; under a mandate TUQ. is among them.
    pub forms: Vec<SigningForm>,
}

/// What the form of a dossier's paper begins with.
#[derive(Debug, Clone, Default)]
pub struct BegunPaper {
    /// Who signs.
    pub signing: Option<Signing>,
    /// Whether our own register gives the number.
    pub registered: bool,
}

/// What the form of this dossier's paper begins with.
///
/// # Errors
/// `NotFound` where the actor may not know of it; `Forbidden` to whoever issues nothing of it.
pub fn begun(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> Result<BegunPaper> {
    let stored = delegations::get(tx, ctx, id)?;
    let issuer = permit::issuer(tx, ctx, &stored)?;
    let registered = register::keeps(tx, ctx, issuer)?;
    Ok(BegunPaper { signing: signings(tx, &[stored])?.remove(&id), registered })
}

/// Who signs the papers of these dossiers, where the decisions say the same of all.
///
/// # Errors
/// `Error::Store` of the database.
pub fn common_signing(tx: &mut ReadTx<'_>, ctx: &Context, ids: &[DossierId]) -> Result<Option<Signing>> {
    let stored = dossiers::load_many(tx, &ctx.actor.scope(Action::Issue), ids)?;
    let all = signings(tx, &stored)?;
    let mut each = stored.iter().map(|one| all.get(&one.dossier.id));
    let first = each.next().flatten();
    Ok(first.filter(|first| each.all(|other| other == Some(*first))).cloned())
}

/// By dossier, from the last approval of the revision in force; by a fixed number of statements.
fn signings(tx: &mut ReadTx<'_>, stored: &[Stored]) -> Result<BTreeMap<DossierId, Signing>> {
    let ids: Vec<DossierId> = stored.iter().map(|one| one.dossier.id).collect();
    let mut last: BTreeMap<DossierId, Decision> = BTreeMap::new();
    for (id, decision) in decisions::of_dossiers(tx, &ids)? {
        let in_force =
            stored.iter().find(|one| one.dossier.id == id).and_then(|one| one.dossier.revision_in_force);
        let approves = matches!(decision.verdict, Verdict::Approve | Verdict::ApproveWithConditions);
        let is_later = last.get(&id).is_none_or(|known| known.made_at <= decision.made_at);
        if approves && is_later && Some(decision.revision) == in_force {
            last.insert(id, decision);
        }
    }
    let givers = last.values().filter_map(|decision| decision.acting_for).map(|giver| giver.account);
    let people: Vec<AccountId> = last.values().map(|decision| decision.account).chain(givers).collect();
    let people = accounts::load_many(tx, &people)?;
    let name = |id: AccountId| {
        let known = people.iter().find(|account| account.id == id);
        known.map(|account| account.display_name.clone()).unwrap_or_default()
    };
    let signing = |decision: Decision| {
        let acting_for = decision.acting_for.map(|giver| name(giver.account));
        let mut forms = decision.forms;
        if acting_for.is_some() && !forms.contains(&SigningForm::Tuq) {
            forms.push(SigningForm::Tuq);
        }
        Signing { signer: name(decision.account), acting_for, forms }
    };
    Ok(last.into_iter().map(|(id, decision)| (id, signing(decision))).collect())
}
