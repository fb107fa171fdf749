//! Events: the append-only log, and its place in the queue of what is still to be published.
//!
//! The log outlives the task. It is the history that people see, the payload of the relay, and the source of every
//! replay. The outbox beside it is thin: which event, under which topic and key, in which order.

use domain::{
    EventId, RecurringTaskId, TaskId, Timestamp, UserId,
    event::{CloudEvent, Event, EventData, EventType},
};

use crate::{
    Commit,
    db::params,
    stored::{RawJson, to_json},
};

/// A finished event on its way into the log and the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRecord {
    pub id: EventId,
    pub user_id: UserId,
    pub event_type: EventType,
    /// Whose history it belongs to; the recurring task's too, when a slot came.
    pub task_id: Option<TaskId>,
    pub recurring_task_id: Option<RecurringTaskId>,
    /// Events of one key keep their order: the task's id, or the recurring task's.
    pub key: String,
    /// The CloudEvent in structured JSON: these bytes are published.
    pub payload: String,
    pub created_at: Timestamp,
}

impl EventRecord {
    /// `source` is the role that tells it, such as `/todo/backend`.
    pub fn new(id: EventId, source: &str, event: &Event) -> Self {
        let (task_id, recurring_task_id) = match &event.data {
            EventData::Task(data) => {
                let of_slot = event.event_type == EventType::RecurringTaskDue;
                (Some(data.task.id), data.task.recurring_task_id.filter(|_| of_slot))
            }
            EventData::RecurringTask(data) => (None, Some(data.recurring_task.id)),
        };
        let cloud_event = CloudEvent::new(id, source, event);
        Self {
            id,
            user_id: event.user_id,
            event_type: event.event_type,
            task_id,
            recurring_task_id,
            payload: to_json(&cloud_event),
            key: cloud_event.partitionkey,
            created_at: event.at,
        }
    }
}

const LOG: &str = "insert into task_events (id, task_id, recurring_task_id, user_id, event_type, event_data, \
    created_at) select $1, $2, $3, $4, $5, $6, $7 {from} where {locked}";

const QUEUE: &str = "insert into outbox (event_id, topic, key) select $1, $2, $3 {from} where {locked}";

impl Commit {
    /// Into the history and the outbox. Nothing is published unless the whole commit is stored.
    pub fn event(&mut self, record: &EventRecord) {
        self.push(
            LOG,
            params![
                record.id,
                record.task_id,
                record.recurring_task_id,
                record.user_id,
                record.event_type.name(),
                RawJson(record.payload.clone()),
                record.created_at
            ],
        );
        self.queue(record.id, record.event_type.topic(), &record.key);
    }

    /// A logged event is still to be published.
    pub(crate) fn queue(&mut self, event: EventId, topic: &str, key: &str) {
        self.hints_outbox();
        self.push(QUEUE, params![event, topic, key]);
    }
}
