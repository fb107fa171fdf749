//! Sends what waits in the ledger for one channel: claims with a lease, sends outside any transaction, records the
//! outcome. One loop for each channel, so that a channel that hangs delays no other.
//!
//! A crash between sending and recording sends again when the lease runs out: at least once. The lease is the row's
//! `next_attempt_at`, moved ahead while it is being sent.

use std::{sync::Arc, time::Duration};

use app::App;
use async_trait::async_trait;
use domain::{
    Timestamp,
    notification::{Delivery, DeliveryStatus},
};
use futures::{StreamExt, stream};
use store::{Commit, CommitError};

use crate::{
    WorkError,
    channel::{Answer, Channel},
    error::caught,
    run_loop::{Next, Work, chance},
};

/// The first and seven more, over about a day.
pub const MOST_ATTEMPTS: i64 = 8;
/// Tripled with each failure: 80 s, 4 min, 12 min, … 16 h.
const FIRST_RETRY: Duration = Duration::from_secs(80);
const RETRY_FACTOR: u32 = 3;
const TIMEOUT: Duration = Duration::from_secs(15);
/// Longer than sending can take.
const LEASE: Duration = Duration::from_secs(60);
const BATCH: u32 = 64;
const AT_ONCE: usize = 16;

pub struct Deliver {
    app: App,
    channel: Arc<dyn Channel>,
}

impl Deliver {
    pub fn new(app: App, channel: Arc<dyn Channel>) -> Self {
        Self { app, channel }
    }

    async fn deliver(&self, delivery: Delivery) -> Result<(), WorkError> {
        let answer = match tokio::time::timeout(TIMEOUT, caught(self.channel.send(&delivery))).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(panic)) => Answer::Later(panic.to_string()),
            Err(_) => Answer::Later(format!("no answer within {} s", TIMEOUT.as_secs())),
        };
        let attempts_before = delivery.attempts;
        let delivery = self.after(delivery, answer);
        let mut commit = Commit::of(delivery.user_id);
        commit.delivery_outcome(&delivery, attempts_before);
        match self.app.store.commit(commit).await {
            Ok(_) => {
                let (channel, status) = (delivery.channel.name(), delivery.status.name());
                metrics::counter!("todo_deliveries_total", "channel" => channel, "status" => status).increment(1);
                Ok(())
            }
            // Called off meanwhile, or recorded by another: its word stands.
            Err(CommitError::Conflict) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn after(&self, mut delivery: Delivery, answer: Answer) -> Delivery {
        let now = self.app.now();
        delivery.attempts += 1;
        delivery.next_attempt_at = None;
        match answer {
            Answer::Sent => {
                delivery.status = DeliveryStatus::Sent;
                delivery.sent_at = Some(now);
                delivery.error = None;
            }
            Answer::Later(reason) if delivery.attempts < MOST_ATTEMPTS => {
                delivery.status = DeliveryStatus::Retrying;
                delivery.next_attempt_at = now.checked_add(self.pause(delivery.attempts)).ok();
                delivery.error = Some(reason);
            }
            Answer::Later(reason) | Answer::Never(reason) => {
                delivery.status = DeliveryStatus::Failed;
                delivery.error = Some(reason);
            }
        }
        delivery
    }

    /// Spread by a tenth either way.
    fn pause(&self, attempts: i64) -> Duration {
        let failures_before = u32::try_from(attempts - 1).unwrap_or(0);
        let pause = FIRST_RETRY.saturating_mul(RETRY_FACTOR.saturating_pow(failures_before));
        pause.mul_f64(0.9 + 0.2 * chance(&*self.app.random))
    }
}

#[async_trait]
impl Work for Deliver {
    fn name(&self) -> &'static str {
        "deliver"
    }

    async fn step(&mut self) -> Result<Next, WorkError> {
        let now = self.app.now();
        let lease_until = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
        let channel = self.channel.channel();
        let claimed = self.app.store.claim_deliveries(channel, now, BATCH, lease_until).await?;
        if claimed.is_empty() {
            return Ok(Next::Idle);
        }
        let this = &*self;
        let sent = stream::iter(claimed).map(|delivery| this.deliver(delivery));
        let sent: Vec<_> = sent.buffer_unordered(AT_ONCE).collect().await;
        sent.into_iter().collect::<Result<(), _>>()?;
        Ok(Next::Now)
    }
}
