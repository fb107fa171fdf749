//! The event log as people see it: what happened to a task, to a recurring task, to everything of theirs.

use domain::{EventId, RecurringTaskId, TaskId, Timestamp, UserId, event::Actor};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    Cursor, Page, PageRequest, Store, StoreError,
    cursor::Key,
    db::{Row, Value, params},
    stored::from_json,
};

#[derive(Debug, Clone)]
pub struct HistoryEntry {
    pub id: EventId,
    /// The CloudEvents `type`.
    pub event_type: String,
    /// The CloudEvent, byte for byte as it was published.
    pub event_data: Box<RawValue>,
    pub actor: Actor,
    pub created_at: Timestamp,
    seq: i64,
}

/// The little that is read of an event here.
#[derive(Deserialize)]
struct Told {
    data: ToldBy,
}

#[derive(Deserialize)]
struct ToldBy {
    actor: Actor,
}

fn entry(row: &Row<'_>) -> Result<HistoryEntry, StoreError> {
    let json: String = row.get("event_data")?;
    let told: Told = from_json("event_data", &json)?;
    Ok(HistoryEntry {
        id: row.get("id")?,
        event_type: row.get("event_type")?,
        event_data: RawValue::from_string(json).map_err(crate::stored::corrupt)?,
        actor: told.data.actor,
        created_at: row.get("created_at")?,
        seq: row.get("seq")?,
    })
}

const SORT: &str = "history";

macro_rules! history_sql {
    ($user:literal, $of:literal) => {
        (
            concat!(
                "select seq, id, event_type, cast(event_data as text) as event_data, created_at from task_events \
                 where ",
                $user,
                " = $1 and ",
                $of,
                " and seq < $3 order by seq desc limit $4 offset $5"
            ),
            concat!("select count(*) as number from task_events where ", $user, " = $1 and ", $of),
        )
    };
}

pub(crate) const OF_TASK: (&str, &str) = history_sql!("{beside:user_id}", "task_id = $2");
pub(crate) const OF_RECURRING_TASK: (&str, &str) = history_sql!("{beside:user_id}", "recurring_task_id = $2");
const OF_USER: (&str, &str) = history_sql!("user_id", "$2 is null");

impl Store {
    /// Newest first. Of a task that was, too: the log outlives it.
    pub async fn task_history(
        &self,
        user: UserId,
        task: TaskId,
        request: &PageRequest,
    ) -> Result<Page<HistoryEntry>, StoreError> {
        self.history(OF_TASK, user, Some(task.0), request).await
    }

    /// Newest first: its own events and the slots that came.
    pub async fn recurring_task_history(
        &self,
        user: UserId,
        recurring_task: RecurringTaskId,
        request: &PageRequest,
    ) -> Result<Page<HistoryEntry>, StoreError> {
        self.history(OF_RECURRING_TASK, user, Some(recurring_task.0), request).await
    }

    /// Newest first: everything that happened to a user's things.
    pub async fn activity(&self, user: UserId, request: &PageRequest) -> Result<Page<HistoryEntry>, StoreError> {
        self.history(OF_USER, user, None, request).await
    }

    async fn history(
        &self,
        (page, count): (&'static str, &'static str),
        user: UserId,
        of: Option<uuid::Uuid>,
        request: &PageRequest,
    ) -> Result<Page<HistoryEntry>, StoreError> {
        let before = request.parsed_cursor()?.map(|cursor| cursor.number_of(SORT)).transpose()?.unwrap_or(i64::MAX);
        let params = params![user, of, before, request.limit() + 1, request.offset()];
        let items = self.db.all(page, params, entry).await?;
        let total: Vec<Value> = params![user, of];
        let total = self.db.one(count, total, |row| row.get("number")).await?.unwrap_or(0);
        Ok(Page::cut(items, total, request, |entry| Cursor::new(SORT, Key::Number(entry.seq), entry.id)))
    }
}
