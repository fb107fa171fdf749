//! Facts about tasks that statistics are made of: a projection of the event log, one row per task.

use domain::{TaskId, UserId};
use jiff::civil;

use crate::{Commit, Store, StoreError, db::params};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskFact {
    pub task_id: TaskId,
    pub user_id: UserId,
    /// Local to the user when it happened.
    pub created_day: civil::Date,
    pub completed_day: Option<civil::Date>,
    /// Of a completed task with a due date: whether it was done by then.
    pub on_time: Option<bool>,
    /// In the trash, or gone.
    pub deleted: bool,
    /// Of the task when the fact was told.
    pub version: i64,
}

/// What is newer stays: topics do not order among each other.
const UPSERT: &str = "insert into task_facts (task_id, user_id, created_day, completed_day, on_time, deleted, version) \
    select $1, $2, $3, $4, $5, $6, $7 {from} where {locked} on conflict (task_id) do update set \
    completed_day = excluded.completed_day, on_time = excluded.on_time, deleted = excluded.deleted, \
    version = excluded.version where task_facts.version < excluded.version";

impl Commit {
    /// Stores the fact unless one of a later version is there. The day of creation is kept as first told.
    pub fn task_fact(&mut self, fact: &TaskFact) {
        self.push(
            UPSERT,
            params![
                fact.task_id,
                fact.user_id,
                fact.created_day,
                fact.completed_day,
                fact.on_time,
                fact.deleted,
                fact.version
            ],
        );
    }
}

impl Store {
    pub async fn task_fact(&self, user: UserId, task: TaskId) -> Result<Option<TaskFact>, StoreError> {
        const SQL: &str = "select task_id, user_id, created_day, completed_day, on_time, deleted, version \
            from task_facts where task_id = $1 and user_id = $2";
        self.db
            .one(SQL, params![task, user], |row| {
                Ok(TaskFact {
                    task_id: row.get("task_id")?,
                    user_id: row.get("user_id")?,
                    created_day: row.get("created_day")?,
                    completed_day: row.get("completed_day")?,
                    on_time: row.get("on_time")?,
                    deleted: row.get("deleted")?,
                    version: row.get("version")?,
                })
            })
            .await
    }
}
