//! Rules as data: what they say, to what they apply, and what follows for a delegation. Pure: files, database and
//! clock are other rooms' matters.

mod anchor;
mod asked;
mod book;
mod compare;
mod demand;
mod differences;
mod evaluate;
pub mod examples;
mod explain;
mod facts;
mod faults;
mod matcher;
mod material;
mod model;
pub mod returns;

pub use asked::asked;
pub use book::{Book, Defect, Source};
pub use compare::{Mismatch, MismatchKind, Value};
pub use differences::{Difference, RowChange};
pub use evaluate::{
    Assessment, Deadline, Finding, Lack, Lacking, Owed, Said, Verdict, assess, is_in_force, obligations,
};
pub use examples::Example;
pub use explain::{
    DeadlineView, Explanation, LackView, MismatchView, PapersView, PlannedStep, RuleView, explain, filled,
    lacks, mismatches, unfilled,
};
pub use facts::{Facts, FundingFact, ItemFact, StayFact, TravellerFact};
pub use matcher::{Applies, Matcher};
pub use material::Material;
pub use model::{Anchor, Basis, Check, Confidence, Demand, Rule, SelectedBy, Severity, Side, Status};

#[cfg(test)]
mod tests;
