//! Nơi nhận: each recipient of an issued paper is owed its delivery, and, when the paper changes or is void, a
//! follow-up. The clerk of the issuing desk owes both.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;

use super::{Told, Words, soon};
use crate::domain::access::Role;
use crate::domain::calendar::Unit;
use crate::domain::ids::DossierId;
use crate::domain::obligation::{ObligationKind, Planned, Proof, Recipient};
use crate::domain::text;
use crate::service::views::printed_number;
use crate::service::{Context, Result};
use crate::store::dossiers::{self, Stored};
use crate::store::papers::{self, Paper};
use crate::store::{ReadTx, StoreError, WriteTx, obligations};

/// The rule behind deliveries: the paper goes out on the day of issue or the next working day (Nghị định
/// 30/2020/NĐ-CP Đ.18).
pub(super) const DELIVERY: &str = "PAPER-DELIVERY";
/// The rule behind follow-ups (DEFAULT: within one working day as well).
pub(super) const FOLLOW_UP: &str = "PAPER-FOLLOW-UP";

/// At issue: a delivery to each recipient, and a follow-up to each recipient of the papers that this one replaces.
///
/// # Errors
/// `Error::Store` of the database.
pub(in crate::service) fn issued(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    id: DossierId,
    paper: &Paper,
) -> Result<()> {
    let stored = dossiers::load_any(tx, id)?.ok_or(StoreError::NotFound)?;
    let mut told = Told::default();
    let due_at = soon(tx, &ctx.settings.calendar);
    for (place, recipient) in (1..).zip(&paper.recipients) {
        let key = format!("{}/{place}", paper.id);
        let (title_vi, title_en) = (
            format!("Gửi văn bản số {} đến {}", full_number(paper), recipient.name),
            format!("Deliver paper no. {} to {}", full_number(paper), recipient.name),
        );
        let new =
            Planned { key, title_vi, title_en, ..owed(paper, DELIVERY, ObligationKind::Delivery, due_at) };
        obligations::insert(tx, id, stored.dossier.revision, &new)?;
        told.add("added", &new);
    }
    let what = ("có văn bản thay thế", "has been replaced");
    let earlier = earlier(tx, id, Some(paper))?;
    follow_up(tx, &stored, &earlier, &format!("r{}", paper.revision), what, due_at, &mut told)?;
    told.journal(tx, ctx, &stored)
}

/// When a permission that was issued ends: a follow-up to each recipient of its papers.
pub(super) fn told_of_the_end(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    stored: &Stored,
    (event, what): (&str, Words),
    told: &mut Told,
) -> Result<()> {
    let due_at = soon(tx, &ctx.settings.calendar);
    let earlier = earlier(tx, stored.dossier.id, None)?;
    follow_up(tx, stored, &earlier, event, what, due_at, told)
}

/// Recipients of the papers issued so far, without those of `but`: each once, by the last paper that went there.
fn earlier(
    tx: &mut ReadTx<'_>,
    id: DossierId,
    but: Option<&Paper>,
) -> Result<Vec<(Paper, usize, Recipient)>> {
    let papers = papers::of_dossiers(tx, &[id])?.into_iter().map(|(_, paper)| paper);
    let papers = papers.filter(|paper| but.is_none_or(|but| but.id != paper.id));
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for paper in papers.collect::<Vec<_>>().into_iter().rev() {
        for (place, recipient) in (1..).zip(&paper.recipients) {
            if seen.insert(text::folded(&recipient.name)) {
                found.push((paper.clone(), place, recipient.clone()));
            }
        }
    }
    Ok(found)
}

fn follow_up(
    tx: &mut WriteTx<'_>,
    stored: &Stored,
    recipients: &[(Paper, usize, Recipient)],
    event: &str,
    (what_vi, what_en): (&str, &str),
    due_at: NaiveDateTime,
    told: &mut Told,
) -> Result<()> {
    for (paper, place, recipient) in recipients {
        let (number, name) = (full_number(paper), &recipient.name);
        let new = Planned {
            key: format!("{}/{place}/{event}", paper.id),
            title_vi: format!("Thông báo cho {name}: văn bản số {number} {what_vi}"),
            title_en: format!("Tell {name}: paper no. {number} {what_en}"),
            ..owed(paper, FOLLOW_UP, ObligationKind::FollowUp, due_at)
        };
        obligations::insert(tx, stored.dossier.id, stored.dossier.revision, &new)?;
        told.add("added", &new);
    }
    Ok(())
}

fn owed(paper: &Paper, rule: &str, kind: ObligationKind, due_at: NaiveDateTime) -> Planned {
    Planned {
        rule: rule.to_owned(),
        kind,
        key: String::new(),
        title_vi: String::new(),
        title_en: String::new(),
        role: Role::Clerk,
        organisation: paper.issuer,
        due_at,
        unit: Unit::WorkingDay,
        proof: Proof::None,
    }
}

fn full_number(paper: &Paper) -> String {
    format!("{}/{}", printed_number(&paper.number), paper.symbol)
}
