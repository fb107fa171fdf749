//! What only PostgreSQL can get wrong: connections that break, and locks.

use std::time::Duration;

use domain::task::Task;
use sqlx::{Connection, Executor, PgConnection, Row};
use store::{CommitError, Store, StoreError, StoreOptions, Target};

use crate::support::*;

fn url(db: &TestDb) -> &str {
    match &db.options.target {
        Target::Postgres(url) => url,
        Target::Sqlite(_) => unreachable!(),
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    // Nobody listens on the port of a socket that is bound and not listening.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = socket.local_addr().unwrap().port();
    let mut options = StoreOptions::postgres(format!("postgres://nobody@127.0.0.1:{port}/none"));
    options.wait = Duration::from_millis(300);
    let store = Store::open(options).await.unwrap();
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.migrate().await, Err(StoreError::Unavailable(_))));
    let change = Task::create(id(), id(), draft("lost"), &context(id()));
    let refused = store_change(&store, &change).await.unwrap_err();
    assert!(matches!(refused, CommitError::Store(StoreError::Unavailable(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_connections_are_unavailable_and_replaced() {
    on_postgres(|mut db| async move {
        let ann = add_user(&db.store, "ann").await;
        db.options.connections = 1;
        db.options.notify = false;
        let store = db.another().await;
        store.ping().await.unwrap();
        let mut admin = PgConnection::connect(url(&db)).await.unwrap();
        let others = "select pg_terminate_backend(pid) from pg_stat_activity \
            where datname = current_database() and pid <> pg_backend_pid()";
        admin.execute(others).await.unwrap();
        let change = Task::create(id(), ann, draft("broken off"), &context(ann));
        let refused = store_change(&store, &change).await.unwrap_err();
        assert!(matches!(refused, CommitError::Store(StoreError::Unavailable(_))), "{refused:?}");
        store_change(&store, &change).await.unwrap();
        assert_eq!(read(&store, ann, change.state.id).await, change.state);
        store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_is_exhausted_is_unavailable() {
    on_postgres(|mut db| async move {
        let ann = add_user(&db.store, "ann").await;
        (db.options.connections, db.options.wait, db.options.notify) = (1, Duration::from_millis(100), false);
        let store = db.another().await;
        let mut holder = PgConnection::connect(url(&db)).await.unwrap();
        let mut held = holder.begin().await.unwrap();
        held.execute("select 1 from user_counters for update").await.unwrap();
        let blocked = tokio::spawn({
            let store = store.clone();
            async move { add_task(&store, ann, draft("blocked")).await }
        });
        wait_for_a_blocked_session(&db).await;
        assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
        held.rollback().await.unwrap();
        blocked.await.unwrap();
        store.close().await;
    })
    .await;
}

/// The order of a key depends on it: whoever draws a number holds the lock already.
#[tokio::test(flavor = "multi_thread")]
async fn the_users_row_is_locked_before_a_number_is_drawn_or_a_row_is_touched() {
    on_postgres(|db| async move {
        let ann = add_user(&db.store, "ann").await;
        let mut planned = draft("first");
        planned.due = due_at("2026-01-15T17:00:00Z");
        planned.tags = tags(&["a"]);
        let task = add_task(&db.store, ann, planned).await;
        let numbers = "select (select last_value from outbox_seq_seq) + (select last_value from task_events_seq_seq) \
            + (select last_value from tasks_seq_seq) + (select last_value from timers_id_seq)";
        let mut admin = PgConnection::connect(url(&db)).await.unwrap();
        let before: i64 = admin.fetch_one(numbers).await.unwrap().get(0);
        let mut holder = PgConnection::connect(url(&db)).await.unwrap();
        let mut held = holder.begin().await.unwrap();
        held.execute("select 1 from user_counters for update").await.unwrap();
        let patch = domain::task::TaskPatch {
            due: Some(due_at("2026-01-16T17:00:00Z")),
            tags: Some(tags(&["b"])),
            ..Default::default()
        };
        let edit = task.edit(patch, &context(ann)).unwrap();
        let blocked = tokio::spawn({
            let (store, edit) = (db.store.clone(), edit.clone());
            async move { store_change(&store, &edit).await.unwrap() }
        });
        wait_for_a_blocked_session(&db).await;
        let during: i64 = admin.fetch_one(numbers).await.unwrap().get(0);
        assert_eq!(during, before, "no number is drawn by one who waits");
        // Whoever waits for the user's row holds no other: these locks are free.
        for table in ["tasks", "timers", "task_tags", "task_events", "outbox"] {
            let free = format!("select 1 from {table} for update nowait");
            admin.execute(sqlx::AssertSqlSafe(free)).await.unwrap();
        }
        held.rollback().await.unwrap();
        blocked.await.unwrap();
        assert_eq!(read(&db.store, ann, edit.state.id).await, edit.state);
    })
    .await;
}

async fn wait_for_a_blocked_session(db: &TestDb) {
    let mut admin = PgConnection::connect(url(db)).await.unwrap();
    let blocked =
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    let waiting = async {
        while admin.fetch_one(blocked).await.unwrap().get::<i64, _>(0) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("nobody is blocked");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_processes_are_told_of_commits() {
    on_postgres(|db| async move {
        let ann = add_user(&db.store, "ann").await;
        let other = db.another().await;
        let mut hints = other.hints();
        let mut own = db.store.hints();
        // It takes a moment until the other one listens: commits go on until it hears of one.
        let told = async {
            loop {
                add_task(&db.store, ann, draft("told")).await;
                let soon = tokio::time::timeout(Duration::from_millis(50), hints.recv()).await;
                if let Ok(hint) = soon {
                    return hint.unwrap();
                }
            }
        };
        let hint = tokio::time::timeout(Duration::from_secs(30), told).await.expect("it never heard of one");
        assert!(hint.outbox);
        let mut user = hints.recv().await.unwrap();
        while user.user.is_none() {
            user = hints.recv().await.unwrap();
        }
        assert_eq!(user.user.map(|(user, _)| user), Some(ann));

        let commits = db.store.change_counter(ann).await.unwrap().unwrap();
        let mut heard = 0;
        while own.try_recv().is_ok() {
            heard += 1;
        }
        assert_eq!(heard, commits, "its own commits reach a process once, not again by way of the server");
        other.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn works_without_prepared_statements_and_notifications() {
    on_postgres(|mut db| async move {
        (db.options.statement_cache, db.options.notify) = (0, false);
        let plain = db.another().await;
        let ann = add_user(&plain, "ann").await;
        let mut planned = draft("through a pooler");
        planned.due = due_at("2026-01-15T17:00:00Z");
        let task = add_task(&plain, ann, planned).await;
        let done = complete(&plain, task).await;
        assert_eq!(read(&db.store, ann, done.id).await, done);
        plain.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_url_never_shows_its_password() {
    let options = StoreOptions::from_url("postgres://todo:hunter2@127.0.0.1/todo").unwrap();
    assert!(!format!("{options:?}").contains("hunter2"));
    assert!(StoreOptions::from_url("mysql://x").is_err());
    assert_eq!(StoreOptions::from_url("sqlite:/a/b.db").unwrap().target, Target::Sqlite("/a/b.db".into()));
}
