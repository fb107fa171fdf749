//! Which tasks a list holds, and in which order.

use domain::{DueState, ProjectId, RecurringTaskId, Tag, TaskId, Timestamp, task::Priority};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TaskStatus {
    Open,
    Completed,
    /// Open and completed.
    #[default]
    All,
    Trash,
}

/// All that is set must hold. `TaskFilter::default()` is everything that is not in the trash, newest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TaskFilter {
    pub status: TaskStatus,
    /// As of `now`. [`DueState::None`]: completed, or without a due date.
    pub due_state: Option<DueState>,
    pub priority: Option<Priority>,
    pub tag: Option<Tag>,
    /// `Some(None)`: the inbox.
    pub project_id: Option<Option<ProjectId>>,
    /// `Some(None)`: no subtasks.
    pub parent_id: Option<Option<TaskId>>,
    pub recurring_task_id: Option<RecurringTaskId>,
    /// The deadline ([`domain::Due::deadline`]) is at this instant or later.
    pub due_from: Option<Timestamp>,
    /// The deadline is at this instant or earlier.
    pub due_to: Option<Timestamp>,
    /// Every word must be in the title or the description, upper or lower case.
    pub q: Option<String>,
    pub sort: TaskSort,
    /// For `due_state`.
    pub now: Timestamp,
}

/// Equal ones are in the order of their ids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TaskSort {
    pub by: SortKey,
    pub order: Order,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SortKey {
    #[default]
    Created,
    Updated,
    /// By deadline; without a due date last, in either direction.
    Due,
    /// Ascending: high first.
    Priority,
    /// By lower-case code points, the same on both databases.
    Title,
    /// Not completed last, in either direction.
    Completed,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    Ascending,
    #[default]
    Descending,
}

impl TaskSort {
    pub fn new(by: SortKey, order: Order) -> Self {
        Self { by, order }
    }
}

impl TaskFilter {
    /// Whether only the status narrows the list: then its length is known without counting.
    pub(super) fn only_status(&self) -> bool {
        let Self { due_state, priority, tag, project_id, parent_id, recurring_task_id, due_from, due_to, q, .. } = self;
        due_state.is_none()
            && priority.is_none()
            && tag.is_none()
            && project_id.is_none()
            && parent_id.is_none()
            && recurring_task_id.is_none()
            && due_from.is_none()
            && due_to.is_none()
            && q.as_deref().is_none_or(|q| q.trim().is_empty())
    }
}
