//! What happened to a dossier, from the journal. The names of members are read at the time of reading, from values that
//! are erased with their person: the journal's own entries hold none.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::codes::codes;
use crate::domain::ids::DossierId;
use crate::service::{Context, Result, delegations};
use crate::store::ReadTx;
use crate::store::journal::{self, Filter, Listed};

codes! {
    /// What an edit did with a member.
    MemberMove {
        /// Put on the list.
        Added = "added",
        /// Changed there.
        Changed = "changed",
        /// Taken off it.
        Removed = "removed",
        /// One of the first two: the list came from another dossier, of which this one does not tell.
        Stated = "stated",
    }
}

/// A member of whom an entry tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MemberTold {
    /// The member.
    pub member_id: String,
    /// What was done.
    pub what: MemberMove,
    /// The name then; absent once the person was erased.
    pub name: Option<String>,
}

/// One line of a dossier's history.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HistoryItem {
    /// Position in the journal.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; absent for the system.
    pub actor_id: Option<String>,
    /// What.
    pub action: String,
    /// Members of whom it tells.
    pub members: Vec<MemberTold>,
    /// Values that were not erased.
    pub values: BTreeMap<String, String>,
}

/// Not a dossier's history: denials belong to the auditor's journal.
const DENIALS: &[&str] = &["access.denied"];
/// Nor a deed: papers that were only taken to be read.
const READINGS: &[&str] = &["access.denied", "paper.downloaded", "paper.handed_out", "paper.rendered"];

/// The last things that were done to a dossier, newest first, without those who only took its papers.
///
/// # Errors
/// `NotFound` where the actor may not know of it.
pub fn deeds(tx: &mut ReadTx<'_>, ctx: &Context, id: DossierId, limit: i64) -> Result<Vec<HistoryItem>> {
    told(tx, ctx, id, (None, limit), READINGS)
}

/// The history of a dossier, newest first.
///
/// # Errors
/// `NotFound` where the actor may not know of it.
pub fn history(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    id: DossierId,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<HistoryItem>> {
    told(tx, ctx, id, (before, limit), DENIALS)
}

fn told(
    tx: &mut ReadTx<'_>,
    ctx: &Context,
    id: DossierId,
    (before, limit): (Option<i64>, i64),
    except: &'static [&'static str],
) -> Result<Vec<HistoryItem>> {
    delegations::get(tx, ctx, id)?;
    let filter = Filter {
        object_kind: Some("dossier".to_owned()),
        object_id: Some(id.to_string()),
        before,
        except,
        ..Filter::default()
    };
    let listed = journal::list(tx, &filter, limit)?;
    let told = Told::of(tx, id, &listed)?;
    let item = |listed: Listed| HistoryItem {
        members: told.members(&listed),
        seq: listed.seq,
        at: listed.at,
        actor_id: listed.actor_id,
        action: listed.action,
        values: listed.values.into_iter().collect(),
    };
    Ok(listed.into_iter().map(item).collect())
}

const MEMBERS: &str = "/members/";

/// Everything that was ever told of the members in question, oldest first.
struct Told {
    ever: Vec<(i64, String, String)>,
    copied: bool,
}

impl Told {
    fn of(tx: &mut ReadTx<'_>, id: DossierId, listed: &[Listed]) -> Result<Self> {
        let all = listed.iter().flat_map(|entry| &entry.values);
        let mut pointers: Vec<String> =
            all.map(|(name, _)| name).filter(|name| name.starts_with(MEMBERS)).cloned().collect();
        pointers.sort_unstable();
        pointers.dedup();
        if pointers.is_empty() {
            return Ok(Self { ever: Vec::new(), copied: false });
        }
        let copied = Filter {
            object_kind: Some("dossier".to_owned()),
            object_id: Some(id.to_string()),
            action: Some("delegation.copied".to_owned()),
            ..Filter::default()
        };
        Ok(Self {
            ever: journal::told_of(tx, "dossier", &id.to_string(), &pointers)?,
            copied: !journal::list(tx, &copied, 1)?.is_empty(),
        })
    }

    fn members(&self, entry: &Listed) -> Vec<MemberTold> {
        let of_members = entry
            .values
            .iter()
            .filter_map(|(pointer, value)| Some((pointer, pointer.strip_prefix(MEMBERS)?, value.as_str())));
        let told = |(pointer, member, value): (&String, &str, &str)| {
            let earlier: Vec<&str> = self
                .ever
                .iter()
                .filter(|(seq, name, _)| *seq < entry.seq && name == pointer)
                .map(|(_, _, value)| value.as_str())
                .collect();
            let what = match (value, earlier.last()) {
                ("null", _) => MemberMove::Removed,
                (_, Some(&"null")) => MemberMove::Added,
                (_, Some(_)) => MemberMove::Changed,
                (_, None) if self.copied => MemberMove::Stated,
                (_, None) => MemberMove::Added,
            };
            let name = full_name(value).or_else(|| earlier.iter().rev().find_map(|value| full_name(value)));
            MemberTold { member_id: member.to_owned(), what, name }
        };
        of_members.map(told).collect()
    }
}

fn full_name(value: &str) -> Option<String> {
    let member: Value = serde_json::from_str(value).ok()?;
    Some(member.get("full_name")?.as_str()?.to_owned())
}
