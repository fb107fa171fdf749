//! How events get from the outbox to their consumers: one trait, so that neither side knows what lies between.
//!
//! Delivery is at least once, in order per key. What makes it exactly once is the consumer's inbox; what makes it
//! durable is that the outbox row goes only after [`Bus::publish`] has answered for it. The bus stores nothing itself
//! and knows neither the database nor what an event means.
//!
//! [`Embedded`] hands events to the consumers in this process. A broker or a sidecar gets a module of its own beside
//! it; the trait is shaped so that Kafka's offsets and a status for every entry of a bulk delivery both fit.

mod embedded;

use std::sync::Arc;

use async_trait::async_trait;
use domain::EventId;
use tokio_util::sync::CancellationToken;

pub use embedded::{Attached, Embedded};

/// One event on its way. The payload is the CloudEvent as it was committed, byte for byte, on every bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    pub id: EventId,
    pub topic: String,
    /// Events of one key keep their order.
    pub key: String,
    /// The CloudEvent in structured JSON; what a consumer gets from a foreign producer may be anything.
    pub payload: String,
}

/// What became of one delivered event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Its effect is committed: the event may be acknowledged.
    Done,
    /// Deliver it again later; says why. Later ones of its key wait for it.
    Retry(String),
    /// Given up and parked by the consumer; says why. The bus goes on as if it were done.
    Fail(String),
}

/// A consumer's end of the bus.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Answers for every entry of the batch, in its order. A handler that wants an event again must not have handled a
    /// later one of the same key. An entry without an answer counts as [`Outcome::Retry`].
    async fn handle(&self, batch: &[Envelope]) -> Vec<Outcome>;
}

#[async_trait]
pub trait Bus: Send + Sync {
    /// Answers when the bus is answerable for every entry, or names those that it is not. Entries of one key are
    /// published in their order: after one that failed, later ones of its key fail too.
    async fn publish(&self, batch: &[Envelope]) -> Result<(), PublishError>;

    /// Delivers the topics to the handler, as a member of the group, until `stop`. Acknowledges an event only after
    /// its outcome. A group that is new begins with the oldest event.
    async fn consume(
        &self,
        group: &'static str,
        topics: &'static [&'static str],
        handler: Arc<dyn Handler>,
        stop: CancellationToken,
    ) -> Result<(), BusError>;
}

/// Why events are not published. All of them stay in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// The bus cannot be reached: nothing was published, try again later.
    #[error("the bus is not available: {0}")]
    Unavailable(String),
    /// These were not, the others were.
    #[error("{} events were not published, the first because {}", .0.len(), .0.first().map_or("", |f| &f.reason))]
    Entries(Vec<Unpublished>),
}

/// An entry of the batch that was not published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpublished {
    /// Its place in the batch.
    pub index: usize,
    pub reason: String,
}

/// Why a consumer gets nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BusError {
    /// A fault of the program: the group was not declared, or has a consumer already.
    #[error("{0}")]
    Misuse(String),
    /// Consume again later.
    #[error("the bus is not available: {0}")]
    Unavailable(String),
}
