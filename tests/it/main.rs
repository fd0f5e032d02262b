//! One binary for all integration tests: a whole service, real databases, real SMTP, real processes.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::as_conversions,
    clippy::too_many_lines,
    clippy::cloned_ref_to_slice_refs,
    reason = "a test that fails should fail loudly"
)]

mod access;
mod amend;
mod api;
mod app;
mod auth;
mod browsing;
mod calendar;
mod calendar_programs;
mod case_pages;
mod chains;
mod check_page;
mod chromium;
mod closings;
mod conditions;
mod counted;
mod course;
mod decisions;
mod delegations;
mod demo;
mod desk;
mod desk_pages;
mod docs;
mod duties;
mod every_page;
mod evidence;
mod exports;
mod faults;
mod form_pages;
mod furnish;
mod idempotency;
mod issued;
mod journal;
mod kept_pages;
mod landing_pages;
mod lane;
mod ledger;
mod lists;
mod lookup_pages;
mod mail;
mod make;
mod mandates;
mod mandates_limited;
mod members;
mod minister;
mod month_pages;
mod moving;
mod mutants;
mod numbers;
mod obligations;
mod office_pages;
mod office_registers;
mod openapi;
mod opinions;
mod overrides;
mod pages;
mod papers;
mod papers_attacked;
mod people;
mod plans;
mod preparing;
mod process;
mod python_verifier;
mod races;
mod readers;
mod records_pages;
mod register;
mod register_pages;
mod rendered;
mod restored;
mod returns;
mod rules;
mod schema;
mod second_verifier;
mod selfcheck;
mod signing;
mod smtp;
mod stages;
mod story;
mod tampering;
mod texts;
mod told;
mod tour;
mod upgrade;
mod users;
mod visibility;
mod visit_pages;
mod visits;
mod waiting;
mod walls;
mod witness;
mod word_pages;
