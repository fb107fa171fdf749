//! Writing a task: its row, its tags and its timers.

use domain::{Change, Due, Tag, event::EventData, task::Task};

use crate::{
    Commit,
    db::{Value, params},
    stored::{Json, key_of, search_text, to_json},
};

use super::reminders_to_json;

const INSERT: &str = "insert into tasks (id, user_id, title, title_key, description, search_text, priority, tags, \
    project_id, parent_id, due_date, due_day, due_time_zone, reminders, snoozed_until, completed_at, \
    recurring_task_id, slot, notified, version, created_at, updated_at, deleted_at, changed) \
    select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
    {counter} {from} where {locked}";

/// What an edit may change.
const UPDATE: &str = "update tasks set title = $4, title_key = $5, description = $6, search_text = $7, \
    priority = $8, tags = $9, project_id = $10, parent_id = $11, due_date = $12, due_day = $13, due_time_zone = $14, \
    reminders = $15, snoozed_until = $16, completed_at = $17, notified = $18, version = $19, updated_at = $20, \
    deleted_at = $21, changed = {counter} {from} where id = $1 and user_id = $2 and version = $3";

/// What completing, trashing, snoozing and firing change: no text, no key of a text index.
const UPDATE_STATE: &str = "update tasks set snoozed_until = $4, completed_at = $5, notified = $6, version = $7, \
    updated_at = $8, deleted_at = $9, changed = {counter} {from} where id = $1 and user_id = $2 and version = $3";

const ADD_TAG: &str = "insert into task_tags (task_id, user_id, tag) select $1, $2, $3 {from} where {locked} \
    on conflict do nothing";

/// Tags that stay are not touched, because [`ADD_TAG`] may name them in the same commit.
const DROP_TAGS: &str = "delete from task_tags {using} where task_id = $1 and tag not in {elements:2} and {locked}";

impl Commit {
    /// Inserts (from version 0) or updates, guarded by owner and version. Without its events: see
    /// [`event`](Self::event). A change of nothing adds nothing.
    pub fn task(&mut self, change: &Change<Task>) {
        if change.is_none() {
            return;
        }
        let (task, new) = (&change.state, change.from_version == 0);
        self.counts.task(task, !new);
        if new {
            self.guard(INSERT, insert_row(task));
        } else if changes_state_only(change) {
            self.guard(UPDATE_STATE, state_row(change));
        } else {
            self.guard(UPDATE, update_row(change));
        }
        if new || changed_fields(change).any(|field| field == "tags") {
            self.tags(task, new);
        }
        self.change_timers(task.user_id, task.id.0, &change.timers, new);
    }

    fn tags(&mut self, task: &Task, new: bool) {
        if !new {
            self.push(DROP_TAGS, params![task.id, Json(tags_json(task))]);
        }
        for tag in &task.tags {
            self.push(ADD_TAG, params![task.id, task.user_id, tag.as_str()]);
            self.know_tag(task.user_id, tag, task.updated_at);
        }
    }
}

fn changed_fields(change: &Change<Task>) -> impl Iterator<Item = &str> {
    change
        .events
        .iter()
        .flat_map(|event| match &event.data {
            EventData::Task(data) => data.changed.as_slice(),
            EventData::RecurringTask(_) => &[],
        })
        .map(String::as_str)
}

/// Whether every event names only fields that [`UPDATE_STATE`] writes.
fn changes_state_only(change: &Change<Task>) -> bool {
    !change.events.is_empty()
        && changed_fields(change).all(|field| matches!(field, "completed" | "deleted_at" | "snoozed_until"))
}

fn tags_json(task: &Task) -> String {
    to_json(&task.tags.iter().map(Tag::as_str).collect::<Vec<_>>())
}

fn due_columns(due: Option<&Due>) -> [Value; 3] {
    let day = match due {
        Some(Due::Day { date, .. }) => Some(*date),
        Some(Due::At { .. }) | None => None,
    };
    [due.map(Due::deadline).into(), day.into(), due.map(|due| due.zone().name()).into()]
}

fn insert_row(task: &Task) -> Vec<Value> {
    let [due_date, due_day, due_time_zone] = due_columns(task.due.as_ref());
    params![
        task.id,
        task.user_id,
        task.title.as_str(),
        key_of(task.title.as_str()),
        task.description.as_str(),
        search_text(task.title.as_str(), task.description.as_str()),
        i64::from(task.priority.number()),
        Json(tags_json(task)),
        task.project_id,
        task.parent_id,
        due_date,
        due_day,
        due_time_zone,
        task.reminders.as_deref().map(reminders_to_json).map(Json),
        task.snoozed_until,
        task.completed_at,
        task.recurring_task_id,
        task.slot,
        task.notified,
        task.version,
        task.created_at,
        task.updated_at,
        task.deleted_at
    ]
}

fn update_row(change: &Change<Task>) -> Vec<Value> {
    let task = &change.state;
    let [due_date, due_day, due_time_zone] = due_columns(task.due.as_ref());
    params![
        task.id,
        task.user_id,
        change.from_version,
        task.title.as_str(),
        key_of(task.title.as_str()),
        task.description.as_str(),
        search_text(task.title.as_str(), task.description.as_str()),
        i64::from(task.priority.number()),
        Json(tags_json(task)),
        task.project_id,
        task.parent_id,
        due_date,
        due_day,
        due_time_zone,
        task.reminders.as_deref().map(reminders_to_json).map(Json),
        task.snoozed_until,
        task.completed_at,
        task.notified,
        task.version,
        task.updated_at,
        task.deleted_at
    ]
}

fn state_row(change: &Change<Task>) -> Vec<Value> {
    let task = &change.state;
    params![
        task.id,
        task.user_id,
        change.from_version,
        task.snoozed_until,
        task.completed_at,
        task.notified,
        task.version,
        task.updated_at,
        task.deleted_at
    ]
}
