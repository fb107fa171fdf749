//! How the databases carry out the hot queries and commits. For tests, which insist on indexes; no part of the
//! interface.

use domain::{
    Change, NotificationId, RecurringTaskId, TaskId, Timestamp, UserId,
    due::DUE_SOON,
    task::Task,
    timer::{Timer, TimerKind},
};
use uuid::Uuid;

use crate::{
    Claim, Commit, EventRecord, Order, SortKey, Store, StoreError, TaskFilter, TaskSort, TaskStatus, changes,
    counters::raising,
    db::{
        Db, Value,
        dialect::{Dialect, Setting},
        params,
    },
    deliveries, history, notifications, outbox, tasks, timers, tokens,
};

/// A query with its name, its text and its parameters.
type Query = (String, String, Vec<Value>);

fn reads(user: UserId, now: Timestamp) -> Result<Vec<Query>, StoreError> {
    let nobody = Uuid::nil();
    let open = TaskFilter { status: TaskStatus::Open, now, ..TaskFilter::default() };
    let due = TaskFilter {
        due_to: now.checked_add(DUE_SOON).ok(),
        sort: TaskSort::new(SortKey::Due, Order::Ascending),
        ..open.clone()
    };
    let completed = TaskFilter {
        status: TaskStatus::Completed,
        sort: TaskSort::new(SortKey::Completed, Order::Descending),
        ..TaskFilter::default()
    };
    let of_task = params![user, TaskId(nobody), i64::MAX, 20, 0];
    let of_rule = params![user, RecurringTaskId(nobody), i64::MAX, 20, 0];
    let digests = params![user, vec![NotificationId(nobody).0]];
    let mut queries = vec![
        ("task by id", tasks::TASK_BY_ID, params![nobody, user]),
        ("tasks by id", tasks::TASKS_BY_ID, params![vec![nobody], user]),
        ("subtasks", tasks::SUBTASKS, params![nobody, user]),
        ("open occurrences", tasks::OPEN_OCCURRENCES, params![nobody, user, now]),
        ("claim due", timers::CLAIM_DUE, params![nobody, now, Timestamp::UNIX_EPOCH, now, 100]),
        ("timers of", timers::TIMERS_OF, params![nobody, user]),
        ("outbox batch", outbox::BATCH, params![0, 100]),
        ("token by hash", tokens::BY_HASH, params![vec![0u8; 32]]),
        ("changes", changes::CHANGED, params![user, 0, 1, 100]),
        ("task history", history::OF_TASK.0, of_task),
        ("recurring task history", history::OF_RECURRING_TASK.0, of_rule),
        ("digested tasks", notifications::DIGESTED, digests),
        ("task deliveries", deliveries::OF_TASK, params![nobody, user]),
    ]
    .into_iter()
    .map(|(name, sql, params)| (name.to_owned(), sql.to_owned(), params))
    .collect::<Vec<_>>();
    for (name, filter) in
        [("default list", TaskFilter::default()), ("open list", open), ("due list", due), ("completed list", completed)]
    {
        let (sql, params) = tasks::default_list_sql(user, &filter)?;
        queries.push((name.to_owned(), sql, params));
    }
    Ok(queries)
}

/// A commit with everything that a firing timer and an edit bring: `change` is stored under its version, and made new
/// as well.
fn commit(change: &Change<Task>) -> Commit {
    let task = &change.state;
    let mut commit = Commit::of(task.user_id);
    let timer = Timer { kind: TimerKind::Due, subject: task.id.0, moment: task.created_at, fire_at: task.created_at };
    commit.claimed(&Claim { id: 0, user_id: task.user_id, timer, claim: Uuid::nil() });
    commit.task(change);
    commit.task(&Change { from_version: 0, ..change.clone() });
    for event in &change.events {
        commit.event(&EventRecord::new(domain::EventId(Uuid::nil()), "/todo/test", event));
    }
    commit
}

impl Store {
    /// The name of each hot query with its plan, line by line.
    pub async fn hot_plans(&self, user: UserId, now: Timestamp) -> Result<Vec<(String, Vec<String>)>, StoreError> {
        let mut plans = Vec::new();
        for (name, sql, params) in reads(user, now)? {
            plans.push((name, self.explain(&sql, params).await?));
        }
        Ok(plans)
    }

    /// The same of the statements of a commit that stores `change`, which names `tags` among its fields and replaces
    /// timers. On SQLite one by one; PostgreSQL has one for all.
    pub async fn commit_plans(&self, change: &Change<Task>) -> Result<Vec<(String, Vec<String>)>, StoreError> {
        let (statements, _) = commit(change).finish();
        if let Db::Postgres(postgres) = &*self.db {
            return Ok(vec![("the commit".into(), postgres.explain(statements).await?)]);
        }
        let mut plans = Vec::new();
        let (raise, params) = raising(change.state.user_id, statements.counts);
        plans.push((raise.to_owned(), self.explain(raise, params).await?));
        for statement in statements.statements {
            let mut params = statement.rows.into_iter().next().unwrap_or_default();
            let mut setting = Setting::Alone;
            if statement.sql.contains("{counter}") {
                setting = Setting::Step { counter: params.len() + 1 };
                params.push(Value::from(1));
            }
            // The parameter keeps its number when it is translated again.
            let text = Dialect::Sqlite.text(statement.sql, setting);
            plans.push((statement.sql.to_owned(), self.explain(&text, params).await?));
        }
        Ok(plans)
    }

    async fn explain(&self, sql: &str, params: Vec<Value>) -> Result<Vec<String>, StoreError> {
        match &*self.db {
            Db::Sqlite(_) => {
                self.db.all(format!("explain query plan {sql}"), params, |row| row.get::<String>("detail")).await
            }
            Db::Postgres(_) => self.db.all(format!("explain {sql}"), params, |row| row.get("QUERY PLAN")).await,
        }
    }
}
