//! The loops, driven step by step on both databases with a clock that the test moves.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod analytics;
mod consumer;
mod deliver;
mod digest;
mod loops;
mod recurring_tasks;
mod relay;
mod reminders;
mod retention;
mod support;
