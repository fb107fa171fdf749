//! Events that a consumer failed on again and again: parked with their error, so that others flow on.

use domain::{EventId, Timestamp};
use uuid::Uuid;

use crate::{
    Commit, Store, StoreError,
    db::{Row, params},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    pub id: Uuid,
    pub consumer: String,
    /// `None` if the payload was not even an event.
    pub event_id: Option<EventId>,
    pub topic: String,
    pub key: String,
    /// As it was received, which may be no JSON at all.
    pub payload: String,
    pub error: String,
    pub attempts: i64,
    pub created_at: Timestamp,
}

const INSERT: &str = "insert into dead_letters (id, consumer, event_id, topic, key, payload, error, attempts, \
    created_at) select $1, $2, $3, $4, $5, $6, $7, $8, $9 {from} where {locked}";

macro_rules! columns {
    () => {
        "id, consumer, event_id, topic, key, payload, error, attempts, created_at"
    };
}

fn dead_letter(row: &Row<'_>) -> Result<DeadLetter, StoreError> {
    Ok(DeadLetter {
        id: row.get("id")?,
        consumer: row.get("consumer")?,
        event_id: row.get("event_id")?,
        topic: row.get("topic")?,
        key: row.get("key")?,
        payload: row.get("payload")?,
        error: row.get("error")?,
        attempts: row.get("attempts")?,
        created_at: row.get("created_at")?,
    })
}

impl Commit {
    /// Parks an event; in one commit with its inbox row it counts as handled.
    pub fn dead_letter(&mut self, letter: &DeadLetter) {
        // PostgreSQL keeps no NUL in a text.
        let clean = |text: &str| text.replace('\0', "\u{fffd}");
        self.push(
            INSERT,
            params![
                letter.id,
                letter.consumer.as_str(),
                letter.event_id,
                clean(&letter.topic),
                clean(&letter.key),
                clean(&letter.payload),
                clean(&letter.error),
                letter.attempts,
                letter.created_at
            ],
        );
    }
}

impl Store {
    /// Oldest first.
    pub async fn dead_letters(&self, limit: u32) -> Result<Vec<DeadLetter>, StoreError> {
        const SQL: &str = concat!("select ", columns!(), " from dead_letters order by created_at, id limit $1");
        self.db.all(SQL, params![i64::from(limit)], dead_letter).await
    }

    pub async fn count_dead_letters(&self) -> Result<i64, StoreError> {
        const SQL: &str = "select count(*) as number from dead_letters";
        Ok(self.db.one(SQL, params![], |row| row.get("number")).await?.unwrap_or(0))
    }

    /// Takes one out, to be replayed or dropped. Only one of two callers gets it.
    pub async fn take_dead_letter(&self, id: Uuid) -> Result<Option<DeadLetter>, StoreError> {
        const SQL: &str = concat!("delete from dead_letters where id = $1 returning ", columns!());
        Ok(self.db.write(SQL, params![id], dead_letter).await?.pop())
    }

    /// Forgets that a consumer has handled an event, so that a replay is not dropped.
    pub async fn forget_handled(&self, consumer: &str, event: EventId) -> Result<(), StoreError> {
        const SQL: &str = "delete from inbox where consumer = $1 and event_id = $2 returning event_id";
        self.db.write(SQL, params![consumer, event], |row| row.get::<EventId>("event_id")).await.map(drop)
    }
}
