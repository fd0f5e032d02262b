//! The dossiers as this return sees them: each with its verdict and heads, in the declared order, and the
//! questions that every table asks of them.

use chrono::NaiveDate;

use super::count::{Heads, Verdict, heads, verdict};
use super::facts::DelegationFact;
use super::form::Word;
use super::period::Range;
use super::words::{Note, country, masked};
use crate::domain::codes::{Direction, Lang, MemberRole, Origin};
use crate::domain::dossier::State;

/// What all tables need besides the dossiers.
pub struct Ctx<'a> {
    pub lang: Lang,
    pub as_of: NaiveDate,
    pub countries: &'a dyn Fn(&str) -> String,
}

impl Ctx<'_> {
    pub fn country(&self, code: &str) -> Word {
        country(self.lang, code, self.countries)
    }

    /// The text, or the mask if the dossier is confidential.
    pub fn shown(&self, fact: &DelegationFact, text: &str) -> String {
        if fact.confidential { masked(self.lang) } else { text.to_owned() }
    }
}

/// A dossier with what the rules say of it.
pub struct Seen<'a> {
    pub fact: &'a DelegationFact,
    pub verdict: Verdict,
    pub heads: Heads<'a>,
}

impl<'a> Seen<'a> {
    /// Judges all dossiers and puts them in order: period day, code, id.
    pub fn all(facts: &'a [DelegationFact], as_of: NaiveDate) -> Vec<Self> {
        let judge = |fact| {
            let heads = heads(fact);
            Self { fact, verdict: verdict(fact, &heads, as_of), heads }
        };
        let mut all: Vec<_> = facts.iter().map(judge).collect();
        all.sort_by_key(|seen| (seen.day(), seen.fact.code.as_deref(), seen.fact.id));
        all
    }

    /// The day on which it counts or would have counted.
    pub fn day(&self) -> Option<NaiveDate> {
        match self.verdict {
            Verdict::Counted { day, .. } => Some(day),
            Verdict::NotCounted { day, .. } => day,
        }
    }

    /// Its day, if it is counted in this direction and range.
    pub fn counted_in(&self, direction: Direction, range: Range) -> Option<NaiveDate> {
        self.counts(direction).filter(|day| range.contains(*day))
    }

    /// Its day, if it is counted in this direction.
    pub fn counts(&self, direction: Direction) -> Option<NaiveDate> {
        match self.verdict {
            Verdict::Counted { day, .. } if self.fact.direction == direction => Some(day),
            _ => None,
        }
    }

    pub fn confirmed(&self) -> bool {
        self.fact.actual_starts_on.is_some()
    }

    /// The number as it is printed; empty while the dossier has none.
    pub fn code(&self) -> String {
        self.fact.code.clone().unwrap_or_default()
    }

    pub fn lead_host(&self) -> String {
        self.fact.lead_host.as_ref().map(|host| host.name.clone()).unwrap_or_default()
    }

    /// Name and position of the head; empty while the delegation has none.
    pub fn head(&self, ctx: &Ctx<'_>) -> (String, String) {
        let heads = self.fact.members.iter().filter(|member| member.role == MemberRole::Head);
        let Some(head) = heads.min_by_key(|member| (&member.sort_key, member.person_id)) else {
            return Default::default();
        };
        (ctx.shown(self.fact, &head.name), ctx.shown(self.fact, &head.position))
    }

    /// Countries of the guests in the order of their codes; those of the visits if none was stated.
    pub fn countries(&self, ctx: &Ctx<'_>) -> Vec<Word> {
        let mut codes: Vec<&str> = self.fact.countries.iter().map(String::as_str).collect();
        if codes.is_empty() {
            codes = self.heads.list.iter().map(|visit| visit.country).collect();
        }
        codes.sort_unstable();
        codes.dedup();
        codes.into_iter().map(|code| ctx.country(code)).collect()
    }

    /// Counted without a numbered permit, or with one dated after the day. What a ledger does not hold was not
    /// decided here and is no reproach; what was registered after the visit is said otherwise.
    pub fn permit_fault(&self) -> Option<Note> {
        let Verdict::Counted { day, .. } = self.verdict else { return None };
        match (&self.fact.permit, self.fact.origin) {
            (_, Origin::AfterTheFact) | (None, Origin::Ledger) => None,
            (None, Origin::System) => Some(Note::NoPermit),
            (Some(permit), _) if permit.date.is_some_and(|date| date > day) => Some(Note::PermitAfterArrival),
            (Some(_), _) => None,
        }
    }

    /// The remarks on its row.
    pub fn notes(&self) -> Vec<Note> {
        let fact = self.fact;
        let remarks = [
            (Note::Confidential, fact.confidential),
            (Note::Unconfirmed, !self.confirmed()),
            (Note::AfterTheFact, fact.origin == Origin::AfterTheFact),
            (Note::Revoked, fact.state == State::Revoked),
            (Note::Cancelled, fact.state == State::Cancelled),
            (Note::Estimate, self.heads.estimate()),
        ];
        let remarks = remarks.into_iter().filter(|(_, applies)| *applies).map(|(note, _)| note);
        remarks.chain(self.permit_fault()).collect()
    }
}
