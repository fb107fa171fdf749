//! The queue of events that are still to be published, in the order of their commits per key.
//!
//! On PostgreSQL the numbers of different users may become visible out of order: a reader that only follows the
//! highest number it has seen loses rows. The relay must look back now and then.

use domain::{EventId, Timestamp};

use crate::{
    Store, StoreError,
    db::{Row, params},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    pub seq: i64,
    pub event_id: EventId,
    pub topic: String,
    pub key: String,
    /// The CloudEvent, byte for byte as it was committed.
    pub payload: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxStats {
    pub depth: i64,
    /// Of the event that has waited longest.
    pub oldest_created_at: Option<Timestamp>,
}

pub(crate) const BATCH: &str = "select o.seq, o.event_id, o.topic, o.key, cast(e.event_data as text) as payload \
    from outbox o join task_events e on e.id = o.event_id where o.seq > $1 order by o.seq limit $2";

fn outbox_row(row: &Row<'_>) -> Result<OutboxRow, StoreError> {
    Ok(OutboxRow {
        seq: row.get("seq")?,
        event_id: row.get("event_id")?,
        topic: row.get("topic")?,
        key: row.get("key")?,
        payload: row.get("payload")?,
    })
}

impl Store {
    pub async fn outbox_batch(&self, after_seq: i64, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        self.db.all(BATCH, params![after_seq, i64::from(limit)], outbox_row).await
    }

    /// Takes what was published out of the queue. Numbers that are gone already are passed over.
    pub async fn outbox_delete(&self, seqs: &[i64]) -> Result<(), StoreError> {
        const SQL: &str = "delete from outbox where seq {in_ints:1} returning seq";
        if seqs.is_empty() {
            return Ok(());
        }
        self.db.write(SQL, params![seqs.to_vec()], |row| row.get::<i64>("seq")).await.map(drop)
    }

    pub async fn outbox_stats(&self) -> Result<OutboxStats, StoreError> {
        const DEPTH: &str = "select count(*) as number from outbox";
        const OLDEST: &str = "select e.created_at from outbox o join task_events e on e.id = o.event_id \
            order by o.seq limit 1";
        let depth = self.db.one(DEPTH, params![], |row| row.get("number")).await?.unwrap_or(0);
        let oldest_created_at = self.db.one(OLDEST, params![], |row| row.get("created_at")).await?;
        Ok(OutboxStats { depth, oldest_created_at })
    }
}
