//! Tasks: their shape here, their life in [`lifecycle`](self), what fires in [`firing`](self).

mod edit;
mod firing;
mod lifecycle;

pub(crate) use edit::Setter;
pub use edit::{TaskDraft, TaskPatch, tag_list};
pub use firing::Fired;

use jiff::{Timestamp, civil};

use crate::{
    Description, Due, DueState, ProjectId, RecurringTaskId, Tag, TaskId, Title, UserId,
    event::{Actor, CancelledReminder, Event, EventData, EventType, ReminderData, TaskData, TaskSnapshot},
    reminder::{Reminder, Reminding},
};

/// Most tags of one task.
pub const MAX_TAGS: usize = 20;

/// 1 high, 2 medium, 3 low.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    High = 1,
    #[default]
    Medium = 2,
    Low = 3,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 (high), 2 (medium) or 3 (low)")]
pub struct UnknownPriority;

impl Priority {
    pub fn parse(number: i64) -> Result<Self, UnknownPriority> {
        match number {
            1 => Ok(Self::High),
            2 => Ok(Self::Medium),
            3 => Ok(Self::Low),
            _ => Err(UnknownPriority),
        }
    }

    pub fn number(self) -> u8 {
        self as u8
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    pub id: TaskId,
    pub user_id: UserId,
    pub title: Title,
    pub description: Description,
    pub priority: Priority,
    /// Without doubles, in the order given.
    pub tags: Vec<Tag>,
    pub project_id: Option<ProjectId>,
    /// A subtask's task; one level only.
    pub parent_id: Option<TaskId>,
    pub due: Option<Due>,
    /// `None` for the default list.
    pub reminders: Option<Vec<Reminder>>,
    pub snoozed_until: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    pub recurring_task_id: Option<RecurringTaskId>,
    /// The slot that the task stands for; with the recurring task's id it is unique.
    pub slot: Option<Timestamp>,
    /// The due moment came and was told; false again when the due date moves.
    pub notified: bool,
    /// Raised by one with every change.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// In the trash since.
    pub deleted_at: Option<Timestamp>,
}

/// Who changes something, when, and when that person's whole days remind.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    pub at: Timestamp,
    pub actor: Actor,
    pub all_day: civil::Time,
}

/// Why a task cannot be changed that way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TaskError {
    #[error("the task is in the trash: restore it first")]
    InTrash,
    #[error("the task is completed: reopen it first")]
    Completed,
    #[error("must lie in the future, at most a year ahead")]
    SnoozeOutOfRange,
}

impl Task {
    pub fn is_open(&self) -> bool {
        self.completed_at.is_none() && self.deleted_at.is_none()
    }

    pub fn due_state(&self, now: Timestamp) -> DueState {
        match &self.due {
            Some(due) if self.is_open() => due.state(now),
            _ => DueState::None,
        }
    }

    pub fn reminding(&self, all_day: civil::Time) -> Reminding<'_> {
        Reminding {
            subject: self.id.0,
            due: self.due.as_ref(),
            list: self.reminders.as_deref(),
            snoozed_until: self.snoozed_until,
            all_day,
        }
    }

    pub fn snapshot(&self) -> TaskSnapshot {
        TaskSnapshot {
            id: self.id,
            user_id: self.user_id,
            title: self.title.to_string(),
            description: self.description.to_string(),
            priority: self.priority.number(),
            tags: self.tags.iter().map(Tag::to_string).collect(),
            project_id: self.project_id,
            parent_id: self.parent_id,
            due_date: self.due.as_ref().map(Due::to_wire),
            time_zone: self.due.as_ref().map(|due| due.zone().to_string()),
            completed: self.completed_at.is_some(),
            completed_at: self.completed_at,
            recurring_task_id: self.recurring_task_id,
            slot: self.slot,
            notified: self.notified,
            snoozed_until: self.snoozed_until,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            deleted_at: self.deleted_at,
        }
    }

    fn event(&self, event_type: EventType, context: &Context, details: Details) -> Event {
        Event {
            event_type,
            user_id: self.user_id,
            version: self.version,
            at: context.at,
            data: EventData::Task(Box::new(TaskData {
                task: self.snapshot(),
                changed: details.changed.into_iter().map(str::to_owned).collect(),
                actor: context.actor,
                reminder: details.reminder,
                cancelled_reminders: details.cancelled,
            })),
        }
    }
}

/// What an event says beside the task itself.
#[derive(Default)]
struct Details {
    changed: Vec<&'static str>,
    reminder: Option<ReminderData>,
    cancelled: Vec<CancelledReminder>,
}

impl Details {
    fn changed(fields: impl Into<Vec<&'static str>>) -> Self {
        Self { changed: fields.into(), ..Self::default() }
    }
}
