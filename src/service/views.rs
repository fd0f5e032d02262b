//! Dossiers as the API shows them: codes, never words; the same for every reader who may see the dossier, except
//! for the commands, which are those of this reader in this state.

mod chain;
mod earlier;
mod history;
mod inbox;
mod listing;
mod standing;
mod waiting;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::papers::issued::{Beside, PaperStanding, SignedFileView, TextView};
use super::{Context, Result, alerts, decisions, delegations, opinions, rules};
use crate::clock::in_vietnam;
use crate::domain::access::{Action, Reach};
use crate::domain::alert::Alert;
use crate::domain::codes::{Channel, Direction, Field, Outcome, Rank, SigningForm};
use crate::domain::delegation::Content;
use crate::domain::dossier::{Command, State, expected, is_early, next};
use crate::domain::ids::{AccountId, DossierId, OrganisationId, PaperId};
use crate::domain::obligation::Recipient;
use crate::domain::refusal::Refusal;
use crate::domain::revision::differences;
use crate::store::dossiers::{self, Filter, Stored};
use crate::store::papers::{self, Paper, PaperKind};
use crate::store::revisions::{self, RevisionOutcome};
use crate::store::{ReadTx, obligations, rulebooks};

pub use chain::{ActingForView, DecisionView, OpinionView, StepView, chain};
pub use earlier::{Earlier, earlier};
pub use history::{HistoryItem, MemberMove, MemberTold, deeds, history};
pub use inbox::{Filed, InboxItem, Stuck, filed, inbox};
pub use listing::{found, mark, sorted};
pub use standing::{Gist, Recommended, Standing, gists, standing, standings};
pub use waiting::Waiting;

/// Incoming number and time.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Incoming {
    /// Number.
    pub number: String,
    /// Time, on Vietnam's clock.
    pub at: String,
}

/// An issued paper.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IssuedPaperView {
    /// Id.
    pub id: PaperId,
    /// What the software says of it: approved in the system, until its signed file is kept with it.
    pub standing: PaperStanding,
    /// Kind.
    pub kind: PaperKind,
    /// For which revision.
    pub revision: i32,
    /// Number, with a leading zero below 10.
    pub number: String,
    /// Symbol.
    pub symbol: String,
    /// Date.
    pub date: NaiveDate,
    /// Who signed.
    pub signer: String,
    /// Signing forms.
    pub forms: Vec<SigningForm>,
    /// Signed by mandate (TUQ.): in whose place, as printed.
    pub acting_for: Option<String>,
    /// First day of validity.
    pub valid_from: Option<NaiveDate>,
    /// Last day of validity.
    pub valid_to: Option<NaiveDate>,
    /// SHA-256 of the signed file.
    pub sha256: Option<String>,
    /// The signed file, once it was uploaded.
    pub signed_file: Option<SignedFileView>,
    /// Its text as issued, which never changes; empty where it was written elsewhere.
    pub texts: Vec<TextView>,
    /// The templates that made this text.
    pub template: Option<String>,
    /// Its number is of our own register.
    pub registered: bool,
    /// It bears a code that leads to a check page.
    pub can_be_checked: bool,
    /// To whom it goes (Nơi nhận).
    pub recipients: Vec<Recipient>,
}

impl IssuedPaperView {
    fn of(paper: Paper, beside: &Beside) -> Self {
        let signed_file = beside.signed(paper.id);
        let sha256 = signed_file.as_ref().map(|file| file.sha256.clone()).or(paper.sha256);
        Self {
            id: paper.id,
            standing: match sha256 {
                Some(_) => PaperStanding::SignedFileOnRecord,
                None => PaperStanding::ApprovedInSystem,
            },
            kind: paper.kind,
            revision: paper.revision,
            number: printed_number(&paper.number),
            symbol: paper.symbol,
            date: paper.dated_on,
            signer: paper.signer,
            forms: paper.forms,
            acting_for: paper.acting_for.map(|(giver, _)| giver),
            valid_from: paper.valid_from,
            valid_to: paper.valid_to,
            sha256,
            signed_file,
            texts: beside.texts(paper.id),
            template: paper.template,
            registered: paper.registered,
            can_be_checked: paper.check_hash.is_some(),
            recipients: paper.recipients,
        }
    }
}

/// Numbers below 10 take a leading zero (Nghị định 30/2020/NĐ-CP, Điều 15).
#[must_use]
pub fn printed_number(number: &str) -> String {
    if number.len() == 1 && number.bytes().all(|b| b.is_ascii_digit()) {
        format!("0{number}")
    } else {
        number.to_owned()
    }
}

/// A delegation, whole.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DelegationView {
    /// Id.
    pub id: DossierId,
    /// Official number; drafts have none.
    pub code: Option<String>,
    /// The organisation that filed it.
    pub organisation_id: OrganisationId,
    /// State.
    pub state: State,
    /// Since when.
    pub state_since: DateTime<Utc>,
    /// Fate that is not a state.
    pub outcome: Option<Outcome>,
    /// The dossier that it repeats, where the reader may know of it.
    pub duplicate_of: Option<DossierId>,
    /// Version, for `If-Match`.
    pub version: i64,
    /// Rounds so far.
    pub revision: i32,
    /// The approved round that counts.
    pub revision_in_force: Option<i32>,
    /// Version of the rulebook.
    pub rulebook_version: i32,
    /// Day by which a supplement is due.
    pub supplement_due_on: Option<NaiveDate>,
    /// Incoming number and time.
    pub incoming: Option<Incoming>,
    /// The permit in force; without one there is no permission on paper yet.
    pub permit: Option<IssuedPaperView>,
    /// All issued papers.
    pub papers: Vec<IssuedPaperView>,
    /// Actual first day.
    pub actual_arrives_on: Option<NaiveDate>,
    /// Actual last day.
    pub actual_departs_on: Option<NaiveDate>,
    /// When the report came.
    pub reported_at: Option<DateTime<Utc>>,
    /// Who registered it.
    pub created_by: AccountId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Who must act, since when, until when.
    pub waiting_for: Vec<Waiting>,
    /// Ids of rules that the last submission did not keep, overridden ones included: `explain` tells the rest.
    pub warnings: Vec<String>,
    /// What this reader may do with it now.
    pub commands: Vec<Command>,
    /// The one of them that is expected next; absent where somebody else must act, or nobody.
    pub expected_command: Option<Command>,
    /// Those of them that are legal and not due: a report before the visit is over.
    pub early_commands: Vec<Command>,
    /// What must not be overlooked today.
    pub alerts: Vec<Alert>,
    /// Its content.
    #[serde(flatten)]
    pub content: Content,
}

/// A delegation in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DelegationItem {
    /// Id.
    pub id: DossierId,
    /// Official number.
    pub code: Option<String>,
    /// Direction.
    pub direction: Direction,
    /// Name.
    pub title: String,
    /// The organisation that filed it.
    pub organisation_id: OrganisationId,
    /// The body that hosts.
    pub lead_host_id: Option<OrganisationId>,
    /// State.
    pub state: State,
    /// Since when.
    pub state_since: DateTime<Utc>,
    /// Fate that is not a state.
    pub outcome: Option<Outcome>,
    /// Version.
    pub version: i64,
    /// Countries.
    pub countries: Vec<String>,
    /// Field of work.
    pub primary_field: Option<Field>,
    /// Rank.
    pub rank: Option<Rank>,
    /// Channel.
    pub channel: Option<Channel>,
    /// Planned first day.
    pub arrives_on: Option<NaiveDate>,
    /// Planned last day.
    pub departs_on: Option<NaiveDate>,
    /// Actual first day.
    pub actual_arrives_on: Option<NaiveDate>,
    /// Actual last day.
    pub actual_departs_on: Option<NaiveDate>,
    /// Whether only named accounts may see it.
    pub confidential: bool,
}

impl From<Stored> for DelegationItem {
    fn from(stored: Stored) -> Self {
        let (dossier, content) = (stored.dossier, stored.content);
        Self {
            id: dossier.id,
            code: dossier.code,
            direction: dossier.direction,
            organisation_id: dossier.organisation,
            state: dossier.state,
            state_since: stored.state_since,
            outcome: dossier.outcome,
            version: dossier.version,
            arrives_on: content.starts_on(),
            departs_on: content.ends_on(),
            actual_arrives_on: stored.actual_starts_on,
            actual_departs_on: stored.actual_ends_on,
            title: content.title,
            lead_host_id: content.lead_host_id,
            countries: content.countries,
            primary_field: content.primary_field,
            rank: content.rank,
            channel: content.channel,
            confidential: content.confidential,
        }
    }
}

/// The right that a command needs.
fn action_of(command: Command) -> Option<Action> {
    Some(match command {
        Command::Save | Command::Amend => Action::Edit,
        Command::Submit | Command::Recall => Action::Submit,
        Command::Receive => Action::Receive,
        Command::Advance => Action::Decide,
        Command::RecordOpinion => Action::RecordOpinion,
        Command::Issue => Action::Issue,
        Command::Report => Action::ReportVisit,
        Command::Close => Action::Close,
        Command::Cancel => Action::Cancel,
        Command::Revoke => Action::Revoke,
        Command::Duplicate => Action::MarkDuplicate,
        // Ends of a decision, or of time: nobody asks for them as such.
        Command::Approve | Command::Return | Command::Reject | Command::Lapse => return None,
    })
}

/// Refuses a command that is not offered: not this actor's, not this actor's turn, or not legal now.
///
/// # Errors
/// `Forbidden` (journalled where no role of the actor's has the right), `NotYourTurn`, `IllegalMove`.
pub fn must_be_offered(ctx: &Context, view: &DelegationView, command: Command) -> Result<()> {
    if view.commands.contains(&command) {
        return Ok(());
    }
    let legal = next(view.state, command).is_some();
    Err(match action_of(command).filter(|_| legal) {
        Some(action) if ctx.actor.reach(action) == Reach::Never => {
            ctx.denied(Refusal::Forbidden(action), action, "dossier", view.id)
        }
        Some(Action::Decide | Action::RecordOpinion) => Refusal::NotYourTurn.into(),
        Some(action) => Refusal::Forbidden(action).into(),
        None => Refusal::illegal(view.state, command).into(),
    })
}

/// One delegation, as shown to the actor.
///
/// # Errors
/// `NotFound` where the actor may not know of it.
pub fn delegation(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> Result<DelegationView> {
    let stored = delegations::get(tx, ctx, id)?;
    let papers: Vec<Paper> = papers::of_dossiers(tx, &[id])?.into_iter().map(|(_, paper)| paper).collect();
    let in_force = stored.dossier.revision_in_force;
    let permit = alerts::permit_in_force(&papers, &stored);
    // Whose original is hidden has none to this reader.
    let duplicate_of = match stored.duplicate_of {
        Some(of) => dossiers::load(tx, &ctx.actor.scope(Action::ReadDossier), of)?.map(|_seen| of),
        None => None,
    };
    let beside = Beside::of(tx, &papers)?;
    let owed = obligations::of_dossier(tx, id)?;
    let local = in_vietnam(tx.now()).naive_local();
    let alerts = alerts::of(&stored, &papers, &owed, &ctx.settings.calendar, local);
    let last = stored.dossier.revision;
    let noted = rulebooks::noted(tx, &[id])?.into_iter().map(|(_, finding)| finding);
    let warnings = noted.filter(|finding| finding.revision == last).map(|finding| finding.rule).collect();
    let mut commands = Vec::new();
    for command in stored.dossier.legal() {
        let Some(action) = action_of(command) else { continue };
        let may = match action {
            Action::Decide => decisions::turn_of(tx, ctx, &stored)?.is_some(),
            Action::RecordOpinion => opinions::may_record(tx, ctx, &stored)?,
            _ => delegations::may(tx, ctx, action, &stored)?,
        };
        if may {
            commands.push(command);
        }
    }
    let waiting_for = waiting::waiting_for(tx, ctx, &stored)?;
    // The last day itself still belongs to the visit.
    let over = stored.content.ends_on().is_some_and(|day| day < local.date());
    let expected_command = expected(stored.dossier.state, over, &commands);
    let early_commands = commands.iter().copied().filter(|command| is_early(*command, over)).collect();
    let dossier = stored.dossier;
    Ok(DelegationView {
        id,
        code: dossier.code,
        organisation_id: dossier.organisation,
        state: dossier.state,
        state_since: stored.state_since,
        outcome: dossier.outcome,
        duplicate_of,
        version: dossier.version,
        revision: dossier.revision,
        revision_in_force: in_force,
        rulebook_version: stored.rulebook_version,
        supplement_due_on: stored.supplement_due_on.filter(|_| dossier.state == State::Returned),
        incoming: stored.incoming.map(|(number, at)| Incoming { number, at: in_vietnam(at).to_rfc3339() }),
        permit: permit.cloned().map(|permit| IssuedPaperView::of(permit, &beside)),
        papers: papers.into_iter().map(|paper| IssuedPaperView::of(paper, &beside)).collect(),
        actual_arrives_on: stored.actual_starts_on,
        actual_departs_on: stored.actual_ends_on,
        reported_at: stored.reported_at,
        created_by: stored.created_by,
        created_at: stored.created_at,
        waiting_for,
        warnings,
        commands,
        expected_command,
        early_commands,
        alerts,
        content: stored.content,
    })
}

/// A list of delegations within the actor's scope.
///
/// # Errors
/// `Error::Store` of the database.
pub fn list(tx: &mut ReadTx<'_>, ctx: &Context, filter: &Filter, limit: i64) -> Result<Vec<DelegationItem>> {
    let rows = dossiers::list(tx, &ctx.actor.scope(Action::ReadDossier), filter, limit)?;
    Ok(rows.into_iter().map(DelegationItem::from).collect())
}

/// Some delegations within the actor's scope, in no order.
///
/// # Errors
/// `Error::Store` of the database.
pub fn many(tx: &mut ReadTx<'_>, ctx: &Context, ids: &[DossierId]) -> Result<Vec<DelegationItem>> {
    let rows = dossiers::load_many(tx, &ctx.actor.scope(Action::ReadDossier), ids)?;
    Ok(rows.into_iter().map(DelegationItem::from).collect())
}

/// A round, with what changed since the one it is compared with.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RevisionView {
    /// Number.
    pub no: i32,
    /// Hash that decisions bind to.
    pub content_hash: String,
    /// When it was submitted.
    pub submitted_at: DateTime<Utc>,
    /// By whom.
    pub submitted_by: AccountId,
    /// What became of it.
    pub outcome: Option<RevisionOutcome>,
    /// The round that it is compared with: the last one approved before it, else the one before.
    pub compared_with: Option<i32>,
    /// What changed since that round; empty for the first.
    pub changes: Vec<ChangeView>,
}

/// One changed value.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangeView {
    /// JSON pointer.
    pub pointer: String,
    /// Before.
    pub before: Option<Value>,
    /// After.
    pub after: Option<Value>,
    /// Whether it needed a new approval.
    pub material: bool,
}

/// The rounds of a dossier.
///
/// # Errors
/// `NotFound` where the actor may not know of it.
pub fn rounds(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId) -> Result<Vec<RevisionView>> {
    let stored = delegations::get(tx, ctx, id)?;
    let (_, book) = rules::book_of(tx, ctx, &stored)?;
    let mut before: Option<(i32, BTreeMap<String, Value>)> = None;
    let mut is_approved = false;
    let mut views = Vec::new();
    for revision in revisions::list(tx, id)? {
        let stored = revisions::values(tx, id, revision.no, false)?;
        let parsed = |value: String| serde_json::from_str(&value).unwrap_or(Value::Null);
        let after: BTreeMap<String, Value> =
            stored.into_iter().map(|(pointer, v)| (pointer, parsed(v))).collect();
        let material = |pointer: &str, old: Option<&Value>, new: Option<&Value>| {
            book.material.is_material(pointer, old, new)
        };
        let base = before.as_ref();
        let changed = base.map(|(_, base)| differences(base, &after, material)).unwrap_or_default();
        let change = |d: crate::domain::revision::Difference| ChangeView {
            pointer: d.pointer,
            before: d.before,
            after: d.after,
            material: d.material,
        };
        views.push(RevisionView {
            no: revision.no,
            content_hash: hex::encode(revision.content_hash),
            submitted_at: revision.submitted_at,
            submitted_by: revision.submitted_by,
            outcome: revision.outcome,
            compared_with: base.map(|(no, _)| *no),
            changes: changed.into_iter().map(change).collect(),
        });
        // What was refused once does not become known by being asked for again.
        if revision.outcome == Some(RevisionOutcome::Approved) || !is_approved {
            is_approved |= revision.outcome == Some(RevisionOutcome::Approved);
            before = Some((revision.no, after));
        }
    }
    Ok(views)
}
