//! Exactly one effect from deliveries at least once, and what becomes of poison.

use std::sync::Arc;

use async_trait::async_trait;
use bus::{Envelope, Handler, Outcome};
use domain::{
    EventId,
    event::{CloudEvent, EventData},
    user::User,
};
use store::{OutboxRow, StoreError};
use worker::{
    Drain,
    analytics::Analytics,
    consumer::{Consumer, Effect, Inbox},
    notifications::Notifications,
    run_loop::Work,
};

use crate::support::{House, both_databases, seconds};

/// Takes everything that is in the outbox.
async fn take_outbox(house: &House) -> Vec<Envelope> {
    let rows = house.app.store.outbox_batch(0, 1000).await.unwrap();
    house.app.store.outbox_delete(&rows.iter().map(|row| row.seq).collect::<Vec<_>>()).await.unwrap();
    let envelope = |OutboxRow { event_id, topic, key, payload, .. }| Envelope { id: event_id, topic, key, payload };
    rows.into_iter().map(envelope).collect()
}

fn inbox(house: &House) -> Inbox {
    Inbox::new(house.app.clone(), Arc::new(Notifications::new(house.app.clone())))
}

/// Fails on tasks with this word in their title.
struct Allergic {
    word: &'static str,
    inner: Notifications,
}

#[async_trait]
impl Consumer for Allergic {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn topics(&self) -> &'static [&'static str] {
        self.inner.topics()
    }

    async fn effect(&self, user: &User, event: &CloudEvent) -> Result<Effect, StoreError> {
        match &event.data {
            EventData::Task(data) if data.task.title.contains(self.word) => {
                assert!(!data.task.title.contains("panic"), "as asked");
                Err(StoreError::Corrupt("it does not agree with me".into()))
            }
            _ => self.inner.effect(user, event).await,
        }
    }
}

both_databases! {
    async fn an_event_delivered_again_has_no_second_effect(house: House) {
        house.create_due_in("Tea", 5).await;
        house.scheduler().step().await.unwrap();
        let events = take_outbox(&house).await;
        let inbox = inbox(&house);
        assert_eq!(inbox.handle(&events).await, [Outcome::Done, Outcome::Done]);
        let cursor = house.app.cursor(house.user()).await.unwrap();
        assert_eq!(inbox.handle(&events).await, [Outcome::Done, Outcome::Done]);
        let twice = [events.clone(), events].concat();
        assert!(inbox.handle(&twice).await.iter().all(|outcome| *outcome == Outcome::Done));
        assert_eq!(house.told().await, [("due_soon", "Tea".into())]);
        assert_eq!(house.app.cursor(house.user()).await.unwrap(), cursor);
    }

    async fn two_consumers_of_one_group_at_once_have_one_effect(house: House) {
        for number in 0..40 {
            house.create_due_in(&format!("Task {number}"), 5).await;
        }
        house.scheduler().step().await.unwrap();
        let events = take_outbox(&house).await;
        let (one, two) = (inbox(&house), inbox(&house));
        let (first, second) = tokio::join!(one.handle(&events), two.handle(&events));
        assert!(first.iter().chain(&second).all(|outcome| *outcome == Outcome::Done), "{first:?} {second:?}");
        assert_eq!(house.told().await.len(), 40);
    }

    async fn the_same_moment_under_another_event_is_told_once(house: House) {
        let task = house.create_due_in("Tea", 5).await;
        house.scheduler().step().await.unwrap();
        let mut events = take_outbox(&house).await;
        let mut again = events.pop().unwrap();
        let inbox = inbox(&house);
        inbox.handle(std::slice::from_ref(&again)).await;
        let old = again.id;
        again.id = house.app.new_id();
        again.payload = again.payload.replace(&old.to_string(), &again.id.to_string());
        assert_eq!(inbox.handle(std::slice::from_ref(&again)).await, [Outcome::Done]);
        assert_eq!(house.told().await, [("due_soon", "Tea".into())]);
        assert_eq!(house.ledger(task.id).await.len(), 1);
        let seen = house.app.store.seen("notifications", &[again.id]).await.unwrap();
        assert_eq!(seen.len(), 1, "it is recorded all the same");
    }

    async fn what_is_no_event_is_parked_at_once(house: House) {
        house.create_due_in("Tea", 5).await;
        house.scheduler().step().await.unwrap();
        let mut events = take_outbox(&house).await;
        let id: EventId = house.app.new_id();
        events.insert(0, Envelope { id, topic: "task-due".into(), key: "k".into(), payload: "\0 no JSON".into() });
        let outcomes = inbox(&house).handle(&events).await;
        assert!(matches!(outcomes[0], Outcome::Fail(_)), "{outcomes:?}");
        assert_eq!(house.told().await, [("due_soon", "Tea".into())]);
        let letters = house.app.store.dead_letters(10).await.unwrap();
        assert_eq!(letters.len(), 1);
        assert_eq!((letters[0].event_id, letters[0].attempts), (Some(id), 1));
        // Delivered again, it is passed over.
        assert_eq!(inbox(&house).handle(&events[..1]).await, [Outcome::Done]);
        assert_eq!(house.app.store.count_dead_letters().await.unwrap(), 1);
    }

    async fn poison_is_parked_and_other_keys_flow(house: House) {
        let allergic = Allergic { word: "nuts", inner: Notifications::new(house.app.clone()) };
        let mut drain = Drain::with(&house.app, vec![Arc::new(allergic), Arc::new(Analytics)]).unwrap();
        house.create_due_in("nuts", 5).await;
        house.create_due_in("nuts, in a panic", 5).await;
        house.create_due_in("Tea", 5).await;
        house.scheduler().step().await.unwrap();
        drain.run().await.unwrap();
        assert_eq!(house.told().await, [("due_soon", "Tea".into())]);
        let letters = house.app.store.dead_letters(10).await.unwrap();
        assert_eq!(letters.len(), 2);
        for letter in letters {
            assert_eq!((letter.consumer.as_str(), letter.topic.as_str()), ("notifications", "task-due-soon"));
            assert_eq!(letter.attempts, 5);
        }
        house.pass(seconds(5));
        drain.run().await.unwrap();
        assert_eq!(house.told().await, [("due_soon", "Tea".into()), ("due", "Tea".into())]);
    }

    async fn later_events_of_a_failing_key_wait(house: House) {
        let task = house.create_due_in("nuts", 5).await;
        house.scheduler().step().await.unwrap();
        house.pass(seconds(5));
        house.scheduler().step().await.unwrap();
        let events: Vec<_> =
            take_outbox(&house).await.into_iter().filter(|event| event.topic != "task-created").collect();
        assert_eq!(events.len(), 2);
        let allergic = Allergic { word: "nuts", inner: Notifications::new(house.app.clone()) };
        let failing = Inbox::new(house.app.clone(), Arc::new(allergic));
        let outcomes = failing.handle(&events).await;
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Retry(_))), "{outcomes:?}");
        assert!(house.ledger(task.id).await.is_empty());
        assert_eq!(inbox(&house).handle(&events).await, [Outcome::Done, Outcome::Done]);
        assert_eq!(house.told().await, [("due_soon", "nuts".into()), ("due", "nuts".into())]);
    }

    async fn events_of_somebody_who_is_gone_are_passed_over(house: House) {
        house.create_due_in("Tea", 5).await;
        house.scheduler().step().await.unwrap();
        let events = take_outbox(&house).await;
        let mut commit = store::Commit::system();
        commit.delete_user(house.user());
        house.app.store.commit(commit).await.unwrap();
        assert_eq!(inbox(&house).handle(&events).await, [Outcome::Done, Outcome::Done]);
        let ids: Vec<_> = events.iter().map(|event| event.id).collect();
        assert_eq!(house.app.store.seen("notifications", &ids).await.unwrap().len(), 2);
        house.pass_and_drain(seconds(5)).await;
    }
}
