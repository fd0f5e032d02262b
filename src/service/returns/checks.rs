//! What the return tells of rules and of how decisions came about: what the rules said of each dossier, as it was kept
//! when it was filed and approved; by whom and why rules were passed by; under which mandate, on whose behalf.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::domain::codes::Lang;
use crate::domain::ids::{AccountId, DossierId};
use crate::domain::report::facts::{CheckedFact, Exception, OverrideFact, Wording, Wordings};
use crate::domain::report::words::{day, pick};
use crate::domain::rulebook::{Rule, Severity};
use crate::service::Result;
use crate::service::rules::Rulebooks;
use crate::store::assessments::{self, Kept};
use crate::store::decisions::{self, ByMandate};
use crate::store::dossiers::Stored;
use crate::store::opinions::{self, OnBehalf};
use crate::store::overrides::{self, Override};
use crate::store::{ReadTx, accounts};
use crate::texts;

/// Ids per statement: SQLite takes no more than 32 766 parameters.
const CHUNK: usize = 500;

/// What is told of many dossiers.
#[derive(Default)]
pub(super) struct Checks {
    /// What the rules said of the round that counts.
    pub checked: BTreeMap<DossierId, CheckedFact>,
    /// Exceptions that only the approval knows of.
    pub told: BTreeMap<DossierId, Vec<(Exception, String)>>,
    /// The words for them.
    pub wordings: Wordings,
}

/// What is kept of the dossiers, by dossier.
struct Sources {
    kept: BTreeMap<DossierId, Vec<Kept>>,
    overrides: BTreeMap<DossierId, Vec<Override>>,
    mandated: BTreeMap<DossierId, Vec<ByMandate>>,
    answered: BTreeMap<DossierId, Vec<OnBehalf>>,
    names: BTreeMap<AccountId, String>,
}

impl Checks {
    /// Reads it by a number of statements that does not depend on the number of dossiers (lists of ids go in chunks of
    /// 500; a version of the rulebook is read once a process).
    pub fn read(tx: &mut ReadTx<'_>, stored: &[Stored], books: &Rulebooks, lang: Lang) -> Result<Self> {
        let ids: Vec<DossierId> = stored.iter().map(|one| one.dossier.id).collect();
        let mut sources = Sources {
            kept: super::facts::grouped(assessments::of_many(tx, &ids)?),
            overrides: super::facts::grouped(overrides::of_many(tx, &ids)?),
            mandated: super::facts::grouped(decisions::mandated_of_many(tx, &ids)?),
            answered: super::facts::grouped(opinions::answered_of_many(tx, &ids)?),
            names: BTreeMap::new(),
        };
        let accounts = sources.accounts();
        for some in accounts.chunks(CHUNK) {
            let read = accounts::load_many(tx, some)?;
            sources.names.extend(read.into_iter().map(|account| (account.id, account.display_name)));
        }
        let mut checks = Self::default();
        for one in stored {
            let id = one.dossier.id;
            if let Some(checked) = sources.checked(one) {
                checks.word(tx, books, lang, &checked)?;
                checks.checked.insert(id, checked);
            }
            let told = sources.told(tx, books, one, lang)?;
            if !told.is_empty() {
                checks.told.insert(id, told);
            }
        }
        Ok(checks)
    }

    /// Takes over the words that what was said of a dossier needs: those of all rules of a version at once.
    fn word(
        &mut self,
        tx: &mut ReadTx<'_>,
        books: &Rulebooks,
        lang: Lang,
        checked: &CheckedFact,
    ) -> Result<()> {
        if let Entry::Vacant(version) = self.wordings.rules.entry(checked.rulebook_version) {
            let book = books.version(tx, checked.rulebook_version)?;
            let newest = book.families().filter_map(<[Rule]>::last);
            let wording = |rule: &Rule| Wording {
                title: pick(lang, &rule.title_vi, &rule.title_en).clone(),
                citation: rule.citation(),
                tells: rule.severity == Severity::Info,
            };
            version.insert(newest.map(|rule| (rule.id.clone(), wording(rule))).collect());
        }
        for name in checked.said.iter().filter_map(|said| said.unknown.as_ref()) {
            if !self.wordings.facts.contains_key(name) {
                let words = texts::text(lang, &format!("fact-{}", name.replace('_', "-")), &[]);
                self.wordings.facts.insert(name.clone(), words);
            }
        }
        Ok(())
    }
}

impl Sources {
    /// Everybody who is named.
    fn accounts(&self) -> Vec<AccountId> {
        let overrides = self.overrides.values().flatten();
        let asked = overrides.clone().map(|one| one.asked_by);
        let granted = overrides.flat_map(|one| one.answers.iter().map(|answer| answer.account));
        let mandated = self.mandated.values().flatten().flat_map(|one| [one.holder, one.giver]);
        let recorded = self.answered.values().flatten().map(|one| one.recorded_by);
        let mut all: Vec<AccountId> = asked.chain(granted).chain(mandated).chain(recorded).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn name(&self, id: AccountId) -> String {
        self.names.get(&id).cloned().unwrap_or_default()
    }

    /// What the rules said of the round in force, or else of the last one.
    fn checked(&mut self, stored: &Stored) -> Option<CheckedFact> {
        let rounds = self.kept.remove(&stored.dossier.id)?;
        let round = stored.dossier.revision_in_force.or_else(|| rounds.last().map(|kept| kept.revision))?;
        let kept = rounds.into_iter().find(|kept| kept.revision == round)?;
        let used = |one: &&Override| one.revision == round && one.holds();
        let passed = self.overrides.get(&stored.dossier.id).into_iter().flatten().filter(used);
        let passed = passed.map(|one| OverrideFact {
            rule: one.rule.clone(),
            asked_by: self.name(one.asked_by),
            reason: one.reason.clone(),
            granted_by: one
                .answers
                .iter()
                .filter(|answer| answer.granted)
                .map(|answer| self.name(answer.account))
                .collect(),
        });
        Some(CheckedFact {
            revision: round,
            rulebook_version: kept.rulebook_version,
            said: kept.verdicts,
            overrides: passed.collect(),
        })
    }

    /// Decisions under a mandate, and answers on behalf of a body, each in words.
    fn told(
        &self,
        tx: &mut ReadTx<'_>,
        books: &Rulebooks,
        stored: &Stored,
        lang: Lang,
    ) -> Result<Vec<(Exception, String)>> {
        let (id, mut told) = (stored.dossier.id, Vec::new());
        let mandated = self.mandated.get(&id).into_iter().flatten();
        let mut lines: Vec<String> = mandated.map(|one| self.by_mandate(one, lang)).collect();
        lines.dedup();
        if !lines.is_empty() {
            told.push((Exception::ByMandate, lines.join("; ")));
        }
        let Some(answered) = self.answered.get(&id) else { return Ok(told) };
        let book = books.version(tx, stored.rulebook_version)?;
        let body = |code: &str| {
            let body = book.chain.body.iter().find(|body| body.code == code);
            body.map_or_else(|| code.to_owned(), |body| pick(lang, &body.name_vi, &body.name_en).clone())
        };
        let lines: Vec<String> =
            answered.iter().map(|one| self.on_behalf(one, &body(&one.body), lang)).collect();
        told.push((Exception::OpinionOnBehalf, lines.join("; ")));
        Ok(told)
    }

    fn by_mandate(&self, one: &ByMandate, lang: Lang) -> String {
        let (holder, giver) = (self.name(one.holder), self.name(one.giver));
        let (letter, date) = (&one.letter_number, day(one.letter_date));
        match lang {
            Lang::Vi => format!("{holder} thay {giver} (văn bản ủy quyền {letter} ngày {date})"),
            Lang::En => format!("{holder} in the place of {giver} (mandate {letter} of {date})"),
        }
    }

    fn on_behalf(&self, one: &OnBehalf, body: &str, lang: Lang) -> String {
        let number = one.number.clone().unwrap_or_default();
        let date = one.dated_on.map(day).unwrap_or_default();
        let by = self.name(one.recorded_by);
        match lang {
            Lang::Vi => format!("{body}: văn bản {number} ngày {date}, {by} ghi"),
            Lang::En => format!("{body}: paper {number} of {date}, recorded by {by}"),
        }
    }
}
