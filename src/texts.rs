//! What people read, in Vietnamese and English, embedded from `config/locales` at compile time. Owns
//! the lookup by stable key; must not know who asks, nor hold any words itself.
//!
//! A text without a translation shows its key: ugly, but neither a panic nor an empty page. Tests
//! below see to it that no such key exists.

use std::sync::LazyLock;

use fluent_templates::fluent_bundle::concurrent::FluentBundle;
use fluent_templates::fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_templates::{LanguageIdentifier, langid};

use crate::domain::codes::Lang;

/// The files of one language; a test sees to it that none is forgotten.
macro_rules! files_of {
    ($lang:literal) => {
        [
            include_str!(concat!("../config/locales/", $lang, "/case.ftl")),
            include_str!(concat!("../config/locales/", $lang, "/course.ftl")),
            include_str!(concat!("../config/locales/", $lang, "/desk.ftl")),
            include_str!(concat!("../config/locales/", $lang, "/done.ftl")),
            include_str!(concat!("../config/locales/", $lang, "/forms.ftl")),
            include_str!(concat!("../config/locales/", $lang, "/mail.ftl")),
            include_str!(concat!("../config/locales/", $lang, "/month.ftl")),
            include_str!(concat!("../config/locales/", $lang, "/office.ftl")),
            include_str!(concat!("../config/locales/", $lang, "/pages.ftl")),
            include_str!(concat!("../config/locales/", $lang, "/paper.ftl")),
            include_str!(concat!("../config/locales/", $lang, "/plain.ftl")),
            include_str!(concat!("../config/locales/", $lang, "/visits.ftl")),
            include_str!(concat!("../config/locales/", $lang, "/words.ftl")),
            include_str!(concat!("../config/locales/", $lang, "/problems.ftl")),
            include_str!(concat!("../config/locales/", $lang, "/records.ftl")),
            include_str!(concat!("../config/locales/", $lang, "/register.ftl")),
            include_str!(concat!("../config/locales/", $lang, "/rules.ftl")),
        ]
    };
}

type Bundle = FluentBundle<FluentResource>;

static VIETNAMESE: LazyLock<Bundle> = LazyLock::new(|| bundle(langid!("vi"), &files_of!("vi")));
static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(langid!("en"), &files_of!("en")));

fn bundle(language: LanguageIdentifier, files: &[&str]) -> Bundle {
    let mut bundle = Bundle::new_concurrent(vec![language]);
    // Isolation marks (U+2068, U+2069) would end up in mails, exports and JSON.
    bundle.set_use_isolating(false);
    for &file in files {
        // What cannot be parsed is left out here and named by the tests below.
        let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(rest, _)| rest);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

fn texts_in(lang: Lang) -> &'static Bundle {
    match lang {
        Lang::Vi => &VIETNAMESE,
        Lang::En => &ENGLISH,
    }
}

/// The text of `key` in `lang`, with its variables filled in. An unknown key gives the key itself; a
/// variable that is missing shows as `{$name}`. The variable `n` is a number, by which a text may choose its plural.
#[must_use]
pub fn text(lang: Lang, key: &str, variables: &[(&str, &str)]) -> String {
    let bundle = texts_in(lang);
    let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
        return key.to_owned();
    };
    let variables: FluentArgs<'_> =
        variables.iter().map(|&(name, value)| (name, value_of(name, value))).collect();
    bundle.format_pattern(pattern, Some(&variables), &mut Vec::new()).into_owned()
}

fn value_of<'v>(name: &str, value: &'v str) -> FluentValue<'v> {
    if name == "n" { FluentValue::try_number(value) } else { FluentValue::from(value) }
}

/// Whether `key` has a text in `lang`.
#[must_use]
pub fn has(lang: Lang, key: &str) -> bool {
    texts_in(lang).get_message(key).is_some_and(|message| message.value().is_some())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::{Path, PathBuf};

    use unicode_normalization::is_nfc;

    use super::*;
    use crate::domain::codes::Code;

    fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(files(&path, ending));
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
        found.sort();
        found
    }

    fn root() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
    }

    /// Every key of one language with the variables that its text wants.
    fn keys(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
        let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for path in files(&root().join("config/locales").join(lang.code()), ".ftl") {
            let source = std::fs::read_to_string(&path).unwrap();
            assert!(is_nfc(&source), "{} is not NFC", path.display());
            let mut current = String::new();
            for line in source.lines() {
                if line.starts_with(|c: char| c.is_ascii_lowercase()) {
                    let (key, _) = line.split_once(" =").expect("a message line");
                    assert!(keys.insert(key.to_owned(), BTreeSet::new()).is_none(), "{key} is there twice");
                    key.clone_into(&mut current);
                }
                for variable in line.split("{ $").skip(1) {
                    let name = variable.split([' ', '}']).next().unwrap().to_owned();
                    keys.get_mut(&current).expect("a variable inside a message").insert(name);
                }
            }
        }
        keys
    }

    #[test]
    fn both_languages_have_the_same_keys_with_the_same_variables() {
        let vietnamese = keys(Lang::Vi);
        assert!(vietnamese.len() > 50, "only {} keys were read", vietnamese.len());
        assert_eq!(vietnamese, keys(Lang::En));
    }

    #[test]
    fn every_key_in_every_file_is_embedded() {
        for &lang in Lang::ALL {
            for key in keys(lang).keys() {
                assert!(has(lang, key), "{key} in {lang}");
            }
        }
    }

    /// Keys that are put together (`mail-subject-{kind}`) have their own tests where that is done.
    #[test]
    fn every_literal_key_in_the_code_has_a_text() {
        let mut seen = 0;
        for path in files(&root().join("src"), ".rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            let code = source.split("#[cfg(test)]").next().unwrap();
            for literal in code.lines().flat_map(|line| line.split('"').skip(1).step_by(2)) {
                let family = ["mail-", "problem-", "field-"].iter().any(|family| literal.starts_with(family));
                if family
                    && literal.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                {
                    let known = literal.ends_with('-') || has(Lang::Vi, literal);
                    assert!(known, "{literal}, used in {}, has no text", path.display());
                    seen += 1;
                }
            }
        }
        assert!(seen > 10, "only {seen} keys were recognised");
    }

    #[test]
    fn the_files_have_no_syntax_errors() {
        for path in files(&root().join("config/locales"), ".ftl") {
            let source = std::fs::read_to_string(&path).unwrap();
            let faults = FluentResource::try_new(source).err().map(|(_, faults)| faults);
            assert!(faults.is_none(), "{}: {faults:?}", path.display());
        }
    }

    #[test]
    fn a_missing_variable_shows_its_name() {
        assert_eq!(text(Lang::En, "mail-greeting", &[]), "Dear {$name},");
    }

    #[test]
    fn variables_are_filled_in_without_isolation_marks() {
        assert_eq!(text(Lang::Vi, "mail-greeting", &[("name", "Bà Hoà")]), "Kính gửi Bà Hoà,");
        assert_eq!(text(Lang::En, "mail-greeting", &[("name", "Ms Hoà")]), "Dear Ms Hoà,");
    }

    #[test]
    fn a_missing_key_shows_itself() {
        assert_eq!(text(Lang::En, "there-is-no-such-text", &[]), "there-is-no-such-text");
        assert!(!has(Lang::En, "there-is-no-such-text"));
    }
}
