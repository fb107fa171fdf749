//! Many at once: nothing is lost, nothing happens twice, nobody sees a half.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    TaskId, Title, UserId,
    task::{Task, TaskPatch},
};
use store::{CommitError, PageRequest, Store, TaskFilter, TaskStatus};
use tokio::sync::Barrier;

use crate::support::*;

fn title(text: &str) -> TaskPatch {
    TaskPatch { title: Some(Title::parse(text).unwrap()), ..TaskPatch::default() }
}

/// Reads, decides, commits, and again on a conflict: as use cases do. Answers how often it had to begin anew.
async fn rename(store: &Store, user: UserId, task: TaskId, text: &str) -> usize {
    let mut conflicts = 0;
    loop {
        let change = read(store, user, task).await.edit(title(text), &context(user)).unwrap();
        match store_change(store, &change).await {
            Ok(_) => return conflicts,
            Err(CommitError::Conflict) => conflicts += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
}

both_databases! {
    /// Every commit here makes one task. So a reader that follows the cursor must get as many tasks as the cursor
    /// moved: fewer would be a gap, more a repetition.
    async fn a_follower_sees_each_change_once_while_sixteen_write(db: TestDb) {
        const WRITERS: usize = 16;
        const EACH: usize = 20;
        let ann = add_user(&db.store, "ann").await;
        let store = db.store.clone();
        let follower = tokio::spawn(async move {
            let (mut since, mut seen) = (0, Vec::new());
            while seen.len() < WRITERS * EACH {
                let changes = store.changes(ann, since, 7).await.unwrap();
                assert_eq!(changes.tasks.len() as i64, changes.cursor - since, "after {since}");
                seen.extend(changes.tasks.iter().map(|task| task.id));
                since = changes.cursor;
                tokio::task::yield_now().await;
            }
            (since, seen)
        });
        let writers = (0..WRITERS).map(|_| {
            let store = db.store.clone();
            tokio::spawn(async move {
                let mut cursors = Vec::new();
                for number in 0..EACH {
                    let change = Task::create(id(), ann, draft(&format!("task {number}")), &context(ann));
                    cursors.push(store_change(&store, &change).await.unwrap().cursor.unwrap());
                }
                assert!(cursors.is_sorted());
                cursors
            })
        });
        let mut cursors = Vec::new();
        for writer in futures::future::join_all(writers).await {
            cursors.extend(writer.unwrap());
        }
        cursors.sort_unstable();
        let all: Vec<i64> = (1..=(WRITERS * EACH) as i64).collect();
        assert_eq!(cursors, all, "each commit has a value of its own");
        let (since, mut seen) = follower.await.unwrap();
        assert_eq!(since, (WRITERS * EACH) as i64);
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), WRITERS * EACH);
        let page = db.store.tasks(ann, &TaskFilter::default(), &PageRequest::first(1)).await.unwrap();
        assert_eq!(page.total, (WRITERS * EACH) as i64);
    }

    /// On each key the outbox holds the versions in their order, whoever wrote them.
    async fn the_outbox_keeps_the_order_of_each_key(db: TestDb) {
        let users = [add_user(&db.store, "ann").await, add_user(&db.store, "bob").await];
        let mut tasks = Vec::new();
        for number in 0..4 {
            let user = users[number % 2];
            tasks.push((user, add_task(&db.store, user, draft("contested")).await.id));
        }
        let writers = (0..12).map(|number| {
            let (store, tasks) = (db.store.clone(), tasks.clone());
            tokio::spawn(async move {
                let mut conflicts = 0;
                for round in 0..8 {
                    let (user, task) = tasks[(number + round) % tasks.len()];
                    conflicts += rename(&store, user, task, &format!("by {number} in round {round}")).await;
                }
                conflicts
            })
        });
        for writer in futures::future::join_all(writers).await {
            writer.unwrap();
        }
        let mut versions: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for row in db.store.outbox_batch(0, 1000).await.unwrap() {
            let event: serde_json::Value = serde_json::from_str(&row.payload).unwrap();
            let version = event["aggregateversion"].as_str().unwrap().parse().unwrap();
            versions.entry(row.key).or_default().push(version);
        }
        assert_eq!(versions.len(), 4);
        for versions in versions.values() {
            assert_eq!(*versions, (1..=25).collect::<Vec<i64>>());
        }
    }

    async fn of_those_who_decide_on_one_version_one_wins(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let task = add_task(&db.store, ann, draft("contested")).await;
        let barrier = Arc::new(Barrier::new(10));
        let contenders = (0..10).map(|number| {
            let (store, task, barrier) = (db.store.clone(), task.clone(), Arc::clone(&barrier));
            tokio::spawn(async move {
                let change = task.edit(title(&format!("by {number}")), &context(ann)).unwrap();
                barrier.wait().await;
                match store_change(&store, &change).await {
                    Ok(_) => Some(change.state),
                    Err(CommitError::Conflict) => None,
                    Err(other) => panic!("{other:?}"),
                }
            })
        });
        let mut winners = Vec::new();
        for contender in futures::future::join_all(contenders).await {
            winners.extend(contender.unwrap());
        }
        assert_eq!(winners.len(), 1);
        assert_eq!(read(&db.store, ann, task.id).await, winners[0]);
        assert_eq!(db.store.change_counter(ann).await.unwrap(), Some(2));
        assert_eq!(db.store.outbox_stats().await.unwrap().depth, 2);
    }

    async fn the_kept_numbers_stay_exact(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let movers = (0..8).map(|number| {
            let store = db.store.clone();
            tokio::spawn(async move {
                for round in 0..6 {
                    let task = add_task(&store, ann, draft("counted")).await;
                    match (number + round) % 4 {
                        0 => drop(complete(&store, task).await),
                        1 => drop(trash(&store, task).await),
                        2 => {
                            let done = complete(&store, task).await;
                            drop(trash(&store, done).await);
                        }
                        _ => {}
                    }
                }
            })
        });
        for mover in futures::future::join_all(movers).await {
            mover.unwrap();
        }
        for (status, expected) in [(TaskStatus::Open, 12), (TaskStatus::Completed, 12), (TaskStatus::Trash, 24)] {
            let filter = TaskFilter { status, ..TaskFilter::default() };
            let page = db.store.tasks(ann, &filter, &PageRequest::first(100)).await.unwrap();
            assert_eq!((page.total, page.items.len()), (expected, expected as usize), "{status:?}");
        }
    }

    /// Two processes with connections of their own: what one was told is stored, the other reads.
    async fn two_processes_share_a_database(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let other = db.another().await;
        let stores = [&db.store, &other];
        for number in 0..10 {
            let task = add_task(stores[number % 2], ann, draft("shared")).await;
            assert_eq!(read(stores[(number + 1) % 2], ann, task.id).await, task);
        }
        assert_eq!(other.change_counter(ann).await.unwrap(), Some(10));
        other.close().await;
    }
}
