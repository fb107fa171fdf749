//! What a consumer should have recorded and has not: brokers lose what they acknowledged, so no path is trusted alone.

use domain::{EventId, Timestamp, event::EventType};
use uuid::Uuid;

use crate::{
    Commit, CommitError, Store, StoreError,
    db::{Row, params},
    stored::corrupt,
};

fn logged(row: &Row<'_>) -> Result<(EventId, EventType, Uuid), StoreError> {
    let name: String = row.get("event_type")?;
    let event_type = EventType::from_name(&name).ok_or_else(|| corrupt(format!("event type {name}")))?;
    Ok((row.get("id")?, event_type, row.get("subject")?))
}

impl Store {
    /// Events of the given types, told between `from` and `until`, already published, that `consumer` has no inbox
    /// row for; oldest first.
    pub async fn unrecorded(
        &self,
        consumer: &str,
        types: &[EventType],
        from: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<EventId>, StoreError> {
        const SQL: &str = "select e.id from task_events e where e.created_at >= $1 and e.created_at < $2 \
            and e.event_type {in_texts:3} \
            and not exists (select 1 from inbox i where i.consumer = $4 and i.event_id = e.id) \
            and not exists (select 1 from outbox o where o.event_id = e.id) order by e.created_at, e.seq limit $5";
        let types: Vec<String> = types.iter().map(|event_type| event_type.name().to_owned()).collect();
        let params = params![from, until, types, consumer, i64::from(limit)];
        self.db.all(SQL, params, |row| row.get("id")).await
    }

    /// Puts logged events into the outbox again: replay, and the reconciler's repair. Consumers drop by their inbox
    /// what they have. Answers how many there were.
    pub async fn publish_again(&self, events: &[EventId]) -> Result<usize, CommitError> {
        const SQL: &str = "select id, event_type, coalesce(task_id, recurring_task_id) as subject \
            from task_events where id {in_uuids:1} order by seq";
        let ids: Vec<Uuid> = events.iter().map(|id| id.0).collect();
        let found = self.db.all(SQL, params![ids], logged).await?;
        let mut commit = Commit::system();
        for (id, event_type, subject) in &found {
            commit.queue(*id, event_type.topic(), &subject.to_string());
        }
        self.commit(commit).await?;
        Ok(found.len())
    }

    /// Logged events in the order of the log, for replays: those after `after`, with their numbers.
    pub async fn event_log(&self, after: i64, limit: u32) -> Result<Vec<(i64, EventId)>, StoreError> {
        const SQL: &str = "select seq, id from task_events where seq > $1 order by seq limit $2";
        self.db.all(SQL, params![after, i64::from(limit)], |row| Ok((row.get("seq")?, row.get("id")?))).await
    }
}
