//! The hot queries use their indexes, with a table big enough that it matters.

use domain::task::Task;
use store::{Commit, Store, Token, TokenKind};

use crate::support::*;

/// A user with many tasks among others, and a full outbox.
async fn filled(store: &Store) -> domain::UserId {
    let (ann, bob) = (add_user(store, "ann").await, add_user(store, "bob").await);
    let mut others = Commit::system();
    for number in 0..500 {
        let other = user_named(&format!("user{number}"));
        others.create_user(&other, "hash");
        others.token(&session(other.id), format!("hash {number}").as_bytes());
    }
    store.commit(others).await.unwrap();
    for user in [ann, bob] {
        for _ in 0..10 {
            let mut commit = Commit::of(user);
            for number in 0..200 {
                let mut planned = draft("filler");
                planned.due = (number % 2 == 0).then(|| due_at("2026-01-15T17:00:00Z")).flatten();
                let mut change = Task::create(id(), user, planned, &context(user));
                change.state.completed_at = (number % 3 == 0).then(now);
                commit.task(&change);
                add_events(&mut commit, &change.events);
            }
            store.commit(commit).await.unwrap();
        }
    }
    ann
}

fn session(user: domain::UserId) -> Token {
    Token {
        id: id(),
        user_id: user,
        kind: TokenKind::Session,
        name: String::new(),
        scopes: vec![],
        user_agent: None,
        address: None,
        created_at: now(),
        last_used_at: None,
        expires_at: None,
        idle_expires_at: None,
    }
}

#[tokio::test]
async fn sqlite_searches_and_never_scans_or_sorts() {
    on_sqlite(|db| async move {
        let ann = filled(&db.store).await;
        for (name, plan) in db.store.hot_plans(ann, now()).await.unwrap() {
            for line in &plan {
                let scans = line.starts_with("SCAN") && !line.contains("CONSTANT") && !is_of_a_limited_part(line);
                assert!(!scans, "{name} scans: {plan:#?}");
                assert!(!line.contains("USE TEMP B-TREE") || name == "changes", "{name} sorts: {plan:#?}");
            }
            assert!(plan.iter().any(|line| line.contains("USING")), "{name} uses no index: {plan:#?}");
        }
    })
    .await;
}

/// The changes query walks what its parts found, and the claim what it is about to claim: both are limited.
fn is_of_a_limited_part(line: &str) -> bool {
    ["SCAN t", "SCAN r", "SCAN p", "SCAN n", "SCAN d", "SCAN due", "SCAN found"].contains(&line)
        || line.starts_with("SCAN (subquery")
}

#[tokio::test]
async fn postgres_uses_an_index_for_each() {
    on_postgres(|db| async move {
        let ann = filled(&db.store).await;
        let store::Target::Postgres(url) = &db.options.target else { unreachable!() };
        let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(url).await.unwrap();
        sqlx::Executor::execute(&mut connection, "vacuum analyze").await.unwrap();
        for (name, plan) in db.store.hot_plans(ann, now()).await.unwrap() {
            // Tables with no more than a few rows are rightly read whole.
            let big = ["tasks", "timers", "outbox", "task_events", "access_tokens", "users"];
            let scans = big.iter().any(|table| plan.iter().any(|line| line.contains(&format!("Seq Scan on {table}"))));
            assert!(!scans && plan.iter().any(|line| line.contains("Index")), "{name} scans: {plan:#?}");
            assert!(name == "changes" || !plan.iter().any(|line| sorts(line)), "{name} sorts: {plan:#?}");
        }
        sqlx::Executor::execute(
            &mut connection,
            sqlx::AssertSqlSafe(format!("alter database {} set enable_seqscan = off", name_of(url))),
        )
        .await
        .unwrap();
        let choosing_indexes = db.another().await;
        for (name, plan) in choosing_indexes.hot_plans(ann, now()).await.unwrap() {
            assert!(!plan.iter().any(|line| line.contains("Seq Scan")), "{name} lacks an index: {plan:#?}");
            assert!(!plan.iter().any(|line| sorts(line)), "{name} sorts: {plan:#?}");
        }
        choosing_indexes.close().await;
    })
    .await;
}

fn name_of(url: &str) -> &str {
    url.rsplit_once('/').unwrap().1
}

fn sorts(line: &str) -> bool {
    line.trim_start().trim_start_matches("->  ").starts_with("Sort  (")
}
