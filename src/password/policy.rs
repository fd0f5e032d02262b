//! Which passwords are taken: long ones, that are not made of what everybody tries first.
//! There is no rule about kinds of characters, and none about changing it every few months.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The least number of characters, where a password stands alone.
pub const MIN_CHARACTERS: usize = 15;
/// The greatest number of characters.
pub const MAX_CHARACTERS: usize = 128;
/// How many characters must be left when everything guessable is taken out.
const MIN_RESIDUE: usize = 8;
/// The least number of different characters.
const MIN_DIFFERENT: usize = 6;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer than [`MIN_CHARACTERS`].
    #[error("the password needs at least {MIN_CHARACTERS} characters")]
    TooShort,
    /// More than [`MAX_CHARACTERS`].
    #[error("the password may have at most {MAX_CHARACTERS} characters")]
    TooLong,
    /// A control character, which a keyboard elsewhere may not be able to type.
    #[error("the password contains a control character")]
    ControlCharacter,
    /// Mostly common words, rows of keys or numbers, or one thing over and over.
    #[error("the password is made of common words or patterns")]
    Common,
    /// Contains the user's own name.
    #[error("the password contains the user name")]
    ContainsName,
}

impl WeakPassword {
    /// The stable code of this fault.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooShort => "password-too-short",
            Self::TooLong => "password-too-long",
            Self::ControlCharacter => "password-control-character",
            Self::Common => "password-common",
            Self::ContainsName => "password-contains-name",
        }
    }
}

/// Words that guessers try first, folded as [`fold`] does, here and where this program is used.
const COMMON: &[&str] = &[
    "password",
    "passwort",
    "passphrase",
    "matkhau",
    "matma",
    "secret",
    "bimat",
    "welcome",
    "xinchao",
    "admin",
    "administrator",
    "quantri",
    "root",
    "user",
    "guest",
    "login",
    "dangnhap",
    "letmein",
    "changeme",
    "default",
    "test",
    "demo",
    "temp",
    "hello",
    "iloveyou",
    "anhyeuem",
    "emyeuanh",
    "yeuem",
    "sunshine",
    "princess",
    "dragon",
    "monkey",
    "football",
    "bongda",
    "baseball",
    "superman",
    "batman",
    "master",
    "shadow",
    "michael",
    "trustno",
    "correcthorsebatterystaple",
    "legation",
    "delegation",
    "doanra",
    "doanvao",
    "visitor",
    "foreignaffairs",
    "ngoaivu",
    "songoaivu",
    "huunghi",
    "lienhiep",
    "ubnd",
    "vietnam",
    "vietnamese",
    "cantho",
    "hanoi",
    "saigon",
    "hochiminh",
    "danang",
    "haiphong",
    "spring",
    "summer",
    "autumn",
    "winter",
    "january",
    "company",
    "office",
    "congty",
    "coquan",
    "nguyen",
];

/// Rows of keys, numbers and letters, forwards; backwards is tried as well.
const ROWS: &[&str] = &[
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
];

/// Whether a password may be set for the user of this name.
///
/// # Errors
/// The first [`WeakPassword`] that applies.
pub fn check_password(password: &str, username: &str) -> Result<(), WeakPassword> {
    if password.len() > MAX_CHARACTERS * 32 {
        return Err(WeakPassword::TooLong);
    }
    let text: String = password.nfc().collect();
    match text.chars().count() {
        ..MIN_CHARACTERS => return Err(WeakPassword::TooShort),
        count if count > MAX_CHARACTERS => return Err(WeakPassword::TooLong),
        _ => {}
    }
    if text.chars().any(char::is_control) {
        return Err(WeakPassword::ControlCharacter);
    }
    let (folded, name) = (fold(&text), fold(username));
    if name.chars().count() >= 3 && (folded.contains(&name) || unleet(&folded).contains(&unleet(&name))) {
        return Err(WeakPassword::ContainsName);
    }
    if is_common(&folded) || is_common(&unleet(&folded)) {
        return Err(WeakPassword::Common);
    }
    Ok(())
}

/// Lower case, without marks, spaces and punctuation: `"Mật-khẩu 1"` is `"matkhau1"`.
fn fold(text: &str) -> String {
    let plain = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    plain
        .map(|c| if c == 'đ' { 'd' } else { c })
        .filter(|c| c.is_alphanumeric() || "@$!".contains(*c))
        .collect()
}

/// Undoes the usual replacements: `p@ssw0rd` is `password`.
fn unleet(text: &str) -> String {
    let plain = text.chars().map(|c| match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    });
    plain.collect()
}

/// Whether too little is left without common words, rows of keys, years and repetitions.
fn is_common(folded: &str) -> bool {
    let mut different: Vec<char> = folded.chars().collect();
    different.sort_unstable();
    different.dedup();
    // Letters of scripts without case or marks fold to nothing less; an all-punctuation text folds to nothing.
    if different.len() < MIN_DIFFERENT || is_repetition(folded) {
        return true;
    }
    let mut rest = folded.to_owned();
    for word in COMMON {
        rest = rest.replace(word, " ");
    }
    let rest = without_rows(&rest);
    rest.chars().filter(|c| c.is_alphabetic()).count() < MIN_RESIDUE
        && rest.chars().filter(|c| c.is_alphanumeric()).count() < MIN_RESIDUE + 2
}

/// Whether the text is one piece of at most half its length over and over (the last time perhaps cut short).
fn is_repetition(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (1..=chars.len() / 2).any(|period| chars.iter().zip(chars.iter().skip(period)).all(|(a, b)| a == b))
}

/// Takes out runs of four and more that go along a row of keys, forwards or backwards.
fn without_rows(text: &str) -> String {
    let mut rest = String::new();
    let mut run = String::new();
    for next in text.chars() {
        let mut longer = run.clone();
        longer.push(next);
        if !is_on_a_row(&longer) {
            if run.chars().count() < 4 {
                rest.push_str(&run);
            }
            longer = next.to_string();
        }
        run = longer;
    }
    if run.chars().count() < 4 {
        rest.push_str(&run);
    }
    rest
}

fn is_on_a_row(piece: &str) -> bool {
    let backwards: String = piece.chars().rev().collect();
    ROWS.iter().any(|row| row.contains(piece) || row.contains(&backwards))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), WeakPassword> {
        check_password(password, "lan.nguyen")
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(check("hoa sen trắng n"), Ok(()));
        assert_eq!(check("hoa sen trắng "), Err(WeakPassword::TooShort));
        let decomposed: String = "hoa sen trắng".nfd().collect();
        assert_eq!(check(&decomposed), Err(WeakPassword::TooShort));
        let long = "thuyền về bến cũ ".repeat(7) + "mưa rơi bên";
        assert_eq!(long.chars().count(), 130);
        assert_eq!(check(&long), Err(WeakPassword::TooLong));
        assert_eq!(check(&"x".repeat(1_000_000)), Err(WeakPassword::TooLong));
        assert_eq!(check("hoa sen\ttrắng nở"), Err(WeakPassword::ControlCharacter));
    }

    #[test]
    fn ordinary_phrases_are_taken() {
        for good in [
            "bến Ninh Kiều lúc hoàng hôn",
            "seven brown ferries wait",
            "tH8#kq2vLw9!zRm4",
            "花より団子と言う人が多い世の中です",
            "cầu-treo-trên-sông-hậu",
            "4815 1623 4295 8102 7364",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn common_ones_and_their_relatives_are_refused() {
        for bad in [
            "passwordpassword",
            "P@ssw0rdP@ssw0rd2025!",
            "Password123456789",
            "qwertyuiopasdfgh",
            "123456789012345",
            "0987654321098765",
            "abcabcabcabcabcabc",
            "aaaaaaaaaaaaaaaaaa",
            "MậtKhẩu123456789",
            "matkhaumatkhau2025",
            "Admin@CanTho2025!!",
            "ngoaivu.cantho.2025",
            "legation-welcome-1",
            "correct horse battery staple",
            "xinchaovietnam2025",
            "!!!!!!!!!!!!!!!!!!!!",
            "1q2w3e4r1q2w3e4r",
        ] {
            assert_eq!(check(bad), Err(WeakPassword::Common), "{bad}");
        }
    }

    #[test]
    fn the_own_name_is_refused_however_it_is_written() {
        for bad in [
            "thuyền LAN.NGUYEN về bến",
            "thuyền lannguyen về bến",
            "thuyen l@n nguy3n ve ben",
            "Lần Nguyễn về bến xưa",
        ] {
            assert_eq!(check(bad), Err(WeakPassword::ContainsName), "{bad}");
        }
        assert_eq!(check_password("thuyền về bến cũ chiều mưa", "ve"), Ok(()), "too short to mean anything");
    }

    #[test]
    fn every_fault_has_its_code() {
        assert_eq!(WeakPassword::Common.code(), "password-common");
        assert_eq!(WeakPassword::TooShort.to_string(), "the password needs at least 15 characters");
    }
}
