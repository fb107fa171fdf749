//! Reads everything that the API shows of each user, once all is quiet.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{CheckerError, client::Client, history::TaskState};

/// What one user sees.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    pub tasks: Vec<TaskRow>,
    pub rules: Vec<RuleRow>,
    pub projects: Vec<ProjectRow>,
    pub notifications: Vec<NotificationRow>,
    pub deliveries: Vec<DeliveryRow>,
    /// Oldest first.
    pub events: Vec<EventRow>,
    /// Every row of the lists, as they came, by kind and id.
    pub lists: BTreeMap<(&'static str, String), Value>,
    /// Every row of the feed of changes from its beginning, the last version of each.
    pub feed: BTreeMap<(&'static str, String), Value>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct TaskRow {
    pub id: String,
    pub title: String,
    pub description: String,
    pub priority: u8,
    pub due_date: Option<String>,
    pub completed: bool,
    pub deleted_at: Option<Timestamp>,
    pub recurring_task_id: Option<String>,
    pub slot: Option<Timestamp>,
    pub version: i64,
    pub created_at: Timestamp,
    /// Everything, but for what only the time moves.
    #[serde(skip)]
    pub whole: Value,
}

impl TaskRow {
    pub fn parse(mut value: Value) -> serde_json::Result<Self> {
        let mut row: Self = serde_json::from_value(value.clone())?;
        if let Value::Object(fields) = &mut value {
            fields.remove("due_state");
        }
        row.whole = value;
        Ok(row)
    }

    pub fn due(&self) -> Option<Timestamp> {
        self.due_date.as_deref().and_then(|text| text.parse().ok())
    }

    pub fn state(&self) -> TaskState {
        TaskState {
            description: self.description.clone(),
            priority: self.priority,
            due: self.due(),
            completed: self.completed,
            trashed: self.deleted_at.is_some(),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct RuleRow {
    pub id: String,
    pub title: String,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, Deserialize)]
pub struct ProjectRow {
    pub name: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct NotificationRow {
    pub id: String,
    pub kind: String,
    pub task_id: Option<String>,
    #[serde(default)]
    pub task_ids: Vec<String>,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, Deserialize)]
pub struct DeliveryRow {
    pub task_id: String,
    pub kind: String,
    pub status: String,
    pub moment: Timestamp,
    pub sent_at: Option<Timestamp>,
    pub digest_id: Option<String>,
}

#[derive(Debug, Clone)]
pub struct EventRow {
    pub subject: String,
    pub event_type: String,
    pub version: i64,
    pub time: Timestamp,
    pub data: Value,
}

impl EventRow {
    pub fn parse(value: &Value) -> Option<Self> {
        let event = &value["event_data"];
        Some(Self {
            subject: event["subject"].as_str()?.to_owned(),
            event_type: value["event_type"].as_str()?.to_owned(),
            version: event["aggregateversion"].as_str()?.parse().ok()?,
            time: event["time"].as_str()?.parse().ok()?,
            data: event["data"].clone(),
        })
    }
}

/// All pages of a list.
async fn list(client: &Client, path: &str) -> Result<Vec<Value>, CheckerError> {
    let joint = if path.contains('?') { '&' } else { '?' };
    let mut items = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = match &cursor {
            Some(cursor) => format!("{path}{joint}page_size=100&cursor={cursor}"),
            None => format!("{path}{joint}page_size=100"),
        };
        let mut answer = client.get(&page).await;
        let Value::Array(found) = answer.body["items"].take() else {
            return Err(CheckerError::Unreadable(format!("{page}: {} {}", answer.status, answer.body)));
        };
        items.extend(found);
        match answer.body["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return Ok(items),
        }
    }
}

fn parse<T: DeserializeOwned>(items: &[Value]) -> Result<Vec<T>, CheckerError> {
    let parsed = items.iter().map(|item| serde_json::from_value(item.clone()));
    parsed.collect::<Result<_, _>>().map_err(|error| CheckerError::Unreadable(error.to_string()))
}

/// Keeps what a row says, but for what only the time moves.
fn remember(rows: &mut BTreeMap<(&'static str, String), Value>, kind: &'static str, items: &[Value]) {
    for item in items {
        let mut item = item.clone();
        if let Value::Object(fields) = &mut item {
            fields.remove("due_state");
        }
        rows.insert((kind, item["id"].as_str().unwrap_or_default().to_owned()), item);
    }
}

pub async fn notifications(client: &Client) -> Result<Vec<NotificationRow>, CheckerError> {
    parse(&list(client, "/api/notifications").await?)
}

pub async fn deliveries(client: &Client) -> Result<Vec<DeliveryRow>, CheckerError> {
    parse(&list(client, "/api/deliveries").await?)
}

pub async fn tasks(client: &Client) -> Result<Vec<TaskRow>, CheckerError> {
    let mut items = list(client, "/api/tasks?status=all").await?;
    items.extend(list(client, "/api/tasks?status=trash").await?);
    let rows = items.into_iter().map(TaskRow::parse);
    rows.collect::<Result<_, _>>().map_err(|error| CheckerError::Unreadable(error.to_string()))
}

pub async fn observe(client: &Client) -> Result<Observed, CheckerError> {
    let tasks = tasks(client).await?;
    let rules = list(client, "/api/recurring-tasks").await?;
    let projects = list(client, "/api/projects").await?;
    let notifications = list(client, "/api/notifications").await?;
    let mut events = list(client, "/api/activity").await?;
    events.reverse();
    let mut lists = BTreeMap::new();
    let task_values: Vec<Value> = tasks.iter().map(|row| row.whole.clone()).collect();
    remember(&mut lists, "task", &task_values);
    remember(&mut lists, "recurring_task", &rules);
    remember(&mut lists, "project", &projects);
    remember(&mut lists, "notification", &notifications);
    let unreadable = |value: &Value| CheckerError::Unreadable(format!("event {value}"));
    let events: Result<Vec<_>, _> =
        events.iter().map(|value| EventRow::parse(value).ok_or_else(|| unreadable(value))).collect();
    Ok(Observed {
        tasks,
        rules: parse(&rules)?,
        projects: parse(&projects)?,
        notifications: parse(&notifications)?,
        deliveries: deliveries(client).await?,
        events: events?,
        lists,
        feed: feed(client).await?,
    })
}

/// The feed from its beginning to its end, as a copy that is kept by it would look.
async fn feed(client: &Client) -> Result<BTreeMap<(&'static str, String), Value>, CheckerError> {
    const KINDS: [(&str, &str); 4] = [
        ("tasks", "task"),
        ("recurring_tasks", "recurring_task"),
        ("projects", "project"),
        ("notifications", "notification"),
    ];
    let mut copy = BTreeMap::new();
    let mut since = 0;
    loop {
        // Small pages, so that many cuts are tried.
        let path = format!("/api/changes?since={since}&limit=50");
        let answer = client.get(&path).await;
        let (Some(cursor), Some(more)) = (answer.body["cursor"].as_i64(), answer.body["more"].as_bool()) else {
            return Err(CheckerError::Unreadable(format!("{path}: {} {}", answer.status, answer.body)));
        };
        for (field, kind) in KINDS {
            let rows = answer.body[field].as_array().cloned().unwrap_or_default();
            remember(&mut copy, kind, &rows);
        }
        for gone in answer.body["deleted"].as_array().into_iter().flatten() {
            let (kind, id) = (gone["kind"].as_str().unwrap_or_default(), gone["id"].as_str().unwrap_or_default());
            copy.retain(|(known, known_id), _| *known != kind || known_id != id);
        }
        if more && cursor <= since {
            return Err(CheckerError::Unreadable(format!("{path}: the cursor stands still at {cursor}")));
        }
        since = cursor;
        if !more {
            return Ok(copy);
        }
    }
}
