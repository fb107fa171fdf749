//! One contract, both databases: every behaviour here is stamped on SQLite and on PostgreSQL.
//!
//! SQLite runs in a temporary folder. PostgreSQL is the server that `TODO_TEST_POSTGRES` names (a URL of a database to
//! connect to for making others); each test makes its own database there and drops it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

mod accounts;
mod changes;
mod concurrency;
mod consumers;
mod events;
mod lists;
mod migrations;
mod notifications;
mod organise;
mod plans;
mod postgres;
mod recurring_tasks;
mod retention;
mod sqlite;
mod stats;
mod tasks;
mod timers;
