//! Text as people type it, made safe to store, search and sort: composed (NFC), trimmed, without control
//! characters, within a length; and folded for search, where `D`, `Đ`, `Ð` and `đ` are one letter.

use chrono::{Datelike, NaiveDate};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest line of text, in characters.
pub const LINE: usize = 300;
/// Longest block of text, in characters.
pub const BLOCK: usize = 5_000;

/// Whether a character may not stand in a line: controls (a line feed in a name would end a mail header),
/// and invisible marks that change the direction of what follows.
fn is_forbidden(c: char, block: bool) -> bool {
    (c.is_control() && !(block && matches!(c, '\n' | '\t')))
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

fn parse(text: &str, most: usize, block: bool) -> Result<String, &'static str> {
    let text: String = text.trim().nfc().collect();
    if text.chars().any(|c| is_forbidden(c, block)) {
        return Err("control-characters");
    }
    if text.chars().count() > most {
        return Err("too-long");
    }
    Ok(text)
}

/// One line: composed, trimmed. The empty line is the caller's matter.
///
/// # Errors
/// `control-characters` or `too-long`.
pub fn line(text: &str) -> Result<String, &'static str> {
    parse(text, LINE, false)
}

/// Several lines: line feeds and tabs are allowed.
///
/// # Errors
/// `control-characters` or `too-long`.
pub fn block(text: &str) -> Result<String, &'static str> {
    parse(&text.replace("\r\n", "\n"), BLOCK, true)
}

/// A day as people write it: 5/2/2026, 05-02-2026, 5.2.2026 or 2026-02-05. A year of two digits is none: its century
/// would be a guess.
#[must_use]
pub fn day(text: &str) -> Option<NaiveDate> {
    let forms = ["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d"];
    let day = forms.iter().find_map(|form| NaiveDate::parse_from_str(text.trim(), form).ok());
    day.filter(|day| day.year() >= 1000)
}

/// For searching: lower case, without marks, đ as d, runs of white space as one.
#[must_use]
pub fn folded(text: &str) -> String {
    // Names in passports have no marks to look for.
    if text.is_ascii() {
        return text.to_ascii_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let plain: String = text
        .nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if matches!(c, 'đ' | 'ð') { 'd' } else { c })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// For sorting: letters first, then the marks that tell `Ha` from `Hà`; compared by bytes.
#[must_use]
pub fn sort_key(text: &str) -> String {
    let lower: String = match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => text.nfc().flat_map(char::to_lowercase).collect(),
    };
    format!("{}\u{1}{lower}", folded(text))
}

/// A mail address that this service writes to: ASCII, no quoted local part, no address literal, at most 254 bytes.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let local_ok = !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~.-".contains(&b));
    let label_ok = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.len() <= 254 && local_ok && domain.split('.').count() >= 2 && domain.split('.').all(label_ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_to_a_searcher() {
        assert_eq!(folded("Đồng bằng  Sông Cửu Long"), "dong bang song cuu long");
        assert_eq!(folded("Ðo\u{302}\u{300}ng"), folded("ĐỒNG"));
        assert_eq!(folded(" TANAKA\t Hiroshi "), folded("\u{a0}Tanaka hiröshi"));
        assert!(sort_key("Tanaka") == sort_key("TANAKA") && sort_key("TANAKA") < sort_key("TÁNAKA"));
    }

    #[test]
    fn a_line_feed_in_a_name_is_refused() {
        assert_eq!(line("Nguyễn\nBcc: x"), Err("control-characters"));
        assert_eq!(line(" Nguye\u{302}\u{303}n "), Ok("Nguyễn".to_owned()));
        assert_eq!(line(&"a".repeat(301)), Err("too-long"));
    }

    #[test]
    fn addresses() {
        for good in ["a@b.vn", "le.thi-hoa+x@sub.example.org"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "a@b",
            "a@[127.0.0.1]",
            "\"a b\"@c.org",
            "a@b..c",
            "ạ@b.org",
            ".a@b.org",
            "a@-b.org",
            "a\n@b.org",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
