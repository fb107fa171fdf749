//! What a consumer has handled: recorded in the same commit as the effect, so that a second delivery has none.

use std::collections::HashSet;

use domain::{EventId, Timestamp};
use uuid::Uuid;

use crate::{Commit, Store, StoreError, db::params};

const INSERT: &str = "insert into inbox (consumer, event_id, created_at) select $1, $2, $3 {from} where {locked}";

impl Commit {
    /// [`Duplicate::Inbox`](crate::Duplicate::Inbox) if the consumer has handled the event before.
    pub fn inbox(&mut self, consumer: &'static str, event: EventId, at: Timestamp) {
        self.push(INSERT, params![consumer, event, at]);
    }
}

impl Store {
    /// Those of the events that the consumer has handled.
    pub async fn seen(&self, consumer: &str, events: &[EventId]) -> Result<HashSet<EventId>, StoreError> {
        const SQL: &str = "select event_id from inbox where consumer = $1 and event_id {in_uuids:2}";
        let ids: Vec<Uuid> = events.iter().map(|id| id.0).collect();
        let seen = self.db.all(SQL, params![consumer, ids], |row| row.get("event_id")).await?;
        Ok(seen.into_iter().collect())
    }
}
