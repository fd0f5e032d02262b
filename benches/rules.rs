//! How many assessments a second one core makes with the shipped rulebook, against the bare limit: touching every rule
//! once and doing nothing. `cargo bench --bench rules`.

#![expect(clippy::expect_used, reason = "a benchmark without its data is none")]

use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

use legation::domain::calendar::Calendar;
use legation::domain::rulebook::{Book, assess, examples};
use legation::service::rules;

/// Rounds over all examples.
const ROUNDS: usize = 2_000;

fn main() {
    let book = Book::read(&rules::shipped()).expect("the shipped rulebook");
    let calendar = Calendar::shipped().expect("the shipped calendar");
    let text = include_str!("../config/rulebook/examples.toml");
    let examples = examples::read(text).expect("the shipped examples");
    // Warm: nobody measures the first touch of memory.
    for example in &examples {
        black_box(assess(&book, &example.facts, &calendar));
    }
    let began = Instant::now();
    for _ in 0..ROUNDS {
        for example in &examples {
            black_box(assess(&book, black_box(&example.facts), &calendar));
        }
    }
    let taken = began.elapsed().as_secs_f64();
    let began = Instant::now();
    for _ in 0..ROUNDS * examples.len() {
        for rule in book.rules() {
            black_box(rule);
        }
    }
    let bare = began.elapsed().as_secs_f64();
    let made = f64::from(u32::try_from(ROUNDS * examples.len()).unwrap_or(u32::MAX));
    let mut out = std::io::stdout();
    let _ = writeln!(
        out,
        "{} rules, {} examples: {:.0} assessments/s on one core, {:.1} us each, {:.0} times the bare walk over the rules",
        book.rules().len(),
        examples.len(),
        made / taken,
        taken / made * 1e6,
        taken / bare
    );
}
