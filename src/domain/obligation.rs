//! What a permit obliges somebody to do: a notice, a report, a passport handed back, a paper delivered. Owns when
//! people are reminded, what counts as proof, and what outlives the end of a dossier; it must not know from which
//! rule a duty follows.

mod moment;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::access::Role;
use super::calendar::{Calendar, Unit};
use super::codes::{Outcome, codes};
use super::dossier::{Dossier, State};
use super::ids::{AccountId, DossierId, FileId, ObligationId, OrganisationId};
use super::refusal::Fault;

pub use moment::{Begins, Moments, begins, too_early};

codes! {
    /// What is to be done.
    ObligationKind {
        /// Notice to the city police.
        PoliceNotice = "police_notice",
        /// Number of the press licence.
        PressLicence = "press_licence",
        /// Notice of a press conference.
        PressConference = "press_conference",
        /// Notice of a visit to the sea-border area.
        SeaBorderNotice = "sea_border_notice",
        /// Permit for a restricted or border area.
        RestrictedPermit = "restricted_permit",
        /// Temporary-stay declaration by the lodging.
        TemporaryStay = "temporary_stay",
        /// Report that the sponsored stay has ended or failed.
        SponsorshipEnd = "sponsorship_end",
        /// Report on foreign press.
        PressReport = "press_report",
        /// Result report.
        ResultReport = "result_report",
        /// Passport handed back to its keeper.
        PassportReturn = "passport_return",
        /// Report to the party cell.
        CellReport = "cell_report",
        /// Delivery of an issued paper to a recipient.
        Delivery = "delivery",
        /// A recipient of an earlier paper is told that it changed or is void.
        FollowUp = "follow_up",
        /// Something else.
        Other = "other",
    }
    /// What shows that it was done.
    Proof {
        /// The word of whoever did it.
        None = "none",
        /// Number and date of a paper.
        Number = "number",
        /// A paper that was uploaded to the dossier.
        File = "file",
    }
    /// Where an obligation is. Overdue follows from the clock and is never stored.
    ObligationState {
        /// Owed.
        Open = "open",
        /// Done.
        Done = "done",
        /// Owed no more: the plan changed, or the dossier ended.
        Dropped = "dropped",
    }
    /// How a paper goes to a recipient.
    DeliveryChannel {
        /// Through the offices' document system (trục liên thông văn bản).
        DocumentSystem = "document_system",
        /// By post.
        Post = "post",
        /// By hand.
        Hand = "hand",
        /// By electronic mail.
        Email = "email",
        /// By fax.
        Fax = "fax",
    }
}

/// An obligation as a rule plans it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The rule that it follows from.
    pub rule: String,
    /// Kind.
    pub kind: ObligationKind,
    /// What tells it from others of the same rule in the dossier: programme item, recipient; or empty.
    pub key: String,
    /// Words, in Vietnamese.
    pub title_vi: String,
    /// Words, in English.
    pub title_en: String,
    /// The role that owes it ..
    pub role: Role,
    /// .. at this organisation.
    pub organisation: OrganisationId,
    /// Until when, on Vietnam's wall clock.
    pub due_at: NaiveDateTime,
    /// Unit in which the term was counted.
    pub unit: Unit,
    /// What will show that it was done.
    pub proof: Proof,
}

/// An obligation of a dossier.
#[derive(Debug, Clone)]
pub struct Obligation {
    /// Id.
    pub id: ObligationId,
    /// Of which dossier.
    pub dossier: DossierId,
    /// Planned in which revision.
    pub revision: i32,
    /// What, by whom, until when.
    pub planned: Planned,
    /// State.
    pub state: ObligationState,
    /// Since when it is owed, on Vietnam's wall clock.
    pub since: NaiveDateTime,
    /// How it was done.
    pub done: Option<Done>,
}

/// How an obligation was done.
#[derive(Debug, Clone)]
pub struct Done {
    /// By whom.
    pub by: AccountId,
    /// When, on Vietnam's wall clock.
    pub at: NaiveDateTime,
    /// What shows it.
    pub given: Given,
}

/// What somebody gives as proof.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// Number and symbol of a paper.
    pub number: Option<String>,
    /// Date of the paper, or the day on which it was done.
    pub date: Option<NaiveDate>,
    /// Words.
    pub note: Option<String>,
    /// An uploaded paper of the dossier.
    pub file: Option<FileId>,
}

/// To whom an issued paper goes (Nơi nhận), and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// Name of the body.
    pub name: String,
    /// Channel.
    pub channel: DeliveryChannel,
}

impl Obligation {
    /// Whether it is owed and its time is over.
    #[must_use]
    pub fn is_overdue(&self, now: NaiveDateTime) -> bool {
        self.state == ObligationState::Open && self.planned.due_at < now
    }

    /// Whether it could not be kept when it came to be: its time was over already.
    #[must_use]
    pub fn is_late_from_the_start(&self) -> bool {
        self.planned.due_at < self.since
    }

    /// The day on which it was done: the date of its proof, else the day on which that was recorded.
    #[must_use]
    pub fn done_on(&self) -> Option<NaiveDate> {
        self.done.as_ref().map(|done| done.given.date.unwrap_or(done.at.date()))
    }
}

/// Working days before the due day on which people are reminded (DEFAULT).
const AHEAD: [u32; 2] = [3, 1];

/// Whether people are reminded today of what is due on `due`: 3 and 1 working days before, on the day (if it is a day
/// off, on the working day before it), then weekly (on a day off, on the next working day). Never on a day off.
#[must_use]
pub fn reminds_on(calendar: &Calendar, due: NaiveDate, today: NaiveDate) -> bool {
    if !calendar.is_working(today) {
        return false;
    }
    let ahead = AHEAD.iter().any(|n| calendar.before(due, *n, Unit::WorkingDay) == today);
    let weeks = today.signed_duration_since(due).num_days().div_euclid(7);
    // Several weeks may end within one holiday: they come together on the first working day after it.
    let late = u64::try_from(weeks).ok().filter(|weeks| *weeks > 0).and_then(|weeks| {
        let turn = due.checked_add_days(chrono::Days::new(weeks * 7))?;
        Some(calendar.after(turn, 0, Unit::WorkingDay) == today)
    });
    ahead || calendar.before(due, 0, Unit::WorkingDay) == today || late == Some(true)
}

/// The last day of which a digest of today speaks: three working days ahead.
#[must_use]
pub fn horizon(calendar: &Calendar, today: NaiveDate) -> NaiveDate {
    calendar.after(today, AHEAD.into_iter().max().unwrap_or_default(), Unit::WorkingDay)
}

/// What is missing of a proof. A delivery and a follow-up are shown by the number and date of the accompanying paper
/// or by a note.
#[must_use]
pub fn missing_proof(planned: &Planned, given: &Given) -> Vec<Fault> {
    let mut faults = Vec::new();
    if planned.proof == Proof::Number {
        if given.number.is_none() {
            faults.push(Fault::at("/number", "required"));
        }
        if given.date.is_none() {
            faults.push(Fault::at("/date", "required"));
        }
    }
    if planned.proof == Proof::File && given.file.is_none() {
        faults.push(Fault::at("/file_id", "required"));
    }
    let handed_over = matches!(planned.kind, ObligationKind::Delivery | ObligationKind::FollowUp);
    if handed_over && given.note.is_none() && given.number.is_none() {
        faults.push(Fault::at("/note", "required"));
    }
    faults
}

/// Whether an authority is told by it what will happen. Whoever was told is told again when it will not.
#[must_use]
pub const fn is_notice(kind: ObligationKind) -> bool {
    use ObligationKind as K;
    matches!(kind, K::PoliceNotice | K::PressConference | K::SeaBorderNotice)
}

/// What a notice is about, without the round in which it was owed: `2/2026-02-24` is of the same as `2026-02-24`.
#[must_use]
pub fn subject(key: &str) -> &str {
    match key.split_once('/') {
        Some((round, rest)) if !round.is_empty() && round.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => key,
    }
}

/// Whether a duty still makes sense for a dossier as it is now. Once the delegation has arrived, all do. If it never
/// will, the sponsor still reports that the stay failed (Luật 47/2014/QH13 Đ.45.2) and recipients are still told; of a
/// duplicate nothing is owed, because all of it is owed for the other dossier.
#[must_use]
pub fn survives(kind: ObligationKind, dossier: &Dossier) -> bool {
    if dossier.outcome == Some(Outcome::Duplicate) {
        return kind == ObligationKind::FollowUp;
    }
    !will_not_come(dossier) || matches!(kind, ObligationKind::SponsorshipEnd | ObligationKind::FollowUp)
}

/// Whether nobody came, and nobody will.
#[must_use]
pub fn will_not_come(dossier: &Dossier) -> bool {
    let ended = matches!(dossier.state, State::Cancelled | State::Revoked | State::Rejected | State::Lapsed)
        || dossier.outcome == Some(Outcome::NoShow);
    ended && !dossier.arrived
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::codes::{Code, Direction, Origin};

    fn calendar() -> Calendar {
        Calendar::shipped().unwrap()
    }

    fn d(text: &str) -> NaiveDate {
        NaiveDate::parse_from_str(text, "%d/%m/%Y").unwrap()
    }

    fn reminders(due: &str, from: &str, to: &str) -> Vec<String> {
        let (calendar, due, to) = (calendar(), d(due), d(to));
        let days = d(from).iter_days().take_while(|day| *day <= to);
        days.filter(|day| reminds_on(&calendar, due, *day))
            .map(|day| day.format("%d/%m").to_string())
            .collect()
    }

    #[test]
    fn reminders_come_before_at_due_and_weekly_after_it() {
        assert_eq!(
            reminders("20/03/2026", "01/03/2026", "10/04/2026"),
            ["17/03", "19/03", "20/03", "27/03", "03/04", "10/04"]
        );
        // Tết 16-20/02/2026: the three days before Monday the 23rd are 11, 12 and 13/02; due in the holiday.
        assert_eq!(reminders("23/02/2026", "01/02/2026", "02/03/2026"), ["11/02", "13/02", "23/02", "02/03"]);
        assert_eq!(reminders("18/02/2026", "01/02/2026", "28/02/2026"), ["11/02", "13/02", "25/02"]);
        // The first week after 09/02 ends on 16/02, in Tết, the second on 23/02: one reminder for both.
        assert_eq!(reminders("09/02/2026", "10/02/2026", "09/03/2026"), ["23/02", "02/03", "09/03"]);
        // A worked Saturday is a day like others, a usual one is not.
        assert_eq!(reminders("24/08/2026", "17/08/2026", "24/08/2026"), ["20/08", "22/08", "24/08"]);
    }

    proptest! {
        #[test]
        fn a_reminder_comes_on_working_days_alone_and_every_week_when_late(at in 0i64..700, gap in -30i64..200) {
            let (calendar, due) = (calendar(), d("01/01/2025") + chrono::TimeDelta::days(at));
            let today = due + chrono::TimeDelta::days(gap);
            let reminded = reminds_on(&calendar, due, today);
            prop_assert!(!reminded || calendar.is_working(today));
            prop_assert!(!reminded || calendar.working_days_between(today, due) <= 3);
            // Weekly: of the working days of any fortnight after the due day one at least is a reminder's.
            let fortnight = today.iter_days().take(14).any(|day| reminds_on(&calendar, due, day));
            let working = today.iter_days().take(7).any(|day| calendar.is_working(day));
            prop_assert!(gap <= 0 || !working || fortnight);
        }
    }

    fn planned(kind: ObligationKind, proof: Proof) -> Planned {
        Planned {
            rule: "R".into(),
            kind,
            key: String::new(),
            title_vi: String::new(),
            title_en: String::new(),
            role: Role::Clerk,
            organisation: OrganisationId(Uuid::nil()),
            due_at: d("20/03/2026").and_hms_opt(17, 0, 0).unwrap(),
            unit: Unit::WorkingDay,
            proof,
        }
    }

    fn lacks(kind: ObligationKind, proof: Proof, given: &Given) -> Vec<String> {
        missing_proof(&planned(kind, proof), given).into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn each_proof_demands_its_own() {
        use ObligationKind as K;
        let nothing = Given::default();
        let paper = Given { number: Some("12/CA".into()), date: Some(d("01/03/2026")), ..Given::default() };
        let note = Given { note: Some("Đã giao tận tay".into()), ..Given::default() };
        let file = Given { file: Some(FileId(Uuid::nil())), ..Given::default() };
        assert_eq!(lacks(K::Other, Proof::None, &nothing), [""; 0]);
        assert_eq!(lacks(K::PoliceNotice, Proof::Number, &note), ["/number", "/date"]);
        assert_eq!(lacks(K::PoliceNotice, Proof::Number, &paper), [""; 0]);
        assert_eq!(lacks(K::ResultReport, Proof::File, &paper), ["/file_id"]);
        assert_eq!(lacks(K::ResultReport, Proof::File, &file), [""; 0]);
        assert_eq!(lacks(K::Delivery, Proof::None, &nothing), ["/note"]);
        assert_eq!(lacks(K::Delivery, Proof::None, &note), [""; 0]);
        assert_eq!(lacks(K::FollowUp, Proof::None, &paper), [""; 0]);
    }

    #[test]
    fn the_subject_of_a_notice_is_the_same_in_every_round() {
        for (key, expected) in [
            ("", ""),
            ("2/", ""),
            ("2026-02-24", "2026-02-24"),
            ("12/2026-02-24", "2026-02-24"),
            ("x/1", "x/1"),
        ] {
            assert_eq!(subject(key), expected);
        }
    }

    #[test]
    fn what_outlives_the_end_of_a_dossier() {
        use ObligationKind as K;
        let dossier = |state, outcome, arrived| Dossier {
            id: DossierId(Uuid::nil()),
            code: None,
            direction: Direction::Inbound,
            organisation: OrganisationId(Uuid::nil()),
            state,
            outcome,
            origin: Origin::System,
            version: 1,
            revision: 1,
            revision_in_force: Some(1),
            issued: true,
            arrived,
        };
        let left = |dossier: &Dossier| -> Vec<K> {
            K::ALL.iter().copied().filter(|kind| survives(*kind, dossier)).collect()
        };
        let all = K::ALL.to_vec();
        assert_eq!(left(&dossier(State::Issued, None, false)), all);
        assert_eq!(left(&dossier(State::Revoked, None, true)), all, "revoked after arrival");
        for state in [State::Revoked, State::Cancelled, State::Rejected, State::Lapsed] {
            assert_eq!(left(&dossier(state, None, false)), [K::SponsorshipEnd, K::FollowUp], "{state}");
        }
        let no_show = dossier(State::Reported, Some(Outcome::NoShow), false);
        assert_eq!(left(&no_show), [K::SponsorshipEnd, K::FollowUp]);
        assert_eq!(left(&dossier(State::Closed, Some(Outcome::Duplicate), false)), [K::FollowUp]);
    }
}
