use domain::{
    notification::{Notification, NotificationKind},
    task::Task,
};
use store::{Commit, DeletedKind, IdempotencyRecord, PageRequest, TaskFilter, TaskStatus, Token, TokenKind};

use crate::support::*;

const BEFORE: &str = "2026-01-01T12:00:01Z";

both_databases! {
    async fn old_trash_goes_for_good_and_is_told(db: TestDb) {
        let (ann, bob) = (add_user(&db.store, "ann").await, add_user(&db.store, "bob").await);
        for (user, title) in [(ann, "a"), (ann, "b"), (bob, "c")] {
            let mut tagged = draft(title);
            tagged.tags = tags(&["t"]);
            let task = add_task(&db.store, user, tagged).await;
            trash(&db.store, task).await;
        }
        let fresh = Task::create(id(), ann, draft("fresh"), &context(ann));
        store_change(&db.store, &fresh).await.unwrap();
        let later = fresh.state.clone().trash(&context_at(ann, at("2026-01-05T00:00:00Z")));
        store_change(&db.store, &later).await.unwrap();
        let open = add_task(&db.store, ann, draft("open")).await;

        assert_eq!(db.store.purge_trash(at(BEFORE), 2).await.unwrap(), 2);
        assert_eq!(db.store.purge_trash(at(BEFORE), 2).await.unwrap(), 1);
        assert_eq!(db.store.purge_trash(at(BEFORE), 2).await.unwrap(), 0);
        let trashed = TaskFilter { status: TaskStatus::Trash, ..TaskFilter::default() };
        let page = db.store.tasks(ann, &trashed, &PageRequest::default()).await.unwrap();
        assert_eq!((page.total, page.items), (1, vec![later.state]));
        assert_eq!(read(&db.store, ann, open.id).await, open);
        let gone = db.store.changes(ann, 0, 100).await.unwrap().deleted;
        assert_eq!(gone.iter().map(|deleted| deleted.kind).collect::<Vec<_>>(), [DeletedKind::Task; 2]);
        assert_eq!(db.store.activity(ann, &PageRequest::default()).await.unwrap().total, 7, "their history stays");
    }

    async fn old_notifications_go_and_are_told(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let mut commit = Commit::of(ann);
        let notification = Notification {
            id: id(),
            user_id: ann,
            kind: NotificationKind::Due,
            task_id: Some(id()),
            task_ids: vec![],
            title: "old".into(),
            due_date: None,
            late: false,
            created_at: now(),
            read_at: None,
            snoozed_until: None,
        };
        commit.notification(&notification);
        db.store.commit(commit).await.unwrap();
        assert_eq!(db.store.purge_notifications(now(), 10).await.unwrap(), 0);
        assert_eq!(db.store.purge_notifications(at(BEFORE), 10).await.unwrap(), 1);
        assert_eq!(db.store.notification(ann, notification.id).await.unwrap(), None);
        assert_eq!(db.store.changes(ann, 1, 10).await.unwrap().deleted[0].id, notification.id.0);
    }

    async fn what_only_we_see_is_deleted_in_batches(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let mut commit = Commit::of(ann);
        for number in 0..3 {
            commit.inbox("notifications", id(), now());
            commit.idempotency(&IdempotencyRecord {
                user_id: ann,
                key: format!("k{number}"),
                fingerprint: String::new(),
                status: 200,
                body: "{}".into(),
                created_at: now(),
            });
            let token = Token {
                id: id(),
                user_id: ann,
                kind: TokenKind::Session,
                name: String::new(),
                scopes: vec![],
                user_agent: None,
                address: None,
                created_at: now(),
                last_used_at: None,
                expires_at: (number < 2).then(now),
                idle_expires_at: None,
            };
            commit.token(&token, format!("hash {number}").as_bytes());
        }
        db.store.commit(commit).await.unwrap();
        db.store.record_sign_in_failure("address:x", now()).await.unwrap();

        let (store, before) = (&db.store, at(BEFORE));
        assert_eq!(store.purge_inbox(now(), 10).await.unwrap(), 0);
        assert_eq!(store.purge_inbox(before, 2).await.unwrap(), 2);
        assert_eq!(store.purge_inbox(before, 2).await.unwrap(), 1);
        assert_eq!(store.purge_idempotency(before, 10).await.unwrap(), 3);
        assert_eq!(store.purge_tokens(before, 10).await.unwrap(), 2);
        assert_eq!(store.tokens(ann, TokenKind::Session).await.unwrap().len(), 1);
        assert_eq!(store.purge_sign_in_attempts(before, 10).await.unwrap(), 1);
        assert_eq!(store.purge_audit_log(before, 10).await.unwrap(), 0);
    }
}
