//! Rules as data: what they say, to what they apply, and what follows for a delegation. Pure: files, database and
//! clock are other rooms' matters.

mod book;
mod evaluate;
pub mod examples;
mod explain;
mod facts;
mod matcher;
mod material;
mod model;

pub use book::{Book, Defect, Source};
pub use evaluate::{Assessment, Deadline, Finding, Owed, Verdict, assess, obligations};
pub use examples::Example;
pub use explain::{DeadlineView, Explanation, PapersView, PlannedStep, RuleView, explain, filled};
pub use facts::{Facts, FundingFact, ItemFact, StayFact, TravellerFact};
pub use matcher::{Applies, Matcher};
pub use material::Material;
pub use model::{Anchor, Basis, Check, Confidence, Demand, Rule, SelectedBy, Severity, Side, Status};

#[cfg(test)]
mod tests;
