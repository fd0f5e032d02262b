//! Sentences of what rules say: the arithmetic of a deadline ("5 working days before 23/02/2026: 13, 12, 11, 10, 09/02;
//! Tết 16-20/02 skipped; by 09/02/2026"), and what does not fit, with its values.

use chrono::{Datelike, NaiveDate};

use crate::domain::approval::{ChainStep, Place};
use crate::domain::calendar::{Skipped, Unit};
use crate::domain::codes::{Code, Lang};
use crate::domain::countries;
use crate::domain::money::decimal;
use crate::domain::rulebook::{
    Book, DeadlineView, Demand, LackView, Lacking, MismatchView, Rule, Side, Value,
};
use crate::texts::text;

/// Most days that are listed one by one.
const LISTED: usize = 31;

/// Writes the sentences of a deadline.
pub(super) fn fill(deadline: &mut DeadlineView) {
    deadline.sentence_vi = sentence(deadline, Lang::Vi);
    deadline.sentence_en = sentence(deadline, Lang::En);
}

/// Writes the sentences of what does not fit.
pub(super) fn fill_mismatch(mismatch: &mut MismatchView) {
    mismatch.sentence_vi = misfit(mismatch, Lang::Vi);
    mismatch.sentence_en = misfit(mismatch, Lang::En);
}

/// Names what a rule finds lacking.
pub(super) fn fill_lacks(lacks: &mut [LackView], rule: Option<&Rule>, book: &Book) {
    for lack in lacks {
        lack.name_vi = named(lack, rule, book, Lang::Vi);
        lack.name_en = named(lack, rule, book, Lang::En);
    }
}

fn named(lack: &LackView, rule: Option<&Rule>, book: &Book, lang: Lang) -> String {
    let kebab = lack.code.replace('_', "-");
    let of_two = |vi: &String, en: &String| match lang {
        Lang::Vi => vi.clone(),
        Lang::En => en.clone(),
    };
    let told = match lack.kind {
        Lacking::Paper => Some(text(lang, &format!("word-file-kind-{kebab}"), &[])),
        Lacking::Fact => Some(text(lang, &format!("fact-{kebab}"), &[])),
        Lacking::Opinion => book.chain.body(&lack.code).map(|body| of_two(&body.name_vi, &body.name_en)),
        Lacking::Step => {
            let wanted = |step: &&ChainStep| {
                let asks = |at: &Place| *at == step.at && lack.code == step.kind;
                matches!(rule.map(|rule| &rule.demand), Some(Demand::Step { at, .. }) if asks(at))
            };
            let step = book.chain.step.iter().find(wanted);
            step.map(|step| of_two(&step.title_vi, &step.title_en))
        }
        Lacking::Duty => None,
    };
    told.unwrap_or_else(|| lack.code.clone())
}

fn misfit(mismatch: &MismatchView, lang: Lang) -> String {
    let words: Vec<(&str, String)> =
        mismatch.values.iter().map(|(name, value)| (*name, in_words(value, lang))).collect();
    let words: Vec<(&str, &str)> = words.iter().map(|(name, value)| (*name, value.as_str())).collect();
    text(lang, &format!("mismatch-{}", mismatch.kind.code()), &words)
}

fn in_words(value: &Value, lang: Lang) -> String {
    match value {
        Value::Number(n) => n.to_string(),
        Value::Day(day) => whole(*day),
        Value::Money(minor, currency) => {
            format!("{} {currency}", decimal(*minor, currency)).trim().to_owned()
        }
        Value::Country(code) => countries::name(code, lang),
        Value::Delegations(all) => {
            let word = |one: &String| match one.as_str() {
                "confidential" | "elsewhere" => text(lang, &format!("mismatch-delegation-{one}"), &[]),
                number => number.to_owned(),
            };
            all.iter().map(word).collect::<Vec<_>>().join(", ")
        }
    }
}

fn sentence(deadline: &DeadlineView, lang: Lang) -> String {
    let side = match deadline.side {
        Side::Before => "before",
        Side::After => "after",
    };
    let term = text(
        lang,
        &format!("rules-term-{side}-{}", deadline.unit.code()),
        &[("n", &deadline.n.to_string()), ("anchor", &whole(deadline.anchor_on))],
    );
    let Some(arithmetic) = &deadline.arithmetic else { return term };
    let mut parts = Vec::new();
    if deadline.unit == Unit::WorkingDay && arithmetic.counted.len() <= LISTED {
        parts.push(format!("{term}: {}", days(&arithmetic.counted)));
    } else {
        parts.push(term);
    }
    for skipped in &arithmetic.skipped {
        let name = match lang {
            Lang::Vi => &skipped.name_vi,
            Lang::En => &skipped.name_en,
        };
        parts.push(text(lang, "rules-skipped", &[("name", name), ("days", &span(skipped))]));
    }
    if let Some(day) = arithmetic.moved_from {
        parts.push(text(lang, &format!("rules-moved-{side}"), &[("day", &whole(day))]));
    }
    for day in &arithmetic.uncertain {
        let name = match lang {
            Lang::Vi => &day.name_vi,
            Lang::En => &day.name_en,
        };
        parts.push(text(lang, "rules-uncertain", &[("name", name), ("days", &span(day))]));
    }
    if !arithmetic.uncovered.is_empty() {
        let years: Vec<String> = arithmetic.uncovered.iter().map(ToString::to_string).collect();
        parts.push(text(lang, "rules-uncovered", &[("years", &years.join(", "))]));
    }
    parts.push(text(lang, "rules-by", &[("day", &whole(deadline.latest_on))]));
    parts.join("; ")
}

fn whole(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

fn span(skipped: &Skipped) -> String {
    match (skipped.from, skipped.to) {
        (from, to) if from == to => from.format("%d/%m").to_string(),
        (from, to) if from.month() == to.month() => format!("{}-{}", from.format("%d"), to.format("%d/%m")),
        (from, to) => format!("{}-{}", from.format("%d/%m"), to.format("%d/%m")),
    }
}

/// Days in the order of counting; the month stands where it ends: `13, 12, 11, 10, 09/02`.
fn days(counted: &[NaiveDate]) -> String {
    let next = counted.iter().skip(1).map(Some).chain([None]);
    let day = |(day, next): (&NaiveDate, Option<&NaiveDate>)| match next {
        Some(next) if next.month() == day.month() => day.format("%d").to_string(),
        _ => day.format("%d/%m").to_string(),
    };
    counted.iter().zip(next).map(day).collect::<Vec<_>>().join(", ")
}
