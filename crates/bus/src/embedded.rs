//! The bus of one process: publishing an event is handing it to every consumer here.
//!
//! An entry counts as published only when every declared group has it, so the outbox stays the only copy that
//! matters. A group whose consumer has not attached yet (or has stopped) makes its topics' events wait; topics that
//! nobody reads pass at once, as they do on a broker.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use async_trait::async_trait;
use futures::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::{Bus, BusError, Envelope, Handler, Outcome, PublishError, Unpublished};

#[derive(Clone)]
pub struct Embedded {
    groups: Arc<HashMap<&'static str, Slot>>,
}

/// Where a group's consumer attaches.
type Slot = RwLock<Option<Consumer>>;

#[derive(Clone)]
struct Consumer {
    topics: &'static [&'static str],
    handler: Arc<dyn Handler>,
}

/// A consumer that is attached until this is dropped.
#[must_use = "the consumer is detached when this is dropped"]
pub struct Attached {
    bus: Embedded,
    group: &'static str,
}

impl Drop for Attached {
    fn drop(&mut self) {
        if let Some(slot) = self.bus.groups.get(self.group) {
            *slot.write().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

impl Embedded {
    /// Events wait for every one of these groups, from the first moment on.
    pub fn new(groups: &[&'static str]) -> Self {
        Self { groups: Arc::new(groups.iter().map(|group| (*group, Slot::default())).collect()) }
    }

    /// As [`Bus::consume`], for a caller who keeps the consumer attached himself.
    pub fn attach(
        &self,
        group: &'static str,
        topics: &'static [&'static str],
        handler: Arc<dyn Handler>,
    ) -> Result<Attached, BusError> {
        let unknown = || BusError::Misuse(format!("the bus was made without the group {group}"));
        let mut slot = self.groups.get(group).ok_or_else(unknown)?.write().unwrap_or_else(PoisonError::into_inner);
        if slot.is_some() {
            return Err(BusError::Misuse(format!("the group {group} has a consumer already")));
        }
        *slot = Some(Consumer { topics, handler });
        Ok(Attached { bus: self.clone(), group })
    }
}

/// Hands the batch to one group. Answers the places that it does not have, with the reason.
async fn hand_over(group: &str, slot: &Slot, batch: &[Envelope]) -> Vec<Unpublished> {
    let consumer = slot.read().unwrap_or_else(PoisonError::into_inner).clone();
    let Some(consumer) = consumer else {
        let reason = format!("the consumer {group} has not started");
        return (0..batch.len()).map(|index| Unpublished { index, reason: reason.clone() }).collect();
    };
    let wanted = |envelope: &Envelope| consumer.topics.contains(&envelope.topic.as_str());
    let places: Vec<usize> = (0..batch.len()).filter(|&index| wanted(&batch[index])).collect();
    if places.is_empty() {
        return Vec::new();
    }
    let mut outcomes = if places.len() == batch.len() {
        consumer.handler.handle(batch).await
    } else {
        let entries: Vec<Envelope> = places.iter().map(|&index| batch[index].clone()).collect();
        consumer.handler.handle(&entries).await
    };
    outcomes.resize(places.len(), Outcome::Retry(format!("the consumer {group} did not answer")));
    let mut missing = Vec::new();
    for (index, outcome) in places.into_iter().zip(outcomes) {
        match outcome {
            Outcome::Done => {}
            Outcome::Fail(reason) => {
                tracing::error!(consumer = group, event = %batch[index].id, reason, "event parked");
            }
            Outcome::Retry(reason) => missing.push(Unpublished { index, reason }),
        }
    }
    missing
}

#[async_trait]
impl Bus for Embedded {
    async fn publish(&self, batch: &[Envelope]) -> Result<(), PublishError> {
        let groups = self.groups.iter().map(|(group, slot)| hand_over(group, slot, batch));
        let mut reasons: HashMap<usize, String> = HashMap::new();
        for missing in join_all(groups).await.into_iter().flatten() {
            reasons.entry(missing.index).or_insert(missing.reason);
        }
        if reasons.is_empty() {
            return Ok(());
        }
        // Another group may have handled later ones of a key; it drops them by its inbox when they come again.
        let mut blocked = HashSet::new();
        let mut unpublished = Vec::new();
        for (index, envelope) in batch.iter().enumerate() {
            let reason = match reasons.remove(&index) {
                Some(reason) => reason,
                None if blocked.contains(envelope.key.as_str()) => "it waits for an earlier event of its key".into(),
                None => continue,
            };
            blocked.insert(envelope.key.as_str());
            unpublished.push(Unpublished { index, reason });
        }
        Err(PublishError::Entries(unpublished))
    }

    async fn consume(
        &self,
        group: &'static str,
        topics: &'static [&'static str],
        handler: Arc<dyn Handler>,
        stop: CancellationToken,
    ) -> Result<(), BusError> {
        let attached = self.attach(group, topics, handler)?;
        stop.cancelled().await;
        drop(attached);
        Ok(())
    }
}
