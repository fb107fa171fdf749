//! The whole platform from outside: a module for each part of the API, by its URL, and one for each thing that must
//! hold across all of them.
//!
//! Those that need time work in one process with a clock of their own; `serve`, `client` and `crash` start the real
//! binary, which in this build has crash points.
#![allow(clippy::unwrap_used, reason = "a failure here fails a test")]

mod auth;
mod bad_input;
mod changes;
mod client;
mod concurrency;
mod crash;
mod docs;
mod downtime;
mod events;
mod idempotency;
mod me;
mod notifications;
mod process;
mod projects_tags;
mod rate_limits;
mod recurring_tasks;
mod serve;
mod stats;
mod tasks;
