//! Recurring tasks: one file for each group of operations.

pub mod change;
pub mod create;
pub mod find;
pub mod pause;
pub mod preview;
pub mod skip;
