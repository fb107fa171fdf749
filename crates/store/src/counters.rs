//! How many tasks a user has, kept exact by every commit, so that a list of a million rows need not be counted.
//!
//! What a task was before is read in the statement that raises the counter, by id, before the commit changes it; the
//! version guard of the same commit makes sure that this was the state the change was decided on.

use domain::{TaskId, UserId, task::Task};
use uuid::Uuid;

use crate::{
    Store, StoreError, TaskStatus,
    db::{Value, params},
};

/// What a commit adds to the numbers of a user's tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// The changed tasks as they will be.
    pub open: i64,
    pub completed: i64,
    pub trashed: i64,
    /// Those that exist already: what they are now is taken off.
    pub existing: Vec<Uuid>,
}

impl Counts {
    pub fn task(&mut self, task: &Task, exists: bool) {
        match (task.deleted_at, task.completed_at) {
            (Some(_), _) => self.trashed += 1,
            (None, Some(_)) => self.completed += 1,
            (None, None) => self.open += 1,
        }
        if exists {
            self.gone(task.id);
        }
    }

    pub fn gone(&mut self, id: TaskId) {
        self.existing.push(id.0);
    }
}

/// Raises the counter and corrects the numbers of tasks. `$2` to `$4` are what the changed tasks will be, `$5` those
/// that exist: what they are now is taken off.
macro_rules! raise_and_count {
    ($existing:literal) => {
        concat!(
            "update user_counters set change_counter = change_counter + 1, \
             open_tasks = open_tasks + $2 - was.open, completed_tasks = completed_tasks + $3 - was.completed, \
             trashed_tasks = trashed_tasks + $4 - was.trashed from (select \
             count(case when deleted_at is null and completed_at is null then 1 end) as open, \
             count(case when deleted_at is null and completed_at is not null then 1 end) as completed, \
             count(case when deleted_at is not null then 1 end) as trashed from tasks where ",
            $existing,
            " and {beside:user_id} = $1) was where user_counters.user_id = $1 returning change_counter"
        )
    };
}

/// For one, which is the rule: PostgreSQL keeps plans, and one made for a list while the table is small scans it.
const RAISE_AND_COUNT_ONE: &str = raise_and_count!("id = $5");
const RAISE_AND_COUNT: &str = raise_and_count!("id {in_uuids:5}");

/// The same for tasks that are all new.
const RAISE_AND_ADD: &str = "update user_counters set change_counter = change_counter + 1, \
    open_tasks = open_tasks + $2, completed_tasks = completed_tasks + $3, trashed_tasks = trashed_tasks + $4 \
    where user_id = $1 returning change_counter";

const RAISE: &str =
    "update user_counters set change_counter = change_counter + 1 where user_id = $1 returning change_counter";

/// The statement that raises a user's counter; the plainest that the commit allows.
pub(crate) fn raising(user: UserId, counts: Counts) -> (&'static str, Vec<Value>) {
    if counts == Counts::default() {
        (RAISE, params![user])
    } else if counts.existing.is_empty() {
        (RAISE_AND_ADD, params![user, counts.open, counts.completed, counts.trashed])
    } else if let [existing] = counts.existing[..] {
        (RAISE_AND_COUNT_ONE, params![user, counts.open, counts.completed, counts.trashed, existing])
    } else {
        (RAISE_AND_COUNT, params![user, counts.open, counts.completed, counts.trashed, counts.existing])
    }
}

impl Store {
    /// The number of a user's tasks by status, subtasks included, without counting them.
    pub(crate) async fn task_count(&self, user: UserId, status: TaskStatus) -> Result<i64, StoreError> {
        const OPEN: &str = "select open_tasks as number from user_counters where user_id = $1";
        const COMPLETED: &str = "select completed_tasks as number from user_counters where user_id = $1";
        const ALL: &str = "select open_tasks + completed_tasks as number from user_counters where user_id = $1";
        const TRASH: &str = "select trashed_tasks as number from user_counters where user_id = $1";
        let sql = match status {
            TaskStatus::Open => OPEN,
            TaskStatus::Completed => COMPLETED,
            TaskStatus::All => ALL,
            TaskStatus::Trash => TRASH,
        };
        Ok(self.db.one(sql, params![user], |row| row.get("number")).await?.unwrap_or(0))
    }

    /// The change counters of users who have any; feeds live updates that poll.
    pub async fn change_counters(&self, users: &[UserId]) -> Result<Vec<(UserId, i64)>, StoreError> {
        const SQL: &str = "select user_id, change_counter from user_counters where user_id {in_uuids:1}";
        let ids: Vec<Uuid> = users.iter().map(|user| user.0).collect();
        self.db.all(SQL, params![ids], |row| Ok((row.get("user_id")?, row.get("change_counter")?))).await
    }

    /// The user's change counter; `None` if there is no such user.
    pub async fn change_counter(&self, user: UserId) -> Result<Option<i64>, StoreError> {
        const SQL: &str = "select change_counter from user_counters where user_id = $1";
        self.db.one(SQL, params![user], |row| row.get("change_counter")).await
    }
}
