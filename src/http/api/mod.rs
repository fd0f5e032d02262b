//! Handlers by resource: read the request, call one use case, show what came out. No rule of the field lives here.
#![expect(
    clippy::missing_errors_doc,
    reason = "what a handler refuses stands in its utoipa path, for all readers"
)]

pub mod auth;
pub mod closings;
pub mod course;
pub mod delegations;
pub mod exports;
pub mod inbox;
pub mod issued;
pub mod journal;
pub mod mandates;
pub mod me;
pub mod members;
pub mod obligations;
pub mod organisations;
pub mod outbox;
pub mod papers;
pub mod partners;
pub mod people;
pub mod plans;
pub mod probes;
pub mod readers;
pub mod rendered;
pub mod reports;
pub mod rules;
pub mod users;
