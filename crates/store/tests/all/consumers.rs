use std::{collections::HashSet, time::Duration};

use domain::{EventId, task::Task};
use store::{Commit, CommitError, DeadLetter, Duplicate, TaskFact};

use crate::support::*;

both_databases! {
    async fn an_event_has_its_effect_once(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let event: EventId = id();
        let effect = || {
            let change = Task::create(id(), ann, draft("effect"), &context(ann));
            let mut commit = commit_of(&change);
            commit.inbox("notifications", event, now());
            (commit, change.state.id)
        };
        db.store.commit(effect().0).await.unwrap();
        let (commit, task) = effect();
        let refused = db.store.commit(commit).await.unwrap_err();
        assert!(matches!(refused, CommitError::Duplicate(Duplicate::Inbox)), "{refused:?}");
        assert_eq!(db.store.task(ann, task).await.unwrap(), None);

        let mut other = Commit::system();
        other.inbox("analytics", event, now());
        db.store.commit(other).await.unwrap();
        let unknown: EventId = id();
        let seen = db.store.seen("analytics", &[event, unknown]).await.unwrap();
        assert_eq!(seen, HashSet::from([event]));
        assert_eq!(db.store.seen("analytics", &[]).await.unwrap(), HashSet::new());
        assert_eq!(db.store.seen("nobody", &[event]).await.unwrap(), HashSet::new());

        db.store.forget_handled("notifications", event).await.unwrap();
        db.store.commit(effect().0).await.unwrap();
    }

    async fn a_parked_event_is_taken_by_one(db: TestDb) {
        let letter = |number: i64| DeadLetter {
            id: uuid(),
            consumer: "notifications".into(),
            event_id: (number == 1).then(id),
            topic: "task-created".into(),
            key: "k".into(),
            payload: "no json \u{0} at all".into(),
            error: "cannot".into(),
            attempts: number,
            created_at: domain::Timestamp::from_second(number).unwrap(),
        };
        let kept = |letter: &DeadLetter| DeadLetter { payload: "no json \u{fffd} at all".into(), ..letter.clone() };
        let (first, second) = (letter(1), letter(2));
        let mut commit = Commit::system();
        commit.dead_letter(&second);
        commit.dead_letter(&first);
        db.store.commit(commit).await.unwrap();
        assert_eq!(db.store.dead_letters(10).await.unwrap(), [kept(&first), kept(&second)]);
        assert_eq!(db.store.count_dead_letters().await.unwrap(), 2);

        let takers = (0..4).map(|_| db.store.take_dead_letter(first.id));
        let taken: Vec<_> = futures::future::try_join_all(takers).await.unwrap().into_iter().flatten().collect();
        assert_eq!(taken, [kept(&first)]);
        assert_eq!(db.store.count_dead_letters().await.unwrap(), 1);
    }

    async fn a_lease_has_one_holder_and_a_new_epoch_with_each(db: TestDb) {
        let (a, b, ttl) = (uuid(), uuid(), Duration::from_secs(10));
        let (start, end) = (now(), now() + ttl);
        let store = &db.store;
        assert_eq!(store.acquire_lease("relay", a, start, ttl).await.unwrap(), Some(1));
        assert_eq!(store.acquire_lease("relay", b, start, ttl).await.unwrap(), None);
        assert_eq!(store.acquire_lease("other", b, start, ttl).await.unwrap(), Some(1));
        assert!(store.renew_lease("relay", a, 1, start + ttl / 2, ttl).await.unwrap());
        assert_eq!(store.acquire_lease("relay", b, end, ttl).await.unwrap(), None, "it was renewed");
        assert_eq!(store.acquire_lease("relay", b, end + ttl / 2, ttl).await.unwrap(), Some(2));
        assert!(!store.renew_lease("relay", a, 1, end, ttl).await.unwrap());
        store.release_lease("relay", a, 1).await.unwrap();
        assert_eq!(store.acquire_lease("relay", a, end + ttl / 2, ttl).await.unwrap(), None, "not a's to release");
        store.release_lease("relay", b, 2).await.unwrap();
        assert_eq!(store.acquire_lease("relay", a, end + ttl / 2, ttl).await.unwrap(), Some(3));
    }

    async fn of_many_who_want_a_lease_one_gets_it(db: TestDb) {
        let wanting = (0..10).map(|_| db.store.acquire_lease("relay", uuid(), now(), Duration::from_secs(1)));
        let got: Vec<i64> = futures::future::try_join_all(wanting).await.unwrap().into_iter().flatten().collect();
        assert_eq!(got, [1]);
    }

    async fn a_fact_yields_only_to_a_later_version(db: TestDb) {
        let ann = add_user(&db.store, "ann").await;
        let created = TaskFact {
            task_id: id(),
            user_id: ann,
            created_day: "2026-01-01".parse().unwrap(),
            completed_day: None,
            on_time: None,
            deleted: false,
            version: 1,
        };
        let completed = TaskFact {
            completed_day: Some("2026-01-02".parse().unwrap()),
            on_time: Some(true),
            version: 3,
            ..created.clone()
        };
        for fact in [&created, &completed, &created] {
            let mut commit = Commit::system();
            commit.task_fact(fact);
            db.store.commit(commit).await.unwrap();
        }
        assert_eq!(db.store.task_fact(ann, created.task_id).await.unwrap(), Some(completed));
        assert_eq!(db.store.task_fact(id(), created.task_id).await.unwrap(), None);
    }
}
