//! Text as people type it, made safe to store, search and sort: composed (NFC), trimmed, without control
//! characters, within a length; and folded for search, where `D`, `Đ`, `Ð` and `đ` are one letter.

use chrono::{Datelike, NaiveDate};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::codes::Lang;
use super::refusal::Why;

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

fn parse(text: &str, most: usize, block: bool) -> Result<String, Why> {
    let text: String = text.trim().nfc().collect();
    if text.chars().any(|c| is_forbidden(c, block)) {
        return Err("control-characters".into());
    }
    within(&text, most)?;
    Ok(text)
}

/// Refuses a text of more characters than this.
///
/// # Errors
/// `too-long`, with the limit.
pub fn within(text: &str, most: usize) -> Result<(), Why> {
    let there = text.chars().count();
    if there > most { Err(Why::too_long(most, there)) } else { Ok(()) }
}

/// One line: composed, trimmed. The empty line is the caller's matter.
///
/// # Errors
/// `control-characters` or `too-long`.
pub fn line(text: &str) -> Result<String, Why> {
    parse(text, LINE, false)
}

/// Several lines: line feeds and tabs are allowed.
///
/// # Errors
/// `control-characters` or `too-long`.
pub fn block(text: &str) -> Result<String, Why> {
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

/// For sorting names for a reader of this language: by the Vietnamese alphabet, or with marks set aside.
#[must_use]
pub fn key_in(lang: Lang, text: &str) -> String {
    match lang {
        Lang::Vi => vietnamese_key(text),
        Lang::En => sort_key(text),
    }
}

/// For sorting Vietnamese text by the Vietnamese alphabet: ă and â after a, đ after d, ê after e, ô and ơ after o, ư after
/// u are letters; then the tones, in the order none, huyền, hỏi, ngã, sắc, nặng (as CLDR's `vi`). Compared by bytes.
#[must_use]
pub fn vietnamese_key(text: &str) -> String {
    let (mut letters, mut tones) = (String::new(), String::new());
    for c in text.nfd().flat_map(char::to_lowercase) {
        let rank = match c {
            'đ' => ('d', '1'),
            '\u{302}' | '\u{306}' | '\u{31b}' => {
                // The mark makes another letter of the one before: ă â, ê, ô ơ, ư.
                let base = letters.chars().rev().nth(1).unwrap_or(' ');
                letters.pop();
                letters.push(if matches!((base, c), ('a', '\u{302}') | ('o', '\u{31b}')) {
                    '2'
                } else {
                    '1'
                });
                continue;
            }
            '\u{300}' | '\u{309}' | '\u{303}' | '\u{301}' | '\u{323}' => {
                tones.pop();
                tones.push(match c {
                    '\u{300}' => '1',
                    '\u{309}' => '2',
                    '\u{303}' => '3',
                    '\u{301}' => '4',
                    _ => '5',
                });
                continue;
            }
            c if is_combining_mark(c) => continue,
            c if c.is_alphanumeric() => (c, '0'),
            _ => {
                if !letters.ends_with(' ') && !letters.is_empty() {
                    letters.push(' ');
                }
                continue;
            }
        };
        letters.extend([rank.0, rank.1]);
        tones.push('0');
    }
    format!("{}\u{1}{tones}", letters.trim_end())
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
        let alphabet = [
            "Ả Rập",
            "An",
            "Ăn",
            "Ấn Độ",
            "Ba Lan",
            "Bỉ",
            "Do Thái",
            "Đan Mạch",
            "Đức",
            "E",
            "Ê",
            "Hà Lan",
            "Hàn Quốc",
            "O",
            "Ô",
            "Ơ",
            "Trung Quốc",
            "Úc",
            "Ư",
        ];
        assert!(alphabet.is_sorted_by_key(|name| vietnamese_key(name)), "by letters, not by marks");
        let tones = ["ma", "mà", "mả", "mã", "má", "mạ", "mai"];
        assert!(tones.is_sorted_by_key(|name| vietnamese_key(name)), "tones where the letters are the same");
        assert_eq!(vietnamese_key("ĐÀI LOAN (Trung Quốc)"), vietnamese_key("Đài Loan – trung quốc"));
        assert!(sort_key("Tanaka") == sort_key("TANAKA") && sort_key("TANAKA") < sort_key("TÁNAKA"));
    }

    #[test]
    fn a_line_feed_in_a_name_is_refused() {
        assert_eq!(line("Nguyễn\nBcc: x"), Err("control-characters".into()));
        assert_eq!(line(" Nguye\u{302}\u{303}n "), Ok("Nguyễn".to_owned()));
        assert_eq!(line(&"a".repeat(301)), Err(Why::too_long(LINE, 301)));
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
