//! What others are told of: every change is one of these, on a Kafka topic and in the task's history.
//!
//! The types here are the contract: `docs/asyncapi.yaml` is generated from them. Within v1, changes are additive.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    NotificationId, ProjectId, RecurringTaskId, TaskId, TokenId, UserId,
    notification::NotificationKind,
    recurrence::{Basis, Pattern},
};

/// What happened. Each has one CloudEvents type and one topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventType {
    TaskCreated,
    TaskUpdated,
    TaskCompleted,
    TaskDeleted,
    TaskDueSoon,
    TaskDue,
    TaskReminder,
    RecurringTaskDue,
    RecurringTaskCreated,
    RecurringTaskUpdated,
    RecurringTaskEnded,
    RecurringTaskDeleted,
}

impl EventType {
    pub const ALL: [Self; 12] = [
        Self::TaskCreated,
        Self::TaskUpdated,
        Self::TaskCompleted,
        Self::TaskDeleted,
        Self::TaskDueSoon,
        Self::TaskDue,
        Self::TaskReminder,
        Self::RecurringTaskDue,
        Self::RecurringTaskCreated,
        Self::RecurringTaskUpdated,
        Self::RecurringTaskEnded,
        Self::RecurringTaskDeleted,
    ];

    /// The CloudEvents `type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::TaskCreated => "todo.task.created.v1",
            Self::TaskUpdated => "todo.task.updated.v1",
            Self::TaskCompleted => "todo.task.completed.v1",
            Self::TaskDeleted => "todo.task.deleted.v1",
            Self::TaskDueSoon => "todo.task.due-soon.v1",
            Self::TaskDue => "todo.task.due.v1",
            Self::TaskReminder => "todo.task.reminder.v1",
            Self::RecurringTaskDue => "todo.recurring-task.due.v1",
            Self::RecurringTaskCreated => "todo.recurring-task.created.v1",
            Self::RecurringTaskUpdated => "todo.recurring-task.updated.v1",
            Self::RecurringTaskEnded => "todo.recurring-task.ended.v1",
            Self::RecurringTaskDeleted => "todo.recurring-task.deleted.v1",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event_type| event_type.name() == name)
    }

    pub fn topic(self) -> &'static str {
        match self {
            Self::TaskCreated => "task-created",
            Self::TaskUpdated => "task-updated",
            Self::TaskCompleted => "task-completed",
            Self::TaskDeleted => "task-deleted",
            Self::TaskDueSoon => "task-due-soon",
            Self::TaskDue => "task-due",
            Self::TaskReminder => "task-reminder",
            Self::RecurringTaskDue => "recurring-task-due",
            Self::RecurringTaskCreated
            | Self::RecurringTaskUpdated
            | Self::RecurringTaskEnded
            | Self::RecurringTaskDeleted => "recurring-task-updated",
        }
    }
}

/// Every topic there is.
pub const TOPICS: [&str; 9] = [
    "task-created",
    "task-updated",
    "task-completed",
    "task-deleted",
    "task-due-soon",
    "task-due",
    "task-reminder",
    "recurring-task-due",
    "recurring-task-updated",
];

/// An event as the domain tells it; the use case that commits it adds the id and makes it a [`CloudEvent`].
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub event_type: EventType,
    pub user_id: UserId,
    /// Of the task or recurring task after the change.
    pub version: i64,
    pub at: Timestamp,
    pub data: EventData,
}

impl Event {
    /// The task or the recurring task: the CloudEvent's `subject`, and the key that keeps its events in order.
    pub fn subject(&self) -> Uuid {
        match &self.data {
            EventData::Task(data) => data.task.id.0,
            EventData::RecurringTask(data) => data.recurring_task.id.0,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum EventData {
    Task(Box<TaskData>),
    RecurringTask(Box<RecurringTaskData>),
}

/// The data of every event about a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TaskData {
    /// The task after the change, whole.
    pub task: TaskSnapshot,
    /// The names of the fields that changed; empty for a new task and for reminders.
    #[serde(default)]
    pub changed: Vec<String>,
    pub actor: Actor,
    /// Only on `due-soon`, `due`, `reminder` and `recurring-task.due`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminder: Option<ReminderData>,
    /// Reminders that were planned and that this change called off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cancelled_reminders: Vec<CancelledReminder>,
}

/// A moment that came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReminderData {
    pub kind: NotificationKind,
    /// The nominal moment.
    #[schema(value_type = String, format = DateTime)]
    pub moment: Timestamp,
    /// The moment at which it could be told: the nominal one, or when the window was entered.
    #[schema(value_type = String, format = DateTime)]
    pub planned_at: Timestamp,
    /// Whether the person is to be told. False where the task's own list leaves this one out, or a snooze holds it.
    pub notify: bool,
    /// More than a minute after `planned_at`.
    pub late: bool,
    /// The digest that this one folds into: many late ones of one person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<DigestData>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DigestData {
    pub id: NotificationId,
    /// How many fold into it.
    pub count: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CancelledReminder {
    pub kind: NotificationKind,
    #[schema(value_type = String, format = DateTime)]
    pub moment: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RecurringTaskData {
    pub recurring_task: RecurringTaskSnapshot,
    #[serde(default)]
    pub changed: Vec<String>,
    pub actor: Actor,
}

/// Who did it, and through which door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// A person in a session of their own.
    User { user_id: UserId, token_id: TokenId },
    /// A program with a person's API token.
    ApiToken { user_id: UserId, token_id: TokenId },
    /// The passing of time.
    Scheduler,
    /// An operator at the command line.
    Operator,
}

/// A task as everybody outside sees it: in events and, with its `due_state`, in the API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TaskSnapshot {
    pub id: TaskId,
    pub user_id: UserId,
    pub title: String,
    pub description: String,
    /// 1 high, 2 medium, 3 low.
    pub priority: u8,
    pub tags: Vec<String>,
    pub project_id: Option<ProjectId>,
    pub parent_id: Option<TaskId>,
    /// An instant (RFC 3339, UTC) or a date (`YYYY-MM-DD`).
    pub due_date: Option<String>,
    pub time_zone: Option<String>,
    pub completed: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub completed_at: Option<Timestamp>,
    pub recurring_task_id: Option<RecurringTaskId>,
    /// The slot of the recurring task that this task stands for.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub slot: Option<Timestamp>,
    pub notified: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub snoozed_until: Option<Timestamp>,
    pub version: i64,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deleted_at: Option<Timestamp>,
}

/// A recurring task as everybody outside sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RecurringTaskSnapshot {
    pub id: RecurringTaskId,
    pub user_id: UserId,
    pub title: String,
    pub description: String,
    pub priority: u8,
    pub tags: Vec<String>,
    pub project_id: Option<ProjectId>,
    /// Titles of the subtasks that each occurrence gets.
    pub subtasks: Vec<String>,
    #[serde(flatten)]
    pub pattern: Pattern,
    pub basis: Basis,
    pub time_zone: String,
    /// An instant, or a date for a rule of whole days.
    pub start_date: String,
    /// A local date, inclusive.
    pub end_date: Option<String>,
    pub count: Option<u32>,
    pub catch_up: crate::recurring_task::CatchUp,
    pub lead_minutes: u32,
    /// Minutes before due, of each occurrence; null for the default.
    pub reminders: Option<Vec<u32>>,
    pub is_active: bool,
    /// Not active, but may be resumed.
    pub paused: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub paused_until: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_due_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_created_at: Option<Timestamp>,
    /// The rule that this one was split from by an edit of «this and future».
    pub split_from: Option<RecurringTaskId>,
    pub version: i64,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// CloudEvents 1.0 in structured JSON: the bytes on the topic, in the history and in webhooks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CloudEvent {
    pub specversion: String,
    pub id: crate::EventId,
    /// `/todo/<role>`.
    pub source: String,
    #[serde(rename = "type")]
    pub event_type: String,
    /// The task or recurring task.
    pub subject: Uuid,
    #[schema(value_type = String, format = DateTime)]
    pub time: Timestamp,
    pub datacontenttype: String,
    pub dataschema: String,
    /// Equal to the subject: events of one task keep their order.
    pub partitionkey: String,
    /// The version of the task or recurring task after the change; a consumer that keeps state ignores what it has
    /// passed. A string, because CloudEvents integers end at 2^31.
    pub aggregateversion: String,
    /// Whose task it is.
    pub todouser: UserId,
    pub data: EventData,
}

impl CloudEvent {
    pub fn new(id: crate::EventId, source: &str, event: &Event) -> Self {
        let subject = event.subject();
        Self {
            specversion: "1.0".into(),
            id,
            source: source.into(),
            event_type: event.event_type.name().into(),
            subject,
            time: event.at,
            datacontenttype: "application/json".into(),
            dataschema: format!("urn:todo:schema:{}", event.event_type.name()),
            partitionkey: subject.to_string(),
            aggregateversion: event.version.to_string(),
            todouser: event.user_id,
            data: event.data.clone(),
        }
    }
}
