//! What the words of a search mean: words that begin so are looked for in titles, names of people who travel, and names of
//! the bodies, partners and countries concerned, and official numbers that begin so; all of them must be found, in any
//! order.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::domain::codes::{Code, Direction};
use crate::domain::countries;
use crate::domain::text;
use crate::store::schema::organisations;
use crate::store::words;
use crate::store::{ReadTx, StoreError};

/// Most words that are looked for; nobody types more who has not pasted a text.
const MOST: usize = 8;

/// One word.
#[derive(Debug, Clone)]
pub(super) struct Word {
    /// As typed, folded.
    pub typed: String,
    /// Behind all words that begin with it, as bytes are compared.
    pub end: String,
    /// Bodies whose code or name has a word that begins with it.
    pub bodies: Vec<String>,
    /// Countries that have a name with a word that begins with it.
    pub countries: Vec<&'static str>,
    /// Official numbers that it may begin.
    pub numbers: Numbers,
}

/// Official numbers: directions, years from and to, numbers from and to. No direction is none of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Numbers {
    pub directions: Vec<&'static str>,
    pub years: (i32, i32),
    pub between: (i64, i64),
}

/// The words of a search.
pub(super) fn words(tx: &mut ReadTx<'_>, typed: Option<&str>) -> Result<Vec<Word>, StoreError> {
    let words: Vec<String> =
        words::typed(&text::folded(typed.unwrap_or_default())).into_iter().take(MOST).collect();
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let bodies: Vec<(String, String, String, String)> = organisations::table
        .select((organisations::id, organisations::code, organisations::name_vi, organisations::name_en))
        .load(tx.db())?;
    let bodies: Vec<(String, BTreeSet<String>)> = bodies
        .into_iter()
        .map(|(id, code, vi, en)| (id, words::words(&text::folded(&format!("{code} {vi} {en}")))))
        .collect();
    let begins = |names: &BTreeSet<String>, word: &str| names.iter().any(|name| name.starts_with(word));
    let word = |word: String| Word {
        bodies: bodies.iter().filter(|(_, names)| begins(names, &word)).map(|(id, _)| id.clone()).collect(),
        countries: countries::beginning(&word),
        numbers: numbers(&word).unwrap_or_default(),
        end: words::end(&word),
        typed: word,
    };
    Ok(words.into_iter().map(word).collect())
}

/// The official numbers that a word begins: `dv-2026`, `dv-2026-00`, `2026-0012`; a number alone is that number.
fn numbers(word: &str) -> Option<Numbers> {
    let series = [("dv-", Direction::Inbound), ("dr-", Direction::Outbound)];
    let named = series.iter().find_map(|(prefix, way)| Some((word.strip_prefix(prefix)?, way.code())));
    let every = Direction::ALL.iter().map(|way| way.code()).collect();
    let (rest, directions) = named.map_or((word, every), |(rest, way)| (rest, vec![way]));
    let (year, number) = rest.split_once('-').unwrap_or((rest, ""));
    if named.is_none() && number.is_empty() {
        let exact = digits(rest).filter(|_| !rest.is_empty() && !rest.contains('-'))?;
        return Some(Numbers { directions, years: (0, 9999), between: (exact, exact) });
    }
    let years = beginning(year)?;
    let years = (i32::try_from(years.0).ok()?, i32::try_from(years.1).ok()?);
    Some(Numbers { directions, years, between: beginning(number)? })
}

fn digits(text: &str) -> Option<i64> {
    let all = text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit());
    all.then(|| text.parse().unwrap_or_default())
}

/// The numbers of four digits that begin so; with more digits, that number.
fn beginning(text: &str) -> Option<(i64, i64)> {
    let number = digits(text)?;
    let missing = u32::try_from(4_usize.saturating_sub(text.len())).ok()?;
    let width = 10_i64.pow(missing);
    Some((number * width, number * width + width - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(word: &str) -> Option<(usize, (i32, i32), (i64, i64))> {
        numbers(word).map(|one| (one.directions.len(), one.years, one.between))
    }

    #[test]
    fn official_numbers_are_found_while_they_are_typed() {
        assert_eq!(found("dv-"), Some((1, (0, 9999), (0, 9999))));
        assert_eq!(found("dv-20"), Some((1, (2000, 2099), (0, 9999))));
        assert_eq!(found("dr-2026-00"), Some((1, (2026, 2026), (0, 99))));
        assert_eq!(found("dv-2026-0012"), Some((1, (2026, 2026), (12, 12))));
        assert_eq!(found("2026-12345"), Some((2, (2026, 2026), (12345, 12345))));
        assert_eq!(found("0012"), Some((2, (0, 9999), (12, 12))));
        for none in ["dv", "dr", "hiroshima", "-", "dv-x", "2026-x", "12345678901", "1-2-3"] {
            assert_eq!(found(none), None, "{none}");
        }
    }
}
