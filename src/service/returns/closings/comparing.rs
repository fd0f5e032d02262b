//! A closed period against the present: which figures and dossiers are others now, and what was done to them since.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{FrozenFile, Manifest, corrupt, opened, organisation};
use crate::clock::day_in_vietnam;
use crate::domain::access::Action;
use crate::domain::codes::Lang;
use crate::domain::ids::{ClosingId, OrganisationId};
use crate::domain::refusal::Refusal;
use crate::domain::report::changes::{self, DossierChange, FigureChange};
use crate::domain::report::{Period, Window};
use crate::service::returns::memo::{Question, Version};
use crate::service::returns::{Failure, Format, Wanted, build, of_organisation};
use crate::service::{Context, Result};
use crate::store::closings::{self, Closing};
use crate::store::organisations::Organisation;
use crate::store::{ReadTx, journal};

/// Most entries of the journal that are named for one period, the newest ones.
const MOST_REASONS: i64 = 10_000;

/// What a covering letter needs: what differs since the period was closed, and what was done to it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Changes {
    /// The closing that is compared with.
    pub since: ClosingId,
    /// Its number.
    pub no: i32,
    /// When it was closed.
    pub closed_at: DateTime<Utc>,
    /// Figures that are others now.
    pub figures: Vec<FigureChange>,
    /// Dossiers that are others now.
    pub dossiers: Vec<ChangedDossier>,
}

impl Changes {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.figures.is_empty() && self.dossiers.is_empty()
    }
}

/// A dossier that touches a closed period.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangedDossier {
    /// What differs.
    #[serde(flatten)]
    pub change: DossierChange,
    /// What was done to it since, with reasons.
    pub events: Vec<Since>,
}

/// Something that was done to a dossier after the period was closed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Since {
    /// Number in the journal.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub action: String,
    /// By whom.
    pub actor_id: Option<String>,
    /// Why, where a reason was given.
    pub reason: Option<String>,
}

/// What became different in a closed period: late entries and edits, with their reasons.
///
/// # Errors
/// `NotFound` where nothing is closed or out of reach; inside, why there is no return.
pub fn changes(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    (period, window): (Period, Window),
    named: Option<OrganisationId>,
) -> Result<std::result::Result<Arc<Changes>, Failure>> {
    let whose = organisation(tx, ctx, Action::ReadReturn, named)?;
    let closing = closings::of_period(tx, whose.id, period, window)?.pop().ok_or(Refusal::NotFound)?;
    let question = Question::Open(of_organisation(&whose), period, window, Lang::Vi);
    let version = Version::now(tx)?;
    ctx.settings
        .counted
        .changes
        .get(question, version, || compare(tx, ctx, (period, window), &whose, closing))
}

/// What differs between a closing and the return as it would be made now.
fn compare(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    (period, window): (Period, Window),
    whose: &Organisation,
    closing: Closing,
) -> Result<std::result::Result<Changes, Failure>> {
    let manifest: Manifest = serde_json::from_str(&closing.manifest).map_err(corrupt)?;
    let is = |file: &&FrozenFile| file.format == Format::Json && file.lang == Lang::Vi;
    let file = manifest.files.iter().find(is).ok_or_else(|| corrupt("it has no JSON"))?;
    let closed: Value = serde_json::from_slice(&opened(tx, ctx, closing.id, file)?).map_err(corrupt)?;
    let as_of = day_in_vietnam(tx.now());
    let wanted = Wanted { period, window, as_of, format: Format::Json, table: None, lang: Lang::Vi };
    let now = match build(tx, &of_organisation(whose), &wanted, &ctx.settings.rulebooks)? {
        Ok(form) => serde_json::to_value(form).map_err(corrupt)?,
        Err(error) => return Ok(Err(error.into())),
    };
    let found = changes::between(&closed, &now);
    let ids = found.dossiers.iter().map(|change| change.id.clone()).collect();
    let mut events = since(tx, ids, closing.closed_at)?;
    let changed = |change: DossierChange| {
        let events = events.remove(&change.id).unwrap_or_default();
        ChangedDossier { change, events }
    };
    let dossiers = found.dossiers.into_iter().map(changed).collect();
    let Closing { id, no, closed_at, .. } = closing;
    Ok(Ok(Changes { since: id, no, closed_at, figures: found.figures, dossiers }))
}

/// What was done to these dossiers since, by dossier, the newest first.
fn since(
    tx: &mut ReadTx<'_>,
    dossiers: Vec<String>,
    from: DateTime<Utc>,
) -> Result<BTreeMap<String, Vec<Since>>> {
    let mut events: BTreeMap<String, Vec<Since>> = BTreeMap::new();
    if dossiers.is_empty() {
        return Ok(events);
    }
    let filter = journal::Filter {
        object_kind: Some("dossier".to_owned()),
        object_ids: dossiers,
        from: Some(from),
        ..journal::Filter::default()
    };
    for entry in journal::list(tx, &filter, MOST_REASONS)? {
        let journal::Listed { seq, at, action, actor_id, object_id, values, .. } = entry;
        let reason = values.into_iter().find(|(name, _)| name == "reason").map(|(_, text)| text);
        events.entry(object_id).or_default().push(Since { seq, at, action, actor_id, reason });
    }
    Ok(events)
}
