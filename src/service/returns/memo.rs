//! What was counted, kept for whoever asks the same while nothing has happened. Every change of the data appends to the
//! journal in its own transaction, so its last entry that may count, read in the snapshot that the figures are read in, is
//! a version of all that they come from, whichever process wrote it. Kept are answers to readers alone: what is written,
//! closed or handed out is counted anew.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::NaiveDate;

use crate::clock::day_in_vietnam;
use crate::domain::access::Scope;
use crate::domain::codes::Lang;
use crate::domain::ids::ClosingId;
use crate::domain::report::series::Pictures;
use crate::domain::report::{Period, Return, Window};
use crate::service::Result;
use crate::service::returns::closings::Changes;
use crate::store::{ReadTx, journal};

/// Most answers of a kind that are kept.
const MOST: usize = 16;
/// Most bytes that the kept answers of a kind take together, about, but for the last one. A page shows a return in both
/// windows: two of a year with 10,000 delegations, some 70 MiB each, must find room beside each other.
const MOST_BYTES: usize = 256 << 20;

/// What was asked. Everything that an answer depends on is here or in [`Version`]; of the reader that is his whole scope,
/// so that nobody is given what somebody else may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// What lies within a scope, counted for a period.
    Open(Scope, Period, Window, Lang),
    /// A closed return, as it was frozen.
    Frozen(ClosingId, Lang),
}

/// Of what time an answer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    /// Of this day in Vietnam, after so many entries of the journal, the last of which has this hash.
    Of(NaiveDate, i64, Vec<u8>),
    /// Of all times: it never changes.
    Ever,
}

impl Version {
    /// The version of all that is read in this snapshot.
    ///
    /// # Errors
    /// `Error::Store` of the database.
    pub fn now(tx: &mut ReadTx<'_>) -> Result<Self> {
        let (entries, hash) = journal::last_counted(tx)?;
        Ok(Self::Of(day_in_vietnam(tx.now()), entries, hash))
    }
}

/// How much memory something takes.
pub trait Weighs {
    /// In bytes, about.
    fn bytes(&self) -> usize;
}

impl Weighs for Return {
    /// Some 4 KiB a dossier with what each rule said of it, half a KiB a visit, 24 bytes an id behind a figure with its share.
    fn bytes(&self) -> usize {
        let ids = self.overview.iter().map(|row| {
            let behind = &row.behind;
            let before = [&behind.previous, &behind.same_last_year, &behind.cumulative_last_year];
            let before: usize = before.iter().map(|ids| ids.len()).sum();
            row.dossiers.len() + behind.cumulative.len() + before
        });
        (self.dossiers.len() << 12) + (self.visits.len() << 9) + ids.sum::<usize>() * 24
    }
}

impl Weighs for Pictures {
    fn bytes(&self) -> usize {
        (self.months.len() + self.nationalities.len() + self.fields.len()) << 8
    }
}

impl Weighs for Changes {
    fn bytes(&self) -> usize {
        (self.dossiers.len() + self.figures.len()) << 10
    }
}

/// An answer; held while it is made, so that those who ask the same meanwhile wait for it instead of counting too.
type Slot<T> = Arc<Mutex<Option<Arc<T>>>>;

#[derive(Debug)]
struct Kept<T> {
    question: Question,
    version: Version,
    slot: Slot<T>,
    bytes: usize,
}

/// The last answers to questions of one kind, each of one version.
#[derive(Debug)]
pub struct Memo<T>(Mutex<Vec<Kept<T>>>);

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T: Weighs> Memo<T> {
    /// The answer of this version; made, if it is not there. What fails is not kept.
    ///
    /// # Errors
    /// Those of making it; inside, why there is none.
    pub fn get<E>(
        &self,
        question: Question,
        version: Version,
        make: impl FnOnce() -> Result<std::result::Result<T, E>>,
    ) -> Result<std::result::Result<Arc<T>, E>> {
        let slot = self.slot(question, version);
        let mut answer = held(&slot);
        if let Some(answer) = answer.as_ref() {
            return Ok(Ok(Arc::clone(answer)));
        }
        let made = match make()? {
            Ok(made) => Arc::new(made),
            Err(why) => return Ok(Err(why)),
        };
        *answer = Some(Arc::clone(&made));
        self.weigh(&slot, made.bytes());
        Ok(Ok(made))
    }

    /// The place of an answer; one of another version makes room. The last one in the list was asked for last.
    fn slot(&self, question: Question, version: Version) -> Slot<T> {
        let mut all = held(&self.0);
        let before = all.iter().position(|kept| kept.question == question).map(|at| all.remove(at));
        let kept = before.filter(|kept| kept.version == version);
        let kept = kept.unwrap_or_else(|| Kept { question, version, slot: Slot::default(), bytes: 0 });
        let slot = Arc::clone(&kept.slot);
        all.push(kept);
        if all.len() > MOST {
            all.remove(0);
        }
        slot
    }

    /// Notes how much an answer is, and lets go of what has not been asked for longest.
    fn weigh(&self, slot: &Slot<T>, bytes: usize) {
        let mut all = held(&self.0);
        if let Some(kept) = all.iter_mut().find(|kept| Arc::ptr_eq(&kept.slot, slot)) {
            kept.bytes = bytes;
        }
        while all.len() > 1 && all.iter().map(|kept| kept.bytes).sum::<usize>() > MOST_BYTES {
            all.remove(0);
        }
    }
}

/// What pages of returns show.
#[derive(Debug, Default)]
pub struct Counted {
    /// Returns, open and frozen ones.
    pub forms: Memo<Return>,
    /// Pictures of years.
    pub pictures: Memo<Pictures>,
    /// What became different since a closing.
    pub changes: Memo<Changes>,
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use chrono::Days;
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::{AccountId, OrganisationId};
    use crate::domain::report::period::Kind;

    /// Something of so many bytes.
    #[derive(Debug, PartialEq, Eq)]
    struct Bytes(usize);

    impl Weighs for Bytes {
        fn bytes(&self) -> usize {
            self.0
        }
    }

    fn scope() -> Scope {
        let id = Uuid::from_u128;
        Scope {
            all: false,
            paths: vec!["/1/".to_owned()],
            organisations: vec![OrganisationId(id(1))],
            account: AccountId(id(7)),
            givers: Vec::new(),
            masked: false,
        }
    }

    fn question(month: u32) -> Question {
        Question::Open(scope(), Period::new(Kind::Monthly, 2026, month).unwrap(), Window::Calendar, Lang::Vi)
    }

    fn after(entries: i64) -> Version {
        Version::Of(NaiveDate::from_ymd_opt(2026, 3, 2).unwrap(), entries, vec![1; 32])
    }

    /// The answer, and whether it had to be made.
    fn ask(memo: &Memo<Bytes>, question: Question, version: Version, bytes: usize) -> bool {
        let mut made = false;
        let answer = memo.get::<()>(question, version, || {
            made = true;
            Ok(Ok(Bytes(bytes)))
        });
        assert_eq!(*answer.unwrap().unwrap(), Bytes(bytes));
        made
    }

    #[test]
    fn an_answer_is_given_again_until_something_happens_or_a_day_is_over() {
        let memo = Memo::default();
        assert!(ask(&memo, question(3), after(5), 1));
        assert!(!ask(&memo, question(3), after(5), 1));
        assert!(ask(&memo, question(3), after(6), 2), "an entry more");
        let Version::Of(day, entries, hash) = after(6) else { unreachable!() };
        let tomorrow = Version::Of(day + Days::new(1), entries, hash);
        assert!(ask(&memo, question(3), tomorrow, 3));
        let other = Version::Of(day, entries, vec![9; 32]);
        assert!(ask(&memo, question(3), other, 4), "as many entries of another history");
    }

    #[test]
    fn nobody_is_given_what_another_scope_period_window_or_language_counted() {
        let Question::Open(_, period, window, lang) = question(3) else { unreachable!() };
        let id = Uuid::from_u128;
        let scopes = [
            scope(),
            Scope { all: true, ..scope() },
            Scope { paths: vec!["/1/2/".to_owned()], ..scope() },
            Scope { organisations: vec![OrganisationId(id(2))], ..scope() },
            Scope { account: AccountId(id(8)), ..scope() },
            Scope { givers: vec![AccountId(id(9))], ..scope() },
            Scope { masked: true, ..scope() },
        ];
        let scopes = scopes.into_iter().map(|scope| Question::Open(scope, period, window, lang));
        let others = [
            question(4),
            Question::Open(scope(), period, Window::MidMonth, lang),
            Question::Open(scope(), period, window, Lang::En),
            Question::Frozen(ClosingId(id(1)), lang),
            Question::Frozen(ClosingId(id(2)), lang),
            Question::Frozen(ClosingId(id(1)), Lang::En),
        ];
        let all: Vec<Question> = scopes.chain(others).collect();
        assert!(all.len() <= MOST, "each of them finds room");
        let memo = Memo::default();
        for (no, question) in all.iter().enumerate() {
            assert!(ask(&memo, question.clone(), after(5), no), "{question:?}");
        }
        for (no, question) in all.iter().enumerate() {
            assert!(!ask(&memo, question.clone(), after(5), no), "{question:?}");
        }
    }

    #[test]
    fn what_was_not_asked_for_longest_goes_first() {
        let memo = Memo::default();
        let most = u128::try_from(MOST).unwrap();
        let frozen = |no| Question::Frozen(ClosingId(Uuid::from_u128(no)), Lang::Vi);
        for no in 0..most {
            assert!(ask(&memo, frozen(no), Version::Ever, 1));
        }
        assert!(!ask(&memo, frozen(0), Version::Ever, 1));
        assert!(ask(&memo, frozen(most), Version::Ever, 1));
        assert!(!ask(&memo, frozen(0), Version::Ever, 1), "asked for a while ago");
        assert!(ask(&memo, frozen(1), Version::Ever, 1));
        assert!(ask(&memo, frozen(most + 1), Version::Ever, MOST_BYTES));
        assert!(ask(&memo, frozen(0), Version::Ever, 1), "so large a one leaves no room for others");
        assert!(ask(&memo, frozen(most + 1), Version::Ever, MOST_BYTES + 1));
        assert!(!ask(&memo, frozen(most + 1), Version::Ever, MOST_BYTES + 1), "and is kept itself");
    }

    #[test]
    fn who_asks_the_same_at_once_waits_for_one_answer_and_a_failure_is_tried_again() {
        let (memo, made) = (Memo::<Bytes>::default(), AtomicUsize::new(0));
        let failed = memo.get(question(3), after(5), || Ok(Err("why")));
        assert_eq!(failed.unwrap().unwrap_err(), "why");
        let began = std::sync::Barrier::new(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    began.wait();
                    let answer = memo.get::<()>(question(3), after(5), || {
                        made.fetch_add(1, Ordering::SeqCst);
                        std::thread::yield_now();
                        Ok(Ok(Bytes(1)))
                    });
                    assert_eq!(*answer.unwrap().unwrap(), Bytes(1));
                });
            }
        });
        assert_eq!(made.load(Ordering::SeqCst), 1);
    }
}
