//! Approval with conditions: what is struck out leaves the live content when the last step approves; the frozen
//! revision and the decision keep it. What was struck comes back by a new approval alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::NewDecision;
use crate::domain::approval::{StepState, Verdict};
use crate::domain::codes::{Attendance, Direction, MemberRole};
use crate::domain::dossier::Change;
use crate::domain::ids::{DossierId, MemberId, PersonId};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::revision::freeze_content;
use crate::domain::text;
use crate::service::{Result, course, delegations};
use crate::store::decisions::{self, Decision, Struck};
use crate::store::dossiers::{self, Stored};
use crate::store::people::{self, Member};
use crate::store::steps::{self, StoredStep};
use crate::store::{ReadTx, WriteTx, revisions};

/// The conditions as sent, checked: they belong to one verdict, and name what is there. The head stays.
pub(super) fn checked(
    tx: &mut WriteTx<'_>,
    stored: &Stored,
    new: &NewDecision,
) -> Result<(Option<String>, Struck)> {
    let mut faults = Vec::new();
    if new.decision != Verdict::ApproveWithConditions {
        for (pointer, is_said) in [
            ("/conditions", !new.conditions.is_empty()),
            ("/strike_members", !new.strike_members.is_empty()),
            ("/strike_programme", !new.strike_programme.is_empty()),
        ] {
            if is_said {
                faults.push(Fault::at(pointer, "only-with-conditions"));
            }
        }
        Refusal::unless_empty(faults)?;
        return Ok((None, Struck::default()));
    }
    let strikes = !new.strike_members.is_empty() || !new.strike_programme.is_empty();
    // What is struck out is a condition by itself.
    let conditions = match strikes {
        true => text::block(&new.conditions).map_err(|code| Refusal::field("/conditions", code))?,
        false => course::reason("/conditions", &new.conditions)?,
    };
    let members = people::members_of(tx, stored.dossier.id)?;
    let mut seen = BTreeSet::new();
    for (i, id) in new.strike_members.iter().enumerate() {
        let code = match members.iter().find(|member| member.id == *id) {
            None => Some("unknown-member"),
            Some(member) if member.role == MemberRole::Head => Some("head-stays"),
            Some(_) if !seen.insert(*id) => Some("listed-twice"),
            Some(_) => None,
        };
        faults.extend(code.map(|code| Fault::at(format!("/strike_members/{i}"), code)));
    }
    let mut places = BTreeSet::new();
    for (i, place) in new.strike_programme.iter().enumerate() {
        let code = match stored.content.programme.get(*place) {
            None => Some("unknown-item"),
            Some(_) if !places.insert(*place) => Some("listed-twice"),
            Some(_) => None,
        };
        faults.extend(code.map(|code| Fault::at(format!("/strike_programme/{i}"), code)));
    }
    Refusal::unless_empty(faults)?;
    let struck = Struck { members: seen.into_iter().collect(), programme: places.into_iter().collect() };
    leaves_a_delegation(tx, stored, &struck)?;
    Ok((Some(conditions).filter(|conditions| !conditions.is_empty()), struck))
}

/// At least one guest must remain, named or not; of those who go abroad, the head does.
pub(super) fn leaves_a_delegation(tx: &mut ReadTx<'_>, stored: &Stored, struck: &Struck) -> Result<()> {
    if struck.members.is_empty() || stored.dossier.direction == Direction::Outbound {
        return Ok(());
    }
    let members = people::members_of(tx, stored.dossier.id)?;
    let stays = |member: &&Member| member.guest && !struck.members.contains(&member.id);
    let unnamed: u32 = stored.content.groups.iter().map(|group| group.planned).sum();
    match members.iter().any(|member| stays(&member)) || unnamed > 0 {
        true => Ok(()),
        false => Err(Refusal::field("/strike_members", "no-guest-left").into()),
    }
}

/// Takes what is struck out of the live content. Who came all the same is a fact, and is now an addition.
pub(super) fn strike(
    tx: &mut WriteTx<'_>,
    stored: &Stored,
    struck: &Struck,
    mut change: Change,
) -> Result<Change> {
    let id = stored.dossier.id;
    let members = people::members_of(tx, id)?;
    for member in members.into_iter().filter(|member| struck.members.contains(&member.id)) {
        let pointer = format!("/members/{}", member.id);
        let person = member.person_id;
        let came = matches!(member.attendance, Attendance::Came | Attendance::Added);
        let value = if came {
            let added = Member { attendance: Attendance::Added, ..member };
            people::update_member(tx, id, &added)?;
            serde_json::to_string(&added).unwrap_or_default()
        } else {
            people::delete_member(tx, id, member.id)?;
            "null".to_owned()
        };
        change = change.telling_of(person, pointer, value);
    }
    if struck.programme.is_empty() {
        return Ok(change);
    }
    let mut content = stored.content.clone();
    let items = std::mem::take(&mut content.programme).into_iter().enumerate();
    content.programme =
        items.filter(|(place, _)| !struck.programme.contains(place)).map(|(_, item)| item).collect();
    dossiers::write_content(tx, id, &content)?;
    let programme = freeze_content(&content).into_iter().find(|frozen| frozen.pointer == "/programme");
    Ok(change.telling("/programme", programme.map_or_else(|| "[]".to_owned(), |frozen| frozen.value)))
}

/// What was struck out of a revision when it was approved: by the last stage; before it, strikes were proposals.
fn applied(tx: &mut ReadTx<'_>, id: DossierId, revision: i32) -> Result<Vec<Struck>> {
    let decided = decisions::list(tx, id)?;
    let conditional = |decision: &&Decision| decision.revision == revision && !decision.struck.is_empty();
    if !decided.iter().any(|decision| conditional(&decision)) {
        return Ok(Vec::new());
    }
    let done = |step: &StoredStep| step.revision == revision && step.step.state == StepState::Done;
    let steps: Vec<_> = steps::list(tx, id)?.into_iter().filter(done).map(|step| step.step).collect();
    let last = steps.iter().map(|step| (step.lap, step.stage)).max();
    let is_last = |decision: &&Decision| {
        steps.iter().any(|step| step.id == decision.step && Some((step.lap, step.stage)) == last)
    };
    let of_last = decided.iter().filter(conditional).filter(is_last);
    Ok(of_last.map(|decision| decision.struck.clone()).collect())
}

/// Whether an edit after approval brings back what the approval struck out: a person who was struck, or, where items
/// of the programme were, any further item.
///
/// # Errors
/// `Error::Store` of the database.
pub(in crate::service) fn is_struck_again(
    tx: &mut ReadTx<'_>,
    stored: &Stored,
    before: &BTreeMap<String, Value>,
    after: &BTreeMap<String, Value>,
) -> Result<bool> {
    let id = stored.dossier.id;
    let Some(in_force) = stored.dossier.revision_in_force else { return Ok(false) };
    let struck = applied(tx, id, in_force)?;
    if struck.is_empty() {
        return Ok(false);
    }
    let items = |values: &BTreeMap<String, Value>| {
        values.get("/programme").and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let (old, new) = (items(before), items(after));
    if struck.iter().any(|struck| !struck.programme.is_empty()) && new.iter().any(|item| !old.contains(item))
    {
        return Ok(true);
    }
    let gone: Vec<MemberId> = struck.iter().flat_map(|struck| struck.members.clone()).collect();
    let (_, frozen) = delegations::thaw(&revisions::values(tx, id, in_force, false)?)?;
    let mut persons: Vec<PersonId> = Vec::new();
    for member in frozen.iter().filter(|member| gone.contains(&member.id)) {
        persons.extend(people::aliases(tx, member.person_id)?);
    }
    let names: Vec<String> = frozen
        .iter()
        .filter(|member| gone.contains(&member.id))
        .map(|member| text::folded(&member.standing.full_name))
        .collect();
    let is_gone = |value: &Value| {
        let field = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
        let person = field("person_id").parse::<PersonId>().ok();
        person.is_some_and(|person| persons.contains(&person))
            || names.contains(&text::folded(field("full_name")))
    };
    let members = |values: &BTreeMap<String, Value>| {
        let member = |(pointer, value): (&String, &Value)| pointer.starts_with("/members/") && is_gone(value);
        values.iter().filter(|(pointer, value)| member((pointer, value))).count()
    };
    Ok(members(after) > members(before))
}
