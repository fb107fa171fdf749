use domain::{TaskId, task::Task};
use store::{Commit, DeletedKind};

use crate::support::*;

both_databases! {
    async fn what_changed_since_is_told_once(db: TestDb) {
        let (ann, bob) = (add_user(&db.store, "ann").await, add_user(&db.store, "bob").await);
        let one = add_task(&db.store, ann, draft("one")).await;
        let two = add_task(&db.store, ann, draft("two")).await;
        add_task(&db.store, bob, draft("bob's")).await;
        let changes = db.store.changes(ann, 0, 100).await.unwrap();
        assert_eq!((changes.tasks, changes.cursor, changes.more), (vec![one.clone(), two.clone()], 2, false));
        let none = db.store.changes(ann, 2, 100).await.unwrap();
        assert_eq!((none.tasks.len(), none.cursor, none.more), (0, 2, false));

        let one = trash(&db.store, one).await;
        let changes = db.store.changes(ann, 0, 100).await.unwrap();
        assert_eq!((changes.tasks, changes.cursor), (vec![two, one.clone()], 3), "in the order of the last change");
        assert_eq!(db.store.changes(ann, 2, 100).await.unwrap().tasks, [one]);
        assert_eq!(db.store.change_counters(&[ann, bob, id()]).await.unwrap().len(), 2);

        let nobody = db.store.changes(id(), 7, 100).await.unwrap();
        assert_eq!((nobody.cursor, nobody.more), (7, false));
    }

    async fn pages_end_where_a_commit_ends(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        for size in [1, 3, 2, 5, 1] {
            let mut commit = Commit::of(ann);
            for number in 0..size {
                commit.task(&Task::create(id(), ann, draft(&format!("{size}.{number}")), &context(ann)));
            }
            db.store.commit(commit).await.unwrap();
        }
        let (mut since, mut pages) = (0, Vec::new());
        loop {
            let changes = db.store.changes(ann, since, 4).await.unwrap();
            pages.push((changes.tasks.len(), changes.cursor));
            since = changes.cursor;
            if !changes.more {
                break;
            }
        }
        assert_eq!(pages, [(4, 2), (2, 3), (5, 4), (1, 5)], "a commit of five comes whole");
    }

    async fn what_is_gone_for_good_is_told(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let task = add_task(&db.store, ann, draft("purged")).await;
        let task = trash(&db.store, task).await;
        let mut commit = Commit::of(ann);
        commit.purge_task(ann, task.id, task.version);
        db.store.commit(commit).await.unwrap();
        let changes = db.store.changes(ann, 0, 100).await.unwrap();
        assert!(changes.tasks.is_empty());
        let gone: Vec<(DeletedKind, TaskId)> = changes.deleted.iter().map(|d| (d.kind, TaskId(d.id))).collect();
        assert_eq!(gone, [(DeletedKind::Task, task.id)]);
    }
}
