//! The rules of Todo: what a task, a recurring task, a reminder and a notification are, and how each may change.
//!
//! Pure: no async, no SQL, no HTTP, no clock and no randomness. Time and new ids come in as arguments, and every
//! change comes out as a [`Change`]: the new state, the events that tell of it and the timers that follow from it.

pub mod change;
pub mod clock;
pub mod due;
pub mod event;
pub mod field;
pub mod id;
pub mod notification;
pub mod preferences;
pub mod project;
pub mod quick_add;
pub mod recurrence;
pub mod recurring_task;
pub mod reminder;
pub mod task;
pub mod text;
pub mod timer;
pub mod user;
pub mod zone;

pub use change::{Change, Timers};
pub use clock::{Clock, Random};
pub use due::{Due, DueState};
pub use field::{FieldError, Invalid};
pub use id::*;
pub use jiff::Timestamp;
pub use text::{Description, Email, PersonName, ProjectName, Tag, Title};
pub use zone::Zone;
