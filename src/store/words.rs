//! Words of titles and names, kept beside them, by which a search finds what begins so in milliseconds however much there
//! is. Neither database needs an extension for it.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::schema::search_words;
use super::{ReadTx, StoreError, WriteTx};

/// What stands between words, besides white space. The migration that began this table knows the same.
const BREAKS: &[char] = &[
    '(', ')', '[', ']', '"', '“', '”', '‘', '’', '«', '»', ',', '.', ';', ':', '!', '?', '&', '/', '–', '—',
];
/// So many are few.
pub(super) const FEW: i64 = 1000;
/// Letters of a word that are kept.
const LONGEST: usize = 40;

/// Whose words these are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject {
    /// A dossier's title.
    Dossier,
    /// A person's name.
    Person,
    /// A partner's name.
    Partner,
}

impl Subject {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Dossier => "dossier",
            Self::Person => "person",
            Self::Partner => "partner",
        }
    }
}

/// The words of a folded text; one with a hyphen also in its parts.
pub(super) fn words(folded: &str) -> BTreeSet<String> {
    let whole = folded.split(|c: char| c.is_whitespace() || BREAKS.contains(&c));
    let all = whole.flat_map(|word| std::iter::once(word).chain(word.split('-')));
    all.map(|word| beginning(word.trim_matches('-'))).filter(|word| !word.is_empty()).collect()
}

fn beginning(word: &str) -> String {
    word.chars().take(LONGEST).collect()
}

/// The words that a searcher typed, folded: as `words`, but one with a hyphen is one.
pub(super) fn typed(folded: &str) -> Vec<String> {
    let words = folded.split(|c: char| c.is_whitespace() || BREAKS.contains(&c));
    words.map(beginning).filter(|word| !word.trim_matches('-').is_empty()).collect()
}

/// Behind all words that begin so, as bytes are compared.
pub(super) fn end(beginning: &str) -> String {
    format!("{beginning}{}", char::MAX)
}

/// All that there are, if they are few.
pub(super) fn complete(ids: Vec<String>) -> Option<Vec<String>> {
    (i64::try_from(ids.len()).unwrap_or(i64::MAX) <= FEW).then_some(ids)
}

/// Ids of those with a word that begins so, if they are few.
pub(super) fn few(
    tx: &mut ReadTx<'_>,
    subject: Subject,
    beginning: &str,
) -> Result<Option<Vec<String>>, StoreError> {
    let found = search_words::table
        .filter(search_words::subject.eq(subject.code()))
        .filter(search_words::word.ge(beginning))
        .filter(search_words::word.lt(end(beginning)));
    Ok(complete(found.select(search_words::subject_id).limit(FEW + 1).load(tx.db())?))
}

/// Keeps the words of a folded text in place of those that were kept.
pub(super) fn keep(tx: &mut WriteTx<'_>, subject: Subject, id: &str, folded: &str) -> Result<(), StoreError> {
    let of = search_words::table.filter(search_words::subject_id.eq(id));
    let kept: Vec<String> = of.select(search_words::word).load(tx.db())?;
    let (kept, now): (BTreeSet<String>, _) = (kept.into_iter().collect(), words(folded));
    let gone: Vec<&String> = kept.difference(&now).collect();
    if !gone.is_empty() {
        diesel::delete(of.filter(search_words::word.eq_any(gone))).execute(tx.db())?;
    }
    for word in now.difference(&kept) {
        diesel::insert_into(search_words::table)
            .values((
                search_words::subject.eq(subject.code()),
                search_words::subject_id.eq(id),
                search_words::word.eq(word),
            ))
            .execute(tx.db())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::folded;

    #[test]
    fn a_title_is_found_by_each_of_its_words() {
        let found = words(&folded("Đoàn Pháp-Việt (giai đoạn 2026-2027), “Hòa bình” – G&D"));
        let expected = [
            "2026",
            "2026-2027",
            "2027",
            "binh",
            "d",
            "doan",
            "g",
            "giai",
            "hoa",
            "phap",
            "phap-viet",
            "viet",
        ];
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
        assert_eq!(typed(&folded(" DV-2026-0012  (Pháp) - ")), ["dv-2026-0012", "phap"]);
        assert!(words(&"x".repeat(5000)).iter().all(|word| word.len() == LONGEST));
    }
}
