use domain::{
    EventId, TaskId,
    event::{Actor, EventType, TOPICS},
    task::Task,
};
use store::{Commit, EventRecord, PageRequest};

use crate::support::*;

both_databases! {
    async fn an_event_is_in_the_history_and_in_the_outbox_byte_for_byte(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let change = Task::create(id(), ann, draft("told \"of\" \u{1f680}"), &context(ann));
        let record = EventRecord::new(id(), "/todo/backend", &change.events[0]);
        let mut commit = Commit::of(ann);
        commit.task(&change);
        commit.event(&record);
        db.store.commit(commit).await.unwrap();

        let rows = db.store.outbox_batch(0, 10).await.unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!((&rows[0].payload, &rows[0].key), (&record.payload, &change.state.id.to_string()));
        assert_eq!((rows[0].event_id, rows[0].topic.as_str()), (record.id, "task-created"));
        assert!(TOPICS.contains(&rows[0].topic.as_str()));

        let history = db.store.task_history(ann, change.state.id, &PageRequest::default()).await.unwrap();
        assert_eq!((history.total, history.items.len()), (1, 1));
        let entry = &history.items[0];
        assert_eq!((entry.id, entry.event_type.as_str(), entry.created_at), (record.id, "todo.task.created.v1", now()));
        assert_eq!(entry.event_data.get(), record.payload);
        assert!(matches!(entry.actor, Actor::User { user_id, .. } if user_id == ann));
    }

    async fn the_outbox_hands_out_in_order_and_forgets_what_was_published(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let mut task = add_task(&db.store, ann, draft("one")).await;
        task = complete(&db.store, task).await;
        trash(&db.store, task).await;
        let rows = db.store.outbox_batch(0, 2).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.topic.as_str()).collect::<Vec<_>>(), ["task-created", "task-completed"]);
        assert!(rows[0].seq < rows[1].seq);
        let rest = db.store.outbox_batch(rows[1].seq, 2).await.unwrap();
        assert_eq!(rest.iter().map(|row| row.topic.as_str()).collect::<Vec<_>>(), ["task-deleted"]);
        let stats = db.store.outbox_stats().await.unwrap();
        assert_eq!((stats.depth, stats.oldest_created_at), (3, Some(now())));

        db.store.outbox_delete(&[rows[0].seq, rows[1].seq, 999_999]).await.unwrap();
        db.store.outbox_delete(&[]).await.unwrap();
        assert_eq!(db.store.outbox_batch(0, 10).await.unwrap(), rest);
        db.store.outbox_delete(&[rest[0].seq]).await.unwrap();
        assert_eq!(db.store.outbox_stats().await.unwrap().oldest_created_at, None);

        add_task(&db.store, ann, draft("two")).await;
        assert!(db.store.outbox_batch(0, 1).await.unwrap()[0].seq > rest[0].seq, "a number is never used again");
    }

    async fn history_is_paged_newest_first(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let mut task = add_task(&db.store, ann, draft("busy")).await;
        let other = add_task(&db.store, ann, draft("other")).await;
        for _ in 0..4 {
            task = complete(&db.store, task).await;
            let change = task.reopen(&context(ann)).unwrap();
            store_change(&db.store, &change).await.unwrap();
            task = change.state;
        }
        let versions = async |of: Option<TaskId>, request: PageRequest| {
            let page = match of {
                Some(id) => db.store.task_history(ann, id, &request).await.unwrap(),
                None => db.store.activity(ann, &request).await.unwrap(),
            };
            let versions = page.items.iter().map(|entry| {
                let event: serde_json::Value = serde_json::from_str(entry.event_data.get()).unwrap();
                event["aggregateversion"].as_str().unwrap().to_owned()
            });
            (versions.collect::<Vec<_>>().join(" "), page.total, page.next_cursor)
        };
        let (first, total, cursor) = versions(Some(task.id), PageRequest::first(4)).await;
        assert_eq!((first.as_str(), total), ("9 8 7 6", 9));
        let (second, _, cursor) = versions(Some(task.id), PageRequest::after(cursor.unwrap(), 4)).await;
        assert_eq!(second, "5 4 3 2");
        let (third, _, cursor) = versions(Some(task.id), PageRequest::after(cursor.unwrap(), 4)).await;
        assert_eq!((third.as_str(), cursor), ("1", None));
        let (numbered, ..) = versions(Some(task.id), PageRequest { page: 3, page_size: 4, cursor: None }).await;
        assert_eq!(numbered, "1");
        assert_eq!(versions(Some(other.id), PageRequest::first(4)).await.1, 1);
        assert_eq!(versions(None, PageRequest::first(4)).await.1, 10);
    }

    async fn a_lost_event_is_found_and_published_again(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        for title in ["a", "b", "c"] {
            add_task(&db.store, ann, draft(title)).await;
        }
        let rows = db.store.outbox_batch(0, 10).await.unwrap();
        let (from, until) = (at("2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z"));
        let lost = async || {
            db.store.unrecorded("notifications", &[EventType::TaskCreated], from, until, 10).await.unwrap()
        };
        assert_eq!(lost().await, [], "what is still to be published is not lost");
        db.store.outbox_delete(&rows.iter().map(|row| row.seq).collect::<Vec<_>>()).await.unwrap();
        let mut commit = Commit::system();
        commit.inbox("notifications", rows[1].event_id, now());
        commit.inbox("analytics", rows[0].event_id, now());
        db.store.commit(commit).await.unwrap();
        assert_eq!(lost().await, [rows[0].event_id, rows[2].event_id]);
        let none = db.store.unrecorded("notifications", &[EventType::TaskDue], from, until, 10).await.unwrap();
        assert_eq!(none, []);

        let unknown: EventId = id();
        assert_eq!(db.store.publish_again(&[rows[2].event_id, unknown, rows[0].event_id]).await.unwrap(), 2);
        let again = db.store.outbox_batch(0, 10).await.unwrap();
        let told: Vec<_> = again.iter().map(|row| (row.event_id, &row.topic, &row.key, &row.payload)).collect();
        let first: Vec<_> =
            [&rows[0], &rows[2]].map(|row| (row.event_id, &row.topic, &row.key, &row.payload)).into();
        assert_eq!(told, first);

        let log = db.store.event_log(0, 10).await.unwrap();
        assert_eq!(log.iter().map(|(_, id)| *id).collect::<Vec<_>>(), rows.iter().map(|r| r.event_id).collect::<Vec<_>>());
        assert_eq!(db.store.event_log(log[1].0, 10).await.unwrap(), log[2..]);
    }

    async fn commits_tell_that_they_happened(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let mut hints = db.store.hints();
        let mut planned = draft("hinted");
        planned.due = due_at("2026-01-15T17:00:00Z");
        add_task(&db.store, ann, planned).await;
        let hint = hints.recv().await.unwrap();
        assert!(hint.outbox);
        assert_eq!(hint.timers, Some(at("2026-01-14T17:00:00Z")));
        assert_eq!(hint.user, Some((ann, 1)));
    }
}
