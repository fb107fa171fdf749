//! What the API answers, as far as the client reads it. Words that a newer server may add to are text here.

use domain::{
    DueState, ProjectId, Timestamp,
    event::{RecurringTaskSnapshot, TaskSnapshot},
};
use jiff::civil;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
pub struct Task {
    #[serde(flatten)]
    pub task: TaskSnapshot,
    pub due_state: DueState,
}

#[derive(Debug, Deserialize)]
pub struct RecurringTask {
    #[serde(flatten)]
    pub recurring_task: RecurringTaskSnapshot,
    pub rrule: Option<String>,
    pub in_words: String,
    pub skipped: Vec<Timestamp>,
}

#[derive(Debug, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Me {
    pub email: String,
    pub time_zone: String,
    pub all_day_time: String,
}

#[derive(Debug, Deserialize)]
pub struct SignedIn {
    pub access_token: String,
    pub user: Me,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Project {
    pub id: ProjectId,
    pub name: String,
    pub color: Option<String>,
    pub archived_at: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
pub struct Tag {
    pub name: String,
    pub open_tasks: u64,
}

#[derive(Debug, Deserialize)]
pub struct Made {
    pub task: Option<Task>,
    pub recurring_task: Option<RecurringTask>,
    pub understood: Understood,
}

#[derive(Debug, Deserialize)]
pub struct Understood {
    pub title: String,
    pub due_date: Option<String>,
    pub recurrence: Option<String>,
    pub project: Option<String>,
    pub tags: Vec<String>,
    pub priority: Option<u8>,
    #[serde(default)]
    pub hints: Vec<Hint>,
}

#[derive(Debug, Deserialize)]
pub struct Hint {
    pub message: String,
}

#[derive(Debug, Deserialize)]
pub struct Preview {
    pub rrule: Option<String>,
    pub in_words: String,
    pub occurrences: Vec<Occurrence>,
}

#[derive(Debug, Deserialize)]
pub struct Occurrence {
    pub local: civil::DateTime,
    pub note: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Reminders {
    pub is_default: bool,
    pub upcoming: Vec<Upcoming>,
}

#[derive(Debug, Deserialize)]
pub struct Upcoming {
    pub kind: String,
    pub at: Timestamp,
}

#[derive(Debug, Deserialize)]
pub struct Delivery {
    pub kind: String,
    pub channel: String,
    pub status: String,
    pub sent_at: Option<Timestamp>,
    pub late: bool,
    pub error: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Notifications {
    pub items: Vec<Notification>,
    pub unread: u64,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

#[derive(Debug, Deserialize)]
pub struct Notification {
    pub kind: String,
    pub title: String,
    pub due_date: Option<String>,
    pub late: bool,
    pub created_at: Timestamp,
    pub read_at: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
pub struct History {
    pub event_type: String,
    pub event_data: serde_json::Value,
    pub actor: Actor,
    pub created_at: Timestamp,
}

#[derive(Debug, Deserialize)]
pub struct Actor {
    pub kind: String,
}

#[derive(Debug, Deserialize)]
pub struct Stats {
    pub created: i64,
    pub completed: i64,
    pub completed_on_time: i64,
    pub open: i64,
    pub due_soon: i64,
    pub overdue: i64,
    pub streak_days: i64,
    pub days: Vec<Day>,
}

#[derive(Debug, Deserialize)]
pub struct Day {
    pub date: civil::Date,
    pub created: i64,
    pub completed: i64,
}

#[derive(Debug, Deserialize)]
pub struct Bulk {
    pub results: Vec<BulkResult>,
}

#[derive(Debug, Deserialize)]
pub struct BulkResult {
    pub done: bool,
    pub error: Option<String>,
    pub task: Option<Task>,
}
