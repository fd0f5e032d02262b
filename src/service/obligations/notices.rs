//! Authorities that were given notice of a delegation (police, border guard, press) hear of it again when it is off, or
//! when what they were told of is planned no more: a follow-up owed by whoever gave the notice.

use std::collections::BTreeSet;

use super::recipients::FOLLOW_UP;
use super::{Told, Words, soon};
use crate::domain::calendar::Unit;
use crate::domain::obligation::{
    Obligation, ObligationKind, ObligationState, Planned, Proof, is_notice, subject,
};
use crate::service::{Context, Result};
use crate::store::dossiers::Stored;
use crate::store::{WriteTx, obligations};

/// What a notice is no longer true of.
const OFF: Words = ("nội dung đã thông báo không còn", "what was told is planned no more");

fn given(one: &Obligation) -> bool {
    one.state == ObligationState::Done && is_notice(one.planned.kind)
}

/// When a permission that was issued ends: one follow-up to each authority that had been given notice, however often.
pub(super) fn told_of_the_end(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    stored: &Stored,
    all: &[Obligation],
    (event, (what_vi, what_en)): (&str, Words),
    told: &mut Told,
) -> Result<()> {
    let what = (format!("văn bản cho phép {what_vi}"), format!("the permit {what_en}"));
    let mut rules = BTreeSet::new();
    for notice in all.iter().rev().filter(|one| given(one)) {
        if rules.insert(&notice.planned.rule) {
            let key = format!("{}/{event}", notice.planned.rule);
            follow_up(tx, ctx, stored, notice, key, (&what.0, &what.1), told)?;
        }
    }
    Ok(())
}

/// When a notice that was given is planned no more (`gone`): a follow-up, once.
pub(super) fn off(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    stored: &Stored,
    gone: &[&Obligation],
    own: &[Obligation],
    told: &mut Told,
) -> Result<()> {
    let mut keys: BTreeSet<String> = own.iter().map(|one| one.planned.key.clone()).collect();
    for notice in gone.iter().filter(|one| given(one)) {
        let key = format!("{}/{}/off", notice.planned.rule, subject(&notice.planned.key));
        if keys.insert(key.clone()) {
            follow_up(tx, ctx, stored, notice, key, OFF, told)?;
        }
    }
    Ok(())
}

fn follow_up(
    tx: &mut WriteTx<'_>,
    ctx: &Context,
    stored: &Stored,
    notice: &Obligation,
    key: String,
    (what_vi, what_en): (&str, &str),
    told: &mut Told,
) -> Result<()> {
    let before = &notice.planned;
    let new = Planned {
        rule: FOLLOW_UP.to_owned(),
        kind: ObligationKind::FollowUp,
        key,
        title_vi: format!("Báo tiếp cho nơi đã nhận \u{201c}{}\u{201d}: {what_vi}", before.title_vi),
        title_en: format!("Follow up on \u{201c}{}\u{201d}: {what_en}", before.title_en),
        role: before.role,
        organisation: before.organisation,
        due_at: soon(tx, &ctx.settings.calendar),
        unit: Unit::WorkingDay,
        proof: Proof::None,
    };
    obligations::insert(tx, stored.dossier.id, stored.dossier.revision, &new)?;
    told.add("added", &new);
    Ok(())
}
