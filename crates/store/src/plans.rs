//! How the databases carry out the hot queries. For tests, which insist on indexes; no part of the interface.

use domain::{Timestamp, UserId, due::DUE_SOON};
use uuid::Uuid;

use crate::{
    Order, SortKey, Store, StoreError, TaskFilter, TaskSort, TaskStatus, changes,
    db::{Db, Value, params},
    outbox, tasks, timers, tokens,
};

/// A query by name, with its text and its parameters.
type Query = (&'static str, String, Vec<Value>);

fn hot(user: UserId, now: Timestamp) -> Result<Vec<Query>, StoreError> {
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
    let mut queries = vec![
        ("task by id", tasks::TASK_BY_ID.to_owned(), params![nobody, user]),
        ("claim due", timers::CLAIM_DUE.to_owned(), params![nobody, now, Timestamp::UNIX_EPOCH, now, 100]),
        ("outbox batch", outbox::BATCH.to_owned(), params![0, 100]),
        ("token by hash", tokens::BY_HASH.to_owned(), params![vec![0u8; 32]]),
        ("changes", changes::CHANGED.to_owned(), params![user, 0, 1, 100]),
    ];
    for (name, filter) in
        [("default list", TaskFilter::default()), ("open list", open), ("due list", due), ("completed list", completed)]
    {
        let (sql, params) = tasks::default_list_sql(user, &filter)?;
        queries.push((name, sql, params));
    }
    Ok(queries)
}

impl Store {
    /// The name of each hot query with its plan, line by line.
    pub async fn hot_plans(
        &self,
        user: UserId,
        now: Timestamp,
    ) -> Result<Vec<(&'static str, Vec<String>)>, StoreError> {
        let mut plans = Vec::new();
        for (name, sql, params) in hot(user, now)? {
            let plan = match &*self.db {
                Db::Sqlite(_) => {
                    self.db.all(format!("explain query plan {sql}"), params, |row| row.get::<String>("detail")).await
                }
                Db::Postgres(_) => {
                    self.db.all(format!("explain {sql}"), params, |row| row.get::<String>("QUERY PLAN")).await
                }
            };
            plans.push((name, plan?));
        }
        Ok(plans)
    }
}
