//! Tasks: their rows and single reads here, lists in [`list`], writing in [`mod@write`].

mod filter;
mod list;
mod write;

pub use filter::{Order, SortKey, TaskFilter, TaskSort, TaskStatus};
pub(crate) use list::default_list_sql;

use domain::{
    Due, RecurringTaskId, TaskId, Timestamp, UserId,
    reminder::Reminder,
    task::{Priority, Task},
};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    db::{Row, params},
    stored::{corrupt, from_json, parsed, texts, to_json},
};

/// The columns that [`task`] reads.
macro_rules! task_columns {
    () => {
        "id, user_id, title, description, priority, tags, project_id, parent_id, due_date, due_day, due_time_zone, \
         reminders, snoozed_until, completed_at, recurring_task_id, slot, notified, version, created_at, updated_at, \
         deleted_at"
    };
}
pub(crate) use task_columns;

pub(crate) const TASK_BY_ID: &str = concat!("select ", task_columns!(), " from tasks where id = $1 and user_id = $2");

pub(crate) const TASKS_BY_ID: &str =
    concat!("select ", task_columns!(), " from tasks where id {in_uuids:1} and {beside:user_id} = $2");

pub(crate) const SUBTASKS: &str = concat!(
    "select ",
    task_columns!(),
    " from tasks where parent_id = $1 and {beside:user_id} = $2 and deleted_at is null order by seq"
);

pub(crate) const OPEN_OCCURRENCES: &str = concat!(
    "select ",
    task_columns!(),
    " from tasks where recurring_task_id = $1 and {beside:user_id} = $2 and slot >= $3 and parent_id is null \
     and completed_at is null and deleted_at is null order by slot"
);

pub(crate) fn task(row: &Row<'_>) -> Result<Task, StoreError> {
    Ok(Task {
        id: row.get("id")?,
        user_id: row.get("user_id")?,
        title: row.get("title")?,
        description: row.get("description")?,
        priority: Priority::parse(row.get("priority")?).map_err(corrupt)?,
        tags: texts(row, "tags")?,
        project_id: row.get("project_id")?,
        parent_id: row.get("parent_id")?,
        due: due(row)?,
        reminders: row.get::<Option<String>>("reminders")?.map(|json| reminders_from_json(&json)).transpose()?,
        snoozed_until: row.get("snoozed_until")?,
        completed_at: row.get("completed_at")?,
        recurring_task_id: row.get("recurring_task_id")?,
        slot: row.get("slot")?,
        notified: row.get("notified")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        deleted_at: row.get("deleted_at")?,
    })
}

/// `due_date` holds the deadline of either form, for sorting; `due_day` the date of a whole day.
fn due(row: &Row<'_>) -> Result<Option<Due>, StoreError> {
    let Some(at) = row.get::<Option<Timestamp>>("due_date")? else { return Ok(None) };
    let zone = parsed("due_time_zone", domain::Zone::parse(&row.get::<String>("due_time_zone")?))?;
    Ok(Some(match row.get("due_day")? {
        Some(date) => Due::Day { date, zone },
        None => Due::At { at, zone },
    }))
}

/// A reminder as on the wire.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredReminder {
    MinutesBefore(u32),
    At(Timestamp),
}

fn reminders_to_json(reminders: &[Reminder]) -> String {
    let stored: Vec<_> = reminders
        .iter()
        .map(|reminder| match *reminder {
            Reminder::MinutesBefore(minutes) => StoredReminder::MinutesBefore(minutes),
            Reminder::At(at) => StoredReminder::At(at),
        })
        .collect();
    to_json(&stored)
}

fn reminders_from_json(json: &str) -> Result<Vec<Reminder>, StoreError> {
    let stored: Vec<StoredReminder> = from_json("reminders", json)?;
    Ok(stored
        .into_iter()
        .map(|reminder| match reminder {
            StoredReminder::MinutesBefore(minutes) => Reminder::MinutesBefore(minutes),
            StoredReminder::At(at) => Reminder::At(at),
        })
        .collect())
}

impl Store {
    /// Trashed or not; the caller checks.
    pub async fn task(&self, user: UserId, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.db.one(TASK_BY_ID, params![id, user], task).await
    }

    /// Those of the ids that are the user's, trashed or not, in no order.
    pub async fn tasks_by_id(&self, user: UserId, ids: &[TaskId]) -> Result<Vec<Task>, StoreError> {
        let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
        self.db.all(TASKS_BY_ID, params![ids, user], task).await
    }

    /// Those of the tasks that belong to one of the users, in no order; the caller checks whose each is. For loops that
    /// act for many at once.
    pub async fn tasks_of_users(&self, users: &[UserId], ids: &[TaskId]) -> Result<Vec<Task>, StoreError> {
        const SQL: &str =
            concat!("select ", task_columns!(), " from tasks where id {in_uuids:1} and {beside:user_id} {in_uuids:2}");
        let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
        let users: Vec<uuid::Uuid> = users.iter().map(|id| id.0).collect();
        self.db.all(SQL, params![ids, users], task).await
    }

    /// The subtasks of a task that are not in the trash, in the order they were written.
    pub async fn subtasks(&self, user: UserId, parent: TaskId) -> Result<Vec<Task>, StoreError> {
        self.db.all(SUBTASKS, params![parent, user], task).await
    }

    /// The subtasks of a task that are in the trash, in the order they were written.
    pub async fn trashed_subtasks(&self, user: UserId, parent: TaskId) -> Result<Vec<Task>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            task_columns!(),
            " from tasks where parent_id = $1 and {beside:user_id} = $2 and deleted_at is not null order by seq"
        );
        self.db.all(SQL, params![parent, user], task).await
    }

    /// The open tasks that a recurring task has made, from a slot on, in slot order; without their subtasks.
    pub async fn open_occurrences(
        &self,
        user: UserId,
        recurring_task: RecurringTaskId,
        from: Option<Timestamp>,
    ) -> Result<Vec<Task>, StoreError> {
        let from = from.unwrap_or(Timestamp::UNIX_EPOCH);
        self.db.all(OPEN_OCCURRENCES, params![recurring_task, user, from], task).await
    }

    /// The task of a slot, whatever became of it.
    pub async fn occurrence(
        &self,
        user: UserId,
        recurring_task: RecurringTaskId,
        slot: Timestamp,
    ) -> Result<Option<Task>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            task_columns!(),
            " from tasks where recurring_task_id = $1 and {beside:user_id} = $2 and slot = $3 and parent_id is null"
        );
        self.db.one(SQL, params![recurring_task, user, slot], task).await
    }
}
