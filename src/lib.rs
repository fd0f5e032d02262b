//! Legation: delegation and visitor management for the offices that run a city's foreign affairs.
//!
//! The rooms, and which may name which: `http`, `jobs` and `cli` call `service`; `service` knows `domain`, `store`
//! `vault` and `depot`; `store` knows `domain`; `domain` knows nobody. ARCHITECTURE.md tells the rest.

pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod depot;
pub mod domain;
pub mod http;
pub mod jobs;
pub mod mail;
pub mod paper;
pub mod password;
pub mod remembered;
pub mod report;
pub mod service;
pub mod startup;
pub mod store;
pub mod telemetry;
pub mod texts;
pub mod tokens;
pub mod vault;

/// Rows are read as many small texts; this allocator gives them in less time than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
