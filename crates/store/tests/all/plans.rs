//! The hot queries use their indexes, with a table big enough that it matters.

use domain::{
    Change,
    task::{Task, TaskPatch},
};
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

/// A change that touches everything an edit can: the due date moves, and so do the timers and the tags.
async fn edit(store: &Store, user: domain::UserId) -> Change<Task> {
    let mut planned = draft("edited");
    planned.due = due_at("2026-01-15T17:00:00Z");
    let task = add_task(store, user, planned).await;
    let patch =
        TaskPatch { due: Some(due_at("2026-01-16T17:00:00Z")), tags: Some(tags(&["a", "b"])), ..TaskPatch::default() };
    task.edit(patch, &context(user)).unwrap()
}

/// Those of a list walk an index over one user's rows, in order. All others find the few rows that they name.
const LISTS: [&str; 5] = ["default list", "open list", "due list", "completed list", "changes"];

/// Those that sort the few rows they find.
const SORT_A_FEW: [&str; 5] = ["changes", "subtasks", "digested tasks", "timers of", "task deliveries"];

#[tokio::test]
async fn sqlite_finds_rows_by_index_and_sorts_none_but_a_few() {
    on_sqlite(|db| async move {
        let ann = filled(&db.store).await;
        let mut plans = db.store.hot_plans(ann, now()).await.unwrap();
        let commit = db.store.commit_plans(&edit(&db.store, ann).await).await.unwrap();
        assert!(commit.len() > 8, "{commit:#?}");
        plans.extend(commit);
        for (name, plan) in plans {
            let (list, few) = (LISTS.contains(&name.as_str()), SORT_A_FEW.contains(&name.as_str()));
            for line in &plan {
                assert!(!scans(line), "{name} scans: {plan:#?}");
                assert!(few || !line.contains("USE TEMP B-TREE"), "{name} sorts: {plan:#?}");
                let all_of_a_user = line.ends_with("(user_id=?)") && !line.contains("user_counters");
                assert!(list || !all_of_a_user, "{name} reads all rows of the user: {plan:#?}");
            }
        }
    })
    .await;
}

/// What is limited, or handed in, may be walked: the parts of the changes query, the timers about to be claimed, the
/// ids of a list, and the one row of constants of an insert.
fn scans(line: &str) -> bool {
    let walked = ["SCAN t", "SCAN r", "SCAN p", "SCAN n", "SCAN d", "SCAN due", "SCAN found", "SCAN was"];
    line.starts_with("SCAN")
        && !walked.contains(&line)
        && !["SCAN (subquery", "SCAN json_each", "SCAN CONSTANT"].iter().any(|start| line.starts_with(start))
}

#[tokio::test]
async fn postgres_finds_rows_by_index_and_sorts_none_but_a_few() {
    on_postgres(|db| async move {
        let ann = filled(&db.store).await;
        let edit = edit(&db.store, ann).await;
        let store::Target::Postgres(url) = &db.options.target else { unreachable!() };
        let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(url).await.unwrap();
        sqlx::Executor::execute(&mut connection, "vacuum analyze").await.unwrap();
        let plans = async |store: &Store| {
            let mut plans = store.hot_plans(ann, now()).await.unwrap();
            plans.extend(store.commit_plans(&edit).await.unwrap());
            plans
        };
        // Tables with no more than a few rows are rightly read whole.
        let big = ["tasks", "timers", "outbox", "task_events", "access_tokens", "users", "user_counters"];
        for (name, plan) in plans(&db.store).await {
            let scans = |table| plan.iter().any(|line| line.contains(&format!("Seq Scan on {table} ")));
            assert!(!big.into_iter().any(scans), "{name} scans: {plan:#?}");
            check_sorts(&name, &plan);
        }
        let forbid = format!("alter database {} set enable_seqscan = off", name_of(url));
        sqlx::Executor::execute(&mut connection, sqlx::AssertSqlSafe(forbid)).await.unwrap();
        let choosing_indexes = db.another().await;
        for (name, plan) in plans(&choosing_indexes).await {
            assert!(!plan.iter().any(|line| line.contains("Seq Scan")), "{name} lacks an index: {plan:#?}");
            check_sorts(&name, &plan);
        }
        choosing_indexes.close().await;
    })
    .await;
}

fn check_sorts(name: &str, plan: &[String]) {
    let sorts = plan.iter().any(|line| line.trim_start().trim_start_matches("->  ").starts_with("Sort  ("));
    assert!(!sorts || SORT_A_FEW.contains(&name), "{name} sorts: {plan:#?}");
}

fn name_of(url: &str) -> &str {
    url.rsplit_once('/').unwrap().1
}
