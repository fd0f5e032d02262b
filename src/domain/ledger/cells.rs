//! What the cells of a ledger become: directions, words of vocabularies, countries with their numbers, people.

use crate::domain::codes::{Code, Direction, Lang};
use crate::domain::pasted::country;
use crate::domain::report::words::Spoken;
use crate::domain::text;

/// Most people of one row.
const MOST_PEOPLE: u32 = 100_000;

pub(super) fn direction(typed: &str) -> Option<Direction> {
    let folded = text::folded(typed);
    let words: [(Direction, &[&str]); 2] = [
        (Direction::Inbound, &["doan vao", "vao", "inbound", "in"]),
        (Direction::Outbound, &["doan ra", "ra", "outbound", "out"]),
    ];
    words.iter().find(|(_, words)| words.contains(&folded.as_str())).map(|(way, _)| *way)
}

/// A word of a closed vocabulary, by its code or as it is printed in either language; ranks also without "Hạng".
pub(super) fn coded<C: Spoken>(typed: &str, to: &mut Option<C>) -> Result<String, &'static str> {
    let folded = text::folded(typed);
    let is = |code: &&C| {
        let said = |lang: &Lang| {
            let said = text::folded(code.said(*lang));
            said == folded || said.strip_prefix("hang ").is_some_and(|rest| rest == folded)
        };
        let is_other = code.code() == "other" && (folded == "khac" || folded.ends_with(" khac"));
        is_other || code.code() == folded || Lang::ALL.iter().any(said)
    };
    let found = C::ALL.iter().find(is).copied().ok_or("unknown-code")?;
    *to = Some(found);
    Ok(found.code().to_owned())
}

/// Countries by code or name, each perhaps with its number of people: `Nhật Bản (5); Pháp: 3`.
pub(super) fn countries(typed: &str) -> Result<Vec<(String, Option<u32>)>, &'static str> {
    if let Some(only) = country(typed) {
        return Ok(vec![(only, None)]);
    }
    let mut found: Vec<(String, Option<u32>)> = Vec::new();
    for part in typed.split([',', ';', '\n', '+']).map(str::trim).filter(|part| !part.is_empty()) {
        let (name, number) = match part.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')) {
            Some((name, number)) if number.trim().bytes().all(|b| b.is_ascii_digit()) => (name, Some(number)),
            _ => part.rsplit_once(':').map_or((part, None), |(name, number)| (name, Some(number))),
        };
        let code = country(name.trim()).ok_or("bad-country")?;
        let number = number.map(|number| people(number).map(|(n, _)| n)).transpose()?;
        if found.iter().any(|(other, _)| *other == code) {
            return Err("listed-twice");
        }
        found.push((code, number));
    }
    Ok(found)
}

/// A number of people, `1.250`, and whether it is an estimate: `hơn 20`.
pub(super) fn people(typed: &str) -> Result<(u32, bool), &'static str> {
    let folded = text::folded(typed);
    let about = ["hon ", "tren ", "khoang ", "over ", "more than ", "about ", ">"];
    let rest = about.iter().find_map(|word| folded.strip_prefix(word));
    let digits: String = rest.unwrap_or(&folded).chars().filter(|c| !matches!(c, '.' | ' ')).collect();
    let digits = digits.trim_end_matches("nguoi").trim_end_matches("khach");
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err("not-a-number");
    }
    let number = digits.parse().ok().filter(|n| *n <= MOST_PEOPLE).ok_or("out-of-range")?;
    Ok((number, rest.is_some()))
}
