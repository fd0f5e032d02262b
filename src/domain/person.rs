//! What is said of a person, as sent: composed, trimmed and checked. Finding the person again is the service's matter.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use utoipa::ToSchema;

use super::codes::{PassportType, Sex};
use super::countries;
use super::refusal::{Fault, Why};
use super::text;

/// Year before which nobody alive was born.
const FIRST_BIRTH_YEAR: i32 = 1900;

/// A passport as sent. Its number is never printed.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PassportInput {
    /// Number: 5 to 20 letters and digits; spaces and hyphens are dropped.
    pub number: String,
    /// Kind; ordinary when absent.
    #[serde(rename = "type", default = "ordinary")]
    pub kind: PassportType,
    /// Last day of validity.
    #[serde(default)]
    pub expires_on: Option<NaiveDate>,
}

fn ordinary() -> PassportType {
    PassportType::Ordinary
}

impl fmt::Debug for PassportInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PassportInput")
            .field("kind", &self.kind)
            .field("expires_on", &self.expires_on)
            .finish_non_exhaustive()
    }
}

/// What is said of a person.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonInput {
    /// Name as in the passport.
    pub full_name: String,
    /// Name in own script.
    #[serde(default)]
    pub native_name: Option<String>,
    /// Sex as in the passport.
    #[serde(default)]
    pub sex: Option<Sex>,
    /// Date of birth.
    #[serde(default)]
    pub birth_date: Option<NaiveDate>,
    /// Nationality, ISO 3166-1 alpha-2, or XXA (stateless), XXX (unknown).
    #[serde(default)]
    pub nationality: Option<String>,
    /// Passport.
    #[serde(default)]
    pub passport: Option<PassportInput>,
}

impl PersonInput {
    /// Composes and trims every text in place; the faults, below the pointer `base`, name what cannot be kept.
    pub fn clean(&mut self, base: &str, today: NaiveDate) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut at = |name: &str, why: Why| faults.push(Fault::at(format!("{base}{name}"), why));
        match text::line(&self.full_name) {
            Ok(name) if name.is_empty() => at("/full_name", "required".into()),
            Ok(name) => self.full_name = name,
            Err(code) => at("/full_name", code),
        }
        match self.native_name.as_deref().map(text::line).transpose() {
            Ok(name) => self.native_name = name.filter(|name| !name.is_empty()),
            Err(code) => at("/native_name", code),
        }
        if let Some(code) = birth_fault(self.birth_date, today) {
            at("/birth_date", code.into());
        }
        if self.nationality.as_deref().is_some_and(|code| !countries::is_known(code)) {
            at("/nationality", "bad-country".into());
        }
        if let Some(passport) = &mut self.passport {
            faults.extend(passport.clean(&format!("{base}/passport")));
        }
        faults
    }
}

impl PassportInput {
    /// Normalises the number in place; the faults stand below the pointer `base`.
    pub fn clean(&mut self, base: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        match normalised(&self.number) {
            Some(number) => self.number = number,
            None => faults.push(Fault::at(format!("{base}/number"), "bad-passport-number")),
        }
        if self.expires_on.is_some_and(|day| !(1950..=2150).contains(&day.year())) {
            faults.push(Fault::at(format!("{base}/expires_on"), "not-a-date"));
        }
        faults
    }
}

fn birth_fault(born: Option<NaiveDate>, today: NaiveDate) -> Option<&'static str> {
    match born? {
        day if day > today => Some("in-the-future"),
        day if day.year() < FIRST_BIRTH_YEAR => Some("in-the-past"),
        _ => None,
    }
}

/// A passport number as it is kept: upper case, without spaces and hyphens; `None` when it is no such number.
#[must_use]
pub fn normalised(number: &str) -> Option<String> {
    let plain: String =
        number.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect();
    let fits = (5..=20).contains(&plain.len()) && plain.bytes().all(|b| b.is_ascii_alphanumeric());
    fits.then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(json: serde_json::Value) -> PersonInput {
        serde_json::from_value(json).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_passport_number_is_one_however_it_is_typed() {
        assert_eq!(normalised(" c-123 4567 "), Some("C1234567".to_owned()));
        for bad in ["", "1234", "C123456789012345678901", "C12345é", "C12345;"] {
            assert_eq!(normalised(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_person_is_cleaned_in_place() {
        let mut input = person(serde_json::json!({"full_name": " Lê Thị  Hoa ", "native_name": " ",
            "birth_date": "1980-02-29", "nationality": "KR", "passport": {"number": "m 123-45678"}}));
        assert_eq!(input.clean("", day("2026-03-02")), []);
        assert_eq!(input.native_name, None);
        let passport = input.passport.unwrap();
        assert_eq!((passport.number.as_str(), passport.kind), ("M12345678", PassportType::Ordinary));
        assert!(!format!("{passport:?}").contains("M1234"), "never printed");
    }

    #[test]
    fn each_fault_names_its_field() {
        let mut input = person(serde_json::json!({"full_name": "Kim\nBcc: x", "native_name": "a\u{7}",
            "birth_date": "2026-03-03", "nationality": "kr", "passport": {"number": "12"}}));
        assert_eq!(
            input.clean("/0", day("2026-03-02")),
            [
                Fault::at("/0/full_name", "control-characters"),
                Fault::at("/0/native_name", "control-characters"),
                Fault::at("/0/birth_date", "in-the-future"),
                Fault::at("/0/nationality", "bad-country"),
                Fault::at("/0/passport/number", "bad-passport-number"),
            ]
        );
        let mut old = person(serde_json::json!({"full_name": "", "birth_date": "1899-12-31"}));
        let found = old.clean("", day("2026-03-02"));
        assert_eq!(found, [Fault::at("/full_name", "required"), Fault::at("/birth_date", "in-the-past")]);
    }
}
