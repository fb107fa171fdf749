//! Takes events from the outbox to the bus, in order per key, and off the outbox when the bus answers for them.
//!
//! One relay leads at a time, by a lease with an epoch: two at once would break the order of a key. The others stand
//! by and take over when the lease runs out (2 s), or as soon as they look when the leader stopped in good order. A
//! leader that cannot renew publishes nothing. What a relay leaves half done is published again by the next one:
//! delivery is at least once.
//!
//! **Which rows it reads.** Numbers are drawn before they are visible, so on PostgreSQL a row may appear behind one
//! that was read already. Each pass therefore starts at a floor that trails by one to two seconds, and about once a
//! second a pass starts from zero, which finds every row there is. Reading from zero always would walk over all the
//! dead rows that a queue leaves behind.
//!
//! **What fails.** Later rows of the key of a row that failed are not tried until the next pass from zero; other keys
//! flow on.

use std::{collections::HashSet, sync::Arc, time::Duration};

use app::App;
use async_trait::async_trait;
use bus::{Bus, Envelope, PublishError};
use domain::Timestamp;
use fail::fail_point;
use jiff::SignedDuration;
use store::{Hint, OutboxRow, planted::planted};
use uuid::Uuid;

use crate::{
    WorkError,
    run_loop::{Next, Work},
};

const LEASE: &str = "relay";
pub const LEASE_TTL: Duration = Duration::from_secs(2);
const RENEW_AFTER: Duration = Duration::from_millis(700);
const SWEEP_EVERY: SignedDuration = SignedDuration::from_secs(1);
const MEASURE_EVERY: SignedDuration = SignedDuration::from_secs(5);
const BATCH: u32 = 500;

pub struct Relay {
    app: App,
    bus: Arc<dyn Bus>,
    /// Names this relay in the lease.
    holder: Uuid,
    lead: Option<Lead>,
    reading: Reading,
    measured_at: Option<Timestamp>,
}

/// The lease, while it is ours.
#[derive(Debug, Clone, Copy)]
struct Lead {
    epoch: i64,
    renewed_at: Timestamp,
}

/// Where in the outbox it is.
#[derive(Debug, Default)]
struct Reading {
    /// The next batch lies after it.
    cursor: i64,
    /// Where the next pass starts.
    floor: i64,
    /// The highest number seen, and that of the time of the last sweep.
    high: i64,
    high_before: i64,
    /// A pass from zero is under way until it has come to this number.
    sweeping_to: Option<i64>,
    swept_at: Option<Timestamp>,
    /// Keys of rows that failed since the last sweep began.
    blocked: HashSet<String>,
}

impl Reading {
    fn sweep_if_due(&mut self, now: Timestamp) {
        let due = self.swept_at.is_none_or(|at| now.duration_since(at) >= SWEEP_EVERY);
        if !due || self.sweeping_to.is_some() {
            return;
        }
        self.floor = self.high_before;
        self.high_before = self.high;
        self.sweeping_to = Some(self.high);
        self.swept_at = Some(now);
        self.cursor = 0;
        self.blocked.clear();
    }

    /// `last` is the number of the last row read; `None` at the end of the queue.
    fn advance(&mut self, last: Option<i64>) {
        match last {
            Some(last) => {
                self.cursor = last;
                self.sweeping_to = self.sweeping_to.filter(|&to| last < to);
            }
            None => {
                self.cursor = self.floor;
                self.sweeping_to = None;
            }
        }
    }
}

impl Relay {
    pub fn new(app: App, bus: Arc<dyn Bus>) -> Self {
        let holder = domain::clock::new_uuid(app.now(), &*app.random);
        Self { app, bus, holder, lead: None, reading: Reading::default(), measured_at: None }
    }

    pub fn leads(&self) -> bool {
        self.lead.is_some()
    }

    /// Reads from zero at the next step, and tries again what failed.
    pub(crate) fn sweep_next(&mut self) {
        self.reading.swept_at = None;
        self.reading.sweeping_to = None;
    }

    /// Whether this relay may publish now: takes the lease if it is free, renews it when it is time.
    async fn lead(&mut self) -> Result<bool, WorkError> {
        let now = self.app.now();
        match self.lead {
            Some(lead) if within(lead.renewed_at, now, RENEW_AFTER) => Ok(true),
            Some(_) => self.renew().await,
            None => {
                let epoch = self.app.store.acquire_lease(LEASE, self.holder, now, LEASE_TTL).await?;
                let Some(epoch) = epoch else { return Ok(false) };
                tracing::info!(epoch, "this relay leads");
                metrics::counter!("todo_relay_takeovers_total").increment(1);
                metrics::gauge!("todo_relay_leader").set(1.0);
                self.lead = Some(Lead { epoch, renewed_at: now });
                self.reading = Reading::default();
                Ok(true)
            }
        }
    }

    async fn renew(&mut self) -> Result<bool, WorkError> {
        let Some(lead) = self.lead else { return Ok(false) };
        let now = self.app.now();
        let renewed = self.app.store.renew_lease(LEASE, self.holder, lead.epoch, now, LEASE_TTL).await?;
        if renewed {
            self.lead = Some(Lead { renewed_at: now, ..lead });
        } else {
            tracing::warn!(epoch = lead.epoch, "another relay leads now");
            self.follow();
        }
        Ok(renewed)
    }

    fn follow(&mut self) {
        self.lead = None;
        self.measured_at = None;
        metrics::gauge!("todo_relay_leader").set(0.0);
        metrics::gauge!("todo_outbox_depth").set(0.0);
        metrics::gauge!("todo_outbox_oldest_age_seconds").set(0.0);
    }

    /// Publishes the rows whose key is not blocked. Answers the numbers that the bus answers for; `None` when the lease
    /// was lost meanwhile.
    async fn publish(&mut self, rows: Vec<OutboxRow>) -> Result<Option<Vec<i64>>, WorkError> {
        let (seqs, batch): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .filter(|row| !self.reading.blocked.contains(&row.key))
            .map(|row| {
                let OutboxRow { seq, event_id, topic, key, payload } = row;
                (seq, Envelope { id: event_id, topic, key, payload })
            })
            .unzip();
        if batch.is_empty() {
            return Ok(Some(Vec::new()));
        }
        if planted("lose-event") {
            return Ok(Some(seqs));
        }
        fail_point!("publish-before");
        let Some(result) = self.publish_while_leading(&batch).await? else { return Ok(None) };
        fail_point!("publish-after");
        let failed: HashSet<usize> = match result {
            Ok(()) => HashSet::new(),
            Err(PublishError::Entries(entries)) => {
                if let Some(first) = entries.first() {
                    tracing::warn!(number = entries.len(), reason = first.reason, "events were not published");
                }
                entries.into_iter().map(|entry| entry.index).collect()
            }
            Err(error @ PublishError::Unavailable(_)) => return Err(error.into()),
        };
        let mut published = Vec::with_capacity(batch.len());
        for (index, (seq, envelope)) in seqs.into_iter().zip(batch).enumerate() {
            if failed.contains(&index) || self.reading.blocked.contains(&envelope.key) {
                self.reading.blocked.insert(envelope.key);
            } else {
                published.push(seq);
                metrics::counter!("todo_events_published_total", "topic" => envelope.topic).increment(1);
            }
        }
        Ok(Some(published))
    }

    /// Renews the lease as long as the bus takes; gives up on the batch when that fails.
    async fn publish_while_leading(
        &mut self,
        batch: &[Envelope],
    ) -> Result<Option<Result<(), PublishError>>, WorkError> {
        let bus = Arc::clone(&self.bus);
        // Both must go on side by side: publishing may hold every connection that renewing waits for.
        tokio::select! {
            result = bus.publish(batch) => Ok(Some(result)),
            lost = self.renew_until_lost() => lost.map(|()| None),
        }
    }

    async fn renew_until_lost(&mut self) -> Result<(), WorkError> {
        loop {
            tokio::time::sleep(RENEW_AFTER).await;
            if !self.renew().await? {
                return Ok(());
            }
        }
    }

    async fn measure(&mut self) -> Result<(), WorkError> {
        let now = self.app.now();
        if self.measured_at.is_some_and(|at| now.duration_since(at) < MEASURE_EVERY) {
            return Ok(());
        }
        let stats = self.app.store.outbox_stats().await?;
        let age = stats.oldest_created_at.map_or(0.0, |at| now.duration_since(at).as_secs_f64());
        #[allow(clippy::cast_precision_loss)] // a gauge
        metrics::gauge!("todo_outbox_depth").set(stats.depth as f64);
        metrics::gauge!("todo_outbox_oldest_age_seconds").set(age);
        self.measured_at = Some(now);
        Ok(())
    }
}

#[async_trait]
impl Work for Relay {
    fn name(&self) -> &'static str {
        "relay"
    }

    async fn step(&mut self) -> Result<Next, WorkError> {
        if !self.lead().await? {
            return Ok(Next::Idle);
        }
        self.measure().await?;
        self.reading.sweep_if_due(self.app.now());
        let rows = self.app.store.outbox_batch(self.reading.cursor, BATCH).await?;
        let last = rows.last().map(|row| row.seq);
        let is_full = rows.len() >= BATCH as usize;
        if let Some(published) = self.publish(rows).await? {
            self.app.store.outbox_delete(&published).await?;
        } else {
            return Ok(Next::Idle);
        }
        self.reading.high = self.reading.high.max(last.unwrap_or(0));
        self.reading.advance(last.filter(|_| is_full));
        Ok(if is_full { Next::Now } else { Next::Idle })
    }

    fn wakes_for(&self, hint: &Hint) -> bool {
        hint.outbox && self.leads()
    }

    async fn stop(&mut self) {
        if let Some(lead) = self.lead {
            if let Err(error) = self.app.store.release_lease(LEASE, self.holder, lead.epoch).await {
                tracing::warn!(%error, "the relay's lease runs out by itself");
            }
            self.follow();
        }
    }
}

fn within(since: Timestamp, now: Timestamp, span: Duration) -> bool {
    Duration::try_from(now.duration_since(since)).unwrap_or(Duration::ZERO) < span
}
