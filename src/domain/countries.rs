//! The catalogue of countries and territories, as data: ISO 3166-1 alpha-2 with the names that the office prints,
//! and ICAO's XXA (stateless) and XXX (unknown).

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::codes::Lang;
use super::text;

#[derive(Deserialize)]
struct Catalogue {
    country: Vec<Country>,
}

/// A row of the catalogue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Country {
    /// Code.
    pub code: String,
    /// Name in Vietnamese.
    pub vi: String,
    /// Name in English.
    pub en: String,
    /// Further names that people write, in any language, and the code that passports bear (ISO 3166-1 alpha-3).
    #[serde(default)]
    pub also: Vec<String>,
}

/// The code of Vietnam.
pub const VIETNAM: &str = "VN";

fn all() -> &'static BTreeMap<String, Country> {
    static ALL: OnceLock<BTreeMap<String, Country>> = OnceLock::new();
    ALL.get_or_init(|| {
        // A test reads the catalogue; a broken one is empty, so that every code is refused.
        let catalogue: Catalogue = toml::from_str(include_str!("../../config/catalogue/countries.toml"))
            .unwrap_or(Catalogue { country: vec![] });
        catalogue.country.into_iter().map(|country| (country.code.clone(), country)).collect()
    })
}

/// Whether the catalogue has this code.
#[must_use]
pub fn is_known(code: &str) -> bool {
    all().contains_key(code)
}

/// Codes and names in a language, in the order of its letters.
#[must_use]
pub fn list(lang: Lang) -> Vec<(String, String)> {
    let mut names: Vec<(String, String)> =
        all().keys().map(|code| (code.clone(), name(code, lang))).collect();
    names.sort_by_cached_key(|(_, name)| match lang {
        Lang::Vi => text::vietnamese_key(name),
        Lang::En => text::sort_key(name),
    });
    names
}

/// The country of a name that people write, whatever its case and marks.
#[must_use]
pub fn named(typed: &str) -> Option<&'static str> {
    static NAMES: OnceLock<BTreeMap<String, &'static str>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let names = |country: &'static Country| {
            let all = [&country.vi, &country.en].into_iter().chain(&country.also);
            all.map(|name| (text::folded(name), country.code.as_str()))
        };
        all().values().flat_map(names).collect()
    });
    names.get(&text::folded(typed)).copied()
}

/// The codes of those with a name that has a word which begins so, folded: Vietnam is where everybody here is or comes to.
#[must_use]
pub fn beginning(word: &str) -> Vec<&'static str> {
    static WORDS: OnceLock<Vec<(&'static str, Vec<String>)>> = OnceLock::new();
    let words = WORDS.get_or_init(|| {
        let words = |country: &'static Country| {
            let names = [&country.vi, &country.en].into_iter().chain(&country.also);
            let folded = names.map(|name| text::folded(name)).collect::<Vec<_>>().join(" ");
            let split = folded.split(|c: char| c.is_whitespace() || "(),".contains(c));
            (country.code.as_str(), split.filter(|word| !word.is_empty()).map(str::to_owned).collect())
        };
        all().values().filter(|country| country.code != VIETNAM).map(words).collect()
    });
    let begins = |(_, words): &&(&str, Vec<String>)| words.iter().any(|known| known.starts_with(word));
    words.iter().filter(begins).map(|(code, _)| *code).collect()
}

/// The name that is printed; an unknown code is printed as it is.
#[must_use]
pub fn name(code: &str, lang: Lang) -> String {
    all().get(code).map_or_else(
        || code.to_owned(),
        |country| match lang {
            Lang::Vi => country.vi.clone(),
            Lang::En => country.en.clone(),
        },
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_catalogue_is_whole() {
        assert_eq!(super::all().len(), 251);
        // No name means two countries.
        for country in super::all().values() {
            for name in [&country.vi, &country.en].into_iter().chain(&country.also) {
                assert_eq!(super::named(name), Some(country.code.as_str()), "{name}");
            }
        }
        assert_eq!(super::beginning("japan"), ["JP"]);
        assert!(super::beginning("nhat").contains(&"JP"), "Nhật Bản, beside what is thống nhất");
        assert!(super::beginning("han").contains(&"KR") && super::beginning("xyz").is_empty());
        assert!(super::is_known("KR") && super::is_known("XXA") && !super::is_known("kr"));
    }
}
