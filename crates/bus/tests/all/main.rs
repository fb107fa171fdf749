//! The embedded bus: who has an event before it counts as published, and what keeps its order.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bus::{Bus, BusError, Embedded, Envelope, Handler, Outcome, PublishError};
use domain::EventId;
use uuid::Uuid;

/// Keeps what it is given; wants the payloads `later` again and parks `poison`.
#[derive(Default)]
struct Keeper(Mutex<Vec<String>>);

impl Keeper {
    fn has(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

#[async_trait]
impl Handler for Keeper {
    async fn handle(&self, batch: &[Envelope]) -> Vec<Outcome> {
        let mut blocked = Vec::new();
        let mut outcomes = Vec::new();
        for envelope in batch {
            outcomes.push(if blocked.contains(&&envelope.key) || envelope.payload == "later" {
                blocked.push(&envelope.key);
                Outcome::Retry("not now".into())
            } else if envelope.payload == "poison" {
                Outcome::Fail("never".into())
            } else {
                self.0.lock().unwrap().push(envelope.payload.clone());
                Outcome::Done
            });
        }
        outcomes
    }
}

fn envelope(topic: &str, key: &str, payload: &str) -> Envelope {
    Envelope { id: EventId(Uuid::nil()), topic: topic.into(), key: key.into(), payload: payload.into() }
}

fn unpublished(result: Result<(), PublishError>) -> Vec<usize> {
    match result {
        Ok(()) => Vec::new(),
        Err(PublishError::Entries(entries)) => entries.into_iter().map(|entry| entry.index).collect(),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn every_group_gets_its_topics() {
    let bus = Embedded::new(&["one", "two"]);
    let (one, two) = (Arc::new(Keeper::default()), Arc::new(Keeper::default()));
    let _one = bus.attach("one", &["a", "b"], one.clone()).unwrap();
    let _two = bus.attach("two", &["b"], two.clone()).unwrap();
    let batch = [envelope("a", "k", "1"), envelope("b", "k", "2"), envelope("c", "k", "3")];
    assert_eq!(bus.publish(&batch).await, Ok(()));
    assert_eq!(one.has(), ["1", "2"]);
    assert_eq!(two.has(), ["2"]);
}

#[tokio::test]
async fn events_wait_for_a_group_that_has_not_attached() {
    let bus = Embedded::new(&["one", "two"]);
    let (one, two) = (Arc::new(Keeper::default()), Arc::new(Keeper::default()));
    let _one = bus.attach("one", &["a"], one.clone()).unwrap();
    let batch = [envelope("a", "k", "1")];
    assert_eq!(unpublished(bus.publish(&batch).await), [0]);
    let attached = bus.attach("two", &["a"], two.clone()).unwrap();
    assert_eq!(bus.publish(&batch).await, Ok(()));
    assert_eq!(two.has(), ["1"]);
    drop(attached);
    assert_eq!(unpublished(bus.publish(&batch).await), [0]);
}

#[tokio::test]
async fn later_events_of_a_key_wait_and_other_keys_flow() {
    let bus = Embedded::new(&["one"]);
    let one = Arc::new(Keeper::default());
    let _one = bus.attach("one", &["a"], one.clone()).unwrap();
    let batch = [
        envelope("a", "x", "1"),
        envelope("a", "x", "later"),
        envelope("a", "y", "2"),
        envelope("a", "x", "3"),
        envelope("unread", "x", "4"),
    ];
    // The last one has no reader, but keeps its place behind the second.
    assert_eq!(unpublished(bus.publish(&batch).await), [1, 3, 4]);
    assert_eq!(one.has(), ["1", "2"]);
}

#[tokio::test]
async fn what_a_consumer_parked_holds_nobody_up() {
    let bus = Embedded::new(&["one"]);
    let one = Arc::new(Keeper::default());
    let _one = bus.attach("one", &["a"], one.clone()).unwrap();
    let batch = [envelope("a", "x", "poison"), envelope("a", "x", "2")];
    assert_eq!(bus.publish(&batch).await, Ok(()));
    assert_eq!(one.has(), ["2"]);
}

#[tokio::test]
async fn a_group_has_one_consumer_and_must_be_declared() {
    let bus = Embedded::new(&["one"]);
    let _one = bus.attach("one", &["a"], Arc::new(Keeper::default())).unwrap();
    let second = bus.attach("one", &["a"], Arc::new(Keeper::default()));
    assert!(matches!(second, Err(BusError::Misuse(_))));
    let unknown = bus.attach("two", &["a"], Arc::new(Keeper::default()));
    assert!(matches!(unknown, Err(BusError::Misuse(_))));
}

#[tokio::test]
async fn consuming_ends_with_its_token() {
    let bus = Embedded::new(&["one"]);
    let stop = tokio_util::sync::CancellationToken::new();
    stop.cancel();
    let consumed = bus.consume("one", &["a"], Arc::new(Keeper::default()), stop).await;
    assert_eq!(consumed, Ok(()));
    assert_eq!(unpublished(bus.publish(&[envelope("a", "k", "1")]).await), [0]);
}
