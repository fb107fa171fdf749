//! The consumer that keeps the facts statistics are made of: for each task the day it was created, the day it was
//! completed, and whether that was in time. Days are those of the user's zone when it happened.
//!
//! Topics do not order among each other: a fact of an older version than the one stored is passed over by the store.

use async_trait::async_trait;
use domain::{
    Due, Zone,
    event::{CloudEvent, EventData, TaskSnapshot},
    user::User,
};
use store::{StoreError, TaskFact};

use crate::consumer::{Consumer, Effect};

pub const NAME: &str = "analytics";

const TOPICS: &[&str] = &["task-created", "task-updated", "task-completed", "task-deleted", "recurring-task-due"];

pub struct Analytics;

#[async_trait]
impl Consumer for Analytics {
    fn name(&self) -> &'static str {
        NAME
    }

    fn topics(&self) -> &'static [&'static str] {
        TOPICS
    }

    async fn effect(&self, user: &User, event: &CloudEvent) -> Result<Effect, StoreError> {
        let EventData::Task(data) = &event.data else { return Ok(Effect::default()) };
        Ok(Effect { facts: vec![fact(user, &data.task)], ..Effect::default() })
    }
}

fn fact(user: &User, task: &TaskSnapshot) -> TaskFact {
    TaskFact {
        task_id: task.id,
        user_id: user.id,
        created_day: user.zone.local(task.created_at).date(),
        completed_day: task.completed_at.map(|at| user.zone.local(at).date()),
        on_time: task.completed_at.zip(due(task)).map(|(at, due)| at <= due.deadline()),
        deleted: task.deleted_at.is_some(),
        version: task.version,
    }
}

fn due(task: &TaskSnapshot) -> Option<Due> {
    let zone = Zone::parse(task.time_zone.as_deref()?).ok()?;
    Due::parse(task.due_date.as_deref()?, zone).ok()
}
