//! The ledger of hand-overs: to whom a closed return was given, when, how, and which bytes.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{HandOverView, organisation, view};
use crate::clock::day_in_vietnam;
use crate::domain::access::Action;
use crate::domain::event::Event;
use crate::domain::ids::ClosingId;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::text;
use crate::service::{Context, Result};
use crate::store::closings::{self, HandOver};
use crate::store::{Recorded, WriteTx, journal};

/// A hand-over to record.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHandOver {
    /// To whom.
    pub given_to: String,
    /// When.
    pub given_on: NaiveDate,
    /// How: by post, by hand, by which system.
    pub how: String,
    /// SHA-256 of what was given: of one of the files, or of the manifest.
    pub sha256: String,
}

/// Records that a closed return was given to somebody.
///
/// # Errors
/// `NotFound` out of reach; `Invalid` for a day before the closing or ahead, and for a hash of nothing that was closed.
pub fn hand_over(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: ClosingId,
    new: &NewHandOver,
) -> Result<Recorded<HandOverView>> {
    let closing = closings::load(tx, id)?.ok_or(Refusal::NotFound)?;
    organisation(tx, ctx, Action::CloseReturn, Some(closing.organisation))?;
    let view = view(closing, Vec::new())?;
    let mut faults = Vec::new();
    let mut typed = |pointer: &'static str, value: &str| {
        let line =
            text::line(value).map_err(|code| faults.push(Fault::at(pointer, code))).unwrap_or_default();
        if line.is_empty() && faults.iter().all(|fault| fault.pointer != pointer) {
            faults.push(Fault::at(pointer, "required"));
        }
        line
    };
    let (given_to, how) = (typed("/given_to", &new.given_to), typed("/how", &new.how));
    if new.given_on > day_in_vietnam(tx.now()) {
        faults.push(Fault::at("/given_on", "in-the-future"));
    }
    if new.given_on < day_in_vietnam(view.closed_at) {
        faults.push(Fault::at("/given_on", "before-closing"));
    }
    let sha256 = new.sha256.to_ascii_lowercase();
    if view.sha256 != sha256 && view.files.iter().all(|file| file.sha256 != sha256) {
        faults.push(Fault::at("/sha256", "not-of-this-closing"));
    }
    Refusal::unless_empty(faults)?;
    let given = HandOver {
        id: tx.fresh(),
        closing: id,
        given_to,
        given_on: new.given_on,
        how,
        sha256,
        recorded_by: ctx.actor.account,
        recorded_at: tx.now(),
    };
    closings::hand_over(tx, &given)?;
    let event = Event::new("return.handed_over", "return", id)
        .by(ctx.actor.account)
        .at(view.organisation_id)
        .with("given_to", given.given_to.clone())
        .with("given_on", given.given_on)
        .with("sha256", given.sha256.clone());
    Ok(journal::append(tx, event)?.returning(given.into()))
}
