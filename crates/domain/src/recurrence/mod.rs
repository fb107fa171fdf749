//! Recurrence: a checked rule and the slots it has. Slots are found by arithmetic from the anchor, never by walking:
//! a rule that began in 1970 answers as fast as one from today.
//!
//! The rules are those of RFC 5545 with three choices of our own: a day that a month lacks clamps to its last day,
//! a wall time that the clocks skip shifts forward by the gap, and one that comes twice counts once, the first time.

mod fields;
mod months;
mod note;
mod rrule;
mod rrule_in;
mod rule;
mod slots;
mod words;

pub use fields::*;
pub use note::Note;
pub use rule::{Rule, RuleInput, Start};
pub use slots::Slot;
