//! What goes out over the wire, the same for the API, MCP and the web page.

use domain::{
    DueState, NotificationId, ProjectId, Tag, TaskId, Timestamp, TokenId, UserId,
    event::{RecurringTaskSnapshot, TaskSnapshot},
    notification::{Delivery, Notification},
    project::Project,
    recurring_task::RecurringTask,
    task::Task,
    user::User,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::caller::Scope;

/// A task with its state at this moment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TaskView {
    #[serde(flatten)]
    pub task: TaskSnapshot,
    pub due_state: DueState,
}

impl TaskView {
    pub fn new(task: &Task, now: Timestamp) -> Self {
        Self { task: task.snapshot(), due_state: task.due_state(now) }
    }
}

/// A recurring task, with its rule in words and as RFC 5545 has it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecurringTaskView {
    #[serde(flatten)]
    pub recurring_task: RecurringTaskSnapshot,
    /// Null for what RFC 5545 cannot express: a rule that counts from completion.
    pub rrule: Option<String>,
    pub in_words: String,
    /// Slots that lie ahead and are skipped.
    #[schema(value_type = Vec<String>)]
    pub skipped: Vec<Timestamp>,
}

impl From<&RecurringTask> for RecurringTaskView {
    fn from(rule: &RecurringTask) -> Self {
        use domain::{recurrence::Basis, recurring_task::ExceptionKind};
        Self {
            recurring_task: rule.snapshot(),
            rrule: (rule.rule.basis() == Basis::Schedule).then(|| rule.rule.rrule()),
            in_words: rule.rule.in_words(),
            skipped: rule.exceptions.iter().filter(|e| e.kind == ExceptionKind::Skipped).map(|e| e.slot).collect(),
        }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UserView {
    #[schema(value_type = String, format = Uuid)]
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub time_zone: String,
    /// `HH:MM`, when whole-day tasks remind.
    pub all_day_time: String,
    pub is_admin: bool,
    pub version: i64,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl From<&User> for UserView {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            email: user.email.to_string(),
            name: user.name.to_string(),
            time_zone: user.zone.to_string(),
            all_day_time: user.all_day_time.strftime("%H:%M").to_string(),
            is_admin: user.is_admin,
            version: user.version,
            created_at: user.created_at,
        }
    }
}

/// The answer to a registration or a sign-in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedIn {
    /// Shown once: the server keeps a digest of it only.
    pub access_token: String,
    /// Always `bearer`.
    pub token_type: &'static str,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    pub user: UserView,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TokenView {
    #[schema(value_type = String, format = Uuid)]
    pub id: TokenId,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub user_agent: Option<String>,
    pub address: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// Whether it is the one that asked.
    pub current: bool,
    /// The secret itself: only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProjectView {
    #[schema(value_type = String, format = Uuid)]
    pub id: ProjectId,
    pub name: String,
    pub color: Option<&'static str>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub archived_at: Option<Timestamp>,
    pub version: i64,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl From<&Project> for ProjectView {
    fn from(project: &Project) -> Self {
        Self {
            id: project.id,
            name: project.name.to_string(),
            color: project.color.map(domain::project::Color::name),
            archived_at: project.archived_at,
            version: project.version,
            created_at: project.created_at,
            updated_at: project.updated_at,
        }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TagView {
    pub name: String,
    pub open_tasks: i64,
}

impl TagView {
    pub fn new(tag: &Tag, open_tasks: i64) -> Self {
        Self { name: tag.to_string(), open_tasks }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NotificationView {
    #[schema(value_type = String, format = Uuid)]
    pub id: NotificationId,
    pub kind: domain::notification::NotificationKind,
    #[schema(value_type = Option<String>, format = Uuid)]
    pub task_id: Option<TaskId>,
    /// Of a digest: the tasks it stands for.
    #[schema(value_type = Vec<String>)]
    pub task_ids: Vec<TaskId>,
    pub title: String,
    pub due_date: Option<String>,
    /// Told more than a minute after its moment.
    pub late: bool,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub read_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub snoozed_until: Option<Timestamp>,
}

impl From<&Notification> for NotificationView {
    fn from(notification: &Notification) -> Self {
        Self {
            id: notification.id,
            kind: notification.kind,
            task_id: notification.task_id,
            task_ids: notification.task_ids.clone(),
            title: notification.title.clone(),
            due_date: notification.due_date.clone(),
            late: notification.late,
            created_at: notification.created_at,
            read_at: notification.read_at,
            snoozed_until: notification.snoozed_until,
        }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeliveryView {
    #[schema(value_type = String, format = Uuid)]
    pub id: domain::DeliveryId,
    #[schema(value_type = String, format = Uuid)]
    pub task_id: TaskId,
    pub kind: domain::notification::NotificationKind,
    pub channel: domain::notification::Channel,
    /// The moment that it tells of.
    #[schema(value_type = String, format = DateTime)]
    pub moment: Timestamp,
    pub status: domain::notification::DeliveryStatus,
    pub attempts: i64,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_attempt_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sent_at: Option<Timestamp>,
    pub late: bool,
    pub error: Option<String>,
    #[schema(value_type = Option<String>, format = Uuid)]
    pub digest_id: Option<NotificationId>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl From<&Delivery> for DeliveryView {
    fn from(delivery: &Delivery) -> Self {
        Self {
            id: delivery.id,
            task_id: delivery.task_id,
            kind: delivery.kind,
            channel: delivery.channel,
            moment: delivery.moment,
            status: delivery.status,
            attempts: delivery.attempts,
            next_attempt_at: delivery.next_attempt_at,
            sent_at: delivery.sent_at,
            late: delivery.late,
            error: delivery.error.clone(),
            digest_id: delivery.digest_id,
            created_at: delivery.created_at,
        }
    }
}

/// A page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PageView<T> {
    pub items: Vec<T>,
    pub total: i64,
    pub page: u32,
    pub page_size: u32,
    /// For the next page, whatever is added meanwhile; null on the last.
    pub next_cursor: Option<String>,
}
