//! Tasks: one file for each group of operations.

pub mod bulk;
pub mod change;
pub mod complete;
pub mod create;
pub mod find;
pub mod history;
pub mod quick_add;
pub mod reminders;
pub mod trash;
