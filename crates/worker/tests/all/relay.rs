//! One leader, its successor, and the order of each key.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bus::{Bus, BusError, Envelope, Handler, PublishError, Unpublished};
use tokio_util::sync::CancellationToken;
use worker::{WorkError, relay::Relay, run_loop::Work};

use crate::support::{House, both_databases, seconds};

/// Keeps what is published, in order; refuses one key, or everything.
#[derive(Default)]
struct Keeper {
    has: Mutex<Vec<Envelope>>,
    refuses: Mutex<Option<String>>,
    is_away: Mutex<bool>,
}

impl Keeper {
    fn titles(&self) -> Vec<(String, String)> {
        let title = |envelope: &Envelope| {
            let event: serde_json::Value = serde_json::from_str(&envelope.payload).unwrap();
            (envelope.topic.clone(), event["data"]["task"]["title"].as_str().unwrap().to_owned())
        };
        self.has.lock().unwrap().iter().map(title).collect()
    }

    fn refuse(&self, key: Option<String>) {
        *self.refuses.lock().unwrap() = key;
    }
}

#[async_trait]
impl Bus for Keeper {
    async fn publish(&self, batch: &[Envelope]) -> Result<(), PublishError> {
        if *self.is_away.lock().unwrap() {
            return Err(PublishError::Unavailable("away".into()));
        }
        let refused = self.refuses.lock().unwrap().clone();
        let mut unpublished = Vec::new();
        for (index, envelope) in batch.iter().enumerate() {
            // Names only the first of the key, as a careless bus might.
            if refused.as_ref() == Some(&envelope.key) && unpublished.is_empty() {
                unpublished.push(Unpublished { index, reason: "refused".into() });
            } else if refused.as_ref() != Some(&envelope.key) {
                self.has.lock().unwrap().push(envelope.clone());
            }
        }
        if unpublished.is_empty() { Ok(()) } else { Err(PublishError::Entries(unpublished)) }
    }

    async fn consume(
        &self,
        _group: &'static str,
        _topics: &'static [&'static str],
        _handler: Arc<dyn Handler>,
        stop: CancellationToken,
    ) -> Result<(), BusError> {
        stop.cancelled().await;
        Ok(())
    }
}

fn relay(house: &House) -> (Relay, Arc<Keeper>) {
    let bus = Arc::new(Keeper::default());
    (Relay::new(house.app.clone(), bus.clone()), bus)
}

async fn add(house: &House, title: &str) -> domain::TaskId {
    house.create(serde_json::json!({ "title": title })).await.id
}

async fn depth(house: &House) -> i64 {
    house.app.store.outbox_stats().await.unwrap().depth
}

fn created(titles: &[&str]) -> Vec<(String, String)> {
    titles.iter().map(|title| ("task-created".to_owned(), (*title).to_owned())).collect()
}

both_databases! {
    async fn publishes_in_order_and_empties_the_outbox(house: House) {
        let (mut relay, bus) = relay(&house);
        for title in ["a", "b", "c"] {
            add(&house, title).await;
        }
        relay.step().await.unwrap();
        assert_eq!(bus.titles(), created(&["a", "b", "c"]));
        assert_eq!(depth(&house).await, 0);
        relay.step().await.unwrap();
        assert_eq!(bus.titles().len(), 3);
    }

    async fn only_one_leads_until_its_lease_runs_out(house: House) {
        let (mut one, first) = relay(&house);
        let (mut two, second) = relay(&house);
        one.step().await.unwrap();
        two.step().await.unwrap();
        assert!(one.leads() && !two.leads());

        add(&house, "a").await;
        two.step().await.unwrap();
        assert_eq!(second.titles(), created(&[]));
        one.step().await.unwrap();
        assert_eq!(first.titles(), created(&["a"]));

        // The first is held up for longer than its lease.
        house.pass(seconds(3));
        add(&house, "b").await;
        two.step().await.unwrap();
        assert!(two.leads());
        assert_eq!(second.titles(), created(&["b"]));
        add(&house, "c").await;
        one.step().await.unwrap();
        assert!(!one.leads(), "its epoch is over");
        assert_eq!(first.titles(), created(&["a"]));
    }

    async fn a_leader_that_stops_hands_over_at_once(house: House) {
        let (mut one, _) = relay(&house);
        let (mut two, second) = relay(&house);
        one.step().await.unwrap();
        one.stop().await;
        add(&house, "a").await;
        two.step().await.unwrap();
        assert!(two.leads());
        assert_eq!(second.titles(), created(&["a"]));
    }

    async fn a_leader_that_renews_stays(house: House) {
        let (mut one, _) = relay(&house);
        let (mut two, _) = relay(&house);
        for _ in 0..10 {
            one.step().await.unwrap();
            house.pass(seconds(1));
            one.step().await.unwrap();
            two.step().await.unwrap();
            assert!(one.leads() && !two.leads());
        }
    }

    async fn a_failure_keeps_the_order_of_its_key_and_others_flow(house: House) {
        let (mut relay, bus) = relay(&house);
        let stuck = add(&house, "stuck").await;
        house.app.complete_task(&house.caller, stuck, None).await.unwrap();
        add(&house, "b").await;
        bus.refuse(Some(stuck.to_string()));
        relay.step().await.unwrap();
        assert_eq!(bus.titles(), created(&["b"]));
        assert_eq!(depth(&house).await, 2, "also the one that the bus did not name");

        // The key stays blocked until the next pass from zero, also for what is new.
        bus.refuse(None);
        house.app.reopen_task(&house.caller, stuck, None).await.unwrap();
        relay.step().await.unwrap();
        assert_eq!(bus.titles(), created(&["b"]));
        house.pass(seconds(1));
        relay.step().await.unwrap();
        let topics: Vec<_> = bus.titles().into_iter().skip(1).map(|(topic, _)| topic).collect();
        assert_eq!(topics, ["task-created", "task-completed", "task-updated"]);
        assert_eq!(depth(&house).await, 0);
    }

    async fn a_bus_that_is_away_costs_nothing(house: House) {
        let (mut relay, bus) = relay(&house);
        add(&house, "a").await;
        *bus.is_away.lock().unwrap() = true;
        assert!(matches!(relay.step().await, Err(WorkError::Publish(PublishError::Unavailable(_)))));
        assert_eq!(depth(&house).await, 1);
        *bus.is_away.lock().unwrap() = false;
        relay.step().await.unwrap();
        assert_eq!(bus.titles(), created(&["a"]));
    }

    async fn more_than_a_batch_is_published_completely(house: House) {
        let (mut relay, bus) = relay(&house);
        let events: Vec<_> = {
            for number in 0..20 {
                add(&house, &number.to_string()).await;
            }
            let log = house.app.store.event_log(0, 100).await.unwrap();
            log.into_iter().map(|(_, id)| id).collect()
        };
        // Fifty-one copies of each are more than two batches.
        for _ in 0..50 {
            house.app.store.publish_again(&events).await.unwrap();
        }
        while relay.step().await.unwrap() == worker::run_loop::Next::Now {}
        assert_eq!(bus.titles().len(), 1020);
        assert_eq!(depth(&house).await, 0);
    }
}
