//! What must happen at a moment. Timers live in one table, follow from the state of their subject and are written in
//! the same transaction as it; see the scheduler for how they fire.

use jiff::Timestamp;
use uuid::Uuid;

/// What a timer stands for; it decides which rule answers when it fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimerKind {
    /// A task comes within 24 h of its due date.
    DueSoon,
    /// A task's due moment.
    Due,
    /// A reminder of the task's own list.
    Reminder,
    /// A snoozed reminder comes back.
    Snooze,
    /// A recurring task's next slot (less its lead) has come.
    Slot,
    /// A pause ends.
    Resume,
}

impl TimerKind {
    pub const ALL: [Self; 6] = [Self::DueSoon, Self::Due, Self::Reminder, Self::Snooze, Self::Slot, Self::Resume];

    /// As stored, and as a metric label.
    pub fn name(self) -> &'static str {
        match self {
            Self::DueSoon => "due_soon",
            Self::Due => "due",
            Self::Reminder => "reminder",
            Self::Snooze => "snooze",
            Self::Slot => "slot",
            Self::Resume => "resume",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timer {
    pub kind: TimerKind,
    /// The task or the recurring task.
    pub subject: Uuid,
    /// The nominal moment, which identifies what is said: a second timer for the same moment says nothing new.
    pub moment: Timestamp,
    /// When to fire: the moment, or at once for a window that is already open.
    pub fire_at: Timestamp,
}
