//! What a submission will lead to: the desk that receives it and who there is told, and the steps after it with who may
//! act on them. The same places, holders and chain as the commands'.

use super::chain::not_barred;
use super::{at_desk, owner_of};
use crate::domain::access::{Action, Role};
use crate::domain::approval::Term;
use crate::domain::ids::{AccountId, DossierId, OrganisationId};
use crate::domain::refusal::Refusal;
use crate::service::{Context, Result, delegations, organisations as tree, rules};
use crate::store::{ReadTx, accounts, dossiers, people};

/// A step to come.
#[derive(Debug, Clone)]
pub struct NextStep {
    /// Words, in Vietnamese.
    pub title_vi: String,
    /// Words, in English.
    pub title_en: String,
    /// Where.
    pub organisation: OrganisationId,
    /// Who there.
    pub role: Role,
    /// The body that answers on paper, in Vietnamese and English.
    pub body: Option<(String, String)>,
    /// Names of those who may act.
    pub people: Vec<String>,
    /// How long it may take.
    pub clock: Option<Term>,
}

/// What a submission will lead to.
#[derive(Debug, Clone)]
pub struct Foreseen {
    /// The desk that receives it; everybody who is named there is told by mail at once.
    pub desk: NextStep,
    /// The steps after it, as far as they are certain.
    pub steps: Vec<NextStep>,
}

/// What submitting this dossier now will lead to.
///
/// # Errors
/// `NotFound` where the actor may not know of it; `Forbidden` to whoever may not submit it.
pub fn foreseen(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> Result<Foreseen> {
    let stored = delegations::get(tx, ctx, id)?;
    if !delegations::may(tx, ctx, Action::Submit, &stored)? {
        return Err(ctx.denied(Refusal::Forbidden(Action::Submit), Action::Submit, "dossier", id));
    }
    let owner = owner_of(tx, &stored)?;
    let (_, book) = ctx.settings.rulebooks.active(tx)?;
    let facts = rules::facts_of(tx, ctx, &stored)?;
    let receive = &book.chain.receive;
    let (organisation, holders) = at_desk(tx, receive, &owner)?;
    let desk = NextStep {
        title_vi: receive.title_vi.clone(),
        title_en: receive.title_en.clone(),
        organisation: organisation.id,
        role: receive.role,
        body: None,
        people: names(tx, &holders)?,
        clock: receive.clock,
    };
    // Whoever submits it is barred by that.
    let mut barred = dossiers::authors(tx, id)?;
    if let Some(person) = ctx.actor.person {
        barred.extend(people::aliases(tx, person)?);
    }
    let mut steps = Vec::new();
    for (_, planned) in book.chain.steps_for(&facts) {
        let organisation = tree::place(tx, planned.at, &owner)?.id;
        let mut holders = accounts::holders(tx, planned.role, organisation)?;
        if planned.body.is_none() {
            holders = not_barred(tx, &holders, &barred)?;
        }
        let body = planned.body.as_deref().and_then(|code| book.chain.body(code));
        steps.push(NextStep {
            title_vi: planned.title_vi.clone(),
            title_en: planned.title_en.clone(),
            organisation,
            role: planned.role,
            body: body.map(|body| (body.name_vi.clone(), body.name_en.clone())),
            people: names(tx, &holders)?,
            clock: planned.clock,
        });
    }
    Ok(Foreseen { desk, steps })
}

fn names(tx: &mut ReadTx<'_>, ids: &[AccountId]) -> Result<Vec<String>> {
    let mut names: Vec<String> =
        accounts::load_many(tx, ids)?.into_iter().map(|account| account.display_name).collect();
    names.sort();
    Ok(names)
}
