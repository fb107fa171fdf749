//! What changed since a value of the user's change counter: exact, without gaps, and each change once.
//!
//! A counter value becomes visible with its commit, and commits of one user are serial. So when the counter reads N,
//! every row of every commit up to N is there to be read, and rows above N are left for the next time.

use domain::{UserId, notification::Notification, project::Project, recurring_task::RecurringTask, task::Task};
use uuid::Uuid;

use crate::{
    Commit, Store, StoreError,
    db::params,
    recurring_tasks::{recurring_task, recurring_task_columns},
    stored::corrupt,
    tasks::{task, task_columns},
};

/// Rows in the order of their last change.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Trashed ones too.
    pub tasks: Vec<Task>,
    pub recurring_tasks: Vec<RecurringTask>,
    pub projects: Vec<Project>,
    pub notifications: Vec<Notification>,
    pub deleted: Vec<Deleted>,
    /// Where to go on from.
    pub cursor: i64,
    /// Whether there is more beyond the cursor already.
    pub more: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    pub kind: DeletedKind,
    pub id: Uuid,
}

/// What can be gone for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletedKind {
    Task,
    RecurringTask,
    Project,
    Notification,
}

impl DeletedKind {
    pub const ALL: [Self; 4] = [Self::Task, Self::RecurringTask, Self::Project, Self::Notification];

    pub fn name(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::RecurringTask => "recurring_task",
            Self::Project => "project",
            Self::Notification => "notification",
        }
    }

    fn from_name(name: &str) -> Result<Self, StoreError> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| corrupt(format!("deleted kind {name}")))
    }
}

const DELETED: &str = "insert into deleted_rows (user_id, kind, id, changed) select $1, $2, $3, {counter} {from} \
    where {locked}";

/// When each row last changed and what it is, until there are more than the caller wants.
pub(crate) const CHANGED: &str = "select changed, kind from (\
    select * from (select changed, 'task' as kind from tasks \
        where user_id = $1 and changed > $2 and changed <= $3 order by changed limit $4) t \
    union all select * from (select changed, 'recurring_task' as kind from recurring_tasks \
        where user_id = $1 and changed > $2 and changed <= $3 order by changed limit $4) r \
    union all select * from (select changed, 'project' as kind from projects \
        where user_id = $1 and changed > $2 and changed <= $3 order by changed limit $4) p \
    union all select * from (select changed, 'notification' as kind from notifications \
        where user_id = $1 and changed > $2 and changed <= $3 order by changed limit $4) n \
    union all select * from (select changed, 'deleted' as kind from deleted_rows \
        where user_id = $1 and changed > $2 and changed <= $3 order by changed limit $4) d\
    ) found order by changed limit $4";

const TASKS: &str = concat!(
    "select ",
    task_columns!(),
    " from tasks where user_id = $1 and changed > $2 and changed <= $3 order by changed, seq"
);
const RECURRING_TASKS: &str = concat!(
    "select ",
    recurring_task_columns!(),
    " from recurring_tasks where user_id = $1 and changed > $2 and changed <= $3 order by changed, id"
);
const DELETED_ROWS: &str = "select kind, id from deleted_rows \
    where user_id = $1 and changed > $2 and changed <= $3 order by changed, id";

impl Commit {
    /// Tells those who follow the changes that a row is gone.
    pub(crate) fn deleted(&mut self, user: UserId, kind: DeletedKind, id: Uuid) {
        self.push(DELETED, params![user, kind.name(), id]);
    }
}

impl Store {
    /// At most `limit` rows, cut where a commit ends; more only if one commit alone changed more. Nothing for a user
    /// who is not there.
    pub async fn changes(&self, user: UserId, since: i64, limit: u32) -> Result<Changes, StoreError> {
        let Some(counter) = self.change_counter(user).await? else {
            return Ok(Changes { cursor: since, ..Changes::default() });
        };
        if counter <= since {
            return Ok(Changes { cursor: counter.max(since), ..Changes::default() });
        }
        let wanted = i64::from(limit.max(1));
        let changed: Vec<(i64, String)> = self
            .db
            .all(CHANGED, params![user, since, counter, wanted + 1], |row| Ok((row.get("changed")?, row.get("kind")?)))
            .await?;
        let until = cut(changed.iter().map(|(counter, _)| *counter), wanted as usize).unwrap_or(counter);
        // Of one commit that alone exceeds the limit not every kind has been seen.
        let unseen = changed.get(wanted as usize).is_some_and(|(counter, _)| *counter <= until);
        let has = |kind: &str| unseen || changed.iter().any(|(counter, found)| *counter <= until && found == kind);

        let mut changes = Changes { cursor: until, more: until < counter, ..Changes::default() };
        if has("task") {
            changes.tasks = self.db.all(TASKS, params![user, since, until], task).await?;
        }
        if has("recurring_task") {
            changes.recurring_tasks = self.db.all(RECURRING_TASKS, params![user, since, until], recurring_task).await?;
        }
        if has("project") {
            changes.projects = self.projects_changed(user, since, until).await?;
        }
        if has("notification") {
            changes.notifications = self.notifications_changed(user, since, until).await?;
        }
        if has("deleted") {
            changes.deleted = self
                .db
                .all(DELETED_ROWS, params![user, since, until], |row| {
                    let kind: String = row.get("kind")?;
                    Ok(Deleted { kind: DeletedKind::from_name(&kind)?, id: row.get("id")? })
                })
                .await?;
        }
        Ok(changes)
    }
}

/// The counter value to stop at, so that no commit is delivered by half. `counters` is sorted and holds one more than
/// `wanted` if there are more. `None`: all of it fits.
fn cut(counters: impl Iterator<Item = i64>, wanted: usize) -> Option<i64> {
    let counters: Vec<i64> = counters.collect();
    let beyond = *counters.get(wanted)?;
    let within = counters.iter().rev().find(|counter| **counter < beyond);
    Some(*within.unwrap_or(&beyond))
}

#[cfg(test)]
mod tests {
    use super::cut;

    fn of(counters: &[i64], wanted: usize) -> Option<i64> {
        cut(counters.iter().copied(), wanted)
    }

    #[test]
    fn what_fits_is_not_cut() {
        assert_eq!(of(&[], 2), None);
        assert_eq!(of(&[5, 6], 2), None);
    }

    #[test]
    fn a_cut_falls_between_commits() {
        assert_eq!(of(&[5, 6, 7], 2), Some(6));
        assert_eq!(of(&[5, 6, 6], 2), Some(5));
        assert_eq!(of(&[5, 5, 6], 2), Some(5));
    }

    #[test]
    fn one_commit_that_alone_exceeds_the_limit_comes_whole() {
        assert_eq!(of(&[5, 5, 5], 2), Some(5));
    }
}
