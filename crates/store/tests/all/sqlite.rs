//! What only SQLite's writer thread and file can get wrong.

use std::time::Duration;

use domain::task::Task;
use store::{Commit, CommitError, PageRequest, Store, StoreError, StoreOptions, TaskFilter};

use crate::support::*;

/// All of these commits wait at once, so that they share transactions.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_member_of_a_group_spoils_nobody() {
    on_sqlite(|db| async move {
        let ann = add_user(&db.store, "ann").await;
        let contested = add_task(&db.store, ann, draft("contested")).await;
        let commits = (0..300).map(|number| {
            let new = Task::create(id(), ann, draft(&format!("task {number}")), &context(ann));
            let mut commit = commit_of(&new);
            if number % 3 == 0 {
                // Refused at its last statement, after the others were applied; the first of them is not.
                commit.task(&contested.clone().complete(&context(ann)).unwrap());
            }
            (new.state.id, number % 3 == 0, commit)
        });
        let commits: Vec<_> = commits.collect();
        let storing = commits.iter().map(|(_, _, commit)| db.store.commit(commit.clone()));
        let outcomes = futures::future::join_all(storing).await;
        let mut stored = 0;
        for ((id, guarded, _), outcome) in commits.iter().zip(outcomes) {
            let found = db.store.task(ann, *id).await.unwrap().is_some();
            assert_eq!(found, outcome.is_ok());
            stored += i64::from(found);
            match outcome {
                Ok(_) => {}
                Err(CommitError::Conflict) => assert!(guarded),
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(stored, 201);
        assert_eq!(db.store.change_counter(ann).await.unwrap(), Some(202));
        assert_eq!(db.store.outbox_stats().await.unwrap().depth, 202);
    })
    .await;
}

/// Callers go away at any moment. What was confirmed is stored, what is stored is whole, and nobody hangs.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_that_go_away_lose_nothing_that_was_confirmed() {
    on_sqlite(|db| async move {
        let ann = add_user(&db.store, "ann").await;
        let (confirm, mut confirmed) = tokio::sync::mpsc::unbounded_channel();
        let mut callers = Vec::new();
        for number in 0..600u64 {
            let (store, confirm) = (db.store.clone(), confirm.clone());
            let caller = tokio::spawn(async move {
                let change = Task::create(id(), ann, draft(&format!("task {number}")), &context(ann));
                if store_change(&store, &change).await.is_ok() {
                    confirm.send(change.state).unwrap();
                }
            });
            callers.push(caller);
            // Some go at once, some after a while, some stay.
            if number % 7 < 4 {
                let victim = (number * 2_654_435_761 % (number + 1)) as usize;
                callers[victim].abort();
            }
            if number % 5 == 0 {
                tokio::task::yield_now().await;
            }
        }
        drop(confirm);
        let gone = futures::future::join_all(callers).await.into_iter().filter(Result::is_err).count();
        assert!(gone > 0, "somebody went away");

        let mut count = 0;
        while let Some(task) = confirmed.recv().await {
            assert_eq!(read(&db.store, ann, task.id).await, task);
            count += 1;
        }
        // One more commit stands behind all that were handed in.
        add_task(&db.store, ann, draft("the last")).await;
        let total = db.store.tasks(ann, &TaskFilter::default(), &PageRequest::first(1)).await.unwrap().total;
        assert!(total > count);
        assert_eq!(db.store.change_counter(ann).await.unwrap(), Some(total));
        assert_eq!(db.store.outbox_stats().await.unwrap().depth, total);
        assert_eq!(db.store.activity(ann, &PageRequest::first(1)).await.unwrap().total, total);
    })
    .await;
}

#[tokio::test]
async fn a_locked_file_is_unavailable_and_comes_back() {
    on_sqlite(|mut db| async move {
        let ann = add_user(&db.store, "ann").await;
        db.options.wait = Duration::from_millis(20);
        let impatient = db.another().await;
        let store::Target::Sqlite(path) = &db.options.target else { unreachable!() };
        let holder = rusqlite::Connection::open(path).unwrap();
        holder.execute_batch("begin immediate").unwrap();
        let change = Task::create(id(), ann, draft("waits"), &context(ann));
        let refused = store_change(&impatient, &change).await.unwrap_err();
        assert!(matches!(refused, CommitError::Store(StoreError::Unavailable(_))), "{refused:?}");
        assert!(impatient.user(ann).await.unwrap().is_some(), "readers do not wait for writers");
        holder.execute_batch("rollback").unwrap();
        store_change(&impatient, &change).await.unwrap();
        assert_eq!(read(&db.store, ann, change.state.id).await, change.state);
    })
    .await;
}

#[tokio::test]
async fn a_closed_store_has_stored_what_it_was_given_and_takes_no_more() {
    on_sqlite(|db| async move {
        let ann = add_user(&db.store, "ann").await;
        let change = Task::create(id(), ann, draft("handed in"), &context(ann));
        let storing = tokio::spawn({
            let (store, change) = (db.store.clone(), change.clone());
            async move { store_change(&store, &change).await }
        });
        let stored = storing.await.unwrap();
        db.store.close().await;
        stored.unwrap();
        let late = Task::create(id(), ann, draft("too late"), &context(ann));
        let refused = store_change(&db.store, &late).await.unwrap_err();
        assert!(matches!(refused, CommitError::Store(StoreError::Unavailable(_))), "{refused:?}");
        assert!(matches!(db.store.user(ann).await, Err(StoreError::Unavailable(_))));
        db.store.close().await;

        let again = db.another().await;
        assert_eq!(read(&again, ann, change.state.id).await, change.state);
    })
    .await;
}

#[tokio::test]
async fn a_backup_is_a_database_of_its_own() {
    on_sqlite(|db| async move {
        let ann = add_user(&db.store, "ann").await;
        let task = add_task(&db.store, ann, draft("kept")).await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it's a backup.db");
        db.store.backup(&path).await.unwrap();
        add_task(&db.store, ann, draft("after")).await;
        assert!(matches!(db.store.backup(&path).await, Err(StoreError::Unsupported(_))), "it is never overwritten");

        let copy = Store::open(StoreOptions::sqlite(&path)).await.unwrap();
        assert!(copy.schema().await.unwrap().is_current());
        assert_eq!(read(&copy, ann, task.id).await, task);
        assert_eq!(copy.change_counter(ann).await.unwrap(), Some(1));
        assert_eq!(copy.integrity_check().await.unwrap(), Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn what_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "a text that is certainly no database, and long enough to tell").unwrap();
    assert!(Store::open(StoreOptions::sqlite(&path)).await.is_err());
    let nowhere = folder.path().join("missing").join("todo.db");
    let refused = Store::open(StoreOptions::sqlite(nowhere)).await.err().unwrap();
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
}

#[tokio::test]
async fn a_commit_of_nobody_known_is_a_conflict() {
    on_sqlite(|db| async move {
        let mut commit = Commit::of(id());
        commit.inbox("notifications", id(), now());
        assert!(matches!(db.store.commit(commit).await, Err(CommitError::Conflict)));
    })
    .await;
}
