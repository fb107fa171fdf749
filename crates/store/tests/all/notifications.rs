use domain::{
    NotificationId, TaskId, Timestamp, UserId,
    notification::{Channel, Delivery, DeliveryStatus, Notification, NotificationKind},
};
use store::{Commit, CommitError, DeliveryFilter, Duplicate, NotificationFilter, PageRequest, Store};

use crate::support::*;

fn notification(user: UserId, kind: NotificationKind, second: i64) -> Notification {
    Notification {
        id: id(),
        user_id: user,
        kind,
        task_id: (kind != NotificationKind::Digest).then(id),
        task_ids: vec![],
        title: "Buy milk".into(),
        due_date: Some("2026-01-15".into()),
        late: second % 2 == 1,
        created_at: Timestamp::from_second(1_000 + second).unwrap(),
        read_at: None,
        snoozed_until: None,
    }
}

fn delivery(user: UserId, task: TaskId, status: DeliveryStatus) -> Delivery {
    Delivery {
        id: id(),
        user_id: user,
        task_id: task,
        kind: NotificationKind::Due,
        channel: Channel::InApp,
        moment: at("2026-01-15T17:00:00Z"),
        status,
        attempts: 1,
        next_attempt_at: Some(at("2026-01-15T18:00:00Z")),
        sent_at: (status == DeliveryStatus::Sent).then(now),
        late: false,
        error: (status == DeliveryStatus::Cancelled).then(|| "the task was completed".into()),
        notification_id: None,
        digest_id: None,
        created_at: now(),
    }
}

async fn add(store: &Store, notification: &Notification) -> i64 {
    let mut commit = Commit::of(notification.user_id);
    commit.notification(notification);
    store.commit(commit).await.unwrap().cursor.unwrap()
}

async fn deliver(store: &Store, delivery: &Delivery) -> Result<(), CommitError> {
    let mut commit = Commit::of(delivery.user_id);
    commit.delivery(delivery);
    store.commit(commit).await.map(drop)
}

both_databases! {
    async fn notifications_are_listed_read_and_snoozed(db: TestDb) {
        let (ann, bob) = (add_user(&db.store, "ann").await, add_user(&db.store, "bob").await);
        let mut stored = Vec::new();
        for (second, kind) in [NotificationKind::DueSoon, NotificationKind::Due, NotificationKind::Due].into_iter().enumerate() {
            let notification = notification(ann, kind, second as i64);
            add(&db.store, &notification).await;
            stored.push(notification);
        }
        let list = async |filter: NotificationFilter, request: PageRequest| {
            db.store.notifications(ann, &filter, &request).await.unwrap()
        };
        let first = list(NotificationFilter::default(), PageRequest::first(2)).await;
        assert_eq!((first.total, &first.items[..]), (3, &[stored[2].clone(), stored[1].clone()][..]));
        let second = list(NotificationFilter::default(), PageRequest::after(first.next_cursor.unwrap(), 2)).await;
        assert_eq!((&second.items[..], second.next_cursor), (&stored[..1], None));
        let due = NotificationFilter { kind: Some(NotificationKind::Due), unread: false };
        assert_eq!(list(due, PageRequest::default()).await.total, 2);
        assert_eq!(db.store.notification(ann, stored[0].id).await.unwrap(), Some(stored[0].clone()));
        assert_eq!(db.store.notification(bob, stored[0].id).await.unwrap(), None);
        assert_eq!((db.store.unread_count(ann).await.unwrap(), db.store.unread_count(bob).await.unwrap()), (3, 0));

        let mut read = stored[0].clone();
        read.read_at = Some(now());
        read.snoozed_until = Some(at("2026-01-02T00:00:00Z"));
        let mut commit = Commit::of(ann);
        commit.notification_state(&read);
        db.store.commit(commit).await.unwrap();
        assert_eq!(db.store.notification(ann, read.id).await.unwrap(), Some(read.clone()));
        let unread = NotificationFilter { unread: true, kind: None };
        assert_eq!(list(unread.clone(), PageRequest::default()).await.total, 2);
        let mut stranger = Commit::of(bob);
        stranger.notification_state(&Notification { user_id: bob, ..read });
        assert!(matches!(db.store.commit(stranger).await, Err(CommitError::Conflict)));

        let mut commit = Commit::of(ann);
        commit.read_all(ann, now());
        db.store.commit(commit).await.unwrap();
        assert_eq!(db.store.unread_count(ann).await.unwrap(), 0);
        assert_eq!(list(unread, PageRequest::default()).await.total, 0);
    }

    async fn a_stream_resumes_where_it_was(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let (first, second) = (notification(ann, NotificationKind::Due, 1), notification(ann, NotificationKind::Due, 0));
        let (one, two) = (add(&db.store, &first).await, add(&db.store, &second).await);
        let mut commit = Commit::of(ann);
        commit.read_all(ann, now());
        db.store.commit(commit).await.unwrap();
        let since = async |after| {
            let found = db.store.notifications_since(ann, after, 10).await.unwrap();
            found.into_iter().map(|(notification, counter)| (notification.id, counter)).collect::<Vec<_>>()
        };
        assert_eq!(since(0).await, [(first.id, one), (second.id, two)], "in the order they were written");
        assert_eq!(since(one).await, [(second.id, two)], "reading them is no news");
        assert_eq!(since(two).await, []);
    }

    async fn a_digest_names_the_tasks_that_fold_into_it(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let digest = notification(ann, NotificationKind::Digest, 0);
        let tasks: Vec<TaskId> = (0..3).map(|_| id()).collect();
        // In the order of the events, which is not the due order.
        for (number, moment) in [(1, 20), (0, 10), (2, 30)] {
            let folded = Delivery {
                moment: Timestamp::from_second(moment).unwrap(),
                digest_id: Some(digest.id),
                ..delivery(ann, tasks[number], DeliveryStatus::Sent)
            };
            let mut commit = Commit::of(ann);
            commit.delivery(&folded);
            commit.notification(&digest);
            db.store.commit(commit).await.unwrap();
        }
        let page = db.store.notifications(ann, &NotificationFilter::default(), &PageRequest::default()).await.unwrap();
        assert_eq!((page.total, &page.items[0].task_ids), (1, &tasks));
        assert_eq!(db.store.unread_count(ann).await.unwrap(), 1);
        assert_eq!(db.store.notifications_since(ann, 0, 10).await.unwrap().len(), 1);
        assert_eq!(db.store.changes(ann, 2, 10).await.unwrap().notifications.len(), 1, "each one tells that it grew");
    }

    async fn a_strangers_digest_stays_theirs(db: TestDb) {
        let (ann, bob) = (add_user(&db.store, "ann").await, add_user(&db.store, "bob").await);
        let digest = notification(ann, NotificationKind::Digest, 0);
        add(&db.store, &digest).await;
        let mut commit = Commit::of(bob);
        commit.notification(&Notification { user_id: bob, ..digest.clone() });
        assert!(matches!(db.store.commit(commit).await, Err(CommitError::Conflict)));
        assert_eq!(db.store.notification(ann, digest.id).await.unwrap(), Some(digest));
    }

    async fn nothing_is_told_twice(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let task: TaskId = id();
        let told = delivery(ann, task, DeliveryStatus::Sent);
        deliver(&db.store, &told).await.unwrap();
        let mut again = Commit::of(ann);
        again.delivery(&delivery(ann, task, DeliveryStatus::Sent));
        let item = notification(ann, NotificationKind::Due, 0);
        again.notification(&item);
        let refused = db.store.commit(again).await.unwrap_err();
        assert!(matches!(refused, CommitError::Duplicate(Duplicate::Delivery)), "{refused:?}");
        assert_eq!(db.store.notification(ann, item.id).await.unwrap(), None, "the item went with it");
        assert_eq!(db.store.task_deliveries(ann, task).await.unwrap(), std::slice::from_ref(&told));

        // What was told cannot be called off; what is about something else is no repetition.
        deliver(&db.store, &delivery(ann, task, DeliveryStatus::Cancelled)).await.unwrap();
        assert_eq!(db.store.task_deliveries(ann, task).await.unwrap(), [told]);
        let moved = Delivery { moment: at("2026-01-16T17:00:00Z"), ..delivery(ann, task, DeliveryStatus::Sent) };
        let soon = Delivery { kind: NotificationKind::DueSoon, ..delivery(ann, task, DeliveryStatus::Sent) };
        deliver(&db.store, &moved).await.unwrap();
        deliver(&db.store, &soon).await.unwrap();
        assert_eq!(db.store.task_deliveries(ann, task).await.unwrap().len(), 3);
    }

    async fn what_was_called_off_can_be_told_after_all(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let task: TaskId = id();
        let cancelled = delivery(ann, task, DeliveryStatus::Cancelled);
        deliver(&db.store, &cancelled).await.unwrap();
        deliver(&db.store, &delivery(ann, task, DeliveryStatus::Cancelled)).await.unwrap();
        assert_eq!(db.store.task_deliveries(ann, task).await.unwrap(), [cancelled], "called off once is enough");
        let pending = delivery(ann, task, DeliveryStatus::Pending);
        deliver(&db.store, &pending).await.unwrap();
        assert_eq!(db.store.task_deliveries(ann, task).await.unwrap(), [pending]);
        let cancelled = delivery(ann, task, DeliveryStatus::Cancelled);
        deliver(&db.store, &cancelled).await.unwrap();
        let sent = delivery(ann, task, DeliveryStatus::Sent);
        deliver(&db.store, &sent).await.unwrap();
        assert_eq!(db.store.task_deliveries(ann, task).await.unwrap(), [sent]);
    }

    async fn an_attempt_has_one_outcome(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let pending = delivery(ann, id(), DeliveryStatus::Pending);
        deliver(&db.store, &pending).await.unwrap();
        let item: NotificationId = id();
        let outcome = |status| Delivery {
            status,
            attempts: 2,
            next_attempt_at: None,
            sent_at: Some(now()),
            error: Some("410".into()),
            notification_id: Some(item),
            ..pending.clone()
        };
        let mut commit = Commit::of(ann);
        commit.delivery_outcome(&outcome(DeliveryStatus::Sent), 1);
        db.store.commit(commit).await.unwrap();
        assert_eq!(db.store.delivery(ann, pending.id).await.unwrap(), Some(outcome(DeliveryStatus::Sent)));
        for attempts in [1, 2] {
            let mut late = Commit::of(ann);
            late.delivery_outcome(&outcome(DeliveryStatus::Failed), attempts);
            assert!(matches!(db.store.commit(late).await, Err(CommitError::Conflict)));
        }
    }

    async fn the_ledger_is_filtered_and_paged(db: TestDb) {
        let (ann, bob) = (add_user(&db.store, "ann").await, add_user(&db.store, "bob").await);
        let mut stored = Vec::new();
        for (second, status) in DeliveryStatus::ALL.iter().enumerate() {
            let created_at = Timestamp::from_second(second as i64).unwrap();
            let row = Delivery { created_at, ..delivery(ann, id(), *status) };
            deliver(&db.store, &row).await.unwrap();
            stored.push(row);
        }
        let list = async |user, filter: DeliveryFilter, request: PageRequest| {
            db.store.deliveries(user, &filter, &request).await.unwrap()
        };
        let first = list(ann, DeliveryFilter::default(), PageRequest::first(4)).await;
        let second = list(ann, DeliveryFilter::default(), PageRequest::after(first.next_cursor.unwrap(), 4)).await;
        let mut all = [first.items, second.items].concat();
        all.reverse();
        assert_eq!(all, stored);
        let held = DeliveryFilter { status: Some(DeliveryStatus::Held), ..DeliveryFilter::default() };
        assert_eq!(list(ann, held, PageRequest::default()).await.items, [stored[1].clone()]);
        let of_task = DeliveryFilter {
            task_id: Some(stored[0].task_id),
            channel: Some(Channel::InApp),
            ..DeliveryFilter::default()
        };
        assert_eq!(list(ann, of_task.clone(), PageRequest::default()).await.items, [stored[0].clone()]);
        assert_eq!(list(bob, of_task, PageRequest::default()).await.total, 0);
        assert_eq!(db.store.delivery(bob, stored[0].id).await.unwrap(), None);
        assert_eq!(db.store.task_deliveries(bob, stored[0].task_id).await.unwrap(), []);
    }
}
