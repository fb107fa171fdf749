//! The rules of the domain from outside: what holds for any input, and what the shared vectors say.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod asyncapi;
mod due_soon;
mod quick_add;
mod recurrence;
mod recurring_task;
mod reminders;
mod task;
