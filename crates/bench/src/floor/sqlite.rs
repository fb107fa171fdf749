//! SQLite's floor: one thread that writes with group commit, as many threads that read as there are cores.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, Sender, channel},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use domain::TaskId;
use futures::future::join_all;
use rusqlite::{CachedStatement, Connection, OpenFlags, types::Value};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Given, Work, json};
use crate::{
    load::CONNECTIONS,
    machine,
    people::{now, person_id, task_id},
};

/// As the program opens it.
const PRAGMAS: &str = "pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 2000; \
    pragma cache_size = -8000; pragma temp_store = memory;";
const RAISE_FOR_NEW: &str = "update user_counters set change_counter = change_counter + 1, \
    open_tasks = open_tasks + 1 where user_id = ?1 returning change_counter";
const RAISE_FOR_COMPLETED: &str = "update user_counters set change_counter = change_counter + 1, \
    open_tasks = open_tasks - 1, completed_tasks = completed_tasks + 1 where user_id = ?1 returning change_counter";
const COMPLETE: &str = "update tasks set completed_at = ?4, version = 2, updated_at = ?4, changed = ?3 \
    where id = ?1 and user_id = ?2 and version = 1";
const DROP_TIMERS: &str = "delete from timers where subject = ?1 and user_id = ?2";
const QUEUE: &str = "insert into outbox (event_id, topic, key) values (?1, ?2, ?3)";
const GROUP: usize = 256;

/// A row to copy: the statement that inserts it, its values, and where the ids go.
#[derive(Clone)]
struct Row {
    sql: String,
    values: Vec<Value>,
    /// Columns that take the new task's id, the person's, and a new id of the row's own.
    task: Option<usize>,
    person: Option<usize>,
    own: Option<usize>,
    changed: Option<usize>,
}

/// What creating a task wrote, apart from the outbox.
#[derive(Clone)]
pub struct Rows {
    task: Row,
    timers: Vec<Row>,
    event: Row,
}

impl Rows {
    pub fn of(database: &Path, model: TaskId) -> Result<Self> {
        let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let rows = |table, condition| rows(&connection, table, condition, model);
        let one = |table, condition| rows(table, condition)?.pop().with_context(|| format!("a row of {table}"));
        Ok(Self {
            task: one("tasks", "id = ?1")?,
            timers: rows("timers", "subject = ?1")?,
            event: one("task_events", "task_id = ?1 and event_type like 'todo.task.created.%'")?,
        })
    }
}

fn rows(connection: &Connection, table: &str, condition: &str, model: TaskId) -> Result<Vec<Row>> {
    let generated = if table == "timers" { "id" } else { "seq" };
    let mut statement = connection.prepare(&format!("select * from {table} where {condition}"))?;
    let names: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let kept: Vec<usize> = (0..names.len()).filter(|&index| names[index] != generated).collect();
    let columns: Vec<&str> = kept.iter().map(|&index| names[index].as_str()).collect();
    let marks: Vec<String> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
    let sql = format!("insert into {table} ({}) values ({})", columns.join(", "), marks.join(", "));
    let place = |name: &str| columns.iter().position(|&column| column == name);
    let (task, own) = match table {
        "tasks" => (place("id"), None),
        "timers" => (place("subject"), None),
        _ => (place("task_id"), place("id")),
    };
    let (person, changed) = (place("user_id"), place("changed"));
    let found = statement.query_map([model.0.as_bytes()], |row| kept.iter().map(|&index| row.get(index)).collect())?;
    found.map(|values| Ok(Row { sql: sql.clone(), values: values?, task, person, own, changed })).collect()
}

/// Work for the writer.
struct Job {
    work: Work,
    person: u32,
    number: u32,
    done: oneshot::Sender<()>,
}

pub struct Floor {
    path: PathBuf,
    given: Given,
    jobs: Sender<Job>,
    /// The next task of each client to create and to complete.
    next_new: Vec<Cell<u32>>,
    next_open: Vec<Cell<u32>>,
}

impl Floor {
    pub fn new(path: &Path, rows: &Rows, given: Given) -> Result<Self> {
        let connection = Connection::open(path)?;
        connection.execute_batch(PRAGMAS)?;
        connection.set_prepared_statement_cache_capacity(64);
        let (jobs, queue) = channel();
        let rows = rows.clone();
        std::thread::spawn(move || {
            if let Err(error) = write(&connection, &rows, &queue) {
                eprintln!("bench: the floor's writer failed: {error}");
            }
        });
        // Each client has numbers of its own, above those that are there.
        let next_new = (0..CONNECTIONS).map(|client| Cell::new(1_000_000 + client as u32)).collect();
        let next_open = (0..CONNECTIONS).map(|_| Cell::new(0)).collect();
        Ok(Self { path: path.into(), given, jobs, next_new, next_open })
    }

    pub async fn measure(&mut self, work: Work, people: u32, lasting: Duration) -> Result<f64> {
        match work {
            Work::Create | Work::Complete => self.written(work, people, lasting).await,
            Work::Get | Work::List => self.read(work, people, lasting),
        }
    }

    async fn written(&self, work: Work, people: u32, lasting: Duration) -> Result<f64> {
        let started = Instant::now();
        let clients = (0..CONNECTIONS).map(|client| async move {
            let mut count = 0_u32;
            let (numbers, step, most) = match work {
                Work::Create => (&self.next_new[client], CONNECTIONS as u32, u32::MAX),
                _ => (&self.next_open[client], 1, self.given.a_round()),
            };
            while started.elapsed() < lasting && count < most {
                let (done, answer) = oneshot::channel();
                let (person, number) = (client as u32 % people, numbers.replace(numbers.get() + step));
                self.jobs.send(Job { work, person, number, done }).ok().context("the floor's writer is gone")?;
                answer.await.context("the floor's writer failed")?;
                count += 1;
            }
            anyhow::Ok(count)
        });
        let counts = join_all(clients).await.into_iter().collect::<Result<Vec<_>>>()?;
        Ok(f64::from(counts.iter().sum::<u32>()) / started.elapsed().as_secs_f64())
    }

    fn read(&self, work: Work, people: u32, lasting: Duration) -> Result<f64> {
        let started = Instant::now();
        let given = Given { people, ..self.given };
        let threads: Vec<_> = (0..machine::cores())
            .map(|thread| {
                let path = self.path.clone();
                std::thread::spawn(move || json::read(&path, work, given, thread as u64, started, lasting))
            })
            .collect();
        let mut count = 0;
        for thread in threads {
            count += thread.join().map_err(|_| anyhow::anyhow!("a reader of the floor failed"))??;
        }
        Ok(count as f64 / started.elapsed().as_secs_f64())
    }
}

fn write(connection: &Connection, rows: &Rows, queue: &Receiver<Job>) -> Result<()> {
    let mut writer = Writer { connection, rows: rows.clone(), events: 0 };
    while let Ok(first) = queue.recv() {
        let mut done = Vec::new();
        connection.prepare_cached("begin immediate")?.execute([])?;
        for job in std::iter::once(first).chain(queue.try_iter().take(GROUP - 1)) {
            match job.work {
                Work::Create => writer.create(job.person, job.number)?,
                _ => writer.complete(job.person, job.number)?,
            }
            done.push(job.done);
        }
        connection.prepare_cached("commit")?.execute([])?;
        for done in done {
            // A client whose time is over does not wait for its last answer.
            let _ = done.send(());
        }
    }
    Ok(())
}

struct Writer<'a> {
    connection: &'a Connection,
    rows: Rows,
    events: u128,
}

impl Writer<'_> {
    fn create(&mut self, person: u32, number: u32) -> Result<()> {
        let (person, task) = (person_id(person).0, task_id(person, number).0);
        let changed = self.raise(RAISE_FOR_NEW, person)?;
        insert(self.connection, &self.rows.task, person, task, None, changed)?;
        for timer in &self.rows.timers {
            insert(self.connection, timer, person, task, None, changed)?;
        }
        self.tell(person, task, changed, "task-created")
    }

    fn complete(&mut self, person: u32, number: u32) -> Result<()> {
        let (person, task) = (person_id(person).0, task_id(person, number).0);
        let changed = self.raise(RAISE_FOR_COMPLETED, person)?;
        let (at, mut statement) = (now().as_microsecond(), self.connection.prepare_cached(COMPLETE)?);
        let touched = statement.execute((task.as_bytes(), person.as_bytes(), changed, at))?;
        anyhow::ensure!(touched == 1, "the floor has no open task to complete");
        self.connection.prepare_cached(DROP_TIMERS)?.execute((task.as_bytes(), person.as_bytes()))?;
        self.tell(person, task, changed, "task-completed")
    }

    fn raise(&self, sql: &str, person: Uuid) -> Result<i64> {
        Ok(self.connection.prepare_cached(sql)?.query_row([person.as_bytes()], |row| row.get(0))?)
    }

    fn tell(&mut self, person: Uuid, task: Uuid, changed: i64, topic: &str) -> Result<()> {
        self.events += 1;
        let event = Uuid::from_u128(0x0191 << 112 | self.events << 80 | 0x7000_8000_0000_0000_0000);
        insert(self.connection, &self.rows.event, person, task, Some(event), changed)?;
        self.connection.prepare_cached(QUEUE)?.execute((event.as_bytes(), topic, task.to_string()))?;
        Ok(())
    }
}

fn insert(connection: &Connection, row: &Row, person: Uuid, task: Uuid, own: Option<Uuid>, changed: i64) -> Result<()> {
    let mut statement: CachedStatement<'_> = connection.prepare_cached(&row.sql)?;
    for (index, value) in row.values.iter().enumerate() {
        let number = index + 1;
        match Some(index) {
            place if place == row.task => statement.raw_bind_parameter(number, task.as_bytes())?,
            place if place == row.person => statement.raw_bind_parameter(number, person.as_bytes())?,
            place if place == row.own => statement.raw_bind_parameter(number, own.as_ref().map(Uuid::as_bytes))?,
            place if place == row.changed => statement.raw_bind_parameter(number, changed)?,
            _ => statement.raw_bind_parameter(number, value)?,
        }
    }
    statement.raw_execute()?;
    Ok(())
}
