//! What the office's work means, as plain Rust: no web, no database, no clock, no randomness, no I/O.
//! Everything here can be tested in microseconds and knows nothing of the rooms around it.

pub mod access;
pub mod alert;
pub mod approval;
pub mod calendar;
pub mod codes;
pub mod countries;
pub mod delegation;
pub mod device;
pub mod dossier;
pub mod event;
pub mod file;
pub mod ids;
pub mod journal;
pub mod ledger;
pub mod mandate;
pub mod money;
pub mod notice;
pub mod obligation;
pub mod pasted;
pub mod person;
pub mod phase;
pub mod plan;
pub mod refusal;
pub mod report;
pub mod revision;
pub mod rulebook;
pub mod text;
