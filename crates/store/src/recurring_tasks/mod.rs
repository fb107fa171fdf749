//! Recurring tasks: their rows and reads here, writing in [`mod@write`].

mod exceptions;
mod write;

use domain::{
    RecurringTaskId, Timestamp, UserId,
    recurrence::{Pattern, Rule, RuleInput, Start},
    recurring_task::{Phase, RecurringTask},
    task::Priority,
};
use jiff::civil;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Cursor, Page, PageRequest, Store, StoreError,
    cursor::Key,
    db::{Row, params},
    stored::{corrupt, from_json, parsed, texts},
};

macro_rules! recurring_task_columns {
    () => {
        "id, user_id, title, description, priority, tags, project_id, subtasks, recurrence_type, \
         recurrence_interval, weekdays, month_day, nth_weekday, month, basis, time_zone, start_date, start_day, \
         end_date, count, catch_up, lead_minutes, reminders, is_active, is_paused, paused_until, next_due_at, \
         exceptions, last_slot, last_created_at, slots_passed, split_from, version, created_at, updated_at"
    };
}
pub(crate) use recurring_task_columns;

pub(crate) fn recurring_task(row: &Row<'_>) -> Result<RecurringTask, StoreError> {
    Ok(RecurringTask {
        id: row.get("id")?,
        user_id: row.get("user_id")?,
        title: row.get("title")?,
        description: row.get("description")?,
        priority: Priority::parse(row.get("priority")?).map_err(corrupt)?,
        tags: texts(row, "tags")?,
        project_id: row.get("project_id")?,
        subtasks: texts(row, "subtasks")?,
        rule: rule(row)?,
        catch_up: from_word(row, "catch_up")?,
        lead_minutes: row.get("lead_minutes")?,
        reminders: row.get::<Option<String>>("reminders")?.map(|json| from_json("reminders", &json)).transpose()?,
        phase: phase(row)?,
        exceptions: exceptions::from_row(row)?,
        last_slot: row.get("last_slot")?,
        last_created_at: row.get("last_created_at")?,
        slots_passed: row.get("slots_passed")?,
        split_from: row.get("split_from")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

fn rule(row: &Row<'_>) -> Result<Rule, StoreError> {
    let pattern = Pattern {
        recurrence_type: from_word(row, "recurrence_type")?,
        recurrence_interval: row.get("recurrence_interval")?,
        weekdays: from_json("weekdays", &row.get::<String>("weekdays")?)?,
        month_day: row.get("month_day")?,
        nth_weekday: row
            .get::<Option<String>>("nth_weekday")?
            .map(|json| from_json("nth_weekday", &json))
            .transpose()?,
        month: row.get("month")?,
    };
    let start = match row.get::<Option<civil::Date>>("start_day")? {
        Some(date) => Start::Day(date),
        None => Start::At(row.get("start_date")?),
    };
    let input = RuleInput {
        pattern,
        start,
        zone: row.get("time_zone")?,
        end_date: row.get("end_date")?,
        count: row.get("count")?,
        basis: from_word(row, "basis")?,
    };
    parsed("recurrence", Rule::parse(input))
}

fn phase(row: &Row<'_>) -> Result<Phase, StoreError> {
    Ok(match (row.get("is_active")?, row.get("is_paused")?) {
        (true, _) => Phase::Active { next: row.get("next_due_at")? },
        (false, true) => Phase::Paused { until: row.get("paused_until")? },
        (false, false) => Phase::Ended,
    })
}

/// An enum that serde writes as one word.
fn from_word<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<T, StoreError> {
    parsed(column, serde_json::from_value(serde_json::Value::String(row.get(column)?)))
}

fn to_word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

const SORT: &str = "recurring tasks";

impl Store {
    pub async fn recurring_task(&self, user: UserId, id: RecurringTaskId) -> Result<Option<RecurringTask>, StoreError> {
        const SQL: &str =
            concat!("select ", recurring_task_columns!(), " from recurring_tasks where id = $1 and user_id = $2");
        self.db.one(SQL, params![id, user], recurring_task).await
    }

    /// Newest first. `is_active` of `None`: all of them.
    pub async fn recurring_tasks(
        &self,
        user: UserId,
        is_active: Option<bool>,
        request: &PageRequest,
    ) -> Result<Page<RecurringTask>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            recurring_task_columns!(),
            " from recurring_tasks where user_id = $1 and ($2 is null or is_active = $2) \
             and ($3 is null or (created_at, id) < ($3, $4)) order by created_at desc, id desc limit $5 offset $6"
        );
        const COUNT: &str = "select count(*) as number from recurring_tasks \
            where user_id = $1 and ($2 is null or is_active = $2)";
        let cursor = request.parsed_cursor()?;
        let at = cursor.as_ref().map(|cursor| cursor.number_of(SORT)).transpose()?;
        let at = at.map(Timestamp::from_microsecond).transpose().map_err(|_| StoreError::BadCursor)?;
        let id = cursor.map(|cursor| cursor.id);
        let params = params![user, is_active, at, id, request.limit() + 1, request.offset()];
        let items = self.db.all(SQL, params, recurring_task).await?;
        let total = self.db.one(COUNT, params![user, is_active], |row| row.get("number")).await?.unwrap_or(0);
        let cursor = |task: &RecurringTask| Cursor::new(SORT, Key::Number(task.created_at.as_microsecond()), task.id);
        Ok(Page::cut(items, total, request, cursor))
    }

    /// All of a user's, in the order they were written: for exports.
    pub async fn all_recurring_tasks(&self, user: UserId) -> Result<Vec<RecurringTask>, StoreError> {
        const SQL: &str = concat!(
            "select ",
            recurring_task_columns!(),
            " from recurring_tasks where user_id = $1 order by created_at, id"
        );
        self.db.all(SQL, params![user], recurring_task).await
    }
}
