//! What a dossier under consideration waits for, in one word, and what was said of it so far: for lists, where each row
//! is one of many. However many there are, they are read by a fixed number of statements.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{DelegationItem, StepView};
use crate::domain::access::Role;
use crate::domain::approval::{StepState, Verdict};
use crate::domain::codes::codes;
use crate::domain::dossier::State;
use crate::domain::ids::{AccountId, DossierId};
use crate::domain::rulebook;
use crate::service::{Context, Result};
use crate::store::{ReadTx, accounts, assessments, decisions, steps};

codes! {
    /// What an open step waits for.
    Standing {
        /// An appraiser's recommendation.
        Appraisal = "appraisal",
        /// The answer of a body on paper.
        Opinion = "opinion",
        /// An approver's decision.
        Approval = "approval",
    }
}

impl Standing {
    pub(super) fn at(role: Role, on_paper: bool) -> Self {
        match role {
            _ if on_paper => Self::Opinion,
            Role::Approver => Self::Approval,
            _ => Self::Appraisal,
        }
    }
}

/// What the open steps of one dossier wait for.
#[must_use]
pub fn standing(chain: &[StepView]) -> BTreeSet<Standing> {
    let open = chain.iter().filter(|step| step.state == StepState::Open);
    open.map(|step| Standing::at(step.role, step.body.is_some())).collect()
}

/// The same of each of these that is under consideration. They are of the actor's scope already.
///
/// # Errors
/// `Error::Store` of the database.
pub fn standings<'i>(
    tx: &mut ReadTx<'_>,
    items: impl IntoIterator<Item = &'i DelegationItem>,
) -> Result<BTreeMap<DossierId, BTreeSet<Standing>>> {
    let under = items.into_iter().filter(|item| item.state == State::Received);
    let ids: Vec<DossierId> = under.map(|item| item.id).collect();
    let mut all: BTreeMap<DossierId, BTreeSet<Standing>> = BTreeMap::new();
    if ids.is_empty() {
        return Ok(all);
    }
    for (id, stored) in steps::of_dossiers(tx, &ids)? {
        if stored.step.state == StepState::Open {
            let one = Standing::at(stored.step.role, stored.step.on_paper());
            all.entry(id).or_default().insert(one);
        }
    }
    Ok(all)
}

/// What somebody recommended, or else decided, in the round under decision.
#[derive(Debug, Clone)]
pub struct Recommended {
    /// What.
    pub verdict: Verdict,
    /// By name.
    pub name: String,
    /// In words.
    pub words: Option<String>,
}

/// What whoever decides has to know of one row before deciding it among others.
#[derive(Debug, Clone, Default)]
pub struct Gist {
    /// What was said in this round, the first first.
    pub said: Vec<Recommended>,
    /// Titles of the rules that are not kept and were not passed by, in Vietnamese and English, as of the last hearing.
    pub broken: Vec<(String, String)>,
    /// The day on which the visit begins.
    pub starts_on: Option<NaiveDate>,
}

/// The gist of each of these, which are of the actor's inbox already.
///
/// # Errors
/// `Error::Store` of the database.
pub fn gists<'i>(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    items: impl IntoIterator<Item = &'i DelegationItem>,
) -> Result<BTreeMap<DossierId, Gist>> {
    let mut all: BTreeMap<DossierId, Gist> = BTreeMap::new();
    for item in items {
        all.insert(item.id, Gist { starts_on: item.arrives_on, ..Gist::default() });
    }
    let ids: Vec<DossierId> = all.keys().copied().collect();
    let mut rounds: BTreeMap<DossierId, assessments::Kept> = BTreeMap::new();
    // The first round comes first: the last one stays.
    rounds.extend(assessments::of_many(tx, &ids)?);
    let decided = decisions::of_dossiers(tx, &ids)?;
    let who: Vec<AccountId> = decided.iter().map(|(_, decision)| decision.account).collect();
    let who = accounts::load_many(tx, &who)?;
    for (id, decision) in decided {
        let Some(gist) = all.get_mut(&id) else { continue };
        if rounds.get(&id).is_some_and(|round| round.revision != decision.revision) {
            continue;
        }
        let name = who.iter().find(|account| account.id == decision.account);
        gist.said.push(Recommended {
            verdict: decision.verdict,
            name: name.map(|account| account.display_name.clone()).unwrap_or_default(),
            words: decision.conditions.or(decision.comment),
        });
    }
    for (id, kept) in rounds {
        let book = ctx.settings.rulebooks.version(tx, kept.rulebook_version)?;
        let broken = kept
            .verdicts
            .iter()
            .filter(|said| said.verdict == rulebook::Verdict::Violated && !said.overridden);
        let titles = broken.filter_map(|said| {
            let rule = book.newest(&said.rule)?;
            Some((rule.title_vi.clone(), rule.title_en.clone()))
        });
        if let Some(gist) = all.get_mut(&id) {
            gist.broken = titles.collect();
        }
    }
    Ok(all)
}
