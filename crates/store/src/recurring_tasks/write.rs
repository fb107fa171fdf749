//! Writing a recurring task: its row and its timer.

use domain::{
    Change, Timers,
    recurrence::Start,
    recurring_task::{Phase, RecurringTask},
};

use super::{exceptions, to_word};
use crate::{
    Commit,
    db::{Value, params},
    stored::{Json, to_json},
};

const INSERT: &str = "insert into recurring_tasks (id, user_id, title, description, priority, tags, project_id, \
    subtasks, recurrence_type, recurrence_interval, weekdays, month_day, nth_weekday, month, basis, time_zone, \
    start_date, start_day, end_date, count, catch_up, lead_minutes, reminders, is_active, is_paused, paused_until, \
    next_due_at, exceptions, last_slot, last_created_at, slots_passed, version, updated_at, split_from, created_at, \
    changed) \
    select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
    $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, {counter} {from} where {locked}";

const UPDATE: &str = "update recurring_tasks set title = $3, description = $4, priority = $5, tags = $6, \
    project_id = $7, subtasks = $8, recurrence_type = $9, recurrence_interval = $10, weekdays = $11, month_day = $12, \
    nth_weekday = $13, month = $14, basis = $15, time_zone = $16, start_date = $17, start_day = $18, end_date = $19, \
    count = $20, catch_up = $21, lead_minutes = $22, reminders = $23, is_active = $24, is_paused = $25, \
    paused_until = $26, next_due_at = $27, exceptions = $28, last_slot = $29, last_created_at = $30, \
    slots_passed = $31, version = $32, updated_at = $33, changed = {counter} {from} \
    where id = $1 and user_id = $2 and version = $34";

const DELETE: &str = "delete from recurring_tasks {using} where id = $1 and user_id = $2 and version = $3 and {locked}";

impl Commit {
    /// Inserts (from version 0) or updates, guarded by owner and version. Without its events: see
    /// [`event`](Self::event). A change of nothing adds nothing.
    pub fn recurring_task(&mut self, change: &Change<RecurringTask>) {
        if change.is_none() {
            return;
        }
        let (task, new) = (&change.state, change.from_version == 0);
        let mut row = columns(task);
        if new {
            row.extend(params![task.split_from, task.created_at]);
            self.guard(INSERT, row);
        } else {
            row.extend(params![change.from_version]);
            self.guard(UPDATE, row);
        }
        for tag in &task.tags {
            self.know_tag(task.user_id, tag, task.updated_at);
        }
        self.change_timers(task.user_id, task.id.0, &change.timers, new);
    }

    /// The row goes, its history stays; `changes` tells that it is gone. Guarded by owner and version.
    pub fn delete_recurring_task(&mut self, change: &Change<RecurringTask>) {
        let task = &change.state;
        self.guard(DELETE, params![task.id, task.user_id, change.from_version]);
        self.deleted(task.user_id, crate::DeletedKind::RecurringTask, task.id.0);
        self.change_timers(task.user_id, task.id.0, &Timers::Replace(Vec::new()), false);
    }
}

/// Parameters 1 to 33, which insert and update share.
fn columns(task: &RecurringTask) -> Vec<Value> {
    let rule = &task.rule;
    let pattern = rule.pattern();
    let start_day = match rule.start() {
        Start::Day(date) => Some(*date),
        Start::At(_) => None,
    };
    let paused_until = match task.phase {
        Phase::Paused { until } => until,
        Phase::Active { .. } | Phase::Ended => None,
    };
    params![
        task.id,
        task.user_id,
        task.title.as_str(),
        task.description.as_str(),
        i64::from(task.priority.number()),
        Json(to_json(&task.tags)),
        task.project_id,
        Json(to_json(&task.subtasks)),
        to_word(&pattern.recurrence_type),
        i64::from(pattern.recurrence_interval),
        Json(to_json(&pattern.weekdays)),
        pattern.month_day.map(i64::from),
        pattern.nth_weekday.as_ref().map(|nth| Json(to_json(nth))),
        pattern.month.map(i64::from),
        to_word(&rule.basis()),
        rule.zone().name(),
        rule.start_at(),
        start_day,
        rule.end_date(),
        rule.count().map(i64::from),
        to_word(&task.catch_up),
        i64::from(task.lead_minutes),
        task.reminders.as_ref().map(|reminders| Json(to_json(reminders))),
        task.is_active(),
        matches!(task.phase, Phase::Paused { .. }),
        paused_until,
        task.next_due_at(),
        Json(exceptions::to_column(&task.exceptions)),
        task.last_slot,
        task.last_created_at,
        i64::from(task.slots_passed),
        task.version,
        task.updated_at
    ]
}
