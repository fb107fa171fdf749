//! SQLite's floor for reading: the program's select, and its rows as the JSON that goes over the wire.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Result;
use domain::Timestamp;
use rusqlite::{Connection, OpenFlags, Row};
use serde::Serialize;
use uuid::Uuid;

use super::{Given, Work};
use crate::people::{person_id, task_id};

/// The columns that a task is made of.
pub const COLUMNS: &str = "id, user_id, title, description, priority, tags, project_id, parent_id, due_date, due_day, \
    due_time_zone, reminders, snoozed_until, completed_at, recurring_task_id, slot, notified, version, created_at, \
    updated_at, deleted_at";

#[derive(Serialize)]
struct Task {
    id: Uuid,
    user_id: Uuid,
    title: String,
    description: String,
    priority: i64,
    tags: Vec<String>,
    project_id: Option<Uuid>,
    parent_id: Option<Uuid>,
    due_date: Option<Timestamp>,
    time_zone: Option<String>,
    completed: bool,
    completed_at: Option<Timestamp>,
    recurring_task_id: Option<Uuid>,
    slot: Option<Timestamp>,
    notified: bool,
    snoozed_until: Option<Timestamp>,
    version: i64,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    deleted_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct List {
    items: Vec<Task>,
    total: i64,
}

fn instant(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(index)?.and_then(|micros| Timestamp::from_microsecond(micros).ok()))
}

fn uuid(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<Uuid>> {
    Ok(row.get::<_, Option<[u8; 16]>>(index)?.map(Uuid::from_bytes))
}

fn task(row: &Row<'_>) -> rusqlite::Result<Task> {
    let completed_at = instant(row, 13)?;
    Ok(Task {
        id: uuid(row, 0)?.unwrap_or_default(),
        user_id: uuid(row, 1)?.unwrap_or_default(),
        title: row.get(2)?,
        description: row.get(3)?,
        priority: row.get(4)?,
        tags: serde_json::from_str(row.get_ref(5)?.as_str()?).unwrap_or_default(),
        project_id: uuid(row, 6)?,
        parent_id: uuid(row, 7)?,
        due_date: instant(row, 8)?,
        time_zone: row.get(10)?,
        completed: completed_at.is_some(),
        completed_at,
        recurring_task_id: uuid(row, 14)?,
        slot: instant(row, 15)?,
        notified: row.get(16)?,
        snoozed_until: instant(row, 12)?,
        version: row.get(17)?,
        created_at: instant(row, 18)?,
        updated_at: instant(row, 19)?,
        deleted_at: instant(row, 20)?,
    })
}

/// Reads until the time is over; how often it did.
pub fn read(path: &Path, work: Work, given: Given, seed: u64, started: Instant, lasting: Duration) -> Result<u64> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.execute_batch("pragma cache_size = -2000; pragma temp_store = memory;")?;
    let mut one = connection.prepare(&format!("select {COLUMNS} from tasks where id = ?1 and user_id = ?2"))?;
    let mut page = connection.prepare(&format!(
        "select {COLUMNS} from tasks where user_id = ?1 and deleted_at is null \
         order by created_at desc, id desc limit 21 offset 0"
    ))?;
    let mut total = connection.prepare("select open_tasks + completed_tasks from user_counters where user_id = ?1")?;
    let (mut count, mut bytes, random) = (0, 0, crate::groups::Random::new(seed));
    while started.elapsed() < lasting {
        let number = random.below(given.people);
        let person = person_id(number).0;
        let text = if work == Work::Get {
            let id = task_id(number, random.below(given.tasks)).0;
            serde_json::to_vec(&one.query_row((id.as_bytes(), person.as_bytes()), task)?)?
        } else {
            let items = page.query_map([person.as_bytes()], task)?.collect::<rusqlite::Result<_>>()?;
            let total = total.query_row([person.as_bytes()], |row| row.get(0))?;
            serde_json::to_vec(&List { items, total })?
        };
        bytes += text.len();
        count += 1;
    }
    anyhow::ensure!(bytes > 0, "the floor read nothing");
    Ok(count)
}
